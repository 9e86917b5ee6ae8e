/* terminal.h — typing a line on a real terminal. While a chat lasts the terminal does not echo, so that what is typed during
 * a reply does not land in the middle of it: it waits and is there when the next line begins. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H
#include "cli/line.h"

#include <termios.h>

struct terminal;

/* stdin and stdout are a terminal. Its settings come back with terminal_close and at exit. One at a time. */
int terminal_open(struct terminal **out, anima_error *err);
void terminal_close(struct terminal *terminal);
/* All of it to stdout, whatever interrupts. In a signal handler, too. */
void terminal_write(const char *data, size_t n);
/* The terminal with these settings, but without lines, echo and the keys that mean something to it. In a signal handler, too. */
void terminal_raw(const struct termios *from);
/* Of stdout; 80 and 24 if it is no terminal, or does not tell. */
void terminal_size(size_t *columns, size_t *rows);
/* For the history. */
struct line *terminal_line(struct terminal *terminal);
/* The next line, yours to mem_free; NULL: the person leaves (Ctrl-D, or Ctrl-C twice on an empty line). Ctrl-C on a line
 * that is not empty empties it. */
char *terminal_read(struct terminal *terminal, const char *prompt);
#endif
