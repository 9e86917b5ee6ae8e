/* recall_rank.c — what an item is ranked by, and the best of all. An item is looked at whole only if it may come among them: what its own
 * words and meaning are worth is reckoned for many at once, from arrays, and the most that everything else can add is known. */
#include "memory/recall_private.h"

#include <math.h>
#include <string.h>

/* ---- one item ---- */

static float of_speaker(const struct recall *r, int64_t speaker)
{
    if (!r->n_named)
        return 0;
    bool several = false;
    for (size_t i = 1; i < r->n_named; i++)
        several = several || r->named[i] != r->named[0];
    return several ? 0 : speaker == r->named[0] ? 1 : -1;
}

#define DAY_MS 86400000.0
#define NOTHING 104 /* exp(-104) is smaller than any float but 0 */

/* 1: it was said, or speaks of, within the time asked about; less, the farther away. */
static float of_date(const struct recall *r, const struct index_item *item)
{
    if (!r->dated)
        return 0;
    const struct when *a = &r->asked;
    if (item->flags & ITEM_TIMED && item->from_ms < a->to_ms && item->to_ms > a->from_ms)
        return 1;
    double said = item->at_ms < a->from_ms  ? (double)(a->from_ms - item->at_ms)
                  : item->at_ms >= a->to_ms ? (double)(item->at_ms - a->to_ms)
                                            : 0;
    double width = (double)(a->to_ms - a->from_ms) / DAY_MS, away = said / DAY_MS;
    double far = away / (width > 3 ? width : 3);
    return far > NOTHING ? 0 : (float)exp(-far);
}

static void of_words(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    bool talk = r->index->sessions[r->session[place]].n > 1;
    float words = recall_share(r->words[place], r->best_words),
          covered = recall_share(r->covered[place], (float)r->n_terms);
    out[talk ? RECALL_words : RECALL_alone_words] = words;
    out[talk ? RECALL_covered : RECALL_alone_covered] = covered;
    if (!talk)
        return;
    out[RECALL_words3] = recall_share(r->words3[place], r->best_words3);
    out[RECALL_words5] = recall_share(r->words5[place], r->best_words5);
    out[RECALL_trail] = recall_share(r->trail[place], r->idf_sum);
    out[RECALL_session_words] = recall_share(r->session_words[r->session[place]], r->best_session);
    out[RECALL_length] = r->index->items[place].log_words;
}

static void of_meaning(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    bool talk = r->index->sessions[r->session[place]].n > 1;
    if (!r->by_meaning)
        return;
    out[talk ? RECALL_meaning : RECALL_alone_meaning] = RECALL_SCORE(r->meaning[place], r->of_meaning);
    if (!talk)
        return;
    out[RECALL_meaning3] = RECALL_SCORE(r->meaning3[place], r->of_meaning3);
    out[RECALL_meaning5] = RECALL_SCORE(r->meaning5[place], r->of_meaning5);
    out[RECALL_session_meaning] = RECALL_SCORE(r->session_meaning[r->session[place]], r->of_session);
}

/* What stands in a talk is measured by it, too; what stands alone by itself only. */
void recall_features(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    const struct index_item *item = &r->index->items[place];
    bool talk = r->index->sessions[r->session[place]].n > 1;
    memset(out, 0, RECALL_FEATURES * sizeof(*out));
    of_words(r, place, out);
    of_meaning(r, place, out);
    out[RECALL_speaker] = of_speaker(r, item->speaker);
    out[RECALL_own] = talk && item->flags & ITEM_OWN ? 1 : 0;
    out[RECALL_counts] = talk && r->asks_many && item->flags & ITEM_COUNTS ? 1 : 0;
    out[RECALL_asks] = item->flags & ITEM_ASKS ? 1 : 0;
    out[RECALL_answers] = item->flags & ITEM_AFTER && item->before != INDEX_NONE && r->open[item->before] ? 1 : 0;
    out[RECALL_replies] = out[RECALL_speaker] < 0 ? out[RECALL_answers] : 0;
    out[RECALL_opening] = item->log_place;
    out[RECALL_timed] = r->asks_when && item->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_times] = talk && item->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_date] = of_date(r, item);
}

/* ---- the most it can be worth ---- */

#define ROUNDING 1e-3f /* more than sums of these numbers are off */

/* Weights for numbers as they lie in the arrays: in `talk` of one in a talk, in `alone` of the others. */
struct bound {
    float talk_words, words3, words5, trail, session_words, talk_covered, talk_meaning, meaning3, meaning5, talk;
    float alone_words, alone_covered, alone_meaning, alone;
};

static float larger_of(float weight, float least, float most) { return recall_larger(weight * least, weight * most); }

/* What neither words nor meaning add, at most. */
static float most_beside(const struct recall *r, const float *w)
{
    return larger_of(w[RECALL_speaker], r->n_named ? -1 : 0, r->n_named ? 1 : 0) + larger_of(w[RECALL_asks], 0, 1) +
           larger_of(w[RECALL_own], 0, 1) + larger_of(w[RECALL_times], 0, 1) +
           larger_of(w[RECALL_counts], 0, r->asks_many) + larger_of(w[RECALL_answers], 0, 1) +
           larger_of(w[RECALL_replies], 0, r->n_named > 0) +
           larger_of(w[RECALL_opening], 0, logf(1 + (float)UINT16_MAX)) + larger_of(w[RECALL_timed], 0, r->asks_when) +
           larger_of(w[RECALL_date], 0, r->dated);
}

static float over(float weight, float most) { return most > 0 ? weight / most : 0; }

