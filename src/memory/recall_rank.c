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

/* Of what was said between these two times: 1 within the time asked about; less, the farther away. */
static float near_date(const struct when *asked, int64_t from_ms, int64_t to_ms)
{
    double away = to_ms < asked->from_ms    ? (double)(asked->from_ms - to_ms)
                  : from_ms >= asked->to_ms ? (double)(from_ms - asked->to_ms)
                                            : 0;
    double width = (double)(asked->to_ms - asked->from_ms) / DAY_MS;
    double far = away / DAY_MS / (width > 3 ? width : 3);
    return far > NOTHING ? 0 : (float)exp(-far);
}

/* What speaks of the time asked about is as near as what was said then. */
static float of_date(const struct recall *r, uint32_t place)
{
    if (!r->dated)
        return 0;
    const struct index_item *item = &r->index->items[place];
    if (r->index->links[place].flags & ITEM_TIMED && item->from_ms < r->asked.to_ms && item->to_ms > r->asked.from_ms)
        return 1;
    return near_date(&r->asked, item->at_ms, item->at_ms);
}

static void of_words(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    bool talk = r->index->sessions[r->places[place].session].n > 1;
    float words = recall_share(r->heard[place].words, r->most.words),
          covered = recall_share(r->heard[place].covered, (float)r->n_terms);
    out[talk ? RECALL_words : RECALL_alone_words] = words;
    out[talk ? RECALL_covered : RECALL_alone_covered] = covered;
    if (!talk)
        return;
    out[RECALL_words3] = recall_share(r->heard[place].words3, r->most.words3);
    out[RECALL_words5] = recall_share(r->heard[place].words5, r->most.words5);
    out[RECALL_trail] = recall_share(r->heard[place].trail, r->idf_sum);
    out[RECALL_session_words] = recall_share(r->session_words[r->places[place].session], r->best_session);
    out[RECALL_length] = r->index->items[place].log_words;
}

static void of_meaning(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    bool talk = r->index->sessions[r->places[place].session].n > 1;
    if (!r->by_meaning)
        return;
    out[talk ? RECALL_meaning : RECALL_alone_meaning] = RECALL_SCORE(r->meaning[place], r->of_meaning);
    if (!talk)
        return;
    out[RECALL_meaning3] = RECALL_SCORE(r->meaning3[place], r->of_meaning3);
    out[RECALL_meaning5] = RECALL_SCORE(r->meaning5[place], r->of_meaning5);
    out[RECALL_session_meaning] = RECALL_SCORE(r->session_meaning[r->places[place].session], r->of_session);
}

/* What stands in a talk is measured by it, too; what stands alone by itself only. */
void recall_features(const struct recall *r, uint32_t place, float out[RECALL_FEATURES])
{
    const struct index_item *item = &r->index->items[place];
    const struct index_link *link = &r->index->links[place];
    bool talk = r->index->sessions[r->places[place].session].n > 1;
    memset(out, 0, RECALL_FEATURES * sizeof(*out));
    of_words(r, place, out);
    of_meaning(r, place, out);
    out[RECALL_speaker] = of_speaker(r, item->speaker);
    out[RECALL_own] = talk && link->flags & ITEM_OWN ? 1 : 0;
    out[RECALL_counts] = talk && r->asks_many && link->flags & ITEM_COUNTS ? 1 : 0;
    out[RECALL_asks] = link->flags & ITEM_ASKS ? 1 : 0;
    out[RECALL_answers] = link->flags & ITEM_AFTER && link->before != INDEX_NONE && r->open[link->before] ? 1 : 0;
    out[RECALL_replies] = out[RECALL_speaker] < 0 ? out[RECALL_answers] : 0;
    out[RECALL_opening] = item->log_place;
    out[RECALL_timed] = r->asks_when && link->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_times] = talk && link->flags & ITEM_TIMED ? 1 : 0;
    out[RECALL_date] = of_date(r, place);
}

/* ---- the most it can be worth ---- */

#define ROUNDING 1e-3f /* more than sums of these numbers are off */

/* Weights for numbers as they lie in the arrays: in `talk` of one in a talk, in `alone` of the others; what flags add, by all of them. */
struct bound {
    float talk_words, words3, words5, trail, talk_covered, talk_meaning, meaning3, meaning5, talk;
    float alone_words, alone_covered, alone_meaning, alone;
    float talk_flags[256], alone_flags[256];
};

