/* The people whom the caller knows, in a folded text: whole words in Latin letters, any case; Chinese as it stands. */
#include "base/mem.h"
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

/* A name as class_fold leaves it, without spaces behind it. */
static int add_folded(struct class_known *known, const struct class_name *name)
{
    struct buf b;
    buf_init(&b, MAX_NAME);
    int rc = class_fold(name->text, strlen(name->text), &b);
    size_t n = rc ? 0 : b.len;
    while (n && b.data[n - 1] == ' ')
        n--;
    struct class_folded *out = &known->names[known->n];
    *out = (struct class_folded){ n ? mem_strndup(b.data, n) : NULL, n, name->person, name->form };
    known->n += out->text != NULL;
    buf_finish(&b);
    return rc == ANIMA_E_NOMEM || (n && !out->text) ? ANIMA_E_NOMEM : ANIMA_OK;
}

int class_known_create(const struct class_name *names, size_t n, struct class_known **out)
{
    struct class_known *known = *out = mem_zero(1, sizeof(*known));
    if (known)
        known->names = mem_alloc((n + 1) * sizeof(*known->names));
    int rc = known && known->names ? ANIMA_OK : ANIMA_E_NOMEM;
    for (size_t i = 0; i < n && !rc; i++)
        rc = add_folded(known, &names[i]);
    if (rc) {
        class_known_destroy(known);
        *out = NULL;
    }
    return rc;
}

void class_known_destroy(struct class_known *known)
{
    for (size_t i = 0; known && i < known->n; i++)
        mem_free(known->names[i].text);
    mem_free(known ? known->names : NULL);
    mem_free(known);
}

static bool stands_at(const char *s, size_t n, size_t at, const struct class_folded *folded)
{
    const char *name = folded->text;
    size_t len = folded->n;
    if (len > n - at || strncasecmp(s + at, name, len))
        return false;
    bool front = !word_byte(name[0]) || at == 0 || !word_byte(s[at - 1]);
    bool back = !word_byte(name[len - 1]) || at + len == n || !word_byte(s[at + len]);
    return front && back;
}

/* The longest name at s + at: its bytes, 0 if none; *is gets it. */
static size_t name_at(const char *s, size_t n, size_t at, const struct class_known *known,
                      const struct class_folded **is)
{
    size_t best = 0;
    for (size_t i = 0; i < known->n; i++) {
        if (known->names[i].n <= best || !stands_at(s, n, at, &known->names[i]))
            continue;
        best = known->names[i].n;
        *is = &known->names[i];
    }
    return best;
}

bool class_names_any(const char *s, size_t n, const struct class_known *known)
{
    for (size_t i = 0; i < known->n; i++)
        for (size_t at = 0; at + known->names[i].n <= n; at++)
            if (stands_at(s, n, at, &known->names[i]))
                return true;
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
    const struct class_folded *is = NULL;
    while (at < n && at <= to && !(len = name_at(s, n, at, known, &is)))
        at++;
    while (len) {
        out->vague |= is->form;
        if (is->person)
            class_people_add(out, is->person);
        at += len;
        size_t gap = joint(s + at, n - at);
        at += gap;
        len = gap && at < n ? name_at(s, n, at, known, &is) : 0;
    }
}
