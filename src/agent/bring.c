/* bring.c — an export comes in: read and laid out on a thread of its own (bring_plan.h), then stored conversation by conversation, the next one
 * when the one before it is on the disk, so that whoever talks meanwhile waits for one at most. Nothing is remembered of what is left to do:
 * the same export taken in again goes on, because ids follow from what is in it. */
#include "agent/bring.h"

#include "agent/bring_plan.h"
#include "agent/memories.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "twin/read.h"

#include <stdio.h>
#include <string.h>

#define MAX_ARENA ((size_t)4 << 30)
#define MAX_SPEAKERS 200 /* that are told of */

struct bringing {
    int refs; /* the home, and every piece on its way into the store */
    anima_home *home;
    anima_chats_done *told;
    void *ctx;
    bool look;
    char *character, *name, *me, *giver;
    char *data; /* until it is read */
    size_t n;
    int64_t now_ms;
    int rc;
    anima_error err;
    struct arena arena;
    struct twin_book book;
    struct bring_plan plan;
    /* on its way */
    bool running;
    size_t next; /* piece */
    int64_t done, known, conversations;
    int64_t since_us;
};

static void release(struct bringing *b)
{
    if (!b || --b->refs)
        return;
    arena_finish(&b->arena);
    mem_free(b->character);
    mem_free(b->name);
    mem_free(b->me);
    mem_free(b->giver);
    mem_free(b->data);
    mem_free(b);
}

bool bring_state_of(const anima_home *home, struct bring_state *out)
{
    const struct bringing *b = home->bringing;
    if (!b)
        return false;
    double seconds = (double)(clock_mono_us() - b->since_us) / 1e6;
    double left = (double)b->plan.n_lines - (double)b->done;
    *out = (struct bring_state){ .id = b->plan.id,
                                 .running = b->running,
                                 .done = b->done,
                                 .known = b->known,
                                 .conversations = b->conversations,
                                 .seconds_left = b->running && b->done ? seconds * left / (double)b->done : 0,
                                 .err = b->rc ? &b->err : NULL };
    return true;
}

/* Those who speak, the giver first. */
static size_t list_people(const struct bringing *b, anima_chats_person out[MAX_SPEAKERS])
{
    size_t n = 0;
    for (size_t i = 0; i < b->plan.n_people && n < MAX_SPEAKERS; i++) {
        const struct bring_person *p = &b->plan.people[i];
        if (p->speaks)
            out[n++] = (anima_chats_person){ .name = p->name, .messages = (int64_t)p->messages, .giver = i == 0 };
    }
    return n;
}

/* Whoever gave it is told what is in it, or what went wrong, once. */
static void tell(struct bringing *b)
{
    anima_chats_person people[MAX_SPEAKERS];
    const struct bring_plan *p = &b->plan;
    const struct twin_file *f = b->book.n_files ? b->book.files : &(struct twin_file){ "", "", 0, 0, "" };
    const anima_chats_file file = { f->name, f->format, f->trouble, (int64_t)f->records, (int64_t)f->notices };
    const anima_chats_found found = { .id = p->id,
                                      .chats = (int64_t)p->chats,
                                      .messages = (int64_t)p->n_lines,
                                      .conversations = (int64_t)p->n_pieces,
                                      .of_character = (int64_t)p->of_character,
                                      .left_out = (int64_t)p->left_out,
                                      .from_ms = p->first_ms,
                                      .to_ms = p->last_ms,
                                      .people = people,
                                      .n_people = b->rc ? 0 : list_people(b, people),
                                      .files = &file,
                                      .n_files = b->book.n_files };
    anima_chats_done *told = b->told;
    b->told = NULL;
    if (told)
        told(b->ctx, b->rc, &b->err, b->rc ? NULL : &found);
}

void bring_close(anima_home *home)
{
    struct bringing *b = home->bringing;
    home->bringing = NULL;
    if (b && b->told) {
        b->rc = err_set(&b->err, ANIMA_E_CANCELLED, "the home is being closed");
        tell(b);
    }
    release(b);
}

/* ---- storing ---- */

/* A conversation with the memory that it needs. */
struct piece {
    struct store_piece store;
    struct bringing *of;
    const struct bring_piece *plan;
};

static void piece_release(void *owner)
{
    struct piece *p = owner;
    mem_free(p->store.log.turns);
    mem_free(p->store.heard);
    mem_free(p->store.marks);
    release(p->of);
    mem_free(p);
}

/* False: there is no room for all of them. */
static bool write_ids(const struct bringing *b, const struct bring_set *set, char out[STORE_PEOPLE])
{
    bool whole = true;
    *out = '\0';
    for (size_t i = 0; i < set->n && whole; i++)
        whole = store_people_add(out, b->plan.people[set->people[i]].id);
    return whole;
}

