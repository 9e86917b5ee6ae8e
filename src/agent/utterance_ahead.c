/* utterance_ahead.c — the engine reads ahead: what is being typed, and, behind a reply, what the next one will begin with. */
#include "agent/utterance_private.h"

#include "agent/summary.h"

#include "base/utf8.h"

#include <string.h>

/* The character is here, and its engine would keep what it reads. */
static bool can_read(const struct utterance *u)
{
    return u->who && u->home->engines && engine_reads(u->home->engines, character_model(u->home, u->who));
}

/* Has the engine read the input, as it is now. */
static bool read_input(struct utterance *u, enum engine_class class)
{
    anima_chat_message *messages;
    size_t n;
    anima_error err;
    char stream[READING_NAME];
    if (prompt_build(u->arena, &u->input, &messages, &n, &err))
        return false;
    reading_name(stream, u->conversation->info.id, u->language, utterance_place(u, u->input.first));
    struct engine_request request = { .messages = messages,
                                      .n_messages = n,
                                      .stream = stream,
                                      .adapter = u->adapter.on ? u->adapter.file : NULL,
                                      .adapter_scale = u->adapter.scale,
                                      .class = class,
                                      .open = u->input.open,
                                      .logprobs = -1 };
    anima_sampling_default(&request.sampling);
    return engine_read(u->home->engines, character_model(u->home, u->who), &request);
}

/* The message that is being typed is the last turn. */
static bool read_typing(struct utterance *u, const anima_person *person, const char *text)
{
    anima_error err;
    struct prompt_turn *turns = arena_alloc(u->arena, (u->input.n_turns + 1) * sizeof(*turns));
    if (!turns)
        return false;
    memcpy(turns, u->input.turns, u->input.n_turns * sizeof(*turns));
    turns[u->input.n_turns] = (struct prompt_turn){ utterance_called(u, person->id), text };
    u->input.turns = turns;
    u->input.n_turns++;
    u->input.open = true;
    u->message = text;
    u->person = person->id;
    u->checked = utterance_is_checked(u->home, character_model(u->home, u->who));
    utterance_choose_persona(u);
    utterance_choose_window(u);
    int rc = utterance_find_lore(u, &err);
    if (!rc)
        rc = utterance_tell(u, person->id, ACT_NONE, &err);
    return !rc && read_input(u, ENGINE_BACKGROUND);
}

void anima_typing(anima_conversation *c, const char *person, const char *text)
{
    struct arena arena;
    struct utterance u = utterance_of(c, &arena);
    const anima_person *who = home_person_find(c->home, person); /* who has not said anything yet is nobody's hint */
    size_t n = strlen(text);
    if (!who || !can_read(&u) || c->replies || c->candidates || !n || n > MAX_MESSAGE || !utf8_valid(text, n))
        return;
    arena_init(&arena, UTTERANCE_ARENA);
    if (utterance_read_turns(&u, INT64_MAX, NULL) == ANIMA_OK)
        read_typing(&u, who, text);
    arena_finish(&arena);
}

/* The conversation without what is told beside its last message; and, if that is needed soon, the window after this one.
 * later: that one waits for its summary. */
static bool read_plain(struct utterance *u, bool later)
{
    int64_t people[MAX_PRESENT] = { u->person };
    size_t n = utterance_people(u->conversation, people, 1);
    if (utterance_find_lore(u, NULL) ||
        notes_tell(u->home, u->arena, u->who->pub.id, people, n, "", u->language, &u->told))
        return false;
    u->input.rules = u->told.rules;
    bool taken = read_input(u, ENGINE_BACKGROUND);
    if (u->window.next && !later) {
        utterance_begin_with(u, u->window.next);
        read_input(u, ENGINE_COMPACTION);
    }
    return taken;
}

static bool settle(struct utterance *u)
{
    const char *model = character_model(u->home, u->who);
    if (utterance_read_turns(u, INT64_MAX, NULL) || !u->input.n_turns)
        return false;
    utterance_choose_persona(u);
    utterance_choose_window(u);
    bool later = summary_prepare(u->conversation, &u->input, &u->window, model, u->person);
    return can_read(u) && read_plain(u, later);
}

bool utterance_settle(anima_conversation *c)
{
    struct arena arena;
    struct utterance u = utterance_of(c, &arena);
    if (c->gone || !u.who || !c->home->engines || !engine_runs(c->home->engines, character_model(c->home, u.who)))
        return false;
    arena_init(&arena, UTTERANCE_ARENA);
    bool taken = settle(&u);
    arena_finish(&arena);
    return taken;
}
