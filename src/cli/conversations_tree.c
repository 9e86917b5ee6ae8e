/* conversations_tree.c — `anima conversations tree`: forks stand below the turn at which they left.
 *
 *   In the tea house       n5w2lfoh3mzk7qtd  2026-01-31 14:02    12
 *   ├─ 4 Which shelf?
 *   │  └─ What if          q7k2…
 *   └─ 8 在哪里？
 *
 * Everything is laid out before the first line is printed, so that the columns behind the titles align. */
#include "cli/conversations.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define MOST 500      /* branches of a tree, and conversations that are looked at */
#define WORDS_WIDE 40 /* columns */
#define TITLE_WIDE 72

struct tree {
    anima_timeline *list;
    size_t n, max;
    bool more;
};

/* One line of the drawing. */
struct row {
    char *label;
    const anima_timeline *branch; /* NULL: a turn at which others left */
};

struct drawing {
    const struct tree *tree;
    struct row *rows;
    size_t n, max;
    struct buf indent;
    bool failed;
};

static int take_one(void *ctx, const anima_timeline *t)
{
    struct tree *tree = ctx;
    anima_timeline *list = mem_grow(tree->list, tree->n, &tree->max, sizeof(*list));
    if (!list)
        return 1;
    tree->list = list;
    list[tree->n++] = *t;
    return 0;
}

/* ---- laying out ---- */

/* Somebody's words on one line, cut to so many columns. */
static void put_words(struct buf *b, const char *text, size_t most)
{
    size_t wide = 0, n = strlen(text), len, at = 0;
    for (; at < n; at += len) {
        uint32_t c = utf8_decode(text + at, n - at, &len);
        bool blank = c < 0x20 || (c >= 0x7F && c < 0xA0);
        wide += blank ? 1 : utf8_width(text + at, len);
        if (wide > most)
            break;
        buf_append(b, blank ? " " : text + at, blank ? 1 : len);
    }
    if (at < n)
        buf_puts(b, "…");
}

/* "├─ " and the like in front; last: nothing follows at this level. */
static struct buf *begin_row(struct drawing *d, struct buf *label, bool top, bool last)
{
    buf_init(label, 65536);
    buf_puts(label, buf_str(&d->indent));
    if (!top)
        buf_puts(label, last ? "└─ " : "├─ ");
    return label;
}

static void end_row(struct drawing *d, struct buf *label, const anima_timeline *branch)
{
    struct row *rows = mem_grow(d->rows, d->n, &d->max, sizeof(*rows));
    char *text = buf_take(label);
    d->failed |= !rows || !text;
    if (!rows) {
        mem_free(text);
        return;
    }
    d->rows = rows;
    rows[d->n++] = (struct row){ text, branch };
}

static bool is_fork_of(const anima_timeline *t, const anima_timeline *parent)
{
    return strcmp(t->info.parent, parent->info.id) == 0;
}

/* The first place behind seq at which somebody left; 0: none. */
static int64_t next_place(const struct tree *tree, const anima_timeline *parent, int64_t seq)
{
    int64_t next = 0;
    for (size_t i = 0; i < tree->n; i++) {
        int64_t at = tree->list[i].info.parent_seq;
        if (is_fork_of(&tree->list[i], parent) && at > seq && (!next || at < next))
            next = at;
    }
    return next;
}

/* The next fork of that place behind the i-th; NULL: none. */
static const anima_timeline *next_fork(const struct tree *tree, const anima_timeline *parent, int64_t seq, size_t i)
{
    for (; i < tree->n; i++)
        if (tree->list[i].info.parent_seq == seq && is_fork_of(&tree->list[i], parent))
            return &tree->list[i];
    return NULL;
}

static void lay_branch(struct drawing *d, const anima_timeline *t, bool top, bool last);

static size_t indent(struct drawing *d, bool top, bool last)
{
    size_t before = d->indent.len;
    if (!top)
        buf_puts(&d->indent, last ? "   " : "│  ");
    return before;
}

static void outdent(struct drawing *d, size_t before)
{
    d->indent.len = before;
    if (d->indent.data)
        d->indent.data[before] = '\0';
}

static void lay_place(struct drawing *d, const anima_timeline *parent, int64_t seq, bool last)
{
    struct buf label;
    const anima_timeline *fork = next_fork(d->tree, parent, seq, 0), *next;
    begin_row(d, &label, false, last);
    buf_printf(&label, "%lld ", (long long)seq);
    put_words(&label, fork->from_text, WORDS_WIDE);
    end_row(d, &label, NULL);
    size_t before = indent(d, false, last);
    for (; fork; fork = next) {
        next = next_fork(d->tree, parent, seq, (size_t)(fork - d->tree->list) + 1);
        lay_branch(d, fork, false, !next);
    }
    outdent(d, before);
}

