/* blind_begin.c — a round begins: its contexts are read on another thread, and drawn with the sides by its seed. */
#include "agent/blind_private.h"

#include "agent/training.h"
#include "base/clock.h"
#include "base/draw.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "corpus/files.h"
#include "corpus/held.h"

#include <stdio.h>
#include <string.h>

#define TEXTS_ARENA (1u << 30)
#define PAIRS 10
#define MOST_TURNS 12   /* of a context */
#define MOST_BYTES 8000 /* of its words */
#define MOST_CONTEXTS 100000

/* A place at which both can be asked. */
struct place {
    const struct prompt_turn *turns;
    size_t n_turns;
    unsigned conversation;
    bool own, taken;
};

struct beginning {
    anima_home *home;
    anima_done *done;
    void *ctx;
    anima_blind round;
    char *dir, *own, *folder, *share;
    struct arena arena;
    struct place *places;
    size_t n_places, max_places;
    unsigned conversation; /* the number of the one that is looked at, from 1 */
    bool *asked;           /* by that number: a pair is of it */
    enum corpus_source source;
    anima_blind_pair *pairs;
    int rc;
    anima_error err;
};

static void beginning_free(struct beginning *g)
{
    mem_free(g->dir);
    mem_free(g->own);
    mem_free(g->folder);
    mem_free(g->share);
    mem_free(g->places);
    arena_finish(&g->arena);
    mem_free(g);
}

/* ---- contexts (another thread) ---- */

static bool fits(const struct beginning *g, const struct corpus_context *c)
{
    size_t bytes = 0;
    for (size_t i = 0; i < c->n_turns; i++)
        bytes += strlen(c->turns[i].text);
    return strcmp(c->language, g->round.language) == 0 && c->n_turns <= MOST_TURNS && bytes <= MOST_BYTES &&
           g->n_places < MOST_CONTEXTS;
}

static int add_place(void *ctx, const struct corpus_context *c, anima_error *err)
{
    struct beginning *g = ctx;
    if (!fits(g, c))
        return ANIMA_OK;
    struct place *grown = mem_grow(g->places, g->n_places, &g->max_places, sizeof(*grown));
    if (!grown)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for contexts");
    g->places = grown;
    grown[g->n_places++] = (struct place){ c->turns, c->n_turns, g->conversation, g->source == CORPUS_OWN, false };
    return ANIMA_OK;
}

static int add_conversation(void *ctx, struct corpus_conversation *c, anima_error *err)
{
    struct beginning *g = ctx;
    g->conversation++;
    return corpus_contexts(&g->arena, c, add_place, g, err);
}

/* The held-back conversations of these texts. */
static int add_texts(struct beginning *g, const struct corpus_texts *texts, enum corpus_source source)
{
    g->source = source;
    return corpus_each(&g->arena, texts->list, texts->n, false, add_conversation, g, &g->err);
}

/* A number below n. */
static size_t below(uint64_t *state, size_t n) { return (size_t)(draw_u64(state) % n); }

/* The places from `from` on, in an order that the seed decides. */
static void shuffle(struct place *places, size_t from, size_t n, uint64_t *state)
{
    for (size_t i = n; i-- > from + 1;) {
        size_t other = from + below(state, i - from + 1);
        struct place kept = places[i];
        places[i] = places[other];
        places[other] = kept;
    }
}

static void put_pair(struct beginning *g, struct place *p, uint64_t *state)
{
    anima_blind_pair *pair = &g->pairs[g->round.pairs++];
    p->taken = g->asked[p->conversation] = true;
    *pair = (anima_blind_pair){ .n = g->round.pairs,
                                .own = p->own,
                                .context = blind_context_write(&g->arena, p->turns, p->n_turns),
                                .trained = draw_u64(state) >> 63 ? "left" : "right" };
    if (!pair->context)
        g->rc = err_set(&g->err, ANIMA_E_NOMEM, "out of memory for a pair");
}

