/* character.h — characters as folders: character.ini (name, greeting, sampling, facts …), persona.LANG.md (who it is, once in
 * each language; mind/persona.h), and if it has them greetings.LANG.md, lore.md (card/lore_text.h) and card.json, the card
 * it came from (agent/card_folder.h). Those of the home win over those that come with anima. Loaded when the home is
 * opened; constant afterwards. */
#ifndef AGENT_CHARACTER_H
#define AGENT_CHARACTER_H
#include "anima/anima.h"
#include "base/arena.h"
#include "base/buf.h"
#include "card/lore.h"
#include "mind/prompt.h"

#define CHARACTER_LANGUAGES 2
#define CHARACTER_MAX_FACTS 60

/* What the character's card says of it, for questions that have one answer: "age" = "27", "work.zh" = "…". */
struct character_fact {
    const char *key, *value;
};

struct character {
    anima_character pub;
    const char *nickname, *creator, *version, *tags;
    struct character_fact facts[CHARACTER_MAX_FACTS];
    size_t n_facts;
    struct lore *lore[CHARACTER_LANGUAGES]; /* NULL: none */
    struct prompt_persona personas[CHARACTER_LANGUAGES];
    size_t n_personas; /* ≥ 1 */
    anima_sampling sampling;
    struct arena arena; /* everything above points into it */
};

struct cast {
    struct character **all; /* ordered by id */
    size_t n;
};

/* Reads every folder of dir (one that does not exist has none). language ("zh", "en", or "" for each character's own) is
 * that of taglines and greetings. A folder that cannot be read is logged and left out, so that one mistake does not take
 * the others along. */
int cast_load(struct cast *cast, const char *dir, const char *language, anima_error *err);
/* A fact in a language: "work.zh", else "work"; NULL: there is none. */
const char *character_fact(const struct character *c, const char *key, const char *language);
/* Appends them as entries of lore.md, for a language: asked for, the answer stands beside the question (facts.c). */
void facts_as_lore(const struct character *c, const char *language, struct buf *out);
/* What {{char}} is. */
const char *character_called(const struct character *c);
/* NULL: it has none. */
struct lore *character_lore(const struct character *c, const char *language);
const struct character *cast_find(const struct cast *cast, const char *id);
void cast_finish(struct cast *cast);
/* Reads one folder. Messages name file and line. */
int character_load(const char *dir, const char *id, const char *language, struct character **out, anima_error *err);
void character_free(struct character *c);
/* letters, digits, '-', '_', 1..64 bytes */
bool character_id_ok(const char *id);
#endif
