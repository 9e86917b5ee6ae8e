/* store_kit.h — what tests of the store share: a store in a folder of its own, and what it has reported. */
#ifndef STORE_KIT_H
#define STORE_KIT_H
#include "loop/loop.h"
#include "store/store.h"

struct fixture {
    char dir[64], path[80];
    struct loop *loop;
    struct store *store;   /* NULL: closed */
    int reports, failures; /* so many came, so many of them told of one */
    int rc;                /* of the last */
    anima_error err;       /* of the last */
};

/* A store_done whose ctx is the fixture. */
void kit_done(void *ctx, int rc, const anima_error *err);
/* Waits until n reports have come in all. */
void kit_wait(struct fixture *f, int n);
/* Waits for one report more, of what was queued with that code; returns what it says. */
int kit_result(struct fixture *f, int queued);
void kit_open(struct fixture *f);
void kit_close(struct fixture *f);
/* For a test: with the store open, or with a folder only. */
int kit_set_up(void **state);
int kit_set_up_closed(void **state);
int kit_tear_down(void **state);
#endif
