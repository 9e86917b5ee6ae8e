/* state.h — the insides of a home, shared by the files of this folder and by nobody else. Loop thread. */
#ifndef AGENT_STATE_H
#define AGENT_STATE_H
#include "agent/cast.h"
#include "agent/home.h"
#include "agent/meaning.h"
#include "agent/settings.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "agent/guess.h"
#include "engine/models.h"
#include "mind/act.h"
#include "mind/lapse.h"
#include "mind/past.h"
#include "mind/letters.h"
#include "store/store.h"

#include <stdatomic.h>

#define MAX_MESSAGE 65536
#define MAX_HOME_PEOPLE 10000
#define MAX_REPLY (256u << 10)
#define MAX_WAITING 16
#define MAX_VARIANTS 256 /* of one turn */
#define MAX_WORKS 8      /* searches, exports, imports at the same time */

struct anima_subscription {
    anima_home *home;
    anima_conversation *conversation; /* NULL: the whole home; else it is held open */
    anima_event_cb *cb;               /* NULL once unsubscribed, until it is swept */
    void *ctx;
    struct anima_subscription *next;
};

struct subscribers {
    struct anima_subscription *first;
    bool dirty; /* some are unsubscribed and wait to be swept */
    int busy;   /* depth of callbacks running over this list */
};

/* One turn as the prompt needs it. */
struct said {
    int64_t seq;
    int64_t person; /* 0: the character */
    char *text;
};

struct candidates; /* candidates.c */

/* What is under way for one reply; its states and transitions are the table in turn.c. */
enum reply_state { REPLY_STORING, REPLY_QUEUED, REPLY_READING, REPLY_SPEAKING, REPLY_CLOSING, REPLY_STATES };

struct reply {
    anima_conversation *conversation;
    struct reply *next;
    enum reply_state state;
    bool stop; /* somebody asked to stop before there was anything to stop */
    /* the message it answers; seq 0 if it is taken up from the store */
    struct {
        int64_t seq, person, created_ms;
        char *text, *client_id;
    } message;
    /* the reply itself */
    int64_t seq, created_ms;
    int revision, variant, variants;
    bool added;  /* to a message that was there and had no answer */
    bool former; /* if it says nothing, the alternative before it comes back */
    struct buf text;
    size_t looked;                     /* bytes of text that were looked through for the end of a sentence */
    bool unkept;                       /* a sentence has ended that is not written yet */
    int64_t kept_us;                   /* when words were written last */
    struct recollecting *recollecting; /* what comes to mind is looked for */
    struct recollection *recollection; /* what came; NULL: nothing was looked for */
    int recalled;                      /* how much of it was told */
    struct store_told *told_of;        /* of a candidate: those turns; else NULL */
    struct store_told_passage passages_of[STORE_TOLD_PASSAGES]; /* and passages of documents, */
    size_t n_passages_of;                                       /* counted in recalled, too */
    struct forgetting *forgetting; /* what its message wants forgotten is being forgotten */
    void (*forgot_done)(void *reply);
    int forgot;          /* so many turns were; -1: it is not clear what is meant; 0: nothing is to be */
    struct guess *guess; /* under way before it is spoken */
    enum act act;        /* what was guessed; ACT_NONE: nothing */
    anima_usage guessed; /* what that took */
    struct speech *speech;
    anima_turn_state outcome; /* once CLOSING */
    struct loop_timer *again; /* the disk was full: writes the reply again until it is written */
    anima_error unstored;     /* what was said of that */
    const char *finish;
    anima_error error;
    anima_usage usage;
    char model[96];
    int64_t accepted_us, first_us; /* monotonic; first_us 0 until the first words */
    double ttft_ms, tokens_per_s;
    int64_t person;                /* whom it answers; known once it is asked for */
    int way;                       /* 0; 1, 2, …: one of several ways to say it (candidates.c) */
    struct candidates *candidates; /* NULL, or to which it belongs */
    size_t told;                   /* bytes of text that the others were told of */
    bool booked;
    struct store_cost cost;    /* of this attempt, once booked */
    double seconds, wh, money; /* of all attempts */
};

struct anima_conversation {
    anima_home *home;
    anima_conversation_info info;
    int refs; /* opens and subscriptions */
    int64_t next_seq;
    struct said *said; /* ordered by seq; loaded at the first message */
    size_t n_said;
    bool said_loaded;
    bool gone;                 /* deleted, or about to be: it cannot be opened any more */
    bool removing;             /* turns are being taken back: next_seq is not certain */
    struct summary *summaries; /* of turns that are not read any more: summary.c */
    size_t n_summaries;
    bool summaries_loaded;
    int64_t not_summed_up; /* up to this turn it was tried, in vain; 0: not */
    int64_t window_first;  /* what was read of it last begins with this turn, for a language */
    char window_language[16];
    bool unstored;         /* the store could not take it (disk full): the next message tries again */
    struct reply *replies; /* in the order of seq; the first stored one runs */
    int n_replies;
    struct candidates *candidates; /* under way; or NULL */
    struct subscribers subscribers;
};

