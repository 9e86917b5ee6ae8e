/* draw.h — numbers that a seed decides (splitmix64): a training is to be the same again, so its state is part of a checkpoint. */
#ifndef TRAIN_DRAW_H
#define TRAIN_DRAW_H
#include <stdint.h>

static inline uint64_t train_draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
#endif
