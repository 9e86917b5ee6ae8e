/* api_engines.c — what engines are doing now: what `anima top` shows. */
#include "server/server_private.h"
#include "server/view.h"

#define ANSWER_MAX (8u << 20)

static void put_stream(struct jw *w, const anima_engine_stream *s)
{
    jw_obj(w, NULL);
    jw_str(w, "name", s->name);
    jw_str(w, "conversation", s->conversation);
    jw_str(w, "title", s->title);
    jw_str(w, "character", s->character);
    jw_str(w, "language", s->language);
    jw_str(w, "place", s->place);
    jw_str(w, "state", s->state);
    jw_str(w, "class", s->priority);
    jw_str(w, "adapter", s->adapter);
    jw_int(w, "tokens", s->tokens);
    jw_int(w, "bytes", s->bytes);
    jw_int(w, "read", s->read);
    jw_int(w, "want", s->want);
    jw_int(w, "said", s->said);
    jw_num(w, "deadline_s", s->deadline_s);
    jw_num(w, "rest_s", s->rest_s);
    jw_end_obj(w);
}

static void put_kv(struct jw *w, const anima_engine_stats *s)
{
    jw_obj(w, "kv");
    jw_int(w, "streams", s->kept_streams);
    jw_int(w, "seated", s->seated);
    jw_int(w, "seats", s->seats);
    jw_int(w, "cells_used", s->cells_used);
    jw_int(w, "cells", s->cells);
    jw_int(w, "ram_bytes", s->ram_bytes);
    jw_int(w, "ram_limit", s->ram_limit);
    jw_int(w, "disk_bytes", s->disk_bytes);
    jw_int(w, "disk_limit", s->disk_limit);
    jw_int(w, "saved_bytes", s->saved_bytes);
    jw_int(w, "written_bytes", s->written_bytes);
    jw_int(w, "restored", s->restored);
    jw_int(w, "evicted", s->evicted);
    jw_int(w, "damaged", s->damaged);
    jw_int(w, "shared", s->shared);
    jw_num(w, "moved_s", s->moved_s);
    jw_end_obj(w);
}

static void put_report(struct jw *w, const anima_engine_stats *s)
{
    jw_obj(w, NULL);
    view_engine(w, "engine", &s->engine);
    jw_num(w, "age_s", s->age_s);
    jw_int(w, "threads", s->threads);
    jw_num(w, "busy", s->busy);
    jw_num(w, "read_per_s", s->read_per_s);
    jw_num(w, "said_per_s", s->said_per_s);
    jw_num(w, "prefill_per_s", s->prefill_per_s);
    jw_int(w, "steps", s->steps);
    jw_int(w, "read_tokens", s->read_tokens);
    jw_int(w, "said_tokens", s->said_tokens);
    put_kv(w, s);
    jw_arr(w, "engine_streams");
    for (size_t i = 0; i < s->n_streams; i++)
        put_stream(w, &s->streams[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void told(void *ctx, int code, const anima_error *err, const anima_engine_stats *list, size_t n)
{
    struct call call;
    struct object_reply answer;
    if (pending_over(ctx, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    jw_arr(&answer.w, "reports");
    for (size_t i = 0; i < n; i++)
        put_report(&answer.w, &list[i]);
    jw_end_arr(&answer.w);
    object_end(&call, &answer, 200);
}

void api_engine_stats(const struct call *call)
{
    anima_error err;
    struct pending *p = pending_new(call, false);
    if (p)
        pending_keep(p, anima_engine_stats_ask(call->server->home, told, p, &err), &err);
}
