/* The people whom the caller knows, in a folded text: whole words in Latin letters, any case; Chinese as it stands. */
#include "base/utf8.h"
#include "memory/class_private.h"

#include <string.h>
#include <strings.h>

#define MAX_NAME 96 /* bytes of a folded name */

void class_people_add(struct class_people *p, int64_t id)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->ids[i] == id)
            return;
    if (p->n == CLASS_MAX_PEOPLE)
        p->full = true;
    else
        p->ids[p->n++] = id;
}

void class_people_remove(struct class_people *p, int64_t id)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->ids[i] != id)
            p->ids[kept++] = p->ids[i];
    p->n = kept;
}

static bool word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/* A name as class_fold would leave it; 0: none, or too long to be one. */
static size_t folded(const char *name, char *out)
{
    struct buf b;
    buf_init(&b, MAX_NAME);
    size_t n = class_fold(name, strlen(name), &b) ? 0 : b.len;
    if (n)
        memcpy(out, b.data, n);
    buf_finish(&b);
    while (n && out[n - 1] == ' ')
        n--;
    return n;
}

static bool stands_at(const char *s, size_t n, size_t at, const char *name, size_t len)
{
    if (len > n - at || strncasecmp(s + at, name, len))
        return false;
    bool front = !word_byte(name[0]) || at == 0 || !word_byte(s[at - 1]);
    bool back = !word_byte(name[len - 1]) || at + len == n || !word_byte(s[at + len]);
    return front && back;
}

/* The longest name at s + at: its bytes, 0 if none; *person gets its id. */
static size_t name_at(const char *s, size_t n, size_t at, const struct class_known *known, int64_t *person)
{
    size_t best = 0;
    char name[MAX_NAME];
    for (size_t i = 0; i < known->n; i++) {
        size_t len = folded(known->names[i].text, name);
        if (len <= best || !stands_at(s, n, at, name, len))
            continue;
        best = len;
        *person = known->names[i].person;
    }
    return best;
}

bool class_names_any(const char *s, size_t n, const struct class_known *known)
{
    char name[MAX_NAME];
    for (size_t i = 0; i < known->n; i++) {
        size_t len = folded(known->names[i].text, name);
        for (size_t at = 0; len && at + len <= n; at++)
            if (stands_at(s, n, at, name, len))
                return true;
    }
    return false;
}

/* Bytes of what may stand between two names of a list. */
static size_t joint(const char *s, size_t n)
{
    static const char *const joints[] = { "and ", "or ",  "nor ", "& ",   ",",    " ", "和",
                                          "跟",   "或者", "或",   "以及", "还有", "与" };
    size_t at = 0;
    for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]);) {
        size_t len = strlen(joints[i]);
        bool here = len <= n - at && strncasecmp(s + at, joints[i], len) == 0;
        at += here ? len : 0;
        i = here ? 0 : i + 1;
    }
    return at;
}

void class_names_from(const char *s, size_t n, size_t from, size_t to, const struct class_known *known,
                      struct class_people *out)
{
    size_t at = from, len = 0;
    int64_t person = 0;
    while (at < n && at <= to && !(len = name_at(s, n, at, known, &person)))
        at++;
    while (len) {
        if (person)
            class_people_add(out, person);
        at += len;
        size_t gap = joint(s + at, n - at);
        at += gap;
        len = gap && at < n ? name_at(s, n, at, known, &person) : 0;
    }
}
