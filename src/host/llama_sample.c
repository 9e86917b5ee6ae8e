#include "host/llama_sample.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"
#include "host/schema_gbnf.h"

#include <math.h>
#include <string.h>

#define PENALTY_LAST 256
#define DRY_BASE 1.75f
#define DRY_ALLOWED 2
#define MAX_GRAMMAR (1u << 20)
#define MAX_CHOSEN ((1u << 20) * sizeof(llama_token))

struct llama_candidates {
    const struct llama_model *model;
    int n;
    llama_token_data *data;
};

struct llama_pick {
    struct llama_sampler *chain, *grammar;
    uint32_t seed;
    int64_t draws;
    bool remembers;
    struct buf chosen; /* tokens, if it remembers them */
};

int llama_candidates_create(const struct llama_model *model, struct llama_candidates **out, anima_error *err)
{
    struct llama_candidates *c = mem_zero(1, sizeof(*c));
    *out = c;
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for sampling");
    c->model = model;
    c->n = llama_vocab_n_tokens(llama_model_get_vocab(model));
    c->data = mem_alloc((size_t)c->n * sizeof(*c->data));
    return c->data ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for sampling");
}

void llama_candidates_destroy(struct llama_candidates *c)
{
    if (c)
        mem_free(c->data);
    mem_free(c);
}

static void add(struct llama_pick *p, struct llama_sampler *s)
{
    if (s)
        llama_sampler_chain_add(p->chain, s);
}

static void build_chain(struct llama_pick *p, const struct llama_vocab *vocab, const struct request *r, int context)
{
    static const char *breakers[] = { "\n", ":", "\"", "*" };
    if (r->repeat_penalty != 1 || r->frequency_penalty != 0 || r->presence_penalty != 0)
        add(p, llama_sampler_init_penalties(llama_vocab_n_tokens(vocab), PENALTY_LAST, (float)r->repeat_penalty,
                                            (float)r->frequency_penalty, (float)r->presence_penalty));
    if (r->dry_multiplier > 0)
        add(p, llama_sampler_init_dry(vocab, (float)r->dry_multiplier, DRY_BASE, DRY_ALLOWED, context, breakers, 4));
    if (r->temperature <= 0) {
        add(p, llama_sampler_init_greedy());
        return;
    }
    if (r->top_k > 0)
        add(p, llama_sampler_init_top_k(r->top_k));
    if (r->top_p < 1)
        add(p, llama_sampler_init_top_p((float)r->top_p, 1));
    if (r->min_p > 0)
        add(p, llama_sampler_init_min_p((float)r->min_p, 1));
    add(p, llama_sampler_init_temp((float)r->temperature));
    add(p, llama_sampler_init_dist(p->seed));
}

static bool fits(struct llama_pick *p, llama_token token)
{
    llama_token_data one = { token, 1.0f, 0 };
    llama_token_data_array single = { &one, 1, -1, false };
    llama_sampler_apply(p->grammar, &single);
    return one.logit > -INFINITY;
}

/* The answer's known beginning has passed the grammar already. */
static void feed_prefix(struct llama_pick *p, const struct llama_vocab *vocab, const char *prefix)
{
    size_t n = strlen(prefix);
    llama_token *tokens = n ? mem_alloc((n + 8) * sizeof(*tokens)) : NULL;
    int count = tokens ? llama_tokenize(vocab, prefix, (int32_t)n, tokens, (int32_t)n + 8, false, false) : 0;
    /* Accepting what does not fit would abort the process, so it is asked first. */
    for (int i = 0; i < count && fits(p, tokens[i]); i++)
        llama_sampler_accept(p->grammar, tokens[i]);
    mem_free(tokens);
}

