#!/usr/bin/env python3
"""The engine process and its script driver: frames, limits, manners. Usage: engine_script.py ANIMA_ENGINE"""
import json
import struct
import subprocess
import sys
import tempfile

from engine_peer import FAILED, Engine, check

PROGRAM = sys.argv[1]
SCRIPT = """slots: 2

match: slow
delay_ms: 30
say: one two three four five six seven eight nine ten

match: 中文
say: 你好，世界。

match: refuse
error: busy come back later

say: You said {last}; {n} messages.
"""


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as f:
        f.write(SCRIPT)
        f.flush()
        e = Engine(PROGRAM, "script", f.name)
        ready = e.until("ready", "failed")
        check("ready", ready["type"] == "ready" and ready["slots"] == 2 and ready["jail"]["seccomp"], ready)
        check("an answer", e.ask("hi")["text"] == "You said hi; 1 messages.")
        chinese = e.ask("中文")
        check("one Chinese character is one token", chinese["text"] == "你好，世界。" and chinese["done"]["completion_tokens"] == 6, chinese)
        check("max_tokens", e.ask("slow", sampling={"max_tokens": 3})["text"] == "one two three")
        stopped = e.ask("slow", sampling={"stop": ["four"]})
        check("stop", stopped["text"] == "one two three " or stopped["text"] == "one two three", stopped)
        check("prefix", e.ask("slow", prefix="one two three four five six seven")["text"] == " eight nine ten")
        check("refusal", e.ask("refuse")["error"]["code"] == "busy")
        check("log probabilities", e.ask("hi", logprobs=2)["logprobs"][0]["logprob"] == -0.1)
        ids = [e.generate("slow") for _ in range(4)]
        e.send({"type": "cancel", "id": ids[0]})
        e.send({"type": "cancel", "id": ids[3]})
        all_ = e.collect(*ids)
        check("cancel, running and waiting", [all_[i]["finish"] for i in ids] == ["cancelled", "stop", "stop", "cancelled"], all_)
        e.send({"type": "tokenize", "id": 5, "text": "a b 你好"})
        check("tokenize", e.until("tokens")["n"] == 4)
        e.send({"type": "nonsense", "id": 9})
        check("an unknown frame", e.until("error")["code"] == "unsupported")
        e.send({"type": "generate", "id": -1, "messages": [{"role": "user", "content": "x"}]})
        check("an id below 1", e.until("error")["code"] == "invalid")
        data = json.dumps({"type": "ping", "id": 3}).encode()
        for byte in struct.pack("<II", len(data), 0) + data:
            e.socket.sendall(bytes([byte]))
        check("a frame that comes byte by byte", e.until("pong")["id"] == 3)
        e.socket.sendall(struct.pack("<II", 1 << 31, 0))
        check("a frame over the limit ends the engine", e.process.wait(20) is not None)
    e = Engine(PROGRAM, "script", "/nowhere/script.txt")
    check("no script", e.until("failed")["code"] == "not_found")
    for driver, denied in (("llm_llama", True), ("script", True), ("openai", False)):
        done = subprocess.run([PROGRAM, "--jail-test", "--driver", driver], capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)
        sockets = [found[k] for k in ("socket_tcp", "socket_udp", "socket_unix")]
        rest = [found[k] for k in ("read_passwd", "write_tmp", "new_process", "exec", "ptrace")]
        check(f"jail of {driver}: neither files nor processes", all(v == "denied" for v in rest), found)
        check(f"jail of {driver}: {'no' if denied else 'only its'} sockets", all((v == "denied") == denied for v in sockets), found)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
