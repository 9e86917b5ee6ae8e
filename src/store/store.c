/* store.c — opening, closing, and reading. Writing is write.c, the tables are schema.c. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TURN_COLUMNS                                                                                                   \
    "seq, role, person, state, text, client_id, model, finish, error_code, error, prompt_tokens, completion_tokens,"   \
    " ttft_ms, tokens_per_s, created_ms"
#define CONVERSATION_COLUMNS "id, character, title, created_ms, updated_ms, turns, last_text"

static const char *const sql[SQL_STATEMENTS] = {
    [SQL_PEOPLE] = "SELECT id, name FROM person ORDER BY id",
    [SQL_CONVERSATION] = "SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE id = ?1",
    [SQL_CONVERSATIONS] = "SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE updated_ms < ?1"
                          " ORDER BY updated_ms DESC, id LIMIT ?2",
    [SQL_TURNS] = "SELECT " TURN_COLUMNS " FROM turn WHERE conversation = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    [SQL_LAST_TURNS] = "SELECT * FROM (SELECT " TURN_COLUMNS " FROM turn WHERE conversation = ?1"
                       " ORDER BY seq DESC LIMIT ?2) ORDER BY seq",
    [SQL_BY_CLIENT] = "SELECT seq FROM turn WHERE conversation = ?1 AND client_id = ?2 AND client_id <> ''",
    [SQL_UNFINISHED] = "SELECT conversation, seq FROM turn WHERE state < 2 ORDER BY conversation, seq",
    [SQL_ADD_PERSON] = "INSERT INTO person(id, name) VALUES(?1, ?2)",
    [SQL_ADD_CONVERSATION] = "INSERT INTO conversation(" CONVERSATION_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_TITLE] = "UPDATE conversation SET title = ?2 WHERE id = ?1",
    [SQL_ADD_TURN] = "INSERT INTO turn(conversation, " TURN_COLUMNS ")"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [SQL_COUNT_TURN] = "UPDATE conversation SET turns = turns + ?2, updated_ms = max(updated_ms, ?3), last_text = ?4"
                       " WHERE id = ?1",
    [SQL_UPDATE_TURN] = "UPDATE turn SET state = ?5, text = ?6, model = ?8, finish = ?9, error_code = ?10, error = ?11,"
                        " prompt_tokens = ?12, completion_tokens = ?13, ttft_ms = ?14, tokens_per_s = ?15"
                        " WHERE conversation = ?1 AND seq = ?2",
    [SQL_LAST_TEXT] = "UPDATE conversation SET last_text = ?2, updated_ms = max(updated_ms, ?3) WHERE id = ?1",
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_SAVEPOINT] = "SAVEPOINT job",
    [SQL_RELEASE] = "RELEASE job",
};

int store_error(sqlite3 *db, int rc, const char *path, anima_error *err)
{
    const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    switch (rc & 0xFF) {
    case SQLITE_FULL:
        return err_set(err, ANIMA_E_FULL, "the disk is full: %s could not be written; free some space, then ask again",
                       path);
    case SQLITE_NOMEM: return err_set(err, ANIMA_E_NOMEM, "out of memory in %s", path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(err, ANIMA_E_IO, "%s is damaged (%s): put a backup in its place, or move it away to begin anew",
                       path, why);
    case SQLITE_READONLY:
        return err_set(err, ANIMA_E_FORBIDDEN, "%s cannot be written: it, or its folder, is read-only", path);
    case SQLITE_CANTOPEN:
        return err_set(err, ANIMA_E_IO, "%s cannot be opened (%s): does its folder exist, and may you write there?",
                       path, why);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return err_set(err, ANIMA_E_BUSY, "%s is locked by another program (%s)", path, why);
    case SQLITE_CONSTRAINT: return err_set(err, ANIMA_E_INVALID, "%s refuses this: %s", path, why);
    default: return err_set(err, ANIMA_E_IO, "%s: %s", path, why);
    }
}

sqlite3_stmt *store_prepare(struct connection *c, enum store_sql which, const char *path, anima_error *err)
{
    sqlite3_stmt **s = &c->statements[which];
    if (!*s) {
        int rc = sqlite3_prepare_v3(c->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
        if (rc != SQLITE_OK) {
            store_error(c->db, rc, path, err);
            return NULL;
        }
    }
    return *s;
}

/* ---- opening ---- */

static int open_connection(struct connection *c, const char *path, int flags, anima_error *err)
{
    int rc = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(c->db, 5000);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db,
                          "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
                          "PRAGMA cache_size=-512; PRAGMA journal_size_limit=4194304",
                          NULL, NULL, NULL);
    return rc == SQLITE_OK ? ANIMA_OK : store_error(c->db, rc, path, err);
}

static void close_connection(struct connection *c)
{
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(c->statements[i]);
    sqlite3_close(c->db);
    *c = (struct connection){ 0 };
}

