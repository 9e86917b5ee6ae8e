/* bench_memory_locomo.c — evidence recall on conversations in LoCoMo's form (Maharana et al. 2024, "Evaluating very long-term
 * conversational memory of LLM agents"): an array of conversations of sessions with dates, and of questions with the turns that
 * answer them. What is found is compared with these turns; no model judges anything. */
#include "base/date.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/bench_memory.h"
#include "memory/called.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SESSIONS 200
#define MAX_GOLD 64
#define MINUTE_MS 60000

struct turn {
    char id[24];
    const char *who, *said;
    char *text; /* with what a shared picture shows */
    int session;
    int64_t at_ms;
};

struct conversation {
    struct turn *turns;
    size_t n, max;
    const char *people[2];
    struct called called; /* the first is 1, the second 2 */
    struct memory_index index;
};

/* "1:56 pm on 8 May, 2023" */
static int64_t session_time(const char *text)
{
    static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec" };
    struct date d = { .zoned = true };
    char half[3] = "", month[16] = "";
    if (sscanf(text, "%d:%d %2s on %d %15[A-Za-z], %d", &d.hour, &d.minute, half, &d.day, month, &d.year) != 6)
        return -1;
    for (int i = 0; i < 12; i++)
        if (strncasecmp(month, months[i], 3) == 0)
            d.month = i + 1;
    d.hour = d.hour % 12 + (half[0] == 'p' ? 12 : 0);
    return date_ms(&d);
}

static char *whole_text(yyjson_val *turn)
{
    struct buf text;
    buf_init(&text, 1u << 20);
    buf_puts(&text, json_str(turn, "text", ""));
    const char *caption = json_str(turn, "blip_caption", "");
    if (*caption)
        buf_printf(&text, " [shares a photo: %s]", caption);
    return buf_take(&text);
}

/* most: turns of the conversation; 0: all. */
static int read_session(struct conversation *c, yyjson_val *session, int number, int64_t at_ms, size_t most,
                        anima_error *err)
{
    yyjson_arr_iter it = yyjson_arr_iter_with(session);
    for (yyjson_val *t; (!most || c->n < most) && (t = yyjson_arr_iter_next(&it)); at_ms += MINUTE_MS) {
        struct turn *turns = mem_grow(c->turns, c->n, &c->max, sizeof(*turns));
        char *text = turns ? whole_text(t) : NULL;
        if (turns)
            c->turns = turns;
        if (!text)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for a conversation");
        struct turn *turn = &c->turns[c->n++];
        *turn = (struct turn){ .who = json_str(t, "speaker", ""),
                               .said = json_str(t, "text", ""),
                               .text = text,
                               .session = number,
                               .at_ms = at_ms };
        snprintf(turn->id, sizeof(turn->id), "%s", json_str(t, "dia_id", ""));
    }
    return ANIMA_OK;
}

static int read_turns(struct conversation *c, yyjson_val *conversation, size_t most, anima_error *err)
{
    char key[40];
    c->people[0] = json_str(conversation, "speaker_a", "");
    c->people[1] = json_str(conversation, "speaker_b", "");
    called_init(&c->called);
    int rc = called_add(&c->called, c->people[0], 1);
    if (!rc)
        rc = called_add(&c->called, c->people[1], 2);
    if (!rc)
        rc = called_settle(&c->called);
    if (rc)
        return err_set(err, rc, "out of memory for names");
    for (int s = 1; s <= MAX_SESSIONS && !rc; s++) {
        snprintf(key, sizeof(key), "session_%d_date_time", s);
        int64_t at = session_time(json_str(conversation, key, ""));
        snprintf(key, sizeof(key), "session_%d", s);
        yyjson_val *session = yyjson_obj_get(conversation, key);
        if (session)
            rc = read_session(c, session, s, at, most, err);
    }
    return rc;
}

