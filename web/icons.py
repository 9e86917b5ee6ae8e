#!/usr/bin/env python3
"""Draws icon.svg's flame as PNG files, which phones want for their home screen: icons.py SIZE OUT [--full]
With --full the clay reaches the corners, for systems that cut the icon into a shape of their own. Standard library only."""
import math
import struct
import sys
import zlib

CLAY, CREAM = (165, 71, 31), (255, 243, 230)


def rounded(x, y, r):
    dx, dy = max(abs(x - 32) - (32 - r), 0), max(abs(y - 32) - (32 - r), 0)
    return math.hypot(dx, dy) <= r


def bezier(p, q, r, s, t):
    u = 1 - t
    return tuple(u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * d for a, b, c, d in zip(p, q, r, s))


# The left edge of the drop above its round part, as in icon.svg: half its width at each height.
EDGE = [bezier((32, 14), (23, 23), (19, 30), (19, 37), t / 60) for t in range(61)]


def in_flame(x, y):
    if y > 37:
        return math.hypot(x - 32, y - 37) <= 13
    for (x0, y0), (x1, y1) in zip(EDGE, EDGE[1:]):
        if y0 <= y <= y1:
            return abs(x - 32) <= 32 - (x0 + (x1 - x0) * (y - y0) / max(y1 - y0, 1e-9))
    return False


def pixel(x, y, full):
    k = 0.8 if full else 1  # inside the part that no mask cuts away
    fx, fy = 32 + (x - 32) / k, 32 + (y - 32) / k
    if not full and not rounded(x, y, 16):
        return (0, 0, 0, 0)
    cream = in_flame(fx, fy) and math.hypot(fx - 32, fy - 38) > 5
    return (*(CREAM if cream else CLAY), 255)


def draw(size, full):
    rows = bytearray()
    parts = (0.25, 0.75)
    for j in range(size):
        rows.append(0)
        for i in range(size):
            four = [pixel((i + a) * 64 / size, (j + b) * 64 / size, full) for a in parts for b in parts]
            alpha = sum(p[3] for p in four)
            rows += bytes(sum(p[c] * p[3] for p in four) // alpha if alpha else 0 for c in range(3)) + bytes([alpha // 4])
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    with open(sys.argv[2], "wb") as out:
        out.write(draw(int(sys.argv[1]), "--full" in sys.argv))
