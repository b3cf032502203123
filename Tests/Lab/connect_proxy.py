#!/usr/bin/env python3
"""A forward proxy for CONNECT, or one that misbehaves; prints each request that it gets.

    connect_proxy.py --port 3128 [--answer connect|refuse|silent|garbage|huge|close] [--certificate FILE --key FILE]
"""

import argparse
import json
import socket
import ssl
import threading

ANSWERS = {
    "refuse": b"HTTP/1.1 403 Forbidden\r\ncontent-length: 8\r\n\r\nnot you\n",
    "garbage": b"220 mail.example ESMTP\r\n",
    "huge": b"HTTP/1.1 200 OK\r\n" + b"x-filler: " + b"y" * 1000 + b"\r\n",
    "close": b"",
}


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            end.close()


def serve(connection, options, context):
    if context:
        connection = context.wrap_socket(connection, server_side=True)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            return
        head += piece
    lines = head.decode().split("\r\n")
    print(json.dumps({"line": lines[0], "fields": [line for line in lines[1:] if line]}), flush=True)
    if options.answer == "silent":
        while connection.recv(4096):
            pass
    elif options.answer == "huge":
        # For as long as somebody reads it.
        count = 0
        try:
            connection.sendall(ANSWERS["huge"])
            while True:
                count += connection.send(ANSWERS["huge"].split(b"\r\n", 1)[1])
        except OSError:
            print(json.dumps({"line": "cut off", "after": count}), flush=True)
    elif options.answer != "connect":
        connection.sendall(ANSWERS[options.answer])
        connection.close()
    else:
        host, _, port = lines[0].split()[1].rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), 10) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nvia: 1.1 lab\r\n\r\n")
            back = threading.Thread(target=copy, args=(target, connection), daemon=True)
            back.start()
            copy(connection, target)
            back.join()
        connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer", choices=["connect", "silent", *ANSWERS], default="connect")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    with socket.create_server(("::", options.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64) as server:
        while True:
            connection, peer = server.accept()

            def run(connection=connection, peer=peer):
                try:
                    serve(connection, options, context)
                except (OSError, ValueError) as error:
                    print(json.dumps({"line": f"{peer[0]}: {error}"}), flush=True)

            threading.Thread(target=run, daemon=True).start()


main()
