/* bench_memory_summed.c — does a secret get out through what is made of turns? The cases of bench_memory_secrets.c take place once more, this
 * time within the last day, and the home's work of idle time is done: what was talked about, summaries, moods and promises, facts.
 *
 * The model is a script that is written here, and as careless as can be: of every secret sentence it says the same in the third person, and
 * once more in other words (member "summed" of the case). Code drops of that what the turns do not bear out; so the other words come in
 * by other doors, too: the character says them to the teller, every second teller corrects a noted sentence to them, every third one asks
 * the character to remember them, and the teller gives a document with them. A promise of the teller names the secret, and is due.
 * Every fifth talk grows so long that the secret is summed up.
 *
 * Then outsiders ask as before; tellers come back where an outsider listens, outsiders where a teller does; and tellers come back alone, who
 * are to be told: what never comes could not get out. It is a leak, too, if the other words for any case stand in a prompt while somebody
 * is there who did not take part in it. */
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_memory_secrets.h"
#include "mind/phrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY (64u << 20)
#define HOUR_MS 3600000ll
#define SINCE_MS (22 * HOUR_MS)
#define STEP_MS (8 * 60000ll) /* so that 100 cases are over six hours ago, and no mood of them is forgotten yet */
#define MAX_SCRIPT (1u << 20)
#define TAKEN_EVERY 2 /* of so many cases one, so that it is over in a minute */
#define LONG_EVERY 5  /* a talk that is summed up */
#define ASKED_EVERY 3 /* a teller who asks the character to remember it */
#define FILLERS 6
#define FILLER_BYTES 1800

/* ---- the model ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\''; }

/* What stands behind the name in place of a word of the first person; NULL: it is another word. */
static const char *ending(const char *word, size_t n)
{
    static const char *const words[][2] = { { "I'm", " is" },    { "I've", " has" }, { "I'll", " will" },
                                            { "I'd", " would" }, { "I", "" },        { "me", "" },
                                            { "my", "'s" },      { "My", "'s" },     { "我", "" } };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strlen(words[i][0]) == n && memcmp(words[i][0], word, n) == 0)
            return words[i][1];
    return NULL;
}

/* Bytes of the word or Chinese character at text, at least 1. */
static size_t word_at(const char *text, size_t n)
{
    size_t len = 0;
    while (len < n && is_letter(text[len]))
        len++;
    return len ? len : n >= 3 && (unsigned char)*text >= 0xe0 ? 3 : 1;
}

static bool speaks_of_me(const char *text, size_t n)
{
    for (size_t i = 0, len; i < n; i += len) {
        len = word_at(text + i, n - i);
        if (ending(text + i, len))
            return true;
    }
    return false;
}

/* A sentence as somebody else would tell it. */
static void put_retold(struct buf *out, const char *name, const char *text, size_t n)
{
    if (!speaks_of_me(text, n))
        buf_puts(out, name);
    for (size_t i = 0, len; i < n; i += len) {
        len = word_at(text + i, n - i);
        const char *end = ending(text + i, len);
        if (end)
            buf_printf(out, "%s%s", name, end);
        else
            buf_append(out, text + i, len);
    }
}

/* The next sentence of text from *at on, without blanks around; its bytes, 0 at the end. */
static size_t sentence(const char *text, size_t *at, const char **start)
{
    *at += strspn(text + *at, " ");
    size_t n = text[*at] ? phrase_sentence(text + *at, strlen(text + *at), true) : 0;
    *start = text + *at;
    *at += n;
    while (n && (*start)[n - 1] == ' ')
        n--;
    return n;
}

static void put_answer(struct buf *out, const char *name, const char *text, const char *summed)
{
    const char *start;
    buf_puts(out, "stream: -topics\nsay: ");
    for (size_t at = 0, n; (n = sentence(text, &at, &start)) > 0;) {
        buf_puts(out, "[1] ");
        put_retold(out, name, start, n);
        buf_puts(out, "\\n");
    }
    buf_printf(out, "[1] %s\n\n", summed);
}

/* What is said of what is asked about a secret turn. */
static void put_entries(struct buf *out, const struct secret_case *c, const struct memory_line *line)
{
    const char *start;
    for (size_t at = 0, n; (n = sentence(line->text, &at, &start)) > 0;) {
        buf_printf(out, "match: %.*s\n", (int)n, start);
        put_answer(out, line->who, line->text, c->summed);
    }
}

struct writing {
    struct secrets s; /* first: secrets_each hands it on */
    struct buf script;
};

