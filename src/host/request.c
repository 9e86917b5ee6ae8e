#include "host/request.h"

#include "base/err.h"
#include "base/mem.h"
#include "loop/frame.h"

#include <string.h>

static double within(yyjson_val *obj, const char *key, double otherwise, double least, double most)
{
    double x = json_num(obj, key, otherwise);
    return x < least ? least : x > most ? most : x;
}

/* What a segment is called by those who keep streams (docs/internals/stream.md), and by chat templates. */
static const char *role_of(const char *kind)
{
    static const char *const names[][2] = { { "persona", "system" },
                                            { "profile", "system" },
                                            { "memory", "system" },
                                            { "heard", "user" },
                                            { "said", "assistant" } };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(kind, names[i][0]) == 0)
            return names[i][1];
    return kind;
}

static int read_messages(struct request *r, yyjson_val *list, anima_error *err)
{
    size_t n = yyjson_arr_size(list), i, max;
    yyjson_val *m;
    if ((n == 0 && !*r->stream) || n > REQUEST_MAX_MESSAGES)
        return err_set(err, ANIMA_E_INVALID, "a request has 1 to %d messages, not %zu", REQUEST_MAX_MESSAGES, n);
    r->messages = mem_zero(n + 1, sizeof(*r->messages));
    if (!r->messages)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    yyjson_arr_foreach (list, i, max, m) {
        const char *role = json_str(m, "role", NULL), *text = json_str(m, "content", NULL);
        if (!role || !text)
            return err_set(err, ANIMA_E_INVALID, "message %zu lacks role or content", i);
        r->messages[r->n_messages++] = (anima_chat_message){ role_of(role), json_str(m, "name", NULL), text };
    }
    return ANIMA_OK;
}

static void read_sampling(struct request *r, yyjson_val *s)
{
    r->temperature = within(s, "temperature", 0.7, 0, 5);
    r->top_p = within(s, "top_p", 0.9, 0, 1);
    r->min_p = within(s, "min_p", 0.05, 0, 1);
    r->top_k = (int)within(s, "top_k", 40, 0, 100000);
    r->repeat_penalty = within(s, "repeat_penalty", 1, 0.1, 10);
    r->frequency_penalty = within(s, "frequency_penalty", 0, -2, 2);
    r->presence_penalty = within(s, "presence_penalty", 0, -2, 2);
    r->dry_multiplier = within(s, "dry_multiplier", 0, 0, 10);
    r->seed = json_int(s, "seed", -1);
    r->max_tokens = (int)within(s, "max_tokens", 0, 0, 1 << 24);
    yyjson_val *stop = yyjson_obj_get(s, "stop"), *one;
    size_t i, max;
    yyjson_arr_foreach (stop, i, max, one) {
        if (yyjson_is_str(one) && yyjson_get_len(one) && r->n_stop < REQUEST_MAX_STOP)
            r->stop[r->n_stop++] = yyjson_get_str(one);
    }
}

static const char *const class_names[REQUEST_CLASSES] = { "voice", "chat", "group", "background", "compaction" };

const char *request_class_name(enum request_class class) { return class_names[class]; }

enum request_class request_class_of(const char *name)
{
    for (int i = 0; i < REQUEST_CLASSES; i++)
        if (strcmp(name, class_names[i]) == 0)
            return (enum request_class)i;
    return REQUEST_CHAT;
}

bool request_stream_valid(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < REQUEST_STREAM_MAX &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static int read_stream(struct request *r, yyjson_val *root, anima_error *err)
{
    const char *name = json_str(root, "stream", "");
    if (*name && !request_stream_valid(name))
        return err_set(err, ANIMA_E_INVALID, "a stream's name has at most %zu letters, digits, - and _",
                       sizeof(r->stream) - 1);
    memcpy(r->stream, name, strlen(name));
    r->keep = (size_t)within(root, "keep", 0, 0, REQUEST_MAX_MESSAGES);
    r->class = request_class_of(json_str(root, "class", "chat"));
    r->read_only = strcmp(json_str(root, "type", ""), "read") == 0;
    r->open = json_bool(root, "open", false);
    r->think = strcmp(json_str(root, "into", "said"), REQUEST_THOUGHT) == 0;
    return ANIMA_OK;
}

static int read_candidates(struct request *r, yyjson_val *root, anima_error *err)
{
    if (strcmp(json_str(root, "type", ""), "score") != 0)
        return ANIMA_OK;
    r->candidates = yyjson_obj_get(root, "candidates");
    size_t n = yyjson_arr_size(r->candidates), i, max;
    yyjson_val *one;
    if (n == 0 || n > REQUEST_MAX_CANDIDATES)
        return err_set(err, ANIMA_E_INVALID, "1 to %d candidates can be scored, not %zu", REQUEST_MAX_CANDIDATES, n);
    yyjson_arr_foreach (r->candidates, i, max, one) {
        if (!yyjson_is_str(one) || yyjson_get_len(one) == 0)
            return err_set(err, ANIMA_E_INVALID, "candidate %zu is no text", i);
    }
    return ANIMA_OK;
}

int request_parse(const char *head, size_t n, struct request **out, anima_error *err)
{
    *out = NULL;
    struct request *r = mem_zero(1, sizeof(*r));
    if (!r)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    int rc = json_parse(head, n, FRAME_MAX_HEAD, "the request", &r->doc, err);
    yyjson_val *root = yyjson_doc_get_root(r->doc);
    if (!rc)
        rc = read_stream(r, root, err);
    if (!rc)
        rc = read_messages(r, yyjson_obj_get(root, "messages"), err);
    if (!rc)
        rc = read_candidates(r, root, err);
    r->id = json_int(root, "id", 0);
    if (!rc && r->id <= 0)
        rc = err_set(err, ANIMA_E_INVALID, "a request needs an id above 0");
    if (rc) {
        request_free(r);
        return rc;
    }
    read_sampling(r, yyjson_obj_get(root, "sampling"));
    r->prefix = json_str(root, "prefix", "");
    r->adapter = json_str(root, "adapter", "");
    r->adapter_scale = within(root, "adapter_scale", 1, -64, 64);
    r->grammar = json_str(root, "grammar", "");
    r->schema = yyjson_obj_get(root, "json_schema");
    r->logprobs = (int)within(root, "logprobs", -1, -1, 20);
    r->drop_oldest = json_bool(root, "drop_oldest", false);
    r->snapshot = json_bool(root, "snapshot", false);
    r->resume = yyjson_obj_get(root, "resume");
    *out = r;
    return ANIMA_OK;
}

void request_free(struct request *r)
{
    if (!r)
        return;
    yyjson_doc_free(r->doc);
    mem_free(r->messages);
    mem_free(r->texts);
    mem_free(r);
}

const char *request_last_user(const struct request *r)
{
    for (size_t i = r->n_messages; i-- > 0;)
        if (strcmp(r->messages[i].role, "user") == 0)
            return r->messages[i].text;
    return "";
}
