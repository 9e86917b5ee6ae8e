/* pattern.h — regular expressions (PCRE2, UTF-8) under limits of time and memory: an expression that needs too long does
 * not match. One thread at a time per pattern. */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H
#include "anima/anima.h"

struct pattern;

enum { PATTERN_CASELESS = 1 };

int pattern_create(const char *expression, int flags, struct pattern **out, anima_error *err);
/* Any of a list of expressions, ended by NULL. */
int pattern_create_any(const char *const *list, int flags, struct pattern **out, anima_error *err);
void pattern_destroy(struct pattern *p); /* NULL is legal */
/* The first match at or behind byte from of text (n bytes of UTF-8): *start and *end, in bytes, may be NULL. */
bool pattern_find(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end);
/* The same, and true too if the end of text could be the beginning of a match: then *end is n. */
bool pattern_begins(struct pattern *p, const char *text, size_t n, size_t from, size_t *start, size_t *end);
/* Group i (1 …) of the last match; false: it took no part. */
bool pattern_group(const struct pattern *p, size_t i, size_t *start, size_t *end);
#endif
