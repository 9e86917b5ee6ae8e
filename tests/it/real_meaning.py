#!/usr/bin/env python3
"""How well does the embedding model tell the same in other words from something else? The table of docs/mind.md.

Usage: real_meaning.py ENGINE MODEL ANIMA     (anima-engine, e5-small-q4.bin, anima)
Pairs that mean the same: tests/bench/paraphrases.txt. Sentences that differ: the example replies of every character, each compared with 36 others of
the same character (as many as a conversation has in twelve replies). The limits are read from src/agent/meaning.c. Prints the table; then written replies say the same twice through anima; `ok NAME` or
`FAIL NAME why` per check; exits 1 if one failed.
"""
import array
import glob
import hashlib
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

from api_client import Daemon, check, failures

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Engine:
    """anima's side of the protocol, as far as vectors need it."""

    def __init__(self, program, model):
        with open(model, "rb") as f:
            digest = hashlib.file_digest(f, "sha256").hexdigest()
        self.socket, other = socket.socketpair()
        options = json.dumps({"sha256": digest})
        self.process = subprocess.Popen([program, "--driver", "embed_e5", "--model", model, "--options", options, "--fd", str(other.fileno())], pass_fds=[other.fileno()])
        other.close()
        self.backend = self.receive()[0].get("backend")
        self.known, self.seconds = {}, 0.0

    def read(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                raise EOFError("the engine ended")
            data += piece
        return data

    def receive(self):
        head, raw = struct.unpack("<II", self.read(8))
        return json.loads(self.read(head)), self.read(raw)

    def learn(self, texts):
        missing = [t for t in dict.fromkeys(texts) if t not in self.known]
        for at in range(0, len(missing), 64):
            batch = missing[at:at + 64]
            head = json.dumps({"type": "embed", "id": 1, "kind": "query", "texts": batch}).encode()
            began = time.monotonic()
            self.socket.sendall(struct.pack("<II", len(head), 0) + head)
            answer, raw = self.receive()
            self.seconds += time.monotonic() - began
            numbers = array.array("f", raw)
            for i, text in enumerate(batch):
                self.known[text] = numbers[i * answer["dim"]:(i + 1) * answer["dim"]]

    def cosine(self, a, b):
        return sum(x * y for x, y in zip(self.known[a], self.known[b]))


def is_chinese(text):
    return any("㐀" <= c <= "鿿" for c in text)


def sentences(text):
    return [s.strip() for s in re.findall(r"[^.!?。！？…]+[.!?。！？…]+[\"”’」]*", text)]


def limits():
    with open(os.path.join(ROOT, "src/agent/meaning.c"), encoding="utf-8") as f:
        found = dict(re.findall(r"(english|chinese) = \{ ([^}]+) \}", f.read()))
    return {language: [float(x) for x in found[name].split(",")] for language, name in (("en", "english"), ("zh", "chinese"))}


def examples(language):
    """Per character: a list of replies, each a list of sentences."""
    for path in sorted(glob.glob(os.path.join(ROOT, f"share/characters/*/examples.{language}.md"))):
        with open(path, encoding="utf-8") as f:
            blocks = f.read().split("\n\n")
        yield [sentences(" ".join(line for line in b.split("\n") if not line.startswith(">"))) for b in blocks]


def begin_of(text, share):
    at = int(len(text) * share)
    while not is_chinese(text) and at < len(text) and text[at] not in " .,":
        at += 1
    return text[:at]


def quantiles(values):
    values = sorted(values)
    return [values[min(len(values) - 1, int(p * len(values)))] for p in (0, .1, .5, .9, 1)]


def measure(engine, language, same, near, letters):
    dice = random.Random(1)
    with open(os.path.join(ROOT, "tests/bench/paraphrases.txt"), encoding="utf-8") as f:
        pairs = [line.rstrip("\n").split("\t") for line in f if "\t" in line]
    pairs = [p for p in pairs if is_chinese(p[0]) == (language == "zh")]
    rows = []
    for replies in examples(language):
        long = [(i, s) for i, r in enumerate(replies) for s in r if sum(c.isalnum() for c in s) >= letters]
        for i, s in long:
            others = [o for k, o in long if k != i]
            rows.append((s, dice.sample(others, min(36, len(others)))))
    halves = [(begin_of(b, .6), a) for a, b in pairs]
    engine.learn([t for p in pairs for t in p] + [s for s, _ in rows] + [h for h, _ in halves] + [begin_of(s, .6) for s, _ in rows])
    paraphrase = [engine.cosine(a, b) for a, b in pairs]
    different = [engine.cosine(s, o) for s, others in rows for o in others]
    nearest = [max(engine.cosine(s, o) for o in others) for s, others in rows]
    for (s, others), cosine in zip(rows, nearest):
        if cosine >= same:
            print(f"over the limit: {cosine:.3f} {s} | {max(others, key=lambda o, s=s: engine.cosine(s, o))}", flush=True)
    nearest_half = [max(engine.cosine(begin_of(s, .6), o) for o in others) for s, others in rows]
    half = [engine.cosine(h, a) for h, a in halves]

    def share(values, limit):
        return 100 * sum(v >= limit for v in values) / len(values)
    for name, values, limit in (("the same in other words", paraphrase, same), ("two different sentences", different, same),
                                ("a sentence and the nearest of 36", nearest, same), ("60 % of it, and the same in other words", half, near),
                                ("60 % of it, and the nearest of 36", nearest_half, near)):
        print(f"| {language} | {name} | {len(values)} | " + " | ".join(f"{q:.3f}" for q in quantiles(values)) + f" | {share(values, limit):.1f} % over {limit} |", flush=True)
    check(f"{language}: most of what means the same is found", share(paraphrase, same) >= 55, share(paraphrase, same))
    # Some of a character's lines say the same thing, in answer to different questions: seven of the eight pairs that were over the limit.
    check(f"{language}: what differs is left alone", share(nearest, same) <= 5, share(nearest, same))
    check(f"{language}: most of it is held in time", share(half, near) >= 50, share(half, near))
    check(f"{language}: few others are held", share(nearest_half, near) <= 25, share(nearest_half, near))


def measure_messages(engine, language, asked):
    """Messages of the dialogues of `anima bench talk`, each with the nearest of the twelve before it, but for those asked twice on purpose."""
    nearest = []
    with open(os.path.join(ROOT, "share/probes/talk.jsonl"), encoding="utf-8") as f:
        dialogues = [json.loads(line)["lines"] for line in f]
    for lines in dialogues:
        engine.learn(lines)
        for i, line in enumerate(lines):
            others = [o for o in lines[max(0, i - 12):i] if o != line]
            if others and line not in lines[:i] and is_chinese(line) == (language == "zh"):
                nearest.append(max(engine.cosine(line, o) for o in others))
    over = 100 * sum(v >= asked for v in nearest) / len(nearest)
    print(f"| {language} | a message and the nearest of 12 | {len(nearest)} | " + " | ".join(f"{q:.3f}" for q in quantiles(nearest)) + f" | {over:.1f} % over {asked} |", flush=True)
    check(f"{language}: few messages look like earlier ones", over <= 10, over)


SCRIPT = """match: something else
say: My landlord wants to talk about the roof.

match: 说点别的
say: 房东说屋顶要修了，我在想怎么办。

match: morning
say: I spent the morning down by the river, watching the boats.

match: nothing new
say: My cat sleeps on the invoices and will not move.

match: tell me
say: This morning I sat at the riverside and looked at boats go by.

match: 累
say: 汤又烧糊了，晚上只好啃面包。

match: 怎么啦
say: 我把汤煮焦了，晚饭就吃面包吧。
"""


def converse(anima):
    """A paraphrase is taken back, a new sentence is not; and what that costs until the first word."""
    with tempfile.TemporaryDirectory() as home, Daemon(anima, home, SCRIPT, "speech.check=always", "embed.patience_ms=20000") as d:
        said = {}
        for message in ("good morning", "nothing new?", "tell me about your cousin", "累不累", "你老板怎么啦"):
            _, sent = d.call("POST", f"/api/v1/conversations/{d.conversation}/messages", {"text": message})
            turn = d.wait_done(d.conversation, sent["reply"])
            said[message] = turn["text"]
            print(f"{message} → {turn['text']} ({turn['ttft_ms']:.0f} ms)", flush=True)
    check("en: what is new is heard", said["nothing new?"].endswith("will not move."), said)
    check("en: the same in other words is not", "landlord" in said["tell me about your cousin"] and "boats" not in said["tell me about your cousin"], said)
    check("zh: the same in other words is not", "房东" in said["你老板怎么啦"] and "面包" not in said["你老板怎么啦"], said)


def main():
    engine = Engine(sys.argv[1], sys.argv[2])
    print("| language | compared | N | least | 10 % | median | 90 % | most | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for language, (same, near, asked, letters, _) in limits().items():
        measure(engine, language, same, near, letters)
        measure_messages(engine, language, asked)
    print(f"{len(engine.known)} texts, {engine.seconds / len(engine.known) * 1000:.1f} ms each ({engine.backend})")
    engine.socket.close()
    check("the engine ends with its socket", engine.process.wait(timeout=20) == 0, engine.process.returncode)
    converse(sys.argv[3])
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
