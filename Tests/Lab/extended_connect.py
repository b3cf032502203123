#!/usr/bin/env python3
"""An HTTP/2 client (h2) that asks for other protocols by extended CONNECT (RFC 8441), one connection each.

    extended_connect.py [--early] [--as-grpc] HOST PORT PATH PROTOCOL ...

Prints JSON: protocol to {"status", "echo": what came back of what was sent after a 200, "reset": code or null}. With --early that is sent
at once, before there is an answer; with --as-grpc the request says that it is a call of gRPC.
"""

import argparse
import json
import socket

import h2.config
import h2.connection
import h2.events

SENT = b"GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n"


def ask(host, port, path, protocol, early=False, as_grpc=False):
    result = {"status": None, "echo": "", "reset": None}
    config = h2.config.H2Configuration(
        header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False)
    http = h2.connection.H2Connection(config)
    with socket.create_connection((host, port), 10) as stream:
        stream.settimeout(5)
        http.initiate_connection()
        http.send_headers(1, [
            (":method", "CONNECT"), (":protocol", protocol), (":scheme", "http"), (":authority", host), (":path", path),
            ("sec-websocket-version", "13"), ("capsule-protocol", "?1"), *([("content-type", "application/grpc")] if as_grpc else [])])
        if early:
            http.send_data(1, SENT)
        stream.sendall(http.data_to_send())
        while True:
            try:
                data = stream.recv(65536)
            except OSError:
                return result
            if not data:
                return result
            for event in http.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    result["status"] = int(dict(event.headers)[":status"])
                    if result["status"] != 200:
                        return result
                    if not early:
                        http.send_data(1, SENT)
                elif isinstance(event, h2.events.DataReceived):
                    result["echo"] += event.data.decode("latin-1")
                    if len(result["echo"]) >= len(SENT):
                        return result
                elif isinstance(event, h2.events.StreamReset):
                    return {**result, "reset": int(event.error_code)}
                elif isinstance(event, (h2.events.StreamEnded, h2.events.ConnectionTerminated)):
                    return result
            stream.sendall(http.data_to_send())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--early", action="store_true")
    parser.add_argument("--as-grpc", action="store_true")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("protocols", nargs="+")
    given = parser.parse_args()
    print(json.dumps({
        protocol: ask(given.host, given.port, given.path, protocol, given.early, given.as_grpc) for protocol in given.protocols}))


if __name__ == "__main__":
    main()
