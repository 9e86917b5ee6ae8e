/* Chats of other programs that come into the home in memory: one import, "i1", with a chat of two. */
#include "fake_home.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

static struct {
    anima_chats_done *found; /* or NULL: */
    anima_done *done;
    void *ctx;
} waiting;

void fake_chats_step(void)
{
    anima_error err = { .code = fake_home.change_fails, .message = "refused" };
    const anima_chats_person people[] = { { "me", 2, true }, { "Ben", 1, false } };
    const anima_chats_file file = { "chat.txt", "whatsapp", "", 3, 1 };
    const anima_chats_found found = { .id = "i1",
                                      .chats = 1,
                                      .messages = 3,
                                      .conversations = 1,
                                      .from_ms = 1000,
                                      .to_ms = 2000,
                                      .people = people,
                                      .n_people = 2,
                                      .files = &file,
                                      .n_files = 1 };
    if (waiting.found)
        waiting.found(waiting.ctx, err.code, &err, err.code ? NULL : &found);
    else if (waiting.done)
        waiting.done(waiting.ctx, err.code, &err);
    waiting.found = NULL;
    waiting.done = NULL;
}

int anima_chats_import(anima_home *home, const anima_chats_wish *wish, const char *data, size_t n,
                       anima_chats_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(wish->character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", wish->character);
    if (waiting.found || waiting.done)
        return err_set(err, ANIMA_E_BUSY, "other chats are just coming in");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "chats %s me=%s giver=%s%s %.*s", wish->name, wish->me,
             wish->giver, wish->look ? " look" : "", (int)(n < 40 ? n : 40), data);
    waiting.found = done;
    waiting.ctx = ctx;
    return ANIMA_OK;
}

int anima_chats_list(anima_home *home, anima_chats_cb *cb, void *ctx, anima_error *err)
{
    const anima_chats chats = { .id = "i1",
                                .character = "lin",
                                .name = "chat.txt",
                                .state = "unfinished",
                                .messages = 3,
                                .done = 1,
                                .code = ANIMA_E_FULL,
                                .error = "the disk is full" };
    (void)home;
    (void)err;
    cb(ctx, &chats);
    return ANIMA_OK;
}

int anima_chats_undo(anima_home *home, const char *id, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(id, "i1") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no import \"%.40s\"", id);
    if (waiting.found || waiting.done)
        return err_set(err, ANIMA_E_BUSY, "chats are just coming in, or going");
    waiting.done = done;
    waiting.ctx = ctx;
    return ANIMA_OK;
}
