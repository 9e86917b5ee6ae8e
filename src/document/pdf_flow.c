/* pdf_flow.c — which lines are one paragraph. A PDF knows letters and where they stand, nothing else; so it is decided line by line, by the step
 * down, the size of the letters, the indentation, whether the next word would have had room, and how the line before ends. */
#include "base/mem.h"
#include "base/utf8.h"
#include "document/pdf.h"
#include "document/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_PITCH 140
#define AROUND 40 /* lines before and behind that tell how far lines reach */

static bool ends_with(const char *s, size_t n, const char *with)
{
    size_t len = strlen(with);
    return n >= len && memcmp(s + n - len, with, len) == 0;
}

static bool begins_with(const char *s, size_t n, const char *with)
{
    size_t len = strlen(with);
    return n >= len && memcmp(s, with, len) == 0;
}

bool pdf_ends_sentence(const char *s, size_t n)
{
    static const char *const ends[] = { ".", "!", "?", ":", ";", "。", "！", "？", "：", "；", "…", NULL };
    static const char *const quotes[] = { "”", "’", "」", "』", "）", ")", "\"", "'", NULL };
    for (size_t i = 0; quotes[i]; i++)
        if (ends_with(s, n, quotes[i]))
            n -= strlen(quotes[i]);
    for (size_t i = 0; ends[i]; i++)
        if (ends_with(s, n, ends[i]))
            return true;
    return false;
}

bool pdf_leads(const char *s, size_t n)
{
    static const char *const leaders[] = { "....", ". . .", "……", "····", NULL };
    for (size_t i = 0; leaders[i]; i++)
        if (memmem(s, n, leaders[i], strlen(leaders[i])))
            return true;
    return false;
}

/* "• one", "(a) …" */
static bool begins_point(const struct pdf_line *l)
{
    static const char *const points[] = { "•", "·", "▪", "●", "○", "■", "◦", "- ", "– ", "— ", "* ", NULL };
    const char *s = l->text;
    for (size_t i = 0; points[i]; i++)
        if (begins_with(s, l->n, points[i]))
            return true;
    return l->n > 3 && *s == '(' && isalnum((unsigned char)s[1]) && memchr(s, ')', l->n < 6 ? l->n : 6);
}

/* And "2.1 …", "第三条 …", which may also be words of a sentence that goes on. */
static bool begins_item(const struct pdf_line *l)
{
    struct place_number number;
    const char *s = l->text;
    if (begins_point(l))
        return true;
    size_t n = place_number(s, l->n, &number);
    return n && (number.kind != PLACE_BARE || number.n > 1 || strchr(".)", s[n - 1]) || (s[n - 1] & 0x80));
}

/* How wide the first word of a line is: of Chinese the first character. */
static int first_word(const struct pdf_line *l)
{
    size_t all = 0, word = 0, len;
    bool over = false;
    for (size_t i = 0; i < l->n; i += len, all++) {
        uint32_t c = utf8_decode(l->text + i, l->n - i, &len);
        over = over || c == ' ' || (word && c >= 0x2E80);
        word += !over;
    }
    double width = (double)l->right - l->left;
    return (int)(width * (double)word / (double)all);
}

/* How far lines reach that begin about where this one does. */
static int reach(const struct pdf *p, size_t at)
{
    const struct pdf_line *l = &p->lines[at];
    size_t from = at > AROUND ? at - AROUND : 0, to = at + AROUND < p->n_lines ? at + AROUND : p->n_lines;
    int right = l->right;
    for (size_t i = from; i < to; i++) {
        const struct pdf_line *o = &p->lines[i];
        if (o->page == l->page && !o->dropped && abs(o->left - l->left) <= 3 * l->size && o->right > right)
            right = o->right;
    }
    return right;
}

static int compare(const void *x, const void *y)
{
    int a = *(const int *)x, b = *(const int *)y;
    return a < b ? -1 : a > b;
}

static bool same_size(const struct pdf_line *a, const struct pdf_line *b)
{
    int larger = a->size > b->size ? a->size : b->size;
    return (int64_t)abs(a->size - b->size) * 8 <= larger;
}

int pdf_pitch(const struct pdf *p)
{
    int *steps = mem_alloc((p->n_lines + 1) * sizeof(*steps));
    size_t n = 0;
    if (!steps)
        return 0;
    for (size_t i = 1; i < p->n_lines; i++) {
        const struct pdf_line *a = &p->lines[i - 1], *b = &p->lines[i];
        int64_t step = a->page == b->page && a->size ? ((int64_t)b->base - a->base) * 100 / a->size : 0;
        if (step >= 80 && step <= 260 && same_size(a, b))
            steps[n++] = (int)step;
    }
    if (n)
        qsort(steps, n, sizeof(*steps), compare);
    int pitch = n ? steps[n * 3 / 10] : USUAL_PITCH;
    mem_free(steps);
    return pitch;
}

bool pdf_goes_on(const struct pdf *p, size_t before, size_t at, int pitch)
{
    const struct pdf_line *a = &p->lines[before], *b = &p->lines[at];
    int64_t step = (int64_t)b->base - a->base;
    bool over = pdf_ends_sentence(a->text, a->n), cut = ends_with(a->text, a->n, "\u00AD");
    if (a->page != b->page || !same_size(a, b) || pdf_leads(a->text, a->n) || pdf_leads(b->text, b->n))
        return false;
    if (step * 2 < -a->size) /* the next column */
        return cut || (!over && b->left > a->left && !begins_item(b));
    if (step * 2 < a->size) /* another piece of the same line */
        return true;
    if (cut)
        return step < 4 * (int64_t)a->size;
    if (step * 100 > (int64_t)a->size * pitch * 130 / 100)
        return false;
    int left = reach(p, before) - a->right, word = first_word(b);
    bool room = left > word + a->size * 6 / 10;
    if (room && (over || left > word + 4 * a->size))
        return false;
    if (begins_point(b) || (begins_item(b) && (over || room)))
        return false;
    return !(over && b->left > a->left + a->size * 8 / 10 && !begins_item(a));
}
