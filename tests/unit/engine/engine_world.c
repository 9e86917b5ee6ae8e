#include "engine_world.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

const anima_sampling unset = { .temperature = ANIMA_UNSET,
                               .top_p = ANIMA_UNSET,
                               .min_p = ANIMA_UNSET,
                               .top_k = -1,
                               .repeat_penalty = ANIMA_UNSET,
                               .frequency_penalty = ANIMA_UNSET,
                               .presence_penalty = ANIMA_UNSET,
                               .dry_multiplier = ANIMA_UNSET,
                               .seed = -1 };

static void on_state(void *ctx, const anima_engine_info *info)
{
    struct world *w = ctx;
    w->calls_inside += w->inside;
    size_t n = strlen(w->states);
    snprintf(w->states + n, sizeof(w->states) - n, "%s ", info->state);
}

static int resolve(void *ctx, const char *model, struct engine_spec *spec, anima_error *err)
{
    struct world *w = ctx;
    if (strcmp(model, "unknown") == 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "no model of that name; see \"anima models\"");
    char options[4096];
    snprintf(options, sizeof(options), "{\"log\":\"%s\"%s%s}", w->log, *model ? "," : "", model);
    strcpy(spec->driver, "fake");
    spec->model = mem_strdup("none");
    spec->options = mem_strdup(options);
    spec->runtime = mem_strdup("/nowhere");
    spec->beside = w->beside && *model != ' ';
    return ANIMA_OK;
}

void set_patience(struct world *w, int hang_ms, int load_ms)
{
    struct engine_times times = { .backoff_ms = 10,
                                  .backoff_again_ms = 20,
                                  .window_ms = 60000,
                                  .ping_ms = hang_ms / 10,
                                  .hang_ms = hang_ms,
                                  .load_ms = load_ms,
                                  .stop_ms = 200 };
    engine_set_times(w->set, &times);
}

void make_world_of(struct world *w, const char *program, int max_loaded)
{
    static int n_worlds;
    *w = (struct world){ 0 };
    const char *tmp = getenv("TMPDIR");
    snprintf(w->log, sizeof(w->log), "%s/anima-fake-%d-%d", tmp ? tmp : P_tmpdir, getpid(), n_worlds++);
    assert_int_equal(loop_create(&w->loop, NULL), ANIMA_OK);
    assert_int_equal(engine_set_create(w->loop, program, max_loaded, resolve, on_state, w, &w->set, NULL), ANIMA_OK);
    set_patience(w, 5000, 5000);
}

void make_world(struct world *w)
{
    assert_non_null(getenv("FAKE_ENGINE"));
    make_world_of(w, getenv("FAKE_ENGINE"), 2);
}

void end_world(struct world *w)
{
    assert_int_equal(w->calls_inside, 0);
    engine_set_destroy(w->set);
    loop_destroy(w->loop);
    unlink(w->log);
}

void wait_flag(struct world *w, const int *flag)
{
    for (uint64_t end = uv_hrtime() + PATIENCE; !*flag && uv_hrtime() < end;)
        loop_step(w->loop, 10);
    assert_int_not_equal(*flag, 0);
}

void wait_states(struct world *w, const char *states)
{
    for (uint64_t end = uv_hrtime() + PATIENCE; !strstr(w->states, states) && uv_hrtime() < end;)
        loop_step(w->loop, 10);
}

void steps(struct world *w, int ms)
{
    uint64_t end = uv_hrtime() + (uint64_t)ms * 1000000;
    while (uv_hrtime() < end)
        loop_step(w->loop, 5);
}

int logged(struct world *w, const char *what)
{
    char *data;
    int n = 0;
    if (fs_read(w->log, 1 << 24, &data, NULL, NULL))
        return 0;
    for (char *at = data; (at = strstr(at, what)); at++)
        n++;
    mem_free(data);
    return n;
}
