/* Looking at what engines do, against a fake engine that tells what it is told to, or something wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "engine_world.h"

#include <stdio.h>
#include <string.h>

/* What somebody who looked was told. */
struct look {
    int done, code;
    size_t n;
    anima_engine_stats stats; /* of the first engine; its streams and texts are gone */
    char state[16], name[64], place[16], priority[16], adapter[128];
};

/* Its engine is ready, after so many restarts; what it tells is its model's name. */
static void wait_ready(struct world *w, const char *tells, int restarts)
{
    anima_engine_info info = { .state = "" };
    assert_int_equal(engine_warm(w->set, tells, NULL), ANIMA_OK);
    for (uint64_t end = uv_hrtime() + PATIENCE; uv_hrtime() < end;) {
        loop_step(w->loop, 10);
        if (engine_state_at(w->set, 0, &info) && strcmp(info.state, "ready") == 0 && info.restarts >= restarts)
            return;
    }
    fail_msg("the engine is %s", info.state);
}

static void on_stats(void *ctx, int code, const anima_engine_stats *list, size_t n)
{
    struct look *l = ctx;
    l->done++;
    l->code = code;
    l->n = n;
    if (!n)
        return;
    l->stats = list[0];
    snprintf(l->state, sizeof(l->state), "%s", list[0].engine.state);
    if (!list[0].n_streams)
        return;
    const anima_engine_stream *s = &list[0].streams[list[0].n_streams - 1];
    snprintf(l->name, sizeof(l->name), "%s", s->name);
    snprintf(l->place, sizeof(l->place), "%s", s->place);
    snprintf(l->priority, sizeof(l->priority), "%s", s->priority);
    snprintf(l->adapter, sizeof(l->adapter), "%s", s->adapter);
}

static void look(struct world *w, struct look *l)
{
    *l = (struct look){ 0 };
    assert_int_equal(engine_stats_ask(w->set, on_stats, l, NULL), ANIMA_OK);
    assert_int_equal(l->done, 0);
    wait_flag(w, &l->done);
    assert_int_equal(l->done, 1);
}

static void no_engine(void **state)
{
    (void)state;
    struct world w;
    struct look l;
    make_world(&w);
    look(&w, &l);
    assert_int_equal(l.code, ANIMA_OK);
    assert_int_equal(l.n, 0);
    end_world(&w);
}

static void what_it_tells(void **state)
{
    (void)state;
    struct world w;
    struct look l;
    make_world(&w);
    wait_ready(
        &w,
        "\"stats\":{\"threads\":2,\"busy\":0.5,\"read_per_s\":12.5,\"said_per_s\":3,\"prefill_per_s\":90,"
        "\"steps\":7,\"read_tokens\":100,\"said_tokens\":20,\"kv\":{\"streams\":9,\"seated\":2,\"seats\":63,"
        "\"cells_used\":300,\"cells\":4096,\"ram_bytes\":5000000000,\"ram_limit\":6000000000,\"disk_bytes\":1,"
        "\"disk_limit\":2,\"saved_bytes\":3,\"written_bytes\":4,\"restored\":5,\"evicted\":6,\"damaged\":7,"
        "\"shared\":8,\"moved_us\":1500000},\"streams\":["
        "{\"name\":\"\",\"state\":\"waiting\",\"class\":\"voice\",\"deadline_ms\":-1500},"
        "{\"name\":\"c-1-zh\",\"place\":\"seated\",\"state\":\"speaking\",\"class\":\"chat\",\"adapter\":"
        "\"ann.gguf\",\"tokens\":150,\"bytes\":4000,\"read\":140,\"want\":140,\"said\":10,\"deadline_ms\":800}]}",
        0);
    look(&w, &l);
    const anima_engine_stats *s = &l.stats;
    assert_int_equal(l.n, 1);
    assert_string_equal(l.state, "ready");
    assert_true(s->age_s >= 0 && s->threads == 2 && s->busy == 0.5 && s->read_per_s == 12.5 && s->prefill_per_s == 90);
    assert_true(s->steps == 7 && s->read_tokens == 100 && s->said_tokens == 20);
    assert_true(s->kept_streams == 9 && s->seated == 2 && s->seats == 63 && s->cells_used == 300 && s->cells == 4096);
    assert_true(s->ram_bytes == 5000000000 && s->ram_limit == 6000000000 && s->disk_bytes == 1 && s->disk_limit == 2);
    assert_true(s->saved_bytes == 3 && s->written_bytes == 4 && s->restored == 5 && s->evicted == 6 && s->damaged == 7);
    assert_true(s->shared == 8 && s->moved_s == 1.5);
    assert_int_equal(s->n_streams, 2);
    assert_string_equal(l.name, "c-1-zh");
    assert_string_equal(l.place, "seated");
    assert_string_equal(l.priority, "chat");
    assert_string_equal(l.adapter, "ann.gguf");
    look(&w, &l); /* and again */
    assert_int_equal(l.stats.steps, 7);
    end_world(&w);
}

