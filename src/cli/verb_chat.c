/* verb_chat.c — talking in the terminal. It is a client of the daemon like the page: if none runs, it starts one in a thread
 * of this process, so that the page is there too. */
#include "base/err.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/daemon.h"
#include "cli/progress.h"
#include "cli/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTED 20
#define PAGE 500 /* turns of one answer */

struct chat {
    struct cli *cli;
    struct client *client;
    char url[256];
    char conversation[24], character[65], name[128];
    const char *person;
    char person_text[80];
    bool terminal;
    struct terminal *tty;    /* NULL: lines come from a pipe */
    char listed[LISTED][24]; /* ids of the last /list */
    /* the reply that is being shown */
    int64_t reply;
    size_t shown;   /* bytes of it */
    bool cancelled; /* we asked to stop it */
    char state[16], error[512];
};

/* ---- the reply as it comes ---- */

static void show_text(struct chat *c, const char *text, size_t n)
{
    cli_put(text, n);
    fflush(stdout);
    c->shown += n;
}

/* A turn as a whole: what was not shown yet. Non-zero when it is over. */
static int show_turn(struct chat *c, yyjson_val *turn)
{
    if (json_int(turn, "seq", 0) != c->reply)
        return 0;
    yyjson_val *text = yyjson_obj_get(turn, "text");
    size_t n = yyjson_get_len(text);
    if (n > c->shown)
        show_text(c, yyjson_get_str(text) + c->shown, n - c->shown);
    const char *state = json_str(turn, "state", "");
    snprintf(c->state, sizeof(c->state), "%s", state);
    snprintf(c->error, sizeof(c->error), "%s", json_str(yyjson_obj_get(turn, "error"), "message", ""));
    return strcmp(state, "waiting") != 0 && strcmp(state, "streaming") != 0;
}

static int on_event(void *ctx, yyjson_val *event)
{
    struct chat *c = ctx;
    const char *type = json_str(event, "type", "");
    if (strcmp(type, "turn.delta") == 0 && json_int(event, "seq", 0) == c->reply) {
        yyjson_val *text = yyjson_obj_get(event, "text");
        if ((size_t)json_int(event, "offset", 0) == c->shown && yyjson_is_str(text))
            show_text(c, yyjson_get_str(text), yyjson_get_len(text));
    } else if (strcmp(type, "turn.done") == 0) {
        return show_turn(c, yyjson_obj_get(event, "turn"));
    } else if (strcmp(type, "sync") == 0) {
        size_t i, n;
        yyjson_val *turn;
        yyjson_arr_foreach (yyjson_obj_get(event, "turns"), i, n, turn) {
            if (show_turn(c, turn))
                return 1;
        }
    }
    return 0;
}

/* Ctrl-C stops the reply; its end comes as an event. A second one ends the chat. */
static int on_idle(void *ctx)
{
    struct chat *c = ctx;
    char path[80];
    if (!progress_interrupted())
        return 0;
    if (c->cancelled)
        return 1;
    progress_forget_interrupt();
    c->cancelled = true;
    snprintf(path, sizeof(path), "/conversations/%s/cancel", c->conversation);
    client_call(c->client, "POST", path, NULL, NULL, NULL);
    return 0;
}

static int follow(struct chat *c, anima_error *err)
{
    char path[100];
    int rc;
    c->shown = 0;
    c->cancelled = false;
    if (c->terminal)
        printf("%s%s:%s ", cli_green(c->cli), c->name, cli_plain(c->cli));
    fflush(stdout);
    for (int tries = 0;; tries++) { /* a stream that broke is taken up again behind what was shown */
        snprintf(path, sizeof(path), "/conversations/%s/events?after=%lld", c->conversation, (long long)c->reply - 1);
        rc = client_events(c->client, path, on_event, on_idle, c, err);
        if (rc != ANIMA_E_IO || tries == 5)
            break;
        usleep(300000);
    }
    putchar('\n');
    if (!rc && strcmp(c->state, "failed") == 0)
        return err_set(err, ANIMA_E_ENGINE, "%s", c->error);
    return rc;
}

/* ---- saying something ---- */

