/* listen.h — a listening TCP socket on the loop. Loop thread. */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H
#include "anima/anima.h"
#include "loop/loop.h"

struct listener;
/* fd is the callee's: non-blocking, close-on-exec. */
typedef void listener_cb(void *ctx, int fd);

/* address is numeric, or "localhost". ANIMA_E_BUSY if the port is taken, with the cure. */
int listener_open(struct loop *loop, const char *address, int port, listener_cb *cb, void *ctx, struct listener **out,
                  anima_error *err);
int listener_port(const struct listener *listener);
/* While paused, new connections wait in the system's queue. */
void listener_pause(struct listener *listener, bool pause);
void listener_close(struct listener *listener);
/* What listener_open takes. */
bool listen_is_address(const char *address);
/* 127.0.0.0/8, ::1 or "localhost". */
bool listen_is_loopback(const char *address);
#endif
