/* learn_files.c — what facts from texts leave on the disk: the journal, the lines, the report (learn.h). */
#include "agent/learn_private.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "corpus/lessons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_JOURNAL (256u << 20)
#define MAX_ENTRY (256u << 10) /* bytes of a passage with its questions */
#define SHOWN_DROPPED 400      /* in the report */

/* ---- where ---- */

int learn_files_name(struct learn_files *f, const char *home, const char *character, anima_error *err)
{
    char *folder = fs_join(home, "training", character, (char *)NULL);
    *f = (struct learn_files){ .folder = folder };
    if (folder) {
        f->texts = fs_join(folder, "texts", (char *)NULL);
        f->facts = fs_join(folder, "facts.jsonl", (char *)NULL);
        f->held = fs_join(folder, "facts-held.jsonl", (char *)NULL);
        f->asked = fs_join(folder, "facts-asked.jsonl", (char *)NULL);
        f->report = fs_join(folder, "facts-report.md", (char *)NULL);
    }
    return folder && f->texts && f->facts && f->held && f->asked && f->report
               ? ANIMA_OK
               : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

void learn_files_free(struct learn_files *f)
{
    char *all[] = { f->folder, f->texts, f->facts, f->held, f->asked, f->report };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        mem_free(all[i]);
    *f = (struct learn_files){ 0 };
}

static int append(const char *path, const struct buf *b, anima_error *err)
{
    if (b->failed)
        return err_set(err, b->failed, "out of memory for %s", path);
    return b->len ? fs_append(path, b->data, b->len, 0600, err) : ANIMA_OK;
}

/* ---- lines ---- */

static void fact_line(struct buf *out, yyjson_val *entry, yyjson_val *question)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_arr(&w, "messages");
    corpus_put_message(&w, "user", json_str(question, "q", ""));
    corpus_put_message(&w, "assistant", json_str(question, "a", ""));
    jw_end_arr(&w);
    jw_obj(&w, "source");
    jw_str(&w, "file", json_str(entry, "file", ""));
    jw_int(&w, "line", json_int(entry, "line", 0));
    jw_str(&w, "heading", json_str(entry, "heading", ""));
    jw_str(&w, "passage", json_str(entry, "passage", ""));
    jw_end_obj(&w);
    jw_bool(&w, "checked", true);
    jw_end_obj(&w);
    buf_puts(out, "\n");
}

static void held_line(struct buf *out, yyjson_val *question)
{
    struct jw w;
    size_t i, n;
    yyjson_val *v, *any = yyjson_obj_get(question, "any");
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "q", json_str(question, "q", ""));
    jw_arr(&w, "any");
    yyjson_arr_foreach (any, i, n, v)
        jw_str(&w, NULL, yyjson_get_str(v));
    jw_end_arr(&w);
    jw_arr(&w, "not");
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_puts(out, "\n");
}

/* The lines of an entry of the journal. */
static void lines_of(yyjson_val *entry, struct buf *facts, struct buf *held)
{
    size_t i, n;
    yyjson_val *q, *list = yyjson_obj_get(entry, "questions");
    yyjson_arr_foreach (list, i, n, q) {
        const char *state = json_str(q, "state", "");
        if (strcmp(state, "kept") == 0)
            fact_line(facts, entry, q);
        else if (strcmp(state, "held") == 0)
            held_line(held, q);
    }
}

/* A last line without an end: a person's editor left it so, or it was being written when we were killed; that one goes. */
static int mend(const char *path, char *text, size_t *n, anima_error *err)
{
    const char *last = memrchr(text, '\n', *n);
    size_t at = last ? (size_t)(last - text) + 1 : 0;
    yyjson_doc *doc;
    if (at == *n || !json_parse(text + at, *n - at, MAX_ENTRY, "a line", &doc, NULL)) {
        if (at != *n)
            yyjson_doc_free(doc);
        return ANIMA_OK;
    }
    *n = at;
    return truncate(path, (off_t)at) ? err_errno(err, errno, "cannot write %s", path) : ANIMA_OK;
}

