#!/usr/bin/env python3
"""Twenty turns in Chinese and twenty in English with the real default model, and three people told apart.

Usage: real_chat.py ANIMA [--turns N] [--model NAME] [--show]
Starts `anima serve` on a home of its own, talks over the HTTP API and judges every reply by what it must (not) contain:
it ends, has words, is whole UTF-8 in the language spoken to it, shows no template marks, no speaker's name in front, and
does not repeat an earlier reply. Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

ZH = ["你好，我叫小雨，今天刚搬到杭州。", "你平时喜欢做什么？", "我喜欢爬山，也喜欢拍照。", "杭州有什么好吃的？", "我明天要去医院看牙，有点害怕。",
      "你觉得我该怎么放松一下？", "你最近在看什么书？", "我养了一只猫，叫豆豆。", "它总是半夜把我吵醒。", "你记得我叫什么名字吗？", "我在一家设计公司上班。",
      "今天老板批评我了，心情不好。", "谢谢你听我说。", "周末去西湖散步好不好？", "如果下雨怎么办？", "你喜欢喝茶还是咖啡？", "给我推荐一部电影吧。",
      "我的猫叫什么？", "时间不早了，我要睡了。", "晚安！"]
EN = ["Hi, I'm Tom. I just moved here from Leeds.", "What do you do all day?", "I like hiking and old cameras.", "What should I cook tonight?",
      "I have an exam tomorrow and I'm nervous.", "How do you calm down?", "What are you reading these days?", "My dog is called Biscuit.",
      "He ate one of my shoes today.", "Do you remember my name?", "I work in a bakery, mostly nights.", "My boss shouted at me today.",
      "Thanks for listening.", "Shall we walk by the lake on Sunday?", "And if it rains?", "Tea or coffee?", "Tell me about a film you love.",
      "What is my dog called?", "It's late, I should go to bed.", "Good night!"]
BOTH = [("zh", "你好，我叫小雨。"), ("zh", "你平时喜欢做什么？"), ("en", "What do you like to read?"), ("en", "What do you think about winter?"),
        ("zh", "你店里最近忙吗？"), ("en", "Tell me a short story about your shop."), ("zh", "我今天有点累。"), ("en", "Do you mind if I write in English?"),
        ("zh", "那你觉得我该早点睡吗？"), ("en", "Thanks, good night!")]
MUST = {"你记得我叫什么名字吗？": "小雨", "我的猫叫什么？": "豆豆", "Do you remember my name?": "Tom", "What is my dog called?": "Biscuit"}
MARKS = re.compile(r"<\|?(im_|end|start|user|assistant)|\[/?INST\]|\ufffd")
failed = 0


def check(name, good, why=""):
    global failed
    print(f"ok {name}" if good else f"FAIL {name} {why}", flush=True)
    failed += 0 if good else 1


class Api:
    def __init__(self, base):
        self.base = base + "/api/v1"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def say(self, conversation, text, person):
        sent = self.call("POST", f"/conversations/{conversation}/messages", {"text": text, "person": person})
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            turn = self.call("GET", f"/conversations/{conversation}?after={sent['seq']}&limit=1")["turns"][0]
            if turn["state"] not in ("waiting", "streaming"):
                return turn
            time.sleep(0.2)
        raise TimeoutError(f"no end of the reply to: {text}")


def cjk_share(text):
    letters = [c for c in text if c.isalpha()]
    return sum("\u4e00" <= c <= "\u9fff" for c in letters) / max(1, len(letters))


def fault_of(turn, language, earlier):
    text = turn["text"].strip()
    if turn["state"] != "done":
        return f"it ended as {turn['state']}: {turn['error']}"
    if not text:
        return "it is empty"
    if MARKS.search(text):
        return f"it shows marks: {text!r}"
    if re.match(r"(Lin|林|小雨|Tom)\s*[:：]", text):
        return f"it begins with a speaker's name: {text!r}"
    if (cjk_share(text) > 0.5) != (language == "zh"):
        return f"it is in another language: {text!r}"
    if text in earlier and len(text) > 12:
        return f"it repeats itself: {text!r}"
    return ""


def talk(api, language, person, lines, show):
    conversation = api.call("POST", "/conversations", {"character": "lin"})["conversation"]["id"]
    earlier, faults, facts = set(), [], []
    for line in lines:
        turn = api.say(conversation, line, person)
        if show:
            print(f"  {person}: {line}\n  Lin: {turn['text']}   [{turn['ttft_ms']:.0f} ms, {turn['tokens_per_s']:.1f} tok/s]", flush=True)
        fault = fault_of(turn, language, earlier)
        earlier.add(turn["text"].strip())
        if fault:
            faults.append(f"reply to {line!r}: {fault}")
        if line in MUST:
            facts.append(MUST[line] in turn["text"])
    check(f"{len(lines)} turns in {language}", not faults, "; ".join(faults))
    if facts:
        check(f"{language}: name and pet are remembered within the conversation", any(facts), "neither of the two")


def both(api, show):
    """One conversation in two languages: each reply in the language spoken to it, at most one slip."""
    conversation = api.call("POST", "/conversations", {"character": "lin"})["conversation"]["id"]
    faults = []
    for language, line in BOTH:
        turn = api.say(conversation, line, "小雨")
        if show:
            print(f"  小雨: {line}\n  Lin: {turn['text']}", flush=True)
        fault = fault_of(turn, language, set())
        faults += [f"reply to {line!r}: {fault}"] if fault else []
    check("the language follows the person within a conversation", len(faults) <= 1, "; ".join(faults))


def people(api, show):
    conversation = api.call("POST", "/conversations", {"character": "lin"})["conversation"]["id"]
    api.say(conversation, "Hi, I'm Alice and I play the violin.", "Alice")
    api.say(conversation, "Hello, Bob here. I repair bicycles.", "Bob")
    turn = api.say(conversation, "What is my name and what do I do?", "Bob")
    if show:
        print(f"  Bob is told: {turn['text']}")
    check("several people are told apart", "Bob" in turn["text"] or "bicycle" in turn["text"].lower(), repr(turn["text"]))
    turns = api.call("GET", f"/conversations/{conversation}?limit=50")["turns"]
    names = [t["person"]["name"] for t in turns if t["role"] == "person"]
    check("every message is stored under its speaker", names == ["Alice", "Bob", "Bob"], str(names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("anima")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--model", default="")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anima-real-") as home:
        command = [options.anima, "serve", "--home", home, "--set", "server.port=0"]
        if options.model:
            command += ["--set", f"model.default={options.model}"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        try:
            for line in server.stdout:
                found = re.search(r"http://\S+", line)
                if found:
                    break
            api = Api(found.group(0).rstrip("/"))
            talk(api, "zh", "小雨", ZH[:options.turns], options.show)
            talk(api, "en", "Tom", EN[:options.turns], options.show)
            both(api, options.show)
            people(api, options.show)
        finally:
            server.terminate()
            check("the daemon ends cleanly", server.wait(30) == 0, f"status {server.returncode}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
