/* A message a line: JSONL of anybody, of anima, of SillyTavern. */
#include "reading.h"

static void plain(void **state)
{
    (void)state;
    reads("chats/Old.jsonl",
          "{\"speaker\":\"Anna\",\"text\":\"下雨了\",\"at\":1614564001000}\n"
          "\n"
          "{\"speaker\":\"Ben\",\"text\":\"a\\nb\",\"at\":\"2021-03-01T10:00:02\",\"own\":true}\r\n"
          "{\"speaker\":\"Ben\",\"text\":\"\"}\n"
          "not JSON\n"
          "[1]\n"
          "{\"speaker\":\"Cem\",\"text\":\"no time\",\"at\":-5}\n",
          "message 2021-03-01 02:00:01 {Old} group Anna: 下雨了\n"
          "message 2021-03-01 02:00:02 {Old} own group Ben: a\\nb\n"
          "message - {Old} group Cem: no time\n"
          "# chats/Old.jsonl jsonl 3 records, 2 notices: line 5 is no JSON\n");
}

static void in_which_talk(void **state)
{
    (void)state;
    reads("all.jsonl",
          "{\"talk\":\"x\",\"title\":\"Sea\",\"group\":true,\"speaker\":\"Anna\",\"text\":\"one\",\"at\":1614564001}\n"
          "{\"talk\":\"y\",\"title\":\"Ben\",\"group\":false,\"with\":[\"Ben\",7,\"Cem\"],\"speaker\":\"Anna\","
          "\"text\":\"two\","
          "\"at\":1614564002}\n"
          "{\"talk\":\"y\",\"speaker\":\"Dora\",\"text\":\"three\",\"at\":1614564003}\n",
          "message 2021-03-01 02:00:01 {Sea} group Anna: one\n"
          "message 2021-03-01 02:00:02 {Ben} with Ben, Cem Anna: two\n"
          "message 2021-03-01 02:00:03 {Ben} with Ben, Cem Dora: three\n"
          "# all.jsonl jsonl 3 records, 0 notices\n");
}

static void of_sillytavern(void **state)
{
    (void)state;
    reads("Lin - 2024.jsonl",
          "{\"user_name\":\"Ann\",\"character_name\":\"Lin\",\"create_date\":\"2024-3-1@14h05m09s\",\"chat_metadata\":{"
          "}}\n"
          "{\"name\":\"Lin\",\"is_user\":false,\"is_system\":false,\"send_date\":\"March 1, 2024 "
          "2:05pm\",\"mes\":\"在吗\","
          "\"swipes\":[\"在吗\",\"嗯\"]}\n"
          "{\"name\":\"Ann\",\"is_user\":true,\"send_date\":\"March 1, 2024 2:06pm\",\"mes\":\"here\"}\n"
          "{\"name\":\"System\",\"is_system\":true,\"mes\":\"hidden\"}\n",
          "message 2024-03-01 06:05:00 {Lin - 2024} Lin: 在吗\n"
          "message 2024-03-01 06:06:00 {Lin - 2024} own Ann: here\n"
          "# Lin - 2024.jsonl sillytavern 2 records, 1 notices\n");
}

static void of_anima(void **state)
{
    (void)state;
    reads("talk.jsonl",
          "{\"anima\":1,\"kind\":\"conversation\",\"character\":\"lin\",\"title\":\"Tea\",\"created_ms\":1}\n"
          "{\"seq\":1,\"role\":\"person\",\"person\":\"Ann\",\"text\":\"tea?\",\"created_ms\":1614564001000}\n"
          "{\"seq\":2,\"role\":\"character\",\"person\":\"\",\"text\":\"yes\",\"created_ms\":1614564002000}\n",
          "message 2021-03-01 02:00:01 {Tea} Ann: tea?\n"
          "message 2021-03-01 02:00:02 {Tea} : yes\n"
          "# talk.jsonl anima 2 records, 0 notices\n");
}

static void remembered(void **state)
{
    (void)state;
    struct reading t;
    static const char text[] =
        "{\"anima\":1,\"kind\":\"memory\"}\n"
        "{\"talk\":\"a\",\"of\":\"lin\",\"speaker\":\"Ann\",\"text\":\"one\",\"at\":1614564001000,\"class\":\"secret\","
        "\"everyone\":false,\"excluded\":[\"Ben\"],\"allowed\":[],\"witnesses\":[\"Ann\"]}\n"
        "{\"talk\":\"a\",\"of\":\"lin\",\"speaker\":\"lin\",\"character\":true,\"text\":\"two\",\"at\":1614564002000,"
        "\"class\":"
        "\"personal\",\"witnesses\":\"x\"}\n"
        "{\"talk\":\"b\",\"speaker\":\"Ann\",\"text\":\"three\",\"at\":1614564003000}\n";
    reading_begin(&t);
    reading_add(&t, "memory.jsonl", text, strlen(text));
    free(reading_end(&t));
    assert_int_equal(t.book.n_records, 3);
    const struct twin_record *r = t.book.records;
    assert_string_equal(r[0].memory, "{\"of\":\"lin\",\"class\":\"secret\",\"everyone\":false,\"excluded\":[\"Ben\"],"
                                     "\"allowed\":[],\"witnesses\":[\"Ann\"]}");
    assert_string_equal(r[1].memory, "{\"of\":\"lin\",\"class\":\"personal\",\"everyone\":false}");
    assert_string_equal(r[2].memory, "");
    assert_int_equal(r[0].character, 0);
    assert_int_equal(r[1].character, 1);
    assert_string_equal(t.book.files[0].format, "memory");
    reading_finish(&t);
}

static void other_json_is_none(void **state)
{
    (void)state;
    reads("a.json", "{\"speaker\":5,\"text\":\"x\"}\n{}\n",
          "# a.json - 0 records, 0 notices: it is not valid JSON: unexpected content after document at byte 25\n");
    reads("note.txt", "{\"text\": \"a recipe\"}\n",
          "text - {note} : {\"text\": \"a recipe\"}\n# note.txt text 1 records, 0 notices\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),    cmocka_unit_test(in_which_talk), cmocka_unit_test(of_sillytavern),
        cmocka_unit_test(of_anima), cmocka_unit_test(remembered),    cmocka_unit_test(other_json_is_none),
    };
    return cmocka_run_group_tests(tests, reading_zone, NULL);
}
