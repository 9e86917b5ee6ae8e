#include "twin/people.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "twin/read.h"

#include <string.h>

#define NEAR 5          /* names that are told for one that means nobody */
#define NEAR_LEAST 0.35 /* how alike they are at least, 0 … 1 */
#define LONGEST 256     /* bytes of a name that is compared */

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for who is there"); }

/* ---- who is there ---- */

static struct twin_author *author_of(struct twin_people *p, const char *name)
{
    struct corpus_entry *e = corpus_table_put(&p->authors, name, strlen(name));
    if (!e)
        return NULL;
    if (e->mark)
        return &p->list[e->mark - 1];
    if (p->n == p->max) {
        size_t max = p->max ? 2 * p->max : 64;
        struct twin_author *more = arena_alloc(p->arena, max * sizeof(*more));
        if (!more)
            return NULL;
        if (p->n)
            memcpy(more, p->list, p->n * sizeof(*more));
        p->list = more;
        p->max = max;
    }
    p->list[p->n] = (struct twin_author){ .name = e->key };
    e->mark = ++p->n;
    return &p->list[p->n - 1];
}

/* Those who only get mail, or sit in a chat without a word, are there, too. */
static bool add_silent(struct twin_people *p, const char *with)
{
    for (size_t n; *with; with += n + (with[n] == '\n')) {
        char name[LONGEST];
        n = strcspn(with, "\n");
        if (n && n < sizeof(name)) {
            memcpy(name, with, n);
            name[n] = '\0';
            if (!author_of(p, name))
                return false;
        }
    }
    return true;
}

static bool add_record(struct twin_people *p, struct corpus_table *pairs, const struct twin_record *r)
{
    struct twin_author *a = *r->author ? author_of(p, r->author) : NULL;
    if (*r->author && !a)
        return false;
    if (a) {
        a->records++;
        a->told |= r->own;
    }
    p->me |= r->own;
    p->asked |= r->kind != TWIN_TEXT;
    if (!*r->talk)
        return true;
    char *pair = arena_printf(p->arena, "%s\n%s", r->author, r->talk);
    struct corpus_entry *e = pair ? corpus_table_put(pairs, pair, strlen(pair)) : NULL;
    if (!e)
        return false;
    if (!e->count++ && a)
        a->talks++;
    /* who takes part is the same for all of a talk */
    e = corpus_table_put(&p->talks, r->talk, strlen(r->talk));
    return e && (e->count++ || add_silent(p, r->with));
}

/* ---- what a name means ---- */

size_t twin_people_name(const char *author)
{
    size_t n = strlen(author);
    const char *open = n && author[n - 1] == '>' ? strrchr(author, '<') : NULL;
    return open && open >= author + 2 ? (size_t)(open - author) - 1 : n;
}

/* The address of "Name <address>" into out; false: it has none. */
static bool address_of(const char *author, char out[LONGEST])
{
    size_t n = strlen(author), name = twin_people_name(author);
    if (name == n || n - name - 3 >= LONGEST)
        return false;
    memcpy(out, author + name + 2, n - name - 3);
    out[n - name - 3] = '\0';
    return true;
}

static bool name_of(const char *author, char out[LONGEST])
{
    size_t n = twin_people_name(author);
    if (n >= LONGEST)
        return false;
    memcpy(out, author, n);
    out[n] = '\0';
    return true;
}

/* Whether two authors share a name or an address. */
static bool akin(const char *a, const char *b)
{
    char part[LONGEST];
    return twin_named(b, a) || (name_of(a, part) && twin_named(b, part)) ||
           (address_of(a, part) && twin_named(b, part));
}

