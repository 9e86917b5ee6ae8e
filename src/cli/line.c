#include "cli/line.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PENDING 32

struct line {
    struct buf text;
    size_t at;                   /* the cursor, in bytes */
    char *history[LINE_HISTORY]; /* oldest first */
    size_t n_history, shown;     /* shown == n_history: the line being typed */
    char *kept;                  /* that line, while an older one is shown */
    char pending[MAX_PENDING];   /* an unfinished character or key */
    size_t n_pending;
    bool pasting;
    size_t rows_drawn, cursor_row; /* of the last picture */
};

int line_create(struct line **out, anima_error *err)
{
    struct line *l = *out = mem_zero(1, sizeof(*l));
    if (!l)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    buf_init(&l->text, LINE_MAX_BYTES);
    return ANIMA_OK;
}

void line_destroy(struct line *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n_history; i++)
        mem_free(l->history[i]);
    mem_free(l->kept);
    buf_finish(&l->text);
    mem_free(l);
}

const char *line_text(const struct line *l) { return buf_str(&l->text); }

void line_clear(struct line *l)
{
    buf_reset(&l->text);
    l->at = 0;
    l->shown = l->n_history;
    mem_free(l->kept);
    l->kept = NULL;
}

/* ---- changing the text ---- */

static void replace_all(struct line *l, const char *text)
{
    buf_reset(&l->text);
    buf_puts(&l->text, text);
    l->at = l->text.len;
}

static void insert(struct line *l, const char *bytes, size_t n)
{
    size_t behind = l->text.len - l->at;
    if (l->text.len + n > LINE_MAX_BYTES || buf_append(&l->text, bytes, n))
        return;
    memmove(l->text.data + l->at + n, l->text.data + l->at, behind);
    memcpy(l->text.data + l->at, bytes, n);
    l->at += n;
}

/* Takes out [from, to) and leaves the cursor at from. */
static void cut(struct line *l, size_t from, size_t to)
{
    if (from >= to)
        return;
    memmove(l->text.data + from, l->text.data + to, l->text.len - to + 1);
    l->text.len -= to - from;
    l->at = from;
}

/* ---- places in the text ---- */

/* A character with the combining marks behind it is one step. */
static size_t next(const struct line *l, size_t i)
{
    for (size_t len, n = l->text.len, first = i; i < n; i += len) {
        utf8_decode(l->text.data + i, n - i, &len);
        if (i > first && (l->text.data[i] == '\n' || utf8_width(l->text.data + i, len) > 0))
            break;
    }
    return i;
}

static size_t previous(const struct line *l, size_t i)
{
    size_t len;
    while (i > 0) {
        do
            i--;
        while (i > 0 && ((unsigned char)l->text.data[i] & 0xC0) == 0x80);
        utf8_decode(l->text.data + i, l->text.len - i, &len);
        if (l->text.data[i] == '\n' || utf8_width(l->text.data + i, len) > 0)
            break;
    }
    return i;
}

static bool blank(const struct line *l, size_t i) { return l->text.data[i] == ' ' || l->text.data[i] == '\n'; }

/* A word: letters up to a blank. Chinese has no blanks: there a character is a word. */
static size_t word_left(const struct line *l, size_t i)
{
    while (i > 0 && blank(l, previous(l, i)))
        i = previous(l, i);
    size_t from = i;
    while (i > 0 && !blank(l, previous(l, i))) {
        size_t p = previous(l, i);
        if (utf8_width(l->text.data + p, i - p) > 1)
            return i == from ? p : i;
        i = p;
    }
    return i;
}

static size_t word_right(const struct line *l, size_t i)
{
    while (i < l->text.len && blank(l, i))
        i = next(l, i);
    size_t from = i;
    while (i < l->text.len && !blank(l, i)) {
        size_t q = next(l, i);
        if (utf8_width(l->text.data + i, q - i) > 1)
            return i == from ? q : i;
        i = q;
    }
    return i;
}

static size_t row_begin(const struct line *l)
{
    size_t i = l->at;
    while (i > 0 && l->text.data[i - 1] != '\n')
        i--;
    return i;
}

static size_t row_end(const struct line *l)
{
    size_t i = l->at;
    while (i < l->text.len && l->text.data[i] != '\n')
        i++;
    return i;
}

/* ---- the history ---- */

void line_remember(struct line *l, const char *text)
{
    if (!*text || (l->n_history && strcmp(l->history[l->n_history - 1], text) == 0))
        return;
    char *copy = mem_strdup(text);
    if (!copy)
        return;
    if (l->n_history == LINE_HISTORY) {
        mem_free(l->history[0]);
        memmove(l->history, l->history + 1, (LINE_HISTORY - 1) * sizeof(l->history[0]));
        l->n_history--;
    }
    l->history[l->n_history++] = copy;
    l->shown = l->n_history;
}

