/* bench_room.h — a home of its own in which a bench talks with a character: empty before, gone afterwards. */
#ifndef CLI_BENCH_ROOM_H
#define CLI_BENCH_ROOM_H
#include "agent/cast.h"
#include "cli/bench.h"

#define BENCH_REPLY_MAX 32768
#define BENCH_ADAPTER "bench.gguf"

struct bench_room {
    anima_home *home;
    const char *adapter; /* NULL, or a file that comes into the home's folder of adapters, as BENCH_ADAPTER */
    char dir[32];
    int64_t wait_for; /* seq of the reply */
    bool over;
    char reply[BENCH_REPLY_MAX]; /* "" if it failed */
    int tokens, prompt_tokens;   /* of it, and of what was read for it */
};

/* adapter is the caller's to set before. Opens the home and writes the model into the report; a status of the command line other than CLI_OK has been explained. */
int bench_room_open(struct cli *cli, struct bench_room *room, struct bench_report *report);
/* The character of option --character, else the given one; "model as character" goes into the report. */
int bench_room_character(struct cli *cli, struct bench_room *room, const char *otherwise, struct bench_report *report,
                         const struct character **out, anima_error *err);
/* A new conversation, heard by the room until bench_room_end. */
int bench_room_begin(struct bench_room *room, const struct character *who, anima_conversation **c,
                     anima_subscription **events, anima_error *err);
/* The same of a conversation that there is. */
int bench_room_open_talk(struct bench_room *room, const char *id, anima_conversation **c, anima_subscription **events,
                         anima_error *err);
void bench_room_end(anima_conversation *c, anima_subscription *events);
/* Somebody (NULL: the home's owner) says something; waits for the reply. */
int bench_room_hear(struct bench_room *room, anima_conversation *c, const char *person, const char *text,
                    anima_error *err);
/* The owner does. */
int bench_room_say(struct bench_room *room, anima_conversation *c, const char *text, anima_error *err);
void bench_room_close(struct bench_room *room);

/* Lines of JSON: cb gets the object and its number. path NULL: share/probes/NAME. The documents live until cb returns. */
typedef int bench_line_cb(void *ctx, yyjson_val *line, int number, anima_error *err);
int bench_lines(const char *path, const char *name, bench_line_cb *cb, void *ctx, anima_error *err);
#endif
