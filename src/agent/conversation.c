/* conversation.c — conversations in memory: found by id, kept while somebody holds, hears or answers them, with the
 * turns a prompt needs. The store is the truth; what is here is what has not reached it yet, and a copy. */
#include "agent/documents.h"
#include "agent/memories.h"
#include "agent/state.h"
#include "agent/summary.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "base/utf8.h"
#include "mind/prompt.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

/* How many turns a prompt can look back; the oldest half leaves when there are twice as many. */
#define SAID_KEPT 200

static int by_id(const void *a, const void *b)
{
    return strcmp(((const anima_conversation *)a)->info.id, ((const anima_conversation *)b)->info.id);
}

anima_conversation *conversation_find(anima_home *home, const char *id)
{
    anima_conversation key = { 0 };
    if (strlen(id) >= sizeof(key.info.id))
        return NULL;
    strcpy(key.info.id, id);
    void *node = tfind(&key, &home->conversations, by_id);
    return node ? *(anima_conversation **)node : NULL;
}

static void drop_replies(anima_conversation *c)
{
    while (c->replies) {
        struct reply *r = c->replies;
        c->replies = r->next;
        reply_free(r);
    }
    candidates_free(c->candidates);
    c->candidates = NULL;
}

static void drop_replies_at(const void *node, VISIT visit, void *ctx)
{
    (void)ctx;
    if (visit == postorder || visit == leaf)
        drop_replies(*(anima_conversation *const *)node);
}

void conversation_drop_replies(anima_home *home) { twalk_r(home->conversations, drop_replies_at, NULL); }

struct answering {
    const char *character, *but;
    bool found;
};

static void look_at_answers(const void *node, VISIT visit, void *ctx)
{
    struct answering *a = ctx;
    const anima_conversation *c = *(anima_conversation *const *)node;
    if ((visit == postorder || visit == leaf) && (c->replies || c->candidates) && strcmp(c->info.id, a->but) != 0)
        a->found = a->found || strcmp(c->info.character, a->character) == 0;
}

bool conversation_answers(anima_home *home, const char *character, const char *but)
{
    struct answering a = { character, but, false };
    if (home->n_replies)
        twalk_r(home->conversations, look_at_answers, &a);
    return a.found;
}

static void free_conversation(anima_conversation *c)
{
    drop_replies(c);
    summary_release(c);
    while (c->subscribers.first) {
        struct anima_subscription *s = c->subscribers.first;
        c->subscribers.first = s->next;
        mem_free(s);
    }
    for (size_t i = 0; i < c->n_said; i++)
        mem_free(c->said[i].text);
    mem_free(c->said);
    mem_free(c);
}

static anima_conversation *add(anima_home *home, const anima_conversation_info *info)
{
    anima_conversation *c = mem_zero(1, sizeof(*c));
    if (!c)
        return NULL;
    c->home = home;
    c->info = *info;
    c->refs = 1;
    if (!tsearch(c, &home->conversations, by_id)) {
        mem_free(c);
        return NULL;
    }
    home->n_conversations++;
    memories_visit(home->memories, info->character);
    documents_visit(home->documents, info->character);
    return c;
}

void conversation_release(anima_conversation *c)
{
    if (c->refs > 0 || c->replies || c->subscribers.first || c->home->closing)
        return;
    tdelete(c, &c->home->conversations, by_id);
    c->home->n_conversations--;
    free_conversation(c);
}

void conversation_free_all(anima_home *home)
{
    while (home->conversations) {
        anima_conversation *c = *(anima_conversation **)home->conversations;
        tdelete(c, &home->conversations, by_id);
        free_conversation(c);
    }
}

/* ---- what was said ---- */

int conversation_remember(anima_conversation *c, int64_t seq, int64_t person, const char *text)
{
    if (!c->said_loaded)
        return ANIMA_OK; /* it will be read from the store when it is needed */
    if (c->n_said == 2 * (size_t)SAID_KEPT) {
        for (size_t i = 0; i < SAID_KEPT; i++)
            mem_free(c->said[i].text);
        memmove(c->said, c->said + SAID_KEPT, SAID_KEPT * sizeof(*c->said));
        c->n_said = SAID_KEPT;
    }
    size_t at = c->n_said;
    while (at > 0 && c->said[at - 1].seq >= seq)
        at--;
    bool replace = at < c->n_said && c->said[at].seq == seq;
    char *copy = mem_strdup(text);
    if (!copy)
        return ANIMA_E_NOMEM;
    if (replace) {
        mem_free(c->said[at].text);
    } else {
        struct said *said = mem_realloc(c->said, (c->n_said + 1) * sizeof(*said));
        if (!said) {
            mem_free(copy);
            return ANIMA_E_NOMEM;
        }
        c->said = said;
        memmove(said + at + 1, said + at, (c->n_said - at) * sizeof(*said));
        c->n_said++;
    }
    c->said[at] = (struct said){ .seq = seq, .person = person, .text = copy };
    return ANIMA_OK;
}

