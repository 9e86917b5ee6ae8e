/* persona_talk.c — how the model is asked, and the conversations that a character's training never saw. */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "corpus/files.h"
#include "corpus/held.h"
#include "mind/sample.h"

#include <stdio.h>
#include <string.h>

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the bench"); }

/* ---- asking ---- */

/* system: NULL, or what stands in front of them. */
static int plain_messages(struct persona_bench *b, const char *system, const struct prompt_turn *turns, size_t n,
                          struct bench_ask *out, anima_error *err)
{
    anima_chat_message *list = arena_alloc(&b->arena, (n + 1) * sizeof(*list));
    size_t k = 0;
    if (list && system)
        list[k++] = (anima_chat_message){ .role = "system", .text = system };
    for (size_t i = 0; list && i < n; i++)
        list[k++] = (anima_chat_message){ .role = turns[i].speaker ? "user" : "assistant", .text = turns[i].text };
    out->messages = list;
    out->n_messages = k;
    return list ? ANIMA_OK : no_memory(err);
}

static int told_messages(struct persona_bench *b, struct prompt_input *in, const struct prompt_turn *turns, size_t n,
                         struct bench_ask *out, anima_error *err)
{
    const char *language = prompt_spoken(turns, n);
    anima_chat_message *list;
    in->turns = turns;
    in->n_turns = n;
    in->persona = prompt_choose(b->who->personas, b->who->n_personas, language, b->who->pub.language);
    in->character = character_called(b->who);
    in->now_ms = clock_wall_ms();
    in->seed = 1;
    int rc = prompt_build(&b->arena, in, &list, &out->n_messages, err);
    out->messages = list;
    return rc;
}

int persona_ask(struct persona_bench *b, enum persona_way way, const struct prompt_turn *turns, size_t n,
                struct bench_ask *out, anima_error *err)
{
    struct prompt_input in = { .n_turns = n };
    *out = (struct bench_ask){ .sampling = &b->sampling };
    if (way == PERSONA_TRAINED && *b->adapter) {
        out->adapter = b->adapter;
        out->adapter_scale = b->scale;
    }
    if (way == PERSONA_PROMPTED)
        return told_messages(b, &in, turns, n, out, err);
    return plain_messages(b, way == PERSONA_TRAINED ? b->system : NULL, turns, n, out, err);
}

int persona_ask_told(struct persona_bench *b, const struct prompt_turn *turns, size_t n, struct bench_ask *out,
                     anima_error *err)
{
    const char *language = prompt_spoken(turns, n);
    const struct prompt_persona *p = prompt_choose(b->who->personas, b->who->n_personas, language,
                                                   b->who->pub.language);
    struct lore *lore = character_lore(b->who, p->language);
    struct prompt_input in = { .persona = p, .turns = turns, .n_turns = n };
    *out = (struct bench_ask){ .sampling = &b->sampling };
    int rc = lore ? prompt_lore(&b->arena, lore, &in, err) : ANIMA_OK;
    if (!rc && sample_show(&b->arena, p, turns[n - 1].text, &in))
        rc = no_memory(err);
    return rc ? rc : told_messages(b, &in, turns, n, out, err);
}

/* ---- what was held back ---- */

static int keep_talk(void *ctx, struct corpus_conversation *c, anima_error *err)
{
    struct persona_talks *out = ctx;
    struct corpus_conversation **grown = mem_grow(out->list, out->n, &out->max, sizeof(*grown));
    if (!grown)
        return no_memory(err);
    out->list = grown;
    out->list[out->n++] = c;
    return ANIMA_OK;
}

int persona_talks_read(struct persona_bench *b, const char *dir, bool all, struct persona_talks *out, anima_error *err)
{
    struct corpus_texts texts = { .arena = &b->arena };
    int rc = corpus_add_folder(&texts, dir, CORPUS_OWN, err);
    return rc ? rc : corpus_each(&b->arena, texts.list, texts.n, all, keep_talk, out, err);
}

/* What contexts are added to. */
struct adding {
    struct persona_bench *b;
    unsigned conversation;
    size_t max;
};

static int add_context(void *ctx, const struct corpus_context *c, anima_error *err)
{
    struct adding *a = ctx;
    struct persona_bench *b = a->b;
    struct persona_context *grown = mem_grow(b->contexts, b->n_contexts, &a->max, sizeof(*grown));
    if (!grown)
        return no_memory(err);
    b->contexts = grown;
    grown[b->n_contexts++] = (struct persona_context){ .language = c->language,
                                                       .conversation = a->conversation,
                                                       .turns = c->turns,
                                                       .n_turns = c->n_turns,
                                                       .own = c->own };
    return ANIMA_OK;
}

/* At most b->most of each language stay, from the beginning. */
static void limit(struct persona_bench *b)
{
    int taken[2] = { 0, 0 };
    size_t n = 0;
    for (size_t i = 0; i < b->n_contexts; i++)
        if (taken[strcmp(b->contexts[i].language, "en") == 0]++ < b->most)
            b->contexts[n++] = b->contexts[i];
    b->n_contexts = n;
}

int persona_contexts(struct persona_bench *b, anima_error *err)
{
    struct persona_talks talks = { 0 };
    struct adding a = { .b = b };
    if (b->read)
        return ANIMA_OK;
    const char *dir = arena_printf(&b->arena, "%s/corpus", b->who->dir);
    int rc = dir ? persona_talks_read(b, dir, false, &talks, err) : no_memory(err);
    for (; !rc && a.conversation < talks.n; a.conversation++)
        rc = corpus_contexts(&b->arena, talks.list[a.conversation], add_context, &a, err);
    mem_free(talks.list);
    if (rc)
        return rc;
    if (!b->n_contexts)
        fprintf(stderr,
                "Nothing of %s's talk was held back, so replies to it are not judged: %s needs at least ten "
                "conversations of a language.\n",
                b->who->pub.id, dir);
    limit(b);
    b->read = true;
    return ANIMA_OK;
}

int persona_answers(struct persona_bench *b, enum persona_way way, anima_error *err)
{
    static const char *const names[] = { "trained", "with the prompt", "the bare model" };
    int rc = persona_contexts(b, err);
    if (rc || b->answered[way])
        return rc;
    struct bench_ask *asks = arena_alloc(&b->arena, (b->n_contexts + 1) * sizeof(*asks));
    if (!asks)
        return no_memory(err);
    for (size_t i = 0; !rc && i < b->n_contexts; i++)
        rc = persona_ask(b, way, b->contexts[i].turns, b->contexts[i].n_turns, &asks[i], err);
    if (!rc)
        rc = bench_ask_all(&b->room, &b->arena, names[way], asks, b->n_contexts, err);
    for (size_t i = 0; !rc && i < b->n_contexts; i++)
        b->contexts[i].reply[way] = asks[i].reply;
    b->answered[way] = !rc;
    return rc;
}
