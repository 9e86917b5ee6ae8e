#include "twin/known.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "mind/prompt.h"

#include <string.h>
#include <time.h>

#define YEAR_MS ((int64_t)365 * 24 * 3600 * 1000)

/* The most first. What a training needs is what docs/training.md says of a character: 500 exchanges carry a person. */
static const struct twin_verdict verdicts[] = {
    { 1500,
      "person",
      { "口气、用词、常聊的事都在：像本人", "Manner, words and what is talked about are there: a likeness" },
      { "一问一答在 1500 组以上，平常的日子也够多", "From 1,500 exchanges on there is enough of plain days, too" } },
    { 500,
      "manner",
      { "口气清楚，常聊的事有一些", "The manner is clear, of what is talked about there is some" },
      { "500 组以上，口气就立得住；事情要靠笔记和问答补",
        "500 exchanges carry a manner; facts have to come from texts and questions" } },
    { 200,
      "outline",
      { "口气大致像，事情很少", "The manner in outline, few facts" },
      { "不到 500 组：没见过的话题它会按原来模型的样子答",
        "Under 500 exchanges: what never came up it answers as the bare model would" } },
    { 30,
      "rough",
      { "只有口气，而且粗略", "Manner only, and roughly" },
      { "不到 200 组：学到的是长短、标点和口头禅",
        "Under 200 exchanges: what is learnt is length, marks and pet words" } },
    { 0,
      "hardly",
      { "几乎不了解这个人", "This person is hardly known" },
      { "不到 30 组：先多放些聊天记录，或者写完下面的问答",
        "Under 30 exchanges: bring more chats, or answer the questions" } },
};

/* A topic is missing with fewer lines than either: chance words make a few, and of many lines a few say nothing. */
static const struct {
    size_t lines;
    double percent;
} topic_limits[TWIN_TOPIC_KINDS] = { { 5, 0.1 }, { 8, 0.3 }, { 2, 0 } };

static bool rare(size_t lines, size_t of, enum twin_topic_kind kind)
{
    return lines < topic_limits[kind].lines || 100.0 * (double)lines < topic_limits[kind].percent * (double)of;
}

/* ---- own words ---- */

struct count {
    struct pattern *topics[TWIN_TOPICS];
    struct twin_known *out;
};

/* A line by itself, NUL-terminated. */
static void count_line(struct count *c, const char *line, size_t n, bool said)
{
    struct twin_known *k = c->out;
    size_t han, words;
    bool feels = false;
    twin_units(line, &han, &words);
    k->lines++;
    k->han += han;
    k->words += words;
    k->said += said;
    k->terse += said && han <= 2 && words <= 1 && !(han && words);
    k->asking += strchr(line, '?') || strstr(line, "？");
    k->in_language[han > words ? 0 : 1] += han + words > 0;
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        if (pattern_find(c->topics[t], line, n, 0, NULL, NULL)) {
            k->topics[t]++;
            feels |= twin_topics[t].kind == TWIN_FEELING;
        }
    k->feelings += feels;
}

static int count_text(struct count *c, const char *text, bool said)
{
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        char *line = n ? mem_strndup(text, n) : NULL;
        if (n && !line)
            return ANIMA_E_NOMEM;
        if (n)
            count_line(c, line, n, said);
        mem_free(line);
    }
    return ANIMA_OK;
}

/* ---- when ---- */

static void count_year(struct twin_known *k, int year, bool own)
{
    size_t at = 0;
    while (at < k->n_years && k->years[at].year < year)
        at++;
    if (at == k->n_years || k->years[at].year != year) {
        if (k->n_years == TWIN_YEARS)
            return;
        memmove(k->years + at + 1, k->years + at, (k->n_years++ - at) * sizeof(k->years[0]));
        k->years[at] = (struct twin_year){ .year = year };
    }
    k->years[at].records++;
    k->years[at].own += own;
}

static void count_time(struct twin_known *k, int64_t at_ms, bool own, bool hour)
{
    time_t s = (time_t)(at_ms / 1000);
    struct tm tm;
    if (!at_ms || !localtime_r(&s, &tm)) {
        k->undated++;
        return;
    }
    count_year(k, tm.tm_year + 1900, own);
    if (!own)
        return;
    k->hours[tm.tm_hour] += hour;
    k->first_ms = !k->first_ms || at_ms < k->first_ms ? at_ms : k->first_ms;
    k->last_ms = at_ms > k->last_ms ? at_ms : k->last_ms;
}