/* How alike two names are, by their pairs of characters (Dice 1945); 0 … 1. */
static double alike(const char *a, const char *b)
{
    uint64_t pairs[2][LONGEST];
    size_t n[2] = { 0, 0 }, both = 0;
    const char *s[2] = { a, b };
    for (size_t k = 0; k < 2; k++) {
        uint32_t before = ' ';
        size_t left = strlen(s[k]), len;
        for (const char *at = s[k]; left && n[k] < LONGEST; at += len, left -= len) {
            uint32_t c = utf8_decode(at, left, &len);
            pairs[k][n[k]++] = (uint64_t)before << 32 | c;
            before = c;
        }
    }
    for (size_t i = 0; i < n[0]; i++)
        for (size_t j = 0; j < n[1]; j++)
            if (pairs[0][i] == pairs[1][j]) {
                pairs[1][j] = 0;
                both++;
                break;
            }
    return n[0] + n[1] ? 2.0 * (double)both / (double)(n[0] + n[1]) : 0;
}

struct near {
    const char *names[NEAR];
    double how[NEAR];
};

static void keep_near(struct near *near, struct arena *arena, const char *small, const char *name)
{
    char *other = corpus_small(arena, name);
    double how = other ? alike(small, other) : 0;
    if (other && how < 0.9 && strlen(small) > 1 && strstr(other, small))
        how = 0.9;
    for (size_t i = 0; i < NEAR && how >= NEAR_LEAST; i++) {
        if (near->names[i] && strcmp(near->names[i], name) == 0)
            return;
        if (how <= near->how[i])
            continue;
        memmove(near->names + i + 1, near->names + i, (NEAR - 1 - i) * sizeof(near->names[0]));
        memmove(near->how + i + 1, near->how + i, (NEAR - 1 - i) * sizeof(near->how[0]));
        near->names[i] = name;
        near->how[i] = how;
        return;
    }
}

static int unknown(const struct twin_people *p, const struct twin_book *book, const char *option, const char *name,
                   anima_error *err)
{
    struct near near = { { NULL }, { 0 } };
    struct buf b;
    char *small = corpus_small(p->arena, name);
    const char *last = "";
    for (size_t i = 0; small && i < p->n; i++)
        keep_near(&near, p->arena, small, p->list[i].name);
    for (size_t i = 0; small && i < book->n_records; i++)
        if (*book->records[i].title && strcmp(last, book->records[i].title) != 0)
            keep_near(&near, p->arena, small, last = book->records[i].title);
    buf_init(&b, 4096);
    for (size_t i = 0; i < NEAR && near.names[i]; i++)
        buf_printf(&b, "%s\"%.80s\"", i ? ", " : "", near.names[i]);
    int rc = err_set(err, ANIMA_E_NOT_FOUND, "%s \"%.80s\": nobody and no conversation there is called so%s%s", option,
                     name, b.len ? "; near are " : "", buf_str(&b));
    buf_finish(&b);
    return rc;
}

static int find_me(struct twin_people *p, const struct twin_book *book, const struct twin_choice *c, anima_error *err)
{
    for (size_t i = 0; i < p->n; i++)
        p->list[i].me = p->list[i].told;
    for (size_t k = 0; k < c->n_me; k++) {
        bool found = false;
        for (size_t i = 0; i < p->n; i++)
            if (twin_named(p->list[i].name, c->me[k]))
                found = p->list[i].me = true;
        if (!found)
            return unknown(p, book, "--me", c->me[k], err);
        p->me = true;
    }
    p->me |= !p->asked;
    return ANIMA_OK;
}

/* ---- who is left out ---- */

static bool titled(const struct twin_book *book, const char *name)
{
    const char *last = NULL;
    for (size_t i = 0; i < book->n_records; i++)
        if (book->records[i].title != last && twin_named(last = book->records[i].title, name))
            return true;
    return false;
}

static int find_out(struct twin_people *p, const struct twin_book *book, const struct twin_choice *c, anima_error *err)
{
    for (size_t k = 0; k < c->n_without; k++) {
        bool found = false, me = false;
        for (size_t i = 0; i < p->n; i++)
            if (twin_named(p->list[i].name, c->without[k])) {
                found = true;
                me |= p->list[i].me;
                p->list[i].out = !p->list[i].me;
            }
        if (me)
            return err_set(err, ANIMA_E_INVALID, "--without \"%.80s\": that is who the twin is to be of",
                           c->without[k]);
        if (!found && !titled(book, c->without[k]))
            return unknown(p, book, "--without", c->without[k], err);
    }
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < p->n; i++)
            for (size_t j = 0; p->list[i].out && j < p->n; j++)
                if (!p->list[j].out && !p->list[j].me && akin(p->list[i].name, p->list[j].name))
                    p->list[j].out = more = true;
    }
    return ANIMA_OK;
}

