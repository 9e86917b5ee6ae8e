/* bench_memory_room.h — a home of its own in which written talks have taken place: they come in through the import, so that store, index,
 * classification and embedding are the real ones. Then people say something, and what the prompt had is looked at. Loop thread. */
#ifndef CLI_BENCH_MEMORY_ROOM_H
#define CLI_BENCH_MEMORY_ROOM_H
#include "cli/bench_memory.h"
#include "cli/bench_room.h"

#define MEMORY_KEEPER "keeper" /* a character with nothing but a memory, which says the whole prompt that it got */
#define MEMORY_SAYS_EN "You remember what people tell you." /* its persona, in each of its prompts */
#define MEMORY_SAYS_ZH "你记得大家跟你说过的事。"
#define MEMORY_TOLD 16
#define MEMORY_MEET 4 /* who have met before, at most */

struct memory_room {
    struct bench_room room;
    bool open;
    bool by_meaning; /* there is a model that says what texts mean */
};

/* script: a file of tests/memory, or an absolute path, that is the model, or NULL: the default model, or the one of option --model. sets: further settings, at
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
/* What is waited for. */
struct memory_waiting {
    bool done;
    int code;
    char id[24];
    anima_error why;
};
/* An anima_done for one; and until it has come. */
void memory_waiting_done(void *waiting, int code, const anima_error *err);
int memory_room_wait(struct memory_room *r, struct memory_waiting *w, anima_error *err);

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
/* The same where they have met eight hours ago and greeted each other: they are all there, and the last of them comes back. */
int memory_room_ask_again(struct memory_room *r, const char *character, const char *const *people, size_t n,
                          const char *text, struct memory_heard *out, anima_error *err);

/* ---- bench_memory_idle.c ---- */
/* In the conversation of that id ("": a new one), which stays, somebody says something, and is answered. */
int memory_room_say(struct memory_room *r, const char *character, const char *id, const char *person, const char *text,
                    anima_error *err);
/* The character is given a text to read, which only its giver may be told of. */
int memory_room_document(struct memory_room *r, const char *character, const char *giver, const char *name,
                         const char *text, anima_error *err);
/* A sentence of what was talked about is corrected by hand. */
int memory_room_correct(struct memory_room *r, int64_t topic, const char *text, anima_error *err);
/* Until nothing is left that is done while nobody waits, and what the keeper was given to read has its vectors. */
int memory_room_idle(struct memory_room *r, anima_error *err);
/* How many summaries of that conversation there are. */
int memory_room_summaries(struct memory_room *r, const char *conversation, int *n, anima_error *err);
#endif
