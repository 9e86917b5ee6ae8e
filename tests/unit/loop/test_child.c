/* A child: frames both ways, broken ones, exit statuses, last words, back-pressure, release at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "loop/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen {
    struct loop *loop;
    struct child *child;
    int frames, gone, status, signal;
    char head[1000];
    size_t raw_len;
    char last[1000];
    int release_at; /* after so many frames */
};

static void on_frame(void *ctx, const struct frame *f)
{
    struct seen *s = ctx;
    assert_int_equal(s->gone, 0);
    s->frames++;
    size_t n = f->head_len < sizeof(s->head) - 1 ? f->head_len : sizeof(s->head) - 1;
    memcpy(s->head, f->head, n);
    s->head[n] = '\0';
    s->raw_len = f->raw_len;
    if (s->frames == s->release_at) {
        child_release(s->child);
        s->child = NULL;
    }
}

static void on_gone(void *ctx, int status, int signal, const char *last_words)
{
    struct seen *s = ctx;
    s->gone++;
    s->status = status;
    s->signal = signal;
    snprintf(s->last, sizeof(s->last), "%s", last_words);
}

static const struct child_callbacks callbacks = { on_frame, on_gone };

static void start(struct seen *s, const char *what, const char *more)
{
    *s = (struct seen){ 0 };
    const char *argv[] = { getenv("CHILD_HELPER"), what, more, NULL };
    assert_non_null(argv[0]);
    assert_int_equal(loop_create(&s->loop, NULL), ANIMA_OK);
    anima_error err;
    assert_int_equal(child_spawn(s->loop, argv, NULL, &callbacks, s, &s->child, &err), ANIMA_OK);
}

static void until(struct seen *s, const int *what, int value)
{
    for (uint64_t end = uv_hrtime() + 20000000000u; *what < value && uv_hrtime() < end;)
        loop_step(s->loop, 10);
    assert_int_equal(*what, value);
}

static void finish(struct seen *s)
{
    child_release(s->child);
    loop_destroy(s->loop);
    assert_true(s->gone <= 1);
}

static void run_to_end(struct seen *s, const char *what, const char *more)
{
    start(s, what, more);
    until(s, &s->gone, 1);
    finish(s);
}

static void echoes(void **state)
{
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        struct seen s;
        start(&s, slow ? "slow-echo" : "echo", NULL);
        for (int i = 0; i < 100; i++)
            assert_int_equal(child_send(s.child, "{\"type\":\"x\"}", 12, "abc", 3, NULL), ANIMA_OK);
        until(&s, &s.frames, 100);
        assert_string_equal(s.head, "{\"type\":\"x\"}");
        assert_int_equal(s.raw_len, 3);
        finish(&s);
        assert_int_equal(s.gone, 0); /* released: not told */
    }
}

static void large_frames(void **state)
{
    (void)state;
    struct seen s;
    start(&s, "echo", NULL);
    size_t n = 20u << 20;
    char *raw = calloc(1, n);
    assert_int_equal(child_send(s.child, "{}", 2, raw, n, NULL), ANIMA_OK);
    assert_int_equal(child_send(s.child, "{}", 2, NULL, 0, NULL), ANIMA_OK);
    until(&s, &s.frames, 2);
    assert_int_equal(s.raw_len, 0);
    free(raw);
    finish(&s);
}

static void a_child_that_does_not_read(void **state)
{
    (void)state;
    struct seen s;
    anima_error err;
    start(&s, "sleep", NULL);
    size_t n = 1u << 20;
    char *raw = calloc(1, n);
    int rc = 0, sent = 0;
    while (!(rc = child_send(s.child, "{}", 2, raw, n, &err)) && sent < 100)
        sent++;
    assert_int_equal(rc, ANIMA_E_BUSY);
    assert_true(sent >= 32 && sent < 40);
    free(raw);
    finish(&s);
}

static void exit_codes_and_last_words(void **state)
{
    (void)state;
    struct seen s;
    run_to_end(&s, "exit", "7");
    assert_int_equal(s.status, 7);
    assert_int_equal(s.signal, 0);
    assert_string_equal(s.last, "");
    run_to_end(&s, "abort", NULL);
    assert_int_equal(s.signal, SIGKILL);
    assert_string_equal(s.last, "GGML_ASSERT(n > 0) failed");
    run_to_end(&s, "words", NULL);
    assert_int_equal(s.frames, 1000);
    assert_int_equal(s.status, 3);
    assert_string_equal(s.last, "no newline \xef\xbf\xbd at the end");
}

