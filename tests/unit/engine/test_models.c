/* Models: the catalogue, the user's own, what a name means; and the archives that models come in, whole and damaged. */
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/fetch.h"
#include "engine/models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct places {
    char top[64], share[128], cache[128];
};

static int set_up(void **state)
{
    struct places *p = calloc(1, sizeof(*p));
    strcpy(p->top, "/tmp/anima-models-XXXXXX");
    assert_non_null(mkdtemp(p->top));
    snprintf(p->share, sizeof(p->share), "%s/share", p->top);
    snprintf(p->cache, sizeof(p->cache), "%s/cache", p->top);
    assert_int_equal(fs_mkdirs(p->share, NULL), 0);
    assert_int_equal(fs_mkdirs(p->cache, NULL), 0);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct places *p = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", p->top);
    int rc = system(command);
    free(p);
    return rc;
}

static void write_file(const char *folder, const char *name, const void *data, size_t n)
{
    char *path = fs_join(folder, name, (char *)NULL), *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(fs_mkdirs(path, NULL), 0);
    *slash = '/';
    assert_int_equal(fs_write(path, data, n, 0600, NULL), 0);
    mem_free(path);
}

static int open_with(const struct places *p, const char *json, struct models **m, anima_error *err)
{
    write_file(p->share, "models.json", json, strlen(json));
    return models_open(p->share, p->cache, NULL, m, err);
}

/* ---- the catalogue ---- */

static void reads_the_catalogue(void **state)
{
    struct models *m;
    anima_error err;
    assert_int_equal(
        open_with(*state,
                  "{\"models\":[{\"name\":\"a\",\"title\":\"A\",\"file\":\"a.gguf\",\"bytes\":5,\"sha256\":\"" SHA
                  "\",\"licence\":\"MIT\",\"sources\":[{\"kind\":\"pypi\",\"parts\":[{\"package\":\"p\",\"version\":"
                  "\"1\",\"file\":\"d/x\",\"sha256\":\"" SHA
                  "\",\"bytes\":9}]},{\"kind\":\"url\",\"url\":\"https://e/x\"}]}]}",
                  &m, &err),
        0);
    const struct model *a = models_at(m, 0);
    assert_non_null(a);
    assert_null(models_at(m, 1));
    assert_ptr_equal(models_find(m, "a"), a);
    assert_null(models_find(m, "b"));
    assert_string_equal(a->licence, "MIT");
    assert_int_equal(a->n_sources, 2);
    assert_null(a->sources[0].url);
    assert_int_equal(a->sources[0].n_parts, 1);
    assert_int_equal(a->sources[0].parts[0].bytes, 9);
    assert_string_equal(a->sources[1].url, "https://e/x");
    assert_false(model_present(a));
    models_close(m);
}

static void refuses_bad_catalogues(void **state)
{
#define HEAD "{\"models\":[{\"name\":\"a\",\"bytes\":5,\"sha256\":\"" SHA "\","
    static const char *const bad[] = {
        "[",
        "{\"models\":[{}]}",
        HEAD "\"file\":\"../a.gguf\"}]}",
        HEAD "\"file\":\"x/a.gguf\"}]}",
        HEAD "\"file\":\".a\"}]}",
        "{\"models\":[{\"name\":\"a\",\"file\":\"a.gguf\",\"bytes\":5,\"sha256\":\"12\"}]}",
        "{\"models\":[{\"name\":\"a\",\"file\":\"a.gguf\",\"bytes\":0,\"sha256\":\"" SHA "\"}]}",
        HEAD "\"file\":\"a.gguf\",\"sources\":[{\"kind\":\"torrent\"}]}]}",
        HEAD "\"file\":\"a.gguf\",\"sources\":[{\"kind\":\"pypi\",\"parts\":[{\"package\":\"p\"}]}]}]}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct models *m = (struct models *)1;
        anima_error err = { 0 };
        assert_int_equal(open_with(*state, bad[i], &m, &err), ANIMA_E_INVALID);
        assert_null(m);
        assert_non_null(strstr(err.message, "models.json"));
    }
}

