/* How much was done in the last seconds, on a clock of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/meter.h"

#include <math.h>
#include <stdbool.h>

#define S 1000000LL

static bool near(double a, double b) { return fabs(a - b) < 1e-6; }

static void nothing_yet(void **state)
{
    (void)state;
    struct meter m = { 0 };
    struct meter_rate r;
    meter_rate(&m, 77 * S, &r);
    assert_true(r.busy == 0 && r.read_per_s == 0 && r.said_per_s == 0);
}

static void since_the_first_step(void **state)
{
    (void)state;
    struct meter m = { 0 };
    struct meter_rate r;
    meter_add(&m, 100 * S + S / 2, S / 2, 50, 0); /* began at 100.0 */
    meter_add(&m, 101 * S, S / 4, 0, 3);
    meter_rate(&m, 101 * S, &r);
    assert_true(near(r.busy, 0.75) && near(r.read_per_s, 50) && near(r.said_per_s, 3));
    assert_int_equal(m.steps, 2);
    assert_int_equal(m.read, 50);
    assert_int_equal(m.said, 3);
    assert_int_equal(m.busy_us, 3 * S / 4);
}

static void the_window_moves(void **state)
{
    (void)state;
    struct meter m = { 0 };
    struct meter_rate r;
    for (int i = 0; i < 20; i++)
        meter_add(&m, (100 + i) * S, S / 10, 10, 1);
    meter_rate(&m, 119 * S + S / 2, &r); /* from 115.0 on: five steps in 4.5 s */
    assert_true(near(r.busy, 0.5 / 4.5) && near(r.read_per_s, 50 / 4.5) && near(r.said_per_s, 5 / 4.5));
    meter_rate(&m, 122 * S, &r); /* of seconds 118 and 119 */
    assert_true(near(r.read_per_s, 20.0 / 4));
    meter_rate(&m, 1000 * S, &r);
    assert_true(r.busy == 0 && r.read_per_s == 0);
    assert_int_equal(m.read, 200);
}

/* A step that began before the window does not make it busier than it can be. */
static void a_long_step(void **state)
{
    (void)state;
    struct meter m = { 0 };
    struct meter_rate r;
    meter_add(&m, 100 * S, S, 1, 0);
    meter_add(&m, 130 * S, 30 * S, 512, 0);
    meter_rate(&m, 130 * S, &r);
    assert_true(near(r.busy, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_yet),
        cmocka_unit_test(since_the_first_step),
        cmocka_unit_test(the_window_moves),
        cmocka_unit_test(a_long_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
