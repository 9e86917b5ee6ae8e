/* verb_train.c — a character's texts become weights: in the anima that runs in this home, or in one that is started for it. */
#include "agent/character.h"
#include "agent/training.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/daemon.h"
#include "cli/progress.h"
#include "cli/train.h"
#include "server/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    const struct cli *cli;
    const char *who;
    struct client *client;
    int started; /* process of the daemon that was started for this; 0: another one runs */
    char url[256], path[100];
    bool new_lessons; /* their report is of interest */
};

/* ---- what is asked for ---- */

static bool put_number(struct jw *w, const struct cli *cli, const char *option, bool whole)
{
    const char *text = cli_value(cli, option);
    char *end;
    if (!text)
        return true;
    double x = strtod(text, &end);
    if (!*text || *end || (whole && x != (double)(int64_t)x))
        return false;
    if (whole)
        jw_int(w, option, (int64_t)x);
    else
        jw_num(w, option, x);
    return true;
}

static void put_text(struct jw *w, const struct cli *cli, const char *option)
{
    if (cli_value(cli, option))
        jw_str(w, option, cli_value(cli, option));
}

/* What was typed, to be kept with the adapter. */
static void put_command(struct jw *w, const struct cli *cli)
{
    struct buf b;
    buf_init(&b, 65536);
    buf_puts(&b, "anima train");
    for (int i = 0; i < cli->n_words; i++)
        buf_printf(&b, " %s", cli->words[i]);
    for (int i = 0; cli->verb->options[i].name; i++)
        if (cli->values[i] && strcmp(cli->verb->options[i].name, "into") != 0)
            buf_printf(&b, " --%s%s%s", cli->verb->options[i].name, cli->verb->options[i].value ? " " : "",
                       cli->values[i]);
    jw_str(w, "command", buf_str(&b));
    buf_finish(&b);
}

static bool asks_something(const struct cli *cli)
{
    static const char *const wishes[] = { "data",   "fresh",  "as-is", "model", "name",  "rank",    "alpha",
                                          "places", "epochs", "rate",  "seed",  "scale", "prepare", "more" };
    bool asked = cli->n_words > 1;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
        asked |= cli_value(cli, wishes[i]) != NULL;
    return asked;
}

/* The body of the request; without options an empty one, so that what was stopped goes on. */
static bool write_body(const struct cli *cli, struct buf *out)
{
    static const char *const whole[] = { "rank", "seed" }, *const numbers[] = { "alpha", "epochs", "rate", "scale" };
    struct jw w;
    bool good = true;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    put_text(&w, cli, "model");
    put_text(&w, cli, "name");
    put_text(&w, cli, "places");
    for (size_t i = 0; i < 2; i++)
        good &= put_number(&w, cli, whole[i], true);
    for (size_t i = 0; i < 4; i++)
        good &= put_number(&w, cli, numbers[i], false);
    if (cli_value(cli, "data") || cli_value(cli, "as-is"))
        jw_str(&w, "lessons", "as_is");
    else if (cli_value(cli, "fresh"))
        jw_str(&w, "lessons", "fresh");
    else if (cli->n_words > 1)
        jw_str(&w, "lessons", "auto");
    if (cli_value(cli, "prepare"))
        jw_bool(&w, "prepare", true);
    if (cli_value(cli, "more"))
        jw_bool(&w, "more", true);
    put_command(&w, cli);
    jw_end_obj(&w);
    return good;
}

/* ---- a daemon ---- */

static int connect_to(struct call *c, const char *url, anima_error *err)
{
    char *token = daemon_token(c->cli);
    int rc = client_create(url, token, &c->client, err);
    mem_free(token);
    return rc;
}

static int reach(struct call *c, anima_error *err)
{
    if (daemon_holder(c->cli, c->url, sizeof(c->url))) {
        daemon_unheard(c->cli);
        return connect_to(c, c->url, err);
    }
    int rc = daemon_start(c->cli, c->url, sizeof(c->url), &c->started, err);
    return rc ? rc : connect_to(c, c->url, err);
}

/* ---- the answers ---- */

static int print_json(yyjson_doc *doc, const char *what)
{
    char *json = doc ? yyjson_val_write(yyjson_obj_get(yyjson_doc_get_root(doc), what), 0, NULL) : NULL;
    if (json)
        puts(json);
    free(json); /* yyjson's own allocator */
    return json ? CLI_OK : CLI_FAILED;
}

