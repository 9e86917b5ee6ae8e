/* llama_prompt.c — The template is applied to all messages at once and the text tokenised with control tokens. If a message
 * itself holds text that would become a control token ("<|im_end|>"), marks are put into the template in its place instead,
 * and template and contents are tokenised piece by piece, contents without control tokens. */
#include "host/llama_prompt.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define MAX_TEXT (32u << 20)
#define THOUGHT_BEGINS "<think>\n" /* where the template has no role for it */
#define THOUGHT_ENDS "</think>"
#define RESULT_BEGINS "<tool_response>\n" /* if the template has these words */
#define RESULT_ENDS "\n</tool_response>"

struct messages {
    struct llama_chat_message *list;
    size_t n;
    bool answer; /* behind them the answer begins */
    bool open;   /* the last one has no end */
    size_t last; /* so many at the end always stay */
    char **made; /* texts of our own, n_made of them */
    size_t n_made;
};

static int render(const struct llama_model *model, const struct llama_chat_message *list, size_t n, bool answer,
                  struct buf *out)
{
    const char *template = llama_model_chat_template(model, NULL);
    static bool told;
    size_t guess = 4096;
    for (size_t i = 0; i < n; i++)
        guess += strlen(list[i].content) + 256;
    char *text = mem_alloc(guess);
    if (!text)
        return ANIMA_E_NOMEM;
    int len = template ? llama_chat_apply_template(template, list, n, answer, text, (int32_t)guess) : -1;
    if (len < 0) {
        if (!told)
            log_warn("engine", "the model's chat template is %s; ChatML is used", template ? "not known" : "missing");
        told = true;
        len = llama_chat_apply_template("chatml", list, n, answer, text, (int32_t)guess);
    }
    int rc = len < 0 || (size_t)len > guess ? ANIMA_E_MODEL : buf_append(out, text, (size_t)len);
    mem_free(text);
    return rc;
}

/* Appends the tokens of text to out. */
static int tokenize(const struct llama_vocab *vocab, const char *text, size_t n, bool first, bool special,
                    struct buf *out)
{
    size_t room = n + 8;
    llama_token *tokens = mem_alloc(room * sizeof(*tokens));
    if (!tokens)
        return ANIMA_E_NOMEM;
    int count = llama_tokenize(vocab, text, (int32_t)n, tokens, (int32_t)room, first, special);
    int rc = count < 0 ? ANIMA_E_INVALID : buf_append(out, tokens, (size_t)count * sizeof(*tokens));
    mem_free(tokens);
    return rc;
}

static bool holds_control(const struct llama_vocab *vocab, const char *text)
{
    size_t n = strlen(text);
    if (!memchr(text, '<', n) && !memchr(text, '[', n) && !memchr(text, '|', n))
        return false;
    struct buf tokens;
    buf_init(&tokens, MAX_TEXT);
    bool found = tokenize(vocab, text, n, false, true, &tokens) != 0; /* when in doubt, the careful way */
    for (size_t i = 0; i < tokens.len / sizeof(llama_token) && !found; i++) {
        llama_token t = ((const llama_token *)(const void *)tokens.data)[i];
        found = (llama_vocab_get_attr(vocab, t) & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED)) != 0;
    }
    buf_finish(&tokens);
    return found;
}

/* Where a message's content is, in tokens. */
struct span {
    size_t from, to;
};

static size_t count(const struct buf *tokens) { return tokens->len / sizeof(llama_token); }

/* Template text with control tokens, contents without: the marks say where the contents belong. spans: NULL, or one for each message. */
static int tokenize_in_pieces(const struct llama_model *model, const struct messages *m, const char *prefix,
                              struct span *spans, struct buf *out)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    struct llama_chat_message *marked = mem_alloc(m->n * sizeof(*marked));
    char(*marks)[32] = mem_alloc(m->n * sizeof(*marks));
    struct buf text;
    buf_init(&text, MAX_TEXT);
    int rc = marked && marks ? ANIMA_OK : ANIMA_E_NOMEM;
    for (size_t i = 0; i < m->n && !rc; i++) {
        snprintf(marks[i], sizeof(marks[i]), "\x02message-%zu\x03", i);
        marked[i] = (struct llama_chat_message){ m->list[i].role, marks[i] };
    }
    if (!rc)
        rc = render(model, marked, m->n, m->answer, &text);
    const char *at = buf_str(&text);
    for (size_t i = 0; i < m->n && !rc; i++) {
        const char *mark = strstr(at, marks[i]);
        if (!mark)
            continue; /* a template may leave a message out */
        rc = tokenize(vocab, at, (size_t)(mark - at), out->len == 0, true, out);
        size_t from = count(out);
        if (!rc)
            rc = tokenize(vocab, m->list[i].content, strlen(m->list[i].content), false, false, out);
        at = mark + strlen(marks[i]);
        if (spans)
            spans[i] = (struct span){ from, count(out) };
    }
    if (!rc && !m->open)
        rc = tokenize(vocab, at, strlen(at), out->len == 0, true, out);
    if (!rc)
        rc = tokenize(vocab, prefix, strlen(prefix), false, false, out);
    buf_finish(&text);
    mem_free(marked);
    mem_free(marks);
    return rc;
}

