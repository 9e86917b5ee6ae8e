/* kv_segment.h — kv.c's other half: what is kept of a stream outside its seat. A stream's segments are copies of the cells of
 * positions 0 .. kv_saved, in order; each in RAM (a blob), on the disk (a file of kv_file.h), or both. One thread. */
#ifndef HOST_KV_SEGMENT_H
#define HOST_KV_SEGMENT_H
#include "host/kv.h"

/* A copy of cells. Never changed once made; shared by the streams that begin alike. */
struct blob {
    int refs;
    size_t bytes;
    unsigned char data[];
};

struct kv_segment {
    int p0, p1; /* positions that count */
    int end;    /* of what the copy holds: behind p1 lies what was cut off, and such a copy is never on the disk */
    struct blob *blob; /* NULL: on the disk only */
    uint32_t serial;   /* of its file; 0: none */
    size_t bytes;
};

struct kv {
    struct llama_context *context;
    llama_memory_t memory;
    bool whole; /* the state cannot be cut or joined */
    struct kv_config config;
    struct kv_folder folder;
    struct kv_stream *streams;
    bool *seat_taken;
    struct kv_stats stats;
    uint64_t since_trim; /* bytes written since the folder was looked at */
    int64_t no_writes_until_us;
    bool writes_fail; /* which the log knows */
};

/* Up to which position segments hold it. */
int kv_saved(const struct kv_stream *s);
/* One more, empty, behind the others; NULL: out of memory. Borrowed, until the next one. */
struct kv_segment *kv_segment_add(struct kv_stream *s);
/* Forgets those from the from-th on, in RAM and on the disk. */
void kv_segments_drop(struct kv *kv, struct kv_stream *s, int from);
/* The stream's memory; its files stay. It is in no list and has no seat. */
void kv_stream_free(struct kv *kv, struct kv_stream *s);
/* Tokens from .. from+n-1 of s; s->n is the caller's. ANIMA_E_NOMEM. */
int kv_set_tokens(struct kv_stream *s, const llama_token *tokens, int from, int n);
/* Keeps the first k tokens, in the cells, in RAM and on the disk. A state that cannot be cut is let go of. */
void kv_cut(struct kv *kv, struct kv_stream *s, int k);
/* From which segment on they should become one: s->n_segments if none. */
int kv_merge_from(const struct kv_stream *s);
/* Copies what is not saved yet, or everything from segment `from` on, into RAM. It must be seated. ANIMA_E_NOMEM: as
 * before. */
int kv_save(struct kv *kv, struct kv_stream *s, int from, anima_error *err);
/* There is a disk, and the last attempt to write went well or is long ago. */
bool kv_may_write(const struct kv *kv);
/* Puts it on the disk if it is not there. False: it is not there now. */
bool kv_segment_write(struct kv *kv, struct kv_stream *s, struct kv_segment *segment);
/* Frees the coldest streams' copies until RAM is within its budget: to the disk if there is one, else they are gone. */
void kv_trim_ram(struct kv *kv);
/* Brings all segments to the stream's seat, whose cells are empty; s->n says how far that went. */
void kv_restore(struct kv *kv, struct kv_stream *s);
/* s, empty and without a seat, gets the first n tokens of from; s->n says how many it got. */
int kv_share(struct kv *kv, struct kv_stream *from, struct kv_stream *s, int n, anima_error *err);
#endif
