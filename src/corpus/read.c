#include "corpus/read_private.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mind/prompt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char BOM[] = "\xEF\xBB\xBF";

int corpus_form_of(const char *name, enum corpus_form *out, anima_error *err)
{
    static const char *const endings[CORPUS_FORMS] = { ".md", ".jsonl", ".txt" };
    size_t n = strlen(name);
    for (size_t i = 0; i < CORPUS_FORMS; i++) {
        size_t len = strlen(endings[i]);
        if (n > len && strcmp(name + n - len, endings[i]) == 0) {
            *out = (enum corpus_form)i;
            return ANIMA_OK;
        }
    }
    return err_set(
        err, ANIMA_E_INVALID,
        "%s is no text that can be learnt from: those are .md (conversations: \"> what they say\", the answer "
        "below), .jsonl ({\"messages\": …} a line) and .txt (own words, a line each)",
        name);
}

bool corpus_held_back(size_t index) { return index % 10 == 9; }

bool corpus_asks_life(const char *name) { return strstr(name, "-own-life-asked") != NULL; }

bool corpus_tells_life(const char *name) { return strstr(name, "-own-life-") || strstr(name, "-own-name."); }

size_t corpus_language(const char *language) { return language && strcmp(language, "zh") == 0 ? 0 : 1; }

const char *corpus_language_name(size_t i) { return i == 0 ? "zh" : "en"; }

const char *corpus_source_name(enum corpus_source source)
{
    static const char *const names[CORPUS_SOURCES] = { "own", "talk", "replay", "facts" };
    return names[source];
}

/* ---- conversations in the making ---- */

int corpus_fault(struct corpus_reader *r, int code, const char *fmt, ...)
{
    char why[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    return err_set(r->err, code, "%s, line %d: %s", r->text->name, r->line, why);
}

const char *corpus_last(const struct corpus_reader *r) { return r->n ? r->messages[r->n - 1].role : ""; }

/* The message that grew so far gets its text. */
static int close_message(struct corpus_reader *r)
{
    if (!r->n || r->messages[r->n - 1].text)
        return ANIMA_OK;
    char *text = arena_strndup(r->arena, buf_str(&r->open), r->open.len);
    if (!text || r->open.failed == ANIMA_E_NOMEM)
        return corpus_fault(r, ANIMA_E_NOMEM, "out of memory for the texts");
    r->messages[r->n - 1].text = text;
    return ANIMA_OK;
}

int corpus_put(struct corpus_reader *r, const char *role, const char *text, size_t n)
{
    int rc = close_message(r);
    if (rc)
        return rc;
    if (r->n == CORPUS_MAX_MESSAGES)
        return corpus_fault(r, ANIMA_E_LIMIT, "a conversation has at most %d messages", CORPUS_MAX_MESSAGES);
    r->messages[r->n++] = (struct corpus_message){ .role = role, .line = r->line };
    buf_reset(&r->open);
    return corpus_join(r, text, n);
}

int corpus_join(struct corpus_reader *r, const char *text, size_t n)
{
    if (r->open.len && n)
        buf_puts(&r->open, "\n");
    if (buf_append(&r->open, text, n) == ANIMA_E_LIMIT)
        return corpus_fault(r, ANIMA_E_LIMIT, "a message has at most %u bytes", CORPUS_MAX_LINE);
    return r->open.failed ? corpus_fault(r, ANIMA_E_NOMEM, "out of memory for the texts") : ANIMA_OK;
}

int corpus_begin(struct corpus_reader *r, const char *title, size_t n)
{
    r->now = arena_alloc(r->arena, sizeof(*r->now));
    char *copy = arena_strndup(r->arena, title, n);
    if (!r->now || !copy)
        return corpus_fault(r, ANIMA_E_NOMEM, "out of memory for the texts");
    *r->now = (struct corpus_conversation){ .title = copy, .file = r->text->name, .line = r->line };
    r->n = 0;
    return ANIMA_OK;
}

/* Of all answers together: one of them may be a quotation. */
static const char *language_of(struct corpus_reader *r)
{
    size_t zh = 0, en = 0;
    for (size_t i = 0; i < r->n; i++)
        if (*r->messages[i].role == 'a')
            *(corpus_language(prompt_language(r->messages[i].text)) == 0 ? &zh : &en) += 1;
    return corpus_language_name(zh > en ? 0 : 1);
}

int corpus_end(struct corpus_reader *r)
{
    struct corpus_conversation *c = r->now;
    if (!c)
        return ANIMA_OK;
    if (!r->n)
        return corpus_fault(r, ANIMA_E_INVALID, "the conversation \"%.80s\" of line %d is empty", c->title, c->line);
    int rc = strcmp(corpus_last(r), "user") == 0 ? corpus_put(r, "assistant", "", 0) : ANIMA_OK;
    if (!rc)
        rc = close_message(r);
    if (rc)
        return rc;
    c->messages = arena_alloc(r->arena, r->n * sizeof(*c->messages));
    if (!c->messages)
        return corpus_fault(r, ANIMA_E_NOMEM, "out of memory for the texts");
    memcpy(c->messages, r->messages, r->n * sizeof(*c->messages));
    c->n = r->n;
    c->language = r->text->language ? r->text->language : language_of(r);
    *r->end = c;
    r->end = &c->next;
    r->now = NULL;
    r->n = 0;
    return ANIMA_OK;
}

void corpus_trim(const char **s, size_t *n)
{
    while (*n && strchr(" \t\r", (*s)[0]))
        (*s)++, (*n)--;
    while (*n && strchr(" \t\r", (*s)[*n - 1]))
        (*n)--;
}

/* ---- a file ---- */

static int read_lines(struct corpus_reader *r)
{
    static int (*const readers[CORPUS_FORMS])(struct corpus_reader *, const char *,
                                              size_t) = { corpus_talk_line, corpus_jsonl_line, corpus_own_line };
    const char *p = r->text->data, *end = p + r->text->n;
    p += r->text->n >= 3 && memcmp(p, BOM, 3) == 0 ? 3 : 0;
    while (p < end) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((eol ? eol : end) - p);
        r->line++;
        if (n > CORPUS_MAX_LINE)
            return corpus_fault(r, ANIMA_E_LIMIT, "a line has at most %u bytes", CORPUS_MAX_LINE);
        int rc = readers[r->text->form](r, p, n);
        if (rc)
            return rc;
        p += n + (eol ? 1 : 0);
    }
    return corpus_end(r);
}

int corpus_read(struct arena *arena, const struct corpus_text *text, struct corpus_conversation **out, anima_error *err)
{
    struct corpus_reader *r = mem_zero(1, sizeof(*r));
    *out = NULL;
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %s", text->name);
    *r = (struct corpus_reader){ .arena = arena, .text = text, .err = err, .list = out, .end = out };
    buf_init(&r->open, CORPUS_MAX_LINE);
    int rc = ANIMA_OK;
    if (text->n > CORPUS_MAX_FILE)
        rc = err_set(err, ANIMA_E_LIMIT, "%s has more than %u MiB", text->name, CORPUS_MAX_FILE >> 20);
    else if (text->n && (!utf8_valid(text->data, text->n) || memchr(text->data, '\0', text->n)))
        rc = err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", text->name);
    if (!rc)
        rc = read_lines(r);
    if (rc)
        *out = NULL;
    buf_finish(&r->open);
    mem_free(r);
    return rc;
}
