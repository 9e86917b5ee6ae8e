/* prompt_tokens.c — the tokens an engine would read, for tests/it/templates.py: usage anima-prompt-tokens MODEL.gguf
 *
 * A line in, a line out (a JSON array of token ids). In: a frame "generate" or "read" as engines get it (docs/engine-protocol.md),
 * whose prompt is built as llama_prompt.c does; or {"text": …}, which is tokenised as a whole, control tokens and all. */
#include "base/json.h"
#include "base/mem.h"
#include "host/llama_prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TOKENS (1 << 20)

static void quiet(enum ggml_log_level level, const char *text, void *ctx)
{
    (void)level;
    (void)text;
    (void)ctx;
}

static void put(const llama_token *tokens, int n)
{
    putchar('[');
    for (int i = 0; i < n; i++)
        printf("%s%d", i ? "," : "", (int)tokens[i]);
    puts("]");
    fflush(stdout);
}

static int whole_text(const struct llama_model *model, yyjson_val *text)
{
    size_t len = yyjson_get_len(text);
    llama_token *tokens = mem_alloc((len + 8) * sizeof(*tokens));
    int n = tokens ? llama_tokenize(llama_model_get_vocab(model), yyjson_get_str(text), (int32_t)len, tokens,
                                    (int32_t)len + 8, true, true)
                   : -1;
    if (n >= 0)
        put(tokens, n);
    mem_free(tokens);
    return n >= 0 ? 0 : -1;
}

static int prompt(const struct llama_model *model, const char *line, size_t len)
{
    struct request *r;
    struct llama_prompt p = { 0 };
    anima_error err;
    int rc = request_parse(line, len, &r, &err);
    if (!rc)
        rc = llama_prompt_build(model, r, MAX_TOKENS, &p, &err);
    if (rc)
        fprintf(stderr, "%s\n", err.message);
    else
        put(p.tokens, p.n);
    mem_free(p.tokens);
    request_free(r);
    return rc;
}

int main(int argc, char **argv)
{
    struct llama_model_params params = llama_model_default_params();
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int rc = 0;
    params.vocab_only = true;
    llama_log_set(quiet, NULL);
    struct llama_model *model = argc == 2 ? llama_model_load_from_file(argv[1], params) : NULL;
    if (!model)
        return 2;
    while (!rc && (len = getline(&line, &size, stdin)) > 0) {
        yyjson_doc *doc;
        if (json_parse(line, (size_t)len, 1u << 24, "a line", &doc, NULL))
            return 2;
        yyjson_val *text = yyjson_obj_get(yyjson_doc_get_root(doc), "text");
        rc = text ? whole_text(model, text) : prompt(model, line, (size_t)len);
        yyjson_doc_free(doc);
    }
    free(line);
    llama_model_free(model);
    return rc ? 1 : 0;
}
