/* The blind pairs of a home in memory: one round "round" of lin's with two pairs, of which one is chosen. */
#include "fake_home.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define MAX_WAITING 8

static struct {
    anima_done *done;
    void *ctx;
} waiting[MAX_WAITING];
static int n_waiting;

void fake_blind_step(void)
{
    anima_error err = { .code = fake_home.change_fails ? fake_home.change_fails : fake_home.change_note,
                        .message = "refused" };
    while (n_waiting) {
        n_waiting--;
        waiting[n_waiting].done(waiting[n_waiting].ctx, fake_home.change_fails, &err);
    }
}

static int later(anima_done *done, void *ctx, anima_error *err)
{
    if (n_waiting == MAX_WAITING)
        return err_set(err, ANIMA_E_BUSY, "too many");
    waiting[n_waiting].done = done;
    waiting[n_waiting++].ctx = ctx;
    return ANIMA_OK;
}

static anima_blind the_round(void)
{
    anima_blind r = { .id = "round",
                      .character = "lin",
                      .language = "en",
                      .state = "asking",
                      .model = "m",
                      .adapter = "a",
                      .adapter_sha256 = "0",
                      .seed = -1,
                      .made_ms = 5,
                      .pairs = 2,
                      .made = 2,
                      .chosen = 1 };
    if (fake_home.blind_done) {
        snprintf(r.state, sizeof(r.state), "done");
        r.chosen = 2;
        r.seed = 7;
        r.trained = r.same = 1;
        r.p = 1;
        snprintf(r.zh, sizeof(r.zh), "一样");
        snprintf(r.en, sizeof(r.en), "the same");
    }
    return r;
}

int anima_blind_start(anima_home *home, const char *character, const anima_blind_options *options, char id[24],
                      anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (options->pairs > ANIMA_BLIND_MOST)
        return err_set(err, ANIMA_E_INVALID, "too many");
    if (options->seed == 9)
        return err_set(err, ANIMA_E_CONFLICT, "lin has no adapter that is used");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "blind %s %d %d",
             options->language ? options->language : "-", options->pairs, (int)options->seed);
    snprintf(id, 24, "round");
    return later(done, ctx, err);
}

int anima_blind_list(anima_home *home, const char *character, anima_blind_cb *cb, void *ctx, anima_error *err)
{
    const anima_blind r = the_round();
    (void)home;
    (void)err;
    return !character || strcmp(character, "lin") == 0 ? cb(ctx, &r) : ANIMA_OK;
}

int anima_blind_get(anima_home *home, const char *id, anima_blind *out, anima_error *err)
{
    (void)home;
    *out = the_round();
    return strcmp(id, "round") == 0 ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "there is no round \"%.64s\"", id);
}

int anima_blind_pairs(anima_home *home, const char *id, anima_blind_pair_cb *cb, void *ctx, anima_error *err)
{
    static const char context[] = "[{\"role\":\"person\",\"text\":\"Hi?\"}]";
    const char *told = fake_home.blind_done ? "right" : "";
    const anima_blind_pair pairs[] = { { 1, true, context, "Yes.", "No.", "left", "warm", 6, told },
                                       { 2, false, context, "A", "B", fake_home.blind_done ? "same" : "", "", 0,
                                         told } };
    (void)home;
    (void)id;
    (void)err;
    for (int i = 0; i < 2; i++)
        cb(ctx, &pairs[i]);
    return ANIMA_OK;
}

int anima_blind_choose(anima_home *home, const char *id, int64_t n, const char *choice, const char *note,
                       anima_done *done, void *ctx, anima_error *err)
{
    anima_blind r;
    int rc = anima_blind_get(home, id, &r, err);
    if (!rc && fake_home.blind_done)
        rc = err_set(err, ANIMA_E_CONFLICT, "it is over");
    if (rc)
        return rc;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "choose %d %s %s", (int)n, choice, note ? note : "-");
    return later(done, ctx, err);
}

int anima_blind_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    anima_blind r;
    int rc = anima_blind_get(home, id, &r, err);
    return rc ? rc : later(done, ctx, err);
}
