/* llama_prompt.h — from messages to tokens, by the model's own chat template. */
#ifndef HOST_LLAMA_PROMPT_H
#define HOST_LLAMA_PROMPT_H
#include "host/request.h"

#include <llama.h>

struct llama_prompt {
    llama_token *tokens; /* yours to mem_free */
    int n;
    int dropped;       /* oldest messages that were left out */
    const char *until; /* NULL, or what the model ends this answer with, beside its own end of a turn */
};

/* The tokens of a request's messages, and of how the answer begins; a request that only reads has none of the latter, and
 * if it is open its last message has no end. room: how many tokens the prompt may have. Longer: with drop_oldest the oldest messages that are not the system's leave,
 * else ANIMA_E_LIMIT. What people write never becomes a control token, even if it looks like one.
 *
 * Thoughts are turns of a role of their own, if the template shows a turn's role as it is (ChatML, Llama 3, Gemma, …); else they
 * stand between <think> and </think> at the beginning of the assistant's turn. */
int llama_prompt_build(const struct llama_model *model, const struct request *request, int room,
                       struct llama_prompt *out, anima_error *err);
/* A conversation that is learnt from (src/train): *tokens and *learnt are arrays of *n, yours to mem_free. learnt[i] is 1 where token i is of
 * what an assistant says, or the end of its turn. ANIMA_E_MODEL: the template cannot be applied. */
int llama_prompt_example(const struct llama_model *model, const anima_chat_message *messages, size_t n_messages,
                         llama_token **tokens, unsigned char **learnt, int *n, anima_error *err);
#endif
