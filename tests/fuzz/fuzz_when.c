/* Time expressions (memory/when.h) of any bytes at any clock: what is found lies in the text, in order and apart, in the years 1 to
 * 9999; a text that mentions no time has none; and what is said of a moment is read again. The first 12 bytes are the anchor. */
#include "base/utf8.h"
#include "fuzz.h"
#include "memory/when.h"

#define FIRST_MS (-62135596800000ll)
#define END_MS 253402300800000ll
#define BEHIND 80 /* bytes: an age in words is shorter */

static void ages(int64_t ms, struct when_anchor now)
{
    char out[BEHIND], small[8];
    for (int zh = 0; zh < 2; zh++) {
        size_t n = when_age_text(ms, now, zh ? "zh" : "en", out, sizeof(out));
        CHECK(n > 0 && n == strlen(out) && utf8_valid(out, n));
        n = when_age_text(ms, now, zh ? "zh" : "en", small, sizeof(small));
        CHECK(n < sizeof(small) && utf8_valid(small, n) && strncmp(out, small, n) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct when_anchor now = { 1684502100000, 0 };
    struct when found[WHEN_MOST], again[WHEN_MOST];
    if (size >= sizeof(now.ms) + sizeof(now.offset_min)) {
        memcpy(&now.ms, data, sizeof(now.ms));
        memcpy(&now.offset_min, data + sizeof(now.ms), sizeof(now.offset_min));
        data += sizeof(now.ms) + sizeof(now.offset_min);
        size -= sizeof(now.ms) + sizeof(now.offset_min);
    }
    char *text = fuzz_copy(data, size);
    size_t n = when_find(text, size, now, found, WHEN_MOST);
    CHECK(n <= WHEN_MOST);
    for (size_t i = 0; i < n; i++) {
        const struct when *w = &found[i];
        CHECK(w->start < w->end && w->end <= size && w->start >= (i ? found[i - 1].end : 0));
        CHECK(w->from_ms < w->to_ms && w->from_ms >= FIRST_MS && w->to_ms <= END_MS);
        CHECK(w->precision <= WHEN_AGE && w->direction <= WHEN_EITHER);
        CHECK(when_overlap(w, w) == 1 && when_overlap(w, &found[0]) >= 0 && when_overlap(w, &found[0]) <= 1);
        ages(w->from_ms, now);
    }
    CHECK(when_find(text, size, now, again, n / 2) == n / 2);
    CHECK(n / 2 == 0 || again[n / 2 - 1].start == found[n / 2 - 1].start);
    when_mentions(text, size);
    when_asks(text, size);
    when_asks_back(text, size);
    ages(now.ms / 2, now);
    free(text);
    return 0;
}
