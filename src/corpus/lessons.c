/* lessons.c — texts become lessons. Two walks over all conversations, in the order of the plan: the first sets apart what is held back,
 * the second makes a line of each of the others, as far as it is one to learn from: it ends in front of the first exchange that is not,
 * because what follows leans on it, and behind the last one that is new. What keeps the skills goes in as it is or not at all. */
#include "corpus/lessons.h"

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "corpus/judge.h"
#include "corpus/motif.h"
#include "mind/persona.h"

#include <sodium.h>
#include <string.h>

#define EXCERPT 120 /* bytes */

/* Kinds of conversations of which a plan may want a share only. */
enum { SHARE_TALK, SHARE_SKILLS, SHARE_ASKED, SHARES };

struct maker {
    struct arena *arena;
    const struct corpus_plan *plan;
    struct buf *out;
    struct corpus_report *report;
    anima_error *err;
    struct corpus_judge *judge;
    struct masks *masks;
    struct corpus_table seen, forbidden;
    const char *personas[CORPUS_LANGUAGES]; /* NULL: none */
    size_t own[CORPUS_LANGUAGES];           /* conversations so far */
    size_t met[SHARES][CORPUS_LANGUAGES];   /* of which a share is wanted */
    struct corpus_motifs motifs[CORPUS_SOURCES][CORPUS_LANGUAGES];
};

/* A conversation with where it came from. */
struct lesson {
    struct corpus_conversation *c;
    enum corpus_source source;
    size_t language;
    struct corpus_tally *tally;
    struct corpus_message *first; /* of the exchanges: behind a system message */
    size_t n;                     /* exchanges */
};

static int no_memory(struct maker *m) { return err_set(m->err, ANIMA_E_NOMEM, "out of memory for the lessons"); }

static struct lesson lesson_of(struct maker *m, const struct corpus_text *t, struct corpus_conversation *c)
{
    size_t language = corpus_language(c->language), system = strcmp(c->messages[0].role, "system") == 0;
    return (struct lesson){ .c = c,
                            .source = t->source,
                            .language = language,
                            .tally = &m->report->tally[t->source][language],
                            .first = c->messages + system,
                            .n = (c->n - system) / 2 };
}

/* ---- notes ---- */

static int note(struct maker *m, const struct lesson *l, int line, const char *why, const char *excerpt)
{
    struct corpus_report *r = m->report;
    size_t unused[CORPUS_MASKS] = { 0 };
    if (r->n_notes == CORPUS_MAX_NOTES) {
        r->notes_left_off++;
        return ANIMA_OK;
    }
    int rc = masks_apply(m->masks, m->arena, excerpt, corpus_language_name(l->language), unused, &excerpt, m->err);
    if (rc)
        return rc;
    size_t n = strlen(excerpt), cut = utf8_cut(excerpt, n, EXCERPT);
    char *copy = arena_printf(m->arena, "%.*s%s", (int)cut, excerpt, cut < n ? "…" : "");
    if (!copy)
        return no_memory(m);
    r->notes[r->n_notes++] = (struct corpus_note){ l->c->file, line, why, copy };
    return ANIMA_OK;
}

static int leave_out(struct maker *m, const struct lesson *l, size_t exchange, enum corpus_reason why,
                     const char *excerpt)
{
    l->tally->left_out[why]++;
    return note(m, l, l->first[2 * exchange].line, corpus_reason_name(why), excerpt);
}

/* ---- what was there before ---- */

/* The same answer to the same words. NULL: out of memory. */
static struct corpus_entry *seen_put(struct maker *m, const struct lesson *l, size_t exchange)
{
    const char *said = corpus_fold(m->arena, l->first[2 * exchange].text);
    const char *answer = corpus_fold(m->arena, l->first[2 * exchange + 1].text);
    char *key = said && answer ? arena_printf(m->arena, "%s\n%s", said, answer) : NULL;
    return key ? corpus_table_put(&m->seen, key, strlen(key)) : NULL;
}

static int remember(struct maker *m, const struct lesson *l)
{
    for (size_t i = 0; i < l->n; i++) {
        struct corpus_entry *e = seen_put(m, l, i);
        if (!e)
            return no_memory(m);
        e->count++;
    }
    return ANIMA_OK;
}

/* *out: a probe asks this. */
static int is_probe(struct maker *m, const char *said, bool *out)
{
    const char *folded = corpus_fold_question(m->arena, said);
    if (!folded)
        return no_memory(m);
    *out = corpus_table_find(&m->forbidden, folded, strlen(folded)) != NULL;
    return ANIMA_OK;
}

/* ---- cleaning ---- */

