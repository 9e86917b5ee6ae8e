/* anima.h — the only door of libanima.
 *
 * A home is one folder on one person's machine: its characters, its people, its conversations, its settings.
 * Opening a home gives you the whole daemon as a library: make a conversation, send a message, receive events.
 * The command line, the server and the tests are users of this file; nothing goes around it.
 *
 * Errors     Functions that can fail return int: ANIMA_OK (0) or one negative ANIMA_E* code, and describe the
 *            failure in *err when err is not NULL. Programming errors are asserts.
 * Ownership  T **out is yours to give back with the matching close/free. const T * is borrowed and lives as long
 *            as its parent. Strings given to a function are copied. close(NULL) and free(NULL) are legal.
 * Threads    A home belongs to one thread, its loop thread: the one that calls anima_home_run or _step. Every
 *            function is called there, and every callback comes there, except those marked "any thread".
 * Text       All text is UTF-8 without NUL bytes; anything else is refused with ANIMA_E_INVALID.
 */
#ifndef ANIMA_ANIMA_H
#define ANIMA_ANIMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANIMA_VERSION "0.1.0"

/* ---- errors ------------------------------------------------------------------------------------------------ */

enum {
    ANIMA_OK = 0,
    ANIMA_E_INVALID = -1,       /* the caller's input is wrong: the message says what and where */
    ANIMA_E_NOMEM = -2,         /* memory ran out */
    ANIMA_E_IO = -3,            /* a file, disk or socket failed */
    ANIMA_E_NOT_FOUND = -4,     /* no such character, conversation, turn, model, file */
    ANIMA_E_BUSY = -5,          /* the home is open in another process, the port is taken, a reply is under way */
    ANIMA_E_LIMIT = -6,         /* larger, deeper or more than what is allowed */
    ANIMA_E_ENGINE = -7,        /* the engine process failed and could not be brought back */
    ANIMA_E_MODEL = -8,         /* the model file is missing, damaged, or does not fit into memory */
    ANIMA_E_CANCELLED = -9,     /* somebody asked to stop */
    ANIMA_E_FORBIDDEN = -10,    /* not allowed: token, origin, jail */
    ANIMA_E_UNSUPPORTED = -11,  /* this build, model or driver cannot do that */
    ANIMA_E_TIMEOUT = -12,      /* the other side took too long */
    ANIMA_E_FULL = -13,         /* the disk is full */
    ANIMA_E_CONFLICT = -14,     /* somebody else changed it first: look again, then decide */
    ANIMA_E_EXISTS = -15,       /* something of that name is there already */
    ANIMA_E_LIMIT_REACHED = -16 /* a limit of tokens or money for today is reached: it goes on tomorrow */
};

typedef struct anima_error {
    int code;
    char message[508]; /* what happened, where, and what to do; in English, one line */
} anima_error;

/* The stable name of a code, as used in the API ("invalid", "not_found", …). Any thread. */
const char *anima_error_name(int code);

/* ---- a home ------------------------------------------------------------------------------------------------ */

typedef struct anima_home anima_home;
typedef struct anima_conversation anima_conversation;

typedef struct anima_home_options {
    const char *path;       /* the folder; NULL: $ANIMA_HOME, else $XDG_DATA_HOME/anima, else ~/.local/share/anima */
    bool read_only;         /* look only: no lock, no engine, no writing; may be open beside a running daemon */
    const char *const *set; /* NULL, or "key=value" settings that win over config.ini, ended by NULL */
} anima_home_options;

/* Opens a home, creating it if it does not exist; takes its lock, migrates its store, and takes up replies that
 * an earlier run left unfinished. ANIMA_E_BUSY if another process has it: the message names the process and its
 * address. */
int anima_home_open(const anima_home_options *options, anima_home **out, anima_error *err);
/* Stops the engines (a reply under way stays unfinished and is taken up at the next open), writes what is queued. */
void anima_home_close(anima_home *home);

/* Serves events until anima_home_stop. */
void anima_home_run(anima_home *home);
/* Serves events for at most timeout_ms (0: only what is ready; -1: until something happened). */
void anima_home_step(anima_home *home, int timeout_ms);
/* Makes anima_home_run return. Any thread, and from a signal handler. */
void anima_home_stop(anima_home *home);

const char *anima_home_path(const anima_home *home);
/* A setting's value as text, by its key in the table that `anima config` prints; NULL if there is no such key. */
const char *anima_home_setting(const anima_home *home, const char *key);

/* ---- characters and people ---------------------------------------------------------------------------------- */

typedef struct anima_character {
    const char *id;               /* folder name: letters, digits, '-', '_' */
    const char *name;             /* how it is called */
    const char *tagline;          /* one line about it */
    const char *greeting;         /* its first words in a new conversation, or "" */
    const char *const *greetings; /* all it has to choose from; the first is greeting */
    size_t n_greetings;
    const char *language;                /* its language at home: "zh", "en" */
    const char *model;                   /* model name, or "" for the home's default */
    const char *tagline_zh, *tagline_en; /* the line in each language; the same one where there is only one */
    const char *portrait;                /* file of its picture (.svg, .png, .jpg, .webp), or "" */
    const char *creator, *version;       /* of its card, or "" */
    const char *const *tags;
    size_t n_tags;
    bool own; /* it lives in the home and can be removed; the others come with anima */
} anima_character;

/* The i-th character, i from 0, ordered by id; NULL after the last. Borrowed until the home is closed: one that was replaced
 * or removed meanwhile stays as it was, and is not found any more. */
const anima_character *anima_character_at(const anima_home *home, size_t i);
const anima_character *anima_character_find(const anima_home *home, const char *id);
/* Looks whether somebody has edited, added or removed folders in characters/ of the home, and takes them in. One that cannot
 * be read stays as it was. Cheap: a stat for each file. */
void anima_characters_refresh(anima_home *home);

/* code ANIMA_OK, or what went wrong (err); ANIMA_E_CANCELLED if the home is being closed. */
typedef void anima_character_done(void *ctx, int code, const anima_error *err, const anima_character *made);
typedef void anima_card_done(void *ctx, int code, const anima_error *err, const void *data, size_t n);
/* Takes a card in: JSON, PNG or CHARX (V1, V2, V3), told apart by its content; copied. It is taken apart on another thread;
 * done comes later, never during the call. ANIMA_E_EXISTS if a character has that name, unless replace: then the card takes its
 * place. A card that is refused leaves nothing behind. */
int anima_character_import(anima_home *home, const void *card, size_t n, bool replace, anima_character_done *done,
                           void *ctx, anima_error *err);
/* One of the home's own; its conversations stay. ANIMA_E_FORBIDDEN for one that comes with anima. */
int anima_character_remove(anima_home *home, const char *id, anima_error *err);
/* The card of a character as "json", "png" or "charx"; done as for import. */
int anima_character_export(anima_home *home, const char *id, const char *format, anima_card_done *done, void *ctx,
                           anima_error *err);

/* What was trained into weights for a character: a LoRA adapter, as its next reply would be computed with it. */
typedef struct anima_adapter {
    char name[65];  /* of its file, without .gguf */
    char model[96]; /* it was trained for */
    double scale;   /* how strongly it counts, 1 as it was made */
    bool on;        /* replies are computed with it */
    bool own;       /* it lies in the home */
    char why[300];  /* not on: why not; else "" */
} anima_adapter;
/* The adapter of a character with its model. ANIMA_E_NOT_FOUND: it has none. */
int anima_character_adapter(anima_home *home, const char *id, anima_adapter *out);

typedef struct anima_person {
    int64_t id;
    const char *name;
} anima_person;

/* The person of that name, made if new. Name: 1..64 bytes after trimming, no control characters. NULL or "": the
 * home's owner (setting person.name). The result is borrowed until the home is closed. */
int anima_person_get(anima_home *home, const char *name, const anima_person **out, anima_error *err);
const anima_person *anima_person_at(const anima_home *home, size_t i);

/* ---- conversations ------------------------------------------------------------------------------------------ */

typedef struct anima_conversation_info {
    char id[24];
    char character[65];
    char title[128];                /* "" until somebody or the first message names it */
    int64_t created_ms, updated_ms; /* since 1970, UTC */
    int64_t turns;                  /* how many turns it has */
    char last_text[128];            /* how the last turn begins */
    char parent[24];                /* the conversation it was forked from, or "" */
    int64_t parent_seq;             /* and at which turn */
} anima_conversation_info;

typedef enum { ANIMA_ROLE_PERSON = 0, ANIMA_ROLE_CHARACTER = 1 } anima_role;

