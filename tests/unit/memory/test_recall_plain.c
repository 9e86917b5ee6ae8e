/* What recall.c reckons in few passes, here from its definition, one item at a time: the same to the bit, so that making it faster changes
 * no ranking. Talks are made up of a few words, with holes: what may not be told, what was forgotten, what has no vector. */
#include "memory/recall_private.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DIM 64
#define TURNS 700
#define AUDIENCES 5
#define HOUR_MS 3600000ll
#define NOON 1772366400000ll /* 2026-03-01 12:00 UTC */

static uint32_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Low numbers are common. */
static size_t make_text(char *out, size_t size, uint32_t words)
{
    size_t n = 0;
    for (uint32_t i = 0; i < words && n + 40 < size; i++)
        n += (size_t)snprintf(out + n, size - n, any(5) ? "%sw%uz" : "%s茶%u", i ? " " : "", any(1 + any(60)));
    return n + (size_t)snprintf(out + n, size - n, "%s", any(4) ? "" : any(2) ? "?" : " in January");
}

static void make_row(int8_t row[DIM])
{
    for (int i = 0; i < DIM; i++)
        row[i] = (int8_t)((int)any(255) - 127);
}

struct kit {
    struct memory_index index;
    struct words *words;
    struct recall *recall;
};

/* Some conversations at once, so that neighbours in a talk are none in the index. */
static void fill(struct kit *k, uint32_t conversations)
{
    static char text[6000];
    int8_t row[DIM];
    anima_error err;
    for (int64_t id = 1; id <= TURNS; id++) {
        size_t n = make_text(text, sizeof(text), any(50) ? any(30) : 700);
        const struct index_turn turn = { .id = 3 * id,
                                         .conversation = any(conversations),
                                         .speaker = any(3),
                                         .at_ms = NOON - (TURNS - id) * HOUR_MS,
                                         .audience = any(AUDIENCES),
                                         .text = text,
                                         .n = n };
        assert_int_equal(index_add(&k->index, k->words, &turn, &err), 0);
        make_row(row);
        if (any(20))
            index_vector(&k->index, 3 * id, row, 1.0f / 900);
        if (any(15) == 0)
            index_forget(&k->index, 3 * (1 + any((uint32_t)id)));
    }
}

/* ---- from the definition ---- */

#define K1 1.2
#define B 0.75

static float idf(double n, double with) { return (float)log(1 + (n - with + 0.5) / (with + 0.5)); }

static float saturated(double times, double length, double mean)
{
    return (float)(times * (K1 + 1) / (times + K1 * (1 - B + B * length / (mean > 0 ? mean : 1))));
}

/* The window around an item, in the order in which it is added up. Returns how many places there are. */
static size_t window(const struct recall *r, uint32_t i, int reach, uint32_t out[5])
{
    const struct index_link *links = r->index->links;
    uint32_t before = links[i].before, after = links[i].after;
    size_t n = 0;
    out[n++] = i;
    for (int step = 0; step < reach; step++) {
        if (before != INDEX_NONE && r->open[before])
            out[n++] = before;
        if (after != INDEX_NONE && r->open[after])
            out[n++] = after;
        before = before != INDEX_NONE ? links[before].before : INDEX_NONE;
        after = after != INDEX_NONE ? links[after].after : INDEX_NONE;
    }
    return n;
}

static unsigned times_of(const struct term *term, uint32_t i)
{
    for (uint32_t k = 0; k < term->n; k++)
        if (POSTING_TURN(term->postings[k]) == i)
            return POSTING_TIMES(term->postings[k]);
    return 0;
}

/* A window of a reach, -1: the session; how often a term stands there, and how many words. */
static unsigned times_around(const struct recall *r, const struct term *term, uint32_t i, int reach, uint32_t *length)
{
    uint32_t places[TURNS];
    size_t n = 0;
    unsigned times = 0;
    if (reach >= 0)
        n = window(r, i, reach, places);
    for (uint32_t k = 0; reach < 0 && k < r->index->n; k++)
        if (r->open[k] && r->index->links[k].session == r->index->links[i].session)
            places[n++] = k;
    *length = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t words = r->index->links[places[k]].words;
        *length += reach < 0 && !words ? 1 : words;
        times += term ? times_of(term, places[k]) : 0;
    }
    return times;
}

static bool first_of_session(const struct recall *r, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (r->open[k] && r->index->links[k].session == r->index->links[i].session)
            return false;
    return true;
}

