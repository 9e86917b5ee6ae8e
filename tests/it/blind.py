#!/usr/bin/env python3
"""Blind pairs over HTTP and in the terminal, with the script engine, which shows the adapter that it is asked for: usage blind.py ANIMA

Nothing tells which reply is which before the last one is chosen; what is made survives kill -9; what is deleted leaves the files.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = "delay_ms: 30\nsay: [{adapter}] in {n}: well, {last}\n"
TOLD = re.compile(r'"trained":\s*("|\d)|"result":\s*{|"seed":\s*\d')


def adapter(home, who="lin", weights=b"weights"):
    """For the script that stands there."""
    folder = os.path.join(home, "characters", who, "adapters")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "one.gguf"), "wb") as f:
        f.write(weights)
    with open(os.path.join(home, "script.txt"), "rb") as f:
        model = hashlib.sha256(f.read()).hexdigest()
    with open(os.path.join(folder, "one.json"), "w", encoding="utf-8") as f:
        json.dump({"model": "tiny", "model_sha256": model, "sha256": hashlib.sha256(weights).hexdigest(), "made_ms": 1}, f)


def serve(home):
    return Daemon(ANIMA, home, SCRIPT, lazy=True)


class Listener:
    """Everything that the home's event stream says, as text."""
    def __init__(self, d):
        self.text = ""
        self.stream = urllib.request.urlopen(f"{d.url}/api/v1/events", timeout=60)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            for line in self.stream:
                self.text += line.decode()
        except OSError:
            pass


def raw(d, path):
    with urllib.request.urlopen(f"{d.url}/api/v1{path}", timeout=60) as answer:
        return answer.read().decode()


