/* Text from a model, token by token: what leaves the gate (host/gate.h) is whole UTF-8 without a stop string, whatever
 * bytes come in; and the UTF-8 helpers (base/utf8.h) agree with each other. The input's lines are the stop strings, up
 * to an empty line; the rest is the output, cut into tokens of one to seven bytes. */
#include "base/mem.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "host/gate.h"

#define MAX_STOP 4

static void helpers(const char *s, size_t n)
{
    char *clean = malloc(3 * n + 1), small[8];
    CHECK(clean);
    size_t len = utf8_clean(s, n, clean, 3 * n + 1);
    CHECK(utf8_valid(clean, len));
    CHECK(!utf8_valid(s, n) || (len == n && memcmp(s, clean, n) == 0));
    CHECK(utf8_whole(s, n) <= n && n - utf8_whole(s, n) <= 3);
    for (size_t max = 0; max <= len && max < 40; max++) {
        size_t cut = utf8_cut(clean, len, max);
        CHECK(cut <= max && utf8_valid(clean, cut));
    }
    for (size_t at = 0, one; at < len; at += one) {
        uint32_t c = utf8_decode(clean + at, len - at, &one);
        CHECK(one >= 1 && one <= 4 && at + one <= len && c <= 0x10FFFF);
    }
    utf8_width(clean, len);
    len = utf8_clean(s, n, small, sizeof(small));
    CHECK(len < sizeof(small) && utf8_valid(small, len));
    free(clean);
}

static void let_out(struct gate *g, struct buf *out, long n)
{
    CHECK(n >= 0 && (size_t)n <= g->held.len);
    CHECK(n == 0 || utf8_valid(g->held.data, (size_t)n));
    buf_append(out, g->held.data, (size_t)n);
    gate_take(g, (size_t)n);
}

static void through_gate(const char *const *stop, size_t n_stop, const char *text, size_t n)
{
    struct gate g;
    struct buf out;
    gate_init(&g, stop, n_stop);
    buf_init(&out, 64u << 20);
    for (size_t at = 0, step; at < n; at += step) {
        step = (unsigned char)text[at] % 7 + 1u;
        step = step < n - at ? step : n - at;
        let_out(&g, &out, gate_add(&g, text + at, step));
    }
    let_out(&g, &out, gate_end(&g));
    CHECK(utf8_valid(buf_str(&out), out.len));
    for (size_t i = 0; i < n_stop; i++)
        CHECK(!out.len || !memmem(out.data, out.len, stop[i], strlen(stop[i])));
    gate_finish(&g);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size), *stop[MAX_STOP];
    size_t n_stop = 0, at = 0;
    while (at < size && n_stop < MAX_STOP) {
        const char *eol = memchr(text + at, '\n', size - at);
        size_t n = eol ? (size_t)(eol - text) - at : size - at;
        if (!n || !utf8_valid(text + at, n) || memchr(text + at, '\0', n))
            break;
        stop[n_stop++] = mem_strndup(text + at, n);
        at += n + (eol != NULL);
    }
    helpers(text + at, size - at);
    through_gate((const char *const *)stop, n_stop, text + at, size - at);
    while (n_stop)
        mem_free(stop[--n_stop]);
    free(text);
    return 0;
}
