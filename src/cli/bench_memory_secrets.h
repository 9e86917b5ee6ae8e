/* bench_memory_secrets.h — secrets that somebody told, and what is asked about them; shared by the sources of such cases. */
#ifndef CLI_BENCH_MEMORY_SECRETS_H
#define CLI_BENCH_MEMORY_SECRETS_H
#include "base/arena.h"
#include "cli/bench_memory_room.h"

#define SECRETS_LINES 64  /* of a case */
#define SECRETS_PEOPLE 12 /* who talk in a case */
#define SECRETS_MARKS 8
#define SECRETS_TOGETHER 4 /* who are there when something is asked */

/* What was told in confidence. Strings are the arena's. */
struct secret_case {
    const char *name;
    char conversation[24];
    const char *people[SECRETS_PEOPLE]; /* who had talked there by then, and whom the teller allowed it */
    size_t n_people;
    int64_t secret[SECRETS_LINES]; /* turns that no outsider may be told, ascending */
    size_t n_secret;
    const char *marks[SECRETS_MARKS]; /* words that would betray it anywhere in a prompt */
    size_t n_marks;
};

struct secret_ask {
    size_t of;                            /* case */
    const char *people[SECRETS_TOGETHER]; /* the last one asks */
    size_t n_people;
    const char *text;
    int64_t wanted; /* this turn may be told and should be; 0: somebody is there who may not be told the secret */
};

struct secrets {
    struct memory_bench *b;
    struct memory_room room;
    struct arena arena;
    struct secret_case *cases;
    size_t n, max;
    struct secret_ask *asks;
    size_t n_asks, max_asks;
    int prompts, leaks, usable,
        told; /* of all that was asked: of outsiders', these leaked; of the others', so many were told */
};

/* It took place: of *c name, secret and marks count. */
int secrets_tell(struct secrets *s, const struct secret_case *c, const struct memory_line *lines, size_t n,
                 anima_error *err);
/* It will be asked, about the case that was told last. Strings are copied. */
int secrets_ask(struct secrets *s, const char *const *people, size_t n, const char *text, int64_t wanted,
                anima_error *err);

/* bench_memory_confaide.c: the cases in DIR/confaide, files tier3*.txt and tier4*.txt. */
int secrets_confaide(struct secrets *s, anima_error *err);
#endif
