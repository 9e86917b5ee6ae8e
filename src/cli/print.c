/* print.c — what verbs say, and how. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *code(const struct cli *cli, const char *escape) { return cli->color ? escape : ""; }

const char *cli_bold(const struct cli *cli) { return code(cli, "\033[1m"); }
const char *cli_dim(const struct cli *cli) { return code(cli, "\033[2m"); }
const char *cli_green(const struct cli *cli) { return code(cli, "\033[32m"); }
const char *cli_red(const struct cli *cli) { return code(cli, "\033[31m"); }
const char *cli_yellow(const struct cli *cli) { return code(cli, "\033[33m"); }
const char *cli_plain(const struct cli *cli) { return code(cli, "\033[0m"); }

void cli_put(const char *text, size_t n)
{
    static int terminal = -1;
    if (terminal < 0)
        terminal = isatty(STDOUT_FILENO);
    size_t from = 0;
    for (size_t i = 0, skip; terminal && i < n; i += skip ? skip : 1) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xC2 && i + 1 < n && (unsigned char)text[i + 1] < 0xA0;
        skip = c1 ? 2 : c == 0x7F || (c < 0x20 && c != '\n' && c != '\t') ? 1 : 0;
        if (skip) {
            fwrite(text + from, 1, i - from, stdout);
            from = i + skip;
        }
    }
    fwrite(text + from, 1, n - from, stdout);
}

int cli_error(const struct cli *cli, const anima_error *err)
{
    (void)cli;
    fprintf(stderr, "anima: %s\n", err->message);
    switch (err->code) {
    case ANIMA_E_NOT_FOUND: return CLI_NOT_FOUND;
    case ANIMA_E_CANCELLED: return CLI_STOPPED;
    default: return CLI_FAILED;
    }
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("anima: ", stderr);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    if (cli->verb)
        fprintf(stderr, "; `anima %s --help` shows how\n", cli->verb->name);
    else
        fputs("; `anima help` shows how\n", stderr);
    return CLI_USAGE;
}

int cli_print(struct buf *out)
{
    int failed = out->failed;
    if (!failed)
        puts(buf_str(out));
    else
        fputs("anima: out of memory\n", stderr);
    buf_finish(out);
    return failed ? CLI_FAILED : CLI_OK;
}

const char *cli_size(int64_t bytes, char *out, size_t size)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double x = (double)bytes;
    size_t u = 0;
    while (x >= 999.5 && u < 4) {
        x /= 1000;
        u++;
    }
    snprintf(out, size, u && x < 10 ? "%.1f %s" : "%.0f %s", x, units[u]);
    return out;
}
