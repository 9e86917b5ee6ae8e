/* read_discord.c — a channel as DiscordChatExporter writes it as JSON (its JsonMessageWriter.cs):
 * {"guild": {"name"}, "channel": {"id", "type", "name"}, "messages": [{"type", "timestamp", "content", "author": {"name", "nickname",
 * "isBot"}}]}. Types of direct talks begin with "Direct". */
#include "base/date.h"
#include "twin/read_private.h"

#include <string.h>

bool twin_is_discord(yyjson_val *root)
{
    return yyjson_is_obj(yyjson_obj_get(root, "guild")) && json_str(yyjson_obj_get(root, "channel"), "id", NULL) &&
           yyjson_is_arr(yyjson_obj_get(root, "messages"));
}

static struct twin_talk *talk_of(struct twin_reading *r, yyjson_val *root)
{
    yyjson_val *channel = yyjson_obj_get(root, "channel");
    const char *type = json_str(channel, "type", ""), *name = json_str(channel, "name", "");
    bool direct = strncmp(type, "Direct", 6) == 0;
    struct buf title;
    buf_init(&title, TWIN_MAX_LINE);
    if (!direct)
        buf_printf(&title, "%s / ", json_str(yyjson_obj_get(root, "guild"), "name", ""));
    buf_puts(&title, name);
    struct twin_talk *t = twin_talk(r, twin_name(r, buf_str(&title), title.len), "discord %s",
                                    json_str(channel, "id", ""));
    twin_finish(r, &title);
    if (t) {
        t->settled = true;
        t->group = strcmp(type, "DirectTextChat") != 0;
        t->with = t->group ? "" : twin_name(r, name, strlen(name));
    }
    return t;
}

static bool is_said(yyjson_val *m)
{
    const char *type = json_str(m, "type", "Default");
    return (strcmp(type, "Default") == 0 || strcmp(type, "Reply") == 0) &&
           !json_bool(yyjson_obj_get(m, "author"), "isBot", false);
}

void twin_read_discord(struct twin_reading *r, yyjson_val *root)
{
    size_t i, max;
    yyjson_val *m;
    struct twin_talk *talk = talk_of(r, root);
    yyjson_arr_foreach (yyjson_obj_get(root, "messages"), i, max, m) {
        if (twin_stopped(r))
            return;
        if (!is_said(m)) {
            twin_notice(r);
            continue;
        }
        yyjson_val *author = yyjson_obj_get(m, "author");
        struct twin_draft d = { .kind = TWIN_MESSAGE, .talk = talk, .at_ms = date_parse(json_str(m, "timestamp", "")) };
        d.author = twin_person(r, json_str(author, "nickname", NULL), json_str(author, "name", NULL));
        d.text = twin_string(m, "content", &d.n);
        twin_put(r, &d);
    }
}
