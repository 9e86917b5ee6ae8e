/* store.h — what a home remembers on disk: people, conversations, turns. One SQLite file in WAL mode.
 *
 * One thread, the writer, writes: store_* calls that change something copy their arguments, queue a job, and report on
 * the loop thread once it is on the disk (synchronous=FULL: a written turn survives a power cut; the words of a reply that
 * still grows survive a killed process). Jobs run in the order
 * of queueing; those waiting together share a transaction, each under its own savepoint.
 * Reads run where they are called, on a read-only connection of their own. They are bounded (one row, or at most 500 by
 * an index), so the loop thread may call them. A read sees what was reported written.
 * Schema: migrations in src/store/schema.c; PRAGMA user_version is the number of the last one. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "anima/anima.h"
#include "loop/loop.h"

struct store;
/* Loop thread. rc 0 or the code in err. */
typedef void store_done(void *ctx, int rc, const anima_error *err);

/* Opens or creates the file and migrates it. read_only: no writer; writes give ANIMA_E_UNSUPPORTED.
 * A file of a newer anima: ANIMA_E_UNSUPPORTED. A damaged one: ANIMA_E_IO, and nothing is changed. */
int store_open(const char *path, bool read_only, struct loop *loop, struct store **out, anima_error *err);
/* Finishes the queued jobs (their callbacks are not called any more) and closes. NULL is legal. */
void store_close(struct store *store);

/* ---- people ---- */
typedef int store_person_cb(void *ctx, int64_t id, const char *name);
int store_person_list(struct store *store, store_person_cb *cb, void *ctx, anima_error *err);
/* id is chosen by the caller (one more than the largest). */
int store_person_add(struct store *store, int64_t id, const char *name, store_done *done, void *ctx, anima_error *err);

/* ---- conversations ---- */
/* Fills *out but for nothing; ANIMA_E_NOT_FOUND. */
int store_conversation_get(struct store *store, const char *id, anima_conversation_info *out, anima_error *err);
int store_conversation_list(struct store *store, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err);
int store_conversation_add(struct store *store, const anima_conversation_info *info, store_done *done, void *ctx,
                           anima_error *err);
int store_conversation_title(struct store *store, const char *id, const char *title, store_done *done, void *ctx,
                             anima_error *err);

/* ---- turns ---- */
/* turn->text and the rest are borrowed for the call. */
int store_turn_list(struct store *store, const char *conversation, int64_t after, int limit, anima_turn_cb *cb,
                    void *ctx, anima_error *err);
/* The newest limit turns, oldest first. */
int store_turn_last(struct store *store, const char *conversation, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err);
/* The place of the message with this client_id, or ANIMA_E_NOT_FOUND. */
int store_turn_by_client(struct store *store, const char *conversation, const char *client_id, int64_t *seq,
                         anima_error *err);
/* A message and the reply that waits for it (WAITING), in one transaction; either may be NULL. */
int store_turn_add(struct store *store, const char *conversation, const anima_turn *message, const anima_turn *reply,
                   store_done *done, void *ctx, anima_error *err);
/* Overwrites the turn of that seq: text, state and measures. done may be NULL. */
int store_turn_update(struct store *store, const char *conversation, const anima_turn *turn, store_done *done,
                      void *ctx, anima_error *err);
/* Replies that an earlier run left WAITING or STREAMING. */
typedef int store_unfinished_cb(void *ctx, const char *conversation, int64_t seq);
int store_turn_unfinished(struct store *store, store_unfinished_cb *cb, void *ctx, anima_error *err);

/* Runs PRAGMA quick_check, and writes and takes back one row: for doctor. Blocks: any thread but the loop's of a busy home. */
int store_check(struct store *store, anima_error *err);
#endif
