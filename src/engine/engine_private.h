/* engine_private.h — what engine.c (processes and states), job.c (requests) and answer.c (frames that come in) share.
 * Tests include it for engine_set_times. Loop thread. */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H
#include "base/buf.h"
#include "base/json.h"
#include "engine/engine.h"
#include "loop/child.h"

#define ENGINE_MAX_DEATHS 3        /* without words or vectors between them, within window_ms: failed */
#define ENGINE_MAX_SAID (8u << 20) /* bytes of one answer */

/* The states of an engine process. In brackets: how engine_state_at calls them.
 *
 *   STOPPED ──a request or warm──→ QUEUED ──room──→ STARTING ─loading→ LOADING ─ready→ READY
 *   READY ──evicted──→ STOPPING ──gone──→ STOPPED, or QUEUED if requests wait
 *   STARTING, LOADING, READY ──gone──→ BACKOFF ──time──→ STARTING        (or FAILED: too many deaths)
 *   STARTING, LOADING ──"failed" frame, no such program──→ FAILED ──a request or warm──→ QUEUED */
enum engine_phase {
    PHASE_STOPPED,  /* "stopped" */
    PHASE_QUEUED,   /* "starting": max_loaded others are loaded; starts when one of them has gone */
    PHASE_STARTING, /* "starting", after a death "restarting" */
    PHASE_LOADING,  /* "loading", after a death "restarting" */
    PHASE_READY,    /* "ready" */
    PHASE_STOPPING, /* "stopped": asked to end to make room */
    PHASE_BACKOFF,  /* "restarting" */
    PHASE_FAILED    /* "failed" */
};

/* A message of a request. */
struct engine_message {
    size_t end;    /* of its JSON in job.messages */
    uint64_t hash; /* of that JSON */
};

/* What the engine process has of a stream. */
struct engine_stream {
    char *name;
    uint64_t *hashes; /* of its messages */
    size_t n;
};

struct job_list {
    struct engine_job *first, *last;
};

/* One request. It sits in exactly one list: its engine's jobs, or its set's ending (its done is due).
 * Ids are never used twice; 0: not sent. */
struct engine_job {
    struct engine_job *prev, *next;
    struct job_list *list;
    struct engine *engine;
    int64_t id;
    struct buf messages;          /* each as a JSON object, one behind the other */
    struct engine_message *marks; /* where they are */
    size_t n_messages;
    struct buf
        request;  /* the members behind them, up to inside "sampling", without max_tokens; or "embed" up to its texts */
    bool comma;   /* whether "sampling" has a member yet */
    char *stream; /* or NULL */
    const char *class;        /* its name */
    bool read;                /* nothing is said: engine_read */
    bool open, stale;         /* stale: sent once more with all its messages */
    bool think;               /* what is said is a thought */
    struct buf tail;          /* further members: "candidates" */
    size_t n_candidates;      /* of a request for scores; else 0 */
    engine_scores_cb *scores; /* … in place of cb */
    char *prefix;             /* or NULL */
    char *resume, *resumed;   /* or NULL */
    struct buf said;          /* the words so far */
    int max_tokens, tokens;
    anima_completion_callbacks cb;
    engine_vectors_cb *vectors; /* of a request for vectors, in place of cb */
    size_t n_texts;             /* … which are so many; 0: it is a request for words */
    void *ctx;
    anima_usage usage;
    int sent_tokens;              /* tokens, when it was last sent */
    double prefill_ms, decode_ms; /* spent before it was last sent */
    bool started;                 /* the owner knows */
    bool running;                 /* the engine said started since it was last sent */
    bool cancelled;
    bool ghost;    /* its owner is gone; waits for the engine's last word */
    bool ending;   /* its done is being called */
    int code;      /* in ending: what done will say */
    char *message; /* in ending: or NULL */
};

struct engine {
    struct engine_set *set;
    char *model;
    struct engine_spec spec;
    enum engine_phase phase;
    bool restarting; /* it was ready or starting once and died */
    bool broken;     /* it broke the protocol and was killed; its frames count for nothing */
    bool draining;   /* another engine waits for its place: no new requests go out */
    struct child *child;
    struct loop_timer *timer; /* READY: watch · BACKOFF: restart · STARTING, LOADING: time limit · STOPPING: kill */
    bool watching;            /* READY: the timer runs */
    bool heard;               /* a frame came since the last watch */
    int silent_ms;
    struct job_list jobs;                  /* the sent ones and those that wait, in the order they came */
    int context;                           /* tokens of a request, as it said when it was ready last; 0: not known */
    bool reads;                            /* its driver keeps what it has read of streams */
    int in_flight, reading, max_in_flight; /* sent and not ended; of these only read */
    struct engine_stream *streams;
    size_t n_streams, max_streams;
    int64_t next_id;
    double progress;
    int restarts;
    int n_deaths;
    int64_t deaths_us[ENGINE_MAX_DEATHS];
    int64_t idle_since_us, ready_since_us;
    uint64_t queued_as;                        /* QUEUED: place in the order of waiting */
    char *info;                                /* the "ready" head, or NULL */
    struct engine_told *told;                  /* what it said of itself last, or NULL */
    int64_t stats_id;                          /* it was asked to say it, and has not yet; 0: not */
    struct engine_training_callbacks training; /* of a training; or zero */
    void *training_ctx;
    char why[256];     /* why it was killed, or "" */
    char message[508]; /* of the failure */
};

