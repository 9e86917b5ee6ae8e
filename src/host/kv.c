#include "host/kv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/kv_slice.h"

#include <stdio.h>
#include <string.h>

#define LEAST_SHARED 32 /* tokens that make it worth to begin with another stream's beginning */
#define MERGE_FANOUT 8  /* so many segments of a size become one */
#define MERGE_UNIT 16   /* tokens of the smallest size */
#define MERGE_SIZES 8
#define MAX_PASSING 16 /* streams without a name that are kept */
#define MAX_STREAMS 4096
#define WRITE_AGAIN_US 60000000 /* after a write that failed */

/* A copy of cells. Never changed once made; shared by the streams that begin alike. */
struct blob {
    int refs;
    size_t bytes;
    unsigned char data[];
};

struct kv_segment {
    int p0, p1; /* positions that count */
    int end;    /* of what the copy holds: behind p1 lies what was cut off, and such a copy is never on the disk */
    struct blob *blob; /* NULL: on the disk only */
    uint32_t serial;   /* of its file; 0: none */
    size_t bytes;
};

struct kv {
    struct llama_context *context;
    llama_memory_t memory;
    bool whole; /* the state cannot be cut or joined */
    struct kv_config config;
    struct kv_folder folder;
    struct kv_stream *streams;
    bool *seat_taken;
    struct kv_stats stats;
    uint64_t since_trim; /* bytes written since the folder was looked at */
    int64_t no_writes_until_us;
};

/* ---- blobs ---- */

static void unref(struct kv *kv, struct blob *b)
{
    if (!b || --b->refs > 0)
        return;
    kv->stats.ram_bytes -= b->bytes;
    mem_free(b);
}

/* A copy of the cells of a sequence. NULL: out of memory, or the context gave none. */
static struct blob *copy_cells(struct kv *kv, llama_seq_id id)
{
    size_t bytes = llama_state_seq_get_size(kv->context, id);
    struct blob *b = bytes ? mem_alloc_large(sizeof(*b) + bytes) : NULL;
    if (!b)
        return NULL;
    *b = (struct blob){ .refs = 1, .bytes = bytes };
    if (llama_state_seq_get_data(kv->context, b->data, bytes, id) != bytes) {
        mem_free(b);
        return NULL;
    }
    kv->stats.ram_bytes += bytes;
    kv->stats.saved_bytes += bytes;
    return b;
}

/* ---- segments ---- */

static int saved(const struct kv_stream *s) { return s->n_segments ? s->segments[s->n_segments - 1].p1 : 0; }

static struct kv_segment *add_segment(struct kv_stream *s)
{
    struct kv_segment *list = mem_grow(s->segments, (size_t)s->n_segments, &s->max_segments, sizeof(*list));
    if (!list)
        return NULL;
    s->segments = list;
    struct kv_segment *segment = &list[s->n_segments++];
    *segment = (struct kv_segment){ 0 };
    return segment;
}

static void drop_segments(struct kv *kv, struct kv_stream *s, int from)
{
    for (int i = from; i < s->n_segments; i++) {
        unref(kv, s->segments[i].blob);
        if (s->segments[i].serial)
            kv_piece_remove(&kv->folder, s->name, s->segments[i].serial);
    }
    if (from < s->n_segments)
        s->n_segments = from;
}

static int set_tokens(struct kv_stream *s, const llama_token *tokens, int from, int n)
{
    if (from + n > s->size) {
        int size = from + n + (from + n) / 2 + 64;
        llama_token *grown = mem_realloc(s->tokens, (size_t)size * sizeof(*grown));
        if (!grown)
            return ANIMA_E_NOMEM;
        s->tokens = grown;
        s->size = size;
    }
    if (n)
        memcpy(s->tokens + from, tokens, (size_t)n * sizeof(*tokens));
    return ANIMA_OK;
}