static void broken_frames_end_it(void **state)
{
    (void)state;
    struct seen s;
    run_to_end(&s, "huge", NULL);
    assert_int_equal(s.signal, SIGKILL);
    assert_non_null(strstr(s.last, "4294967295"));
    run_to_end(&s, "garbage", NULL);
    assert_int_equal(s.frames, 0);
    assert_int_equal(s.signal, SIGKILL);
    run_to_end(&s, "half", NULL);
    assert_int_equal(s.frames, 0);
    assert_int_equal(s.status, 0);
}

static void half_closed_and_held_open(void **state)
{
    (void)state;
    struct seen s;
    run_to_end(&s, "close", NULL); /* killed after 2 s */
    assert_int_equal(s.signal, SIGKILL);
    run_to_end(&s, "grandchild", NULL); /* told although somebody holds the sockets */
    assert_int_equal(s.status, 5);
}

static void an_endless_line(void **state)
{
    (void)state;
    struct seen s;
    start(&s, "long-line", NULL);
    for (int i = 0; i < 20; i++)
        loop_step(s.loop, 10);
    child_kill(s.child, SIGTERM); /* ignored by the child */
    child_kill(s.child, SIGKILL);
    until(&s, &s.gone, 1);
    assert_int_equal(s.last[0], 'x');
    finish(&s);
}

static void released_in_its_callback(void **state)
{
    (void)state;
    struct seen s;
    start(&s, "words", NULL);
    s.release_at = 3;
    until(&s, &s.frames, 3);
    for (int i = 0; i < 10; i++)
        loop_step(s.loop, 10);
    assert_int_equal(s.frames, 3);
    assert_int_equal(s.gone, 0);
    finish(&s);
}

static void a_released_one_is_killed(void **state)
{
    (void)state;
    struct seen s;
    start(&s, "sleep", NULL);
    int pid = child_pid(s.child);
    child_release(s.child);
    s.child = NULL;
    for (uint64_t end = uv_hrtime() + 20000000000u; kill(pid, 0) == 0 && uv_hrtime() < end;)
        loop_step(s.loop, 10);
    assert_int_equal(kill(pid, 0), -1);
    finish(&s);
    start(&s, "sleep", NULL); /* and with the loop */
    pid = child_pid(s.child);
    s.child = NULL;
    loop_destroy(s.loop);
    assert_int_equal(kill(pid, 0), -1); /* killed and reaped */
}

static void inherits_nothing(void **state)
{
    (void)state;
    struct seen s = { 0 };
    int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    const char *argv[] = { getenv("CHILD_HELPER"), "inherited", NULL }, *env[] = { "CHILD_A=new", NULL };
    setenv("CHILD_A", "old", 1);
    loop_create(&s.loop, NULL);
    assert_int_equal(child_spawn(s.loop, argv, env, &callbacks, &s, &s.child, NULL), ANIMA_OK);
    until(&s, &s.gone, 1);
    assert_non_null(strstr(s.head, "\"a\":\"new\""));
    assert_non_null(strstr(s.head, "\"fds\":\"0 1 2 3 \""));
    finish(&s);
    close(leak);
}

static void cannot_start(void **state)
{
    (void)state;
    struct seen s = { 0 };
    anima_error err;
    const char *argv[] = { "/no/such/program", NULL };
    loop_create(&s.loop, NULL);
    assert_int_equal(child_spawn(s.loop, argv, NULL, &callbacks, &s, &s.child, &err), ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "/no/such/program"));
    assert_null(s.child);
    mem_fail_at(1, 0);
    assert_int_equal(child_spawn(s.loop, argv, NULL, &callbacks, &s, &s.child, &err), ANIMA_E_NOMEM);
    mem_fail_at(0, 0);
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
        cmocka_unit_test(large_frames),
        cmocka_unit_test(a_child_that_does_not_read),
        cmocka_unit_test(exit_codes_and_last_words),
        cmocka_unit_test(broken_frames_end_it),
        cmocka_unit_test(half_closed_and_held_open),
        cmocka_unit_test(an_endless_line),
        cmocka_unit_test(released_in_its_callback),
        cmocka_unit_test(a_released_one_is_killed),
        cmocka_unit_test(inherits_nothing),
        cmocka_unit_test(cannot_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
