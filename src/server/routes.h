/* routes.h — the parts of the route table that only docs and tests need. */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H
#include "server/router.h"

/* A thing that occurs in several answers and events. */
struct shape {
    const char *name, *meaning;
    const struct member *members;
};
extern const struct shape shapes[];
extern const size_t shapes_count;
/* The members of each event beside "type". */
extern const struct member *const event_members[ANIMA_EVENT_COUNT];
const char *member_type_name(enum member_type type);
#endif