/* Brings a segment's copy from the disk into RAM. */
static bool load_blob(struct kv *kv, struct kv_stream *s, struct kv_segment *segment)
{
    void *block;
    size_t bytes;
    anima_error err;
    if (segment->blob)
        return true;
    if (kv_piece_read(&kv->folder, s->name, segment->serial, sizeof(struct blob), &block, &bytes, &err)) {
        log_warn("kv", "stream %s: %s; it is computed again", s->name, err.message);
        return false;
    }
    segment->blob = block;
    *segment->blob = (struct blob){ .refs = 1, .bytes = bytes };
    kv->stats.ram_bytes += bytes;
    kv_piece_touch(&kv->folder, s->name, segment->serial);
    return true;
}

/* The first tokens of a segment stay. What was cut off is gone from the disk at once. */
static bool cut_segment(struct kv *kv, struct kv_stream *s, struct kv_segment *segment, int p1)
{
    if (segment->serial) {
        bool loaded = load_blob(kv, s, segment);
        kv_piece_remove(&kv->folder, s->name, segment->serial);
        segment->serial = 0;
        if (!loaded)
            return false;
    }
    segment->p1 = p1;
    return true;
}

/* Keeps the first k tokens. */
static void cut(struct kv *kv, struct kv_stream *s, int k)
{
    if (k >= s->n)
        return;
    if (kv->whole)
        k = 0;
    if (s->seat >= 0 && !llama_memory_seq_rm(kv->memory, s->seat, k, -1)) {
        llama_memory_seq_rm(kv->memory, s->seat, -1, -1);
        k = 0;
    }
    s->n = k;
    int i = s->n_segments;
    while (i > 0 && s->segments[i - 1].p0 >= k)
        i--;
    drop_segments(kv, s, i);
    if (i > 0 && s->segments[i - 1].p1 > k && !cut_segment(kv, s, &s->segments[i - 1], k)) {
        drop_segments(kv, s, i - 1);
        if (s->seat < 0)
            s->n = saved(s);
    }
}

/* ---- saving ---- */

/* How many sizes above the smallest a segment is. */
static int size_of(const struct kv_segment *segment)
{
    int size = 0;
    for (int n = (segment->p1 - segment->p0) / MERGE_UNIT; n >= MERGE_FANOUT; n /= MERGE_FANOUT)
        size++;
    return size;
}

/* From which segment on they should become one: as in a log-structured merge, a token is copied about once a size. */
static int merge_from(const struct kv_stream *s)
{
    for (int size = 0; size < MERGE_SIZES; size++) {
        int i = s->n_segments, of_size = 0;
        for (; i > 0 && size_of(&s->segments[i - 1]) <= size; i--)
            of_size += size_of(&s->segments[i - 1]) == size;
        if (of_size >= MERGE_FANOUT)
            return i;
    }
    return s->n_segments;
}

/* Copies what is not saved yet, or everything from segment `from` on, into RAM. It must be seated. */
static int save(struct kv *kv, struct kv_stream *s, int from, anima_error *err)
{
    int p0 = kv->whole || from == 0 ? 0 : s->segments[from - 1].p1;
    if (s->n <= p0 || (kv->whole && saved(s) == s->n))
        return ANIMA_OK;
    int64_t began = clock_mono_us();
    llama_seq_id id = s->seat;
    if (p0 > 0) {
        id = kv->config.seats;
        llama_memory_seq_cp(kv->memory, s->seat, id, p0, -1);
    }
    struct blob *blob = copy_cells(kv, id);
    if (p0 > 0)
        llama_memory_seq_rm(kv->memory, id, -1, -1);
    kv->stats.moved_us += clock_mono_us() - began;
    if (!blob)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a stream's KV cache");
    /* What it takes the place of on the disk is removed: should we die before it is written, it is computed again. */
    drop_segments(kv, s, kv->whole ? 0 : from);
    struct kv_segment *segment = add_segment(s);
    if (!segment) {
        unref(kv, blob);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a stream's KV cache");
    }
    *segment = (struct kv_segment){ .p0 = p0, .p1 = s->n, .end = s->n, .blob = blob, .bytes = blob->bytes };
    return ANIMA_OK;
}

