#include "scratch.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MAX_SETTINGS 12

void scratch_write(const struct scratch *s, const char *name, const char *text)
{
    char *file = fs_join(s->dir, name, (char *)NULL);
    assert_int_equal(fs_write(file, text, strlen(text), 0600, NULL), 0);
    mem_free(file);
}

void scratch_write_in(const struct scratch *s, const char *folder, const char *name, const char *text)
{
    char *path = fs_join(folder, name, (char *)NULL), *dir = fs_join(s->dir, folder, (char *)NULL);
    assert_int_equal(fs_mkdirs(dir, NULL), 0);
    scratch_write(s, path, text);
    mem_free(path);
    mem_free(dir);
}

void scratch_make(struct scratch *s, const char *script)
{
    snprintf(s->dir, sizeof(s->dir), "/tmp/anima-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    scratch_write(s, "script.txt", script);
}

void scratch_open(struct scratch *s, const char *const *more, anima_event_cb *cb, void *ctx)
{
    char program[300], model[120];
    const char *set[MAX_SETTINGS + 4] = { program, model, "person.name=Ann" };
    anima_error err;
    anima_subscription *subscription;
    snprintf(program, sizeof(program), "engine.program=%s", getenv("ANIMA_TEST_ENGINE"));
    snprintf(model, sizeof(model), "model.default=script:%s/script.txt", s->dir);
    for (size_t i = 0; more && more[i]; i++) {
        assert_true(i < MAX_SETTINGS);
        set[3 + i] = more[i];
    }
    const anima_home_options options = { .path = s->dir, .set = set };
    if (anima_home_open(&options, &s->home, &err))
        fail_msg("open: %s", err.message);
    assert_int_equal(anima_subscribe(s->home, NULL, cb, ctx, &subscription, &err), 0);
}

void scratch_until(const struct scratch *s, const int *count, int n)
{
    time_t end = time(NULL) + 30;
    while (*count < n && time(NULL) < end)
        anima_home_step(s->home, 100);
    assert_true(*count >= n);
}

void scratch_rest(anima_home *home, int ms)
{
    for (int64_t left, end = clock_mono_us() + ms * 1000ll; (left = end - clock_mono_us()) > 0;)
        anima_home_step(home, 1 + (int)(left / 1000));
}

int scratch_remove(struct scratch *s)
{
    char command[100];
    anima_home_close(s->home);
    s->home = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", s->dir);
    return system(command);
}
