#!/usr/bin/env python3
"""What is remembered, over HTTP and the command line, with the script engine, which shows what it was told: usage memory.py ANIMA [--model]

What was said in one conversation comes to mind in another, to whom it may be told, and only to them; it is found by its words, two Chinese
characters, too, and by its meaning; of two values the newer one; it survives kill -9; what is deleted is nowhere any more; without a model for meaning words are
enough. --model: with the real one in place of the script's.
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
REAL = "--model" in sys.argv
SCRIPT = """match: animal
means: pet

match: Biscuit
means: pet

match: slowly
first_ms: 1500
delay_ms: 60
say: one two three four five six seven eight nine ten. And that is all that I have to say of it, slowly.

match: my birthday
say: so tell me now.

match: my kayak
say: It is in the green shed.

match: my job
say: You dance on the moon.

match: cousin Jo
say: I don't know, you never told me.

match: sail to Skye
say: You sail on the 29th of November.

match: ??
say: [{told}]

match: ？？
say: [{told}]

say: Well, well.
"""
SAID_KEPT = 210 # more than a conversation keeps in sight (src/agent/conversation.c)
TEA, BALCONY, DOG = "The blue tin behind the flour holds my tea.", "我想找个有阳台的房子。", "Biscuit chewed the slippers again this morning."


def serve(home, *more, embed=None):
    """By words only, unless the real model is there, or another one is named."""
    model = [] if REAL and embed is None else [f"embed.model={embed or ''}"]
    return Daemon(ANIMA, home, SCRIPT, settings=["memory.recall=always", "person.name=Ann", *model, *more], lazy=True)


def say(d, conversation, text, person="Ann"):
    status, got = d.say(conversation, text, person=person)
    if status != 202:
        raise RuntimeError(f"{status} {got}")
    return d.until_done(conversation, got["reply"])


def ready(d, vectors=REAL, seconds=90):
    """All is made ready, looked at, and has its meaning."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = d.call("GET", "/memory/status")[1]
        if not got["due"] and not got["unread"] and (not vectors or not got["without_vector"]):
            return got
        time.sleep(0.05)
    raise TimeoutError(json.dumps(got))


def search(d, words, **more):
    return [m["text"] for m in d.call("GET", "/memory?" + urllib.parse.urlencode({"q": words, **more}))[1]["memories"]]


def recall(d, text, person="Ann", character="lin"):
    return d.call("GET", f"/characters/{character}/recall?" + urllib.parse.urlencode({"q": text, "person": person}))


def texts(recalled):
    return [i["memory"]["text"] for i in recalled["items"]]


def told(d, conversation, seq):
    return d.call("GET", f"/conversations/{conversation}/turns/{seq}/memory")[1]["items"]


def somewhere(home, words):
    return subprocess.run(["grep", "-rqai", words, home], check=False).returncode == 0


def found_by_words(d, a):
    check("two Chinese characters are found", search(d, "阳台") == [BALCONY], search(d, "阳台"))
    check("a word in another form", search(d, "slipper") == [DOG])
    check("words side by side in quotes", search(d, '"blue tin"') == [TEA] and search(d, '"tin blue"') == [])
    check("none behind a -", search(d, "tin -flour") == [])
    check("what one character remembers", search(d, "阳台", character="theo") == [] and search(d, "阳台", character="lin") == [BALCONY])
    m = d.call("GET", "/memory?q=flour")[1]["memories"][0]
    check("each with its place, who said it and who heard it", m["conversation"] == a and m["seq"] == 2 and m["person"] == "Ann" and m["witnesses"] == ["Ann"] and m["class"] == "personal", m)
    for query in ("", "?q=", "?q=a&limit=0", "?q=a&limit=201", "?q=" + "a" * 600, "?q=%FF", "?q=%22%22"):
        check(f"refused: /memory{query[:20]}", d.call("GET", "/memory" + query)[0] == 400)


