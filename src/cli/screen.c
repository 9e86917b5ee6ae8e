#include "cli/screen.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l\033[2J" /* the other screen, without a cursor */
#define LEAVE "\033[?25h\033[?1049l"

static struct termios before;
static volatile sig_atomic_t open_now, ended;

static void put_back(void)
{
    if (!open_now)
        return;
    open_now = 0;
    terminal_write(LEAVE, strlen(LEAVE));
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static void set_up(void)
{
    terminal_raw(&before);
    terminal_write(ENTER, strlen(ENTER));
    open_now = 1;
}

static void on_end(int sig)
{
    (void)sig;
    ended = 1;
}

static void on_size(int sig) { (void)sig; /* its only purpose is to interrupt the wait: the picture is drawn again */ }

/* Stopped by Ctrl-Z: the shell gets its own screen, and we take ours again when we go on. */
static void on_stop(int sig)
{
    int saved = errno;
    bool was_open = open_now;
    (void)sig;
    put_back();
    raise(SIGSTOP);
    if (was_open)
        set_up();
    errno = saved;
}

/* What ends the program at once. */
static void on_crash(int sig)
{
    put_back();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void catch_signals(void)
{
    static const struct {
        int sig;
        void (*handler)(int);
    } all[] = { { SIGINT, on_end },    { SIGTERM, on_end },   { SIGHUP, on_end },    { SIGWINCH, on_size },
                { SIGTSTP, on_stop },  { SIGQUIT, on_crash }, { SIGSEGV, on_crash }, { SIGBUS, on_crash },
                { SIGABRT, on_crash }, { SIGFPE, on_crash } };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const struct sigaction action = { .sa_handler = all[i].handler };
        sigaction(all[i].sig, &action, NULL);
    }
}

int screen_open(anima_error *err)
{
    static bool registered;
    if (tcgetattr(STDIN_FILENO, &before))
        return err_errno(err, errno, "the terminal's settings cannot be read");
    if (!registered)
        atexit(put_back);
    registered = true;
    catch_signals();
    set_up();
    return ANIMA_OK;
}

void screen_close(void) { put_back(); }

void screen_show(const char *picture, size_t n)
{
    struct buf out;
    buf_init(&out, 16u << 20);
    buf_puts(&out, "\033[H");
    for (const char *p = picture, *end = picture + n, *eol; p < end; p = eol + 1) {
        eol = memchr(p, '\n', (size_t)(end - p));
        eol = eol ? eol : end;
        buf_append(&out, p, (size_t)(eol - p));
        buf_puts(&out, eol + 1 < end ? "\033[K\r\n" : "\033[K"); /* a break behind the last line would scroll */
    }
    buf_puts(&out, "\033[J");
    if (!out.failed)
        terminal_write(out.data, out.len);
    buf_finish(&out);
}

static struct {
    char bytes[64];
    size_t n;
} typed; /* read, not used yet */

static void use(size_t n)
{
    typed.n -= n;
    memmove(typed.bytes, typed.bytes + n, typed.n);
}

/* The next key of what was typed. */
static int next_key(void)
{
    static const struct {
        const char *bytes;
        int key;
    } all[] = { { "\033[A", SCREEN_UP },
                { "\033OA", SCREEN_UP },
                { "\033[B", SCREEN_DOWN },
                { "\033OB", SCREEN_DOWN },
                { "\033[5~", SCREEN_PAGE_UP },
                { "\033[6~", SCREEN_PAGE_DOWN },
                { "\033[H", SCREEN_HOME },
                { "\033OH", SCREEN_HOME },
                { "\033[1~", SCREEN_HOME },
                { "\033[F", SCREEN_END },
                { "\033OF", SCREEN_END },
                { "\033[4~", SCREEN_END },
                { "q", SCREEN_LEAVE },
                { "\003", SCREEN_LEAVE },
                { "\004", SCREEN_LEAVE },
                { " ", SCREEN_PAGE_DOWN },
                { "k", SCREEN_UP },
                { "j", SCREEN_DOWN } };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        size_t n = strlen(all[i].bytes);
        if (typed.n >= n && memcmp(typed.bytes, all[i].bytes, n) == 0) {
            use(n);
            return all[i].key;
        }
    }
    unsigned char first = (unsigned char)typed.bytes[0];
    size_t n = 1;
    if (first == '\033') /* a key that means nothing here: its sequence ends with a letter or a tilde */
        for (bool over = false; n < typed.n && !over; n++)
            over = typed.bytes[n] == '~' || (typed.bytes[n] != 'O' && typed.bytes[n] >= '@' && typed.bytes[n] != '[');
    use(n);
    return n == 1 && first >= ' ' && first < 0x7F ? first : SCREEN_NOTHING;
}

int screen_key(int timeout_ms)
{
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
    if (typed.n)
        return next_key();
    int ready = ended ? 0 : poll(&p, 1, timeout_ms);
    if (ended || (ready < 0 && errno != EINTR))
        return SCREEN_LEAVE;
    if (ready <= 0)
        return SCREEN_NOTHING;
    ssize_t n = read(STDIN_FILENO, typed.bytes, sizeof(typed.bytes));
    if (n == 0 || (n < 0 && errno != EINTR))
        return SCREEN_LEAVE;
    typed.n = n > 0 ? (size_t)n : 0;
    return n > 0 ? next_key() : SCREEN_NOTHING;
}
