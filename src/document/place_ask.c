/* place_ask.c — which place of a document a message asks for, and which sections that is. */
#include "base/mem.h"
#include "base/utf8.h"
#include "document/place.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the message ---- */

static bool letter(char c) { return isalpha((unsigned char)c) || (c & 0x80); }

static bool any_of(const char *s, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == n && strncasecmp(s, *words, n) == 0)
            return true;
    return false;
}

/* The word in front of text[at], behind blanks: its length, *from where it begins. */
static size_t word_before(const char *text, size_t at, size_t *from)
{
    while (at && text[at - 1] == ' ')
        at--;
    size_t end = at;
    while (at && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '\''))
        at--;
    *from = at;
    return end - at;
}

static size_t word_behind(const char *text, size_t at, size_t *from)
{
    at += strspn(text + at, " ");
    *from = at;
    while (isalnum((unsigned char)text[at]) || text[at] == '\'')
        at++;
    return at - *from;
}

/* "the part I like", "book two seats", "schedule a call" ask for no place. */
static bool means_something_else(const char *text, size_t at, size_t len)
{
    static const char *const in[] = { "in", "of", "from", "does", "under", "see", "the", NULL };
    size_t from, before = word_before(text, at, &from);
    if (text[at + len - 1] == 'I' && text[at + len - 2] == ' ')
        return true;
    bool plain = strncasecmp(text + at, "book", 4) == 0 || strncasecmp(text + at, "schedule", 8) == 0 ||
                 strncasecmp(text + at, "part", 4) == 0;
    return plain && islower((unsigned char)text[at]) && !any_of(text + from, before, in);
}

static void add_number(struct place_asked *out, const struct place_number *number)
{
    if (out->n_numbers < PLACE_ASKED)
        out->numbers[out->n_numbers++] = *number;
}

static const struct {
    const char *word;
    int value; /* -1: the last one */
} ordinals[] = { { "first", 1 },   { "second", 2 }, { "third", 3 }, { "fourth", 4 }, { "fifth", 5 }, { "sixth", 6 },
                 { "seventh", 7 }, { "eighth", 8 }, { "ninth", 9 }, { "tenth", 10 }, { "last", -1 }, { "final", -1 },
                 { "1st", 1 },     { "2nd", 2 },    { "3rd", 3 },   { "4th", 4 } };

static enum place_kind kind_word(const char *s, size_t n)
{
    return n == 7 && strncasecmp(s, "chapter", 7) == 0   ? PLACE_CHAPTER
           : n == 7 && strncasecmp(s, "section", 7) == 0 ? PLACE_SECTION
           : n == 7 && strncasecmp(s, "article", 7) == 0 ? PLACE_ARTICLE
           : n == 6 && strncasecmp(s, "clause", 6) == 0  ? PLACE_ARTICLE
                                                         : PLACE_NONE;
}

/* "the second chapter", "its last section". */
static void ask_ordinal(const char *text, size_t at, struct place_asked *out)
{
    size_t from, n, next;
    n = word_behind(text, at, &from);
    for (size_t i = 0; n && from == at && i < sizeof(ordinals) / sizeof(*ordinals); i++)
        if (strlen(ordinals[i].word) == n && strncasecmp(text + at, ordinals[i].word, n) == 0) {
            size_t len = word_behind(text, at + n, &next);
            struct place_number number = { .kind = kind_word(text + next, len),
                                           .n = 1,
                                           .parts = { ordinals[i].value } };
            bool page = len == 4 && strncasecmp(text + next, "page", 4) == 0;
            if (page && ordinals[i].value > 0)
                out->page = out->last_page = ordinals[i].value;
            if (number.kind == PLACE_NONE)
                return;
            if (ordinals[i].value < 0)
                out->last = number.kind;
            else
                add_number(out, &number);
        }
}

static void ask_chinese_last(const char *text, struct place_asked *out)
{
    static const struct {
        const char *words;
        enum place_kind kind;
    } lasts[] = { { "最后一章", PLACE_CHAPTER }, { "最后一节", PLACE_SECTION },   { "最后一条", PLACE_ARTICLE },
                  { "末章", PLACE_CHAPTER },     { "最后一部分", PLACE_SECTION }, { "最后一回", PLACE_CHAPTER } };
    for (size_t i = 0; i < sizeof(lasts) / sizeof(*lasts); i++)
        if (strstr(text, lasts[i].words))
            out->last = lasts[i].kind;
}

