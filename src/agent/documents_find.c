/* documents_find.c — passages that a message is about. First who may be told (visible.h); then which document and which place it asks for
 * (document/place.h); then, within that, the words and the meaning (memory/recall.h). */
#include "agent/documents_private.h"

#include "agent/memories.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_MESSAGE_READ 1000 /* bytes of a message that may point at a place */
#define TOLD_WITHIN 3.0f      /* of the best score */
#define BARELY 0.25f          /* of the words asked for: the place itself is what is asked for */

struct finding {
    const struct shelf *shelf;
    const struct documents_question *q;
    char message[MAX_MESSAGE_READ + 1]; /* its beginning */
    struct place_asked asked;
    bool placed; /* it asks for a place, and there is one */
    bool *may;   /* of documents: they may be told, and are not left out */
    bool *fits;  /* of sections of the one that is looked at */
    bool *open;  /* of passages */
    size_t n_open;
    size_t titled;
};

/* ---- who may be told ---- */

static const struct visible_rules usual = { .character = VISIBLE_RULE_ASK, .others = VISIBLE_RULE_ASK };

/* For whom it was given decides, and a rule "never" of who gave it takes "everyone" back; a rule that allows opens none. */
static bool may_be_told(const struct documents *all, const struct shelved *d, const struct documents_question *q)
{
    const struct visible_set given = { d->allowed, d->n_allowed }, giver = { &d->giver, 1 };
    bool everyone = d->everyone && !memories_never(all->home->memories, q->character, d->giver);
    const struct visible_item item = { .class = everyone ? MEMORY_KNOWLEDGE : MEMORY_PERSONAL,
                                       .owners = giver,
                                       .witnesses = given };
    return !q->n_people || visible_to(&item, (struct visible_set){ q->people, q->n_people }, &usual).reason == VISIBLE;
}

/* ---- which document, which place ---- */

static void choose_documents(struct finding *f)
{
    const struct shelf *shelf = f->shelf;
    size_t *named = mem_zero(shelf->n_documents, sizeof(*named));
    for (size_t i = 0; i < shelf->n_documents && named; i++) {
        named[i] = f->may[i] ? place_titled(f->message, shelf->documents[i].title) : 0;
        f->titled = named[i] > f->titled ? named[i] : f->titled;
    }
    for (size_t i = 0; i < shelf->n_documents && named; i++)
        f->may[i] = f->may[i] && (!f->titled || named[i] == f->titled);
    mem_free(named);
}

static bool asks_firmly(const struct place_asked *a) { return a->page || a->n_numbers || a->last != PLACE_NONE; }

static bool on_page(const struct place_asked *a, int page)
{
    return !a->page || (page >= a->page && page <= a->last_page);
}

static bool has_sections_asked(const struct place_asked *a) { return a->n_numbers || a->last != PLACE_NONE || a->name; }

/* Opens the passages of a document that lie in the place asked for; returns how many. place false: all of it. */
static size_t open_document(struct finding *f, uint32_t document, bool place, bool exact)
{
    const struct shelved *d = &f->shelf->documents[document];
    size_t n = 0;
    bool sections = place && has_sections_asked(&f->asked);
    if (sections && !place_fits(&f->asked, d->sections, d->n_sections, exact, f->fits))
        return 0;
    for (size_t i = 0; i < f->shelf->index.n; i++) {
        const struct shelved_passage *p = &f->shelf->passages[i];
        if (p->document != document)
            continue;
        bool in = !sections || (p->section >= 0 && (size_t)p->section < d->n_sections && f->fits[p->section]);
        f->open[i] = in && (!place || on_page(&f->asked, p->page));
        n += f->open[i];
    }
    return n;
}

/* A place that is asked for firmly and is nowhere leaves nothing; a heading's name that is nowhere was no place. */
static void open_passages(struct finding *f)
{
    bool asked = place_asked(f->message, &f->asked);
    for (int exact = 1; exact >= 0 && asked && !f->n_open;
         exact--) /* of several documents those that have one of that name */
        for (size_t i = 0; i < f->shelf->n_documents; i++)
            f->n_open += f->may[i] ? open_document(f, (uint32_t)i, true, exact) : 0;
    f->placed = f->n_open > 0;
    if (f->placed || (asked && asks_firmly(&f->asked)))
        return;
    for (size_t i = 0; i < f->shelf->n_documents; i++)
        f->n_open += f->may[i] ? open_document(f, (uint32_t)i, false, false) : 0;
}

/* ---- what is found ---- */

