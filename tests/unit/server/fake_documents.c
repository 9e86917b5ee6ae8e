/* Documents of the home in memory: one, "d1", of lin. */
#include "fake_home.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

static struct {
    anima_document_done *added; /* or NULL: */
    anima_passages_done *found; /* or NULL: */
    anima_done *done;
    void *ctx;
} waiting;

static const anima_document lease = {
    .id = "d1", .character = "lin", .title = "Lease", .name = "lease.txt", .form = "text", .giver = "me", .pages = 2
};
static const anima_passage deposit = { .document = "d1",
                                       .title = "Lease",
                                       .within = "",
                                       .within_title = "",
                                       .number = "3.2",
                                       .section = "Deposit",
                                       .page = 2,
                                       .text = "It is 1200.",
                                       .place = "“Lease”, section 3.2 “Deposit”, page 2",
                                       .told = true };

void fake_documents_step(void)
{
    anima_error err = { .code = fake_home.change_fails, .message = "refused" };
    if (waiting.added)
        waiting.added(waiting.ctx, err.code, &err, err.code ? NULL : &lease);
    else if (waiting.found)
        waiting.found(waiting.ctx, err.code, &err, err.code ? NULL : &deposit, err.code ? 0 : 1);
    else if (waiting.done)
        waiting.done(waiting.ctx, err.code, &err);
    memset(&waiting, 0, sizeof(waiting));
}

static int check_character(const char *character, anima_error *err)
{
    return strcmp(character, "lin") == 0
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
}

static int check_free(anima_error *err)
{
    return waiting.ctx ? err_set(err, ANIMA_E_BUSY, "something is under way") : ANIMA_OK;
}

int anima_document_add(anima_home *home, const anima_document_wish *wish, const char *data, size_t n,
                       anima_document_done *done, void *ctx, anima_error *err)
{
    (void)home;
    int rc = check_character(wish->character, err);
    rc = rc ? rc : check_free(err);
    if (rc)
        return rc;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "document %s title=%s giver=%s for=%s %.*s", wish->name,
             wish->title, wish->giver, wish->for_whom, (int)(n < 40 ? n : 40), data);
    waiting.added = done;
    waiting.ctx = ctx;
    return ANIMA_OK;
}

int anima_document_list(anima_home *home, const char *character, anima_document_cb *cb, void *ctx, anima_error *err)
{
    (void)home;
    int rc = check_character(character, err);
    if (!rc)
        cb(ctx, &lease);
    return rc;
}

int anima_document_get(anima_home *home, const char *id, anima_document_cb *cb, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(id, "d1") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no document \"%.40s\"", id);
    cb(ctx, &lease);
    return ANIMA_OK;
}

int anima_document_outline(anima_home *home, const char *id, anima_section_cb *cb, void *ctx, anima_error *err)
{
    const anima_section section = {
        .depth = 1, .page = 2, .number = "3.2", .title = "Deposit", .start = 10, .end = 30
    };
    (void)home;
    (void)id;
    (void)err;
    cb(ctx, &section);
    return ANIMA_OK;
}

int anima_document_search(anima_home *home, const char *character, const char *person, const char *text,
                          anima_passages_done *done, void *ctx, anima_error *err)
{
    (void)home;
    (void)person;
    int rc = check_character(character, err);
    rc = rc ? rc : check_free(err);
    if (rc)
        return rc;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "passages %s", text);
    waiting.found = done;
    waiting.ctx = ctx;
    return ANIMA_OK;
}

int anima_document_told(anima_home *home, const char *conversation, int64_t seq, anima_passage_cb *cb, void *ctx,
                        anima_error *err)
{
    (void)home;
    (void)conversation;
    (void)seq;
    (void)err;
    cb(ctx, &deposit);
    return ANIMA_OK;
}

int anima_document_remove(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(id, "d1") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no document \"%.40s\"", id);
    int rc = check_free(err);
    waiting.done = rc ? waiting.done : done;
    waiting.ctx = rc ? waiting.ctx : ctx;
    return rc;
}
