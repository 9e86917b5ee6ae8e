#include "mind/prompt.h"

#include "base/err.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "card/macro.h"
#include "mind/summary.h"

#include <string.h>

#define MAX_SPEAKERS 16
#define RECENT_REPLIES 4
#define MAX_LORE 24
#define SHOWN_SAMPLES 6
#define MAX_EXPANDED (1u << 20)
#define AROUND_MESSAGE 6 /* tokens of the template */

/* ---- language ---- */

/* Chinese characters and words in letters. Returns the number of letters. */
static size_t count(const char *text, size_t *han, size_t *words)
{
    size_t letters = 0, n = strlen(text);
    bool in_word = false;
    *han = *words = 0;
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t c = utf8_decode(text + i, n - i, &len);
        bool letter = (c | 32) - 'a' < 26 || (c >= 0xC0 && c < 0x2000);
        *han += utf8_is_han(c);
        *words += letter && !in_word;
        letters += letter;
        in_word = letter;
    }
    return letters;
}

const char *prompt_language(const char *text)
{
    size_t han, words;
    count(text, &han, &words);
    return han > words ? "zh" : "en";
}

/* "OK", "haha" and a smile belong to every language. */
static bool tells_language(const char *text)
{
    size_t han, words, letters = count(text, &han, &words);
    return han || words > 1 || letters > 4;
}

const char *prompt_spoken(const struct prompt_turn *turns, size_t n)
{
    const char *last = NULL;
    for (size_t i = n; i-- > 0;) {
        if (!turns[i].speaker)
            continue;
        last = last ? last : turns[i].text;
        if (tells_language(turns[i].text))
            return prompt_language(turns[i].text);
    }
    return prompt_language(last ? last : "");
}

static bool is_zh(const char *language) { return strcmp(language, "zh") == 0; }

const struct prompt_persona *prompt_choose(const struct prompt_persona *personas, size_t n, const char *language,
                                           const char *at_home)
{
    const char *const wanted[] = { language, at_home };
    for (size_t w = 0; w < 2; w++)
        for (size_t i = 0; i < n; i++)
            if (strcmp(personas[i].language, wanted[w]) == 0)
                return &personas[i];
    return &personas[0];
}

/* ---- who is here ---- */

struct speakers {
    const char *names[MAX_SPEAKERS]; /* in the order in which they came: so the list stays as it is */
    size_t n;
};

static void collect(const struct prompt_input *in, struct speakers *s)
{
    s->n = 0;
    for (size_t i = 0; i < in->n_turns && s->n < MAX_SPEAKERS; i++) {
        const char *name = in->turns[i].speaker;
        size_t k = 0;
        while (name && k < s->n && strcmp(s->names[k], name) != 0)
            k++;
        if (name && k == s->n)
            s->names[s->n++] = name;
    }
}

static char *name_list(struct arena *a, const struct speakers *s, const char *comma)
{
    char *list = arena_strdup(a, s->names[0]);
    for (size_t i = 1; list && i < s->n; i++)
        list = arena_printf(a, "%s%s%s", list, comma, s->names[i]);
    return list;
}

/* ---- macros and lore ---- */

const char *prompt_expand(struct arena *a, const struct prompt_input *in, const char *user, const char *text)
{
    if (!text || !strstr(text, "{{"))
        return text;
    uint64_t random = in->seed ^ (uint64_t)in->now_ms;
    const struct macro_scene scene = { .character = in->character ? in->character : "",
                                       .user = user ? user : "",
                                       .now_ms = in->now_ms,
                                       .seed = in->seed,
                                       .random = &random };
    struct buf out;
    buf_init(&out, MAX_EXPANDED);
    const char *done = macro_expand(text, &scene, &out) ? NULL : arena_strndup(a, buf_str(&out), out.len);
    buf_finish(&out);
    return done;
}

/* Near enough for a budget: a token is about one and a half Chinese characters or four letters. */
int prompt_tokens(const char *text, size_t n)
{
    size_t han = 0, other = 0;
    for (size_t i = 0, len; i < n; i += len) {
        utf8_decode(text + i, n - i, &len);
        han += len >= 3;
        other += len < 3;
    }
    return (int)(han * 2 / 3 + other / 4 + 1);
}

