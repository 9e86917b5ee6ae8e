/* draw.h — numbers that a seed decides (splitmix64): what is drawn is to be the same again, wherever and whenever. Not for secrets. Any
 * thread. */
#ifndef BASE_DRAW_H
#define BASE_DRAW_H
#include <stdint.h>

/* The state is the seed at first, and a part of what is kept (a training's checkpoint). */
static inline uint64_t draw_u64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
#endif