/* What was cut off is left out of the copy, for the disk. */
static bool trim_copy(struct kv *kv, struct kv_segment *segment)
{
    if (segment->p1 == segment->end)
        return true;
    size_t bytes;
    void *data = kv_slice(segment->blob->data, segment->blob->bytes, segment->p1, &bytes);
    struct blob *blob = data ? mem_alloc(sizeof(*blob) + bytes) : NULL;
    if (blob) {
        *blob = (struct blob){ .refs = 1, .bytes = bytes };
        memcpy(blob->data, data, bytes);
        kv->stats.ram_bytes += bytes;
        unref(kv, segment->blob);
        segment->blob = blob;
        segment->bytes = bytes;
        segment->end = segment->p1;
    }
    mem_free(data);
    return blob != NULL;
}

static bool write_segment(struct kv *kv, struct kv_stream *s, struct kv_segment *segment)
{
    if (segment->serial || kv->folder.fd < 0 || !*s->name || clock_mono_us() < kv->no_writes_until_us)
        return segment->serial != 0;
    if (!trim_copy(kv, segment))
        return false;
    anima_error err;
    struct kv_piece piece = { .serial = s->next_serial,
                              .p0 = segment->p0,
                              .p1 = segment->p1,
                              .adapter = s->adapter,
                              .before = kv_tokens_hash(s->tokens, (size_t)segment->p0),
                              .tokens = s->tokens + segment->p0,
                              .bytes = segment->blob->bytes };
    memcpy(piece.stream, s->name, sizeof(piece.stream));
    if (kv_piece_write(&kv->folder, &piece, segment->blob->data, &err)) {
        log_warn("kv", "%s; it goes on without", err.message);
        kv->no_writes_until_us = clock_mono_us() + WRITE_AGAIN_US;
        return false;
    }
    segment->serial = s->next_serial++;
    kv->stats.written_bytes += segment->bytes;
    kv->since_trim += segment->bytes;
    return true;
}

/* Frees the coldest streams' copies until RAM is within its budget: to the disk if there is one, else they are gone. */
static void trim_ram(struct kv *kv)
{
    while (kv->stats.ram_bytes > kv->config.ram_bytes) {
        struct kv_stream *coldest = NULL;
        for (struct kv_stream *s = kv->streams; s; s = s->next) {
            bool has = false;
            for (int i = 0; i < s->n_segments && !has; i++)
                has = s->segments[i].blob != NULL;
            if (has && !s->busy && (!coldest || s->used_us < coldest->used_us))
                coldest = s;
        }
        if (!coldest)
            return;
        for (int i = 0; i < coldest->n_segments; i++) {
            struct kv_segment *segment = &coldest->segments[i];
            if (!segment->blob)
                continue;
            if (!write_segment(kv, coldest, segment)) {
                int keep = segment->p0;
                if (coldest->seat >= 0) /* its cells still have it */
                    drop_segments(kv, coldest, i);
                else
                    cut(kv, coldest, keep);
                break;
            }
            unref(kv, segment->blob);
            segment->blob = NULL;
        }
    }
}

int kv_unseat(struct kv *kv, struct kv_stream *s, anima_error *err)
{
    if (s->seat < 0)
        return ANIMA_OK;
    int rc = save(kv, s, s->n_segments, err);
    int64_t began = clock_mono_us();
    llama_memory_seq_rm(kv->memory, s->seat, -1, -1);
    kv->stats.moved_us += clock_mono_us() - began;
    kv->seat_taken[s->seat] = false;
    s->seat = -1;
    if (saved(s) < s->n)
        cut(kv, s, saved(s));
    kv->stats.evicted++;
    trim_ram(kv);
    return rc;
}

/* ---- seats ---- */

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

