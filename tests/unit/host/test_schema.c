/* JSON schemas as grammars: the constructs that are kept, and those that are refused with a reason. That llama.cpp reads
 * the grammars is shown by test_llama.c. */
#include "base/json.h"
#include "base/mem.h"
#include "host/schema_gbnf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int convert(const char *json, struct buf *out, anima_error *err)
{
    yyjson_doc *doc = NULL;
    buf_init(out, 1 << 20);
    assert_int_equal(json_parse(json, strlen(json), 1 << 20, "schema", &doc, err), 0);
    int rc = schema_to_gbnf(yyjson_doc_get_root(doc), out, err);
    yyjson_doc_free(doc);
    return rc;
}

static void test_kept(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *part;
    } cases[] = {
        { "{}", "root ::= object" },
        { "{\"type\":\"integer\"}", "r0 ::= integer" },
        { "{\"type\":\"number\"}", "r0 ::= number" },
        { "{\"type\":\"boolean\"}", "r0 ::= boolean" },
        { "{\"type\":\"null\"}", "r0 ::= null" },
        { "{\"type\":[\"string\",\"null\"]}", "r0 ::= string | null" },
        { "{\"type\":\"string\",\"minLength\":2,\"maxLength\":5}", "char{2,5}" },
        { "{\"enum\":[\"a\\\"b\",3,null]}", "\"\\\"a\\\\\\\"b\\\"\" | \"3\" | \"null\"" },
        { "{\"const\":\"x\"}", "r0 ::= \"\\\"x\\\"\"" },
        { "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":3}", "{0,2}" },
        { "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}", "r0 ::= r1 | r2" },
        { "{\"oneOf\":[{\"const\":1},{\"const\":2}]}", "r0 ::= r1 | r2" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}",
          "\"\\\"a\\\"\" \":\" ws r1" },
        { "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}", "string \":\" ws r1" },
        { "{\"items\":{\"type\":\"integer\"}}", "r1 (\",\" ws r1)" },
        { "{\"$defs\":{\"n\":{\"type\":\"integer\"}},\"$ref\":\"#/$defs/n\"}", "r1 ::= integer" },
        { "{\"definitions\":{\"t\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/t\"}}},\"$ref\":\"#/"
          "definitions/t\"}",
          "r1 ::=" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        anima_error err = { 0 };
        if (convert(cases[i].schema, &out, &err))
            fail_msg("%s: %s", cases[i].schema, err.message);
        if (!strstr(buf_str(&out), cases[i].part))
            fail_msg("%s: no %s in:\n%s", cases[i].schema, cases[i].part, buf_str(&out));
        buf_finish(&out);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *word;
        int code;
    } cases[] = {
        { "{\"type\":\"string\",\"pattern\":\"a+\"}", "pattern", ANIMA_E_UNSUPPORTED },
        { "{\"not\":{}}", "not", ANIMA_E_UNSUPPORTED },
        { "{\"if\":{}}", "if", ANIMA_E_UNSUPPORTED },
        { "{\"type\":\"array\",\"prefixItems\":[{}]}", "prefixItems", ANIMA_E_UNSUPPORTED },
        { "{\"allOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}", "allOf", ANIMA_E_UNSUPPORTED },
        { "{\"type\":\"string\",\"maxLength\":100000}", "length", ANIMA_E_UNSUPPORTED },
        { "{\"type\":\"colour\"}", "type", ANIMA_E_INVALID },
        { "{\"$ref\":\"#/$defs/none\"}", "$ref", ANIMA_E_INVALID },
        { "{\"$ref\":\"https://example.org/x\"}", "$ref", ANIMA_E_INVALID },
        { "{\"enum\":[]}", "enum", ANIMA_E_INVALID },
        { "{\"type\":\"string\",\"minLength\":5,\"maxLength\":2}", "largest", ANIMA_E_INVALID },
        { "{\"type\":\"object\",\"minProperties\":2}", "minProperties", ANIMA_E_UNSUPPORTED },
        { "{\"type\":\"array\",\"uniqueItems\":true}", "uniqueItems", ANIMA_E_UNSUPPORTED },
        { "{\"type\":\"object\",\"properties\":{\"a\":{}},\"required\":[\"b\"]}", "required", ANIMA_E_UNSUPPORTED },
        { "[]", "object", ANIMA_E_INVALID },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        anima_error err = { 0 };
        int rc = convert(cases[i].schema, &out, &err);
        if (rc != cases[i].code || !strstr(err.message, cases[i].word))
            fail_msg("%s: %d %s", cases[i].schema, rc, err.message);
        buf_finish(&out);
    }
}

/* A schema may nest as deep as JSON may, but not be followed without end. */
static void test_depth(void **state)
{
    (void)state;
    for (int levels = 10; levels <= 50; levels += 40) {
        struct buf json, out;
        anima_error err = { 0 };
        buf_init(&json, 1 << 20);
        for (int i = 0; i < levels; i++)
            buf_puts(&json, "{\"type\":\"array\",\"items\":");
        buf_puts(&json, "true");
        for (int i = 0; i < levels; i++)
            buf_puts(&json, "}");
        assert_int_equal(convert(buf_str(&json), &out, &err), levels == 10 ? ANIMA_OK : ANIMA_E_LIMIT);
        buf_finish(&out);
        buf_finish(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kept), cmocka_unit_test(test_refused),
                                        cmocka_unit_test(test_depth) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
