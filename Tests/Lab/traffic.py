"""Traffic that must not notice what is done to the proxies: load, one long stream, one idle database session."""

import contextlib
import re
import signal
import subprocess

from lab import Failure


class Held:
    """A client process in a unit of a host, which says so when it is connected and at the end what it met."""

    def __init__(self, host, unit, *command):
        self.host = host
        self.what = f"{' '.join(map(str, command))} in {unit} on {host.name}"
        self.process = host.start(*command, group=host.unit_group(unit), stdin=subprocess.PIPE)

    def line(self):
        line = self.process.stdout.readline().strip()
        if not line:
            self.host.signal(self.process, signal.SIGKILL)
            raise Failure(f"{self.what}: {self.process.communicate()[1][-500:] or 'ended'}")
        return line

    def say(self, text):
        """Writes a line to it, unless it has ended."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(timeout=15)


class Stream(Held):
    """`lab-stream hold`."""

    def __init__(self, host, unit, address, port):
        super().__init__(host, unit, "/usr/local/bin/lab-stream", "hold", address, port)
        if (first := self.line()) != "open":
            raise Failure(f"{self.what}: {first}")

    def finish(self):
        """What it met: "N answers, ..." where nothing interrupted it."""
        self.say("end")
        text = self.line()
        self.end()
        return text

    def goes_on(self):
        return self.process.poll() is None


class Session(Held):
    """A psql session that stays idle between two questions."""

    def __init__(self, host, unit, address):
        super().__init__(host, unit, "psql", "-h", address, "-U", "postgres", "-AtqX")
        self.backend = self.ask()

    def ask(self):
        """The process that serves the session; another number would be another session."""
        self.say("select pg_backend_pid();")
        return self.line()

    def finish(self):
        """Whether it is still the same session."""
        try:
            same = self.ask() == self.backend
        except Failure:
            return False
        self.end()
        return same


class Load:
    """wrk in a unit, or in none, from its start to `finish`; with `fresh` every request has a new connection."""

    def __init__(self, host, unit, url, connections=8, fresh=False):
        self.host = host
        header = ["-H", "Connection: close"] if fresh else []
        place = {"group": host.unit_group(unit)} if unit else {}
        self.process = host.start(
            "wrk", "--threads", 1, "--connections", connections, "--duration", "600s", "--timeout", "10s", *header, url, **place)

    def finish(self):
        """Ends the load: (requests answered, errors by kind)."""
        # wrk prints its figures when it is interrupted.
        self.host.signal(self.process, signal.SIGINT)
        text, _ = self.process.communicate(timeout=30)
        if not (answered := re.search(r"(\d+) requests in", text)):
            raise Failure(f"wrk did not run: {text[-500:]}")
        errors = {}
        if found := re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text):
            errors = {kind: int(count) for kind, count in zip(("connect", "read", "write", "timeout"), found.groups()) if int(count)}
        if found := re.search(r"Non-2xx or 3xx responses: (\d+)", text):
            errors["status"] = int(found[1])
        return int(answered[1]), errors
