/* loop.h — the one event loop of a home (libuv), and the door into it from other threads.
 * Everything is called on the loop thread except loop_post and loop_stop. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H
#include "anima/anima.h"
#include <uv.h>

struct loop;
typedef void loop_fn(void *ctx);

int loop_create(struct loop **out, anima_error *err);
/* Runs what was posted, then closes every handle that is still open. */
void loop_destroy(struct loop *loop);
uv_loop_t *loop_uv(struct loop *loop);
void loop_run(struct loop *loop);                  /* until loop_stop */
void loop_step(struct loop *loop, int timeout_ms); /* see anima_home_step */
void loop_stop(struct loop *loop);                 /* any thread, and from a signal handler */
/* fn(ctx) on the loop thread, soon, in the order of posting. Any thread. ANIMA_E_NOMEM only. */
int loop_post(struct loop *loop, loop_fn *fn, void *ctx);

/* work(ctx) on a thread of libuv's pool, then done(ctx) on the loop thread: in every case, at the latest in loop_destroy.
 * ANIMA_E_NOMEM only; then neither. */
int loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *ctx, anima_error *err);
/* Waits until no work runs any more; done may still be to come. */
void loop_work_wait(struct loop *loop);

/* A one-shot timer. Armed again before it fired: the new time counts. */
struct loop_timer;
int loop_timer_create(struct loop *loop, loop_fn *fn, void *ctx, struct loop_timer **out, anima_error *err);
void loop_timer_start(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_destroy(struct loop_timer *timer);
#endif
