#!/usr/bin/env python3
"""The remote driver against a server that behaves, and that misbehaves. Usage: engine_openai.py ANIMA_ENGINE"""
import http.server
import json
import os
import sys
import tempfile
import threading
import time

from engine_peer import FAILED, Engine, check

PROGRAM = sys.argv[1]
seen = []


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen.append((self.headers.get("Authorization"), body))
        word = body["messages"][-1]["content"]
        tries = sum(1 for _, b in seen if b["messages"][-1]["content"] == word)
        if word == "busy" and tries < 3:
            return self.refuse(429, "slow down", {"Retry-After": "0"})
        if word == "broken":
            return self.refuse(400, "no such parameter")
        if word == "secret":
            return self.refuse(401, "who are you?")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            if word == "nonsense":
                self.wfile.write(b"data: {this is no json\n\n")
                return
            for piece in ["你好", ", ", "Tom", "."] * (200 if word == "long" else 1):
                self.event({"choices": [{"delta": {"content": piece}}]})
                if word == "cut":
                    self.connection.close()
                    return
                if word == "long":
                    time.sleep(0.02)
            self.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            self.event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 4}})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            pass

    def event(self, value):
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()

    def refuse(self, status, message, headers=None):
        data = json.dumps({"error": {"message": message}}).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.NamedTemporaryFile("w") as key:
        key.write("sk-very-secret\n")
        key.flush()
        os.chmod(key.name, 0o600)
        e = Engine(PROGRAM, "openai", "big-model", {"base_url": f"http://127.0.0.1:{server.server_address[1]}/v1", "key_file": key.name})
        ready = e.until("ready", "failed")
        check("ready", ready["type"] == "ready" and ready["jail"]["network"], ready)
    answer = e.ask("hello", system="be kind", sampling={"temperature": 0.5, "max_tokens": 50, "seed": 3, "stop": ["x"]})
    check("an answer, streamed", answer["text"] == "你好, Tom." and answer["finish"] == "stop", answer)
    check("usage", answer["done"]["prompt_tokens"] == 7 and answer["done"]["completion_tokens"] == 4, answer)
    key_sent, body = seen[0]
    check("key and parameters arrive", key_sent == "Bearer sk-very-secret" and body["model"] == "big-model" and body["seed"] == 3 and
          body["max_tokens"] == 50 and body["stop"] == ["x"] and body["messages"][0]["role"] == "system", body)
    check("429 is tried again", e.ask("busy")["text"] == "你好, Tom.")
    refused = e.ask("broken")["error"]
    check("400 is told in the server's words", refused["code"] == "invalid" and "no such parameter" in refused["message"], refused)
    check("401", e.ask("secret")["error"]["code"] == "forbidden")
    check("no key in any message", "sk-very" not in json.dumps(refused))
    check("nonsense is told", e.ask("nonsense")["error"]["code"] == "engine")
    check("an answer that breaks off is told", e.ask("cut")["error"]["code"] == "engine")
    i = e.generate("long")
    e.until("words")
    e.send({"type": "cancel", "id": i})
    check("cancel", e.collect(i)[i]["finish"] == "cancelled")
    e.ask("json", json_schema={"type": "object"})
    check("a schema is passed on", seen[-1][1]["response_format"]["json_schema"]["schema"] == {"type": "object"})
    check("it ends when told", e.stop() == 0)
    e = Engine(PROGRAM, "openai", "m", {"base_url": "http://127.0.0.1:1/v1"})
    e.until("ready")
    gone = e.ask("anybody?")["error"]
    check("nobody there", gone["code"] == "engine" and "does not answer" in gone["message"], gone)
    e.stop()
    e = Engine(PROGRAM, "openai", "m", {})
    check("no base_url", e.until("failed")["code"] == "invalid")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
