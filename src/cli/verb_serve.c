/* verb_serve.c — anima as a daemon in the foreground. */
#include "agent/home.h"
#include "cli/cli.h"
#include "server/server.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static anima_home *running;

static void on_signal(int sig)
{
    (void)sig;
    if (running)
        anima_home_stop(running);
}

static void open_browser(const char *url)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("xdg-open", "xdg-open", url, (char *)NULL);
        _exit(1);
    }
}

static int run(struct cli *cli)
{
    int status;
    anima_error err;
    struct server *server = NULL;
    anima_home *home = cli_open_home(cli, false, &status);
    if (!home)
        return status;
    int rc = server_start(home, NULL, &server, &err);
    if (!rc)
        rc = home_publish_url(home, server_url(server), &err);
    if (rc) {
        server_stop(server);
        anima_home_close(home);
        return cli_error(cli, &err);
    }
    running = home;
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    printf("anima is at %s\n", server_url(server));
    fflush(stdout);
    if (cli_value(cli, "open"))
        open_browser(server_url(server));
    if (!cli_value(cli, "lazy"))
        anima_engine_warm(home, NULL, NULL); /* whatever is wrong with it, the first message and doctor tell */
    anima_home_run(home);
    running = NULL;
    server_stop(server);
    anima_home_close(home);
    return CLI_OK;
}

static const struct cli_option options[] = {
    { "open", NULL, "open the page in the browser" },
    { "lazy", NULL, "load the model at the first message, not at once" },
    { NULL, NULL, NULL },
};

const struct cli_verb verb_serve = {
    .name = "serve",
    .summary = "run as a daemon: the page and the API",
    .usage = "[--open] [--lazy]",
    .options = options,
    .details =
        "Prints its address, then serves until Ctrl-C or SIGTERM. It listens on this machine only, unless server.bind\n"
        "says otherwise; then server.token_file is needed.\n\nExamples:\n  anima serve --open\n  anima serve --set "
        "server.port=8080",
    .run = run,
};