/* Without a daemon nothing is under way: what the files say. */
static int status_from_files(struct call *c)
{
    struct training_job job;
    anima_training t = { .state = "none" };
    struct buf out;
    struct jw w;
    char *folder = train_folder(c->cli, c->who);
    if (folder && !training_state_read(folder, &job, &t, NULL) && strcmp(t.state, "running") == 0)
        snprintf(t.state, sizeof(t.state), "stopped");
    snprintf(t.character, sizeof(t.character), "%s", c->who);
    snprintf(t.folder, sizeof(t.folder), "%s", folder ? folder : "");
    mem_free(folder);
    buf_init(&out, 65536);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    view_training(&w, "training", &t);
    jw_end_obj(&w);
    yyjson_doc *doc = yyjson_read(buf_str(&out), out.len, 0);
    int status = doc ? CLI_OK : CLI_FAILED;
    if (doc && c->cli->json)
        status = print_json(doc, "training");
    else if (doc)
        train_print_state(c->cli, yyjson_obj_get(yyjson_doc_get_root(doc), "training"));
    yyjson_doc_free(doc);
    buf_finish(&out);
    return status;
}

static int show_or_stop(struct call *c, const char *method)
{
    yyjson_doc *doc = NULL;
    anima_error err;
    if (!daemon_holder(c->cli, c->url, sizeof(c->url)))
        return strcmp(method, "GET") == 0
                   ? status_from_files(c)
                   : cli_error(c->cli, (err_set(&err, ANIMA_E_NOT_FOUND, "nothing runs in this home"), &err));
    int rc = connect_to(c, c->url, &err), status = CLI_OK;
    if (!rc)
        rc = client_call(c->client, method, c->path, NULL, &doc, &err);
    if (rc)
        status = cli_error(c->cli, &err);
    else if (c->cli->json)
        status = print_json(doc, "training");
    else
        train_print_state(c->cli, yyjson_obj_get(yyjson_doc_get_root(doc), "training"));
    yyjson_doc_free(doc);
    return status;
}

static void say_background(const struct call *c)
{
    fprintf(stderr,
            "The training of %s goes on in the background, in the anima at %s.\n"
            "  anima train %s --status   how it stands\n  anima train %s --stop     ends it; it can be gone on with\n",
            c->who, c->url, c->who, c->who);
}

/* It is over. */
static int say_end(struct call *c, const struct train_end *end)
{
    anima_error err;
    const char *into = cli_value(c->cli, "into");
    char *home = c->cli->home ? mem_strdup(c->cli->home) : fs_home_dir();
    bool done = strcmp(end->state, "done") == 0;
    int status = end->code ? CLI_FAILED : CLI_OK;
    if (end->code)
        status = cli_error(c->cli, (err_set(&err, end->code, "%s", end->message), &err));
    else if (done && into && train_copy_adapter(c->cli, c->who, end->adapter, into, &err))
        status = cli_error(c->cli, &err);
    if (c->cli->json && end->last)
        print_json(end->last, "training");
    else if (done)
        printf("%s is trained: %s/characters/%s/adapters/%s.gguf\n"
               "  anima chat --character %s      talk\n"
               "  anima config set adapter.use off     talk without it (or [adapter] use = off in a character.ini of "
               "your own)\n",
               c->who, home ? home : "", c->who, end->adapter, c->who);
    else if (strcmp(end->state, "prepared") == 0)
        printf("The lessons are in %s/training/%s/lessons.jsonl; look them through, and `anima train %s --as-is` "
               "learns them.\n",
               home ? home : "", c->who, c->who);
    else if (!end->code)
        printf("%s: %s; `anima train %s` goes on\n", c->who, end->state, c->who);
    mem_free(home);
    return status;
}

/* Before anything of its is replaced: it is there, and nobody is learning from it. */
static int check_free(struct call *c, anima_error *err)
{
    yyjson_doc *doc;
    int rc = client_call(c->client, "GET", c->path, NULL, &doc, err);
    if (rc)
        return rc;
    bool over = train_is_over(json_str(yyjson_obj_get(yyjson_doc_get_root(doc), "training"), "state", "none"));
    yyjson_doc_free(doc);
    return over ? ANIMA_OK
                : err_set(err, ANIMA_E_BUSY, "%s is being trained: %s`anima train %s --stop` ends that", c->who,
                          c->started ? "with `anima serve` running " : "", c->who);
}

