#include "host/gguf_check.h"

#include "base/err.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#include <ggml.h>

#define MAX_KEYS 65536
#define MAX_TENSORS 65536
#define MAX_KEY 1024
#define MAX_ARRAY (64u << 20)

struct reader {
    const unsigned char *data;
    size_t n, at;
    bool ended; /* something was not there any more */
};

static uint64_t number(struct reader *r, size_t bytes)
{
    if (r->ended || r->n - r->at < bytes) {
        r->ended = true;
        return 0;
    }
    uint64_t x = 0;
    for (size_t i = 0; i < bytes; i++)
        x |= (uint64_t)r->data[r->at + i] << (8 * i);
    r->at += bytes;
    return x;
}

static void skip(struct reader *r, uint64_t bytes)
{
    if (r->ended || r->n - r->at < bytes)
        r->ended = true;
    else
        r->at += (size_t)bytes;
}

/* A length and so many bytes; *text points into the file. */
static uint64_t string(struct reader *r, const char **text)
{
    uint64_t n = number(r, 8);
    *text = (const char *)r->data + r->at;
    skip(r, n);
    return r->ended ? 0 : n;
}

/* Bytes of a scalar of that GGUF type; 0: not a scalar. */
static size_t scalar_size(uint64_t type)
{
    static const unsigned char sizes[] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };
    return type < sizeof(sizes) ? sizes[type] : 0;
}

enum { TYPE_FLOAT = 6, TYPE_STRING = 8, TYPE_ARRAY = 9, TYPE_LAST = 12 };

static bool ends_with(const char *key, size_t n, const char *end)
{
    size_t k = strlen(end);
    return n > k && memcmp(key + n - k, end, k) == 0;
}

static void note_number(struct gguf_facts *f, const char *key, size_t n, uint64_t value)
{
    const struct {
        const char *end;
        uint64_t *field;
    } wanted[] = { { ".block_count", &f->blocks },
                   { ".attention.head_count", &f->heads },
                   { ".attention.head_count_kv", &f->kv_heads },
                   { ".embedding_length", &f->embedding },
                   { ".attention.key_length", &f->key_length },
                   { ".attention.value_length", &f->value_length },
                   { ".context_length", &f->context_train } };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (ends_with(key, n, wanted[i].end))
            *wanted[i].field = value;
}

static void note_string(struct gguf_facts *f, const char *key, size_t n, const char *value, uint64_t len)
{
    /* Foreign bytes that go into frames and messages: made valid UTF-8, and cut between characters. */
    if (n == 20 && memcmp(key, "general.architecture", 20) == 0)
        utf8_clean(value, (size_t)len, f->architecture, sizeof(f->architecture));
    else if (n == 12 && memcmp(key, "general.name", 12) == 0)
        utf8_clean(value, (size_t)len, f->name, sizeof(f->name));
    else if (n == 12 && memcmp(key, "general.type", 12) == 0)
        utf8_clean(value, (size_t)len, f->type, sizeof(f->type));
    else if (n == 12 && memcmp(key, "adapter.type", 12) == 0)
        utf8_clean(value, (size_t)len, f->adapter_type, sizeof(f->adapter_type));
    else if (n == 23 && memcmp(key, "tokenizer.chat_template", 23) == 0)
        f->has_template = true;
}

/* Skips an array; nested arrays do not occur in models, so they are refused. */
static bool skip_array(struct reader *r)
{
    uint64_t type = number(r, 4), count = number(r, 8);
    if (r->ended || count > MAX_ARRAY)
        return false;
    if (type != TYPE_STRING) {
        skip(r, count * scalar_size(type));
        return scalar_size(type) > 0;
    }
    const char *text;
    for (uint64_t i = 0; i < count && !r->ended; i++)
        string(r, &text);
    return true;
}

/* One key and its value. False: it cannot be read. */
static bool pair(struct reader *r, struct gguf_facts *f, uint64_t *alignment)
{
    const char *key, *text;
    uint64_t n = string(r, &key), type = number(r, 4);
    if (r->ended || n == 0 || n > MAX_KEY || type > TYPE_LAST)
        return false;
    if (type == TYPE_ARRAY) {
        f->invoked |= n == 31 && memcmp(key, "adapter.alora.invocation_tokens", 31) == 0;
        return skip_array(r);
    }
    if (type == TYPE_STRING) {
        uint64_t len = string(r, &text);
        if (!r->ended)
            note_string(f, key, n, text, len);
        return !r->ended;
    }
    uint64_t value = number(r, scalar_size(type));
    if (n == 17 && memcmp(key, "general.alignment", 17) == 0)
        *alignment = value;
    if (type == TYPE_FLOAT && n == 18 && memcmp(key, "adapter.lora.alpha", 18) == 0) {
        uint32_t bits = (uint32_t)value;
        float alpha;
        memcpy(&alpha, &bits, sizeof(alpha));
        f->alpha = alpha;
    }
    if (type != TYPE_FLOAT && type != TYPE_LAST)
        note_number(f, key, n, value);
    return !r->ended;
}

