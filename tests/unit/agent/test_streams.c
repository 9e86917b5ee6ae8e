/* Streams of programs from outside, through anima.h alone, with the real engine process and written replies: append,
 * generate, go on, cut back, fork, snapshot, names, deletion, and what a restart finds.
 * ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

static const char script[] = "match: count\n"
                             "say: one two three four five six\n"
                             "\n"
                             "match: slow\n"
                             "delay_ms: 20\n"
                             "say: one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n"
                             "\n"
                             "match: break\n"
                             "error: engine it is broken\n"
                             "\n"
                             "say: {n}: {last}\n";

struct fixture {
    struct scratch at;
    struct buf words;
    int reports, code, started;
    char finish[16], message[300];
    anima_usage usage;
    char *json;
};

static void on_event(void *ctx, const anima_event *event)
{
    (void)ctx;
    (void)event;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    buf_init(&f->words, 1 << 20);
    scratch_make(&f->at, script);
    scratch_open(&f->at, NULL, on_event, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    buf_finish(&f->words);
    mem_free(f->json);
    mem_free(f);
    return rc;
}

static void done(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    f->reports++;
    f->code = code;
    snprintf(f->message, sizeof(f->message), "%s", code ? err->message : "");
}

/* Waits for one more report. */
static int result(struct fixture *f, int queued)
{
    if (queued)
        return queued;
    scratch_until(&f->at, &f->reports, f->reports + 1);
    return f->code;
}

static void on_started(void *ctx, const anima_usage *usage)
{
    struct fixture *f = ctx;
    f->started++;
    (void)usage;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len)
{
    struct fixture *f = ctx;
    (void)logprobs;
    (void)logprobs_len;
    buf_append(&f->words, text, n);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    struct fixture *f = ctx;
    f->reports++;
    f->code = code;
    f->usage = *usage;
    snprintf(f->finish, sizeof(f->finish), "%s", finish);
    snprintf(f->message, sizeof(f->message), "%s", message ? message : "");
}

static const anima_completion_callbacks callbacks = { .started = on_started, .words = on_words, .done = on_done };

static anima_generation plain(void)
{
    anima_generation g = { .logprobs = -1 };
    anima_sampling_default(&g.sampling);
    return g;
}

static int begin(struct fixture *f, anima_stream *s, const anima_generation *g)
{
    anima_error err;
    buf_reset(&f->words);
    return anima_stream_generate(s, g, &callbacks, f, &err);
}

static int generate(struct fixture *f, anima_stream *s, const anima_generation *g) { return result(f, begin(f, s, g)); }

static anima_stream *make(struct fixture *f, const char *character)
{
    anima_stream *s;
    anima_error err;
    const anima_stream_options options = { .character = character };
    if (anima_stream_create(f->at.home, &options, &s, &err))
        fail_msg("%s", err.message);
    return s;
}

static int append(struct fixture *f, anima_stream *s, const char *kind, const char *text)
{
    const anima_segment g = { .kind = kind, .text = text };
    anima_error err;
    return result(f, anima_stream_append(s, &g, 1, done, f, &err));
}

static int put(void *ctx, const anima_segment *g)
{
    buf_printf(ctx, "%s:%s%s|", g->kind, g->text, *g->state ? "+" : "");
    return 0;
}

static void expect(const anima_stream *s, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    anima_stream_segments(s, 0, 1000, put, &b);
    assert_string_equal(buf_str(&b), wanted);
    buf_finish(&b);
}

/* Whatever is in memory: what another start finds. */
static anima_stream *reopen(struct fixture *f, anima_stream *s)
{
    anima_stream_info info;
    anima_error err;
    anima_stream_describe(s, &info);
    anima_stream_close(s);
    anima_home_close(f->at.home);
    scratch_open(&f->at, NULL, on_event, f);
    if (anima_stream_open(f->at.home, info.id, &s, &err))
        fail_msg("%s", err.message);
    return s;
}

