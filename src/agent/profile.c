#include "agent/profile.h"

#include "agent/recollection.h"
#include "agent/memories_private.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

struct reading_profile {
    struct profile *p;
    struct mind *mind; /* NULL: whatever was told */
    bool failed;
};

static struct fact fact_of(const struct store_fact *f)
{
    struct fact fact = { .about = fact_attribute(f->about),
                         .confidence = (float)f->confidence,
                         .change = f->change,
                         .ends = f->ends,
                         .since_ms = f->since_ms,
                         .day_ms = f->day_ms,
                         .was_ms = f->was_ms };
    snprintf(fact.whose, sizeof(fact.whose), "%s", f->whose);
    snprintf(fact.topic, sizeof(fact.topic), "%s", f->topic);
    snprintf(fact.value, sizeof(fact.value), "%s", f->value);
    return fact;
}

/* What a person put in its place is as sure as can be, and a day that they named is another day. */
static void by_hand(struct fact_said *said, int64_t hand_ms)
{
    struct when day;
    struct fact *f = &said->fact;
    said->by_hand = true;
    said->at_ms = hand_ms;
    f->confidence = 1;
    f->since_ms = 0;
    if (f->about != FACT_ABOUT_day)
        return;
    const struct when_anchor at = { hand_ms, clock_offset_min(hand_ms) };
    f->day_ms = when_find(f->value, strlen(f->value), at, &day, 1) ? day.from_ms : f->day_ms;
}

static int take_fact(void *ctx, int64_t id, const struct store_fact *fact, int64_t hand_ms,
                     const struct store_memory *item)
{
    struct reading_profile *r = ctx;
    struct profile *p = r->p;
    struct fact_said *list = mem_grow(p->list, p->n, &p->max, sizeof(*list));
    p->list = list ? list : p->list;
    struct profile_source *sources = mem_grow(p->sources, p->n, &p->max_sources, sizeof(*sources));
    p->sources = sources ? sources : p->sources;
    uint32_t audience = r->mind ? memories_audience_of(r->mind, item) : 0;
    if (!list || !sources || audience == UINT32_MAX) {
        r->failed = true;
        return 1;
    }
    struct fact_said said = { .fact = fact_of(fact), .at_ms = item->at_ms };
    if (said.fact.about == FACT_ATTRIBUTES)
        return 0; /* of a newer anima */
    if (hand_ms)
        by_hand(&said, hand_ms);
    struct profile_source *source = &sources[p->n];
    *source = (struct profile_source){ id, item->seq, item->at_ms, "", item->class, audience };
    snprintf(source->conversation, sizeof(source->conversation), "%s", item->conversation);
    said.place = p->n;
    list[p->n++] = said;
    return 0;
}

/* What may be told, in the order of time: what was corrected by hand was said then. */
static void keep_told(struct profile *p, const bool *told)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct fact_said said = p->list[i];
        if (told && !told[p->sources[said.place].audience])
            continue;
        size_t at = kept++;
        for (; at > 0 && p->list[at - 1].at_ms > said.at_ms; at--)
            p->list[at] = p->list[at - 1];
        p->list[at] = said;
    }
    p->n = kept;
}

int profile_read(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                 struct profile *out, anima_error *err)
{
    struct reading_profile r = { .p = out, .mind = people ? memories_mind(home->memories, character) : NULL };
    const bool *told = NULL;
    size_t n = 0;
    *out = (struct profile){ .n = 0 };
    if (people && (!r.mind || r.mind->behind))
        return ANIMA_OK;
    int rc = store_fact_list(home->store, character, person, FACTS_MERGED, take_fact, &r, err);
    if (!rc && people && !r.failed)
        told = memories_audiences(home->memories, character, people, n_people, &n);
    if (rc || r.failed || (people && !told)) {
        out->n = 0;
        return rc ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory for what is known of a person");
    }
    keep_told(out, told);
    facts_merge(out->list, out->n);
    return ANIMA_OK;
}

void profile_finish(struct profile *p)
{
    mem_free(p->list);
    mem_free(p->sources);
    *p = (struct profile){ .n = 0 };
}

const struct profile_source *profile_source(const struct profile *p, const struct fact_said *said)
{
    return &p->sources[said->place];
}

/* ---- what is worth telling ---- */

size_t profile_choose(const struct profile *p, const struct profile_wish *wish, size_t *out, size_t k)
{
    int scores[16];
    size_t n = 0;
    k = k < sizeof(scores) / sizeof(*scores) ? k : sizeof(scores) / sizeof(*scores);
    for (size_t i = p->n; i-- > 0;) { /* the newest of equals first */
        const struct fact_said *said = &p->list[i];
        const struct profile_source *s = profile_source(p, said);
        bool shown = recollection_in_sight(wish->question, s->conversation, s->seq);
        bool tells = !shown && (fact_holds(said, wish->now_ms) || fact_comes(said, wish->now_ms));
        int asked = tells ? fact_asked(&said->fact, wish->question->message) : 0;
        int score = 20 * asked + (tells && !wish->asked ? fact_weight(&said->fact) : 0);
        size_t at = n;
        while (at > 0 && scores[at - 1] < score)
            at--;
        if (score <= 0 || at == k)
            continue;
        n += n < k;
        memmove(&scores[at + 1], &scores[at], (n - at - 1) * sizeof(*scores));
        memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof(*out));
        scores[at] = score;
        out[at] = i;
    }
    return n;
}

/* ---- what changed ---- */

const struct fact_said *profile_find(const struct profile *p, const char *conversation, int64_t seq,
                                     const struct fact *fact)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct fact *f = &p->list[i].fact;
        const struct profile_source *s = profile_source(p, &p->list[i]);
        if (s->seq == seq && strcmp(s->conversation, conversation) == 0 && f->about == fact->about &&
            strcmp(f->whose, fact->whose) == 0 && strcmp(f->topic, fact->topic) == 0)
            return &p->list[i];
    }
    return NULL;
}

const struct fact_said *profile_last(const struct profile *p, const struct fact_said *said)
{
    const struct fact_said *last = said;
    for (size_t i = 0; i < p->n && (last->by != FACT_NONE || last->again != FACT_NONE); i++)
        last = &p->list[last->by != FACT_NONE ? last->by : last->again];
    return last->at_ms < said->at_ms ? said : last; /* a surer one before it is no change */
}

bool profile_replaces(const struct profile *p, const struct fact_said *said)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->list[i].by != FACT_NONE && &p->list[p->list[i].by] == said)
            return true;
    return false;
}