static void show_history(struct line *l, size_t which)
{
    if (which > l->n_history || which == l->shown)
        return;
    if (l->shown == l->n_history) {
        mem_free(l->kept);
        l->kept = mem_strdup(line_text(l));
    }
    l->shown = which;
    replace_all(l, which < l->n_history ? l->history[which] : l->kept ? l->kept : "");
}

/* Up and down keep the column as far as the other row reaches. */
static size_t same_column(const struct line *l, size_t begin)
{
    size_t here = row_begin(l), column = utf8_width(l->text.data + here, l->at - here), i = begin;
    while (i < l->text.len && l->text.data[i] != '\n') {
        size_t after = next(l, i);
        if (utf8_width(l->text.data + begin, after - begin) > column)
            break;
        i = after;
    }
    return i;
}

static void up(struct line *l)
{
    size_t begin = row_begin(l), above = begin;
    if (begin > 0) {
        for (above--; above > 0 && l->text.data[above - 1] != '\n';)
            above--;
        l->at = same_column(l, above);
    } else if (l->shown > 0) {
        show_history(l, l->shown - 1);
    }
}

static void down(struct line *l)
{
    size_t end = row_end(l);
    if (end < l->text.len)
        l->at = same_column(l, end + 1);
    else
        show_history(l, l->shown + 1);
}

/* ---- keys ---- */

/* CSI sequences by their last byte, and by their number where that is '~'. A modifier makes arrows jump by words. */
static void csi(struct line *l, const char *p, size_t n)
{
    int number = atoi(p);
    bool modified = memchr(p, ';', n) != NULL;
    switch (p[n - 1]) {
    case 'A': up(l); return;
    case 'B': down(l); return;
    case 'C': l->at = modified ? word_right(l, l->at) : next(l, l->at); return;
    case 'D': l->at = modified ? word_left(l, l->at) : previous(l, l->at); return;
    case 'H': l->at = row_begin(l); return;
    case 'F': l->at = row_end(l); return;
    case '~': break;
    default: return;
    }
    switch (number) {
    case 1:
    case 7: l->at = row_begin(l); return;
    case 4:
    case 8: l->at = row_end(l); return;
    case 3: cut(l, l->at, next(l, l->at)); return;
    case 200: l->pasting = true; return;
    case 201: l->pasting = false; return;
    default: return;
    }
}

/* ESC and what follows. False: more bytes are needed. */
static bool escape(struct line *l)
{
    const char *p = l->pending;
    size_t n = l->n_pending;
    if (n < 2)
        return false;
    if (p[1] == '[' || p[1] == 'O') {
        char last = p[n - 1];
        if (n == 2 || (p[1] == '[' && (last < 0x40 || last > 0x7E) && n < MAX_PENDING - 1))
            return false;
        l->pending[n] = '\0';
        csi(l, p + 2, n - 2);
        return true;
    }
    switch (p[1]) {
    case '\r':
    case '\n': insert(l, "\n", 1); break;
    case 'b': l->at = word_left(l, l->at); break;
    case 'f': l->at = word_right(l, l->at); break;
    case 'd': cut(l, l->at, word_right(l, l->at)); break;
    case 0x7F: cut(l, word_left(l, l->at), l->at); break;
    default: break;
    }
    return true;
}

static enum line_event control(struct line *l, char c)
{
    switch (c) {
    case '\r':
    case '\n': return LINE_DONE;
    case 0x04:
        if (!l->text.len)
            return LINE_END;
        cut(l, l->at, next(l, l->at));
        break;
    case 0x01: l->at = row_begin(l); break;
    case 0x05: l->at = row_end(l); break;
    case 0x02: l->at = previous(l, l->at); break;
    case 0x06: l->at = next(l, l->at); break;
    case 0x08:
    case 0x7F: cut(l, previous(l, l->at), l->at); break;
    case 0x0B: cut(l, l->at, row_end(l)); break;
    case 0x0E: down(l); break;
    case 0x10: up(l); break;
    case 0x15: cut(l, row_begin(l), l->at); break;
    case 0x17: cut(l, word_left(l, l->at), l->at); break;
    default: break;
    }
    return LINE_MORE;
}

