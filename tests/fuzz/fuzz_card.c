/* A character card in any container (card/card.h): what was read can be written in every form, and read again. */
#include "card/card.h"
#include "fuzz.h"

static void check_again(const struct card *c, enum card_container container, enum card_version version)
{
    struct buf out;
    struct card *again = NULL;
    anima_error err = { 0 };
    buf_init(&out, 8 * CARD_MAX_JSON);
    int rc = card_write(c, container, version, NULL, 0, &out, &err);
    CHECK(rc == 0 || *err.message);
    if (rc == 0 && out.len <= CARD_MAX_FILE) {
        rc = card_read(out.data, out.len, &again, &err);
        CHECK(rc == 0 || rc == ANIMA_E_LIMIT);
        if (again)
            CHECK(strcmp(card_text(again, "name"), card_text(c, "name")) == 0);
    }
    card_free(again);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct card *c = NULL;
    anima_error err = { 0 };
    char *copy = fuzz_copy(data, size);
    int rc = card_read(copy, size, &c, &err);
    free(copy);
    CHECK((rc == 0) == (c != NULL) && (rc == 0 || *err.message));
    if (!c)
        return 0;
    CHECK(*card_text(c, "name"));
    check_again(c, CARD_JSON, CARD_V1);
    check_again(c, CARD_JSON, 0);
    check_again(c, CARD_CHARX, CARD_V3);
    check_again(c, CARD_PNG, CARD_V3);
    card_free(c);
    return 0;
}
