#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_int level = LOG_WARN;
static int level_from_env;
static const char *const names[] = { "error", "warn", "info", "debug" };

int log_level_parse(const char *name, enum log_level *out)
{
    for (int i = 0; i <= LOG_DEBUG; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum log_level)i;
            return 0;
        }
    return -1;
}

__attribute__((constructor)) static void log_init(void)
{
    const char *name = getenv("ANIMA_LOG");
    enum log_level parsed;
    if (name && log_level_parse(name, &parsed) == 0) {
        atomic_store(&level, (int)parsed);
        level_from_env = 1;
    }
}

void log_set_level(enum log_level l)
{
    if (!level_from_env)
        atomic_store(&level, (int)l);
}

void log_write(enum log_level l, const char *module, const char *fmt, ...)
{
    if ((int)l > atomic_load_explicit(&level, memory_order_relaxed))
        return;
    char line[1024];
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    int n = snprintf(line, sizeof(line), "%04d-%02d-%02dT%02d:%02d:%02dZ %-5s %s: ", tm.tm_year + 1900, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, names[l], module);
    va_list ap;
    va_start(ap, fmt);
    int k = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t len = strnlen(line, sizeof(line) - 1);
    if (k < 0)
        return;
    for (size_t i = (size_t)n; i < len; i++)
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' '; /* one event, one line: foreign text cannot forge another */
    line[len] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len + 1);
    (void)written; /* nowhere to report it */
}
