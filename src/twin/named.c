/* named.c — whom a name means. */
#include "base/utf8.h"
#include "twin/read.h"

#include <string.h>

static bool same(const char *a, size_t an, const char *b, size_t bn)
{
    while (an && bn) {
        size_t al, bl;
        if (utf8_small(utf8_decode(a, an, &al)) != utf8_small(utf8_decode(b, bn, &bl)))
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
