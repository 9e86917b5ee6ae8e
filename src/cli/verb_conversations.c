/* verb_conversations.c — looking at what was said: works beside a running daemon, because it opens the home for looking
 * only. Changing it is conversations_change.c. */
#include "cli/conversations.h"

#include "base/fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct output {
    const struct cli *cli;
    struct jw w;
    struct buf out;
    int64_t last;
    int n;
    bool done; /* of a search or an export */
    int status;
};

const char *conversations_when(int64_t ms, char *out, size_t size)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(out, size, "%Y-%m-%d %H:%M", &tm);
    return out;
}

void conversations_members(struct jw *w, const anima_conversation_info *c)
{
    jw_str(w, "id", c->id);
    jw_str(w, "character", c->character);
    jw_str(w, "title", c->title);
    jw_int(w, "turns", c->turns);
    jw_int(w, "created_ms", c->created_ms);
    jw_int(w, "updated_ms", c->updated_ms);
    jw_str(w, "last_text", c->last_text);
}

static int list_one(void *ctx, const anima_conversation_info *c)
{
    struct output *o = ctx;
    char time_text[32];
    o->n++;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        conversations_members(&o->w, c);
        jw_end_obj(&o->w);
    } else {
        printf("%s%s%s  %s  %-10s %4lld  ", cli_bold(o->cli), c->id, cli_plain(o->cli),
               conversations_when(c->updated_ms, time_text, sizeof(time_text)), c->character, (long long)c->turns);
        cli_put(c->title, strlen(c->title));
        putchar('\n');
    }
    return 0;
}

static int show_one(void *ctx, const anima_turn *t)
{
    struct output *o = ctx;
    o->last = t->seq;
    o->n++;
    if (o->cli->json) {
        jw_obj(&o->w, NULL);
        jw_int(&o->w, "seq", t->seq);
        jw_str(&o->w, "role", t->role == ANIMA_ROLE_PERSON ? "person" : "character");
        jw_str(&o->w, "person", t->role == ANIMA_ROLE_PERSON ? t->person_name : NULL);
        jw_str(&o->w, "state", anima_turn_state_name(t->state));
        jw_str(&o->w, "text", t->text);
        jw_str(&o->w, "model", t->model);
        jw_int(&o->w, "created_ms", t->created_ms);
        jw_end_obj(&o->w);
        return 0;
    }
    bool person = t->role == ANIMA_ROLE_PERSON;
    printf("%s%s%s%s ", cli_bold(o->cli), person ? t->person_name : "»", cli_plain(o->cli), person ? ":" : "");
    cli_put(t->text, strlen(t->text));
    putchar('\n');
    if (t->state != ANIMA_TURN_DONE)
        printf("  %s(%s%s%s)%s\n", cli_dim(o->cli), anima_turn_state_name(t->state), *t->error ? ": " : "", t->error,
               cli_plain(o->cli));
    return 0;
}

/* What the character reads in place of the first turns. As JSON the turns are a list of their own. */
static void show_summary(const struct output *o, anima_conversation *c)
{
    anima_summary s;
    if (o->cli->json || anima_conversation_summary(c, &s, NULL) || !*s.text)
        return;
    printf("%sOf the first %lld turns it has kept:%s\n", cli_dim(o->cli), (long long)s.seq, cli_plain(o->cli));
    for (size_t n; *s.text; s.text += n + (s.text[n] != '\0')) {
        n = strcspn(s.text, "\n");
        fputs("  ", stdout);
        cli_put(s.text, n);
        putchar('\n');
    }
}

static int show(struct output *o, anima_home *home, const char *id)
{
    anima_conversation *c;
    anima_error err;
    int rc = anima_conversation_open(home, id, &c, &err), before;
    if (rc)
        return cli_error(o->cli, &err);
    do {
        before = o->n;
        rc = anima_conversation_turns(c, o->last, 500, show_one, o, &err);
    } while (!rc && o->n > before);
    show_summary(o, c);
    anima_conversation_close(c);
    return rc ? cli_error(o->cli, &err) : CLI_OK;
}