static int count_records(struct count *c, const struct twin_book *book, const struct twin_people *people)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < book->n_records && !rc; i++) {
        const struct twin_record *r = &book->records[i];
        enum twin_side side = twin_people_side(people, r);
        if (side == TWIN_OUT)
            continue;
        c->out->records[r->kind]++;
        c->out->own[r->kind] += side == TWIN_ME;
        count_time(c->out, r->at_ms, side == TWIN_ME, r->kind != TWIN_TEXT);
        if (side == TWIN_ME)
            rc = count_text(c, r->text, r->kind != TWIN_TEXT);
    }
    return rc;
}

/* ---- with whom ---- */

static void put_partner(struct twin_known *k, const char *name, size_t exchanges)
{
    size_t at = k->n_partners;
    while (at && k->partners[at - 1].exchanges < exchanges)
        at--;
    k->partners_left += k->n_partners == TWIN_PARTNERS;
    if (at >= TWIN_PARTNERS)
        return;
    k->n_partners += k->n_partners < TWIN_PARTNERS;
    memmove(k->partners + at + 1, k->partners + at, (k->n_partners - 1 - at) * sizeof(k->partners[0]));
    k->partners[at].name = name;
    k->partners[at].exchanges = exchanges;
}

static int count_partners(struct arena *arena, const struct twin_talks *talks, struct twin_known *k)
{
    struct corpus_table table = { .arena = arena };
    const char **names = arena_alloc(arena, (talks->n + 1) * sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; names && i < talks->n; i++) {
        const struct twin_conversation *c = &talks->list[i];
        if (c->group)
            k->in_groups += c->n / 2;
        if (c->group || !c->other)
            continue;
        struct corpus_entry *e = corpus_table_put(&table, c->other->name, twin_people_name(c->other->name));
        if (!e)
            return ANIMA_E_NOMEM;
        if (!e->count)
            names[n++] = e->key;
        e->count += c->n / 2;
    }
    for (size_t i = 0; i < n; i++)
        put_partner(k, names[i], corpus_table_find(&table, names[i], strlen(names[i]))->count);
    return names ? ANIMA_OK : ANIMA_E_NOMEM;
}

/* ---- what it comes to ---- */

static double percent(size_t part, size_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

static void judge(struct twin_known *k, const struct twin_talks *talks, int64_t now_ms)
{
    size_t v = 0;
    k->language = k->in_language[0] > k->in_language[1] ? 0 : 1;
    while (verdicts[v].least > talks->exchanges)
        v++;
    k->verdict = &verdicts[v];
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        k->topic_missing[t] = rare(k->topics[t], k->lines, twin_topics[t].kind);
    k->gap[TWIN_GAP_FEELINGS] = percent(k->feelings, k->lines) < twin_gaps[TWIN_GAP_FEELINGS].limit;
    k->gap[TWIN_GAP_PARTNER] = k->n_partners &&
                               percent(k->partners[0].exchanges, talks->exchanges) > twin_gaps[TWIN_GAP_PARTNER].limit;
    k->gap[TWIN_GAP_LANGUAGE] = percent(k->in_language[1 - k->language], k->lines) < twin_gaps[TWIN_GAP_LANGUAGE].limit;
    k->gap[TWIN_GAP_OLD] = k->last_ms && now_ms - k->last_ms > (int64_t)twin_gaps[TWIN_GAP_OLD].limit * YEAR_MS;
    k->gap[TWIN_GAP_TERSE] = percent(k->terse, k->said) > twin_gaps[TWIN_GAP_TERSE].limit;
    k->gap[TWIN_GAP_TEXTS] = talks->texts.n < (size_t)twin_gaps[TWIN_GAP_TEXTS].limit;
}

int twin_known_count(struct arena *arena, const struct twin_book *book, const struct twin_people *people,
                     const struct twin_talks *talks, int64_t now_ms, struct twin_known *out, anima_error *err)
{
    struct count c = { .out = out };
    int rc = ANIMA_OK;
    *out = (struct twin_known){ 0 };
    for (size_t t = 0; t < TWIN_TOPICS && !rc; t++)
        rc = pattern_create(twin_topics[t].expression, PATTERN_CASELESS, &c.topics[t], err);
    if (!rc && (count_records(&c, book, people) || count_partners(arena, talks, out)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for what is known");
    for (size_t t = 0; t < TWIN_TOPICS; t++)
        pattern_destroy(c.topics[t]);
    if (!rc)
        judge(out, talks, now_ms);
    return rc;
}
