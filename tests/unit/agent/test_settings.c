/* Settings and characters: files a person edits, with messages that name the line. */
#include "agent/cast.h"
#include "agent/settings.h"

#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, const char *const *set, struct settings **out, anima_error *err)
{
    return settings_parse(text, strlen(text), "config.ini", set, out, err);
}

static void test_defaults_and_order(void **state)
{
    (void)state;
    struct settings *s;
    anima_error err;
    const char *set[] = { "server.port=9", "person.name=安", NULL };
    assert_int_equal(parse("[server]\nport = 8\nbind = ::1\n", set, &s, &err), 0);
    assert_int_equal(settings_int(s, "server.port"), 9);
    assert_string_equal(settings_get(s, "server.bind"), "::1");
    assert_string_equal(settings_get(s, "person.name"), "安");
    assert_string_equal(settings_get(s, "model.default"), "qwen2.5-coder-1.5b");
    assert_null(settings_get(s, "no.such"));
    settings_free(s);
    for (size_t i = 0; settings_at(i); i++) /* every default is a value the setting may have */
        assert_int_equal(settings_check(settings_at(i)->key, settings_at(i)->otherwise, &err), 0);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *in_message;
        int code;
    } cases[] = {
        { "[server]\nport = 70000", "config.ini, line 2: server.port takes a whole number", ANIMA_E_INVALID },
        { "[server]\n\nprot = 1", "line 3: there is no setting \"server.prot\"; did you mean server.port?",
          ANIMA_E_NOT_FOUND },
        { "[ui]\nlanguage = de", "one of auto|zh|en", ANIMA_E_INVALID },
        { "[ui]\nlanguage = zh|en", "one of auto|zh|en", ANIMA_E_INVALID },
        { "[engine]\nslots = 1x", "engine.slots takes", ANIMA_E_INVALID },
        { "port = 1", "there is no setting \"port\"", ANIMA_E_NOT_FOUND },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings *s = NULL;
        anima_error err = { 0 };
        assert_int_equal(parse(cases[i].text, NULL, &s, &err), cases[i].code);
        if (!strstr(err.message, cases[i].in_message))
            fail_msg("message \"%s\" lacks \"%s\"", err.message, cases[i].in_message);
        assert_null(s);
    }
    struct settings *s;
    anima_error err;
    const char *set[] = { "server.port", NULL };
    assert_int_equal(parse("", set, &s, &err), ANIMA_E_INVALID);
}

static int count_line(void *ctx, const char *model, const char *key, const char *value, anima_error *err)
{
    (void)err;
    char *all = ctx;
    snprintf(all + strlen(all), 200 - strlen(all), "%s.%s=%s;", model, key, value);
    return 0;
}

static void test_own_models(void **state)
{
    (void)state;
    struct settings *s;
    char all[200] = "";
    assert_int_equal(parse("[model big]\ndriver = openai\nmodel = x\n[model mine]\npath = /m.gguf\n", NULL, &s, NULL),
                     0);
    assert_int_equal(settings_models(s, count_line, all, NULL), 0);
    assert_string_equal(all, "big.driver=openai;big.model=x;mine.path=/m.gguf;");
    settings_free(s);
}

static void write_character(const char *dir, const char *ini)
{
    char *file = fs_join(dir, "character.ini", (char *)NULL), *persona = fs_join(dir, "persona.en.md", (char *)NULL);
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    assert_int_equal(fs_write(file, ini, strlen(ini), 0600, NULL), 0);
    assert_int_equal(fs_write(persona, "You are a test.", 15, 0600, NULL), 0);
    mem_free(file);
    mem_free(persona);
}

static void test_characters(void **state)
{
    (void)state;
    char root[] = "/tmp/anima-cast-XXXXXX";
    assert_non_null(mkdtemp(root));
    char *good = fs_join(root, "good", (char *)NULL), *bad = fs_join(root, "bad", (char *)NULL);
    char *odd = fs_join(root, "not a character", (char *)NULL);
    write_character(good, "[character]\nname = 好人\ngreeting.zh = 你好\ngreeting.en = hi\n[sampling]\ntemperature = "
                          "0.3\nstop = END\nstop = 完\nseed = 7\n");
    write_character(bad, "[sampling]\ntemperature = hot\n");
    write_character(odd, "");
    struct cast cast = { 0 };
    anima_error err;
    assert_int_equal(cast_load(&cast, root, true, "zh", &err), 0);
    assert_int_equal(cast.n, 1);
    const struct character *c = cast_find(&cast, "good");
    assert_string_equal(c->pub.name, "好人");
    assert_string_equal(c->pub.greeting, "你好");
    assert_string_equal(c->personas[0].text, "You are a test.");
    assert_true(c->sampling.temperature == 0.3);
    assert_true(c->sampling.top_p == ANIMA_UNSET);
    assert_int_equal(c->sampling.seed, 7);
    assert_string_equal(c->sampling.stop[1], "完");
    assert_null(c->sampling.stop[2]);
    struct character *broken;
    assert_int_equal(character_load(bad, "bad", "", &broken, &err), ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "line 2: temperature cannot be \"hot\""));
    assert_int_equal(cast_load(&cast, root, true, "zh", &err), 0); /* the first of a name wins */
    assert_int_equal(cast.n, 1);
    cast_finish(&cast);
    mem_free(good);
    mem_free(bad);
    mem_free(odd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_and_order),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_own_models),
        cmocka_unit_test(test_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
