#!/usr/bin/env python3
"""What was talked about, noted by the real default model, in English and in Chinese: two conversations that were written for it come in with their
times; what is noted of them names what was told, and nothing that nobody said. The later conversation takes the place of what is otherwise
by then.

Usage: real_topics.py ANIMA [--show]
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import json
import re
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from daemon import FAILED, Daemon, check

# What was said, hours ago; (words that may be noted, so many of them at least); what took the place of what.
TALKS = {
    "en": {
        "person": "Tom",
        "talks": [(60, ["Hello, it's me. What a grey day.", "I started a new job at the harbour last Monday, I drive the little crane.", "My boss is called Hugh and he shouts all day.",
                        "Ha, yes, exactly.", "My sister Jo is looking for a flat in Leeds, but everything costs more than 800 pounds.", "I don't eat meat any more, since March.",
                        "My driving exam is on the 14th of May.", "Well, good night then."]),
                  (20, ["Me again!", "My driving exam was moved to the 21st of May.", "Thanks, bye."])],
        "told": ["harbour", "Hugh", "Leeds", "meat", "14th"], "least": 3,
        "later": ("21st", "14th"),
    },
    "zh": {
        "person": "小雨",
        "talks": [(60, ["我来了，今天好冷。", "我上周一开始在码头上班了，开吊车。", "我的老板叫老胡，整天大喊大叫。", "哈哈，对。", "我妹妹想在成都找房子，可是都要三千块以上。", "我三月以后就不吃肉了。",
                        "我五月十四号要考驾照。", "那晚安啦。"]),
                  (20, ["又是我！", "我的驾照考试改到五月二十一号了。", "谢谢，再见。"])],
        "told": ["码头", "老胡", "成都", "肉", "十四"], "least": 3,
        "later": ("二十一", "十四"),
    },
}


def date(hours):
    t = time.localtime(time.time() - hours * 3600)
    return time.strftime("%B ", t) + f"{t.tm_mday}, {t.tm_year} {t.tm_hour % 12 or 12}:{t.tm_min:02d}" + ("am" if t.tm_hour < 12 else "pm")


def bring(d, person, hours, messages):
    lines = [{"user_name": person, "character_name": "Lin", "chat_metadata": {}}]
    for text in messages:
        lines.append({"name": person, "is_user": True, "send_date": date(hours), "mes": text})
        lines.append({"name": "Lin", "is_user": False, "send_date": date(hours), "mes": "Hm." if text.isascii() else "嗯。"})
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    request = urllib.request.Request(d.url + "/api/v1/conversations/import?character=lin", body, {"Content-Type": "application/octet-stream"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def topics(d, person):
    status, got = d.call("GET", "/characters/lin/topics?" + urllib.parse.urlencode({"person": person}))
    return got["topics"] if status == 200 else []


def until_noted(d, person, hours, seconds=240):
    """Of each conversation something is noted, and nothing more comes."""
    before, calm, end = None, 0, time.monotonic() + seconds
    told = lambda now, ago: any(abs(x["from_ms"] / 1000 - time.time() + ago * 3600) < 4 * 3600 for x in now)
    while calm < 5 and time.monotonic() < end:
        now = topics(d, person)
        calm = calm + 1 if now == before and all(told(now, ago) for ago in hours) else 0
        before = now
        time.sleep(1)
    return before or []


def strange(topic):
    """Names and numbers that its turns do not have."""
    said = " ".join(m["text"] for m in topic["sources"]) + " " + topic["person"]
    words = re.findall(r"\d+|[A-Z][a-z]+", topic["text"])
    return [w for w in words if w not in said] + [c for c in topic["text"] if c >= "一" and c not in said + "的了是在和与跟他她它想要会去叫有说也就还很个这那到地得着过对为因所以时候们"]


def main():
    with tempfile.TemporaryDirectory(prefix="anima-real-") as home:
        d = Daemon(sys.argv[1], home, settings=["engine.context=2048", "engine.threads=1"])
        try:
            for language, t in TALKS.items():
                for hours, messages in t["talks"]:
                    bring(d, t["person"], hours, messages)
            for language, t in TALKS.items():
                began = time.monotonic()
                noted = until_noted(d, t["person"], [hours for hours, _ in t["talks"]])
                for x in noted:
                    print(f"  {x['text']}  [{', '.join(m['text'] for m in x['sources'])}]{'' if x['holds'] else ' (before)'}", flush=True)
                text = " ".join(x["text"] for x in noted)
                found = [w for w in t["told"] if w in text]
                check(f"{language}: it names what was told", len(found) >= t["least"], f"only {found}: {text}")
                check(f"{language}: nothing that nobody said", noted and not [x for x in noted if strange(x)], [(x["text"], strange(x)) for x in noted if strange(x)])
                check(f"{language}: every sentence has its turns, and names the person", noted and all(x["sources"] and t["person"] in x["text"] for x in noted))
                new, old = t["later"]
                later = [x for x in noted if new in x["text"]]
                check(f"{language}: the later one is noted, and holds", later and all(x["holds"] for x in later), text)
                check(f"{language}: the earlier one does not", not [x for x in noted if old in x["text"] and new not in x["text"] and x["holds"]], text)
                if "--show" in sys.argv:
                    print(f"  {time.monotonic() - began:.0f} s", flush=True)
            cost = d.call("GET", "/cost?by=day")[1]["total"]
            print(f"tokens: {cost.get('prompt_tokens')} read, {cost.get('completion_tokens')} said", flush=True)
        finally:
            status, _ = d.stop()
            check("the daemon ends cleanly", status == 0, f"status {status}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
