#!/usr/bin/env python3
"""An HTTP/2 client (h2) that asks for other protocols by extended CONNECT (RFC 8441), one connection each.

    extended_connect.py HOST PORT PATH PROTOCOL ...

Prints JSON: protocol to {"status", "echo": what came back of what was sent after a 200, "reset": code or null}.
"""

import json
import socket
import sys

import h2.config
import h2.connection
import h2.events

SENT = b"GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n"


def ask(host, port, path, protocol):
    result = {"status": None, "echo": "", "reset": None}
    config = h2.config.H2Configuration(
        header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False)
    http = h2.connection.H2Connection(config)
    with socket.create_connection((host, port), 10) as stream:
        stream.settimeout(5)
        http.initiate_connection()
        http.send_headers(1, [
            (":method", "CONNECT"), (":protocol", protocol), (":scheme", "http"), (":authority", host), (":path", path),
            ("sec-websocket-version", "13"), ("capsule-protocol", "?1")])
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
    host, port, path, *protocols = sys.argv[1:]
    print(json.dumps({protocol: ask(host, int(port), path, protocol) for protocol in protocols}))


if __name__ == "__main__":
    main()