/* Times, in milliseconds; tests shorten them. */
struct engine_times {
    int backoff_ms, backoff_again_ms; /* before the first restart, before the next ones */
    int window_ms;                    /* deaths older than this are forgotten */
    int ping_ms;                      /* how often a working engine is pinged */
    int hang_ms;                      /* a working engine that says nothing for so long is killed */
    int load_ms;                      /* a starting engine that makes no progress for so long is killed */
    int stop_ms;                      /* an engine asked to end is killed after this */
};

struct engine_set {
    struct loop *loop;
    char *program;
    int max_loaded;
    engine_resolve *resolve;
    engine_state_cb *on_state;
    void *ctx;
    struct engine **engines;
    size_t n_engines;
    int n_queued;
    uint64_t next_place;
    int64_t asked;           /* engine_asked */
    struct loop_timer *kick; /* what may call back is done here, never inside a call from outside */
    struct job_list ending;
    struct engine_ask *asks; /* people who look */
    struct loop_timer *stats_timer;
    struct engine_times times;
    struct buf out;   /* the head that is being written */
    char pool[16384]; /* yyjson's memory for small heads: no allocation for a frame of words */
};

/* engine.c */
void engine_set_times(struct engine_set *set, const struct engine_times *times);
/* The engine of a model, found or made; brought on its way if it neither runs nor starts. */
int engine_need(struct engine_set *set, const char *model, struct engine **out, anima_error *err);
/* That engine if it is ready, or NULL. */
struct engine *engine_running(struct engine_set *set, const char *model);
void engine_notify(struct engine *e);
void engine_describe(const struct engine *e, anima_engine_info *out);
void engine_fail(struct engine *e, int code, const char *message);
/* Kills an engine that broke the protocol or hangs; its requests survive. */
void engine_kill(struct engine *e, const char *why);
void engine_arm(struct engine *e, int ms);
void engine_kick(struct engine_set *set);
/* Asks an engine to end, and kills it after ms; one that loads at once. Calls nobody back. False: it has no process. */
bool engine_end(struct engine_set *set, const char *model, int ms);
/* A request left the engine: lets others in. */
void engine_job_left(struct engine *e);

/* job.c */
void job_push(struct job_list *list, struct engine_job *job);
void job_unlink(struct engine_job *job);
void job_free(struct engine_job *job);
/* A copy of the request, in no list. NULL: err says why. */
struct engine_job *engine_job_new(const struct engine_request *request, anima_error *err);
/* Puts it among the engine's, and sends it if the engine takes it. On failure it is still yours. */
int engine_job_start(struct engine_set *set, const char *model, struct engine_job *job, void *ctx, anima_error *err);
/* Unlinks the job, tells its owner, frees it. */
void job_end(struct engine_job *job, int code, const char *finish, const char *message);
/* As job_end, but the engine still works on it: cancels it there and keeps the job as a ghost. */
void job_give_up(struct engine_job *job, int code, const char *message);
/* Sends as many waiting requests as the engine takes. Calls nobody back. */
void jobs_send(struct engine *e);
/* The engine died: sent requests wait again, ghosts and cancelled ones end. */
void jobs_unsend(struct engine *e);
/* Sends {"type":type,"id":id}. False: it was not: memory is short, or the engine does not read. */
bool engine_send_simple(struct engine *e, const char *type, int64_t id);

/* stream.c */
/* How many messages of the job its engine has; those behind them are to be sent. */
size_t stream_known(struct engine *e, const struct engine_job *job);
/* The job was sent. Out of memory: the stream counts as unknown. */
void stream_sent(struct engine *e, const struct engine_job *job);
/* Those whose names begin so. */
void stream_forget(struct engine *e, const char *beginning);
void streams_forget(struct engine *e);

/* answer.c */
void answer_frame(void *ctx, const struct frame *f);
/* The request of that id; NULL: there is none. */
struct engine_job *answer_find(const struct engine *e, int64_t id);

/* What the engine counted when it had read the prompt. */
void answer_counts(struct engine_job *job, yyjson_val *head);

/* score.c: a "scores" frame; NULL, or what is wrong with it. */
const char *score_answer(struct engine *e, yyjson_val *head, const struct frame *f);

/* train.c: a "trained" frame; NULL, or what is wrong with it. */
const char *train_answer(struct engine *e, yyjson_val *head, const struct frame *f);
/* An error that is about no request; false: it is no training. */
bool train_trouble(struct engine *e, int code, const char *message);

/* stats.c */
int stats_create(struct engine_set *set, anima_error *err);
void stats_end(struct engine_set *set); /* whoever asked is told that it is over */
const char *stats_answer(struct engine *e, yyjson_val *head, const struct frame *f);
/* The process has gone, or the engine goes. */
void stats_forget(struct engine *e);

/* embed.c: a "vectors" frame; NULL, or what is wrong with it. */
const char *embed_answer(struct engine *e, yyjson_val *head, const struct frame *f);
/* engine.c: "LD_LIBRARY_PATH=runtime[:what it was]"; yours to mem_free. */
char *engine_library_path(const char *runtime);
#endif
