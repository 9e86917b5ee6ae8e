/* persona_coherence.c — do the replies answer the last line? The model without the adapter judges its own replies and the trained ones
 * in the same places (judge_coherence.h), and first the 200 of share/probes/coherence-labels.jsonl, which a person has judged:
 * {"lang", "context": [["person" | "character", text], …], "reply", "answers": true | false}. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "cli/judge_coherence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_TURNS 16
#define FEWEST 2 /* turns of a context */
#define MOST 6
#define CAN_JUDGE 0.7 /* of the labels, 0.5 being chance */

/* Something to judge. */
struct item {
    struct prompt_turn turns[MOST_TURNS];
    size_t n_turns;
    const char *reply;
    bool good; /* of a label */
    double margin;
};

struct items {
    struct persona_bench *b;
    struct item *list;
    size_t n, max;
    int taken[2];
};

static struct item *add_item(struct items *l, anima_error *err)
{
    struct item *grown = mem_grow(l->list, l->n, &l->max, sizeof(*grown));
    if (!grown) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for what is judged");
        return NULL;
    }
    l->list = grown;
    l->list[l->n] = (struct item){ .n_turns = 0 };
    return &l->list[l->n++];
}

static bool read_label(yyjson_val *line, struct item *out)
{
    yyjson_val *context = yyjson_obj_get(line, "context"), *answers = yyjson_obj_get(line, "answers"), *turn;
    size_t i, n;
    if (!yyjson_arr_size(context) || yyjson_arr_size(context) > MOST_TURNS || !yyjson_is_bool(answers))
        return false;
    yyjson_arr_foreach (context, i, n, turn) {
        const char *who = yyjson_get_str(yyjson_arr_get(turn, 0)), *text = yyjson_get_str(yyjson_arr_get(turn, 1));
        bool person = who && strcmp(who, "person") == 0;
        if (!text || !who || (!person && strcmp(who, "character") != 0))
            return false;
        out->turns[out->n_turns++] = person ? corpus_says(text) : (struct prompt_turn){ NULL, text };
    }
    out->reply = json_str(line, "reply", "");
    out->good = yyjson_get_bool(answers);
    return out->turns[out->n_turns - 1].speaker && *out->reply;
}

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct items *l = ctx;
    yyjson_val *kept;
    if (l->taken[strcmp(json_str(line, "lang", ""), "en") == 0]++ >= l->b->most)
        return ANIMA_OK;
    int rc = persona_keep(l->b, line, &kept, err);
    struct item *item = rc ? NULL : add_item(l, err);
    if (item && !read_label(kept, item))
        rc = err_set(err, ANIMA_E_INVALID,
                     "line %d: a label needs \"context\" (the last turn a person's), \"reply\" and \"answers\"",
                     number);
    return rc || item ? rc : ANIMA_E_NOMEM;
}

static int take_replies(struct items *l, enum persona_way way, anima_error *err)
{
    int rc = persona_answers(l->b, way, err);
    for (size_t i = 0; i < l->b->n_contexts && !rc; i++) {
        const struct persona_context *c = &l->b->contexts[i];
        if (c->n_turns < FEWEST || c->n_turns > MOST)
            continue;
        struct item *item = add_item(l, err);
        if (!item)
            return ANIMA_E_NOMEM;
        memcpy(item->turns, c->turns, c->n_turns * sizeof(*item->turns));
        item->n_turns = c->n_turns;
        item->reply = c->reply[way];
    }
    return rc;
}

/* The reply behind the last line, and behind one that says nothing in its place. */
static int put_questions(struct persona_bench *b, struct item *one, struct bench_ask *out, anima_error *err)
{
    struct prompt_turn *last = &one->turns[one->n_turns - 1], said = *last;
    int rc = persona_ask(b, PERSONA_BARE, one->turns, one->n_turns, &out[0], err);
    last->text = judge_neutral(prompt_language(said.text));
    if (!rc)
        rc = persona_ask(b, PERSONA_BARE, one->turns, one->n_turns, &out[1], err);
    *last = said;
    for (int i = 0; i < 2; i++) {
        out[i].candidates[0] = one->reply;
        out[i].n_candidates = 1;
    }
    return rc;
}

