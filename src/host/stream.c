#include "host/stream.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct text {
    char *role, *name, *content; /* one block, at role */
};

struct stream {
    char name[REQUEST_STREAM_MAX];
    struct text *texts;
    size_t n, max;
    uint64_t used;
};

struct streams {
    struct stream *list;
    size_t n, max;
    uint64_t now; /* counts uses */
};

struct streams *streams_create(void) { return mem_zero(1, sizeof(struct streams)); }

static void cut(struct stream *s, size_t n)
{
    while (s->n > n)
        mem_free(s->texts[--s->n].role);
}

static void finish(struct stream *s)
{
    cut(s, 0);
    mem_free(s->texts);
}

void streams_destroy(struct streams *all)
{
    for (size_t i = 0; all && i < all->n; i++)
        finish(&all->list[i]);
    if (all)
        mem_free(all->list);
    mem_free(all);
}

static struct stream *find(struct streams *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->list[i].name, name) == 0) {
            all->list[i].used = ++all->now;
            return &all->list[i];
        }
    return NULL;
}

static void forget(struct streams *all, struct stream *s)
{
    finish(s);
    *s = all->list[--all->n];
}

static struct stream *make(struct streams *all, const char *name)
{
    if (all->n == STREAMS_MAX) {
        struct stream *oldest = all->list;
        for (size_t i = 1; i < all->n; i++)
            oldest = all->list[i].used < oldest->used ? &all->list[i] : oldest;
        forget(all, oldest);
    }
    struct stream *list = mem_grow(all->list, all->n, &all->max, sizeof(*list));
    if (!list)
        return NULL;
    all->list = list;
    struct stream *s = &list[all->n++];
    *s = (struct stream){ .used = ++all->now };
    snprintf(s->name, sizeof(s->name), "%s", name);
    return s;
}

static char *put(char **at, const char *text)
{
    char *start = *at;
    size_t n = strlen(text) + 1;
    memcpy(start, text, n);
    *at += n;
    return start;
}

static int add(struct stream *s, const anima_chat_message *m)
{
    struct text *texts = mem_grow(s->texts, s->n, &s->max, sizeof(*texts));
    if (!texts)
        return ANIMA_E_NOMEM;
    s->texts = texts;
    char *block = mem_alloc(strlen(m->role) + strlen(m->text) + (m->name ? strlen(m->name) : 0) + 3), *at = block;
    if (!block)
        return ANIMA_E_NOMEM;
    struct text *t = &texts[s->n++];
    t->role = put(&at, m->role);
    t->content = put(&at, m->text);
    t->name = m->name ? put(&at, m->name) : NULL;
    return ANIMA_OK;
}

/* The request's own copy: the stream may change while it runs. */
static int hand_over(const struct stream *s, struct request *r)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->n; i++)
        bytes += strlen(s->texts[i].role) + strlen(s->texts[i].content) +
                 (s->texts[i].name ? strlen(s->texts[i].name) : 0) + 3;
    anima_chat_message *messages = mem_zero(s->n + 1, sizeof(*messages));
    char *block = messages ? mem_alloc(bytes + 1) : NULL, *at = block;
    if (!block) {
        mem_free(messages);
        return ANIMA_E_NOMEM;
    }
    for (size_t i = 0; i < s->n; i++) {
        messages[i].role = put(&at, s->texts[i].role);
        messages[i].text = put(&at, s->texts[i].content);
        messages[i].name = s->texts[i].name ? put(&at, s->texts[i].name) : NULL;
    }
    mem_free(r->messages);
    r->messages = messages;
    r->n_messages = s->n;
    r->texts = block;
    return ANIMA_OK;
}

int streams_join(struct streams *all, struct request *r, anima_error *err)
{
    if (!*r->stream)
        return ANIMA_OK;
    struct stream *s = find(all, r->stream);
    if (r->keep > (s ? s->n : 0))
        return err_set(err, ANIMA_E_CONFLICT, "stale: this engine does not have the first %zu messages of the stream",
                       r->keep);
    if (r->keep + r->n_messages == 0 || r->keep + r->n_messages > REQUEST_MAX_MESSAGES)
        return err_set(err, ANIMA_E_INVALID, "a stream has 1 to %d messages", REQUEST_MAX_MESSAGES);
    if (!s)
        s = make(all, r->stream);
    int rc = s ? ANIMA_OK : ANIMA_E_NOMEM;
    if (s)
        cut(s, r->keep);
    for (size_t i = 0; i < r->n_messages && !rc; i++)
        rc = add(s, &r->messages[i]);
    if (!rc)
        rc = hand_over(s, r);
    return rc ? err_set(err, rc, "out of memory for a stream") : ANIMA_OK;
}

void streams_drop(struct streams *all, const char *beginning)
{
    for (size_t i = all->n; i-- > 0;)
        if (strncmp(all->list[i].name, beginning, strlen(beginning)) == 0)
            forget(all, &all->list[i]);
}
