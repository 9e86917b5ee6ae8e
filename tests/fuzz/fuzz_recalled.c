/* Whether an answer stands in what is remembered (mind/recalled_ground.h), and the values of a text (mind/recalled_value.h): the input's
 * first line is the question, the others are what is remembered, the last one is the answer, too. Values stand behind each other and are
 * found again in the text they are from; what is said back word for word is made up by nobody. */
#include "fuzz.h"
#include "mind/recalled_ground.h"
#include "mind/recalled_value.h"

#define LINES 32
#define LINE_BYTES 500 /* an answer is compared as far as anybody waits for it */

static void check_values(const char *text)
{
    struct recalled_values all = { .list = NULL };
    struct recalled_value one;
    CHECK(recalled_values_add(&all, text, 64) == 0 && all.n <= 64);
    size_t n = 0;
    for (size_t at = 0, before = 0; recalled_value_next(text, &at, &one) && n < 64; n++) {
        CHECK(at > before && at <= strlen(text));
        CHECK(recalled_values_have(&all, &one));
        before = at;
    }
    CHECK(n == all.n);
    recalled_values_finish(&all);
}

static void check_answers(struct words *words, const char *const *lines, size_t n, bool strict)
{
    const struct recalled_question q = { lines + 1, n - 1, lines[0], "Anna 林夏", strict };
    struct recalled_ground *g = recalled_ground_create(words, &q);
    CHECK(g);
    for (size_t i = 1; i < n; i++) {
        enum recalled_bears bears = recalled_ground_judge(g, lines[i], strlen(lines[i]));
        CHECK(strict || strlen(lines[i]) > LINE_BYTES || bears != RECALLED_INVENTED);
        CHECK(bears != RECALLED_BORNE || recalled_ground_any(g));
    }
    recalled_ground_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct words *words; /* made once; reachable at the end, so no leak */
    const char *lines[LINES];
    size_t n = 0;
    if (!words)
        CHECK(words_create(&words, NULL) == 0);
    char *text = malloc(size + 1), *rest = text;
    CHECK(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    for (char *line; n < LINES && (line = strsep(&rest, "\n"));) {
        lines[n++] = line;
        check_values(line);
    }
    if (n > 1 && size < 4096)
        for (int strict = 0; strict < 2; strict++)
            check_answers(words, lines, n, strict);
    free(text);
    return 0;
}
