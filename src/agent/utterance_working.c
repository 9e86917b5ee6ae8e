/* utterance_working.c — how the one who speaks is, and what is open between them and the character: what everybody who is there heard, in a sentence
 * or two beside the message. */
#include "agent/utterance_private.h"
#include "agent/workings.h"

#include "base/clock.h"
#include "mind/working_tell.h"

#include <string.h>

/* Where what is open of a kind stands, and how many there are of it. */
static struct working_due_piece *list_of(struct working_told *told, const char *kind, size_t **n)
{
    bool promise = strcmp(kind, "promise") == 0, plan = strcmp(kind, "plan") == 0;
    *n = promise ? &told->n_promises : plan ? &told->n_plans : &told->n_questions;
    return promise ? told->promises : plan ? told->plans : told->questions;
}

/* What can be told now: the newest would else take the places of what is due. */
static bool is_wanted(const struct store_working_open *o, int64_t now_ms)
{
    bool near = strcmp(o->kind, "question") == 0 ||
                (o->to_ms && now_ms >= o->from_ms - WORKING_NEAR_MS && now_ms < o->to_ms + WORKING_NEAR_MS);
    return near && strcmp(o->state, "open") == 0;
}

/* Of what was promised, decided and asked, and is open, the first few of each. */
static void choose_open(const struct working_state *state, int64_t now_ms, struct working_told *out)
{
    for (size_t i = 0; i < state->n_items; i++) {
        const struct store_working_open *o = &state->items[i].open;
        size_t *n;
        struct working_due_piece *list = list_of(out, o->kind, &n);
        if (is_wanted(o, now_ms) && *n < WORKING_TELLS)
            list[(*n)++] = (struct working_due_piece){ .own = o->own,
                                                       .text = o->text,
                                                       .at_ms = state->items[i].turn.at_ms,
                                                       .from_ms = o->from_ms,
                                                       .to_ms = o->to_ms };
    }
}

/* The words that show a mood, if they do not stand in sight anyway. */
static const char *words_of(const struct utterance *u, const struct working_state *state)
{
    const struct store_memory *turn = state->theirs.cause < state->n_sources ? &state->sources[state->theirs.cause]
                                                                             : NULL;
    bool seen = turn && strcmp(turn->conversation, u->conversation->info.id) == 0 &&
                turn->seq >= utterance_place(u, u->input.first);
    return turn && !seen ? turn->text : NULL;
}

/* The turns whose words it is told: whoever asks sees them, and what is to be forgotten is looked for in what was said to that. */
static void keep_told(struct utterance *u, const struct working_state *state, struct working_told *told)
{
    struct working_told looked = { .person = told->person }; /* counts as choose_open did */
    if (told->quoted)
        utterance_add_told(u, state->sources[state->theirs.cause].conversation, state->sources[state->theirs.cause].seq,
                           0);
    for (size_t i = 0; i < state->n_items; i++) {
        const struct store_working_open *o = &state->items[i].open;
        const struct store_memory *turn = &state->items[i].turn;
        size_t *n, *at;
        const struct working_due_piece *list = list_of(told, o->kind, &n);
        list_of(&looked, o->kind, &at);
        if (!is_wanted(o, u->input.now_ms) || *at == *n || !list[(*at)++].told)
            continue;
        utterance_add_told(u, turn->conversation, turn->seq, 0);
        if (strcmp(o->kind, "plan") == 0) /* the words are those of the proposal in front of it */
            utterance_add_told(u, turn->conversation, turn->seq - 1, 0);
    }
}

int utterance_tell_working(struct utterance *u, int64_t person, const char **text, anima_error *err)
{
    struct working_state state;
    struct working_said said;
    int64_t people[MAX_PRESENT] = { person };
    *text = "";
    if (!person || !u->home->workings || !utterance_has(u->home, "working") ||
        !utterance_applies(u->home, "memory.working", character_model(u->home, u->who)))
        return ANIMA_OK;
    size_t n = utterance_people(u->conversation, people, 1);
    int rc = workings_read(u->home, u->who->pub.id, person, people, n, u->input.now_ms, &state, err);
    struct working_told told = { .person = utterance_called(u, person), .theirs = state.theirs, .own = state.own };
    workings_says(u->home->workings, u->message, &said);
    if (said.feeling.mood != MOOD_NONE) /* who says now how they feel has said it */
        told.theirs.mood = MOOD_NONE;
    if (!rc) {
        told.quote = words_of(u, &state);
        choose_open(&state, u->input.now_ms, &told);
        *text = working_text(u->arena, &told, u->input.now_ms, clock_offset_min(u->input.now_ms), u->language);
        keep_told(u, &state, &told);
    }
    workings_finish(&state);
    return rc || *text ? rc : utterance_no_memory(err);
}