def comes_to_mind(d, a):
    b = d.begin()
    reply = say(d, b, "Do you remember which tin holds my tea??")
    check("what was said elsewhere is told with the message", f'Ann said: "{TEA}"' in reply["text"], reply["text"])
    check("the reply knows how much it was told", reply["recalled"] >= 1, reply)
    items = told(d, b, reply["seq"])
    check("and what", len(items) == reply["recalled"] and items[0]["memory"]["text"] == TEA and items[0]["memory"]["conversation"] == a and not items[0]["changed"] and items[0]["score"] > 0, items)
    check("a message was told nothing", told(d, b, reply["seq"] - 1) == [])
    check("no such turn", d.call("GET", f"/conversations/{b}/turns/99/memory")[0] == 404 and d.call("GET", "/conversations/none/turns/1/memory")[0] == 404)
    reply_zh = say(d, b, "我想找的房子有阳台吗？？")
    check("in Chinese, too", BALCONY in reply_zh["text"], reply_zh["text"])
    status, got = recall(d, "Which tin holds my tea?")
    check("why: the best first, with what spoke for it", status == 200 and got["about"] and TEA in texts(got)[:2] and all(i["reasons"] for i in got["items"]), got)
    points = [r["points"] for r in got["items"][0]["reasons"]]
    check("the strongest reason first", points == sorted(points, reverse=True) and points[-1] > 0, points)
    status, got = recall(d, "xylophone zeppelin")
    check("of what nobody spoke nothing is told", status == 200 and not any(i["told"] for i in got["items"]), got)
    check("nobody of that name, no such character, nothing said", recall(d, "tea", "Nobody")[0] == 404 and recall(d, "tea", character="none")[0] == 404 and recall(d, "")[0] == 400)
    return b, reply["seq"]


def talked(home, *messages, more=(), embed=None):
    """A home of its own, in which that was said, in one conversation."""
    d = serve(home, *more, embed=embed)
    a = d.begin()
    for text in messages:
        say(d, a, text)
    return d, a


def by_meaning(home):
    """The script says what texts mean where there is no real model."""
    d, _ = talked(home, TEA, BALCONY, DOG, embed=None if REAL else f"script:{home}/script.txt")
    ready(d, vectors=True)
    status, got = recall(d, "Is my animal well?")
    end = time.monotonic() + 30
    while not got["by_meaning"] and time.monotonic() < end:  # the model has to start first
        status, got = recall(d, "Is my animal well?")
    check("by its meaning, without a word of it", status == 200 and got["by_meaning"] and DOG in texts(got)[:2 if REAL else 1], got)
    d.stop()


def not_for_everybody(d):
    c = d.begin()
    reply = say(d, c, "Do you remember which tin holds the tea??", "Bob")
    check("another person is not told", "blue tin" not in reply["text"] and reply["recalled"] == 0 and told(d, c, reply["seq"]) == [], reply["text"])
    status, got = recall(d, "Which tin holds the tea?", "Bob")
    check("nor would it come to mind", status == 200 and not any("blue" in t for t in texts(got)), got)
    check("but to whom it belongs", any("blue" in t for t in texts(recall(d, "Which tin holds the tea?")[1])))


def in_a_group(home):
    """Who heard what is said in a group: also those who spoke long ago. One person's silence covers the others, whoever spoke first."""
    d = serve(home)
    say(d, d.begin(), "Don't tell anybody, but my sister Ada is pregnant.")
    ready(d)
    c = d.begin()
    say(d, c, "Hello from me.", "Ben")
    for n in range(SAID_KEPT):
        say(d, c, f"Line number {n}.")
    ready(d)
    d.stop()
    d = serve(home) # and only the last ones are read again
    reply = say(d, c, "Which sister of mine is pregnant??")
    check("a secret does not come up where somebody spoke who does not know it, long ago as that may be", "Ada" not in reply["text"] and reply["recalled"] == 0, reply["text"])
    check("but where she is alone with it", "Ada" in say(d, d.begin(), "Which sister of mine is pregnant??")["text"])
    for first, second in (("Ann", "Ben"), ("Ben", "Ann")):
        c = d.begin()
        if first == "Ben":
            say(d, c, "Hello.", "Ben")
        say(d, c, f"Between us: I'm moving to {second}ville to open a bakery.", "Ann")
        say(d, c, f"There are good bakeries near {second}ville station.", "Ben")
        ready(d)
        found = d.call("GET", "/memory?" + urllib.parse.urlencode({"q": f"{second}ville station"}))[1]["memories"]
        check(f"what another answers to a secret is one ({first} spoke first)", found and found[0]["class"] == "secret", found)
    d.stop()


