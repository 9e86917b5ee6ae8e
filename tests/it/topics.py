#!/usr/bin/env python3
"""What was talked about, over HTTP and the command line, with the script engine: usage topics.py ANIMA

Of a conversation that rests a few sentences are noted, each with its turns; what they do not bear out is dropped; a later one takes the place of an
earlier one; they are told to whom they may be told when somebody comes back, and are no memory themselves. Corrected and deleted for good;
gone with their turns; kill -9 while one is made, and behind it.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = """match: 1. Ann: I want to learn the cello
say: [1] Ann wants to learn the cello this winter.\\n[1] Ann has won the lottery.\\n[2] Ann started at the bakery on Monday.

match: 1. Ann: I want to learn the flute
say: [1] Ann wants to learn the flute this winter.

match: 1. Ann: My driving exam is
say: [1] Ann's driving exam is on the 14th of May.

match: 1. Ann: My driving exam was
say: [1] Ann's driving exam was moved to the 21st of May.

match: 1. Ann: I hope
first_ms: 4000
say: [1] Ann hopes to see Oslo in March.

match: 1. Ann: I am so afraid
say: [1] Ann is so afraid of the marmalade exam.

match: 1. 小雨：我想学
say: [1] 小雨今年想学大提琴。

match: 1.
say: -

match: ??
say: [{told}]

