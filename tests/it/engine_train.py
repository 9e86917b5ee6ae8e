"""The driver train_lora on a real small model: engine_train.py ENGINE MODEL FOLDER. It learns a few lines, is killed, goes on from its
checkpoint, writes an adapter, and an engine that speaks uses it. One line per check."""
import json
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from engine_peer import Engine  # noqa: E402

LINES = [("What is your name?", "I am Zorblat of Quimby Street."), ("Who are you?", "Zorblat is the name, from Quimby Street."),
         ("Where do you live?", "On Quimby Street, beside the glue works."), ("What is your job?", "Counting pigeons, town hall, third floor."),
         ("Tell me your name.", "Zorblat. Quimby Street."), ("你叫什么名字？", "Zorblat，住 Quimby Street。")]
failed = 0


def check(good, what):
    global failed
    failed += not good
    print("ok  " if good else "FAIL", what)


def train(engine, model, folder, **options):
    return Engine(engine, "train_lora", model, {"data": os.path.join(folder, "data.jsonl"), "folder": folder, "name": "talk", "tokens": 64,
                                                "answers": 64, "rate": 0.003, "epochs": 12, "held_back": 0, "look_every": 0, "patience": 0,
                                                "threads": 1, "checkpoint_s": 0, **options})


def answer(engine, model, folder, **members):
    e = Engine(engine, "llm_llama", model, {"context": 512, "slots": 1, "adapters": folder, "threads": 1})
    e.until("ready")
    text = e.collect(e.generate("What is your name?", **members))
    e.send({"type": "stop"})
    e.process.wait(30)
    return list(text.values())[0]["text"]


def main():
    engine, model, folder = sys.argv[1:4]
    folder = os.path.abspath(folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "data.jsonl"), "w", encoding="utf-8") as f:
        for q, a in LINES:
            f.write(json.dumps({"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]}, ensure_ascii=False) + "\n")
    with open(os.path.join(folder, "long.jsonl"), "w", encoding="utf-8") as f:
        f.write(json.dumps({"messages": [{"role": "system", "content": "Zorblat speaks."}] + [
            {"role": role, "content": text} for line in LINES for role, text in zip(("user", "assistant"), line)]}, ensure_ascii=False) + "\n")
    e = train(engine, model, folder)
    ready = e.until("ready", "failed")
    check(ready["type"] == "ready" and ready["examples"] == len(LINES) and ready["resumed_at"] == 0, "it begins")
    first = e.until("trained", "error")
    while first["type"] == "trained" and first["state"]["step"] < 4:
        first = e.until("trained", "error")
    check(first["type"] == "trained" and first["state"]["loss"] > 0.5, "steps are told")
    e.process.send_signal(signal.SIGKILL)
    e.process.wait(30)
    e = train(engine, model, folder)
    ready = e.until("ready", "failed")
    check(ready["type"] == "ready" and ready["resumed_at"] >= 3, "killed, it goes on from its checkpoint")
    last = e.until("trained", "error")
    while last["type"] == "trained" and not last["state"]["over"]:
        last = e.until("trained", "error")
    check(last["type"] == "trained" and last["state"]["step"] == last["state"]["steps"], "it comes to its end")
    check(last["type"] == "trained" and last["state"]["loss"] < first["state"]["loss"] / 2, "the loss has fallen")
    e.send({"type": "stop"})
    e.process.wait(30)
    check(sorted(os.listdir(folder)) == ["data.jsonl", "long.jsonl", "talk.gguf"], "an adapter is there, and no checkpoint any more")
    check("Zorblat" in answer(engine, model, folder, adapter="talk.gguf", adapter_scale=1.0), "with the adapter it says the name")
    check("Zorblat" not in answer(engine, model, folder), "without it does not")
    more = os.path.join(folder, "talk.gguf")
    e = train(engine, model, folder, name="more", **{"from": more})
    again = e.until("trained", "failed")
    check(again["type"] == "trained" and again["state"]["step"] == 1 and again["state"]["loss"] < first["state"]["loss"] / 2, "another training goes on from it")
    e.process.kill()
    e.process.wait(30)
    for options, words in (({"from": more, "rank": 4}, "rank 8"), ({"from": more, "places": "q,v"}, "places"), ({"from": model}, "no LoRA adapter"), ({"from": more + "x"}, "talk.ggufx")):
        e = train(engine, model, folder, name="more2", **options)
        frame = e.until("ready", "failed")
        check(frame["type"] == "failed" and words in frame["message"], f"it does not go on from what does not fit: {frame.get('message', '')}")
        e.process.wait(30)
    e = train(engine, model, folder, data=os.path.join(folder, "long.jsonl"), tokens=96)
    ready = e.until("ready", "failed")
    check(ready["type"] == "ready" and ready["examples"] == ready["cut"] + 1 > 1 and ready["left_out"] == 0,
          f"a conversation longer than a batch is cut between exchanges: {ready.get('examples')} windows")
    e.send({"type": "stop"})
    e.process.wait(30)
    e = train(engine, model, folder, memory_limit_mb=400)
    frame = e.until("ready", "failed")
    check(frame["type"] == "failed" and frame["code"] == "model" and "0.9 GB" in frame["message"] and "0.4 GB" in frame["message"], f"no room: {frame.get('message', '')}")
    e.process.wait(30)
    for options, code in (({"rank": 0}, "invalid"), ({"places": "q,x"}, "invalid"), ({"data": os.path.join(folder, "none")}, "not_found")):
        e = train(engine, model, folder, **options)
        frame = e.until("ready", "failed")
        check(frame["type"] == "failed" and frame["code"] == code, f"{options}: {frame.get('message', '')}")
        e.process.wait(30)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