/* The margins of all items. Nothing said, or the line itself, answers nothing. */
static int judge_all(struct items *l, const char *what, anima_error *err)
{
    struct persona_bench *b = l->b;
    struct bench_ask *asks = arena_alloc(&b->arena, (2 * l->n + 1) * sizeof(*asks));
    size_t n = 0, k = 0;
    int rc = asks ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for what is judged");
    for (size_t i = 0; i < l->n && !rc; i++)
        if (*l->list[i].reply) {
            rc = put_questions(b, &l->list[i], &asks[n], err);
            n += 2;
        }
    if (!rc)
        rc = bench_ask_all(&b->room, &b->arena, what, asks, n, err);
    for (size_t i = 0; i < l->n && !rc; i++) {
        struct item *one = &l->list[i];
        one->margin = -INFINITY;
        if (!*one->reply)
            continue;
        if (!judge_echoes(one->turns[one->n_turns - 1].text, one->reply))
            one->margin = judge_dependence(asks[k].logprob[0], asks[k + 1].logprob[0], one->reply);
        k += 2;
    }
    return rc;
}

/* From the labels: the threshold, and how far the judge agrees with them. */
static int learn(struct persona_bench *b, double *threshold, anima_error *err)
{
    struct items l = { .b = b };
    int rc = bench_lines(NULL, "coherence-labels.jsonl", on_line, &l, err);
    if (!rc)
        rc = judge_all(&l, "labels", err);
    struct judge_margin *margins = rc ? NULL : arena_alloc(&b->arena, (l.n + 1) * sizeof(*margins));
    if (!rc && !margins)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for what is judged");
    for (size_t i = 0; i < l.n && !rc; i++)
        margins[i] = (struct judge_margin){ l.list[i].margin, l.list[i].good };
    if (!rc && l.n) {
        double agreement = judge_agreement(margins, l.n);
        *threshold = judge_threshold(margins, l.n);
        for (size_t i = 0; i < l.n && b->show; i++)
            fprintf(stderr, "%+.2f %s %s → %s\n", l.list[i].margin - *threshold, l.list[i].good ? "good" : "bad ",
                    l.list[i].turns[l.list[i].n_turns - 1].text, l.list[i].reply);
        persona_add(b, "coherence_agreement", "%",
                    "of the judge with labels by hand that did not set its threshold; 50 is chance", 100 * agreement, 0,
                    true);
        if (agreement < CAN_JUDGE)
            fprintf(stderr, "The judge of coherence cannot judge: it agrees with %.0f %% of the labels by hand.\n",
                    100 * agreement);
    }
    mem_free(l.list);
    return rc;
}

static int measure(struct persona_bench *b, enum persona_way way, double threshold, double *share, size_t *n,
                   anima_error *err)
{
    struct items l = { .b = b };
    size_t good = 0;
    int rc = take_replies(&l, way, err);
    if (!rc)
        rc = judge_all(&l, "coherence", err);
    for (size_t i = 0; i < l.n && !rc; i++) {
        bool fits = l.list[i].margin >= threshold;
        good += fits;
        if (way == PERSONA_TRAINED)
            persona_show(b, fits ? "" : "beside it", l.list[i].turns[l.list[i].n_turns - 1].text, l.list[i].reply);
    }
    *n = l.n;
    *share = l.n ? 100.0 * (double)good / (double)l.n : 0;
    mem_free(l.list);
    return rc;
}

int persona_coherence(struct persona_bench *b, anima_error *err)
{
    double threshold = 0, trained = 0, bare = 0;
    size_t n = 0;
    int rc = persona_contexts(b, err);
    if (!rc && b->n_contexts)
        rc = learn(b, &threshold, err);
    if (!rc)
        rc = measure(b, PERSONA_TRAINED, threshold, &trained, &n, err);
    if (!rc)
        rc = measure(b, PERSONA_BARE, threshold, &bare, &n, err);
    if (rc || !n)
        return rc;
    persona_add(b, "coherence_trained", "%", "replies to held-back talk that answer the last line, by the judge",
                trained, 0, true);
    persona_add(b, "coherence_bare", "%", "the same of the model as it is", bare, 0, true);
    if (bare > 0)
        persona_add(b, "coherence", "%", "coherence_trained, of coherence_bare", 100 * trained / bare, 90, true);
    b->report->n += (int)n;
    return ANIMA_OK;
}
