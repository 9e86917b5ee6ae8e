/* bench_talk.c — does a character talk like a person? Holds the dialogues of share/probes/talk.jsonl (or --probes FILE of the
 * same shape) with it and measures without a judge.
 *
 * A line of the file is a dialogue: {"lang", "name", "lines": [what the person says, one after the other]}. Every dialogue is
 * a conversation of its own. A line that comes again in its dialogue is the same question asked again. */
#include "base/err.h"
#include "base/utf8.h"
#include "cli/bench_room.h"
#include "cli/judge_manners.h"
#include "mind/phrase.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES 60
#define MAX_PAIRS 65536

struct talk {
    struct bench_room room;
    const struct character *who;
    struct judge_manners *manners;
    bool show;
    int most;         /* lines of each dialogue */
    const char *only; /* the dialogues of this language or name; NULL: all */
    /* of all dialogues */
    int replies, empty, isms_found, repeats, matched, again, again_new;
    size_t tokens, letters, example_letters, examples;
    unsigned long long *pairs; /* hashes */
    size_t n_pairs;
};

static int by_value(const void *a, const void *b)
{
    unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;
    return x < y ? -1 : x > y;
}

/* Pairs of neighbouring words (Chinese: characters). */
static void add_pairs(struct talk *t, const char *text)
{
    unsigned long long before = 0, word = 0;
    size_t n = strlen(text);
    for (size_t i = 0, len; i <= n; i += len) {
        len = 1;
        unsigned c = i < n ? utf8_decode(text + i, n - i, &len) : ' ';
        bool letter = (c | 32) - 'a' < 26 || (c >= '0' && c <= '9') || c == '\'' || (c >= 0xC0 && c < 0x2000);
        bool han = c >= 0x3400 && c <= 0x9FFF;
        if (letter)
            word = (word ? word : 1469598103934665603ull) * 1099511628211ull ^ (c < 0x80 ? c | 32 : c);
        unsigned long long ended[2] = { letter ? 0 : word, han ? c + 1 : 0 };
        for (int k = 0; k < 2; k++) {
            if (ended[k] && before && t->n_pairs < MAX_PAIRS)
                t->pairs[t->n_pairs++] = before * 1099511628211ull + ended[k];
            before = ended[k] ? ended[k] : before;
        }
        word = letter ? word : 0;
    }
}

static double distinct(struct talk *t)
{
    size_t found = t->n_pairs > 0;
    qsort(t->pairs, t->n_pairs, sizeof(*t->pairs), by_value);
    for (size_t i = 1; i < t->n_pairs; i++)
        found += t->pairs[i] != t->pairs[i - 1];
    return t->n_pairs ? (double)found / (double)t->n_pairs : 0;
}

/* What is said of the i-th reply of a dialogue whose earlier ones are in said. */
static const char *score(struct talk *t, const struct phrase *said, int i, const char *language, bool same_question)
{
    const char *reply = t->room.reply, *what = "";
    double most = 0;
    for (int k = 0; k < i; k++) {
        double alike = phrase_alike(&said[k], &said[i]);
        most = alike > most ? alike : most;
    }
    bool repeats = most >= JUDGE_SAME, ism = judge_assistantism(t->manners, reply);
    bool match = strcmp(prompt_language(reply), language) == 0;
    t->replies++;
    t->empty += !*reply;
    t->isms_found += ism;
    t->repeats += repeats;
    t->matched += match;
    t->again += same_question;
    t->again_new += same_question && !repeats && said[i].n <= said[i - 1].n;
    t->tokens += (size_t)prompt_tokens(reply, strlen(reply));
    t->letters += said[i].n;
    add_pairs(t, reply);
    what = !match ? "language" : what;
    what = repeats ? "repeats" : what;
    return ism ? "assistant" : what;
}

