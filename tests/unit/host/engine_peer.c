#include "engine_peer.h"

#include "loop/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 120000

void peer_start(struct peer *p, const char *driver, const char *model, const char *options, const char *const *argv)
{
    int pair[2];
    const char *program = getenv("ANIMA_TEST_ENGINE"), *args[16];
    int n = 0;
    assert_non_null(program);
    *p = (struct peer){ .fd = -1 };
    buf_init(&p->in, FRAME_MAX_HEAD * 2u);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    args[n++] = program;
    args[n++] = "--driver";
    args[n++] = driver;
    args[n++] = "--model";
    args[n++] = model;
    args[n++] = "--options";
    args[n++] = options ? options : "{}";
    while (argv && *argv && n < 15)
        args[n++] = *argv++;
    args[n] = NULL;
    p->pid = fork();
    if (p->pid == 0) {
        if (pair[1] != 3)
            dup2(pair[1], 3);
        execv(program, (char *const *)(uintptr_t)args);
        _exit(127);
    }
    assert_true(p->pid > 0);
    close(pair[1]);
    p->fd = pair[0];
}

void peer_send(struct peer *p, const char *fmt, ...)
{
    struct buf frame;
    va_list ap, again;
    buf_init(&frame, FRAME_MAX_HEAD + 64);
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *text = malloc((size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(ap);
    va_end(again);
    assert_int_equal(frame_write(&frame, text, (size_t)n, NULL, 0, NULL), 0);
    for (size_t sent = 0; sent < frame.len;) {
        ssize_t k = send(p->fd, frame.data + sent, frame.len - sent, MSG_NOSIGNAL);
        if (k <= 0)
            break;
        sent += (size_t)k;
    }
    free(text);
    buf_finish(&frame);
}

/* More bytes; false at the end of the socket. */
static bool fill(struct peer *p)
{
    char chunk[65536];
    struct pollfd wait = { .fd = p->fd, .events = POLLIN };
    if (poll(&wait, 1, WAIT_MS) <= 0)
        fail_msg("the engine said nothing for %d s", WAIT_MS / 1000);
    buf_consume(&p->in, p->at);
    p->at = 0;
    ssize_t n = recv(p->fd, chunk, sizeof(chunk), 0);
    if (n <= 0)
        return false;
    assert_int_equal(buf_append(&p->in, chunk, (size_t)n), 0);
    return true;
}

const char *peer_receive(struct peer *p)
{
    struct frame f;
    size_t used;
    int rc;
    yyjson_doc_free(p->doc);
    p->doc = NULL;
    while ((rc = frame_read(buf_str(&p->in) + p->at, p->in.len - p->at, &f, &used, NULL)) == 0)
        if (!fill(p))
            return NULL;
    p->broken = rc < 0;
    if (p->broken)
        return NULL;
    anima_error err = { 0 };
    if (json_parse(f.head, f.head_len, FRAME_MAX_HEAD, "a frame", &p->doc, &err))
        fail_msg("%s", err.message);
    p->head = yyjson_doc_get_root(p->doc);
    p->raw = f.raw;
    p->raw_len = f.raw_len;
    p->at += used;
    return json_str(p->head, "type", "");
}

bool peer_until(struct peer *p, const char *type)
{
    const char *got;
    while ((got = peer_receive(p)))
        if (strcmp(got, type) == 0)
            return true;
    return false;
}

static void take_words(struct peer_answer *a, yyjson_val *head)
{
    yyjson_val *text = yyjson_obj_get(head, "text"), *list = yyjson_obj_get(head, "logprobs"), *one, *top;
    size_t i, n, j, m;
    buf_append(&a->text, yyjson_get_str(text), yyjson_get_len(text));
    a->words++;
    a->tokens += (int)json_int(head, "tokens", 0);
    yyjson_arr_foreach (list, i, n, one) {
        double sum = 0;
        a->logprobs++;
        assert_true(json_num(one, "logprob", 1) <= 0);
        yyjson_arr_foreach (yyjson_obj_get(one, "top_logprobs"), j, m, top) {
            sum += exp(json_num(top, "logprob", 0));
        }
        a->most_top_sum = sum > a->most_top_sum ? sum : a->most_top_sum;
        a->least_top_sum = a->logprobs == 1 || sum < a->least_top_sum ? sum : a->least_top_sum;
    }
}

bool peer_collect(struct peer *p, int64_t id, struct peer_answer *a)
{
    const char *type;
    *a = (struct peer_answer){ 0 };
    buf_init(&a->text, 64 << 20);
    while ((type = peer_receive(p))) {
        if (json_int(p->head, "id", -1) != id)
            continue;
        if (strcmp(type, "words") == 0) {
            take_words(a, p->head);
        } else if (strcmp(type, "started") == 0) {
            a->prompt_tokens = (int)json_int(p->head, "prompt_tokens", 0);
            a->dropped = (int)json_int(p->head, "dropped_messages", 0);
        } else if (strcmp(type, "done") == 0) {
            snprintf(a->finish, sizeof(a->finish), "%s", json_str(p->head, "finish", ""));
            a->completion_tokens = (int)json_int(p->head, "completion_tokens", 0);
            return true;
        } else if (strcmp(type, "error") == 0) {
            snprintf(a->code, sizeof(a->code), "%s", json_str(p->head, "code", ""));
            snprintf(a->message, sizeof(a->message), "%s", json_str(p->head, "message", ""));
            return true;
        }
    }
    return false;
}

void peer_answer_finish(struct peer_answer *a) { buf_finish(&a->text); }

int peer_end(struct peer *p)
{
    int status = 0;
    close(p->fd);
    yyjson_doc_free(p->doc);
    buf_finish(&p->in);
    for (int i = 0; i < 2000; i++) {
        const struct timespec nap = { .tv_nsec = 10000000 };
        if (waitpid(p->pid, &status, WNOHANG) == p->pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        nanosleep(&nap, NULL);
    }
    kill(p->pid, SIGKILL);
    waitpid(p->pid, &status, 0);
    fail_msg("the engine did not end within 20 s");
    return -1;
}
