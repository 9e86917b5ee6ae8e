/* store_private.h — what schema.c, read.c, write.c and store.c share. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

#define STORE_BUSY_MS 5000              /* how long a connection waits for another one */
#define STORE_APPLICATION_ID 0x616e696d /* "anim" */

/* Prepared statements of the two connections, by their number in sql[] (store.c). */
enum store_sql {
    SQL_PEOPLE,
    SQL_CONVERSATION,
    SQL_CONVERSATIONS,
    SQL_CONVERSATIONS_OF,
    SQL_TREE,
    SQL_TURNS,
    SQL_LAST_TURNS,
    SQL_BY_CLIENT,
    SQL_UNFINISHED,
    SQL_VARIANTS,
    SQL_ALL_VARIANTS,
    SQL_ADD_PERSON,
    SQL_ADD_CONVERSATION,
    SQL_TITLE,
    SQL_ADD_TURN,
    SQL_COUNT_TURN,
    SQL_UPDATE_TURN,
    SQL_LAST_TEXT,
    SQL_STANDING,
    SQL_EDIT,
    SQL_KEEP,
    SQL_TAKE,
    SQL_DROP,
    SQL_RENEW,
    SQL_REMOVE_VARIANTS,
    SQL_REMOVE_TURNS,
    SQL_FORGET_TITLE,
    SQL_LAST_SAID,
    SQL_RECOUNT,
    SQL_DELETE,
    SQL_FORK_TURNS,
    SQL_FORK_VARIANTS,
    SQL_ADD_VARIANT,
    SQL_NEXT_VARIANT,
    SQL_REVISE,
    SQL_ADD_COST,
    SQL_COST_BY_DAY, /* in the order of enum store_cost_by */
    SQL_COST_BY_CHARACTER,
    SQL_COST_BY_PERSON,
    SQL_COST_BY_MODEL,
    SQL_NOTES,
    SQL_PUT_NOTE,
    SQL_REMOVE_NOTE,
    SQL_FORGET_NOTES,
    SQL_FREE_NOTES,
    SQL_SUMMARIES,
    SQL_PUT_SUMMARY,
    SQL_REMOVE_SUMMARIES,
    SQL_FORK_SUMMARIES,
    SQL_CHANGES,
    SQL_STREAM,
    SQL_STREAMS,
    SQL_STREAM_COUNT,
    SQL_STREAM_EXPIRED,
    SQL_SEGMENTS,
    SQL_RESPONSE,
    SQL_ADD_STREAM,
    SQL_USE_STREAM,
    SQL_DELETE_STREAM,
    SQL_LAST_SEGMENT,
    SQL_CUT_STREAM,
    SQL_OLD_STATES,
    SQL_ADD_SEGMENT,
    SQL_FORGET_RESPONSE,
    SQL_BLINDS,
    SQL_BLIND_PAIRS,
    SQL_ADD_BLIND,
    SQL_ADD_BLIND_PAIR,
    SQL_BLIND_STATE,
    SQL_BLIND_REPLY,
    SQL_BLIND_MADE,
    SQL_BLIND_CHOOSE,
    SQL_BLIND_CHOSEN,
    SQL_DELETE_BLIND,
    SQL_MEMORY_DUE,
    SQL_MEMORY_DONE,
    SQL_MEMORY_GONE,
    SQL_MEMORY_UNWORD,
    SQL_MEMORY_REMOVE,
    SQL_MEMORY_ADD,
    SQL_MEMORY_WORD,
    SQL_MEMORY_VECTOR,
    SQL_MEMORIES,
    SQL_MEMORIES_OF_ALL,
    SQL_MEMORY_OF,
    SQL_MEMORIES_BARE,
    SQL_MEMORIES_UNREAD,
    SQL_MEMORY_MARK,
    SQL_MEMORIES_GONE,
    SQL_MEMORY_SEARCH,
    SQL_MEMORY_WAITS,
    SQL_MEMORY_COUNT,
    SQL_MEMORY_OF_TURN,
    SQL_MEMORY_OF_FORKS,
    SQL_MEMORY_FIRST,
    SQL_ADD_FACT,
    SQL_FACTS,
    SQL_FACT_OF,
    SQL_FACT_HAND,
    SQL_TOPIC_DUE,
    SQL_TOPIC_NEXT,
    SQL_TOPIC_TURNS,
    SQL_TOPIC_STANDS,
    SQL_TOPIC_CLEAR,
    SQL_TOPIC_PART,
    SQL_TOPIC_ADD,
    SQL_TOPIC_CITE,
    SQL_TOPIC_DONE,
    SQL_TOPIC_LATER,
    SQL_TOPIC_HANDS,
    SQL_TOPIC_CHANGE,
    SQL_TOPIC_BARE,
    SQL_TOPIC_VECTOR,
    SQL_TOPICS,
    SQL_WORKING_DUE,
    SQL_WORKING_ADD,
    SQL_WORKING_OPEN,
    SQL_WORKING_CLOSE,
    SQL_WORKING_DONE,
    SQL_WORKING,
    SQL_WORKING_OPENS,
    SQL_WORKING_CHANGE,
    SQL_WORKING_REMOVE,
    SQL_WORKING_HAND,
    SQL_WORKING_HANDS,
    SQL_WORKING_SUM,
    SQL_UNTELL,
    SQL_TELL,
    SQL_TOLD,
    SQL_FORK_TOLD,
    SQL_DOCUMENTS,
    SQL_DOCUMENT,
    SQL_DOCUMENT_KNOWN,
    SQL_SECTIONS,
    SQL_PASSAGES,
    SQL_PASSAGE,
    SQL_PASSAGES_BARE,
    SQL_ADD_DOCUMENT,
    SQL_ADD_SECTION,
    SQL_ADD_PASSAGE,
    SQL_PASSAGE_VECTOR,
    SQL_REMOVE_DOCUMENT,
    SQL_UNTELL_PASSAGES,
    SQL_TELL_PASSAGE,
    SQL_TOLD_PASSAGES,
    SQL_FORK_TOLD_PASSAGES,
    SQL_IMPORTS,
    SQL_IMPORTED,
    SQL_ADD_IMPORT,
    SQL_END_IMPORT,
    SQL_REMOVE_IMPORT,
    SQL_CONVERSATION_IS_THERE,
    SQL_TURN_IS_THERE,
    SQL_ADD_IMPORTED,
    SQL_ADD_HEARD,
    SQL_ADD_CLASSED,
    SQL_FORGET_TURN,
    SQL_FORGET_VARIANTS,
    SQL_FORGET_PAIRS,
    SQL_FORGET_NAME,
    SQL_FORGET_NOTE,
    SQL_FORGOT,
    SQL_UNTELL_OF,
    SQL_UNTELL_ALL,
    SQL_TOLD_OF,
    SQL_PIN,
    SQL_UNPIN,
    SQL_FORK_PINS,
    SQL_FORK_HEARD,
    SQL_STRENGTHS,
    SQL_RULES,
    SQL_PUT_RULE,
    SQL_REMOVE_RULE,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_SAVEPOINT,
    SQL_RELEASE,
    SQL_STATEMENTS
};

