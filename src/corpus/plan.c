/* plan.c — the hash of all that a plan is made of. */
#include "corpus/lessons.h"

#include <sodium.h>
#include <string.h>

/* Goes up when other lessons come of the same texts. */
#define RULES "anima lessons 6"

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
    const char share[5] = { (char)plan->talk_percent, (char)plan->life_times, (char)plan->skills_percent,
                            (char)plan->asked_percent, (char)plan->forms };
    hash_part(&state, share, sizeof(share));
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