struct anima_home {
    char *path;
    char *kv_folder;       /* NULL: engines keep nothing on the disk */
    char *adapters_folder; /* of the LoRA adapters that engines use */
    struct adapters *adapters;
    struct training *training;
    int lock_fd;
    bool read_only, closing;
    struct settings *settings;
    struct loop *loop;
    struct store *store;
    struct models *models;
    struct engine_set *engines;
    struct meanings *meanings;   /* NULL: switched off */
    struct memories *memories;   /* NULL in a home for looking only */
    struct topics *topics;       /* the same */
    struct workings *workings;   /* the same */
    struct documents *documents; /* the same */
    struct cast cast;
    struct acts *acts;
    struct letters *letters;
    bool letters_read; /* the engine was told to read the question ahead */
    struct lapses *lapses;
    struct past *past;
    struct unsays *unsays;
    struct forgetting *forgettings; /* under way */
    struct notes *notes;
    struct abilities *abilities;
    anima_person **people;
    size_t n_people;
    char owner[65];
    struct ledger *ledger; /* NULL in a home for looking only */
    void *conversations;   /* tsearch tree by id */
    size_t n_conversations;
    struct subscribers subscribers;
    anima_completion *completions;
    anima_stream *streams;     /* those that somebody holds open */
    struct summing *summing;   /* what is summed up now, or rests: summary.c */
    struct learning *learning; /* facts from texts, the last time: learn.c; NULL: none yet */
    struct blinds *blinds;     /* blind pairs; NULL in a home for looking only */
    struct bringing *bringing; /* chats that come in, the last time; NULL: none yet */
    struct undoing *undoing;   /* an import that is being undone, or NULL */
    int n_replies;             /* under way, of all conversations, several ways to say one counted once */
    struct op *ops;            /* changes whose end is not reported yet */
    int works;                 /* looks at the store on other threads */
    atomic_bool stop;          /* they shall end */
};

/* What whoever wants a change is told in a home that was opened for looking only: ANIMA_E_UNSUPPORTED. home.c */
int home_looked_at_only(anima_error *err);

/* A change on its way through the store (conversation_edit.c). */
struct op {
    struct op *next;
    anima_home *home;
    anima_conversation *conversation;         /* held open, or NULL */
    anima_stream *stream;                     /* the same */
    int (*end)(struct op *op, anima_error *); /* it is stored: brings memory in line, tells the listeners; may fail */
    void (*failed)(struct op *op, int rc, const anima_error *err);
    anima_done *done;
    anima_made *made;
    void *ctx;
    int64_t seq;
    bool keep_notes;
    char *text;
    char id[24]; /* of the conversation that is made */
    struct reply *reply;
};

/* ---- home.c ---- */
const char *home_language(const anima_home *home);
/* Nobody waits for words, so that an engine may be asked what can wait. */
bool home_is_calm(const anima_home *home);

/* ---- characters.c ---- */
int characters_open(anima_home *home, anima_error *err);
void characters_refresh_one(anima_home *home, const char *id); /* as anima_characters_refresh */

/* ---- event.c ---- */
void event_emit(anima_home *home, anima_conversation *conversation, anima_event *event);
void event_conversation(anima_conversation *conversation);
void event_engine(void *ctx, const anima_engine_info *info);

/* ---- conversation.c ---- */
void conversation_release(anima_conversation *c); /* frees it once nobody needs it */
void conversation_drop_replies(anima_home *home); /* abandons what the engines are doing; the store keeps the words */
void conversation_free_all(anima_home *home);
int conversation_remember(anima_conversation *c, int64_t seq, int64_t person, const char *text);
int conversation_load_said(anima_conversation *c, anima_error *err);
void conversation_touch(anima_conversation *c, int64_t turns, const char *text, int64_t now_ms);

void conversation_forget_after(anima_conversation *c, int64_t seq);
/* Reads again what others may have changed in the store. Nothing of it may be on its way there. */
void conversation_refresh(anima_conversation *c);
int conversation_check_title(const char *title, anima_error *err);
/* The one in memory; NULL: nobody holds it open. */
anima_conversation *conversation_find(anima_home *home, const char *id);
/* Whether a character is answering somebody, in another conversation than that one. */
bool conversation_answers(anima_home *home, const char *character, const char *but);

