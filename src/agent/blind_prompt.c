/* blind_prompt.c — what the model reads for a pair: as in a conversation, with lore, and without what is told beside the last message. The
 * untrained model has its whole persona with the examples, and the nearest of them in front of the message. */
#include "agent/blind_private.h"

#include "base/err.h"
#include "base/json.h"
#include "corpus/held.h"
#include "mind/sample.h"

#include <string.h>

#define MAX_CONTEXT (1u << 20)

const char *blind_context_write(struct arena *arena, const struct prompt_turn *turns, size_t n)
{
    struct buf b;
    struct jw w;
    buf_init(&b, MAX_CONTEXT);
    jw_init(&w, &b);
    jw_arr(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "role", turns[i].speaker ? "person" : "character");
        jw_str(&w, "text", turns[i].text);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    const char *copy = b.failed ? NULL : arena_strndup(arena, buf_str(&b), b.len);
    buf_finish(&b);
    return copy;
}

static int read_turns(struct arena *arena, const char *context, struct prompt_turn **out, size_t *n, anima_error *err)
{
    yyjson_doc *doc;
    size_t i, max;
    yyjson_val *turn;
    int rc = json_parse(context, strlen(context), MAX_CONTEXT, "the context of a pair", &doc, err);
    if (rc)
        return rc;
    yyjson_val *list = yyjson_doc_get_root(doc);
    struct prompt_turn *turns = *out = arena_alloc(arena, (yyjson_arr_size(list) + 1) * sizeof(*turns));
    *n = 0;
    yyjson_arr_foreach (list, i, max, turn) {
        const char *text = turns ? arena_strdup(arena, json_str(turn, "text", "")) : NULL;
        if (!text)
            rc = ANIMA_E_NOMEM;
        else
            turns[(*n)++] = strcmp(json_str(turn, "role", ""), "person") == 0 ? corpus_says(text)
                                                                              : (struct prompt_turn){ NULL, text };
    }
    yyjson_doc_free(doc);
    if (rc || !turns)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a pair");
    return *n ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "a pair has no context");
}

int blind_prompt(const anima_home *home, struct arena *arena, const struct character *who, const anima_blind *round,
                 const char *context, const struct adapter_use *use, anima_chat_message **out, size_t *n,
                 anima_error *err)
{
    struct prompt_persona bare;
    struct prompt_turn *turns;
    struct prompt_input in = { .character = character_called(who),
                               .now_ms = round->made_ms,
                               .seed = (uint64_t)round->seed };
    int rc = read_turns(arena, context, &turns, &in.n_turns, err);
    if (rc)
        return rc;
    in.turns = turns;
    in.persona = utterance_persona(home, arena, who, prompt_spoken(turns, in.n_turns), use, &bare);
    struct lore *lore = character_lore(who, in.persona->language);
    if (lore)
        rc = prompt_lore(arena, lore, &in, err);
    if (!rc && in.persona->n_samples && sample_show(arena, in.persona, turns[in.n_turns - 1].text, &in))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a pair");
    return rc ? rc : prompt_build(arena, &in, out, n, err);
}