/* The places are those of the character's own talk first; of each conversation one, as long as there are others. */
static void draw(struct beginning *g, int wanted, size_t own)
{
    uint64_t state = (uint64_t)g->round.seed;
    g->pairs = arena_alloc(&g->arena, (size_t)wanted * sizeof(*g->pairs));
    g->asked = arena_alloc(&g->arena, (size_t)g->conversation + 1);
    if (!g->pairs || !g->asked) {
        g->rc = err_set(&g->err, ANIMA_E_NOMEM, "out of memory for pairs");
        return;
    }
    shuffle(g->places, 0, own, &state);
    shuffle(g->places, own, g->n_places, &state);
    const struct {
        size_t from, to;
        bool any;
    } turns[] = { { 0, own, false }, { 0, own, true }, { own, g->n_places, false }, { own, g->n_places, true } };
    for (size_t t = 0; t < 4; t++)
        for (size_t i = turns[t].from; i < turns[t].to && g->round.pairs < wanted && !g->rc; i++)
            if (!g->places[i].taken && (turns[t].any || !g->asked[g->places[i].conversation]))
                put_pair(g, &g->places[i], &state);
}

static void read_contexts(void *ctx)
{
    struct beginning *g = ctx;
    struct corpus_texts own = { .arena = &g->arena }, talk = { .arena = &g->arena };
    int wanted = g->round.pairs;
    char *people = g->share ? fs_join(g->share, "corpus", "talk", (char *)NULL) : NULL;
    g->round.pairs = 0;
    g->rc = training_own_texts(g->dir, g->own, g->folder, &own, &g->err);
    if (!g->rc)
        g->rc = add_texts(g, &own, CORPUS_OWN);
    size_t n_own = g->n_places;
    if (!g->rc && n_own < (size_t)wanted && people)
        g->rc = corpus_add_folder(&talk, people, CORPUS_TALK, &g->err);
    if (!g->rc)
        g->rc = add_texts(g, &talk, CORPUS_TALK);
    mem_free(people);
    if (!g->rc && !g->n_places)
        g->rc = err_set(&g->err, ANIMA_E_NOT_FOUND,
                        "there are no conversations in %s to ask about: neither was any of %.64s's held back, nor does "
                        "share/corpus/talk have any",
                        strcmp(g->round.language, "zh") == 0 ? "Chinese" : "English", g->round.character);
    if (!g->rc)
        draw(g, wanted, n_own);
}

/* ---- on its way to the store ---- */

static int begun(struct op *op, anima_error *err)
{
    anima_blind round;
    struct blinds *b = op->home->blinds;
    b->begins = false;
    int rc = blind_read(op->home, op->id, &round, err);
    if (rc)
        return rc;
    blind_tell(op->home, op->id);
    blind_make(b, &round);
    return ANIMA_OK;
}

static void not_begun(struct op *op, int rc, const anima_error *err)
{
    (void)rc;
    (void)err;
    op->home->blinds->begins = false;
}

static int store_it(anima_home *home, const struct store_blind_change *change, anima_done *done, void *ctx,
                    anima_error *err)
{
    struct op *op;
    int rc = blind_op(home, change->round->id, begun, done, ctx, &op, err);
    if (rc)
        return rc;
    op->failed = not_begun;
    rc = op_queued(op, store_blind_change(home->store, change, op_written, op, err));
    home->blinds->begins = !rc;
    return rc;
}

static void contexts_read(void *ctx)
{
    struct beginning *g = ctx;
    const struct store_blind_change change = {
        .what = STORE_BLIND_ADD, .round = &g->round, .pairs = g->pairs, .n_pairs = (size_t)g->round.pairs
    };
    g->home->blinds->begins = false;
    if (g->home->closing)
        g->rc = err_set(&g->err, ANIMA_E_CANCELLED, "the home is being closed");
    if (!g->rc)
        g->rc = store_it(g->home, &change, g->done, g->ctx, &g->err);
    if (g->rc)
        g->done(g->ctx, g->rc, &g->err);
    beginning_free(g);
}

/* ---- what is asked for ---- */

static int fill(struct beginning *g, const struct character *who, const anima_blind_options *o,
                const struct adapter_use *use, anima_error *err)
{
    anima_blind *r = &g->round;
    anima_home *home = g->home;
    rnd_name(r->id, 16);
    r->seed = o->seed ? o->seed : (int64_t)(rnd_u64() >> 11); /* JSON's numbers hold 53 bits everywhere */
    r->pairs = o->pairs ? o->pairs : PAIRS;
    r->made_ms = clock_wall_ms();
    snprintf(r->character, sizeof(r->character), "%s", who->pub.id);
    snprintf(r->language, sizeof(r->language), "%s", o->language ? o->language : who->pub.language);
    snprintf(r->state, sizeof(r->state), "making");
    snprintf(r->model, sizeof(r->model), "%s", character_model(home, who));
    snprintf(r->adapter, sizeof(r->adapter), "%s", use->name);
    snprintf(r->adapter_sha256, sizeof(r->adapter_sha256), "%s", use->sha256);
    g->dir = mem_strdup(who->dir);
    g->own = fs_join(home->path, "characters", who->pub.id, (char *)NULL);
    g->folder = training_folder(home, who->pub.id);
    g->share = fs_share_dir();
    return g->dir && g->own && g->folder ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
}

