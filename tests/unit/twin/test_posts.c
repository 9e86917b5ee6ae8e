/* Archives of Twitter and Mastodon, and the words of pages. */
#include "reading.h"
#include "twin/read_private.h"

static void test_tweets(void **state)
{
    (void)state;
    reads("data/tweets.js",
          "window.YTD.tweets.part0 = [\n"
          "{\"tweet\": {\"id_str\": \"1\", \"created_at\": \"Fri Mar 01 14:05:09 +0000 2024\", \"full_text\": \"rain "
          "&amp; tea "
          "https://t.co/AbC123\"}},\n"
          "{\"tweet\": {\"created_at\": \"Fri Mar 01 14:06:09 +0000 2024\", \"full_text\": \"RT @bob: not mine\"}},\n"
          "{\"tweet\": {\"created_at\": \"Fri Mar 01 14:07:09 +0000 2024\", \"full_text\": \"@bob @eve "
          "我也是\\n真的\"}},\n"
          "{\"tweet\": {\"created_at\": \"\", \"full_text\": \"https://t.co/x https://t.co/y\"}},\n"
          "{\"created_at\": \"Fri Mar 01 14:08:09 +0000 2024\", \"full_text\": \"old form\"}]\n",
          "post 2024-03-01 14:05:09 {} own : rain & tea\n"
          "post 2024-03-01 14:07:09 {} own : 我也是\\n真的\n"
          "post 2024-03-01 14:08:09 {} own : old form\n"
          "# data/tweets.js twitter 3 records, 2 notices\n");
    reads("note-tweet.js",
          "window.YTD.note_tweet.part0 = [{\"noteTweet\": {\"createdAt\": \"2024-03-01T14:05:09.000Z\", \"core\": "
          "{\"text\": "
          "\"a long one\"}}}]",
          "post 2024-03-01 14:05:09 {} own : a long one\n# note-tweet.js twitter 1 records, 0 notices\n");
    reads("like.js", "window.YTD.like.part0 = [{\"like\": {\"fullText\": \"x\"}}]",
          "# like.js twitter 0 records, 0 notices: nothing in it that its owner wrote\n");
    reads("tweets.js", "window.YTD.tweets.part0 = ",
          "# tweets.js - 0 records, 0 notices: it is not valid JSON: input length is 0 at byte 0\n");
}

static void test_direct(void **state)
{
    (void)state;
    static const char account[] =
        "window.YTD.account.part0 = [{\"account\": {\"accountId\": \"12\", \"username\": \"anna\"}}]";
    static const char direct[] =
        "window.YTD.direct_messages.part0 = [{\"dmConversation\": {\"conversationId\": \"12-77\", \"messages\": ["
        "{\"messageCreate\": {\"senderId\": \"77\", \"recipientId\": \"12\", \"text\": \"hi\", \"createdAt\": "
        "\"2024-03-01T14:05:09.000Z\"}},"
        "{\"messageCreate\": {\"senderId\": \"12\", \"text\": \"@bob yes\", \"createdAt\": "
        "\"2024-03-01T14:06:09.000Z\"}},"
        "{\"joinConversation\": {}}]}}]";
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "account.js", account, strlen(account));
    reading_add(&t, "direct-messages.js", direct, strlen(direct));
    reading_is(&t, "message 2024-03-01 14:05:09 {} with 77 77: hi\n"
                   "message 2024-03-01 14:06:09 {} own with 77 12: @bob yes\n"
                   "# account.js twitter 0 records, 0 notices\n"
                   "# direct-messages.js twitter 2 records, 1 notices\n");
}

#define TOOT(to, content)                                                                                              \
    "{\"type\": \"Create\", \"published\": \"2024-03-01T14:05:09Z\", \"to\": [\"" to                                   \
    "\"], \"object\": {\"type\": \"Note\", \"content\": \"" content "\"}}"

static void test_mastodon(void **state)
{
    (void)state;
    reads(
        "outbox.json",
        "{\"@context\": \"https://www.w3.org/ns/activitystreams\", \"id\": \"outbox.json\", \"type\": "
        "\"OrderedCollection\", "
        "\"orderedItems\": ["
        "{\"type\": \"Announce\", \"object\": \"https://example.org/1\"}," TOOT(
            "https://www.w3.org/ns/activitystreams#Public",
            "<p>It rains &amp; I&#39;m in.<br />Tea.</p><p>两杯</p>") "," TOOT("https://example.org/users/anna/"
                                                                               "followers",
                                                                               "<p><span class=\\\"h-card\\\"><a "
                                                                               "href=\\\"https://example.org/"
                                                                               "@bob\\\">@<span>bob</span></a></span> "
                                                                               "yes</p>") "," TOOT("https://"
                                                                                                   "example.org/users/"
                                                                                                   "bob",
                                                                                                   "<p>@bob only for "
                                                                                                   "you</p>") "]}",
        "post 2024-03-01 14:05:09 {} own : It rains & I'm in.\\nTea.\\n\\n两杯\n"
        "post 2024-03-01 14:05:09 {} own : yes\n"
        "# outbox.json mastodon 2 records, 2 notices\n");
}

static void page(const char *html, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    twin_html(html, strlen(html), &b);
    twin_trim(&b);
    if (strcmp(buf_str(&b), wanted) != 0)
        fail_msg("%s gives \"%s\", not \"%s\"", html, buf_str(&b), wanted);
    buf_finish(&b);
}

static void test_pages(void **state)
{
    (void)state;
    page("", "");
    page("a  \n b", "a b");
    page("<html><head><title>T</title><style>p{}</style></head><body><p>One</p>\n<p>Two</p></body>", "One\n\nTwo");
    page("a<br>b<BR/>c", "a\nb\nc");
    page("<ul><li>a</li><li>b</li></ul>", "a\nb");
    page("yes<blockquote>he said<blockquote>I said</blockquote></blockquote>no", "yesno");
    page("</blockquote>a", "a");
    page("a<!-- b > c -->d<!-- e", "ad");
    page("1 < 2 <3 <", "1 < 2 <3 <");
    page("&lt;p&gt; &#20320;&#x597D; &euml; &#xD800; &#0; &amp", "<p> 你好 &euml; &#xD800; &#0; &amp");
    page("<script>if (a < b) x</scripty></script>so", "so");
    page("<pre>x</pre><b class='x'>y</b>", "xy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tweets),
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_mastodon),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
