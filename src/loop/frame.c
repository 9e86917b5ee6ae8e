/* frame.c — writing and taking apart the frames of frame.h. Pure functions; whatever the bytes are, nothing is read
 * outside them and nothing is allocated for a length that is only announced. */
#include "loop/frame.h"

#include "base/err.h"

static uint32_t get_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(unsigned char *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static int check(size_t head_len, size_t raw_len, anima_error *err)
{
    if (head_len < 1 || head_len > FRAME_MAX_HEAD)
        return err_set(err, ANIMA_E_LIMIT, "a frame's head has %zu bytes; 1 to %u are allowed", head_len,
                       FRAME_MAX_HEAD);
    if (raw_len > FRAME_MAX_RAW)
        return err_set(err, ANIMA_E_LIMIT, "a frame's raw part has %zu bytes; at most %u are allowed", raw_len,
                       FRAME_MAX_RAW);
    return ANIMA_OK;
}

int frame_prefix(unsigned char out[FRAME_PREFIX], size_t head_len, size_t raw_len, anima_error *err)
{
    int rc = check(head_len, raw_len, err);
    if (rc)
        return rc;
    put_u32(out, head_len);
    put_u32(out + 4, raw_len);
    return ANIMA_OK;
}

int frame_write(struct buf *out, const char *head, size_t head_len, const void *raw, size_t raw_len, anima_error *err)
{
    unsigned char prefix[FRAME_PREFIX];
    int rc = frame_prefix(prefix, head_len, raw_len, err);
    if (rc)
        return rc;
    size_t before = out->len;
    buf_append(out, prefix, sizeof(prefix));
    buf_append(out, head, head_len);
    buf_append(out, raw, raw_len);
    if (!out->failed)
        return ANIMA_OK;
    out->len = before; /* half a frame would break every frame after it */
    if (out->data)
        out->data[before] = '\0';
    return err_set(err, out->failed, "no room for a frame of %zu bytes", head_len + raw_len);
}

int frame_read(const char *data, size_t n, struct frame *f, size_t *used, anima_error *err)
{
    if (n < FRAME_PREFIX)
        return 0;
    size_t head_len = get_u32((const unsigned char *)data);
    size_t raw_len = get_u32((const unsigned char *)data + 4);
    int rc = check(head_len, raw_len, err);
    if (rc)
        return rc;
    if (n - FRAME_PREFIX < head_len || n - FRAME_PREFIX - head_len < raw_len)
        return 0;
    const char *head = data + FRAME_PREFIX;
    const void *raw = raw_len ? head + head_len : NULL;
    *f = (struct frame){ .head = head, .head_len = head_len, .raw = raw, .raw_len = raw_len };
    *used = FRAME_PREFIX + head_len + raw_len;
    return 1;
}
