#include "base/fs.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int read_all(int fd, char *data, size_t size, size_t *n)
{
    *n = 0;
    while (*n < size) {
        ssize_t k = read(fd, data + *n, size - *n);
        if (k == 0)
            return 0;
        if (k < 0 && errno != EINTR)
            return errno;
        if (k > 0)
            *n += (size_t)k;
    }
    return 0;
}

int fs_read(const char *path, size_t max, char **out, size_t *len, anima_error *err)
{
    *out = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "cannot open %s", path);
    struct stat st;
    int rc = ANIMA_OK;
    char *data = NULL;
    size_t n = 0;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        rc = err_set(err, ANIMA_E_INVALID, "%s is not a file", path);
    } else if ((uint64_t)st.st_size > max) {
        rc = err_set(err, ANIMA_E_LIMIT, "%s has %lld bytes; at most %zu are read", path, (long long)st.st_size, max);
    } else if (!(data = mem_alloc((size_t)st.st_size + 1))) {
        rc = err_set(err, ANIMA_E_NOMEM, "out of memory while reading %s", path);
    } else {
        int failed = read_all(fd, data, (size_t)st.st_size, &n);
        if (failed)
            rc = err_errno(err, failed, "cannot read %s", path);
    }
    close(fd);
    if (rc) {
        mem_free(data);
        return rc;
    }
    data[n] = '\0';
    *out = data;
    if (len)
        *len = n;
    return ANIMA_OK;
}

static int write_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t k = write(fd, data, n);
        if (k < 0 && errno != EINTR)
            return errno;
        if (k > 0) {
            data += k;
            n -= (size_t)k;
        }
    }
    return 0;
}

int fs_map(const char *path, const char *what, const unsigned char **data, size_t *n, anima_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        int rc = err_errno(err, errno, "cannot open %s %s", what, path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    bool some = S_ISREG(st.st_mode) && st.st_size > 0;
    void *map = some ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (!some)
        return err_set(err, ANIMA_E_INVALID, "%s %s is no file, or an empty one", what, path);
    if (map == MAP_FAILED)
        return err_errno(err, errno, "cannot map %s %s", what, path);
    *data = map;
    *n = (size_t)st.st_size;
    return ANIMA_OK;
}

void fs_unmap(const unsigned char *data, size_t n) { munmap((void *)(uintptr_t)data, n); }

int fs_write(const char *path, const void *data, size_t n, int mode, anima_error *err)
{
    char temp[PATH_MAX];
    if (snprintf(temp, sizeof(temp), "%s.new-XXXXXX", path) >= (int)sizeof(temp))
        return err_set(err, ANIMA_E_LIMIT, "the path %.100s… is too long", path);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "cannot write beside %s", path);
    int failed = write_all(fd, data, n);
    if (!failed && (fchmod(fd, (mode_t)mode) || fsync(fd)))
        failed = errno;
    if (close(fd) && !failed)
        failed = errno;
    if (!failed && rename(temp, path))
        failed = errno;
    if (failed) {
        unlink(temp);
        return err_errno(err, failed, "cannot write %s", path);
    }
    return ANIMA_OK;
}

int fs_append(const char *path, const void *data, size_t n, int mode, anima_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
    if (fd < 0)
        return err_errno(err, errno, "cannot write %s", path);
    int failed = write_all(fd, data, n);
    if (!failed && fsync(fd))
        failed = errno;
    if (close(fd) && !failed)
        failed = errno;
    return failed ? err_errno(err, failed, "cannot write %s", path) : ANIMA_OK;
}

static int copy_to(const char *from, const char *to, anima_error *err)
{
    const unsigned char *data;
    size_t n;
    int rc = fs_map(from, "the file", &data, &n, err);
    if (rc)
        return rc;
    rc = fs_write(to, data, n, 0600, err);
    fs_unmap(data, n);
    return rc;
}

