/* read_meta.c — Messenger and Instagram: message_1.json, message_2.json… of a thread, the newest message first
 * (facebook.com/help/212802592074644, "Download your information", JSON).
 *
 *   {"participants": [{"name"}], "title", "thread_path", "messages": [{"sender_name", "timestamp_ms", "content", "is_unsent",
 *   "call_duration"}]}: every string is UTF-8 that was taken for Latin-1 and made UTF-8 again; it is mended
 *   {"participants": ["name"], "threadName", "messages": [{"senderName", "timestamp", "text", "isUnsent", "type"}]}: chats with
 *   end-to-end encryption
 *
 * A thread of two has the other's name for its title; so the owner is known. */
#include "base/utf8.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <string.h>

bool twin_is_meta(yyjson_val *root)
{
    return yyjson_is_arr(yyjson_obj_get(root, "participants")) && yyjson_is_arr(yyjson_obj_get(root, "messages")) &&
           (json_str(root, "title", NULL) || json_str(root, "threadName", NULL));
}

/* Appends s as it was meant: its characters are bytes of UTF-8, if there are such and all of them are. */
static void mend(struct buf *out, const char *s, size_t n)
{
    size_t from = out->len;
    bool odd = false;
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t c = utf8_decode(s + i, n - i, &len);
        if (c > 0xFF) {
            out->len = from;
            buf_append(out, s, n);
            return;
        }
        odd = odd || c > 0x7F;
        buf_append(out, &(char){ (char)c }, 1);
    }
    if (!out->failed && odd && !utf8_valid(out->data + from, out->len - from)) {
        out->len = from;
        buf_append(out, s, n);
    }
}

static const char *mended_name(struct twin_reading *r, const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, TWIN_MAX_MESSAGE);
    mend(&b, s, n);
    const char *name = twin_name(r, buf_str(&b), b.failed ? 0 : b.len);
    twin_finish(r, &b);
    return name;
}

/* What a thread is made of. */
struct thread {
    struct twin_talk *talk;
    const char *owner; /* a name of twin_name; NULL: not known */
    const char *sender, *text, *unsent, *time;
};

/* Of two people: who is not in the title. */
static const char *owner_of(struct twin_reading *r, yyjson_val *people, const char *title)
{
    const char *names[2];
    if (yyjson_arr_size(people) != 2)
        return NULL;
    for (size_t i = 0; i < 2; i++) {
        yyjson_val *v = yyjson_arr_get(people, i);
        v = yyjson_is_obj(v) ? yyjson_obj_get(v, "name") : v;
        names[i] = yyjson_is_str(v) ? mended_name(r, yyjson_get_str(v), yyjson_get_len(v)) : "";
    }
    if ((names[0] == title) == (names[1] == title))
        return NULL;
    return names[0] == title ? names[1] : names[0];
}

/* "Zoë_8": the number tells threads of the same name apart. */
static size_t without_number(const char *s, size_t n)
{
    size_t i = n;
    while (i && isdigit((unsigned char)s[i - 1]))
        i--;
    return i > 1 && i < n && s[i - 1] == '_' ? i - 1 : n;
}

static bool begin_thread(struct twin_reading *r, yyjson_val *root, struct thread *t)
{
    size_t n;
    bool sealed = !json_str(root, "title", NULL);
    const char *title = twin_string(root, sealed ? "threadName" : "title", &n);
    if (sealed)
        n = without_number(title, n);
    title = mended_name(r, title, n);
    const char *path = json_str(root, "thread_path", NULL);
    yyjson_val *people = yyjson_obj_get(root, "participants");
    t->talk = twin_talk(r, title, "meta %s", path ? path : r->file->name);
    t->owner = owner_of(r, people, title);
    t->sender = sealed ? "senderName" : "sender_name";
    t->text = sealed ? "text" : "content";
    t->unsent = sealed ? "isUnsent" : "is_unsent";
    t->time = sealed ? "timestamp" : "timestamp_ms";
    if (t->talk) {
        t->talk->settled = true;
        t->talk->group = yyjson_arr_size(people) > 2;
        t->talk->with = t->owner ? title : "";
    }
    return t->talk;
}

/* "Anna sent an attachment.", "You missed a call from Anna.", "Reacted 😂 to your message " */
static bool is_its_own(const char *words, const char *sender)
{
    static const char *const begins[] = { "Liked a message", "You missed a ", "The video chat ended",
                                          "You are now connected on Messenger", "You can now message and call" };
    static const char *const acts[] = { " sent ",   " missed ", " called ",  " reacted ", " changed ",
                                        " named ",  " added ",  " left ",    " removed ", " started ",
                                        " joined ", " set ",    " created ", " unsent " };
    size_t n = strlen(words), len = strlen(sender);
    if (twin_begins(words, n, "Reacted ") && memmem(words, n, " to your message", 16))
        return true;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (twin_begins(words, n, begins[i]))
            return true;
    for (size_t i = 0; len && n > len && i < sizeof(acts) / sizeof(acts[0]); i++)
        if (twin_begins(words, n, sender) && twin_begins(words + len, n - len, acts[i]))
            return true;
    return false;
}

static void read_message(struct twin_reading *r, const struct thread *t, yyjson_val *m, struct buf *text)
{
    size_t n;
    const char *s = twin_string(m, t->sender, &n);
    struct twin_draft d = { .kind = TWIN_MESSAGE, .talk = t->talk, .at_ms = json_int(m, t->time, 0) };
    d.author = mended_name(r, s, n);
    d.own = t->owner && d.author == t->owner;
    s = twin_string(m, t->text, &n);
    mend(text, s, n);
    if (!n || json_bool(m, t->unsent, false) || yyjson_obj_get(m, "call_duration") ||
        is_its_own(buf_str(text), d.author)) {
        twin_notice(r);
        buf_reset(text);
        return;
    }
    twin_put_lines(r, &d, text);
}

void twin_read_meta(struct twin_reading *r, yyjson_val *root)
{
    struct thread t;
    struct buf text;
    yyjson_val *list = yyjson_obj_get(root, "messages"), *m;
    size_t n = yyjson_arr_size(list), i, max;
    yyjson_val **messages = arena_alloc(r->book->arena, n * sizeof(*messages) + 1);
    if (!messages)
        r->rc = ANIMA_E_NOMEM;
    if (r->rc || !begin_thread(r, root, &t))
        return;
    yyjson_arr_foreach (list, i, max, m)
        messages[n - 1 - i] = m;
    buf_init(&text, TWIN_MAX_MESSAGE);
    for (i = 0; i < n && !twin_stopped(r); i++)
        read_message(r, &t, messages[i], &text);
    twin_finish(r, &text);
}