/* The exchanges in front of the first that is not one to learn from. */
static int cut_bad(struct maker *m, struct lesson *l)
{
    enum corpus_reason why = CORPUS_REASONS;
    size_t i = 0;
    for (; i < l->n; i++) {
        const char *said = l->first[2 * i].text, *answer = l->first[2 * i + 1].text;
        bool probe = false;
        int rc = is_probe(m, said, &probe);
        if (rc)
            return rc;
        why = probe   ? CORPUS_PROBE
              : *said ? corpus_judge_answer(m->judge, said, answer, m->plan->machine)
                      : CORPUS_EMPTY;
        if (why != CORPUS_REASONS)
            break;
    }
    if (i == l->n)
        return ANIMA_OK;
    l->tally->left_out[CORPUS_BEHIND] += l->n - i - 1;
    l->n = i;
    return leave_out(m, l, i, why, l->first[2 * i + (why != CORPUS_PROBE && why != CORPUS_EMPTY)].text);
}

/* The exchanges up to the last one that was not there before. */
static int cut_known(struct maker *m, struct lesson *l)
{
    for (; l->n; l->n--) {
        struct corpus_entry *e = seen_put(m, l, l->n - 1);
        if (!e)
            return no_memory(m);
        if (!e->count)
            return ANIMA_OK;
        int rc = leave_out(m, l, l->n - 1, CORPUS_DUPLICATE, l->first[2 * l->n - 1].text);
        if (rc)
            return rc;
    }
    return ANIMA_OK;
}

static int mask_message(struct maker *m, const struct lesson *l, struct corpus_message *message)
{
    size_t counts[CORPUS_MASKS] = { 0 };
    int rc = masks_apply(m->masks, m->arena, message->text, corpus_language_name(l->language), counts, &message->text,
                         m->err);
    for (size_t i = 0; i < CORPUS_MASKS && !rc; i++) {
        l->tally->masked[i] += counts[i];
        if (counts[i])
            rc = note(m, l, message->line, corpus_mask_name((enum corpus_mask)i), "");
    }
    return rc;
}

static int mask(struct maker *m, struct lesson *l)
{
    int rc = ANIMA_OK;
    for (struct corpus_message *at = l->c->messages; at < l->first + 2 * l->n && !rc; at++)
        rc = mask_message(m, l, at);
    return rc;
}

/* ---- lines ---- */

void corpus_put_message(struct jw *w, const char *role, const char *text)
{
    jw_obj(w, NULL);
    jw_str(w, "role", role);
    jw_str(w, "content", text);
    jw_end_obj(w);
}

/* A message as it is learnt: {{persona}} in a system message is the first sentence of the character's, so that a lesson can have what
 * stands behind it in a conversation (notes, a summary). Without a persona it is left out, with the end of its line. */
static const char *text_of(struct maker *m, const struct lesson *l, const struct corpus_message *message)
{
    static const char name[] = "{{persona}}";
    const char *at = strcmp(message->role, "system") == 0 ? strstr(message->text, name) : NULL;
    if (!at)
        return message->text;
    const char *persona = m->personas[l->language], *after = at + strlen(name);
    after += !persona && *after == '\n';
    return arena_printf(m->arena, "%.*s%s%s", (int)(at - message->text), message->text, persona ? persona : "", after);
}

