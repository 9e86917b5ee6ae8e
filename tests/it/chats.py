#!/usr/bin/env python3
"""Conversations are changed, searched, taken out, brought in and deleted: usage chats.py ANIMA

Over HTTP with the real daemon and the script engine, from two clients at once, with kill -9 in between, and from the command line
beside the daemon and alone.
"""
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import urllib.parse

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
LONG = " ".join(f"word{i}{'.' if i % 6 == 5 else ''}" for i in range(60)) + "."
SCRIPT = f"""match: slow
delay_ms: 15
say: {LONG}

match: ways
stream: -k1
say: First way.

match: ways
stream: -k2
delay_ms: 25
say: {LONG}

match: ways
stream: -k3
say: Third way.

match: again
say: First answer.

say: You said {{last}}.
"""


def grep(home, word):
    return subprocess.run(["grep", "-rqa", word, home], check=False).returncode == 0


class Stream(threading.Thread):
    """The events of one stream, collected."""

    def __init__(self, d, path):
        super().__init__(daemon=True)
        self.events = []
        host = d.url.split("//")[1]
        self.connection = http.client.HTTPConnection(host, timeout=60)
        self.connection.request("GET", "/api/v1" + path)
        self.answer = self.connection.getresponse()
        self.start()

    def run(self):
        try:
            while line := self.answer.readline():
                if line.startswith(b"data: "):
                    self.events.append(json.loads(line[6:]))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass

    def until(self, type_, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for e in list(self.events):
                if e["type"] == type_:
                    return e
            time.sleep(0.02)
        return None


def raw(d, method, path, body=None, headers=None, connection=None):
    c = connection or http.client.HTTPConnection(d.url.split("//")[1], timeout=60)
    c.request(method, path, body, headers or {})
    answer = c.getresponse()
    text = answer.read()
    return answer.status, text, answer.headers


def transport(d, c):
    """Methods with bodies on one connection, files as bodies, and who may not send them."""
    one = http.client.HTTPConnection(d.url.split("//")[1], timeout=20)
    kind = {"Content-Type": "application/json"}
    path = f"/api/v1/conversations/{c}"
    got = [raw(d, "PATCH", path, b'{"title":"a"}', kind, one)[0], raw(d, "DELETE", path + "/turns/99", b'{"revision":0}', kind, one)[0],
           raw(d, "DELETE", path + "/turns/98", None, {}, one)[0], raw(d, "PATCH", path, b'{"title":"b"}', kind, one)[0],
           raw(d, "GET", "/api/v1/search?q=x%26y%25", None, {}, one)[0]]
    check("PATCH and DELETE with bodies on one connection", got == [200, 404, 404, 200, 200], got)
    big = b'{"mes":"a"}\n' + b'{"mes":"' + b"x" * 60000 + b'"}\n'
    big += b'{"mes":"b","is_system":true,"x":"' + b"y" * 20_000_000 + b'"}'
    status, text, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", big, {"Content-Type": "application/octet-stream"})
    check("a file of 20 MB is taken", status == 201 and json.loads(text)["turns"] == 2, (status, text[:200]))
    status, text, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", b" " * (33 << 20), {"Content-Type": "text/plain"})
    check("one of 33 MiB is 413", status == 413 and json.loads(text)["error"]["code"] == "limit", (status, text[:200]))
    status, _, _ = raw(d, "POST", f"{path}/messages", json.dumps({"text": "x" * 2_000_000}).encode(), kind)
    check("elsewhere a body has at most 1 MiB", status == 413, status)
    for origin in ("http://evil.example", "null"):
        status, _, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", b'{"mes":"a"}',
                           {"Content-Type": "text/plain", "Origin": origin})
        check(f"a file from a page of {origin} is 403", status == 403, status)
    status, _, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", big, {"Content-Type": "text/plain", "Origin": "http://evil.example"})
    check("a large one, too", status in (403, 413), status)
    status, _, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", b"a=b", {"Content-Type": "application/x-www-form-urlencoded"})
    check("a form is 415", status == 415, status)


