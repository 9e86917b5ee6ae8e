/* bench_memory_write.c — what it costs to remember something, in a home that remembers 10,000 turns with their vectors: how long it takes
 * from sending a message until it is found by a word of it (the turn is on the disk by then), how often models that talk were asked for
 * anything but the replies, and the computing time of all processes for a turn, its class and its meaning included. Every message is
 * answered with one word by a script, and both are turns. The texts are those of the thirty days, two put together for each turn. */
#include "agent/home.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"
#include "cli/bench_cpu.h"
#include "cli/bench_memory_story.h"
#include "cli/progress.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME_TURNS 10000
#define QUICK_TURNS 400
#define WRITTEN 1000
#define QUICK_WRITTEN 20
#define A_TALK 20      /* messages of a conversation */
#define FILLED 100     /* turns of one that was there before */
#define TEXT_BYTES 600 /* of a turn */
#define HALF_BYTES 250 /* of one of the texts in it */
#define PATIENCE_US 60000000

struct writing {
    struct memory_bench *b;
    struct memory_story story;
    struct memory_room room;
    int64_t seq; /* of the message */
    bool stored, answered, found;
    double ms[WRITTEN];
    int n, marks;
};

static void make_text(const struct writing *w, size_t i, const char *mark, char *out)
{
    const struct memory_story *s = &w->story;
    const char *one = s->turns[i % s->n].text, *other = s->turns[(31 * i + 7) % s->n].text;
    snprintf(out, TEXT_BYTES, "%.*s %.*s %s", (int)utf8_cut(one, strlen(one), HALF_BYTES), one,
             (int)utf8_cut(other, strlen(other), HALF_BYTES), other, mark);
}

static int fill(struct writing *w, size_t turns, anima_error *err)
{
    static char texts[FILLED][TEXT_BYTES];
    struct memory_line lines[FILLED];
    char id[24];
    int rc = ANIMA_OK;
    for (size_t at = 0; at < turns && !rc; at += FILLED) {
        for (size_t i = 0; i < FILLED; i++) {
            make_text(w, at + i, "", texts[i]);
            lines[i] = (struct memory_line){ i % 2 ? NULL : "Ann", texts[i],
                                             w->story.turns[0].at_ms + (int64_t)(at + i) * 60000 };
        }
        rc = memory_room_talk(&w->room, MEMORY_KEEPER, lines, FILLED, id, err);
    }
    return rc ? rc : memory_room_rest(&w->room, err);
}

static void on_event(void *ctx, const anima_event *event)
{
    struct writing *w = ctx;
    if (event->type == ANIMA_EVENT_TURN_CREATED && event->turn->seq == w->seq)
        w->stored = true;
    if (event->type == ANIMA_EVENT_TURN_DONE && event->turn->seq == w->seq + 1)
        w->answered = true;
}

static int is_it(void *ctx, const anima_memory *m)
{
    struct writing *w = ctx;
    w->found = m->seq == w->seq;
    return w->found;
}

static int wait_until(struct writing *w, const bool *what, anima_error *err)
{
    int64_t since = clock_mono_us();
    while (!*what) {
        anima_home_step(w->room.room.home, 50);
        if (progress_interrupted())
            return err_set(err, ANIMA_E_CANCELLED, "stopped");
        if (clock_mono_us() - since > PATIENCE_US)
            return err_set(err, ANIMA_E_TIMEOUT, "a message was not stored or not answered within a minute");
    }
    return ANIMA_OK;
}

