#include "kv_kit.h"

#include "base/fs.h"
#include "host/llama_batch.h"

#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ggml-backend.h>

struct kit kit;
static struct llama_batch batch;

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)level;
    (void)text;
    (void)ctx;
}

int kit_set_up(void **state)
{
    (void)state;
    const char *path = getenv("ANIMA_TEST_MODEL");
    Dl_info info;
    char where[512];
    if (!path || access(path, R_OK))
        return 0;
    llama_log_set(quiet, NULL);
    dladdr((void *)(uintptr_t)llama_backend_init, &info);
    snprintf(where, sizeof(where), "%s", info.dli_fname);
    ggml_backend_load_all_from_path(dirname(where));
    kit.model = llama_model_load_from_file(path, llama_model_default_params());
    kit.vocab = llama_vocab_n_tokens(llama_model_get_vocab(kit.model));
    batch = llama_batch_init(512, 0, 1);
    snprintf(kit.folder, sizeof(kit.folder), "test-kv-%d", (int)getpid());
    return fs_mkdirs(kit.folder, NULL);
}

int kit_tear_down(void **state)
{
    (void)state;
    char command[128];
    if (!kit.model)
        return 0;
    llama_batch_free(batch);
    llama_model_free(kit.model);
    snprintf(command, sizeof(command), "rm -rf %s", kit.folder);
    return system(command);
}

void kit_context(int cells, int seats)
{
    struct llama_context_params cp = llama_context_default_params();
    cp.n_ctx = (uint32_t)cells;
    cp.n_batch = cp.n_ubatch = 512;
    cp.n_seq_max = (uint32_t)seats + 1;
    cp.kv_unified = true;
    cp.n_threads = cp.n_threads_batch = 1;
    kit.context = llama_init_from_model(kit.model, cp);
    assert_non_null(kit.context);
}

struct kv *kit_start_as(const struct kv_config *config)
{
    struct kv *kv;
    kit_context(config->cells, config->seats);
    assert_int_equal(kv_create(kit.context, kit.model, config, &kv, NULL), 0);
    return kv;
}

struct kv *kit_start(const char *where, int cells, size_t ram)
{
    const struct kv_config config = { where, 42, cells, KIT_SEATS, ram, 1u << 30 };
    return kit_start_as(&config);
}

void kit_stop(struct kv *kv)
{
    kv_destroy(kv);
    llama_free(kit.context);
}

void kit_write(struct kv *kv)
{
    for (int i = 0; kv_idle(kv, 0); i++)
        assert_true(i < 10000); /* it comes to an end */
}

int kit_try_feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n, const float **logits)
{
    int rc = kv_seat(kv, s, 0, want, n, n, NULL);
    if (rc)
        return rc;
    assert_true(s->n < n);
    batch.n_tokens = 0;
    for (int p = s->n; p < n; p++)
        batch_put(&batch, want[p], p, kv_seat_id(s), p + 1 == n);
    assert_int_equal(llama_decode(kit.context, batch), 0);
    for (int p = s->n; p < n && !rc; p++)
        rc = kv_grew(s, want[p]);
    if (rc)
        kv_distrust(kv, s);
    kv_rest(kv, s);
    if (logits)
        *logits = llama_get_logits_ith(kit.context, -1);
    return rc;
}

const float *kit_feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n)
{
    const float *logits;
    assert_int_equal(kit_try_feed(kv, s, want, n, &logits), 0);
    return logits;
}

static llama_token token_at(int i, int who)
{
    unsigned x = ((unsigned)i + 1) * 2654435761u ^ ((unsigned)who + 1) * 40503u * 65537u;
    return (llama_token)((x >> 8) % (unsigned)kit.vocab);
}

void kit_tokens(llama_token *tokens, int n, int who)
{
    for (int i = 0; i < n; i++)
        tokens[i] = token_at(i, who);
}
