/* screen.h — the terminal as one picture that is drawn anew, and single keys: for verbs that watch something. The person's own
 * screen comes back with screen_close, at exit, while the program is stopped (Ctrl-Z), and when a signal ends it. One thread. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H
#include "anima/anima.h"

enum screen_key {
    SCREEN_NOTHING = 0, /* the time is over, or the size has changed */
    SCREEN_LEAVE = -1,  /* Ctrl-C, Ctrl-D, q, or the terminal is gone */
    SCREEN_UP = 256,
    SCREEN_DOWN,
    SCREEN_PAGE_UP,
    SCREEN_PAGE_DOWN,
    SCREEN_HOME,
    SCREEN_END
};

/* stdin and stdout are a terminal. */
int screen_open(anima_error *err);
void screen_close(void);
/* Lines, separated by line breaks, no wider and no more than terminal_size says; what was there goes. */
void screen_show(const char *picture, size_t n);
/* Waits for a key, at most timeout_ms: one of the above, or an ASCII character. */
int screen_key(int timeout_ms);
#endif
