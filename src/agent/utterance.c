/* utterance.c — what a reply is asked for with: the prompt, what the model is told beside the question (utterance_told.c), and what it
 * may not say (utterance_plan.c; speech.c keeps to it). */
#include "agent/utterance_private.h"

#include "agent/ledger.h"
#include "agent/summary.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "mind/persona.h"
#include "mind/topics.h"

#include <stdio.h>
#include <string.h>

#define CLOSE_TEMPERATURE 0.35
#define CLOSE_DRY 0.0
#define USUAL_TEMPERATURE 0.7
#define EVERY_WAY 0.15 /* of several at a time: temperature added with each */
#define WARMEST 1.2

int utterance_no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the prompt"); }

const char *utterance_called(const struct utterance *u, int64_t person)
{
    int64_t people[MAX_PRESENT] = { person };
    size_t n = utterance_people(u->conversation, people, 1);
    const char *name = notes_name(u->home, u->arena, u->who->pub.id, people, n);
    for (size_t i = 1; name && i < n; i++) { /* one name is one person */
        const char *other = notes_name(u->home, u->arena, u->who->pub.id, &people[i], 1);
        if (strcmp(name, home_person_name(u->home, people[i])) == 0 || (other && strcmp(name, other) == 0))
            name = NULL;
    }
    return name ? name : home_person_name(u->home, person);
}

int utterance_read_turns(struct utterance *u, int64_t seq, anima_error *err)
{
    anima_conversation *c = u->conversation;
    int rc = conversation_load_said(c, err);
    struct prompt_turn *turns = rc ? NULL : arena_alloc(u->arena, (c->n_said + 1) * sizeof(*turns));
    if (!turns)
        return rc ? rc : utterance_no_memory(err);
    u->input.turns = turns;
    int64_t person = 0;
    const char *name = NULL; /* of that person: mostly one talks, and finding it takes patterns */
    for (size_t i = 0; i < c->n_said && c->said[i].seq < seq; i++) {
        const struct said *s = &c->said[i];
        u->person = s->person ? s->person : u->person;
        if (s->person && s->person != person) {
            person = s->person;
            name = NULL; /* the same person is called the same all through */
            for (size_t k = i; k-- > 0 && !name;)
                name = c->said[k].person == person ? turns[k].speaker : NULL;
            name = name ? name : utterance_called(u, person);
        }
        turns[u->input.n_turns++] = (struct prompt_turn){ s->person ? name : NULL, s->text };
    }
    u->message = "";
    for (size_t i = u->input.n_turns; i-- > 0 && !*u->message;)
        u->message = turns[i].speaker ? turns[i].text : "";
    return ANIMA_OK;
}

void utterance_self(const struct character *who, const char *language, struct act_self *out)
{
    const char *name = character_fact(who, "name", language);
    *out = (struct act_self){ name ? name : character_called(who), character_fact(who, "age", language),
                              character_fact(who, "work", language), character_fact(who, "species", language) };
}

bool utterance_shows_examples(const struct utterance *u)
{
    return utterance_has(u->home, "examples") && !u->adapter.on;
}

const struct prompt_persona *utterance_persona(const anima_home *home, struct arena *arena, const struct character *who,
                                               const char *language, const struct adapter_use *use,
                                               struct prompt_persona *bare)
{
    const struct prompt_persona *persona = prompt_choose(who->personas, who->n_personas, language, who->pub.language);
    if (!use->on && utterance_has(home, "examples"))
        return persona;
    const char *sentence = adapters_brief(home, use) ? persona_short(arena, persona->text) : NULL;
    *bare = *persona;
    bare->n_examples = bare->n_samples = 0;
    bare->text = sentence ? sentence : bare->text;
    return bare;
}

void utterance_choose_persona(struct utterance *u)
{
    const struct character *who = u->who;
    const char *asked_for = notes_language(u->home, who->pub.id, u->person);
    const char *spoken = asked_for ? asked_for : prompt_spoken(u->input.turns, u->input.n_turns);
    adapters_choose(u->home, who, character_model(u->home, who), &u->adapter);
    u->input.persona = utterance_persona(u->home, u->arena, who, spoken, &u->adapter, &u->bare);
    u->input.character = character_called(who);
    u->input.now_ms = clock_wall_ms();
    u->input.seed = (uint64_t)u->conversation->info.created_ms;
    u->language = u->input.persona->language;
    u->input.foreign = strcmp(spoken, u->language) != 0;
    utterance_self(who, u->language, &u->self);
}

