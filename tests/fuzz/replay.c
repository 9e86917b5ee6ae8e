/* replay.c — runs a fuzz target over files and folders, in the order of their names, without libFuzzer: the corpus as a
 * test for every compiler and sanitizer.
 *
 *   replay-NAME PATH…      names each input before it runs, so that the one that breaks a promise is the last named */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

#define MAX_FILE (16l << 20)

static size_t inputs;

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    uint8_t *data = size >= 0 && size <= MAX_FILE ? malloc(size ? (size_t)size : 1) : NULL;
    if (f)
        rewind(f);
    int failed = !data || fread(data, 1, (size_t)size, f) != (size_t)size;
    fprintf(stderr, failed ? "%s cannot be read\n" : "%s\n", path);
    if (!failed)
        LLVMFuzzerTestOneInput(data, (size_t)size);
    if (f)
        fclose(f);
    free(data);
    inputs++;
    return failed;
}

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int run_path(const char *path)
{
    struct stat st;
    struct dirent **names;
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return run_file(path);
    int n = scandir(path, &names, visible, alphasort), failed = n < 0;
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
        failed |= run_path(file);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_path(argv[i]);
    printf("%s %zu inputs\n", failed || !inputs ? "FAIL" : "ok", inputs);
    return failed || !inputs;
}
