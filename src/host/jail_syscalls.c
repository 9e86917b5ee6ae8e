/* jail_syscalls.c — an allow-list; everything else fails with EPERM. Filters only add up, so a later stage can take away
 * and never give back. clone3 hides its flags in memory where a filter cannot look; it fails with ENOSYS, and the C
 * library takes clone, of which only threads are allowed. */
#include "host/jail_syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static const int always[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(fstatfs),
    SCMP_SYS(fcntl), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(brk),
    SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(msync), SCMP_SYS(mincore), SCMP_SYS(membarrier),
    SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(get_mempolicy),
    SCMP_SYS(set_mempolicy), SCMP_SYS(mbind), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address), SCMP_SYS(arch_prctl), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getrlimit), SCMP_SYS(getrandom), SCMP_SYS(getcwd),
    /* jail_seal needs these once more; both only ever take rights away */
    SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_restrict_self), SCMP_SYS(seccomp),
};

static const int reading[] = {
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64), SCMP_SYS(fadvise64), SCMP_SYS(readahead), SCMP_SYS(flock), SCMP_SYS(dup),
};

static const int network[] = {
    SCMP_SYS(connect), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
    SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown), SCMP_SYS(ioctl), SCMP_SYS(pipe2), SCMP_SYS(eventfd2), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
};

static const int devices[] = {
    SCMP_SYS(ioctl), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd2), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
    SCMP_SYS(sched_setscheduler), SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(statfs),
};

static int allow_list(scmp_filter_ctx f, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (calls[i] < 0) /* this architecture has no such call */
            continue;
        int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
        if (rc)
            return rc;
    }
    return 0;
}

/* Those whose arguments decide. */
static int allow_checked(scmp_filter_ctx f, enum jail_stage stage)
{
    const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
    int rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
    for (int op = 0; !rc && op < 3; op++) {
        static const int ops[] = { PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA: names memory */ };
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)ops[op]));
    }
    if (!rc && stage == JAIL_LOADING) /* libseccomp's own, when the next filter is loaded */
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
    if (!rc && stage == JAIL_LOADING)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS));
    if (rc || stage == JAIL_SEALED)
        return rc;
    if (stage == JAIL_DEVICES) { /* Landlock alone tells which files may be written */
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);
        return rc ? rc : seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 0);
    }
    rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    return rc ? rc : seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
}

static int allow_sockets(scmp_filter_ctx f)
{
    static const int families[] = { AF_INET, AF_INET6, AF_NETLINK /* the resolver asks which addresses we have */ };
    int rc = allow_list(f, network, sizeof(network) / sizeof(network[0]));
    for (size_t i = 0; !rc && i < sizeof(families) / sizeof(families[0]); i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
    if (!rc) /* netlink sockets are bound before use; Landlock keeps TCP from being bound, nobody listens */
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(bind), 0);
    if (!rc) /* a pipe to ourselves */
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 0);
    return rc;
}

#ifdef JAIL_SANITIZED
static int allow_sanitizer(scmp_filter_ctx f)
{
    static const int calls[] = { SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink),
                                 SCMP_SYS(getdents64), SCMP_SYS(prctl), SCMP_SYS(clone), SCMP_SYS(dup2),
                                 SCMP_SYS(process_vm_readv), SCMP_SYS(pipe), SCMP_SYS(personality) };
    return allow_list(f, calls, sizeof(calls) / sizeof(calls[0]));
}
#endif

int jail_load_filter(enum jail_stage stage)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!f)
        return ENOMEM;
    int rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!rc)
        rc = allow_list(f, always, sizeof(always) / sizeof(always[0]));
    if (!rc && stage != JAIL_SEALED)
        rc = allow_list(f, reading, sizeof(reading) / sizeof(reading[0]));
    if (!rc)
        rc = allow_checked(f, stage);
    if (!rc && stage == JAIL_NETWORK)
        rc = allow_sockets(f);
    if (!rc && stage == JAIL_DEVICES)
        rc = allow_list(f, devices, sizeof(devices) / sizeof(devices[0]));
#ifdef JAIL_SANITIZED
    if (!rc)
        rc = allow_sanitizer(f);
#endif
    if (!rc)
        rc = seccomp_load(f);
    seccomp_release(f);
    return -rc;
}
