/* The text of streams (stream.c), and their KV caches as files and slices (kv_file.c, kv_slice.c), without a model. */
#include "base/fs.h"
#include "base/mem.h"
#include "host/kv_file.h"
#include "host/kv_slice.h"
#include "host/stream.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- text ---- */

static struct request *frame(const char *stream, int keep, const char *messages)
{
    char head[2048];
    struct request *r;
    snprintf(head, sizeof(head), "{\"type\":\"read\",\"id\":1,\"stream\":\"%s\",\"keep\":%d,\"messages\":[%s]}", stream,
             keep, messages);
    assert_int_equal(request_parse(head, strlen(head), &r, NULL), 0);
    return r;
}

#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"

static int join(struct streams *all, const char *stream, int keep, const char *messages, const char *expect)
{
    char got[512] = "";
    anima_error err;
    struct request *r = frame(stream, keep, messages);
    int rc = streams_join(all, r, &err);
    for (size_t i = 0; i < r->n_messages && !rc; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s|", r->messages[i].text);
    if (!rc)
        assert_string_equal(got, expect);
    request_free(r);
    return rc;
}

static void test_join(void **state)
{
    (void)state;
    struct streams *all = streams_create();
    assert_int_equal(join(all, "a", 0, USER("one") "," USER("two"), "one|two|"), 0);
    assert_int_equal(join(all, "a", 2, USER("three"), "one|two|three|"), 0);
    assert_int_equal(join(all, "a", 1, USER("2") "," USER("3"), "one|2|3|"), 0);
    assert_int_equal(join(all, "a", 2, "", "one|2|"), 0);
    assert_int_equal(join(all, "a", 3, USER("x"), ""), ANIMA_E_CONFLICT);
    assert_int_equal(join(all, "b", 1, USER("x"), ""), ANIMA_E_CONFLICT);
    assert_int_equal(join(all, "", 0, USER("alone"), "alone|"), 0);
    assert_int_equal(join(all, "c", 0, "", ""), ANIMA_E_INVALID);
    assert_int_equal(join(all, "ab", 0, USER("other"), "other|"), 0);
    streams_drop(all, "ab");
    assert_int_equal(join(all, "ab", 1, USER("x"), ""), ANIMA_E_CONFLICT);
    assert_int_equal(join(all, "a", 2, USER("3"), "one|2|3|"), 0);
    streams_drop(all, "a");
    assert_int_equal(join(all, "a", 1, USER("x"), ""), ANIMA_E_CONFLICT);
    streams_destroy(all);
}

/* The one that was not used longest is forgotten, and said to be. */
static void test_many(void **state)
{
    (void)state;
    char name[32];
    struct streams *all = streams_create();
    for (int i = 0; i < STREAMS_MAX + 10; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        assert_int_equal(join(all, name, 0, USER("x"), "x|"), 0);
        assert_int_equal(join(all, "s0", 1, "", "x|"), 0);
    }
    assert_int_equal(join(all, "s1", 1, USER("y"), ""), ANIMA_E_CONFLICT);
    assert_int_equal(join(all, "s0", 1, USER("y"), "x|y|"), 0);
    streams_destroy(all);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(request_stream_valid("c-abc-zh_2"));
    assert_false(request_stream_valid(""));
    assert_false(request_stream_valid("a/b"));
    assert_false(request_stream_valid("a.b"));
    assert_false(request_stream_valid("0123456789012345678901234567890123456789012345678901234567890123"));
    struct request *r;
    const char *bad = "{\"type\":\"generate\",\"id\":1,\"stream\":\"../x\",\"messages\":[" USER("a") "]}";
    assert_int_equal(request_parse(bad, strlen(bad), &r, NULL), ANIMA_E_INVALID);
}

/* ---- files ---- */

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "test-streams-%d", (int)getpid());
    return fs_mkdirs(folder, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* A piece whose tokens are its positions. */
static struct kv_piece piece_of(const char *stream, uint32_t serial, int p0, int p1)
{
    static int32_t tokens[64];
    for (int i = 0; i < p1 - p0; i++)
        tokens[i] = p0 + i;
    struct kv_piece piece = { .serial = serial, .p0 = p0, .p1 = p1, .adapter = 7, .before = 99, .tokens = tokens };
    snprintf(piece.stream, sizeof(piece.stream), "%s", stream);
    return piece;
}

static void write_piece(const struct kv_folder *f, const char *stream, uint32_t serial, int p0, int p1,
                        const char *data)
{
    struct kv_piece piece = piece_of(stream, serial, p0, p1);
    piece.bytes = strlen(data);
    assert_int_equal(kv_piece_write(f, &piece, data, NULL), 0);
}

static size_t listed(const struct kv_folder *f, struct kv_piece *first)
{
    struct kv_piece *all;
    size_t n;
    assert_int_equal(kv_piece_list(f, &all, &n, NULL), 0);
    if (n && first)
        *first = all[0];
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < all[i].p1 - all[i].p0; k++)
            assert_int_equal(all[i].tokens[k], all[i].p0 + k);
        mem_free(all[i].tokens);
    }
    mem_free(all);
    return n;
}

