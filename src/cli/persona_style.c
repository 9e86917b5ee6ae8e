/* persona_style.c — whose words are the replies? A judge (mind/style.h), one a language, learns the character's lines against those
 * of others: of the base of talk, of the other characters, and what the model as it is says where the character's talk was held
 * back from training. There the replies are judged.
 *
 * It learns all of the character's lines and not only those held back: of 65 lines a language no judge came about (it put a
 * line of the character's above one of another's in 49 to 62 of 100 pairs; 50 is chance). */
#include "agent/home.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "corpus/corpus.h"
#include "mind/style.h"

#include <stdio.h>
#include <string.h>

#define LEAST 20          /* own lines in a language: below, nobody can judge */
#define TOO_MANY 0.4      /* of the bare model's replies pass: the judge is of no use */
#define TOO_MANY_ELSE 0.6 /* of other people's lines: it knows an assistant, not this character */

enum kind { OWN = STYLE_OWN, BARE, TALK, OTHERS };

struct lines {
    struct persona_bench *b;
    const char *language;
    struct style_line *list;
    size_t n, max, own;
};

/* What the judges of both languages found; shares are added up, a reply each. */
struct found {
    double passed[STYLE_KINDS], trained, prompted;
    size_t n;
};

static int add_line(struct lines *l, const char *text, unsigned group, enum kind kind, anima_error *err)
{
    struct style_line *grown = mem_grow(l->list, l->n, &l->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the judge of style");
    l->list = grown;
    l->list[l->n++] = (struct style_line){ text, group, kind };
    l->own += kind == OWN;
    return ANIMA_OK;
}

/* The answers of a folder's conversations. */
static int add_folder(struct lines *l, const char *dir, enum kind kind, anima_error *err)
{
    struct persona_talks talks = { 0 };
    int rc = dir ? persona_talks_read(l->b, dir, true, &talks, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < talks.n && !rc; i++)
        for (size_t k = 0; k < talks.list[i]->n && !rc; k++) {
            const struct corpus_message *m = &talks.list[i]->messages[k];
            if (strcmp(m->role, "assistant") == 0 && strcmp(prompt_language(m->text), l->language) == 0)
                rc = add_line(l, m->text, (unsigned)i, kind, err);
        }
    mem_free(talks.list);
    return rc;
}

static int add_people(struct lines *l, anima_error *err)
{
    const struct cast *cast = home_cast(l->b->room.home);
    char *share = fs_share_dir(), *talk = share ? fs_join(share, "corpus", "talk", (char *)NULL) : NULL;
    int rc = add_folder(l, talk, TALK, err);
    for (size_t i = 0; i < cast->n && !rc; i++)
        rc = add_folder(l, arena_printf(&l->b->arena, "%s/corpus", cast->all[i]->dir),
                        cast->all[i] == l->b->who ? OWN : OTHERS, err);
    mem_free(talk);
    mem_free(share);
    return rc;
}

static bool is_here(const struct lines *l, const struct persona_context *c)
{
    return strcmp(c->language, l->language) == 0;
}

static int collect(struct lines *l, anima_error *err)
{
    int rc = add_people(l, err);
    for (size_t i = 0; i < l->b->n_contexts && !rc; i++) {
        const struct persona_context *c = &l->b->contexts[i];
        if (is_here(l, c))
            rc = add_line(l, c->reply[PERSONA_BARE], c->conversation, BARE, err);
    }
    return rc;
}

static void judge(const struct lines *l, const struct style *style, const struct style_trial *trial, struct found *f)
{
    for (size_t i = 0; i < l->b->n_contexts; i++) {
        const struct persona_context *c = &l->b->contexts[i];
        if (!is_here(l, c))
            continue;
        bool own = style_passes(style, c->reply[PERSONA_TRAINED]);
        f->n++;
        f->trained += own;
        f->prompted += style_passes(style, c->reply[PERSONA_PROMPTED]);
        for (unsigned k = 0; k < STYLE_KINDS; k++)
            f->passed[k] += trial->passed[k];
        persona_show(l->b, own ? "" : "another", c->turns[c->n_turns - 1].text, c->reply[PERSONA_TRAINED]);
    }
}

static int judge_language(struct persona_bench *b, const char *language, struct found *f, anima_error *err)
{
    struct lines l = { .b = b, .language = language };
    struct style *style = NULL;
    struct style_trial trial;
    int rc = collect(&l, err);
    if (!rc && l.own >= LEAST && l.n > l.own)
        rc = style_learn(l.list, l.n, &style, &trial, err);
    if (style)
        judge(&l, style, &trial, f);
    style_destroy(style);
    mem_free(l.list);
    return rc;
}

/* A judge that cannot judge says so. */
static void warn(const struct found *f)
{
    double n = (double)f->n, people = (f->passed[TALK] + f->passed[OTHERS]) / 2;
    if (f->passed[BARE] > TOO_MANY * n)
        fprintf(stderr, "The judge of style cannot judge here: %.0f %% of the bare model's replies pass.\n",
                100 * f->passed[BARE] / n);
    else if (people > TOO_MANY_ELSE * n)
        fprintf(
            stderr,
            "The judge of style tells the character from an assistant, but hardly from other people: of their lines "
            "%.0f %% pass.\n",
            100 * people / n);
}

static void report(struct persona_bench *b, const struct found *f)
{
    static const struct {
        enum kind kind;
        const char *key, *against;
    } rows[] = {
        { OWN, "style_own", "the judge: own lines, not learned, that pass for the character's" },
        { BARE, "style_bare", "the judge: the same of the bare model's replies" },
        { TALK, "style_talk", "the judge: the same of the base of talk" },
        { OTHERS, "style_others", "the judge: the same of the other characters" },
    };
    double n = (double)f->n;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        persona_add(b, rows[i].key, "%", rows[i].against, 100 * f->passed[rows[i].kind] / n, 0, true);
    persona_add(b, "style_share", "%", "trained: replies to held-back talk that pass", 100 * f->trained / n, 85, true);
    persona_add(b, "style_prompt", "%", "the same of the model with the prompt and its examples", 100 * f->prompted / n,
                0, true);
    if (f->prompted > 0)
        persona_add(b, "style_vs_prompt", "x", "style_share against style_prompt", f->trained / f->prompted, 2, true);
    b->report->n += (int)f->n;
}

int persona_style(struct persona_bench *b, anima_error *err)
{
    static const char *const languages[] = { "zh", "en" };
    struct found f = { 0 };
    int rc = persona_contexts(b, err);
    if (rc || !b->n_contexts)
        return rc;
    for (int way = 0; way < PERSONA_WAYS && !rc; way++)
        rc = persona_answers(b, (enum persona_way)way, err);
    for (size_t i = 0; i < 2 && !rc; i++)
        rc = judge_language(b, languages[i], &f, err);
    if (rc)
        return rc;
    if (!f.n) {
        fprintf(stderr, "Style is not judged: a language needs %d lines of the character and some of others.\n", LEAST);
        return ANIMA_OK;
    }
    report(b, &f);
    warn(&f);
    return ANIMA_OK;
}
