/* bench_kv_server.c — how soon a character answers, against llama.cpp's own server as it comes (its RAM cache of prompts, one
 * slot), on the same libraries, model, threads and context:
 *   a  conversations that take turns on the one slot
 *   b  the same conversations, after both servers were restarted
 *   c  hundreds of conversations of about a thousand tokens, more than fit into the RAM that both may use for them
 * Further: bytes written to keep a turn, against the whole state that its /slots?action=save writes. bench_talks.h says what
 * a conversation is on either side. One side has the machine for itself while it is measured. */
#include "cli/bench_kv_server.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/bench_talks.h"
#include "cli/progress.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_TALKS 8
#define CONTEXT 4096
#define REPLY_TOKENS 24
#define SHORT_REPLY 16
#define SENTENCE_TOKENS 17 /* of sentences() below, about */
#define MAX_TEXT 65536
#define SETTLED 50 /* tenths of a second without a change: everything that will be is on the disk */

struct versus {
    const struct bench_kv_server *config;
    struct bench_report *report;
    struct bench_talks talks;
    struct bench_side sides[2]; /* anima, llama.cpp's server */
    double *first[2];
    int n[2], prompt_tokens[2];
    double read_tokens[2]; /* of the turns that were measured, together */
    anima_error *err;
};

/* Keys of a row, and what it is held to. */
struct row {
    const char *ratio, *ours, *theirs, *ours_read, *theirs_read;
    double goal;
    bool at_p95; /* the ratio; else of the medians */
};

static const char *const names[2] = { "anima", "llama.cpp's server" };

/* ---- what is said ---- */

