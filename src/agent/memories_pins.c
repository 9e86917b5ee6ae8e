/* memories_pins.c — what is kept in mind: a turn that is pinned never fades, and comes first of those that are as near. Loop thread. */
#include "agent/memories_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <string.h>

struct pinning {
    struct memories *all;
    const char *conversation;
    int64_t seq;
    bool pinned;
    struct store_strength now;
};

/* The strength of the one item, as it is in the store. */
static void take_strength(void *ctx, const struct store_strength *s)
{
    struct pinning *p = ctx;
    p->now = *s;
}

static int take_id(void *ctx, const struct store_memory *item)
{
    *(int64_t *)ctx = item->id;
    return 0;
}

/* In the index of whoever has it; one that is being read has it from the store. */
static void show_in_index(anima_home *home, const char *conversation, int64_t seq)
{
    struct pinning p = { .all = home->memories };
    anima_conversation_info info;
    int64_t id = 0;
    if (store_conversation_get(home->store, conversation, &info, NULL) ||
        store_memory_of_turn(home->store, conversation, seq, take_id, &id, NULL) || !id)
        return;
    struct memory_index *index = memories_there(home->memories, info.character);
    if (index && !store_strength_list(home->store, info.character, id - 1, id, take_strength, &p, NULL))
        index_strength(index, id, p.now.pinned, (uint32_t)p.now.recalls, p.now.recalled_ms);
}

static int pinned(struct op *op, anima_error *err)
{
    (void)err;
    show_in_index(op->home, op->text, op->seq);
    return ANIMA_OK;
}

int anima_memory_pin(anima_home *home, const char *conversation, int64_t seq, bool pin, anima_done *done, void *ctx,
                     anima_error *err)
{
    struct op *op;
    if (home->read_only)
        return home_looked_at_only(err);
    int rc = op_new(home, NULL, done, ctx, &op, err);
    if (rc)
        return rc;
    op->end = pinned;
    op->seq = seq;
    op->text = mem_strdup(conversation);
    if (!op->text)
        return op_queued(op, err_set(err, ANIMA_E_NOMEM, "out of memory for the pin"));
    return op_queued(op, store_pin(home->store, conversation, seq, pin ? clock_wall_ms() : 0, op_written, op, err));
}
