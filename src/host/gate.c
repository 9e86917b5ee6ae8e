#include "host/gate.h"

#include "anima/anima.h"
#include "base/utf8.h"

#include <string.h>

void gate_init(struct gate *g, const char *const *stop, size_t n_stop)
{
    *g = (struct gate){ .stop = stop, .n_stop = n_stop };
    buf_init(&g->held, 1u << 20);
}

void gate_finish(struct gate *g) { buf_finish(&g->held); }

void gate_take(struct gate *g, size_t n) { buf_consume(&g->held, n); }

/* Replaces broken bytes among the first n, so that everything before the unfinished rest is valid. */
static int clean(struct gate *g, size_t n)
{
    if (utf8_valid(buf_str(&g->held), n) && !memchr(buf_str(&g->held), '\0', n))
        return 0;
    struct buf fixed;
    buf_init(&fixed, 4u << 20);
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t c = utf8_decode(g->held.data + i, n - i, &len);
        if ((c == 0xFFFD && len == 1) || c == 0)
            buf_puts(&fixed, "\xEF\xBF\xBD");
        else
            buf_append(&fixed, g->held.data + i, len);
    }
    buf_append(&fixed, g->held.data + n, g->held.len - n);
    if (fixed.failed) {
        buf_finish(&fixed);
        return ANIMA_E_NOMEM;
    }
    buf_finish(&g->held);
    g->held = fixed;
    return 0;
}

/* The first place of a whole stop string, or, while the output may go on, of one that has begun at the end. Of two at the
 * same place the whole one counts. */
static size_t first_stop(const struct gate *g, bool over, bool *whole)
{
    size_t best = g->held.len;
    *whole = false;
    for (size_t s = 0; s < g->n_stop; s++) {
        size_t n = strlen(g->stop[s]);
        for (size_t i = 0; i < g->held.len && (i < best || (i == best && !*whole)); i++) {
            size_t left = g->held.len - i, m = left < n ? left : n;
            if ((m < n && (over || i == best)) || memcmp(g->held.data + i, g->stop[s], m) != 0)
                continue;
            best = i;
            *whole = m == n;
        }
    }
    return best;
}

long gate_add(struct gate *g, const char *bytes, size_t n)
{
    if (g->stopped)
        return 0;
    if (buf_append(&g->held, bytes, n))
        return g->held.failed;
    size_t ready = utf8_whole(buf_str(&g->held), g->held.len), before = g->held.len - ready;
    if (clean(g, ready))
        return ANIMA_E_NOMEM;
    ready = g->held.len - before;
    bool whole;
    size_t stop = first_stop(g, false, &whole);
    if (whole) {
        g->stopped = true;
        g->held.len = stop;
    }
    return (long)(stop < ready ? stop : ready);
}

long gate_end(struct gate *g)
{
    bool whole;
    size_t ready = utf8_whole(buf_str(&g->held), g->held.len), stop = first_stop(g, true, &whole);
    return (long)(stop < ready ? stop : ready);
}
