/* verb_twin.c — a folder of somebody's chats, mails, posts and notes becomes a character of the home. */
#include "agent/character.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "mind/prompt.h"
#include "twin/make.h"
#include "twin/read.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARENA ((size_t)8 << 30)
#define MAX_REPORT (64u << 20)
#define MAX_NAME 100 /* bytes */
#define SHOWN 15     /* people of the overview */

extern const struct cli_verb verb_train;

struct call {
    const struct cli *cli;
    const char *id;
    char *home, *dir; /* of the character */
    struct arena arena;
    struct twin_book book;
    const char *me[CLI_MAX_GIVEN + 1], *without[CLI_MAX_GIVEN];
    struct twin_choice choice;
    struct twin_people people;
    struct twin_talks talks;
    struct twin_known known;
    const char *name;
    const char *agreed; /* how; NULL: not yet */
    char typed[400];
};

static int no_memory(anima_error *err) { return err_set(err, ANIMA_E_NOMEM, "out of memory"); }

/* ---- what there is ---- */

static int read_folder(struct call *c, anima_error *err)
{
    c->book.arena = &c->arena;
    struct twin_reading *reading = twin_reading_new(&c->book);
    int rc = reading ? twin_reading_folder(reading, c->cli->words[1], err) : no_memory(err);
    twin_reading_end(reading);
    if (!rc && !c->book.n_records)
        rc = err_set(err, ANIMA_E_NOT_FOUND,
                     "there is nothing in %s that can be read: exports of chats, posts, mbox and notes are "
                     "(docs/training.md, \"A twin\")",
                     c->cli->words[1]);
    return rc;
}

static void print_name(const struct call *c, const struct twin_author *a)
{
    printf("  %7zu  ", a->records);
    cli_put(a->name, strlen(a->name));
    printf("%s%s%s\n", cli_dim(c->cli),
           a->me    ? "  (the person whose twin it is)"
           : a->out ? "  (left out)"
                    : "",
           cli_plain(c->cli));
}

static void print_overview(const struct call *c)
{
    const struct twin_author *top[SHOWN + 1];
    size_t n = twin_people_top(&c->people, top, SHOWN), read = 0, writers = 0;
    for (size_t i = 0; i < c->book.n_files; i++)
        read += c->book.files[i].records > 0;
    for (size_t i = 0; i < c->people.n; i++)
        writers += c->people.list[i].records > 0;
    printf("%zu files, %zu of them with something in it; %zu messages, mails, posts and texts.\n", c->book.n_files,
           read, c->book.n_records);
    for (size_t i = 0; i < c->book.n_files; i++)
        if (*c->book.files[i].trouble) {
            fputs("  not all was read of ", stdout);
            cli_put(c->book.files[i].name, strlen(c->book.files[i].name));
            fputs(": ", stdout);
            cli_put(c->book.files[i].trouble, strlen(c->book.files[i].trouble));
            putchar('\n');
        }
    if (n)
        puts("Whose words:");
    for (size_t i = 0; i < n; i++)
        print_name(c, top[i]);
    if (writers > n)
        printf("  and %zu more\n", writers - n);
}

