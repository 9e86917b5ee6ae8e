/* clock.h — the two clocks. Durations come from the monotonic one, so a jumping wall clock disturbs nothing; the wall
 * clock is for what people see. A test may freeze and move both. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include <stdint.h>

int64_t clock_wall_ms(void); /* since 1970 UTC */
int64_t clock_mono_us(void); /* since some fixed moment */
/* From now on both clocks stand at these values (tests). wall_ms < 0 goes back to the real ones. */
void clock_fake(int64_t wall_ms, int64_t mono_us);
/* The local time of that moment, in minutes east of Greenwich. */
int clock_offset_min(int64_t wall_ms);
#endif
