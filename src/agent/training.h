/* training.h — an adapter for a character: from its texts to a file beside them (docs/training.md, docs/internals/training.md).
 *
 *   start ─▶ PREPARING ─▶ LOADING ─▶ RUNNING ─▶ FINISHING ─▶ PLACING ─▶ IDLE (done)
 *              │  └─▶ IDLE (prepared)  │  └ the engine dies: LOADING, from its checkpoint; three times without a step: IDLE (failed)
 *              └── a stop ──▶ STOPPING ─▶ IDLE (stopped)
 *
 * One at a time in a home. What it is and how far it came stands in HOME/training/CHARACTER/:
 *   lessons.jsonl, report.json, report.md   what is learnt, and what became of the texts (corpus/lessons.h)
 *   material/                                further files of the person's own
 *   state.json                               the job, and how it stands: "running" in a home that opens is gone on with
 *   curve.jsonl                              a line for each step that was told
 *   adapter.checkpoint, adapter.gguf         the engine's
 * Loop thread; files are written on others. */
#ifndef AGENT_TRAINING_H
#define AGENT_TRAINING_H
#include "agent/adapters.h"
#include "base/buf.h"
#include "engine/engine.h"

struct training;
int training_open(anima_home *home, struct training **out, anima_error *err);
void training_free(struct training *t);
/* What was running when the home was closed, or killed, goes on. */
void training_take_up(anima_home *home);
/* The engine of a training by its name, for engine_resolve; ANIMA_E_NOT_FOUND: none is under way. */
int training_resolve(anima_home *home, const char *name, struct engine_spec *spec, anima_error *err);
#define TRAINING_ENGINE "train:"
/* HOME/training/CHARACTER; yours to mem_free; NULL: no memory. */
char *training_folder(const anima_home *home, const char *character);
/* Adds a character's own conversations, in the order in which a training counts them: as they came (dir: the character's folder), as the
 * person added to them (own: characters/ID of the home), and the files that were named (folder: training_folder). Any thread. */
struct corpus_texts;
int training_own_texts(const char *dir, const char *own, const char *folder, struct corpus_texts *texts,
                       anima_error *err);

/* What is to be done; all of it is kept, so that it can be gone on with. */
struct training_job {
    char character[65], model[96], model_sha256[65], adapter[ADAPTER_NAME], places[64], command[300];
    int rank;
    bool more; /* begins with from.gguf in its folder: the adapter that was in use */
    long tokens, answers, gather, held_back, patience, dropout;          /* held_back, dropout: percent */
    long talk_percent, skills_percent, asked_percent, life_times, forms; /* of the lessons, as in corpus_plan */
    double alpha, epochs, rate, scale;
    int64_t seed, started_ms;
};

/* Of a folder. ANIMA_E_NOT_FOUND: there is none. */
int training_state_read(const char *folder, struct training_job *job, anima_training *shown, anima_error *err);
#endif
