/* Blind pairs, with the real engine process and written replies that show by which adapter they were asked for: what is drawn, what is told
 * and when, what survives. ANIMA_TEST_ENGINE is the path of anima-engine (the build sets it). */
#include "anima/anima.h"

#include "agent/blind_private.h"
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

#define SCRIPT "say: [{adapter}] {n} {last}\n"
#define MOST 12

struct pair {
    char context[4000], left[400], right[400], choice[8], trained[8];
    bool own;
};

struct fixture {
    struct scratch at;
    int told, ready, failed, over, removed, reported, rc, replies;
    char id[24], message[508];
    anima_blind last;
    anima_error err;
    struct pair pairs[MOST];
    int n;
};

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    f->replies += e->type == ANIMA_EVENT_TURN_DONE && e->turn->role == ANIMA_ROLE_CHARACTER;
    f->removed += e->type == ANIMA_EVENT_BLIND_REMOVED && strcmp(e->id, f->id) == 0;
    if (e->type != ANIMA_EVENT_BLIND_CHANGED)
        return;
    f->last = *e->blind;
    f->told++;
    f->ready += strcmp(f->last.state, "asking") == 0;
    f->failed += strcmp(f->last.state, "failed") == 0;
    f->over += strcmp(f->last.state, "done") == 0;
}

static void on_done(void *ctx, int rc, const anima_error *err)
{
    struct fixture *f = ctx;
    f->reported++;
    f->rc = rc;
    f->err = *err;
}

