/* charx.c — CHARX archives through libzip. Every size is checked before anything is unpacked: what an archive says of a
 * member is not believed beyond the limits of card.h, and reading stops where the limit is. */
#include "card/container.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>
#include <zip.h>

bool charx_is(const void *data, size_t n) { return n >= 4 && memcmp(data, "PK\3\4", 4) == 0; }

/* Forward slashes, no empty, "." or ".." part, not absolute, UTF-8 without control characters. */
bool charx_path_ok(const char *path)
{
    size_t n = strlen(path);
    if (!n || n > 255 || path[0] == '/' || strchr(path, '\\') || strchr(path, ':') || !utf8_valid(path, n))
        return false;
    for (const char *p = path; *p;) {
        size_t part = strcspn(p, "/");
        if (part == 0 || (p[0] == '.' && (part == 1 || (part == 2 && p[1] == '.'))))
            return false;
        p += part;
        if (*p == '/' && !p[1])
            return false;
        p += *p == '/';
    }
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)path[i] < 0x20 || path[i] == 0x7F)
            return false;
    return true;
}

static int zip_failed(zip_error_t *e, const char *what, anima_error *err)
{
    return err_set(err, zip_error_code_zip(e) == ZIP_ER_MEMORY ? ANIMA_E_NOMEM : ANIMA_E_INVALID, "%s: %s", what,
                   zip_error_strerror(e));
}

/* One member, at most max bytes. *out is NUL-terminated. */
static int unpack(zip_t *zip, zip_uint64_t i, const char *name, size_t max, char **out, size_t *n, anima_error *err)
{
    struct buf b;
    char chunk[16384];
    zip_int64_t got = 0;
    zip_file_t *f = zip_fopen_index(zip, i, 0);
    if (!f)
        return zip_failed(zip_get_error(zip), name, err);
    buf_init(&b, max);
    while ((got = zip_fread(f, chunk, sizeof(chunk))) > 0 && !b.failed)
        buf_append(&b, chunk, (size_t)got);
    zip_fclose(f);
    if (b.failed || got < 0) {
        int rc = b.failed == ANIMA_E_LIMIT
                     ? err_set(err, ANIMA_E_LIMIT, "%.80s in the archive is larger than %zu MB", name, max >> 20)
                 : b.failed ? err_set(err, ANIMA_E_NOMEM, "out of memory for %.80s", name)
                            : err_set(err, ANIMA_E_INVALID, "%.80s in the archive is damaged", name);
        buf_finish(&b);
        return rc;
    }
    *n = b.len;
    *out = buf_take(&b);
    return *out ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory for %.80s", name);
}

void charx_free_assets(struct card_asset *assets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free(assets[i].path);
        mem_free(assets[i].data);
    }
    mem_free(assets);
}

struct unpacking {
    char *json;
    size_t json_len;
    struct card_asset *assets;
    size_t n, bytes;
};

static int take_member(zip_t *zip, zip_uint64_t i, struct unpacking *u, anima_error *err)
{
    zip_stat_t stat;
    if (zip_stat_index(zip, i, 0, &stat) || !(stat.valid & ZIP_STAT_NAME))
        return err_set(err, ANIMA_E_INVALID, "the archive's directory is damaged");
    size_t len = strlen(stat.name);
    if (len && stat.name[len - 1] == '/')
        return ANIMA_OK; /* a folder */
    if (!charx_path_ok(stat.name))
        return err_set(err, ANIMA_E_INVALID, "the archive has a file that would leave its folder: \"%.100s\"",
                       stat.name);
    if (stat.encryption_method != ZIP_EM_NONE)
        return err_set(err, ANIMA_E_UNSUPPORTED, "%.80s in the archive is encrypted", stat.name);
    if (strcmp(stat.name, "card.json") == 0) {
        if (u->json)
            return err_set(err, ANIMA_E_INVALID, "the archive has two card.json");
        return unpack(zip, i, stat.name, CARD_MAX_JSON, &u->json, &u->json_len, err);
    }
    struct card_asset *a = &u->assets[u->n];
    a->path = mem_strdup(stat.name);
    if (!a->path)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %.80s", stat.name);
    u->n++;
    int rc = unpack(zip, i, stat.name, CARD_MAX_UNPACKED - u->bytes, &a->data, &a->n, err);
    u->bytes += rc ? 0 : a->n;
    return rc;
}

