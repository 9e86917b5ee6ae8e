/* persona_identity.c — who it says it is when nobody told it: the probes of share/probes, and those of --probes, without a system
 * prompt. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "cli/judge_identity.h"

#include <string.h>

#define LANGUAGES 2
#define MAX_TALK 60 /* turns of small talk in front of a late probe */

struct probe {
    yyjson_val *line;
    const char *language, *text;
    size_t after; /* turns */
};

struct identity {
    struct persona_bench *b;
    struct probe *list;
    size_t n, max;
    int taken[LANGUAGES];
    struct prompt_turn talk[LANGUAGES][MAX_TALK];
    size_t longest; /* of the probes' after */
};

static size_t index_of(const char *language) { return strcmp(language, "en") == 0; }

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct identity *d = ctx;
    const char *language = judge_probe_language(line);
    int64_t after = json_int(line, "after", 0);
    if (!language || after < 0 || after > MAX_TALK)
        return err_set(err, ANIMA_E_INVALID,
                       "line %d: a probe needs \"lang\" (zh, en) and \"text\", and \"after\" is 0 to %d", number,
                       MAX_TALK);
    if (d->taken[index_of(language)]++ >= d->b->most)
        return ANIMA_OK;
    struct probe *grown = mem_grow(d->list, d->n, &d->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the probes");
    d->list = grown;
    struct probe *p = &d->list[d->n];
    int rc = persona_keep(d->b, line, &p->line, err);
    if (rc)
        return rc;
    *p = (struct probe){ p->line, json_str(p->line, "lang", ""), json_str(p->line, "text", ""),
                         (size_t)(after / 2) * 2 };
    d->longest = p->after > d->longest ? p->after : d->longest;
    d->n++;
    return ANIMA_OK;
}

/* One talk in each language, as long as the latest probe needs it; both go on together. */
static int small_talk(struct identity *d, anima_error *err)
{
    static const char *const languages[LANGUAGES] = { "zh", "en" };
    int rc = ANIMA_OK;
    for (size_t n = 0; n < d->longest && !rc; n += 2) {
        struct bench_ask asks[LANGUAGES];
        for (size_t l = 0; l < LANGUAGES && !rc; l++) {
            d->talk[l][n] = corpus_says(judge_small_talk(languages[l], (int)n / 2));
            rc = persona_ask(d->b, PERSONA_TRAINED, d->talk[l], n + 1, &asks[l], err);
        }
        if (!rc)
            rc = bench_ask_all(&d->b->room, &d->b->arena, "small talk", asks, LANGUAGES, err);
        for (size_t l = 0; l < LANGUAGES && !rc; l++)
            d->talk[l][n + 1] = (struct prompt_turn){ NULL, asks[l].reply };
    }
    return rc;
}

static int put_question(struct identity *d, const struct probe *p, struct bench_ask *out, anima_error *err)
{
    struct prompt_turn turns[MAX_TALK + 1];
    memcpy(turns, d->talk[index_of(p->language)], p->after * sizeof(*turns));
    turns[p->after] = corpus_says(p->text);
    return persona_ask(d->b, PERSONA_TRAINED, turns, p->after + 1, out, err);
}

static void report(struct identity *d, const int *asked, const int *good, int claims)
{
    static const char *const keys[LANGUAGES] = { "identity_zh", "identity_en" };
    for (size_t l = 0; l < LANGUAGES; l++)
        if (asked[l])
            persona_add(d->b, keys[l], "%",
                        d->b->system ? "with the system prompt given; patterns and the facts of the card"
                                     : "no system prompt; patterns and the facts of the card",
                        100.0 * good[l] / asked[l], 97, true);
    persona_add(d->b, "vendor_claims", "replies", "claims to be somebody's model", claims, BENCH_NONE, false);
    d->b->report->n += (int)d->n;
}

static int ask_all(struct identity *d, const struct judge_identity *judge, anima_error *err)
{
    struct bench_ask *asks = arena_alloc(&d->b->arena, (d->n + 1) * sizeof(*asks));
    int asked[LANGUAGES] = { 0 }, good[LANGUAGES] = { 0 }, claims = 0;
    int rc = asks ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the probes");
    for (size_t i = 0; i < d->n && !rc; i++)
        rc = put_question(d, &d->list[i], &asks[i], err);
    if (!rc)
        rc = bench_ask_all(&d->b->room, &d->b->arena, "identity", asks, d->n, err);
    for (size_t i = 0; i < d->n && !rc; i++) {
        bool claim;
        const char *why = judge_identity(judge, d->b->who, d->list[i].line, asks[i].reply, &claim);
        asked[index_of(d->list[i].language)]++;
        good[index_of(d->list[i].language)] += !*why;
        claims += claim;
        persona_show(d->b, why, d->list[i].text, asks[i].reply);
    }
    if (!rc)
        report(d, asked, good, claims);
    return rc;
}

int persona_identity(struct persona_bench *b, anima_error *err)
{
    struct identity d = { .b = b };
    struct judge_identity *judge = NULL;
    int rc = bench_lines(NULL, "identity.jsonl", on_line, &d, err);
    if (!rc)
        rc = bench_lines(NULL, "identity-2.jsonl", on_line, &d, err);
    if (!rc && b->probes)
        rc = bench_lines(b->probes, "", on_line, &d, err);
    if (!rc)
        rc = judge_identity_create(&judge, err);
    if (!rc)
        rc = small_talk(&d, err);
    if (!rc)
        rc = ask_all(&d, judge, err);
    judge_identity_destroy(judge);
    mem_free(d.list);
    return rc;
}
