#include "agent/reading.h"

#include "agent/state.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void reading_name(char out[READING_NAME], const char *conversation, const char *language, int generation)
{
    char behind[16] = "";
    if (generation)
        snprintf(behind, sizeof(behind), "-%d", generation);
    snprintf(out, READING_NAME, "c-%s-%s%s", conversation, language, behind);
}

/* MODEL.STREAM.SERIAL.kv: see src/host/kv_file.h. */
static bool is_of(const char *file, const char *start)
{
    const char *stream = strchr(file, '.');
    return stream && strncmp(stream + 1, start, strlen(start)) == 0;
}

void reading_forget(anima_home *home, const char *conversation)
{
    char start[READING_NAME];
    snprintf(start, sizeof(start), "c-%s-", conversation);
    if (home->engines)
        engine_drop(home->engines, start);
    DIR *dir = home->kv_folder ? opendir(home->kv_folder) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (is_of(e->d_name, start))
            unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
}
