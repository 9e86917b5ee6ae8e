/* The frame format, read from a socket in pieces of any size (loop/frame.h). The first byte says how large the pieces
 * are. What was read must be written back as the same bytes. */
#include "fuzz.h"
#include "loop/frame.h"

static void written_back(const struct frame *f, const char *bytes, size_t used)
{
    struct buf out;
    buf_init(&out, FRAME_MAX_HEAD + FRAME_MAX_RAW + FRAME_PREFIX);
    CHECK(frame_write(&out, f->head, f->head_len, f->raw, f->raw_len, NULL) == 0);
    CHECK(out.len == used && memcmp(out.data, bytes, used) == 0);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t step = size ? data[0] + 1u : 1, at = size ? 1 : 0;
    struct buf in;
    buf_init(&in, FRAME_MAX_HEAD + FRAME_MAX_RAW + FRAME_PREFIX);
    for (int rc = 0; at < size && rc >= 0; at += step) {
        struct frame f;
        size_t used;
        anima_error err = { 0 };
        buf_append(&in, data + at, step < size - at ? step : size - at);
        while ((rc = frame_read(in.data, in.len, &f, &used, &err)) > 0) {
            CHECK(used <= in.len && f.head_len >= 1 && used == FRAME_PREFIX + f.head_len + f.raw_len);
            CHECK(f.head == in.data + FRAME_PREFIX && (f.raw != NULL) == (f.raw_len > 0));
            written_back(&f, in.data, used);
            buf_consume(&in, used);
        }
        CHECK(rc == 0 || *err.message);
    }
    buf_finish(&in);
    return 0;
}
