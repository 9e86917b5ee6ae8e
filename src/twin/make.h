/* make.h — a twin becomes a character's folder: who it is, what it learns from, the report. Any thread; one at a time of a folder.
 *
 *   character.ini, persona.zh.md, persona.en.md
 *   corpus/LANG/{chats,mails}-YEAR.jsonl   conversations;  corpus/LANG/own-YEAR.txt   own words that stand alone, a line each
 *   corpus/questions.LANG.md               what is missing, to be answered
 *   texts/LANG/{notes,mails,posts,chats}-YEAR.md   for the second step of a training
 *   twin-report.md                         what is known
 *   twin.json                              consent, choice, counts, the report as JSON, and hashes of all these files
 *
 * What a person edited is told by the hashes. Who it is and the questions stay as they were edited; elsewhere an edited file is a
 * conflict, and nothing is changed. twin.json is written first with the hashes of before and of now, so that a run that was killed leaves
 * nothing that the next one would take for a person's work. */
#ifndef TWIN_MAKE_H
#define TWIN_MAKE_H
#include "twin/known.h"

#define TWIN_MAX_ABOUT 4096 /* bytes of plain facts */

struct twin_consent {
    const char *agreed; /* the words that were agreed to: twin_consent_note */
    const char *how;    /* "typed", "--consent" */
    const char *who;    /* the account */
    int64_t at_ms;
};

/* Everything is borrowed. */
struct twin_plan {
    const char *dir;    /* characters/ID of the home */
    const char *folder; /* the last part of where the exports were */
    const struct twin_report *report;
    const struct twin_choice *choice;
    struct twin_consent consent;
    const char *about[TWIN_LANGUAGES]; /* plain facts for the persona; NULL: none */
    bool fresh;                        /* edited files are overwritten */
};

struct twin_made {
    size_t files;
    const char *kept; /* files that stay as a person edited them, "a, b"; in the arena; "" */
};

/* ANIMA_E_CONFLICT: the folder is another character's, or files were edited (named in the message). */
int twin_make(struct arena *arena, const struct twin_plan *plan, struct twin_made *out, anima_error *err);
/* What has to be agreed to, in both languages, in the arena; id: the character's. NULL: out of memory. */
const char *twin_consent_note(struct arena *arena, const char *id);
/* The first sentence of its persona, in the arena; one sentence whatever the name is. NULL: out of memory. */
const char *twin_sentence(struct arena *arena, const char *name, size_t language);
#endif
