#include "mind/working.h"

#include <math.h>
#include <string.h>

#define HOUR_MS 3600000.0
#define FADED 0.12       /* of this intensity nothing is left */
#define SURE 0.5         /* what turns another mood round has to be so sure, */
#define STRONG 0.6       /* and weigh so much of what is left of that one */
#define MOST 0.98        /* confidence of what no person said by hand */
#define PLAIN 0.12       /* by which a turn without any mood weakens it */
#define CLEARER 0.1      /* by which later evidence has to weigh more to be the cause */
#define CONFIDENCE_LAG 2 /* confidence halves in so many half-lives of the intensity */

static const struct {
    const char *name;
    double half_hours;
    int kind; /* moods of one kind make each other stronger */
} moods[MOODS] = {
    [MOOD_NONE] = { "", 1, 0 },           [MOOD_CALM] = { "calm", 4, 1 },   [MOOD_GLAD] = { "glad", 6, 2 },
    [MOOD_EXCITED] = { "excited", 3, 2 }, [MOOD_SAD] = { "sad", 24, 3 },    [MOOD_WORRIED] = { "worried", 18, 4 },
    [MOOD_ANGRY] = { "angry", 2, 5 },     [MOOD_HURT] = { "hurt", 24, 3 },  [MOOD_TIRED] = { "tired", 8, 6 },
    [MOOD_LONELY] = { "lonely", 24, 3 },  [MOOD_BORED] = { "bored", 1, 7 }, [MOOD_ASHAMED] = { "ashamed", 12, 8 },
    [MOOD_ANNOYED] = { "annoyed", 1, 5 },
};

static const char *const intents[INTENTS] = { "",     "chat",  "ask",      "comfort", "advice",
                                              "task", "tease", "complain", "leave",   "distance" };

const char *mood_name(enum mood mood) { return (unsigned)mood < MOODS ? moods[mood].name : ""; }
const char *intent_name(enum intent intent) { return (unsigned)intent < INTENTS ? intents[intent] : ""; }

enum mood mood_named(const char *name)
{
    for (int i = MOOD_NONE + 1; i < MOODS; i++)
        if (strcmp(moods[i].name, name) == 0)
            return (enum mood)i;
    return MOOD_NONE;
}

enum intent intent_named(const char *name)
{
    for (int i = INTENT_NONE + 1; i < INTENTS; i++)
        if (strcmp(intents[i], name) == 0)
            return (enum intent)i;
    return INTENT_NONE;
}

bool working_akin(enum mood a, enum mood b)
{
    return (unsigned)a < MOODS && (unsigned)b < MOODS && moods[a].kind == moods[b].kind;
}

/* ---- moods in time ---- */

static double share(double x) { return x > 0 ? (x < 1 ? x : 1) : 0; } /* NaN is not > 0 */

double working_weight(const struct working_mood *m) { return share(m->intensity) * share(m->confidence); }

struct working_mood working_at(const struct working_mood *m, int64_t now_ms)
{
    struct working_mood left = *m;
    if ((unsigned)m->mood >= MOODS || m->mood == MOOD_NONE)
        return (struct working_mood){ .at_ms = now_ms };
    double halves = now_ms > m->at_ms ? ((double)now_ms - (double)m->at_ms) / HOUR_MS / moods[m->mood].half_hours : 0;
    left.at_ms = now_ms > m->at_ms ? now_ms : m->at_ms;
    left.intensity = share(m->intensity) * exp2(-halves);
    left.confidence = share(m->confidence) * exp2(-halves / CONFIDENCE_LAG);
    return left.intensity < FADED ? (struct working_mood){ .at_ms = left.at_ms } : left;
}

static void begin(struct working_mood *m, const struct working_feeling *f, int64_t at_ms, size_t number)
{
    *m = (struct working_mood){ .mood = f->mood,
                                .intensity = share(f->intensity),
                                .confidence = share(f->confidence),
                                .at_ms = at_ms,
                                .since_ms = at_ms,
                                .cause = number };
}