static void appending_and_generating(void **state)
{
    struct fixture *f = *state;
    anima_stream *s = make(f, NULL);
    anima_stream_info info;
    anima_generation g = plain();
    assert_int_equal(begin(f, s, &g), ANIMA_E_INVALID); /* it is empty */
    assert_int_equal(append(f, s, "persona", "You are terse."), 0);
    assert_int_equal(append(f, s, "heard", "hello"), 0);
    assert_int_equal(generate(f, s, &g), 0);
    assert_string_equal(buf_str(&f->words), "2: hello");
    assert_string_equal(f->finish, "stop");
    assert_int_equal(f->started, 1);
    const anima_segment more[] = { { .kind = "memory", .text = "It rains." }, { .kind = "heard", .text = "and now?" } };
    g.append = more;
    g.n_append = 2;
    assert_int_equal(generate(f, s, &g), 0);
    expect(s, "persona:You are terse.|heard:hello|said:2: hello|memory:It rains.|heard:and now?|said:5: and now?|");
    g.forget = true;
    g.instructions = "Be brief.";
    assert_int_equal(generate(f, s, &g), 0);
    assert_string_equal(buf_str(&f->words), "9: and now?");
    s = reopen(f, s);
    expect(s, "persona:You are terse.|heard:hello|said:2: hello|memory:It rains.|heard:and now?|said:5: and now?|");
    anima_stream_describe(s, &info);
    assert_int_equal(info.segments, 6);
    assert_false(info.generating);
    anima_stream_close(s);
}

