#include "host/kv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/kv_segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SHARED 32 /* tokens that make it worth to begin with another stream's beginning */
#define MAX_PASSING 16  /* streams without a name that are kept */
#define MAX_STREAMS 4096

/* ---- seats ---- */

int kv_unseat(struct kv *kv, struct kv_stream *s, anima_error *err)
{
    if (s->seat < 0)
        return ANIMA_OK;
    int rc = kv_save(kv, s, s->n_segments, err);
    int64_t began = clock_mono_us();
    llama_memory_seq_rm(kv->memory, s->seat, -1, -1);
    kv->stats.moved_us += clock_mono_us() - began;
    kv->seat_taken[s->seat] = false;
    s->seat = -1;
    if (kv_saved(s) < s->n)
        kv_cut(kv, s, kv_saved(s));
    kv->stats.evicted++;
    kv_trim_ram(kv);
    return rc;
}

static int cells_used(const struct kv *kv)
{
    int used = 0;
    for (const struct kv_stream *s = kv->streams; s; s = s->next)
        if (s->seat >= 0)
            used += s->busy ? s->room : s->n;
    return used;
}

static int free_seat(const struct kv *kv)
{
    for (int i = 0; i < kv->config.seats; i++)
        if (!kv->seat_taken[i])
            return i;
    return -1;
}

/* The one at rest for longest: what it costs to bring back grows with its tokens, but so do the cells it gives. */
static struct kv_stream *victim(const struct kv *kv, const struct kv_stream *but)
{
    struct kv_stream *coldest = NULL;
    for (struct kv_stream *s = kv->streams; s; s = s->next)
        if (s != but && s->seat >= 0 && !s->busy && (!coldest || s->used_us < coldest->used_us))
            coldest = s;
    return coldest;
}

/* cells: more than s has now. */
static bool make_room(struct kv *kv, const struct kv_stream *s, int cells)
{
    while (cells_used(kv) + cells > kv->config.cells || (s->seat < 0 && free_seat(kv) < 0)) {
        struct kv_stream *other = victim(kv, s);
        if (!other)
            return false;
        kv_unseat(kv, other, NULL);
    }
    return true;
}

/* In one context for all, every row passes over all cells in use, so streams at rest would slow down the one at work: measured with seven of 1.2K tokens
 * beside it, reading 30 tokens took nearly twice as long. Out and back cost a few milliseconds; so they leave, while RAM holds them. */
static void leave_at_rest(struct kv *kv, const struct kv_stream *but)
{
    struct kv_stream *other;
    while (kv->stats.ram_bytes < kv->config.ram_bytes && (other = victim(kv, but)))
        kv_unseat(kv, other, NULL);
}

/* ---- sharing ---- */

int kv_in_common(const llama_token *a, int n_a, const llama_token *b, int n_b)
{
    int n = 0;
    while (n < n_a && n < n_b && a[n] == b[n])
        n++;
    return n;
}

static struct kv_stream *best_donor(const struct kv *kv, const struct kv_stream *s, const llama_token *want, int n,
                                    int *most)
{
    struct kv_stream *best = NULL;
    for (struct kv_stream *d = kv->streams; d; d = d->next) {
        int k = d == s || d->adapter != s->adapter || kv->whole ? 0 : kv_in_common(d->tokens, d->n, want, n);
        if (k > *most) {
            *most = k;
            best = d;
        }
    }
    return best;
}

static void leave_seat(struct kv *kv, struct kv_stream *s)
{
    if (s->seat < 0)
        return;
    llama_memory_seq_rm(kv->memory, s->seat, -1, -1);
    kv->seat_taken[s->seat] = false;
    s->seat = -1;
}

/* Throws away what it has for the beginning that another stream has. */
static void begin_like(struct kv *kv, struct kv_stream *s, struct kv_stream *donor, int n)
{
    leave_seat(kv, s);
    kv_segments_drop(kv, s, 0);
    s->n = 0;
    if (kv_share(kv, donor, s, n, NULL))
        kv_cut(kv, s, kv_saved(s));
}

int kv_seat(struct kv *kv, struct kv_stream *s, uint64_t adapter, const llama_token *want, int n, int room,
            anima_error *err)
{
    if (room > kv->config.cells)
        return err_set(err, ANIMA_E_LIMIT, "a stream of %d tokens does not fit into %d cells of KV cache", room,
                       kv->config.cells);
    if (s->adapter != adapter) {
        kv_cut(kv, s, 0);
        s->adapter = adapter;
    }
    s->busy = true;
    s->room = s->n; /* until it is known that there is more */
    int k = kv_in_common(s->tokens, s->n, want, n), most = k + LEAST_SHARED - 1;
    struct kv_stream *donor = best_donor(kv, s, want, n, &most);
    if (donor) {
        begin_like(kv, s, donor, most);
        k = s->n;
    }
    if (k == n)
        k--; /* the last token is read again, since its result is wanted */
    leave_at_rest(kv, s);
    int had = s->seat < 0 ? 0 : s->n;
    if (!make_room(kv, s, room - had)) {
        s->busy = false;
        return KV_WAIT;
    }
    kv_cut(kv, s, k);
    if (s->seat < 0) {
        s->seat = free_seat(kv);
        kv->seat_taken[s->seat] = true;
        kv_restore(kv, s);
    }
    s->room = room;
    s->used_us = clock_mono_us();
    return ANIMA_OK;
}