void documents_hit_finish(struct documents_hit *hit)
{
    mem_free(hit->text);
    mem_free(hit->document);
    mem_free(hit->title);
    mem_free(hit->within_number);
    mem_free(hit->within_title);
    mem_free(hit->number);
    mem_free(hit->section);
    *hit = (struct documents_hit){ 0 };
}

void documents_found_finish(struct documents_found *found)
{
    for (size_t i = 0; i < found->n; i++)
        documents_hit_finish(&found->hits[i]);
    found->n = 0;
}

static char *without_blanks(const char *s)
{
    size_t n = strlen(s);
    while (n && (unsigned char)*s <= ' ')
        s++, n--;
    while (n && (unsigned char)s[n - 1] <= ' ')
        n--;
    return mem_strndup(s, n);
}

/* Where it is: its section, and the outermost one with a number around it ("Chapter 2"). */
static bool take_place(struct documents_hit *hit, const struct document_section *s, size_t n, int section)
{
    int outer = -1;
    bool there = section >= 0 && (size_t)section < n;
    for (int i = there ? s[section].parent : -1; i >= 0 && (size_t)i < n; i = s[i].parent)
        outer = *s[i].number ? i : outer;
    hit->number = mem_strdup(there ? s[section].number : "");
    hit->section = mem_strdup(there ? s[section].title : "");
    hit->within_number = mem_strdup(outer >= 0 ? s[outer].number : "");
    hit->within_title = mem_strdup(outer >= 0 ? s[outer].title : "");
    return hit->number && hit->section && hit->within_number && hit->within_title;
}

static bool take_text(struct documents_hit *hit, const struct store_passage *p, const char *title)
{
    hit->passage = p->id;
    hit->page = p->page;
    hit->first = p->first;
    hit->last = p->last;
    hit->start = p->start;
    hit->end = p->start + (int64_t)strlen(p->text);
    hit->text = without_blanks(p->head < strlen(p->text) ? p->text + p->head : "");
    hit->document = mem_strdup(p->document);
    hit->title = mem_strdup(title);
    return hit->text && hit->document && hit->title;
}

struct describing {
    struct documents_hit *hit;
    const struct store_passage *passage;
    struct document_section *sections;
    size_t n, max;
    struct arena arena;
    bool done, failed;
};

static int describe_section(void *ctx, const struct document_section *s)
{
    struct describing *d = ctx;
    struct document_section *list = mem_grow(d->sections, d->n, &d->max, sizeof(*list));
    if (list)
        d->sections = list;
    const char *number = arena_strdup(&d->arena, s->number), *title = arena_strdup(&d->arena, s->title);
    d->failed = !list || !number || !title;
    if (d->failed)
        return 1;
    list[d->n] = *s;
    list[d->n].number = number;
    list[d->n++].title = title;
    return 0;
}

static int describe_document(void *ctx, const struct store_document *document)
{
    struct describing *d = ctx;
    d->done = take_text(d->hit, d->passage, document->title);
    return 0;
}

bool documents_describe(struct store *store, const struct store_passage *p, struct documents_hit *out)
{
    struct describing d = { .hit = out, .passage = p };
    *out = (struct documents_hit){ 0 };
    arena_init(&d.arena, 16u << 20);
    store_document_get(store, p->document, describe_document, &d, NULL);
    store_section_list(store, p->document, describe_section, &d, NULL);
    bool good = d.done && !d.failed && take_place(out, d.sections, d.n, p->section);
    if (!good)
        documents_hit_finish(out);
    mem_free(d.sections);
    arena_finish(&d.arena);
    return good;
}

struct taking {
    struct documents_hit *hit;
    const struct shelved *document;
    bool good;
};

static int take(void *ctx, const struct store_passage *p)
{
    struct taking *t = ctx;
    t->good = take_text(t->hit, p, t->document->title) &&
              take_place(t->hit, t->document->sections, t->document->n_sections, p->section);
    return 0;
}

/* The passage at that place of the index; one that is gone by now is left out. */
static void add(struct documents *all, const struct finding *f, struct documents_found *out, uint32_t place,
                float score, bool told)
{
    struct documents_hit *hit = &out->hits[out->n];
    struct taking t = { .hit = hit, .document = &f->shelf->documents[f->shelf->passages[place].document] };
    *hit = (struct documents_hit){ 0 };
    store_passage_get(all->home->store, f->shelf->index.items[place].id, take, &t, NULL);
    if (!t.good) {
        documents_hit_finish(hit);
        return;
    }
    hit->score = score;
    hit->told = told;
    out->n++;
}

/* "What does chapter two say?": its beginning, in order. */
static void take_first(struct documents *all, const struct finding *f, struct documents_found *out)
{
    for (size_t i = 0; i < f->shelf->index.n && out->n < DOCUMENTS_MOST; i++)
        if (f->open[i])
            add(all, f, out, (uint32_t)i, 0, out->n < DOCUMENTS_TOLD);
}

