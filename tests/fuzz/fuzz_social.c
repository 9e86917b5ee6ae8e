/* What may be told to whom (memory/class.h, memory/visible.h): any text gets a class that its other findings agree with, a
 * request for silence is found whatever stands before it, and a silence never frees anything. The first bytes draw items and
 * people, of which what is joined is never wider than its parts; the rest are the turns, a line each. */
#include "fuzz.h"
#include "memory/visible.h"

#define TURNS 24
#define ITEMS 3
#define DRAWN 48 /* bytes of the input that draw items */

static struct class_known *known; /* of these; as the classifier is */
static const struct class_name names[] = {
    { "Ben", 1, false }, { "小明", 2, false }, { "my boss", 0, false }, { "", 3, false }
};

static void check_found(const struct class_found *f)
{
    CHECK(f->class == MEMORY_KNOWLEDGE || f->class == MEMORY_PERSONAL || f->class == MEMORY_SECRET);
    CHECK((f->class == MEMORY_SECRET) == (f->covers != 0) && (!f->covers || f->covers & CLASS_HERE));
    CHECK(f->kept_from.n <= CLASS_MAX_PEOPLE && f->told_to.n <= CLASS_MAX_PEOPLE);
    CHECK(!f->lifts_all || f->lifts);
    CHECK(!f->tip || f->class == MEMORY_KNOWLEDGE);
    CHECK(!f->told_to.n || f->lifts);
}

static void read_turns(struct classifier *c, const char *text, size_t n)
{
    struct class_turn turns[TURNS] = { { .text = NULL } };
    struct class_mark marks[TURNS];
    size_t n_turns = 0;
    while (n && n_turns < TURNS) {
        const char *eol = memchr(text, '\n', n);
        size_t len = eol ? (size_t)(eol - text) : n;
        struct class_turn *turn = &turns[n_turns];
        *turn = (struct class_turn){ text, len, n_turns % 3 != 1, { .class = MEMORY_SECRET } };
        CHECK(class_read(c, text, len, !turn->speaker, known, &turn->found) == 0);
        check_found(&turn->found);
        n_turns++;
        text += eol ? len + 1 : len;
        n -= eol ? len + 1 : len;
    }
    CHECK(class_scope(c, turns, n_turns, marks) == 0);
    for (size_t i = 0; i < n_turns; i++) {
        CHECK(marks[i].class <= MEMORY_SECRET && (!marks[i].everyone || marks[i].class == MEMORY_PERSONAL));
        bool freed = marks[i].everyone || marks[i].class >= turns[i].found.class;
        CHECK(freed);
    }
}

static void silence_is_found(struct classifier *c, const char *text, size_t n)
{
    static const char *const asks[] = { "\n\nPlease don't tell anyone.", "\n\n别告诉别人。" };
    for (size_t i = 0; i < 2; i++) {
        size_t more = strlen(asks[i]);
        struct class_found found;
        char *all = malloc(n + more);
        CHECK(all);
        memcpy(all, text, n);
        memcpy(all + n, asks[i], more);
        CHECK(class_read(c, all, n + more, false, known, &found) == 0 && found.class == MEMORY_SECRET);
        free(all);
    }
}

static struct visible_set draw_set(const uint8_t *data, int64_t *ids)
{
    size_t n = data[0] % 4;
    for (size_t i = 0; i < n; i++)
        ids[i] = data[1 + i % 2] >> i & 7;
    return (struct visible_set){ ids, n };
}

static void join(const uint8_t *data)
{
    int64_t ids[ITEMS][4][4], person;
    struct visible_item items[ITEMS], all;
    int64_t told[4];
    struct visible_person_rule people[1] = { { data[3] % 8, (enum visible_rule)(data[4] % 5),
                                               draw_set(data + 5, told) } };
    struct visible_rules rules = { (enum visible_rule)(data[1] % 5), (enum visible_rule)(data[2] % 5), people, 1 };
    struct arena arena;
    for (size_t i = 0; i < ITEMS; i++) {
        const uint8_t *at = data + 8 + 13 * i;
        items[i] = (struct visible_item){ (enum memory_class)(at[0] % 5),
                                          at[0] & 64,
                                          draw_set(at + 1, ids[i][0]),
                                          draw_set(at + 4, ids[i][1]),
                                          draw_set(at + 7, ids[i][2]),
                                          draw_set(at + 10, ids[i][3]),
                                          { NULL, 0 },
                                          { NULL, 0 } };
    }
    arena_init(&arena, 1 << 16);
    CHECK(visible_join(&arena, items, ITEMS, &all) == 0);
    for (person = 0; person < 8; person++) {
        struct visible_set present = { &person, 1 };
        for (size_t i = 0; i < ITEMS && visible_to(&all, present, &rules).reason == VISIBLE; i++)
            CHECK(visible_to(&items[i], present, &rules).reason == VISIBLE);
    }
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct classifier *classifier; /* compiled once; reachable at the end, so no leak */
    uint8_t drawn[DRAWN] = { 0 };
    if (!classifier)
        CHECK(classifier_create(&classifier, NULL) == 0 && class_known_create(names, 4, &known) == 0);
    memcpy(drawn, data, size < DRAWN ? size : DRAWN);
    join(drawn);
    char *text = fuzz_copy(data, size);
    read_turns(classifier, text, size);
    silence_is_found(classifier, text, size);
    free(text);
    return 0;
}
