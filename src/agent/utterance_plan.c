/* utterance_plan.c — what a reply may not say, what it has to, and what is said when nothing better comes. */
#include "agent/utterance_private.h"

#include "mind/recalled.h"
#include "mind/unsay.h"

#include <string.h>

#define MOST_SENTENCES 4 /* of small talk */
#define MAX_RESORTS 8
#define MAX_BANNED (NOTES_MAX_BANNED + 6)
#define MAX_ALTERNATIVES 8
#define REMEMBERED 40 /* replies that are not said again */
#define MAX_LINES 160 /* of what it can know */

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
    const char *const names[] = { utterance_called(u, person), u->self.name, u->input.character };
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
        return utterance_no_memory(err);
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

struct lines {
    const char **text;
    size_t n;
};

static bool add_lines(struct utterance *u, struct lines *lines, const char *text)
{
    char *copy = arena_strdup(u->arena, text ? text : ""), *rest = copy;
    for (char *line; rest && lines->n < MAX_LINES && (line = strsep(&rest, "\n"));)
        if (*line)
            lines->text[lines->n++] = line;
    return copy != NULL;
}

/* Where the model finds no answer in what is remembered of it, the best of it as it was said; else that it does not remember. */
static const char *const *past_resorts(struct utterance *u, bool strict)
{
    const char **all = arena_alloc(u->arena, MAX_RESORTS * sizeof(*all));
    const char *const *none = recalled_resorts(u->language);
    size_t n = 0;
    if (all && u->passage && (!u->quoted || u->recollection->documents.pointed))
        all[n++] = u->passage;
    bool quotes = all && !strict && u->quoted, whole = all && (!n || all[0]);
    for (int again = 0; quotes && whole && again < 2; again++) {
        const char *who = u->quoted_of == u->person ? NULL : utterance_called(u, u->quoted_of);
        whole = (all[n++] = recalled_quote(u->arena, u->quoted, who, again, u->language)) != NULL;
    }
    for (; whole && !quotes && *none && n + 1 < MAX_RESORTS; none++) /* what it has just quoted it does not deny */
        all[n++] = *none;
    if (whole)
        all[n] = NULL;
    return whole ? all : NULL;
}

/* Whether it is also about the character: "where did we meet?", 你的书. Then who that is bears an answer out, too. */
static bool about_both(const char *message)
{
    static const char *const chinese[] = { "我们", "咱", "你的", "你们" };
    static const char *const english[] = {
        "we", "us", "our", "ours", "your", "yours", "we're", "we've", "we'd", "let's"
    };
    for (size_t i = 0; i < sizeof(chinese) / sizeof(*chinese); i++)
        if (strstr(message, chinese[i]))
            return true;
    for (size_t n; *message; message += n + (message[n] != '\0')) {
        n = strcspn(message, " ,.?!;:\"\n");
        for (size_t i = 0; i < sizeof(english) / sizeof(*english); i++)
            if (strlen(english[i]) == n && strncasecmp(message, english[i], n) == 0)
                return true;
    }
    return false;
}

/* What it is told of what is remembered. Of the asker's life what it said itself is no evidence: it may have made that up. */
static bool add_recalled(struct utterance *u, struct lines *lines, bool both)
{
    const char *told = u->input.recalled ? strchr(u->input.recalled, '\n') : NULL; /* behind its heading */
    size_t first = lines->n, kept = first;
    bool whole = add_lines(u, lines, told), own = both || act_addresses(u->home->acts, u->message);
    for (size_t i = first; i < lines->n; i++)
        if (own || !recalled_is_own(lines->text[i]))
            lines->text[kept++] = lines->text[i];
    lines->n = kept;
    return whole;
}

static bool add_self(struct utterance *u, struct lines *lines)
{
    const struct prompt_persona *self = prompt_choose(u->who->personas, u->who->n_personas, u->language,
                                                      u->who->pub.language);
    bool whole = add_lines(u, lines, self->text);
    for (size_t i = 0; i < u->input.n_lore && whole; i++)
        whole = add_lines(u, lines, u->input.lore[i].content);
    return whole;
}

