/* WhatsApp's exports: heads of Android and iOS in several regions, the order of day and month, what is no message. */
#include "reading.h"

static void test_android(void **state)
{
    (void)state;
    reads(
        "WhatsApp Chat with Bob.txt",
        "12/31/20, 11:58 PM - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n"
        "12/31/20, 11:59 PM - Bob: happy new year: soon\n"
        "1/1/21, 12:01\xE2\x80\xAF"
        "AM - Anna L.: and to you\n"
        "see you\n"
        "\n"
        "at ten\n"
        "1/1/21, 12:02 AM - Anna L.: <Media omitted>\n"
        "1/1/21, 12:03 AM - Bob: IMG-20210101-WA0001.jpg (file attached)\n"
        "what a sky\n"
        "1/1/21, 12:04 AM - Bob: This message was deleted\n"
        "1/1/21, 12:05 AM - Missed voice call\n"
        "1/1/21, 12:06 AM - Anna L.: You deleted this message\n"
        "1/1/21, 12:07 AM - Bob: ok <This message was edited>\n",
        "message 2020-12-31 15:59:00 {Bob} Bob: happy new year: soon\n"
        "message 2020-12-31 16:01:00 {Bob} own Anna L.: and to you\\nsee you\\n\\nat ten\n"
        "message 2020-12-31 16:03:00 {Bob} Bob: what a sky\n"
        "message 2020-12-31 16:07:00 {Bob} Bob: ok\n"
        "# WhatsApp Chat with Bob.txt whatsapp 4 records, 5 notices\n");
}

static void test_ios(void **state)
{
    (void)state;
    reads("WhatsApp Chat - Ferien/_chat.txt",
          "\xE2\x80\x8E[31.12.20, 23:58:00] Ferien: \xE2\x80\x8EMessages and calls are end-to-end encrypted.\r\n"
          "[31.12.20, 23:59:58] Bob: hallo\r\n"
          "[31.12.20, 23:59:59] Anna: ja\r\nund nein\r\n"
          "\xE2\x80\x8E[01.01.21, 00:00:01] Anna: \xE2\x80\x8E<attached: 0001-PHOTO.jpg>\r\n"
          "[01.01.21, 00:00:02] ~\xE2\x80\xAF"
          "Cem: bild \xE2\x80\x8E<attached: 0002-PHOTO.jpg>\r\n"
          "[01.01.21, 00:00:03] Anna: oh \xE2\x80\x8E<This message was edited>\r\n",
          "message 2020-12-31 15:59:58 {Ferien} group Bob: hallo\n"
          "message 2020-12-31 15:59:59 {Ferien} group Anna: ja\\nund nein\n"
          "message 2020-12-31 16:00:02 {Ferien} group Cem: bild\n"
          "message 2020-12-31 16:00:03 {Ferien} group Anna: oh\n"
          "# WhatsApp Chat - Ferien/_chat.txt whatsapp 4 records, 2 notices\n");
}

static void test_chinese(void **state)
{
    (void)state;
    reads("x/与小李的 WhatsApp 聊天.txt",
          "2020/12/31 下午11:58 - 消息和通话已进行端到端加密。\n"
          "2020/12/31 下午11:59 - 小李: 新年快乐\n"
          "2021/1/1 上午12:01 - 安娜: 你也是：明年见\n"
          "2021/1/1 中午12:30 - 安娜: 吃了吗\n"
          "2021/1/1 凌晨1:30 - 安娜: <省略多媒体文件>\n"
          "2021/1/1 下午1:31 - 小李: 此消息已被删除\n"
          "2021/1/1 下午1:32 - 小李 将群组名称改为“海: 边”\n",
          "message 2020-12-31 15:59:00 {小李} 小李: 新年快乐\n"
          "message 2020-12-31 16:01:00 {小李} 安娜: 你也是：明年见\n"
          "message 2021-01-01 04:30:00 {小李} 安娜: 吃了吗\n"
          "# x/与小李的 WhatsApp 聊天.txt whatsapp 3 records, 4 notices\n");
    reads("_chat.txt", "[2020年12月31日 下午11:59:59] 小李: 好\n",
          "message 2020-12-31 15:59:59 {} 小李: 好\n# _chat.txt whatsapp 1 records, 0 notices\n");
}

