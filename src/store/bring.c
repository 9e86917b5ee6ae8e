/* bring.c — chats of other programs: an import is a row of "import", what it brought stands in "imported", a conversation a row. A
 * conversation comes whole, in one transaction, under an id that follows from the import and its place in it: what was killed goes on
 * with those that are not there yet. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum what { BEGIN, PIECE, END, FORGET };

struct store_bring {
    enum what what;
    struct store_import import; /* its texts are owned */
    struct store_piece *piece;
};

void bring_free(struct store_bring *bring)
{
    if (!bring)
        return;
    if (bring->piece)
        bring->piece->log.release(bring->piece->log.owner);
    mem_free((char *)bring->import.id);
    mem_free((char *)bring->import.character);
    mem_free((char *)bring->import.name);
    mem_free(bring);
}

/* ---- making jobs ---- */

static struct job *new_job(struct store *s, enum what what, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = job_new(s, JOB_BRING, NULL, done, ctx, err);
    if (job && !(job->bring = mem_zero(1, sizeof(*job->bring)))) {
        job_not_made(job, err);
        return NULL;
    }
    if (job)
        job->bring->what = what;
    return job;
}

static int about(struct store *s, enum what what, const struct store_import *import, store_done *done, void *ctx,
                 anima_error *err)
{
    struct job *job = new_job(s, what, done, ctx, err);
    if (!job)
        return job_none(err, s);
    struct store_import *to = &job->bring->import;
    *to = *import;
    to->id = mem_strdup(import->id);
    to->character = mem_strdup(import->character ? import->character : "");
    to->name = mem_strdup(import->name ? import->name : "");
    return to->id && to->character && to->name ? job_queue(s, job) : job_not_made(job, err);
}

int store_import_begin(struct store *s, const struct store_import *import, store_done *done, void *ctx,
                       anima_error *err)
{
    return about(s, BEGIN, import, done, ctx, err);
}

int store_import_end(struct store *s, const char *import, int64_t now_ms, store_done *done, void *ctx, anima_error *err)
{
    return about(s, END, &(struct store_import){ .id = import, .done_ms = now_ms }, done, ctx, err);
}

int store_import_forget(struct store *s, const char *import, store_done *done, void *ctx, anima_error *err)
{
    return about(s, FORGET, &(struct store_import){ .id = import }, done, ctx, err);
}

int store_import_piece(struct store *s, struct store_piece *piece, store_done *done, void *ctx, anima_error *err)
{
    struct job *job = new_job(s, PIECE, done, ctx, err);
    if (!job)
        return job_none(err, s);
    job->bring->piece = piece;
    return job_queue(s, job);
}

/* ---- the writer thread ---- */

static sqlite3_stmt *about_two(struct store *s, struct job *job, enum store_sql which, const char *a, const char *b)
{
    sqlite3_stmt *q = store_prepare(&s->writer, which, s->path, &job->err);
    if (q)
        store_bind_text(q, 1, a);
    if (q && b)
        store_bind_text(q, 2, b);
    return q;
}

/* Whether a statement has a row. */
static int is_there(struct store *s, struct job *job, enum store_sql which, const char *a, const char *b, bool *there)
{
    sqlite3_stmt *q = about_two(s, job, which, a, b);
    if (!q)
        return job->err.code;
    int rc = sqlite3_step(q);
    *there = rc == SQLITE_ROW;
    int result = rc == SQLITE_ROW || rc == SQLITE_DONE ? ANIMA_OK : store_error(s->writer.db, rc, s->path, &job->err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return result;
}

/* The turn at that place is left out; *kept were before it. */
static void leave_out(struct store_piece *p, int64_t seq)
{
    p->known++;
    for (size_t i = 0; i < p->n_heard; i++)
        p->heard[i].since -= p->heard[i].since > seq;
}

/* What is there already goes, the rest moves together. */
static int leave_out_known(struct store *s, struct job *job, struct store_piece *p)
{
    size_t kept = 0;
    bool known = false;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < p->log.n_turns && !rc; i++) {
        rc = is_there(s, job, SQL_TURN_IS_THERE, p->part, p->log.turns[i].client_id, &known);
        if (known) {
            leave_out(p, (int64_t)kept + 1);
            continue;
        }
        if (p->marks)
            p->marks[kept] = p->marks[i];
        p->log.turns[kept] = p->log.turns[i];
        p->log.turns[kept].seq = (int64_t)kept + 1;
        kept++;
    }
    p->log.n_turns = kept;
    return rc;
}

static int add_pin(struct store *s, struct job *job, const struct store_piece *p, const anima_turn *turn)
{
    sqlite3_stmt *q = about_two(s, job, SQL_PIN, p->log.info.id, NULL);
    if (!q)
        return job->err.code;
    sqlite3_bind_int64(q, 2, turn->seq);
    sqlite3_bind_int64(q, 3, turn->created_ms);
    return writer_step(s, q, &job->err);
}