int prompt_message_tokens(const char *text) { return prompt_tokens(text, strlen(text)) + AROUND_MESSAGE; }

/* The k-th of the exchanges that are always shown, the same ones every time, so that the engine keeps what it has read; NULL:
 * there are no more. */
static const struct prompt_turn *shown_sample(const struct prompt_persona *p, size_t k)
{
    size_t pairs = p->n_samples / 2, stride = pairs / SHOWN_SAMPLES;
    return k < SHOWN_SAMPLES && stride ? &p->samples[2 * (k * stride + stride / 2)] : NULL;
}

int prompt_persona_tokens(const struct prompt_persona *p)
{
    int tokens = prompt_message_tokens(p->text);
    const struct prompt_turn *sample;
    for (size_t i = 0; i < p->n_examples; i++)
        tokens += prompt_message_tokens(p->examples[i].text);
    for (size_t k = 0; (sample = shown_sample(p, k)); k++)
        tokens += prompt_message_tokens(sample[0].text) + prompt_message_tokens(sample[1].text);
    return tokens;
}

static int count_tokens(const char *text, size_t n, void *ctx)
{
    (void)ctx;
    return prompt_tokens(text, n);
}

int prompt_lore(struct arena *arena, struct lore *lore, struct prompt_input *in, anima_error *err)
{
    struct lore_message *said = arena_alloc(arena, (in->n_turns + 1) * sizeof(*said));
    struct lore_hit *hits = arena_alloc(arena, MAX_LORE * sizeof(*hits));
    if (!said || !hits)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the lore");
    for (size_t i = 0; i < in->n_turns; i++)
        said[i] = (struct lore_message){ in->turns[i].text, !in->turns[i].speaker };
    const struct lore_scene scene = { said, in->n_turns, -1, count_tokens, NULL };
    in->lore = hits;
    return lore_find(lore, &scene, hits, MAX_LORE, &in->n_lore, err);
}

/* The lore of a place, one piece a line, "" if there is none. always: that which applies whatever is said; else the rest. */
static const char *lore_of(struct arena *a, const struct prompt_input *in, const char *user, enum lore_place place,
                           bool always)
{
    const char *all = "";
    for (size_t i = 0; i < in->n_lore && all; i++) {
        bool here = in->lore[i].place == place && in->lore[i].always == always;
        const char *one = here ? prompt_expand(a, in, user, in->lore[i].content) : "";
        if (!one || *one)
            all = one ? arena_printf(a, "%s%s%s", all, *all ? "\n" : "", one) : NULL;
    }
    return all;
}

/* The lore that belongs in front of turn i: the first message of a person that is at most so far from the end. */
static const char *with_lore(struct arena *a, const struct prompt_input *in, const char *user, size_t i,
                             const char *text)
{
    for (size_t k = 0; k < in->n_lore && text; k++) {
        size_t depth = in->lore[k].depth < 1 ? 1 : (size_t)in->lore[k].depth;
        size_t at = depth >= in->n_turns ? 0 : in->n_turns - depth;
        while (at + 1 < in->n_turns && !in->turns[at].speaker)
            at++;
        if (in->lore[k].place != LORE_AT_DEPTH || at != i)
            continue;
        const char *one = prompt_expand(a, in, user, in->lore[k].content);
        text = one ? arena_printf(a, "(%s)\n%s", one, text) : NULL;
    }
    return text;
}

