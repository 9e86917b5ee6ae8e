#!/usr/bin/env python3
"""kill -9 of the daemon or of its engine at random points of a random workload: usage kill_rounds.py ANIMA [--rounds N] [--seed S]

People talk in several conversations at once, in two languages, and type, edit, take back, fork, ask anew and delete meanwhile.
After every kill: what was answered with success is there, once and in order; what was not is there whole or not at all, and said
again it is not doubled; every reply is the beginning of its text, and in the end the whole of it, once.
"""
import argparse
import http.client
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

from daemon import FAILED, Daemon, check

EN = " ".join(f"word{i}{'.' if i % 6 == 5 else ''}" for i in range(40)) + "."
ZH = "".join(f"第{i}只鸟从北边飞来落在屋顶上{'。' if i % 2 else '，'}" for i in range(8)) + "就是这样。"
SCRIPT = f"""match: slow
delay_ms: 3
say: {EN}

match: 慢
delay_ms: 3
say: {ZH}
"""
SETTINGS = ["embed.model="]  # replies are written, so their meaning needs no engine


class Lost(Exception):
    """The daemon has gone: what was asked may have happened, or not."""


class Talk:
    """One conversation as its people know it."""

    def __init__(self, id_, said=()):
        self.id, self.said = id_, list(said)  # what people said, in order
        self.unsure = None  # what was asked for when the daemon went: (what, …)


class Person(threading.Thread):
    """Does one thing after the other until told to stop, or until the daemon has gone."""

    def __init__(self, number, rnd):
        super().__init__(daemon=True)
        self.number, self.rnd = number, rnd
        self.talks, self.gone, self.serial, self.new, self.bad = [], [], 0, 0, []
        self.done, self.stopping = {}, threading.Event()

    def work(self, d):
        """In a thread of its own; join() it."""
        self.stopping.clear()
        self.thread = threading.Thread(target=self.act, args=(d,), daemon=True)
        self.thread.start()

    def act(self, d):
        self.d = d
        try:
            while not self.stopping.is_set():
                self.step()
        except Lost:
            pass
        except Exception as error:  # a thread's error would be lost
            self.bad.append(repr(error))

    def call(self, method, path, body=None, fine=(200, 201, 202)):
        """The answer, or None if it was refused: busy, or changed meanwhile."""
        try:
            status, answer = self.d.call(method, path, body)
        except (OSError, ValueError, http.client.HTTPException) as error:  # the daemon was killed under it
            raise Lost from error
        if status in fine:
            return answer
        if status not in (409, 429):
            self.bad.append((method, path, body, status, answer))
        return None

    def step(self):
        what = self.rnd.choices(["say", "type", "edit", "cut", "fork", "anew", "delete", "rest"], [34, 10, 8, 8, 4, 6, 7, 23])[0]
        if len(self.talks) < 2:
            self.new += 1
            talk = Talk(self.call("POST", "/conversations", {"character": "lin"})["conversation"]["id"])
            self.new -= 1
            self.talks.append(talk)
        talk = self.rnd.choice(self.talks)
        if what == "delete" and len(self.talks) < 3 or what == "fork" and len(self.talks) > 4:
            what = "say"
        getattr(self, "do_" + what)(talk)
        self.done[what] = self.done.get(what, 0) + 1

    def text(self):
        self.serial += 1
        return self.rnd.choice(["slow", "慢"]) + f" {self.number}-{self.serial}"

    def do_say(self, talk):
        text = self.text()
        talk.unsure = ("say", text)
        answer = self.call("POST", f"/conversations/{talk.id}/messages", {"text": text, "client_id": text})
        talk.unsure = None
        if answer:
            talk.said.append(text)
        self.do_rest(talk)

    def do_type(self, talk):
        self.call("POST", f"/conversations/{talk.id}/typing", {"text": "Tell me of slow things, and"})

    def do_rest(self, _talk):
        time.sleep(self.rnd.random() * 0.1)

    def turns(self, talk):
        return (self.call("GET", f"/conversations/{talk.id}?limit=500") or {"turns": []})["turns"]

    def do_edit(self, talk):
        people = [t for t in self.turns(talk) if t["role"] == "person"]
        if not people:
            return
        i = self.rnd.randrange(len(people))
        text = people[i]["text"] + "!"
        talk.unsure = ("edit", i, text)
        if self.call("PATCH", f"/conversations/{talk.id}/turns/{people[i]['seq']}", {"text": text, "revision": people[i]["revision"]}):
            talk.said[i] = text
        talk.unsure = None

    def do_cut(self, talk):
        people = [t for t in self.turns(talk) if t["role"] == "person"]
        if not people:
            return
        i = max(0, len(people) - self.rnd.randint(1, 3))
        talk.unsure = ("cut", i)
        if self.call("DELETE", f"/conversations/{talk.id}/turns/{people[i]['seq']}"):
            del talk.said[i:]
        talk.unsure = None

    def do_fork(self, talk):
        ends = [t["seq"] for t in self.turns(talk) if t["role"] == "character" and t["state"] == "done"]
        if not ends:
            return
        seq = self.rnd.choice(ends)
        said = [t["text"] for t in self.turns(talk) if t["role"] == "person" and t["seq"] < seq]
        self.new += 1
        answer = self.call("POST", f"/conversations/{talk.id}/fork", {"seq": seq})
        self.new -= 1
        if answer:
            self.talks.append(Talk(answer["conversation"]["id"], said))

    def do_anew(self, talk):
        turns = self.turns(talk)
        if len(turns) > 1 and turns[-1]["role"] == "character" and turns[-1]["state"] == "done":
            self.call("POST", f"/conversations/{talk.id}/turns/{turns[-1]['seq']}/regenerate", {"revision": turns[-1]["revision"]})

    def do_delete(self, talk):
        talk.unsure = ("delete",)
        if self.call("DELETE", f"/conversations/{talk.id}"):
            self.talks.remove(talk)
            self.gone.append(talk.id)
        talk.unsure = None


