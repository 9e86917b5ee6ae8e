#!/usr/bin/env python3
"""The named alternative of `anima bench memory --parts mem0`: the published package mem0ai (pinned in mem0-requirements.txt), with local models.

Usage: mem0_side.py ANIMA FILE TURNS [--set KEY=VALUE …]

FILE is in LoCoMo's form. The first TURNS turns of its first conversation are written, one `Memory.add` each with the package's own settings
(infer=True: a language model takes facts out of every turn), with the turn's id as metadata; then the questions whose evidence lies in these turns
are searched (top_k 10), and what is found is led back to its turns. Language model: the default model through anima's own OpenAI-compatible server.
Embedder: the package's OpenAI client, answered here by anima-engine with multilingual-e5-small, which is what anima uses, too. Vector store: the
package's default, Qdrant, on the disk. Its telemetry is off. Not installed, as `pip install mem0ai` does not: spaCy and fastembed (extras).

Progress goes to stderr; the last line of stdout is "RECALL MS_PER_WRITE MODEL_CALLS_PER_WRITE MEMORIES QUESTIONS", numbers with blanks between them.
"""
import array
import hashlib
import http.server
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

AT = 10


class Meanings:
    """Vectors from anima-engine (docs/engine-protocol.md)."""

    def __init__(self, program, model):
        with open(model, "rb") as f:
            options = json.dumps({"sha256": hashlib.file_digest(f, "sha256").hexdigest()})
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen([program, "--driver", "embed_e5", "--model", model, "--options", options, "--fd", str(theirs.fileno())],
                                        pass_fds=[theirs.fileno()])
        theirs.close()
        self.stream = ours.makefile("rwb")
        self.lock = threading.Lock()
        head = {}
        while head.get("type") != "ready":
            head, _ = self.receive()
            if head.get("type") == "failed":
                raise RuntimeError(head.get("message"))

    def receive(self):
        head, raw = struct.unpack("<II", self.stream.read(8))
        return json.loads(self.stream.read(head)), self.stream.read(raw)

    def of(self, texts):
        out = []
        with self.lock:
            for at in range(0, len(texts), 32):
                head = json.dumps({"type": "embed", "id": 1, "kind": "query", "texts": texts[at:at + 32]}).encode()
                self.stream.write(struct.pack("<II", len(head), 0) + head)
                self.stream.flush()
                answer, raw = self.receive()
                while answer["type"] != "vectors":
                    if answer["type"] == "error":
                        raise RuntimeError(answer.get("message"))
                    answer, raw = self.receive()
                numbers = array.array("f", raw)
                out += [list(numbers[i * answer["dim"]:(i + 1) * answer["dim"]]) for i in range(answer["n"])]
        return out


def serve_meanings(meanings):
    """POST …/embeddings, as OpenAI has it."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
            data = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(meanings.of(texts))]
            answer = json.dumps({"object": "list", "data": data, "model": body.get("model", ""), "usage": {"prompt_tokens": 0, "total_tokens": 0}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def start_anima(anima, home, settings):
    """With a character that adds nothing of its own: the API's models are characters."""
    bare = os.path.join(home, "characters", "bare")
    os.makedirs(bare)
    for name, text in (("character.ini", "[character]\nname = Bare\nlanguage = en\n"), ("persona.en.md", "Do what you are told.\n")):
        with open(os.path.join(bare, name), "w", encoding="utf-8") as f:
            f.write(text)
    command = [anima, "serve", "--home", home, "--set", "server.port=0", "--set", "engine.context=16384", "--set", "engine.slots=1"]
    for s in settings:
        command += ["--set", s]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    found = re.search(r"http://\S+", process.stdout.readline())
    if not found:
        sys.exit("anima did not start")
    return process, found.group(0).rstrip("/") + "/v1"


def read(path, most):
    """The first turns as (id, "Name: text"), and the questions with their evidence that lie in them."""
    with open(path, encoding="utf-8") as f:
        one = json.load(f)[0]
    turns = []
    for s in range(1, 200):
        for t in one["conversation"].get(f"session_{s}", []):
            photo = f" [shares a photo: {t['blip_caption']}]" if t.get("blip_caption") else ""
            turns.append((t["dia_id"], f"{t['speaker']}: {t['text']}{photo}"))
    turns = turns[:most]
    known, questions = {i for i, _ in turns}, []
    for q in one["qa"]:
        gold = {f"D{int(a)}:{int(b)}" for e in q.get("evidence") or [] for a, b in re.findall(r"D(\d+):(\d+)", e)}
        if gold and gold <= known:
            questions.append((q["question"], gold))
    return turns, questions


def counted(memory, calls):
    ask = memory.llm.generate_response

    def generate_response(*words, **named):
        calls.append(1)
        return ask(*words, **named)

    memory.llm.generate_response = generate_response


def measure(memory, turns, questions):
    calls, began, failed = [], time.monotonic(), 0
    counted(memory, calls)
    for n, (turn, text) in enumerate(turns):
        try:
            memory.add([{"role": "user", "content": text}], user_id="bench", metadata={"turn": turn})
        except Exception as why:  # what the package could not write counts as not remembered
            failed += 1
            print(f"mem0: turn {turn}: {why}", file=sys.stderr)
        each = (time.monotonic() - began) / (n + 1)
        print(f"mem0: {n + 1} of {len(turns)} turns written, {each:.1f} s each, {each * (len(turns) - n - 1) / 60:.0f} min left", file=sys.stderr)
    ms = 1000 * (time.monotonic() - began) / len(turns)
    per_write = len(calls) / len(turns)
    found = 0.0
    for question, gold in questions:
        hits = memory.search(question, top_k=AT, filters={"user_id": "bench"})["results"]
        found += len(gold & {(h.get("metadata") or {}).get("turn") for h in hits}) / len(gold)
    stored = memory.get_all(filters={"user_id": "bench"}, top_k=100000)["results"]
    return 100 * found / len(questions), ms, per_write, len(stored), len(questions), failed


def main():
    anima, path, most = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    settings = [sys.argv[i + 1] for i, word in enumerate(sys.argv) if word == "--set"]
    cache = os.environ.get("ANIMA_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "anima")
    turns, questions = read(path, most)
    if not questions:
        sys.exit("no question has its evidence in so few turns")
    with tempfile.TemporaryDirectory(prefix="anima-mem0-") as folder:
        os.environ.update(MEM0_DIR=folder, MEM0_TELEMETRY="False")
        from mem0 import Memory
        process, url = start_anima(anima, os.path.join(folder, "home"), settings)
        meanings = Meanings(os.path.join(os.path.dirname(anima), "anima-engine"), os.path.join(cache, "models", "e5-small-q4.bin"))
        try:
            memory = Memory.from_config({
                "llm": {"provider": "openai", "config": {"model": "bare", "api_key": "none", "openai_base_url": url}},
                "embedder": {"provider": "openai", "config": {"model": "e5-small", "api_key": "none", "openai_base_url": serve_meanings(meanings)}},
                "vector_store": {"provider": "qdrant", "config": {"path": os.path.join(folder, "qdrant"), "on_disk": True, "embedding_model_dims": 384, "collection_name": "bench"}},
                "history_db_path": os.path.join(folder, "history.db")})
            recall, ms, calls, stored, asked, failed = measure(memory, turns, questions)
        finally:
            process.terminate()
            meanings.process.terminate()
            process.wait(60)
    if failed:
        print(f"mem0: {failed} of {len(turns)} turns could not be written", file=sys.stderr)
    print(f"{recall:.3f} {ms:.3f} {calls:.3f} {stored} {asked}")


if __name__ == "__main__":
    main()
