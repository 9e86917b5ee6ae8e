/* bench_memory_speed.c — how long it takes to remember, in an index of 100,000 turns: turns of the sets' conversations, over and over,
 * with words exchanged among them so that they are not the same, and vectors turned a little. Questions are those of the sets. One thread;
 * everything but the embedding of the question. */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_memory.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 100000
#define SESSION 24 /* turns */
#define MAX_ASKED 400

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Every third word comes from another turn. */
static int mixed(struct buf *out, const char *text, const char *other, uint32_t *seed)
{
    size_t n_other = strlen(other);
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, " ");
        if (random_next(seed) % 3 == 0 && n_other > 8) {
            const char *from = other + random_next(seed) % (n_other - 4);
            from += strcspn(from, " ");
            from += *from == ' ';
            buf_append(out, from, strcspn(from, " "));
        } else {
            buf_append(out, at, n);
        }
        at += n;
        if (*at == ' ')
            buf_append(out, at++, 1);
    }
    return out->failed;
}

static int fill(struct memory_bench *b, struct memory_index *index, anima_error *err)
{
    uint32_t seed = 1;
    int rc = ANIMA_OK;
    struct buf text;
    buf_init(&text, 1u << 20);
    for (int i = 0; i < TURNS && !rc; i++) {
        const struct memory_sample *a = &b->samples[random_next(&seed) % b->n_samples];
        const struct memory_sample *other = &b->samples[random_next(&seed) % b->n_samples];
        buf_reset(&text);
        if (mixed(&text, a->text, other->text, &seed))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for turns");
        const struct index_turn turn = { .id = i + 1,
                                         .conversation = i / SESSION,
                                         .speaker = i % 2,
                                         .at_ms = 1700000000000 + i * 600000ll,
                                         .text = buf_str(&text),
                                         .n = text.len };
        struct memory_vector v = a->vector;
        for (int k = 0; k < 24; k++)
            v.row[random_next(&seed) % MEMORY_DIM] = (int8_t)(random_next(&seed) % 100 - 50);
        if (!rc)
            rc = index_add(index, b->words, &turn, err);
        if (!rc)
            index_vector(index, turn.id, v.row, v.factor);
    }
    buf_finish(&text);
    return rc;
}

int memory_speed(struct memory_bench *b, anima_error *err)
{
    struct memory_index index;
    struct recall_hit hits[MEMORY_AT];
    double ms[MAX_ASKED], min, p95;
    int n = 0;
    if (!b->n_samples || !b->n_asked)
        return ANIMA_OK;
    index_init(&index, MEMORY_DIM);
    int64_t before = clock_mono_us();
    int rc = fill(b, &index, err);
    double each = (double)(clock_mono_us() - before) / 1000 / TURNS;
    for (size_t i = 0; !rc && i < b->n_asked && n < MAX_ASKED; i++) {
        const struct recall_query q = { .text = b->asked[i].text,
                                        .n = strlen(b->asked[i].text),
                                        .vector = b->asked[i].vector.row,
                                        .factor = b->asked[i].vector.factor,
                                        .now = { .ms = 1760000000000 },
                                        .asker = -1 };
        int64_t from = clock_mono_us();
        rc = recall_measure(b->recall, b->words, &index, &q, err);
        if (!rc)
            recall_about(b->recall);
        if (!rc)
            recall_best(b->recall, MEMORY_AT, hits);
        ms[n++] = (double)(clock_mono_us() - from) / 1000;
    }
    index_finish(&index);
    if (rc)
        return rc;
    double median = bench_median(ms, n, &min, &p95);
    bench_add(b->report, (struct bench_result){ "query_ms_p95_100k", "ms",
                                                "100,000 turns, one thread, without embedding the question; p95", p95,
                                                10, false, min, p95 });
    bench_add(b->report,
              (struct bench_result){ "query_ms_median_100k", "ms", "the same; median", median, 0, false, min, p95 });
    bench_add(b->report, (struct bench_result){ "index_ms_turn", "ms", "into the index in memory, without its vector",
                                                each, 0, false, 0, 0 });
    return ANIMA_OK;
}
