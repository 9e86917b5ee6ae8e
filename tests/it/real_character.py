#!/usr/bin/env python3
"""Does a character stay who it is, and talk like a person, with the real default model? A part of `anima bench identity`
and `anima bench talk`, judged by what must not be: no vendor named as its maker, no phrases of an assistant, nothing said
twice, the person's language.

Usage: real_character.py ANIMA
Every third probe and the first lines of each dialogue, so that it is done in minutes. Prints `ok NAME` or `FAIL NAME why` per
check; exits 1 if one failed.
"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
failed = 0


def check(name, good, why=""):
    global failed
    print(f"ok {name}" if good else f"FAIL {name} {why}", flush=True)
    failed += 0 if good else 1


def bench(anima, name, *options):
    done = subprocess.run([anima, "bench", name, "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=900)
    print("\n".join(line for line in done.stderr.splitlines() if " → " in line), flush=True)
    return {key: r["value"] for key, r in json.loads(done.stdout)["results"].items()}


def main():
    anima = sys.argv[1]
    with open(os.path.join(ROOT, "share/probes/identity.jsonl"), encoding="utf-8") as f:
        probes = [line for line in f if "after" not in json.loads(line)][::3]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as f:
        f.writelines(probes)
        f.flush()
        r = bench(anima, "identity", "--probes", f.name)
    check("nobody's model", r["vendor_claims"] == 0, r)
    check("stays who it is, in Chinese", r["consistent_zh"] >= 90, r)
    check("stays who it is, in English", r["consistent_en"] >= 90, r)
    r = bench(anima, "talk", "--n", "8")
    check("no assistant's phrases", r["assistantisms_per_100"] <= 3.2, r)  # one of 32
    check("says nothing twice", r["repeats_in_40"] == 0, r)
    check("the person's language", r["language_match"] >= 96, r)
    check("always says something", r["empty"] == 0, r)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
