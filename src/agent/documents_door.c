/* documents_door.c — what characters were given to read, shown to people: lists, outlines, searches, what a reply was told; and taken away. Loop
 * thread. */
#include "agent/documents.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mind/quoted.h"

#include <string.h>

#define MAX_ASKED_TEXT 4096
#define PATIENCE_MS 400 /* for the question's meaning */
#define MOST_OTHERS 64

/* ---- lists ---- */

struct showing {
    const anima_home *home;
    anima_document_cb *cb;
    void *ctx;
    bool found;
};

static int show(void *ctx, const struct store_document *d)
{
    struct showing *s = ctx;
    const char *others[MOST_OTHERS], *at = d->allowed;
    size_t n = 0;
    for (int64_t id; n < MOST_OTHERS && (id = store_people_next(&at));)
        others[n++] = home_person_name(s->home, id);
    const anima_document document = { .id = d->id,
                                      .character = d->character,
                                      .title = d->title,
                                      .name = d->name,
                                      .form = d->form,
                                      .giver = home_person_name(s->home, d->giver),
                                      .at_ms = d->at_ms,
                                      .everyone = d->everyone,
                                      .others = others,
                                      .n_others = n,
                                      .pages = d->pages,
                                      .bytes = d->bytes,
                                      .passages = d->passages,
                                      .without_vector = d->without_vector };
    s->found = true;
    return s->cb(s->ctx, &document);
}

static int check_character(anima_home *home, const char *character, anima_error *err)
{
    return anima_character_find(home, character)
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
}

int anima_document_list(anima_home *home, const char *character, anima_document_cb *cb, void *ctx, anima_error *err)
{
    struct showing s = { .home = home, .cb = cb, .ctx = ctx };
    int rc = check_character(home, character, err);
    return rc ? rc : store_document_list(home->store, character, show, &s, err);
}

int anima_document_get(anima_home *home, const char *id, anima_document_cb *cb, void *ctx, anima_error *err)
{
    struct showing s = { .home = home, .cb = cb, .ctx = ctx };
    int rc = store_document_get(home->store, id, show, &s, err);
    return rc || s.found ? rc : err_set(err, ANIMA_E_NOT_FOUND, "there is no document \"%.40s\"", id);
}

/* ---- the outline ---- */

struct outlining {
    anima_section_cb *cb;
    void *ctx;
    int *depths; /* of the sections that came */
    size_t n, max;
    bool failed;
};

static int show_section(void *ctx, const struct document_section *s)
{
    struct outlining *o = ctx;
    int *list = mem_grow(o->depths, o->n, &o->max, sizeof(*list));
    o->failed = !list;
    if (!list)
        return 1;
    o->depths = list;
    int depth = s->parent >= 0 && (size_t)s->parent < o->n ? list[s->parent] + 1 : 0;
    list[o->n++] = depth;
    const anima_section section = { .depth = depth,
                                    .page = s->page,
                                    .number = s->number,
                                    .title = s->title,
                                    .start = (int64_t)s->start,
                                    .end = (int64_t)s->end };
    return o->cb(o->ctx, &section);
}

int anima_document_outline(anima_home *home, const char *id, anima_section_cb *cb, void *ctx, anima_error *err)
{
    struct outlining o = { .cb = cb, .ctx = ctx };
    int rc = store_section_list(home->store, id, show_section, &o, err);
    mem_free(o.depths);
    return o.failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for an outline") : rc;
}

/* ---- passages ---- */