static int set_up(void **state)
{
    *state = mem_zero(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void hash_of(const struct fixture *f, const char *name, char out[65])
{
    char *file = fs_join(f->at.dir, name, (char *)NULL);
    assert_int_equal(fetch_sha256(file, out, NULL, NULL, NULL), 0);
    mem_free(file);
}

/* An adapter of a character for the script that stands there. */
static void make_adapter(const struct fixture *f, const char *who, const char *weights)
{
    char folder[120], file[160], model[65], sha256[65], json[300];
    snprintf(folder, sizeof(folder), "characters/%s/adapters", who);
    scratch_write_in(&f->at, folder, "one.gguf", weights);
    snprintf(file, sizeof(file), "%s/one.gguf", folder);
    hash_of(f, file, sha256);
    hash_of(f, "script.txt", model);
    snprintf(json, sizeof(json), "{\"model\":\"tiny\",\"model_sha256\":\"%s\",\"sha256\":\"%s\",\"made_ms\":1}", model,
             sha256);
    scratch_write_in(&f->at, folder, "one.json", json);
}

static void open_with(struct fixture *f, const char *script)
{
    scratch_make(&f->at, script);
    make_adapter(f, "lin", "weights");
    scratch_open(&f->at, NULL, on_event, f);
}

static int begin(struct fixture *f, const char *who, int pairs, int64_t seed)
{
    const anima_blind_options options = { .language = pairs ? "en" : NULL, .pairs = pairs, .seed = seed };
    int before = f->reported, rc = anima_blind_start(f->at.home, who, &options, f->id, on_done, f, &f->err);
    if (!rc) {
        scratch_until(&f->at, &f->reported, before + 1);
        rc = f->rc;
    }
    return rc;
}

static void make(struct fixture *f, const char *who, int pairs, int64_t seed)
{
    int before = f->ready;
    if (begin(f, who, pairs, seed))
        fail_msg("%s", f->err.message);
    scratch_until(&f->at, &f->ready, before + 1);
}

static int take_pair(void *ctx, const anima_blind_pair *p)
{
    struct fixture *f = ctx;
    struct pair *mine = &f->pairs[f->n++];
    assert_int_equal(p->n, f->n);
    snprintf(mine->context, sizeof(mine->context), "%s", p->context);
    snprintf(mine->left, sizeof(mine->left), "%s", p->left);
    snprintf(mine->right, sizeof(mine->right), "%s", p->right);
    snprintf(mine->choice, sizeof(mine->choice), "%s", p->choice);
    snprintf(mine->trained, sizeof(mine->trained), "%s", p->trained);
    mine->own = p->own;
    return 0;
}

static void look(struct fixture *f)
{
    f->n = 0;
    assert_int_equal(anima_blind_pairs(f->at.home, f->id, take_pair, f, NULL), 0);
}

static int choose(struct fixture *f, int64_t n, const char *choice)
{
    int before = f->reported;
    int rc = anima_blind_choose(f->at.home, f->id, n, choice, NULL, on_done, f, &f->err);
    if (rc)
        return rc;
    scratch_until(&f->at, &f->reported, before + 1);
    return f->rc;
}

static bool by_adapter(const char *reply) { return strstr(reply, ".gguf") != NULL; }

/* ---- */

static void a_round(void **state)
{
    struct fixture *f = *state;
    anima_blind round;
    int sides = 0;
    open_with(f, SCRIPT);
    make(f, "lin", 6, 5);
    look(f);
    assert_int_equal(f->n, 6);
    for (int i = 0; i < 6; i++) {
        const struct pair *p = &f->pairs[i];
        assert_true(by_adapter(p->left) != by_adapter(p->right));
        assert_true(p->own);
        assert_string_equal(p->trained, "");
        assert_ptr_equal(strstr(p->context, "[{\"role\":\"person\""), p->context);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(p->context, f->pairs[k].context);
        sides += by_adapter(p->left);
    }
    assert_true(sides > 0 && sides < 6); /* seed 5 puts it on both sides */
    assert_int_equal(anima_blind_get(f->at.home, f->id, &round, NULL), 0);
    assert_string_equal(round.state, "asking");
    assert_int_equal(round.made, 6);
    assert_int_equal(strlen(round.adapter_sha256), 64);
    assert_string_equal(round.adapter, "one");
    for (int i = 0; i < 6; i++) { /* the trained one in five of six */
        bool left = by_adapter(f->pairs[i].left) == (i != 3);
        assert_int_equal(choose(f, i + 1, left ? "left" : "right"), 0);
    }
    assert_int_equal(f->over, 1);
    look(f);
    for (int i = 0; i < 6; i++)
        assert_string_equal(f->pairs[i].trained, by_adapter(f->pairs[i].left) ? "left" : "right");
    assert_int_equal(anima_blind_get(f->at.home, f->id, &round, NULL), 0);
    assert_string_equal(round.state, "done");
    assert_int_equal(round.seed, 5);
    assert_int_equal(round.trained, 5);
    assert_int_equal(round.prompted, 1);
    assert_true(round.p > 0.2187 && round.p < 0.2188);
    assert_non_null(strstr(round.en, "may well be chance"));
    assert_non_null(strstr(round.zh, "5"));
}

/* One sentence of who it is for the adapter; all of it, with examples, for the model without. */
static void what_both_read(void **state)
{
    struct fixture *f = *state;
    open_with(f, "say: [{adapter}] {n} {system}\n");
    make(f, "lin", 2, 1);
    look(f);
    for (int i = 0; i < 2; i++) {
        const struct pair *p = &f->pairs[i];
        const char *trained = by_adapter(p->left) ? p->left : p->right,
                   *other = trained == p->left ? p->right : p->left;
        int turns = 0;
        for (const char *at = p->context; (at = strstr(at, "\"role\"")); at++)
            turns++;
        assert_int_equal(atoi(strchr(trained, ']') + 1), 1 + turns);
        assert_true(atoi(strchr(other, ']') + 1) > 10 + turns);
        assert_true(strlen(trained) < strlen(other));
    }
}

/* Nothing tells before the last pair is chosen: neither the round, nor the list, nor what is heard. */
static int expect_nothing(void *ctx, const anima_blind *r)
{
    (void)ctx;
    assert_int_equal(r->seed, -1);
    assert_int_equal(r->trained + r->prompted + r->same, 0);
    assert_string_equal(r->en, "");
    assert_string_equal(r->zh, "");
    return 0;
}

static void never_tells_before_the_end(void **state)
{
    struct fixture *f = *state;
    anima_blind round;
    open_with(f, SCRIPT);
    make(f, "lin", 3, 2);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(anima_blind_get(f->at.home, f->id, &round, NULL), 0);
        expect_nothing(NULL, &round);
        expect_nothing(NULL, &f->last);
        assert_int_equal(anima_blind_list(f->at.home, NULL, expect_nothing, NULL, NULL), 0);
        look(f);
        for (int k = 0; k < 3; k++)
            assert_string_equal(f->pairs[k].trained, "");
        assert_int_equal(choose(f, i, "left"), 0);
    }
    assert_true(f->last.seed == 2 && f->last.trained + f->last.prompted == 3);
}

static void the_seed_decides(void **state)
{
    struct fixture *f = *state;
    struct pair first[MOST];
    int same = 0;
    open_with(f, SCRIPT);
    make(f, "lin", 8, 11);
    look(f);
    memcpy(first, f->pairs, sizeof(first));
    make(f, "lin", 8, 11);
    look(f);
    for (int i = 0; i < 8; i++) {
        assert_string_equal(f->pairs[i].context, first[i].context);
        assert_string_equal(f->pairs[i].left, first[i].left);
    }
    make(f, "lin", 8, 12);
    look(f);
    for (int i = 0; i < 8; i++)
        same += strcmp(f->pairs[i].context, first[i].context) == 0;
    assert_true(same < 8);
}

static void choices(void **state)
{
    struct fixture *f = *state;
    open_with(f, SCRIPT);
    make(f, "lin", 2, 3);
    assert_int_equal(choose(f, 1, "both"), ANIMA_E_INVALID);
    assert_int_equal(choose(f, 0, "left"), ANIMA_E_NOT_FOUND);
    assert_int_equal(choose(f, 3, "left"), ANIMA_E_NOT_FOUND);
    assert_int_equal(choose(f, 1, "left"), 0);
    assert_int_equal(choose(f, 1, "right"), 0); /* another mind */
    assert_int_equal(f->last.chosen, 1);
    look(f);
    assert_string_equal(f->pairs[0].choice, "right");
    char note[402];
    memset(note, 'x', 401);
    note[401] = '\0';
    assert_int_equal(anima_blind_choose(f->at.home, f->id, 2, "same", note, on_done, f, &f->err), ANIMA_E_INVALID);
    assert_int_equal(choose(f, 2, "same"), 0);
    assert_int_equal(f->last.same, 1);
    assert_int_equal(choose(f, 1, "left"), ANIMA_E_CONFLICT);
    snprintf(f->id, sizeof(f->id), "none");
    assert_int_equal(choose(f, 1, "left"), ANIMA_E_NOT_FOUND);
    assert_int_equal(begin(f, "nobody", 2, 1), ANIMA_E_NOT_FOUND);
    assert_int_equal(begin(f, "lin", 51, 1), ANIMA_E_INVALID);
    const anima_blind_options other = { .language = "fr" };
    assert_int_equal(anima_blind_start(f->at.home, "lin", &other, f->id, on_done, f, &f->err), ANIMA_E_INVALID);
}

/* What is made stays as it is, the rest is made after the next start. */
static void closed_in_the_middle(void **state)
{
    struct fixture *f = *state;
    struct pair first[MOST];
    open_with(f, "say: [{adapter}] {n} {last}\ndelay_ms: 15\n");
    if (begin(f, "lin", 4, 7))
        fail_msg("%s", f->err.message);
    scratch_until(&f->at, &f->last.made, 1);
    anima_home_close(f->at.home);
    int ready = f->ready;
    scratch_open(&f->at, NULL, on_event, f);
    look(f);
    int n = f->n;
    assert_true(n >= 1 && n < 4);
    assert_int_equal(choose(f, 1, "left"), 0); /* while the others are made */
    look(f);
    memcpy(first, f->pairs, sizeof(first));
    scratch_until(&f->at, &f->ready, ready + 1);
    look(f);
    assert_int_equal(f->n, 4);
    for (int i = 0; i < n; i++)
        assert_memory_equal(&f->pairs[i], &first[i], sizeof(first[i]));
    for (int i = 0; i < 4; i++)
        assert_true(by_adapter(f->pairs[i].left) != by_adapter(f->pairs[i].right));
    assert_int_equal(choose(f, 4, "left"), 0);
    assert_string_equal(f->last.state, "asking");
}

static void one_at_a_time_and_deleted(void **state)
{
    struct fixture *f = *state;
    anima_blind round;
    open_with(f, "say: [{adapter}] {n} {last}\ndelay_ms: 20\n");
    assert_int_equal(begin(f, "lin", 4, 1), 0);
    const anima_blind_options options = { .pairs = 2 };
    char id[24];
    assert_int_equal(anima_blind_start(f->at.home, "lin", &options, id, on_done, f, &f->err), ANIMA_E_BUSY);
    int before = f->reported;
    assert_int_equal(anima_blind_remove(f->at.home, f->id, on_done, f, &f->err), 0);
    scratch_until(&f->at, &f->reported, before + 1);
    assert_int_equal(f->rc, 0);
    assert_int_equal(f->removed, 1);
    assert_int_equal(anima_blind_get(f->at.home, f->id, &round, &f->err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_blind_remove(f->at.home, f->id, on_done, f, &f->err), ANIMA_E_NOT_FOUND);
    scratch_write(&f->at, "script.txt", SCRIPT);
    make_adapter(f, "lin", "weights"); /* for the script as it is now */
    anima_home_close(f->at.home);
    scratch_open(&f->at, NULL, on_event, f);
    make(f, "lin", 2, 1); /* nothing is in its way */
}

static void without_an_adapter(void **state)
{
    struct fixture *f = *state;
    open_with(f, SCRIPT);
    assert_int_equal(begin(f, "theo", 2, 1), ANIMA_E_CONFLICT);
    assert_non_null(strstr(f->err.message, "anima train theo"));
    scratch_write_in(&f->at, "characters/lin/adapters", "one.gguf", "other weights");
    assert_int_equal(begin(f, "lin", 2, 1), ANIMA_E_CONFLICT);
    assert_non_null(strstr(f->err.message, "is not the one"));
}

/* Another adapter in the middle: it says so, and goes on with the one that it began with. */
static void another_adapter(void **state)
{
    struct fixture *f = *state;
    char id[24];
    open_with(f, "say: [{adapter}] {n} {last}\ndelay_ms: 15\n");
    assert_int_equal(begin(f, "lin", 3, 1), 0);
    memcpy(id, f->id, sizeof(id));
    scratch_until(&f->at, &f->last.made, 1);
    make_adapter(f, "lin", "other weights");
    scratch_until(&f->at, &f->failed, 1);
    assert_non_null(strstr(f->last.message, "another adapter"));
    assert_int_equal(f->last.code, ANIMA_E_CONFLICT);
    int made = f->last.made;
    assert_true(made >= 1 && made < 3);
    assert_int_equal(choose(f, 1, "same"), 0); /* what is made can be looked at */
    make_adapter(f, "lin", "weights");
    make(f, "lin", 0, 0);
    assert_string_equal(f->id, id);
    assert_int_equal(f->last.chosen, 1);
    assert_int_equal(f->last.code, 0);
}

static void an_engine_that_refuses(void **state)
{
    struct fixture *f = *state;
    open_with(f, "error: ANIMA_E_LIMIT too much\n");
    assert_int_equal(begin(f, "lin", 2, 1), 0);
    scratch_until(&f->at, &f->failed, 1);
    assert_non_null(strstr(f->last.message, "too much"));
    assert_int_equal(f->last.made, 0);
}

/* People go first: while a reply is under way, none of a pair is begun. */
static void conversations_go_first(void **state)
{
    struct fixture *f = *state;
    anima_conversation *c;
    int64_t seq;
    open_with(f, "match: hello\ndelay_ms: 60\nsay: Hi there you people all.\n\n" SCRIPT);
    assert_int_equal(anima_conversation_create(f->at.home, "theo", NULL, &c, NULL), 0);
    const anima_message m = { .text = "hello" };
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    assert_int_equal(begin(f, "lin", 2, 1), 0);
    while (!f->replies) {
        assert_int_equal(f->last.made, 0);
        anima_home_step(f->at.home, 20);
    }
    scratch_until(&f->at, &f->ready, 1);
    anima_conversation_close(c);
}

/* Without conversations of its own: people talking; with a few: those first. */
static void contexts_of_others(void **state)
{
    struct fixture *f = *state;
    char text[2000] = "";
    open_with(f, SCRIPT);
    scratch_write_in(&f->at, "characters/zed", "character.ini", "[character]\nname = Zed\nlanguage = en\n");
    scratch_write_in(&f->at, "characters/zed", "persona.en.md", "You are Zed. You keep bees.\n");
    make_adapter(f, "zed", "weights");
    anima_characters_refresh(f->at.home);
    make(f, "zed", 3, 1);
    look(f);
    assert_int_equal(f->n, 3);
    for (int i = 0; i < 3; i++)
        assert_false(f->pairs[i].own);
    for (int i = 1; i <= 10; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "## %d\n> Where is hive %d?\nBehind the shed.\n\n",
                 i, i);
    scratch_write_in(&f->at, "characters/zed/corpus/en", "bees.md", text);
    make(f, "zed", 3, 1);
    look(f);
    assert_true(f->pairs[0].own && !f->pairs[1].own && !f->pairs[2].own);
    assert_non_null(strstr(f->pairs[0].context, "Where is hive 10?")); /* the tenth is held back */
}

static void sign_test(void **state)
{
    (void)state;
    assert_true(blind_sign_test(0, 0) == 1);
    assert_true(blind_sign_test(5, 5) == 1);
    assert_true(blind_sign_test(1, 0) == 1);
    assert_true(blind_sign_test(10, 0) == 2.0 / 1024);
    assert_true(blind_sign_test(0, 10) == 2.0 / 1024);
    assert_true(blind_sign_test(9, 1) == 22.0 / 1024);
    assert_true(blind_sign_test(8, 2) == 112.0 / 1024);
    assert_true(blind_sign_test(50, 0) > 0 && blind_sign_test(50, 0) < 1e-14);
    anima_blind r = { .pairs = 10, .trained = 9, .prompted = 1 };
    blind_result(&r);
    assert_non_null(strstr(r.en, "the trained one is better"));
    assert_non_null(strstr(r.en, "2.15 of 100"));
    assert_non_null(strstr(r.zh, "训练过的更好"));
    r = (anima_blind){ .pairs = 4, .same = 4 };
    blind_result(&r);
    assert_non_null(strstr(r.en, "Neither"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(a_round),
                                        T(what_both_read),
                                        T(never_tells_before_the_end),
                                        T(the_seed_decides),
                                        T(choices),
                                        T(closed_in_the_middle),
                                        T(one_at_a_time_and_deleted),
                                        T(without_an_adapter),
                                        T(another_adapter),
                                        T(an_engine_that_refuses),
                                        T(conversations_go_first),
                                        T(contexts_of_others),
                                        cmocka_unit_test(sign_test) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
