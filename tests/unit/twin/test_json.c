/* Chats as JSON: Telegram, Discord, Messenger and Instagram, Slack; what is in two exports. */
#include "reading.h"

/* ---- Telegram ---- */

static void test_telegram_chat(void **state)
{
    (void)state;
    reads(
        "ChatExport/result.json",
        "{\"name\": \"Bob\", \"type\": \"personal_chat\", \"id\": 77, \"messages\": ["
        "{\"id\": 1, \"type\": \"service\", \"date\": \"2021-03-01T10:00:00\", \"actor\": \"Bob\", \"action\": "
        "\"phone_call\"},"
        "{\"id\": 2, \"type\": \"message\", \"date\": \"2021-03-01T10:00:01\", \"date_unixtime\": \"1614564001\","
        " \"from\": \"Bob\", \"from_id\": \"user77\", \"text\": \"下雨了\"},"
        "{\"id\": 3, \"type\": \"message\", \"date\": \"2021-03-01T10:00:02\", \"from\": \"Anna\", \"from_id\": "
        "\"user12\","
        " \"text\": [\"see \", {\"type\": \"link\", \"text\": \"example.org\"}, \"\\n\", {\"type\": \"blockquote\", "
        "\"text\": "
        "\"no\"}, \"so\"]},"
        "{\"id\": 4, \"type\": \"message\", \"date_unixtime\": \"1614564003\", \"from\": \"Anna\", \"from_id\": "
        "\"user12\","
        " \"media_type\": \"sticker\", \"text\": \"\"},"
        "{\"id\": 5, \"type\": \"message\", \"date_unixtime\": \"1614564004\", \"from\": \"Anna\", \"from_id\": "
        "\"user12\","
        " \"forwarded_from\": \"News\", \"text\": \"not mine\"},"
        "{\"id\": 6, \"type\": \"message\", \"date_unixtime\": \"1614564005\", \"from\": null, \"from_id\": \"user77\","
        " \"text\": \"a\\x1Fb\"}]}",
        "message 2021-03-01 02:00:01 {Bob} with Bob Bob: 下雨了\n"
        "message 2021-03-01 02:00:02 {Bob} own with Bob Anna: see example.org\\nso\n"
        "message 2021-03-01 02:00:05 {Bob} with Bob user77: a    b\n"
        "# ChatExport/result.json telegram 3 records, 3 notices\n");
}

static void test_telegram_all(void **state)
{
    (void)state;
    reads("result.json",
          "{\"about\": \"x\", \"personal_information\": {\"user_id\": 12, \"first_name\": \"Anna\"}, \"chats\": "
          "{\"list\": ["
          "{\"name\": \"Sea\", \"type\": \"private_group\", \"id\": 5, \"messages\": ["
          "{\"type\": \"message\", \"date_unixtime\": \"1614564001\", \"from\": \"Cem\", \"from_id\": \"user3\", "
          "\"text\": \"hi\"},"
          "{\"type\": \"message\", \"date_unixtime\": \"1614564002\", \"from\": \"Anna\", \"from_id\": \"user12\", "
          "\"text\": \"ho\"}]},"
          "{\"type\": \"saved_messages\", \"id\": 12, \"messages\": ["
          "{\"type\": \"message\", \"date_unixtime\": \"1614564003\", \"from\": \"Anna\", \"from_id\": \"user12\", "
          "\"text\": \"milk\"}]},"
          "{\"name\": \"News\", \"type\": \"public_channel\", \"id\": 9, \"messages\": [{\"type\": \"message\", "
          "\"text\": \"x\"},"
          "{\"type\": \"message\", \"text\": \"y\"}]}]},"
          "\"left_chats\": {\"list\": [{\"name\": \"Old\", \"type\": \"private_supergroup\", \"id\": 6, \"messages\": ["
          "{\"type\": \"message\", \"date\": \"2020-01-01T00:00:00\", \"from\": \"Anna\", \"from_id\": 12, \"text\": "
          "\"bye\"}]}]}}",
          "message 2021-03-01 02:00:01 {Sea} group Cem: hi\n"
          "message 2021-03-01 02:00:02 {Sea} own group Anna: ho\n"
          "post 2021-03-01 02:00:03 {} own Anna: milk\n"
          "message 2019-12-31 16:00:00 {Old} own group Anna: bye\n"
          "# result.json telegram 4 records, 2 notices\n");
}

