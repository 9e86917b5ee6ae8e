#include "agent/documents_private.h"
#include "agent/memories.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define SOON_MS 200
#define AGAIN_MS 30000 /* after the model failed */

/* ---- shelves ---- */

struct shelving {
    struct documents *all; /* NULL: the home is being closed */
    struct reader *reader;
    char *path, *character;
    const atomic_bool *stop;
    int64_t changes;
    struct shelf *shelf;
    int rc;
    anima_error err;
};

static struct reader *find_reader(struct documents *all, const char *character)
{
    struct reader *r = all->readers;
    while (r && strcmp(r->character, character) != 0)
        r = r->next;
    return r;
}

static struct reader *reader_of(struct documents *all, const char *character)
{
    struct reader *r = find_reader(all, character);
    if (r)
        return r;
    r = mem_zero(1, sizeof(*r));
    if (!r || !(r->character = mem_strdup(character))) {
        mem_free(r);
        return NULL;
    }
    r->seen = r->failed = -1;
    r->next = all->readers;
    return all->readers = r;
}

const struct shelf *documents_shelf(struct documents *all, const char *character)
{
    struct reader *r = find_reader(all, character);
    return r ? r->shelf : NULL;
}

static void shelving_free(struct shelving *s)
{
    shelf_free(s->shelf);
    mem_free(s->path);
    mem_free(s->character);
    mem_free(s);
}

static void read_away(void *ctx)
{
    struct shelving *s = ctx;
    struct store *store = NULL;
    struct words *words = NULL;
    s->rc = store_open(s->path, true, NULL, &store, &s->err);
    if (!s->rc)
        s->rc = words_create(&words, &s->err);
    if (!s->rc)
        s->rc = shelf_read(store, s->character, words, s->stop, &s->shelf, &s->err);
    words_free(words);
    store_close(store);
}

static void put_up(struct reader *r, struct shelf *shelf, int64_t changes)
{
    shelf_free(r->shelf);
    r->shelf = shelf;
    r->seen = changes;
}

static void come_back(void *ctx)
{
    struct shelving *s = ctx;
    struct documents *all = s->all;
    if (all) {
        all->away = NULL;
        s->reader->away = false;
        if (s->rc) {
            log_warn("agent", "the documents of %s are not read: %s", s->character, s->err.message);
            s->reader->failed = s->changes;
            s->reader->why = s->err;
        } else {
            put_up(s->reader, s->shelf, s->changes);
            s->shelf = NULL;
        }
        for (struct documents_waiter *w = all->waiters; w; w = w->next)
            w->there(w->ctx);
        loop_timer_start(all->timer, SOON_MS);
    }
    shelving_free(s);
}

/* Nothing is written of vectors while another thread reads, so that what it brings is still true. */
static int send_away(struct documents *all, struct reader *r, anima_error *err)
{
    if (all->away || all->job || all->writing)
        return ANIMA_OK; /* when that is over */
    struct shelving *s = mem_zero(1, sizeof(*s));
    if (s)
        *s = (struct shelving){ .all = all,
                                .reader = r,
                                .path = fs_join(all->home->path, "anima.db", (char *)NULL),
                                .character = mem_strdup(r->character),
                                .stop = &all->home->stop,
                                .changes = all->changes };
    int rc = s && s->path && s->character ? loop_work(all->home->loop, read_away, come_back, s, err)
                                          : err_set(err, ANIMA_E_NOMEM, "out of memory for documents");
    if (rc) {
        if (s)
            shelving_free(s);
        return rc;
    }
    all->away = s;
    r->away = true;
    return ANIMA_OK;
}

static int count(void *ctx, const struct store_document *d)
{
    *(int64_t *)ctx += d->passages;
    return 0;
}

int documents_ready(struct documents *all, const char *character, anima_error *err)
{
    struct reader *r = reader_of(all, character);
    int64_t n = 0;
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for documents");
    if (r->shelf && r->seen == all->changes)
        return ANIMA_OK;
    if (r->failed == all->changes) { /* it is not tried again before something comes or goes */
        *err = r->why;
        return err->code;
    }
    int rc = r->away ? ANIMA_OK : store_document_list(all->home->store, character, count, &n, err);
    if (rc)
        return rc;
    if (!r->away && n <= SHELF_AT_ONCE) {
        struct shelf *shelf;
        rc = shelf_read(all->home->store, character, all->words, &all->home->stop, &shelf, err);
        if (!rc)
            put_up(r, shelf, all->changes);
        return rc;
    }
    rc = r->away ? ANIMA_OK : send_away(all, r, err);
    return rc ? rc : err_set(err, ANIMA_E_BUSY, "the documents of %s are being read", character);
}

void documents_visit(struct documents *all, const char *character)
{
    anima_error err;
    if (all && strcmp(settings_get(all->home->settings, "memory.recall"), "off") != 0)
        documents_ready(all, character, &err);
}

bool documents_any(struct documents *all, const char *character)
{
    anima_error err;
    if (!all)
        return false;
    int rc = documents_ready(all, character, &err);
    const struct shelf *shelf = documents_shelf(all, character);
    return rc == ANIMA_E_BUSY || (!rc && shelf && shelf->n_documents);
}

void documents_await(struct documents *all, struct documents_waiter *waiter)
{
    waiter->next = all->waiters;
    all->waiters = waiter;
}

void documents_unawait(struct documents *all, struct documents_waiter *waiter)
{
    struct documents_waiter **p = &all->waiters;
    while (*p && *p != waiter)
        p = &(*p)->next;
    if (*p)
        *p = waiter->next;
}

/* ---- meanings ---- */

