/* purge.c — deleted text leaves the files. secure_delete overwrites freed cells and pages, but when SQLite shares a
 * page's cells out to its neighbours it leaves copies behind, and the write-ahead log has every old page. So the file is
 * written anew (VACUUM), and the log is emptied: at once, or, a large file, when nobody has written for a few seconds,
 * because that keeps the writer for long. The table "due" remembers it across a kill. A reader in the middle of a long look
 * keeps the log: then it is tried again every few seconds, when the store is closed, and when it is opened. Writer thread,
 * but for purge_at_open. */
#include "store/store_private.h"

#include "base/err.h"
#include "base/log.h"

#define LARGE (32ll << 20) /* about half a second of writing */
#define WAIT_MS 300        /* for readers */

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int64_t n = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
        n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

static bool is_large(sqlite3 *db) { return number(db, "PRAGMA page_count") * number(db, "PRAGMA page_size") > LARGE; }

/* The index of words only marks what was deleted, until its parts are made into one. */
static bool write_anew(struct store *s)
{
    if (sqlite3_exec(s->writer.db, "INSERT INTO memory_words(memory_words) VALUES('optimize')", NULL, NULL, NULL) ==
            SQLITE_OK &&
        sqlite3_exec(s->writer.db, "VACUUM", NULL, NULL, NULL) == SQLITE_OK)
        return true;
    log_warn("store", "%s could not be written anew: %s", s->path, sqlite3_errmsg(s->writer.db));
    return false;
}

static bool empty_log(sqlite3 *db)
{
    sqlite3_busy_timeout(db, WAIT_MS);
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db, STORE_BUSY_MS);
    return rc == SQLITE_OK;
}

/* What can be done now. */
static void clean(struct store *s, bool anew)
{
    while (anew && s->anew_due && s->memory_due) /* the words of what was deleted leave their index first */
        memory_catch_up(s);
    if (s->anew_due && anew)
        s->anew_due = !write_anew(s);
    s->purge_due = !empty_log(s->writer.db) || s->anew_due;
    if (!s->purge_due)
        s->purge_due = sqlite3_exec(s->writer.db, "DELETE FROM due WHERE what = 'purge'", NULL, NULL, NULL) !=
                       SQLITE_OK;
}

bool purge_wanted(const struct job *job)
{
    return !job->rc && (job->kind == JOB_REMOVE || job->kind == JOB_DELETE || job->kind == JOB_UNNOTE ||
                        job->kind == JOB_UNSUMMARY || job->kind == JOB_UNBLIND || job->kind == JOB_UNDOCUMENT ||
                        (job->kind == JOB_FORGET && job->forget->n));
}

/* Programs cut back and delete streams all the time: nobody waits for that, and it is done once for many. */
static bool purge_later(const struct job *job)
{
    return !job->rc && (job->kind == JOB_DELETE_STREAM || (job->kind == JOB_STREAM && job->stream->purge));
}

void purge_run(struct store *s, struct job *jobs)
{
    bool wanted = false, later = false;
    for (const struct job *job = jobs; job; job = job->next) {
        wanted |= purge_wanted(job);
        later |= purge_later(job);
    }
    if (later)
        s->anew_due = s->purge_due = true;
    if (!wanted)
        return;
    s->anew_due = true;
    clean(s, !is_large(s->writer.db));
    for (struct job *job = jobs; job && s->purge_due; job = job->next)
        if (purge_wanted(job))
            err_set(&job->err, ANIMA_E_BUSY,
                    s->anew_due ? "deleted; but %s is large, so its old bytes are overwritten when nobody writes"
                                : "deleted; but somebody is reading %s, so its old bytes leave the write-ahead log a "
                                  "little later",
                    s->path);
}

void purge_again(struct store *s) { clean(s, true); }

int purge_at_open(struct store *s, anima_error *err)
{
    (void)err;
    if (number(s->writer.db, "SELECT count(*) FROM due") > 0) {
        s->anew_due = true;
        clean(s, !is_large(s->writer.db));
    }
    return ANIMA_OK;
}
