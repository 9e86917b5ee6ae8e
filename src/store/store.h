/* store.h — what a home remembers on disk: people, conversations, turns. One SQLite file in WAL mode.
 *
 * One thread, the writer, writes: store_* calls that change something copy their arguments, queue a job, and report on
 * the loop thread once it is on the disk (synchronous=FULL: a written turn survives a power cut; the words of a reply that
 * still grows survive a killed process). Jobs run in the order
 * of queueing; those waiting together share a transaction, each under its own savepoint.
 * Reads run where they are called, on a read-only connection of their own. They are bounded (one row, or at most 500 by
 * an index), so the loop thread may call them. A read sees what was reported written.
 * What is deleted is overwritten, the file written anew and the log emptied (purge.c).
 * Schema: migrations in src/store/schema.c; PRAGMA user_version is the number of the last one. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "anima/anima.h"
#include "loop/loop.h"
#include <stdatomic.h>

struct store;
/* Loop thread. rc 0 or the code in err. */
typedef void store_done(void *ctx, int rc, const anima_error *err);

/* Opens or creates the file and migrates it. read_only: no writer; writes give ANIMA_E_UNSUPPORTED.
 * A file of a newer anima: ANIMA_E_UNSUPPORTED. A damaged one: ANIMA_E_IO, and nothing is changed. */
int store_open(const char *path, bool read_only, struct loop *loop, struct store **out, anima_error *err);
/* Finishes the queued jobs (their callbacks are not called any more) and closes. NULL is legal. */
void store_close(struct store *store);

/* ---- people ---- */
typedef int store_person_cb(void *ctx, int64_t id, const char *name);
int store_person_list(struct store *store, store_person_cb *cb, void *ctx, anima_error *err);
/* id is chosen by the caller (one more than the largest). */
int store_person_add(struct store *store, int64_t id, const char *name, store_done *done, void *ctx, anima_error *err);

/* ---- conversations ---- */
/* Fills *out but for nothing; ANIMA_E_NOT_FOUND. */
int store_conversation_get(struct store *store, const char *id, anima_conversation_info *out, anima_error *err);
int store_conversation_list(struct store *store, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err);
/* One character's, newest first. */
int store_conversation_list_of(struct store *store, const char *character, int limit, int64_t before_ms,
                               anima_conversation_cb *cb, void *ctx, anima_error *err);
/* As anima_conversation_tree. */
int store_conversation_tree(struct store *store, const char *id, int limit, anima_timeline_cb *cb, void *ctx,
                            bool *more, anima_error *err);
int store_conversation_add(struct store *store, const anima_conversation_info *info, store_done *done, void *ctx,
                           anima_error *err);
int store_conversation_title(struct store *store, const char *id, const char *title, store_done *done, void *ctx,
                             anima_error *err);

/* ---- turns ---- */
/* turn->text and the rest are borrowed for the call. */
int store_turn_list(struct store *store, const char *conversation, int64_t after, int limit, anima_turn_cb *cb,
                    void *ctx, anima_error *err);
/* The newest limit turns, oldest first. */
int store_turn_last(struct store *store, const char *conversation, int limit, anima_turn_cb *cb, void *ctx,
                    anima_error *err);
/* For whoever has a conversation as it was when it had counted `since` changes: how many it has counted now, the first
 * turn that is another since (0: none), and the last turn there is (0: none). */
int store_turn_changes(struct store *store, const char *conversation, int64_t since, int64_t *changes, int64_t *first,
                       int64_t *last, anima_error *err);
/* The place of the message with this client_id, or ANIMA_E_NOT_FOUND. */
int store_turn_by_client(struct store *store, const char *conversation, const char *client_id, int64_t *seq,
                         anima_error *err);
/* A message and the reply that waits for it (WAITING), in one transaction; either may be NULL. */
int store_turn_add(struct store *store, const char *conversation, const anima_turn *message, const anima_turn *reply,
                   store_done *done, void *ctx, anima_error *err);
/* Overwrites the turn of that seq: text, state and measures. done may be NULL. */
int store_turn_update(struct store *store, const char *conversation, const anima_turn *turn, store_done *done,
                      void *ctx, anima_error *err);
/* The same (or, with revert, as store_turn_revert) with what the reply has cost, a row of the ledger, in one transaction.
 * cost NULL: nothing. */
struct store_cost;
int store_turn_finish(struct store *store, const char *conversation, const anima_turn *turn, bool revert,
                      const struct store_cost *cost, store_done *done, void *ctx, anima_error *err);
/* Replies that an earlier run left WAITING or STREAMING. */
typedef int store_unfinished_cb(void *ctx, const char *conversation, int64_t seq);
int store_turn_unfinished(struct store *store, store_unfinished_cb *cb, void *ctx, anima_error *err);

