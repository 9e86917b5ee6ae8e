/* buf.h — a growable byte buffer with a cap. Always NUL-terminated once something was written. One owner, no locking. */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include <stddef.h>

struct buf {
    char *data;  /* NULL while empty */
    size_t len;  /* bytes in use, without the NUL */
    size_t size; /* bytes allocated */
    size_t cap;  /* len never exceeds it */
    int failed; /* 0, or the first ANIMA_E_NOMEM / ANIMA_E_LIMIT; once set, appends do nothing: check once at the end */
};

void buf_init(struct buf *b, size_t cap);
void buf_finish(struct buf *b);                            /* frees; usable again after buf_init */
void buf_reset(struct buf *b);                             /* len 0, failure forgotten, memory kept */
int buf_append(struct buf *b, const void *data, size_t n); /* 0 or the failure */
int buf_puts(struct buf *b, const char *s);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *b, size_t n); /* drops the first n bytes */
char *buf_take(struct buf *b);             /* the bytes, yours to mem_free; "" for an empty one; NULL if failed */
const char *buf_str(const struct buf *b);  /* never NULL */
#endif
