/* llama_batch.h — filling a llama_batch that was made for one sequence a token. */
#ifndef HOST_LLAMA_BATCH_H
#define HOST_LLAMA_BATCH_H
#include <llama.h>
#include <stdbool.h>

/* One more row, for which there must be room; returns its number. logits: its result is wanted. */
static inline int batch_put(struct llama_batch *b, llama_token token, llama_pos position, llama_seq_id sequence,
                            bool logits)
{
    int i = b->n_tokens++;
    b->token[i] = token;
    b->pos[i] = position;
    b->n_seq_id[i] = 1;
    b->seq_id[i][0] = sequence;
    b->logits[i] = logits;
    return i;
}
#endif
