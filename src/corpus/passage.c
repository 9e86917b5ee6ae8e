#include "corpus/passage.h"

#include "base/err.h"
#include "base/utf8.h"
#include "corpus/prose.h"
#include "corpus/read_private.h"
#include "mind/phrase.h"
#include "mind/prompt.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

#define MARGIN 36      /* columns: a shorter line was not broken at a margin */
#define LEAST_TOKENS 6 /* of a passage */
#define MAX_PARAGRAPH (64u << 10)
#define MAX_LINES 1000 /* of a paragraph */
#define MAX_SENTENCES 2000

struct cutter {
    struct corpus_passages *all;
    struct masks *masks;
    const char *file, *language, *title, *heading;
    anima_error *err;
    int skip; /* of this level is the heading of a section that is no prose; 0: none */
    struct buf paragraph;
    struct {
        size_t at;
        int line;
    } lines[MAX_LINES]; /* where in the paragraph a line of the text begins */
    size_t n_lines;
};

/* ---- passages ---- */

static int no_memory(struct cutter *c) { return err_set(c->err, ANIMA_E_NOMEM, "out of memory for %s", c->file); }

static int line_at(const struct cutter *c, size_t at)
{
    int line = 0;
    for (size_t i = 0; i < c->n_lines && c->lines[i].at <= at; i++)
        line = c->lines[i].line;
    return line;
}

static int grow(struct cutter *c)
{
    struct corpus_passages *p = c->all;
    if (p->n < p->max)
        return ANIMA_OK;
    size_t max = p->max ? 2 * p->max : 64;
    struct corpus_passage *list = max <= 2 * PASSAGES_MAX ? arena_alloc(p->arena, max * sizeof(*list)) : NULL;
    if (max > 2 * PASSAGES_MAX)
        return err_set(c->err, ANIMA_E_LIMIT, "the texts have more than %d passages", PASSAGES_MAX);
    if (!list)
        return no_memory(c);
    if (p->n)
        memcpy(list, p->list, p->n * sizeof(*list));
    p->list = list;
    p->max = max;
    return ANIMA_OK;
}

static void make_key(struct corpus_passage *p)
{
    unsigned char sum[16];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof(sum));
    crypto_generichash_update(&state, (const unsigned char *)p->heading, strlen(p->heading) + 1);
    crypto_generichash_update(&state, (const unsigned char *)p->text, strlen(p->text));
    crypto_generichash_final(&state, sum, sizeof(sum));
    sodium_bin2hex(p->key, sizeof(p->key), sum, sizeof(sum));
}

/* n bytes of the paragraph are a passage, if they are worth it. */
static int add(struct cutter *c, size_t from, size_t n)
{
    struct corpus_passages *all = c->all;
    const char *text = buf_str(&c->paragraph) + from;
    while (n && strchr(" \t", text[n - 1]))
        n--;
    if (prompt_tokens(text, n) < LEAST_TOKENS || n > PASSAGE_BYTES) {
        all->left_out[n > PASSAGE_BYTES ? PASSAGE_LONG : PASSAGE_SHORT]++;
        return ANIMA_OK;
    }
    const char *copy = arena_strndup(all->arena, text, n), *folded = copy ? corpus_fold(all->arena, copy) : NULL;
    struct corpus_entry *seen = folded ? corpus_table_put(&all->seen, folded, strlen(folded)) : NULL;
    int rc = seen ? grow(c) : no_memory(c);
    if (rc || seen->count++) {
        all->left_out[PASSAGE_DUPLICATE] += !rc;
        return rc;
    }
    const char *language = c->language ? c->language : prompt_language(copy);
    rc = masks_apply(c->masks, all->arena, copy, language, all->masked, &copy, c->err);
    struct corpus_passage *p = &all->list[all->n];
    *p = (struct corpus_passage){ c->file, line_at(c, from), c->title, c->heading, copy, language, "" };
    make_key(p);
    all->n += !rc;
    return rc;
}

/* The paragraph's sentences, as evenly as may be; ends[]: where each ends. */
static int group(struct cutter *c, const size_t *ends, size_t n)
{
    size_t most = (n + PASSAGE_SENTENCES - 1) / PASSAGE_SENTENCES, from = 0;
    size_t each = most ? (n + most - 1) / most : 0;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < n && !rc;) {
        size_t k = 1;
        while (k < each && i + k < n &&
               prompt_tokens(buf_str(&c->paragraph) + from, ends[i + k] - from) <= PASSAGE_TOKENS &&
               ends[i + k] - from <= PASSAGE_BYTES)
            k++;
        rc = add(c, from, ends[i + k - 1] - from);
        from = ends[i + k - 1];
        i += k;
    }
    return rc;
}

