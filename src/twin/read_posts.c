/* read_posts.c — what was said to nobody in particular, by the owner of the archive: Twitter's and Mastodon's. What is somebody else's
 * (retweets, boosts) counts as a notice, and so do toots to single people.
 *
 *   tweets.js           window.YTD.tweets.part0 = [{"tweet": {"created_at", "full_text"}}] (the README.txt of an archive)
 *   note-tweet.js       [{"noteTweet": {"createdAt", "core": {"text"}}}]: long ones
 *   account.js          [{"account": {"accountId", "username"}}]
 *   direct-messages.js  [{"dmConversation": {"conversationId": "1-2", "messages": [{"messageCreate": {"senderId", "recipientId", "text",
 *                       "createdAt"}}]}}]
 *   outbox.json         {"orderedItems": [{"type": "Create", "published", "to", "cc", "object": {"type": "Note", "content": HTML}}]}
 *                       (docs.joinmastodon.org/user/moving; ActivityStreams 2.0) */
#include "base/date.h"
#include "twin/read_private.h"

#include <ctype.h>
#include <string.h>

/* "@bob @eve yes": yes. Whom one answers is not what one says. */
static void cut_heads(struct buf *b)
{
    size_t from = 0;
    while (from < b->len && b->data[from] == '@') {
        size_t n = strcspn(b->data + from, " \n");
        from += n + strspn(b->data + from + n, " \n");
    }
    buf_consume(b, from);
}

/* Links to what is not there: "https://t.co/…". */
static void cut_links(struct buf *b)
{
    static const char link[] = "https://t.co/";
    char *at = b->len ? strstr(b->data, link) : NULL, *to = at, *from = at;
    while (at) {
        from = at + strlen(link);
        while (isalnum((unsigned char)*from))
            from++;
        at = strstr(from, link);
        size_t keep = at ? (size_t)(at - from) : strlen(from) + 1;
        memmove(to, from, keep);
        to += keep;
    }
    if (from)
        b->len = (size_t)(to - b->data) - 1;
}

/* ---- Twitter ---- */

static void put_words(struct twin_reading *r, struct twin_draft *d, const char *s, size_t n)
{
    struct buf b;
    buf_init(&b, TWIN_MAX_MESSAGE);
    twin_unescape(s, n, &b);
    cut_links(&b);
    if (d->kind == TWIN_POST)
        cut_heads(&b);
    twin_put_lines(r, d, &b);
    twin_finish(r, &b);
}

static void read_tweet(struct twin_reading *r, yyjson_val *v)
{
    size_t n;
    yyjson_val *tweet = yyjson_obj_get(v, "tweet"), *note = yyjson_obj_get(v, "noteTweet");
    tweet = tweet ? tweet : v;
    const char *text = note ? twin_string(yyjson_obj_get(note, "core"), "text", &n)
                            : twin_string(tweet, "full_text", &n);
    const char *date = note ? json_str(note, "createdAt", "") : json_str(tweet, "created_at", "");
    struct twin_draft d = { .kind = TWIN_POST, .at_ms = date_parse(date), .author = "", .own = true };
    if (twin_begins(text, n, "RT @"))
        twin_notice(r);
    else
        put_words(r, &d, text, n);
}

static void read_account(struct twin_reading *r, yyjson_val *v)
{
    yyjson_val *account = yyjson_obj_get(v, "account");
    const char *id = json_str(account, "accountId", "");
    if (*id)
        r->owner = twin_name(r, id, strlen(id));
}

/* The numbers of a conversation but the owner's. */
static const char *with_of(struct twin_reading *r, const char *id)
{
    size_t n = strcspn(id, "-");
    if (!id[n])
        return "";
    const char *first = twin_name(r, id, n), *second = twin_name(r, id + n + 1, strlen(id + n + 1));
    return first == r->owner ? second : first;
}