static int begin(struct call *c, anima_error *err)
{
    struct buf body;
    buf_init(&body, 1u << 20);
    yyjson_doc *answer = NULL;
    bool empty = !asks_something(c->cli);
    int rc = ANIMA_OK;
    if (!write_body(c->cli, &body))
        rc = err_set(err, ANIMA_E_INVALID,
                     "--rank and --seed are whole numbers; --alpha, --epochs, --rate, --scale numbers");
    if (!rc)
        rc = reach(c, err);
    if (!rc && (c->cli->n_words > 1 || cli_value(c->cli, "data")))
        rc = check_free(c, err);
    if (!rc && c->cli->n_words > 1)
        rc = train_take_files(c->cli, c->who, c->cli->words + 1, c->cli->n_words - 1, err);
    if (!rc && cli_value(c->cli, "data"))
        rc = train_take_lessons(c->cli, c->who, cli_value(c->cli, "data"), err);
    if (!rc)
        rc = client_call(c->client, "POST", c->path, empty ? "{}" : buf_str(&body), &answer, err);
    c->new_lessons = strcmp(json_str(yyjson_obj_get(yyjson_doc_get_root(answer), "training"), "state", ""),
                            "preparing") == 0 &&
                     !cli_value(c->cli, "data") && !cli_value(c->cli, "as-is");
    yyjson_doc_free(answer);
    buf_finish(&body);
    return rc;
}

static int train(struct call *c)
{
    struct train_end end = { .last = NULL };
    anima_error err;
    progress_catch_interrupt();
    int rc = begin(c, &err), status;
    bool background = !rc && cli_value(c->cli, "background") && !cli_value(c->cli, "prepare");
    if (!rc && !background)
        rc = train_watch(c->cli, c->client, c->who, c->new_lessons && !c->cli->json, &end, &err);
    bool left = background || rc == ANIMA_E_CANCELLED;
    if (left)
        say_background(c);
    status = rc == ANIMA_E_CANCELLED ? CLI_STOPPED
             : rc                    ? cli_error(c->cli, &err)
             : background            ? CLI_OK
                                     : say_end(c, &end);
    if (c->started && !left)
        daemon_end(c->started);
    yyjson_doc_free(end.last);
    return status;
}

static int print_texts(struct call *c, yyjson_doc *last)
{
    anima_error err;
    yyjson_val *f = yyjson_obj_get(yyjson_doc_get_root(last), "facts"), *error = yyjson_obj_get(f, "error");
    if (c->cli->json)
        print_json(last, "facts");
    else
        train_print_texts(f);
    if (!error || yyjson_is_null(error))
        return CLI_OK;
    return cli_error(
        c->cli,
        (err_set(&err, err_code(json_str(error, "code", "engine")), "%s", json_str(error, "message", "")), &err));
}

static int begin_texts(struct call *c, anima_error *err)
{
    yyjson_doc *answer = NULL;
    struct buf body;
    struct jw w;
    int rc = ANIMA_OK;
    buf_init(&body, 4096);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    put_text(&w, c->cli, "model");
    jw_end_obj(&w);
    if (c->cli->n_words > 1)
        rc = train_take_texts(c->cli, c->who, c->cli->words + 1, c->cli->n_words - 1, err);
    if (!rc)
        rc = reach(c, err);
    if (!rc)
        rc = client_call(c->client, "POST", c->path, buf_str(&body), &answer, err);
    yyjson_doc_free(answer);
    buf_finish(&body);
    return rc;
}

/* How it stands, or its end. */
static int look_at_texts(struct call *c, const char *method, yyjson_doc **last, anima_error *err)
{
    if (!daemon_holder(c->cli, c->url, sizeof(c->url)))
        return err_set(err, ANIMA_E_NOT_FOUND, "nothing runs in this home");
    int rc = connect_to(c, c->url, err);
    return rc ? rc : client_call(c->client, method, c->path, NULL, last, err);
}

