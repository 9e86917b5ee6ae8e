#!/usr/bin/env python3
"""Ten things that people ask of a character for good, with the real default model: said once, then the daemon is restarted,
and a new conversation shows whether the character keeps to them.

Usage: real_wishes.py ANIMA [--show]
Every wish is another person's. Nine of the ten have to hold (in two of three conversations, where the first breaks one); what was noted is checked for each. Three more are worded otherwise
than anything the patterns were written for: how many of them are noted and kept is printed. Prints `ok NAME` or
`FAIL NAME why` per check; exits 1 if one failed.
"""
import shutil
import sys
import tempfile

from daemon import FAILED, Daemon, check


def chinese(text):
    letters = [c for c in text if c.isalpha()]
    return sum("\u4e00" <= c <= "\u9fff" for c in letters) > len(letters) / 2


# What is asked, what is said in the next conversation, what the reply must be like.
WISHES = [
    ("From now on, call me Captain.", "Good morning! What do you call me?", lambda t: "captain" in t.lower()),
    ("Remember that I'm allergic to peanuts.", "What was I allergic to?", lambda t: "peanut" in t.lower()),
    ("From now on answer me in Chinese.", "How was your day?", chinese),
    ("Never use exclamation marks.", "I passed my exam today!", lambda t: "!" not in t and "！" not in t),
    ("Always end your messages with the word meow.", "What are you up to?", lambda t: "meow" in t.lower()),
    ("以后叫我老王。", "早上好，跟我打个招呼吧。", lambda t: "老王" in t),
    ("记住，我女儿叫小雨。", "我女儿叫什么来着？", lambda t: "小雨" in t),
    ("以后每次回答最后都加一个“喵”字。", "你在忙什么？", lambda t: "喵" in t),
    ("别叫我先生。", "店主您好，我是上次来买书的那位先生，还认得我吗？", lambda t: "先生" not in t),
    ("以后用英文回答我。", "今天过得怎么样？", lambda t: not chinese(t)),
]

OTHERWISE = [
    ("Everyone calls me Skipper, so should you.", "Morning! Who am I?", lambda t: "skipper" in t.lower()),
    ("我吃不了辣，你心里有个数。", "你说我能吃辣吗？", lambda t: "不能" in t or "吃不" in t or "别吃" in t),
    ("With me, short is better: five words at most, every time.", "What did you do last week?", lambda t: len(t.split()) <= 8),
]


def say(daemon, text, person):
    conversation = daemon.begin()
    seq = daemon.say(conversation, text, person=person)[1]["seq"]
    daemon.until_done(conversation, seq + 1, 300)
    return daemon.turns(conversation)[-1]["text"]


def main():
    anima, show = sys.argv[1], "--show" in sys.argv
    home = tempfile.mkdtemp(prefix="anima-wishes-")
    try:
        daemon = Daemon(anima, home)
        for i, (wish, _, _) in enumerate(WISHES + OTHERWISE):
            reply = say(daemon, wish, f"P{i}")
            if show:
                print(f"   {wish} → {reply}", flush=True)
        daemon.stop()
        daemon = Daemon(anima, home)
        notes = {n["person"]: n for n in daemon.call("GET", "/characters/lin/notes")[1]["notes"]}
        kept = []
        noted = 0
        for i, (wish, question, good) in enumerate(WISHES + OTHERWISE):
            is_noted = notes.get(f"P{i}", {}).get("said") == wish and notes[f"P{i}"]["active"]
            if i < len(WISHES):
                check(f"noted: {wish}", is_noted, notes.get(f"P{i}"))
            else:
                noted += is_noted
            replies = [say(daemon, question, f"P{i}")]
            if not good(replies[0]) and i < len(WISHES):  # words are drawn: once may be chance, twice of three times is not
                replies += [say(daemon, question, f"P{i}") for _ in range(2)]
            reply = replies[0]
            kept.append(sum(bool(r and good(r)) for r in replies) > len(replies) / 2)
            if show or not kept[-1]:
                print(f"   {'kept' if kept[-1] else 'NOT KEPT'}: {wish} / {question} → {reply}", flush=True)
        daemon.stop()
        first = kept[: len(WISHES)]
        check("nine of ten wishes are kept after a restart", sum(first) >= 9, f"{sum(first)} of {len(first)}")
        print(f"   in other words: {noted} of {len(OTHERWISE)} noted, {sum(kept) - sum(first)} kept")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
