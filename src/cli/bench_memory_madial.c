/* bench_memory_madial.c — recall of memories in a talk, on files in MADial-Bench's form (He et al. 2025): NAME-memory.json has memories
 * with a date, a feeling and an event, one object a line; NAME-dialogue.json has dialogues, in each the turns in which something should come
 * to mind, and what. Candidates are the memories of the person who speaks, as in the published lists. */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_memory.h"
#include "mind/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE (1u << 20)
#define MAX_FILE (64u << 20)
#define MAX_NAME 64

struct memories {
    struct memory_index index;
    struct memory {
        int64_t id;
        char *text;
    } * list;
    size_t n, max;
};

static bool chinese(const char *text) { return strcmp(prompt_language(text), "zh") == 0; }

/* "<Bart>:\"…\"\n": who, and what; false: neither */
static bool take_apart(const char *line, char *who, struct buf *said)
{
    const char *from = strchr(line, '<'), *to = from ? strchr(from, '>') : NULL;
    if (!to || (size_t)(to - from) > MAX_NAME)
        return false;
    snprintf(who, MAX_NAME, "%.*s", (int)(to - from - 1), from + 1);
    for (to++; *to == ':' || *to == ' ' || *to == '"' || strncmp(to, "：", 3) == 0 || strncmp(to, "“", 3) == 0;)
        to += (unsigned char)*to < 0x80 ? 1 : 3;
    size_t n = strlen(to);
    while (n && strchr("\"\n\r ", to[n - 1]))
        n--;
    buf_append(said, to, n);
    return true;
}

static int add_memory(struct memories *m, yyjson_val *id, yyjson_val *about, anima_error *err)
{
    struct memory *list = mem_grow(m->list, m->n, &m->max, sizeof(*list));
    if (!list)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for memories");
    m->list = list;
    const char *event = json_str(about, "event", ""), *feeling = json_str(about, "emotion", "");
    struct buf text;
    buf_init(&text, MAX_LINE);
    buf_printf(&text, chinese(event) ? "%s（%s）" : "%s (%s)", event, feeling);
    m->list[m->n] = (struct memory){ .id = atoll(yyjson_get_str(id)), .text = buf_take(&text) };
    m->n++;
    return m->list[m->n - 1].text ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for memories");
}

typedef int line_fn(struct memory_bench *b, struct memories *m, yyjson_val *line, anima_error *err);

static int each_line(struct memory_bench *b, struct memories *m, const char *data, size_t n, line_fn *one,
                     anima_error *err)
{
    int rc = ANIMA_OK;
    for (const char *at = data, *end = data + n, *stop; at < end && !rc; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (stop - at < 2)
            continue;
        yyjson_doc *doc = NULL;
        rc = json_parse(at, (size_t)(stop - at), MAX_LINE, "a line of MADial", &doc, err);
        if (!rc)
            rc = one(b, m, yyjson_doc_get_root(doc), err);
        yyjson_doc_free(doc);
    }
    return rc;
}

static int memory_line(struct memory_bench *b, struct memories *m, yyjson_val *line, anima_error *err)
{
    (void)b;
    yyjson_obj_iter it = yyjson_obj_iter_with(line);
    int rc = ANIMA_OK;
    for (yyjson_val *key; !rc && (key = yyjson_obj_iter_next(&it));)
        rc = add_memory(m, key, yyjson_obj_iter_get_val(key), err);
    return rc;
}

static int build(struct memory_bench *b, struct memories *m, anima_error *err)
{
    const char **texts = mem_zero(m->n + 1, sizeof(*texts));
    struct memory_vector *vectors = mem_alloc((m->n + 1) * sizeof(*vectors));
    int rc = texts && vectors ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for memories");
    for (size_t i = 0; i < m->n && !rc; i++)
        texts[i] = m->list[i].text;
    if (!rc)
        rc = memory_vectors(b, false, texts, m->n, vectors, err);
    for (size_t i = 0; i < m->n && !rc; i++) {
        rc = index_add(&m->index, b->words,
                       &(struct index_turn){ .id = (int64_t)i + 1,
                                             .conversation = (int64_t)i + 1,
                                             .speaker = 1,
                                             .audience = (uint32_t)i,
                                             .text = texts[i],
                                             .n = strlen(texts[i]) },
                       err);
        if (!rc)
            index_vector(&m->index, (int64_t)i + 1, vectors[i].row, vectors[i].factor);
    }
    mem_free(texts);
    mem_free(vectors);
    return rc;
}

/* ---- dialogues ---- */