/* False: its shape or type is impossible. */
static bool read_tensor(struct reader *r, struct gguf_tensor *t)
{
    *t = (struct gguf_tensor){ .size = { 1, 1, 1, 1 } };
    t->length = (size_t)string(r, &t->name);
    uint64_t dims = number(r, 4), elements = 1;
    if (r->ended || t->length == 0 || t->length >= 128 || dims == 0 || dims > 4)
        return false;
    for (uint64_t d = 0; d < dims; d++) {
        uint64_t size = t->size[d] = number(r, 8);
        if (size == 0 || size > (1ULL << 40) || elements > (1ULL << 45) / size)
            return false;
        elements *= size;
    }
    uint64_t type = number(r, 4);
    t->offset = number(r, 8);
    if (r->ended || type >= GGML_TYPE_COUNT)
        return false;
    uint64_t block = (uint64_t)ggml_blck_size((enum ggml_type)type), bytes = ggml_type_size((enum ggml_type)type);
    if (block == 0 || bytes == 0 || t->size[0] % block != 0)
        return false;
    t->type = (int)type;
    t->bytes = elements / block * bytes;
    return true;
}

static int damaged(anima_error *err, const char *name, const char *how)
{
    return err_set(err, ANIMA_E_MODEL,
                   "the file %s is damaged: %s; fetch it again (`anima models fetch`, or from where it came)", name,
                   how);
}

struct visit {
    gguf_tensor_cb *each;
    void *ctx;
};

static int check_tensors(struct reader *r, uint64_t alignment, uint64_t file_size, const char *name,
                         const struct visit *visit, struct gguf_facts *f, anima_error *err)
{
    uint64_t end = 0;
    for (uint64_t i = 0; i < f->tensors; i++) {
        struct gguf_tensor t;
        if (!read_tensor(r, &t))
            return damaged(err, name,
                           r->ended ? "it ends inside its list of tensors" : "a tensor has an impossible shape");
        if (t.offset % alignment || t.offset > (1ULL << 50))
            return damaged(err, name, "a tensor lies at an impossible place");
        end = t.offset + t.bytes > end ? t.offset + t.bytes : end;
        if (visit->each && !visit->each(visit->ctx, &t))
            return damaged(err, name, "its list of tensors cannot be used");
    }
    f->data_start = (r->at + alignment - 1) / alignment * alignment;
    f->data_end = f->data_start + end;
    if (f->data_end > file_size) {
        char how[120];
        snprintf(how, sizeof(how), "its tensors end at byte %llu, the file at byte %llu",
                 (unsigned long long)f->data_end, (unsigned long long)file_size);
        return damaged(err, name, how);
    }
    return ANIMA_OK;
}

static int read_file(const unsigned char *data, size_t n, uint64_t file_size, const char *name, bool model,
                     const struct visit *visit, struct gguf_facts *f, anima_error *err)
{
    struct reader r = { .data = data, .n = n };
    uint64_t alignment = 32;
    *f = (struct gguf_facts){ 0 };
    if (n < 4 || memcmp(data, "GGUF", 4) != 0)
        return err_set(err, ANIMA_E_MODEL, "%s is not a GGUF file: it begins with other bytes", name);
    skip(&r, 4);
    uint64_t version = number(&r, 4), tensors = number(&r, 8), keys = number(&r, 8);
    if (r.ended || version < 2 || version > 3)
        return err_set(err, ANIMA_E_MODEL, "%s is a GGUF file of version %llu; 2 and 3 can be read", name,
                       (unsigned long long)version);
    if (tensors == 0 || tensors > MAX_TENSORS || keys > MAX_KEYS)
        return damaged(err, name, "it claims an impossible number of tensors or keys");
    for (uint64_t i = 0; i < keys; i++)
        if (!pair(&r, f, &alignment))
            return damaged(err, name, r.ended ? "it ends inside its metadata" : "its metadata cannot be read");
    if (alignment == 0 || alignment > 65536 || (alignment & (alignment - 1)))
        return damaged(err, name, "its alignment is impossible");
    if (model &&
        (!*f->architecture || f->blocks == 0 || f->blocks > 4096 || f->embedding == 0 || f->embedding > (1u << 20)))
        return damaged(err, name, "it does not say what kind of model it is");
    f->tensors = tensors;
    return check_tensors(&r, alignment, file_size, name, visit, f, err);
}

int gguf_read(const unsigned char *data, size_t n, uint64_t file_size, const char *name, gguf_tensor_cb *each,
              void *ctx, struct gguf_facts *f, anima_error *err)
{
    const struct visit visit = { each, ctx };
    return read_file(data, n, file_size, name, false, &visit, f, err);
}

int gguf_check(const unsigned char *data, size_t n, uint64_t file_size, const char *name, struct gguf_facts *f,
               anima_error *err)
{
    return read_file(data, n, file_size, name, true, &(struct visit){ NULL, NULL }, f, err);
}

uint64_t gguf_kv_bytes_per_token(const struct gguf_facts *f)
{
    uint64_t heads = f->heads && f->heads < 65536 ? f->heads : 1;
    uint64_t kv = f->kv_heads && f->kv_heads <= heads ? f->kv_heads : heads;
    uint64_t key = f->key_length && f->key_length < 65536 ? f->key_length : f->embedding / heads;
    uint64_t value = f->value_length && f->value_length < 65536 ? f->value_length : key;
    return f->blocks * kv * (key + value) * 2;
}
