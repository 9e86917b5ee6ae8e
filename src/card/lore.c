#include "card/lore.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MATCH_LIMIT 20000
#define DEPTH_LIMIT 500
#define HEAP_LIMIT_KB 4096
#define MAX_SCANNED (256u << 10) /* bytes of messages that are searched */
#define MAX_DEPTH 10000
#define MAX_COMPLAINTS 4000 /* bytes */

struct key {
    char *text;
    pcre2_code *regex; /* NULL: plain text */
};

struct keys {
    struct key *all;
    size_t n;
};

struct entry {
    struct keys keys, secondary, excluded;
    char *content; /* decorators taken off */
    bool enabled, constant, selective, case_sensitive, activate, never;
    int priority, order, depth, scan_depth; /* -1: the book's */
    enum lore_place place;
    const char *role;
    int after, every, greeting; /* replies before it applies; each so many; only with that greeting: -1 */
    bool ignore_on_max;
    bool hit; /* found in the search under way */
};

struct lore {
    struct entry *entries;
    size_t n;
    int scan_depth, budget;
    bool recursive, complained;
    struct buf complaints;
    pcre2_match_context *limits;
    pcre2_match_data *match;
};

/* ---- keys ---- */

static void free_keys(struct keys *k)
{
    for (size_t i = 0; i < k->n; i++) {
        mem_free(k->all[i].text);
        pcre2_code_free(k->all[i].regex);
    }
    mem_free(k->all);
}

/* "/pattern/flags" → its parts. False: plain text. */
static bool split_regex(const char *text, size_t *from, size_t *len, uint32_t *flags)
{
    size_t n = strlen(text);
    const char *end = n > 2 && text[0] == '/' ? strrchr(text + 1, '/') : NULL;
    if (!end || end == text + 1)
        return false;
    *flags = 0;
    for (const char *p = end + 1; *p; p++) {
        switch (*p) {
        case 'i': *flags |= PCRE2_CASELESS; break;
        case 'm': *flags |= PCRE2_MULTILINE; break;
        case 's': *flags |= PCRE2_DOTALL; break;
        case 'u':
        case 'g':
        case 'y': break;
        default: return false;
        }
    }
    *from = 1;
    *len = (size_t)(end - text) - 1;
    return true;
}