def look(d, round_id, wanted, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = d.call("GET", f"/blind/{round_id}")[1]
        if wanted(got["blind"]):
            return got
        time.sleep(0.05)
    raise TimeoutError(json.dumps(got["blind"]))


def begin(d, **wishes):
    status, got = d.call("POST", "/characters/lin/blind", wishes)
    if status != 202:
        raise RuntimeError(f"{status} {got}")
    return got["blind"]["id"]


def choose(d, round_id, n, choice, **more):
    return d.call("PUT", f"/blind/{round_id}/pairs/{n}", {"choice": choice, **more})


def trained_side(pair):
    return "left" if ".gguf" in pair["left"] else "right"


def a_round(home):
    d = serve(home)
    status, got = d.call("POST", "/characters/lin/blind", {})
    check("without an adapter it says what to do", status == 409 and got["error"]["code"] == "conflict" and "anima train lin" in got["error"]["message"], got)
    adapter(home)
    heard = Listener(d)
    round_id = begin(d, pairs=4, language="zh", seed=3)
    status, got = d.call("POST", "/characters/theo/blind", {"pairs": 1})
    check("one round at a time", status == 409 and got["error"]["code"] == "busy", got)
    look(d, round_id, lambda b: b["made"] >= 1)
    check("what is made is there at once", len(d.call("GET", f"/blind/{round_id}")[1]["pairs"]) >= 1)
    check("one that is not made cannot be chosen", choose(d, round_id, 4, "left")[0] == 404)
    d.kill()
    d = serve(home)
    before = d.call("GET", f"/blind/{round_id}")[1]
    check("killed: what was made stays", before["blind"]["state"] == "making" and before["pairs"], before["blind"])
    heard = Listener(d)
    got = look(d, round_id, lambda b: b["state"] == "asking")
    check("and the rest is made", got["pairs"][:len(before["pairs"])] == before["pairs"] and len(got["pairs"]) == 4, got["blind"])
    check("a pair is one reply with the adapter and one without", all((".gguf" in p["left"]) != (".gguf" in p["right"]) for p in got["pairs"]), got["pairs"])
    check("its context is talk that was held back, up to a person's line", all(p["source"] == "own" and p["context"][-1]["role"] == "person" for p in got["pairs"]))
    for i, p in enumerate(got["pairs"]):
        told = [TOLD.search(text) for text in (raw(d, f"/blind/{round_id}"), raw(d, "/blind"), raw(d, "/characters/lin/blind"), heard.text)]
        check(f"nothing tells before pair {i + 1} is chosen", not any(told) and "blind.changed" in heard.text, told)
        choose(d, round_id, p["n"], trained_side(p) if i else "same", note="听起来像她" if i == 1 else "")
    got = look(d, round_id, lambda b: b["state"] == "done")
    check("then all is told", [p["trained"] for p in got["pairs"]] == [trained_side(p) for p in got["pairs"]] and got["blind"]["seed"] == 3, got)
    result = got["blind"]["result"]
    check("and counted", (result["trained"], result["prompted"], result["same"]) == (3, 0, 1) and abs(result["p"] - 0.25) < 1e-9 and "chance" in result["en"] and "碰巧" in result["zh"], result)
    check("a note is kept", got["pairs"][1]["note"] == "听起来像她")
    check("after that nothing is changed", choose(d, round_id, 1, "left")[0] == 409)
    for body in ({}, {"choice": "up"}, {"choice": 1}, {"choice": "left", "x": 1}, {"choice": "left", "note": "x" * 500}):
        check(f"refused: {str(body)[:40]}", d.call("PUT", f"/blind/{round_id}/pairs/1", body)[0] == 400)
    for body in ({"pairs": 51}, {"pairs": 0}, {"pairs": -1}, {"language": "fr"}, {"seed": -3}, {"files": []}):
        check(f"refused: {body}", d.call("POST", "/characters/lin/blind", body)[0] == 400)
    status, got = d.call("DELETE", f"/blind/{round_id}")
    check("deleted for good", status == 200 and got == {"deleted": True, "purged": True} and d.call("GET", f"/blind/{round_id}")[0] == 404, got)
    found = subprocess.run(["grep", "-rqa", "听起来像她", home, "--include=anima.db*"], check=False).returncode == 0
    check("no byte of it is left", not found)
    check("it is heard of", "blind.removed" in heard.text)
    d.stop()


def command(home, *words, typed=""):
    done = subprocess.run([ANIMA, "bench", "blind", *words, "--home", home, "--set", f"model.default=script:{home}/script.txt", "--set", "server.port=0"],
                          input=typed, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def in_the_terminal(home):
    code, out, err = command(home, "--results")
    check("no rounds yet", code == 0 and out == "", (out, err))
    code, out, err = command(home, "--pairs", "3", "--language", "en", typed="1\nwhat?\n0\n")
    check("it asks, and leaves at the end of what is typed", code == 0 and "3 of 3" in out and "goes on" in out and "trained:" not in out, (out, err))
    code, out, err = command(home, typed="q\n")
    check("and goes on where one was", code == 0 and "3 of 3" in out and "1 of 3" not in out, (out, err))
    code, out, err = command(home, typed="2\n")
    check("at the end it tells", code == 0 and len(re.findall(r"trained: (left|right) ", out)) == 3 and "blind_trained" in out and "sign test" in out, (out, err))
    code, out, err = command(home, "--results", "--json")
    rounds = json.loads(out)["blinds"] if code == 0 else []
    check("all rounds as JSON", len(rounds) == 1 and rounds[0]["state"] == "done" and rounds[0]["result"]["same"] == 1, (out, err))
    code, out, err = command(home, "--results")
    check("and as a table", code == 0 and "3 of 3" in out and "same 1" in out, (out, err))
    for words, why in ((["--pairs", "0"], "--pairs"), (["--language", "fr"], "zh or en"), (["--json"], "--results"), (["--character", "theo", "--pairs", "1"], "anima train theo")):
        code, out, err = command(home, *words)
        check(f"refused: {' '.join(words)}", code != 0 and why in err, (code, err))


def main():
    with tempfile.TemporaryDirectory(prefix="anima-blind-") as base:
        a_round(os.path.join(base, "http"))
        home = os.path.join(base, "terminal")
        os.makedirs(home)
        with open(os.path.join(home, "script.txt"), "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        adapter(home)
        in_the_terminal(home)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