static int load_one(void *ctx, const anima_turn *turn)
{
    anima_conversation *c = ctx;
    return conversation_remember(c, turn->seq, turn->role == ANIMA_ROLE_PERSON ? turn->person : 0, turn->text);
}

void conversation_forget_after(anima_conversation *c, int64_t seq)
{
    while (c->n_said && c->said[c->n_said - 1].seq > seq)
        mem_free(c->said[--c->n_said].text);
}

int conversation_load_said(anima_conversation *c, anima_error *err)
{
    if (c->said_loaded)
        return ANIMA_OK;
    c->said_loaded = true;
    int rc = store_turn_last(c->home->store, c->info.id, SAID_KEPT, load_one, c, err);
    if (rc)
        c->said_loaded = false;
    return rc;
}

/* ---- opening ---- */

static int newest_seq(void *ctx, const anima_turn *turn)
{
    *(int64_t *)ctx = turn->seq;
    return 0;
}

int anima_conversation_open(anima_home *home, const char *id, anima_conversation **out, anima_error *err)
{
    *out = NULL;
    anima_conversation *c = conversation_find(home, id);
    if (c && c->gone)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", id);
    if (c) {
        c->refs++;
        *out = c;
        return ANIMA_OK;
    }
    anima_conversation_info info;
    int64_t last = 0;
    int rc = store_conversation_get(home->store, id, &info, err);
    if (!rc)
        rc = store_turn_last(home->store, id, 1, newest_seq, &last, err);
    if (rc)
        return rc;
    c = add(home, &info);
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for conversation %s", id);
    c->next_seq = last + 1;
    *out = c;
    return ANIMA_OK;
}

void conversation_refresh(anima_conversation *c)
{
    anima_conversation_info info;
    int64_t last = 0;
    if (store_conversation_get(c->home->store, c->info.id, &info, NULL) ||
        store_turn_last(c->home->store, c->info.id, 1, newest_seq, &last, NULL))
        return;
    c->info = info;
    c->next_seq = last + 1;
}

void anima_conversation_close(anima_conversation *c)
{
    if (!c)
        return;
    c->refs--;
    conversation_release(c);
}

static int announce_greeting(void *ctx, const anima_turn *turn)
{
    anima_conversation *c = ctx;
    anima_event event = { .type = ANIMA_EVENT_TURN_CREATED, .turn = turn };
    if (turn->role == ANIMA_ROLE_CHARACTER)
        event_emit(c->home, c, &event);
    return 1;
}

static void created(void *ctx, int rc, const anima_error *err)
{
    (void)err; /* whoever sends the first message hears of it, unless the store can take it by then */
    anima_conversation *c = ctx;
    c->unstored = rc != 0;
    if (!rc) { /* whoever listened before it was stored has not seen the greeting */
        anima_conversation_turns(c, 0, 1, announce_greeting, c, NULL);
        event_conversation(c);
    }
    anima_conversation_close(c);
}

/* The greeting with its macros replaced; *text is in the arena. */
static int make_greeting(anima_home *home, const struct character *who, const anima_conversation_info *info,
                         size_t greeting, struct arena *arena, const char **text, anima_error *err)
{
    const char *wanted = greeting < who->pub.n_greetings ? who->pub.greetings[greeting] : "";
    const struct prompt_input input = { .character = character_called(who),
                                        .now_ms = info->created_ms,
                                        .seed = (uint64_t)info->created_ms };
    *text = prompt_expand(arena, &input, settings_get(home->settings, "person.name"), wanted);
    return *text ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "the greeting does not fit into memory");
}

/* Stores the conversation, and its greeting if there is one. */
static int store_new(anima_conversation *c, const struct character *who, size_t which, anima_error *err)
{
    anima_home *home = c->home;
    anima_conversation_info row = c->info;
    struct arena arena;
    const char *text = "";
    row.turns = 0; /* the store counts the greeting itself */
    arena_init(&arena, 4u << 20);
    int rc = make_greeting(home, who, &c->info, which, &arena, &text, err);
    if (!rc)
        rc = store_conversation_add(home->store, &row, *text ? NULL : created, c, err);
    if (!rc)
        c->refs++; /* until created() */
    if (!rc && *text) {
        anima_turn greeting = { .seq = c->next_seq++,
                                .role = ANIMA_ROLE_CHARACTER,
                                .state = ANIMA_TURN_DONE,
                                .text = text,
                                .finish = "stop",
                                .created_ms = c->info.created_ms };
        conversation_touch(c, 1, text, c->info.created_ms);
        rc = store_turn_add(home->store, c->info.id, NULL, &greeting, created, c, err);
        if (rc)
            c->refs--;
    }
    arena_finish(&arena);
    return rc;
}