static bool reads_as(const struct kv_folder *f, struct kv_piece piece, const char *data)
{
    void *block;
    size_t bytes;
    if (kv_piece_read(f, &piece, 8, &block, &bytes, NULL))
        return false;
    bool same = bytes == strlen(data) && memcmp((char *)block + 8, data, bytes) == 0;
    mem_free(block);
    return same;
}

static bool reads(const struct kv_folder *f, const char *stream, uint32_t serial, int p0, int p1, const char *data)
{
    return reads_as(f, piece_of(stream, serial, p0, p1), data);
}

static void test_pieces(void **state)
{
    (void)state;
    struct kv_folder f, other;
    struct kv_piece first;
    assert_int_equal(kv_folder_open(folder, 0x1234, &f, NULL), 0);
    assert_int_equal(kv_folder_open(folder, 0x9999, &other, NULL), 0);
    write_piece(&f, "b", 7, 10, 20, "ten to twenty");
    write_piece(&f, "a", 2, 5, 9, "later");
    write_piece(&f, "a", 1, 0, 5, "first");
    assert_int_equal(listed(&f, &first), 3);
    assert_string_equal(first.stream, "a");
    assert_true(first.serial == 1 && first.p0 == 0 && first.p1 == 5 && first.before == 99 && first.bytes == 5);
    assert_int_equal(listed(&other, NULL), 0); /* another model's */
    assert_true(reads(&f, "b", 7, 10, 20, "ten to twenty"));
    assert_false(reads(&other, "b", 7, 10, 20, "ten to twenty"));
    assert_int_equal(kv_piece_link(&f, "b", 7, "c", 1, NULL), 0);
    kv_piece_remove(&f, "b", 7);
    assert_false(reads(&f, "b", 7, 10, 20, ""));
    assert_true(reads(&f, "c", 1, 10, 20, "ten to twenty"));
    assert_true(kv_folder_trim(&f, 1u << 30) > 0);
    assert_int_equal(listed(&f, NULL), 3);
    assert_int_equal(kv_folder_trim(&f, 0), 0);
    assert_int_equal(listed(&f, NULL), 0);
    kv_folder_close(&f);
    kv_folder_close(&other);
}

/* Whatever byte is wrong: it is not taken for good. */
static void test_damage(void **state)
{
    (void)state;
    struct kv_folder f;
    char path[160];
    assert_int_equal(kv_folder_open(folder, 0x1234, &f, NULL), 0);
    snprintf(path, sizeof(path), "%s/0000000000001234.d.1.kv", folder);
    write_piece(&f, "d", 1, 0, 3, "data");
    const int size = 56 + 12 + 8 + 4; /* the head, three tokens, its hash, the data */
    for (int at = 0; at < size; at++) {
        write_piece(&f, "d", 1, 0, 3, "data");
        int fd = open(path, O_RDWR | O_CLOEXEC);
        char byte;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x10;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        assert_false(reads(&f, "d", 1, 0, 3, "data"));
        assert_int_equal(listed(&f, NULL), at < size - 4 ? 0 : 1); /* one with a damaged head is removed */
    }
    for (int length = 0; length < size; length++) {
        write_piece(&f, "d", 1, 0, 3, "data");
        assert_int_equal(truncate(path, length), 0);
        assert_false(reads(&f, "d", 1, 0, 3, "data"));
        assert_int_equal(listed(&f, NULL), 0);
    }
    write_piece(&f, "d", 1, 0, 3, "data");
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_false(reads(&f, "d", 1, 0, 3, "data"));
    assert_int_equal(listed(&f, NULL), 0);
    kv_folder_close(&f);
    assert_int_equal(kv_folder_open("no-such-folder", 1, &f, NULL), ANIMA_E_NOT_FOUND);
    assert_int_equal(kv_folder_open("", 1, &f, NULL), 0);
    kv_folder_close(&f);
}

