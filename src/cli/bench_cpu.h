/* bench_cpu.h — what processes have computed. Any thread. */
#ifndef CLI_BENCH_CPU_H
#define CLI_BENCH_CPU_H
#include <sys/types.h>

/* On-CPU time of all threads that the process has now, in milliseconds; 0: it is gone. */
double bench_cpu_own_ms(pid_t pid);
/* The same with that of its children that run now. */
double bench_cpu_ms(pid_t pid);
#endif
