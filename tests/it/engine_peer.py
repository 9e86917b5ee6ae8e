"""anima's side of the engine protocol (docs/engine-protocol.md), for tests that talk to anima-engine directly."""
import json
import os
import socket
import struct
import subprocess


class Engine:
    def __init__(self, program, driver, model, options=None, env=None, arguments=()):
        ours, theirs = socket.socketpair()
        fd = theirs.fileno()
        self.process = subprocess.Popen(
            [program, "--driver", driver, "--model", model, "--options", json.dumps(options or {}), "--fd", str(fd), *arguments],
            pass_fds=[fd], env={**os.environ, **(env or {})})
        theirs.close()
        self.socket = ours
        self.socket.settimeout(120)
        self.buffer = self.raw = b""
        self.next_id = 1

    def send(self, head, raw=b""):
        data = json.dumps(head).encode()
        self.socket.sendall(struct.pack("<II", len(data), len(raw)) + data + raw)

    def receive(self):
        """The next frame's head (its bytes behind that are self.raw), or None when the engine has gone."""
        while True:
            if len(self.buffer) >= 8:
                head, raw = struct.unpack("<II", self.buffer[:8])
                if len(self.buffer) >= 8 + head + raw:
                    frame, self.raw = json.loads(self.buffer[8:8 + head]), self.buffer[8 + head:8 + head + raw]
                    self.buffer = self.buffer[8 + head + raw:]
                    return frame
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not more:
                return None
            self.buffer += more

    def until(self, *types):
        while True:
            frame = self.receive()
            if frame is None or frame["type"] in types:
                return frame

    def generate(self, text, system=None, **members):
        """Sends a request; returns its id."""
        messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": text}]
        request = {"type": "generate", "id": self.next_id, "messages": messages, "sampling": {"temperature": 0, "max_tokens": 40}}
        request.update(members)
        self.next_id += 1
        self.send(request)
        return request["id"]

    def collect(self, *ids):
        """What the requests answered: id → {text, finish, error, words, logprobs, started, done}."""
        out = {i: {"text": "", "words": 0, "logprobs": [], "finish": None, "error": None} for i in ids}
        open_ids = set(ids)
        while open_ids:
            f = self.receive()
            if f is None:
                raise EOFError("the engine has gone")
            one = out.get(f.get("id"))
            if one is None:
                continue
            if f["type"] == "words":
                one["text"] += f["text"]
                one["words"] += 1
                one["logprobs"] += f.get("logprobs", [])
            elif f["type"] == "started":
                one["started"] = f
            elif f["type"] == "done":
                one["finish"], one["done"] = f["finish"], f
                open_ids.discard(f["id"])
            elif f["type"] == "error":
                one["error"] = f
                open_ids.discard(f["id"])
        return out

    def ask(self, text, system=None, **members):
        i = self.generate(text, system, **members)
        return self.collect(i)[i]

    def stop(self):
        try:
            self.send({"type": "stop"})
        except OSError:
            pass
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.socket.close()


FAILED = []


def check(name, good, why=""):
    print(f"ok {name}" if good else f"FAIL {name} {why}", flush=True)
    if not good:
        FAILED.append(name)


def same(a, b, noise=0.35):
    """The same words, next to the same probabilities. Batches of other shapes are rounded otherwise (activations have 8 bits
    in this model), so that two tokens of nearly the same probability may change places: then it is the same up to there."""
    if bool(a["logprobs"]) != bool(b["logprobs"]):
        return False
    for x, y in zip(a["logprobs"], b["logprobs"]):
        if abs(x["logprob"] - y["logprob"]) > noise:
            return False
        if x["token"] != y["token"]:
            return len(x["top_logprobs"]) > 1 and x["top_logprobs"][0]["logprob"] - x["top_logprobs"][1]["logprob"] < noise
    return True
