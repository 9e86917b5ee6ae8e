/* jail_syscalls.h — the seccomp half of jail.c: which system calls are left at which stage. */
#ifndef HOST_JAIL_SYSCALLS_H
#define HOST_JAIL_SYSCALLS_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define JAIL_SANITIZED 1
#endif
#endif

enum jail_stage {
    JAIL_LOADING,   /* reading files */
    JAIL_SEALED,    /* as JAIL_LOADING, but no file can be opened */
    JAIL_NETWORK,   /* reading files, outgoing connections */
    JAIL_DEVICES    /* reading files, GPU devices */
};

/* Adds the filter to the process and all its threads. 0 or an errno. */
int jail_load_filter(enum jail_stage stage);
#endif
