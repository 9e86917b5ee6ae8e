/* utf8.h — checking and cutting UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF). Any thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_valid(const char *s, size_t n);
/* How many of the first n bytes form whole characters; 0..3 bytes of an unfinished last one are left out. */
size_t utf8_whole(const char *s, size_t n);
/* The largest m ≤ max at which s (n bytes of valid UTF-8) can be cut without splitting a character. */
size_t utf8_cut(const char *s, size_t n, size_t max);
/* Copies s into out (size bytes with the NUL), replacing every invalid byte by U+FFFD as far as it fits; returns the length. */
size_t utf8_clean(const char *s, size_t n, char *out, size_t size);
/* Decodes one character at s (n ≥ 1 bytes of valid UTF-8); *len gets its bytes. */
uint32_t utf8_decode(const char *s, size_t n, size_t *len);
/* Writes c (no surrogate, at most U+10FFFF) to out; returns its bytes, at most 4. */
size_t utf8_encode(uint32_t c, char *out);
/* The small letter of a capital (Latin, Greek, Cyrillic; also of full width), else c. Never more bytes than c has. */
uint32_t utf8_small(uint32_t c);
/* A Chinese character (Han, with its extensions; no kana, no punctuation). */
bool utf8_is_han(uint32_t c);
/* Columns a terminal needs for s: 2 for CJK and full-width characters, 0 for combining ones. */
size_t utf8_width(const char *s, size_t n);
#endif
