/* gguf_check.h — looking at a GGUF file before libllama does: ggml asserts on what it does not expect, and a model file is
 * foreign input. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3. */
#ifndef HOST_GGUF_CHECK_H
#define HOST_GGUF_CHECK_H
#include "anima/anima.h"

struct gguf_facts {
    char architecture[64], name[128];
    char type[16], adapter_type[16]; /* "" if it does not say */
    double alpha;                    /* adapter.lora.alpha; 0: none */
    bool invoked;                    /* an adapter that works behind certain tokens only */
    uint64_t blocks, heads, kv_heads, embedding, key_length, value_length, context_train;
    bool has_template;
    uint64_t tensors, data_start, data_end; /* data_end: bytes the file must have */
};

/* One tensor as the list in the head has it. */
struct gguf_tensor {
    const char *name;       /* not ended by NUL */
    size_t length;          /* of the name, below 128 */
    uint64_t size[4];       /* elements, the fastest first; 1 behind the last */
    int type;               /* enum ggml_type */
    uint64_t offset, bytes; /* offset: behind data_start */
};
/* Called for every tensor; false ends the reading, as damaged. Its place in the file is checked only after the last. */
typedef bool gguf_tensor_cb(void *ctx, const struct gguf_tensor *tensor);

/* As gguf_check, for files of any kind: what a model must say of itself is not asked for. each may be NULL. */
int gguf_read(const unsigned char *data, size_t n, uint64_t file_size, const char *name, gguf_tensor_cb *each,
              void *ctx, struct gguf_facts *facts, anima_error *err);
/* data: the first n bytes of a file of file_size bytes (its whole head must be in them). Every length, count and offset is
 * checked against these; on success *facts is filled. name is for messages. */
int gguf_check(const unsigned char *data, size_t n, uint64_t file_size, const char *name, struct gguf_facts *facts,
               anima_error *err);
/* Bytes of KV cache (F16) for one token of context. */
uint64_t gguf_kv_bytes_per_token(const struct gguf_facts *facts);
#endif
