/* zip.c — finding one member of a zip archive (PKWARE APPNOTE 6.3). The archive is foreign input: every offset and length
 * is checked against the file. Zip64 is not needed for wheels of less than 4 GiB and is refused. */
#include "engine/fetch.h"

#include "base/err.h"

#include <string.h>

#define END_SIZE 22
#define ENTRY_SIZE 46
#define LOCAL_SIZE 30
#define MAX_COMMENT 65535

static uint32_t le(const unsigned char *p, int bytes)
{
    uint32_t x = 0;
    for (int i = 0; i < bytes; i++)
        x |= (uint32_t)p[i] << (8 * i);
    return x;
}

/* The end record, searched from the back. */
static const unsigned char *find_end(const unsigned char *data, size_t n)
{
    for (size_t back = END_SIZE; back <= n && back <= END_SIZE + MAX_COMMENT; back++)
        if (memcmp(data + n - back, "PK\5\6", 4) == 0)
            return data + n - back;
    return NULL;
}

int zip_find(const unsigned char *data, size_t n, const char *name, const unsigned char **member, size_t *packed,
             uint64_t *size, bool *deflated, anima_error *err)
{
    const unsigned char *end = n >= END_SIZE ? find_end(data, n) : NULL;
    size_t wanted = strlen(name);
    if (!end)
        return err_set(err, ANIMA_E_INVALID, "the archive has no end record: it is damaged or no zip");
    size_t count = le(end + 10, 2), at = le(end + 16, 4);
    for (size_t i = 0; i < count; i++) {
        if (at > n || n - at < ENTRY_SIZE || memcmp(data + at, "PK\1\2", 4) != 0)
            return err_set(err, ANIMA_E_INVALID, "the archive's directory is damaged");
        const unsigned char *e = data + at;
        size_t name_len = le(e + 28, 2), step = ENTRY_SIZE + name_len + le(e + 30, 2) + le(e + 32, 2);
        if (n - at < step)
            return err_set(err, ANIMA_E_INVALID, "the archive's directory is damaged");
        if (name_len != wanted || memcmp(e + ENTRY_SIZE, name, wanted) != 0) {
            at += step;
            continue;
        }
        uint32_t method = le(e + 10, 2), local = le(e + 42, 4);
        *packed = le(e + 20, 4);
        *size = le(e + 24, 4);
        *deflated = method == 8;
        if (method != 0 && method != 8)
            return err_set(err, ANIMA_E_INVALID, "%s is packed in a way that is not known", name);
        if (local > n || n - local < LOCAL_SIZE || memcmp(data + local, "PK\3\4", 4) != 0)
            return err_set(err, ANIMA_E_INVALID, "the archive is damaged at %s", name);
        size_t start = local + LOCAL_SIZE + (size_t)le(data + local + 26, 2) + le(data + local + 28, 2);
        if (start > n || n - start < *packed || (method == 0 && *packed != *size))
            return err_set(err, ANIMA_E_INVALID, "the archive ends inside %s", name);
        *member = data + start;
        return ANIMA_OK;
    }
    return err_set(err, ANIMA_E_INVALID, "the archive has no %s", name);
}
