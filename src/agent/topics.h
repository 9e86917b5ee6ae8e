/* topics.h — what a character and a person talked about: of every part of a conversation that is over (mind/topics.h) a few sentences, each
 * with its turns, made while nobody waits. When somebody says something no model is asked; nothing here is remembered as something that was said.
 *
 * Chats of other programs have no parts, they were not with the character. A part is over when six hours have passed, or when it has grown long. Its turns are taken apart by what decides who may hear them
 * (class, witnesses, speaker), and by language, so that nothing is told in one sentence that may not be told together; the model is
 * asked about one such set after the other. While somebody waits for words it stops within one token, and goes on later. If one of the
 * turns has become another meanwhile, what was made is dropped (store_topic_put).
 *
 * What was made is chained when somebody looks: of the sentences that all who are there may hear, a later one about the same thing takes the
 * place of an earlier one. So one that somebody may not hear neither hides another nor shows that it is there. Loop thread. */
#ifndef AGENT_TOPICS_H
#define AGENT_TOPICS_H
#include "agent/state.h"
#include "base/arena.h"

struct topics;
int topics_create(anima_home *home, struct topics **out, anima_error *err);
void topics_destroy(struct topics *topics); /* NULL is legal, here and below */
/* Something was said, or has come in: maybe a part is over. */
void topics_notice(struct topics *topics);
/* Somebody waits for words: what is being made stops, and goes on when topics_resume finds that nobody does. */
void topics_pause(struct topics *topics);
void topics_resume(struct topics *topics);
/* Turns of this conversation are others now, or gone: what is being made of them is dropped. */
void topics_changed(struct topics *topics, const char *conversation);

/* ---- looking (topics_read.c) ---- */

#define TOPICS_LOOKED 200 /* sentences of a person, the newest */

struct topic {
    int64_t id, at_ms;
    int64_t until_ms; /* when a later one about the same thing was said; 0: it holds */
    int64_t first;    /* the newest one about the same thing */
    bool by_hand;
    int class; /* the strictest of its turns'; -1: of one of them it is not known yet */
    const char *language, *text;
    const int8_t *row; /* NULL: no vector yet */
    float factor;
    struct store_memory *turns; /* without vectors */
    uint32_t *audiences;        /* of each; UINT32_MAX: it may not be told now */
    size_t n_turns;
};

struct topic_list {
    struct arena arena; /* of everything */
    struct topic *list; /* the newest first */
    size_t n, max;
};

/* The newest `limit` sentences about a person. people NULL: whatever was told (for the home's owner; home->memories may be NULL then). Else only
 * those of which all of these may hear all turns; the character's index was asked for before (memories_index). Ended by topics_finish,
 * also without ANIMA_OK. */
int topics_read_all(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                    int limit, struct topic_list *out, anima_error *err);
void topics_finish(struct topic_list *list);
#endif
