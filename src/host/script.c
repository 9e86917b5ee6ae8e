#include "host/script.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 16384
#define MAX_ENTRIES 4096

static struct script_entry *new_entry(struct script *s)
{
    if (s->n_entries == MAX_ENTRIES)
        return NULL;
    struct script_entry *entries = mem_realloc(s->entries, (s->n_entries + 1) * sizeof(*entries));
    if (!entries)
        return NULL;
    s->entries = entries;
    entries[s->n_entries] = (struct script_entry){
        .die = -1, .die_once = -1, .garbage = -1, .hang = -1, .logprob = -0.1
    };
    return &entries[s->n_entries++];
}

static int keep(char **field, const char *value)
{
    mem_free(*field);
    *field = mem_strdup(value);
    return *field ? 0 : ANIMA_E_NOMEM;
}

/* "CODE TEXT" */
static int keep_error(int *code, char **message, const char *value)
{
    char name[32];
    size_t n = strcspn(value, " ");
    snprintf(name, sizeof(name), "%.*s", (int)(n < 31 ? n : 31), value);
    *code = err_code(name);
    return keep(message, value[n] ? value + n + 1 : value);
}

static int add_say(struct script_entry *e, const char *value)
{
    struct buf b;
    buf_init(&b, SCRIPT_MAX);
    if (e->say) {
        buf_puts(&b, e->say);
        buf_puts(&b, "\n");
    }
    for (const char *p = value; *p; p++) {
        bool line = p[0] == '\\' && p[1] == 'n';
        buf_append(&b, line ? "\n" : p, 1);
        p += line;
    }
    mem_free(e->say);
    e->say = buf_take(&b);
    return e->say ? 0 : ANIMA_E_NOMEM;
}

static int set_in_entry(struct script_entry *e, const char *key, const char *value)
{
    const struct {
        const char *key;
        int *field;
    } numbers[] = { { "first_ms", &e->first_ms }, { "delay_ms", &e->delay_ms }, { "die", &e->die },
                    { "die_once", &e->die_once }, { "garbage", &e->garbage },   { "hang", &e->hang } };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strcmp(key, numbers[i].key) == 0) {
            long n = strtol(value, NULL, 10);
            *numbers[i].field = n < 0 ? 0 : n > 3600000 ? 3600000 : (int)n;
            return 0;
        }
    if (strcmp(key, "match") == 0)
        return keep(&e->match, value);
    if (strcmp(key, "stream") == 0)
        return keep(&e->stream, value);
    if (strcmp(key, "means") == 0)
        return keep(&e->means, value);
    if (strcmp(key, "say") == 0)
        return add_say(e, value);
    if (strcmp(key, "error") == 0)
        return keep_error(&e->error_code, &e->error, value);
    if (strcmp(key, "logprob") != 0)
        return ANIMA_E_NOT_FOUND;
    e->logprob = strtod(value, NULL);
    return 0;
}

static int set_before(struct script *s, const char *key, const char *value)
{
    long n = strtol(value, NULL, 10);
    if (strcmp(key, "slots") == 0)
        s->slots = n < 1 ? 1 : n > 64 ? 64 : (int)n;
    else if (strcmp(key, "context") == 0)
        s->context = n < 256 ? 256 : n > 1048576 ? 1048576 : (int)n;
    else if (strcmp(key, "loading_ms") == 0)
        s->loading_ms = n < 0 ? 0 : n > 60000 ? 60000 : (int)n;
    else if (strcmp(key, "fail_load") == 0)
        return keep_error(&s->fail_code, &s->fail_message, value);
    else
        return ANIMA_E_NOT_FOUND;
    return 0;
}

static int parse_line(struct script *s, struct script_entry **entry, char *line, int number, anima_error *err)
{
    size_t n = strlen(line);
    if (n && line[n - 1] == '\r')
        line[--n] = '\0';
    if (!n) {
        *entry = NULL;
        return ANIMA_OK;
    }
    if (line[0] == '#')
        return ANIMA_OK;
    char *colon = strchr(line, ':');
    if (!colon)
        return err_set(err, ANIMA_E_INVALID, "script, line %d: expected \"key: value\"", number);
    *colon = '\0';
    const char *value = colon + 1 + (colon[1] == ' ');
    int rc = s->n_entries == 0 && !*entry ? set_before(s, line, value) : ANIMA_E_NOT_FOUND;
    if (rc == ANIMA_E_NOT_FOUND) {
        if (!*entry && !(*entry = new_entry(s)))
            return err_set(err, ANIMA_E_LIMIT, "script, line %d: too many entries", number);
        rc = set_in_entry(*entry, line, value);
    }
    if (rc == ANIMA_E_NOT_FOUND)
        return err_set(err, ANIMA_E_INVALID, "script, line %d: there is no \"%.40s\"", number, line);
    return rc ? err_set(err, rc, "out of memory for the script") : ANIMA_OK;
}