static int list(struct output *o, anima_home *home)
{
    const char *limit = cli_value(o->cli, "limit");
    anima_error err;
    int n = limit ? atoi(limit) : 50;
    if (home && anima_conversation_list_of(home, cli_value(o->cli, "character"), n, 0, list_one, o, &err))
        return cli_error(o->cli, &err);
    if (!o->n && !o->cli->json)
        puts("Nothing was said yet: `anima chat` begins a conversation.");
    return CLI_OK;
}

/* ---- what is done on another thread ---- */

static int wait_for(struct output *o, anima_home *home, int rc, const anima_error *err)
{
    if (rc)
        return cli_error(o->cli, err);
    while (!o->done)
        anima_home_step(home, 100);
    return o->status;
}

static void show_hit(struct output *o, const anima_hit *h)
{
    char time_text[32];
    if (!o->cli->json) {
        printf("%s%s%s %lld  %s  ", cli_bold(o->cli), h->conversation, cli_plain(o->cli), (long long)h->seq,
               conversations_when(h->created_ms, time_text, sizeof(time_text)));
        cli_put(h->before, strlen(h->before));
        fputs(cli_green(o->cli), stdout);
        cli_put(h->match, strlen(h->match));
        fputs(cli_plain(o->cli), stdout);
        cli_put(h->after, strlen(h->after));
        putchar('\n');
        return;
    }
    jw_obj(&o->w, NULL);
    jw_str(&o->w, "conversation", h->conversation);
    jw_str(&o->w, "character", h->character);
    jw_str(&o->w, "title", h->title);
    jw_int(&o->w, "seq", h->seq);
    jw_str(&o->w, "person", h->person);
    jw_int(&o->w, "created_ms", h->created_ms);
    jw_str(&o->w, "before", h->before);
    jw_str(&o->w, "match", h->match);
    jw_str(&o->w, "after", h->after);
    jw_end_obj(&o->w);
}

static void found(void *ctx, int code, const anima_error *err, const anima_hit *hits, size_t n, bool more)
{
    struct output *o = ctx;
    o->done = true;
    o->status = code ? cli_error(o->cli, err) : CLI_OK;
    for (size_t i = 0; i < n; i++)
        show_hit(o, &hits[i]);
    if (!o->cli->json && !code && !n)
        puts("Nothing was found.");
    if (!o->cli->json && more)
        puts("There is more: --limit N shows it.");
}

static int search(struct output *o, anima_home *home)
{
    char query[600] = "";
    const char *limit = cli_value(o->cli, "limit");
    anima_error err;
    for (int i = 1; i < o->cli->n_words; i++)
        snprintf(query + strlen(query), sizeof(query) - strlen(query), "%s%s", i > 1 ? " " : "", o->cli->words[i]);
    int rc = anima_search(home, query, limit ? atoi(limit) : 50, found, o, &err);
    return wait_for(o, home, rc, &err);
}

static void exported(void *ctx, int code, const anima_error *err, const char *data, size_t n)
{
    struct output *o = ctx;
    const char *file = cli_value(o->cli, "output");
    anima_error failed;
    o->done = true;
    if (code)
        o->status = cli_error(o->cli, err);
    else if (file)
        o->status = fs_write(file, data, n, 0600, &failed) ? cli_error(o->cli, &failed) : CLI_OK;
    else
        o->status = fwrite(data, 1, n, stdout) == n ? CLI_OK : CLI_FAILED;
}

static int export(struct output *o, anima_home *home)
{
    static const char *const names[] = { "jsonl", "markdown", "sillytavern" };
    const char *format = cli_value(o->cli, "format");
    anima_conversation *c;
    anima_error err;
    int i = 0;
    while (format && i < 3 && strcmp(format, names[i]) != 0)
        i++;
    if (i == 3)
        return cli_usage(o->cli, "--format is jsonl, markdown or sillytavern");
    if (anima_conversation_open(home, o->cli->words[1], &c, &err))
        return cli_error(o->cli, &err);
    int status = wait_for(o, home, anima_export(c, (anima_export_format)i, exported, o, &err), &err);
    anima_conversation_close(c);
    return status;
}

/* ---- the verb ---- */

