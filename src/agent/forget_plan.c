#include "agent/forget.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "memory/repeats.h"
#include "mind/unsay.h"

#include <stdio.h>
#include <string.h>

#define MOST_ITEMS 20000
#define MOST_SCANS 2000 /* conversations */
#define TREE 500
#define PAGE 500
#define PLAN_ARENA (64u << 20)

/* The one who looks: everything that belongs to the other thread. */
struct planning {
    struct forget_plan *plan;
    struct store *store;
    struct words *words;
    struct fact_reader *facts;
    struct repeats repeats;
    struct forget_scan *scan; /* the one that is looked through */
};

static int fail(struct planning *p, int code, const char *message)
{
    if (!p->plan->rc)
        p->plan->rc = err_set(&p->plan->err, code, "%s", message);
    return p->plan->rc;
}

static int no_memory(struct planning *p) { return fail(p, ANIMA_E_NOMEM, "out of memory for what is to be forgotten"); }

/* ---- lists ---- */

static bool has_item(const struct forget_plan *plan, const char *conversation, int64_t seq, int variant)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct store_forgotten *place = &plan->items[i].place;
        if (place->seq == seq && (place->variant < 0 || place->variant == variant) &&
            strcmp(place->conversation, conversation) == 0)
            return true;
    }
    return false;
}

static struct forget_scan *scan_of(struct planning *p, const char *conversation)
{
    for (size_t i = 0; i < p->plan->n_scans; i++)
        if (strcmp(p->plan->scans[i].id, conversation) == 0)
            return &p->plan->scans[i];
    return NULL;
}

/* From that turn on, or an earlier one, replies of this conversation are looked at. */
static int add_scan(struct planning *p, const anima_conversation_info *info, int64_t from)
{
    struct forget_plan *plan = p->plan;
    struct forget_scan *scan = scan_of(p, info->id);
    if (scan) {
        scan->from = from < scan->from ? from : scan->from;
        return ANIMA_OK;
    }
    if (plan->n_scans == MOST_SCANS)
        return fail(p, ANIMA_E_LIMIT, "too many conversations have it; delete some of them");
    struct forget_scan *list = mem_grow(plan->scans, plan->n_scans, &plan->max_scans, sizeof(*list));
    if (!list)
        return no_memory(p);
    plan->scans = list;
    scan = &list[plan->n_scans++];
    *scan = (struct forget_scan){ .from = from };
    snprintf(scan->id, sizeof(scan->id), "%s", info->id);
    snprintf(scan->character, sizeof(scan->character), "%s", info->character);
    return ANIMA_OK;
}

struct tree {
    struct planning *p;
    int64_t from;
};

static int add_branch(void *ctx, const anima_timeline *t)
{
    const struct tree *tree = ctx;
    return add_scan(tree->p, &t->info, tree->from);
}

/* The conversation and all its forks. */
static int add_tree(struct planning *p, const char *conversation, int64_t from)
{
    struct tree tree = { p, from };
    bool more;
    int rc = store_conversation_tree(p->store, conversation, TREE, add_branch, &tree, &more, &p->plan->err);
    p->plan->rc = p->plan->rc ? p->plan->rc : rc;
    if (!p->plan->rc && more)
        fail(p, ANIMA_E_LIMIT, "the conversation has too many forks; delete some of them");
    return p->plan->rc;
}

static int add_item(struct planning *p, const struct forget_scan *scan, const anima_turn *turn, int variant,
                    enum forget_why why)
{
    struct forget_plan *plan = p->plan;
    if (has_item(plan, scan->id, turn->seq, variant))
        return ANIMA_OK;
    if (plan->n == MOST_ITEMS)
        return fail(p, ANIMA_E_LIMIT, "too many replies repeat it; name fewer turns at once");
    struct forget_item *list = mem_grow(plan->items, plan->n, &plan->max, sizeof(*list));
    const char *text = list ? arena_strdup(&plan->arena, turn->text) : NULL;
    plan->items = list ? list : plan->items;
    if (!text)
        return no_memory(p);
    struct forget_item *item = &list[plan->n++];
    *item = (struct forget_item){ .place = { .seq = turn->seq, .variant = variant },
                                  .why = why,
                                  .reply = turn->role == ANIMA_ROLE_CHARACTER,
                                  .person = turn->role == ANIMA_ROLE_CHARACTER ? 0 : turn->person,
                                  .at_ms = turn->created_ms,
                                  .text = text };
    memcpy(item->place.conversation, scan->id, sizeof(item->place.conversation));
    snprintf(item->character, sizeof(item->character), "%s", scan->character);
    return ANIMA_OK;
}

/* ---- the turns that were named, and their copies ---- */

struct one_turn {
    struct planning *p;
    const struct forget_scan *scan;
    int64_t seq;
    const struct forget_item *of; /* the one whose copy it may be; NULL: it was named itself */
    bool found;
};

