#include "cli/bench_memory_junk.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "mind/recalled.h"
#include "store/store.h"

#include <string.h>

#define SAME_BYTES 24
#define ECHO_BYTES 40
#define AT_ONCE 500
#define MEMORY_MAX (256u << 20)

struct item {
    int64_t id, seq, speaker;
    const char *conversation, *text;
};

struct looking {
    struct store *store;
    struct arena arena;
    struct item *items;
    size_t n, max;
    bool failed;
};

static int take(void *ctx, const struct store_memory *m)
{
    struct looking *l = ctx;
    struct item *items = mem_grow(l->items, l->n, &l->max, sizeof(*items));
    struct item made = { m->id, m->seq, m->speaker, arena_strdup(&l->arena, m->conversation),
                         arena_strdup(&l->arena, m->text) };
    l->failed = !items || !made.conversation || !made.text;
    if (items)
        l->items = items;
    if (!l->failed)
        items[l->n++] = made;
    return l->failed;
}

static int take_all(struct looking *l, const char *character, anima_error *err)
{
    int64_t after = 0;
    size_t before;
    int rc;
    do {
        before = l->n;
        rc = store_memory_list(l->store, character, after, AT_ONCE, take, l, err);
        after = l->n > before ? l->items[l->n - 1].id : after;
    } while (!rc && !l->failed && l->n - before == AT_ONCE);
    return l->failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for what is remembered") : rc;
}

struct bearing {
    const struct item *item;
    bool found;
};

static int bears(void *ctx, const anima_turn *turn)
{
    struct bearing *b = ctx;
    b->found = turn->seq == b->item->seq && strcmp(turn->text, b->item->text) == 0 && turn->person == b->item->speaker;
    return 1;
}

static bool is_borne(struct looking *l, const struct item *item)
{
    struct bearing b = { .item = item };
    int rc = store_turn_list(l->store, item->conversation, item->seq - 1, 1, bears, &b, NULL);
    return !rc && b.found;
}

static bool is_twice(const struct looking *l, size_t i)
{
    const struct item *it = &l->items[i];
    for (size_t k = 0; k < i; k++) {
        const struct item *other = &l->items[k];
        bool place = other->seq == it->seq && strcmp(other->conversation, it->conversation) == 0;
        bool words = other->speaker == it->speaker && strlen(it->text) >= SAME_BYTES &&
                     strcmp(other->text, it->text) == 0;
        if (place || words)
            return true;
    }
    return false;
}

/* How memories are told, in both languages and of both kinds: what stands in front of them. */
static bool is_told(struct arena *arena, const char *text)
{
    for (int way = 0; way < 4; way++) {
        struct recalled_item item = { .who = "x", .text = "x" };
        struct recalled_told one = { .items = &item, .n = 1 };
        const char *told = recalled_text(arena, &one, 0, 0, way & 1 ? "zh" : "en", 1000, way & 2);
        const char *head = told ? arena_strndup(arena, told, strcspn(told, "\n")) : NULL;
        if (head && *head && strstr(text, head))
            return true;
    }
    return false;
}

static bool is_echo(struct looking *l, size_t i)
{
    const struct item *it = &l->items[i];
    for (size_t k = 0; k < i; k++)
        if (strlen(l->items[k].text) >= ECHO_BYTES && strcmp(l->items[k].conversation, it->conversation) != 0 &&
            strstr(it->text, l->items[k].text))
            return true;
    return is_told(&l->arena, it->text);
}

static int count(struct looking *l, const char *const *characters, size_t n, struct memory_junk *out, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < n && !rc; i++)
        rc = take_all(l, characters[i], err);
    *out = (struct memory_junk){ .items = l->n };
    for (size_t i = 0; i < l->n && !rc; i++) {
        bool borne = is_borne(l, &l->items[i]), twice = is_twice(l, i);
        out->unborne += !borne;
        out->twice += borne && twice;
        out->echoes += borne && !twice && is_echo(l, i);
    }
    return rc;
}

int memory_junk_count(const char *home, const char *const *characters, size_t n, struct memory_junk *out,
                      anima_error *err)
{
    struct looking l = { .n = 0 };
    char *path = fs_join(home, "anima.db", (char *)NULL);
    arena_init(&l.arena, MEMORY_MAX);
    int rc = path ? store_open(path, true, NULL, &l.store, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    if (!rc)
        rc = count(&l, characters, n, out, err);
    store_close(l.store);
    mem_free(l.items);
    mem_free(path);
    arena_finish(&l.arena);
    return rc;
}
