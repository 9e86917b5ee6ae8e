/* Documents, through the door: given, found by words and places, told of to whom they may be, taken away; whoever waits is always answered; much is
 * read by another thread; out of memory at any place something is refused and nothing breaks. */
#include "anima/anima.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static const char lease[] =
    "1. Rent\n\nThe rent is 940 pounds a month.\n\n2. Deposit\n\nThe tenant pays a deposit of 1,260 pounds.\n\n"
    "3. Pets\n\nGeese are forbidden.\n";

struct fixture {
    struct scratch at;
    int answers, code, done;
    size_t n;
    int64_t seq;
    int recalled;
    char id[24], first[400], place[200], said[24];
    bool told;
};

static const char *const settings[] = { "memory.recall=always", "embed.model=", NULL };

static void on_event(void *ctx, const anima_event *e)
{
    struct fixture *f = ctx;
    if (e->type != ANIMA_EVENT_TURN_DONE)
        return;
    f->done++;
    f->seq = e->turn->seq;
    f->recalled = e->turn->recalled;
}

static int set_up(void **state)
{
    struct fixture *f = mem_zero(1, sizeof(*f));
    scratch_make(&f->at, "say: Well, well.\n");
    scratch_open(&f->at, settings, on_event, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    int rc = scratch_remove(&f->at);
    mem_free(f);
    return rc;
}

static void added(void *ctx, int code, const anima_error *err, const anima_document *d)
{
    struct fixture *f = ctx;
    assert_true(code ? *err->message && !d : d != NULL);
    f->answers++;
    f->code = code;
    if (d)
        snprintf(f->id, sizeof(f->id), "%s", d->id);
}

static int give(struct fixture *f, const char *text, size_t n, const char *for_whom)
{
    const anima_document_wish wish = { "lin", "lease.txt", "Lease", "", for_whom };
    anima_error err;
    return anima_document_add(f->at.home, &wish, text, n, added, f, &err);
}

static void given(struct fixture *f, const char *text, const char *for_whom)
{
    int before = f->answers;
    assert_int_equal(give(f, text, strlen(text), for_whom), 0);
    assert_int_equal(f->answers, before); /* never during the call */
    scratch_until(&f->at, &f->answers, before + 1);
    assert_int_equal(f->code, 0);
}

static void found(void *ctx, int code, const anima_error *err, const anima_passage *passages, size_t n)
{
    struct fixture *f = ctx;
    assert_true(code ? *err->message && !n : true);
    f->answers++;
    f->code = code;
    f->n = n;
    *f->first = *f->place = '\0';
    f->told = n && passages[0].told;
    if (n) {
        snprintf(f->first, sizeof(f->first), "%s", passages[0].text);
        snprintf(f->place, sizeof(f->place), "%s", passages[0].place);
    }
}

static void search(struct fixture *f, const char *person, const char *question)
{
    int before = f->answers;
    assert_int_equal(anima_document_search(f->at.home, "lin", person, question, found, f, NULL), 0);
    assert_int_equal(f->answers, before);
    scratch_until(&f->at, &f->answers, before + 1);
}

static void say(struct fixture *f, const char *person, const char *text)
{
    anima_conversation_info info;
    anima_conversation *c;
    const anima_message m = { .text = text, .person = person };
    int64_t seq;
    int before = f->done;
    assert_int_equal(anima_conversation_create(f->at.home, "lin", NULL, &c, NULL), 0);
    anima_conversation_describe(c, &info);
    snprintf(f->said, sizeof(f->said), "%s", info.id);
    assert_int_equal(anima_send(c, &m, &seq, NULL), 0);
    scratch_until(&f->at, &f->done, before + 1);
    anima_conversation_close(c);
}

static int count_passage(void *ctx, const anima_passage *p)
{
    struct fixture *f = ctx;
    snprintf(f->place, sizeof(f->place), "%s", p->place);
    f->n++;
    return 0;
}

static size_t told(struct fixture *f)
{
    f->n = 0;
    assert_int_equal(anima_document_told(f->at.home, f->said, f->seq, count_passage, f, NULL), 0);
    return f->n;
}

static int count_section(void *ctx, const anima_section *s)
{
    *(int *)ctx += s->depth == 0;
    return 0;
}

static void found_and_told(void **state)
{
    struct fixture *f = *state;
    int sections = 0;
    given(f, lease, "");
    assert_int_equal(anima_document_outline(f->at.home, f->id, count_section, &sections, NULL), 0);
    assert_int_equal(sections, 3);
    search(f, NULL, "Are geese forbidden in the lease?");
    assert_string_equal(f->first, "Geese are forbidden.");
    assert_string_equal(f->place, "“Lease”, section 3 “Pets”");
    assert_true(f->told);
    search(f, NULL, "What does section 2 say?");
    assert_true(f->n == 1 && strstr(f->first, "1,260"));
    search(f, NULL, "What does section 8 say?");
    assert_int_equal(f->n, 0);
    say(f, "Ann", "How much is the deposit in the lease?");
    assert_true(told(f) >= 1 && f->recalled >= (int)f->n);
    assert_non_null(strstr(f->place, "“Lease”"));
    say(f, "Bob", "How much is the deposit in the lease?");
    assert_true(told(f) == 0 && f->recalled == 0);
    search(f, "Bob", "How much is the deposit in the lease?");
    assert_int_equal(f->n, 0);
    search(f, "Ann", "How much is the deposit in the lease?");
    assert_true(f->n > 0);
}

static void removed(void *ctx, int code, const anima_error *err)
{
    struct fixture *f = ctx;
    (void)err;
    f->answers++;
    f->code = code;
}

static void taken_away(void **state)
{
    struct fixture *f = *state;
    given(f, lease, "everyone");
    say(f, "Bob", "How much is the deposit in the lease?");
    assert_true(told(f) >= 1);
    int before = f->answers;
    assert_int_equal(anima_document_remove(f->at.home, f->id, removed, f, NULL), 0);
    scratch_until(&f->at, &f->answers, before + 1);
    assert_int_equal(f->code, 0);
    assert_int_equal(told(f), 0);
    search(f, NULL, "How much is the deposit in the lease?");
    assert_int_equal(f->n, 0);
    assert_int_equal(anima_document_remove(f->at.home, f->id, removed, f, NULL), ANIMA_E_NOT_FOUND);
}

static void refused(void **state)
{
    struct fixture *f = *state;
    const anima_document_wish nobody = { "none", "", "", "", "" }, bad = { "lin", "a\nb", "", "", "" };
    anima_error err;
    assert_int_equal(anima_document_add(f->at.home, &nobody, "a", 1, added, f, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_document_add(f->at.home, &bad, "a", 1, added, f, &err), ANIMA_E_INVALID);
    given(f, lease, "");
    assert_int_equal(give(f, lease, strlen(lease), ""), 0);
    scratch_until(&f->at, &f->answers, 2);
    assert_int_equal(f->code, ANIMA_E_CONFLICT);
    assert_int_equal(anima_document_search(f->at.home, "lin", "Nobody", "a", found, f, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_document_search(f->at.home, "none", "", "a", found, f, &err), ANIMA_E_NOT_FOUND);
    assert_int_equal(anima_document_search(f->at.home, "lin", "", "", found, f, &err), ANIMA_E_INVALID);
    assert_int_equal(anima_document_search(f->at.home, "lin", "", "\xff", found, f, &err), ANIMA_E_INVALID);
}

/* More than is read at once. */
static void much(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 4u << 20);
    for (int i = 0; i < 600; i++)
        buf_printf(&b, "Chapter %d\n\nIn the bay of %d the keeper counted %d ships that winter.\n\n", i + 1, i + 1,
                   i * 7 + 3);
    given(f, buf_str(&b), "");
    buf_finish(&b);
    search(f, NULL, "In which bay did the keeper count 1403 ships?");
    assert_non_null(strstr(f->first, "1403"));
    search(f, NULL, "What does chapter 301 say?");
    assert_true(f->n == 1 && strstr(f->first, "bay of 301"));
    say(f, "Ann", "What does chapter 301 say?");
    assert_int_equal(told(f), 1);
}

static void the_home_is_closed(void **state)
{
    struct fixture *f = *state;
    given(f, lease, "");
    assert_int_equal(anima_document_search(f->at.home, "lin", "", "deposit", found, f, NULL), 0);
    assert_int_equal(give(f, "Other words.", 12, ""), 0);
    int before = f->answers;
    anima_home_close(f->at.home);
    f->at.home = NULL;
    assert_int_equal(f->answers, before + 2);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
}

static void looking_only(void **state)
{
    struct fixture *f = *state;
    anima_home *other;
    int sections = 0;
    given(f, lease, "");
    const anima_home_options how = { .path = f->at.dir, .read_only = true };
    const anima_document_wish wish = { "lin", "a.txt", "", "", "" };
    assert_int_equal(anima_home_open(&how, &other, NULL), 0);
    assert_int_equal(anima_document_outline(other, f->id, count_section, &sections, NULL), 0);
    assert_int_equal(sections, 3);
    assert_int_equal(anima_document_add(other, &wish, "a", 1, added, f, NULL), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_document_search(other, "lin", "", "a", found, f, NULL), ANIMA_E_UNSUPPORTED);
    assert_int_equal(anima_document_remove(other, f->id, removed, f, NULL), ANIMA_E_UNSUPPORTED);
    anima_home_close(other);
}

/* ---- PDFs: with what is a library's place only, and with the library if the set-up fetched it ---- */

static const char pdf[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 61>>stream\nBT /F 12 Tf 72 700 Td (Geese are forbidden in Mill Lane.) Tj ET\nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

static char cache[] = "/tmp/anima-cache-XXXXXX", library[96], real_library[512];

/* The library is nowhere, is a file that is none, or is the real one. */
static void put_library(const char *real)
{
    unlink(library);
    FILE *f = real && !*real ? fopen(library, "w") : NULL;
    if (f)
        fclose(f);
    else if (real)
        assert_int_equal(symlink(real, library), 0);
}

static void pdf_without_reader(void **state)
{
    struct fixture *f = *state;
    const anima_document_wish wish = { "lin", "a.pdf", "", "", "" };
    anima_error err;
    put_library(NULL);
    assert_int_equal(anima_document_add(f->at.home, &wish, pdf, strlen(pdf), added, f, &err), ANIMA_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "tools/setup"));
    put_library("");
    assert_int_equal(give(f, pdf, strlen(pdf), ""), 0);
    scratch_until(&f->at, &f->answers, 1);
    assert_int_equal(f->code, ANIMA_E_NOT_FOUND);
    given(f, lease, "");
}

static void pdf_while_the_home_is_closed(void **state)
{
    struct fixture *f = *state;
    put_library("");
    assert_int_equal(give(f, pdf, strlen(pdf), ""), 0);
    assert_int_equal(give(f, pdf, strlen(pdf), ""), 0);
    anima_home_close(f->at.home);
    f->at.home = NULL;
    assert_int_equal(f->answers, 2);
    assert_int_equal(f->code, ANIMA_E_CANCELLED);
}

static void pdf_is_read(void **state)
{
    struct fixture *f = *state;
    if (access(real_library, R_OK))
        skip();
    put_library(real_library);
    assert_int_equal(give(f, pdf, strlen(pdf), ""), 0);
    assert_int_equal(f->answers, 0);
    scratch_until(&f->at, &f->answers, 1);
    assert_int_equal(f->code, 0);
    search(f, NULL, "What is forbidden, on page 1?");
    assert_string_equal(f->first, "Geese are forbidden in Mill Lane.");
    assert_non_null(strstr(f->place, "page 1"));
    assert_int_equal(give(f, pdf, strlen(pdf), ""), 0);
    scratch_until(&f->at, &f->answers, 3);
    assert_int_equal(f->code, ANIMA_E_CONFLICT);
    assert_int_equal(give(f, "%PDF-1.7", 8, ""), 0);
    scratch_until(&f->at, &f->answers, 4);
    assert_int_equal(f->code, ANIMA_E_INVALID);
}

static void make_cache(void)
{
    char folder[80];
    const char *other = getenv("ANIMA_CACHE"), *home = getenv("HOME");
    snprintf(real_library, sizeof(real_library), "%s%s/packages/pypdfium2-4.30.0/libpdfium.so",
             other  ? other
             : home ? home
                    : "",
             other ? "" : "/.cache/anima");
    assert_non_null(mkdtemp(cache));
    snprintf(folder, sizeof(folder), "%s/packages", cache);
    mkdir(folder, 0700);
    snprintf(folder, sizeof(folder), "%s/packages/pypdfium2-4.30.0", cache);
    mkdir(folder, 0700);
    snprintf(library, sizeof(library), "%s/libpdfium.so", folder);
    setenv("ANIMA_CACHE", cache, 1);
}

static void remove_cache(void)
{
    char folder[80];
    unlink(library);
    snprintf(folder, sizeof(folder), "%s/packages/pypdfium2-4.30.0", cache);
    rmdir(folder);
    snprintf(folder, sizeof(folder), "%s/packages", cache);
    rmdir(folder);
    rmdir(cache);
}

static void out_of_memory(void **state)
{
    struct fixture *f = *state;
    given(f, lease, "");
    for (long k = 1; k < 60; k++) {
        int before = f->answers;
        mem_fail_at(k, 0);
        int rc = anima_document_search(f->at.home, "lin", "", "How much is the deposit?", found, f, NULL);
        if (!rc)
            scratch_until(&f->at, &f->answers, before + 1);
        mem_fail_at(0, 0);
        assert_true(rc == 0 || rc == ANIMA_E_NOMEM);
        assert_int_equal(f->answers, before + !rc);
    }
    search(f, NULL, "How much is the deposit in the lease?");
    assert_true(f->code == 0 && f->n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(found_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(taken_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(much, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_home_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looking_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pdf_without_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pdf_while_the_home_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pdf_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(out_of_memory, set_up, tear_down),
    };
    make_cache();
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    remove_cache();
    return rc;
}
