/* Trainings: a state machine with an engine that dies, fails, is stopped and is taken up again. FAKE_TRAINER is the program that stands
 * where anima-engine stands (fake_trainer.c). */
#include "anima/anima.h"

#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scratch.h"

struct fixture {
    struct scratch at;
    char model[200], states[400]; /* every state that was told, once each */
    anima_training last;
    int over, changed, steps; /* times */
};

static bool is_over(const char *state)
{
    return strcmp(state, "done") == 0 || strcmp(state, "failed") == 0 || strcmp(state, "stopped") == 0 ||
           strcmp(state, "prepared") == 0;
}

static void on_event(void *ctx, const anima_event *event)
{
    struct fixture *f = ctx;
    f->changed += event->type == ANIMA_EVENT_CHARACTER_CHANGED;
    if (event->type != ANIMA_EVENT_TRAINING_CHANGED)
        return;
    if (strcmp(f->last.state, event->training->state) != 0) {
        size_t n = strlen(f->states);
        snprintf(f->states + n, sizeof(f->states) - n, "%s ", event->training->state);
    }
    f->last = *event->training;
    f->steps += strcmp(f->last.state, "training") == 0 && f->last.step > 0;
    f->over += is_over(f->last.state);
}

static void open_home(struct fixture *f)
{
    char program[300];
    snprintf(program, sizeof(program), "engine.program=%s", getenv("FAKE_TRAINER"));
    const char *const set[] = { program, NULL };
    scratch_open(&f->at, set, on_event, f);
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: hello\n");
    scratch_write(&f->at, "tiny.gguf", "a model");
    snprintf(f->model, sizeof(f->model), "%s/tiny.gguf", f->at.dir);
    open_home(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

/* The lessons tell the trainer what to do. */
static void lessons(const struct fixture *f, const char *character, const char *plan)
{
    char path[100], text[600], *dir = fs_join(f->at.dir, "training", character, (char *)NULL);
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    mem_free(dir);
    snprintf(path, sizeof(path), "training/%s/lessons.jsonl", character);
    snprintf(text, sizeof(text), "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}\n", plan);
    scratch_write(&f->at, path, text);
}

static int start(struct fixture *f, const char *character, anima_error *err)
{
    const anima_training_options options = {
        .model = f->model, .lessons = "as_is", .rank = 4, .scale = 0.5, .command = "typed"
    };
    return anima_training_start(f->at.home, character, &options, err);
}

static void run(struct fixture *f, const char *plan)
{
    anima_error err;
    lessons(f, "lin", plan);
    if (start(f, "lin", &err))
        fail_msg("%s", err.message);
    scratch_until(&f->at, &f->over, f->over + 1);
}

static bool has_file(const struct fixture *f, const char *name)
{
    char *file = fs_join(f->at.dir, name, (char *)NULL);
    bool there = fs_exists(file);
    mem_free(file);
    return there;
}

static void expect_in(const struct fixture *f, const char *name, const char *text)
{
    char *file = fs_join(f->at.dir, name, (char *)NULL), *data;
    assert_int_equal(fs_read(file, 1 << 20, &data, NULL, NULL), 0);
    if (!strstr(data, text))
        fail_msg("%s lacks %s: %s", name, text, data);
    mem_free(data);
    mem_free(file);
}

/* The steps of the curve, one behind the other, as text. */
static void curve_of(const struct fixture *f, char *out, size_t size)
{
    char *file = fs_join(f->at.dir, "training/lin/curve.jsonl", (char *)NULL), *data;
    *out = '\0';
    assert_int_equal(fs_read(file, 1 << 20, &data, NULL, NULL), 0);
    for (const char *at = data; (at = strstr(at, "{\"step\":")); at += 8) {
        size_t n = strlen(out);
        snprintf(out + n, size - n, "%d ", atoi(at + 8));
    }
    mem_free(data);
    mem_free(file);
}

static void from_lessons_to_an_adapter(void **state)
{
    struct fixture *f = *state;
    char curve[200];
    anima_adapter a;
    run(f, "{}");
    assert_string_equal(f->states, "preparing loading training finishing done ");
    assert_int_equal(f->last.lessons, 7);
    assert_int_equal(f->last.left_out, 1);
    assert_int_equal(f->last.step, 6);
    assert_true(f->last.held_loss > 0 && f->last.tokens_per_s == 50 && f->last.code == ANIMA_OK);
    curve_of(f, curve, sizeof(curve));
    assert_string_equal(curve, "1 2 3 4 5 6 ");
    expect_in(f, "training/lin/options.json", "\"rank\":4,\"alpha\":8");
    expect_in(f, "training/lin/state.json", "\"state\":\"done\"");
    expect_in(f, "characters/lin/adapters/tiny.gguf", "weights");
    expect_in(f, "characters/lin/adapters/tiny.json", "\"command\":\"typed\"");
    expect_in(f, "characters/lin/adapters/tiny.json", "\"rank\":4");
    expect_in(f, "characters/lin/adapters/tiny.json", "\"best_loss\":1,");
    expect_in(f, "characters/lin/adapters/tiny.curve.jsonl", "\"step\":6");
    assert_int_equal(f->changed, 1);
    assert_int_equal(anima_character_adapter(f->at.home, "lin", &a), 0); /* of another model than the home's */
    assert_false(a.on);
    assert_true(a.scale == 0.5);
    assert_non_null(strstr(a.why, "another model"));
}

static void one_that_dies_goes_on(void **state)
{
    struct fixture *f = *state;
    char curve[200];
    run(f, "{\\\"die_at\\\":3}");
    assert_string_equal(f->last.state, "done");
    assert_true(f->last.resumed_at == 2 || f->last.resumed_at == 3);
    curve_of(f, curve, sizeof(curve));
    assert_string_equal(curve, "1 2 3 4 5 6 ");
}

static void one_that_always_dies_fails(void **state)
{
    struct fixture *f = *state;
    run(f, "{\\\"die_load\\\":true}");
    assert_string_equal(f->last.state, "failed");
    assert_int_equal(f->last.code, ANIMA_E_ENGINE);
    assert_non_null(strstr(f->last.message, "memory"));
    expect_in(f, "training/lin/state.json", "\"state\":\"failed\"");
    run(f, "{}"); /* and another one can begin */
    assert_string_equal(f->last.state, "done");
}

static void what_the_engine_says_is_told(void **state)
{
    struct fixture *f = *state;
    run(f, "{\\\"failed\\\":\\\"it takes 8 GB and 1 GB is free\\\"}");
    assert_string_equal(f->last.state, "failed");
    assert_non_null(strstr(f->last.message, "8 GB"));
    run(f, "{\\\"trouble\\\":\\\"no room on the disk\\\"}");
    assert_string_equal(f->last.state, "failed");
    assert_int_equal(f->last.code, ANIMA_E_FULL);
    assert_string_equal(f->last.message, "no room on the disk");
}

/* The adapter was written, and nobody was told. */
static void killed_at_the_very_end(void **state)
{
    struct fixture *f = *state;
    run(f, "{\\\"die_last\\\":true}");
    assert_string_equal(f->last.state, "done");
    assert_true(has_file(f, "characters/lin/adapters/tiny.json"));
    expect_in(f, "characters/lin/adapters/tiny.json", "\"step\":6");
}

static void wait_engine_gone(struct fixture *f)
{
    anima_error err;
    time_t end = time(NULL) + 30;
    while (anima_training_start(f->at.home, "lin", NULL, &err) == ANIMA_E_BUSY && time(NULL) < end)
        anima_home_step(f->at.home, 20);
}

static void stopping_and_going_on(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_training t;
    char curve[4000];
    lessons(f, "lin", "{\\\"steps\\\":60}");
    assert_int_equal(anima_training_stop(f->at.home, "lin", &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(start(f, "lin", &err), 0);
    assert_int_equal(start(f, "lin", &err), ANIMA_E_BUSY);
    assert_int_equal(start(f, "theo", &err), ANIMA_E_BUSY);
    assert_non_null(strstr(err.message, "lin"));
    scratch_until(&f->at, &f->steps, 3);
    assert_int_equal(anima_training_stop(f->at.home, "theo", &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_training_stop(f->at.home, "lin", &err), 0);
    scratch_until(&f->at, &f->over, 1);
    assert_string_equal(f->last.state, "stopped");
    expect_in(f, "training/lin/state.json", "\"state\":\"stopped\"");
    assert_int_equal(anima_training_look(f->at.home, "lin", &t, &err), 0);
    assert_true(t.step >= 3 && t.step < 60);
    f->states[0] = '\0';
    wait_engine_gone(f); /* nothing asked for: it goes on */
    scratch_until(&f->at, &f->over, 2);
    assert_string_equal(f->states, "loading training finishing done ");
    assert_true(f->last.resumed_at >= 3);
    curve_of(f, curve, sizeof(curve));
    assert_non_null(strstr(curve, "1 2 3 4 5 6 7 8 9 10 "));
    assert_non_null(strstr(curve, " 58 59 60 "));
}

/* It is enough: under way, and of one that was stopped. */
static void ended_before_its_last_step(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    lessons(f, "lin", "{\\\"steps\\\":400}");
    assert_int_equal(anima_training_finish(f->at.home, "lin", &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(start(f, "lin", &err), 0);
    scratch_until(&f->at, &f->steps, 3);
    assert_int_equal(anima_training_finish(f->at.home, "theo", &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_training_finish(f->at.home, "lin", &err), 0);
    scratch_until(&f->at, &f->over, 1);
    assert_string_equal(f->last.state, "done");
    assert_true(f->last.step >= 3 && f->last.step < 400);
    assert_true(has_file(f, "characters/lin/adapters/tiny.json"));
    assert_false(has_file(f, "training/lin/adapter.enough"));
    assert_int_equal(anima_training_finish(f->at.home, "lin", &err), ANIMA_E_NOT_FOUND);

    time_t end = time(NULL) + 30;
    while (start(f, "lin", &err) == ANIMA_E_BUSY && time(NULL) < end) /* anew: what is done is not gone on with */
        anima_home_step(f->at.home, 20);
    int before = f->steps;
    scratch_until(&f->at, &f->steps, before + 3);
    assert_int_equal(anima_training_stop(f->at.home, "lin", &err), 0);
    scratch_until(&f->at, &f->over, 2);
    assert_string_equal(f->last.state, "stopped");
    end = time(NULL) + 30;
    while (anima_training_finish(f->at.home, "lin", &err) && time(NULL) < end)
        anima_home_step(f->at.home, 20);
    scratch_until(&f->at, &f->over, 3);
    assert_string_equal(f->last.state, "done");
    assert_true(f->last.step < 400);
}

/* What another start of the home finds. */
static void closed_and_opened(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_training t;
    lessons(f, "lin", "{\\\"steps\\\":60}");
    assert_int_equal(start(f, "lin", &err), 0);
    scratch_until(&f->at, &f->steps, 3);
    anima_home_close(f->at.home);
    expect_in(f, "training/lin/state.json", "\"state\":\"running\"");
    open_home(f);
    assert_int_equal(anima_training_look(f->at.home, "lin", &t, &err), 0);
    assert_string_equal(t.state, "loading");
    assert_int_equal(t.rank, 4);
    scratch_until(&f->at, &f->over, 1);
    assert_string_equal(f->last.state, "done");
    assert_true(f->last.resumed_at >= 1);
    anima_home_close(f->at.home);
    open_home(f);
    assert_int_equal(anima_training_look(f->at.home, "lin", &t, &err), 0);
    assert_string_equal(t.state, "done"); /* from its files */
    assert_int_equal(t.step, 60);
}

static void what_is_refused(void **state)
{
    struct fixture *f = *state;
    anima_error err;
    anima_training_options o = { .model = f->model, .lessons = "as_is" };
    assert_int_equal(anima_training_start(f->at.home, "nobody", &o, &err), ANIMA_E_NOT_FOUND);
    o.rank = 1000;
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), ANIMA_E_INVALID);
    o = (anima_training_options){ .model = f->model, .lessons = "whatever" };
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), ANIMA_E_INVALID);
    o = (anima_training_options){ .model = f->model, .name = "../x", .lessons = "as_is" };
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), ANIMA_E_INVALID);
    o = (anima_training_options){ .model = "none.gguf", .lessons = "as_is" };
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), ANIMA_E_NOT_FOUND);
    o = (anima_training_options){ .lessons = "as_is" }; /* the home's default is a script */
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), ANIMA_E_UNSUPPORTED);
    o = (anima_training_options){ .model = f->model, .lessons = "as_is" }; /* there are none */
    assert_int_equal(anima_training_start(f->at.home, "lin", &o, &err), 0);
    scratch_until(&f->at, &f->over, 1);
    assert_string_equal(f->last.state, "failed");
    assert_int_equal(f->last.code, ANIMA_E_NOT_FOUND);
}

