/* persona.LANG.md, and the prompt that comes of it. */
#include "mind/persona.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena;
    struct prompt_persona persona;
    anima_chat_message *messages;
    size_t count;
    anima_error err;
    arena_init(&arena, 1u << 20);
    if (persona_parse(&arena, (const char *)data, n, "zh", "persona.zh.md", &persona, &err) == 0) {
        const struct prompt_turn turn = { "a", persona.text };
        const struct prompt_input input = { &persona, &turn, 1 };
        prompt_build(&arena, &input, &messages, &count, &err);
        prompt_language(persona.text);
    }
    arena_finish(&arena);
    return 0;
}
