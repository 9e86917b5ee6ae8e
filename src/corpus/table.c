#include "corpus/table.h"

#include "base/rnd.h"
#include "base/utf8.h"

#include <sodium.h>
#include <string.h>

#define FIRST_SLOTS 1024

/* SipHash (Aumasson, Bernstein 2012). */
static uint64_t hash_of(const struct corpus_table *t, const char *key, size_t n)
{
    uint64_t hash;
    _Static_assert(sizeof(t->secret) == crypto_shorthash_KEYBYTES && sizeof(hash) == crypto_shorthash_BYTES, "SipHash");
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key, n, (const unsigned char *)t->secret);
    return hash;
}

static bool grow(struct corpus_table *t)
{
    size_t n = t->n_slots ? 4 * t->n_slots : FIRST_SLOTS;
    struct corpus_entry **slots = arena_alloc(t->arena, n * sizeof(*slots));
    if (!slots)
        return false;
    for (int i = 0; i < 2 && !t->n_slots; i++)
        t->secret[i] = rnd_u64();
    for (size_t i = 0; i < t->n_slots; i++)
        for (struct corpus_entry *e = t->slots[i], *next; e; e = next) {
            next = e->next;
            e->next = slots[e->hash % n];
            slots[e->hash % n] = e;
        }
    t->slots = slots;
    t->n_slots = n;
    return true;
}

struct corpus_entry *corpus_table_find(const struct corpus_table *t, const char *key, size_t n)
{
    if (!t->n_slots)
        return NULL;
    uint64_t hash = hash_of(t, key, n);
    struct corpus_entry *e = t->slots[hash % t->n_slots];
    while (e && (e->hash != hash || strlen(e->key) != n || memcmp(e->key, key, n) != 0))
        e = e->next;
    return e;
}

struct corpus_entry *corpus_table_put(struct corpus_table *t, const char *key, size_t n)
{
    struct corpus_entry *e = corpus_table_find(t, key, n);
    if (e)
        return e;
    if (t->n >= t->n_slots && !grow(t))
        return NULL;
    e = arena_alloc(t->arena, sizeof(*e));
    char *copy = arena_strndup(t->arena, key, n);
    if (!e || !copy)
        return NULL;
    uint64_t hash = hash_of(t, key, n);
    *e = (struct corpus_entry){ .key = copy, .hash = hash, .next = t->slots[hash % t->n_slots] };
    t->slots[hash % t->n_slots] = e;
    t->n++;
    return e;
}

/* ---- folding ---- */

static bool is_blank(uint32_t c)
{
    return c <= ' ' || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B) || c == 0xFEFF;
}

static uint32_t fold(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E)
        c -= 0xFEE0;
    return c == 0x2019 ? '\'' : utf8_small(c);
}

static char *folded(struct arena *arena, const char *text, bool blanks)
{
    size_t n = strlen(text), at = 0;
    char *out = arena_alloc(arena, n + 1); /* no character grows */
    for (size_t i = 0, len; out && i < n; i += len) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        if (blanks || !is_blank(c))
            at += utf8_encode(fold(c), out + at);
    }
    return out;
}

char *corpus_small(struct arena *arena, const char *text) { return folded(arena, text, true); }

char *corpus_fold(struct arena *arena, const char *text) { return folded(arena, text, false); }

char *corpus_fold_question(struct arena *arena, const char *text)
{
    static const char *const marks[] = { "?", "!", ".", ",", "~", "。", "…", "、" };
    char *out = corpus_fold(arena, text);
    for (size_t i = 0; out && i < sizeof(marks) / sizeof(marks[0]);) {
        size_t n = strlen(out), len = strlen(marks[i]);
        bool ends = n > len && strcmp(out + n - len, marks[i]) == 0;
        if (ends)
            out[n - len] = '\0';
        i = ends ? 0 : i + 1;
    }
    return out;
}
