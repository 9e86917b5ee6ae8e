/* Cards in and out: every container, every version, what is not known survives, what is hostile is refused. */
#include "base/mem.h"
#include "card/card.h"
#include "card/container.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

/* ---- ten cards: the examples of the two specifications retold, and some made by hand ---- */

static const char *const cards[] = {
    /* V1, with members that nobody knows */
    "{\"name\":\"Aiko\",\"description\":\"a gardener\",\"personality\":\"calm\",\"scenario\":\"a "
    "greenhouse\",\"first_mes\":\"Hello {{user}}.\","
    "\"mes_example\":\"<START>\\n{{user}}: hi\\n{{char}}: hi\",\"metadata\":{\"version\":1.10,\"tool\":null}}",
    "{\"char_name\":\"x\",\"name\":\"Old\",\"description\":\"\",\"personality\":\"\",\"scenario\":\"\",\"first_mes\":"
    "\"\",\"mes_example\":\"\"}",
    /* V2 */
    "{\"spec\":\"chara_card_v2\",\"spec_version\":\"2.0\",\"data\":{\"name\":\"Bram\",\"description\":\"{{char}} is a "
    "baker.\",\"personality\":\"\","
    "\"scenario\":\"\",\"first_mes\":\"Morning!\",\"mes_example\":\"\",\"creator_notes\":\"n\",\"system_prompt\":\"{{"
    "original}} x\","
    "\"post_history_instructions\":\"\",\"alternate_greetings\":[\"Evening!\",\"\"],\"tags\":[\"bread\"],\"creator\":"
    "\"me\","
    "\"character_version\":\"main\",\"extensions\":{\"depth_prompt\":{\"depth\":4,\"prompt\":\"z\"},\"vendor/"
    "x\":[1.50e300,-0.0,12345678901234567890]}}}",
    /* V2 with a book */
    "{\"spec\":\"chara_card_v2\",\"spec_version\":\"2.0\",\"data\":{\"name\":\"Cleo\",\"description\":\"\","
    "\"personality\":\"\",\"scenario\":\"\","
    "\"first_mes\":\"\",\"mes_example\":\"\",\"creator_notes\":\"\",\"system_prompt\":\"\",\"post_history_"
    "instructions\":\"\","
    "\"alternate_greetings\":[],\"tags\":[],\"creator\":\"\",\"character_version\":\"\",\"extensions\":{},\"character_"
    "book\":{\"extensions\":{},"
    "\"entries\":[{\"keys\":[\"cat\"],\"content\":\"a "
    "cat\",\"extensions\":{},\"enabled\":true,\"insertion_order\":1}]}}}",
    /* V3 */
    "{\"spec\":\"chara_card_v3\",\"spec_version\":\"3.0\",\"data\":{\"name\":\"Dora\",\"nickname\":\"D\","
    "\"description\":\"\",\"tags\":[],\"creator\":\"\","
    "\"character_version\":\"\",\"mes_example\":\"\",\"extensions\":{},\"system_prompt\":\"\",\"post_history_"
    "instructions\":\"\",\"first_mes\":\"Hi\","
    "\"alternate_greetings\":[],\"personality\":\"\",\"scenario\":\"\",\"creator_notes\":\"\",\"group_only_greetings\":"
    "[\"all\"],"
    "\"creator_notes_multilingual\":{\"zh\":\"备注\"},\"source\":[\"a:b\"],\"creation_date\":1700000000,\"assets\":[{"
    "\"type\":\"icon\","
    "\"uri\":\"embeded://assets/icon/main.png\",\"name\":\"main\",\"ext\":\"png\"}]}}",
    /* Chinese, with emoji and escapes */
    "{\"spec\":\"chara_card_v3\",\"spec_version\":\"3.0\",\"data\":{\"name\":\"小月\",\"description\":"
    "\"在\\u6c5f\\u5357 🌙\",\"extensions\":{\"甲\":\"乙\"},\"group_only_greetings\":[]}}",
    /* a newer minor version */
    "{\"spec\":\"chara_card_v3\",\"spec_version\":\"3.1\",\"data\":{\"name\":\"Eve\",\"unheard_of\":{\"deep\":[[[]]]}}"
    "}",
    /* nulls where texts should be */
    "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"Finn\",\"description\":null,\"tags\":null,\"character_book\":"
    "null}}",
    /* white space and order */
    " {\n  \"data\" : { \"extensions\" : {}, \"name\" : \"Gus\" } ,\n \"spec_version\":\"2.0\", \"spec\" : "
    "\"chara_card_v2\" }\n",
    /* markup, to be shown as text */
    "{\"name\":\"<script>alert(1)</script>\",\"description\":\"<img src=x "
    "onerror=alert(1)>\",\"personality\":\"\",\"scenario\":\"\",\"first_mes\":\"\",\"mes_example\":\"\"}",
};
#define N_CARDS (sizeof(cards) / sizeof(cards[0]))

