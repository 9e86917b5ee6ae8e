#include "host/embed_request.h"

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

static int read_texts(struct embed_request *r, yyjson_val *list, anima_error *err)
{
    size_t n = yyjson_arr_size(list), i, max;
    yyjson_val *one;
    if (n == 0 || n > FRAME_MAX_TEXTS)
        return err_set(err, ANIMA_E_INVALID, "a request has 1 to %d texts, not %zu", FRAME_MAX_TEXTS, n);
    r->texts = mem_zero(n, sizeof(*r->texts));
    if (!r->texts)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    r->n = n;
    yyjson_arr_foreach (list, i, max, one) {
        const char *text = yyjson_get_str(one);
        size_t len = yyjson_get_len(one);
        if (!text || memchr(text, '\0', len))
            return err_set(err, ANIMA_E_INVALID, "text %zu is none, or holds a NUL byte", i);
        r->texts[i] = mem_strndup(text, utf8_cut(text, len, FRAME_MAX_TEXT));
        if (!r->texts[i])
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    return ANIMA_OK;
}

static int read_head(struct embed_request *r, yyjson_val *root, anima_error *err)
{
    const char *kind = json_str(root, "kind", "");
    r->id = json_int(root, "id", 0);
    r->query = strcmp(kind, "query") == 0;
    if (r->id <= 0)
        return err_set(err, ANIMA_E_INVALID, "a request needs an id above 0");
    if (!r->query && strcmp(kind, "passage") != 0)
        return err_set(err, ANIMA_E_INVALID, "kind is \"query\" or \"passage\", not \"%.40s\"", kind);
    return read_texts(r, yyjson_obj_get(root, "texts"), err);
}

int embed_request_parse(const char *head, size_t n, struct embed_request **out, anima_error *err)
{
    *out = NULL;
    yyjson_doc *doc = NULL;
    struct embed_request *r = mem_zero(1, sizeof(*r));
    int rc = r ? json_parse(head, n, FRAME_MAX_HEAD, "the request", &doc, err)
               : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc)
        rc = read_head(r, yyjson_doc_get_root(doc), err);
    yyjson_doc_free(doc);
    if (rc)
        embed_request_free(r);
    else
        *out = r;
    return rc;
}

void embed_request_free(struct embed_request *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->texts && i < r->n; i++)
        mem_free(r->texts[i]);
    mem_free(r->texts);
    mem_free(r->vectors);
    mem_free(r);
}

int embed_request_room(struct embed_request *r, int dim, anima_error *err)
{
    r->vectors = mem_zero(r->n * (size_t)dim, sizeof(*r->vectors));
    return r->vectors ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for vectors");
}

void embed_request_push(struct embed_request **list, struct embed_request *r)
{
    while (*list)
        list = &(*list)->next;
    r->next = NULL;
    *list = r;
}

struct embed_request *embed_request_take(struct embed_request **list, int64_t id)
{
    for (; *list; list = &(*list)->next)
        if ((*list)->id == id) {
            struct embed_request *found = *list;
            *list = found->next;
            return found;
        }
    return NULL;
}
