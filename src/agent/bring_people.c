/* bring_people.c — whose words the messages of an import are, and who takes part in which chat. */
#include "agent/bring_private.h"

#include "base/err.h"
#include "base/utf8.h"
#include "twin/people.h"
#include "twin/read.h"

#include <string.h>

#define LONGEST_NAME 64 /* bytes that a home takes */

bool bring_person_of(struct bring_making *m, const char *name, size_t n, size_t *place)
{
    struct bring_plan *p = m->plan;
    char clean[LONGEST_NAME];
    while (n && *name == ' ')
        name++, n--;
    n = utf8_cut(name, n, sizeof(clean));
    for (size_t i = 0; i < n; i++)
        clean[i] = (unsigned char)name[i] < ' ' || name[i] == 0x7F ? '_' : name[i];
    while (n && clean[n - 1] == ' ')
        n--;
    struct corpus_entry *e = corpus_table_put(&m->names, n ? clean : "?", n ? n : 1);
    if (!e)
        return false;
    if (!e->mark) {
        struct bring_person *list = bring_grow(m->arena, p->people, p->n_people, &p->max_people, sizeof(*list));
        if (!list)
            return false;
        p->people = list;
        list[p->n_people] = (struct bring_person){ .name = e->key };
        e->mark = ++p->n_people;
    }
    *place = e->mark - 1;
    return true;
}

static struct bring_author *author_of(struct bring_making *m, const char *name)
{
    struct corpus_entry *e = corpus_table_put(&m->authors, name, strlen(name));
    struct bring_author *list = m->writers;
    if (!e || (!e->mark && !(list = bring_grow(m->arena, m->writers, m->n_writers, &m->max_writers, sizeof(*list)))))
        return NULL;
    m->writers = list;
    if (!e->mark) {
        list[m->n_writers] = (struct bring_author){ .name = e->key };
        e->mark = ++m->n_writers;
    }
    return &list[e->mark - 1];
}

/* ---- authors ---- */

/* Whoever an export says to be its owner is so in all of it. */
static int find_authors(struct bring_making *m, anima_error *err)
{
    const struct bring_plan *p = m->plan;
    bool found = !*m->wish->me;
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct twin_record *r = p->lines[i].record;
        struct bring_author *a = author_of(m, r->author);
        if (!a)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
        a->own = a->own || (r->own && *r->author);
    }
    for (size_t i = 0; i < m->n_writers; i++) {
        struct bring_author *a = &m->writers[i];
        bool me = *m->wish->me && twin_named(a->name, m->wish->me);
        a->own = a->own || me;
        found = found || me;
    }
    return found ? ANIMA_OK
                 : err_set(err, ANIMA_E_NOT_FOUND, "nobody in it is called \"%.80s\": see the names as it has them",
                           m->wish->me);
}

/* ---- what is known of a message ---- */

static bool read_set(struct bring_making *m, yyjson_val *names, struct bring_set *out)
{
    size_t i, max, *list = arena_alloc(m->arena, BRING_HEARD * sizeof(*list));
    yyjson_val *v;
    *out = (struct bring_set){ .people = list };
    if (!list)
        return false;
    yyjson_arr_foreach (names, i, max, v)
        if (yyjson_get_len(v) && out->n < BRING_HEARD &&
            !bring_person_of(m, yyjson_get_str(v), strlen(yyjson_get_str(v)), &list[out->n++]))
            return false;
    return true;
}

