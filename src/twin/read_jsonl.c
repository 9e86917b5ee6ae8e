/* read_jsonl.c — a message a line, a JSON object each:
 *
 *   {"speaker", "text", "at"}    at: ms or s since 1970, or a date; and, where it is known, "talk" (which conversation), "title", "group",
 *                                "with": [names], "own": its owner said it, "character": a character did
 *   {"anima":1,"kind":"memory"}  the same behind this head: what characters remember, with "of" (whose memory), "class", "everyone", "excluded",
 *                                "allowed", "witnesses"
 *   {"anima":1,"kind":"conversation","title"}    a conversation of anima: {"role", "person", "text", "created_ms"}
 *   {"user_name","character_name","chat_metadata"}    a chat of SillyTavern: {"name", "is_user", "is_system", "mes", "send_date"}
 *
 * Alternatives of a reply are left out: only what was shown was said. */
#include "base/date.h"
#include "base/err.h"
#include "twin/read_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_KEY 1000          /* bytes that name a conversation */
#define MAX_NAMES (16u << 10) /* bytes of the names of those who take part */

enum form { PLAIN, MEMORY, CONVERSATION, TAVERN };

struct reading {
    struct twin_reading *r;
    enum form form;
    struct twin_talk *talk; /* where lines do not say in which */
};

static bool has_string(yyjson_val *v, const char *key) { return yyjson_is_str(yyjson_obj_get(v, key)); }

/* The form by the first line; false: it is none of these. */
static bool form_of(yyjson_val *v, enum form *form)
{
    const char *kind = json_int(v, "anima", 0) == 1 ? json_str(v, "kind", "") : "";
    bool memory = strcmp(kind, "memory") == 0, conversation = strcmp(kind, "conversation") == 0;
    bool tavern = has_string(v, "user_name") || yyjson_obj_get(v, "chat_metadata") ||
                  (has_string(v, "name") && has_string(v, "mes"));
    *form = memory ? MEMORY : conversation ? CONVERSATION : tavern ? TAVERN : PLAIN;
    return *form != PLAIN || (has_string(v, "text") && (has_string(v, "speaker") || has_string(v, "role")));
}

/* NULL with ANIMA_OK: it is no JSON. */
static int parse(const struct twin_lines *l, yyjson_doc **doc)
{
    int rc = json_parse(l->s, l->n, TWIN_MAX_LINE, "a line", doc, NULL);
    return rc == ANIMA_E_NOMEM ? rc : ANIMA_OK;
}

static bool first_line(struct twin_lines *l)
{
    while (twin_line(l))
        if (l->n)
            return true;
    return false;
}

bool twin_is_jsonl(const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    yyjson_doc *doc;
    enum form form;
    if (!first_line(&l) || *l.s != '{' || parse(&l, &doc))
        return false;
    bool is = doc && form_of(yyjson_doc_get_root(doc), &form);
    yyjson_doc_free(doc);
    return is;
}

static int64_t date_of(yyjson_val *v)
{
    char number[32];
    if (yyjson_is_str(v))
        return date_parse(yyjson_get_str(v));
    if (!yyjson_is_num(v) || yyjson_get_num(v) <= 0 || yyjson_get_num(v) >= 1e15)
        return 0;
    snprintf(number, sizeof(number), "%.0f", yyjson_get_num(v));
    return date_parse(number);
}

/* The names of an array, a line each. */
static const char *names_of(struct twin_reading *r, yyjson_val *list)
{
    struct buf b;
    size_t i, max;
    yyjson_val *v;
    buf_init(&b, MAX_NAMES);
    yyjson_arr_foreach (list, i, max, v) {
        const char *name = yyjson_is_str(v) ? twin_name(r, yyjson_get_str(v), yyjson_get_len(v)) : "";
        if (*name)
            buf_printf(&b, "%s%s", b.len ? "\n" : "", name);
    }
    const char *all = b.len && !b.failed ? arena_strndup(r->book->arena, buf_str(&b), b.len) : "";
    if (!all)
        r->rc = ANIMA_E_NOMEM;
    twin_finish(r, &b);
    return all ? all : "";
}

static struct twin_talk *talk_of(struct reading *in, yyjson_val *v)
{
    const char *key = json_str(v, "talk", "");
    if (in->form == TAVERN || in->form == CONVERSATION || !*key || strlen(key) > MAX_KEY)
        return in->talk;
    struct twin_talk *t = twin_talk(in->r, json_str(v, "title", ""), "%s", key);
    yyjson_val *group = yyjson_obj_get(v, "group");
    if (t && !t->settled && yyjson_is_bool(group)) {
        t->settled = true;
        t->group = yyjson_get_bool(group);
    }
    if (t && !*t->with)
        t->with = names_of(in->r, yyjson_obj_get(v, "with"));
    return t;
}

