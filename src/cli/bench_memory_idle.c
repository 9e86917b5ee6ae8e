/* bench_memory_idle.c — what a room's home does while nobody waits, and what people leave there for it: a word in a conversation that has
 * rested, a document, a sentence corrected by hand. */
#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_memory_room.h"
#include "cli/progress.h"
#include "mind/topics.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE_US 60000000 /* without anything being done */
#define QUIET_US 4000000 /* so long nothing may come any more: the first look is taken three seconds after the start */

int memory_room_say(struct memory_room *r, const char *character, const char *id, const char *person, const char *text,
                    anima_error *err)
{
    const struct character *who = cast_find(home_cast(r->room.home), character);
    anima_conversation *c;
    anima_subscription *events;
    int rc = !who  ? err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%s\"", character)
             : *id ? bench_room_open_talk(&r->room, id, &c, &events, err)
                   : bench_room_begin(&r->room, who, &c, &events, err);
    if (rc)
        return rc;
    rc = bench_room_hear(&r->room, c, person, text, err);
    bench_room_end(c, events);
    return rc;
}

static void on_document(void *ctx, int code, const anima_error *err, const anima_document *document)
{
    (void)document;
    memory_waiting_done(ctx, code, err);
}

int memory_room_document(struct memory_room *r, const char *character, const char *giver, const char *name,
                         const char *text, anima_error *err)
{
    struct memory_waiting w = { .done = false };
    const anima_document_wish wish = {
        .character = character, .name = name, .title = "", .giver = giver, .for_whom = ""
    };
    int rc = anima_document_add(r->room.home, &wish, text, strlen(text), on_document, &w, err);
    return rc ? rc : memory_room_wait(r, &w, err);
}

int memory_room_correct(struct memory_room *r, int64_t topic, const char *text, anima_error *err)
{
    struct memory_waiting w = { .done = false };
    int rc = anima_topic_change(r->room.home, topic, text, memory_waiting_done, &w, err);
    return rc ? rc : memory_room_wait(r, &w, err);
}

/* ---- waiting ---- */

static int open_store(const struct memory_room *r, struct store **out, anima_error *err)
{
    char *path = fs_join(anima_home_path(r->room.home), "anima.db", (char *)NULL);
    int rc = path ? store_open(path, true, NULL, out, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    mem_free(path);
    return rc;
}

static int count_bare(void *ctx, const anima_document *document)
{
    *(int64_t *)ctx += document->without_vector;
    return 0;
}

/* Whether something is left to be done; *work: a number that is another one when some of it was. */
static int look(struct memory_room *r, struct store *store, bool *left, int64_t *work, anima_error *err)
{
    struct store_working_due shown;
    struct store_topic_due talked;
    int64_t next, bare = 0;
    int rc = store_working_due(store, &shown, err);
    if (!rc)
        rc = store_topic_due(store, clock_wall_ms(), TOPICS_TURNS, &talked, &next, err);
    if (!rc && r->by_meaning)
        rc = anima_document_list(r->room.home, MEMORY_KEEPER, count_bare, &bare, err);
    if (rc)
        return rc;
    *left = shown.memory || *talked.conversation || bare;
    *work = shown.memory * 1000000 + bare;
    for (const char *p = talked.conversation; *p; p++)
        *work = *work * 31 + *p;
    return ANIMA_OK;
}

int memory_room_idle(struct memory_room *r, anima_error *err)
{
    struct store *store = NULL;
    int64_t work = -1, before = -2, since = clock_mono_us();
    bool left = true;
    int rc = open_store(r, &store, err);
    while (!rc && !progress_interrupted()) {
        int64_t now = clock_mono_us();
        rc = look(r, store, &left, &work, err);
        if (work != before)
            since = now;
        before = work;
        if (!left && now - since > QUIET_US)
            break;
        if (now - since > PATIENCE_US)
            rc = err_set(err, ANIMA_E_TIMEOUT, "what is done while nobody waits is not done");
        anima_home_step(r->room.home, 20);
    }
    store_close(store);
    return rc || !progress_interrupted() ? rc : err_set(err, ANIMA_E_CANCELLED, "stopped");
}

static int count_one(void *ctx, const struct store_summary *summary)
{
    *(int *)ctx += *summary->text != '\0';
    return 0;
}

int memory_room_summaries(struct memory_room *r, const char *conversation, int *n, anima_error *err)
{
    struct store *store = NULL;
    *n = 0;
    int rc = open_store(r, &store, err);
    if (!rc)
        rc = store_summary_list(store, conversation, 16, count_one, n, err);
    store_close(store);
    return rc;
}