static int end_paragraph(struct cutter *c)
{
    size_t ends[MAX_SENTENCES], n = 0, at = 0;
    const char *text = buf_str(&c->paragraph);
    if (c->paragraph.failed)
        return err_set(c->err, c->paragraph.failed, "%s, line %d: a paragraph has at most %u KiB", c->file,
                       line_at(c, 0), MAX_PARAGRAPH >> 10);
    for (size_t len; at < c->paragraph.len && n < MAX_SENTENCES; at += len) {
        len = phrase_sentence(text + at, c->paragraph.len - at, true);
        ends[n++] = at + len;
    }
    int rc = group(c, ends, n);
    buf_reset(&c->paragraph);
    c->n_lines = 0;
    return rc;
}

/* ---- lines ---- */

static bool is_no_prose(const char *heading)
{
    static const char *const sections[] = { "references", "external links", "see also", "further reading",
                                            "notes",      "bibliography",   "sources",  "footnotes",
                                            "citations",  "参考资料",       "参考文献", "参考",
                                            "外部链接",   "外部連結",       "参见",     "参看",
                                            "注释",       "脚注",           "延伸阅读", "扩展阅读",
                                            "来源",       "相关条目" };
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
        if (strcasecmp(heading, sections[i]) == 0)
            return true;
    return false;
}

static int set_heading(struct cutter *c, int level, const char *text, size_t n)
{
    int rc = end_paragraph(c);
    corpus_trim(&text, &n);
    const char *copy = rc ? NULL : arena_strndup(c->all->arena, text, n);
    if (!copy)
        return rc ? rc : no_memory(c);
    rc = masks_apply(c->masks, c->all->arena, copy, c->language ? c->language : prompt_language(copy), c->all->masked,
                     &copy, c->err);
    if (rc)
        return rc;
    if (c->skip && level > c->skip)
        return ANIMA_OK;
    c->skip = is_no_prose(copy) ? level : 0;
    bool title = level == 1 && !*c->title;
    c->title = title ? copy : c->title;
    c->heading = title ? "" : copy;
    return ANIMA_OK;
}

/* "## Work", "== Work ==": its level, and the words; 0: it is no heading. */
static int heading_of(const char **line, size_t *n)
{
    const char *s = *line;
    size_t level = 0, len = *n;
    char mark = len ? s[0] : '\0';
    while (level < len && s[level] == mark)
        level++;
    if (mark == '#' && level <= 6 && level < len && s[level] == ' ') {
        while (len > level && (s[len - 1] == '#' || s[len - 1] == ' '))
            len--;
    } else if (mark == '=' && level <= 6 && len > 2 * level && s[len - 1] == '=') {
        while (len > level && s[len - 1] == '=')
            len--;
    } else {
        return 0;
    }
    *line = s + level;
    *n = len - level;
    return (int)level;
}

/* A mark of a list or a quotation in front of the words goes; true: there was one. */
static bool take_mark(const char **line, size_t *n)
{
    const char *s = *line;
    size_t k = 0, digits = 0;
    while (k < *n && (strchr("*#:;>", s[k]) || (strchr("-+", s[k]) && k + 1 < *n && s[k + 1] == ' ')))
        k++;
    while (!k && digits < *n && isdigit((unsigned char)s[digits]))
        digits++;
    if (digits && digits <= 3 && digits + 1 < *n && strchr(".)", s[digits]) && s[digits + 1] == ' ')
        k = digits + 1;
    *line += k;
    *n -= k;
    if (k)
        corpus_trim(line, n);
    return k > 0;
}

static bool is_rule(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (line[i] != line[0] || !strchr("-=*_~", line[i]))
            return false;
    return n >= 3;
}

static bool ends_sentence(const char *text, size_t n)
{
    static const char *const ends[] = { "。", "！", "？", "…", ".", "!", "?", "”", "\"", "；", "：", ":" };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i]);
        if (n >= len && memcmp(text + n - len, ends[i], len) == 0)
            return true;
    }
    return false;
}

