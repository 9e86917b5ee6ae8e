#!/usr/bin/env python3
"""Each bench runs and prints the agreed JSON, with few rounds: usage benches.py ANIMA"""
import json
import math
import os
import subprocess
import sys
import tempfile

from daemon import FAILED, check

ANIMA = os.path.abspath(sys.argv[1])
MAKE_ADAPTER = os.path.join(os.path.dirname(ANIMA), "tests/unit/host/anima-make-adapter")
KEYS = {"server": ["cpu_per_turn_ratio", "idle_rss_mb", "ready_ms", "first_byte_ms_p50", "events_per_s", "idle_1000_conversations_mb"],
        "chat": ["tokens_per_s_ratio", "ttft_ms_p50"], "identity": ["consistent_zh", "vendor_claims"],
        "kv": ["swap_vs_memcpy", "resume_ratio_1k", "resume_ratio_4k", "resume_ratio_1k_default", "resume_disk_ratio", "delta_bytes_fraction",
               "swap_share", "lora32_ratio", "scheduler_overhead", "partial_prefill_ratio", "busy_ratio", "npc_hour_ratio", "restore_max_dlogit"]}
AGAINST_SERVER = ["ttft_vs_server_a", "ttft_vs_server_b", "ttft_vs_server_c", "write_bytes_vs_server"]
CACHE = os.environ.get("ANIMA_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "anima")
LLAMA_SERVER = os.path.join(CACHE, "packages/llama-server-3.22.1/llama-server")
HOW_TO_GET_IT = "tools/setup --peer"


def kv():
    """All of its figures in the small form: whether they are there and numbers, and exact where they must be; not how good they are."""
    words = [ANIMA, "bench", "kv", "--quick", "--json", "--set", "model.default=smollm2-135m"]
    # One processor: where others work beside, threads that wait for each other take for ever.
    words = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    check("bench kv runs", done.returncode == 0, done.stderr)
    results = json.loads(done.stdout or "{}").get("results", {})
    there = os.path.exists(LLAMA_SERVER)
    for key in KEYS["kv"] + (AGAINST_SERVER if there else []):
        value = results.get(key, {}).get("value")
        check(f"bench kv: {key} is a number", isinstance(value, (int, float)) and math.isfinite(value), value)
    check("bench kv: a stream that comes back is the same", results.get("restore_max_dlogit", {}).get("value") == 0, results)
    check("bench kv: a turn writes less than the whole", results.get("delta_bytes_fraction", {}).get("value", 1) < 1, results)
    check("bench kv: says how to get what it lacks", (HOW_TO_GET_IT in done.stderr) != there, done.stderr)
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run([ANIMA, "bench", "kv", "--only", "crowd", "--json"], capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "ANIMA_CACHE": empty})
    check("bench kv: without llama.cpp's server its rows are left out", done.returncode == 0 and HOW_TO_GET_IT in done.stderr and not json.loads(done.stdout)["results"], done.stderr)
    done = subprocess.run([ANIMA, "bench", "kv", "--only", "beard"], capture_output=True, text=True, timeout=60, check=False)
    check("bench kv: a part that there is not", done.returncode == 2 and "hundreds" in done.stderr, done.stderr)


def persona_keys():
    """All keys of its table but those of a ratio whose lower part may be nothing with a small model."""
    judges = ["style_own", "style_bare", "style_talk", "style_others", "coherence_agreement"]
    shares = ["identity_zh", "identity_en", "vendor_claims", "style_share", "style_prompt", "facts", "facts_prompt", "facts_lookup", "coherence_trained",
              "coherence_bare", "assistantisms_per_100", "repeat_handled", "insult_in_character"]
    return judges + shares + [f"skill_{kind}{side}" for kind in ("json", "letter", "sum", "sql") for side in ("", "_bare")]


def bench_persona(*words):
    done = subprocess.run([ANIMA, "bench", "persona", "--json", "--set", "model.default=smollm2-135m", *words], capture_output=True, text=True, timeout=1500, check=False)
    try:
        return done, json.loads(done.stdout)
    except ValueError:
        return done, {}


