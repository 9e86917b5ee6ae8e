/* The loop: posting from threads in order, stopping from a thread and a signal handler, timers, steps, a clean end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define POSTS 5000

struct poster {
    struct loop *loop;
    struct shared *shared;
    pthread_t thread;
    int next; /* the number that must come next from this thread */
};

struct shared {
    struct loop *loop;
    int total;
};

struct post {
    struct poster *from;
    int number;
};

static void sleep_ms(int ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

static void on_post(void *ctx)
{
    struct post *p = ctx;
    assert_int_equal(p->number, p->from->next);
    p->from->next++;
    struct shared *s = p->from->shared;
    free(p);
    if (++s->total == THREADS * POSTS)
        loop_stop(s->loop);
}

static void *post_all(void *ctx)
{
    struct poster *me = ctx;
    for (int i = 0; i < POSTS; i++) {
        struct post *p = malloc(sizeof(*p));
        *p = (struct post){ me, i };
        if (loop_post(me->loop, on_post, p))
            abort();
    }
    return NULL;
}

static void posts_from_threads_keep_their_order(void **state)
{
    (void)state;
    struct shared s = { 0 };
    assert_int_equal(loop_create(&s.loop, NULL), ANIMA_OK);
    struct poster posters[THREADS] = { 0 };
    for (int i = 0; i < THREADS; i++) {
        posters[i].loop = s.loop;
        posters[i].shared = &s;
        pthread_create(&posters[i].thread, NULL, post_all, &posters[i]);
    }
    loop_run(s.loop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(posters[i].thread, NULL);
    assert_int_equal(s.total, THREADS * POSTS);
    loop_destroy(s.loop);
}

static struct loop *signalled;
static void on_alarm(int sig)
{
    (void)sig;
    loop_stop(signalled);
}

static void stop_from_a_signal_handler(void **state)
{
    (void)state;
    loop_create(&signalled, NULL);
    signal(SIGALRM, on_alarm);
    for (int i = 0; i < 3; i++) {
        ualarm(20000, 0);
        loop_run(signalled);
    }
    loop_stop(signalled); /* before the run: not lost */
    loop_run(signalled);
    loop_stop(signalled);
    loop_step(signalled, 0); /* nor when a step came between */
    loop_run(signalled);
    signal(SIGALRM, SIG_DFL);
    loop_destroy(signalled);
}

static void *stop_later(void *ctx)
{
    sleep_ms(20);
    loop_stop(ctx);
    return NULL;
}

static void stop_from_a_thread(void **state)
{
    (void)state;
    struct loop *loop;
    loop_create(&loop, NULL);
    pthread_t t;
    pthread_create(&t, NULL, stop_later, loop);
    loop_run(loop);
    pthread_join(t, NULL);
    loop_destroy(loop);
}

struct clockwork {
    struct loop *loop;
    struct loop_timer *timer;
    int fired;
};

static void tick(void *ctx)
{
    struct clockwork *c = ctx;
    if (++c->fired < 3) {
        loop_timer_start(c->timer, 5);
    } else {
        loop_timer_destroy(c->timer); /* inside its own callback */
        loop_stop(c->loop);
    }
}

static void count(void *ctx) { ++*(int *)ctx; }

static void timers(void **state)
{
    (void)state;
    struct clockwork c = { 0 };
    loop_create(&c.loop, NULL);
    loop_timer_create(c.loop, tick, &c, &c.timer, NULL);
    loop_timer_start(c.timer, 1);
    loop_run(c.loop);
    assert_int_equal(c.fired, 3);
    struct loop_timer *left;
    int fired = 0;
    loop_timer_create(c.loop, count, &fired, &left, NULL);
    loop_timer_start(left, 5);
    loop_timer_start(left, 3600000); /* the new time counts */
    sleep_ms(20);
    loop_step(c.loop, 20);
    assert_int_equal(fired, 0);
    loop_timer_start(left, 1);
    for (int i = 0; i < 100 && !fired; i++)
        loop_step(c.loop, 100);
    assert_int_equal(fired, 1);
    loop_timer_start(left, 1);
    loop_timer_stop(left);
    sleep_ms(5);
    loop_step(c.loop, 0);
    assert_int_equal(fired, 1);
    loop_timer_start(left, 1000); /* still armed when the loop goes */
    loop_destroy(c.loop);
    loop_timer_destroy(NULL);
}

static double ms_of(struct loop *loop, int timeout)
{
    uint64_t before = uv_hrtime();
    loop_step(loop, timeout);
    return (double)(uv_hrtime() - before) / 1e6;
}

static void steps(void **state)
{
    (void)state;
    struct loop *loop;
    int n = 0;
    loop_create(&loop, NULL);
    loop_step(loop, 0); /* comes back although nothing is ready */
    assert_true(ms_of(loop, 30) >= 28);
    loop_post(loop, count, &n);
    loop_step(loop, -1);
    assert_int_equal(n, 1);
    loop_post(loop, count, &n);
    loop_step(loop, 1000);
    assert_int_equal(n, 2);
    loop_post(loop, count, &n);
    loop_destroy(loop); /* runs what was posted */
    assert_int_equal(n, 3);
    loop_destroy(NULL);
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct loop *loop;
    anima_error err;
    mem_fail_at(1, 0);
    assert_int_equal(loop_create(&loop, &err), ANIMA_E_NOMEM);
    mem_fail_at(0, 0);
    loop_create(&loop, &err);
    int n = 0;
    struct loop_timer *t;
    mem_fail_at(1, 1);
    assert_int_equal(loop_post(loop, count, &n), ANIMA_E_NOMEM);
    assert_int_equal(loop_timer_create(loop, count, &n, &t, &err), ANIMA_E_NOMEM);
    mem_fail_at(0, 0);
    assert_null(t);
    loop_destroy(loop);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_from_threads_keep_their_order),
        cmocka_unit_test(stop_from_a_signal_handler),
        cmocka_unit_test(stop_from_a_thread),
        cmocka_unit_test(timers),
        cmocka_unit_test(steps),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
