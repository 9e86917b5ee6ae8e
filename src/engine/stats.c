/* stats.c — what engines are doing, for people who look: engines are asked only then. An engine between two pieces of a long
 * prompt answers late, so whoever asks is told after WAIT_MS at the latest, with what the engine said last. What it says is
 * checked as any other frame is. */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_private.h"

#include <string.h>

#define WAIT_MS 1000
#define MAX_STREAMS 256
#define MAX_NUMBER 1e15 /* bytes, tokens, times: whatever is counted */

/* What an engine said last. */
struct engine_told {
    int64_t at_us;
    anima_engine_stats stats;
    anima_engine_stream streams[MAX_STREAMS];
    char names[MAX_STREAMS][64], adapters[MAX_STREAMS][128];
};

struct engine_ask {
    struct engine_ask *next;
    engine_stats_cb *cb;
    void *ctx;
};

/* ---- reading ---- */

static double number(yyjson_val *obj, const char *key)
{
    double x = json_num(obj, key, 0);
    return x > 0 ? x < MAX_NUMBER ? x : MAX_NUMBER : 0; /* and 0 for what is no number */
}

static int64_t count(yyjson_val *obj, const char *key) { return (int64_t)number(obj, key); }

static int small_count(yyjson_val *obj, const char *key)
{
    double x = number(obj, key);
    return x < 1e9 ? (int)x : 1000000000;
}

/* The same word out of a list; NULL: it is none of them. */
static const char *one_of(yyjson_val *obj, const char *key, const char *const *list)
{
    const char *word = json_str(obj, key, "");
    while (*list && strcmp(*list, word) != 0)
        list++;
    return *list;
}

static bool take_stream(struct engine_told *told, size_t i, yyjson_val *from)
{
    static const char *const places[] = { "", "seated", "ram", "disk", NULL };
    static const char *const states[] = { "waiting", "reading", "speaking", "scoring", "rest", NULL };
    static const char *const classes[] = { "", "voice", "chat", "group", "background", "compaction", NULL };
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const char *name = json_str(from, "name", ""), *adapter = json_str(from, "adapter", "");
    size_t n = strlen(name);
    double deadline = json_num(from, "deadline_ms", 0) / 1000;
    if (n >= sizeof(told->names[i]) || strspn(name, letters) != n)
        return false;
    memcpy(told->names[i], name, n + 1);
    utf8_clean(adapter, strlen(adapter), told->adapters[i], sizeof(told->adapters[i]));
    told->streams[i] = (anima_engine_stream){ .name = told->names[i],
                                              .conversation = "",
                                              .title = "",
                                              .character = "",
                                              .language = "",
                                              .place = one_of(from, "place", places),
                                              .state = one_of(from, "state", states),
                                              .priority = one_of(from, "class", classes),
                                              .adapter = told->adapters[i],
                                              .tokens = count(from, "tokens"),
                                              .bytes = count(from, "bytes"),
                                              .read = small_count(from, "read"),
                                              .want = small_count(from, "want"),
                                              .said = small_count(from, "said"),
                                              .deadline_s = deadline > -MAX_NUMBER && deadline < MAX_NUMBER ? deadline
                                                                                                            : 0,
                                              .rest_s = number(from, "rest_ms") / 1000 };
    const anima_engine_stream *s = &told->streams[i];
    return s->place && s->state && s->priority;
}

static bool take_streams(struct engine_told *told, yyjson_val *list)
{
    size_t i, n;
    yyjson_val *one;
    if (list && (!yyjson_is_arr(list) || yyjson_arr_size(list) > MAX_STREAMS))
        return false;
    yyjson_arr_foreach (list, i, n, one)
        if (!take_stream(told, i, one))
            return false;
    told->stats.streams = told->streams;
    told->stats.n_streams = yyjson_arr_size(list);
    return true;
}

