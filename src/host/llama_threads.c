#include "host/llama_threads.h"

#include "base/clock.h"
#include "base/mem.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct threads {
    int fixed, most, now;
    int stat; /* /proc/stat, or -1 */
    cpu_set_t cpus;
    int64_t looked_us, own_us, others_us;
};

struct threads *threads_create(int fixed)
{
    struct threads *t = mem_zero(1, sizeof(*t));
    if (!t)
        return NULL;
    t->fixed = fixed;
    t->most = sched_getaffinity(0, sizeof(t->cpus), &t->cpus) == 0 ? CPU_COUNT(&t->cpus) : 1;
    t->now = fixed > 0 ? fixed : t->most;
    t->stat = fixed > 0 ? -1 : open("/proc/stat", O_RDONLY | O_CLOEXEC);
    return t;
}

void threads_destroy(struct threads *t)
{
    if (t && t->stat >= 0)
        close(t->stat);
    mem_free(t);
}

int threads_most(const struct threads *t) { return t->fixed > 0 ? t->fixed : t->most; }

int threads_used(const struct threads *t) { return t->now; }

static int64_t own_time_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* Time our processors were not idle, in microseconds since the start of the machine; -1 unknown. */
static int64_t busy_time_us(const struct threads *t)
{
    char text[16384];
    ssize_t n = t->stat < 0 ? -1 : pread(t->stat, text, sizeof(text) - 1, 0);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    long ticks = sysconf(_SC_CLK_TCK);
    int64_t busy = 0;
    for (const char *line = strstr(text, "\ncpu"); line; line = strstr(line + 1, "\ncpu")) {
        int cpu;
        long long user, nice, system;
        if (sscanf(line, "\ncpu%d %lld %lld %lld", &cpu, &user, &nice, &system) == 4 && cpu >= 0 && cpu < CPU_SETSIZE &&
            CPU_ISSET(cpu, &t->cpus))
            busy += (user + nice + system) * (1000000 / ticks);
    }
    return busy;
}

int threads_now(struct threads *t)
{
    int64_t now = clock_mono_us();
    if (t->stat < 0 || (t->looked_us && now - t->looked_us < 1000000))
        return t->now;
    int64_t own = own_time_us(), busy = busy_time_us(t);
    if (t->looked_us && busy >= 0) {
        double elapsed = (double)(now - t->looked_us);
        double others = ((double)(busy - t->others_us) - (double)(own - t->own_us)) / elapsed;
        int free_cpus = (int)(t->most - others + 0.35); /* a third of a processor taken is still worth a thread */
        t->now = free_cpus < 1 ? 1 : free_cpus > t->most ? t->most : free_cpus;
    }
    t->looked_us = now;
    t->own_us = own;
    t->others_us = busy;
    return t->now;
}
