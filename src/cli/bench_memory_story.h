/* bench_memory_story.h — the written thirty days of tests/memory (README.md there), and how they are played. */
#ifndef CLI_BENCH_MEMORY_STORY_H
#define CLI_BENCH_MEMORY_STORY_H
#include "base/arena.h"
#include "cli/bench_memory_room.h"

struct memory_turn {
    const char *id, *conversation, *character;
    const char *who; /* a person's name; NULL: the character */
    const char *text;
    int64_t at_ms;
    /* once it was played: */
    char stored[24];
    int64_t seq;
};

#define MEMORY_WORDS 40 /* of a question's answers */
/* A question of the story. */
struct memory_asked {
    const char *id, *asker, *character, *text, *kind; /* asker: as the turns have them */
    const char *right[MEMORY_WORDS], *wrong[MEMORY_WORDS];
    size_t n_right, n_wrong;
};

/* Strings are the arena's. */
struct memory_story {
    struct arena arena;
    struct memory_turn *turns;
    size_t n, max;
    struct memory_asked *asked; /* the questions */
    size_t n_asked, max_asked;
    yyjson_doc *people; /* how each is called where they talk */
};

/* Turns and questions. Finish it whatever came of it. ANIMA_E_NOT_FOUND: this is no checkout. */
int memory_story_read(struct memory_story *s, anima_error *err);
void memory_story_finish(struct memory_story *s);
/* All of it, conversation by conversation; ready to be found when it returns. */
int memory_story_play(struct memory_story *s, struct memory_room *r, anima_error *err);
/* How somebody is called where they talk; id itself if nobody knows. */
const char *memory_story_name(const struct memory_story *s, const char *id);
/* One of its right strings is in the reply (if it has any), and none of the wrong ones; letter case does not matter. */
bool memory_is_right(const struct memory_asked *q, const char *reply);
/* The clock stands at the evening of the last day until it is let go. */
void memory_story_clock(const struct memory_story *s, bool stands);
#endif
