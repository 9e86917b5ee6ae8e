#include "memory/facts.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "memory/class_private.h"
#include "memory/facts_private.h"

#include <string.h>

#define MAX_TEXT 8192
#define LAST_MS 253402300799999ll /* of the year 9999 */
#define MAX_OFFSET 1080
#define TIMES 2 /* that a rule can match in a sentence */

struct fact_reader {
    struct fact_patterns of[FACTS_LANGUAGES];
};

static const struct fact_words *const languages[FACTS_LANGUAGES] = {
    [FACTS_EN] = &fact_words_en, [FACTS_ZH] = &fact_words_zh
};

/* ---- patterns ---- */

static int compile(struct fact_patterns *p, const struct fact_words *w, anima_error *err)
{
    int rc = pattern_create_any(w->unsure, PATTERN_CASELESS, &p->unsure, err);
    rc = rc ? rc : pattern_create_any(w->change, PATTERN_CASELESS, &p->change, err);
    rc = rc ? rc : pattern_create_any(w->plan, PATTERN_CASELESS, &p->plan, err);
    rc = rc ? rc : pattern_create_any(w->no_value, PATTERN_CASELESS, &p->no_value, err);
    for (size_t i = 0; i < FACT_WAS && w->was[i] && !rc; i++)
        rc = pattern_create(w->was[i], PATTERN_CASELESS, &p->was[i], err);
    for (size_t i = 0; i < FACTS_RULES && w->rules[i].expression && !rc; i++)
        rc = pattern_create(w->rules[i].expression, PATTERN_CASELESS, &p->rules[i], err);
    return rc;
}

int fact_reader_create(struct fact_reader **out, anima_error *err)
{
    struct fact_reader *r = *out = mem_zero(1, sizeof(*r));
    int rc = r ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the patterns of facts");
    for (int l = 0; l < FACTS_LANGUAGES && !rc; l++)
        rc = compile(&r->of[l], languages[l], err);
    if (rc) {
        fact_reader_destroy(r);
        *out = NULL;
    }
    return rc;
}

void fact_reader_destroy(struct fact_reader *r)
{
    for (int l = 0; r && l < FACTS_LANGUAGES; l++) {
        struct fact_patterns *p = &r->of[l];
        for (size_t i = 0; i < FACTS_RULES; i++)
            pattern_destroy(p->rules[i]);
        for (size_t i = 0; i < FACT_WAS; i++)
            pattern_destroy(p->was[i]);
        pattern_destroy(p->unsure);
        pattern_destroy(p->change);
        pattern_destroy(p->plan);
        pattern_destroy(p->no_value);
    }
    mem_free(r);
}

/* ---- a sentence ---- */

/* A full stop inside a number or an address ends nothing. */
static size_t sentence_end(const char *s, size_t n, bool *asks)
{
    static const char *const ends[] = { "。", "！", "？", "；", "…" };
    *asks = false;
    for (size_t i = 0; i < n; i++) {
        if (strchr("!?\n", s[i]) || (strchr(".;", s[i]) && (i + 1 == n || strchr(" \n.", s[i + 1])))) {
            *asks = s[i] == '?';
            return i + 1;
        }
        for (size_t k = 0; k < sizeof(ends) / sizeof(*ends); k++)
            if (n - i >= 3 && memcmp(s + i, ends[k], 3) == 0) {
                *asks = k == 2;
                return i + 3;
            }
    }
    return n;
}

/* Somebody else's words, or a title. */
static void blank_quotes(char *s, size_t n)
{
    static const char *const pairs[][2] = { { "\"", "\"" }, { "“", "”" }, { "「", "」" }, { "『", "』" } };
    for (size_t k = 0; k < sizeof(pairs) / sizeof(*pairs); k++) {
        size_t len = strlen(pairs[k][0]);
        for (size_t i = 0; i + len <= n; i++) {
            const char *end = memcmp(s + i, pairs[k][0], len) == 0 ? strstr(s + i + len, pairs[k][1]) : NULL;
            if (!end)
                continue;
            size_t to = (size_t)(end - s) + len;
            memset(s + i, CLASS_BLANK, to - i);
            i = to - 1;
        }
    }
}

/* What it says of before: a time, or whatever stands there. */
static void find_was(struct sentence *s)
{
    size_t start, end;
    s->was_start = s->was_end = 0;
    for (size_t i = 0; i < FACT_WAS && s->patterns->was[i] && !s->was_end; i++)
        if (pattern_find(s->patterns->was[i], s->text, s->n, 0, NULL, NULL) &&
            pattern_group(s->patterns->was[i], 1, &start, &end) && end > start) {
            s->was_start = start;
            s->was_end = end;
        }
}

/* False: it states nothing. */
static bool sentence_begin(struct reading *g, const char *text, size_t from, size_t n)
{
    struct sentence *s = &g->s;
    if (n > FACT_SENTENCE)
        return false;
    memcpy(s->text, text + from, n);
    s->text[n] = '\0';
    s->n = n;
    s->from = from;
    blank_quotes(s->text, n);
    int l = class_language(s->text, n) == CLASS_ZH ? FACTS_ZH : FACTS_EN;
    s->language = languages[l];
    s->patterns = &g->r->of[l];
    if (pattern_find(s->patterns->unsure, s->text, n, 0, NULL, NULL) || pattern_gave_up(s->patterns->unsure))
        return false;
    s->change = pattern_find(s->patterns->change, s->text, n, 0, NULL, NULL);
    find_was(s);
    fact_find_days(s, g->said);
    return true;
}

