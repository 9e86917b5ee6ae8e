#include "corpus/mask.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "base/utf8.h"
#include "corpus/corpus.h"

#include <string.h>

#define MAX_MASKED (4u * CORPUS_MAX_LINE) /* bytes: a word may be longer than what it stands for */

/* Chinese stands right beside digits and is made of letters for \w and \b: so the bounds are spelt out. \d is a digit of full width,
 * too. No expression has a repetition without an end, so that each place is looked at in a bounded time. */
#define URL_END "[^\\s\\x{3000}-\\x{9fff}\\x{ff00}-\\x{ffef}]{1,2000}"

static const char *const url[] = {
    "(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}://[^\\s/@:]{0,200}:[^\\s/@]{1,200}@" URL_END,
    "https?://"
    "[^\\s?&#]{1,500}[?&#](?:[^\\s&#]{0,400}[&#]){0,10}(?:[a-z0-9.]{1,20}[_-]){0,4}(?:access_?token|token|api_?key|key|"
    "secret|"
    "pass(?:word|wd)?|pwd|sig(?:nature)?|auth|session(?:_?id)?)=" URL_END,
    NULL,
};

static const char *const mail[] = { "[a-z0-9._%+-]{1,64}[@＠](?:[a-z0-9-]{1,63}\\.){1,8}[a-z]{2,24}", NULL };

#define BYTE "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
static const char *const ip[] = {
    "(?<![0-9.])(?:" BYTE "\\.){3}" BYTE "(?!\\.?[0-9])",
    "(?<![a-z0-9_:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![a-z0-9_:])",
    "(?<![a-z0-9_:])(?:[0-9a-f]{1,4}:){2,6}(?::[0-9a-f]{1,4}){1,6}(?![a-z0-9_:])",
    NULL,
};

/* China's (a date of birth inside), the USA's, the United Kingdom's; China's passports. */
static const char *const id[] = {
    "(?<!\\d)[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x](?![0-9a-z])",
    "(?<![\\d-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\\d-])",
    "(?<![a-z0-9])[a-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d](?![a-z0-9])",
    "(?<![a-z0-9])(?:[degps][0-9]{8}|e[a-z][0-9]{7})(?![a-z0-9])",
    NULL,
};

static const char *const card[] = {
    "(?<!\\d)\\d{13,19}(?!\\d)",
    "(?<!\\d)\\d{4}([ -])\\d{4}\\1\\d{4}\\1\\d{1,4}(?:\\1\\d{1,3})?(?!\\d)",
    "(?<!\\d)\\d{4}[ -]\\d{6}[ -]\\d{5}(?!\\d)",
    NULL,
};

/* Abroad; China's mobiles; an area's code in front; North America's. Numbers anybody may call (400, 800) are nobody's. */
static const char *const phone[] = {
    "(?<![\\d+])(?:[+＋]|00)\\d{1,3}[ .-]?(?:\\(\\d{1,4}\\)[ .-]?)?\\d(?:[ .-]?\\d){6,12}(?!\\d)",
    "(?<!\\d)(?:86[ -]?)?[1１][3-9３-９]\\d[ .-]?\\d{4}[ .-]?\\d{4}(?!\\d)",
    "(?<!\\d)(?:[(（]0\\d{2,4}[)）] ?|0\\d{2,3}[ -]?)\\d{3,4}[ -]?\\d{4}(?!\\d)",
    "(?<!\\d)0\\d{4}[ -]?\\d{6}(?!\\d)",
    "(?<!\\d)(?:1[ .-])?(?!400|800)(?:\\(\\d{3}\\) ?|\\d{3}[ .-])\\d{3}[ .-]\\d{4}(?!\\d)",
    NULL,
};

static const char *const number[] = {
    "(?<!\\d)(?<!\\d\\.)\\d{9,1000}",
    "(?<!\\d)\\d{4}([ -])\\d{4}\\1\\d{4}\\1\\d{4}(?!\\d)",
    NULL,
};

