/* What a turn is about, as far as telling whether the next one goes on with it: words with content in Latin letters, shortened
 * to what their inflections share, and pairs of Chinese characters. */
#include "base/hash.h"
#include "base/utf8.h"
#include "memory/class_private.h"

#include <string.h>

#define STEM 6 /* letters of a word that are compared: "pregnant" and "pregnancy" meet */

static void add_unit(struct class_topic *t, const void *data, size_t n)
{
    uint32_t h = (uint32_t)hash_bytes(data, n);
    for (size_t i = 0; i < t->n; i++)
        if (t->units[i] == h)
            return;
    if (t->n < sizeof(t->units) / sizeof(t->units[0]))
        t->units[t->n++] = h;
}

static bool letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7); }

/* Bytes of the word at s; a word of one or two letters, and an ending, count for nothing. */
static size_t word(const char *s, size_t n, struct class_topic *t, size_t *content)
{
    char stem[4 * STEM];
    size_t len = 0, i = 0, letters = 0, one;
    for (; i < n; i += one) {
        uint32_t c = utf8_small(utf8_decode(s + i, n - i, &one));
        if (!letter(c))
            break;
        if (letters < STEM)
            len += utf8_encode(c, stem + len);
        letters++;
    }
    if (letters < 3)
        return i;
    (*content)++;
    if (letters <= STEM && stem[len - 1] == 's')
        len--;
    if (t)
        add_unit(t, stem, len);
    return i;
}

size_t class_topic_units(const char *s, size_t n, struct class_topic *t)
{
    size_t content = 0, one;
    uint32_t before = 0;
    for (size_t i = 0; i < n; i += one) {
        uint32_t c = utf8_decode(s + i, n - i, &one), pair[2] = { before, c };
        before = 0;
        if (utf8_is_han(c)) {
            if (t && pair[0])
                add_unit(t, pair, sizeof(pair));
            content++;
            before = c;
        } else if (letter(utf8_small(c))) {
            one = word(s + i, n - i, t, &content);
        }
    }
    return content;
}

bool class_topic_shares(const struct class_topic *a, const struct class_topic *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (a->units[i] == b->units[k])
                return true;
    return false;
}

int class_topic_add(struct classifier *c, const char *text, size_t n, struct class_topic *topic, size_t *content)
{
    struct buf b;
    size_t found = 0;
    buf_init(&b, 4 * n + 16);
    int rc = class_fold(text, n, &b);
    for (size_t at = 0, len; !rc && at < b.len; at += len) {
        len = class_sentence(b.data + at, b.len - at);
        class_take_out(c, LIST_FILLER, b.data + at, len, NULL, NULL);
        found += class_topic_units(b.data + at, len, topic);
    }
    buf_finish(&b);
    if (content)
        *content = found;
    return rc ? ANIMA_E_NOMEM : ANIMA_OK;
}