/* Words go on behind those of the line before, if that was broken at the margin; else they begin a paragraph. */
static int words(struct cutter *c, int line, bool item, const char *text, size_t n)
{
    struct buf *p = &c->paragraph;
    size_t last = c->n_lines ? c->lines[c->n_lines - 1].at : 0;
    bool on = p->len && !item && c->n_lines < MAX_LINES && !ends_sentence(p->data, p->len) &&
              utf8_width(p->data + last, p->len - last) >= MARGIN;
    int rc = on ? ANIMA_OK : end_paragraph(c);
    if (rc)
        return rc;
    bool latin = p->len && (unsigned char)p->data[p->len - 1] < 0x80 && (unsigned char)text[0] < 0x80;
    if (latin)
        buf_puts(p, " ");
    c->lines[c->n_lines].at = p->len;
    c->lines[c->n_lines++].line = line;
    buf_append(p, text, n);
    return ANIMA_OK;
}

static int one_line(struct cutter *c, int number, const char *line, size_t n)
{
    corpus_trim(&line, &n);
    if (!n)
        return end_paragraph(c);
    if (is_rule(line, n)) { /* below one line of a paragraph it makes a heading of it */
        char copy[200];
        size_t len = c->paragraph.len;
        if (!strchr("=-", line[0]) || c->n_lines != 1 || len >= sizeof(copy) ||
            ends_sentence(buf_str(&c->paragraph), len))
            return end_paragraph(c);
        memcpy(copy, c->paragraph.data, len);
        buf_reset(&c->paragraph);
        c->n_lines = 0;
        return set_heading(c, line[0] == '=' ? 1 : 2, copy, len);
    }
    int level = heading_of(&line, &n);
    if (level)
        return set_heading(c, level, line, n);
    bool table = line[0] == '|' || (line[0] == '!' && n > 1 && line[1] == ' '),
         magic = n > 4 && memcmp(line, "__", 2) == 0;
    if (c->skip || table || magic)
        return end_paragraph(c);
    bool item = take_mark(&line, &n);
    return n ? words(c, number, item, line, n) : ANIMA_OK;
}

/* Bytes of what stands between two lines "---" at the very beginning. */
static size_t front_matter(const char *text, size_t n)
{
    if (n < 8 || memcmp(text, "---\n", 4) != 0)
        return 0;
    const char *end = memmem(text + 3, n - 3, "\n---", 4);
    return end ? (size_t)(end - text) + 4 : 0;
}

static int cut(struct cutter *c, const char *text, size_t n)
{
    struct buf clean;
    size_t skip = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, front = front_matter(text + skip, n - skip);
    int line = 1, rc = ANIMA_OK;
    for (size_t i = 0; i < front; i++)
        line += text[skip + i] == '\n';
    buf_init(&clean, CORPUS_MAX_FILE);
    if (prose_clean(text + skip + front, n - skip - front, &clean))
        rc = err_set(c->err, clean.failed, "out of memory for %s", c->file);
    const char *at = buf_str(&clean), *end = at + clean.len;
    while (at < end && !rc) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        rc = one_line(c, line++, at, (size_t)((eol ? eol : end) - at));
        at = eol ? eol + 1 : end;
    }
    buf_finish(&clean);
    return rc ? rc : end_paragraph(c);
}

int corpus_passages_add(struct corpus_passages *all, const char *file, const char *text, size_t n, const char *language,
                        anima_error *err)
{
    if (n > CORPUS_MAX_FILE)
        return err_set(err, ANIMA_E_LIMIT, "%s has more than %u MiB", file, CORPUS_MAX_FILE >> 20);
    if (n && (!utf8_valid(text, n) || memchr(text, '\0', n)))
        return err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", file);
    all->seen.arena = all->arena;
    struct cutter *c = arena_alloc(all->arena, sizeof(*c));
    const char *called = arena_strdup(all->arena, file);
    if (!c || !called)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %s", file);
    *c = (struct cutter){ .all = all, .file = called, .language = language, .title = "", .heading = "", .err = err };
    buf_init(&c->paragraph, MAX_PARAGRAPH);
    int rc = masks_create(&c->masks, err);
    if (!rc)
        rc = cut(c, text, n);
    masks_destroy(c->masks);
    buf_finish(&c->paragraph);
    return rc;
}

const char *passage_left_name(enum passage_left why)
{
    static const char *const names[PASSAGE_LEFT] = { "short", "long", "duplicate" };
    return names[why];
}
