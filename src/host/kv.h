/* kv.h — the KV caches of all streams of one libllama context.
 *
 * A stream is a sequence of tokens that grows, and is cut back at times. What the model computed for them (its KV cache)
 * is in one of three places, the nearest first:
 *   seated    in the context's cells, under a sequence id: can go on at once
 *   RAM       as segments: copies of the cells of some positions, made when a stream leaves its seat. Only new cells are
 *             copied, so that a turn costs its own tokens; segments are shared by streams with the same beginning
 *   disk      the same segments as files (kv_file.h), written when nobody waits, or when RAM is short
 * Asked for a seat, a stream gets back all of it that fits the tokens it wants, or the beginning of another stream that
 * has more in common; the caller reads the rest. What one adapter computed is never used with another. So KV is never trusted further than its tokens are equal, and what is
 * damaged, foreign or missing is read again.
 *
 * Context: made with kv_unified, whose cells any sequence may use. The last sequence id is ours, for moving cells.
 * Models whose state cannot be cut (recurrent, sliding window) keep one segment, and begin anew when cut back.
 * Not thread-safe: the engine's thread. See llama_state_seq_get_data; after a restore the next logits are bit-equal to
 * those of an uninterrupted run where the cells lie the same way (docs/internals/stream.md). */
#ifndef HOST_KV_H
#define HOST_KV_H
#include "anima/anima.h"
#include "host/kv_file.h"

#include <llama.h>

#define KV_WAIT 1 /* from kv_seat: no cells are free now */

struct kv;

struct kv_segment;

struct kv_stream {
    char name[KV_NAME_MAX]; /* "": passing, never on the disk */
    llama_token *tokens;    /* n of them have KV somewhere */
    int n;
    uint64_t adapter; /* with which it was computed, 0: none */
    bool busy;        /* seated and in use: it is not moved */
    int64_t used_us;  /* when it was seated or left to rest last */
    int users;        /* who keep a pointer to it count themselves here: it is not dropped to make room */
    /* kv.c's and kv_segment.c's own */
    struct kv_stream *next;
    struct kv_segment *segments; /* of positions 0 .. saved, in order */
    int n_segments, size;
    size_t max_segments;
    uint32_t next_serial;
    int room, seat; /* seat -1: none */
};

struct kv_config {
    const char *folder; /* "": nothing on the disk */
    uint64_t identity;  /* of model, cache type, library: whose KV is whose */
    int cells, seats;   /* of the context; sequences that can be seated, n_seq_max - 1 */
    size_t ram_bytes;
    uint64_t disk_bytes;
};

struct kv_stats {
    int streams, seated, seats, cells_used, cells;
    size_t ram_bytes, ram_limit;
    uint64_t saved_bytes, written_bytes;         /* copied to RAM, written to disk since the start */
    int64_t moved_us;                            /* spent on saving and restoring */
    uint64_t restored, evicted, damaged, shared; /* times */
};

/* Takes up what an earlier run left in the folder: streams that nobody asks for any more leave it by kv_drop, or when it is
 * over its budget. A folder that cannot be used is said in the log, and nothing is kept on the disk. */
int kv_create(struct llama_context *context, const struct llama_model *model, const struct kv_config *config,
              struct kv **out, anima_error *err);
/* Writes what is not on the disk yet, if it is quick. */
void kv_destroy(struct kv *kv);

/* The stream of that name, made if there is none; "" makes a passing one. NULL: out of memory. Borrowed, until it is dropped,
 * which happens to make room, too, unless it is busy or has users. */
struct kv_stream *kv_stream(struct kv *kv, const char *name);
/* Forgets it, in RAM and on the disk. It must not be busy. */
void kv_drop(struct kv *kv, struct kv_stream *s);
/* All whose names begin so; not empty. */
void kv_drop_all(struct kv *kv, const char *beginning);
/* Seats s for the n tokens it wants, in a room of `room` cells (room >= n): afterwards s->n < n tokens, all equal to the
 * wanted ones and computed with that adapter (0: none), are in the cells, and it is busy. The caller decodes the rest under kv_seat_id at positions from s->n on,
 * and says so (kv_grew). KV_WAIT: busy streams hold the cells; ANIMA_E_LIMIT: never. */
int kv_seat(struct kv *kv, struct kv_stream *s, uint64_t adapter, const llama_token *want, int n, int room,
            anima_error *err);
/* Whether streams can begin with what others have: not those of a model whose state cannot be cut. */
bool kv_shares(const struct kv *kv);
/* How many tokens both begin with. */
int kv_in_common(const llama_token *a, int n_a, const llama_token *b, int n_b);
llama_seq_id kv_seat_id(const struct kv_stream *s);
/* That token was decoded at position s->n. */
int kv_grew(struct kv_stream *s, llama_token token);
/* A sequence that has all cells of s (seated), for tokens that only might come: decoded from position s->n on, they are gone with
 * kv_tried, which comes before anything else is asked of kv. */
llama_seq_id kv_try(struct kv *kv, const struct kv_stream *s);
void kv_tried(struct kv *kv);
/* Nobody works on it now: it keeps its seat until another needs it. */
void kv_rest(struct kv *kv, struct kv_stream *s);
/* A decode failed: what its cells hold is unknown. */
void kv_distrust(struct kv *kv, struct kv_stream *s);
/* Takes it from its seat (saved in RAM); for the tests and benches, and to make room. */
int kv_unseat(struct kv *kv, struct kv_stream *s, anima_error *err);
/* One piece of work that can wait (writing to the disk). False: there is none. rest_us: how long a stream must have been
 * at rest before it is written. */
bool kv_idle(struct kv *kv, int64_t rest_us);
void kv_statistics(const struct kv *kv, struct kv_stats *out);
/* Bytes in its folder, as the file system has them (it looks at every file), and how many there may be; 0 without a folder. */
void kv_disk(const struct kv *kv, uint64_t *bytes, uint64_t *limit);

/* Where the stream's KV cache is, for people who look: "seated", "ram" (a part may be on the disk only), "disk", or "" if there
 * is none. *bytes of it in RAM and on the disk; what is only in cells is not counted. */
const char *kv_place(const struct kv_stream *s, size_t *bytes);
/* The streams that were used most recently, at most max; returns how many. Borrowed until one is dropped. 0, too, if memory is
 * short. */
size_t kv_recent(const struct kv *kv, const struct kv_stream **out, size_t max);
#endif