/* ---- what people change (change.c) ----
 * revision: as it is in the store, or -1 for any; another one is ANIMA_E_CONFLICT. */
int store_turn_edit(struct store *store, const char *conversation, int64_t seq, const char *text, int revision,
                    store_done *done, void *ctx, anima_error *err);
/* The alternative takes the turn's place, and the turn's text becomes an alternative. */
int store_turn_choose(struct store *store, const char *conversation, int64_t seq, int variant, int revision,
                      store_done *done, void *ctx, anima_error *err);
/* The turn is WAITING for a new text; the one it had becomes an alternative, if it is not empty. */
int store_turn_renew(struct store *store, const char *conversation, int64_t seq, int revision, int64_t now_ms,
                     store_done *done, void *ctx, anima_error *err);
#define STORE_MAX_VARIANTS ANIMA_MAX_CANDIDATES
/* n more alternatives of a turn (at most STORE_MAX_VARIANTS), numbered on from those it has: of each text, state, model and
 * measures count. All of them or none. */
int store_turn_add_variants(struct store *store, const char *conversation, int64_t seq, const anima_turn *variants,
                            int n, store_done *done, void *ctx, anima_error *err);
/* Nothing came: the turn is again what it was before it was renewed; if it was nothing, it is updated. */
int store_turn_revert(struct store *store, const char *conversation, const anima_turn *turn, store_done *done,
                      void *ctx, anima_error *err);
/* This turn and all after it are gone, with their alternatives, and no byte of them is left in a file. done with rc 0
 * and err->code ANIMA_E_BUSY: a reader kept the write-ahead log; it is emptied when that is over. The same of delete. */
int store_turn_remove(struct store *store, const char *conversation, int64_t seq, int revision, store_done *done,
                      void *ctx, anima_error *err);
/* keep_notes: what was noted in it stays, without the words it was noted from and without the place. */
int store_conversation_delete(struct store *store, const char *id, bool keep_notes, store_done *done, void *ctx,
                              anima_error *err);
/* The turns 1..seq of a conversation, with their alternatives, into the new one *info (its turns are counted here). */
int store_conversation_fork(struct store *store, const char *from, int64_t seq, const anima_conversation_info *info,
                            store_done *done, void *ctx, anima_error *err);

/* A whole conversation. turns are numbered from 1; variants are turns of which seq, variant, text and measures count. */
struct store_log {
    anima_conversation_info info;
    anima_turn *turns, *variants;
    size_t n_turns, n_variants;
    void *owner; /* of all the memory, this struct's too: given to release when it is over */
    void (*release)(void *owner);
};
/* All of it or nothing. On ANIMA_OK the log belongs to the store. */
int store_conversation_import(struct store *store, struct store_log *log, store_done *done, void *ctx,
                              anima_error *err);

/* The alternatives of a turn with the one it shows, by their number; of seq 0 those that no turn shows, of all turns. */
int store_variant_list(struct store *store, const char *conversation, int64_t seq, anima_turn_cb *cb, void *ctx,
                       anima_error *err);

/* ---- long reads (search.c): for a store of one's own, opened read_only without a loop, on any one thread ---- */
/* From now on every read sees the store as it is now. */
int store_snapshot(struct store *store, anima_error *err);
struct store_search {
    const char *const *words; /* in lower ASCII */
    size_t n_words;
    int limit;
    const atomic_bool *stop; /* NULL, or: set to true by another thread, it ends the search with ANIMA_E_CANCELLED */
};
/* text: the turn's, or the title with seq 0. Borrowed for the call. */
typedef int store_hit_cb(void *ctx, const anima_hit *hit, const char *text);
int store_search_run(struct store *store, const struct store_search *search, store_hit_cb *cb, void *ctx,
                     anima_error *err);
/* Where word (lower ASCII) begins in text, ASCII letters in either case; NULL: nowhere. */
const char *store_find(const char *text, const char *word);
/* ---- the ledger (cost.c): what was used, a row per attempt at a reply; it outlives the conversation ---- */
struct store_cost {
    int64_t at_ms;
    char conversation[24]; /* "": a completion that nothing stores */
    char character[65];
    int64_t person; /* 0: a program */
    char model[96];
    int prompt_tokens, completion_tokens;
    double seconds, wh, money;
};
struct store_cost_sum {
    const char *key; /* "2026-01-31", id of a character, id of a person, name of a model */
    int64_t turns, prompt_tokens, completion_tokens;
    double seconds, wh, money;
};
enum store_cost_by { STORE_COST_BY_DAY, STORE_COST_BY_CHARACTER, STORE_COST_BY_PERSON, STORE_COST_BY_MODEL };
typedef int store_cost_cb(void *ctx, const struct store_cost_sum *sum);
int store_cost_add(struct store *store, const struct store_cost *cost, anima_error *err);
/* Sums since a moment, ordered by key. */
int store_cost_list(struct store *store, enum store_cost_by by, int64_t since_ms, store_cost_cb *cb, void *ctx,
                    anima_error *err);

