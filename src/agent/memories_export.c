/* memories_export.c — what is remembered, as lines that another home takes in (twin/read_jsonl.c). Vectors are left out: they are made
 * anew there. */
#include "agent/memories_private.h"

#include "base/err.h"

#include <string.h>

#define AT_ONCE 500
#define LONGEST_LINE (4u << 20) /* bytes: a reply with all its characters escaped */

struct exporting {
    anima_home *home;
    int64_t person; /* 0: anybody */
    anima_line_cb *cb;
    void *ctx;
    struct buf line;
    anima_conversation_info of; /* the conversation of the last line */
    int64_t last;
    int n, stop;
    anima_error *err;
};

static void put_names(const struct exporting *x, struct jw *w, const char *key, const char *ids)
{
    jw_arr(w, key);
    for (int64_t id; (id = store_people_next(&ids));)
        jw_str(w, NULL, home_person_name(x->home, id));
    jw_end_arr(w);
}

static void put_line(struct exporting *x, const struct store_memory *m)
{
    struct jw w;
    buf_reset(&x->line);
    jw_init(&w, &x->line);
    jw_obj(&w, NULL);
    jw_str(&w, "talk", m->conversation);
    jw_str(&w, "title", x->of.title);
    jw_str(&w, "of", m->character);
    jw_str(&w, "speaker", m->speaker ? home_person_name(x->home, m->speaker) : m->character);
    jw_bool(&w, "character", !m->speaker);
    jw_int(&w, "at", m->at_ms);
    jw_str(&w, "text", m->text);
    jw_str(&w, "class", memories_class_name(m->class));
    jw_bool(&w, "everyone", m->everyone);
    jw_bool(&w, "pinned", m->pinned);
    put_names(x, &w, "excluded", m->excluded);
    put_names(x, &w, "allowed", m->allowed);
    put_names(x, &w, "witnesses", m->witnesses);
    jw_end_obj(&w);
}

static int export_one(void *ctx, const struct store_memory *m)
{
    struct exporting *x = ctx;
    x->last = m->id;
    x->n++;
    if (x->person && m->speaker != x->person && !store_people_have(m->witnesses, x->person))
        return 0;
    if (strcmp(x->of.id, m->conversation) != 0) {
        int rc = store_conversation_get(x->home->store, m->conversation, &x->of, x->err);
        if (rc)
            return rc;
    }
    put_line(x, m);
    if (x->line.failed)
        return err_set(x->err, x->line.failed, "a line of what is remembered is too long");
    x->stop = x->cb(x->ctx, buf_str(&x->line), x->line.len);
    return x->stop != 0;
}

struct rules {
    const struct exporting *x;
    struct jw *w;
    const char *character;
    bool some;
};

static int put_rule(void *ctx, const struct store_rule *rule)
{
    struct rules *r = ctx;
    const struct exporting *x = r->x;
    bool other = r->character && *rule->character && strcmp(rule->character, r->character) != 0;
    if (other || (x->person && rule->person != x->person))
        return 0;
    if (!r->some)
        jw_arr(r->w, "rules");
    r->some = true;
    jw_obj(r->w, NULL);
    jw_str(r->w, "person", home_person_name(x->home, rule->person));
    jw_str(r->w, "character", *rule->character ? rule->character : NULL);
    jw_str(r->w, "other", rule->other ? home_person_name(x->home, rule->other) : NULL);
    jw_end_obj(r->w);
    return 0;
}

/* The first line, with the rules, if there are any. */
static int put_head(struct exporting *x, const char *character)
{
    struct jw w;
    struct rules rules = { x, &w, character, false };
    buf_reset(&x->line);
    jw_init(&w, &x->line);
    jw_obj(&w, NULL);
    jw_int(&w, "anima", 1);
    jw_str(&w, "kind", "memory");
    int rc = store_rule_list(x->home->store, put_rule, &rules, x->err);
    if (rules.some)
        jw_end_arr(&w);
    jw_end_obj(&w);
    if (!rc && x->line.failed)
        rc = err_set(x->err, x->line.failed, "the first line of what is remembered is too long");
    x->stop = rc || x->cb(x->ctx, buf_str(&x->line), x->line.len);
    return rc;
}

static int export_all(struct exporting *x, const char *character)
{
    int rc = put_head(x, character);
    for (x->n = AT_ONCE; !rc && !x->stop && x->n == AT_ONCE;) {
        x->n = 0;
        rc = store_memory_list(x->home->store, character, x->last, AT_ONCE, export_one, x, x->err);
    }
    return rc;
}

int anima_memory_export(anima_home *home, const char *character, const char *person, anima_line_cb *cb, void *ctx,
                        anima_error *err)
{
    const anima_person *who = person ? home_person_find(home, person) : NULL;
    if (person && !who)
        return err_set(err, ANIMA_E_NOT_FOUND, "nobody called \"%.64s\" has talked here", person);
    struct exporting x = { .home = home, .person = who ? who->id : 0, .cb = cb, .ctx = ctx, .err = err };
    buf_init(&x.line, LONGEST_LINE);
    int rc = export_all(&x, character);
    buf_finish(&x.line);
    return rc;
}
