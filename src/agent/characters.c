/* characters.c — the characters of a home from outside, and how they come, change and go while it is open. */
#include "agent/card_folder.h"
#include "agent/card_import.h"
#include "agent/state.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static char *own_folder(const anima_home *home) { return fs_join(home->path, "characters", (char *)NULL); }

static char *shared_folder(void)
{
    char *share = fs_share_dir(), *shared = share ? fs_join(share, "characters", (char *)NULL) : NULL;
    mem_free(share);
    return shared;
}

int characters_open(anima_home *home, anima_error *err)
{
    char *own = own_folder(home), *shared = shared_folder();
    const char *language = home_language(home);
    int rc = own ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && !home->read_only)
        card_import_sweep(own);
    if (!rc)
        rc = cast_load(&home->cast, own, true, language, err);
    if (!rc && shared)
        rc = cast_load(&home->cast, shared, false, language, err);
    mem_free(own);
    mem_free(shared);
    return rc;
}

const anima_character *anima_character_at(const anima_home *home, size_t i)
{
    return i < home->cast.n ? &home->cast.all[i]->pub : NULL;
}

const anima_character *anima_character_find(const anima_home *home, const char *id)
{
    const struct character *c = cast_find(&home->cast, id);
    return c ? &c->pub : NULL;
}

/* ---- telling ---- */

static void tell_changed(anima_home *home, const anima_character *c)
{
    anima_event event = { .type = ANIMA_EVENT_CHARACTER_CHANGED, .character = c };
    event_emit(home, NULL, &event);
}

/* An own character's folder is gone. One of the same name that comes with anima is there again. */
static void leave(anima_home *home, const char *id)
{
    char copy[65];
    snprintf(copy, sizeof(copy), "%s", id);
    if (!cast_take(&home->cast, copy))
        return;
    char *shared = shared_folder(), *file = shared ? fs_join(shared, copy, "character.ini", (char *)NULL) : NULL;
    bool back = file && fs_exists(file) && cast_look(&home->cast, shared, copy, false, home_language(home)) > 0;
    mem_free(file);
    mem_free(shared);
    anima_event event = { .type = ANIMA_EVENT_CHARACTER_REMOVED, .id = copy };
    if (back)
        tell_changed(home, anima_character_find(home, copy));
    else
        event_emit(home, NULL, &event);
}

/* ---- folders that somebody edits by hand ---- */

static void look(anima_home *home, const char *own, const char *id)
{
    const struct character *c = cast_find(&home->cast, id);
    char *file = fs_join(own, id, "character.ini", (char *)NULL);
    bool there = file && fs_exists(file);
    mem_free(file);
    if (file && !there && c && c->pub.own)
        leave(home, id);
    else if (there && cast_look(&home->cast, own, id, true, home_language(home)) > 0)
        tell_changed(home, anima_character_find(home, id));
}

void characters_refresh_one(anima_home *home, const char *id)
{
    char *own = home->read_only || !character_id_ok(id) ? NULL : own_folder(home);
    if (own)
        look(home, own, id);
    mem_free(own);
}

void anima_characters_refresh(anima_home *home)
{
    char *own = home->read_only ? NULL : own_folder(home);
    for (size_t i = home->cast.n; own && i-- > 0;)
        if (i < home->cast.n && home->cast.all[i]->pub.own && !character_stamp(home->cast.all[i]->dir))
            leave(home, home->cast.all[i]->pub.id);
    DIR *d = own ? opendir(own) : NULL;
    struct dirent *e;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            look(home, own, e->d_name);
    if (d)
        closedir(d);
    mem_free(own);
}

/* ---- cards in ---- */

struct importing {
    anima_home *home;
    char *data, *dir;
    size_t n;
    bool replace;
    char language[8];
    struct card_import *import;
    int rc;
    anima_error err;
    anima_character_done *done;
    void *ctx;
};

static void import_free(struct importing *i)
{
    card_import_free(i->import);
    mem_free(i->data);
    mem_free(i->dir);
    mem_free(i);
}

static void import_run(void *ctx)
{
    struct importing *i = ctx;
    i->rc = card_import_read(i->data, i->n, i->dir, i->language, &i->import, &i->err);
}

