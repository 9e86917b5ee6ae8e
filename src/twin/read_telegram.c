/* read_telegram.c — Telegram Desktop's export as JSON (its export_output_json.cpp): result.json of one chat is a chat, of everything
 * {"personal_information": {"user_id", "first_name", "last_name"}, "chats": {"list": [chat, …]}, "left_chats": {…}}.
 *
 *   chat     {"name", "type": "personal_chat"…, "id", "messages": […]}; in a personal chat id is the partner's number
 *   message  {"id", "type": "message", "date" (local), "date_unixtime", "from", "from_id": "user123", "text", "text_entities",
 *            "forwarded_from", "via_bot"}; text is a string, or an array of strings and {"type", "text"} */
#include "base/date.h"
#include "twin/read_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_chat(yyjson_val *v)
{
    return yyjson_is_arr(yyjson_obj_get(v, "messages")) && json_str(v, "type", NULL) && yyjson_obj_get(v, "id");
}

bool twin_is_telegram(yyjson_val *root)
{
    yyjson_val *chats = yyjson_obj_get(root, "chats");
    return is_chat(root) || yyjson_is_arr(yyjson_obj_get(chats, "list"));
}

/* 123 of 123 and of "user123"; 0: none. Numbers of channels are none. */
static int64_t number_of(yyjson_val *v)
{
    const char *s = yyjson_get_str(v);
    if (yyjson_is_int(v))
        return yyjson_get_sint(v);
    return s && strncmp(s, "user", 4) == 0 ? strtoll(s + 4, NULL, 10) : 0;
}

static void add_text(struct buf *out, yyjson_val *v)
{
    size_t i, max, n;
    yyjson_val *part;
    if (yyjson_is_str(v)) {
        buf_append(out, yyjson_get_str(v), yyjson_get_len(v));
        return;
    }
    yyjson_arr_foreach (v, i, max, part) {
        const char *text = yyjson_is_str(part) ? yyjson_get_str(part) : twin_string(part, "text", &n);
        if (yyjson_is_str(part))
            n = yyjson_get_len(part);
        if (strcmp(json_str(part, "type", ""), "blockquote") != 0) /* somebody else's */
            buf_append(out, text, n);
    }
}

static int64_t date_of(yyjson_val *m)
{
    int64_t at = date_parse(json_str(m, "date_unixtime", ""));
    return at > 0 ? at : date_parse(json_str(m, "date", ""));
}

/* What is known of a chat while its messages are read. */
struct chat {
    struct twin_talk *talk; /* NULL: notes to oneself */
    int64_t owner;          /* the owner's number; 0: not known */
    int64_t partner;        /* the other's of a personal chat; 0 */
};

/* The first number of a name has it alone; another one of that name shows its number: two people may be called the same. */
static const char *author_of(struct twin_reading *r, const char *name, const char *id)
{
    char key[300];
    int n = snprintf(key, sizeof(key), "telegram %.200s", name);
    const char *number = twin_name(r, id, strlen(id));
    struct corpus_entry *entry = corpus_table_put(&r->people, key, (size_t)n);
    if (!entry) {
        r->rc = ANIMA_E_NOMEM;
        return "";
    }
    if (!entry->about)
        entry->about = (void *)(uintptr_t)number;
    return twin_person(r, name, entry->about == number ? NULL : id);
}

static void read_message(struct twin_reading *r, const struct chat *chat, yyjson_val *m, struct buf *text)
{
    if (strcmp(json_str(m, "type", ""), "message") != 0 || yyjson_obj_get(m, "forwarded_from") ||
        yyjson_obj_get(m, "via_bot")) {
        twin_notice(r);
        return;
    }
    int64_t from = number_of(yyjson_obj_get(m, "from_id"));
    const char *name = json_str(m, "from", NULL); /* null: the account is gone */
    bool own = !chat->talk || (from && (from == chat->owner || (chat->partner && from != chat->partner)));
    add_text(text, yyjson_obj_get(m, "text"));
    struct twin_draft d = { .kind = chat->talk ? TWIN_MESSAGE : TWIN_POST,
                            .at_ms = date_of(m),
                            .talk = chat->talk,
                            .author = name ? author_of(r, name, json_str(m, "from_id", ""))
                                           : twin_person(r, NULL, json_str(m, "from_id", "")),
                            .own = own };
    twin_put_lines(r, &d, text);
}

/* Chats of people; not channels, nor bots. */
static bool is_of_people(const char *type)
{
    static const char *const types[] = { "personal_chat", "private_group", "private_supergroup", "public_supergroup",
                                         "saved_messages" };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static void read_chat(struct twin_reading *r, yyjson_val *v, int64_t owner)
{
    size_t i, max;
    yyjson_val *m, *messages = yyjson_obj_get(v, "messages");
    const char *type = json_str(v, "type", ""), *name = json_str(v, "name", "");
    bool personal = strcmp(type, "personal_chat") == 0, self = strcmp(type, "saved_messages") == 0;
    struct chat chat = { .owner = owner, .partner = personal ? json_int(v, "id", 0) : 0 };
    struct buf text;
    if (!is_of_people(type)) {
        r->file->notices += yyjson_arr_size(messages);
        return;
    }
    if (!self && !(chat.talk = twin_talk(r, name, "telegram %s %lld", type, (long long)json_int(v, "id", 0))))
        return;
    if (!self) {
        chat.talk->settled = true;
        chat.talk->group = !personal;
    }
    if (personal)
        chat.talk->with = twin_name(r, name, strlen(name));
    buf_init(&text, TWIN_MAX_MESSAGE);
    yyjson_arr_foreach (messages, i, max, m)
        if (!twin_stopped(r))
            read_message(r, &chat, m, &text);
    twin_finish(r, &text);
}

void twin_read_telegram(struct twin_reading *r, yyjson_val *root)
{
    static const char *const lists[] = { "chats", "left_chats" };
    size_t i, max;
    yyjson_val *chat;
    yyjson_val *me = yyjson_obj_get(root, "personal_information");
    int64_t owner = json_int(me, "user_id", 0);
    if (owner) { /* whoever else is called so shows their number */
        char id[32], whole[200];
        snprintf(id, sizeof(id), "user%lld", (long long)owner);
        snprintf(whole, sizeof(whole), "%.90s %.90s", json_str(me, "first_name", ""), json_str(me, "last_name", ""));
        author_of(r, json_str(me, "first_name", ""), id);
        author_of(r, whole, id);
    }
    if (is_chat(root))
        read_chat(r, root, owner);
    for (size_t k = 0; k < 2; k++)
        yyjson_arr_foreach (yyjson_obj_get(yyjson_obj_get(root, lists[k]), "list"), i, max, chat)
            if (is_chat(chat) && !twin_stopped(r))
                read_chat(r, chat, owner);
}
