/* The frame protocol: any bytes, cut anywhere. */
#include "base/json.h"
#include "loop/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct frame f;
    size_t at = 0, used;
    while (frame_read((const char *)data + at, n - at, &f, &used, NULL) == 1) {
        yyjson_doc *doc;
        if (json_parse(f.head, f.head_len, FRAME_MAX_HEAD, "a frame", &doc, NULL) == 0) {
            struct buf out;
            buf_init(&out, 1u << 20);
            frame_write(&out, f.head, f.head_len, f.raw, f.raw_len, NULL);
            buf_finish(&out);
            yyjson_doc_free(doc);
        }
        at += used;
    }
    return 0;
}
