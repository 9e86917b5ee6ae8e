/* recollection.h — what comes to a character's mind before it answers: the message's meaning is asked for, and with it, or, after a
 * moment, without it, what is remembered is searched. What the prompt shows anyway does not come. If what is remembered is
 * still being read after that moment, nothing comes. Loop thread. */
#ifndef AGENT_RECOLLECTION_H
#define AGENT_RECOLLECTION_H
#include "agent/documents.h"
#include "agent/memories.h"
#include "memory/facts.h"
#include "memory/visible.h"
#include "mind/past.h"

#define RECOLLECTION_MOST 8
#define RECOLLECTION_TOLD 4 /* of them, at most */
#define RECOLLECTION_KNOWN 5
#define RECOLLECTION_WITHIN 3.0f /* of the best score, what is worth telling */
#define RECOLLECTION_LATELY 4
#define RECOLLECTION_BESIDE 9 /* turns around the best ones */

/* A fact, and the turn that told it. */
struct recollected_fact {
    struct fact fact;
    bool to_come; /* "from next month" */
    char conversation[24];
    int64_t seq;
};

struct recollected {
    int64_t id, seq, speaker, at_ms;
    char conversation[24];
    char *text, *before; /* text: without what is otherwise by now; before: what it answers, or NULL, */
    int64_t before_seq;  /* and the turn of that, in the same conversation */
    bool changed;        /* something that it says is otherwise by now, or will be: */
    struct recollected_fact now;
    float score, faded;
    float features[RECALL_FEATURES];
    struct visible_answer refused; /* of an audit: why it may not be told, and because of whom */
    bool far;                      /* of an audit: it is not near enough, with what it lost by fading */
};

/* A sentence of what they talked about lately (topics.h), with its turns. */
struct recollected_topic {
    int64_t at_ms;
    char text[320];
    struct {
        char conversation[24];
        int64_t seq;
    } turns[STORE_CITES];
    size_t n_turns;
};

struct recollection {
    struct recollected items[RECOLLECTION_MOST]; /* best first */
    size_t n;
    struct recollected beside
        [RECOLLECTION_BESIDE]; /* of a question: what people said next to the best of them, the best ones' first */
    size_t n_beside;
    bool asks, dated; /* it is a question; it asks when something was */
    struct recall_about about;
    bool by_meaning;                                   /* else by words only */
    bool none;                                         /* nothing that may be told is about it */
    enum past_asked how;                               /* whether it asks for what was, and of the one who asks */
    struct recollected_fact known[RECOLLECTION_KNOWN]; /* what holds of the one who asks, the best first */
    size_t n_known;
    bool knows;   /* some of that is what it asks for, */
    char *source; /* and these are the words in which the best of it was said; NULL: they are gone */
    struct recollected_topic lately[RECOLLECTION_LATELY]; /* of one who comes back, the newest first */
    size_t n_lately;
    struct documents_found documents; /* passages of what the character was given to read */
};
void recollection_free(struct recollection *r); /* NULL is legal */
void recollected_finish(struct recollected *item);
/* How many of the first are worth telling: they are about the message, and not much worse than the best. Of a question about the one who asks
 * they are told even if nothing seems to be about it: the floor refuses many a short question of which something is known, and to deny what
 * somebody told is worse than a line too many. */
size_t recollection_worth(const struct recollection *r);

/* Never during recollection_begin. found: the callee's to free; NULL: it could not be looked for. */
typedef void recollection_done(void *ctx, struct recollection *found);
struct recollecting;

struct recollection_question {
    const char *character, *message;
    const char *conversation; /* where it is asked; "": nowhere */
    int64_t shown_from;       /* turns of it from this one on are in the prompt, */
    const char *parent;       /* and so are those that it has of this one, if it is a fork: */
    int64_t parent_seq;       /* up to this one; NULL or "": it is none */
    const int64_t *people;    /* who is there; the first one asks */
    size_t n_people;
    int64_t
        audit_ms; /* not 0: whatever was said before then is looked at, and why it is not told (memories_refused.c) */
    bool waits;   /* until what is remembered is read, however long that takes */
    bool
        first; /* with this message they meet again: then it is no matter what it asks, what is known of them comes to mind */
    bool
        back; /* or come back after a pause: what they talked about lately comes to mind, as it does with the first one */
};
/* Whether a turn stands in the prompt anyway. */
bool recollection_in_sight(const struct recollection_question *question, const char *conversation, int64_t seq);
/* recollection_facts.c: of what came to mind what is otherwise by now, and what is known of the one who asks. */
int recollection_look_up(struct memories *all, const struct recollection_question *question, int64_t now_ms,
                         struct recollection *found, anima_error *err);
/* memories_refused.c: of what is nearest what is not told, and why. */
void recollection_look_at_refused(struct memories *all, const struct recollection_question *question,
                                  const struct memory_index *index, struct recollection *found);
/* topics_lately.c: what the one who asks talked about lately, as far as all who are there may hear it. */
int recollection_lately(struct memories *all, const struct recollection_question *question, int64_t now_ms,
                        struct recollection *found, anima_error *err);
/* False: there is nothing that could come to mind, and done will not come. */
bool recollection_begin(struct memories *all, const struct recollection_question *question, recollection_done *done,
                        void *ctx, struct recollecting **out);
void recollection_abandon(struct recollecting *r); /* NULL is legal */
#endif
