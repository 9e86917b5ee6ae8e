#include "corpus/read_private.h"

#include "base/json.h"

#include <string.h>

/* The role as a literal, if it may stand here; NULL if not. */
static const char *role_here(const struct corpus_reader *r, const char *role)
{
    const char *last = corpus_last(r);
    if (strcmp(role, "system") == 0)
        return !*last ? "system" : NULL;
    if (strcmp(role, "user") == 0)
        return strcmp(last, "user") != 0 ? "user" : NULL;
    return strcmp(role, "assistant") == 0 && strcmp(last, "user") == 0 ? "assistant" : NULL;
}

static int json_message(struct corpus_reader *r, yyjson_val *m)
{
    const char *role = json_str(m, "role", NULL);
    yyjson_val *content = yyjson_obj_get(m, "content");
    const char *text = yyjson_get_str(content);
    if (!role || !text || strlen(text) != yyjson_get_len(content))
        return corpus_fault(r, ANIMA_E_INVALID, "a message is {\"role\": …, \"content\": …} with text in both");
    const char *here = role_here(r, role);
    if (!here)
        return corpus_fault(
            r, ANIMA_E_INVALID,
            "\"%.20s\" cannot stand there: first maybe \"system\", then \"user\" and \"assistant\" by turns", role);
    return corpus_put(r, here, text, strlen(text));
}

int corpus_jsonl_line(struct corpus_reader *r, const char *line, size_t n)
{
    yyjson_doc *doc;
    anima_error why;
    size_t i, max;
    yyjson_val *m;
    corpus_trim(&line, &n);
    if (!n)
        return ANIMA_OK;
    if (json_parse(line, n, CORPUS_MAX_LINE, "it", &doc, &why))
        return corpus_fault(r, why.code, "this is no JSON object: %.200s", why.message);
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "messages");
    int rc = yyjson_arr_size(list)
                 ? corpus_begin(r, "", 0)
                 : corpus_fault(r, ANIMA_E_INVALID, "there is no \"messages\": [{\"role\", \"content\"}, …]");
    if (!rc)
        yyjson_arr_foreach (list, i, max, m)
            if (!rc)
                rc = json_message(r, m);
    if (!rc && strcmp(corpus_last(r), "assistant") != 0)
        rc = corpus_fault(r, ANIMA_E_INVALID, "the last message must be the assistant's");
    yyjson_doc_free(doc);
    return rc ? rc : corpus_end(r);
}
