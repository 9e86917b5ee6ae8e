#include "memory/terms.h"

#include "base/mem.h"

#include <string.h>

void terms_finish(struct terms *t)
{
    for (size_t i = 0; i < t->n; i++)
        mem_free(t->list[i].postings);
    mem_free(t->list);
    places_finish(&t->places);
    memset(t, 0, sizeof(*t));
}

/* A new one; NULL: out of memory. */
static struct term *make_term(struct terms *t, uint64_t hash)
{
    struct term *list = mem_grow(t->list, t->n, &t->max, sizeof(*list));
    if (list)
        t->list = list;
    if (!list || places_put(&t->places, hash, (uint32_t)t->n))
        return NULL;
    list[t->n] = (struct term){ .n = 0 };
    return &list[t->n++];
}

int terms_add(struct terms *t, uint64_t hash, uint32_t turn)
{
    uint32_t place = places_find(&t->places, hash);
    struct term *term = place != PLACES_NONE ? &t->list[place] : make_term(t, hash);
    if (!term)
        return -1;
    if (term->n && POSTING_TURN(term->postings[term->n - 1]) == turn) {
        uint32_t *last = &term->postings[term->n - 1];
        *last += POSTING_TIMES(*last) < 15;
        return 0;
    }
    if (term->n == term->max) {
        uint32_t max = term->max ? 2 * term->max : 2;
        uint32_t *more = mem_realloc(term->postings, max * sizeof(*more));
        if (!more)
            return -1;
        term->postings = more;
        term->max = max;
    }
    term->postings[term->n++] = turn << 4 | 1u;
    return 0;
}

const struct term *terms_find(const struct terms *t, uint64_t hash)
{
    uint32_t place = places_find(&t->places, hash);
    return place != PLACES_NONE ? &t->list[place] : NULL;
}
