/* bench_memory_answers.c — the sixty questions behind the thirty days, answered by a model in three ways: with anima's memory (a new
 * conversation, the prompt that anima makes), with the last twenty turns that the one who asks has shared with the character, and with the
 * whole log of the character as far as it fits into 32,768 tokens. The last two are asked plainly: the log, the persona, the question; the
 * model, its sampling and its persona are the same. Right is what has one of the written strings and none of the wrong ones; nobody judges. */
#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "cli/bench_ask.h"
#include "cli/bench_memory_story.h"
#include "cli/progress.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECENT 20
#define WHOLE_CONTEXT "32768"
#define WHOLE_TOKENS 26000 /* of the log, by our estimate */
#define LINE_TOKENS 5      /* around what was said */
#define REPLY_TOKENS 160
#define MAX_ASKED 200
#define ASK_MEMORY (256u << 20)
#define SEED 1

enum way { WITH_MEMORY, WITH_RECENT, WITH_WHOLE, WAYS };
static const char *const way_names[WAYS] = { "memory", "last 20 turns", "whole log" };

struct answers {
    struct memory_bench *b;
    struct memory_story story;
    struct arena arena;
    bool right[WAYS][MAX_ASKED];
    double tokens[WAYS];
    size_t n;
    struct progress progress;
    int64_t began_us;
    size_t done;
};

/* ---- asking ---- */

static void heard(struct answers *a, enum way way, size_t i, const char *reply, int tokens)
{
    const struct memory_asked *q = &a->story.asked[i];
    char text[100];
    a->right[way][i] = memory_is_right(q, reply);
    a->tokens[way] += tokens;
    a->done++;
    if (cli_value(a->b->cli, "show"))
        fprintf(stderr, "%s %s, %s: %s → %s\n", a->right[way][i] ? "right" : "wrong", way_names[way], q->id, q->text,
                reply);
    double seconds = (double)(clock_mono_us() - a->began_us) / 1e6;
    snprintf(text, sizeof(text), "%s, %zu of %zu; about %.0f min left for this way", way_names[way], i + 1, a->n,
             seconds / (double)(i + 1) * (double)(a->n - i - 1) / 60);
    progress_line(&a->progress, (double)a->done / (double)(WAYS * a->n), text);
}

static int ask_with_memory(struct answers *a, struct memory_room *r, anima_error *err)
{
    struct memory_heard told;
    int rc = ANIMA_OK;
    a->began_us = clock_mono_us();
    for (size_t i = 0; i < a->n && !rc; i++) {
        const struct memory_asked *q = &a->story.asked[i];
        memory_story_clock(&a->story, true);
        rc = memory_room_ask(r, q->character, &q->asker, 1, q->text, &told, err);
        memory_story_clock(&a->story, false);
        if (!rc)
            heard(a, WITH_MEMORY, i, r->room.reply, r->room.prompt_tokens);
    }
    return rc;
}

static bool belongs(const struct answers *a, const struct memory_turn *t, const struct memory_asked *q, enum way way)
{
    if (strcmp(t->character, q->character) != 0)
        return false;
    for (size_t i = 0; way == WITH_RECENT && i < a->story.n; i++) {
        const struct memory_turn *other = &a->story.turns[i];
        if (other->who && strcmp(other->who, q->asker) == 0 && strcmp(other->conversation, t->conversation) == 0)
            return true;
    }
    return way == WITH_WHOLE;
}

/* "2026-03-01"; with the hour "2026-03-01 09:12" */
static void write_time(int64_t at_ms, bool hour, char *out, size_t size)
{
    time_t at = (time_t)(at_ms / 1000);
    struct tm local;
    *out = '\0';
    if (localtime_r(&at, &local))
        strftime(out, size, hour ? "%Y-%m-%d %H:%M" : "%Y-%m-%d", &local);
}

static int tokens_of(const struct memory_turn *t) { return prompt_tokens(t->text, strlen(t->text)) + LINE_TOKENS; }

