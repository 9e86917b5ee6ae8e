#!/usr/bin/env python3
"""The system around anima misbehaves, within what it may do: usage fault_io.py ANIMA

Every read and write moves a few bytes only; the wall clock jumps by years; an engine stops listening. The libraries that do
it are built beside ANIMA (tests/fault/). In every case: every turn whole, once, in order.
"""
import os
import shutil
import sys
import tempfile
import time
import urllib.request

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SHIMS = os.path.join(os.path.dirname(ANIMA), "tests/fault")
LONG = " ".join(f"word{i}{'.' if i % 6 == 5 else ''}" for i in range(60)) + " 好的。"
SCRIPT = f"""match: slow
delay_ms: 15
say: {LONG}

match: hang
hang: 4
delay_ms: 2
say: {LONG}

match: die
die_once: 5
say: {LONG}

say: You said {{last}}.
"""


def preloaded(name, **more):
    """A command in front of anima, so that the library is in anima and its engines only."""
    variables = {"LD_PRELOAD": os.path.join(SHIMS, name + ".so"), **more}
    variables["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return ["env", *(f"{k}={v}" for k, v in variables.items())]


def short_io(root):
    d = Daemon(ANIMA, f"{root}/short", SCRIPT, prefix=preloaded("short_io"))
    check("with short reads and writes: it starts", d.url is not None, getattr(d, "error", ""))
    c = d.begin()
    long_message = "x" * 30000 + " 好的"
    for text, answer in ((long_message, f"You said {long_message}."), ("slow", LONG), ("die", LONG)):
        turn = d.until_done(c, d.say(c, text)[1]["reply"], 200)
        check(f"with short reads and writes: the reply to {text[:9].strip()!r} is whole", turn["state"] == "done" and turn["text"] == answer,
              turn["text"][:200] + str(turn["error"]))
    with urllib.request.urlopen(d.url + "/", timeout=60) as page:
        check("with short reads and writes: the page comes", page.status == 200 and b"</html>" in page.read())
    status, errors = d.stop()
    check("with short reads and writes: it ends cleanly", status == 0 and "Sanitizer" not in errors, errors)
    d = Daemon(ANIMA, f"{root}/short", SCRIPT)
    turns = d.turns(c)
    check("with short reads and writes: all is stored, once", [t["seq"] for t in turns] == list(range(1, 8)) and
          turns[2]["text"] == f"You said {long_message}.", [t["seq"] for t in turns])
    d.stop()


def clock(root):
    file = f"{root}/offset"

    def jump(seconds):
        with open(file + ".new", "w", encoding="ascii") as f:
            f.write(f"{seconds}\n")
        os.rename(file + ".new", file)

    year = 365 * 86400
    jump(0)
    d = Daemon(ANIMA, f"{root}/clock", SCRIPT, prefix=preloaded("jump_clock", ANIMA_TEST_CLOCK=file))
    c, turns, seen = d.begin(), [], []
    for offset in (-10 * year, 10 * year, -50 * year, 3600):
        reply = d.say(c, "slow")[1]["reply"]
        time.sleep(0.2)
        jump(offset)
        turns.append(d.until_done(c, reply))
        seen.append(d.call("GET", "/conversations")[1]["conversations"])
    check("the clock jumps in mid-reply: every reply is whole", all(t["state"] == "done" and t["text"] == LONG for t in turns), turns)
    created = [t["created_ms"] for t in d.turns(c)]
    check("the clock did jump", max(created) - min(created) > 15 * year * 1000, created)
    check("the clock jumps: times to first token stay true", all(0 <= t["ttft_ms"] < 20000 and t["tokens_per_s"] >= 0 for t in turns),
          [t["ttft_ms"] for t in turns])
    check("the clock jumps: order is by place, not by time", [t["seq"] for t in d.turns(c)] == list(range(1, 10)))
    times = [s[0]["updated_ms"] for s in seen if s]
    check("the clock jumps: the list shows the conversation, and its time does not go back", len(times) == 4 and times == sorted(times), times)
    uptime = d.call("GET", "/status")[1]["uptime_s"]
    check("the clock jumps: uptime stays true", 0 <= uptime < 300, uptime)
    status, errors = d.stop()
    check("the clock jumps: it ends cleanly", status == 0 and "Sanitizer" not in errors, errors)


def hang(root):
    d = Daemon(ANIMA, f"{root}/hang", SCRIPT)
    c = d.begin()
    began = time.monotonic()
    turn = d.until_done(c, d.say(c, "hang")[1]["reply"], 180)
    check("an engine hangs in mid-reply: the same reply completes, once", turn["state"] == "done" and turn["text"] == LONG, turn)
    check("an engine hangs: noticed in about a minute", time.monotonic() - began < 90, f"{time.monotonic() - began:.0f} s")
    d.stop()


def main():
    root = tempfile.mkdtemp(prefix="anima-io-")
    try:
        for test in (short_io, clock, hang):
            test(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