static char *persona_text(struct arena *a, const struct prompt_input *in, const struct speakers *s)
{
    const char *user = s->n ? s->names[0] : NULL, *persona = prompt_expand(a, in, user, in->persona->text);
    const char *before = lore_of(a, in, user, LORE_BEFORE, true), *after = lore_of(a, in, user, LORE_AFTER, true);
    bool zh = is_zh(in->persona->language);
    if (!persona || !before || !after)
        return NULL;
    if (in->rules && *in->rules)
        after = arena_printf(a, "%s%s%s", after, *after ? "\n" : "", in->rules);
    if (!after)
        return NULL;
    if (*before || *after)
        persona = arena_printf(a, "%s%s%s%s%s", before, *before ? "\n" : "", persona, *after ? "\n" : "", after);
    if (s->n == 0 || !persona)
        return persona ? arena_strdup(a, persona) : NULL;
    if (s->n == 1)
        return zh ? arena_printf(a, "%s\n正在和你聊天的朋友叫%s。", persona, s->names[0])
                  : arena_printf(a, "%s\nThe friend who is talking with you is called %s.", persona, s->names[0]);
    char *list = name_list(a, s, zh ? "、" : ", ");
    if (!list)
        return NULL;
    return zh ? arena_printf(a,
                             "%s\n现在有几个人在和你聊天：%"
                             "s。每句话前面写着说话人的名字。回答最后说话的那个人，自己的话前面不写名字。",
                             persona, list)
              : arena_printf(
                    a,
                    "%s\nSeveral people are talking with you: %s. Every message begins with the name of the one "
                    "who says it. Answer the one who spoke last, with no name in front of your own words.",
                    persona, list);
}

static const char *system_text(struct arena *a, const struct prompt_input *in, const struct speakers *s)
{
    const char *text = persona_text(a, in, s);
    if (!text || !in->summary || !*in->summary)
        return text;
    const char *told = summary_told(a, in->summary, in->persona->language);
    return told ? arena_printf(a, "%s\n%s", text, told) : NULL;
}

/* ---- the messages ---- */

struct writer {
    struct arena *arena;
    anima_chat_message *messages;
    size_t n;
    bool failed;
};

static void put(struct writer *w, const char *role, const char *text)
{
    anima_chat_message *last = w->n ? &w->messages[w->n - 1] : NULL;
    if (text && last && strcmp(last->role, role) == 0)
        last->text = text = arena_printf(w->arena, "%s\n\n%s", last->text, text);
    else
        w->messages[w->n++] = (anima_chat_message){ .role = role, .text = text };
    w->failed |= !text;
}

static void put_examples(struct writer *w, const struct prompt_input *in, const char *user)
{
    const struct prompt_persona *p = in->persona;
    for (size_t i = 0; i < p->n_examples; i++)
        put(w, p->examples[i].speaker ? "user" : "assistant", prompt_expand(w->arena, in, user, p->examples[i].text));
    const struct prompt_turn *sample;
    for (size_t k = 0; (sample = shown_sample(p, k)); k++) {
        put(w, "user", prompt_expand(w->arena, in, user, sample[0].text));
        put(w, "assistant", prompt_expand(w->arena, in, user, sample[1].text));
    }
}

static void put_near(struct writer *w, const struct prompt_input *in, const char *user)
{
    if (w->n && strcmp(w->messages[w->n - 1].role, "user") == 0)
        return; /* an unanswered message: they would be taken for its end */
    for (size_t i = 0; i < in->n_near; i++)
        put(w, in->near[i].speaker ? "user" : "assistant", prompt_expand(w->arena, in, user, in->near[i].text));
}

/* The greeting is the character's and comes before any message. In the other language it would lead the model astray. */
static size_t put_greeting(struct writer *w, const struct prompt_input *in)
{
    const char *language = in->persona->language;
    size_t i = 0;
    for (; i < in->n_turns && !in->turns[i].speaker; i++) {
        if (!*in->turns[i].text || is_zh(prompt_language(in->turns[i].text)) != is_zh(language))
            continue;
        if (strcmp(w->messages[w->n - 1].role, "assistant") == 0)
            put(w, "user", is_zh(language) ? "你好。" : "Hello.");
        put(w, "assistant", in->turns[i].text);
    }
    return i;
}

/* Whether the character spoke the other language not long ago: then a small model would go on in it. What came before
 * the first message is the greeting, which is not shown in the other language. */