/* ---- preparing: from texts to lessons ---- */

static void prepare(struct fixture *f, const char *mode)
{
    anima_error err;
    const anima_training_options options = { .lessons = mode, .prepare = true };
    if (anima_training_start(f->at.home, "zed", &options, &err))
        fail_msg("%s", err.message);
    scratch_until(&f->at, &f->over, f->over + 1);
}

/* A character of the home's own, who said this. */
static void make_zed(const struct fixture *f, const char *said)
{
    scratch_write_in(&f->at, "characters/zed", "character.ini", "[character]\nname = Zed\nlanguage = en\n");
    scratch_write_in(&f->at, "characters/zed", "persona.en.md", "You are {{char}}, who counts pigeons.\n");
    if (said)
        scratch_write_in(&f->at, "characters/zed/corpus/en", "01-work.md", said);
}

static void lessons_from_texts(void **state)
{
    struct fixture *f = *state;
    make_zed(f, "## Work\n> What do you do?\nI count pigeons, mail me at zed@example.org.\n");
    scratch_write_in(&f->at, "training/zed/material", "01-notes.txt",
                     "The town hall has four hundred and twelve of them.\n");
    prepare(f, NULL);
    assert_string_equal(f->last.state, "prepared");
    assert_true(f->last.lessons > 100); /* with what all have in common */
    expect_in(f, "training/zed/lessons.jsonl", "You are Zed, who counts pigeons.");
    expect_in(f, "training/zed/lessons.jsonl", "I count pigeons, mail me at [");
    expect_in(f, "training/zed/lessons.jsonl", "four hundred and twelve");
    expect_in(f, "training/zed/report.json", "\"sources\":\"");
    assert_true(has_file(f, "training/zed/report.md"));
    assert_false(has_file(f, "training/zed/state.json"));            /* nothing to go on with */
    make_zed(f, "## Work\n> What do you do?\nI count swans now.\n"); /* others, and nobody edited the lessons */
    prepare(f, NULL);
    expect_in(f, "training/zed/lessons.jsonl", "I count swans now.");
}