/* Numbers that cannot be are no numbers; what has another form than was agreed is a breach, and the engine is started anew. */
static void what_it_may_not_tell(void **state)
{
    (void)state;
    struct world w;
    struct look l;
    make_world(&w);
    wait_ready(
        &w, "\"stats\":{\"threads\":-4,\"busy\":7,\"read_per_s\":1e300,\"steps\":\"many\",\"kv\":[1],\"streams\":[]}",
        0);
    look(&w, &l);
    assert_true(l.stats.threads == 0 && l.stats.busy == 1 && l.stats.read_per_s <= 1e15 && l.stats.steps == 0);
    assert_int_equal(l.stats.cells, 0);
    end_world(&w);
    static const char *const wrong[] = {
        "\"stats\":{\"streams\":{}}",
        "\"stats\":{\"streams\":[{\"name\":\"../../etc\",\"state\":\"rest\"}]}",
        "\"stats\":{\"streams\":[{\"name\":\"a\",\"state\":\"dancing\"}]}",
        "\"stats\":{\"streams\":[{\"name\":\"a\",\"state\":\"rest\",\"place\":\"moon\"}]}",
        "\"stats\":{\"streams\":[{\"name\":\"a\",\"state\":\"rest\",\"class\":\"first\"}]}",
        "\"stats\":{\"streams\":[7]}",
        "\"stats\":{\"streams\":[]},\"trouble\":\"stats-id\"",
        "\"trouble\":\"stats-unasked\"",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        make_world(&w);
        wait_ready(&w, wrong[i], 0);
        look(&w, &l);
        wait_ready(&w, wrong[i], 1); /* it was killed, and is back */
        end_world(&w);
    }
}

/* Who asks while an engine says nothing is told in time, and is not forgotten if it dies or all ends. */
static void one_that_is_late(void **state)
{
    (void)state;
    struct world w;
    struct look l, other = { 0 };
    make_world(&w);
    wait_ready(&w, "\"trouble\":\"stats-late\"", 0);
    assert_int_equal(engine_stats_ask(w.set, on_stats, &other, NULL), ANIMA_OK);
    look(&w, &l);
    assert_int_equal(other.done, 1);
    assert_int_equal(l.n, 1);
    assert_true(l.stats.age_s < 0);
    struct look last = { 0 };
    assert_int_equal(engine_stats_ask(w.set, on_stats, &last, NULL), ANIMA_OK);
    end_world(&w);
    assert_int_equal(last.done, 1);
    assert_int_equal(last.code, ANIMA_E_CANCELLED);
    make_world(&w);
    wait_ready(&w, "\"trouble\":\"stats-die\"", 0);
    look(&w, &l);
    assert_int_equal(l.code, ANIMA_OK);
    end_world(&w);
}

/* Those that run beside are nobody's to look at, and engines are asked only when somebody looks. */
static void nobody_looks(void **state)
{
    (void)state;
    struct world w;
    struct look l;
    make_world(&w);
    wait_ready(&w, "\"stats\":{\"streams\":[]}", 0);
    assert_int_equal(logged(&w, "\"stats\""), 0);
    end_world(&w);
    make_world(&w);
    w.beside = true;
    assert_int_equal(engine_warm(w.set, "", NULL), ANIMA_OK);
    while (!engine_running(w.set, ""))
        loop_step(w.loop, 10);
    look(&w, &l);
    assert_int_equal(l.n, 0);
    end_world(&w);
}

/* Whichever allocation fails, who asked is told once, or was refused. */
static void memory_runs_out(void **state)
{
    (void)state;
    struct world w;
    make_world(&w);
    wait_ready(&w, "\"stats\":{\"steps\":7,\"streams\":[{\"name\":\"a\",\"state\":\"rest\"}]}", 0);
    bool refused = false, told = false;
    for (long n = 1; n < 30; n++) {
        struct look l = { 0 };
        mem_fail_at(n, 0);
        int rc = engine_stats_ask(w.set, on_stats, &l, NULL);
        if (!rc)
            wait_flag(&w, &l.done);
        mem_fail_at(0, 0);
        steps(&w, 20);
        assert_int_equal(l.done, rc ? 0 : 1);
        assert_true(rc || l.code == ANIMA_OK ? l.n == !rc : l.code == ANIMA_E_NOMEM);
        refused |= rc == ANIMA_E_NOMEM;
        told |= !rc && !l.code && l.stats.steps == 7;
    }
    assert_true(refused && told);
    end_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_engine),        cmocka_unit_test(what_it_tells), cmocka_unit_test(what_it_may_not_tell),
        cmocka_unit_test(one_that_is_late), cmocka_unit_test(nobody_looks),  cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
