#!/usr/bin/env python3
"""A lease of a page, given to a character, with the real default model and the real one for meaning: usage real_documents.py ANIMA [--show]

Three questions in each language, each in a conversation of its own, judged by the value that the answer must contain. Five of the six have to hold; how
many answers name the place is printed. Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import os
import re
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from daemon import FAILED, Daemon, check

LEASE = """Residential lease

1. Rent

The rent is 940 pounds a month, due on the third day of the month.

2. Deposit

The tenant pays a deposit of 1,260 pounds before moving in. It is returned within 14 days after the keys were handed back.

3. Animals

Cats are allowed. Geese are forbidden, also on the balcony.

4. Heating

The landlord has the boiler serviced every May.
"""
CONTRACT = """第一章 总则

第一条 甲方把桂花巷九号的房子租给乙方，租期两年。

第二章 租金和押金

第三条 租金每月三千二百元，每月五日前付。

第四条 押金为六千四百元，退房后七天内退还。

第三章 宠物

第五条 屋里可以养猫，不许养鹅。
"""
ASKED = [
    ("theo", "Lease", LEASE, [("How much is the deposit in my lease?", ("1,260", "1260")), ("What does section 3 of the lease say about geese?", ("forbid", "not allowed", "aren't allowed", "no geese")), ("When is the boiler serviced?", ("May",))],
     ("section", "lease")),
    ("lin", "租房合同", CONTRACT, [("租房合同里押金是多少？", ("六千四百", "6400", "6,400")), ("第二章怎么说租金的？", ("三千二百", "3200", "3,200")), ("合同里说能养鹅吗？", ("不许", "不能", "不可以", "不允许", "禁止"))],
     ("合同", "章", "条")),
]


def give(d, character, title, text):
    query = urllib.parse.urlencode({"name": f"{title}.txt", "title": title})
    request = urllib.request.Request(f"{d.url}/api/v1/characters/{character}/documents?{query}", data=text.encode(), headers={"Content-Type": "application/octet-stream"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status == 201


def until_meant(d, character):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if not any(x["without_vector"] for x in d.call("GET", f"/characters/{character}/documents")[1]["documents"]):
            return
        time.sleep(0.2)


def main():
    anima, held, named = os.path.abspath(sys.argv[1]), 0, 0
    with tempfile.TemporaryDirectory() as home:
        d = Daemon(anima, home, settings=["person.name=Ann", "engine.threads=" + os.environ.get("ANIMA_TEST_THREADS", "0")])
        for character, title, words, questions, places in ASKED:
            check(f"{title} is given", give(d, character, title, words))
            until_meant(d, character)
            for question, values in questions:
                conversation = d.call("POST", "/conversations", {"character": character})[1]["conversation"]["id"]
                since = time.monotonic()
                reply = d.until_done(conversation, d.say(conversation, question)[1]["reply"], 300)
                told = d.call("GET", f"/conversations/{conversation}/turns/{reply['seq']}/memory")[1]["passages"]
                text = re.sub(r"(?<=\d,) (?=\d)", "", reply["text"].lower())
                good = any(v.lower() in text for v in values)
                held += good
                named += any(p in reply["text"].lower() for p in places)
                check(f"told: {question}", any(v.lower() in p["text"].lower() for p in told for v in values), told)
                print(f"   {'right' if good else 'WRONG'} in {time.monotonic() - since:.0f} s: {reply['text']!r}", flush=True)
        d.stop()
    check("at least five of the six answers have the value", held >= 5, held)
    print(f"{held} of 6 right, {named} of 6 name the place")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