/* Appends what of it is not there yet. */
static int place_lines(const char *path, const struct buf *lines, anima_error *err)
{
    char *there = NULL;
    size_t len = 0;
    struct buf more;
    int rc = lines->failed ? err_set(err, lines->failed, "out of memory for %s", path)
                           : fs_read(path, MAX_JOURNAL, &there, &len, err);
    if (!rc)
        rc = mend(path, there, &len, err);
    if (rc && rc != ANIMA_E_NOT_FOUND) {
        mem_free(there);
        return rc;
    }
    buf_init(&more, MAX_ENTRY);
    if (len && there[len - 1] != '\n' && lines->len)
        buf_puts(&more, "\n");
    for (const char *at = buf_str(lines), *eol; (eol = strchr(at, '\n')); at = eol + 1)
        if (!there || !memmem(there, len, at, (size_t)(eol - at) + 1))
            buf_append(&more, at, (size_t)(eol - at) + 1);
    rc = more.len > 1 ? append(path, &more, err) : ANIMA_OK;
    buf_finish(&more);
    mem_free(there);
    return rc;
}

static int place(const struct learn_files *f, yyjson_val *entry, anima_error *err)
{
    struct buf facts, held, mark;
    buf_init(&facts, MAX_ENTRY);
    buf_init(&held, MAX_ENTRY);
    buf_init(&mark, 200);
    lines_of(entry, &facts, &held);
    buf_printf(&mark, "{\"placed\":\"%s\"}\n", json_str(entry, "key", ""));
    int rc = place_lines(f->facts, &facts, err);
    if (!rc)
        rc = place_lines(f->held, &held, err);
    if (!rc)
        rc = append(f->asked, &mark, err);
    buf_finish(&facts);
    buf_finish(&held);
    buf_finish(&mark);
    return rc;
}

/* ---- the journal ---- */

static void write_question(struct jw *w, const struct learnt_question *q)
{
    static const char *const states[] = { "kept", "held", "dropped" };
    jw_obj(w, NULL);
    jw_str(w, "q", q->q);
    jw_str(w, "a", q->a);
    jw_str(w, "state", states[q->state]);
    if (*q->why)
        jw_str(w, "why", q->why);
    if (*q->what)
        jw_str(w, "what", q->what);
    jw_bool(w, "again", q->again);
    if (q->n_any) {
        jw_arr(w, "any");
        for (size_t i = 0; i < q->n_any; i++)
            jw_str(w, NULL, q->any[i]);
        jw_end_arr(w);
    }
    jw_end_obj(w);
}