static void fill_mark(const struct bringing *b, const struct bring_line *line, struct store_memory_mark *out)
{
    const struct bring_mark *mark = line->mark;
    *out = (struct store_memory_mark){ .class = -1 };
    if (!mark)
        return;
    out->class = mark->class;
    out->everyone = mark->everyone;
    /* Who must not know it has to be known whole; else it is looked at here, and is a secret until then. */
    if (!write_ids(b, &mark->excluded, out->excluded))
        *out = (struct store_memory_mark){ .class = -1 };
    else
        write_ids(b, &mark->allowed, out->allowed);
    out->pinned = mark->pinned;
}

static bool fill_turn(struct bringing *b, const struct bring_line *line, anima_turn *t)
{
    size_t n = strlen(line->record->text), most = line->character ? MAX_REPLY : MAX_MESSAGE;
    const char *text = line->record->text;
    if (n > most)
        text = arena_strndup(&b->arena, text, utf8_cut(text, n, most));
    *t = (anima_turn){ .role = line->character ? ANIMA_ROLE_CHARACTER : ANIMA_ROLE_PERSON,
                       .state = ANIMA_TURN_DONE,
                       .person = line->character ? 0 : b->plan.people[line->person].id,
                       .person_name = "",
                       .text = text,
                       .client_id = line->key,
                       .model = "",
                       .finish = line->character ? "stop" : "",
                       .error = "",
                       .variants = 1,
                       .created_ms = line->at_ms };
    return text;
}

static bool fill_piece(struct piece *p)
{
    struct bringing *b = p->of;
    struct store_piece *s = &p->store;
    anima_conversation_info *info = &s->log.info;
    snprintf(info->id, sizeof(info->id), "%s", p->plan->id);
    snprintf(info->character, sizeof(info->character), "%s", b->character);
    snprintf(info->title, sizeof(info->title), "%s", p->plan->title);
    snprintf(s->import, sizeof(s->import), "%s", b->plan.id);
    snprintf(s->part, sizeof(s->part), "%s", p->plan->part);
    s->log.n_turns = p->plan->n;
    s->n_heard = p->plan->n_heard;
    s->log.turns = mem_zero(p->plan->n, sizeof(*s->log.turns));
    s->marks = mem_zero(p->plan->n, sizeof(*s->marks));
    s->heard = mem_zero(s->n_heard + 1, sizeof(*s->heard));
    bool made = s->log.turns && s->marks && s->heard;
    for (size_t i = 0; i < p->plan->n && made; i++) {
        const struct bring_line *line = &b->plan.lines[p->plan->first + i];
        made = fill_turn(b, line, &s->log.turns[i]);
        s->log.turns[i].seq = (int64_t)i + 1;
        fill_mark(b, line, &s->marks[i]);
    }
    for (size_t i = 0; i < s->n_heard && made; i++)
        s->heard[i] = (struct store_heard){ b->plan.people[p->plan->heard[i].person].id, p->plan->heard[i].since };
    return made;
}

static void store_next(struct bringing *b);

static void fail(struct bringing *b, int rc, const anima_error *err)
{
    b->running = false;
    b->rc = rc;
    b->err = *err;
    memories_notice(b->home->memories);
}

static void on_end(void *ctx, int rc, const anima_error *err)
{
    struct bringing *b = ctx;
    if (rc)
        fail(b, rc, err);
    b->running = false;
    memories_notice(b->home->memories);
}

static void announce(anima_home *home, const char *id)
{
    anima_conversation *c;
    anima_error err;
    if (anima_conversation_open(home, id, &c, &err))
        return;
    event_conversation(c);
    anima_conversation_close(c);
}

static void on_piece(void *ctx, int rc, const anima_error *err)
{
    struct piece *p = ctx;
    struct bringing *b = p->of;
    if (rc) {
        fail(b, rc, err);
        return;
    }
    b->done += (int64_t)p->plan->n;
    b->known += (int64_t)p->store.known;
    if (p->store.known < p->plan->n) {
        b->conversations++;
        announce(b->home, p->plan->id);
    }
    store_next(b);
}

static void store_next(struct bringing *b)
{
    anima_error err;
    struct store *store = b->home->store;
    if (b->next == b->plan.n_pieces) {
        if (store_import_end(store, b->plan.id, clock_wall_ms(), on_end, b, &err))
            fail(b, err.code, &err);
        return;
    }
    struct piece *p = mem_zero(1, sizeof(*p));
    if (!p) {
        err_set(&err, ANIMA_E_NOMEM, "out of memory for the chats");
        fail(b, err.code, &err);
        return;
    }
    *p = (struct piece){ .of = b, .plan = &b->plan.pieces[b->next++] };
    p->store.log.owner = p;
    p->store.log.release = piece_release;
    b->refs++;
    int rc = fill_piece(p) ? store_import_piece(store, &p->store, on_piece, p, &err)
                           : err_set(&err, ANIMA_E_NOMEM, "out of memory for the chats");
    if (!rc)
        return;
    fail(b, rc, &err);
    piece_release(p);
}

