/* A child whose frames and last words come in short reads, and that is gone before anybody has looked: nothing it said is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "loop/child.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAMES 150 /* as a socket holds them all */

static size_t most;   /* bytes that a read of a socket moves; 0: as many as it likes */
static int cut_calls; /* reads that were cut short */

/* Stands before libc's, in libuv too. */
ssize_t read(int fd, void *data, size_t n)
{
    ssize_t (*real)(int, void *, size_t) = (__typeof__(&read))dlsym(RTLD_NEXT, "read");
    struct stat st;
    bool cut = most && n > most && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
    cut_calls += cut;
    return real(fd, data, cut ? most : n);
}

struct seen {
    struct loop *loop;
    struct child *child;
    int frames, gone, status, nap_at, release_at;
    char last[1000];
};

static void on_frame(void *ctx, const struct frame *f)
{
    struct seen *s = ctx;
    (void)f;
    assert_int_equal(s->gone, 0);
    s->frames++;
    if (s->frames == s->nap_at)
        usleep(700000); /* longer than the end waits for what may still come */
    if (s->frames == s->release_at) {
        child_release(s->child);
        s->child = NULL;
    }
}

static void on_gone(void *ctx, int status, int signal, const char *last_words)
{
    struct seen *s = ctx;
    (void)signal;
    s->gone++;
    s->status = status;
    snprintf(s->last, sizeof(s->last), "%s", last_words);
}

static const struct child_callbacks callbacks = { on_frame, on_gone };

/* It has said all and has gone before the loop turns for the first time. */
static void start_and_let_it_end(struct seen *s)
{
    const char *argv[] = { getenv("CHILD_HELPER"), "words", "150", NULL };
    siginfo_t info;
    assert_non_null(argv[0]);
    assert_int_equal(loop_create(&s->loop, NULL), ANIMA_OK);
    assert_int_equal(child_spawn(s->loop, argv, NULL, &callbacks, s, &s->child, NULL), ANIMA_OK);
    assert_int_equal(waitid(P_PID, (id_t)child_pid(s->child), &info, WEXITED | WNOWAIT), 0);
    most = 3;
    cut_calls = 0;
}

static void finish(struct seen *s)
{
    most = 0;
    mem_fail_at(0, 0);
    child_release(s->child);
    loop_destroy(s->loop);
}

static void until_gone(struct seen *s)
{
    for (uint64_t end = uv_hrtime() + 20000000000u; !s->gone && uv_hrtime() < end;)
        loop_step(s->loop, 10);
    assert_int_equal(s->gone, 1);
    assert_true(cut_calls > FRAMES); /* else nothing was tested */
}

static void says_all(void **state)
{
    (void)state;
    for (int nap_at = 0; nap_at < 3; nap_at += 2) {
        struct seen s = { .nap_at = nap_at };
        start_and_let_it_end(&s);
        until_gone(&s);
        assert_int_equal(s.frames, FRAMES);
        assert_int_equal(s.status, 3);
        assert_string_equal(s.last, "no newline \xef\xbf\xbd at the end");
        finish(&s);
    }
}

static void released_meanwhile(void **state)
{
    (void)state;
    struct seen s = { .release_at = 5 };
    start_and_let_it_end(&s);
    for (int i = 0; i < 300; i++)
        loop_step(s.loop, 1);
    assert_int_equal(s.frames, 5);
    assert_int_equal(s.gone, 0);
    finish(&s);
}

static void no_memory_for_the_rest(void **state)
{
    (void)state;
    struct seen s = { 0 };
    start_and_let_it_end(&s);
    mem_fail_at(2, 1);
    for (uint64_t end = uv_hrtime() + 20000000000u; !s.gone && uv_hrtime() < end;)
        loop_step(s.loop, 10);
    assert_int_equal(s.gone, 1);
    assert_true(s.frames < FRAMES);
    assert_string_equal(s.last, "out of memory for its frames");
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_all),
        cmocka_unit_test(released_meanwhile),
        cmocka_unit_test(no_memory_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
