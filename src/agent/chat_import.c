/* chat_import.c — a chat from a file becomes a conversation: read on a thread of its own, stored as a whole. */
#include "agent/chat_log.h"
#include "agent/state.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"

#include <stdio.h>
#include <string.h>

struct import {
    anima_home *home;
    anima_made *done;
    void *ctx;
    char character[65]; /* "": the file's own */
    char *data;
    size_t n;
    struct chat_log *log;
    int rc;
    anima_error err;
};

static void import_free(struct import *m)
{
    chat_log_free(m->log);
    mem_free(m->data);
    mem_free(m);
}

static void parse(void *ctx)
{
    struct import *m = ctx;
    m->rc = chat_log_parse(m->data, m->n, clock_wall_ms(), &m->log, &m->err);
}

static int choose_character(const struct import *m, anima_conversation_info *info, anima_error *err)
{
    if (*m->character)
        snprintf(info->character, sizeof(info->character), "%s", m->character);
    if (cast_find(&m->home->cast, info->character))
        return ANIMA_OK;
    return *info->character
               ? err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"; say with whom", info->character)
               : err_set(err, ANIMA_E_INVALID, "the file does not say with which character; name one");
}

static int find_people(anima_home *home, struct store_log *log, anima_error *err)
{
    const anima_person *person = NULL;
    const char *name = NULL;
    for (size_t i = 0; i < log->n_turns; i++) {
        anima_turn *t = &log->turns[i];
        if (t->role != ANIMA_ROLE_PERSON)
            continue;
        int rc = name && strcmp(name, t->person_name) == 0 ? ANIMA_OK
                                                           : anima_person_get(home, t->person_name, &person, err);
        if (rc)
            return rc;
        name = t->person_name;
        t->person = person->id;
    }
    return ANIMA_OK;
}

/* Hands the log to the store; from then on the op tells the caller. */
static int keep(struct import *m, anima_error *err)
{
    struct op *op;
    struct store_log *log = &m->log->log;
    int rc = choose_character(m, &log->info, err);
    if (!rc)
        rc = find_people(m->home, log, err);
    if (!rc)
        rc = op_new(m->home, NULL, NULL, m->ctx, &op, err);
    if (rc)
        return rc;
    rnd_name(log->info.id, 16);
    snprintf(op->id, sizeof(op->id), "%s", log->info.id);
    op->made = m->done;
    op->end = op_made;
    rc = store_conversation_import(m->home->store, log, op_written, op, err);
    if (rc)
        op_free(op);
    else
        m->log = NULL;
    return rc;
}

static void parsed(void *ctx)
{
    struct import *m = ctx;
    m->home->works--;
    if (atomic_load(&m->home->stop))
        m->rc = err_set(&m->err, ANIMA_E_CANCELLED, "the home is being closed");
    if (!m->rc)
        m->rc = keep(m, &m->err);
    if (m->rc)
        m->done(m->ctx, m->rc, &m->err, NULL);
    import_free(m);
}

int anima_import(anima_home *home, const char *character, const char *data, size_t n, anima_made *done, void *ctx,
                 anima_error *err)
{
    character = character ? character : "";
    if (home->read_only)
        return home_looked_at_only(err);
    if (n > CHAT_LOG_MAX)
        return err_set(err, ANIMA_E_LIMIT, "a chat has at most %u MiB", CHAT_LOG_MAX >> 20);
    if (*character && !cast_find(&home->cast, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (home->works >= MAX_WORKS)
        return err_set(err, ANIMA_E_BUSY, "%d searches, exports and imports are running already", MAX_WORKS);
    struct import *m = mem_zero(1, sizeof(*m));
    if (!m)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the chat");
    *m = (struct import){ .home = home, .done = done, .ctx = ctx, .n = n };
    snprintf(m->character, sizeof(m->character), "%s", character);
    m->data = mem_alloc(n + 1);
    int rc = m->data ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the chat");
    if (!rc) {
        memcpy(m->data, data, n);
        rc = loop_work(home->loop, parse, parsed, m, err);
    }
    if (rc)
        import_free(m);
    else
        home->works++;
    return rc;
}
