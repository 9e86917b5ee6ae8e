#!/usr/bin/env python3
"""Streams for other programs on a real model: only what is new is read, a cut generation goes on token for token, grammar and
all, after its stream was deleted, too; scores; and stateless clients gain as well.

Usage: real_streams.py ANIMA HOME
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import json
import shutil
import sys
import time

from api_client import Daemon, check, failures

MODEL = "smollm2-135m"
PERSONA = {"kind": "persona", "text": "You are Ann, who keeps bees on a hill near the sea and likes to tell of them. " * 6}
ASKED = {"kind": "heard", "text": "What do bees do in winter?"}


def new(d, **how):
    status, made = d.call("POST", "/v1/streams", how)
    if status != 201:
        raise RuntimeError(f"{status} {made}")
    return made["stream"]["id"]


def generate(d, stream, **how):
    status, said = d.call("POST", f"/v1/streams/{stream}/generate", how)
    if status != 200:
        raise RuntimeError(f"{status} {said}")
    return said


def read(said):
    """Tokens that were computed to read the prompt."""
    return said["usage"]["prompt_tokens"] - said["usage"]["cached_tokens"]


def warm(d, stream):
    """Waits until the engine has read it ahead, as far as it is read before the answer begins."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        said = generate(d, stream, forget=True, max_tokens=1, temperature=0)
        if read(said) <= 8:
            return
        time.sleep(0.05)


def turns(d):
    s = new(d, segments=[PERSONA, ASKED])
    first = generate(d, s, max_tokens=12, temperature=0)
    later = [generate(d, s, append=[{"kind": "heard", "text": t}], max_tokens=12, temperature=0) for t in ("And in spring?", "Why?")]
    check("the first turn reads all of it", read(first) > 100, first["usage"])
    check("a turn reads only what is new", all(read(t) < 30 for t in later), [t["usage"] for t in later])
    status, fork = d.call("POST", f"/v1/streams/{s}/fork", {"seq": 3})
    apart = generate(d, fork["stream"]["id"], append=[{"kind": "heard", "text": "How many are there?"}], max_tokens=8, temperature=0)
    check("a fork computes nothing again", read(apart) < 30, apart["usage"])
    ahead = new(d, segments=[PERSONA])
    d.call("POST", f"/v1/streams/{ahead}/append", {"segments": [{"kind": "heard", "text": "Tell me of the honey, of the hives and of the flowers on the hill. " * 4}]})
    time.sleep(1.5)
    said = generate(d, ahead, max_tokens=4, temperature=0)
    check("what is appended is read ahead", read(said) < 10, said["usage"])
    return s


def going_on(d):
    """Cut off and gone on with, a generation is the uninterrupted one, token for token, where its KV cache is still there. Where that
    has to be computed again, in batches of other shapes, the last bits may be others, and at temperature 1 a token that was nearly
    another may become it: then most of them have to be the same. (With a sampler that begins anew, none would be.)"""
    first = new(d)
    generate(d, first, append=[PERSONA, ASKED], max_tokens=1, temperature=0)
    for deleted in (False, True):
        same = []
        for seed in (3, 5, 8, 13, 21, 34, 55, 89):
            a, b = new(d), new(d)
            whole = generate(d, a, append=[PERSONA, ASKED], max_tokens=40, seed=seed, temperature=1)
            part = generate(d, b, append=[PERSONA, ASKED], max_tokens=15, seed=seed, temperature=1)
            if read(whole) != 1 or read(part) != 1:
                raise RuntimeError(f"they begin with other batches: {whole['usage']} {part['usage']}")
            snapshot = d.call("POST", f"/v1/streams/{b}/snapshot")[1]["snapshot"]
            for s in (a, b) if deleted else (a,):
                d.call("DELETE", f"/v1/streams/{s}")
            back = new(d, snapshot=snapshot)
            rest = generate(d, back, resume=True, max_tokens=25)
            same.append(part["text"] + rest["text"] == whole["text"] == rest["segment"]["text"])
            state = d.call("POST", f"/v1/streams/{back}/snapshot")[1]["snapshot"].get("state")
            if rest["finish"] == "length" and not (state and state["engine"]["seed"] == seed and len(state["engine"]["tokens"]) == 40):
                check("its sampler has counted on", False, state)
            for s in {b, back} - ({b} if deleted else set()):
                d.call("DELETE", f"/v1/streams/{s}")
        if deleted:
            check("cut off, deleted and brought back, it says the same", sum(same) > len(same) / 2, same)
        else:
            check("cut off, brought back beside it, it says the same", all(same), same)


