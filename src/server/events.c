/* events.c — live events, over SSE and WebSocket alike.
 *
 *   feed     one per conversation that somebody listens to, and one for the home: one subscription to libanima.
 *            An event is formatted once, as SSE text; a WebSocket gets the JSON out of its middle.
 *   reader   one listener of a feed: an SSE response, or one subscription of a socket.
 *
 * A reader first gets "sync": the turns after the one it knows, those under way with their words so far; then live
 * events. A long history comes in pages, each when the one before has left: until the last, the reader gets live events
 * only of turns it has (synced); the others will come with their page as they are then. So nothing is lost or doubled.
 *
 *   SYNCING → LIVE */
#include "server/server_private.h"
#include "server/view.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define EVENT_MAX (4u << 20)
#define PAGE_TURNS 200
#define PAGE_BYTES (128u << 10)
#define SUBSCRIPTIONS_MAX 64 /* of one socket */

struct reader {
    struct feed *feed;
    struct reader *next; /* of the feed */
    struct reader *next_of_socket;
    struct http_conn *conn;
    bool socket;
    bool begun; /* until its first page it gets nothing */
    bool live;
    int64_t synced; /* the last turn it has, while not live */
    int64_t known;  /* the changes it knows of; -1: it did not say, or that was looked at */
};

struct feed {
    struct server *server;
    char conversation[24]; /* "": the home */
    anima_subscription *subscription;
    struct reader *readers;
    struct buf text; /* the event being sent */
    struct feed *next;
};

struct socket {
    struct server *server;
    struct http_conn *conn;
    struct reader *readers;
    bool paging; /* a page has not left yet: the next one waits for it, whosever it is */
};

/* ---- formatting: "event: NAME\ndata: JSON\n\n" ---- */

void sse_begin(struct buf *text, struct jw *w, const char *name)
{
    buf_reset(text);
    buf_puts(text, "event: ");
    buf_puts(text, name);
    buf_puts(text, "\ndata: ");
    jw_init(w, text);
    jw_obj(w, NULL);
}

void sse_end(struct buf *text, struct jw *w)
{
    jw_end_obj(w);
    buf_append(text, "\n\n", 2);
}

struct framed {
    struct buf *text;
    struct jw w;
    size_t json; /* where the JSON begins, with its brace */
};

static void frame_begin(struct framed *f, struct buf *text, const char *name)
{
    f->text = text;
    sse_begin(text, &f->w, name);
    f->json = text->len - 1;
    jw_str(&f->w, "type", name);
}

static void frame_end(struct framed *f) { sse_end(f->text, &f->w); }

static void frame_send(const struct framed *f, struct http_conn *conn, bool socket)
{
    if (f->text->failed)
        return;
    if (socket)
        http_write(conn, f->text->data + f->json, f->text->len - f->json - 2);
    else
        http_write(conn, f->text->data, f->text->len);
}

static void put_numbers(struct jw *w, const anima_event *e)
{
    jw_arr(w, "numbers");
    for (int i = 0; i < e->candidates; i++)
        if (e->numbers[i] < 0)
            jw_null(w, NULL);
        else
            jw_int(w, NULL, e->numbers[i]);
    jw_end_arr(w);
}

static void format_event(struct framed *f, struct buf *text, anima_home *home, const anima_event *e)
{
    frame_begin(f, text, view_event_name(e->type));
    struct jw *w = &f->w;
    if (e->conversation)
        jw_str(w, "conversation", e->conversation);
    switch (e->type) {
    case ANIMA_EVENT_TURN_DELTA:
        jw_int(w, "seq", e->turn->seq);
        jw_int(w, "offset", e->offset);
        jw_str(w, "text", e->delta);
        break;
    case ANIMA_EVENT_TURN_STARTED:
    case ANIMA_EVENT_TURN_DONE:
        jw_int(w, "context_used", e->context_used);
        jw_int(w, "context_size", e->context_size);
        jw_int(w, "dropped_turns", e->dropped_turns);
        view_turn(w, "turn", e->turn);
        break;
    case ANIMA_EVENT_TURN_CREATED:
    case ANIMA_EVENT_TURN_CHANGED: view_turn(w, "turn", e->turn); break;
    case ANIMA_EVENT_CANDIDATE_CHANGED: view_candidate(w, e->candidate, e->candidates, e->turn); break;
    case ANIMA_EVENT_CANDIDATE_DELTA:
        jw_int(w, "seq", e->turn->seq);
        jw_int(w, "candidate", e->candidate);
        jw_int(w, "offset", e->offset);
        jw_str(w, "text", e->delta);
        break;
    case ANIMA_EVENT_CANDIDATES_DONE:
        view_turn(w, "turn", e->turn);
        put_numbers(w, e);
        break;
    case ANIMA_EVENT_TURNS_REMOVED: jw_int(w, "after", e->after); break;
    case ANIMA_EVENT_ENGINE: view_engine(w, "engine", e->engine); break;
    case ANIMA_EVENT_CHARACTER_CHANGED: view_character(w, "character", home, e->character); break;
    case ANIMA_EVENT_BLIND_CHANGED: view_blind(w, "blind", e->blind); break;
    case ANIMA_EVENT_BLIND_REMOVED:
    case ANIMA_EVENT_CHARACTER_REMOVED: jw_str(w, "id", e->id); break;
    case ANIMA_EVENT_NOTE_CHANGED: view_note(w, "note", e->note); break;
    case ANIMA_EVENT_TRAINING_CHANGED: view_training(w, "training", e->training); break;
    case ANIMA_EVENT_FACTS_CHANGED: view_facts(w, "facts", e->facts); break;
    case ANIMA_EVENT_NOTE_REMOVED: jw_int(w, "id", e->note->id); break;
    default: break;
    }
}