/* What BM25 makes of all terms for every item, by a window of that reach; with the idf of items, how much of the question each has. */
static void bm25(const struct recall *r, int reach, float *out, float *has)
{
    static unsigned times[TURNS];
    static uint32_t length[TURNS];
    double all = 0, words = 0, n = 0;
    for (uint32_t i = 0; i < r->index->n; i++) {
        out[i] = has[i] = 0;
        if (!r->open[i] || (reach < 0 && !first_of_session(r, i)))
            continue;
        times_around(r, NULL, i, reach, &length[i]);
        all += length[i];
        n++;
    }
    for (uint32_t i = 0; i < r->index->n; i++)
        words += r->open[i] ? r->index->links[i].words : 0;
    double mean = (reach < 0 ? words : all) / (n > 0 ? n : 1);
    for (size_t t = 0; t < r->n_terms; t++) {
        double with = 0;
        for (uint32_t i = 0; i < r->index->n && r->terms[t].term; i++) {
            times[i] = r->open[i] ? times_around(r, r->terms[t].term, i, reach, &length[i]) : 0;
            with += times[i] && (reach >= 0 || first_of_session(r, i));
        }
        for (uint32_t i = 0; i < r->index->n && r->terms[t].term; i++) {
            if (!times[i])
                continue;
            out[i] += r->terms[t].times * idf(n, with) * saturated(times[i], length[i], mean);
            has[i] += r->terms[t].idf;
        }
    }
}

static float best_of(const float *a, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        most = a[i] > most ? a[i] : most;
    return most;
}

static float part_of(const struct recall_heard *heard, size_t offset)
{
    float part;
    memcpy(&part, (const char *)heard + offset, sizeof(part));
    return part;
}

#define NO_IDF SIZE_MAX /* that of the window of three is not kept */

static void words_are_the_same(const struct recall *r)
{
    static float plain[TURNS], has[TURNS];
    static const struct {
        int reach;
        size_t words, idf;
    } windows[] = { { 0, offsetof(struct recall_heard, words), offsetof(struct recall_heard, idf1) },
                    { 1, offsetof(struct recall_heard, words3), NO_IDF },
                    { 2, offsetof(struct recall_heard, words5), offsetof(struct recall_heard, idf5) } };
    for (size_t w = 0; w < 3; w++) {
        size_t words = windows[w].words, idf = windows[w].idf;
        bm25(r, windows[w].reach, plain, has);
        for (uint32_t i = 0; i < r->index->n; i++) {
            assert_true(plain[i] == part_of(&r->heard[i], words));
            assert_true(idf == NO_IDF || has[i] == part_of(&r->heard[i], idf));
        }
        assert_true(best_of(plain, r->index->n) == part_of(&r->most, words));
        assert_true(idf == NO_IDF || best_of(has, r->index->n) == part_of(&r->most, idf));
    }
    bm25(r, -1, plain, has);
    for (uint32_t i = 0; i < r->index->n; i++)
        assert_true(!r->open[i] || plain[i] == r->session_words[r->index->links[i].session]);
    assert_true(best_of(plain, r->index->n) == r->best_session);
}

static void spread_is_the_same(const struct recall *r, const float *values, struct recall_spread spread)
{
    double sum = 0, squares = 0, n = 0;
    for (uint32_t i = 0; i < r->index->n; i++) {
        if (!r->open[i])
            continue;
        sum += values[i];
        squares += (double)values[i] * values[i];
        n++;
    }
    double mean = n > 0 ? sum / n : 0, variance = n > 0 ? squares / n - mean * mean : 0;
    assert_true((float)mean == spread.mean);
    assert_true((float)sqrt(variance > 1e-12 ? variance : 1e-12) == spread.deviation);
}

