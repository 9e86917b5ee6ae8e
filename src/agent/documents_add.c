/* documents_add.c — a file comes in: read on a thread of its own, stored as a whole, then found by its words at once. A PDF is taken apart by another
 * process first (engine/pdf.h). */
#include "agent/documents_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"
#include "document/document.h"
#include "engine/pdf.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ID 20

struct adding {
    struct adding *next; /* of those whose PDF is being taken apart */
    struct pdf_reading *apart;
    anima_home *home;
    anima_document_done *done;
    void *ctx;
    char *character, *name, *title, *data;
    size_t n;
    char *lines; /* of a PDF */
    size_t n_lines;
    int64_t giver;
    bool everyone;
    char allowed[STORE_PEOPLE], id[ID + 1], hash[65];
    struct document *read;
    int rc;
    anima_error err;
};

static void adding_free(struct adding *a)
{
    mem_free(a->character);
    mem_free(a->name);
    mem_free(a->title);
    mem_free(a->data);
    mem_free(a->lines);
    document_free(a->read);
    mem_free(a);
}

static void finish(struct adding *a, int rc, const anima_error *err, const anima_document *document)
{
    a->done(a->ctx, rc, err, document);
    adding_free(a);
}

/* ---- the other thread ---- */

static void read_file(void *ctx)
{
    struct adding *a = ctx;
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)a->data, a->n);
    sodium_bin2hex(a->hash, sizeof(a->hash), hash, sizeof(hash));
    a->rc = a->lines ? document_read_pdf(a->lines, a->n_lines, &a->read, &a->err)
                     : document_read(a->name, a->data, a->n, &a->read, &a->err);
    mem_free(a->data);
    mem_free(a->lines);
    a->data = a->lines = NULL;
}

/* ---- the loop's thread ---- */

struct telling {
    struct adding *a;
    bool told;
};

static int tell(void *ctx, const anima_document *d)
{
    struct telling *t = ctx;
    t->told = true;
    t->a->done(t->a->ctx, ANIMA_OK, &t->a->err, d);
    return 1;
}

static void on_stored(void *ctx, int rc, const anima_error *err)
{
    struct adding *a = ctx;
    struct telling t = { .a = a };
    anima_error why = *err;
    if (!rc)
        documents_notice(a->home->documents);
    if (!rc)
        rc = anima_document_get(a->home, a->id, tell, &t, &why);
    if (t.told)
        adding_free(a);
    else
        finish(a, rc ? rc : ANIMA_E_NOT_FOUND, &why, NULL);
}

/* "contracts/租房_合同.txt" is called 租房 合同. */
static void title_of_name(const char *name, char out[DOCUMENT_MAX_TITLE + 1])
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
    bool ending = dot && dot > base && isalpha((unsigned char)dot[1]) && strlen(dot) <= 9 && !strchr(dot, ' ');
    size_t n = ending ? (size_t)(dot - base) : strlen(base);
    n = utf8_cut(base, n, DOCUMENT_MAX_TITLE);
    for (size_t i = 0; i < n; i++)
        out[i] = base[i] == '_' ? ' ' : base[i];
    out[n] = '\0';
}

static int refuse_known(void *ctx, const struct store_document *d)
{
    struct adding *a = ctx;
    return err_set(&a->err, ANIMA_E_CONFLICT, "it is there already, as \"%.100s\"", d->title);
}

static int count_one(void *ctx, const struct store_document *d)
{
    (void)d;
    ++*(size_t *)ctx;
    return 0;
}

static int store_it(struct adding *a)
{
    char title[DOCUMENT_MAX_TITLE + 1];
    snprintf(title, sizeof(title), "%s", *a->title ? a->title : a->read->title);
    if (!*title)
        title_of_name(a->name, title);
    if (!*title)
        snprintf(title, sizeof(title), "%s", "text");
    const struct store_document d = { .id = a->id,
                                      .character = a->character,
                                      .title = title,
                                      .name = a->name,
                                      .form = document_form_names[a->read->form],
                                      .hash = a->hash,
                                      .giver = a->giver,
                                      .at_ms = clock_wall_ms(),
                                      .everyone = a->everyone,
                                      .allowed = a->allowed };
    size_t there = 0;
    int rc = store_document_known(a->home->store, a->character, a->giver, a->hash, refuse_known, a, &a->err);
    rc = rc ? rc : store_document_list(a->home->store, a->character, count_one, &there, &a->err);
    if (!rc && there >= STORE_DOCUMENTS)
        rc = err_set(&a->err, ANIMA_E_LIMIT, "a character has at most %d documents; remove one", STORE_DOCUMENTS);
    struct op *op;
    rc = rc ? rc : op_new(a->home, NULL, on_stored, a, &op, &a->err);
    if (rc)
        return rc;
    struct document *read = a->read;
    a->read = NULL; /* the store's, */
    rc = op_queued(op, store_document_add(a->home->store, &d, read, op_written, op, &a->err));
    if (rc)
        a->read = read; /* or not */
    return rc;
}

