/* judge_sql.c — a query by a model, run in a database in memory that holds what its schema says. It may read and nothing else, for so
 * many steps. */
#include "cli/judge_skills.h"

#include "base/buf.h"
#include "base/mem.h"

#include <ctype.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_ROWS 200
#define MAX_COLUMNS 20
#define MAX_STATEMENT 4000
#define MAX_STEPS 2000      /* times 1000 instructions of SQLite's machine */
#define MAX_VALUE (1 << 20) /* bytes */

static int only_reads(void *ctx, int what, const char *a, const char *b, const char *c, const char *d)
{
    (void)ctx;
    (void)a;
    (void)c;
    (void)d;
    bool reads = what == SQLITE_SELECT || what == SQLITE_READ || what == SQLITE_RECURSIVE || what == SQLITE_FUNCTION;
    if (what == SQLITE_FUNCTION && b && strcasecmp(b, "load_extension") == 0)
        reads = false;
    return reads ? SQLITE_OK : SQLITE_DENY;
}

static int count_down(void *ctx)
{
    int *left = ctx;
    return --*left < 0;
}

/* The first place where a statement begins, at the beginning of a line or not: SELECT or WITH as a word of its own. */
static const char *statement_in(const char *reply)
{
    static const char *const first[] = { "SELECT", "WITH" };
    const char *best = NULL;
    for (size_t i = 0; i < 2; i++)
        for (const char *at = reply; (at = strcasestr(at, first[i])); at++) {
            bool word = (at == reply || !isalnum((unsigned char)at[-1])) &&
                        isspace((unsigned char)at[strlen(first[i])]);
            /* "with" is a word of English, too: only with a name and AS behind it */
            if (!word || (i == 1 && !strcasestr(at, " as")))
                continue;
            best = !best || at < best ? at : best;
            break;
        }
    return best;
}

/* Up to its semicolon, the end of its fence, or an empty line. */
static size_t statement_length(const char *statement)
{
    static const char *const ends[] = { ";", "```", "\n\n" };
    size_t n = strlen(statement);
    for (size_t i = 0; i < 3; i++) {
        const char *end = strstr(statement, ends[i]);
        n = end && (size_t)(end - statement) < n ? (size_t)(end - statement) : n;
    }
    return n;
}

/* ---- rows as text ---- */

static void put_number(struct buf *row, double d) { buf_printf(row, "%.6g\x1f", d == 0 ? 0.0 : d); }

static void put_column(struct buf *row, sqlite3_stmt *s, int i)
{
    int type = sqlite3_column_type(s, i);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        put_number(row, sqlite3_column_double(s, i));
    else
        buf_printf(row, "%s\x1f", type == SQLITE_NULL ? "\x1e" : (const char *)sqlite3_column_text(s, i));
}

static void put_value(struct buf *row, yyjson_val *v)
{
    if (yyjson_is_num(v))
        put_number(row, yyjson_get_num(v));
    else
        buf_printf(row, "%s\x1f", yyjson_is_str(v) ? yyjson_get_str(v) : "\x1e");
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

struct rows {
    char *row[MAX_ROWS];
    size_t n;
    bool failed;
};

static void keep(struct rows *rows, struct buf *row)
{
    char *text = rows->n < MAX_ROWS ? buf_take(row) : NULL;
    buf_finish(row);
    if (text)
        rows->row[rows->n++] = text;
    rows->failed |= !text;
}

static void run_query(sqlite3 *db, const char *text, size_t n, struct rows *rows)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, text, (int)n, &s, NULL);
    if (rc || !s || sqlite3_column_count(s) > MAX_COLUMNS)
        rows->failed = true;
    while (!rows->failed && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct buf row;
        buf_init(&row, 65536);
        for (int i = 0; i < sqlite3_column_count(s); i++)
            put_column(&row, s, i);
        keep(rows, &row);
    }
    rows->failed |= rc != SQLITE_DONE;
    sqlite3_finalize(s);
}

/* ---- the judge ---- */

static sqlite3 *prepare(const char *schema)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, NULL) ||
        sqlite3_exec(db, schema, NULL, NULL, NULL)) {
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, MAX_STATEMENT);
    sqlite3_set_authorizer(db, only_reads, NULL);
    return db;
}

static void read_wanted(yyjson_val *want, struct rows *rows)
{
    size_t i, n, k, m;
    yyjson_val *one, *value;
    yyjson_arr_foreach (want, i, n, one) {
        struct buf row;
        buf_init(&row, 65536);
        yyjson_arr_foreach (one, k, m, value)
            put_value(&row, value);
        keep(rows, &row);
    }
}

static bool same_rows(struct rows *a, struct rows *b, bool ordered)
{
    if (a->failed || b->failed || a->n != b->n)
        return false;
    if (!ordered) {
        qsort(a->row, a->n, sizeof(*a->row), by_text);
        qsort(b->row, b->n, sizeof(*b->row), by_text);
    }
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->row[i], b->row[i]) != 0)
            return false;
    return true;
}

bool judge_sql(const char *schema, const char *reply, yyjson_val *want, bool ordered)
{
    struct rows got = { .n = 0 }, wanted = { .n = 0 };
    int steps = MAX_STEPS;
    const char *statement = statement_in(reply);
    sqlite3 *db = statement && yyjson_is_arr(want) ? prepare(schema) : NULL;
    if (!db)
        return false;
    sqlite3_progress_handler(db, 1000, count_down, &steps);
    run_query(db, statement, statement_length(statement), &got);
    sqlite3_close(db);
    read_wanted(want, &wanted);
    bool same = same_rows(&got, &wanted, ordered);
    for (size_t i = 0; i < got.n; i++)
        mem_free(got.row[i]);
    for (size_t i = 0; i < wanted.n; i++)
        mem_free(wanted.row[i]);
    return same;
}
