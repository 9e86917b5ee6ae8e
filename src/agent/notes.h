/* notes.h — what people asked of a character (notes.c), for the files of this folder. Loop thread. */
#ifndef AGENT_NOTES_H
#define AGENT_NOTES_H
#include "anima/anima.h"
#include "base/arena.h"

#define NOTES_MAX_BANNED 8

struct notes;
int notes_open(anima_home *home, struct notes **out, anima_error *err);
void notes_free(struct notes *notes);
/* A message is stored: notes the wish in it, if there is one. */
void notes_notice(anima_home *home, const char *character, const char *conversation, int64_t seq, int64_t person,
                  const char *message);
/* The same of a message that an earlier run left without its reply, unless it was noted then. */
void notes_taken_up(anima_home *home, const char *character, const char *conversation, int64_t seq, int64_t person,
                    const char *message);
/* The turns from seq on are deleted: so is what was noted from them. */
void notes_gone(anima_home *home, const char *conversation, int64_t seq);
/* The same of one turn only. */
void notes_gone_at(anima_home *home, const char *conversation, int64_t seq);
/* Whether what was noted of that turn is a wish, which can be undone, and not something to remember. */
bool notes_is_wish(anima_home *home, const char *conversation, int64_t seq);
/* The turn says something else now: what was noted of words that it does not have any more goes. */
void notes_edited(anima_home *home, const char *conversation, int64_t seq, const char *text);
/* The conversation is deleted, what was noted in it stays: it does not say any more where and from which words. */
void notes_freed(anima_home *home, const char *conversation);

struct notes_told {
    const char *rules, *reminder; /* for prompt_input; NULL: nothing */
    const char *banned[NOTES_MAX_BANNED];
    size_t n_banned;
    bool no_exclamation;
    const char *required; /* a word that every reply ends with; NULL: none */
};
/* What the model gets to read of the wishes of the first of these people while the others are there, too, in the arena. ANIMA_E_NOMEM. */
int notes_tell(anima_home *home, struct arena *arena, const char *character, const int64_t *people, size_t n_people,
               const char *message, const char *language, struct notes_told *out);
/* notes_heard.c: whether all of these people may know of a note of the first one. Alone, they may. Else what is to be remembered they must have heard,
 * and a wish must be no secret of others than them; of what was written by hand they may know wishes. In doubt they may not. */
struct store_note;
bool notes_may_be_told(anima_home *home, const struct store_note *note, const int64_t *people, size_t n_people);
/* What somebody wants to be called by this character, in the arena; NULL: nothing was said of it. */
const char *notes_name(anima_home *home, struct arena *arena, const char *character, const int64_t *people,
                       size_t n_people);
/* The language that a person asked for; NULL: none. */
const char *notes_language(anima_home *home, const char *character, int64_t person);
#endif
