/* folder.c — the files of a folder, in an order that does not depend on the disk. */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "twin/read_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEEK 4096 /* bytes by which a file is known to be no text */

struct names {
    char **list;
    size_t n, max;
};

static void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        mem_free(names->list[i]);
    mem_free(names->list);
}

static bool add_name(struct names *names, const char *name)
{
    char **grown = mem_grow(names->list, names->n, &names->max, sizeof(*grown));
    char *copy = mem_strdup(name);
    if (grown)
        names->list = grown;
    if (grown && copy)
        names->list[names->n++] = copy;
    else
        mem_free(copy);
    return grown && copy;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list(const char *dir, struct names *names, anima_error *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return err_errno(err, errno, "cannot look into %s", dir);
    int rc = ANIMA_OK;
    for (struct dirent *e; !rc && (e = readdir(d));)
        if (e->d_name[0] != '.' && !add_name(names, e->d_name))
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
    closedir(d);
    if (names->n)
        qsort(names->list, names->n, sizeof(*names->list), by_bytes);
    return rc;
}

/* ---- files that are not read ---- */

/* What to do about files that are known by their names. */
static const char *advice_for(const char *name)
{
    static const struct {
        const char *ending, *advice;
    } known[] = {
        { ".zip", "an archive: unpack it into the folder" },
        { ".gz", "an archive: unpack it into the folder" },
        { ".7z", "an archive: unpack it into the folder" },
        { ".rar", "an archive: unpack it into the folder" },
        { ".html", "a page: export it as JSON or as text" },
        { ".htm", "a page: export it as JSON or as text" },
        { ".pdf", "save it as text (.txt, .md)" },
        { ".doc", "save it as text (.txt, .md)" },
        { ".docx", "save it as text (.txt, .md)" },
        { ".odt", "save it as text (.txt, .md)" },
        { ".rtf", "save it as text (.txt, .md)" },
        { ".db", "a database: export what is in it as text, CSV or JSON" },
        { ".sqlite", "a database: export what is in it as text, CSV or JSON" },
        { ".pst", "export it as mbox" },
        { ".xlsx", "save it as CSV" },
    };
    const char *dot = strrchr(name, '.'), *slash = strrchr(name, '/');
    if (strncasecmp(slash ? slash + 1 : name, "README", 6) == 0)
        return "about the files beside it, not their owner's words";
    for (size_t i = 0; dot && i < sizeof(known) / sizeof(known[0]); i++)
        if (strcasecmp(dot, known[i].ending) == 0)
            return known[i].advice;
    return NULL;
}

/* The first bytes of a file; -1: they cannot be read. */
static ssize_t peek(int fd, char head[PEEK]) { return pread(fd, head, PEEK, 0); }

static bool is_no_text(int fd)
{
    char head[PEEK];
    ssize_t n = peek(fd, head);
    bool marked = n >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0);
    return n > 0 && !marked && memchr(head, '\0', (size_t)n);
}

/* Why the file at path is not read whole; NULL: it is. */
static const char *obstacle(const char *path, const char *name)
{
    struct stat st;
    const char *why = advice_for(name);
    if (why)
        return why;
    if (lstat(path, &st))
        return strerror(errno);
    if (S_ISLNK(st.st_mode))
        return "a link: links are not followed";
    if (!S_ISREG(st.st_mode))
        return "it is not a file";
    if (!st.st_size)
        return "it is empty";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return strerror(errno);
    why = is_no_text(fd) ? "it is no text" : NULL;
    close(fd);
    return why;
}

/* ---- the walk ---- */

/* Larger than other files may be. */
static bool is_large_mbox(const char *path)
{
    struct stat st;
    char head[PEEK];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > (off_t)TWIN_MAX_FILE ? peek(fd, head) : 0;
    if (fd >= 0)
        close(fd);
    return n > 0 && twin_is_mbox(head, (size_t)n);
}

