#include "agent/ledger.h"

#include "agent/state.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LISTED_LIMITS 200 /* rows of each kind that anima_cost_limits gives */

enum scope { PERSON, CHARACTER, SCOPES };
enum what { TOKENS, MONEY, WHATS };

struct used {
    char key[65]; /* id of a character, or of a person in digits */
    double of[WHATS];
};

struct ledger {
    double watts, kwh_price, limit[SCOPES][WHATS]; /* 0: unknown; none */
    int64_t from_ms, to_ms;                        /* the day that the sums are of */
    struct used *used[SCOPES];
    size_t n_used[SCOPES];
};

static const char *const settings[SCOPES][WHATS] = {
    { "limit.person_tokens_per_day", "limit.person_money_per_day" },
    { "limit.character_tokens_per_day", "limit.character_money_per_day" },
};

/* ---- the day ---- */

/* Local midnight, so many days from the day of now_ms. Not 24 hours each: clocks are put forward and back. */
static int64_t midnight(int64_t now_ms, int days)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm day;
    localtime_r(&now, &day);
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    day.tm_mday += days;
    day.tm_isdst = -1;
    return (int64_t)mktime(&day) * 1000;
}

int64_t anima_cost_since(int days) { return midnight(clock_wall_ms(), 1 - days); }

static struct used *find(const struct ledger *l, enum scope scope, const char *key)
{
    for (size_t i = 0; i < l->n_used[scope]; i++)
        if (strcmp(l->used[scope][i].key, key) == 0)
            return &l->used[scope][i];
    return NULL;
}

static struct used *find_or_add(struct ledger *l, enum scope scope, const char *key)
{
    struct used *u = find(l, scope, key);
    if (u)
        return u;
    u = mem_realloc(l->used[scope], (l->n_used[scope] + 1) * sizeof(*u));
    if (!u)
        return NULL;
    l->used[scope] = u;
    u += l->n_used[scope]++;
    *u = (struct used){ .of = { 0 } };
    snprintf(u->key, sizeof(u->key), "%s", key);
    return u;
}

static int add(struct ledger *l, enum scope scope, const char *key, double tokens, double money)
{
    struct used *u = find_or_add(l, scope, key);
    if (!u)
        return ANIMA_E_NOMEM;
    u->of[TOKENS] += tokens;
    u->of[MONEY] += money;
    return ANIMA_OK;
}

struct loading {
    struct ledger *ledger;
    enum scope scope;
};

static int load_one(void *ctx, const struct store_cost_sum *sum)
{
    const struct loading *loading = ctx;
    return add(loading->ledger, loading->scope, sum->key, (double)(sum->prompt_tokens + sum->completion_tokens),
               sum->money);
}

/* Makes the sums those of the day it is now: at the start, at midnight, and when somebody has set the clock. */
static int follow_day(const anima_home *home, struct ledger *l, anima_error *err)
{
    static const enum store_cost_by by[SCOPES] = { STORE_COST_BY_PERSON, STORE_COST_BY_CHARACTER };
    int64_t now = clock_wall_ms();
    if (now >= l->from_ms && now < l->to_ms)
        return ANIMA_OK;
    l->from_ms = midnight(now, 0);
    l->to_ms = midnight(now, 1);
    int rc = ANIMA_OK;
    for (int scope = 0; scope < SCOPES && !rc; scope++) {
        struct loading loading = { l, (enum scope)scope };
        l->n_used[scope] = 0;
        rc = store_cost_list(home->store, by[scope], l->from_ms, load_one, &loading, err);
    }
    if (rc)
        l->to_ms = 0; /* they are read again the next time */
    return rc;
}

int ledger_open(anima_home *home, struct ledger **out, anima_error *err)
{
    struct ledger *l = *out = mem_zero(1, sizeof(*l));
    if (!l)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the ledger");
    l->watts = settings_number(home->settings, "cost.watts");
    l->kwh_price = settings_number(home->settings, "cost.kwh_price");
    for (int scope = 0; scope < SCOPES; scope++)
        for (int what = 0; what < WHATS; what++)
            l->limit[scope][what] = settings_number(home->settings, settings[scope][what]);
    int rc = follow_day(home, l, err);
    return rc == ANIMA_E_NOMEM ? err_set(err, rc, "out of memory for the ledger") : rc;
}

void ledger_free(struct ledger *l)
{
    if (!l)
        return;
    for (int scope = 0; scope < SCOPES; scope++)
        mem_free(l->used[scope]);
    mem_free(l);
}

/* ---- booking ---- */

void ledger_measure(const anima_home *home, const anima_usage *usage, struct store_cost *cost)
{
    const struct ledger *l = home->ledger;
    const struct model *model = models_find(home->models, cost->model);
    bool remote = model && model->driver && strcmp(model->driver, "openai") == 0;
    cost->at_ms = clock_wall_ms();
    cost->prompt_tokens = usage->prompt_tokens;
    cost->completion_tokens = usage->completion_tokens;
    cost->seconds = (usage->prefill_ms + usage->decode_ms) / 1000;
    cost->wh = remote ? 0 : cost->seconds * l->watts / 3600; /* a remote server draws its own power */
    cost->money = cost->wh / 1000 * l->kwh_price;
    if (model)
        cost->money += (cost->prompt_tokens * model->price_in + cost->completion_tokens * model->price_out) / 1e6;
}

