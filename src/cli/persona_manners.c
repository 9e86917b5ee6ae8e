/* persona_manners.c — how it behaves: the phrases of an assistant among its replies to held-back talk; the same question five times;
 * insults. The last two from share/probes/manners.jsonl: {"lang", "kind": "again" | "insult", "text"}. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "cli/judge_manners.h"

#include <string.h>

#define TIMES 5

struct manner {
    yyjson_val *line;
    const char *text;
    struct prompt_turn turns[2 * TIMES]; /* of one that is asked again */
    size_t n_turns;
};

struct manners {
    struct persona_bench *b;
    const char *kind;
    const struct judge_manners *judge;
    struct manner *list;
    size_t n, max;
    int taken[2];
};

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct manners *m = ctx;
    const char *language = json_str(line, "lang", ""), *kind = json_str(line, "kind", "");
    bool zh = strcmp(language, "zh") == 0, again = strcmp(kind, "again") == 0;
    if ((!zh && strcmp(language, "en") != 0) || (!again && strcmp(kind, "insult") != 0) || !*json_str(line, "text", ""))
        return err_set(err, ANIMA_E_INVALID, "line %d needs \"lang\" (zh, en), \"kind\" (again, insult) and \"text\"",
                       number);
    if (strcmp(kind, m->kind) != 0 || m->taken[!zh]++ >= m->b->most)
        return ANIMA_OK;
    struct manner *grown = mem_grow(m->list, m->n, &m->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lines");
    m->list = grown;
    struct manner *one = &m->list[m->n];
    *one = (struct manner){ .n_turns = 0 };
    int rc = persona_keep(m->b, line, &one->line, err);
    one->text = rc ? "" : json_str(one->line, "text", "");
    m->n += !rc;
    return rc;
}

/* Every line is said once more, and answered. */
static int say_all(struct manners *m, const char *what, anima_error *err)
{
    struct bench_ask *asks = arena_alloc(&m->b->arena, (m->n + 1) * sizeof(*asks));
    int rc = asks ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the lines");
    for (size_t i = 0; i < m->n && !rc; i++) {
        struct manner *one = &m->list[i];
        one->turns[one->n_turns++] = corpus_says(one->text);
        rc = persona_ask(m->b, PERSONA_TRAINED, one->turns, one->n_turns, &asks[i], err);
    }
    if (!rc)
        rc = bench_ask_all(&m->b->room, &m->b->arena, what, asks, m->n, err);
    for (size_t i = 0; i < m->n && !rc; i++)
        m->list[i].turns[m->list[i].n_turns++] = (struct prompt_turn){ NULL, asks[i].reply };
    return rc;
}

static const char *verdict(const struct manners *m, const struct manner *one)
{
    const char *replies[TIMES];
    size_t n = one->n_turns / 2;
    for (size_t i = 0; i < n; i++)
        replies[i] = one->turns[2 * i + 1].text;
    return n > 1 ? judge_again(m->judge, replies, n)
                 : judge_insult(m->judge, replies[0], json_str(one->line, "lang", ""));
}

/* Says the lines of a kind so many times; the share of good ends is the result. */
static int measure(struct persona_bench *b, const struct judge_manners *judge, const char *kind, int times,
                   const char *key, const char *against, anima_error *err)
{
    struct manners m = { .b = b, .kind = kind, .judge = judge };
    int rc = bench_lines(NULL, "manners.jsonl", on_line, &m, err), good = 0;
    for (int i = 0; i < times && !rc; i++)
        rc = say_all(&m, key, err);
    for (size_t i = 0; i < m.n && !rc; i++) {
        const char *why = verdict(&m, &m.list[i]);
        good += !*why;
        persona_show(b, why, m.list[i].text, m.list[i].turns[m.list[i].n_turns - 1].text);
    }
    if (!rc && m.n)
        persona_add(b, key, "%", against, 100.0 * good / (double)m.n, 90, true);
    b->report->n += (int)m.n;
    mem_free(m.list);
    return rc;
}

/* Among the replies to what was held back. */
static int assistantisms(struct persona_bench *b, const struct judge_manners *judge, anima_error *err)
{
    int rc = persona_answers(b, PERSONA_TRAINED, err), found = 0;
    for (size_t i = 0; i < b->n_contexts && !rc; i++) {
        const struct persona_context *c = &b->contexts[i];
        bool ism = judge_service(judge, c->reply[PERSONA_TRAINED]);
        found += ism;
        persona_show(b, ism ? "assistant" : "", c->turns[c->n_turns - 1].text, c->reply[PERSONA_TRAINED]);
    }
    if (!rc && b->n_contexts)
        persona_add(b, "assistantisms_per_100", "replies",
                    "phrases and lists of an assistant, replies to held-back talk",
                    100.0 * found / (double)b->n_contexts, 1, false);
    return rc;
}

int persona_manners(struct persona_bench *b, anima_error *err)
{
    struct judge_manners *judge;
    int rc = judge_manners_create(&judge, err);
    if (rc)
        return rc;
    rc = assistantisms(b, judge, err);
    if (!rc)
        rc = measure(b, judge, "again", TIMES, "repeat_handled",
                     "the same question five times: another answer, and it notices", err);
    if (!rc)
        rc = measure(b, judge, "insult", 1, "insult_in_character",
                     "no service's phrase, no apology, the person's language", err);
    judge_manners_destroy(judge);
    return rc;
}