static int class_of(const char *name)
{
    static const char *const names[] = { "knowledge", "personal", "secret" }; /* memory/class.h */
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

static bool read_mark(struct bring_making *m, struct bring_line *line)
{
    const char *text = line->record->memory;
    struct bring_mark *mark = *text ? arena_alloc(m->arena, sizeof(*mark)) : NULL;
    yyjson_doc *doc = NULL;
    line->mark = mark;
    if (!*text || (mark && json_parse(text, strlen(text), TWIN_MAX_LINE, "it", &doc, NULL)))
        return true;
    yyjson_val *v = yyjson_doc_get_root(doc);
    bool read = mark && read_set(m, yyjson_obj_get(v, "excluded"), &mark->excluded) &&
                read_set(m, yyjson_obj_get(v, "allowed"), &mark->allowed) &&
                read_set(m, yyjson_obj_get(v, "witnesses"), &mark->witnesses);
    if (read) {
        mark->class = class_of(json_str(v, "class", ""));
        mark->everyone = json_bool(v, "everyone", false);
        mark->pinned = json_bool(v, "pinned", false);
    }
    yyjson_doc_free(doc);
    return read;
}

/* ---- who takes part ---- */

/* The nearest of them stand in front. NULL: memory ran out. */
static struct bring_span *span_of(struct bring_making *m, struct bring_talk *talk, size_t person)
{
    struct bring_span **at = &talk->spans, *s;
    while (*at && (*at)->person != person)
        at = &(*at)->next;
    s = *at;
    if (s)
        *at = s->next;
    else if ((s = arena_alloc(m->arena, sizeof(*s))))
        talk->n_spans++;
    if (!s)
        return NULL;
    s->person = person;
    s->next = talk->spans;
    return talk->spans = s;
}

/* Whom an author is; one who is a character only is nobody of the home's. */
static bool person_of(struct bring_making *m, struct bring_author *a, size_t *place)
{
    if (!a->own && !a->named) {
        a->named = bring_person_of(m, a->name, twin_people_name(a->name), &a->person);
        if (a->named && !a->person && twin_people_name(a->name) < strlen(a->name)) /* somebody of the giver's name */
            a->named = bring_person_of(m, a->name, strlen(a->name), &a->person);
    }
    *place = a->own ? 0 : a->person;
    return a->own || a->named;
}

static bool add_words(struct bring_making *m, struct bring_line *line)
{
    const struct twin_record *r = line->record;
    struct bring_talk *talk = &m->list[line->talk];
    line->character = r->character;
    if (line->character)
        return true;
    struct bring_author *a = author_of(m, r->author);
    /* Of a private talk that does not name its other side the title does. */
    bool made = a && (r->own        ? true
                      : !*r->author ? bring_person_of(m, talk->title, strlen(talk->title), &line->person)
                                    : person_of(m, a, &line->person));
    if (!made)
        return false;
    struct bring_span *s = span_of(m, talk, line->person);
    if (!s)
        return false;
    s->first_ms = s->messages++ ? s->first_ms : line->at_ms;
    s->last_ms = line->at_ms;
    m->plan->people[line->person].messages++;
    m->plan->people[line->person].speaks = true;
    return true;
}

/* Of a private chat also who says nothing in it. */
static bool add_silent(struct bring_making *m, const struct bring_line *line)
{
    struct bring_talk *talk = &m->list[line->talk];
    const char *with = talk->group || talk->remembered ? "" : line->record->with;
    for (size_t n; *with; with += n + (with[n] == '\n')) {
        char name[256];
        size_t place = 0;
        n = strcspn(with, "\n");
        if (!n || n >= sizeof(name))
            continue;
        memcpy(name, with, n);
        name[n] = '\0';
        struct bring_author *a = author_of(m, name);
        if (!a || !person_of(m, a, &place) || !span_of(m, talk, place))
            return false;
    }
    return true;
}

int bring_find_people(struct bring_making *m, anima_error *err)
{
    const struct bring_plan *p = m->plan;
    size_t giver;
    bool made = bring_person_of(m, m->wish->giver, strlen(m->wish->giver), &giver);
    int rc = made ? find_authors(m, err) : ANIMA_OK;
    for (size_t i = 0; i < p->n_lines && made && !rc; i++) {
        struct bring_line *line = &p->lines[i];
        made = add_words(m, line) && read_mark(m, line) &&
               ((i && p->lines[i - 1].talk == line->talk) || add_silent(m, line));
    }
    return rc || made ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
}
