#include "fake_home.h"

#include "agent/home.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct anima_subscription {
    anima_event_cb *cb;
    void *ctx;
    bool conversation;
    struct anima_subscription *next;
};

struct anima_completion {
    const anima_completion_callbacks *callbacks;
    void *ctx;
    int logprobs;
};

#define MAX_TURNS 64

struct fake_home fake_home;
static int the_home;
static struct anima_subscription *subscriptions;
static struct anima_completion completion;
static char texts[MAX_TURNS][32];
static int n_turns, n_told;

static const char *const greetings[] = { "Hello.", "Evening." };
static const anima_character lin = { .id = "lin",
                                     .name = "Lin",
                                     .tagline = "keeps a bookshop",
                                     .greeting = "Hello.",
                                     .greetings = greetings,
                                     .n_greetings = 2,
                                     .language = "en",
                                     .model = "",
                                     .tagline_zh = "开书店",
                                     .tagline_en = "keeps a bookshop",
                                     .portrait = "",
                                     .creator = "us",
                                     .version = "1",
                                     .tags = greetings,
                                     .n_tags = 1 };
static const anima_person me = { 1, "me" };

anima_home *fake_home_new(void)
{
    fake_home = (struct fake_home){ .token_file = "", .allowed_hosts = "" };
    n_turns = n_told = 2;
    fake_streams_reset();
    strcpy(texts[0], "Hello.");
    strcpy(texts[1], "Hi!");
    return (anima_home *)&the_home;
}

static void finish_changes(int code);

void fake_home_free(void)
{
    finish_changes(ANIMA_E_CANCELLED);
    fake_home.change_fails = fake_home.completion_fails = ANIMA_E_CANCELLED;
    fake_streams_step();
    fake_blind_step();
    fake_memory_step();
    fake_chats_step();
    fake_documents_step();
    while (subscriptions)
        anima_unsubscribe(subscriptions);
}

/* ---- turns and events ---- */

static anima_turn turn_at(int i)
{
    bool person = i % 2 == 1;
    return (anima_turn){ .seq = i + 1,
                         .role = person ? ANIMA_ROLE_PERSON : ANIMA_ROLE_CHARACTER,
                         .state = ANIMA_TURN_DONE,
                         .text = texts[i],
                         .person = person ? 1 : 0,
                         .person_name = person ? "me" : "",
                         .client_id = "",
                         .model = "",
                         .finish = "stop",
                         .error = "",
                         .created_ms = 1000 + i,
                         .variants = 1 };
}

static void tell(anima_event *e)
{
    struct anima_subscription *next;
    for (struct anima_subscription *s = subscriptions; s; s = next) {
        next = s->next;
        s->cb(s->ctx, e);
    }
}

static void tell_turn(anima_event_type type, const anima_turn *turn, const char *delta, int64_t offset)
{
    anima_event e = { .type = type, .conversation = "talk", .turn = turn, .delta = delta, .offset = offset };
    tell(&e);
}

static void tell_message(int i)
{
    anima_turn said = turn_at(i);
    if (fake_home.store_fails) {
        said.state = ANIMA_TURN_FAILED;
        said.error_code = fake_home.store_fails;
        said.error = "no room";
        tell_turn(ANIMA_EVENT_TURN_DONE, &said, NULL, 0);
        n_turns = i;
        return;
    }
    tell_turn(ANIMA_EVENT_TURN_CREATED, &said, NULL, 0);
    strcpy(texts[n_turns], "a\"\n");
    anima_turn reply = turn_at(n_turns++);
    reply.state = ANIMA_TURN_STREAMING;
    tell_turn(ANIMA_EVENT_TURN_DELTA, &reply, "a\"", 0);
    tell_turn(ANIMA_EVENT_TURN_DELTA, &reply, "\n", 2);
    reply.state = ANIMA_TURN_DONE;
    tell_turn(ANIMA_EVENT_TURN_DONE, &reply, NULL, 0);
    anima_event updated = { .type = ANIMA_EVENT_CONVERSATION, .conversation = "talk" };
    tell(&updated);
}

