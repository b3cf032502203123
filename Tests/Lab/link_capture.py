"""What went over a link: a packet capture, and questions about it."""

import subprocess
import time

from lab import Failure, eventually, run


class LinkCapture:
    """tcpdump on one interface, from its making to `stop`."""

    def __init__(self, path, interface):
        self.path = path
        self.log = path.with_suffix(".log")
        # `-U` writes each packet at once; the ready line on stderr says that it captures.
        self.process = subprocess.Popen(
            ["tcpdump", "-i", interface, "-U", "--immediate-mode", "-B", "65536", "-Z", "root", "-s", "0", "-w", str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(self.log, "wb"))
        eventually(lambda: "listening on" in self.log.read_text(), f"tcpdump captures on {interface}")

    def stop(self):
        """Ends the capture once the link has been quiet for a moment; complains about packets that were not seen."""
        size = -1
        deadline = time.monotonic() + 5
        while size != (size := self.path.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.process.terminate()
        self.process.wait(timeout=10)
        lost = [line for line in self.log.read_text().splitlines() if "dropped by kernel" in line]
        if not lost or not lost[0].startswith("0 "):
            raise Failure(f"the capture {self.path.name} is not complete: {lost}")
        return self

    def packets(self, expression):
        """The packets that match a pcap filter, one line each."""
        return run("tcpdump", "-nn", "-q", "-r", self.path, expression, timeout=120).stdout.splitlines()

    def between(self, one, other, allowed_ports):
        """The TCP and UDP packets between two hosts whose ports are not in `allowed_ports`."""
        pairs = " or ".join(f"(host {a} and host {b})" for a, b in ((one.address, other.address), (one.address6, other.address6)))
        allowed = " or ".join(f"port {port}" for port in allowed_ports)
        return self.packets(f"({pairs}) and (tcp or udp) and not ({allowed})")

    def contains(self, marker):
        """Whether the bytes of `marker` went over the link in one packet."""
        return marker in self.path.read_bytes()
