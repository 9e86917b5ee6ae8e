/* known.h — how much is known of a person by what they wrote, and what is missing, told by counting words: no model is asked. Plain
 * thresholds, each with its reason (known.c). Pure functions. */
#ifndef TWIN_KNOWN_H
#define TWIN_KNOWN_H
#include "base/buf.h"
#include "twin/talks.h"

#define TWIN_LANGUAGES CORPUS_LANGUAGES /* 0 Chinese, 1 English: corpus_language */
#define TWIN_QUESTIONS 3

enum twin_topic_kind { TWIN_FEELING, TWIN_EVERYDAY, TWIN_ABOUT, TWIN_TOPIC_KINDS };

/* Something that people write about. */
struct twin_topic {
    enum twin_topic_kind kind;
    const char *id;
    const char *name[TWIN_LANGUAGES];
    const char *expression;                                /* occurs in a line about it */
    const char *questions[TWIN_LANGUAGES][TWIN_QUESTIONS]; /* whose answers would tell of it; NULL: no more */
};
#define TWIN_TOPICS 18
extern const struct twin_topic twin_topics[TWIN_TOPICS];

/* What else may be missing. */
enum twin_gap {
    TWIN_GAP_FEELINGS,
    TWIN_GAP_PARTNER,
    TWIN_GAP_LANGUAGE,
    TWIN_GAP_OLD,
    TWIN_GAP_TERSE,
    TWIN_GAP_TEXTS,
    TWIN_GAPS
};
struct twin_gap_words {
    const char *id;
    double limit; /* in what the reason says */
    const char *name[TWIN_LANGUAGES], *why[TWIN_LANGUAGES];
    const char *questions[TWIN_LANGUAGES][TWIN_QUESTIONS];
};
extern const struct twin_gap_words twin_gaps[TWIN_GAPS];

/* How much of a person is in so many exchanges. */
struct twin_verdict {
    size_t least; /* exchanges */
    const char *id;
    const char *words[TWIN_LANGUAGES], *why[TWIN_LANGUAGES];
};

struct twin_year {
    int year;
    size_t records, own;
};
#define TWIN_YEARS 60
#define TWIN_PARTNERS 10
#define TWIN_KINDS (TWIN_TEXT + 1)

struct twin_known {
    size_t records[TWIN_KINDS], own[TWIN_KINDS];
    struct twin_year years[TWIN_YEARS]; /* in their order */
    size_t n_years, undated;
    int64_t first_ms, last_ms; /* of the own records; 0: unknown */

    size_t lines, han, words;           /* own: lines, Chinese characters and words in letters in them */
    size_t in_language[TWIN_LANGUAGES]; /* lines */
    size_t said, terse;                 /* lines of messages, mails and posts; of them those of one word */
    size_t asking;                      /* lines with a question mark */
    size_t hours[24];                   /* own records, by local time */
    size_t topics[TWIN_TOPICS];         /* lines */
    size_t feelings;                    /* lines with any of them */

    struct {
        const char *name;
        size_t exchanges;
    } partners[TWIN_PARTNERS]; /* the most first; of private talks */
    size_t n_partners, partners_left, in_groups;

    size_t language; /* in which most is written */
    const struct twin_verdict *verdict;
    bool topic_missing[TWIN_TOPICS];
    bool gap[TWIN_GAPS];
};

/* now_ms: for what is old. ANIMA_E_NOMEM. */
int twin_known_count(struct arena *arena, const struct twin_book *book, const struct twin_people *people,
                     const struct twin_talks *talks, int64_t now_ms, struct twin_known *out, anima_error *err);

/* What the two reports are made of; borrowed. */
struct twin_report {
    const char *name; /* whose twin */
    const struct twin_book *book;
    const struct twin_people *people;
    const struct twin_talks *talks;
    const struct twin_known *known;
};
/* Append; out->failed says whether there was room. The Markdown is in the language in which the person wrote most. */
void twin_report_markdown(const struct twin_report *report, struct buf *out);
struct jw;
void twin_report_json(const struct twin_report *report, struct jw *w); /* members of an object */
/* Questions that ask for what is missing, in the talk form, with room for answers. False: none in that language. */
bool twin_questions(const struct twin_report *report, size_t language, struct buf *out);
#endif