/* ---- notes (note.c): what people asked of a character; those of a conversation go with it, or with its turn ---- */
struct store_note {
    int64_t id; /* chosen by the caller */
    const char *character;
    int64_t person;
    int kind; /* enum wish_kind */
    const char *text, *said;
    const char *conversation; /* "" if it was written by hand */
    int64_t seq, created_ms;
    bool active;
};
typedef int store_note_cb(void *ctx, const struct store_note *note);
int store_note_list(struct store *store, store_note_cb *cb, void *ctx, anima_error *err);
/* New, or in place of the one with its id. */
int store_note_put(struct store *store, const struct store_note *note, anima_error *err);
/* No byte of it is left in a file, as with a conversation. */
int store_note_remove(struct store *store, int64_t id, store_done *done, void *ctx, anima_error *err);

/* ---- streams for other programs (stream.c) ---- */
struct store_stream_change {
    const anima_stream_info *info; /* of which id, used_ms and expires_ms count if it is there already */
    bool made;                     /* it is new */
    int64_t after;                 /* its last segment as the caller knows it; if it is another: ANIMA_E_CONFLICT */
    int64_t keep;                  /* segments behind this one go */
    bool purge; /* no byte of them may be left in a file: seen to when nobody has written for a while */
    const anima_segment *segments; /* come behind keep, numbered by the caller */
    size_t n_segments;
    const char *response; /* NULL, or the name of a response that is forgotten */
};
/* All of it or nothing. Deep copies. */
int store_stream_change(struct store *store, const struct store_stream_change *change, store_done *done, void *ctx,
                        anima_error *err);
/* With all its segments; purged later. done may be NULL. */
int store_stream_delete(struct store *store, const char *id, store_done *done, void *ctx, anima_error *err);
int store_stream_get(struct store *store, const char *id, anima_stream_info *out, anima_error *err);
int store_stream_list(struct store *store, int limit, int64_t before_ms, anima_stream_cb *cb, void *ctx,
                      anima_error *err);
int store_stream_count(struct store *store, int64_t *out, anima_error *err);
/* Those that have expired by now, at most limit. */
typedef int store_id_cb(void *ctx, const char *id);
int store_stream_expired(struct store *store, int64_t now_ms, int limit, store_id_cb *cb, void *ctx, anima_error *err);
int store_segment_list(struct store *store, const char *stream, int64_t after, int limit, anima_segment_cb *cb,
                       void *ctx, anima_error *err);
int store_response_find(struct store *store, const char *response, char stream[24], int64_t *seq, anima_error *err);
/* Copies a segment with its texts; ANIMA_E_NOMEM: nothing to free. */
int store_segment_copy(const anima_segment *from, anima_segment *to);
void store_segment_free(anima_segment *segment);
/* ---- summaries (summary.c): what is left of turns that are not read any more; they go with these turns, and when one of
 * them is changed ---- */
struct store_summary {
    int64_t seq;          /* the last turn that it is about */
    const char *language; /* in which the conversation is read: "zh", "en" */
    bool late;            /* it came when the window behind it was already being read */
    const char *text;
    int64_t made_ms;
};
typedef int store_summary_cb(void *ctx, const struct store_summary *summary);
/* The newest `limit` of a conversation, those about most turns first. */
int store_summary_list(struct store *store, const char *conversation, int limit, store_summary_cb *cb, void *ctx,
                       anima_error *err);
/* New, or in place of the one of the same conversation, language and seq. done may be NULL. */
int store_summary_put(struct store *store, const char *conversation, const struct store_summary *summary,
                      store_done *done, void *ctx, anima_error *err);
/* Those about this turn or later ones; no byte of them is left in a file, as with a conversation. */
int store_summary_remove(struct store *store, const char *conversation, int64_t seq, store_done *done, void *ctx,
                         anima_error *err);

/* ---- blind pairs (blind.c) ---- */
enum store_blind_what {
    STORE_BLIND_ADD,   /* the round with all its pairs, which have no replies yet */
    STORE_BLIND_STATE, /* of the round: state, code, message */
    STORE_BLIND_REPLY, /* of one pair: left or right, the other is NULL. With the last one the round's state is "asking" */
    STORE_BLIND_CHOOSE, /* of one pair that is made: choice, note, chosen_ms. With the last one the round's state is "done" */
};
struct store_blind_change {
    enum store_blind_what what;
    const anima_blind *round; /* of which the id counts, if nothing else is said */
    const anima_blind_pair *pairs;
    size_t n_pairs;
};
/* All of it or nothing. Deep copies. ANIMA_E_NOT_FOUND: there is no such round or pair, or nothing can be chosen in it. */
int store_blind_change(struct store *store, const struct store_blind_change *change, store_done *done, void *ctx,
                       anima_error *err);
