/* working.h — what is on a character's mind of one person, and of itself with that person: moods, what each of them wants, how close they
 * are. Pure functions: states in, states out; any thread.
 *
 * A turn gives evidence, once (working_words.h, working_ask.h, working_feels). The state is what all evidence comes to in the order of time: a mood fades
 * by halves (anger in two hours, sadness in a day), the same mood again makes it stronger, another one takes its place only if it is
 * sure and strong enough against what is left of the old one. So one doubtful line does not turn a sure mood round, and nothing is
 * guessed anew from the conversation. A clock that goes back is a clock that stands still.
 *
 * Closeness and trust come from counts only: exchanges, days on which they talked, thanks, secrets, insults, promises. */
#ifndef MIND_WORKING_H
#define MIND_WORKING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mood {
    MOOD_NONE, /* nothing is known */
    MOOD_CALM,
    MOOD_GLAD,
    MOOD_EXCITED,
    MOOD_SAD,
    MOOD_WORRIED,
    MOOD_ANGRY,
    MOOD_HURT,
    MOOD_TIRED,
    MOOD_LONELY,
    MOOD_BORED,
    MOOD_ASHAMED,
    MOOD_ANNOYED,
    MOODS
};

enum intent {
    INTENT_NONE,
    INTENT_CHAT,
    INTENT_ASK,     /* to know something */
    INTENT_COMFORT, /* to be comforted; of a character: to comfort */
    INTENT_ADVICE,  /* to get advice; of a character: to give it */
    INTENT_TASK,    /* to have something done */
    INTENT_TEASE,
    INTENT_COMPLAIN,
    INTENT_LEAVE,
    INTENT_DISTANCE, /* of a character: to be left alone for a while */
    INTENTS
};

/* What else a message is, as bits. They are stored: none becomes another. */
enum {
    WORKING_THANKS = 1,
    WORKING_INSULT = 2,
    WORKING_SECRET = 4,
    WORKING_AGAIN = 8, /* the same question again */
    WORKING_SORRY = 16,
    WORKING_PRAISE = 32,
    WORKING_ASKS = 64
};

/* "sad", "comfort": as they are stored and shown to programs. Static; "" for NONE and numbers that are none. */
const char *mood_name(enum mood mood);
const char *intent_name(enum intent intent);
/* NONE for a name that is none. */
enum mood mood_named(const char *name);
enum intent intent_named(const char *name);

/* A mood as one turn shows it. */
struct working_feeling {
    enum mood mood;
    double intensity, confidence; /* 0 … 1; anything else, NaN too, counts as the nearest of these (NaN: 0) */
};

struct working_mood {
    enum mood mood;
    double intensity, confidence; /* at at_ms */
    int64_t at_ms, since_ms;
    size_t cause; /* the number that its evidence was given */
};

/* What is left of it then. MOOD_NONE: nothing worth speaking of. */
struct working_mood working_at(const struct working_mood *m, int64_t now_ms);
/* One more piece of evidence, numbered by the caller. MOOD_NONE: a turn that shows none, which weakens what there is a little. */
void working_merge(struct working_mood *m, const struct working_feeling *f, int64_t at_ms, size_t number);
/* How much it counts: intensity times confidence. */
double working_weight(const struct working_mood *m);
/* A kind of mood: of the same kind are sad, hurt and lonely, say. */
bool working_akin(enum mood a, enum mood b);

/* What a character feels at what a person says: rules. events: bits; times: how often the same question was asked before. */
struct working_feeling working_feels(const struct working_feeling *theirs, unsigned events, size_t times);
/* What a character wants, as both moods are now. */
enum intent working_wants(const struct working_mood *own, const struct working_mood *theirs, enum intent their_intent);

struct working_counts {
    int64_t exchanges, days, thanks, insults, secrets; /* below 0: 0 */
    int64_t kept, broken;                              /* promises of that person */
};
/* 0 … 1. */
double working_closeness(const struct working_counts *c);
double working_trust(const struct working_counts *c);
#endif
