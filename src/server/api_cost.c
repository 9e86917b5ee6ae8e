/* api_cost.c — what replies have cost, and the limits of today. */
#include "server/server_private.h"

#include "base/err.h"

#include <string.h>

#define ANSWER_MAX (16u << 20)

static void put_sums(struct jw *w, const anima_cost *c)
{
    jw_str(w, "key", c->key);
    jw_str(w, "name", c->name);
    jw_int(w, "turns", c->turns);
    jw_int(w, "prompt_tokens", c->prompt_tokens);
    jw_int(w, "completion_tokens", c->completion_tokens);
    jw_num(w, "seconds", c->seconds);
    jw_num(w, "wh", c->wh);
    jw_num(w, "money", c->money);
}

static void put_rows(struct jw *w, const anima_cost *rows, size_t n)
{
    anima_cost total = { .key = "", .name = "" };
    jw_arr(w, "rows");
    for (size_t i = 0; i < n; i++) {
        jw_obj(w, NULL);
        put_sums(w, &rows[i]);
        jw_end_obj(w);
        total.turns += rows[i].turns;
        total.prompt_tokens += rows[i].prompt_tokens;
        total.completion_tokens += rows[i].completion_tokens;
        total.seconds += rows[i].seconds;
        total.wh += rows[i].wh;
        total.money += rows[i].money;
    }
    jw_end_arr(w);
    jw_obj(w, "total");
    put_sums(w, &total);
    jw_end_obj(w);
}

static int put_limit(void *ctx, const anima_cost_limit *row)
{
    struct jw *w = ctx;
    jw_obj(w, NULL);
    jw_str(w, "scope", row->scope);
    jw_str(w, "key", row->key);
    jw_str(w, "name", row->name);
    jw_str(w, "what", row->what);
    jw_str(w, "per", "day");
    jw_num(w, "used", row->used);
    jw_num(w, "limit", row->limit);
    jw_end_obj(w);
    return 0;
}

static int cost_by(const char *word, anima_cost_by *by, anima_error *err)
{
    static const char *const words[] = { "day", "character", "person", "model" };
    for (int i = 0; i < 4; i++)
        if (strcmp(words[i], *word ? word : "day") == 0) {
            *by = (anima_cost_by)i;
            return ANIMA_OK;
        }
    return err_set(err, ANIMA_E_INVALID, "\"by\" is day, character, person or model");
}

static void summed(void *ctx, int code, const anima_error *err, const anima_cost *rows, size_t n)
{
    struct pending *p = ctx;
    struct call call;
    struct object_reply answer;
    int64_t since = p->seq;
    if (pending_over(p, code, err, &call))
        return;
    object_begin(&answer, ANSWER_MAX);
    jw_str(&answer.w, "currency", anima_home_setting(call.server->home, "cost.currency"));
    jw_int(&answer.w, "since_ms", since);
    put_rows(&answer.w, rows, n);
    jw_arr(&answer.w, "limits");
    anima_cost_limits(call.server->home, put_limit, &answer.w);
    jw_end_arr(&answer.w);
    object_end(&call, &answer, 200);
}

void api_cost(const struct call *call)
{
    anima_error err;
    anima_cost_by by = ANIMA_COST_DAY;
    if (cost_by(call->words[1], &by, &err)) {
        reply_error(call, 400, &err);
        return;
    }
    struct pending *p = pending_new(call, false);
    if (!p)
        return;
    p->seq = anima_cost_since((int)call->query[0]);
    pending_keep(p, anima_cost_ask(call->server->home, by, p->seq, summed, p, &err), &err);
}
