/* documents_shelf.c — a shelf, read from the store: outlines, who may be told, and the index of the passages. */
#include "agent/documents_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

#define ARENA ((size_t)64 << 20)
#define MAX_TEXT 2048 /* bytes of titles in front of a passage */

struct shelf_reading {
    struct store *store;
    struct words *words;
    const atomic_bool *stop;
    struct shelf *shelf;
    struct shelved *document; /* the one that is read */
    int after;                /* its last passage that came */
    int n;                    /* passages that came at once */
    anima_error err;
};

void shelf_free(struct shelf *shelf)
{
    if (!shelf)
        return;
    for (size_t i = 0; i < shelf->n_documents; i++)
        mem_free(shelf->documents[i].sections);
    mem_free(shelf->documents);
    mem_free(shelf->passages);
    index_finish(&shelf->index);
    arena_finish(&shelf->arena);
    mem_free(shelf);
}

static int take_document(void *ctx, const struct store_document *d)
{
    struct shelf *shelf = ctx;
    struct shelved *list = mem_grow(shelf->documents, shelf->n_documents, &shelf->max_documents, sizeof(*list));
    if (list)
        shelf->documents = list;
    struct shelved made = { .id = arena_strdup(&shelf->arena, d->id),
                            .title = arena_strdup(&shelf->arena, d->title),
                            .giver = d->giver,
                            .passages = d->passages,
                            .everyone = d->everyone };
    const char *at = d->allowed;
    made.allowed[made.n_allowed++] = d->giver;
    for (int64_t id; made.n_allowed <= SHELF_PEOPLE && (id = store_people_next(&at));)
        made.allowed[made.n_allowed++] = id;
    shelf->failed = !list || !made.id || !made.title;
    if (!shelf->failed)
        list[shelf->n_documents++] = made;
    return shelf->failed;
}

static int take_section(void *ctx, const struct document_section *s)
{
    struct shelf_reading *r = ctx;
    struct shelved *d = r->document;
    struct document_section *list = mem_grow(d->sections, d->n_sections, &d->max_sections, sizeof(*list));
    if (list)
        d->sections = list;
    struct document_section made = *s;
    made.number = arena_strdup(&r->shelf->arena, s->number);
    made.title = arena_strdup(&r->shelf->arena, s->title);
    r->shelf->failed = !list || !made.number || !made.title;
    if (!r->shelf->failed)
        list[d->n_sections++] = made;
    return r->shelf->failed;
}

static size_t begin_of(const char *s)
{
    size_t n = 0;
    while (s[n] && (unsigned char)s[n] <= ' ')
        n++;
    return n;
}

const char *shelf_passage_text(struct arena *arena, const struct document_section *sections, size_t n_sections,
                               const struct store_passage *p)
{
    const char *titles = "", *body = p->head < strlen(p->text) ? p->text + p->head : "";
    body += begin_of(body);
    if (!*body)
        return "";
    size_t n = strlen(body); /* blanks at its end may be a megabyte */
    while ((unsigned char)body[n - 1] <= ' ')
        n--;
    for (int i = p->section; titles && i >= 0 && (size_t)i < n_sections && strlen(titles) < MAX_TEXT;
         i = sections[i].parent)
        titles = arena_printf(arena, "%s%s%s. %s", sections[i].number, *sections[i].number ? " " : "",
                              sections[i].title, titles);
    return titles ? arena_printf(arena, "%s%s%.*s", titles, *titles ? "\n" : "", (int)n, body) : NULL;
}

static int take_passage(void *ctx, const struct store_passage *p)
{
    struct shelf_reading *r = ctx;
    struct shelf *shelf = r->shelf;
    struct arena arena;
    r->n++;
    r->after = p->place;
    if (atomic_load(r->stop))
        return err_set(&r->err, ANIMA_E_CANCELLED, "the home is being closed");
    arena_init(&arena, 1u << 20);
    const char *text = shelf_passage_text(&arena, r->document->sections, r->document->n_sections, p);
    struct shelved_passage *list = text && *text
                                       ? mem_grow(shelf->passages, shelf->index.n, &shelf->max_passages, sizeof(*list))
                                       : shelf->passages;
    const struct index_turn turn = { .id = p->id,
                                     .conversation = p->id, /* it stands alone */
                                     .speaker = -1,
                                     .audience = (uint32_t)shelf->index.n,
                                     .text = text,
                                     .n = text ? strlen(text) : 0 };
    bool says = text && *text;
    shelf->failed = !text || (says && !list);
    if (says && list) {
        shelf->passages = list;
        list[shelf->index.n] = (struct shelved_passage){ .document = (uint32_t)(r->document - shelf->documents),
                                                         .section = p->section,
                                                         .page = p->page };
        shelf->failed = index_add(&shelf->index, r->words, &turn, &r->err) != ANIMA_OK;
        if (!shelf->failed && p->row)
            index_vector(&shelf->index, p->id, p->row, p->factor);
    }
    arena_finish(&arena);
    return shelf->failed ? ANIMA_E_NOMEM : 0;
}

static int read_document(struct shelf_reading *r, anima_error *err)
{
    int rc = store_section_list(r->store, r->document->id, take_section, r, err);
    r->after = -1;
    do {
        r->n = 0;
        if (!rc && !r->shelf->failed)
            rc = store_passage_list(r->store, r->document->id, r->after, take_passage, r, err);
        if (rc == ANIMA_E_CANCELLED || rc == ANIMA_E_NOMEM)
            *err = r->err;
    } while (!rc && r->n == 500 && !r->shelf->failed);
    return rc;
}

int shelf_read(struct store *store, const char *character, struct words *words, const atomic_bool *stop,
               struct shelf **out, anima_error *err)
{
    struct shelf *shelf = *out = mem_zero(1, sizeof(*shelf));
    struct shelf_reading r = { .store = store, .words = words, .stop = stop, .shelf = shelf };
    if (!shelf)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for documents");
    arena_init(&shelf->arena, ARENA);
    index_init(&shelf->index, STORE_VECTOR);
    int rc = store_document_list(store, character, take_document, shelf, err);
    for (size_t i = 0; i < shelf->n_documents && !rc && !shelf->failed; i++) {
        r.document = &shelf->documents[i];
        rc = read_document(&r, err);
    }
    if (shelf->failed && rc != ANIMA_E_CANCELLED)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the documents of %s", character);
    if (rc) {
        shelf_free(shelf);
        *out = NULL;
    }
    return rc;
}