static void write_entry(struct buf *out, const struct corpus_passage *p, const struct learnt_question *list, size_t n)
{
    struct jw w;
    jw_init(&w, out);
    jw_obj(&w, NULL);
    jw_str(&w, "key", p->key);
    jw_str(&w, "file", p->file);
    jw_int(&w, "line", p->line);
    jw_str(&w, "heading", p->heading);
    jw_str(&w, "passage", p->text);
    jw_arr(&w, "questions");
    for (size_t i = 0; i < n; i++)
        write_question(&w, &list[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_puts(out, "\n");
}

int learn_write(const struct learn_files *f, const struct corpus_passage *p, const struct learnt_question *list,
                size_t n, anima_error *err)
{
    struct buf entry;
    yyjson_doc *doc = NULL;
    buf_init(&entry, MAX_ENTRY);
    write_entry(&entry, p, list, n);
    int rc = fs_mkdirs(f->folder, err);
    if (!rc)
        rc = append(f->asked, &entry, err);
    if (!rc)
        rc = json_parse(entry.data, entry.len, MAX_ENTRY, "the journal", &doc, err);
    if (!rc)
        rc = place(f, yyjson_doc_get_root(doc), err);
    yyjson_doc_free(doc);
    buf_finish(&entry);
    return rc;
}

/* ---- what was done before ---- */

typedef int entry_fn(void *ctx, yyjson_val *entry, anima_error *err);

/* What is left where somebody deleted a line. */
static bool is_empty(const char *line, size_t n)
{
    while (n && strchr(" \t\r", line[n - 1]))
        n--;
    return n == 0;
}

/* Calls fn for every line of the journal, up to one that was being written: whole gets the bytes in front of it.
 * A whole line that is no JSON is an error: somebody edited it. */
static int each_entry(const char *path, entry_fn *fn, void *ctx, size_t *whole, anima_error *err)
{
    char *text = NULL;
    size_t n = 0, at = 0;
    int line = 0, rc = fs_read(path, MAX_JOURNAL, &text, &n, err);
    *whole = 0;
    if (rc)
        return rc == ANIMA_E_NOT_FOUND ? ANIMA_OK : rc;
    for (const char *eol; !rc && (eol = memchr(text + at, '\n', n - at)); at = (size_t)(eol - text) + 1) {
        yyjson_doc *doc;
        size_t len = (size_t)(eol - text) - at;
        line++;
        if (is_empty(text + at, len))
            continue;
        if (json_parse(text + at, len, MAX_ENTRY, "a line of the journal", &doc, NULL)) {
            rc = err_set(err, ANIMA_E_INVALID, "%s, line %d is no JSON: mend it or delete it", path, line);
            break;
        }
        rc = fn(ctx, yyjson_doc_get_root(doc), err);
        yyjson_doc_free(doc);
    }
    *whole = at;
    mem_free(text);
    return rc;
}

static void count(anima_facts *shown, yyjson_val *q)
{
    const char *state = json_str(q, "state", "");
    shown->questions++;
    shown->again += json_bool(q, "again", false);
    shown->kept += strcmp(state, "kept") == 0;
    shown->held_back += strcmp(state, "held") == 0;
    shown->dropped += strcmp(state, "dropped") == 0;
}

struct past_reader {
    struct learn_past *past;
    char *last; /* the entry that is not placed, as JSON; NULL: all are */
};

static int past_entry(void *ctx, yyjson_val *entry, anima_error *err)
{
    struct past_reader *r = ctx;
    struct learn_past *p = r->past;
    const char *key = json_str(entry, "key", NULL);
    size_t i, n;
    yyjson_val *q, *list = yyjson_obj_get(entry, "questions");
    mem_free(r->last);
    r->last = NULL;
    if (!key)
        return ANIMA_OK;
    char *json = yyjson_val_write(entry, 0, NULL);
    r->last = json ? mem_strdup(json) : NULL;
    free(json); /* yyjson's own allocator */
    struct corpus_entry *done = corpus_table_put(&p->done, key, strlen(key));
    if (!done || !r->last)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the journal");
    done->count++;
    yyjson_arr_foreach (list, i, n, q) {
        const char *folded = corpus_fold_question(p->arena, json_str(q, "q", ""));
        struct corpus_entry *e = folded ? corpus_table_put(&p->questions, folded, strlen(folded)) : NULL;
        if (!e)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for the journal");
        e->count++;
        count(p->shown, q);
    }
    return ANIMA_OK;
}

int learn_past_read(struct learn_past *past, const struct learn_files *f, anima_error *err)
{
    struct past_reader r = { .past = past };
    size_t whole;
    struct stat st;
    past->done.arena = past->questions.arena = past->arena;
    int rc = each_entry(f->asked, past_entry, &r, &whole, err);
    if (!rc && !stat(f->asked, &st) && (size_t)st.st_size > whole && truncate(f->asked, (off_t)whole))
        rc = err_errno(err, errno, "cannot write %s", f->asked);
    yyjson_doc *doc = NULL;
    if (!rc && r.last)
        rc = json_parse(r.last, strlen(r.last), MAX_ENTRY, "the journal", &doc, err);
    if (!rc && r.last)
        rc = place(f, yyjson_doc_get_root(doc), err);
    yyjson_doc_free(doc);
    mem_free(r.last);
    return rc;
}

/* ---- texts ---- */

int learn_read_texts(struct arena *arena, const char *const *paths, struct corpus_passages *out, int *files,
                     anima_error *err)
{
    struct corpus_texts texts = { .arena = arena };
    struct stat st;
    int rc = ANIMA_OK;
    *out = (struct corpus_passages){ .arena = arena };
    *files = 0;
    for (size_t i = 0; paths[i] && !rc; i++)
        rc = stat(paths[i], &st)   ? err_errno(err, errno, "cannot read %s", paths[i])
             : S_ISDIR(st.st_mode) ? corpus_add_folder(&texts, paths[i], CORPUS_FACTS, err)
                                   : corpus_add_file(&texts, paths[i], NULL, CORPUS_FACTS, NULL, err);
    for (size_t i = 0; i < texts.n && !rc; i++) {
        const struct corpus_text *t = &texts.list[i];
        if (t->form == CORPUS_FORM_JSONL)
            continue;
        ++*files;
        rc = corpus_passages_add(out, t->name, t->data, t->n, t->language, err);
    }
    return rc       ? rc
           : out->n ? ANIMA_OK
                    : err_set(err, ANIMA_E_NOT_FOUND,
                              "there is no text in what was given: whole sentences in .md or .txt are wanted");
}

/* ---- the report ---- */

struct telling {
    struct buf dropped;
    size_t n_dropped, passages;
    size_t why[SUPPORT_DOUBTS], questions_why[SUPPORT_DOUBTS], other;
    anima_facts sums;
};

static void cell(struct buf *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '|')
            buf_puts(out, *text == '|' ? "\\|" : " ");
        else
            buf_append(out, text, 1);
}

static int tell_entry(void *ctx, yyjson_val *entry, anima_error *err)
{
    struct telling *t = ctx;
    size_t i, n;
    yyjson_val *q, *list = yyjson_obj_get(entry, "questions");
    (void)err;
    t->passages += list != NULL;
    yyjson_arr_foreach (list, i, n, q) {
        const char *why = json_str(q, "why", "");
        size_t doubt = 0;
        count(&t->sums, q);
        if (strcmp(json_str(q, "state", ""), "dropped") != 0)
            continue;
        while (doubt < SUPPORT_DOUBTS && strcmp(support_name((enum support_doubt)doubt), why) != 0)
            doubt++;
        if (doubt < SUPPORT_DOUBTS)
            (*json_str(q, "a", "") ? t->why : t->questions_why)[doubt]++;
        else
            t->other++;
        if (t->n_dropped++ >= SHOWN_DROPPED)
            continue;
        buf_printf(&t->dropped, "| %s:%d | ", json_str(entry, "file", ""), (int)json_int(entry, "line", 0));
        cell(&t->dropped, json_str(q, "q", ""));
        buf_puts(&t->dropped, " | ");
        cell(&t->dropped, json_str(q, "a", ""));
        buf_printf(&t->dropped, " | %s: ", why);
        cell(&t->dropped, json_str(q, "what", ""));
        buf_puts(&t->dropped, " |\n");
    }
    return ANIMA_OK;
}

static void tell(const struct telling *t, const char *character, const struct corpus_passages *p, struct buf *out)
{
    buf_printf(out,
               "# What %s learnt from texts\n%zu passages were asked about (the texts given last have %zu; left out: "
               "%zu too short, %zu too "
               "long, %zu there twice).\n\n| questions | kept | held back for judges | dropped | asked again "
               "|\n|---|---|---|---|---|\n"
               "| %d | %d | %d | %d | %d |\n\n## Dropped\n| why | answers | questions |\n|---|---|---|\n",
               character, t->passages, p->n, p->left_out[PASSAGE_SHORT], p->left_out[PASSAGE_LONG],
               p->left_out[PASSAGE_DUPLICATE], t->sums.questions, t->sums.kept, t->sums.held_back, t->sums.dropped,
               t->sums.again);
    for (size_t i = 0; i < SUPPORT_DOUBTS; i++)
        if (t->why[i] || t->questions_why[i])
            buf_printf(out, "| %s | %zu | %zu |\n", support_words((enum support_doubt)i), t->why[i],
                       t->questions_why[i]);
    if (t->other)
        buf_printf(out, "| other reasons | %zu | |\n", t->other);
    buf_puts(out, "\n| where | question | answer | why |\n|---|---|---|---|\n");
    buf_append(out, buf_str(&t->dropped), t->dropped.len);
    if (t->n_dropped > SHOWN_DROPPED)
        buf_printf(out, "\nAnd %zu more, in facts-asked.jsonl.\n", t->n_dropped - SHOWN_DROPPED);
}

int learn_report(const struct learn_files *f, const char *character, const struct corpus_passages *passages,
                 anima_error *err)
{
    struct telling t = { .passages = 0 };
    struct buf out;
    size_t whole;
    buf_init(&t.dropped, MAX_JOURNAL);
    buf_init(&out, MAX_JOURNAL);
    int rc = each_entry(f->asked, tell_entry, &t, &whole, err);
    if (!rc)
        tell(&t, character, passages, &out);
    if (!rc)
        rc = out.failed ? err_set(err, out.failed, "out of memory for %s", f->report)
                        : fs_write(f->report, buf_str(&out), out.len, 0600, err);
    buf_finish(&t.dropped);
    buf_finish(&out);
    return rc;
}
