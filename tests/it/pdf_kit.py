"""PDFs for tests, written by hand, byte by byte: pages of lines in the fonts that every reader has (Helvetica, and STSong-Light for Chinese, with the
CMap UniGB-UCS2-H), with a title, bookmarks, a password; and, where Chromium is, a web page as it prints it."""
import hashlib
import os
import shutil
import subprocess
import tempfile
import zlib

PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
WIDTH, HEIGHT = 595, 842


def cache():
    """Where tools/setup puts packages."""
    return os.environ.get("ANIMA_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "anima")


def rc4(key, data):
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) & 255
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + box[i]) & 255
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) & 255])
    return bytes(out)


def wide(text):
    return "FEFF" + text.encode("utf-16-be").hex()


def show(text):
    """How a line is shown: its font and its string."""
    if all(ord(c) < 128 for c in text):
        return "F1", "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
    return "F2", "<" + text.encode("utf-16-be").hex() + ">"


def content(lines):
    """lines: (x, y from the top, size, text)."""
    out = ["BT"]
    for x, y, size, text in lines:
        font, string = show(text)
        out.append(f"/{font} {size} Tf 1 0 0 1 {x} {HEIGHT - y} Tm {string} Tj")
    return "\n".join(out + ["ET"]).encode()


class Writer:
    def __init__(self):
        self.objects = []

    def add(self, body):
        self.objects.append(body if isinstance(body, bytes) else body.encode())
        return len(self.objects)

    def stream(self, data):
        return self.add(b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream")

    def whole(self, trailer):
        out, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
        for number, body in enumerate(self.objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010} 00000 n \n" for place in places)
        return out + table.encode() + f"trailer\n<< /Size {len(places) + 1} {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


def fonts(w):
    latin = w.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    described = w.add("<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>")
    inner = w.add(f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor {described} 0 R >>")
    han = w.add(f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [{inner} 0 R] >>")
    return f"<< /Font << /F1 {latin} 0 R /F2 {han} 0 R >> >>"


def outlines(w, marks, pages):
    """marks: (title, page from 1), all of one level."""
    if not marks:
        return ""
    root = len(w.objects) + 1
    w.add(f"<< /Type /Outlines /First {root + 1} 0 R /Last {root + len(marks)} 0 R /Count {len(marks)} >>")
    for i, (title, page) in enumerate(marks):
        around = (f"/Prev {root + i} 0 R " if i else "") + (f"/Next {root + i + 2} 0 R " if i + 1 < len(marks) else "")
        w.add(f"<< /Title <{wide(title)}> /Parent {root} 0 R {around}/Dest [{pages[page - 1]} 0 R /XYZ 0 {HEIGHT} 0] >>")
    return f" /Outlines {root} 0 R"


def pdf(pages, title="", marks=(), count=None, password=None, rotate=0):
    """pages: lists of lines. count: what the file says of their number. password: it cannot be opened without that."""
    w = Writer()
    key = owner = b""
    if password is not None:
        owner = rc4(hashlib.md5(PADDING).digest()[:5], (password.encode() + PADDING)[:32])
        key = hashlib.md5((password.encode() + PADDING)[:32] + owner + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + b"0123456789abcdef").digest()[:5]
    resources = fonts(w)
    tree = len(w.objects) + 2 * len(pages) + 1
    numbers = []
    for lines in pages:
        data, number = content(lines), len(w.objects) + 1
        if key:
            data = rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], data)
        w.stream(data)
        numbers.append(w.add(f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {rotate} /Resources {resources} /Contents {number} 0 R >>"))
    w.add(f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {count or len(numbers)} >>")
    outline = outlines(w, marks, numbers)
    root = w.add(f"<< /Type /Catalog /Pages {tree} 0 R{outline} >>")
    more = f" /Info {w.add(f'<< /Title <{wide(title)}> >>')} 0 R" if title else ""
    if key:
        guard = w.add(f"<< /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{rc4(key, PADDING).hex()}> /P -4 >>")
        more += f" /Encrypt {guard} 0 R /ID [<{b'0123456789abcdef'.hex()}> <{b'0123456789abcdef'.hex()}>]"
    return w.whole(f"/Root {root} 0 R{more}")


def circle():
    """A PDF whose bookmarks follow each other without end."""
    data = pdf([[(72, 120, 11, "They dance.")]], marks=[("one", 1), ("two", 1)])
    last = data.index(b"/Title <FEFF00740077006f")
    return data[:last] + data[last:].replace(b"/Prev ", b"/Next ", 1)


def bomb():
    """A page whose content unpacks to a gigabyte of blanks."""
    w = Writer()
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1024)) + packer.flush()
    packed = zlib.compress(data, 9)  # once more, so that the file is small
    w.add(b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(packed) + packed + b"\nendstream")
    w.add("<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 1 0 R >>")
    w.add("<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
    return w.whole(f"/Root {w.add('<< /Type /Catalog /Pages 3 0 R >>')} 0 R")


def set_in_lines(text, y, width=60, size=11, x=72, spacing=14, cut=None):
    """A paragraph as lines of at most width letters; cut: of a Chinese one, that many characters a line. Returns the lines and the next y."""
    rows = []
    if cut:
        rows = [text[i:i + cut] for i in range(0, len(text), cut)]
    else:
        for word in text.split(" "):
            if rows and len(rows[-1]) + 1 + len(word) <= width:
                rows[-1] += " " + word
            else:
                rows.append(word)
    return [(x, y + i * spacing, size, row) for i, row in enumerate(rows)], y + len(rows) * spacing


def printed(html):
    """A web page as Chromium prints it; None: there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        return None
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a.html", "w", encoding="utf-8") as f:
            f.write(html)
        subprocess.run([program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", f"--print-to-pdf={folder}/a.pdf", f"file://{folder}/a.html"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=False)
        if not os.path.exists(f"{folder}/a.pdf"):
            return None
        with open(f"{folder}/a.pdf", "rb") as f:
            return f.read()