static void finish_completion(void)
{
    static const anima_usage usage = { .prompt_tokens = 7, .completion_tokens = 2 };
    static const char scores[] = "[{\"token\":\"one\",\"logprob\":-1}]";
    const anima_completion_callbacks *cb = completion.callbacks;
    size_t n = completion.logprobs >= 0 ? sizeof(scores) - 1 : 0;
    completion.callbacks = NULL;
    if (fake_home.completion_fails) {
        cb->done(completion.ctx, fake_home.completion_fails, NULL, NULL, "it failed");
        return;
    }
    cb->started(completion.ctx, &usage);
    cb->words(completion.ctx, "one", 3, n ? scores : NULL, n);
    cb->words(completion.ctx, " \"two\"", 6, n ? scores : NULL, n);
    cb->done(completion.ctx, ANIMA_OK, "stop", &usage, NULL);
}

void fake_home_step(void)
{
    finish_changes(fake_home.change_fails);
    fake_characters_step();
    fake_streams_step();
    fake_blind_step();
    fake_memory_step();
    fake_chats_step();
    fake_documents_step();
    while (n_told < n_turns) {
        int i = n_told;
        tell_message(i);
        n_told = n_turns;
    }
    if (completion.callbacks)
        finish_completion();
}

/* ---- anima.h ---- */

const char *anima_home_path(const anima_home *home)
{
    (void)home;
    return "/home";
}
struct loop *home_loop(anima_home *home)
{
    (void)home;
    return NULL;
}

int home_publish_url(anima_home *home, const char *url, anima_error *err)
{
    (void)home;
    (void)url;
    (void)err;
    return ANIMA_OK;
}

const char *anima_home_setting(const anima_home *home, const char *key)
{
    (void)home;
    if (strcmp(key, "server.token_file") == 0)
        return fake_home.token_file;
    return strcmp(key, "server.allowed_hosts") == 0 ? fake_home.allowed_hosts
           : strcmp(key, "ui.language") == 0        ? "auto"
                                                    : "";
}

const anima_character *anima_character_at(const anima_home *home, size_t i)
{
    (void)home;
    return i ? NULL : &lin;
}
const anima_person *anima_person_at(const anima_home *home, size_t i)
{
    (void)home;
    return i ? NULL : &me;
}

const anima_character *anima_character_find(const anima_home *home, const char *id)
{
    (void)home;
    return strcmp(id, "lin") == 0 ? &lin : NULL;
}

int anima_person_get(anima_home *home, const char *name, const anima_person **out, anima_error *err)
{
    (void)home;
    (void)name;
    (void)err;
    *out = &me;
    return ANIMA_OK;
}

bool anima_engine_at(anima_home *home, size_t i, anima_engine_info *out)
{
    (void)home;
    *out = (anima_engine_info){ .model = "m", .state = "ready", .message = "", .info = "{\"slots\":4}" };
    return i == 0;
}

static void describe(anima_conversation_info *info)
{
    *info = (anima_conversation_info){ .id = "talk",
                                       .character = "lin",
                                       .title = "A talk",
                                       .created_ms = 1,
                                       .updated_ms = 2,
                                       .turns = n_turns,
                                       .last_text = "Hi!" };
}

int anima_conversation_list(anima_home *home, int limit, int64_t before_ms, anima_conversation_cb *cb, void *ctx,
                            anima_error *err)
{
    (void)home;
    (void)limit;
    (void)before_ms;
    (void)err;
    anima_conversation_info info;
    describe(&info);
    cb(ctx, &info);
    return ANIMA_OK;
}

int anima_conversation_list_of(anima_home *home, const char *character, int limit, int64_t before_ms,
                               anima_conversation_cb *cb, void *ctx, anima_error *err)
{
    return *character && strcmp(character, "lin") != 0 ? ANIMA_OK
                                                       : anima_conversation_list(home, limit, before_ms, cb, ctx, err);
}