/* ---- conversation_edit.c ---- */
int op_new(anima_home *home, anima_conversation *c, anima_done *done, void *ctx, struct op **out, anima_error *err);
/* A store_done of its op. */
void op_written(void *op, int rc, const anima_error *err);
void op_free(struct op *op);
/* rc of queueing it in the store: it is on its way, or refused: then the op is gone and nobody is told later. Gives rc. */
int op_queued(struct op *op, int rc);
/* A turn is another in the store: memory follows, listeners hear of it. Engines are told by the caller. */
void conversation_changed(anima_conversation *c, int64_t seq);
/* The home is closed: who still waits is told. */
void op_end_all(anima_home *home);
int op_made(struct op *op, anima_error *err); /* an op's end: its conversation of that id is announced */

/* ---- people.c ---- */
int people_load_one(void *home, int64_t id, const char *name);
void people_free(anima_home *home);
const char *home_person_name(const anima_home *home, int64_t id);
/* Who is known by that name (NULL: the owner); NULL: nobody. Unlike anima_person_get it makes nobody known. */
const anima_person *home_person_find(const anima_home *home, const char *name);
/* The same, and nobody is an error: ANIMA_E_NOT_FOUND. */
int home_person_known(const anima_home *home, const char *name, const anima_person **out, anima_error *err);

/* ---- utterance.c, utterance_ahead.c ---- */
/* Has the engine read a conversation as it stands, without what was told beside its last message, so that the next message
 * is all that is left to be read. False: the engine does not run, or is busy. */
bool utterance_settle(anima_conversation *c);
/* Whether this part of speaking is in use (setting speech.without names those that are not). */
bool utterance_has(const anima_home *home, const char *part);
/* Asks the model what the message is about, if that may matter and no pattern knows: true if r->guess is under way. */
bool utterance_guess(struct reply *r, guess_done *done);
/* The last message before a reply; NULL: none, or it cannot be read. */
const struct said *reply_answers(const struct reply *r);
/* What comes to mind is looked for; false: nothing is, and done does not come. */
struct recollection;
bool utterance_recollect(struct reply *r, void (*done)(void *ctx, struct recollection *found));
/* Asks the engine for this reply: the prompt, what the model is told beside it, what it may not say. */
int utterance_begin(struct reply *r, const anima_completion_callbacks *callbacks, anima_error *err);

/* The persona for a language, as a reply is asked for with it: with an adapter that is on, without its examples, and only its first
 * sentence unless adapter.persona says otherwise; *bare has room for that. */
struct adapter_use;
const struct prompt_persona *utterance_persona(const anima_home *home, struct arena *arena, const struct character *who,
                                               const char *language, const struct adapter_use *use,
                                               struct prompt_persona *bare);
/* What is known of a character, for act_note. */
void utterance_self(const struct character *who, const char *language, struct act_self *out);
/* Whether a setting of auto, always or off holds for this model; auto: not for scripts. */
bool utterance_applies(const anima_home *home, const char *setting, const char *model);
/* Whether what this model says is checked (setting speech.check). */
bool utterance_is_checked(const anima_home *home, const char *model);

/* ---- reply.c ---- */
struct reply *reply_new(anima_conversation *c, int64_t seq); /* NULL: out of memory */
/* More words of it. Not ANIMA_OK: they do not fit; it has ended, and nothing more will come. */
int reply_hear(struct reply *r, const char *text, size_t n);
/* The engine's done: its usage, how it ended. */
void reply_heard_all(struct reply *r, int code, const char *finish, const anima_usage *usage, const char *message);
void reply_end_with(struct reply *r, int code, const char *message);
/* What this attempt has cost, once the engine has said what it used. A reply that never reached it cost nothing. */
void reply_book(struct reply *r);
void reply_describe(const struct reply *r, anima_turn *out);
/* The same for whoever looks: as long as it is not on the disk it is not over, whatever comes of it. */
void reply_show(const struct reply *r, anima_turn *out);
void reply_message_describe(const struct reply *r, anima_turn *out);
void reply_free(struct reply *r);

/* ---- turn.c ---- */
int reply_take_up(anima_conversation *c, const anima_turn *turn, anima_error *err);
void reply_run_first(void *conversation);
/* A reply of the last turn that is being renewed in the store; reply_renewed says how that went. */
int reply_renew(anima_conversation *c, const anima_turn *turn, struct reply **out, anima_error *err);
void reply_renewed(struct reply *r, bool stored);

/* ---- candidates.c ---- */
/* The last reply is said in n ways at the same time. What stands against it is checked. */
int candidates_begin(anima_conversation *c, const anima_turn *turn, int n, anima_error *err);
bool candidates_stop(anima_conversation *c); /* false: there are none under way */
void candidates_free(struct candidates *k);  /* the home is closed; NULL is legal */

/* ---- complete.c ---- */
void completion_free_all(anima_home *home);
/* Fills what a request leaves open with the character's way of sampling. */
void sampling_merge(anima_sampling *into, const anima_sampling *character);
const char *character_model(const anima_home *home, const struct character *c);
#endif
