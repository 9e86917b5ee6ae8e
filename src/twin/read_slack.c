/* read_slack.c — an export of a Slack workspace (slack.com/help/articles/220556107): a folder for each channel with a file for each day,
 * users.json and dms.json beside them.
 *
 *   CHANNEL/2020-01-31.json  [{"type": "message", "subtype", "user": "U1", "username", "text", "ts": "1600000000.000100",
 *                            "user_profile": {"real_name", "display_name"}}]
 *   users.json               [{"id": "U1", "name", "profile": {"real_name", "display_name"}}]
 *   dms.json, mpims.json     [{"id": "D1", "name", "members": ["U1", "U2"]}]: the folder's name is name, or id
 *
 * In text "<@U1>" is somebody, "<http://…|words>" a link, and "&amp;", "&lt;", "&gt;" stand for themselves. */
#include "base/date.h"
#include "twin/read_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_MARK 3000 /* bytes between < and > */

static yyjson_val *first_of(yyjson_val *root) { return yyjson_arr_get_first(root); }

static bool is_day(yyjson_val *v) { return json_str(v, "ts", NULL) && json_str(v, "type", NULL); }

static bool is_user(yyjson_val *v) { return json_str(v, "id", NULL) && yyjson_is_obj(yyjson_obj_get(v, "profile")); }

static bool is_room(yyjson_val *v) { return json_str(v, "id", NULL) && yyjson_is_arr(yyjson_obj_get(v, "members")); }

bool twin_is_slack(yyjson_val *root)
{
    yyjson_val *v = yyjson_is_arr(root) ? first_of(root) : NULL;
    return is_day(v) || is_user(v) || is_room(v);
}

/* ---- people ---- */

/* Of a profile, or an entry of users.json: what the person is called. */
static const char *called(yyjson_val *profile, const char *otherwise)
{
    const char *names[] = { json_str(profile, "real_name", ""), json_str(profile, "display_name", ""),
                            json_str(profile, "name", "") };
    for (size_t i = 0; i < 3; i++)
        if (*names[i])
            return names[i];
    return otherwise;
}

static struct corpus_entry *entry_of(struct twin_reading *r, const char *id, size_t n, bool make)
{
    char key[80];
    int len = snprintf(key, sizeof(key), "slack %.*s", (int)(n < 60 ? n : 60), id);
    struct corpus_entry *entry = make ? corpus_table_put(&r->people, key, (size_t)len)
                                      : corpus_table_find(&r->people, key, (size_t)len);
    if (make && !entry)
        r->rc = ANIMA_E_NOMEM;
    return entry;
}

static void read_users(struct twin_reading *r, yyjson_val *root)
{
    size_t i, max;
    yyjson_val *v;
    yyjson_arr_foreach (root, i, max, v) {
        const char *id = json_str(v, "id", NULL);
        const char *name = called(yyjson_obj_get(v, "profile"), json_str(v, "name", id));
        struct corpus_entry *entry = id ? entry_of(r, id, strlen(id), true) : NULL;
        if (entry && !entry->about)
            entry->about = (void *)(uintptr_t)twin_name(r, name, strlen(name));
    }
}

/* The name that belongs to a number, as far as that is known. */
static const char *name_of(struct twin_reading *r, const char *id, size_t n)
{
    struct corpus_entry *entry = entry_of(r, id, n, false);
    return entry && entry->about ? entry->about : twin_name(r, id, n);
}

static const char *author_of(struct twin_reading *r, yyjson_val *m)
{
    const char *id = json_str(m, "user", ""), *name = called(yyjson_obj_get(m, "user_profile"), "");
    if (!*id || !*name)
        return *id ? name_of(r, id, strlen(id))
                   : twin_name(r, json_str(m, "username", ""), strlen(json_str(m, "username", "")));
    struct corpus_entry *entry = entry_of(r, id, strlen(id), true);
    if (entry && !entry->about)
        entry->about = (void *)(uintptr_t)twin_name(r, name, strlen(name));
    return entry ? entry->about : "";
}

/* ---- rooms ---- */

static struct twin_talk *talk_of(struct twin_reading *r, const char *folder, size_t n)
{
    const char *base = n ? memrchr(folder, '/', n) : NULL;
    base = base ? base + 1 : folder;
    return twin_talk(r, twin_name(r, base, (size_t)(folder + n - base)), "slack %.*s", (int)n, folder);
}

/* The room whose days lie in a folder beside this file. */
static struct twin_talk *room_of(struct twin_reading *r, yyjson_val *v)
{
    const char *slash = strrchr(r->file->name, '/');
    struct buf folder;
    buf_init(&folder, TWIN_MAX_MESSAGE);
    buf_append(&folder, r->file->name, slash ? (size_t)(slash + 1 - r->file->name) : 0);
    buf_puts(&folder, json_str(v, "name", json_str(v, "id", "")));
    struct twin_talk *t = talk_of(r, buf_str(&folder), folder.len);
    twin_finish(r, &folder);
    return t;
}

