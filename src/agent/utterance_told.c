/* utterance_told.c — what the model is told beside the message: whose affair it is, how it answered things like this, what it can do
 * here, that this was asked before, what the person wants. */
#include "agent/utterance_private.h"

#include "agent/abilities.h"
#include "base/clock.h"

#include "mind/quoted.h"
#include "mind/recalled.h"
#include "mind/sample.h"
#include "mind/unsay.h"

#include <stdio.h>
#include <string.h>

#define RECALLED_TOKENS 260
#define ASKED_TOKENS 420 /* of a question */
#define DOCUMENTS_TOKENS 300
#define NEAR_SHOWN 2
#define NEAR_LOOKED 4
#define SAID_ALIKE 0.6
#define CLOSE 0.5 /* nearness of an example that is nearly the answer */

static int note(struct utterance *u, const char *text, anima_error *err)
{
    if (!text)
        return utterance_no_memory(err);
    if (*text && u->input.n_notes < UTTERANCE_NOTES)
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
            u->own_name = utterance_called(u, person);
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
    if (u->act != ACT_NONE || u->again.times || u->close || u->input.n_notes || u->n_passages || (question && !mine) ||
        !u->checked || lapse_wants_list(u->home->lapses, u->message))
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
    return kept ? ANIMA_OK : utterance_no_memory(err);
}

/* How it once answered things like this, the nearest last; asked the same again, it would only say the same again. */
static int show_near(struct utterance *u, anima_error *err)
{
    const struct prompt_persona *p = u->input.persona;
    struct sample_hit hits[NEAR_LOOKED];
    struct prompt_turn *near = arena_alloc(u->arena, 2 * NEAR_SHOWN * sizeof(*near));
    if (!near)
        return utterance_no_memory(err);
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

void utterance_add_told(struct utterance *u, const char *conversation, int64_t seq, double score)
{
    for (size_t i = 0; i < u->n_recalled; i++)
        if (u->recalled[i].seq == seq && strcmp(u->recalled[i].conversation, conversation) == 0)
            return;
    if (u->n_recalled == STORE_TOLD)
        return;
    struct store_told *told = &u->recalled[u->n_recalled++];
    *told = (struct store_told){ .seq = seq, .score = score };
    snprintf(told->conversation, sizeof(told->conversation), "%s", conversation);
}

static const char *fact_words(struct utterance *u, const struct recollected_fact *f)
{
    char text[FACT_WHOSE + FACT_WORDS + FACT_VALUE + 80];
    fact_text(&f->fact, u->language, text, sizeof(text));
    return arena_strdup(u->arena, text);
}

static const char *known_words(struct utterance *u, const struct recollected_fact *f)
{
    const char *text = fact_words(u, f);
    bool zh = strcmp(u->language, "zh") == 0;
    return !text || !f->to_come ? text : arena_printf(u->arena, zh ? "以后：%s" : "later: %s", text);
}

/* The i-th of what may be told: what came to mind and is worth it, then what was said next to that. */
static const struct recollected *item_at(const struct recollection *r, size_t worth, size_t i)
{
    return i < worth ? &r->items[i] : &r->beside[i - worth];
}

/* What is told of what came to mind, with the turns that its words are from. */
static void note_told(struct utterance *u, const struct recalled_told *told, size_t worth)
{
    const struct recollection *r = u->recollection;
    for (size_t i = 0; i < told->n; i++) {
        const struct recollected *item = item_at(r, worth, i);
        if (!told->items[i].told)
            continue;
        utterance_add_told(u, item->conversation, item->seq, (double)item->score);
        if (item->before)
            utterance_add_told(u, item->conversation, item->before_seq, (double)item->score);
        if (!u->quoted && item->speaker && !item->changed) {
            u->quoted = item->text;
            u->quoted_of = item->speaker;
        }
        if (item->changed)
            utterance_add_told(u, item->now.conversation, item->now.seq, (double)item->score);
    }
    u->recalls = u->n_recalled || r->how != PAST_NOT;
    for (size_t i = 0; i < told->n_known_told; i++)
        utterance_add_told(u, r->known[i].conversation, r->known[i].seq, 0);
    if (told->n_known_told && r->source) {
        u->quoted = r->source;
        u->quoted_of = u->person;
    }
}

/* Whether one of its turns is told anyway, or may be. */
static bool is_told(const struct recollection *r, size_t n_items, const struct recollected_topic *topic)
{
    for (size_t k = 0; k < topic->n_turns; k++) {
        const char *conversation = topic->turns[k].conversation;
        int64_t seq = topic->turns[k].seq;
        for (size_t i = 0; i < n_items; i++)
            if (r->items[i].seq == seq && strcmp(r->items[i].conversation, conversation) == 0)
                return true;
        for (size_t i = 0; i < r->n_known; i++)
            if (r->known[i].seq == seq && strcmp(r->known[i].conversation, conversation) == 0)
                return true;
    }
    return false;
}

/* What they talked about lately, but for what is told in its own words. which: their places. */
static size_t choose_lately(const struct recollection *r, size_t n_items, struct recalled_lately *out, size_t *which)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_lately; i++)
        if (!is_told(r, n_items, &r->lately[i])) {
            which[n] = i;
            out[n++] = (struct recalled_lately){ r->lately[i].text, r->lately[i].at_ms };
        }
    return n;
}

static void note_lately(struct utterance *u, const size_t *which, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct recollected_topic *topic = &u->recollection->lately[which[i]];
        for (size_t k = 0; k < topic->n_turns; k++)
            utterance_add_told(u, topic->turns[k].conversation, topic->turns[k].seq, 0);
    }
}

