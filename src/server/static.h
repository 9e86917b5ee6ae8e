/* static.h — the page, embedded in the program. */
#ifndef SERVER_STATIC_H
#define SERVER_STATIC_H
#include "server/router.h"

/* Serves call->request->path ("/" is index.html), or 404. Needs no token: there is nothing private in it. */
void static_serve(const struct call *call);
#endif
