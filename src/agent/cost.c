/* cost.c — what replies have cost, for people to look at. The ledger may be long: a home that serves somebody sums it up on
 * another thread. */
#include "agent/state.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 20000

struct sums {
    anima_home *home;
    anima_cost_by by;
    int64_t since_ms;
    anima_costs *done;
    void *ctx;
    char *path;
    /* the result */
    struct arena arena;
    anima_cost *rows;
    size_t n;
    int rc;
    anima_error err;
};

static int take_row(void *ctx, const struct store_cost_sum *sum)
{
    struct sums *s = ctx;
    if (s->n == MAX_ROWS)
        return 1;
    if (s->n % 64 == 0) {
        anima_cost *more = mem_realloc(s->rows, (s->n + 64) * sizeof(*more));
        if (!more)
            return ANIMA_E_NOMEM;
        s->rows = more;
    }
    const char *key = arena_strdup(&s->arena, sum->key);
    s->rows[s->n++] = (anima_cost){ .key = key,
                                    .name = key,
                                    .turns = sum->turns,
                                    .prompt_tokens = sum->prompt_tokens,
                                    .completion_tokens = sum->completion_tokens,
                                    .seconds = sum->seconds,
                                    .wh = sum->wh,
                                    .money = sum->money };
    return key ? 0 : ANIMA_E_NOMEM;
}

static void gather(struct sums *s, struct store *store)
{
    static const enum store_cost_by of[] = { STORE_COST_BY_DAY, STORE_COST_BY_CHARACTER, STORE_COST_BY_PERSON,
                                             STORE_COST_BY_MODEL };
    arena_init(&s->arena, 4u << 20);
    s->rc = store_cost_list(store, of[s->by], s->since_ms, take_row, s, &s->err);
    if (s->rc == ANIMA_E_NOMEM)
        err_set(&s->err, s->rc, "out of memory for the costs");
}

/* How characters and people are called now: the loop thread knows. */
static void name_rows(struct sums *s)
{
    for (size_t i = 0; i < s->n; i++) {
        anima_cost *row = &s->rows[i];
        const anima_character *who = s->by == ANIMA_COST_CHARACTER ? anima_character_find(s->home, row->key) : NULL;
        if (who)
            row->name = who->name;
        if (s->by == ANIMA_COST_PERSON && strcmp(row->key, "0") == 0)
            row->key = row->name = "";
        else if (s->by == ANIMA_COST_PERSON)
            row->name = home_person_name(s->home, strtoll(row->key, NULL, 10));
    }
}

static void finish(struct sums *s)
{
    arena_finish(&s->arena);
    mem_free(s->rows);
    mem_free(s->path);
}

int anima_cost_list(anima_home *home, anima_cost_by by, int64_t since_ms, anima_cost_cb *cb, void *ctx,
                    anima_error *err)
{
    struct sums s = { .home = home, .by = by, .since_ms = since_ms };
    gather(&s, home->store);
    name_rows(&s);
    for (size_t i = 0; i < s.n && !s.rc; i++)
        if (cb(ctx, &s.rows[i]))
            break;
    finish(&s);
    return s.rc ? err_set(err, s.rc, "%s", s.err.message) : ANIMA_OK;
}

/* ---- on another thread ---- */

static void run(void *ctx)
{
    struct sums *s = ctx;
    struct store *store;
    s->rc = store_open(s->path, true, NULL, &store, &s->err);
    if (!s->rc)
        gather(s, store);
    store_close(store);
}

static void ran(void *ctx)
{
    struct sums *s = ctx;
    s->home->works--;
    if (!s->rc && s->home->closing)
        s->rc = err_set(&s->err, ANIMA_E_CANCELLED, "the home is being closed");
    if (!s->rc)
        name_rows(s);
    s->done(s->ctx, s->rc, &s->err, s->rows, s->rc ? 0 : s->n);
    finish(s);
    mem_free(s);
}

int anima_cost_ask(anima_home *home, anima_cost_by by, int64_t since_ms, anima_costs *done, void *ctx, anima_error *err)
{
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d searches and exports are running already", MAX_WORKS);
    struct sums *s = mem_zero(1, sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the costs");
    *s = (struct sums){ .home = home, .by = by, .since_ms = since_ms, .done = done, .ctx = ctx };
    s->path = fs_join(home->path, "anima.db", (char *)NULL);
    int rc = s->path ? loop_work(home->loop, run, ran, s, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc) {
        home->works++;
        return ANIMA_OK;
    }
    finish(s);
    mem_free(s);
    return rc;
}