/* The same mood, or one like it. */
static void strengthen(struct working_mood *m, const struct working_feeling *f, size_t number)
{
    double old = working_weight(m), new = share(f->intensity) * share(f->confidence);
    double sure = 1 - (1 - m->confidence) * (1 - share(f->confidence) * 0.5);
    if (new > old + CLEARER) { /* which of the kind it is, the clearer one tells */
        m->mood = f->mood;
        m->cause = number;
    }
    double more = share(f->intensity) > m->intensity ? share(f->intensity) - m->intensity : 0;
    m->intensity = share(m->intensity + more * share(f->confidence) + (1 - m->intensity) * new * 0.25);
    m->confidence = sure > m->confidence && m->confidence < MOST ? (sure < MOST ? sure : MOST) : m->confidence;
    m->confidence = share(f->confidence) > m->confidence ? share(f->confidence) : m->confidence;
}

/* Another one, that is not enough to take its place. */
static void weaken(struct working_mood *m, double by)
{
    m->intensity *= 1 - by;
    m->confidence *= 1 - by / CONFIDENCE_LAG;
    if (m->intensity < FADED)
        *m = (struct working_mood){ .at_ms = m->at_ms };
}

void working_merge(struct working_mood *m, const struct working_feeling *f, int64_t at_ms, size_t number)
{
    double new = share(f->intensity) * share(f->confidence);
    *m = working_at(m, at_ms);
    if ((unsigned)f->mood >= MOODS || f->mood == MOOD_NONE)
        weaken(m, PLAIN * share(f->confidence));
    else if (new <= 0)
        return;
    else if (m->mood == MOOD_NONE)
        begin(m, f, m->at_ms, number);
    else if (working_akin(m->mood, f->mood))
        strengthen(m, f, number);
    else if (f->confidence >= SURE && new >= STRONG * working_weight(m))
        begin(m, f, m->at_ms, number);
    else
        weaken(m, new * 0.5);
}

/* ---- the character's own ---- */

struct working_feeling working_feels(const struct working_feeling *theirs, unsigned events, size_t times)
{
    double theirs_weight = share(theirs->intensity) * share(theirs->confidence);
    if (events & WORKING_INSULT)
        return (struct working_feeling){ MOOD_ANNOYED, 0.8, 0.9 };
    if (events & WORKING_SORRY)
        return (struct working_feeling){ MOOD_CALM, 0.8, 0.9 };
    if ((events & WORKING_AGAIN) && times > 1)
        return (struct working_feeling){ MOOD_ANNOYED, share(0.2 + 0.15 * (double)times), 0.8 };
    if (events & (WORKING_THANKS | WORKING_PRAISE))
        return (struct working_feeling){ MOOD_GLAD, events & WORKING_PRAISE ? 0.7 : 0.5, 0.8 };
    if (theirs_weight >= 0.3 && (working_akin(theirs->mood, MOOD_SAD) || theirs->mood == MOOD_WORRIED))
        return (struct working_feeling){ MOOD_WORRIED, 0.7 * share(theirs->intensity), share(theirs->confidence) };
    if (theirs_weight >= 0.3 && working_akin(theirs->mood, MOOD_GLAD))
        return (struct working_feeling){ MOOD_GLAD, 0.6 * share(theirs->intensity), share(theirs->confidence) };
    return (struct working_feeling){ MOOD_NONE, 0, 0.5 };
}

enum intent working_wants(const struct working_mood *own, const struct working_mood *theirs, enum intent their_intent)
{
    bool down = working_akin(theirs->mood, MOOD_SAD) || theirs->mood == MOOD_WORRIED || theirs->mood == MOOD_ASHAMED;
    if (own->mood == MOOD_ANNOYED || own->mood == MOOD_ANGRY)
        return working_weight(own) >= 0.4 ? INTENT_DISTANCE : INTENT_CHAT;
    if (their_intent == INTENT_ADVICE)
        return INTENT_ADVICE;
    return their_intent == INTENT_COMFORT || (down && working_weight(theirs) >= 0.3) ? INTENT_COMFORT : INTENT_CHAT;
}

/* ---- what is counted ---- */

static double part(int64_t n, double of) { return n > 0 ? (double)n / of : 0; }

double working_closeness(const struct working_counts *c)
{
    double near = part(c->exchanges, 200) + part(c->days, 30) + part(c->secrets, 10) + part(c->thanks, 60);
    return share((1 - exp(-near)) * exp(-part(c->insults, 40)));
}

double working_trust(const struct working_counts *c)
{
    double good = part(c->days, 40) + part(c->secrets, 15) + part(c->kept, 8) + part(c->thanks, 80);
    double bad = part(c->insults, 15) + part(c->broken, 4);
    return share(0.3 + 0.7 * (1 - exp(-good)) - 0.6 * (1 - exp(-bad)));
}
