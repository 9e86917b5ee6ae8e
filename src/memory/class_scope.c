/* How far a request for silence reaches over the turns around it, and what a lift frees. */
#include "base/mem.h"
#include "base/utf8.h"
#include "memory/class_private.h"

#include <string.h>

#define BRIEF 2 /* words or characters with content: "yes", "it's bad": goes on with whatever it was */

#define OPENING 14 /* bytes: one word before it, or two */

struct about {
    struct class_topic topic;
    bool change, pointing, question;
    bool opens; /* it begins with what points back: "her husband", not "Anna and her husband" */
    size_t content;
};

/* "Good. By the way, …" */
static bool changes_behind(struct classifier *c, const char *s, size_t n)
{
    while (n && (*s == ' ' || *s == '\n'))
        s++, n--;
    return n && class_matches(c, LIST_CHANGE, s, n);
}

static int about_turn(struct classifier *c, const struct class_turn *turn, struct about *out)
{
    struct buf b;
    *out = (struct about){ .change = false };
    buf_init(&b, 4 * turn->n + 16);
    int rc = class_fold(turn->text, turn->n, &b) ? ANIMA_E_NOMEM : ANIMA_OK;
    size_t end = b.len;
    while (end && strchr(" \n\"')", b.data[end - 1]))
        end--;
    out->question = end && b.data[end - 1] == '?';
    if (!rc && b.len) {
        size_t n = class_sentence(b.data, b.len);
        size_t rest = n < b.len && class_topic_units(b.data, n, NULL) <= 1 ? class_sentence(b.data + n, b.len - n) : 0;
        out->change = class_matches(c, LIST_CHANGE, b.data, n) || changes_behind(c, b.data + n, rest);
        out->pointing = class_matches(c, LIST_POINTING, b.data, n);
        out->opens = class_matches(c, LIST_POINTING, b.data, utf8_cut(b.data, n, OPENING));
    }
    buf_finish(&b);
    return rc ? rc : class_topic_add(c, turn->text, turn->n, &out->topic, &out->content);
}

/* Whether a turn goes on with what stands in topic. near: it follows the request at once, so that only a clear change of the
 * subject ends the silence. In advice "it" is what the advice is about, unless it begins with it. */
static bool goes_on(const struct about *turn, const struct class_topic *topic, const struct class_found *found,
                    bool near)
{
    if (class_topic_shares(&turn->topic, topic))
        return true;
    if (turn->change || (found->tip && !turn->opens))
        return false;
    if (turn->pointing || turn->content == 0 || (turn->content < BRIEF && !turn->question))
        return true;
    return near && !turn->question && found->class != MEMORY_KNOWLEDGE;
}

static void cover(struct class_mark *mark, const struct class_found *request)
{
    mark->class = MEMORY_SECRET;
    mark->everyone = false;
    for (size_t i = 0; i < request->kept_from.n; i++) {
        class_people_add(&mark->excluded, request->kept_from.ids[i]);
        class_people_remove(&mark->allowed, request->kept_from.ids[i]);
    }
    for (size_t i = 0; i < request->told_to.n; i++)
        class_people_add(&mark->allowed, request->told_to.ids[i]);
}

static void join(struct class_topic *into, const struct class_topic *from)
{
    for (size_t i = 0; i < from->n && into->n < sizeof(into->units) / sizeof(into->units[0]); i++)
        into->units[into->n++] = from->units[i];
}

/* The answers in (from, to) stand between covered turns. */
static void cover_between(const struct class_turn *turns, size_t from, size_t to, const struct class_found *request,
                          struct class_mark *marks)
{
    for (size_t i = from + 1; i < to; i++)
        if (!turns[i].speaker)
            cover(&marks[i], request);
}

static void reach_back(const struct class_turn *turns, size_t at, const struct about *about, struct class_mark *marks)
{
    const struct class_found *request = &turns[at].found;
    bool bare = request->covers & CLASS_BEFORE;
    size_t later = at, steps = 0;
    if (request->covers & CLASS_AFTER && !bare)
        return;
    for (size_t i = at; i-- > 0 && steps < CLASS_SCOPE_BEFORE;) {
        if (!turns[i].speaker)
            continue;
        bool first = steps == 0 && bare, small = about[later].content < BRIEF;
        /* Advice is meant by "keep that to yourself", not by a request that comes with something to keep. */
        bool meant = (first && !turns[i].found.tip) || small || about[later].opens;
        if (!meant && !class_topic_shares(&about[later].topic, &about[i].topic))
            break;
        cover(&marks[i], request);
        cover_between(turns, i, later, request, marks);
        later = i;
        steps++;
    }
}