static void on_read(void *ctx)
{
    struct adding *a = ctx;
    a->home->works--;
    if (atomic_load(&a->home->stop))
        a->rc = err_set(&a->err, ANIMA_E_CANCELLED, "the home is being closed");
    a->rc = a->rc ? a->rc : store_it(a);
    if (a->rc)
        finish(a, a->rc, &a->err, NULL);
}

/* ---- a PDF ---- */

static void unlink_adding(struct adding *a)
{
    struct adding **at = &a->home->documents->apart;
    while (*at && *at != a)
        at = &(*at)->next;
    if (*at)
        *at = a->next;
}

static void on_apart(void *ctx, int rc, const anima_error *err, const char *lines, size_t n)
{
    struct adding *a = ctx;
    anima_error why = *err;
    unlink_adding(a);
    a->apart = NULL;
    a->lines = rc ? NULL : mem_strndup(lines, n);
    a->n_lines = n;
    if (!rc && !a->lines)
        rc = err_set(&why, ANIMA_E_NOMEM, "out of memory for the PDF");
    rc = rc ? rc : loop_work(a->home->loop, read_file, on_read, a, &why);
    if (!rc)
        return;
    a->home->works--;
    finish(a, rc, &why, NULL);
}

static int take_apart(struct adding *a, anima_error *err)
{
    anima_home *home = a->home;
    char *library = models_pdf_reader(home->models), *runtime = models_runtime_folder(home->models);
    const struct pdf_reader reader = { engine_set_program(home->engines), library, runtime,
                                       (int)settings_int(home->settings, "document.pdf_seconds") };
    int rc = pdf_read(home->loop, &reader, a->data, a->n, on_apart, a, &a->apart, err);
    mem_free(library);
    mem_free(runtime);
    if (rc)
        return rc;
    a->next = home->documents->apart;
    home->documents->apart = a;
    return ANIMA_OK;
}

void documents_add_close(struct documents *all)
{
    anima_error err;
    while (all->apart) {
        struct adding *a = all->apart;
        all->apart = a->next;
        pdf_abandon(a->apart);
        a->home->works--;
        err_set(&err, ANIMA_E_CANCELLED, "the home is being closed");
        finish(a, err.code, &err, NULL);
    }
}

/* ---- what is asked for ---- */

static int check_line(const char *s, size_t most, const char *what, anima_error *err)
{
    size_t n = strlen(s);
    if (n > most || !utf8_valid(s, n))
        return err_set(err, ANIMA_E_INVALID, "%s is UTF-8 text of at most %zu bytes", what, most);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
            return err_set(err, ANIMA_E_INVALID, "%s has no control characters", what);
    return ANIMA_OK;
}

static int take_people(struct adding *a, const anima_document_wish *wish, anima_error *err)
{
    const anima_person *giver, *other;
    int rc = anima_person_get(a->home, wish->giver, &giver, err);
    if (rc)
        return rc;
    a->giver = giver->id;
    a->everyone = strcmp(wish->for_whom, "everyone") == 0;
    if (!*wish->for_whom || a->everyone)
        return ANIMA_OK;
    rc = anima_person_get(a->home, wish->for_whom, &other, err);
    if (!rc && other->id != giver->id)
        store_people_add(a->allowed, other->id);
    return rc;
}

static int check_wish(anima_home *home, const anima_document_wish *wish, size_t n, anima_error *err)
{
    if (home->read_only)
        return home_looked_at_only(err);
    if (!anima_character_find(home, wish->character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", wish->character);
    if (n > DOCUMENT_MAX_FILE)
        return err_set(err, ANIMA_E_LIMIT, "a document has at most %zu MiB", DOCUMENT_MAX_FILE >> 20);
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d things are being read already; try again in a moment", MAX_WORKS);
    int rc = check_line(wish->name, 255, "the file's name", err);
    return rc ? rc : check_line(wish->title, DOCUMENT_MAX_TITLE, "a title", err);
}

int anima_document_add(anima_home *home, const anima_document_wish *wish, const char *data, size_t n,
                       anima_document_done *done, void *ctx, anima_error *err)
{
    int rc = check_wish(home, wish, n, err);
    struct adding *a = rc ? NULL : mem_zero(1, sizeof(*a));
    if (!a)
        return rc ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory for the document");
    *a = (struct adding){ .home = home,
                          .done = done,
                          .ctx = ctx,
                          .character = mem_strdup(wish->character),
                          .name = mem_strdup(wish->name),
                          .title = mem_strdup(wish->title),
                          .data = mem_alloc(n + 1),
                          .n = n };
    rnd_name(a->id, ID);
    if (!a->character || !a->name || !a->title || !a->data)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the document");
    rc = rc ? rc : take_people(a, wish, err);
    if (!rc) {
        memcpy(a->data, data, n);
        rc = document_is_pdf(data, n) ? take_apart(a, err) : loop_work(home->loop, read_file, on_read, a, err);
    }
    if (rc)
        adding_free(a);
    else
        home->works++;
    return rc;
}
