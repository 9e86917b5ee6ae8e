/* training_prepare.c — what a training is given: lessons.jsonl, made of a character's texts (src/corpus), or as it lies there. */
#include "agent/training_private.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "corpus/files.h"
#include "corpus/lessons.h"
#include "engine/fetch.h"

#include <string.h>

#define MAX_ARENA ((size_t)2 << 30)
#define MAX_REPORT (16u << 20)

/* Where things lie. */
struct paths {
    char *lessons, *report, *people;
};

/* Lines that are not empty. */
static int count_lines(const char *path, int *out, anima_error *err)
{
    char *text;
    size_t n;
    int rc = fs_read(path, CORPUS_MAX_LESSONS, &text, &n, err);
    *out = 0;
    for (const char *at = rc ? NULL : text; at && *at;) {
        size_t line = strcspn(at, "\n");
        *out += line > strspn(at, " \t\r");
        at += line + (at[line] == '\n');
    }
    if (!rc)
        mem_free(text);
    return rc;
}

/* ---- what there is to learn from ---- */

static int add_folder(struct corpus_texts *texts, const char *dir, const char *name, enum corpus_source source,
                      anima_error *err)
{
    char *folder = dir ? fs_join(dir, name, (char *)NULL) : NULL;
    int rc = ANIMA_OK;
    if (dir)
        rc = folder ? corpus_add_folder(texts, folder, source, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    mem_free(folder);
    return rc;
}

/* What it answers of texts about it (learn.h), as a person left it. */
static int add_facts(const struct training_texts *t, struct corpus_texts *texts, anima_error *err)
{
    char *file = fs_join(t->folder, "facts.jsonl", (char *)NULL);
    int rc = !file             ? err_set(err, ANIMA_E_NOMEM, "out of memory")
             : fs_exists(file) ? corpus_add_file(texts, file, "facts.jsonl", CORPUS_FACTS, NULL, err)
                               : ANIMA_OK;
    mem_free(file);
    return rc;
}

int training_own_texts(const char *dir, const char *own, const char *folder, struct corpus_texts *texts,
                       anima_error *err)
{
    int rc = add_folder(texts, dir, "corpus", CORPUS_OWN, err);
    if (!rc && strcmp(dir, own) != 0)
        rc = add_folder(texts, own, "corpus", CORPUS_OWN, err);
    return rc ? rc : add_folder(texts, folder, "material", CORPUS_OWN, err);
}

/* The character's own; then those that all have in common. */
static int add_texts(const struct training_texts *t, struct corpus_texts *texts, anima_error *err)
{
    int rc = training_own_texts(t->who->dir, t->own, t->folder, texts, err);
    if (!rc)
        rc = add_facts(t, texts, err);
    if (!rc && !texts->n)
        return err_set(
            err, ANIMA_E_NOT_FOUND,
            "there is nothing to learn of %.64s: put conversations into %s/corpus, or name files (docs/training.md)",
            t->who->pub.id, t->own);
    if (!rc)
        rc = add_folder(texts, t->share, "corpus/talk", CORPUS_TALK, err);
    return rc ? rc : add_folder(texts, t->share, "corpus/replay", CORPUS_REPLAY, err);
}

/* What is measured with is not learnt. */
static int add_probes(const struct training_texts *t, struct arena *arena, struct corpus_words *out, anima_error *err)
{
    char *probes = t->share ? fs_join(t->share, "probes", (char *)NULL) : NULL;
    int rc = probes ? corpus_add_probes(arena, probes, "", out, err) : ANIMA_OK;
    if (!rc)
        rc = corpus_add_probes(arena, t->who->dir, "facts.", out, err);
    if (!rc)
        rc = corpus_add_probes(arena, t->folder, "facts-held.", out, err);
    mem_free(probes);
    return rc;
}

/* ---- lessons that are there ---- */

/* What the report says of lessons: their sources' hash and their own. False: there is none. */
static bool read_report(const char *path, char sources[65], char sha256[65])
{
    char *text = NULL;
    size_t n;
    yyjson_doc *doc = NULL;
    bool good = !fs_read(path, MAX_REPORT, &text, &n, NULL) &&
                !json_parse(text, n, MAX_REPORT, "report.json", &doc, NULL);
    const char *a = json_str(yyjson_doc_get_root(doc), "sources", ""),
               *b = json_str(yyjson_doc_get_root(doc), "sha256", "");
    good = good && strlen(a) == 64 && strlen(b) == 64;
    if (good) {
        memcpy(sources, a, 65);
        memcpy(sha256, b, 65);
    }
    yyjson_doc_free(doc);
    mem_free(text);
    return good;
}

/* 1: those that are there will do; 0: new ones are made; negative: an error. */
static int still_good(const struct paths *p, const char *mode, const char sources[65], anima_error *err)
{
    char old_sources[65], written[65], now[65];
    bool there = fs_exists(p->lessons);
    if (!there || strcmp(mode, "fresh") == 0)
        return 0;
    if (fetch_sha256(p->lessons, now, NULL, NULL, err))
        return err->code;
    bool known = read_report(p->report, old_sources, written);
    if (known && strcmp(old_sources, sources) == 0)
        return 1;
    if (known && strcmp(written, now) == 0)
        return 0; /* nobody edited them, and there is more to learn now */
    return err_set(err, ANIMA_E_CONFLICT,
                   "%s was written or edited by hand, and its sources are others now: --as-is learns it, --fresh makes "
                   "new lessons "
                   "in its place",
                   p->lessons);
}

/* ---- new ones ---- */

static int write_all(const struct training_texts *t, const struct paths *p, const struct buf *jsonl,
                     const struct corpus_report *report, anima_error *err)
{
    struct buf json, people;
    buf_init(&json, MAX_REPORT);
    buf_init(&people, MAX_REPORT);
    corpus_report_json(report, &json);
    corpus_report_markdown(report, character_called(t->who), &people);
    int rc = json.failed || people.failed || jsonl->failed
                 ? err_set(err, ANIMA_E_NOMEM, "the lessons are too large, or memory is short")
                 : ANIMA_OK;
    /* The report last: lessons without the report that belongs to them count as edited. */
    if (!rc)
        rc = fs_write(p->lessons, buf_str(jsonl), jsonl->len, 0600, err);
    if (!rc)
        rc = fs_write(p->people, buf_str(&people), people.len, 0600, err);
    if (!rc)
        rc = fs_write(p->report, buf_str(&json), json.len, 0600, err);
    buf_finish(&json);
    buf_finish(&people);
    return rc;
}

static int make_new(const struct training_texts *t, const struct paths *p, struct arena *arena,
                    const struct corpus_plan *plan, anima_error *err)
{
    struct corpus_report *report;
    struct buf jsonl;
    buf_init(&jsonl, CORPUS_MAX_LESSONS);
    int rc = corpus_lessons(arena, plan, &jsonl, &report, err);
    if (!rc)
        rc = write_all(t, p, &jsonl, report, err);
    if (!rc && !report->lessons)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "nothing is left to learn from; %s says why", p->people);
    buf_finish(&jsonl);
    return rc;
}

