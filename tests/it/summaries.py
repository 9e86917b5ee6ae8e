#!/usr/bin/env python3
"""A long conversation over several windows, with the script engine: usage summaries.py ANIMA

What leaves the window is summed up; it survives kill -9 and is not asked for again; what is edited leaves the summary, too; a
fork has it, an export does not; deleted is deleted. Over HTTP and the command line.
"""
import os
import subprocess
import sys
import tempfile
import time

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SETTINGS = ["engine.summary=always", "engine.context=1400", "speech.without=examples", "person.name=Ann"]
SCRIPT = """context: 1400

match: Ann: My dog is called Biscuit
say: Ann's dog is called Biscuit.

match: Ann: My dog is called Rex
say: Ann's dog is called Rex.

match: Ann: My sister
say: Ann's sister Ada lives in Leeds.

match: Ann:
say: -

match: what is left
say: {system}

say: {cached} of {prompt} in {n}. Well, that is a thing one can answer with quite a number of words.
"""
THINGS = ["Copper", "Velvet", "Gravel", "Bamboo", "Marble", "Wool", "Quartz", "Linen", "Tin", "Cork"]


def grep(home, word):
    return subprocess.run(["grep", "-rqa", word, home, "--include=anima.db*"], check=False).returncode == 0


def summary(d, c):
    return d.call("GET", f"/conversations/{c}/summary")[1].get("summary") or {"seq": 0, "text": ""}


def say(d, c, text):
    return d.until_done(c, d.say(c, text)[1]["reply"])["text"]


def small_talk(d, c, k):
    return say(d, c, f"{THINGS[k % 10]} {'shines bends fades floats cracks'.split()[k % 5]} for {k} good reasons, and so it stays.")


def prompt(d, c):
    """The system part of the next prompt, which is told and taken back again."""
    sent = d.say(c, "So what is left of it?")[1]
    text = d.until_done(c, sent["reply"])["text"]
    check("what was told of it is taken back", d.call("DELETE", f"/conversations/{c}/turns/{sent['seq']}")[0] == 200)
    return text


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return what()


def talk_until_summary(d, c, seq, k):
    """Small talk until there is a summary of more than seq turns; how often something was said by then."""
    for i in range(k, k + 20):
        small_talk(d, c, i)
        if until(lambda: summary(d, c)["seq"] > seq, 1):
            return i + 1
    return k + 20


def over_windows(d, c):
    """Three windows; the program is killed in the second."""
    say(d, c, "My dog is called Biscuit.")
    say(d, c, "My sister Ada lives in Leeds.")
    check("nothing is summed up as long as all is read", d.call("GET", f"/conversations/{c}/summary") == (200, {"summary": None}))
    k = talk_until_summary(d, c, 0, 0)
    first = summary(d, c)
    check("what leaves first is summed up", first["text"] == "Ann's dog is called Biscuit.\nAnn's sister Ada lives in Leeds." and first["language"] == "en", first)
    k = talk_until_summary(d, c, first["seq"], k)
    second = summary(d, c)
    check("and stays in the next summary", second["seq"] > first["seq"] and second["text"] == first["text"], second)
    return k, second


def killed(d, home, c, k, second):
    def booked():
        return d.call("GET", "/cost?by=day")[1]["total"]["turns"]

    d.kill()
    d = Daemon(ANIMA, home, SCRIPT, SETTINGS)
    check("kill -9: the summary is there", summary(d, c) == second, summary(d, c))
    before = booked()
    small_talk(d, c, k)
    time.sleep(0.7)
    check("and is not asked for again", booked() == before + 1 and summary(d, c) == second, (before, booked()))
    check("the prompt has it", "- Ann's dog is called Biscuit." in prompt(d, c))
    return d


def edited(d, c):
    fork = d.call("POST", f"/conversations/{c}/fork", {"seq": summary(d, c)["seq"] + 1})[1]["conversation"]["id"]
    check("a fork has the summary of its turns", summary(d, fork)["text"].startswith("Ann's dog is called Biscuit."))
    check("a fork is deleted with it", d.call("DELETE", f"/conversations/{fork}")[0] == 200)
    status, turn = d.call("PATCH", f"/conversations/{c}/turns/2", {"text": "My dog is called Rex.", "revision": 0})
    check("an early turn is edited", status == 200, turn)
    anew = until(lambda: summary(d, c)["text"])
    check("the summary is made anew from what is said now", anew and "Rex" in anew and "Biscuit" not in anew, anew)
    check("the prompt has it at once", "- Ann's dog is called Rex." in prompt(d, c))


def seen_and_deleted(d, home, c):
    shown = subprocess.run([ANIMA, "conversations", "show", c, "--home", home], capture_output=True, text=True, check=False).stdout
    check("the command line shows it", "turns it has kept:\n  Ann's dog is called Rex.\n" in shown, shown[-600:])
    export = subprocess.run([ANIMA, "conversations", "export", c, "--home", home], capture_output=True, text=True, check=False).stdout
    check("an export has the turns only", "Ann's dog" not in export and "My dog is called Rex." in export)
    status, answer = d.call("DELETE", f"/conversations/{c}/summary")
    check("it can be deleted", status == 200 and answer["deleted"], answer)
    check("then it is made anew", "Rex" in (until(lambda: summary(d, c)["text"]) or ""))
    d.call("DELETE", f"/conversations/{c}")
    check("a deleted conversation takes it along", d.call("GET", f"/conversations/{c}/summary")[0] == 404 and until(lambda: not grep(home, "Rex"), 10))


def main():
    with tempfile.TemporaryDirectory(prefix="anima-it-") as home:
        d = Daemon(ANIMA, home, SCRIPT, SETTINGS)
        try:
            c = d.begin()
            k, second = over_windows(d, c)
            d = killed(d, home, c, k, second)
            edited(d, c)
            seen_and_deleted(d, home, c)
        finally:
            status, errors = d.stop()
            check("the daemon ends cleanly", status == 0, errors)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
