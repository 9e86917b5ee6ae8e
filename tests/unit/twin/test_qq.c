/* The text of QQ and of tools for WeChat, and their CSV. */
#include "reading.h"

static void test_private(void **state)
{
    (void)state;
    reads("全部消息记录.txt",
          "消息记录（此消息记录为文本格式，不支持重新导入）\r\n\r\n"
          "================================================================\r\n消息分组:我的好友\r\n"
          "================================================================\r\n消息对象:小李\r\n"
          "================================================================\r\n\r\n"
          "2017-02-25 10:40:20 小李\r\n在吗\r\n\r\n"
          "2017-02-25 8:40:22 安娜\r\n在\r\n刚起床[图片]\r\n\r\n"
          "2017-02-25 10:41:00 小李\r\n[图片]\r\n\r\n"
          "2017-02-25 10:41:01 系统消息(10000)\r\n你们已成为好友\r\n\r\n"
          "================================================================\r\n消息对象:妈妈\r\n"
          "================================================================\r\n\r\n"
          "2017-02-26 下午 7:00:00 妈妈\r\n吃饭了吗\r\n",
          "message 2017-02-25 02:40:20 {小李} 小李: 在吗\n"
          "message 2017-02-25 00:40:22 {小李} 安娜: 在\\n刚起床\n"
          "message 2017-02-26 11:00:00 {妈妈} 妈妈: 吃饭了吗\n"
          "# 全部消息记录.txt qq 3 records, 2 notices\n");
}

static void test_group(void **state)
{
    (void)state;
    reads("海边.txt",
          "消息对象:海边的人\n\n"
          "2020-01-01 10:00:00 【管理员】李(老师)(20002)\n大家好\n\n"
          "2020-01-01 10:00:01 安娜(10001)\n好\n\n"
          "2020-01-01 10:00:02 安娜改名了(10001)\n[动画表情]哈哈\n\n"
          "2020-01-01 10:00:03 Bob<bob@example.org>\nhi\n\n"
          "2020-01-01 10:00:04 (10001)\n安娜撤回了一条消息\n\n",
          "message 2020-01-01 02:00:00 {海边的人} group 李(老师) <20002>: 大家好\n"
          "message 2020-01-01 02:00:01 {海边的人} group 安娜 <10001>: 好\n"
          "message 2020-01-01 02:00:02 {海边的人} group 安娜 <10001>: 哈哈\n"
          "message 2020-01-01 02:00:03 {海边的人} group Bob <bob@example.org>: hi\n"
          "# 海边.txt qq 4 records, 1 notices\n");
}

static void test_wechat_text(void **state)
{
    (void)state;
    reads("微信/小李.txt",
          "2023-05-04 12:34:56 小李\n下班了\n\n2023-05-04 12:35:00 安娜\n我还没有[捂脸]\n\n"
          "2023-05-04 12:36:00 安娜\n[文件] a.pdf\n\n2023-05-04 12:37:00 小李\n通话时长 01:20\n",
          "message 2023-05-04 04:34:56 {小李} 小李: 下班了\n"
          "message 2023-05-04 04:35:00 {小李} 安娜: 我还没有[捂脸]\n"
          "# 微信/小李.txt qq 2 records, 2 notices\n");
    reads("diary.txt", "2023-05-04 12:34\nIt rained.\n",
          "text - {diary} : 2023-05-04 12:34\\nIt rained.\n# diary.txt text 1 records, 0 notices\n");
    reads("diary.txt", "2023-05-04 12:34:56 up\n",
          "text - {diary} : 2023-05-04 12:34:56 up\n# diary.txt text 1 records, 0 notices\n");
}

/* The way most such files come from a Windows machine. */
static void test_gb18030(void **state)
{
    (void)state;
    static const char data[] = "2017-02-25 10:40:20 \xD0\xA1\xC0\xEE\r\n\xD4\xDA\xC2\xF0\r\n"; /* 小李, 在吗 */
    reads("a.txt", data, "message 2017-02-25 02:40:20 {a} 小李: 在吗\n# a.txt qq 1 records, 0 notices\n");
}

#define HEAD "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\r\n"

static void test_csv_private(void **state)
{
    (void)state;
    reads("聊天记录/小李/小李_utf8.csv",
          "\xEF\xBB\xBF" HEAD "1,3,1,0,0,1683174896,,下班了,2023-05-04 12:34:56\r\n"
          "2,3,1,0,1,1683174897,,\"是的,\n我\"\"也\"\"是\",2023-05-04 12:34:57\r\n"
          "3,3,3,0,0,1683174898,,<msg><img/></msg>,2023-05-04 12:34:58\r\n"
          "4,3,10000,0,0,1683174899,,小李 拍了拍你,2023-05-04 12:34:59\r\n"
          "5,3,1,0,0,1683174900,,好,\r\n\r\n",
          "message 2023-05-04 04:34:56 {小李} with 小李 小李: 下班了\n"
          "message 2023-05-04 04:34:57 {小李} own with 小李 : 是的,\\n我\"也\"是\n"
          "message 2023-05-04 04:35:00 {小李} with 小李 小李: 好\n"
          "# 聊天记录/小李/小李_utf8.csv wechat 3 records, 2 notices\n");
}

static void test_csv_group(void **state)
{
    (void)state;
    reads("海边.csv",
          HEAD "1,9,1,0,0,1683174896,,大家好,2023-05-04 12:34:56,李老师,Li,wxid_2\n"
               "2,9,1,0,1,1683174897,,好,2023-05-04 12:34:57,,安娜,wxid_1\n"
               "3,9,1,0,0,1683174898,,来了,2023-05-04 12:34:58,,Bob,wxid_3\n",
          "message 2023-05-04 04:34:56 {海边} group 李老师 <wxid_2>: 大家好\n"
          "message 2023-05-04 04:34:57 {海边} own group : 好\n"
          "message 2023-05-04 04:34:58 {海边} group Bob <wxid_3>: 来了\n"
          "# 海边.csv wechat 3 records, 0 notices\n");
}

static void test_csv_odd(void **state)
{
    (void)state;
    reads("a.csv", "a,b\n1,2\n", "# a.csv - 0 records, 0 notices: its form is not known here\n");
    /* Columns in another order; a quotation mark that does not close; rows too short. */
    reads("a.csv", "StrContent,IsSender\nhi,0\n,\nx\n\"open,1\nstill",
          "message - {a} with a a: hi\n# a.csv wechat 1 records, 3 notices: "
          "the quotation mark in line 5 is never closed: what follows it is one message\n");
    reads("a.csv", "IsSender,StrContent\n1,\"a\"b\n",
          "message - {a} own with a : ab\n# a.csv wechat 1 records, 0 notices\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private), cmocka_unit_test(test_group),       cmocka_unit_test(test_wechat_text),
        cmocka_unit_test(test_gb18030), cmocka_unit_test(test_csv_private), cmocka_unit_test(test_csv_group),
        cmocka_unit_test(test_csv_odd),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
