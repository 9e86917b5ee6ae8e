/* topics_lately.c — what comes to a character's mind of itself when somebody comes back: what the two talked about lately. */
#include "agent/recollection.h"
#include "agent/topics.h"

#include <stdio.h>
#include <string.h>

#define LOOKED 32                           /* sentences, the newest */
#define LATELY_MS (30LL * 24 * 3600 * 1000) /* what is older is not lately */

/* All turns of it stand in the prompt anyway, or one does. */
static bool is_shown(const struct topic *t, const struct recollection_question *q)
{
    for (size_t i = 0; i < t->n_turns; i++)
        if (recollection_in_sight(q, t->turns[i].conversation, t->turns[i].seq))
            return true;
    return false;
}

static bool add(struct recollection *found, const struct topic *t)
{
    struct recollected_topic *out = &found->lately[found->n_lately];
    *out = (struct recollected_topic){ .at_ms = t->at_ms, .n_turns = t->n_turns };
    int n = snprintf(out->text, sizeof(out->text), "%s", t->text);
    for (size_t i = 0; i < t->n_turns; i++) {
        snprintf(out->turns[i].conversation, sizeof(out->turns[i].conversation), "%s", t->turns[i].conversation);
        out->turns[i].seq = t->turns[i].seq;
    }
    return n > 0 && (size_t)n < sizeof(out->text);
}

int recollection_lately(struct memories *all, const struct recollection_question *q, int64_t now_ms,
                        struct recollection *found, anima_error *err)
{
    struct topic_list topics;
    int rc = topics_read_all(memories_home(all), q->character, q->people[0], q->people, q->n_people, LOOKED, &topics,
                             err);
    for (size_t i = 0; i < topics.n && !rc && found->n_lately < RECOLLECTION_LATELY; i++) {
        const struct topic *t = &topics.list[i];
        if (!t->until_ms && t->at_ms >= now_ms - LATELY_MS && !is_shown(t, q))
            found->n_lately += add(found, t);
    }
    topics_finish(&topics);
    return rc;
}