/* The states of a turn; docs/architecture.md draws the machine. A person's turn is born DONE. */
typedef enum {
    ANIMA_TURN_WAITING = 0,   /* a reply that waits for its engine */
    ANIMA_TURN_STREAMING = 1, /* words are coming */
    ANIMA_TURN_DONE = 2,
    ANIMA_TURN_CANCELLED = 3, /* stopped by somebody; what was said stays */
    ANIMA_TURN_FAILED = 4,    /* error_code and error tell why */
    ANIMA_TURN_FORGOTTEN = 5  /* it was forgotten for good: it keeps its place, and has no text */
} anima_turn_state;
/* As the API and exports call it ("done", "forgotten", …). Any thread. */
const char *anima_turn_state_name(anima_turn_state state);

typedef struct anima_turn {
    int64_t seq; /* 1, 2, … within its conversation */
    anima_role role;
    anima_turn_state state;
    const char *text;
    int64_t person; /* who said it, or 0 for the character */
    const char *person_name;
    const char *client_id; /* the sender's own id of the message, or "" */
    const char *model;     /* which model made it, or "" */
    const char *finish;    /* "stop", "length", "cancelled", "error" or "" */
    int error_code;
    const char *error;
    int prompt_tokens, completion_tokens;
    double ttft_ms;      /* time to first token, from the moment the message was accepted */
    double tokens_per_s; /* while decoding */
    int64_t created_ms;
    int revision;              /* how often people changed its text or chose another alternative */
    int variant;               /* which of its alternatives it shows, from 0 */
    int variants;              /* how many it has, with this one */
    bool edited;               /* this text was changed by somebody */
    double seconds, wh, money; /* what a reply cost, over all attempts: computing time, energy, money; 0: unknown */
    int recalled;              /* how many things that were remembered it was told: anima_memory_told */
    int forgot;                /* of a message that asked for it: how many turns went; -1: it was not clear which */
} anima_turn;

/* Return non-zero to end the listing. */
typedef int anima_conversation_cb(void *ctx, const anima_conversation_info *info);
typedef int anima_turn_cb(void *ctx, const anima_turn *turn);

/* Newest first; limit 1..500; before_ms 0 or only those updated before it. */
int anima_conversation_list(anima_home *home, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err);
/* The same of one character's conversations; "" or NULL: of all. */
int anima_conversation_list_of(anima_home *home, const char *character, int limit, int64_t before_ms,
                               anima_conversation_cb *cb, void *ctx, anima_error *err);
/* A new conversation with a character; its greeting, if any, is turn 1. title may be NULL. */
int anima_conversation_create(anima_home *home, const char *character, const char *title, anima_conversation **out,
                              anima_error *err);
/* The same with another of its greetings (0: the first); ANIMA_E_INVALID if it has not so many. */
int anima_conversation_create_with(anima_home *home, const char *character, const char *title, size_t greeting,
                                   anima_conversation **out, anima_error *err);
/* The conversation of that id. Opening it twice gives the same object; close it as often. */
int anima_conversation_open(anima_home *home, const char *id, anima_conversation **out, anima_error *err);
void anima_conversation_close(anima_conversation *conversation);
void anima_conversation_describe(const anima_conversation *conversation, anima_conversation_info *out);

/* A conversation as a branch of a tree of forks. */
typedef struct anima_timeline {
    anima_conversation_info info;
    anima_role from_role;
    char from_text[128]; /* how its parent's turn begins at which it left; "" of a root */
    int64_t own_seq;     /* its first turn that its parent does not have, of a root the first message; 0: none */
    anima_role own_role;
    char own_text[128]; /* how that turn begins, or "" */
} anima_timeline;

typedef int anima_timeline_cb(void *ctx, const anima_timeline *timeline);
/* The tree that the conversation of that id belongs to: what it was forked from, up to the root, and all forks of those; the
 * oldest first, at most limit (1..500). A conversation whose parent was deleted is a root. *more: there are further ones. */
int anima_conversation_tree(anima_home *home, const char *id, int limit, anima_timeline_cb *cb, void *ctx, bool *more,
                            anima_error *err);
/* For whoever comes back and has a conversation as it was when *changes was `since` (0: never told): *changes now, and
 * *first, the first turn that is another by now (edited, said anew, taken back and said again), 0 if there is none; turns
 * behind *last were taken back. */
int anima_conversation_changes(anima_conversation *conversation, int64_t since, int64_t *changes, int64_t *first,
                               int64_t *last, anima_error *err);
/* Turns with seq > after, oldest first, at most limit (1..500), as the store and the reply under way have them. */
int anima_conversation_turns(anima_conversation *conversation, int64_t after, int limit, anima_turn_cb *cb, void *ctx,
                             anima_error *err);

/* What the character reads in place of the turns that are not read to it any more: a few lines, made while nobody waits. */
typedef struct anima_summary {
    int64_t seq;          /* the last turn that it is about */
    const char *language; /* in which the conversation was read: "zh", "en" */
    const char *text;     /* a line each; "": nothing in these turns was worth one */
    int64_t made_ms;
} anima_summary;

/* The newest. ANIMA_E_NOT_FOUND: there is none, because all turns are read. Borrowed until the next call about the
 * conversation. */
int anima_conversation_summary(anima_conversation *conversation, anima_summary *out, anima_error *err);

typedef struct anima_message {
    const char *text;      /* 1 .. 65,536 bytes */
    const char *person;    /* who says it, by name; NULL: the home's owner */
    const char *client_id; /* NULL, or up to 64 bytes: the same id again is the same message, not a second one */
} anima_message;

/* Says something. On ANIMA_OK, *seq is the message's place in the conversation and the character's reply is the
 * turn after it; both are announced by events once they are safely stored. A message sent while a reply is under
 * way waits for its turn (at most 16 wait; then ANIMA_E_BUSY). */
int anima_send(anima_conversation *conversation, const anima_message *message, int64_t *seq, anima_error *err);
/* What somebody (NULL: the home's owner) has typed so far: the engine reads it ahead, so that the reply to it comes sooner. A
 * hint: nothing is kept, nothing is announced, and nothing happens if a reply is under way or the engine is not running. */
void anima_typing(anima_conversation *conversation, const char *person, const char *text);
/* Stops the reply under way, within one token. ANIMA_E_NOT_FOUND if there is none. */
int anima_cancel(anima_conversation *conversation, anima_error *err);
/* Asks again for the last reply, if it failed or was cancelled: it goes on from what was said. If the last turn is a message
 * that nobody answers (of a fork, an import), it is answered now. */
int anima_retry(anima_conversation *conversation, anima_error *err);

/* ---- changing what was said ----------------------------------------------------------------------------------
 * Each of these returns at once: an error if it is refused, or ANIMA_OK, and then done is called once when the change is
 * safely stored or has failed (at the latest, with ANIMA_E_CANCELLED, when the home is closed). done may be NULL.
 * All but rename are refused with ANIMA_E_BUSY while a reply of the conversation is under way.
 * revision is the one the caller has seen, or -1 for whatever it is: if somebody else was faster, ANIMA_E_CONFLICT. */

typedef void anima_done(void *ctx, int code, const anima_error *err);
/* made is borrowed during the call; NULL if code is not ANIMA_OK. */
typedef void anima_made(void *ctx, int code, const anima_error *err, anima_conversation *made);

/* title: UTF-8 without control characters, at most 127 bytes. */
int anima_conversation_rename(anima_conversation *conversation, const char *title, anima_done *done, void *ctx,
                              anima_error *err);
/* For good: no byte of it is left in any file of the home when done is called with ANIMA_OK. If another program's look
 * at the store kept the write-ahead log from being emptied, or the store is large (32 MiB), err->code is ANIMA_E_BUSY then:
 * the last bytes go as soon as that is over, or nobody has written for a few seconds. From the call on the conversation cannot be opened any more. What was noted in it goes, too; keep_notes: it
 * stays, without the words it was noted from and without the place. */
int anima_conversation_delete(anima_conversation *conversation, bool keep_notes, anima_done *done, void *ctx,
                              anima_error *err);
/* A new conversation with copies of the turns 1..seq and their alternatives. title NULL: the old one, counted up. */
int anima_conversation_fork(anima_conversation *conversation, int64_t seq, const char *title, anima_made *done,
                            void *ctx, anima_error *err);

/* Another text: 1 .. 65,536 bytes. The reply to a changed message stays as it is. */
int anima_turn_edit(anima_conversation *conversation, int64_t seq, const char *text, int revision, anima_done *done,
                    void *ctx, anima_error *err);
/* The alternatives of a turn in their order, as turns that differ in variant, text, state, model and measures. */
int anima_turn_variants(anima_conversation *conversation, int64_t seq, anima_turn_cb *cb, void *ctx, anima_error *err);
int anima_turn_choose(anima_conversation *conversation, int64_t seq, int variant, int revision, anima_done *done,
                      void *ctx, anima_error *err);
