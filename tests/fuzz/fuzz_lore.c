/* A book of lore and a conversation (card/lore.h): the JSON of the book, then lines that are messages. Macros, too
 * (card/macro.h): every line is expanded. */
#include "base/buf.h"
#include "card/lore.h"
#include "card/macro.h"
#include "fuzz.h"

#define MAX_MESSAGES 50

static int count(const char *text, size_t n, void *ctx)
{
    (void)text;
    (void)ctx;
    return (int)(n / 4);
}

static void search(struct lore *lore, char *text)
{
    struct lore_message said[MAX_MESSAGES];
    struct lore_hit hits[10];
    size_t n = 0, found;
    uint64_t random = 5;
    const struct macro_scene scene = { "Lin", "Ann", 1764000000000, 60, 3, &random, true };
    for (char *line = strtok(text, "\n"); line && n < MAX_MESSAGES; line = strtok(NULL, "\n")) {
        struct buf out;
        buf_init(&out, 1u << 20);
        CHECK(macro_expand(line, &scene, &out) == out.failed);
        buf_finish(&out);
        said[n] = (struct lore_message){ line, n % 2 == 1 };
        n++;
    }
    const struct lore_scene at = { said, n, 0, count, NULL };
    CHECK(lore_find(lore, &at, hits, 10, &found, NULL) == 0 && found <= 10);
    for (size_t i = 0; i < found; i++)
        CHECK(hits[i].content && hits[i].role);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    yyjson_read_err why;
    struct lore *lore = NULL;
    anima_error err = { 0 };
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)data, size, YYJSON_READ_STOP_WHEN_DONE, NULL, &why);
    size_t used = doc ? yyjson_doc_get_read_size(doc) : 0;
    int rc = doc ? lore_parse(yyjson_doc_get_root(doc), &lore, &err) : -1;
    CHECK(!doc || (rc == 0) == (lore != NULL));
    if (lore) {
        char *text = malloc(size - used + 1);
        CHECK(text);
        memcpy(text, data + used, size - used);
        text[size - used] = '\0';
        search(lore, text);
        free(text);
    }
    lore_free(lore);
    yyjson_doc_free(doc);
    return 0;
}