/* One byte; characters and escape sequences are collected in pending. */
static enum line_event take(struct line *l, char c)
{
    unsigned char u = (unsigned char)c;
    if (l->n_pending && l->pending[0] == 0x1B) {
        l->pending[l->n_pending++] = c;
        if (escape(l))
            l->n_pending = 0;
        return LINE_MORE;
    }
    if (u >= 0x80) {
        l->pending[l->n_pending++] = c;
        if (utf8_whole(l->pending, l->n_pending) < l->n_pending)
            return LINE_MORE;
        /* U+0080 to U+009F are control characters, too. */
        if (utf8_valid(l->pending, l->n_pending) && !((unsigned char)l->pending[0] == 0xC2 && u < 0xA0))
            insert(l, l->pending, l->n_pending);
        l->n_pending = 0;
        return LINE_MORE;
    }
    l->n_pending = 0; /* a character that was not finished is lost */
    if (u == 0x1B) {
        l->pending[l->n_pending++] = c;
    } else if (l->pasting && (c == '\r' || c == '\n')) {
        insert(l, "\n", 1);
    } else if (c == '\t') {
        insert(l, "    ", 4);
    } else if (u < 0x20 || u == 0x7F) {
        return l->pasting ? LINE_MORE : control(l, c);
    } else {
        insert(l, &c, 1);
    }
    return LINE_MORE;
}

enum line_event line_feed(struct line *l, const char *bytes, size_t n, size_t *used)
{
    for (*used = 0; *used < n;) {
        enum line_event event = take(l, bytes[(*used)++]);
        if (event != LINE_MORE)
            return event;
    }
    return LINE_MORE;
}

/* ---- drawing ---- */

struct place {
    size_t row, column;
};

/* Where a character of that width comes to stand; *p is moved behind it. */
static struct place put(struct place *p, size_t width, size_t columns)
{
    if (p->column + width > columns)
        *p = (struct place){ p->row + 1, 0 };
    struct place here = *p;
    p->column += width;
    return here;
}

/* Walks through prompt and text. to != NULL: appends the rows from first on, at most n of them. Returns the place of byte
 * `cursor` of the text; *end is the last one. */
static struct place walk(const struct line *l, const char *prompt, size_t columns, struct place *end, struct buf *to,
                         size_t first, size_t n)
{
    struct place p = { 0, 0 }, cursor = { 0, 0 };
    size_t row = 0; /* the last one drawn */
    const char *const parts[] = { prompt, line_text(l) };
    for (size_t k = 0; k < 2; k++) {
        const char *s = parts[k];
        size_t len, all = strlen(s);
        for (size_t i = 0; i <= all; i += len) {
            struct place before = p, here;
            size_t width = 0;
            len = 1;
            if (i < all && s[i] != '\n') {
                utf8_decode(s + i, all - i, &len);
                width = utf8_width(s + i, len);
            }
            here = put(&p, width, columns);
            if (k == 1 && i == l->at) {
                struct place at = width ? here : before;
                cursor = at.column >= columns ? (struct place){ at.row + 1, 0 } : at;
            }
            if (i == all)
                break;
            if (s[i] == '\n')
                p = (struct place){ p.row + 1, 0 };
            if (!to || here.row < first || here.row >= first + n || s[i] == '\n')
                continue;
            for (row = row < first ? first : row; row < here.row; row++)
                buf_puts(to, "\r\n");
            buf_append(to, s + i, len);
        }
    }
    *end = p;
    if (to && cursor.row >= first && cursor.row < first + n)
        for (row = row < first ? first : row; row < cursor.row; row++)
            buf_puts(to, "\r\n");
    end->row = row;
    return cursor;
}

static void move_up(struct buf *out, size_t rows)
{
    if (rows)
        buf_printf(out, "\033[%zuA", rows);
}

void line_render(struct line *l, const char *prompt, size_t columns, size_t rows, struct buf *out)
{
    struct place end;
    columns = columns < 8 ? 8 : columns;
    rows = rows < 3 ? 3 : rows;
    struct place cursor = walk(l, prompt, columns, &end, NULL, 0, 0);
    size_t first = cursor.row + 2 > rows ? cursor.row + 2 - rows : 0;
    move_up(out, l->cursor_row);
    buf_puts(out, "\r\033[J");
    walk(l, prompt, columns, &end, out, first, rows - 1);
    move_up(out, end.row - cursor.row);
    buf_puts(out, "\r");
    if (cursor.column)
        buf_printf(out, "\033[%zuC", cursor.column);
    l->cursor_row = cursor.row - first;
    l->rows_drawn = end.row - first + 1;
}

void line_leave(struct line *l, struct buf *out)
{
    for (size_t i = l->cursor_row + 1; i < l->rows_drawn; i++)
        buf_puts(out, "\r\n");
    if (l->rows_drawn)
        buf_puts(out, "\r\n");
    l->rows_drawn = l->cursor_row = 0;
}
