#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static atomic_llong fake_wall_ms = -1;
static atomic_llong fake_mono_us;

static int64_t read_clock(clockid_t which, int64_t per_second)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * per_second + t.tv_nsec / (1000000000 / per_second);
}

int64_t clock_wall_ms(void)
{
    int64_t fake = atomic_load(&fake_wall_ms);
    return fake >= 0 ? fake : read_clock(CLOCK_REALTIME, 1000);
}

int64_t clock_mono_us(void)
{
    return atomic_load(&fake_wall_ms) >= 0 ? atomic_load(&fake_mono_us) : read_clock(CLOCK_MONOTONIC, 1000000);
}

void clock_fake(int64_t wall_ms, int64_t mono_us)
{
    atomic_store(&fake_mono_us, mono_us);
    atomic_store(&fake_wall_ms, wall_ms);
}

int clock_offset_min(int64_t wall_ms)
{
    time_t at = (time_t)(wall_ms / 1000);
    struct tm local;
    return localtime_r(&at, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}