/* Nothing of what it knows could answer: the first words say so, in a way that none of its replies began with. */
static int open_unknowing(struct utterance *u, int way)
{
    struct recalled_ground *ground = recalled_ground_create(u->plan.words, &u->plan.past_asked);
    bool any = !ground || recalled_ground_any(ground);
    recalled_ground_free(ground);
    const char *text = NULL;
    for (size_t i = 0; !any && (text = recalled_opening(u->language, i)); i++) {
        bool used = false;
        for (size_t k = 0; k < u->plan.n_said && !used; k++)
            used = strncmp(u->plan.said[k], text, strlen(text)) == 0;
        if (!used && --way <= 0)
            break;
    }
    u->plan.opening = text ? text : u->plan.opening;
    return ground ? ANIMA_OK : ANIMA_E_NOMEM;
}

/* Asked for what was, it answers with what it has in front of it, or says that it does not remember. */
static int plan_past(struct utterance *u, int way, anima_error *err)
{
    const struct recollection *found = u->recollection;
    enum past_asked how = past_asked(u->home->past, u->message);
    bool strict = !found || (found->none && !found->knows && !u->n_passages),
         other = u->act != ACT_NONE || u->own_name || u->again.times;
    bool both = about_both(u->message), fact = both && facts_asked(u->input.lore, u->input.n_lore, u->language);
    if (other || fact || how < PAST_VALUE || (strict && how != PAST_PLAINLY) || !u->home->memories)
        return ANIMA_OK;
    struct lines lines = { arena_alloc(u->arena, MAX_LINES * sizeof(*lines.text)), 0 };
    if (!lines.text)
        return utterance_no_memory(err);
    const char *documents = u->input.documents ? strchr(u->input.documents, '\n') : NULL; /* behind its heading */
    bool whole = add_lines(u, &lines, documents) && add_recalled(u, &lines, both) &&
                 add_lines(u, &lines, u->input.summary) && add_lines(u, &lines, u->input.rules) &&
                 (!both || add_self(u, &lines));
    for (size_t i = u->input.n_turns; i-- > u->input.first && whole;) {
        const struct prompt_turn *t = &u->input.turns[i];
        if (t->text != u->message && (t->speaker || both)) /* what the character said of itself is not theirs */
            whole = add_lines(u, &lines, t->text);
    }
    u->plan.past_asked = (struct recalled_question){
        .lines = lines.text,
        .n_lines = lines.n,
        .message = u->message,
        .names = arena_printf(u->arena, "%s %s %s", u->self.name, u->input.character, utterance_called(u, u->person)),
        .strict = strict,
    };
    u->plan.words = memories_words(u->home->memories);
    u->plan.last_resort = past_resorts(u, strict);
    u->plan.rules.known = !strict && u->quoted;
    whole = whole && u->plan.past_asked.names && u->plan.last_resort;
    if (whole && strict && utterance_has(u->home, "opening"))
        whole = open_unknowing(u, way) == ANIMA_OK;
    return whole ? ANIMA_OK : utterance_no_memory(err);
}

int utterance_plan(struct utterance *u, const struct reply *r, anima_error *err)
{
    const char **said = arena_alloc(u->arena, (MAX_ALTERNATIVES + REMEMBERED) * sizeof(*said));
    const char *const *resorts = last_resorts(u);
    const char **banned = arena_alloc(u->arena, MAX_BANNED * sizeof(*banned));
    if (!said || !resorts || !banned)
        return utterance_no_memory(err);
    struct lapse_rules *rules = &u->plan.rules;
    struct alternatives alternatives = { u, said };
    if (r->variants > 1 || r->way) /* said once more, it has to be something else */
        store_variant_list(u->home->store, r->conversation->info.id, r->seq, add_alternative, &alternatives, NULL);
    for (size_t i = u->input.n_turns; i-- > 0 && u->plan.n_said < MAX_ALTERNATIVES + REMEMBERED;)
        if (!u->input.turns[i].speaker && *u->input.turns[i].text)
            said[u->plan.n_said++] = u->input.turns[i].text;
    u->plan.said = said;
    rules->language = u->input.foreign ? NULL : u->language; /* NULL: any will do */
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
    if (u->forgot) { /* nothing that the model makes of it is surer than these words */
        u->plan.opening = unsay_opening(u->forgot > 0, u->language);
        u->plan.sentences = 2;
    }
    if (asks_again(u) && plan_again(u))
        return utterance_no_memory(err);
    if (!u->forgot && utterance_has(u->home, "past") && plan_past(u, r->way, err))
        return ANIMA_E_NOMEM;
    return u->plan.identity ? plan_meaning(u, err) : utterance_no_memory(err);
}
