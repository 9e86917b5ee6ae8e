/* workings_door.c — what is on a character's mind of somebody, shown to people and corrected by them. Loop thread. */
#include "agent/memories_private.h"
#include "agent/workings.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct showing {
    anima_home *home;
    const struct working_state *state;
    anima_working_cb *cb;
    void *ctx;
    bool stopped;
};

/* turn: what shows it; NULL: nothing said does. */
static void show(struct showing *s, anima_working part, const struct store_memory *turn)
{
    const char *names[MEMORIES_WITNESSES];
    anima_memory cause;
    if (s->stopped)
        return;
    if (turn)
        cause = memories_describe(s->home, turn, names);
    part.cause = turn ? &cause : NULL;
    part.state = part.state ? part.state : "";
    s->stopped = s->cb(s->ctx, &part) != 0;
}

static const struct store_memory *source(const struct showing *s, size_t cause)
{
    return cause < s->state->n_sources ? &s->state->sources[cause] : NULL;
}

static void show_mood(struct showing *s, const char *part, const struct working_mood *m)
{
    const struct store_memory *turn = source(s, m->cause);
    if (m->mood != MOOD_NONE)
        show(s,
             (anima_working){ .part = part,
                              .value = mood_name(m->mood),
                              .amount = m->intensity,
                              .confidence = m->confidence,
                              .since_ms = m->since_ms,
                              .by_hand = !turn },
             turn);
}

static void show_person(struct showing *s)
{
    const struct working_state *w = s->state;
    const struct store_memory *said = source(s, w->intent_cause), *about = source(s, w->topic_cause);
    show_mood(s, "mood", &w->theirs);
    if (w->intent != INTENT_NONE)
        show(s,
             (anima_working){ .part = "intent",
                              .value = intent_name(w->intent),
                              .confidence = w->intent_confidence,
                              .since_ms = w->intent_ms,
                              .by_hand = !said },
             said);
    if (*w->topic)
        show(s,
             (anima_working){
                 .part = "topic", .value = w->topic, .confidence = 1, .since_ms = w->topic_ms, .by_hand = !about },
             about);
}

static void show_relation(struct showing *s)
{
    const struct working_state *w = s->state;
    show_mood(s, "own_mood", &w->own);
    if (w->own_intent != INTENT_NONE)
        show(s, (anima_working){ .part = "own_intent", .value = intent_name(w->own_intent), .confidence = 1 }, NULL);
    if (!w->counts.exchanges && !w->closeness_by_hand && !w->trust_by_hand)
        return;
    show(s,
         (anima_working){ .part = "closeness",
                          .value = "",
                          .amount = w->closeness,
                          .confidence = 1,
                          .since_ms = w->closeness_ms,
                          .by_hand = w->closeness_by_hand },
         NULL);
    show(s,
         (anima_working){ .part = "trust",
                          .value = "",
                          .amount = w->trust,
                          .confidence = 1,
                          .since_ms = w->trust_ms,
                          .by_hand = w->trust_by_hand },
         NULL);
}

static void show_items(struct showing *s)
{
    for (size_t i = 0; i < s->state->n_items; i++) {
        const struct store_working_open *o = &s->state->items[i].open;
        show(s,
             (anima_working){ .part = o->kind,
                              .id = o->id,
                              .value = o->text,
                              .confidence = 1,
                              .since_ms = s->state->items[i].turn.at_ms,
                              .from_ms = o->from_ms,
                              .to_ms = o->to_ms,
                              .own = o->own,
                              .state = o->state,
                              .by_hand = o->hand_ms > 0 },
             &s->state->items[i].turn);
    }
}