int anima_conversation_create_with(anima_home *home, const char *character, const char *title, size_t greeting,
                                   anima_conversation **out, anima_error *err)
{
    (void)title;
    if (greeting >= 2)
        return err_set(err, ANIMA_E_INVALID, "Lin has 2 greetings");
    if (!anima_character_find(home, character))
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no character \"%.64s\"", character);
    *out = (anima_conversation *)home;
    return ANIMA_OK;
}

int anima_conversation_open(anima_home *home, const char *id, anima_conversation **out, anima_error *err)
{
    if (strcmp(id, "talk") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", id);
    *out = (anima_conversation *)home;
    return ANIMA_OK;
}

void anima_conversation_close(anima_conversation *c) { (void)c; }

void anima_conversation_describe(const anima_conversation *c, anima_conversation_info *out)
{
    (void)c;
    describe(out);
}

int anima_conversation_changes(anima_conversation *c, int64_t since, int64_t *changes, int64_t *first, int64_t *last,
                               anima_error *err)
{
    (void)c;
    (void)since;
    (void)err;
    *changes = 7;
    *first = 0;
    *last = INT64_MAX;
    return ANIMA_OK;
}

int anima_conversation_turns(anima_conversation *c, int64_t after, int limit, anima_turn_cb *cb, void *ctx,
                             anima_error *err)
{
    (void)c;
    (void)err;
    for (int i = 0; i < n_told && limit > 0; i++) {
        anima_turn turn = turn_at(i);
        if (turn.seq > after && (limit--, cb(ctx, &turn)))
            break;
    }
    return ANIMA_OK;
}

int anima_send(anima_conversation *c, const anima_message *message, int64_t *seq, anima_error *err)
{
    (void)c;
    if (fake_home.send_fails)
        return err_set(err, fake_home.send_fails, "not now");
    if (!*message->text || n_turns + 2 > MAX_TURNS)
        return err_set(err, ANIMA_E_INVALID, "a message has 1 to 65536 bytes");
    if (message->client_id && strcmp(message->client_id, "again") == 0) {
        *seq = 2;
        return ANIMA_OK;
    }
    snprintf(texts[n_turns], sizeof(texts[0]), "%.20s", "said");
    *seq = ++n_turns;
    return ANIMA_OK;
}

void anima_typing(anima_conversation *c, const char *person, const char *text)
{
    (void)c;
    (void)person;
    (void)text;
}

int anima_cancel(anima_conversation *c, anima_error *err)
{
    (void)c;
    return err_set(err, ANIMA_E_NOT_FOUND, "no reply is under way");
}

int anima_retry(anima_conversation *c, anima_error *err)
{
    (void)c;
    (void)err;
    return ANIMA_OK;
}

/* ---- changes: remembered, and reported in fake_home_step ---- */

static struct change {
    anima_done *done;
    anima_made *made;
    anima_found *found;
    anima_exported *exported;
    void *ctx;
} changes[8];
static int n_changes;

static void finish_change(const struct change *c, int code)
{
    static const anima_hit hit = { "talk", "lin", "A talk", 2, ANIMA_ROLE_PERSON, "me", 5, "be", "fo", "re" };
    anima_error err = { .code = fake_home.change_note };
    if (code)
        err_set(&err, code, "it was refused");
    if (c->done)
        c->done(c->ctx, code, &err);
    if (c->made)
        c->made(c->ctx, code, &err, code ? NULL : (anima_conversation *)&the_home);
    if (c->found)
        c->found(c->ctx, code, &err, &hit, code ? 0 : 1, false);
    if (c->exported)
        c->exported(c->ctx, code, &err, "{}\n", code ? 0 : 3);
}

static void finish_changes(int code)
{
    while (n_changes) {
        struct change c = changes[--n_changes];
        finish_change(&c, code);
    }
}

__attribute__((format(printf, 3, 4))) static int note_change(struct change change, anima_error *err, const char *fmt,
                                                             ...)
{
    size_t n = strlen(fake_home.changed);
    va_list ap;
    if (n_changes == 8)
        return err_set(err, ANIMA_E_BUSY, "the fake is busy");
    va_start(ap, fmt);
    vsnprintf(fake_home.changed + n, sizeof(fake_home.changed) - n, fmt, ap);
    va_end(ap);
    changes[n_changes++] = change;
    return ANIMA_OK;
}

int anima_conversation_rename(anima_conversation *c, const char *title, anima_done *done, void *ctx, anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "rename %s|", title);
}

