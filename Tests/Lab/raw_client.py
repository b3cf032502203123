#!/usr/bin/env python3
"""Sends bytes that no honest client sends, each row on a connection of its own, all at once.

    raw_client.py HOST PORT < ROWS

ROWS is a JSON list of {"name", "parts": [base64 or null, ...], "ends": bool, "seconds": S}. A null among the parts waits for the next
bytes of the server; "ends" shuts down writing after the last part. Prints a JSON list, in the order of the rows, of
{"received": base64 (the first MiB), "end": "closed" | "reset" | "open" (after "seconds") | "refused", "seconds"}.
"""

import base64
import concurrent.futures
import json
import socket
import sys
import time

KEEP = 1 << 20


def play(address, row):
    started = time.monotonic()
    deadline = started + row.get("seconds", 10)
    received = b""
    end = "open"

    def left():
        return max(deadline - time.monotonic(), 0.01)

    try:
        stream = socket.create_connection(address, timeout=10)
    except OSError:
        return {"received": "", "end": "refused", "seconds": time.monotonic() - started}
    with stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for part in row["parts"]:
                stream.settimeout(left())
                if part is None:
                    more = stream.recv(1 << 16)
                    received += more
                    if not more:
                        break
                else:
                    stream.sendall(base64.b64decode(part))
            if row.get("ends", True):
                stream.shutdown(socket.SHUT_WR)
        except TimeoutError:
            return {"received": base64.b64encode(received).decode(), "end": "open", "seconds": time.monotonic() - started}
        except OSError:
            pass  # it has closed already: what it said is read below
        try:
            while True:
                stream.settimeout(left())
                more = stream.recv(1 << 16)
                if not more:
                    end = "closed"
                    break
                received = (received + more)[:KEEP]
        except TimeoutError:
            end = "open"
        except OSError:
            end = "reset"
    return {"received": base64.b64encode(received).decode(), "end": end, "seconds": time.monotonic() - started}


def main():
    rows = json.load(sys.stdin)
    host, port = sys.argv[1], int(sys.argv[2])
    address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][:2]
    with concurrent.futures.ThreadPoolExecutor(max(len(rows), 1)) as pool:
        json.dump(list(pool.map(lambda row: play(address, row), rows)), sys.stdout)


if __name__ == "__main__":
    main()
