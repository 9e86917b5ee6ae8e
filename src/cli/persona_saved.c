/* persona_saved.c — how many tokens of a prompt an adapter saves: what stands in front of the first message with it (one sentence of the
 * persona, as in a conversation) against the persona with thirty exchanges, which is what a card needs to sound like somebody. */
#include "base/err.h"
#include "cli/bench_persona.h"
#include "mind/persona.h"

#include <stdio.h>
#include <string.h>

#define EXAMPLES 30

enum front { NOTHING, SENTENCE, CARD, FRONTS };

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory for the bench"); }

/* The messages of one front, then a greeting. *examples: exchanges that are shown. */
static int put(struct persona_bench *b, const struct prompt_persona *p, enum front front, struct bench_ask *out,
               size_t *examples, anima_error *err)
{
    const struct prompt_input in = { .character = character_called(b->who) };
    anima_chat_message *list = arena_alloc(&b->arena, (2 * EXAMPLES + 2) * sizeof(*list));
    const char *text = prompt_expand(&b->arena, &in, NULL, p->text),
               *sentence = text ? persona_short(&b->arena, text) : NULL;
    size_t n = 0;
    if (!list || !sentence)
        return no_memory(err);
    if (front != NOTHING)
        list[n++] = (anima_chat_message){ .role = "system", .text = front == CARD ? text : sentence };
    for (size_t i = 0; front == CARD && i + 1 < p->n_samples && i < 2 * EXAMPLES; i += 2) {
        list[n++] = (anima_chat_message){ .role = "user", .text = p->samples[i].text };
        list[n++] = (anima_chat_message){ .role = "assistant", .text = p->samples[i + 1].text };
        ++*examples;
    }
    list[n++] = (anima_chat_message){ .role = "user", .text = strcmp(p->language, "zh") == 0 ? "你好。" : "Hello." };
    out->messages = list;
    out->n_messages = n;
    return ANIMA_OK;
}

int persona_saved(struct persona_bench *b, anima_error *err)
{
    anima_sampling one = b->sampling;
    double tokens[FRONTS] = { 0 };
    size_t examples = 0, n = 0;
    struct bench_ask *asks = arena_alloc(&b->arena, b->who->n_personas * FRONTS * sizeof(*asks));
    int rc = asks ? ANIMA_OK : no_memory(err);
    one.max_tokens = 1;
    for (size_t i = 0; i < b->who->n_personas; i++)
        for (int f = 0; f < FRONTS && !rc; f++) {
            asks[n] = (struct bench_ask){ .sampling = &one };
            rc = put(b, &b->who->personas[i], (enum front)f, &asks[n++], &examples, err);
        }
    if (!rc)
        rc = bench_ask_all(&b->room, &b->arena, "prompts", asks, n, err);
    for (size_t i = 0; i < n && !rc; i++)
        tokens[i % FRONTS] += asks[i].prompt_tokens;
    double card = tokens[CARD] - tokens[NOTHING], sentence = tokens[SENTENCE] - tokens[NOTHING];
    if (rc || card <= 0)
        return rc;
    char *against = arena_printf(&b->arena,
                                 "tokens of the persona with %zu exchanges a language: %.0f, of its sentence: %.0f",
                                 examples / b->who->n_personas, card, sentence);
    if (!against)
        return no_memory(err);
    persona_add(b, "prompt_saved", "%", against, 100 * (1 - sentence / card), 80, true);
    return ANIMA_OK;
}