static void take_vectors(struct documents *all)
{
    for (size_t i = 0; i < all->n_waiting; i++)
        for (struct reader *r = all->readers; r; r = r->next)
            if (r->shelf)
                index_vector(&r->shelf->index, all->waiting[i].id, all->waiting[i].row, all->waiting[i].factor);
}

/* A shelf that is to be read anew goes first. */
static bool send_next(struct documents *all)
{
    anima_error err;
    for (struct reader *r = all->readers; r; r = r->next)
        if (r->seen != all->changes && documents_ready(all, r->character, &err) == ANIMA_E_BUSY)
            return all->away != NULL;
    return false;
}

static void on_kept(void *ctx, int rc, const anima_error *err)
{
    struct documents *all = ctx;
    all->writing = false;
    if (rc)
        log_warn("agent", "vectors of passages are not kept: %s", err->message);
    take_vectors(all); /* also to a shelf that was read meanwhile */
    loop_timer_start(all->timer, rc ? AGAIN_MS : 1);
}

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct documents *all = ctx;
    anima_error err;
    all->job = NULL;
    if (code || dim != STORE_VECTOR || n != all->n_waiting) {
        if (!all->told)
            log_info("agent", "documents are found by their words only: %s",
                     message && *message ? message : "no vectors");
        all->told = true;
        loop_timer_start(all->timer, AGAIN_MS);
        return;
    }
    all->told = false;
    for (size_t i = 0; i < n; i++)
        all->waiting[i].factor = vectors_quantise(vectors + i * dim, dim, all->waiting[i].row);
    take_vectors(all);
    all->writing = true;
    if (store_passage_vectors(all->home->store, all->waiting, all->n_waiting, on_kept, all, &err))
        on_kept(all, err.code, &err);
}

struct collecting {
    struct documents *all;
    struct arena arena;
    char document[24];
    struct document_section *sections;
    size_t n_sections, max_sections;
    int64_t ids[DOCUMENTS_EMBEDDED];
    const char *texts[DOCUMENTS_EMBEDDED];
    struct store_passage passages[DOCUMENTS_EMBEDDED]; /* texts in the arena */
    size_t n;
};

static int collect(void *ctx, const struct store_passage *p)
{
    struct collecting *c = ctx;
    struct store_passage *copy = &c->passages[c->n];
    *copy = *p;
    copy->text = arena_strdup(&c->arena, p->text);
    copy->document = arena_strdup(&c->arena, p->document);
    if (!copy->text || !copy->document)
        return 1;
    c->n++;
    return 0;
}

static int collect_section(void *ctx, const struct document_section *s)
{
    struct collecting *c = ctx;
    struct document_section *list = mem_grow(c->sections, c->n_sections, &c->max_sections, sizeof(*list));
    if (!list)
        return 1;
    c->sections = list;
    list[c->n_sections] = *s;
    list[c->n_sections].number = arena_strdup(&c->arena, s->number);
    list[c->n_sections].title = arena_strdup(&c->arena, s->title);
    return !list[c->n_sections].number || !list[c->n_sections++].title;
}

/* The texts of those that came; of a heading by itself its own words. */
static bool texts_of(struct collecting *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->document, c->passages[i].document) != 0) {
            c->n_sections = 0;
            snprintf(c->document, sizeof(c->document), "%s", c->passages[i].document);
            store_section_list(c->all->home->store, c->document, collect_section, c, NULL);
        }
        c->ids[i] = c->passages[i].id;
        c->texts[i] = shelf_passage_text(&c->arena, c->sections, c->n_sections, &c->passages[i]);
        if (c->texts[i] && !*c->texts[i])
            c->texts[i] = c->passages[i].text;
        if (!c->texts[i])
            return false;
    }
    return true;
}

static void embed_some(void *ctx)
{
    struct documents *all = ctx;
    anima_error err;
    const char *model = settings_get(all->home->settings, "embed.model");
    if (all->job || all->writing || all->away || send_next(all))
        return; /* each comes back here */
    struct collecting *c = *model ? mem_zero(1, sizeof(*c)) : NULL;
    if (!c)
        return;
    c->all = all;
    arena_init(&c->arena, 8u << 20);
    int rc = store_passage_bare(all->home->store, DOCUMENTS_EMBEDDED, collect, c, &err);
    if (!rc && c->n && !texts_of(c))
        rc = ANIMA_E_NOMEM;
    else if (!rc && c->n) {
        all->n_waiting = c->n;
        for (size_t i = 0; i < c->n; i++)
            all->waiting[i].id = c->ids[i];
        rc = engine_embed(all->home->engines, model, false, c->texts, c->n, on_vectors, all, &all->job, &err);
    }
    if (rc)
        loop_timer_start(all->timer, AGAIN_MS);
    arena_finish(&c->arena);
    mem_free(c->sections);
    mem_free(c);
}

void documents_notice(struct documents *all)
{
    if (!all)
        return;
    all->changes++;
    if (!all->job)
        loop_timer_start(all->timer, SOON_MS);
}

/* ---- all of them ---- */

int documents_create(anima_home *home, struct documents **out, anima_error *err)
{
    struct documents *all = *out = mem_zero(1, sizeof(*all));
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for documents");
    all->home = home;
    all->words = memories_words(home->memories);
    all->recall = memories_recall(home->memories);
    return loop_timer_create(home->loop, embed_some, all, &all->timer, err);
}

void documents_destroy(struct documents *all)
{
    if (!all)
        return;
    documents_add_close(all);
    if (all->job)
        engine_abandon(all->job);
    if (all->away)
        all->away->all = NULL;
    loop_timer_destroy(all->timer);
    while (all->readers) {
        struct reader *r = all->readers;
        all->readers = r->next;
        shelf_free(r->shelf);
        mem_free(r->character);
        mem_free(r);
    }
    mem_free(all);
}
