/* entity.h — what the entities of HTML and XML stand for: numbers, and the names that occur in texts. Any thread. */
#ifndef BASE_ENTITY_H
#define BASE_ENTITY_H
#include <stddef.h>
#include <stdint.h>

/* Of "#8217", "#x2019", "amp" (n bytes, without & and ;) the character; 0: unknown. "nbsp" is a blank. */
uint32_t entity_meant(const char *name, size_t n);
#endif
