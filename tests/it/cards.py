#!/usr/bin/env python3
"""Characters that come and go beside a running daemon, hostile cards, and what replies cost: usage cards.py ANIMA"""
import base64
import io
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib

from daemon import FAILED, Daemon, check

ANIMA = os.path.abspath(sys.argv[1])
SCRIPT = "match: slow\ndelay_ms: 50\nsay: one two three four five six seven eight nine ten\n\nsay: You said {last}.\n"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\" onload='x' {{user}} \u202e\u0007\x1b]0;title\x07 javascript:alert(3)"


def run(*words):
    done = subprocess.run([ANIMA, *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def send(d, data, query="", kind="application/octet-stream"):
    request = urllib.request.Request(f"{d.url}/api/v1/characters{query}", data, {"Content-Type": kind}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")
    except OSError as error:  # refused by its length before it was sent
        return 0, {"error": {"code": str(error)}}


def get(d, path):
    with urllib.request.urlopen(f"{d.url}/api/v1{path}", timeout=60) as answer:
        return answer.read(), answer.headers


def card(name, **more):
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": name, "description": "{{char}} bakes.", "personality": "", "scenario": "", "first_mes": "Morning!", "mes_example": "",
        "creator_notes": "", "system_prompt": "", "post_history_instructions": "", "alternate_greetings": ["Evening!"], "tags": ["bread"],
        "creator": "me", "character_version": "1", "extensions": {}, **more}}


def text(value):
    return json.dumps(value, separators=(",", ":")).encode()


def chunk(kind, data, crc=None, length=None):
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


def png(*chunks):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\0")) +
            b"".join(chunks) + chunk(b"IEND", b""))


def charx(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files:
            z.writestr(name, data)
    return out.getvalue()


def hostile():
    """Name, bytes, and what the refusal is: its status, or None for a card that is taken, but does no harm."""
    good = text(card("Bomb"))
    zeros = b"\0" * 200_000_000
    keys = {"entries": [{"keys": [f"k{i}"], "content": "x"} for i in range(6000)]}
    yield "a zip that unpacks to 200 MB", charx(("card.json", good), ("assets/a.bin", zeros)), {413}
    yield "a card.json that unpacks to 200 MB", charx(("card.json", zeros)), {413}
    yield "a thousand files", charx(("card.json", good), *((f"a{i}", b"x") for i in range(1000))), {413}
    for path in ("../evil.txt", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"):
        yield f"a path {path}", charx(("card.json", good), (path, b"x")), {400}
    yield "two card.json", charx(("card.json", good), ("card.json", text(card("Other")))), {400}
    yield "two files of one name", charx(("card.json", good), ("assets/a.png", b"1"), ("assets/a.png", b"2")), {400}
    for uri in ("file:///etc/passwd", "FILE:/etc/passwd", "/etc/passwd", "embeded://../../../etc/passwd", "..\\..\\x/../y"):
        yield f"a picture at {uri}", text(card("Thief", assets=[{"type": "icon", "uri": uri, "name": "main", "ext": "png"}])), {403}
    yield "a zip without a card", charx(("a", b"x")), {400}
    yield "a zip cut off", charx(("card.json", good))[:-30], {400}
    yield "a card in zTXt", png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(base64.b64encode(b" " * 50_000_000)))), {400}
    yield "a card in compressed iTXt", png(chunk(b"iTXt", b"chara\0\1\0\0\0" + zlib.compress(base64.b64encode(good)))), {400}
    yield "a wrong checksum", png(chunk(b"tEXt", b"chara\0" + base64.b64encode(good), crc=1)), {400}
    yield "a chunk that is longer than the file", png(chunk(b"tEXt", b"chara\0" + base64.b64encode(good), length=0x7FFFFFF0)), {400, 413}
    yield "a PNG card that is no base64", png(chunk(b"tEXt", b"chara\0!!!!")), {400}
    yield "deep JSON", b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}", {400, 413}
    yield "a book of 20 MB", text(card("Book", character_book={"entries": [{"keys": ["k"], "content": "x" * 20_000_000}]})), {413}
    yield "a book of 100 MB", b" " * 100_000_000, {413, 0}
    yield "a body of 33 MiB", b" " * (33 << 20), {413, 0}
    yield "a book of 6,000 entries", text(card("Many", character_book=keys)), {413}
    yield "no name", text(card("")), {400}
    yield "a name that is a number", text(card(7)), {400}
    yield "no UTF-8", b'{"name":"\xff\xfe"}', {400}
    yield "nothing of ours", b"GIF89a" + b"\0" * 100, {400}