static const struct {
    const char *name;
    const char *const *expressions;
    const char *words[CORPUS_LANGUAGES];
} table[CORPUS_MASKS] = {
    [CORPUS_MASK_URL] = { "url", url, { "[网址]", "[link]" } },
    [CORPUS_MASK_MAIL] = { "mail", mail, { "[邮箱]", "[mail address]" } },
    [CORPUS_MASK_IP] = { "ip", ip, { "[IP 地址]", "[IP address]" } },
    [CORPUS_MASK_ID] = { "id", id, { "[证件号]", "[ID number]" } },
    [CORPUS_MASK_CARD] = { "card", card, { "[卡号]", "[card number]" } },
    [CORPUS_MASK_PHONE] = { "phone", phone, { "[电话号码]", "[phone number]" } },
    [CORPUS_MASK_NUMBER] = { "number", number, { "[号码]", "[number]" } },
};

struct masks {
    struct pattern *patterns[CORPUS_MASKS];
};

const char *corpus_mask_name(enum corpus_mask mask) { return table[mask].name; }

int masks_create(struct masks **out, anima_error *err)
{
    struct masks *m = *out = mem_zero(1, sizeof(*m));
    int rc = m ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < CORPUS_MASKS && !rc; i++)
        rc = pattern_create_any(table[i].expressions, PATTERN_CASELESS, &m->patterns[i], err);
    if (rc) {
        masks_destroy(m);
        *out = NULL;
    }
    return rc;
}

void masks_destroy(struct masks *m)
{
    for (size_t i = 0; m && i < CORPUS_MASKS; i++)
        pattern_destroy(m->patterns[i]);
    mem_free(m);
}

/* The digit of a character, full width or not; -1: it is none. */
static int digit(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int)(c - '0');
    return c >= 0xFF10 && c <= 0xFF19 ? (int)(c - 0xFF10) : -1;
}

/* The check digit of bank cards (ISO/IEC 7812-1, annex B): every second digit from the right counts twice. */
static bool luhn(const char *text, size_t n)
{
    int digits[32], sum = 0;
    size_t count = 0;
    for (size_t i = 0, len; i < n && count < 32; i += len) {
        int d = digit(utf8_decode(text + i, n - i, &len));
        if (d >= 0)
            digits[count++] = d;
    }
    for (size_t i = 0; i < count; i++) {
        int d = digits[count - 1 - i] << (i & 1);
        sum += d > 9 ? d - 9 : d;
    }
    return count >= 13 && count <= 19 && sum % 10 == 0;
}

/* One kind, over the whole text: *out is text itself if there is none of it. */
static int apply(struct pattern *p, enum corpus_mask mask, struct arena *arena, const char *text, const char *language,
                 size_t *count, const char **out, anima_error *err)
{
    struct buf b;
    size_t n = strlen(text), done = 0, start, end;
    buf_init(&b, MAX_MASKED);
    for (size_t from = 0; pattern_find(p, text, n, from, &start, &end); from = end) {
        if (mask == CORPUS_MASK_CARD && !luhn(text + start, end - start))
            continue;
        buf_append(&b, text + done, start - done);
        buf_puts(&b, table[mask].words[corpus_language(language)]);
        done = end;
        (*count)++;
    }
    *out = text;
    if (done) {
        buf_append(&b, text + done, n - done);
        *out = b.failed ? NULL : arena_strndup(arena, buf_str(&b), b.len);
    }
    int failed = b.failed;
    buf_finish(&b);
    if (pattern_gave_up(p) || failed == ANIMA_E_LIMIT)
        return err_set(err, ANIMA_E_LIMIT, "a text could not be searched for a %s: \"%.40s…\"", table[mask].name, text);
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the texts");
}

int masks_apply(struct masks *m, struct arena *arena, const char *text, const char *language,
                size_t counts[CORPUS_MASKS], const char **out, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < CORPUS_MASKS && !rc; i++) {
        rc = apply(m->patterns[i], (enum corpus_mask)i, arena, text, language, &counts[i], out, err);
        text = *out;
    }
    return rc;
}