/* Of "page 12", "pages 3 to 5", "p. 7" what stands behind the word. */
static void ask_page(const char *text, size_t at, struct place_asked *out)
{
    static const char *const words[] = { "page", "pages", "pp.", "p.", NULL };
    struct place_number number;
    size_t n = strcspn(text + at, " 0123456789"), from;
    if (!n || !any_of(text + at, n, words))
        return;
    char copy[64];
    at += n + strspn(text + at + n, " ");
    snprintf(copy, sizeof(copy), "section %.40s", text + at);
    size_t len = place_number(copy, strlen(copy), &number);
    if (len <= 8 || number.n != 1)
        return;
    out->page = out->last_page = number.parts[0];
    at += len - 8;
    size_t word = word_behind(text, at, &from);
    bool range = text[at] == '-' || strncmp(text + at, "–", 3) == 0 ||
                 (word == 2 && strncasecmp(text + from, "to", 2) == 0) ||
                 (word == 3 && strncasecmp(text + from, "and", 3) == 0);
    const char *more = range ? strpbrk(text + at, "0123456789") : NULL;
    int last = more && more - (text + at) < 8 ? atoi(more) : 0;
    if (last > out->page && last < out->page + 1000)
        out->last_page = last;
}

/* 第12页, 第十二页: read as if it were a section. */
static void ask_chinese_page(const char *text, struct place_asked *out)
{
    for (const char *at = text; (at = strstr(at, "第")); at += 3) {
        const char *page = strstr(at, "页");
        char copy[64];
        struct place_number number;
        if (!page || page - at > 30)
            continue;
        snprintf(copy, sizeof(copy), "%.*s节", (int)(page - at), at);
        if (place_number(copy, strlen(copy), &number) == strlen(copy))
            out->page = out->last_page = number.parts[0];
    }
}

static bool is_asked_by_name(const char *text, const char *at, size_t n)
{
    static const char *const before[] = { "the", "its", "this", "that", "in", "an", NULL };
    static const char *const behind[] = { "里", "中", "说", "讲", "写", "提", "部分", "的", "上", NULL };
    size_t from, len;
    if (*at & 0x80) {
        for (size_t i = 0; behind[i]; i++)
            if (strncmp(at + n, behind[i], strlen(behind[i])) == 0)
                return true;
        return false;
    }
    len = word_before(text, (size_t)(at - text), &from);
    return !letter(at[n]) && any_of(text + from, len, before);
}

static void ask_name(const char *text, struct place_asked *out)
{
    const char *word, *name;
    for (size_t i = 0; (name = place_name_at(i, &word)); i++)
        for (const char *at = text; (at = strcasestr(at, word)); at += strlen(word))
            if ((at == text || !isalpha((unsigned char)at[-1])) && is_asked_by_name(text, at, strlen(word)))
                out->name = name;
}

bool place_asked(const char *message, struct place_asked *out)
{
    size_t n = strlen(message);
    *out = (struct place_asked){ 0 };
    for (size_t i = 0; i < n; i++) {
        struct place_number number;
        if (i && isalnum((unsigned char)message[i - 1]) && isalnum((unsigned char)message[i]))
            continue; /* inside a word */
        ask_ordinal(message, i, out);
        ask_page(message, i, out);
        size_t len = (message[i] & 0x80) || isalpha((unsigned char)message[i])
                         ? place_number(message + i, n - i, &number)
                         : 0;
        if (len && number.kind != PLACE_BARE && !means_something_else(message, i, len)) {
            add_number(out, &number);
            i += len - 1;
        }
    }
    ask_chinese_last(message, out);
    ask_chinese_page(message, out);
    ask_name(message, out);
    return out->page || out->n_numbers || out->last != PLACE_NONE || out->name;
}

/* ---- the sections ---- */

static struct place_number number_of(const struct document_section *s)
{
    struct place_number number;
    place_number(s->number, strlen(s->number), &number);
    return number;
}