/* No byte of it is left in a file, as with a conversation. */
int store_blind_remove(struct store *store, const char *id, store_done *done, void *ctx, anima_error *err);
/* Newest first, at most limit; "": of any id, character, state. What was chosen is counted in any state. */
int store_blind_list(struct store *store, const char *id, const char *character, const char *state, int limit,
                     anima_blind_cb *cb, void *ctx, anima_error *err);
/* In their order; replies that are not made are NULL; trained is told. unmade: only those that lack one. */
int store_blind_pairs(struct store *store, const char *id, bool unmade, anima_blind_pair_cb *cb, void *ctx,
                      anima_error *err);

/* Runs PRAGMA quick_check, and writes and takes back one row: for doctor. Blocks: any thread but the loop's of a busy home. */
int store_check(struct store *store, anima_error *err);

/* ---- what is remembered (memory.c) ---- */
#define STORE_VECTOR 384 /* bytes of a vector (memory/vectors.h) */

/* Of one turn. Borrowed for the call. */
struct store_memory {
    int64_t id; /* grows; a turn that becomes another gets another one */
    const char *conversation;
    int64_t seq;
    const char *character;
    int64_t speaker; /* a person; 0: the character */
    int64_t at_ms;
    const char *witnesses; /* the people who heard it, by their numbers: "1,4" */
    const char *text;
    int class;                      /* memory/class.h; -1: nobody has looked yet */
    bool everyone;                  /* its speaker allowed everybody to know it */
    const char *excluded, *allowed; /* by their numbers, too: who must not know it, who may */
    bool pinned;                    /* a person wants it kept in mind (pin.c) */
    const int8_t *row;              /* STORE_VECTOR bytes and their factor; NULL: not there yet */
    float factor;
};
/* Of "1,4" the number at *at, which moves on behind it; 0 at the end. Any thread. */
int64_t store_people_next(const char **at);
/* Whether it is among them. Any thread. */
bool store_people_have(const char *numbers, int64_t person);
/* One more number, at the end. False: there is no room, and nothing has changed. Any thread. */
#define STORE_PEOPLE 160 /* bytes of the numbers of people */
bool store_people_add(char numbers[STORE_PEOPLE], int64_t person);
typedef int store_memory_cb(void *ctx, const struct store_memory *item);
/* A character's (NULL: anybody's), from the one behind `after` on, in the order of ids; at most 500. */
int store_memory_list(struct store *store, const char *character, int64_t after, int limit, store_memory_cb *cb,
                      void *ctx, anima_error *err);
/* The one of an id, if it is there. */
int store_memory_get(struct store *store, int64_t id, store_memory_cb *cb, void *ctx, anima_error *err);
/* That of a turn, if it is there. */
int store_memory_of_turn(struct store *store, const char *conversation, int64_t seq, store_memory_cb *cb, void *ctx,
                         anima_error *err);
/* The newest ones that have no vector yet. */
int store_memory_bare(struct store *store, int limit, store_memory_cb *cb, void *ctx, anima_error *err);
/* The ids that went, from the n-th on. n counts since the store was opened for writing. */
typedef void store_gone_cb(void *ctx, int64_t n, int64_t id);
int store_memory_gone(struct store *store, int64_t after, store_gone_cb *cb, void *ctx, anima_error *err);
/* By words, the best first: match is an expression of FTS5 (memory/fts.h); character NULL: anybody's. */
int store_memory_search(struct store *store, const char *character, const char *match, int limit, store_memory_cb *cb,
                        void *ctx, anima_error *err);
/* How many turns wait to be made ready to be found, and how many of those that are have no vector yet. */
int store_memory_waits(struct store *store, int64_t *due, int64_t *without_vector, anima_error *err);
/* The smallest id of those of a conversation from that turn on; 0: there are none. */
int store_memory_first(struct store *store, const char *conversation, int64_t seq, int64_t *id, anima_error *err);
/* How many are remembered, and of how many nobody has looked yet what they tell. */
int store_memory_count(struct store *store, int64_t *turns, int64_t *unread, anima_error *err);
struct store_memory_vector {
    int64_t id;
    int8_t row[STORE_VECTOR];
    float factor;
};
/* Vectors came. Of turns that went meanwhile they are dropped. done may be NULL. */
int store_memory_vectors(struct store *store, const struct store_memory_vector *vectors, size_t n, store_done *done,
                         void *ctx, anima_error *err);
