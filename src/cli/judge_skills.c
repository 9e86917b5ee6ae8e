#include "cli/judge_skills.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_JSON 65536

/* ---- JSON ---- */

/* Bytes of the object that begins at text; 0: it has no end. */
static size_t object_length(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; text[i]; i++) {
        if (quoted && text[i] == '\\' && text[i + 1])
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '}'))
            depth += text[i] == '{' ? 1 : -1;
        if (depth == 0)
            return i + 1;
    }
    return 0;
}

static bool same_words(const char *a, const char *b)
{
    static const char spaces[] = " \t\r\n";
    a += strspn(a, spaces);
    b += strspn(b, spaces);
    size_t n = strlen(a), m = strlen(b);
    while (n && strchr(spaces, a[n - 1]))
        n--;
    while (m && strchr(spaces, b[m - 1]))
        m--;
    return n == m && strncasecmp(a, b, n) == 0;
}

static bool same_value(yyjson_val *a, yyjson_val *want)
{
    char *end;
    if (yyjson_is_num(want) && yyjson_is_str(a) && *yyjson_get_str(a)) {
        double d = strtod(yyjson_get_str(a), &end);
        return !*end && d == yyjson_get_num(want);
    }
    if (yyjson_is_num(want) && yyjson_is_num(a))
        return yyjson_get_num(a) == yyjson_get_num(want);
    if (yyjson_is_str(want) && yyjson_is_str(a))
        return same_words(yyjson_get_str(a), yyjson_get_str(want));
    if (yyjson_is_str(want) && yyjson_is_num(a)) {
        double d = strtod(yyjson_get_str(want), &end);
        return *yyjson_get_str(want) && !*end && d == yyjson_get_num(a);
    }
    return a && yyjson_equals(a, want);
}

double judge_json(const char *reply, yyjson_val *want)
{
    const char *at = strchr(reply, '{');
    size_t n = at ? object_length(at) : 0, right = 0, i, max;
    yyjson_doc *doc;
    yyjson_val *key, *value;
    if (!n || !yyjson_obj_size(want) || json_parse(at, n, MAX_JSON, "a reply", &doc, NULL))
        return 0;
    yyjson_obj_foreach (want, i, max, key, value)
        right += same_value(yyjson_obj_get(yyjson_doc_get_root(doc), yyjson_get_str(key)), value);
    yyjson_doc_free(doc);
    return (double)right / (double)yyjson_obj_size(want);
}

/* ---- numbers ---- */

/* The number at text without the commas of thousands; *end behind it. */
static double number_at(const char *text, const char **end)
{
    char digits[40];
    size_t n = 0;
    if (*text == '-')
        digits[n++] = *text++;
    while (n + 1 < sizeof(digits)) {
        bool comma = *text == ',' && isdigit((unsigned char)text[1]) && isdigit((unsigned char)text[2]) &&
                     isdigit((unsigned char)text[3]) && !isdigit((unsigned char)text[4]);
        bool point = *text == '.' && isdigit((unsigned char)text[1]);
        if (!isdigit((unsigned char)*text) && !comma && !point)
            break;
        if (!comma)
            digits[n++] = *text;
        text++;
    }
    while (isdigit((unsigned char)*text)) /* longer than any that is asked for */
        text++;
    digits[n] = '\0';
    *end = text;
    return strtod(digits, NULL);
}

bool judge_sum(const char *reply, const char *want)
{
    const char *end;
    double wanted = number_at(want, &end);
    for (const char *at = reply; *at;) {
        bool minus = *at == '-' && isdigit((unsigned char)at[1]) && (at == reply || !isalnum((unsigned char)at[-1]));
        if (!minus && !isdigit((unsigned char)*at)) {
            at++;
            continue;
        }
        if (fabs(number_at(at, &end) - wanted) < 1e-6)
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

/* ---- letters ---- */

/* The letter by itself, as in "A." or "A退款"; not as the very first, which may be a word. */
static bool has_option(const char *text, char letter)
{
    for (const char *at = text; (at = strchr(at, letter)); at++)
        if (at > text && !isalnum((unsigned char)at[-1]) && !isalnum((unsigned char)at[1]))
            return true;
    return *text == letter && text[1] != ' ';
}

size_t judge_options(const char *text, size_t most)
{
    size_t n = 0;
    while (n < most && has_option(text, (char)('A' + n)))
        n++;
    return n;
}