/* A file that is whole, but not what the stream has: another engine wrote it, or it has another's name. */
static void test_other_content(void **state)
{
    (void)state;
    struct kv_folder f;
    int32_t others[] = { 0, 1, 3 };
    assert_int_equal(kv_folder_open(folder, 0x1234, &f, NULL), 0);
    write_piece(&f, "e", 1, 0, 3, "data");
    struct kv_piece right = piece_of("e", 1, 0, 3), wrong[] = { right, right, right, right, right };
    wrong[0].adapter = 8;
    wrong[1].before = 98;
    wrong[2].tokens = others;
    wrong[3].p1 = 2;
    wrong[4].p0 = 1;
    assert_true(reads_as(&f, right, "data"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(reads_as(&f, wrong[i], "data"));
    write_piece(&f, "e", 2, 3, 6, "more");
    assert_int_equal(renameat(f.fd, "0000000000001234.e.2.kv", f.fd, "0000000000001234.e.1.kv"), 0);
    assert_false(reads_as(&f, right, "data"));
    kv_piece_remove(&f, "e", 1);
    kv_folder_close(&f);
}

/* What else may lie in the folder: it is not waited for, not followed, not taken for ours. */
static void test_foreign(void **state)
{
    (void)state;
    struct kv_folder f;
    struct kv_piece first;
    static const char *const names[] = {
        "0000000000001234.x.01.kv",         "0000000000001234.x.0.kv",   "0000000000001234.x.4294967295.kv",
        "0000000000001234.x.4294967297.kv", "0000000000001234.x y.1.kv", "0000000000001234.x.1.kv.old",
        "0000000000001234..1.kv",           "0000000000001234.kv",       "readme"
    };
    assert_int_equal(kv_folder_open(folder, 0x1234, &f, NULL), 0);
    write_piece(&f, "x", 5, 0, 3, "data");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(linkat(f.fd, "0000000000001234.x.5.kv", f.fd, names[i], 0), 0);
    assert_int_equal(mkfifoat(f.fd, "0000000000001234.fifo.1.kv", 0600), 0);
    assert_int_equal(mkdirat(f.fd, "0000000000001234.folder.1.kv", 0700), 0);
    assert_int_equal(symlinkat("0000000000001234.x.5.kv", f.fd, "0000000000001234.link.1.kv"), 0);
    assert_int_equal(linkat(f.fd, "0000000000001234.x.5.kv", f.fd, "0000000000001234.x.9.kv.new", 0), 0);
    assert_int_equal(listed(&f, &first), 1);
    assert_true(first.serial == 5);
    assert_int_equal(faccessat(f.fd, "0000000000001234.x.9.kv.new", F_OK, 0), -1); /* what an engine did not finish */
    assert_int_equal(faccessat(f.fd, "readme", F_OK, 0), 0);
    assert_int_equal(unlinkat(f.fd, "0000000000001234.folder.1.kv", AT_REMOVEDIR), 0);
    /* A link in the place of a file that is to be written is not followed. */
    assert_int_equal(symlinkat("readme", f.fd, "0000000000001234.y.1.kv.new"), 0);
    struct kv_piece piece = piece_of("y", 1, 0, 3);
    piece.bytes = 4;
    assert_int_equal(kv_piece_write(&f, &piece, "data", NULL), 0);
    struct stat there, made;
    assert_int_equal(fstatat(f.fd, "readme", &there, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(fstatat(f.fd, "0000000000001234.y.1.kv", &made, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(made.st_mode) && made.st_ino != there.st_ino);
    kv_folder_close(&f);
}

/* ---- slices ---- */

struct bytes {
    unsigned char data[1024];
    size_t n;
};

static void put(struct bytes *b, const void *data, size_t n)
{
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void put_u32(struct bytes *b, uint32_t x) { put(b, &x, sizeof(x)); }

/* What llama_state_seq_get_data gives for these positions: two layers, rows of 2 bytes that tell the position. */
static struct bytes state_of(const int *positions, int n)
{
    struct bytes b = { .n = 0 };
    put_u32(&b, 0x12345678);
    put_u32(&b, 3);
    put_u32(&b, 1);
    put_u32(&b, (uint32_t)n);
    for (int i = 0; i < n; i++) {
        put_u32(&b, (uint32_t)positions[i]);
        put_u32(&b, 1);
        put_u32(&b, 3);
    }
    put_u32(&b, 0);
    put_u32(&b, 2);
    for (int layer = 0; layer < 4; layer++) {
        uint64_t row = 2;
        put_u32(&b, 1);
        put(&b, &row, sizeof(row));
        for (int i = 0; i < n; i++) {
            unsigned char cell[2] = { (unsigned char)positions[i], (unsigned char)layer };
            put(&b, cell, 2);
        }
    }
    return b;
}

static void test_slice(void **state)
{
    (void)state;
    static const int all[] = { 4, 0, 1, 5, 2, 3 }, few[] = { 0, 1, 2 };
    struct bytes whole = state_of(all, 6), want = state_of(few, 3);
    size_t n;
    void *slice = kv_slice(whole.data, whole.n, 3, &n);
    assert_non_null(slice);
    assert_int_equal(n, want.n);
    assert_memory_equal(slice, want.data, n);
    mem_free(slice);
    assert_null(kv_slice(whole.data, whole.n, 0, &n));
    for (size_t cut = 0; cut < whole.n; cut++)
        assert_null(kv_slice(whole.data, cut, 3, &n));
    struct bytes longer = whole;
    put_u32(&longer, 0);
    assert_null(kv_slice(longer.data, longer.n, 3, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),    cmocka_unit_test(test_many),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_pieces),  cmocka_unit_test(test_damage), cmocka_unit_test(test_other_content),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_slice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
