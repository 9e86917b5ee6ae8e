#include "host/train_data.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
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

struct list {
    struct train_example *examples;
    int n, windows; /* windows: of conversations that were cut */
    size_t max;
};

/* The tokens of these messages, at the list's end. */
static int put(struct list *list, const struct llama_model *model, const anima_chat_message *messages, size_t n,
               anima_error *err)
{
    struct train_example *grown = mem_grow(list->examples, (size_t)list->n, &list->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for examples");
    list->examples = grown;
    struct train_example *e = &grown[list->n++];
    *e = (struct train_example){ 0 };
    return llama_prompt_example(model, messages, n, &e->token, &e->counts, &e->n, err);
}

static void take_back(struct list *list)
{
    struct train_example *e = &list->examples[--list->n];
    mem_free(e->token);
    mem_free(e->counts);
}

/* Where the exchange before that one begins, in messages from first on; it begins with a person's words. */
static size_t exchange_before(const anima_chat_message *m, size_t first, size_t at)
{
    while (at > first && strcmp(m[--at].role, "user") != 0)
        ;
    return at;
}

/* Of a conversation, whoever it is said to be with: the same in all windows and forms; never 0. */
static uint64_t hash_of_answers(const anima_chat_message *m, size_t n)
{
    uint64_t hash = 1;
    for (size_t i = 0; i < n; i++)
        if (strcmp(m[i].role, "assistant") == 0)
            hash = hash * 1099511628211ull ^ hash_bytes(m[i].text, strlen(m[i].text));
    return hash ? hash : 1;
}

/* A conversation as one example; if that is longer than a batch, as windows over its exchanges, each with the system's message and
 * the last exchange of the one before. One exchange that is too long by itself stays so: the trainer leaves it out and
 * says how many it left out. */
static int put_windows(struct list *list, const struct llama_model *model, const anima_chat_message *m, size_t n,
                       const struct train_shape *shape, anima_error *err)
{
    anima_chat_message window[TRAIN_DATA_MESSAGES];
    size_t head = n && strcmp(m[0].role, "system") == 0, from = head,
           known = head; /* in front of known: learnt already */
    uint64_t talk = hash_of_answers(m, n);
    memcpy(window, m, head * sizeof(*m));
    while (from < n) {
        size_t to = n, before;
        for (;;) {
            memcpy(window + head, m + from, (to - from) * sizeof(*m));
            int rc = put(list, model, window, head + to - from, err);
            before = exchange_before(m, from, to);
            if (rc)
                return rc;
            if (!train_too_long(&list->examples[list->n - 1], shape) || before == from)
                break;
            take_back(list);
            to = before;
        }
        if (before == from && from < known) { /* nothing new fits beside it */
            take_back(list);
        } else {
            list->examples[list->n - 1].talk = talk;
            list->examples[list->n - 1].again = from > head;
        }
        if (to == n)
            return ANIMA_OK;
        list->windows++;
        known = to;
        from = before > from ? before : to;
    }
    return ANIMA_OK;
}

static int read_line(const char *text, size_t len, int line, const struct llama_model *model,
                     const struct train_shape *shape, struct list *list, anima_error *err)
{
    yyjson_doc *doc;
    anima_chat_message messages[TRAIN_DATA_MESSAGES];
    size_t n;
    if (json_parse(text, len, MAX_LINE, "an example", &doc, err))
        return err_set(err, ANIMA_E_INVALID, "line %d is no JSON object", line);
    int rc = read_messages(yyjson_obj_get(yyjson_doc_get_root(doc), "messages"), messages, &n, line, err);
    if (!rc)
        rc = put_windows(list, model, messages, n, shape, err);
    yyjson_doc_free(doc);
    return rc;
}

int train_data_read(const char *path, const struct llama_model *model, const struct train_shape *shape,
                    struct train_example **out, int *n, int *windows, anima_error *err)
{
    struct list list = { 0 };
    char *data = NULL;
    size_t len;
    int rc = fs_read(path, TRAIN_DATA_MAX, &data, &len, err), line = 0;
    for (const char *at = data; !rc && at && *at;) {
        size_t size = strcspn(at, "\n");
        line++;
        if (size > strspn(at, " \t\r"))
            rc = read_line(at, size, line, model, shape, &list, err);
        at += size + (at[size] == '\n');
    }
    if (!rc && list.n == 0)
        rc = err_set(err, ANIMA_E_INVALID, "%s has no example", path);
    mem_free(data);
    *out = list.examples;
    *n = list.n;
    *windows = list.windows;
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
