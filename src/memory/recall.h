/* recall.h — finding what to remember: every item that may be told is measured by the features of features.def, a linear ranker
 * adds them up, the best come out, each with what spoke for it.
 *
 * By words: BM25 (Robertson & Zaragoza 2009) of the item, of the windows of three and of five around it, of its session; each as a
 * share of the best there is. By meaning: cosines, of windows their means, as standard scores (Σ over what may be told). What may
 * not be told is no part of anything: no count, no window, no mean knows of it; only how far into its session a turn stands, and whether it stands alone, are counted
 * with it. One thread at a time for an index. */
#ifndef MEMORY_RECALL_H
#define MEMORY_RECALL_H
#include "memory/index.h"
#include "memory/when.h"

enum recall_feature {
#define FEATURE(name, weight, about) RECALL_##name,
#include "memory/features.def"
#undef FEATURE
    RECALL_FEATURES
};
extern const char *const recall_feature_names[RECALL_FEATURES];
extern const char *const recall_feature_about[RECALL_FEATURES];
extern const float recall_weights[RECALL_FEATURES];

#define RECALL_MOST 64 /* hits */
#define RECALL_TERMS 256
#define RECALL_NAMES 64

struct recall_query {
    const char *text; /* what was said, n bytes; borrowed */
    size_t n;
    const int8_t *vector; /* of it, and its factor; NULL: by words only */
    float factor;
    struct when_anchor now;
    const char *const *names; /* of people: who is named is asked about, and a name is no word to look for */
    const int64_t *people;    /* the speaker that each name belongs to */
    size_t n_names;
    int64_t asker;         /* whose "I" it is; -1: nobody's */
    const bool *audiences; /* by their numbers: whether they may be told; NULL: all may */
    size_t n_audiences;
    /* What is in sight anyway, with the question itself: of a conversation (as index_turn has it) the items from this id on. 0: nothing. */
    int64_t shown_conversation, shown_from;
    /* Of a fork also what it has of another one: the items of that, and before this id (0: all of them). */
    int64_t shown_parent, shown_parent_from, shown_parent_to;
    const float *weights; /* NULL: recall_weights */
    bool fades;           /* what was not recalled for long counts less (recall_fade) */
};

struct recall_hit {
    int64_t id;
    uint32_t place;
    float score;
    float faded; /* points that it lost by fading */
    float features[RECALL_FEATURES];
};

/* A question measured against everything. It has room for an index that grows; one thread at a time. */
struct recall;
int recall_create(struct recall **out, anima_error *err);
void recall_free(struct recall *r); /* NULL is legal */

/* Measures. ANIMA_E_NOMEM. */
int recall_measure(struct recall *r, struct words *words, const struct memory_index *index,
                   const struct recall_query *query, anima_error *err);
/* What is left of an item: exp(-t/(5·S)), t days since it was said, or was told last, S strengthened by 1 each time it was told (Zhong et al.
 * 2023, "MemoryBank"). 1 for one that is pinned. At the end of it an item has lost RECALL_FADED points. */
#define RECALL_FADED 3.0f
float recall_fade(const struct memory_index *index, uint32_t place, int64_t now_ms);
/* Whether the item at that place may be told. */
bool recall_open(const struct recall *r, uint32_t place);
/* The features of one that may be told, of the last question that was measured. */
void recall_features(const struct recall *r, uint32_t place, float out[RECALL_FEATURES]);
/* The k best (RECALL_MOST at most), best first. Returns how many. */
size_t recall_best(const struct recall *r, size_t k, struct recall_hit *out);
/* Whether anything is about it (floor.def). */
enum recall_floor {
#define FLOOR(name, weight, about) RECALL_ABOUT_##name,
#include "memory/floor.def"
#undef FLOOR
    RECALL_ABOUT
};
extern const char *const recall_about_names[RECALL_ABOUT];
struct recall_about {
    float is[RECALL_ABOUT];
    size_t n_terms, n_open;
    bool whole;  /* what it means is known, and what everything means that may be told; else words are enough */
    bool common; /* it has only words that every talk is full of */
};
struct recall_about recall_about(const struct recall *r);
/* Whether anything that may be told is about it at all. Else "I don't remember" is the right answer. */
bool recall_is_about(const struct recall_about *about);
#endif