static int take_members(zip_t *zip, struct unpacking *u, anima_error *err)
{
    zip_int64_t n = zip_get_num_entries(zip, 0);
    if (n < 0 || n > CARD_MAX_ASSETS)
        return err_set(err, ANIMA_E_LIMIT, "the archive has %lld files; a card has at most %d", (long long)n,
                       CARD_MAX_ASSETS);
    u->assets = mem_zero((size_t)n + 1, sizeof(*u->assets));
    if (!u->assets)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for the archive");
    for (zip_int64_t i = 0; i < n; i++) {
        int rc = take_member(zip, (zip_uint64_t)i, u, err);
        if (rc)
            return rc;
    }
    return u->json ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "the archive has no card.json: it is no CHARX");
}

int charx_read(const void *data, size_t n, char **json, size_t *json_len, struct card_asset **assets, size_t *n_assets,
               anima_error *err)
{
    struct unpacking u = { 0 };
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(data, n, 0, &e);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &e) : NULL;
    bool twice = !zip && zip_error_code_zip(&e) == ZIP_ER_EXISTS;
    int rc = zip     ? take_members(zip, &u, err)
             : twice ? err_set(err, ANIMA_E_INVALID, "the archive has two files of one name")
                     : zip_failed(&e, "the archive cannot be read", err);
    if (zip)
        zip_discard(zip);
    else if (source)
        zip_source_free(source);
    zip_error_fini(&e);
    if (rc) {
        charx_free_assets(u.assets, u.n);
        mem_free(u.json);
        return rc;
    }
    *json = u.json;
    *json_len = u.json_len;
    *assets = u.assets;
    *n_assets = u.n;
    return ANIMA_OK;
}

static bool add(zip_t *zip, const char *path, const void *data, size_t n)
{
    zip_source_t *s = zip_source_buffer(zip, data, n, 0);
    zip_int64_t i = s ? zip_file_add(zip, path, s, ZIP_FL_ENC_UTF_8) : -1;
    if (i < 0 && s)
        zip_source_free(s);
    if (i < 0)
        return false;
    zip_file_set_mtime(zip, (zip_uint64_t)i, 315532800, 0); /* the same card gives the same bytes */
    return true;
}

/* The archive that source holds after zip_close. */
static int take_archive(zip_source_t *source, struct buf *out, anima_error *err)
{
    char chunk[16384];
    zip_int64_t got = -1;
    if (zip_source_open(source) == 0) {
        while ((got = zip_source_read(source, chunk, sizeof(chunk))) > 0)
            buf_append(out, chunk, (size_t)got);
        zip_source_close(source);
    }
    if (got < 0)
        return err_set(err, ANIMA_E_IO, "the archive could not be written");
    return out->failed ? err_set(err, out->failed, "the archive does not fit into memory") : ANIMA_OK;
}

int charx_write(const char *json, size_t json_len, const struct card_asset *assets, size_t n_assets, struct buf *out,
                anima_error *err)
{
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &e);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &e) : NULL;
    if (!zip) {
        if (source)
            zip_source_free(source);
        int rc = zip_failed(&e, "the archive cannot be made", err);
        zip_error_fini(&e);
        return rc;
    }
    zip_source_keep(source);
    bool good = add(zip, "card.json", json, json_len);
    for (size_t i = 0; i < n_assets && good; i++)
        good = add(zip, assets[i].path, assets[i].data, assets[i].n);
    int rc = ANIMA_OK;
    if (!good || zip_close(zip)) {
        rc = zip_failed(zip_get_error(zip), "the archive cannot be made", err);
        zip_discard(zip);
    }
    if (!rc)
        rc = take_archive(source, out, err);
    zip_source_free(source);
    zip_error_fini(&e);
    return rc;
}
