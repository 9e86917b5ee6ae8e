/* chat_export.c — a conversation as a file, written on a thread of its own from one moment's look at the store. The
 * forms are told in chat_log.h; Markdown is for reading. */
#include "agent/state.h"

#include "agent/chat_log.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OUT_MAX (60u << 20)
#define MEMORY_MAX (128u << 20)
#define PAGE 500

struct name {
    int64_t id;
    const char *name;
    struct name *next;
};

/* An alternative that its turn does not show. */
struct other {
    anima_turn turn;
    struct other *next;
};

struct export
{
    anima_home *home;
    anima_exported *done;
    void *ctx;
    anima_export_format format;
    char *path;
    char id[24], called[128], owner[65]; /* the character's name, and the home's owner */
    /* the worker's */
    struct arena arena;
    anima_conversation_info info;
    struct name *names;
    struct other *others, **last_other; /* in the order of seq and variant */
    int64_t last;
    struct buf out;
    int rc;
    anima_error err;
};

static const char *name_of(const struct export *e, int64_t id)
{
    for (const struct name *n = e->names; n; n = n->next)
        if (n->id == id)
            return n->name;
    return e->owner;
}

/* ---- anima's own ---- */

/* Six digits, so that what is read again is written the same. */
static void put_measure(struct jw *w, const char *key, double value)
{
    char digits[40];
    snprintf(digits, sizeof(digits), "%.6g", value);
    jw_num(w, key, strtod(digits, NULL));
}

static void put_ours(struct jw *w, const anima_turn *t)
{
    jw_str(w, "text", t->text);
    jw_str(w, "state", anima_turn_state_name(t->state));
    jw_str(w, "model", t->model);
    jw_str(w, "finish", t->finish);
    if (t->error_code) {
        jw_str(w, "error_code", anima_error_name(t->error_code));
        jw_str(w, "error", t->error);
    }
    jw_int(w, "prompt_tokens", t->prompt_tokens);
    jw_int(w, "completion_tokens", t->completion_tokens);
    put_measure(w, "ttft_ms", t->ttft_ms);
    put_measure(w, "tokens_per_s", t->tokens_per_s);
    jw_int(w, "created_ms", t->created_ms);
    jw_bool(w, "edited", t->edited);
}

static void our_turn(struct export *e, const anima_turn *t)
{
    struct jw w;
    jw_init(&w, &e->out);
    jw_obj(&w, NULL);
    jw_int(&w, "seq", t->seq);
    jw_str(&w, "role", t->role == ANIMA_ROLE_PERSON ? "person" : "character");
    jw_str(&w, "person", t->role == ANIMA_ROLE_PERSON ? name_of(e, t->person) : NULL);
    jw_str(&w, "client_id", t->client_id);
    put_ours(&w, t);
    jw_int(&w, "revision", t->revision);
    jw_int(&w, "variant", t->variant);
    jw_arr(&w, "alternatives");
    for (; e->others && e->others->turn.seq == t->seq; e->others = e->others->next) {
        jw_obj(&w, NULL);
        put_ours(&w, &e->others->turn);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_puts(&e->out, "\n");
}

static void our_head(struct export *e)
{
    struct jw w;
    jw_init(&w, &e->out);
    jw_obj(&w, NULL);
    jw_int(&w, "anima", 1);
    jw_str(&w, "kind", "conversation");
    jw_str(&w, "id", e->info.id);
    jw_str(&w, "character", e->info.character);
    jw_str(&w, "title", e->info.title);
    jw_int(&w, "created_ms", e->info.created_ms);
    jw_int(&w, "updated_ms", e->info.updated_ms);
    if (*e->info.parent) {
        jw_obj(&w, "parent");
        jw_str(&w, "id", e->info.parent);
        jw_int(&w, "seq", e->info.parent_seq);
        jw_end_obj(&w);
    }
    jw_end_obj(&w);
    buf_puts(&e->out, "\n");
}

/* ---- SillyTavern's ---- */

static void put_date(struct jw *w, const char *key, int64_t ms)
{
    char text[48];
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, sizeof(text) - n, ".%03dZ", (int)(ms % 1000));
    jw_str(w, key, text);
}

