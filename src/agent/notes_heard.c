/* notes_heard.c — which of somebody's notes may stand in a prompt while others are there, who read or hear what comes of it. Loop thread. */
#include "agent/notes.h"

#include "agent/state.h"
#include "memory/class.h"
#include "mind/wish.h"

struct hearing {
    const struct store_note *note;
    const int64_t *people;
    size_t n_people;
    bool told;
};

static bool all_heard(const struct hearing *h, const struct store_memory *turn)
{
    for (size_t i = 0; i < h->n_people; i++)
        if (!store_people_have(turn->witnesses, h->people[i]) || store_people_have(turn->excluded, h->people[i]))
            return false;
    return true;
}

static int take(void *ctx, const struct store_memory *turn)
{
    struct hearing *h = ctx;
    bool wish = h->note->kind != WISH_REMEMBER && (turn->class == MEMORY_KNOWLEDGE || turn->class == MEMORY_PERSONAL);
    h->told = wish || all_heard(h, turn);
    return 0;
}

bool notes_may_be_told(anima_home *home, const struct store_note *note, const int64_t *people, size_t n_people)
{
    struct hearing h = { .note = note, .people = people, .n_people = n_people };
    if (n_people < 2)
        return true;
    if (!*note->conversation)
        return note->kind != WISH_REMEMBER &&
               note->seq >= 0; /* of one whose conversation is gone nobody knows any more */
    store_memory_of_turn(home->store, note->conversation, note->seq, take, &h, NULL);
    return h.told;
}
