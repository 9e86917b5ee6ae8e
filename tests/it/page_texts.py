#!/usr/bin/env python3
"""The page says everything in both languages: the same keys, the same placeholders, no key twice, and every key that is used exists."""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../web/js")


def main():
    with open(os.path.join(ROOT, "i18n.js"), encoding="utf-8") as f:
        text = f.read()
    en, zh = text.split("  zh: {")
    pair = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')
    found = [pair.findall(en), pair.findall(zh.split("};")[0])]
    languages = [dict(pairs) for pairs in found]
    keys = [key for key, _ in found[0]]
    bad = [f"{key} is there twice" for key in sorted(set(keys)) if keys.count(key) > 1]
    for key in sorted(set(languages[0]) ^ set(languages[1])):
        bad.append(f"{key} is in one language only")
    for key in set(languages[0]) & set(languages[1]):
        if sorted(re.findall(r"\{\w+\}", languages[0][key])) != sorted(re.findall(r"\{\w+\}", languages[1][key])):
            bad.append(f"{key} has other placeholders in the other language")
    for name in glob.glob(os.path.join(ROOT, "*.js")):
        with open(name, encoding="utf-8") as f:
            for key in re.findall(r'\bt\("(\w+)"', f.read()):
                if key not in languages[0]:
                    bad.append(f"{os.path.basename(name)} uses {key}, which is nowhere")
    print("\n".join(bad) or f"{len(languages[0])} texts in both languages")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
