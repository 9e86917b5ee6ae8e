/* topics_part.c — a part of a conversation: its turns become what the model is asked about, and its answers sentences. Loop thread. */
#include "agent/topics_private.h"

#include "base/utf8.h"
#include "mind/phrase.h"

#include <string.h>

#define MAX_TEXT 4096  /* bytes of a turn that are looked at */
#define HAND_ALIKE 0.6 /* to a sentence that a person changed or deleted */

/* ---- turns ---- */

int topics_part_take_turn(void *ctx, const struct store_memory *item)
{
    struct making *m = ctx;
    struct part_turn *turn = &m->turns[m->n];
    *turn = (struct part_turn){
        .id = item->id,
        .seq = item->seq,
        .at_ms = item->at_ms,
        .speaker = item->speaker,
        .class = item->class,
        .text = arena_strndup(&m->arena, item->text, utf8_cut(item->text, strlen(item->text), MAX_TEXT)),
        .language = prompt_language(item->text),
        .key = arena_printf(&m->arena, "%d;%d;%lld;%s;%s;%s", item->class, item->everyone, (long long)item->speaker,
                            item->witnesses, item->excluded, item->allowed)
    };
    m->failed |= !turn->text || !turn->key;
    m->n++;
    return m->failed || m->n == TOPICS_READ;
}

/* Everything a person said there that is told in the same language and to the same people as the turn `first`. */
static void group(struct making *m, const anima_home *home, size_t first)
{
    const struct part_turn *like = &m->turns[first];
    struct prompt_turn *said = arena_alloc(&m->arena, m->n * sizeof(*said));
    size_t *places = arena_alloc(&m->arena, m->n * sizeof(*places)), n = 0;
    m->failed |= !said || !places;
    for (size_t i = first; i < m->n && !m->failed; i++) {
        struct part_turn *turn = &m->turns[i];
        if (turn->grouped || strcmp(turn->key, like->key) != 0 || strcmp(turn->language, like->language) != 0)
            continue;
        turn->grouped = true;
        said[n] = (struct prompt_turn){ home_person_name(home, turn->speaker), turn->text };
        places[n++] = i;
    }
    struct part_ask *a = &m->asks[m->n_asks];
    *a = (struct part_ask){ .turns = places, .speaker = like->speaker, .language = like->language };
    m->failed |= m->failed || topics_pieces(&m->arena, said, n, &a->pieces, &a->n);
    m->n_asks += !m->failed && a->n > 0;
}

bool topics_part_take_apart(struct making *m, const anima_home *home)
{
    for (size_t i = 0; i < m->n && !m->failed; i++)
        if (m->turns[i].speaker && !m->turns[i].grouped)
            group(m, home, i);
    return !m->failed;
}

/* ---- sentences ---- */

struct by_hand {
    const char *text;
    bool found;
};

static int is_by_hand(void *ctx, const char *text)
{
    struct by_hand *h = ctx;
    struct phrase mine, other;
    phrase_read(&mine, h->text, strlen(h->text));
    phrase_read(&other, text, strlen(text));
    h->found = phrase_alike(&mine, &other) >= HAND_ALIKE;
    return h->found;
}

/* What a person changed or deleted is not said again. If that cannot be read, nothing is. */
static bool is_settled(const struct making *m, struct store *store, const char *text)
{
    struct by_hand hand = { .text = text };
    return store_topic_hands(store, m->due.conversation, m->turns[0].seq, m->turns[m->n - 1].seq, is_by_hand, &hand,
                             NULL) ||
           hand.found;
}

static void take_line(struct making *m, struct store *store, const struct part_ask *ask, const struct topics_line *line)
{
    struct store_topic_sentence *out = &m->lines[m->n_lines];
    *out = (struct store_topic_sentence){ .text = line->text, .language = ask->language, .person = ask->speaker };
    for (size_t i = 0; i < line->n_from; i++) {
        const struct part_turn *turn = &m->turns[ask->turns[ask->pieces[line->from[i]].turn]];
        if (out->n_cites && out->cites[out->n_cites - 1] == turn->seq)
            continue;
        out->cites[out->n_cites++] = turn->seq;
        out->at_ms = turn->at_ms;
    }
    if (out->n_cites && !is_settled(m, store, line->text))
        m->n_lines++;
}

void topics_part_take_answer(struct making *m, struct store *store, bool whole)
{
    const struct part_ask *ask = &m->asks[m->at++];
    struct topics_line lines[TOPICS_LINES];
    char *answer = arena_strdup(&m->arena, buf_str(&m->answer));
    char *end = answer && !whole ? strrchr(answer, '\n') : NULL; /* its last line is a piece of one */
    if (end)
        *end = '\0';
    size_t n = answer && (whole || end) ? topics_read(&m->arena, ask->pieces, ask->n, answer, lines) : 0;
    for (size_t i = 0; i < n; i++)
        take_line(m, store, ask, &lines[i]);
}
