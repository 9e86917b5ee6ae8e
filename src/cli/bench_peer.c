#include "cli/bench_peer.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 8
#define MAX_LINE (1u << 16)

static int find(const char *name, char *out, size_t size, anima_error *err)
{
    static const char *const places[] = { "tests/bench/", "", "../../tests/bench/" };
    char *exe = fs_exe_dir();
    bool found = false;
    for (size_t i = 0; exe && i < 3 && !found; i++) {
        snprintf(out, size, "%s/%s%s", exe, places[i], name);
        found = access(out, X_OK) == 0;
    }
    mem_free(exe);
    return found ? ANIMA_OK : err_set(err, ANIMA_E_NOT_FOUND, "%s is not built; `make bench` builds it", name);
}

int bench_peer_start(struct bench_peer *peer, const char *name, const char *runtime, const char *const *arguments,
                     anima_error *err)
{
    char program[600], line[100];
    int to[2], from[2];
    *peer = (struct bench_peer){ .name = name };
    int rc = find(name, program, sizeof(program), err);
    if (rc)
        return rc;
    if (pipe(to) || pipe(from))
        return err_set(err, ANIMA_E_IO, "no pipe");
    peer->pid = fork();
    if (peer->pid == 0) {
        const char *argv[MAX_ARGUMENTS + 2] = { program };
        for (int i = 0; i < MAX_ARGUMENTS && arguments[i]; i++)
            argv[i + 1] = arguments[i];
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        setenv("LD_LIBRARY_PATH", runtime, 1);
        execv(program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    peer->in = fdopen(to[1], "w");
    peer->out = fdopen(from[0], "r");
    bool ready = peer->in && peer->out && fgets(line, sizeof(line), peer->out) && strncmp(line, "ready", 5) == 0;
    return ready ? ANIMA_OK : err_set(err, ANIMA_E_ENGINE, "%s does not start", name);
}

int bench_peer_ask(struct bench_peer *peer, const char *line, double *numbers, int max, int *n, anima_error *err)
{
    char *answer = mem_alloc(MAX_LINE), *at = answer, *end;
    *n = 0;
    fprintf(peer->in, "%s\n", line);
    fflush(peer->in);
    bool got = answer && fgets(answer, MAX_LINE, peer->out);
    for (; got && *n < max; at = end) {
        double value = strtod(at, &end);
        if (end == at)
            break;
        numbers[(*n)++] = value;
    }
    mem_free(answer);
    return *n ? ANIMA_OK : err_set(err, ANIMA_E_ENGINE, "%s has gone during \"%s\"", peer->name, line);
}

void bench_peer_stop(struct bench_peer *peer)
{
    if (peer->in)
        fclose(peer->in);
    if (peer->out)
        fclose(peer->out);
    if (peer->pid > 0)
        waitpid(peer->pid, NULL, 0);
    *peer = (struct bench_peer){ 0 };
}