def until_words(d, conversation, seq):
    for _ in range(400):
        turn = next((t for t in d.turns(conversation) if t["seq"] == seq), None)
        if turn and turn["text"].count(" ") > 2:
            return
        time.sleep(0.05)
    raise TimeoutError("no words")


def killed(home):
    d, _ = talked(home, TEA)
    b = d.begin()
    seq = say(d, b, "Which tin holds my tea?")["seq"]
    items = told(d, b, seq)
    say(d, d.begin(), "My sister Ada moved to Leeds in spring.")
    d.kill()
    d = serve(home)
    check("killed right behind a reply: what was said is found", search(d, "Leeds") == ["My sister Ada moved to Leeds in spring."])
    check("and what a reply was told is known", items and [i["memory"]["text"] for i in told(d, b, seq)] == [i["memory"]["text"] for i in items], told(d, b, seq))
    b = d.begin()
    reply = d.say(b, "Tell me slowly where my sister Ada moved to.", person="Ann")[1]["reply"]
    until_words(d, b, reply)
    d.kill()
    d = serve(home)
    turn = d.until_done(b, reply)
    check("killed in mid-reply: it still knows what it was told", turn["text"].endswith("slowly.") and turn["recalled"] >= 1 and any("Leeds" in i["memory"]["text"] for i in told(d, b, reply)), turn)
    d.stop()


def said_anew(home):
    d, _ = talked(home, TEA)
    b = d.begin()
    reply = say(d, b, "Which tin holds my tea?")
    before = told(d, b, reply["seq"])
    status, got = d.call("POST", f"/conversations/{b}/turns/{reply['seq']}/regenerate", {"revision": reply["revision"]})
    turn = d.until_done(b, got["reply"])
    check("said anew it is told anew", status == 202 and turn["variant"] == 1 and turn["recalled"] >= 1, turn)
    _, got = d.call("POST", f"/conversations/{b}/turns/{turn['seq']}/variant", {"variant": 0, "revision": turn["revision"]})
    check("and the alternative before has its own", got["turn"]["recalled"] == len(before) and told(d, b, turn["seq"]) == before, got)
    fork = d.call("POST", f"/conversations/{b}/fork", {"seq": reply["seq"]})[1]["conversation"]["id"]
    check("a fork knows it, too", told(d, fork, reply["seq"]) == before)
    d.stop()


def until_ways(d, conversation, n):
    """The last turn, once it has so many alternatives and they are quiet."""
    for _ in range(400):
        turn = d.turns(conversation)[-1]
        if turn["variants"] == n:
            time.sleep(0.2)  # what they were told is written right behind them
            return turn
        time.sleep(0.05)
    raise TimeoutError(json.dumps(turn))


def held_against(home):
    """What a model makes up is not heard: a thing, a date; and of what nobody told the first words say that."""
    d, _ = talked(home, "I keep my kayak in the red barn.", "I sail to Skye on the fourteenth of May.", "Hello, I cook at a primary school in Armley.",
                  "My job is to blame for my back, and what a job it is.", more=["speech.check=always"])
    b = d.begin()
    text = say(d, b, "Do you remember where I keep my kayak?")["text"]
    check("a thing that only the character named is not heard", "green shed" not in text and "red barn" in text, text)
    text = say(d, b, "Do you remember on which day I sail to Skye?")["text"]
    check("nor a date", "29" not in text and "fourteenth" in text, text)
    ready(d)
    text = say(d, b, "What's my job, do you still know?")["text"]
    check("of what is known of them the turn that told it is quoted", text.startswith("You told me: ") and "primary school" in text, text)
    text = say(d, b, "And what is my job?")["text"]
    check("and not denied behind that", "primary school" in text and "remember" not in text, text)
    say(d, d.begin(), "My cousin Jo keeps bees on the roof.")
    ready(d)
    text = say(d, b, "Do you remember what my cousin Jo keeps on the roof?")["text"]
    check("what is remembered is not denied", "bees" in text, text)
    text = say(d, b, "Did I ever tell you when my birthday is?")["text"]
    check("of what nobody told the first words say so", text.startswith("I don't know, you never told me, ") or text.startswith("I don't remember that, "), text)
    d.stop()