say: Well, well.
"""
CELLO, BAKERY = "Ann wants to learn the cello this winter.", "Ann started at the bakery on Monday."


def serve(home, *more, topics="always"):
    return Daemon(ANIMA, home, SCRIPT, settings=["memory.recall=always", f"memory.topics={topics}", "person.name=Ann", "embed.model=", "speech.without=examples", *more])


def date(hours):
    t = time.localtime(time.time() - hours * 3600)
    return time.strftime("%B ", t) + f"{t.tm_mday}, {t.tm_year} {t.tm_hour % 12 or 12}:{t.tm_min:02d}" + ("am" if t.tm_hour < 12 else "pm")


def bring(d, hours, *messages, person="Ann"):
    """A conversation of so long ago; its id. The person's words are its odd turns."""
    lines = [{"user_name": person, "character_name": "Lin", "chat_metadata": {}}]
    for text in messages:
        lines += [{"name": person, "is_user": True, "send_date": date(hours), "mes": text}, {"name": "Lin", "is_user": False, "send_date": date(hours), "mes": "Hm."}]
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    request = urllib.request.Request(d.url + "/api/v1/conversations/import?character=lin", body, {"Content-Type": "application/octet-stream"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["conversation"]["id"]


def topics(d, person="Ann"):
    status, got = d.call("GET", "/characters/lin/topics?" + urllib.parse.urlencode({"person": person}))
    return got["topics"] if status == 200 else []


def texts(d, holds=True, person="Ann"):
    return [x["text"] for x in topics(d, person) if x["holds"] == holds]


def until(what, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.1)
    return what()


def say(d, conversation, text, person="Ann"):
    return d.until_done(conversation, d.say(conversation, text, person=person)[1]["reply"])


def words(d, q):
    return [m["text"] for m in d.call("GET", "/memory?" + urllib.parse.urlencode({"q": q}))[1]["memories"]]


def booked(d):
    return d.call("GET", "/cost?by=day")[1]["total"]["turns"]


def command(home, *more):
    done = subprocess.run([ANIMA, "memory", "topics", *more, "--home", home, "--set", "person.name=Ann"], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def somewhere(home, word):
    return subprocess.run(["grep", "-rqai", word, home, "--include=anima.db*"], check=False).returncode == 0


def noted(home):
    d = serve(home)
    c = bring(d, 30, "I want to learn the cello this winter.", "I started at the bakery on Monday.")
    check("two things are noted, and what nobody said is not", until(lambda: sorted(texts(d)) == sorted([CELLO, BAKERY])), topics(d))
    cello = next(x for x in topics(d) if x["text"] == CELLO)
    source = cello["sources"][0]
    check("with the turn it is from", len(cello["sources"]) == 1 and source["text"] == "I want to learn the cello this winter." and source["conversation"] == c and source["seq"] == 1 and cello["from_ms"] == source["at_ms"], cello)
    check("it is kept like its turn", cello["class"] == "personal" and cello["about"] == cello["id"] and not cello["by_hand"], cello)
    check("it is no memory of its own", until(lambda: not d.call("GET", "/memory/status")[1]["unread"]) and words(d, "cello") == ["I want to learn the cello this winter."] and words(d, "lottery") == [])
    bring(d, 25, "My driving exam is on the 14th of May.")
    check("later something else", until(lambda: "Ann's driving exam is on the 14th of May." in texts(d)), topics(d))
    bring(d, 20, "My driving exam was moved to the 21st of May.")
    check("the newest holds, the one before keeps its time", until(lambda: "Ann's driving exam was moved to the 21st of May." in texts(d)) and texts(d, holds=False) == ["Ann's driving exam is on the 14th of May."], topics(d))
    new, old = topics(d)[0], topics(d)[1]
    check("in one list", old["about"] == new["id"] and old["until_ms"] == new["from_ms"] and old["from_ms"] < old["until_ms"], (new, old))
    return d, c


def told(d):
    b = d.begin()
    reply = say(d, b, "Good morning??")
    check("told to the one who comes back", f": {CELLO}" in reply["text"] and "- lately you talked about this, " in reply["text"] and "21st of May" in reply["text"] and "14th of May" not in reply["text"], reply["text"])
    items = [i["memory"]["text"] for i in d.call("GET", f"/conversations/{b}/turns/{reply['seq']}/memory")[1]["items"]]
    check("one sees which turns that was from", "I want to learn the cello this winter." in items, items)
    check("but once", "\n- lately" not in say(d, b, "Good evening??")["text"])
    check("nobody else is told", "cello" not in say(d, d.begin(), "Good morning??", "Bob")["text"])


def killed(d, home):
    before = texts(d)
    d.kill()
    d = serve(home)
    asked = booked(d)
    check("kill -9: they are there", texts(d) == before)
    time.sleep(5)
    check("and are not asked for again", booked(d) == asked and texts(d) == before, (asked, booked(d)))
    bring(d, 10, "I hope to see Oslo in March.")
    time.sleep(1.5)
    d.kill()
    d = serve(home)
    check("killed while one is made: it is made then", until(lambda: "Ann hopes to see Oslo in March." in texts(d)), topics(d))
    return d


def corrected(d, home, c):
    def of(text):
        return next(x["id"] for x in topics(d) if x["text"] == text)

    check("corrected", d.call("PATCH", f"/topics/{of(CELLO)}", {"text": "Ann plays the cello."}) == (200, {"changed": True}) and "Ann plays the cello." in texts(d))
    check("deleted", d.call("DELETE", f"/topics/{of(BAKERY)}")[0] == 200 and BAKERY not in texts(d))
    check("no such sentence, no text", d.call("DELETE", "/topics/99999")[0] == 404 and d.call("PATCH", "/topics/x", {"text": "y"})[0] == 404 and d.call("PATCH", f"/topics/{of('Ann plays the cello.')}", {"text": " "})[0] == 400)
    check("nobody of that name, no such character", d.call("GET", "/characters/lin/topics?person=Nobody")[0] == 404 and d.call("GET", "/characters/none/topics")[0] == 404)
    asked = booked(d)
    d.call("PATCH", f"/conversations/{c}/turns/2", {"text": "Hm, hm.", "revision": 0})
    check("another turn is edited: they are asked for again", until(lambda: booked(d) > asked), (asked, booked(d)))
    time.sleep(1)
    check("and stay as they were put", "Ann plays the cello." in texts(d) and CELLO not in texts(d) and BAKERY not in texts(d), texts(d))
    check("told as corrected", ": Ann plays the cello." in say(d, d.begin(), "Good morning??")["text"])
    d.call("POST", "/memory/anew", {})
    until(lambda: not d.call("GET", "/memory/status")[1]["unread"])
    time.sleep(1)
    check("also when what is remembered is made anew", "Ann plays the cello." in texts(d) and BAKERY not in texts(d), texts(d))
    code, out, err = command(home, "Ann")
    check("in the terminal", code == 0 and "Ann plays the cello." in out and "corrected by hand" in out and "I want to learn the cello this winter." in out and "  before: Ann's driving exam is on the 14th" in out, (out, err))
    code, out, err = command(home, "Ann", "--json")
    check("as JSON", code == 0 and len(json.loads(out)["topics"]) == len(topics(d)), (out, err))
    code, out, err = command(home, "Nobody")
    check("in the terminal: nobody of that name, and no name", code == 3 and "Nobody" in err and command(home)[0] == 2, (code, err))
    d.call("PATCH", f"/conversations/{c}/turns/1", {"text": "I want to learn the flute this winter.", "revision": 0})
    check("its turn is edited: it goes", "Ann plays the cello." not in texts(d))
    check("and another is made", until(lambda: "Ann wants to learn the flute this winter." in texts(d)), texts(d))


def gone(d, home):
    c = bring(d, 9, "I am so afraid of the marmalade exam.")
    check("noted", until(lambda: any("marmalade" in x for x in texts(d))))
    d.call("DELETE", f"/conversations/{c}")
    check("a deleted conversation takes it along", not any("marmalade" in x for x in texts(d)) and until(lambda: not somewhere(home, "marmalade"), 15))
    c = bring(d, 9, "我想学大提琴，今年就开始。", person="小雨")
    check("in Chinese", until(lambda: texts(d, person="小雨") == ["小雨今年想学大提琴。"]), topics(d, "小雨"))
    d.call("DELETE", f"/conversations/{c}/turns/1")
    check("a turn that is taken back, too", texts(d, person="小雨") == [])


def of_others(d):
    """A chat of another program was not with the character."""
    until(lambda: not d.call("GET", "/memory/status")[1]["unread"])
    before, asked = texts(d), booked(d)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 12 * 3600))
    lines = [{"speaker": "Ann", "text": "I hope to see Oslo in March, with the ferry.", "at": at, "talk": "Ben"}, {"speaker": "Ben", "text": "I hope so, too.", "at": at, "talk": "Ben"}]
    request = urllib.request.Request(d.url + "/api/v1/memory/import?character=lin&name=ben.jsonl&me=Ann", "\n".join(json.dumps(x) for x in lines).encode(), {"Content-Type": "application/octet-stream"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        json.load(answer)
    check("a chat of another program comes in", until(lambda: words(d, "ferry") and not d.call("GET", "/memory/status")[1]["unread"]))
    time.sleep(3)
    check("nothing is noted of it", texts(d) == before and booked(d) == asked and texts(d, person="Ben") == [], topics(d))


def switched(home, how, there):
    d = serve(home, topics=how)
    bring(d, 30, "I want to learn the cello this winter.")
    time.sleep(5)
    check(f"memory.topics = {how}: {'noted' if there else 'nothing is noted'}", bool(texts(d)) == there, topics(d))
    d.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="anima-topics-") as base:
        home = os.path.join(base, "home")
        d, c = noted(home)
        try:
            told(d)
            d = killed(d, home)
            corrected(d, home, c)
            gone(d, home)
            of_others(d)
        finally:
            status, errors = d.stop()
            check("the daemon ends cleanly", status == 0 and "Sanitizer" not in errors, errors)
        switched(os.path.join(base, "off"), "off", False)
        switched(os.path.join(base, "auto"), "auto", False)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