/* Of one conversation those whose class nobody has looked at yet, with up to `before` turns in front of them. */
int store_memory_unread(struct store *store, int before, int limit, store_memory_cb *cb, void *ctx, anima_error *err);
struct store_memory_mark {
    int64_t id;
    int class;
    bool everyone;
    bool pinned; /* of a turn that is brought in */
    char excluded[STORE_PEOPLE], allowed[STORE_PEOPLE];
};
struct store_fact;
/* What they tell, and to whom, with the facts that they tell (facts.c), in one transaction; of a turn that has its facts already they
 * stay. done may be NULL. */
int store_memory_marks(struct store *store, const struct store_memory_mark *marks, size_t n,
                       const struct store_fact *facts, size_t n_facts, store_done *done, void *ctx, anima_error *err);
/* Everything is made anew from the turns, in the background. */
int store_memory_anew(struct store *store, store_done *done, void *ctx, anima_error *err);

/* ---- chats of other programs (bring.c) ---- */
struct store_import {
    const char *id, *character, *name; /* name: of what it came from */
    int64_t at_ms;
    int64_t turns;                  /* are in it */
    int64_t done_ms;                /* 0: not all of it is here */
    int64_t conversations, brought; /* that are here by it: conversations, turns. Read only */
};
typedef int store_import_cb(void *ctx, const struct store_import *import);
/* Newest first, at most 500. */
int store_import_list(struct store *store, store_import_cb *cb, void *ctx, anima_error *err);
/* The conversations that an import brought, at most 500. */
int store_import_conversations(struct store *store, const char *import, store_id_cb *cb, void *ctx, anima_error *err);
/* It begins; one that was there before is not over any more. */
int store_import_begin(struct store *store, const struct store_import *import, store_done *done, void *ctx,
                       anima_error *err);
/* All of it is here. */
int store_import_end(struct store *store, const char *import, int64_t now_ms, store_done *done, void *ctx,
                     anima_error *err);
/* Only that it was there: its conversations are deleted by the caller. */
int store_import_forget(struct store *store, const char *import, store_done *done, void *ctx, anima_error *err);

struct store_heard {
    int64_t person, since; /* from the turn with this seq on they heard everything */
};
/* A conversation of an import. Turns that an import brought before (the same client_id in the same part) are left out, and the
 * rest is numbered anew; if nothing is left, or the conversation is there, nothing is written. */
struct store_piece {
    struct store_log log; /* without alternatives */
    char import[24], part[48];
    struct store_heard *heard;
    size_t n_heard;
    struct store_memory_mark
        *marks;   /* NULL, or for each turn what it tells; class -1: that is not known. id does not count */
    size_t known; /* once it is written: turns that were there */
};
/* All of it or nothing. On ANIMA_OK it belongs to the store, by log.release; done may read it. */
int store_import_piece(struct store *store, struct store_piece *piece, store_done *done, void *ctx, anima_error *err);
/* ---- what is known of people (facts.c): goes with what is remembered of the turn that told it ---- */
/* The rooms of memory/facts.h. */
struct store_fact {
    int64_t memory; /* its turn, as it is remembered */
    int place;      /* among those of the turn, from 0 */
    char about[16], whose[48], topic[128], value[128];
    double confidence;
    bool change, ends;
    int64_t since_ms, day_ms, was_ms;
};
/* item: its turn. By hand: value is what a person put in its place at hand_ms (else 0). Ids are others once what is remembered is made anew. */
typedef int store_fact_cb(void *ctx, int64_t id, const struct store_fact *fact, int64_t hand_ms,
                          const struct store_memory *item);
/* Those that a person told a character, the oldest first, of the newest `limit`; but those that a person deleted. */
int store_fact_list(struct store *store, const char *character, int64_t person, int limit, store_fact_cb *cb, void *ctx,
                    anima_error *err);
/* The one of an id, if it is there. */
int store_fact_get(struct store *store, int64_t id, store_fact_cb *cb, void *ctx, anima_error *err);
/* Puts a value in its place, or, NULL, deletes it: for good, also when what is remembered is made anew. The turn that told it stays.
 * ANIMA_E_NOT_FOUND: there is none of that id. */
int store_fact_change(struct store *store, int64_t id, const char *value, int64_t now_ms, store_done *done, void *ctx,
                      anima_error *err);

/* ---- what was talked about (topics.c): sentences, each with the turns that it is from, with which it goes ---- */
#define STORE_CITES 8 /* turns of a sentence, at most */
/* A conversation in which something may be over: at_ms, and turns that nobody has looked at, or fewer. */
struct store_topic_due {
    char conversation[24];
    int64_t at_ms, turns;
};
/* One that is due by now, or has so many turns; "": none is, and *next_ms is when the first one will be (0: never). */
int store_topic_due(struct store *store, int64_t now_ms, int64_t many, struct store_topic_due *out, int64_t *next_ms,
                    anima_error *err);
