/* facts.h — plain statements of a person about themselves and theirs, taken from what they said by patterns of both languages, without a
 * model: "my sister lives in York now", 我家有只猫叫花卷, "the interview is on Thursday, not Wednesday". And which of several holds: the
 * newest, as far as whoever asks may hear them.
 *
 * Rather nothing than something wrong: questions, what is only imagined ("if", 要是), quoted words, hearsay and jokes that say so give none.
 * A turn that gives nothing is still recalled as it stands. */
#ifndef MEMORY_FACTS_H
#define MEMORY_FACTS_H
#include "memory/when.h"
#include "memory/words.h"

enum fact_kind { FACT_ONE, FACT_TOPIC, FACT_MANY, FACT_DAY };
enum fact_attribute {
#define FACT(name, kind, weight, en, en_end, zh, zh_end, asked) FACT_ABOUT_##name,
#include "memory/facts.def"
#undef FACT
    FACT_ATTRIBUTES
};
extern const char *const fact_names[FACT_ATTRIBUTES];

/* Bytes with the NUL. */
#define FACT_WHOSE 48
#define FACT_WORDS 128
#define FACT_VALUE 128
#define FACTS_MOST 8 /* of a turn */

struct fact {
    enum fact_attribute about;
    char
        whose[FACT_WHOSE]; /* "": the speaker; a relation by its English name ("sister"); else a name, as it was said */
    char topic
        [FACT_WORDS]; /* of a pet its kind; of a day the words that tell what is then, with blanks between them; … or "" */
    char value[FACT_VALUE]; /* as it was said */
    float confidence;       /* 0 … 1: of a pattern how sure it is */
    bool change;            /* said as a change: "now", "not … any more", 改成 */
    bool ends;              /* it holds no more, and nothing came in its place */
    int64_t since_ms;       /* "from next month": when it begins; 0: with the turn */
    int64_t day_ms, was_ms; /* of a day: which one, and which one it was before; 0: not known */
    /* Bytes of the text: the value, and what it says of before ("not Thursday"); empty: start == end. */
    size_t start, end, was_start, was_end;
};

struct fact_reader;
/* Compiles the patterns (some milliseconds). ANIMA_OK or ANIMA_E_NOMEM; *out is yours to destroy. One thread at a time. */
int fact_reader_create(struct fact_reader **out, anima_error *err);
void fact_reader_destroy(struct fact_reader *r); /* NULL is legal */
/* The statements of one turn (n bytes; what is no UTF-8, or was said before 1970, states nothing) of a person: at most FACTS_MOST go to out.
 * Returns how many. In time linear in n. words is for the words of a day; without memory for them there is none. */
size_t facts_read(struct fact_reader *r, struct words *words, const char *text, size_t n, struct when_anchor said,
                  struct fact *out);

#define FACT_NONE SIZE_MAX
#define FACTS_MERGED 2000 /* statements of one person that are looked at together: the newest */
/* One of all that somebody said. */
struct fact_said {
    struct fact fact;
    int64_t at_ms; /* when it was said, or corrected by hand */
    bool by_hand;
    size_t place; /* the caller's */
    /* facts_merge sets: */
    int64_t from_ms, until_ms; /* when it holds; until 0: still */
    size_t by;                 /* which one came in its place; FACT_NONE: none */
    size_t again;              /* which later one says the same; FACT_NONE: none */
};
/* Which of n statements of one person, the oldest first, holds when: the newer one of the same thing wins, unless it is far less sure and not
 * said as a change. Only what whoever asks may hear belongs into the list: so what they may not hear neither hides anything nor shows that
 * it is there. Pure. */
void facts_merge(struct fact_said *list, size_t n);
/* Whether it holds at a moment: it has begun, nothing came in its place, it is not one that only ends another, no later one says the same. */
bool fact_holds(const struct fact_said *f, int64_t now_ms);
/* Whether it will: "from next month". */
bool fact_comes(const struct fact_said *f, int64_t now_ms);

/* "lives in Leeds", "sister: lives in York", 住在利兹. language: "zh", else English. Writes at most size bytes with the NUL, whole characters;
 * returns the length written. */
size_t fact_text(const struct fact *f, const char *language, char *out, size_t size);
/* How much a question has to do with it: 0, nothing. message: UTF-8. */
int fact_asked(const struct fact *f, const char *message);
/* How much of a person it tells, for a choice among many. */
int fact_weight(const struct fact *f);
/* The attribute of a name, or FACT_ATTRIBUTES. */
enum fact_attribute fact_attribute(const char *name);
#endif
