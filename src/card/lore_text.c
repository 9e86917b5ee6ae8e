#include "card/lore_text.h"

#include "base/buf.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_CONTENT (64u << 10)

struct writer {
    yyjson_mut_doc *doc;
    yyjson_mut_val *entries, *entry; /* entry NULL: before the first heading */
    struct buf plain, own;           /* the text for all languages, and for ours */
    bool head, mine, foreign;        /* in the lines under a heading; in "EN:" of our language; in that of another */
    bool failed;                     /* an entry was too long */
    const char *language;
};

static void finish_entry(struct writer *w)
{
    const struct buf *text = w->own.len ? &w->own : &w->plain;
    w->failed |= w->plain.failed || w->own.failed;
    if (w->entry)
        yyjson_mut_obj_add_strncpy(w->doc, w->entry, "content", buf_str(text), text->len);
    buf_reset(&w->plain);
    buf_reset(&w->own);
}

static void begin_entry(struct writer *w, const char *title, size_t n)
{
    finish_entry(w);
    w->entry = yyjson_mut_obj(w->doc);
    yyjson_mut_obj_add_strncpy(w->doc, w->entry, "name", title, n);
    yyjson_mut_arr_append(w->entries, w->entry);
    w->head = true;
    w->mine = w->foreign = false;
}

/* The end of a key: a comma, but not one inside /an expression/. */
static size_t key_end(const char *value, size_t from, size_t n)
{
    size_t i = from;
    if (i < n && value[i] == '/')
        for (i++; i < n && !(value[i] == '/' && value[i - 1] != '\\');)
            i++;
    while (i < n && value[i] != ',')
        i++;
    return i;
}

static void add_list(struct writer *w, const char *member, const char *value, size_t n)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(w->doc, w->entry, member);
    for (size_t from = 0; from < n;) {
        while (from < n && value[from] == ' ')
            from++;
        size_t end = key_end(value, from, n), last = end;
        while (last > from && value[last - 1] == ' ')
            last--;
        if (last > from)
            yyjson_mut_arr_add_strncpy(w->doc, list, value + from, last - from);
        from = end + 1;
    }
}

/* A line "key: value" under a heading. False: it is text already. */
static bool head_line(struct writer *w, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    size_t key = colon ? (size_t)(colon - line) : 0, from = key + 1;
    while (from < n && line[from] == ' ')
        from++;
    const char *value = line + from;
    if (key == 4 && strncasecmp(line, "keys", 4) == 0) {
        add_list(w, "keys", value, n - from);
    } else if (key == 3 && strncasecmp(line, "and", 3) == 0) {
        add_list(w, "secondary_keys", value, n - from);
        yyjson_mut_obj_add_bool(w->doc, w->entry, "selective", true);
    } else if (key == 6 && strncasecmp(line, "always", 6) == 0) {
        yyjson_mut_obj_add_bool(w->doc, w->entry, "constant", n - from == 3 && strncasecmp(value, "yes", 3) == 0);
    } else if (key == 5 && strncasecmp(line, "order", 5) == 0) {
        yyjson_mut_obj_add_int(w->doc, w->entry, "insertion_order", atoi(value));
    } else if (key == 5 && strncasecmp(line, "depth", 5) == 0) {
        yyjson_mut_val *extensions = yyjson_mut_obj_add_obj(w->doc, w->entry, "extensions");
        yyjson_mut_obj_add_int(w->doc, extensions, "position", 4);
        yyjson_mut_obj_add_int(w->doc, extensions, "depth", atoi(value));
    } else {
        return false;
    }
    return true;
}

static void text_line(struct writer *w, const char *line, size_t n)
{
    bool en = n >= 3 && memcmp(line, "EN:", 3) == 0, zh = n >= 3 && memcmp(line, "ZH:", 3) == 0;
    if (en || zh) {
        w->mine = strcmp(w->language, en ? "en" : "zh") == 0;
        w->foreign = !w->mine;
        line += 3;
        n -= 3;
        while (n && *line == ' ')
            line++, n--;
    }
    struct buf *to = w->mine ? &w->own : &w->plain;
    if (w->foreign || !n)
        return;
    if (to->len)
        buf_puts(to, "\n");
    buf_append(to, line, n);
}

static int read_text(struct writer *w, const char *text, anima_error *err)
{
    int number = 1;
    for (const char *p = text; *p; number++) {
        size_t n = strcspn(p, "\n"), len = n;
        while (len && (p[len - 1] == '\r' || p[len - 1] == ' '))
            len--;
        if (len > 3 && memcmp(p, "## ", 3) == 0) {
            begin_entry(w, p + 3, len - 3);
        } else if (w->entry) {
            w->head = w->head && (!len || head_line(w, p, len));
            if (!w->head)
                text_line(w, p, len);
        } else if (len && p[0] != '#') {
            return err_set(err, ANIMA_E_INVALID, "lore.md, line %d: an entry begins with \"## \" and its title",
                           number);
        }
        p += n + (p[n] == '\n');
    }
    finish_entry(w);
    return w->failed ? err_set(err, ANIMA_E_LIMIT, "lore.md: an entry is too long") : ANIMA_OK;
}

int lore_text_parse(yyjson_val *book, const char *text, const char *language, struct lore **out, anima_error *err)
{
    struct writer w = { .doc = yyjson_mut_doc_new(NULL), .language = language };
    *out = NULL;
    if (!w.doc)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    buf_init(&w.plain, MAX_CONTENT);
    buf_init(&w.own, MAX_CONTENT);
    yyjson_mut_val *root = book ? yyjson_val_mut_copy(w.doc, book) : yyjson_mut_obj(w.doc);
    yyjson_mut_doc_set_root(w.doc, root);
    w.entries = yyjson_mut_obj_get(root, "entries");
    if (!yyjson_mut_is_arr(w.entries))
        w.entries = yyjson_mut_obj_add_arr(w.doc, root, "entries");
    int rc = w.entries ? read_text(&w, text, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    yyjson_doc *doc = rc ? NULL : yyjson_mut_doc_imut_copy(w.doc, NULL);
    if (!rc)
        rc = doc ? lore_parse(yyjson_doc_get_root(doc), out, err)
                 : err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    yyjson_doc_free(doc);
    yyjson_mut_doc_free(w.doc);
    buf_finish(&w.plain);
    buf_finish(&w.own);
    return rc;
}
