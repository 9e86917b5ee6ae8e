#!/usr/bin/env python3
"""A twin, from a folder of exports to a character: usage twin.py ANIMA [--model]. Exports of three forms and notes that nobody ever wrote; what is
looked at, asked, refused, written; people left out; kill -9 in the middle; files that were edited; the lessons that come of it. With --model the
training of the small model begins, and is stopped behind some steps."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from daemon import FAILED, check
from typist import Typist

ANIMA = os.path.abspath(sys.argv[1])
MODEL = "smollm2-135m"
SETTINGS = [f"model.default={MODEL}", "train.tokens=64", "train.answers=64", "train.held_back=0", "train.patience=0", "train.checkpoint_s=0", "train.talk_percent=1",
            "train.threads=1", "engine.threads=1", "engine.context=1024", "engine.kv_disk_mb=0", "engine.summary=off", "speech.check=off", "embed.model=", "server.port=0"]
ME = ["--me", "Anna L.", "--me", "anna@example.org", "--consent"]
BOB = "zanzibar"  # in every line of his


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def whatsapp(lines):
    return "".join(f"{day:02d}/03/2023, {minute // 60:02d}:{minute % 60:02d} - {text}\n" for day, minute, text in lines)


def make_export(folder, days=3):
    bob = [(13, 500, "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.")]
    carol, hikers = [], [(13, 480, "Carol created group \"Hikers\"")]
    for d in range(13, 13 + days):
        bob += [(d, 540, f"Bob: {BOB} are you coming to the market on the {d}th?"), (d, 541, "Anna L.: Only if you carry the potatoes"), (d, 542, f"Bob: {BOB} deal"),
                (d, 543, "Anna L.: Ten minutes then"), (d, 544, "Bob: <Media omitted>")]
        carol += [(d, 700, f"Carol: 今天第{d}天了，吃了吗？"), (d, 701, "Anna L.: 还没呢，等会儿煮面"), (d, 702, "Carol: 我也饿了"), (d, 703, "Anna L.: 那过来一起吃啊"), (d, 704, "Anna L.: 多带一个碗")]
        hikers += [(d, 1100, "Carol: who has the map"), (d, 1101, "Dave: not me"), (d, 1102, f"Anna L.: I left it in the kitchen on the {d}th"),
                   (d, 1200, f"Bob: {BOB} group words"), (d, 1201, "Anna L.: answering behind him, mongoose"), (d, 1300, "Dave: good night"), (d, 1301, "Anna L.: night all")]
    write(folder, "WhatsApp Chat with Bob.txt", whatsapp(bob))
    write(folder, "WhatsApp Chat with Carol.txt", whatsapp(carol))
    write(folder, "WhatsApp Chat with Hikers.txt", whatsapp(hikers))
    messages = [{"id": 1, "type": "service", "date": "2024-05-01T10:00:00", "actor": "Eve", "action": "phone_call", "text": ""}]
    for i, (who, text) in enumerate([("Eve", "How was the exam?"), ("Anna L.", "Long. I am so tired that I could sleep on the bus"), ("Eve", "And did it go well?"),
                                     ("Anna L.", "We shall see, the last question was unfair")]):
        messages.append({"id": 2 + i, "type": "message", "date": f"2024-05-01T10:0{i}:00", "date_unixtime": str(1714550400 + 60 * i), "from": who, "from_id": "user77" if who == "Eve" else "user12", "text": text})
    write(folder, "telegram/result.json", json.dumps({"name": "Eve", "type": "personal_chat", "id": 77, "messages": messages}))
    mails = [("Bob <bob@example.org>", "Anna L. <anna@example.org>", f"{BOB} shall I book the room?"), ("Anna L. <anna@example.org>", "Bob <bob@example.org>", "Please do, the one by the lake, pelican."),
             ("Frank <frank@example.org>", "Anna L. <anna@example.org>", "Do you still sell the bicycle?"), ("Anna L. <anna@example.org>", "Frank <frank@example.org>", "Yes, it stands in my cellar.\n\n-- \nAnna\n")]
    mbox = ""
    for i, (sender, to, text) in enumerate(mails):
        mbox += (f"From - Mon May  6 10:0{i}:00 2024\nFrom: {sender}\nTo: {to}\nSubject: {'Re: ' if i % 2 else ''}{'Room' if i < 2 else 'Bicycle'}\nDate: Mon, 06 May 2024 10:0{i}:00 +0000\n"
                 f"Message-ID: <{i}@example.org>\n{f'In-Reply-To: <{i - 1}@example.org>' if i % 2 else 'X-A: b'}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n")
    write(folder, "mail/all.mbox", mbox)
    write(folder, "notes/2023-05-04 garden.md", "# Garden\n\nI planted tomatoes behind the house today. My sister Ruth gave me the seeds last winter. The old fence has to go before June.\n")
    write(folder, "notes/broken.bin", "\x00\x01nothing")


def run(home, *words, verb="twin", settings=()):
    p = subprocess.run([ANIMA, verb, *words, "--home", home, *(x for s in settings for x in ("--set", s))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       stdin=subprocess.DEVNULL, text=True, timeout=300)
    return p.returncode, p.stdout, p.stderr


def files_of(folder):
    out = {}
    for where, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(where, name), "rb") as f:
                out[os.path.relpath(os.path.join(where, name), folder)] = f.read().decode("utf-8", "replace")
    return out


def with_word(folder, word):
    return [name for name, text in files_of(folder).items() if word in text]


def typed(home, export, answers):
    """The same on a terminal."""
    who = Typist(ANIMA, "twin", "anna", export, "--home", home, "--no-color")
    asked = [who.shows(question) and not who.types(answer + "\n") for question, answer in answers]
    return who.end(), all(asked)


def looking(home, export):
    shutil.rmtree(os.path.join(export, "telegram"))  # which tells whose export it is
    code, out, err = run(home, "anna", export)
    check("without a word of who and of consent it only looks", code == 1 and "Anna L." in out and "Carol" in out and "--me" in err and "--consent" in err and "同意" in err, (code, out, err))
    check("and writes nothing", not os.path.exists(os.path.join(home, "characters")))
    code, out, err = run(home, "anna", export, "--me", "Anna L.")
    check("consent alone is missing", code == 1 and "--consent" in err and not os.path.exists(os.path.join(home, "characters")), (code, err))
    code, out, err = run(home, "anna", export, "--json")
    got = json.loads(out)
    check("the same as JSON", code == 1 and got["missing"] == ["me", "consent"] and any(p["name"] == "Bob" and p["records"] > 0 for p in got["people"]), out)
    for words, status, why in ((["anna", export, "--me", "Ana L", "--consent"], 3, "near are \"Anna L.\""), (["anna", export, *ME, "--without", "Bobb"], 3, "\"Bob\""),
                               (["lin", export, *ME], 2, "comes with anima"), (["../x", export], 2, "no character's id"), (["anna", "/nowhere"], 3, "/nowhere"), (["anna"], 2, "which folder"),
                               (["anna", export, *ME, "--without", "anna l."], 1, "twin is to be of"), (["anna", "--report"], 3, "no twin")):
        code, out, err = run(home, *words)
        check(f"refused: {' '.join(words[:1] + words[2:])}", code == status and why in err, (code, err))
    code, asked = typed(home, export, [("Which of these", "anna l."), ("Type yes", "no")])
    check("no is no", code == 1 and asked and not os.path.exists(os.path.join(home, "characters")), (code, asked))
    code, asked = typed(home, export, [("Which of these", "anna l."), ("Type yes", "是")])
    record = json.loads(files_of(home).get("characters/anna/twin.json", "{}"))
    check("on a terminal it asks, and 是 is yes", code == 0 and asked and record.get("consent", {}).get("how") == "typed" and record["me"] == ["anna l."] and record["name"] == "Anna L.", (code, asked))
    shutil.rmtree(os.path.join(home, "characters"))


def conversations(who, name):
    return [[m["content"] for m in json.loads(line)["messages"]] for line in files_of(who).get(name, "").splitlines()]


def making(home, export):
    who = os.path.join(home, "characters/anna")
    write(home, "about.txt", "# about\nBorn in Leeds,\nlives by the canal.\n")
    code, out, err = run(home, "anna", export, *ME, "--about", os.path.join(home, "about.txt"))
    files = files_of(who)
    check("a twin is made", code == 0 and "anima train anna" in out and "--texts" in out, (code, out, err))
    check("who it is", files["persona.en.md"] == "You are Anna L.\nBorn in Leeds, lives by the canal.\n" and files["persona.zh.md"].startswith("你是Anna L") and "name = Anna L." in files["character.ini"], files)
    check("its conversations", ["今天第13天了，吃了吗？", "还没呢，等会儿煮面", "我也饿了", "那过来一起吃啊\n多带一个碗"] in conversations(who, "corpus/zh/chats-2023.jsonl"), files.get("corpus/zh/chats-2023.jsonl"))
    check("of groups without names", any(["who has the map\nnot me", "I left it in the kitchen on the 13th"] == c[:2] for c in conversations(who, "corpus/en/chats-2023.jsonl")), files.get("corpus/en/chats-2023.jsonl"))
    check("of Telegram, in its year", ["How was the exam?", "Long. I am so tired that I could sleep on the bus", "And did it go well?", "We shall see, the last question was unfair"] in conversations(who, "corpus/en/chats-2024.jsonl"), sorted(files))
    check("mails, without the signature", ["Do you still sell the bicycle?", "Yes, it stands in my cellar."] in conversations(who, "corpus/en/mails-2024.jsonl"), files.get("corpus/en/mails-2024.jsonl"))
    check("notes are texts", "planted tomatoes" in files["texts/en/notes-2023.md"])
    check("nothing of the program's own words", not with_word(os.path.join(who, "corpus"), "encrypted") and not with_word(os.path.join(who, "corpus"), "omitted"))
    check("the report", "hardly known" in files["twin-report.md"] and "- Bob: " in files["twin-report.md"] and "WhatsApp Chat with Bob.txt (whatsapp)" in files["twin-report.md"], files["twin-report.md"])
    code, out, err = run(home, "anna", "--report")
    check("again", code == 0 and out == files["twin-report.md"], (code, err))
    code, out, err = run(home, "anna", "--report", "--json")
    got = json.loads(out)
    check("as JSON", got["exchanges"] > 10 and got["topics"]["tired"] >= 1 and "angry" in got["missing"] and got["records"]["mails"] == 4 and sum(y["own"] for y in got["years"]) > 0, out)
    code, out, err = run(home, "lint", "anna", verb="characters")
    check("a good character", code == 0, (out, err))


def leaving_out(home, export):
    who = os.path.join(home, "characters/anna")
    check("he is in it", len(with_word(home, BOB)) > 1)
    code, out, err = run(home, "anna", export, *ME, "--without", " bob ")
    check("without him", code == 0 and json.loads(files_of(who)["twin.json"])["without"] == [" bob "], (code, err))
    check("no line of his is anywhere, by mail neither", with_word(home, BOB) == [] and with_word(home, "pelican") == [], with_word(home, BOB))
    check("nor what was answered right behind him", with_word(home, "mongoose") == [] and with_word(home, "potatoes") == [])
    check("the others are", with_word(home, "who has the map") != [] and with_word(home, "bicycle") != [])
    code, out, err = run(home, "anna", export, *ME, "--without", "Hikers", "--without", "Bob")
    check("a conversation is left out by its name", code == 0 and with_word(home, "who has the map") == [] and with_word(home, "还没呢") != [], (code, err))


def editing(home, export):
    who = os.path.join(home, "characters/anna")
    questions = os.path.join(who, "corpus/questions.en.md")
    with open(questions, encoding="utf-8") as f:
        text = f.read()
    asked = re.search(r"^> (.*angry\?)$", text, re.M)[0]
    write(who, "corpus/questions.en.md", text.replace(asked, asked + "\nPeople who whistle in lifts"))
    code, out, err = run(home, "anna", export, *ME, "--without", "Bob", "--fresh")
    check("answers stay", code == 0 and "corpus/questions.en.md" in out and "whistle" in open(questions, encoding="utf-8").read(), (code, out, err))
    chats = os.path.join(who, "corpus/zh/chats-2023.jsonl")
    with open(chats, encoding="utf-8") as f:
        before = f.read()
    write(who, "corpus/zh/chats-2023.jsonl", before.split("\n")[0] + "\n")
    before = files_of(who)
    code, out, err = run(home, "anna", export, *ME)
    check("an edited file is not overwritten", code == 1 and "corpus/zh/chats-2023.jsonl" in err and "--fresh" in err and files_of(who) == before, (code, err))
    code, out, err = run(home, "anna", export, *ME, "--without", "Bob", "--fresh")
    check("unless that is wanted", code == 0 and len(conversations(who, "corpus/zh/chats-2023.jsonl")) == 3, (code, err))


def killing(home, folder):
    """At any time: the next run goes through, and leaves nothing of what is left out."""
    export, who = os.path.join(folder, "large"), os.path.join(home, "characters/kay")
    make_export(export, days=18)
    bad = []
    for i in range(25):
        p = subprocess.Popen([ANIMA, "twin", "kay", export, *ME, "--home", home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.004 * i)
        p.send_signal(signal.SIGKILL)
        p.wait()
        code, _, err = run(home, "kay", export, *ME, "--without", "Bob")
        left = with_word(who, BOB)
        odd = [name for name in files_of(who) if re.search(r"\.[A-Za-z0-9]{6}$", name) and not name.endswith(".jsonl")]
        if code or left or odd:
            bad.append((i, code, err, left, odd))
    check("killed 25 times, the next run goes through and leaves nothing of Bob", not bad, bad[:2])


def lessons(home):
    code, out, err = run(home, "anna", "--prepare", verb="train", settings=SETTINGS)
    with open(os.path.join(home, "training/anna/lessons.jsonl"), encoding="utf-8") as f:
        lines = f.read()
    check("its lessons", code == 0 and "还没呢，等会儿煮面" in lines and "You are Anna L." in lines, (code, out, err))
    check("with the answer that was given", "People who whistle in lifts" in lines and "When do you feel lonely?" not in lines)
    check("without him", BOB not in lines and "mongoose" not in lines)


def until(what, seconds=200):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.2)
    return what()


def training(home, export):
    lock, curve = os.path.join(home, "anima.lock"), os.path.join(home, "training/anna/curve.jsonl")
    code, out, err = run(home, "anna", export, *ME, "--without", "Bob", "--train", settings=SETTINGS)
    check("both trainings begin", code == 0 and err.count("in the background") == 2, (code, out, err))
    try:
        check("it learns", until(lambda: os.path.exists(curve) and open(curve, encoding="utf-8").read().count("\n") >= 3), files_of(os.path.join(home, "training/anna")).keys())
        check("and the notes are asked about", os.path.exists(os.path.join(home, "training/anna/texts")) and with_word(os.path.join(home, "training/anna/texts"), "tomatoes") != [])
        run(home, "anna", "--texts", "--stop", verb="train")
        code, out, err = run(home, "anna", "--stop", verb="train")
        check("stopped", code == 0, (out, err))
        check("behind its step", until(lambda: json.loads(run(home, "anna", "--json", "--status", verb="train")[1])["state"] == "stopped"))
        state = json.loads(run(home, "anna", "--json", "--status", verb="train")[1])
        check("some steps were made", state["step"] >= 3 and state["loss"] > 0, state)
        check("nothing of Bob in what is trained", with_word(os.path.join(home, "training"), BOB) == [])
    finally:
        with open(lock, encoding="utf-8") as f:
            held = f.read().strip()
        if held:
            os.kill(json.loads(held)["pid"], signal.SIGTERM)
            until(lambda: not open(lock, encoding="utf-8").read().strip(), 60)


def main():
    base = tempfile.mkdtemp(prefix="anima-twin-")
    home, export = os.path.join(base, "home"), os.path.join(base, "export")
    make_export(export)
    os.makedirs(home)
    try:
        if "--model" in sys.argv:
            training(home, export)
        else:
            bare = os.path.join(base, "bare")
            make_export(bare)
            looking(home, bare)
            making(home, export)
            leaving_out(home, export)
            editing(home, export)
            killing(home, base)
            lessons(home)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