/* Lets the character say its last reply anew: done comes when that has begun, the words come as events. What it said
 * before stays as an alternative, and comes back if nothing is said now (stopped, failed). */
int anima_turn_regenerate(anima_conversation *conversation, int64_t seq, int revision, anima_done *done, void *ctx,
                          anima_error *err);
#define ANIMA_MAX_CANDIDATES 4
/* Lets the character say its last reply in n other ways (2..ANIMA_MAX_CANDIDATES) at the same time: CANDIDATE_* events tell how
 * they go. The turn shows what it shows; once all have ended they are alternatives of it, told by CANDIDATES_DONE. anima_cancel
 * stops all, what was said stays. Until CANDIDATES_DONE the changes above are refused with ANIMA_E_BUSY; a message that is sent
 * stops them. If the process ends before, nothing of them is kept. ANIMA_E_INVALID for a turn without words. */
int anima_turn_candidates(anima_conversation *conversation, int64_t seq, int n, int revision, anima_error *err);
/* candidate: 1..candidates; its turn's variant is -1, since it is none yet. Return non-zero to end the listing. */
typedef int anima_candidate_cb(void *ctx, int candidate, int candidates, const anima_turn *turn);
/* Those under way, as they are now. */
void anima_candidates(const anima_conversation *conversation, anima_candidate_cb *cb, void *ctx);
/* Takes this turn and all after it back, for good (as anima_conversation_delete does). */
int anima_turn_take_back(anima_conversation *conversation, int64_t seq, int revision, anima_done *done, void *ctx,
                         anima_error *err);

/* What was summed up of it is gone, as by anima_conversation_delete; it is made anew from the turns. */
int anima_conversation_summary_remove(anima_conversation *conversation, anima_done *done, void *ctx, anima_error *err);

/* ---- searching, taking out, bringing in ----------------------------------------------------------------------
 * Done on a thread of their own; the result comes to done once, during or before anima_home_close. */

typedef struct anima_hit {
    const char *conversation, *character, *title;
    int64_t seq; /* of the turn; 0: the title */
    anima_role role;
    const char *person; /* who said it, or "" */
    int64_t created_ms;
    const char *before, *match, *after; /* the place, with about 40 characters on either side */
} anima_hit;

/* The hits are borrowed during the call. more: there are further ones. */
typedef void anima_found(void *ctx, int code, const anima_error *err, const anima_hit *hits, size_t n, bool more);
/* Turns and titles in which every word of query occurs, somewhere in a word, too; newest first; limit 1..200. ASCII
 * letters match in either case. ANIMA_E_BUSY if too many are searching. */
int anima_search(anima_home *home, const char *query, int limit, anima_found *done, void *ctx, anima_error *err);

typedef enum { ANIMA_EXPORT_JSONL = 0, ANIMA_EXPORT_MARKDOWN = 1, ANIMA_EXPORT_SILLYTAVERN = 2 } anima_export_format;
/* data (n bytes of text) is borrowed during the call. */
typedef void anima_exported(void *ctx, int code, const anima_error *err, const char *data, size_t n);
/* JSONL is anima's own and holds everything; Markdown is for reading; SillyTavern's JSONL can be opened there. */
int anima_export(anima_conversation *conversation, anima_export_format format, anima_exported *done, void *ctx,
                 anima_error *err);
/* A new conversation from a file: anima's JSONL or SillyTavern's, at most 32 MiB and 100,000 lines. character: with whom;
 * NULL or "": the file's own. All of it is stored, or nothing. */
int anima_import(anima_home *home, const char *character, const char *data, size_t n, anima_made *done, void *ctx,
                 anima_error *err);

/* ---- events ------------------------------------------------------------------------------------------------- */

typedef enum {
#define ANIMA_EVENT(symbol, name, meaning) ANIMA_EVENT_##symbol,
#include "anima/events.def"
#undef ANIMA_EVENT
    ANIMA_EVENT_COUNT
} anima_event_type;

typedef struct anima_event {
    anima_event_type type;
    const char *conversation; /* id, or NULL for events of the home */
    const anima_turn *turn;   /* TURN_* (not TURNS_REMOVED), CANDIDATES_DONE: the turn as it is now; CANDIDATE_*: as the
                               candidate would make it */
    const char *delta;        /* *_DELTA: the new words, and their place in bytes */
    int64_t offset;
    int context_used,
        context_size;          /* TURN_STARTED, TURN_DONE: tokens in the model's context after the prompt or reply */
    int64_t after;             /* TURNS_REMOVED: turns with a larger seq are gone */
    int candidate, candidates; /* CANDIDATE_*: which one, from 1, of how many; CANDIDATES_DONE: of how many */
    const int *numbers;        /* CANDIDATES_DONE: which alternative of the turn each became, -1: none; borrowed */
    int dropped_turns;         /* TURN_STARTED: how many of the oldest turns did not fit */
    const struct anima_engine_info *engine; /* ENGINE: as it is now */
    const anima_character *character;       /* CHARACTER_CHANGED: as it is now */
    const char *id;                         /* CHARACTER_REMOVED, BLIND_REMOVED: whose */
    const struct anima_note *note;          /* NOTE_CHANGED: as it is now; NOTE_REMOVED: as it was */
    const struct anima_training *training;  /* TRAINING_CHANGED: as it is now */
    const struct anima_facts *facts;        /* FACTS_CHANGED: as it is now */
    const struct anima_blind *blind;        /* BLIND_CHANGED: as it is now */
} anima_event;

typedef void anima_event_cb(void *ctx, const anima_event *event);
typedef struct anima_subscription anima_subscription;

/* Calls cb for every event of one conversation (id) or of the whole home (NULL). The event is valid during the call.
 * cb may send, cancel, subscribe and unsubscribe; it must not close the home. */
int anima_subscribe(anima_home *home, const char *conversation, anima_event_cb *cb, void *ctx, anima_subscription **out,
                    anima_error *err);
void anima_unsubscribe(anima_subscription *subscription);

/* ---- what people asked of a character ---------------------------------------------------------------------------- */

/* "Don't call me sir", "remember that …": noted from what somebody said, or written by hand; obeyed while it is active. */
typedef struct anima_note {
    int64_t id;
    const char *character;
    int64_t person;
    const char *person_name;
    const char *text;         /* as the character reads it */
    const char *said;         /* the words it was noted from, or "" */
    const char *conversation; /* where, or "" */
    int64_t seq;              /* which turn of it, or 0 */
    int64_t created_ms;
    bool active;
} anima_note;

typedef int anima_note_cb(void *ctx, const anima_note *note);

/* Oldest first; character NULL: of all. */
void anima_note_list(anima_home *home, const char *character, anima_note_cb *cb, void *ctx);
/* text: 1 .. 400 bytes; person NULL: the home's owner. *out is borrowed until the next call about notes. */
int anima_note_add(anima_home *home, const char *character, const char *person, const char *text, anima_note *out,
                   anima_error *err);
/* text NULL, active < 0: as it was. */
int anima_note_change(anima_home *home, int64_t id, const char *text, int active, anima_note *out, anima_error *err);
int anima_note_remove(anima_home *home, int64_t id, anima_error *err);

/* ---- what is remembered ------------------------------------------------------------------------------------------- */

/* Something that was said, as a character remembers it. Borrowed during the callback. */
typedef struct anima_memory {
    int64_t id;               /* another one once it is made anew; 0: that is happening */
    const char *conversation; /* where it was said, and in which turn */
    int64_t seq;
    const char *character;   /* who remembers it */
    const char *person_name; /* who said it; "": the character */
    int64_t at_ms;
    const char *text;
    const char *kind;             /* "knowledge", "personal", "secret"; "unread": nobody has looked yet, so it is one */
    const char *const *witnesses; /* the people who heard it, by name */
    size_t n_witnesses;
    double score; /* of what was told: how near it was; else 0 */
    bool changed; /* of what was told: the text is another by now */
    bool pinned;  /* it is kept in mind: anima_memory_pin */
} anima_memory;
/* Return non-zero to end the listing. It must not ask for memories. */
typedef int anima_memory_cb(void *ctx, const anima_memory *memory);

/* What was said in these words, the best first: all of them, also inside a Chinese sentence; "quoted" ones side by side, none behind a
 * '-'. character NULL: by anybody's memory; limit 1..200. Also in a home for looking only. ANIMA_E_INVALID: there is no word. */
int anima_memory_search(anima_home *home, const char *character, const char *words, int limit, anima_memory_cb *cb,
                        void *ctx, anima_error *err);

/* What spoke for something: points of its score. about: in English. Static. */
typedef struct anima_memory_reason {
    const char *name, *about;
    double points;
} anima_memory_reason;

