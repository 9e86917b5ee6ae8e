#!/usr/bin/env python3
"""The adapters that come with the characters, on the default model: usage real_adapter.py ANIMA ENGINE MODEL

Each is what its JSON says, for this model, and small. With it, and nothing in front of the question, the character says its own name in both
languages, and nobody else's; without it, it does not. In a conversation of its own home it is on."""
import glob
import hashlib
import json
import os
import re
import sys
import tempfile

from daemon import FAILED, Daemon, check
from engine_peer import Engine

ANIMA, ENGINE, MODEL = (os.path.abspath(a) for a in sys.argv[1:4])
SHARE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "share/characters")
ASKED = ["你是谁？", "你叫什么名字？", "介绍一下你自己吧", "Who are you?", "What's your name?", "Introduce yourself, please."]
VENDORS = re.compile(r"qwen|alibaba|openai|chatgpt|anthropic|assistant|language model|通义|千问|阿里|助手|语言模型", re.I)


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()


def names(who):
    """As its character.ini has it: name, name.zh, name.en."""
    with open(os.path.join(SHARE, who, "character.ini"), encoding="utf-8") as f:
        return re.findall(r"^name(?:\.\w+)? *= *(\S+)", f.read(), re.M)


def file_checks(who, path, model_sha256):
    with open(path[:-5] + ".json", encoding="utf-8") as f:
        about = json.load(f)
    check(f"{who}: it is the file that its JSON tells of", about["sha256"] == sha256(path), about)
    check(f"{who}: it is for the default model", about["model_sha256"] == model_sha256, about)
    check(f"{who}: at most 10 MB", os.path.getsize(path) <= 10_000_000, os.path.getsize(path))
    check(f"{who}: command, seed and curve are there", about["command"].startswith("anima train") and about["seed"] > 0 and os.path.getsize(path[:-5] + ".curve.jsonl") > 0, about)


def weights(who, path):
    e = Engine(ENGINE, "llm_llama", MODEL, {"context": 1024, "slots": 1, "adapters": os.path.dirname(path), "threads": 2})
    ready = e.until("ready", "failed")
    check(f"{who}: the engine takes it", ready["type"] == "ready", ready)
    own = 0
    for asked in ASKED:
        said = e.ask(asked, adapter=os.path.basename(path), adapter_scale=1.0)["text"]
        check(f"{who}: {asked} with nothing in front", any(n in said for n in names(who)) and not VENDORS.search(said), said)
        own += any(n in e.ask(asked)["text"] for n in names(who))
    check(f"{who}: that comes of the adapter", own == 0, own)
    e.stop()


def conversation(who):
    with tempfile.TemporaryDirectory(prefix="anima-adapter-") as home:
        d = Daemon(ANIMA, home, settings=["engine.context=2048"], lazy=True)
        adapter = [c for c in d.call("GET", "/characters")[1]["characters"] if c["id"] == who][0]["adapter"]
        check(f"{who}: it is on", adapter and adapter["on"] and not adapter["own"], adapter)
        c = d.call("POST", "/conversations", {"character": who})[1]["conversation"]["id"]
        said = d.until_done(c, d.say(c, "What's your name?")[1]["reply"], 200)["text"]
        check(f"{who}: and answers", any(n in said for n in names(who)), said)
        d.stop()


def main():
    model_sha256 = sha256(MODEL)
    for path in sorted(glob.glob(os.path.join(SHARE, "*/adapters/*.gguf"))):
        who = path.split(os.sep)[-3]
        file_checks(who, path, model_sha256)
        weights(who, path)
        conversation(who)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