static int print_overview_json(const struct call *c)
{
    struct buf out;
    struct jw w;
    buf_init(&out, MAX_REPORT);
    jw_init(&w, &out);
    jw_obj(&w, NULL);
    jw_int(&w, "records", (int64_t)c->book.n_records);
    jw_arr(&w, "people");
    for (size_t i = 0; i < c->people.n; i++) {
        const struct twin_author *a = &c->people.list[i];
        jw_obj(&w, NULL);
        jw_str(&w, "name", a->name);
        jw_int(&w, "records", (int64_t)a->records);
        jw_bool(&w, "me", a->me);
        jw_bool(&w, "left_out", a->out);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_arr(&w, "missing");
    if (!c->people.me)
        jw_str(&w, NULL, "me");
    if (!c->agreed)
        jw_str(&w, NULL, "consent");
    jw_end_arr(&w);
    jw_end_obj(&w);
    return cli_print(&out);
}

/* ---- who, and whether they agree ---- */

/* What is typed behind a question; false: nothing. */
static bool ask(const char *question, char *out, size_t size)
{
    printf("%s ", question);
    fflush(stdout);
    if (!fgets(out, (int)size, stdin))
        return false;
    out[strcspn(out, "\r\n")] = '\0';
    return *out && utf8_valid(out, strlen(out));
}

static int find_people(struct call *c, anima_error *err)
{
    c->choice.me = c->me;
    c->choice.without = c->without;
    return twin_people_find(&c->arena, &c->book, &c->choice, &c->people, err);
}

static int ask_person(struct call *c, anima_error *err)
{
    print_overview(c);
    if (!c->people.me) {
        if (!ask("Which of these is the person whose twin it is to be? A name or address as above:", c->typed,
                 sizeof(c->typed)))
            return ANIMA_OK;
        c->me[c->choice.n_me++] = c->typed;
        int rc = find_people(c, err);
        if (rc)
            return rc;
    }
    char line[40];
    const char *note = twin_consent_note(&c->arena, c->id);
    printf("\n%s\n", note ? note : "");
    if (note && !c->agreed && ask("Is that so? Type yes, or 是:", line, sizeof(line)) &&
        (strcmp(line, "yes") == 0 || strcmp(line, "是") == 0))
        c->agreed = "typed";
    return ANIMA_OK;
}

/* Says what has to be said yet; nothing is written. */
static int refuse(struct call *c)
{
    const char *note = twin_consent_note(&c->arena, c->id);
    if (c->cli->json)
        print_overview_json(c);
    if (!c->people.me)
        fputs("anima: nothing was written. Whose twin is it to be? Say it with --me NAME (one of those above, a name "
              "or an "
              "address; more than one may be given).\n",
              stderr);
    if (!c->agreed)
        fprintf(stderr, "%s%s\n%s", c->people.me ? "anima: nothing was written. " : "",
                "If what follows is so, say it with --consent.", note ? note : "");
    return CLI_FAILED;
}

static bool clean_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ')
            return false;
    return n && n <= MAX_NAME && utf8_valid(name, n);
}

/* An author's name without the address; NULL: there is nothing but one. */
static const char *plain_name(struct call *c, const struct twin_author *a)
{
    const char *name = arena_strndup(&c->arena, a->name, twin_people_name(a->name));
    return name && !strchr(name, '@') && clean_name(name) ? name : NULL;
}

/* What it is called: as was asked for, else as the exports call the person who is named first, else the id. */
static const char *called(struct call *c)
{
    const char *name = cli_value(c->cli, "name");
    const struct twin_people *p = &c->people;
    for (size_t k = 0; k < c->choice.n_me; k++)
        for (size_t i = 0; i < p->n && !name; i++)
            if (p->list[i].me && twin_named(p->list[i].name, c->choice.me[k]))
                name = plain_name(c, &p->list[i]);
    for (size_t i = 0; i < p->n && !name; i++)
        if (p->list[i].me)
            name = plain_name(c, &p->list[i]);
    return name ? name : c->id;
}

/* ---- plain facts ---- */

/* Lines that begin with # are comments; the rest becomes one paragraph. */
static const char *one_paragraph(struct arena *arena, const char *text)
{
    struct buf b;
    buf_init(&b, TWIN_MAX_ABOUT);
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        size_t from = strspn(text, " \t\r"), end = n;
        while (end > from && strchr(" \t\r", text[end - 1]))
            end--;
        if (from < end && text[from] != '#')
            buf_printf(&b, "%s%.*s", b.len ? " " : "", (int)(end - from), text + from);
    }
    const char *all = b.failed ? NULL : arena_strndup(arena, buf_str(&b), b.len);
    buf_finish(&b);
    return all;
}

static int read_about(struct call *c, struct twin_plan *plan, anima_error *err)
{
    const char *files[CLI_MAX_GIVEN];
    size_t n = cli_values(c->cli, "about", files), len;
    for (size_t i = 0; i < n; i++) {
        char *text = NULL;
        int rc = fs_read(files[i], TWIN_MAX_ABOUT, &text, &len, err);
        if (!rc && (strlen(text) != len || !utf8_valid(text, len)))
            rc = err_set(err, ANIMA_E_INVALID, "%s is not UTF-8 text", files[i]);
        const char *all = rc ? NULL : one_paragraph(&c->arena, text);
        mem_free(text);
        if (rc || !all)
            return rc ? rc : no_memory(err);
        plan->about[corpus_language(prompt_language(all))] = all;
    }
    return ANIMA_OK;
}

/* ---- the character ---- */

static const char *account(void)
{
    const struct passwd *p = getpwuid(getuid());
    return p && p->pw_name ? p->pw_name : "";
}

static const char *base_name(struct arena *arena, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    char *copy = arena_strndup(arena, path, n);
    const char *slash = copy ? strrchr(copy, '/') : NULL;
    return slash && slash[1] ? slash + 1 : copy ? copy : "";
}

