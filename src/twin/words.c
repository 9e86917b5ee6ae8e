/* words.c — bytes of a file become lines and clean words. */
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

/* ---- characters ---- */

enum what { STAYS, GOES, BLANK, BREAK };

static enum what kind_of(uint32_t c)
{
    if (c == '\n' || c == 0x0B || c == 0x0C || c == 0x85 || c == 0x2028 || c == 0x2029)
        return BREAK;
    if (c == '\t' || c == 0xA0 || c == 0x202F || c == 0x2007)
        return BLANK;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200B || c == 0x200E || c == 0x200F ||
        (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFC || c == 0xAD)
        return GOES;
    return STAYS;
}

/* An end of line, without the blanks in front of it. */
static void put_break(struct buf *out, size_t from)
{
    while (out->len > from && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_append(out, "\n", 1);
}

void twin_clean(const char *s, size_t n, struct buf *out)
{
    size_t from = out->len, run = 0; /* run: where what stays begins that is not in out yet */
    for (size_t i = 0, len; i < n && !out->failed; i += len) {
        uint32_t c = (unsigned char)s[i];
        len = 1;
        if (c >= 0x80)
            c = utf8_decode(s + i, n - i, &len);
        bool pair = c == '\r' && !(i + 1 < n && s[i + 1] == '\n'); /* old Mac files end lines so */
        enum what what = pair ? BREAK : kind_of(c);
        if (what == STAYS)
            continue;
        buf_append(out, s + run, i - run);
        run = i + len;
        if (what == BLANK)
            buf_append(out, " ", 1);
        else if (what == BREAK)
            put_break(out, from);
    }
    if (run < n)
        buf_append(out, s + run, n - run);
}

/* Bytes of a blank at s: ' ', '\n', U+3000; 0: none. */
static size_t blank_at(const char *s, size_t n)
{
    return n && (*s == ' ' || *s == '\n') ? 1 : n >= 3 && memcmp(s, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

static size_t blank_before(const char *s, size_t n)
{
    return n && blank_at(s + n - 1, 1) ? 1 : n >= 3 && blank_at(s + n - 3, 3) == 3 ? 3 : 0;
}

void twin_trim(struct buf *b)
{
    size_t from = 0, k;
    if (!b->len)
        return;
    while ((k = blank_before(b->data, b->len)))
        b->data[b->len -= k] = '\0';
    while ((k = blank_at(b->data + from, b->len - from)))
        from += k;
    if (from)
        buf_consume(b, from);
}

/* ---- encodings ---- */

int twin_convert(const char *charset, const char *data, size_t n, char **out, size_t *len)
{
    size_t size = n < SIZE_MAX / 3 - 4 ? 3 * n + 4 : 0; /* a byte becomes three at most */
    iconv_t how = iconv_open("UTF-8", charset);
    if (how == (iconv_t)-1)
        return ANIMA_E_INVALID;
    char *text = size ? mem_alloc(size) : NULL;
    char *in = (char *)(uintptr_t)data, *to = text;
    size_t left = n, room = size - 1;
    int rc = !text ? ANIMA_E_NOMEM : iconv(how, &in, &left, &to, &room) == (size_t)-1 ? ANIMA_E_INVALID : ANIMA_OK;
    iconv_close(how);
    if (!rc && memchr(text, '\0', (size_t)(to - text)))
        rc = ANIMA_E_INVALID;
    if (rc) {
        mem_free(text);
        return rc;
    }
    *to = '\0';
    *out = text;
    *len = (size_t)(to - text);
    return ANIMA_OK;
}

int twin_decode(const char *data, size_t n, char **out, size_t *len)
{
    *out = NULL;
    if (n >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0))
        return twin_convert(*data == '\xFF' ? "UTF-16LE" : "UTF-16BE", data + 2, n - 2, out, len);
    size_t bom = n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (n && memchr(data, '\0', n))
        return ANIMA_E_INVALID;
    if (!utf8_valid(data + bom, n - bom))
        return bom ? ANIMA_E_INVALID : twin_convert("GB18030", data, n, out, len);
    *len = n - bom;
    *out = mem_strndup(data + bom, *len);
    return *out ? ANIMA_OK : ANIMA_E_NOMEM;
}

/* ---- lines ---- */

bool twin_line(struct twin_lines *l)
{
    if (l->at >= l->end)
        return false;
    const char *eol = memchr(l->at, '\n', (size_t)(l->end - l->at));
    l->s = l->at;
    l->n = (size_t)((eol ? eol : l->end) - l->at);
    l->at += l->n + (eol ? 1 : 0);
    l->line++;
    if (l->n && l->s[l->n - 1] == '\r')
        l->n--;
    return l->n <= TWIN_MAX_LINE;
}

void twin_line_trouble(struct twin_reading *r, const struct twin_lines *l)
{
    if (l->n > TWIN_MAX_LINE)
        twin_trouble(r, "line %d has %zu bytes; at most %u are read", l->line, l->n, TWIN_MAX_LINE);
}

bool twin_begins(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && memcmp(s, word, len) == 0;
}

bool twin_ends(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && memcmp(s + n - len, word, len) == 0;
}

bool twin_begins_caseless(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && strncasecmp(s, word, len) == 0;
}
