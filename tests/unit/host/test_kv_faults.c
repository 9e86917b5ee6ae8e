/* kv.c when files are damaged, the disk is full or missing, and budgets are zero: what is wrong is never used, it is said, and
 * it is computed again. ANIMA_TEST_MODEL: a GGUF file; skipped without it. */
#include "base/clock.h"
#include "base/mem.h"
#include "kv_kit.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define HEAD 56  /* bytes in front of the tokens: kv_file.h */
#define FIRST 96 /* tokens of the stream's two pieces */
#define BOTH 112
#define WANTED 120

/* ---- the log ---- */

static int own_stderr = -1, log_fd = -1;

static void begin_log(void)
{
    FILE *f = tmpfile();
    own_stderr = dup(STDERR_FILENO);
    log_fd = dup(fileno(f));
    fclose(f);
    dup2(log_fd, STDERR_FILENO);
}

/* Ends it too: how many lines hold that text. */
static int logged(const char *text)
{
    static char all[1 << 16];
    ssize_t n = pread(log_fd, all, sizeof(all) - 1, 0);
    int lines = 0;
    all[n > 0 ? n : 0] = 0;
    for (const char *at = all; (at = strstr(at, text)); at++)
        lines++;
    dup2(own_stderr, STDERR_FILENO);
    close(own_stderr);
    close(log_fd);
    return lines;
}

/* ---- a stream of two pieces, as files in memory ---- */

struct file {
    char name[96];
    char *data;
    size_t n;
};

static struct file pieces[2], foreign;
static llama_token wanted[WANTED];
static float *right; /* the logits behind all wanted tokens */

