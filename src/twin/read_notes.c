/* read_notes.c — texts that are somebody's own: a file is one. */
#include "base/date.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LOOK 400 /* lines from which it is told what a text is */
#define ALIKE 30 /* percent of them with a date and a time: a chat */

/* "2023-05-04.md" and "diary 2023_05_04 rain.txt" tell a day: noon of it; 0: none. */
static int64_t day_in(const char *name)
{
    const char *slash = strrchr(name, '/');
    for (const char *s = slash ? slash + 1 : name; *s; s++) {
        struct date d = { .hour = 12 };
        int n = 0;
        bool starts = isdigit((unsigned char)*s) && (s == name || !isdigit((unsigned char)s[-1]));
        if (starts && sscanf(s, "%4d%*1[-_.]%2d%*1[-_.]%2d%n", &d.year, &d.month, &d.day, &n) == 3 && n >= 8)
            return date_ms(&d);
    }
    return 0;
}

/* A line that begins with a date and has a time soon behind it. */
static bool is_dated(const char *s, size_t n)
{
    size_t i = 0, numbers = 0;
    for (n = n < 40 ? n : 40; i < n && !(numbers >= 3 && s[i] == ':'); i++)
        numbers += isdigit((unsigned char)s[i]) && (i == 0 || !isdigit((unsigned char)s[i - 1]));
    size_t from = strspn(s, "[(<") < n ? strspn(s, "[(<") : 0;
    return i < n && i + 1 < n && isdigit((unsigned char)s[i + 1]) && isdigit((unsigned char)s[from]);
}

static bool is_chat(const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    size_t lines = 0, dated = 0;
    while (lines < LOOK && twin_line(&l)) {
        lines += l.n > 0;
        dated += is_dated(l.s, l.n);
    }
    return dated >= 4 && 100 * dated >= ALIKE * lines;
}

void twin_read_notes(struct twin_reading *r, const char *text, size_t n)
{
    if (n > TWIN_MAX_TEXT)
        twin_trouble(r, "%zu bytes are too many for one text (%u)", n, TWIN_MAX_TEXT);
    else if (is_chat(text, n))
        twin_trouble(r, "it looks like a chat, in a form that is not known here");
    else
        twin_put(r, &(struct twin_draft){ .kind = TWIN_TEXT,
                                          .at_ms = day_in(r->file->name),
                                          .title = twin_file_title(r),
                                          .author = "",
                                          .text = text,
                                          .n = n,
                                          .line = 1 });
}
