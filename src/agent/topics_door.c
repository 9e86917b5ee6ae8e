/* topics_door.c — what was talked about, shown to people and corrected by them. Loop thread. */
#include "agent/memories_private.h"
#include "agent/topics.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"
#include "mind/topics.h"

#include <string.h>

struct showing {
    anima_home *home;
    const char *character, *person;
    anima_topic_cb *cb;
    void *ctx;
};

static int show(const struct showing *s, const struct topic *t)
{
    anima_memory sources[STORE_CITES];
    const char *names[STORE_CITES][MEMORIES_WITNESSES];
    for (size_t i = 0; i < t->n_turns; i++)
        sources[i] = memories_describe(s->home, &t->turns[i], names[i]);
    const anima_topic topic = { .id = t->id,
                                .about = t->first,
                                .character = s->character,
                                .person_name = s->person,
                                .language = t->language,
                                .text = t->text,
                                .from_ms = t->at_ms,
                                .until_ms = t->until_ms,
                                .by_hand = t->by_hand,
                                .kind = memories_class_name(t->class),
                                .sources = sources,
                                .n_sources = t->n_turns };
    return s->cb(s->ctx, &topic);
}

/* Each newest one with those whose place it took. */
static void show_all(const struct showing *s, const struct topic_list *topics)
{
    for (size_t i = 0; i < topics->n; i++) {
        if (topics->list[i].until_ms)
            continue;
        for (size_t k = i; k < topics->n; k++)
            if (topics->list[k].first == topics->list[i].id && show(s, &topics->list[k]))
                return;
    }
}

int anima_topic_list(anima_home *home, const char *character, const char *person, anima_topic_cb *cb, void *ctx,
                     anima_error *err)
{
    struct topic_list topics;
    if (!anima_character_find(home, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    const anima_person *who;
    if (home_person_known(home, person, &who, err))
        return ANIMA_E_NOT_FOUND;
    int rc = topics_read_all(home, character, who->id, NULL, 0, TOPICS_LOOKED, &topics, err);
    const struct showing s = { .home = home, .character = character, .person = who->name, .cb = cb, .ctx = ctx };
    if (!rc)
        show_all(&s, &topics);
    topics_finish(&topics);
    return rc;
}

int anima_topic_change(anima_home *home, int64_t id, const char *text, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    size_t n = text ? strlen(text) : 1;
    if (home->read_only)
        return home_looked_at_only(err);
    if (!n || n > TOPICS_LINE || (text && (!utf8_valid(text, n) || text[strspn(text, " \r\n\t")] == '\0')))
        return err_set(err, ANIMA_E_INVALID, "a sentence is UTF-8 text of 1 to %d bytes", TOPICS_LINE);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    return rc ? rc : op_queued(op, store_topic_change(home->store, id, text, clock_wall_ms(), op_written, op, err));
}
