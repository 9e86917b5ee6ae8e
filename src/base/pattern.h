/* pattern.h — regular expressions (PCRE2, UTF-8) under limits of time and memory: an expression that needs too long at one
 * place does not match. One thread at a time per pattern. */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H
#include "anima/anima.h"

struct pattern;

/* FOREIGN: an expression of a stranger. It is a short one, is not compiled to machine code, gets a tenth of the steps, and
 * \w, \d and \b are those of ASCII, as in the JavaScript that such expressions were written for. */
enum { PATTERN_CASELESS = 1, PATTERN_MULTILINE = 2, PATTERN_DOTALL = 4, PATTERN_FOREIGN = 8 };
#define PATTERN_MAX_FOREIGN 2000 /* bytes of such an expression */

int pattern_create(const char *expression, int flags, struct pattern **out, anima_error *err);
/* Any of a list of expressions, ended by NULL. */
int pattern_create_any(const char *const *list, int flags, struct pattern **out, anima_error *err);
void pattern_destroy(struct pattern *p); /* NULL is legal */
/* The first match at or behind byte from of text (n bytes of UTF-8): *start and *end, in bytes, may be NULL. */
bool pattern_find(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end);
/* Whether there is a match, of a stranger's expression (FOREIGN): behind until_us (clock_mono_us) it has given up. PCRE2 counts its steps anew
 * for every place where a match may begin. */
bool pattern_find_until(struct pattern *p, const char *text, size_t n, int64_t until_us);
/* The same as pattern_find, and true too if the end of text could be the beginning of a match: then *end is n. */
bool pattern_begins(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end);
/* The last look was given up: it needed too long, or the text cannot be searched. */
bool pattern_gave_up(const struct pattern *p);
/* Bytes that it takes, about. */
size_t pattern_size(const struct pattern *p);
/* Group i (1 …) of the last match; false: it took no part. */
bool pattern_group(const struct pattern *p, size_t i, size_t *start, size_t *end);
#endif
