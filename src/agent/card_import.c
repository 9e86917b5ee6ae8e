#include "agent/card_import.h"

#include "agent/card_folder.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/rnd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define HIDDEN ".import-"
#define STALE_S 3600 /* an import takes seconds */

struct card_import {
    char *dir;    /* characters/ */
    char *hidden; /* the folder in it; NULL once it has its place */
    struct character *made;
    char id[80]; /* the name its folder would like to have */
};

static int make(struct card_import *i, const struct card *card, const char *language, anima_error *err)
{
    char name[32];
    snprintf(name, sizeof(name), HIDDEN);
    rnd_name(name + strlen(name), 12);
    card_folder_id(card_text(card, "name"), i->id);
    i->hidden = fs_join(i->dir, name, (char *)NULL);
    int rc = i->hidden ? fs_mkdirs(i->dir, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = card_folder_write(card, i->hidden, err);
    if (rc) { /* it has cleaned up behind itself */
        mem_free(i->hidden);
        i->hidden = NULL;
        return rc;
    }
    return character_load(i->hidden, i->id, language, &i->made, err);
}

int card_import_read(const void *data, size_t n, const char *dir, const char *language, struct card_import **out,
                     anima_error *err)
{
    struct card *card = NULL;
    struct card_import *i = mem_zero(1, sizeof(*i));
    *out = NULL;
    if (i)
        i->dir = mem_strdup(dir);
    anima_error why = { 0 };
    int rc = i && i->dir ? card_read(data, n, &card, &why) : err_set(&why, ANIMA_E_NOMEM, "out of memory for the card");
    if (rc) /* a picture without a card is a wrong file, not a missing one */
        rc = err_set(err, rc == ANIMA_E_NOT_FOUND ? ANIMA_E_INVALID : rc, "%s", why.message);
    if (!rc)
        rc = make(i, card, language, err);
    card_free(card);
    if (rc) {
        card_import_free(i);
        return rc;
    }
    *out = i;
    return ANIMA_OK;
}

/* One that is in its way: of its name, else of its folder's name. */
static const struct character *in_the_way(const struct card_import *i, const struct cast *cast)
{
    const struct character *named = cast_named(cast, i->made->pub.name);
    return named ? named : cast_find(cast, i->id);
}

/* What was trained, and what for, stays with who has the name. */
static void keep_training(const char *old, const char *target)
{
    static const char *const kept[] = { "adapters", "corpus" };
    for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++) {
        char *from = fs_join(old, kept[k], (char *)NULL), *to = fs_join(target, kept[k], (char *)NULL);
        if (from && to)
            rename(from, to); /* there are none: nothing to keep */
        mem_free(from);
        mem_free(to);
    }
}

/* The new folder takes the place of target in one step; the old one is what is hidden then. */
static int move_in(struct card_import *i, const char *target, bool replace, anima_error *err)
{
    int rc = renameat2(AT_FDCWD, i->hidden, AT_FDCWD, target, RENAME_NOREPLACE);
    if (rc && errno == EEXIST && replace) {
        rc = renameat2(AT_FDCWD, i->hidden, AT_FDCWD, target, RENAME_EXCHANGE);
        if (!rc) {
            keep_training(i->hidden, target);
            fs_remove_tree(i->hidden);
        }
    } else if (rc && errno == EEXIST) {
        return err_set(err, ANIMA_E_EXISTS, "there is a folder %s already", target);
    }
    if (rc)
        return err_errno(err, errno, "cannot make the folder %s", target);
    mem_free(i->hidden);
    i->hidden = NULL;
    return ANIMA_OK;
}

int card_import_place(struct card_import *i, const struct cast *cast, bool replace, struct character **out,
                      anima_error *err)
{
    *out = NULL;
    const struct character *there = in_the_way(i, cast);
    if (there && !replace)
        return err_set(err, ANIMA_E_EXISTS, "there is a character %.100s already (%s)", there->pub.name, there->pub.id);
    if (there)
        snprintf(i->id, sizeof(i->id), "%s", there->pub.id);
    char *target = fs_join(i->dir, i->id, (char *)NULL);
    int rc = target ? character_move(i->made, i->hidden, i->id, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = move_in(i, target, replace, err);
    if (!rc)
        rc = character_move(i->made, target, i->id, err); /* its picture is found where it is now */
    if (!rc) {
        i->made->pub.own = true;
        *out = i->made;
        i->made = NULL;
    }
    mem_free(target);
    return rc;
}

void card_import_free(struct card_import *i)
{
    if (!i)
        return;
    if (i->hidden)
        fs_remove_tree(i->hidden);
    character_free(i->made);
    mem_free(i->hidden);
    mem_free(i->dir);
    mem_free(i);
}

void card_import_sweep(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    struct stat st;
    while (d && (e = readdir(d))) {
        if (strncmp(e->d_name, HIDDEN, strlen(HIDDEN)) != 0 || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
            !S_ISDIR(st.st_mode) || st.st_mtime > time(NULL) - STALE_S)
            continue;
        char *path = fs_join(dir, e->d_name, (char *)NULL);
        if (path)
            fs_remove_tree(path);
        mem_free(path);
    }
    if (d)
        closedir(d);
}
