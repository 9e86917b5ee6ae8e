/* llama_score.h — how likely a model finds given texts as the answer to a prompt, each by itself: the sum of its tokens' log
 * probabilities, without an end of the turn. The prompt is read once (llama_tasks.c); a text costs its own tokens, of which
 * the last is not decoded, so a text of one token costs nothing. One thread. */
#ifndef HOST_LLAMA_SCORE_H
#define HOST_LLAMA_SCORE_H
#include "host/kv.h"
#include "host/lora.h"
#include "host/request.h"

#define SCORE_MAX_TOKENS 256 /* of one text */

struct llama_score;

/* Takes the texts of request->candidates apart. ANIMA_E_LIMIT: one is too long. */
int llama_score_create(const struct llama_model *model, const struct request *request, struct llama_score **out,
                       anima_error *err);
void llama_score_destroy(struct llama_score *s);
/* Tokens of the longest, for which there has to be room behind the prompt. */
int llama_score_longest(const struct llama_score *s);
/* The first token of each, by the prompt's logits. */
void llama_score_first(struct llama_score *s, const float *logits);
/* All are scored. */
bool llama_score_whole(const struct llama_score *s);
/* The tokens of the next text, decoded behind the stream's cells, which stay as they are. batch and with (a row of it each) are lent;
 * lora may be NULL. ANIMA_E_ENGINE: it could not be computed. */
int llama_score_next(struct llama_score *s, struct llama_context *context, struct kv *kv,
                     const struct kv_stream *stream, struct lora *lora, const struct lora_row *row,
                     struct llama_batch *batch, struct lora_row *with);
/* [{"logprob","tokens"}, …] */
void llama_score_put(const struct llama_score *s, struct jw *w);
#endif
