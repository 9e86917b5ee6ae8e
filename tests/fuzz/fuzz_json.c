/* JSON bodies: what is read is written again and read again; and a "generate" frame of these bytes. */
#include "host/request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    yyjson_doc *doc;
    struct request *request;
    if (json_parse((const char *)data, n, 1u << 20, "a body", &doc, NULL) == 0) {
        size_t len;
        char *text = yyjson_write(doc, 0, &len);
        yyjson_doc *again = NULL;
        if (text && json_parse(text, len, 1u << 24, "a body", &again, NULL))
            abort();
        yyjson_doc_free(again);
        free(text);
        yyjson_doc_free(doc);
    }
    if (request_parse((const char *)data, n, &request, NULL) == 0)
        request_free(request);
    return 0;
}
