"""Somebody who sits at a terminal: shared by the tests of this folder."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Typist:
    """A program on a pseudo-terminal, without a locale, as on a machine that was just installed. size: rows and columns."""

    def __init__(self, program, *words, size=None):
        env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE")}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(program, [program, *words], {**env, "TERM": "xterm"})
        if size:
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.seen = b""

    def types(self, text):
        os.write(self.fd, text.encode())

    def shows(self, text, seconds=20):
        """Waits until text has come; what came up to its end is forgotten."""
        deadline, wanted = time.monotonic() + seconds, text.encode()
        while wanted not in self.seen and time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    more = os.read(self.fd, 65536)
                except OSError:
                    break
                if not more:
                    break
                self.seen += more
        if wanted not in self.seen:
            return False
        self.seen = self.seen.split(wanted, 1)[1]
        return True

    def end(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self.shows("never shown", 0.1)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None
