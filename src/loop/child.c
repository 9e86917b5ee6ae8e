/* child.c — one child process: spawn, frames out, frames in, stderr into the log, and an end that is told exactly once.
 *
 * Life:  running → ended (exit seen, both streams at their end) → gone() → handles closed → released → freed
 * The end has three parts that come in any order: the exit, the end of the socket, the end of stderr. One timer
 * serves the three waits:
 *   socket ended or child released, no exit yet   KILL_MS, then SIGKILL
 *   exit seen, a stream still open                DRAIN_MS without a byte, then it counts as ended (a grandchild may hold
 *                                                 it; bytes put the end off only for as much as a socket can hold)
 * Incoming bytes collect in one buffer that grows only with bytes that came, never with an announced length; all whole
 * frames in it are handed out in one go and point into it.
 * Before either stream counts as ended, what is still in it is read by hand: libuv takes a read that came short before a
 * hang-up for the last one, and on a busy machine a timer may be due before anybody looked at the socket.
 * Outgoing frames are written at once if the socket takes them; only what it does not take is copied and queued. */
#include "loop/child.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "loop/loop_private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_QUEUED (32u << 20)
#define READ_SIZE 65536u     /* how much room a read gets at least */
#define KEEP_SIZE (1u << 20) /* a larger, empty read buffer is given back */
#define LINE_SIZE 800
#define KILL_MS 2000
#define DRAIN_MS 500
#define DRAIN_MOST (1u << 20)

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

struct child {
    struct loop_guest guest; /* first: a guest is its child */
    struct loop *loop;
    uv_process_t process;
    uv_pipe_t sock, errs;
    uv_timer_t timer;
    uv_shutdown_t shutdown;
    int open_handles;
    struct child_callbacks cb;
    void *ctx;
    char *in;
    size_t in_len, in_size;
    size_t queued;  /* bytes in writes that have not ended */
    size_t drained; /* bytes that came after the exit */
    char err_chunk[4096];
    char line[LINE_SIZE]; /* the line of stderr that is coming */
    size_t line_len;
    char last[LINE_SIZE]; /* the last whole one */
    int status, signal;
    bool exited, sock_ended, errs_ended;
    bool broken; /* it broke the frame format; last tells how */
    bool closing, released;
};

struct pending_write {
    uv_write_t req;
    struct child *child;
    size_t n;
    char data[];
};

/* ---- the end ---- */

static void maybe_free(struct child *child)
{
    if (child->open_handles || !child->released)
        return;
    loop_guest_remove(child->loop, &child->guest);
    mem_free(child->in);
    mem_free(child);
}

static void on_closed(uv_handle_t *handle)
{
    struct child *child = handle->data;
    child->open_handles--;
    maybe_free(child);
}

static void close_all(struct child *child)
{
    uv_handle_t *all[] = { (uv_handle_t *)&child->process, (uv_handle_t *)&child->sock, (uv_handle_t *)&child->errs,
                           (uv_handle_t *)&child->timer };
    child->closing = true;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        uv_close(all[i], on_closed);
}

/* What the child's own log (base/log.h) says of a line: a warning there is one here. Anything else is for those who look closely. */
static enum log_level level_of(const char *line)
{
    const size_t at = sizeof("2000-01-01T00:00:00Z ") - 1;
    const char *name = strlen(line) > at && line[at - 2] == 'Z' && line[at - 1] == ' ' ? line + at : "";
    return strncmp(name, "error ", 6) == 0 ? LOG_ERROR : strncmp(name, "warn ", 5) == 0 ? LOG_WARN : LOG_INFO;
}

static void end_line(struct child *child)
{
    char clean[LINE_SIZE];
    size_t n = utf8_clean(child->line, child->line_len, clean, sizeof(clean));
    child->line_len = 0;
    while (n && (unsigned char)clean[n - 1] <= ' ')
        clean[--n] = '\0';
    if (!n)
        return;
    log_write(level_of(clean), "engine", "[%d] %s", child->process.pid, clean);
    if (!child->broken)
        memcpy(child->last, clean, n + 1);
}

/* Tells the end once all its parts are there. */
static void settle(struct child *child)
{
    if (child->closing || !child->exited || !child->sock_ended || !child->errs_ended)
        return;
    end_line(child);
    close_all(child);
    if (!child->released)
        child->cb.gone(child->ctx, child->status, child->signal, child->last);
}