static void lay_branch(struct drawing *d, const anima_timeline *t, bool top, bool last)
{
    struct buf label;
    const char *title = *t->info.title ? t->info.title : t->own_text;
    begin_row(d, &label, top, last);
    put_words(&label, *title ? title : "(nothing was said yet)", TITLE_WIDE);
    end_row(d, &label, t);
    size_t before = indent(d, top, last);
    for (int64_t seq = next_place(d->tree, t, 0), next; seq; seq = next) {
        next = next_place(d->tree, t, seq);
        lay_place(d, t, seq, !next);
    }
    outdent(d, before);
}

/* ---- printing ---- */

static void print_row(const struct cli *cli, const struct row *row, size_t wide, const char *current)
{
    size_t n = strlen(row->label);
    const anima_timeline *t = row->branch;
    char time_text[32];
    if (!t)
        fputs(cli_dim(cli), stdout);
    else if (strcmp(t->info.id, current) == 0)
        fputs(cli_bold(cli), stdout);
    cli_put(row->label, n);
    if (t)
        printf("%*s  %s  %s  %4lld", (int)(wide - utf8_width(row->label, n)), "", t->info.id,
               conversations_when(t->info.updated_ms, time_text, sizeof(time_text)), (long long)t->info.turns);
    printf("%s\n", cli_plain(cli));
}

static int draw(const struct cli *cli, const struct tree *tree, const char *current)
{
    struct drawing d = { .tree = tree };
    size_t wide = 0;
    buf_init(&d.indent, 65536);
    for (size_t i = 0; i < tree->n; i++) {
        size_t k = 0;
        while (k < tree->n && !is_fork_of(&tree->list[i], &tree->list[k]))
            k++;
        if (k == tree->n)
            lay_branch(&d, &tree->list[i], true, true);
    }
    for (size_t i = 0; i < d.n && !d.failed; i++)
        if (d.rows[i].branch && utf8_width(d.rows[i].label, strlen(d.rows[i].label)) > wide)
            wide = utf8_width(d.rows[i].label, strlen(d.rows[i].label));
    for (size_t i = 0; i < d.n && !d.failed; i++)
        print_row(cli, &d.rows[i], wide, current);
    if (tree->more)
        printf("There are more than %d.\n", MOST);
    for (size_t i = 0; i < d.n; i++)
        mem_free(d.rows[i].label);
    mem_free(d.rows);
    buf_finish(&d.indent);
    return d.failed ? CLI_FAILED : CLI_OK;
}

static void put_json(struct jw *w, const struct tree *tree)
{
    for (size_t i = 0; i < tree->n; i++) {
        const anima_timeline *t = &tree->list[i];
        jw_obj(w, NULL);
        conversations_members(w, &t->info);
        jw_str(w, "root", tree->list[0].info.id);
        jw_str(w, "parent", t->info.parent);
        jw_int(w, "parent_seq", t->info.parent_seq);
        jw_str(w, "from_text", t->from_text);
        jw_int(w, "own_seq", t->own_seq);
        jw_str(w, "own_text", t->own_text);
        jw_end_obj(w);
    }
}

/* ---- one tree, or all that have branches ---- */

struct forest {
    const struct cli *cli;
    anima_home *home;
    struct jw *w;
    char (*ids)[24]; /* of the conversations whose tree was shown */
    size_t n_ids, max_ids;
    int trees, status;
    anima_error err;
};

static int show(struct forest *f, const char *id, size_t least)
{
    struct tree tree = { 0 };
    int rc = anima_conversation_tree(f->home, id, MOST, take_one, &tree, &tree.more, &f->err);
    if (!rc && tree.n >= least) {
        if (f->trees++ && !f->cli->json)
            putchar('\n');
        if (f->cli->json)
            put_json(f->w, &tree);
        else
            f->status = draw(f->cli, &tree, least > 1 ? "" : id);
    }
    for (size_t i = 0; i < tree.n && !rc; i++) {
        char(*ids)[24] = mem_grow(f->ids, f->n_ids, &f->max_ids, sizeof(*ids));
        if (!ids)
            break;
        f->ids = ids;
        memcpy(ids[f->n_ids++], tree.list[i].info.id, sizeof(*ids));
    }
    mem_free(tree.list);
    return rc;
}

static int show_once(void *ctx, const anima_conversation_info *c)
{
    struct forest *f = ctx;
    for (size_t i = 0; i < f->n_ids; i++)
        if (strcmp(f->ids[i], c->id) == 0)
            return 0;
    return show(f, c->id, 2) != 0;
}

int conversations_tree(const struct cli *cli, anima_home *home, struct jw *w)
{
    struct forest f = { .cli = cli, .home = home, .w = w };
    int rc = cli->n_words > 1 ? show(&f, cli->words[1], 1)
                              : anima_conversation_list(home, MOST, 0, show_once, &f, &f.err);
    if (!rc && !f.trees && !cli->json)
        puts("Nothing has been forked yet: `anima fork ID TURN` begins another branch.");
    mem_free(f.ids);
    return rc ? cli_error(cli, &f.err) : f.status;
}
