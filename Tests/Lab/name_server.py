#!/usr/bin/env python3
"""A DNS server for tests: answers A and AAAA from a JSON file that may change at any time, NXDOMAIN for everything else.

    name_server.py ADDRESS FILE        FILE: {"name": {"ttl": seconds, "addresses": ["192.0.2.1", "2001:db8::1"]}}
"""

import ipaddress
import json
import socket
import struct
import sys


def main():
    address, path = sys.argv[1:]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    print("ready", flush=True)
    while True:
        message, client = server.recvfrom(4096)
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
        records = [each.packed for each in addresses if (kind, each.version) in ((1, 4), (28, 6))]
        flags = 0x8180 if entry else 0x8183
        reply = message[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question
        for data in records:
            reply += struct.pack("!HHHIH", 0xC00C, kind, 1, entry["ttl"], len(data)) + data
        server.sendto(reply, client)


main()
