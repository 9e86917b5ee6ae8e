/* The daemon's half of reading a PDF, against readers that do what no reader should: a shell script plays each of them. */
#include "base/buf.h"
#include "base/mem.h"
#include "engine/pdf.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct answer {
    struct loop *loop;
    int calls, rc;
    char message[256], lines[64];
    size_t n;
};

static void told(void *ctx, int rc, const anima_error *err, const char *lines, size_t n)
{
    struct answer *a = ctx;
    a->calls++;
    a->rc = rc;
    a->n = n;
    snprintf(a->message, sizeof(a->message), "%s", err->message);
    snprintf(a->lines, sizeof(a->lines), "%.*s", (int)(n < 60 ? n : 60), lines ? lines : "");
    loop_stop(a->loop);
}

static char folder[] = "/tmp/anima-pdf-XXXXXX";

/* A program that runs these lines; {"…"} is a frame, without bytes behind it. */
static void write_program(char path[64], const char *script)
{
    snprintf(path, 64, "%s/reader", folder);
    unlink(path); /* one that still runs keeps its own */
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\n"
          "frame() { printf \"\\\\$(printf %03o ${#1})\\\\000\\\\000\\\\000\\\\$(printf %03o "
          "${#2})\\\\000\\\\000\\\\000\"; printf '%s' \"$1$2\"; }\n"
          "exec >&3\n"
          "ready() { frame '{\"type\":\"ready\"}' ''; }\n"
          "file() { dd bs=1 count=38 <&3 2>/dev/null >/dev/null; }\n",
          f);
    fprintf(f, "%s\n", script);
    fclose(f);
    chmod(path, 0700);
}

static void ask(struct answer *a, const char *script, int seconds)
{
    char path[64];
    struct pdf_reading *r;
    anima_error err = { 0 };
    write_program(path, script);
    const struct pdf_reader reader = { path, "/nowhere/libpdfium.so", NULL, seconds };
    *a = (struct answer){ .loop = a->loop };
    int rc = pdf_read(a->loop, &reader, "%PDF", 4, told, a, &r, &err);
    if (rc)
        fail_msg("%s", err.message);
    assert_int_equal(a->calls, 0);
    loop_run(a->loop);
    assert_int_equal(a->calls, 1);
}

static void expect(struct answer *a, const char *script, int rc, const char *words)
{
    ask(a, script, 20);
    if (a->rc != rc || !strstr(a->message, words))
        fail_msg("%s: %d, \"%s\"", script, a->rc, a->message);
    assert_int_equal(a->n, 0);
}

static void test_answers(void **state)
{
    struct answer *a = *state;
    ask(a,
        "ready; file; frame '{\"type\":\"lines\",\"id\":1}' 'one '; frame '{\"type\":\"lines\",\"id\":1}' two; frame "
        "'{\"type\":\"done\",\"id\":1}' ''",
        20);
    assert_int_equal(a->rc, 0);
    assert_string_equal(a->lines, "one two");
    ask(a, "ready; file; frame '{\"type\":\"done\",\"id\":1}' ''; sleep 100", 20);
    assert_int_equal(a->rc, 0);
    expect(a, "frame '{\"type\":\"failed\",\"code\":\"forbidden\",\"message\":\"no jail\"}' ''; sleep 100",
           ANIMA_E_FORBIDDEN, "no jail");
    expect(a,
           "ready; file; frame '{\"type\":\"error\",\"id\":1,\"code\":\"unsupported\",\"message\":\"encrypted\"}' ''",
           ANIMA_E_UNSUPPORTED, "encrypted");
    expect(a, "ready; file; frame '{\"type\":\"error\",\"id\":1,\"code\":\"busy\"}' ''", ANIMA_E_ENGINE,
           "did not say why");
}

