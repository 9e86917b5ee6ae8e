/* bench_memory.h — what the parts of `anima bench memory` share. */
#ifndef CLI_BENCH_MEMORY_H
#define CLI_BENCH_MEMORY_H
#include "cli/bench.h"
#include "memory/recall.h"

#define MEMORY_DIM 384
#define MEMORY_AT 10 /* recall@… */

/* One question of a set, with everything it could find. */
struct memory_question {
    float (*features)[RECALL_FEATURES]; /* of n items */
    int64_t *sessions;                  /* in which session each is */
    size_t n;
    uint32_t *gold; /* places of what it should find */
    size_t n_gold;
    enum memory_set { MEMORY_LOCOMO, MEMORY_MADIAL } set;
    int category, group; /* as the set has it; groups are left out together when weights are fitted */
    struct recall_about about;
    struct recall_about elsewhere; /* the same question, asked of somebody else's memory; n_open 0: not measured */
};

struct memory_vector {
    int8_t row[MEMORY_DIM];
    float factor;
};
/* A text of a set: something that was said, or a question. */
struct memory_sample {
    char *text; /* owned */
    struct memory_vector vector;
};

struct memory_bench {
    struct cli *cli;
    struct bench_report *report;
    anima_home *home;
    struct words *words;
    struct recall *recall;
    struct memory_cache *cache;
    const char *data; /* folder */
    size_t slice;     /* 0, or: only so many turns of a file's first conversation, and questions that they answer */
    double write_ms;  /* median, once the part was run; 0: not */
    struct memory_question *questions;
    size_t n, max;
    int groups;
    struct memory_sample *samples, *asked; /* of LoCoMo */
    size_t n_samples, max_samples, n_asked, max_asked;
};

/* A copy of the text at the end of a list. */
int memory_sample_add(struct memory_sample **list, size_t *n, size_t *max, const char *text,
                      const struct memory_vector *vector, anima_error *err);
void memory_add(struct memory_bench *b, const char *key, const char *unit, const char *against, double value,
                double goal, bool at_least);

/* ---- bench_memory_vectors.c ---- */
/* Vectors that were computed once stay in the cache folder. */
int memory_cache_open(struct memory_bench *b, struct memory_cache **out, anima_error *err);
void memory_cache_close(struct memory_cache *cache);
/* What n texts mean (borrowed), into out. Shows how far it is. */
int memory_vectors(struct memory_bench *b, bool query, const char *const *texts, size_t n, struct memory_vector *out,
                   anima_error *err);

/* Keeps the question that was measured last, about an index with these places as gold. */
int memory_keep(struct memory_bench *b, const struct memory_index *index, const struct memory_question *like,
                const uint32_t *gold, anima_error *err);

/* ---- bench_memory_locomo.c, bench_memory_madial.c ---- */
int memory_locomo(struct memory_bench *b, anima_error *err);
int memory_madial(struct memory_bench *b, anima_error *err);
/* Calls one for every *.json file below DIR/NAME, read and parsed. No folder: nothing. */
/* What was kept of questions and texts goes. */
void memory_forget(struct memory_bench *b);
typedef int memory_file_fn(struct memory_bench *b, const char *name, const char *data, size_t n, anima_error *err);
int memory_files(struct memory_bench *b, const char *folder, memory_file_fn *one, anima_error *err);

/* ---- bench_memory_speed.c ---- */
int memory_speed(struct memory_bench *b, anima_error *err);

/* ---- bench_memory_write.c, bench_memory_secrets.c, bench_memory_days.c, bench_memory_answers.c: in homes of their own ---- */
int memory_write(struct memory_bench *b, anima_error *err);
int memory_secrets(struct memory_bench *b, anima_error *err);
int memory_days(struct memory_bench *b, anima_error *err);
int memory_answers(struct memory_bench *b, anima_error *err);
/* Against mem0: bench_memory_mem0.c. Runs memory_write first if nobody has. */
int memory_mem0(struct memory_bench *b, anima_error *err);

/* ---- bench_memory_fit.c ---- */
/* Mean recall@10 in percent of the questions of a set and category (0: all), and of whole sessions (LoCoMo's). */
double memory_recall_at(const struct memory_bench *b, const float *weights, enum memory_set set, int category);
double memory_sessions_at(const struct memory_bench *b, const float *weights);
/* Prints weights that were fitted to all questions, and how well weights do that were fitted without the group they are tried on. */
int memory_fit(struct memory_bench *b, anima_error *err);
#endif