static bool repeats_it(struct planning *p, const char *text) { return repeats_in(&p->repeats, p->words, text); }

static int learn(struct planning *p, const char *text, int64_t at_ms)
{
    const struct when_anchor said = { at_ms, clock_offset_min(at_ms) };
    return repeats_add(&p->repeats, p->words, p->facts, text, said, (const char *const *)p->plan->names,
                       p->plan->n_names)
               ? no_memory(p)
               : ANIMA_OK;
}

static int take_named(void *ctx, const anima_turn *turn)
{
    struct one_turn *one = ctx;
    struct planning *p = one->p;
    one->found = turn->seq == one->seq;
    if (!one->found || !*turn->text)
        return 1;
    if (turn->state < ANIMA_TURN_DONE)
        fail(p, ANIMA_E_BUSY, "this reply is under way: stop it, or wait for its end");
    else if (!add_item(p, one->scan, turn, -1, FORGET_ASKED))
        learn(p, turn->text, turn->created_ms);
    return 1;
}

static int take_copy(void *ctx, const anima_turn *turn)
{
    struct one_turn *one = ctx;
    if (turn->seq != one->seq || !*turn->text || (turn->role == ANIMA_ROLE_CHARACTER) != one->of->reply ||
        turn->state < ANIMA_TURN_DONE)
        return 1;
    if (strcmp(turn->text, one->of->text) == 0 || repeats_it(one->p, turn->text))
        add_item(one->p, one->scan, turn, -1, FORGET_COPY);
    return 1;
}

static int find_named(struct planning *p, const struct forget_place *place)
{
    if (add_tree(p, place->conversation, place->seq + 1))
        return p->plan->rc;
    struct one_turn one = { p, scan_of(p, place->conversation), place->seq, NULL, false };
    if (one.scan)
        p->plan->rc = store_turn_list(p->store, place->conversation, place->seq - 1, 1, take_named, &one, &p->plan->err)
                          ? p->plan->err.code
                          : p->plan->rc;
    return !p->plan->rc && !one.found ? fail(p, ANIMA_E_NOT_FOUND, "there is no such turn") : p->plan->rc;
}

/* In the other branches of its tree: where a fork was made its turns are copies, at the same places. */
static int find_copies(struct planning *p, const struct forget_item *of)
{
    for (size_t i = 0; i < p->plan->n_scans && !p->plan->rc; i++) {
        const struct forget_scan *scan = &p->plan->scans[i];
        struct one_turn one = { p, scan, of->place.seq, of, false };
        if (strcmp(scan->id, of->place.conversation) != 0 &&
            store_turn_list(p->store, scan->id, of->place.seq - 1, 1, take_copy, &one, &p->plan->err))
            fail(p, p->plan->err.code, p->plan->err.message);
    }
    return p->plan->rc;
}

/* ---- the replies that say it again ---- */

struct page {
    struct planning *p;
    int64_t last;
    int n;
};

static int take_reply(void *ctx, const anima_turn *turn)
{
    struct page *page = ctx;
    struct planning *p = page->p;
    page->last = turn->seq;
    page->n++;
    if (atomic_load(p->plan->stop))
        fail(p, ANIMA_E_CANCELLED, "the home is being closed");
    else if (turn->role == ANIMA_ROLE_CHARACTER && *turn->text && repeats_it(p, turn->text))
        add_item(p, p->scan, turn, -1, FORGET_REPEATS);
    return p->plan->rc != 0;
}

static int take_variant(void *ctx, const anima_turn *turn)
{
    struct planning *p = ctx;
    if (turn->seq >= p->scan->from && *turn->text && repeats_it(p, turn->text))
        add_item(p, p->scan, turn, turn->variant, FORGET_REPEATS);
    return p->plan->rc != 0;
}

static int look_through(struct planning *p)
{
    struct forget_plan *plan = p->plan;
    struct forget_scan *scan = p->scan;
    int64_t from = scan->from, first;
    struct page page = { .p = p, .last = from - 1, .n = PAGE };
    int rc = store_turn_changes(p->store, scan->id, 0, &scan->changes, &first, &scan->last, &plan->err);
    while (!rc && !plan->rc && page.n == PAGE) {
        page.n = 0;
        rc = store_turn_list(p->store, scan->id, page.last, PAGE, take_reply, &page, &plan->err);
    }
    if (!rc && !plan->rc)
        rc = store_variant_list(p->store, scan->id, 0, take_variant, p, &plan->err);
    scan->done = from;
    return rc && !plan->rc ? plan->rc = rc : plan->rc;
}

struct told {
    struct forget_place *found;
    size_t n, max;
    bool failed;
};

