/* utterance.c — what a reply is asked for with: the prompt, what the model is told beside the question, and what it may not
 * say (speech.c keeps to it). */
#include "agent/abilities.h"
#include "agent/adapters.h"
#include "agent/ledger.h"
#include "agent/notes.h"
#include "agent/reading.h"
#include "agent/speech.h"
#include "agent/state.h"
#include "agent/summary.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/utf8.h"
#include "mind/again.h"
#include "mind/persona.h"
#include "mind/sample.h"

#include <stdio.h>
#include <string.h>

#define PROMPT_ARENA (8u << 20)
#define MAX_NOTES 4
#define NEAR_SHOWN 2
#define NEAR_LOOKED 4
#define SAID_ALIKE 0.6
#define CLOSE 0.5 /* nearness of an example that is nearly the answer */
#define CLOSE_TEMPERATURE 0.35
#define CLOSE_DRY 0.0
#define MOST_SENTENCES 4 /* of small talk */
#define MAX_RESORTS 8
#define MAX_BANNED (NOTES_MAX_BANNED + 6)
#define MAX_ALTERNATIVES 8
#define REMEMBERED 40 /* replies that are not said again */
#define USUAL_TEMPERATURE 0.7
#define EVERY_WAY 0.15 /* of several at a time: temperature added with each */
#define WARMEST 1.2

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
    const char *own_name; /* the person asks for their own name: this is it */
    bool checked;         /* by a model that needs it (utterance_is_checked) */
    bool close;           /* it has answered nearly the same before (its examples) */
    struct again again;   /* this was asked before */
    const char *notes[MAX_NOTES];
    struct notes_told told; /* what the person asked for earlier */
    struct speech_plan plan;
};

static int out_of_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the prompt"); }

/* What a person is called here: as they asked for, else their name. */
static const char *called(const struct utterance *u, int64_t person)
{
    const char *name = notes_name(u->home, u->arena, u->who->pub.id, person);
    return name ? name : home_person_name(u->home, person);
}