void ledger_add_usage(anima_usage *sum, const anima_usage *one)
{
    sum->prompt_tokens += one->prompt_tokens;
    sum->completion_tokens += one->completion_tokens;
    sum->cached_tokens += one->cached_tokens;
    sum->prefill_ms += one->prefill_ms;
    sum->decode_ms += one->decode_ms;
}

void ledger_book(anima_home *home, const struct store_cost *cost)
{
    char person[24];
    anima_error err;
    struct ledger *l = home->ledger;
    double tokens = (double)cost->prompt_tokens + cost->completion_tokens;
    snprintf(person, sizeof(person), "%lld", (long long)cost->person);
    int rc = follow_day(home, l, &err);
    if (!rc)
        rc = add(l, PERSON, person, tokens, cost->money);
    if (!rc)
        rc = add(l, CHARACTER, cost->character, tokens, cost->money);
    if (rc)
        log_warn("agent", "today's sums miss a reply: %s", anima_error_name(rc));
}

/* ---- limits ---- */

struct reached {
    const char *setting, *currency;
    double used, limit;
    const char *who; /* a character's name; NULL: the person */
    enum what what;
};

static int say_reached(const struct reached *r, const char *language, anima_error *err)
{
    char used[64], limit[64];
    bool zh = strcmp(language, "zh") == 0, money = r->what == MONEY;
    const char *unit = money ? r->currency : zh ? "词元" : "tokens";
    snprintf(used, sizeof(used), "%.*f %s", money ? 2 : 0, r->used, unit);
    snprintf(limit, sizeof(limit), "%.*f %s", money ? 2 : 0, r->limit, unit);
    if (zh)
        return err_set(err, ANIMA_E_LIMIT_REACHED,
                       "今天就先聊到这里：%.60s每天可用 %s，今天已经用了 %s。明天零点以后再点“重试”就能接着聊。"
                       "这个限额在设置里改：anima config set %s 0 表示不限。",
                       r->who ? r->who : "你", limit, used, r->setting);
    return err_set(err, ANIMA_E_LIMIT_REACHED,
                   "That is all for today: %.60s %s %s of the %s a day. It goes on tomorrow, after midnight: then try "
                   "again. The limit is a setting: `anima config set %s 0` takes it away.",
                   r->who ? r->who : "you", r->who ? "has used" : "have used", used, limit, r->setting);
}

int ledger_check(anima_home *home, int64_t person, const anima_character *character, const char *language,
                 anima_error *err)
{
    struct ledger *l = home->ledger;
    char id[24];
    const char *const keys[SCOPES] = { id, character->id };
    snprintf(id, sizeof(id), "%lld", (long long)person);
    if (follow_day(home, l, err))
        return ANIMA_OK; /* said nothing wrong: better a reply too many than none for a reason nobody understands */
    for (int scope = person ? PERSON : CHARACTER; scope < SCOPES; scope++) {
        const struct used *u = find(l, (enum scope)scope, keys[scope]);
        for (int what = 0; what < WHATS && u; what++) {
            const struct reached r = { .setting = settings[scope][what],
                                       .currency = settings_get(home->settings, "cost.currency"),
                                       .used = u->of[what],
                                       .limit = l->limit[scope][what],
                                       .who = scope == CHARACTER ? character->name : NULL,
                                       .what = (enum what)what };
            if (r.limit > 0 && r.used >= r.limit)
                return say_reached(&r, language, err);
        }
    }
    return ANIMA_OK;
}

struct listing {
    struct ledger *ledger;
    anima_cost_limit_cb *cb;
    void *ctx;
    int stop;
};

static void list_limits_of(struct listing *list, enum scope scope, const char *key, const char *name)
{
    const struct ledger *l = list->ledger;
    const struct used *u = find(l, scope, key);
    for (int what = 0; what < WHATS && !list->stop; what++) {
        const anima_cost_limit row = { .scope = scope == PERSON ? "person" : "character",
                                       .key = key,
                                       .name = name,
                                       .what = what == TOKENS ? "tokens" : "money",
                                       .used = u ? u->of[what] : 0,
                                       .limit = l->limit[scope][what] };
        if (row.limit > 0)
            list->stop = list->cb(list->ctx, &row);
    }
}

void anima_cost_limits(anima_home *home, anima_cost_limit_cb *cb, void *ctx)
{
    struct listing list = { home->ledger, cb, ctx, 0 };
    if (!home->ledger || follow_day(home, home->ledger, NULL))
        return;
    for (size_t i = 0; i < home->n_people && i < LISTED_LIMITS && !list.stop; i++) {
        char id[24];
        snprintf(id, sizeof(id), "%lld", (long long)home->people[i]->id);
        list_limits_of(&list, PERSON, id, home->people[i]->name);
    }
    for (size_t i = 0; i < home->cast.n && i < LISTED_LIMITS && !list.stop; i++)
        list_limits_of(&list, CHARACTER, home->cast.all[i]->pub.id, home->cast.all[i]->pub.name);
}
