/* static.c — files by path from web_assets, with strong ETags: the browser asks again every time (no-cache) and gets
 * 304, so that an updated program never shows an old page. The Content-Security-Policy allows only what the page itself
 * brings. connect-src names the WebSocket by host, because not every browser counts ws: as 'self'. */
#include "server/static.h"

#include "base/err.h"
#include "web/assets.h"

#include <stdio.h>
#include <string.h>

#define POLICY                                                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "                 \
    "connect-src 'self' ws://%.200s wss://%.200s; manifest-src 'self'; base-uri 'none'; "                              \
    "frame-ancestors 'none'; form-action 'none'"

static const struct web_asset *find(const char *path)
{
    if (path[0] != '/')
        return NULL;
    if (strcmp(path, "/") == 0)
        path = "/index.html";
    for (size_t i = 0; i < web_assets_count; i++)
        if (strcmp(web_assets[i].path + (web_assets[i].path[0] == '/'), path + 1) == 0)
            return &web_assets[i];
    return NULL;
}

static bool etag_matches(const char *if_none_match, const char *etag)
{
    return if_none_match && (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, etag));
}

void static_serve(const struct call *call)
{
    const struct http_request *r = call->request;
    const struct web_asset *asset = find(r->path);
    anima_error err;
    bool read = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
    if (!asset || r->websocket) {
        err_set(&err, ANIMA_E_NOT_FOUND, "there is no page at %.200s", r->path);
        reply_error(call, 404, &err);
        return;
    }
    char headers[1400];
    int n = snprintf(headers, sizeof(headers),
                     "ETag: %s\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n"
                     "Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n"
                     "Cross-Origin-Resource-Policy: same-origin\r\n"
                     "Content-Security-Policy: " POLICY "\r\n",
                     asset->etag, r->host, r->host);
    if (!read)
        snprintf(headers + n, sizeof(headers) - (size_t)n, "Allow: GET, HEAD, OPTIONS\r\n");
    struct http_reply reply = {
        .status = 200, .type = asset->type, .headers = headers, .body = asset->data, .len = asset->size
    };
    if (strcmp(r->method, "OPTIONS") == 0)
        reply = (struct http_reply){ .status = 204, .headers = headers };
    else if (!read)
        reply = (struct http_reply){ .status = 405, .headers = headers };
    else if (etag_matches(r->if_none_match, asset->etag))
        reply = (struct http_reply){ .status = 304, .headers = headers };
    http_reply(call->conn, &reply);
}
