/* llama_sample.h — choosing the next token: the sampler chain of one request, its grammar, its log probabilities.
 *
 * A sampler's state is its seed, how many random numbers it has drawn, and the tokens it has chosen: from these, chain and grammar are made anew as they
 * were, so that a snapshot is small, can be read, and needs nothing of libllama's insides. As JSON: {"seed", "draws", "tokens": [...]}.
 *
 * Grammar: a full mask over the vocabulary costs 7-20 ms a token, a test of one token 0.03 ms; so a token is sampled
 * freely first, and only if the grammar rejects it is the mask applied and sampled again. */
#ifndef HOST_LLAMA_SAMPLE_H
#define HOST_LLAMA_SAMPLE_H
#include "host/request.h"

#include <llama.h>

struct llama_pick;       /* of one request */
struct llama_candidates; /* scratch of one engine, as large as the vocabulary */

int llama_candidates_create(const struct llama_model *model, struct llama_candidates **out, anima_error *err);
void llama_candidates_destroy(struct llama_candidates *c);

/* prompt: what the repetition penalties have seen already. With request->resume the last n_resumed tokens of it were chosen by
 * the sampler that is resumed (llama_resumed). ANIMA_E_INVALID: they do not fit the grammar. */
int llama_pick_create(const struct llama_model *model, const struct request *request, const llama_token *prompt, int n,
                      int n_resumed, struct llama_pick **out, anima_error *err);
void llama_pick_destroy(struct llama_pick *p);
/* The tokens of request->resume, appended to out; ANIMA_E_INVALID if they are none of this model. Without it: none. */
int llama_resumed(const struct llama_model *model, const struct request *request, struct buf *out, anima_error *err);
/* Writes its state; of a request with `snapshot`. */
void llama_pick_state(const struct llama_pick *p, struct buf *out);
/* The next token after logits (one per token of the vocabulary), accepted by chain and grammar. -1: nothing fits. */
llama_token llama_pick_next(struct llama_pick *p, struct llama_candidates *c, const float *logits);
/* log Σ exp(logits), over n of them: a logit less this is a log probability. */
double llama_log_sum(const float *logits, int n);
/* Appends the log probability of token, and of the n likeliest, as an array of one in OpenAI's form. */
void llama_logprobs(struct llama_candidates *c, const float *logits, llama_token token, int n, struct buf *out);
/* The bytes of a token; out holds at most size. */
int llama_piece(const struct llama_model *model, llama_token token, char *out, int size);
#endif