static int files(void)
{
    DIR *dir = opendir(kit.folder);
    int n = 0;
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void clear(void)
{
    DIR *dir = opendir(kit.folder);
    for (struct dirent *e; (e = readdir(dir));)
        unlinkat(dirfd(dir), e->d_name, 0);
    closedir(dir);
}

static void path_of(const char *name, char out[192]) { snprintf(out, 192, "%s/%s", kit.folder, name); }

static void put_file(const char *name, const void *data, size_t n)
{
    char path[192];
    path_of(name, path);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

static void get_file(const char *stream, int serial, struct file *out)
{
    char path[192];
    snprintf(out->name, sizeof(out->name), "%016x.%s.%d.kv", 42, stream, serial);
    path_of(out->name, path);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    out->n = (size_t)ftell(f);
    out->data = malloc(out->n);
    rewind(f);
    assert_int_equal(fread(out->data, 1, out->n, f), out->n);
    fclose(f);
}

static double distance(const float *logits)
{
    double sum = 0;
    for (int i = 0; i < kit.vocab; i++)
        sum += pow((double)logits[i] - (double)right[i], 2);
    return sqrt(sum / kit.vocab);
}

/* Makes them once. */
static void need_files(void)
{
    if (!kit.model)
        skip();
    if (right)
        return;
    llama_token others[FIRST];
    kit_tokens(wanted, WANTED, 5);
    kit_tokens(others, FIRST, 6);
    struct kv *kv = kit_start(kit.folder, 1024, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "fault");
    kit_feed(kv, s, wanted, FIRST);
    kit_write(kv);
    kit_feed(kv, s, wanted, BOTH);
    kit_write(kv);
    float *after_others = malloc((size_t)kit.vocab * sizeof(float));
    memcpy(after_others, kit_feed(kv, kv_stream(kv, "other"), others, FIRST), (size_t)kit.vocab * sizeof(float));
    kit_write(kv);
    get_file("fault", 1, &pieces[0]);
    get_file("fault", 2, &pieces[1]);
    get_file("other", 1, &foreign);
    const float *logits = kit_feed(kv, s, wanted, WANTED);
    right = malloc((size_t)kit.vocab * sizeof(float));
    memcpy(right, logits, (size_t)kit.vocab * sizeof(float));
    assert_true(distance(after_others) > 1.5);
    free(after_others);
    kit_stop(kv);
    clear();
}

/* Equal but for what batches of another shape change in such a text of random tokens: 0.2 to 0.5 here. After other tokens it is
 * more than 1.5: need_files looks. */
static void assert_right(const float *logits)
{
    if (distance(logits) > 0.9)
        fail_msg("logits differ by %f", distance(logits));
}

enum when { AT_REST, RUNNING };

/* With the pieces as they are and one changed, before an engine starts or while it runs: how many tokens it takes for good. Their
 * answer is right in any case, and what is wrong is said. */
static int taken(enum when when, int which, const void *data, size_t n)
{
    clear();
    for (int i = 0; i < 2; i++)
        put_file(pieces[i].name, pieces[i].data, pieces[i].n);
    begin_log();
    struct kv *kv = when == AT_REST ? NULL : kit_start(kit.folder, 1024, 1u << 30);
    if (data)
        put_file(pieces[which].name, data, n);
    if (!kv)
        kv = kit_start(kit.folder, 1024, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "fault");
    assert_int_equal(kv_seat(kv, s, 0, wanted, WANTED, WANTED, NULL), 0);
    int k = s->n;
    kv_rest(kv, s);
    assert_right(kit_feed(kv, s, wanted, WANTED));
    kit_stop(kv);
    int lines = logged("again");
    assert_true(data ? lines > 0 : lines == 0);
    return k;
}

static void test_flipped(void **state)
{
    (void)state;
    need_files();
    assert_int_equal(taken(AT_REST, 0, NULL, 0), BOTH);
    for (int which = 0; which < 2; which++) {
        const struct file *f = &pieces[which];
        size_t tokens = which ? BOTH - FIRST : FIRST, behind = HEAD + 4 * tokens;
        /* magic, identity, adapter, before, hash and size of the data, p0, p1, tokens, hash of the head, data */
        const size_t places[] = {
            0,       8, 16, 24, 32, 40, 48, 52, HEAD, HEAD + 2 * tokens, behind - 1, behind, behind + 8, behind + 9000,
            f->n - 1
        };
        char *copy = malloc(f->n);
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
            for (int when = AT_REST; when <= RUNNING; when++) {
                memcpy(copy, f->data, f->n);
                copy[places[i]] ^= 0x04;
                assert_int_equal(taken((enum when)when, which, copy, f->n), which ? FIRST : 0);
            }
        free(copy);
    }
}

static void test_other_files(void **state)
{
    (void)state;
    need_files();
    char *noise = malloc(pieces[1].n);
    for (size_t i = 0; i < pieces[1].n; i++)
        noise[i] = (char)(i * 2654435761u >> 13);
    for (int when = AT_REST; when <= RUNNING; when++)
        for (int which = 0; which < 2; which++) {
            const struct file *f = &pieces[which];
            int rest = which ? FIRST : 0;
            const size_t cuts[] = { 0, 7, HEAD - 1, HEAD, HEAD + 5, f->n / 2, f->n - 1 };
            for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
                assert_int_equal(taken((enum when)when, which, f->data, cuts[i]), rest);
            assert_int_equal(taken((enum when)when, which, noise, pieces[1].n), rest);
        }
    /* Another piece under the name: it is whole, but not of these tokens. At rest its tokens are taken for the stream's, which is
     * right, and they are not the wanted ones. */
    assert_int_equal(taken(RUNNING, 0, foreign.data, foreign.n), 0);
    assert_int_equal(taken(RUNNING, 1, foreign.data, foreign.n), FIRST);
    assert_int_equal(taken(RUNNING, 0, pieces[1].data, pieces[1].n), 0);
    assert_int_equal(taken(RUNNING, 1, pieces[0].data, pieces[0].n), FIRST);
    free(noise);
}

/* One that begins like a damaged one: neither believes it. */
static void test_damaged_donor(void **state)
{
    (void)state;
    need_files();
    for (int named = 0; named < 2; named++) {
        clear();
        put_file(pieces[0].name, pieces[0].data, pieces[0].n);
        begin_log();
        struct kv *kv = kit_start(kit.folder, 1024, 1u << 30);
        char *copy = malloc(pieces[0].n);
        memcpy(copy, pieces[0].data, pieces[0].n);
        copy[pieces[0].n - 100] ^= 1;
        put_file(pieces[0].name, copy, pieces[0].n);
        free(copy);
        assert_right(kit_feed(kv, kv_stream(kv, named ? "like" : ""), wanted, WANTED));
        assert_right(kit_feed(kv, kv_stream(kv, "fault"), wanted, WANTED));
        kit_stop(kv);
        assert_true(logged("again") > 0);
    }
    clear();
}

/* ---- the disk ---- */

static void limit_files(rlim_t bytes)
{
    struct rlimit now;
    getrlimit(RLIMIT_FSIZE, &now);
    now.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}

static void test_disk_full(void **state)
{
    (void)state;
    need_files();
    signal(SIGXFSZ, SIG_IGN);
    clear();
    begin_log();
    clock_fake(0, 1000000);
    limit_files(16384);
    struct kv *kv = kit_start(kit.folder, 1024, 1u << 30);
    struct kv_stream *s = kv_stream(kv, "full");
    kit_feed(kv, s, wanted, FIRST);
    kit_write(kv);
    assert_int_equal(files(), 0);
    assert_int_equal(kv_unseat(kv, s, NULL), 0);
    kit_feed(kv, s, wanted, BOTH); /* RAM has it */
    assert_int_equal(s->n, BOTH);
    clock_fake(0, 30000000); /* it tries again, and is full still */
    kit_write(kv);
    assert_int_equal(files(), 0);
    limit_files(RLIM_INFINITY);
    clock_fake(0, 60000000);
    kit_write(kv);
    assert_true(files() > 0);
    kit_stop(kv);
    clock_fake(-1, 0);
    assert_int_equal(logged("goes on without"), 1);
    kv = kit_start(kit.folder, 1024, 1u << 30);
    assert_int_equal(kv_stream(kv, "full")->n, BOTH);
    kv_drop_all(kv, "full");
    kit_stop(kv);
}

/* Neither RAM nor disk: what leaves the cells is gone, nothing spins, and answers are right. */
static void test_nothing_to_keep_in(void **state)
{
    (void)state;
    need_files();
    clear();
    begin_log();
    limit_files(16384);
    llama_token others[150];
    kit_tokens(others, 150, 9);
    struct kv *kv = kit_start(kit.folder, 256, 0);
    kit_feed(kv, kv_stream(kv, "a"), wanted, BOTH);
    kit_write(kv);
    kit_feed(kv, kv_stream(kv, "b"), others, 150);
    kit_write(kv);
    assert_int_equal(kv_stream(kv, "a")->n, 0);
    assert_right(kit_feed(kv, kv_stream(kv, "a"), wanted, WANTED));
    kit_write(kv);
    struct kv_stats stats;
    kv_statistics(kv, &stats);
    assert_int_equal(stats.ram_bytes, 0);
    limit_files(RLIM_INFINITY);
    kit_stop(kv);
    assert_int_equal(logged("goes on without"), 1);
    clear();
}

/* No RAM: all of it comes from the disk. */
static void test_no_ram(void **state)
{
    (void)state;
    need_files();
    llama_token others[150];
    kit_tokens(others, 150, 9);
    struct kv *kv = kit_start(kit.folder, 256, 0);
    struct kv_stats stats;
    for (int turn = 0; turn < 2; turn++) {
        struct kv_stream *a = kv_stream(kv, "a"), *b = kv_stream(kv, "b");
        assert_int_equal(a->n, turn ? BOTH : 0);
        kit_feed(kv, a, wanted, BOTH);
        assert_int_equal(b->n, turn ? 150 : 0);
        kit_feed(kv, b, others, 150);
        kit_write(kv);
        kv_statistics(kv, &stats);
        assert_int_equal(stats.ram_bytes, 0);
    }
    assert_right(kit_feed(kv, kv_stream(kv, "a"), wanted, WANTED));
    assert_true(stats.written_bytes > 0 && stats.restored > 0);
    kv_drop_all(kv, "a");
    kv_drop_all(kv, "b");
    kit_stop(kv);
    assert_int_equal(files(), 0);
}

static void test_no_disk(void **state)
{
    (void)state;
    need_files();
    /* Budget 0: what earlier runs left goes, nothing comes. */
    clear();
    put_file(pieces[0].name, pieces[0].data, pieces[0].n);
    const struct kv_config none = { kit.folder, 42, 1024, KIT_SEATS, 1u << 30, 0 };
    struct kv *kv = kit_start_as(&none);
    assert_int_equal(files(), 0);
    assert_right(kit_feed(kv, kv_stream(kv, "fault"), wanted, WANTED));
    kit_write(kv);
    assert_int_equal(files(), 0);
    kit_stop(kv);
    /* A folder that is not there, one in which nothing can be written, and a file. */
    static const char *const folders[] = { "no-such-folder", "/proc/self", "/proc/self/status" };
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        begin_log();
        kv = kit_start(folders[i], 1024, 1u << 30);
        assert_right(kit_feed(kv, kv_stream(kv, "fault"), wanted, WANTED));
        kit_write(kv);
        kit_stop(kv);
        assert_int_equal(logged("goes on without"), 1);
    }
}

/* ---- memory ---- */

/* Two streams with one beginning take turns in few cells, by RAM and by the disk; what fails may cost time only. */
static void live_with_little(struct kv *kv)
{
    llama_token others[44];
    memcpy(others, wanted, sizeof(others));
    others[36] = others[37];
    for (int turn = 0; turn < 2; turn++) {
        struct kv_stream *a = kv_stream(kv, "a"), *b = a ? kv_stream(kv, "b") : NULL;
        if (!b || kit_try_feed(kv, a, wanted, 40 + turn, NULL) || kit_try_feed(kv, b, others, 40 + turn, NULL))
            return;
        kv_unseat(kv, turn ? b : a, NULL);
        kit_write(kv);
    }
}

/* The n-th allocation fails, or all from the n-th on. */
static void test_no_memory(void **state)
{
    (void)state;
    need_files();
    clear();
    begin_log();
    for (int for_good = 0; for_good < 2; for_good++)
        for (long n = 1, made = 1; made >= n - 1; n++) { /* the last run makes fewer */
            const struct kv_config config = { kit.folder, 42, 128, KIT_SEATS, 1u << 20, 1u << 30 };
            struct kv *kv;
            kit_context(config.cells, config.seats);
            mem_fail_at(n, for_good);
            int rc = kv_create(kit.context, kit.model, &config, &kv, NULL);
            if (!rc)
                live_with_little(kv);
            made = mem_count();
            mem_fail_at(0, 0);
            if (!rc)
                assert_right(kit_feed(kv, kv_stream(kv, "a"), wanted, WANTED));
            kit_stop(kv);
        }
    assert_true(logged("again") > 0);
    clear();
}

/* ---- cells and seats ---- */

/* A copy of which only the beginning is wanted comes back where the whole would find no cells. */
static void test_cut_in_few_cells(void **state)
{
    (void)state;
    need_files();
    llama_token a[450], b[200];
    kit_tokens(a, 450, 1);
    kit_tokens(b, 200, 2);
    struct kv *kv = kit_start("", 512, 1u << 30);
    struct kv_stream *one = kv_stream(kv, "one"), *two = kv_stream(kv, "two");
    kit_feed(kv, one, a, 450);
    assert_int_equal(kv_unseat(kv, one, NULL), 0);
    kit_feed(kv, two, b, 200);
    assert_int_equal(kv_seat(kv, two, 0, b, 200, 300, NULL), 0); /* at work: it is not moved */
    assert_int_equal(kv_seat(kv, one, 0, a, 150, 150, NULL), 0);
    assert_int_equal(one->n, 149);
    kv_rest(kv, one);
    kv_rest(kv, two);
    kit_stop(kv);
}

/* As many seats as libllama has, and more streams than seats. */
static void test_more_streams_than_seats(void **state)
{
    (void)state;
    need_files();
    enum { STREAMS = 300, TOKENS = 20 };
    const struct kv_config config = { "", 42, 8192, (int)llama_max_parallel_sequences() - 1, 1u << 30, 0 };
    llama_token tokens[TOKENS + 4];
    struct kv *kv = kit_start_as(&config);
    struct kv_stats stats;
    char name[16];
    for (int turn = 0; turn < 2; turn++)
        for (int who = 0; who < STREAMS; who++) {
            snprintf(name, sizeof(name), "s%d", who);
            kit_tokens(tokens, TOKENS + 4, 100 + who);
            struct kv_stream *s = kv_stream(kv, name);
            assert_int_equal(s->n, turn ? TOKENS : 0);
            kit_feed(kv, s, tokens, TOKENS + 4 * turn);
        }
    kv_statistics(kv, &stats);
    assert_int_equal(stats.streams, STREAMS);
    assert_int_equal(stats.seated, 1); /* those at rest leave */
    assert_true(stats.evicted >= STREAMS && stats.damaged == 0);
    for (int who = 0; who <= config.seats; who++) { /* all at work at once: there is a seat for all but the last */
        snprintf(name, sizeof(name), "s%d", who);
        kit_tokens(tokens, TOKENS, 100 + who);
        assert_int_equal(kv_seat(kv, kv_stream(kv, name), 0, tokens, TOKENS, TOKENS, NULL),
                         who < config.seats ? ANIMA_OK : KV_WAIT);
    }
    kv_statistics(kv, &stats);
    assert_int_equal(stats.seated, config.seats);
    for (int who = 0; who < config.seats; who++) {
        snprintf(name, sizeof(name), "s%d", who);
        kv_rest(kv, kv_stream(kv, name));
    }
    kit_stop(kv);
}

/* Streams without number: those at rest for longest are forgotten, but none that somebody holds. */
static void test_too_many_streams(void **state)
{
    (void)state;
    need_files();
    struct kv *kv = kit_start("", 256, 1u << 30);
    struct kv_stream *held = kv_stream(kv, "held");
    struct kv_stats stats;
    char name[16];
    held->users++;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        assert_non_null(kv_stream(kv, name));
    }
    kv_statistics(kv, &stats);
    assert_int_equal(stats.streams, 4096);
    assert_ptr_equal(kv_stream(kv, "held"), held);
    held->users--;
    kit_stop(kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_damaged_donor),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_nothing_to_keep_in),
        cmocka_unit_test(test_no_ram),
        cmocka_unit_test(test_no_disk),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_cut_in_few_cells),
        cmocka_unit_test(test_more_streams_than_seats),
        cmocka_unit_test(test_too_many_streams),
    };
    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