/* The tokens that the resumed sampler has chosen, and the random numbers it has drawn for them. */
static int feed_resumed(struct llama_pick *p, const llama_token *tokens, int n, anima_error *err)
{
    for (int i = 0; p->grammar && i < n; i++) {
        if (!fits(p, tokens[i]))
            return err_set(err, ANIMA_E_INVALID, "token %d of what is resumed does not fit the grammar", i);
        llama_sampler_accept(p->grammar, tokens[i]);
    }
    for (int64_t i = 0; i < p->draws; i++) {
        llama_token_data two[2] = { { 0, 1, 0 }, { 1, 1, 0 } };
        llama_token_data_array pair = { two, 2, -1, true };
        llama_sampler_apply(llama_sampler_chain_get(p->chain, llama_sampler_chain_n(p->chain) - 1), &pair);
    }
    return ANIMA_OK;
}

static int build_grammar(struct llama_pick *p, const struct llama_vocab *vocab, const struct request *r,
                         anima_error *err)
{
    struct buf text;
    buf_init(&text, MAX_GRAMMAR);
    int rc = *r->grammar ? buf_puts(&text, r->grammar) : schema_to_gbnf(r->schema, &text, err);
    if (!rc && !(p->grammar = llama_sampler_init_grammar(vocab, buf_str(&text), "root")))
        rc = err_set(err, ANIMA_E_INVALID, "the grammar cannot be read: it is not GBNF with a rule \"root\"");
    buf_finish(&text);
    if (!rc)
        feed_prefix(p, vocab, r->prefix);
    return rc;
}

int llama_pick_create(const struct llama_model *model, const struct request *r, const llama_token *prompt, int n,
                      int n_resumed, struct llama_pick **out, anima_error *err)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct llama_pick *p = *out = mem_zero(1, sizeof(*p));
    if (!p)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for sampling");
    struct llama_sampler_chain_params params = llama_sampler_chain_default_params();
    params.no_perf = true;
    p->chain = llama_sampler_chain_init(params);
    int64_t seed = r->resume ? json_int(r->resume, "seed", 0) : r->seed;
    p->seed = seed >= 0 ? (uint32_t)seed : (uint32_t)rnd_u64();
    if (p->seed == LLAMA_DEFAULT_SEED)
        p->seed = 0; /* libllama would draw one of its own, which nobody knows */
    p->remembers = r->snapshot;
    buf_init(&p->chosen, MAX_CHOSEN);
    buf_append(&p->chosen, prompt + n - n_resumed, (size_t)n_resumed * sizeof(*prompt));
    p->draws = r->resume ? json_int(r->resume, "draws", 0) : 0;
    if (p->draws < 0 || p->draws > 2 * n_resumed + 2)
        return err_set(err, ANIMA_E_INVALID, "what is resumed has drawn an impossible number of times");
    build_chain(p, vocab, r, llama_model_n_ctx_train(model));
    for (int i = 0; i < n; i++)
        llama_sampler_accept(p->chain, prompt[i]);
    int rc = *r->grammar || r->schema ? build_grammar(p, vocab, r, err) : ANIMA_OK;
    return rc ? rc : feed_resumed(p, prompt + n - n_resumed, n_resumed, err);
}

int llama_resumed(const struct llama_model *model, const struct request *r, struct buf *out, anima_error *err)
{
    yyjson_val *list = yyjson_obj_get(r->resume, "tokens"), *one;
    int n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    size_t i, n;
    if (yyjson_arr_size(list) > REQUEST_MAX_RESUMED)
        return err_set(err, ANIMA_E_LIMIT, "more than %d tokens cannot be resumed", REQUEST_MAX_RESUMED);
    yyjson_arr_foreach (list, i, n, one) {
        llama_token token = yyjson_is_int(one) ? yyjson_get_int(one) : -1;
        if (token < 0 || token >= n_vocab)
            return err_set(err, ANIMA_E_INVALID, "token %zu of what is resumed is none of this model", i);
        buf_append(out, &token, sizeof(token));
    }
    return out->failed ? err_set(err, out->failed, "out of memory for what is resumed") : ANIMA_OK;
}

