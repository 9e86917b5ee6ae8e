/* lora.h — many LoRA adapters in one llama_decode: every row of a batch may have its own, on libllama as it is.
 *
 * libllama's own llama_set_adapters_lora is for a whole context, and builds its graphs anew. Here the graph stays that of
 * the bare model, and the evaluation callback (llama_context_params.cb_eval) adds scale·alpha/rank·B(Ax) to the rows of each
 * matrix product that an adapter of the batch changes. So adapters come and go between two batches at no cost, and
 * a batch without any computes as if none of this were here: the callback declines every node.
 *
 * Which row of a product is whose: the batch must be computed as one ubatch in its own order (n_batch = n_ubatch,
 * kv_unified), which is checked against the tokens the graph gets. Products have a row for each token, or, in the last
 * layer, one for each token whose logits are wanted, in order.
 *
 * Adapters are files in one folder, read once into memory (a mapped file that is cut short would kill the engine) and
 * known by the hash of their content; those that nobody uses stay until more than the budget is held. Models on the CPU
 * only. One thread: the one that decodes. */
#ifndef HOST_LORA_H
#define HOST_LORA_H
#include "anima/anima.h"

#include <llama.h>

#define LORA_NAME_MAX 128 /* of a file, with the NUL */

struct lora;

struct lora_adapter; /* immutable, counted */

/* What one row of a batch is computed with. */
struct lora_row {
    const struct lora_adapter *adapter; /* NULL: none */
    float scale;
};

struct lora_stats {
    int adapters;      /* in memory */
    size_t bytes;      /* of them */
    uint64_t loaded;   /* times a file was read */
    uint64_t products; /* matrix products that something was added to */
};

/* model: its file, for the shapes. folder: of the adapters, need not exist. bytes: what adapters that nobody uses may take.
 * max_rows: of a batch. */
int lora_create(const char *model, const char *folder, size_t bytes, int max_rows, struct lora **out, anima_error *err);
void lora_destroy(struct lora *l);

/* The file's name in the folder: no path, not hidden, not too long. */
bool lora_name_valid(const char *name);
/* The adapter of that name as the file is now; yours to lora_release. ANIMA_E_NOT_FOUND; ANIMA_E_MODEL: damaged, or for
 * another model; ANIMA_E_UNSUPPORTED. Who holds an adapter goes on with it whatever happens to its file. */
int lora_get(struct lora *l, const char *name, const struct lora_adapter **out, anima_error *err);
void lora_release(struct lora *l, const struct lora_adapter *adapter);
/* For kv_seat: what was computed with this adapter at this scale. Never 0; but 0 for none. */
uint64_t lora_identity(const struct lora_row *row);

/* Threads that stay, for the context's batches with adapters: each product that is changed is the end of a piece of graph,
 * and libllama would start its threads anew for every piece. Before the first batch; the context goes before l. */
int lora_attach(struct lora *l, struct llama_context *context, int threads, anima_error *err);
/* For llama_context_params.cb_eval, with the struct lora as its data. */
bool lora_callback(struct ggml_tensor *tensor, bool ask, void *lora);
/* Before a llama_decode of b: what its rows are computed with; rows NULL: all without. Until the next call. */
void lora_batch(struct lora *l, const struct llama_batch *b, const struct lora_row *rows);
/* After it: NULL, or why what was computed with adapters is not to be used. */
const char *lora_trouble(const struct lora *l);
void lora_statistics(const struct lora *l, struct lora_stats *out);
#endif