typedef struct anima_recalled {
    anima_memory memory;                /* with its score */
    const char *before;                 /* what it answers, where it says little by itself; or "" */
    bool told;                          /* near enough to be told in a prompt that has room for it */
    const anima_memory_reason *reasons; /* the strongest first */
    size_t n_reasons;
} anima_recalled;

typedef struct anima_recollection {
    const anima_recalled *items; /* best first */
    size_t n;
    bool about;      /* something that this person may hear is about it at all */
    bool by_meaning; /* else by words only: the model for meaning is missing, or slow */
} anima_recollection;
/* found: borrowed during the call; NULL with a code. */
typedef void anima_recollected(void *ctx, int code, const anima_error *err, const anima_recollection *found);

/* What would come to the character's mind if this person (NULL: the owner) said that now, alone with it, in a new conversation. done
 * comes later, once. text: 1..4096 bytes. ANIMA_E_NOT_FOUND: no such character, or nobody of that name has talked here. */
int anima_memory_recall(anima_home *home, const char *character, const char *person, const char *text,
                        anima_recollected *done, void *ctx, anima_error *err);

/* What a reply was told of it, the best first; nothing: it was told nothing. ANIMA_E_NOT_FOUND: there is no such turn. */
int anima_memory_told(anima_home *home, const char *conversation, int64_t seq, anima_memory_cb *cb, void *ctx,
                      anima_error *err);

/* Something that a person told a character of themselves or theirs: "my sister lives in York". Borrowed during the callback. */
typedef struct anima_known {
    int64_t id;              /* another one once what is remembered is made anew */
    const char *character;   /* who knows it */
    const char *person_name; /* who told it */
    const char *about;       /* "home", "work", "pet", "day", …: docs/memory.md has them all */
    const char *whose;       /* "": that person's; else a relation in English ("sister"), or a name */
    const char *topic;       /* of a pet its kind, of a day what is then, …; or "" */
    const char *value;
    const char *text;    /* all that in words */
    int64_t from_ms;     /* when it began to hold, */
    int64_t until_ms;    /* and when it ended; 0: it holds, or will */
    bool holds;          /* now */
    bool by_hand;        /* value was corrected (anima_known_change) */
    double confidence;   /* 0 … 1 */
    anima_memory source; /* the turn that told it last */
} anima_known;
typedef int anima_known_cb(void *ctx, const anima_known *known);
/* What a character knows of a person (NULL: the owner), what holds first, each the newest first, with what it was before: everything, as the
 * home's owner may see it. language of text: "zh", else English. Also in a home for looking only. ANIMA_E_NOT_FOUND: no such character, or
 * nobody of that name has talked here. */
int anima_known_list(anima_home *home, const char *character, const char *person, const char *language,
                     anima_known_cb *cb, void *ctx, anima_error *err);
/* Corrects a value (1..120 bytes), or, NULL, deletes the fact; both stay so when everything is made anew. The turn that told it stays, and so
 * does what it says. done comes later: ANIMA_E_NOT_FOUND: there is no such fact. */
int anima_known_change(anima_home *home, int64_t id, const char *value, anima_done *done, void *ctx, anima_error *err);

/* Keeps a turn in mind, or not any more: it never fades (setting memory.fade), and of two that are as near it comes first. done comes later:
 * ANIMA_E_NOT_FOUND: there is no such turn, or it was not pinned. */
int anima_memory_pin(anima_home *home, const char *conversation, int64_t seq, bool pinned, anima_done *done, void *ctx,
                     anima_error *err);

typedef struct anima_place {
    const char *conversation;
    int64_t seq;
} anima_place;

/* A turn that goes, or one of its alternatives. */
typedef struct anima_forgotten_turn {
    const char *conversation;
    int64_t seq;
    int variant; /* -1: the turn, with all its alternatives */
    const char *character;
    const char *person_name; /* who said it; "": the character */
    int64_t at_ms;
    const char *text;
    const char *
        why; /* "asked": it was named, "copy": the same in a fork, "repeats": a reply that says it again, "request": the message that
                        asked for it said it again, and stays without that */
} anima_forgotten_turn;

/* Borrowed during the call. */
typedef struct anima_forgotten {
    const anima_forgotten_turn *turns;
    size_t n;
    int said, replies; /* turns of people, without a request; replies, alternatives counted by themselves */
} anima_forgotten;
/* what: NULL with a code. Code 0 and err->code ANIMA_E_BUSY: done, but some bytes leave the files a little later. */
typedef void anima_forgot(void *ctx, int code, const anima_error *err, const anima_forgotten *what);
/* Forgets n turns (1..64) for good: their words, their copies in forks, replies that say them again, and all that was made of them. The
 * turns stay as places without words (ANIMA_TURN_FORGOTTEN). look: only says what would go. done comes later, once. ANIMA_E_BUSY: somebody is
 * being answered who may hear of it; ANIMA_E_NOT_FOUND: there is no such turn. docs/memory.md, "Forgetting". */
int anima_memory_forget(anima_home *home, const anima_place *places, size_t n, bool look, anima_forgot *done, void *ctx,
                        anima_error *err);

/* What may be passed on of what a person told. Borrowed during the callback. */
typedef struct anima_rule {
    int64_t id;
    const char *person;    /* whose */
    const char *character; /* by which one; "": by any */
    const char *other; /* who may be told what is personal; "": nothing of it is told to anybody who did not hear it */
    int64_t at_ms;
} anima_rule;
typedef int anima_rule_cb(void *ctx, const anima_rule *rule);
/* In the order they were made. Also in a home for looking only. */
int anima_rule_list(anima_home *home, anima_rule_cb *cb, void *ctx, anima_error *err);
/* Of rule person (NULL: the owner), character and other count. The same again changes nothing. Of several the stricter one counts.
 * ANIMA_E_NOT_FOUND: no such character, or nobody of that name has talked here. done comes later. */
int anima_rule_add(anima_home *home, const anima_rule *rule, anima_done *done, void *ctx, anima_error *err);
int anima_rule_remove(anima_home *home, int64_t id, anima_done *done, void *ctx, anima_error *err);

/* Something that was near a message and that its reply was not told. */
typedef struct anima_refused {
    anima_memory memory; /* with its score */
    const char *reason;  /* "not_asked", "rule", "secret", "excluded"; "far": below what is worth telling; "faded" */
    const char *why_en, *why_zh; /* in words. Static */
    const char *person_name;     /* because of whom; or "" */
} anima_refused;
typedef struct anima_refusals {
    const anima_refused *items; /* best first */
    size_t n;
    bool by_meaning;
} anima_refusals;
typedef void anima_refusal(void *ctx, int code, const anima_error *err, const anima_refusals *found);
/* What would have been nearest to the message of a reply, and was not told, and why: reckoned anew, with the classes, rules and pins as they are
 * now, among what was said before it in other conversations. For the home's owner; never part of a prompt. done comes later, once.
 * ANIMA_E_NOT_FOUND: there is no such reply. */
int anima_memory_refused(anima_home *home, const char *conversation, int64_t seq, anima_refusal *done, void *ctx,
                         anima_error *err);
/* A sentence about what a person told a character, made by its model when their conversation rested; every one is borne out by its turns, and
 * goes with any of them. Borrowed during the callback. */
typedef struct anima_topic {
    int64_t id;
    int64_t about; /* the id of the newest sentence about the same thing: its own, if it is that */
    const char *character, *person_name;
    const char *language; /* "zh", "en" */
    const char *text;
    int64_t from_ms;             /* when it was told, */
    int64_t until_ms;            /* and when something else about the same thing was; 0: it holds */
    bool by_hand;                /* it was corrected (anima_topic_change) */
    const char *kind;            /* the strictest of its turns': as in anima_memory */
    const anima_memory *sources; /* the turns, in their order */
    size_t n_sources;
} anima_topic;
typedef int anima_topic_cb(void *ctx, const anima_topic *topic);
/* What a character and a person (NULL: the owner) talked about: of each thing the newest sentence, behind it those whose place it took, what was
 * talked about last first; of the newest 200 sentences. Everything, as the home's owner may see it. Also in a home for looking only.
 * ANIMA_E_NOT_FOUND: no such character, or nobody of that name has talked here. */
int anima_topic_list(anima_home *home, const char *character, const char *person, anima_topic_cb *cb, void *ctx,
                     anima_error *err);
/* Corrects a sentence (1..300 bytes), or, NULL, deletes it; it stays so when its turns are looked at anew. The turns stay. done comes later:
 * ANIMA_E_NOT_FOUND: there is no such sentence. */
int anima_topic_change(anima_home *home, int64_t id, const char *text, anima_done *done, void *ctx, anima_error *err);

