"""LoRA adapters of anima-engine on a real model: streams of one batch with different adapters, files that come, vanish and are
damaged, and KV caches that know whose they are.

python3 engine_lora.py ENGINE MAKE_ADAPTER MODEL.gguf FOLDER
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import engine_peer as peer
from engine_peer import FAILED, Engine, check

ENGINE, MAKE, MODEL, FOLDER = sys.argv[1:5]
ADAPTERS, KV = os.path.join(FOLDER, "adapters"), os.path.join(FOLDER, "kv")


def make(name, rank, seed, size=0.1, *more):
    subprocess.run([MAKE, MODEL, os.path.join(ADAPTERS, name), str(rank), str(seed), str(size), *more], check=True)


def start(**options):
    e = Engine(ENGINE, "llm_llama", MODEL, {"context": 1024, "slots": 4, "kv_folder": KV, "adapters": ADAPTERS, **options})
    ready = e.until("ready", "failed")
    assert ready["type"] == "ready", ready
    return e, ready


def send(e, text, adapter=None, tokens=8, **members):
    if adapter:
        members["adapter"] = adapter
    return e.generate(text, system=SYSTEM, logprobs=4, sampling={"temperature": 0, "max_tokens": tokens}, **members)


def ask(e, text, adapter=None, **members):
    i = send(e, text, adapter, **members)
    return e.collect(i)[i]


def code(answer):
    return answer["error"]["code"] if answer["error"] else None


def same(a, b):
    return peer.same(a, b, 0.5)


SYSTEM = "You are Ann, who keeps bees on a hill near the sea and likes to tell of them. " * 4
QUESTION = "What do bees do in winter?"

shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(ADAPTERS)
os.makedirs(KV)
make("a.gguf", 4, 1)
make("b.gguf", 16, 2)

# ---- one batch, many adapters ----
e, ready = start()
check("jailed with a folder of adapters", ready["jail"]["landlock"] > 0 and ready["jail"]["seccomp"], str(ready["jail"]))
names = [None, "a.gguf", "b.gguf"]
alone = [ask(e, QUESTION, n) for n in names]
check("adapters change what is said", len({a["text"] for a in alone}) == 3, str([a["text"] for a in alone]))
ids = [send(e, QUESTION, n) for n in names]
together = e.collect(*ids)
check("side by side as alone", all(same(alone[k], together[i]) for k, i in enumerate(ids)),
      str([(alone[k]["text"], together[i]["text"]) for k, i in enumerate(ids)]))
check("a scale of 0 is none", same(alone[0], ask(e, QUESTION, "a.gguf", adapter_scale=0)))
check("another scale is another adapter", alone[1]["logprobs"] != ask(e, QUESTION, "a.gguf", adapter_scale=0.4)["logprobs"])

# ---- whose KV cache ----
def cached(e, stream, adapter, **members):
    a = ask(e, QUESTION, adapter, stream=stream, **members)
    return a["started"]["cached_tokens"], a

first, a = cached(e, "one", "a.gguf")
again, b = cached(e, "one", "a.gguf")
check("a stream keeps what its adapter computed", again > 60 and same(a, b), (first, again))
make("c.gguf", 8, 3)
check("another stream with another adapter begins anew", cached(e, "two", "c.gguf")[0] == 0)
check("and with the same adapter it does not", cached(e, "three", "c.gguf")[0] > 60)
changed, b = cached(e, "one", "b.gguf", adapter_scale=0.9)
check("a stream whose adapter changed begins anew", changed == 0 and not same(a, b), changed)
e.stop()
e, _ = start()
check("after a restart its own is found", cached(e, "three", "c.gguf")[0] > 60)
check("and that of others is not used", cached(e, "two", "c.gguf", adapter_scale=2)[0] == 0)

# ---- another file under the same name ----
make("d.gguf", 4, 11)
check("an adapter reads for its stream", cached(e, "swap", "d.gguf")[0] == 0)
kept, before = cached(e, "swap", "d.gguf")
make("new", 12, 12)
os.rename(os.path.join(ADAPTERS, "new"), os.path.join(ADAPTERS, "d.gguf"))
swapped, after = cached(e, "swap", "d.gguf")
check("another file of that name is another adapter: nothing of the old one is used", kept > 60 and swapped == 0 and not same(before, after),
      (kept, swapped))
check("and what it computes is its own", same(after, ask(e, QUESTION, "d.gguf")))
e.stop()
e, _ = start()
check("after a restart the KV cache is the new one's", cached(e, "swap", "d.gguf")[0] > 60)
make("new", 4, 11)
os.rename(os.path.join(ADAPTERS, "new"), os.path.join(ADAPTERS, "d.gguf"))
back, again = cached(e, "swap", "d.gguf")
check("with the old file back nothing of the new one is used", back == 0 and same(again, before), back)

# ---- faults: each for its own request only ----
check("no such adapter", code(ask(e, QUESTION, "nobody.gguf")) == "not_found")
check("no path out of the folder", code(ask(e, QUESTION, "../model")) == "invalid")
os.symlink("/etc/hostname", os.path.join(ADAPTERS, "link.gguf"))
link = ask(e, QUESTION, "link.gguf")
check("a link out of the folder", link["error"] is not None, str(link))
make("kind.gguf", 4, 1, 0.1, "gemma")
check("for another model", code(ask(e, QUESTION, "kind.gguf")) == "model")
path = os.path.join(ADAPTERS, "broken.gguf")
shutil.copy(os.path.join(ADAPTERS, "a.gguf"), path)
os.truncate(path, os.path.getsize(path) // 2)
broken = ask(e, QUESTION, "broken.gguf")
check("cut short", code(broken) == "model" and "broken.gguf" in broken["error"]["message"], str(broken))
long_ = send(e, "Tell me everything about bees.", "a.gguf", tokens=60)
plain = send(e, "Tell me everything about rivers.", None, tokens=60)
e.until("words")
os.remove(os.path.join(ADAPTERS, "a.gguf"))
refused = send(e, QUESTION, "a.gguf")
answers = e.collect(long_, plain, refused)
check("a file that vanishes is gone for the next", code(answers[refused]) == "not_found", str(answers[refused]))
check("who has it goes on, and so do the others", all(answers[i]["finish"] in ("stop", "length") for i in (long_, plain)), str(answers))
make("late.gguf", 2, 7)
check("a file that comes later is found", ask(e, QUESTION, "late.gguf")["finish"] is not None)
e.stop()

# ---- engines without any ----
e, _ = start(adapters="")
check("no folder, no adapters", code(ask(e, QUESTION, "b.gguf")) == "not_found")
check("and all else works", ask(e, QUESTION)["finish"] is not None)
e.stop()

sys.exit(1 if FAILED else 0)
