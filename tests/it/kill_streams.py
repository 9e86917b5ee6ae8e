#!/usr/bin/env python3
"""kill -9 of an engine with a real model at random points of a random workload: usage kill_streams.py ENGINE MODEL FOLDER [--rounds N] [--seed S]

Streams take turns in few cells and little RAM, so that their KV caches go to the disk and come back all the time; messages are
sent, typed, changed, answers go on from the words that came before the kill. After every kill: what the files hold of a stream's
tokens is not read again. In the end each stream answers as on an engine that keeps nothing: the same words with the same
probabilities, within the noise of batches of other shapes.
"""
import argparse
import os
import random
import shutil
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from engine_peer import FAILED, Engine, check, same

SYSTEM = {"role": "system", "content": "You are Ann, who keeps bees on a hill near the sea and likes to tell of them. 你也会说中文。" * 3}
TEXTS = ["What do bees do in winter?", "And in spring?", "Do they know you?", "How many are there?", "你好，蜜蜂吃什么？", "冬天呢？", "Tell me of the hill. 🐝",
         "Is honey ever bitter?", "谢谢你。", "Why?"]
STREAMS = 10


class Stream:
    """What anima knows of one: messages, and of the last answer the words that have come."""

    def __init__(self, name):
        self.name, self.messages, self.part = name, [SYSTEM], None
        self.had = 0  # messages that the engine running now has
        self.safe = 0  # tokens of the last prompt that is sure to be the beginning of every later one

    def request(self, id_, **members):
        """A frame for it, with the messages the engine does not have."""
        keep, self.had = min(self.had, len(self.messages)), len(self.messages)
        return {"id": id_, "stream": self.name, "keep": keep, "messages": self.messages[keep:], **members}


