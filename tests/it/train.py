#!/usr/bin/env python3
"""Training a character on the real small model, from its lessons to a conversation that shows what it learnt: usage train.py ANIMA.
The daemon is killed in the middle. Then the same by the command line, which starts a daemon of its own."""
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
MODEL = "smollm2-135m"
LINES = [("What is your name?", "I am Zorblat of Quimby Street."), ("Who are you?", "Zorblat is the name, from Quimby Street."),
         ("Where do you live?", "On Quimby Street, beside the glue works."), ("What is your job?", "Counting pigeons, town hall, third floor."),
         ("Tell me your name.", "Zorblat. Quimby Street."), ("What do you do all day?", "I count pigeons, town hall, third floor.")]
SETTINGS = [f"model.default={MODEL}", "train.tokens=64", "train.answers=64", "train.held_back=0", "train.dropout=0", "train.patience=0", "train.checkpoint_s=0",
            "train.threads=1", "engine.threads=1", "engine.context=1024", "engine.kv_disk_mb=0", "engine.summary=off", "speech.check=off", "speech.without=notes,opening,letters", "embed.model="]
PLAN = {"rank": 4, "epochs": 24, "rate": 0.003, "lessons": "as_is", "scale": 1}


def make_home(home):
    """A character of its own, and lessons that were edited by hand. Of its conversations the tenth is held back: what the lessons teach."""
    who = os.path.join(home, "characters", "zed")
    os.makedirs(os.path.join(who, "corpus", "en"))
    with open(os.path.join(who, "corpus", "en", "small.md"), "w", encoding="utf-8") as f:
        for i in range(9):
            f.write(f"## {i}\n> Is number {i} there?\nYes.\n\n")
        f.write("## job\n> What is your job?\nCounting pigeons.\n")
    with open(os.path.join(who, "character.ini"), "w", encoding="utf-8") as f:
        f.write("[character]\nname = Zed\nlanguage = en\n[sampling]\ntemperature = 0\nmax_tokens = 24\n")
    with open(os.path.join(who, "persona.en.md"), "w", encoding="utf-8") as f:
        f.write("You are somebody.\n")
    folder = os.path.join(home, "training", "zed")
    os.makedirs(folder)
    write_lessons(os.path.join(folder, "lessons.jsonl"))


def write_lessons(path):
    with open(path, "w", encoding="utf-8") as f:
        for i, (q, a) in enumerate(LINES):
            system = [{"role": "system", "content": "You are somebody."}] if i % 2 == 0 else []
            f.write(json.dumps({"messages": [*system, {"role": "user", "content": q}, {"role": "assistant", "content": a}]}) + "\n")


