/* gendoc.c — makes docs/api.md from the route table and events.def. Without an argument it prints; with the path of a
 * file it compares, and fails if they differ (the test api-doc). Update: build/src/server/anima-apidoc > docs/api.md */
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "server/routes.h"
#include "server/server_private.h"

#include <stdio.h>
#include <string.h>

static const char intro[] =
    "# API\n"
    "Made by `anima-apidoc` from `src/server/routes.c` and `include/anima/events.def`; do not edit.\n"
    "\n"
    "`anima serve` listens on 127.0.0.1, port 26462 (`--set server.port=…`). Bodies and answers are JSON in\n"
    "UTF-8; a body is at most 1 MiB (8 MiB where a route says so) and needs `Content-Type: application/json` and "
    "a\n`Content-Length`.\n"
    "Where a route takes a file, the body is the file as it is: at most 32 MiB, any type but a form's.\n"
    "Unknown members of a body (but OpenAI's API ignores them) and unknown query parameters are refused.\n"
    "\n"
    "## Who may ask\n"
    "- **Host** must be `localhost`, an address 127.x.x.x, `[::1]`, or a name in `server.allowed_hosts`; when\n"
    "  anima listens beyond loopback, any IP address will do. Others get 403: a foreign page cannot reach\n"
    "  anima by DNS rebinding.\n"
    "- **Origin**, if present, must be that host and port, or its name in `server.allowed_hosts`.\n"
    "  Without one, a browser's Sec-Fetch-Site must be `same-origin` or `none`, but for the page's files and the "
    "login.\n"
    "- **Token**: with `server.token_file` set (which any bind beyond loopback requires), every request but\n"
    "  the page's files needs `Authorization: Bearer TOKEN` or the cookie that `POST /api/v1/login` sets.\n"
    "\n"
    "## Errors\n"
    "`{\"error\":{\"code\":\"not_found\",\"message\":\"…\"}}`; of OpenAI's API in its form:\n"
    "`{\"error\":{\"message\":…,\"type\":…,\"param\":…,\"code\":…}}`.\n"
    "\n"
    "| status | when |\n"
    "|---|---|\n"
    "| 400 | the request is wrong: JSON, UTF-8, depth over 64, a member's type or value |\n"
    "| 401, 403 | token missing or wrong; Host or Origin not allowed |\n"
    "| 404, 405 | no such path, conversation, character or model; no such method (see `Allow`) |\n"
    "| 409 | a change while a reply is under way; somebody else stopped or changed it; the name is taken |\n"
    "| 411, 413, 415 | no Content-Length; too large; not JSON |\n"
    "| 429 | busy: 16 messages wait already, too many wrong passwords, or a limit of today is reached |\n"
    "| 500, 503 | something failed here: disk, memory, engine, model |\n"
    "\n";

static const char streams[] =
    "## Events\n"
    "SSE sends each event as `event: NAME`, `data: JSON`; a WebSocket sends the same JSON, one event a\n"
    "message. The JSON's `type` is the event's name.\n"
    "\n"
    "A conversation's stream begins with `sync`:\n"
    "`{\"type\":\"sync\",\"conversation\":{…},\"after\":N,\"changes\":M,\"turns\":[…],\"more\":false}` with the\n"
    "turns after N, the one the client named, those under way with their words so far. A long history comes\n"
    "in several (`more`: another follows). Then live events follow. So a client that reconnects replaces what\n"
    "it has behind N by these turns, appends deltas, and has lost and doubled nothing. One that names the\n"
    "`changes` of its last `sync`, too, hears of older turns that were edited, chosen, said anew or taken back\n"
    "meanwhile: N is then the last turn before the first of them. The last one also has `candidates`, the ways\n"
    "to say the last reply that are under way, each as `candidate.changed` tells it.\n"
    "\n"
    "The home's stream begins with the engines as they are. A client that reads\n"
    "too slowly (1 MiB waits) is disconnected.\n"
    "\n"
    "A WebSocket client sends `{\"type\":\"subscribe\",\"conversation\":ID,\"after\":N,\"changes\":M}`,\n"
    "`{\"type\":\"subscribe\"}` (the home), `{\"type\":\"unsubscribe\",…}`, `{\"type\":\"ping\"}` (answered\n"
    "by `pong`). A wrong message is answered by `{\"type\":\"error\",\"code\":…,\"message\":…}`.\n"
    "\n";

