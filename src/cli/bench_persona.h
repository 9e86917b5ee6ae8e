/* bench_persona.h — what the parts of `anima bench persona` share: the room, the character, how it is asked, and the conversations
 * that its training never saw. The weights are measured: nothing is told beside the messages, nothing is taken back. */
#ifndef CLI_BENCH_PERSONA_H
#define CLI_BENCH_PERSONA_H
#include "agent/adapters.h"
#include "cli/bench_ask.h"
#include "corpus/held.h"

/* Who answers. */
enum persona_way {
    PERSONA_TRAINED,  /* the model with the adapter, no system prompt (with --bare: without the adapter) */
    PERSONA_PROMPTED, /* the model as it is, told who it is, with examples, as the product does */
    PERSONA_BARE,     /* the model as it is, told nothing */
    PERSONA_WAYS
};

/* A place in a conversation that was held back: the last of the turns is a person's. */
struct persona_context {
    const char *language;
    unsigned conversation; /* a number of its own */
    const struct prompt_turn *turns;
    size_t n_turns;
    const char *own; /* what the character answers there */
    const char *reply[PERSONA_WAYS];
};

struct persona_bench {
    struct bench_room room;
    struct bench_report *report;
    struct arena arena;
    const struct character *who;
    anima_sampling sampling;
    char adapter[ADAPTER_FILE]; /* as engines know it; "": the model as it is in its place */
    double scale;
    const char *system; /* NULL, or what the trained model is told all the same */
    const char *probes; /* further probes of identity, or NULL */
    int most;           /* of each part and language */
    bool show, bare;
    char name[ADAPTER_NAME]; /* of the adapter, for people */
    struct persona_context *contexts;
    size_t n_contexts;
    bool read, answered[PERSONA_WAYS];
    yyjson_doc **docs; /* of lines that are kept */
    size_t n_docs, max_docs;
};

/* The parts. Each adds its results to the report. */
int persona_identity(struct persona_bench *b, anima_error *err);
int persona_style(struct persona_bench *b, anima_error *err);
int persona_facts(struct persona_bench *b, anima_error *err);
int persona_skills(struct persona_bench *b, anima_error *err);
int persona_coherence(struct persona_bench *b, anima_error *err);
int persona_manners(struct persona_bench *b, anima_error *err);
int persona_saved(struct persona_bench *b, anima_error *err);

/* ---- bench_persona.c ---- */

/* A copy of a line that lives as long as the bench. */
int persona_keep(struct persona_bench *b, yyjson_val *line, yyjson_val **out, anima_error *err);
void persona_add(struct persona_bench *b, const char *key, const char *unit, const char *against, double value,
                 double goal, bool at_least);
/* On stderr: how a reply was judged ("": good), if it is bad or all are shown. */
void persona_show(const struct persona_bench *b, const char *verdict, const char *asked, const char *reply);

/* ---- persona_talk.c ---- */

/* The question that such a way of answering puts to the model. turns: the last is a person's. */
int persona_ask(struct persona_bench *b, enum persona_way way, const struct prompt_turn *turns, size_t n,
                struct bench_ask *out, anima_error *err);
/* The same of turns whose lore and nearest examples are told, too, as the product does. */
int persona_ask_told(struct persona_bench *b, const struct prompt_turn *turns, size_t n, struct bench_ask *out,
                     anima_error *err);
/* Reads the contexts, once. There may be none: that is said on stderr. */
int persona_contexts(struct persona_bench *b, anima_error *err);
/* Has all contexts answered in this way, once. */
int persona_answers(struct persona_bench *b, enum persona_way way, anima_error *err);
/* The conversations of a folder of texts; list is mem_free's, what it points to the arena's. */
struct corpus_conversation;
struct persona_talks {
    struct corpus_conversation **list;
    size_t n, max;
};
/* Appends those that were held back from training, or all. */
int persona_talks_read(struct persona_bench *b, const char *dir, bool all, struct persona_talks *out, anima_error *err);
#endif
