"""An HBONE client and server in python (ssl and h2): the peer that says what no honest ztunnel says.

Run as a program inside a namespace:  hbone.py CERT KEY ROOT HOST PORT AUTHORITY [--method M] [--path P] [--send TEXT] [--raw HEX]
Prints one JSON line: {"status": ..., "headers": {...}, "body": "...", "error": "..."}.
"""

import argparse
import json
import socket
import ssl
import sys


def context(certificate, key, root, server=False):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(root)
    if certificate != "-":
        made.load_cert_chain(certificate, key)
    made.set_alpn_protocols(["h2"])
    return made


def exchange(arguments):
    import h2.config
    import h2.connection
    import h2.events
    raw = socket.create_connection((arguments.host, arguments.port), timeout=8)
    if arguments.raw:
        raw.sendall(bytes.fromhex(arguments.raw))
        raw.shutdown(socket.SHUT_WR)
        raw.recv(1)
        return {"status": None, "error": "closed"}
    tls = context(arguments.certificate, arguments.key, arguments.root)
    stream = tls.wrap_socket(raw, server_hostname=arguments.sni)
    peer = [value for kind, value in stream.getpeercert().get("subjectAltName", ()) if kind == "URI"]
    connection = h2.connection.H2Connection(h2.config.H2Configuration(
        client_side=True, validate_outbound_headers=False, normalize_outbound_headers=False))
    connection.initiate_connection()
    headers = [(":method", arguments.method)]
    if arguments.authority:
        headers.append((":authority", arguments.authority))
    if arguments.method != "CONNECT":
        headers += [(":scheme", "https"), (":path", arguments.path)]
    connection.send_headers(1, headers, end_stream=False)
    stream.sendall(connection.data_to_send())
    result = {"status": None, "headers": {}, "body": "", "peer": peer}
    sent = False
    while True:
        data = stream.recv(65536)
        if not data:
            return {**result, "error": "connection closed"}
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                result["headers"] = {_text(k): _text(v) for k, v in event.headers}
                result["status"] = int(result["headers"].pop(":status"))
                if result["status"] == 200 and arguments.send and not sent:
                    sent = True
                    connection.send_data(1, arguments.send.encode().decode("unicode_escape").encode(), end_stream=False)
            elif isinstance(event, h2.events.DataReceived):
                result["body"] += event.data.decode(errors="replace")
                connection.acknowledge_received_data(event.flow_controlled_length, 1)
                if arguments.until and arguments.until in result["body"]:
                    return result
            elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset, h2.events.ConnectionTerminated)):
                if not isinstance(event, h2.events.StreamEnded):
                    result["error"] = f"{type(event).__name__} {event.error_code}"
                return result
        if result["status"] == 200 and not arguments.send:
            return result
        stream.sendall(connection.data_to_send())


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def main():
    parser = argparse.ArgumentParser()
    for name in ("certificate", "key", "root", "host"):
        parser.add_argument(name)
    parser.add_argument("port", type=int)
    parser.add_argument("authority")
    parser.add_argument("--method", default="CONNECT")
    parser.add_argument("--path", default="/")
    parser.add_argument("--send", default="")
    parser.add_argument("--until", default="")
    parser.add_argument("--sni")
    parser.add_argument("--raw")
    try:
        print(json.dumps(exchange(parser.parse_args())))
    except (OSError, ssl.SSLError) as error:
        print(json.dumps({"status": None, "error": f"{type(error).__name__}: {error}"}))


if __name__ == "__main__":
    sys.exit(main())
