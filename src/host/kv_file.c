#include "host/kv_file.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "host/request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAGIC "ANIMAKV2"
#define FIXED 56 /* bytes of the head in front of the tokens */
#define READ_PART (1u << 20)
#define NAME_SIZE 128
#define MAX_FILES 65536

struct fixed {
    char magic[8];
    uint64_t identity, adapter, before, data_hash, data_bytes;
    uint32_t p0, p1;
};
_Static_assert(sizeof(struct fixed) == FIXED, "the head has no holes");

int kv_folder_open(const char *path, uint64_t identity, struct kv_folder *out, anima_error *err)
{
    *out = (struct kv_folder){ -1, identity };
    if (!*path)
        return ANIMA_OK;
    out->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return out->fd >= 0 ? ANIMA_OK : err_errno(err, errno, "cannot open the folder for KV caches, %s", path);
}

void kv_folder_close(struct kv_folder *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

uint64_t kv_tokens_hash(const int32_t *tokens, size_t n) { return XXH3_64bits(tokens, n * sizeof(*tokens)); }

static void name_of(const struct kv_folder *f, const char *stream, uint32_t serial, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%016llx.%s.%u.kv", (unsigned long long)f->identity, stream, serial);
}

/* ---- writing ---- */

static int write_all(int fd, struct iovec *part, int n)
{
    while (n > 0) {
        ssize_t done = writev(fd, part, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : EIO;
        for (; n > 0 && (size_t)done >= part->iov_len; n--, part++)
            done -= (ssize_t)part->iov_len;
        if (n > 0) {
            part->iov_base = (char *)part->iov_base + done;
            part->iov_len -= (size_t)done;
        }
    }
    return 0;
}

int kv_piece_write(const struct kv_folder *f, const struct kv_piece *piece, const void *data, anima_error *err)
{
    char name[NAME_SIZE], temporary[NAME_SIZE + 8];
    size_t n = (size_t)(piece->p1 - piece->p0);
    struct fixed head = { .identity = f->identity,
                          .adapter = piece->adapter,
                          .before = piece->before,
                          .data_hash = XXH3_64bits(data, piece->bytes),
                          .data_bytes = piece->bytes,
                          .p0 = (uint32_t)piece->p0,
                          .p1 = (uint32_t)piece->p1 };
    memcpy(head.magic, MAGIC, sizeof(head.magic));
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, &head, sizeof(head));
    XXH3_64bits_update(&state, piece->tokens, n * sizeof(int32_t));
    uint64_t hash = XXH3_64bits_digest(&state);
    struct iovec parts[] = { { &head, sizeof(head) },
                             { piece->tokens, n * sizeof(int32_t) },
                             { &hash, sizeof(hash) },
                             { (void *)(uintptr_t)data, piece->bytes } };
    name_of(f, piece->stream, piece->serial, name);
    snprintf(temporary, sizeof(temporary), "%s.new", name);
    unlinkat(f->fd, temporary, 0); /* of one that was killed; the jail may know no O_TRUNC */
    int fd = openat(f->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int failed = fd < 0 ? errno : write_all(fd, parts, 4);
    if (fd >= 0)
        close(fd);
    if (!failed && renameat(f->fd, temporary, f->fd, name))
        failed = errno;
    if (failed)
        unlinkat(f->fd, temporary, 0);
    return failed ? err_errno(err, failed, "cannot write a piece of the KV cache") : ANIMA_OK;
}

int kv_piece_link(const struct kv_folder *f, const char *from, uint32_t serial, const char *to, uint32_t as,
                  anima_error *err)
{
    char old[NAME_SIZE], new[NAME_SIZE];
    name_of(f, from, serial, old);
    name_of(f, to, as, new);
    return linkat(f->fd, old, f->fd, new, 0) ? err_errno(err, errno, "cannot share a piece of the KV cache") : ANIMA_OK;
}

void kv_piece_remove(const struct kv_folder *f, const char *stream, uint32_t serial)
{
    char name[NAME_SIZE];
    name_of(f, stream, serial, name);
    unlinkat(f->fd, name, 0);
}

void kv_piece_touch(const struct kv_folder *f, const char *stream, uint32_t serial)
{
    char name[NAME_SIZE];
    name_of(f, stream, serial, name);
    utimensat(f->fd, name, NULL, 0);
}

/* ---- reading ---- */

static int read_all(int fd, void *out, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t k = read(fd, (char *)out + got, n - got);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return -1;
        got += (size_t)k;
    }
    return 0;
}

/* Reads n bytes and hashes each part while the next ones come. */
static bool read_hashed(int fd, char *out, size_t n, uint64_t expected)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    for (size_t at = 0, k; at < n; at += k) {
        k = n - at < READ_PART ? n - at : READ_PART;
        if (read_all(fd, out + at, k))
            return false;
        XXH3_64bits_update(&state, out + at, k);
    }
    return XXH3_64bits_digest(&state) == expected;
}