static int write_line(struct maker *m, const struct lesson *l, const char *persona)
{
    struct jw w;
    jw_init(&w, m->out);
    jw_obj(&w, NULL);
    jw_arr(&w, "messages");
    if (persona)
        corpus_put_message(&w, "system", persona);
    for (const struct corpus_message *at = l->c->messages; at < l->first + 2 * l->n; at++) {
        const char *text = text_of(m, l, at);
        if (!text)
            return no_memory(m);
        corpus_put_message(&w, at->role, text);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    buf_puts(m->out, "\n");
    return m->out->failed ? err_set(m->err, m->out->failed, "the lessons take too much room") : ANIMA_OK;
}

/* What was written counts: its exchanges once, however many lessons they became. */
static int count_lines(struct maker *m, const struct lesson *l, size_t lines, size_t with_persona)
{
    struct corpus_tally *t = l->tally;
    t->lessons += lines;
    t->kept += l->n;
    t->with_persona += with_persona;
    for (size_t i = 0; i < l->n; i++) {
        const char *answer = l->first[2 * i + 1].text;
        for (const char *p = answer; *p; p++)
            t->letters += ((unsigned char)*p & 0xC0) != 0x80;
        if (l->source != CORPUS_REPLAY && !corpus_motifs_add(&m->motifs[l->source][l->language], answer))
            return no_memory(m);
    }
    return ANIMA_OK;
}

/* The character's own words are learnt twice, with who it is in front and with nothing, so that it is in the weights and not in the
 * prompt, and what tells its life several times without; of everything else, and where one form is wanted of its own words, too, every
 * second conversation has it. */
static int keep(struct maker *m, const struct lesson *l)
{
    bool may = l->source != CORPUS_REPLAY && l->first == l->c->messages && m->personas[l->language];
    bool both = l->source == CORPUS_OWN && m->plan->forms != 1;
    bool with = may && (both || l->tally->lessons % 2 == 0);
    bool life = l->source == CORPUS_OWN && corpus_tells_life(l->c->file) && m->plan->life_times > 0;
    int without = life ? m->plan->life_times - (with && !both) : !with || both;
    int rc = ANIMA_OK;
    if (with)
        rc = write_line(m, l, m->personas[l->language]);
    for (int i = 0; i < without && !rc; i++)
        rc = write_line(m, l, NULL);
    return rc ? rc : count_lines(m, l, (size_t)with + (size_t)without, with);
}

/* ---- one conversation ---- */

/* All its words, folded. */
static int replay_known(struct maker *m, const struct lesson *l, bool *known)
{
    char *key = arena_strdup(m->arena, "replay");
    for (size_t i = 0; key && i < l->c->n; i++) {
        const char *text = corpus_fold(m->arena, l->c->messages[i].text);
        key = text ? arena_printf(m->arena, "%s\n%s", key, text) : NULL;
    }
    struct corpus_entry *e = key ? corpus_table_put(&m->seen, key, strlen(key)) : NULL;
    if (!e)
        return no_memory(m);
    *known = e->count++ > 0;
    return ANIMA_OK;
}

static int add_replay(struct maker *m, struct lesson *l)
{
    bool probe = false, known = false;
    size_t at = 0;
    int rc = ANIMA_OK;
    for (; at < l->n && !probe && !rc; at += !probe)
        rc = is_probe(m, l->first[2 * at].text, &probe);
    if (!rc && !probe)
        rc = replay_known(m, l, &known);
    if (!rc && !probe && !known)
        rc = remember(m, l);
    if (rc || (!probe && !known))
        return rc ? rc : keep(m, l);
    enum corpus_reason why = probe ? CORPUS_PROBE : CORPUS_DUPLICATE;
    l->tally->left_out[why] += l->n - 1;
    return leave_out(m, l, probe ? at : 0, why, l->first[probe ? 2 * at : 0].text);
}

static int add_talk(struct maker *m, struct lesson *l)
{
    size_t whole = l->n;
    int rc = cut_bad(m, l);
    if (!rc)
        rc = cut_known(m, l);
    if (rc || !l->n)
        return rc;
    l->tally->cut += l->n < whole;
    rc = remember(m, l); /* as it was said: so the same is known again */
    if (!rc)
        rc = mask(m, l);
    return rc ? rc : keep(m, l);
}

/* ---- all of them ---- */

/* One text's conversations; their number in the order of the character's tells which are held back. */
static int hold_back(struct maker *m, const struct corpus_text *t, struct corpus_conversation *list, bool *held)
{
    int rc = ANIMA_OK;
    for (struct corpus_conversation *c = list; c && !rc; c = c->next) {
        struct lesson l = lesson_of(m, t, c);
        bool back = t->source == CORPUS_OWN && !corpus_tells_life(t->name) && corpus_held_back(m->own[l.language]++);
        l.tally->conversations++;
        l.tally->exchanges += l.n;
        *held++ = back;
        if (!back)
            continue;
        l.tally->left_out[CORPUS_HELD_BACK] += l.n;
        m->report->held_back++;
        rc = remember(m, &l);
    }
    return rc;
}

static int share_of(const struct lesson *l)
{
    switch (l->source) {
    case CORPUS_TALK: return SHARE_TALK;
    case CORPUS_REPLAY: return SHARE_SKILLS;
    case CORPUS_OWN: return corpus_asks_life(l->c->file) ? SHARE_ASKED : SHARES;
    default: return SHARES;
    }
}

/* As many as are wanted, evenly, beginning with the first. */
static bool spared(struct maker *m, const struct lesson *l)
{
    const int wanted[SHARES] = { m->plan->talk_percent, m->plan->skills_percent, m->plan->asked_percent };
    int share = share_of(l);
    if (share == SHARES || wanted[share] <= 0 || wanted[share] >= 100)
        return false;
    size_t percent = (size_t)wanted[share], i = m->met[share][l->language]++;
    return (i * percent + 99) / 100 == ((i + 1) * percent + 99) / 100;
}

static size_t length(const struct corpus_conversation *c)
{
    size_t n = 0;
    for (; c; c = c->next)
        n++;
    return n;
}

static int add_all(struct maker *m, struct corpus_conversation *const *lists, bool *const *held)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < m->plan->n_texts && !rc; i++) {
        const struct corpus_text *t = &m->plan->texts[i];
        size_t k = 0;
        for (struct corpus_conversation *c = lists[i]; c && !rc; c = c->next) {
            struct lesson l = lesson_of(m, t, c);
            if (held[i][k++])
                continue;
            if (spared(m, &l)) {
                l.tally->left_out[CORPUS_SPARED] += l.n;
                continue;
            }
            rc = t->source == CORPUS_REPLAY ? add_replay(m, &l) : add_talk(m, &l);
        }
    }
    return rc;
}