int64_t utterance_place(const struct utterance *u, size_t i)
{
    const anima_conversation *c = u->conversation;
    return i < c->n_said ? c->said[i].seq : c->next_seq;
}

void utterance_begin_with(struct utterance *u, size_t first)
{
    u->input.first = first;
    u->input.summary = summary_of(u->conversation, u->language, utterance_place(u, first));
}

void utterance_choose_window(struct utterance *u)
{
    anima_conversation *c = u->conversation;
    int64_t anchor = utterance_place(u, 0) > 1 ? summary_anchor(c, u->language) : 0;
    size_t from = 0;
    while (from + 1 < u->input.n_turns && utterance_place(u, from) < anchor)
        from++;
    reading_window(&u->input, from, reading_context(c), &u->window);
    utterance_begin_with(u, u->window.first);
    c->window_first = utterance_place(u, u->window.first);
    snprintf(c->window_language, sizeof(c->window_language), "%s", u->language);
}

int utterance_find_lore(struct utterance *u, anima_error *err)
{
    struct lore *lore = character_lore(u->who, u->language);
    return lore ? prompt_lore(u->arena, lore, &u->input, err) : ANIMA_OK;
}

/* A script always says the same: asking it again is no use. */
bool utterance_applies(const anima_home *home, const char *setting, const char *model)
{
    const char *how = settings_get(home->settings, setting);
    const struct model *known = models_find(home->models, model);
    bool written = strncmp(model, "script:", 7) == 0 || (known && strcmp(known->driver, "script") == 0);
    return strcmp(how, "always") == 0 || (strcmp(how, "auto") == 0 && !written);
}

/* One of several ways at a time: each with a little more chance than the one before. */
static void vary(struct engine_request *request, const struct reply *r)
{
    anima_sampling *s = &request->sampling;
    double base = s->temperature == ANIMA_UNSET ? USUAL_TEMPERATURE : s->temperature;
    double warmer = base + EVERY_WAY * (r->way - 1), most = base > WARMEST ? base : WARMEST;
    s->temperature = warmer > most ? most : warmer;
    s->seed += s->seed >= 0 ? r->way - 1 : 0;
}

bool utterance_is_checked(const anima_home *home, const char *model)
{
    return utterance_applies(home, "speech.check", model);
}

/* A candidate has no number yet: candidates.c writes it down with it. */
static void hold_told(const struct utterance *u, struct reply *r)
{
    r->told_of = u->n_recalled ? mem_zero(u->n_recalled, sizeof(*r->told_of)) : NULL;
    if (r->told_of)
        memcpy(r->told_of, u->recalled, u->n_recalled * sizeof(*r->told_of));
    r->n_passages_of = u->n_passages;
    memcpy(r->passages_of, u->passages, sizeof(r->passages_of));
    r->recalled = (int)((r->told_of ? u->n_recalled : 0) + u->n_passages);
}

/* What was told fades more slowly. */
static void strengthen(const struct utterance *u)
{
    struct memory_index *index = u->n_recalled ? memories_there(u->home->memories, u->who->pub.id) : NULL;
    const struct recollection *found = u->recollection;
    for (size_t i = 0; index && found && i < u->n_recalled; i++)
        for (size_t k = 0; k < found->n; k++)
            if (found->items[k].seq == u->recalled[i].seq &&
                strcmp(found->items[k].conversation, u->recalled[i].conversation) == 0)
                index_recalled(index, found->items[k].id, u->input.now_ms);
}

/* What it is told of what is remembered is written down before it speaks. What an attempt before was told goes; going on with the words of
 * that one, it stands. */
static void keep_told(const struct utterance *u, struct reply *r)
{
    anima_error err;
    if (r->way) {
        hold_told(u, r);
        return;
    }
    if (r->text.len || (!u->n_recalled && !u->n_passages && !r->recalled && !r->former))
        return;
    r->recalled = (int)(u->n_recalled + u->n_passages);
    const char *conversation = u->conversation->info.id;
    struct store *store = u->home->store;
    if (store_told_put(store, conversation, r->seq, r->variant, u->recalled, u->n_recalled, &err) ||
        store_told_passages_put(store, conversation, r->seq, r->variant, u->passages, u->n_passages, &err))
        log_warn("agent", "what a reply was told is not kept: %s", err.message);
    else
        strengthen(u);
}

