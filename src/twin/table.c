/* table.c — strings kept once: open addressing, at most half full. */
#include "base/hash.h"
#include "base/mem.h"
#include "twin/read_private.h"

#include <string.h>

/* Where s is, or would be. */
static size_t place(const struct twin_slot *slots, size_t size, const char *s, size_t n)
{
    size_t i = (size_t)(hash_bytes(s, n) * 0x9E3779B97F4A7C15u >> 20) & (size - 1);
    while (slots[i].s && (strncmp(slots[i].s, s, n) != 0 || slots[i].s[n]))
        i = (i + 1) & (size - 1);
    return i;
}

static bool grow(struct twin_table *t)
{
    size_t size = t->size ? 2 * t->size : 64;
    struct twin_slot *slots = mem_zero(size, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < t->size; i++)
        if (t->slots[i].s)
            slots[place(slots, size, t->slots[i].s, strlen(t->slots[i].s))] = t->slots[i];
    mem_free(t->slots);
    t->slots = slots;
    t->size = size;
    return true;
}

struct twin_slot *twin_find(const struct twin_table *t, const char *s, size_t n)
{
    if (!t->n)
        return NULL;
    struct twin_slot *slot = &t->slots[place(t->slots, t->size, s, n)];
    return slot->s ? slot : NULL;
}

struct twin_slot *twin_slot(struct twin_table *t, struct arena *arena, const char *s, size_t n)
{
    if (2 * t->n >= t->size && !grow(t))
        return NULL;
    struct twin_slot *slot = &t->slots[place(t->slots, t->size, s, n)];
    if (!slot->s) {
        slot->s = arena_strndup(arena, s, n);
        t->n += slot->s ? 1 : 0;
    }
    return slot->s ? slot : NULL;
}

void twin_table_finish(struct twin_table *t)
{
    mem_free(t->slots);
    *t = (struct twin_table){ 0 };
}