static void kill_now(struct child *child)
{
    if (child->exited)
        return;
    kill(-child->process.pid, SIGKILL); /* its session, with whatever it started */
    kill(child->process.pid, SIGKILL);
}

static void on_timer(uv_timer_t *timer);

static void wait_for_exit(struct child *child)
{
    if (!child->exited && !child->closing && !uv_is_active((uv_handle_t *)&child->timer))
        uv_timer_start(&child->timer, on_timer, KILL_MS, 0);
}

/* ---- frames in ---- */

static void sock_end(struct child *child)
{
    if (child->sock_ended)
        return;
    child->sock_ended = true;
    uv_read_stop((uv_stream_t *)&child->sock);
    wait_for_exit(child);
    settle(child);
}

static void break_off(struct child *child, const char *why)
{
    child->broken = true;
    snprintf(child->last, sizeof(child->last), "%s", why);
    kill_now(child);
    sock_end(child);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct child *child = handle->data;
    if (child->in_size - child->in_len < READ_SIZE) {
        size_t size = child->in_size * 2 > child->in_len + READ_SIZE ? child->in_size * 2 : child->in_len + READ_SIZE;
        char *in = mem_realloc(child->in, size);
        if (!in) {
            *buf = uv_buf_init(NULL, 0); /* the read then ends with UV_ENOBUFS */
            return;
        }
        child->in = in;
        child->in_size = size;
    }
    *buf = uv_buf_init(child->in + child->in_len, (unsigned int)(child->in_size - child->in_len));
}

/* Hands out every whole frame. A callback may release the child, so that is looked at after each. */
static void take_frames(struct child *child)
{
    size_t at = 0;
    anima_error err = { 0 };
    int rc = 0;
    while (!child->released) {
        struct frame f;
        size_t used;
        rc = frame_read(child->in + at, child->in_len - at, &f, &used, &err);
        if (rc <= 0)
            break;
        child->cb.frame(child->ctx, &f);
        at += used;
    }
    child->in_len -= at;
    if (at && child->in_len)
        memmove(child->in, child->in + at, child->in_len);
    if (!child->in_len && child->in_size > KEEP_SIZE) {
        mem_free(child->in);
        child->in = NULL;
        child->in_size = 0;
    }
    if (rc < 0)
        break_off(child, err.message);
}