static void reach_on(const struct class_turn *turns, size_t n, size_t at, const struct about *about,
                     const struct class_topic *before, struct class_mark *marks)
{
    const struct class_found *request = &turns[at].found;
    struct class_topic topic = about[at].topic;
    size_t steps = 0, last = at;
    bool announced = request->covers & CLASS_AFTER && !(request->covers & CLASS_BEFORE);
    join(&topic, before);
    for (size_t i = at + 1; i < n && steps < CLASS_SCOPE_AFTER; i++) {
        if (!turns[i].speaker)
            continue;
        bool telling = steps == 0 && announced; /* what was announced has words of its own */
        if (turns[i].found.lifts || (!telling && !goes_on(&about[i], &topic, &turns[i].found, steps == 0)))
            break;
        cover(&marks[i], request);
        join(&topic, &about[i].topic);
        last = i;
        steps++;
    }
    /* What is said in answer to the last of them speaks of it, too. */
    for (size_t i = at + 1; i < n && (i <= last || !turns[i].speaker); i++)
        if (!turns[i].speaker)
            cover(&marks[i], request);
}

/* The nearest run of secrets before turn at. */
static void lift_run(const struct class_turn *turns, size_t at, struct class_mark *marks)
{
    const struct class_found *lift = &turns[at].found;
    size_t i = at;
    while (i > 0 && marks[i - 1].class != MEMORY_SECRET)
        i--;
    for (; i > 0 && marks[i - 1].class == MEMORY_SECRET; i--) {
        struct class_mark *mark = &marks[i - 1];
        if (lift->lifts_all) {
            mark->class = MEMORY_PERSONAL; /* somebody's all the same, and everybody may know it */
            mark->everyone = true;
            mark->excluded = (struct class_people){ .n = 0 };
        }
        for (size_t k = 0; k < lift->told_to.n; k++) {
            class_people_add(&mark->allowed, lift->told_to.ids[k]);
            class_people_remove(&mark->excluded, lift->told_to.ids[k]);
        }
    }
}

static void spread(const struct class_turn *turns, size_t n, const struct about *about, struct class_mark *marks)
{
    for (size_t i = 0; i < n; i++)
        marks[i] = (struct class_mark){ .class = turns[i].found.class };
    for (size_t i = 0; i < n; i++) {
        const struct class_found *found = &turns[i].found;
        if (!turns[i].speaker)
            continue;
        if (found->lifts)
            lift_run(turns, i, marks);
        if (found->class != MEMORY_SECRET)
            continue;
        size_t before = i;
        while (before > 0 && !turns[before - 1].speaker)
            before--;
        bool has = before > 0 && found->covers & CLASS_BEFORE;
        static const struct class_topic none;
        cover(&marks[i], found);
        reach_back(turns, i, about, marks);
        reach_on(turns, n, i, about, has ? &about[before - 1].topic : &none, marks);
    }
}

/* Advice, of nothing that was told before it in confidence, nor pointing at it. */
static bool is_apart(const struct class_turn *turns, size_t at, const struct about *about,
                     const struct class_mark *marks)
{
    bool apart = turns[at].found.tip && !about[at].opens;
    for (size_t i = 0; i < at && apart; i++)
        apart = marks[i].class != MEMORY_SECRET || !class_topic_shares(&about[i].topic, &about[at].topic);
    return apart;
}

/* What looks like knowledge soon behind a secret may be a part of it: "the certificates are inside the piano stool". It stays with those who
 * heard it, until the speaker plainly begins with something else. Advice that has no word of the secret is something else. */
static void keep_near(const struct class_turn *turns, size_t n, const struct about *about, struct class_mark *marks)
{
    size_t since = CLASS_SCOPE_AFTER;
    for (size_t i = 0; i < n; i++) {
        since = turns[i].found.class == MEMORY_SECRET && turns[i].speaker ? 0 : since;
        if (turns[i].speaker && about[i].change)
            since = CLASS_SCOPE_AFTER;
        if (marks[i].class == MEMORY_KNOWLEDGE && since < CLASS_SCOPE_AFTER && !is_apart(turns, i, about, marks))
            marks[i].class = MEMORY_PERSONAL;
        since += turns[i].speaker;
    }
}

int class_scope(struct classifier *c, const struct class_turn *turns, size_t n, struct class_mark *marks)
{
    struct about *about = mem_zero(n ? n : 1, sizeof(*about));
    int rc = about ? ANIMA_OK : ANIMA_E_NOMEM;
    for (size_t i = 0; i < n && !rc; i++)
        rc = about_turn(c, &turns[i], &about[i]);
    if (!rc)
        spread(turns, n, about, marks);
    if (!rc)
        keep_near(turns, n, about, marks);
    for (size_t i = 0; i < n && rc; i++)
        marks[i] = (struct class_mark){ .class = MEMORY_SECRET };
    mem_free(about);
    return rc;
}
