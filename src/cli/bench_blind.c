/* bench_blind.c — a reader of blind pairs, in the terminal: two replies to the same words, one of the trained character; which one is told at
 * the end. A client of the API, as the page is: rounds are the same there (docs/training.md). */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/client.h"
#include "cli/daemon.h"
#include "cli/progress.h"
#include "server/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_US 200000
#define MAX_ANSWER (16u << 20)

struct blind_bench {
    const struct cli *cli;
    struct client *client;
    const char *who;
    char id[24];
    yyjson_doc *doc; /* the round with its pairs, as it was looked at last */
    anima_error err;
};

static yyjson_val *round_of(const struct blind_bench *b)
{
    return yyjson_obj_get(yyjson_doc_get_root(b->doc), "blind");
}

static yyjson_val *pair_at(const struct blind_bench *b, size_t i)
{
    return yyjson_arr_get(yyjson_obj_get(yyjson_doc_get_root(b->doc), "pairs"), i);
}

static bool is_done(const struct blind_bench *b) { return strcmp(json_str(round_of(b), "state", ""), "done") == 0; }

static int look(struct blind_bench *b)
{
    char path[64];
    yyjson_doc *doc;
    snprintf(path, sizeof(path), "/blind/%s", b->id);
    int rc = client_call(b->client, "GET", path, NULL, &doc, &b->err);
    if (rc)
        return rc;
    yyjson_doc_free(b->doc);
    b->doc = doc;
    return ANIMA_OK;
}

/* ---- which round ---- */

/* The newest that is not over, or none. */
static int find_unfinished(struct blind_bench *b, bool *failed)
{
    char path[120];
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *one;
    snprintf(path, sizeof(path), "/characters/%.64s/blind", b->who);
    int rc = client_call(b->client, "GET", path, NULL, &doc, &b->err);
    if (rc)
        return rc;
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "blinds"), i, n, one) {
        if (*b->id || strcmp(json_str(one, "state", ""), "done") == 0)
            continue;
        snprintf(b->id, sizeof(b->id), "%s", json_str(one, "id", ""));
        *failed = strcmp(json_str(one, "state", ""), "failed") == 0;
    }
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