/* Puts a segment's cells where its stream sits. */
static bool restore_segment(struct kv *kv, struct kv_stream *s, struct kv_segment *segment, bool first)
{
    if (!load_blob(kv, s, segment))
        return false;
    llama_seq_id id = first ? s->seat : kv->config.seats;
    struct blob *b = segment->blob;
    if (llama_state_seq_set_data(kv->context, b->data, b->bytes, id) == 0)
        return false;
    llama_memory_seq_rm(kv->memory, id, segment->p1, -1);
    if (!first) {
        llama_memory_seq_cp(kv->memory, id, s->seat, segment->p0, -1);
        llama_memory_seq_rm(kv->memory, id, -1, -1);
    }
    return llama_memory_seq_pos_max(kv->memory, s->seat) == segment->p1 - 1;
}

static void restore(struct kv *kv, struct kv_stream *s)
{
    int64_t began = clock_mono_us();
    for (int i = 0; i < s->n_segments; i++) {
        struct kv_segment *segment = &s->segments[i];
        if (restore_segment(kv, s, segment, i == 0))
            continue;
        log_warn("kv", "stream %s: the KV cache of tokens %d to %d is of no use and is computed again", s->name,
                 segment->p0, s->n);
        kv->stats.damaged++;
        llama_memory_seq_rm(kv->memory, kv->config.seats, -1, -1);
        cut(kv, s, segment->p0);
        break;
    }
    kv->stats.moved_us += clock_mono_us() - began;
    kv->stats.restored++;
}

/* ---- sharing ---- */

static int in_common(const struct kv_stream *s, const llama_token *want, int n)
{
    int most = s->n < n ? s->n : n, k = 0;
    while (k < most && s->tokens[k] == want[k])
        k++;
    return k;
}

/* s, empty and without a seat, gets the first n tokens of from. */
static int share(struct kv *kv, struct kv_stream *from, struct kv_stream *s, int n, anima_error *err)
{
    int rc = ANIMA_OK;
    if (from->seat >= 0 && saved(from) < n)
        rc = save(kv, from, from->n_segments, err);
    if (!rc && set_tokens(s, from->tokens, 0, n))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
    for (int i = 0; i < from->n_segments && !rc && from->segments[i].p0 < n; i++) {
        struct kv_segment *segment = add_segment(s), *theirs = &from->segments[i];
        if (!segment)
            return err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
        bool part = theirs->p1 > n || theirs->p1 < theirs->end;
        *segment = *theirs;
        segment->p1 = theirs->p1 < n ? theirs->p1 : n;
        segment->serial = 0;
        if (theirs->serial && *s->name && !part &&
            kv_piece_link(&kv->folder, from->name, theirs->serial, s->name, s->next_serial, NULL) == 0)
            segment->serial = s->next_serial++;
        if (!segment->serial && !load_blob(kv, from, theirs)) {
            s->n_segments--;
            break;
        }
        segment->blob = theirs->blob;
        if (segment->blob)
            segment->blob->refs++;
        s->n = segment->p1;
    }
    kv->stats.shared++;
    return rc;
}