/* ---- live ---- */

static bool is_of_home(anima_event_type type)
{
    return type == ANIMA_EVENT_CONVERSATION || type == ANIMA_EVENT_DELETED || type == ANIMA_EVENT_ENGINE ||
           type == ANIMA_EVENT_CHARACTER_CHANGED || type == ANIMA_EVENT_CHARACTER_REMOVED ||
           type == ANIMA_EVENT_NOTE_CHANGED || type == ANIMA_EVENT_NOTE_REMOVED ||
           type == ANIMA_EVENT_TRAINING_CHANGED || type == ANIMA_EVENT_FACTS_CHANGED ||
           type == ANIMA_EVENT_BLIND_CHANGED || type == ANIMA_EVENT_BLIND_REMOVED;
}

static bool wants(const struct reader *r, const anima_event *e)
{
    if (!*r->feed->conversation)
        return is_of_home(e->type);
    if (!r->begun)
        return false;
    return r->live || !e->turn || e->turn->seq <= r->synced;
}

static void add_info(struct feed *feed, struct framed *f, const anima_event *e)
{
    anima_conversation *c;
    anima_conversation_info info;
    if (anima_conversation_open(feed->server->home, e->conversation, &c, NULL))
        return;
    anima_conversation_describe(c, &info);
    anima_conversation_close(c);
    view_conversation(&f->w, "info", &info);
}

static void on_event(void *ctx, const anima_event *e)
{
    struct feed *feed = ctx;
    struct framed f;
    bool formatted = false;
    for (struct reader *r = feed->readers; r; r = r->next) {
        if (!wants(r, e))
            continue;
        if (!formatted) {
            format_event(&f, &feed->text, feed->server->home, e);
            if (e->type == ANIMA_EVENT_CONVERSATION)
                add_info(feed, &f, e);
            frame_end(&f);
            formatted = true;
        }
        frame_send(&f, r->conn, r->socket);
    }
    if (feed->text.size > 65536)
        buf_finish(&feed->text);
}

/* ---- sync ---- */

struct page {
    struct jw *w;
    int64_t last;
    size_t bytes;
    int n;
    bool full;
};

static int page_one(void *ctx, const anima_turn *turn)
{
    struct page *p = ctx;
    view_turn(p->w, NULL, turn);
    p->last = turn->seq;
    p->bytes += strlen(turn->text) + 256;
    p->full = ++p->n == PAGE_TURNS || p->bytes > PAGE_BYTES;
    return p->full;
}

static void send_error(struct http_conn *conn, bool socket, const char *conversation, const anima_error *err)
{
    struct buf text;
    struct framed f;
    buf_init(&text, 4096);
    frame_begin(&f, &text, "error");
    if (conversation && *conversation)
        jw_str(&f.w, "conversation", conversation);
    jw_str(&f.w, "code", anima_error_name(err->code));
    jw_str(&f.w, "message", err->message);
    frame_end(&f);
    frame_send(&f, conn, socket);
    buf_finish(&text);
}

/* What it has goes only so far as nothing of it has changed. *changes: for its next question. */
static int look_back(struct reader *r, anima_conversation *c, int64_t *changes, anima_error *err)
{
    int64_t first, last;
    int rc = anima_conversation_changes(c, r->known < 0 ? 0 : r->known, changes, &first, &last, err);
    if (rc || r->known < 0)
        return rc;
    r->known = -1;
    if (first && first <= r->synced)
        r->synced = first - 1;
    if (last < r->synced)
        r->synced = last;
    return ANIMA_OK;
}

