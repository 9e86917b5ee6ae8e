#!/usr/bin/env python3
"""Forgetting, pins and rules, over HTTP and the command line, with the script engine, which shows what it was told: usage forget.py ANIMA

"Forget that" takes the words with their copies in forks, the replies that say them again, and all that was made of them, and no byte of them is
left in the home, also when it is killed meanwhile; what is not clear is asked, and nothing goes; what goes can be looked at before. A pin
keeps; what is not recalled fades, where that is wanted. A rule keeps what a person tells to those who heard it, turns and facts alike, or
lets somebody know. What was not told to a reply is told to its owner, with the reason.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = """match: rhododendron
say: Beside the marmalade cellar, that is where it stands.

match: ??
say: [{told}]

match: ？？
say: [{told}]

match: slowly
first_ms: 600
delay_ms: 60
say: one two three four five six seven eight nine ten eleven twelve.

say: Well, well.
"""
SAID = "The rhododendron stands beside the marmalade cellar."


def serve(home, *more):
    return Daemon(ANIMA, home, SCRIPT, settings=["memory.recall=always", "person.name=Ann", "embed.model=", *more], lazy=True)


def say(d, conversation, text, person="Ann"):
    status, got = d.say(conversation, text, person=person)
    if status != 202:
        raise RuntimeError(f"{status} {got}")
    return d.until_done(conversation, got["reply"])


def told(d, *messages, person="Ann"):
    a = d.begin()
    for text in messages:
        say(d, a, text, person)
    return a


def ready(d):
    for _ in range(1200):
        got = d.call("GET", "/memory/status")[1]
        if not got["due"] and not got["unread"]:
            return
        time.sleep(0.05)
    raise TimeoutError(json.dumps(got))


def turn(d, conversation, seq):
    return next(t for t in d.turns(conversation) if t["seq"] == seq)


def search(d, words):
    return [m["text"] for m in d.call("GET", "/memory?" + urllib.parse.urlencode({"q": words}))[1]["memories"]]


def facts(d, person="Ann"):
    return [k["text"] for k in d.call("GET", "/characters/lin/known?" + urllib.parse.urlencode({"person": person}))[1].get("known", [])]


def somewhere(home, words):
    return subprocess.run(["grep", "-rqai", words, home, "--exclude=script.txt"], check=False).returncode == 0


def nowhere(home, words, seconds=8):
    """The last bytes may leave the log a little later."""
    end = time.monotonic() + seconds
    while somewhere(home, words) and time.monotonic() < end:
        time.sleep(0.1)
    return not somewhere(home, words)


def forget(d, *places, look=False):
    return d.call("POST", "/memory/forget", {"turns": [{"conversation": c, "seq": s} for c, s in places], "look": look})


def command(home, *words, answer=None):
    done = subprocess.run([ANIMA, "memory", *words, "--home", home, "--set", "person.name=Ann", "--set", f"model.default=script:{home}/script.txt", "--set", "embed.model=", "--set", "server.port=0"],
                          capture_output=True, text=True, timeout=120, check=False, input=answer)
    return done.returncode, done.stdout, done.stderr


def all_of_it(home):
    """Over the API: a fork, a reply that was told it, a note, a pin."""
    d = serve(home)
    a = told(d, SAID, "Remember that the rhododendron is by the marmalade cellar.", "Good night.")
    ready(d)
    fork = d.call("POST", f"/conversations/{a}/fork", {"seq": 3})[1]["conversation"]["id"]
    b = d.begin()
    reply = say(d, b, "What stands beside the cellar of marmalade??")
    check("it is told while it is there", "marmalade" in reply["text"] and reply["recalled"] >= 1, reply)
    say(d, b, "Good night.")
    check("pinned", d.call("PUT", f"/conversations/{a}/turns/2/pin", {}) == (200, {"pinned": True}))
    check("pins are shown", d.call("GET", "/memory?q=rhododendron")[1]["memories"][-1].get("pinned") in (True, False) and any(m["pinned"] for m in d.call("GET", "/memory?q=rhododendron")[1]["memories"]))
    status, got = forget(d, (a, 2), look=True)
    why = {(t["conversation"], t["seq"]): t["why"] for t in got["items"]}
    check("what goes can be looked at before", status == 200 and not got["forgotten"] and why[(a, 2)] == "asked" and why[(fork, 2)] == "copy" and why[(a, 3)] == "repeats" and why[(b, reply["seq"])] == "repeats", got)
    check("and nothing is gone by looking", turn(d, a, 2)["text"] == SAID and somewhere(home, "marmalade"))
    check("the other thing that they said stays", (a, 4) not in why, why)
    status, got = forget(d, (a, 2), (a, 4), (b, 2))
    check("forgotten", status == 200 and got["forgotten"] and got["said"] >= 4 and got["replies"] >= 3, got)
    t = turn(d, a, 2)
    check("the turn keeps its place", t["state"] == "forgotten" and t["text"] == "" and turn(d, a, 6)["text"] == "Good night.", t)
    check("so does its copy in the fork", turn(d, fork, 2)["state"] == "forgotten")
    check("and the replies that said it again", turn(d, a, 3)["state"] == turn(d, b, reply["seq"])["state"] == "forgotten")
    check("nothing finds it", search(d, "rhododendron") == [] and search(d, "marmalade") == [])
    check("the note is gone", d.call("GET", "/characters/lin/notes")[1]["notes"] == [], d.call("GET", "/characters/lin/notes"))
    check("nobody was told it", d.call("GET", f"/conversations/{b}/turns/{reply['seq']}/memory")[1]["items"] == [])
    check("no title has it", all("rhododendron" not in c["title"] + c["last_text"] for c in d.call("GET", "/conversations")[1]["conversations"]))
    check("and no byte of it is in the home", nowhere(home, "rhododendron") and nowhere(home, "marmalade"))
    status, got = forget(d, (a, 2))
    check("once more does no harm", status == 200 and got["items"] == [], got)
    check("one goes on talking there", say(d, a, "And now?")["text"] == "Well, well.")
    for places, code in (([("nothere", 1)], 404), ([(a, 99)], 404), ([], 400), ([(a, 0)], 400), ([(a, 2)] * 65, 400)):
        check(f"refused: {str(places)[:40]}", forget(d, *places)[0] == code, forget(d, *places))
    d.stop()
    check("nor when it is closed", not somewhere(home, "marmalade"))


def asked_for(home):
    """In the conversation, in both languages."""
    d = serve(home)
    a = told(d, "My locker code is 7741-Zebulon.")
    ready(d)
    reply = say(d, a, "Please forget that.")
    asked = turn(d, a, 4)
    check("asked for, it is forgotten", asked["forgot"] >= 1 and turn(d, a, 2)["state"] == "forgotten" and asked["text"] == "Please forget that.", d.turns(a))
    check("and nowhere any more", nowhere(home, "Zebulon") and search(d, "locker") == [])
    check("the character answers", reply["state"] == "done" and reply["text"], reply)
    a = told(d, "My sister Quintessa moved to Trondheim.")
    b = told(d, "我下个月要从公司辞职，先别说出去。")
    ready(d)
    c = d.begin()
    say(d, c, "Forget what I said about Quintessa??")
    say(d, c, "Please forget what I said about Quintessa.")
    asked = turn(d, c, 4)
    check("what it is about, elsewhere", asked["forgot"] >= 1 and turn(d, a, 2)["state"] == "forgotten" and nowhere(home, "Trondheim"), d.turns(c))
    check("the message that asked does not say it any more", "Quintessa" not in asked["text"] and "…" in asked["text"], asked)
    say(d, c, "把我说过的辞职的事忘了吧。")
    check("in Chinese, too", turn(d, b, 2)["state"] == "forgotten" and search(d, "辞职") in ([], [turn(d, c, 6)["text"]]) and nowhere(home, "下个月要从公司辞职"), d.turns(c))
    one, two = told(d, "My dentist is in Oak Street."), told(d, "I am afraid of the dentist.")
    ready(d)
    c = d.begin()
    say(d, c, "Forget what I said about the dentist.")
    check("which of two is not clear: nothing goes", turn(d, c, 2)["forgot"] == -1 and turn(d, one, 2)["text"] and turn(d, two, 2)["text"], d.turns(c))
    say(d, c, "Forget everything I said about the dentist.")
    check("all of it is clear", turn(d, c, 4)["forgot"] >= 2 and turn(d, one, 2)["state"] == turn(d, two, 2)["state"] == "forgotten", d.turns(c))
    say(d, c, "Forget what I said about the xylophone.")
    check("of what nobody said nothing goes", turn(d, c, 6)["forgot"] == -1)
    mine = told(d, "I keep my savings in the piano.")
    ready(d)
    c = d.begin()
    say(d, c, "Forget what I said about the piano.", "Bob")
    check("nobody makes it forget what another said", turn(d, mine, 2)["text"] and turn(d, c, 2)["forgot"] == -1)
    say(d, c, "From now on call me Captain.", "Bob")
    say(d, c, "Forget that.", "Bob")
    notes = d.call("GET", "/characters/lin/notes")[1]["notes"]
    check("behind a wish it undoes the wish, and no words go", turn(d, c, 4)["text"] and turn(d, c, 6)["forgot"] == 0 and notes and not notes[-1]["active"], (d.turns(c), notes))
    say(d, c, "Don't forget that I told you so. I forgot that.", "Bob")
    check("what only sounds like it does nothing", turn(d, c, 8)["forgot"] == 0 and turn(d, mine, 2)["text"])
    d.stop()


def in_a_fork(home):
    """A request that was carried out is not carried out again where it is answered anew; what was forgotten can be taken out and brought back."""
    d = serve(home)
    a = told(d, "My sister lives in Zanzibar.", "I got the job in Quaxelby.")
    ready(d)
    say(d, a, "Forget that.")
    check("the last thing is forgotten", turn(d, a, 4)["state"] == "forgotten" and turn(d, a, 2)["text"], d.turns(a))
    fork = d.call("POST", f"/conversations/{a}/fork", {"seq": 7})[1]["conversation"]["id"]
    status, got = d.call("POST", f"/conversations/{fork}/turns/7/regenerate", {"revision": turn(d, fork, 7)["revision"]})
    d.until_done(fork, 7)
    check("said anew in a fork, no other one is", status == 202 and turn(d, a, 2)["text"] and turn(d, fork, 2)["text"], (status, got, d.turns(fork)))
    with urllib.request.urlopen(f"{d.url.rstrip('/')}/api/v1/conversations/{a}/export") as answer:
        log = answer.read()
    check("a conversation with a forgotten turn is taken out", b'"state":"forgotten"' in log and b"Quaxelby" not in log, log)
    back = urllib.request.Request(f"{d.url.rstrip('/')}/api/v1/conversations/import?character=lin", log, {"Content-Type": "application/x-ndjson"})
    with urllib.request.urlopen(back) as answer:
        copy = json.load(answer)["conversation"]["id"]
    check("and comes back", turn(d, copy, 4)["state"] == "forgotten" and turn(d, copy, 2)["text"], d.turns(copy))
    d.stop()


def while_answering(home):
    d = serve(home)
    a = told(d, SAID)
    b = d.begin()
    reply = d.say(b, "Tell me slowly.", person="Ann")[1]["reply"]
    status, got = forget(d, (a, 2))
    check("while somebody is answered it is refused", status == 409 and got["error"]["code"] == "busy", got)
    d.until_done(b, reply)
    check("and afterwards done", forget(d, (a, 2))[1]["forgotten"] and nowhere(home, "marmalade"))
    d.stop()


def killed(home):
    rounds = 8
    for i in range(rounds):
        d = serve(home)
        word = f"zanzibarine{i}"
        a = told(d, f"My key is under the {word} pot.")
        b = d.begin()
        say(d, b, f"What is under the {word} pot??")
        ready(d)
        child = subprocess.Popen(["curl", "-s", "-m", "5", "-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps({"turns": [{"conversation": a, "seq": 2}]}),
                                  f"{d.url}/api/v1/memory/forget"], stdout=subprocess.DEVNULL)
        time.sleep(random.random() * 0.12)
        d.kill()
        child.wait()
        d = serve(home)
        there = turn(d, a, 2)
        whole = there["text"] == f"My key is under the {word} pot." and there["state"] == "done"
        if whole:
            forget(d, (a, 2))
        check(f"kill -9 in the middle, {i}: all of it or nothing, then nothing is left", (whole or there["state"] == "forgotten") and nowhere(home, f"My key is under the {word}") and not turn(d, a, 2)["text"], there)
        d.stop()
    check("no byte of what was forgotten is left after all that", not any(somewhere(home, f"My key is under the zanzibarine{i}") for i in range(rounds)))


def pins_and_fading(home):
    d = serve(home, "memory.fade=on")
    a = told(d, "The spare key hangs in the greenhouse.")
    ready(d)
    check("no such turn to pin", d.call("PUT", f"/conversations/{a}/turns/9/pin", {})[0] == 404)
    check("pinned, and not any more", d.call("PUT", f"/conversations/{a}/turns/2/pin", {})[0] == 200 and d.call("DELETE", f"/conversations/{a}/turns/2/pin")[1] == {"pinned": False} and d.call("DELETE", f"/conversations/{a}/turns/2/pin")[0] == 404)
    reply = say(d, d.begin(), "Where does the spare key hang??")
    check("what is fresh comes to mind where things fade", "greenhouse" in reply["text"], reply)
    d.call("PUT", f"/conversations/{a}/turns/2/pin", {})
    d.stop()
    code, out, err = command(home, "export")
    lines = [json.loads(line) for line in out.splitlines()]
    check("an export has the pins", code == 0 and [x["pinned"] for x in lines[1:] if "greenhouse" in x["text"] and x["speaker"] == "Ann"] == [True], (out, err))
    other = home + "-other"
    with open(home + ".jsonl", "w", encoding="utf-8") as f:
        f.write(out)
    code, out, err = command(other, "import", "lin", home + ".jsonl", "--yes")
    d = serve(other)
    ready(d)
    got = d.call("GET", "/memory?q=greenhouse")[1]["memories"]
    check("and another home takes them in", any(m["pinned"] for m in got), (code, out, err, got))
    d.stop()


def rules(home):
    """What holds for turns holds for facts."""
    d = serve(home)
    for person in ("Bob", "Carl", "Dora"):
        told(d, "Hello.", person=person)
    told(d, "Basil keeps longer in a glass of water.")
    told(d, "My sister lives in York.")
    told(d, "I'm allergic to walnuts.")
    ready(d)

    def asks(text, person):
        return say(d, d.begin(), text, person)["text"]
    check("without a rule: tips, and no personal things", "glass" in asks("How does basil keep longer??", "Dora") and "walnuts" not in asks("Do you remember what Ann is allergic to??", "Bob"))
    status, got = d.call("POST", "/memory/rules", {"person": "Ann", "other": "Bob"})
    check("a rule allows", status == 200 and got["rules"] == [{"id": got["rules"][0]["id"], "person": "Ann", "character": None, "other": "Bob", "at_ms": got["rules"][0]["at_ms"]}], got)
    check("what is personal may be told to Bob now", "walnuts" in asks("Do you remember what Ann is allergic to??", "Bob"))
    status, got = d.call("POST", "/memory/rules", {"person": "Ann", "character": "lin"})
    never = got["rules"][-1]["id"]
    check("a rule forbids", status == 200 and got["rules"][-1]["other"] is None and len(got["rules"]) == 2, got)
    told(d, "I play the cello.")
    ready(d)
    answers = [asks("Do you remember what Ann plays, the cello??", "Bob"), asks("How does basil keep longer??", "Carl"), asks("Do you remember where Ann's sister lives??", "Carl")]
    check("the stricter one counts, for turns, facts and tips", "I play" not in answers[0] and "glass" not in answers[1] and "York" not in answers[2], answers)
    check("whose it is hears it", "York" in asks("Do you remember where my sister lives??", "Ann"))
    check("facts are known to the owner of the home all the same", "is allergic to walnuts" in facts(d))
    b = d.begin()
    reply = say(d, b, "Do you remember where Ann's sister lives??", "Dora")
    status, got = d.call("GET", f"/conversations/{b}/turns/{reply['seq']}/memory/refused")
    refused = {i["memory"]["text"]: (i["reason"], i["person"]) for i in got["items"]}
    check("the audit says what was not told, and why", status == 200 and refused.get("My sister lives in York.") == ("rule", "Dora"), got)
    check("of what is no reply there is none", d.call("GET", f"/conversations/{b}/turns/2/memory/refused")[0] == 404 and d.call("GET", "/conversations/none/turns/1/memory/refused")[0] == 404)
    head = json.loads(command(home, "export")[1].splitlines()[0])
    check("an export has the rules", [(r["person"], r["character"], r["other"]) for r in head["rules"]] == [("Ann", None, "Bob"), ("Ann", "lin", None)], head)
    d.kill()
    d = serve(home)
    check("after kill -9 the rules hold", "York" not in asks("Do you remember where Ann's sister lives??", "Carl"))
    check("deleted", d.call("DELETE", f"/memory/rules/{never}")[0] == 200 and d.call("DELETE", f"/memory/rules/{never}")[0] == 404)
    check("what the other rule allows is told again", "I play" in asks("Do you remember what Ann plays, the cello??", "Bob"))
    for body in ({"person": "Nobody"}, {"other": "Nobody"}, {"character": "none"}):
        check(f"refused: {body}", d.call("POST", "/memory/rules", body)[0] == 404)
    check("refused: oneself", d.call("POST", "/memory/rules", {"person": "Ann", "other": "Ann"})[0] == 400)
    d.stop()


def secret_refused(home):
    d = serve(home)
    told(d, "Hello.", person="Bob")
    told(d, "Please keep it to yourself: the surprise party for Bob is on the barge.")
    ready(d)
    b = d.begin()
    reply = say(d, b, "Is there a surprise party on a barge??", "Bob")
    got = d.call("GET", f"/conversations/{b}/turns/{reply['seq']}/memory/refused")[1]
    check("a secret is not told, and the audit says so", "keep it" not in reply["text"] and any(i["reason"] in ("secret", "excluded") and "barge" in i["memory"]["text"] for i in got["items"]), got)
    d.stop()


def in_the_terminal(home):
    d = serve(home)
    a = told(d, SAID, "The umbrella is in the hall.")
    told(d, "Hello.", person="Bob")
    b = d.begin()
    reply = say(d, b, "Where is the umbrella??", "Bob")
    ready(d)
    for beside in (True, False):
        if not beside:
            d.stop()
        where = "beside a daemon" if beside else "without one"
        code, out, err = command(home, "rule", "never", "--person", "Ann")
        check(f"{where}: rule never", code == 0 and "Ann tells goes to nobody else" in out, (out, err))
        code, out, err = command(home, "rule", "allow", "Bob", "--person", "Ann", "--character", "lin")
        check(f"{where}: rule allow", code == 0 and "may be told to Bob, by lin" in out, (out, err))
        ids = [r["id"] for r in json.loads(command(home, "rules", "--json")[1])["rules"]]
        check(f"{where}: rules deleted", len(ids) == 2 and all(command(home, "rule", "delete", str(i))[0] == 0 for i in ids) and "no rules" in command(home, "rules")[1])
        code, out, err = command(home, "pin", a, "4")
        check(f"{where}: pin, unpin", code == 0 and "Kept" in out and command(home, "unpin", a, "4")[0] == 0 and command(home, "unpin", a, "4")[0] == 3, (out, err))
        code, out, err = command(home, "audit", b, str(reply["seq"]), "--refused")
        check(f"{where}: what was not told", code == 0 and "umbrella" in out and "not told" in out, (out, err))
        code, out, err = command(home, "forget", "--search", "rhododendron", "--dry-run")
        check(f"{where}: what would go", code == 0 and SAID in out and "says it again" in out, (out, err))
        code, out, err = command(home, "forget", "--search", "rhododendron", answer="")
        check(f"{where}: it asks first", code == 2 and "--yes" in err, (code, out, err))
    code, out, err = command(home, "forget", "--search", "rhododendron", "--yes")
    check("forgotten in the terminal", code == 0 and "Forgotten: 1 turns and 1 replies." in out and not somewhere(home, "marmalade"), (out, err))
    code, out, err = command(home, "forget", a, "4", "--yes", "--json")
    check("by its place, as JSON", code == 0 and '"forgotten":true' in out, (out, err))
    for words, why in ((["forget"], "CONVERSATION TURN"), (["forget", a, "x", "--yes"], "CONVERSATION TURN"), (["forget", a, "99", "--yes"], "no such turn"), (["rule", "maybe"], "never"), (["pin", a], "CONVERSATION TURN")):
        code, out, err = command(home, *words)
        check(f"refused: {' '.join(words)[:30]}", code != 0 and why in err, (code, err))
    check("what nobody said", command(home, "forget", "--search", "zeppelin", "--yes")[0] == 3)


def main():
    random.seed(7)
    with tempfile.TemporaryDirectory(prefix="anima-forget-") as base:
        for part in (all_of_it, asked_for, in_a_fork, while_answering, killed, pins_and_fading, rules, secret_refused, in_the_terminal):
            part(os.path.join(base, part.__name__))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
