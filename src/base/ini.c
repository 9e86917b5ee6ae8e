#include "base/ini.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_TEXT (1u << 20)
#define MAX_LINE 4096

static char *trim(char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    size_t n = strlen(s);
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r'))
        s[--n] = '\0';
    return s;
}

static char *unquote(char *s)
{
    size_t n = strlen(s);
    if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
        s[n - 1] = '\0';
        return s + 1;
    }
    return s;
}

int ini_parse(const char *text, size_t n, const char *what, ini_cb *cb, void *ctx, anima_error *err)
{
    char section[MAX_LINE] = "", buffer[MAX_LINE];
    if (n > MAX_TEXT)
        return err_set(err, ANIMA_E_LIMIT, "%s is larger than 1 MiB", what);
    if (!utf8_valid(text, n) || memchr(text, '\0', n))
        return err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", what);
    int number = 0;
    for (const char *p = text, *end = text + n; p < end;) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((eol ? eol : end) - p);
        number++;
        if (len >= MAX_LINE)
            return err_set(err, ANIMA_E_LIMIT, "%s, line %d: longer than %d bytes", what, number, MAX_LINE - 1);
        memcpy(buffer, p, len);
        buffer[len] = '\0';
        p += len + 1;
        char *line = trim(buffer);
        if (*line == '\0' || *line == '#' || *line == ';')
            continue;
        if (*line == '[') {
            size_t k = strlen(line);
            if (line[k - 1] != ']')
                return err_set(err, ANIMA_E_INVALID, "%s, line %d: a section needs a closing ]", what, number);
            line[k - 1] = '\0';
            strcpy(section, trim(line + 1));
            continue;
        }
        char *equals = strchr(line, '=');
        if (!equals || equals == line)
            return err_set(err, ANIMA_E_INVALID, "%s, line %d: expected \"key = value\"", what, number);
        *equals = '\0';
        int rc = cb(ctx, section, trim(line), unquote(trim(equals + 1)), number, err);
        if (rc < 0)
            return rc;
    }
    return ANIMA_OK;
}
