/* people.c — who talks to the characters of a home: known by name, told apart by id. */
#include "agent/state.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_NAME 64

static int keep(anima_home *home, int64_t id, const char *name)
{
    anima_person **people = mem_realloc(home->people, (home->n_people + 1) * sizeof(*people));
    if (!people)
        return ANIMA_E_NOMEM;
    home->people = people;
    anima_person *person = mem_zero(1, sizeof(*person));
    char *copy = mem_strdup(name);
    if (!person || !copy) {
        mem_free(person);
        mem_free(copy);
        return ANIMA_E_NOMEM;
    }
    *person = (anima_person){ id, copy };
    people[home->n_people++] = person;
    return ANIMA_OK;
}

int people_load_one(void *ctx, int64_t id, const char *name) { return keep(ctx, id, name); }

void people_free(anima_home *home)
{
    for (size_t i = 0; i < home->n_people; i++) {
        mem_free((char *)home->people[i]->name);
        mem_free(home->people[i]);
    }
    mem_free(home->people);
}

const char *home_person_name(const anima_home *home, int64_t id)
{
    for (size_t i = 0; i < home->n_people; i++)
        if (home->people[i]->id == id)
            return home->people[i]->name;
    return "";
}

const anima_person *anima_person_at(const anima_home *home, size_t i)
{
    return i < home->n_people ? home->people[i] : NULL;
}

static int check_name(const char *name, size_t n, anima_error *err)
{
    if (n == 0 || n > MAX_NAME)
        return err_set(err, ANIMA_E_INVALID, "a name has 1 to %d bytes", MAX_NAME);
    if (!utf8_valid(name, n))
        return err_set(err, ANIMA_E_INVALID, "a name is UTF-8 text");
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
            return err_set(err, ANIMA_E_INVALID, "a name has no control characters");
    return ANIMA_OK;
}

static void added(void *ctx, int rc, const anima_error *err)
{
    (void)ctx;
    if (rc) /* the message that follows cannot be stored either, and that is reported to its sender */
        log_warn("agent", "a person could not be stored: %s", err->message);
}

/* The name without blanks around it, or the owner's; *n is its length. */
static const char *name_meant(const anima_home *home, const char *name, size_t *n)
{
    if (!name || !*name)
        name = home->owner;
    while (*name == ' ')
        name++;
    *n = strlen(name);
    while (*n && name[*n - 1] == ' ')
        --*n;
    return name;
}

const anima_person *home_person_find(const anima_home *home, const char *name)
{
    size_t n;
    name = name_meant(home, name, &n);
    for (size_t i = 0; i < home->n_people; i++)
        if (strlen(home->people[i]->name) == n && memcmp(home->people[i]->name, name, n) == 0)
            return home->people[i];
    return NULL;
}

int home_person_known(const anima_home *home, const char *name, const anima_person **out, anima_error *err)
{
    *out = home_person_find(home, name);
    return *out ? ANIMA_OK
                : err_set(err, ANIMA_E_NOT_FOUND, "nobody called \"%.64s\" has talked here",
                          name && *name ? name : home->owner);
}

int anima_person_get(anima_home *home, const char *name, const anima_person **out, anima_error *err)
{
    size_t n;
    int64_t largest = 0;
    name = name_meant(home, name, &n);
    int rc = check_name(name, n, err);
    if (rc)
        return rc;
    *out = home_person_find(home, name);
    if (*out)
        return ANIMA_OK;
    for (size_t i = 0; i < home->n_people; i++)
        largest = home->people[i]->id > largest ? home->people[i]->id : largest;
    if (home->read_only)
        return home_looked_at_only(err);
    if (home->n_people == MAX_HOME_PEOPLE)
        return err_set(err, ANIMA_E_LIMIT, "a home knows at most %d people", MAX_HOME_PEOPLE);
    char copy[MAX_NAME + 1];
    memcpy(copy, name, n);
    copy[n] = '\0';
    rc = store_person_add(home->store, largest + 1, copy, added, NULL, err);
    if (!rc && keep(home, largest + 1, copy))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        *out = home->people[home->n_people - 1];
    return rc;
}