/* The memories that name the one who speaks; if none does, all of them. */
static void choose_owner(const struct memories *m, const char *who, bool *audiences)
{
    bool any = false;
    for (size_t i = 0; i < m->n; i++) {
        audiences[i] = *who && strstr(m->list[i].text, who);
        any = any || audiences[i];
    }
    for (size_t i = 0; i < m->n && !any; i++)
        audiences[i] = true;
}

#define MAX_GOLD 64

static size_t gold_of(const struct memories *m, yyjson_val *relevant, uint32_t *out)
{
    size_t n = 0;
    yyjson_arr_iter it = yyjson_arr_iter_with(relevant);
    for (yyjson_val *v; (v = yyjson_arr_iter_next(&it)) && n < MAX_GOLD;)
        for (uint32_t i = 0; i < m->n; i++)
            if (m->list[i].id == yyjson_get_int(v)) {
                out[n++] = i;
                break;
            }
    return n;
}

static int one_turn(struct memory_bench *b, struct memories *m, yyjson_val *line, const char *query, const char *who,
                    anima_error *err)
{
    struct memory_vector vector;
    bool *audiences = mem_zero(m->n + 1, sizeof(*audiences));
    int rc = audiences ? memory_vectors(b, true, &query, 1, &vector, err)
                       : err_set(err, ANIMA_E_NOMEM, "out of memory for a dialogue");
    if (!rc) {
        choose_owner(m, who, audiences);
        const struct recall_query q = { .text = query,
                                        .n = strlen(query),
                                        .vector = vector.row,
                                        .factor = vector.factor,
                                        .asker = -1,
                                        .audiences = audiences,
                                        .n_audiences = m->n };
        rc = recall_measure(b->recall, b->words, &m->index, &q, err);
    }
    if (!rc) {
        uint32_t gold[MAX_GOLD];
        const struct memory_question like = { .set = MEMORY_MADIAL,
                                              .category = 1 + chinese(query),
                                              .group = b->groups,
                                              .n_gold = gold_of(m, yyjson_obj_get(line, "relevant-id"), gold) };
        if (like.n_gold)
            rc = memory_keep(b, &m->index, &like, gold, err);
    }
    mem_free(audiences);
    return rc;
}

/* Before each turn that should recall something: what the person has said until then. */
static int dialogue_line(struct memory_bench *b, struct memories *m, yyjson_val *line, anima_error *err)
{
    int rc = ANIMA_OK;
    yyjson_arr_iter tests = yyjson_arr_iter_with(yyjson_obj_get(line, "test-turn"));
    for (yyjson_val *test; !rc && (test = yyjson_arr_iter_next(&tests));) {
        struct buf query;
        char who[MAX_NAME] = "", owner[MAX_NAME] = "";
        buf_init(&query, MAX_LINE);
        int64_t n = 0;
        yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(line, "dialogue"));
        for (yyjson_val *said; (said = yyjson_arr_iter_next(&it)) && n < yyjson_get_int(test); n++) {
            struct buf words;
            buf_init(&words, MAX_LINE);
            if (yyjson_is_str(said) && take_apart(yyjson_get_str(said), who, &words) && words.len &&
                strcmp(who, "Assistant") != 0) {
                buf_printf(&query, "%s%s", query.len ? "\n" : "", words.data);
                snprintf(owner, sizeof(owner), "%s", who);
            }
            buf_finish(&words);
        }
        if (query.failed)
            rc = err_set(err, query.failed, "a dialogue is too long");
        else if (query.len)
            rc = one_turn(b, m, line, query.data, owner, err);
        buf_finish(&query);
    }
    return rc;
}

static int one_file(struct memory_bench *b, const char *name, const char *data, size_t n, anima_error *err)
{
    const char *end = strstr(name, "-memory.json");
    if (!end)
        return ANIMA_OK;
    struct memories m = { 0 };
    char partner[256], *path = NULL, *dialogues = NULL;
    size_t len = 0;
    index_init(&m.index, MEMORY_DIM);
    snprintf(partner, sizeof(partner), "%.*s-dialogue.json", (int)(end - name), name);
    int rc = each_line(b, &m, data, n, memory_line, err);
    if (!rc)
        rc = build(b, &m, err);
    if (!rc && !(path = fs_join(b->data, "madial", partner, NULL)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    if (!rc)
        rc = fs_read(path, MAX_FILE, &dialogues, &len, err);
    if (!rc)
        rc = each_line(b, &m, dialogues, len, dialogue_line, err);
    b->groups++;
    mem_free(dialogues);
    mem_free(path);
    for (size_t i = 0; i < m.n; i++)
        mem_free(m.list[i].text);
    mem_free(m.list);
    index_finish(&m.index);
    return rc;
}

int memory_madial(struct memory_bench *b, anima_error *err) { return memory_files(b, "madial", one_file, err); }
