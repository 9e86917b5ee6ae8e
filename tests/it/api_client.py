"""What the API's tests share: a daemon of their own, requests, and counting checks. Standard library only."""
import http.client
import json
import os
import re
import signal
import subprocess
import time

_failed = 0


def check(name, good=True, why=""):
    global _failed
    print(f"ok {name}" if good else f"FAIL {name}: {why}", flush=True)
    _failed += 0 if good else 1


def failures():
    return _failed


def request(port, method, path, body=None, headers=None, raw_body=None, headers_too=False):
    """Status and parsed JSON (or None)."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    data = raw_body if raw_body is not None else None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if method == "POST" else {}
    sent.update(headers or {})
    try:
        c.request(method, path, data, sent)
        answer = c.getresponse()
        text = answer.read()
    finally:
        c.close()
    parsed = json.loads(text) if text[:1] in (b"{", b"[") else None
    return (answer.status, parsed, answer.headers) if headers_too else (answer.status, parsed)


def recv_reply(s):
    got = b""
    while b"\r\n\r\n" not in got:
        chunk = s.recv(4096)
        if not chunk:
            break
        got += chunk
    return got


class Daemon:
    """`anima serve` with a script engine and one conversation; ended at the with-block's end."""

    def __init__(self, anima, home, script, *settings, model=None):
        os.makedirs(home, exist_ok=True)
        if model is None:
            path = os.path.join(home, "script.txt")
            with open(path, "w", encoding="utf-8") as f:
                f.write(script)
            model = f"script:{path}"
        self.model = model
        command = [anima, "serve", "--home", home]
        for setting in ("server.port=0", f"model.default={model}", *settings):
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stdout:
            found = re.search(r"http://[^\s/]*:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        if not self.port:
            raise RuntimeError("anima serve did not start")
        status, made = self.call("POST", "/api/v1/conversations", {"character": "lin"})
        self.conversation = made["conversation"]["id"] if status == 201 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def call(self, method, path, body=None, **more):
        return request(self.port, method, path, body, **more)

    def status(self):
        return self.call("GET", "/api/v1/status")[1]

    def alive(self):
        return self.process.poll() is None and self.call("GET", "/api/v1/status")[0] == 200

    def memory_counts(self):
        """False under a sanitizer, which reserves terabytes of addresses and keeps freed memory for a while."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            return int(re.search(r"VmSize:\s*(\d+) kB", f.read()).group(1)) < 1 << 30

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_done(self, conversation, seq, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            turns = self.call("GET", f"/api/v1/conversations/{conversation}?after={seq - 1}&limit=1")[1]["turns"]
            if turns and turns[0]["state"] not in ("waiting", "streaming"):
                return turns[0]
            time.sleep(0.01)
        raise TimeoutError(f"turn {seq} does not end")

    def say(self, text, wait=True):
        status, sent = self.call("POST", f"/api/v1/conversations/{self.conversation}/messages", {"text": text})
        if status != 202:
            raise RuntimeError(f"{status} {sent}")
        if wait:
            self.wait_done(self.conversation, sent["reply"])
        return sent["seq"]