/* The first turns of a conversation that are in no part yet, up to the next one that is in one; at most 500. Those that a chat of another
 * program brought are none. */
int store_topic_turns(struct store *store, const char *conversation, int limit, store_memory_cb *cb, void *ctx,
                      anima_error *err);
/* They were looked at as far as `last`, and what is open will be over at at_ms: turns of them (0: nothing is). If something came meanwhile,
 * nothing is changed. done may be NULL. */
int store_topic_settle(struct store *store, const struct store_topic_due *due, int64_t at_ms, int64_t turns,
                       store_done *done, void *ctx, anima_error *err);
/* A part of a conversation, and the sentences that were made of it. */
struct store_topic_sentence {
    const char *text, *language;
    int64_t person, at_ms;      /* whose; of its last turn */
    int64_t cites[STORE_CITES]; /* turns, ascending */
    size_t n_cites;
};
struct store_topic_part {
    const char *conversation, *character;
    int64_t first, last;   /* its turns */
    int64_t count, newest; /* of what is remembered of them: how many, the greatest id */
    int64_t made_ms;
    const struct store_topic_sentence *sentences;
    size_t n;
};
/* In place of what was made of these turns before, but for what a person changed. Deep copies. ANIMA_E_CONFLICT: one of the turns is another by
 * now; nothing is written. */
int store_topic_put(struct store *store, const struct store_topic_part *part, store_done *done, void *ctx,
                    anima_error *err);
/* Of these turns, the sentences that a person changed or deleted, as they were made. */
typedef int store_topic_hand_cb(void *ctx, const char *text);
int store_topic_hands(struct store *store, const char *conversation, int64_t first, int64_t last,
                      store_topic_hand_cb *cb, void *ctx, anima_error *err);
/* Another text, or, NULL, it is deleted: so it stays when its turns are looked at anew. ANIMA_E_NOT_FOUND. */
int store_topic_change(struct store *store, int64_t id, const char *text, int64_t now_ms, store_done *done, void *ctx,
                       anima_error *err);
struct store_topic_line {
    int64_t id, at_ms, hand_ms; /* hand_ms: when a person changed it; 0: nobody did */
    const char *language, *text;
    const int8_t *row; /* STORE_VECTOR bytes; NULL: not there yet */
    float factor;
};
/* Called for each turn of each sentence. turn: one that is being made ready to be found has id 0 and class -1. */
typedef int store_topic_cb(void *ctx, const struct store_topic_line *line, const struct store_memory *turn);
/* What a person told a character, the newest `limit` sentences first, the turns of each in their order. */
int store_topic_list(struct store *store, const char *character, int64_t person, int limit, store_topic_cb *cb,
                     void *ctx, anima_error *err);
/* Those that have no vector yet, of which id, hand_ms and text are told, the newest first. */
typedef int store_topic_bare_cb(void *ctx, const struct store_topic_line *line);
int store_topic_bare(struct store *store, int limit, store_topic_bare_cb *cb, void *ctx, anima_error *err);
struct store_topic_vector {
    int64_t id, hand_ms;
    int8_t row[STORE_VECTOR];
    float factor;
};
/* Vectors came; of sentences that are others by now they are dropped. */
int store_topic_vectors(struct store *store, const struct store_topic_vector *vectors, size_t n, store_done *done,
                        void *ctx, anima_error *err);
/* ---- what is on a character's mind now (working.c): what each turn showed, which goes with it; what is still open; what people put in its place ---- */
/* The first turn that nobody has looked at; memory 0: there is none. */
struct store_working_due {
    int64_t memory; /* its turn, as it is remembered */
    char conversation[24], character[65];
    int64_t seq, speaker, at_ms;
    int class;
};
int store_working_due(struct store *store, struct store_working_due *out, anima_error *err);

#define STORE_WORKING_OPENS 8 /* of one turn */
/* A promise, a plan that both agreed to, or a question that was not answered. */
struct store_working_open {
    int64_t id;       /* read only, as those below text */
    const char *kind; /* "promise", "plan", "question" */
    bool own;         /* the character's; of a plan: it proposed it */
    const char *text;
    int64_t from_ms, to_ms;      /* when it is due; 0: nobody said */
    const char *state;           /* "open", "kept", "broken", "dropped", "answered" */
    int64_t changed_ms, hand_ms; /* hand_ms: a person changed it; 0: nobody did */
};
struct store_working_close {
    int64_t id;
    const char *state; /* static */
    int64_t at_ms;
};
/* What a turn showed: moods and intents by their names (mind/working.h), "" for none. */
struct store_working_turn {
    int64_t memory, person;               /* person: with whom the character talked, whoever said it */
    int64_t day;                          /* the local day, counted from 1970 */
    const char *mood, *intent, *own_mood; /* static when written */
    double intensity, confidence, intent_confidence, own_intensity, own_confidence;
    int64_t events;
    const char *topic;
    const struct store_working_open *opens; /* written only */
    size_t n_opens;
    const struct store_working_close *closes;
    size_t n_closes;
};
/* Looked at once: a turn that is another by now, or was looked at, is left as it is. Deep copies. */
int store_working_put(struct store *store, const struct store_working_turn *turn, store_done *done, void *ctx,
                      anima_error *err);
