/* bench_identity.c — does a character stay who it is? Asks the probes of share/probes/identity.jsonl (or --probes FILE of the
 * same shape) and scores the replies without a judge: by the facts of the card and by patterns.
 *
 * A line of probes is as judge_identity.h has it, and "after": turns of other talk before. Every tenth reply is shown for a person
 * to read, because whether it makes sense no pattern can tell. */
#include "agent/cast.h"
#include "base/err.h"
#include "cli/bench_room.h"
#include "cli/judge_identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PROBES 1000

struct asking {
    struct bench_room room;
    const struct character *who;
    struct judge_identity *judge;
    const char *language; /* of the probes that are asked; NULL: both */
    struct score {
        int asked, consistent, claims;
    } scores[2]; /* zh, en */
    int n, most;
    bool show;
};

static int chat_first(struct asking *a, anima_conversation *c, const char *language, int turns, anima_error *err)
{
    int rc = ANIMA_OK;
    for (int i = 0; i < turns / 2 && !rc; i++)
        rc = bench_room_say(&a->room, c, judge_small_talk(language, i), err);
    return rc;
}

static int ask(struct asking *a, const char *language, const char *text, int after, anima_error *err)
{
    anima_conversation *c;
    anima_subscription *events;
    int rc = bench_room_begin(&a->room, a->who, &c, &events, err);
    if (rc)
        return rc;
    rc = chat_first(a, c, language, after, err);
    if (!rc)
        rc = bench_room_say(&a->room, c, text, err);
    bench_room_end(c, events);
    return rc;
}

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct asking *a = ctx;
    const char *language = judge_probe_language(line), *text = json_str(line, "text", "");
    if (!language)
        return err_set(err, ANIMA_E_INVALID, "line %d: a probe needs \"lang\" (zh, en) and \"text\"", number);
    if (a->n == a->most || (a->language && strcmp(a->language, language) != 0))
        return ANIMA_OK;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%d\r", a->n + 1);
    int rc = ask(a, language, text, (int)json_int(line, "after", 0), err);
    if (rc)
        return rc;
    bool claim;
    const char *why = judge_identity(a->judge, a->who, line, a->room.reply, &claim);
    struct score *s = &a->scores[strcmp(language, "en") == 0];
    a->n++;
    s->asked++;
    s->claims += claim;
    s->consistent += !*why;
    if (*why || a->show || a->n % 10 == 0)
        fprintf(stderr, "%-10s %s %s: %s → %s\n", *why ? why : "good", a->who->pub.id, json_str(line, "kind", ""), text,
                a->room.reply);
    return ANIMA_OK;
}

static void add(struct bench_report *r, const char *key, const struct score *s)
{
    if (s->asked)
        bench_add(r, (struct bench_result){ key, "%", "patterns and the facts of the card",
                                            100.0 * s->consistent / s->asked, 95, true, 0, 0 });
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *limit = cli_value(cli, "n");
    struct asking a = { .language = cli_value(cli, "lang"),
                        .most = limit && atoi(limit) > 0 ? atoi(limit) : MAX_PROBES,
                        .show = cli_value(cli, "show") };
    anima_error err;
    int status = bench_room_open(cli, &a.room, report);
    if (status)
        return status;
    int rc = judge_identity_create(&a.judge, &err);
    if (!rc)
        rc = bench_room_character(cli, &a.room, "lin", report, &a.who, &err);
    if (!rc)
        rc = bench_lines(cli_value(cli, "probes"), "identity.jsonl", on_line, &a, &err);
    if (!rc && !a.n)
        rc = err_set(&err, ANIMA_E_NOT_FOUND, "no probe is of that language");
    report->command = "anima bench identity";
    report->n = a.n;
    add(report, "consistent_zh", &a.scores[0]);
    add(report, "consistent_en", &a.scores[1]);
    bench_add(report, (struct bench_result){ "vendor_claims", "replies", "claims to be somebody's model",
                                             a.scores[0].claims + a.scores[1].claims, BENCH_NONE, false, 0, 0 });
    judge_identity_destroy(a.judge);
    bench_room_close(&a.room);
    return rc ? cli_error(cli, &err) : CLI_OK;
}

const struct bench bench_identity = { "identity", "does a character stay who it is? (share/probes/identity.jsonl)",
                                      run };