def what_stands_beside(home):
    """A question is told what people said next to what it is about, also where no word of it is the question's; a day if it asks for one."""
    d, a = talked(home, "Good morning.", "A man with a magnet pulled my bicycle out of the canal!", "He is called Clive.", "He wants no money.", "Well then.", "The lid of the pan fell down.")
    ready(d)
    b = d.begin()
    reply = say(d, b, "Who pulled my bicycle out of the canal??")
    check("the next two turns of people are told", "He is called Clive." in reply["text"] and "He wants no money." in reply["text"], reply["text"])
    check("and it is known that they were", {"He is called Clive.", "He wants no money."} < {i["memory"]["text"] for i in told(d, b, reply["seq"])}, told(d, b, reply["seq"]))
    check("without their days, which were not asked for", time.strftime("%B") not in reply["text"], reply["text"])
    reply = say(d, b, "On which day did they pull my bicycle out of the canal??")
    check("the day, if that is asked for", f"({time.strftime('%A')} {int(time.strftime('%d'))} {time.strftime('%B')})" in reply["text"], reply["text"])
    say(d, d.begin(), "Ben here, hello.", "Ben")
    reply = say(d, d.begin(), "Do you remember who pulled Ann's bicycle out of the canal??", "Ben")
    check("another is told nothing of it", "Clive" not in reply["text"] and "money" not in reply["text"], reply["text"])
    d.stop()


def in_three_ways(home):
    """Each way to say it is told what a reply is told, and knows that afterwards."""
    d, _ = talked(home, TEA)
    b = d.begin()
    reply = say(d, b, "Do you remember which tin holds my tea??")
    before = [i["memory"]["text"] for i in told(d, b, reply["seq"])]
    path = f"/conversations/{b}/turns/{reply['seq']}"
    status, _ = d.call("POST", f"{path}/candidates", {"n": 2, "revision": reply["revision"]})
    turn = until_ways(d, b, 3)
    variants = d.call("GET", f"{path}/variants")[1]["variants"]
    check("in two more ways: each is told", status == 202 and all(f'Ann said: "{TEA}"' in v["text"] for v in variants[1:]), variants)
    for n in (1, 2):
        status, got = d.call("POST", f"{path}/variant", {"variant": n, "revision": turn["revision"]})
        turn = got["turn"]
        check("and the one that is chosen knows it", status == 200 and turn["recalled"] == len(before) and [i["memory"]["text"] for i in told(d, b, reply["seq"])] == before, got)
    d.stop()


def deleted(home):
    d, z = talked(home, "The rhododendron stands beside the marmalade cellar.")
    ready(d)
    b = d.begin()
    reply = say(d, b, "Where does the rhododendron stand, beside which cellar?")
    check("it is told while it is there", reply["recalled"] >= 1 and somewhere(home, "marmalade"), reply)
    status, got = d.call("DELETE", f"/conversations/{z}")
    check("deleted: nothing finds it", status == 200 and search(d, "marmalade") == [] and not any("marmalade" in t for t in texts(recall(d, "Where does the rhododendron stand, beside which cellar?")[1])))
    check("no reply was told of it any more", told(d, b, reply["seq"]) == [] and d.turns(b)[-1]["recalled"] == 0)
    check("and no byte of it is in the home", got.get("purged") and not somewhere(home, "marmalade"), got)
    d.stop()


def made_anew(home):
    d, _ = talked(home, TEA, BALCONY)
    b = d.begin()
    seq = say(d, b, "Which tin holds my tea?")["seq"]
    before = ready(d)["turns"]
    items = told(d, b, seq)
    status, got = d.call("POST", "/memory/anew", {})
    check("made anew from what was said", status == 202 and got == {"begun": True} and ready(d)["turns"] == before and search(d, "阳台") == [BALCONY], got)
    again = told(d, b, seq)
    check("what replies were told stays", [i["memory"]["text"] for i in again] == [i["memory"]["text"] for i in items] and again[0]["memory"]["id"] != items[0]["memory"]["id"], again)
    status, got = recall(d, "What does the blue tin behind the flour hold?")
    check("and it still comes to mind", any(i["told"] and i["memory"]["text"] == TEA for i in got["items"]), got)
    d.stop()


