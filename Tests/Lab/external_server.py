#!/usr/bin/env python3
"""A server outside the mesh: HTTP/1.1, in TLS and behind the PROXY protocol where asked; says what it saw of its client.

    external_server.py --name one --port 443 [--certificate FILE --key FILE [--client-ca FILE]] [--proxy]

Answers every request with JSON: name, peer (address), sni, client (names of its certificate), proxy (the preamble), host, path;
/failing/NAME with 500 where it has that name. It knows nothing of ALPN.
"""

import argparse
import json
import socket
import ssl
import struct
import threading

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("ended in the preamble")
        data += piece
    return data


def preamble(connection):
    """The PROXY protocol's header, as a dictionary."""
    first = exactly(connection, 12)
    if first == SIGNATURE:
        command, family, length = struct.unpack("!BBH", exactly(connection, 4))
        body = exactly(connection, length)
        facts = {"version": 2, "command": command & 15}
        if family == 0x11:
            facts |= {"source": socket.inet_ntop(socket.AF_INET, body[:4]), "destination": socket.inet_ntop(socket.AF_INET, body[4:8]),
                      "ports": struct.unpack("!HH", body[8:12])}
        return facts
    line = first
    while not line.endswith(b"\r\n"):
        line += exactly(connection, 1)
    _, family, source, destination, *ports = line.decode().split()
    return {"version": 1, "family": family, "source": source, "destination": destination, "ports": [int(p) for p in ports]}


def serve(connection, peer, options, context):
    with connection:
        facts = {"name": options.name, "peer": peer[0]}
        if options.proxy:
            facts["proxy"] = preamble(connection)
        if context:
            connection = context.wrap_socket(connection, server_side=True)
            facts["sni"] = getattr(connection, "asked", None)
            certificate = connection.getpeercert() or {}
            facts["client"] = [value for _, value in certificate.get("subjectAltName", ())]
        with connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                headers = {}
                while (field := reader.readline().strip()):
                    key, value = field.decode().split(":", 1)
                    headers[key.lower()] = value.strip()
                reader.read(int(headers.get("content-length", 0)))
                path = line.split()[1].decode()
                body = json.dumps(facts | {"host": headers.get("host"), "path": path}).encode()
                status = b"500 Failing" if path == f"/failing/{options.name}" else b"200 OK"
                connection.sendall(b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--address", default="::")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--client-ca")
    parser.add_argument("--proxy", action="store_true")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        context.sni_callback = lambda connection, name, _: setattr(connection, "asked", name)
        if options.client_ca:
            context.load_verify_locations(options.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    with socket.create_server((options.address, options.port), family=family, dualstack_ipv6=options.address == "::", backlog=64) as server:
        while True:
            connection, peer = server.accept()

            def run(connection=connection, peer=peer):
                try:
                    serve(connection, (peer[0].removeprefix("::ffff:"),), options, context)
                except (OSError, ValueError) as error:
                    print(f"{peer[0]}: {error}", flush=True)

            threading.Thread(target=run, daemon=True).start()


main()