static int on_dialogue(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    static struct phrase said[MAX_LINES];
    struct talk *t = ctx;
    anima_conversation *c;
    anima_subscription *events;
    yyjson_val *lines = yyjson_obj_get(line, "lines"), *v;
    const char *language = json_str(line, "lang", ""), *before = "";
    size_t i, n;
    if (!yyjson_arr_size(lines) || yyjson_arr_size(lines) > MAX_LINES)
        return err_set(err, ANIMA_E_INVALID, "line %d: a dialogue needs 1 to %d \"lines\"", number, MAX_LINES);
    if (t->only && strcmp(t->only, language) != 0 && strcmp(t->only, json_str(line, "name", "")) != 0)
        return ANIMA_OK;
    int rc = bench_room_begin(&t->room, t->who, &c, &events, err);
    if (rc)
        return rc;
    yyjson_arr_foreach (lines, i, n, v) {
        const char *text = yyjson_get_str(v);
        if (rc || !text || (int)i >= t->most)
            break;
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r\033[K%s, %zu of %zu\r", json_str(line, "name", ""), i + 1, n);
        rc = bench_room_say(&t->room, c, text, err);
        if (rc)
            break;
        phrase_read(&said[i], t->room.reply, strlen(t->room.reply));
        const char *what = score(t, said, (int)i, language, strcmp(text, before) == 0);
        if (*what || t->show)
            fprintf(stderr, "%-10s %s: %s → %s\n", *what ? what : "good", t->who->pub.id, text, t->room.reply);
        before = text;
    }
    bench_room_end(c, events);
    return rc;
}

/* How long the character's own lines are. */
static void read_examples(struct talk *t)
{
    struct phrase p;
    for (size_t l = 0; l < t->who->n_personas; l++) {
        const struct prompt_persona *own = &t->who->personas[l];
        for (size_t i = 1; i < own->n_samples; i += 2) {
            if (i > 1 && own->samples[i].text == own->samples[i - 2].text)
                continue; /* one answer to several ways to say a thing */
            phrase_read(&p, own->samples[i].text, strlen(own->samples[i].text));
            t->example_letters += p.n;
            t->examples++;
        }
    }
}

static void add(struct bench_report *r, const char *key, const char *unit, const char *against, double value,
                double goal, bool at_least)
{
    bench_add(r, (struct bench_result){ key, unit, against, value, goal, at_least, 0, 0 });
}

static void report_all(struct talk *t, struct bench_report *r)
{
    double n = t->replies ? t->replies : 1;
    r->n = t->replies;
    add(r, "assistantisms_per_100", "replies", "phrases and lists of an assistant", 100 * t->isms_found / n, 1, false);
    add(r, "repeats_in_40", "replies", "exact or nearly what was said before, per 40 turns", 20 * t->repeats / n,
        BENCH_NONE, false);
    add(r, "language_match", "%", "the person's language", 100 * t->matched / n, 99, true);
    add(r, "distinct_2", "", "different pairs of words among all", distinct(t), 0, true);
    add(r, "mean_reply_tokens", "tokens", "estimated", (double)t->tokens / n, 0, false);
    if (t->examples && t->letters)
        add(r, "length_of_examples", "x", "mean reply against the character's own example lines",
            (double)t->letters / n / ((double)t->example_letters / (double)t->examples), 0, false);
    if (t->again)
        add(r, "again_shorter", "%", "asked the same again: another answer, no longer than the last",
            100.0 * t->again_new / t->again, 0, true);
    add(r, "empty", "replies", "nothing was said", t->empty, BENCH_NONE, false);
}

static int run(struct cli *cli, struct bench_report *report)
{
    static unsigned long long pairs[MAX_PAIRS];
    const char *limit = cli_value(cli, "n");
    struct talk t = { .pairs = pairs,
                      .show = cli_value(cli, "show"),
                      .only = cli_value(cli, "only"),
                      .most = limit && atoi(limit) > 0 ? atoi(limit) : MAX_LINES };
    anima_error err;
    int status = bench_room_open(cli, &t.room, report);
    if (status)
        return status;
    int rc = judge_manners_create(&t.manners, &err);
    if (!rc)
        rc = bench_room_character(cli, &t.room, "lin", report, &t.who, &err);
    if (!rc) {
        read_examples(&t);
        rc = bench_lines(cli_value(cli, "probes"), "talk.jsonl", on_dialogue, &t, &err);
        if (!rc && !t.replies)
            rc = err_set(&err, ANIMA_E_NOT_FOUND, "no dialogue is called so");
    }
    report->command = "anima bench talk";
    report_all(&t, report);
    judge_manners_destroy(t.manners);
    bench_room_close(&t.room);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_talk = { "talk", "does a character talk like a person? (share/probes/talk.jsonl)", run };
