/* make_files.c — what stands in the files of a twin. */
#include "base/err.h"
#include "base/json.h"
#include "corpus/lessons.h"
#include "mind/persona.h"
#include "twin/make_private.h"

#include <string.h>
#include <time.h>

#define FULL ((size_t)8 << 20) /* bytes behind which another file begins */
#define FIRST_YEAR 1990        /* an earlier date is a clock that was never set */

bool twin_outs_kept(const char *name)
{
    return strcmp(name, "character.ini") == 0 || strncmp(name, "persona.", 8) == 0 ||
           strncmp(name, "corpus/questions.", 17) == 0;
}

void twin_outs_finish(struct twin_outs *outs)
{
    for (size_t i = 0; i < outs->n; i++)
        buf_finish(&outs->list[i].data);
}

/* A new file; NULL: out of memory. */
static struct twin_out *add(struct twin_outs *outs, const char *name)
{
    if (name && outs->n == outs->max) {
        size_t max = outs->max ? 2 * outs->max : 64;
        struct twin_out *more = arena_alloc(outs->arena, max * sizeof(*more));
        if (!more)
            return NULL;
        if (outs->n)
            memcpy(more, outs->list, outs->n * sizeof(*more));
        outs->list = more;
        outs->max = max;
    }
    struct twin_out *o = name ? &outs->list[outs->n++] : NULL;
    if (!o)
        return NULL;
    *o = (struct twin_out){ .name = name };
    buf_init(&o->data, CORPUS_MAX_FILE);
    return o;
}

static const char *year_of(struct arena *arena, int64_t at_ms)
{
    time_t s = (time_t)(at_ms / 1000);
    struct tm tm;
    if (!at_ms || !localtime_r(&s, &tm) || tm.tm_year + 1900 < FIRST_YEAR)
        return "undated";
    return arena_printf(arena, "%d", tm.tm_year + 1900);
}

/* The file for words of a kind, language and year that has room. */
static struct twin_out *file_for(struct twin_outs *outs, const char *folder, size_t language, const char *kind,
                                 int64_t at_ms, const char *ending)
{
    const char *year = year_of(outs->arena, at_ms);
    for (size_t k = 1;; k++) {
        char *name = k == 1 ? arena_printf(outs->arena, "%s/%s/%s-%s%s", folder, corpus_language_name(language), kind,
                                           year ? year : "", ending)
                            : arena_printf(outs->arena, "%s/%s/%s-%s-%zu%s", folder, corpus_language_name(language),
                                           kind, year ? year : "", k, ending);
        struct twin_out *o = NULL;
        for (size_t i = 0; name && year && !o && i < outs->n; i++)
            if (strcmp(outs->list[i].name, name) == 0)
                o = &outs->list[i];
        if (!o)
            return year ? add(outs, name) : NULL;
        if (o->data.len < FULL)
            return o;
    }
}

/* ---- what it learns from ---- */