static int build(struct memory_bench *b, struct conversation *c, anima_error *err)
{
    const char **texts = mem_zero(c->n + 1, sizeof(*texts));
    struct memory_vector *vectors = mem_alloc((c->n + 1) * sizeof(*vectors));
    int rc = texts && vectors ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for a conversation");
    for (size_t i = 0; i < c->n && !rc; i++)
        texts[i] = c->turns[i].text;
    if (!rc)
        rc = memory_vectors(b, false, texts, c->n, vectors, err);
    for (size_t i = 0; i < c->n && !rc; i++) {
        const struct turn *t = &c->turns[i];
        rc = index_add(&c->index, b->words,
                       &(struct index_turn){ .id = (int64_t)i + 1,
                                             .conversation = t->session,
                                             .speaker = 1 + (strcmp(t->who, c->people[0]) != 0),
                                             .at_ms = t->at_ms,
                                             .text = t->text,
                                             .n = strlen(t->text) },
                       err);
        if (!rc)
            index_vector(&c->index, (int64_t)i + 1, vectors[i].row, vectors[i].factor);
        if (!rc)
            rc = memory_sample_add(&b->samples, &b->n_samples, &b->max_samples, t->text, &vectors[i], err);
    }
    mem_free(texts);
    mem_free(vectors);
    return rc;
}

/* "D3:11", "D30:05", "D8:6; D9:17". whole: every turn that is named is there. */
static size_t read_gold(const struct conversation *c, yyjson_val *evidence, uint32_t *out, bool *whole)
{
    size_t n = 0;
    *whole = true;
    yyjson_arr_iter it = yyjson_arr_iter_with(evidence);
    for (yyjson_val *e; (e = yyjson_arr_iter_next(&it));)
        for (const char *at = yyjson_get_str(e); at && (at = strchr(at, 'D')); at++) {
            int session, turn;
            char id[24];
            if (sscanf(at, "D%d:%d", &session, &turn) != 2)
                continue;
            snprintf(id, sizeof(id), "D%d:%d", session, turn);
            bool there = false;
            for (uint32_t i = 0; i < c->n && n < MAX_GOLD; i++) {
                bool known = false, is = strcmp(c->turns[i].id, id) == 0;
                for (size_t k = 0; k < n; k++)
                    known = known || out[k] == i;
                if (!known && is)
                    out[n++] = i;
                there = there || is;
            }
            *whole = *whole && there;
        }
    return n;
}

static int measure(struct memory_bench *b, const struct conversation *c, const char *text,
                   const struct memory_vector *v, anima_error *err)
{
    const struct recall_query q = { .text = text,
                                    .n = strlen(text),
                                    .vector = v->row,
                                    .factor = v->factor,
                                    .now = { .ms = c->turns[c->n - 1].at_ms },
                                    .names = c->called.texts,
                                    .people = c->called.people,
                                    .n_names = c->called.n,
                                    .asker = -1 };
    return recall_measure(b->recall, b->words, &c->index, &q, err);
}

/* The names in a question are those of others: then nobody here ever spoke of it. Returns a text of the caller's. */
static char *renamed(const char *text, const char *const from[2], const char *const to[2])
{
    struct buf out;
    buf_init(&out, 1u << 16);
    while (*text) {
        int who = strncmp(text, from[0], strlen(from[0])) == 0   ? 0
                  : strncmp(text, from[1], strlen(from[1])) == 0 ? 1
                                                                 : -1;
        if (who >= 0 && *from[who]) {
            buf_puts(&out, to[who]);
            text += strlen(from[who]);
        } else {
            buf_append(&out, text++, 1);
        }
    }
    return buf_take(&out);
}

struct asked {
    char **texts; /* in the names of the conversation it is asked of */
    struct memory_vector *vectors;
    size_t n;
};

static int ask_all(struct memory_bench *b, yyjson_val *questions, const char *const from[2], const char *const to[2],
                   struct asked *out, anima_error *err)
{
    size_t n = yyjson_arr_size(questions), i = 0;
    out->texts = mem_zero(n + 1, sizeof(*out->texts));
    out->vectors = mem_alloc((n + 1) * sizeof(*out->vectors));
    if (!out->texts || !out->vectors)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for questions");
    yyjson_arr_iter it = yyjson_arr_iter_with(questions);
    for (yyjson_val *q; (q = yyjson_arr_iter_next(&it)); i++)
        if (!(out->texts[i] = renamed(json_str(q, "question", ""), from, to)))
            return err_set(err, ANIMA_E_NOMEM, "out of memory for questions");
    out->n = n;
    return memory_vectors(b, true, (const char *const *)out->texts, n, out->vectors, err);
}

