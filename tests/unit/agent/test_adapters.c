/* Adapters of characters: which one is used, what a reply is asked for with then, and why one is not used. The script engine shows
 * the adapter that a request names. ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "engine/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static const char script[] = "say: [{adapter}] {n}\n";

struct fixture {
    struct scratch at;
    int done, changed;
    char reply[200], model_sha256[65];
};

static void on_event(void *ctx, const anima_event *event)
{
    struct fixture *f = ctx;
    f->changed += event->type == ANIMA_EVENT_CHARACTER_CHANGED;
    if (event->type != ANIMA_EVENT_TURN_DONE || event->turn->role != ANIMA_ROLE_CHARACTER)
        return;
    snprintf(f->reply, sizeof(f->reply), "%s", event->turn->text);
    f->done++;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, script);
    char *file = fs_join(f->at.dir, "script.txt", (char *)NULL);
    assert_int_equal(fetch_sha256(file, f->model_sha256, NULL, NULL, NULL), 0);
    mem_free(file);
    scratch_open(&f->at, NULL, on_event, f);
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

/* An adapter of lin, whose content is text; sha256[65] is of that. */
static void make(const struct fixture *f, const char *name, const char *text, const char *model_sha256, long made,
                 char *sha256)
{
    static const char folder[] = "characters/lin/adapters";
    char path[300], json[700];
    snprintf(path, sizeof(path), "%s.gguf", name);
    scratch_write_in(&f->at, folder, path, text);
    snprintf(path, sizeof(path), "%s/%s/%s.gguf", f->at.dir, folder, name);
    assert_int_equal(fetch_sha256(path, sha256, NULL, NULL, NULL), 0);
    snprintf(json, sizeof(json),
             "{\"model\":\"tiny\",\"model_sha256\":\"%s\",\"sha256\":\"%s\",\"scale\":0.5,\"made_ms\":%ld}",
             model_sha256, sha256, made);
    snprintf(path, sizeof(path), "%s.json", name);
    scratch_write_in(&f->at, folder, path, json);
}

static const char *ask(struct fixture *f, const char *character)
{
    anima_conversation *c;
    anima_error err;
    int64_t seq;
    const anima_message message = { .text = "How was your day?" };
    if (anima_conversation_create(f->at.home, character, NULL, &c, &err))
        fail_msg("%s", err.message);
    assert_int_equal(anima_send(c, &message, &seq, &err), 0);
    scratch_until(&f->at, &f->done, f->done + 1);
    anima_conversation_close(c);
    return f->reply;
}

static void on_words(void *ctx, const char *text, size_t n, const char *logprobs, size_t len)
{
    struct fixture *f = ctx;
    (void)logprobs, (void)len;
    snprintf(f->reply + strlen(f->reply), sizeof(f->reply) - strlen(f->reply), "%.*s", (int)n, text);
}

static void on_done(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message)
{
    (void)finish, (void)usage, (void)message;
    assert_int_equal(code, 0);
    ((struct fixture *)ctx)->done++;
}

/* The same, of a program that keeps the conversation itself. */
static const char *complete(struct fixture *f, const char *character)
{
    static const anima_completion_callbacks callbacks = { .words = on_words, .done = on_done };
    anima_completion_request request = { .character = character,
                                         .messages = (anima_chat_message[]){ { .role = "user",
                                                                               .text = "How was it?" } },
                                         .n_messages = 1,
                                         .logprobs = -1 };
    anima_completion *completion;
    anima_sampling_default(&request.sampling);
    *f->reply = '\0';
    assert_int_equal(anima_complete(f->at.home, &request, &callbacks, f, &completion, NULL), 0);
    scratch_until(&f->at, &f->done, f->done + 1);
    return f->reply;
}

static void expect_off(const struct fixture *f, const char *why)
{
    anima_adapter a;
    assert_int_equal(anima_character_adapter(f->at.home, "lin", &a), 0);
    assert_false(a.on);
    if (!strstr(a.why, why))
        fail_msg("not on because \"%s\", wanted \"%s\"", a.why, why);
}

static int messages_of(const char *reply) { return atoi(strrchr(reply, ' ')); }

static void a_reply_is_computed_with_it(void **state)
{
    struct fixture *f = *state;
    anima_adapter a;
    char sha256[65], wanted[100];
    /* One that comes with anima is for another model. */
    assert_true(anima_character_adapter(f->at.home, "lin", &a) == ANIMA_E_NOT_FOUND || !a.on);
    assert_ptr_equal(strstr(ask(f, "lin"), "[] "), f->reply);
    int shown = messages_of(f->reply); /* with examples */
    make(f, "one", "weights", f->model_sha256, 1, sha256);
    assert_int_equal(anima_character_adapter(f->at.home, "lin", &a), 0);
    assert_true(a.on && a.own && a.scale == 0.5);
    assert_string_equal(a.name, "one");
    assert_string_equal(a.model, "tiny");
    assert_string_equal(a.why, "");
    snprintf(wanted, sizeof(wanted), "[%.32s.gguf at 0.5] ", sha256);
    assert_ptr_equal(strstr(ask(f, "lin"), wanted), f->reply);
    assert_true(messages_of(f->reply) < shown);
    assert_int_equal(messages_of(f->reply), 2); /* persona and message: no exchanges */
    assert_ptr_equal(strstr(ask(f, "theo"), "[] "), f->reply);
}

