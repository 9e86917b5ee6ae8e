/* line.h — the line that a person is typing: text, cursor, history, and what keys do to them. No terminal in here: bytes go
 * in (line_feed), a picture comes out (line_render), so that all of it can be tested. The terminal is terminal.h.
 *
 * Keys     arrows, Home, End, Delete, Ctrl-A E B F H D K U W, Alt-B F D, Ctrl-arrows; Up and Down are the history, inside
 *          a text of several lines they move; Enter ends the line, Alt-Enter and pasted line ends are part of it.
 * Text     UTF-8 whatever the locale is; broken bytes and control characters are left out. At most LINE_MAX_BYTES.
 * Widths   as base/utf8.h has them: Chinese takes two columns and is never cut at the edge. */
#ifndef CLI_LINE_H
#define CLI_LINE_H
#include "anima/anima.h"
#include "base/buf.h"

#define LINE_MAX_BYTES 65536
#define LINE_HISTORY 200

enum line_event { LINE_MORE, LINE_DONE, LINE_END }; /* go on; Enter; Ctrl-D on an empty line */

struct line;

int line_create(struct line **out, anima_error *err);
void line_destroy(struct line *line);
/* Takes bytes up to the first event; *used tells how many. */
enum line_event line_feed(struct line *line, const char *bytes, size_t n, size_t *used);
/* What is typed so far; valid until the next call. */
const char *line_text(const struct line *line);
/* Empties it; the next line begins. */
void line_clear(struct line *line);
/* The newest entry of the history; empty ones and repetitions are left out. */
void line_remember(struct line *line, const char *text);
/* Appends what draws prompt and text on a terminal of that size, over what was drawn before, with the cursor in place. */
void line_render(struct line *line, const char *prompt, size_t columns, size_t rows, struct buf *out);
/* Appends what puts the cursor behind the drawn text, on a line of its own. */
void line_leave(struct line *line, struct buf *out);
#endif