static void asked_free(struct asked *a)
{
    for (size_t i = 0; a->texts && i < a->n; i++)
        mem_free(a->texts[i]);
    mem_free(a->texts);
    mem_free(a->vectors);
}

/* other: whose memory it is not; NULL: there is no other one. */
static int ask(struct memory_bench *b, const struct conversation *c, const struct conversation *other,
               yyjson_val *questions, anima_error *err)
{
    struct asked here = { 0 }, there = { 0 };
    uint32_t gold[MAX_GOLD];
    int rc = ask_all(b, questions, c->people, c->people, &here, err);
    if (!rc && other)
        rc = ask_all(b, questions, c->people, other->people, &there, err);
    size_t i = 0;
    yyjson_arr_iter it = yyjson_arr_iter_with(questions);
    for (yyjson_val *q; !rc && (q = yyjson_arr_iter_next(&it)); i++) {
        bool whole;
        size_t n = read_gold(c, yyjson_obj_get(q, "evidence"), gold, &whole);
        if (!n || (b->slice && !whole))
            continue;
        rc = measure(b, c, here.texts[i], &here.vectors[i], err);
        const struct memory_question like = {
            .set = MEMORY_LOCOMO, .category = (int)json_int(q, "category", 0), .group = b->groups, .n_gold = n
        };
        if (!rc)
            rc = memory_keep(b, &c->index, &like, gold, err);
        if (!rc)
            rc = memory_sample_add(&b->asked, &b->n_asked, &b->max_asked, here.texts[i], &here.vectors[i], err);
        if (!rc && other)
            rc = measure(b, other, there.texts[i], &there.vectors[i], err);
        if (!rc && other)
            b->questions[b->n - 1].elsewhere = recall_about(b->recall);
    }
    asked_free(&here);
    asked_free(&there);
    return rc;
}

static void conversation_finish(struct conversation *c)
{
    for (size_t i = 0; i < c->n; i++)
        mem_free(c->turns[i].text);
    mem_free(c->turns);
    called_finish(&c->called);
    index_finish(&c->index);
}

static int one_file(struct memory_bench *b, const char *name, const char *data, size_t n, anima_error *err)
{
    yyjson_doc *doc = NULL;
    if (b->slice && b->n)
        return ANIMA_OK; /* the first file's is enough */
    int rc = json_parse(data, n, n, name, &doc, err);
    yyjson_val *root = yyjson_doc_get_root(doc);
    size_t count = rc ? 0 : b->slice ? 1 : yyjson_arr_size(root), i = 0;
    struct conversation *all = mem_zero(count + 1, sizeof(*all));
    if (!rc && !all)
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for conversations");
    yyjson_arr_iter it = yyjson_arr_iter_with(root);
    for (yyjson_val *c; !rc && i < count && (c = yyjson_arr_iter_next(&it)); i++) {
        index_init(&all[i].index, MEMORY_DIM);
        rc = read_turns(&all[i], yyjson_obj_get(c, "conversation"), b->slice, err);
        if (!rc)
            rc = build(b, &all[i], err);
    }
    it = yyjson_arr_iter_with(root);
    i = 0;
    for (yyjson_val *c; !rc && i < count && (c = yyjson_arr_iter_next(&it)); i++) {
        if (all[i].n)
            rc = ask(b, &all[i], count > 1 ? &all[(i + 1) % count] : NULL, yyjson_obj_get(c, "qa"), err);
        b->groups++;
    }
    for (i = 0; all && i < count; i++)
        conversation_finish(&all[i]);
    mem_free(all);
    yyjson_doc_free(doc);
    return rc;
}

int memory_locomo(struct memory_bench *b, anima_error *err) { return memory_files(b, "locomo", one_file, err); }