/* From now on it is in the list. */
static void on_begun(void *ctx, int rc, const anima_error *err)
{
    struct bringing *b = ctx;
    if (rc)
        fail(b, rc, err);
    tell(b);
    if (!rc)
        store_next(b);
}

/* Everybody in it becomes known here. */
static int begin(struct bringing *b, anima_error *err)
{
    anima_home *home = b->home;
    if (home->bringing && home->bringing->running)
        return err_set(err, ANIMA_E_BUSY, "other chats are just coming in");
    size_t more = 0;
    for (size_t i = 0; i < b->plan.n_people; i++)
        more += home_person_find(home, b->plan.people[i].name) == NULL;
    if (home->n_people + more > MAX_HOME_PEOPLE) /* before the first is known */
        return err_set(err, ANIMA_E_LIMIT,
                       "%zu people in it are not known here, and a home knows at most %d: bring fewer chats in", more,
                       MAX_HOME_PEOPLE);
    for (size_t i = 0; i < b->plan.n_people; i++) {
        const anima_person *person;
        int rc = anima_person_get(home, b->plan.people[i].name, &person, err);
        if (rc)
            return rc;
        b->plan.people[i].id = person->id;
    }
    const struct store_import import = { .id = b->plan.id,
                                         .character = b->character,
                                         .name = b->name,
                                         .at_ms = clock_wall_ms(),
                                         .turns = (int64_t)b->plan.n_lines };
    int rc = store_import_begin(home->store, &import, on_begun, b, err);
    if (rc)
        return rc;
    bring_close(home);
    home->bringing = b;
    b->refs++;
    b->running = true;
    b->since_us = clock_mono_us();
    return ANIMA_OK;
}

/* ---- reading ---- */

static void read_all(void *ctx)
{
    struct bringing *b = ctx;
    const struct bring_wish wish = { b->character, b->giver, b->me };
    b->book.arena = &b->arena;
    struct twin_reading *reading = twin_reading_new(&b->book);
    if (reading)
        b->rc = twin_reading_add(reading, b->name, b->data, b->n, &b->err);
    if (!reading || (twin_reading_end(reading) && !b->rc))
        b->rc = err_set(&b->err, ANIMA_E_NOMEM, "out of memory for the chats");
    mem_free(b->data);
    b->data = NULL;
    if (!b->rc)
        b->rc = bring_plan_make(&b->arena, &b->book, &wish, b->now_ms, &b->plan, &b->err);
    if (b->rc == ANIMA_E_NOT_FOUND && b->book.n_files && *b->book.files[0].trouble)
        b->rc = err_set(&b->err, ANIMA_E_INVALID, "%.200s: %s", b->name, b->book.files[0].trouble);
}

static void on_read(void *ctx)
{
    struct bringing *b = ctx;
    b->home->works--;
    if (atomic_load(&b->home->stop))
        b->rc = err_set(&b->err, ANIMA_E_CANCELLED, "the home is being closed");
    if (!b->rc && !b->look)
        b->rc = begin(b, &b->err);
    if (b->rc || b->look)
        tell(b);
    release(b);
}

/* ---- the door ---- */

static int check(const anima_home *home, const anima_chats_wish *wish, size_t n, anima_error *err)
{
    if (home->read_only)
        return home_looked_at_only(err);
    if (n > TWIN_MAX_FILE)
        return err_set(err, ANIMA_E_LIMIT, "an export has at most %u MiB", TWIN_MAX_FILE >> 20);
    if (!wish->character || !cast_find(&home->cast, wish->character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"",
                       wish->character ? wish->character : "");
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d searches, exports and imports are running already", MAX_WORKS);
    if (!wish->look && home->bringing && home->bringing->running)
        return err_set(err, ANIMA_E_BUSY, "other chats are just coming in");
    return ANIMA_OK;
}

int anima_chats_import(anima_home *home, const anima_chats_wish *wish, const char *data, size_t n,
                       anima_chats_done *done, void *ctx, anima_error *err)
{
    int rc = check(home, wish, n, err);
    if (rc)
        return rc;
    struct bringing *b = mem_zero(1, sizeof(*b));
    if (!b)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    *b = (struct bringing){ .refs = 1, .home = home, .told = done, .ctx = ctx, .look = wish->look, .n = n };
    arena_init(&b->arena, MAX_ARENA);
    b->now_ms = clock_wall_ms();
    b->character = mem_strdup(wish->character);
    b->name = mem_strdup(wish->name && *wish->name ? wish->name : "chat");
    b->me = mem_strdup(wish->me ? wish->me : "");
    b->giver = mem_strdup(wish->giver && *wish->giver ? wish->giver : home->owner);
    b->data = mem_alloc(n + 1);
    if (b->data)
        memcpy(b->data, data, n);
    rc = b->character && b->name && b->me && b->giver && b->data
             ? loop_work(home->loop, read_all, on_read, b, err)
             : err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    if (rc)
        release(b);
    else
        home->works++;
    return rc;
}
