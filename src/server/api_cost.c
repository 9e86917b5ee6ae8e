/* api_cost.c — what replies have cost, and the limits of today. */
#include "server/server_private.h"

#include "base/err.h"

#include <string.h>

#define ANSWER_MAX (4u << 20)

struct listing {
    struct jw *w;
    anima_cost total;
};

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

static int put_row(void *ctx, const anima_cost *row)
{
    struct listing *l = ctx;
    jw_obj(l->w, NULL);
    put_sums(l->w, row);
    jw_end_obj(l->w);
    l->total.turns += row->turns;
    l->total.prompt_tokens += row->prompt_tokens;
    l->total.completion_tokens += row->completion_tokens;
    l->total.seconds += row->seconds;
    l->total.wh += row->wh;
    l->total.money += row->money;
    return 0;
}

static int put_limit(void *ctx, const anima_cost_limit *row)
{
    struct jw *w = ctx;
    jw_obj(w, NULL);
    jw_str(w, "scope", row->scope);
    jw_str(w, "key", row->key);
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

void api_cost(const struct call *call)
{
    struct buf body;
    struct jw w;
    anima_error err;
    anima_cost_by by = ANIMA_COST_DAY;
    anima_home *home = call->server->home;
    int64_t since = anima_cost_since((int)call->query[0]);
    struct listing list = { &w, { .key = "", .name = "" } };
    int rc = cost_by(call->words[1], &by, &err);
    buf_init(&body, ANSWER_MAX);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_str(&w, "currency", anima_home_setting(home, "cost.currency"));
    jw_int(&w, "since_ms", since);
    jw_arr(&w, "rows");
    if (!rc)
        rc = anima_cost_list(home, by, since, put_row, &list, &err);
    jw_end_arr(&w);
    jw_obj(&w, "total");
    put_sums(&w, &list.total);
    jw_end_obj(&w);
    jw_arr(&w, "limits");
    anima_cost_limits(home, put_limit, &w);
    jw_end_arr(&w);
    jw_end_obj(&w);
    if (rc) {
        buf_finish(&body);
        reply_code(call, &err);
        return;
    }
    reply_json(call, 200, &body);
}
