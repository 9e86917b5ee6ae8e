/* The part of the fake home that knows characters, their cards, and costs. Other threads finish at once here. */
#include "fake_home.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

void anima_characters_refresh(anima_home *home) { (void)home; }

int anima_character_import(anima_home *home, const void *card, size_t n, bool replace, anima_character_done *done,
                           void *ctx, anima_error *err)
{
    anima_error why = { 0 };
    if (n < 2)
        return err_set(err, ANIMA_E_INVALID, "this is no card");
    int rc = ANIMA_OK;
    if (memcmp(card, "{}", 2) == 0)
        rc = err_set(&why, ANIMA_E_INVALID, "the card has no name");
    else if (memcmp(card, "[]", 2) == 0 && !replace)
        rc = err_set(&why, ANIMA_E_EXISTS, "there is a character Lin already");
    fake_home.import = (struct fake_import){ done, ctx, rc, why };
    (void)home;
    return ANIMA_OK;
}

int anima_character_adapter(anima_home *home, const char *id, anima_adapter *out)
{
    (void)home;
    *out = (anima_adapter){ .name = "m", .model = "some-model", .scale = 0.5, .on = true };
    return strcmp(id, "lin") == 0 ? ANIMA_OK : ANIMA_E_NOT_FOUND;
}

static anima_training training(const char *character, const char *state)
{
    anima_training t = { .step = 2, .steps = 5, .loss = 1.5 };
    snprintf(t.character, sizeof(t.character), "%s", character);
    snprintf(t.state, sizeof(t.state), "%s", state);
    return t;
}

int anima_training_look(anima_home *home, const char *character, anima_training *out, anima_error *err)
{
    (void)home;
    *out = training(character, fake_home.trains ? "training" : "none");
    return strcmp(character, "lin") == 0
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
}

int anima_training_start(anima_home *home, const char *character, const anima_training_options *options,
                         anima_error *err)
{
    anima_training now;
    int rc = anima_training_look(home, character, &now, err);
    if (!rc && fake_home.trains)
        rc = err_set(err, ANIMA_E_BUSY, "lin is being trained");
    fake_home.trains |= !rc;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "train %s %d %g", options->model ? options->model : "-",
             options->rank, options->rate);
    return rc;
}

int anima_training_stop(anima_home *home, const char *character, anima_error *err)
{
    (void)home;
    if (!fake_home.trains)
        return err_set(err, ANIMA_E_NOT_FOUND, "%s is not being trained", character);
    fake_home.trains = false;
    return ANIMA_OK;
}

int anima_training_finish(anima_home *home, const char *character, anima_error *err)
{
    anima_training now;
    fake_home.trains = false;
    return anima_training_look(home, character, &now, err);
}

int anima_character_remove(anima_home *home, const char *id, anima_error *err)
{
    if (strcmp(id, "lin") == 0)
        return err_set(err, ANIMA_E_FORBIDDEN, "Lin comes with anima");
    (void)home;
    return strcmp(id, "mine") == 0 ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", id);
}

int anima_character_export(anima_home *home, const char *id, const char *format, anima_card_done *done, void *ctx,
                           anima_error *err)
{
    if (!anima_character_find(home, id))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", id);
    if (strcmp(format, "gif") == 0)
        return err_set(err, ANIMA_E_INVALID, "a card is json, png or charx");
    fake_home.export = (struct fake_export){ done, ctx };
    return ANIMA_OK;
}

static void tell_stats(const struct fake_stats *s)
{
    static const anima_engine_stream stream = { .name = "c-talk-zh",
                                                .conversation = "talk",
                                                .title = "茶",
                                                .character = "Lin",
                                                .language = "zh",
                                                .place = "seated",
                                                .state = "speaking",
                                                .priority = "chat",
                                                .adapter = "",
                                                .tokens = 150,
                                                .said = 3,
                                                .deadline_s = -0.5 };
    const anima_engine_stats stats[2] = {
        { .engine = { .model = "m", .state = "ready", .message = "", .info = "{\"threads\":2}" },
          .age_s = 0.5,
          .busy = 0.25,
          .cells = 4096,
          .moved_s = 1.5,
          .streams = &stream,
          .n_streams = 1 },
        { .engine = { .model = "n", .state = "failed", .message = "no such file", .info = "" }, .age_s = -1 },
    };
    s->cb(s->ctx, ANIMA_OK, NULL, stats, 2);
}