static void put_swipe_info(struct jw *w, const anima_turn *t)
{
    jw_obj(w, NULL);
    put_date(w, "send_date", t->created_ms);
    jw_obj(w, "extra");
    jw_str(w, "model", t->model);
    jw_end_obj(w);
    jw_end_obj(w);
}

/* The turn and its alternatives, by their number. */
static void put_swipes(struct jw *w, const struct other *others, const anima_turn *t, bool infos)
{
    jw_arr(w, infos ? "swipe_info" : "swipes");
    for (int i = 0; i < t->variants; i++) {
        const anima_turn *one = i == t->variant || !others ? t : &others->turn;
        if (one != t)
            others = others->next;
        if (infos)
            put_swipe_info(w, one);
        else
            jw_str(w, NULL, one->text);
    }
    jw_end_arr(w);
}

static void tavern_turn(struct export *e, const anima_turn *t)
{
    struct jw w;
    bool person = t->role == ANIMA_ROLE_PERSON;
    jw_init(&w, &e->out);
    jw_obj(&w, NULL);
    jw_str(&w, "name", person ? name_of(e, t->person) : e->called);
    jw_bool(&w, "is_user", person);
    jw_bool(&w, "is_system", false);
    put_date(&w, "send_date", t->created_ms);
    jw_str(&w, "mes", t->text);
    jw_obj(&w, "extra");
    if (*t->model)
        jw_str(&w, "model", t->model);
    jw_end_obj(&w);
    if (!person) {
        jw_int(&w, "swipe_id", t->variant);
        put_swipes(&w, e->others, t, false);
        put_swipes(&w, e->others, t, true);
    }
    while (e->others && e->others->turn.seq == t->seq)
        e->others = e->others->next;
    jw_end_obj(&w);
    buf_puts(&e->out, "\n");
}

static void tavern_head(struct export *e)
{
    struct jw w;
    jw_init(&w, &e->out);
    jw_obj(&w, NULL);
    jw_str(&w, "user_name", e->owner);
    jw_str(&w, "character_name", e->called);
    put_date(&w, "create_date", e->info.created_ms);
    jw_obj(&w, "chat_metadata");
    jw_end_obj(&w);
    jw_end_obj(&w);
    buf_puts(&e->out, "\n");
}

/* ---- Markdown ---- */

static const char *local_time(int64_t ms, char out[32])
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&s, &tm);
    strftime(out, 32, "%Y-%m-%d %H:%M", &tm);
    return out;
}

static void markdown_head(struct export *e)
{
    char when[32];
    buf_printf(&e->out, "# %s\n\n%s · %s\n", *e->info.title ? e->info.title : e->called, e->called,
               local_time(e->info.created_ms, when));
}

static void markdown_turn(struct export *e, const anima_turn *t)
{
    char when[32];
    buf_printf(&e->out, "\n**%s** · %s\n\n", t->role == ANIMA_ROLE_PERSON ? name_of(e, t->person) : e->called,
               local_time(t->created_ms, when));
    buf_puts(&e->out, t->text);
    buf_puts(&e->out, "\n");
}

static const struct form {
    void (*head)(struct export *e);
    void (*turn)(struct export *e, const anima_turn *turn);
} forms[] = {
    [ANIMA_EXPORT_JSONL] = { our_head, our_turn },
    [ANIMA_EXPORT_MARKDOWN] = { markdown_head, markdown_turn },
    [ANIMA_EXPORT_SILLYTAVERN] = { tavern_head, tavern_turn },
};

/* ---- the worker's side ---- */

static int take_name(void *ctx, int64_t id, const char *name)
{
    struct export *e = ctx;
    struct name *n = arena_alloc(&e->arena, sizeof(*n));
    if (!n || !(n->name = arena_strdup(&e->arena, name)))
        return err_set(&e->err, ANIMA_E_NOMEM, "out of memory for the export");
    n->id = id;
    n->next = e->names;
    e->names = n;
    return 0;
}

