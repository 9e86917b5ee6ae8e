/* training_private.h — what the files of a training share (training.h draws its states): training.c has the engine, training_begin.c what
 * somebody asks for, training_save.c what is written while it runs, training_prepare.c and training_files.c what other threads do. */
#ifndef AGENT_TRAINING_PRIVATE_H
#define AGENT_TRAINING_PRIVATE_H
#include "agent/training.h"

enum phase { IDLE, PREPARING, LOADING, RUNNING, STOPPING, FINISHING, PLACING };

struct training {
    anima_home *home;
    enum phase phase;
    struct training_job job;
    anima_training shown; /* of the job under way, or the last one */
    char engine[80];      /* its name; "": none was asked for */
    bool gone;            /* that engine is not there (any more) */
    bool prepare, stop;   /* only that; somebody asked to stop while texts were read */
    int deaths;           /* in a row without a step */
    int64_t told_us;
    double per_step; /* seconds */
    /* What waits to be written, and what is being written. */
    struct buf curve;
    bool curve_whole, state_due, saving;
    bool ended; /* that is told when it is written */
};

void training_show(struct training *t, const char *state);
void training_tell(struct training *t);
/* Loads the engine; or, if the adapter is there already, gives it its place. */
void training_run(struct training *t);
/* The engine ends. */
void training_halt(struct training *t);
/* It is over; told when that is written. */
void training_end(struct training *t, const char *state, int code, const char *message);
/* Writes what is due, if nothing is being written; else that is done behind it. */
void training_save(struct training *t);
/* Everything that was due is written. */
void training_saved(struct training *t);

#define TRAINING_FROM "from.gguf"        /* in its folder: the adapter with which it began */
#define TRAINING_ENOUGH "adapter.enough" /* if that is there, the driver ends behind its step with what it has learnt */

/* Everything a preparation on another thread needs; strings are copies or live as long as the home. */
struct training_texts {
    const struct character *who;
    char *folder, *own, *share; /* of the training; characters/ID of the home; share/ or NULL */
    char mode[8];               /* "auto", "fresh", "as_is" */
    int talk_percent, skills_percent, asked_percent, life_times, forms; /* as in corpus_plan */
    bool machine;
};
/* Makes lessons.jsonl and its report, or takes those that are there. *lessons: lines. Any thread. ANIMA_E_CONFLICT: they were edited, and
 * their sources have changed since; ANIMA_E_NOT_FOUND: there is nothing to learn. */
int training_prepare(const struct training_texts *texts, int *lessons, anima_error *err);

/* The job and how it stands, as state.json. */
int training_state_write(const struct training_job *job, const anima_training *shown, struct buf *out);
/* One line of curve.jsonl. */
void training_curve_line(const anima_training *shown, double gradient, struct buf *out);
/* The lines of curve.jsonl up to a step, into kept; *shown gets the last one's figures. */
void training_curve_read(const char *folder, int up_to, struct buf *kept, anima_training *shown);
/* The finished adapter takes its place among the character's (own: characters/ID of the home), with its .json and curve. Any thread. */
int training_place(const struct training_job *job, const anima_training *shown, const char *folder, const char *own,
                   anima_error *err);
#endif