/* The same chat alone and in everything; a message of the same words at another time is another. */
static void test_overlap(void **state)
{
    (void)state;
    static const char first[] = "{\"name\": \"Bob\", \"type\": \"personal_chat\", \"id\": 77, \"messages\": ["
                                "{\"type\": \"message\", \"date_unixtime\": \"1614564001\", \"from\": \"Bob\", "
                                "\"from_id\": \"user77\", \"text\": \"hi\"},"
                                "{\"type\": \"message\", \"date_unixtime\": \"1614564001\", \"from\": \"Bob\", "
                                "\"from_id\": \"user77\", \"text\": \"hi\"},"
                                "{\"type\": \"message\", \"date_unixtime\": \"1614564009\", \"from\": \"Bob\", "
                                "\"from_id\": \"user77\", \"text\": \"hi\"}]}";
    static const char second[] = "{\"name\": \"Bob\", \"type\": \"personal_chat\", \"id\": 77, \"messages\": ["
                                 "{\"type\": \"message\", \"date_unixtime\": \"1614564009\", \"from\": \"Bob\", "
                                 "\"from_id\": \"user77\", \"text\": \"hi\"},"
                                 "{\"type\": \"message\", \"date_unixtime\": \"1614564010\", \"from\": \"Anna\", "
                                 "\"from_id\": \"user12\", \"text\": \"hi\"}]}";
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "a.json", first, strlen(first));
    reading_add(&t, "b.json", second, strlen(second));
    reading_is(&t, "message 2021-03-01 02:00:01 {Bob} with Bob Bob: hi\n"
                   "message 2021-03-01 02:00:01 {Bob} with Bob Bob: hi\n"
                   "message 2021-03-01 02:00:09 {Bob} with Bob Bob: hi\n"
                   "message 2021-03-01 02:00:10 {Bob} own with Bob Anna: hi\n"
                   "# a.json telegram 3 records, 0 notices\n"
                   "# b.json telegram 1 records, 1 notices\n");
}

/* ---- Discord ---- */

static void test_discord(void **state)
{
    (void)state;
    reads("general.json",
          "{\"guild\": {\"id\": \"1\", \"name\": \"Sea\"}, \"channel\": {\"id\": \"2\", \"type\": \"GuildTextChat\", "
          "\"name\": "
          "\"general\"}, \"messages\": ["
          "{\"id\": \"3\", \"type\": \"Default\", \"timestamp\": \"2022-05-01T10:00:00.123+02:00\", \"content\": "
          "\"hallo\","
          " \"author\": {\"id\": \"9\", \"name\": \"anna_l\", \"nickname\": \"Anna\", \"isBot\": false}},"
          "{\"id\": \"4\", \"type\": \"GuildMemberJoin\", \"timestamp\": \"2022-05-01T10:00:01+02:00\", \"content\": "
          "\"Joined.\","
          " \"author\": {\"name\": \"bob\", \"nickname\": \"bob\"}},"
          "{\"id\": \"5\", \"type\": \"Reply\", \"timestamp\": \"2022-05-01T10:00:02+02:00\", \"content\": \"好啊\","
          " \"author\": {\"name\": \"bob\", \"nickname\": \"bob\"}},"
          "{\"id\": \"6\", \"type\": \"Default\", \"timestamp\": \"2022-05-01T10:00:03+02:00\", \"content\": \"beep\","
          " \"author\": {\"name\": \"robot\", \"isBot\": true}},"
          "{\"id\": \"7\", \"type\": \"Default\", \"timestamp\": \"2022-05-01T10:00:04+02:00\", \"content\": \"\","
          " \"author\": {\"name\": \"bob\"}, \"attachments\": [{\"id\": \"1\"}]}], \"messageCount\": 5}",
          "message 2022-05-01 08:00:00 {Sea / general} group Anna <anna_l>: hallo\n"
          "message 2022-05-01 08:00:02 {Sea / general} group bob: 好啊\n"
          "# general.json discord 2 records, 3 notices\n");
    reads("dm.json",
          "{\"guild\": {\"id\": \"0\", \"name\": \"Direct Messages\"}, \"channel\": {\"id\": \"8\", \"type\": "
          "\"DirectTextChat\", "
          "\"name\": \"bob\"}, \"messages\": [{\"type\": \"Default\", \"timestamp\": \"2022-05-01T08:00:00Z\", "
          "\"content\": \"x\", "
          "\"author\": {\"name\": \"anna_l\", \"nickname\": \"Anna\"}}]}",
          "message 2022-05-01 08:00:00 {bob} with bob Anna <anna_l>: x\n# dm.json discord 1 records, 0 notices\n");
}

/* ---- Messenger and Instagram ---- */