static int start_anew(anima_home *home, const struct character *who, const anima_blind_options *o, char id[24],
                      anima_done *done, void *ctx, anima_error *err)
{
    struct adapter_use use;
    int rc = blind_adapter(home, who, character_model(home, who), &use, err);
    struct beginning *g = rc ? NULL : mem_zero(1, sizeof(*g));
    if (!g)
        return rc ? rc : err_set(err, ANIMA_E_NOMEM, "out of memory");
    g->home = home;
    g->done = done;
    g->ctx = ctx;
    arena_init(&g->arena, TEXTS_ARENA);
    rc = fill(g, who, o, &use, err);
    memcpy(id, g->round.id, sizeof(g->round.id));
    if (!rc)
        rc = loop_work(home->loop, read_contexts, contexts_read, g, err);
    if (rc)
        beginning_free(g);
    home->blinds->begins = !rc;
    return rc;
}

static int take_unfinished(void *ctx, const anima_blind *round)
{
    anima_blind *out = ctx;
    if (strcmp(round->state, "failed") == 0 || strcmp(round->state, "making") == 0)
        *out = *round;
    return *out->id != '\0';
}

static int go_on(anima_home *home, const struct character *who, anima_blind *round, char id[24], anima_done *done,
                 void *ctx, anima_error *err)
{
    struct adapter_use use;
    int rc = blind_adapter(home, who, round->model, &use, err);
    if (rc)
        return rc;
    memcpy(id, round->id, sizeof(round->id));
    snprintf(round->state, sizeof(round->state), "making");
    round->code = ANIMA_OK;
    *round->message = '\0';
    const struct store_blind_change change = { .what = STORE_BLIND_STATE, .round = round };
    return store_it(home, &change, done, ctx, err);
}

static int count_one(void *ctx, const anima_blind *round)
{
    (void)round;
    ++*(int *)ctx;
    return 0;
}

static int check(anima_home *home, const anima_blind_options *o, anima_error *err)
{
    const struct blinds *b = home->blinds;
    int n = 0;
    if (o->pairs < 0 || o->pairs > ANIMA_BLIND_MOST)
        return err_set(err, ANIMA_E_INVALID, "a round has 1 to %d pairs", ANIMA_BLIND_MOST);
    if (o->language && strcmp(o->language, "zh") != 0 && strcmp(o->language, "en") != 0)
        return err_set(err, ANIMA_E_INVALID, "the language is zh or en");
    if (o->seed < 0)
        return err_set(err, ANIMA_E_INVALID, "a seed is counted from 0");
    if (b->begins || *b->round.id)
        return err_set(err, ANIMA_E_BUSY, "blind pairs%s%.64s are being made; one round at a time",
                       *b->round.id ? " of " : "", b->round.character);
    int rc = store_blind_list(home->store, "", "", "", BLIND_KEPT, count_one, &n, err);
    if (!rc && n == BLIND_KEPT)
        rc = err_set(err, ANIMA_E_LIMIT, "%d rounds are kept; delete some", BLIND_KEPT);
    return rc;
}

int anima_blind_start(anima_home *home, const char *character, const anima_blind_options *options, char id[24],
                      anima_done *done, void *ctx, anima_error *err)
{
    static const anima_blind_options none = { 0 };
    const anima_blind_options *o = options ? options : &none;
    anima_blind unfinished = { .id = "" };
    characters_refresh_one(home, character);
    const struct character *who = cast_find(&home->cast, character);
    if (!who)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (!home->blinds)
        return home_looked_at_only(err);
    int rc = check(home, o, err);
    bool asks_nothing = !o->language && !o->pairs && !o->seed;
    if (!rc && asks_nothing)
        rc = store_blind_list(home->store, "", character, "", BLIND_KEPT, take_unfinished, &unfinished, err);
    if (rc)
        return rc;
    return *unfinished.id ? go_on(home, who, &unfinished, id, done, ctx, err)
                          : start_anew(home, who, o, id, done, ctx, err);
}
