/* utterance_private.h — a reply on its way to the engine: what utterance.c, utterance_told.c, utterance_plan.c and utterance_ahead.c
 * know of it. It lives in an arena, for as long as it is put together. Loop thread. */
#ifndef AGENT_UTTERANCE_PRIVATE_H
#define AGENT_UTTERANCE_PRIVATE_H
#include "agent/adapters.h"
#include "agent/notes.h"
#include "agent/reading.h"
#include "agent/recollection.h"
#include "agent/speech.h"
#include "agent/state.h"

#include "mind/again.h"

#define UTTERANCE_ARENA (8u << 20)
#define UTTERANCE_NOTES 5
#define MAX_PRESENT 64 /* people of a conversation */

struct utterance {
    struct arena *arena;
    anima_home *home;
    anima_conversation *conversation;
    const struct character *who;
    const char *language;
    const char *message; /* the last one */
    int64_t person;      /* who said it */
    struct reading_window window;
    struct prompt_input input;
    struct prompt_persona bare; /* the persona, if it is left without examples */
    struct adapter_use adapter; /* what was trained into weights, and is used */
    struct act_self self;
    enum act act;
    const struct recollection *recollection; /* what came to mind; NULL: nothing was looked for */
    struct store_told recalled[STORE_TOLD];  /* the turns whose words it is told of it */
    size_t n_recalled;
    const char *quoted; /* of it, what answers best, as a person said it, and is so still; NULL: there is none */
    int64_t quoted_of;  /* who said that */
    struct store_told_passage passages[STORE_TOLD_PASSAGES]; /* of documents, that it is told */
    size_t n_passages;
    const char *passage;  /* the best of them, as an answer */
    bool recalls;         /* what it is told of it is about the message, not only about the one who said it */
    const char *own_name; /* the person asks for their own name: this is it */
    int forgot;           /* as struct reply has it */
    bool checked;         /* by a model that needs it (utterance_is_checked) */
    bool close;           /* it has answered nearly the same before (its examples) */
    struct again again;   /* this was asked before */
    const char *notes[UTTERANCE_NOTES];
    struct notes_told told; /* what the person asked for earlier */
    struct speech_plan plan;
};

struct utterance utterance_of(anima_conversation *c, struct arena *arena);
int utterance_no_memory(anima_error *err);
/* What a person is called here: as they asked for, else their name. */
const char *utterance_called(const struct utterance *u, int64_t person);
/* How it talks is in the weights, or it is shown how. */
bool utterance_shows_examples(const struct utterance *u);

/* Who has spoken in a conversation, beside the n people who are in the list; returns how many there are in it now. Beyond MAX_PRESENT they are left
 * out. */
size_t utterance_people(const anima_conversation *c, int64_t people[MAX_PRESENT], size_t n);

/* One after the other: the turns in front of seq; the persona in the language that is spoken; the window that is read; its lore. */
int utterance_read_turns(struct utterance *u, int64_t seq, anima_error *err);
void utterance_choose_persona(struct utterance *u);
void utterance_choose_window(struct utterance *u);
int utterance_find_lore(struct utterance *u, anima_error *err);
/* The input is read from that turn on, with what is left of those before it. */
void utterance_begin_with(struct utterance *u, size_t first);
/* The place of a turn: turns are those of c->said, and behind them perhaps one that is still being typed. */
int64_t utterance_place(const struct utterance *u, size_t i);

/* What the model is told beside the message. guessed: what kind of question it seems to be, where no pattern knows it. */
int utterance_tell(struct utterance *u, int64_t person, enum act guessed, anima_error *err);
/* The turn is among those it was told, once. */
void utterance_add_told(struct utterance *u, const char *conversation, int64_t seq, double score);
/* How that person is, and what is open between them: *text in the arena, "" if there is nothing to tell. */
int utterance_tell_working(struct utterance *u, int64_t person, const char **text, anima_error *err);
/* What it may not say, and what is said when nothing better comes. */
int utterance_plan(struct utterance *u, const struct reply *r, anima_error *err);
#endif