int anima_conversation_delete(anima_conversation *c, bool keep_notes, anima_done *done, void *ctx, anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err,
                       keep_notes ? "delete keeping notes|" : "delete|");
}

int anima_conversation_tree(anima_home *home, const char *id, int limit, anima_timeline_cb *cb, void *ctx, bool *more,
                            anima_error *err)
{
    (void)home;
    if (strcmp(id, "talk") != 0)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no such conversation");
    anima_timeline root = { .info = { .id = "talk", .character = "lin", .turns = 2 }, .own_seq = 2, .own_text = "Hi!" };
    anima_timeline fork = { .info = { .id = "fork", .character = "lin", .turns = 1, .parent = "talk", .parent_seq = 1 },
                            .from_role = ANIMA_ROLE_CHARACTER,
                            .from_text = "Hello." };
    *more = limit < 2;
    return cb(ctx, &root) || limit < 2 ? ANIMA_OK : cb(ctx, &fork);
}

int anima_conversation_summary(anima_conversation *c, anima_summary *out, anima_error *err)
{
    (void)c;
    (void)err;
    *out = (anima_summary){ 1, "en", "Ann likes tea.", 5 };
    return ANIMA_OK;
}

int anima_conversation_summary_remove(anima_conversation *c, anima_done *done, void *ctx, anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "forget|");
}

int anima_conversation_fork(anima_conversation *c, int64_t seq, const char *title, anima_made *done, void *ctx,
                            anima_error *err)
{
    (void)c;
    return note_change((struct change){ .made = done, .ctx = ctx }, err, "fork %d %s|", (int)seq, title ? title : "-");
}

int anima_turn_edit(anima_conversation *c, int64_t seq, const char *text, int revision, anima_done *done, void *ctx,
                    anima_error *err)
{
    (void)c;
    if (seq < 1 || seq > n_turns)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no such turn");
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "edit %d %d %s|", (int)seq, revision, text);
}

int anima_turn_variants(anima_conversation *c, int64_t seq, anima_turn_cb *cb, void *ctx, anima_error *err)
{
    (void)c;
    if (seq < 1 || seq > n_turns)
        return err_set(err, ANIMA_E_NOT_FOUND, "there is no such turn");
    anima_turn turn = turn_at((int)seq - 1);
    cb(ctx, &turn);
    return ANIMA_OK;
}

int anima_turn_choose(anima_conversation *c, int64_t seq, int variant, int revision, anima_done *done, void *ctx,
                      anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "choose %d %d %d|", (int)seq, variant,
                       revision);
}

int anima_turn_regenerate(anima_conversation *c, int64_t seq, int revision, anima_done *done, void *ctx,
                          anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "regenerate %d %d|", (int)seq, revision);
}

int anima_turn_candidates(anima_conversation *c, int64_t seq, int n, int revision, anima_error *err)
{
    (void)c;
    size_t at = strlen(fake_home.changed);
    if (n < 2 || n > ANIMA_MAX_CANDIDATES)
        return err_set(err, ANIMA_E_INVALID, "so many ways are not there");
    snprintf(fake_home.changed + at, sizeof(fake_home.changed) - at, "candidates %d %d %d|", (int)seq, n, revision);
    static const int numbers[] = { 1, -1, 2, 3 };
    anima_turn turn = turn_at((int)seq - 1);
    anima_event e = { .conversation = "talk", .turn = &turn, .candidates = n, .numbers = numbers };
    e.type = ANIMA_EVENT_CANDIDATES_DONE;
    tell(&e);
    e.candidate = 1;
    e.type = ANIMA_EVENT_CANDIDATE_CHANGED;
    tell(&e);
    e.type = ANIMA_EVENT_CANDIDATE_DELTA;
    e.delta = "so";
    tell(&e);
    return ANIMA_OK;
}

