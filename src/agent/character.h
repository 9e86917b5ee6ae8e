/* character.h — characters as folders: character.ini (name, greeting, sampling …) and persona.LANG.md (who it is, once in
 * each language; mind/persona.h). Those of the home win over those that come with anima. Loaded when the home is opened;
 * constant afterwards. */
#ifndef AGENT_CHARACTER_H
#define AGENT_CHARACTER_H
#include "anima/anima.h"
#include "base/arena.h"
#include "mind/prompt.h"

#define CHARACTER_LANGUAGES 2

struct character {
    anima_character pub;
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
const struct character *cast_find(const struct cast *cast, const char *id);
void cast_finish(struct cast *cast);
/* Reads one folder. Messages name file and line. */
int character_load(const char *dir, const char *id, const char *language, struct character **out, anima_error *err);
void character_free(struct character *c);
/* letters, digits, '-', '_', 1..64 bytes */
bool character_id_ok(const char *id);
#endif
