/* training_prepare.c — what a training is given: lessons.jsonl, made of a character's texts (src/corpus), or as it lies there. */
#include "agent/training.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <string.h>

#define MAX_LESSONS (256u << 20)

/* Lines that are not empty. */
static int count_lines(const char *path, int *out, anima_error *err)
{
    char *text;
    size_t n;
    int rc = fs_read(path, MAX_LESSONS, &text, &n, err);
    *out = 0;
    for (const char *at = rc ? NULL : text; at && *at;) {
        size_t line = strcspn(at, "\n");
        *out += line > strspn(at, " \t\r");
        at += line + (at[line] == '\n');
    }
    if (!rc)
        mem_free(text);
    return rc;
}

int training_prepare(const struct training_texts *texts, int *lessons, anima_error *err)
{
    char *file = fs_join(texts->folder, "lessons.jsonl", (char *)NULL);
    int rc = file ? count_lines(file, lessons, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    if (rc == ANIMA_E_NOT_FOUND)
        err_set(err, rc, "there are no lessons: %s is not there", file);
    if (!rc && !*lessons)
        rc = err_set(err, ANIMA_E_NOT_FOUND, "there is nothing to learn in %s", file);
    mem_free(file);
    return rc;
}