void anima_candidates(const anima_conversation *c, anima_candidate_cb *cb, void *ctx)
{
    (void)c;
    anima_turn turn = turn_at(0);
    if (fake_home.candidates)
        cb(ctx, 1, 2, &turn);
}

int anima_turn_take_back(anima_conversation *c, int64_t seq, int revision, anima_done *done, void *ctx,
                         anima_error *err)
{
    (void)c;
    return note_change((struct change){ .done = done, .ctx = ctx }, err, "take back %d %d|", (int)seq, revision);
}

int anima_search(anima_home *home, const char *query, int limit, anima_found *done, void *ctx, anima_error *err)
{
    (void)home;
    if (!*query)
        return err_set(err, ANIMA_E_INVALID, "what shall be looked for?");
    return note_change((struct change){ .found = done, .ctx = ctx }, err, "search %d %s|", limit, query);
}

int anima_export(anima_conversation *c, anima_export_format format, anima_exported *done, void *ctx, anima_error *err)
{
    (void)c;
    return note_change((struct change){ .exported = done, .ctx = ctx }, err, "export %d|", (int)format);
}

int anima_import(anima_home *home, const char *character, const char *data, size_t n, anima_made *done, void *ctx,
                 anima_error *err)
{
    (void)home;
    (void)data;
    return note_change((struct change){ .made = done, .ctx = ctx }, err, "import %s %d|", character, (int)n);
}

int anima_subscribe(anima_home *home, const char *conversation, anima_event_cb *cb, void *ctx, anima_subscription **out,
                    anima_error *err)
{
    anima_conversation *c;
    if (conversation && anima_conversation_open(home, conversation, &c, err))
        return ANIMA_E_NOT_FOUND;
    struct anima_subscription *s = mem_alloc(sizeof(*s));
    if (!s)
        return err_set(err, ANIMA_E_NOMEM, "out of memory");
    *s = (struct anima_subscription){ cb, ctx, conversation != NULL, subscriptions };
    subscriptions = *out = s;
    fake_home.subscriptions++;
    return ANIMA_OK;
}

void anima_unsubscribe(anima_subscription *s)
{
    struct anima_subscription **p = &subscriptions;
    while (*p && *p != s)
        p = &(*p)->next;
    if (!s || !*p)
        return;
    *p = s->next;
    fake_home.subscriptions--;
    mem_free(s);
}

void anima_sampling_default(anima_sampling *s)
{
    *s = (anima_sampling){ .temperature = ANIMA_UNSET,
                           .top_p = ANIMA_UNSET,
                           .min_p = ANIMA_UNSET,
                           .top_k = -1,
                           .repeat_penalty = ANIMA_UNSET,
                           .frequency_penalty = ANIMA_UNSET,
                           .presence_penalty = ANIMA_UNSET,
                           .dry_multiplier = ANIMA_UNSET,
                           .seed = -1,
                           .max_tokens = -1 };
}

int anima_complete(anima_home *home, const anima_completion_request *request,
                   const anima_completion_callbacks *callbacks, void *ctx, anima_completion **out, anima_error *err)
{
    struct fake_completion *f = &fake_home.completion;
    (void)home;
    if (fake_home.complete_refuses)
        return err_set(err, fake_home.complete_refuses, "not today");
    if (completion.callbacks)
        return err_set(err, ANIMA_E_BUSY, "the fake answers one at a time");
    *f = (struct fake_completion){ .asked = true, .sampling = request->sampling, .logprobs = request->logprobs };
    for (size_t i = 0, n = 0; i < request->n_messages && n < sizeof(f->messages); i++)
        n += (size_t)snprintf(f->messages + n, sizeof(f->messages) - n, "%s:%s|", request->messages[i].role,
                              request->messages[i].text);
    for (const char *const *s = request->sampling.stop; s && *s; s++)
        snprintf(f->stop + strlen(f->stop), sizeof(f->stop) - strlen(f->stop), "%s|", *s);
    snprintf(f->json_schema, sizeof(f->json_schema), "%s", request->json_schema ? request->json_schema : "");
    completion = (struct anima_completion){ callbacks, ctx, request->logprobs };
    *out = &completion;
    return ANIMA_OK;
}

