#!/usr/bin/env python3
"""`make run` as a person meets it: a fresh copy of the sources, an empty cache, an empty home; then again without a network,
then `make install`, and the installed program without the checkout's packages.

Usage: setup_run.py [--model NAME]     the model to fetch and talk with: the small one unless said otherwise
Prints `ok NAME` or `FAIL NAME: why` per check; exits 1 if one failed. Standard library only.
"""
import argparse
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

from api_client import check, failures

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORDS = "Hello, who are you?\nWhat do you like to eat?\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def copy_sources(to):
    """What a clone of this state would have."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TOP, stdout=subprocess.PIPE,
                           check=True).stdout.decode().split("\0")
    for name in names:
        if name and os.path.isfile(os.path.join(TOP, name)):
            os.makedirs(os.path.dirname(os.path.join(to, name)), exist_ok=True)
            shutil.copy2(os.path.join(TOP, name), os.path.join(to, name))


class Person:
    def __init__(self, folder, model):
        self.source, self.model, self.port = os.path.join(folder, "anima"), model, free_port()
        self.env = dict(os.environ, ANIMA_CACHE=os.path.join(folder, "cache"), ANIMA_HOME=os.path.join(folder, "home"))
        for name in ("PIP_INDEX_URL", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            self.env.pop(name, None)

    def make(self, *words, env=None, say="", timeout=600):
        """(exit status, output, seconds)"""
        begun = time.monotonic()
        done = subprocess.run(["make", "--no-print-directory", *words], cwd=self.source, env=env or self.env, input=say, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        return done.returncode, done.stdout, time.monotonic() - begun

    def talk(self, env=None):
        return self.make("run", "MODEL=" + self.model, f"ARGS=--set server.port={self.port}", env=env, say=WORDS)


def without_network(folder, env):
    """Every way out ends at a closed port, and what installs or downloads leaves a note that it was called."""
    tools, note = os.path.join(folder, "tools"), os.path.join(folder, "called")
    os.makedirs(tools)
    for name in ("apt-get", "sudo", "pip", "pip3", "npm", "curl", "wget"):
        path = os.path.join(tools, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\necho {name} >>{note}\nexit 1\n")
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    dead = "http://127.0.0.1:9"
    return dict(env, PATH=tools + os.pathsep + env["PATH"], PIP_INDEX_URL=dead, npm_config_registry=dead, http_proxy=dead, https_proxy=dead,
                HTTP_PROXY=dead, HTTPS_PROXY=dead, no_proxy="127.0.0.1,localhost", NO_PROXY="127.0.0.1,localhost"), note


def spoke(out):
    """Whether two replies came: what the set-up and the fetch say of themselves does not count."""
    said = [line for line in out.splitlines() if line.strip() and not re.match(r"fetching |checking |\S+ [█░]|\S+: +\d|\S+ is here", line)]
    # What so small a model says may end in a line without a word; two lines with words are two replies.
    return sum(bool(re.search(r"[A-Za-z]{2,}", line)) for line in said) >= 2


def installed(p, folder):
    prefix = os.path.join(folder, "prefix")
    code, out, _ = p.make("install", "PREFIX=/usr/local", "DESTDIR=" + prefix)
    check("make install", code == 0, out[-2000:])
    top = prefix + "/usr/local/"
    expected = ["bin/anima", "libexec/anima/anima-engine", "share/anima/models.json", "share/man/man1/anima.1",
                "share/bash-completion/completions/anima", "share/zsh/site-functions/_anima", "lib/systemd/user/anima.service",
                "lib/anima/llama-cpu-3.22.1/libllama.v0.5.0.so"]
    missing = [n for n in expected if not os.path.exists(top + n) or os.path.getsize(top + n) == 0]
    check("every installed file is there", not missing, missing)
    # Only the model is in this cache: the engine's libraries must be the installed ones.
    cache = os.path.join(folder, "cache2")
    os.makedirs(cache)
    shutil.copytree(os.path.join(p.env["ANIMA_CACHE"], "models"), os.path.join(cache, "models"), copy_function=os.link)
    env = dict(p.env, ANIMA_CACHE=cache, ANIMA_HOME=os.path.join(folder, "home2"))
    done = subprocess.run([top + "bin/anima", "chat", "--set", "model.default=" + p.model, "--set", f"server.port={p.port}"], cwd=folder, env=env,
                          input=WORDS, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    check("the installed program talks", done.returncode == 0 and spoke(done.stdout), done.stdout[-2000:])
    code, out, _ = p.make("uninstall", "PREFIX=/usr/local", "DESTDIR=" + prefix)
    left = [os.path.join(d, n) for d, _, names in os.walk(prefix) for n in names]
    check("make uninstall leaves no file", code == 0 and not left, left or out)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--model", default="smollm2-135m")
    model = options.parse_args().model
    with tempfile.TemporaryDirectory() as folder:
        p = Person(folder, model)
        copy_sources(p.source)
        code, out, _ = p.make("help")
        check("make help", code == 0 and "run " in out and "test " in out, out)
        code, out, seconds = p.talk()
        check("make run from an empty cache ends with 0", code == 0, out[-3000:])
        check("it answers the lines it reads", spoke(out), out[-2000:])
        print(f"   cold: {seconds:.1f} s")
        env, note = without_network(folder, p.env)
        code, out, seconds = p.talk(env)
        check("the second make run needs no network and no root", code == 0 and spoke(out) and not os.path.exists(note), out[-2000:])
        code, out, quick = p.make("build", env=env)
        check("with nothing to set up or build, make build says nothing", code == 0 and out == "", out)
        print(f"   warm: {seconds:.1f} s, of which set-up and build {quick:.2f} s")
        installed(p, folder)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
