/* Facts (memory/facts.h) of any bytes said at any time: their values and what they say of before lie in the text, are whole characters, and in
 * words they are, too; and whatever was said, one of several holds. The first 12 bytes are the anchor. */
#include "base/utf8.h"
#include "fuzz.h"
#include "memory/facts.h"

#define MAX_SAID 32

static struct fact_reader *reader;
static struct words *words;

static void check_fact(const struct fact *f, const char *text, size_t size)
{
    char out[64];
    CHECK(f->about < FACT_ATTRIBUTES && f->start <= f->end && f->end <= size);
    CHECK(f->was_start <= f->was_end && f->was_end <= size);
    CHECK(f->ends || *f->value);
    CHECK(utf8_valid(f->value, strlen(f->value)) && utf8_valid(f->topic, strlen(f->topic)));
    CHECK(utf8_valid(f->whose, strlen(f->whose)) && utf8_valid(text + f->start, f->end - f->start));
    for (int zh = 0; zh < 2; zh++) {
        size_t n = fact_text(f, zh ? "zh" : "en", out, sizeof(out));
        CHECK(n < sizeof(out) && utf8_valid(out, n));
    }
    CHECK(fact_asked(f, f->topic) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct when_anchor said = { 1684502100000, 0 };
    struct fact found[FACTS_MOST];
    struct fact_said list[MAX_SAID];
    size_t n = 0;
    if (!reader && (fact_reader_create(&reader, NULL) || words_create(&words, NULL)))
        return 0;
    if (size >= sizeof(said.ms) + sizeof(said.offset_min)) {
        memcpy(&said.ms, data, sizeof(said.ms));
        memcpy(&said.offset_min, data + sizeof(said.ms), sizeof(said.offset_min));
        data += sizeof(said.ms) + sizeof(said.offset_min);
        size -= sizeof(said.ms) + sizeof(said.offset_min);
    }
    char *text = fuzz_copy(data, size);
    for (size_t part = 1; part <= 3; part++) { /* the text as it grows, said again and again */
        size_t k = facts_read(reader, words, text, size / 3 * part, said, found);
        CHECK(k <= FACTS_MOST);
        for (size_t i = 0; i < k; i++) {
            check_fact(&found[i], text, size);
            list[n++] = (struct fact_said){ .fact = found[i], .at_ms = said.ms + (int64_t)part };
        }
    }
    facts_merge(list, n);
    for (size_t i = 0; i < n; i++) {
        CHECK(list[i].by == FACT_NONE || (list[i].by < n && list[i].by != i));
        CHECK(list[i].again == FACT_NONE || (list[i].again > i && list[i].again < n));
        fact_holds(&list[i], said.ms);
    }
    free(text);
    return 0;
}
