/* character.h — characters as folders: character.ini (name, greeting, sampling, facts …), persona.LANG.md (who it is, once in
 * each language; mind/persona.h), and if it has them greetings.LANG.md, lore.md (card/lore_text.h) and card.json, the card
 * it came from (agent/card_folder.h). Constant once loaded. All of a home's: agent/cast.h. */
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
    const char *nickname, *tags;
    const char *dir; /* its folder */
    uint64_t stamp;  /* of the folder, before it was read */
    struct character_fact facts[CHARACTER_MAX_FACTS];
    size_t n_facts;
    struct lore *lore[CHARACTER_LANGUAGES]; /* NULL: none */
    struct prompt_persona personas[CHARACTER_LANGUAGES];
    size_t n_personas; /* ≥ 1 */
    anima_sampling sampling;
    const char *adapter_use; /* "auto", "off", or the name of one */
    double adapter_scale;    /* ANIMA_UNSET: as the adapter says */
    struct arena arena;      /* everything above points into it */
};

/* A fact in a language: "work.zh", else "work"; NULL: there is none. */
const char *character_fact(const struct character *c, const char *key, const char *language);
/* Appends them as entries of lore.md, for a language: asked for, the answer stands beside the question (facts.c). */
void facts_as_lore(const struct character *c, const char *language, struct buf *out);
/* Whether a fact is among these pieces of lore: then it was asked for. */
bool facts_asked(const struct lore_hit *lore, size_t n, const char *language);
/* How an answer begins that says the one fact which was asked for (age, home, where from): "I live in Leeds". lore: the n
 * pieces that apply to the message. NULL: nothing of the kind was asked, or no memory. */
const char *facts_opening(struct arena *arena, const struct character *c, const char *language,
                          const struct lore_hit *lore, size_t n, const char *message);
/* What {{char}} is. */
const char *character_called(const struct character *c);
/* NULL: it has none. */
struct lore *character_lore(const struct character *c, const char *language);
/* Reads one folder. Messages name file and line. language ("zh", "en", or "" for the character's own) is that of tagline and
 * greetings. Any thread. */
int character_load(const char *dir, const char *id, const char *language, struct character **out, anima_error *err);
void character_free(struct character *c);
/* It is not found any more, but pointers to it are out: frees what only a prompt needs, its lore. */
void character_retire(struct character *c);
/* It is called id and its folder is dir from now on. */
int character_move(struct character *c, const char *dir, const char *id, anima_error *err);
/* Changes when a file of the folder is changed, added or removed; 0: there is no character in it. */
uint64_t character_stamp(const char *dir);
/* What of its lore was left out, a line each; "" if all is well. */
const char *character_complaints(const struct character *c);
/* letters, digits, '-', '_', 1..64 bytes */
bool character_id_ok(const char *id);
#endif
