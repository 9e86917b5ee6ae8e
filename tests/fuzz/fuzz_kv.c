/* A file of a KV cache and a copy of cells (host/kv_file.h, kv_slice.h). The first byte says what the others are:
 *   F   a file as it is
 *   H   a file whose identity, sizes and hashes are put right first, as far as it is long enough
 *   S   an i32 position, and what llama_state_seq_get_data may have given
 * What is listed holds together, what is not is removed, and what is read is what was hashed. A slice is a slice of itself. */
#include "base/log.h"
#include "base/mem.h"
#include "fuzz.h"
#include "host/kv_file.h"
#include "host/kv_slice.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define IDENTITY 0x1234
#define NAME "0000000000001234.a.1.kv"
#define HEAD 56

static struct kv_folder folder = { -1, 0 };

static void remove_folder(void)
{
    unlinkat(folder.fd, NAME, 0);
    char path[64];
    snprintf(path, sizeof(path), "/tmp/fuzz-kv-%d", (int)getpid());
    rmdir(path);
}

static void need_folder(void)
{
    if (folder.fd >= 0)
        return;
    char path[64];
    snprintf(path, sizeof(path), "/tmp/fuzz-kv-%d", (int)getpid());
    log_set_level(LOG_ERROR);
    CHECK(mkdir(path, 0700) == 0 || access(path, W_OK) == 0);
    CHECK(kv_folder_open(path, IDENTITY, &folder, NULL) == 0);
    atexit(remove_folder);
}

static void put_u64(char *at, uint64_t x) { memcpy(at, &x, sizeof(x)); }

/* Puts everything right that a whole file of this size can have. False: it cannot be whole. */
static bool repair(char *file, size_t size)
{
    uint32_t p0, p1;
    if (size < HEAD + 12)
        return false;
    memcpy(&p0, file + 48, sizeof(p0));
    memcpy(&p1, file + 52, sizeof(p1));
    if (p1 <= p0 || p1 > KV_FILE_MAX_TOKENS || (size - HEAD - 8) / 4 < p1 - p0)
        return false;
    size_t behind = HEAD + 4 * (size_t)(p1 - p0), data = size - behind - 8;
    memcpy(file, "ANIMAKV2", 8);
    put_u64(file + 8, IDENTITY);
    put_u64(file + 32, XXH3_64bits(file + behind + 8, data));
    put_u64(file + 40, data);
    put_u64(file + behind, XXH3_64bits(file, behind));
    return true;
}

static void try_file(const char *file, size_t size, bool whole)
{
    struct kv_piece *list;
    size_t n, bytes;
    void *block;
    need_folder();
    int fd = openat(folder.fd, NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, file, size) == (ssize_t)size);
    close(fd);
    CHECK(kv_piece_list(&folder, &list, &n, NULL) == 0 && n <= 1 && (n == 1 || !whole));
    CHECK((n == 1) == (faccessat(folder.fd, NAME, F_OK, 0) == 0));
    if (n) {
        size_t head = HEAD + 4 * (size_t)(list->p1 - list->p0) + 8;
        CHECK(list->p0 >= 0 && list->p1 > list->p0 && list->serial == 1 && head + list->bytes == size);
        int rc = kv_piece_read(&folder, list, 8, &block, &bytes, NULL);
        CHECK(rc == 0 || (rc == ANIMA_E_INVALID && !whole && !block));
        CHECK(rc || (bytes == list->bytes && memcmp((char *)block + 8, file + head, bytes) == 0));
        mem_free(block);
        list->p1--; /* something else than was expected */
        CHECK(kv_piece_read(&folder, list, 8, &block, &bytes, NULL) == ANIMA_E_INVALID && !block);
        mem_free(list->tokens);
    }
    mem_free(list);
}

static void try_slice(const char *data, size_t size)
{
    int32_t p1;
    size_t n, again;
    if (size < sizeof(p1))
        return;
    memcpy(&p1, data, sizeof(p1));
    char *copy = fuzz_copy(data + sizeof(p1), size - sizeof(p1));
    void *slice = kv_slice(copy, size - sizeof(p1), p1, &n);
    if (slice) {
        CHECK(n <= size - sizeof(p1));
        void *same = kv_slice(slice, n, p1, &again);
        CHECK(same && again == n && memcmp(slice, same, n) == 0);
        mem_free(same);
    }
    mem_free(slice);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    char *rest = fuzz_copy(data + 1, size - 1);
    if (data[0] == 'S')
        try_slice(rest, size - 1);
    else if (data[0] == 'H')
        try_file(rest, size - 1, repair(rest, size - 1));
    else if (data[0] == 'F')
        try_file(rest, size - 1, false);
    free(rest);
    return 0;
}