static void the_real_catalogue_is_whole(void **state)
{
    char *share = fs_share_dir();
    const struct places *p = *state;
    struct models *m;
    anima_error err = { 0 };
    assert_int_equal(models_open(share, p->cache, NULL, &m, &err), 0);
    const struct model *big = models_find(m, "qwen2.5-coder-1.5b"), *small = models_find(m, "smollm2-135m");
    const struct model *embed = models_find(m, "e5-small");
    assert_true(big && small && embed);
    assert_string_equal(big->driver, "llm_llama");
    assert_string_equal(embed->driver, "embed_e5");
    assert_int_equal(big->sources[0].n_parts, 22);
    for (size_t i = 0; models_at(m, i); i++) {
        assert_true(*models_at(m, i)->licence && *models_at(m, i)->about);
        assert_true(models_at(m, i)->n_sources > 0);
    }
    models_close(m);
    mem_free(share);
}

/* ---- names ---- */

static void own_models_win(void **state)
{
    const struct places *p = *state;
    struct models *m;
    anima_error err;
    struct engine_spec spec;
    assert_int_equal(open_with(*state, HEAD "\"file\":\"a.gguf\"}]}", &m, &err), 0);
    assert_int_equal(models_resolve(m, "a", &spec, &err), ANIMA_E_MODEL);
    assert_non_null(strstr(err.message, "anima models fetch a"));
    assert_int_equal(models_add_own(m, "a", "driver", "openai", &err), 0);
    assert_int_equal(models_add_own(m, "a", "base_url", "http://h/v1", &err), 0);
    assert_int_equal(models_add_own(m, "a", "model", "far", &err), 0);
    assert_int_equal(models_add_own(m, "a", "driver", "magic", &err), ANIMA_E_INVALID);
    assert_int_equal(models_add_own(m, "a", "colour", "red", &err), ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "colour"));
    assert_int_equal(models_resolve(m, "a", &spec, &err), 0);
    assert_string_equal(spec.driver, "openai");
    assert_string_equal(spec.model, "far");
    yyjson_doc *doc;
    assert_int_equal(json_parse(spec.options, strlen(spec.options), 65536, "options", &doc, &err), 0);
    assert_string_equal(json_str(yyjson_doc_get_root(doc), "base_url", ""), "http://h/v1");
    yyjson_doc_free(doc);
    engine_spec_finish(&spec);
    assert_int_equal(models_resolve(m, "script:/x/y", &spec, &err), 0);
    assert_string_equal(spec.driver, "script");
    assert_string_equal(spec.model, "/x/y");
    engine_spec_finish(&spec);
    assert_int_equal(models_resolve(m, "nobody", &spec, &err), ANIMA_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "anima models"));
    assert_int_equal(models_resolve(m, "/x/y.gguf", &spec, &err), ANIMA_E_NOT_FOUND); /* no llama.cpp in this cache */
    assert_non_null(strstr(err.message, "llama.cpp"));
    assert_string_equal(models_cache(m), p->cache);
    models_close(m);
}

/* An embedding model runs beside, and its engine is told what the file's sha256 has to be. */
static void an_embedding_model(void **state)
{
    const struct places *p = *state;
    struct models *m;
    anima_error err;
    struct engine_spec spec;
    yyjson_doc *doc;
    assert_int_equal(open_with(*state, HEAD "\"file\":\"a.bin\",\"driver\":\"embed_e5\"}]}", &m, &err), 0);
    write_file(p->cache, "models/a.bin", "12345", 5);
    assert_int_equal(models_resolve(m, "a", &spec, &err), 0);
    assert_string_equal(spec.driver, "embed_e5");
    assert_true(spec.beside);
    assert_int_equal(json_parse(spec.options, strlen(spec.options), 65536, "options", &doc, &err), 0);
    assert_string_equal(json_str(yyjson_doc_get_root(doc), "sha256", ""), SHA);
    yyjson_doc_free(doc);
    engine_spec_finish(&spec);
    assert_int_equal(models_resolve(m, "script:/x/y", &spec, &err), 0);
    assert_false(spec.beside);
    engine_spec_finish(&spec);
    models_close(m);
}

static void presence_is_the_whole_size(void **state)
{
    const struct places *p = *state;
    struct models *m;
    anima_error err;
    assert_int_equal(open_with(*state, HEAD "\"file\":\"a.gguf\"}]}", &m, &err), 0);
    write_file(p->cache, "models/a.gguf", "1234", 4);
    assert_false(model_present(models_find(m, "a")));
    write_file(p->cache, "models/a.gguf", "12345", 5);
    assert_true(model_present(models_find(m, "a")));
    assert_int_equal(fetch_verify(models_find(m, "a")->file, SHA, NULL, NULL, &err), ANIMA_E_MODEL);
    assert_int_equal(fetch_verify(models_find(m, "a")->file,
                                  "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5", NULL, NULL, &err),
                     0);
    models_close(m);
}

