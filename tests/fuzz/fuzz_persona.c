/* persona.LANG.md, and the prompt that comes of it (mind/persona.h, mind/prompt.h). */
#include "base/utf8.h"
#include "fuzz.h"
#include "mind/persona.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct prompt_persona persona;
    anima_chat_message *messages;
    size_t count;
    anima_error err = { 0 };
    char *text = fuzz_copy(data, size);
    arena_init(&arena, 1u << 20);
    int rc = persona_parse(&arena, text, size, "zh", "persona.zh.md", &persona, &err);
    CHECK(rc == 0 || *err.message);
    if (rc == 0) {
        const struct prompt_turn turn = { "a", persona.text };
        const struct prompt_input input = {
            .persona = &persona, .turns = &turn, .n_turns = 1, .character = "Lin", .now_ms = 1, .seed = 2
        };
        if (prompt_build(&arena, &input, &messages, &count, &err) == 0)
            for (size_t i = 0; i < count; i++)
                CHECK(messages[i].role && utf8_valid(messages[i].text, strlen(messages[i].text)));
        prompt_language(persona.text);
    }
    arena_finish(&arena);
    free(text);
    return 0;
}