static void meanings_are_the_same(const struct recall *r)
{
    static float cosine[TURNS], near[3][TURNS], session[TURNS];
    const struct vectors *v = &r->index->vectors;
    uint32_t places[5];
    double sum = 0, n = 0;
    vectors_scan(v, r->query.vector, r->query.factor, cosine);
    for (uint32_t i = 0; i < r->index->n; i++) {
        sum += r->open[i] && v->factors[i] != 0 ? (double)cosine[i] : 0;
        n += r->open[i] && v->factors[i] != 0;
    }
    for (uint32_t i = 0; i < r->index->n; i++)
        cosine[i] = v->factors[i] != 0 ? cosine[i] : (float)(sum / n);
    for (uint32_t i = 0; i < r->index->n; i++) {
        for (int reach = 0; reach < 3 && r->open[i]; reach++) {
            size_t m = window(r, i, reach, places);
            float all = 0;
            for (size_t k = 0; k < m; k++)
                all += cosine[places[k]];
            near[reach][i] = all / (float)m;
        }
        session[i] = -1;
        for (uint32_t k = 0; k < r->index->n; k++)
            if (r->open[k] && r->index->links[k].session == r->index->links[i].session && cosine[k] > session[i])
                session[i] = cosine[k];
    }
    for (uint32_t i = 0; i < r->index->n; i++)
        assert_true(!r->open[i] ||
                    (near[0][i] == r->meaning[i] && near[1][i] == r->meaning3[i] && near[2][i] == r->meaning5[i] &&
                     session[i] == r->session_meaning[r->index->links[i].session]));
    spread_is_the_same(r, near[0], r->of_meaning);
    spread_is_the_same(r, near[1], r->of_meaning3);
    spread_is_the_same(r, near[2], r->of_meaning5);
    spread_is_the_same(r, session, r->of_session);
    assert_int_equal(r->whole, n == (double)r->n_open);
}

/* A turn and the two before it: the words asked for, each by where it stood last. */
static void trails_are_the_same(const struct recall *r)
{
    for (uint32_t i = 0; i < r->index->n; i++) {
        float sum = 0;
        for (size_t t = 0; t < r->n_terms && r->open[i]; t++) {
            static const float left[] = { 1, 0.9f, 0.81f };
            uint32_t at = i;
            float most = 0;
            for (int back = 0; back < 3 && at != INDEX_NONE; back++, at = r->index->links[at].before)
                if (r->open[at] && r->terms[t].term && times_of(r->terms[t].term, at) && most < left[back])
                    most = left[back];
            sum += most * r->terms[t].idf;
        }
        assert_true(sum == r->heard[i].trail);
    }
}

#define SHARE(value, most) ((most) > 0 ? (value) / (most) : 0)
#define SCORE(value, spread) (((value) - (spread).mean) / (spread).deviation)

static void features_of(const struct recall *r, uint32_t i, float out[RECALL_FEATURES])
{
    const struct index_item *item = &r->index->items[i];
    const struct index_link *link = &r->index->links[i];
    memset(out, 0, RECALL_FEATURES * sizeof(*out));
    bool talk = r->index->sessions[link->session].n > 1;
    out[talk ? RECALL_words : RECALL_alone_words] = SHARE(r->heard[i].words, r->most.words);
    out[talk ? RECALL_covered : RECALL_alone_covered] = SHARE(r->heard[i].covered, (float)r->n_terms);
    out[talk ? RECALL_meaning : RECALL_alone_meaning] = r->by_meaning ? SCORE(r->meaning[i], r->of_meaning) : 0;
    if (talk) {
        out[RECALL_words3] = SHARE(r->heard[i].words3, r->most.words3);
        out[RECALL_words5] = SHARE(r->heard[i].words5, r->most.words5);
        out[RECALL_trail] = SHARE(r->heard[i].trail, r->idf_sum);
        out[RECALL_own] = link->flags & ITEM_OWN ? 1 : 0;
        out[RECALL_times] = link->flags & ITEM_TIMED ? 1 : 0;
        out[RECALL_session_words] = SHARE(r->session_words[link->session], r->best_session);
        out[RECALL_meaning3] = r->by_meaning ? SCORE(r->meaning3[i], r->of_meaning3) : 0;
        out[RECALL_meaning5] = r->by_meaning ? SCORE(r->meaning5[i], r->of_meaning5) : 0;
        out[RECALL_session_meaning] = r->by_meaning ? SCORE(r->session_meaning[link->session], r->of_session) : 0;
        out[RECALL_length] = item->log_words;
    }
    out[RECALL_speaker] = r->n_named != 1 ? 0 : item->speaker == r->named[0] ? 1 : -1;
    out[RECALL_counts] = talk && r->asks_many && link->flags & ITEM_COUNTS ? 1 : 0;
    out[RECALL_asks] = link->flags & ITEM_ASKS ? 1 : 0;
    out[RECALL_answers] = link->flags & ITEM_AFTER && link->before != INDEX_NONE && r->open[link->before] ? 1 : 0;
    out[RECALL_replies] = out[RECALL_speaker] < 0 && out[RECALL_answers] > 0 ? 1 : 0;
    out[RECALL_opening] = item->log_place;
    out[RECALL_timed] = r->asks_when && link->flags & ITEM_TIMED ? 1 : 0;
    if (!r->dated)
        return;
    int64_t from = r->asked.from_ms, to = r->asked.to_ms;
    int64_t away = item->at_ms < from ? from - item->at_ms : item->at_ms >= to ? item->at_ms - to : 0;
    double width = (double)(to - from) / 86400000;
    out[RECALL_date] = (float)exp(-((double)away / 86400000) / (width > 3 ? width : 3));
    if (link->flags & ITEM_TIMED && item->from_ms < to && item->to_ms > from)
        out[RECALL_date] = 1;
}