static int begin(struct utterance *u, struct reply *r, const anima_completion_callbacks *callbacks, anima_error *err)
{
    int rc = utterance_read_turns(u, r->seq, err);
    if (rc)
        return rc;
    r->person = u->person;
    u->checked = utterance_is_checked(u->home, r->model);
    utterance_choose_persona(u);
    utterance_choose_window(u);
    rc = ledger_check(u->home, r->person, &u->who->pub, u->language, err);
    if (rc)
        return rc;
    rc = utterance_find_lore(u, err);
    u->recollection = r->recollection;
    u->forgot = r->forgot;
    if (!rc)
        rc = utterance_tell(u, r->person, r->act, err);
    if (!rc && u->checked)
        rc = utterance_plan(u, r, err);
    u->plan.used = r->guessed;
    anima_chat_message *messages = NULL;
    size_t n = 0;
    if (!rc)
        rc = prompt_build(u->arena, &u->input, &messages, &n, err);
    if (rc)
        return rc;
    static const char *const one_paragraph[] = { "\n", NULL };
    char stream[READING_NAME];
    if (r->way)
        reading_candidate_name(stream, u->conversation->info.id, u->language, r->way);
    else
        reading_name(stream, u->conversation->info.id, u->language, utterance_place(u, u->input.first));
    struct engine_request request = { .messages = messages,
                                      .n_messages = n,
                                      .stream = stream,
                                      .adapter = u->adapter.on ? u->adapter.file : NULL,
                                      .adapter_scale = u->adapter.scale,
                                      .prefix = r->text.len ? r->text.data : NULL,
                                      .sampling = u->who->sampling,
                                      .logprobs = -1,
                                      .drop_oldest = true };
    if (u->plan.lapses && u->plan.rules.plain && !request.sampling.stop)
        request.sampling.stop = one_paragraph;
    if (u->close || u->n_passages) { /* the words are there: not too much of its own, and they may come again */
        request.sampling.temperature = CLOSE_TEMPERATURE;
        request.sampling.dry_multiplier = CLOSE_DRY;
    }
    if (r->way)
        vary(&request, r);
    keep_told(u, r);
    return speech_start(u->home->engines, r->model, &request, &u->plan, callbacks, r, &r->speech, err);
}

bool utterance_has(const anima_home *home, const char *part)
{
    const char *without = settings_get(home->settings, "speech.without");
    size_t n = strlen(part);
    for (const char *at = without; (at = strstr(at, part)); at += n)
        if ((at == without || at[-1] == ',' || at[-1] == ' ') && (!at[n] || at[n] == ',' || at[n] == ' '))
            return false;
    return true;
}

const struct said *reply_answers(const struct reply *r)
{
    anima_conversation *c = r->conversation;
    const struct said *last = NULL;
    for (size_t i = 0; !conversation_load_said(c, NULL) && i < c->n_said && c->said[i].seq < r->seq; i++)
        last = c->said[i].person ? &c->said[i] : last;
    return last;
}

bool utterance_guess(struct reply *r, guess_done *done)
{
    anima_home *home = r->conversation->home;
    anima_error err;
    const struct character *who = cast_find(&home->cast, r->conversation->info.character);
    const struct said *message = who && !r->text.len ? reply_answers(r) : NULL;
    if (!message || !utterance_has(home, "letters") || !utterance_is_checked(home, character_model(home, who)))
        return false;
    snprintf(r->model, sizeof(r->model), "%s", character_model(home, who));
    if (!home->letters_read && r->seq > 2)
        home->letters_read = guess_prepare(home->engines, r->model);
    if (act_of(home->acts, message->text) != ACT_NONE || !letters_worth(home->letters, message->text) ||
        act_about_asker(home->acts, message->text))
        return false;
    r->person = message->person;
    if (ledger_check(home, r->person, &who->pub, prompt_language(message->text), &err))
        return false; /* utterance_begin says so */
    if (guess_start(home->engines, home->loop, r->model, message->text, done, r, &r->guess, &err))
        log_info("agent", "nothing is guessed of a message: %s", err.message);
    return r->guess;
}

