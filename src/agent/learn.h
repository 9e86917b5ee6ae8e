/* learn.h — facts from texts: long texts about a character become questions and answers in its own voice, which lessons take up
 * (docs/internals/training.md). The engine writes, src/corpus checks, a person reads and edits.
 *
 *   start ─▶ READING ─▶ QUESTIONS ─▶ ANSWERS ─▶ SAVING ─▶ REPORTING ─▶ IDLE (done)
 *              texts        ▲ ▲         one by one  │
 *                           │ └─────────────────────┘ the next passage that was not asked before
 *                           └ somebody talks: what is under way is abandoned, and begun again afterwards
 *
 * One at a time in a home. In HOME/training/CHARACTER/:
 *   texts/              what is read, unless other texts are named
 *   facts.jsonl         a conversation a line, with "source" {file, line, heading, passage}: what is learnt; to be edited
 *   facts-held.jsonl    questions that are kept out, with the strings that tell a right answer: for judges
 *   facts-asked.jsonl   the journal: a line for each passage that is done, with all that came of it
 *   facts-report.md     counts, and what was dropped and why
 * A passage is first written to the journal, then its lines to the others, then a mark that they are there: who is killed in between
 * places them when it is begun again, and asks no passage twice. Loop thread; files are written on others. */
#ifndef AGENT_LEARN_H
#define AGENT_LEARN_H
#include "agent/state.h"

/* Of the home (state.h: home->learning; NULL: none was begun). */
void learning_pause(anima_home *home);  /* somebody talks */
void learning_resume(anima_home *home); /* nobody does, maybe */
void learning_close(anima_home *home);  /* the home is closing: the engine is left alone */
void learning_free(anima_home *home);
#endif
