#include "base/err.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int code;
    const char *name;
} names[] = {
    { ANIMA_OK, "ok" },
    { ANIMA_E_INVALID, "invalid" },
    { ANIMA_E_NOMEM, "no_memory" },
    { ANIMA_E_IO, "io" },
    { ANIMA_E_NOT_FOUND, "not_found" },
    { ANIMA_E_BUSY, "busy" },
    { ANIMA_E_LIMIT, "limit" },
    { ANIMA_E_ENGINE, "engine" },
    { ANIMA_E_MODEL, "model" },
    { ANIMA_E_CANCELLED, "cancelled" },
    { ANIMA_E_FORBIDDEN, "forbidden" },
    { ANIMA_E_UNSUPPORTED, "unsupported" },
    { ANIMA_E_TIMEOUT, "timeout" },
    { ANIMA_E_FULL, "disk_full" },
    { ANIMA_E_CONFLICT, "conflict" },
    { ANIMA_E_EXISTS, "exists" },
    { ANIMA_E_LIMIT_REACHED, "limit_reached" },
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

const char *anima_error_name(int code)
{
    for (size_t i = 0; i < N_NAMES; i++)
        if (names[i].code == code)
            return names[i].name;
    return "engine";
}

int err_code(const char *name)
{
    for (size_t i = 0; name && i < N_NAMES; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].code;
    return ANIMA_E_ENGINE;
}

__attribute__((format(printf, 3, 0))) static void set_va(anima_error *err, int code, const char *fmt, va_list ap)
{
    char text[sizeof(err->message)];
    err->code = code;
    vsnprintf(text, sizeof(text), fmt, ap);
    /* Messages quote foreign bytes and cut them anywhere, and they are one line of JSON later. */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = ' ';
    utf8_clean(text, strlen(text), err->message, sizeof(err->message));
}

int err_set(anima_error *err, int code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        set_va(err, code, fmt, ap);
        va_end(ap);
    }
    return code;
}

int err_from_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT: return ANIMA_E_FULL;
    case ENOMEM: return ANIMA_E_NOMEM;
    case ENOENT: return ANIMA_E_NOT_FOUND;
    case EACCES:
    case EPERM: return ANIMA_E_FORBIDDEN;
    default: return ANIMA_E_IO;
    }
}

int err_errno(anima_error *err, int errnum, const char *fmt, ...)
{
    int code = err_from_errno(errnum);
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        set_va(err, code, fmt, ap);
        va_end(ap);
        size_t n = strlen(err->message);
        snprintf(err->message + n, sizeof(err->message) - n, ": %s", strerror(errnum));
    }
    return code;
}
