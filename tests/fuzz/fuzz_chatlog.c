/* A chat from elsewhere (agent/chat_log.h): what is accepted can be stored as it is: texts are UTF-8 within their limits,
 * turns are counted from 1, and the alternatives of each have every number once. */
#include "agent/chat_log.h"
#include "base/date.h"
#include "base/utf8.h"
#include "fuzz.h"

static void check_text(const char *text, size_t most)
{
    CHECK(text && strlen(text) <= most && utf8_valid(text, strlen(text)));
}

static void check_turn(const anima_turn *t)
{
    check_text(t->text, 256u << 10);
    check_text(t->model, 95);
    check_text(t->error, 500);
    check_text(t->finish, 10);
    check_text(t->client_id, 64);
    check_text(t->person_name, 64);
    CHECK(t->state == ANIMA_TURN_DONE || t->state == ANIMA_TURN_CANCELLED || t->state == ANIMA_TURN_FAILED);
    CHECK(t->created_ms >= 0);
}

static void check_log(const struct store_log *l)
{
    size_t v = 0;
    CHECK(l->n_turns > 0 && l->n_turns <= CHAT_LOG_LINES && !*l->info.id);
    check_text(l->info.title, sizeof(l->info.title) - 1);
    for (size_t i = 0; i < l->n_turns; i++) {
        const anima_turn *t = &l->turns[i];
        check_turn(t);
        CHECK(t->seq == (int64_t)i + 1 && t->variant >= 0 && t->variant < t->variants);
        for (int n = 0; n < t->variants; n++) {
            if (n == t->variant)
                continue;
            CHECK(v < l->n_variants && l->variants[v].seq == t->seq && l->variants[v].variant == n);
            check_turn(&l->variants[v++]);
        }
    }
    CHECK(v == l->n_variants);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    struct chat_log *l;
    anima_error err = { 0 };
    if (chat_log_parse(text, size, 1000, &l, &err) == 0)
        check_log(&l->log);
    else
        CHECK(!l && err.code < 0 && *err.message);
    chat_log_free(l);
    free(text);
    text = malloc(size + 1);
    CHECK(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    CHECK(date_parse(text) >= -1);
    free(text);
    return 0;
}
