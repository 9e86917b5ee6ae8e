#include "host/kv_slice.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CELL 12 /* bytes of a cell's head */

struct cursor {
    const unsigned char *at, *end;
    unsigned char *out; /* NULL while only looking */
    size_t written;
    bool bad;
};

static const unsigned char *take(struct cursor *c, size_t n)
{
    const unsigned char *p = c->at;
    if (c->bad || (size_t)(c->end - c->at) < n) {
        c->bad = true;
        return NULL;
    }
    c->at += n;
    return p;
}

static void put(struct cursor *c, const void *data, size_t n)
{
    if (c->out)
        memcpy(c->out + c->written, data, n);
    c->written += n;
}

static uint32_t take_u32(struct cursor *c)
{
    uint32_t value = 0;
    const unsigned char *p = take(c, sizeof(value));
    if (p)
        memcpy(&value, p, sizeof(value));
    return value;
}

static void copy(struct cursor *c, size_t n)
{
    const unsigned char *p = take(c, n);
    if (p)
        put(c, p, n);
}

static bool kept(const unsigned char *cells, uint32_t i, int p1)
{
    int32_t position;
    memcpy(&position, cells + (size_t)i * CELL, sizeof(position));
    return position < p1;
}

static void layer(struct cursor *c, const unsigned char *cells, uint32_t n, int p1)
{
    uint64_t row = 0;
    copy(c, sizeof(int32_t));
    const unsigned char *p = take(c, sizeof(row));
    if (!p)
        return;
    memcpy(&row, p, sizeof(row));
    put(c, p, sizeof(row));
    const unsigned char *rows = row && row < (1u << 24) ? take(c, (size_t)n * row) : NULL;
    c->bad |= !rows;
    for (uint32_t i = 0; rows && i < n; i++)
        if (kept(cells, i, p1))
            put(c, rows + (size_t)i * row, row);
}

static void walk(struct cursor *c, int p1)
{
    copy(c, 2 * sizeof(uint32_t));
    uint32_t streams = take_u32(c), n = take_u32(c), left = 0;
    if (streams != 1 || n > (1u << 24)) {
        c->bad = true;
        return;
    }
    const unsigned char *cells = take(c, (size_t)n * CELL);
    for (uint32_t i = 0; cells && i < n; i++) {
        uint32_t ids;
        memcpy(&ids, cells + (size_t)i * CELL + 4, sizeof(ids));
        c->bad |= ids != 1;
        left += kept(cells, i, p1);
    }
    c->bad |= left == 0;
    put(c, &streams, sizeof(streams));
    put(c, &left, sizeof(left));
    for (uint32_t i = 0; cells && i < n; i++)
        if (kept(cells, i, p1))
            put(c, cells + (size_t)i * CELL, CELL);
    uint32_t v_trans = take_u32(c), layers = take_u32(c);
    c->bad |= v_trans != 0 || layers > 4096;
    put(c, &v_trans, sizeof(v_trans));
    put(c, &layers, sizeof(layers));
    for (uint32_t i = 0; cells && !c->bad && i < 2 * layers; i++)
        layer(c, cells, n, p1);
    c->bad |= c->at != c->end;
}

void *kv_slice(const void *data, size_t bytes, int p1, size_t *out_bytes)
{
    const unsigned char *start = data;
    struct cursor look = { .at = start, .end = start + bytes };
    walk(&look, p1);
    struct cursor c = { .at = start, .end = start + bytes, .out = look.bad ? NULL : mem_alloc(look.written) };
    if (!c.out)
        return NULL;
    walk(&c, p1);
    *out_bytes = c.written;
    return c.out;
}
