#include "mind/persona.h"

#include "base/err.h"
#include "base/utf8.h"
#include "mind/phrase.h"

#include <string.h>

#define MAX_EXAMPLES 400

static bool is_heading(const char *line, size_t n)
{
    static const char *const headings[] = { "## Examples", "## 例子" };
    for (size_t i = 0; i < 2; i++)
        if (n == strlen(headings[i]) && memcmp(line, headings[i], n) == 0)
            return true;
    return false;
}

static char *trimmed(struct arena *a, const char *s, size_t n)
{
    while (n && strchr(" \t\r\n", s[0]))
        s++, n--;
    while (n && strchr(" \t\r\n", s[n - 1]))
        n--;
    return arena_strndup(a, s, n);
}

/* A line of an answer joins the ones before it. */
static bool join(struct arena *a, struct prompt_turn *turn, const char *line)
{
    if (!*line)
        return true;
    turn->text = *turn->text ? arena_printf(a, "%s\n%s", turn->text, line) : line;
    return turn->text != NULL;
}

static int parse_examples(struct arena *a, const char *p, const char *end, const char *what, struct prompt_persona *out,
                          anima_error *err)
{
    struct prompt_turn *turns = arena_alloc(a, 2 * MAX_EXAMPLES * sizeof(*turns));
    size_t n = 0;
    if (!turns)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the examples in %s", what);
    while (p < end) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((eol ? eol : end) - p);
        bool asks = len >= 2 && p[0] == '>' && p[1] == ' ';
        char *line = asks ? trimmed(a, p + 2, len - 2) : trimmed(a, p, len);
        if (!line)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the examples in %s", what);
        p += len + (eol ? 1 : 0);
        if (asks && n == 2 * MAX_EXAMPLES)
            return err_set(err, ANIMA_E_LIMIT, "%s has more than %d examples", what, MAX_EXAMPLES);
        if (asks) {
            turns[n++] = (struct prompt_turn){ "", line };
            turns[n++] = (struct prompt_turn){ NULL, "" };
        } else if (n == 0 && *line) {
            return err_set(err, ANIMA_E_INVALID, "%s: the first example must begin with \"> \"", what);
        } else if (n && !join(a, &turns[n - 1], line)) {
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the examples in %s", what);
        }
    }
    for (size_t i = n; i-- > 2;) /* "> one way to say it", "> another": one answer for both */
        if (i % 2 && !*turns[i - 2].text)
            turns[i - 2].text = turns[i].text;
    for (size_t i = 1; i < n; i += 2)
        if (!*turns[i].text)
            return err_set(err, ANIMA_E_INVALID, "%s: nobody answers \"%.80s\"", what, turns[i - 1].text);
    out->examples = turns;
    out->n_examples = n;
    return ANIMA_OK;
}

int persona_parse(struct arena *a, const char *text, size_t n, const char *language, const char *what,
                  struct prompt_persona *out, anima_error *err)
{
    if (!utf8_valid(text, n) || memchr(text, '\0', n))
        return err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", what);
    const char *end = text + n, *examples = end, *rest = end;
    for (const char *p = text; p < end;) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((eol ? eol : end) - p);
        if (is_heading(p, len && p[len - 1] == '\r' ? len - 1 : len)) {
            examples = p;
            rest = eol ? eol + 1 : end;
            break;
        }
        p += len + 1;
    }
    *out = (struct prompt_persona){ .language = arena_strdup(a, language),
                                    .text = trimmed(a, text, (size_t)(examples - text)) };
    if (!out->language || !out->text)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %s", what);
    if (!*out->text)
        return err_set(err, ANIMA_E_INVALID, "%s says nothing about who the character is", what);
    return rest < end ? parse_examples(a, rest, end, what, out, err) : ANIMA_OK;
}

int persona_parse_samples(struct arena *a, const char *text, size_t n, const char *what, struct prompt_persona *out,
                          anima_error *err)
{
    struct prompt_persona read = { 0 };
    if (!utf8_valid(text, n) || memchr(text, '\0', n))
        return err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", what);
    int rc = parse_examples(a, text, text + n, what, &read, err);
    out->samples = read.examples;
    out->n_samples = read.n_examples;
    return rc;
}

char *persona_short(struct arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    return trimmed(arena, text, phrase_sentence(text, strlen(text), true));
}
