#include "host/jail.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "host/jail_syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel's Landlock interface, which the system's headers may know only in part. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define LL_VERSION 1u          /* LANDLOCK_CREATE_RULESET_VERSION */
#define LL_PATH_BENEATH 1      /* LANDLOCK_RULE_PATH_BENEATH */
#define LL_READ_FILE (1ull << 2)
#define LL_READ_DIR (1ull << 3)
#define LL_WRITE_FILE (1ull << 1)
#define LL_IOCTL_DEV (1ull << 15)
#define LL_NET_TCP 3ull        /* bind and connect */
#define LL_SCOPES 3ull         /* abstract unix sockets and signals */

struct ll_ruleset {
    uint64_t fs, net, scoped;
};

struct ll_path {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));

static const char *const system_paths[] = { "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib",
                                            "/etc/ld.so.cache", "/proc/self", "/proc/meminfo", "/proc/cpuinfo",
                                            "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup", NULL };
static const char *const network_paths[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
                                             "/etc/gai.conf", "/etc/services", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
                                             "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
                                             "/run/systemd/resolve", NULL };
static const char *const device_paths[] = { "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia0",
                                            "/dev/nvidia1", "/dev/nvidia2", "/dev/nvidia3", "/dev/nvidia4", "/dev/nvidia5",
                                            "/dev/nvidia6", "/dev/nvidia7", "/dev/nvidia-modeset", "/dev/nvidia-caps",
                                            "/dev/dri", "/dev/kfd", NULL };
static const char *const device_read_paths[] = { "/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/sys/class", "/sys/bus",
                                                 "/sys/devices", "/sys/module", "/sys/dev", "/usr/share/vulkan",
                                                 "/etc/vulkan", "/usr/share/nvidia", "/usr/local/cuda", "/dev/shm", NULL };

/* ---- the plan ---- */

void jail_allow(struct jail_plan *plan, const char *path)
{
    if (!path || !*path)
        return;
    if (plan->n_paths == JAIL_MAX_PATHS || !(plan->paths[plan->n_paths] = mem_strdup(path)))
        plan->failed = true;
    else
        plan->n_paths++;
}

void jail_allow_list(struct jail_plan *plan, const char *list)
{
    char *copy = mem_strdup(list), *save = NULL;
    if (list && !copy)
        plan->failed = true;
    for (char *part = copy ? strtok_r(copy, ":", &save) : NULL; part; part = strtok_r(NULL, ":", &save))
        jail_allow(plan, part);
    mem_free(copy);
}

void jail_plan_finish(struct jail_plan *plan)
{
    for (size_t i = 0; i < plan->n_paths; i++)
        mem_free(plan->paths[i]);
    plan->n_paths = 0;
}

/* ---- Landlock ---- */

static int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static int open_ruleset(int abi, bool network)
{
    int bits = 13 + (abi >= 2) + (abi >= 3);
    struct ll_ruleset attr = { .fs = (1ull << bits) - 1 };
    if (abi >= 5)
        attr.fs |= LL_IOCTL_DEV;
    attr.net = abi >= 4 && !network ? LL_NET_TCP : 0;
    attr.scoped = abi >= 6 ? LL_SCOPES : 0;
    size_t size = abi >= 6 ? sizeof(attr) : abi >= 4 ? sizeof(attr) - sizeof(uint64_t) : sizeof(uint64_t);
    return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

static int allow_path(int ruleset, int abi, const char *path, bool device)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
    int rc = 0;
    if (fstat(fd, &st))
        rc = errno;
    struct ll_path rule = { .access = LL_READ_FILE | (S_ISDIR(st.st_mode) ? LL_READ_DIR : 0), .fd = fd };
    if (device)
        rule.access |= LL_WRITE_FILE | (abi >= 5 ? LL_IOCTL_DEV : 0);
    if (!rc && syscall(SYS_landlock_add_rule, ruleset, LL_PATH_BENEATH, &rule, 0))
        rc = errno;
    close(fd);
    return rc;
}

static int allow_all(int ruleset, int abi, const char *const *paths, size_t n, bool device)
{
    for (size_t i = 0; i < n && paths[i]; i++) {
        int rc = allow_path(ruleset, abi, paths[i], device);
        if (rc)
            return rc;
    }
    return 0;
}

static int fill_ruleset(int ruleset, int abi, const struct jail_plan *plan)
{
    int rc = allow_all(ruleset, abi, (const char *const *)plan->paths, plan->n_paths, false);
    if (!rc)
        rc = allow_all(ruleset, abi, system_paths, SIZE_MAX, false);
    if (!rc && plan->network)
        rc = allow_all(ruleset, abi, network_paths, SIZE_MAX, false);
    if (!rc && plan->devices)
        rc = allow_all(ruleset, abi, device_paths, SIZE_MAX, true);
    if (!rc && plan->devices)
        rc = allow_all(ruleset, abi, device_read_paths, SIZE_MAX, false);
    return rc;
}

/* plan NULL: nothing at all stays readable. Returns an errno. */
static int restrict_files(int abi, const struct jail_plan *plan)
{
    int ruleset = open_ruleset(abi, plan && plan->network);
    if (ruleset < 0)
        return errno;
    int rc = plan ? fill_ruleset(ruleset, abi, plan) : 0;
    if (!rc && syscall(SYS_landlock_restrict_self, ruleset, 0))
        rc = errno;
    close(ruleset);
    return rc;
}

