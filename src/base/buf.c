#include "base/buf.h"

#include "anima/anima.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, size_t cap) { *b = (struct buf){ .cap = cap }; }

void buf_finish(struct buf *b)
{
    mem_free(b->data);
    *b = (struct buf){ .cap = b->cap };
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = 0;
    if (b->data)
        b->data[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static int reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return b->failed;
    if (n > b->cap || b->len > b->cap - n)
        return b->failed = ANIMA_E_LIMIT;
    size_t need = b->len + n + 1;
    if (need <= b->size)
        return 0;
    size_t size = b->size ? b->size : 64;
    while (size < need)
        size += size / 2 + 16;
    char *data = mem_realloc(b->data, size);
    if (!data)
        return b->failed = ANIMA_E_NOMEM;
    b->data = data;
    b->size = size;
    return 0;
}

int buf_append(struct buf *b, const void *data, size_t n)
{
    int rc = reserve(b, n);
    if (rc)
        return rc;
    if (n)
        memcpy(b->data + b->len, data, n);
    b->len += n;
    b->data[b->len] = '\0';
    return 0;
}

int buf_puts(struct buf *b, const char *s) { return buf_append(b, s, strlen(s)); }

int buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0)
        return b->failed = ANIMA_E_INVALID;
    if ((size_t)n < sizeof(small))
        return buf_append(b, small, (size_t)n);
    int rc = reserve(b, (size_t)n);
    if (rc)
        return rc;
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return 0;
}

void buf_consume(struct buf *b, size_t n)
{
    if (n >= b->len) {
        b->len = 0;
    } else if (n) {
        memmove(b->data, b->data + n, b->len - n);
        b->len -= n;
    }
    if (b->data)
        b->data[b->len] = '\0';
}

char *buf_take(struct buf *b)
{
    if (b->failed || reserve(b, 0)) {
        buf_finish(b);
        return NULL;
    }
    char *data = b->data;
    data[b->len] = '\0';
    *b = (struct buf){ .cap = b->cap };
    return data;
}

const char *buf_str(const struct buf *b) { return b->data ? b->data : ""; }
