"""Streams of anima-engine on a real model: what is kept is not read again, and what is kept is right.

python3 engine_streams.py ENGINE MODEL.gguf FOLDER
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from engine_peer import FAILED, Engine, check, same

ENGINE, MODEL, FOLDER = sys.argv[1], sys.argv[2], sys.argv[3]


def start(**options):
    e = Engine(ENGINE, "llm_llama", MODEL, {"context": 1024, "slots": 2, "kv_folder": FOLDER, **options})
    ready = e.until("ready", "failed")
    assert ready["type"] == "ready", ready
    return e


def say(e, stream, new, keep, **members):
    """One turn: the messages behind the first `keep`; the answer, greedy."""
    request = {"type": "generate", "id": e.next_id, "stream": stream, "keep": keep, "messages": new, "logprobs": 2,
               "sampling": {"temperature": 0, "max_tokens": 12}, **members}
    e.next_id += 1
    e.send(request)
    return e.collect(request["id"])[request["id"]]


def read(e, stream, new, keep, **members):
    request = {"type": "read", "id": e.next_id, "stream": stream, "keep": keep, "messages": new, **members}
    e.next_id += 1
    e.send(request)
    return e.collect(request["id"])[request["id"]]


def drop(e, stream):
    e.send({"type": "drop", "id": e.next_id, "streams": stream})
    e.next_id += 1
    e.until("done")


def user(text):
    return {"role": "user", "content": text}


def model(text):
    return {"role": "assistant", "content": text}


def files(stream=""):
    return sorted(f for f in os.listdir(FOLDER) if f".{stream}" in f)


SYSTEM = {"role": "system", "content": "You are Ann, who keeps bees on a hill near the sea and likes to tell of them. " * 6}
TURNS = ["What do bees do in winter?", "And in spring?", "Do they know you?", "How many are there?"]

shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)

# ---- a conversation, turn by turn, against one that is sent whole every time ----
e, history, first = start(), [SYSTEM], None
costs, right = [], True
for i, turn in enumerate(TURNS):
    keep = len(history) - 1 if i else 0
    new = [user(turn)] if not i else history[keep:] + [user(turn)]
    answer = say(e, "talk", ([SYSTEM] if not i else []) + new, keep)
    whole = say(e, "", history + [user(turn)], 0)
    right &= same(answer, whole)
    costs.append(answer["done"]["prompt_tokens"] - answer["done"]["cached_tokens"])
    history += [user(turn), model(answer["text"])]
check("a kept stream answers as one that is sent whole", right)
check("a turn reads only what is new", costs[0] > 100 and all(c < 40 for c in costs[1:]), costs)
stale = say(e, "unknown", [user("Hello?")], 3)
check("a stream that is not known is stale", stale["error"] and stale["error"]["code"] == "conflict", stale)

# ---- reading ahead ----
late = history + [user("Tell me about")]
read(e, "talk", late[len(history) - 1:], len(history) - 1, open=True)
answer = say(e, "talk", [user("Tell me about the honey.")], len(history))
cost = answer["done"]["prompt_tokens"] - answer["done"]["cached_tokens"]
check("what was typed is read before the message ends", cost < 14, cost)
check("and the answer is that of the whole message", same(answer, say(e, "", history + [user("Tell me about the honey.")], 0)))

# ---- the same beginning is shared ----
other = say(e, "other", [SYSTEM, user(TURNS[1])], 0)
check("another stream begins with what it has in common", other["done"]["cached_tokens"] > 100, other["done"])
check("and goes on by itself", same(other, say(e, "", [SYSTEM, user(TURNS[1])], 0)))

# ---- several answers from one prefix that nobody has read yet ----
fresh = [{"role": "system", "content": "You are Bo, who mends nets by the harbour and talks of the sea, the gulls and the weather. " * 6}, user("What do you fish for?")]
ways = range(e.next_id, e.next_id + 3)
for way in ways:
    e.send({"type": "generate", "id": way, "stream": f"way-k{way}", "keep": 0, "messages": fresh, "sampling": {"temperature": 1, "seed": way, "max_tokens": 12}})
e.next_id += 3
answers = e.collect(*ways)
done = [answers[way]["done"] for way in ways]
costs = [d["prompt_tokens"] - d["cached_tokens"] for d in done]
check("three answers from one prefix: it is read once", done[0]["prompt_tokens"] > 100 and costs[0] > 100 and all(c < 10 for c in costs[1:]), costs)
check("and each says its own words", len({answers[way]["text"] for way in ways}) == 3, [answers[way]["text"] for way in ways])
again = say(e, "way-k", fresh, 0)
check("whoever comes later begins there, too", again["done"]["prompt_tokens"] - again["done"]["cached_tokens"] <= 2 and same(again, say(e, "", fresh, 0)), again["done"])

# ---- more streams than cells ----
e.stop()
e = start(cells=1024, kv_ram_mb=64)
texts = {}
for round_ in range(3):
    for k in range(8):
        name = f"many{k}"
        h = texts.setdefault(name, [SYSTEM, user(f"I have {k + 2} hives. Is that much?")])
        a = say(e, name, h if not round_ else h[-2:], 0 if not round_ else len(h) - 2)
        whole = say(e, "", h, 0)
        right = same(a, whole)
        if not right or (round_ and a["done"]["prompt_tokens"] - a["done"]["cached_tokens"] > 40):
            check(f"stream {name}, round {round_}", False, (a["text"], whole["text"], a["done"]))
        h += [model(a["text"]), user("Why?")]
check("eight streams take turns in the cells of two", True)

# ---- the next start ----
e.stop()
check("streams are on the disk", len(files("many0")) >= 1, files())
e = start()
h = texts["many3"]
a = say(e, "many3", h, 0)
check("after a restart only what is new is read", a["done"]["prompt_tokens"] - a["done"]["cached_tokens"] < 40, a["done"])
check("and the answer is right", same(a, say(e, "", h, 0)))
e.process.kill()
e.process.wait()


def damaged(what, change):
    global e
    for f in files("many5"):
        change(os.path.join(FOLDER, f))
    e = start()
    a = say(e, "many5", texts["many5"], 0)
    good = same(a, say(e, "", texts["many5"], 0))
    check(f"{what}: computed again, and right", good, a)
    e.stop()


def flip(path, at):
    with open(path, "r+b") as f:
        f.seek(at if at >= 0 else os.path.getsize(path) + at)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 0x40]))


damaged("a flipped bit in the data", lambda p: flip(p, -3000))
damaged("a flipped bit in the head", lambda p: flip(p, 20))
damaged("a flipped bit in the tokens", lambda p: flip(p, 60))
damaged("a file cut short", lambda p: os.truncate(p, os.path.getsize(p) // 2))
damaged("an empty file", lambda p: os.truncate(p, 0))
damaged("a file that is none", lambda p: open(p, "wb").write(b"ANIMAKV2" * 100))

# ---- what people see of it ----
def stats(e):
    e.send({"type": "stats", "id": e.next_id})
    e.next_id += 1
    return e.until("stats")


e = start()
seen = stats(e)
rest = {s["name"]: s for s in seen["streams"]}
check("streams of an earlier run are told, on the disk", rest["many0"]["place"] == "disk" and rest["many0"]["state"] == "rest" and rest["many0"]["tokens"] > 100, rest)
check("and what the disk holds", seen["kv"]["disk_bytes"] > rest["many0"]["bytes"] > 100 * 20000 and seen["kv"]["disk_limit"] == 4096 << 20, seen["kv"])
request = {"type": "generate", "id": e.next_id, "stream": "seen", "keep": 0, "class": "voice",
           "messages": [{"role": "system", "content": "You are Tom, who sails from island to island and knows every wind. " * 10}, user(TURNS[0])],
           "sampling": {"temperature": 0, "max_tokens": 60}, "grammar": "root ::= [^\\x00]*"}
e.next_id += 1
e.send(request)
e.until("words")
seen = stats(e)
first = seen["streams"][0]
check("a stream that speaks is told first", first["name"] == "seen" and first["state"] == "speaking" and first["class"] == "voice" and first["place"] == "seated"
      and first["said"] > 0 and first["read"] == first["want"] > 100 and first["bytes"] > 100 * 20000, first)
check("with the engine's speed", seen["busy"] > 0 and seen["read_per_s"] > 0 and seen["threads"] >= 1 and seen["prefill_per_s"] > 0 and seen["kv"]["seated"] >= 1
      and 0 < seen["kv"]["cells_used"] <= seen["kv"]["cells"], {k: v for k, v in seen.items() if k != "streams"})
e.collect(request["id"])
said = stats(e)
check("and what it has said", said["said_tokens"] >= 59 and said["steps"] >= 60 and {s["name"]: s for s in said["streams"]}["seen"]["state"] == "rest", said["said_tokens"])
e.stop()

# ---- no place to keep anything in ----
for what, options in (("no folder", {"kv_folder": FOLDER + "-none"}), ("a folder in which nothing can be written", {"kv_folder": "/proc/self"}),
                      ("no RAM", {"kv_ram_mb": 0}), ("no disk", {"kv_disk_mb": 0}), ("neither", {"kv_ram_mb": 0, "kv_disk_mb": 0}),
                      ("more seats and slots than there are", {"seats": 1000, "slots": 1000, "cells": 2048})):
    e = start(**options)
    a = say(e, "many3", texts["many3"], 0)
    check(f"{what}: it works", same(a, say(e, "", texts["many3"], 0)), a)
    check(f"{what}: it ends", e.stop() == 0)

# ---- gone for good ----
e = start()
h = texts["many0"]
say(e, "many0", h, 0)
e.stop()
e = start()
before = files("many0")
drop(e, "many0")
check("a dropped stream leaves no file", before and not files("many0"), before)
e.stop()

sys.exit(1 if FAILED else 0)
