/* memory_export.c — everything that is remembered, as lines of JSON: to a file, which is there whole or not at all, or to stdout. */
#include "cli/memory.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int put_line(void *ctx, const char *line, size_t n)
{
    FILE *out = ctx;
    return fwrite(line, 1, n, out) != n || putc('\n', out) == EOF;
}

static int export_to(const struct cli *cli, FILE *out, anima_error *err)
{
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    int rc = anima_home_open(&how, &home, err);
    if (!rc)
        rc = anima_memory_export(home, cli_value(cli, "character"), cli_value(cli, "person"), put_line, out, err);
    anima_home_close(home);
    if (!rc && (fflush(out) || ferror(out)))
        rc = err_set(err, ANIMA_E_IO, "it could not be written: %s", strerror(errno));
    return rc;
}

/* Beside the file first; for nobody else's eyes from its first byte on. */
static int export_file(const struct cli *cli, const char *path, anima_error *err)
{
    struct buf part;
    buf_init(&part, 65536);
    buf_printf(&part, "%s.part", path);
    if (!part.failed)
        unlink(buf_str(&part)); /* an old one keeps its own rights */
    int fd = part.failed ? -1 : open(buf_str(&part), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    int rc = out ? export_to(cli, out, err) : err_errno(err, errno, "cannot write %s", path);
    if (out && !rc && fsync(fileno(out)))
        rc = err_errno(err, errno, "cannot write %s", path);
    if (out && fclose(out) && !rc)
        rc = err_errno(err, errno, "cannot write %s", path);
    if (!rc && rename(buf_str(&part), path))
        rc = err_errno(err, errno, "cannot write %s", path);
    if (out && rc)
        unlink(buf_str(&part));
    buf_finish(&part);
    return rc;
}

int memory_export(struct cli *cli)
{
    anima_error err;
    const char *path = cli_value(cli, "output");
    int rc = path ? export_file(cli, path, &err) : export_to(cli, stdout, &err);
    return rc ? cli_error(cli, &err) : CLI_OK;
}
