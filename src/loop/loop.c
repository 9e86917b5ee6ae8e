/* loop.c — the event loop, the queue of functions that other threads posted, and timers.
 *
 * Posting: a mutex guards a singly linked queue; uv_async_send wakes the loop, which takes the whole queue and runs it
 * in order. What a posted function posts itself runs in the next round, so that it cannot starve the sockets.
 * Stopping: an atomic flag and uv_async_send, nothing else, because a signal handler may do no more. The flag stays up
 * until loop_run saw it: a stop that comes before loop_run is not lost.
 * SIGPIPE is ignored from loop_create on, unless somebody handles it: libuv writes to sockets whose other end may be
 * gone. */
#include "loop/loop.h"

#include "base/err.h"
#include "base/mem.h"
#include "loop/loop_private.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define END_GRACE_MS 300 /* how long loop_destroy lets children end by themselves */

struct task {
    struct task *next;
    loop_fn *fn;
    void *ctx;
};

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t step_limit;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards the queue */
    struct task *first, **last;
    int working; /* guarded by lock, too */
    pthread_cond_t rested;
    struct loop_guest *guests;
};

static void ignore_sigpipe(void)
{
    struct sigaction old;
    if (sigaction(SIGPIPE, NULL, &old) == 0 && !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

/* Runs what is queued at this moment; false if nothing was. Loop thread. */
static bool run_posted(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct task *task = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    pthread_mutex_unlock(&loop->lock);
    bool any = task != NULL;
    while (task) {
        struct task *next = task->next;
        task->fn(task->ctx);
        mem_free(task);
        task = next;
    }
    return any;
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    run_posted(loop);
    if (atomic_load(&loop->stop))
        uv_stop(&loop->uv);
}

int loop_create(struct loop **out, anima_error *err)
{
    *out = NULL;
    struct loop *loop = mem_zero(1, sizeof(*loop));
    if (!loop)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the event loop");
    int rc = uv_loop_init(&loop->uv);
    if (rc) {
        mem_free(loop);
        return err_errno(err, -rc, "cannot make an event loop");
    }
    rc = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (rc) {
        uv_loop_close(&loop->uv);
        mem_free(loop);
        return err_errno(err, -rc, "cannot make an event loop");
    }
    loop->wake.data = loop;
    uv_timer_init(&loop->uv, &loop->step_limit);
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->rested, NULL);
    loop->last = &loop->first;
    ignore_sigpipe();
    *out = loop;
    return ANIMA_OK;
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
    (void)ctx;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void end_guests(struct loop *loop)
{
    struct loop_guest *next;
    for (struct loop_guest *g = loop->guests; g; g = next) {
        next = g->next;
        g->end(g, false);
    }
    uint64_t until = uv_hrtime() + END_GRACE_MS * 1000000ull;
    while (loop->guests && uv_hrtime() < until)
        loop_step(loop, 20);
    while (loop->guests) {
        struct loop_guest *g = loop->guests;
        g->end(g, true);
        assert(loop->guests != g);
    }
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    while (run_posted(loop))
        ;
    end_guests(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    run_posted(loop);
    int rc = uv_loop_close(&loop->uv);
    assert(rc == 0);
    (void)rc;
    pthread_cond_destroy(&loop->rested);
    pthread_mutex_destroy(&loop->lock);
    mem_free(loop);
}

uv_loop_t *loop_uv(struct loop *loop) { return &loop->uv; }

void loop_run(struct loop *loop)
{
    while (!atomic_exchange(&loop->stop, false))
        uv_run(&loop->uv, UV_RUN_DEFAULT);
}

static void on_step_limit(uv_timer_t *timer) { (void)timer; /* its only purpose is to end the wait */ }

void loop_step(struct loop *loop, int timeout_ms)
{
    if (timeout_ms > 0) {
        uv_update_time(&loop->uv);
        /* Again and again: on a busy machine the first may be due before the wait begins. */
        uv_timer_start(&loop->step_limit, on_step_limit, (uint64_t)timeout_ms, (uint64_t)timeout_ms);
    }
    uv_run(&loop->uv, timeout_ms == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    if (timeout_ms > 0)
        uv_timer_stop(&loop->step_limit);
}

void loop_stop(struct loop *loop)
{
    int saved = errno; /* we may stand in a signal handler */
    atomic_store(&loop->stop, true);
    uv_async_send(&loop->wake);
    errno = saved;
}

int loop_post(struct loop *loop, loop_fn *fn, void *ctx)
{
    struct task *task = mem_alloc(sizeof(*task));
    if (!task)
        return ANIMA_E_NOMEM;
    *task = (struct task){ .fn = fn, .ctx = ctx };
    pthread_mutex_lock(&loop->lock);
    *loop->last = task;
    loop->last = &task->next;
    pthread_mutex_unlock(&loop->lock);
    uv_async_send(&loop->wake);
    return ANIMA_OK;
}

/* ---- work on other threads ---- */

struct work {
    uv_work_t uv;
    struct loop *loop;
    loop_fn *work, *done;
    void *ctx;
};

static void on_work(uv_work_t *uv)
{
    struct work *w = uv->data;
    w->work(w->ctx);
    pthread_mutex_lock(&w->loop->lock);
    if (--w->loop->working == 0)
        pthread_cond_broadcast(&w->loop->rested);
    pthread_mutex_unlock(&w->loop->lock);
}

static void on_worked(uv_work_t *uv, int status)
{
    (void)status; /* nothing here cancels work */
    struct work *w = uv->data;
    w->done(w->ctx);
    mem_free(w);
}

int loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *ctx, anima_error *err)
{
    struct work *w = mem_alloc(sizeof(*w));
    if (!w)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *w = (struct work){ .uv.data = w, .loop = loop, .work = work, .done = done, .ctx = ctx };
    pthread_mutex_lock(&loop->lock);
    loop->working++;
    pthread_mutex_unlock(&loop->lock);
    uv_queue_work(&loop->uv, &w->uv, on_work, on_worked); /* fails only without a function */
    return ANIMA_OK;
}

void loop_work_wait(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    while (loop->working)
        pthread_cond_wait(&loop->rested, &loop->lock);
    pthread_mutex_unlock(&loop->lock);
}

/* ---- guests ---- */

void loop_guest_add(struct loop *loop, struct loop_guest *guest)
{
    guest->prev = NULL;
    guest->next = loop->guests;
    if (guest->next)
        guest->next->prev = guest;
    loop->guests = guest;
}

void loop_guest_remove(struct loop *loop, struct loop_guest *guest)
{
    if (guest->prev)
        guest->prev->next = guest->next;
    else if (loop->guests == guest)
        loop->guests = guest->next;
    if (guest->next)
        guest->next->prev = guest->prev;
    guest->prev = guest->next = NULL;
}

/* ---- timers ---- */

struct loop_timer {
    struct loop_guest guest; /* first: a guest is its timer */
    struct loop *loop;
    uv_timer_t uv;
    loop_fn *fn;
    void *ctx;
};

static void on_timer(uv_timer_t *uv)
{
    struct loop_timer *timer = uv->data;
    timer->fn(timer->ctx); /* may destroy the timer */
}

static void end_timer(struct loop_guest *guest, bool now)
{
    (void)now;
    loop_timer_destroy((struct loop_timer *)guest);
}

int loop_timer_create(struct loop *loop, loop_fn *fn, void *ctx, struct loop_timer **out, anima_error *err)
{
    *out = NULL;
    struct loop_timer *timer = mem_zero(1, sizeof(*timer));
    if (!timer)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a timer");
    timer->guest.end = end_timer;
    timer->loop = loop;
    timer->fn = fn;
    timer->ctx = ctx;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    loop_guest_add(loop, &timer->guest);
    *out = timer;
    return ANIMA_OK;
}

void loop_timer_start(struct loop_timer *timer, int64_t ms)
{
    uv_update_time(&timer->loop->uv); /* the loop's idea of now may be as old as its last wait */
    uv_timer_start(&timer->uv, on_timer, ms > 0 ? (uint64_t)ms : 0, 0);
}

void loop_timer_stop(struct loop_timer *timer) { uv_timer_stop(&timer->uv); }

static void free_timer(uv_handle_t *handle) { mem_free(handle->data); }

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    loop_guest_remove(timer->loop, &timer->guest);
    uv_close((uv_handle_t *)&timer->uv, free_timer);
}
