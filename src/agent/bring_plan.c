#include "agent/bring_private.h"

#include "base/err.h"
#include "twin/read.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the chats"); }

void *bring_grow(struct arena *arena, void *list, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return list;
    size_t more = *max ? 2 * *max : 64;
    void *bigger = arena_alloc(arena, more * size);
    if (!bigger)
        return NULL;
    if (n)
        memcpy(bigger, list, n * size);
    *max = more;
    return bigger;
}

void bring_hash(char *out, size_t n, const char *const *texts)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char hash[32];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    for (size_t i = 0; texts[i]; i++)
        crypto_generichash_update(&state, (const unsigned char *)texts[i], strlen(texts[i]) + 1);
    crypto_generichash_final(&state, hash, sizeof(hash));
    for (size_t i = 0; i < n; i++)
        out[i] = alphabet[hash[i] & 31];
    out[n] = '\0';
}

/* ---- lines ---- */

/* What another character remembers is not for this one. */
static bool is_for(const struct bring_making *m, const struct twin_record *r)
{
    yyjson_doc *doc = NULL;
    if (!*r->talk)
        return false;
    if (!*r->memory || json_parse(r->memory, strlen(r->memory), TWIN_MAX_LINE, "it", &doc, NULL))
        return true;
    bool is = strcmp(json_str(yyjson_doc_get_root(doc), "of", ""), m->wish->character) == 0;
    yyjson_doc_free(doc);
    return is;
}

static struct bring_talk *talk_of(struct bring_making *m, const struct twin_record *r, size_t *place)
{
    struct corpus_entry *e = corpus_table_put(&m->talks, r->talk, strlen(r->talk));
    if (!e)
        return NULL;
    if (!e->mark) {
        struct bring_talk *list = bring_grow(m->arena, m->list, m->n_talks, &m->max_talks, sizeof(*list));
        if (!list)
            return NULL;
        m->list = list;
        list[m->n_talks] = (struct bring_talk){
            .key = e->key, .title = r->title, .group = r->group, .remembered = *r->memory
        };
        e->mark = ++m->n_talks;
    }
    *place = e->mark - 1;
    return &m->list[*place];
}

/* A line for each record; one without a time has the time of the one before it. */
static bool collect(struct bring_making *m, const struct twin_book *book)
{
    struct bring_plan *p = m->plan;
    p->lines = arena_alloc(m->arena, (book->n_records + 1) * sizeof(*p->lines));
    for (size_t i = 0; i < book->n_records && p->lines; i++) {
        const struct twin_record *r = &book->records[i];
        struct bring_line *line = &p->lines[p->n_lines];
        if (!is_for(m, r)) {
            p->left_out++;
            continue;
        }
        struct bring_talk *talk = talk_of(m, r, &line->talk);
        if (!talk)
            return false;
        talk->last_ms = r->at_ms ? r->at_ms : talk->last_ms;
        line->record = r;
        line->at_ms = talk->last_ms;
        line->order = p->n_lines++;
    }
    p->chats = m->n_talks;
    return p->lines;
}

/* Those in front of the first time have that one; a chat without any has the one of its import. */
static void date_the_first(struct bring_making *m)
{
    struct bring_plan *p = m->plan;
    for (size_t i = p->n_lines; i-- > 0;) {
        struct bring_talk *talk = &m->list[p->lines[i].talk];
        if (p->lines[i].at_ms)
            talk->last_ms = p->lines[i].at_ms;
        else
            p->lines[i].at_ms = talk->last_ms ? talk->last_ms : m->now_ms;
    }
}

static int by_time(const void *pa, const void *pb)
{
    const struct bring_line *a = pa, *b = pb;
    if (a->talk != b->talk)
        return a->talk < b->talk ? -1 : 1;
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- keys ---- */

/* A chat without times has the same keys whenever it is brought. */
static bool make_keys(struct bring_making *m)
{
    struct corpus_table seen = { .arena = m->arena };
    struct bring_plan *p = m->plan;
    for (size_t i = 0; i < p->n_lines; i++) {
        struct bring_line *line = &p->lines[i];
        const struct bring_talk *talk = &m->list[line->talk];
        char at[24], nth[24];
        snprintf(at, sizeof(at), "%lld", (long long)(talk->last_ms ? line->at_ms : 0));
        const char *texts[] = { talk->key, at, line->record->text, NULL, NULL };
        bring_hash(line->key, 32, texts);
        struct corpus_entry *e = corpus_table_put(&seen, line->key, 32);
        if (!e)
            return false;
        snprintf(nth, sizeof(nth), "%zu", e->count);
        texts[3] = nth;
        if (e->count++)
            bring_hash(line->key, 32, texts);
    }
    return true;
}

static void make_id(struct bring_making *m)
{
    struct bring_plan *p = m->plan;
    char so_far[33] = "";
    for (size_t i = 0; i < p->n_lines; i++)
        bring_hash(so_far, 32, (const char *const[]){ so_far, p->lines[i].key, NULL });
    bring_hash(p->id, 16, (const char *const[]){ "import", m->wish->character, so_far, NULL });
}

static void look_at_times(struct bring_plan *p)
{
    p->first_ms = p->n_lines ? p->lines[0].at_ms : 0;
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct bring_line *line = &p->lines[i];
        p->first_ms = line->at_ms < p->first_ms ? line->at_ms : p->first_ms;
        p->last_ms = line->at_ms > p->last_ms ? line->at_ms : p->last_ms;
        p->of_character += line->character;
    }
}

int bring_plan_make(struct arena *arena, const struct twin_book *book, const struct bring_wish *wish, int64_t now_ms,
                    struct bring_plan *out, anima_error *err)
{
    struct bring_making m = { .arena = arena,
                              .wish = wish,
                              .plan = out,
                              .talks = { .arena = arena },
                              .authors = { .arena = arena },
                              .names = { .arena = arena },
                              .now_ms = now_ms };
    *out = (struct bring_plan){ .n_lines = 0 };
    if (!collect(&m, book))
        return no_memory(err);
    if (!out->n_lines)
        return err_set(err, ANIMA_E_NOT_FOUND,
                       out->left_out ? "nobody talks with anybody in it, or not with %s"
                                     : "there is no chat in it that can be read",
                       wish->character);
    date_the_first(&m);
    qsort(out->lines, out->n_lines, sizeof(*out->lines), by_time);
    int rc = bring_find_people(&m, err);
    if (rc)
        return rc;
    if (!make_keys(&m))
        return no_memory(err);
    make_id(&m);
    look_at_times(out);
    return bring_cut(&m) ? ANIMA_OK : no_memory(err);
}
