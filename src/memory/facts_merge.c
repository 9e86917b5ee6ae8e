/* Which of several statements holds. */
#include "base/hash.h"
#include "base/utf8.h"
#include "memory/facts_private.h"

#include <string.h>
#include <strings.h>

#define WEAKER                                                                                                         \
    0.25F /* less sure than the one before by that much, it takes no place, unless it says that something changed */
#define DAY_MS 86400000ll
#define WEEK_MS (7 * DAY_MS)
#define SHORT_WORD 4

static const enum fact_kind kinds[FACT_ATTRIBUTES] = {
#define FACT(name, kind, weight, en, en_end, zh, zh_end, asked) FACT_##kind,
#include "memory/facts.def"
#undef FACT
};

/* ---- words ---- */

static bool letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* Two characters of Chinese of a stand in b. */
static bool shares_pair(const char *a, size_t n, const char *b)
{
    for (size_t i = 0; i + 6 <= n; i++)
        if ((unsigned char)a[i] >= 0xE3 && (unsigned char)a[i + 3] >= 0xE3) {
            char pair[7] = { 0 };
            memcpy(pair, a + i, 6);
            if (strstr(b, pair))
                return true;
        }
    return false;
}

/* The same word, or one and its plural: "ticket", "tickets". */
static bool same_word(const char *a, size_t n, const char *b, size_t m)
{
    size_t least = n < m ? n : m, most = n < m ? m : n;
    return least >= SHORT_WORD ? most - least <= 2 && strncasecmp(a, b, least) == 0
                               : n == m && strncasecmp(a, b, n) == 0;
}

bool fact_shares(const char *a, const char *b)
{
    for (size_t n; *a; a += n + (a[n] != '\0')) {
        n = strcspn(a, " ");
        if (n && !letter(*a) && shares_pair(a, n, b))
            return true;
        for (const char *at = b; n >= 3 && letter(*a) && *at;) {
            size_t m = 0;
            while (letter(at[m]))
                m++;
            if (m >= 3 && same_word(a, n, at, m))
                return true;
            at += m ? m : 1;
        }
    }
    return false;
}

/* ---- the same thing ---- */

/* Who is called by a name that was told: "Jo" is the sister. */
static const char *known_as(const struct fact_said *list, size_t n, const char *whose)
{
    for (size_t i = n; i-- > 0 && *whose;)
        if (list[i].fact.about == FACT_ABOUT_name && *list[i].fact.whose && strcmp(list[i].fact.value, whose) == 0)
            return list[i].fact.whose;
    return whose;
}

static uint64_t of_words(uint64_t hash, const char *words)
{
    char small[FACT_VALUE + FACT_WORDS];
    size_t n = 0;
    for (; words[n] && n < sizeof(small); n++)
        small[n] = words[n] >= 'A' && words[n] <= 'Z' ? (char)(words[n] | 32) : words[n];
    return hash * 1099511628211u + hash_bytes(small, n);
}

/* What two statements about the same thing have in common. Of days only whose: which one is meant, their words tell. */
static uint64_t slot_of(const struct fact_said *list, size_t n, const struct fact *f)
{
    uint64_t hash = of_words((uint64_t)f->about + 1, known_as(list, n, f->whose));
    if (kinds[f->about] == FACT_TOPIC)
        return of_words(hash, f->topic);
    return kinds[f->about] == FACT_MANY ? of_words(hash, f->value) : hash;
}

static bool same_value(const struct fact *a, const struct fact *b)
{
    return kinds[a->about] == FACT_DAY ? a->day_ms == b->day_ms && fact_shares(a->topic, b->topic)
                                       : !a->ends && !b->ends && strcasecmp(a->value, b->value) == 0;
}

/* A weekday alone may mean the same one a week before or after. */
static bool same_day(int64_t a, int64_t b)
{
    int64_t apart = a > b ? a - b : b - a;
    return apart <= 2 * WEEK_MS && apart % WEEK_MS == 0;
}

/* Whether the newer one is about the day that the older one was: it says that something changed, about the same words, and, if it tells
 * which day it was, that one; one that was over by then was not moved. */
static bool moves(const struct fact_said *newer, const struct fact_said *older)
{
    const struct fact *a = &newer->fact, *b = &older->fact;
    if (!a->change || a->day_ms == b->day_ms || b->day_ms + DAY_MS <= newer->at_ms)
        return false;
    return (!a->was_ms || same_day(a->was_ms, b->day_ms)) && fact_shares(a->topic, b->topic);
}

static bool takes_place(const struct fact_said *newer, const struct fact_said *older)
{
    const struct fact *a = &newer->fact, *b = &older->fact;
    if (kinds[a->about] == FACT_DAY)
        return moves(newer, older);
    if (kinds[a->about] == FACT_MANY && !a->ends)
        return false;
    return a->change || newer->by_hand || a->confidence + WEAKER >= b->confidence;
}

/* ---- all of them ---- */

/* What the i-th one says of those before it. */
static void look_back(struct fact_said *list, const uint64_t *slots, size_t i)
{
    struct fact_said *s = &list[i];
    for (size_t k = i; k-- > 0;) {
        struct fact_said *before = &list[k];
        if (slots[k] != slots[i] || before->by != FACT_NONE || before->again != FACT_NONE)
            continue;
        if (same_value(&s->fact, &before->fact)) {
            before->again = i;
            s->from_ms = before->from_ms;
        } else if (takes_place(s, before)) {
            before->by = i;
            before->until_ms = s->from_ms;
        } else if (kinds[s->fact.about] == FACT_ONE || kinds[s->fact.about] == FACT_TOPIC) {
            s->by = k; /* the surer one stays */
            s->until_ms = s->from_ms;
        }
    }
}

void facts_merge(struct fact_said *list, size_t n)
{
    uint64_t slots[FACTS_MERGED];
    n = n < FACTS_MERGED ? n : FACTS_MERGED;
    for (size_t i = 0; i < n; i++) {
        struct fact_said *s = &list[i];
        s->by = s->again = FACT_NONE;
        s->until_ms = 0;
        s->from_ms = s->fact.since_ms ? s->fact.since_ms : s->at_ms;
        slots[i] = slot_of(list, n, &s->fact);
        look_back(list, slots, i);
    }
}

bool fact_holds(const struct fact_said *f, int64_t now_ms)
{
    if (f->from_ms > now_ms || f->fact.ends || f->again != FACT_NONE || (f->by != FACT_NONE && f->until_ms <= now_ms))
        return false;
    return kinds[f->fact.about] != FACT_DAY || f->fact.day_ms + DAY_MS > now_ms;
}

bool fact_comes(const struct fact_said *f, int64_t now_ms) { return f->from_ms > now_ms && fact_holds(f, f->from_ms); }
