/* guard.h — who may ask: the checks every request passes before a handler sees it. Pure functions of a guard and a
 * request.
 *
 *   Host    must be this machine by a name nobody else can point at it (DNS rebinding): localhost, 127.0.0.0/8,
 *           [::1], a name in server.allowed_hosts, and, when listening beyond loopback, any IP address.
 *   Origin  if present, must be the very Host asked for, or one in server.allowed_hosts.
 *   Token   with server.token_file set: "Authorization: Bearer T", or the cookie that POST /api/v1/login sets. The
 *           cookie is derived from the token (keyed hash), so it survives a restart and reveals nothing.
 *   Body    of type application/json, which no form of another site can send (CSRF); a file (ROUTE_RAW) may have other
 *           types: there the Origin, which browsers add to every POST, is what keeps other sites out. */
#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H
#include "server/http.h"

#define GUARD_COOKIE "anima_session"

struct guard {
    bool loopback;
    char *allowed;   /* "a.example,b.example", lower case, no blanks; owned */
    char token[256]; /* zero-padded; "" if none is needed */
    char cookie[65];
    int64_t failures_since_ms;
    int failures;
};

/* bind not loopback and no token_file: ANIMA_E_FORBIDDEN. token_file and allowed_hosts may be "". */
int guard_init(struct guard *guard, const char *bind, const char *token_file, const char *allowed_hosts,
               anima_error *err);
void guard_finish(struct guard *guard);
/* 0, or the HTTP status with the reason in err. open: needs no token (static files, login). */
int guard_check(const struct guard *guard, const struct http_request *request, bool open, anima_error *err);
/* It was refused with 401: a wrong token in Authorization: Bearer counts as a wrong password. */
void guard_refused(struct guard *guard, const struct http_request *request);
/* 0, or 401, or 429 after too many wrong tokens within a minute. */
int guard_login(struct guard *guard, const char *token, anima_error *err);
bool guard_is_json(const char *content_type);
#endif
