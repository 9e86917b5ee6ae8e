/* persona_skills.c — what the model could do before it was somebody: the questions of share/probes/skills.jsonl, with the adapter and
 * without, neither told anything.
 *
 * A line: {"lang", "kind": "json", "text", "want": {…}}, {"kind": "letter", "text", "want": "C"}, {"kind": "sum", "text", "want": "413"},
 * {"kind": "sql", "schema", "text", "want": [[rows]], "query": one that gives them, in their order if it has ORDER BY}. */
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_persona.h"
#include "cli/judge_skills.h"

#include <string.h>

#define MOST_TOKENS 150

enum kind { JSON, LETTER, SUM, SQL, KINDS };
static const char *const kind_names[KINDS] = { "json", "letter", "sum", "sql" };

struct skill {
    yyjson_val *line;
    enum kind kind;
};

struct skills {
    struct persona_bench *b;
    struct skill *list;
    size_t n, max;
    int taken[KINDS][2];
    anima_sampling sampling;
};

static bool read_kind(yyjson_val *line, enum kind *out)
{
    yyjson_val *want = yyjson_obj_get(line, "want");
    for (*out = JSON; *out < KINDS && strcmp(json_str(line, "kind", ""), kind_names[*out]) != 0;)
        (*out)++;
    const char *text = json_str(line, "text", ""), *letter = yyjson_get_str(want);
    switch (*out) {
    case JSON: return *text && yyjson_obj_size(want) > 0;
    case LETTER: return letter && (size_t)(*letter - 'A') < judge_options(text, BENCH_CANDIDATES) && !letter[1];
    case SUM: return *text && letter && *letter;
    case SQL: return *text && yyjson_is_arr(want) && *json_str(line, "schema", "") && *json_str(line, "query", "");
    default: return false;
    }
}

static int on_line(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct skills *s = ctx;
    enum kind kind;
    if (!read_kind(line, &kind))
        return err_set(err, ANIMA_E_INVALID, "line %d: no question of a known kind, or what is wanted does not fit it",
                       number);
    if (s->taken[kind][strcmp(json_str(line, "lang", ""), "en") == 0]++ >= s->b->most)
        return ANIMA_OK;
    struct skill *grown = mem_grow(s->list, s->n, &s->max, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the questions");
    s->list = grown;
    s->list[s->n].kind = kind;
    int rc = persona_keep(s->b, line, &s->list[s->n].line, err);
    s->n += !rc;
    return rc;
}

/* The question as it is put: with its tables, and how to answer. */
static const char *wording(struct arena *arena, const struct skill *skill)
{
    const char *text = json_str(skill->line, "text", ""), *schema = json_str(skill->line, "schema", "");
    bool zh = strcmp(json_str(skill->line, "lang", ""), "zh") == 0;
    const char *rows = strcasestr(schema, "INSERT ");
    if (skill->kind == LETTER)
        return arena_printf(arena, zh ? "%s\n只回答一个字母。" : "%s\nAnswer with one letter.", text);
    if (skill->kind == SUM)
        return arena_printf(arena, zh ? "%s\n只写结果。" : "%s\nJust the result.", text);
    if (skill->kind == SQL)
        return arena_printf(arena,
                            zh ? "%.*s\n%s\n写一条SQLite查询语句，别的都不要。"
                               : "%.*s\n%s\nWrite one SQLite query and nothing else.",
                            (int)(rows ? (size_t)(rows - schema) : strlen(schema)), schema, text);
    return text;
}

static int put_question(struct skills *s, const struct skill *skill, enum persona_way way, struct bench_ask *out,
                        anima_error *err)
{
    static const char *const letters[BENCH_CANDIDATES] = { "A", "B", "C", "D", "E", "F", "G", "H" };
    const char *text = wording(&s->b->arena, skill);
    if (!text)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the questions");
    const struct prompt_turn turn = corpus_says(text);
    int rc = persona_ask(s->b, way, &turn, 1, out, err);
    out->sampling = &s->sampling;
    if (skill->kind == LETTER) {
        memcpy(out->candidates, letters, sizeof(letters));
        out->n_candidates = judge_options(json_str(skill->line, "text", ""), BENCH_CANDIDATES);
    }
    return rc;
}

/* 0 .. 1 */
static double judge(const struct skill *skill, const struct bench_ask *ask)
{
    yyjson_val *want = yyjson_obj_get(skill->line, "want");
    switch (skill->kind) {
    case JSON: return judge_json(ask->reply, want);
    case LETTER: return *yyjson_get_str(want) == *ask->candidates[ask->best];
    case SUM: return judge_sum(ask->reply, yyjson_get_str(want));
    default:
        return judge_sql(json_str(skill->line, "schema", ""), ask->reply, want,
                         strcasestr(json_str(skill->line, "query", ""), "ORDER BY"));
    }
}

static int ask_all(struct skills *s, enum persona_way way, double *score, anima_error *err)
{
    struct bench_ask *asks = arena_alloc(&s->b->arena, (s->n + 1) * sizeof(*asks));
    int rc = asks ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the questions");
    for (size_t i = 0; i < s->n && !rc; i++)
        rc = put_question(s, &s->list[i], way, &asks[i], err);
    if (!rc)
        rc = bench_ask_all(&s->b->room, &s->b->arena, way == PERSONA_TRAINED ? "skills, trained" : "skills, bare", asks,
                           s->n, err);
    for (size_t i = 0; i < s->n && !rc; i++) {
        double right = judge(&s->list[i], &asks[i]);
        score[s->list[i].kind] += right;
        if (way == PERSONA_TRAINED)
            persona_show(s->b, right < 1 ? "wrong" : "", json_str(s->list[i].line, "text", ""),
                         asks[i].n_candidates ? asks[i].candidates[asks[i].best] : asks[i].reply);
    }
    return rc;
}

static void report(struct skills *s, const double *trained, const double *bare)
{
    static const char *const keys[KINDS][2] = { { "skill_json", "skill_json_bare" },
                                                { "skill_letter", "skill_letter_bare" },
                                                { "skill_sum", "skill_sum_bare" },
                                                { "skill_sql", "skill_sql_bare" } };
    double all = 0, all_bare = 0;
    for (size_t k = 0; k < KINDS; k++) {
        int n = 0;
        for (size_t i = 0; i < s->n; i++)
            n += s->list[i].kind == k;
        if (!n)
            continue;
        persona_add(s->b, keys[k][0], "%", "right, trained", 100 * trained[k] / n, 0, true);
        persona_add(s->b, keys[k][1], "%", "right, the model as it is", 100 * bare[k] / n, 0, true);
        all += trained[k];
        all_bare += bare[k];
    }
    if (all_bare > 0)
        persona_add(s->b, "skills_kept", "%", "of the score of the model as it is", 100 * all / all_bare, 95, true);
    s->b->report->n += (int)s->n;
}

int persona_skills(struct persona_bench *b, anima_error *err)
{
    struct skills s = { .b = b };
    double trained[KINDS] = { 0 }, bare[KINDS] = { 0 };
    anima_sampling_default(&s.sampling);
    s.sampling.temperature = 0;
    s.sampling.max_tokens = MOST_TOKENS;
    int rc = bench_lines(NULL, "skills.jsonl", on_line, &s, err);
    if (!rc)
        rc = ask_all(&s, PERSONA_TRAINED, trained, err);
    if (!rc)
        rc = ask_all(&s, PERSONA_BARE, bare, err);
    if (!rc)
        report(&s, trained, bare);
    mem_free(s.list);
    return rc;
}
