#include "cli/bench_memory_story.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define STORY_MEMORY (64u << 20)
#define MAX_TALK_TURNS 500
#define MAX_NAMES 65536
#define AFTERWARDS_MS 1800000 /* behind the last turn */

const char *memory_story_name(const struct memory_story *s, const char *id)
{
    return json_str(yyjson_doc_get_root(s->people), id, id);
}

static int on_turn(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct memory_story *s = ctx;
    const char *character = json_str(line, "character", ""), *who = json_str(line, "who", "");
    struct memory_turn *turns = mem_grow(s->turns, s->n, &s->max, sizeof(*turns));
    if (!turns)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the story");
    s->turns = turns;
    struct memory_turn t = { .id = arena_strdup(&s->arena, json_str(line, "id", "")),
                             .conversation = arena_strdup(&s->arena, json_str(line, "conversation", "")),
                             .character = arena_strdup(&s->arena, character),
                             .text = arena_strdup(&s->arena, json_str(line, "text", "")),
                             .at_ms = date_parse(json_str(line, "at", "")) };
    if (strcmp(who, character) != 0)
        t.who = memory_story_name(s, arena_strdup(&s->arena, who));
    if (!t.text || !t.character || !t.conversation || !t.id)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the story");
    if (t.at_ms < 0 || !*t.text)
        return err_set(err, ANIMA_E_INVALID, "line %d: a turn needs \"at\" and \"text\"", number);
    s->turns[s->n++] = t;
    return ANIMA_OK;
}

static int read_people(struct memory_story *s, anima_error *err)
{
    char *path = memory_file("thirty-days.people.json"), *text = NULL;
    size_t n = 0;
    int rc = path ? fs_read(path, MAX_NAMES, &text, &n, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    if (!rc)
        rc = json_parse(text, n, MAX_NAMES, path, &s->people, err);
    mem_free(text);
    mem_free(path);
    return rc;
}

static size_t read_words(struct memory_story *s, yyjson_val *list, const char **out)
{
    size_t i, max, n = 0;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, max, v)
        if (n < MEMORY_WORDS && yyjson_is_str(v) && (out[n] = arena_strdup(&s->arena, yyjson_get_str(v))))
            n++;
    return n;
}

static int on_question(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct memory_story *s = ctx;
    struct memory_asked *asked = mem_grow(s->asked, s->n_asked, &s->max_asked, sizeof(*asked));
    if (!asked)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the story");
    s->asked = asked;
    struct memory_asked *q = &asked[s->n_asked];
    *q = (struct memory_asked){ .id = arena_strdup(&s->arena, json_str(line, "id", "")),
                                .asker = memory_story_name(s, arena_strdup(&s->arena, json_str(line, "asker", ""))),
                                .character = arena_strdup(&s->arena, json_str(line, "character", "")),
                                .text = arena_strdup(&s->arena, json_str(line, "question", "")),
                                .kind = arena_strdup(&s->arena, json_str(line, "kind", "")) };
    q->n_right = read_words(s, yyjson_obj_get(line, "answers"), q->right);
    q->n_wrong = read_words(s, yyjson_obj_get(line, "not"), q->wrong);
    s->n_asked++;
    if (!q->id || !q->asker || !q->character || !q->text || !q->kind)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the story");
    return *q->text && q->n_right + q->n_wrong ? ANIMA_OK
                                               : err_set(err, ANIMA_E_INVALID, "line %d: this is no question", number);
}

bool memory_is_right(const struct memory_asked *q, const char *reply)
{
    bool right = !q->n_right;
    for (size_t i = 0; i < q->n_right; i++)
        right = right || strcasestr(reply, q->right[i]);
    for (size_t i = 0; i < q->n_wrong; i++)
        right = right && !strcasestr(reply, q->wrong[i]);
    return right && *reply;
}

static int read_lines(struct memory_story *s, const char *name, bench_line_cb *cb, anima_error *err)
{
    char *path = memory_file(name);
    int rc = path ? bench_lines(path, NULL, cb, s, err) : err_set(err, ANIMA_E_NOMEM, "out of memory for a path");
    mem_free(path);
    return rc;
}

int memory_story_read(struct memory_story *s, anima_error *err)
{
    *s = (struct memory_story){ .n = 0 };
    arena_init(&s->arena, STORY_MEMORY);
    int rc = read_people(s, err);
    if (!rc)
        rc = read_lines(s, "thirty-days.jsonl", on_turn, err);
    if (!rc)
        rc = read_lines(s, "thirty-days.questions.jsonl", on_question, err);
    return !rc && !s->n ? err_set(err, ANIMA_E_INVALID, "the story is empty") : rc;
}

void memory_story_finish(struct memory_story *s)
{
    yyjson_doc_free(s->people);
    mem_free(s->turns);
    mem_free(s->asked);
    arena_finish(&s->arena);
}

/* The conversation that begins with turn i; those of its turns that were said later are found behind it. */
static int play_one(struct memory_story *s, struct memory_room *r, size_t i, anima_error *err)
{
    static struct memory_line lines[MAX_TALK_TURNS];
    size_t place[MAX_TALK_TURNS], n = 0;
    char id[24];
    for (size_t k = i; k < s->n && n < MAX_TALK_TURNS; k++)
        if (strcmp(s->turns[k].conversation, s->turns[i].conversation) == 0) {
            lines[n] = (struct memory_line){ s->turns[k].who, s->turns[k].text, s->turns[k].at_ms };
            place[n++] = k;
        }
    int rc = memory_room_talk(r, s->turns[i].character, lines, n, id, err);
    for (size_t k = 0; k < n && !rc; k++) {
        memcpy(s->turns[place[k]].stored, id, sizeof(id));
        s->turns[place[k]].seq = (int64_t)k + 1;
    }
    return rc;
}

int memory_story_play(struct memory_story *s, struct memory_room *r, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; i < s->n && !rc; i++)
        if (!*s->turns[i].stored)
            rc = play_one(s, r, i, err);
    return rc ? rc : memory_room_rest(r, err);
}

void memory_story_clock(const struct memory_story *s, bool stands)
{
    clock_fake(-1, 0);
    if (stands)
        clock_fake(s->turns[s->n - 1].at_ms + AFTERWARDS_MS, clock_mono_us());
}
