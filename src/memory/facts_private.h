/* facts_private.h — what the files of the reader of facts share. */
#ifndef MEMORY_FACTS_PRIVATE_H
#define MEMORY_FACTS_PRIVATE_H
#include "base/pattern.h"
#include "memory/facts.h"

/* What a rule says beside its attribute. */
enum { FACT_CHANGES = 1, FACT_ENDS = 2 };

/* A kind of statement. Groups of the expression: 1 whose it is ("i", "my sister Jo", 我爸; empty: the speaker's), 2 the value; where there
 * are three, 2 is the topic and 3 the value. The expressions see a sentence as it was said, in any case of letters. */
struct fact_rule {
    enum fact_attribute about;
    const char *expression;
    float confidence;
    int flags;
};

enum { FACTS_EN, FACTS_ZH, FACTS_LANGUAGES };
enum { FACTS_RULES = 64 };

/* The patterns of a language; the lists are ended by an expression of NULL, or NULL. */
struct fact_words {
    const struct fact_rule *rules;
    const char *const *unsure;   /* a sentence with one of these states nothing */
    const char *const *change;   /* said as a change */
    const char *const *plan;     /* something is on that day */
    const char *const *was;      /* group 1 is what it was before */
    const char *const *no_value; /* at the front of what is no value */
};
extern const struct fact_words fact_words_en, fact_words_zh;

#define FACT_SENTENCE 600 /* bytes: a longer one states nothing */
#define FACT_WHENS 8
#define FACT_WAS 8

/* The same, compiled. */
struct fact_patterns {
    struct pattern *rules[FACTS_RULES], *was[FACT_WAS];
    struct pattern *unsure, *change, *plan, *no_value;
};

/* What is looked at together. */
struct sentence {
    char text[FACT_SENTENCE + 1]; /* quoted words are blanked; at the same places as in the turn */
    size_t n, from;               /* from: where it begins in the turn */
    const struct fact_words *language;
    struct fact_patterns *patterns;
    struct when whens[FACT_WHENS];
    size_t n_whens;
    size_t was_start, was_end; /* empty: nothing is said to be otherwise */
    bool change;
};

struct reading {
    struct fact_reader *r;
    struct words *words;
    struct when_anchor said;
    struct sentence s;
    struct fact *out;
    size_t n;
};

/* start, end: of the value, in the sentence. What was said of the same thing already stays. */
void fact_add(struct reading *g, struct fact *f, size_t start, size_t end);
/* facts_day.c: the times of a sentence whose rest is known; what is on a day. */
void fact_find_days(struct sentence *s, struct when_anchor said);
void fact_read_day(struct reading *g);

/* "my older sister Jo" → whose "older sister", name "Jo"; 我爸 → "father". Both have FACT_WHOSE bytes; name "" if there is none. False: no
 * person. */
bool fact_whose(const char *said, size_t n, char *whose, char *name);
/* A relation in the words of a language; what is no relation stays. */
const char *fact_whose_text(const char *whose, bool zh);
/* n bytes of s, at most FACT_VALUE - 1, cut at a character. */
void fact_copy(char *out, size_t size, const char *s, size_t n);
/* Whether two lists of words share one. */
bool fact_shares(const char *a, const char *b);
#endif
