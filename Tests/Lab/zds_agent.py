"""A node agent of the tests: the other end of Istio's ZDS (one protobuf message a packet on a SOCK_SEQPACKET socket,
network namespaces as descriptors beside it), and the redirection that Istio's agent loads into a pod's namespace.

The messages are encoded by hand from Istio's field numbers, so that nothing of ours checks itself.
"""

import array
import os
import socket

from lab import Failure


def _number(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def _field(number, content):
    return _number(number << 3 | 2) + _number(len(content)) + content


def add(uid, name=None, namespace="shop", account=None):
    info = _field(1, (name or "").encode()) + _field(2, namespace.encode()) + _field(3, (account or name or "").encode())
    return _field(1, _field(1, uid.encode()) + (_field(2, info) if name is not None else b""))


def keep(uid):
    return _field(5, _field(1, uid.encode()))


def delete(uid):
    return _field(2, _field(2, uid.encode()))


SNAPSHOT_SENT = _field(3, b"")
HELLO = bytes([0x08, 0x01])


def acknowledged(packet):
    """The error text of an acknowledgement, empty for success."""
    if not packet.startswith(b"\x0a"):
        raise Failure(f"no acknowledgement: {packet!r}")
    # The lengths are below 2^14: two bytes where the first has its high bit.
    body = packet[3:] if packet[1] & 0x80 else packet[2:]
    if not body:
        return ""
    return (body[3:] if body[1] & 0x80 else body[2:]).decode()


class Agent:
    """Listens at `path`; `accept` takes ztunnel's next connection."""

    def __init__(self, path):
        self.path = str(path)
        self.connection = None
        self.listen()

    def listen(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(4)

    def accept(self, deadline=20):
        self.listener.settimeout(deadline)
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(deadline)
        hello = self.connection.recv(1024)
        if hello != HELLO:
            raise Failure(f"the first packet is {hello!r}, not the hello of version 1")
        return self

    def send(self, packet, *namespaces):
        """Sends a packet with the descriptors of these paths; the acknowledgement's error, empty for success."""
        opened = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in namespaces]
        try:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", opened))] if opened else []
            self.connection.sendmsg([packet], rights)
        finally:
            for each in opened:
                os.close(each)
        return acknowledged(self.connection.recv(1024))

    def add(self, uid, workload, **info):
        return self.send(add(uid, **{"name": workload.short, **info}), f"/run/netns/{workload.name}")

    def must(self, error):
        if error:
            raise Failure(f"ztunnel answered: {error}")

    def closed(self):
        """Waits until ztunnel has closed the connection."""
        rest = self.connection.recv(1024)
        if rest != b"":
            raise Failure(f"another packet instead of the end: {rest!r}")

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def stop(self):
        """Ends the agent: connection, listener and socket file."""
        self.hang_up()
        self.listener.close()
        os.unlink(self.path)


# The rules of Istio's agent in a pod's namespace, nftables form: inbound to 15006, outbound to 15001, names to 15053,
# what ztunnel sends (mark 0x539) left alone, answers to connections that it makes to the application marked (0x111).
REDIRECTION = """
table inet istio-ambient-mangle {
    chain prerouting {
        type filter hook prerouting priority mangle; policy accept;
        meta mark & 0xfff == 0x539 ct mark set ct mark & 0xfffff000 | 0x111
    }
    chain output {
        type route hook output priority mangle; policy accept;
        ct mark & 0xfff == 0x111 meta mark set ct mark & 0xfff
    }
}
table inet istio-ambient-nat {
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        ip saddr 169.254.7.127 meta l4proto tcp accept
        ip daddr != 127.0.0.1 tcp dport != 15008 meta mark & 0xfff != 0x539 redirect to :15006
        ip6 daddr != ::1 tcp dport != 15008 meta mark & 0xfff != 0x539 redirect to :15006
    }
    chain output {
        type nat hook output priority -100; policy accept;
        ip daddr 169.254.7.127 meta l4proto tcp accept
        oifname != "lo" meta mark & 0xfff != 0x539 udp dport 53 redirect to :15053
        ip daddr != 127.0.0.1 meta mark & 0xfff != 0x539 tcp dport 53 redirect to :15053
        meta l4proto tcp meta mark & 0xfff == 0x111 accept
        oifname "lo" ip daddr != 127.0.0.1 accept
        oifname "lo" ip6 daddr != ::1 accept
        ip daddr != 127.0.0.1 meta l4proto tcp meta mark & 0xfff != 0x539 redirect to :15001
        ip6 daddr != ::1 meta l4proto tcp meta mark & 0xfff != 0x539 redirect to :15001
    }
}
"""


def redirect(workload):
    """Loads the redirection into a workload's namespace."""
    workload.run("nft", "-f", "-", input=REDIRECTION)
    for family in ("-4", "-6"):
        everything = "0.0.0.0/0" if family == "-4" else "::/0"
        workload.run("ip", family, "rule", "add", "fwmark", "0x111/0xfff", "pref", "32764", "lookup", "100")
        workload.run("ip", family, "route", "add", "local", everything, "dev", "lo", "table", "100")