int conversation_check_title(const char *title, anima_error *err)
{
    size_t n = strlen(title);
    bool good = n < sizeof(((anima_conversation_info *)0)->title) && utf8_valid(title, n);
    for (size_t i = 0; i < n && good; i++)
        good = (unsigned char)title[i] >= ' ' && title[i] != 0x7F;
    return good ? ANIMA_OK
                : err_set(err, ANIMA_E_INVALID, "a title is one line of UTF-8 text of at most %zu bytes",
                          sizeof(((anima_conversation_info *)0)->title) - 1);
}

int anima_conversation_create(anima_home *home, const char *character, const char *title, anima_conversation **out,
                              anima_error *err)
{
    return anima_conversation_create_with(home, character, title, 0, out, err);
}

int anima_conversation_create_with(anima_home *home, const char *character, const char *title, size_t greeting,
                                   anima_conversation **out, anima_error *err)
{
    *out = NULL;
    characters_refresh_one(home, character);
    const struct character *who = cast_find(&home->cast, character);
    if (home->read_only)
        return home_looked_at_only(err);
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (greeting && greeting >= who->pub.n_greetings)
        return err_set(err, ANIMA_E_INVALID, "%.100s has %zu greetings, counted from 0; there is no %zu", who->pub.name,
                       who->pub.n_greetings, greeting);
    anima_conversation_info info = { .turns = *who->pub.greeting ? 1 : 0 };
    if (title && conversation_check_title(title, err))
        return ANIMA_E_INVALID;
    rnd_name(info.id, 16);
    snprintf(info.character, sizeof(info.character), "%s", character);
    snprintf(info.title, sizeof(info.title), "%s", title ? title : "");
    info.created_ms = info.updated_ms = clock_wall_ms();
    anima_conversation *c = add(home, &info);
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a conversation");
    c->next_seq = 1;
    int rc = store_new(c, who, greeting, err);
    if (rc) {
        anima_conversation_close(c);
        return rc;
    }
    *out = c;
    return ANIMA_OK;
}

void conversation_touch(anima_conversation *c, int64_t turns, const char *text, int64_t now_ms)
{
    c->info.turns = turns;
    c->info.updated_ms = now_ms > c->info.updated_ms ? now_ms : c->info.updated_ms;
    size_t n = utf8_cut(text, strlen(text), sizeof(c->info.last_text) - 1);
    memcpy(c->info.last_text, text, n);
    c->info.last_text[n] = '\0';
}

void anima_conversation_describe(const anima_conversation *c, anima_conversation_info *out) { *out = c->info; }

int anima_conversation_list(anima_home *home, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err)
{
    if (limit < 1 || limit > 500)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to 500, not %d", limit);
    return store_conversation_list(home->store, limit, before_ms, cb, ctx, err);
}

int anima_conversation_list_of(anima_home *home, const char *character, int limit, int64_t before_ms,
                               anima_conversation_cb *cb, void *ctx, anima_error *err)
{
    if (!character || !*character)
        return anima_conversation_list(home, limit, before_ms, cb, ctx, err);
    if (limit < 1 || limit > 500)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to 500, not %d", limit);
    return store_conversation_list_of(home->store, character, limit, before_ms, cb, ctx, err);
}

int anima_conversation_tree(anima_home *home, const char *id, int limit, anima_timeline_cb *cb, void *ctx, bool *more,
                            anima_error *err)
{
    if (limit < 1 || limit > 500)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to 500, not %d", limit);
    return store_conversation_tree(home->store, id, limit, cb, ctx, more, err);
}

/* ---- listing turns: the store's, with those under way as they are now ---- */

struct overlay {
    const anima_conversation *c;
    anima_turn_cb *cb;
    void *ctx;
};

static int overlay_one(void *ctx, const anima_turn *stored)
{
    const struct overlay *o = ctx;
    anima_turn turn = *stored;
    turn.person_name = turn.person ? home_person_name(o->c->home, turn.person) : "";
    for (const struct reply *r = o->c->replies; r; r = r->next)
        if (r->seq == turn.seq)
            reply_show(r, &turn);
    return o->cb(o->ctx, &turn);
}

int anima_conversation_changes(anima_conversation *c, int64_t since, int64_t *changes, int64_t *first, int64_t *last,
                               anima_error *err)
{
    int rc = store_turn_changes(c->home->store, c->info.id, since, changes, first, last, err);
    if (rc != ANIMA_E_NOT_FOUND || c->gone)
        return rc;
    *last = INT64_MAX; /* just made, and on its way to the disk: nothing can have changed */
    return ANIMA_OK;
}

int anima_conversation_turns(anima_conversation *c, int64_t after, int limit, anima_turn_cb *cb, void *ctx,
                             anima_error *err)
{
    if (limit < 1 || limit > 500)
        return err_set(err, ANIMA_E_INVALID, "limit is 1 to 500, not %d", limit);
    struct overlay o = { c, cb, ctx };
    return store_turn_list(c->home->store, c->info.id, after, limit, overlay_one, &o, err);
}