static int candidate_one(void *ctx, int candidate, int candidates, const anima_turn *turn)
{
    jw_obj(ctx, NULL);
    view_candidate(ctx, candidate, candidates, turn);
    jw_end_obj(ctx);
    return 0;
}

static int write_page(struct reader *r, struct framed *f, anima_error *err)
{
    anima_conversation *c;
    anima_conversation_info info;
    int64_t changes;
    int rc = anima_conversation_open(r->feed->server->home, r->feed->conversation, &c, err);
    if (!rc && (rc = look_back(r, c, &changes, err)))
        anima_conversation_close(c);
    if (rc)
        return rc;
    struct page page = { .w = &f->w, .last = r->synced };
    anima_conversation_describe(c, &info);
    view_conversation(&f->w, "conversation", &info);
    jw_int(&f->w, "after", r->synced);
    jw_int(&f->w, "changes", changes);
    jw_arr(&f->w, "turns");
    rc = anima_conversation_turns(c, r->synced, PAGE_TURNS, page_one, &page, err);
    jw_end_arr(&f->w);
    jw_bool(&f->w, "more", page.full);
    if (!page.full) { /* ways to say the last reply that are under way */
        jw_arr(&f->w, "candidates");
        anima_candidates(c, candidate_one, &f->w);
        jw_end_arr(&f->w);
    }
    anima_conversation_close(c);
    r->synced = page.last;
    r->live = !page.full;
    return rc;
}

static void sync_page(struct reader *r)
{
    struct buf text;
    struct framed f;
    anima_error err;
    buf_init(&text, EVENT_MAX);
    frame_begin(&f, &text, "sync");
    int rc = write_page(r, &f, &err);
    frame_end(&f);
    if (!rc && text.failed)
        rc = err_set(&err, text.failed, "a turn is too large to be sent");
    if (rc) {
        r->live = true;
        send_error(r->conn, r->socket, r->feed->conversation, &err);
    } else {
        frame_send(&f, r->conn, r->socket);
    }
    buf_finish(&text);
}

/* A listener of the home begins with the engines as they are. */
static void sync_home(struct reader *r)
{
    anima_engine_info info;
    struct framed f;
    for (size_t i = 0; anima_engine_at(r->feed->server->home, i, &info); i++) {
        anima_event e = { .type = ANIMA_EVENT_ENGINE, .engine = &info };
        format_event(&f, &r->feed->text, r->feed->server->home, &e);
        frame_end(&f);
        frame_send(&f, r->conn, r->socket);
    }
    r->live = true;
}

/* ---- feeds and readers ---- */

static struct feed *feed_get(struct server *server, const char *conversation, anima_error *err)
{
    for (struct feed *f = server->feeds; f; f = f->next)
        if (strcmp(f->conversation, conversation) == 0)
            return f;
    struct feed *f = mem_zero(1, sizeof(*f));
    if (!f) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for one more listener");
        return NULL;
    }
    f->server = server;
    buf_init(&f->text, EVENT_MAX);
    snprintf(f->conversation, sizeof(f->conversation), "%s", conversation);
    if (anima_subscribe(server->home, *conversation ? conversation : NULL, on_event, f, &f->subscription, err)) {
        mem_free(f);
        return NULL;
    }
    f->next = server->feeds;
    server->feeds = f;
    return f;
}

static void feed_drop(struct feed *feed)
{
    struct feed **p = &feed->server->feeds;
    while (*p != feed)
        p = &(*p)->next;
    *p = feed->next;
    anima_unsubscribe(feed->subscription);
    buf_finish(&feed->text);
    mem_free(feed);
}

static struct reader *reader_new(struct server *server, struct http_conn *conn, bool socket, const char *conversation,
                                 int64_t after, int64_t known, anima_error *err)
{
    if (strlen(conversation) >= sizeof(((struct feed *)0)->conversation)) {
        err_set(err, ANIMA_E_NOT_FOUND, "there is no conversation \"%.64s\"", conversation);
        return NULL;
    }
    struct feed *feed = feed_get(server, conversation, err);
    if (!feed)
        return NULL;
    struct reader *r = mem_zero(1, sizeof(*r));
    if (!r) {
        err_set(err, ANIMA_E_NOMEM, "out of memory for one more listener");
        if (!feed->readers)
            feed_drop(feed);
        return NULL;
    }
    *r = (struct reader){
        .feed = feed, .next = feed->readers, .conn = conn, .socket = socket, .synced = after, .known = known
    };
    feed->readers = r;
    return r;
}

static void reader_free(struct reader *r)
{
    struct reader **p = &r->feed->readers;
    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
    if (!r->feed->readers)
        feed_drop(r->feed);
    mem_free(r);
}

