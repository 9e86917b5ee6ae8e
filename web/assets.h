/* assets.h — the page's files, as the build embedded them (web_assets.c is generated). Constant: any thread. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H
#include <stddef.h>

struct web_asset {
    const char *path; /* "index.html", "js/app.js" */
    const char *type; /* Content-Type */
    const unsigned char *data;
    size_t size;
    const char *etag; /* with its quotes */
};

extern const struct web_asset web_assets[];
extern const size_t web_assets_count;
#endif
