/* bench_talks.h — the same conversations with two servers over HTTP, each in its own way: anima's daemon keeps a stream for each
 * (/v1/streams: stored on the disk, sent the new message only), llama.cpp's own server is sent the whole conversation every time
 * (/v1/chat/completions). Both get the same persona and messages, the same sampling, and say at most as many words; their own replies
 * are their history. So both have the same tokens to read but for what was read before: no hints of a character are in it. */
#ifndef CLI_BENCH_TALKS_H
#define CLI_BENCH_TALKS_H
#include "base/buf.h"
#include "cli/bench.h"
#include "cli/bench_served.h"
#include "cli/client.h"

struct bench_side {
    bool llama; /* llama.cpp's server; else anima's daemon */
    struct bench_served served;
    struct client *client;
};

struct bench_talks {
    const char *dir;        /* a folder of the bench's own; anima's home is below it */
    const char *model;      /* name in the catalogue */
    const char *model_file; /* its file */
    int context;            /* tokens of the one slot of either */
    int ram_mb;             /* for conversations that rest; 0: as each side has it by default */
    int reply_tokens;       /* at most */
};

/* One conversation with one side. */
struct bench_talk {
    char id[40];        /* anima's */
    struct buf history; /* of the other: its messages so far */
};

struct bench_turn {
    double first_ms;                /* from sending the message to the first words */
    int prompt_tokens, read_tokens; /* read: of them, those that had not been read before */
};

/* Path of llama.cpp's server, as tools/setup --peer builds it; NULL: it is not there. Yours to mem_free. */
char *bench_llama_server(void);
/* Starts the server and waits until its model is loaded. */
int bench_side_start(struct bench_side *s, const struct bench_talks *talks, anima_error *err);
void bench_side_stop(struct bench_side *s);
int bench_talk_begin(const struct bench_side *s, struct bench_talk *talk, anima_error *err);
void bench_talk_end(struct bench_talk *talk);
/* Says something and hears the whole reply. */
int bench_talk_say(const struct bench_side *s, const struct bench_talks *talks, struct bench_talk *talk,
                   const char *text, struct bench_turn *out, anima_error *err);
/* Bytes that llama.cpp's server writes to save the conversation in its slot. */
int bench_slot_save(const struct bench_side *s, double *bytes, anima_error *err);
#endif
