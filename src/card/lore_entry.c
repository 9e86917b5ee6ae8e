/* lore_entry.c — reading an entry: its fields, its keys, and V3's decorators, which are the lines "@@name value" at the head
 * of its content. A line "@@@name value" is the fallback of the one above: it counts where that one is not known here or
 * its value is none. Of several decorators of one name the first counts. Not known here: what is for texts that are no
 * chats (@@instruct_depth, @@instruct_scan_depth, @@reverse_depth, @@reverse_instruct_depth), pictures of people
 * (@@is_user_icon), and switches of other programs' windows (@@disable_ui_prompt). */
#include "card/lore_entry.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 10000
#define MAX_LINE 400

struct reading {
    struct lore_entry *entry;
    const char *name; /* of the entry */
    bool regex;       /* every key is an expression */
    size_t *room;
    unsigned seen; /* decorators, by their place in the table */
};

/* ---- keys ---- */

static void free_keys(struct lore_keys *k)
{
    for (size_t i = 0; i < k->n; i++) {
        mem_free(k->all[i].text);
        pattern_destroy(k->all[i].pattern);
    }
    mem_free(k->all);
}

/* "/pattern/flags" → its parts. False: plain text. */
static bool split_regex(const char *text, const char **from, size_t *len, int *flags)
{
    size_t n = strlen(text);
    const char *end = n > 2 && text[0] == '/' ? strrchr(text + 1, '/') : NULL;
    if (!end || end == text + 1)
        return false;
    int found = PATTERN_FOREIGN;
    for (const char *p = end + 1; *p; p++) {
        switch (*p) {
        case 'i': found |= PATTERN_CASELESS; break;
        case 'm': found |= PATTERN_MULTILINE; break;
        case 's': found |= PATTERN_DOTALL; break;
        case 'u':
        case 'g':
        case 'y': break;
        default: return false;
        }
    }
    *flags = found;
    *from = text + 1;
    *len = (size_t)(end - text) - 1;
    return true;
}

static int compile(struct reading *r, struct lore_key *key, const char *text, size_t n, int flags, anima_error *err)
{
    anima_error why = { 0 };
    char *expression = mem_strndup(text, n);
    int rc = expression ? pattern_create(expression, flags, &key->pattern, &why)
                        : err_set(&why, ANIMA_E_NOMEM, "out of memory");
    mem_free(expression);
    size_t size = rc ? 0 : pattern_size(key->pattern);
    if (size > *r->room)
        rc = err_set(&why, ANIMA_E_LIMIT, "the expressions of this lore take too much memory");
    else
        *r->room -= size;
    return rc ? err_set(err, rc, "lore entry \"%.40s\": %s", r->name, why.message) : ANIMA_OK;
}

static int add_key(struct reading *r, struct lore_keys *keys, const char *text, size_t n, bool regex, anima_error *err)
{
    if (keys->n >= LORE_MAX_KEYS)
        return err_set(err, ANIMA_E_LIMIT, "lore entry \"%.40s\" has more than %d keys", r->name, LORE_MAX_KEYS);
    struct lore_key *all = mem_realloc(keys->all, (keys->n + 1) * sizeof(*all));
    if (!all)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    keys->all = all;
    all[keys->n] = (struct lore_key){ .text = mem_strndup(text, n) };
    if (!all[keys->n].text)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    struct lore_key *key = &all[keys->n++];
    const char *from = key->text;
    int flags = PATTERN_FOREIGN | (r->entry->case_sensitive ? 0 : PATTERN_CASELESS);
    if (split_regex(key->text, &from, &n, &flags) || regex)
        return compile(r, key, from, n, flags, err);
    return ANIMA_OK;
}