static bool passage_of(struct arena *arena, const struct documents_hit *hit, anima_passage *out)
{
    const struct quoted_item item = { .title = hit->title,
                                      .within_number = hit->within_number,
                                      .within_title = hit->within_title,
                                      .number = hit->number,
                                      .section = hit->section,
                                      .page = hit->page };
    *out = (anima_passage){ .document = hit->document,
                            .title = hit->title,
                            .within = hit->within_number,
                            .within_title = hit->within_title,
                            .number = hit->number,
                            .section = hit->section,
                            .page = hit->page,
                            .first = hit->first,
                            .last = hit->last,
                            .start = hit->start,
                            .end = hit->end,
                            .text = hit->text,
                            .place = quoted_place(arena, &item, "en"),
                            .score = (double)hit->score,
                            .told = hit->told };
    return out->place != NULL;
}

struct telling {
    double scores[STORE_TOLD_PASSAGES];
    struct store_passage rows[STORE_TOLD_PASSAGES];
    struct arena arena;
    size_t n;
};

/* Copies come first: another look at the store during a listing would need its statement twice. */
static int keep_told(void *ctx, const struct store_passage *p, double score)
{
    struct telling *t = ctx;
    struct store_passage *copy = &t->rows[t->n];
    *copy = *p;
    copy->text = arena_strdup(&t->arena, p->text);
    copy->document = arena_strdup(&t->arena, p->document);
    t->scores[t->n] = score;
    t->n += copy->text && copy->document;
    return t->n == STORE_TOLD_PASSAGES;
}

int anima_document_told(anima_home *home, const char *conversation, int64_t seq, anima_passage_cb *cb, void *ctx,
                        anima_error *err)
{
    struct telling *t = mem_zero(1, sizeof(*t));
    if (!t)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for passages");
    arena_init(&t->arena, 4u << 20);
    int rc = store_told_passages_list(home->store, conversation, seq, keep_told, t, err), stop = 0;
    for (size_t i = 0; i < t->n && !rc && !stop; i++) {
        struct documents_hit hit;
        anima_passage passage;
        if (!documents_describe(home->store, &t->rows[i], &hit))
            continue;
        hit.score = (float)t->scores[i];
        hit.told = true;
        if (passage_of(&t->arena, &hit, &passage))
            stop = cb(ctx, &passage);
        documents_hit_finish(&hit);
    }
    arena_finish(&t->arena);
    mem_free(t);
    return rc ? rc : stop < 0 ? stop : ANIMA_OK;
}

/* ---- searching ---- */

struct asking {
    struct documents *all;
    anima_home *home;
    struct op *op; /* tells that the home is being closed */
    anima_passages_done *done;
    void *ctx;
    char *character, *text;
    int64_t person; /* 0: in everything */
    struct engine_job *job;
    struct loop_timer *patience;
    struct documents_waiter waiter;
    bool meant; /* its meaning has come, or is not waited for any more */
    int8_t row[STORE_VECTOR];
    float factor;
};

static void asking_free(struct asking *a)
{
    documents_unawait(a->all, &a->waiter);
    if (a->job)
        engine_abandon(a->job);
    loop_timer_destroy(a->patience);
    if (a->op)
        op_free(a->op);
    mem_free(a->character);
    mem_free(a->text);
    mem_free(a);
}

static void answer(struct asking *a)
{
    anima_error err = { 0 };
    struct documents_found found = { 0 };
    anima_passage passages[DOCUMENTS_MOST];
    struct arena arena;
    size_t n = 0;
    const struct documents_question q = { .character = a->character,
                                          .message = a->text,
                                          .row = a->factor != 0 ? a->row : NULL,
                                          .factor = a->factor,
                                          .people = &a->person,
                                          .n_people = a->person != 0 };
    arena_init(&arena, 1u << 20);
    int rc = documents_find(a->all, &q, &found, &err);
    for (; n < found.n && !rc; n++)
        if (!passage_of(&arena, &found.hits[n], &passages[n]))
            rc = err_set(&err, ANIMA_E_NOMEM, "out of memory for passages");
    a->done(a->ctx, rc, &err, rc ? NULL : passages, rc ? 0 : n);
    documents_found_finish(&found);
    arena_finish(&arena);
    asking_free(a);
}

