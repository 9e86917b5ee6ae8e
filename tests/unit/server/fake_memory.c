/* What the home in memory remembers: one thing that me said, of which the reply 2 of "talk" was told. */
#include "fake_home.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define MAX_WAITING 8

static struct {
    anima_recollected *recollected; /* or NULL: */
    anima_done *done;
    anima_forgot *forgot;
    anima_refusal *refusal;
    void *ctx;
} waiting[MAX_WAITING];
static int n_waiting;

static const char *const witnesses[] = { "me", "Ann" };

static anima_memory tea(void)
{
    return (anima_memory){ .id = 3,
                           .conversation = "talk",
                           .seq = 1,
                           .character = "lin",
                           .person_name = "me",
                           .at_ms = 1000,
                           .text = "I keep tea in the blue tin.",
                           .kind = "secret",
                           .witnesses = witnesses,
                           .n_witnesses = 2,
                           .score = 4.5 };
}

void fake_memory_step(void)
{
    anima_error err = { .code = fake_home.change_fails, .message = "refused" };
    const anima_memory_reason reasons[] = { { "words5", "the words around it", 3 }, { "length", "its length", 1.5 } };
    const anima_recalled item = {
        .memory = tea(), .before = "Where is it?", .told = true, .reasons = reasons, .n_reasons = 2
    };
    const anima_recollection found = { .items = &item, .n = 1, .about = true };
    const anima_forgotten_turn turns[] = { { "talk", 1, -1, "lin", "me", 1000, "I keep tea in the blue tin.", "asked" },
                                           { "talk", 2, 1, "lin", "", 1001, "In the blue tin.", "repeats" } };
    const anima_forgotten forgotten = { turns, 2, 1, 1 };
    const anima_refused refused = { tea(), "secret", "a secret", "秘密", "Ben" };
    const anima_refusals refusals = { &refused, 1, false };
    while (n_waiting) {
        n_waiting--;
        if (waiting[n_waiting].forgot)
            waiting[n_waiting].forgot(waiting[n_waiting].ctx, err.code, &err, err.code ? NULL : &forgotten);
        else if (waiting[n_waiting].refusal)
            waiting[n_waiting].refusal(waiting[n_waiting].ctx, err.code, &err, err.code ? NULL : &refusals);
        else if (waiting[n_waiting].recollected)
            waiting[n_waiting].recollected(waiting[n_waiting].ctx, err.code, &err, err.code ? NULL : &found);
        else
            waiting[n_waiting].done(waiting[n_waiting].ctx, err.code, &err);
    }
}

static int later(anima_recollected *recollected, anima_done *done, void *ctx, anima_error *err)
{
    if (n_waiting == MAX_WAITING)
        return err_set(err, ANIMA_E_BUSY, "too many");
    waiting[n_waiting].forgot = NULL;
    waiting[n_waiting].refusal = NULL;
    waiting[n_waiting].recollected = recollected;
    waiting[n_waiting].done = done;
    waiting[n_waiting++].ctx = ctx;
    return ANIMA_OK;
}

int anima_memory_search(anima_home *home, const char *character, const char *words, int limit, anima_memory_cb *cb,
                        void *ctx, anima_error *err)
{
    const anima_memory m = tea();
    (void)home;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "search %s %s %d", character ? character : "-", words,
             limit);
    if (!*words)
        return err_set(err, ANIMA_E_INVALID, "what shall be looked for?");
    cb(ctx, &m);
    return ANIMA_OK;
}

int anima_memory_recall(anima_home *home, const char *character, const char *person, const char *text,
                        anima_recollected *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    if (!*text)
        return err_set(err, ANIMA_E_INVALID, "what is said?");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "recall %s %s", person && *person ? person : "-", text);
    return later(done, NULL, ctx, err);
}

int anima_memory_told(anima_home *home, const char *conversation, int64_t seq, anima_memory_cb *cb, void *ctx,
                      anima_error *err)
{
    anima_memory m = tea();
    (void)home;
    m.changed = true;
    if (strcmp(conversation, "talk") != 0 || seq != 2)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no turn %d", (int)seq);
    cb(ctx, &m);
    return ANIMA_OK;
}

int anima_memory_status(anima_home *home, anima_memory_state *out, anima_error *err)
{
    (void)home;
    (void)err;
    *out = (anima_memory_state){
        .turns = 7, .due = 1, .unread = 2, .without_vector = 3, .reading = 1, .model = "e5-small"
    };
    return ANIMA_OK;
}

int anima_memory_anew(anima_home *home, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    return later(NULL, done, ctx, err);
}

