#!/usr/bin/env python3
"""A DNS server for tests, on UDP and TCP: answers A and AAAA from a JSON file that may change at any time, NXDOMAIN for everything else.

    name_server.py ADDRESS FILE        FILE: {"name": {"ttl": seconds, "addresses": ["192.0.2.1", "2001:db8::1"]}}
"""

import ipaddress
import json
import socket
import socketserver
import struct
import sys
import threading

# What is longer goes over TCP (RFC 1035 section 2.3.4).
DATAGRAM = 512


def answer(message, path, limit):
    """The reply to a question; without records and marked as truncated where it is longer than `limit`."""
    position, labels = 12, []
    while length := message[position]:
        labels.append(message[position + 1:position + 1 + length].decode())
        position += 1 + length
    question = message[12:position + 5]
    kind = struct.unpack("!H", message[position + 1:position + 3])[0]
    with open(path) as file:
        known = json.load(file)
    entry = known.get(".".join(labels).lower())
    addresses = [ipaddress.ip_address(each) for each in entry["addresses"]] if entry else []
    data = [each.packed for each in addresses if (kind, each.version) in ((1, 4), (28, 6))]
    records = [struct.pack("!HHHIH", 0xC00C, kind, 1, entry["ttl"], len(each)) + each for each in data]
    flags = 0x8180 if entry else 0x8183
    if 12 + len(question) + sum(map(len, records)) > limit:
        flags, records = flags | 0x0200, []
    return message[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        while len(length := self.rfile.read(2)) == 2:
            reply = answer(self.rfile.read(*struct.unpack("!H", length)), self.server.path, 65_535)
            self.wfile.write(struct.pack("!H", len(reply)) + reply)


class Streams(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main():
    address, path = sys.argv[1:]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    streams = Streams((address, 53), Stream)
    streams.path = path
    threading.Thread(target=streams.serve_forever, daemon=True).start()
    print("ready", flush=True)
    while True:
        message, client = server.recvfrom(4096)
        server.sendto(answer(message, path, DATAGRAM), client)


main()
