#include "corpus/read_private.h"

#include "base/hash.h"
#include "mind/prompt.h"

#include <string.h>

const char *corpus_opener(const char *line, const char *language)
{
    static const char *const openers[CORPUS_LANGUAGES][8] = {
        { "说点什么吧。", "随便说说。", "在想什么呢？", "说句话听听。", "讲点你的事。", "有什么新鲜的？", "聊聊？",
          "跟我说说。" },
        { "Tell me something.", "Say something.", "What's on your mind?", "Go on, talk.", "Tell me about your day.",
          "Anything new?", "Talk to me.", "What are you thinking?" },
    };
    uint64_t spread = hash_bytes(line, strlen(line)) * 0x9E3779B97F4A7C15u; /* of lines that are nearly alike, too */
    return openers[corpus_language(language)][spread >> 61];
}

int corpus_own_line(struct corpus_reader *r, const char *line, size_t n)
{
    corpus_trim(&line, &n);
    if (!n)
        return ANIMA_OK;
    int rc = corpus_begin(r, "", 0);
    char *copy = rc ? NULL : arena_strndup(r->arena, line, n);
    if (!rc && !copy)
        rc = corpus_fault(r, ANIMA_E_NOMEM, "out of memory for the texts");
    if (rc)
        return rc;
    const char *opener = corpus_opener(copy, r->text->language ? r->text->language : prompt_language(copy));
    rc = corpus_put(r, "user", opener, strlen(opener));
    if (!rc)
        rc = corpus_put(r, "assistant", line, n);
    return rc ? rc : corpus_end(r);
}
