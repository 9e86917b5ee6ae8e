#include "host/train_room.h"

#include "base/err.h"
#include "base/fs.h"
#include "host/gguf_check.h"

#include <stdio.h>
#include <string.h>

#define GB 1e9
#define OF_ITS_OWN (200ull << 20) /* what the process takes without a model */

long long memory_available(void)
{
    FILE *f = fopen("/proc/meminfo", "r");
    char line[256];
    long long kb = -1;
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "MemAvailable: %lld kB", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb < 0 ? -1 : kb << 10;
}

/* What the list of tensors says. */
struct sizes {
    const struct train_shape *shape;
    struct train_room *room;
    uint64_t embedding, vocab, ffn; /* numbers of the embedding; its rows; outputs of the gate */
    bool head;                      /* there is one beside the embedding */
};

static bool is_called(const struct gguf_tensor *t, const char *name)
{
    return strlen(name) == t->length && memcmp(t->name, name, t->length) == 0;
}

/* "blk.7.ffn_gate.weight" → "ffn_gate"; false: no matrix of a layer. */
static bool place_of(const struct gguf_tensor *t, char *out, size_t size)
{
    char name[128];
    int layer;
    snprintf(name, sizeof(name), "%.*s", (int)t->length, t->name);
    char *dot = strrchr(name, '.');
    if (sscanf(name, "blk.%d.", &layer) != 1 || !dot || strcmp(dot, ".weight") != 0 || t->size[1] < 2)
        return false;
    *dot = '\0';
    snprintf(out, size, "%s", strrchr(name, '.') + 1);
    return true;
}

static bool on_tensor(void *ctx, const struct gguf_tensor *t)
{
    struct sizes *s = ctx;
    char place[128];
    uint64_t numbers = t->size[0] * t->size[1];
    if (is_called(t, "token_embd.weight")) {
        s->embedding = numbers;
        s->vocab = t->size[1];
    }
    if (is_called(t, "output.weight")) {
        s->head = true;
        s->room->numbers += numbers;
    }
    if (!place_of(t, place, sizeof(place)))
        return true;
    s->room->numbers += numbers;
    s->ffn = strcmp(place, "ffn_gate") == 0 ? t->size[1] : s->ffn;
    for (int p = 0; p < TRAIN_PLACES; p++)
        if (s->shape->places & 1u << p && strcmp(place, train_place_names[p]) == 0)
            s->room->adapter += (uint64_t)s->shape->rank * (t->size[0] + t->size[1]);
    return true;
}

/* Bytes of the graph's buffers: what is kept of a layer until its gradients are computed, and the logits of the answers three times. A
 * fourth more is lost between them. */
static uint64_t graph_bytes(const struct train_shape *shape, const struct gguf_facts *f, const struct sizes *s)
{
    uint64_t tokens = (uint64_t)shape->tokens, keys = f->kv_heads * (f->embedding / (f->heads ? f->heads : 1));
    uint64_t layer = tokens * (6 * f->embedding + 2 * keys + 4 * s->ffn) + 2 * f->heads * tokens * tokens;
    return 5 * f->blocks * layer + 12 * (uint64_t)shape->answers * s->vocab;
}

int train_room_of(const unsigned char *data, size_t n, const char *name, const struct train_shape *shape,
                  struct train_room *out, anima_error *err)
{
    struct gguf_facts facts;
    *out = (struct train_room){ 0 };
    struct sizes s = { .shape = shape, .room = out };
    int rc = gguf_read(data, n, n, name, on_tensor, &s, &facts, err);
    if (rc)
        return rc;
    out->numbers += s.head ? 0 : s.embedding;
    /* Two bytes for each number, for both ways; of the adapter: value, gradient, two moments, the best. */
    out->memory = 4 * out->numbers + 20 * out->adapter + graph_bytes(shape, &facts, &s) + OF_ITS_OWN;
    out->disk = 2 * 16 * out->adapter + 2 * out->adapter;
    return ANIMA_OK;
}

int train_room_check(const struct train_room *room, long long limit, const char *folder, anima_error *err)
{
    long long memory = memory_available(), disk = fs_free_bytes(folder);
    if (limit > 0 && (memory < 0 || limit < memory))
        memory = limit;
    if (memory >= 0 && room->memory > (uint64_t)memory)
        return err_set(
            err, ANIMA_E_MODEL,
            "training this model takes about %.1f GB of memory, and %.1f GB are free: close something, or train a "
            "smaller model",
            (double)room->memory / GB, (double)memory / GB);
    if (disk >= 0 && room->disk > (uint64_t)disk)
        return err_set(err, ANIMA_E_FULL,
                       "training takes about %.2f GB in %s, and %.2f GB are free: make room, or a lower rank",
                       (double)room->disk / GB, folder, (double)disk / GB);
    return ANIMA_OK;
}
