#!/usr/bin/env python3
"""What is on a character's mind of somebody, as the real default model tells it: messages in English and in Chinese that show a mood without naming it, and some
that show none, each by somebody else, so that none hides another. Judged by the kind of mood. How many must be right is below what was measured, so that
the test finds what breaks, not what a small model does not know.

Usage: real_working.py ANIMA [--show]
Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import json
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from daemon import FAILED, Daemon, check

DOWN, UP, MAD, NONE = {"sad", "hurt", "lonely", "worried", "ashamed"}, {"glad", "excited", "calm"}, {"angry", "annoyed"}, {""}
LINES = {
    "en": [("We buried my grandmother this morning. The house is so quiet now.", DOWN), ("They gave me the job! I start in May!", UP), ("He took my bike again without asking and broke the lock!", MAD),
           ("My boyfriend has not answered for two days. Something must have happened.", DOWN), ("Nobody remembered my birthday this year.", DOWN), ("We won the match four to nil!", UP),
           ("The library closes at six on Fridays.", NONE), ("I had noodles for lunch.", NONE)],
    "zh": [("今天早上把外婆送走了，家里一下子空了。", DOWN), ("我被录取了！九月就去报到！", UP), ("他又不打招呼骑走我的车，还把锁弄坏了！", MAD),
           ("他两天没回我消息了，会不会出事了。", DOWN), ("今年没有一个人记得我的生日。", DOWN), ("我们四比零赢了！", UP),
           ("图书馆周五六点关门。", NONE), ("我中午吃了碗面。", NONE)],
}
LEAST = {"moods": 3, "none": 1}  # of 6, of 2


def bring(d, person, text):
    at = time.localtime(time.time() - 60)
    date = time.strftime("%B ", at) + f"{at.tm_mday}, {at.tm_year} {at.tm_hour % 12 or 12}:{at.tm_min:02d}" + ("am" if at.tm_hour < 12 else "pm")
    lines = [{"user_name": person, "character_name": "Lin", "chat_metadata": {}}, {"name": person, "is_user": True, "send_date": date, "mes": text},
             {"name": "Lin", "is_user": False, "send_date": date, "mes": "Hm." if text.isascii() else "嗯。"}]
    body = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    request = urllib.request.Request(d.url + "/api/v1/conversations/import?character=lin", body, {"Content-Type": "application/octet-stream"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        json.load(answer)


def parts(d, person):
    status, got = d.call("GET", "/characters/lin/working?" + urllib.parse.urlencode({"person": person}))
    return got["working"] if status == 200 else []


def until_noted(d, people, seconds=800):
    """Of everybody the exchange is counted: then what it showed is noted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(any(x["part"] == "closeness" for x in parts(d, p)) for p in people):
            return True
        time.sleep(1)
    return False


def main():
    with tempfile.TemporaryDirectory(prefix="anima-real-") as home:
        d = Daemon(sys.argv[1], home, settings=["engine.context=2048", "engine.threads=1", "memory.topics=off", "embed.model="])
        try:
            began = time.monotonic()
            who = {language: [f"{language}{i}" for i in range(len(lines))] for language, lines in LINES.items()}
            for language, lines in LINES.items():
                for person, (text, _) in zip(who[language], lines):
                    bring(d, person, text)
            for language, lines in LINES.items():
                check(f"{language}: every message is looked at", until_noted(d, who[language]))
                right = {"moods": 0, "none": 0}
                for person, (text, wanted) in zip(who[language], lines):
                    now = {x["part"]: x for x in parts(d, person)}
                    mood = now.get("mood", {"value": "", "amount": 0, "confidence": 0})
                    right["none" if wanted is NONE else "moods"] += mood["value"] in wanted
                    print(f"  {text}  {mood['value'] or '-'} {mood['confidence']:.2f}, {now.get('intent', {'value': '-'})['value']}", flush=True)
                check(f"{language}: {right['moods']} of 6 moods", right["moods"] >= LEAST["moods"], right)
                check(f"{language}: {right['none']} of 2 without any", right["none"] >= LEAST["none"], right)
            cost = d.call("GET", "/cost?by=day")[1]["total"]
            print(f"tokens: {cost.get('prompt_tokens')} read, {cost.get('completion_tokens')} said; {time.monotonic() - began:.0f} s", flush=True)
        finally:
            status, _ = d.stop()
            check("the daemon ends cleanly", status == 0, f"status {status}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
