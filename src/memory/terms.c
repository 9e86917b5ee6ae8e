#include "memory/terms.h"

#include "base/mem.h"

#include <string.h>

#define FIRST_SIZE 1024

static struct term *slot_of(struct term *slots, size_t size, uint64_t hash)
{
    size_t i = (size_t)(hash ^ (hash >> 32)) & (size - 1);
    while (slots[i].hash && slots[i].hash != hash)
        i = (i + 1) & (size - 1);
    return &slots[i];
}

void terms_finish(struct terms *t)
{
    for (size_t i = 0; i < t->size; i++)
        mem_free(t->slots[i].postings);
    mem_free(t->slots);
    memset(t, 0, sizeof(*t));
}

static int grow(struct terms *t)
{
    size_t size = t->size ? 2 * t->size : FIRST_SIZE;
    struct term *slots = mem_zero(size, sizeof(*slots));
    if (!slots)
        return -1;
    for (size_t i = 0; i < t->size; i++)
        if (t->slots[i].hash)
            *slot_of(slots, size, t->slots[i].hash) = t->slots[i];
    mem_free(t->slots);
    t->slots = slots;
    t->size = size;
    return 0;
}

int terms_add(struct terms *t, uint64_t hash, uint32_t turn)
{
    hash += !hash; /* 0 marks a free slot */
    if (3 * t->n >= 2 * t->size && grow(t))
        return -1;
    struct term *term = slot_of(t->slots, t->size, hash);
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
    t->n += !term->hash;
    term->hash = hash;
    term->postings[term->n++] = turn << 4 | 1u;
    return 0;
}

const struct term *terms_find(const struct terms *t, uint64_t hash)
{
    if (!t->size)
        return NULL;
    const struct term *term = slot_of(t->slots, t->size, hash + !hash);
    return term->hash ? term : NULL;
}
