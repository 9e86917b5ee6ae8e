"""Starting `anima serve` on a home of its own, and talking to it: shared by the tests of this folder."""
import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

FAILED = []


def check(name, good, why=""):
    print(f"ok {name}" if good else f"FAIL {name} {str(why)[:600]}", flush=True)
    if not good:
        FAILED.append(name)


class Daemon:
    def __init__(self, anima, home, script=None, settings=(), prefix=(), lazy=False, environment=None):
        self.home = home
        command = [*prefix, anima, "serve", "--home", home, "--set", "server.port=0"]
        if script is not None:
            os.makedirs(home, exist_ok=True)
            path = os.path.join(home, "script.txt")
            with open(path, "w", encoding="utf-8") as f:
                f.write(script)
            command += ["--set", f"model.default=script:{path}"]
        for s in settings:
            command += ["--set", s]
        if lazy:
            command.append("--lazy")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        self.url = found.group(0) if found else None
        if not found:
            self.process.wait(20)
            self.error = self.process.stderr.read()

    def call(self, method, path, body=None, timeout=60):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/api/v1" + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def begin(self):
        return self.call("POST", "/conversations", {"character": "lin"})[1]["conversation"]["id"]

    def say(self, conversation, text, **more):
        return self.call("POST", f"/conversations/{conversation}/messages", {"text": text, **more})

    def turns(self, conversation):
        return self.call("GET", f"/conversations/{conversation}?limit=500")[1]["turns"]

    def until_done(self, conversation, seq, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for turn in self.turns(conversation):
                if turn["seq"] == seq and turn["state"] not in ("waiting", "streaming"):
                    return turn
            time.sleep(0.05)
        raise TimeoutError(f"turn {seq} does not end")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self):
        self.process.terminate()
        status = self.process.wait(60)
        return status, self.process.stderr.read()
