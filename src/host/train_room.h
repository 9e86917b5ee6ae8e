/* train_room.h — what a training will take, before it takes it. */
#ifndef HOST_TRAIN_ROOM_H
#define HOST_TRAIN_ROOM_H
#include "train/graph.h"

struct train_room {
    uint64_t numbers; /* of the matrices that are packed */
    uint64_t adapter; /* of the adapter's matrices */
    uint64_t memory;  /* bytes, about */
    uint64_t disk;    /* bytes: two checkpoints (the new one is written beside the old one) and the adapter */
};

/* Of a model's file (n bytes, as for gguf_check), which has been checked. */
int train_room_of(const unsigned char *data, size_t n, const char *name, const struct train_shape *shape,
                  struct train_room *out, anima_error *err);
/* Whether there is as much. limit: bytes this process may take, 0: no limit. folder: where it writes. ANIMA_E_MODEL, ANIMA_E_FULL:
 * says how much is needed and how much there is. */
int train_room_check(const struct train_room *room, long long limit, const char *folder, anima_error *err);
/* Bytes that can be had without swapping; -1 unknown. */
long long memory_available(void);
#endif
