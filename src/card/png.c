#include "card/container.h"

#include "base/err.h"

#include <string.h>
#include <zlib.h>

#define MAX_CHUNKS 20000

static const unsigned char signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

struct chunk {
    const unsigned char *type, *data;
    uint32_t len;
    size_t whole; /* with length, type and CRC */
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t crc_of(const unsigned char *type, const void *data, uint32_t len)
{
    uint32_t crc = (uint32_t)crc32(0, type, 4);
    return len ? (uint32_t)crc32(crc, data, len) : crc;
}

bool png_is(const void *data, size_t n) { return n >= 8 && memcmp(data, signature, 8) == 0; }

/* The chunk at *at, which is moved behind it. 1: a chunk; 0: the end. */
static int next_chunk(const unsigned char *png, size_t n, size_t *at, struct chunk *c, anima_error *err)
{
    if (*at == n)
        return err_set(err, ANIMA_E_INVALID, "the PNG has no end: it is cut off");
    if (n - *at < 12)
        return err_set(err, ANIMA_E_INVALID, "the PNG is cut off at byte %zu", *at);
    const unsigned char *p = png + *at;
    *c = (struct chunk){ .type = p + 4, .data = p + 8, .len = be32(p) };
    if (c->len > n - *at - 12)
        return err_set(err, ANIMA_E_INVALID, "the PNG is cut off: the chunk at byte %zu says it has %u bytes", *at,
                       c->len);
    c->whole = (size_t)c->len + 12;
    if (be32(c->data + c->len) != crc_of(c->type, c->data, c->len))
        return err_set(err, ANIMA_E_INVALID, "the PNG is damaged: the checksum of the chunk at byte %zu is wrong", *at);
    *at += c->whole;
    return memcmp(c->type, "IEND", 4) != 0;
}

static bool is_text(const struct chunk *c, const char *keyword)
{
    size_t n = strlen(keyword) + 1;
    return memcmp(c->type, "tEXt", 4) == 0 && c->len >= n && memcmp(c->data, keyword, n) == 0;
}

int png_find(const void *data, size_t n, const char *keyword, const char **text, size_t *len, anima_error *err)
{
    size_t at = sizeof(signature);
    struct chunk c;
    int rc, found = 0, chunks = 0;
    if (!png_is(data, n))
        return err_set(err, ANIMA_E_INVALID, "this is no PNG");
    while ((rc = next_chunk(data, n, &at, &c, err)) > 0) {
        if (++chunks > MAX_CHUNKS)
            return err_set(err, ANIMA_E_LIMIT, "the PNG has more than %d chunks", MAX_CHUNKS);
        if (is_text(&c, keyword) && !found) {
            size_t head = strlen(keyword) + 1;
            *text = (const char *)c.data + head;
            *len = c.len - head;
            found = 1;
        }
    }
    if (rc < 0)
        return rc;
    return found ? ANIMA_OK
                 : err_set(err, ANIMA_E_NOT_FOUND, "the PNG has no text \"%s\": it is a picture, not a card", keyword);
}

static void put_be32(struct buf *out, uint32_t x)
{
    const unsigned char bytes[4] = { (unsigned char)(x >> 24), (unsigned char)(x >> 16), (unsigned char)(x >> 8),
                                     (unsigned char)x };
    buf_append(out, bytes, 4);
}

static void put_chunk(struct buf *out, const char *type, const void *data, size_t len)
{
    put_be32(out, (uint32_t)len);
    buf_append(out, type, 4);
    size_t at = out->len;
    buf_append(out, data, len);
    if (!out->failed)
        put_be32(out, crc_of((const unsigned char *)type, out->data + at, (uint32_t)len));
}

static void put_text(struct buf *out, const struct png_text *t)
{
    struct buf body;
    buf_init(&body, CARD_MAX_FILE);
    buf_append(&body, t->keyword, strlen(t->keyword) + 1);
    buf_append(&body, t->text, t->len);
    if (body.failed)
        out->failed = out->failed ? out->failed : body.failed;
    else
        put_chunk(out, "tEXt", body.data, body.len);
    buf_finish(&body);
}

int png_write(const void *data, size_t n, const struct png_text *texts, size_t n_texts, struct buf *out,
              anima_error *err)
{
    size_t at = sizeof(signature);
    struct chunk c;
    int rc;
    if (!png_is(data, n))
        return err_set(err, ANIMA_E_INVALID, "this is no PNG");
    buf_append(out, signature, sizeof(signature));
    while ((rc = next_chunk(data, n, &at, &c, err)) > 0)
        if (!is_text(&c, "chara") && !is_text(&c, "ccv3"))
            buf_append(out, c.type - 4, c.whole);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < n_texts; i++)
        put_text(out, &texts[i]);
    put_chunk(out, "IEND", "", 0);
    return out->failed ? err_set(err, out->failed, "the PNG does not fit into memory") : ANIMA_OK;
}

int png_blank(unsigned side, struct buf *out, anima_error *err)
{
    /* 8 bits of grey; every row begins with its filter (none). */
    const unsigned char head[13] = { (unsigned char)(side >> 24),
                                     (unsigned char)(side >> 16),
                                     (unsigned char)(side >> 8),
                                     (unsigned char)side,
                                     (unsigned char)(side >> 24),
                                     (unsigned char)(side >> 16),
                                     (unsigned char)(side >> 8),
                                     (unsigned char)side,
                                     8,
                                     0,
                                     0,
                                     0,
                                     0 };
    struct buf rows, packed;
    uLongf len = compressBound((uLong)(side + 1) * side);
    buf_init(&rows, CARD_MAX_FILE);
    buf_init(&packed, CARD_MAX_FILE);
    for (unsigned y = 0; y < side; y++) {
        buf_append(&rows, "", 1);
        for (unsigned x = 0; x < side; x++)
            buf_append(&rows, "\xC0", 1);
    }
    for (uLongf i = 0; i < len; i++)
        buf_append(&packed, "", 1);
    if (rows.failed || packed.failed ||
        compress((Bytef *)packed.data, &len, (const Bytef *)rows.data, rows.len) != Z_OK) {
        out->failed = ANIMA_E_NOMEM;
    } else {
        buf_append(out, signature, sizeof(signature));
        put_chunk(out, "IHDR", head, sizeof(head));
        put_chunk(out, "IDAT", packed.data, len);
        put_chunk(out, "IEND", "", 0);
    }
    buf_finish(&rows);
    buf_finish(&packed);
    return out->failed ? err_set(err, out->failed, "the PNG does not fit into memory") : ANIMA_OK;
}