/* Of a large file only what is looked at is in memory. */
static int add_mapped(struct twin_reading *r, const char *path, const char *name, anima_error *err)
{
    const unsigned char *data;
    size_t n;
    anima_error why = { 0 };
    if (fs_map(path, "the mails", &data, &n, &why))
        return twin_reading_skip(r, name, why.message, err);
    int rc = twin_reading_add(r, name, (const char *)data, n, err);
    fs_unmap(data, n);
    return rc;
}

/* A file's name as text: names are bytes. */
static char *clean_name(const char *name)
{
    size_t size = 3 * strlen(name) + 1;
    char *clean = mem_alloc(size);
    if (clean)
        utf8_clean(name, strlen(name), clean, size);
    return clean;
}

static int add_file(struct twin_reading *r, const char *path, const char *name, anima_error *err)
{
    char *data = NULL, *clean = clean_name(name);
    size_t n = 0;
    anima_error why = { 0 };
    const char *trouble = obstacle(path, name);
    if (!clean)
        return err_set(err, ANIMA_E_NOMEM, "out of memory for %s", path);
    bool mapped = !trouble && is_large_mbox(path);
    int rc = trouble || mapped ? ANIMA_OK : fs_read(path, TWIN_MAX_FILE, &data, &n, &why);
    if (mapped)
        rc = add_mapped(r, path, clean, err);
    else if (rc == ANIMA_E_NOMEM)
        err_set(err, rc, "%s", why.message);
    else if (trouble || rc)
        rc = twin_reading_skip(r, clean, trouble ? trouble : why.message, err);
    else
        rc = twin_reading_add(r, clean, data, n, err);
    mem_free(data);
    mem_free(clean);
    return rc;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int walk(struct twin_reading *r, const char *dir, const char *from, int depth, anima_error *err);

/* The files of a folder (folders: its folders). */
static int walk_names(struct twin_reading *r, const struct names *names, const char *dir, const char *from,
                      bool folders, int depth, anima_error *err)
{
    int rc = ANIMA_OK;
    for (size_t i = 0; !rc && i < names->n; i++) {
        char *path = fs_join(dir, names->list[i], NULL);
        char *name = *from ? fs_join(from, names->list[i], NULL) : mem_strdup(names->list[i]);
        if (!path || !name)
            rc = err_set(err, ANIMA_E_NOMEM, "out of memory for the files of %s", dir);
        else if (r->book->n_files >= TWIN_MAX_FILES)
            rc = err_set(err, ANIMA_E_LIMIT, "there are more than %d files in it; give a smaller folder",
                         TWIN_MAX_FILES);
        else if (is_folder(path) == folders)
            rc = folders ? walk(r, path, name, depth + 1, err) : add_file(r, path, name, err);
        mem_free(path);
        mem_free(name);
    }
    return rc;
}

static int walk(struct twin_reading *r, const char *dir, const char *from, int depth, anima_error *err)
{
    struct names names = { 0 };
    anima_error why = { 0 };
    if (depth > TWIN_MAX_DEPTH)
        return twin_reading_skip(r, from, "its folders are too deep", err);
    int rc = list(dir, &names, &why);
    if (rc && (depth == 0 || rc == ANIMA_E_NOMEM))
        err_set(err, rc, "%s", why.message);
    else if (rc)
        rc = twin_reading_skip(r, from, why.message, err);
    else if (!(rc = walk_names(r, &names, dir, from, false, depth, err)))
        rc = walk_names(r, &names, dir, from, true, depth, err);
    names_finish(&names);
    return rc;
}

int twin_reading_folder(struct twin_reading *r, const char *path, anima_error *err)
{
    struct stat st;
    if (stat(path, &st))
        return err_errno(err, errno, "cannot open %s", path);
    if (S_ISDIR(st.st_mode))
        return walk(r, path, "", 0, err);
    const char *slash = strrchr(path, '/');
    return add_file(r, path, slash ? slash + 1 : path, err);
}