static void take_numbers(anima_engine_stats *s, yyjson_val *head)
{
    yyjson_val *kv = yyjson_obj_get(head, "kv");
    double busy = number(head, "busy");
    *s = (anima_engine_stats){ .threads = small_count(head, "threads"),
                               .busy = busy < 1 ? busy : 1,
                               .read_per_s = number(head, "read_per_s"),
                               .said_per_s = number(head, "said_per_s"),
                               .prefill_per_s = number(head, "prefill_per_s"),
                               .steps = count(head, "steps"),
                               .read_tokens = count(head, "read_tokens"),
                               .said_tokens = count(head, "said_tokens"),
                               .kept_streams = small_count(kv, "streams"),
                               .seated = small_count(kv, "seated"),
                               .seats = small_count(kv, "seats"),
                               .cells_used = count(kv, "cells_used"),
                               .cells = count(kv, "cells"),
                               .ram_bytes = count(kv, "ram_bytes"),
                               .ram_limit = count(kv, "ram_limit"),
                               .disk_bytes = count(kv, "disk_bytes"),
                               .disk_limit = count(kv, "disk_limit"),
                               .saved_bytes = count(kv, "saved_bytes"),
                               .written_bytes = count(kv, "written_bytes"),
                               .restored = count(kv, "restored"),
                               .evicted = count(kv, "evicted"),
                               .damaged = count(kv, "damaged"),
                               .shared = count(kv, "shared"),
                               .moved_s = number(kv, "moved_us") / 1e6 };
}

static bool anybody_owes(const struct engine_set *set)
{
    for (size_t i = 0; i < set->n_engines; i++)
        if (set->engines[i]->stats_id)
            return true;
    return false;
}

const char *stats_answer(struct engine *e, yyjson_val *head, const struct frame *f)
{
    (void)f;
    if (!e->stats_id || json_int(head, "id", 0) != e->stats_id)
        return "it tells what it does without being asked";
    e->stats_id = 0;
    if (!e->told)
        e->told = mem_alloc(sizeof(*e->told));
    if (e->told) { /* else it is not told now */
        e->told->at_us = clock_mono_us();
        take_numbers(&e->told->stats, head);
        if (!take_streams(e->told, yyjson_obj_get(head, "streams"))) {
            e->told->stats.streams = NULL;
            e->told->stats.n_streams = 0;
            return "its list of streams does not have the agreed form";
        }
    }
    if (e->set->asks && !anybody_owes(e->set))
        loop_timer_start(e->set->stats_timer, 0);
    return NULL;
}

void stats_forget(struct engine *e)
{
    mem_free(e->told);
    e->told = NULL;
    if (e->stats_id && e->set->asks)
        loop_timer_start(e->set->stats_timer, 0); /* nothing more comes of it */
    e->stats_id = 0;
}

/* ---- telling ---- */

/* Of all engines that talk. *n of them; NULL: out of memory. Yours to mem_free. */
static anima_engine_stats *gather(struct engine_set *set, size_t *n)
{
    anima_engine_stats *list = mem_zero(set->n_engines + 1, sizeof(*list));
    anima_engine_info info;
    *n = 0;
    for (size_t i = 0; list && i < set->n_engines; i++) {
        struct engine *e = set->engines[i];
        if (e->spec.beside)
            continue;
        if (e->told)
            list[*n] = e->told->stats;
        engine_describe(e, &info);
        list[*n].engine = info;
        list[*n].age_s = e->told ? (double)(clock_mono_us() - e->told->at_us) / 1e6 : -1;
        ++*n;
    }
    return list;
}

static void tell(struct engine_set *set, int code)
{
    struct engine_ask *asks = set->asks, *next;
    size_t n = 0;
    anima_engine_stats *list = code ? NULL : gather(set, &n);
    set->asks = NULL;
    if (!code && !list)
        code = ANIMA_E_NOMEM;
    for (; asks; asks = next) {
        next = asks->next;
        asks->cb(asks->ctx, code, list, n);
        mem_free(asks);
    }
    mem_free(list);
}

static void on_time(void *ctx) { tell(ctx, ANIMA_OK); }

int stats_create(struct engine_set *set, anima_error *err)
{
    return loop_timer_create(set->loop, on_time, set, &set->stats_timer, err);
}

void stats_end(struct engine_set *set)
{
    tell(set, ANIMA_E_CANCELLED);
    loop_timer_destroy(set->stats_timer);
}

int engine_stats_ask(struct engine_set *set, engine_stats_cb *cb, void *ctx, anima_error *err)
{
    struct engine_ask *ask = mem_zero(1, sizeof(*ask));
    if (!ask)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    bool first = !set->asks;
    *ask = (struct engine_ask){ set->asks, cb, ctx };
    set->asks = ask;
    for (size_t i = 0; i < set->n_engines; i++) {
        struct engine *e = set->engines[i];
        if (e->phase != PHASE_READY || e->spec.beside || e->stats_id || e->broken)
            continue;
        int64_t id = e->next_id++;
        if (engine_send_simple(e, "stats", id))
            e->stats_id = id;
    }
    if (first) /* those who ask meanwhile are told with it */
        loop_timer_start(set->stats_timer, anybody_owes(set) ? WAIT_MS : 0);
    return ANIMA_OK;
}
