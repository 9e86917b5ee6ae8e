#!/usr/bin/env python3
"""What is on a character's mind of somebody, over HTTP and the command line, with the script engine: usage working.py ANIMA

Moods by patterns and by the model's letter, promises with their day, questions without an answer; told to the one they are about and to nobody else; set,
corrected and deleted by hand; gone with their turns and with what is to be forgotten, to the last byte; there after kill -9, also in the middle.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = """match: marmalade
stream: w-mood
say: D

match: Oslo
stream: w-mood
first_ms: 4000
say: C

stream: w-mood
say: A

match: marmalade
stream: w-intent
say: C

stream: w-intent
say: A

match: ??
say: [{told}]

match: together tomorrow
say: OK, sounds lovely.

match: 周六去湖边
say: 好，那就周六。

match: The interview is
say: I'll ask you about the interview tomorrow. Are you ready?

match: 面试是
say: 我明天一定给你打电话。

say: Well, well.
"""


def serve(home, *more, working="always"):
    return Daemon(ANIMA, home, SCRIPT, settings=["memory.recall=off", f"memory.working={working}", "person.name=Ann", "embed.model=", "speech.without=examples", *more])


def parts(d, person="Ann"):
    status, got = d.call("GET", "/characters/lin/working?" + urllib.parse.urlencode({"person": person}))
    return got["working"] if status == 200 else []


def values(d, part, person="Ann"):
    return [x["value"] for x in parts(d, person) if x["part"] == part]


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.1)
    return what()


def say(d, conversation, text, person="Ann"):
    return d.until_done(conversation, d.say(conversation, text, person=person)[1]["reply"])


def booked(d):
    return d.call("GET", "/cost?by=day")[1]["total"]["turns"]


def set_part(d, **body):
    return d.call("PUT", "/characters/lin/working", {"person": "Ann", **body})


def unset(d, part):
    return d.call("DELETE", "/characters/lin/working?" + urllib.parse.urlencode({"person": "Ann", "part": part}))


def command(home, *more):
    done = subprocess.run([ANIMA, "memory", "now", *more, "--home", home, "--set", "person.name=Ann"], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def somewhere(home, word):
    return subprocess.run(["grep", "-rqai", word, home, "--include=anima.db*"], check=False).returncode == 0


def noted(home):
    d = serve(home)
    c = d.begin()
    say(d, c, "I'm so tired, the bakery opens at four.")
    check("what is said outright is noted", until(lambda: values(d, "mood") == ["tired"]), parts(d))
    mood = next(x for x in parts(d) if x["part"] == "mood")
    check("with the words that show it, how strong and how sure", mood["cause"]["text"].startswith("I'm so tired") and mood["cause"]["conversation"] == c and mood["cause"]["seq"] == 2 and 0.5 < mood["amount"] <= 1 and 0.5 < mood["confidence"] <= 1 and not mood["by_hand"], mood)
    check("and what it is about", values(d, "topic") == ["bakery opens four"] or "bakery" in "".join(values(d, "topic")), values(d, "topic"))
    before = booked(d)
    say(d, c, "The marmalade is all that is left of the funeral.")
    check("where no pattern knows, the model is asked for a letter", until(lambda: values(d, "mood") == ["sad"]) and values(d, "intent") == ["comfort"] and values(d, "own_mood") == ["worried"] and values(d, "own_intent") == ["comfort"], parts(d))
    check("which is booked", booked(d) > before + 1, booked(d))
    counted = {x["part"]: x["amount"] for x in parts(d)}
    check("closeness and trust are counted", 0 < counted["closeness"] < 0.2 and 0.3 <= counted["trust"] < 0.4, counted)
    return d, c


def told(d, c):
    b = d.begin()
    reply = say(d, b, "Good morning??")
    seq, reply = reply["seq"], reply["text"]
    check("told in another conversation, with the words", "Ann is sad: \"The marmalade is all that is left of the funeral.\"." in reply and "You are worried about Ann." in reply, reply)
    check("one sees which turn that was from", any("marmalade" in i["memory"]["text"] for i in d.call("GET", f"/conversations/{b}/turns/{seq}/memory")[1]["items"]))
    reply = say(d, c, "Well??")["text"]
    check("where they stand in sight, without them", "Ann is sad." in reply, reply)
    reply = say(d, d.begin(), "Good morning??", "Bob")["text"]
    check("nobody else is told", "sad" not in reply and "marmalade" not in reply and "worried" not in reply, reply)
    b = d.begin()
    say(d, b, "Hello, here is Bob.", "Bob")
    reply = say(d, b, "And here is Ann??")["text"]
    check("nor is she where he hears it", "sad" not in reply and "marmalade" not in reply, reply)


def promises(d):
    c = d.begin()
    say(d, c, "The interview is tomorrow at ten.")
    check("a promise, with its day", until(lambda: values(d, "promise") == ["I'll ask you about the interview tomorrow."]), parts(d))
    one = next(x for x in parts(d) if x["part"] == "promise")
    check("whose it is, when it is due, open", one["own"] and one["state"] == "open" and 0 < one["from_ms"] - time.time() * 1000 < 30 * 3600e3 and one["to_ms"] > one["from_ms"] and one["cause"]["person"] is None, one)
    check("a question that waits for its answer", until(lambda: values(d, "question") == ["Are you ready?"]), parts(d))
    say(d, c, "Yes, all my papers are there.")
    check("which comes", until(lambda: [x["state"] for x in parts(d) if x["part"] == "question"] == ["answered"]), parts(d))
    path = f"/working/{one['id']}"
    check("corrected", d.call("PATCH", path, {"text": "Ask about the interview.", "state": "kept"}) == (200, {"changed": True}) and any(x["value"] == "Ask about the interview." and x["state"] == "kept" and x["by_hand"] for x in parts(d)), parts(d))
    check("no such state, nothing to change, no such promise", d.call("PATCH", path, {"state": "lost"})[0] == 400 and d.call("PATCH", path, {})[0] == 400 and d.call("PATCH", "/working/99999", {"state": "kept"})[0] == 404 and d.call("DELETE", "/working/x")[0] == 404)
    check("deleted", d.call("DELETE", path)[0] == 200 and values(d, "promise") == [] and d.call("DELETE", path)[0] == 404, parts(d))
    say(d, d.begin(), "面试是明天十点。", "小雨")
    check("in Chinese", until(lambda: values(d, "promise", "小雨") == ["我明天一定给你打电话。"]) and values(d, "promise") == [], parts(d, "小雨"))


def plans(d, home):
    c = d.begin()
    say(d, c, "Let's go to the harbour together tomorrow.")
    check("what both decided, with its day", until(lambda: values(d, "plan") == ["Let's go to the harbour together tomorrow."]), parts(d))
    one = next(x for x in parts(d) if x["part"] == "plan")
    check("open, for tomorrow, with the turn that agreed", not one["own"] and one["state"] == "open" and 0 < one["from_ms"] - time.time() * 1000 < 30 * 3600e3 and one["to_ms"] > one["from_ms"] and one["cause"]["text"] == "OK, sounds lovely.", one)
    say(d, d.begin(), "那我们周六去湖边吧。", "小雨")
    check("in Chinese", until(lambda: values(d, "plan", "小雨") == ["那我们周六去湖边吧。"]), parts(d, "小雨"))
    say(d, d.begin(), "Let's go to the moon on Saturday.")
    time.sleep(2)
    check("what only one of them wants is none", len(values(d, "plan")) == 1, parts(d))
    code, out, err = command(home, "lin", "Ann")
    check("in the terminal", code == 0 and "plan: Let's go to the harbour together tomorrow." in out and "due " in out, (out, err))
    path = f"/working/{one['id']}"
    check("called off by hand", d.call("PATCH", path, {"state": "dropped"}) == (200, {"changed": True}) and any(x["part"] == "plan" and x["state"] == "dropped" and x["by_hand"] for x in parts(d)), parts(d))
    check("deleted", d.call("DELETE", path)[0] == 200 and values(d, "plan") == [], parts(d))
    c = d.begin()
    say(d, c, "Let's see the xylophone together tomorrow.", "Finn")
    check("noted", until(lambda: len(values(d, "plan", "Finn")) == 1), parts(d, "Finn"))
    d.kill()
    d = serve(home)
    check("kill -9: it is there", len(values(d, "plan", "Finn")) == 1, parts(d, "Finn"))
    say(d, c, "Forget that.", "Finn")
    before = -1
    while before != booked(d):  # nothing is being asked any more
        before = booked(d)
        time.sleep(2)
    check("it goes with what was proposed, to the last byte", values(d, "plan", "Finn") == [] and until(lambda: not somewhere(home, "xylophone"), 15), parts(d, "Finn"))
    return d


def by_hand(d, home):
    check("set by hand", set_part(d, part="mood", value="excited", amount=0.9) == (200, {"changed": True}) and values(d, "mood") == ["excited"] and parts(d)[0]["by_hand"] and parts(d)[0]["cause"] is None, parts(d))
    check("closeness, too", set_part(d, part="closeness", amount=0.5)[0] == 200 and any(x["part"] == "closeness" and abs(x["amount"] - 0.5) < 1e-6 and x["by_hand"] for x in parts(d)), parts(d))
    check("a topic, an intent", set_part(d, part="topic", value="the boat")[0] == 200 and set_part(d, part="intent", value="advice")[0] == 200 and values(d, "topic") == ["the boat"] and values(d, "intent") == ["advice"], parts(d))
    check("nothing else can be", set_part(d, part="mood", value="purple", amount=1)[0] == 400 and set_part(d, part="mood", value="sad")[0] == 400 and set_part(d, part="trust", amount=7)[0] == 400 and set_part(d, part="promise", value="x")[0] == 400 and set_part(d)[0] == 400)
    check("nobody of that name, no such character", d.call("GET", "/characters/lin/working?person=Nobody")[0] == 404 and d.call("GET", "/characters/none/working")[0] == 404 and d.call("PUT", "/characters/none/working", {"part": "topic", "value": "x"})[0] == 404)
    code, out, err = command(home, "lin", "Ann")
    check("in the terminal", code == 0 and "mood: excited (90 %)" in out and "by hand" in out and "closeness: 50 %" in out, (out, err))
    code, out, err = command(home, "lin", "--json")
    check("as JSON, of the owner", code == 0 and len(json.loads(out)["working"]) == len(parts(d)), (out, err))
    code, out, err = command(home, "lin", "Nobody")
    check("nobody of that name, no character named", code == 3 and "Nobody" in err and command(home)[0] == 2, (code, err))


def killed(d, home):
    before = parts(d)
    d.kill()
    d = serve(home)
    same = lambda x: [(p["part"], p["value"], p["by_hand"]) for p in x]
    check("kill -9: it is there", same(parts(d)) == same(before), (before, parts(d)))
    asked = booked(d)
    time.sleep(4)
    check("and nothing is asked for again", booked(d) == asked, (asked, booked(d)))
    check("a part is taken back", unset(d, "mood")[0] == 200 and values(d, "mood") == [] and unset(d, "nothing")[0] == 400, parts(d))
    c = d.begin()
    say(d, c, "The plan is Oslo in March.")
    time.sleep(1.5)
    d.kill()
    d = serve(home)
    check("killed while the model is asked: it is asked then", until(lambda: any(x["part"] == "mood" and x["cause"] and "Oslo" in x["cause"]["text"] for x in parts(d))), parts(d))
    return d


def gone(d, home):
    c = d.begin()
    say(d, c, "I'm so worried about the quincunx. I'll bring you the quincunx tomorrow.", "Cleo")
    check("noted", until(lambda: values(d, "mood", "Cleo") == ["worried"] and len(values(d, "promise", "Cleo")) == 1), parts(d, "Cleo"))
    say(d, c, "Forget that.", "Cleo")
    check("what is to be forgotten goes", values(d, "mood", "Cleo") == [] and values(d, "promise", "Cleo") == [] and until(lambda: not somewhere(home, "quincunx"), 15), parts(d, "Cleo"))
    c = d.begin()
    say(d, c, "I'm so angry with the zeppelin.", "Dora")
    check("noted, too", until(lambda: values(d, "mood", "Dora") == ["angry"]), parts(d, "Dora"))
    d.call("PATCH", f"/conversations/{c}/turns/2", {"text": "I'm so happy with the zeppelin.", "revision": 0})
    check("edited: it is looked at again", until(lambda: values(d, "mood", "Dora") == ["glad"]), parts(d, "Dora"))
    d.call("POST", "/memory/anew", {})
    until(lambda: not d.call("GET", "/memory/status")[1]["unread"])
    check("it stays when what is remembered is made anew", values(d, "mood", "Dora") == ["glad"], parts(d, "Dora"))
    d.call("DELETE", f"/conversations/{c}")
    check("a deleted conversation takes it along", parts(d, "Dora") == [] or values(d, "mood", "Dora") == [], parts(d, "Dora"))
    check("to the last byte", until(lambda: not somewhere(home, "zeppelin"), 15))


def switched(home, there, *more, working="auto"):
    d = serve(home, *more, working=working)
    c = d.begin()
    say(d, c, "I'm so tired of the rain.")
    time.sleep(4)
    reply = say(d, d.begin(), "Well??")["text"]
    noted_too = values(d, "mood") == ["tired"]
    check(f"memory.working = {working} {more}: {'noted' if there else 'nothing'}", noted_too == there and "tired" not in reply, (parts(d), reply))
    d.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="anima-working-") as base:
        home = os.path.join(base, "home")
        d, c = noted(home)
        try:
            told(d, c)
            promises(d)
            d = plans(d, home)
            by_hand(d, home)
            d = killed(d, home)
            gone(d, home)
        finally:
            status, errors = d.stop()
            check("the daemon ends cleanly", status == 0 and "Sanitizer" not in errors, errors)
        switched(os.path.join(base, "off"), False, working="off")
        switched(os.path.join(base, "auto"), False)
        switched(os.path.join(base, "without"), True, "speech.without=examples,working", working="always")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