def editors(d):
    """Two browsers edit the same turn: one wins, the other is told."""
    c = d.begin()
    reply = d.say(c, "again")[1]["reply"]
    d.until_done(c, reply)
    stream, home = Stream(d, f"/conversations/{c}/events"), Stream(d, "/events")
    stream.until("sync")
    answers = []

    def edit(text):
        answers.append(d.call("PATCH", f"/conversations/{c}/turns/2", {"text": text, "revision": 0}))

    threads = [threading.Thread(target=edit, args=(t,)) for t in ("one", "two")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    won = [a for s, a in answers if s == 200]
    lost = [a for s, a in answers if s == 409 and a["error"]["code"] == "conflict"]
    check("two editors: one wins, the other is told", len(won) == 1 and len(lost) == 1, answers)
    event = stream.until("turn.changed")
    check("and both hear of it", event and event["turn"]["text"] == won[0]["turn"]["text"] and event["turn"]["revision"] == 1, event)
    check("the turn says so", won[0]["turn"]["edited"] and won[0]["turn"]["revision"] == 1, won)
    status, answer = d.call("POST", f"/conversations/{c}/turns/{reply}/regenerate", {"revision": 0})
    check("regenerate is a new alternative", status == 202 and answer == {"reply": reply, "variant": 1}, answer)
    turn = d.until_done(c, reply)
    status, answer = d.call("GET", f"/conversations/{c}/turns/{reply}/variants")
    check("and the old text is kept", [v["text"] for v in answer["variants"]] == ["First answer.", turn["text"]], answer)
    status, answer = d.call("POST", f"/conversations/{c}/turns/{reply}/variant", {"variant": 0, "revision": 1})
    check("and can be chosen", status == 200 and answer["turn"]["text"] == "First answer." and answer["turn"]["variants"] == 2, answer)
    d.say(c, "slow")
    status, answer = d.call("PATCH", f"/conversations/{c}/turns/2", {"text": "x", "revision": 1})
    check("while a reply is under way: busy", status == 409 and answer["error"]["code"] == "busy", answer)
    d.call("POST", f"/conversations/{c}/cancel")
    d.until_done(c, 5)
    status, answer = d.call("DELETE", f"/conversations/{c}/turns/4")
    check("taking back turns", status == 200 and answer == {"turns": 3} and len(d.turns(c)) == 3, answer)
    check("is told", (stream.until("turns.removed") or {}).get("after") == 3)
    status, answer = d.call("POST", f"/conversations/{c}/fork", {"seq": 2, "title": "枝"})
    check("a fork knows where it comes from", status == 201 and answer["conversation"]["parent"] == {"id": c, "seq": 2}, answer)
    check("deleting", d.call("DELETE", f"/conversations/{c}")[1] == {"deleted": True, "purged": True})
    check("is told to its listeners", stream.until("conversation.deleted") is not None)
    check("and to the home's", (home.until("conversation.deleted") or {}).get("conversation") == c)
    check("and it is gone", d.call("GET", f"/conversations/{c}")[0] == 404)


def comes_back(d):
    """A client that was away names what it has, and hears of older turns that changed."""
    c = d.begin()
    for text in ("one", "two", "three"):
        d.until_done(c, d.say(c, text)[1]["reply"])
    path = f"/conversations/{c}/events?after=7"
    first = Stream(d, path).until("sync")
    check("sync tells where it begins, and the count of changes", first["after"] == 7 and first["changes"] == 0 and first["turns"] == [], first)
    d.call("PATCH", f"/conversations/{c}/turns/4", {"text": "changed", "revision": 0})
    plain, asked = Stream(d, path).until("sync"), Stream(d, f"{path}&changes=0").until("sync")
    check("who does not ask hears of what follows only", plain["turns"] == [] and plain["after"] == 7, plain)
    check("who asks hears of the older turn that was edited", [t["seq"] for t in asked["turns"]] == [4, 5, 6, 7] and asked["after"] == 3
          and asked["turns"][0]["text"] == "changed" and asked["changes"] == 1, asked)
    check("and once", Stream(d, f"{path}&changes=1").until("sync")["turns"] == [])
    d.call("DELETE", f"/conversations/{c}/turns/6")
    gone = Stream(d, f"{path}&changes=1").until("sync")
    check("and of what was taken back", gone["turns"] == [] and gone["after"] == 5, gone)
    d.until_done(c, d.say(c, "instead")[1]["reply"])
    new = Stream(d, f"{path}&changes=1").until("sync")
    check("and of what has its place now", [t["text"] for t in new["turns"]] == ["instead", "You said instead."], new)


def unanswered(d):
    """A fork that ends with a message is answered when somebody asks for it."""
    c = d.begin()
    d.until_done(c, d.say(c, "hello")[1]["reply"])
    fork = d.call("POST", f"/conversations/{c}/fork", {"seq": 2})[1]["conversation"]["id"]
    status, answer = d.call("POST", f"/conversations/{fork}/retry", {})
    check("a message without an answer gets one", status == 202 and answer == {"reply": 3}, (status, answer))
    check("which answers it", d.until_done(fork, 3)["text"] == "You said hello.")
    check("and no second one", d.call("POST", f"/conversations/{fork}/retry", {})[0] == 400 and len(d.turns(fork)) == 3)


def ways(d):
    """The last reply in three ways at once, over events; who comes late hears of them; one is chosen."""
    c = d.begin()
    reply = d.say(c, "ways")[1]["reply"]
    old = d.until_done(c, reply)
    stream = Stream(d, f"/conversations/{c}/events")
    stream.until("sync")
    path = f"/conversations/{c}/turns/{reply}"
    status, answer = d.call("POST", f"{path}/candidates", {"revision": 0})
    check("three ways begin", status == 202 and answer == {"reply": reply, "candidates": 3}, (status, answer))
    check("and come as events", stream.until("candidate.delta") is not None)
    check("meanwhile the turn is as it was", d.turns(c)[-1] == old and d.call("PATCH", path, {"text": "x", "revision": 0})[1]["error"]["code"] == "busy")
    late = Stream(d, f"/conversations/{c}/events?after={reply}").until("sync")
    check("who comes late hears of those under way", [x["candidate"] for x in late["candidates"]] == [1, 2, 3] and late["candidates"][1]["turn"]["state"] in ("waiting", "streaming"), late)
    done = stream.until("candidates.done", 30)
    check("in the end all are alternatives", done and done["numbers"] == [1, 2, 3] and done["turn"]["variants"] == 4 and done["turn"]["text"] == old["text"], done)
    texts = {}
    for e in stream.events:
        if e["type"] == "candidate.delta":
            check("deltas carry their place", len(texts.get(e["candidate"], "").encode()) == e["offset"], e) if e["offset"] != len(texts.get(e["candidate"], "").encode()) else None
            texts[e["candidate"]] = texts.get(e["candidate"], "") + e["text"]
    variants = [v["text"] for v in d.call("GET", f"{path}/variants")[1]["variants"]]
    check("with the words that were told", variants == [old["text"], texts[1], texts[2], texts[3]] == [old["text"], "First way.", LONG, "Third way."], (variants, texts))
    check("none is told any more", Stream(d, f"/conversations/{c}/events?after={reply}").until("sync")["candidates"] == [])
    status, answer = d.call("POST", f"{path}/variant", {"variant": 3, "revision": done["turn"]["revision"]})
    check("one is chosen, the others stay", status == 200 and answer["turn"]["text"] == "Third way." and answer["turn"]["variants"] == 4, answer)
    again = Stream(d, f"/conversations/{c}/events?after={reply}&changes=0").until("sync")
    check("and whoever was away hears of it", [t["seq"] for t in again["turns"]] == [reply] and again["turns"][0]["variants"] == 4, again)
    d.call("POST", f"{path}/candidates", {"n": 2, "revision": answer["turn"]["revision"]})
    stream.events.clear()
    stream.until("candidate.delta")
    check("cancel stops all", d.call("POST", f"/conversations/{c}/cancel")[0] == 200 and stream.until("candidates.done") is not None and d.turns(c)[-1]["text"] == "Third way.")
    check("more than four are refused", d.call("POST", f"{path}/candidates", {"n": 5, "revision": 0})[0] == 400)


def ways_killed(root):
    """kill -9 while they come: the reply is as it was, nothing is left of them, and they can be asked for again."""
    home = f"{root}/ways"
    d = Daemon(ANIMA, home, SCRIPT)
    c = d.begin()
    reply = d.say(c, "ways")[1]["reply"]
    old = d.until_done(c, reply)
    stream = Stream(d, f"/conversations/{c}/events")
    stream.until("sync")
    d.call("POST", f"/conversations/{c}/turns/{reply}/candidates", {"revision": 0})
    stream.until("candidate.delta")
    d.kill()
    d = Daemon(ANIMA, home, SCRIPT)
    check("killed while three ways came: the reply is as it was", d.turns(c)[-1] == old, d.turns(c)[-1])
    check("nothing of them is left", [v["text"] for v in d.call("GET", f"/conversations/{c}/turns/{reply}/variants")[1]["variants"]] == [old["text"]])
    stream = Stream(d, f"/conversations/{c}/events")
    stream.until("sync")
    d.call("POST", f"/conversations/{c}/turns/{reply}/candidates", {"revision": 0})
    check("and they come when asked again", (stream.until("candidates.done", 30) or {}).get("numbers") == [1, 2, 3])
    d.stop()


def tree(d):
    """The branches of a conversation, from whichever of them it is asked."""
    c = d.begin()
    for text in ("one", "two"):
        d.until_done(c, d.say(c, text)[1]["reply"])
    fork = d.call("POST", f"/conversations/{c}/fork", {"seq": 3, "title": "枝"})[1]["conversation"]["id"]
    d.until_done(fork, d.say(fork, "elsewhere")[1]["reply"])
    twig = d.call("POST", f"/conversations/{fork}/fork", {})[1]["conversation"]
    check("a fork without a turn has all of them", twig["turns"] == 5 and twig["parent"] == {"id": fork, "seq": 5}, twig)
    status, answer = d.call("GET", f"/conversations/{twig['id']}/tree")
    lines = answer["timelines"]
    check("the tree has the root first, and every fork", status == 200 and [t["conversation"]["id"] for t in lines] == [c, fork, twig["id"]] and not answer["more"], answer)
    check("each tells where it left and how it went on", lines[0]["from"] is None and lines[0]["own"] == {"seq": 2, "role": "person", "text": "one"}
          and lines[1]["from"] == {"seq": 3, "role": "character", "text": "You said one."} and lines[1]["own"] == {"seq": 4, "role": "person", "text": "elsewhere"}
          and lines[2]["own"] is None, lines)
    check("the same from the root", d.call("GET", f"/conversations/{c}/tree")[1]["timelines"] == lines)
    check("as many as are asked for", d.call("GET", f"/conversations/{c}/tree?limit=1")[1]["more"] is True)
    check("a tree of nothing is 404", d.call("GET", "/conversations/nothing/tree")[0] == 404)


def notes_of_the_deleted(d, home):
    """What was noted in a conversation goes with it, or stays without a trace of it."""
    def notes():
        return [n for n in d.call("GET", "/characters/lin/notes")[1]["notes"] if "walrus" in n["text"]]

    for keep in (False, True):
        c = d.begin()
        d.until_done(c, d.say(c, "Remember that the walrus77 sleeps.")[1]["reply"])
        noted = notes()
        check("noted, with its place", len(noted) == 1 and noted[0]["conversation"] == c and noted[0]["seq"] == 2, noted)
        d.call("PATCH", f"/notes/{noted[0]['id']}", {"text": "The walrus sleeps."})
        status, answer = d.call("DELETE", f"/conversations/{c}" + ("?keep_notes=1" if keep else ""))
        check("deleted", status == 200 and answer["purged"] and not grep(home, "walrus77"), answer)
        left = notes()
        check(f"its notes {'stay, without the place' if keep else 'are gone'}", (len(left) == 1 and not left[0]["conversation"] and not left[0]["said"]) if keep else not left, left)
    check("deleting asks for 0 or 1", d.call("DELETE", f"/conversations/{d.begin()}?keep_notes=2")[0] == 400)


def search(d):
    c = d.begin()
    d.until_done(c, d.say(c, "我在茶馆里看见一只白猫。")[1]["reply"])
    path = "/search?" + urllib.parse.urlencode({"q": "白猫 茶馆", "limit": 10})
    end = time.monotonic() + 5
    status, answer = d.call("GET", path)
    while len(answer["hits"]) < 3 and time.monotonic() < end:  # the title and the reply reach the disk a moment later
        time.sleep(0.02)
        status, answer = d.call("GET", path)
    hits = [h for h in answer["hits"] if h["seq"] == 2]
    check("Chinese is found", status == 200 and hits and hits[0]["before"] + hits[0]["match"] + hits[0]["after"] == "我在茶馆里看见一只白猫。", answer)
    check("and the title", any(h["seq"] == 0 for h in answer["hits"]), answer)
    check("what is nowhere is not found", d.call("GET", "/search?q=nowhere")[1] == {"hits": [], "more": False})
    many = "\n".join(json.dumps({"mes": f"line {i} " + "z" * 200, "is_user": i % 2 == 0, "name": "Bob"}) for i in range(60000))
    status, text, _ = raw(d, "POST", "/api/v1/conversations/import?character=lin", many.encode(), {"Content-Type": "application/x-ndjson"})
    check("60,000 lines are brought in", status == 201 and json.loads(text)["turns"] == 60000, (status, text[:200]))
    slowest = []

    def ping():
        while len(slowest) < 400 and not stop:
            start = time.monotonic()
            d.call("GET", "/people")
            slowest.append(time.monotonic() - start)

    stop = []
    t = threading.Thread(target=ping)
    t.start()
    for _ in range(3):
        answer = d.call("GET", "/search?q=nowhere+zzzz")[1]
    stop.append(1)
    t.join()
    check("meanwhile others are answered", max(slowest) < 2, f"{max(slowest):.2f} s")
    imported = json.loads(text)["conversation"]["id"]
    status, text, headers = raw(d, "GET", f"/api/v1/conversations/{imported}/export?format=sillytavern")
    check("and taken out again", status == 200 and text.count(b"\n") == 60001 and "attachment" in headers["Content-Disposition"], (status, len(text)))
    d.call("DELETE", f"/conversations/{imported}")


def killed(root):
    """kill -9 while a reply is said anew: nothing that was said is lost, and the new one is completed."""
    random.seed(3)
    home = f"{root}/killed"
    d = Daemon(ANIMA, home, SCRIPT)
    c = d.begin()
    d.until_done(c, d.say(c, "again")[1]["reply"])
    d.call("PATCH", f"/conversations/{c}/turns/2", {"text": "slow", "revision": 0})
    revision, texts = 0, []
    for _ in range(6):
        status, _ = d.call("POST", f"/conversations/{c}/turns/3/regenerate", {"revision": revision})
        time.sleep(random.random() * 0.6)
        d.kill()
        d = Daemon(ANIMA, home, SCRIPT)
        turn = d.until_done(c, 3)
        texts = [v["text"] for v in d.call("GET", f"/conversations/{c}/turns/3/variants")[1]["variants"]]
        revision = turn["revision"]
        if status != 202 or turn["text"] != LONG or texts[0] != "First answer." or set(texts[1:]) != {LONG}:
            check("kill -9 while a reply is said anew", False, (status, turn["state"], turn["text"][-40:], [t[-40:] for t in texts]))
            break
    else:
        check("kill -9 while a reply is said anew, 6 times: every one is whole, and the first is kept", len(texts) == 7, texts)
    for i in range(6):
        c = d.begin()
        d.until_done(c, d.say(c, "secretword " * 300)[1]["reply"])
        answer = "deleted before"
        t = threading.Thread(target=lambda: ignore(lambda: d.call("DELETE", f"/conversations/{c}")))
        t.start()
        time.sleep(random.random() * 0.02)
        d.kill()
        t.join()
        d = Daemon(ANIMA, home, SCRIPT)
        if d.call("GET", f"/conversations/{c}")[0] == 200:
            answer = d.call("DELETE", f"/conversations/{c}")
        if grep(home, "secretword"):
            check("kill -9 while deleting", False, (i, answer, subprocess.run(["grep", "-rac", "secretword", home], capture_output=True, check=False)))
            break
    else:
        check("kill -9 while deleting, 6 times: afterwards no byte of it is left", True)
    d.stop()


def ignore(call):
    try:
        call()
    except OSError:
        pass


def forgotten(root):
    """What is deleted is in no file, with the daemon still running."""
    home = f"{root}/forgotten"
    d = Daemon(ANIMA, home, SCRIPT)
    keep, drop = [], []
    for i in range(10):
        c = d.begin()
        word = "keepthis" if i % 2 else "forgetthis"
        for n in (1, 300):
            d.until_done(c, d.say(c, f"{word} " * n)[1]["reply"])
        (keep if i % 2 else drop).append(c)
    before = grep(home, "forgetthis")
    for c in drop:
        d.call("DELETE", f"/conversations/{c}")
    check("deleted for good: not a byte of it is in the home", before and not grep(home, "forgetthis"))
    check("the others are whole", all(len(d.turns(c)) == 5 for c in keep) and grep(home, "keepthis"))
    d.stop()


def run(*words, text=None, verb="conversations"):
    done = subprocess.run([ANIMA, verb, *words], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def draws_tree(how, made, fork, second, at):
    status, out, err = run("tree", second, *at)
    lines = out.splitlines()
    check(f"{how}: the tree stands as it grew", status == 0 and len(lines) == 6 and lines[0].startswith("新的名字") and made in lines[0]
          and lines[1].startswith("└─ 2 hello tea") and lines[2].startswith("   ├─ Was wäre wenn ") and fork in lines[2]
          and lines[3].startswith("   │  └─ 2 ") and lines[4].startswith("   │     └─ Was wäre wenn (2) ") and lines[5].startswith("   └─ 第二枝 "), (status, out, err))
    places = {columns(line[:re.search(r"[a-z0-9]{16}  2", line).start()]) for line in lines if re.search(r"[a-z0-9]{16}  2", line)}
    check(f"{how}: in columns, Chinese or not", len(places) == 1, out)
    status, out, err = run("tree", "--json", *at)
    told = [t for t in json.loads(out or "[]") if t["root"] == made]
    check(f"{how}: all trees, as JSON", status == 0 and len(told) == 4 and {t["parent"] for t in told} == {"", made, fork}, (status, out, err))
    check(f"{how}: all trees, drawn", "第二枝" in run("tree", *at)[1])
    check(f"{how}: no tree of nothing", run("tree", "nothing", *at)[0] == 3 and run("x", "0", *at, verb="fork")[0] == 2 and run(*at, verb="fork")[0] == 2)


def command_line(root, d, home, how):
    c = d.begin() if d else next(x["id"] for x in json.loads(run("--json", "--home", home)[1]) if x["turns"] == 3)
    if d:
        d.until_done(c, d.say(c, "hello tea")[1]["reply"])
    at = ("--home", home, *([] if d else ["--set", "model.default=script:"]))
    status, out, err = run("rename", c, "新的名字", *at)
    check(f"{how}: rename", status == 0 and "新的名字" in out, (status, out, err))
    check(f"{how}: list", "新的名字" in run(*at)[1])
    status, out, err = run("search", "TEA", "hello", "--json", *at)
    check(f"{how}: search", status == 0 and json.loads(out)[-1]["match"] == "tea", (status, out, err))
    file = f"{root}/chat-{how.replace(' ', '-')}.jsonl"
    status, out, err = run("export", c, "--output", file, *at)
    check(f"{how}: export", status == 0 and open(file, encoding="utf-8").read().count("\n") == 4, (status, out, err))
    check(f"{how}: export for reading", run("export", c, "--format", "markdown", *at)[1].startswith("# 新的名字\n"))
    status, out, err = run("import", file, "--json", *at)
    made = json.loads(out or "{}").get("conversation", {}).get("id")
    check(f"{how}: import", status == 0 and json.loads(out)["turns"] == 3, (status, out, err))
    status, out, err = run("fork", made, "2", "--title", "Was wäre wenn", "--json", *at)
    fork = json.loads(out or "{}").get("conversation", {})
    check(f"{how}: fork", status == 0 and fork.get("turns") == 2 and fork.get("title") == "Was wäre wenn", (status, out, err))
    status, out, err = run(made, "2", "--title", "第二枝", "--json", *at, verb="fork")
    second = json.loads(out or "{}").get("conversation", {})
    check(f"{how}: fork is a verb, too", status == 0 and second.get("parent") == {"id": made, "seq": 2} and second.get("title") == "第二枝", (status, out, err))
    status, out, err = run(fork["id"], *at, verb="fork")
    check(f"{how}: without a turn it forks at the last", status == 0 and out.startswith("Forked: ") and "Was wäre wenn (2)" in out, (status, out, err))
    draws_tree(how, made, fork["id"], second["id"], at)
    status, out, err = run("delete", made, *at, text="")
    check(f"{how}: delete asks", status == 2 and "--yes" in err, (status, out, err))
    status, out, err = run("delete", made, "--yes", *at)
    check(f"{how}: delete", status == 0, (status, out, err))
    check(f"{how}: what is gone is not found", run("show", made, *at)[0] == 3 and run("rename", made, "x", *at)[0] == 3)
    check(f"{how}: nonsense is refused", run("rename", "../x", "y", *at)[0] == 3 and run("dance", *at)[0] == 2 and run("fork", c, "x", *at)[0] == 2)


def main():
    root = tempfile.mkdtemp(prefix="anima-chats-")
    try:
        home = f"{root}/home"
        d = Daemon(ANIMA, home, SCRIPT)
        transport(d, d.begin())
        editors(d)
        comes_back(d)
        unanswered(d)
        tree(d)
        ways(d)
        notes_of_the_deleted(d, home)
        search(d)
        command_line(root, d, home, "beside the daemon")
        status, errors = d.stop()
        check("the daemon ends cleanly", status == 0 and "Sanitizer" not in errors, errors)
        command_line(root, None, home, "alone")
        forgotten(root)
        killed(root)
        ways_killed(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
