#!/usr/bin/env python3
"""A backend that reads HTTP/1.1 as strictly as can be and remembers all it was sent: what a proxy made of an attack.

    http_recorder.py [--port 8080] [--control 8081]

A byte that two servers could read differently is a violation, which is remembered, and ends the connection. CONNECT is answered 200
and the bytes after it are read as further requests, as by a server that does not know the method.

  /slow/MS         answers after it               /close       answers and closes
  /hang            reads no content, never answers  /anything  200, JSON: the target and the request's number

On the control port: GET /seen says what was seen, POST /seen forgets it after saying it.
"""

import argparse
import asyncio
import json
import re

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(TOKEN + rb" [!-~]+ HTTP/1\.1")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
CHUNK = re.compile(rb"[0-9a-fA-F]{1,15}")
HEAD_LIMIT = 1 << 20


class Violation(Exception):
    """The proxy let something through that it must not."""


class Seen:
    def __init__(self):
        self.requests, self.violations, self.content = [], [], 0


seen = Seen()


def fields_of(lines):
    """A list of (name in lower case, value) of field lines."""
    fields = []
    for line in lines:
        if not (found := FIELD.fullmatch(line)):
            raise Violation(f"field line {line[:200]!r}")
        fields.append((found[1].decode().lower(), found[2].decode("latin-1")))
    return fields


async def line(reader):
    text = await reader.readuntil(b"\n")
    if not text.endswith(b"\r\n") or b"\r" in text[:-2]:
        raise Violation(f"line end of {text[:200]!r}")
    return text[:-2]


async def head(reader):
    """(method, target, fields) of the next request; None at the end of the connection."""
    text = await reader.read(1)
    if not text:
        return None
    text += await reader.readuntil(b"\r\n\r\n")
    for bad in (rb"(?<!\r)\n", rb"\r(?!\n)", rb"\x00"):
        if re.search(bad, text):
            raise Violation(f"head {text[:300]!r}")
    first, *lines = text[:-4].split(b"\r\n")
    if not REQUEST_LINE.fullmatch(first):
        raise Violation(f"request line {first[:300]!r}")
    method, target, _ = first.decode().split(" ")
    return method, target, fields_of(lines)


def only(fields, name):
    values = [value for field, value in fields if field == name]
    if len(values) > 1:
        raise Violation(f"{len(values)} fields {name}")
    return values[0] if values else None


async def content(reader, fields):
    """Reads a request's content; returns (bytes, trailers)."""
    length, coding = only(fields, "content-length"), only(fields, "transfer-encoding")
    if length is not None and coding is not None:
        raise Violation("content-length with transfer-encoding")
    if coding is not None:
        if coding != "chunked":
            raise Violation(f"transfer-encoding {coding!r}")
        total = 0
        while True:
            size = await line(reader)
            if not CHUNK.fullmatch(size):
                raise Violation(f"chunk size {size[:100]!r}")
            if not (left := int(size, 16)):
                break
            total += left
            while left:
                part = await reader.read(min(left, 1 << 16))
                if not part:
                    raise asyncio.IncompleteReadError(b"", left)
                left -= len(part)
                seen.content += len(part)
            if await reader.readexactly(2) != b"\r\n":
                raise Violation("end of a chunk")
        trailers = []
        while text := await line(reader):
            trailers.append(text)
        return total, fields_of(trailers)
    if length is None:
        return 0, []
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise Violation(f"content-length {length!r}")
    left = int(length)
    while left:
        part = await reader.read(min(left, 1 << 16))
        if not part:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(part)
        seen.content += len(part)
    return int(length), []


async def exchange(reader, writer):
    """One request; false where the connection ends."""
    request = await head(reader)
    if request is None:
        return False
    method, target, fields = request
    if only(fields, "host") is None:
        raise Violation("no host")
    if target == "/hang":
        seen.requests.append({"method": method, "target": target, "fields": fields, "content": 0, "trailers": []})
        await asyncio.sleep(3600)
    if any(name == "expect" for name, _ in fields):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    size, trailers = (0, []) if method == "CONNECT" else await content(reader, fields)
    seen.requests.append({"method": method, "target": target, "fields": fields, "content": size, "trailers": trailers})
    if found := re.fullmatch(r"/slow/(\d+).*", target):
        await asyncio.sleep(int(found[1]) / 1000)
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        return True
    closes = target.startswith("/close")
    body = json.dumps({"target": target, "number": len(seen.requests)}).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + (b"connection: close\r\n" if closes else b"")
        + b"content-length: %d\r\n\r\n" % len(body) + (b"" if method == "HEAD" else body))
    await writer.drain()
    return not closes


async def connected(reader, writer):
    try:
        while await exchange(reader, writer):
            pass
    except Violation as violation:
        seen.violations.append(str(violation))
    except (asyncio.LimitOverrunError, ValueError) as error:
        seen.violations.append(f"too long: {error}")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def control(reader, writer):
    global seen
    try:
        text = await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(vars(seen)).encode()
        if text.startswith(b"POST"):
            seen = Seen()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve(port, control_port):
    servers = [
        await asyncio.start_server(connected, ["0.0.0.0", "::"], port, backlog=1024, limit=HEAD_LIMIT),
        await asyncio.start_server(control, "127.0.0.1", control_port)]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--control", type=int, default=8081)
    arguments = parser.parse_args()
    try:
        asyncio.run(serve(arguments.port, arguments.control))
    except KeyboardInterrupt:
        pass
