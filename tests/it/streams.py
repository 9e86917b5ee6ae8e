#!/usr/bin/env python3
"""Streams for other programs (/v1/streams) over HTTP, with written replies: what is kept, what is refused, what a kill -9
leaves.

Usage: streams.py ANIMA HOME
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import http.client
import json
import random
import shutil
import sys
import time

from api_client import Daemon, check, failures

SCRIPT = """slots: 4

match: slow
say: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
delay_ms: 100

match: count
say: one two three four five six

match: too much
error: limit the prompt has 9000 tokens, but the context holds 8192

match: broken
error: model the model file is damaged

match: die
die_once: 3
say: alpha beta gamma delta epsilon

say: {n}: {last}
"""


def seg(kind, text, **more):
    return {"kind": kind, "text": text, **more}


class Stream:
    def __init__(self, d, **how):
        self.d = d
        status, made = d.call("POST", "/v1/streams", how)
        if status != 201:
            raise RuntimeError(f"{status} {made}")
        self.id = made["stream"]["id"]
        self.made = made["stream"]

    def post(self, what, **body):
        return self.d.call("POST", f"/v1/streams/{self.id}/{what}", body)

    def append(self, *segments):
        return self.post("append", segments=list(segments))

    def segments(self):
        return self.d.call("GET", f"/v1/streams/{self.id}")[1]["segments"]

    def texts(self):
        return [(s["kind"], s["text"]) for s in self.segments()]


def events(d, path, body, after=None):
    """Server-sent events of a POST as (name, data); after n of them the connection is closed."""
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=30)
    c.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer, found, name = c.getresponse(), [], None
    if answer.status != 200:
        found = [(answer.status, json.loads(answer.read()))]
    for line in answer:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            found.append((name, json.loads(line[6:])))
            if after and len(found) == after:
                break
    c.close()
    return found


def growing(d):
    s = Stream(d, segments=[seg("persona", "You are terse."), seg("heard", "hello", name="Ann")])
    check("a stream begins with segments", s.made["segments"] == 2 and s.made["character"] is None and s.made["expires_ms"] == 0, s.made)
    status, said = s.post("generate", seed=5)
    check("the model goes on", status == 200 and said["text"] == "2: hello" and said["finish"] == "stop" and said["segment"]["seq"] == 3, said)
    check("usage says what was read", said["usage"]["prompt_tokens"] > 0 and said["usage"]["completion_tokens"] == 2, said["usage"])
    status, said = s.post("generate", append=[seg("memory", "It rains."), seg("heard", "and now?")])
    check("append and generate at once", said["text"] == "5: and now?" and len(s.segments()) == 6, said)
    got = events(d, f"/v1/streams/{s.id}/generate", {"append": [seg("heard", "count")], "stream": True, "logprobs": 1})
    words = "".join(e["text"] for name, e in got if name == "words")
    check("events", [got[0][0], got[-1][0]] == ["started", "done"] and words == "one two three four five six" == got[-1][1]["text"], got)
    check("their logprobs", all(e["logprobs"] for name, e in got if name == "words"), got)
    check("what is done is stored", s.segments()[-1] == got[-1][1]["segment"], got[-1])
    status, said = s.post("generate", logprobs=0, stop=" four", append=[seg("heard", "count")])
    check("stop and logprobs", said["text"] == "one two three" and "".join(t["token"] for t in said["logprobs"]) == said["text"], said)
    before = s.texts()
    status, said = s.post("generate", forget=True, instructions="Be brief.")
    check("what is forgotten is not kept", status == 200 and said["text"] == "one two three four five six" and said["segment"] is None and s.texts() == before, said)
    status, page = d.call("GET", f"/v1/streams/{s.id}?after=2&limit=2")
    check("a part of it", [g["seq"] for g in page["segments"]] == [3, 4], page)


def going_back(d):
    s = Stream(d, segments=[seg("heard", "a")])
    s.post("generate")
    status, fork = s.post("fork", seq=2)
    fork_id = fork["stream"]["id"]
    check("a fork knows its parent", status == 201 and fork["stream"]["parent"] == {"id": s.id, "seq": 2} and fork["stream"]["segments"] == 2, fork)
    status, left = s.post("retract", seq=1)
    check("taken back", status == 200 and left["stream"]["segments"] == 1 and s.texts() == [("heard", "a")])
    status, both = d.call("GET", f"/v1/streams/{fork_id}")
    check("the fork stays", [g["text"] for g in both["segments"]] == ["a", "1: a"], both)
    check("not behind its end", s.post("retract", seq=2)[0] == 404 and s.post("fork", seq=-1)[0] == 404)
    listed = [e["id"] for e in d.call("GET", "/v1/streams")[1]["streams"]]
    check("listed, last used first", listed.index(s.id) < listed.index(fork_id), listed)
    status, gone = d.call("DELETE", f"/v1/streams/{s.id}")
    check("deleted", status == 200 and gone == {"deleted": True} and d.call("GET", f"/v1/streams/{s.id}")[0] == 404)


def cut_off(d):
    s = Stream(d, segments=[seg("heard", "count")], character="lin")
    status, said = s.post("generate", max_tokens=2, temperature=0.5, stop=["six"])
    check("cut off, it can go on", said["finish"] == "length" and said["segment"]["can_resume"], said)
    status, record = s.post("snapshot")
    snapshot = record["snapshot"]
    check("the record knows how it was sampled", snapshot["state"]["sampling"]["temperature"] == 0.5 and snapshot["state"]["sampling"]["seed"] >= 0 and
          snapshot["state"]["sampling"]["stop"] == ["six"] and snapshot["character"] == "lin", snapshot)
    d.call("DELETE", f"/v1/streams/{s.id}")
    back = Stream(d, snapshot=snapshot)
    check("and gives the stream back", back.texts() == [("heard", "count"), ("said", "one two")], back.texts())
    check("which goes on", back.post("generate", resume=True)[1]["segment"]["text"].strip() == "one two three four five", back.texts())
    check("once", back.post("generate", resume=True)[0] == 400)
    got = events(d, f"/v1/streams/{back.id}/generate", {"append": [seg("heard", "slow")], "stream": True}, after=3)
    deadline = time.monotonic() + 10
    while d.call("GET", f"/v1/streams/{back.id}")[1]["stream"]["generating"] and time.monotonic() < deadline:
        time.sleep(0.02)
    check("a closed connection changes nothing", [n for n, _ in got] == ["started", "words", "words"] and len(back.segments()) == 2, got)

    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=30)
    c.request("POST", f"/v1/streams/{back.id}/generate", json.dumps({"append": [seg("heard", "slow")], "stream": True}), {"Content-Type": "application/json"})
    answer = c.getresponse()
    while not answer.readline().startswith(b"event: words"):
        pass
    for what, body in (("append", {"segments": []}), ("generate", {}), ("retract", {"seq": 0}), ("snapshot", {})):
        status, error = back.post(what, **body)
        check(f"{what} while it generates is a conflict", status == 409 and error["error"]["code"] == "busy", error)
    check("cancelled", back.post("cancel")[0] == 200)
    end = answer.read().decode().split("event: done")[-1]
    c.close()
    last = back.segments()[-1]
    check("what was said is kept", '"finish":"cancelled"' in end and last["finish"] == "cancelled" and last["text"].startswith("one") and last["can_resume"], last)
    check("nothing to cancel", back.post("cancel")[0] == 404)


def refused(d):
    s = Stream(d, segments=[seg("heard", "hi")])
    def code(answer):
        return answer[0], (answer[1] or {}).get("error", {}).get("code")
    for name, wanted, answer in [
        ("an unknown stream", (404, "not_found"), d.call("POST", "/v1/streams/nothing/append", {"segments": []})),
        ("an unknown kind", (400, "invalid"), s.append(seg("shouted", "x"))),
        ("an empty text", (400, "invalid"), s.append(seg("heard", ""))),
        ("a member that is none", (400, "invalid"), s.append(seg("heard", "x", colour="red"))),
        ("a segment that is none", (400, "invalid"), s.post("append", segments=["x"])),
        ("a NUL", (400, "invalid"), s.append(seg("heard", "a\0b"))),
        ("a name of two lines", (400, "invalid"), s.append(seg("heard", "x", name="a\nb"))),
        ("too long a text", (413, "limit"), s.append(seg("heard", "x" * (256 * 1024 + 1)))),
        ("temperature", (400, "invalid"), s.post("generate", temperature=3)),
        ("logprobs", (400, "invalid"), s.post("generate", logprobs=21)),
        ("stop strings", (413, "limit"), s.post("generate", stop=["x"] * 17)),
        ("into", (400, "invalid"), s.post("generate", into="heard")),
        ("class", (400, "invalid"), s.post("generate", **{"class": "soon"})),
        ("nothing to resume", (400, "invalid"), s.post("generate", resume=True)),
        ("an unknown member", (400, "invalid"), s.post("generate", tokens=3)),
        ("no candidates", (400, "invalid"), s.post("score", candidates=[])),
        ("scores of a script", (400, "unsupported"), s.post("score", candidates=["a"])),
        ("an unknown character", (404, "not_found"), d.call("POST", "/v1/streams", {"character": "nobody"})),
        ("an unknown model", (404, "not_found"), d.call("POST", "/v1/streams", {"model": "script:/etc/passwd"})),
        ("a path as adapter", (400, "invalid"), d.call("POST", "/v1/streams", {"adapter": "../../x"})),
        ("a snapshot with company", (400, "invalid"), d.call("POST", "/v1/streams", {"snapshot": {}, "character": "lin"})),
        ("a snapshot that is none", (400, "invalid"), d.call("POST", "/v1/streams", {"snapshot": {"segments": []}})),
        ("a prompt too long", (413, "limit"), s.post("generate", append=[seg("heard", "too much")])),
        ("a broken model", (503, "model"), s.post("generate", append=[seg("heard", "broken")])),
    ]:
        check(f"refused: {name}", code(answer) == wanted, answer)
    check("and nothing of it was kept", s.texts() == [("heard", "hi")], s.texts())
    got = events(d, f"/v1/streams/{s.id}/generate", {"append": [seg("heard", "too much")], "stream": True})
    check("an error before the first event is a plain one", got[0][0] == 413, got)
    full = Stream(d, segments=[seg("heard", "x" * 262144)] * 3)
    check("a stream has an end", full.append(seg("heard", "x" * 262144))[0] == 200 and full.append(seg("heard", "x"))[0] == 413)
    status, record = full.post("snapshot")
    check("a large one comes back from its snapshot", len(Stream(d, snapshot=record["snapshot"]).segments()) == 4)
    s.post("append", segments=[seg("heard", "die")])
    check("an engine that dies is not noticed", s.post("generate")[1]["text"] == "alpha beta gamma delta epsilon")


def killed(anima, home, rounds):
    """kill -9 at any moment: what was answered is there, once, and nothing else but what was asked for last. (A stream is read 500 segments at a time.)"""
    rnd, known, stream, good = random.Random(7), [], None, True
    for _ in range(rounds):
        with Daemon(anima, home, SCRIPT) as d:
            if stream is None:
                stream = Stream(d).id
            found = [(g["kind"], g["text"]) for g in d.call("GET", f"/v1/streams/{stream}")[1]["segments"]]
            more = found[len(known):]
            if found[:len(known)] != known:
                print("lost:", len(known), "known,", len(found), "found", known[len(found) - 1:][:3], found[-3:])
            good &= found[:len(known)] == known and (more in ([], [("heard", "x")]) or (len(more) == 2 and more[0][1] == "y"))
            known = found
            end = time.monotonic() + rnd.uniform(0.02, 0.25)
            while time.monotonic() < end:
                if d.call("POST", f"/v1/streams/{stream}/append", {"segments": [seg("heard", "x")]})[0] == 200:
                    known.append(("heard", "x"))
                status, said = d.call("POST", f"/v1/streams/{stream}/generate", {"append": [seg("heard", "y")]})
                if status == 200:
                    known += [("heard", "y"), ("said", said["text"])]
                if len(known) > 400 and d.call("POST", f"/v1/streams/{stream}/retract", {"seq": 10})[0] == 200:
                    del known[10:]
            late = http.client.HTTPConnection("127.0.0.1", d.port)
            what, body = rnd.choice([("append", {"segments": [seg("heard", "x")]}), ("generate", {"append": [seg("heard", "y")]})])
            late.request("POST", f"/v1/streams/{stream}/{what}", json.dumps(body), {"Content-Type": "application/json"})
            time.sleep(rnd.uniform(0, 0.006))
            d.process.kill()
            d.process.wait()
            late.close()
        if not good:
            break
    check(f"nothing is lost or doubled over {rounds} kills", good, more)


def main():
    anima, home = sys.argv[1], sys.argv[2]
    shutil.rmtree(home, ignore_errors=True)
    with Daemon(anima, home, SCRIPT) as d:
        growing(d)
        going_back(d)
        cut_off(d)
        refused(d)
        cost = d.call("GET", "/api/v1/cost?by=character")[1]["rows"]
        check("what they cost is booked", sum(r["completion_tokens"] for r in cost) > 20, cost)
        check("the daemon lives", d.alive())
    killed(anima, home, 12)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
