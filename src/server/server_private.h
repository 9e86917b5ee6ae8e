/* server_private.h — the insides of a server, shared by the files of this folder and its tests. */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H
#include "server/guard.h"
#include "server/router.h"
#include "server/server.h"

struct feed;

struct server {
    anima_home *home;
    struct http *http; /* NULL in tests */
    struct guard guard;
    struct feed *feeds; /* event streams, one feed per conversation that somebody listens to */
    int64_t started_us; /* monotonic */
    int64_t started_s;  /* since 1970 */
    char url[128];
};

/* For server_start and for tests without a transport. */
int server_init(struct server *server, anima_home *home, const char *bind, anima_error *err);
void server_finish(struct server *server);

/* Handlers, by file; routes.c lists them. */
route_fn api_status, api_portrait, api_people, api_login;                                /* api_home.c */
route_fn api_characters, api_character_import, api_character_remove, api_character_card; /* api_characters.c */
route_fn api_blind, api_blinds, api_blinds_of, api_blind_start, api_blind_choose, api_blind_remove; /* api_blind.c */
route_fn api_documents, api_document_add, api_document, api_document_remove, api_passages; /* api_documents.c */
route_fn api_cost;                                                                         /* api_cost.c */
route_fn api_engine_stats;                                                                 /* api_engines.c */
route_fn api_facts, api_facts_start, api_facts_stop;                                       /* api_facts.c */
route_fn api_training, api_training_start, api_training_stop, api_training_finish;         /* api_training.c */
route_fn api_memory, api_memory_anew, api_memory_status, api_recall, api_turn_memory, api_known, api_known_change,
    api_known_remove, api_topics, api_topic_change, api_topic_remove;                             /* api_memory.c */
route_fn api_working, api_working_set, api_working_unset, api_working_change, api_working_remove; /* api_working.c */
route_fn api_forget, api_pin, api_unpin, api_rules, api_rule_new, api_rule_remove, api_refused;   /* api_forget.c */
route_fn api_chats_import, api_chats_list, api_chats_undo;                         /* api_memory_import.c */
route_fn api_notes, api_note_new, api_note_change, api_note_remove, api_abilities; /* api_notes.c */
route_fn api_conversations, api_conversation_new, api_conversation, api_conversation_tree, api_conversation_cancel,
    api_conversation_retry; /* api_conversations.c */
route_fn api_conversation_rename, api_conversation_delete, api_conversation_fork, api_conversation_export,
    api_conversation_import, api_search, api_summary, api_summary_remove; /* api_chats.c */
route_fn api_turn_edit, api_turn_variants, api_turn_choose, api_turn_regenerate, api_turn_candidates,
    api_turn_remove;                                      /* api_turns.c */
route_fn api_message, api_typing;                         /* api_message.c */
route_fn events_conversation, events_home, events_socket; /* events.c */
route_fn api_streams, api_stream_new, api_stream, api_stream_delete, api_stream_append, api_stream_retract,
    api_stream_fork, api_stream_cancel, api_stream_snapshot; /* api_streams.c */
route_fn api_stream_generate, api_stream_score;              /* api_streams_*.c */
route_fn openai_models, openai_model, openai_chat;           /* openai_*.c */
route_fn openai_respond, openai_response, openai_response_delete;

/* A server-sent event whose data is an object: begun in an emptied text, and ended (events.c). */
void sse_begin(struct buf *text, struct jw *w, const char *name);
void sse_end(struct buf *text, struct jw *w);

/* A request that is answered when libanima reports (api_turns.c). The peer may leave before. */
struct pending {
    struct call call; /* server, conn, route and id of the request; the rest is gone */
    anima_conversation *conversation;
    anima_stream *stream; /* closed at the end, or NULL */
    int64_t seq;
    int format;
    bool left;
    /* Replies; made is NULL, or a conversation that there was not before. */
    void (*answer)(struct pending *p, const anima_error *note, anima_conversation *made);
};
/* The conversation {id}, held open; NULL: answered with an error. */
anima_conversation *call_conversation(const struct call *call);
/* {id} as a number; -1, which nothing has, if it is none. */
int64_t call_number(const struct call *call);
/* NULL: answered with an error. with_conversation: {id} is opened. */
struct pending *pending_new(const struct call *call, bool with_conversation);
/* The same for a stream, which it closes at the end, in any case. */
struct pending *pending_stream(const struct call *call, anima_stream *stream);
/* An error of a change: what is busy is in a state that does not go with it (409). */
void reply_change(const struct call *call, int code, const anima_error *err);
/* rc of the call into libanima: ANIMA_OK keeps the exchange, else replies. */
void pending_keep(struct pending *p, int rc, const anima_error *err);
void pending_done(void *pending, int code, const anima_error *err);                           /* an anima_done */
void pending_made(void *pending, int code, const anima_error *err, anima_conversation *made); /* an anima_made */
/* An answer: it is deleted; whether every byte is gone by now, the note tells. */
void answer_purged(struct pending *p, const anima_error *note, anima_conversation *made);
/* An answer: {"changed": true}. */
void answer_changed(struct pending *p, const anima_error *note, anima_conversation *made);
/* Frees it; true: the peer has left, or it was told of the error. */
bool pending_over(struct pending *p, int code, const anima_error *err, struct call *call);

const char *member_type_name(enum member_type type);
#endif
