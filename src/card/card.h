/* card.h — character cards: V1, V2 (chara_card_v2) and V3 (chara_card_v3), as JSON, inside a PNG (tEXt "chara", "ccv3")
 * or as CHARX (a zip with card.json and assets). Sources: the specifications character-card-spec-v2 and -v3.
 *
 * A card keeps the JSON it came with. What is not set (card_set) goes out as it came in: unknown members and extensions
 * in their order, numbers digit by digit; a card that was not changed and leaves in its own version, byte for byte.
 * Cards are foreign input: sizes, depth, checksums and paths are checked, and nothing in them is executed or looked up.
 * Any thread; a card has one owner. */
#ifndef CARD_CARD_H
#define CARD_CARD_H
#include "anima/anima.h"
#include "base/buf.h"
#include "base/json.h"

#define CARD_MAX_FILE (48u << 20) /* a PNG or CHARX */
#define CARD_MAX_JSON (8u << 20)  /* the card itself; more than any book of lore that a model could read */
#define CARD_MAX_ASSETS 200
#define CARD_MAX_UNPACKED (128u << 20)

enum card_version { CARD_V1 = 1, CARD_V2, CARD_V3 };
enum card_container { CARD_JSON, CARD_PNG, CARD_CHARX };

/* A file inside a CHARX: path in the archive, forward slashes, no "..", not absolute. */
struct card_asset {
    char *path;
    char *data;
    size_t n;
};

struct card;

/* Reads any of the three containers, told apart by their first bytes. */
int card_read(const void *data, size_t n, struct card **out, anima_error *err);
void card_free(struct card *card); /* NULL is legal */

enum card_version card_version(const struct card *card);
enum card_container card_container(const struct card *card);
/* A text member of the card ("name", "description", "first_mes" …): "" if it has none. Borrowed. */
const char *card_text(const struct card *card, const char *member);
/* A member of any kind, NULL if there is none. Borrowed. */
yyjson_val *card_member(const struct card *card, const char *member);
/* The picture: bytes and "png", "jpg" or "webp"; NULL: none. Borrowed. */
const char *card_picture(const struct card *card, size_t *n, const char **type);

/* Another value for a text member; a list (values != NULL) replaces an array of texts. Copied. */
int card_set(struct card *card, const char *member, const char *text, anima_error *err);
int card_set_list(struct card *card, const char *member, const char *const *values, size_t n, anima_error *err);
/* Appends the card to out. version 0: its own. A PNG needs a picture in PNG, the card's or that of picture (NULL: none);
 * without one a plain grey square stands in. PNGs hold V2 under "chara" and, from V3 cards, V3 under "ccv3". */
int card_write(const struct card *card, enum card_container container, enum card_version version, const void *picture,
               size_t n_picture, struct buf *out, anima_error *err);

/* A card from nothing: {"spec":"chara_card_v3", "data":{}}. */
int card_new(const char *name, struct card **out, anima_error *err);
#endif