static void the_newest_that_fits(void **state)
{
    struct fixture *f = *state;
    anima_adapter a;
    char sha256[65];
    static const char other[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    make(f, "other", "for another", other, 9, sha256);
    expect_off(f, "another model (tiny)");
    make(f, "old", "weights", f->model_sha256, 1, sha256);
    make(f, "new", "more weights", f->model_sha256, 2, sha256);
    assert_int_equal(anima_character_adapter(f->at.home, "lin", &a), 0);
    assert_string_equal(a.name, "new");
    assert_true(a.on);
}

static void why_it_is_not_used(void **state)
{
    struct fixture *f = *state;
    char sha256[65];
    make(f, "one", "weights", f->model_sha256, 1, sha256);
    scratch_write_in(&f->at, "characters/lin/adapters", "one.gguf", "other weights");
    expect_off(f, "is not the one");
    assert_ptr_equal(strstr(ask(f, "lin"), "[] "), f->reply);
    scratch_write_in(&f->at, "characters/lin/adapters", "one.json", "{");
    expect_off(f, "one.json");
    char *file = fs_join(f->at.dir, "characters/lin/adapters/one.json", (char *)NULL);
    assert_int_equal(unlink(file), 0);
    mem_free(file);
    expect_off(f, "one.json");
}

static void the_setting(void **state)
{
    struct fixture *f = *state;
    char sha256[65];
    make(f, "one", "weights", f->model_sha256, 1, sha256);
    anima_home_close(f->at.home);
    static const char *const off[] = { "adapter.use=off", NULL };
    scratch_open(&f->at, off, on_event, f);
    expect_off(f, "adapter.use");
    assert_ptr_equal(strstr(ask(f, "lin"), "[] "), f->reply);
}

static void one_sentence_of_the_persona(void **state)
{
    struct fixture *f = *state;
    char sha256[65];
    scratch_write(&f->at, "script.txt", "say: {system}\n");
    anima_home_close(f->at.home);
    char *file = fs_join(f->at.dir, "script.txt", (char *)NULL);
    assert_int_equal(fetch_sha256(file, f->model_sha256, NULL, NULL, NULL), 0);
    mem_free(file);
    make(f, "one", "weights", f->model_sha256, 1, sha256);
    scratch_write_in(&f->at, "characters/lin", "persona.en.md", "You are Lin. You keep a shop.\n");
    scratch_write_in(&f->at, "characters/lin", "character.ini", "[character]\nname = Lin\n");
    scratch_open(&f->at, NULL, on_event, f);
    assert_non_null(strstr(ask(f, "lin"), "You are Lin."));
    assert_null(strstr(f->reply, "You keep a shop."));
    assert_non_null(strstr(complete(f, "lin"), "You are Lin."));
    assert_null(strstr(f->reply, "You keep a shop."));
    anima_home_close(f->at.home);
    static const char *const whole[] = { "adapter.persona=whole", NULL };
    scratch_open(&f->at, whole, on_event, f);
    assert_non_null(strstr(ask(f, "lin"), "You keep a shop."));
    assert_non_null(strstr(complete(f, "lin"), "You keep a shop."));
}

/* character.ini chooses, and says how strongly. */
static void the_character(void **state)
{
    struct fixture *f = *state;
    anima_adapter a;
    char sha256[65];
    make(f, "old", "weights", f->model_sha256, 1, sha256);
    make(f, "new", "more weights", f->model_sha256, 2, sha256);
    scratch_write_in(&f->at, "characters/lin", "persona.en.md", "You are Lin.\n");
    scratch_write_in(&f->at, "characters/lin", "character.ini",
                     "[character]\nname = Lin\n[adapter]\nuse = old\nscale = 0.25\n");
    anima_characters_refresh(f->at.home);
    assert_int_equal(anima_character_adapter(f->at.home, "lin", &a), 0);
    assert_string_equal(a.name, "old");
    assert_true(a.on && a.scale == 0.25);
    scratch_write_in(&f->at, "characters/lin", "character.ini", "[character]\nname = Lin\n[adapter]\nuse = off\n");
    anima_characters_refresh(f->at.home);
    expect_off(f, "character.ini");
    scratch_write_in(&f->at, "characters/lin", "character.ini", "[character]\nname = Lin\n[adapter]\nscale = 9\n");
    anima_characters_refresh(f->at.home); /* refused: it stays as it was */
    expect_off(f, "character.ini");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(a_reply_is_computed_with_it), T(the_newest_that_fits),
                                        T(why_it_is_not_used),          T(the_setting),
                                        T(one_sentence_of_the_persona), T(the_character) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
