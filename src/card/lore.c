/* lore.c — searching a book of lore: which entries apply to a conversation now. Reading an entry is lore_entry.c. */
#include "card/lore.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "card/lore_entry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SCANNED (256u << 10) /* bytes of messages that are searched */
#define MAX_COMPLAINTS 4000      /* bytes */
#define MAX_COMPILED (8u << 20)  /* bytes of all expressions */
#define MAX_SEARCH_US 250000     /* then what was found is all: a conversation does not wait for a book */
#define MAX_LOOKED_BACK 64       /* messages from whose moment it is asked whether an entry applied then */

struct lore {
    struct lore_entry *entries;
    size_t n;
    int scan_depth, budget;
    bool recursive, complained;
    struct buf complaints;
    size_t room;      /* bytes that expressions may still take */
    int64_t until_us; /* the search under way ends then */
};

void lore_free(struct lore *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        lore_entry_free(&l->entries[i]);
    mem_free(l->entries);
    buf_finish(&l->complaints);
    mem_free(l);
}

/* One mistake in a book of hundreds is no reason to leave the character without it. */
static int add_entry(struct lore *l, yyjson_val *v, size_t number, anima_error *err)
{
    struct lore_entry *e = &l->entries[l->n];
    anima_error why = { 0 };
    int rc = yyjson_is_obj(v) ? lore_entry_read(e, v, &l->room, &why)
                              : err_set(&why, ANIMA_E_INVALID, "lore entry %zu is no object", number);
    if (!rc) {
        l->n++;
        return ANIMA_OK;
    }
    lore_entry_free(e);
    *e = (struct lore_entry){ 0 };
    if (rc == ANIMA_E_NOMEM)
        return err_set(err, rc, "%s", why.message);
    buf_printf(&l->complaints, "%s%s", l->complaints.len ? "\n" : "", why.message);
    return ANIMA_OK;
}

