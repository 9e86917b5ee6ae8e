/* workings_turn.c — what one turn shows, as far as code finds it: what is said outright, thanks and insults, the same question again, promises made
 * and kept, what was decided together, questions that stayed without an answer, what it is about. Loop thread. */
#include "agent/memories.h"
#include "agent/workings_private.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "memory/class.h"
#include "mind/again.h"
#include "mind/prompt.h"

#include <string.h>

#define MAX_TEXT 4096      /* bytes of a turn that are looked at */
#define ASKED_MOST 480     /* bytes of a message that the model is asked about */
#define ASKED_LEAST 4      /* characters of it */
#define ALIKE 0.5          /* of the words of a promise, that keep it */
#define SPOKEN_OF 0.33     /* of the words of a plan, that say it is this one which is called off */
#define SOON_MS 86400000LL /* an answer after a day agrees to nothing */
#define EARLY_MS 3600000LL /* before its time a promise is not kept, only spoken of */

/* ---- reading ---- */

static int take_turn(void *ctx, const anima_turn *turn)
{
    struct looking *l = ctx;
    if (l->n == sizeof(l->turns) / sizeof(*l->turns) || turn->seq > l->due.seq + 1)
        return 1;
    struct looked_turn *t = &l->turns[l->n++];
    *t = (struct looked_turn){ .seq = turn->seq,
                               .person = turn->role == ANIMA_ROLE_PERSON ? turn->person : 0,
                               .at_ms = turn->created_ms,
                               .over = turn->state == ANIMA_TURN_DONE,
                               .failed = turn->state == ANIMA_TURN_FAILED || turn->state == ANIMA_TURN_CANCELLED,
                               .text = arena_strndup(&l->arena, turn->text,
                                                     utf8_cut(turn->text, strlen(turn->text), MAX_TEXT)) };
    l->failed |= !t->text;
    return l->failed;
}

/* The turns around it. False: it is not there. */
static bool read_turns(struct workings *w, struct looking *l)
{
    int64_t after = l->due.seq > WORKINGS_BEFORE + 1 ? l->due.seq - WORKINGS_BEFORE - 1 : 0;
    if (store_turn_list(w->home->store, l->due.conversation, after, WORKINGS_BEFORE + 2, take_turn, l, NULL) ||
        l->failed)
        return false;
    for (l->at = 0; l->at < l->n && l->turns[l->at].seq != l->due.seq;)
        l->at++;
    l->person = l->due.speaker;
    for (size_t i = l->at; i-- > 0 && !l->person && l->at < l->n;)
        l->person = l->turns[i].person;
    return l->at < l->n;
}

/* ---- a message ---- */

static void count_again(struct looking *l)
{
    struct prompt_turn *turns = arena_alloc(&l->arena, (l->at + 1) * sizeof(*turns));
    struct again again;
    l->failed |= !turns;
    for (size_t i = 0; turns && i <= l->at; i++)
        turns[i] = (struct prompt_turn){ l->turns[i].person ? "" : NULL, l->turns[i].text };
    if (!turns)
        return;
    again_read(turns, l->at + 1, l->turns[l->at].text, &again);
    l->times = again.times;
    l->said.events |= again.times ? WORKING_AGAIN : 0u;
}

/* A day that was named begins by the local time of that day, on the other side of a change of the clocks, too. */
static int64_t local(int64_t ms, int64_t said_ms)
{
    return ms ? ms + (clock_offset_min(said_ms) - clock_offset_min(ms)) * 60000LL : 0;
}

/* A part of the text of a turn. */
static void open_one(struct looking *l, const char *kind, const struct looked_turn *turn,
                     const struct working_piece *piece)
{
    if (l->n_opens == STORE_WORKING_OPENS)
        return;
    struct store_working_open *o = &l->opens[l->n_opens];
    *o = (struct store_working_open){ .kind = kind,
                                      .own = !turn->person,
                                      .text = arena_strndup(&l->arena, turn->text + piece->start,
                                                            piece->end - piece->start),
                                      .from_ms = local(piece->from_ms, turn->at_ms),
                                      .to_ms = local(piece->to_ms, turn->at_ms) };
    l->failed |= !o->text;
    l->n_opens += o->text != NULL;
}

static size_t open_promises(struct workings *w, struct looking *l)
{
    struct working_piece found[WORKING_PROMISES];
    const struct when_anchor then = { l->due.at_ms, clock_offset_min(l->due.at_ms) };
    size_t n = working_promises(w->said, l->turns[l->at].text, then, found);
    for (size_t i = 0; i < n; i++)
        open_one(l, "promise", &l->turns[l->at], &found[i]);
    return n;
}

/* What the other one proposed right before, and this turn agrees to. In a group the character's words are said to whoever spoke last. */
static const struct store_working_open *open_plan(struct workings *w, struct looking *l)
{
    struct working_piece plan;
    const struct looked_turn *turn = &l->turns[l->at], *before = l->at ? turn - 1 : NULL;
    const struct looked_turn *asked = l->at > 1 ? turn - 2 : NULL;
    bool sides = before && !before->person != !turn->person && before->seq == turn->seq - 1;
    bool same = !turn->person || !asked || !asked->person || asked->person == turn->person;
    if (!sides || !same || turn->at_ms - before->at_ms > SOON_MS || l->n_opens == STORE_WORKING_OPENS ||
        !working_plan(w->plans, before->text, (struct when_anchor){ before->at_ms, clock_offset_min(before->at_ms) },
                      turn->text, (struct when_anchor){ turn->at_ms, clock_offset_min(turn->at_ms) }, &plan))
        return NULL;
    open_one(l, "plan", before, &plan);
    return l->failed ? NULL : &l->opens[l->n_opens - 1];
}

