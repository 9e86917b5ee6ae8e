/* kv_kit.h — a small real model and KV caches of it, for the tests of host/kv.h. ANIMA_TEST_MODEL: a GGUF file; without it
 * kit.model is NULL, and a test skips. */
#ifndef KV_KIT_H
#define KV_KIT_H
#include "host/kv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KIT_SEATS 8

struct kit {
    struct llama_model *model;
    struct llama_context *context; /* of the kv that was started last */
    int vocab;
    char folder[64]; /* empty at first, removed at the end */
};

extern struct kit kit;

/* For a group of tests. */
int kit_set_up(void **state);
int kit_tear_down(void **state);

/* A context of so many cells and its KV caches; where: their folder, "" for none. */
struct kv *kit_start(const char *where, int cells, size_t ram);
struct kv *kit_start_as(const struct kv_config *config);
/* The context alone, for a kv_create of one's own; llama_free it. */
void kit_context(int cells, int seats);
void kit_stop(struct kv *kv);
/* All work that can wait. */
void kit_write(struct kv *kv);
/* Reads what s lacks of the wanted tokens, as one batch; the logits of the last, borrowed until the next. */
const float *kit_feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n);
/* The same where memory may run out: what kv_seat or kv_grew said; logits NULL or of the last. */
int kit_try_feed(struct kv *kv, struct kv_stream *s, const llama_token *want, int n, const float **logits);
/* n tokens that differ for each who. */
void kit_tokens(llama_token *tokens, int n, int who);
#endif
