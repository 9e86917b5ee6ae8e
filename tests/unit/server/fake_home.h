/* fake_home.h — a home in memory, in place of libanima, and a peer in memory, in place of the network: so that the
 * server's code runs in unit tests and under the fuzzer without a file, a socket, a process or a clock.
 *
 * The home has the character "lin" and the conversation "talk" with two turns. Everything that libanima would report
 * later happens in fake_home_step. */
#ifndef FAKE_HOME_H
#define FAKE_HOME_H
#include "base/buf.h"
#include "server/http.h"
#include "server/server_private.h"

struct fake_completion {
    bool asked, abandoned;
    char messages[2048]; /* "role:text|…" */
    char stop[256], json_schema[1024];
    anima_sampling sampling;
    int logprobs;
};

struct fake_import {
    anima_character_done *cb;
    void *ctx;
    int rc;
    anima_error err;
};

struct fake_costs {
    anima_costs *cb;
    void *ctx;
};

struct fake_stats {
    anima_engine_stats_cb *cb;
    void *ctx;
};

struct fake_export {
    anima_card_done *cb;
    void *ctx;
};

/* What the fake does next. */
struct fake_home {
    int send_fails;       /* a code: anima_send returns it */
    int store_fails;      /* a code: the message is refused later */
    int complete_refuses; /* a code: anima_complete returns it */
    int completion_fails; /* a code: ends the completion before its first word */
    int change_fails;     /* a code: changes, searches and files are refused later */
    int change_note;      /* a code in the err of a change that goes well */
    bool candidates;      /* one is under way */
    bool trains;          /* lin is being trained */
    bool asks;            /* texts about lin are being asked */
    bool blind_done;      /* the round of blind pairs is over */
    char changed[256];    /* what was asked for: "edit 2 0 text|…" */
    const char *token_file, *allowed_hosts;
    struct fake_completion completion;
    struct anima_generation generated; /* the last one asked for; its pointers are not to be followed */
    char appended[512];                /* what was appended: "kind:text|…" */
    struct fake_import import;         /* asked for */
    struct fake_export export;
    struct fake_costs costs;
    struct fake_stats stats;
    int subscriptions; /* how many are open now */
};
extern struct fake_home fake_home;

anima_home *fake_home_new(void); /* clears the state above */
/* Reports what is due: stored messages with a reply of two deltas, and the completion asked for. */
void fake_home_step(void);
void fake_characters_step(void); /* cards asked for; part of fake_home_step */
void fake_blind_step(void);      /* changes of the round "round"; the same */
void fake_documents_step(void);  /* documents that come in, or go; the same */
void fake_chats_step(void);      /* chats that come in, or go; the same */
void fake_memory_step(void);     /* questions and changes of what is remembered; the same */
void fake_streams_step(void);    /* changes and generations of the stream "flow"; the same */
void fake_streams_reset(void);
void fake_home_free(void);

/* ---- the peer ---- */

struct fake_peer {
    struct http_conn conn; /* first */
    int status;            /* 0: no answer yet */
    char type[80], headers[2048];
    struct buf body; /* of a reply or stream; messages of a WebSocket end with a line break */
    bool streaming, accepted, ended, notify;
};

void fake_peer_init(struct fake_peer *peer);
/* The peer leaves, if it still waits for something. */
void fake_peer_finish(struct fake_peer *peer);
/* All that was written has left. */
void fake_peer_drained(struct fake_peer *peer);
/* Sends a request with Host: localhost and JSON's content type, and returns the status. */
int fake_ask(struct server *server, struct fake_peer *peer, const char *method, const char *path, const char *body);

/* ---- for a test ---- */

extern struct server fake_server; /* with a fake home */
int fake_set_up(void **state);
int fake_tear_down(void **state);
#endif