static float larger_of(float weight, float least, float most) { return recall_larger(weight * least, weight * most); }

/* What neither words nor meaning nor flags add, at most. */
static float most_beside(const struct recall *r, const float *w)
{
    return larger_of(w[RECALL_speaker], r->n_named ? -1 : 0, r->n_named ? 1 : 0) +
           larger_of(w[RECALL_opening], 0, logf(1 + (float)UINT16_MAX));
}

static void fill_flags(const struct recall *r, const float *w, struct bound *b)
{
    for (unsigned flags = 0; flags < 256; flags++) {
        float both = (flags & ITEM_ASKS ? w[RECALL_asks] : 0) +
                     (flags & ITEM_TIMED && r->asks_when ? w[RECALL_timed] : 0) +
                     (flags & ITEM_TIMED && r->dated ? larger_of(w[RECALL_date], 0, 1) : 0);
        if (flags & ITEM_AFTER) /* what it is behind may not be told, and the one asked about may say it */
            both += larger_of(w[RECALL_answers], 0, 1) + larger_of(w[RECALL_replies], 0, r->n_named > 0);
        b->alone_flags[flags] = both;
        b->talk_flags[flags] = both + (flags & ITEM_OWN ? w[RECALL_own] : 0) +
                               (flags & ITEM_TIMED ? w[RECALL_times] : 0) +
                               (flags & ITEM_COUNTS && r->asks_many ? w[RECALL_counts] : 0);
    }
}

static float over(float weight, float most) { return most > 0 ? weight / most : 0; }