/* Nobody but the character has said anything here before the last message. */
static bool is_first(const anima_conversation *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_said; i++)
        n += c->said[i].person != 0;
    return n == 1;
}

struct pause {
    int64_t last_ms, ms;
};

static int measure_pause(void *ctx, const anima_turn *turn)
{
    struct pause *p = ctx;
    p->ms = p->last_ms ? turn->created_ms - p->last_ms : 0;
    p->last_ms = turn->created_ms;
    return 0;
}

/* Nobody had said anything here for so long that it is another talk. */
static bool comes_back(const anima_conversation *c, const struct said *message)
{
    struct pause pause = { .ms = 0 };
    return message->seq > 1 &&
           !store_turn_list(c->home->store, c->info.id, message->seq - 2, 2, measure_pause, &pause, NULL) &&
           pause.ms >= TOPICS_PAUSE_MS;
}

struct present {
    int64_t *people;
    size_t n;
};

static void add_present(struct present *p, int64_t person)
{
    bool known = !person;
    for (size_t k = 0; k < p->n; k++)
        known = known || p->people[k] == person;
    if (!known && p->n < MAX_PRESENT)
        p->people[p->n++] = person;
}

static int take_witnesses(void *ctx, const struct store_memory *item)
{
    const char *at = item->witnesses;
    for (int64_t id; (id = store_people_next(&at));)
        add_present(ctx, id);
    return 0;
}

/* `said` has the last turns only: whoever spoke before them, or reads along, heard the last message, too. */
size_t utterance_people(const anima_conversation *c, int64_t people[MAX_PRESENT], size_t n)
{
    struct present p = { people, n };
    int64_t last = 0;
    for (size_t i = 0; i < c->n_said; i++) {
        add_present(&p, c->said[i].person);
        last = c->said[i].person ? c->said[i].seq : last;
    }
    anima_conversation_info at = c->info; /* what a fork has of another conversation is remembered there */
    for (bool more = last > 0; more;) {
        char parent[sizeof(at.parent)];
        store_memory_of_turn(c->home->store, at.id, last, take_witnesses, &p, NULL);
        snprintf(parent, sizeof(parent), "%s", at.parent);
        more = *parent && last <= at.parent_seq && !store_conversation_get(c->home->store, parent, &at, NULL);
    }
    return p.n;
}

bool utterance_recollect(struct reply *r, recollection_done *done)
{
    anima_conversation *c = r->conversation;
    anima_home *home = c->home;
    const struct character *who = cast_find(&home->cast, c->info.character);
    const struct said *message = who && !r->text.len ? reply_answers(r) : NULL;
    if (!message || !utterance_applies(home, "memory.recall", character_model(home, who)))
        return false;
    int64_t people[MAX_PRESENT] = { message->person };
    size_t n = utterance_people(c, people, 1);
    const struct recollection_question q = { .character = c->info.character,
                                             .message = message->text,
                                             .conversation = c->info.id,
                                             .shown_from = c->window_first,
                                             .parent = c->info.parent,
                                             .parent_seq = c->info.parent_seq,
                                             .people = people,
                                             .n_people = n,
                                             .first = is_first(c),
                                             .back = comes_back(c, message) };
    return recollection_begin(home->memories, &q, done, r, &r->recollecting);
}

struct utterance utterance_of(anima_conversation *c, struct arena *arena)
{
    return (struct utterance){
        .arena = arena, .home = c->home, .conversation = c, .who = cast_find(&c->home->cast, c->info.character)
    };
}

int utterance_begin(struct reply *r, const anima_completion_callbacks *callbacks, anima_error *err)
{
    anima_conversation *c = r->conversation;
    struct arena arena;
    struct utterance u = utterance_of(c, &arena);
    if (!u.who)
        return err_set(err, ANIMA_E_NOT_FOUND, "the character \"%s\" of this conversation is not there any more",
                       c->info.character);
    snprintf(r->model, sizeof(r->model), "%s", character_model(c->home, u.who));
    arena_init(&arena, UTTERANCE_ARENA);
    int rc = begin(&u, r, callbacks, err);
    arena_finish(&arena);
    return rc;
}