/* A message that wants to know something; what somebody just tells has to be about a passage by the floor of talk, too. */
static bool asks(const char *message)
{
    static const char *const words[] = { "?",       "？",      "吗",    "什么",    "多少",    "几",   "哪",
                                         "谁",      "怎么",    "说说",  "讲讲",    "tell me", "what", "explain",
                                         "summari", "look up", "quote", "read me", "find" };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasestr(message, words[i]))
            return true;
    return false;
}

/* Whether anything in so many passages is about it. The floor of talk (memory/floor.def) refuses too much: here questions are short, and
 * passages say more. The words asked for, by what they tell apart, the cosine in tenths above 0.8, and how far it stands out among so many; the
 * sum that is enough grows with them. Chosen on 20 questions about a lease in each language and this program's own docs, against 72 lines of
 * small talk (docs/memory.md has what came of it). */
static bool is_about(const struct recall_about *about)
{
    double n = (double)about->n_open;
    if (!about->n_terms || about->common || !about->n_open)
        return false;
    if (!about->whole)
        return recall_is_about(about);
    double sum = (double)about->is[RECALL_ABOUT_meaning] + (double)about->is[RECALL_ABOUT_covered] +
                 0.5 * ((double)about->is[RECALL_ABOUT_apart] - sqrt(2 * log(n)));
    return sum >= 0.5 + (n > 14 ? 0.28 * log(n / 14) : 0);
}

static void take_best(struct documents *all, const struct finding *f, struct documents_found *out)
{
    struct recall_hit best[DOCUMENTS_MOST];
    const struct recall_about about = recall_about(all->recall);
    size_t n = recall_best(all->recall, DOCUMENTS_MOST, best);
    bool worth = out->pointed || (is_about(&about) && (asks(f->message) || recall_is_about(&about)));
    for (size_t i = 0; i < n; i++)
        add(all, f, out, best[i].place, best[i].score,
            worth && out->n < DOCUMENTS_TOLD && best[i].score >= best[0].score - TOLD_WITHIN);
}

static int search(struct documents *all, struct finding *f, struct documents_found *out, anima_error *err)
{
    int64_t now = clock_wall_ms();
    const struct recall_query query = { .text = f->q->message,
                                        .n = strlen(f->q->message),
                                        .vector = f->q->row,
                                        .factor = f->q->factor,
                                        .now = { now, clock_offset_min(now) },
                                        .asker = -1,
                                        .audiences = f->open,
                                        .n_audiences = f->shelf->index.n };
    int rc = recall_measure(all->recall, all->words, &f->shelf->index, &query, err);
    if (rc)
        return rc;
    out->pointed = f->placed || f->titled;
    bool whole = f->placed && f->n_open > 0 &&
                 (f->n_open <= DOCUMENTS_TOLD || recall_about(all->recall).is[RECALL_ABOUT_covered] < BARELY);
    if (whole)
        take_first(all, f, out);
    else
        take_best(all, f, out);
    return ANIMA_OK;
}

int documents_find(struct documents *all, const struct documents_question *q, struct documents_found *out,
                   anima_error *err)
{
    struct finding f = { .shelf = documents_shelf(all, q->character), .q = q };
    size_t n_sections = 0;
    *out = (struct documents_found){ 0 };
    if (!f.shelf || !f.shelf->n_documents)
        return ANIMA_OK;
    for (size_t i = 0; i < f.shelf->n_documents; i++)
        n_sections = f.shelf->documents[i].n_sections > n_sections ? f.shelf->documents[i].n_sections : n_sections;
    snprintf(f.message, sizeof(f.message), "%.*s", (int)utf8_cut(q->message, strlen(q->message), MAX_MESSAGE_READ),
             q->message);
    f.may = mem_zero(f.shelf->n_documents, sizeof(*f.may));
    f.fits = mem_zero(n_sections + 1, sizeof(*f.fits));
    f.open = mem_zero(f.shelf->index.n + 1, sizeof(*f.open));
    int rc = f.may && f.fits && f.open ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for documents");
    for (size_t i = 0; i < f.shelf->n_documents && !rc; i++)
        f.may[i] = may_be_told(all, &f.shelf->documents[i], q);
    if (!rc) {
        choose_documents(&f);
        open_passages(&f);
    }
    if (!rc && f.n_open)
        rc = search(all, &f, out, err);
    mem_free(f.may);
    mem_free(f.fits);
    mem_free(f.open);
    return rc;
}
