/* The conversations that come with anima are in the form that their README promises, and what is made of them is nearly all of them:
 * this reads them as a training does, and says how many there are. */
#include "base/fs.h"
#include "base/mem.h"
#include "corpus/files.h"
#include "corpus/lessons.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARENA (256u << 20)

struct count {
    size_t files, conversations, exchanges;
};

static int faults;

static void fault(const struct corpus_conversation *c, int line, const char *what)
{
    print_message("%s:%d: %s\n", c->file, line, what);
    faults++;
}

static void check_talk(const struct corpus_conversation *first, const struct corpus_conversation *c)
{
    if (!*c->title)
        fault(c, c->line, "a conversation without a title");
    for (const struct corpus_conversation *before = first; before != c; before = before->next)
        if (strcmp(before->title, c->title) == 0)
            fault(c, c->line, "the title is there twice");
    for (size_t i = 0; i < c->n; i++) {
        if (!*c->messages[i].text)
            fault(c, c->messages[i].line, "nobody answers");
        if (strchr(c->messages[i].text, '\n'))
            fault(c, c->messages[i].line, "a message of several lines");
    }
}

static void check_folder(const char *dir, enum corpus_source source, struct count counts[CORPUS_LANGUAGES])
{
    struct arena arena;
    struct corpus_texts texts = { .arena = &arena };
    anima_error err = { 0 };
    arena_init(&arena, ARENA);
    if (corpus_add_folder(&texts, dir, source, &err))
        fail_msg("%s: %s", dir, err.message);
    for (size_t i = 0; i < texts.n; i++) {
        struct corpus_conversation *first;
        if (corpus_read(&arena, &texts.list[i], &first, &err))
            fail_msg("%s: %s", dir, err.message);
        if (!texts.list[i].language)
            fail_msg("%s: %s is of no language", dir, texts.list[i].name);
        struct count *n = &counts[corpus_language(texts.list[i].language)];
        n->files++;
        for (const struct corpus_conversation *c = first; c; c = c->next) {
            n->conversations++;
            n->exchanges += c->n / 2;
            if (texts.list[i].form == CORPUS_FORM_TALK)
                check_talk(first, c);
        }
    }
    arena_finish(&arena);
}

static void tell(const char *what, const struct count counts[CORPUS_LANGUAGES])
{
    for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
        print_message("%s %s: %zu files, %zu conversations, %zu exchanges\n", what, corpus_language_name(l),
                      counts[l].files, counts[l].conversations, counts[l].exchanges);
}

static void test_base(void **state)
{
    (void)state;
    char *share = fs_share_dir(), *talk = fs_join(share, "corpus", "talk", NULL),
         *replay = fs_join(share, "corpus", "replay", NULL);
    struct count counts[CORPUS_LANGUAGES] = { 0 }, lines[CORPUS_LANGUAGES] = { 0 };
    faults = 0;
    check_folder(talk, CORPUS_TALK, counts);
    tell("talk", counts);
    check_folder(replay, CORPUS_REPLAY, lines);
    tell("replay", lines);
    assert_int_equal(faults, 0);
    for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
        assert_true(counts[l].conversations >= 200 && counts[l].exchanges >= 750);
    mem_free(replay);
    mem_free(talk);
    mem_free(share);
}

static void test_characters(void **state)
{
    (void)state;
    char *share = fs_share_dir(), *dir = fs_join(share, "characters", NULL);
    DIR *d = opendir(dir);
    size_t with = 0;
    assert_non_null(d);
    faults = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        struct count counts[CORPUS_LANGUAGES] = { 0 };
        char *corpus = fs_join(dir, e->d_name, "corpus", NULL);
        check_folder(corpus, CORPUS_OWN, counts);
        if (counts[0].files + counts[1].files)
            tell(e->d_name, counts);
        with += counts[0].exchanges >= 500 && counts[1].exchanges >= 500;
        mem_free(corpus);
    }
    closedir(d);
    assert_int_equal(faults, 0);
    assert_true(with >= 2);
    mem_free(dir);
    mem_free(share);
}

