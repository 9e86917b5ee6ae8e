#!/usr/bin/env python3
"""tools/fetch.py against a registry of its own on this machine: whole, broken-off, damaged and hostile downloads.

Prints `ok NAME` or `FAIL NAME: why` per check; exits 1 if one failed. Standard library only.
"""
import hashlib
import http.server
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

from api_client import check, failures

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Registry(http.server.BaseHTTPRequestHandler):
    """Both kinds of registry. files: name → bytes; hashes: name → what the index says; break_at: name → bytes after which the connection ends, once;
    slow: names that trickle; unbroken: names given whole only; ranges: what was asked for."""
    files, hashes, break_at, slow, unbroken, ranges, asked = {}, {}, {}, set(), set(), [], []

    def log_message(self, *args):
        pass

    def answer(self, code, body, kind, headers=()):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for h in headers:
            self.send_header(*h)
        self.end_headers()
        return body

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        self.asked.append(self.path)
        name = self.path.split("/")[-1]
        if self.path.startswith("/simple/"):
            page = {"files": [{"filename": n, "url": f"../../files/{n}", "hashes": {"sha256": h}} for n, h in self.hashes.items()]}
            self.wfile.write(self.answer(200, json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json"))
        elif self.path.startswith("/npm/"):
            found = {"dist": {"tarball": f"{here}/files/{self.path.split('/')[2]}.tgz"}}
            self.wfile.write(self.answer(200, json.dumps(found).encode(), "application/json"))
        elif self.path.startswith("/files/") and name in self.files:
            self.send_file(name)
        else:
            self.wfile.write(self.answer(404, b"no", "text/plain"))

    def send_file(self, name):
        body, code, extra = self.files[name], 200, ()
        if "Range" in self.headers and name not in self.unbroken:
            first = int(self.headers["Range"][6:].split("-")[0])
            self.ranges.append((name, first))
            extra = [("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")]
            body, code = body[first:], 206
        body = self.answer(code, body, "application/octet-stream", extra)
        stop = self.break_at.pop(name, len(body))
        try:
            for at in range(0, stop, 20000):
                self.wfile.write(body[at:min(at + 20000, stop)])
                if name in self.slow:
                    time.sleep(0.1)
        except OSError:
            pass
        self.close_connection = True


def tarball(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def wheel(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            z.writestr(info, data)
    return out.getvalue()


def row(name, data, file, **more):
    """One package of the table; its file is on the registry."""
    Registry.files[file], Registry.hashes[file] = data, hashlib.sha256(data).hexdigest()
    kind = {} if more.keys() & {"wheel", "take_all", "members"} else {"take": [[f"{name}/x", "x"]]}
    return {"name": name + "-1.0", "kind": "pypi", "package": name, "version": "1.0", "bytes": len(data), "sha256": Registry.hashes[file],
            "licence": "none", **kind, **more}


class Place:
    """A copy of the fetcher with a table and a cache of its own."""

    def __init__(self, folder, port):
        self.folder, self.cache, self.names = folder, os.path.join(folder, "cache"), []
        os.mkdir(os.path.join(folder, "tools"))
        shutil.copy(os.path.join(TOP, "tools", "fetch.py"), os.path.join(folder, "tools"))
        self.env = dict(os.environ, PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple",
                        npm_config_registry=f"http://127.0.0.1:{port}/npm", no_proxy="127.0.0.1", PYTHONDONTWRITEBYTECODE="1")

    def table(self, *rows):
        with open(os.path.join(self.folder, "tools", "packages.json"), "w", encoding="utf-8") as f:
            json.dump({"packages": rows}, f)
        self.names = [r["name"] for r in rows]

    def command(self):
        return [sys.executable, os.path.join(self.folder, "tools", "fetch.py"), self.cache, *self.names]

    def run(self, env=None):
        done = subprocess.run(self.command(), env=env or self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def file(self, *parts):
        path = os.path.join(self.cache, *parts)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as f:
            return f.read()


def whole(p):
    p.table(row("plain", tarball({"plain/x": b"x", "plain/y": b"y"}), "plain-1.0.tar.gz"))
    code, out = p.run()
    check("a package is fetched and unpacked", code == 0 and p.file("packages/plain-1.0/x") == b"x", out)
    check("only what the table takes", p.file("packages/plain-1.0/y") is None)
    check("the download is not kept", os.listdir(os.path.join(p.cache, "downloads")) == [])
    Registry.asked.clear()
    code, out = p.run()
    check("the second time nothing is asked for", code == 0 and out == "" and not Registry.asked, out)
    tool = wheel([("tool/bin/x", b"#!/bin/sh\n", 0o755), ("tool/y", b"y", 0o644), ("tool-1.0.dist-info/METADATA", b"", 0o644)])
    p.table(row("tool", tool, "tool.whl", wheel="tool/"))
    code, out = p.run()
    check("a wheel keeps its folders and its programs", code == 0 and os.access(os.path.join(p.cache, "packages/tool-1.0/bin/x"), os.X_OK), out)
    scoped = tarball({"package/bins/libllama.cuda.v1.so": b"elf"})
    p.table(row("lib", scoped, "@scope.tgz", kind="npm", package="@scope/lib", take_all=["package/bins/", ".so"]))
    code, out = p.run()
    check("npm's scoped names, and plain names of a GPU's libraries", code == 0 and p.file("packages/lib-1.0/libllama.v1.so") == b"elf", out)


def members(p):
    """Single files of a large wheel."""
    data = wheel([("m/weights.bin", os.urandom(900000), 0o644), ("m/x.c", b"int x;\n", 0o644)])
    right = [["m/x.c", "x.c", hashlib.sha256(b"int x;\n").hexdigest()]]
    p.table(row("m", data, "m.whl", members=right))
    Registry.ranges.clear()
    code, out = p.run()
    check("some files of a wheel", code == 0 and p.file("packages/m-1.0/x.c") == b"int x;\n" and p.file("packages/m-1.0/weights.bin") is None, out)
    check("without the rest of it", Registry.ranges and all(first > 800000 for _, first in Registry.ranges), Registry.ranges)
    p.table(row("n", data, "n.whl", members=right))
    Registry.unbroken.add("n.whl")
    code, out = p.run()
    check("a server that gives whole files only", code == 0 and p.file("packages/n-1.0/x.c") == b"int x;\n", out)
    p.table(row("o", data, "o.whl", members=[["m/x.c", "x.c", "0" * 64]]))
    code, out = p.run()
    check("a file of a wheel that is another one is refused", code == 1 and "not the file it should be" in out and "Traceback" not in out, out)
    left = [n for n in os.listdir(os.path.join(p.cache, "packages")) if n.startswith("tmp")]
    check("and nothing of it is left", p.file("packages/o-1.0/x.c") is None and not left, left)


def broken_off(p):
    data = tarball({"big/x": os.urandom(900000)})
    p.table(row("big", data, "big-1.0.tar.gz"))
    Registry.break_at["big-1.0.tar.gz"] = 500000
    Registry.ranges.clear()
    code, out = p.run()
    check("a broken connection goes on where it ended", code == 0 and Registry.ranges == [("big-1.0.tar.gz", 500000)], (out, Registry.ranges))

    data = tarball({"slow/x": os.urandom(900000)})
    p.table(row("slow", data, "slow-1.0.tar.gz"))
    Registry.slow.add("slow-1.0.tar.gz")
    Registry.ranges.clear()
    child = subprocess.Popen(p.command(), env=p.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    part = os.path.join(p.cache, "downloads", "slow-1.0.part")
    for _ in range(100):
        time.sleep(0.05)
        if os.path.exists(part) and os.path.getsize(part) > 100000:
            break
    child.send_signal(signal.SIGINT)
    out = child.communicate(timeout=20)[0]
    kept = os.path.getsize(part) if os.path.exists(part) else 0
    check("Ctrl-C ends with 130 and one sentence", child.returncode == 130 and "Traceback" not in out and "goes on from here" in out, out)
    check("what came before Ctrl-C is kept", 0 < kept < len(data), kept)
    Registry.slow.clear()
    code, out = p.run()
    check("the next run fetches only the rest", code == 0 and Registry.ranges == [("slow-1.0.tar.gz", kept)], (out, Registry.ranges))


def bad(p):
    data = tarball({"evil/x": os.urandom(5000)})
    p.table(row("evil", data, "evil-1.0.tar.gz"))
    Registry.files["evil-1.0.tar.gz"] = data[:-10] + b"0123456789"
    code, out = p.run()
    check("a damaged download is refused", code == 1 and "sha256" in out and "Traceback" not in out, out)
    check("nothing of it is left", p.file("packages/evil-1.0/x") is None and os.listdir(os.path.join(p.cache, "downloads")) == [])
    Registry.files["evil-1.0.tar.gz"] = data + b"more"
    code, out = p.run()
    check("a download that is too large is refused", code == 1 and "larger" in out and "Traceback" not in out, out)
    p.table(dict(row("gone", b"x", "gone-1.0.tar.gz"), sha256="0" * 64))
    code, out = p.run()
    check("a file that the index lost is named", code == 1 and "gone" in out and "Traceback" not in out, out)
    p.table(row("down", b"x", "down-1.0.tar.gz"))
    code, out = p.run(env=dict(p.env, PIP_INDEX_URL="http://127.0.0.1:1/simple"))
    check("no network: one clear sentence", code == 1 and "Traceback" not in out and "goes on where it stopped" in out, out)


def where(p):
    """Without PIP_INDEX_URL and npm_config_registry, the clients' settings decide."""
    home = os.path.join(p.folder, "person")
    os.makedirs(home)
    with open(os.path.join(home, "pip.conf"), "w", encoding="utf-8") as f:
        f.write(f"[global]\nindex-url = {p.env['PIP_INDEX_URL']}\n")
    with open(os.path.join(home, ".npmrc"), "w", encoding="utf-8") as f:
        f.write(f"registry={p.env['npm_config_registry']}/\n")
    env = {k: v for k, v in p.env.items() if k not in ("PIP_INDEX_URL", "npm_config_registry")}
    p.table(row("settings", tarball({"settings/x": b"x"}), "settings-1.0.tar.gz"))
    code, out = p.run(env=dict(env, PIP_CONFIG_FILE=os.path.join(home, "pip.conf")))
    check("pip's settings say where", code == 0 and p.file("packages/settings-1.0/x") == b"x", out)
    p.table(row("rc", tarball({"package/bins/l.so": b"elf"}), "rc.tgz", kind="npm", take_all=["package/bins/", ".so"]))
    code, out = p.run(env=dict(env, HOME=home, PATH="/nowhere"))
    check("npm's settings say where, without npm", code == 0 and p.file("packages/rc-1.0/l.so") == b"elf", out)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        p = Place(folder, server.server_port)
        for part in (whole, members, broken_off, bad, where):
            part(p)
    server.shutdown()
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
