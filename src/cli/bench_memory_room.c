#include "cli/bench_memory_room.h"

#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/progress.h"
#include "engine/models.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_TALK (4u << 20)
#define AGO_MS (8 * 3600000ll)
#define PATIENCE_US 60000000 /* without anything being done */

/* ---- the home ---- */

char *memory_file(const char *name)
{
    char *share = fs_share_dir(), *path = share ? fs_join(share, "../tests/memory", name, (char *)NULL) : NULL;
    mem_free(share);
    return path;
}

static int script_setting(const char *script, char *out, size_t size, anima_error *err)
{
    char *path = *script == '/' ? mem_strdup(script) : memory_file(script);
    int rc = !path              ? err_set(err, ANIMA_E_NOMEM, "out of memory for a path")
             : !fs_exists(path) ? err_set(err, ANIMA_E_NOT_FOUND, "%s is not here: this needs a checkout", path)
                                : ANIMA_OK;
    if (!rc && (size_t)snprintf(out, size, "model.default=script:%s", path) >= size)
        rc = err_set(err, ANIMA_E_LIMIT, "the path of %s is too long", script);
    mem_free(path);
    return rc;
}

static bool is_there(anima_home *home, const char *name)
{
    const struct model *model = models_find(home_models(home), name);
    return strncmp(name, "script:", 7) == 0 || (model && model_present(model));
}

int memory_room_open(struct memory_bench *b, const char *script, const char *const *sets, struct bench_report *report,
                     struct memory_room *r, anima_error *err)
{
    static struct bench_report unused;
    char model[600];
    const char *given = cli_value(b->cli, "model");
    struct cli with = *b->cli;
    size_t k = 0;
    *r = (struct memory_room){ .open = false };
    while (with.set[k])
        k++;
    int rc = script ? script_setting(script, model, sizeof(model), err) : ANIMA_OK;
    if (!script && given)
        snprintf(model, sizeof(model), "model.default=%s", given);
    if (script || given)
        with.set[k++] = model;
    for (; *sets && k < CLI_MAX_SET; sets++)
        with.set[k++] = *sets;
    with.set[k < CLI_MAX_SET ? k : CLI_MAX_SET] = NULL;
    if (rc)
        return rc;
    if (bench_room_open(&with, &r->room, report ? report : &unused))
        return err_set(err, ANIMA_E_IO, "the bench has no home");
    if (!*b->report->model) { /* a script, if nothing else is asked */
        memcpy(b->report->model, unused.model, sizeof(unused.model));
        memcpy(b->report->model_sha256, unused.model_sha256, sizeof(unused.model_sha256));
    }
    r->open = true;
    r->by_meaning = is_there(r->room.home, anima_home_setting(r->room.home, "embed.model"));
    return ANIMA_OK;
}

void memory_room_close(struct memory_room *r)
{
    if (r->open)
        bench_room_close(&r->room);
    r->open = false;
}

int memory_room_keeper(struct memory_room *r, anima_error *err)
{
    static const char *const files[][2] = {
        { "character.ini", "[character]\nname = Keeper\nlanguage = en\n[sampling]\nmax_tokens = 100000\n" },
        { "persona.en.md", MEMORY_SAYS_EN "\n" },
        { "persona.zh.md", MEMORY_SAYS_ZH "\n" },
    };
    char *dir = fs_join(anima_home_path(r->room.home), "characters", MEMORY_KEEPER, (char *)NULL);
    int rc = dir ? fs_mkdirs(dir, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !rc; i++) {
        char *file = fs_join(dir, files[i][0], (char *)NULL);
        rc = file ? fs_write(file, files[i][1], strlen(files[i][1]), 0600, err)
                  : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
        mem_free(file);
    }
    mem_free(dir);
    if (!rc)
        anima_characters_refresh(r->room.home);
    return rc || anima_character_find(r->room.home, MEMORY_KEEPER)
               ? rc
               : err_set(err, ANIMA_E_NOT_FOUND, "the keeper does not come");
}

/* ---- waiting ---- */

void memory_waiting_done(void *ctx, int code, const anima_error *err)
{
    struct memory_waiting *w = ctx;
    w->done = true;
    w->code = code;
    if (err)
        w->why = *err;
}

static void on_made(void *ctx, int code, const anima_error *err, anima_conversation *made)
{
    struct memory_waiting *w = ctx;
    anima_conversation_info info;
    memory_waiting_done(ctx, code, err);
    if (!made)
        return;
    anima_conversation_describe(made, &info);
    memcpy(w->id, info.id, sizeof(w->id));
}

int memory_room_wait(struct memory_room *r, struct memory_waiting *w, anima_error *err)
{
    int64_t since = clock_mono_us();
    while (!w->done && !progress_interrupted() && clock_mono_us() - since < PATIENCE_US)
        anima_home_step(r->room.home, 50);
    if (!w->done)
        return err_set(err, ANIMA_E_CANCELLED, "stopped");
    return w->code ? err_set(err, w->code, "%s", w->why.message) : ANIMA_OK;
}

/* ---- what took place ---- */

static void put_line(struct buf *out, const struct memory_line *line)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "role", line->who ? "person" : "character");
    if (line->who)
        jw_str(&w, "person", line->who);
    jw_str(&w, "text", line->text);
    jw_int(&w, "created_ms", line->at_ms);
    jw_end_obj(&w);
    buf_puts(out, "\n");
}