static void what_is_refused(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, NULL), *none;
    char *large = mem_alloc(ANIMA_STREAM_MAX_SEGMENT + 2);
    memset(large, 'a', ANIMA_STREAM_MAX_SEGMENT + 1);
    large[ANIMA_STREAM_MAX_SEGMENT + 1] = '\0';
    assert_int_equal(append(f, s, "shouted", "x"), ANIMA_E_INVALID);
    assert_int_equal(append(f, s, "heard", ""), ANIMA_E_INVALID);
    assert_int_equal(append(f, s, "heard", "\xff"), ANIMA_E_INVALID);
    assert_int_equal(append(f, s, "heard", large), ANIMA_E_LIMIT);
    for (int i = 0; i < 4; i++)
        assert_int_equal(append(f, s, "heard", large + 1), 0);
    assert_int_equal(append(f, s, "heard", "x"), ANIMA_E_LIMIT); /* all together */
    expect(s, (anima_stream_retract(s, 0, done, f, &err), ""));
    assert_int_equal(result(f, 0), 0);
    mem_free(large);
    const struct {
        anima_stream_options options;
        int code;
    } bad[] = {
        { { .character = "nobody" }, ANIMA_E_NOT_FOUND },
        { { .model = "script:/etc/passwd" }, ANIMA_E_NOT_FOUND },
        { { .adapter = "../x", .adapter_scale = 1 }, ANIMA_E_INVALID },
        { { .adapter = "x", .adapter_scale = 1000 }, ANIMA_E_INVALID },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(anima_stream_create(f->at.home, &bad[i].options, &none, &err), bad[i].code);
    assert_int_equal(anima_stream_open(f->at.home, "nothing", &none, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_stream_retract(s, 1, done, f, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_stream_fork(s, 1, &none, &err), ANIMA_E_NOT_FOUND);
    anima_generation g = plain();
    assert_int_equal(append(f, s, "heard", "hi"), 0);
    g.into = "heard";
    assert_int_equal(begin(f, s, &g), ANIMA_E_INVALID);
    g = plain();
    g.urgency = "soon";
    assert_int_equal(begin(f, s, &g), ANIMA_E_INVALID);
    g = plain();
    g.resume = true;
    assert_int_equal(begin(f, s, &g), ANIMA_E_INVALID);
    anima_stream_close(s);
}

static void a_failure_changes_nothing(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, NULL);
    const anima_segment asked = { .kind = "heard", .text = "break it" };
    anima_generation g = plain();
    g.append = &asked;
    g.n_append = 1;
    assert_int_equal(append(f, s, "heard", "hello"), 0);
    assert_int_equal(generate(f, s, &g), ANIMA_E_ENGINE);
    assert_string_equal(f->message, "it is broken");
    expect(s, "heard:hello|");
    const anima_segment slow = { .kind = "heard", .text = "slow" };
    g.append = &slow;
    assert_int_equal(begin(f, s, &g), 0);
    while (!f->words.len)
        anima_home_step(f->at.home, 100);
    /* meanwhile it takes no other change */
    assert_int_equal(append(f, s, "heard", "x"), ANIMA_E_BUSY);
    assert_int_equal(anima_stream_retract(s, 0, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_stream_delete(s, done, f, &err), ANIMA_E_BUSY);
    assert_int_equal(anima_stream_generate(s, &g, &callbacks, f, &err), ANIMA_E_BUSY);
    anima_stream_abandon(s);
    expect(s, "heard:hello|");
    g = plain();
    assert_int_equal(generate(f, s, &g), 0);
    s = reopen(f, s);
    expect(s, "heard:hello|said:1: hello|");
    anima_stream_close(s);
}

static void cancelled_and_gone_on(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, NULL);
    anima_generation g = plain();
    g.sampling.max_tokens = 2;
    assert_int_equal(append(f, s, "heard", "count"), 0);
    assert_int_equal(generate(f, s, &g), 0);
    assert_string_equal(f->finish, "length");
    expect(s, "heard:count|said:one two+|");
    s = reopen(f, s);
    g.resume = true;
    assert_int_equal(generate(f, s, &g), 0);
    assert_string_equal(buf_str(&f->words), " three four");
    g.sampling.max_tokens = -1;
    assert_int_equal(generate(f, s, &g), 0);
    expect(s, "heard:count|said:one two three four five six|");
    assert_int_equal(begin(f, s, &g), ANIMA_E_INVALID); /* it had come to its end */
    g = plain();
    assert_int_equal(append(f, s, "heard", "slow"), 0);
    assert_int_equal(anima_stream_cancel(s, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(begin(f, s, &g), 0);
    while (!f->words.len)
        anima_home_step(f->at.home, 100);
    assert_int_equal(anima_stream_cancel(s, &err), 0);
    assert_int_equal(result(f, 0), 0);
    assert_string_equal(f->finish, "cancelled");
    anima_stream_info info;
    anima_stream_describe(s, &info);
    assert_int_equal(info.segments, 4);
    g.resume = true;
    assert_int_equal(generate(f, s, &g), 0);
    expect(s,
           "heard:count|said:one two three four five six|heard:slow|said:one two three four five six seven eight nine "
           "ten eleven twelve thirteen fourteen|");
    anima_stream_close(s);
}

static void cutting_back_and_forking(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, NULL), *fork;
    anima_stream_info info, parent;
    anima_generation g = plain();
    assert_int_equal(append(f, s, "heard", "a"), 0);
    assert_int_equal(generate(f, s, &g), 0);
    assert_int_equal(append(f, s, "heard", "b"), 0);
    assert_int_equal(anima_stream_fork(s, 2, &fork, &err), 0);
    anima_stream_describe(fork, &info);
    anima_stream_describe(s, &parent);
    assert_string_equal(info.parent, parent.id);
    assert_int_equal(info.parent_seq, 2);
    assert_int_equal(anima_stream_open(f->at.home, info.id, &(anima_stream *){ NULL }, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(append(f, fork, "heard", "c"), 0); /* with this it is in the store */
    assert_int_equal(result(f, anima_stream_retract(s, 1, done, f, &err)), 0);
    expect(s, "heard:a|");
    fork = reopen(f, fork);
    expect(fork, "heard:a|said:1: a|heard:c|");
    assert_int_equal(anima_stream_open(f->at.home, parent.id, &s, &err), 0);
    expect(s, "heard:a|");
    assert_int_equal(result(f, anima_stream_delete(s, done, f, &err)), 0);
    assert_int_equal(append(f, s, "heard", "d"), ANIMA_E_NOT_FOUND);
    anima_stream_close(s);
    assert_int_equal(anima_stream_open(f->at.home, parent.id, &s, &err), ANIMA_E_NOT_FOUND);
    expect(fork, "heard:a|said:1: a|heard:c|"); /* and lives on */
    anima_stream_close(fork);
}

static void take_json(void *ctx, int code, const anima_error *err, const char *data, size_t n)
{
    struct fixture *f = ctx;
    (void)err;
    assert_int_equal(code, 0);
    mem_free(f->json);
    f->json = mem_strndup(data, n);
}

static void a_record_and_back(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, "lin"), *back;
    anima_stream_info info;
    const char *stops[] = { "six", NULL };
    anima_generation g = plain();
    g.sampling.max_tokens = 3;
    g.sampling.seed = 7;
    g.sampling.temperature = 0.5;
    g.sampling.stop = stops;
    g.json_schema = "{}";
    assert_int_equal(append(f, s, "heard", "count \xE4\xB8\x80"), 0);
    assert_int_equal(generate(f, s, &g), 0);
    assert_int_equal(anima_stream_snapshot(s, take_json, f, &err), 0);
    assert_non_null(strstr(f->json, "\"temperature\":0.5"));
    assert_non_null(strstr(f->json, "\"seed\":7"));
    assert_int_equal(result(f, anima_stream_delete(s, done, f, &err)), 0);
    anima_stream_close(s);
    if (anima_stream_restore(f->at.home, f->json, strlen(f->json), &back, &err))
        fail_msg("%s", err.message);
    anima_stream_describe(back, &info);
    assert_string_equal(info.character, "lin");
    expect(back, "heard:count \xE4\xB8\x80|said:one two three+|");
    char *first = mem_strdup(f->json);
    assert_int_equal(anima_stream_snapshot(back, take_json, f, &err), 0);
    assert_string_equal(strstr(f->json, "\"segments\""), strstr(first, "\"segments\"")); /* it is the same record */
    mem_free(first);
    g = plain();
    g.resume = true;
    assert_int_equal(generate(f, back, &g), 0);
    expect(back, "heard:count \xE4\xB8\x80|said:one two three four five |"); /* its stop string still holds */
    anima_stream_close(back);
    static const char *const bad[] = {
        "[]",
        "{\"anima_stream\":9,\"segments\":[]}",
        "{\"anima_stream\":1}",
        "{\"anima_stream\":1,\"segments\":[{\"kind\":\"heard\"}]}",
        "{\"anima_stream\":1,\"segments\":[{\"kind\":\"no\",\"text\":\"x\"}]}",
        "{\"anima_stream\":1,\"segments\":[],\"state\":{\"sampling\":{\"top_p\":7}}}",
        "{\"anima_stream\":1,\"segments\":[],\"model\":\"/etc/passwd\"}",
        "{\"anima_stream\":1",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_not_equal(anima_stream_restore(f->at.home, bad[i], strlen(bad[i]), &back, &err), 0);
}

static void names_of_places(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s = make(f, NULL);
    anima_stream_info info;
    char id[24];
    int64_t seq;
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = { "r1", "r2", "r3" };
        const anima_segment asked = { .kind = "heard", .text = names[i] };
        anima_generation g = plain();
        g.append = &asked;
        g.n_append = 1;
        g.response = names[i];
        g.meta = "{}";
        assert_int_equal(generate(f, s, &g), 0);
    }
    anima_stream_describe(s, &info);
    assert_int_equal(anima_response_find(f->at.home, "r2", id, &seq, &err), 0);
    assert_string_equal(id, info.id);
    assert_int_equal(seq, 4);
    assert_int_equal(result(f, anima_response_delete(f->at.home, "r2", done, f, &err)), 0);
    anima_stream_describe(s, &info);
    assert_int_equal(info.segments, 6); /* r3 stands on it */
    assert_int_equal(anima_response_find(f->at.home, "r2", id, &seq, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(result(f, anima_response_delete(f->at.home, "r3", done, f, &err)), 0);
    anima_stream_describe(s, &info);
    assert_int_equal(info.segments, 2); /* nobody needs the others */
    s = reopen(f, s);
    expect(s, "heard:r1|said:1: r1|");
    assert_int_equal(result(f, anima_response_delete(f->at.home, "r1", done, f, &err)), 0);
    anima_stream_close(s);
    assert_int_equal(anima_stream_open(f->at.home, id, &s, &err), ANIMA_E_NOT_FOUND);
}

static void what_nobody_uses_expires(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_stream *s;
    anima_stream_info info;
    const anima_stream_options options = { .keep_ms = 1000 };
    int64_t now = clock_wall_ms();
    assert_int_equal(anima_stream_create(f->at.home, &options, &s, &err), 0);
    assert_int_equal(append(f, s, "heard", "a"), 0);
    clock_fake(now + 900, clock_mono_us());
    assert_int_equal(append(f, s, "heard", "b"), 0); /* it is used */
    anima_stream_describe(s, &info);
    anima_stream_close(s);
    clock_fake(now + 1500, clock_mono_us());
    anima_stream_close(make(f, NULL)); /* at each new one those whose time is over go */
    assert_int_equal(anima_stream_open(f->at.home, info.id, &s, &err), 0);
    anima_stream_close(s);
    clock_fake(now + 2000, clock_mono_us());
    anima_home_close(f->at.home);
    scratch_open(&f->at, NULL, on_event, f);
    clock_fake(-1, 0);
    s = make(f, NULL);
    assert_int_equal(append(f, s, "heard", "written behind it"), 0);
    anima_stream_close(s);
    assert_int_equal(anima_stream_open(f->at.home, info.id, &s, &err), ANIMA_E_NOT_FOUND);
}

static int count(void *ctx, const anima_segment *g)
{
    (void)g;
    ++*(int *)ctx;
    return 0;
}

/* Once another allocation fails each time: everything is refused with a reason or comes to its end, and the stream is in the store as
 * it is in memory. */
static void memory_that_runs_out(void **state)
{
    struct fixture *f = *state;
    anima_stream *s = make(f, "lin");
    assert_int_equal(append(f, s, "heard", "hello"), 0);
    for (long n = 1; n < 120; n++) {
        const anima_segment more[] = { { .kind = "heard", .text = "count" } };
        anima_generation g = plain();
        anima_stream *fork = NULL;
        anima_error err = { 0 };
        anima_stream_info info;
        int before = 0, after = 0;
        g.append = more;
        g.n_append = 1;
        g.sampling.max_tokens = 2;
        g.json_schema = "{}";
        mem_fail_at(n, 0);
        append(f, s, "memory", "it rains");
        generate(f, s, &g);
        if (!anima_stream_fork(s, 1, &fork, &err))
            append(f, fork, "heard", "apart");
        anima_stream_close(fork);
        mem_fail_at(0, 0);
        assert_int_equal(append(f, s, "memory", "enough"), 0);
        anima_stream_segments(s, 0, 5000, count, &before);
        anima_stream_describe(s, &info);
        anima_stream_close(s);
        assert_int_equal(anima_stream_open(f->at.home, info.id, &s, &err), 0);
        anima_stream_segments(s, 0, 5000, count, &after);
        assert_int_equal(before, after);
        assert_int_equal(info.segments, after);
    }
    anima_stream_close(s);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(appending_and_generating), T(what_is_refused),          T(a_failure_changes_nothing),
        T(cancelled_and_gone_on),    T(cutting_back_and_forking), T(a_record_and_back),
        T(names_of_places),          T(what_nobody_uses_expires), T(memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
