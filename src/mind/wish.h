/* wish.h — what somebody asks of a character for good: "don't call me sir", "remember that …", "from now on …", in both
 * languages. Found by patterns in the person's own words, and kept in those words: nothing depends on the model. One thread at
 * a time. */
#ifndef MIND_WISH_H
#define MIND_WISH_H
#include "anima/anima.h"
#include "base/arena.h"

enum wish_kind {
    WISH_NONE,
    WISH_REMEMBER, /* remember that … */
    WISH_RULE,     /* from now on …, always …, never … */
    WISH_NAME,     /* call me …: the newer one wins */
    WISH_LANGUAGE, /* answer in English: the newer one wins */
    WISH_FORGET    /* forget what I asked last */
};

struct wishes;
int wishes_create(struct wishes **out, anima_error *err);
void wishes_destroy(struct wishes *w);
/* The wish in a message: *text (in the arena) are its sentences that hold it. WISH_NONE: there is none. */
enum wish_kind wish_find(struct wishes *w, struct arena *arena, const char *message, const char **text);
#define WISH_EXCLAMATION "!" /* what wish_forbids gives for "no exclamation marks" */
/* A word that the wish forbids ("don't call me sir": "sir"); NULL: none. In the arena. */
const char *wish_forbids(struct wishes *w, struct arena *arena, const char *text);
/* A word that every reply has to have ("end your messages with meow": "meow"); NULL: none. In the arena. */
const char *wish_requires(struct wishes *w, struct arena *arena, const char *text);
/* What somebody wants to be called ("call me Captain": "Captain"); NULL: nothing of that. In the arena. */
const char *wish_name(struct wishes *w, struct arena *arena, const char *text);
/* Whether somebody only said who they are ("my name is Ann"): then they are called so, and that is all. */
bool wish_introduces(struct wishes *w, const char *text);
/* The language that the wish asks for, "zh" or "en"; NULL: none. */
const char *wish_language(struct wishes *w, const char *text);
#endif