int anima_known_list(anima_home *home, const char *character, const char *person, const char *language,
                     anima_known_cb *cb, void *ctx, anima_error *err)
{
    const anima_known known = { .id = 5,
                                .character = character,
                                .person_name = "me",
                                .about = "home",
                                .whose = "sister",
                                .topic = "",
                                .value = "York",
                                .text = "sister: lives in York",
                                .from_ms = 1000,
                                .holds = true,
                                .confidence = 0.9,
                                .source = tea() };
    (void)home;
    if (strcmp(character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    snprintf(fake_home.changed, sizeof(fake_home.changed), "known %s %s", person && *person ? person : "-", language);
    cb(ctx, &known);
    return ANIMA_OK;
}

int anima_known_change(anima_home *home, int64_t id, const char *value, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (value && !*value)
        return err_set(err, ANIMA_E_INVALID, "a value is UTF-8 text of 1 to 120 bytes");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "known %d = %s", (int)id, value ? value : "-");
    return later(NULL, done, ctx, err);
}

int anima_memory_forget(anima_home *home, const anima_place *places, size_t n, bool look, anima_forgot *done, void *ctx,
                        anima_error *err)
{
    (void)home;
    if (!n)
        return err_set(err, ANIMA_E_INVALID, "name 1 to 64 turns that are to be forgotten, not 0");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "forget %s %d%s", places[0].conversation, (int)places[0].seq,
             look ? " look" : "");
    int rc = later(NULL, NULL, ctx, err);
    if (!rc)
        waiting[n_waiting - 1].forgot = done;
    return rc;
}

int anima_memory_refused(anima_home *home, const char *conversation, int64_t seq, anima_refusal *done, void *ctx,
                         anima_error *err)
{
    (void)home;
    if (strcmp(conversation, "talk") != 0 || seq != 2)
        return err_set(err, ANIMA_E_NOT_FOUND, "turn %d answers nothing", (int)seq);
    int rc = later(NULL, NULL, ctx, err);
    if (!rc)
        waiting[n_waiting - 1].refusal = done;
    return rc;
}

int anima_memory_pin(anima_home *home, const char *conversation, int64_t seq, bool pinned, anima_done *done, void *ctx,
                     anima_error *err)
{
    (void)home;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "%s %s %d", pinned ? "pin" : "unpin", conversation,
             (int)seq);
    return later(NULL, done, ctx, err);
}

int anima_rule_list(anima_home *home, anima_rule_cb *cb, void *ctx, anima_error *err)
{
    const anima_rule rules[] = { { 1, "me", "", "", 1000 }, { 2, "me", "lin", "Ann", 1001 } };
    (void)home;
    (void)err;
    if (!cb(ctx, &rules[0]))
        cb(ctx, &rules[1]);
    return ANIMA_OK;
}

int anima_rule_add(anima_home *home, const anima_rule *rule, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (strcmp(rule->other, "Nobody") == 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "nobody called \"Nobody\" has talked here");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "rule %s %s %s", rule->person ? rule->person : "-",
             *rule->character ? rule->character : "-", *rule->other ? rule->other : "-");
    return later(NULL, done, ctx, err);
}

int anima_rule_remove(anima_home *home, int64_t id, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    snprintf(fake_home.changed, sizeof(fake_home.changed), "no rule %d", (int)id);
    return later(NULL, done, ctx, err);
}

int anima_topic_list(anima_home *home, const char *character, const char *person, anima_topic_cb *cb, void *ctx,
                     anima_error *err)
{
    const anima_memory source = tea();
    const anima_topic topic = { .id = 7,
                                .about = 9,
                                .character = character,
                                .person_name = "me",
                                .language = "en",
                                .text = "me keeps tea in the blue tin.",
                                .from_ms = 1000,
                                .until_ms = 2000,
                                .kind = "secret",
                                .sources = &source,
                                .n_sources = 1 };
    (void)home;
    if (strcmp(character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    snprintf(fake_home.changed, sizeof(fake_home.changed), "topics %s", person && *person ? person : "-");
    cb(ctx, &topic);
    return ANIMA_OK;
}

int anima_working_list(anima_home *home, const char *character, const char *person, anima_working_cb *cb, void *ctx,
                       anima_error *err)
{
    const anima_memory cause = tea();
    anima_working part = { .part = "mood",
                           .value = "sad",
                           .amount = 0.5,
                           .confidence = 0.75,
                           .since_ms = 1000,
                           .state = "",
                           .cause = &cause };
    (void)home;
    if (strcmp(character, "lin") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    snprintf(fake_home.changed, sizeof(fake_home.changed), "working %s", person && *person ? person : "-");
    cb(ctx, &part);
    part.part = "trust";
    part.cause = NULL;
    cb(ctx, &part);
    return ANIMA_OK;
}

int anima_working_set(anima_home *home, const char *character, const char *person, const char *part, const char *value,
                      double amount, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (!*part)
        return err_set(err, ANIMA_E_INVALID, "\"\" cannot be set");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "working %s %s %s = %s %.1f", character,
             person && *person ? person : "-", part, value ? value : "-", amount);
    return later(NULL, done, ctx, err);
}

int anima_working_change(anima_home *home, int64_t id, const char *text, const char *state, anima_done *done, void *ctx,
                         anima_error *err)
{
    (void)home;
    if (state && !*state)
        return err_set(err, ANIMA_E_INVALID, "a promise is open, kept or broken");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "working %d = %s %s", (int)id, text ? text : "-",
             state ? state : "-");
    return later(NULL, done, ctx, err);
}

int anima_topic_change(anima_home *home, int64_t id, const char *text, anima_done *done, void *ctx, anima_error *err)
{
    (void)home;
    if (text && !*text)
        return err_set(err, ANIMA_E_INVALID, "a sentence is UTF-8 text of 1 to 300 bytes");
    snprintf(fake_home.changed, sizeof(fake_home.changed), "topic %d = %s", (int)id, text ? text : "-");
    return later(NULL, done, ctx, err);
}
