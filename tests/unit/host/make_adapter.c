#include "make_adapter.h"

#include "host/lora_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ggml.h>
#include <gguf.h>

static bool of_layer(const char *name)
{
    static const char *const ends[] = { "attn_q.weight",   "attn_k.weight", "attn_v.weight",  "attn_output.weight",
                                        "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight" };
    int layer, at = 0;
    if (sscanf(name, "blk.%d.%n", &layer, &at) != 1 || !at)
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(name + at, ends[i]) == 0)
            return true;
    return false;
}

static float next(unsigned *x, double size)
{
    *x = *x * 1664525u + 1013904223u;
    return (float)(((double)(*x >> 8) / 8388608.0 - 1) * size);
}

static void add(struct gguf_context *file, struct ggml_context *memory, const char *weight, char half, int type, int in,
                int out, unsigned *random, double size)
{
    size_t n = (size_t)in * (size_t)out;
    float *numbers = malloc(n * sizeof(float));
    struct ggml_tensor *t = ggml_new_tensor_2d(memory, (enum ggml_type)type, in, out);
    for (size_t i = 0; i < n; i++)
        numbers[i] = next(random, size);
    if (type == GGML_TYPE_F32)
        memcpy(t->data, numbers, n * sizeof(float));
    else
        ggml_quantize_chunk((enum ggml_type)type, numbers, t->data, 0, out, in, NULL);
    free(numbers);
    ggml_format_name(t, "%s.lora_%c", weight, half);
    gguf_add_tensor(file, t);
}

int make_adapter(const char *model, const char *path, const struct make_adapter *how)
{
    struct lora_weights weights;
    anima_error err;
    size_t bytes = 1 << 20;
    if (lora_weights_read(model, &weights, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    for (int i = 0; i < weights.n; i++)
        bytes += ((size_t)how->rank * (size_t)(weights.list[i].in + weights.list[i].out)) * sizeof(float) + 4096;
    struct ggml_context *memory = ggml_init((struct ggml_init_params){ .mem_size = bytes });
    struct gguf_context *file = gguf_init_empty();
    int type_b = how->type == MAKE_F32 ? GGML_TYPE_F32 : GGML_TYPE_F16,
        type_a = how->type == MAKE_QUANTISED ? GGML_TYPE_Q8_0 : type_b;
    unsigned random = how->seed * 2654435761u + 1;
    gguf_set_val_str(file, "general.type", "adapter");
    gguf_set_val_str(file, "general.architecture", how->architecture ? how->architecture : weights.architecture);
    gguf_set_val_str(file, "adapter.type", "lora");
    if (how->alpha != 0)
        gguf_set_val_f32(file, "adapter.lora.alpha", (float)how->alpha);
    for (int i = 0; i < weights.n; i++) {
        const struct lora_weight *w = &weights.list[i];
        if (!of_layer(w->name))
            continue;
        add(file, memory, w->name, 'a', type_a, w->in + (how->misshapen ? 32 : 0), how->rank, &random, how->size);
        add(file, memory, w->name, 'b', type_b, how->rank, w->out, &random, how->size);
    }
    bool good = gguf_write_to_file(file, path, false);
    gguf_free(file);
    ggml_free(memory);
    lora_weights_free(&weights);
    return good ? 0 : -1;
}
