#include "corpus/held.h"

#include "base/err.h"

#include <string.h>

struct prompt_turn corpus_says(const char *text)
{
    return (struct prompt_turn){ strcmp(prompt_language(text), "zh") == 0 ? "阿宁" : "Sam", text };
}

int corpus_each(struct arena *arena, const struct corpus_text *texts, size_t n, bool all, corpus_conversation_cb *cb,
                void *ctx, anima_error *err)
{
    size_t index[CORPUS_LANGUAGES] = { 0 };
    int rc = ANIMA_OK;
    for (size_t i = 0; !rc && i < n; i++) {
        struct corpus_conversation *c = NULL;
        rc = corpus_read(arena, &texts[i], &c, err);
        for (; !rc && c; c = c->next)
            if (corpus_tells_life(texts[i].name) ? all : corpus_held_back(index[corpus_language(c->language)]++) || all)
                rc = cb(ctx, c, err);
    }
    return rc;
}

int corpus_contexts(struct arena *arena, const struct corpus_conversation *c, corpus_context_cb *cb, void *ctx,
                    anima_error *err)
{
    struct prompt_turn *turns = arena_alloc(arena, c->n * sizeof(*turns));
    size_t n = 0;
    int rc = turns ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a conversation");
    for (size_t i = 0; !rc && i < c->n; i++) {
        const struct corpus_message *m = &c->messages[i];
        bool answer = strcmp(m->role, "assistant") == 0;
        if (strcmp(m->role, "system") == 0)
            continue;
        if (answer && n && turns[n - 1].speaker) {
            const struct corpus_context here = { prompt_spoken(turns, n), turns, n, m->text };
            rc = cb(ctx, &here, err);
        }
        turns[n++] = answer ? (struct prompt_turn){ NULL, m->text } : corpus_says(m->text);
    }
    return rc;
}
