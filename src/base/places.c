#include "base/places.h"

#include "base/mem.h"

#include <string.h>

#define FIRST_SIZE 64

static struct places_slot *slot_of(struct places_slot *slots, size_t size, uint64_t key)
{
    size_t i = (size_t)(key ^ (key >> 32)) & (size - 1);
    while (slots[i].place != PLACES_NONE && slots[i].key != key)
        i = (i + 1) & (size - 1);
    return &slots[i];
}

void places_finish(struct places *p)
{
    mem_free(p->slots);
    memset(p, 0, sizeof(*p));
}

uint32_t places_find(const struct places *p, uint64_t key)
{
    return p->size ? slot_of(p->slots, p->size, key)->place : PLACES_NONE;
}

static int grow(struct places *p)
{
    size_t size = p->size ? 2 * p->size : FIRST_SIZE;
    struct places_slot *slots = mem_alloc(size * sizeof(*slots));
    if (!slots)
        return -1;
    for (size_t i = 0; i < size; i++)
        slots[i].place = PLACES_NONE;
    for (size_t i = 0; i < p->size; i++)
        if (p->slots[i].place != PLACES_NONE)
            *slot_of(slots, size, p->slots[i].key) = p->slots[i];
    mem_free(p->slots);
    p->slots = slots;
    p->size = size;
    return 0;
}

int places_put(struct places *p, uint64_t key, uint32_t place)
{
    if (3 * p->n >= 2 * p->size && grow(p))
        return -1;
    struct places_slot *slot = slot_of(p->slots, p->size, key);
    p->n += slot->place == PLACES_NONE;
    *slot = (struct places_slot){ key, place };
    return 0;
}
