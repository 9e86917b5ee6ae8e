/* learn_private.h — what the files learn*.c share. */
#ifndef AGENT_LEARN_PRIVATE_H
#define AGENT_LEARN_PRIVATE_H
#include "agent/learn.h"
#include "corpus/asking.h"
#include "corpus/files.h"
#include "corpus/judge.h"

enum learnt { LEARNT_KEPT, LEARNT_HELD, LEARNT_DROPPED };

struct learnt_question {
    const char *q, *a; /* a: "" if it came to none */
    enum learnt state;
    const char *why,
        *what;  /* dropped: support_name, corpus_reason_name, "double", "unfinished"; the words at fault; else "" */
    bool again; /* it was asked twice */
    const char *any[4]; /* held back: the strings of a right answer */
    size_t n_any;
};

/* What lies in the folder, and where. */
struct learn_files {
    char *folder, *texts, *facts, *held, *asked, *report;
};
int learn_files_name(struct learn_files *f, const char *home, const char *character, anima_error *err);
void learn_files_free(struct learn_files *f);

/* What was done before. */
struct learn_past {
    struct arena *arena;
    struct corpus_table done;      /* keys of passages */
    struct corpus_table questions; /* folded */
    anima_facts *shown;            /* its counts grow */
};
/* Reads the journal, cuts off a line that was being written, and places what was not placed. Any thread. */
int learn_past_read(struct learn_past *past, const struct learn_files *f, anima_error *err);
/* Writes a passage that is done: the journal, the lines, the mark. Any thread. */
int learn_write(const struct learn_files *f, const struct corpus_passage *p, const struct learnt_question *list,
                size_t n, anima_error *err);
/* The report, made from the journal. Any thread. */
int learn_report(const struct learn_files *f, const char *character, const struct corpus_passages *passages,
                 anima_error *err);
/* The passages of files and folders (ended by NULL), in the arena; *files: how many texts there were. Any thread. */
int learn_read_texts(struct arena *arena, const char *const *paths, struct corpus_passages *out, int *files,
                     anima_error *err);

enum phase { IDLE, READING, QUESTIONING, ANSWERING, SAVING, REPORTING };

struct learning {
    anima_home *home;
    enum phase phase;
    anima_facts shown, found; /* found: what was there before, while it is read */
    struct learn_files files;
    char **paths;  /* ended by NULL */
    size_t wanted; /* questions of a passage */
    int64_t begun_us;
    struct corpus_judge *judge;
    struct arena texts; /* passages, and what was done before */
    struct corpus_passages passages;
    struct learn_past past;
    size_t at; /* the passage under way */
    /* That passage. */
    struct arena arena;
    const struct character *who;
    struct learnt_question list[2 * ASKING_MOST];
    size_t n, now; /* of the list; the one that is being answered */
    bool second;   /* it is asked for the second time */
    enum support_doubt doubt;
    struct engine_job *job; /* NULL: it rests */
    struct buf answer;
    anima_usage usage;
    /* Work on another thread. */
    bool working, stop;
    int rc;
    anima_error err;
};

static inline const struct corpus_passage *learn_passage(const struct learning *l) { return &l->passages.list[l->at]; }

/* The questions in the model's words go into the list; those that are dropped say why. ANIMA_E_NOMEM. */
int learn_take_questions(struct learning *l, const char *json);
/* SUPPORT_OK: it is one to learn from. Else *why and *what are as in learnt_question. */
enum support_doubt learn_judge(struct learning *l, const char *q, const char *a, const char **why, const char **what);
/* Of every tenth passage every second question is kept out: the others teach what it asks. */
void learn_hold_back(struct learning *l);
#endif
