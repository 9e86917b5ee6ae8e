/* What a model answers when it is asked what was talked about, and what people said (mind/topics.h): whatever either is, a sentence is whole
 * characters, names the person and pieces that are there, and says no number that they do not. The first line is what was said. */
#include "base/utf8.h"
#include "fuzz.h"
#include "mind/summary_true.h"
#include "mind/topics.h"

static void check_line(const struct topics_line *line, const struct summary_piece *pieces, size_t n)
{
    CHECK(line->n_from >= 1 && line->n_from <= TOPICS_CITES && strlen(line->text) <= TOPICS_LINE);
    CHECK(utf8_valid(line->text, strlen(line->text)) && strstr(line->text, pieces[0].speaker));
    for (size_t i = 0; i < line->n_from; i++)
        CHECK(line->from[i] < n && (i == 0 || line->from[i] > line->from[i - 1]));
    for (size_t at = 0, len; (len = true_word(line->text, &at)) > 0; at += len) {
        bool found = line->text[at] < '0' || line->text[at] > '9' ||
                     true_stem_occurs(pieces[0].speaker, line->text + at, len);
        for (size_t i = 0; i < line->n_from && !found; i++)
            found = true_stem_occurs(pieces[line->from[i]].text, line->text + at, len);
        CHECK(found);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct summary_piece *pieces;
    struct topics_line lines[TOPICS_LINES];
    const anima_chat_message *messages;
    size_t n = 0, n_messages = 0;
    char *text = fuzz_copy(data, size);
    arena_init(&arena, 4u << 20);
    char *whole = size && utf8_valid(text, size) && !memchr(text, 0, size) ? arena_strndup(&arena, text, size) : NULL;
    char *answer = whole ? strchr(whole, '\n') : NULL;
    if (answer)
        *answer++ = '\0';
    const struct prompt_turn turns[] = { { "Ann", whole }, { "Ann", "My sister Jo moved to Bath on the 3rd." } };
    if (whole && topics_pieces(&arena, turns, 2, &pieces, &n) == 0 && n) {
        CHECK(n <= TOPICS_PIECES && topics_prompt(&arena, pieces, n, &messages, &n_messages) == 0 && n_messages > 1);
        size_t found = topics_read(&arena, pieces, n, answer ? answer : "", lines);
        CHECK(found <= TOPICS_LINES);
        for (size_t i = 0; i < found; i++)
            check_line(&lines[i], pieces, n);
        struct topics_shared shared = topics_shared(whole, answer ? answer : "", "Ann");
        CHECK(shared.shared <= shared.has);
        topics_same(whole, answer ? answer : "", "Ann", 0.95);
    }
    arena_finish(&arena);
    free(text);
    return 0;
}
