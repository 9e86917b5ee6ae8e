/* memory_forget.c — forget for good, keep in mind, what may be passed on, what was not told and why: over the API of the daemon that has the
 * home, or of one of our own meanwhile. Nothing is forgotten before it was shown and agreed to. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/conversations.h"
#include "cli/memory.h"
#include "cli/peer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_MAX 65536
#define MOST_TURNS 64

static int put_json(yyjson_doc *doc)
{
    char *text = yyjson_write(doc, 0, NULL);
    int status = text && puts(text) >= 0 ? CLI_OK : CLI_FAILED;
    free(text); /* yyjson's own allocator */
    return status;
}

static void put_encoded(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++)
        buf_printf(out, isalnum((unsigned char)*p) ? "%c" : "%%%02X", (unsigned char)*p);
}

/* One line, whatever it says. */
static void put_text(const char *text)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        n = strcspn(text, "\r\n");
        cli_put(text, n);
        putchar(text[n] ? ' ' : '\n');
    }
}

/* A call with one answer. Prints the error; the answer is yours. */
static int call(struct cli *cli, struct peer *peer, const char *method, struct buf *path, const char *body,
                yyjson_doc **doc)
{
    anima_error err;
    *doc = NULL;
    if (path->failed)
        return cli_usage(cli, "that is too long");
    return client_call(peer->client, method, buf_str(path), body, doc, &err) ? cli_error(cli, &err) : CLI_OK;
}

/* ---- forget ---- */

struct turns {
    struct place {
        char conversation[64];
        int64_t seq;
    } list[MOST_TURNS];
    size_t n;
    bool more;
};

static char *places(const struct turns *turns, bool look)
{
    struct buf b;
    struct jw w;
    buf_init(&b, BODY_MAX);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_arr(&w, "turns");
    for (size_t i = 0; i < turns->n; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "conversation", turns->list[i].conversation);
        jw_int(&w, "seq", turns->list[i].seq);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_bool(&w, "look", look);
    jw_end_obj(&w);
    return buf_take(&b);
}

static int find(struct cli *cli, struct peer *peer, const char *words, struct turns *turns)
{
    struct buf path;
    yyjson_doc *doc;
    size_t i, max;
    yyjson_val *m;
    buf_init(&path, BODY_MAX);
    buf_puts(&path, "/memory?limit=200&q=");
    put_encoded(&path, words);
    buf_puts(&path, "&character=");
    put_encoded(&path, cli_value(cli, "character") ? cli_value(cli, "character") : "");
    int status = call(cli, peer, "GET", &path, NULL, &doc);
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "memories"), i, max, m) {
        if (turns->n == MOST_TURNS) {
            turns->more = true;
            break;
        }
        struct place *place = &turns->list[turns->n++];
        snprintf(place->conversation, sizeof(place->conversation), "%s", json_str(m, "conversation", ""));
        place->seq = json_int(m, "seq", 0);
    }
    yyjson_doc_free(doc);
    buf_finish(&path);
    return status;
}

static void print_forgotten(const struct cli *cli, yyjson_val *answer)
{
    static const char *const why[][2] = { { "asked", "" },
                                          { "copy", "  (a copy in a fork)" },
                                          { "repeats", "  (says it again)" },
                                          { "request", "  (stays without it)" } };
    size_t i, max;
    yyjson_val *t;
    char when[32];
    yyjson_arr_foreach (yyjson_obj_get(answer, "items"), i, max, t) {
        const char *who = json_str(t, "person", json_str(t, "character", "")), *reason = json_str(t, "why", "");
        printf("%s%s%s  %s", cli_dim(cli), conversations_when(json_int(t, "at_ms", 0), when, sizeof(when)),
               cli_plain(cli), cli_bold(cli));
        cli_put(who, strlen(who));
        printf("%s  %s%s %lld%s", cli_plain(cli), cli_dim(cli), json_str(t, "conversation", ""),
               (long long)json_int(t, "seq", 0), cli_plain(cli));
        for (size_t k = 0; k < sizeof(why) / sizeof(*why); k++)
            fputs(strcmp(why[k][0], reason) == 0 ? why[k][1] : "", stdout);
        fputs("\n  ", stdout);
        put_text(json_str(t, "text", ""));
    }
    fflush(stdout);
}