def known(d, person="Ann", **more):
    return d.call("GET", "/characters/lin/known?" + urllib.parse.urlencode({"person": person, **more}))


def facts(d, holds=True, **more):
    return [k["text"] for k in known(d, **more)[1]["known"] if k["holds"] == holds]


def which_holds(home):
    """The newer of two values is told, and only that one, to whom it may be told."""
    d = serve(home)
    together = d.begin()
    say(d, together, "Good evening, here is Bob.", "Bob")
    say(d, together, "My sister lives in Bath.")
    say(d, d.begin(), "My sister has moved to York.")
    say(d, d.begin(), "下周四，就是十二号，我要去厦门玩，票买好了")
    say(d, d.begin(), "厦门不是十二号去了，改到十四号，周六")
    ready(d)
    reply = say(d, d.begin(), "Where does my sister live??")
    check("the newer value is told", "York" in reply["text"] and "Bath" not in reply["text"], reply["text"])
    reply = say(d, d.begin(), "我几号去厦门？？")
    check("in Chinese, too", "十四号" in reply["text"] and "十二号" not in reply["text"], reply["text"])
    reply = say(d, d.begin(), "Where did my sister live before??")
    check("asked for what was, that is told, too", "Bath" in reply["text"] and "York" in reply["text"], reply["text"])
    reply = say(d, d.begin(), "Do you remember where Ann's sister lives??", "Bob")
    check("who may not hear of the change is told what they heard", "Bath" in reply["text"] and "York" not in reply["text"] and "by now" not in reply["text"], reply["text"])
    check("facts, with what was before", "sister: lives in York" in facts(d) and "sister: lives in Bath" in facts(d, holds=False), known(d)[1])
    check("in words of Chinese", "姐妹：住在York" in facts(d, language="zh"), facts(d, language="zh"))
    d.kill()
    d = serve(home)
    check("after kill -9, too", "sister: lives in York" in facts(d) and "sister: lives in Bath" in facts(d, holds=False), known(d)[1])
    d.stop()


def corrected(home):
    d, _ = talked(home, "I'm allergic to walnuts.", "My cat is called Pepper.")
    ready(d)
    fact = next(k for k in known(d)[1]["known"] if k["about"] == "allergy")
    check("a fact knows the turn that told it", fact["source"]["text"] == "I'm allergic to walnuts." and fact["source"]["seq"] == 2 and fact["value"] == "walnuts" and not fact["by_hand"], fact)
    check("corrected", d.call("PATCH", f"/known/{fact['id']}", {"value": "peanuts"}) == (200, {"changed": True}) and facts(d) == ["is allergic to peanuts", "has a pet cat: Pepper"], facts(d))
    reply = say(d, d.begin(), "What am I allergic to??")
    check("the correction is told, not what was said", "peanuts" in reply["text"] and "walnuts" not in reply["text"], reply["text"])
    d.call("POST", "/memory/anew", {})
    ready(d)
    check("it stays when everything is made anew", "is allergic to peanuts" in facts(d), facts(d))
    fact = next(k for k in known(d)[1]["known"] if k["about"] == "allergy")
    check("deleted", d.call("DELETE", f"/known/{fact['id']}")[0] == 200 and facts(d) == ["has a pet cat: Pepper"], facts(d))
    check("no such fact, no value, nobody, no such character", d.call("DELETE", "/known/99999")[0] == 404 and d.call("PATCH", "/known/x", {"value": "y"})[0] == 404 and d.call("PATCH", f"/known/{fact['id']}", {"value": " "})[0] == 400
          and known(d, "Nobody")[0] == 404 and d.call("GET", "/characters/none/known")[0] == 404)
    code, out, err = command(home, "profile", "Ann")
    check("in the terminal", code == 0 and "has a pet cat: Pepper" in out and "My cat is called Pepper." in out, (out, err))
    code, out, err = command(home, "profile", "Ann", "--json")
    check("as JSON", code == 0 and json.loads(out)["known"][0]["value"] == "Pepper", (out, err))
    code, out, err = command(home, "profile", "Nobody")
    check("nobody of that name", code == 3 and "Nobody" in err, (code, err))
    d.stop()


