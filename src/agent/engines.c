/* engines.c — what engines are doing, in the words of people: streams get the titles of their conversations. */
#include "agent/reading.h"
#include "agent/state.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

#include <string.h>

#define MAX_MEMORY (16u << 20)

struct look {
    anima_home *home;
    anima_engine_stats_cb *done;
    void *ctx;
};

/* What reading_name made: the conversation's id and the language; anything else is left as it is. */
static void name_stream(struct arena *arena, anima_home *home, anima_engine_stream *s)
{
    anima_conversation_info info;
    const char *id = s->name + 2, *language = strncmp(s->name, "c-", 2) == 0 ? strchr(id, '-') : NULL;
    if (!language || !(id = arena_strndup(arena, id, (size_t)(language - id))) ||
        store_conversation_get(home->store, id, &info, NULL))
        return;
    const anima_character *who = anima_character_find(home, info.character);
    const char *title = arena_strdup(arena, info.title), *name = arena_strdup(arena, who ? who->name : info.character);
    const char *spoken = arena_strndup(arena, language + 1, strcspn(language + 1, "-"));
    if (!title || !name || !spoken)
        return;
    s->conversation = id;
    s->title = title;
    s->character = name;
    s->language = spoken;
}

static int name_all(struct arena *arena, anima_home *home, anima_engine_stats *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t bytes = list[i].n_streams * sizeof(anima_engine_stream);
        anima_engine_stream *streams = arena_alloc(arena, bytes + 1);
        if (!streams)
            return ANIMA_E_NOMEM;
        if (bytes)
            memcpy(streams, list[i].streams, bytes);
        for (size_t k = 0; k < list[i].n_streams; k++)
            name_stream(arena, home, &streams[k]);
        list[i].streams = streams;
    }
    return ANIMA_OK;
}

static void told(void *ctx, int code, const anima_engine_stats *list, size_t n)
{
    struct look look = *(struct look *)ctx;
    struct arena arena;
    anima_error err;
    mem_free(ctx);
    arena_init(&arena, MAX_MEMORY);
    anima_engine_stats *named = code ? NULL : arena_alloc(&arena, n * sizeof(*named) + 1);
    if (named && n)
        memcpy(named, list, n * sizeof(*named));
    if (!code)
        code = named ? name_all(&arena, look.home, named, n) : ANIMA_E_NOMEM;
    if (code)
        err_set(&err, code, code == ANIMA_E_CANCELLED ? "the home is being closed" : "out of memory");
    look.done(look.ctx, code, &err, code ? NULL : named, code ? 0 : n);
    arena_finish(&arena);
}

int anima_engine_stats_ask(anima_home *home, anima_engine_stats_cb *done, void *ctx, anima_error *err)
{
    if (!home->engines)
        return home_looked_at_only(err);
    struct look *look = mem_zero(1, sizeof(*look));
    if (!look)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *look = (struct look){ home, done, ctx };
    int rc = engine_stats_ask(home->engines, told, look, err);
    if (rc)
        mem_free(look);
    return rc;
}
