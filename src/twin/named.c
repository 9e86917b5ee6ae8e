/* named.c — whom a name means. */
#include "base/utf8.h"
#include "twin/read.h"

#include <string.h>

/* Small letters for capitals: Latin (ASCII, Latin-1, full width), Greek, Cyrillic. */
static uint32_t fold(uint32_t c)
{
    static const struct {
        uint32_t first, last, by;
    } capitals[] = { { 'A', 'Z', 32 },     { 0xC0, 0xDE, 32 },   { 0x391, 0x3A9, 32 },
                     { 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 }, { 0xFF21, 0xFF3A, 32 } };
    for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++)
        if (c >= capitals[i].first && c <= capitals[i].last && c != 0xD7)
            return c + capitals[i].by;
    /* Of Latin Extended-A capitals and small letters stand side by side. */
    bool pair = (c >= 0x100 && c < 0x138 && c % 2 == 0) || (c >= 0x139 && c < 0x149 && c % 2) ||
                (c >= 0x14A && c < 0x178 && c % 2 == 0) || (c >= 0x179 && c < 0x17F && c % 2);
    return pair ? c + 1 : c;
}

static bool same(const char *a, size_t an, const char *b, size_t bn)
{
    while (an && bn) {
        size_t al, bl;
        if (fold(utf8_decode(a, an, &al)) != fold(utf8_decode(b, bn, &bl)))
            return false;
        a += al, an -= al;
        b += bl, bn -= bl;
    }
    return !an && !bn;
}

bool twin_named(const char *author, const char *name)
{
    size_t an = strlen(author), n = strlen(name);
    while (n && strchr(" \t\n", *name))
        name++, n--;
    while (n && strchr(" \t\n", name[n - 1]))
        n--;
    if (!n)
        return false;
    const char *open = an && author[an - 1] == '>' ? strrchr(author, '<') : NULL;
    if (same(author, an, name, n))
        return true;
    if (!open || open < author + 2)
        return false;
    return same(author, (size_t)(open - author) - 1, name, n) ||
           same(open + 1, (size_t)(author + an - open) - 2, name, n);
}
