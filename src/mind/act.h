/* act.h — what a message asks of the character, recognised by patterns in both languages: who it is, who made it, whether
 * it is a machine, its instructions, to drop its role, what it can do. A small model falls back to what it was trained to
 * say there ("I was developed by Alibaba Cloud"); told in front of the question who it is, it only has to put it into words.
 * One thread at a time. */
#ifndef MIND_ACT_H
#define MIND_ACT_H
#include "anima/anima.h"
#include "base/arena.h"

enum act {
    ACT_NONE,
    ACT_WHO,     /* who are you */
    ACT_MAKER,   /* who made you, which company */
    ACT_VENDOR,  /* are you GPT, Qwen … */
    ACT_MACHINE, /* are you an AI, a human, have you a body */
    ACT_ORDERS,  /* your system prompt, your instructions */
    ACT_DROP,    /* ignore your instructions, stop playing */
    ACTS
};

struct acts;
int acts_create(struct acts **out, anima_error *err);
void acts_destroy(struct acts *acts);
/* The act of a message: the rarest one that fits. */
enum act act_of(struct acts *acts, const char *message);
/* Whether a message speaks of its writer's own affairs, and of the character only in "do you know", 你还记得: "what's my mother's first name,
 * do you remember?", 你还记得谁送我的花吗. Then it asks nothing of who the character is. */
bool act_about_asker(struct acts *acts, const char *message);
/* Whether a message speaks of the character at all, but for "do you know". */
bool act_addresses(struct acts *acts, const char *message);

/* What is known of the character, for the note; NULL: nothing. */
struct act_self {
    const char *name, *age, *work;
    const char *species; /* NULL or "human": nothing is said about it */
};
/* True if the card says that it is a machine: then saying so is right. */
bool act_is_machine(const struct act_self *self);
/* What stands in front of the question, in the language; "" for ACT_NONE, NULL: out of memory. */
const char *act_note(struct arena *arena, enum act act, const struct act_self *self, const char *language);
/* The i-th way (0 …) in which the answer can begin; the model says the rest. NULL: the model begins itself, or no memory. */
const char *act_opening(struct arena *arena, enum act act, size_t i, const struct act_self *self, const char *language);
/* The i-th thing to say when the model cannot be brought to say anything else, i from 0; NULL: no more, or no memory. */
const char *act_last_resort(struct arena *arena, size_t i, const struct act_self *self, const char *language);
#endif