static void test_meta(void **state)
{
    (void)state;
    reads("inbox/zoe_1/message_1.json",
          "{\"participants\": [{\"name\": \"Zo\\u00c3\\u00ab\"}, {\"name\": \"Anna\"}], \"messages\": ["
          "{\"sender_name\": \"Anna\", \"timestamp_ms\": 1600000003000, \"content\": \"\\u00e5\\u00a5\\u00bd "
          "\\u00f0\\u009f\\u0098\\u0082\"},"
          "{\"sender_name\": \"Anna\", \"timestamp_ms\": 1600000002500, \"photos\": [{\"uri\": \"x\"}]},"
          "{\"sender_name\": \"Anna\", \"timestamp_ms\": 1600000002400, \"content\": \"You missed a call from "
          "Zo\\u00c3\\u00ab.\","
          " \"call_duration\": 0},"
          "{\"sender_name\": \"Zo\\u00c3\\u00ab\", \"timestamp_ms\": 1600000002300, \"content\": \"Zo\\u00c3\\u00ab "
          "sent an "
          "attachment.\"},"
          "{\"sender_name\": \"Zo\\u00c3\\u00ab\", \"timestamp_ms\": 1600000002200, \"content\": \"Reacted "
          "\\u00e2\\u009d\\u00a4 to your message \"},"
          "{\"sender_name\": \"Zo\\u00c3\\u00ab\", \"timestamp_ms\": 1600000002100, \"content\": \"gone\", "
          "\"is_unsent\": true},"
          "{\"sender_name\": \"Zo\\u00c3\\u00ab\", \"timestamp_ms\": 1600000001000, \"content\": "
          "\"d\\u00c3\\u00a9j\\u00c3\\u00a0?\"}],"
          "\"title\": \"Zo\\u00c3\\u00ab\", \"is_still_participant\": true, \"thread_path\": \"inbox/zoe_1\"}",
          "message 2020-09-13 12:26:41 {Zoë} with Zoë Zoë: déjà?\n"
          "message 2020-09-13 12:26:43 {Zoë} own with Zoë Anna: 好 😂\n"
          "# inbox/zoe_1/message_1.json meta 2 records, 5 notices\n");
}

/* What is right already stays; three people; more of the same thread in another file. */
static void test_meta_more(void **state)
{
    (void)state;
    static const char newer[] = "{\"participants\": [{\"name\": \"A\"}, {\"name\": \"B\"}, {\"name\": \"C\"}], "
                                "\"title\": \"海边\", \"thread_path\": "
                                "\"inbox/sea\", \"messages\": [{\"sender_name\": \"A\", \"timestamp_ms\": "
                                "1600000002000, \"content\": \"é là 下雨\"}]}";
    static const char older[] = "{\"participants\": [{\"name\": \"A\"}, {\"name\": \"B\"}, {\"name\": \"C\"}], "
                                "\"title\": \"海边\", \"thread_path\": "
                                "\"inbox/sea\", \"messages\": [{\"sender_name\": \"B\", \"timestamp_ms\": "
                                "1600000001000, \"content\": \"caf\\u00e9\"}]}";
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "message_1.json", newer, strlen(newer));
    reading_add(&t, "message_2.json", older, strlen(older));
    reading_is(&t, "message 2020-09-13 12:26:42 {海边} group A: é là 下雨\n"
                   "message 2020-09-13 12:26:41 {海边} group B: café\n"
                   "# message_1.json meta 1 records, 0 notices\n"
                   "# message_2.json meta 1 records, 0 notices\n");
    reads("Bob_1.json",
          "{\"participants\": [\"Bob\", \"Anna\"], \"threadName\": \"Bob_1\", \"messages\": [{\"isUnsent\": false, "
          "\"senderName\": "
          "\"Anna\", \"text\": \"嗯\", \"timestamp\": 1700000000000, \"type\": \"text\"}]}",
          "message 2023-11-14 22:13:20 {Bob} own with Bob Anna: 嗯\n# Bob_1.json meta 1 records, 0 notices\n");
}

/* ---- Slack ---- */

