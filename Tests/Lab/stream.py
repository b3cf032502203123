#!/usr/bin/env python3
"""One long-lived TCP stream: its server, and a client that says whether it was ever interrupted.

    lab-stream serve PORT           answers each line with the same line
    lab-stream hold HOST PORT       prints "open", sends a numbered line every 20 ms and waits for its answer; at the end of its
                                    standard input prints "N answers, longest wait M ms" or what went wrong
"""

import select
import socket
import socketserver
import sys
import time


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


def hold(host, port):
    with socket.create_connection((host, port), timeout=20) as connection:
        file = connection.makefile("rb")
        number, longest = 0, 0.0
        while True:
            line = f"line {number}\n".encode()
            started = time.monotonic()
            connection.sendall(line)
            if (answer := file.readline()) != line:
                return f"line {number} came back as {answer!r}"
            longest = max(longest, time.monotonic() - started)
            number += 1
            if number == 1:
                print("open", flush=True)
            if select.select([sys.stdin], [], [], 0.02)[0]:
                return f"{number} answers, longest wait {longest * 1000:.0f} ms"


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        Server(("::", int(sys.argv[2])), Echo).serve_forever()
    try:
        print(hold(sys.argv[2], int(sys.argv[3])), flush=True)
    except OSError as error:
        print(f"broken: {error}", flush=True)
