/* topics_read.c — the sentences about a person, as far as those who are there may hear them, and which of them hold. */
#include "agent/topics.h"

#include "agent/memories_private.h"
#include "base/err.h"
#include "base/utf8.h"
#include "mind/topics.h"

#include <string.h>

#define ARENA (32u << 20)
#define MAX_TEXT 4096 /* bytes of a turn */

/* ---- reading ---- */

struct reading_topics {
    struct topic_list *out;
    struct mind *mind; /* NULL: whatever was told */
    bool failed;
};

static const char *copy_of(struct reading_topics *r, const char *text)
{
    const char *copy = arena_strndup(&r->out->arena, text, utf8_cut(text, strlen(text), MAX_TEXT));
    r->failed |= !copy;
    return copy;
}

static struct topic *new_topic(struct reading_topics *r, const struct store_topic_line *line)
{
    struct topic_list *out = r->out;
    if (out->n == out->max)
        return NULL;
    struct topic *t = &out->list[out->n++];
    *t = (struct topic){ .id = line->id, .first = line->id, .at_ms = line->at_ms, .by_hand = line->hand_ms > 0 };
    t->language = copy_of(r, line->language);
    t->text = copy_of(r, line->text);
    t->turns = arena_alloc(&out->arena, STORE_CITES * sizeof(*t->turns));
    t->audiences = arena_alloc(&out->arena, STORE_CITES * sizeof(*t->audiences));
    int8_t *row = line->row ? arena_alloc(&out->arena, STORE_VECTOR) : NULL;
    if (row)
        memcpy(row, line->row, STORE_VECTOR);
    t->row = row;
    t->factor = line->factor;
    r->failed |= !t->turns || !t->audiences || (line->row && !row);
    return t;
}

static int take(void *ctx, const struct store_topic_line *line, const struct store_memory *turn)
{
    struct reading_topics *r = ctx;
    struct topic *t = r->out->n ? &r->out->list[r->out->n - 1] : NULL;
    if (!t || t->id != line->id)
        t = new_topic(r, line);
    if (!t || r->failed || t->n_turns == STORE_CITES)
        return r->failed;
    struct store_memory *copy = &t->turns[t->n_turns];
    *copy = *turn;
    copy->row = NULL;
    copy->conversation = copy_of(r, turn->conversation);
    copy->character = copy_of(r, turn->character);
    copy->text = copy_of(r, turn->text);
    copy->witnesses = copy_of(r, turn->witnesses);
    copy->excluded = copy_of(r, turn->excluded);
    copy->allowed = copy_of(r, turn->allowed);
    /* One that is being made ready to be found anew may be told again once somebody has looked at it. */
    t->audiences[t->n_turns] = r->mind && turn->id ? memories_audience_of(r->mind, turn) : UINT32_MAX;
    bool unread = turn->class < 0 || (t->n_turns && t->class < 0);
    t->class = unread ? -1 : turn->class > t->class || !t->n_turns ? turn->class : t->class;
    t->n_turns++;
    return r->failed;
}

/* Every one of its turns may be told. */
static bool may_be_told(const struct topic *t, const bool *told, size_t n)
{
    for (size_t i = 0; i < t->n_turns; i++)
        if (t->audiences[i] >= n || !told[t->audiences[i]])
            return false;
    return t->n_turns > 0;
}

static double cosine(const struct topic *a, const struct topic *b)
{
    int32_t sum = 0;
    if (!a->row || !b->row)
        return -2;
    for (size_t i = 0; i < STORE_VECTOR; i++)
        sum += a->row[i] * b->row[i];
    return (double)sum * (double)a->factor * (double)b->factor;
}

/* The newest first: whichever stands in front of one, and is about the same thing, took its place. */
static void chain(struct topic_list *list, const char *person)
{
    for (size_t i = 1; i < list->n; i++)
        for (size_t j = i; j-- > 0;)
            if (topics_same(list->list[i].text, list->list[j].text, person, cosine(&list->list[i], &list->list[j]))) {
                list->list[i].first = list->list[j].first;
                list->list[i].until_ms = list->list[j].at_ms;
                break;
            }
}

int topics_read_all(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                    int limit, struct topic_list *out, anima_error *err)
{
    struct reading_topics r = { .out = out, .mind = people ? memories_mind(home->memories, character) : NULL };
    size_t n = 0, kept = 0;
    *out = (struct topic_list){ .max = (size_t)limit };
    arena_init(&out->arena, ARENA);
    out->list = arena_alloc(&out->arena, out->max * sizeof(*out->list));
    if (people && (!r.mind || r.mind->behind))
        return ANIMA_OK;
    int rc = out->list ? store_topic_list(home->store, character, person, limit, take, &r, err) : ANIMA_OK;
    const bool *told = rc || !people ? NULL : memories_audiences(home->memories, character, people, n_people, &n);
    if (!rc && (!out->list || r.failed || (people && !told)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for what was talked about");
    for (size_t i = 0; i < out->n && !rc; i++)
        if (!people || may_be_told(&out->list[i], told, n))
            out->list[kept++] = out->list[i];
    out->n = kept;
    if (!rc)
        chain(out, home_person_name(home, person));
    return rc;
}

void topics_finish(struct topic_list *list) { arena_finish(&list->arena); }