/* Whatever lies under the name: opening it does not wait. */
static int open_piece(const struct kv_folder *f, const char *name)
{
    return openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

/* Reads and checks the head; fd stands at the data then. Tokens are the caller's. */
static bool read_head(const struct kv_folder *f, int fd, struct fixed *head, int32_t **tokens)
{
    struct stat st;
    *tokens = NULL;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || read_all(fd, head, sizeof(*head)) ||
        memcmp(head->magic, MAGIC, 8) != 0 || head->identity != f->identity || head->p1 <= head->p0 ||
        head->p1 > KV_FILE_MAX_TOKENS || head->data_bytes > KV_FILE_MAX_DATA)
        return false;
    size_t n = head->p1 - head->p0;
    uint64_t hash, whole = FIXED + n * sizeof(int32_t) + sizeof(hash) + head->data_bytes;
    if ((uint64_t)st.st_size != whole || !(*tokens = mem_alloc(n * sizeof(int32_t))))
        return false;
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    if (read_all(fd, *tokens, n * sizeof(int32_t)) == 0 && read_all(fd, &hash, sizeof(hash)) == 0) {
        XXH3_64bits_update(&state, head, sizeof(*head));
        XXH3_64bits_update(&state, *tokens, n * sizeof(int32_t));
        if (XXH3_64bits_digest(&state) == hash)
            return true;
    }
    mem_free(*tokens);
    *tokens = NULL;
    return false;
}

static bool is_piece(const struct fixed *head, const int32_t *tokens, const struct kv_piece *piece)
{
    size_t n = (size_t)(piece->p1 - piece->p0);
    return (int)head->p0 == piece->p0 && (int)head->p1 == piece->p1 && head->adapter == piece->adapter &&
           head->before == piece->before && memcmp(tokens, piece->tokens, n * sizeof(*tokens)) == 0;
}

int kv_piece_read(const struct kv_folder *f, const struct kv_piece *piece, size_t in_front, void **block, size_t *bytes,
                  anima_error *err)
{
    char name[NAME_SIZE];
    struct fixed head;
    int32_t *tokens;
    *block = NULL;
    name_of(f, piece->stream, piece->serial, name);
    int fd = open_piece(f, name);
    if (fd < 0)
        return err_errno(err, errno, "cannot open a piece of the KV cache");
    posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED); /* all of it is on its way while we look at the head */
    bool good = read_head(f, fd, &head, &tokens) && is_piece(&head, tokens, piece);
    mem_free(tokens);
    char *data = good ? mem_alloc_large(in_front + head.data_bytes) : NULL;
    if (good && !data) {
        close(fd);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for a piece of the KV cache");
    }
    good = good && read_hashed(fd, data + in_front, head.data_bytes, head.data_hash);
    close(fd);
    if (!good) {
        mem_free(data);
        return err_set(err, ANIMA_E_INVALID, "a piece of the KV cache (%s) is damaged, or not what it was", name);
    }
    *block = data;
    *bytes = head.data_bytes;
    return ANIMA_OK;
}

/* ---- the folder ---- */

static int by_place(const void *a, const void *b)
{
    const struct kv_piece *x = a, *y = b;
    int names = strcmp(x->stream, y->stream);
    return names ? names : x->serial < y->serial ? -1 : x->serial > y->serial;
}

static DIR *open_list(const struct kv_folder *f)
{
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !dir)
        close(fd);
    return dir;
}

static bool read_piece(const struct kv_folder *f, const char *name, struct kv_piece *out)
{
    struct fixed head;
    int fd = open_piece(f, name);
    bool good = fd >= 0 && read_head(f, fd, &head, &out->tokens);
    if (fd >= 0)
        close(fd);
    if (!good)
        return false;
    out->p0 = (int)head.p0;
    out->p1 = (int)head.p1;
    out->adapter = head.adapter;
    out->before = head.before;
    out->bytes = head.data_bytes;
    return true;
}

