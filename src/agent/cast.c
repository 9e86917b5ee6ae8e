#include "agent/cast.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct character **place_of(const struct cast *cast, const char *id)
{
    for (size_t i = 0; i < cast->n; i++)
        if (strcmp(cast->all[i]->pub.id, id) == 0)
            return &cast->all[i];
    return NULL;
}

const struct character *cast_find(const struct cast *cast, const char *id)
{
    struct character **place = place_of(cast, id);
    return place ? *place : NULL;
}

const struct character *cast_named(const struct cast *cast, const char *name)
{
    for (size_t i = 0; i < cast->n; i++)
        if (strcmp(cast->all[i]->pub.name, name) == 0)
            return cast->all[i];
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    const struct character *x = *(struct character *const *)a, *y = *(struct character *const *)b;
    return strcmp(x->pub.id, y->pub.id);
}

/* Room for one more. */
static bool grow(struct character ***list, size_t n)
{
    struct character **more = mem_realloc(*list, (n + 1) * sizeof(*more));
    if (more)
        *list = more;
    return more != NULL;
}

int cast_put(struct cast *cast, struct character *c, anima_error *err)
{
    struct character **place = place_of(cast, c->pub.id);
    if (place ? !grow(&cast->gone, cast->n_gone) : !grow(&cast->all, cast->n))
        return err_set(err, ANIMA_E_NOMEM, "out of memory for one more character");
    if (place) {
        character_retire(*place);
        cast->gone[cast->n_gone++] = *place;
        *place = c;
        return ANIMA_OK;
    }
    cast->all[cast->n++] = c;
    qsort(cast->all, cast->n, sizeof(struct character *), by_id);
    return ANIMA_OK;
}

bool cast_take(struct cast *cast, const char *id)
{
    struct character **place = place_of(cast, id);
    if (!place)
        return true;
    if (!grow(&cast->gone, cast->n_gone))
        return false;
    character_retire(*place);
    cast->gone[cast->n_gone++] = *place;
    memmove(place, place + 1, (size_t)(cast->all + cast->n - place - 1) * sizeof(*place));
    cast->n--;
    return true;
}

/* ---- folders ---- */

static struct cast_bad *bad_of(const struct cast *cast, const char *id)
{
    for (size_t i = 0; i < cast->n_bad; i++)
        if (strcmp(cast->bad[i].id, id) == 0)
            return &cast->bad[i];
    return NULL;
}

static void remember_bad(struct cast *cast, const char *id, uint64_t stamp)
{
    struct cast_bad *bad = bad_of(cast, id);
    struct cast_bad *more = bad ? cast->bad : mem_realloc(cast->bad, (cast->n_bad + 1) * sizeof(*more));
    if (!more)
        return; /* then it is said once more */
    cast->bad = more;
    bad = bad ? bad : &more[cast->n_bad++];
    bad->stamp = stamp;
    snprintf(bad->id, sizeof(bad->id), "%s", id);
}

static int load(struct cast *cast, const char *folder, const char *id, bool own, const char *language)
{
    struct character *c = NULL;
    anima_error why = { 0 };
    uint64_t stamp = character_stamp(folder);
    int rc = character_load(folder, id, language, &c, &why);
    if (!rc) {
        if (*character_complaints(c))
            log_warn("agent", "lore of character %s: %s", id, character_complaints(c));
        c->pub.own = own;
        rc = cast_put(cast, c, &why);
    }
    if (!rc)
        return 1;
    character_free(c);
    if (rc == ANIMA_E_NOMEM)
        return rc;
    remember_bad(cast, id, stamp);
    log_warn("agent", "character %s %s: %s", id, cast_find(cast, id) ? "stays as it was" : "is left out", why.message);
    return 0;
}

int cast_look(struct cast *cast, const char *dir, const char *id, bool own, const char *language)
{
    const struct character *there = cast_find(cast, id);
    const struct cast_bad *bad = bad_of(cast, id);
    if (!character_id_ok(id) || (there && there->pub.own && !own))
        return 0; /* not a character, or the home has its own of that name */
    char *folder = fs_join(dir, id, (char *)NULL);
    if (!folder)
        return ANIMA_E_NOMEM;
    uint64_t stamp = character_stamp(folder); /* 0: what lies there belongs to one that comes with anima */
    bool same = (there && there->pub.own == own && there->stamp == stamp) || (bad && bad->stamp == stamp);
    int rc = same || !stamp ? 0 : load(cast, folder, id, own, language);
    mem_free(folder);
    return rc;
}

int cast_load(struct cast *cast, const char *dir, bool own, const char *language, anima_error *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return ANIMA_OK;
    int rc = 0;
    struct dirent *e;
    while (rc >= 0 && (e = readdir(d)))
        rc = cast_look(cast, dir, e->d_name, own, language);
    closedir(d);
    return rc < 0 ? err_set(err, rc, "out of memory while loading characters") : ANIMA_OK;
}

static void free_all(struct character **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        character_free(list[i]);
    mem_free(list);
}

void cast_finish(struct cast *cast)
{
    free_all(cast->all, cast->n);
    free_all(cast->gone, cast->n_gone);
    mem_free(cast->bad);
    *cast = (struct cast){ 0 };
}