/* The turns in front of seq. */
static int read_turns(struct utterance *u, int64_t seq, anima_error *err)
{
    anima_conversation *c = u->conversation;
    int rc = conversation_load_said(c, err);
    struct prompt_turn *turns = rc ? NULL : arena_alloc(u->arena, (c->n_said + 1) * sizeof(*turns));
    if (!turns)
        return rc ? rc : out_of_memory(err);
    u->input.turns = turns;
    int64_t person = 0;
    const char *name = NULL; /* of that person: mostly one talks, and finding it takes patterns */
    for (size_t i = 0; i < c->n_said && c->said[i].seq < seq; i++) {
        const struct said *s = &c->said[i];
        u->person = s->person ? s->person : u->person;
        if (s->person && s->person != person) {
            person = s->person;
            name = called(u, person);
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

/* How it talks is in the weights, or it is shown how. */
static bool shows_examples(const struct utterance *u) { return utterance_has(u->home, "examples") && !u->adapter.on; }

static void choose_persona(struct utterance *u)
{
    const struct character *who = u->who;
    const char *asked_for = notes_language(u->home, who->pub.id, u->person);
    const char *spoken = asked_for ? asked_for : prompt_spoken(u->input.turns, u->input.n_turns);
    u->input.persona = prompt_choose(who->personas, who->n_personas, spoken, who->pub.language);
    adapters_choose(u->home, who, character_model(u->home, who), &u->adapter);
    if (!shows_examples(u)) {
        u->bare = *u->input.persona;
        u->bare.n_examples = u->bare.n_samples = 0;
        u->input.persona = &u->bare;
    }
    bool brief = u->adapter.on && strcmp(settings_get(u->home->settings, "adapter.persona"), "short") == 0;
    const char *sentence = brief ? persona_short(u->arena, u->bare.text) : NULL;
    u->bare.text = sentence ? sentence : u->bare.text;
    u->input.character = character_called(who);
    u->input.now_ms = clock_wall_ms();
    u->input.seed = (uint64_t)u->conversation->info.created_ms;
    u->language = u->input.persona->language;
    utterance_self(who, u->language, &u->self);
}

/* The place of a turn: turns are those of c->said, and behind them perhaps one that is still being typed. */
static int64_t place(const struct utterance *u, size_t i)
{
    const anima_conversation *c = u->conversation;
    return i < c->n_said ? c->said[i].seq : c->next_seq;
}

/* The input is read from that turn on, with what is left of those before it. */
static void begin_with(struct utterance *u, size_t first)
{
    u->input.first = first;
    u->input.summary = summary_of(u->conversation, u->language, place(u, first));
}

static void choose_window(struct utterance *u)
{
    anima_conversation *c = u->conversation;
    int64_t anchor = place(u, 0) > 1 ? summary_anchor(c, u->language) : 0;
    size_t from = 0;
    while (from + 1 < u->input.n_turns && place(u, from) < anchor)
        from++;
    reading_window(&u->input, from, reading_context(c), &u->window);
    begin_with(u, u->window.first);
    c->window_first = place(u, u->window.first);
    snprintf(c->window_language, sizeof(c->window_language), "%s", u->language);
}

static int find_lore(struct utterance *u, anima_error *err)
{
    struct lore *lore = character_lore(u->who, u->language);
    return lore ? prompt_lore(u->arena, lore, &u->input, err) : ANIMA_OK;
}

/* ---- what the model is told ---- */

static int note(struct utterance *u, const char *text, anima_error *err)
{
    if (!text)
        return out_of_memory(err);
    if (*text && u->input.n_notes < MAX_NOTES)
        u->notes[u->input.n_notes++] = text;
    return ANIMA_OK;
}

static int note_act(struct utterance *u, anima_error *err)
{
    return !utterance_has(u->home, "notes") ? ANIMA_OK
                                            : note(u, act_note(u->arena, u->act, &u->self, u->language), err);
}

/* "Do you remember my name?" */
static void note_name(struct utterance *u, int64_t person)
{
    static const char *const asked[] = {
        "my name", "who am i", "who I am", "我叫什么", "我叫啥", "我的名字", "我是谁"
    };
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        if (strcasestr(u->message, asked[i]) && (strchr(u->message, '?') || strstr(u->message, "？")))
            u->own_name = called(u, person);
}

static int note_ability(struct utterance *u, anima_error *err)
{
    return u->act == ACT_NONE ? note(u, abilities_note(u->home, u->arena, u->message, u->language), err) : ANIMA_OK;
}

/* Whether it has said this here already, or nearly. */
static bool said_here(const struct utterance *u, const char *answer)
{
    struct phrase mine, other;
    phrase_read(&mine, answer, strlen(answer));
    for (size_t i = 0; i < u->input.n_turns; i++) {
        const struct prompt_turn *t = &u->input.turns[i];
        phrase_read(&other, t->text, strlen(t->text));
        if (!t->speaker && phrase_alike(&mine, &other) >= SAID_ALIKE)
            return true;
    }
    return false;
}

/* Whether the message is a question. One that is still being typed has no question mark yet, but begins like one: then what is
 * told beside it does not become another with its last letter, and what was read ahead can stay. */
static bool is_question(const struct utterance *u)
{
    static const char *const first[] = { "what",  "how",  "why",    "where", "when", "who",  "which", "do",
                                         "does",  "did",  "are",    "is",    "was",  "were", "can",   "could",
                                         "would", "will", "should", "shall", "have", "has",  "am",    "may" };
    static const char *const anywhere[] = { "什么", "怎么",   "为什么", "吗",     "哪",     "谁",     "几点",
                                            "多少", "是不是", "要不要", "好不好", "有没有", "能不能", "会不会" };
    if (strchr(u->message, '?') || strstr(u->message, "？"))
        return true;
    size_t n = strcspn(u->message, " ,'");
    for (size_t i = 0; u->input.open && i < sizeof(first) / sizeof(first[0]); i++)
        if (strlen(first[i]) == n && strncasecmp(first[i], u->message, n) == 0)
            return true;
    for (size_t i = 0; u->input.open && i < sizeof(anywhere) / sizeof(anywhere[0]); i++)
        if (strstr(u->message, anywhere[i]))
            return true;
    return false;
}

/* Without its own answer to go by, at least whose affair it is. */
static int note_topic(struct utterance *u, anima_error *err)
{
    bool zh = strcmp(u->language, "zh") == 0;
    bool question = is_question(u);
    bool mine = question && (strstr(u->message, "你") || strcasestr(u->message, "you"));
    if (u->act != ACT_NONE || u->again.times || u->close || u->input.n_notes || (question && !mine) || !u->checked ||
        lapse_wants_list(u->home->lapses, u->message))
        return ANIMA_OK;
    return note(u,
                mine
                    ? (zh ? "朋友在问你。说你自己的想法，一两句短话。"
                          : "Your friend asks you. Say what you think yourself, in one or two short sentences.")
                    : (zh ? "朋友在说他自己的事。就着这件事接一句，或问一个具体的细节，一两句短话。"
                          : "Your friend is telling you about their own life. Pick up that one thing, or ask about one "
                            "detail of it, in one or two short sentences."),
                err);
}

/* Its own answer says what it knows: lore in front of the message would only make another question of it. */
static int leave_lore(struct utterance *u, anima_error *err)
{
    struct lore_hit *kept = arena_alloc(u->arena, (u->input.n_lore + 1) * sizeof(*kept));
    size_t n = 0;
    for (size_t i = 0; kept && i < u->input.n_lore; i++)
        if (u->input.lore[i].place != LORE_AT_DEPTH)
            kept[n++] = u->input.lore[i];
    u->input.lore = kept;
    u->input.n_lore = n;
    return kept ? ANIMA_OK : out_of_memory(err);
}

/* How it once answered things like this, the nearest last; asked the same again, it would only say the same again. */
static int show_near(struct utterance *u, anima_error *err)
{
    const struct prompt_persona *p = u->input.persona;
    struct sample_hit hits[NEAR_LOOKED];
    struct prompt_turn *near = arena_alloc(u->arena, 2 * NEAR_SHOWN * sizeof(*near));
    if (!near)
        return out_of_memory(err);
    size_t n = u->again.times ? 0 : sample_nearest(p, u->message, hits, NEAR_LOOKED), kept = 0;
    for (size_t i = 0; i < n && kept < NEAR_SHOWN; i++)
        if (!said_here(u, p->samples[hits[i].place + 1].text))
            hits[kept++] = hits[i];
    u->close = kept && hits[0].score > CLOSE;
    kept = u->close ? 1 : kept;
    for (size_t i = kept; i-- > 0;) {
        near[u->input.n_near++] = p->samples[hits[i].place];
        near[u->input.n_near++] = p->samples[hits[i].place + 1];
    }
    if (u->close) /* asked in other words, the model would think that it has answered this; in these it says so again */
        near[u->input.n_near - 2].text = u->message;
    u->input.near = near;
    return u->close ? leave_lore(u, err) : ANIMA_OK;
}

/* Asked the same again, it notices, and says less every time. */
static int note_again(struct utterance *u, anima_error *err)
{
    again_read(u->input.turns, u->input.n_turns, u->message, &u->again);
    return u->again.times ? note(u, again_note(u->arena, &u->again, u->language), err) : ANIMA_OK;
}

static int tell(struct utterance *u, int64_t person, enum act guessed, anima_error *err)
{
    u->act = act_of(u->home->acts, u->message);
    u->act = u->act == ACT_NONE ? guessed : u->act;
    int rc = note_act(u, err);
    if (!rc)
        rc = note_ability(u, err);
    note_name(u, person);
    if (!rc)
        rc = note_again(u, err);
    /* Asked for a fact, that is the answer, not a line like it. */
    bool fact = facts_asked(u->input.lore, u->input.n_lore, u->language);
    if (!rc && !fact && shows_examples(u))
        rc = show_near(u, err);
    if (!rc)
        rc = note_topic(u, err);
    u->input.notes = u->notes;
    if (!rc && notes_tell(u->home, u->arena, u->who->pub.id, person, u->message, u->language, &u->told))
        rc = out_of_memory(err);
    u->input.rules = u->told.rules;
    u->input.reminder = u->told.reminder;
    return rc;
}

/* ---- what it may not say ---- */

/* The first way to begin that no reply began with yet; of several ways at a time each has the next. */
static const char *opening(const struct utterance *u, int way)
{
    if (u->act == ACT_NONE && u->own_name)
        return arena_printf(u->arena, strcmp(u->language, "zh") == 0 ? "你叫%s，" : "You're %s, ", u->own_name);
    const char *fact = u->act == ACT_NONE
                           ? facts_opening(u->arena, u->who, u->language, u->input.lore, u->input.n_lore, u->message)
                           : NULL;
    for (size_t i = 0;; i++) {
        const char *text = i == 0 && fact ? fact : act_opening(u->arena, u->act, i, &u->self, u->language);
        bool used = false;
        for (size_t k = 0; text && k < u->plan.n_said && !used; k++)
            used = strncmp(u->plan.said[k], text, strlen(text)) == 0;
        if (!text || (!used && --way <= 0))
            return text;
    }
}

static bool asks_again(const struct utterance *u) { return u->act == ACT_NONE && u->again.times > 0; }

/* What is said when nothing better comes: who it is, or that this was asked before. */
static const char *const *last_resorts(struct utterance *u)
{
    if (asks_again(u))
        return again_last_resorts(u->arena, character_fact(u->who, "again", u->language), &u->again);
    const char **resorts = arena_alloc(u->arena, MAX_RESORTS * sizeof(*resorts));
    for (size_t i = 0; resorts && i + 1 < MAX_RESORTS; i++)
        resorts[i] = act_last_resort(u->arena, i, &u->self, u->language);
    return resorts;
}

/* What the person asked not to hear, and a name in front of the words, as in a play. */
static size_t banned_words(struct utterance *u, int64_t person, const char **banned)
{
    const char *const names[] = { called(u, person), u->self.name, u->input.character };
    size_t n = 0;
    for (; n < u->told.n_banned; n++)
        banned[n] = u->told.banned[n];
    for (size_t i = 0; i < 3; i++) {
        const char *half = arena_printf(u->arena, "%s:", names[i]), *full = arena_printf(u->arena, "%s：", names[i]);
        if (*names[i] && half && full) {
            banned[n++] = half;
            banned[n++] = full;
        }
    }
    return n;
}

struct alternatives {
    struct utterance *u;
    const char **said;
};

static int add_alternative(void *ctx, const anima_turn *turn)
{
    struct alternatives *a = ctx;
    struct speech_plan *plan = &a->u->plan;
    const char *text = *turn->text ? arena_strdup(a->u->arena, turn->text) : NULL;
    if (text)
        a->said[plan->n_said++] = text;
    return plan->n_said == MAX_ALTERNATIVES;
}

/* What a reply is compared with by meaning. Who it is, it may say in the same way whenever somebody asks. */
static int plan_meaning(struct utterance *u, anima_error *err)
{
    struct meaning_past *past = &u->plan.past;
    const char **replies = arena_alloc(u->arena, MEANING_REPLIES * sizeof(*replies));
    const char **messages = arena_alloc(u->arena, MEANING_REPLIES * sizeof(*messages));
    bool current = true;
    if (!replies || !messages)
        return out_of_memory(err);
    if (u->act != ACT_NONE || u->own_name || u->again.times)
        return ANIMA_OK;
    for (size_t i = u->input.n_turns; i-- > 0;) {
        const struct prompt_turn *t = &u->input.turns[i];
        if (t->speaker && current)
            current = false; /* the one that is answered */
        else if (t->speaker && past->n_messages < MEANING_REPLIES)
            messages[past->n_messages++] = t->text;
        else if (!t->speaker && *t->text && past->n_replies < MEANING_REPLIES)
            replies[past->n_replies++] = t->text;
    }
    past->replies = replies;
    past->messages = messages;
    past->message = u->message;
    u->plan.meanings = u->home->meanings;
    return ANIMA_OK;
}

/* Shorter than the last time, and its first words show that it noticed. */
static int plan_again(struct utterance *u)
{
    struct speech_plan *p = &u->plan;
    int rc = again_open(u->arena, character_fact(u->who, "again", u->language), u->language, p->said, p->n_said,
                        &u->again);
    p->opening = u->again.opening;
    p->sentences = u->again.times > 1 || p->opening ? 1 : 2;
    p->letters = u->again.letters + 1;
    return rc;
}

static int plan(struct utterance *u, const struct reply *r, anima_error *err)
{
    const char **said = arena_alloc(u->arena, (MAX_ALTERNATIVES + REMEMBERED) * sizeof(*said));
    const char *const *resorts = last_resorts(u);
    const char **banned = arena_alloc(u->arena, MAX_BANNED * sizeof(*banned));
    if (!said || !resorts || !banned)
        return out_of_memory(err);
    struct lapse_rules *rules = &u->plan.rules;
    struct alternatives alternatives = { u, said };
    if (r->variants > 1 || r->way) /* said once more, it has to be something else */
        store_variant_list(u->home->store, r->conversation->info.id, r->seq, add_alternative, &alternatives, NULL);
    for (size_t i = u->input.n_turns; i-- > 0 && u->plan.n_said < MAX_ALTERNATIVES + REMEMBERED;)
        if (!u->input.turns[i].speaker && *u->input.turns[i].text)
            said[u->plan.n_said++] = u->input.turns[i].text;
    u->plan.said = said;
    rules->language = u->language;
    rules->machine = act_is_machine(&u->self);
    rules->plain = !lapse_wants_list(u->home->lapses, u->message);
    rules->asked = u->message;
    rules->banned = banned;
    rules->n_banned = banned_words(u, r->person, banned);
    rules->careful = u->act != ACT_NONE;
    rules->unlike = r->way > 1;
    u->plan.no_exclamation = u->told.no_exclamation;
    u->plan.required = u->told.required;
    u->plan.lapses = u->home->lapses;
    u->plan.identity = act_note(u->arena, u->act == ACT_NONE ? ACT_MACHINE : u->act, &u->self, u->language);
    u->plan.last_resort = resorts;
    u->plan.insist = u->again.times > 0;
    u->plan.opening = utterance_has(u->home, "opening") ? opening(u, r->way) : NULL;
    u->plan.unchecked = !utterance_has(u->home, "checks");
    u->plan.sentences = rules->plain ? MOST_SENTENCES : 0;
    if (asks_again(u) && plan_again(u))
        return out_of_memory(err);
    return u->plan.identity ? plan_meaning(u, err) : out_of_memory(err);
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

static int begin(struct utterance *u, struct reply *r, const anima_completion_callbacks *callbacks, anima_error *err)
{
    int rc = read_turns(u, r->seq, err);
    if (rc)
        return rc;
    r->person = u->person;
    u->checked = utterance_is_checked(u->home, r->model);
    choose_persona(u);
    choose_window(u);
    rc = ledger_check(u->home, r->person, &u->who->pub, u->language, err);
    if (rc)
        return rc;
    rc = find_lore(u, err);
    if (!rc)
        rc = tell(u, r->person, r->act, err);
    if (!rc && u->checked)
        rc = plan(u, r, err);
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
        reading_name(stream, u->conversation->info.id, u->language, place(u, u->input.first));
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
    if (u->close) { /* its own words are there: not too much of its own, and they may come again */
        request.sampling.temperature = CLOSE_TEMPERATURE;
        request.sampling.dry_multiplier = CLOSE_DRY;
    }
    if (r->way)
        vary(&request, r);
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

/* The last message before a reply; NULL: none, or it cannot be read. */
static const struct said *message_of(const struct reply *r)
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
    const struct said *message = who && !r->text.len ? message_of(r) : NULL;
    if (!message || !utterance_has(home, "letters") || !utterance_is_checked(home, character_model(home, who)))
        return false;
    snprintf(r->model, sizeof(r->model), "%s", character_model(home, who));
    if (!home->letters_read && r->seq > 2) /* the engine runs */
        guess_prepare(home->engines, r->model);
    home->letters_read |= r->seq > 2;
    if (act_of(home->acts, message->text) != ACT_NONE || !letters_worth(home->letters, message->text))
        return false;
    r->person = message->person;
    if (ledger_check(home, r->person, &who->pub, prompt_language(message->text), &err))
        return false; /* utterance_begin says so */
    if (guess_start(home->engines, home->loop, r->model, message->text, done, r, &r->guess, &err))
        log_info("agent", "nothing is guessed of a message: %s", err.message);
    return r->guess;
}

static struct utterance of(anima_conversation *c, struct arena *arena)
{
    return (struct utterance){
        .arena = arena, .home = c->home, .conversation = c, .who = cast_find(&c->home->cast, c->info.character)
    };
}

int utterance_begin(struct reply *r, const anima_completion_callbacks *callbacks, anima_error *err)
{
    anima_conversation *c = r->conversation;
    struct arena arena;
    struct utterance u = of(c, &arena);
    if (!u.who)
        return err_set(err, ANIMA_E_NOT_FOUND, "the character \"%s\" of this conversation is not there any more",
                       c->info.character);
    snprintf(r->model, sizeof(r->model), "%s", character_model(c->home, u.who));
    arena_init(&arena, PROMPT_ARENA);
    int rc = begin(&u, r, callbacks, err);
    arena_finish(&arena);
    return rc;
}

/* ---- reading ahead ---- */

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
    reading_name(stream, u->conversation->info.id, u->language, place(u, u->input.first));
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
    turns[u->input.n_turns] = (struct prompt_turn){ called(u, person->id), text };
    u->input.turns = turns;
    u->input.n_turns++;
    u->input.open = true;
    u->message = text;
    u->person = person->id;
    u->checked = utterance_is_checked(u->home, character_model(u->home, u->who));
    choose_persona(u);
    choose_window(u);
    int rc = find_lore(u, &err);
    if (!rc)
        rc = tell(u, person->id, ACT_NONE, &err);
    return !rc && read_input(u, ENGINE_BACKGROUND);
}

void anima_typing(anima_conversation *c, const char *person, const char *text)
{
    struct arena arena;
    struct utterance u = of(c, &arena);
    const anima_person *who = home_person_find(c->home, person); /* who has not said anything yet is nobody's hint */
    size_t n = strlen(text);
    if (!who || !can_read(&u) || c->replies || c->candidates || !n || n > MAX_MESSAGE || !utf8_valid(text, n))
        return;
    arena_init(&arena, PROMPT_ARENA);
    if (read_turns(&u, INT64_MAX, NULL) == ANIMA_OK)
        read_typing(&u, who, text);
    arena_finish(&arena);
}

/* The conversation without what is told beside its last message; and, if that is needed soon, the window after this one.
 * later: that one waits for its summary. */
static bool read_plain(struct utterance *u, bool later)
{
    if (find_lore(u, NULL) || notes_tell(u->home, u->arena, u->who->pub.id, u->person, "", u->language, &u->told))
        return false;
    u->input.rules = u->told.rules;
    bool taken = read_input(u, ENGINE_BACKGROUND);
    if (u->window.next && !later) {
        begin_with(u, u->window.next);
        read_input(u, ENGINE_COMPACTION);
    }
    return taken;
}

static bool settle(struct utterance *u)
{
    const char *model = character_model(u->home, u->who);
    if (read_turns(u, INT64_MAX, NULL) || !u->input.n_turns)
        return false;
    choose_persona(u);
    choose_window(u);
    bool later = summary_prepare(u->conversation, &u->input, &u->window, model, u->person);
    return can_read(u) && read_plain(u, later);
}

bool utterance_settle(anima_conversation *c)
{
    struct arena arena;
    struct utterance u = of(c, &arena);
    if (c->gone || !u.who || !c->home->engines || !engine_runs(c->home->engines, character_model(c->home, u.who)))
        return false;
    arena_init(&arena, PROMPT_ARENA);
    bool taken = settle(&u);
    arena_finish(&arena);
    return taken;
}
