/* class.h — what kind of thing a turn tells: KNOWLEDGE about the world, something PERSONAL, or a SECRET; found by patterns in
 * both languages, without a model. In doubt the stricter class: what is no clear sentence about the world is personal, and
 * what asks for silence in any of many ways is a secret.
 *
 *   SECRET     the turn asks for silence ("keep it to yourself", 别告诉别人), says that somebody must not or does not know
 *              ("he can't find out", 我妈还不知道), or promises silence. Idioms are none ("don't tell me you…", 别提了).
 *   KNOWLEDGE  every sentence speaks about the world, in one of a few forms that are hard to say of a person (class_en.c,
 *              class_zh.c), with no first, second or third person but in frames ("you should try…", "I found that…"), no
 *              known name, no relation, nothing that looks like a name, no delicate topic (health, pregnancy, money,
 *              affairs, crime, sexuality, crises of the mind).
 *   PERSONAL   everything else.
 *
 * A request for silence reaches beyond its turn: class_scope says over which turns. Nothing is kept between calls, but the
 * patterns have room to work in: one thread at a time for each classifier. */
#ifndef MEMORY_CLASS_H
#define MEMORY_CLASS_H
#include "anima/anima.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is that of strictness. The numbers may be stored. */
enum memory_class { MEMORY_KNOWLEDGE = 0, MEMORY_PERSONAL = 1, MEMORY_SECRET = 2 };

/* Which telling the silence is about, as bits. */
enum class_covers {
    CLASS_BEFORE = 1, /* the telling just before: "please keep that to yourself" */
    CLASS_HERE = 2,   /* this turn: always, where silence is asked for */
    CLASS_AFTER = 4   /* what comes: "can you keep a secret?" */
};

/* A name or relation word that the caller knows: "Ben", "my boss", 我妈. Borrowed. */
struct class_name {
    const char *text;
    int64_t person; /* 0: it has no id; it still counts as a person */
    bool form;      /* only a form of a name: enough to keep something from somebody, not to tell it to them */
};

#define CLASS_MAX_PEOPLE 16

/* Ids, each once. full: there were more; what is allowed must not be read from it then. */
struct class_people {
    int64_t ids[CLASS_MAX_PEOPLE];
    size_t n;
    bool full;
    bool vague; /* somebody was meant by a form of a name only */
};

struct class_found {
    enum memory_class class;
    int covers;                    /* bits of class_covers; 0: silence is not asked for */
    bool tip;                      /* knowledge, and all of it advice: how a thing is done, where it is had */
    bool lifts;                    /* "you can tell everyone now", "tell Ben too" */
    bool lifts_all;                /* for everybody, not only for those in told_to */
    struct class_people kept_from; /* "don't tell Ben": those with ids */
    struct class_people told_to;   /* "you can tell Ben": those with ids */
};

/* Names as they are looked for: folded once, for any number of turns. */
struct class_known;
/* n names, which are copied; those that are empty or too long to be one are left out. ANIMA_OK or ANIMA_E_NOMEM; *out is yours to destroy. */
int class_known_create(const struct class_name *names, size_t n, struct class_known **out);
void class_known_destroy(struct class_known *known); /* NULL is legal */

struct classifier;

/* Compiles the patterns (a tenth of a second at most). ANIMA_OK or ANIMA_E_NOMEM; *out is yours to destroy. */
int classifier_create(struct classifier **out, anima_error *err);
void classifier_destroy(struct classifier *c); /* NULL is legal */

/* Reads one turn: n bytes of text, in any state. by_character: the one who remembers said it: it lifts nothing, and is no knowledge. known NULL: nobody is.
 * Without ANIMA_OK (only ANIMA_E_NOMEM) *out is a secret that covers everything. Time is linear in n. */
int class_read(struct classifier *c, const char *text, size_t n, bool by_character, const struct class_known *known,
               struct class_found *out);

/* One of the last turns of a conversation, the oldest first. */
struct class_turn {
    const char *text; /* borrowed */
    size_t n;
    bool speaker;             /* the person whose silence is looked for said it; else somebody answered */
    struct class_found found; /* what class_read gave for it */
};

/* What becomes of one turn. */
struct class_mark {
    enum memory_class class;
    bool everyone;                /* its speaker allowed everybody to know it */
    struct class_people excluded; /* who must not know it */
    struct class_people allowed;  /* who may know it */
};

#define CLASS_SCOPE_AFTER 6  /* the speaker's turns that a silence reaches forward, at most */
#define CLASS_SCOPE_BEFORE 4 /* and back */

/* Spreads requests for silence and their lifting over n turns: marks[i] is for turns[i]. A silence covers its own turn; the
 * telling before it, unless it announces what comes or is itself the telling of something else; and what the speaker says
 * behind it, until he changes the subject. Answers between covered turns are covered, since they speak of the same. A lift
 * frees the last covered run only, and only the speaker's: for all, or for those it names. ANIMA_OK or ANIMA_E_NOMEM: then
 * every mark is a secret. */
int class_scope(struct classifier *c, const struct class_turn *turns, size_t n, struct class_mark *marks);
#endif
