/* gguf_check.h — looking at a GGUF file before libllama does: ggml asserts on what it does not expect, and a model file is
 * foreign input. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3. */
#ifndef HOST_GGUF_CHECK_H
#define HOST_GGUF_CHECK_H
#include "anima/anima.h"

struct gguf_facts {
    char architecture[64], name[128];
    uint64_t blocks, heads, kv_heads, embedding, key_length, value_length, context_train;
    bool has_template;
    uint64_t tensors, data_end; /* data_end: bytes the file must have */
};

/* data: the first n bytes of a file of file_size bytes (its whole head must be in them). Every length, count and offset is
 * checked against these; on success *facts is filled. name is for messages. */
int gguf_check(const unsigned char *data, size_t n, uint64_t file_size, const char *name, struct gguf_facts *facts,
               anima_error *err);
/* Bytes of KV cache (F16) for one token of context. */
uint64_t gguf_kv_bytes_per_token(const struct gguf_facts *facts);
#endif
