#include "server/guard.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/rnd.h"
#include "server/listen.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKEN_MIN 8
#define FAILURES_MAX 10
#define FAILURES_WINDOW_MS 60000

/* ---- setting up ---- */

static int read_token(struct guard *g, const char *file, anima_error *err)
{
    char *text;
    size_t len;
    int rc = fs_read(file, 4096, &text, &len, err);
    if (rc)
        return rc;
    size_t n = strcspn(text, "\r\n");
    if (n < TOKEN_MIN || n >= sizeof(g->token))
        rc = err_set(err, ANIMA_E_INVALID, "the first line of %s must be a password of %d to %zu bytes", file,
                     TOKEN_MIN, sizeof(g->token) - 1);
    else
        memcpy(g->token, text, n);
    sodium_memzero(text, len);
    mem_free(text);
    return rc;
}

static void derive_cookie(struct guard *g)
{
    static const char purpose[] = "anima session cookie 1";
    unsigned char key[32], hash[32];
    crypto_generichash(key, sizeof(key), (const unsigned char *)g->token, strlen(g->token), NULL, 0);
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)purpose, sizeof(purpose) - 1, key, sizeof(key));
    sodium_bin2hex(g->cookie, sizeof(g->cookie), hash, sizeof(hash));
    sodium_memzero(key, sizeof(key));
}

int guard_init(struct guard *g, const char *bind, const char *token_file, const char *allowed_hosts, anima_error *err)
{
    *g = (struct guard){ .loopback = listen_is_loopback(bind) };
    if (sodium_init() < 0)
        return err_set(err, ANIMA_E_UNSUPPORTED, "libsodium could not be started");
    if (!listen_is_address(bind))
        return err_set(err, ANIMA_E_INVALID, "server.bind is \"%s\"; it must be an IP address such as 127.0.0.1", bind);
    if (!g->loopback && !*token_file)
        return err_set(err, ANIMA_E_FORBIDDEN,
                       "listening on %s lets others in: put a password into a file and set "
                       "server.token_file to it, or use server.bind=127.0.0.1",
                       bind);
    int rc = *token_file ? read_token(g, token_file, err) : ANIMA_OK;
    if (rc)
        return rc;
    if (*g->token)
        derive_cookie(g);
    g->allowed = mem_alloc(strlen(allowed_hosts) + 1);
    if (!g->allowed)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    char *p = g->allowed;
    for (const char *s = allowed_hosts; *s; s++)
        if (!isspace((unsigned char)*s))
            *p++ = (char)tolower((unsigned char)*s);
    *p = '\0';
    return ANIMA_OK;
}

void guard_finish(struct guard *g)
{
    mem_free(g->allowed);
    sodium_memzero(g, sizeof(*g));
}

/* ---- hosts ---- */

/* The name of "name", "name:port" or "[v6]:port", in lower case; false if it has another form. */
static bool host_name(const char *host, char *out, size_t size)
{
    const char *end;
    if (*host == '[') {
        end = strchr(host, ']');
        if (!end)
            return false;
        end++;
    } else {
        end = host + strcspn(host, ":");
    }
    if (*end && (*end != ':' || strspn(end + 1, "0123456789") != strlen(end + 1) || strlen(end + 1) > 5))
        return false;
    size_t n = (size_t)(end - host);
    if (n == 0 || n >= size)
        return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)tolower((unsigned char)host[i]);
    out[n] = '\0';
    return true;
}

static bool is_address(const char *name)
{
    char inner[64];
    struct in6_addr a;
    size_t n = strlen(name);
    if (*name != '[')
        return inet_pton(AF_INET, name, &a) == 1;
    if (n < 3 || n - 2 >= sizeof(inner))
        return false;
    memcpy(inner, name + 1, n - 2);
    inner[n - 2] = '\0';
    return inet_pton(AF_INET6, inner, &a) == 1;
}

static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = list; *p;) {
        size_t len = strcspn(p, ",");
        if (len == n && memcmp(p, name, n) == 0)
            return true;
        p += len + (p[len] == ',');
    }
    return false;
}

static bool host_allowed(const struct guard *g, const char *name)
{
    if (strcmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0)
        return true;
    if (is_address(name) && (!g->loopback || strncmp(name, "127.", 4) == 0))
        return true;
    return in_list(g->allowed, name);
}

