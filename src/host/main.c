/* main.c — anima-engine: one model in one jailed process. anima starts it; a person runs it only for --help and
 * --jail-test. */
#include "base/err.h"
#include "host/driver.h"
#include "host/host.h"
#include "host/jail.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MAX_OPTIONS (64u << 10)

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0"; /* the leak check needs ptrace and clone, which the jail denies */
}
#endif

static void help(void)
{
    puts("anima-engine — one model in one jailed process; started by anima, which talks frames to it "
         "(docs/engine-protocol.md)\n"
         "\nUsage: anima-engine --driver NAME [--model PATH] [--options JSON] [--fd N] [--no-jail-ok] [--jail-test]\n"
         "\n  --driver NAME    which of the drivers below\n"
         "  --model PATH     the model: a file, a script, or a remote model's name\n"
         "  --options JSON   the driver's options, as one object\n"
         "  --fd N           the socket to anima (3)\n"
         "  --no-jail-ok     start even where the kernel cannot jail the model\n"
         "  --jail-test      enter the jail, try to get out, print what was denied");
    for (size_t i = 0; host_drivers[i]; i++) {
        printf("\n%s: %s\n", host_drivers[i]->name, host_drivers[i]->summary);
        for (const struct host_option *o = host_drivers[i]->options; o && o->key; o++)
            printf("  %-16s %s (default: %s)\n", o->key, o->meaning, *o->otherwise ? o->otherwise : "none");
    }
}

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "anima-engine: %s%s; --help shows how\n", what, value);
    return 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "driver", required_argument, NULL, 'd' },
        { "model", required_argument, NULL, 'm' },
        { "options", required_argument, NULL, 'o' },
        { "fd", required_argument, NULL, 'f' },
        { "no-jail-ok", no_argument, NULL, 'n' },
        { "jail-test", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    const char *driver_name = NULL, *options_text = "{}";
    struct host_config config = { .model = "" };
    bool no_jail_ok = false, test = false;
    int fd = 3, c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'd': driver_name = optarg; break;
        case 'm': config.model = optarg; break;
        case 'o': options_text = optarg; break;
        case 'f': fd = atoi(optarg); break;
        case 'n': no_jail_ok = true; break;
        case 'j': test = true; break;
        case 'h': help(); return 0;
        case 'v': puts("anima-engine " ANIMA_VERSION); return 0;
        default: return usage("unknown option", "");
        }
    }
    const struct host_driver *driver = host_driver_find(driver_name ? driver_name : test ? "llm_llama" : "");
    if (!driver)
        return usage("which driver? not ", driver_name ? driver_name : "none");
    yyjson_doc *doc;
    anima_error err;
    if (json_parse(options_text, strlen(options_text), MAX_OPTIONS, "--options", &doc, &err))
        return usage(err.message, "");
    config.options = yyjson_doc_get_root(doc);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no engine outlives its anima */
    signal(SIGPIPE, SIG_IGN);
    int rc = test ? jail_test(driver, &config) : host_run(driver, &config, fd, no_jail_ok);
    yyjson_doc_free(doc);
    return rc;
}