/* What is known of it where it comes from, as JSON. */
static void memory_of(yyjson_val *v, struct buf *out)
{
    static const char *const lists[] = { "excluded", "allowed", "witnesses" };
    struct jw w;
    buf_reset(out);
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "of", json_str(v, "of", ""));
    jw_str(&w, "class", json_str(v, "class", ""));
    jw_bool(&w, "everyone", json_bool(v, "everyone", false));
    if (json_bool(v, "pinned", false))
        jw_bool(&w, "pinned", true);
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        yyjson_val *list = yyjson_obj_get(v, lists[i]);
        size_t n = 0;
        char *text = yyjson_is_arr(list) ? yyjson_val_write(list, 0, &n) : NULL;
        if (text)
            jw_raw(&w, lists[i], text, n);
        free(text); /* yyjson's own allocator */
    }
    jw_end_obj(&w);
}

/* Who says it. */
static void fill_author(const struct reading *in, yyjson_val *v, struct twin_draft *d)
{
    static const char *const names[] = { "speaker", "speaker", "person", "name" };
    size_t n;
    const char *name = twin_string(v, names[in->form], &n);
    d->own = json_bool(v, "own", false);
    d->character = json_bool(v, "character", false);
    if (in->form == TAVERN) {
        d->own = json_bool(v, "is_user", false);
        d->character = !d->own;
    } else if (in->form == CONVERSATION) {
        d->character = strcmp(json_str(v, "role", ""), "character") == 0;
        d->own = !d->character && !n; /* the owner has no name there */
    }
    d->author = twin_name(in->r, name, n);
}

static void read_message(struct reading *in, yyjson_val *v, int line, struct buf *memory)
{
    struct twin_draft d = { .kind = TWIN_MESSAGE, .line = line, .talk = talk_of(in, v) };
    bool tavern = in->form == TAVERN;
    d.text = twin_string(v, tavern ? "mes" : "text", &d.n);
    if (!d.n || (tavern && json_bool(v, "is_system", false))) {
        twin_notice(in->r);
        return;
    }
    d.at_ms = date_of(yyjson_obj_get(v, tavern ? "send_date" : in->form == CONVERSATION ? "created_ms" : "at"));
    fill_author(in, v, &d);
    if (in->form == MEMORY && has_string(v, "class")) {
        memory_of(v, memory);
        if (memory->failed == ANIMA_E_NOMEM)
            in->r->rc = ANIMA_E_NOMEM;
        else if (memory->failed)
            twin_notice(in->r);
        d.memory = buf_str(memory);
        d.talk = memory->failed ? NULL : d.talk;
    }
    if (d.talk)
        twin_put(in->r, &d);
}

/* A file without a conversation's name is one. */
static bool begin(struct reading *in, yyjson_val *head)
{
    const char *title = in->form == CONVERSATION ? json_str(head, "title", "") : "";
    title = *title ? title : twin_file_title(in->r);
    in->talk = twin_talk(in->r, title, "jsonl %s", twin_file_key(in->r));
    return in->talk && !yyjson_obj_get(head, "anima") && !yyjson_obj_get(head, "chat_metadata");
}

void twin_read_jsonl(struct twin_reading *r, const char *text, size_t n)
{
    struct twin_lines l = { text, text + n, NULL, 0, 0 };
    struct reading in = { .r = r };
    struct buf memory;
    bool first = true;
    buf_init(&memory, TWIN_MAX_LINE);
    while (!twin_stopped(r) && first_line(&l)) {
        yyjson_doc *doc = NULL;
        r->rc = parse(&l, &doc);
        yyjson_val *v = yyjson_doc_get_root(doc);
        bool said = doc && !first;
        if (first) {
            static const char *const formats[] = { "jsonl", "memory", "anima", "sillytavern" };
            form_of(v, &in.form);
            r->file->format = formats[in.form];
            said = begin(&in, v);
        }
        if (said)
            read_message(&in, v, l.line, &memory);
        else if (!doc && !r->rc)
            twin_trouble(r, "line %d is no JSON", l.line);
        first = false;
        yyjson_doc_free(doc);
    }
    twin_line_trouble(r, &l);
    twin_finish(r, &memory);
}
