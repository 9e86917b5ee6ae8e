/* ini.h — settings files a person edits: "[section]", "key = value", "#" or ";" comments, UTF-8, at most 1 MiB and
 * 4,096 bytes a line. A value runs to the end of its line, trimmed; quotes around it are taken off. Any thread. */
#ifndef BASE_INI_H
#define BASE_INI_H
#include "anima/anima.h"

/* section is "" before the first one. Return 0 to go on, a negative code (after err_set) to stop. */
typedef int ini_cb(void *ctx, const char *section, const char *key, const char *value, int line, anima_error *err);

/* what names the text in messages ("config.ini"). */
int ini_parse(const char *text, size_t n, const char *what, ini_cb *cb, void *ctx, anima_error *err);
#endif