def persona():
    """A little of each part with an adapter of random numbers: whether all is there; not how good it is."""
    with tempfile.TemporaryDirectory() as folder:
        adapter = os.path.join(folder, "random.gguf")
        subprocess.run([MAKE_ADAPTER, os.path.join(CACHE, "models/SmolLM2-135M-Instruct.Q4_1.gguf"), adapter, "4", "1", "0.02"], check=True)
        done, report = bench_persona("--n", "1", "--adapter", adapter)
        results = report.get("results", {})
        check("bench persona runs", done.returncode == 0, done.stderr)
        check("bench persona: says what it measured", "adapter random.gguf x 1" in report.get("model", "") and " as lin" in report["model"], report.get("model"))
        for key in persona_keys():
            value = results.get(key, {}).get("value")
            check(f"bench persona: {key} is a number", isinstance(value, (int, float)) and math.isfinite(value), results.get(key))
        own, skills = results.get("style_own", {}).get("value", 0), results.get("skills_kept", {}).get("value", 1e9)
        check("bench persona: nine of ten of the character's own lines pass for its own", 88 <= own <= 92, own)
        check("bench persona: skills are compared", math.isfinite(skills), skills)
        saved = results.get("prompt_saved", {}).get("value", 0)
        check("bench persona: a sentence is shorter than a card", 80 < saved < 100, saved)
        # Random numbers a thousand times as strong: whatever is said then, the bare model does not say it.
        loud, _ = bench_persona("--n", "1", "--parts", "facts", "--show", "--adapter", adapter, "--scale", "1000")
        bare, _ = bench_persona("--n", "1", "--parts", "facts", "--show", "--bare")
        check("bench persona: the adapter is heard", loud.returncode == 0 and bare.returncode == 0 and "→" in bare.stderr and loud.stderr != bare.stderr, loud.stderr + bare.stderr)
    done, _ = bench_persona("--parts", "identity,beard", "--bare")
    check("bench persona: a part that there is not", done.returncode == 2 and "coherence" in done.stderr, done.stderr)
    done, _ = bench_persona("--adapter", "x.gguf", "--bare")
    check("bench persona: with an adapter and without", done.returncode == 2, done.stderr)
    done, _ = bench_persona("--parts", "identity", "--adapter", "/nowhere.gguf")
    check("bench persona: an adapter that is not there", done.returncode not in (0, 2) and "nowhere.gguf" in done.stderr, done.stderr)


def train():
    done = subprocess.run([ANIMA, "bench", "train", "--quick", "--json"], capture_output=True, text=True, timeout=600, check=False)
    results = json.loads(done.stdout)["results"] if done.returncode == 0 else {}
    check("bench train runs", done.returncode == 0, done.stderr)
    for key in ("train_ratio", "train_small_tokens_per_s", "libllama_tokens_per_s", "train_tokens_per_s"):
        check(f"bench train: {key}", results.get(key, {}).get("value", 0) > 0, results)


def main():
    for name, n in (("server", "10"), ("chat", "1"), ("identity", "4")):
        words = [ANIMA, "bench", name, "--n", n, "--json"]
        if name != "server":
            words += ["--set", "model.default=smollm2-135m"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=400, check=False)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            report = {}
        check(f"bench {name} runs", done.returncode == 0, done.stderr)
        check(f"bench {name}: head", all(report.get(k) is not None for k in ("command", "machine", "model", "model_sha256", "n")), done.stdout)
        results = report.get("results", {})
        check(f"bench {name}: keys", all(k in results for k in KEYS[name]), list(results))
        check(f"bench {name}: each result is whole", results and all({"value", "unit", "goal", "pass", "against"} <= set(r) for r in results.values()), results)
    kv()
    persona()
    train()
    words = [ANIMA, "bench", "identity", "--without", "notes,beard"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    check("a part that there is not", done.returncode == 2 and "letters" in done.stderr, done.stderr)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
