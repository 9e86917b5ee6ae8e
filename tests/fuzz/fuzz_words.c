/* Any bytes as text and as what a person typed (src/memory): tokens keep their promises, a MATCH is always one that FTS5 takes, and
 * a text is found by itself. */
#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "memory/fts.h"

#define FOUND_BY_ITSELF 1000 /* bytes: a longer text has more phrases than a MATCH */

struct walk {
    size_t n, next; /* bytes of the text; position of the next token */
    size_t start;
    uint64_t sum; /* of all that was given */
};

static int take(void *ctx, const struct words_token *t)
{
    struct walk *w = ctx;
    CHECK(t->n >= 1 && t->n <= WORDS_LONG && utf8_valid(t->bytes, t->n) && !memchr(t->bytes, '\0', t->n));
    CHECK(t->start <= t->end && t->end <= w->n);
    if (t->kind == WORDS_PAIR || t->kind == WORDS_SURFACE) {
        CHECK(t->position + (t->kind == WORDS_PAIR ? 2 : 1) == w->next);
    } else {
        CHECK(t->position == w->next && t->start >= w->start);
        w->next++;
        w->start = t->start;
    }
    for (size_t i = 0; i < t->n; i++)
        w->sum = w->sum * 31 + (unsigned char)t->bytes[i];
    w->sum = w->sum * 31 + (uint64_t)t->kind + t->end + words_common(t->bytes, t->n);
    return 0;
}

static struct walk walk(struct words *words, const char *text, size_t n)
{
    struct walk w = { .n = n };
    CHECK(words_each(words, text, n, WORDS_SURFACES | WORDS_PAIRS | WORDS_BREAKS, take, &w) == 0);
    return w;
}

static sqlite3 *table(void)
{
    static sqlite3 *db;
    if (!db) {
        CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK && fts_register(db, NULL) == 0);
        CHECK(sqlite3_exec(db, "CREATE VIRTUAL TABLE said USING fts5(text, tokenize = 'anima')", 0, 0, 0) == SQLITE_OK);
    }
    return db;
}

static int run(sqlite3 *db, const char *sql, const char *text, size_t n)
{
    sqlite3_stmt *q;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK);
    sqlite3_bind_text(q, 1, text, (int)n, SQLITE_STATIC);
    int rc = sqlite3_step(q);
    CHECK(rc == SQLITE_ROW || rc == SQLITE_DONE);
    sqlite3_finalize(q);
    return rc;
}

static void search(struct words *words, const char *typed, size_t n)
{
    sqlite3 *db = table();
    run(db, "INSERT INTO said(rowid, text) VALUES(1, ?1)", typed, n);
    for (enum fts_want want = FTS_ALL; want <= FTS_ANY; want++) {
        struct buf match;
        size_t phrases;
        buf_init(&match, 1u << 20);
        CHECK(fts_match(words, typed, n, want, &match, &phrases, NULL) == 0);
        CHECK(phrases <= FTS_PHRASES && (phrases > 0) == (match.len > 0) && utf8_valid(buf_str(&match), match.len));
        int rc = phrases ? run(db, "SELECT 1 FROM said WHERE said MATCH ?1", match.data, match.len) : SQLITE_ROW;
        CHECK(rc == SQLITE_ROW || n > FOUND_BY_ITSELF || strstr(match.data, ") NOT ("));
        buf_finish(&match);
    }
    run(db, "DELETE FROM said WHERE rowid = 1", "", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct words *words;
    char *text = fuzz_copy(data, size);
    CHECK(words || words_create(&words, NULL) == 0);
    CHECK(walk(words, text, size).sum == walk(words, text, size).sum);
    search(words, text, size);
    free(text);
    return 0;
}
