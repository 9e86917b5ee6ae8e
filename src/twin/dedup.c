/* dedup.c — exports of the same talk from different days overlap. */
#include "base/mem.h"
#include "twin/read_private.h"

#include <stdlib.h>
#include <string.h>

#define REPEATED (-1) /* for a line */

static int by_pointer(const void *a, const void *b)
{
    return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

/* Everything but the file; 0: the same message. */
static int compare(const struct twin_record *a, const struct twin_record *b)
{
    int by = by_pointer(a->talk, b->talk);
    if (!by)
        by = a->at_ms < b->at_ms ? -1 : a->at_ms > b->at_ms;
    if (!by)
        by = by_pointer(a->author, b->author);
    return by ? by : strcmp(a->text, b->text);
}

static int by_message(const void *pa, const void *pb)
{
    const struct twin_record *a = *(struct twin_record *const *)pa, *b = *(struct twin_record *const *)pb;
    int by = compare(a, b);
    return by ? by : by_pointer(a, b); /* in the order of files */
}

/* Records of talks that several files have. */
static size_t collect(struct twin_reading *r, struct twin_record **list)
{
    size_t n = 0;
    const char *talk = NULL;
    bool shared = false;
    for (size_t i = 0; i < r->book->n_records; i++) {
        struct twin_record *m = &r->book->records[i];
        if (m->talk != talk) {
            struct corpus_entry *entry = corpus_table_find(&r->talks, m->talk, strlen(m->talk));
            const struct twin_talk *t = entry ? entry->about : NULL;
            talk = m->talk;
            shared = t && t->shared;
        }
        if (shared && m->at_ms)
            list[n++] = m;
    }
    return n;
}

/* Of equal ones those of the first file stay, as often as they are there. */
static void mark(struct twin_record **list, size_t n)
{
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && compare(list[i], list[k]) == 0; k++)
            if (list[k]->file != list[i]->file)
                list[k]->line = REPEATED;
    }
}

void twin_drop_repeated(struct twin_reading *r)
{
    struct twin_book *b = r->book;
    struct twin_record **list = r->rc ? NULL : mem_alloc(b->n_records * sizeof(*list));
    size_t kept = 0;
    if (!list) {
        r->rc = ANIMA_E_NOMEM;
        return;
    }
    size_t n = collect(r, list);
    qsort(list, n, sizeof(*list), by_message);
    mark(list, n);
    mem_free(list);
    struct twin_file *file = b->files; /* records are in the order of files */
    for (size_t i = 0; i < b->n_records; i++) {
        while (b->records[i].file != file->name)
            file++;
        if (b->records[i].line != REPEATED)
            b->records[kept++] = b->records[i];
        else
            file->records--, file->notices++;
    }
    b->n_records = kept;
}