/* One message, and its word looked for. It is an error if it is not found as soon as it is stored. */
static int write_one(struct writing *w, anima_conversation *c, anima_error *err)
{
    char text[TEXT_BYTES], mark[24];
    snprintf(mark, sizeof(mark), "mark%06dx", ++w->marks);
    make_text(w, (size_t)w->n * 13 + 5, mark, text);
    const anima_message message = { .text = text };
    w->stored = w->answered = w->found = false;
    int64_t from = clock_mono_us();
    int rc = anima_send(c, &message, &w->seq, err);
    if (!rc)
        rc = wait_until(w, &w->stored, err);
    if (!rc)
        rc = anima_memory_search(w->room.room.home, NULL, mark, 1, is_it, w, err);
    w->ms[w->n] = (double)(clock_mono_us() - from) / 1000;
    if (!rc && !w->found)
        rc = err_set(err, ANIMA_E_ENGINE, "message %d is stored and not found by its words", w->n + 1);
    w->n++;
    return rc ? rc : wait_until(w, &w->answered, err);
}

static int write_talk(struct writing *w, int n, anima_error *err)
{
    anima_conversation *c;
    anima_subscription *events;
    anima_conversation_info info;
    int rc = anima_conversation_create(w->room.room.home, MEMORY_KEEPER, NULL, &c, err);
    if (rc)
        return rc;
    anima_conversation_describe(c, &info);
    rc = anima_subscribe(w->room.room.home, info.id, on_event, w, &events, err);
    for (int i = 0; i < A_TALK && w->n < n && !rc; i++)
        rc = write_one(w, c, err);
    anima_unsubscribe(events);
    anima_conversation_close(c);
    return rc;
}

static void report(struct writing *w, double cpu_ms, int64_t asked)
{
    double min, p95, median = bench_median(w->ms, w->n, &min, &p95);
    struct bench_report *r = w->b->report;
    w->b->write_ms = median;
    r->n += w->n;
    bench_add(r, (struct bench_result){ "write_ms_words", "ms", "from sending until it is found by a word; p95", p95, 2,
                                        false, min, p95 });
    bench_add(r,
              (struct bench_result){ "write_ms_words_median", "ms", "the same; median", median, 0, false, min, p95 });
    memory_add(w->b, "write_model_calls", "calls", "of models that talk, beside those for the replies",
               (double)(asked - w->n), BENCH_NONE, false);
    if (w->room.by_meaning)
        memory_add(w->b, "write_cpu_ms", "ms", "computing time a turn, all processes; class and meaning included",
                   cpu_ms / (2 * w->n), 20, false);
    else
        fprintf(stderr, "write_cpu_ms is left out: the model for meaning (\"%s\") is not here; `anima models fetch`\n",
                anima_home_setting(w->room.room.home, "embed.model"));
}

static int measure(struct writing *w, int n, size_t turns, anima_error *err)
{
    struct engine_set *engines = home_engines(w->room.room.home);
    int rc = fill(w, turns, err);
    if (!rc) /* whatever has to start has started */
        rc = write_talk(w, 1, err);
    if (!rc)
        rc = memory_room_rest(&w->room, err);
    w->n = 0;
    int64_t asked = engine_asked(engines);
    double cpu = bench_cpu_ms(getpid());
    while (!rc && w->n < n)
        rc = write_talk(w, n, err);
    if (!rc)
        rc = memory_room_rest(&w->room, err);
    if (!rc)
        report(w, bench_cpu_ms(getpid()) - cpu, engine_asked(engines) - asked);
    return rc;
}

int memory_write(struct memory_bench *b, anima_error *err)
{
    static const char *const none[] = { NULL };
    static struct writing w;
    const char *given = cli_value(b->cli, "n");
    bool quick = cli_value(b->cli, "quick");
    int n = given && atoi(given) > 0 ? atoi(given) : quick ? QUICK_WRITTEN : WRITTEN;
    w = (struct writing){ .b = b };
    int rc = memory_story_read(&w.story, err);
    if (!rc)
        rc = memory_room_open(b, "quiet.script", none, NULL, &w.room, err);
    if (!rc)
        rc = memory_room_keeper(&w.room, err);
    if (!rc)
        rc = measure(&w, n < WRITTEN ? n : WRITTEN, quick ? QUICK_TURNS : HOME_TURNS, err);
    memory_room_close(&w.room);
    memory_story_finish(&w.story);
    return rc;
}
