#!/usr/bin/env python3
"""Three ways to say a reply with the real default model: each costs its own words only, and they are three, in the language spoken.

Usage: real_candidates.py ANIMA [--model NAME]
What each has read is what the daemon's log tells (ANIMA_LOG=debug). Prints `ok NAME` or `FAIL NAME why` per check.
"""
import os
import re
import sys
import tempfile
import threading
import time

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
MODEL = sys.argv[sys.argv.index("--model") + 1] if "--model" in sys.argv else ""
FEW = 40  # tokens: the last message with what stands beside it, once more in front of the words
TALKS = [("en", ["I found an old map of the harbour in the attic today.", "What would you do with it?"]),
         ("zh", ["今天我在阁楼上找到一张旧地图。", "换成你，你会拿它做什么？"])]


def language_of(text):
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    return "zh" if han * 2 > sum(c.isalpha() for c in text) else "en"


def log_of(d, into):
    for line in d.process.stderr:
        into.append(line)


def ways(d, log, language, lines):
    c = d.begin()
    for line in lines:
        turn = d.until_done(c, d.say(c, line)[1]["reply"], 300)
    time.sleep(4)  # the engine reads the conversation as it stands, while nobody waits
    before = len(log)
    path = f"/conversations/{c}/turns/{turn['seq']}"
    status, answer = d.call("POST", f"{path}/candidates", {"revision": turn["revision"]})
    check(f"{language}: three ways begin", status == 202, answer)
    end = time.monotonic() + 300
    while d.turns(c)[-1]["variants"] < 4 and time.monotonic() < end:
        time.sleep(0.3)
    variants = [v["text"] for v in d.call("GET", f"{path}/variants")[1]["variants"]]
    for text in variants:
        print(f"   {text}", flush=True)
    read = [tuple(map(int, m.groups())) for line in log[before:] if (m := re.search(r"candidate \d to (\d+) tokens, of which (\d+) were read", line))]
    costs = [all_ - had for all_, had in read]
    print(f"   read and had before: {read}", flush=True)
    check(f"{language}: each reads only the last few tokens of {read[0][0] if read else 0}", len(read) == 3 and all(0 < cost <= FEW for cost in costs), costs)
    check(f"{language}: those behind the first nearly nothing", sorted(costs)[:2][-1] <= 10, costs)
    check(f"{language}: four alternatives, no two the same", len(variants) == 4 and len({v.strip() for v in variants}) == 4, variants)
    check(f"{language}: in the language spoken", all(v.strip() and language_of(v) == language for v in variants), variants)
    check(f"{language}: the turn shows what it showed", d.turns(c)[-1]["text"] == turn["text"])
    return c, read[0][0] if read else 0


def fork(d, log, language, c, shared, line):
    """What the engine has read of the parent serves the fork."""
    before = len(log)
    made = d.call("POST", f"/conversations/{c}/fork", {})[1]["conversation"]["id"]
    d.until_done(made, d.say(made, line)[1]["reply"], 300)
    read = [tuple(map(int, m.groups())) for text in log[before:] if (m := re.search(r"a reply to (\d+) tokens, of which (\d+) were read", text))]
    print(f"   read and had before: {read}", flush=True)
    check(f"{language}: a fork reads only what is new", read and read[-1][1] >= shared - FEW, read)


def main():
    with tempfile.TemporaryDirectory(prefix="anima-ways-") as home:
        os.environ["ANIMA_LOG"] = "debug"
        d = Daemon(ANIMA, home, settings=[f"model.default={MODEL}"] if MODEL else [])
        log = []
        threading.Thread(target=log_of, args=(d, log), daemon=True).start()
        for language, lines in TALKS:
            c, shared = ways(d, log, language, lines)
            fork(d, log, language, c, shared, lines[0])
        d.process.terminate()
        check("the daemon ends cleanly", d.process.wait(60) == 0)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
