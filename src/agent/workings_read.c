/* workings_read.c — the state between a character and a person, worked out of what their turns showed, as far as those who are there heard
 * them. Loop thread. */
#include "agent/workings.h"

#include "base/err.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ARENA (4u << 20)
#define MAX_TEXT 1000 /* bytes of a turn */
#define HOUR_MS 3600000.0
#define TOPIC_MS (6LL * 3600 * 1000)  /* words of messages so near to each other are one topic, */
#define STALE_MS (3LL * 86400 * 1000) /* which is no more on anybody's mind then */
#define INTENT_HALF 2.0               /* hours in which what somebody wants fades */
#define INTENT_LEAST 0.2

struct reading_workings {
    struct working_state *out;
    int64_t person;
    const int64_t *people; /* NULL: all there is */
    size_t n_people;
    struct store_working_turn *shown; /* of each source; strings in the arena */
};

static bool is_alone(const struct reading_workings *r)
{
    return !r->people || (r->n_people == 1 && r->people[0] == r->person);
}

/* What the person said to the character alone may stand where that person is alone; else everybody must have heard it, and nobody of them be
 * one who must not know. */
static bool may_be_told(const struct reading_workings *r, const struct store_memory *turn)
{
    if (is_alone(r))
        return true;
    for (size_t i = 0; i < r->n_people; i++)
        if (!turn->id || turn->class < 0 || !store_people_have(turn->witnesses, r->people[i]) ||
            store_people_have(turn->excluded, r->people[i]))
            return false;
    return r->n_people > 0;
}

static const char *copy_of(struct reading_workings *r, const char *text)
{
    const char *copy = arena_strndup(&r->out->arena, text, utf8_cut(text, strlen(text), MAX_TEXT));
    r->out->failed |= !copy;
    return copy;
}

static struct store_memory copy_turn(struct reading_workings *r, const struct store_memory *turn)
{
    struct store_memory copy = *turn;
    copy.row = NULL;
    copy.conversation = copy_of(r, turn->conversation);
    copy.character = copy_of(r, turn->character);
    copy.text = copy_of(r, turn->text);
    copy.witnesses = copy_of(r, turn->witnesses);
    copy.excluded = copy_of(r, turn->excluded);
    copy.allowed = copy_of(r, turn->allowed);
    return copy;
}

/* The newest first: they are put from the end of the list to its beginning. */
static int take_shown(void *ctx, const struct store_working_turn *shown, const struct store_memory *turn)
{
    struct reading_workings *r = ctx;
    struct working_state *s = r->out;
    if (!may_be_told(r, turn))
        return 0;
    size_t place = WORKINGS_LOOKED - ++s->n_sources;
    struct store_working_turn *copy = &r->shown[place];
    *copy = *shown;
    copy->mood = copy_of(r, shown->mood);
    copy->own_mood = copy_of(r, shown->own_mood);
    copy->intent = copy_of(r, shown->intent);
    copy->topic = copy_of(r, shown->topic);
    s->sources[place] = copy_turn(r, turn);
    return s->failed || s->n_sources == WORKINGS_LOOKED;
}

static int take_open(void *ctx, const struct store_working_open *open, const struct store_memory *turn)
{
    struct reading_workings *r = ctx;
    struct working_state *s = r->out;
    if (!may_be_told(r, turn))
        return 0;
    if (!is_alone(r) && open->hand_ms && !strstr(turn->text, open->text)) /* nobody heard these words */
        return 0;
    struct working_item *item = &s->items[s->n_items++];
    item->open = *open;
    item->open.kind = copy_of(r, open->kind);
    item->open.text = copy_of(r, open->text);
    item->open.state = copy_of(r, open->state);
    item->turn = copy_turn(r, turn);
    return s->failed || s->n_items == WORKINGS_LOOKED;
}

/* ---- by hand ---- */

struct hands {
    struct store_working_hand mood, own_mood, intent, topic, closeness, trust; /* at_ms 0: nobody set it */
};

