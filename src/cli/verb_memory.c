/* verb_memory.c — what characters remember. Looking opens the home for looking only, beside a running daemon; what would come to mind needs
 * its engines, so a daemon that runs is asked over its API, else the home is opened here. Everything is shown from the API's JSON. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/conversations.h"
#include "cli/daemon.h"
#include "cli/memory.h"
#include "server/view.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (16u << 20)
#define REASONS 3  /* that are shown */
#define ATTEMPTS 3 /* of a model that is only just starting */

struct memory {
    const struct cli *cli;
    struct jw w;
    struct buf out; /* the answer, as JSON */
    bool done;
    bool by_meaning;
    int code;
    anima_error err;
};

/* ---- showing ---- */

static void put_text(const char *text)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        n = strcspn(text, "\r\n");
        cli_put(text, n);
        putchar(text[n] ? ' ' : '\n');
    }
    fflush(stdout);
}

/* 2026-01-31 14:02  Ann  The text. */
void memory_print(const struct cli *cli, yyjson_val *m)
{
    char when[32];
    const char *who = json_str(m, "person", json_str(m, "character", ""));
    const char *class = json_str(m, "class", "");
    printf("%s%s%s  %s", cli_dim(cli), conversations_when(json_int(m, "at_ms", 0), when, sizeof(when)), cli_plain(cli),
           cli_bold(cli));
    cli_put(who, strlen(who));
    printf("%s  %s%s%s", cli_plain(cli), strcmp(class, "secret") == 0 ? cli_yellow(cli) : cli_dim(cli), class,
           cli_plain(cli));
    printf("  %s%s %lld%s\n  ", cli_dim(cli), json_str(m, "conversation", ""), (long long)json_int(m, "seq", 0),
           cli_plain(cli));
    put_text(json_str(m, "text", ""));
}

static void print_memories(const struct cli *cli, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *m;
    yyjson_arr_foreach (list, i, max, m)
        memory_print(cli, m);
    if (!yyjson_arr_size(list))
        puts("Nothing was found.");
}

static void print_reasons(const struct cli *cli, yyjson_val *item)
{
    size_t i, max;
    yyjson_val *reason;
    printf("  %s%.1f points%s", cli_green(cli), json_num(item, "score", 0), cli_dim(cli));
    yyjson_arr_foreach (yyjson_obj_get(item, "reasons"), i, max, reason)
        if (i < REASONS)
            printf("%s %s %.1f", i ? "," : ":", json_str(reason, "about", ""), json_num(reason, "points", 0));
    printf("%s\n", cli_plain(cli));
}

static void print_recall(const struct cli *cli, yyjson_val *answer)
{
    size_t i, max;
    yyjson_val *item, *items = yyjson_obj_get(answer, "items");
    if (!yyjson_is_true(yyjson_obj_get(answer, "about")))
        printf("Nothing that may be told is about it.%s\n", yyjson_arr_size(items) ? " What is nearest:" : "");
    yyjson_arr_foreach (items, i, max, item) {
        memory_print(cli, yyjson_obj_get(item, "memory"));
        print_reasons(cli, item);
        if (!yyjson_is_true(yyjson_obj_get(item, "told")))
            printf("  %s(too far to be told)%s\n", cli_dim(cli), cli_plain(cli));
    }
    if (!yyjson_is_true(yyjson_obj_get(answer, "by_meaning")))
        printf("%sBy words only: no model said what it means.%s\n", cli_dim(cli), cli_plain(cli));
}

/* Passages of documents that a reply was told. */
static void print_passages(const struct cli *cli, yyjson_val *passages)
{
    size_t i, max;
    yyjson_val *p;
    yyjson_arr_foreach (passages, i, max, p) {
        const char *place = json_str(p, "place", "");
        printf("%sfrom%s  %s", cli_dim(cli), cli_plain(cli), cli_bold(cli));
        cli_put(place, strlen(place));
        printf("%s\n  ", cli_plain(cli));
        put_text(json_str(p, "text", ""));
    }
}

