/* The look at a GGUF file before libllama gets it (host/gguf_check.h). The first two bytes say how much longer the file
 * claims to be than what is given. Nothing that passes may have impossible numbers. */
#include "fuzz.h"
#include "host/gguf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint64_t more = ((uint64_t)data[0] << 16) | ((uint64_t)data[1] << 8);
    size_t n = size - 2;
    char *file = fuzz_copy(data + 2, n);
    struct gguf_facts facts;
    anima_error err = { 0 };
    int rc = gguf_check((const unsigned char *)file, n, n + more, "model.gguf", &facts, &err);
    CHECK(rc == 0 || (rc == ANIMA_E_MODEL && *err.message));
    if (rc == 0) {
        CHECK(facts.data_end <= n + more && facts.tensors > 0 && facts.blocks > 0 && facts.embedding > 0);
        CHECK(strlen(facts.architecture) < sizeof(facts.architecture) && strlen(facts.name) < sizeof(facts.name));
        CHECK(gguf_kv_bytes_per_token(&facts) < 1ull << 62);
    }
    free(file);
    return 0;
}