static int take_hand(void *ctx, const struct store_working_hand *hand)
{
    struct hands *h = ctx;
    const struct {
        const char *part;
        struct store_working_hand *to;
    } parts[] = { { "mood", &h->mood },   { "own_mood", &h->own_mood },   { "intent", &h->intent },
                  { "topic", &h->topic }, { "closeness", &h->closeness }, { "trust", &h->trust } };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        if (strcmp(parts[i].part, hand->part) == 0)
            *parts[i].to = *hand;
    return 0;
}

/* ---- the state ---- */

static void merge_hand(struct working_mood *m, const struct store_working_hand *hand)
{
    const struct working_feeling f = { mood_named(hand->value), hand->amount, 1 };
    *m = (struct working_mood){ .mood = MOOD_NONE };
    if (hand->at_ms && f.mood != MOOD_NONE)
        working_merge(m, &f, hand->at_ms, WORKINGS_BY_HAND);
}

static void work_out_moods(struct reading_workings *r, const struct hands *h, size_t first, int64_t now_ms)
{
    struct working_state *s = r->out;
    merge_hand(&s->theirs, &h->mood);
    merge_hand(&s->own, &h->own_mood);
    for (size_t i = first; i < WORKINGS_LOOKED; i++) {
        const struct store_working_turn *t = &r->shown[i];
        const struct working_feeling theirs = { mood_named(t->mood), t->intensity, t->confidence };
        const struct working_feeling own = { mood_named(t->own_mood), t->own_intensity, t->own_confidence };
        if (s->sources[i].at_ms > h->mood.at_ms)
            working_merge(&s->theirs, &theirs, s->sources[i].at_ms, i - first);
        if (s->sources[i].at_ms > h->own_mood.at_ms)
            working_merge(&s->own, &own, s->sources[i].at_ms, i - first);
    }
    s->theirs = working_at(&s->theirs, now_ms);
    s->own = working_at(&s->own, now_ms);
}

static void work_out_intent(struct reading_workings *r, const struct hands *h, size_t first, int64_t now_ms)
{
    struct working_state *s = r->out;
    s->intent = intent_named(h->intent.value);
    s->intent_confidence = s->intent != INTENT_NONE;
    s->intent_ms = h->intent.at_ms;
    s->intent_cause = WORKINGS_BY_HAND;
    for (size_t i = first; i < WORKINGS_LOOKED; i++) {
        enum intent intent = intent_named(r->shown[i].intent);
        if (intent == INTENT_NONE || s->sources[i].at_ms <= h->intent.at_ms)
            continue;
        s->intent = intent;
        s->intent_confidence = r->shown[i].intent_confidence;
        s->intent_ms = s->sources[i].at_ms;
        s->intent_cause = i - first;
    }
    double hours = now_ms > s->intent_ms ? (double)(now_ms - s->intent_ms) / HOUR_MS : 0;
    s->intent_confidence *= exp2(-hours / INTENT_HALF);
    if (!(s->intent_confidence >= INTENT_LEAST))
        s->intent = INTENT_NONE;
    s->own_intent = s->theirs.mood == MOOD_NONE && s->own.mood == MOOD_NONE && s->intent == INTENT_NONE
                        ? INTENT_NONE
                        : working_wants(&s->own, &s->theirs, s->intent);
}