static int begin(struct blind_bench *b, bool anew)
{
    char path[120];
    yyjson_doc *doc;
    struct buf body;
    struct jw w;
    const char *pairs = cli_value(b->cli, "pairs"), *language = cli_value(b->cli, "language");
    buf_init(&body, 4096);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    if (anew)
        jw_int(&w, "pairs", pairs ? atoi(pairs) : 10);
    if (anew && language)
        jw_str(&w, "language", language);
    jw_end_obj(&w);
    snprintf(path, sizeof(path), "/characters/%.64s/blind", b->who);
    int rc = client_call(b->client, "POST", path, buf_str(&body), &doc, &b->err);
    buf_finish(&body);
    if (rc)
        return rc;
    snprintf(b->id, sizeof(b->id), "%s", json_str(yyjson_obj_get(yyjson_doc_get_root(doc), "blind"), "id", ""));
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

/* One that is not over is gone on with, unless another is wanted. */
static int choose_round(struct blind_bench *b)
{
    bool anew = cli_value(b->cli, "pairs") || cli_value(b->cli, "language"), failed = false;
    int rc = anew ? ANIMA_OK : find_unfinished(b, &failed);
    if (!rc && (!*b->id || failed))
        rc = begin(b, !failed);
    return rc ? rc : look(b);
}

/* ---- asking ---- */

static void put(const char *text)
{
    cli_put(text, strlen(text));
    putchar('\n');
}

static void show_pair(const struct blind_bench *b, yyjson_val *pair)
{
    size_t i, n;
    yyjson_val *turn;
    printf("\n%s%d of %d%s\n", cli_bold(b->cli), (int)json_int(pair, "n", 0), (int)json_int(round_of(b), "pairs", 0),
           cli_plain(b->cli));
    yyjson_arr_foreach (yyjson_obj_get(pair, "context"), i, n, turn) {
        bool person = strcmp(json_str(turn, "role", ""), "person") == 0;
        printf("%s ", person ? ">" : "<");
        put(json_str(turn, "text", ""));
    }
    printf("\n%s1%s  ", cli_bold(b->cli), cli_plain(b->cli));
    put(json_str(pair, "left", ""));
    printf("%s2%s  ", cli_bold(b->cli), cli_plain(b->cli));
    put(json_str(pair, "right", ""));
}

/* What somebody types: "left", "right", "same"; NULL: they leave. */
static const char *read_choice(void)
{
    char line[200];
    while (printf("Which one is better? 1, 2, 0 (the same), q (later): "), fflush(stdout),
           fgets(line, sizeof(line), stdin)) {
        switch (line[strspn(line, " \t")]) {
        case '1': return "left";
        case '2': return "right";
        case '0': return "same";
        case 'q': return NULL;
        default: break;
        }
    }
    putchar('\n');
    return NULL;
}

static int choose(struct blind_bench *b, yyjson_val *pair, const char *choice)
{
    char path[100], body[64];
    snprintf(path, sizeof(path), "/blind/%s/pairs/%d", b->id, (int)json_int(pair, "n", 0));
    snprintf(body, sizeof(body), "{\"choice\":\"%s\"}", choice);
    int rc = client_call(b->client, "PUT", path, body, NULL, &b->err);
    return rc ? rc : look(b);
}

/* Until the i-th pair is there. */
static int wait_for(struct blind_bench *b, size_t i)
{
    struct progress p;
    int rc = ANIMA_OK;
    progress_begin(&p, b->who);
    while (!rc && !pair_at(b, i)) {
        char text[80];
        int64_t pairs = json_int(round_of(b), "pairs", 1), made = json_int(round_of(b), "made", 0);
        yyjson_val *error = yyjson_obj_get(round_of(b), "error");
        snprintf(text, sizeof(text), "pair %zu is being made", i + 1);
        progress_line(&p, (double)made / (double)(pairs > 0 ? pairs : 1), text);
        if (yyjson_is_obj(error))
            rc = err_set(&b->err, err_code(json_str(error, "code", "engine")), "%s", json_str(error, "message", ""));
        else if (progress_interrupted())
            rc = err_set(&b->err, ANIMA_E_CANCELLED, "the rest is made when anima runs; the same command goes on");
        else
            usleep(LOOK_EVERY_US);
        if (!rc)
            rc = look(b);
    }
    progress_end(&p);
    return rc;
}

/* *left: somebody wants to go on later. */
static int ask_all(struct blind_bench *b, bool *left)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; !rc && !*left && !is_done(b); i++) {
        rc = wait_for(b, i);
        yyjson_val *pair = rc ? NULL : pair_at(b, i);
        if (!pair || !yyjson_is_null(yyjson_obj_get(pair, "choice")))
            continue;
        show_pair(b, pair);
        const char *choice = read_choice();
        *left = !choice;
        if (choice)
            rc = choose(b, pair, choice);
    }
    return rc;
}

/* ---- what came of it ---- */

static void report_end(const struct blind_bench *b, struct bench_report *report)
{
    yyjson_val *r = round_of(b), *result = yyjson_obj_get(r, "result");
    const struct {
        const char *key, *member, *unit, *against;
    } rows[] = { { "blind_trained", "trained", "pairs", "the trained one was chosen" },
                 { "blind_prompted", "prompted", "pairs", "the same model with its whole prompt" },
                 { "blind_same", "same", "pairs", "no difference" },
                 { "blind_p", "p", "", "two-sided sign test" } };
    put(json_str(result, strcmp(json_str(r, "language", ""), "zh") == 0 ? "zh" : "en", ""));
    for (int i = 0; i < (int)json_int(r, "pairs", 0); i++) {
        yyjson_val *pair = pair_at(b, (size_t)i);
        printf("%2d  trained: %-5s  chosen: %s\n", i + 1, json_str(pair, "trained", ""), json_str(pair, "choice", ""));
    }
    putchar('\n');
    report->command = "anima bench blind";
    report->n = (int)json_int(r, "pairs", 0);
    snprintf(report->model, sizeof(report->model), "%.60s as %.30s, adapter %.30s", json_str(r, "model", ""), b->who,
             json_str(r, "adapter", ""));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        bench_add(report, (struct bench_result){ rows[i].key, rows[i].unit, rows[i].against,
                                                 json_num(result, rows[i].member, 0), 0, true, 0, 0 });
}

