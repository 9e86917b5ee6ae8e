/* top_view.h — the picture of `anima top`: what GET /api/v1/engines/stats answers, as lines that fit a terminal. Pure. */
#ifndef CLI_TOP_VIEW_H
#define CLI_TOP_VIEW_H
#include "base/json.h"

enum top_order { TOP_ACTIVITY, TOP_TOKENS, TOP_BYTES, TOP_USE, TOP_NAME, TOP_ORDERS };

struct top_view {
    size_t columns, rows; /* of the terminal; rows 0: as many as there are */
    bool color, keys;     /* keys: the last line tells which there are */
    enum top_order order;
    size_t reports; /* filled: how many models there are */
    size_t first;   /* the first stream of the table that is shown; brought into its range */
    size_t page;    /* filled: how many streams fit */
    size_t streams; /* filled: how many there are */
};

/* "activity", "tokens", "bytes", "use", "name"; NULL behind the last. */
const char *top_order_name(size_t order);
/* Appends the picture to out: lines that end with a line break, none wider than the terminal. answer: as the server gave it. */
void top_render(yyjson_val *answer, struct top_view *view, struct buf *out);
#endif
