/* pdf_join.c — a line behind another: between words a blank, between Chinese characters none, and a word that the end of a line had cut is whole
 * again, unless it is written with its stroke elsewhere. */
#include "base/utf8.h"
#include "document/pdf.h"

#include <string.h>

#define NEARBY 65536 /* bytes in which the same word is looked for */
#define LONGEST_WORD 60

/* Letters that stand side by side without blanks. */
static bool is_wide(uint32_t c)
{
    return utf8_is_han(c) || (c >= 0x3000 && c <= 0x30FF) || (c >= 0xFF00 && c <= 0xFFEF) || c == 0x2026 ||
           c == 0x2014 || (c >= 0x2018 && c <= 0x201D);
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7);
}

static uint32_t last_of(const char *s, size_t n)
{
    size_t at = n, len;
    while (at && ((unsigned char)s[--at] & 0xC0) == 0x80)
        ;
    return n ? utf8_decode(s + at, n - at, &len) : 0;
}

/* The bytes of the word that s begins with, or that ends at n. */
static size_t word_behind(const char *s, size_t n)
{
    size_t i = 0, len;
    for (; i < n && i < LONGEST_WORD && is_letter(utf8_decode(s + i, n - i, &len)); i += len)
        ;
    return i;
}

static size_t word_before(const char *s, size_t n)
{
    size_t i = n;
    while (i && n - i < LONGEST_WORD && is_letter(last_of(s, i)))
        do
            i--;
        while (i && ((unsigned char)s[i] & 0xC0) == 0x80);
    return n - i;
}

/* "well-" and "known": whether well-known stands in the text so far. */
static bool has_stroke(const struct buf *text, const char *s, size_t n)
{
    char word[2 * LONGEST_WORD + 16];
    size_t before = word_before(text->data, text->len), behind = word_behind(s, n), at = 0;
    size_t from = text->len > NEARBY ? text->len - NEARBY : 0;
    memcpy(word, text->data + text->len - before, before);
    at = before;
    word[at++] = '-';
    memcpy(word + at, s, behind);
    return before && behind && memmem(text->data + from, text->len - from, word, at + behind);
}

static void join_word(struct buf *text, const char *s, size_t n, size_t stroke)
{
    size_t len;
    uint32_t first = n ? utf8_decode(s, n, &len) : 0;
    text->len -= stroke;
    text->data[text->len] = '\0';
    if (!is_letter(first) || utf8_small(first) != first || has_stroke(text, s, n))
        buf_puts(text, "-");
    buf_append(text, s, n);
}

void pdf_join(struct buf *text, const char *s, size_t n)
{
    size_t len, had = text->len;
    if (text->failed || !n)
        return;
    uint32_t last = had ? last_of(text->data, had) : '\n', first = utf8_decode(s, n, &len);
    if (last == 0xAD) {
        join_word(text, s, n, 2);
        return;
    }
    if (last == '-' && had > 1 && is_letter(last_of(text->data, had - 1)) && is_letter(first)) {
        join_word(text, s, n, 1);
        return;
    }
    if (last != '\n' && last != '\f' && !is_wide(last) && !is_wide(first))
        buf_puts(text, " ");
    buf_append(text, s, n);
}