static int add_keys(struct reading *r, struct lore_keys *keys, yyjson_val *list, anima_error *err)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, n, v) {
        const char *text = yyjson_get_str(v);
        int rc = text && *text ? add_key(r, keys, text, strlen(text), r->regex, err) : ANIMA_OK;
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

/* A list "a, b, c". */
static int add_listed(struct reading *r, struct lore_keys *keys, const char *value, anima_error *err)
{
    while (*value) {
        value += strspn(value, " ,");
        size_t n = strcspn(value, ",");
        int rc = n ? add_key(r, keys, value, n, false, err) : ANIMA_OK;
        if (rc)
            return rc;
        value += n;
    }
    return ANIMA_OK;
}

/* ---- decorators: each gives 1, 0 if its value is none, or an error ---- */

static int number(const char *value, int *out)
{
    char *end;
    long x = strtol(value, &end, 10);
    if (end == value || end[strspn(end, " \t\r")] || x < 0 || x > MAX_DEPTH)
        return 0;
    *out = (int)x;
    return 1;
}

static int do_depth(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    int known = number(value, &r->entry->depth);
    if (known && !r->entry->positioned)
        r->entry->place = LORE_AT_DEPTH;
    return known;
}

static int do_position(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    bool before = strcmp(value, "before_desc") == 0;
    /* The persona has description, personality and scenario in this order. */
    if (!before && strcmp(value, "after_desc") != 0 && strcmp(value, "personality") != 0 &&
        strcmp(value, "scenario") != 0)
        return 0;
    r->entry->positioned = true;
    r->entry->place = before ? LORE_BEFORE : LORE_AFTER;
    return 1;
}

static int do_role(struct reading *r, const char *value, anima_error *err)
{
    static const char *const roles[] = { "system", "user", "assistant" };
    (void)err;
    for (size_t i = 0; i < 3; i++)
        if (strcmp(value, roles[i]) == 0) {
            r->entry->role = roles[i];
            return 1;
        }
    return 0;
}

static int do_scan_depth(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    return number(value, &r->entry->scan_depth);
}

static int do_after(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    return number(value, &r->entry->after);
}

static int do_every(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    return number(value, &r->entry->every);
}

static int do_greeting(struct reading *r, const char *value, anima_error *err)
{
    (void)err;
    return number(value, &r->entry->greeting);
}

static int do_activate(struct reading *r, const char *value, anima_error *err)
{
    (void)value;
    (void)err;
    r->entry->activate = true;
    return 1;
}

static int do_never(struct reading *r, const char *value, anima_error *err)
{
    (void)value;
    (void)err;
    r->entry->never = true;
    return 1;
}

static int do_stay(struct reading *r, const char *value, anima_error *err)
{
    (void)value;
    (void)err;
    r->entry->stays = true;
    return 1;
}

static int do_once(struct reading *r, const char *value, anima_error *err)
{
    (void)value;
    (void)err;
    r->entry->once = true;
    return 1;
}

static int do_expendable(struct reading *r, const char *value, anima_error *err)
{
    (void)value;
    (void)err;
    r->entry->expendable = true;
    return 1;
}

static int do_additional(struct reading *r, const char *value, anima_error *err)
{
    int rc = add_listed(r, &r->entry->secondary, value, err);
    r->entry->selective = true;
    return rc ? rc : 1;
}

static int do_exclude(struct reading *r, const char *value, anima_error *err)
{
    int rc = add_listed(r, &r->entry->excluded, value, err);
    return rc ? rc : 1;
}

static const struct {
    const char *name;
    int (*follow)(struct reading *r, const char *value, anima_error *err);
} decorators[] = {
    { "depth", do_depth },
    { "position", do_position },
    { "role", do_role },
    { "scan_depth", do_scan_depth },
    { "activate_only_after", do_after },
    { "activate_only_every", do_every },
    { "is_greeting", do_greeting },
    { "activate", do_activate },
    { "dont_activate", do_never },
    { "keep_activate_after_match", do_stay },
    { "dont_activate_after_match", do_once },
    { "ignore_on_max_context", do_expendable },
    { "additional_keys", do_additional },
    { "exclude_keys", do_exclude },
};
#define N_DECORATORS (sizeof(decorators) / sizeof(decorators[0]))

/* 1: known, or there was one of that name; 0: the fallback counts; negative: an error. */
static int decorate(struct reading *r, const char *name, const char *value, anima_error *err)
{
    for (size_t i = 0; i < N_DECORATORS; i++) {
        if (strcmp(name, decorators[i].name) != 0)
            continue;
        int rc = r->seen & 1u << i ? 1 : decorators[i].follow(r, value, err);
        r->seen |= rc > 0 ? 1u << i : 0;
        return rc;
    }
    return 0;
}

/* Copies a line without its end into out (MAX_LINE), splits it at the first blank: the value. */
static char *split_line(const char *line, size_t n, char *out)
{
    n = n < MAX_LINE - 1 ? n : MAX_LINE - 1;
    memcpy(out, line, n);
    while (n && strchr(" \t\r", out[n - 1]))
        n--;
    out[n] = '\0';
    char *value = out + strcspn(out, " ");
    if (*value)
        *value++ = '\0';
    return value + strspn(value, " ");
}

static int take_decorators(struct reading *r, const char *content, anima_error *err)
{
    bool known = true;
    const char *p = content + strspn(content, "\r\n");
    bool any = p[0] == '@' && p[1] == '@';
    while (p[0] == '@' && p[1] == '@') {
        size_t n = strcspn(p, "\n"), marks = p[2] == '@' ? 3 : 2;
        char line[MAX_LINE];
        const char *value = split_line(p + marks, n - marks, line);
        if (marks == 2 || !known) {
            int rc = decorate(r, line, value, err);
            if (rc < 0)
                return rc;
            known = rc > 0;
        }
        p += n;
        p += strspn(p, "\r\n");
    }
    r->entry->content = mem_strdup(any ? p : content);
    return r->entry->content ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
}

/* ---- the entry ---- */

int lore_entry_read(struct lore_entry *e, yyjson_val *v, size_t *room, anima_error *err)
{
    yyjson_val *extensions = yyjson_obj_get(v, "extensions");
    struct reading r = { .entry = e,
                         .name = json_str(v, "name", json_str(v, "comment", "")),
                         .regex = json_bool(v, "use_regex", false),
                         .room = room };
    *e = (struct lore_entry){ .enabled = json_bool(v, "enabled", true),
                              .constant = json_bool(v, "constant", false),
                              .selective = json_bool(v, "selective", false),
                              .case_sensitive = json_bool(v, "case_sensitive", false),
                              .priority = (int)json_int(v, "priority", 0),
                              .order = (int)json_int(v, "insertion_order", 100),
                              .place = strcmp(json_str(v, "position", ""), "after_char") == 0 ? LORE_AFTER
                                                                                              : LORE_BEFORE,
                              .role = "system",
                              .depth = (int)json_int(extensions, "depth", 4),
                              .scan_depth = -1,
                              .after = -1,
                              .every = -1,
                              .greeting = -1 };
    if (json_int(extensions, "position", -1) == 4) /* SillyTavern's "at depth" */
        e->place = LORE_AT_DEPTH;
    int rc = add_keys(&r, &e->keys, yyjson_obj_get(v, "keys"), err);
    if (!rc)
        rc = add_keys(&r, &e->secondary, yyjson_obj_get(v, "secondary_keys"), err);
    return rc ? rc : take_decorators(&r, json_str(v, "content", ""), err);
}

void lore_entry_free(struct lore_entry *e)
{
    free_keys(&e->keys);
    free_keys(&e->secondary);
    free_keys(&e->excluded);
    mem_free(e->content);
}
