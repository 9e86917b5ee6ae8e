/* lore_text.h — lore as a person writes it, lore.md:
 *
 *   ## The cat of the shop
 *   keys: cat, 猫, /kitt(en|y)/i
 *   书店里有一只橘猫，叫豆豆。
 *   EN: An orange cat called Bean lives in the shop.
 *
 * Between heading and text stand lines "key: value": keys (needed), and (further keys, one of which must occur, too), always (yes), order (a number), depth (so many messages from the end). The text up to "EN:" is for every
 * language that has none of its own; "ZH:" and "EN:" begin what is for one. */
#ifndef CARD_LORE_TEXT_H
#define CARD_LORE_TEXT_H
#include "card/lore.h"

/* The entries of a card's book (NULL: none) and of the text, in a language. Messages name the line. */
int lore_text_parse(yyjson_val *book, const char *text, const char *language, struct lore **out, anima_error *err);
#endif
