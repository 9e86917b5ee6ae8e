/* prose.h — the words of a text that was written for readers: Markdown, a wiki's source, a blog, notes. Pure functions. */
#ifndef CORPUS_PROSE_H
#define CORPUS_PROSE_H
#include "base/buf.h"

/* Appends n bytes of UTF-8 without what is not said in them: links' addresses, pictures, templates, tables, code, comments, marks of
 * emphasis, numbers of notes. Every line stays on its line, so that places can be told. 0, or out->failed. */
int prose_clean(const char *text, size_t n, struct buf *out);
#endif