/* The time of the first message, and of the last. */
static void dates(const char *lines, const char *first, const char *last)
{
    struct reading t;
    reading_begin(&t);
    reading_add(&t, "a.txt", lines, strlen(lines));
    char *all = reading_end(&t), *line = all, *end = strstr(all, "\n#");
    assert_non_null(end);
    *end = '\0';
    if (strncmp(line, "message ", 8) != 0 || strncmp(line + 8, first, strlen(first)) != 0)
        fail_msg("%s is not %s", line, first);
    line = strrchr(all, '\n') ? strrchr(all, '\n') + 1 : all;
    if (strncmp(line + 8, last, strlen(last)) != 0)
        fail_msg("%s is not %s", line, last);
    free(all);
    reading_finish(&t);
}

static void test_order(void **state)
{
    (void)state;
    /* A number above 12 decides, wherever it stands. */
    dates("3/4/20, 10:00 - A: x\n25/4/20, 10:00 - A: x\n", "2020-04-03", "2020-04-25");
    dates("3/4/20, 10:00 - A: x\n4/25/20, 10:00 - A: x\n", "2020-03-04", "2020-04-25");
    /* Else time runs forward. */
    dates("3/4/20, 10:00 - A: x\n2/5/20, 10:00 - A: x\n", "2020-04-03", "2020-05-02");
    dates("2/5/20, 10:00 AM - A: x\n3/4/20, 10:00 AM - A: x\n", "2020-02-05", "2020-03-04");
    /* Else it is told by the clock. */
    dates("3/4/20, 10:00 - A: x\n", "2020-04-03", "2020-04-03");
    dates("3/4/20, 10:00 AM - A: x\n", "2020-03-04", "2020-03-04");
    dates("3.4.20, 10:00 AM - A: x\n", "2020-04-03", "2020-04-03");
    dates("3/4/2020, 10:00 - A: x\n", "2020-04-03", "2020-04-03");
    dates("2020-04-03, 10:00 - A: x\n", "2020-04-03", "2020-04-03");
}

static void test_clocks(void **state)
{
    (void)state;
    dates("31/12/20, 9:05 p.\xC2\xA0m. - A: x\n", "2020-12-31 13:05:00", "");
    dates("31/12/20, 12:05 a. m. - A: x\n", "2020-12-30 16:05:00", "");
    dates("31/12/2020 21:05 - A: x\n", "2020-12-31 13:05:00", "");
    dates("[31.12.2020 klo 21.05.07] A: x\n", "2020-12-31 13:05:07", "");
    dates("31-12-2020 21:05 – A: x\n", "2020-12-31 13:05:00", "");
    dates("31/12/20 at 9:05 PM - A: x\n", "2020-12-31 13:05:00", "");
    dates("31/12/20, 25:05 - A: x\n", "- ", ""); /* no such time: unknown */
}

static void test_is_not(void **state)
{
    (void)state;
    reads("a.txt", "Dear diary: it rained.\n1/2/20, 10:00 - Bob: hi\n",
          "text - {a} : Dear diary: it rained.\\n1/2/20, 10:00 - Bob: hi\n# a.txt text 1 records, 0 notices\n");
    reads("a.txt", "1/2/20 was a day.\n", "text - {a} : 1/2/20 was a day.\n# a.txt text 1 records, 0 notices\n");
    reads("a.txt", "12345/1/20, 10:00 - A: x\n",
          "text - {a} : 12345/1/20, 10:00 - A: x\n# a.txt text 1 records, 0 notices\n");
    /* What follows a line of WhatsApp's own is not the words of who spoke before. */
    reads("a.txt", "1/2/20, 10:00 - A: x\n1/2/20, 10:01 - A changed the description\nto this\n",
          "message 2020-02-01 02:00:00 {a} A: x\n# a.txt whatsapp 1 records, 1 notices\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_android), cmocka_unit_test(test_ios),    cmocka_unit_test(test_chinese),
        cmocka_unit_test(test_order),   cmocka_unit_test(test_clocks), cmocka_unit_test(test_is_not),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