/* The place from which on everything that belongs to it fits. */
static size_t first_that_fits(const struct answers *a, const struct memory_asked *q, enum way way)
{
    size_t from = a->story.n, lines = 0;
    for (int tokens = 0; from > 0; from--) {
        const struct memory_turn *t = &a->story.turns[from - 1];
        if (!belongs(a, t, q, way))
            continue;
        tokens += tokens_of(t);
        if (tokens > WHOLE_TOKENS || (way == WITH_RECENT && ++lines > RECENT))
            break;
    }
    return from;
}

/* The days, and under each who said what. */
static void put_log(struct buf *out, const struct answers *a, const struct memory_asked *q, enum way way,
                    const struct character *who)
{
    char day[32], before[32] = "";
    for (size_t i = first_that_fits(a, q, way); i < a->story.n; i++) {
        const struct memory_turn *t = &a->story.turns[i];
        if (!belongs(a, t, q, way))
            continue;
        write_time(t->at_ms, false, day, sizeof(day));
        if (strcmp(day, before) != 0)
            buf_printf(out, "[%s]\n", day);
        memcpy(before, day, sizeof(before));
        buf_printf(out, "%s: %s\n", t->who ? t->who : character_called(who), t->text);
    }
}

/* Of what belongs to it the newest that fits; then who it is, what time it is, and who asks. */
static const char *system_of(struct answers *a, const struct memory_asked *q, enum way way, const struct character *who)
{
    const char *language = prompt_language(q->text);
    bool zh = strcmp(language, "zh") == 0;
    struct buf out;
    char now[32];
    buf_init(&out, 4u << 20);
    buf_puts(&out, zh ? "到现在为止说过的话，按先后：\n" : "What was said so far, in its order:\n");
    put_log(&out, a, q, way, who);
    write_time(a->story.turns[a->story.n - 1].at_ms, true, now, sizeof(now));
    buf_printf(&out, zh ? "\n%s\n现在是%s，跟你说话的是%s。" : "\n%s\nIt is %s now, and %s talks to you.",
               prompt_choose(who->personas, who->n_personas, language, who->pub.language)->text, now, q->asker);
    const char *all = out.failed ? NULL : arena_strdup(&a->arena, buf_str(&out));
    buf_finish(&out);
    return all;
}

static int ask_plainly(struct answers *a, struct memory_room *r, size_t i, enum way way, anima_error *err)
{
    const struct memory_asked *q = &a->story.asked[i];
    const struct character *who = cast_find(home_cast(r->room.home), q->character);
    char stream[64];
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%s\"", q->character);
    const anima_chat_message messages[] = { { .role = "system", .text = system_of(a, q, way, who) },
                                            { .role = "user", .text = q->text } };
    anima_sampling sampling = who->sampling;
    sampling.seed = SEED;
    sampling.max_tokens = REPLY_TOKENS;
    snprintf(stream, sizeof(stream), "bench-%d-%.40s", way, q->character);
    struct bench_ask ask = { .messages = messages, .n_messages = 2, .stream = stream, .sampling = &sampling };
    if (!messages[0].text)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a log");
    int rc = bench_ask_all(&r->room, &a->arena, way_names[way], &ask, 1, err);
    if (!rc)
        heard(a, way, i, ask.reply, ask.prompt_tokens);
    return rc;
}

/* One character's questions behind each other: its log is read once. */
static int ask_all_plainly(struct answers *a, struct memory_room *r, enum way way, anima_error *err)
{
    bool asked[MAX_ASKED] = { false };
    int rc = ANIMA_OK;
    a->began_us = clock_mono_us();
    for (size_t first = 0; first < a->n; first++)
        for (size_t i = first; i < a->n && !rc; i++)
            if (!asked[i] && strcmp(a->story.asked[i].character, a->story.asked[first].character) == 0) {
                rc = ask_plainly(a, r, i, way, err);
                asked[i] = true;
            }
    return rc;
}

/* ---- the bench ---- */