def after(said, unsure):
    """What people said if the thing that was asked for last did happen."""
    if unsure[0] == "say":
        return [*said, unsure[1]]
    if unsure[0] == "edit":
        return [*said[:unsure[1]], unsure[2], *said[unsure[1] + 1:]]
    return said[:unsure[1]] if unsure[0] == "cut" else said


class Rounds:
    def __init__(self, anima, home, seed):
        self.anima, self.home, self.rnd = anima, home, random.Random(seed)
        self.people = [Person(k, random.Random(seed * 10 + k)) for k in range(3)]
        self.bad, self.kills, self.messages = [], {"daemon": 0, "engine": 0}, 0
        self.start()

    def start(self):
        self.d = Daemon(self.anima, self.home, SCRIPT, SETTINGS)
        if not self.d.url:
            raise RuntimeError(self.d.error)

    def engines(self):
        pid = self.d.process.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
                return [int(p) for p in f.read().split()]
        except OSError:
            return []

    def wrong(self, *what):
        self.bad.append(what)

    def round(self, whole):
        for p in self.people:
            p.work(self.d)
        time.sleep(self.rnd.random() * 0.4)
        engines = self.engines()
        if engines and self.rnd.random() < 0.4:
            os.kill(self.rnd.choice(engines), signal.SIGKILL)
            self.kills["engine"] += 1
            time.sleep(self.rnd.random() * 0.2)
            self.join()
        else:
            self.d.kill()
            self.kills["daemon"] += 1
            self.join()
            self.ended(engines)
            self.start()
        self.look(whole)

    def join(self):
        for p in self.people:
            p.stopping.set()
        for p in self.people:
            p.thread.join()
            for what in p.bad:
                self.wrong("refused", what)
            p.bad = []

    def ended(self, engines):
        """Engines whose daemon has gone end by themselves."""
        end = time.monotonic() + 20
        while any(alive(e) for e in engines) and time.monotonic() < end:
            time.sleep(0.01)
        if any(alive(e) for e in engines):
            self.wrong("an engine goes on without its daemon", engines)

    def look(self, whole):
        known = {c["id"] for c in self.d.call("GET", "/conversations?limit=500")[1]["conversations"]}
        for p in self.people:
            for talk in list(p.talks):
                self.settle(p, talk, known)
            if known & set(p.gone):
                self.wrong("deleted, and there", known & set(p.gone))
        ours = {t.id for p in self.people for t in p.talks}
        strange, may = known - ours, sum(p.new for p in self.people)
        if len(strange) > may:
            self.wrong("conversations that nobody began", strange)
        for c in strange:
            self.d.call("DELETE", f"/conversations/{c}")
        for p in self.people:
            p.new = 0
            for talk in p.talks:
                self.read(talk, whole)

    def settle(self, p, talk, known):
        """Did what was asked for last happen?"""
        unsure, talk.unsure = talk.unsure, None
        if talk.id not in known:
            if not unsure or unsure[0] != "delete":
                self.wrong("a conversation is lost", talk.id)
            p.talks.remove(talk)
            p.gone.append(talk.id)
            return
        if not unsure:
            return
        stored = [t["text"] for t in self.d.turns(talk.id) if t["role"] == "person"]
        if stored == after(talk.said, unsure):
            talk.said = stored
        if unsure[0] == "say":  # said again, as a client does that heard no answer
            while (status := self.d.say(talk.id, unsure[1], client_id=unsure[1])[0]) == 429:
                time.sleep(0.05)
            if status != 202:
                self.wrong("said again", status)
            if talk.said[-1:] != [unsure[1]]:
                talk.said.append(unsure[1])

    def read(self, talk, whole):
        turns = self.d.turns(talk.id)
        if whole:
            for t in turns:
                if t["state"] in ("waiting", "streaming"):
                    self.d.until_done(talk.id, t["seq"])
            turns = self.d.turns(talk.id)
        seqs = [t["seq"] for t in turns]
        if seqs != sorted(set(seqs)):
            self.wrong("order", seqs)
        stored = [t["text"] for t in turns if t["role"] == "person"]
        if stored != talk.said:
            self.wrong("messages", talk.id, talk.said, stored)
        turns = turns[1:]  # behind the greeting
        if [t["role"] for t in turns] != ["person", "character"] * (len(turns) // 2):
            self.wrong("a reply each", [t["role"] for t in turns])
        for message, reply in zip(turns[::2], turns[1::2]):
            right = ZH if message["text"].startswith("慢") else EN
            if not right.startswith(reply["text"]) or reply["state"] not in ("waiting", "streaming", "done"):
                self.wrong("a reply", message["text"], reply["state"], reply["text"], reply["error"])
            if (whole or reply["state"] == "done") and reply["text"] != right:
                self.wrong("a whole reply", message["text"], reply["state"], reply["text"])
        self.messages = max(self.messages, sum(len(t.said) for p in self.people for t in p.talks))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def main():
    options = argparse.ArgumentParser()
    options.add_argument("anima")
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--seed", type=int, default=5)
    o = options.parse_args()
    root = tempfile.mkdtemp(prefix="anima-kill-")
    try:
        r = Rounds(os.path.abspath(o.anima), f"{root}/home", o.seed)
        for i in range(o.rounds):
            r.round(whole=i % 5 == 4)
            if r.bad:
                break
        if not r.bad:
            r.look(True)
        status, errors = r.d.stop()
        done = {}
        for p in r.people:
            for what, n in p.done.items():
                done[what] = done.get(what, 0) + n
        print(f"{sum(r.kills.values())} rounds of {o.rounds}, seed {o.seed}: killed {r.kills}; done {done}; at most {r.messages} messages at once")
        check(f"kill -9 in {o.rounds} rounds: nothing lost, nothing doubled, every reply whole", not r.bad, r.bad[:3])
        check("of all kinds of things some were done", o.rounds < 30 or len(done) == 8 and all(r.kills.values()), (done, r.kills))
        check("and it ends cleanly", status == 0 and "Sanitizer" not in errors, errors)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
