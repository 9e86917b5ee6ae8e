/* bench_memory_room.h — a home of its own in which written talks have taken place: they come in through the import, so that store, index,
 * classification and embedding are the real ones. Then people say something, and what the prompt had is looked at. Loop thread. */
#ifndef CLI_BENCH_MEMORY_ROOM_H
#define CLI_BENCH_MEMORY_ROOM_H
#include "cli/bench_memory.h"
#include "cli/bench_room.h"

#define MEMORY_KEEPER "keeper" /* a character with nothing but a memory, which says the whole prompt that it got */
#define MEMORY_TOLD 16

struct memory_room {
    struct bench_room room;
    bool open;
    bool by_meaning; /* there is a model that says what texts mean */
};

/* script: a file of tests/memory that is the model, or NULL: the default model, or the one of option --model. sets: further settings, at
 * most 8, ended by NULL. The model goes into the report if there is one. ANIMA_E_NOT_FOUND: this is no checkout. Close it whatever came of it. */
int memory_room_open(struct memory_bench *b, const char *script, const char *const *sets, struct bench_report *report,
                     struct memory_room *r, anima_error *err);
void memory_room_close(struct memory_room *r);
/* The character MEMORY_KEEPER comes to live there. */
int memory_room_keeper(struct memory_room *r, anima_error *err);

/* A file of tests/memory in a checkout; yours to mem_free; NULL: out of memory. It may not be there. */
char *memory_file(const char *name);

/* What was said. Borrowed. */
struct memory_line {
    const char *who; /* a person's name; NULL: the character */
    const char *text;
    int64_t at_ms;
};
/* A conversation of these lines; turn i + 1 is lines[i]. When it returns it is stored. */
int memory_room_talk(struct memory_room *r, const char *character, const struct memory_line *lines, size_t n,
                     char id[24], anima_error *err);
/* Until everything is made ready to be found, looked at and, with a model for meaning, has its vector. */
int memory_room_rest(struct memory_room *r, anima_error *err);

/* What a reply was told. */
struct memory_heard {
    const char *prompt; /* all that the keeper read, without the message itself; until the next question */
    struct memory_told {
        char conversation[24];
        int64_t seq;
    } told[MEMORY_TOLD];
    size_t n_told;
};
/* In a new conversation the last of these people says it; the others, who are there, have said a word before. The conversation is deleted
 * afterwards. */
int memory_room_ask(struct memory_room *r, const char *character, const char *const *people, size_t n, const char *text,
                    struct memory_heard *out, anima_error *err);
#endif
