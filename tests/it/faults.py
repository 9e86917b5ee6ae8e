#!/usr/bin/env python3
"""What goes wrong in real life, with the real daemon and the script engine: usage faults.py ANIMA

Engines that die, hang and talk nonsense; kill -9 of the daemon in mid-reply; a full disk; a read-only home; two daemons; memory
that runs out. In every case: a clear error or none, and no turn lost or doubled.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
LONG = " ".join(f"word{i}{'.' if i % 6 == 5 else ''}" for i in range(60)) + "."
SCRIPT = f"""match: die
die_once: 5
delay_ms: 2
say: {LONG}

match: garbage
garbage: 4
say: {LONG}

match: always
die: 2
say: {LONG}

match: slow
delay_ms: 15
say: {LONG}

say: You said {{last}}.
"""


def engines(root):
    d = Daemon(ANIMA, f"{root}/engines", SCRIPT)
    c = d.begin()
    for word in ("die", "garbage"):
        reply = d.say(c, word)[1]["reply"]
        turn = d.until_done(c, reply)
        check(f"engine fault ({word}): the same reply completes, once", turn["state"] == "done" and turn["text"] == LONG, turn)
    reply = d.say(c, "always")[1]["reply"]
    turn = d.until_done(c, reply)
    words = [w.strip(".") for w in turn["text"].split()]
    check("an engine that dies again and again: said plainly, nothing doubled",
          (turn["state"] == "failed" and "ended" in turn["error"]["message"]) or len(words) == len(set(words)), turn)
    turn = d.until_done(c, d.say(c, "hello")[1]["reply"])
    check("and the next message is answered", turn["text"] == "You said hello.", turn)
    with open(f"/proc/{d.process.pid}/task/{d.process.pid}/children", encoding="ascii") as f:
        pid = int(f.read().split()[0])
    reply = d.say(c, "slow")[1]["reply"]
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    turn = d.until_done(c, reply)
    check("engine killed in mid-reply: the same reply completes, once", turn["state"] == "done" and turn["text"] == LONG, turn)
    status, errors = d.stop()
    check("the daemon ends cleanly afterwards", status == 0 and "Sanitizer" not in errors, errors)


def killed(root):
    """kill -9 at random moments: every acknowledged message is there once, every reply completes once."""
    random.seed(11)
    home, conversation, said = f"{root}/killed", None, []
    for round_ in range(20):
        d = Daemon(ANIMA, home, SCRIPT)
        conversation = conversation or d.begin()
        status, answer = d.say(conversation, f"slow {round_}", client_id=f"m{round_}")
        if status == 202:
            said.append((f"slow {round_}", answer["reply"]))
        time.sleep(random.random() * 1.0)
        d.kill()
    d = Daemon(ANIMA, home, SCRIPT)
    good = all(d.until_done(conversation, reply)["text"] == LONG for _, reply in said)
    turns = d.turns(conversation)
    messages = [t["text"] for t in turns if t["role"] == "person"]
    check("kill -9 in mid-reply, 20 times: every reply is whole", good, [t["text"][:40] for t in turns])
    check("and every message is there once", messages == [m for m, _ in said], messages)
    seqs = [t["seq"] for t in turns]
    check("in order", seqs == sorted(set(seqs)), seqs)
    check("a message sent again is not a second one", d.say(conversation, "slow 0", client_id="m0")[1]["seq"] == turns[1]["seq"] and
          len(d.turns(conversation)) == len(turns))
    d.stop()


def homes(root):
    first = Daemon(ANIMA, f"{root}/two", SCRIPT)
    second = Daemon(ANIMA, f"{root}/two", SCRIPT)
    check("two daemons on one home: the second says who has it", second.url is None and first.url in second.error and
          str(first.process.pid) in second.error and second.process.returncode == 1, getattr(second, "error", ""))
    port = first.url.rsplit(":", 1)[1]
    third = Daemon(ANIMA, f"{root}/third", SCRIPT, settings=[f"server.port={port}"])
    check("a port in use is said, with the cure", third.url is None and "server.port" in third.error, getattr(third, "error", ""))
    first.stop()
    wide = Daemon(ANIMA, f"{root}/wide", SCRIPT, settings=["server.bind=0.0.0.0"])
    check("no wider bind without a token", wide.url is None and "token" in wide.error, getattr(wide, "error", ""))
    broken = f"{root}/broken"
    os.makedirs(broken)
    with open(f"{broken}/config.ini", "w", encoding="utf-8") as f:
        f.write("[server]\nprot = 1\n")
    d = Daemon(ANIMA, broken)
    check("a mistake in config.ini is named with its line", d.url is None and "line 2" in d.error and "server.port" in d.error, d.error)
    os.unlink(f"{broken}/config.ini")
    with open(f"{broken}/anima.db", "wb") as f:
        f.write(b"this is no database, whatever it is called" * 100)
    d = Daemon(ANIMA, broken)
    check("a damaged store is named, and left as it is", d.url is None and "damaged" in d.error, d.error)


def full_disk(root):
    place = f"{root}/full"
    os.makedirs(place)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", place], stderr=subprocess.DEVNULL).returncode:
        print("skipped: a full disk needs the right to mount")
        return
    try:
        d = Daemon(ANIMA, f"{place}/home", SCRIPT)
        c = d.begin()
        big, refused, n = "x" * 60000, None, 0
        while n < 100:
            status, answer = d.say(c, big, client_id=f"f{n}")
            if status != 202:
                refused = (status, answer)
                break
            n += 1
            time.sleep(0.05)
        check("a full disk: the message is refused, with the reason", refused and refused[1]["error"]["code"] == "disk_full", refused)
        check("what was said before is still there", d.call("GET", f"/conversations/{c}?limit=500")[0] == 200)
        subprocess.run(["mount", "-o", "remount,size=16m", place], check=True)
        unfinished = [t["seq"] for t in d.turns(c) if t["state"] in ("waiting", "streaming")]
        check("with room again, replies that waited for the disk are stored", all(d.until_done(c, s)["state"] == "done" for s in unfinished))
        turn = d.until_done(c, d.say(c, "again", client_id="again")[1]["reply"])
        check("and it goes on", turn["text"] == "You said again.", turn)
        messages = [t["client_id"] for t in d.turns(c) if t["role"] == "person"]
        check("and nothing is doubled", len(messages) == len(set(messages)), messages)
        d.stop()
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def read_only(root):
    place = f"{root}/ro"
    os.makedirs(place)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", place], stderr=subprocess.DEVNULL).returncode:
        print("skipped: a read-only home needs the right to mount")
        return
    try:
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        d = Daemon(ANIMA, f"{place}/home")
        check("a read-only home is said", d.url is None and "home" in d.error and d.process.returncode == 1, getattr(d, "error", ""))
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def memory(root):
    """The n-th allocation of the whole daemon fails."""
    bad = []
    for n in [*range(1, 60, 7), *range(60, 700, 60)]:
        env = {**os.environ, "ANIMA_FAULT_ALLOC": str(n)}
        home = f"{root}/memory-{n}"
        done = subprocess.run([ANIMA, "chat", "--no-page", "--home", home, "--set", "model.default=script:", "--set", "server.port=0"],
                              input="hello\n", capture_output=True, text=True, timeout=120, env=env)
        if done.returncode < 0 or "Sanitizer" in done.stderr or (done.returncode and not done.stderr.strip()):
            bad.append((n, done.returncode, done.stderr[-300:]))
    check("the n-th allocation fails: an error or an answer, never a crash", not bad, bad)


MODEL = os.path.join(os.environ.get("ANIMA_CACHE") or os.path.expanduser("~/.cache/anima"), "models/SmolLM2-135M-Instruct.Q4_1.gguf")


def full_cache(root):
    """No room for what an engine has read: it goes on without, says so once, and keeps it again when there is room."""
    place = f"{root}/full-kv/kv"
    os.makedirs(place)
    if not os.path.exists(MODEL):
        print("skipped: the small model is not here")
        return
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], stderr=subprocess.DEVNULL).returncode:
        print("skipped: a full disk needs the right to mount")
        return
    settings = [f"model.default={MODEL}", "embed.model=", "engine.context=2048", "engine.kv_ram_mb=0", "speech.without=letters"]  # no question that is read ahead meanwhile
    try:
        d = Daemon(ANIMA, f"{root}/full-kv", settings=settings)
        talks = [d.begin() for _ in range(2)]
        turns = [d.until_done(c, d.say(c, text)[1]["reply"], 200) for text in ("hello", "and then?") for c in talks]
        time.sleep(2.5)  # at rest for so long, it is to be written
        check("no room for KV caches: replies come all the same", all(t["state"] == "done" for t in turns), turns)
        check("no room for KV caches: nothing is left half written", not os.listdir(place), os.listdir(place))
        subprocess.run(["mount", "-o", "remount,size=256m", place], check=True)
        end = time.monotonic() + 60
        while not os.listdir(place) and time.monotonic() < end:
            d.until_done(talks[0], d.say(talks[0], "go on")[1]["reply"], 200)
            time.sleep(3)
        check("with room again, they are written", os.listdir(place))
        status, errors = d.stop()
        check("it was said once", status == 0 and errors.count("goes on without") == 1 and "Sanitizer" not in errors, errors)
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def resumes(root):
    """After kill -9 of the daemon a conversation is read again only behind what the files hold."""
    if not os.path.exists(MODEL):
        print("skipped: the small model is not here")
        return
    settings = [f"model.default={MODEL}", "embed.model=", "engine.context=2048", "engine.kv_ram_mb=0", "speech.without=letters", "log.level=debug"]
    d = Daemon(ANIMA, f"{root}/resumes", settings=settings)
    c = d.begin()
    for text in ("hello", "你好", "and then?"):
        d.until_done(c, d.say(c, text)[1]["reply"], 200)
    end = time.monotonic() + 60
    while not os.listdir(f"{root}/resumes/kv") and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(2)  # what is at rest for so long is written
    d.kill()
    d = Daemon(ANIMA, f"{root}/resumes", settings=settings)
    turn = d.until_done(c, d.say(c, "go on")[1]["reply"], 200)
    _, errors = d.stop()
    found = re.search(r"a reply to (\d+) tokens, of which (\d+) were read before", errors)
    tokens, before = map(int, found.groups()) if found else (0, 0)
    check("kill -9: a conversation goes on with what files have of it", turn["state"] == "done" and before > 100 and before > tokens // 2, (tokens, before))


def model_without_memory(root):
    if not os.path.exists(MODEL):
        print("skipped: the small model is not here")
        return
    d = Daemon(ANIMA, f"{root}/no-memory", settings=[f"model.default={MODEL}", "engine.memory_limit_mb=300"])
    c = d.begin()
    turn = d.until_done(c, d.say(c, "hello")[1]["reply"])
    check("a model that does not fit: the turn fails with numbers and a cure", turn["state"] == "failed" and "MiB" in turn["error"]["message"], turn)
    d.stop()


def in_own_mounts():
    """Starts this script again where its mounts are seen by nobody else, and end with it."""
    unshare = ["unshare", "--mount"]
    if os.geteuid() == 0 and not os.environ.get("ANIMA_OWN_MOUNTS") and shutil.which("unshare") and \
            subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.environ["ANIMA_OWN_MOUNTS"] = "1"
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv])


def main():
    in_own_mounts()
    root = tempfile.mkdtemp(prefix="anima-faults-")
    try:
        for test in (engines, killed, homes, full_disk, full_cache, resumes, read_only, memory, model_without_memory):
            test(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