static int compile(struct key *key, const char *pattern, size_t n, uint32_t flags, const char *name, anima_error *err)
{
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR why[120];
    if (n > LORE_MAX_PATTERN)
        return err_set(err, ANIMA_E_LIMIT, "lore entry \"%.40s\": an expression has at most %d bytes", name,
                       LORE_MAX_PATTERN);
    key->regex = pcre2_compile((PCRE2_SPTR)pattern, n, flags | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (key->regex)
        return ANIMA_OK;
    pcre2_get_error_message(code, why, sizeof(why));
    return err_set(err, ANIMA_E_INVALID, "lore entry \"%.40s\": the expression \"%.*s\" is wrong at byte %zu: %s", name,
                   (int)(n < 60 ? n : 60), pattern, (size_t)at, (const char *)why);
}

static int add_key(struct keys *keys, const char *text, size_t n, bool regex, bool case_sensitive, const char *name,
                   anima_error *err)
{
    if (keys->n >= LORE_MAX_KEYS)
        return err_set(err, ANIMA_E_LIMIT, "lore entry \"%.40s\" has more than %d keys", name, LORE_MAX_KEYS);
    struct key *all = mem_realloc(keys->all, (keys->n + 1) * sizeof(*all));
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    keys->all = all;
    all[keys->n] = (struct key){ .text = mem_strndup(text, n) };
    if (!all[keys->n].text)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    struct key *key = &all[keys->n++];
    size_t from = 0, len = n;
    uint32_t flags = case_sensitive ? 0 : PCRE2_CASELESS;
    bool slashes = split_regex(key->text, &from, &len, &flags);
    if (slashes || regex)
        return compile(key, key->text + (slashes ? from : 0), slashes ? len : n, flags, name, err);
    return ANIMA_OK;
}

static int add_keys(struct keys *keys, yyjson_val *list, bool regex, bool case_sensitive, const char *name,
                    anima_error *err)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, n, v) {
        const char *text = yyjson_get_str(v);
        int rc = text && *text ? add_key(keys, text, strlen(text), regex, case_sensitive, name, err) : ANIMA_OK;
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

/* ---- decorators (V3): lines "@@name value" at the head of the content; "@@@" is tried when the one above is unknown ---- */

static int number(const char *value, int otherwise)
{
    char *end;
    long x = strtol(value, &end, 10);
    return end == value || x < 0 || x > MAX_DEPTH ? otherwise : (int)x;
}

/* A list "a, b, c" as keys. */
static int add_listed(struct keys *keys, const char *value, bool case_sensitive, anima_error *err)
{
    while (*value) {
        value += strspn(value, " ,");
        size_t n = strcspn(value, ",");
        int rc = n ? add_key(keys, value, n, false, case_sensitive, "decorator", err) : ANIMA_OK;
        if (rc)
            return rc;
        value += n;
    }
    return ANIMA_OK;
}

/* 1: known; 0: unknown; negative: an error. */
static int decorate(struct entry *e, const char *name, const char *value, anima_error *err)
{
    if (strcmp(name, "depth") == 0) {
        e->place = LORE_AT_DEPTH;
        e->depth = number(value, e->depth);
    } else if (strcmp(name, "role") == 0) {
        static const char *const roles[] = { "system", "user", "assistant" };
        for (size_t i = 0; i < 3; i++)
            if (strcmp(value, roles[i]) == 0)
                e->role = roles[i];
    } else if (strcmp(name, "position") == 0) {
        e->place = strcmp(value, "after_desc") == 0 || strcmp(value, "personality") == 0 ? LORE_AFTER
                   : strcmp(value, "before_desc") == 0                                   ? LORE_BEFORE
                                                                                         : e->place;
    } else if (strcmp(name, "scan_depth") == 0) {
        e->scan_depth = number(value, e->scan_depth);
    } else if (strcmp(name, "activate_only_after") == 0) {
        e->after = number(value, e->after);
    } else if (strcmp(name, "activate_only_every") == 0) {
        e->every = number(value, e->every);
    } else if (strcmp(name, "is_greeting") == 0) {
        e->greeting = number(value, e->greeting);
    } else if (strcmp(name, "activate") == 0) {
        e->activate = true;
    } else if (strcmp(name, "dont_activate") == 0) {
        e->never = true;
    } else if (strcmp(name, "ignore_on_max_context") == 0) {
        e->ignore_on_max = true;
    } else if (strcmp(name, "additional_keys") == 0) {
        int rc = add_listed(&e->secondary, value, e->case_sensitive, err);
        e->selective = true;
        return rc ? rc : 1;
    } else if (strcmp(name, "exclude_keys") == 0) {
        int rc = add_listed(&e->excluded, value, e->case_sensitive, err);
        return rc ? rc : 1;
    } else {
        return 0;
    }
    return 1;
}

static int take_decorators(struct entry *e, const char *content, anima_error *err)
{
    bool known = true;
    const char *p = content;
    while (p[0] == '@' && p[1] == '@') {
        size_t n = strcspn(p, "\n");
        bool fallback = p[2] == '@';
        char line[400];
        snprintf(line, sizeof(line), "%.*s", (int)(n < 399 ? n : 399), p + (fallback ? 3 : 2));
        line[n >= (fallback ? 3u : 2u) && n - (fallback ? 3u : 2u) < 399 ? n - (fallback ? 3u : 2u) : 399] = '\0';
        char *value = line + strcspn(line, " ");
        if (*value)
            *value++ = '\0';
        if (!fallback || !known) {
            int rc = decorate(e, line, value, err);
            if (rc < 0)
                return rc;
            known = rc > 0;
        }
        p += n + (p[n] == '\n');
    }
    e->content = mem_strdup(p);
    return e->content ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
}

/* ---- reading ---- */

static int parse_entry(struct entry *e, yyjson_val *v, anima_error *err)
{
    const char *name = json_str(v, "name", json_str(v, "comment", ""));
    yyjson_val *extensions = yyjson_obj_get(v, "extensions");
    *e = (struct entry){ .enabled = json_bool(v, "enabled", true),
                         .constant = json_bool(v, "constant", false),
                         .selective = json_bool(v, "selective", false),
                         .case_sensitive = json_bool(v, "case_sensitive", false),
                         .priority = (int)json_int(v, "priority", 0),
                         .order = (int)json_int(v, "insertion_order", 100),
                         .place = strcmp(json_str(v, "position", ""), "after_char") == 0 ? LORE_AFTER : LORE_BEFORE,
                         .role = "system",
                         .depth = (int)json_int(extensions, "depth", 4),
                         .scan_depth = -1,
                         .after = -1,
                         .every = -1,
                         .greeting = -1 };
    if (json_int(extensions, "position", -1) == 4) /* SillyTavern's "at depth" */
        e->place = LORE_AT_DEPTH;
    bool regex = json_bool(v, "use_regex", false);
    int rc = add_keys(&e->keys, yyjson_obj_get(v, "keys"), regex, e->case_sensitive, name, err);
    if (!rc)
        rc = add_keys(&e->secondary, yyjson_obj_get(v, "secondary_keys"), regex, e->case_sensitive, name, err);
    return rc ? rc : take_decorators(e, json_str(v, "content", ""), err);
}

static void free_entry(struct entry *e)
{
    free_keys(&e->keys);
    free_keys(&e->secondary);
    free_keys(&e->excluded);
    mem_free(e->content);
}

void lore_free(struct lore *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        free_entry(&l->entries[i]);
    mem_free(l->entries);
    buf_finish(&l->complaints);
    pcre2_match_data_free(l->match);
    pcre2_match_context_free(l->limits);
    mem_free(l);
}

/* One mistake in a book of hundreds is no reason to leave the character without it. */
static int add_entry(struct lore *l, yyjson_val *v, size_t number, anima_error *err)
{
    struct entry *e = &l->entries[l->n];
    anima_error why = { 0 };
    int rc = yyjson_is_obj(v) ? parse_entry(e, v, &why)
                              : err_set(&why, ANIMA_E_INVALID, "lore entry %zu is no object", number);
    if (!rc) {
        l->n++;
        return ANIMA_OK;
    }
    free_entry(e);
    *e = (struct entry){ 0 };
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
    l->limits = pcre2_match_context_create(NULL);
    l->match = pcre2_match_data_create(1, NULL);
    if (!l->entries || !l->limits || !l->match)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    pcre2_set_match_limit(l->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(l->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(l->limits, HEAP_LIMIT_KB);
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

static bool key_in(struct lore *l, const struct key *key, const char *text, size_t n, bool case_sensitive)
{
    if (!key->regex)
        return (case_sensitive ? strstr(text, key->text) : strcasestr(text, key->text)) != NULL;
    int rc = pcre2_match(key->regex, (PCRE2_SPTR)text, n, 0, 0, l->match, l->limits);
    if (rc < PCRE2_ERROR_NOMATCH && !l->complained) {
        l->complained = true;
        log_warn("card", "the lore's expression %.80s takes too long or cannot be used; it does not match", key->text);
    }
    return rc >= 0;
}

static bool any_in(struct lore *l, const struct keys *keys, const char *text, size_t n, bool case_sensitive)
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

static bool allowed(const struct entry *e, const struct lore_scene *scene, int replies)
{
    if (!e->enabled || e->never || (e->after >= 0 && replies < e->after))
        return false;
    if (e->every > 0 && replies % e->every != 0)
        return false;
    return e->greeting < 0 || e->greeting == scene->greeting;
}

static bool applies(struct lore *l, const struct entry *e, const char *text, size_t n)
{
    if (any_in(l, &e->excluded, text, n, e->case_sensitive))
        return false;
    if (e->constant || e->activate)
        return true;
    if (!any_in(l, &e->keys, text, n, e->case_sensitive))
        return false;
    return !e->selective || !e->secondary.n || any_in(l, &e->secondary, text, n, e->case_sensitive);
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
            struct entry *e = &l->entries[i];
            size_t from = scan_from(starts, scene->n, e->scan_depth >= 0 ? e->scan_depth : l->scan_depth);
            from = from > said ? said : from;
            if (e->hit || !allowed(e, scene, replies) || !applies(l, e, buf_str(text) + from, end - from))
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
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
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
static size_t choose(struct lore *l, const struct lore_scene *scene, struct entry **found, size_t n,
                     struct lore_hit *hits, size_t max)
{
    size_t count = 0;
    int used = 0;
    qsort(found, n, sizeof(*found), by_worth);
    for (size_t i = 0; i < n && count < max; i++) {
        const struct entry *e = found[i];
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
    struct entry **found = mem_zero(l->n + 1, sizeof(struct entry *));
    *n = 0;
    buf_init(&text, 4 * MAX_SCANNED);
    int rc = starts && found ? gather(scene, &text, starts) : ANIMA_E_NOMEM;
    if (!rc) {
        search(l, scene, &text, starts);
        for (size_t i = 0; i < l->n; i++) {
            if (l->entries[i].hit)
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