static void reader_go_on(struct reader *r)
{
    r->begun = true;
    if (*r->feed->conversation)
        sync_page(r);
    else
        sync_home(r);
}

/* ---- SSE ---- */

static void sse_closed(void *ctx) { reader_free(ctx); }

static void sse_page(void *ctx)
{
    struct reader *r = ctx;
    if (r->live)
        return;
    reader_go_on(r);
    if (!r->live)
        http_notify(r->conn);
}

static void sse_open(const struct call *call, const char *conversation, int64_t after, int64_t known)
{
    anima_error err;
    struct reader *r = reader_new(call->server, call->conn, false, conversation, after, known, &err);
    if (!r) {
        reply_code(call, &err);
        return;
    }
    call->conn->owner = (struct http_owner){ .ctx = r, .closed = sse_closed, .drained = sse_page };
    http_stream(call->conn, "text/event-stream");
    sse_page(r);
}

void events_conversation(const struct call *call) { sse_open(call, call->id, call->query[0], call->query[1]); }

void events_home(const struct call *call) { sse_open(call, "", 0, -1); }

/* ---- WebSocket ---- */

static void socket_closed(void *ctx)
{
    struct socket *s = ctx;
    while (s->readers) {
        struct reader *r = s->readers;
        s->readers = r->next_of_socket;
        reader_free(r);
    }
    mem_free(s);
}

/* One page at a time keeps the queue short. */
static void socket_page(void *ctx)
{
    struct socket *s = ctx;
    struct reader *r = s->readers;
    while (r && r->live)
        r = r->next_of_socket;
    s->paging = r != NULL;
    if (r) {
        reader_go_on(r);
        http_notify(s->conn);
    }
}

static void socket_unsubscribe(struct socket *s, const char *conversation)
{
    for (struct reader **p = &s->readers; *p; p = &(*p)->next_of_socket)
        if (strcmp((*p)->feed->conversation, conversation) == 0) {
            struct reader *r = *p;
            *p = r->next_of_socket;
            reader_free(r);
            return;
        }
}

static int socket_subscribe(struct socket *s, const char *conversation, int64_t after, int64_t known, anima_error *err)
{
    int n = 0;
    socket_unsubscribe(s, conversation);
    for (struct reader *r = s->readers; r; r = r->next_of_socket)
        n++;
    if (n >= SUBSCRIPTIONS_MAX)
        return err_set(err, ANIMA_E_LIMIT, "one connection listens to at most %d conversations", SUBSCRIPTIONS_MAX);
    struct reader *r = reader_new(s->server, s->conn, true, conversation, after > 0 ? after : 0, known, err);
    if (!r)
        return err->code;
    r->next_of_socket = s->readers;
    s->readers = r;
    if (!s->paging)
        socket_page(s);
    return ANIMA_OK;
}

static int socket_command(struct socket *s, yyjson_val *m, anima_error *err)
{
    const char *type = json_str(m, "type", ""), *conversation = json_str(m, "conversation", "");
    static const char pong[] = "{\"type\":\"pong\"}";
    if (strcmp(type, "subscribe") == 0)
        return socket_subscribe(s, conversation, json_int(m, "after", 0), json_int(m, "changes", -1), err);
    if (strcmp(type, "unsubscribe") == 0)
        socket_unsubscribe(s, conversation);
    else if (strcmp(type, "ping") == 0)
        http_write(s->conn, pong, sizeof(pong) - 1);
    else
        return err_set(err, ANIMA_E_INVALID, "a message's type is subscribe, unsubscribe or ping");
    return ANIMA_OK;
}

static void socket_message(void *ctx, const char *text, size_t n)
{
    struct socket *s = ctx;
    yyjson_doc *doc;
    anima_error err;
    int rc = json_parse(text, n, HTTP_MESSAGE_MAX, "the message", &doc, &err);
    yyjson_val *m = rc ? NULL : yyjson_doc_get_root(doc);
    if (!rc)
        rc = yyjson_is_obj(m) ? socket_command(s, m, &err)
                              : err_set(&err, ANIMA_E_INVALID, "a message is a JSON object");
    if (rc)
        send_error(s->conn, true, json_str(m, "conversation", NULL), &err);
    yyjson_doc_free(doc);
}

void events_socket(const struct call *call)
{
    struct socket *s = mem_zero(1, sizeof(*s));
    if (!s) {
        anima_error err;
        err_set(&err, ANIMA_E_NOMEM, "out of memory for one more listener");
        reply_code(call, &err);
        return;
    }
    *s = (struct socket){ .server = call->server, .conn = call->conn };
    call->conn->owner = (struct http_owner){
        .ctx = s, .closed = socket_closed, .drained = socket_page, .message = socket_message
    };
    http_accept(call->conn);
}