/* ---- entering ---- */

static int limit(int resource, rlim_t value, anima_error *err)
{
    struct rlimit r = { value, value };
    if (setrlimit(resource, &r))
        return err_errno(err, errno, "cannot limit what the engine may use");
    return ANIMA_OK;
}

static int set_limits(const struct jail_plan *plan, anima_error *err)
{
    int rc = limit(RLIMIT_CORE, 0, err);
    if (!rc)
        rc = limit(RLIMIT_NOFILE, 1024, err);
    if (!rc && plan->memory_limit > 0)
        rc = limit(RLIMIT_AS, (rlim_t)plan->memory_limit, err);
    return rc;
}

static int missing(const char *what, bool optional, anima_error *err)
{
    if (!optional)
        return err_set(err, ANIMA_E_FORBIDDEN,
                       "the engine cannot be jailed: this kernel or container has no %s; use a kernel from 5.13 on with "
                       "Landlock and seccomp switched on, or accept engines without a jail with --no-jail-ok", what);
    log_warn("jail", "this engine runs without %s", what);
    return ANIMA_OK;
}

int jail_enter(const struct jail_plan *plan, bool optional, struct jail_state *state, anima_error *err)
{
    *state = (struct jail_state){ .network = plan->network, .memory_limit = plan->memory_limit };
    if (plan->failed)
        return err_set(err, ANIMA_E_NOMEM, "the jail's list of paths is too long or does not fit into memory");
    int rc = set_limits(plan, err);
    if (rc)
        return rc;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return err_errno(err, errno, "cannot give up new privileges");
    int abi = landlock_abi();
    int failed = abi ? restrict_files(abi, plan) : ENOSYS;
    if (!failed)
        state->landlock = abi;
    else if ((rc = missing("Landlock", optional, err)))
        return rc;
    failed = jail_load_filter(plan->network ? JAIL_NETWORK : plan->devices ? JAIL_DEVICES : JAIL_LOADING);
    if (!failed)
        state->seccomp = true;
    else if ((rc = missing("seccomp", optional, err)))
        return rc;
    return ANIMA_OK;
}

int jail_seal(const struct jail_plan *plan, struct jail_state *state, anima_error *err)
{
    if (plan->network || plan->devices)
        return ANIMA_OK;
    int failed = state->landlock ? restrict_files(state->landlock, NULL) : 0;
    if (!failed && state->seccomp)
        failed = jail_load_filter(JAIL_SEALED);
    if (failed)
        return err_errno(err, failed, "the engine's jail cannot be closed");
    state->sealed = state->landlock && state->seccomp;
    return ANIMA_OK;
}

void jail_describe(const struct jail_state *state, struct jw *w)
{
    jw_obj(w, "jail");
    jw_int(w, "landlock", state->landlock);
    jw_bool(w, "seccomp", state->seccomp);
    jw_bool(w, "network", state->network || !state->seccomp);
    jw_bool(w, "sealed", state->sealed);
    jw_int(w, "memory_limit", state->memory_limit);
    jw_end_obj(w);
}

/* ---- the test ---- */

static bool try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET6, SOCK_DGRAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool try_listen(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = { .sin_family = AF_INET };
    return fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, 1) == 0;
}

static bool try_passwd(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool try_write(void)
{
    return open("/tmp", O_TMPFILE | O_WRONLY, 0600) >= 0 || open("/tmp/anima-jail-test", O_CREAT | O_WRONLY, 0600) >= 0 ||
           mkdir("/tmp/anima-jail-test", 0700) == 0;
}

/* Only denied if the kernel refuses for reasons of the jail: a path that does not exist would refuse too. */
static bool try_exec(void)
{
    char *const none[] = { NULL };
    execve("/proc/self/exe", none, none);
    return errno != EPERM && errno != EACCES;
}

static bool try_fork(void)
{
    long pid = syscall(SYS_clone, 17 /* SIGCHLD */, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool try_kill(void)
{
    return syscall(SYS_kill, getppid(), 0) == 0;
}

static bool try_foreign_memory(void)
{
    char byte;
    struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
    return syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0) >= 0 || errno != EPERM;
}

bool jail_test(const struct jail_state *state, int fd)
{
    static const struct {
        const char *name;
        bool (*allowed)(void);
        bool with_network;
    } tests[] = {
        { "socket", try_socket, false }, { "listen", try_listen, true },   { "passwd", try_passwd, true },
        { "write_tmp", try_write, true }, { "exec", try_exec, true },       { "kill", try_kill, true },
        { "memory", try_foreign_memory, true },
#ifndef JAIL_SANITIZED
        { "fork", try_fork, true },
#endif
    };
#ifdef JAIL_SANITIZED
    (void)try_fork; /* the leak checker forks its tracer */
#endif
    struct buf b;
    struct jw w;
    bool good = state->landlock && state->seccomp;
    buf_init(&b, 4096);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_int(&w, "landlock", state->landlock);
    jw_bool(&w, "seccomp", state->seccomp);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (state->network && !tests[i].with_network)
            continue;
        bool allowed = tests[i].allowed();
        jw_str(&w, tests[i].name, allowed ? "allowed" : "denied");
        good = good && !allowed;
    }
    jw_end_obj(&w);
    buf_puts(&b, "\n");
    good = good && !b.failed && write(fd, b.data, b.len) == (ssize_t)b.len;
    buf_finish(&b);
    return good;
}