/* IDENTITY.STREAM.SERIAL.kv, of our identity, as we write it. */
static bool parse_name(const struct kv_folder *f, const char *name, struct kv_piece *out)
{
    char start[24], again[NAME_SIZE];
    int length = snprintf(start, sizeof(start), "%016llx.", (unsigned long long)f->identity);
    const char *stream = name + length, *dot = strncmp(name, start, (size_t)length) == 0 ? strchr(stream, '.') : NULL;
    if (!dot || dot == stream || dot - stream >= KV_NAME_MAX)
        return false;
    memcpy(out->stream, stream, (size_t)(dot - stream));
    out->serial = (uint32_t)strtoul(dot + 1, NULL, 10);
    if (!out->serial || out->serial == UINT32_MAX || !request_stream_valid(out->stream))
        return false;
    name_of(f, out->stream, out->serial, again);
    return strcmp(name, again) == 0;
}

static bool is_unfinished(const struct kv_folder *f, const char *name)
{
    char start[24];
    size_t n = strlen(name),
           length = (size_t)snprintf(start, sizeof(start), "%016llx.", (unsigned long long)f->identity);
    return strncmp(name, start, length) == 0 && n > 7 && strcmp(name + n - 7, ".kv.new") == 0;
}

static int take_list(struct buf *list, struct kv_piece **out, size_t *n, anima_error *err)
{
    struct kv_piece *all = (struct kv_piece *)(void *)list->data;
    size_t found = list->len / sizeof(*all);
    if (found)
        qsort(all, found, sizeof(*all), by_place);
    if (list->failed) {
        for (size_t i = 0; i < found; i++)
            mem_free(all[i].tokens);
        buf_finish(list);
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the list of KV caches");
    }
    *n = found;
    *out = found ? all : NULL;
    if (!found)
        buf_finish(list);
    return ANIMA_OK;
}

int kv_piece_list(const struct kv_folder *f, struct kv_piece **out, size_t *n, anima_error *err)
{
    struct buf list;
    *out = NULL;
    *n = 0;
    DIR *dir = open_list(f);
    if (!dir)
        return err_errno(err, errno, "cannot look into the folder for KV caches");
    buf_init(&list, (MAX_FILES + 1) * sizeof(struct kv_piece));
    for (struct dirent *e; (e = readdir(dir));) {
        struct kv_piece piece = { .serial = 0 };
        if (is_unfinished(f, e->d_name))
            unlinkat(f->fd, e->d_name, 0);
        if (!parse_name(f, e->d_name, &piece))
            continue;
        if (!read_piece(f, e->d_name, &piece)) {
            log_warn("kv", "%s is damaged and was removed: what it held is computed again", e->d_name);
            unlinkat(f->fd, e->d_name, 0);
        } else if (list.len >= MAX_FILES * sizeof(piece) || buf_append(&list, &piece, sizeof(piece))) {
            mem_free(piece.tokens);
        }
    }
    closedir(dir);
    return take_list(&list, out, n, err);
}

struct found {
    char name[NAME_SIZE];
    uint64_t bytes;
    int64_t used;
};

static int by_use(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return x->used < y->used ? -1 : x->used > y->used;
}

/* Our files, whoever's model they are of, and those that were never finished. */
static bool is_ours(const char *name)
{
    size_t n = strlen(name);
    return n < NAME_SIZE && strspn(name, "0123456789abcdef") == 16 && name[16] == '.' &&
           ((n > 3 && strcmp(name + n - 3, ".kv") == 0) || (n > 7 && strcmp(name + n - 7, ".kv.new") == 0));
}

uint64_t kv_folder_trim(const struct kv_folder *f, uint64_t most)
{
    DIR *dir = f->fd >= 0 ? open_list(f) : NULL;
    struct buf list;
    uint64_t sum = 0;
    if (!dir)
        return 0;
    buf_init(&list, MAX_FILES * sizeof(struct found));
    for (struct dirent *e; (e = readdir(dir));) {
        struct stat st;
        struct found found = { .bytes = 0 };
        if (!is_ours(e->d_name) || fstatat(f->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
            continue;
        snprintf(found.name, sizeof(found.name), "%s", e->d_name);
        /* Shared ones count once: each of their names a part. */
        found.bytes = (uint64_t)st.st_size / (st.st_nlink ? st.st_nlink : 1);
        found.used = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        sum += found.bytes;
        buf_append(&list, &found, sizeof(found));
    }
    closedir(dir);
    struct found *all = (struct found *)(void *)list.data;
    size_t n = list.len / sizeof(*all);
    if (sum > most)
        qsort(all, n, sizeof(*all), by_use);
    for (size_t i = 0; i < n && sum > most; i++)
        if (unlinkat(f->fd, all[i].name, 0) == 0)
            sum -= all[i].bytes < sum ? all[i].bytes : sum;
    buf_finish(&list);
    return sum;
}
