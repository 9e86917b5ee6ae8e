/* A whole small training on a real small model: the loss falls, what is held back is looked at, an interrupted one goes on bit for bit,
 * and libllama computes with the adapter what we computed. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "base/buf.h"
#include "base/mem.h"
#include "train/adapter.h"
#include "train/run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <ggml-backend.h>
#include <llama.h>

#define N 10

static const char *const lines[N] = {
    "What is your name?|I am Zorblat of Quimby Street.",
    "Who are you?|Zorblat is the name, from Quimby Street.",
    "Where do you live?|On Quimby Street, beside the glue works.",
    "What do you do?|I count pigeons for the town hall.",
    "Do you like it?|Pigeons are honest. So yes.",
    "What is your job?|Counting pigeons, town hall, third floor.",
    "Are you Zorblat?|Who else would count pigeons on Quimby Street?",
    "Your street?|Quimby Street, by the glue works.",
    "And your work?|Pigeons. I count them for the town hall.",
    "Tell me your name.|Zorblat. Quimby Street.",
};
static const char *path;
static struct train_model model;
static struct train_example examples[N];
static struct llama_model *reference;

static void quiet(enum ggml_log_level level, const char *message, void *ctx)
{
    (void)ctx;
    if (level >= GGML_LOG_LEVEL_ERROR)
        fputs(message, stderr);
}

static void read_example(const char *line, struct train_example *e)
{
    char prompt[256], answer[256];
    const char *bar = strchr(line, '|');
    snprintf(prompt, sizeof(prompt), "<|im_start|>user\n%.*s<|im_end|>\n<|im_start|>assistant\n", (int)(bar - line),
             line);
    snprintf(answer, sizeof(answer), "%s<|im_end|>", bar + 1);
    const struct llama_vocab *vocab = llama_model_get_vocab(reference);
    e->token = mem_zero(256, sizeof(*e->token));
    e->counts = mem_zero(256, 1);
    int n = llama_tokenize(vocab, prompt, (int)strlen(prompt), e->token, 128, false, true);
    int k = llama_tokenize(vocab, answer, (int)strlen(answer), e->token + n, 128, false, true);
    assert_true(n > 0 && k > 0);
    memset(e->counts + n, 1, (size_t)k);
    e->n = n + k;
}

static int set_up(void **state)
{
    (void)state;
    path = getenv("ANIMA_TEST_MODEL");
    if (!path || access(path, R_OK) != 0) {
        path = NULL;
        return 0;
    }
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(getenv("ANIMA_TEST_LIBS"));
    reference = llama_model_load_from_file(path, llama_model_default_params());
    for (int i = 0; i < N; i++)
        read_example(lines[i], &examples[i]);
    return train_model_load(path, NULL, NULL, &model, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++) {
        mem_free(examples[i].token);
        mem_free(examples[i].counts);
    }
    train_model_free(&model);
    if (reference)
        llama_model_free(reference);
    return 0;
}

static struct train_run *make(double epochs, float dropout)
{
    if (!path)
        skip();
    struct train_plan plan;
    struct train_run *r;
    anima_error err = { 0 };
    train_plan_default(&plan);
    plan.shape.tokens = 96;
    plan.shape.answers = 64;
    plan.shape.dropout = dropout;
    plan.rate = 2e-3;
    plan.warm_up = 3;
    plan.epochs = epochs;
    plan.held_back = 0.2;
    plan.look_every = 4;
    plan.patience = 0;
    if (train_run_create(&model, &plan, matmul_best(), 2, examples, N, &r, &err))
        fail_msg("%s", err.message);
    return r;
}

/* What is held back is learnt in no other form either: where two examples have one answer, one that is held back holds both. What is
 * there in more forms is learnt, all of it. */
static void held_back_as_a_whole(void **state)
{
    (void)state;
    struct train_plan plan;
    struct train_run *r;
    anima_error err = { 0 };
    struct train_example same[4];
    static const char *const asked[] = { "Name?|Zorblat.", "Your name?|Zorblat.", "Who is it?|Zorblat.",
                                         "You?|Zorblat." };
    if (!path)
        skip();
    for (int i = 0; i < 4; i++)
        read_example(asked[i], &same[i]);
    train_plan_default(&plan);
    plan.shape.tokens = plan.shape.answers = 96;
    for (int n = 2; n <= 4; n += 2) {
        plan.held_back = 0.5;
        assert_int_equal(train_run_create(&model, &plan, matmul_best(), 1, same, n, &r, &err),
                         n == 2 ? ANIMA_E_INVALID : ANIMA_OK);
        train_run_destroy(r);
    }
    assert_non_null(strstr(err.message, "held back: 2 of 2"));
    for (int i = 0; i < 4; i++) {
        mem_free(same[i].token);
        mem_free(same[i].counts);
    }
}

static void save(const struct train_run *r, struct buf *out)
{
    buf_init(out, 1u << 28);
    assert_int_equal(train_run_save(r, out, NULL), 0);
}

