/* Foreign JSON: the parser with its limits (base/json.h), a request as the engine reads it (host/request.h), a JSON schema
 * as a grammar (host/schema_gbnf.h), and text that is written and read back. */
#include "base/utf8.h"
#include "fuzz.h"
#include "host/request.h"
#include "host/schema_gbnf.h"

/* Every string of the document, written by jw and parsed again, is the same string. */
static void strings_survive(yyjson_val *v)
{
    yyjson_val *key, *member;
    size_t i, n;
    if (yyjson_is_str(v)) {
        struct buf out;
        struct jw w;
        yyjson_doc *doc;
        buf_init(&out, 64u << 20);
        jw_init(&w, &out);
        jw_strn(&w, NULL, yyjson_get_str(v), yyjson_get_len(v));
        CHECK(!out.failed && json_parse(out.data, out.len, out.len, "it", &doc, NULL) == 0);
        CHECK(yyjson_equals(yyjson_doc_get_root(doc), v));
        yyjson_doc_free(doc);
        buf_finish(&out);
    }
    yyjson_arr_foreach (v, i, n, member) {
        strings_survive(member);
    }
    yyjson_obj_foreach (v, i, n, key, member) {
        strings_survive(key);
        strings_survive(member);
    }
}

static void as_schema(yyjson_val *root)
{
    struct buf gbnf;
    anima_error err = { 0 };
    buf_init(&gbnf, 1u << 20);
    int rc = schema_to_gbnf(root, &gbnf, &err);
    CHECK(rc == 0 ? gbnf.len > 0 : *err.message != '\0');
    buf_finish(&gbnf);
}

static void as_request(const char *text, size_t n)
{
    struct request *r;
    anima_error err = { 0 };
    int rc = request_parse(text, n, &r, &err);
    CHECK((rc == 0) == (r != NULL) && (rc == 0 || *err.message));
    if (r)
        CHECK(r->id > 0 && r->n_messages > 0 && r->max_tokens >= 0 && r->n_stop <= REQUEST_MAX_STOP &&
              request_last_user(r) != NULL);
    request_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    yyjson_doc *doc;
    anima_error err = { 0 };
    int rc = json_parse(text, size, 1u << 20, "the input", &doc, &err);
    CHECK((rc == 0) == (doc != NULL) && (rc == 0 || (*err.message && utf8_valid(err.message, strlen(err.message)))));
    if (doc) {
        yyjson_val *root = yyjson_doc_get_root(doc);
        strings_survive(root);
        as_schema(root);
        json_int(root, "id", 0);
        json_num(root, "x", 0);
    }
    yyjson_doc_free(doc);
    as_request(text, size);
    free(text);
    return 0;
}