struct connection {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_STATEMENTS];
};

enum job_kind {
    JOB_PERSON,
    JOB_CONVERSATION,
    JOB_TITLE,
    JOB_TURNS,
    JOB_UPDATE,
    JOB_EDIT,
    JOB_CHOOSE,
    JOB_RENEW,
    JOB_REVERT,
    JOB_VARIANTS,
    JOB_REMOVE,
    JOB_DELETE,
    JOB_FORK,
    JOB_IMPORT,
    JOB_COST,
    JOB_NOTE,
    JOB_UNNOTE,
    JOB_STREAM,
    JOB_DELETE_STREAM,
    JOB_SUMMARY,
    JOB_UNSUMMARY,
    JOB_BLIND,
    JOB_UNBLIND,
    JOB_MEMORY,
    JOB_TOLD,
    JOB_BRING,
    JOB_FACT,
    JOB_FORGET,
    JOB_PIN,
    JOB_RULE,
    JOB_TOPIC,
    JOB_WORKING,
    JOB_DOCUMENT,
    JOB_UNDOCUMENT
};

struct job {
    struct job *next;
    enum job_kind kind;
    store_done *done;
    void *ctx;
    int rc;
    anima_error err;
    bool superseded; /* a newer update of the same turn follows */
    char conversation[24];
    char *text; /* JOB_PERSON: name · JOB_TITLE: title · JOB_FACT: value · JOB_UNDOCUMENT: id */
    int64_t
        id; /* JOB_PERSON · JOB_FORK: the last turn to copy · JOB_DELETE: 1 keeps its notes · JOB_UNSUMMARY, JOB_TOLD: seq */
    anima_conversation_info *info;
    anima_turn turns[STORE_MAX_VARIANTS]; /* strings owned; of a change the first says which turn and how */
    int n_turns;
    struct store_log *log;                  /* JOB_IMPORT */
    struct store_cost *cost;                /* JOB_COST, and of a reply that ended; else NULL */
    struct store_note *note;                /* JOB_NOTE */
    struct store_stream_change *stream;     /* JOB_STREAM */
    struct store_summary *summary;          /* JOB_SUMMARY */
    struct store_blind_change *blind;       /* JOB_BLIND */
    struct store_memory_change *memory;     /* JOB_MEMORY */
    struct store_told_change *told;         /* JOB_TOLD */
    struct store_bring *bring;              /* JOB_BRING */
    struct store_forget_change *forget;     /* JOB_FORGET */
    struct store_rule_change *rule;         /* JOB_RULE */
    int64_t at_ms;                          /* JOB_FACT: now; id: of the fact. JOB_PIN: now, 0: not any more; id: seq */
    struct store_topic_change *topic;       /* JOB_TOPIC */
    struct store_working_change *working;   /* JOB_WORKING */
    struct store_document_change *document; /* JOB_DOCUMENT */
};