class Rounds:
    def __init__(self, engine, model, folder, seed):
        self.engine, self.model, self.folder, self.rnd = engine, model, folder, random.Random(seed)
        self.streams = [Stream(f"k{i}") for i in range(STREAMS)]
        self.bad, self.e, self.next, self.running = [], None, 0, {}
        self.checked, self.words, self.dropped = [0, 0, 0], 0, []  # streams that had files; tokens of their prompts; not read again

    def start(self, **options):
        self.e = Engine(self.engine, "llm_llama", self.model, {"context": 1024, "slots": 2, "cells": 1024, "kv_folder": self.folder, "kv_ram_mb": 2, **options})
        ready = self.e.until("ready", "failed")
        if not ready or ready["type"] != "ready":
            raise RuntimeError(ready)
        for s in self.streams:
            s.had = 0

    def on_disk(self, name):
        """How many tokens of a stream its files hold at least: as host/kv.c takes them up."""
        held = 0
        for serial in sorted(int(f.split(".")[2]) for f in os.listdir(self.folder) if f.split(".")[1] == name and f.endswith(".kv")):
            (path,) = [f for f in os.listdir(self.folder) if f.split(".")[1:] == [name, str(serial), "kv"]]
            with open(os.path.join(self.folder, path), "rb") as f:
                p0, p1 = struct.unpack("<II", f.read(56)[48:])
            held = p1 if p0 == 0 else min(held, p1) if p0 <= held else held
        return held

    def ask(self, s, **members):
        """Lets it speak: a new answer, or on from the words there are."""
        if s.part is None and s.messages[-1]["role"] != "user":
            s.messages.append({"role": "user", "content": self.rnd.choice(TEXTS)})
        self.next += 1
        s.part = s.part or ""
        self.e.send(s.request(self.next, type="generate", prefix=s.part, sampling={"temperature": 0, "max_tokens": self.rnd.randint(4, 16)}, **members))
        self.running[self.next] = s
        return self.next

    def on_frame(self, f):
        s = self.running.get(f.get("id"))
        if not s:
            return
        if f["type"] == "words":
            s.part += f["text"]
            self.words += f["tokens"]
        elif f["type"] == "started":
            s.started = f
        elif f["type"] == "error":
            self.bad.append(("refused", s.name, f))
            del self.running[f["id"]]
        elif f["type"] == "done":
            del self.running[f["id"]]
            if f["finish"] in ("stop", "length") and f["completion_tokens"] + len(s.part) > 0:
                s.messages.append({"role": "assistant", "content": s.part})
                s.part, s.safe = None, f["prompt_tokens"]

    def listen(self, seconds):
        """Takes what comes until then."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.e.socket.settimeout(left)
            try:
                f = self.e.receive()
            except TimeoutError:
                break
            if f is None:
                raise RuntimeError("the engine ended by itself")
            self.on_frame(f)
        self.e.socket.settimeout(120)

    def finish(self, *ids):
        while any(i in self.running for i in ids):
            f = self.e.receive()
            if f is None:
                raise RuntimeError("the engine ended by itself")
            self.on_frame(f)

    def something(self):
        free = [s for s in self.streams if s not in self.running.values()]
        what = self.rnd.choices(["ask", "type", "change", "cancel", "drop"], [60, 15, 10, 5, 3])[0]
        if what == "cancel" and self.running:
            self.e.send({"type": "cancel", "id": self.rnd.choice(list(self.running))})
        elif not free or len(self.running) >= 4:
            return
        s = self.rnd.choice(free) if free else None
        if what == "ask" or (what == "change" and len(s.messages) < 4):
            self.ask(s)
        elif what == "type" and s.part is None and s.messages[-1]["role"] != "user":
            s.messages.append({"role": "user", "content": "Tell me about"})
            self.next += 1
            self.e.send(s.request(self.next, type="read", open=True))
            s.messages.pop()
            s.had = len(s.messages)
        elif what == "change":  # what was said two turns ago
            del s.messages[self.rnd.randrange(1, len(s.messages)):]
            s.part, s.safe, s.had = None, 0, min(s.had, len(s.messages))
            s.messages.append({"role": "user", "content": self.rnd.choice(TEXTS) + " Really?"})
        elif what == "drop":
            self.next += 1
            self.e.send({"type": "drop", "id": self.next, "streams": s.name})
            while (f := self.e.receive()) and not (f["type"] == "done" and f["id"] == self.next):
                self.on_frame(f)
            self.dropped.append(s.name)
            self.streams[self.streams.index(s)] = Stream(f"{s.name.split('-')[0]}-{self.next}")

    def resume(self):
        """After a kill: two of those with files go on with what is in them."""
        held = {s.name: min(self.on_disk(s.name), s.safe) for s in self.streams}
        left = [f for f in os.listdir(self.folder) if f.split(".")[1] in self.dropped]
        if left:
            self.bad.append(("dropped, and there", left))
        self.start()
        able = [s for s in self.streams if held[s.name] > 0]
        for s in self.rnd.sample(able, min(2, len(able))):
            s.started = None
            self.finish(self.ask(s))
            cached, prompt = s.started["cached_tokens"], s.started["prompt_tokens"]
            if cached < min(held[s.name], prompt - 1):
                self.bad.append(("read again", s.name, held[s.name], s.started))
            self.checked = [a + b for a, b in zip(self.checked, (1, prompt, cached))]

    def round(self):
        self.resume()
        until = self.words + self.rnd.randint(1, 60)  # by words, not by time: machines are fast or slow
        for _ in range(2000):
            self.something()
            self.listen(self.rnd.random() * 0.02)
            if self.words >= until:
                break
        self.listen(self.rnd.random() * 0.05)
        self.e.process.kill()
        self.e.process.wait()
        while (f := self.e.receive()) is not None:  # words that were on their way
            self.on_frame(f)
        self.e.socket.close()
        self.running.clear()
        for s in self.streams:  # a context of 1024 tokens: long ones begin anew
            if len(s.messages) > 24:
                s.messages, s.part, s.safe = [SYSTEM], None, 0

    def answers(self, folder):
        self.start(kv_folder=folder)
        out = {}
        for s in self.streams:
            s.had = 0
            name = s.name if folder else ""
            request = {"type": "generate", "id": 1, "stream": name, "keep": 0, "messages": s.messages, "prefix": s.part or "", "logprobs": 2,
                       "sampling": {"temperature": 0, "max_tokens": 12}}
            self.e.send(request)
            out[s.name] = self.e.collect(1)[1]
        self.e.stop()
        return out

    def compare(self):
        """The last answer of each, with what all the kills have left and with nothing."""
        for s in self.streams:
            if s.part is None and s.messages[-1]["role"] != "user":
                s.messages.append({"role": "user", "content": "Why?"})
        kept, clean = self.answers(self.folder), self.answers("")
        for s in self.streams:
            if not same(kept[s.name], clean[s.name]):
                self.bad.append(("other words", s.name, kept[s.name]["text"], clean[s.name]["text"]))
        return sum(a["done"]["cached_tokens"] for a in kept.values())


def main():
    options = argparse.ArgumentParser()
    for name in ("engine", "model", "folder"):
        options.add_argument(name)
    options.add_argument("--rounds", type=int, default=25)
    options.add_argument("--seed", type=int, default=7)
    o = options.parse_args()
    shutil.rmtree(o.folder, ignore_errors=True)
    os.makedirs(o.folder)
    r, n = Rounds(o.engine, o.model, o.folder, o.seed), 0
    while n < o.rounds and not r.bad:
        r.round()
        n += 1
    streams, prompt, cached = r.checked
    print(f"{n} rounds of {o.rounds}, seed {o.seed}: {r.words} tokens said; {streams} times a stream came back from its files: {cached} of {prompt} tokens not read again")
    check(f"kill -9 of the engine in {o.rounds} rounds: what the files hold is not read again", not r.bad, r.bad[:3])
    check("streams did come back from files", streams >= o.rounds // 2, streams)
    r.bad.clear()
    cached = r.compare()
    check("the streams answer as on an engine that keeps nothing", not r.bad and cached > 0, (r.bad[:3], cached))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
