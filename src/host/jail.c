#include "host/jail.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_READS 16
/* Making, renaming, linking, removing and truncating plain files; no folders, no devices, nothing executable. */
#define WRITES                                                                                                         \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |                      \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | (1ULL << 14) /* truncate */)

#define RIGHT_IOCTL (1ULL << 15) /* on devices */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

/* ---- Landlock ---- */

static int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

/* Every right this kernel's Landlock knows, named by number: the header may be older than the kernel. */
static uint64_t all_rights(int abi)
{
    int n = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5);
    return (1ULL << n) - 1;
}

static int allow_path(int ruleset, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return 0; /* what is not there needs no permission */
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rights &= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };
    long rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
    return rc ? -1 : 0;
}

struct rule {
    const char *path;
    uint64_t rights;
};

static int restrict_files(int abi, const struct rule *rules, size_t n, bool network, anima_error *err)
{
    struct {
        uint64_t fs, net, scoped;
    } attr = { .fs = all_rights(abi), .net = !network && abi >= 4 ? 3 : 0, .scoped = abi >= 6 ? 3 : 0 };
    size_t size = abi >= 6 ? sizeof(attr) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return err_errno(err, errno, "the kernel refuses a Landlock ruleset");
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++)
        failed = allow_path(fd, rules[i].path, rules[i].rights & attr.fs) ? errno : 0;
    if (!failed && syscall(SYS_landlock_restrict_self, fd, 0))
        failed = errno;
    close(fd);
    return failed ? err_errno(err, failed, "the kernel refuses the Landlock jail") : ANIMA_OK;
}

/* ---- seccomp ---- */

/* What computing, threads, memory, time, reading loaded files and one socket need. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(close),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(fstatfs),
    SCMP_SYS(statfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(dup),
    SCMP_SYS(fadvise64),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    SCMP_SYS(membarrier),
    SCMP_SYS(futex),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(rseq),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(prctl),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(getpriority),
    SCMP_SYS(getcpu),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getppid),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(landlock_create_ruleset),
    SCMP_SYS(landlock_add_rule),
    SCMP_SYS(landlock_restrict_self),
    SCMP_SYS(set_mempolicy),
    SCMP_SYS(get_mempolicy),
};

/* And what writing in one folder needs. */
static const int allowed_writing[] = {
    SCMP_SYS(rename), SCMP_SYS(renameat),  SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    SCMP_SYS(linkat), SCMP_SYS(utimensat), SCMP_SYS(ftruncate), SCMP_SYS(fsync),  SCMP_SYS(fchmod),
};

/* And what a remote engine needs to reach its server and to resolve its name. */
static const int allowed_network[] = {
    SCMP_SYS(socket),     SCMP_SYS(connect),     SCMP_SYS(bind),           SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmmsg),   SCMP_SYS(socketpair),  SCMP_SYS(pipe),           SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),   SCMP_SYS(ioctl),       SCMP_SYS(epoll_create1),  SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
};

#ifdef SANITIZED
static const int allowed_sanitizer[] = { SCMP_SYS(mincore), SCMP_SYS(personality), SCMP_SYS(process_vm_readv),
                                         SCMP_SYS(ioctl) };
#endif

/* With a GPU: everything but the ways out. */
static const int denied[] = {
    SCMP_SYS(socket),      SCMP_SYS(connect),         SCMP_SYS(bind),
    SCMP_SYS(listen),      SCMP_SYS(accept),          SCMP_SYS(accept4),
    SCMP_SYS(execve),      SCMP_SYS(execveat),        SCMP_SYS(fork),
    SCMP_SYS(vfork),       SCMP_SYS(ptrace),          SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),       SCMP_SYS(umount2),         SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),      SCMP_SYS(setns),           SCMP_SYS(unshare),
    SCMP_SYS(bpf),         SCMP_SYS(perf_event_open), SCMP_SYS(kexec_load),
    SCMP_SYS(init_module), SCMP_SYS(finit_module),    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),     SCMP_SYS(request_key),     SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd),
};

static void add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
    /* A call that this machine does not have cannot be made either. */
    for (size_t i = 0; i < n; i++)
        seccomp_rule_add(filter, action, calls[i], 0);
}

#define ADD_ALL(filter, action, calls) add_all(filter, action, calls, sizeof(calls) / sizeof(calls[0]))

