/* engine.h — the daemon's half of an engine: one anima-engine process per model, started on first need, watched, and
 * brought back when it dies. A request survives that: it is sent again with the words it had so far as its beginning,
 * so that its owner only sees more words, once. Loop thread.
 *
 * States:  stopped → starting → ready → (gone) → restarting → ready …   and   starting/restarting → failed
 * An engine is failed after 3 deaths within 60 s without a word between them (its requests end with ANIMA_E_ENGINE), or
 * at once when it says why it cannot start (they end with its own error, as ANIMA_E_MODEL for a file that does not
 * load). The next request tries from the beginning. An idle engine that dies is brought back too. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H
#include "anima/anima.h"
#include "loop/loop.h"

/* How soon somebody needs the answer: voice first, then in this order (src/host/llama_tasks.h). Chat unless it is set. */
enum engine_class { ENGINE_CHAT, ENGINE_VOICE, ENGINE_GROUP, ENGINE_BACKGROUND, ENGINE_COMPACTION };

/* What kind of segment is spoken. */
enum engine_into { ENGINE_SAID, ENGINE_THOUGHT };

struct engine_request {
    /* Their roles may be the kinds of segments, too: persona, profile, memory (of the system), heard, said, thought, tool. */
    const anima_chat_message *messages;
    size_t n_messages;
    /* NULL, or the name of the stream that these messages are: letters, digits, - and _, at most 63. The engine keeps what
     * it has read of a stream, and only messages that it does not have travel to it. Messages may change at any place: what
     * comes behind is read again. */
    const char *stream;
    enum engine_class class;
    enum engine_into into;
    bool open;            /* engine_read: the last message still grows */
    const char *adapter;  /* NULL, or a file in the folder of adapters (model_engine_options) */
    double adapter_scale; /* with it: how strongly, 1 as it was made */
    const char *prefix;   /* NULL, or how the answer already begins (is not repeated in the output) */
    anima_sampling sampling;
    const char *grammar;     /* NULL, or GBNF */
    const char *json_schema; /* NULL, or a JSON schema as JSON text */
    int logprobs;            /* -1: none; 0..20 */
    bool drop_oldest;        /* a prompt that does not fit loses its oldest turns instead of failing */
    /* The state of its sampler comes at the end, in cb.snapshot; what might still become a stop string is not said then if it was
     * cut off. With resume, such a state, a request that is otherwise the same goes on token for token (same build, same
     * threads); resumed is what had been said. Should the engine die meanwhile, it goes on from the words. */
    bool snapshot;
    const char *resume, *resumed; /* NULL, or JSON; with it: text */
};

#define ENGINE_MAX_CANDIDATES 64
#define ENGINE_MAX_SCORED 256 /* tokens of one candidate */

struct engine_score {
    double logprob; /* natural logarithm, the sum over its tokens */
    int tokens;
};

typedef void engine_state_cb(void *ctx, const anima_engine_info *info);

struct engine_set; /* all engines of a home */
struct engine_job; /* a request under way */

/* What a model name means: which driver, with which options. */
struct engine_spec {
    char driver[24]; /* "llm_llama", "script", "openai" */
    char *model;     /* a file, a script, or the remote model's name; owned */
    char *options;   /* JSON object text with the driver's options; owned */
    char *runtime;   /* folder with libllama, put on the engine's library path, or NULL; owned */
    bool beside; /* a small helper, such as an embedding model: it takes no place of max_loaded, is not stopped to make
                        room, and is not listed or announced among the models that talk */
};
/* Fills *spec (engine_spec_finish frees it) for a model name; ANIMA_E_NOT_FOUND with the cure. */
typedef int engine_resolve(void *ctx, const char *model, struct engine_spec *spec, anima_error *err);
void engine_spec_finish(struct engine_spec *spec);

/* program: path of anima-engine. max_loaded: how many engines may be loaded at once; the longest idle one is stopped.
 * If all are busy, the one ready for longest finishes what it has and then makes room. on_state comes with every change
 * of state and progress, never during a call into this module. */
int engine_set_create(struct loop *loop, const char *program, int max_loaded, engine_resolve *resolve,
                      engine_state_cb *on_state, void *ctx, struct engine_set **out, anima_error *err);
void engine_set_destroy(struct engine_set *set); /* requests under way end without a callback */
/* The path of anima-engine. */
const char *engine_set_program(const struct engine_set *set);
/* Starts the engine of a model without asking it anything. */
int engine_warm(struct engine_set *set, const char *model, anima_error *err);
/* The i-th engine's state, but for those that run beside; false after the last. */
bool engine_state_at(struct engine_set *set, size_t i, anima_engine_info *out);

