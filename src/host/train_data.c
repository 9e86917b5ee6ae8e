#include "host/train_data.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "host/llama_prompt.h"

#include <string.h>

#define MAX_LINE (4u << 20)

static int read_messages(yyjson_val *list, anima_chat_message *out, size_t *n, int line, anima_error *err)
{
    yyjson_val *m;
    size_t i, max;
    *n = 0;
    if (yyjson_arr_size(list) == 0 || yyjson_arr_size(list) > TRAIN_DATA_MESSAGES)
        return err_set(err, ANIMA_E_INVALID, "line %d: \"messages\" are 1 to %d", line, TRAIN_DATA_MESSAGES);
    yyjson_arr_foreach (list, i, max, m) {
        const char *role = json_str(m, "role", NULL), *content = json_str(m, "content", NULL);
        if (!role || !content)
            return err_set(err, ANIMA_E_INVALID, "line %d: message %zu lacks role or content", line, i);
        out[(*n)++] = (anima_chat_message){ role, NULL, content };
    }
    return ANIMA_OK;
}

static int read_line(const char *text, size_t len, int line, const struct llama_model *model, struct train_example *e,
                     anima_error *err)
{
    yyjson_doc *doc;
    anima_chat_message messages[TRAIN_DATA_MESSAGES];
    size_t n;
    if (json_parse(text, len, MAX_LINE, "an example", &doc, err))
        return err_set(err, ANIMA_E_INVALID, "line %d is no JSON object", line);
    int rc = read_messages(yyjson_obj_get(yyjson_doc_get_root(doc), "messages"), messages, &n, line, err);
    if (!rc)
        rc = llama_prompt_example(model, messages, n, &e->token, &e->counts, &e->n, err);
    yyjson_doc_free(doc);
    return rc;
}

int train_data_read(const char *path, const struct llama_model *model, struct train_example **out, int *n,
                    anima_error *err)
{
    char *data = NULL;
    size_t len, max = 0;
    *out = NULL;
    *n = 0;
    int rc = fs_read(path, TRAIN_DATA_MAX, &data, &len, err), line = 0;
    for (const char *at = data; !rc && at && *at;) {
        size_t size = strcspn(at, "\n");
        line++;
        if (size > strspn(at, " \t\r")) {
            struct train_example *grown = mem_grow(*out, (size_t)*n, &max, sizeof(*grown));
            *out = grown ? grown : *out;
            if (grown)
                grown[*n] = (struct train_example){ 0 };
            rc = grown ? read_line(at, size, line, model, &grown[(*n)++], err)
                       : err_set(err, ANIMA_E_NOMEM, "out of memory for examples");
        }
        at += size + (at[size] == '\n');
    }
    if (!rc && *n == 0)
        rc = err_set(err, ANIMA_E_INVALID, "%s has no example", path);
    mem_free(data);
    return rc;
}

void train_data_free(struct train_example *examples, int n)
{
    for (int i = 0; examples && i < n; i++) {
        mem_free(examples[i].token);
        mem_free(examples[i].counts);
    }
    mem_free(examples);
}