static struct card *read_card(const void *data, size_t n)
{
    struct card *c = NULL;
    anima_error err = { 0 };
    int rc = card_read(data, n, &c, &err);
    if (rc)
        fail_msg("%s", err.message);
    return c;
}

static struct buf write_card(const struct card *c, enum card_container container, enum card_version version)
{
    struct buf out;
    anima_error err = { 0 };
    buf_init(&out, CARD_MAX_FILE);
    int rc = card_write(c, container, version, NULL, 0, &out, &err);
    if (rc)
        fail_msg("%s", err.message);
    return out;
}

/* Through each container and back: the same bytes of JSON. */
static void test_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CARDS; i++) {
        struct card *c = read_card(cards[i], strlen(cards[i]));
        for (int container = CARD_JSON; container <= CARD_CHARX; container++) {
            if (container == CARD_CHARX && card_version(c) != CARD_V3)
                continue;
            if (container == CARD_PNG && card_version(c) == CARD_V1)
                continue; /* see test_versions: a PNG holds what it was given */
            struct buf packed = write_card(c, (enum card_container)container, 0);
            struct card *again = read_card(packed.data, packed.len);
            struct buf json = write_card(again, CARD_JSON, 0);
            assert_int_equal(card_container(again), container);
            assert_int_equal(card_version(again), card_version(c));
            assert_string_equal(buf_str(&json), cards[i]);
            buf_finish(&json);
            buf_finish(&packed);
            card_free(again);
        }
        card_free(c);
    }
}

/* Up and down between the versions: nothing that came is lost. */
static void test_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CARDS; i++) {
        struct card *c = read_card(cards[i], strlen(cards[i]));
        for (int version = CARD_V1; version <= CARD_V3; version++) {
            struct buf json = write_card(c, CARD_JSON, (enum card_version)version);
            struct card *again = read_card(json.data, json.len);
            assert_int_equal(card_version(again), version);
            static const char *const members[] = { "name", "description", "first_mes", "creator", "nickname" };
            for (size_t m = 0; m < 5; m++)
                assert_string_equal(card_text(again, members[m]), card_text(c, members[m]));
            buf_finish(&json);
            card_free(again);
        }
        struct buf png = write_card(c, CARD_PNG, 0);
        struct card *again = read_card(png.data, png.len);
        assert_string_equal(card_text(again, "name"), card_text(c, "name"));
        buf_finish(&png);
        card_free(again);
        card_free(c);
    }
    struct card *bram = read_card(cards[2], strlen(cards[2]));
    struct buf v3 = write_card(bram, CARD_JSON, CARD_V3);
    assert_non_null(strstr(v3.data, "[1.50e300,-0.0,12345678901234567890]")); /* digit by digit */
    assert_non_null(strstr(v3.data, "\"group_only_greetings\":[]"));
    buf_finish(&v3);
    card_free(bram);
}

