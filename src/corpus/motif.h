/* motif.h — words of which many answers are full: a small model that learns them says them everywhere. */
#ifndef CORPUS_MOTIF_H
#define CORPUS_MOTIF_H
#include "corpus/report.h"
#include "corpus/table.h"

/* The words of some answers and in how many of them each occurs. Start with { .words.arena = … }. */
struct corpus_motifs {
    struct corpus_table words;
    size_t answers;
};

/* Counts an answer. Words of three letters and more, in small letters; of Chinese each pair of neighbours, because nothing says where
 * its words end. Those that every talk is made of are left out. False: out of memory. */
bool corpus_motifs_add(struct corpus_motifs *m, const char *answer);
/* Those with a share of more than CORPUS_MOTIF, of each source and language, into the report; the most frequent first. */
int corpus_motifs_report(struct arena *arena, const struct corpus_motifs motifs[CORPUS_SOURCES][CORPUS_LANGUAGES],
                         struct corpus_report *report, anima_error *err);
#endif
