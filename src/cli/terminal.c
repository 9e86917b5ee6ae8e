#include "cli/terminal.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

struct terminal {
    struct line *line;
    char bytes[4096]; /* read, not used yet */
    size_t n_bytes;
    bool warned; /* Ctrl-C on an empty line: the next one leaves */
};

static struct termios before;
static volatile sig_atomic_t changed; /* the terminal is not as it was before */

void terminal_write(const char *data, size_t n)
{
    while (n) {
        ssize_t k = write(STDOUT_FILENO, data, n);
        if (k < 0 && errno != EINTR)
            return;
        data += k > 0 ? k : 0;
        n -= k > 0 ? (size_t)k : 0;
    }
}

void terminal_raw(const struct termios *from)
{
    struct termios now = *from;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

static void restore(void)
{
    if (!changed)
        return;
    changed = 0;
    terminal_write(PASTE_OFF, strlen(PASTE_OFF));
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static void set_up(void)
{
    terminal_raw(&before);
    terminal_write(PASTE_ON, strlen(PASTE_ON));
    changed = 1;
}

/* Back from Ctrl-Z: the shell has given the terminal its own settings. The interrupted read draws the line again. */
static void on_continue(int sig)
{
    int saved = errno;
    (void)sig;
    if (changed)
        set_up();
    errno = saved;
}

static void on_resize(int sig) { (void)sig; /* its only purpose is to interrupt the read: the line is drawn again */ }

int terminal_open(struct terminal **out, anima_error *err)
{
    static bool registered;
    *out = NULL;
    if (tcgetattr(STDIN_FILENO, &before))
        return err_errno(err, errno, "the terminal's settings cannot be read");
    struct terminal *t = mem_zero(1, sizeof(*t));
    if (!t || line_create(&t->line, err)) {
        mem_free(t);
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    if (!registered)
        atexit(restore);
    registered = true;
    const struct sigaction again = { .sa_handler = on_continue }, size = { .sa_handler = on_resize };
    sigaction(SIGCONT, &again, NULL);
    sigaction(SIGWINCH, &size, NULL);
    set_up();
    *out = t;
    return ANIMA_OK;
}

void terminal_close(struct terminal *t)
{
    if (!t)
        return;
    restore();
    line_destroy(t->line);
    mem_free(t);
}

struct line *terminal_line(struct terminal *t) { return t->line; }

void terminal_size(size_t *columns, size_t *rows)
{
    struct winsize size = { .ws_row = 24, .ws_col = 80 };
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
        size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
    *columns = size.ws_col;
    *rows = size.ws_row;
}

static void draw(struct terminal *t, const char *prompt, bool leave)
{
    size_t columns, rows;
    struct buf out;
    buf_init(&out, 4u << 20);
    terminal_size(&columns, &rows);
    line_render(t->line, prompt, columns, rows, &out);
    if (leave)
        line_leave(t->line, &out);
    terminal_write(out.data, out.len);
    buf_finish(&out);
}

static void say(struct terminal *t, const char *prompt, const char *text)
{
    draw(t, prompt, true);
    terminal_write(text, strlen(text));
}

/* Waits for bytes. False: the terminal is gone, or the person leaves by Ctrl-C. */
static bool more_bytes(struct terminal *t, const char *prompt)
{
    ssize_t n = read(STDIN_FILENO, t->bytes, sizeof(t->bytes));
    if (n > 0) {
        t->n_bytes = (size_t)n;
        t->warned = false;
        return true;
    }
    if (n == 0 || errno != EINTR)
        return false;
    if (!progress_interrupted())
        return true;
    progress_forget_interrupt();
    bool empty = !*line_text(t->line);
    if (empty && t->warned)
        return false;
    if (empty)
        say(t, prompt, "(Ctrl-C again, Ctrl-D or /quit leaves)\r\n");
    t->warned = empty;
    line_clear(t->line);
    return true;
}

char *terminal_read(struct terminal *t, const char *prompt)
{
    enum line_event event = LINE_MORE;
    fflush(stdout);
    t->warned = false;
    for (;;) {
        size_t used = 0;
        if (t->n_bytes)
            event = line_feed(t->line, t->bytes, t->n_bytes, &used);
        t->n_bytes -= used;
        memmove(t->bytes, t->bytes + used, t->n_bytes);
        draw(t, prompt, event != LINE_MORE);
        if (event != LINE_MORE)
            break;
        if (!more_bytes(t, prompt)) {
            draw(t, prompt, true);
            event = LINE_END;
            break;
        }
    }
    char *text = event == LINE_DONE ? mem_strdup(line_text(t->line)) : NULL;
    line_clear(t->line);
    if (text)
        line_remember(t->line, text);
    return text;
}
