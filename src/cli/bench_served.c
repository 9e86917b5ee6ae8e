#include "cli/bench_served.h"

#include "base/clock.h"
#include "base/err.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_US 60000000
#define LOOK_EVERY_US 200

static void become(char *const *argv, const char *log)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a bench that is stopped leaves no server behind */
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    execv(argv[0], argv);
    _exit(127);
}

/* The first address in what it has printed; only whole lines count. */
static void find_address(const char *log, char *out, size_t size)
{
    char line[1024];
    FILE *f = fopen(log, "re");
    while (f && !*out && fgets(line, sizeof(line), f)) {
        const char *url = strchr(line, '\n') ? strstr(line, "http://") : NULL;
        if (url)
            snprintf(out, size, "%.*s", (int)strcspn(url, " \r\n"), url);
    }
    if (f)
        fclose(f);
}

int bench_served_start(struct bench_served *s, const char *name, char *const *argv, const char *log, anima_error *err)
{
    *s = (struct bench_served){ 0 };
    unlink(log);
    s->pid = fork();
    if (s->pid == 0)
        become(argv, log);
    int64_t until = clock_mono_us() + PATIENCE_US;
    bool ended = s->pid < 0;
    while (!*s->url && !ended && clock_mono_us() < until) {
        usleep(LOOK_EVERY_US);
        find_address(log, s->url, sizeof(s->url));
        ended = waitpid(s->pid, NULL, WNOHANG) == s->pid;
    }
    if (ended)
        s->pid = 0;
    return *s->url && !ended ? ANIMA_OK : err_set(err, ANIMA_E_IO, "%s did not start (%s)", name, argv[0]);
}

void bench_served_stop(struct bench_served *s)
{
    if (s->pid > 0) {
        kill(s->pid, SIGTERM);
        waitpid(s->pid, NULL, 0);
    }
    *s = (struct bench_served){ 0 };
}
