/* meter.h — how much an engine did in the last seconds: tokens read and said, and the share of the time that it computed.
 * Times are the caller's, in microseconds of the monotonic clock, and do not go back. Pure. */
#ifndef HOST_METER_H
#define HOST_METER_H
#include <stdint.h>

#define METER_SECONDS 5

struct meter {
    struct {
        int64_t second, busy_us, read, said;
    } slots[METER_SECONDS];             /* a second each, by its number modulo METER_SECONDS */
    int64_t began_us;                   /* the first piece of work; 0: none yet */
    int64_t steps, read, said, busy_us; /* since the start */
};

struct meter_rate {
    double busy; /* 0 .. 1 */
    double read_per_s, said_per_s;
};

/* A step ended now that took busy_us, read so many tokens of prompts and said so many. */
void meter_add(struct meter *m, int64_t now_us, int64_t busy_us, int read, int said);
/* Over the last METER_SECONDS, or since the first step if that is less. */
void meter_rate(const struct meter *m, int64_t now_us, struct meter_rate *out);
#endif
