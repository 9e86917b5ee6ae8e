#include "host/llama_score.h"

#include "base/err.h"
#include "base/mem.h"
#include "host/llama_batch.h"
#include "host/llama_sample.h"

struct text {
    llama_token *tokens;
    int n;
    double logprob;
};

struct llama_score {
    int n_vocab;
    struct text *texts;
    size_t n, next; /* those before next are scored */
};

static int take_apart(const struct llama_vocab *vocab, yyjson_val *value, struct text *out, anima_error *err)
{
    const char *text = yyjson_get_str(value);
    size_t len = yyjson_get_len(value);
    out->tokens = mem_alloc((len + 8) * sizeof(*out->tokens));
    if (!out->tokens)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the candidates");
    out->n = llama_tokenize(vocab, text, (int32_t)len, out->tokens, (int32_t)len + 8, false, false);
    if (out->n < 1 || out->n > SCORE_MAX_TOKENS)
        return err_set(err, ANIMA_E_LIMIT, "a candidate has %d tokens; 1 to %d can be scored", out->n,
                       SCORE_MAX_TOKENS);
    return ANIMA_OK;
}

int llama_score_create(const struct llama_model *model, const struct request *request, struct llama_score **out,
                       anima_error *err)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    size_t n = yyjson_arr_size(request->candidates), i, max;
    struct llama_score *s = *out = mem_zero(1, sizeof(*s));
    if (s)
        s->texts = mem_zero(n, sizeof(*s->texts));
    if (!s || !s->texts)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the candidates");
    s->n_vocab = llama_vocab_n_tokens(vocab);
    s->n = n;
    yyjson_val *one;
    int rc = ANIMA_OK;
    yyjson_arr_foreach (request->candidates, i, max, one) {
        rc = rc ? rc : take_apart(vocab, one, &s->texts[i], err);
    }
    return rc;
}

void llama_score_destroy(struct llama_score *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n && s->texts; i++)
        mem_free(s->texts[i].tokens);
    mem_free(s->texts);
    mem_free(s);
}

int llama_score_longest(const struct llama_score *s)
{
    int longest = 0;
    for (size_t i = 0; i < s->n; i++)
        longest = s->texts[i].n > longest ? s->texts[i].n : longest;
    return longest;
}

/* Those of one token are whole with it. */
static void pass_scored(struct llama_score *s)
{
    while (s->next < s->n && s->texts[s->next].n == 1)
        s->next++;
}

void llama_score_first(struct llama_score *s, const float *logits)
{
    double norm = llama_log_sum(logits, s->n_vocab);
    for (size_t i = 0; i < s->n; i++)
        s->texts[i].logprob = logits[s->texts[i].tokens[0]] - norm;
    pass_scored(s);
}

bool llama_score_whole(const struct llama_score *s) { return s->next == s->n; }

int llama_score_next(struct llama_score *s, struct llama_context *context, struct kv *kv,
                     const struct kv_stream *stream, struct lora *lora, const struct lora_row *row,
                     struct llama_batch *batch, struct lora_row *with)
{
    struct text *text = &s->texts[s->next++];
    llama_seq_id id = kv_try(kv, stream);
    batch->n_tokens = 0;
    for (int i = 0; i + 1 < text->n; i++)
        with[batch_put(batch, text->tokens[i], stream->n + i, id, true)] = *row;
    if (lora)
        lora_batch(lora, batch, with);
    int rc = llama_decode(context, *batch) || (lora && lora_trouble(lora)) ? ANIMA_E_ENGINE : ANIMA_OK;
    for (int i = 0; i + 1 < text->n && !rc; i++) {
        const float *logits = llama_get_logits_ith(context, i);
        if (logits)
            text->logprob += logits[text->tokens[i + 1]] - llama_log_sum(logits, s->n_vocab);
        else
            rc = ANIMA_E_ENGINE;
    }
    kv_tried(kv);
    pass_scored(s);
    return rc;
}

void llama_score_put(const struct llama_score *s, struct jw *w)
{
    jw_arr(w, NULL);
    for (size_t i = 0; i < s->n; i++) {
        jw_obj(w, NULL);
        jw_num(w, "logprob", s->texts[i].logprob);
        jw_int(w, "tokens", s->texts[i].n);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}
