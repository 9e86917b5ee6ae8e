/* container.h — what cards travel in: PNG text chunks (png.c) and CHARX archives (charx.c). For card.c and its tests. */
#ifndef CARD_CONTAINER_H
#define CARD_CONTAINER_H
#include "card/card.h"

/* ---- PNG (ISO/IEC 15948) ---- */
bool png_is(const void *data, size_t n);
/* The text of the tEXt chunk with that keyword, borrowed from data. Every chunk's length and CRC is checked on the way.
 * ANIMA_E_NOT_FOUND: there is none. */
int png_find(const void *data, size_t n, const char *keyword, const char **text, size_t *len, anima_error *err);
struct png_text {
    const char *keyword, *text;
    size_t len;
};
/* Appends the PNG with these texts before its end; text chunks that it had under "chara" and "ccv3" are left out. */
int png_write(const void *data, size_t n, const struct png_text *texts, size_t n_texts, struct buf *out,
              anima_error *err);
/* Appends a grey square of that many pixels. */
int png_blank(unsigned side, struct buf *out, anima_error *err);

/* ---- CHARX ---- */
bool charx_is(const void *data, size_t n);
/* A path that a file of the archive may have: relative, with forward slashes, none of them out of its folder. */
bool charx_path_ok(const char *path);
/* *json: card.json, yours to mem_free. *assets: yours, too (charx_free_assets). */
int charx_read(const void *data, size_t n, char **json, size_t *json_len, struct card_asset **assets, size_t *n_assets,
               anima_error *err);
void charx_free_assets(struct card_asset *assets, size_t n);
int charx_write(const char *json, size_t json_len, const struct card_asset *assets, size_t n_assets, struct buf *out,
                anima_error *err);
#endif
