#!/usr/bin/env python3
"""Turns the page's files into a C source with their bytes, types and ETags: embed.py OUT FILE...
A file the build made (an icon) lies elsewhere and goes by its bare name."""
import hashlib
import os
import sys

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json"}


def main():
    out, files = sys.argv[1], sys.argv[2:]
    root = os.path.dirname(os.path.abspath(__file__))
    entries = []
    with open(out, "w", encoding="ascii") as f:
        f.write('#include "web/assets.h"\n')
        for i, name in enumerate(files):
            with open(name, "rb") as source:
                data = source.read()
            path = os.path.relpath(os.path.abspath(name), root).replace(os.sep, "/")
            if path.startswith(".."):
                path = os.path.basename(name)
            etag = hashlib.sha256(data).hexdigest()[:16]
            body = ",".join(str(b) for b in data)
            f.write(f"static const unsigned char data_{i}[] = {{{body}}};\n")
            entries.append(f'{{"{path}", "{TYPES[os.path.splitext(name)[1]]}", data_{i}, {len(data)}, "\\"{etag}\\""}}')
        f.write("const struct web_asset web_assets[] = {" + ",\n".join(entries) + "};\n")
        f.write(f"const size_t web_assets_count = {len(entries)};\n")


if __name__ == "__main__":
    main()
