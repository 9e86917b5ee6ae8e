#!/usr/bin/env python3
"""Each bench runs and prints the agreed JSON, with few rounds: usage benches.py ANIMA"""
import json
import os
import subprocess
import sys

from daemon import FAILED, check

ANIMA = os.path.abspath(sys.argv[1])
KEYS = {"server": ["cpu_per_turn_ratio", "idle_rss_mb", "ready_ms", "first_byte_ms_p50", "events_per_s", "idle_1000_conversations_mb"],
        "chat": ["tokens_per_s_ratio", "ttft_ms_p50"], "identity": ["consistent_zh", "vendor_claims"]}


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
    words = [ANIMA, "bench", "identity", "--without", "notes,beard"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    check("a part that there is not", done.returncode == 2 and "letters" in done.stderr, done.stderr)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