void anima_completion_abandon(anima_completion *c)
{
    c->callbacks = NULL;
    fake_home.completion.abandoned = true;
}

/* ---- the peer ---- */

static void on_reply(struct http_conn *conn, const struct http_reply *reply)
{
    struct fake_peer *p = (struct fake_peer *)conn;
    conn->owner = (struct http_owner){ 0 };
    p->status = reply->status;
    p->ended = true;
    snprintf(p->type, sizeof(p->type), "%s", reply->type ? reply->type : "");
    snprintf(p->headers, sizeof(p->headers), "%s", reply->headers ? reply->headers : "");
    buf_append(&p->body, reply->body, reply->len);
}

static void on_stream(struct http_conn *conn, const char *type)
{
    struct fake_peer *p = (struct fake_peer *)conn;
    p->status = 200;
    p->streaming = true;
    snprintf(p->type, sizeof(p->type), "%s", type);
}

static void on_accept(struct http_conn *conn)
{
    struct fake_peer *p = (struct fake_peer *)conn;
    p->status = 101;
    p->accepted = true;
}

static void on_write(struct http_conn *conn, const void *data, size_t n)
{
    struct fake_peer *p = (struct fake_peer *)conn;
    buf_append(&p->body, data, n);
    if (p->accepted)
        buf_puts(&p->body, "\n");
}

static void on_notify(struct http_conn *conn) { ((struct fake_peer *)conn)->notify = true; }

static void on_end(struct http_conn *conn)
{
    conn->owner = (struct http_owner){ 0 };
    ((struct fake_peer *)conn)->ended = true;
}

void fake_peer_init(struct fake_peer *peer)
{
    static const struct http_ops ops = { on_reply, on_stream, on_accept, on_write, on_notify, on_end };
    *peer = (struct fake_peer){ .conn.ops = &ops };
    buf_init(&peer->body, 4 << 20);
}

void fake_peer_finish(struct fake_peer *peer)
{
    struct http_owner owner = peer->conn.owner;
    peer->conn.owner = (struct http_owner){ 0 };
    if (owner.closed)
        owner.closed(owner.ctx);
    buf_finish(&peer->body);
}

void fake_peer_drained(struct fake_peer *peer)
{
    bool asked = peer->notify;
    peer->notify = false;
    if (asked && peer->conn.owner.drained)
        peer->conn.owner.drained(peer->conn.owner.ctx);
}

int fake_ask(struct server *server, struct fake_peer *peer, const char *method, const char *path, const char *body)
{
    char plain[512];
    const char *query = strchr(path, '?');
    snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(path, "?"), path);
    struct http_request r = { .method = method,
                              .path = plain,
                              .query = query ? query + 1 : "",
                              .host = "localhost:1",
                              .content_type = body ? "application/json" : NULL,
                              .body = body ? body : "",
                              .body_len = body ? strlen(body) : 0 };
    fake_peer_init(peer);
    router_dispatch(server, &peer->conn, &r);
    return peer->status;
}

/* ---- for a test ---- */

struct server fake_server;

int fake_set_up(void **state)
{
    (void)state;
    return server_init(&fake_server, fake_home_new(), "127.0.0.1", NULL);
}

int fake_tear_down(void **state)
{
    (void)state;
    fake_home_free();
    server_finish(&fake_server);
    return 0;
}