def folders(home):
    path = f"{home}/characters"
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def bombs(d, home, root):
    before = folders(home)
    for name, data, wanted in hostile():
        start = time.monotonic()
        status, answer = send(d, data)
        took = time.monotonic() - start
        check(f"{name} is refused", status in wanted and (status == 0 or answer["error"]["message"]), (status, answer))
        check(f"{name} leaves nothing, and is quick", folders(home) == before and took < 10, (folders(home), took))
        with open(f"{root}/bomb", "wb") as f:
            f.write(data)
        status, _, err = run("characters", "import", f"{root}/bomb", "--home", f"{root}/alone")
        check(f"{name}: the command line refuses it", status == 1 and err.startswith("anima: ") and not folders(f"{root}/alone"), (status, err))
    check("the daemon is alive", d.call("GET", "/status")[0] == 200)
    with open(f"/proc/{d.process.pid}/status", encoding="utf-8") as f:
        fields = dict(line.split(":", 1) for line in f)
    if int(fields["VmSize"].split()[0]) < 1 << 30:  # not under a sanitizer
        check("bombs took less than 400 MB", int(fields["VmHWM"].split()[0]) < 400_000, fields["VmHWM"])


def expressions(d):
    """They compile, but would take forever: they do not match, and the reply comes."""
    book = {"entries": [{"keys": [f"/{e}/"], "content": "x"} for e in ("(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$")] + [{"keys": ["/(/"], "content": "y"}]}
    status, answer = send(d, text(card("Rex", character_book=book)))
    check("a card with backtracking and wrong expressions is taken", status == 201, answer)
    c = d.call("POST", "/conversations", {"character": "rex"})[1]["conversation"]["id"]
    start = time.monotonic()
    sent = d.say(c, "a" * 30_000 + "!")[1]
    turn = d.until_done(c, sent["reply"])
    check("and answers in time", turn["state"] == "done" and time.monotonic() - start < 10, (turn["state"], time.monotonic() - start))
    d.call("DELETE", "/characters/rex")