static struct kv_stream *best_donor(const struct kv *kv, const struct kv_stream *s, const llama_token *want, int n,
                                    int *most)
{
    struct kv_stream *best = NULL;
    for (struct kv_stream *d = kv->streams; d; d = d->next) {
        int k = d == s || d->adapter != s->adapter || kv->whole ? 0 : in_common(d, want, n);
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
    drop_segments(kv, s, 0);
    s->n = 0;
    if (share(kv, donor, s, n, NULL))
        cut(kv, s, saved(s));
}

int kv_seat(struct kv *kv, struct kv_stream *s, uint64_t adapter, const llama_token *want, int n, int room,
            anima_error *err)
{
    if (room > kv->config.cells)
        return err_set(err, ANIMA_E_LIMIT, "a stream of %d tokens does not fit into %d cells of KV cache", room,
                       kv->config.cells);
    if (s->adapter != adapter) {
        cut(kv, s, 0);
        s->adapter = adapter;
    }
    s->busy = true;
    int k = in_common(s, want, n), most = k + LEAST_SHARED - 1;
    struct kv_stream *donor = best_donor(kv, s, want, n, &most);
    if (donor) {
        begin_like(kv, s, donor, most);
        k = s->n;
    }
    if (k == n)
        k--; /* the last token is read again, since its result is wanted */
    int had = s->seat < 0 ? 0 : s->n;
    if (!make_room(kv, s, room - had)) {
        s->busy = false;
        return KV_WAIT;
    }
    cut(kv, s, k);
    if (s->seat < 0) {
        s->seat = free_seat(kv);
        kv->seat_taken[s->seat] = true;
        restore(kv, s);
    }
    s->room = room;
    s->used_us = clock_mono_us();
    return ANIMA_OK;
}

bool kv_shares(const struct kv *kv) { return !kv->whole; }

llama_seq_id kv_seat_id(const struct kv_stream *s) { return s->seat; }

int kv_grew(struct kv_stream *s, llama_token token)
{
    int rc = set_tokens(s, &token, s->n, 1);
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
    int passing = 0;
    struct kv_stream *coldest = NULL;
    for (struct kv_stream *t = kv->streams; t; t = t->next)
        if (!*t->name && !t->busy) {
            passing++;
            coldest = !coldest || t->used_us < coldest->used_us ? t : coldest;
        }
    if (passing > MAX_PASSING)
        kv_drop(kv, coldest);
}

void kv_distrust(struct kv *kv, struct kv_stream *s)
{
    leave_seat(kv, s);
    cut(kv, s, saved(s));
}

/* ---- streams ---- */

static void free_stream(struct kv *kv, struct kv_stream *s)
{
    for (int i = 0; i < s->n_segments; i++)
        unref(kv, s->segments[i].blob);
    mem_free(s->segments);
    mem_free(s->tokens);
    mem_free(s);
}

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
        if (!s->busy && (!coldest || s->used_us < coldest->used_us))
            coldest = s;
    }
    struct kv_stream *s = mem_zero(1, sizeof(*s));
    if (!s)
        return NULL;
    if (n >= MAX_STREAMS && coldest) { /* what is on the disk of it stays there */
        unlink_stream(kv, coldest);
        free_stream(kv, coldest);
    }
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
    drop_segments(kv, s, 0);
    free_stream(kv, s);
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
        cut(kv, s, 0);
        s->adapter = piece->adapter;
    }
    if (piece->p0 > s->n || piece->adapter != s->adapter ||
        piece->before != kv_tokens_hash(s->tokens, (size_t)piece->p0) || (kv->whole && piece->p0))
        return false;
    cut(kv, s, piece->p0);
    struct kv_segment *segment = s->n == piece->p0 ? add_segment(s) : NULL;
    if (!segment || set_tokens(s, piece->tokens, piece->p0, piece->p1 - piece->p0)) {
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

bool kv_idle(struct kv *kv, int64_t rest_us)
{
    int64_t now = clock_mono_us();
    if (kv->since_trim > kv->config.disk_bytes / 16) {
        kv->since_trim = 0;
        kv_folder_trim(&kv->folder, kv->config.disk_bytes);
        return true;
    }
    if (kv->folder.fd < 0)
        return false;
    for (struct kv_stream *s = kv->streams; s; s = s->next) {
        if (s->busy || !*s->name || now - s->used_us < rest_us)
            continue;
        int from = merge_from(s);
        if (s->seat >= 0 && (saved(s) < s->n || from < s->n_segments)) {
            if (save(kv, s, from, NULL))
                return false;
            trim_ram(kv);
            return true;
        }
        for (int i = 0; i < s->n_segments; i++)
            if (!s->segments[i].serial && write_segment(kv, s, &s->segments[i]))
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
    int rc = kv_folder_open(config->folder, config->identity, &kv->folder, err);
    if (rc)
        return rc;
    kv->config.folder = NULL;
    if (kv->folder.fd < 0)
        return ANIMA_OK;
    kv_folder_trim(&kv->folder, config->disk_bytes);
    return look_on_disk(kv, err);
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
        free_stream(kv, s);
    }
    kv_folder_close(&kv->folder);
    mem_free(kv->seat_taken);
    mem_free(kv);
}
