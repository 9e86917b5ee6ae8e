/* bring_pieces.c — the messages of an import as conversations, and who heard them. */
#include "agent/bring_private.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "2023-07" */
static void month_of(int64_t at_ms, char out[16])
{
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm = { 0 };
    gmtime_r(&at, &tm);
    strftime(out, 16, "%Y-%m", &tm);
}

/* ---- who heard it ---- */

struct listener {
    size_t person, messages;
    int64_t since;
};

static int by_messages(const void *pa, const void *pb)
{
    const struct listener *a = pa, *b = pb;
    if (a->messages != b->messages)
        return a->messages < b->messages ? 1 : -1;
    return a->person < b->person ? -1 : a->person > b->person;
}

/* From which message of the piece on; 0: they did not. */
static int64_t since_of(const struct bring_making *m, const struct bring_talk *talk, const struct bring_span *s,
                        const struct bring_piece *piece)
{
    const struct bring_line *lines = m->plan->lines + piece->first;
    if (!talk->group || (s->first_ms < lines[0].at_ms && s->last_ms >= lines[piece->n - 1].at_ms))
        return 1;
    for (size_t i = 0; i < piece->n; i++)
        if (!lines[i].character && lines[i].person == s->person)
            return (int64_t)i + 1;
    return 0;
}

static bool keep(struct bring_making *m, struct bring_piece *piece, struct listener *list, size_t n)
{
    if (n)
        qsort(list, n, sizeof(*list), by_messages);
    piece->n_heard = n < BRING_HEARD ? n : BRING_HEARD;
    struct bring_heard *heard = arena_alloc(m->arena, (piece->n_heard + 1) * sizeof(*heard));
    for (size_t i = 0; i < piece->n_heard && heard; i++)
        heard[i] = (struct bring_heard){ list[i].person, list[i].since };
    piece->heard = heard;
    return heard;
}

/* The giver counts as one who wrote most. */
static bool find_listeners(struct bring_making *m, const struct bring_talk *talk, struct bring_piece *piece)
{
    struct listener *list = arena_alloc(m->arena, (talk->n_spans + 1) * sizeof(*list));
    size_t n = 0;
    if (!list)
        return false;
    list[n++] = (struct listener){ 0, SIZE_MAX, 1 };
    for (const struct bring_span *s = talk->spans; s; s = s->next) {
        int64_t since = s->person ? since_of(m, talk, s, piece) : 0;
        if (since)
            list[n++] = (struct listener){ s->person, s->messages, since };
    }
    return keep(m, piece, list, n);
}

/* As it was where it comes from: from the first message on that they heard. */
static bool recall_listeners(struct bring_making *m, struct bring_piece *piece)
{
    const struct bring_plan *p = m->plan;
    struct listener *list = arena_alloc(m->arena, p->n_people * sizeof(*list));
    size_t n = 0;
    for (size_t i = 0; i < piece->n && list; i++) {
        const struct bring_mark *mark = p->lines[piece->first + i].mark;
        for (size_t k = 0; mark && k < mark->witnesses.n; k++) {
            size_t at = 0;
            while (at < n && list[at].person != mark->witnesses.people[k])
                at++;
            if (at == n)
                list[n++] = (struct listener){ mark->witnesses.people[k], 0, (int64_t)i + 1 };
            list[at].messages++;
        }
    }
    return list && keep(m, piece, list, n);
}

/* ---- pieces ---- */

/* What a chat without a title is called: who else talks in it. */
static void put_names(const struct bring_making *m, const struct bring_talk *talk, char *out, size_t size)
{
    size_t used = 0;
    *out = '\0';
    for (const struct bring_span *s = talk->spans; s && used + 1 < size; s = s->next)
        if (s->person || !talk->spans->next)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     m->plan->people[s->person].name);
}

/* "Ben · 2023-07 (2)" */
static void put_title(const struct bring_making *m, const struct bring_talk *talk, struct bring_piece *piece,
                      const char *month, size_t number)
{
    char name[256], end[40] = "";
    if (*talk->title)
        snprintf(name, sizeof(name), "%s", talk->title);
    else
        put_names(m, talk, name, sizeof(name));
    if (number > 1)
        snprintf(end, sizeof(end), " (%zu)", number);
    size_t n = utf8_whole(name, strlen(name));
    n = utf8_cut(name, n, sizeof(piece->title) - 16 - sizeof(end));
    snprintf(piece->title, sizeof(piece->title), "%.*s · %s%s", (int)n, name, month, end);
}

static size_t piece_end(const struct bring_plan *p, size_t first)
{
    char month[16], other[16];
    size_t end = first + 1;
    month_of(p->lines[first].at_ms, month);
    for (; end < p->n_lines && end - first < BRING_PIECE && p->lines[end].talk == p->lines[first].talk; end++) {
        month_of(p->lines[end].at_ms, other);
        if (strcmp(month, other) != 0)
            break;
    }
    return end;
}

bool bring_cut(struct bring_making *m)
{
    struct bring_plan *p = m->plan;
    char month[16], number[24];
    size_t nth = 0;
    for (size_t at = 0; at < p->n_lines; at += p->pieces[p->n_pieces - 1].n) {
        const struct bring_talk *talk = &m->list[p->lines[at].talk];
        struct bring_piece *list = bring_grow(m->arena, p->pieces, p->n_pieces, &p->max_pieces, sizeof(*list));
        if (!list)
            return false;
        p->pieces = list;
        struct bring_piece *piece = &list[p->n_pieces++];
        *piece = (struct bring_piece){ .first = at, .n = piece_end(p, at) - at };
        month_of(p->lines[at].at_ms, month);
        /* A chat without times is one part whenever it is brought. */
        bring_hash(piece->part, 32,
                   (const char *const[]){ m->wish->character, talk->key, talk->last_ms ? month : "", NULL });
        nth = p->n_pieces > 1 && strcmp(piece->part, list[p->n_pieces - 2].part) == 0 ? nth + 1 : 1;
        snprintf(number, sizeof(number), "%zu", nth);
        bring_hash(piece->id, 16, (const char *const[]){ p->id, piece->part, number, NULL });
        put_title(m, talk, piece, month, nth);
        if (!(talk->remembered ? recall_listeners(m, piece) : find_listeners(m, talk, piece)))
            return false;
    }
    return true;
}
