/* Texts to learn from, in their three forms (the first byte chooses), and the lessons that come of them (src/corpus). */
#include "base/json.h"
#include "base/utf8.h"
#include "corpus/lessons.h"
#include "corpus/passage.h"
#include "corpus/support.h"
#include "fuzz.h"

#define ARENA (64u << 20)
#define OUT (16u << 20)

static void check_conversation(const struct corpus_conversation *c)
{
    size_t system = strcmp(c->messages[0].role, "system") == 0;
    CHECK(c->n >= 2 + system && c->n <= CORPUS_MAX_MESSAGES && (c->n - system) % 2 == 0);
    CHECK(c->title && c->line >= 1 && (strcmp(c->language, "zh") == 0 || strcmp(c->language, "en") == 0));
    for (size_t i = 0; i < c->n; i++) {
        const struct corpus_message *m = &c->messages[i];
        const char *role = i < system ? "system" : (i - system) % 2 ? "assistant" : "user";
        CHECK(strcmp(m->role, role) == 0 && m->line >= c->line);
        CHECK(strlen(m->text) <= CORPUS_MAX_LINE && utf8_valid(m->text, strlen(m->text)));
    }
}

/* Every line is an object with messages; returns how many there are. */
static size_t check_lines(const struct buf *lines)
{
    size_t n = 0;
    for (size_t at = 0; at < lines->len; n++) {
        const char *eol = memchr(lines->data + at, '\n', lines->len - at);
        yyjson_doc *doc;
        CHECK(eol);
        size_t len = (size_t)(eol - lines->data) - at;
        CHECK(json_parse(lines->data + at, len, OUT, "a lesson", &doc, NULL) == 0);
        CHECK(yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(doc), "messages")) >= 2);
        yyjson_doc_free(doc);
        at += len + 1;
    }
    return n;
}

static void check_report(const struct corpus_report *r)
{
    struct buf out;
    yyjson_doc *doc;
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++) {
            size_t all = r->tally[s][l].kept;
            for (size_t i = 0; i < CORPUS_REASONS; i++)
                all += r->tally[s][l].left_out[i];
            CHECK(all == r->tally[s][l].exchanges);
        }
    buf_init(&out, OUT);
    corpus_report_markdown(r, "Lin", &out);
    CHECK(!out.failed && utf8_valid(buf_str(&out), out.len));
    buf_reset(&out);
    corpus_report_json(r, &out);
    CHECK(!out.failed && json_parse(out.data, out.len, OUT, "the report", &doc, NULL) == 0);
    yyjson_doc_free(doc);
    buf_finish(&out);
}

static void learn(struct arena *arena, const struct corpus_text *text)
{
    static const struct prompt_persona persona = { .language = "zh", .text = "你是{{char}}。" };
    static const char *const forbidden[] = { "Who are you?" };
    const struct corpus_plan plan = { .texts = text,
                                      .n_texts = 1,
                                      .character = "Lin",
                                      .personas = &persona,
                                      .n_personas = 1,
                                      .home = "zh",
                                      .forbidden = forbidden,
                                      .n_forbidden = 1 };
    struct buf lines;
    struct corpus_report *report;
    anima_error err = { 0 };
    buf_init(&lines, OUT);
    int rc = corpus_lessons(arena, &plan, &lines, &report, &err);
    CHECK(rc == 0 || *err.message);
    if (rc == 0) {
        CHECK(check_lines(&lines) == report->lessons);
        check_report(report);
    }
    buf_finish(&lines);
}

/* The same bytes as a long text; each of its passages as an answer about the one before. */
static void ask(struct arena *arena, const char *data, size_t n)
{
    struct corpus_passages all = { .arena = arena };
    anima_error err;
    if (corpus_passages_add(&all, "a.md", data, n, NULL, &err))
        return;
    for (size_t i = 0; i < all.n && i < 20; i++) {
        const struct corpus_passage *p = &all.list[i], *q = &all.list[i ? i - 1 : 0];
        const struct support_source source = { .passage = q->text, .heading = q->heading, .title = q->title };
        const char *what, *keys[4];
        CHECK(utf8_valid(p->text, strlen(p->text)) && *p->text && p->line > 0);
        CHECK(support_question(arena, &source, p->text, &what) < SUPPORT_DOUBTS);
        CHECK(support_answer(arena, &source, q->heading, p->text, &what) < SUPPORT_DOUBTS);
        CHECK(support_keys(arena, q->text, q->heading, p->text, keys, 4) <= 4);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[CORPUS_FORMS] = { "a.md", "a.jsonl", "a.txt" };
    static const char *const languages[] = { "zh", "en", NULL };
    if (!size)
        return 0;
    struct arena arena;
    struct corpus_conversation *list;
    struct corpus_words words = { 0 };
    anima_error err = { 0 };
    uint8_t first = data[0];
    char *copy = fuzz_copy(data + 1, size - 1);
    const struct corpus_text text = { .name = names[first % CORPUS_FORMS],
                                      .data = copy,
                                      .n = size - 1,
                                      .form = (enum corpus_form)(first % CORPUS_FORMS),
                                      .source = (enum corpus_source)(first / 3 % CORPUS_SOURCES),
                                      .language = languages[first / 9 % 3] };
    arena_init(&arena, ARENA);
    if (corpus_read(&arena, &text, &list, &err) == 0) {
        for (const struct corpus_conversation *c = list; c; c = c->next)
            check_conversation(c);
        learn(&arena, &text);
    } else {
        CHECK(!list && err.code < 0 && *err.message);
    }
    ask(&arena, copy, size - 1);
    CHECK(corpus_probes(&arena, copy, size - 1, "p.jsonl", &words, &err) == 0 || *err.message);
    arena_finish(&arena);
    free(copy);
    return 0;
}