static int add_turns(struct store *s, struct job *job, const struct store_piece *p)
{
    sqlite3_stmt *q;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < p->log.n_turns && !rc; i++) {
        rc = writer_bind_turn(s, SQL_ADD_TURN, p->log.info.id, &p->log.turns[i], &q, &job->err);
        if (!rc)
            rc = writer_step(s, q, &job->err);
        if (!rc && p->marks && p->marks[i].pinned)
            rc = add_pin(s, job, p, &p->log.turns[i]);
        const struct store_memory_mark *m = p->marks && p->marks[i].class >= 0 ? &p->marks[i] : NULL;
        if (rc || !m)
            continue;
        q = about_two(s, job, SQL_ADD_CLASSED, p->log.info.id, NULL);
        if (!q)
            return job->err.code;
        sqlite3_bind_int64(q, 2, p->log.turns[i].seq);
        sqlite3_bind_int(q, 3, m->class);
        sqlite3_bind_int(q, 4, m->everyone);
        store_bind_text(q, 5, m->excluded);
        store_bind_text(q, 6, m->allowed);
        rc = writer_step(s, q, &job->err);
    }
    return rc;
}

static int add_witnesses(struct store *s, struct job *job, const struct store_piece *p)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < p->n_heard && !rc; i++) {
        sqlite3_stmt *q = about_two(s, job, SQL_ADD_HEARD, p->log.info.id, NULL);
        if (!q)
            return job->err.code;
        sqlite3_bind_int64(q, 2, p->heard[i].person);
        sqlite3_bind_int64(q, 3, p->heard[i].since);
        rc = writer_step(s, q, &job->err);
    }
    return rc;
}

static int add_piece(struct store *s, struct job *job, struct store_piece *p)
{
    anima_conversation_info *info = &p->log.info;
    const anima_turn *last = &p->log.turns[p->log.n_turns - 1];
    info->turns = (int64_t)p->log.n_turns;
    info->created_ms = p->log.turns[0].created_ms;
    info->updated_ms = last->created_ms;
    snprintf(info->last_text, sizeof(info->last_text), "%.*s", (int)writer_last_size(last->text), last->text);
    int rc = writer_add_conversation(s, job, info);
    if (!rc)
        rc = add_turns(s, job, p);
    if (!rc)
        rc = add_witnesses(s, job, p);
    sqlite3_stmt *q = rc ? NULL : about_two(s, job, SQL_ADD_IMPORTED, info->id, p->import);
    if (!q)
        return rc ? rc : job->err.code;
    store_bind_text(q, 3, p->part);
    sqlite3_bind_int64(q, 4, info->turns);
    return writer_step(s, q, &job->err);
}

static int run_piece(struct store *s, struct job *job, struct store_piece *p)
{
    bool there = false;
    int rc = is_there(s, job, SQL_CONVERSATION_IS_THERE, p->log.info.id, NULL, &there);
    if (there)
        p->known = p->log.n_turns;
    if (!rc && !there)
        rc = leave_out_known(s, job, p);
    return rc || there || !p->log.n_turns ? rc : add_piece(s, job, p);
}

int bring_run(struct store *s, struct job *job)
{
    static const enum store_sql which[] = {
        [BEGIN] = SQL_ADD_IMPORT, [END] = SQL_END_IMPORT, [FORGET] = SQL_REMOVE_IMPORT
    };
    const struct store_bring *b = job->bring;
    if (b->what == PIECE)
        return run_piece(s, job, b->piece);
    sqlite3_stmt *q = about_two(s, job, which[b->what], b->import.id, NULL);
    if (!q)
        return job->err.code;
    if (b->what == BEGIN) {
        store_bind_text(q, 2, b->import.character);
        store_bind_text(q, 3, b->import.name);
        sqlite3_bind_int64(q, 4, b->import.at_ms);
        sqlite3_bind_int64(q, 5, b->import.turns);
    } else if (b->what == END) {
        sqlite3_bind_int64(q, 2, b->import.done_ms);
    }
    return b->what == BEGIN ? writer_step(s, q, &job->err) : writer_run(s, q, "import", &job->err);
}

/* ---- reading ---- */

int store_import_list(struct store *s, store_import_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_IMPORTS, &rc, err);
    if (!q)
        return rc;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const struct store_import import = { .id = store_text_at(q, 0),
                                             .character = store_text_at(q, 1),
                                             .name = store_text_at(q, 2),
                                             .at_ms = sqlite3_column_int64(q, 3),
                                             .turns = sqlite3_column_int64(q, 4),
                                             .done_ms = sqlite3_column_int64(q, 5),
                                             .conversations = sqlite3_column_int64(q, 6),
                                             .brought = sqlite3_column_int64(q, 7) };
        stop = cb(ctx, &import);
    }
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_import_conversations(struct store *s, const char *import, store_id_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    sqlite3_stmt *q = store_prepare_read(s, SQL_IMPORTED, &rc, err);
    if (!q)
        return rc;
    store_bind_text(q, 1, import);
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, store_text_at(q, 0));
    return store_end_read(s, q, stop ? SQLITE_ROW : rc, err);
}