static void test_deaths(void **state)
{
    struct answer *a = *state;
    expect(a, "exit 3", ANIMA_E_ENGINE, "status 3");
    expect(a, "echo broken wing >&2; exit 1", ANIMA_E_ENGINE, "broken wing");
    expect(a, "ready; file; frame '{\"type\":\"lines\",\"id\":1}' 'one'; kill -SEGV $$", ANIMA_E_ENGINE, "signal 11");
    expect(a, "ready; file; kill -XCPU $$", ANIMA_E_LIMIT, "20 s");
    expect(a, "ready; file; exec 3>&- >&-; sleep 100", ANIMA_E_ENGINE, "died");
    ask(a, "ready; kill -STOP $$", 1);
    assert_int_equal(a->rc, ANIMA_E_LIMIT);
    assert_non_null(strstr(a->message, "1 s"));
    ask(a, "sleep 100", 1);
    assert_int_equal(a->rc, ANIMA_E_LIMIT);
}

static void test_lies(void **state)
{
    struct answer *a = *state;
    expect(a, "frame '{\"type\":\"lines\",\"id\":1}' 'x'; sleep 100", ANIMA_E_ENGINE, "not given");
    expect(a, "frame '{\"type\":\"done\",\"id\":1}' ''; sleep 100", ANIMA_E_ENGINE, "never says");
    expect(a, "ready; ready; sleep 100", ANIMA_E_ENGINE, "twice");
    expect(a, "frame 'none' ''; sleep 100", ANIMA_E_ENGINE, "what reads PDFs");
    expect(a, "frame '{\"type\":\"words\"}' ''; sleep 100", ANIMA_E_ENGINE, "never says");
    expect(a, "printf '\\377\\377\\377\\377\\377\\377\\377\\377'; sleep 100", ANIMA_E_ENGINE, "died");
}

static void test_refused(void **state)
{
    struct answer *a = *state;
    struct pdf_reading *r;
    anima_error err = { 0 };
    struct pdf_reader reader = { "/nowhere/anima-engine", NULL, NULL, 20 };
    assert_int_equal(pdf_read(a->loop, &reader, "%PDF", 4, told, a, &r, &err), ANIMA_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "tools/setup"));
    assert_null(r);
    reader.library = "/nowhere/libpdfium.so";
    assert_true(pdf_read(a->loop, &reader, "%PDF", 4, told, a, &r, &err) < 0);
    assert_non_null(strstr(err.message, "/nowhere/anima-engine"));
}

static void test_abandoned(void **state)
{
    struct answer *a = *state;
    char path[64];
    struct pdf_reading *r;
    write_program(path, "ready; sleep 100");
    const struct pdf_reader reader = { path, "/nowhere/libpdfium.so", "/nowhere", 20 };
    *a = (struct answer){ .loop = a->loop };
    assert_int_equal(pdf_read(a->loop, &reader, "%PDF", 4, told, a, &r, NULL), 0);
    loop_step(a->loop, 50);
    pdf_abandon(r);
    pdf_abandon(NULL);
    loop_step(a->loop, 50);
    assert_int_equal(a->calls, 0);
}

static void test_memory(void **state)
{
    struct answer *a = *state;
    char path[64];
    bool done = false;
    write_program(
        path,
        "ready; file; frame '{\"type\":\"lines\",\"id\":1}' 'one'; frame '{\"type\":\"done\",\"id\":1}' ''; sleep 100");
    const struct pdf_reader reader = { path, "/nowhere/libpdfium.so", "/nowhere", 20 };
    for (long n = 1; !done; n++) {
        struct pdf_reading *r;
        anima_error err = { 0 };
        *a = (struct answer){ .loop = a->loop };
        mem_fail_at(n, 0);
        int rc = pdf_read(a->loop, &reader, "%PDF", 4, told, a, &r, &err);
        if (!rc)
            loop_run(a->loop);
        done = mem_count() < n;
        mem_fail_at(0, 0);
        assert_true(rc ? rc == ANIMA_E_NOMEM : a->calls == 1);
        assert_true(!done || (!rc && !a->rc));
        assert_true(n < 200);
    }
}

static int begin(void **state)
{
    static struct answer a;
    *state = &a;
    signal(SIGPIPE, SIG_IGN);
    return !mkdtemp(folder) || loop_create(&a.loop, NULL);
}

static int end(void **state)
{
    struct answer *a = *state;
    char path[64];
    loop_destroy(a->loop);
    snprintf(path, sizeof(path), "%s/reader", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_deaths),    cmocka_unit_test(test_lies),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_abandoned), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
