#include "base/utf8.h"

#include <string.h>

/* Length of the character that starts at s: 1..4, 0 if it is broken, -1 if n bytes are its valid beginning only. */
static int one(const unsigned char *s, size_t n)
{
    unsigned char c = s[0];
    if (c < 0x80)
        return 1;
    int need;
    unsigned char low = 0x80, high = 0xBF; /* what the second byte may be */
    if (c >= 0xC2 && c <= 0xDF) {
        need = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
        need = 3;
        if (c == 0xE0)
            low = 0xA0;
        else if (c == 0xED)
            high = 0x9F; /* surrogates */
    } else if (c >= 0xF0 && c <= 0xF4) {
        need = 4;
        if (c == 0xF0)
            low = 0x90;
        else if (c == 0xF4)
            high = 0x8F;
    } else {
        return 0;
    }
    for (int i = 1; i < need; i++) {
        if ((size_t)i >= n)
            return -1;
        if (s[i] < low || s[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return need;
}

bool utf8_valid(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < n;) {
        int k = one(p + i, n - i);
        if (k <= 0)
            return false;
        i += (size_t)k;
    }
    return true;
}

size_t utf8_whole(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = p[n - back];
        if (c >= 0xC0)
            return one(p + n - back, back) < 0 ? n - back : n;
        if (c < 0x80)
            return n;
    }
    return n;
}

size_t utf8_cut(const char *s, size_t n, size_t max)
{
    if (n <= max)
        return n;
    while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
        max--;
    return max;
}

size_t utf8_clean(const char *s, size_t n, char *out, size_t size)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        int k = one(p + i, n - i);
        const char *from = k > 0 ? s + i : "\xEF\xBF\xBD";
        size_t take = k > 0 ? (size_t)k : 3;
        if (len + take + 1 > size)
            break;
        memcpy(out + len, from, take);
        len += take;
        i += k > 0 ? (size_t)k : 1;
    }
    if (size)
        out[len] = '\0';
    return len;
}

uint32_t utf8_decode(const char *s, size_t n, size_t *len)
{
    const unsigned char *p = (const unsigned char *)s;
    int k = one(p, n);
    *len = k > 0 ? (size_t)k : 1;
    switch (k) {
    case 1: return p[0];
    case 2: return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3: return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 |
               (p[3] & 0x3F);
    default: return 0xFFFD;
    }
}

size_t utf8_encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(c | (n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0));
    return n;
}

uint32_t utf8_small(uint32_t c)
{
    static const struct {
        uint32_t first, last, by;
    } capitals[] = { { 'A', 'Z', 32 },     { 0xC0, 0xDE, 32 },   { 0x391, 0x3A9, 32 },
                     { 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 }, { 0xFF21, 0xFF3A, 32 } };
    for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++)
        if (c >= capitals[i].first && c <= capitals[i].last && c != 0xD7)
            return c + capitals[i].by;
    /* Of Latin Extended-A capitals and small letters stand side by side; U+0130 is another matter. */
    bool pair = (c >= 0x100 && c < 0x138 && c % 2 == 0 && c != 0x130) || (c >= 0x139 && c < 0x149 && c % 2) ||
                (c >= 0x14A && c < 0x178 && c % 2 == 0) || (c >= 0x179 && c < 0x17F && c % 2);
    return pair ? c + 1 : c;
}

static size_t columns(uint32_t c)
{
    /* Unicode TR11, in the coarse ranges that a terminal agrees on. */
    static const struct {
        uint32_t first, last;
    } wide[] = { { 0x1100, 0x115F },  { 0x2E80, 0x303E },   { 0x3041, 0xA4CF },   { 0xA960, 0xA97F },
                 { 0xAC00, 0xD7A3 },  { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
                 { 0xFFE0, 0xFFE6 },  { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
                 { 0x20000, 0x3FFFD } };
    static const struct {
        uint32_t first, last;
    } none[] = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F } };
    if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        return 0;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (c >= none[i].first && c <= none[i].last)
            return 0;
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (c >= wide[i].first && c <= wide[i].last)
            return 2;
    return 1;
}

size_t utf8_width(const char *s, size_t n)
{
    size_t width = 0;
    for (size_t i = 0, len; i < n; i += len)
        width += columns(utf8_decode(s + i, n - i, &len));
    return width;
}

bool utf8_is_han(uint32_t c) { return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x3FFFF); }
