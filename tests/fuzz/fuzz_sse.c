/* A remote server's event stream, in two pieces cut anywhere. */
#include "host/sse.h"

#include <stdint.h>

static int on_event(void *ctx, const char *data, size_t n)
{
    *(size_t *)ctx += n + (data[0] == 'x');
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sse s;
    size_t sum = 0, cut = n ? data[0] % n : 0;
    sse_init(&s);
    if (sse_feed(&s, (const char *)data, cut, on_event, &sum) == 0)
        sse_feed(&s, (const char *)data + cut, n - cut, on_event, &sum);
    sse_finish(&s);
    return 0;
}