/* Once its meaning and the shelf are there. Never from a waiter's call. */
static void go_on(void *ctx)
{
    struct asking *a = ctx;
    anima_error err;
    if (a->job)
        engine_abandon(a->job);
    a->job = NULL;
    a->meant = true;
    int rc = documents_ready(a->all, a->character, &err);
    if (rc && rc != ANIMA_E_BUSY) {
        a->done(a->ctx, rc, &err, NULL, 0);
        asking_free(a);
    } else if (!rc)
        answer(a);
}

static void on_there(void *ctx)
{
    struct asking *a = ctx;
    if (a->meant)
        loop_timer_start(a->patience, 0);
}

static void on_vectors(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message)
{
    struct asking *a = ctx;
    (void)message;
    a->job = NULL;
    if (!code && n == 1 && dim == STORE_VECTOR)
        a->factor = vectors_quantise(vectors, dim, a->row);
    loop_timer_start(a->patience, 0);
}

/* The home is being closed: op_end_all frees the op. */
static void on_end(void *ctx, int code, const anima_error *err)
{
    struct asking *a = ctx;
    a->op = NULL;
    a->done(a->ctx, code, err, NULL, 0);
    asking_free(a);
}

static int find_person(anima_home *home, const char *name, int64_t *id, anima_error *err)
{
    const anima_person *who = name && *name ? home_person_find(home, name) : NULL;
    *id = who ? who->id : 0;
    return who || !name || !*name ? ANIMA_OK
                                  : err_set(err, ANIMA_E_NOT_FOUND, "nobody called \"%.64s\" has talked here", name);
}

int anima_document_search(anima_home *home, const char *character, const char *person, const char *text,
                          anima_passages_done *done, void *ctx, anima_error *err)
{
    size_t n = strlen(text);
    int64_t who = 0;
    if (!home->documents)
        return home_looked_at_only(err);
    if (!n || n > MAX_ASKED_TEXT || !utf8_valid(text, n))
        return err_set(err, ANIMA_E_INVALID, "a question is UTF-8 text of 1 to %d bytes", MAX_ASKED_TEXT);
    int rc = check_character(home, character, err);
    rc = rc ? rc : find_person(home, person, &who, err);
    if (rc)
        return rc;
    struct asking *a = mem_zero(1, sizeof(*a));
    if (!a)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the question");
    *a = (struct asking){ .all = home->documents,
                          .home = home,
                          .done = done,
                          .ctx = ctx,
                          .character = mem_strdup(character),
                          .text = mem_strdup(text),
                          .person = who,
                          .waiter = { .there = on_there, .ctx = a } };
    rc = a->character && a->text ? loop_timer_create(home->loop, go_on, a, &a->patience, err)
                                 : err_set(err, ANIMA_E_NOMEM, "out of memory for the question");
    rc = rc ? rc : op_new(home, NULL, on_end, a, &a->op, err);
    if (rc) {
        asking_free(a);
        return rc;
    }
    documents_await(a->all, &a->waiter);
    anima_error why;
    const char *model = settings_get(home->settings, "embed.model"), *asked = a->text;
    int meant = *model ? engine_embed(home->engines, model, true, &asked, 1, on_vectors, a, &a->job, &why) : 1;
    documents_ready(a->all, character, &why); /* it begins to be read */
    loop_timer_start(a->patience, meant ? 0 : PATIENCE_MS);
    return ANIMA_OK;
}

/* ---- taken away ---- */

static int removed(struct op *op, anima_error *err)
{
    (void)err;
    documents_notice(op->home->documents);
    return ANIMA_OK;
}

static int nothing(void *ctx, const anima_document *document)
{
    (void)ctx;
    (void)document;
    return 0;
}

int anima_document_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = anima_document_get(home, id, nothing, NULL, err);
    rc = rc ? rc : op_new(home, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = removed;
    return op_queued(op, store_document_remove(home->store, id, op_written, op, err));
}
