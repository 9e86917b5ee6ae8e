/* bring_door.c — imports of chats, listed and undone. */
#include "agent/bring.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE 500 /* conversations that are deleted together */

/* ---- the list ---- */

struct listing {
    anima_home *home;
    anima_chats_cb *cb;
    void *ctx;
};

static int list_one(void *ctx, const struct store_import *i)
{
    const struct listing *l = ctx;
    struct bring_state now;
    bool here = bring_state_of(l->home, &now) && strcmp(now.id, i->id) == 0;
    anima_chats chats = { .id = i->id,
                          .character = i->character,
                          .name = i->name,
                          .state = i->done_ms            ? "done"
                                   : here && now.running ? "running"
                                                         : "unfinished",
                          .at_ms = i->at_ms,
                          .messages = i->turns,
                          .done = i->done_ms ? i->turns
                                  : here     ? now.done
                                             : i->brought,
                          .known = here ? now.known : 0,
                          .conversations = i->conversations,
                          .error = "" };
    if (here)
        chats.seconds_left = now.seconds_left;
    if (here && now.err && !i->done_ms) {
        chats.code = now.err->code;
        chats.error = now.err->message;
    }
    return l->cb(l->ctx, &chats);
}

int anima_chats_list(anima_home *home, anima_chats_cb *cb, void *ctx, anima_error *err)
{
    struct listing l = { home, cb, ctx };
    return store_import_list(home->store, list_one, &l, err);
}

/* ---- undone ---- */

struct undoing {
    anima_home *home;
    anima_done *done;
    void *ctx;
    char import[24];
    char (*ids)[24]; /* AT_ONCE of them */
    size_t n, waits; /* waits: deletions that are not reported yet */
    int rc;          /* the first failure */
    anima_error err; /* or, with rc 0, that old bytes go later */
};

static void finish(struct undoing *u, int rc, const anima_error *err)
{
    anima_error why = *err;
    u->home->undoing = NULL;
    u->done(u->ctx, rc, &why);
    mem_free(u->ids);
    mem_free(u);
}

void bring_undo_close(anima_home *home)
{
    anima_error err;
    err_set(&err, ANIMA_E_CANCELLED, "the home is being closed");
    if (home->undoing)
        finish(home->undoing, err.code, &err);
}

static int take_id(void *ctx, const char *id)
{
    struct undoing *u = ctx;
    snprintf(u->ids[u->n++], sizeof(u->ids[0]), "%s", id);
    return u->n == AT_ONCE;
}

static void on_forgotten(void *ctx, int rc, const anima_error *err)
{
    struct undoing *u = ctx;
    finish(u, rc, rc ? err : &u->err);
}

static int delete_some(struct undoing *u, anima_error *err);

static void on_deleted(void *ctx, int rc, const anima_error *err)
{
    struct undoing *u = ctx;
    if ((rc && !u->rc) || (!rc && err->code && !u->rc))
        u->err = *err;
    u->rc = u->rc ? u->rc : rc;
    if (--u->waits || u->home->closing)
        return;
    anima_error why = u->err;
    int next = u->rc ? u->rc : delete_some(u, &why);
    if (next)
        finish(u, next, &why);
}

static int delete_one(struct undoing *u, const char *id, anima_error *err)
{
    anima_conversation *c;
    int rc = anima_conversation_open(u->home, id, &c, err);
    if (rc)
        return rc;
    rc = anima_conversation_delete(c, false, on_deleted, u, err);
    anima_conversation_close(c);
    return rc;
}

/* The next of them; behind the last one the import itself. Not ANIMA_OK: nothing is on its way. */
static int delete_some(struct undoing *u, anima_error *err)
{
    u->n = 0;
    int rc = store_import_conversations(u->home->store, u->import, take_id, u, err);
    if (rc)
        return rc;
    if (!u->n)
        return store_import_forget(u->home->store, u->import, on_forgotten, u, err);
    for (size_t i = 0; i < u->n; i++) {
        rc = delete_one(u, u->ids[i], err);
        u->waits += !rc;
        if (rc && !u->rc)
            u->err = *err;
        u->rc = u->rc ? u->rc : rc;
    }
    *err = u->err;
    return u->waits ? ANIMA_OK : u->rc;
}

struct looking {
    const char *id;
    bool found;
};

static int is_it(void *ctx, const struct store_import *import)
{
    struct looking *l = ctx;
    l->found = strcmp(l->id, import->id) == 0;
    return l->found;
}

int anima_chats_undo(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    struct looking l = { .id = id };
    struct bring_state now;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = store_import_list(home->store, is_it, &l, err);
    if (!rc && !l.found)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is no import \"%.40s\"", id);
    else if (!rc && (home->undoing || (bring_state_of(home, &now) && now.running)))
        rc = err_set(err, ANIMA_E_BUSY, "chats are just coming in, or going; try again when that is over");
    if (rc)
        return rc;
    struct undoing *u = mem_zero(1, sizeof(*u));
    if (u)
        *u = (struct undoing){ .home = home, .done = done, .ctx = ctx, .ids = mem_zero(AT_ONCE, sizeof(*u->ids)) };
    if (!u || !u->ids) {
        mem_free(u);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the import");
    }
    snprintf(u->import, sizeof(u->import), "%s", id);
    home->undoing = u;
    anima_error why = { 0 };
    rc = delete_some(u, &why);
    if (rc) {
        err_set(err, rc, "%s", why.message);
        home->undoing = NULL;
        mem_free(u->ids);
        mem_free(u);
    }
    return rc;
}
