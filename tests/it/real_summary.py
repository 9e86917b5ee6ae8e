#!/usr/bin/env python3
"""A conversation that grows out of a small context, in Chinese and in English, with the real default model: what was said early
leaves the window; the summary has it, and asked for it afterwards the character knows it.

Usage: real_summary.py ANIMA [--show]
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import re
import sys
import tempfile
import time

from daemon import FAILED, Daemon, check

CONTEXT = 1536  # so small that the turns have some 200 tokens, and a window moves every few exchanges
TOLD = 7  # the turns of what is told first, with the greeting
# What is told first, with the words that have to be kept of it; what is said until that has left; what is asked then.
TALKS = {
    "en": {
        "person": "Tom",
        "told": [("My dog is called Biscuit and he is six years old.", "Biscuit"), ("I moved here from Leeds last winter.", "Leeds"),
                 ("My driving exam is on the 14th of May.", "14th of May")],
        "small": ["The bus was late again this morning.", "There was soup for lunch, a thick one with beans.", "Somebody left a red umbrella on the stairs.",
                  "The lift is broken, it makes a noise like a goose.", "The baker on the corner sings when it is early.", "It got dark so fast today.",
                  "The heating in the office is far too warm.", "A pigeon sat on the window for an hour.", "The new chairs are blue and rather hard.",
                  "Everybody talks about the football.", "The milk was sour, so coffee had to do without.", "The street lamps flicker every night.",
                  "The trams were full to the doors.", "They are painting the bridge green.", "The queue at the post office was endless.",
                  "The kettle whistles in two notes.", "All the clocks here are wrong.", "Even the ducks looked bored."],
        "asked": [("What is my dog called?", "Biscuit"), ("Which town did I move here from?", "Leeds"), ("On which day is my driving exam?", "14")],
    },
    "zh": {
        "person": "小雨",
        "told": [("我养了一只猫，叫豆豆，今年五岁了。", "豆豆"), ("我去年冬天从成都搬到这里。", "成都"), ("我五月十四号要考驾照。", "五月十四号")],
        "small": ["今天公交车又晚点了。", "中午食堂的汤很浓，里面有豆腐。", "楼梯上有一把红色的伞，没人要。", "电梯坏了，响得像鹅叫。", "街角的面包师傅一大早就唱歌。",
                  "今天天黑得真快。", "办公室的暖气太热了。", "有只鸽子在窗台上站了一个钟头。", "新椅子是蓝色的，坐着有点硬。", "大家都在聊足球。", "牛奶酸了，咖啡只好不加。",
                  "路灯每天晚上都在闪。", "电车挤得门都关不上。", "他们把桥刷成了绿色。", "邮局的队排得没完没了。", "水壶叫起来有两个音。", "这里的钟没有一个准的。",
                  "连鸭子看起来都很无聊。"],
        "asked": [("我的猫叫什么名字？", "豆豆"), ("我是从哪个城市搬来的？", "成都"), ("我哪一天考驾照？", "十四|14")],
    },
}


def say(d, conversation, text, person, show):
    sent = d.say(conversation, text, person=person)[1]
    turn = d.until_done(conversation, sent["reply"], 300)
    if show:
        print(f"  {person}: {text}\n  : {turn['text']}   [{turn['prompt_tokens']} read, {turn['ttft_ms']:.0f} ms]", flush=True)
    return turn


def summary(d, conversation):
    return d.call("GET", f"/conversations/{conversation}/summary")[1]["summary"]


def least_tokens(line):
    return len(line.split()) if line.isascii() else int(0.6 * len(line))


def rest(d):
    """Nobody says anything until the engine has nothing to do any more: what is made ahead is made."""
    calm, end = 0, time.monotonic() + 120
    while calm < 3 and time.monotonic() < end:
        engines = d.call("GET", "/status")[1]["engines"]
        calm = 0 if any(e["running"] + e["waiting"] for e in engines) else calm + 1
        time.sleep(0.3)


def talk(d, language, show):
    t = TALKS[language]
    conversation = d.begin()
    for line, _ in t["told"]:
        say(d, conversation, line, t["person"], show)
        rest(d)
    first, said, moved, found = None, 0, False, None
    for line in t["small"]:
        turn = say(d, conversation, line, t["person"], show)
        first = first or turn
        # It reads less than has been said since, though what stands beside a message may take some 100 tokens more or less.
        moved = moved or turn["prompt_tokens"] - first["prompt_tokens"] < said - 120
        said += turn["completion_tokens"] + least_tokens(line) + 7
        rest(d)
        found = summary(d, conversation)
        if found and found["seq"] >= TOLD and moved:
            break
    text = found["text"] if found else ""
    print(f"{language}, of {found['seq'] if found else 0} turns:\n{text}", flush=True)
    check(f"{language}: it is summed up, and the window moves", found and moved, f"{moved} {found}")
    missing = [word for _, word in t["told"] if word not in text]
    check(f"{language}: the summary has name, town and date", not missing, f"without {missing}: {text}")
    check(f"{language}: every line is about the person, or quoted", all(t["person"] in line or "“" in line or '"' in line for line in text.split("\n")), text)
    known = [(question, say(d, conversation, question, t["person"], show)["text"], word) for question, word in t["asked"]]
    right = [word for _, answer, word in known if re.search(word, answer)]
    check(f"{language}: asked afterwards, it knows at least two of the three", len(right) >= 2, known)


def main():
    with tempfile.TemporaryDirectory(prefix="anima-real-") as home:
        d = Daemon(sys.argv[1], home, settings=[f"engine.context={CONTEXT}"])
        try:
            for language in TALKS:
                talk(d, language, "--show" in sys.argv)
        finally:
            status, _ = d.stop()
            check("the daemon ends cleanly", status == 0, f"status {status}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
