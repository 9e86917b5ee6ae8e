/* called.h — what people are called: their names, and the forms of these that others use. English names have short ones ("Mel" of Melanie, and
 * the other way round), a full name its first word; Chinese make them of a surname (顾明远: 明远, 老顾, 小顾, 顾老师, …). A form that could mean
 * two people means nobody; a name always means who bears it. Any thread. */
#ifndef MEMORY_CALLED_H
#define MEMORY_CALLED_H
#include "anima/anima.h"

#include <stdint.h>

struct called_form {
    char *text;
    int64_t person;
    bool name; /* not only a form of it */
};

struct called {
    struct called_form *list;
    size_t n, max;
    /* The same as recall.h wants them; there behind called_settle. */
    const char **texts;
    int64_t *people;
};

void called_init(struct called *c);
void called_finish(struct called *c);
/* A name (copied), with its forms. One that is empty is left out. ANIMA_E_NOMEM. */
int called_add(struct called *c, const char *name, int64_t person);
/* A word for somebody that has no forms, as "I". */
int called_add_plain(struct called *c, const char *word, int64_t person);
/* Behind the last one: each text once, those that mean nobody left out, names first. ANIMA_E_NOMEM. */
int called_settle(struct called *c);
#endif
