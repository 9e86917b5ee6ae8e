/* reading.h — the streams of a conversation: under which names engines keep what they have read of it, and how that is
 * forgotten. A conversation has a stream for each language that is spoken in it, because the persona is written once a
 * language. Loop thread. */
#ifndef AGENT_READING_H
#define AGENT_READING_H
#include "anima/anima.h"

#define READING_NAME 64

/* "c-CONVERSATION-LANGUAGE", and behind it the generation if it is not the first. */
void reading_name(char out[READING_NAME], const char *conversation, const char *language, int generation);
/* Engines forget all streams of a conversation, and their files are removed, of engines that do not run, too. */
void reading_forget(anima_home *home, const char *conversation);
#endif
