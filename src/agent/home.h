/* home.h — what the server and the command line need of a home beyond anima.h. Loop thread. */
#ifndef AGENT_HOME_H
#define AGENT_HOME_H
#include "anima/anima.h"
#include "loop/loop.h"

struct engine_set;
struct models;
struct cast; /* cast.h */
struct settings;

struct loop *home_loop(anima_home *home);
struct models *home_models(anima_home *home);
struct engine_set *home_engines(anima_home *home); /* NULL in a home for looking only */
const struct cast *home_cast(const anima_home *home);
const struct settings *home_settings(const anima_home *home);
/* Writes the address into the lock file, so that a second process can name and reach this one. */
int home_publish_url(anima_home *home, const char *url, anima_error *err);
/* Who holds the home's lock: false if nobody. url may come out "". */
bool home_holder(const char *path, int *pid, char *url, size_t url_size);
/* The store's own check (see store_check). Blocks. */
int home_check_store(anima_home *home, anima_error *err);
#endif
