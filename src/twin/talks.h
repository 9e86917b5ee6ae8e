/* talks.h — the records of a book as what a character learns from: conversations in which it is the assistant and everybody else the
 * user, own words that stand alone, and long texts. Pure functions.
 *
 *   A silence of TWIN_GAP_MIN ends a conversation (a mail's thread: TWIN_THREAD_DAYS). Lines of one side within TWIN_CLOSE_MIN of each
 *   other are one message; what is older than that is not what an answer answers. In a group the last TWIN_GROUP_LINES lines of others
 *   are what the next own one answers, if that comes within TWIN_CLOSE_MIN.
 *   Own words in front of which nobody says anything are no answer: they stand alone, and the conversation begins with the next line of
 *   somebody else. What is longer than a lesson's answer may be (CORPUS_MAX_ANSWER) is a text. */
#ifndef TWIN_TALKS_H
#define TWIN_TALKS_H
#include "corpus/corpus.h"
#include "twin/people.h"

#define TWIN_GAP_MIN 360
#define TWIN_THREAD_DAYS 60
#define TWIN_CLOSE_MIN 30
#define TWIN_GROUP_LINES 3
#define TWIN_SAID 600 /* characters of somebody else's message; the rest of a longer one is cut off */

/* Why words of the book are in none of these; counted in records. */
enum twin_left {
    TWIN_LEFT_PERSON,     /* somebody or a conversation that is left out */
    TWIN_LEFT_BEHIND,     /* own words right behind those of somebody who is left out */
    TWIN_LEFT_UNANSWERED, /* somebody else's, without an answer */
    TWIN_LEFT_SHORT,      /* own words that say too little to stand alone */
    TWIN_LEFT_OTHERS,     /* posts and texts of others */
    TWIN_LEFT_HUGE,       /* a text of more than TWIN_MAX_PROSE bytes */
    TWIN_LEFT
};
#define TWIN_MAX_PROSE (4u << 20)

struct twin_conversation {
    int64_t at_ms;
    enum twin_kind kind;
    bool group;
    size_t language;                 /* corpus_language of the answers */
    const struct twin_author *other; /* the first one who speaks; NULL: nameless */
    const char **messages;           /* theirs and its own by turns; n is even */
    size_t n;
};

/* Own words, alone; as a text with a title, as a line in one line. */
struct twin_words {
    int64_t at_ms;
    enum twin_kind kind;
    size_t language;
    const char *title, *text;
};

struct twin_word_list {
    struct twin_words *list;
    size_t n, max;
};

struct twin_talks {
    struct twin_conversation *list; /* by conversation, in order of time */
    size_t n, max;
    struct twin_word_list lines, texts;
    size_t exchanges;
    size_t left[TWIN_LEFT];
    size_t silent; /* conversations in which the twin says nothing at all */
};

/* In the arena; texts are the book's where they stay as they are. ANIMA_E_NOMEM. */
int twin_talks_make(struct arena *arena, const struct twin_book *book, const struct twin_people *people,
                    struct twin_talks *out, anima_error *err);
/* Chinese characters, and words in letters. */
void twin_units(const char *text, size_t *han, size_t *words);
const char *twin_left_name(enum twin_left why); /* "person", … */
#endif