/* Texts about the character become questions and answers, to be looked through; nothing is trained. */
static int texts(struct call *c)
{
    anima_error err;
    yyjson_doc *last = NULL;
    const char *method = cli_value(c->cli, "status") ? "GET" : cli_value(c->cli, "stop") ? "DELETE" : NULL;
    bool background = !method && cli_value(c->cli, "background");
    progress_catch_interrupt();
    int rc = method ? look_at_texts(c, method, &last, &err) : begin_texts(c, &err);
    if (!rc && !method && !background)
        rc = train_watch_texts(c->client, c->path, c->who, &last, &err);
    bool left = rc == ANIMA_E_CANCELLED || (!rc && background);
    if (left)
        fprintf(stderr,
                "It goes on in the background, in the anima at %s.\n"
                "  anima train %s --texts --status   how it stands\n  anima train %s --texts --stop     ends it; what "
                "is done stays\n",
                c->url, c->who, c->who);
    int status = rc == ANIMA_E_CANCELLED ? CLI_STOPPED
                 : rc                    ? cli_error(c->cli, &err)
                 : left                  ? CLI_OK
                                         : print_texts(c, last);
    if (c->started && !left)
        daemon_end(c->started);
    yyjson_doc_free(last);
    return status;
}

static int run(struct cli *cli)
{
    struct call c = { .cli = cli, .who = cli->n_words ? cli->words[0] : "" };
    if (!cli->n_words)
        return cli_usage(cli, "which character? `anima characters` lists them");
    if (!character_id_ok(c.who))
        return cli_usage(cli, "\"%.64s\" is no character's id", c.who);
    if (cli_value(cli, "data") && cli->n_words > 1)
        return cli_usage(cli, "--data is instead of files");
    bool about = cli_value(cli, "texts");
    snprintf(c.path, sizeof(c.path), "/characters/%s/%s", c.who,
             about                      ? "facts"
             : cli_value(cli, "finish") ? "training/finish"
                                        : "training");
    int status = about                      ? texts(&c)
                 : cli_value(cli, "status") ? show_or_stop(&c, "GET")
                 : cli_value(cli, "stop")   ? show_or_stop(&c, "DELETE")
                                            : train(&c);
    client_destroy(c.client);
    return status;
}

static const struct cli_option options[] = {
    { "texts", NULL, "the FILEs and folders are texts about it: make questions and answers of them, and nothing else" },
    { "prepare", NULL, "make the lessons and the report, to be looked through, and nothing else" },
    { "fresh", NULL, "make the lessons anew, even if they were edited" },
    { "as-is", NULL, "learn the lessons that are there" },
    { "more", NULL, "go on from the adapter in use, instead of beginning with none" },
    { "data", "FILE", "learn these lessons (.jsonl: {\"messages\": [{\"role\", \"content\"}, …]} a line)" },
    { "model", "NAME", "which model is trained (the character's, else model.default)" },
    { "name", "NAME", "how the adapter is called (as the model)" },
    { "rank", "N", "columns of its matrices (5)" },
    { "alpha", "X", "its strength (twice the rank)" },
    { "places", "LIST", "which products it changes (q,k,v,o,gate,up,down)" },
    { "epochs", "X", "how often every lesson is seen, at most (1)" },
    { "rate", "X", "highest learning rate (0.0004)" },
    { "seed", "N", "of the first numbers and the order (1)" },
    { "scale", "X", "how strongly it counts when it is used (1)" },
    { "background", NULL, "begin, and leave" },
    { "status", NULL, "how it stands" },
    { "stop", NULL, "end it behind its step; `anima train ID` goes on" },
    { "finish", NULL, "end it behind its step, and use what it has learnt so far" },
    { "into", "DIR", "copy the finished adapter into DIR/adapters, too" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_train = {
    .name = "train",
    .summary = "train a character: its texts become weights of the model",
    .usage = "CHARACTER [FILE…] [--prepare] [--background] [--status] [--stop]",
    .options = options,
    .details = "Learns from the character's corpus/, from share/corpus, and from FILEs of your own: conversations "
               "(.md), messages\n"
               "(.jsonl) or lines of somebody's own (.txt); docs/training.md tells more. It computes in the anima that "
               "runs in this home\n"
               "(one is started if there is none), beside conversations, which go first. Ctrl-C leaves it running. "
               "After a crash or a\n"
               "stop, `anima train CHARACTER` goes on from the last checkpoint.\n\n"
               "Examples:\n  anima train lin\n  anima train lin --prepare\n  anima train lin --texts notes/ life.md\n  "
               "anima train me my-lines.txt --background\n"
               "  anima train lin --status",
    .run = run,
};
