/* From messages to tokens (llama_prompt.c), with a real vocabulary: kinds of segments, thoughts where a template has a place for them and
 * where it has none, and what may not be left out. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "base/fs.h"
#include "base/mem.h"
#include "host/llama_prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *model_path(void)
{
    const char *path = getenv("ANIMA_TEST_MODEL");
    if (!path || access(path, R_OK) != 0)
        skip();
    return path;
}

/* Its vocabulary only. */
static struct llama_model *load(const char *path)
{
    struct llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    struct llama_model *model = llama_model_load_from_file(path, params);
    assert_non_null(model);
    return model;
}

/* A copy of the file, in which the template is another one, filled up with blanks. */
static void copy_with_template(const char *from, const char *to, const char *template)
{
    static const char key[] = "tokenizer.chat_template";
    char *data;
    size_t n;
    uint64_t length;
    assert_int_equal(fs_read(from, 1u << 30, &data, &n, NULL), 0);
    char *at = memmem(data, n, key, sizeof(key) - 1);
    assert_non_null(at);
    at += sizeof(key) - 1 + sizeof(uint32_t); /* behind the value's type */
    memcpy(&length, at, sizeof(length));
    assert_true(length > strlen(template) && length < 10000);
    memset(at + sizeof(length), ' ', length);
    memcpy(at + sizeof(length), template, strlen(template));
    FILE *f = fopen(to, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    mem_free(data);
}

/* The prompt as text, with control tokens. members: of the frame, behind "id". */
static char *prompt_of(const struct llama_model *model, const char *type, const char *messages, const char *members,
                       int room, int *dropped, const char **until)
{
    char head[4096];
    struct request *r;
    struct llama_prompt p;
    int n = snprintf(head, sizeof(head), "{\"type\":\"%s\",\"id\":1,\"messages\":[%s]%s}", type, messages, members);
    assert_int_equal(request_parse(head, (size_t)n, &r, NULL), 0);
    anima_error err = { 0 };
    if (llama_prompt_build(model, r, room, &p, &err))
        fail_msg("%s", err.message);
    char *text = mem_zero(1, 65536);
    assert_true(llama_detokenize(llama_model_get_vocab(model), p.tokens, p.n, text, 65535, false, true) > 0);
    if (dropped)
        *dropped = p.dropped;
    if (until)
        *until = p.until;
    mem_free(p.tokens);
    request_free(r);
    return text;
}

#define M(role, text) "{\"role\":\"" role "\",\"content\":\"" text "\"}"
#define THOUGHT M("persona", "You are Ann.") "," M("heard", "Hi") "," M("thought", "He is shy.") "," M("said", "Hello.")

static void check(const struct llama_model *model, const char *type, const char *messages, const char *members,
                  const char *expect, const char *expect_until)
{
    const char *until;
    char *text = prompt_of(model, type, messages, members, 4096, NULL, &until);
    assert_string_equal(text, expect);
    assert_true(expect_until ? until && strcmp(until, expect_until) == 0 : !until);
    mem_free(text);
}

static void with_a_place(void **state)
{
    (void)state;
    struct llama_model *model = load(model_path());
    check(model, "generate", THOUGHT "," M("tool", "12 degrees"), "",
          "<|im_start|>system\nYou are Ann.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>thought\nHe is "
          "shy.<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>tool\n12 degrees<|im_end|>\n"
          "<|im_start|>assistant\n",
          NULL);
    check(model, "generate", M("heard", "Hi"), ",\"into\":\"thought\",\"prefix\":\"So\"",
          "<|im_start|>user\nHi<|im_end|>\n<|im_start|>thought\nSo", NULL);
    check(model, "read", M("heard", "Hi") "," M("thought", "Hm"), ",\"open\":true",
          "<|im_start|>user\nHi<|im_end|>\n<|im_start|>thought\nHm", NULL);
    llama_model_free(model);
}

static void without_a_place(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "test-prompt-%d.gguf", (int)getpid());
    copy_with_template(model_path(), path, "[INST]"); /* Llama 2's: it shows no role */
    struct llama_model *model = load(path);
    unlink(path);
    const char *seen = "[INST] Hi [/INST]<think>\nHe is shy.\n</think>\n\n";
    char said[256];
    snprintf(said, sizeof(said), "%sHello.</s>[INST] Who? [/INST]", seen);
    check(model, "generate",
          M("heard", "Hi") "," M("thought", "He is shy.") "," M("said", "Hello.") "," M("heard", "Who?"), "", said,
          NULL);
    check(model, "generate", M("heard", "Hi") "," M("thought", "He is shy."), "", seen, NULL);
    check(model, "generate", M("heard", "Hi"), ",\"into\":\"thought\"", "[INST] Hi [/INST]<think>\n", "</think>");
    check(model, "read", M("heard", "Hi") "," M("thought", "Hm"), ",\"open\":true", "[INST] Hi [/INST]<think>\nHm",
          NULL);
    llama_model_free(model);
}

/* Persona, profile and memory in front stay, the oldest turns go, and the question of a thought is not left out. */
static void what_stays(void **state)
{
    (void)state;
    struct llama_model *model = load(model_path());
    char messages[3000] = M("persona", "You are Ann.") "," M("memory", "He has a dog.");
    for (int i = 0; i < 20; i++)
        snprintf(messages + strlen(messages), sizeof(messages) - strlen(messages),
                 "," M("heard", "question %d of many words and more") "," M("said", "answer %d"), i, i);
    snprintf(messages + strlen(messages), sizeof(messages) - strlen(messages), "," M("heard", "the last one"));
    int dropped;
    char *text = prompt_of(model, "generate", messages, ",\"drop_oldest\":true,\"into\":\"thought\"", 60, &dropped,
                           NULL);
    assert_true(dropped >= 36);
    assert_non_null(strstr(text, "You are Ann."));
    assert_non_null(strstr(text, "He has a dog."));
    assert_non_null(strstr(text, "the last one"));
    assert_null(strstr(text, "question 0 "));
    mem_free(text);
    llama_model_free(model);
}

/* What an assistant says is learnt, with the end of its turn; what looks like a control token stays text. */
static void examples(void **state)
{
    (void)state;
    struct llama_model *model = load(model_path());
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    const anima_chat_message said[] = { { "system", NULL, "Be Ann." },
                                        { "user", NULL, "Hi <|im_end|>" },
                                        { "assistant", NULL, "Hello you" },
                                        { "user", NULL, "Bye" },
                                        { "assistant", NULL, "再见" } };
    llama_token *tokens;
    unsigned char *learnt;
    char text[256] = "";
    int n, ends = 0;
    assert_int_equal(llama_prompt_example(model, said, 5, &tokens, &learnt, &n, NULL), 0);
    for (int i = 0; i < n; i++) {
        char piece[64] = "";
        if (!learnt[i])
            continue;
        assert_true(llama_token_to_piece(vocab, tokens[i], piece, sizeof(piece) - 1, 0, true) > 0);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", piece);
        ends += llama_vocab_is_eog(vocab, tokens[i]);
    }
    assert_string_equal(text, "Hello you<|im_end|>再见<|im_end|>");
    assert_int_equal(ends, 2);
    mem_free(tokens);
    mem_free(learnt);
    llama_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(with_a_place),
        cmocka_unit_test(without_a_place),
        cmocka_unit_test(what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