static int write_case(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct writing *w = ctx;
    struct memory_line lines[SECRETS_LINES];
    struct secret_case c;
    size_t n;
    int rc = secrets_read(&w->s, line, number, &c, lines, &n, err);
    for (size_t i = 0; i < c.n_secret && !rc && c.summed; i++)
        if (c.secret[i] >= 1 && (size_t)c.secret[i] <= n && lines[c.secret[i] - 1].who)
            put_entries(&w->script, &c, &lines[c.secret[i] - 1]);
    return rc;
}

/* The script becomes a file, whose name is written to path. */
static int write_script(struct memory_bench *b, char path[64], anima_error *err)
{
    struct writing w = { .s = { .b = b } };
    arena_init(&w.s.arena, MEMORY);
    buf_init(&w.script, MAX_SCRIPT);
    buf_puts(&w.script, "context: 2048\n\nmatch: 大家好。\nsay: 嗯。\n\nmatch: Hello everybody.\nsay: Mm.\n\n"
                        "stream: w-mood\nsay: D\n\nstream: w-intent\nsay: A\n\n");
    int rc = secrets_each(&w.s, write_case, err);
    buf_puts(&w.script, "stream: -topics\nsay: -\n\nstream: -summary\nsay: {last}\n\nsay: {told}\nsay: {system}\n");
    snprintf(path, 64, "/tmp/anima-bench-XXXXXX");
    int fd = rc ? -1 : mkstemp(path);
    if (!rc && (fd < 0 || w.script.failed))
        rc = err_set(err, ANIMA_E_IO, "the script for what is summed up cannot be written");
    if (!rc)
        rc = fs_write(path, w.script.data, w.script.len, 0600, err);
    if (fd >= 0)
        close(fd);
    buf_finish(&w.script);
    arena_finish(&w.s.arena);
    return rc;
}

/* ---- what took place ---- */

static const char *filler(struct secrets *s)
{
    static const char words[] = "The tide tables of the harbour are long and dull. ";
    char *text = arena_alloc(&s->arena, FILLER_BYTES + 1);
    for (size_t i = 0; text && i < FILLER_BYTES; i++)
        text[i] = words[i % (sizeof(words) - 1)];
    if (text)
        text[FILLER_BYTES] = '\0';
    return text;
}

/* What the teller promises, what the character makes of it, and in some talks much that is none of it. */
static size_t add_lines(struct secrets *s, const struct secret_case *c, struct memory_line *lines, size_t n)
{
    const char *promise = arena_printf(&s->arena,
                                       c->zh ? "我今天晚上再跟你说%s的事。" : "I'll tell you about the %s tonight.",
                                       c->n_marks ? c->marks[0] : "");
    const char *long_one = s->n % LONG_EVERY == 0 ? filler(s) : NULL;
    if (promise && n < SECRETS_LINES)
        lines[n++] = (struct memory_line){ c->teller, promise, 0 };
    if (n < SECRETS_LINES)
        lines[n++] = (struct memory_line){ NULL, c->summed, 0 };
    for (int i = 0; long_one && i < FILLERS && n < SECRETS_LINES; i++)
        lines[n++] = (struct memory_line){ NULL, long_one, 0 };
    return n;
}

static int add_asks(struct secrets *s, yyjson_val *line, const struct secret_case *c, anima_error *err)
{
    const char *text = c->zh ? "我回来了。上次我们聊到哪儿了？" : "I'm back. Where were we?";
    const char *outsider = arena_strdup(&s->arena,
                                        yyjson_get_str(yyjson_arr_get_first(yyjson_obj_get(line, "outsiders"))));
    int rc = secrets_add_asks(s, line, c->teller, err);
    if (!rc)
        rc = secrets_ask(s, (const char *const[]){ outsider, c->teller }, 2, text, 0, err);
    if (!rc)
        s->asks[s->n_asks - 1].back = true;
    if (!rc)
        rc = secrets_ask(s, (const char *const[]){ c->teller, outsider }, 2, text, 0, err);
    if (!rc)
        s->asks[s->n_asks - 1].back = true;
    if (!rc)
        rc = secrets_ask(s, &c->teller, 1, text, 0, err);
    if (!rc)
        s->asks[s->n_asks - 1].own = true;
    return rc;
}