static int say(struct chat *c, const char *text, anima_error *err)
{
    struct buf body;
    struct jw w;
    char path[80], id[17];
    yyjson_doc *answer;
    rnd_name(id, 16);
    buf_init(&body, 1u << 20);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_str(&w, "text", text);
    jw_str(&w, "client_id", id);
    if (c->person)
        jw_str(&w, "person", c->person);
    jw_end_obj(&w);
    snprintf(path, sizeof(path), "/conversations/%s/messages", c->conversation);
    int rc = body.failed ? err_set(err, body.failed, "the message is too long")
                         : client_call(c->client, "POST", path, body.data, &answer, err);
    buf_finish(&body);
    if (rc)
        return rc;
    c->reply = json_int(yyjson_doc_get_root(answer), "reply", 0);
    yyjson_doc_free(answer);
    return follow(c, err);
}

static int retry(struct chat *c, anima_error *err)
{
    char path[80];
    yyjson_doc *answer;
    snprintf(path, sizeof(path), "/conversations/%s/retry", c->conversation);
    int rc = client_call(c->client, "POST", path, NULL, &answer, err);
    if (rc)
        return rc;
    c->reply = json_int(yyjson_doc_get_root(answer), "reply", 0);
    yyjson_doc_free(answer);
    return follow(c, err);
}

/* ---- which conversation ---- */

static void find_name(struct chat *c)
{
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *one;
    snprintf(c->name, sizeof(c->name), "%s", c->character);
    if (client_call(c->client, "GET", "/characters", NULL, &doc, NULL))
        return;
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "characters"), i, n, one) {
        if (strcmp(json_str(one, "id", ""), c->character) == 0)
            snprintf(c->name, sizeof(c->name), "%s", json_str(one, "name", c->character));
    }
    yyjson_doc_free(doc);
}

static void print_turn(struct chat *c, yyjson_val *turn)
{
    bool person = strcmp(json_str(turn, "role", ""), "person") == 0;
    const char *name = person ? json_str(yyjson_obj_get(turn, "person"), "name", "") : c->name;
    const char *text = json_str(turn, "text", "");
    printf("%s%s:%s ", person ? cli_bold(c->cli) : cli_green(c->cli), name, cli_plain(c->cli));
    cli_put(text, strlen(text));
    putchar('\n');
}

/* A conversation with its last turns: the oldest stand first, so a long one is read from near its end on. */
static int read_conversation(struct chat *c, const char *id, yyjson_doc **doc, anima_error *err)
{
    char path[120];
    int64_t after = 0;
    for (int look = 0; look < 2; look++) {
        snprintf(path, sizeof(path), "/conversations/%.40s?limit=%d&after=%lld", id, PAGE, (long long)after);
        int rc = client_call(c->client, "GET", path, NULL, doc, err);
        if (rc)
            return rc;
        int64_t turns = json_int(yyjson_obj_get(yyjson_doc_get_root(*doc), "conversation"), "turns", 0);
        if (look || turns <= PAGE)
            break;
        yyjson_doc_free(*doc);
        after = turns - PAGE + 100; /* seqs run ahead of their number where turns were forgotten */
    }
    return ANIMA_OK;
}

static int open_conversation(struct chat *c, const char *id, anima_error *err)
{
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *turn;
    int rc = read_conversation(c, id, &doc, err);
    if (rc)
        return rc;
    yyjson_val *info = yyjson_obj_get(yyjson_doc_get_root(doc), "conversation"),
               *turns = yyjson_obj_get(yyjson_doc_get_root(doc), "turns");
    snprintf(c->conversation, sizeof(c->conversation), "%s", json_str(info, "id", ""));
    snprintf(c->character, sizeof(c->character), "%s", json_str(info, "character", ""));
    find_name(c);
    if (c->terminal) {
        size_t all = yyjson_arr_size(turns);
        yyjson_arr_foreach (turns, i, n, turn) {
            if (i + 6 >= all)
                print_turn(c, turn);
            if (c->tty && strcmp(json_str(turn, "role", ""), "person") == 0)
                line_remember(terminal_line(c->tty), json_str(turn, "text", ""));
        }
    }
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

static int new_conversation(struct chat *c, const char *character, const char *greeting, anima_error *err)
{
    struct buf body;
    struct jw w;
    yyjson_doc *doc;
    buf_init(&body, 4096);
    jw_init(&w, &body);
    jw_obj(&w, NULL);
    jw_str(&w, "character", character);
    if (greeting)
        jw_int(&w, "greeting", atoi(greeting));
    jw_end_obj(&w);
    int rc = client_call(c->client, "POST", "/conversations", buf_str(&body), &doc, err);
    buf_finish(&body);
    if (rc)
        return rc;
    char id[24];
    snprintf(id, sizeof(id), "%s", json_str(yyjson_obj_get(yyjson_doc_get_root(doc), "conversation"), "id", ""));
    yyjson_doc_free(doc);
    return open_conversation(c, id, err);
}

/* The newest conversation, if there is one (with that character, if one is named). */
static bool newest(struct chat *c, const char *character, char *id, size_t size)
{
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *one;
    id[0] = '\0';
    if (client_call(c->client, "GET", "/conversations?limit=100", NULL, &doc, NULL))
        return false;
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "conversations"), i, n, one) {
        if (!*id && (!character || strcmp(json_str(one, "character", ""), character) == 0))
            snprintf(id, size, "%s", json_str(one, "id", ""));
    }
    yyjson_doc_free(doc);
    return *id != '\0';
}