static const char flows[] =
    "## Streams\n"
    "anima's engine as a stateful server, for any program. A stream is a text that grows: segments, each of a kind\n"
    "(`persona`, `profile`, `memory`: what the model is told; `heard`: what is said to it; `said`, `thought`: what it\n"
    "says and thinks; `tool`: what a tool gave). It is on the disk, and what the model has computed of it stays in\n"
    "memory or on the disk, too: a generation reads only what is new, also after a restart, and a fork computes\n"
    "nothing again. What is appended is read ahead while the engine has nothing better to do.\n"
    "\n"
    "```\n"
    "curl -s localhost:26462/v1/streams -H 'Content-Type: application/json' \\\n"
    "  -d '{\"segments\":[{\"kind\":\"persona\",\"text\":\"You are terse.\"}]}'        → "
    "{\"stream\":{\"id\":\"ID\",…}}\n"
    "curl -s localhost:26462/v1/streams/ID/generate -H 'Content-Type: application/json' \\\n"
    "  -d '{\"append\":[{\"kind\":\"heard\",\"text\":\"Hello.\"}],\"max_tokens\":40}'     → "
    "{\"text\":…,\"segment\":…,\"usage\":…}\n"
    "```\n"
    "\n"
    "`generate` with `stream` answers with server-sent events: `started` {`usage`}, `words` {`text`, `logprobs`?} …,\n"
    "`done` (what the plain answer holds, but for `logprobs`); or `error` {`error`}. What was generated is stored "
    "before\n"
    "`done` is sent; until then the stream is as it was.\n"
    "\n"
    "A generation that was cut off (`length`, `cancelled`) can go on with `resume`, token for token as if it had not\n"
    "been, on the same build, with the same seed, sampling and grammar; a snapshot carries all of that. (What the\n"
    "engine had computed is found again; if it was lost, it is computed anew, equal up to rounding.) Where a\n"
    "character's words are checked, or the engine samples elsewhere (a remote server, a script), it goes on from the\n"
    "words alone.\n"
    "\n"
    "Limits: 10,000 streams; of each 2000 segments and 1 MiB of text, of a segment 256 KiB. One generation at a time\n"
    "goes on in a stream (409 `busy`); fork it for several.\n"
    "\n";

static void put_members(struct buf *b, const struct member *m, const char *title)
{
    if (!m)
        return;
    buf_printf(b, "%s\n\n| member | type | meaning |\n|---|---|---|\n", title);
    for (; m->name; m++)
        buf_printf(b, "| `%s`%s | %s | %s |\n", m->name, m->required ? "" : "?", member_type_name(m->type), m->meaning);
    buf_puts(b, "\n");
}

static void put_query(struct buf *b, const struct member *m)
{
    if (!m)
        return;
    buf_puts(b, "Query:\n\n| parameter | default | meaning |\n|---|---|---|\n");
    for (; m->name; m++)
        if (m->type == MEMBER_STRING)
            buf_printf(b, "| `%s` | \"\" | %s |\n", m->name, m->meaning);
        else
            buf_printf(b, "| `%s` | %lld | %s; %lld to %lld |\n", m->name, (long long)m->otherwise, m->meaning,
                       (long long)m->least, (long long)m->most);
    buf_puts(b, "\n");
}

enum chapter { HOME, STREAMS, OPENAI };

static enum chapter chapter_of(const struct route *r)
{
    return r->flags & ROUTE_OPENAI ? OPENAI : strncmp(r->path, "/v1/streams", 11) == 0 ? STREAMS : HOME;
}

static void put_routes(struct buf *b, enum chapter chapter)
{
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *r = &routes[i];
        if (chapter_of(r) != chapter)
            continue;
        buf_printf(b, "### %s %s\n%s Success: %d.%s\n\n", r->method, r->path, r->summary, r->status,
                   r->flags & ROUTE_OPEN ? " Needs no token." : "");
        put_query(b, r->query);
        put_members(b, r->takes, "Takes:");
        if (r->flags & ROUTE_LARGE)
            buf_puts(b, "The body may have 8 MiB.\n\n");
        if (r->flags & ROUTE_RAW)
            buf_puts(b, "Takes: the file itself as the body, at most 32 MiB.\n\n");
        put_members(b, r->gives, "Gives:");
    }
}

static void put_events(struct buf *b)
{
    static const struct {
        const char *name, *meaning;
    } events[] = {
#define ANIMA_EVENT(symbol, name, meaning) { name, meaning },
#include "anima/events.def"
#undef ANIMA_EVENT
    };
    for (size_t i = 0; i < ANIMA_EVENT_COUNT; i++) {
        buf_printf(b, "### %s\n%s\n\n", events[i].name, events[i].meaning);
        put_members(b, event_members[i], "Members:");
    }
}

static int compare(const struct buf *made, const char *path)
{
    char *text;
    size_t n;
    anima_error err;
    if (fs_read(path, 1 << 20, &text, &n, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    int differ = n != made->len || memcmp(text, made->data, n) != 0;
    if (differ)
        fprintf(stderr, "%s is not up to date: run anima-apidoc > docs/api.md\n", path);
    mem_free(text);
    return differ;
}

int main(int argc, char **argv)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, intro);
    buf_puts(&b, "## The home's API\n");
    put_routes(&b, HOME);
    buf_puts(&b, "## Shapes\n");
    for (size_t i = 0; i < shapes_count; i++) {
        buf_printf(&b, "### %s\nIs %s.\n\n", shapes[i].name, shapes[i].meaning);
        put_members(&b, shapes[i].members, "Members:");
    }
    buf_puts(&b, streams);
    put_events(&b);
    buf_puts(&b, flows);
    put_routes(&b, STREAMS);
    buf_puts(&b, "## OpenAI's API\nFor programs that speak to OpenAI: base URL `http://127.0.0.1:26462/v1`, any key "
                 "(or the token).\n\n");
    put_routes(&b, OPENAI);
    while (b.len > 1 && b.data[b.len - 2] == '\n')
        b.data[--b.len] = '\0';
    if (b.failed)
        return 1;
    int rc = argc > 1 ? compare(&b, argv[1]) : fwrite(b.data, 1, b.len, stdout) != b.len;
    buf_finish(&b);
    return rc;
}
