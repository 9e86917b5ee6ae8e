#include "cli/bench_room.h"

#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINES_BYTES (4u << 20)
#define MAX_ADAPTER (1u << 30)
#define REPLY_TIMEOUT_MS 300000

/* The setting that leaves these parts of speaking out, written to buf and put to the call's. False: there is no such part. */
static bool leave_out(struct cli *with, const char *parts, char *buf, size_t size)
{
    static const char *const known[] = { "notes", "checks", "opening", "letters", "examples", "past", "working", NULL };
    size_t n_set = 0;
    while (with->set[n_set])
        n_set++;
    if (!bench_all_known(parts, known))
        return false;
    if (n_set == CLI_MAX_SET || (size_t)snprintf(buf, size, "speech.without=%s", parts) >= size)
        return false;
    with->set[n_set] = buf;
    with->set[n_set + 1] = NULL;
    return true;
}

/* The adapter has to be there before the home is opened: engines get the folder with their options. */
static int lay_adapter(const struct bench_room *room, anima_error *err)
{
    char dir[64], file[96], *data = NULL;
    size_t n;
    snprintf(dir, sizeof(dir), "%s/adapters", room->dir);
    snprintf(file, sizeof(file), "%s/%s", dir, BENCH_ADAPTER);
    int rc = fs_mkdirs(dir, err);
    if (rc || link(room->adapter, file) == 0)
        return rc;
    rc = fs_read(room->adapter, MAX_ADAPTER, &data, &n, err);
    if (!rc)
        rc = fs_write(file, data, n, 0600, err);
    mem_free(data);
    return rc;
}

int bench_room_open(struct cli *cli, struct bench_room *room, struct bench_report *report)
{
    struct cli with = *cli;
    int status;
    char without[160];
    const char *parts = cli_value(cli, "without");
    if (parts && !leave_out(&with, parts, without, sizeof(without)))
        return cli_usage(
            cli, "--without takes notes, checks, opening, letters, examples, past, working, with commas between them");
    anima_error err;
    if (bench_folder(room->dir, &err))
        return cli_error(cli, &err);
    with.home = room->dir;
    progress_catch_interrupt();
    if (room->adapter && lay_adapter(room, &err)) {
        bench_remove(room->dir);
        return cli_error(cli, &err);
    }
    room->home = cli_open_home(&with, false, &status);
    if (!room->home)
        return status;
    bench_model(report, room->home);
    return CLI_OK;
}

int bench_room_character(struct cli *cli, struct bench_room *room, const char *otherwise, struct bench_report *report,
                         const struct character **out, anima_error *err)
{
    const char *given = cli_value(cli, "character"), *id = given ? given : otherwise;
    size_t n = strlen(report->model);
    *out = cast_find(home_cast(room->home), id);
    if (!*out)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"; `anima characters` lists them", id);
    snprintf(report->model + n, sizeof(report->model) - n, " as %s", id);
    return ANIMA_OK;
}

static void on_event(void *ctx, const anima_event *event)
{
    struct bench_room *room = ctx;
    if (event->type != ANIMA_EVENT_TURN_DONE || event->turn->seq != room->wait_for)
        return;
    room->over = true;
    room->tokens = event->turn->completion_tokens;
    room->prompt_tokens = event->turn->prompt_tokens;
    snprintf(room->reply, sizeof(room->reply), "%s", event->turn->state == ANIMA_TURN_DONE ? event->turn->text : "");
}

int bench_room_begin(struct bench_room *room, const struct character *who, anima_conversation **c,
                     anima_subscription **events, anima_error *err)
{
    anima_conversation_info info;
    int rc = anima_conversation_create(room->home, who->pub.id, NULL, c, err);
    if (rc)
        return rc;
    anima_conversation_describe(*c, &info);
    rc = anima_subscribe(room->home, info.id, on_event, room, events, err);
    if (rc)
        anima_conversation_close(*c);
    return rc;
}

int bench_room_open_talk(struct bench_room *room, const char *id, anima_conversation **c, anima_subscription **events,
                         anima_error *err)
{
    int rc = anima_conversation_open(room->home, id, c, err);
    if (rc)
        return rc;
    rc = anima_subscribe(room->home, id, on_event, room, events, err);
    if (rc)
        anima_conversation_close(*c);
    return rc;
}

void bench_room_end(anima_conversation *c, anima_subscription *events)
{
    anima_unsubscribe(events);
    anima_conversation_close(c);
}

int bench_room_hear(struct bench_room *room, anima_conversation *c, const char *person, const char *text,
                    anima_error *err)
{
    int64_t seq = 0;
    const anima_message message = { .text = text, .person = person };
    room->over = false;
    int rc = anima_send(c, &message, &seq, err);
    room->wait_for = seq + 1;
    for (int waited = 0; !rc && !room->over; waited += 50) {
        anima_home_step(room->home, 50);
        if (progress_interrupted())
            rc = err_set(err, ANIMA_E_CANCELLED, "stopped");
        else if (waited > REPLY_TIMEOUT_MS)
            rc = err_set(err, ANIMA_E_TIMEOUT, "no reply within five minutes");
    }
    return rc;
}

int bench_room_say(struct bench_room *room, anima_conversation *c, const char *text, anima_error *err)
{
    return bench_room_hear(room, c, NULL, text, err);
}

void bench_room_close(struct bench_room *room)
{
    anima_home_close(room->home);
    bench_remove(room->dir);
}

/* ---- lines ---- */

static int each_line(char *text, const char *path, bench_line_cb *cb, void *ctx, anima_error *err)
{
    int rc = ANIMA_OK, number = 0;
    for (char *next, *line = text; line && *line && !rc; line = next) {
        size_t n = strcspn(line, "\n");
        next = line[n] ? line + n + 1 : NULL;
        line[n] = '\0';
        number++;
        if (!line[strspn(line, " \t\r")])
            continue;
        char what[300];
        yyjson_doc *doc;
        snprintf(what, sizeof(what), "%.240s, line %d", path, number);
        rc = json_parse(line, n, MAX_LINES_BYTES, what, &doc, err);
        if (rc)
            return rc;
        rc = cb(ctx, yyjson_doc_get_root(doc), number, err);
        yyjson_doc_free(doc);
    }
    return rc;
}

int bench_lines(const char *path, const char *name, bench_line_cb *cb, void *ctx, anima_error *err)
{
    char *share = path ? NULL : fs_share_dir(), *text = NULL;
    char *file = path ? mem_strdup(path) : share ? fs_join(share, "probes", name, (char *)NULL) : NULL;
    int rc = file ? fs_read(file, MAX_LINES_BYTES, &text, NULL, err)
                  : err_set(err, ANIMA_E_NOT_FOUND, "the folder share/ is not there");
    if (!rc)
        rc = each_line(text, file, cb, ctx, err);
    mem_free(text);
    mem_free(file);
    mem_free(share);
    return rc;
}
