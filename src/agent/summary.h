/* summary.h — what is left of the turns of a conversation that are not read any more: made while nobody waits, kept, shown,
 * forgotten.
 *
 * When the window's successor is chosen (reading.h), what stands in front of it is summed up (mind/summary.h): the summary
 * before, and what people said since. The model is asked about one piece after the other, in the class compaction, for one
 * conversation of a home at a time, and only while nobody waits for a reply: when somebody does, it stops within one token,
 * and goes on where it was later. The successor is read with its summary. One that comes when the window has moved already is
 * late: the next window's is made from it, but the one that is being read stays as it is, because what stands in front is not
 * changed under it.
 *
 * A summary goes with the turns it is about, and when one of them is changed; then, and where there never was one, it is made
 * anew and taken at once. Scripts are not asked (setting engine.summary). Loop thread. */
#ifndef AGENT_SUMMARY_H
#define AGENT_SUMMARY_H
#include "agent/reading.h"

/* What the window that begins with the turn `first` is told of those before it; NULL: nothing. Borrowed until the
 * conversation's summaries change. */
const char *summary_of(anima_conversation *c, const char *language, int64_t first);
/* A turn with which a window is known to have begun, of those in memory: for a conversation that is not in memory from its
 * beginning. 0: none is known. */
int64_t summary_anchor(anima_conversation *c, const char *language);
/* Begins to make the summary that a conversation needs now, if it does. window: over in, whose turns are those of c->said.
 * True: the window's successor waits for it (utterance_settle is called again when it is there). */
bool summary_prepare(anima_conversation *c, const struct prompt_input *in, const struct reading_window *window,
                     const char *model, int64_t person);
/* Somebody waits for words: what is being made stops, and goes on when summary_resume finds that nobody does. */
void summary_pause(anima_home *home);
void summary_resume(anima_home *home);
/* The turns from seq on are others now, or gone: so are the summaries that are about them. */
void summary_changed(anima_conversation *c, int64_t seq);
/* The home is closed; the conversation leaves memory. */
void summary_close(anima_home *home);
void summary_release(anima_conversation *c);
#endif