static int make(struct call *c, struct twin_made *made, anima_error *err)
{
    int rc = twin_talks_make(&c->arena, &c->book, &c->people, &c->talks, err);
    if (!rc)
        rc = twin_known_count(&c->arena, &c->book, &c->people, &c->talks, clock_wall_ms(), &c->known, err);
    if (!rc && !c->talks.exchanges && !c->talks.lines.n && !c->talks.texts.n)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "nothing of it is in the words of the person whose twin it is to be");
    if (rc)
        return rc;
    c->name = called(c);
    const struct twin_report report = {
        .name = c->name, .book = &c->book, .people = &c->people, .talks = &c->talks, .known = &c->known
    };
    struct twin_plan plan = { .dir = c->dir,
                              .folder = base_name(&c->arena, c->cli->words[1]),
                              .report = &report,
                              .choice = &c->choice,
                              .consent = { .agreed = twin_consent_note(&c->arena, c->id),
                                           .how = c->agreed,
                                           .who = account(),
                                           .at_ms = clock_wall_ms() },
                              .fresh = cli_value(c->cli, "fresh") };
    rc = read_about(c, &plan, err);
    return rc ? rc : twin_make(&c->arena, &plan, made, err);
}

static void say_made(const struct call *c, const struct twin_made *made)
{
    char *training = fs_join(c->home, "training", c->id, (char *)NULL);
    size_t l = c->known.language;
    fputs("The twin of ", stdout);
    cli_put(c->name, strlen(c->name));
    printf(" lies in %s.\n", c->dir);
    printf("Exchanges: %zu; own lines that stand alone: %zu; texts: %zu. %s.\n", c->talks.exchanges, c->talks.lines.n,
           c->talks.texts.n, c->known.verdict->words[1]);
    if (l == 0)
        printf("%s。\n", c->known.verdict->words[0]);
    puts("  twin-report.md           what is known of this person, and what is missing\n"
         "  corpus/questions.*.md    questions about what is missing: answers that you write there are learnt\n"
         "  corpus/, texts/          what it learns from: look it through, change and delete lines");
    if (*made->kept)
        printf("As you edited them: %s. (To have new ones made, delete those.)\n", made->kept);
    if (training && fs_exists(training))
        printf("What was trained before still knows what it was trained with: `anima train %s --fresh`, and delete "
               "characters/%s/adapters for good.\n",
               c->id, c->id);
    puts("Then:");
    if (c->talks.texts.n)
        printf("  anima train %s --texts %s/texts    questions of the texts, to be looked through\n", c->id, c->dir);
    printf("  anima train %s    learns all of it\n", c->id);
    mem_free(training);
}

/* ---- and its training ---- */

static void set_option(struct cli *cli, const char *name)
{
    for (int i = 0; cli->verb->options[i].name; i++)
        if (strcmp(cli->verb->options[i].name, name) == 0)
            cli->values[i] = "";
}

static int begin_training(const struct call *c, const char *texts)
{
    struct cli cli = { .home = c->cli->home, .color = c->cli->color, .verb = &verb_train };
    memcpy(cli.set, c->cli->set, sizeof(cli.set));
    cli.words[cli.n_words++] = c->id;
    set_option(&cli, "background");
    if (texts) {
        set_option(&cli, "texts");
        cli.words[cli.n_words++] = texts;
    }
    return verb_train.run(&cli);
}

static int train(struct call *c)
{
    const char *texts = arena_printf(&c->arena, "%s/texts", c->dir);
    int status = c->talks.texts.n && texts ? begin_training(c, texts) : CLI_OK;
    return status ? status : begin_training(c, NULL);
}

/* ---- the report again ---- */

static int report(struct call *c)
{
    anima_error err;
    yyjson_doc *doc = NULL;
    char *file = fs_join(c->dir, c->cli->json ? "twin.json" : "twin-report.md", (char *)NULL), *text = NULL;
    size_t n;
    int rc = !file             ? no_memory(&err)
             : fs_exists(file) ? fs_read(file, MAX_REPORT, &text, &n, &err)
                               : err_set(&err, ANIMA_E_NOT_FOUND, "%.64s is no twin: there is no %s", c->id, file);
    if (!rc && c->cli->json)
        rc = json_parse(text, n, MAX_REPORT, file, &doc, &err);
    char *json = doc ? yyjson_val_write(yyjson_obj_get(yyjson_doc_get_root(doc), "report"), 0, NULL) : NULL;
    if (!rc && c->cli->json && !json)
        rc = err_set(&err, ANIMA_E_INVALID, "%s has no report", file);
    if (json)
        puts(json);
    else if (!rc)
        cli_put(text, n);
    free(json); /* yyjson's own allocator */
    yyjson_doc_free(doc);
    mem_free(text);
    mem_free(file);
    return rc ? cli_error(c->cli, &err) : CLI_OK;
}