/* ---- what is made of them ---- */

/* What writers can help: nothing of it is there. Phrases of a service are found by patterns that find more than those. */
static void check_tally(const char *id, const struct corpus_report *r, const struct corpus_tally *t,
                        enum corpus_source source)
{
    static const enum corpus_reason never[] = { CORPUS_PROBE, CORPUS_EMPTY, CORPUS_LONG, CORPUS_DAMAGED,
                                                CORPUS_DUPLICATE };
    size_t asides = t->left_out[CORPUS_SERVICE] + t->left_out[CORPUS_VENDOR] + t->left_out[CORPUS_MACHINE];
    bool good = 20 * asides <= t->exchanges && 10 * t->left_out[CORPUS_BEHIND] <= t->exchanges;
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        good &= !t->left_out[never[i]];
    for (size_t i = 0; i < CORPUS_MASKS; i++)
        good &= !t->masked[i];
    print_message("%s, %s: %zu of %zu exchanges become lessons, %zu are held back\n", id, corpus_source_name(source),
                  t->kept, t->exchanges, t->left_out[CORPUS_HELD_BACK]);
    for (size_t i = 0; i < r->n_notes && !good; i++)
        print_message("%s:%d: %s: %s\n", r->notes[i].file, r->notes[i].line, r->notes[i].why, r->notes[i].excerpt);
    assert_true(good);
}

static void check_lessons(const char *share, const char *id)
{
    struct arena arena;
    struct buf lines;
    struct corpus_report *r;
    struct corpus_words probes = { 0 };
    struct corpus_texts texts = { .arena = &arena };
    char *own = fs_join(share, "characters", id, NULL), *corpus = fs_join(own, "corpus", NULL),
         *talk = fs_join(share, "corpus", "talk", NULL), *replay = fs_join(share, "corpus", "replay", NULL),
         *asked = fs_join(share, "probes", NULL);
    anima_error err = { 0 };
    arena_init(&arena, ARENA);
    buf_init(&lines, CORPUS_MAX_LESSONS);
    if (corpus_add_folder(&texts, corpus, CORPUS_OWN, &err) || corpus_add_folder(&texts, talk, CORPUS_TALK, &err) ||
        corpus_add_folder(&texts, replay, CORPUS_REPLAY, &err) || corpus_add_probes(&arena, asked, "", &probes, &err) ||
        corpus_add_probes(&arena, own, "facts.", &probes, &err))
        fail_msg("%s", err.message);
    assert_true(probes.n > 200);
    const struct corpus_plan plan = {
        .texts = texts.list, .n_texts = texts.n, .character = id, .forbidden = probes.list, .n_forbidden = probes.n
    };
    if (corpus_lessons(&arena, &plan, &lines, &r, &err))
        fail_msg("%s", err.message);
    for (size_t s = 0; s < CORPUS_SOURCES; s++)
        for (size_t l = 0; l < CORPUS_LANGUAGES; l++)
            check_tally(id, r, &r->tally[s][l], (enum corpus_source)s);
    for (size_t i = 0; i < r->n_motifs; i++)
        assert_true(r->motifs[i].share < CORPUS_MOTIF_WARN);
    buf_finish(&lines);
    arena_finish(&arena);
    mem_free(own);
    mem_free(corpus);
    mem_free(talk);
    mem_free(replay);
    mem_free(asked);
}

static void test_lessons(void **state)
{
    (void)state;
    char *share = fs_share_dir(), *dir = fs_join(share, "characters", NULL);
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char *corpus = fs_join(dir, e->d_name, "corpus", NULL);
        if (e->d_name[0] != '.' && fs_exists(corpus))
            check_lessons(share, e->d_name);
        mem_free(corpus);
    }
    closedir(d);
    mem_free(dir);
    mem_free(share);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_base), cmocka_unit_test(test_characters),
                                        cmocka_unit_test(test_lessons) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