static void test_changes(void **state)
{
    (void)state;
    struct card *c = read_card(cards[2], strlen(cards[2]));
    assert_int_equal(card_set(c, "name", "Bram", NULL), 0); /* no change */
    struct buf same = write_card(c, CARD_JSON, 0);
    assert_string_equal(same.data, cards[2]);
    buf_finish(&same);
    const char *const greetings[] = { "One", "二" };
    assert_int_equal(card_set(c, "first_mes", "Good \"evening\"", NULL), 0);
    assert_int_equal(card_set(c, "first_mes", "Good night", NULL), 0);
    assert_int_equal(card_set(c, "nickname", "B", NULL), 0);
    assert_int_equal(card_set_list(c, "alternate_greetings", greetings, 2, NULL), 0);
    assert_string_equal(card_text(c, "first_mes"), "Good night");
    struct buf json = write_card(c, CARD_JSON, 0);
    struct card *again = read_card(json.data, json.len);
    assert_string_equal(card_text(again, "first_mes"), "Good night");
    assert_string_equal(card_text(again, "nickname"), "B");
    assert_string_equal(yyjson_get_str(yyjson_arr_get(card_member(again, "alternate_greetings"), 1)), "二");
    assert_non_null(strstr(json.data, "[1.50e300,-0.0,12345678901234567890]"));
    buf_finish(&json);
    card_free(again);
    card_free(c);
    assert_int_equal(card_new("New", &c, NULL), 0);
    assert_string_equal(card_text(c, "name"), "New");
    card_free(c);
}

static void test_picture(void **state)
{
    (void)state;
    struct buf blank, charx;
    size_t n;
    const char *type = "";
    buf_init(&blank, CARD_MAX_FILE);
    buf_init(&charx, CARD_MAX_FILE);
    assert_int_equal(png_blank(64, &blank, NULL), 0);
    struct card_asset assets[] = { { "assets/icon/other.png", "no", 2 },
                                   { "assets/icon/main.png", blank.data, blank.len } };
    assert_int_equal(charx_write(cards[4], strlen(cards[4]), assets, 2, &charx, NULL), 0);
    struct card *c = read_card(charx.data, charx.len);
    const char *picture = card_picture(c, &n, &type);
    assert_int_equal(n, blank.len);
    assert_memory_equal(picture, blank.data, n);
    struct buf png = write_card(c, CARD_PNG, 0), again_charx = write_card(c, CARD_CHARX, 0);
    struct card *from_png = read_card(png.data, png.len), *from_charx = read_card(again_charx.data, again_charx.len);
    assert_string_equal(card_text(from_png, "name"), "Dora");
    assert_non_null(card_picture(from_png, &n, &type));
    assert_non_null(card_picture(from_charx, &n, &type));
    assert_int_equal(n, blank.len);
    card_free(from_png);
    card_free(from_charx);
    card_free(c);
    buf_finish(&png);
    buf_finish(&again_charx);
    buf_finish(&blank);
    buf_finish(&charx);
}

static void refused(const void *data, size_t n, int code, const char *word)
{
    struct card *c = NULL;
    anima_error err = { 0 };
    assert_int_equal(card_read(data, n, &c, &err), code);
    assert_null(c);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

static void test_bad_json(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
        int code;
    } cases[] = {
        { "", "card", ANIMA_E_INVALID },
        { "[]", "object", ANIMA_E_INVALID },
        { "{}", "no name", ANIMA_E_INVALID },
        { "{\"name\":7}", "no name", ANIMA_E_INVALID },
        { "{\"name\":\"x\",\"description\":[]}", "description", ANIMA_E_INVALID },
        { "{\"spec\":\"chara_card_v9\",\"data\":{\"name\":\"x\"}}", "another kind", ANIMA_E_UNSUPPORTED },
        { "{\"spec\":\"chara_card_v2\",\"data\":7}", "no \"data\"", ANIMA_E_INVALID },
        { "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"x\",\"tags\":\"y\"}}", "tags", ANIMA_E_INVALID },
        { "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"x\",\"character_book\":[]}}", "character_book",
          ANIMA_E_INVALID },
        { "{\"name\":\"\xff\"}", "card", ANIMA_E_INVALID },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i].text, strlen(cases[i].text), cases[i].code, cases[i].word);
    char deep[4000];
    memset(deep, '[', sizeof(deep));
    memcpy(deep, "{\"name\":", 8);
    refused(deep, sizeof(deep), ANIMA_E_LIMIT, "");
    char *large = mem_alloc(CARD_MAX_JSON + 100);
    assert_non_null(large);
    memset(large, ' ', CARD_MAX_JSON + 100);
    refused(large, CARD_MAX_JSON + 100, ANIMA_E_LIMIT, "");
    mem_free(large);
}