/* A part of what is on a character's mind of a person now (docs/memory.md, "Now"). Borrowed during the callback. */
typedef struct anima_working {
    /* "mood", "intent", "topic": the person's; "own_mood", "own_intent": the character's; "closeness", "trust"; "promise", "plan", "question" */
    const char *part;
    int64_t id; /* of a promise, plan or question; else 0 */
    const char *
        value; /* a mood or intent by its name ("sad", "comfort"); the words of a topic, promise, plan or question; else "" */
    double amount;          /* of a mood how strong it is now, closeness, trust: 0 … 1; else 0 */
    double confidence;      /* 0 … 1; 1: it was set by hand, or counted */
    int64_t since_ms;       /* when it began, or was said */
    int64_t from_ms, to_ms; /* of a promise or plan: when it is due; 0: nobody said */
    bool own;               /* of a promise or question: the character's; of a plan: it proposed it */
    const char *
        state; /* of a promise "open", "kept", "broken"; a plan "open", "kept", "dropped"; a question "open", "answered"; else "" */
    bool by_hand;
    const anima_memory *cause; /* the turn that shows it; NULL: it was set by hand, counted, or follows from the rest */
} anima_working;
typedef int anima_working_cb(void *ctx, const anima_working *part);
/* What is on a character's mind of a person (NULL: the owner), in this order, promises, plans and questions that are open first: everything, as the
 * home's owner may see it. Parts that nothing is known of do not come. Also in a home for looking only. ANIMA_E_NOT_FOUND: no such character, or
 * nobody of that name has talked here. */
int anima_working_list(anima_home *home, const char *character, const char *person, anima_working_cb *cb, void *ctx,
                       anima_error *err);
/* Sets a part that is no promise, plan, question or "own_intent": value for moods and intents (their names) and a topic (1..95 bytes), amount for moods,
 * closeness and trust. value NULL: what there was does not count any more. What is said later goes on from there. done comes later.
 * ANIMA_E_INVALID: there is no such part, or not this value. */
int anima_working_set(anima_home *home, const char *character, const char *person, const char *part, const char *value,
                      double amount, anima_done *done, void *ctx, anima_error *err);
/* Of a promise, plan or question: other words (1..200 bytes; NULL: they stay), another state (NULL: it stays). Both NULL: it is deleted. done comes
 * later: ANIMA_E_NOT_FOUND: there is none of that id. */
int anima_working_change(anima_home *home, int64_t id, const char *text, const char *state, anima_done *done, void *ctx,
                         anima_error *err);

typedef struct anima_memory_state {
    int64_t turns;          /* are remembered */
    int64_t due;            /* wait to be made ready to be found */
    int64_t unread;         /* nobody has looked yet what they tell, and to whom */
    int64_t without_vector; /* found by words only, as yet */
    int64_t reading;   /* characters who answer without remembering, because what they remember is still being read */
    const char *model; /* that says what they mean, or "" */
} anima_memory_state;
int anima_memory_status(anima_home *home, anima_memory_state *out, anima_error *err);
/* Everything that is remembered is made anew from what was said, in the background. done: it has begun, for good. */
int anima_memory_anew(anima_home *home, anima_done *done, void *ctx, anima_error *err);

/* ---- documents ---------------------------------------------------------------------------------------------------- */

/* A file that somebody gave a character to read: docs/memory.md, "Documents". Borrowed during the callback. */
typedef struct anima_document {
    const char *id;
    const char *character;
    const char *title;
    const char *name;  /* of the file */
    const char *form;  /* "text", "markdown", "html", "epub", "pdf" */
    const char *giver; /* the person who gave it */
    int64_t at_ms;
    bool everyone;             /* the character may tell anybody of it; else its giver and */
    const char *const *others; /* these people */
    size_t n_others;
    int pages; /* 0: it has none */
    int64_t bytes, passages;
    int64_t without_vector; /* passages that are found by their words only, as yet */
} anima_document;
typedef int anima_document_cb(void *ctx, const anima_document *document);

typedef struct anima_document_wish {
    const char *character;
    const char *name;     /* of the file: its ending tells what is in it */
    const char *title;    /* "": its own, else its name */
    const char *giver;    /* "": the home's owner */
    const char *for_whom; /* "": the giver; "everyone"; or somebody else who may be told, too */
} anima_document_wish;
/* document: NULL with a code. */
typedef void anima_document_done(void *ctx, int code, const anima_error *err, const anima_document *document);
/* Text, Markdown, HTML, EPUB or PDF of at most 32 MiB; done comes later, when it is on the disk and found by its words. ANIMA_E_UNSUPPORTED says
 * what to do with a file of another kind; ANIMA_E_CONFLICT: this person gave it before. */
int anima_document_add(anima_home *home, const anima_document_wish *wish, const char *data, size_t n,
                       anima_document_done *done, void *ctx, anima_error *err);
/* What a character was given, in the order in which it came. Also in a home for looking only. */
int anima_document_list(anima_home *home, const char *character, anima_document_cb *cb, void *ctx, anima_error *err);
/* The one of an id. ANIMA_E_NOT_FOUND. */
int anima_document_get(anima_home *home, const char *id, anima_document_cb *cb, void *ctx, anima_error *err);

/* A section of its outline. depth: of how many it is a part; page 0: no pages; bytes of its text. */
typedef struct anima_section {
    int depth, page;
    const char *number, *title; /* "3.2", "Deposit"; one may be "" */
    int64_t start, end;
} anima_section;
typedef int anima_section_cb(void *ctx, const anima_section *section);
int anima_document_outline(anima_home *home, const char *id, anima_section_cb *cb, void *ctx, anima_error *err);

/* A passage, and where it stands. */
typedef struct anima_passage {
    const char *document, *title;
    const char *within, *within_title; /* the section around the section, if that has a number; or "" */
    const char *number, *section;      /* the section; or "" */
    int page;                          /* 0: no pages */
    int first, last;                   /* paragraphs of the document, from 1 */
    int64_t start, end;                /* bytes of its text */
    const char *text;
    const char *place; /* all that in words, in English: "“Lease”, section 3.2 “Deposit”, page 4" */
    double score;
    bool told; /* near enough to be told in a prompt */
} anima_passage;
typedef int anima_passage_cb(void *ctx, const anima_passage *passage);
typedef void anima_passages_done(void *ctx, int code, const anima_error *err, const anima_passage *passages, size_t n);
/* What would be found for that question: person NULL or "": in everything; else in what that person may be told. done comes later, once. text:
 * 1..4096 bytes. ANIMA_E_NOT_FOUND: no such character, or nobody of that name has talked here. */
int anima_document_search(anima_home *home, const char *character, const char *person, const char *text,
                          anima_passages_done *done, void *ctx, anima_error *err);
/* The passages that a reply was told, beside anima_memory_told. */
int anima_document_told(anima_home *home, const char *conversation, int64_t seq, anima_passage_cb *cb, void *ctx,
                        anima_error *err);
/* Deletes it for good, with its text and all that was made of it. */
int anima_document_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err);

/* ---- chats of other programs -------------------------------------------------------------------------------------- */

/* An export becomes conversations that a character remembers, as of their times: docs/memory.md, "Chats of other programs". */
typedef struct anima_chats_wish {
    const char *character; /* who remembers it */
    const char *name;      /* of the file: its form may depend on its ending, a chat's name on it */
    const char *me;        /* a name in it that is the giver's; NULL: only what it says itself */
    const char *giver;     /* who gives it to the character: a person; NULL: the home's owner */
    bool look;             /* only say what is in it */
} anima_chats_wish;

typedef struct anima_chats_person {
    const char *name; /* as the home will know them */
    int64_t messages;
    bool giver;
} anima_chats_person;

typedef struct anima_chats_file {
    const char *name, *format; /* format: "whatsapp", "telegram", …; "": not recognised */
    const char *trouble;       /* why it was not read, or not to its end; "" */
    int64_t messages, notices; /* notices: system lines, media without words */
} anima_chats_file;

/* What is in it. Borrowed during the callback. */
typedef struct anima_chats_found {
    const char *id;                         /* of the import: the same for the same chats */
    int64_t chats, messages, conversations; /* conversations: that it becomes */
    int64_t of_character;                   /* messages that the character said */
    int64_t left_out;                       /* posts, notes and texts; what another character remembers */
    int64_t from_ms, to_ms;
    const anima_chats_person *people; /* who speaks in it, the giver first */
    size_t n_people;
    const anima_chats_file *files;
    size_t n_files;
} anima_chats_found;
/* found: NULL with a code. */
typedef void anima_chats_done(void *ctx, int code, const anima_error *err, const anima_chats_found *found);

/* Takes an export in, at most 256 MiB; copied. It is read on another thread; then done says what is in it, and unless that is all that
 * was asked for, it is brought in: anima_chats_list says how far. What is there already does not come twice; one that was interrupted
 * goes on when it is taken in again. ANIMA_E_BUSY: another one is under way. */