static bool same_parts(const struct place_number *a, const struct place_number *b)
{
    return a->n == b->n && memcmp(a->parts, b->parts, (size_t)a->n * sizeof(*a->parts)) == 0;
}

/* The level on which chapters that have no numbers are counted: the highest that has several; -1: there is none. */
static int counted_level(const struct document_section *s, size_t n)
{
    for (int level = 1; level <= DOCUMENT_LEVELS; level++) {
        size_t of_level = 0;
        for (size_t i = 0; i < n; i++)
            of_level += s[i].level == level;
        if (of_level > 1)
            return level;
    }
    return -1;
}

/* Of one kind in place of another: a section 3 where headings are just "3.", an article where they are sections. */
static bool stands_for(enum place_kind asked, enum place_kind there)
{
    bool small = asked == PLACE_SECTION || asked == PLACE_ARTICLE;
    return asked == there || there == PLACE_BARE || (small && (there == PLACE_SECTION || there == PLACE_ARTICLE));
}

static size_t fit_number(const struct place_number *asked, const struct document_section *s, size_t n, bool exact,
                         bool *fits)
{
    size_t found = 0;
    bool numbered = false;
    for (int pass = 0; pass < (exact ? 1 : 2) && !found; pass++)
        for (size_t i = 0; i < n; i++) {
            struct place_number number = number_of(&s[i]);
            numbered = numbered || number.kind != PLACE_NONE;
            bool kind = pass ? stands_for(asked->kind, number.kind) : number.kind == asked->kind;
            fits[i] = number.kind != PLACE_NONE && kind && same_parts(&number, asked);
            found += fits[i];
        }
    int level = exact || numbered || found || asked->n != 1 || asked->kind == PLACE_APPENDIX ? -1 : counted_level(s, n),
        count = 0;
    for (size_t i = 0; i < n && level > 0; i++)
        if (s[i].level == level && ++count == asked->parts[0]) {
            fits[i] = true;
            found++;
        }
    return found;
}

static size_t fit_last(enum place_kind kind, const struct document_section *s, size_t n, bool *fits)
{
    size_t last = n;
    int level = counted_level(s, n);
    for (size_t i = 0; i < n; i++)
        if (number_of(&s[i]).kind == kind)
            last = i;
    for (size_t i = n; i-- > 0 && last == n;)
        if (s[i].level == level || level < 0)
            last = i;
    if (last < n)
        fits[last] = true;
    return last < n;
}

static size_t fit_name(const char *name, const struct document_section *s, size_t n, bool *fits)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        const char *named = place_named(s[i].title, strlen(s[i].title));
        fits[i] = named && strcmp(named, name) == 0;
        found += fits[i];
    }
    return found;
}

/* What lies in a section that fits does, too: sections come behind the one they are in. */
static void spread(const struct document_section *s, size_t n, bool *fits)
{
    for (size_t i = 0; i < n; i++)
        fits[i] = fits[i] || (s[i].parent >= 0 && (size_t)s[i].parent < i && fits[s[i].parent]);
}

static size_t count(const bool *fits, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += fits[i];
    return found;
}

/* The places of one number; more: by those that are there already, within them (of another kind), or beside them. */
static void fit_more(const struct place_asked *asked, int k, const struct document_section *s, size_t n, bool exact,
                     bool *fits, bool *more)
{
    memset(more, 0, n * sizeof(*more));
    fit_number(&asked->numbers[k], s, n, exact, more);
    spread(s, n, more);
    bool within = k && asked->numbers[k].kind != asked->numbers[0].kind;
    for (size_t i = 0; i < n; i++)
        fits[i] = within ? fits[i] && more[i] : fits[i] || more[i];
}

size_t place_fits(const struct place_asked *asked, const struct document_section *s, size_t n, bool exact, bool *fits)
{
    bool *more = n ? mem_zero(n, sizeof(*more)) : NULL;
    memset(fits, 0, n * sizeof(*fits));
    for (int k = 0; k < asked->n_numbers && more; k++)
        fit_more(asked, k, s, n, exact, fits, more);
    mem_free(more);
    if (!asked->n_numbers && asked->last != PLACE_NONE && !exact)
        fit_last(asked->last, s, n, fits);
    else if (!asked->n_numbers && asked->last == PLACE_NONE && asked->name)
        fit_name(asked->name, s, n, fits);
    spread(s, n, fits);
    return count(fits, n);
}