/* ---- statements ---- */

static bool is_new(const struct reading *g, const struct fact *f)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->out[i].about == f->about && strcmp(g->out[i].whose, f->whose) == 0 &&
            strcmp(g->out[i].topic, f->topic) == 0 && (f->about != FACT_ABOUT_day || g->out[i].day_ms == f->day_ms))
            return false;
    return g->n < FACTS_MOST;
}

void fact_add(struct reading *g, struct fact *f, size_t start, size_t end)
{
    const struct sentence *s = &g->s;
    fact_copy(f->value, sizeof(f->value), s->text + start, end - start);
    f->start = s->from + start;
    f->end = s->from + end;
    if (s->was_end && (s->was_end <= start || s->was_start >= end)) {
        f->was_start = s->from + s->was_start;
        f->was_end = s->from + s->was_end;
    }
    if ((*f->value || f->ends) && is_new(g, f))
        g->out[g->n++] = *f;
}

/* A time at its end is no part of a value: "moved to York last month"; it tells since when. */
static void take_time(const struct sentence *s, struct fact *f, size_t start, size_t *end)
{
    static const char *const before[] = { " in", " on", " at", " since", " from" };
    for (size_t i = 0; i < s->n_whens; i++) {
        const struct when *w = &s->whens[i];
        if ((f->change || w->direction == WHEN_FUTURE) && w->precision <= WHEN_YEAR && !w->vague)
            f->since_ms = w->from_ms;
        if (w->start <= start || w->start >= *end)
            continue;
        *end = w->start;
        while (*end > start && s->text[*end - 1] == ' ')
            --*end;
        for (size_t k = 0; k < sizeof(before) / sizeof(*before); k++) {
            size_t len = strlen(before[k]);
            if (*end - start > len && memcmp(s->text + *end - len, before[k], len) == 0)
                *end -= len;
        }
    }
}

static bool is_value(const struct sentence *s, const struct fact *f, size_t start, size_t end)
{
    if (f->ends && f->about != FACT_ABOUT_likes)
        return true;
    return end > start && end - start < FACT_VALUE && !memchr(s->text + start, CLASS_BLANK, end - start) &&
           (f->about == FACT_ABOUT_diet ||
            !pattern_find(s->patterns->no_value, s->text + start, end - start, 0, NULL, NULL));
}

/* "My sister Jo lives …" tells her name, too. */
static void add_name(struct reading *g, const struct fact *of, const char *name)
{
    struct fact f = { .about = FACT_ABOUT_name, .confidence = 0.9F };
    const char *at = strstr(g->s.text, name);
    memcpy(f.whose, of->whose, sizeof(f.whose));
    if (at)
        fact_add(g, &f, (size_t)(at - g->s.text), (size_t)(at - g->s.text) + strlen(name));
}

static void take_match(struct reading *g, const struct fact_rule *rule, const struct pattern *p)
{
    const struct sentence *s = &g->s;
    struct fact f = { .about = rule->about,
                      .confidence = rule->confidence,
                      .change = s->change || rule->flags & FACT_CHANGES,
                      .ends = (rule->flags & FACT_ENDS) != 0 };
    size_t a = 0, b = 0, start = 0, end = 0, from = 0, to = 0;
    char name[FACT_WHOSE] = "";
    pattern_group(p, 1, &a, &b);
    if (!pattern_group(p, 2, &start, &end) || !fact_whose(s->text + a, b - a, f.whose, name))
        return;
    if (pattern_group(p, 3, &from, &to)) {
        fact_copy(f.topic, sizeof(f.topic), s->text + start, end - start);
        start = from;
        end = to;
    }
    take_time(s, &f, start, &end);
    if (!is_value(s, &f, start, end))
        return;
    fact_add(g, &f, start, end);
    if (*name && rule->about != FACT_ABOUT_name)
        add_name(g, &f, name);
}

static void read_rules(struct reading *g)
{
    const struct sentence *s = &g->s;
    for (size_t i = 0; i < FACTS_RULES && s->patterns->rules[i]; i++) {
        size_t at = 0, end = 0;
        for (int k = 0; k < TIMES && at < s->n; k++) {
            if (!pattern_find(s->patterns->rules[i], s->text, s->n, at, NULL, &end))
                break;
            take_match(g, &s->language->rules[i], s->patterns->rules[i]);
            at = end > at ? end : at + 1;
        }
    }
}

size_t facts_read(struct fact_reader *r, struct words *words, const char *text, size_t n, struct when_anchor said,
                  struct fact *out)
{
    struct reading g = { .r = r, .words = words, .said = said, .out = out };
    if (said.ms < 0 || said.ms > LAST_MS || said.offset_min < -MAX_OFFSET || said.offset_min > MAX_OFFSET ||
        !utf8_valid(text, n))
        return 0;
    n = n < MAX_TEXT ? n : utf8_cut(text, n, MAX_TEXT);
    for (size_t at = 0, len; at < n && g.n < FACTS_MOST; at += len) {
        bool asks;
        len = sentence_end(text + at, n - at, &asks);
        size_t blanks = 0; /* counted, not strspn: the text need not end in a zero */
        while (blanks < len && (text[at + blanks] == ' ' || text[at + blanks] == '\n'))
            blanks++;
        if (asks || blanks >= len || !sentence_begin(&g, text, at + blanks, len - blanks))
            continue;
        read_rules(&g);
        fact_read_day(&g);
    }
    return g.n;
}
