/* A file of written replies (host/script.h), asked with several messages. */
#include "base/mem.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "host/script.h"

static void ask(const struct script *s, const char *message)
{
    anima_chat_message messages[] = { { "system", NULL, "be short" }, { "user", NULL, message } };
    const struct request request = {
        .id = 1, .messages = messages, .n_messages = 2, .prefix = "", .adapter = "lin.gguf", .adapter_scale = 1
    };
    const struct script_entry *e = script_find(s, message, "s-k1");
    char *said = e ? script_say(e, &request, 1, NULL) : NULL;
    CHECK(!said || utf8_valid(said, strlen(said)));
    mem_free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    struct script *s = NULL;
    anima_error err = { 0 };
    int rc = script_parse(text, size, &s, &err);
    CHECK((rc == 0) == (s != NULL) && (rc == 0 || *err.message));
    if (s) {
        CHECK(s->slots >= 1 && s->slots <= 64 && s->loading_ms >= 0);
        ask(s, "hello");
        ask(s, "你好 {last} {n}");
        ask(s, "");
        if (s->n_entries && s->entries[s->n_entries - 1].match)
            ask(s, s->entries[s->n_entries - 1].match);
    }
    script_free(s);
    free(text);
    return 0;
}
