/* recollection_facts.c — which of several values holds, for what came to mind: a turn that says something that is otherwise by now is told
 * without it, and with what is so now; what it says of before is left out of the turn that changed it. So the model reads one value. And what
 * is known of the one who asks. */
#include "agent/profile.h"
#include "agent/recollection.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define DOTS "…"

struct looking_up {
    struct memories *all;
    const struct recollection_question *q;
    int64_t now_ms;
    bool past; /* the message asks for what was */
    struct profile profile;
    int64_t of; /* whose it is; 0: nobody's yet */
};

/* A span of a text that is not told. */
struct span {
    size_t start, end;
};

/* "Where did I use to work?": then what was is what is asked for. */
static bool asks_for_past(const char *message)
{
    static const char *const words[] = { "used to",    "use to",   "before", "previous", "formerly",
                                         "originally", "at first", "以前",   "之前",     "原来",
                                         "原先",       "本来",     "从前",   "曾经",     "起初" };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasestr(message, words[i]))
            return true;
    return false;
}

static void remember(struct recollected_fact *out, const struct looking_up *l, const struct fact_said *said)
{
    const struct profile_source *source = profile_source(&l->profile, said);
    *out = (struct recollected_fact){ .fact = said->fact, .to_come = said->from_ms > l->now_ms, .seq = source->seq };
    memcpy(out->conversation, source->conversation, sizeof(out->conversation));
}

/* The profile of whoever said it; it is kept for the next one. */
static int profile_of(struct looking_up *l, int64_t person, anima_error *err)
{
    if (l->of == person)
        return ANIMA_OK;
    profile_finish(&l->profile);
    l->of = person;
    return profile_read(memories_home(l->all), l->q->character, person, l->q->people, l->q->n_people, &l->profile, err);
}

/* Dots in the place of a span, which is at least as long. */
static void leave_out(char *text, const struct span *s)
{
    size_t len = strlen(DOTS);
    if (s->end - s->start < len)
        return;
    memcpy(text + s->start, DOTS, len);
    memmove(text + s->start + len, text + s->end, strlen(text + s->end) + 1);
}

/* From the back, so that the places in front stay; what two of them share goes once. */
static void leave_all_out(char *text, struct span *spans, size_t n)
{
    for (size_t front = SIZE_MAX; n;) {
        size_t last = 0;
        for (size_t i = 1; i < n; i++)
            last = spans[i].start > spans[last].start ? i : last;
        struct span one = spans[last];
        one.end = one.end < front ? one.end : front;
        if (one.end > one.start) {
            leave_out(text, &one);
            front = one.start;
        }
        spans[last] = spans[--n];
    }
}

static void look_at_item(struct looking_up *l, struct recollected *item)
{
    struct fact found[FACTS_MOST];
    struct span spans[2 * FACTS_MOST];
    size_t n_spans = 0;
    const struct when_anchor said = { item->at_ms, clock_offset_min(item->at_ms) };
    size_t n = facts_read(memories_facts(l->all), memories_words(l->all), item->text, strlen(item->text), said, found);
    for (size_t i = 0; i < n; i++) {
        const struct fact *f = &found[i];
        const struct fact_said *mine = profile_find(&l->profile, item->conversation, item->seq, f);
        const struct fact_said *now = mine ? profile_last(&l->profile, mine) : NULL;
        if (!mine)
            continue;
        if (strcasecmp(now->fact.value, f->value) != 0) { /* by what was said later, or by hand */
            if (!item->changed)
                remember(&item->now, l, now);
            item->changed = true;
            if (now->from_ms <= l->now_ms && !l->past)
                spans[n_spans++] = (struct span){ f->start, f->end };
        }
        if (f->was_end > f->was_start && !l->past && profile_replaces(&l->profile, mine))
            spans[n_spans++] = (struct span){ f->was_start, f->was_end };
    }
    leave_all_out(item->text, spans, n_spans);
}

/* The character's answer to something that is otherwise by now. */
static bool answers_what_was(const struct looking_up *l, const struct recollected *item)
{
    const struct profile *p = &l->profile;
    for (size_t i = 0; i < p->n; i++) {
        const struct profile_source *s = profile_source(p, &p->list[i]);
        const struct fact_said *now = profile_last(p, &p->list[i]);
        if (s->seq + 1 == item->seq && strcmp(s->conversation, item->conversation) == 0 && now->from_ms <= l->now_ms &&
            strcasecmp(now->fact.value, p->list[i].fact.value) != 0)
            return true;
    }
    return false;
}

/* What came to mind, one by one. An answer of the character to what is no more so does not come. */
static int look_at_items(struct looking_up *l, struct recollected *items, size_t *n, anima_error *err)
{
    int rc = ANIMA_OK;
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        struct recollected item = items[i];
        rc = rc ? rc : profile_of(l, item.speaker ? item.speaker : l->q->people[0], err);
        if (!rc && item.speaker)
            look_at_item(l, &item);
        if (!rc && !item.speaker && !l->past && answers_what_was(l, &item))
            recollected_finish(&item);
        else
            items[kept++] = item;
    }
    *n = kept;
    return rc;
}

static int take_source(void *ctx, const struct store_memory *item)
{
    *(char **)ctx = mem_strdup(item->text);
    return 0;
}

int recollection_look_up(struct memories *all, const struct recollection_question *question, int64_t now_ms,
                         struct recollection *found, anima_error *err)
{
    struct looking_up l = { .all = all, .q = question, .now_ms = now_ms, .past = asks_for_past(question->message) };
    const struct profile_wish wish = { question, now_ms, found->how != PAST_NOT };
    size_t chosen[RECOLLECTION_KNOWN];
    int rc = look_at_items(&l, found->items, &found->n, err);
    rc = rc ? rc : look_at_items(&l, found->beside, &found->n_beside, err);
    if (!rc && (wish.asked || question->first))
        rc = profile_of(&l, question->people[0], err);
    size_t n = rc || !(wish.asked || question->first) ? 0
                                                      : profile_choose(&l.profile, &wish, chosen, RECOLLECTION_KNOWN);
    for (size_t i = 0; i < n; i++)
        remember(&found->known[found->n_known++], &l, &l.profile.list[chosen[i]]);
    found->knows = wish.asked && n;
    if (found->knows)
        store_memory_of_turn(memories_home(all)->store, found->known[0].conversation, found->known[0].seq, take_source,
                             &found->source, NULL);
    profile_finish(&l.profile);
    return rc;
}
