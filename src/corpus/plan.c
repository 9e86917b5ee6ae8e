/* plan.c — what a plan is made of: the hash of all of it, and the questions that are forbidden. */
#include "corpus/lessons.h"

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

#include <sodium.h>
#include <string.h>

/* Goes up when other lessons come of the same texts. */
#define RULES "anima lessons 1"

/* With its length in front, so that no two plans run into the same bytes. */
static void hash_part(crypto_hash_sha256_state *state, const char *data, size_t n)
{
    unsigned char size[8];
    for (int i = 0; i < 8; i++)
        size[i] = (unsigned char)((uint64_t)n >> 8 * i);
    crypto_hash_sha256_update(state, size, sizeof(size));
    crypto_hash_sha256_update(state, (const unsigned char *)(n ? data : ""), n);
}

static void hash_str(crypto_hash_sha256_state *state, const char *text)
{
    hash_part(state, text, text ? strlen(text) : 0);
}

void corpus_sources(const struct corpus_plan *plan, char hex[65])
{
    crypto_hash_sha256_state state;
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    hash_str(&state, RULES);
    hash_str(&state, plan->character);
    hash_str(&state, plan->home);
    hash_str(&state, plan->machine ? "a machine" : "");
    for (size_t i = 0; i < plan->n_personas; i++) {
        hash_str(&state, plan->personas[i].language);
        hash_str(&state, plan->personas[i].text);
    }
    for (size_t i = 0; i < plan->n_forbidden; i++)
        hash_str(&state, plan->forbidden[i]);
    for (size_t i = 0; i < plan->n_texts; i++) {
        const struct corpus_text *t = &plan->texts[i];
        const char kind[2] = { (char)t->form, (char)t->source };
        hash_part(&state, kind, sizeof(kind));
        hash_str(&state, t->name);
        hash_str(&state, t->language);
        hash_part(&state, t->data, t->n);
    }
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(hex, 65, sum, sizeof(sum));
}

/* ---- probes ---- */

static int add_word(struct arena *arena, struct corpus_words *w, const char *text, anima_error *err)
{
    if (w->n == w->max) {
        size_t max = w->max ? 2 * w->max : 128;
        const char **list = arena_alloc(arena, max * sizeof(*list));
        if (list && w->n)
            memcpy(list, w->list, w->n * sizeof(*list));
        w->list = list ? list : w->list;
        w->max = list ? max : w->max;
    }
    const char *copy = w->n < w->max ? arena_strdup(arena, text) : NULL;
    if (!copy)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the probes");
    w->list[w->n++] = copy;
    return ANIMA_OK;
}

/* How many texts a probe has is added to *n. */
static int add_probe(struct arena *arena, struct corpus_words *w, yyjson_val *probe, size_t *n, anima_error *err)
{
    static const char *const keys[] = { "text", "q" };
    yyjson_val *line;
    size_t i, max;
    int rc = ANIMA_OK;
    for (i = 0; i < 2 && !rc; i++) {
        const char *text = json_str(probe, keys[i], NULL);
        if (text && ++*n)
            rc = add_word(arena, w, text, err);
    }
    yyjson_val *lines = yyjson_obj_get(probe, "lines");
    yyjson_arr_foreach (lines, i, max, line) {
        const char *text = yyjson_get_str(line);
        if (text && !rc && ++*n)
            rc = add_word(arena, w, text, err);
    }
    return rc;
}

int corpus_probes(struct arena *arena, const char *jsonl, size_t n, const char *name, struct corpus_words *out,
                  anima_error *err)
{
    int line = 0;
    for (size_t at = 0, len; at < n; at += len + 1) {
        const char *eol = memchr(jsonl + at, '\n', n - at);
        len = eol ? (size_t)(eol - jsonl) - at : n - at;
        line++;
        size_t blank = 0, texts = 0;
        while (blank < len && strchr(" \t\r", jsonl[at + blank]))
            blank++;
        if (blank == len)
            continue;
        yyjson_doc *doc;
        anima_error why;
        if (json_parse(jsonl + at, len, CORPUS_MAX_LINE, "it", &doc, &why))
            return err_set(err, why.code, "%s, line %d: this is no JSON object: %.200s", name, line, why.message);
        int rc = add_probe(arena, out, yyjson_doc_get_root(doc), &texts, err);
        yyjson_doc_free(doc);
        if (!rc && !texts)
            rc = err_set(err, ANIMA_E_INVALID, "%s, line %d: nothing is asked; that is in \"text\", \"q\" or \"lines\"",
                         name, line);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}