/* What a posted report still finds when its store is closed. */
struct alive {
    struct store *store; /* NULL once it is closed: reports that are still posted then go nowhere */
    int refs;            /* the store and every posted list; guarded by lock */
    pthread_mutex_t lock;
};

struct store {
    char *path;
    bool read_only;
    struct loop *loop;
    struct connection reader; /* the caller's thread */
    struct connection writer; /* the writer thread, once it runs */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* guards the queue and quit */
    pthread_cond_t more;
    struct job *first, *last;
    bool quit;
    bool relaxed;        /* the writer's: the next commit goes without an fsync */
    bool purge_due;      /* the writer's: deleted text is still in the write-ahead log, or */
    bool anew_due;       /* in the file, too */
    bool memory_due;     /* the writer's: turns wait to be made ready to be found */
    struct alive *alive; /* shared with reports under way: cleared by store_close */
};

/* store.c */
sqlite3_stmt *store_prepare(struct connection *c, enum store_sql which, const char *path, anima_error *err);
/* A SQLite result as our code, with what it means for a person. */
int store_error(sqlite3 *db, int rc, const char *path, anima_error *err);
/* schema.c: brings the file to the newest version, one transaction per step. */
int schema_migrate(sqlite3 *db, const char *path, anima_error *err);
int schema_version(void);
/* s lives until the statement has run. */
static inline void store_bind_text(sqlite3_stmt *q, int i, const char *s)
{
    sqlite3_bind_text(q, i, s, -1, SQLITE_STATIC);
}
/* store.c: a statement of the reader; NULL: *rc is why. What a column holds, "" for NULL; a copy of it, cut to the room there is. */
sqlite3_stmt *store_prepare_read(struct store *s, enum store_sql which, int *rc, anima_error *err);
const char *store_text_at(sqlite3_stmt *q, int column);
void store_copy_text(char *out, size_t size, sqlite3_stmt *q, int column);
/* write.c: making jobs (loop thread) and running statements (writer thread). */
struct job *job_new(struct store *s, enum job_kind kind, const char *conversation, store_done *done, void *ctx,
                    anima_error *err);
int job_add_turn(struct job *job, const anima_turn *turn);
int job_queue(struct store *s, struct job *job);
int job_not_made(struct job *job, anima_error *err);
int job_none(const anima_error *err, const struct store *s);
int writer_step(struct store *s, sqlite3_stmt *q, anima_error *err);
int writer_run(struct store *s, sqlite3_stmt *q, const char *what, anima_error *err);
int writer_bind_turn(struct store *s, enum store_sql which, const char *conversation, const anima_turn *t,
                     sqlite3_stmt **out, anima_error *err);
