#!/usr/bin/env python3
"""Facts from texts with the real default model, in Chinese and in English, by the command line: what a few lines about a character become,
that nothing stands in the answers that is not in the lines, that a second call asks nothing, and that lessons take them up.

Usage: real_facts.py ANIMA [--show]
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from daemon import FAILED, check

ANIMA = os.path.abspath(sys.argv[1])
TEXTS = {
    "zh/life.md": "# 林夏\n\n## 工作\n店在中河边一条小巷里，三十八平方，上午十点半开门，晚上八点关。\n\n## 人\n爸爸林永康开五金店，借给她三万块开店。\n",
    "en/life.md": "# Lin\n\n## History\nIn 2017 Lin came to Hangzhou to study Chinese literature.\n\n## Shop\nIn April 2023 she opened the shop Half a Page in a lane by the canal.\n\n"
                  "## Hours\nThe shop opens at half past ten and closes at eight. On Tuesday it is closed.\n\n## People\nHer father Lin Yongkang runs a hardware shop in Shaoxing.\n",
}
# Numbers and names that may be said. A small model's answers in English are dropped more often than kept, so one word of four passages will do.
KNOWN = {"zh": ["十点半", "八点", "三十八", "三万", "林永康", "五金", "中河", "小巷"],
         "en": ["2017", "Hangzhou", "literature", "2023", "Half a Page", "canal", "half past ten", "10:30", "eight", "Tuesday", "hardware", "Yongkang", "Shaoxing"]}
LEAST = {"zh": 2, "en": 1}


def train(home, *words):
    command = [ANIMA, "train", "lin", "--texts", *words, "--home", home, "--json", "--set", "engine.context=2048"]
    r = subprocess.run(command, capture_output=True, text=True, timeout=1500)
    return r.returncode, json.loads(r.stdout) if r.stdout.startswith("{") else {}, r.stderr


def numbers(text):
    return re.findall(r"\d+", text)


def main():
    show = "--show" in sys.argv
    with tempfile.TemporaryDirectory(prefix="anima-facts-") as root:
        home, texts = os.path.join(root, "home"), os.path.join(root, "texts")
        for name, words in TEXTS.items():
            os.makedirs(os.path.dirname(os.path.join(texts, name)), exist_ok=True)
            with open(os.path.join(texts, name), "w", encoding="utf-8") as f:
                f.write(words)
        status, facts, error = train(home, texts)
        check("texts become facts", status == 0 and facts.get("state") == "done" and facts.get("asked") == facts.get("passages") == 6, f"{status} {facts} {error}")
        path = os.path.join(home, "training", "lin", "facts.jsonl")
        lines = [json.loads(line) for line in open(path, encoding="utf-8")] if os.path.exists(path) else []
        if show:
            for line in lines:
                print("  ", line["source"]["line"], [m["content"] for m in line["messages"]], flush=True)
        for language, words in KNOWN.items():
            mine = [line for line in lines if line["source"]["file"].startswith(f"texts/{language}/")]
            answers = " ".join(line["messages"][1]["content"] for line in mine)
            said = [w for w in words if w in answers]
            check(f"{language}: the answers tell what stands there", len(said) >= LEAST[language], f"{said} in {answers}")
            strange = [(n, line) for line in mine for n in numbers(line["messages"][1]["content"]) if n not in numbers(line["source"]["passage"]) + ["27", "3", "38", "30", "30000", "10", "8", "11"]]
            check(f"{language}: no number of its own", mine and not strange, strange)
        status, again, error = train(home)
        check("a second call asks nothing", status == 0 and again.get("prompt_tokens") == 0 and again.get("kept") == len(lines), f"{status} {again} {error}")
        r = subprocess.run([ANIMA, "train", "lin", "--prepare", "--home", home], capture_output=True, text=True, timeout=300)
        lessons = open(os.path.join(home, "training", "lin", "lessons.jsonl"), encoding="utf-8").read() if r.returncode == 0 else ""
        missing = [line for line in lines if json.dumps(line["messages"][1]["content"], ensure_ascii=False) not in lessons]
        check("lessons take them up", r.returncode == 0 and len(missing) == 0, f"{r.stderr} {missing}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