static int first_character(struct chat *c, char *out, size_t size, anima_error *err)
{
    yyjson_doc *doc;
    int rc = client_call(c->client, "GET", "/characters", NULL, &doc, err);
    if (rc)
        return rc;
    snprintf(out, size, "%s",
             json_str(yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "characters")), "id", ""));
    yyjson_doc_free(doc);
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "this home has no character");
}

/* A terminal goes on with the last conversation; a pipe begins a new one, so that its answers depend on its lines alone. */
static int choose_conversation(struct chat *c, anima_error *err)
{
    const char *id = cli_value(c->cli, "conversation"), *character = cli_value(c->cli, "character");
    const char *greeting = cli_value(c->cli, "greeting");
    char found[65];
    if (id)
        return open_conversation(c, id, err);
    if (c->terminal && !cli_value(c->cli, "new") && !greeting && newest(c, character, found, sizeof(found)))
        return open_conversation(c, found, err);
    if (character)
        return new_conversation(c, character, greeting, err);
    int rc = first_character(c, found, sizeof(found), err);
    return rc ? rc : new_conversation(c, found, greeting, err);
}

/* ---- waiting for the model ---- */

static int wait_for_engine(struct chat *c, anima_error *err)
{
    char state[24] = "";
    int rc = ANIMA_OK;
    for (int i = 0; i < 6000 && !rc && !progress_interrupted(); i++) {
        yyjson_doc *doc;
        rc = client_call(c->client, "GET", "/status", NULL, &doc, err);
        if (rc)
            break;
        yyjson_val *engine = yyjson_arr_get_first(yyjson_obj_get(yyjson_doc_get_root(doc), "engines"));
        snprintf(state, sizeof(state), "%s", engine ? json_str(engine, "state", "") : "stopped");
        if (strcmp(state, "failed") == 0)
            rc = err_set(err, ANIMA_E_ENGINE, "%s", json_str(engine, "message", "the model did not load"));
        if (c->terminal && strcmp(state, "ready") != 0 && strcmp(state, "stopped") != 0)
            fprintf(stderr, "\r\033[Kloading %s … %.0f %%", json_str(engine, "model", ""),
                    json_num(engine, "progress", 0) * 100);
        yyjson_doc_free(doc);
        if (strcmp(state, "ready") == 0 || strcmp(state, "stopped") == 0)
            break;
        usleep(100000);
    }
    if (c->terminal)
        fputs("\r\033[K", stderr);
    return !rc && !c->terminal && progress_interrupted() ? err_set(err, ANIMA_E_CANCELLED, "stopped") : rc;
}

/* ---- the lines ---- */

static void commands(void)
{
    puts("/new [CHARACTER]  begin a conversation      /list      conversations\n"
         "/open N or ID     go on with one            /who NAME  speak as somebody else\n"
         "/retry            try the last reply again  /quit      leave (also Ctrl-D)");
}

static int list_conversations(struct chat *c, anima_error *err)
{
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *one;
    int rc = client_call(c->client, "GET", "/conversations?limit=20", NULL, &doc, err);
    if (rc)
        return rc;
    memset(c->listed, 0, sizeof(c->listed));
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "conversations"), i, n, one) {
        if (i == LISTED)
            break;
        const char *title = json_str(one, "title", "");
        snprintf(c->listed[i], sizeof(c->listed[i]), "%s", json_str(one, "id", ""));
        printf("%s%2zu%s  %-8s ", cli_bold(c->cli), i + 1, cli_plain(c->cli), json_str(one, "character", ""));
        cli_put(title, strlen(title));
        printf("  %s%s%s\n", cli_dim(c->cli), c->listed[i], cli_plain(c->cli));
    }
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

/* What /open takes: a number of the last /list, or an id. */
static const char *listed_id(const struct chat *c, const char *word)
{
    size_t n = strlen(word) < 3 ? (size_t)atoi(word) : 0;
    return n >= 1 && n <= LISTED && *c->listed[n - 1] ? c->listed[n - 1] : word;
}

