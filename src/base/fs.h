/* fs.h — files and folders: reading with a limit, writing whole or not at all, the XDG folders. Any thread. */
#ifndef BASE_FS_H
#define BASE_FS_H
#include "anima/anima.h"

/* The whole file, NUL-terminated, yours to mem_free; ANIMA_E_LIMIT if larger than max bytes. len may be NULL. */
int fs_read(const char *path, size_t max, char **out, size_t *len, anima_error *err);
/* The whole file, mapped to be read; what says what it is, for messages. *data is fs_unmap's. ANIMA_E_NOT_FOUND, ANIMA_E_IO; an empty file is ANIMA_E_INVALID. */
int fs_map(const char *path, const char *what, const unsigned char **data, size_t *n, anima_error *err);
void fs_unmap(const unsigned char *data, size_t n);
/* Writes a temporary file beside path, fsyncs it, renames it over path. */
int fs_write(const char *path, const void *data, size_t n, int mode, anima_error *err);
/* Puts data at the end of path, which is made if it is not there, and fsyncs it. What was there stays; a full disk may leave a part. */
int fs_append(const char *path, const void *data, size_t n, int mode, anima_error *err);
/* The file `from` under another name, whole or not at all: a hard link, else a copy. What is there is replaced. */
int fs_place(const char *from, const char *to, anima_error *err);
/* Makes the folder and its parents (mode 0700 for those it makes). */
int fs_mkdirs(const char *path, anima_error *err);
/* Takes path away with all that lies in it; links are taken away, not followed. What cannot be removed stays. */
void fs_remove_tree(const char *path);
bool fs_exists(const char *path);
/* "a/b" from parts ended by NULL; yours to mem_free; NULL if memory ran out. */
char *fs_join(const char *first, ...) __attribute__((sentinel));
/* Yours to mem_free. Home: $ANIMA_HOME, $XDG_DATA_HOME/anima, ~/.local/share/anima.
 * Cache (models and engine packages): $ANIMA_CACHE, $XDG_CACHE_HOME/anima, ~/.cache/anima. */
char *fs_home_dir(void);
char *fs_cache_dir(void);
/* The folder share/ of this program: $ANIMA_SHARE, else found from the executable's place (build tree or prefix). */
char *fs_share_dir(void);
/* The folder of the running executable. */
char *fs_exe_dir(void);
/* Bytes free for us on the file system of path; -1 unknown. */
int64_t fs_free_bytes(const char *path);
#endif
