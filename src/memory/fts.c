/* fts.c — the tokenizer "anima" of FTS5: words_each behind FTS5's interface. */
#include "memory/fts.h"

#include "base/err.h"

struct each {
    void *ctx;
    int (*token)(void *, int, const char *, int, int, int);
};

static int give(void *ctx, const struct words_token *t)
{
    const struct each *each = ctx;
    return each->token(each->ctx, 0, t->bytes, (int)t->n, (int)t->start, (int)t->end);
}

static int create(void *ctx, const char **args, int n, Fts5Tokenizer **out)
{
    struct words *w;
    (void)ctx;
    (void)args;
    *out = NULL;
    if (n)
        return SQLITE_ERROR; /* there is nothing to choose */
    int rc = words_create(&w, NULL);
    if (rc)
        return rc == ANIMA_E_NOMEM ? SQLITE_NOMEM : SQLITE_ERROR;
    *out = (Fts5Tokenizer *)w;
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *tokenizer) { words_free((struct words *)tokenizer); }

/* What FTS5's callback returns is returned (also SQLITE_DONE: it has enough); our own failures are negative. */
static int tokenize(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text, int n,
                    int (*token)(void *, int, const char *, int, int, int))
{
    struct each each = { ctx, token };
    (void)flags;
    int rc = words_each((struct words *)tokenizer, text, n > 0 ? (size_t)n : 0, WORDS_BREAKS, give, &each);
    return rc >= 0 ? rc : rc == ANIMA_E_NOMEM ? SQLITE_NOMEM : SQLITE_ERROR;
}

int fts_register(sqlite3 *db, anima_error *err)
{
    static fts5_tokenizer anima = { create, destroy, tokenize };
    fts5_api *api = NULL;
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &q, NULL);
    if (rc == SQLITE_ERROR)
        return err_set(err, ANIMA_E_UNSUPPORTED, "SQLite %s is built without FTS5", sqlite3_libversion());
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_pointer(q, 1, (void *)&api, "fts5_api_ptr", NULL);
    if (rc == SQLITE_OK && sqlite3_step(q) != SQLITE_ROW)
        rc = sqlite3_errcode(db);
    sqlite3_finalize(q);
    if (rc == SQLITE_OK && api)
        rc = api->xCreateTokenizer(api, "anima", NULL, &anima, NULL);
    if (rc == SQLITE_OK && api)
        return ANIMA_OK;
    return err_set(err, rc == SQLITE_NOMEM ? ANIMA_E_NOMEM : ANIMA_E_IO, "the tokenizer cannot be registered: %s",
                   api ? sqlite3_errstr(rc) : sqlite3_errmsg(db));
}
