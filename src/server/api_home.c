/* api_home.c — what the home is, who lives and talks in it, and logging in. */
#include "server/server_private.h"
#include "server/view.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (8u << 20)
#define PORTRAIT_MAX (48u << 20) /* as large as a card that brings one (CARD_MAX_FILE) */

static double rss_mb(void)
{
    unsigned long long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%llu %llu", &size, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static const char *owner_name(anima_home *home)
{
    const anima_person *owner;
    const char *set = anima_home_setting(home, "person.name");
    if (set && *set)
        return set;
    return anima_person_get(home, NULL, &owner, NULL) == ANIMA_OK ? owner->name : "";
}

void api_status(const struct call *call)
{
    struct object_reply answer;
    anima_engine_info engine;
    anima_home *home = call->server->home;
    object_begin(&answer, ANSWER_MAX);
    jw_str(&answer.w, "version", ANIMA_VERSION);
    jw_num(&answer.w, "uptime_s", (double)((clock_mono_us() - call->server->started_us) / 1000) / 1000);
    jw_str(&answer.w, "home", anima_home_path(home));
    jw_str(&answer.w, "language", anima_home_setting(home, "ui.language"));
    jw_str(&answer.w, "person", owner_name(home));
    jw_arr(&answer.w, "engines");
    for (size_t i = 0; anima_engine_at(home, i, &engine); i++)
        view_engine(&answer.w, NULL, &engine);
    jw_end_arr(&answer.w);
    jw_int(&answer.w, "connections", call->server->http ? http_connections(call->server->http) : 0);
    jw_num(&answer.w, "rss_mb", rss_mb());
    jw_int(&answer.w, "pid", getpid());
    object_end(call, &answer, 200);
}

static const char *media_type(const char *file)
{
    static const char *const types[][2] = {
        { ".svg", "image/svg+xml" }, { ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".webp", "image/webp" }
    };
    const char *ending = strrchr(file, '.');
    for (size_t i = 0; ending && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i][0], ending) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* A picture may come with a stranger's card: as a document of its own it may do nothing at all. */
void api_portrait(const struct call *call)
{
    const anima_character *c = anima_character_find(call->server->home, call->id);
    char *data = NULL;
    size_t n;
    anima_error err;
    int rc = c && *c->portrait ? fs_read(c->portrait, PORTRAIT_MAX, &data, &n, &err)
                               : err_set(&err, ANIMA_E_NOT_FOUND, "there is no picture of \"%.64s\"", call->id);
    if (rc) {
        reply_code(call, &err);
        return;
    }
    const struct http_reply reply = {
        .status = 200,
        .type = media_type(c->portrait),
        .headers = "Cache-Control: private, max-age=300\r\nX-Content-Type-Options: nosniff\r\n"
                   "Cross-Origin-Resource-Policy: same-origin\r\n"
                   "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                   "sandbox\r\n",
        .body = data,
        .len = n
    };
    http_reply(call->conn, &reply);
    mem_free(data);
}

void api_people(const struct call *call)
{
    struct list_reply answer;
    const anima_person *p;
    list_begin(&answer, ANSWER_MAX, "people");
    for (size_t i = 0; (p = anima_person_at(call->server->home, i)); i++) {
        jw_obj(&answer.w, NULL);
        jw_int(&answer.w, "id", p->id);
        jw_str(&answer.w, "name", p->name);
        jw_end_obj(&answer.w);
    }
    list_end(call, &answer, ANIMA_OK, NULL);
}

void api_login(const struct call *call)
{
    anima_error err;
    char headers[256];
    static const char body[] = "{\"ok\":true}";
    int status = guard_login(&call->server->guard, json_str(call->body, "token", ""), &err);
    if (status) {
        reply_error(call, status, &err);
        return;
    }
    snprintf(headers, sizeof(headers),
             "Cache-Control: no-store\r\nSet-Cookie: " GUARD_COOKIE "=%s; Path=/; HttpOnly; "
             "SameSite=Strict; Max-Age=31536000\r\n",
             call->server->guard.cookie);
    const struct http_reply reply = {
        .status = 200, .type = "application/json", .headers = headers, .body = body, .len = sizeof(body) - 1
    };
    http_reply(call->conn, &reply);
}
