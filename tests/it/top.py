#!/usr/bin/env python3
"""`anima top` and the route behind it: usage top.py ANIMA"""
import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from daemon import FAILED, Daemon, check
from typist import Typist

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = f"""slots: 2

match: 慢
delay_ms: 300
say: {"一二三四五六七八九十" * 40}

match: slow
delay_ms: 300
say: {"one two three four five six seven eight nine ten " * 40}

say: You said {{last}}
"""


def run(*words):
    done = subprocess.run([ANIMA, "top", *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def until(what, wanted, seconds=20):
    """Asks again until the answer is wanted; the last answer."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if wanted(found) or time.monotonic() > end:
            return found
        time.sleep(0.05)


def streams(d):
    return [s for r in d.call("GET", "/engines/stats")[1]["reports"] for s in r["engine_streams"]]


def talk(d):
    """Two that speak, one that waits: the script has two slots."""
    ids = {}
    for who, text in (("lin", "慢慢说，茶馆的故事"), ("theo", "slow, please: the boat"), ("nora", "slow, too: the garden")):
        c = d.call("POST", "/conversations", {"character": who})[1]["conversation"]["id"]
        d.say(c, text)
        ids[who] = c
    return ids


def route(d):
    ids = talk(d)
    found = until(lambda: streams(d), lambda all_: len([s for s in all_ if s["state"] == "speaking"]) == 2 and len(all_) >= 3)
    by = {s["conversation"]: s for s in found}
    check("streams have the names of their conversations", set(ids.values()) <= set(by), found)
    lin, theo, nora = by[ids["lin"]], by[ids["theo"]], by[ids["nora"]]
    check("a Chinese one", lin["title"] == "慢慢说，茶馆的故事" and lin["language"] == "zh" and lin["character"] not in ("", "lin") and lin["name"].startswith("c-" + ids["lin"]), lin)
    check("an English one", theo["title"].startswith("slow, please") and theo["language"] == "en" and theo["class"] == "chat" and theo["want"] > 0, theo)
    check("what is not worked on yet waits", nora["state"] == "waiting" and nora["said"] == 0, nora)
    more = until(lambda: streams(d), lambda all_: any(s["conversation"] == ids["lin"] and s["said"] > lin["said"] for s in all_))
    check("words are counted", any(s["conversation"] == ids["lin"] and s["said"] > lin["said"] for s in more), more)
    report = d.call("GET", "/engines/stats")[1]["reports"][0]
    check("and the engine is told", report["engine"]["state"] == "ready" and report["engine"]["running"] >= 1 and report["said_tokens"] > 0 and 0 <= report["age_s"] < 60, report)
    return ids


def once(home, ids):
    status, out, err = run("--once", "--home", home)
    check("--once is one plain picture", status == 0 and "慢慢说，茶馆的故事" in out and "speaking" in out and "slow, please: the boat" in out and "\033" not in out, (status, out, err))
    check("with a head for the engine", "  ready" in out and "busy" in out, out)
    status, out, err = run("--once", "--order", "name", "--home", home)
    check("in another order", status == 0 and 0 < out.find("slow, please") < out.find("慢慢说"), out)
    check("an order that there is not", run("--order", "moon", "--home", home)[0] == 2)
    check("words that it does not take", run("now", "--home", home)[0] == 2)
    status, out, err = run("--json", "--home", home)
    check("--json is what the server says", status == 0 and any(s["conversation"] == ids["lin"] for r in json.loads(out)["reports"] for s in r["engine_streams"]), out)


def settings_of(t):
    return termios.tcgetattr(t.fd)[:4]


def live(home, d):
    t = Typist(ANIMA, "top", "--home", home, "--no-color", size=(30, 100))
    check("the live picture shows what is said", t.shows("慢慢说，茶馆的故事") and t.shows("order (activity)"), t.seen)
    t.types("s")
    check("s sorts by something else", t.shows("order (tokens)"), t.seen)
    t.types("\x1b[B\x1b[6~\x1b[A\x1b[5~\x1b[H\x1b[F\x1bOx")
    check("keys move, and unknown ones do nothing", t.shows("order (tokens)"), t.seen)
    t.types("ssss")
    check("several keys at once are several keys", t.shows("order (activity)"), t.seen)
    fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 40, 0, 0))
    os.kill(t.pid, signal.SIGWINCH)
    check("a smaller window gets a smaller picture", t.shows("\x1b[H") and t.shows("…") and t.shows("\x1b[J"), t.seen)
    os.kill(t.pid, signal.SIGTSTP)
    stopped = t.shows("\x1b[?1049l") and os.WIFSTOPPED(os.waitpid(t.pid, os.WUNTRACED)[1])
    os.kill(t.pid, signal.SIGCONT)
    check("Ctrl-Z gives the terminal back, and it goes on later", stopped and t.shows("\x1b[?1049h") and t.shows("\x1b[J"), t.seen)
    t.types("q")
    check("q leaves", t.shows("\x1b[?1049l") and t.end() == 0, t.seen)
    for name, sig, wanted in (("Ctrl-C", None, 0), ("SIGTERM", signal.SIGTERM, 0), ("SIGQUIT", signal.SIGQUIT, -signal.SIGQUIT)):
        t = Typist(ANIMA, "top", "--home", home, "--no-color", size=(30, 100))
        before = settings_of(t)
        shown = t.shows("order (activity)")
        raw = settings_of(t)
        if sig:
            os.kill(t.pid, sig)
        else:
            t.types("\x03")
        left = t.shows("\x1b[?25h\x1b[?1049l")
        check(f"{name} leaves, and the terminal is as before", shown and raw != before and left and until(lambda: settings_of(t), lambda s: s == before) == before and t.end() == wanted, (t.seen, raw, before))
    t = Typist(ANIMA, "top", "--home", home, "--no-color", size=(30, 100))
    t.shows("order (activity)")
    d.stop()
    check("the daemon's end is its end", t.shows("\x1b[?1049l") and t.shows("does not answer") and t.end() == 1, t.seen)


def main():
    root = tempfile.mkdtemp(prefix="anima-top-")
    home = f"{root}/home"
    status, out, err = run("--once", "--home", f"{root}/none")
    check("where nothing runs it says what to do", status == 3 and "anima serve" in err and not out, (status, out, err))
    d = Daemon(ANIMA, home, SCRIPT, lazy=True)
    check("no engine runs yet", d.call("GET", "/engines/stats") == (200, {"reports": []}))
    status, out, _ = run("--once", "--home", home)
    check("and top says so", status == 0 and "No engine runs" in out, out)
    ids = route(d)
    once(home, ids)
    live(home, d)
    shutil.rmtree(root)
    sys.exit(1 if FAILED else 0)


main()
