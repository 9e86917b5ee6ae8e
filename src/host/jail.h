/* jail.h — what an engine process may still do: compute, and talk over the socket it was born with.
 *
 * jail_enter, before anything of the model is read: no new privileges; Landlock: only the files the driver's open needs
 * can be read, and nothing can be written but in the one folder its writes names (KV caches); seccomp: an allow-list of
 * system calls, without socket, execve, ptrace and the like; rlimits: no core dump, few descriptors,
 * and the driver's options memory_limit_mb (address space) and cpu_limit_s (seconds of computing).
 * jail_close, after loading: a second Landlock layer under which nothing but that folder can be opened, and, to be read
 * only, the files of the one folder that the driver's adapters names (LoRA adapters come and go while it runs).
 * The network driver keeps sockets and the resolver's files. An engine on a GPU (gpu_layers > 0) keeps /dev, /sys and
 * /proc and a deny-list instead of the allow-list, because GPU drivers need ioctls and threads of their own.
 * Landlock needs Linux 5.13 and seccomp a kernel with filters; without them an engine refuses to start unless
 * --no-jail-ok was given. See landlock(7), seccomp(2). */
#ifndef HOST_JAIL_H
#define HOST_JAIL_H
#include "host/driver.h"

struct jail_report {
    int landlock; /* ABI version, 0: none */
    bool seccomp;
    long long memory_limit; /* bytes of address space, 0: none */
};

int jail_enter(const struct host_driver *driver, const struct host_config *config, bool no_jail_ok,
               struct jail_report *report, anima_error *err);
int jail_close(const struct host_driver *driver, const struct host_config *config, const struct jail_report *report,
               anima_error *err);
/* Enters the jail of driver and tries to get out; prints a JSON object to stdout. 0 if everything was denied. */
int jail_test(const struct host_driver *driver, const struct host_config *config);
#endif