static bool spoke_otherwise(const struct prompt_input *in)
{
    bool zh = is_zh(in->persona->language);
    size_t first = 0;
    while (first < in->n_turns && !in->turns[first].speaker)
        first++;
    for (size_t i = in->n_turns, looked = 0; i-- > first && looked < RECENT_REPLIES;) {
        const struct prompt_turn *t = &in->turns[i];
        if (t->speaker || !*t->text)
            continue;
        if (is_zh(prompt_language(t->text)) != zh)
            return true;
        looked++;
    }
    return false;
}

/* The lore that the last messages call for, in front of the last one: in the system part it would change with every message,
 * and whoever keeps what it has read would have to read everything anew. */
static const char *with_called_lore(struct arena *a, const struct prompt_input *in, const char *user, const char *text)
{
    const char *before = lore_of(a, in, user, LORE_BEFORE, false), *after = lore_of(a, in, user, LORE_AFTER, false);
    if (!before || !after)
        return NULL;
    const char *all = arena_printf(a, "%s%s%s", before, *before && *after ? "\n" : "", after);
    if (!all || !*all)
        return all ? text : NULL;
    return arena_printf(a, is_zh(in->persona->language) ? "（%s）\n%s" : "(%s)\n%s", all, text);
}

/* The last message with what stands in front of it and behind it. */
static const char *with_notes(struct arena *a, const struct prompt_input *in, const char *user, const char *text)
{
    bool zh = is_zh(in->persona->language);
    for (size_t i = in->n_notes; i-- > 0 && text;)
        if (*in->notes[i])
            text = arena_printf(a, zh ? "（%s）\n%s" : "(%s)\n%s", in->notes[i], text);
    if (text && in->recalled && *in->recalled)
        text = arena_printf(a, zh ? "（%s）\n%s" : "(%s)\n%s", in->recalled, text);
    if (text && in->documents && *in->documents)
        text = arena_printf(a, zh ? "（%s）\n%s" : "(%s)\n%s", in->documents, text);
    if (text)
        text = with_called_lore(a, in, user, text);
    if (text && in->open)
        return text;
    if (text && in->reminder && *in->reminder)
        text = arena_printf(a, zh ? "%s\n（%s）" : "%s\n(%s)", text, in->reminder);
    if (text && !in->foreign && spoke_otherwise(in))
        text = arena_printf(a, "%s\n%s", text, zh ? "（用中文回答我。）" : "(Answer me in English.)");
    return text;
}

/* Among several, where a line's beginning tells who speaks: nobody's line break begins somebody else's words. */
static const char *said_by(struct arena *a, const struct prompt_turn *t)
{
    char *text = arena_printf(a, "%s: %s", t->speaker, t->text);
    for (char *at = text; at && (at = strchr(at, '\n'));)
        *at = ' ';
    return text;
}

int prompt_build(struct arena *a, const struct prompt_input *in, anima_chat_message **out, size_t *n, anima_error *err)
{
    struct speakers speakers;
    collect(in, &speakers);
    size_t most = 3 + 2 * SHOWN_SAMPLES + in->persona->n_examples + in->n_near +
                  2 * in->n_turns; /* a greeting may need a message in front of it */
    struct writer w = { .arena = a, .messages = arena_alloc(a, most * sizeof(*w.messages)) };
    if (!w.messages)
        return err_set(err, ANIMA_E_NOMEM, "the prompt does not fit into memory");
    put(&w, "system", system_text(a, in, &speakers));
    const char *user = speakers.n ? speakers.names[0] : NULL;
    put_examples(&w, in, user);
    for (size_t i = in->first ? in->first : put_greeting(&w, in); i < in->n_turns && !w.failed; i++) {
        const struct prompt_turn *t = &in->turns[i];
        const char *text = t->text;
        if (t->speaker && speakers.n > 1)
            text = said_by(a, t);
        if (t->speaker)
            text = with_lore(a, in, user, i, text);
        if (i + 1 == in->n_turns && t->speaker) {
            put_near(&w, in, user);
            text = with_notes(a, in, user, text);
        }
        if (*t->text)
            put(&w, t->speaker ? "user" : "assistant", text);
    }
    if (w.failed)
        return err_set(err, ANIMA_E_NOMEM, "the prompt does not fit into memory");
    *out = w.messages;
    *n = w.n;
    return ANIMA_OK;
}