static bool put_conversation(struct twin_outs *outs, const struct twin_conversation *c)
{
    struct twin_out *o = file_for(outs, "corpus", c->language, c->kind == TWIN_MAIL ? "mails" : "chats", c->at_ms,
                                  ".jsonl");
    struct jw w;
    if (!o)
        return false;
    jw_init(&w, &o->data);
    jw_obj(&w, NULL);
    jw_arr(&w, "messages");
    for (size_t i = 0; i < c->n; i++)
        corpus_put_message(&w, i % 2 ? "assistant" : "user", c->messages[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_puts(&o->data, "\n");
    return !o->data.failed;
}

static bool put_line(struct twin_outs *outs, const struct twin_words *l)
{
    struct twin_out *o = file_for(outs, "corpus", l->language, "own", l->at_ms, ".txt");
    return o && !buf_printf(&o->data, "%s\n", l->text);
}

/* The file's title is the person's name, so that no text's own is taken for it. */
static bool put_text(struct twin_outs *outs, const struct twin_report *report, const struct twin_words *t)
{
    static const char *const kinds[TWIN_KINDS] = { "chats", "mails", "posts", "notes" };
    struct twin_out *o = file_for(outs, "texts", t->language, kinds[t->kind], t->at_ms, ".md");
    time_t s = (time_t)(t->at_ms / 1000);
    struct tm tm;
    char day[20] = "…";
    if (!o)
        return false;
    if (t->at_ms && localtime_r(&s, &tm))
        strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    if (!o->data.len)
        buf_printf(&o->data, "# %s\n", report->name);
    return !buf_printf(&o->data, "\n## %s\n\n%s\n", *t->title ? t->title : day, t->text);
}

static bool put_words(struct twin_outs *outs, const struct twin_report *report)
{
    const struct twin_talks *talks = report->talks;
    bool good = true;
    for (size_t i = 0; good && i < talks->n; i++)
        good = put_conversation(outs, &talks->list[i]);
    for (size_t i = 0; good && i < talks->lines.n; i++)
        good = put_line(outs, &talks->lines.list[i]);
    for (size_t i = 0; good && i < talks->texts.n; i++)
        good = put_text(outs, report, &talks->texts.list[i]);
    return good;
}

/* ---- who it is ---- */

const char *twin_sentence(struct arena *arena, const char *name, size_t language)
{
    size_t n = strlen(name);
    char *called = arena_strdup(arena, name);
    if (!called)
        return NULL;
    while (n && called[n - 1] == '.')
        called[--n] = '\0';
    for (int plain = 0;; plain++) {
        char *sentence = arena_printf(arena, language == 0 ? "你是%s。" : "You are %s.", called);
        char *first = sentence ? persona_short(arena, sentence) : NULL;
        if (!first || plain || strcmp(first, sentence) == 0)
            return first ? sentence : NULL;
        for (char *s = called; *s; s++) /* "J. R. Smith" would end at "J." */
            if (strchr(".!?", *s))
                *s = ' ';
    }
}

static bool put_persona(struct twin_outs *outs, const struct twin_plan *plan, size_t language)
{
    struct twin_out *o = add(outs, language == 0 ? "persona.zh.md" : "persona.en.md");
    const char *sentence = twin_sentence(outs->arena, plan->report->name, language);
    if (!o || !sentence)
        return false;
    buf_printf(&o->data, "%s\n", sentence);
    if (plan->about[language])
        buf_printf(&o->data, "%s\n", plan->about[language]);
    return !o->data.failed;
}

static bool put_character(struct twin_outs *outs, const struct twin_plan *plan)
{
    struct twin_out *o = add(outs, "character.ini");
    return o &&
           !buf_printf(&o->data,
                       "# A twin, made of somebody's own words (twin.json says whose, and who agreed). Change what you "
                       "like: it stays.\n[character]\nname = %s\nlanguage = %s\n",
                       plan->report->name, corpus_language_name(plan->report->known->language));
}

/* ---- the rest ---- */

static bool put_questions(struct twin_outs *outs, const struct twin_report *report, size_t language)
{
    struct twin_out *o = add(outs, language == 0 ? "corpus/questions.zh.md" : "corpus/questions.en.md");
    if (o && !twin_questions(report, language, &o->data)) {
        buf_finish(&o->data);
        outs->n--;
        return true;
    }
    return o && !o->data.failed;
}

static bool put_report(struct twin_outs *outs, const struct twin_report *report)
{
    struct twin_out *o = add(outs, "twin-report.md");
    if (o)
        twin_report_markdown(report, &o->data);
    return o && !o->data.failed;
}

int twin_outs_fill(struct twin_outs *outs, const struct twin_plan *plan, anima_error *err)
{
    bool good = put_words(outs, plan->report) && put_report(outs, plan->report);
    for (size_t l = 0; l < TWIN_LANGUAGES && good; l++)
        good = put_persona(outs, plan, l) && put_questions(outs, plan->report, l);
    good = good && put_character(outs, plan);
    return good ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the files of the twin");
}