/* Passages of documents, with their places. */
static int note_documents(struct utterance *u, anima_error *err)
{
    const struct documents_found *found = u->recollection ? &u->recollection->documents : NULL;
    struct quoted_item items[DOCUMENTS_MOST];
    size_t n = 0, of[DOCUMENTS_MOST];
    u->n_passages = 0;
    u->passage = NULL;
    u->input.documents = NULL;
    for (size_t i = 0; found && i < found->n; i++) {
        const struct documents_hit *hit = &found->hits[i];
        if (!hit->told)
            continue;
        of[n] = i;
        items[n++] = (struct quoted_item){ .title = hit->title,
                                           .within_number = hit->within_number,
                                           .within_title = hit->within_title,
                                           .number = hit->number,
                                           .section = hit->section,
                                           .page = hit->page,
                                           .text = hit->text };
    }
    u->input.documents = n ? quoted_text(u->arena, items, n, u->language, DOCUMENTS_TOKENS) : NULL;
    for (size_t i = 0; i < n && u->input.documents; i++) {
        const struct documents_hit *hit = &found->hits[of[i]];
        if (!items[i].told)
            continue;
        u->passages[u->n_passages++] = (struct store_told_passage){ hit->passage, (double)hit->score };
        if (!u->passage && !(u->passage = quoted_answer(u->arena, &items[i], u->language)))
            return utterance_no_memory(err);
    }
    return n && !u->input.documents ? utterance_no_memory(err) : ANIMA_OK;
}

/* What came to mind, in front of the message. Asked for what was, it also knows that it does not know. */
static int note_recalled(struct utterance *u, bool fact, anima_error *err)
{
    const struct recollection *r = u->recollection;
    struct recalled_item items[RECOLLECTION_TOLD + RECOLLECTION_BESIDE];
    const char *known[RECOLLECTION_KNOWN];
    struct recalled_lately lately[RECOLLECTION_LATELY];
    size_t which[RECOLLECTION_LATELY];
    size_t worth = r ? recollection_worth(r) : 0;
    struct recalled_told told = { .items = items,
                                  .n = worth ? worth + r->n_beside : 0,
                                  .dated = r && r->dated,
                                  .known = known,
                                  .n_known = r ? r->n_known : 0,
                                  .known_of = u->person ? utterance_called(u, u->person) : "",
                                  .lately = lately };
    told.n_lately = r ? choose_lately(r, worth, lately, which) : 0;
    u->n_recalled = 0;
    u->quoted = NULL;
    u->recalls = false;
    for (size_t i = 0; i < told.n; i++) {
        const struct recollected *item = item_at(r, worth, i);
        items[i] = (struct recalled_item){ .who = item->speaker ? utterance_called(u, item->speaker) : NULL,
                                           .text = item->text,
                                           .before = item->before,
                                           .now = item->changed ? fact_words(u, &item->now) : NULL,
                                           .to_come = item->now.to_come,
                                           .at_ms = item->at_ms };
    }
    for (size_t i = 0; i < told.n_known; i++)
        if (!(known[i] = known_words(u, &r->known[i])))
            return utterance_no_memory(err);
    if (told.n || told.n_known || told.n_lately)
        u->input.recalled = recalled_text(u->arena, &told, u->input.now_ms, clock_offset_min(u->input.now_ms),
                                          u->language, r->asks ? ASKED_TOKENS : RECALLED_TOKENS, r->how >= PAST_OTHER);
    if ((told.n || told.n_known || told.n_lately) && !u->input.recalled)
        return utterance_no_memory(err);
    if (u->input.recalled)
        note_told(u, &told, worth);
    if (u->input.recalled)
        note_lately(u, which, told.n_lately_told);
    bool nothing = r && !u->n_recalled && !u->n_passages && !fact && !u->own_name && u->act == ACT_NONE &&
                   r->how >= PAST_OTHER;
    return nothing ? note(u, recalled_nothing(u->language), err) : ANIMA_OK;
}

static int tell_wishes(struct utterance *u, int64_t person, anima_error *err)
{
    int64_t people[MAX_PRESENT] = { person };
    size_t n = utterance_people(u->conversation, people, 1);
    u->input.notes = u->notes;
    if (notes_tell(u->home, u->arena, u->who->pub.id, people, n, u->message, u->language, &u->told))
        return utterance_no_memory(err);
    u->input.rules = u->told.rules;
    u->input.reminder = u->told.reminder;
    return ANIMA_OK;
}

/* Something was to be forgotten: whether it is, and nothing else. */
static int tell_forgotten(struct utterance *u, int64_t person, anima_error *err)
{
    u->act = ACT_NONE;
    int rc = note(u, unsay_note(u->forgot > 0, u->language), err);
    return rc ? rc : tell_wishes(u, person, err);
}

int utterance_tell(struct utterance *u, int64_t person, enum act guessed, anima_error *err)
{
    u->act = act_of(u->home->acts, u->message);
    u->act = u->act == ACT_NONE ? guessed : u->act;
    if (u->forgot)
        return tell_forgotten(u, person, err);
    int rc = note_act(u, err);
    if (!rc)
        rc = note_ability(u, err);
    note_name(u, person);
    if (!rc)
        rc = note_again(u, err);
    /* Asked for a fact, that is the answer, not a line like it. */
    const char *working = "";
    bool fact = facts_asked(u->input.lore, u->input.n_lore, u->language);
    if (!rc)
        rc = note_documents(u, err);
    if (!rc)
        rc = note_recalled(u, fact, err);
    if (!rc && !fact && !u->recalls && !u->n_passages && utterance_shows_examples(u))
        rc = show_near(u, err);
    if (!rc)
        rc = note_topic(u, err);
    if (!rc)
        rc = utterance_tell_working(u, person, &working, err);
    if (!rc)
        rc = note(u, working, err);
    return rc ? rc : tell_wishes(u, person, err);
}