/* turn: the words it was shown by. One that is being made ready to be found has id 0 and class -1. */
typedef int store_working_cb(void *ctx, const struct store_working_turn *shown, const struct store_memory *turn);
/* What a person's messages to a character showed, the newest `limit`, the newest first. */
int store_working_list(struct store *store, const char *character, int64_t person, int limit, store_working_cb *cb,
                       void *ctx, anima_error *err);
typedef int store_working_open_cb(void *ctx, const struct store_working_open *open, const struct store_memory *turn);
/* Between a character and a person, what is open first, then the newest first. */
int store_working_opens(struct store *store, const char *character, int64_t person, int limit,
                        store_working_open_cb *cb, void *ctx, anima_error *err);
/* text NULL: it stays; state NULL: it stays, "gone": it is deleted. ANIMA_E_NOT_FOUND. */
int store_working_change_open(struct store *store, int64_t id, const char *text, const char *state, int64_t now_ms,
                              store_done *done, void *ctx, anima_error *err);
/* What a person put in the place of a part of the state at a time; value "": what there was is not to count any more. */
struct store_working_hand {
    char character[65];
    int64_t person;
    char part[16], value[100];
    double amount;
    int64_t at_ms;
};
int store_working_hand(struct store *store, const struct store_working_hand *hand, store_done *done, void *ctx,
                       anima_error *err);
typedef int store_working_hand_cb(void *ctx, const struct store_working_hand *hand);
int store_working_hands(struct store *store, const char *character, int64_t person, store_working_hand_cb *cb,
                        void *ctx, anima_error *err);
struct store_working_sum {
    int64_t exchanges, days, thanks, insults, secrets;
    int64_t kept, broken; /* promises of the person */
};
int store_working_sum(struct store *store, const char *character, int64_t person, struct store_working_sum *out,
                      anima_error *err);
/* ---- documents (document.c): given to a character; their text, outline, passages, and what these mean ---- */
struct store_document {
    const char *id; /* chosen by the caller, 23 bytes at most */
    const char *character, *title, *name, *form;
    const char *hash; /* of the file; only written */
    int64_t giver, at_ms;
    bool everyone;       /* whoever talks to the character may be told of it; else its giver and */
    const char *allowed; /* these people, by number (store_people_next) */
    int pages;
    int64_t bytes, passages, without_vector; /* the last three: read only */
};
typedef int store_document_cb(void *ctx, const struct store_document *document);
/* Of a character; there are no more. */
#define STORE_DOCUMENTS 500
/* A document with its outline and passages. ANIMA_OK: read belongs to the store. done: ANIMA_E_CONFLICT if it is there already. */
struct document;
int store_document_add(struct store *store, const struct store_document *document, struct document *read,
                       store_done *done, void *ctx, anima_error *err);
/* Gone with all that was made of it, also from what replies were told; no byte of it is left in a file, as with a conversation. */
int store_document_remove(struct store *store, const char *id, store_done *done, void *ctx, anima_error *err);
/* Those of a character, in the order in which they came; the one of an id, if it is there; the one that this person gave this
 * character and that has this hash. */
int store_document_list(struct store *store, const char *character, store_document_cb *cb, void *ctx, anima_error *err);
int store_document_get(struct store *store, const char *id, store_document_cb *cb, void *ctx, anima_error *err);
int store_document_known(struct store *store, const char *character, int64_t giver, const char *hash,
                         store_document_cb *cb, void *ctx, anima_error *err);
struct document_section;
typedef int store_section_cb(void *ctx, const struct document_section *section);
/* All of them, DOCUMENT_MAX_SECTIONS at most; body is start. */
int store_section_list(struct store *store, const char *document, store_section_cb *cb, void *ctx, anima_error *err);

struct store_passage {
    int64_t id; /* greater than those of documents before */
    const char *document, *character;
    int place, section, page; /* as in document_passage */
    int first, last;          /* paragraphs */
    int64_t start;            /* byte of the document's text */
    size_t head;              /* bytes of text that are the heading */
    const char *text;
    const int8_t *row; /* NULL: nobody knows yet what it means */
    float factor;
};
typedef int store_passage_cb(void *ctx, const struct store_passage *passage);
/* Behind a place (-1: all), at most 500. */
int store_passage_list(struct store *store, const char *document, int after, store_passage_cb *cb, void *ctx,
                       anima_error *err);
