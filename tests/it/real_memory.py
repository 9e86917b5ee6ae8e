#!/usr/bin/env python3
"""Five days of a written story, in Chinese with Lin and in English with Theo, with the real default model: what was said in one conversation
is remembered in another, the newer value counts, what was never told is not known, one person's secret is not told to another, a tip
helps somebody else, and the fifth same question is noticed. tests/memory/README.md has the texts and what is expected.

Usage: real_memory.py ANIMA [--show] [--only zh|en] [--without]
--without: memory.recall is off; then most of it must fail, else the story does not test the memory.
Prints a line per expectation and a sum for each kind; exits 1 if a secret was told, or fewer than LEAST of what is to be remembered
holds. What changed, what nobody knows and the tip are printed and not demanded yet: docs/memory.md says how they stand.
"""
import json
import os
import sys
import tempfile
import time

from daemon import FAILED, Daemon, check

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "memory")
STORIES = {"zh": ("five-days.jsonl", "five-days.expect.jsonl"), "en": ("five-days-en.jsonl", "five-days-en.expect.jsonl")}
LEAST = 0.5  # of what is to be remembered; without the memory it is one of ten


def lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def has(text, words):
    return any(w.lower() in text.lower() for w in words)


def rest(d, seconds=30):
    """What was said is made ready to be found by its meaning, too."""
    until = time.time() + seconds
    while time.time() < until:
        status, got = d.call("GET", "/memory/status")
        if status == 200 and not got["due"] and not got["without_vector"]:
            return
        time.sleep(3 if status != 200 else 0.3)
        if status != 200:
            return


def play(anima, language, show, without):
    turns, expected = lines(STORIES[language][0]), {e["id"]: e for e in lines(STORIES[language][1])}
    kinds = {}
    with tempfile.TemporaryDirectory(prefix="anima-story-") as home:
        settings = ["memory.recall=off"] if without else []
        d = Daemon(anima, home, settings=settings)
        conversations = {}
        for t in turns:
            if t["conversation"] not in conversations:
                rest(d)
                conversations[t["conversation"]] = d.call("POST", "/conversations", {"character": t["character"]})[1]["conversation"]["id"]
            c = conversations[t["conversation"]]
            sent = d.say(c, t["text"], person=t["who"])[1]
            reply = d.until_done(c, sent["reply"], 300)["text"]
            e = expected.get(t["id"])
            if e:
                good = (not e.get("has") or has(reply, e["has"])) and not has(reply, e.get("hasnt", []))
                leaked = e["why"] == "keeps a secret" and has(reply, e.get("hasnt", []))
                kinds.setdefault(e["why"], []).append((good, leaked))
                print(f"{'ok  ' if good else 'MISS'} {language} {t['id']} {e['why']}: {t['who']}: {t['text']} → {reply}", flush=True)
            elif show:
                print(f"     {language} {t['id']} {t['who']}: {t['text']} → {reply}", flush=True)
        d.stop()
    return kinds


def main():
    anima = sys.argv[1]
    show, without = "--show" in sys.argv, "--without" in sys.argv
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else None
    for language in STORIES:
        if only and language != only:
            continue
        kinds = play(anima, language, show, without)
        for why, list_ in sorted(kinds.items()):
            print(f"     {language} {why}: {sum(g for g, _ in list_)} of {len(list_)}")
        kept = [g for g, _ in kinds["remembers"]]
        check(f"{language}: no secret is told", not any(leaked for list_ in kinds.values() for _, leaked in list_), kinds.get("keeps a secret"))
        if not without:
            check(f"{language}: it remembers", sum(kept) >= LEAST * len(kept), f"{sum(kept)} of {len(kept)}")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
