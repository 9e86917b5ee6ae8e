#!/usr/bin/env python3
"""The HTTP server against bad input and bad peers, over raw sockets, with the script engine.

Usage: api_faults.py ANIMA HOME
ANIMA is the program, HOME an empty folder. Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import base64
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

from api_client import Daemon, check, failures, request, recv_reply

SCRIPT = """slots: 8

match: long
say: {words}
delay_ms: 1

match: slow
say: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
delay_ms: 100

say: You said: {{last}}
"""


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def raw(port, data, shutdown=False):
    """Sends bytes, returns everything up to the peer's close (or 5 s of silence)."""
    with connect(port) as s:
        s.settimeout(5)
        try:
            s.sendall(data)
            if shutdown:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        got = b""
        try:
            while chunk := s.recv(65536):
                got += chunk
        except OSError:
            pass
        return got


def status_of(got):
    return int(got.split(b" ", 2)[1]) if got.startswith(b"HTTP/1.1 ") else 0


def head(method, path, port, extra="", body=b""):
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{length}{extra}\r\n").encode() + body


JSON = "Content-Type: application/json\r\n"


def bodies(d):
    path = f"/api/v1/conversations/{d.conversation}/messages"
    big = json.dumps({"text": "x" * 10_000_000}).encode()
    status, answer = d.call("POST", path, raw_body=big)
    check("a 10 MB body is 413 with a JSON error", status == 413 and answer["error"]["code"] == "limit", f"{status} {answer}")
    status, answer = d.call("POST", path, {"text": "y" * 70_000})
    check("a message over 64 KiB is refused", status in (400, 413) and "error" in answer, f"{status}")
    got = raw(d.port, head("POST", path, d.port, JSON).replace(b"Content-Length: 0", b"Content-Length: 99999999999"))
    check("a huge Content-Length is 413", status_of(got) == 413, got[:80])
    for name, body, wanted in [
        ("invalid UTF-8", b'{"text":"\xff\xfe"}', 400), ("an overlong form", b'{"text":"\xc0\xaf"}', 400),
        ("a surrogate", b'{"text":"\xed\xa0\x80"}', 400), ("a NUL in a string", b'{"text":"a\\u0000b"}', 400),
        ("JSON 10,000 deep", b'{"text":' + b"[" * 10000 + b"]" * 10000 + b"}", 400), ("half a JSON", b'{"text":"a', 400),
        ("an array", b"[1]", 400), ("an unknown member", b'{"text":"a","zzz":1}', 400),
        ("a wrong type", b'{"text":5}', 400), ("a missing member", b"{}", 400), ("an empty body", b"", 400),
        ("an empty text", b'{"text":""}', 400), ("a duplicate key", b'{"text":"dup","text":5}', 400),
    ]:
        status, answer = d.call("POST", path, raw_body=body)
        check(f"{name} in a body is {wanted}", status == wanted and "error" in answer, f"{status} {answer}")
    status, _ = d.call("POST", path, raw_body=b'{"text":"a"}', headers={"Content-Type": "text/plain"})
    check("a body that is not JSON by its type is 415", status == 415, str(status))
    got = raw(d.port, f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{JSON}\r\n".encode())
    check("a POST without Content-Length is 411", status_of(got) == 411, got[:80])
    got = raw(d.port, f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())
    check("a chunked body is 411", status_of(got) == 411, got[:80])


def paths(d):
    for method, path, wanted in [
        ("GET", "/api/v1/nothing", 404), ("GET", "/api/v1/conversations/none", 404), ("GET", "/nothing", 404),
        ("DELETE", "/api/v1/status", 405), ("GET", "/api/v1/login", 405), ("POST", "/", 405), ("PUT", "/v1/models", 405),
        ("OPTIONS", "/api/v1/conversations", 204), ("HEAD", "/api/v1/status", 200), ("GET", "/../../etc/passwd", 404),
        ("GET", "/%2e%2e/etc/passwd", 404), ("GET", "/api/v1/conversations?limit=0", 400), ("GET", "/api/v1/status?x=1", 400),
        ("GET", "/api/v1/conversations?limit=9999999999999999999999", 400), ("HEAD", "/api/v1/events", 405),
        ("GET", "/api/v1/ws", 426), ("GET", "/api/v1/conversations/" + "a" * 500, 404), ("GET", "/%ff%fe", 400),
    ]:
        got = raw(d.port, head(method, path, d.port, JSON))
        check(f"{method} {path[:40]} is {wanted}", status_of(got) == wanted, got[:100])
    got = raw(d.port, head("DELETE", "/api/v1/conversations", d.port))
    check("405 names what is allowed", b"Allow: GET, HEAD, POST, OPTIONS" in got, got[:200])
    got = raw(d.port, head("HEAD", "/api/v1/status", d.port))
    check("HEAD has a length and no body", b"Content-Length:" in got and got.endswith(b"\r\n\r\n"), got)
    for name, data in [("garbage", b"\x00\x01\x02\xff" * 100 + b"\r\n\r\n"), ("a bad request line", b"GET\r\n\r\n"),
                       ("an unknown method", b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("TLS", b"\x16\x03\x01\x02\x00" + b"a" * 512),
                       ("a 100 KB header", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n"),
                       ("10,000 headers", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 10_000 + b"\r\n"),
                       ("h2c", b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
                       ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]:
        raw(d.port, data, shutdown=True)
        check(f"{name} does no harm", d.alive(), "the daemon is gone")


def guard(d):
    def ask(host, origin=None, path="/api/v1/status", extra=""):
        origin_line = f"Origin: {origin}\r\n" if origin else ""
        return status_of(raw(d.port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{origin_line}{extra}\r\n".encode()))
    p = d.port
    for host, origin, wanted in [
        (f"localhost:{p}", None, 200), ("localhost", None, 200), (f"[::1]:{p}", None, 200), (f"LOCALHOST:{p}", None, 200),
        ("evil.example", None, 403), (f"evil.example:{p}", None, 403), ("127.0.0.1.evil.example", None, 403),
        ("localhost.evil.example", None, 403), ("192.168.1.5", None, 403), ("localhost:1:2", None, 400), ("", None, 400),
        (f"127.0.0.1:{p}", f"http://127.0.0.1:{p}", 200), (f"127.0.0.1:{p}", "http://evil.example", 403),
        (f"127.0.0.1:{p}", "null", 403), (f"127.0.0.1:{p}", f"http://localhost:{p}", 403), (f"127.0.0.1:{p}", "http://127.0.0.1:1", 403),
    ]:
        got = ask(host, origin)
        check(f"Host {host or '(empty)'} Origin {origin} is {wanted}", got == wanted, str(got))
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    got = raw(p, f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{p}\r\nOrigin: http://evil.example\r\n{upgrade}\r\n".encode())
    check("a foreign page's WebSocket is 403", status_of(got) == 403, got[:80])
    got = raw(p, f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{p}\r\n{upgrade}\r\n".encode())
    check("a WebSocket elsewhere is refused", status_of(got) == 400, got[:80])
    got = raw(p, head("POST", f"/api/v1/conversations/{d.conversation}/cancel", p, "Origin: http://evil.example\r\n"))
    check("a foreign page's form is 403", status_of(got) == 403, got[:80])


def half_closed(d):
    got = raw(d.port, f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode(), shutdown=True)
    check("a half-closed socket gets its answer or is closed", not got or status_of(got) == 200, got[:80])
    path = f"/api/v1/conversations/{d.conversation}/messages"
    raw(d.port, head("POST", path, d.port, JSON, b'{"text":"half"}'), shutdown=True)
    before = d.status()["connections"]
    streams = []
    for _ in range(20):
        s = connect(d.port)
        s.sendall(f"GET /api/v1/conversations/{d.conversation}/events HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode())
        streams.append(s)
    time.sleep(0.3)
    during = d.status()["connections"]
    for i, s in enumerate(streams):
        if i % 2:
            s.shutdown(socket.SHUT_WR)
        else:
            s.close()
    deadline, after = time.monotonic() + 20, during
    while after > before + 1 and time.monotonic() < deadline:
        time.sleep(0.1)
        after = d.status()["connections"]
    check("streams whose client leaves or half-closes end", during >= before + 20 and after <= before + 1, f"{before} {during} {after}")
    s = connect(d.port)
    s.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode() + b"more bytes nobody wants")
    used = []
    while len(used) < 5 and (not used or used[-1] >= 0.3):  # what was before may still be cleared away; a busy loop goes on
        cpu = d.cpu_s()
        time.sleep(1)
        used.append(d.cpu_s() - cpu)
    check("bytes behind an event stream do not keep the daemon busy", used[-1] < 0.3, f"{used} s of CPU, a second each")
    s.close()


def disconnect_cancels(d):
    s = connect(d.port)
    body = json.dumps({"model": "lin", "stream": True, "messages": [{"role": "user", "content": "slow"}]}).encode()
    s.sendall(head("POST", "/v1/chat/completions", d.port, JSON, body))
    s.recv(10)
    running = sum(e["running"] for e in d.status()["engines"])
    s.close()
    deadline = time.monotonic() + 1.2
    left = running
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = sum(e["running"] for e in d.status()["engines"])
    check("a client that leaves cancels its completion", running == 1 and left == 0, f"{running} then {left}")


def slow_reader(d):
    """Opens streams that read nothing while a lot is said; they are ended, the daemon stays small and answers."""
    conversation = d.call("POST", "/api/v1/conversations", {"character": "lin"})[1]["conversation"]["id"]
    stuck = []
    for _ in range(3):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", d.port))
        s.sendall(f"GET /api/v1/conversations/{conversation}/events HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode())
        s.recv(15)  # it is there, and counted
        stuck.append(s)
    before = d.status()["connections"]
    text = "z" * 60_000
    for i in range(400):  # 24 MB for each: more than the kernel's buffers (some MB) and the daemon's (1 MiB) take
        while d.call("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text})[0] == 429:
            time.sleep(0.1)  # sixteen wait already
        d.call("POST", f"/api/v1/conversations/{conversation}/cancel")
        if i % 10 == 0 and d.status()["connections"] <= before - 3:
            break
    deadline = time.monotonic() + 60
    while (status := d.status())["connections"] > before - 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    check("readers that read nothing are ended", status["connections"] <= before - 3, f"{before} then {status['connections']}")
    check("they cost little memory", status["rss_mb"] < 80 or not d.memory_counts(), f"{status['rss_mb']} MiB")
    for s in stuck:
        s.close()


def thousand(d):
    before = d.status()
    sockets = []
    for i in range(1000):
        s = connect(d.port)
        path = "/api/v1/events" if i % 2 else f"/api/v1/conversations/{d.conversation}/events"
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode())
        sockets.append(s)
    got = sum(1 for s in sockets if s.recv(15) == b"HTTP/1.1 200 OK")
    status = d.status()
    check("1,000 streams are open at once", got == 1000 and status["connections"] >= 1000, f"{got} {status['connections']}")
    grown = status["rss_mb"] - before["rss_mb"]
    check("1,000 streams take less than 40 MiB", grown < 40 or not d.memory_counts(), f"{grown:.1f} MiB")
    start = time.monotonic()
    d.say("to a thousand")
    check("a message reaches its listeners meanwhile", time.monotonic() - start < 3, f"{time.monotonic() - start:.1f} s")
    for s in sockets:
        s.close()
    deadline = time.monotonic() + 5
    while d.status()["connections"] > 20 and time.monotonic() < deadline:
        time.sleep(0.1)
    check("they all go away", d.status()["connections"] <= 20, str(d.status()["connections"]))


class Ws:
    def __init__(self, port):
        self.s = connect(port)
        key = base64.b64encode(os.urandom(16)).decode()
        self.s.sendall((f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
                        f"Upgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.s.recv(4096)
        self.head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)

    def send(self, payload, opcode=1, fin=True):
        n = len(payload)
        length = bytes([0x80 | n]) if n < 126 else struct.pack(">BH", 0x80 | 126, n) if n < 65536 else struct.pack(">BQ", 0x80 | 127, n)
        mask = os.urandom(4)
        self.s.sendall(bytes([(0x80 if fin else 0) | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def json(self, value):
        self.send(json.dumps(value).encode())

    def frame(self):
        def need(n):
            while len(self.buffer) < n:
                chunk = self.s.recv(65536)
                if not chunk:
                    raise EOFError
                self.buffer += chunk
        need(2)
        n, at = self.buffer[1] & 127, 2
        if n > 125:
            size = 2 if n == 126 else 8
            need(2 + size)
            n, at = int.from_bytes(self.buffer[2:2 + size], "big"), 2 + size
        need(at + n)
        opcode, payload = self.buffer[0] & 15, self.buffer[at:at + n]
        self.buffer = self.buffer[at + n:]
        return opcode, payload

    def event(self, *types):
        while True:
            opcode, payload = self.frame()
            if opcode == 8:
                raise EOFError
            if opcode == 1:
                event = json.loads(payload)
                if not types or event["type"] in types:
                    return event


def web_socket(d):
    ws = Ws(d.port)
    check("a WebSocket opens", b" 101 " in ws.head, ws.head)
    ws.json({"type": "ping"})
    check("ping is answered", ws.event()["type"] == "pong")
    for name, payload in [("not JSON", b"hello"), ("an array", b"[]"), ("an unknown type", b'{"type":"dance"}'),
                          ("deep JSON", b"[" * 5000), ("an unknown conversation", b'{"type":"subscribe","conversation":"nope"}')]:
        ws.send(payload)
        check(f"{name} on a WebSocket gives an error event", ws.event()["type"] == "error")
    ws.json({"type": "subscribe", "conversation": d.conversation, "after": 0})
    sync = ws.event("sync")
    while sync["more"]:
        sync = ws.event("sync")
    ws.json({"type": "subscribe"})
    seq = d.say("over the wire", wait=False)
    text, gaps = "", 0
    while True:
        event = ws.event()
        if event["type"] == "turn.delta":
            gaps += event["offset"] != len(text.encode())
            text += event["text"]
        if event["type"] == "turn.done" and event["turn"]["seq"] == seq + 1:
            break
    check("the deltas are the reply", gaps == 0 and text == event["turn"]["text"] == "You said: over the wire", text)
    d.call("PATCH", f"/api/v1/conversations/{d.conversation}/turns/{seq}", {"text": "edited meanwhile", "revision": 0}, headers={"Content-Type": "application/json"})
    last = seq + 1
    for known, wanted in ((sync["changes"], [seq, seq + 1]), (sync["changes"] + 1, [])):
        ws.json({"type": "subscribe", "conversation": d.conversation, "after": last, "changes": known})
        got = ws.event("sync")
        check(f"who comes back with {'old' if wanted else 'new'} changes hears of {len(wanted)} turns", [t["seq"] for t in got["turns"]] == wanted and got["after"] == (seq - 1 if wanted else last), got)
    ws.send(b"x" * 10, opcode=9)
    opcode, payload = ws.frame()
    while opcode != 10:
        opcode, payload = ws.frame()
    check("a ping frame gets its pong", payload == b"x" * 10, payload)
    ws.send(b'{"type":', fin=False)
    ws.send(b'"ping"}', opcode=0)
    check("a message in two parts is one message", ws.event("pong", "error")["type"] == "pong")
    for name, action in [("a message over 64 KiB", lambda w: w.send(b'"' + b"a" * 100_000 + b'"')), ("a binary message", lambda w: w.send(b"\x00", opcode=2)),
                         ("invalid UTF-8", lambda w: w.send(b'"\xff"')), ("a reserved opcode", lambda w: w.send(b"", opcode=5)), ("a frame of 2^62 bytes", lambda w: w.s.sendall(b"\x81\xff" + struct.pack(">Q", 1 << 62) + b"aaaa"))]:
        other = Ws(d.port)
        action(other)
        other.s.settimeout(3)
        try:
            other.json({"type": "ping"})
            while True:
                other.event()
        except (EOFError, ConnectionError):
            ended = True
        except TimeoutError:
            ended = False
        check(f"{name} ends the WebSocket", ended)
        other.s.close()
    ws.s.close()
    check("the daemon is well after that", d.alive())


def reconnect(d):
    """A reader that reconnects in mid-reply gets the words so far and loses none."""
    conversation = d.call("POST", "/api/v1/conversations", {"character": "lin"})[1]["conversation"]["id"]
    status, sent = d.call("POST", f"/api/v1/conversations/{conversation}/messages", {"text": "slow please"})
    texts, done = {}, None
    for _ in range(40):
        ws = Ws(d.port)
        ws.json({"type": "subscribe", "conversation": conversation, "after": sent["seq"]})
        for _ in range(3):
            event = ws.event()
            if event["type"] == "sync":
                texts.update({t["seq"]: t["text"] for t in event["turns"]})
                if any(t["state"] == "done" for t in event["turns"]):
                    done = event["turns"][0]
                    break
            elif event["type"] == "turn.delta":
                if event["offset"] != len(texts[event["seq"]]):
                    check("no gap after a reconnect", False, str(event))
                texts[event["seq"]] += event["text"]
            elif event["type"] == "turn.done":
                done = event["turn"]
                break
        ws.s.close()
        if done:
            break
    check("a reader that reconnects again and again has every word once", done and texts[sent["reply"]] == done["text"] and
          done["text"].endswith("sixteen"), f"{texts} {done}")


def long_history(d):
    conversation = d.call("POST", "/api/v1/conversations", {"character": "lin"})[1]["conversation"]["id"]
    for _ in range(20):
        status, sent = d.call("POST", f"/api/v1/conversations/{conversation}/messages", {"text": "q" * 60_000})
        d.wait_done(conversation, sent["reply"])
    ws = Ws(d.port)
    ws.json({"type": "subscribe", "conversation": conversation, "after": 0})
    seqs, pages = [], 0
    while True:
        sync = ws.event("sync")
        pages += 1
        seqs += [t["seq"] for t in sync["turns"]]
        if not sync["more"]:
            break
    check("a history of 2 MB comes in pages, whole and in order", seqs == list(range(1, 42)) and pages > 3, f"{pages} {seqs}")
    ws.s.close()
    many_histories(d, conversation)


def many_histories(d, conversation):
    """Pages of twelve conversations would not fit into what may wait for one reader."""
    forks = [d.call("POST", f"/api/v1/conversations/{conversation}/fork", {"seq": 41})[1]["conversation"]["id"] for _ in range(12)]
    ws = Ws(d.port)
    for fork in forks:
        ws.json({"type": "subscribe", "conversation": fork, "after": 0})
    seqs = {fork: [] for fork in forks}
    waiting = set(forks)
    try:
        while waiting:
            sync = ws.event("sync")
            seqs[sync["conversation"]["id"]] += [t["seq"] for t in sync["turns"]]
            if not sync["more"]:
                waiting.discard(sync["conversation"]["id"])
    except (EOFError, ConnectionError):
        pass
    check("twelve long histories at once reach one reader", not waiting and all(s == list(range(1, 42)) for s in seqs.values()),
          {fork: len(s) for fork, s in seqs.items()})
    ws.s.close()


def slow_sender(d, opened):
    s_head, s_body = opened
    for name, s in (("head", s_head), ("body", s_body)):
        s.settimeout(30)
        try:
            closed = s.recv(100) == b""
        except ConnectionError:
            closed = True
        except TimeoutError:
            closed = False
        check(f"a client that never ends its {name} is let go", closed and d.alive())


def token(anima, home):
    file = os.path.join(home, "secret")
    with open(file, "w", encoding="utf-8") as f:
        f.write("a-long-password\n")
    refused = subprocess.run([anima, "serve", "--home", home, "--set", "server.port=0", "--set", "server.bind=0.0.0.0"],
                             capture_output=True, text=True, timeout=20, check=False)
    check("a bind beyond loopback without a token is refused", refused.returncode != 0 and "token_file" in refused.stderr, refused.stderr)
    with Daemon(anima, home, SCRIPT.format(words="a"), "server.bind=0.0.0.0", f"server.token_file={file}") as d:
        def ask(path, extra=""):
            return status_of(raw(d.port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\nConnection: close\r\n{extra}\r\n".encode()))
        for name, path, extra, wanted in [
            ("no token", "/api/v1/status", "", 401), ("no token for OpenAI", "/v1/models", "", 401), ("the page", "/", "", 200),
            ("a wrong token", "/api/v1/status", "Authorization: Bearer wrong\r\n", 401),
            ("half a token", "/api/v1/status", "Authorization: Bearer a-long\r\n", 401),
            ("a longer token", "/api/v1/status", "Authorization: Bearer a-long-passwordd\r\n", 401),
            ("an empty token", "/api/v1/status", "Authorization: Bearer \r\n", 401),
            ("the token", "/api/v1/status", "Authorization: Bearer a-long-password\r\n", 200),
            ("the token as a cookie", "/api/v1/status", "Cookie: anima_session=a-long-password\r\n", 401),
        ]:
            got = ask(path, extra)
            check(f"with a token set, {name} gives {wanted}", got == wanted, str(got))
        status, _ = d.call("POST", "/api/v1/login", {"token": "wrong-password"})
        check("a wrong login is 401", status == 401, str(status))
        status, _, headers = request(d.port, "POST", "/api/v1/login", {"token": "a-long-password"}, {}, headers_too=True)
        cookie = headers.get("Set-Cookie", "")
        check("a login sets a strict cookie", status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie and "a-long" not in cookie, cookie)
        got = ask("/api/v1/status", f"Cookie: other=1; {cookie.split(';')[0]}; last=2\r\n")
        check("the cookie lets in", got == 200, str(got))
        last = [d.call("POST", "/api/v1/login", {"token": f"wrong-{i}"})[0] for i in range(15)][-1]
        check("many wrong passwords are 429", last == 429, str(last))


def port_in_use(anima, d):
    with tempfile.TemporaryDirectory() as other:
        result = subprocess.run([anima, "serve", "--home", other, "--set", f"server.port={d.port}"], capture_output=True, text=True, timeout=20, check=False)
    check("a taken port is an error with its cure", result.returncode != 0 and "server.port" in result.stderr, result.stderr)


def main():
    anima, home = sys.argv[1:3]
    with Daemon(anima, home, SCRIPT.format(words="word " * 2000)) as d:
        s_head, s_body = connect(d.port), connect(d.port)
        s_head.sendall(b"GET / HTTP/1.1\r\nHost: local")
        s_body.sendall(head("POST", "/api/v1/conversations", d.port, JSON, b"{").replace(b"Content-Length: 1", b"Content-Length: 50"))
        d.say("hello")
        for part in (bodies, paths, guard, half_closed, disconnect_cancels, web_socket, reconnect, long_history, slow_reader, thousand):
            part(d)
        port_in_use(anima, d)
        slow_sender(d, (s_head, s_body))
        open_stream = connect(d.port)
        open_stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{d.port}\r\n\r\n".encode())
        recv_reply(open_stream)
        start = time.monotonic()
        status = d.stop()
        check("the daemon ends at once with streams open", status == 0 and time.monotonic() - start < 5, f"{status} {time.monotonic() - start:.1f} s")
        open_stream.close()
    with tempfile.TemporaryDirectory(prefix="anima-token-") as other:
        token(anima, other)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