bool kv_shares(const struct kv *kv) { return !kv->whole; }

llama_seq_id kv_seat_id(const struct kv_stream *s) { return s->seat; }

int kv_grew(struct kv_stream *s, llama_token token)
{
    int rc = kv_set_tokens(s, &token, s->n, 1);
    s->n += rc == ANIMA_OK;
    return rc;
}

llama_seq_id kv_try(struct kv *kv, const struct kv_stream *s)
{
    llama_memory_seq_cp(kv->memory, s->seat, kv->config.seats, -1, -1);
    return kv->config.seats;
}

void kv_tried(struct kv *kv) { llama_memory_seq_rm(kv->memory, kv->config.seats, -1, -1); }

void kv_rest(struct kv *kv, struct kv_stream *s)
{
    s->busy = false;
    s->used_us = clock_mono_us();
    for (int i = 0; i < s->n_segments; i++) /* the folder gives up what was used longest ago */
        if (s->segments[i].serial)
            kv_piece_touch(&kv->folder, s->name, s->segments[i].serial);
    int passing = 0;
    struct kv_stream *coldest = NULL;
    for (struct kv_stream *t = kv->streams; t; t = t->next)
        if (!*t->name && !t->busy && !t->users) {
            passing++;
            coldest = !coldest || t->used_us < coldest->used_us ? t : coldest;
        }
    if (passing > MAX_PASSING)
        kv_drop(kv, coldest);
}

void kv_distrust(struct kv *kv, struct kv_stream *s)
{
    leave_seat(kv, s);
    kv_cut(kv, s, kv_saved(s));
}

/* ---- streams ---- */

static void unlink_stream(struct kv *kv, struct kv_stream *s)
{
    struct kv_stream **p = &kv->streams;
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    leave_seat(kv, s);
}

struct kv_stream *kv_stream(struct kv *kv, const char *name)
{
    int n = 0;
    struct kv_stream *coldest = NULL;
    for (struct kv_stream *s = kv->streams; s; s = s->next, n++) {
        if (*name && strcmp(s->name, name) == 0)
            return s;
        if (!s->busy && !s->users && (!coldest || s->used_us < coldest->used_us))
            coldest = s;
    }
    struct kv_stream *s = mem_zero(1, sizeof(*s));
    if (!s)
        return NULL;
    if (n >= MAX_STREAMS && coldest)
        kv_drop(kv, coldest);
    snprintf(s->name, sizeof(s->name), "%s", name);
    s->seat = -1;
    s->next_serial = 1;
    s->used_us = clock_mono_us();
    s->next = kv->streams;
    kv->streams = s;
    return s;
}

void kv_drop(struct kv *kv, struct kv_stream *s)
{
    unlink_stream(kv, s);
    kv_segments_drop(kv, s, 0);
    kv_stream_free(kv, s);
}

void kv_drop_all(struct kv *kv, const char *beginning)
{
    for (struct kv_stream *s = kv->streams, *next; s; s = next) {
        next = s->next;
        if (strncmp(s->name, beginning, strlen(beginning)) == 0)
            kv_drop(kv, s);
    }
}

/* ---- what an earlier run left ---- */

static bool take_piece(struct kv *kv, struct kv_stream *s, const struct kv_piece *piece)
{
    if (piece->p0 == 0) {
        kv_cut(kv, s, 0);
        s->adapter = piece->adapter;
    }
    if (piece->p0 > s->n || piece->adapter != s->adapter ||
        piece->before != kv_tokens_hash(s->tokens, (size_t)piece->p0) || (kv->whole && piece->p0))
        return false;
    kv_cut(kv, s, piece->p0);
    struct kv_segment *segment = s->n == piece->p0 ? kv_segment_add(s) : NULL;
    if (!segment || kv_set_tokens(s, piece->tokens, piece->p0, piece->p1 - piece->p0)) {
        s->n_segments -= segment != NULL;
        return false;
    }
    *segment = (struct kv_segment){ piece->p0, piece->p1, piece->p1, NULL, piece->serial, piece->bytes };
    s->n = piece->p1;
    return true;
}

static int look_on_disk(struct kv *kv, anima_error *err)
{
    struct kv_piece *pieces;
    size_t n;
    int rc = kv_piece_list(&kv->folder, &pieces, &n, err);
    for (size_t i = 0; i < n && !rc; i++) {
        struct kv_piece *piece = &pieces[i];
        struct kv_stream *s = kv_stream(kv, piece->stream);
        if (s && piece->serial >= s->next_serial)
            s->next_serial = piece->serial + 1;
        if (!s || !take_piece(kv, s, piece))
            kv_piece_remove(&kv->folder, piece->stream, piece->serial);
        mem_free(piece->tokens);
    }
    mem_free(pieces);
    return rc;
}