static int stop_at_once(void *ctx, const struct fetch_progress *progress)
{
    (void)progress;
    ++*(int *)ctx;
    return 1;
}

static void hashing_can_be_stopped(void **state)
{
    const struct places *p = *state;
    char *path = fs_join(p->cache, "big", (char *)NULL), *data = mem_zero(3, 1u << 20), sum[65];
    int calls = 0;
    anima_error err;
    write_file(p->cache, "big", data, 3u << 20);
    assert_int_equal(fetch_sha256(path, sum, stop_at_once, &calls, &err), ANIMA_E_CANCELLED);
    assert_int_equal(calls, 1);
    mem_free(data);
    mem_free(path);
}

/* ---- archives ---- */

static void put(struct buf *b, uint32_t x, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        char c = (char)(x >> (8 * i));
        buf_append(b, &c, 1);
    }
}

/* An archive of one stored member "m" with the bytes "hello". */
static void make_zip(struct buf *b)
{
    buf_init(b, 4096);
    buf_puts(b, "PK\3\4");
    put(b, 20, 2), put(b, 0, 2), put(b, 0, 2), put(b, 0, 4), put(b, 0, 4), put(b, 5, 4), put(b, 5, 4);
    put(b, 1, 2), put(b, 0, 2);
    buf_puts(b, "mhello");
    uint32_t directory = (uint32_t)b->len;
    buf_puts(b, "PK\1\2");
    put(b, 20, 2), put(b, 20, 2), put(b, 0, 2), put(b, 0, 2), put(b, 0, 4), put(b, 0, 4), put(b, 5, 4), put(b, 5, 4);
    put(b, 1, 2), put(b, 0, 2), put(b, 0, 2), put(b, 0, 2), put(b, 0, 2), put(b, 0, 4), put(b, 0, 4);
    buf_puts(b, "m");
    uint32_t size = (uint32_t)b->len - directory;
    buf_puts(b, "PK\5\6");
    put(b, 0, 4), put(b, 1, 2), put(b, 1, 2), put(b, size, 4), put(b, directory, 4), put(b, 0, 2);
    assert_int_equal(b->failed, 0);
}

/* Looks for "m" in a copy of exactly n bytes, so that a sanitizer sees every step too far. */
static int find_in(const void *data, size_t n, size_t *packed)
{
    unsigned char *copy = malloc(n ? n : 1);
    const unsigned char *member = NULL;
    uint64_t size = 0;
    bool deflated;
    anima_error err;
    *packed = 0;
    memcpy(copy, data, n);
    int rc = zip_find(copy, n, "m", &member, packed, &size, &deflated, &err);
    if (rc == 0) {
        assert_true(member >= copy && *packed <= n && member + *packed <= copy + n);
        for (size_t i = 0; i < *packed; i++)
            rc += member[i] & 0; /* touches all of it */
    }
    free(copy);
    return rc;
}

static void finds_a_member(void **state)
{
    (void)state;
    struct buf b;
    size_t packed;
    make_zip(&b);
    assert_int_equal(find_in(b.data, b.len, &packed), 0);
    assert_int_equal(packed, 5);
    anima_error err;
    const unsigned char *member;
    uint64_t size;
    bool deflated;
    assert_int_equal(zip_find((unsigned char *)b.data, b.len, "n", &member, &packed, &size, &deflated, &err),
                     ANIMA_E_INVALID);
    assert_non_null(strstr(err.message, "has no n"));
    buf_finish(&b);
}

static void damaged_archives_do_no_harm(void **state)
{
    (void)state;
    struct buf b;
    size_t packed;
    make_zip(&b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(find_in(b.data, n, &packed), ANIMA_E_INVALID); /* cut off anywhere */
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 51) { /* any byte changed: found within bounds, or refused */
            char kept = b.data[i];
            b.data[i] = (char)v;
            int rc = find_in(b.data, b.len, &packed);
            assert_true(rc == 0 || rc == ANIMA_E_INVALID);
            b.data[i] = kept;
        }
    buf_finish(&b);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(reads_the_catalogue),
        T(refuses_bad_catalogues),
        T(the_real_catalogue_is_whole),
        T(own_models_win),
        T(an_embedding_model),
        T(presence_is_the_whole_size),
        T(hashing_can_be_stopped),
        cmocka_unit_test(finds_a_member),
        cmocka_unit_test(damaged_archives_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
