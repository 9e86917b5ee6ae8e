#!/usr/bin/env python3
"""The process that takes PDFs apart: what it tells of real ones, of hostile ones, and that its jail holds. Usage: pdf_reader.py ANIMA_ENGINE

Without PDFium (tools/setup fetches it) there is nothing to test, which is said."""
import os
import random
import subprocess
import sys

import pdf_kit
from engine_peer import FAILED, Engine, check

PROGRAM = os.path.abspath(sys.argv[1])
LIBRARY = os.path.join(pdf_kit.cache(), "packages/pypdfium2-4.30.0/libpdfium.so")
PAGE = [(72, 80, 18, "Bees"), (72, 120, 11, "They dance."), (72, 134, 11, "蜜蜂跳舞。")]


def read(data, options=None):
    """What one process tells of a PDF: (lines, its last frame), and the process."""
    e = Engine(PROGRAM, "pdf", LIBRARY, options)
    ready = e.until("ready", "failed")
    if not ready or ready["type"] != "ready":
        return "", ready, e
    try:
        e.send({"type": "document", "id": 1}, data)
    except OSError:
        pass  # it died of the first bytes
    out = b""
    while True:
        frame = e.receive()
        if frame is None or frame["type"] != "lines":
            return out.decode(), frame, e
        out += e.raw


def told(name, data, words, options=None):
    lines, last, e = read(data, options)
    check(name, last and last["type"] == "error" and words in last["message"] and e.stop() == 0, (lines[:200], last))


def real():
    lines, last, e = read(pdf_kit.pdf([PAGE, PAGE], title="Bees 蜜蜂", marks=[("Bees", 1), ("蜂", 2)]))
    check("a PDF", last["type"] == "done" and lines.startswith("T\tBees 蜜蜂\nB\t1\t1\tBees\nB\t1\t2\t蜂\nP\t5950\t8420\nL\t720\t") and lines.count("\tThey dance.\n") == 2 and lines.count("\t蜜蜂跳舞。\n") == 2, (lines, last))
    left, right, base, size = (int(x) for x in lines.split("They dance.")[0].split("\n")[-1].split("\t")[1:5])
    check("where its lines stand", left == 720 and 1200 < right < 1400 and base == 1200 and size == 110, lines)
    e.send({"type": "document", "id": 2}, pdf_kit.pdf([PAGE]))
    check("and another one", e.until("lines")["pages"] == 1 and e.until("done")["id"] == 2)
    e.send({"type": "document", "id": 0}, b"%PDF")
    check("an id below 1", e.until("error")["code"] == "invalid")
    e.send({"type": "generate", "id": 3, "messages": [{"role": "user", "content": "x"}]})
    check("it does nothing else", e.until("error")["code"] == "unsupported")
    many = pdf_kit.pdf([PAGE] * 300)
    e.send({"type": "document", "id": 4}, many)
    e.send({"type": "document", "id": 5}, many)
    busy = e.until("error", "done")
    check("one at a time", busy["id"] == 5 and busy["code"] == "busy", busy)
    e.send({"type": "cancel", "id": 4})
    check("it is cancelled between two pages", e.until("done")["finish"] == "cancelled")
    e.send({"type": "ping", "id": 7})
    check("and still there", e.until("pong")["id"] == 7 and e.stop() == 0)
    web = pdf_kit.printed("<html><title>合同</title><h1>租房合同</h1><p>押金为六千四百元。</p><p>An office, first and foremost.</p>")
    lines, last, e = read(web) if web else ("押金", {"type": "done"}, None)
    check("one that Chromium printed", last["type"] == "done" and "押" in lines, (lines, last))


def hostile():
    whole = pdf_kit.pdf([PAGE] * 3)
    told("no PDF", b"%PDF-1.7 nothing else", "damaged")
    told("nothing", b"", "damaged")
    told("a password", pdf_kit.pdf([PAGE], password="x"), "needs its password")
    lines, last, e = read(pdf_kit.pdf([PAGE], password=""))
    check("a password that nobody needs", last["type"] == "done" and "They dance." in lines, (lines, last))
    told("a million pages", pdf_kit.pdf([PAGE], count=1000000), "pages")
    lines, last, e = read(pdf_kit.pdf([PAGE], count=9000))
    check("pages that are not there", last["type"] == "done" and lines.count("P\t") == 9000 and lines.count("They dance.") == 1, last)
    lines, last, e = read(pdf_kit.circle())
    check("bookmarks in a circle", last["type"] == "done" and lines.count("B\t") <= 4000 and "They dance." in lines, (lines[:200], last))
    chance = random.Random(7)
    for n in range(60):
        data = bytearray(whole[:chance.randrange(len(whole))] if n % 3 == 0 else whole)
        for _ in range(chance.randrange(1, 40)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        lines, last, e = read(bytes(data))
        e.socket.close()
        if last is None or last["type"] not in ("done", "error"):
            check(f"damaged, {n}", False, last)
        e.process.wait(20)
    check("damaged in sixty ways", True)
    told("32 MiB of chance", b"%PDF-1.7\n" + chance.randbytes((32 << 20) - 9), "damaged")
    lines, last, e = read(pdf_kit.bomb())
    check("a page that unpacks to a gigabyte ends by itself, or with the process", last is None or last["type"] in ("done", "error"), last)
    e.socket.close()
    e.process.wait(200)


def jailed():
    done = subprocess.run([PROGRAM, "--driver", "pdf", "--model", LIBRARY, "--jail-test"], capture_output=True, text=True, timeout=60, check=False)
    check("out of its jail it does not get", done.returncode == 0 and '"read_passwd":"denied"' in done.stdout and '"read_model":"denied"' in done.stdout and "ALLOWED" not in done.stdout, done.stdout)
    e = Engine(PROGRAM, "pdf", LIBRARY)
    ready = e.until("ready", "failed")
    jail = ready["jail"]
    check("both walls and a limit of memory", jail["landlock"] > 0 and jail["seccomp"] and not jail["network"] and jail["memory_limit"] == 1 << 30, jail)
    with open(f"/proc/{e.process.pid}/limits", encoding="ascii") as f:
        limits = f.read()
    check("and of time", any(line.split()[:4] == ["Max", "cpu", "time", "120"] for line in limits.splitlines()), limits)
    e.stop()
    e = Engine(PROGRAM, "pdf", "/nowhere/libpdfium.so")
    failed = e.until("ready", "failed")
    check("without the library it says so", failed["type"] == "failed" and failed["code"] == "not_found" and "tools/setup" in failed["message"], failed)
    e.stop()


def main():
    if not os.path.exists(LIBRARY):
        print("PDFium is not here (tools/setup fetches it): nothing to test")
        return 0
    for part in (real, hostile, jailed):
        print(f"== {part.__name__}", flush=True)
        part()
    print(f"{len(FAILED)} failed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