static int read_a_round(struct cli *cli, struct bench_report *report)
{
    const char *who = cli_value(cli, "character");
    struct blind_bench b = { .cli = cli, .who = who ? who : "lin" };
    struct daemon *daemon = NULL;
    char url[256], *token = daemon_token(cli);
    bool left = false;
    progress_catch_interrupt();
    int rc = daemon_open(cli, -1, true, &daemon, url, sizeof(url), &b.err);
    if (!rc)
        rc = client_create(url, token, &b.client, &b.err);
    if (!rc)
        rc = choose_round(&b);
    if (!rc)
        rc = ask_all(&b, &left);
    if (!rc && !left)
        report_end(&b, report);
    else if (left)
        printf("The choices so far are kept; `anima bench blind --character %s` goes on.\n", b.who);
    yyjson_doc_free(b.doc);
    client_destroy(b.client);
    daemon_close(daemon);
    mem_free(token);
    return rc ? cli_error(cli, &b.err) : CLI_OK;
}

/* ---- all rounds ---- */

struct results {
    struct jw w;
    struct buf out;
    bool json;
};

static int one_result(void *ctx, const anima_blind *r)
{
    struct results *all = ctx;
    char date[24] = "", p[16] = "";
    time_t at = (time_t)(r->made_ms / 1000);
    struct tm day;
    bool done = strcmp(r->state, "done") == 0;
    if (all->json) {
        view_blind(&all->w, NULL, r);
        return 0;
    }
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M", localtime_r(&at, &day));
    if (done)
        snprintf(p, sizeof(p), "%.3g", r->p);
    printf("%s  %-12s %-2s  %-7s %3d of %-3d", date, r->character, r->language, r->state, r->chosen, r->pairs);
    if (done)
        printf("  trained %d, prompt %d, same %d, p %s", r->trained, r->prompted, r->same, p);
    printf("  %s\n", r->adapter);
    return 0;
}

/* Works beside a running daemon: it opens the home for looking only. */
static int print_results(struct cli *cli)
{
    struct results all = { .json = cli->json };
    anima_home *home = NULL;
    anima_error err;
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    int rc = anima_home_open(&how, &home, &err);
    buf_init(&all.out, MAX_ANSWER);
    jw_init(&all.w, &all.out);
    jw_obj(&all.w, NULL);
    jw_arr(&all.w, "blinds");
    if (!rc)
        rc = anima_blind_list(home, cli_value(cli, "character"), one_result, &all, &err);
    jw_end_arr(&all.w);
    jw_end_obj(&all.w);
    anima_home_close(home);
    int status = rc && rc != ANIMA_E_NOT_FOUND ? cli_error(cli, &err) : CLI_OK; /* nobody has used this home yet */
    if (!status && cli->json)
        return cli_print(&all.out);
    buf_finish(&all.out);
    return status;
}

static int run(struct cli *cli, struct bench_report *report)
{
    const char *pairs = cli_value(cli, "pairs"), *language = cli_value(cli, "language");
    if (pairs && (atoi(pairs) < 1 || atoi(pairs) > ANIMA_BLIND_MOST))
        return cli_usage(cli, "--pairs is 1 to %d", ANIMA_BLIND_MOST);
    if (language && strcmp(language, "zh") != 0 && strcmp(language, "en") != 0)
        return cli_usage(cli, "--language is zh or en");
    if (cli_value(cli, "results"))
        return print_results(cli);
    return cli->json ? cli_usage(cli, "pairs are read, not parsed: --json goes with --results")
                     : read_a_round(cli, report);
}

const struct bench bench_blind = { "blind",
                                   "is the trained character better? you choose, and do not know which is which", run };
