/* Server-sent events of a remote model (host/sse.h). The events do not depend on how the stream was cut. The first byte
 * says how large the pieces are. */
#include "fuzz.h"
#include "host/sse.h"

struct seen {
    struct buf text;
    int events;
};

static int on_event(void *ctx, const char *data, size_t n)
{
    struct seen *seen = ctx;
    CHECK(n > 0 && n <= SSE_MAX_EVENT);
    buf_append(&seen->text, data, n);
    buf_append(&seen->text, "", 1);
    return ++seen->events == 1000 ? 7 : 0;
}

static int feed(const char *data, size_t n, size_t step, struct seen *seen)
{
    struct sse s;
    int rc = 0;
    sse_init(&s);
    buf_init(&seen->text, 64u << 20);
    seen->events = 0;
    for (size_t at = 0; at < n && !rc; at += step)
        rc = sse_feed(&s, data + at, step < n - at ? step : n - at, on_event, seen);
    sse_finish(&s);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct seen whole, cut;
    char *text = fuzz_copy(data + 1, size - 1);
    int a = feed(text, size - 1, size, &whole), b = feed(text, size - 1, data[0] % 16 + 1u, &cut);
    CHECK(a == b && whole.events == cut.events && whole.text.len == cut.text.len);
    CHECK(!whole.text.len || memcmp(whole.text.data, cut.text.data, whole.text.len) == 0);
    buf_finish(&whole.text);
    buf_finish(&cut.text);
    free(text);
    return 0;
}
