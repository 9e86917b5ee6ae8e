#include "host/kv_segment.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/kv_slice.h"

#include <string.h>

#define MERGE_FANOUT 8 /* so many segments of a size become one */
#define MERGE_UNIT 16  /* tokens of the smallest size */
#define MERGE_SIZES 8
#define WRITE_AGAIN_US 10000000 /* after a write that failed */

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

int kv_saved(const struct kv_stream *s) { return s->n_segments ? s->segments[s->n_segments - 1].p1 : 0; }

struct kv_segment *kv_segment_add(struct kv_stream *s)
{
    struct kv_segment *list = mem_grow(s->segments, (size_t)s->n_segments, &s->max_segments, sizeof(*list));
    if (!list)
        return NULL;
    s->segments = list;
    struct kv_segment *segment = &list[s->n_segments++];
    *segment = (struct kv_segment){ 0 };
    return segment;
}

void kv_segments_drop(struct kv *kv, struct kv_stream *s, int from)
{
    for (int i = from; i < s->n_segments; i++) {
        unref(kv, s->segments[i].blob);
        if (s->segments[i].serial)
            kv_piece_remove(&kv->folder, s->name, s->segments[i].serial);
    }
    if (from < s->n_segments)
        s->n_segments = from;
}

void kv_stream_free(struct kv *kv, struct kv_stream *s)
{
    for (int i = 0; i < s->n_segments; i++)
        unref(kv, s->segments[i].blob);
    mem_free(s->segments);
    mem_free(s->tokens);
    mem_free(s);
}

int kv_set_tokens(struct kv_stream *s, const llama_token *tokens, int from, int n)
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

/* The segment as its file has to be; tokens are borrowed from s. */
static struct kv_piece piece_of(const struct kv_stream *s, const struct kv_segment *segment)
{
    struct kv_piece piece = { .serial = segment->serial,
                              .p0 = segment->p0,
                              .p1 = segment->p1,
                              .adapter = s->adapter,
                              .before = kv_tokens_hash(s->tokens, (size_t)segment->p0),
                              .tokens = s->tokens + segment->p0,
                              .bytes = segment->bytes };
    memcpy(piece.stream, s->name, sizeof(piece.stream));
    return piece;
}