int anima_engine_stats_ask(anima_home *home, anima_engine_stats_cb *cb, void *ctx, anima_error *err)
{
    (void)home, (void)err;
    fake_home.stats = (struct fake_stats){ cb, ctx };
    return ANIMA_OK;
}

void fake_characters_step(void)
{
    const struct fake_import i = fake_home.import;
    const struct fake_export e = fake_home.export;
    fake_home.import.cb = NULL;
    fake_home.export.cb = NULL;
    if (i.cb)
        i.cb(i.ctx, i.rc, &i.err, i.rc ? NULL : anima_character_at(NULL, 0));
    const struct fake_costs c = fake_home.costs;
    static const anima_cost rows[] = { { "a", "A", 1, 10, 5, 1.5, 0.25, 2 }, { "b", "B", 2, 20, 10, 3, 0.5, 4 } };
    fake_home.costs.cb = NULL;
    if (c.cb)
        c.cb(c.ctx, ANIMA_OK, NULL, rows, 2);
    const struct fake_stats s = fake_home.stats;
    fake_home.stats.cb = NULL;
    if (s.cb)
        tell_stats(&s);
    if (e.cb)
        e.cb(e.ctx, ANIMA_OK, NULL, "{\"card\":1}", 10);
}

int64_t anima_cost_since(int days) { return days; }

int anima_cost_ask(anima_home *home, anima_cost_by by, int64_t since_ms, anima_costs *done, void *ctx, anima_error *err)
{
    (void)home, (void)since_ms;
    if (by == ANIMA_COST_MODEL)
        return err_set(err, ANIMA_E_IO, "the ledger cannot be read");
    fake_home.costs = (struct fake_costs){ done, ctx };
    return ANIMA_OK;
}

void anima_cost_limits(anima_home *home, anima_cost_limit_cb *cb, void *ctx)
{
    const anima_cost_limit limit = { "person", "1", "Ann", "tokens", 15, 100 };
    (void)home;
    cb(ctx, &limit);
}

static const anima_note noted = { 7, "lin", 1, "Ann", "Call me Ann.", "Call me Ann.", "talk", 1, 5, true };

void anima_note_list(anima_home *home, const char *character, anima_note_cb *cb, void *ctx)
{
    (void)home;
    if (!character || strcmp(character, noted.character) == 0)
        cb(ctx, &noted);
}

int anima_note_add(anima_home *home, const char *character, const char *person, const char *text, anima_note *out,
                   anima_error *err)
{
    (void)home;
    if (!anima_character_find(home, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%s\"", character);
    *out = noted;
    out->text = text;
    out->person_name = person ? person : "Ann";
    return *text ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "a note is empty");
}

int anima_note_change(anima_home *home, int64_t id, const char *text, int active, anima_note *out, anima_error *err)
{
    (void)home;
    if (id != noted.id)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no note");
    *out = noted;
    out->text = text ? text : noted.text;
    out->active = active < 0 ? noted.active : active > 0;
    return ANIMA_OK;
}

int anima_note_remove(anima_home *home, int64_t id, anima_error *err)
{
    (void)home;
    return id == noted.id ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "there is no note");
}

bool anima_ability_at(const anima_home *home, size_t i, anima_ability *out)
{
    (void)home;
    *out = (anima_ability){ "text", true, "打字", "writing", "写吧", "write" };
    return i == 0;
}

int anima_facts_look(anima_home *home, const char *character, anima_facts *out, anima_error *err)
{
    (void)home;
    *out = (anima_facts){ .kept = 3, .passages = 7 };
    snprintf(out->character, sizeof(out->character), "%s", character);
    snprintf(out->state, sizeof(out->state), "%s", fake_home.asks ? "asking" : "none");
    return strcmp(character, "lin") == 0 ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "there is no such character");
}

int anima_facts_start(anima_home *home, const char *character, const anima_facts_options *options, anima_error *err)
{
    anima_facts now;
    int rc = anima_facts_look(home, character, &now, err);
    if (!rc && fake_home.asks)
        rc = err_set(err, ANIMA_E_BUSY, "one at a time");
    if (!rc && options->texts)
        rc = err_set(err, ANIMA_E_FORBIDDEN, "files that a stranger named");
    fake_home.asks |= !rc;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "facts %s %d", options->model ? options->model : "-",
             options->questions);
    return rc;
}

int anima_facts_stop(anima_home *home, const char *character, anima_error *err)
{
    (void)home;
    (void)character;
    if (!fake_home.asks)
        return err_set(err, ANIMA_E_NOT_FOUND, "none is under way");
    fake_home.asks = false;
    return ANIMA_OK;
}
