/* search.c — looking for words in everything that was said. There is no index: it would keep what is deleted, and it
 * knows no Chinese. Every turn is read, newest ones first, at most SCAN_MAX. Any thread, on a store of its own. */
#include "store/store_private.h"

#include "base/err.h"

#include <string.h>

#define SCAN_MAX 2000000

static unsigned char lower(char c) { return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c); }

const char *store_find(const char *text, const char *word)
{
    unsigned char first = (unsigned char)*word;
    for (; *text; text++) {
        if (lower(*text) != first)
            continue;
        size_t i = 1;
        while (word[i] && lower(text[i]) == (unsigned char)word[i])
            i++;
        if (!word[i])
            return text;
    }
    return *word ? NULL : text;
}

/* The SQL function anima_has(text). */
static void has_all(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const struct store_search *search = sqlite3_user_data(context);
    const char *text = (const char *)sqlite3_value_text(values[0]);
    bool all = text != NULL;
    if (search->stop && atomic_load(search->stop)) {
        sqlite3_result_error_code(context, SQLITE_INTERRUPT);
        return;
    }
    for (size_t i = 0; i < search->n_words && all; i++)
        all = store_find(text, search->words[i]) != NULL;
    sqlite3_result_int(context, all);
}

static const char sql[] =
    "SELECT c.id, c.character, c.title, h.seq, h.role, coalesce(p.name, ''), h.created_ms, h.text FROM ("
    "  SELECT conversation, seq, role, person, created_ms, text FROM"
    "    (SELECT conversation, seq, role, person, created_ms, text FROM turn ORDER BY rowid DESC LIMIT ?2)"
    "    WHERE anima_has(text)"
    "  UNION ALL SELECT id, 0, 1, 0, updated_ms, title FROM conversation WHERE anima_has(title)"
    ") h JOIN conversation c ON c.id = h.conversation LEFT JOIN person p ON p.id = h.person"
    " ORDER BY h.created_ms DESC, c.id, h.seq DESC LIMIT ?1";

static int read_hits(struct store *s, sqlite3_stmt *q, store_hit_cb *cb, void *ctx, anima_error *err)
{
    int rc, stop = 0;
    while (!stop && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const anima_hit hit = { .conversation = store_text_at(q, 0),
                                .character = store_text_at(q, 1),
                                .title = store_text_at(q, 2),
                                .seq = sqlite3_column_int64(q, 3),
                                .role = (anima_role)sqlite3_column_int(q, 4),
                                .person = store_text_at(q, 5),
                                .created_ms = sqlite3_column_int64(q, 6) };
        stop = cb(ctx, &hit, store_text_at(q, 7));
    }
    if (!stop && (rc & 0xFF) == SQLITE_INTERRUPT)
        return err_set(err, ANIMA_E_CANCELLED, "the search was stopped");
    return stop || rc == SQLITE_DONE ? ANIMA_OK : store_error(s->reader.db, rc, s->path, err);
}

int store_search_run(struct store *s, const struct store_search *search, store_hit_cb *cb, void *ctx, anima_error *err)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_create_function(s->reader.db, "anima_has", 1, SQLITE_UTF8, (void *)(uintptr_t)search, has_all,
                                     NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->reader.db, sql, -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(q, 1, search->limit);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(q, 2, SCAN_MAX);
    int result = rc == SQLITE_OK ? read_hits(s, q, cb, ctx, err) : store_error(s->reader.db, rc, s->path, err);
    sqlite3_finalize(q);
    return result;
}
