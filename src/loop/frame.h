/* frame.h — the frames that anima and anima-engine exchange over their socket pair.
 *
 * Wire format, little-endian:   u32 head_len | u32 raw_len | head_len bytes of JSON | raw_len bytes
 * The head is one JSON object with a member "type"; the raw part carries sound, vectors and KV bytes, which JSON
 * cannot.
 * Limits: head 1 .. FRAME_MAX_HEAD, raw 0 .. FRAME_MAX_RAW. A frame over a limit ends the connection: the other side
 * is broken or hostile, and no byte after it can be trusted. docs/engine-protocol.md lists the messages.
 * One owner, no locking. */
#ifndef LOOP_FRAME_H
#define LOOP_FRAME_H
#include "anima/anima.h"
#include "base/buf.h"

#define FRAME_MAX_HEAD (16u << 20)
#define FRAME_MAX_RAW (64u << 20)
#define FRAME_PREFIX 8

#define FRAME_MAX_TEXTS 64  /* of one "embed" */
#define FRAME_MAX_TEXT 8192 /* bytes of each that are read */
#define FRAME_MAX_DIM 4096  /* numbers of one vector */

struct frame {
    const char *head; /* head_len bytes; not NUL-terminated */
    size_t head_len;
    const void *raw; /* raw_len bytes; NULL if none */
    size_t raw_len;
};

/* The first 8 bytes of a frame with these lengths; negative if they break a limit. */
int frame_prefix(unsigned char out[FRAME_PREFIX], size_t head_len, size_t raw_len, anima_error *err);
/* Appends one frame to out; on failure out is as it was, except for its failed mark. */
int frame_write(struct buf *out, const char *head, size_t head_len, const void *raw, size_t raw_len, anima_error *err);
/* Takes the first frame of n bytes: 1 and *f, *used if it is whole (f points into data); 0 if more bytes are needed;
 * negative if the prefix breaks a limit. */
int frame_read(const char *data, size_t n, struct frame *f, size_t *used, anima_error *err);
#endif