/* Only a clear yes is one. */
static bool agreed(void)
{
    char line[16] = "";
    fputs("Shall all of this be forgotten for good? [y/N] ", stderr);
    return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int forget_them(struct cli *cli, struct peer *peer, const struct turns *turns, bool look, yyjson_doc **doc)
{
    struct buf path;
    char *body = places(turns, look);
    buf_init(&path, BODY_MAX);
    buf_puts(&path, "/memory/forget");
    int status = body ? call(cli, peer, "POST", &path, body, doc) : CLI_FAILED;
    buf_finish(&path);
    mem_free(body);
    return status;
}

static int show_and_ask(struct cli *cli, struct peer *peer, const struct turns *turns, bool *go_on)
{
    bool dry = cli_value(cli, "dry-run"), yes = cli_value(cli, "yes");
    yyjson_doc *doc = NULL;
    int status = forget_them(cli, peer, turns, true, &doc);
    bool some = yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(doc), "items"));
    if (!status && cli->json && dry)
        status = put_json(doc);
    else if (!status && !cli->json)
        print_forgotten(cli, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    *go_on = false;
    if (status || dry)
        return status;
    if (some && !yes && !isatty(STDIN_FILENO))
        return cli_usage(cli, "forget asks first; where nobody can answer it needs --yes");
    *go_on = some && (yes || agreed());
    if (!some)
        puts("It is forgotten already.");
    return *go_on || !some ? CLI_OK : CLI_STOPPED;
}

static int forget_all(struct cli *cli, struct peer *peer, struct turns *turns)
{
    yyjson_doc *doc = NULL;
    bool go_on;
    if (!turns->n) {
        puts("Nothing was found.");
        return CLI_NOT_FOUND;
    }
    if (turns->more)
        return cli_usage(cli, "more than %d turns have these words: name more of them", MOST_TURNS);
    int status = show_and_ask(cli, peer, turns, &go_on);
    if (!status && go_on)
        status = forget_them(cli, peer, turns, false, &doc);
    if (!status && go_on && cli->json)
        status = put_json(doc);
    else if (!status && go_on)
        printf("Forgotten: %lld turns and %lld replies.%s\n", (long long)json_int(yyjson_doc_get_root(doc), "said", 0),
               (long long)json_int(yyjson_doc_get_root(doc), "replies", 0),
               json_bool(yyjson_doc_get_root(doc), "purged", true)
                   ? ""
                   : " The last bytes leave the store a little later: it is large, or another program is reading it.");
    yyjson_doc_free(doc);
    return status;
}

/* The place in words[1] and words[2]; CLI_OK, or it is said what is missing. */
static int read_place(struct cli *cli, struct turns *turns)
{
    char *end;
    long long seq = cli->n_words == 3 ? strtoll(cli->words[2], &end, 10) : 0;
    if (cli->n_words != 3 || *end || seq < 1)
        return cli_usage(cli, "`memory %s` takes CONVERSATION TURN", cli->words[0]);
    snprintf(turns->list[0].conversation, sizeof(turns->list[0].conversation), "%s", cli->words[1]);
    turns->list[0].seq = seq;
    turns->n = 1;
    return CLI_OK;
}

int memory_forget_said(struct cli *cli)
{
    struct turns *turns = mem_zero(1, sizeof(*turns));
    struct peer peer = { .own = NULL };
    const char *words = cli_value(cli, "search");
    int status = !turns                       ? CLI_FAILED
                 : words && cli->n_words == 1 ? CLI_OK
                 : words                      ? cli_usage(cli, "--search takes the place of CONVERSATION TURN")
                                              : read_place(cli, turns);
    if (!status) {
        status = peer_open(cli, &peer);
        if (!status && words)
            status = find(cli, &peer, words, turns);
        if (!status)
            status = forget_all(cli, &peer, turns);
        peer_close(&peer);
    }
    mem_free(turns);
    return status;
}

/* ---- a call and its answer ---- */

typedef void show_fn(const struct cli *cli, yyjson_val *answer);