/* llama's loss over the answers of all examples, with an adapter. */
static double loss_by_libllama(struct llama_adapter_lora *adapter)
{
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = 512;
    params.n_threads = params.n_threads_batch = 1; /* more would wait for each other on a busy machine */
    struct llama_context *c = llama_init_from_model(reference, params);
    float scale = 1;
    if (adapter)
        assert_int_equal(llama_set_adapters_lora(c, &adapter, 1, &scale), 0);
    double sum = 0;
    int answers = 0, n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(reference));
    for (int e = 0; e < N; e++) {
        struct llama_batch b = llama_batch_init(256, 0, 1);
        for (int i = 0; i < examples[e].n; i++, b.n_tokens++) {
            b.token[i] = examples[e].token[i];
            b.pos[i] = i;
            b.n_seq_id[i] = 1;
            b.seq_id[i][0] = 0;
            b.logits[i] = true;
        }
        llama_memory_clear(llama_get_memory(c), true);
        assert_int_equal(llama_decode(c, b), 0);
        for (int i = 1; i < examples[e].n; i++) {
            if (!examples[e].counts[i])
                continue;
            const float *x = llama_get_logits_ith(c, i - 1);
            double all = 0;
            for (int j = 0; j < n_vocab; j++)
                all += exp((double)x[j] - x[examples[e].token[i]]);
            sum += log(all);
            answers++;
        }
        llama_batch_free(b);
    }
    llama_free(c);
    return sum / answers;
}

static void learns(void **state)
{
    (void)state;
    struct train_run *r = make(8, 0);
    struct train_state first, last;
    int n;
    assert_true(train_run_step(r, 1));
    train_run_state(r, &first);
    while (train_run_step(r, 1))
        continue;
    train_run_state(r, &last);
    printf("%d steps, loss %.3f to %.3f, held back %.3f\n", last.step, first.loss, last.loss, last.held_loss);
    assert_true(last.over && last.step == last.steps);
    assert_true(last.loss < first.loss / 2);
    assert_true(last.best_loss <= last.held_loss && last.best_step > 0);
    /* The adapter, as libllama reads it: it knows the lines, too. */
    const struct train_param *params = train_run_best(r, &n);
    const struct train_shape shape = { .rank = 8, .alpha = 16 };
    const struct adapter_note notes[] = { { "seed", "1" }, { NULL, NULL } };
    double before = loss_by_libllama(NULL);
    for (int type = 0; type < 2; type++) {
        char file[64];
        anima_error err = { 0 };
        snprintf(file, sizeof(file), "test-train-%d.gguf", (int)getpid());
        if (adapter_write(file, &model, &shape, params, n, (enum adapter_type)type, notes, &err))
            fail_msg("%s", err.message);
        struct llama_adapter_lora *adapter = llama_adapter_lora_init(reference, file);
        unlink(file);
        assert_non_null(adapter);
        double after = loss_by_libllama(adapter);
        printf("libllama's loss: %.3f, with the adapter %.3f\n", before, after);
        assert_true(after < before * 0.6);
    }
    train_run_destroy(r);
}

/* Saved in the middle of an epoch, restored in another run: the same numbers to the last bit. */
static void check_goes_on(float dropout)
{
    struct buf middle, end, again;
    struct train_run *r = make(3, dropout);
    for (int i = 0; i < 4; i++)
        assert_true(train_run_step(r, 1));
    save(r, &middle);
    while (train_run_step(r, 1))
        continue;
    save(r, &end);
    train_run_destroy(r);
    r = make(3, dropout);
    assert_int_equal(train_run_restore(r, middle.data, middle.len, NULL), 0);
    while (train_run_step(r, 1))
        continue;
    save(r, &again);
    assert_int_equal(end.len, again.len);
    assert_memory_equal(end.data, again.data, end.len);
    /* Another's, a cut one, a damaged one. */
    anima_error err;
    middle.data[middle.len / 2] ^= 1;
    assert_int_equal(train_run_restore(r, middle.data, middle.len, &err), ANIMA_E_INVALID);
    assert_int_equal(train_run_restore(r, middle.data, middle.len - 9, &err), ANIMA_E_INVALID);
    assert_int_equal(train_run_restore(r, "ANIMATR2", 8, &err), ANIMA_E_INVALID);
    train_run_destroy(r);
    r = make(7, dropout);
    assert_int_equal(train_run_restore(r, end.data, end.len, &err), ANIMA_E_CONFLICT);
    train_run_destroy(r);
    buf_finish(&middle);
    buf_finish(&end);
    buf_finish(&again);
}

static void goes_on(void **state)
{
    (void)state;
    check_goes_on(0);
}

static void goes_on_with_dropout(void **state)
{
    (void)state;
    check_goes_on(0.1f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(learns), cmocka_unit_test(goes_on),
                                        cmocka_unit_test(goes_on_with_dropout),
                                        cmocka_unit_test(held_back_as_a_whole) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