static int open_writer(struct store *s, anima_error *err)
{
    int rc = open_connection(&s->writer, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (rc)
        return rc;
    rc = sqlite3_exec(s->writer.db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    return rc == SQLITE_OK ? schema_migrate(s->writer.db, s->path, err) : store_error(s->writer.db, rc, s->path, err);
}

int store_open(const char *path, bool read_only, struct loop *loop, struct store **out, anima_error *err)
{
    *out = NULL;
    struct store *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    s->read_only = read_only;
    s->loop = loop;
    s->path = mem_strdup(path);
    int rc = s->path ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && !read_only)
        rc = open_writer(s, err);
    if (!rc && read_only && access(path, F_OK))
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no %s: nothing was said in this home yet", path);
    if (!rc)
        rc = open_connection(&s->reader, path, SQLITE_OPEN_READONLY, err);
    if (!rc)
        rc = schema_migrate(s->reader.db, path, err);
    if (!rc && !read_only)
        rc = writer_start(s, err);
    if (rc) {
        store_close(s);
        return rc;
    }
    *out = s;
    return ANIMA_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->running)
        writer_stop(s);
    close_connection(&s->reader);
    close_connection(&s->writer);
    mem_free(s->path);
    mem_free(s);
}

/* ---- reading ---- */

static const char *text_at(sqlite3_stmt *q, int column)
{
    const char *s = (const char *)sqlite3_column_text(q, column);
    return s ? s : "";
}

static int end_read(struct store *s, sqlite3_stmt *q, int rc, anima_error *err)
{
    int result = rc == SQLITE_DONE || rc == SQLITE_ROW ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return result;
}

int store_person_list(struct store *s, store_person_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_PEOPLE, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, sqlite3_column_int64(q, 0), text_at(q, 1));
    int result = end_read(s, q, stop ? SQLITE_ROW : rc, err);
    return stop < 0 ? stop : result;
}

static void read_info(sqlite3_stmt *q, anima_conversation_info *out)
{
    *out = (anima_conversation_info){ .created_ms = sqlite3_column_int64(q, 3),
                                      .updated_ms = sqlite3_column_int64(q, 4),
                                      .turns = sqlite3_column_int64(q, 5) };
    snprintf(out->id, sizeof(out->id), "%s", text_at(q, 0));
    snprintf(out->character, sizeof(out->character), "%s", text_at(q, 1));
    snprintf(out->title, sizeof(out->title), "%s", text_at(q, 2));
    snprintf(out->last_text, sizeof(out->last_text), "%s", text_at(q, 6));
}

int store_conversation_get(struct store *s, const char *id, anima_conversation_info *out, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_CONVERSATION, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found)
        read_info(q, out);
    int result = end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", id);
}

int store_conversation_list(struct store *s, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_CONVERSATIONS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_int64(q, 1, before_ms > 0 ? before_ms : INT64_MAX);
    sqlite3_bind_int(q, 2, limit);
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_conversation_info info;
        read_info(q, &info);
        stop = cb(ctx, &info);
    }
    return end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

static void read_turn(sqlite3_stmt *q, anima_turn *t)
{
    *t = (anima_turn){
        .seq = sqlite3_column_int64(q, 0),
        .role = (anima_role)sqlite3_column_int(q, 1),
        .person = sqlite3_column_int64(q, 2),
        .state = (anima_turn_state)sqlite3_column_int(q, 3),
        .text = text_at(q, 4),
        .person_name = "",
        .client_id = text_at(q, 5),
        .model = text_at(q, 6),
        .finish = text_at(q, 7),
        .error_code = sqlite3_column_int(q, 8),
        .error = text_at(q, 9),
        .prompt_tokens = sqlite3_column_int(q, 10),
        .completion_tokens = sqlite3_column_int(q, 11),
        .ttft_ms = sqlite3_column_double(q, 12),
        .tokens_per_s = sqlite3_column_double(q, 13),
        .created_ms = sqlite3_column_int64(q, 14),
    };
}

/* The statement belongs to the caller's turn for the whole listing, so a listing inside cb is a programming error. */
static int list_turns(struct store *s, sqlite3_stmt *q, anima_turn_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        anima_turn turn;
        read_turn(q, &turn);
        stop = cb(ctx, &turn);
    }
    return end_read(s, q, stop ? SQLITE_ROW : rc, err);
}

int store_turn_list(struct store *s, const char *conversation, int64_t after, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_TURNS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, after);
    sqlite3_bind_int(q, 3, limit);
    return list_turns(s, q, cb, ctx, err);
}

int store_turn_last(struct store *s, const char *conversation, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_LAST_TURNS, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 2, limit);
    return list_turns(s, q, cb, ctx, err);
}

int store_turn_by_client(struct store *s, const char *conversation, const char *client_id, int64_t *seq,
                         anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_BY_CLIENT, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    sqlite3_bind_text(q, 1, conversation, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, client_id, -1, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    bool found = rc == SQLITE_ROW;
    if (found)
        *seq = sqlite3_column_int64(q, 0);
    int result = end_read(s, q, rc, err);
    return result || found ? result : err_set(err, ANIMA_E_NOT_FOUND, "no message has the id \"%.64s\"", client_id);
}

int store_turn_unfinished(struct store *s, store_unfinished_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = store_prepare(&s->reader, SQL_UNFINISHED, s->path, err);
    if (!q)
        return err ? err->code : ANIMA_E_IO;
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW)
        stop = cb(ctx, text_at(q, 0), sqlite3_column_int64(q, 1));
    return end_read(s, q, stop ? SQLITE_ROW : rc, err);
}