static int prepare(struct lore *l, yyjson_val *book, anima_error *err)
{
    yyjson_val *entries = yyjson_obj_get(book, "entries");
    size_t i, n = yyjson_arr_size(entries);
    yyjson_val *v;
    if (n > LORE_MAX_ENTRIES)
        return err_set(err, ANIMA_E_LIMIT, "the lore has %zu entries; at most %d can be searched", n, LORE_MAX_ENTRIES);
    l->entries = mem_zero(n + 1, sizeof(*l->entries));
    l->room = MAX_COMPILED;
    if (!l->entries)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    l->scan_depth = (int)json_int(book, "scan_depth", LORE_DEFAULT_SCAN);
    l->budget = (int)json_int(book, "token_budget", LORE_DEFAULT_BUDGET);
    l->recursive = json_bool(book, "recursive_scanning", false);
    yyjson_arr_foreach (entries, i, n, v) {
        int rc = add_entry(l, v, i + 1, err);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

int lore_parse(yyjson_val *book, struct lore **out, anima_error *err)
{
    struct lore *l = mem_zero(1, sizeof(*l));
    *out = NULL;
    if (l)
        buf_init(&l->complaints, MAX_COMPLAINTS);
    int rc = l ? prepare(l, book, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    if (rc)
        lore_free(l);
    else
        *out = l;
    return rc;
}

const char *lore_complaints(const struct lore *l) { return buf_str(&l->complaints); }

size_t lore_size(const struct lore *l) { return l->n; }

/* ---- searching ---- */

static void complain(struct lore *l, const struct lore_key *key, const char *what)
{
    if (!l->complained)
        log_warn("card", "the lore's key %.80s: %s", key->text, what);
    l->complained = true;
}

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* A word counts where it stands alone, or with a plural's s ("rent" is not in "parents"); Chinese, which has no blanks, counts
 * anywhere. */
static bool word_in(const struct lore *l, const char *word, const char *text, bool case_sensitive)
{
    size_t n = strlen(word);
    for (const char *at = text; n && (at = case_sensitive ? strstr(at, word) : strcasestr(at, word)); at++) {
        const char *end = at + n;
        bool begins = !in_word(word[0]) || at == text || !in_word(at[-1]);
        if (in_word(word[n - 1]) && (*end == 's' || *end == 'S'))
            end++;
        if (begins && (!in_word(word[n - 1]) || !in_word(*end)))
            return true;
        if (clock_mono_us() > l->until_us)
            return false; /* a long key that overlaps with itself */
    }
    return false;
}

static bool key_in(struct lore *l, const struct lore_key *key, const char *text, size_t n, bool case_sensitive)
{
    if (clock_mono_us() > l->until_us) {
        complain(l, key, "the search has taken too long; this one and what follows does not count");
        return false;
    }
    if (!key->pattern)
        return word_in(l, key->text, text, case_sensitive);
    bool found = pattern_find_until(key->pattern, text, n, l->until_us);
    if (!found && pattern_gave_up(key->pattern))
        complain(l, key, "the expression takes too long or cannot be used; it does not match");
    return found;
}

static bool any_in(struct lore *l, const struct lore_keys *keys, const char *text, size_t n, bool case_sensitive)
{
    for (size_t i = 0; i < keys->n; i++)
        if (key_in(l, &keys->all[i], text, n, case_sensitive))
            return true;
    return false;
}

/* Where the last `depth` messages begin in text, whose parts begin at starts. */
static size_t scan_from(const size_t *starts, size_t n, int depth)
{
    return depth <= 0 || (size_t)depth >= n ? 0 : starts[n - (size_t)depth];
}

static int scan_depth_of(const struct lore *l, const struct lore_entry *e)
{
    return e->scan_depth >= 0 ? e->scan_depth : l->scan_depth;
}

static bool allowed(const struct lore_entry *e, const struct lore_scene *scene, int replies)
{
    if (!e->enabled || e->activate)
        return e->enabled;
    if (e->never || (e->after >= 0 && replies < e->after))
        return false;
    if (e->every > 0 && replies % e->every != 0)
        return false;
    return e->greeting < 0 || e->greeting == scene->greeting;
}

static bool applies(struct lore *l, const struct lore_entry *e, const char *text, size_t n)
{
    if (e->activate)
        return true;
    if (any_in(l, &e->excluded, text, n, e->case_sensitive))
        return false;
    if (e->constant)
        return true;
    if (!any_in(l, &e->keys, text, n, e->case_sensitive))
        return false;
    return !e->selective || !e->secondary.n || any_in(l, &e->secondary, text, n, e->case_sensitive);
}

/* Whether its keys occurred at an earlier moment: in the messages that were the last ones then. text is ours; it is put
 * back as it was. */
static bool applied_before(struct lore *l, const struct lore_entry *e, struct buf *text, const size_t *starts, size_t n)
{
    size_t first = n > MAX_LOOKED_BACK ? n - MAX_LOOKED_BACK : 1;
    for (size_t i = first; i < n; i++) {
        size_t from = scan_from(starts, i, scan_depth_of(l, e)), end = starts[i];
        if (end == from)
            continue;
        char behind = text->data[end];
        text->data[end] = '\0';
        bool then = applies(l, e, text->data + from, end - from);
        text->data[end] = behind;
        if (then)
            return true;
    }
    return false;
}

static bool found_now(struct lore *l, const struct lore_entry *e, const struct lore_scene *scene, struct buf *text,
                      const size_t *starts, size_t from, size_t end)
{
    if (e->stays || e->once) {
        bool before = applied_before(l, e, text, starts, scene->n);
        if (before)
            return !e->once;
    }
    return applies(l, e, buf_str(text) + from, end - from);
}

/* The messages as one text; starts[i] is where message i begins. */
static int gather(const struct lore_scene *scene, struct buf *text, size_t *starts)
{
    size_t first = scene->n, bytes = 0;
    while (first > 0 && (bytes += strlen(scene->messages[first - 1].text) + 1) <= MAX_SCANNED)
        first--;
    for (size_t i = 0; i < scene->n; i++) {
        starts[i] = text->len;
        if (i >= first) {
            buf_puts(text, scene->messages[i].text);
            buf_puts(text, "\n");
        }
    }
    return text->failed;
}

static void search(struct lore *l, const struct lore_scene *scene, struct buf *text, const size_t *starts)
{
    int replies = 0;
    for (size_t i = 0; i < scene->n; i++)
        replies += scene->messages[i].character;
    size_t said = text->len; /* what was found is appended behind it, and is in everybody's reach */
    bool more = true;
    for (int round = 0; more && round <= (l->recursive ? LORE_MAX_RECURSION : 0); round++) {
        size_t end = text->len;
        more = false;
        for (size_t i = 0; i < l->n; i++) {
            struct lore_entry *e = &l->entries[i];
            size_t from = scan_from(starts, scene->n, scan_depth_of(l, e));
            from = from > said ? said : from;
            if (e->hit || !allowed(e, scene, replies) || !found_now(l, e, scene, text, starts, from, end))
                continue;
            e->hit = more = true;
            if (l->recursive && text->len + strlen(e->content) < 2 * MAX_SCANNED) {
                buf_puts(text, e->content);
                buf_puts(text, "\n");
            }
        }
    }
}

static int by_worth(const void *a, const void *b)
{
    const struct lore_entry *x = *(struct lore_entry *const *)a, *y = *(struct lore_entry *const *)b;
    if (x->expendable != y->expendable)
        return x->expendable ? 1 : -1;
    if (x->constant != y->constant)
        return x->constant ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return x->order != y->order ? (x->order < y->order ? -1 : 1) : x < y ? -1 : 1;
}

static int by_order(const void *a, const void *b)
{
    const struct lore_hit *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The best entries that fit into the budget. */
static size_t choose(struct lore *l, const struct lore_scene *scene, struct lore_entry **found, size_t n,
                     struct lore_hit *hits, size_t max)
{
    size_t count = 0;
    int used = 0;
    qsort(found, n, sizeof(*found), by_worth);
    for (size_t i = 0; i < n && count < max; i++) {
        const struct lore_entry *e = found[i];
        int cost = scene->count_tokens(e->content, strlen(e->content), scene->ctx);
        if (used + cost > l->budget)
            continue;
        used += cost;
        hits[count++] = (struct lore_hit){ e->content, e->place, e->constant, e->depth, e->role, e->order };
    }
    qsort(hits, count, sizeof(*hits), by_order);
    return count;
}

int lore_find(struct lore *l, const struct lore_scene *scene, struct lore_hit *hits, size_t max, size_t *n,
              anima_error *err)
{
    struct buf text;
    size_t found_n = 0;
    size_t *starts = mem_zero(scene->n + 1, sizeof(*starts));
    struct lore_entry **found = mem_zero(l->n + 1, sizeof(struct lore_entry *));
    *n = 0;
    buf_init(&text, 4 * MAX_SCANNED);
    l->until_us = clock_mono_us() + MAX_SEARCH_US;
    int rc = starts && found ? gather(scene, &text, starts) : ANIMA_E_NOMEM;
    if (!rc) {
        search(l, scene, &text, starts);
        for (size_t i = 0; i < l->n; i++) {
            if (l->entries[i].hit && *l->entries[i].content)
                found[found_n++] = &l->entries[i];
            l->entries[i].hit = false;
        }
        *n = choose(l, scene, found, found_n, hits, max);
    }
    mem_free(starts);
    mem_free(found);
    buf_finish(&text);
    return rc ? err_set(err, rc, "out of memory for the lore") : ANIMA_OK;
}