static void print_told(const struct cli *cli, yyjson_val *items, yyjson_val *passages)
{
    size_t i, max;
    yyjson_val *item;
    yyjson_arr_foreach (items, i, max, item) {
        memory_print(cli, yyjson_obj_get(item, "memory"));
        printf("  %s%.1f points%s%s\n", cli_green(cli), json_num(item, "score", 0), cli_plain(cli),
               yyjson_is_true(yyjson_obj_get(item, "changed")) ? "; its text is another by now" : "");
    }
    print_passages(cli, passages);
    if (!yyjson_arr_size(items) && !yyjson_arr_size(passages))
        puts("Nothing was remembered for this turn.");
}

/* lives in York  since 2026-01-31 14:02 / until …  (from …), and the turn that told it. */
static void print_known(const struct cli *cli, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *k;
    char from[32], until[32];
    yyjson_arr_foreach (list, i, max, k) {
        const char *text = json_str(k, "text", "");
        bool holds = yyjson_is_true(yyjson_obj_get(k, "holds"));
        printf("%s", holds ? cli_bold(cli) : cli_dim(cli));
        cli_put(text, strlen(text));
        printf("%s%s  since %s", cli_plain(cli), cli_dim(cli),
               conversations_when(json_int(k, "from_ms", 0), from, sizeof(from)));
        if (json_int(k, "until_ms", 0))
            printf(", until %s", conversations_when(json_int(k, "until_ms", 0), until, sizeof(until)));
        printf("%s%s\n", yyjson_is_true(yyjson_obj_get(k, "by_hand")) ? ", corrected by hand" : "", cli_plain(cli));
        memory_print(cli, yyjson_obj_get(k, "source"));
    }
    if (!yyjson_arr_size(list))
        puts("Nothing is known of them.");
}

static void print_status(yyjson_val *answer)
{
    printf("%lld turns are remembered\n", (long long)json_int(answer, "turns", 0));
    printf("%lld wait to be made ready to be found\n", (long long)json_int(answer, "due", 0));
    printf("%lld are kept as secrets, because nobody has looked yet what they tell\n",
           (long long)json_int(answer, "unread", 0));
    int64_t turns = json_int(answer, "turns", 0), bare = json_int(answer, "without_vector", 0);
    printf("%lld are found by their words only, as yet: %lld %% have a meaning (model for it: %s)\n", (long long)bare,
           (long long)(turns > 0 ? (turns - bare) * 100 / turns : 100),
           *json_str(answer, "model", "") ? json_str(answer, "model", "") : "none");
    if (json_int(answer, "reading", 0))
        printf("%lld characters answer without remembering: what they remember is still being read\n",
               (long long)json_int(answer, "reading", 0));
}

static int show(const struct cli *cli, yyjson_val *answer)
{
    yyjson_val *list;
    if ((list = yyjson_obj_get(answer, "memories")))
        print_memories(cli, list);
    else if ((list = yyjson_obj_get(answer, "known")))
        print_known(cli, list);
    else if (yyjson_obj_get(answer, "by_meaning"))
        print_recall(cli, answer);
    else if ((list = yyjson_obj_get(answer, "items")))
        print_told(cli, list, yyjson_obj_get(answer, "passages"));
    else if (yyjson_obj_get(answer, "turns"))
        print_status(answer);
    else
        puts("It is being made anew; `anima memory status` says how far it is.");
    return CLI_OK;
}

static int show_doc(const struct cli *cli, yyjson_doc *doc)
{
    if (!doc)
        return CLI_FAILED;
    char *text = cli->json ? yyjson_write(doc, 0, NULL) : NULL;
    int status = !cli->json ? show(cli, yyjson_doc_get_root(doc)) : text && puts(text) >= 0 ? CLI_OK : CLI_FAILED;
    free(text);
    yyjson_doc_free(doc);
    return status;
}