static void test_bad_png(void **state)
{
    (void)state;
    struct card *c = read_card(cards[4], strlen(cards[4]));
    struct buf png = write_card(c, CARD_PNG, 0), blank;
    buf_init(&blank, CARD_MAX_FILE);
    assert_int_equal(png_blank(8, &blank, NULL), 0);
    refused(blank.data, blank.len, ANIMA_E_NOT_FOUND, "picture, not a card");
    for (size_t n = 8; n < png.len; n += 97)
        refused(png.data, n, ANIMA_E_INVALID, "cut off");
    char *at = memmem(png.data, png.len, "ccv3", 4);
    assert_non_null(at);
    at[20] ^= 1;
    refused(png.data, png.len, ANIMA_E_INVALID, "checksum");
    struct png_text wrong = { "chara", "!!!!", 4 };
    struct buf bad;
    buf_init(&bad, CARD_MAX_FILE);
    assert_int_equal(png_write(blank.data, blank.len, &wrong, 1, &bad, NULL), 0);
    refused(bad.data, bad.len, ANIMA_E_INVALID, "base64");
    buf_finish(&bad);
    buf_finish(&png);
    buf_finish(&blank);
    card_free(c);
}

static void refuse_archive(const char *path, const char *data, size_t n, int code, const char *word)
{
    struct buf out;
    struct card_asset asset = { (char *)(uintptr_t)path, (char *)(uintptr_t)data, n };
    buf_init(&out, CARD_MAX_FILE);
    assert_int_equal(charx_write(cards[4], strlen(cards[4]), &asset, 1, &out, NULL), 0);
    refused(out.data, out.len, code, word);
    buf_finish(&out);
}

static void test_bad_charx(void **state)
{
    (void)state;
    refused("PK\3\4 and nothing more", 22, ANIMA_E_INVALID, "archive");
    static const char *const paths[] = { "../x.png", "a/../../x", "/etc/passwd", "a//b", "a\\..\\b", "./x", "C:x" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        refuse_archive(paths[i], "x", 1, ANIMA_E_INVALID, "leave its folder");
    /* A bomb: 200 MB of zeros pack into 200 kB. */
    size_t n = 200u << 20;
    char *zeros = mem_zero(1, n);
    assert_non_null(zeros);
    refuse_archive("assets/bomb.bin", zeros, n, ANIMA_E_LIMIT, "larger than");
    mem_free(zeros);
    struct buf out;
    buf_init(&out, CARD_MAX_FILE);
    assert_int_equal(charx_write("{\"name\":\"x\"}", 12, NULL, 0, &out, NULL), 0);
    struct card *c = read_card(out.data, out.len); /* V1 in an archive: strange, but whole */
    card_free(c);
    for (size_t cut = 1; cut < out.len; cut += 7)
        refused(out.data, cut, ANIMA_E_INVALID, "");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_versions), cmocka_unit_test(test_changes),
        cmocka_unit_test(test_picture),     cmocka_unit_test(test_bad_json), cmocka_unit_test(test_bad_png),
        cmocka_unit_test(test_bad_charx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