int script_parse(const char *text, size_t n, struct script **out, anima_error *err)
{
    *out = NULL;
    struct script *s = mem_zero(1, sizeof(*s));
    char *line = mem_alloc(MAX_LINE);
    struct script_entry *entry = NULL;
    int rc = s && line ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for the script");
    if (!rc && (n > SCRIPT_MAX || !utf8_valid(text, n) || memchr(text, '\0', n)))
        rc = err_set(err, ANIMA_E_INVALID, "the script is not UTF-8 text of at most %u bytes", SCRIPT_MAX);
    if (s) {
        s->slots = 4;
        s->context = 8192;
    }
    int number = 0;
    for (const char *p = text, *end = text + n; !rc && p < end;) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((eol ? eol : end) - p);
        number++;
        if (len >= MAX_LINE) {
            rc = err_set(err, ANIMA_E_LIMIT, "script, line %d: longer than %d bytes", number, MAX_LINE - 1);
            break;
        }
        memcpy(line, p, len);
        line[len] = '\0';
        rc = parse_line(s, &entry, line, number, err);
        p += len + 1;
    }
    mem_free(line);
    if (rc) {
        script_free(s);
        return rc;
    }
    *out = s;
    return ANIMA_OK;
}

void script_free(struct script *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_entries; i++) {
        mem_free(s->entries[i].match);
        mem_free(s->entries[i].stream);
        mem_free(s->entries[i].say);
        mem_free(s->entries[i].means);
        mem_free(s->entries[i].error);
    }
    mem_free(s->entries);
    mem_free(s->fail_message);
    mem_free(s);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), len = strlen(end);
    return n >= len && strcmp(text + n - len, end) == 0;
}

static const struct script_entry *find(const struct script *s, const char *text, const char *stream, bool meaning)
{
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct script_entry *e = &s->entries[i];
        if (!e->means == !meaning && (!e->match || strstr(text, e->match)) &&
            (!e->stream || ends_with(stream, e->stream)))
            return e;
    }
    return NULL;
}

const struct script_entry *script_find(const struct script *s, const char *message, const char *stream)
{
    return find(s, message, stream, false);
}

const struct script_entry *script_meaning(const struct script *s, const char *text) { return find(s, text, "", true); }

/* A message without the lines in brackets that anima puts in front of it for the model. */
static const char *own_words(const char *message)
{
    for (const char *end; *message == '(' || strncmp(message, "（", strlen("（")) == 0; message = end + 1) {
        const char *close = strstr(message, ")\n"), *wide = strstr(message, "）\n");
        close = !close || (wide && wide < close) ? wide : close;
        if (!close)
            break;
        end = strchr(close, '\n');
    }
    return message;
}

/* The value of a placeholder is put at the end of b; bytes of it, 0: there is none of that name. */
static size_t fill_in(struct buf *b, const char *at, const struct request *request, int prompt_tokens,
                      const struct script_memory *memory)
{
    static const char *const names[] = { "{last}",   "{told}",   "{system}",  "{n}",
                                         "{prompt}", "{cached}", "{streams}", "{adapter}" };
    bool system = request->n_messages && strcmp(request->messages[0].role, "system") == 0;
    size_t i = 0, n = sizeof(names) / sizeof(names[0]);
    while (i < n && strncmp(at, names[i], strlen(names[i])) != 0)
        i++;
    switch (i) {
    case 0: buf_puts(b, own_words(request_last_user(request))); break;
    case 1: buf_puts(b, request_last_user(request)); break;
    case 2: buf_puts(b, system ? request->messages[0].text : ""); break;
    case 3: buf_printf(b, "%zu", request->n_messages); break;
    case 4: buf_printf(b, "%d", prompt_tokens); break;
    case 5: buf_printf(b, "%d", script_memory_cached(memory, request)); break;
    case 6: script_memory_list(memory, b); break;
    case 7:
        if (*request->adapter)
            buf_printf(b, "%s at %g", request->adapter, request->adapter_scale);
        break;
    default: return 0;
    }
    return strlen(names[i]);
}

char *script_say(const struct script_entry *e, const struct request *request, int prompt_tokens,
                 const struct script_memory *memory)
{
    struct buf b;
    buf_init(&b, 4u << 20);
    for (const char *p = e->say ? e->say : ""; *p;) {
        size_t n = *p == '{' ? fill_in(&b, p, request, prompt_tokens, memory) : 0;
        if (!n)
            buf_append(&b, p, 1);
        p += n ? n : 1;
    }
    return buf_take(&b);
}

/* ---- tokens ---- */

size_t script_token(const char *text)
{
    size_t len, i = 0;
    while (text[i] == ' ')
        i++;
    if (!text[i])
        return i;
    utf8_decode(text + i, strnlen(text + i, 4), &len);
    if (len > 1 || text[i] == '\n')
        return i + len;
    while (text[i] && text[i] != ' ' && text[i] != '\n' && (unsigned char)text[i] < 0x80)
        i++;
    return i;
}

int script_tokens(const char *text)
{
    int count = 0;
    for (; *text; count++)
        text += script_token(text);
    return count;
}
