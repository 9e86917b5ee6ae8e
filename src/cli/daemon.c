#include "cli/daemon.h"

#include "agent/home.h"
#include "agent/settings.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "server/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct daemon {
    const struct cli *cli;
    int port;
    bool warm;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool ready; /* rc, err, url, home are valid */
    int rc;
    anima_error err;
    char url[256];
    anima_home *home;
};

static int open_all(struct daemon *d, struct server **server)
{
    anima_home_options options = { .path = d->cli->home, .set = d->cli->set };
    int rc = anima_home_open(&options, &d->home, &d->err);
    if (rc)
        return rc;
    struct server_options where = { .port = d->port };
    rc = server_start(d->home, &where, server, &d->err);
    if (rc == ANIMA_E_BUSY && d->port < 0) { /* somebody else has the usual port: any other will do for a chat */
        where.port = 0;
        rc = server_start(d->home, &where, server, &d->err);
    }
    if (rc)
        return rc;
    snprintf(d->url, sizeof(d->url), "%s", server_url(*server));
    rc = home_publish_url(d->home, d->url, &d->err);
    if (!rc && d->warm)
        anima_engine_warm(d->home, NULL, NULL); /* whatever is wrong with it, the first message tells */
    return rc;
}

static void *serve(void *ctx)
{
    struct daemon *d = ctx;
    struct server *server = NULL;
    int rc = open_all(d, &server);
    pthread_mutex_lock(&d->lock);
    d->rc = rc;
    d->ready = true;
    pthread_cond_signal(&d->change);
    pthread_mutex_unlock(&d->lock);
    if (!rc)
        anima_home_run(d->home);
    server_stop(server);
    anima_home_close(d->home);
    return NULL;
}

bool daemon_holder(const struct cli *cli, char *url, size_t size)
{
    int pid;
    char *path = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    bool held = path && home_holder(path, &pid, url, size) && *url;
    mem_free(path);
    return held;
}

char *daemon_token(const struct cli *cli)
{
    char *dir = cli->home ? mem_strdup(cli->home) : fs_home_dir(), *token = NULL;
    char *config = dir ? fs_join(dir, "config.ini", (char *)NULL) : NULL;
    struct settings *s = NULL;
    if (config && settings_load(config, cli->set, &s, NULL) == ANIMA_OK && *settings_get(s, "server.token_file"))
        fs_read(settings_get(s, "server.token_file"), 4096, &token, NULL, NULL);
    if (token)
        token[strcspn(token, "\r\n")] = '\0';
    settings_free(s);
    mem_free(config);
    mem_free(dir);
    return token;
}

void daemon_unheard(const struct cli *cli)
{
    if (cli->set[0])
        fputs("anima: an anima runs in this home already, with its own settings: --set changes nothing there\n",
              stderr);
}

int daemon_open(const struct cli *cli, int port, bool warm, struct daemon **out, char *url, size_t url_size,
                anima_error *err)
{
    *out = NULL;
    if (daemon_holder(cli, url, url_size)) {
        daemon_unheard(cli);
        return ANIMA_OK;
    }
    struct daemon *d = mem_zero(1, sizeof(*d));
    if (!d)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    d->cli = cli;
    d->port = port;
    d->warm = warm;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->change, NULL);
    int failed = pthread_create(&d->thread, NULL, serve, d);
    if (failed) {
        mem_free(d);
        return err_errno(err, failed, "cannot start a thread");
    }
    pthread_mutex_lock(&d->lock);
    while (!d->ready)
        pthread_cond_wait(&d->change, &d->lock);
    int rc = d->rc;
    pthread_mutex_unlock(&d->lock);
    if (rc) {
        if (err)
            *err = d->err;
        pthread_join(d->thread, NULL);
        mem_free(d);
        return rc;
    }
    snprintf(url, url_size, "%s", d->url);
    *out = d;
    return ANIMA_OK;
}

void daemon_close(struct daemon *d)
{
    if (!d)
        return;
    anima_home_stop(d->home);
    pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->change);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

/* ---- one that stays ---- */

/* In the child: becomes the daemon, or ends. */
static void become(const struct cli *cli, const char *log, const char *port)
{
    const char *argv[2 * CLI_MAX_SET + 10] = { "anima", "serve", "--lazy" };
    size_t n = 3;
    int null = open("/dev/null", O_RDWR), out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (cli->home) {
        argv[n++] = "--home";
        argv[n++] = cli->home;
    }
    for (size_t i = 0; i < CLI_MAX_SET && cli->set[i]; i++) {
        argv[n++] = "--set";
        argv[n++] = cli->set[i];
    }
    if (port) {
        argv[n++] = "--set";
        argv[n++] = port;
    }
    setsid();
    signal(SIGINT, SIG_DFL);
    if (null >= 0 && out >= 0 && dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
        execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* True once it serves; false if it ended. */
static bool serves(const struct cli *cli, int pid, char *url, size_t size)
{
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (daemon_holder(cli, url, size))
            return true;
        usleep(50000);
    }
    return false;
}

int daemon_start(const struct cli *cli, char *url, size_t size, int *pid, anima_error *err)
{
    static const char *const ports[] = { NULL,
                                         "server.port=0" }; /* somebody else has the usual one: any other will do */
    char *home = cli->home ? mem_strdup(cli->home) : fs_home_dir();
    char *folder = home ? fs_join(home, "training", (char *)NULL) : NULL;
    char *log = folder ? fs_join(folder, "serve.log", (char *)NULL) : NULL;
    int rc = log ? fs_mkdirs(folder, err) : err_set(err, ANIMA_E_NOMEM, "out of memory");
    bool good = false;
    *pid = 0;
    for (size_t i = 0; !rc && !good && i < 2; i++) {
        *pid = fork();
        if (*pid == 0)
            become(cli, log, ports[i]);
        good = *pid > 0 && serves(cli, *pid, url, size);
    }
    if (!rc && !good)
        rc = err_set(err, ANIMA_E_IO, "anima could not be started in the background; %s says why", log);
    if (!good)
        *pid = 0; /* nobody is there to be ended */
    mem_free(log);
    mem_free(folder);
    mem_free(home);
    return rc;
}

void daemon_end(int pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}
