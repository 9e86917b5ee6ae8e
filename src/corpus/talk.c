#include "corpus/read_private.h"

#include <string.h>

/* A person's line right below another is more of the same message; behind a gap nobody answered the one before. */
static int person(struct corpus_reader *r, const char *line, size_t n)
{
    bool asked = strcmp(corpus_last(r), "user") == 0;
    if (!n)
        return corpus_fault(r, ANIMA_E_INVALID, "the person says nothing here");
    if (asked && r->blank < r->line - 1)
        return corpus_join(r, line, n);
    int rc = r->now ? ANIMA_OK : corpus_begin(r, "", 0);
    if (!rc && asked)
        rc = corpus_put(r, "assistant", "", 0);
    return rc ? rc : corpus_put(r, "user", line, n);
}

int corpus_talk_line(struct corpus_reader *r, const char *line, size_t n)
{
    corpus_trim(&line, &n);
    if (!n) {
        r->blank = r->line;
        return ANIMA_OK;
    }
    if (n >= 3 && memcmp(line, "## ", 3) == 0) {
        int rc = corpus_end(r);
        return rc ? rc : corpus_begin(r, line + 3, n - 3);
    }
    if (line[0] == '>') {
        line++, n--;
        corpus_trim(&line, &n);
        return person(r, line, n);
    }
    if (!r->now && !*r->list && line[0] == '#')
        return ANIMA_OK;
    if (!r->n)
        return corpus_fault(r, ANIMA_E_INVALID,
                            "nobody has said anything yet; what the person says begins with \"> \"");
    return strcmp(corpus_last(r), "user") == 0 ? corpus_put(r, "assistant", line, n) : corpus_join(r, line, n);
}