static struct bound bound_of(const struct recall *r, const float *w)
{
    float beside = most_beside(r, w) + ROUNDING;
    struct bound b = { .talk_words = over(w[RECALL_words], r->best_words),
                       .words3 = over(w[RECALL_words3], r->best_words3),
                       .words5 = over(w[RECALL_words5], r->best_words5),
                       .trail = over(w[RECALL_trail], r->idf_sum),
                       .session_words = over(w[RECALL_session_words], r->best_session),
                       .talk_covered = over(w[RECALL_covered], (float)r->n_terms),
                       .alone_words = over(w[RECALL_alone_words], r->best_words),
                       .alone_covered = over(w[RECALL_alone_covered], (float)r->n_terms),
                       .talk = beside + larger_of(w[RECALL_length], 0, logf(1 + (float)r->longest)),
                       .alone = beside };
    if (!r->by_meaning)
        return b;
    b.talk_meaning = w[RECALL_meaning] / r->of_meaning.deviation;
    b.meaning3 = w[RECALL_meaning3] / r->of_meaning3.deviation;
    b.meaning5 = w[RECALL_meaning5] / r->of_meaning5.deviation;
    b.alone_meaning = w[RECALL_alone_meaning] / r->of_meaning.deviation;
    b.talk += larger_of(w[RECALL_session_meaning], RECALL_SCORE(-1, r->of_session),
                        RECALL_SCORE(r->best_meaning, r->of_session)) -
              b.talk_meaning * r->of_meaning.mean - b.meaning3 * r->of_meaning3.mean - b.meaning5 * r->of_meaning5.mean;
    b.alone -= b.alone_meaning * r->of_meaning.mean;
    return b;
}

/* Without meaning its arrays hold anything; behind the last item there is 0. */
static void most_of(const struct recall *r, const struct bound *b, size_t from, float out[RECALL_BLOCK])
{
    const float *words = r->words + from, *words3 = r->words3 + from, *words5 = r->words5 + from,
                *trail = r->trail + from, *covered = r->covered + from, *meaning = r->meaning + from,
                *meaning3 = r->meaning3 + from, *meaning5 = r->meaning5 + from;
    float talk[RECALL_BLOCK], alone[RECALL_BLOCK];
    for (int j = 0; j < RECALL_BLOCK; j++) {
        talk[j] = b->talk + b->talk_words * words[j] + b->words3 * words3[j] + b->words5 * words5[j] +
                  b->trail * trail[j] + b->talk_covered * covered[j];
        alone[j] = b->alone + b->alone_words * words[j] + b->alone_covered * covered[j];
    }
    for (int j = 0; r->by_meaning && j < RECALL_BLOCK; j++) {
        talk[j] += b->talk_meaning * meaning[j] + b->meaning3 * meaning3[j] + b->meaning5 * meaning5[j];
        alone[j] += b->alone_meaning * meaning[j];
    }
    for (size_t j = 0; j < RECALL_BLOCK && from + j < r->index->n; j++)
        talk[j] += b->session_words * r->session_words[r->session[from + j]];
    for (int j = 0; j < RECALL_BLOCK; j++)
        out[j] = recall_larger(talk[j], alone[j]);
}

/* ---- the best ---- */

static float score_of(const struct recall *r, uint32_t place, const float *weights)
{
    float features[RECALL_FEATURES], sum = 0;
    recall_features(r, place, features);
    for (int f = 0; f < RECALL_FEATURES; f++)
        sum += weights[f] * features[f];
    return sum;
}

float recall_fade(const struct index_item *item, int64_t now_ms)
{
    int64_t last = item->recalled_ms > item->at_ms ? item->recalled_ms : item->at_ms;
    double days = now_ms > last ? (double)(now_ms - last) / DAY_MS : 0;
    return item->flags & ITEM_PINNED ? 1 : (float)exp(-days / (5 * (1 + (double)item->recalls)));
}

/* Of two that are as near one that is pinned comes first. */
static bool is_better(const struct recall *r, const struct recall_hit *than, float score, uint32_t place)
{
    if (score > than->score || score < than->score)
        return score > than->score;
    return r->index->items[place].flags & ITEM_PINNED && !(r->index->items[than->place].flags & ITEM_PINNED);
}

/* Where nothing fades it is worth exactly what it is without that; else less, so that the most it can be worth still holds. */
static void take_in(struct recall *r, uint32_t place, float whole)
{
    struct recall_hit *best = r->best;
    float faded = r->query.fades ? RECALL_FADED * (1 - recall_fade(&r->index->items[place], r->query.now.ms)) : 0;
    float score = whole - faded;
    if (r->n_best == RECALL_MOST && !is_better(r, &best[r->n_best - 1], score, place))
        return;
    size_t at = r->n_best < RECALL_MOST ? r->n_best++ : r->n_best - 1;
    for (; at && is_better(r, &best[at - 1], score, place); at--)
        best[at] = best[at - 1];
    best[at] = (struct recall_hit){ .id = r->index->items[place].id, .place = place, .score = score, .faded = faded };
}

void recall_rank(struct recall *r)
{
    const float *weights = r->query.weights ? r->query.weights : recall_weights;
    const struct bound bound = bound_of(r, weights);
    float most[RECALL_BLOCK];
    r->n_best = 0;
    for (size_t from = 0; from < r->index->n; from += RECALL_BLOCK) {
        most_of(r, &bound, from, most);
        for (size_t j = 0; j < RECALL_BLOCK && from + j < r->index->n; j++) {
            uint32_t place = (uint32_t)(from + j);
            if (r->open[place] && (r->n_best < RECALL_MOST || most[j] > r->best[r->n_best - 1].score))
                take_in(r, place, score_of(r, place, weights));
        }
    }
    for (size_t i = 0; i < r->n_best; i++)
        recall_features(r, r->best[i].place, r->best[i].features);
}