static void import_done(void *ctx)
{
    struct importing *i = ctx;
    struct character *made = NULL;
    anima_home *home = i->home;
    home->works--;
    if (!i->rc && home->closing)
        i->rc = err_set(&i->err, ANIMA_E_CANCELLED, "this home is being closed");
    if (!i->rc)
        i->rc = card_import_place(i->import, &home->cast, i->replace, &made, &i->err);
    if (!i->rc && *character_complaints(made))
        log_warn("agent", "lore of character %s: %s", made->pub.id, character_complaints(made));
    if (!i->rc && (i->rc = cast_put(&home->cast, made, &i->err)))
        character_free(made); /* its folder stays: it is seen when there is memory again */
    if (!i->rc)
        tell_changed(home, &made->pub);
    i->done(i->ctx, i->rc, &i->err, i->rc ? NULL : &made->pub);
    import_free(i);
}

int anima_character_import(anima_home *home, const void *card, size_t n, bool replace, anima_character_done *done,
                           void *ctx, anima_error *err)
{
    if (home->read_only)
        return home_looked_at_only(err);
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d cards and searches are being worked on already", MAX_WORKS);
    struct importing *i = mem_zero(1, sizeof(*i));
    if (!i)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    *i = (struct importing){ .home = home, .n = n, .replace = replace, .done = done, .ctx = ctx };
    snprintf(i->language, sizeof(i->language), "%s", home_language(home));
    i->dir = own_folder(home);
    i->data = mem_alloc(n);
    int rc = i->dir && i->data ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    if (!rc) {
        memcpy(i->data, card, n);
        rc = loop_work(home->loop, import_run, import_done, i, err);
    }
    if (rc)
        import_free(i);
    else
        home->works++;
    return rc;
}

int anima_character_remove(anima_home *home, const char *id, anima_error *err)
{
    const struct character *c = cast_find(&home->cast, id);
    if (home->read_only)
        return home_looked_at_only(err);
    if (!c)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", id);
    if (!c->pub.own)
        return err_set(err, ANIMA_E_FORBIDDEN, "%.100s comes with anima; only characters of your own can be removed",
                       c->pub.name);
    fs_remove_tree(c->dir);
    if (character_stamp(c->dir))
        return err_set(err, ANIMA_E_FORBIDDEN, "the folder %s cannot be removed: is it writable?", c->dir);
    leave(home, c->pub.id);
    return ANIMA_OK;
}

/* ---- cards out ---- */

struct exporting {
    anima_home *home;
    char *dir;
    enum card_container container;
    struct buf out;
    int rc;
    anima_error err;
    anima_card_done *done;
    void *ctx;
};

static void export_run(void *ctx)
{
    struct exporting *e = ctx;
    e->rc = card_folder_export(e->dir, e->container, 0, &e->out, &e->err);
}

static void export_done(void *ctx)
{
    struct exporting *e = ctx;
    e->home->works--;
    if (!e->rc && e->home->closing)
        e->rc = err_set(&e->err, ANIMA_E_CANCELLED, "this home is being closed");
    e->done(e->ctx, e->rc, &e->err, e->out.data, e->out.len);
    buf_finish(&e->out);
    mem_free(e->dir);
    mem_free(e);
}

int anima_character_export(anima_home *home, const char *id, const char *format, anima_card_done *done, void *ctx,
                           anima_error *err)
{
    static const char *const formats[] = { [CARD_JSON] = "json", [CARD_PNG] = "png", [CARD_CHARX] = "charx" };
    const struct character *c = cast_find(&home->cast, id);
    size_t container = 0;
    while (container < 3 && strcmp(formats[container], format) != 0)
        container++;
    if (!c)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", id);
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d cards and searches are being worked on already", MAX_WORKS);
    if (container == 3)
        return err_set(err, ANIMA_E_INVALID, "a card is json, png or charx, not \"%.40s\"", format);
    struct exporting *e = mem_zero(1, sizeof(*e));
    char *dir = mem_strdup(c->dir);
    int rc = e && dir ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the card");
    if (!rc) {
        *e = (struct exporting){ .home = home, .dir = dir, .container = container, .done = done, .ctx = ctx };
        buf_init(&e->out, 2 * CARD_MAX_FILE);
        rc = loop_work(home->loop, export_run, export_done, e, err);
    }
    if (rc) {
        mem_free(dir);
        mem_free(e);
    } else {
        home->works++;
    }
    return rc;
}