def calls_home(d, home):
    """A card full of addresses: nothing is fetched, neither when it comes in, nor when it is shown, lived with, given out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
        wild = f"![x]({there}) <img src='{there}'> {{{{include:{there}}}}} {{{{file:/etc/passwd}}}} {{{{sh:curl {there}}}}}"
        status, answer = send(d, text(card("Caller", first_mes=wild, description=wild, mes_example=wild, avatar=there, creator_notes=wild,
                                           assets=[{"type": "icon", "uri": there, "name": "main", "ext": "png"}], source=[there],
                                           character_book={"entries": [{"keys": ["x"], "constant": True, "content": wild}]})))
        check("a card with addresses of the network is taken, without a picture", status == 201 and not answer["character"]["portrait"], answer)
        c = d.call("POST", "/conversations", {"character": "caller"})[1]["conversation"]["id"]
        turn = d.until_done(c, d.say(c, "x")[1]["reply"])
        get(d, "/characters/caller/card?format=png")
        try:
            listener.accept()
            called = True
        except OSError:
            called = False
        check("and never calls there", turn["state"] == "done" and not called, turn)
    ini = f"{home}/characters/inject"
    evil = "Inject\nmodel = script:/etc/passwd\n[sampling]\ntemperature = 9"
    status, answer = send(d, text(card("Inject", nickname=evil, creator=evil, character_version=evil, tags=[evil])))
    check("lines in a card are no settings of a character", status == 201 and not answer["character"]["model"] and
          sum(line.startswith(("model", "[sampling")) for line in open(f"{ini}/character.ini", encoding="utf-8")) == 0, answer)
    for name in ("caller", "inject"):
        d.call("DELETE", f"/characters/{name}")


def script_everywhere(d, home, root):
    fields = ["description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt", "post_history_instructions",
              "creator", "character_version", "nickname"]
    evil = card("Eve " + EVIL, **{f: EVIL for f in fields}, tags=[EVIL, EVIL], alternate_greetings=[EVIL], group_only_greetings=[EVIL],
                character_book={"entries": [{"keys": ["script"], "content": EVIL, "name": EVIL}]}, extensions={EVIL: EVIL})
    data = text(evil)
    status, answer = send(d, data, kind="application/json")
    made = answer.get("character", {})
    check("a card with script in every field is taken", status == 201 and made.get("own"), answer)
    check("its id is harmless", set(made["id"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-"), made["id"])
    body, headers = get(d, "/characters")
    check("its text is JSON that no browser takes for a page", headers["Content-Type"].startswith("application/json") and headers["X-Content-Type-Options"] == "nosniff", headers)
    body, headers = get(d, f"/characters/{made['id']}/card")
    check("it goes out byte for byte, as an attachment", body == data and headers["Content-Disposition"].startswith("attachment"), headers)
    status, out, err = run("characters", "show", made["id"], "--home", home)
    check("the command line shows it", status == 0 and "<script>" in out, err)
    c = d.call("POST", "/conversations", {"character": made["id"]})[1]["conversation"]["id"]
    sent = d.say(c, "script")[1]
    check("it talks", d.until_done(c, sent["reply"])["state"] == "done")
    svg = charx(("card.json", text(card("Svg", assets=[{"type": "icon", "uri": "embeded://icon.svg", "name": "main", "ext": "svg"}]))), ("icon.svg", b"<svg onload='alert(1)'/>"))
    status, answer = send(d, svg)
    check("a picture of script is no picture", status == 201 and not answer["character"]["portrait"], answer)
    d.call("DELETE", f"/characters/{made['id']}")
    d.call("DELETE", "/characters/svg")


class Events(threading.Thread):
    """The home's stream: the types and ids of what was told."""

    def __init__(self, d):
        super().__init__(daemon=True)
        self.seen, self.stream = [], urllib.request.urlopen(f"{d.url}/api/v1/events", timeout=60)
        self.start()

    def run(self):
        try:
            for line in self.stream:
                if line.startswith(b"data: "):
                    e = json.loads(line[6:])
                    if e["type"].startswith("character."):
                        self.seen.append((e["type"][10:], e.get("id") or e["character"]["id"]))
        except (OSError, ValueError):
            pass

    def get(self, wanted):
        deadline = time.monotonic() + 5
        while self.seen != wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        got, self.seen = self.seen, []
        return got


def ids(d):
    return [c["id"] for c in d.call("GET", "/characters")[1]["characters"]]


def first(d, conversation):
    """The greeting, once it is stored."""
    return d.until_done(conversation, 1, 5)["text"]