int anima_chats_import(anima_home *home, const anima_chats_wish *wish, const char *data, size_t n,
                       anima_chats_done *done, void *ctx, anima_error *err);

/* An import. Borrowed during the callback. */
typedef struct anima_chats {
    const char *id, *character, *name;
    const char *state;     /* "running", "done", "unfinished": take the same export in again */
    int64_t at_ms;         /* when it began */
    int64_t messages;      /* are in it */
    int64_t done;          /* of them those that are here by it, or were there before */
    int64_t known;         /* while it runs: those that were there before */
    int64_t conversations; /* that are here by it */
    double seconds_left;   /* about; 0: not known */
    int code;              /* unfinished: what went wrong in this run of the program, and in words */
    const char *error;
} anima_chats;
typedef int anima_chats_cb(void *ctx, const anima_chats *chats);
/* Newest first. */
int anima_chats_list(anima_home *home, anima_chats_cb *cb, void *ctx, anima_error *err);
/* Deletes for good what an import brought: its conversations, and all that was said in them since. ANIMA_E_BUSY: it, or another undoing,
 * is under way, or a reply in one of them: what could be deleted is. */
int anima_chats_undo(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err);

/* Everything that is remembered as lines of JSON, each without its line break; the first one is a head. anima_chats_import takes them in again,
 * with the same classes and witnesses. character NULL: of all; person NULL: by anybody, else what they said or heard. A long read: in a
 * home for looking only. Return non-zero to end it. */
typedef int anima_line_cb(void *ctx, const char *line, size_t n);
int anima_memory_export(anima_home *home, const char *character, const char *person, anima_line_cb *cb, void *ctx,
                        anima_error *err);

/* ---- what is switched on ------------------------------------------------------------------------------------------ */

/* Something a character may be asked for, and whether it can be done here and now. */
typedef struct anima_ability {
    const char *id;
    bool on;
    const char *zh, *en;         /* what it is: "voice calls" */
    const char *why_zh, *why_en; /* how to use it; off: why not, and what to do instead */
} anima_ability;

/* The i-th, i from 0; false after the last. */
bool anima_ability_at(const anima_home *home, size_t i, anima_ability *out);

/* ---- training ------------------------------------------------------------------------------------------------------ */

/* 0 and NULL: the usual. */
typedef struct anima_training_options {
    const char *model; /* which one is trained; NULL: the character's, else the home's default */
    const char *name;  /* how the adapter is called; NULL: as the model */
    const char *
        lessons; /* NULL or "auto": those that are there, if their sources are the same, else new ones; "fresh": new ones;
                            "as_is": those that are there */
    bool prepare;        /* the lessons are made, and nothing else */
    bool more;           /* it begins with the adapter in use, of the same rank, alpha and places */
    int rank;            /* 5 */
    double alpha;        /* twice the rank */
    const char *places;  /* "q,k,v,o,gate,up,down" */
    double epochs, rate; /* 1, 0.0004 */
    double scale;        /* with which it is used, 1 */
    int64_t seed;        /* 1 */
    const char *command; /* NULL, or what was typed: it is kept with the adapter */
} anima_training_options;

/* Texts of a character becoming weights, or how that ended. */
typedef struct anima_training {
    char character[65];
    char state
        [16]; /* "none", "preparing", "loading", "training", "stopping", "finishing"; over: "prepared", "done", "stopped",
                       "failed" */
    char model[96], adapter[65];
    char folder[512]; /* where lessons, report and curve lie */
    int code;         /* failed: why; else ANIMA_OK */
    char message[508];
    int lessons, left_out; /* left out by the trainer, because they are too long */
    int rank, step, steps, best_step, resumed_at;
    double progress; /* loading: 0..1 */
    double epoch, rate, tokens_per_s;
    double loss, held_loss,
        best_loss; /* nats a token: of the last step, of what is held back, the best of that; 0: none yet */
    double seconds, seconds_left; /* of computing; left at most, 0: unknown */
    int64_t started_ms;
} anima_training;

/* Begins to train a character, or goes on with what was stopped or failed, if no option is set and there is such a one. Returns at
 * once; events tell how it goes. One at a time: ANIMA_E_BUSY. A home that is closed, or killed, goes on when it is opened; then this finds it going on, which is right. */
int anima_training_start(anima_home *home, const char *character, const anima_training_options *options,
                         anima_error *err);
/* How that stands. ANIMA_E_NOT_FOUND: no such character. */
int anima_training_look(anima_home *home, const char *character, anima_training *out, anima_error *err);
/* It ends behind the step under way, and can be gone on with. ANIMA_E_NOT_FOUND: it is not being trained. */
int anima_training_stop(anima_home *home, const char *character, anima_error *err);
/* It ends behind the step under way with what it has learnt so far, as if that were all; one that was stopped, too, once it is loaded.
 * ANIMA_E_NOT_FOUND: there is none. */
int anima_training_finish(anima_home *home, const char *character, anima_error *err);

/* ---- facts from texts --------------------------------------------------------------------------------------------- */

/* 0 and NULL: the usual. */
typedef struct anima_facts_options {
    const char *const *
        texts; /* files and folders with .md and .txt, ended by NULL: what is written about the character; NULL: what lies
                                 in training/ID/texts of the home */
    const char *model; /* which one writes; NULL: the character's, else the home's default */
    int questions;     /* of a passage, 1 … 8; 4 */
} anima_facts_options;

/* Texts becoming questions and answers, or how that ended. */
typedef struct anima_facts {
    char character[65];
    char state[16]; /* "none", "reading", "asking"; over: "done", "stopped", "failed" */
    char model[96];
    char folder[512]; /* where facts.jsonl lies, to be looked through and edited before a training */
    int code;         /* failed: why; else ANIMA_OK */
    char message[508];
    int files, passages, asked; /* read; cut from them; done, also before */
    int questions, kept, held_back, dropped,
        again; /* of all that was ever asked: answers that failed the first time are asked again */
    int prompt_tokens, completion_tokens; /* this time */
    double seconds;
} anima_facts;

/* Begins, or goes on where it was stopped or killed: a passage that was asked is not asked again. Returns at once; events tell of every
 * passage. One at a time: ANIMA_E_BUSY. It waits while somebody talks. */
int anima_facts_start(anima_home *home, const char *character, const anima_facts_options *options, anima_error *err);
/* How the last one stands. */
int anima_facts_look(anima_home *home, const char *character, anima_facts *out, anima_error *err);
/* Ends at once; what is done stays. ANIMA_E_NOT_FOUND: none is under way. */
int anima_facts_stop(anima_home *home, const char *character, anima_error *err);

/* ---- blind pairs --------------------------------------------------------------------------------------------------- */

#define ANIMA_BLIND_MOST 50 /* pairs of a round */

/* 0 and NULL: the usual. */
typedef struct anima_blind_options {
    const char *language; /* "zh", "en"; NULL: the character's own */
    int pairs;            /* 10 */
    int64_t seed;         /* of what is drawn: contexts, sides, words; 0: one is chosen */
} anima_blind_options;

/* A round: pairs of replies to the same words, one of a character's adapter, one of the same model that is told who it is. A person
 * chooses; which was which is told when all have been chosen. */
typedef struct anima_blind {
    char id[24], character[65], language[16];
    char state
        [16]; /* "making", "asking" (all pairs are made), "done" (all are chosen), "failed" (it can be gone on with) */
    char model[96], adapter[65], adapter_sha256[65];
    int64_t seed; /* -1: not told yet */
    int64_t made_ms;
    int code; /* failed: why; else ANIMA_OK */
    char message[508];
    int pairs, made, chosen;
    /* done, else 0 and "" */
    int trained, prompted, same; /* how often which was chosen */
    double p;                    /* of the two-sided sign test; those that were the same are left out */
    char zh[400], en[400];       /* in words */
} anima_blind;

typedef struct anima_blind_pair {
    int n;               /* 1, 2, … */
    bool own;            /* the context was held back from the character's own talk; else it is one of people talking */
    const char *context; /* JSON: [{"role": "person" or "character", "text"}, …]; the last is a person's */
    const char *left, *right; /* the replies */
    const char *choice;       /* "left", "right", "same", or "": not yet */
    const char *note;         /* what the person wrote down, or "" */
    int64_t chosen_ms;        /* 0: not yet */
    const char *trained;      /* "left", "right"; "": not told before the round is done */
} anima_blind_pair;

typedef int anima_blind_cb(void *ctx, const anima_blind *round);
typedef int anima_blind_pair_cb(void *ctx, const anima_blind_pair *pair);

/* A round is begun; done comes when it is on the disk, its pairs come after that, one reply after the other, while nobody talks; events
 * tell of each pair. id: of the round. Without options a round of the character that failed is gone on with. One is made at a time:
 * ANIMA_E_BUSY. ANIMA_E_CONFLICT: the character has no adapter that is used; the message says why. A home that is closed, or killed,
 * goes on when it is opened. */
