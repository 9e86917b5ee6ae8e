/* fts_match.c — what a person typed as a MATCH expression. The tokenizer says what the words are; what stands between two tokens says
 * whether they belong together. A phrase is written as the bytes that were typed, which FTS5 makes the same tokens of. */
#include "memory/fts.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>
#include <unicode/utf8.h>

struct phrase {
    size_t start, end; /* of what was typed */
    size_t tokens;
    bool excluded, common;
};

#define FEW 6 /* phrases of a short message */

/* Characters that stand in a few turns of a hundred each, mostly inside of words: by themselves they say nothing. */
static const char plentiful[] =
    "一二两三四五六七八九十百天好人看子今回别问话行小时事自老听道头打记句知年后先大叫晚己家用走真面现字第月次早生开候气"
    "算心分半见边怕明前完快发住觉刚机答口求友当收挺外高加放号接日定久声东西等成朋条难照该昨应件名表喜方每长提法全够"
    "情错正进理比动交底种带受吃";

struct match {
    const char *typed;
    enum fts_want want;
    struct phrase list[FTS_PHRASES];
    size_t n;
    struct phrase open;         /* the one that tokens are added to; end 0: there is none */
    struct phrase singles[FEW]; /* Chinese characters that are no common words */
    size_t n_singles;
    struct words_token last; /* of open; its bytes are gone: */
    bool last_common;
    char last_bytes[8]; /* kept if it is a character */
    size_t seen;        /* bytes of typed that were looked at */
    bool quoted, minus; /* inside of quotes; a '-' stands before the next token */
};

static bool is_quote(UChar32 c)
{
    return c == '"' || c == 0x201C || c == 0x201D || c == 0x300C || c == 0x300D || c == 0xFF02;
}

static bool is_minus(UChar32 c) { return c == '-' || c == 0x2212 || c == 0xFF0D; }

/* What may stand inside of one word: "well-known", "a.b", "don't", "@me", "10:30". */
static bool is_joint(UChar32 c)
{
    return is_minus(c) || c == 0x2019 || c == 0xB7 || (c > 0 && c < 0x80 && strchr("'._:/@&#%*+", c));
}

static void add_phrase(struct match *m, struct phrase p)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct phrase *q = &m->list[i];
        if (q->end - q->start == p.end - p.start && q->excluded == p.excluded &&
            memcmp(m->typed + q->start, m->typed + p.start, p.end - p.start) == 0)
            return;
    }
    if (m->n < FTS_PHRASES)
        m->list[m->n++] = p;
}

static void close_phrase(struct match *m)
{
    bool apart = m->want == FTS_ANY && !m->quoted &&
                 m->last.kind == WORDS_CHARACTER; /* pieces of it were added already */
    if (m->open.end && !apart && !(m->want == FTS_ANY && m->open.common))
        add_phrase(m, m->open);
    m->open = (struct phrase){ 0 };
}

/* What stands between the last token and the next one, which begins at byte end. */
static void look_between(struct match *m, size_t end)
{
    bool begins = !m->seen;
    while (m->seen < end) {
        UChar32 c;
        int32_t i = 0, n = end - m->seen < U8_MAX_LENGTH ? (int32_t)(end - m->seen) : U8_MAX_LENGTH;
        const char *s = m->typed + m->seen;
        U8_NEXT(s, i, n, c);
        m->seen += (size_t)i;
        if (is_quote(c)) {
            close_phrase(m);
            m->quoted = !m->quoted;
            begins = true;
            m->minus &= m->quoted;
        } else {
            bool minus = is_minus(c) && begins && !m->quoted;
            if (!m->quoted && (!is_joint(c) || minus))
                close_phrase(m);
            m->minus = m->quoted ? m->minus : minus && m->want == FTS_ALL;
            begins = c <= ' ' || c == 0x3000;
        }
    }
}

