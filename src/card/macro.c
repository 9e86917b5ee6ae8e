#include "card/macro.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_CHOICES 256
#define MAX_DICE 1000
#define MAX_SIDES 1000000
#define MAX_RESULT (1u << 20)

struct expansion {
    const struct macro_scene *scene;
    const char *whole; /* the text, for places in it */
};

static void expand(const struct expansion *e, const char *text, size_t n, int depth, struct buf *out);

/* xorshift64* (Vigna 2016). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state ? *state : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545F4914F6CDD1Dull;
}

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t seed, const char *text, size_t n)
{
    uint64_t h = 0xCBF29CE484222325ull ^ seed;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001B3ull;
    return h;
}

struct piece {
    const char *text;
    size_t n;
};

static void trim(struct piece *p)
{
    while (p->n && isspace((unsigned char)p->text[0]))
        p->text++, p->n--;
    while (p->n && isspace((unsigned char)p->text[p->n - 1]))
        p->n--;
}

/* Splits at "::" if there is one, else at commas that no backslash escapes. */
static size_t split(const char *text, size_t n, struct piece *out)
{
    bool colons = memmem(text, n, "::", 2) != NULL;
    size_t count = 0, from = 0;
    for (size_t i = 0; i <= n && count < MAX_CHOICES; i++) {
        bool here = i == n || (colons ? i + 1 < n && memcmp(text + i, "::", 2) == 0
                                      : text[i] == ',' && (i == 0 || text[i - 1] != '\\'));
        if (!here)
            continue;
        out[count] = (struct piece){ text + from, i - from };
        if (!colons)
            trim(&out[count]);
        count++;
        from = i + (colons ? 2 : 1);
        i += colons ? 1 : 0;
    }
    return count;
}

/* An argument: "\," is a comma. */
static void put_argument(const struct expansion *e, struct piece p, int depth, struct buf *out)
{
    struct buf plain;
    buf_init(&plain, MAX_RESULT);
    for (size_t i = 0; i < p.n; i++)
        if (!(p.text[i] == '\\' && i + 1 < p.n && p.text[i + 1] == ','))
            buf_append(&plain, p.text + i, 1);
    expand(e, buf_str(&plain), plain.len, depth + 1, out);
    buf_finish(&plain);
}

static void choose(const struct expansion *e, const char *args, size_t n, uint64_t number, int depth, struct buf *out)
{
    struct piece choices[MAX_CHOICES];
    size_t count = split(args, n, choices);
    if (count)
        put_argument(e, choices[number % count], depth, out);
}

static void do_random(const struct expansion *e, const char *name, const char *args, size_t n, int depth,
                      struct buf *out)
{
    (void)name;
    choose(e, args, n, next_random(e->scene->random) >> 16, depth, out);
}

/* The same choice every time the same text is shown in this conversation. */
static void do_pick(const struct expansion *e, const char *name, const char *args, size_t n, int depth, struct buf *out)
{
    uint64_t place = (uint64_t)(name - e->whole), state = hash(e->scene->seed ^ place, args, n) | 1;
    choose(e, args, n, next_random(&state) >> 16, depth, out);
}

/* "6", "d6", "2d6", "2d6+1": the sum. */
static void do_roll(const struct expansion *e, const char *name, const char *args, size_t n, int depth, struct buf *out)
{
    (void)name;
    (void)depth;
    char text[32], *p = text, *end;
    if (n >= sizeof(text))
        return;
    memcpy(text, args, n);
    text[n] = '\0';
    p += strspn(p, " ");
    long dice = 1, sides, more = 0, sum = 0;
    if (isdigit((unsigned char)*p)) {
        sides = strtol(p, &end, 10);
        if (*end == 'd' || *end == 'D') {
            dice = sides;
            sides = strtol(end + 1, &end, 10);
        }
    } else if (*p == 'd' || *p == 'D') {
        sides = strtol(p + 1, &end, 10);
    } else {
        return;
    }
    if (*end == '+' || *end == '-')
        more = strtol(end, &end, 10);
    end += strspn(end, " ");
    if (*end || dice < 1 || dice > MAX_DICE || sides < 1 || sides > MAX_SIDES || labs(more) > MAX_SIDES)
        return;
    for (long i = 0; i < dice; i++)
        sum += 1 + (long)(next_random(e->scene->random) % (uint64_t)sides);
    buf_printf(out, "%ld", sum + more);
}