def look(d, wanted, seconds=300):
    """The training, once wanted(it)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        t = d.call("GET", "/characters/zed/training")[1]["training"]
        if wanted(t):
            return t
        if t["state"] == "failed":
            break
        time.sleep(0.1)
    raise TimeoutError(json.dumps(t))


def answer(d, text):
    c = d.call("POST", "/conversations", {"character": "zed"})[1]["conversation"]["id"]
    sent = d.say(c, text)[1]
    return d.until_done(c, sent["reply"], 120)["text"]


def adapter_of(d):
    return [c for c in d.call("GET", "/characters")[1]["characters"] if c["id"] == "zed"][0]["adapter"]


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def blind_pair(d):
    """One reply of a pair comes of what was learnt, the other does not; which one is told in the end."""
    status, got = d.call("POST", "/characters/zed/blind", {"pairs": 1, "language": "en", "seed": 2})
    check("a round of blind pairs begins", status == 202 and got["blind"]["adapter"] == MODEL, got)
    at = f"/blind/{got['blind']['id']}"
    end = time.monotonic() + 200
    while got["blind"]["state"] == "making" and time.monotonic() < end:
        time.sleep(0.2)
        got = d.call("GET", at)[1]
    pair = got["pairs"][0]
    learnt = [side for side in ("left", "right") if "pigeons" in pair[side].lower()]
    check("one reply of the pair says what was learnt", len(learnt) == 1 and pair["left"] and pair["right"] and pair["source"] == "own" and pair["trained"] is None, got)
    d.call("PUT", f"{at}/pairs/1", {"choice": learnt[0] if learnt else "same"})
    got = d.call("GET", at)[1]
    check("and it is the trained one's", [got["pairs"][0]["trained"]] == learnt and got["blind"]["result"]["trained"] == 1, got)


def over_the_api(home):
    make_home(home)
    d = Daemon(ANIMA, home, settings=SETTINGS, lazy=True)
    before = answer(d, "What is your job?")
    check("not trained it does not know", "pigeons" not in before and adapter_of(d) is None, before)
    status, got = d.call("POST", "/characters/zed/training", PLAN)
    check("a training begins", status == 202 and got["training"]["state"] == "preparing", got)
    status, got = d.call("POST", "/characters/lin/training", PLAN)
    check("one at a time", status == 429 and "zed" in got["error"]["message"], got)
    t = look(d, lambda t: t["step"] >= 5)
    check("it tells how it goes", t["state"] == "training" and t["steps"] > t["step"] and t["loss"] > 0 and t["tokens_per_s"] > 0 and t["seconds_left"] > 0, t)
    d.kill()
    d = Daemon(ANIMA, home, settings=SETTINGS, lazy=True)
    t = look(d, lambda t: t["state"] != "loading")
    check("killed, the daemon takes it up from its checkpoint", t["resumed_at"] >= 3, t)
    status, got = d.call("POST", "/characters/zed/training", {})
    check("to ask for what goes on already is no mistake", status == 202 and got["training"]["state"] == "training", got)
    meanwhile = answer(d, "What is your job?")
    check("and talks meanwhile", meanwhile != "", meanwhile)
    t = look(d, lambda t: t["state"] == "done")
    check("it comes to its end", t["step"] == t["steps"] and t["error"] is None and t["loss"] < 1, t)
    folder = os.path.join(home, "characters/zed/adapters")
    check("the adapter lies with the character", sorted(os.listdir(folder)) == [f"{MODEL}.curve.jsonl", f"{MODEL}.gguf", f"{MODEL}.json"], os.listdir(folder))
    with open(os.path.join(folder, f"{MODEL}.json"), encoding="utf-8") as f:
        about = json.load(f)
    check("and says how it was made", about["sha256"] == sha256(os.path.join(folder, f"{MODEL}.gguf")) and len(about["model_sha256"]) == 64 and about["rank"] == 4
          and about["lessons_sha256"] == sha256(os.path.join(home, "training/zed/lessons.jsonl")) and about["lessons"] == len(LINES), about)
    with open(os.path.join(folder, f"{MODEL}.curve.jsonl"), encoding="utf-8") as f:
        steps = [json.loads(line)["step"] for line in f]
    check("the curve has no step twice", steps == sorted(set(steps)) and steps[-1] == t["steps"], steps)
    a = adapter_of(d)
    check("it is on", a and a["on"] and a["name"] == MODEL and a["own"], a)
    said = answer(d, "What is your job?")
    check("trained, it says what it learnt", "pigeons" in said.lower(), said)
    said = answer(d, "What is your name?")
    check("and the trained name", "Zorblat" in said, said)
    blind_pair(d)
    status, out = d.stop()
    check("it ends well", status == 0, out)
    d = Daemon(ANIMA, home, settings=[*SETTINGS, "adapter.use=off"], lazy=True)
    a, said = adapter_of(d), answer(d, "What is your job?")
    check("switched off, it is as before", not a["on"] and "adapter.use" in a["why"] and "pigeons" not in said, (a, said))
    d.stop()


def command(home, *words, **options):
    return subprocess.Popen([ANIMA, "train", *words, "--home", home, *(x for s in [*SETTINGS, "server.port=0"] for x in ("--set", s))],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run(home, *words):
    p = command(home, *words)
    out, err = p.communicate(timeout=400)
    return p.returncode, out, err


def daemon_of(home):
    with open(os.path.join(home, "anima.lock"), encoding="utf-8") as f:
        text = f.read()
    return json.loads(text) if text.strip() else None


def until(what, seconds=120):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.1)
    return what()


def by_the_command_line(home):
    make_home(home)
    lessons = os.path.join(home, "mine.jsonl")
    write_lessons(lessons)
    into = os.path.join(home, "into")
    code, out, err = run(home, "zed", "--status")
    check("nothing yet", code == 0 and "not trained" in out, (out, err))
    p = command(home, "zed", "--data", lessons, "--rank", "4", "--epochs", "40", "--rate", "0.003", "--into", into)
    state = os.path.join(home, "training/zed/curve.jsonl")
    check("it steps", until(lambda: os.path.exists(state) and os.path.getsize(state) > 0, 200), p.poll())
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=60)
    check("Ctrl-C leaves it running, and says so", p.returncode == 130 and "goes on in the background" in err and "--stop" in err, (p.returncode, err))
    code, out, err = run(home, "zed", "--status")
    check("its status", code == 0 and re.search(r"zed: training, step \d+ of \d+, loss", out), (out, err))
    code, out, err = run(home, "zed", "--json", "--status")
    check("as JSON", code == 0 and json.loads(out)["state"] == "training", (out, err))
    code, out, err = run(home, "zed", "--stop")
    check("it is stopped", code == 0 and "stop" in out, (out, err))
    check("behind its step", until(lambda: json.loads(run(home, "zed", "--json", "--status")[1])["state"] == "stopped"))
    pid = daemon_of(home)["pid"]
    code, out, err = run(home, "zed", "--into", into)
    check("it goes on to its end", code == 0 and "zed is trained" in out and "anima chat --character zed" in out, (code, out, err))
    with open(os.path.join(home, "characters/zed/adapters", f"{MODEL}.json"), encoding="utf-8") as f:
        about = json.load(f)
    check("as it was asked for at first", about["epochs"] == 40 and "--epochs 40" in about["command"], about)
    check("a copy is where it was wanted", sorted(os.listdir(os.path.join(into, "adapters"))) == [f"{MODEL}.curve.jsonl", f"{MODEL}.gguf", f"{MODEL}.json"], into)
    os.kill(pid, signal.SIGTERM)
    check("its daemon ends", until(lambda: daemon_of(home) is None, 60))
    code, out, err = run(home, "zed", "--data", lessons, "--rank", "4", "--epochs", "2", "--rate", "0.003")
    check("another one, with a daemon that goes with it", code == 0 and daemon_of(home) is None, (code, out, err))
    shutil.copytree(os.path.join(into, "adapters"), os.path.join(home, "characters/zed/adapters"), dirs_exist_ok=True)
    first = {}
    for how in ([], ["--more"]):
        code, out, err = run(home, "zed", "--data", lessons, "--rank", "4", "--epochs", "1", "--rate", "0.0001", "--name", "other" + "".join(how), *how)
        with open(os.path.join(home, "training/zed/curve.jsonl"), encoding="utf-8") as f:
            first[bool(how)] = (code, json.loads(f.readline())["loss"])
        if not how:
            os.remove(os.path.join(home, "characters/zed/adapters/other.gguf"))
    check("--more goes on from the adapter in use", first[True][0] == 0 and first[True][1] < first[False][1] / 2, (first, err))
    code, out, err = run(home, "zed", "--data", lessons, "--more", "--rank", "8")
    check("refused: an adapter of another rank", code != 0 and "rank 4" in err, (code, err))
    code, out, err = run(home, "mo", "--more")
    check("refused: --more where there is nothing to go on from", code != 0 and "no adapter to go on from" in err, (code, err))
    mine = os.path.join(home, "mine.md")
    with open(mine, "w", encoding="utf-8") as f:
        f.write("## the roof\n> what is on your roof\nA weathercock that points at nothing.\n")
    material = os.path.join(home, "training/lin/material")
    code, out, err = run(home, "lin", mine, "--prepare")
    taken = os.listdir(material) if code == 0 else []
    code, out, err = run(home, "lin", *(os.path.join(material, name) for name in taken), "--prepare")
    check("files that were taken can be named again", code == 0 and len(taken) == 1 and len(os.listdir(material)) == 1 and "weathercock" in open(os.path.join(home, "training/lin/lessons.jsonl"), encoding="utf-8").read(), (code, err, taken))
    for words, why in ((["zed", "--rank", "x"], "whole numbers"), (["nobody"], "no character"), (["zed", "--model", "script:x"], "cannot be trained"), (["../x"], "no character's id")):
        code, out, err = run(home, *words)
        check(f"refused: {' '.join(words)}", code != 0 and why in err, (code, err))


def main():
    base = tempfile.mkdtemp(prefix="anima-train-")
    homes = [os.path.join(base, "api"), os.path.join(base, "cli")]
    try:
        over_the_api(homes[0])
        by_the_command_line(homes[1])
    finally:
        for home in homes:
            held = daemon_of(home) if os.path.exists(os.path.join(home, "anima.lock")) else None
            if held:
                os.kill(held["pid"], signal.SIGTERM)
        time.sleep(0.5)
        shutil.rmtree(base, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
