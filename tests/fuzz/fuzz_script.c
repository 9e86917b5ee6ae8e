/* Scripts of the script engine, and JSON schemas that become grammars. */
#include "host/schema_gbnf.h"
#include "host/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct script *script;
    yyjson_doc *doc;
    anima_error err;
    if (script_parse((const char *)data, n, &script, &err) == 0) {
        script_find(script, "hello");
        script_free(script);
    }
    if (json_parse((const char *)data, n, 65536, "schema", &doc, &err) == 0) {
        struct buf out;
        buf_init(&out, 1u << 20);
        schema_to_gbnf(yyjson_doc_get_root(doc), &out, &err);
        buf_finish(&out);
        yyjson_doc_free(doc);
    }
    return 0;
}