static int take_told(void *ctx, const char *conversation, int64_t seq, int variant)
{
    struct told *told = ctx;
    (void)variant;
    struct forget_place *found = mem_grow(told->found, told->n, &told->max, sizeof(*found));
    if (!found) {
        told->failed = true;
        return 1;
    }
    told->found = found;
    snprintf(told->found[told->n].conversation, sizeof(told->found[0].conversation), "%s", conversation);
    told->found[told->n++].seq = seq;
    return 0;
}

/* Who was told it is looked at from there on. */
static int follow(struct planning *p, const struct store_forgotten *place)
{
    struct told told = { .found = NULL };
    anima_error *err = &p->plan->err;
    int rc = store_told_of(p->store, place->conversation, place->seq, -1, take_told, &told, err);
    if (!rc && told.failed)
        rc = no_memory(p);
    for (size_t i = 0; i < told.n && !rc && !p->plan->rc; i++)
        add_tree(p, told.found[i].conversation, told.found[i].seq);
    mem_free(told.found);
    return rc && !p->plan->rc ? p->plan->rc = rc : p->plan->rc;
}

/* Until nothing new is found: a reply that says it again may have been told to others. */
static void find_replies(struct planning *p)
{
    struct forget_plan *plan = p->plan;
    size_t followed = 0;
    for (bool more = true; more && !plan->rc;) {
        more = false;
        for (; followed < plan->n && !plan->rc; followed++) {
            const struct store_forgotten place = plan->items[followed].place; /* the list may move */
            follow(p, &place);
        }
        for (size_t i = 0; i < plan->n_scans && !plan->rc; i++) {
            p->scan = &plan->scans[i];
            if (p->scan->done && p->scan->done <= p->scan->from)
                continue;
            more = true;
            look_through(p);
        }
    }
}

/* ---- the message that asks for it ---- */

static int take_request(void *ctx, const anima_turn *turn)
{
    struct one_turn *one = ctx;
    struct planning *p = one->p;
    struct forget_plan *plan = p->plan;
    size_t n = strlen(turn->text);
    if (turn->seq != one->seq || !*turn->text || !repeats_it(p, turn->text))
        return 1;
    const char *left = plan->end > plan->start && plan->end <= n
                           ? arena_printf(&plan->arena, "%.*s…%s", (int)plan->start, turn->text, turn->text + plan->end)
                           : turn->text;
    if (!left || add_item(p, one->scan, turn, -1, FORGET_REQUEST))
        no_memory(p);
    else
        plan->items[plan->n - 1].place.text = repeats_it(p, left) ? unsay_instead(turn->text) : left;
    return 1;
}

static void look_at_request(struct planning *p)
{
    const struct forget_place *request = &p->plan->request;
    struct one_turn one = { p, scan_of(p, request->conversation), request->seq, NULL, false };
    if (!p->plan->rc && !one.scan && !add_tree(p, request->conversation, request->seq))
        one.scan = scan_of(p, request->conversation);
    if (!p->plan->rc && one.scan &&
        store_turn_list(p->store, request->conversation, request->seq - 1, 1, take_request, &one, &p->plan->err))
        fail(p, p->plan->err.code, p->plan->err.message);
}

/* ---- all of it ---- */

static int open_all(struct planning *p)
{
    struct forget_plan *plan = p->plan;
    plan->rc = store_open(plan->path, true, NULL, &p->store, &plan->err);
    if (!plan->rc)
        plan->rc = words_create(&p->words, &plan->err);
    if (!plan->rc)
        plan->rc = fact_reader_create(&p->facts, &plan->err);
    return plan->rc ? plan->rc : store_snapshot(p->store, &plan->err);
}

void forget_plan_make(struct forget_plan *plan)
{
    struct planning p = { .plan = plan };
    arena_finish(&plan->arena);
    arena_init(&plan->arena, PLAN_ARENA);
    plan->n = plan->n_scans = 0;
    plan->err = (anima_error){ 0 };
    plan->rc = open_all(&p);
    for (size_t i = 0; i < plan->n_places && !plan->rc; i++)
        find_named(&p, &plan->places[i]);
    size_t named = plan->n;
    for (size_t i = 0; i < named && !plan->rc; i++) {
        const struct forget_item of = plan->items[i];
        find_copies(&p, &of);
    }
    if (!plan->rc && plan->n)
        find_replies(&p);
    if (!plan->rc && plan->n && plan->request.seq)
        look_at_request(&p);
    repeats_finish(&p.repeats);
    fact_reader_destroy(p.facts);
    words_free(p.words);
    store_close(p.store);
}

void forget_plan_finish(struct forget_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->n_names; i++)
        mem_free(plan->names[i]);
    mem_free(plan->names);
    mem_free(plan->items);
    mem_free(plan->scans);
    mem_free(plan->path);
    arena_finish(&plan->arena);
    mem_free(plan);
}
