#include "base/entity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

uint32_t entity_meant(const char *name, size_t n)
{
    static const struct {
        const char *name;
        uint32_t c;
    } known[] = { { "amp", '&' },       { "lt", '<' },       { "gt", '>' },       { "quot", '"' },
                  { "apos", '\'' },     { "nbsp", ' ' },     { "ndash", 0x2013 }, { "mdash", 0x2014 },
                  { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201C }, { "rdquo", 0x201D },
                  { "hellip", 0x2026 }, { "middot", 0xB7 },  { "euro", 0x20AC },  { "pound", 0xA3 },
                  { "copy", 0xA9 },     { "reg", 0xAE },     { "deg", 0xB0 },     { "laquo", 0xAB },
                  { "raquo", 0xBB },    { "auml", 0xE4 },    { "ouml", 0xF6 },    { "uuml", 0xFC },
                  { "Auml", 0xC4 },     { "Ouml", 0xD6 },    { "Uuml", 0xDC },    { "szlig", 0xDF },
                  { "eacute", 0xE9 },   { "egrave", 0xE8 },  { "agrave", 0xE0 },  { "ccedil", 0xE7 },
                  { "ntilde", 0xF1 },   { "times", 0xD7 },   { "bull", 0x2022 } };
    if (n > 1 && *name == '#') {
        bool hex = name[1] == 'x' || name[1] == 'X';
        unsigned long c = strtoul(name + 1 + hex, NULL, hex ? 16 : 10);
        return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : (uint32_t)c;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].name) == n && memcmp(known[i].name, name, n) == 0)
            return known[i].c;
    return 0;
}