/* What a read gives at once; 0 at the end, negative if there is nothing now. */
static ssize_t read_now(const uv_pipe_t *from, void *data, size_t size)
{
    uv_os_fd_t fd;
    ssize_t n;
    if (uv_fileno((const uv_handle_t *)from, &fd))
        return 0;
    do
        n = read(fd, data, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Hands out what is still in the socket, but no more than a socket can hold. */
static void drain_sock(struct child *child)
{
    size_t all = 0;
    while (!child->sock_ended && !child->released && all < DRAIN_MOST) {
        uv_buf_t room;
        give_room((uv_handle_t *)&child->sock, READ_SIZE, &room);
        ssize_t n = room.base ? read_now(&child->sock, room.base, room.len) : 0;
        if (!room.base)
            break_off(child, "out of memory for its frames");
        if (n <= 0)
            return;
        all += (size_t)n;
        child->in_len += (size_t)n;
        take_frames(child);
    }
}

/* Its last words were sent before it exited; on a busy machine they may take longer than DRAIN_MS to be read. */
static void put_off_end(struct child *child, size_t n)
{
    child->drained += child->exited ? n : 0;
    if (child->exited && !child->closing && child->drained <= DRAIN_MOST)
        uv_timer_start(&child->timer, on_timer, DRAIN_MS, 0);
}

static void on_sock(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct child *child = stream->data;
    if (n == UV_ENOBUFS) {
        break_off(child, "out of memory for its frames");
    } else if (n < 0) {
        drain_sock(child);
        sock_end(child);
    } else if (!child->released) { /* a released child's words go nowhere, but it must not block on them */
        put_off_end(child, (size_t)n);
        child->in_len += (size_t)n;
        take_frames(child);
    }
}

/* ---- stderr ---- */

static void give_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct child *child = handle->data;
    *buf = uv_buf_init(child->err_chunk, sizeof(child->err_chunk));
}

static void take_lines(struct child *child, const char *text, size_t size)
{
    for (const char *p = text, *end = p + size; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((nl ? nl : end) - p);
        size_t room = sizeof(child->line) - child->line_len;
        memcpy(child->line + child->line_len, p, len < room ? len : room); /* the rest of an endless line is dropped */
        child->line_len += len < room ? len : room;
        if (nl)
            end_line(child);
        p += len + (nl != NULL);
    }
}

/* What is still in it: see drain_sock. */
static void drain_errs(struct child *child)
{
    size_t all = 0;
    ssize_t n = 1;
    while (!child->errs_ended && n > 0 && all < DRAIN_MOST) {
        n = read_now(&child->errs, child->err_chunk, sizeof(child->err_chunk));
        take_lines(child, child->err_chunk, n > 0 ? (size_t)n : 0);
        all += n > 0 ? (size_t)n : 0;
    }
}

static void on_errs(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct child *child = stream->data;
    if (n >= 0) {
        take_lines(child, buf->base, (size_t)n);
        return;
    }
    drain_errs(child);
    child->errs_ended = true;
    uv_read_stop(stream);
    settle(child);
}

/* ---- the exit ---- */

static void on_timer(uv_timer_t *timer)
{
    struct child *child = timer->data;
    if (!child->exited) {
        kill_now(child);
        return;
    }
    drain_sock(child);
    drain_errs(child);
    child->sock_ended = child->errs_ended = true;
    settle(child);
}

static void on_exit(uv_process_t *process, int64_t status, int signal)
{
    struct child *child = process->data;
    child->exited = true;
    child->status = (int)status;
    child->signal = signal;
    if (!child->closing)
        uv_timer_start(&child->timer, on_timer, DRAIN_MS, 0);
    settle(child);
}

/* ---- frames out ---- */

static void on_written(uv_write_t *req, int status)
{
    (void)status; /* a broken socket shows itself on the reading side */
    struct pending_write *w = req->data;
    w->child->queued -= w->n;
    mem_free(w);
}

/* Queues what is left of bufs behind their first `written` bytes. */
static int queue_rest(struct child *child, const uv_buf_t *bufs, int n_bufs, size_t written, size_t total,
                      anima_error *err)
{
    struct pending_write *w = mem_alloc(sizeof(*w) + total - written);
    if (!w)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a frame of %zu bytes", total);
    *w = (struct pending_write){ .child = child, .n = total - written };
    w->req.data = w;
    size_t at = 0;
    for (int i = 0; i < n_bufs; i++) {
        size_t skip = written < bufs[i].len ? written : bufs[i].len;
        written -= skip;
        if (bufs[i].len > skip)
            memcpy(w->data + at, bufs[i].base + skip, bufs[i].len - skip);
        at += bufs[i].len - skip;
    }
    uv_buf_t rest = uv_buf_init(w->data, (unsigned int)w->n);
    int rc = uv_write(&w->req, (uv_stream_t *)&child->sock, &rest, 1, on_written);
    if (rc) {
        mem_free(w);
        return err_errno(err, -rc, "cannot write to process %d", child->process.pid);
    }
    child->queued += w->n;
    return ANIMA_OK;
}

int child_send(struct child *child, const char *head, size_t head_len, const void *raw, size_t raw_len,
               anima_error *err)
{
    if (child->exited || child->sock_ended || child->released)
        return err_set(err, ANIMA_E_ENGINE, "process %d has ended", child->process.pid);
    if (child->queued > MAX_QUEUED)
        return err_set(err, ANIMA_E_BUSY, "process %d does not read: %zu bytes wait", child->process.pid,
                       child->queued);
    unsigned char prefix[FRAME_PREFIX];
    int rc = frame_prefix(prefix, head_len, raw_len, err);
    if (rc)
        return rc;
    /* libuv only reads from these */
    uv_buf_t bufs[] = { uv_buf_init((char *)prefix, sizeof(prefix)),
                        uv_buf_init((char *)(uintptr_t)head, (unsigned int)head_len),
                        uv_buf_init((char *)(uintptr_t)raw, (unsigned int)raw_len) };
    int n_bufs = raw_len ? 3 : 2;
    size_t total = sizeof(prefix) + head_len + raw_len;
    int n = uv_try_write((uv_stream_t *)&child->sock, bufs, (unsigned int)n_bufs);
    if (n < 0 && n != UV_EAGAIN)
        return err_set(err, ANIMA_E_ENGINE, "cannot write to process %d: %s", child->process.pid, uv_strerror(n));
    size_t written = n > 0 ? (size_t)n : 0;
    if (written == total)
        return ANIMA_OK;
    rc = queue_rest(child, bufs, n_bufs, written, total, err);
    if (rc && written)
        kill_now(child); /* half a frame is out: nothing after it would be understood */
    return rc;
}

/* ---- start ---- */

static bool is_set_anew(const char *old, const char *const *env)
{
    size_t n = strcspn(old, "=");
    for (; *env; env++)
        if (strncmp(old, *env, n) == 0 && (*env)[n] == '=')
            return true;
    return false;
}

/* The inherited environment with env over it: an array for mem_free, its strings borrowed. */
static char **merge_env(const char *const *env)
{
    size_t n = 0, k = 0;
    while (environ[n])
        n++;
    while (env[k])
        k++;
    char **out = mem_alloc((n + k + 1) * sizeof(*out));
    if (!out)
        return NULL;
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_set_anew(environ[i], env))
            out[at++] = environ[i];
    for (size_t i = 0; i < k; i++)
        out[at++] = (char *)(uintptr_t)env[i];
    out[at] = NULL;
    return out;
}