/* A question of a person that got no answer, or "I'll tell you later"; one of the character that the person has not answered yet: whether
 * they do, what comes next shows. */
static void open_question(struct workings *w, struct looking *l)
{
    struct working_piece piece;
    const struct looked_turn *next = l->at + 1 < l->n ? &l->turns[l->at + 1] : NULL;
    bool asks = working_question(l->turns[l->at].text, &piece);
    bool unanswered = next && !next->person &&
                      ((next->failed && !*next->text) || (next->over && working_puts_off(w->said, next->text)));
    if (asks && (!l->due.speaker || unanswered))
        open_one(l, "question", &l->turns[l->at], &piece);
}

struct closing {
    struct workings *w;
    struct looking *l;
    bool promises;                         /* the turn itself promises something: that keeps nothing */
    const struct store_working_open *plan; /* that the turn agrees to; NULL: none */
};

/* A plan is over when somebody speaks of it at its time or later, calls it off, or both decide on something like it anew. */
static const char *closes_plan(const struct closing *c, const struct store_working_open *open, double shared)
{
    const struct looking *l = c->l;
    const char *text = l->turns[l->at].text;
    const struct when_anchor now = { l->due.at_ms, clock_offset_min(l->due.at_ms) };
    const struct working_piece day = { .from_ms = open->from_ms, .to_ms = open->to_ms };
    if (c->plan)
        return working_shared(memories_words(c->w->home->memories), open->text, c->plan->text) >= ALIKE ? "dropped"
                                                                                                        : NULL;
    if (l->due.at_ms < open->to_ms && !working_only_asks(text) && working_calls_off(c->w->plans, text))
        return shared >= SPOKEN_OF || working_names_day(text, now, &day) ? "dropped" : NULL;
    return l->due.at_ms >= open->from_ms && shared >= ALIKE && !working_only_asks(text) &&
                   !working_undone(c->w->plans, text)
               ? "kept"
               : NULL;
}

/* Whether the turn that is looked at is what was open. */
static const char *closes(const struct closing *c, const struct store_working_open *open,
                          const struct store_memory *turn)
{
    const struct looking *l = c->l;
    const char *text = l->turns[l->at].text;
    bool here = strcmp(turn->conversation, l->due.conversation) == 0, mine = open->own == !l->due.speaker;
    double shared = working_shared(memories_words(c->w->home->memories), open->text, text);
    if (turn->at_ms > l->due.at_ms || (here && turn->seq >= l->due.seq))
        return NULL;
    if (strcmp(open->kind, "plan") == 0)
        return closes_plan(c, open, shared);
    if (strcmp(open->kind, "promise") == 0) {
        bool early = open->to_ms && l->due.at_ms < open->from_ms - EARLY_MS;
        return mine && !early && !c->promises && shared >= ALIKE && !working_undone(c->w->plans, text) ? "kept" : NULL;
    }
    if (mine)
        return NULL;
    bool next = here && turn->seq == l->due.seq - 1 && (open->own || !working_puts_off(c->w->said, text));
    return (next && !working_only_asks(text)) || shared >= ALIKE ? "answered" : NULL;
}

static int close_one(void *ctx, const struct store_working_open *open, const struct store_memory *turn)
{
    struct closing *c = ctx;
    struct looking *l = c->l;
    if (strcmp(open->state, "open") != 0 || l->n_closes == STORE_WORKING_OPENS)
        return 1; /* those that are open come first */
    const char *state = closes(c, open, turn);
    if (state)
        l->closes[l->n_closes++] = (struct store_working_close){ open->id, state, l->due.at_ms };
    return 0;
}

static void choose_questions(struct looking *l)
{
    const char *text = l->turns[l->at].text;
    size_t n = strlen(text), characters = 0;
    for (size_t i = 0; i < n; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    bool worth = l->due.speaker && n <= ASKED_MOST && characters >= ASKED_LEAST;
    l->ask[WORKING_MOOD] = worth && l->said.feeling.mood == MOOD_NONE;
    l->ask[WORKING_INTENT] = worth && l->said.intent == INTENT_NONE;
}

bool workings_look(struct workings *w, struct looking *l)
{
    if (!read_turns(w, l))
        return false;
    const char *text = l->turns[l->at].text;
    if (l->due.speaker) {
        working_says(w->said, text, &l->said);
        l->said.events |= l->due.class == MEMORY_SECRET ? WORKING_SECRET : 0u;
        count_again(l);
    }
    struct closing c = { w, l, open_promises(w, l) > 0, NULL };
    c.plan = open_plan(w, l);
    open_question(w, l);
    l->failed |= working_topic(memories_words(w->home->memories), text, l->topic) != 0;
    if (l->person && !l->failed)
        l->failed |= store_working_opens(w->home->store, l->due.character, l->person, WORKINGS_LOOKED, close_one, &c,
                                         NULL) != 0;
    choose_questions(l);
    return !l->failed;
}