static const struct twin_author *known_author(const struct twin_people *p, const char *name, size_t n)
{
    const struct corpus_entry *e = n ? corpus_table_find(&p->authors, name, n) : NULL;
    return e && e->mark ? &p->list[e->mark - 1] : NULL;
}

static bool takes_part_out(const struct twin_people *p, const char *with)
{
    for (size_t n; *with; with += n + (with[n] == '\n')) {
        n = strcspn(with, "\n");
        const struct twin_author *a = known_author(p, with, n);
        if (a && a->out)
            return true;
    }
    return false;
}

/* A conversation by its title as the person says it; a private one also by what its other side is called anywhere. */
static bool title_out(const struct twin_people *p, const struct twin_choice *c, const struct twin_record *r)
{
    bool out = false;
    for (size_t k = 0; k < c->n_without && !out; k++)
        out = twin_named(r->title, c->without[k]);
    for (size_t i = 0; i < p->n && !out && !r->group && *r->title && r->kind == TWIN_MESSAGE; i++)
        out = p->list[i].out && akin(p->list[i].name, r->title);
    return out;
}

static void find_talks(struct twin_people *p, const struct twin_book *book, const struct twin_choice *c)
{
    const char *last_title = NULL, *last_talk = NULL;
    for (size_t i = 0; i < book->n_records; i++) {
        const struct twin_record *r = &book->records[i];
        struct corpus_entry *e = *r->talk ? corpus_table_find(&p->talks, r->talk, strlen(r->talk)) : NULL;
        const struct twin_author *a = known_author(p, r->author, strlen(r->author));
        if (!e || e->mark)
            continue;
        bool seen = last_title == r->title && last_talk == r->talk; /* titles are compared once a talk */
        last_title = r->title;
        last_talk = r->talk;
        e->mark = (!r->group && ((a && a->out) || (!seen && takes_part_out(p, r->with)))) ||
                  (!seen && title_out(p, c, r));
    }
}

int twin_people_find(struct arena *arena, const struct twin_book *book, const struct twin_choice *choice,
                     struct twin_people *people, anima_error *err)
{
    struct corpus_table pairs = { .arena = arena };
    *people = (struct twin_people){ .arena = arena, .authors = { .arena = arena }, .talks = { .arena = arena } };
    for (size_t i = 0; i < book->n_records; i++)
        if (!add_record(people, &pairs, &book->records[i]))
            return no_memory(err);
    int rc = find_me(people, book, choice, err);
    if (!rc)
        rc = find_out(people, book, choice, err);
    if (!rc)
        find_talks(people, book, choice);
    return rc;
}

/* ---- what is asked of it ---- */

const struct twin_author *twin_people_author(const struct twin_people *p, const struct twin_record *r)
{
    return known_author(p, r->author, strlen(r->author));
}

bool twin_people_talk_out(const struct twin_people *p, const struct twin_record *r)
{
    const struct corpus_entry *e = *r->talk ? corpus_table_find(&p->talks, r->talk, strlen(r->talk)) : NULL;
    return e && e->mark;
}

enum twin_side twin_people_side(const struct twin_people *p, const struct twin_record *r)
{
    const struct twin_author *a = twin_people_author(p, r);
    if (twin_people_talk_out(p, r) || (a && a->out))
        return TWIN_OUT;
    if (r->own || (a && a->me) || (r->kind == TWIN_TEXT && !*r->author))
        return TWIN_ME;
    return TWIN_OTHER;
}

size_t twin_people_top(const struct twin_people *p, const struct twin_author **out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t at = n;
        while (at && out[at - 1]->records < p->list[i].records)
            at--;
        if (at >= max || !p->list[i].records)
            continue;
        n = n < max ? n + 1 : n;
        memmove(out + at + 1, out + at, (n - 1 - at) * sizeof(*out));
        out[at] = &p->list[i];
    }
    return n;
}