/* Before its third version Landlock lets every file be emptied by opening it with O_TRUNC, wherever it lies. */
static void allow_opening(scmp_filter_ctx filter, bool truncating)
{
    const struct scmp_arg_cmp of_open = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, O_TRUNC, 0),
                              of_openat = SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, O_TRUNC, 0);
    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), truncating ? 0 : 1, &of_open);
    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), truncating ? 0 : 1, &of_openat);
}

/* Not F_SETOWN and F_SETSIG: they send signals to others. */
static void allow_fcntl(scmp_filter_ctx filter)
{
    static const int commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                         SCMP_CMP64(1, SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0));
}

struct calls {
    bool network, writes, truncating, gpu;
};

static int filter_calls(struct calls c, anima_error *err)
{
    scmp_filter_ctx filter = seccomp_init(c.gpu ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the seccomp filter");
    if (c.gpu) {
        ADD_ALL(filter, SCMP_ACT_ERRNO(EPERM), denied);
    } else {
        ADD_ALL(filter, SCMP_ACT_ALLOW, allowed);
        if (c.network)
            ADD_ALL(filter, SCMP_ACT_ALLOW, allowed_network);
        if (c.writes)
            ADD_ALL(filter, SCMP_ACT_ALLOW, allowed_writing);
#ifdef SANITIZED
        ADD_ALL(filter, SCMP_ACT_ALLOW, allowed_sanitizer);
#endif
        allow_opening(filter, c.truncating);
        allow_fcntl(filter);
        /* Threads, but no processes. clone3 hides its flags in memory: glibc falls back to clone when it is missing. */
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        /* abort() signals its own process; older kernels' Landlock would let it reach others. */
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                         SCMP_CMP64(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
        /* Only to look at limits: glibc asks for the stack's. */
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_CMP64(2, SCMP_CMP_EQ, 0, 0));
    }
    int rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc ? err_errno(err, -rc, "the kernel refuses the seccomp filter") : ANIMA_OK;
}

/* ---- limits ---- */

static void limit(int which, rlim_t most)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)which, &now) == 0 && (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)) {
        now.rlim_cur = most;
        now.rlim_max = which == RLIMIT_CPU ? most + 1 : most; /* at the hard one SIGKILL comes, and no SIGXCPU */
        setrlimit((__rlimit_resource_t)which, &now);
    }
}

static bool on_gpu(const struct host_driver *driver, const struct host_config *config)
{
    for (const struct host_option *o = driver->options; o && o->key; o++)
        if (strcmp(o->key, "gpu_layers") == 0)
            return host_option_int(driver, config, "gpu_layers") > 0;
    return false;
}

static long long memory_limit(const struct host_driver *driver, const struct host_config *config)
{
    return (long long)host_option_int(driver, config, "memory_limit_mb") << 20;
}

#define LOOK (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static const char *adapters_of(const struct host_driver *driver, const struct host_config *config)
{
    return driver->adapters ? driver->adapters(config) : "";
}

static const char *folder_of(const struct host_driver *driver, const struct host_config *config)
{
    return driver->writes ? driver->writes(config) : "";
}

static int refuse(const struct host_driver *driver, anima_error *err, const char *what)
{
    return err_set(err, ANIMA_E_FORBIDDEN,
                   "this kernel has no %s, so %s cannot be jailed: use Linux 5.13 or newer with "
                   "Landlock and seccomp enabled (boot parameter lsm=landlock,…)",
                   what, driver->document ? "what reads a document" : "the model");
}

int jail_enter(const struct host_driver *driver, const struct host_config *config, bool no_jail_ok,
               struct jail_report *report, anima_error *err)
{
    bool gpu = on_gpu(driver, config);
    *report = (struct jail_report){ .landlock = landlock_abi(), .memory_limit = memory_limit(driver, config) };
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 256);
    if (host_option_int(driver, config, "cpu_limit_s"))
        limit(RLIMIT_CPU, (rlim_t)host_option_int(driver, config, "cpu_limit_s"));
#ifndef SANITIZED /* a sanitizer reserves more address space than any limit */
    if (report->memory_limit)
        limit(RLIMIT_AS, (rlim_t)report->memory_limit);
