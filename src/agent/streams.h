/* streams.h — the streams of other programs, as they are in memory. The store is the truth; what is here is a copy of one that
 * somebody holds open, with what is on its way to the disk. Loop thread. */
#ifndef AGENT_STREAMS_H
#define AGENT_STREAMS_H
#include "agent/state.h"
#include "base/arena.h"

#define STREAM_NAME 32

struct generation;

struct anima_stream {
    anima_home *home;
    struct anima_stream *next;
    int refs;
    anima_stream_info info;
    anima_segment *segments; /* their texts are owned */
    size_t n, max;
    size_t bytes;                  /* of their texts */
    bool made;                     /* its row is in the store, or on its way */
    bool gone;                     /* deleted, or about to be */
    bool stale;                    /* the store refused something: it is read again before it is used */
    int writing;                   /* changes on their way to the store */
    struct generation *generation; /* under way, or NULL */
    anima_scoring_job *scorings;   /* the same, all of them */
};

/* The name under which engines know it. */
void stream_name(char out[STREAM_NAME], const char *id);
/* A static text, or NULL if there is no such kind. */
const char *stream_kind(const char *kind);
/* A new one that nobody else knows; refs 1. */
int stream_new(anima_home *home, const anima_stream_info *info, anima_stream **out, anima_error *err);
/* The one in memory with that id, or NULL. */
anima_stream *stream_find(anima_home *home, const char *id);
/* Reads it from the store, in place of what is in memory. */
int stream_load(anima_stream *s, anima_error *err);
/* Puts copies behind its last segment, in memory only, numbered. Their kind, name and size are checked. */
int stream_add(anima_stream *s, const anima_segment *segments, size_t n, anima_error *err);
/* A copy of one behind its last, as it is, in memory only. */
int stream_push(anima_stream *s, const anima_segment *segment);
/* Segments behind seq are gone, in memory only. */
void stream_cut(anima_stream *s, int64_t seq);
/* Whether so many more of these fit, and are what segments may be. */
int stream_check_room(const anima_stream *s, const anima_segment *segments, size_t n, anima_error *err);
/* It can be changed: not deleted, no generation under way, memory as the store. */
int stream_check(anima_stream *s, anima_error *err);
/* Writes: segments behind keep go, those in memory behind it come (or add, if it is not NULL, which are not in memory yet).
 * purge: what goes has to leave the files. */
struct stream_write {
    int64_t after, keep;
    bool purge;
    const anima_segment *add;
    size_t n_add;
    const char *response; /* forgotten, or NULL */
};
int stream_write(anima_stream *s, const struct stream_write *write, store_done *done, void *ctx, anima_error *err);
/* To be called when a write has been reported. */
void stream_written(anima_stream *s, int rc);
/* An op that holds the stream open, if that can be changed. */
int stream_op(anima_stream *s, anima_done *done, void *ctx, struct op **out, anima_error *err);
/* The store_done of such an op whose stream_write was queued. */
void stream_op_written(void *op, int rc, const anima_error *err);
/* The character of a stream, if it has one. ANIMA_E_NOT_FOUND: it is not there any more. */
int stream_character(const anima_stream *s, const struct character **out, anima_error *err);
/* Its segments from the first to the n-th, and behind them more, as messages of *request; in the arena. */
int stream_messages(const anima_stream *s, size_t n, const char *instructions, const anima_segment *more, size_t n_more,
                    struct arena *arena, struct engine_request *request, anima_error *err);
/* Has the engine read it as it is, if it runs and has nothing better to do; false: it does not. */
bool stream_read_ahead(anima_stream *s);
/* What was there is not there any more: engines forget it. */
void stream_changed(anima_stream *s);
/* Deletes a few of those whose time is over. */
void streams_expire(anima_home *home);
/* Ends all generations, without a callback; the store keeps what it has. */
void streams_drop(anima_home *home);
void streams_free_all(anima_home *home);

/* ---- stream_generate.c ---- */
/* Ends a generation without a callback; NULL is legal. */
void generation_free(struct generation *g);

/* NULL or "said", or "thought". */
int generation_into(const char *kind, enum engine_into *out, anima_error *err);

/* ---- stream_score.c ---- */
/* Ends all scorings of a stream, without a callback. */
void scorings_free(anima_stream *s);

/* ---- stream_snapshot.c ---- */
/* How a generation was sampled, as segment.state holds it. */
struct stream_state {
    struct arena arena; /* owns the rest */
    anima_sampling sampling;
    const char *grammar, *json_schema; /* or NULL */
    const char *engine;                /* the sampler's own state as JSON, or NULL */
};
int stream_state_write(struct buf *out, const struct stream_state *state);
/* Copies what it is given into its arena; of sampling all but max_tokens. Finish it in both cases; so with the next. */
int stream_state_copy(struct stream_state *out, const anima_sampling *sampling, const char *grammar,
                      const char *json_schema);
int stream_state_read(struct stream_state *out, const char *json, size_t n, anima_error *err);
void stream_state_finish(struct stream_state *state);
#endif
