/* class_private.h — what the files of the classifier share. */
#ifndef MEMORY_CLASS_PRIVATE_H
#define MEMORY_CLASS_PRIVATE_H
#include "base/buf.h"
#include "base/pattern.h"
#include "memory/class.h"

/* The patterns of a language; each list is ended by NULL. They see text as class_fold leaves it: of full-width forms and
 * quotes the plain ones, of traditional characters the simplified, one blank where there were several. */
struct class_words {
    const char *const *idiom;     /* looks like a request and is none: taken out first */
    const char *const *condition; /* such a lift is none yet: "you can tell them once it is official" */
    const char *const *lift;      /* silence is over; who is named stands in it or right behind it */
    const char *const *lift_all;  /* within a lift: for everybody */
    const char *const *silence;   /* who is named stands in it or right behind it */
    const char *const *announce;  /* the telling comes */
    const char *const *filler;    /* tells nothing by itself: "please", "it", "okay" */
    const char *const *delicate;  /* never knowledge */
    const char *const *frame;     /* at the front of a sentence, says nothing of whom it is about: "I read that" */
    const char *const *person;    /* somebody is meant: never knowledge */
    const char *const *world;     /* at the front of what a frame leaves: about the world */
    const char *const *aside;     /* a sentence that neither makes nor breaks knowledge: "Fun fact:" */
    const char *const *change;    /* the subject changes */
    const char *const *travel;    /* where one goes: a capital behind "to" is a place */
    const char *const *pointing;  /* speaks on of what was said: "he", "that" */
    const char *const *service;   /* at the front of what a frame leaves: who does what for anybody, and where */
    const char *const *tradesman; /* within a service: who that is */
    const char *const *anchor;    /* a place open to all, a thing that every house has */
    const char *const *tip;       /* with an anchor: advises whoever reads it */
    const char *const *generic;   /* within a tip: means nobody in particular */
    const char *const *own;       /* of somebody's life or house in particular: never knowledge */
};
enum { CLASS_LISTS = sizeof(struct class_words) / sizeof(const char *const *) };

extern const struct class_words class_words_en, class_words_zh;
/* Lists of class_words_en that stand in a file of their own. */
extern const char *const class_en_delicate[],
    *const class_en_frame[], *const class_en_person[], *const class_en_world[], *const class_en_aside[],
                                                                                    *const class_en_travel[],
                                                                                        *const class_en_change[],
                                                                                            *const class_en_pointing[];

/* The same, compiled: in the order of class_words. */
enum class_list {
    LIST_IDIOM,
    LIST_CONDITION,
    LIST_LIFT,
    LIST_LIFT_ALL,
    LIST_SILENCE,
    LIST_ANNOUNCE,
    LIST_FILLER,
    LIST_DELICATE,
    LIST_FRAME,
    LIST_PERSON,
    LIST_WORLD,
    LIST_ASIDE,
    LIST_CHANGE,
    LIST_TRAVEL,
    LIST_POINTING,
    LIST_SERVICE,
    LIST_TRADESMAN,
    LIST_ANCHOR,
    LIST_TIP,
    LIST_GENERIC,
    LIST_OWN
};

/* class_service.c */
extern const char *const class_en_service[], *const class_en_tradesman[], *const class_zh_service[],
                                                                              *const class_zh_tradesman[];

/* class_tip.c */
extern const char *const class_en_anchor[], *const class_en_tip[], *const class_en_generic[], *const class_en_own[];
extern const char *const class_zh_anchor[], *const class_zh_tip[], *const class_zh_generic[], *const class_zh_own[];

enum { CLASS_EN, CLASS_ZH, CLASS_LANGUAGES };

enum { CLASS_EXPRESSIONS = 6, CLASS_MAX_PATTERNS = 24 };

struct class_patterns {
    struct pattern *patterns[CLASS_MAX_PATTERNS];
    size_t n;
};

struct classifier {
    struct class_patterns lists[CLASS_LANGUAGES][CLASS_LISTS];
};

/* The people whom the caller knows: names as class_fold leaves them. */
struct class_known {
    struct class_folded {
        char *text;
        size_t n;
        int64_t person;
        bool form;
    } * names;
    size_t n;
};

#define CLASS_BLANK '~' /* stands where something was taken out; no pattern has it */

/* Whether a list of any language matches in s; a search that was given up counts as found. */
bool class_matches(struct classifier *c, enum class_list list, const char *s, size_t n);
/* The first pattern of one language that matches; *start and *end may be NULL. */
bool class_find(struct classifier *c, int language, enum class_list list, const char *s, size_t n, size_t *start,
                size_t *end);
/* Puts CLASS_BLANK over every match of both languages; true if there was one, or a search was given up. people, if not NULL,
 * get who is named in a match or right behind it, unless it names who may know ("only Ben knows"). */
bool class_take_out(struct classifier *c, enum class_list list, char *s, size_t n, const struct class_known *known,
                    struct class_people *people);

/* text → valid UTF-8 in the plain forms of above, appended to out (0 or the buffer's failure). */
int class_fold(const char *text, size_t n, struct buf *out);
/* Bytes of the first sentence of s (n ≥ 1): at most CLASS_SENTENCE, then cut at a character. */
size_t class_sentence(const char *s, size_t n);
#define CLASS_SENTENCE 600
#define CLASS_OVERLAP 120 /* bytes of a sentence without an end that are read again with what follows */
/* Whether most of s is Chinese. */
int class_language(const char *s, size_t n);
/* Blanks what stands in quotation marks: somebody else's words. */
void class_unquote(char *s, size_t n);

/* Whether a known name stands in s. */
bool class_names_any(const char *s, size_t n, const struct class_known *known);
/* The list of names ("Ben, Anna or my mother") that begins in [from, to] of s: into out. */
void class_names_from(const char *s, size_t n, size_t from, size_t to, const struct class_known *known,
                      struct class_people *out);
void class_people_add(struct class_people *p, int64_t id);
void class_people_remove(struct class_people *p, int64_t id);

/* The words with content in a turn: hashes, for telling whether the talk goes on about the same. */
struct class_topic {
    uint32_t units[256];
    size_t n;
};
/* Adds those of text (folded here); *content gets how many it has, may be NULL. 0 or ANIMA_E_NOMEM. */
int class_topic_add(struct classifier *c, const char *text, size_t n, struct class_topic *topic, size_t *content);
/* How many words with content s (folded, fillers taken out) has; they go into topic if it is not NULL. */
size_t class_topic_units(const char *s, size_t n, struct class_topic *topic);
bool class_topic_shares(const struct class_topic *a, const struct class_topic *b);
#endif
