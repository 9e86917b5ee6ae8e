/* profile_door.c — what is known of people, shown to people and corrected by them. Loop thread. */
#include "agent/memories_private.h"
#include "agent/profile.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#define MAX_VALUE 120

struct showing {
    anima_home *home;
    const struct profile *profile;
    const struct fact_said *said;
    const char *character, *person, *language;
    int64_t now_ms;
    anima_known_cb *cb;
    void *ctx;
    bool stopped;
};

/* The turn that told it, by the fact's id. */
static int show_fact(void *ctx, int64_t id, const struct store_fact *fact, int64_t hand_ms,
                     const struct store_memory *item)
{
    struct showing *s = ctx;
    const struct fact_said *said = s->said;
    const char *names[MEMORIES_WITNESSES];
    char text[FACT_WHOSE + FACT_WORDS + FACT_VALUE + 80];
    (void)hand_ms;
    fact_text(&said->fact, s->language, text, sizeof(text));
    const anima_known known = { .id = id,
                                .character = s->character,
                                .person_name = s->person,
                                .about = fact->about,
                                .whose = said->fact.whose,
                                .topic = said->fact.topic,
                                .value = said->fact.value,
                                .text = text,
                                .from_ms = said->from_ms,
                                .until_ms = said->until_ms,
                                .holds = fact_holds(said, s->now_ms),
                                .by_hand = said->by_hand,
                                .confidence = (double)said->fact.confidence,
                                .source = memories_describe(s->home, item, names) };
    s->stopped = s->cb(s->ctx, &known) != 0;
    return s->stopped;
}

/* What a later one says again is not shown twice; what only says that something ended is seen by what ended. */
static int show_all(struct showing *s, bool holds, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = s->profile->n; i-- > 0 && !rc && !s->stopped;) {
        s->said = &s->profile->list[i];
        if (s->said->again != FACT_NONE || s->said->fact.ends || fact_holds(s->said, s->now_ms) != holds)
            continue;
        rc = store_fact_get(s->home->store, profile_source(s->profile, s->said)->id, show_fact, s, err);
    }
    return rc;
}

int anima_known_list(anima_home *home, const char *character, const char *person, const char *language,
                     anima_known_cb *cb, void *ctx, anima_error *err)
{
    struct profile profile;
    if (!anima_character_find(home, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    const anima_person *who;
    if (home_person_known(home, person, &who, err))
        return ANIMA_E_NOT_FOUND;
    int rc = profile_read(home, character, who->id, NULL, 0, &profile, err);
    struct showing s = { .home = home,
                         .profile = &profile,
                         .character = character,
                         .person = who->name,
                         .language = language ? language : "",
                         .now_ms = clock_wall_ms(),
                         .cb = cb,
                         .ctx = ctx };
    if (!rc)
        rc = show_all(&s, true, err);
    if (!rc)
        rc = show_all(&s, false, err);
    profile_finish(&profile);
    return rc;
}

int anima_known_change(anima_home *home, int64_t id, const char *value, anima_done *done, void *ctx, anima_error *err)
{
    struct op *op;
    size_t n = value ? strlen(value) : 1;
    if (home->read_only)
        return home_looked_at_only(err);
    if (!n || n > MAX_VALUE || (value && (!utf8_valid(value, n) || value[strspn(value, " \r\n\t")] == '\0')))
        return err_set(err, ANIMA_E_INVALID, "a value is UTF-8 text of 1 to %d bytes", MAX_VALUE);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    return rc ? rc : op_queued(op, store_fact_change(home->store, id, value, clock_wall_ms(), op_written, op, err));
}