static int known(const anima_home *home, const char *character, const char *person, const anima_person **who,
                 anima_error *err)
{
    if (!cast_find(&home->cast, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    return home_person_known(home, person, who, err) ? ANIMA_E_NOT_FOUND : ANIMA_OK;
}

int anima_working_list(anima_home *home, const char *character, const char *person, anima_working_cb *cb, void *ctx,
                       anima_error *err)
{
    const anima_person *who;
    struct working_state state;
    int rc = known(home, character, person, &who, err);
    if (rc)
        return rc;
    rc = workings_read(home, character, who->id, NULL, 0, clock_wall_ms(), &state, err);
    struct showing s = { .home = home, .state = &state, .cb = cb, .ctx = ctx };
    if (!rc) {
        show_person(&s);
        show_relation(&s);
        show_items(&s);
    }
    workings_finish(&state);
    return rc;
}

/* ---- by hand ---- */

static bool is_share(double x) { return x >= 0 && x <= 1; } /* NaN is not */

static bool is_text(const char *text, size_t most)
{
    size_t n = strlen(text);
    return n && n <= most && utf8_valid(text, n) && text[strspn(text, " \r\n\t")];
}

/* What is stored for closeness and trust is how far the hand moves what is counted. */
static int move(anima_home *home, struct store_working_hand *hand, double to, anima_error *err)
{
    struct working_counts counts;
    int rc = workings_counts(home, hand->character, hand->person, &counts, err);
    const struct working_counts none = { .days = 0 };
    bool closeness = strcmp(hand->part, "closeness") == 0;
    double counted = closeness ? working_closeness(&counts) : working_trust(&counts);
    double wanted = *hand->value ? to : closeness ? working_closeness(&none) : working_trust(&none);
    hand->amount = wanted - counted;
    return rc;
}

static int fill(anima_home *home, struct store_working_hand *hand, const char *part, const char *value, double amount,
                anima_error *err)
{
    static const char *const moods[] = { "mood", "own_mood" }, *const relations[] = { "closeness", "trust" };
    bool mood = strcmp(part, moods[0]) == 0 || strcmp(part, moods[1]) == 0;
    bool relation = strcmp(part, relations[0]) == 0 || strcmp(part, relations[1]) == 0;
    bool intent = strcmp(part, "intent") == 0;
    if (!mood && !relation && !intent && strcmp(part, "topic") != 0)
        return err_set(err, ANIMA_E_INVALID,
                       "\"%.40s\" cannot be set: mood, intent, topic, own_mood, closeness and trust can", part);
    snprintf(hand->part, sizeof(hand->part), "%s", part);
    if (value && mood && (mood_named(value) == MOOD_NONE || !is_share(amount) || amount == 0))
        return err_set(err, ANIMA_E_INVALID,
                       "a mood is one of the list in docs/memory.md, and its amount more than 0, 1 at most");
    if (value && intent && intent_named(value) == INTENT_NONE)
        return err_set(err, ANIMA_E_INVALID, "\"%.40s\" is nothing that anybody wants: see docs/memory.md", value);
    if (value && relation && !is_share(amount))
        return err_set(err, ANIMA_E_INVALID, "%s is a number from 0 to 1", part);
    if (value && !mood && !intent && !relation && !is_text(value, WORKING_TOPIC - 1))
        return err_set(err, ANIMA_E_INVALID, "a topic is UTF-8 text of 1 to %d bytes", WORKING_TOPIC - 1);
    snprintf(hand->value, sizeof(hand->value), "%s", !value ? "" : relation ? "set" : value);
    hand->amount = value && mood ? amount : 0;
    return relation ? move(home, hand, amount, err) : ANIMA_OK;
}

int anima_working_set(anima_home *home, const char *character, const char *person, const char *part, const char *value,
                      double amount, anima_done *done, void *ctx, anima_error *err)
{
    const anima_person *who;
    struct op *op;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = known(home, character, person, &who, err);
    if (rc)
        return rc;
    struct store_working_hand hand = { .person = who->id, .at_ms = clock_wall_ms() };
    snprintf(hand.character, sizeof(hand.character), "%s", character);
    rc = fill(home, &hand, part, value, amount, err);
    if (!rc)
        rc = op_new(home, NULL, done, ctx, &op, err);
    return rc ? rc : op_queued(op, store_working_hand(home->store, &hand, op_written, op, err));
}

int anima_working_change(anima_home *home, int64_t id, const char *text, const char *state, anima_done *done, void *ctx,
                         anima_error *err)
{
    static const char *const states[] = { "open", "kept", "broken", "dropped", "answered" };
    struct op *op;
    bool one = !state;
    if (home->read_only)
        return home_looked_at_only(err);
    for (size_t i = 0; i < sizeof(states) / sizeof(*states) && !one; i++)
        one = strcmp(states[i], state) == 0;
    if (!one)
        return err_set(err, ANIMA_E_INVALID,
                       "a promise is open, kept or broken, a plan open, kept or dropped, a question open or answered");
    if (text && !is_text(text, WORKING_PROMISE))
        return err_set(err, ANIMA_E_INVALID, "its words are UTF-8 text of 1 to %d bytes", WORKING_PROMISE);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    return rc ? rc
              : op_queued(op, store_working_change_open(home->store, id, text, text || state ? state : "gone",
                                                        clock_wall_ms(), op_written, op, err));
}
