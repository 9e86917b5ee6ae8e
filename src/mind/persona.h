/* persona.h — reading persona.LANG.md: who a character is, in one language, and how it talks.
 *
 *   Free text up to the line "## Examples" or "## 例子"; then exchanges: a line that begins with "> " is what somebody
 *   says, the lines up to the next one are the character's answer. Several such lines in front of an answer are ways to say
 *   the same thing: each becomes an exchange with that answer. */
#ifndef MIND_PERSONA_H
#define MIND_PERSONA_H
#include "base/arena.h"
#include "mind/prompt.h"

/* *out points into the arena. text is UTF-8; what names it in messages. language is copied. */
int persona_parse(struct arena *arena, const char *text, size_t n, const char *language, const char *what,
                  struct prompt_persona *out, anima_error *err);
/* The exchanges of examples.LANG.md (the same form, without a heading) become out->samples. */
int persona_parse_samples(struct arena *arena, const char *text, size_t n, const char *what, struct prompt_persona *out,
                          anima_error *err);
/* Who it is, in short: a persona's first sentence, in the arena; it is what remains of the prompt where the rest is in an adapter's weights.
 * NULL: out of memory. */
char *persona_short(struct arena *arena, const char *text);
#endif