int fs_place(const char *from, const char *to, anima_error *err)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof(beside), "%s.link-%d", to, (int)getpid()) >= (int)sizeof(beside))
        return err_set(err, ANIMA_E_LIMIT, "the path %.100s… is too long", to);
    unlink(beside);
    if (link(from, beside)) /* another file system, or one without links */
        return copy_to(from, to, err);
    int failed = rename(beside, to) ? errno : 0;
    unlink(beside); /* still there where `to` was the same file already */
    return failed ? err_errno(err, failed, "cannot write %s", to) : ANIMA_OK;
}

int fs_mkdirs(const char *path, anima_error *err)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(part))
        return err_set(err, ANIMA_E_INVALID, "not a usable path: %.100s", path);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, 0700) && errno != EEXIST) {
            int failed = errno;
            struct stat st;
            if (stat(part, &st) || !S_ISDIR(st.st_mode)) /* EROFS and EACCES do not matter where the folder is there */
                return err_errno(err, failed, "cannot make the folder %s", part);
        }
        part[i] = kept;
    }
    struct stat st;
    if (stat(path, &st))
        return err_errno(err, errno, "cannot use the folder %s", path);
    return S_ISDIR(st.st_mode) ? ANIMA_OK : err_set(err, ANIMA_E_INVALID, "%s is not a folder", path);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void fs_remove_tree(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

bool fs_exists(const char *path) { return access(path, F_OK) == 0; }

char *fs_join(const char *first, ...)
{
    size_t n = strlen(first);
    const char *part;
    va_list ap;
    va_start(ap, first);
    while ((part = va_arg(ap, const char *)))
        n += strlen(part) + 1;
    va_end(ap);
    char *path = mem_alloc(n + 1);
    if (!path)
        return NULL;
    char *end = stpcpy(path, first);
    va_start(ap, first);
    while ((part = va_arg(ap, const char *))) {
        if (end > path && end[-1] != '/')
            *end++ = '/';
        end = stpcpy(end, part);
    }
    va_end(ap);
    return path;
}

/* $own, else $xdg/anima, else ~/fallback/anima. */
static char *user_dir(const char *own, const char *xdg, const char *fallback)
{
    const char *dir = getenv(own);
    if (dir && *dir)
        return mem_strdup(dir);
    dir = getenv(xdg);
    if (dir && *dir == '/')
        return fs_join(dir, "anima", (char *)NULL);
    const char *user = getenv("HOME");
    return fs_join(user && *user ? user : ".", fallback, "anima", (char *)NULL);
}

char *fs_home_dir(void) { return user_dir("ANIMA_HOME", "XDG_DATA_HOME", ".local/share"); }

char *fs_cache_dir(void) { return user_dir("ANIMA_CACHE", "XDG_CACHE_HOME", ".cache"); }

char *fs_exe_dir(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    *(slash == path ? slash + 1 : slash) = '\0';
    return mem_strdup(path);
}

char *fs_share_dir(void)
{
    const char *env = getenv("ANIMA_SHARE");
    if (env && *env)
        return mem_strdup(env);
    /* From the build folder, from a test in it, from bin/ of a prefix. */
    static const char *const places[] = { "../share/anima", "../share", "../../share", "../../../share" };
    char *exe = fs_exe_dir();
    char *found = NULL;
    for (size_t i = 0; exe && !found && i < sizeof(places) / sizeof(places[0]); i++) {
        char *probe = fs_join(exe, places[i], "characters", (char *)NULL);
        if (probe && fs_exists(probe))
            found = fs_join(exe, places[i], (char *)NULL);
        mem_free(probe);
    }
#ifdef ANIMA_SOURCE_SHARE
    if (!found)
        found = mem_strdup(ANIMA_SOURCE_SHARE); /* a build folder outside the checkout */
#endif
    mem_free(exe);
    return found;
}

int64_t fs_free_bytes(const char *path)
{
    struct statvfs v;
    return statvfs(path, &v) ? -1 : (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}