static int ask(struct cli *cli, const char *method, struct buf *path, const char *body, show_fn *show)
{
    struct peer peer;
    yyjson_doc *doc = NULL;
    int status = peer_open(cli, &peer);
    if (!status)
        status = call(cli, &peer, method, path, body, &doc);
    peer_close(&peer);
    if (!status && cli->json)
        status = put_json(doc);
    else if (!status)
        show(cli, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return status;
}

/* Of the turn that the call names, as CONVERSATION TURN. */
static int ask_of_turn(struct cli *cli, const char *method, const char *what, const char *body, show_fn *show)
{
    struct turns turns = { .n = 0 };
    struct buf path;
    int status = read_place(cli, &turns);
    if (status)
        return status;
    buf_init(&path, BODY_MAX);
    buf_puts(&path, "/conversations/");
    put_encoded(&path, turns.list[0].conversation);
    buf_printf(&path, "/turns/%lld/%s", (long long)turns.list[0].seq, what);
    status = ask(cli, method, &path, body, show);
    buf_finish(&path);
    return status;
}

/* ---- pins ---- */

static void show_pinned(const struct cli *cli, yyjson_val *answer)
{
    (void)cli;
    puts(json_bool(answer, "pinned", false) ? "Kept in mind." : "Not kept in mind any more.");
}

int memory_pin(struct cli *cli)
{
    bool pin = strcmp(cli->words[0], "pin") == 0;
    return ask_of_turn(cli, pin ? "PUT" : "DELETE", "pin", pin ? "{}" : NULL, show_pinned);
}

/* ---- rules ---- */

static void put_name(const char *name) { cli_put(name, strlen(name)); }

static void show_rules(const struct cli *cli, yyjson_val *answer)
{
    size_t i, max;
    yyjson_val *r;
    yyjson_arr_foreach (yyjson_obj_get(answer, "rules"), i, max, r) {
        const char *other = json_str(r, "other", ""), *character = json_str(r, "character", "");
        printf("%s%lld%s  ", cli_dim(cli), (long long)json_int(r, "id", 0), cli_plain(cli));
        if (*other)
            fputs("personal things of ", stdout);
        else
            fputs("what ", stdout);
        put_name(json_str(r, "person", ""));
        fputs(*other ? " may be told to " : " tells goes to nobody else", stdout);
        put_name(other);
        printf("%s%s\n", *character ? ", by " : "", character);
    }
    if (!yyjson_arr_size(yyjson_obj_get(answer, "rules")))
        puts("There are no rules: what is personal is told to those who heard it, and to whom its owner allows.");
}

int memory_rules(struct cli *cli)
{
    struct buf path;
    buf_init(&path, BODY_MAX);
    buf_puts(&path, "/memory/rules");
    int status = ask(cli, "GET", &path, NULL, show_rules);
    buf_finish(&path);
    return status;
}

static char *rule_body(const struct cli *cli, const char *other)
{
    struct buf b;
    struct jw w;
    buf_init(&b, BODY_MAX);
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    if (cli_value(cli, "person"))
        jw_str(&w, "person", cli_value(cli, "person"));
    if (cli_value(cli, "character"))
        jw_str(&w, "character", cli_value(cli, "character"));
    if (other)
        jw_str(&w, "other", other);
    jw_end_obj(&w);
    return buf_take(&b);
}

/* rule never · rule allow NAME · rule delete ID */
int memory_rule(struct cli *cli)
{
    const char *what = cli->n_words > 1 ? cli->words[1] : "";
    bool never = strcmp(what, "never") == 0, allow = strcmp(what, "allow") == 0, drop = strcmp(what, "delete") == 0;
    struct buf path;
    if (cli->n_words != (never ? 2 : 3) || (!never && !allow && !drop))
        return cli_usage(cli, "`memory rule` takes never, allow NAME, or delete RULE");
    char *body = drop ? NULL : rule_body(cli, allow ? cli->words[2] : NULL);
    if (!drop && !body)
        return CLI_FAILED;
    buf_init(&path, BODY_MAX);
    buf_puts(&path, "/memory/rules");
    if (drop) {
        buf_puts(&path, "/");
        put_encoded(&path, cli->words[2]);
    }
    int status = ask(cli, drop ? "DELETE" : "POST", &path, body, show_rules);
    buf_finish(&path);
    mem_free(body);
    return status;
}

/* ---- what was not told ---- */

static void show_refused(const struct cli *cli, yyjson_val *answer)
{
    size_t i, max;
    yyjson_val *item;
    char when[32];
    yyjson_arr_foreach (yyjson_obj_get(answer, "items"), i, max, item) {
        yyjson_val *m = yyjson_obj_get(item, "memory");
        const char *who = json_str(m, "person", json_str(m, "character", "")), *person = json_str(item, "person", "");
        printf("%s%s%s  %s", cli_dim(cli), conversations_when(json_int(m, "at_ms", 0), when, sizeof(when)),
               cli_plain(cli), cli_bold(cli));
        put_name(who);
        printf("%s  %s  %s%s %lld%s\n  ", cli_plain(cli), json_str(m, "class", ""), cli_dim(cli),
               json_str(m, "conversation", ""), (long long)json_int(m, "seq", 0), cli_plain(cli));
        put_text(json_str(m, "text", ""));
        printf("  %s%.1f points; not told: %s%s", cli_yellow(cli), json_num(item, "score", 0),
               json_str(item, "why_en", ""), *person ? " (" : "");
        put_name(person);
        printf("%s%s\n", *person ? ")" : "", cli_plain(cli));
    }
    if (!yyjson_arr_size(yyjson_obj_get(answer, "items")))
        puts("Nothing else was near.");
}

int memory_refused(struct cli *cli) { return ask_of_turn(cli, "GET", "memory/refused", NULL, show_refused); }