static int take_other(void *ctx, const anima_turn *turn)
{
    struct export *e = ctx;
    struct other *o = arena_alloc(&e->arena, sizeof(*o));
    if (!o)
        return err_set(&e->err, ANIMA_E_NOMEM, "out of memory for the alternatives");
    o->turn = *turn;
    o->turn.text = arena_strdup(&e->arena, turn->text);
    o->turn.model = arena_strdup(&e->arena, turn->model);
    o->turn.finish = arena_strdup(&e->arena, turn->finish);
    o->turn.error = arena_strdup(&e->arena, turn->error);
    if (!o->turn.text || !o->turn.model || !o->turn.finish || !o->turn.error)
        return err_set(&e->err, ANIMA_E_NOMEM, "out of memory for the alternatives");
    *e->last_other = o;
    e->last_other = &o->next;
    return 0;
}

static int take_turn(void *ctx, const anima_turn *turn)
{
    struct export *e = ctx;
    e->last = turn->seq;
    forms[e->format].turn(e, turn);
    return e->out.failed != 0 || atomic_load(&e->home->stop);
}

static int write_turns(struct export *e, struct store *store)
{
    int64_t before;
    int rc = ANIMA_OK;
    do {
        before = e->last;
        rc = store_turn_list(store, e->id, e->last, PAGE, take_turn, e, &e->err);
    } while (!rc && e->last > before && !e->out.failed);
    if (!rc && e->out.failed)
        rc = err_set(&e->err, e->out.failed,
                     e->out.failed == ANIMA_E_LIMIT ? "the conversation is too long for one file"
                                                    : "out of memory for the export");
    return rc;
}

static int write_all(struct export *e, struct store *store)
{
    int rc = store_snapshot(store, &e->err);
    if (!rc)
        rc = store_conversation_get(store, e->id, &e->info, &e->err);
    if (!rc)
        rc = store_person_list(store, take_name, e, &e->err);
    if (!rc)
        rc = store_variant_list(store, e->id, 0, take_other, e, &e->err);
    if (!rc)
        rc = e->err.code;
    if (rc)
        return rc;
    forms[e->format].head(e);
    return write_turns(e, store);
}

static void write_file(void *ctx)
{
    struct export *e = ctx;
    struct store *store;
    e->last_other = &e->others;
    e->rc = store_open(e->path, true, NULL, &store, &e->err);
    if (!e->rc)
        e->rc = write_all(e, store);
    store_close(store);
}

/* ---- the loop's side ---- */

static void export_free(struct export *e)
{
    arena_finish(&e->arena);
    buf_finish(&e->out);
    mem_free(e->path);
    mem_free(e);
}

static void written(void *ctx)
{
    struct export *e = ctx;
    e->home->works--;
    if (atomic_load(&e->home->stop))
        e->rc = err_set(&e->err, ANIMA_E_CANCELLED, "the home is being closed");
    e->done(e->ctx, e->rc, &e->err, buf_str(&e->out), e->rc ? 0 : e->out.len);
    export_free(e);
}

int anima_export(anima_conversation *c, anima_export_format format, anima_exported *done, void *ctx, anima_error *err)
{
    anima_home *home = c->home;
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d searches, exports and imports are running already", MAX_WORKS);
    struct export *e = mem_zero(1, sizeof(*e));
    if (!e)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the export");
    *e = (struct export){ .home = home, .done = done, .ctx = ctx, .format = format };
    const anima_character *who = anima_character_find(home, c->info.character);
    snprintf(e->id, sizeof(e->id), "%s", c->info.id);
    snprintf(e->called, sizeof(e->called), "%s", who ? who->name : c->info.character);
    snprintf(e->owner, sizeof(e->owner), "%s", home->owner);
    arena_init(&e->arena, MEMORY_MAX);
    buf_init(&e->out, OUT_MAX);
    e->path = fs_join(home->path, "anima.db", (char *)NULL);
    int rc = e->path ? loop_work(home->loop, write_file, written, e, err)
                     : err_set(err, ANIMA_E_NOMEM, "out of memory for the export");
    if (rc)
        export_free(e);
    else
        home->works++;
    return rc;
}