/* Brings a segment's copy from the disk into RAM. */
static bool load_blob(struct kv *kv, struct kv_stream *s, struct kv_segment *segment)
{
    void *block;
    size_t bytes;
    anima_error err;
    if (segment->blob)
        return true;
    const struct kv_piece piece = piece_of(s, segment);
    if (kv_piece_read(&kv->folder, &piece, sizeof(struct blob), &block, &bytes, &err)) {
        /* One that is gone is no fault: the folder has a budget, and deleted conversations leave it. */
        log_write(err.code == ANIMA_E_NOT_FOUND ? LOG_INFO : LOG_WARN, "kv", "stream %s: %s; it is computed again",
                  s->name, err.message);
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

void kv_cut(struct kv *kv, struct kv_stream *s, int k)
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
    kv_segments_drop(kv, s, i);
    if (i > 0 && s->segments[i - 1].p1 > k && !cut_segment(kv, s, &s->segments[i - 1], k)) {
        kv_segments_drop(kv, s, i - 1);
        if (s->seat < 0)
            s->n = kv_saved(s);
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

/* As in a log-structured merge, a token is copied about once a size. */
int kv_merge_from(const struct kv_stream *s)
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

int kv_save(struct kv *kv, struct kv_stream *s, int from, anima_error *err)
{
    int p0 = kv->whole || from == 0 ? 0 : s->segments[from - 1].p1;
    if (s->n <= p0 || (kv->whole && kv_saved(s) == s->n))
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
    kv_segments_drop(kv, s, kv->whole ? 0 : from);
    struct kv_segment *segment = kv_segment_add(s);
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

bool kv_may_write(const struct kv *kv) { return kv->folder.fd >= 0 && clock_mono_us() >= kv->no_writes_until_us; }

/* Said once: when it begins, and when it is over. */
static void note_write(struct kv *kv, const anima_error *failed)
{
    if (failed) {
        kv->no_writes_until_us = clock_mono_us() + WRITE_AGAIN_US;
        if (!kv->writes_fail)
            log_warn("kv", "%s; it goes on without, and tries again", failed->message);
    } else if (kv->writes_fail) {
        log_info("kv", "KV caches are written to the disk again");
    }
    kv->writes_fail = failed != NULL;
}

bool kv_segment_write(struct kv *kv, struct kv_stream *s, struct kv_segment *segment)
{
    if (segment->serial || !*s->name || !kv_may_write(kv))
        return segment->serial != 0;
    if (!trim_copy(kv, segment) || segment->blob->bytes > KV_FILE_MAX_DATA)
        return false;
    anima_error err;
    struct kv_piece piece = piece_of(s, segment);
    piece.serial = s->next_serial;
    int rc = kv_piece_write(&kv->folder, &piece, segment->blob->data, &err);
    note_write(kv, rc ? &err : NULL);
    if (rc)
        return false;
    segment->serial = s->next_serial++;
    kv->stats.written_bytes += segment->bytes;
    kv->since_trim += segment->bytes;
    return true;
}

/* What is kept of it from segment i on is of no use, or has no place. */
static void lose(struct kv *kv, struct kv_stream *s, int i)
{
    if (s->seat >= 0) /* its cells still have it */
        kv_segments_drop(kv, s, i);
    else
        kv_cut(kv, s, s->segments[i].p0);
}

void kv_trim_ram(struct kv *kv)
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
            if (!kv_segment_write(kv, coldest, segment)) {
                lose(kv, coldest, i);
                break;
            }
            unref(kv, segment->blob);
            segment->blob = NULL;
        }
    }
}

/* ---- restoring ---- */

/* Cells that nobody has, while s gets back what lies behind its position p0. */
static int cells_free(const struct kv *kv, const struct kv_stream *s, int p0)
{
    int used = p0;
    for (const struct kv_stream *t = kv->streams; t; t = t->next)
        used += t != s && t->seat >= 0 ? t->n : 0;
    return kv->config.cells - used;
}

/* The copy's cells under that id. With those that were cut off it may be more than there is room for. */
static bool put_cells(struct kv *kv, const struct kv_stream *s, struct kv_segment *segment, llama_seq_id id)
{
    if (segment->end - segment->p0 > cells_free(kv, s, segment->p0) && !trim_copy(kv, segment))
        return false;
    const struct blob *b = segment->blob;
    return llama_state_seq_set_data(kv->context, b->data, b->bytes, id) > 0;
}

/* Puts a segment's cells where its stream sits. */
static bool restore_segment(struct kv *kv, struct kv_stream *s, struct kv_segment *segment, bool first)
{
    if (!load_blob(kv, s, segment))
        return false;
    llama_seq_id id = first ? s->seat : kv->config.seats;
    if (!put_cells(kv, s, segment, id))
        return false;
    llama_memory_seq_rm(kv->memory, id, segment->p1, -1);
    if (!first) {
        llama_memory_seq_cp(kv->memory, id, s->seat, segment->p0, -1);
        llama_memory_seq_rm(kv->memory, id, -1, -1);
    }
    return llama_memory_seq_pos_max(kv->memory, s->seat) == segment->p1 - 1;
}

void kv_restore(struct kv *kv, struct kv_stream *s)
{
    int64_t began = clock_mono_us();
    for (int i = 0; i < s->n_segments; i++) {
        struct kv_segment *segment = &s->segments[i];
        if (restore_segment(kv, s, segment, i == 0))
            continue;
        if (segment->blob)
            log_warn("kv", "stream %s: the KV cache of tokens %d to %d finds no cells and is computed again", s->name,
                     segment->p0, s->n);
        kv->stats.damaged++;
        llama_memory_seq_rm(kv->memory, kv->config.seats, -1, -1);
        kv_cut(kv, s, segment->p0);
        break;
    }
    kv->stats.moved_us += clock_mono_us() - began;
    kv->stats.restored++;
}

/* ---- sharing ---- */

int kv_share(struct kv *kv, struct kv_stream *from, struct kv_stream *s, int n, anima_error *err)
{
    int rc = ANIMA_OK;
    if (from->seat >= 0 && kv_saved(from) < n)
        rc = kv_save(kv, from, from->n_segments, err);
    if (!rc && kv_set_tokens(s, from->tokens, 0, n))
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory for a stream");
    for (int i = 0; i < from->n_segments && !rc && from->segments[i].p0 < n; i++) {
        struct kv_segment *segment = kv_segment_add(s), *theirs = &from->segments[i];
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
            kv->stats.damaged++;
            lose(kv, from, i);
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
