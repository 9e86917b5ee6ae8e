/* api_streams_score.c — POST /v1/streams/{id}/score. */
#include "base/err.h"
#include "base/mem.h"
#include "server/api_streams.h"
#include "server/view.h"

#include <string.h>

#define ANSWER_MAX (1u << 20)
#define MAX_CANDIDATES 64

struct scoring {
    struct call call; /* conn and route; the request is gone */
    anima_scoring_job *job;
};

static void on_closed(void *ctx)
{
    struct scoring *s = ctx;
    anima_scoring_abandon(s->job);
    mem_free(s);
}

static void on_scores(void *ctx, int code, const anima_score *scores, size_t n, const anima_usage *usage,
                      const char *message)
{
    struct scoring *s = ctx;
    struct object_reply answer;
    anima_error err;
    if (code) {
        err_set(&err, code, "%s", message && *message ? message : anima_error_name(code));
        reply_code(&s->call, &err);
        mem_free(s);
        return;
    }
    object_begin(&answer, ANSWER_MAX);
    jw_arr(&answer.w, "scores");
    for (size_t i = 0; i < n; i++) {
        jw_obj(&answer.w, NULL);
        jw_num(&answer.w, "logprob", scores[i].logprob);
        jw_int(&answer.w, "tokens", scores[i].tokens);
        jw_end_obj(&answer.w);
    }
    jw_end_arr(&answer.w);
    view_usage(&answer.w, usage);
    object_end(&s->call, &answer, 200);
    mem_free(s);
}

static int read_candidates(yyjson_val *list, const char **out, size_t *n, anima_error *err)
{
    size_t i, max;
    yyjson_val *one;
    *n = yyjson_arr_size(list);
    if (*n < 1 || *n > MAX_CANDIDATES)
        return err_set(err, ANIMA_E_INVALID, "\"candidates\" are 1 to %d texts", MAX_CANDIDATES);
    yyjson_arr_foreach (list, i, max, one) {
        out[i] = yyjson_get_str(one);
        if (!out[i] || !*out[i] || strlen(out[i]) != yyjson_get_len(one))
            return err_set(err, ANIMA_E_INVALID, "a candidate is a text that is not empty");
    }
    return ANIMA_OK;
}

void api_stream_score(const struct call *call)
{
    anima_error err;
    const char *candidates[MAX_CANDIDATES];
    anima_segment *append = NULL;
    anima_stream *stream = call_stream(call);
    if (!stream)
        return;
    anima_scoring wanted = { .instructions = json_str(call->body, "instructions", NULL),
                             .into = json_str(call->body, "into", NULL),
                             .prefix = json_str(call->body, "prefix", NULL),
                             .candidates = candidates };
    struct scoring *s = mem_zero(1, sizeof(*s));
    int rc = s ? read_candidates(yyjson_obj_get(call->body, "candidates"), candidates, &wanted.n_candidates, &err)
               : err_set(&err, ANIMA_E_NOMEM, "out of memory for the request");
    if (!rc)
        rc = read_segments(yyjson_obj_get(call->body, "append"), "append", &append, &wanted.n_append, &err);
    wanted.append = append;
    if (!rc) {
        s->call = (struct call){ .server = call->server, .conn = call->conn, .route = call->route };
        rc = anima_stream_score(stream, &wanted, on_scores, s, &s->job, &err);
    }
    mem_free(append);
    anima_stream_close(stream); /* a scoring holds it */
    if (!rc) {
        call->conn->owner = (struct http_owner){ .ctx = s, .closed = on_closed };
        return;
    }
    mem_free(s);
    reply_code(call, &err);
}