static const struct action {
    const char *name;
    int least, most; /* words behind it */
    const char *takes;
    int (*change)(struct cli *cli); /* or it is one that looks */
} actions[] = {
    { "list", 0, 0, "", NULL },
    { "show", 1, 1, "ID", NULL },
    { "tree", 0, 1, "[ID]", NULL },
    { "search", 1, 30, "WORD...", NULL },
    { "export", 1, 1, "ID", NULL },
    { "rename", 2, 2, "ID TITLE", conversations_rename },
    { "import", 1, 1, "FILE", conversations_import },
    { "fork", 2, 2, "ID SEQ", conversations_fork },
    { "delete", 1, 1, "ID", conversations_delete },
};
#define N_ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int look(struct cli *cli, const char *what)
{
    anima_home_options how = { .path = cli->home, .read_only = true, .set = cli->set };
    anima_home *home;
    anima_error err;
    bool lists = strcmp(what, "list") == 0, exports = strcmp(what, "export") == 0;
    int status = anima_home_open(&how, &home, &err);
    if (status && (!lists || status != ANIMA_E_NOT_FOUND)) /* a home that nobody has used yet is an empty list */
        return cli_error(cli, &err);
    struct output o = { .cli = cli };
    buf_init(&o.out, 256u << 20);
    jw_init(&o.w, &o.out);
    jw_arr(&o.w, NULL);
    status = lists                         ? list(&o, home)
             : exports                     ? export(&o, home)
             : strcmp(what, "search") == 0 ? search(&o, home)
             : strcmp(what, "tree") == 0   ? conversations_tree(cli, home, &o.w)
                                           : show(&o, home, cli->words[1]);
    jw_end_arr(&o.w);
    if (cli->json && !exports && !status)
        status = cli_print(&o.out);
    buf_finish(&o.out);
    anima_home_close(home);
    return status;
}

static int run(struct cli *cli)
{
    const char *what = cli->n_words ? cli->words[0] : "list";
    int behind = cli->n_words ? cli->n_words - 1 : 0;
    for (size_t i = 0; i < N_ACTIONS; i++) {
        const struct action *a = &actions[i];
        if (strcmp(what, a->name) != 0)
            continue;
        if (behind < a->least || behind > a->most)
            return cli_usage(cli, "anima conversations %s %s", a->name, a->takes);
        return a->change ? a->change(cli) : look(cli, what);
    }
    return cli_usage(cli, "list, show, tree, search, rename, export, import, fork or delete");
}

static const struct cli_option options[] = {
    { "limit", "N", "list or search: at most N (50)" },
    { "character", "ID", "list: only with this character; import: with whom" },
    { "format", "NAME", "export: jsonl (everything), markdown (for reading) or sillytavern" },
    { "output", "FILE", "export: into this file, not to the terminal" },
    { "title", "TEXT", "fork: its title" },
    { "yes", NULL, "delete: without asking" },
    { "keep-notes", NULL, "delete: what was noted in it stays, without the words it was noted from" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_conversations = {
    .name = "conversations",
    .summary = "list, search, export, import, delete conversations",
    .usage = "[list | show ID | tree [ID] | search WORD... | rename ID TITLE | export ID | import FILE | fork ID SEQ | "
             "delete ID]",
    .options = options,
    .details =
        "Examples:\n"
        "  anima conversations\n"
        "  anima conversations show n5w2lfoh3mzk7qtd --json\n"
        "  anima conversations tree n5w2lfoh3mzk7qtd\n"
        "  anima conversations search 白猫 茶馆\n"
        "  anima conversations rename n5w2lfoh3mzk7qtd 'In the tea house'\n"
        "  anima conversations export n5w2lfoh3mzk7qtd --format sillytavern --output chat.jsonl\n"
        "  anima conversations import chat.jsonl --character lin\n"
        "  anima conversations fork n5w2lfoh3mzk7qtd 5 --title 'What if'\n"
        "  anima conversations delete n5w2lfoh3mzk7qtd\n"
        "tree draws what was forked from what: forks stand below the turn at which they left.\n"
        "Deleted is deleted for good: no byte of it is left in any file of the home. What a character noted in it\n"
        "(anima notes) goes, too, unless --keep-notes is given.",
    .run = run,
};