/* As much of a text as anima_conversation_info has room for, in bytes. */
size_t writer_last_size(const char *text);
void writer_bind_last(sqlite3_stmt *q, int i, const char *text);
int writer_add_conversation(struct store *s, struct job *job, const anima_conversation_info *info);
/* store.c: ends a read; a row or the end is fine. */
int store_end_read(struct store *s, sqlite3_stmt *q, int rc, anima_error *err);
/* change.c: the jobs that change what was said. Writer thread. */
int change_run(struct store *s, struct job *job);
/* cost.c: the row of the ledger that belongs to a job. Writer thread. */
int cost_run(struct store *s, struct job *job);
/* note.c. Writer thread, but for note_free. */
int note_run(struct store *s, struct job *job);
int note_run_forget(struct store *s, const char *conversation, bool keep, anima_error *err);
void note_free(struct store_note *note);
/* stream.c. Writer thread, but for stream_change_free. */
int stream_run(struct store *s, struct job *job);
void stream_change_free(struct store_stream_change *change);
/* change.c: that deleted text is still in the files is remembered across a kill. */
int writer_remember_purge(struct store *s, struct job *job);
/* summary.c. Writer thread, but for summary_free. */
int summary_run(struct store *s, struct job *job);
void summary_free(struct store_summary *summary);
/* blind.c. Writer thread, but for blind_change_free. */
int blind_run(struct store *s, struct job *job);
void blind_change_free(struct store_blind_change *change);
/* memory.c: vectors or marks that came, or (none) everything anew. Writer thread, but for memory_change_free. */
struct store_memory_change {
    struct store_memory_vector *vectors;
    size_t n_vectors;
    struct store_memory_mark *marks;
    size_t n_marks;
    struct store_fact *facts; /* of the marked turns */
    size_t n_facts;
};
int memory_job_run(struct store *s, struct job *job);
void memory_change_free(struct store_memory_change *change);
/* What a row of MEMORY_COLUMNS says; borrowed. */
void memory_read(sqlite3_stmt *q, struct store_memory *out);
/* Makes the turns that are due ready to be found, within the transaction; or in one of its own. Writer thread. */
void memory_run(struct store *s);
void memory_catch_up(struct store *s);
int memory_at_open(struct store *s, anima_error *err);
/* facts.c: those of turns that were looked at; one that a person changes. Writer thread. */
int facts_run(struct store *s, const struct store_memory_change *change, anima_error *err);
int fact_job_run(struct store *s, struct job *job);
/* topics.c. Writer thread, but for topic_change_free. */
int topic_run(struct store *s, struct job *job);
void topic_change_free(struct store_topic_change *change);
/* working.c. Writer thread, but for working_change_free. */
int working_run(struct store *s, struct job *job);
void working_change_free(struct store_working_change *change);
/* told.c. Writer thread. */
struct store_told_change {
    int variant;
    size_t n;
    struct store_told items[STORE_TOLD];
};
int told_run(struct store *s, struct job *job);
/* forget.c. Writer thread, but for forget_change_free. */
struct store_forget_change {
    struct store_forgotten *places; /* texts owned */
    size_t n;
    int64_t seq; /* of the message that asked for it, in job->conversation; 0: none did */
    int forgot;
};
int forget_run(struct store *s, struct job *job);
void forget_change_free(struct store_forget_change *change);
/* change.c: the list of conversations shows how the last turn with words begins, and how many there are. */
int writer_recount(struct store *s, struct job *job, const char *conversation);
/* pin.c, rule.c. Writer thread. */
int pin_run(struct store *s, struct job *job);
struct store_rule_change {
    bool put;
    struct store_rule rule;
};
int rule_run(struct store *s, struct job *job);
/* bring.c. Writer thread, but for bring_free. */
int bring_run(struct store *s, struct job *job);
void bring_free(struct store_bring *bring);
/* document.c. Writer thread, but for document_change_free. */
int document_run(struct store *s, struct job *job);
void document_change_free(struct store_document_change *change);
/* purge.c: after jobs that deleted text: leaves no byte of it in the file and its log. Writer thread. */
bool purge_wanted(const struct job *job);
void purge_run(struct store *s, struct job *jobs);
void purge_again(struct store *s);
int purge_at_open(struct store *s, anima_error *err);
/* write.c: the writer thread. */
int writer_start(struct store *store, anima_error *err);
void writer_stop(struct store *store);
#endif
