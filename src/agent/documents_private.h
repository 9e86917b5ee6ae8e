/* documents_private.h — what documents.c, documents_shelf.c and documents_find.c know of what was given to characters. */
#ifndef AGENT_DOCUMENTS_PRIVATE_H
#define AGENT_DOCUMENTS_PRIVATE_H
#include "agent/documents.h"

#include "base/arena.h"
#include "memory/visible.h"

#define SHELF_AT_ONCE 300 /* passages that are read on the loop's thread */
#define SHELF_PEOPLE 64
#define DOCUMENTS_EMBEDDED 8 /* passages: a sentence that somebody waits for comes between */

struct shelved {
    const char *id, *title;
    int64_t giver, passages;
    bool everyone;
    int64_t allowed[SHELF_PEOPLE + 1]; /* the giver among them */
    size_t n_allowed;
    struct document_section *sections;
    size_t n_sections, max_sections;
};

/* Of each place of the index. */
struct shelved_passage {
    uint32_t document; /* place of it */
    int section, page;
};

/* What one character was given; never changed once it is read, but for vectors. */
struct shelf {
    struct arena arena; /* texts */
    struct shelved *documents;
    size_t n_documents, max_documents;
    struct memory_index index; /* of passages that say something; each stands alone */
    struct shelved_passage *passages;
    size_t max_passages;
    bool failed;
};
/* documents_shelf.c. Any thread that has the store. Reads all of it. ANIMA_E_CANCELLED: *stop. */
int shelf_read(struct store *store, const char *character, struct words *words, const atomic_bool *stop,
               struct shelf **out, anima_error *err);
void shelf_free(struct shelf *shelf); /* NULL is legal */

struct reader {
    char *character;
    struct shelf *shelf; /* NULL: not read yet */
    int64_t seen;        /* the count of changes it was read at */
    int64_t failed;      /* the one at which another thread failed to, and why; -1: never */
    anima_error why;
    bool away; /* another thread reads it anew */
    struct reader *next;
};

struct adding;   /* documents_add.c */
struct shelving; /* documents.c: a shelf under way on another thread */

struct documents {
    anima_home *home;
    struct words *words;   /* those of memories */
    struct recall *recall; /* the same */
    struct reader *readers;
    struct shelving *away;
    struct documents_waiter *waiters;
    int64_t changes; /* how often something came or went */
    struct loop_timer *timer;
    struct engine_job *job;
    struct store_memory_vector waiting[DOCUMENTS_EMBEDDED];
    size_t n_waiting;
    bool writing, told;
    struct adding *apart; /* whose PDFs are being taken apart */
};

/* documents.c: as it is read, perhaps older than the last change; NULL: it was never read. */
const struct shelf *documents_shelf(struct documents *all, const char *character);
/* What is searched and embedded of a passage: the titles of the sections it is in, and its text without its heading. In the arena; "": nothing. */
const char *shelf_passage_text(struct arena *arena, const struct document_section *sections, size_t n_sections,
                               const struct store_passage *passage);
/* documents_add.c: whoever waits for a PDF hears that the home is being closed. */
void documents_add_close(struct documents *all);
#endif
