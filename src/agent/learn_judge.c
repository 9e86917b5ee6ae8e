/* learn_judge.c — which questions are asked, and which answers are learnt (learn.h). */
#include "agent/learn_private.h"

#include <string.h>

/* ---- what is known of the character ---- */

static bool is_name(const char *key) { return strncmp(key, "name", 4) == 0 || strncmp(key, "full_name", 9) == 0; }

static int source_of(struct learning *l, struct support_source *out)
{
    const struct corpus_passage *p = learn_passage(l);
    const char **facts = arena_alloc(&l->arena, (l->who->n_facts + 1) * sizeof(*facts));
    const char **self = arena_alloc(&l->arena, (l->who->n_facts + 3) * sizeof(*self));
    if (!facts || !self)
        return ANIMA_E_NOMEM;
    *out = (struct support_source){
        .passage = p->text, .heading = p->heading, .title = p->title, .facts = facts, .self = self
    };
    for (size_t i = 0; i < l->who->n_facts; i++) {
        facts[out->n_facts++] = l->who->facts[i].value;
        if (is_name(l->who->facts[i].key))
            self[out->n_self++] = l->who->facts[i].value;
    }
    self[out->n_self++] = l->who->pub.name;
    self[out->n_self++] = character_called(l->who);
    return ANIMA_OK;
}

/* ---- judging ---- */

static struct learnt_question *add(struct learning *l, const char *q, enum learnt state, const char *why,
                                   const char *what)
{
    struct learnt_question *one = &l->list[l->n++];
    *one = (struct learnt_question){ .q = q, .a = "", .state = state, .why = why, .what = what };
    return one;
}

/* The question was there before, of whatever passage. True too when there is no memory. */
static bool is_known(struct learning *l, const char *q)
{
    const char *folded = corpus_fold_question(&l->arena, q);
    struct corpus_entry *e = folded ? corpus_table_put(&l->past.questions, folded, strlen(folded)) : NULL;
    return !e || e->count++ > 0;
}

int learn_take_questions(struct learning *l, const char *json)
{
    const char *found[ASKING_MOST], *what = "";
    struct support_source source;
    size_t n = asking_read(&l->arena, json, learn_passage(l)->language, found, l->wanted);
    if (source_of(l, &source))
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        enum support_doubt doubt = asking_leaks(found[i], source.passage)
                                       ? SUPPORT_WORDS
                                       : support_question(&l->arena, &source, found[i], &what);
        bool known = !doubt && is_known(l, found[i]);
        if (doubt || known)
            add(l, found[i], LEARNT_DROPPED, doubt ? support_name(doubt) : "double", doubt ? what : "");
        else
            add(l, found[i], LEARNT_KEPT, "", "");
    }
    return ANIMA_OK;
}

enum support_doubt learn_judge(struct learning *l, const char *q, const char *a, const char **why, const char **what)
{
    struct support_source source;
    *what = *why = "";
    struct act_self self;
    utterance_self(l->who, learn_passage(l)->language, &self);
    enum corpus_reason bad = corpus_judge_answer(l->judge, q, a, act_is_machine(&self));
    if (bad != CORPUS_REASONS)
        *why = corpus_reason_name(bad);
    enum support_doubt doubt = **why || source_of(l, &source) ? SUPPORT_LITTLE
                                                              : support_answer(&l->arena, &source, q, a, what);
    if (doubt && !**why)
        *why = support_name(doubt);
    return doubt;
}

void learn_hold_back(struct learning *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n && corpus_held_back(l->at); i++) {
        struct learnt_question *q = &l->list[i];
        if (q->state != LEARNT_KEPT || kept++ % 2 == 0)
            continue;
        q->n_any = support_keys(&l->arena, learn_passage(l)->text, q->q, q->a, q->any,
                                sizeof(q->any) / sizeof(q->any[0]));
        q->state = q->n_any ? LEARNT_HELD : LEARNT_KEPT;
    }
}
