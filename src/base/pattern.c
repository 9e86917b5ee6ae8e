#include "base/pattern.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#define GROUPS 8
#define MAX_EXPRESSION 65536
#define MATCH_LIMIT 200000
#define FOREIGN_MATCH_LIMIT 20000
#define FOREIGN_DEPTH_LIMIT 500
#define HEAP_LIMIT_KB 2048

struct pattern {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    int groups; /* of the last match */
    bool gave_up;
};

#define SLICE 512 /* bytes in which a match may begin, between two looks at the clock */

static uint32_t options_of(int flags)
{
    return PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (flags & PATTERN_FOREIGN ? PCRE2_USE_OFFSET_LIMIT : PCRE2_UCP) |
           (flags & PATTERN_CASELESS ? PCRE2_CASELESS : 0) | (flags & PATTERN_MULTILINE ? PCRE2_MULTILINE : 0) |
           (flags & PATTERN_DOTALL ? PCRE2_DOTALL : 0);
}

static void limit(struct pattern *p, bool foreign)
{
    if (foreign)
        pcre2_set_depth_limit(p->limits, FOREIGN_DEPTH_LIMIT);
    else
        pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_SOFT); /* where there is none: slower */
    pcre2_set_match_limit(p->limits, foreign ? FOREIGN_MATCH_LIMIT : MATCH_LIMIT);
    pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KB);
}

int pattern_create(const char *expression, int flags, struct pattern **out, anima_error *err)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    *out = NULL;
    if (flags & PATTERN_FOREIGN && strlen(expression) > PATTERN_MAX_FOREIGN)
        return err_set(err, ANIMA_E_LIMIT, "an expression has at most %d bytes", PATTERN_MAX_FOREIGN);
    struct pattern *p = *out = mem_zero(1, sizeof(*p));
    if (!p)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a pattern");
    p->code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, options_of(flags), &code, &at, NULL);
    p->match = pcre2_match_data_create(GROUPS, NULL);
    p->limits = pcre2_match_context_create(NULL);
    if (p->code && p->match && p->limits) {
        limit(p, flags & PATTERN_FOREIGN);
        return ANIMA_OK;
    }
    bool wrong = !p->code && code != PCRE2_ERROR_HEAP_FAILED;
    pattern_destroy(p);
    *out = NULL;
    if (!wrong)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a pattern");
    PCRE2_UCHAR why[120];
    pcre2_get_error_message(code, why, sizeof(why));
    return err_set(err, ANIMA_E_INVALID, "the expression \"%.60s\" is wrong at byte %zu: %s", expression, (size_t)at,
                   (const char *)why);
}

int pattern_create_any(const char *const *list, int flags, struct pattern **out, anima_error *err)
{
    struct buf all;
    *out = NULL;
    buf_init(&all, MAX_EXPRESSION);
    for (size_t i = 0; list[i]; i++) {
        buf_puts(&all, i ? "|" : "");
        buf_puts(&all, list[i]);
    }
    int rc = all.failed ? err_set(err, all.failed, "a list of expressions is too long")
                        : pattern_create(buf_str(&all), flags, out, err);
    buf_finish(&all);
    return rc;
}

void pattern_destroy(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    pcre2_match_data_free(p->match);
    pcre2_match_context_free(p->limits);
    mem_free(p);
}

static bool match(struct pattern *p, const char *text, size_t n, size_t from, uint32_t options, size_t *start,
                  size_t *end)
{
    p->groups = 0;
    if (from > n)
        return false;
    int rc = pcre2_match(p->code, (PCRE2_SPTR)text, n, from, options, p->match, p->limits);
    p->gave_up = rc < 0 && rc != PCRE2_ERROR_PARTIAL && rc != PCRE2_ERROR_NOMATCH;
    if (rc < 0 && rc != PCRE2_ERROR_PARTIAL)
        return false;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->match);
    p->groups = rc > 0 ? rc : rc == 0 ? GROUPS : 0;
    if (start)
        *start = at[0];
    if (end)
        *end = at[1];
    return true;
}

bool pattern_find(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end)
{
    return match(p, text, n, from, 0, start, end);
}

bool pattern_find_until(struct pattern *p, const char *text, size_t n, int64_t until_us)
{
    bool found = false;
    for (size_t from = 0;;) {
        size_t last = n - from > SLICE ? from + SLICE : n;
        pcre2_set_offset_limit(p->limits, last);
        found = match(p, text, n, from, from ? PCRE2_NO_UTF_CHECK : 0, NULL, NULL);
        if (found || p->gave_up || last == n)
            break;
        if (clock_mono_us() > until_us) {
            p->gave_up = true;
            break;
        }
        for (from = last + 1; from < n && ((unsigned char)text[from] & 0xC0) == 0x80;)
            from++;
    }
    pcre2_set_offset_limit(p->limits, PCRE2_UNSET);
    return found;
}

bool pattern_begins(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end)
{
    return match(p, text, n, from, PCRE2_PARTIAL_SOFT, start, end);
}

bool pattern_gave_up(const struct pattern *p) { return p->gave_up; }

size_t pattern_size(const struct pattern *p)
{
    size_t code = 0;
    pcre2_pattern_info(p->code, PCRE2_INFO_SIZE, &code);
    return sizeof(*p) + code + 512; /* the match and the limits */
}

bool pattern_group(const struct pattern *p, size_t i, size_t *start, size_t *end)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->match);
    if (i >= (size_t)p->groups || at[2 * i] == PCRE2_UNSET)
        return false;
    *start = at[2 * i];
    *end = at[2 * i + 1];
    return true;
}