static unsigned next(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* n sentences that differ from conversation to conversation. */
static void sentences(char *out, size_t size, int n, unsigned who)
{
    static const char *const did[] = { "painted", "found",   "carried", "mended", "sold",   "forgot",
                                       "drew",    "dropped", "cleaned", "hid",    "bought", "counted" };
    static const char *const what[] = { "a blue kettle",    "an old map",  "two chairs", "the red boat",
                                        "a box of letters", "some apples", "a bicycle",  "the garden gate",
                                        "a heavy coat",     "three lamps", "a clock",    "the piano" };
    static const char *const where[] = { "by the harbour",  "in the market",  "behind the school", "near the station",
                                         "on the hill",     "at the library", "under the bridge",  "in the kitchen",
                                         "beside the well", "in the attic",   "at the bakery",     "on the pier" };
    static const char *const who_is[] = { "Anna", "my uncle", "the postman", "Marek",     "our neighbour", "Judith",
                                          "Tom",  "a friend", "the teacher", "my sister", "old Peter",     "Ines" };
    unsigned state = who * 2654435761u + 17;
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < n && at < size; i++) {
        unsigned a = next(&state) % 12, b = next(&state) % 12, c = next(&state) % 12, d = next(&state) % 12,
                 e = next(&state) % 12;
        int wrote = snprintf(out + at, size - at, "%s%s %s %s %s, and then %s came.", i ? " " : "", who_is[a], did[b],
                             what[c], where[d], who_is[e]);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

static int say(struct versus *v, int side, struct bench_talk *talk, int n_sentences, unsigned who,
               struct bench_turn *turn)
{
    char *text = mem_alloc(MAX_TEXT);
    if (!text)
        return err_set(v->err, ANIMA_E_NOMEM, "out of memory");
    sentences(text, MAX_TEXT, n_sentences, who);
    int rc = progress_interrupted() ? err_set(v->err, ANIMA_E_CANCELLED, "stopped")
                                    : bench_talk_say(&v->sides[side], &v->talks, talk, text, turn, v->err);
    mem_free(text);
    return rc;
}

/* One that is measured. */
static int measure(struct versus *v, int side, struct bench_talk *talk, unsigned who)
{
    struct bench_turn turn;
    int rc = say(v, side, talk, 1, who, &turn);
    if (!rc && v->n[side] < BENCH_SAMPLES)
        v->first[side][v->n[side]++] = turn.first_ms;
    v->prompt_tokens[side] = turn.prompt_tokens;
    v->read_tokens[side] += turn.read_tokens;
    return rc;
}

/* ---- servers ---- */

/* The first words of a fresh process cost more than later ones, on either side: they are spent on another conversation. */
static int start(struct versus *v, int side)
{
    struct bench_talk talk;
    struct bench_turn turn;
    int rc = bench_side_start(&v->sides[side], &v->talks, v->err);
    if (rc)
        return rc;
    rc = bench_talk_begin(&v->sides[side], &talk, v->err);
    if (!rc)
        rc = say(v, side, &talk, 1, 999999, &turn);
    bench_talk_end(&talk);
    return rc;
}

typedef double each_file(int folder, const char *name, void *ctx);

/* Every file of what anima keeps on the disk of streams; the sum of what f gives. */
static double kv_files(const struct versus *v, each_file *f, void *ctx)
{
    char *path = fs_join(v->config->dir, "home/kv", (char *)NULL);
    DIR *d = path ? opendir(path) : NULL;
    double sum = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            sum += f(dirfd(d), e->d_name, ctx);
    if (d)
        closedir(d);
    mem_free(path);
    return sum;
}

static double shape(int folder, const char *name, void *ctx)
{
    struct stat st;
    (void)ctx;
    return fstatat(folder, name, &st, 0) ? 0 : (double)st.st_size + (double)(st.st_ino % 65536);
}

/* Waits until what is at rest has been written. */
static void settle(const struct versus *v)
{
    double before = -1;
    for (int quiet = 0; quiet < SETTLED && !progress_interrupted(); quiet++) {
        double now = kv_files(v, shape, NULL);
        quiet = now == before ? quiet : 0;
        before = now;
        usleep(100000);
    }
}

/* So that it comes from the disk, not from the kernel's memory. */
static double forget_pages(int folder, const char *name, void *ctx)
{
    (void)ctx;
    int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    fdatasync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    return 1;
}

/* ---- the figures ---- */

static void add_series(struct versus *v, const char *key, const char *against, double *values, int n)
{
    double min, p95, value = bench_median(values, n, &min, &p95);
    bench_add(v->report, (struct bench_result){ key, "ms", against, value, 0, false, min, p95 });
}

static void add_tokens(struct versus *v, const char *key, const char *against, double tokens)
{
    bench_add(v->report, (struct bench_result){ key, "tokens", against, tokens, 0, false, 0, 0 });
}

/* The times to first words of both sides, and how many tokens each had to read for them. */
static void add_row(struct versus *v, const struct row *row, const char *against)
{
    double min, p95[2], median[2], read[2];
    for (int side = 0; side < 2; side++) {
        median[side] = bench_median(v->first[side], v->n[side], &min, &p95[side]);
        read[side] = v->read_tokens[side] / v->n[side];
    }
    double ratio = row->at_p95 ? p95[1] / p95[0] : median[1] / median[0];
    bench_add(v->report, (struct bench_result){ row->ratio, row->at_p95 ? "times, p95" : "times", against, ratio,
                                                row->goal, true, 0, 0 });
    add_series(v, row->ours, "message sent to first words", v->first[0], v->n[0]);
    add_series(v, row->theirs, "llama.cpp's server: request to first words", v->first[1], v->n[1]);
    add_tokens(v, row->ours_read, "read for a turn, of the prompt", read[0]);
    add_tokens(v, row->theirs_read, "llama.cpp's server", read[1]);
    v->n[0] = v->n[1] = 0;
    v->read_tokens[0] = v->read_tokens[1] = 0;
}

/* ---- a, b ---- */

static int take_turns(struct versus *v, int side, struct bench_talk *talks)
{
    const struct bench_kv_server *c = v->config;
    struct bench_turn turn;
    int rc = ANIMA_OK;
    for (int t = 1; t < c->first + c->rounds && !rc; t++)
        for (int i = 0; i < c->talks && !rc; i++) {
            unsigned who = (unsigned)(t * 100 + i);
            rc = t < c->first ? say(v, side, &talks[i], 1, who, &turn) : measure(v, side, &talks[i], who);
        }
    return rc;
}

static int after_restart(struct versus *v, int side, struct bench_talk *talks)
{
    bench_side_stop(&v->sides[side]);
    if (side == 0)
        kv_files(v, forget_pages, NULL);
    int rc = start(v, side);
    for (int i = 0; i < v->config->talks && !rc; i++)
        rc = measure(v, side, &talks[i], (unsigned)(900000 + i));
    bench_side_stop(&v->sides[side]);
    return rc;
}

static int taking_turns(struct versus *v)
{
    static const struct row a = {
        "ttft_vs_server_a", "ttft_a_ms", "server_ttft_a_ms", "ttft_a_read_tokens", "server_a_read_tokens", 1, false
    };
    static const struct row b = {
        "ttft_vs_server_b", "ttft_b_ms", "server_ttft_b_ms", "ttft_b_read_tokens", "server_b_read_tokens", 10, false
    };
    struct bench_talk talks[2][MOST_TALKS] = { 0 };
    int rc = ANIMA_OK;
    v->talks.reply_tokens = REPLY_TOKENS;
    for (int side = 0; side < 2 && !rc; side++) {
        fprintf(stderr, "%d conversations take turns: %s\n", v->config->talks, names[side]);
        rc = start(v, side);
        for (int i = 0; i < v->config->talks && !rc; i++)
            rc = bench_talk_begin(&v->sides[side], &talks[side][i], v->err);
        if (!rc)
            rc = take_turns(v, side, talks[side]);
    }
    if (!rc)
        add_row(v, &a, "llama.cpp's server; 8 conversations taking turns on one slot");
    for (int side = 0; side < 2 && !rc; side++) {
        fprintf(stderr, "the same after a restart: %s\n", names[side]);
        rc = after_restart(v, side, talks[side]);
    }
    for (int i = 0; i < 2 * MOST_TALKS; i++)
        bench_talk_end(&talks[i / MOST_TALKS][i % MOST_TALKS]);
    if (rc)
        return rc;
    add_row(v, &b, "llama.cpp's server; the same, after both were restarted");
    add_tokens(v, "ttft_prompt_tokens", "of the last prompt in b", v->prompt_tokens[0]);
    add_tokens(v, "server_prompt_tokens", "llama.cpp's server", v->prompt_tokens[1]);
    return ANIMA_OK;
}

/* ---- c ---- */

/* Everybody once, which reads all of it; then some at random. */
static int hundreds_of(struct versus *v, int side, struct bench_talk *talks)
{
    const struct bench_kv_server *c = v->config;
    struct bench_turn turn;
    unsigned state = 1;
    int rc = start(v, side);
    for (int i = 0; i < c->hundreds && !rc; i++) {
        rc = bench_talk_begin(&v->sides[side], &talks[i], v->err);
        if (!rc)
            rc = say(v, side, &talks[i], c->talk_tokens / SENTENCE_TOKENS, (unsigned)(1000000 + i), &turn);
        if (i % 20 == 19)
            fprintf(stderr, "  %d of %d are read\n", i + 1, c->hundreds);
    }
    if (side == 0 && !rc) {
        settle(v);
        kv_files(v, forget_pages, NULL);
    }
    for (int i = 0; i < c->crowd_turns && !rc; i++)
        rc = measure(v, side, &talks[next(&state) % (unsigned)c->hundreds], (unsigned)(2000000 + i));
    bench_side_stop(&v->sides[side]);
    return rc;
}

static int hundreds(struct versus *v)
{
    static const struct row c = {
        "ttft_vs_server_c", "ttft_c_ms", "server_ttft_c_ms", "ttft_c_read_tokens", "server_c_read_tokens", 5, true
    };
    static char against[120];
    struct bench_talk *talks = mem_zero((size_t)(2 * v->config->hundreds), sizeof(*talks));
    int rc = talks ? ANIMA_OK : err_set(v->err, ANIMA_E_NOMEM, "out of memory");
    v->talks.ram_mb = v->config->budget_mb;
    v->talks.reply_tokens = SHORT_REPLY;
    for (int side = 0; side < 2 && !rc; side++) {
        fprintf(stderr, "%d conversations in %d MiB: %s\n", v->config->hundreds, v->config->budget_mb, names[side]);
        rc = hundreds_of(v, side, talks + side * v->config->hundreds);
    }
    for (int i = 0; talks && i < 2 * v->config->hundreds; i++)
        bench_talk_end(&talks[i]);
    mem_free(talks);
    v->talks.ram_mb = 0;
    snprintf(against, sizeof(against), "llama.cpp's server; %d conversations of about 1K tokens in %d MiB of RAM each",
             v->config->hundreds, v->config->budget_mb);
    if (!rc)
        add_row(v, &c, against);
    return rc;
}

/* ---- bytes written ---- */

struct seen {
    char (*names)[256];
    size_t n, size;
};

/* Its bytes, if it was not there before: a piece is never changed, and its number never comes again. */
static double new_bytes(int folder, const char *name, void *ctx)
{
    struct seen *seen = ctx;
    struct stat st;
    for (size_t i = 0; i < seen->n; i++)
        if (strcmp(seen->names[i], name) == 0)
            return 0;
    void *grown = mem_grow(seen->names, seen->n, &seen->size, sizeof(*seen->names));
    if (!grown || fstatat(folder, name, &st, 0))
        return 0;
    seen->names = grown;
    snprintf(seen->names[seen->n++], sizeof(*seen->names), "%s", name);
    return (double)st.st_size;
}

/* Turns of one conversation, each left at rest until it is on the disk. *bytes: of each turn. */
static int written(struct versus *v, int side, double *bytes)
{
    struct bench_talk talk = { 0 };
    struct bench_turn turn;
    struct seen seen = { 0 };
    int rc = start(v, side);
    if (!rc)
        rc = bench_talk_begin(&v->sides[side], &talk, v->err);
    for (int i = 0; i <= v->config->rounds && !rc; i++) {
        int n = i ? 1 : v->config->saved / SENTENCE_TOKENS;
        rc = say(v, side, &talk, n, (unsigned)(3000000 + i), &turn);
        if (!rc && side == 1)
            rc = bench_slot_save(&v->sides[1], &bytes[i], v->err);
        if (!rc && side == 0) {
            settle(v);
            bytes[i] = kv_files(v, new_bytes, &seen);
        }
    }
    mem_free(seen.names);
    bench_talk_end(&talk);
    bench_side_stop(&v->sides[side]);
    return rc;
}

static int writing(struct versus *v)
{
    double bytes[2][BENCH_SAMPLES], sum[2] = { 0 };
    int rc = ANIMA_OK;
    v->talks.context = 2 * CONTEXT;
    v->talks.reply_tokens = SHORT_REPLY;
    for (int side = 0; side < 2 && !rc; side++) {
        fprintf(stderr, "bytes written for a turn behind %d tokens: %s\n", v->config->saved, names[side]);
        rc = written(v, side, bytes[side]);
        for (int i = 1; i <= v->config->rounds; i++)
            sum[side] += bytes[side][i];
    }
    v->talks.context = CONTEXT;
    if (!rc && sum[0] <= 0)
        rc = err_set(v->err, ANIMA_E_IO, "anima wrote nothing of these turns");
    if (!rc)
        bench_add(v->report, (struct bench_result){ "write_bytes_vs_server", "times fewer",
                                                    "its /slots/0?action=save, turn by turn, merges counted",
                                                    sum[1] / sum[0], 20, true, 0, 0 });
    return rc;
}

int bench_kv_server(const struct bench_kv_server *config, struct bench_report *report, anima_error *err)
{
    struct versus v = { .config = config, .report = report, .err = err };
    v.talks = (struct bench_talks){
        .dir = config->dir, .model = config->model, .model_file = config->model_file, .context = CONTEXT
    };
    v.sides[1].llama = true;
    for (int side = 0; side < 2; side++)
        v.first[side] = mem_zero(BENCH_SAMPLES, sizeof(double));
    int rc = v.first[0] && v.first[1] ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (!rc && config->turns)
        rc = taking_turns(&v);
    if (!rc && config->writes)
        rc = writing(&v);
    if (!rc && config->crowd)
        rc = hundreds(&v);
    for (int side = 0; side < 2; side++) {
        bench_side_stop(&v.sides[side]);
        mem_free(v.first[side]);
    }
    return rc;
}
