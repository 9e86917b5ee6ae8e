#include "host/script_memory.h"

#include "base/mem.h"
#include "host/script.h"

#include <stdio.h>
#include <string.h>

#define AROUND_MESSAGE 4
#define STREAM_BYTES (4u << 20)

struct stream {
    char name[REQUEST_STREAM_MAX];
    struct buf text; /* of each message its role's first letter, its text, a NUL */
    size_t n_messages;
    uint64_t used;
};

struct script_memory {
    struct stream *streams;
    size_t n;
    uint64_t clock;
};

struct script_memory *script_memory_create(void) { return mem_zero(1, sizeof(struct script_memory)); }

static void forget(struct script_memory *m, size_t i)
{
    buf_finish(&m->streams[i].text);
    memmove(m->streams + i, m->streams + i + 1, (m->n - i - 1) * sizeof(*m->streams));
    m->n--;
}

void script_memory_destroy(struct script_memory *m)
{
    if (!m)
        return;
    while (m->n)
        forget(m, m->n - 1);
    mem_free(m->streams);
    mem_free(m);
}

static struct stream *find(const struct script_memory *m, const char *name)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (strcmp(m->streams[i].name, name) == 0)
            return &m->streams[i];
    return NULL;
}

/* ---- counting ---- */

int script_message_tokens(const char *text) { return script_tokens(text) + AROUND_MESSAGE; }

/* Tokens of text that end within its first n bytes. */
static int tokens_within(const char *text, size_t n)
{
    int tokens = 0;
    for (size_t at = 0, len; text[at] && (len = script_token(text + at)) <= n - at; at += len)
        tokens++;
    return tokens;
}

int script_memory_cached(const struct script_memory *m, const struct request *request)
{
    const struct stream *s = find(m, request->stream);
    const char *known = s ? buf_str(&s->text) : NULL, *end = s ? known + s->text.len : NULL;
    int tokens = 0;
    for (size_t i = 0; known < end && i < request->n_messages && *known == *request->messages[i].role; i++) {
        const char *text = request->messages[i].text;
        size_t n = 0;
        known++;
        while (text[n] && text[n] == known[n])
            n++;
        if (text[n] || known[n])
            return tokens + tokens_within(text, n);
        tokens += script_message_tokens(text);
        known += n + 1;
    }
    return tokens;
}

/* ---- keeping ---- */

static struct stream *make(struct script_memory *m, const char *name)
{
    if (m->n == SCRIPT_MEMORY_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < m->n; i++)
            oldest = m->streams[i].used < m->streams[oldest].used ? i : oldest;
        forget(m, oldest);
    }
    struct stream *list = mem_realloc(m->streams, (m->n + 1) * sizeof(*list));
    if (!list)
        return NULL;
    m->streams = list;
    struct stream *s = &list[m->n++];
    *s = (struct stream){ .n_messages = 0 };
    snprintf(s->name, sizeof(s->name), "%s", name);
    buf_init(&s->text, STREAM_BYTES);
    return s;
}

static void put(struct stream *s, const char *role, const char *text)
{
    buf_append(&s->text, role, 1);
    buf_append(&s->text, text, strlen(text) + 1);
    s->n_messages++;
}

void script_memory_keep(struct script_memory *m, const struct request *request, const char *said)
{
    struct stream *s = *request->stream ? find(m, request->stream) : NULL;
    if (!s && *request->stream)
        s = make(m, request->stream);
    if (!s)
        return;
    buf_reset(&s->text);
    s->n_messages = 0;
    s->used = ++m->clock;
    for (size_t i = 0; i < request->n_messages; i++)
        put(s, request->messages[i].role, request->messages[i].text);
    if (said)
        put(s, "assistant", said);
    if (s->text.failed)
        forget(m, (size_t)(s - m->streams));
}

void script_memory_drop(struct script_memory *m, const char *beginning)
{
    for (size_t i = m->n; i-- > 0;)
        if (strncmp(m->streams[i].name, beginning, strlen(beginning)) == 0)
            forget(m, i);
}

void script_memory_list(const struct script_memory *m, struct buf *out)
{
    for (size_t i = 0; m && i < m->n; i++) {
        const struct stream *s = &m->streams[i];
        const char *last = buf_str(&s->text), *end = last + s->text.len;
        for (const char *next; (next = last + strlen(last) + 1) < end;)
            last = next;
        buf_printf(out, "%s%s %zu: %s", i ? "\n" : "", s->name, s->n_messages, last + (*last != '\0'));
    }
}