/* ---- the call ---- */

static int look_and_make(struct call *c)
{
    anima_error err;
    struct twin_made made;
    bool person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !c->cli->json;
    c->choice.n_me = cli_values(c->cli, "me", c->me);
    c->choice.n_without = cli_values(c->cli, "without", c->without);
    c->agreed = cli_value(c->cli, "consent") ? "--consent" : NULL;
    int rc = read_folder(c, &err);
    if (!rc)
        rc = find_people(c, &err);
    if (!rc && person && (!c->people.me || !c->agreed))
        rc = ask_person(c, &err);
    else if (!rc && !c->cli->json)
        print_overview(c);
    if (rc)
        return cli_error(c->cli, &err);
    if (!c->people.me || !c->agreed)
        return refuse(c);
    rc = make(c, &made, &err);
    if (rc)
        return cli_error(c->cli, &err);
    if (!c->cli->json)
        say_made(c, &made);
    int status = c->cli->json ? report(c) : CLI_OK;
    return status || !cli_value(c->cli, "train") ? status : train(c);
}

/* Nobody's twin takes the place of a character that comes with anima. */
static bool comes_with_anima(const char *id)
{
    char *share = fs_share_dir(), *dir = share ? fs_join(share, "characters", id, (char *)NULL) : NULL;
    bool there = dir && fs_exists(dir);
    mem_free(dir);
    mem_free(share);
    return there;
}

static int run(struct cli *cli)
{
    const char *name = cli_value(cli, "name");
    if (!cli->n_words)
        return cli_usage(cli, "what is the twin to be called? A short name of letters and digits");
    if (!character_id_ok(cli->words[0]))
        return cli_usage(cli, "\"%.64s\" can be no character's id: letters, digits, - and _", cli->words[0]);
    if (cli->n_words != (cli_value(cli, "report") ? 1 : 2))
        return cli_usage(cli, cli_value(cli, "report") ? "--report takes the twin's name alone"
                                                       : "which folder has the exports?");
    if (comes_with_anima(cli->words[0]))
        return cli_usage(cli, "%.64s comes with anima: choose another name", cli->words[0]);
    if (name && !clean_name(name))
        return cli_usage(cli, "--name is a line of at most %d bytes", MAX_NAME);
    struct call *c = mem_zero(1, sizeof(*c));
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    char *dir = home ? fs_join(home, "characters", cli->words[0], (char *)NULL) : NULL;
    int status = CLI_FAILED;
    if (c && dir) {
        *c = (struct call){ .cli = cli, .id = cli->words[0], .home = home, .dir = dir };
        arena_init(&c->arena, MAX_ARENA);
        status = cli_value(cli, "report") ? report(c) : look_and_make(c);
        arena_finish(&c->arena);
    }
    mem_free(dir);
    mem_free(home);
    mem_free(c);
    return status;
}

static const struct cli_option options[] = {
    { "me", "NAME", "a name or address of the person, as the exports have it; may be repeated" },
    { "consent", NULL, "these words are one's own, or their author has agreed (the whole note is shown without)" },
    { "without", "NAME", "a person or a conversation to leave out; may be repeated" },
    { "name", "NAME", "what the twin is called (as the person)" },
    { "about", "FILE", "plain facts for its persona, a line or two; one FILE for each language" },
    { "fresh", NULL, "overwrite files of the twin that were edited (not who it is, and not answered questions)" },
    { "train", NULL, "begin both trainings in the background at once" },
    { "report", NULL, "the report again" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_twin = {
    .name = "twin",
    .summary = "make a character of somebody's own chats, mails, posts and notes",
    .usage = "ID FOLDER [--me NAME] [--consent] [--without NAME] | ID --report",
    .options = options,
    .details = "Looks through a folder of exports (WhatsApp, Telegram, Discord, Messenger, Instagram, QQ, WeChat, "
               "Slack, Twitter,\n"
               "Mastodon, mbox, notes), says whose words are in it, and lays a character out of one person's: "
               "conversations, texts,\n"
               "a report of how much is known of the person, and questions about what is missing. `anima train ID` "
               "learns it.\n"
               "Without --me and --consent it only looks (on a terminal it asks). Run again, it replaces what it made "
               "itself.\n\n"
               "Examples:\n  anima twin anna ~/export\n"
               "  anima twin anna ~/export --me \"Anna L.\" --me anna@example.org --consent --without Bob\n"
               "  anima twin anna --report\n  anima train anna",
    .run = run,
};
