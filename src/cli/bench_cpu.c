#include "cli/bench_cpu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* The kernel counts nanoseconds: the first number of /proc/PID/task/TID/schedstat. */
double bench_cpu_own_ms(pid_t pid)
{
    char path[80];
    double sum = 0;
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        unsigned long long ns = 0;
        snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid, e->d_name);
        FILE *f = fopen(path, "re");
        if (f && fscanf(f, "%llu", &ns) == 1)
            sum += (double)ns / 1e6;
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
    return sum;
}

static pid_t parent_of(pid_t pid)
{
    char path[64], line[256];
    int parent = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "PPid: %d", &parent) == 1)
            break;
    if (f)
        fclose(f);
    return parent;
}

double bench_cpu_ms(pid_t pid)
{
    double sum = bench_cpu_own_ms(pid);
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d))) {
        pid_t other = (pid_t)atoi(e->d_name);
        if (other > 0 && parent_of(other) == pid)
            sum += bench_cpu_own_ms(other);
    }
    if (d)
        closedir(d);
    return sum;
}