int anima_blind_start(anima_home *home, const char *character, const anima_blind_options *options, char id[24],
                      anima_done *done, void *ctx, anima_error *err);
/* Of one character, or of all (NULL), newest first; at most 500. */
int anima_blind_list(anima_home *home, const char *character, anima_blind_cb *cb, void *ctx, anima_error *err);
int anima_blind_get(anima_home *home, const char *id, anima_blind *out, anima_error *err);
/* Those that are made, in their order. */
int anima_blind_pairs(anima_home *home, const char *id, anima_blind_pair_cb *cb, void *ctx, anima_error *err);
/* choice: "left", "right" or "same"; note: at most 400 bytes, or NULL. It may be changed until the round is done: with the last pair's
 * choice; then ANIMA_E_CONFLICT. */
int anima_blind_choose(anima_home *home, const char *id, int64_t n, const char *choice, const char *note,
                       anima_done *done, void *ctx, anima_error *err);
/* For good, as anima_conversation_delete. */
int anima_blind_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err);

/* ---- what replies cost ------------------------------------------------------------------------------------------ */

typedef enum { ANIMA_COST_DAY, ANIMA_COST_CHARACTER, ANIMA_COST_PERSON, ANIMA_COST_MODEL } anima_cost_by;

typedef struct anima_cost {
    const char *key;  /* "2026-01-31", a character's id, a person's id ("" for programs), a model's name */
    const char *name; /* how it is called now */
    int64_t turns, prompt_tokens, completion_tokens;
    double seconds, wh, money; /* computing time, energy, money (setting cost.currency); 0: unknown */
} anima_cost;

typedef struct anima_cost_limit {
    const char *scope, *key, *name, *what; /* "person" or "character"; its id and name; "tokens" or "money" */
    double used, limit;                    /* of today, local time */
} anima_cost_limit;

typedef int anima_cost_cb(void *ctx, const anima_cost *row);
typedef int anima_cost_limit_cb(void *ctx, const anima_cost_limit *row);

/* Midnight, local time, at which the last so many days begin: 1 is today. */
int64_t anima_cost_since(int days);
typedef void anima_costs(void *ctx, int code, const anima_error *err, const anima_cost *rows, size_t n);
/* Sums since a moment, ordered by key, on a thread of their own; done comes later, never during the call. */
int anima_cost_ask(anima_home *home, anima_cost_by by, int64_t since_ms, anima_costs *done, void *ctx,
                   anima_error *err);
/* The same at once, for a home that serves nobody: it blocks, about a tenth of a second for 100,000 replies. */
int anima_cost_list(anima_home *home, anima_cost_by by, int64_t since_ms, anima_cost_cb *cb, void *ctx,
                    anima_error *err);
/* The limits that are set, for everybody they concern. */
void anima_cost_limits(anima_home *home, anima_cost_limit_cb *cb, void *ctx);

/* ---- engines and bare completions ----------------------------------------------------------------------------- */

/* How a character samples. ANIMA_UNSET (for the integers -1) leaves a number to the character, else to the engine. */
#define ANIMA_UNSET (-1000.0)
typedef struct anima_sampling {
    double temperature;  /* 0 .. 2; 0 is greedy */
    double top_p, min_p; /* 0 .. 1 */
    int top_k;
    double repeat_penalty;                      /* 1 = off */
    double frequency_penalty, presence_penalty; /* -2 .. 2; 0 = off */
    double dry_multiplier;                      /* 0 = off; "don't repeat yourself": penalises repeating sequences */
    int64_t seed;                               /* -1: random */
    int max_tokens;                             /* 0: up to the context's end */
    const char *const *stop;                    /* NULL, or at most 16 strings, ended by NULL */
} anima_sampling;

typedef struct anima_chat_message {
    const char *role; /* "system", "user", "assistant" */
    const char *name; /* NULL, or who speaks */
    const char *text;
} anima_chat_message;

typedef struct anima_usage {
    int prompt_tokens, completion_tokens;
    int cached_tokens; /* of the prompt: those the engine had read already */
    int context_used, context_size;
    int dropped_messages; /* oldest messages that did not fit */
    double prefill_ms, decode_ms;
    int restarts; /* how often the engine died under this request and was brought back */
} anima_usage;

typedef struct anima_completion_request {
    const char *character; /* whose persona goes in front, and whose model and sampling are the defaults */
    const anima_chat_message *messages;
    size_t n_messages;
    anima_sampling sampling;
    const char *grammar;     /* NULL, or GBNF */
    const char *json_schema; /* NULL, or a JSON schema as JSON text; "{}" means any JSON object */
    int logprobs;            /* -1: none; 0..20: each token's log probability and so many alternatives */
} anima_completion_request;

typedef struct anima_completion_callbacks {
    void (*started)(void *ctx, const anima_usage *usage); /* once: the prompt is read */
    /* Whole characters, never empty. logprobs: NULL, or a JSON array in OpenAI's form for these tokens. */
    void (*words)(void *ctx, const char *text, size_t n, const char *logprobs, size_t logprobs_len);
    /* Always the last call. code ANIMA_OK with finish "stop" or "length"; ANIMA_E_CANCELLED; or what went wrong. */
    void (*done)(void *ctx, int code, const char *finish, const anima_usage *usage, const char *message);
    /* In front of done, of a request that asked for it: the state of its sampler, a JSON object (engine.h). */
    void (*snapshot)(void *ctx, const char *state, size_t n);
} anima_completion_callbacks;

typedef struct anima_completion anima_completion;

void anima_sampling_default(anima_sampling *sampling); /* everything unset */
/* One answer to messages that the caller keeps; nothing is stored. Callbacks come later, never during the call. After
 * done the handle is gone. */
int anima_complete(anima_home *home, const anima_completion_request *request,
                   const anima_completion_callbacks *callbacks, void *ctx, anima_completion **out, anima_error *err);
/* Stops within one token and calls no callback any more. */
void anima_completion_abandon(anima_completion *completion);

/* ---- streams for other programs -------------------------------------------------------------------------------- */

/* A stream is a text that grows: segments, each of a kind, kept in the store. The engine keeps what it has computed of
 * them, so that a generation costs what is new. Conversations are streams of anima's own making; in these a program
 * decides what stands. */
typedef struct anima_stream anima_stream;

#define ANIMA_STREAM_MAX_SEGMENTS 2000
#define ANIMA_STREAM_MAX_SEGMENT (256u << 10) /* bytes of one segment's text */
#define ANIMA_STREAM_MAX_TEXT (1u << 20)      /* … and of all segments of a stream together */

typedef struct anima_segment {
    int64_t seq;          /* 1, 2, … within its stream */
    const char *kind;     /* "persona", "profile", "memory", "heard", "thought", "said", "tool" */
    const char *name;     /* who speaks, or "" */
    const char *text;     /* at least one byte, but for a generation that said nothing */
    const char *finish;   /* of a generation: "stop", "length", "cancelled"; else "" */
    const char *state;    /* how a generation stood when it ended, as JSON, so that it can go on; else "" */
    const char *response; /* a name under which a program finds this place again, or "" */
    const char *meta;     /* what that program keeps with it, or "" */
    int prompt_tokens, cached_tokens, completion_tokens;
    int64_t created_ms;
} anima_segment;

typedef struct anima_stream_info {
    char id[24];
    char character[65]; /* whose persona goes in front and whose way of sampling is the default, or "" */
    char model[96];
    char adapter[128]; /* file of a LoRA adapter in the home's folder of adapters, or "" */
    double adapter_scale;
    char parent[24]; /* the stream it was forked from, or "" */
    int64_t parent_seq;
    int64_t created_ms, used_ms;
    int64_t expires_ms; /* when it is deleted; 0: never */
    int64_t segments;   /* how many it has; also the seq of the last one */
    bool generating;
} anima_stream_info;

typedef struct anima_stream_options {
    const char *character; /* NULL or "": none */
    const char *model;     /* a name that `anima models` lists; NULL or "": the character's, else the default one */
    const char *adapter;   /* NULL or "": none */
    double adapter_scale;
    int64_t keep_ms; /* it is deleted when nobody has used it for so long; 0: never */
} anima_stream_options;

