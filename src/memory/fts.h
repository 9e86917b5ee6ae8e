/* fts.h — SQLite's FTS5 (https://www.sqlite.org/fts5.html) with the words of words.h: the tokenizer, and what a person typed as a MATCH.
 *
 *   CREATE VIRTUAL TABLE x USING fts5(text, tokenize = 'anima')
 *
 *   Every connection that reads or writes such a table needs the tokenizer, before it prepares a statement about it; one without it is
 *   told "no such tokenizer: anima". No trigger may write to it, since the store's connections do not trust the schema (store.c; SQLite
 *   3.40 refuses): whoever writes a turn writes its index, in the same transaction. Where something other than letters stands between two
 *   Chinese characters the index has the token ".", so that no phrase reaches across.
 *   What was deleted is still in the index, since it is only marked there. To forget for good: DELETE (of a table without content:
 *   'delete' with the very text), INSERT INTO x(x) VALUES('optimize'), and what else leaves the file (store/purge.c). */
#ifndef MEMORY_FTS_H
#define MEMORY_FTS_H
#include "base/buf.h"
#include "memory/words.h"

#include <sqlite3.h>

/* Gives db the tokenizer "anima", until it is closed; twice does no harm. ANIMA_E_UNSUPPORTED: this SQLite is built without FTS5;
 * ANIMA_E_NOMEM; ANIMA_E_IO. The thread that has db. */
int fts_register(sqlite3 *db, anima_error *err);

/* What else was typed is left out. Every token of a MATCH costs a walk over the index. */
#define FTS_TYPED 8192 /* bytes that are looked at */
#define FTS_PHRASES 64
#define FTS_TOKENS 32 /* of a phrase */

enum fts_want {
    FTS_ALL, /* a search: every phrase must be there, and none with a '-' before it */
    FTS_ANY  /* recall: one phrase is enough, bm25 says which is better */
};

/* Appends to out the MATCH expression for what a person typed (n bytes, any; borrowed); *phrases says how many phrases it asks for. 0:
 * there is nothing to look for, and nothing was appended (an empty expression is an error to FTS5).
 *   A phrase is what stands together without blanks and punctuation ("well-known", "买了iPhone15"), or in quotes (" “” 「」 ＂; one that
 *   is not closed ends with the text). Words of words_common are left out: from a search while others remain, from recall always.
 *   In recall Chinese becomes the pairs of its neighbours, since nothing says where words end, and in a short message also characters by
 *   themselves; a '-' means nothing there.
 *   Whatever was typed stands inside quotes: no operator, column or bracket of FTS5's gets through. The expression has brackets around it
 *   unless something is excluded.
 * ANIMA_E_NOMEM; ANIMA_E_LIMIT: out is too small. The thread that has w. */
int fts_match(struct words *w, const char *typed, size_t n, enum fts_want want, struct buf *out, size_t *phrases,
              anima_error *err);
#endif
