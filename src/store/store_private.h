/* store_private.h — what schema.c, read.c, write.c and store.c share. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

#define STORE_APPLICATION_ID 0x616e696d /* "anim" */

/* Prepared statements of the two connections, by their number in sql[] (store.c). */
enum store_sql {
    SQL_PEOPLE,
    SQL_CONVERSATION,
    SQL_CONVERSATIONS,
    SQL_TURNS,
    SQL_LAST_TURNS,
    SQL_BY_CLIENT,
    SQL_UNFINISHED,
    SQL_ADD_PERSON,
    SQL_ADD_CONVERSATION,
    SQL_TITLE,
    SQL_ADD_TURN,
    SQL_COUNT_TURN,
    SQL_UPDATE_TURN,
    SQL_LAST_TEXT,
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

struct job;

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
    struct alive *alive; /* shared with reports under way: cleared by store_close */
};

/* store.c */
sqlite3_stmt *store_prepare(struct connection *c, enum store_sql which, const char *path, anima_error *err);
/* A SQLite result as our code, with what it means for a person. */
int store_error(sqlite3 *db, int rc, const char *path, anima_error *err);
/* schema.c: brings the file to the newest version, one transaction per step. */
int schema_migrate(sqlite3 *db, const char *path, anima_error *err);
int schema_version(void);
/* write.c: the writer thread. */
int writer_start(struct store *store, anima_error *err);
void writer_stop(struct store *store);
#endif
