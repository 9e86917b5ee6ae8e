/* card_folder.h — character cards (card/card.h) as the folders that people edit, and back.
 *
 *   card member                          file
 *   name, nickname, creator, tags, …     character.ini
 *   description                          persona.LANG.md, from its beginning
 *   personality, scenario, system_prompt, post_history_instructions
 *                                        its sections "## Personality", "## Scenario", "## System prompt", "## After the history"
 *   mes_example                          its last section, "## Examples", if it can be read as exchanges; else "## How it talks"
 *   first_mes, alternate_greetings       greetings.LANG.md, with a line "---" between two
 *   group_only_greetings                 the same, behind a line "--- group"
 *   the picture                          portrait.png, .jpg or .webp
 *   everything, as it came               card.json: the book of lore, extensions, what nobody here knows
 *
 * On the way out a file decides only where it says something else than the card did when it came in: what nobody edited
 * leaves byte for byte. */
#ifndef AGENT_CARD_FOLDER_H
#define AGENT_CARD_FOLDER_H
#include "card/card.h"

/* A folder's name for a character: letters and digits of its name, or "character-" and six more. out: 65 bytes. */
void card_folder_id(const char *name, char *out);
/* Makes dir and writes the files. dir must not exist; if something fails it is gone again. */
int card_folder_write(const struct card *card, const char *dir, anima_error *err);
/* The card that the folder holds now. A folder without card.json (one of our own) becomes a new V3 card; its personas are
 * taken in its language at home. */
int card_folder_read(const char *dir, struct card **out, anima_error *err);
/* The same as a file, appended to out, with the folder's picture. version 0: the card's own. Any thread. */
int card_folder_export(const char *dir, enum card_container container, enum card_version version, struct buf *out,
                       anima_error *err);
/* The picture of a folder: yours to mem_free; NULL if there is none that a card can carry. *type "png", "jpg", "webp". */
char *card_folder_picture(const char *dir, size_t *n, const char **type);
#endif
