/* memory_chats.c — exports of chats, read here (twin/read.h), so that a folder's overlapping ones are one and nobody but who calls looks into
 * files; and written as lines for whoever has the home. */
#include "cli/memory.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "twin/people.h"
#include "twin/read.h"

#include <stdio.h>
#include <string.h>

#define MAX_ARENA ((size_t)4 << 30)
#define MAX_OUT (32u << 20) /* what the API takes */

/* --them NAME=WHO */
struct them {
    const char *name; /* in the arena */
    const char *who;
    bool found;
};

struct chats {
    const struct cli *cli;
    const char *character;
    struct arena arena;
    struct twin_book book;
    const char *me[CLI_MAX_GIVEN];
    bool me_found[CLI_MAX_GIVEN];
    struct them them[CLI_MAX_GIVEN];
    size_t n_me, n_them;
    struct buf out;
    struct jw w;
    const char *talk; /* of the line before */
};

/* ---- whom a name means ---- */

static int read_names(struct chats *c, anima_error *err)
{
    const char *pairs[CLI_MAX_GIVEN];
    c->n_me = cli_values(c->cli, "me", c->me);
    size_t n = cli_values(c->cli, "them", pairs);
    for (size_t i = 0; i < n; i++) {
        const char *equals = strrchr(pairs[i], '=');
        if (!equals || equals == pairs[i] || !equals[1])
            return err_set(err, ANIMA_E_INVALID, "--them is NAME=WHO: a name in the chats, and whose it is");
        struct them *t = &c->them[c->n_them++];
        *t = (struct them){ .name = arena_strndup(&c->arena, pairs[i], (size_t)(equals - pairs[i])),
                            .who = equals + 1 };
        if (!t->name)
            return err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    return ANIMA_OK;
}

static bool is_me(struct chats *c, const char *author)
{
    bool me = false;
    for (size_t i = 0; i < c->n_me; i++)
        if (twin_named(author, c->me[i]))
            me = c->me_found[i] = true;
    return me;
}

/* NULL: nobody said who that is. */
static const char *meant(struct chats *c, const char *author)
{
    for (size_t i = 0; i < c->n_them; i++)
        if (twin_named(author, c->them[i].name)) {
            c->them[i].found = true;
            return c->them[i].who;
        }
    return NULL;
}

static int check_names(const struct chats *c, anima_error *err)
{
    const char *missing = NULL;
    for (size_t i = 0; i < c->n_me; i++)
        missing = c->me_found[i] ? missing : c->me[i];
    for (size_t i = 0; i < c->n_them; i++)
        missing = c->them[i].found ? missing : c->them[i].name;
    return missing
               ? err_set(err, ANIMA_E_NOT_FOUND, "nobody in these chats is called \"%.80s\" (see --dry-run)", missing)
               : ANIMA_OK;
}

/* ---- lines ---- */

static void put_with(struct chats *c, const char *with)
{
    jw_arr(&c->w, "with");
    for (size_t n; *with; with += n + (with[n] == '\n')) {
        n = strcspn(with, "\n");
        const char *name = arena_strndup(&c->arena, with, n), *who = name ? meant(c, name) : NULL;
        if (name && *name && !is_me(c, name) && !(who && strcmp(who, c->character) == 0))
            jw_str(&c->w, NULL, who ? who : name);
    }
    jw_end_arr(&c->w);
}

static void put_record(struct chats *c, const struct twin_record *r)
{
    const char *who = meant(c, r->author);
    bool me = is_me(c, r->author), own = me || (r->own && !who); /* what a person says counts more than the file */
    bool character = who ? strcmp(who, c->character) == 0 : r->character && !me;
    jw_obj(&c->w, NULL);
    jw_str(&c->w, "talk", r->talk);
    if (r->talk != c->talk) { /* the same for all of it */
        jw_str(&c->w, "title", r->title);
        jw_bool(&c->w, "group", r->group);
        put_with(c, r->with);
        c->talk = r->talk;
    }
    jw_str(&c->w, "speaker", who ? who : r->author);
    if (own)
        jw_bool(&c->w, "own", true);
    if (character)
        jw_bool(&c->w, "character", true);
    if (r->at_ms)
        jw_int(&c->w, "at", r->at_ms);
    jw_str(&c->w, "text", r->text);
    if (*r->memory) { /* its members, without the braces around them */
        buf_puts(&c->out, ",");
        buf_append(&c->out, r->memory + 1, strlen(r->memory) - 2);
    }
    jw_end_obj(&c->w);
    buf_puts(&c->out, "\n");
    jw_init(&c->w, &c->out);
}

static int put_all(struct chats *c, anima_error *err)
{
    size_t n = 0;
    jw_init(&c->w, &c->out);
    buf_puts(&c->out, "{\"anima\":1,\"kind\":\"memory\"}\n");
    for (size_t i = 0; i < c->book.n_records; i++) {
        if (!*c->book.records[i].talk)
            continue;
        put_record(c, &c->book.records[i]);
        n++;
    }
    if (c->out.failed == ANIMA_E_LIMIT)
        return err_set(err, ANIMA_E_LIMIT, "these chats are larger than %u MiB: give fewer at a time", MAX_OUT >> 20);
    if (c->out.failed)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    return n ? check_names(c, err)
             : err_set(err, ANIMA_E_NOT_FOUND,
                       "there is no chat in it that can be read: exports of WhatsApp, Telegram, WeChat, QQ, Discord, "
                       "Messenger, "
                       "Instagram, Slack, SillyTavern, mbox and JSONL are (docs/memory.md)");
}

/* ---- files ---- */

static int read_paths(struct chats *c, const char *const *paths, int n, anima_error *err)
{
    c->book.arena = &c->arena;
    struct twin_reading *reading = twin_reading_new(&c->book);
    int rc = reading ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    for (int i = 0; i < n && !rc; i++)
        rc = twin_reading_folder(reading, paths[i], err);
    if (twin_reading_end(reading) && !rc)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    return rc;
}

static void tell_troubles(const struct chats *c)
{
    for (size_t i = 0; i < c->book.n_files; i++)
        if (*c->book.files[i].trouble)
            fprintf(stderr, "anima: not all was read of %s: %s\n", c->book.files[i].name, c->book.files[i].trouble);
}

int memory_chats(const struct cli *cli, const char *character, const char *const *paths, int n_paths, char **out,
                 size_t *n, anima_error *err)
{
    struct chats *c = mem_zero(1, sizeof(*c));
    *out = NULL;
    if (!c)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    c->cli = cli;
    c->character = character;
    arena_init(&c->arena, MAX_ARENA);
    buf_init(&c->out, MAX_OUT);
    int rc = read_names(c, err);
    if (!rc)
        rc = read_paths(c, paths, n_paths, err);
    if (!rc)
        tell_troubles(c);
    if (!rc)
        rc = put_all(c, err);
    *n = c->out.len;
    if (!rc && !(*out = buf_take(&c->out)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the chats");
    buf_finish(&c->out);
    arena_finish(&c->arena);
    mem_free(c);
    return rc;
}
