/* conversation_find.c — searching everything that was said, on a thread of its own. */
#include "agent/state.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_QUERY 512
#define MAX_WORDS 16
#define MAX_HITS 200
#define AROUND 40 /* characters on either side of a match */

struct search {
    anima_home *home;
    anima_found *done;
    void *ctx;
    char *path;
    char query[MAX_QUERY + 1]; /* taken apart: words points into it */
    const char *words[MAX_WORDS];
    struct store_search what;
    int limit;
    /* the result */
    int rc;
    anima_error err;
    struct arena arena;
    anima_hit hits[MAX_HITS];
    size_t n_hits;
    bool more;
};

/* ---- the worker's side ---- */

static const char *back(const char *text, const char *at, int characters)
{
    while (at > text && characters > 0)
        if (((unsigned char)*--at & 0xC0) != 0x80)
            characters--;
    return at;
}

static const char *forth(const char *at, int characters)
{
    for (; *at; at++)
        if (((unsigned char)*at & 0xC0) != 0x80 && characters-- == 0)
            break;
    return at;
}

static int take_hit(void *ctx, const anima_hit *hit, const char *text)
{
    struct search *s = ctx;
    if (s->n_hits == (size_t)s->limit) {
        s->more = true;
        return 1;
    }
    const char *at = store_find(text, s->words[0]), *end = at ? at + strlen(s->words[0]) : text;
    at = at ? at : text;
    const char *from = back(text, at, AROUND);
    anima_hit *to = &s->hits[s->n_hits];
    *to = *hit;
    to->conversation = arena_strdup(&s->arena, hit->conversation);
    to->character = arena_strdup(&s->arena, hit->character);
    to->title = arena_strdup(&s->arena, hit->title);
    to->person = arena_strdup(&s->arena, hit->person);
    to->before = arena_strndup(&s->arena, from, (size_t)(at - from));
    to->match = arena_strndup(&s->arena, at, (size_t)(end - at));
    to->after = arena_strndup(&s->arena, end, (size_t)(forth(end, AROUND) - end));
    if (!to->conversation || !to->character || !to->title || !to->person || !to->before || !to->match || !to->after) {
        s->rc = err_set(&s->err, ANIMA_E_NOMEM, "out of memory for what was found");
        return 1;
    }
    s->n_hits++;
    return 0;
}

static void look(void *ctx)
{
    struct search *s = ctx;
    struct store *store;
    int rc = store_open(s->path, true, NULL, &store, &s->err);
    if (!rc)
        rc = store_search_run(store, &s->what, take_hit, s, &s->err);
    if (rc)
        s->rc = rc;
    store_close(store);
}

/* ---- the loop's side ---- */

static void search_free(struct search *s)
{
    arena_finish(&s->arena);
    mem_free(s->path);
    mem_free(s);
}

static void looked(void *ctx)
{
    struct search *s = ctx;
    s->home->works--;
    if (atomic_load(&s->home->stop))
        s->rc = err_set(&s->err, ANIMA_E_CANCELLED, "the home is being closed");
    s->done(s->ctx, s->rc, &s->err, s->hits, s->rc ? 0 : s->n_hits, s->more);
    search_free(s);
}

/* Words are what stands between blanks, Chinese ones, too; ASCII letters become small. */
static int take_words(struct search *s, const char *query, anima_error *err)
{
    size_t n = strlen(query);
    if (n > MAX_QUERY || !utf8_valid(query, n))
        return err_set(err, ANIMA_E_INVALID, "a search has at most %d bytes of UTF-8", MAX_QUERY);
    strcpy(s->query, query);
    for (char *p = s->query; *p;) {
        size_t blank = *p == ' ' || (*p >= '\t' && *p <= '\r') ? 1 : strncmp(p, "\u3000", 3) == 0 ? 3 : 0;
        bool begins = !blank && (p == s->query || !p[-1]);
        if (begins && s->what.n_words == MAX_WORDS)
            return err_set(err, ANIMA_E_LIMIT, "a search has at most %d words", MAX_WORDS);
        if (begins)
            s->words[s->what.n_words++] = p;
        if (*p >= 'A' && *p <= 'Z')
            *p += 32;
        memset(p, blank ? 0 : *p, blank ? blank : 1);
        p += blank ? blank : 1;
    }
    return s->what.n_words ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "what shall be looked for?");
}

int anima_search(anima_home *home, const char *query, int limit, anima_found *done, void *ctx, anima_error *err)
{
    if (limit < 1 || limit > MAX_HITS)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to %d, not %d", MAX_HITS, limit);
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d searches and exports are running already", MAX_WORKS);
    struct search *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the search");
    s->home = home;
    s->done = done;
    s->ctx = ctx;
    s->limit = limit;
    s->what = (struct store_search){ .words = s->words, .limit = limit + 1, .stop = &home->stop };
    arena_init(&s->arena, 4u << 20);
    int rc = take_words(s, query, err);
    s->path = fs_join(home->path, "anima.db", (char *)NULL);
    if (!rc && !s->path)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the search");
    if (!rc)
        rc = loop_work(home->loop, look, looked, s, err);
    if (rc)
        search_free(s);
    else
        home->works++;
    return rc;
}