def coming_and_going(d, home, root):
    events = Events(d)
    data = text(card("Bram"))
    status, answer = send(d, data, kind="application/json")
    check("a card comes in", status == 201 and answer["character"]["greetings"] == ["Morning!", "Evening!"] and answer["character"]["tags"] == ["bread"], answer)
    status, answer = send(d, data)
    check("the same name again is a conflict", status == 409 and answer["error"]["code"] == "exists", answer)
    check("unless it is to be replaced", send(d, text(card("Bram", creator="you")), "?replace=1")[1]["character"]["creator"] == "you")
    check("listeners of the home hear of it", events.get([("changed", "bram")] * 2) == [("changed", "bram")] * 2)
    for format_, begins in (("json", b'{"spec"'), ("png", b"\x89PNG"), ("charx", b"PK\x03\x04")):
        body, headers = get(d, f"/characters/bram/card?format={format_}")
        check(f"it goes out as {format_}", body.startswith(begins) and f"bram.{format_}" in headers["Content-Disposition"], headers)
        check(f"and in again from {format_}", send(d, body, "?replace=1")[0] == 201)
    events.get([("changed", "bram")] * 3)
    status, made = d.call("POST", "/conversations", {"character": "bram", "greeting": 1})
    check("another greeting begins a conversation", first(d, made["conversation"]["id"]) == "Evening!")
    check("one that is not there is refused", d.call("POST", "/conversations", {"character": "bram", "greeting": 2})[0] == 400)
    status, out, err = run("chat", "--character", "bram", "--greeting", "1", "--home", home)
    check("chat --greeting", status == 0, err)
    with open(f"{home}/characters/bram/greetings.en.md", "w", encoding="utf-8") as f:
        f.write("Edited by hand.\n")
    c = d.call("POST", "/conversations", {"character": "bram"})[1]["conversation"]["id"]
    check("an edited folder is noticed", first(d, c) == "Edited by hand." and events.get([("changed", "bram")]) == [("changed", "bram")])
    with open(f"{home}/characters/bram/character.ini", "a", encoding="utf-8") as f:
        f.write("nonsense\n")
    check("one with a mistake stays as it was", "bram" in ids(d) and d.call("POST", "/conversations", {"character": "bram"})[0] == 201)
    os.makedirs(f"{home}/characters/new")
    for name, words in (("character.ini", "[character]\nname = New\n"), ("persona.en.md", "You are new.\n")):
        with open(f"{home}/characters/new/{name}", "w", encoding="utf-8") as f:
            f.write(words)
    check("a new folder is noticed", "new" in ids(d))
    status, out, err = run("characters", "remove", "new", "--home", home)
    check("the command line removes it beside the daemon, which knows", status == 0 and events.get([("changed", "new"), ("removed", "new")])[-1] == ("removed", "new") and "new" not in ids(d), err)
    status, answer = d.call("DELETE", "/characters/bram")
    check("a character is removed", status == 200 and "bram" not in ids(d) and "bram" not in folders(home), answer)
    check("its conversations stay", first(d, c) == "Edited by hand.")
    sent = d.say(c, "Are you there?")[1]
    check("but nobody answers in them", d.until_done(c, sent["reply"])["error"]["code"] == "not_found")
    check("one that comes with anima stays", d.call("DELETE", "/characters/lin")[0] == 403)
    with open(f"{root}/bram.json", "wb") as f:
        f.write(data)
    status, out, err = run("characters", "import", f"{root}/bram.json", "--json", "--home", home)
    check("the command line imports beside the daemon, which knows", status == 0 and json.loads(out)["id"] == "bram" and "bram" in ids(d), (out, err))
    status, out, err = run("characters", "import", f"{root}/bram.json", "--home", home)
    check("twice is a conflict there, too", status == 1 and "--replace" in err, err)
    check("--replace", run("characters", "import", f"{root}/bram.json", "--replace", "--home", home)[0] == 0)


def large(d):
    """While a large card is taken apart, others are served."""
    book = {"entries": [{"keys": [f"key{i}", f"/word{i}\\d+/"], "content": "something worth knowing " * 50} for i in range(4000)]}
    picture = chunk(b"prIv", os.urandom(22_000_000))
    data = png(picture, chunk(b"tEXt", b"chara\0" + base64.b64encode(text(card("Large", character_book=book)))))
    done = []
    t = threading.Thread(target=lambda: done.append((*send(d, data), time.monotonic())))
    start, worst = time.monotonic(), 0
    t.start()
    while not done:
        before = time.monotonic()
        d.call("GET", "/status")
        worst = max(worst, time.monotonic() - before)
    t.join()
    print(f"# a card of {len(data) >> 20} MiB took {done[0][2] - start:.2f} s; the slowest answer meanwhile {worst * 1000:.0f} ms")
    check("a card of 30 MiB is taken", done[0][0] == 201, done[0][1])
    check("and nobody waits for it", worst < 1, worst)
    d.call("DELETE", "/characters/large")