static struct bound bound_of(const struct recall *r, const float *w)
{
    float beside = most_beside(r, w) + ROUNDING;
    struct bound b = { .talk_words = over(w[RECALL_words], r->most.words),
                       .words3 = over(w[RECALL_words3], r->most.words3),
                       .words5 = over(w[RECALL_words5], r->most.words5),
                       .trail = over(w[RECALL_trail], r->idf_sum),
                       .talk_covered = over(w[RECALL_covered], (float)r->n_terms),
                       .alone_words = over(w[RECALL_alone_words], r->most.words),
                       .alone_covered = over(w[RECALL_alone_covered], (float)r->n_terms),
                       .talk = beside + larger_of(w[RECALL_length], 0, logf(1 + (float)r->longest)),
                       .alone = beside };
    fill_flags(r, w, &b);
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

/* What sessions add: their words, and when they were. What was said alone is a session, too, and has no words of it. */
static void fill_sessions(struct recall *r, const float *w)
{
    float words = over(w[RECALL_session_words], r->best_session);
    for (size_t s = 0; s < r->index->n_sessions; s++) {
        const struct index_session *session = &r->index->sessions[s];
        float date = r->dated ? w[RECALL_date] * near_date(&r->asked, session->from_ms, session->to_ms) : 0;
        r->session_most[s] = recall_larger(date, 0) + (session->n > 1 ? words * r->session_words[s] : 0);
    }
}

/* Returns the most of those that may be told. Without meaning its arrays hold anything; behind the last item there is 0. */
static float most_of(const struct recall *r, const struct bound *b, size_t from, float out[RECALL_BLOCK])
{
    const struct recall_heard *heard = r->heard + from;
    const float *meaning = r->meaning + from, *meaning3 = r->meaning3 + from, *meaning5 = r->meaning5 + from;
    float talk[RECALL_BLOCK], alone[RECALL_BLOCK], most = -INFINITY;
    for (int j = 0; j < RECALL_BLOCK; j++) {
        talk[j] = b->talk + b->talk_words * heard[j].words + b->words3 * heard[j].words3 + b->words5 * heard[j].words5 +
                  b->trail * heard[j].trail + b->talk_covered * heard[j].covered;
        alone[j] = b->alone + b->alone_words * heard[j].words + b->alone_covered * heard[j].covered;
    }
    for (int j = 0; r->by_meaning && j < RECALL_BLOCK; j++) {
        talk[j] += b->talk_meaning * meaning[j] + b->meaning3 * meaning3[j] + b->meaning5 * meaning5[j];
        alone[j] += b->alone_meaning * meaning[j];
    }
    for (size_t j = 0; j < RECALL_BLOCK && from + j < r->index->n; j++) {
        unsigned flags = r->flags[from + j];
        float can = recall_larger(talk[j] + b->talk_flags[flags], alone[j] + b->alone_flags[flags]) +
                    r->session_most[r->places[from + j].session];
        out[j] = r->open[from + j] ? can : -INFINITY;
        most = recall_larger(most, out[j]);
    }
    return most;
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

float recall_fade(const struct memory_index *index, uint32_t place, int64_t now_ms)
{
    const struct index_item *item = &index->items[place];
    int64_t last = item->recalled_ms > item->at_ms ? item->recalled_ms : item->at_ms;
    double days = now_ms > last ? (double)(now_ms - last) / DAY_MS : 0;
    return index->links[place].flags & ITEM_PINNED ? 1 : (float)exp(-days / (5 * (1 + (double)item->recalls)));
}

/* Of two that are as near one that is pinned comes first, then the earlier one. */
static bool is_better(const struct recall *r, const struct recall_hit *than, float score, uint32_t place)
{
    if (score > than->score || score < than->score)
        return score > than->score;
    int pinned = r->index->links[place].flags & ITEM_PINNED, other = r->index->links[than->place].flags & ITEM_PINNED;
    return pinned != other ? pinned > other : place < than->place;
}

/* Where nothing fades it is worth exactly what it is without that; else less, so that the most it can be worth still holds. */
static void take_in(struct recall *r, uint32_t place, float whole)
{
    struct recall_hit *best = r->best;
    float faded = r->query.fades ? RECALL_FADED * (1 - recall_fade(r->index, place, r->query.now.ms)) : 0;
    float score = whole - faded;
    if (r->n_best == RECALL_MOST && !is_better(r, &best[r->n_best - 1], score, place))
        return;
    size_t at = r->n_best < RECALL_MOST ? r->n_best++ : r->n_best - 1;
    for (; at && is_better(r, &best[at - 1], score, place); at--)
        best[at] = best[at - 1];
    best[at] = (struct recall_hit){ .id = r->index->items[place].id, .place = place, .score = score, .faded = faded };
}

/* What an item must be able to exceed to be looked at. */
static float least_of(const struct recall *r)
{
    return r->n_best < RECALL_MOST ? -INFINITY : r->best[r->n_best - 1].score;
}

static void look_at_block(struct recall *r, const struct bound *bound, const float *weights, size_t block)
{
    float most[RECALL_BLOCK];
    size_t from = block * RECALL_BLOCK;
    most_of(r, bound, from, most);
    for (size_t j = 0; j < RECALL_BLOCK && from + j < r->index->n; j++)
        if (most[j] > least_of(r))
            take_in(r, (uint32_t)(from + j), score_of(r, (uint32_t)(from + j), weights));
}

/* Blocks whose items can be worth most. They are looked at first: most of the others cannot be better than what they have. */
#define FIRST 16

void recall_rank(struct recall *r)
{
    const float *weights = r->query.weights ? r->query.weights : recall_weights;
    const struct bound bound = bound_of(r, weights);
    const size_t n = (r->index->n + RECALL_BLOCK - 1) / RECALL_BLOCK;
    float most[RECALL_BLOCK];
    size_t first[FIRST + 1], n_first = 0;
    r->n_best = 0;
    fill_sessions(r, weights);
    for (size_t block = 0; block < n; block++) {
        float can = r->block_most[block] = most_of(r, &bound, block * RECALL_BLOCK, most);
        size_t at = n_first;
        for (; at && can > r->block_most[first[at - 1]]; at--)
            first[at] = first[at - 1];
        first[at] = block;
        n_first += n_first < FIRST;
    }
    for (size_t i = 0; i < n_first; i++) {
        look_at_block(r, &bound, weights, first[i]);
        r->block_most[first[i]] = -INFINITY;
    }
    for (size_t block = 0; block < n; block++)
        if (r->block_most[block] > least_of(r))
            look_at_block(r, &bound, weights, block);
    for (size_t i = 0; i < r->n_best; i++)
        recall_features(r, r->best[i].place, r->best[i].features);
}
