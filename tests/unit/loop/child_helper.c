/* child_helper — the child of test_child.c: its first argument says what it does on descriptor 3. */
#include "loop/frame.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put(const void *data, size_t n)
{
    while (n) {
        ssize_t k = write(3, data, n);
        if (k <= 0)
            _exit(9);
        data = (const char *)data + k;
        n -= (size_t)k;
    }
}

static void nap(long ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

/* Sends back what comes, byte by byte if slow. */
static int echo(int slow)
{
    static char data[1 << 16];
    ssize_t n;
    while ((n = read(3, data, sizeof(data))) > 0)
        for (ssize_t i = 0, step = slow ? 1 : n; i < n; i += step)
            put(data + i, (size_t)step);
    return 0;
}

/* Tells which descriptors are open, and an environment variable. */
static int inherited(void)
{
    char text[1000] = "{\"fds\":\"";
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *d; (d = readdir(dir));)
        if (d->d_name[0] != '.' && atoi(d->d_name) != dirfd(dir))
            sprintf(text + strlen(text), "%s ", d->d_name);
    const char *a = getenv("CHILD_A"), *home = getenv("HOME");
    sprintf(text + strlen(text), "\",\"a\":\"%s\",\"home\":%d}", a ? a : "", home != NULL);
    closedir(dir);
    unsigned char prefix[FRAME_PREFIX];
    frame_prefix(prefix, strlen(text), 0, NULL);
    put(prefix, sizeof(prefix));
    put(text, strlen(text));
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "echo"))
        return echo(0);
    if (!strcmp(what, "slow-echo"))
        return echo(1);
    if (!strcmp(what, "inherited"))
        return inherited();
    if (!strcmp(what, "exit"))
        return atoi(argv[2]);
    if (!strcmp(what, "abort")) {
        signal(SIGABRT, SIG_DFL);
        fprintf(stderr, "first line\nGGML_ASSERT(n > 0) failed\n\n");
        raise(SIGKILL);
    }
    if (!strcmp(what, "words")) { /* frames and stderr, then the end at once: nothing may be lost */
        for (int i = 0, n = argc > 2 ? atoi(argv[2]) : 1000; i < n; i++)
            put("\2\0\0\0\0\0\0\0{}", 10);
        fprintf(stderr, "no newline \xff at the end");
        return 3;
    }
    if (!strcmp(what, "huge"))
        put("\377\377\377\377\377\377\377\377", 8);
    if (!strcmp(what, "garbage"))
        put("HTTP/1.1 200 OK\r\n\r\n", 19);
    if (!strcmp(what, "half"))
        put("\40\0\0\0\0\0\0\0{\"typ", 13), exit(0);
    if (!strcmp(what, "close"))
        close(3);
    if (!strcmp(what, "long-line"))
        for (int i = 0; i < 100000; i++)
            fputc('x', stderr);
    if (!strcmp(what, "grandchild") && fork()) /* it keeps the descriptors open */
        return 5;
    signal(SIGTERM, SIG_IGN);
    nap(60000);
    return 0;
}