/* One more of its words, if it is not there and there is room. */
static void add_word(char topic[WORKING_TOPIC], const char *word, size_t n, size_t *words)
{
    size_t used = strlen(topic);
    for (const char *at = topic; n && (at = memmem(at, strlen(at), word, n)); at++)
        if ((at == topic || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return;
    if (!n || *words == WORKING_TOPIC_WORDS || used + n + 2 > WORKING_TOPIC)
        return;
    snprintf(topic + used, WORKING_TOPIC - used, "%s%.*s", used ? " " : "", (int)n, word);
    ++*words;
}

/* The words of the last messages that have any, those of the newest first. */
static void work_out_topic(struct reading_workings *r, const struct hands *h, size_t first, int64_t now_ms)
{
    struct working_state *s = r->out;
    size_t words = 0;
    s->topic_cause = WORKINGS_BY_HAND;
    for (size_t i = WORKINGS_LOOKED; i-- > first;) {
        const char *at = r->shown[i].topic;
        int64_t at_ms = s->sources[i].at_ms;
        if (!*at || at_ms <= h->topic.at_ms || (s->topic_ms && s->topic_ms - at_ms > TOPIC_MS))
            continue;
        if (!s->topic_ms) {
            s->topic_ms = at_ms;
            s->topic_cause = i - first;
        }
        for (size_t n; *at; at += n + (at[n] == ' '))
            add_word(s->topic, at, n = strcspn(at, " "), &words);
    }
    if (!s->topic_ms && *h->topic.value) {
        s->topic_ms = h->topic.at_ms;
        snprintf(s->topic, sizeof(s->topic), "%s", h->topic.value);
    }
    if (s->topic_ms < now_ms - STALE_MS)
        *s->topic = '\0';
}

static double corrected(double counted, const struct store_working_hand *hand)
{
    double x = counted + (hand->at_ms && isfinite(hand->amount) ? hand->amount : 0);
    return x > 0 ? (x < 1 ? x : 1) : 0;
}

static void work_out_relation(struct working_state *s, const struct hands *h)
{
    s->closeness = corrected(working_closeness(&s->counts), &h->closeness);
    s->trust = corrected(working_trust(&s->counts), &h->trust);
    s->closeness_ms = h->closeness.at_ms;
    s->trust_ms = h->trust.at_ms;
    s->closeness_by_hand = h->closeness.at_ms > 0;
    s->trust_by_hand = h->trust.at_ms > 0;
}

int workings_counts(anima_home *home, const char *character, int64_t person, struct working_counts *out,
                    anima_error *err)
{
    struct store_working_sum sum;
    int rc = store_working_sum(home->store, character, person, &sum, err);
    *out = (struct working_counts){
        sum.exchanges, sum.days, sum.thanks, sum.insults, sum.secrets, sum.kept, sum.broken
    };
    return rc;
}

static int read_all(anima_home *home, const char *character, struct reading_workings *r, struct hands *hands,
                    anima_error *err)
{
    struct working_state *s = r->out;
    int rc = store_working_list(home->store, character, r->person, WORKINGS_LOOKED, take_shown, r, err);
    if (!rc)
        rc = store_working_opens(home->store, character, r->person, WORKINGS_LOOKED, take_open, r, err);
    if (!rc)
        rc = store_working_hands(home->store, character, r->person, take_hand, hands, err);
    if (!rc)
        rc = workings_counts(home, character, r->person, &s->counts, err);
    return rc || !s->failed ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory for what is on a character's mind");
}

int workings_read(anima_home *home, const char *character, int64_t person, const int64_t *people, size_t n_people,
                  int64_t now_ms, struct working_state *out, anima_error *err)
{
    struct hands hands = { .mood = { .at_ms = 0 } };
    *out = (struct working_state){ .failed = false };
    arena_init(&out->arena, ARENA);
    struct reading_workings r = { .out = out, .person = person, .people = people, .n_people = n_people };
    r.shown = arena_alloc(&out->arena, WORKINGS_LOOKED * sizeof(*r.shown));
    out->sources = arena_alloc(&out->arena, WORKINGS_LOOKED * sizeof(*out->sources));
    out->items = arena_alloc(&out->arena, WORKINGS_LOOKED * sizeof(*out->items));
    if (!r.shown || !out->sources || !out->items)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for what is on a character's mind");
    int rc = read_all(home, character, &r, &hands, err);
    if (rc)
        return rc;
    bool alone = !people || (n_people == 1 && people[0] == person);
    if (!alone) /* what was set by hand nobody heard */
        hands = (struct hands){ .mood = { .at_ms = 0 } };
    size_t first = WORKINGS_LOOKED - out->n_sources;
    work_out_moods(&r, &hands, first, now_ms);
    work_out_intent(&r, &hands, first, now_ms);
    work_out_topic(&r, &hands, first, now_ms);
    work_out_relation(out, &hands);
    out->sources += first;
    return ANIMA_OK;
}

void workings_finish(struct working_state *state) { arena_finish(&state->arena); }
