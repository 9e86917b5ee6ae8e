/* Adapters' files: which are taken, read once, let go; which vanish, change, are damaged or of another shape.
 * ANIMA_TEST_MODEL: a GGUF file, for its shapes; skipped without it. */
#include "base/fs.h"
#include "host/lora.h"
#include "host/lora_file.h"
#include "make_adapter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *model_path;
static char folder[64];

static char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    model_path = getenv("ANIMA_TEST_MODEL");
    if (model_path && access(model_path, R_OK))
        model_path = NULL;
    snprintf(folder, sizeof(folder), "test-lora-files-%d", (int)getpid());
    return fs_mkdirs(folder, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct lora *open_lora(size_t budget)
{
    struct lora *l;
    anima_error err = { 0 };
    if (lora_create(model_path, folder, budget, 16, &l, &err))
        fail_msg("%s", err.message);
    return l;
}

static void make(const char *name, int rank)
{
    const struct make_adapter how = { .rank = rank, .seed = (unsigned)rank, .size = 0.05 };
    assert_int_equal(make_adapter(model_path, path_of(name), &how), 0);
}

static int get(struct lora *l, const char *name, const struct lora_adapter **out, anima_error *err)
{
    *out = NULL;
    *err = (anima_error){ 0 };
    return lora_get(l, name, out, err);
}

static void copy(const char *from, const char *to)
{
    char *data;
    size_t n;
    assert_int_equal(fs_read(path_of(from), 1u << 30, &data, &n, NULL), 0);
    assert_int_equal(fs_write(path_of(to), data, n, 0600, NULL), 0);
    free(data);
}

static void test_files(void **state)
{
    (void)state;
    if (!model_path)
        skip();
    make("four.gguf", 4);
    make("sixteen.gguf", 16);
    struct lora *l = open_lora(1u << 30);
    const struct lora_adapter *a, *b, *c;
    struct lora_stats stats;
    anima_error err;
    assert_int_equal(get(l, "nobody.gguf", &a, &err), ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "nobody.gguf"));
    static const char *const names[] = { "", ".", "..", ".hidden", "a/b", "/etc/passwd", "../four.gguf" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(get(l, names[i], &a, &err), ANIMA_E_INVALID);
    assert_int_equal(mkdir(path_of("folder"), 0700), 0);
    assert_int_equal(get(l, "folder", &a, &err), ANIMA_E_MODEL);
    /* Read once, however many ask, under whichever name. */
    copy("four.gguf", "copy.gguf");
    assert_int_equal(get(l, "four.gguf", &a, &err), 0);
    assert_int_equal(get(l, "four.gguf", &b, &err), 0);
    assert_int_equal(get(l, "copy.gguf", &c, &err), 0);
    assert_true(a == b && b == c);
    lora_statistics(l, &stats);
    assert_int_equal(stats.adapters, 1);
    lora_release(l, b);
    lora_release(l, c);
    /* Another file of the same name is another adapter; who has the first keeps it. */
    const struct lora_row old = { a, 1 };
    uint64_t identity = lora_identity(&old);
    copy("sixteen.gguf", "four.gguf");
    assert_int_equal(get(l, "four.gguf", &b, &err), 0);
    assert_true(a != b && lora_identity(&old) == identity && lora_identity(&(struct lora_row){ b, 1 }) != identity);
    assert_true(lora_identity(&(struct lora_row){ a, 0.5f }) != identity);
    assert_true(lora_identity(&(struct lora_row){ a, 0 }) == 0 && lora_identity(&(struct lora_row){ NULL, 1 }) == 0);
    /* A file that is gone is gone for the next who asks. */
    unlink(path_of("copy.gguf"));
    assert_int_equal(get(l, "copy.gguf", &c, &err), ANIMA_E_NOT_FOUND);
    lora_release(l, a);
    lora_release(l, b);
    lora_destroy(l);
    /* Without a budget nothing stays that nobody uses. */
    l = open_lora(0);
    assert_int_equal(get(l, "four.gguf", &a, &err), 0);
    assert_int_equal(get(l, "sixteen.gguf", &b, &err), 0);
    lora_release(l, a);
    lora_statistics(l, &stats);
    assert_int_equal(stats.adapters, 1);
    lora_release(l, b);
    lora_statistics(l, &stats);
    assert_true(stats.adapters == 0 && stats.bytes == 0 && stats.loaded == 2);
    lora_destroy(l);
}

static void expect_refusal(struct lora *l, const char *name, const struct make_adapter *how, const char *why)
{
    const struct lora_adapter *a;
    anima_error err;
    assert_int_equal(make_adapter(model_path, path_of(name), how), 0);
    assert_int_equal(get(l, name, &a, &err), ANIMA_E_MODEL);
    assert_null(a);
    if (!strstr(err.message, why))
        fail_msg("%s", err.message);
}

static void test_refused(void **state)
{
    (void)state;
    if (!model_path)
        skip();
    struct lora *l = open_lora(0);
    struct make_adapter how = { .rank = 2, .seed = 9, .size = 0.05, .misshapen = true };
    expect_refusal(l, "shape.gguf", &how, "another shape");
    how = (struct make_adapter){ .rank = 2, .seed = 9, .size = 0.05, .architecture = "gemma" };
    expect_refusal(l, "kind.gguf", &how, "architecture");
    how = (struct make_adapter){ .rank = LORA_MAX_RANK + 1, .seed = 9, .size = 0.05 };
    expect_refusal(l, "rank.gguf", &how, "rank");
    how = (struct make_adapter){ .rank = 2, .seed = 9, .size = (double)INFINITY };
    expect_refusal(l, "infinite.gguf", &how, "no numbers");
    const struct lora_adapter *a;
    anima_error err;
    assert_int_equal(symlink(model_path, path_of("model.gguf")), 0);
    assert_int_equal(get(l, "model.gguf", &a, &err), ANIMA_E_MODEL); /* a model is no adapter */
    lora_destroy(l);
}

/* Bits flipped and ends cut off: it is refused with a reason, or it still is an adapter of that shape. */
static void test_damaged(void **state)
{
    (void)state;
    if (!model_path)
        skip();
    const struct make_adapter how = { .rank = 1, .seed = 5, .size = 0.05 };
    struct lora_weights weights;
    char *data;
    size_t n;
    unsigned x = 12345;
    int refused = 0;
    assert_int_equal(make_adapter(model_path, path_of("small.gguf"), &how), 0);
    assert_int_equal(lora_weights_read(model_path, &weights, NULL), 0);
    assert_int_equal(fs_read(path_of("small.gguf"), 1u << 30, &data, &n, NULL), 0);
    size_t head = 40000 < n ? 40000 : n;
    for (int round = 0; round < 400; round++) {
        size_t size = n;
        struct lora_parts parts;
        anima_error err = { 0 };
        x = x * 1664525u + 1013904223u;
        if (round % 8 == 0)
            size = (size_t)(x >> 4) % n;
        unsigned char *damaged = malloc(size + 1);
        memcpy(damaged, data, size);
        for (int k = 0; k <= round % 5 && size > 256; k++) {
            x = x * 1664525u + 1013904223u;
            size_t where = (x >> 4) % (round % 3 ? (size < head ? size : head) : 256);
            damaged[where] ^= (unsigned char)(1 << (x >> 29));
        }
        int rc = lora_parse(damaged, size, "small.gguf", &weights, &parts, &err);
        assert_true(rc == 0 || ((rc == ANIMA_E_MODEL || rc == ANIMA_E_UNSUPPORTED) && *err.message));
        assert_true(rc ? parts.list == NULL : parts.n > 0);
        refused += rc != 0;
        lora_parts_free(&parts);
        free(damaged);
    }
    print_message("refused: %d of 400\n", refused);
    assert_true(refused > 200);
    free(data);
    lora_weights_free(&weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_files), cmocka_unit_test(test_refused),
                                        cmocka_unit_test(test_damaged) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