/* The best by going through all of them for each: of equal ones the first. */
static void ranking_is_the_same(const struct recall *r)
{
    static float score[TURNS], features[TURNS][RECALL_FEATURES];
    struct recall_hit hits[RECALL_MOST];
    size_t n = recall_best(r, RECALL_MOST, hits);
    assert_int_equal(n, r->n_open < RECALL_MOST ? r->n_open : RECALL_MOST);
    for (uint32_t i = 0; i < r->index->n; i++) {
        float fast[RECALL_FEATURES];
        features_of(r, i, features[i]);
        score[i] = 0;
        for (int f = 0; f < RECALL_FEATURES; f++)
            score[i] += recall_weights[f] * features[i][f];
        recall_features(r, i, fast);
        if (r->open[i])
            assert_memory_equal(fast, features[i], sizeof(fast));
    }
    for (size_t h = 0; h < n; h++) {
        uint32_t most = INDEX_NONE;
        for (uint32_t i = 0; i < r->index->n; i++)
            if (r->open[i] && score[i] > -INFINITY && (most == INDEX_NONE || score[i] > score[most]))
                most = i;
        assert_int_equal(hits[h].place, most);
        assert_int_equal(hits[h].id, r->index->items[most].id);
        assert_true(hits[h].score == score[most]);
        assert_memory_equal(hits[h].features, features[most], sizeof(features[most]));
        score[most] = -INFINITY;
    }
}

/* ---- questions ---- */

static void ask(struct kit *k, int how)
{
    static const char *const ends[] = { "", " Anna?", " when?", " in January", " how many?" };
    static const char *const names[] = { "Anna", "Ben" };
    static const int64_t people[] = { 1, 2 };
    bool audiences[AUDIENCES] = { true, true, how % 2 == 0, true, how % 3 != 0 };
    char text[400];
    int8_t row[DIM];
    anima_error err;
    make_row(row);
    size_t n = make_text(text, sizeof(text) - 40, 1 + any(8));
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", ends[how % 5]);
    const struct recall_query q = { .text = text,
                                    .n = n,
                                    .vector = how % 4 ? row : NULL,
                                    .factor = 1.0f / 900,
                                    .now = { NOON, 0 },
                                    .names = names,
                                    .people = people,
                                    .n_names = 2,
                                    .asker = -1,
                                    .audiences = how % 7 ? audiences : NULL,
                                    .n_audiences = AUDIENCES,
                                    .shown_conversation = 0,
                                    .shown_from = how % 3 ? 3 * (int64_t)(TURNS - any(200)) : 0 };
    assert_int_equal(recall_measure(k->recall, k->words, &k->index, &q, &err), 0);
    words_are_the_same(k->recall);
    trails_are_the_same(k->recall);
    if (q.vector)
        meanings_are_the_same(k->recall);
    ranking_is_the_same(k->recall);
}

static void in_talks(uint32_t conversations)
{
    struct kit k = { 0 };
    anima_error err;
    seed = conversations;
    index_init(&k.index, DIM);
    assert_int_equal(words_create(&k.words, &err), 0);
    assert_int_equal(recall_create(&k.recall, &err), 0);
    fill(&k, conversations);
    for (int how = 0; how < 12; how++)
        ask(&k, how);
    index_finish(&k.index);
    recall_free(k.recall);
    words_free(k.words);
}

static void one_long_talk(void **state)
{
    (void)state;
    in_talks(1);
}

static void some_talks_at_once(void **state)
{
    (void)state;
    in_talks(9);
}

/* Each of them has pauses, so that much stands alone. */
static void many_short_ones(void **state)
{
    (void)state;
    in_talks(150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_long_talk),
        cmocka_unit_test(some_talks_at_once),
        cmocka_unit_test(many_short_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