static void edited_lessons(void **state)
{
    struct fixture *f = *state;
    static const char edited[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hm\"},{\"role\":\"assistant\",\"content\":\"edited\"}]}\n";
    make_zed(f, "## Work\n> What do you do?\nI count pigeons.\n");
    prepare(f, NULL);
    scratch_write(&f->at, "training/zed/lessons.jsonl", edited);
    prepare(f, NULL); /* of the same sources: they stay */
    assert_string_equal(f->last.state, "prepared");
    assert_int_equal(f->last.lessons, 1);
    make_zed(f, "## Work\n> What do you do?\nI count swans.\n");
    prepare(f, "auto");
    assert_string_equal(f->last.state, "failed");
    assert_int_equal(f->last.code, ANIMA_E_CONFLICT);
    assert_non_null(strstr(f->last.message, "--fresh"));
    expect_in(f, "training/zed/lessons.jsonl", "edited");
    prepare(f, "as_is");
    assert_string_equal(f->last.state, "prepared");
    assert_int_equal(f->last.lessons, 1);
    prepare(f, "fresh");
    expect_in(f, "training/zed/lessons.jsonl", "I count swans.");
}

static void what_cannot_be_learnt(void **state)
{
    struct fixture *f = *state;
    make_zed(f, NULL);
    prepare(f, NULL);
    assert_string_equal(f->last.state, "failed");
    assert_int_equal(f->last.code, ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(f->last.message, "characters/zed/corpus"));
    make_zed(f, "> no title\n\xff\n");
    prepare(f, NULL);
    assert_string_equal(f->last.state, "failed");
    assert_non_null(strstr(f->last.message, "01-work.md"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(ended_before_its_last_step),
                                        T(from_lessons_to_an_adapter),
                                        T(one_that_dies_goes_on),
                                        T(one_that_always_dies_fails),
                                        T(what_the_engine_says_is_told),
                                        T(killed_at_the_very_end),
                                        T(stopping_and_going_on),
                                        T(closed_and_opened),
                                        T(what_is_refused),
                                        T(lessons_from_texts),
                                        T(edited_lessons),
                                        T(what_cannot_be_learnt) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
