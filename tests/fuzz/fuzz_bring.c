/* Lines of JSON as the conversations that an import brings (agent/bring_plan.h): every message is in one of them, once, under a key of its own;
 * names and titles are what a home takes; who heard something is somebody. */
#include "agent/bring_plan.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "twin/read.h"

static void check_name(const char *s, size_t most)
{
    size_t n = strlen(s);
    CHECK(n && n <= most && utf8_valid(s, n));
    for (size_t i = 0; i < n; i++)
        CHECK((unsigned char)s[i] >= ' ' && s[i] != 0x7F);
}

static void check_set(const struct bring_plan *p, const struct bring_set *set)
{
    CHECK(set->n <= BRING_HEARD);
    for (size_t i = 0; i < set->n; i++)
        CHECK(set->people[i] < p->n_people);
}

static void check_line(const struct bring_plan *p, const struct bring_line *line)
{
    CHECK(line->person < p->n_people && line->at_ms > 0 && strlen(line->key) == 32);
    if (!line->mark)
        return;
    CHECK(line->mark->class >= -1 && line->mark->class <= 2);
    check_set(p, &line->mark->excluded);
    check_set(p, &line->mark->allowed);
    check_set(p, &line->mark->witnesses);
}

static void check_plan(const struct bring_plan *p)
{
    size_t lines = 0;
    CHECK(strlen(p->id) == 16 && p->n_lines);
    for (size_t i = 0; i < p->n_people; i++)
        check_name(p->people[i].name, 64);
    for (size_t i = 0; i < p->n_lines; i++) {
        check_line(p, &p->lines[i]);
        for (size_t k = 0; k < i && i < 100; k++)
            CHECK(strcmp(p->lines[i].key, p->lines[k].key) != 0);
    }
    for (size_t i = 0; i < p->n_pieces; i++) {
        const struct bring_piece *piece = &p->pieces[i];
        CHECK(piece->first == lines && piece->n && piece->n <= BRING_PIECE && piece->n_heard <= BRING_HEARD);
        lines += piece->n;
        check_name(piece->title, sizeof(piece->title) - 1);
        for (size_t k = 0; k < piece->n_heard; k++)
            CHECK(piece->heard[k].person < p->n_people && piece->heard[k].since >= 1 &&
                  piece->heard[k].since <= (int64_t)piece->n);
    }
    CHECK(lines == p->n_lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct twin_book book = { .arena = &arena };
    struct bring_plan plan;
    anima_error err = { 0 };
    const struct bring_wish wish = { "lin", "Ann", size % 2 ? "Ben" : "" };
    arena_init(&arena, 64u << 20);
    struct twin_reading *r = twin_reading_new(&book);
    char *copy = fuzz_copy(data, size);
    int rc = r ? twin_reading_add(r, "a.jsonl", copy, size, &err) : ANIMA_E_NOMEM;
    rc = twin_reading_end(r) ? ANIMA_E_NOMEM : rc;
    if (!rc && bring_plan_make(&arena, &book, &wish, 1000, &plan, &err) == 0)
        check_plan(&plan);
    free(copy);
    arena_finish(&arena);
    return 0;
}