static void test_slack(void **state)
{
    (void)state;
    static const char dms[] = "[{\"id\": \"D1\", \"created\": 1, \"members\": [\"U1\", \"U2\"]}]";
    static const char users[] =
        "[{\"id\": \"U1\", \"name\": \"anna\", \"profile\": {\"real_name\": \"Anna L.\", \"display_name\": \"al\"}},"
        "{\"id\": \"U2\", \"name\": \"bob\", \"profile\": {\"real_name\": \"\", \"display_name\": \"\"}}]";
    static const char dm[] =
        "[{\"type\": \"message\", \"user\": \"U1\", \"text\": \"hi\", \"ts\": \"1600000000.000100\"}]";
    static const char day[] =
        "[{\"type\": \"message\", \"subtype\": \"channel_join\", \"user\": \"U2\", \"text\": \"<@U2> has joined\", "
        "\"ts\": \"1600000000.1\"},"
        "{\"type\": \"message\", \"user\": \"U2\", \"text\": \"<@U1> see <https://example.org|this> &amp; &lt;that&gt; "
        "in "
        "<#C1|sea>, <!here> a < b\", \"ts\": \"1600000001.000200\"},"
        "{\"type\": \"message\", \"user\": \"U3\", \"user_profile\": {\"real_name\": \"Cem\", \"name\": \"cem\"}, "
        "\"text\": \"好\","
        " \"ts\": \"1600000002.0\"},"
        "{\"type\": \"message\", \"user\": \"U3\", \"text\": \"<@U9>\", \"ts\": \"1600000003.0\"},"
        "{\"type\": \"message\", \"bot_id\": \"B1\", \"username\": \"bot\", \"text\": \"beep\", \"ts\": "
        "\"1600000004.0\"},"
        "{\"type\": \"message\", \"user\": \"U1\", \"text\": \"so\", \"ts\": \"1600000005.0\"}]";
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "work/dms.json", dms, strlen(dms));
    reading_add(&t, "work/users.json", users, strlen(users));
    reading_add(&t, "work/D1/2020-09-13.json", dm, strlen(dm));
    reading_add(&t, "work/general/2020-09-13.json", day, strlen(day));
    reading_is(&t, "message 2020-09-13 12:26:40 {D1} with Anna L., bob Anna L.: hi\n"
                   "message 2020-09-13 12:26:41 {general} group bob: @Anna L. see this & <that> in #sea, !here a < b\n"
                   "message 2020-09-13 12:26:42 {general} group Cem: 好\n"
                   "message 2020-09-13 12:26:43 {general} group Cem: @U9\n"
                   "message 2020-09-13 12:26:45 {general} group Anna L.: so\n"
                   "# work/dms.json slack 0 records, 0 notices\n"
                   "# work/users.json slack 0 records, 0 notices\n"
                   "# work/D1/2020-09-13.json slack 1 records, 0 notices\n"
                   "# work/general/2020-09-13.json slack 4 records, 2 notices\n");
}

/* ---- what is no chat ---- */

static void test_refused(void **state)
{
    (void)state;
    reads("a.json", "{\"a\": 1}", "# a.json - 0 records, 0 notices: JSON in a form that is not known here\n");
    reads("a.json", "[]", "# a.json - 0 records, 0 notices: JSON in a form that is not known here\n");
    reads("a.json",
          "{\"a\": ", "# a.json - 0 records, 0 notices: it is not valid JSON: unexpected end of data at byte 6\n");
    reads("a.md", "{what a day}", "text - {a} : {what a day}\n# a.md text 1 records, 0 notices\n");
    char deep[400] = "{\"a\":";
    memset(deep + 5, '[', 200);
    deep[205] = '\0';
    reads("a.json", deep, "# a.json - 0 records, 0 notices: it nests deeper than 64 levels\n");
    /* Members of other types than they should have. */
    reads("a.json",
          "{\"name\": 1, \"type\": \"personal_chat\", \"id\": \"x\", \"messages\": [1, null, {\"type\": \"message\", "
          "\"text\": "
          "7}, {\"type\": \"message\", \"text\": [[1], {\"text\": 1}, \"so\"]}]}",
          "message - {} : so\n# a.json telegram 1 records, 3 notices\n");
    reads(
        "a.json",
        "{\"guild\": {}, \"channel\": {\"id\": \"1\"}, \"messages\": [1, {\"author\": 2, \"content\": \"a\\u0000b\"}]}",
        "message - {/} group : ab\n# a.json discord 1 records, 1 notices\n");
    reads("a.json", "{\"participants\": [1, 2], \"title\": \"\", \"messages\": [3, {\"content\": \"x\"}]}",
          "message - {} : x\n# a.json meta 1 records, 1 notices\n");
    reads("a.json", "[{\"ts\": \"x\", \"type\": \"message\"}, 1, {\"type\": \"message\", \"text\": \"<\"}]",
          "message - {} : <\n# a.json slack 1 records, 2 notices\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_telegram_chat), cmocka_unit_test(test_telegram_all), cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_discord),       cmocka_unit_test(test_meta),         cmocka_unit_test(test_meta_more),
        cmocka_unit_test(test_slack),         cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
