/* The jail, from inside: a child enters it as an engine does and tries to get out, in its first thread and in one made
 * afterwards; and the engine's own --jail-test. Skipped where the kernel has no Landlock. */
#include "host/driver.h"
#include "host/jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIPPED 77

/* A sanitizer reserves more address space than any limit. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Bits of what was possible. */
static int escapes(void)
{
    char *argv[] = { "true", NULL }, *envp[] = { NULL };
    int bits = 0;
    bits |= socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 1 : 0;
    bits |= socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ? 2 : 0;
    bits |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 4 : 0;
    bits |= opens("/etc/passwd", O_RDONLY) ? 8 : 0;
    bits |= opens("/tmp/anima-jail-escape", O_CREAT | O_WRONLY) ? 16 : 0;
    bits |= kill(getppid(), 0) == 0 ? 32 : 0;
    bits |= fcntl(STDOUT_FILENO, F_SETOWN, getppid()) == 0 ? 64 : 0; /* with O_ASYNC a signal to another process */
    execve("/bin/true", argv, envp);
    return bits;
}

static void *in_thread(void *out)
{
    *(int *)out = escapes();
    return NULL;
}

static int enter_as(const char *name, yyjson_val *options)
{
    const struct host_driver *driver = host_driver_find(name);
    struct host_config config = { .model = "", .options = options };
    struct jail_report report;
    anima_error err = { 0 };
    if (jail_enter(driver, &config, true, &report, &err))
        return 1;
    if (!report.landlock || !report.seccomp)
        return SKIPPED;
    return jail_close(driver, &config, &report, &err) ? 1 : 0;
}

static int enter(void) { return enter_as("script", NULL); }

static int child_status(void (*body)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        body();
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void try_first_thread(void)
{
    int rc = enter();
    _exit(rc ? rc : escapes());
}

/* What reads PDFs: foreign bytes in C++, with a limit of memory. */
static void try_pdf(void)
{
    int rc = enter_as("pdf", NULL);
    if (!rc && !SANITIZED && mmap(NULL, (size_t)2 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        rc = 95;
    _exit(rc ? rc : escapes());
}

static void try_new_thread(void)
{
    pthread_t thread;
    int bits = -1, rc = enter();
    if (rc)
        _exit(rc);
    if (pthread_create(&thread, NULL, in_thread, &bits) || pthread_join(thread, NULL))
        _exit(98); /* computing needs threads */
    _exit(bits);
}

/* What computing needs still works. */
static void try_work(void)
{
    int rc = enter();
    if (rc)
        _exit(rc);
    void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *q = malloc(8 << 20);
    if (p == MAP_FAILED || !q)
        _exit(2);
    memset(q, 1, 8 << 20);
    free(q);
    _exit(0);
}

static char folder[64];

/* A folder of adapters: its files can be read all the time, and nothing else about it changes. */
static void try_adapters(void)
{
    char options[128], file[96], new[96];
    yyjson_doc *doc;
    snprintf(options, sizeof(options), "{\"adapters\":\"%s\"}", folder);
    snprintf(file, sizeof(file), "%s/file", folder);
    snprintf(new, sizeof(new), "%s/new", folder);
    if (json_parse(options, strlen(options), 1000, "options", &doc, NULL))
        _exit(96);
    int rc = enter_as("llm_llama", yyjson_doc_get_root(doc));
    if (rc)
        _exit(rc);
    if (!opens(file, O_RDONLY))
        _exit(97);
    int bits = escapes();
    bits |= opens(file, O_WRONLY) ? 64 : 0;
    bits |= opens(new, O_CREAT | O_WRONLY) || unlink(file) == 0 ? 128 : 0;
    _exit(bits);
}

static void expect_none(void (*body)(void))
{
    int status = child_status(body);
    if (status == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

static void test_first_thread(void **state)
{
    (void)state;
    expect_none(try_first_thread);
}

static void test_pdf(void **state)
{
    (void)state;
    expect_none(try_pdf);
}

static void test_new_thread(void **state)
{
    (void)state;
    expect_none(try_new_thread);
}

static void test_work(void **state)
{
    (void)state;
    expect_none(try_work);
}

static void test_adapters(void **state)
{
    (void)state;
    char file[96];
    snprintf(folder, sizeof(folder), "test-jail-%d", (int)getpid());
    snprintf(file, sizeof(file), "%s/file", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    int status = child_status(try_adapters);
    unlink(file);
    rmdir(folder);
    if (status == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

static void test_own_test(void **state)
{
    (void)state;
    if (child_status(try_work) == SKIPPED)
        skip();
    char command[512], out[2048] = "";
    snprintf(command, sizeof(command), "'%s' --jail-test", getenv("ANIMA_TEST_ENGINE"));
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t n = fread(out, 1, sizeof(out) - 1, f);
    out[n] = '\0';
    assert_int_equal(pclose(f), 0);
    assert_null(strstr(out, "ALLOWED"));
    assert_non_null(strstr(out, "\"exec\":\"denied\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_pdf),        cmocka_unit_test(test_first_thread),
                                        cmocka_unit_test(test_new_thread), cmocka_unit_test(test_work),
                                        cmocka_unit_test(test_adapters),   cmocka_unit_test(test_own_test) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