/* The answer that was written here. */
static int finish(struct memory *m, int rc)
{
    int status = rc ? cli_error(m->cli, &m->err) : show_doc(m->cli, yyjson_read(buf_str(&m->out), m->out.len, 0));
    buf_finish(&m->out);
    return status;
}

static void begin(struct memory *m, const struct cli *cli)
{
    *m = (struct memory){ .cli = cli };
    buf_init(&m->out, ANSWER_MAX);
    jw_init(&m->w, &m->out);
}

/* ---- looking only ---- */

static int put_memory(void *ctx, const anima_memory *memory)
{
    view_memory(ctx, NULL, memory);
    return 0;
}

static int put_told(void *ctx, const anima_memory *memory)
{
    view_told(ctx, memory);
    return 0;
}

static int put_passage(void *ctx, const anima_passage *passage)
{
    view_passage(ctx, passage);
    return 0;
}

static int put_known(void *ctx, const anima_known *known)
{
    view_known(ctx, NULL, known);
    return 0;
}

static const char *who_of(const struct cli *cli)
{
    return cli_value(cli, "character") ? cli_value(cli, "character") : "lin";
}

static int look_at(struct memory *m, anima_home *home, const char *what)
{
    const struct cli *cli = m->cli;
    const char *limit = cli_value(cli, "limit"), *text = cli->n_words > 1 ? cli->words[1] : "";
    anima_memory_state state = { .model = "" };
    int rc = ANIMA_OK;
    if (strcmp(what, "status") == 0) {
        rc = home ? anima_memory_status(home, &state, &m->err) : ANIMA_OK;
        view_memory_state(&m->w, &state);
        return rc;
    }
    bool search = strcmp(what, "search") == 0, profile = strcmp(what, "profile") == 0;
    jw_obj(&m->w, NULL);
    jw_arr(&m->w, search ? "memories" : profile ? "known" : "items");
    if (home && profile)
        rc = anima_known_list(home, who_of(cli), text, "en", put_known, &m->w, &m->err);
    else if (home && search)
        rc = anima_memory_search(home, cli_value(cli, "character"), text, limit ? atoi(limit) : 20, put_memory, &m->w,
                                 &m->err);
    else if (home)
        rc = anima_memory_told(home, text, strtoll(cli->words[2], NULL, 10), put_told, &m->w, &m->err);
    jw_end_arr(&m->w);
    if (!search && !profile) {
        jw_arr(&m->w, "passages");
        if (home && !rc)
            rc = anima_document_told(home, text, strtoll(cli->words[2], NULL, 10), put_passage, &m->w, &m->err);
        jw_end_arr(&m->w);
    }
    jw_end_obj(&m->w);
    return rc;
}

static int look(struct cli *cli, const char *what)
{
    const anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home = NULL;
    struct memory m;
    begin(&m, cli);
    int rc = anima_home_open(&how, &home, &m.err);
    if (rc == ANIMA_E_NOT_FOUND) /* a home that nobody has used yet */
        rc = ANIMA_OK;
    if (!rc)
        rc = look_at(&m, home, what);
    anima_home_close(home);
    return finish(&m, rc);
}

/* ---- what needs the engines, or writes ---- */

static void put_encoded(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++)
        buf_printf(out, isalnum((unsigned char)*p) ? "%c" : "%%%02X", (unsigned char)*p);
}

static int ask_there(struct cli *cli, const char *url, const char *what)
{
    struct client *client;
    struct buf path;
    anima_error err;
    yyjson_doc *doc = NULL;
    char *token = daemon_token(cli);
    bool anew = strcmp(what, "anew") == 0;
    buf_init(&path, 65536);
    buf_puts(&path, anew ? "/memory/anew" : "/characters/");
    if (!anew) {
        put_encoded(&path, who_of(cli));
        buf_puts(&path, "/recall?q=");
        put_encoded(&path, cli->words[1]);
        buf_puts(&path, "&person=");
        put_encoded(&path, cli_value(cli, "person") ? cli_value(cli, "person") : "");
    }
    int rc = client_create(url, token, &client, &err);
    if (!rc)
        rc = client_call(client, anew ? "POST" : "GET", buf_str(&path), anew ? "{}" : NULL, &doc, &err);
    client_destroy(client);
    buf_finish(&path);
    mem_free(token);
    return rc ? cli_error(cli, &err) : show_doc(cli, doc);
}

