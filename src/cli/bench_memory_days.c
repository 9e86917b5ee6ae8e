/* bench_memory_days.c — what is in the memory after thirty days? The written days take place through the import, then all questions are
 * asked, so that much is recalled, and then every item of the memory is looked at (bench_memory_junk.h). */
#include "agent/home.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_memory_junk.h"
#include "cli/bench_memory_story.h"

#include <stdio.h>
#include <string.h>

#define MAX_CHARACTERS 16

/* Asked, answered with a word, and kept: what a recollection leaves behind is there to be found. */
static int ask_all(struct memory_story *s, struct memory_room *r, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < s->n_asked && !rc; i++) {
        const struct memory_asked *q = &s->asked[i];
        const struct character *who = cast_find(home_cast(r->room.home), q->character);
        anima_conversation *c;
        anima_subscription *events;
        if (!who)
            return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%s\"", q->character);
        rc = bench_room_begin(&r->room, who, &c, &events, err);
        if (rc)
            return rc;
        memory_story_clock(s, true);
        rc = bench_room_hear(&r->room, c, q->asker, q->text, err);
        memory_story_clock(s, false);
        bench_room_end(c, events);
    }
    return rc ? rc : memory_room_rest(r, err);
}

/* Those of the story. */
static size_t characters_of(const struct memory_story *s, const char **out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n && n < MAX_CHARACTERS; i++) {
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known = known || strcmp(out[k], s->turns[i].character) == 0;
        if (!known)
            out[n++] = s->turns[i].character;
    }
    return n;
}

int memory_days(struct memory_bench *b, anima_error *err)
{
    static const char *const sets[] = { "memory.recall=always", NULL };
    struct memory_story s;
    struct memory_room r = { .open = false };
    struct memory_junk junk = { .items = 0 };
    const char *characters[MAX_CHARACTERS];
    int rc = memory_story_read(&s, err);
    if (!rc)
        rc = memory_room_open(b, "quiet.script", sets, NULL, &r, err);
    if (!rc)
        rc = memory_story_play(&s, &r, err);
    if (!rc)
        rc = ask_all(&s, &r, err);
    if (!rc)
        rc = memory_junk_count(anima_home_path(r.room.home), characters, characters_of(&s, characters), &junk, err);
    memory_room_close(&r);
    memory_story_finish(&s);
    if (rc || !junk.items)
        return rc;
    b->report->n += (int)junk.items;
    fprintf(stderr, "thirty days: %zu items; no turn bears %zu, there twice %zu, echoes %zu\n", junk.items,
            junk.unborne, junk.twice, junk.echoes);
    size_t bad = junk.unborne + junk.twice + junk.echoes;
    memory_add(b, "junk_share", "%", "of what is remembered after thirty days: junk, duplicates, echoes",
               100.0 * (double)bad / (double)junk.items, 2, false);
    return ANIMA_OK;
}