/* A line that begins with "/". False: leave. */
static bool command(struct chat *c, char *line, anima_error *err, int *rc)
{
    char *word = line + strcspn(line, " ");
    while (*word == ' ')
        *word++ = '\0';
    *rc = ANIMA_OK;
    if (strcmp(line, "/quit") == 0)
        return false;
    if (strcmp(line, "/new") == 0)
        *rc = new_conversation(c, *word ? word : c->character, NULL, err);
    else if (strcmp(line, "/list") == 0)
        *rc = list_conversations(c, err);
    else if (strcmp(line, "/open") == 0)
        *rc = open_conversation(c, listed_id(c, word), err);
    else if (strcmp(line, "/retry") == 0)
        *rc = retry(c, err);
    else if (strcmp(line, "/who") == 0 && *word) {
        snprintf(c->person_text, sizeof(c->person_text), "%s", word);
        c->person = c->person_text;
    } else {
        commands();
    }
    return true;
}

/* Yours to mem_free; NULL: there is no more. */
static char *next_line(const struct chat *c)
{
    if (c->tty)
        return terminal_read(c->tty, "› ");
    char *line = NULL, *copy = NULL;
    size_t size = 0;
    if (getline(&line, &size, stdin) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        copy = mem_strdup(line);
    }
    free(line);
    return copy;
}

static int talk(struct chat *c)
{
    int status = CLI_OK;
    char *line;
    while ((line = next_line(c))) {
        anima_error err;
        int rc = ANIMA_OK;
        bool more = true;
        progress_forget_interrupt();
        if (line[0] == '/')
            more = command(c, line, &err, &rc);
        else if (line[strspn(line, " \t")])
            rc = say(c, line, &err);
        mem_free(line);
        if (rc == ANIMA_E_CANCELLED || (!c->tty && c->cancelled))
            return CLI_STOPPED;
        if (rc)
            status = cli_error(c->cli, &err);
        if (!more)
            break;
        if (c->terminal)
            status = CLI_OK; /* the person has seen it */
    }
    return status;
}

static void welcome(const struct chat *c, bool ours)
{
    printf("%s%s%s is here. The page is at %s%s%s%s. /help shows what else you can do.\n", cli_bold(c->cli), c->name,
           cli_plain(c->cli), cli_bold(c->cli), c->url, cli_plain(c->cli), ours ? "" : " (a running anima)");
}

static int run(struct cli *cli)
{
    struct chat c = { .cli = cli,
                      .person = cli_value(cli, "person"),
                      .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) };
    struct daemon *daemon = NULL;
    anima_error err;
    char *token = daemon_token(cli);
    progress_catch_interrupt();
    int rc = daemon_open(cli, cli_value(cli, "no-page") ? 0 : -1, true, &daemon, c.url, sizeof(c.url), &err);
    if (!rc)
        rc = client_create(c.url, token, &c.client, &err);
    if (!rc)
        rc = wait_for_engine(&c, &err);
    if (!rc && c.terminal)
        rc = terminal_open(&c.tty, &err);
    if (!rc)
        rc = choose_conversation(&c, &err);
    if (!rc && c.terminal)
        welcome(&c, daemon != NULL);
    int status = rc == ANIMA_E_CANCELLED ? CLI_STOPPED : rc ? cli_error(cli, &err) : talk(&c);
    terminal_close(c.tty);
    client_destroy(c.client);
    daemon_close(daemon);
    mem_free(token);
    return status;
}

static const struct cli_option options[] = {
    { "character", "ID", "whom to talk to" },
    { "conversation", "ID", "which conversation to go on with" },
    { "person", "NAME", "who you are (setting person.name)" },
    { "new", NULL, "begin a new conversation" },
    { "greeting", "N", "begin one with greeting N (`anima characters show ID` lists them)" },
    { "no-page", NULL, "serve the page on any free port instead of server.port" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_chat = {
    .name = "chat",
    .summary = "talk in the terminal; the page is there too",
    .usage = "[--character ID] [--conversation ID] [--person NAME] [--new] [--greeting N]",
    .options = options,
    .details = "Goes on with the last conversation. Ctrl-C stops a reply, Ctrl-D leaves. With stdin not a terminal it "
               "answers\n"
               "the lines it reads, in a new conversation, and ends with 0 if every line was answered.\n\nExamples:\n"
               "  anima chat\n  echo 你好 | anima chat --person 小雨",
    .run = run,
};
