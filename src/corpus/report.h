/* report.h — what became of the texts: kept, left out and why, masked, by source and language; words that come too often. Plain data,
 * and its two forms: JSON for programs, Markdown for people. Pure functions. */
#ifndef CORPUS_REPORT_H
#define CORPUS_REPORT_H
#include "base/buf.h"
#include "corpus/corpus.h"
#include "corpus/mask.h"

/* Why an exchange is not in the lessons. */
enum corpus_reason {
    CORPUS_HELD_BACK, /* for the judges */
    CORPUS_PROBE,     /* a question of the probes */
    CORPUS_EMPTY,
    CORPUS_LONG,      /* an answer of more than CORPUS_MAX_ANSWER characters */
    CORPUS_DAMAGED,   /* broken characters, control characters, one character over and over */
    CORPUS_LINKS,     /* nothing but links, names of accounts, tags */
    CORPUS_VENDOR,    /* names a vendor as itself */
    CORPUS_MACHINE,   /* claims to be a machine */
    CORPUS_SERVICE,   /* phrases or lists of a service */
    CORPUS_DUPLICATE, /* the same answer to the same words */
    CORPUS_SPARED,    /* beyond the share that is wanted */
    CORPUS_BEHIND,    /* stands behind one that is left out */
    CORPUS_REASONS
};
#define CORPUS_MAX_ANSWER 600

struct corpus_tally {
    size_t conversations, exchanges; /* read */
    size_t lessons, kept;            /* lines of the lessons, exchanges in them */
    size_t with_persona;             /* lessons whose system message is the persona */
    size_t cut;                      /* conversations that end sooner than they did */
    size_t letters;                  /* characters of the answers that were kept */
    size_t left_out[CORPUS_REASONS]; /* exchanges */
    size_t masked[CORPUS_MASKS];
};

/* Where something was left out or masked. */
struct corpus_note {
    const char *file;
    int line;
    const char *why;     /* corpus_reason_name, or corpus_mask_name */
    const char *excerpt; /* the answer, or the words that are a probe's; "" where it was masked */
};
#define CORPUS_MAX_NOTES 2000

/* A word of which many answers are full. */
struct corpus_motif {
    const char *word;
    enum corpus_source source;
    size_t language; /* corpus_language */
    size_t answers;
    double share; /* of the answers of that source and language that were kept, 0 … 1 */
};
#define CORPUS_MOTIF 0.05
#define CORPUS_MOTIF_WARN 0.15

struct corpus_report {
    struct corpus_tally tally[CORPUS_SOURCES][CORPUS_LANGUAGES];
    size_t lessons, exchanges, held_back; /* in all; held back: conversations */
    struct corpus_note *notes;
    size_t n_notes, notes_left_off;
    struct corpus_motif *motifs; /* the most frequent first */
    size_t n_motifs;
    const char **files; /* the texts' names */
    size_t n_files;
    char sources[65]; /* corpus_sources */
    char sha256[65];  /* of the lessons */
};

const char *corpus_reason_name(enum corpus_reason reason); /* "held_back", "probe", … */
/* Append; out->failed says whether there was room. */
void corpus_report_json(const struct corpus_report *report, struct buf *out);
void corpus_report_markdown(const struct corpus_report *report, const char *character, struct buf *out);
#endif