/* code ANIMA_OK, or ANIMA_E_CANCELLED (the set is destroyed), ANIMA_E_NOMEM. list: n engines, valid during the call, but for those
 * that run beside. One that does not run, or has not told yet, has an age_s below 0. Streams have their names, no titles. */
typedef void engine_stats_cb(void *ctx, int code, const anima_engine_stats *list, size_t n);
/* What all engines are doing. cb comes later, once, never during the call; after a second at the latest, with what busy ones said
 * last. */
int engine_stats_ask(struct engine_set *set, engine_stats_cb *cb, void *ctx, anima_error *err);

/* Copies the request. Callbacks come later, never during the call. */
int engine_generate(struct engine_set *set, const char *model, const struct engine_request *request,
                    const anima_completion_callbacks *cb, void *ctx, struct engine_job **out, anima_error *err);
/* scores: one for each candidate, in their order, valid during the call; NULL if code is not ANIMA_OK. */
typedef void engine_scores_cb(void *ctx, int code, const struct engine_score *scores, size_t n,
                              const anima_usage *usage, const char *message);
/* How likely each of n candidates (1..ENGINE_MAX_CANDIDATES texts of at most ENGINE_MAX_SCORED tokens) is as the answer, or as what
 * follows request->prefix. The prompt is read once; a candidate costs its own tokens. The stream stays as it is. As engine_generate else. */
int engine_score(struct engine_set *set, const char *model, const struct engine_request *request,
                 const char *const *candidates, size_t n, engine_scores_cb *cb, void *ctx, struct engine_job **out,
                 anima_error *err);
/* Has the engine read the messages of a stream, while it has nothing better to do, so that a later request finds them
 * read. Copies them. Nothing is told of it later; should the engine die, the later request is slower. False: it does not run,
 * or is busy. */
bool engine_read(struct engine_set *set, const char *model, const struct engine_request *request);
/* How often models that talk were asked for words or scores since the set was made; what is only read ahead does not count. */
int64_t engine_asked(const struct engine_set *set);
/* Tokens that a model has room for, prompt and answer, as its engine said when it was ready last; 0: not known. */
int engine_context(const struct engine_set *set, const char *model);
/* Whether the engine of a model runs and can be asked at once. */
bool engine_runs(struct engine_set *set, const char *model);
/* Whether the engine runs, and would keep what it reads: else there is no use in putting messages together for it. */
bool engine_reads(struct engine_set *set, const char *model);
/* Forgets the streams whose names begin so, in every engine that runs, with what they keep of them on the disk. */
void engine_drop(struct engine_set *set, const char *beginning);
/* vectors: n of dim numbers each, one after the other, of length 1, valid during the call; NULL if code is not ANIMA_OK. */
typedef void engine_vectors_cb(void *ctx, int code, const float *vectors, size_t n, size_t dim, const char *message);
/* What texts mean, as vectors. query: short texts that are compared with each other, or that search; else they are passages
 * that are searched. 1..FRAME_MAX_TEXTS texts, of each the first FRAME_MAX_TEXT bytes; the more at once, the cheaper. Copies
 * the texts; cb comes later, once, and not after engine_abandon. The engine is started, watched and restarted as for
 * engine_generate. */
int engine_embed(struct engine_set *set, const char *model, bool query, const char *const *texts, size_t n,
                 engine_vectors_cb *cb, void *ctx, struct engine_job **out, anima_error *err);
/* What a training says of itself behind a step (docs/engine-protocol.md, "trained"). */
struct engine_trained {
    int step, steps, best_step;
    double epoch, loss, held_loss, best_loss; /* nats a token */
    double rate, gradient, tokens_per_s;
    int64_t tokens;     /* read since the process began */
    bool over, written; /* written: the adapter is there */
};
struct engine_training_callbacks {
    void (*state)(void *ctx, const anima_engine_info *info); /* as engine_state_cb */
    void (*trained)(void *ctx, const struct engine_trained *told);
    void (*trouble)(void *ctx, int code, const char *message); /* it cannot go on; nothing more comes of it */
};
/* Starts an engine whose spec is of the driver train_lora, beside the others; it is brought back when it dies, without end:
 * whoever asked counts. cb comes later, until the engine is halted and says "stopped", or has failed. */
int engine_train(struct engine_set *set, const char *name, const struct engine_training_callbacks *cb, void *ctx,
                 anima_error *err);
/* The engine ends behind its step, with a checkpoint; then "stopped" comes. False: it does not run, and nothing comes. Legal in a
 * callback. */
bool engine_halt(struct engine_set *set, const char *name);
/* The engine stops within one token; done comes with ANIMA_E_CANCELLED and what was used. */
void engine_cancel(struct engine_job *job);
/* Cancels, and no callback comes any more. Legal in any callback; NULL, and the own job in done, are no harm. */
void engine_abandon(struct engine_job *job);
#endif
