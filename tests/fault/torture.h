/* torture.h — a scenario runs again and again, and each time another allocation fails: first the first, then the second …
 * until one run makes fewer allocations than that. Every run must end in success or in an error with a message, without
 * a crash and (AddressSanitizer sees to that) without a leak. */
#ifndef FAULT_TORTURE_H
#define FAULT_TORTURE_H
#include "anima/anima.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* rc 0, or negative with a reason. */
#define FINE_OR_SAID(rc, err)                                                                                          \
    do {                                                                                                               \
        if (rc)                                                                                                        \
            assert_true((rc) < 0 && (err).message[0]);                                                                 \
    } while (0)

typedef void torture_fn(void *ctx);

/* for_good: from the n-th on all allocations fail. Returns how many runs there were. */
static inline long torture(torture_fn *scenario, void *ctx, int for_good)
{
    for (long n = 1;; n++) {
        mem_fail_at(n, for_good);
        scenario(ctx);
        long made = mem_count();
        mem_fail_at(0, 0);
        if (made < n)
            return n;
    }
}

static inline void torture_both(torture_fn *scenario, void *ctx)
{
    long once = torture(scenario, ctx, 0), all = torture(scenario, ctx, 1);
    print_message("%ld + %ld runs\n", once, all);
    assert_true(once > 1);
}
#endif
