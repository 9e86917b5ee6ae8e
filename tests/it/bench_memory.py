#!/usr/bin/env python3
"""The parts of `anima bench memory` that need neither sets nor models: in a small form, with scripts for models. Usage: bench_memory.py ANIMA

Whether its figures are there, and those that must be exact; and that it sees what it is there to see: a leak, an answer in the prompt.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

from daemon import FAILED, check

ANIMA = os.path.abspath(sys.argv[1])
MEMORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "memory")
PLAIN = ["--set", "embed.model="]
# What it calls a secret here is a tip, which anybody may be told: asked for, it comes.
TOLD_TO_ALL = {"id": "tip", "lang": "en", "lines": [["Ann", "You should boil potatoes with the skin on."], ["", "Clever."]], "secret": [1], "marks": ["boil potatoes with"],
               "outsiders": ["Ben", "Cem"], "asks": ["How should you boil potatoes?"], "usable": [{"turn": 1, "who": "Ann", "ask": "How do you boil potatoes with the skin?"}]}

# Ben came in behind the secret, but he heard what was said of it then, which the case does not know.
HEARD_AGAIN = {"id": "heard", "lang": "en", "lines": [["Ann", "Don't tell anyone, but I failed my driving test."], ["", "Oh."], ["Ben", "Hello, you two."], ["", "Hello."]], "secret": [1],
               "marks": ["failed my driving"], "summed": "Ann did not pass behind the wheel in Leeds.", "outsiders": ["Ben", "Cem"], "asks": ["Did Ann pass behind the wheel in Leeds?"], "usable": []}


def probes(case):
    file = tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8")
    file.write(json.dumps(case) + "\n")
    file.flush()
    return file


def bench(*words):
    done = subprocess.run([ANIMA, "bench", "memory", "--json", *words], capture_output=True, text=True, timeout=900, check=False)
    results = json.loads(done.stdout or "{}").get("results", {})
    return done, {key: one["value"] for key, one in results.items()}


def main():
    done, got = bench("--parts", "write,secrets,days", "--quick", *PLAIN)
    check("the parts that need no model run", done.returncode == 0, done.stderr)
    for key in ("write_ms_words", "write_model_calls", "leaks", "leak_prompts", "nonsecret_usable", "leaks_summed_up", "leak_prompts_summed_up", "summed_up", "summed_up_told", "summed_up_usable", "junk_share"):
        check(f"{key} is a number", isinstance(got.get(key), (int, float)) and math.isfinite(got[key]), got)
    check("no model is asked when something is written", got.get("write_model_calls") == 0, got)
    check("without a model for meaning the figure is left out, and it says why", "write_cpu_ms" not in got and "write_cpu_ms is left out" in done.stderr, done.stderr)
    check("no secret is told", got.get("leaks") == 0 and got.get("leak_prompts", 0) >= 140, done.stderr)
    check("nor what was made of one", got.get("leaks_summed_up") == 0 and got.get("leak_prompts_summed_up", 0) >= 70, done.stderr)
    check("though something was, and its teller is told", got.get("summed_up", 0) >= 4 and got.get("summed_up_told", 0) >= 80, (got, done.stderr))
    check("what is remembered is what was said", got.get("junk_share", 100) < 2, done.stderr)
    with probes(TOLD_TO_ALL) as file:
        done, got = bench("--parts", "secrets", "--probes", file.name, *PLAIN)
    check("it sees a leak", done.returncode == 0 and got.get("leaks") == 3 and "LEAK   tip" in done.stderr, (got, done.stderr))
    check("and what is told to whom it may be told", got.get("nonsecret_usable") == 100, (got, done.stderr))
    with probes(HEARD_AGAIN) as file:
        done, got = bench("--parts", "secrets", "--probes", file.name, *PLAIN)
    check("it sees one in other words", done.returncode == 0 and got.get("leaks_summed_up", 0) >= 1 and got["leaks"] == got["leaks_summed_up"] and "pass behind the wheel" in done.stderr, (got, done.stderr))
    done, got = bench("--parts", "story", "--n", "6", "--show", "--model", "script:" + os.path.abspath(os.path.join(MEMORY, "keeper.script")), *PLAIN)
    check("the story is answered in three ways", done.returncode == 0 and all(key in got for key in ("story_memory", "story_recent", "story_whole_log", "story_tokens_ratio")), done.stderr)
    check("a model that says what its prompt has is right with the memory", got.get("story_memory", 0) >= 50, done.stderr)
    check("and reads less than the log", 0 < got.get("story_tokens_ratio", 1) < 0.5, got)
    done, _ = bench("--parts", "secrets,beard")
    check("a part that there is not", done.returncode == 2 and "mem0" in done.stderr, done.stderr)
    done, _ = bench()
    check("the sets have to be named", done.returncode == 2 and "--data" in done.stderr, done.stderr)
    done, _ = bench("--parts", "secrets", "--probes", "/nowhere.jsonl")
    check("a file that is not there", done.returncode not in (0, 2) and "nowhere" in done.stderr, done.stderr)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