/* Recall of Chinese: the pair a character makes with the one before. */
static void add_character(struct match *m, const struct words_token *t, bool common)
{
    char pair[2 * sizeof(m->last_bytes)];
    size_t n = m->last.n;
    if (m->open.end && t->start <= m->last.end) {
        memcpy(pair, m->last_bytes, n);
        memcpy(pair + n, t->bytes, t->n);
        if (!(common && m->last_common) && !words_common(pair, n + t->n))
            add_phrase(m, (struct phrase){ .start = m->last.start, .end = t->end });
    }
    if (!common && m->n_singles < FEW && !memmem(plentiful, sizeof(plentiful) - 1, t->bytes, t->n))
        m->singles[m->n_singles++] = (struct phrase){ .start = t->start, .end = t->end };
}

/* Of a short message a character by itself may be the only word ("我的猫呢"). In a longer one they would find many turns that have nothing
 * to do with it, and all of these would have to be ranked. */
static void add_singles(struct match *m)
{
    for (size_t i = 0, n = m->n; i < m->n_singles && n < FEW; i++)
        add_phrase(m, m->singles[i]);
}

static int add_token(void *ctx, const struct words_token *t)
{
    struct match *m = ctx;
    bool common = words_common(t->bytes, t->n), character = t->kind == WORDS_CHARACTER;
    look_between(m, t->start);
    if (m->open.end && m->want == FTS_ANY && !m->quoted && character != (m->last.kind == WORDS_CHARACTER))
        close_phrase(m);
    if (m->want == FTS_ANY && !m->quoted && character)
        add_character(m, t, common);
    if (!m->open.end)
        m->open = (struct phrase){ t->start, t->end, 0, m->minus, !m->quoted };
    bool shared = t->start < m->open.end; /* with the token before ("½h" is 1 2h): no place to cut */
    if ((m->open.tokens++ < FTS_TOKENS || shared) && t->end > m->open.end)
        m->open.end = t->end;
    m->open.common &= common;
    m->minus &= m->quoted;
    m->seen = t->end > m->seen ? t->end : m->seen;
    m->last = *t;
    m->last_common = common;
    if (character)
        memcpy(m->last_bytes, t->bytes, t->n);
    return m->n == FTS_PHRASES;
}

/* ---- writing ---- */

static void write_phrase(const struct match *m, const struct phrase *p, struct buf *out)
{
    const char *s = m->typed + p->start;
    int32_t n = (int32_t)(p->end - p->start);
    buf_puts(out, "\"");
    for (int32_t i = 0, from = 0; i < n; from = i) {
        UChar32 c;
        U8_NEXT(s, i, n, c);
        if (c <= ' ' || c == '"')
            buf_puts(out, " ");
        else
            buf_append(out, s + from, (size_t)(i - from));
    }
    buf_puts(out, "\"");
}

/* Those that are excluded, or those that are not, with a word between them; returns how many. */
static size_t write_phrases(const struct match *m, bool excluded, bool commons, const char *between, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct phrase *p = &m->list[i];
        if (p->excluded != excluded || (!excluded && !commons && p->common))
            continue;
        buf_puts(out, n++ ? between : "(");
        write_phrase(m, p, out);
    }
    buf_puts(out, n ? ")" : "");
    return n;
}

int fts_match(struct words *w, const char *typed, size_t n, enum fts_want want, struct buf *out, size_t *phrases,
              anima_error *err)
{
    struct match m = { .typed = typed, .want = want };
    int rc = words_each(w, typed, n < FTS_TYPED ? n : FTS_TYPED, 0, add_token, &m);
    *phrases = 0;
    if (rc < 0)
        return err_set(err, rc, "out of memory for the search");
    close_phrase(&m);
    add_singles(&m);
    size_t asked = 0, rare = 0;
    for (size_t i = 0; i < m.n; i++) {
        asked += !m.list[i].excluded;
        rare += !m.list[i].excluded && !m.list[i].common;
    }
    if (asked) {
        *phrases = write_phrases(&m, false, want == FTS_ANY || !rare, want == FTS_ANY ? " OR " : " AND ", out);
        if (asked < m.n) {
            buf_puts(out, " NOT ");
            write_phrases(&m, true, true, " OR ", out);
        }
    }
    return out->failed ? err_set(err, out->failed, "out of memory for the search") : ANIMA_OK;
}
