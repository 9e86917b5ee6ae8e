/* short_io.c — preloaded into anima and, by inheritance, into anima-engine: every read and write of a socket or a file moves
 * one to seven bytes only, and one in sixteen is interrupted first (EINTR). All of that is legal at any time; a program
 * that takes the usual case for granted loses bytes here. Pipes, terminals and event descriptors are left alone. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_uint calls;

/* A jailed engine may not ask what a descriptor is; it has its socket and no event descriptors. */
static int cuts(int fd)
{
    struct stat st;
    int before = errno, known = fstat(fd, &st) == 0;
    errno = before;
    return !known || S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode);
}

static unsigned next(void)
{
    unsigned x = atomic_fetch_add(&calls, 1) * 2654435761u;
    return x >> 16;
}

/* How many of n bytes this call moves; 0: it is interrupted. */
static size_t some(int fd, size_t n)
{
    if (n == 0 || !cuts(fd))
        return n;
    unsigned x = next();
    if (x % 16 == 0)
        return 0;
    size_t most = x % 7 + 1;
    return n < most ? n : most;
}

static ssize_t interrupted(void)
{
    errno = EINTR;
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t read(int fd, void *data, size_t n)
{
    size_t m = some(fd, n);
    return n && !m ? interrupted() : REAL(read)(fd, data, m);
}

ssize_t write(int fd, const void *data, size_t n)
{
    size_t m = some(fd, n);
    return n && !m ? interrupted() : REAL(write)(fd, data, m);
}

ssize_t recv(int fd, void *data, size_t n, int flags)
{
    size_t m = some(fd, n);
    return n && !m ? interrupted() : REAL(recv)(fd, data, m, flags);
}

ssize_t send(int fd, const void *data, size_t n, int flags)
{
    size_t m = some(fd, n);
    return n && !m ? interrupted() : REAL(send)(fd, data, m, flags);
}

/* The first part that is not empty, cut. */
static struct iovec cut_first(int fd, const struct iovec *parts, int n)
{
    int i = 0;
    while (i + 1 < n && parts[i].iov_len == 0)
        i++;
    struct iovec one = n > 0 ? parts[i] : (struct iovec){ 0 };
    one.iov_len = some(fd, one.iov_len);
    return one;
}

static int empty(const struct iovec *parts, int n)
{
    for (int i = 0; i < n; i++)
        if (parts[i].iov_len)
            return 0;
    return 1;
}

ssize_t readv(int fd, const struct iovec *parts, int n)
{
    if (empty(parts, n) || !cuts(fd))
        return REAL(readv)(fd, parts, n);
    struct iovec one = cut_first(fd, parts, n);
    return one.iov_len ? REAL(readv)(fd, &one, 1) : interrupted();
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    if (empty(parts, n) || !cuts(fd))
        return REAL(writev)(fd, parts, n);
    struct iovec one = cut_first(fd, parts, n);
    return one.iov_len ? REAL(writev)(fd, &one, 1) : interrupted();
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct msghdr m = *message;
    if (empty(m.msg_iov, (int)m.msg_iovlen))
        return REAL(sendmsg)(fd, message, flags);
    struct iovec one = cut_first(fd, m.msg_iov, (int)m.msg_iovlen);
    m.msg_iov = &one;
    m.msg_iovlen = 1;
    return one.iov_len ? REAL(sendmsg)(fd, &m, flags) : interrupted();
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    if (empty(message->msg_iov, (int)message->msg_iovlen))
        return REAL(recvmsg)(fd, message, flags);
    struct iovec one = cut_first(fd, message->msg_iov, (int)message->msg_iovlen), *parts = message->msg_iov;
    size_t n = message->msg_iovlen;
    if (!one.iov_len)
        return interrupted();
    message->msg_iov = &one;
    message->msg_iovlen = 1;
    ssize_t got = REAL(recvmsg)(fd, message, flags);
    message->msg_iov = parts;
    message->msg_iovlen = n;
    return got;
}