/* True: RAM was over its budget, and is less so now. */
static bool trim_more(struct kv *kv)
{
    size_t before = kv->stats.ram_bytes;
    kv_trim_ram(kv);
    return kv->stats.ram_bytes < before;
}

bool kv_idle(struct kv *kv, int64_t rest_us)
{
    int64_t now = clock_mono_us();
    if (kv->since_trim > kv->config.disk_bytes / 16) {
        kv->since_trim = 0;
        kv_folder_trim(&kv->folder, kv->config.disk_bytes);
        return true;
    }
    if (trim_more(kv))
        return true;
    if (!kv_may_write(kv))
        return false;
    for (struct kv_stream *s = kv->streams; s; s = s->next) {
        if (s->busy || !*s->name || now - s->used_us < rest_us)
            continue;
        int from = kv_merge_from(s);
        if (s->seat >= 0 && (kv_saved(s) < s->n || from < s->n_segments)) {
            if (kv_save(kv, s, from, NULL))
                return false;
            kv_trim_ram(kv);
            return true;
        }
        for (int i = 0; i < s->n_segments; i++)
            if (!s->segments[i].serial && kv_segment_write(kv, s, &s->segments[i]))
                return true;
    }
    return false;
}

void kv_statistics(const struct kv *kv, struct kv_stats *out)
{
    *out = kv->stats;
    out->streams = out->seated = 0;
    for (const struct kv_stream *s = kv->streams; s; s = s->next) {
        out->streams++;
        out->seated += s->seat >= 0;
    }
    out->cells_used = cells_used(kv);
    out->cells = kv->config.cells;
    out->seats = kv->config.seats;
    out->ram_limit = kv->config.ram_bytes;
}

void kv_disk(const struct kv *kv, uint64_t *bytes, uint64_t *limit)
{
    *bytes = kv->folder.fd < 0 ? 0 : kv_folder_trim(&kv->folder, UINT64_MAX);
    *limit = kv->folder.fd < 0 ? 0 : kv->config.disk_bytes;
}

const char *kv_place(const struct kv_stream *s, size_t *bytes)
{
    bool ram = false;
    *bytes = 0;
    for (int i = 0; i < s->n_segments; i++) {
        *bytes += s->segments[i].bytes;
        ram |= s->segments[i].blob != NULL;
    }
    return s->seat >= 0 ? "seated" : ram ? "ram" : s->n_segments ? "disk" : "";
}

static int by_use(const void *a, const void *b)
{
    const struct kv_stream *const *x = a, *const *y = b;
    return ((*x)->used_us < (*y)->used_us) - ((*x)->used_us > (*y)->used_us);
}

size_t kv_recent(const struct kv *kv, const struct kv_stream **out, size_t max)
{
    size_t n = 0, i = 0;
    for (const struct kv_stream *s = kv->streams; s; s = s->next)
        n++;
    const struct kv_stream **all = mem_alloc(n * sizeof(*all));
    if (!all)
        return 0;
    for (const struct kv_stream *s = kv->streams; s; s = s->next)
        all[i++] = s;
    qsort(all, n, sizeof(*all), by_use);
    n = n < max ? n : max;
    memcpy(out, all, n * sizeof(*all));
    mem_free(all);
    return n;
}

/* A cache that cannot be had is no reason not to start. */
static void open_disk(struct kv *kv, const char *folder)
{
    anima_error err;
    int rc = kv_folder_open(folder, kv->config.identity, &kv->folder, &err);
    if (kv->folder.fd >= 0) {
        kv_folder_trim(&kv->folder, kv->config.disk_bytes);
        rc = look_on_disk(kv, &err);
    }
    if (rc)
        log_warn("kv", "%s; it goes on without", err.message);
    if (rc || !kv->config.disk_bytes)
        kv_folder_close(&kv->folder);
}

int kv_create(struct llama_context *context, const struct llama_model *model, const struct kv_config *config,
              struct kv **out, anima_error *err)
{
    struct kv *kv = *out = mem_zero(1, sizeof(*kv));
    if (!kv)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    kv->context = context;
    kv->memory = llama_get_memory(context);
    kv->config = *config;
    kv->folder.fd = -1;
    kv->whole = llama_model_is_recurrent(model) || llama_model_is_hybrid(model) || llama_model_n_swa(model) > 0;
    kv->seat_taken = mem_zero((size_t)config->seats, sizeof(*kv->seat_taken));
    if (!kv->seat_taken)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    kv->config.folder = NULL;
    open_disk(kv, config->folder);
    return ANIMA_OK;
}

void kv_destroy(struct kv *kv)
{
    if (!kv)
        return;
    for (int i = 0; i < 64 && kv_idle(kv, 0); i++)
        continue;
    while (kv->streams) {
        struct kv_stream *s = kv->streams;
        kv->streams = s->next;
        kv_stream_free(kv, s);
    }
    kv_folder_close(&kv->folder);
    mem_free(kv->seat_taken);
    mem_free(kv);
}