int memory_room_talk(struct memory_room *r, const char *character, const struct memory_line *lines, size_t n,
                     char id[24], anima_error *err)
{
    struct memory_waiting w = { .done = false };
    struct buf file;
    buf_init(&file, MAX_TALK);
    buf_printf(&file, "{\"anima\":1,\"kind\":\"conversation\",\"created_ms\":%lld}\n", (long long)lines[0].at_ms);
    for (size_t i = 0; i < n; i++)
        put_line(&file, &lines[i]);
    int rc = file.failed ? err_set(err, ANIMA_E_LIMIT, "a talk is too long")
                         : anima_import(r->room.home, character, file.data, file.len, on_made, &w, err);
    if (!rc)
        rc = memory_room_wait(r, &w, err);
    buf_finish(&file);
    memcpy(id, w.id, 24);
    return rc;
}

int memory_room_rest(struct memory_room *r, anima_error *err)
{
    anima_memory_state s;
    int64_t left = -1, since = 0;
    for (;;) {
        int rc = anima_memory_status(r->room.home, &s, err);
        int64_t todo = rc ? 0 : s.due + s.unread + (r->by_meaning ? s.without_vector : 0), now = clock_mono_us();
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r\033[K%lld turns, %lld things to be done\r", (long long)s.turns, (long long)todo);
        if (rc || !todo)
            return rc;
        since = todo == left ? since : now;
        left = todo;
        if (progress_interrupted() || now - since > PATIENCE_US)
            return err_set(err, ANIMA_E_TIMEOUT, "%lld turns are not made ready to be found", (long long)todo);
        anima_home_step(r->room.home, 50);
    }
}

/* ---- asking ---- */

static int take_told(void *ctx, const anima_memory *m)
{
    struct memory_heard *out = ctx;
    struct memory_told *t = &out->told[out->n_told++];
    snprintf(t->conversation, sizeof(t->conversation), "%s", m->conversation);
    t->seq = m->seq;
    return out->n_told == MEMORY_TOLD;
}

/* The message's own words say nothing about what was remembered. */
static void blank_out(char *prompt, const char *message)
{
    size_t n = strlen(message);
    for (char *at = prompt; n && (at = strstr(at, message)); at += n)
        memset(at, ' ', n);
}

static int say_all(struct memory_room *r, anima_conversation *c, const char *const *people, size_t n, const char *text,
                   anima_error *err)
{
    bool zh = strcmp(prompt_language(text), "zh") == 0;
    int rc = ANIMA_OK;
    for (size_t i = 0; i + 1 < n && !rc; i++)
        rc = bench_room_hear(&r->room, c, people[i], zh ? "大家好。" : "Hello everybody.", err);
    return rc ? rc : bench_room_hear(&r->room, c, people[n - 1], text, err);
}

/* What the last message was answered; the conversation is deleted. */
static int hear(struct memory_room *r, anima_conversation *c, const char *text, struct memory_heard *out,
                anima_error *err)
{
    struct memory_waiting w = { .done = false };
    anima_conversation_info info;
    anima_conversation_describe(c, &info);
    int rc = anima_memory_told(r->room.home, info.id, r->room.wait_for, take_told, out, err);
    blank_out(r->room.reply, text);
    if (!rc)
        rc = anima_conversation_delete(c, false, memory_waiting_done, &w, err);
    return rc ? rc : memory_room_wait(r, &w, err);
}

int memory_room_ask(struct memory_room *r, const char *character, const char *const *people, size_t n, const char *text,
                    struct memory_heard *out, anima_error *err)
{
    const struct character *who = cast_find(home_cast(r->room.home), character);
    anima_conversation *c;
    anima_subscription *events;
    *out = (struct memory_heard){ .prompt = r->room.reply };
    int rc = who ? bench_room_begin(&r->room, who, &c, &events, err)
                 : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%s\"", character);
    if (rc)
        return rc;
    rc = say_all(r, c, people, n, text, err);
    if (!rc)
        rc = hear(r, c, text, out, err);
    bench_room_end(c, events);
    return rc;
}

int memory_room_ask_again(struct memory_room *r, const char *character, const char *const *people, size_t n,
                          const char *text, struct memory_heard *out, anima_error *err)
{
    struct memory_line lines[2 * MEMORY_MEET];
    bool zh = strcmp(prompt_language(text), "zh") == 0;
    size_t k = 0;
    int64_t at_ms = clock_wall_ms() - AGO_MS;
    char id[24];
    anima_conversation *c;
    anima_subscription *events;
    *out = (struct memory_heard){ .prompt = r->room.reply };
    for (size_t i = 0; i < n && i < MEMORY_MEET; i++) {
        lines[k++] = (struct memory_line){ people[i], zh ? "大家好。" : "Hello everybody.", at_ms };
        lines[k++] = (struct memory_line){ NULL, zh ? "嗯。" : "Mm.", at_ms };
    }
    int rc = memory_room_talk(r, character, lines, k, id, err);
    if (!rc)
        rc = bench_room_open_talk(&r->room, id, &c, &events, err);
    if (rc)
        return rc;
    rc = bench_room_hear(&r->room, c, people[n - 1], text, err);
    if (!rc)
        rc = hear(r, c, text, out, err);
    bench_room_end(c, events);
    return rc;
}