static void recollected(void *ctx, int code, const anima_error *err, const anima_recollection *found)
{
    struct memory *m = ctx;
    m->done = true;
    m->code = code;
    if (code) {
        m->err = *err;
        return;
    }
    buf_finish(&m->out);
    buf_init(&m->out, ANSWER_MAX);
    jw_init(&m->w, &m->out);
    view_recollection(&m->w, found);
    m->by_meaning = found->by_meaning;
}

static void begun(void *ctx, int code, const anima_error *err)
{
    struct memory *m = ctx;
    m->done = true;
    m->code = code;
    m->err = *err;
    buf_puts(&m->out, "{\"begun\":true}");
}

static int ask_here(struct memory *m, anima_home *home, const char *what)
{
    const char *model = anima_home_setting(home, "embed.model");
    bool anew = strcmp(what, "anew") == 0;
    for (int i = 0; i < ATTEMPTS && !m->code && !m->by_meaning && (i == 0 || (!anew && *model)); i++) {
        m->done = false;
        int rc = anew ? anima_memory_anew(home, begun, m, &m->err)
                      : anima_memory_recall(home, who_of(m->cli), cli_value(m->cli, "person"), m->cli->words[1],
                                            recollected, m, &m->err);
        if (rc)
            return rc;
        while (!m->done)
            anima_home_step(home, 100);
    }
    return m->code;
}

static int ask(struct cli *cli, const char *what)
{
    char url[256];
    int status;
    struct memory m;
    if (daemon_holder(cli, url, sizeof(url)))
        return ask_there(cli, url, what);
    anima_home *home = cli_open_home(cli, false, &status);
    if (!home)
        return status;
    begin(&m, cli);
    int rc = ask_here(&m, home, what);
    anima_home_close(home);
    return finish(&m, rc);
}

/* ---- the verb ---- */

static int run(struct cli *cli)
{
    static const char *const known[] = { "search", "why",     "audit",  "profile", "status", "anew",
                                         "import", "imports", "export", "forget",  "pin",    "unpin",
                                         "rules",  "rule",    "topics", "now",     NULL };
    static const char *const takes[] = { "words, in quotes",
                                         "what is said, in quotes",
                                         "CONVERSATION TURN",
                                         "a person's name",
                                         "nothing",
                                         "nothing",
                                         "",
                                         "nothing",
                                         "nothing",
                                         "CONVERSATION TURN",
                                         "CONVERSATION TURN",
                                         "CONVERSATION TURN",
                                         "nothing",
                                         "never, allow NAME, or delete RULE",
                                         "a person's name",
                                         "a character and a person's name" };
    static const int words[] = { 2, 2, 3, 2, 1, 1, CLI_MAX_WORDS, 1, 1, 3, 3, 3, 1, 3, 2, 3 };
    static int (*const others[])(struct cli * cli) = { memory_import, memory_imports, memory_export, memory_forget_said,
                                                       memory_pin,    memory_pin,     memory_rules,  memory_rule,
                                                       memory_topics, memory_now };
    const char *what = cli->n_words ? cli->words[0] : "status";
    int i = 0;
    while (known[i] && strcmp(known[i], what) != 0)
        i++;
    if (!known[i])
        return cli_no_word(cli, what, known);
    if (cli->n_words > words[i] || (i < 4 && cli->n_words < words[i]))
        return cli_usage(cli, "`memory %s` takes %s", what, takes[i]);
    if (i > 5)
        return others[i - 6](cli);
    if (i == 2 && cli_value(cli, "refused"))
        return memory_refused(cli);
    return i == 1 || i == 5 ? ask(cli, what) : look(cli, what);
}