/* ---- the title ---- */

/* What stands around "lease" in "in the lease", "what does my lease say". */
static bool pointed_at(const char *text, size_t at, size_t end)
{
    static const char *const the[] = { "the", "my", "our", "this", "that", "your", "his", "her", "their", NULL };
    static const char *const in[] = { "in", "from", "of", "under", "per", NULL };
    static const char *const to[] = { "to", "does", "by", "read", "on", NULL };
    static const char *const says[] = { "say",    "says",    "said",  "mention", "mentions", "state",    "states",
                                        "tell",   "tells",   "allow", "allows",  "require",  "requires", "end",
                                        "forbid", "forbids", "have",  "contain", NULL };
    size_t from, n = word_before(text, at, &from), next, len = word_behind(text, end, &next);
    bool determined = any_of(text + from, n, the);
    if (determined)
        n = word_before(text, from, &from);
    return any_of(text + from, n, in) || (determined && (any_of(text + from, n, to) || any_of(text + next, len, says)));
}

static bool is_word_at(const char *text, const char *at, size_t n)
{
    return (at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[n]);
}

/* Words of the title, as many as stand together in the message. */
static size_t titled_by_words(const char *message, const char *title)
{
    static const char *const empty[] = { "the",  "and",  "for",      "with",  "from",    "about", "our",
                                         "new",  "copy", "draft",    "final", "version", "notes", "note",
                                         "text", "file", "document", "page",  NULL };
    size_t best = 0, whole = strlen(title);
    const char *all = strcasestr(message, title);
    if (whole >= 3 && all && is_word_at(message, all, whole) &&
        (strchr(title, ' ') || pointed_at(message, (size_t)(all - message), (size_t)(all - message) + whole)))
        return whole;
    for (const char *w = title; *w;) {
        size_t n = strcspn(w, " ,.;:()[]-_/\"'"), next;
        for (const char *at = message; n > 2 && !any_of(w, n, empty) && n > best && *at; at++) {
            char word[DOCUMENT_MAX_TITLE + 1];
            snprintf(word, sizeof(word), "%.*s", (int)n, w);
            if (!(at = strcasestr(at, word)))
                break;
            size_t start = (size_t)(at - message), end = start + n;
            /* "the rental lease": the last word of several of the title is pointed at by the first. */
            size_t from, before = word_before(message, start, &from);
            char earlier[64];
            snprintf(earlier, sizeof(earlier), "%.*s", (int)(before < 60 ? before : 60), message + from);
            bool joined = before > 2 && strcasestr(title, earlier) && pointed_at(message, from, end);
            if (is_word_at(message, at, n) && (joined || pointed_at(message, start, end)))
                best = n;
        }
        next = n + (w[n] != '\0');
        w += next;
    }
    return best;
}

static size_t han_at(const char *s)
{
    size_t len, n = strlen(s);
    return n && (*s & 0x80) && utf8_is_han(utf8_decode(s, n, &len)) ? len : 0;
}

/* Chinese characters of the title that stand together in the message, and what follows points into it: 租房合同里. */
static size_t titled_by_characters(const char *message, const char *title)
{
    static const char *const behind[] = { "里", "中", "上", "内", "说",   "写", "规",   "讲",   "提", "怎",
                                          "》", "”",  "对", "有", "的第", "第", "要求", "允许", NULL };
    size_t best = 0;
    for (const char *m = message; *m; m++)
        for (const char *t = title; *t && han_at(m); t++) {
            size_t n = 0;
            while (han_at(t + n) && han_at(m + n) && memcmp(t + n, m + n, han_at(t + n)) == 0)
                n += han_at(t + n);
            bool points = n >= 15;
            for (size_t i = 0; behind[i] && n >= 6; i++)
                points = points || strncmp(m + n, behind[i], strlen(behind[i])) == 0;
            if (n >= 6 && points && n > best)
                best = n;
        }
    return best;
}

size_t place_titled(const char *message, const char *title)
{
    size_t words = titled_by_words(message, title), characters = titled_by_characters(message, title);
    return words > characters ? words : characters;
}