typedef struct anima_generation {
    /* Segments that come in front of it. They are stored with it, or not at all if it fails. */
    const anima_segment *append; /* kind, name and text count */
    size_t n_append;
    const char *instructions; /* NULL, or a system message in front of everything: for this generation only */
    const char *into;         /* kind of what is generated: NULL or "said", or "thought" */
    const char *urgency;      /* how soon it is needed: "voice", NULL or "chat", "group", "background" */
    anima_sampling sampling;
    const char *grammar;     /* NULL, or GBNF */
    const char *json_schema; /* NULL, or a JSON schema as JSON text */
    int logprobs;            /* -1: none; 0..20 */
    bool drop_oldest;        /* what does not fit loses its oldest segments instead of failing */
    bool resume; /* the last segment goes on where it was cut off, as it was sampled then; only max_tokens counts */
    bool forget; /* neither it nor append is kept */
    const char *response, *meta; /* NULL, or as in anima_segment */
} anima_generation;

typedef int anima_stream_cb(void *ctx, const anima_stream_info *info);
typedef int anima_segment_cb(void *ctx, const anima_segment *segment);

/* A stream that is not in the store yet: it comes there with the first append or generation that is kept. */
int anima_stream_create(anima_home *home, const anima_stream_options *options, anima_stream **out, anima_error *err);
/* The stream of that id. Opening it twice gives the same object; close it as often. */
int anima_stream_open(anima_home *home, const char *id, anima_stream **out, anima_error *err);
void anima_stream_close(anima_stream *stream);
void anima_stream_describe(const anima_stream *stream, anima_stream_info *out);
/* Last used first; limit 1..500; before_ms 0 or only those used before it. */
int anima_stream_list(anima_home *home, int limit, int64_t before_ms, anima_stream_cb *cb, void *ctx, anima_error *err);
/* Segments with seq > after, oldest first, at most limit. Borrowed during the call. */
int anima_stream_segments(const anima_stream *stream, int64_t after, size_t limit, anima_segment_cb *cb, void *ctx);
/* Each of the following returns at once: an error if it is refused, or ANIMA_OK, and then done is called once, when it is
 * safely stored or has failed, as with conversations. ANIMA_E_BUSY while a generation is under way.
 *
 * Kind, name and text of the segments count. n 0: the stream is only put into the store. Afterwards the engine, if it
 * runs, reads them while it has nothing better to do. */
int anima_stream_append(anima_stream *stream, const anima_segment *segments, size_t n, anima_done *done, void *ctx,
                        anima_error *err);
/* Segments 1..seq stay; the others are deleted for good (as with anima_stream_delete). */
int anima_stream_retract(anima_stream *stream, int64_t seq, anima_done *done, void *ctx, anima_error *err);
/* A new stream with copies of the segments 1..seq; not in the store yet, as one just created. The engine computes nothing
 * of them again. */
int anima_stream_fork(anima_stream *stream, int64_t seq, anima_stream **out, anima_error *err);
/* For good: no byte of it is left in a file of the home when nobody has written for a few seconds. */
int anima_stream_delete(anima_stream *stream, anima_done *done, void *ctx, anima_error *err);

/* Lets the model go on. Callbacks as for anima_complete; done comes when what was generated is stored: then it is the last
 * segment. If it fails, nothing has changed. Cancelled (anima_stream_cancel) it ends well with finish "cancelled", if
 * anything was said. A generation without a seed gets one, so that it can be repeated. */
int anima_stream_generate(anima_stream *stream, const anima_generation *generation,
                          const anima_completion_callbacks *callbacks, void *ctx, anima_error *err);
/* Stops the generation under way within one token; what was said is kept. ANIMA_E_NOT_FOUND if there is none. */
int anima_stream_cancel(anima_stream *stream, anima_error *err);
/* Stops it and keeps nothing, unless it is being written already; calls no callback any more. */
void anima_stream_abandon(anima_stream *stream);

typedef struct anima_scoring {
    const anima_segment *append; /* come in front of the candidates, for this only: kind, name and text count */
    size_t n_append;
    const char *instructions; /* as in anima_generation */
    const char *into;
    const char *prefix; /* NULL, or how what is scored already begins */
    const char *const *candidates;
    size_t n_candidates; /* 1..64 */
} anima_scoring;

typedef struct anima_score {
    double logprob; /* natural logarithm, the sum over its tokens */
    int tokens;
} anima_score;

typedef struct anima_scoring_job anima_scoring_job;
/* scores in the order of the candidates; NULL if code is not ANIMA_OK. */
typedef void anima_scores(void *ctx, int code, const anima_score *scores, size_t n, const anima_usage *usage,
                          const char *message);
/* How likely the model finds each of these texts as what comes next. The stream stays as it is, and may be changed meanwhile.
 * done comes later, once; then the job is gone. */
int anima_stream_score(anima_stream *stream, const anima_scoring *scoring, anima_scores *done, void *ctx,
                       anima_scoring_job **out, anima_error *err);
/* No callback comes any more. */
void anima_scoring_abandon(anima_scoring_job *job);

/* The whole stream as one JSON record: segments, model, adapter, and, if its last generation was cut off, how it was sampled,
 * with grammar and the sampler's state. data is borrowed during done, which is called before this returns. */
int anima_stream_snapshot(anima_stream *stream, anima_exported *done, void *ctx, anima_error *err);
/* A new stream from such a record; not in the store yet, as one just created. */
int anima_stream_restore(anima_home *home, const char *json, size_t n, anima_stream **out, anima_error *err);

/* The stream and the place (seq) of what was generated under that name. */
int anima_response_find(anima_home *home, const char *response, char stream[24], int64_t *seq, anima_error *err);
/* Forgets the name, and all segments that no later name needs; a stream without names is deleted. done as above. */
int anima_response_delete(anima_home *home, const char *response, anima_done *done, void *ctx, anima_error *err);

typedef struct anima_engine_info {
    const char *model;    /* the name it was asked for by */
    const char *state;    /* "stopped", "starting", "loading", "ready", "restarting", "failed" */
    const char *message;  /* of the failure, or "" */
    double progress;      /* loading: 0..1 */
    int pid;              /* 0 if none */
    int running, waiting; /* requests */
    int restarts;
    const char *info; /* what the engine says of itself as a JSON object (docs/engine-protocol.md, "ready"), or "" */
} anima_engine_info;

/* What an engine has read of a conversation, or of something else, and what it is doing with it. */
typedef struct anima_engine_stream {
    const char *name;         /* the engine's own; "" if it keeps nothing of it */
    const char *conversation; /* its id; "" of what is no conversation, as the next three */
    const char *title, *character, *language;
    const char *place;         /* where its KV cache is: "seated", "ram", "disk"; "": there is none */
    const char *state;         /* "waiting", "reading", "speaking", "scoring", "rest" */
    const char *priority;      /* "voice", "chat", "group", "background", "compaction"; "" at rest */
    const char *adapter;       /* file of its LoRA adapter; at rest how its hash begins; "" if none */
    int64_t tokens, bytes;     /* of the KV cache */
    int read, want, said;      /* tokens: read of the prompt, all of the prompt, of the answer; 0 at rest */
    double deadline_s, rest_s; /* seconds until its deadline (below 0: passed); since it was used */
} anima_engine_stream;

/* What an engine is doing now. Rates are of the last five seconds, counts since its start. */
typedef struct anima_engine_stats {
    anima_engine_info engine;
    double age_s;                                 /* of what follows; below 0: it does not run, or has not told */
    int threads;                                  /* in use */
    double busy;                                  /* share of the time that it computed, 0 .. 1 */
    double read_per_s, said_per_s, prefill_per_s; /* tokens; prefill: while it reads; 0: unknown */
    int64_t steps, read_tokens, said_tokens;
    int kept_streams, seated, seats; /* streams it knows; in the cells; that can be */
    int64_t cells_used, cells;       /* of the KV cache, a token each */
    int64_t ram_bytes, ram_limit, disk_bytes, disk_limit, saved_bytes, written_bytes;
    int64_t restored, evicted, damaged,
        shared;                         /* times: brought back, sent away, of no use, begun with another's beginning */
    double moved_s;                     /* spent on bringing back and sending away */
    const anima_engine_stream *streams; /* at most 256: those at work, then those used last */
    size_t n_streams;
} anima_engine_stats;

/* list: n engines of those that talk, valid during the call; code is not ANIMA_OK: none. */
typedef void anima_engine_stats_cb(void *ctx, int code, const anima_error *err, const anima_engine_stats *list,
                                   size_t n);
/* Asks all engines what they are doing. cb comes later, once, never during the call: after a second at the latest, with what
 * busy engines said last; with ANIMA_E_CANCELLED if the home is closed before. */
int anima_engine_stats_ask(anima_home *home, anima_engine_stats_cb *cb, void *ctx, anima_error *err);

/* The i-th engine of those that talk, i from 0; false after the last. Borrowed until the next call into the home. */
bool anima_engine_at(anima_home *home, size_t i, anima_engine_info *out);
/* Starts the engine of a model (NULL: the default one) ahead of need. */
int anima_engine_warm(anima_home *home, const char *model, anima_error *err);

#ifdef __cplusplus
}
#endif
#endif