static void do_reverse(const struct expansion *e, const char *name, const char *args, size_t n, int depth,
                       struct buf *out)
{
    struct buf text;
    (void)name;
    buf_init(&text, MAX_RESULT);
    expand(e, args, n, depth + 1, &text);
    for (size_t end = text.len; end > 0;) {
        size_t begin = end - 1;
        while (begin > 0 && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
            begin--;
        buf_append(out, text.data + begin, end - begin);
        end = begin;
    }
    buf_finish(&text);
}

static void do_nothing(const struct expansion *e, const char *name, const char *args, size_t n, int depth,
                       struct buf *out)
{
    (void)e;
    (void)name;
    (void)args;
    (void)n;
    (void)depth;
    (void)out;
}

static void do_hidden_key(const struct expansion *e, const char *name, const char *args, size_t n, int depth,
                          struct buf *out)
{
    (void)name;
    if (e->scene->keys)
        expand(e, args, n, depth + 1, out);
}

enum { TIME, DATE, WEEKDAY };

static void put_time(const struct expansion *e, int what, struct buf *out)
{
    static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
    struct tm tm;
    time_t local = (time_t)(e->scene->now_ms / 1000 + e->scene->offset_min * 60);
    if (!gmtime_r(&local, &tm))
        return;
    if (what == TIME)
        buf_printf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
    else if (what == DATE)
        buf_printf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    else
        buf_puts(out, days[tm.tm_wday]);
}

/* Macros without arguments. */
static bool put_simple(const struct expansion *e, const char *name, size_t n, struct buf *out)
{
    static const struct {
        const char *name;
        int what;
    } times[] = {
        { "time", TIME }, { "date", DATE }, { "weekday", WEEKDAY }, { "isotime", TIME }, { "isodate", DATE }
    };
    static const struct {
        const char *name, *text;
    } texts[] = { { "newline", "\n" }, { "noop", "" }, { "trim", "" } };
    if (n == 4 && strncasecmp(name, "char", 4) == 0)
        return buf_puts(out, e->scene->character), true;
    if (n == 4 && strncasecmp(name, "user", 4) == 0)
        return buf_puts(out, e->scene->user), true;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        if (strlen(times[i].name) == n && strncasecmp(name, times[i].name, n) == 0)
            return put_time(e, times[i].what, out), true;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strlen(texts[i].name) == n && strncasecmp(name, texts[i].name, n) == 0)
            return buf_puts(out, texts[i].text), true;
    return false;
}

static const struct {
    const char *name;
    void (*run)(const struct expansion *e, const char *name, const char *args, size_t n, int depth, struct buf *out);
} functions[] = { { "random", do_random },   { "pick", do_pick },       { "roll", do_roll },
                  { "reverse", do_reverse }, { "comment", do_nothing }, { "hidden_key", do_hidden_key } };

/* What stands between {{ and }}. False: unknown. */
static bool put_macro(const struct expansion *e, const char *body, size_t n, int depth, struct buf *out)
{
    struct piece p = { body, n };
    trim(&p);
    if (p.n >= 2 && memcmp(p.text, "//", 2) == 0)
        return true; /* a comment */
    if (put_simple(e, p.text, p.n, out))
        return true;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        size_t len = strlen(functions[i].name);
        if (p.n <= len || strncasecmp(p.text, functions[i].name, len) != 0)
            continue;
        const char *args = p.text + len;
        size_t skip = args[0] == ':' ? (p.n > len + 1 && args[1] == ':' ? 2 : 1) : args[0] == ' ' ? 1 : 0;
        if (!skip)
            continue;
        functions[i].run(e, p.text, args + skip, p.n - len - skip, depth, out);
        return true;
    }
    return false;
}

#define MAX_OPEN 64 /* macros in macros of which an end is looked for */

/* The length of the macro that begins at text ("{{" … its own "}}"), 0 if it has no end. */
static size_t macro_length(const char *text, size_t n)
{
    int open = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (text[i] == '{' && text[i + 1] == '{') {
            if (++open > MAX_OPEN)
                return 0;
            i++;
        } else if (text[i] == '}' && text[i + 1] == '}') {
            i++;
            if (--open == 0)
                return i + 1;
        }
    }
    return 0;
}

static void expand(const struct expansion *e, const char *text, size_t n, int depth, struct buf *out)
{
    for (size_t i = 0; i < n && !out->failed;) {
        const char *at = memmem(text + i, n - i, "{{", 2);
        size_t len = at && depth < MACRO_MAX_DEPTH ? macro_length(at, n - (size_t)(at - text)) : 0;
        if (!len) { /* none, or one without an end: the rest is text */
            buf_append(out, text + i, n - i);
            return;
        }
        buf_append(out, text + i, (size_t)(at - text) - i);
        i = (size_t)(at - text);
        size_t before = out->len;
        struct expansion inner = *e;
        if (depth == 0)
            inner.whole = text;
        if (!put_macro(&inner, at + 2, len - 4, depth, out)) {
            out->len = before;
            buf_append(out, at, 2); /* not ours: shown as it is, macros inside it replaced */
            i += 2;
            continue;
        }
        i += len;
    }
}

int macro_expand(const char *text, const struct macro_scene *scene, struct buf *out)
{
    const struct expansion e = { scene, text };
    expand(&e, text, strlen(text), 0, out);
    return out->failed;
}
