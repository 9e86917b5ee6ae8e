#include "store_kit.h"

#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define PATIENCE_S 20

void kit_done(void *ctx, int rc, const anima_error *err)
{
    struct fixture *f = ctx;
    f->reports++;
    f->failures += rc != 0;
    f->rc = rc;
    f->err = *err;
}

void kit_wait(struct fixture *f, int n)
{
    time_t end = time(NULL) + PATIENCE_S;
    while (f->reports < n && time(NULL) < end)
        loop_step(f->loop, 100);
    assert_int_equal(f->reports, n);
}

int kit_result(struct fixture *f, int queued)
{
    assert_int_equal(queued, 0);
    kit_wait(f, f->reports + 1);
    return f->rc;
}

void kit_open(struct fixture *f)
{
    anima_error err;
    assert_int_equal(loop_create(&f->loop, &err), 0);
    if (store_open(f->path, false, f->loop, &f->store, &err))
        fail_msg("%s", err.message);
}

void kit_close(struct fixture *f)
{
    store_close(f->store);
    loop_destroy(f->loop);
    f->store = NULL;
    f->loop = NULL;
}

int kit_set_up_closed(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "/tmp/anima-store-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/anima.db", f->dir);
    *state = f;
    return 0;
}

int kit_set_up(void **state)
{
    kit_set_up_closed(state);
    kit_open(*state);
    return 0;
}

int kit_tear_down(void **state)
{
    struct fixture *f = *state;
    if (f->store)
        kit_close(f);
    fs_remove_tree(f->dir);
    mem_free(f);
    return 0;
}