static int walk(struct maker *m)
{
    size_t n = m->plan->n_texts;
    struct corpus_conversation **lists = arena_alloc(m->arena, (n + 1) * sizeof(*lists));
    bool **held = arena_alloc(m->arena, (n + 1) * sizeof(*held));
    int rc = lists && held ? ANIMA_OK : no_memory(m);
    for (size_t i = 0; i < n && !rc; i++) {
        rc = corpus_read(m->arena, &m->plan->texts[i], &lists[i], m->err);
        held[i] = rc ? NULL : arena_alloc(m->arena, length(lists[i]) + 1);
        if (!rc)
            rc = held[i] ? hold_back(m, &m->plan->texts[i], lists[i], held[i]) : no_memory(m);
    }
    return rc ? rc : add_all(m, lists, held);
}

/* ---- before and after ---- */

static int prepare_personas(struct maker *m)
{
    const struct corpus_plan *p = m->plan;
    const struct prompt_input input = { .character = p->character };
    for (size_t l = 0; l < CORPUS_LANGUAGES && p->n_personas; l++) {
        const struct prompt_persona *persona = prompt_choose(p->personas, p->n_personas, corpus_language_name(l),
                                                             p->home ? p->home : "");
        const char *text = prompt_expand(m->arena, &input, NULL, persona->text);
        if (!text)
            return no_memory(m);
        m->personas[l] = persona_short(m->arena, text);
        if (!m->personas[l])
            return no_memory(m);
    }
    return ANIMA_OK;
}

static int prepare(struct maker *m)
{
    const struct corpus_plan *p = m->plan;
    struct corpus_report *r = m->report;
    r->notes = arena_alloc(m->arena, CORPUS_MAX_NOTES * sizeof(*r->notes));
    r->files = arena_alloc(m->arena, (p->n_texts + 1) * sizeof(*r->files));
    if (!r->notes || !r->files)
        return no_memory(m);
    for (size_t i = 0; i < p->n_texts; i++)
        r->files[r->n_files++] = p->texts[i].name;
    corpus_sources(p, r->sources);
    for (size_t i = 0; i < p->n_forbidden; i++) {
        const char *folded = corpus_fold_question(m->arena, p->forbidden[i]);
        if (!folded || !corpus_table_put(&m->forbidden, folded, strlen(folded)))
            return no_memory(m);
    }
    int rc = masks_create(&m->masks, m->err);
    if (!rc)
        rc = corpus_judge_create(&m->judge, m->err);
    return rc ? rc : prepare_personas(m);
}

static int finish(struct maker *m, size_t from)
{
    struct corpus_report *r = m->report;
    unsigned char sum[crypto_hash_sha256_BYTES];
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
            r->lessons += r->tally[s][l].lessons;
            r->exchanges += r->tally[s][l].kept;
        }
    crypto_hash_sha256(sum, (const unsigned char *)buf_str(m->out) + from, m->out->len - from);
    sodium_bin2hex(r->sha256, sizeof(r->sha256), sum, sizeof(sum));
    return corpus_motifs_report(m->arena, m->motifs, r, m->err);
}

int corpus_lessons(struct arena *arena, const struct corpus_plan *plan, struct buf *jsonl,
                   struct corpus_report **report, anima_error *err)
{
    size_t from = jsonl->len;
    *report = arena_alloc(arena, sizeof(**report));
    struct maker *m = *report ? arena_alloc(arena, sizeof(*m)) : NULL;
    if (!m)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lessons");
    *m = (struct maker){ .arena = arena, .plan = plan, .out = jsonl, .report = *report, .err = err };
    m->seen.arena = m->forbidden.arena = arena;
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
            m->motifs[s][l].words.arena = arena;
    int rc = prepare(m);
    if (!rc)
        rc = walk(m);
    if (!rc)
        rc = finish(m, from);
    masks_destroy(m->masks);
    corpus_judge_destroy(m->judge);
    return rc;
}