static int tokenize_all(const struct llama_model *model, const struct messages *m, const char *prefix, struct buf *out)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    bool careful = m->open || holds_control(vocab, prefix);
    for (size_t i = 0; i < m->n && !careful; i++)
        careful = holds_control(vocab, m->list[i].content);
    if (careful)
        return tokenize_in_pieces(model, m, prefix, NULL, out);
    struct buf text;
    buf_init(&text, MAX_TEXT);
    int rc = render(model, m->list, m->n, m->answer, &text);
    if (!rc)
        rc = buf_puts(&text, prefix);
    if (!rc)
        rc = tokenize(vocab, text.data, text.len, true, true, out);
    buf_finish(&text);
    return rc;
}

/* Takes out the oldest messages until about `tokens` fewer remain; the system's in front and the last ones stay. */
static int drop_oldest(struct messages *m, size_t tokens, size_t all_tokens)
{
    size_t bytes = 0, cut = 0;
    for (size_t i = 0; i < m->n; i++)
        bytes += strlen(m->list[i].content) + 16;
    size_t aim = (size_t)((double)bytes * (double)tokens / (double)(all_tokens ? all_tokens : 1)) + 1;
    size_t first = 0, n = 0;
    while (first < m->n && strcmp(m->list[first].role, "system") == 0)
        first++;
    while (first + n + m->last < m->n && cut < aim)
        cut += strlen(m->list[first + n++].content) + 16;
    /* An answer whose question is gone goes too. */
    while (n && first + n + m->last < m->n && strcmp(m->list[first + n].role, "assistant") == 0)
        n++;
    memmove(m->list + first, m->list + first + n, (m->n - first - n) * sizeof(*m->list));
    m->n -= n;
    return (int)n;
}

static int fit(const struct llama_model *model, const struct request *r, struct messages *m, int room,
               struct buf *tokens, int *dropped, anima_error *err)
{
    for (;;) {
        buf_reset(tokens);
        int rc = tokenize_all(model, m, r->prefix, tokens);
        if (rc)
            return err_set(err, rc,
                           rc == ANIMA_E_MODEL ? "the chat template cannot be applied to these messages"
                                               : "out of memory for the prompt");
        size_t n = count(tokens);
        if ((int)n <= room)
            return ANIMA_OK;
        int gone = r->drop_oldest ? drop_oldest(m, n - (size_t)room, n) : 0;
        if (!gone)
            return err_set(
                err, ANIMA_E_LIMIT,
                "the prompt has %zu tokens, but only %d fit beside the answer; shorten it, or raise engine.context", n,
                room);
        *dropped += gone;
    }
}

/* Whether the template puts a turn's role into the text as it is. */
static bool shows_roles(const struct llama_model *model)
{
    const struct llama_chat_message one = { REQUEST_THOUGHT, "x" };
    struct buf text;
    buf_init(&text, MAX_TEXT);
    bool shown = render(model, &one, 1, false, &text) == 0 && strstr(buf_str(&text), REQUEST_THOUGHT);
    buf_finish(&text);
    return shown;
}

/* A turn of our own making: text, which is let go of, becomes that of the message at that place. */
static int take_made(struct messages *m, size_t at, const char *role, struct buf *text)
{
    char *made = text->failed ? NULL : buf_take(text);
    buf_finish(text);
    if (!made)
        return ANIMA_E_NOMEM;
    m->made[m->n_made++] = made;
    m->list[at] = (struct llama_chat_message){ role, made };
    return ANIMA_OK;
}

/* A thought between marks, and behind it what was said: one turn of the assistant's. Without the latter it is the last: what is said next
 * belongs to the same turn. thinking: it has no end yet. */
static int mark_thought(struct messages *m, size_t at, const char *thought, const char *said, bool thinking)
{
    struct buf text;
    buf_init(&text, MAX_TEXT);
    buf_puts(&text, THOUGHT_BEGINS);
    buf_puts(&text, thought);
    buf_puts(&text, thinking ? "" : "\n" THOUGHT_ENDS "\n\n");
    buf_puts(&text, said ? said : "");
    return take_made(m, at, "assistant", &text);
}

static bool is_role(const struct messages *m, size_t i, const char *role)
{
    return i < m->n && strcmp(m->list[i].role, role) == 0;
}

/* For a template without a place for thoughts. */
static int mark_thoughts(struct messages *m)
{
    size_t n = 0;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < m->n && !rc; i++, n++) {
        m->list[n] = m->list[i];
        if (!is_role(m, i, REQUEST_THOUGHT))
            continue;
        bool last = i + 1 == m->n, said = is_role(m, i + 1, "assistant");
        rc = mark_thought(m, n, m->list[i].content, said ? m->list[i + 1].content : NULL, last && m->open);
        i += said;
        m->open |= last && m->answer;
    }
    m->answer &= !m->open;
    m->n = n;
    return rc;
}

/* What tools answered, one behind the other, as one turn of the user's: so does Qwen's template, and those that follow it. libllama's own
 * rendering does not. */