static double share(const struct answers *a, enum way way, const char *kind, int *right, int *n)
{
    *right = *n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (!kind || strcmp(a->story.asked[i].kind, kind) == 0) {
            *right += a->right[way][i];
            ++*n;
        }
    return *n ? 100.0 * *right / *n : 0;
}

static void print_kinds(const struct answers *a)
{
    fprintf(stderr, "%-14s %10s %15s %11s\n", "right of", way_names[0], way_names[1], way_names[2]);
    for (size_t i = 0; i < a->n; i++) {
        const char *kind = a->story.asked[i].kind;
        bool first = true;
        int right[WAYS], n;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(a->story.asked[k].kind, kind) != 0;
        for (int way = 0; way < WAYS && first; way++)
            share(a, (enum way)way, kind, &right[way], &n);
        if (first)
            fprintf(stderr, "%-14s %7d/%-2d %12d/%-2d %8d/%-2d\n", kind, right[0], n, right[1], n, right[2], n);
    }
}

static void report(struct answers *a)
{
    int right, n;
    double whole = share(a, WITH_WHOLE, NULL, &right, &n);
    memory_add(a->b, "story_memory", "%", "of the questions, with anima's memory; goal: the whole log's",
               share(a, WITH_MEMORY, NULL, &right, &n), whole > 0 ? whole : BENCH_NONE, true);
    memory_add(a->b, "story_recent", "%", "with the last twenty turns in the prompt",
               share(a, WITH_RECENT, NULL, &right, &n), 0, true);
    memory_add(a->b, "story_whole_log", "%", "with the whole log in the prompt, as far as it fits", whole, 0, true);
    memory_add(a->b, "story_tokens_ratio", "of the log", "tokens read for a question, with memory",
               a->tokens[WITH_MEMORY] / a->tokens[WITH_WHOLE], 0.1, false);
    a->b->report->n += (int)a->n;
    print_kinds(a);
}

/* At once, since all three take an hour. */
static void report_way(struct answers *a, enum way way)
{
    int right, n;
    share(a, way, NULL, &right, &n);
    progress_end(&a->progress);
    fprintf(stderr, "%s: %d of %d right, %.0f tokens a question\n", way_names[way], right, n,
            a->n ? a->tokens[way] / (double)a->n : 0);
    progress_begin(&a->progress, "story");
}

static int in_a_room(struct answers *a, const char *const *sets, enum way way, anima_error *err)
{
    struct memory_room r;
    int rc = memory_room_open(a->b, NULL, sets, way == WITH_MEMORY ? a->b->report : NULL, &r, err);
    if (!rc && way == WITH_MEMORY)
        rc = memory_story_play(&a->story, &r, err);
    if (!rc)
        rc = way == WITH_MEMORY ? ask_with_memory(a, &r, err) : ask_all_plainly(a, &r, way, err);
    if (!rc)
        report_way(a, way);
    memory_room_close(&r);
    return rc;
}

int memory_answers(struct memory_bench *b, anima_error *err)
{
    static const char *const remembering[] = { "memory.recall=always", NULL };
    static const char *const plain[] = { "engine.slots=1", "engine.context=" WHOLE_CONTEXT, "embed.model=", NULL };
    static struct answers a;
    const char *limit = cli_value(b->cli, "n");
    a = (struct answers){ .b = b };
    arena_init(&a.arena, ASK_MEMORY);
    progress_begin(&a.progress, "story");
    int rc = memory_story_read(&a.story, err);
    a.n = limit && atoi(limit) > 0 && (size_t)atoi(limit) < a.story.n_asked ? (size_t)atoi(limit) : a.story.n_asked;
    a.n = a.n < MAX_ASKED ? a.n : MAX_ASKED;
    if (!rc)
        rc = in_a_room(&a, remembering, WITH_MEMORY, err);
    if (!rc)
        rc = in_a_room(&a, plain, WITH_RECENT, err);
    if (!rc)
        rc = in_a_room(&a, plain, WITH_WHOLE, err);
    progress_end(&a.progress);
    if (!rc && a.n)
        report(&a);
    memory_story_finish(&a.story);
    arena_finish(&a.arena);
    return rc;
}