def grammar(d):
    schema = {"type": "object", "properties": {"place": {"type": "string", "enum": ["hill", "sea"]}, "hives": {"type": "integer"},
                                               "busy": {"type": "boolean"}}, "required": ["place", "hives", "busy"], "additionalProperties": False}
    s = new(d, segments=[PERSONA, {"kind": "heard", "text": "Where are your bees?"}])
    said = generate(d, s, max_tokens=4, seed=4, json_schema=schema)
    snapshot = d.call("POST", f"/v1/streams/{s}/snapshot")[1]["snapshot"]
    d.call("DELETE", f"/v1/streams/{s}")
    s = new(d, snapshot=snapshot)
    for _ in range(20):
        if said["finish"] != "length":
            break
        said = generate(d, s, resume=True, max_tokens=4)
    try:
        value = json.loads(said["segment"]["text"])
        good = value["place"] in ("hill", "sea") and isinstance(value["hives"], int) and isinstance(value["busy"], bool)
    except (ValueError, KeyError):
        good = False
    check("a grammar goes on where it was, four tokens at a time", good, said)


def scores(d, s):
    status, scored = d.call("POST", f"/v1/streams/{s}/score", {"append": [{"kind": "heard", "text": "Is the sky blue? Answer Yes or No."}],
                                                             "candidates": ["Yes", "Xylophone purple seventeen", "Yes"]})
    values = [x["logprob"] for x in scored["scores"]] if status == 200 else []
    check("scores", status == 200 and values[0] > values[1] and values[0] == values[2] and all(v < 0 for v in values), scored)
    check("a stream stays as it was", len(d.call("GET", f"/v1/streams/{s}")[1]["segments"]) == 7)
    said = generate(d, s, append=[{"kind": "heard", "text": "What now?"}], into="thought", max_tokens=6)
    check("a thought", said["segment"]["kind"] == "thought", said)
    said = generate(d, s, max_tokens=6)
    check("and words behind it", said["segment"]["kind"] == "said", said)


def stateless(d):
    history, costs = [], []
    for text in ("Hello, how are you today? I have come for a book about the sea and its birds.", "And one about hills?", "And about bees?"):
        history.append({"role": "user", "content": text})
        status, done = d.call("POST", "/v1/chat/completions", {"model": "lin", "messages": history, "max_tokens": 8})
        history.append({"role": "assistant", "content": done["choices"][0]["message"]["content"]})
        costs.append((done["usage"]["prompt_tokens"], done["usage"]["prompt_tokens_details"]["cached_tokens"]))
    check("a stateless client's longer history is read from where it is longer", all(c > costs[0][0] - 8 and n - c < 40 for n, c in costs[1:]), costs)


def restart(anima, home):
    with Daemon(anima, home, "", model=MODEL) as d:
        s = new(d, segments=[PERSONA, ASKED])
        before = generate(d, s, max_tokens=12, temperature=0)
        time.sleep(3)  # at rest, it goes to the disk
    with Daemon(anima, home, "", model=MODEL) as d:
        after = generate(d, s, append=[{"kind": "heard", "text": "And in spring?"}], max_tokens=12, temperature=0)
        check("after a restart only what is new is read", read(before) > 100 and read(after) < 40, after["usage"])
        d.call("DELETE", f"/v1/streams/{s}")


def main():
    anima, home = sys.argv[1], sys.argv[2]
    shutil.rmtree(home, ignore_errors=True)
    # One thread: the order of sums, and so the last bits, are the same every time.
    with Daemon(anima, home, "", "engine.threads=1", model=MODEL) as d:
        s = turns(d)
        scores(d, s)
        going_on(d)
        grammar(d)
        stateless(d)
    restart(anima, home + "-restart")
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