static void read_rooms(struct twin_reading *r, yyjson_val *root)
{
    size_t i, max, k, members;
    yyjson_val *v, *m;
    yyjson_arr_foreach (root, i, max, v) {
        struct twin_talk *t = room_of(r, v);
        yyjson_val *list = yyjson_obj_get(v, "members");
        struct buf with;
        buf_init(&with, TWIN_MAX_MESSAGE);
        yyjson_arr_foreach (list, k, members, m)
            if (yyjson_is_str(m))
                buf_printf(&with, "%s%s", with.len ? "\n" : "", yyjson_get_str(m));
        char *copy = arena_strndup(r->book->arena, buf_str(&with), with.len);
        twin_finish(r, &with);
        if (!copy || !t) {
            r->rc = ANIMA_E_NOMEM;
            return;
        }
        t->with = copy;
        t->settled = true;
        t->group = yyjson_arr_size(list) > 2;
    }
}

void twin_slack_members(struct twin_reading *r, struct twin_talk *t)
{
    struct buf b;
    if (!*t->with || strncmp(t->key, "slack ", 6) != 0)
        return;
    buf_init(&b, TWIN_MAX_MESSAGE);
    for (const char *s = t->with; *s;) {
        size_t n = strcspn(s, "\n");
        buf_printf(&b, "%s%s", b.len ? "\n" : "", name_of(r, s, n));
        s += n + (s[n] ? 1 : 0);
    }
    char *with = arena_strndup(r->book->arena, buf_str(&b), b.len);
    t->with = with ? with : "";
    if (!with)
        r->rc = ANIMA_E_NOMEM;
    twin_finish(r, &b);
}

/* ---- messages ---- */

/* "<@U1>", "<#C1|general>", "<!here>", "<http://…|words>": n bytes between the brackets. */
static void add_marked(struct twin_reading *r, struct buf *out, const char *s, size_t n)
{
    const char *bar = memchr(s, '|', n);
    if (!n)
        return;
    if (n > 1 && *s == '@') {
        buf_printf(out, "@%s", name_of(r, s + 1, bar ? (size_t)(bar - s) - 1 : n - 1));
        return;
    }
    if (*s == '#' || *s == '!')
        buf_append(out, s, 1);
    size_t skip = bar ? (size_t)(bar + 1 - s) : *s == '#' || *s == '!' ? 1 : 0;
    buf_append(out, s + skip, n - skip);
}

static void add_text(struct twin_reading *r, struct buf *out, const char *s, size_t n)
{
    const char *end = s + n;
    while (s < end) {
        const char *open = memchr(s, '<', (size_t)(end - s));
        size_t left = open ? (size_t)(end - open) : 0;
        const char *close = open ? memchr(open, '>', left < LONGEST_MARK ? left : LONGEST_MARK) : NULL;
        twin_unescape(s, (size_t)((close ? open : open ? open + 1 : end) - s), out);
        if (close)
            add_marked(r, out, open + 1, (size_t)(close - open) - 1);
        s = close ? close + 1 : open ? open + 1 : end;
    }
}

static bool is_said(yyjson_val *m)
{
    const char *subtype = json_str(m, "subtype", "");
    return strcmp(json_str(m, "type", ""), "message") == 0 && !yyjson_obj_get(m, "bot_id") &&
           (!*subtype || strcmp(subtype, "thread_broadcast") == 0 || strcmp(subtype, "me_message") == 0 ||
            strcmp(subtype, "file_share") == 0);
}

static void read_day(struct twin_reading *r, yyjson_val *root)
{
    size_t i, max, n;
    yyjson_val *m;
    const char *slash = strrchr(r->file->name, '/');
    struct twin_talk *talk = talk_of(r, r->file->name, slash ? (size_t)(slash - r->file->name) : 0);
    struct buf text;
    buf_init(&text, TWIN_MAX_MESSAGE);
    yyjson_arr_foreach (root, i, max, m) {
        if (twin_stopped(r))
            break;
        if (!is_said(m)) {
            twin_notice(r);
            continue;
        }
        const char *s = twin_string(m, "text", &n);
        long long seconds = strtoll(json_str(m, "ts", "0"), NULL, 10);
        struct twin_draft d = { .kind = TWIN_MESSAGE,
                                .talk = talk,
                                .at_ms = seconds < 7000000000 ? seconds * 1000 : 0,
                                .author = author_of(r, m) };
        add_text(r, &text, s, n);
        twin_put_lines(r, &d, &text);
    }
    twin_finish(r, &text);
}

void twin_read_slack(struct twin_reading *r, yyjson_val *root)
{
    if (is_day(first_of(root)))
        read_day(r, root);
    else if (is_user(first_of(root)))
        read_users(r, root);
    else
        read_rooms(r, root);
}
