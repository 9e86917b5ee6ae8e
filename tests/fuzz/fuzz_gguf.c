/* GGUF files, before libllama sees them. */
#include "host/gguf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct gguf_facts facts;
    anima_error err;
    if (gguf_check(data, n, n, "fuzz.gguf", &facts, &err) == 0)
        gguf_kv_bytes_per_token(&facts);
    return 0;
}