static int make_or_take(const struct training_texts *t, const struct paths *p, struct arena *arena, anima_error *err)
{
    char sources[65];
    struct corpus_texts texts = { .arena = arena };
    struct corpus_words probes = { 0 };
    int rc = add_texts(t, &texts, err);
    if (!rc)
        rc = add_probes(t, arena, &probes, err);
    if (rc)
        return rc;
    const struct corpus_plan plan = { .texts = texts.list,
                                      .n_texts = texts.n,
                                      .character = character_called(t->who),
                                      .personas = t->who->personas,
                                      .n_personas = t->who->n_personas,
                                      .home = t->who->pub.language,
                                      .forbidden = probes.list,
                                      .n_forbidden = probes.n,
                                      .talk_percent = t->talk_percent,
                                      .skills_percent = t->skills_percent,
                                      .asked_percent = t->asked_percent,
                                      .life_times = t->life_times,
                                      .forms = t->forms,
                                      .machine = t->machine };
    corpus_sources(&plan, sources);
    int good = still_good(p, t->mode, sources, err);
    return good < 0 ? good : good ? ANIMA_OK : make_new(t, p, arena, &plan, err);
}

int training_prepare(const struct training_texts *t, int *lessons, anima_error *err)
{
    struct arena arena;
    struct paths p = { fs_join(t->folder, "lessons.jsonl", (char *)NULL),
                       fs_join(t->folder, "report.json", (char *)NULL), fs_join(t->folder, "report.md", (char *)NULL) };
    int rc = p.lessons && p.report && p.people ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    arena_init(&arena, MAX_ARENA);
    if (!rc && strcmp(t->mode, "as_is") != 0)
        rc = make_or_take(t, &p, &arena, err);
    arena_finish(&arena);
    if (!rc)
        rc = count_lines(p.lessons, lessons, err);
    if (!rc && !*lessons)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is nothing to learn in %s", p.lessons);
    mem_free(p.lessons);
    mem_free(p.report);
    mem_free(p.people);
    return rc;
}