static void read_direct(struct twin_reading *r, yyjson_val *v)
{
    size_t i, max, n;
    yyjson_val *m, *talk = yyjson_obj_get(v, "dmConversation");
    const char *id = json_str(talk, "conversationId", "");
    struct twin_talk *t = twin_talk(r, "", "twitter %s", id);
    if (!t)
        return;
    t->with = with_of(r, id);
    yyjson_arr_foreach (yyjson_obj_get(talk, "messages"), i, max, m) {
        yyjson_val *said = yyjson_obj_get(m, "messageCreate");
        const char *text = twin_string(said, "text", &n), *from = json_str(said, "senderId", "");
        struct twin_draft d = { .kind = TWIN_MESSAGE,
                                .talk = t,
                                .at_ms = date_parse(json_str(said, "createdAt", "")),
                                .author = twin_name(r, from, strlen(from)) };
        d.own = r->owner && d.author == r->owner;
        if (said)
            put_words(r, &d, text, n);
        else
            twin_notice(r);
    }
}

void twin_read_twitter(struct twin_reading *r, const char *name, size_t n, yyjson_val *root)
{
    static const struct {
        const char *name;
        void (*read)(struct twin_reading *r, yyjson_val *v);
    } parts[] = { { "tweets", read_tweet },           { "tweet", read_tweet },
                  { "note_tweet", read_tweet },       { "account", read_account },
                  { "direct_messages", read_direct }, { "direct_messages_group", read_direct } };
    size_t i, max, k = 0;
    yyjson_val *v;
    r->file->format = "twitter";
    while (k < sizeof(parts) / sizeof(parts[0]) && (strlen(parts[k].name) != n || memcmp(parts[k].name, name, n) != 0))
        k++;
    if (k == sizeof(parts) / sizeof(parts[0])) {
        twin_trouble(r, "nothing in it that its owner wrote");
        return;
    }
    yyjson_arr_foreach (root, i, max, v)
        if (!twin_stopped(r))
            parts[k].read(r, v);
}

/* ---- Mastodon ---- */

bool twin_is_mastodon(yyjson_val *root)
{
    return yyjson_is_arr(yyjson_obj_get(root, "orderedItems")) &&
           strcmp(json_str(root, "type", ""), "OrderedCollection") == 0;
}

/* To everybody or to those who follow: an address that ends so is among the receivers. */
static bool is_public(yyjson_val *item)
{
    static const char *const lists[] = { "to", "cc" };
    size_t i, max;
    yyjson_val *v;
    for (size_t k = 0; k < 2; k++)
        yyjson_arr_foreach (yyjson_obj_get(item, lists[k]), i, max, v) {
            const char *s = yyjson_get_str(v);
            if (s && (twin_ends(s, strlen(s), "#Public") || twin_ends(s, strlen(s), "/followers")))
                return true;
        }
    return false;
}

static void read_toot(struct twin_reading *r, yyjson_val *item)
{
    size_t n;
    yyjson_val *note = yyjson_obj_get(item, "object");
    const char *html = twin_string(note, "content", &n);
    struct buf b;
    if (strcmp(json_str(item, "type", ""), "Create") != 0 || strcmp(json_str(note, "type", ""), "Note") != 0 ||
        !is_public(item)) {
        twin_notice(r);
        return;
    }
    struct twin_draft d = {
        .kind = TWIN_POST, .at_ms = date_parse(json_str(item, "published", "")), .author = "", .own = true
    };
    buf_init(&b, TWIN_MAX_MESSAGE);
    twin_html(html, n, &b);
    cut_heads(&b);
    twin_put_lines(r, &d, &b);
    twin_finish(r, &b);
}

void twin_read_mastodon(struct twin_reading *r, yyjson_val *root)
{
    size_t i, max;
    yyjson_val *item;
    yyjson_arr_foreach (yyjson_obj_get(root, "orderedItems"), i, max, item)
        if (!twin_stopped(r))
            read_toot(r, item);
}