static int spawn(struct child *child, const char *const *argv, char **env)
{
    uv_stdio_container_t stdio[4] = { { .flags = UV_IGNORE }, { .flags = UV_IGNORE } };
    stdio[2].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    stdio[2].data.stream = (uv_stream_t *)&child->errs;
    stdio[3].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE);
    stdio[3].data.stream = (uv_stream_t *)&child->sock;
    uv_process_options_t options = { .file = argv[0],
                                     .args = (char **)(uintptr_t)argv,
                                     .env = env,
                                     .stdio = stdio,
                                     .stdio_count = 4,
                                     .exit_cb = on_exit,
                                     .flags = UV_PROCESS_DETACHED };
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC)) /* before Linux 5.11, or forbidden in a container */
        for (int fd = 3; fd < 1024; fd++)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    return uv_spawn(loop_uv(child->loop), &child->process, &options);
}

static void end_child(struct loop_guest *guest, bool now)
{
    struct child *child = (struct child *)guest;
    if (!child->released)
        child_release(child);
    if (!now)
        return;
    kill_now(child);
    for (int i = 0; i < 100 && !child->exited && waitpid(child->process.pid, NULL, WNOHANG) == 0; i++)
        usleep(5000); /* no loop will reap it any more */
    loop_guest_remove(child->loop, guest);
    if (!child->closing)
        close_all(child);
}

int child_spawn(struct loop *loop, const char *const *argv, const char *const *env, const struct child_callbacks *cb,
                void *ctx, struct child **out, anima_error *err)
{
    *out = NULL;
    struct child *child = mem_zero(1, sizeof(*child));
    char **merged = env ? merge_env(env) : NULL;
    if (!child || (env && !merged)) {
        mem_free(child);
        mem_free(merged);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for starting %s", argv[0]);
    }
    child->guest.end = end_child;
    child->loop = loop;
    child->cb = *cb;
    child->ctx = ctx;
    child->process.data = child->sock.data = child->errs.data = child->timer.data = child;
    uv_pipe_init(loop_uv(loop), &child->sock, 0);
    uv_pipe_init(loop_uv(loop), &child->errs, 0);
    uv_timer_init(loop_uv(loop), &child->timer);
    child->open_handles = 4;
    loop_guest_add(loop, &child->guest);
    int rc = spawn(child, argv, merged);
    mem_free(merged);
    if (rc) {
        child->exited = child->released = true;
        close_all(child);
        return err_errno(err, -rc, "cannot start %s", argv[0]);
    }
    uv_read_start((uv_stream_t *)&child->sock, give_room, on_sock);
    uv_read_start((uv_stream_t *)&child->errs, give_chunk, on_errs);
    *out = child;
    return ANIMA_OK;
}

int child_pid(const struct child *child) { return child->process.pid; }

void child_kill(struct child *child, int signal)
{
    if (signal == SIGKILL)
        kill_now(child);
    else if (!child->exited)
        kill(child->process.pid, signal);
}

static void on_shut(uv_shutdown_t *req, int status)
{
    (void)req;
    (void)status;
}

void child_release(struct child *child)
{
    if (!child || child->released)
        return;
    child->released = true;
    if (child->closing) {
        maybe_free(child);
        return;
    }
    if (!child->sock_ended)
        uv_shutdown(&child->shutdown, (uv_stream_t *)&child->sock, on_shut);
    wait_for_exit(child);
}