static int mark_results(struct messages *m)
{
    size_t n = 0;
    int rc = ANIMA_OK;
    for (size_t i = 0; i < m->n && !rc; n++) {
        struct buf text;
        if (!is_role(m, i, "tool")) {
            m->list[n] = m->list[i++];
            continue;
        }
        buf_init(&text, MAX_TEXT);
        for (bool first = true; is_role(m, i, "tool"); first = false) {
            buf_puts(&text, first ? RESULT_BEGINS : "\n" RESULT_BEGINS);
            buf_puts(&text, m->list[i++].content);
            buf_puts(&text, RESULT_ENDS);
        }
        rc = take_made(m, n, "user", &text);
    }
    m->n = n;
    return rc;
}

static bool marks_results(const struct llama_model *model)
{
    const char *template = llama_model_chat_template(model, NULL);
    return template && strstr(template, "<tool_response>");
}

static int list_messages(const struct llama_model *model, const struct request *r, struct messages *m,
                         struct llama_prompt *out)
{
    bool thoughts = r->think;
    m->list = mem_alloc((r->n_messages + 1) * sizeof(*m->list));
    m->made = mem_zero(r->n_messages + 1, sizeof(*m->made));
    if (!m->list || !m->made)
        return ANIMA_E_NOMEM;
    for (size_t i = 0; i < r->n_messages; i++) {
        m->list[i] = (struct llama_chat_message){ r->messages[i].role, r->messages[i].text };
        thoughts |= strcmp(r->messages[i].role, REQUEST_THOUGHT) == 0;
    }
    m->n = r->n_messages;
    if (r->think)
        m->list[m->n++] = (struct llama_chat_message){ REQUEST_THOUGHT, "" };
    int rc = marks_results(model) ? mark_results(m) : ANIMA_OK;
    if (rc || !thoughts || shows_roles(model))
        return rc;
    out->until = r->think ? THOUGHT_ENDS : NULL;
    return mark_thoughts(m);
}

int llama_prompt_build(const struct llama_model *model, const struct request *r, int room, struct llama_prompt *out,
                       anima_error *err)
{
    struct messages m = { .answer = !r->read_only && !r->think, .open = r->open || r->think, .last = r->think ? 2 : 1 };
    struct buf tokens;
    *out = (struct llama_prompt){ 0 };
    buf_init(&tokens, MAX_TEXT * 4);
    int rc = list_messages(model, r, &m, out);
    rc = rc ? err_set(err, rc, "out of memory for the prompt") : fit(model, r, &m, room, &tokens, &out->dropped, err);
    out->n = (int)count(&tokens);
    if (!rc && out->n == 0)
        rc = err_set(err, ANIMA_E_INVALID, "the prompt is empty");
    if (!rc && !(out->tokens = (llama_token *)(void *)buf_take(&tokens)))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the prompt");
    buf_finish(&tokens);
    for (size_t i = 0; i < m.n_made; i++)
        mem_free(m.made[i]);
    mem_free(m.made);
    mem_free(m.list);
    return rc;
}

static void mark_learnt(const struct llama_vocab *vocab, const struct messages *m, const struct span *spans,
                        const llama_token *tokens, size_t n, unsigned char *learnt)
{
    for (size_t i = 0; i < m->n; i++) {
        size_t end = spans[i].to < n && llama_vocab_is_eog(vocab, tokens[spans[i].to]) ? spans[i].to + 1 : spans[i].to;
        if (strcmp(m->list[i].role, "assistant") == 0 && end <= n)
            memset(learnt + spans[i].from, 1, end - spans[i].from);
    }
}

int llama_prompt_example(const struct llama_model *model, const anima_chat_message *messages, size_t n_messages,
                         llama_token **tokens, unsigned char **learnt, int *n, anima_error *err)
{
    struct messages m = { .n = n_messages };
    struct span *spans = mem_zero(n_messages + 1, sizeof(*spans));
    struct buf out;
    buf_init(&out, MAX_TEXT);
    *tokens = NULL;
    *learnt = NULL;
    m.list = mem_alloc((n_messages + 1) * sizeof(*m.list));
    for (size_t i = 0; m.list && i < n_messages; i++)
        m.list[i] = (struct llama_chat_message){ messages[i].role, messages[i].text };
    int rc = m.list && spans ? tokenize_in_pieces(model, &m, "", spans, &out) : ANIMA_E_NOMEM;
    *n = (int)count(&out);
    if (!rc && (*learnt = mem_zero((size_t)*n + 1, 1)) && (*tokens = (llama_token *)(void *)buf_take(&out)))
        mark_learnt(llama_model_get_vocab(model), &m, spans, *tokens, (size_t)*n, *learnt);
    else if (!rc)
        rc = ANIMA_E_NOMEM;
    buf_finish(&out);
    mem_free(spans);
    mem_free(m.list);
    return rc ? err_set(err, rc,
                        rc == ANIMA_E_MODEL ? "the chat template cannot be applied to an example"
                                            : "out of memory for an example")
              : ANIMA_OK;
}