static const struct cli_option options[] = {
    { "character", "ID",
      "search, export, forget: only what it remembers; why, profile, topics: whose memory (lin); rule: only by it" },
    { "person", "NAME",
      "why: who says it (the home's owner); export: only what they said or heard; rule: whose affairs (the owner's)" },
    { "search", "WORDS", "forget: what was said in these words" },
    { "refused", NULL, "audit: what was near, and was not told, and why" },
    { "limit", "N", "search: how many (20, at most 200)" },
    { "me", "NAME", "import: a name in the chats that is yours; may be repeated" },
    { "as", "PERSON", "import: who you are here (the home's owner); you count as one who read it all" },
    { "them", "NAME=WHO", "import: whose a name in the chats is: a person's, or the character's; may be repeated" },
    { "dry-run", NULL, "import: only say what is in them; forget: only say what would go" },
    { "yes", NULL, "import, forget: without asking" },
    { "undo", "IMPORT", "import: delete for good what an import brought" },
    { "output", "FILE", "export: where to (the terminal)" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_memory = {
    .name = "memory",
    .summary = "what characters remember: search it, why it comes to mind, forget it; chats of other programs in, all "
               "of it out",
    .usage = "[search WORDS | why QUESTION | audit CONVERSATION TURN | profile PERSON | topics PERSON | now CHARACTER "
             "[PERSON] | status | anew "
             "| import "
             "CHARACTER FILE… | imports | "
             "export | forget CONVERSATION TURN | pin CONVERSATION TURN | unpin CONVERSATION TURN | rules | rule never "
             "| rule "
             "allow NAME | rule delete RULE]",
    .options = options,
    .details =
        "Everything that was said is remembered, and told again where it helps: to those who heard it, and to others "
        "only\n"
        "what may be told them. `why` says what would come to mind if somebody said that now, and what speaks for it;\n"
        "`audit` what a reply was told; `profile` what a person told of themselves, with what it was before;\n"
        "`topics` what they talked about, a few sentences a talk, each with the turns it is from; "
        "`now` what is on a character's mind of a person: moods, promises, open questions; "
        "`anew` makes everything that is remembered anew from the conversations.\n\n"
        "`forget` deletes for good what was said in a turn, or in these words (--search), with its copies in forks and "
        "the "
        "replies that\n"
        "say it again; it shows all of that first, and asks. `pin` keeps a turn in mind: it does not fade. `rule "
        "never` "
        "keeps what\n"
        "a person tells to those who heard it, `rule allow` lets somebody know what is personal.\n\n"
        "`import` reads exports of WhatsApp, Telegram, WeChat, QQ, Discord, Messenger, Instagram, Slack, SillyTavern, "
        "mails and\n"
        "JSONL, says what is in them, and has the character remember them as of their times: each chat becomes a "
        "conversation\n"
        "a month. What is there already does not come twice, and an import that was interrupted goes on when it is "
        "called again.\n\n"
        "Examples:\n  anima memory search 阳台\n  anima memory search '\"blue tin\" -coffee'\n"
        "  anima memory why \"Where did I put the tea?\" --character theo --person Ann\n"
        "  anima memory audit n5w2lfoh3mzk7qtd 14\n  anima memory profile Ann --character theo\n  anima memory topics "
        "Ann\n  "
        "anima memory now lin Ann\n"
        "  anima memory forget --search locker\n  anima memory rule never --person Ann\n"
        "  anima memory rule allow Ben --person Ann --character lin\n"
        "  anima memory import lin \"WhatsApp Chat with Ben.txt\" --me \"Anna L.\"\n"
        "  anima memory import theo ~/exports --them \"Theo (old)=theo\" --dry-run\n"
        "  anima memory export --output memory.jsonl",
    .run = run,
};
