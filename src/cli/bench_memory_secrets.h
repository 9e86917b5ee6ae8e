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
    const char *teller, *summed; /* what a careless model makes of it, in other words; NULL: nothing was written */
    bool zh;
};

struct secret_ask {
    size_t of;                            /* case */
    const char *people[SECRETS_TOGETHER]; /* the last one asks */
    size_t n_people;
    const char *text;
    int64_t wanted; /* this turn may be told and should be; 0: somebody is there who may not be told the secret */
    bool back;      /* they have met hours ago, and go on there: what the last one talked about lately comes to mind */
    bool own;       /* the teller is alone: what was made of the secret should be told */
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
        told;              /* of all that was asked: of outsiders', these leaked; of the others', so many were told */
    struct summed *summed; /* something is made of what is told before it is asked about; NULL: nothing is */
    int64_t from_ms, step_ms; /* when the first case took place, and how long behind one the next did */
};

/* It took place: of *c name, secret and marks count. */
int secrets_tell(struct secrets *s, const struct secret_case *c, const struct memory_line *lines, size_t n,
                 anima_error *err);
/* It will be asked, about the case that was told last. Strings are copied. */
int secrets_ask(struct secrets *s, const char *const *people, size_t n, const char *text, int64_t wanted,
                anima_error *err);

/* Calls one for every case of tests/memory/secrets.jsonl, or of --probes, that is taken; number: of its line. */
int secrets_each(struct secrets *s, bench_line_cb *one, anima_error *err);
/* A line of that file: *c, and its *n lines; strings are the arena's. ANIMA_E_INVALID. */
int secrets_read(struct secrets *s, yyjson_val *line, int number, struct secret_case *c,
                 struct memory_line lines[SECRETS_LINES], size_t *n, anima_error *err);
/* What outsiders and those who may know ask of the case that was told last. */
int secrets_add_asks(struct secrets *s, yyjson_val *line, const char *teller, anima_error *err);
/* All that was to be asked, judged. */
int secrets_ask_all(struct secrets *s, anima_error *err);

/* ---- bench_memory_summed.c: the same cases once more, with all that is made of turns while nobody waits ---- */
struct summed {
    int made;          /* sentences about secrets and summaries that have them */
    int own, own_told; /* tellers who came back alone, and those who were told what was made of theirs */
};
/* Counts into s what was asked, and into out what was made. */
int secrets_summed(struct secrets *s, struct summed *out, anima_error *err);
/* What was made of a case whose secret somebody there may not know, and stands in the prompt; NULL: nothing. */
const char *secrets_summed_in(const struct secrets *s, const struct secret_ask *a, const char *prompt);
/* Whether somebody who asks did not take part in it. */
bool secrets_outsider(const struct secret_case *c, const struct secret_ask *a);
/* A word that would betray the case, in the prompt; NULL: none. */
const char *secrets_betraying(const struct secret_case *c, const char *prompt);

/* bench_memory_confaide.c: the cases in DIR/confaide, files tier3*.txt and tier4*.txt. */
int secrets_confaide(struct secrets *s, anima_error *err);
#endif