void llama_pick_state(const struct llama_pick *p, struct buf *out)
{
    const llama_token *tokens = (const llama_token *)(const void *)buf_str(&p->chosen);
    size_t n = p->chosen.len / sizeof(*tokens);
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_int(&w, "seed", p->seed);
    jw_int(&w, "draws", p->draws);
    jw_arr(&w, "tokens");
    for (size_t i = 0; i < n; i++)
        jw_int(&w, NULL, tokens[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
}

void llama_pick_destroy(struct llama_pick *p)
{
    if (!p)
        return;
    if (p->grammar)
        llama_sampler_free(p->grammar);
    buf_finish(&p->chosen);
    llama_sampler_free(p->chain);
    mem_free(p);
}

static void load(struct llama_candidates *c, const float *logits)
{
    for (int i = 0; i < c->n; i++)
        c->data[i] = (llama_token_data){ i, logits[i], 0 };
}

static llama_token apply(struct llama_pick *p, struct llama_candidates *c, const float *logits, bool masked)
{
    load(c, logits);
    llama_token_data_array all = { c->data, (size_t)c->n, -1, false };
    if (masked) {
        bool any = false;
        llama_sampler_apply(p->grammar, &all);
        for (size_t i = 0; i < all.size && !any; i++)
            any = all.data[i].logit > -INFINITY;
        if (!any)
            return -1;
    }
    llama_sampler_apply(p->chain, &all);
    p->draws++;
    return all.selected >= 0 && (size_t)all.selected < all.size ? all.data[all.selected].id : -1;
}

llama_token llama_pick_next(struct llama_pick *p, struct llama_candidates *c, const float *logits)
{
    llama_token token = apply(p, c, logits, false);
    if (p->grammar && token >= 0 && !fits(p, token))
        token = apply(p, c, logits, true);
    if (token < 0)
        return -1;
    const struct llama_vocab *vocab = llama_model_get_vocab(c->model);
    bool last = llama_vocab_is_eog(vocab, token);
    if (p->grammar && !last)
        llama_sampler_accept(p->grammar, token);
    if (p->remembers && !last)
        buf_append(&p->chosen, &token, sizeof(token));
    llama_sampler_accept(p->chain, token);
    return token;
}

int llama_piece(const struct llama_model *model, llama_token token, char *out, int size)
{
    int n = llama_token_to_piece(llama_model_get_vocab(model), token, out, size, 0, false);
    return n < 0 ? 0 : n;
}

/* ---- log probabilities ---- */

static void put_token(const struct llama_candidates *c, struct jw *w, llama_token token, double logprob)
{
    char bytes[256], text[800];
    int n = llama_piece(c->model, token, bytes, sizeof(bytes));
    size_t len = utf8_clean(bytes, (size_t)n, text, sizeof(text));
    jw_strn(w, "token", text, len);
    jw_num(w, "logprob", logprob);
    jw_arr(w, "bytes");
    for (int i = 0; i < n; i++)
        jw_int(w, NULL, (unsigned char)bytes[i]);
    jw_end_arr(w);
}

double llama_log_sum(const float *logits, int n)
{
    double most = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++)
        most = logits[i] > most ? logits[i] : most;
    for (int i = 0; i < n; i++)
        sum += exp(logits[i] - most);
    return most + log(sum);
}

void llama_logprobs(struct llama_candidates *c, const float *logits, llama_token token, int n, struct buf *out)
{
    double norm = llama_log_sum(logits, c->n);
    struct jw w;
    jw_init(&w, out);
    jw_arr(&w, NULL);
    jw_obj(&w, NULL);
    put_token(c, &w, token, logits[token] - norm);
    jw_arr(&w, "top_logprobs");
    llama_token top[20];
    for (int k = 0; k < n && k < 20; k++) { /* n is at most 20: a scan each is cheaper than sorting the vocabulary */
        llama_token best = -1;
        for (int i = 0; i < c->n; i++) {
            bool taken = false;
            if (best >= 0 && logits[i] <= logits[best])
                continue;
            for (int j = 0; j < k && !taken; j++)
                taken = top[j] == i;
            best = taken ? best : i;
        }
        if (best < 0)
            break;
        top[k] = best;
        jw_obj(&w, NULL);
        put_token(c, &w, best, logits[best] - norm);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    jw_end_arr(&w);
}