#endif
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return err_errno(err, errno, "the kernel refuses no_new_privs");
    if (!report->landlock && !no_jail_ok)
        return refuse(driver, err, "Landlock");
    if (report->landlock) {
        const uint64_t libraries = LOOK | LANDLOCK_ACCESS_FS_EXECUTE;
        char paths[MAX_READS][512];
        size_t n = driver->reads ? driver->reads(config, paths, MAX_READS) : 0, count = 0;
        const char *folder = folder_of(driver, config), *adapters = adapters_of(driver, config);
        struct rule rules[MAX_READS + 8];
        for (size_t i = 0; i < n; i++)
            rules[count++] = (struct rule){ paths[i], libraries };
        if (*folder)
            rules[count++] = (struct rule){ folder, WRITES };
        if (*adapters)
            rules[count++] = (struct rule){ adapters, LOOK };
        if (gpu) {
            rules[count++] = (struct rule){ "/dev", LOOK | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_IOCTL };
            rules[count++] = (struct rule){ "/sys", LOOK };
            rules[count++] = (struct rule){ "/proc", LOOK | LANDLOCK_ACCESS_FS_WRITE_FILE };
        }
        int rc = restrict_files(report->landlock, rules, count, driver->network, err);
        if (rc)
            return rc;
    }
    anima_error why = { 0 };
    const struct calls calls = { .network = driver->network,
                                 .writes = *folder_of(driver, config) != 0,
                                 .truncating = report->landlock >= 3 || driver->truncates,
                                 .gpu = gpu };
    report->seccomp = filter_calls(calls, &why) == ANIMA_OK;
    return report->seccomp || no_jail_ok ? ANIMA_OK : refuse(driver, err, "seccomp filters");
}

int jail_close(const struct host_driver *driver, const struct host_config *config, const struct jail_report *report,
               anima_error *err)
{
    if (!report->landlock || driver->network || on_gpu(driver, config))
        return ANIMA_OK; /* they look things up while they run: the first layer stays the only one */
    struct rule rules[2];
    size_t n = 0;
    if (*folder_of(driver, config))
        rules[n++] = (struct rule){ folder_of(driver, config), WRITES };
    if (*adapters_of(driver, config))
        rules[n++] = (struct rule){ adapters_of(driver, config), LOOK };
    return restrict_files(report->landlock, rules, n, false, err);
}

/* ---- the proof ---- */

static bool try(struct jw *w, const char *what, bool got_through)
{
    jw_str(w, what, got_through ? "ALLOWED" : "denied");
    return !got_through;
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool makes_socket(int domain, int type)
{
    int fd = socket(domain, type, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool runs_program(void)
{
    char *argv[] = { "true", NULL }, *envp[] = { NULL };
    long pid = syscall(SYS_clone, 17 /* SIGCHLD: a process, not a thread */, 0, 0, 0, 0);
    if (pid == 0) {
        execve("/bin/true", argv, envp);
        _exit(1);
    }
    return pid > 0;
}

int jail_test(const struct host_driver *driver, const struct host_config *config)
{
    struct jail_report report;
    anima_error err = { 0 };
    struct buf out;
    struct jw w;
    buf_init(&out, 4096);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    char own[40]; /* a file that nobody misses, should it be emptied */
    snprintf(own, sizeof(own), "/proc/self/fd/%d", open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    bool good = !jail_enter(driver, config, false, &report, &err) && !jail_close(driver, config, &report, &err);
    if (good) {
        char *argv[] = { "true", NULL }, *envp[] = { NULL };
        jw_int(&w, "landlock", report.landlock);
        jw_bool(&w, "seccomp", report.seccomp);
        good &= try(&w, "socket_tcp", makes_socket(AF_INET, SOCK_STREAM));
        good &= try(&w, "socket_udp", makes_socket(AF_INET, SOCK_DGRAM));
        good &= try(&w, "socket_unix", makes_socket(AF_UNIX, SOCK_STREAM));
        good &= try(&w, "read_passwd", opens("/etc/passwd", O_RDONLY));
        good &= try(&w, "read_model", config->model && *config->model && opens(config->model, O_RDONLY));
        good &= try(&w, "write_tmp", opens("/tmp/anima-jail-test", O_WRONLY | O_CREAT));
        good &= try(&w, "empty_file", opens(own, 3 | O_TRUNC)); /* access mode 3: Landlock asks for no right */
        good &= try(&w, "signal_others", fcntl(STDOUT_FILENO, F_SETOWN, getppid()) == 0);
        good &= try(&w, "new_process", runs_program());
        execve("/bin/true", argv, envp); /* if it comes back, it was denied */
        good &= try(&w, "exec", false);
        good &= try(&w, "ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
    } else {
        jw_str(&w, "error", err.message);
    }
    jw_end_obj(&w);
    puts(buf_str(&out));
    buf_finish(&out);
    return good ? 0 : 1;
}