def costs(root):
    home = f"{root}/costs"
    os.makedirs(home)
    with open(f"{home}/config.ini", "w", encoding="utf-8") as f:
        f.write(f"[model written]\ndriver = script\npath = {home}/script.txt\nprice_in = 1000\nprice_out = 1000000\n")
    settings = ["model.default=written", "cost.watts=100", "cost.kwh_price=0.6", "cost.currency=CNY"]
    with open(f"{home}/script.txt", "w", encoding="utf-8") as f:
        f.write(SCRIPT)
    d = Daemon(ANIMA, home, settings=settings)
    c = d.begin()
    turn = d.until_done(c, d.say(c, "hello", person="Ann")[1]["reply"])
    check("a reply knows what it cost", turn["money"] > 0 and turn["seconds"] >= 0 and turn["wh"] >= 0, turn)
    d.until_done(c, d.say(c, "hello", person="Bob")[1]["reply"])
    sent = d.say(c, "slow", person="Bob")[1]
    time.sleep(0.3)
    d.call("POST", f"/conversations/{c}/cancel")
    cut = d.until_done(c, sent["reply"])
    check("a stopped reply has cost something", cut["state"] == "cancelled" and cut["money"] > 0, cut)
    cost = d.call("GET", "/cost?by=person")[1]
    check("costs by person", [r["name"] for r in cost["rows"]] == ["Ann", "Bob"] and cost["total"]["turns"] == 3 and cost["currency"] == "CNY", cost)
    for by, key in (("character", "lin"), ("model", "written"), ("day", time.strftime("%Y-%m-%d"))):
        rows = d.call("GET", f"/cost?days=1&by={by}")[1]["rows"]
        check(f"costs by {by}", [r["key"] for r in rows] == [key], rows)
    status, out, err = run("cost", "--by", "person", "--json", "--home", home)
    check("anima cost beside the daemon", status == 0 and json.loads(out)["total"]["turns"] == 3, (out, err))
    check("anima cost, as text", "together" in run("cost", "--home", home)[1])
    check("what is wrong is said", run("cost", "--by", "moon", "--home", home)[0] == 2 and run("cost", "--days", "0", "--home", home)[0] == 2)
    check("a conversation is deleted", d.call("DELETE", f"/conversations/{c}")[0] == 200)
    check("what it cost is not forgotten", d.call("GET", "/cost")[1]["total"] == cost["total"], cost)
    d.stop()
    d = Daemon(ANIMA, home, settings=[*settings, "limit.person_tokens_per_day=1", "limit.character_money_per_day=1000000"])
    c = d.begin()
    stopped = d.until_done(c, d.say(c, "你好呀", person="Ann")[1]["reply"])
    check("over the limit the reply says so, in the person's language", stopped["state"] == "failed" and stopped["error"]["code"] == "limit_reached" and "明天" in stopped["error"]["message"], stopped)
    check("the message is kept", d.turns(c)[1]["text"] == "你好呀")
    check("somebody else is answered", d.until_done(c, d.say(c, "hello", person="Cleo")[1]["reply"])["state"] == "done")
    limits = d.call("GET", "/cost")[1]["limits"]
    check("limits are listed", {(l["scope"], l["what"], l["per"]) for l in limits} == {("person", "tokens", "day"), ("character", "money", "day")}, limits)
    d.stop()
    d = Daemon(ANIMA, home, settings=[*settings, "limit.character_tokens_per_day=1"])
    request = urllib.request.Request(f"{d.url}/v1/chat/completions", text({"model": "lin", "messages": [{"role": "user", "content": "hi"}]}), {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=30)
        check("OpenAI's clients are told of the limit", False)
    except urllib.error.HTTPError as error:
        answer = json.loads(error.read())["error"]
        check("OpenAI's clients are told of the limit", error.code == 429 and answer["type"] == answer["code"] == "insufficient_quota", answer)
    d.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="anima-cards-") as root:
        home = f"{root}/home"
        d = Daemon(ANIMA, home, SCRIPT)
        for part in (lambda: coming_and_going(d, home, root), lambda: script_everywhere(d, home, root), lambda: calls_home(d, home),
                     lambda: expressions(d),
                     lambda: large(d), lambda: bombs(d, home, root)):
            part()
        status, log = d.stop()
        check("the daemon ends well", status == 0, (status, log))
        costs(root)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