int store_passage_get(struct store *store, int64_t id, store_passage_cb *cb, void *ctx, anima_error *err);
int store_passage_bare(struct store *store, int limit, store_passage_cb *cb, void *ctx, anima_error *err);
/* One that is gone by now is ignored. */
int store_passage_vectors(struct store *store, const struct store_memory_vector *vectors, size_t n, store_done *done,
                          void *ctx, anima_error *err);
#define STORE_TOLD_PASSAGES 8
struct store_told_passage {
    int64_t passage;
    double score;
};
/* As store_told_put and store_told_list, of passages. */
int store_told_passages_put(struct store *store, const char *conversation, int64_t seq, int variant,
                            const struct store_told_passage *told, size_t n, anima_error *err);
typedef int store_told_passage_cb(void *ctx, const struct store_passage *passage, double score);
int store_told_passages_list(struct store *store, const char *conversation, int64_t seq, store_told_passage_cb *cb,
                             void *ctx, anima_error *err);

/* ---- what a reply was told of it (told.c): goes with the reply, and with what was told ---- */
#define STORE_TOLD 96 /* turns: more than a prompt can tell of */
struct store_told {
    char conversation[24]; /* the turn whose text was told */
    int64_t seq;
    double score;
};
/* Of one alternative of a turn, best first, at most STORE_TOLD; in place of what was told to it before. */
int store_told_put(struct store *store, const char *conversation, int64_t seq, int variant,
                   const struct store_told *told, size_t n, anima_error *err);
/* changed: the text is another by now than the one that was told. */
typedef int store_told_cb(void *ctx, const struct store_memory *item, double score, bool changed);
/* What was told for the alternative that the turn shows, best first. Items have no vector; id 0: it is being made anew. */
int store_told_list(struct store *store, const char *conversation, int64_t seq, store_told_cb *cb, void *ctx,
                    anima_error *err);
/* The replies that were told that turn, at most limit. */
typedef int store_told_of_cb(void *ctx, const char *conversation, int64_t seq, int variant);
int store_told_of(struct store *store, const char *conversation, int64_t seq, int limit, store_told_of_cb *cb,
                  void *ctx, anima_error *err);

/* ---- forgetting (forget.c) ---- */
struct store_forgotten {
    char conversation[24];
    int64_t seq;
    int variant;      /* only that alternative, which the turn does not show; -1: the turn, with all its alternatives */
    const char *text; /* of a turn: what stands there from now on; NULL: nothing, it only keeps its place */
};
/* All of them, in one transaction: the words, their alternatives, what was made of them (memory, facts, summaries), notes that were taken of
 * them, pins, what replies were told of them, blind pairs that show them; no byte of it is left in a file, as with a conversation. Those
 * that are gone by then are no mistake. If a message asked for it (asked_seq not 0), its turn says how many went (forgot). Deep copies. */
int store_forget(struct store *store, const struct store_forgotten *places, size_t n, const char *asked,
                 int64_t asked_seq, int forgot, store_done *done, void *ctx, anima_error *err);

/* ---- pins, and what was recalled how often (pin.c) ---- */
/* at_ms 0: not pinned any more. ANIMA_E_NOT_FOUND: there is no such turn, or it was not pinned. */
int store_pin(struct store *store, const char *conversation, int64_t seq, int64_t at_ms, store_done *done, void *ctx,
              anima_error *err);
struct store_strength {
    int64_t id; /* of what is remembered */
    bool pinned;
    int recalls;         /* how many replies were told it, */
    int64_t recalled_ms; /* the last of them when; 0: none was */
};
typedef void store_strength_cb(void *ctx, const struct store_strength *strength);
/* Of those behind `after` up to `to` that were told or are pinned, at most 500. */
int store_strength_list(struct store *store, const char *character, int64_t after, int64_t to, store_strength_cb *cb,
                        void *ctx, anima_error *err);

/* ---- rules (rule.c): what may be passed on of what a person told ---- */
struct store_rule {
    int64_t id, person;
    char character[65]; /* "": any */
    int64_t other;      /* who may be told; 0: nobody may be told anything */
    int64_t at_ms;
};
typedef int store_rule_cb(void *ctx, const struct store_rule *rule);
int store_rule_list(struct store *store, store_rule_cb *cb, void *ctx, anima_error *err);
/* The same again changes nothing. */
int store_rule_put(struct store *store, const struct store_rule *rule, store_done *done, void *ctx, anima_error *err);
int store_rule_remove(struct store *store, int64_t id, store_done *done, void *ctx, anima_error *err);
#endif
