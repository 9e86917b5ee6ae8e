/* persona_facts.c — does it know its life? The questions of the character's facts.zh.jsonl and facts.en.jsonl, asked in words that its
 * texts do not have: of the weights alone, of the prompt alone, and of the prompt with lore and examples looked up. */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "cli/judge_facts.h"

#include <stdio.h>

enum way { WEIGHTS, PROMPT, LOOKED_UP, WAYS };

struct facts {
    struct persona_bench *b;
    yyjson_val **list;
    size_t n, max;
    int taken; /* of a file */
};

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct facts *f = ctx;
    const char *wrong = judge_fact_form(line);
    if (*wrong)
        return err_set(err, ANIMA_E_INVALID, "line %d: %s", number, wrong);
    if (f->taken++ >= f->b->most)
        return ANIMA_OK;
    yyjson_val **grown = mem_grow(f->list, f->n, &f->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the questions");
    f->list = grown;
    int rc = persona_keep(f->b, line, &f->list[f->n], err);
    f->n += !rc;
    return rc;
}

static int read_all(struct facts *f, anima_error *err)
{
    static const char *const names[] = { "facts.zh.jsonl", "facts.en.jsonl" };
    int rc = ANIMA_OK;
    for (size_t i = 0; i < 2 && !rc; i++) {
        const char *path = arena_printf(&f->b->arena, "%s/%s", f->b->who->dir, names[i]);
        f->taken = 0;
        if (path && fs_exists(path))
            rc = bench_lines(path, "", on_line, f, err);
    }
    return rc;
}

static int put_question(struct facts *f, size_t i, enum way way, struct bench_ask *out, anima_error *err)
{
    const struct prompt_turn turn = corpus_says(json_str(f->list[i], "q", ""));
    if (way == LOOKED_UP)
        return persona_ask_told(f->b, &turn, 1, out, err);
    return persona_ask(f->b, way == WEIGHTS ? PERSONA_TRAINED : PERSONA_PROMPTED, &turn, 1, out, err);
}

static int ask_all(struct facts *f, enum way way, anima_error *err)
{
    static const struct {
        const char *key, *what, *against;
        double goal;
    } rows[WAYS] = {
        { "facts", "facts, trained", "right: trained, nothing told or looked up", 80 },
        { "facts_prompt", "facts, with the prompt", "the same: the prompt and its examples only", 0 },
        { "facts_lookup", "facts, looked up", "the same: the prompt, lore and examples looked up", 0 },
    };
    size_t right = 0;
    struct bench_ask *asks = arena_alloc(&f->b->arena, f->n * sizeof(*asks));
    int rc = asks ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the questions");
    for (size_t i = 0; i < f->n && !rc; i++)
        rc = put_question(f, i, way, &asks[i], err);
    if (!rc)
        rc = bench_ask_all(&f->b->room, &f->b->arena, rows[way].what, asks, f->n, err);
    for (size_t i = 0; i < f->n && !rc; i++) {
        bool good = judge_fact(f->list[i], asks[i].reply);
        right += good;
        if (way == WEIGHTS)
            persona_show(f->b, good ? "" : "not known", json_str(f->list[i], "q", ""), asks[i].reply);
    }
    if (!rc)
        persona_add(f->b, rows[way].key, "%", rows[way].against, 100.0 * (double)right / (double)f->n, rows[way].goal,
                    true);
    return rc;
}

int persona_facts(struct persona_bench *b, anima_error *err)
{
    struct facts f = { .b = b };
    int rc = read_all(&f, err);
    if (!rc && !f.n)
        fprintf(stderr, "Facts are not asked: there is no facts.zh.jsonl or facts.en.jsonl in %s.\n", b->who->dir);
    for (int way = 0; way < WAYS && f.n && !rc; way++)
        rc = ask_all(&f, (enum way)way, err);
    b->report->n += (int)f.n;
    mem_free(f.list);
    return rc;
}
