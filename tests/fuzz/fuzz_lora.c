/* An adapter's file against a model with three weights (host/lora_file.h): what passes adds something to one of them, and all
 * of its numbers can be read. */
#include "fuzz.h"
#include "host/lora_file.h"

#include <math.h>

static bool is_number(const void *p, size_t i, bool half)
{
    return half ? (((const uint16_t *)p)[i] & 0x7c00) != 0x7c00 : isfinite(((const float *)p)[i]) != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lora_weight list[] = { { "blk.0.attn_q.weight", 32, 32, true },
                                  { "blk.0.ffn_down.weight", 64, 20, true },
                                  { "token_embd.weight", 32, 100, false } };
    const struct lora_weights weights = { list, 3, "llama" };
    struct lora_parts parts;
    anima_error err = { 0 };
    char *file = fuzz_copy(data, size);
    int rc = lora_parse((const unsigned char *)file, size, "a.gguf", &weights, &parts, &err);
    CHECK(rc == 0 || ((rc == ANIMA_E_MODEL || rc == ANIMA_E_UNSUPPORTED) && *err.message && !parts.list));
    for (int i = 0; rc == 0 && i < 3; i++) {
        const struct lora_part *p = &parts.list[i];
        size_t rank = (size_t)p->rank, in = (size_t)list[i].in;
        CHECK(!rank || list[i].plain);
        for (size_t k = 0; k < rank * in; k++)
            CHECK(is_number(p->a, k, p->half));
        for (size_t k = 0; k < rank * (size_t)((list[i].out + LORA_LANES - 1) / LORA_LANES * LORA_LANES); k++)
            CHECK(is_number(p->b, k, p->half));
    }
    CHECK(rc || (parts.n > 0 && parts.bytes > 0));
    lora_parts_free(&parts);
    free(file);
    return 0;
}
