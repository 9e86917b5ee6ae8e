#include "cli/progress.h"

#include "base/clock.h"
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 28
#define PLAIN_EVERY_US 3000000

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
    (void)sig;
    interrupted++;
}

void progress_catch_interrupt(void)
{
    struct sigaction action = { .sa_handler = on_interrupt };
    sigaction(SIGINT, &action, NULL);
}

bool progress_interrupted(void) { return interrupted > 0; }

void progress_forget_interrupt(void) { interrupted = 0; }

void progress_begin(struct progress *p, const char *name)
{
    *p = (struct progress){ .name = name, .terminal = isatty(STDERR_FILENO) };
}

static void left_text(double seconds, char *out, size_t size)
{
    if (seconds < 0 || seconds > 360000)
        snprintf(out, size, "%s", "");
    else if (seconds < 100)
        snprintf(out, size, "%.0f s left", seconds);
    else
        snprintf(out, size, "%.0f min left", seconds / 60);
}

static void put_line(const struct progress *p, double share, const char *text)
{
    char bar[WIDTH * 3 + 1] = "";
    for (int i = 0; i < WIDTH; i++)
        strcat(bar, i < (int)(share * WIDTH + 0.5) ? "█" : "░");
    if (p->terminal)
        fprintf(stderr, "\r\033[K%s %s %3.0f %%  %s", p->name, bar, share * 100, text);
    else
        fprintf(stderr, "%s: %3.0f %%, %s\n", p->name, share * 100, text);
    fflush(stderr);
}

void progress_line(struct progress *p, double share, const char *text)
{
    int64_t now = clock_mono_us();
    if (!p->terminal && p->told_us && now - p->told_us < PLAIN_EVERY_US)
        return;
    p->told_us = now;
    put_line(p, share, text);
}

int progress_show(void *ctx, const struct fetch_progress *f)
{
    struct progress *p = ctx;
    char done[24], total[24], speed[24], left[32], text[160];
    int64_t now = clock_mono_us();
    bool whole = f->done >= f->total && p->told < f->total;
    if (!p->terminal && now - p->told_us < PLAIN_EVERY_US && !whole)
        return interrupted;
    p->told_us = now;
    p->told = f->done;
    left_text(f->left_s, left, sizeof(left));
    cli_size(f->done, done, sizeof(done));
    cli_size(f->total, total, sizeof(total));
    cli_size((int64_t)f->bytes_per_s, speed, sizeof(speed));
    snprintf(text, sizeof(text), "%s, %s of %s, %s/s%s%s", f->doing, done, total, speed, *left ? ", " : "", left);
    put_line(p, f->total > 0 ? (double)f->done / (double)f->total : 0, text);
    return interrupted;
}

void progress_end(struct progress *p)
{
    if (p->terminal && p->told_us)
        fputs("\r\033[K", stderr);
}