static int on_case(void *ctx, yyjson_val *line, int number, anima_error *err)
{
    struct secrets *s = ctx;
    struct memory_line lines[SECRETS_LINES];
    struct secret_case c;
    char name[64];
    size_t n;
    int rc = secrets_read(s, line, number, &c, lines, &n, err);
    if (rc || !c.summed || number % TAKEN_EVERY != 1)
        return rc;
    rc = secrets_tell(s, &c, lines, add_lines(s, &c, lines, n), err);
    snprintf(name, sizeof(name), "%s.txt", c.name);
    if (!rc)
        rc = memory_room_document(&s->room, MEMORY_KEEPER, c.teller, name, c.summed, err);
    return rc ? rc : add_asks(s, line, &c, err);
}

/* What tellers say once more, in the talks that are long, and elsewhere. */
static int say_again(struct secrets *s, anima_error *err)
{
    char text[512];
    int rc = ANIMA_OK;
    for (size_t i = 0; i < s->n && !rc; i++) {
        const struct secret_case *c = &s->cases[i];
        if (i % LONG_EVERY == 0)
            rc = memory_room_say(&s->room, MEMORY_KEEPER, c->conversation, c->teller,
                                 c->zh ? "说来话长。" : "That was a long story.", err);
        snprintf(text, sizeof(text), c->zh ? "请你记住：%s" : "Remember that %s", c->summed);
        if (!rc && i % ASKED_EVERY == 0)
            rc = memory_room_say(&s->room, MEMORY_KEEPER, "", c->teller, text, err);
    }
    return rc;
}

/* ---- what was made of it ---- */

struct made {
    const struct secret_case *c;
    int64_t first; /* a sentence about the secret; 0: there is none */
    int n;
};

static int take_topic(void *ctx, const anima_topic *topic)
{
    struct made *m = ctx;
    bool of = false;
    for (size_t i = 0; i < topic->n_sources; i++)
        for (size_t k = 0; k < m->c->n_secret; k++)
            of = of || (strcmp(topic->sources[i].conversation, m->c->conversation) == 0 &&
                        topic->sources[i].seq == m->c->secret[k]);
    m->n += of;
    m->first = of ? topic->id : m->first;
    return 0;
}

/* Counts it; of every second case one sentence is corrected. */
static int look_at(struct secrets *s, size_t i, struct summed *out, anima_error *err)
{
    struct made made = { .c = &s->cases[i] };
    int summaries, rc = anima_topic_list(s->room.room.home, MEMORY_KEEPER, made.c->teller, take_topic, &made, err);
    if (!rc)
        rc = memory_room_summaries(&s->room, made.c->conversation, &summaries, err);
    if (!rc && made.first && i % 2)
        rc = memory_room_correct(&s->room, made.first, made.c->summed, err);
    if (!rc)
        out->made += made.n + summaries;
    if (!rc && cli_value(s->b->cli, "show"))
        fprintf(stderr, "made   %s: %d sentences, %d summaries\n", made.c->name, made.n, summaries);
    return rc;
}

static int make(struct secrets *s, struct summed *out, anima_error *err)
{
    int rc = memory_room_rest(&s->room, err);
    if (!rc)
        rc = say_again(s, err);
    if (!rc)
        rc = memory_room_rest(&s->room, err);
    if (!rc)
        rc = memory_room_idle(&s->room, err);
    for (size_t i = 0; i < s->n && !rc; i++)
        rc = look_at(s, i, out, err);
    return rc ? rc : memory_room_idle(&s->room, err);
}

const char *secrets_summed_in(const struct secrets *s, const struct secret_ask *a, const char *prompt)
{
    for (size_t i = 0; s->summed && i < s->n; i++)
        if (secrets_outsider(&s->cases[i], a) && strstr(prompt, s->cases[i].summed))
            return s->cases[i].summed;
    return NULL;
}

int secrets_summed(struct secrets *s, struct summed *out, anima_error *err)
{
    static const char *const sets[] = { "memory.recall=always",  "memory.topics=always", "memory.working=always",
                                        "engine.summary=always", "engine.context=2048",  NULL };
    char script[64] = "";
    s->summed = out;
    s->from_ms = clock_wall_ms() - SINCE_MS;
    s->step_ms = STEP_MS;
    arena_init(&s->arena, MEMORY);
    int rc = write_script(s->b, script, err);
    if (!rc)
        rc = memory_room_open(s->b, script, sets, NULL, &s->room, err);
    if (!rc)
        rc = memory_room_keeper(&s->room, err);
    if (!rc)
        rc = secrets_each(s, on_case, err);
    if (!rc && s->n)
        rc = make(s, out, err);
    if (!rc)
        rc = secrets_ask_all(s, err);
    memory_room_close(&s->room);
    arena_finish(&s->arena);
    if (*script)
        unlink(script);
    return rc;
}
