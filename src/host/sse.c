#include "host/sse.h"

#include <string.h>

void sse_init(struct sse *s)
{
    *s = (struct sse){ 0 };
    buf_init(&s->line, SSE_MAX_EVENT);
    buf_init(&s->data, SSE_MAX_EVENT);
}

void sse_finish(struct sse *s)
{
    buf_finish(&s->line);
    buf_finish(&s->data);
}

static int end_of_event(struct sse *s, sse_cb *cb, void *ctx)
{
    int rc = s->data.len ? cb(ctx, s->data.data, s->data.len) : 0;
    buf_reset(&s->data);
    return rc;
}

static int end_of_line(struct sse *s, sse_cb *cb, void *ctx)
{
    int rc = s->line.failed;
    const char *line = buf_str(&s->line);
    if (!rc && s->line.len == 0) {
        rc = end_of_event(s, cb, ctx);
    } else if (!rc && strncmp(line, "data:", 5) == 0) {
        size_t skip = line[5] == ' ' ? 6 : 5;
        if (s->data.len)
            buf_append(&s->data, "\n", 1);
        rc = buf_append(&s->data, line + skip, s->line.len - skip);
    }
    buf_reset(&s->line);
    return rc;
}

int sse_feed(struct sse *s, const char *bytes, size_t n, sse_cb *cb, void *ctx)
{
    int rc = 0;
    size_t from = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        char c = bytes[i];
        bool pair = c == '\n' && s->after_cr;
        s->after_cr = c == '\r';
        if (c != '\n' && c != '\r')
            continue;
        if (!pair) {
            rc = buf_append(&s->line, bytes + from, i - from);
            rc = rc ? rc : end_of_line(s, cb, ctx);
        }
        from = i + 1;
    }
    return rc ? rc : buf_append(&s->line, bytes + from, n - from);
}