static bool origin_allowed(const struct guard *g, const struct http_request *r)
{
    const char *authority = strstr(r->origin, "://");
    char name[256];
    if (!authority || (strncasecmp(r->origin, "http:", 5) != 0 && strncasecmp(r->origin, "https:", 6) != 0))
        return false;
    authority += 3;
    return strcasecmp(authority, r->host) == 0 ||
           (host_name(authority, name, sizeof(name)) && in_list(g->allowed, name));
}

/* ---- tokens ---- */

/* In a time that depends on neither string. */
static bool same_secret(const char *secret, const char *given, size_t n)
{
    char padded[256] = { 0 }, expected[256] = { 0 };
    if (n >= sizeof(padded))
        return false;
    memcpy(padded, given, n);
    memcpy(expected, secret, strlen(secret));
    return rnd_equal(padded, expected, sizeof(padded)) && *secret;
}

static bool cookie_ok(const struct guard *g, const char *cookies)
{
    size_t name = strlen(GUARD_COOKIE);
    for (const char *p = cookies; *p;) {
        p += strspn(p, " ;");
        size_t n = strcspn(p, ";");
        if (n > name && strncmp(p, GUARD_COOKIE, name) == 0 && p[name] == '=' &&
            same_secret(g->cookie, p + name + 1, n - name - 1))
            return true;
        p += n;
    }
    return false;
}

static bool is_bearer(const struct http_request *r)
{
    return r->authorization && strncasecmp(r->authorization, "Bearer ", 7) == 0;
}

static bool has_token(const struct guard *g, const struct http_request *r)
{
    if (is_bearer(r))
        return same_secret(g->token, r->authorization + 7, strlen(r->authorization + 7));
    return r->cookie && cookie_ok(g, r->cookie);
}

static bool is_locked(const struct guard *g)
{
    return g->failures >= FAILURES_MAX && clock_mono_us() / 1000 - g->failures_since_ms <= FAILURES_WINDOW_MS;
}

static int refuse_locked(anima_error *err)
{
    err_set(err, ANIMA_E_BUSY, "too many wrong passwords; try again in a minute");
    return 429;
}

static void count_failure(struct guard *g)
{
    int64_t now = clock_mono_us() / 1000;
    if (now - g->failures_since_ms > FAILURES_WINDOW_MS) {
        g->failures_since_ms = now;
        g->failures = 0;
    }
    g->failures++;
}

void guard_refused(struct guard *g, const struct http_request *r)
{
    if (is_bearer(r))
        count_failure(g);
}

int guard_login(struct guard *g, const char *token, anima_error *err)
{
    if (is_locked(g))
        return refuse_locked(err);
    if (!*g->token || same_secret(g->token, token, strlen(token)))
        return 0;
    count_failure(g);
    err_set(err, ANIMA_E_FORBIDDEN, "wrong password");
    return 401;
}

/* ---- the checks ---- */

bool guard_is_json(const char *content_type)
{
    static const char json[] = "application/json";
    if (!content_type || strncasecmp(content_type, json, sizeof(json) - 1) != 0)
        return false;
    return strchr("; \t", content_type[sizeof(json) - 1]) != NULL; /* also matches the terminating NUL */
}

int guard_check(const struct guard *g, const struct http_request *r, bool open, anima_error *err)
{
    char name[256];
    if (!r->host || !host_name(r->host, name, sizeof(name))) {
        err_set(err, ANIMA_E_INVALID, "the Host header is missing or malformed");
        return 400;
    }
    if (!host_allowed(g, name)) {
        err_set(err, ANIMA_E_FORBIDDEN,
                "anima does not answer to the name \"%.100s\"; if it is yours, add it to "
                "server.allowed_hosts",
                name);
        return 403;
    }
    if (r->origin && !origin_allowed(g, r)) {
        err_set(err, ANIMA_E_FORBIDDEN, "pages of \"%.100s\" may not use anima", r->origin);
        return 403;
    }
    /* A page that wants no answer (an image, fetch without CORS) asks without an Origin. */
    if (!open && !r->origin && r->fetch_site && strcmp(r->fetch_site, "same-origin") != 0 &&
        strcmp(r->fetch_site, "none") != 0) {
        err_set(err, ANIMA_E_FORBIDDEN, "pages of other sites may not use anima");
        return 403;
    }
    if (!open && *g->token && is_bearer(r) && is_locked(g))
        return refuse_locked(err);
    if (!open && *g->token && !has_token(g, r)) {
        err_set(err, ANIMA_E_FORBIDDEN, "this anima needs its password: send Authorization: Bearer, or log in");
        return 401;
    }
    return 0;
}