def words_only(home):
    d = serve(home, embed="no-such-model")
    say(d, d.begin(), "The spare key hangs in the greenhouse.")
    state = ready(d, vectors=False)
    check("without the model for meaning", state["model"] == "no-such-model" and state["without_vector"] >= 1, state)
    status, got = recall(d, "Which tin holds my tea?")
    check("words are enough", status == 200 and not got["by_meaning"] and got["about"] and any("blue" in t for t in texts(got)), got)
    reply = say(d, d.begin(), "Do you remember where the spare key hangs??")
    check("and are told", "greenhouse" in reply["text"] and reply["recalled"] >= 1, reply["text"])
    d.stop()


def command(home, *words):
    done = subprocess.run([ANIMA, "memory", *words, "--home", home, "--set", "person.name=Ann", "--set", f"model.default=script:{home}/script.txt", "--set", "embed.model=", "--set", "server.port=0"],
                          capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def in_the_terminal(home, b, seq, daemon):
    where = "beside a daemon" if daemon else "without one"
    code, out, err = command(home, "search", "阳台")
    check(f"{where}: search", code == 0 and BALCONY in out and "Ann" in out and "personal" in out, (out, err))
    code, out, err = command(home, "search", "flour", "--json")
    check(f"{where}: as JSON", code == 0 and json.loads(out)["memories"][0]["text"] == TEA, (out, err))
    code, out, err = command(home, "why", "Which tin holds my tea?", "--person", "Ann")
    check(f"{where}: why", code == 0 and TEA in out and "points: " in out, (out, err))
    code, out, err = command(home, "why", "Which tin holds my tea?", "--json")
    check(f"{where}: why, as JSON", code == 0 and any(i["memory"]["text"] == TEA for i in json.loads(out)["items"]), (out, err))
    code, out, err = command(home, "audit", b, str(seq))
    check(f"{where}: audit", code == 0 and TEA in out and " points" in out, (out, err))
    code, out, err = command(home)
    check(f"{where}: status", code == 0 and "are remembered" in out, (out, err))
    code, out, err = command(home, "why", "tea", "--person", "Nobody")
    check(f"{where}: nobody of that name", code == 3 and "Nobody" in err, (code, err))
    for words, why in ((["serch", "x"], "memory search"), (["search"], "in quotes"), (["audit", "x"], "TURN"), (["profile"], "name"), (["search", "x", "--limit", "0"], "limit"), (["search", '""'], "looked for")):
        code, out, err = command(home, *words)
        check(f"{where}, refused: {' '.join(words)}", code != 0 and why in err, (code, err))


def main():
    with tempfile.TemporaryDirectory(prefix="anima-memory-") as base:
        home = os.path.join(base, "home")
        d, a = talked(home, TEA, BALCONY, DOG)
        state = ready(d)
        check("everything is made ready to be found", state["turns"] == 6, state)
        found_by_words(d, a)
        b, seq = comes_to_mind(d, a)
        not_for_everybody(d)
        in_the_terminal(home, b, seq, True)
        d.stop()
        in_the_terminal(home, b, seq, False)
        by_meaning(os.path.join(base, "meaning"))
        killed(os.path.join(base, "killed"))
        said_anew(os.path.join(base, "anew"))
        held_against(os.path.join(base, "held"))
        what_stands_beside(os.path.join(base, "beside"))
        in_three_ways(os.path.join(base, "ways"))
        deleted(os.path.join(base, "deleted"))
        made_anew(os.path.join(base, "made"))
        in_a_group(os.path.join(base, "group"))
        which_holds(os.path.join(base, "holds"))
        corrected(os.path.join(base, "corrected"))
        code, out, err = command(home, "anew")
        check("made anew in the terminal", code == 0 and "anew" in out, (out, err))
        words_only(home)
        empty = os.path.join(base, "empty")
        code, out, err = command(empty, "search", "tea")
        check("a home that nobody has used", code == 0 and "Nothing was found" in out and not os.path.exists(os.path.join(empty, "anima.db")), (code, out, err))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
