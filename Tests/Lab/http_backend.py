#!/usr/bin/env python3
"""A backend for tests of L7 behaviour: says who it is and what it got; counts; fails and waits as the path asks.

    http_backend.py --name reviews-v1 [--port 8080]

  GET  /anything              200, JSON: name, method, path, headers (a list of pairs), body's length, connection's number
  GET  /status/CODE           that status
  GET  /delay/MILLISECONDS    answers after it
  GET  /failing/NAME          500 from the backend of that name, 200 from others
  GET  /flaky/N/CODE          that status for the first N requests with the same `x-key`, then 200
  GET  /bytes/N               N bytes, chunked
  GET  /reset                 closes the connection without an answer
  GET  /counts                how many requests came for each path, and with each shadow host; not counted itself
  POST /counts                forgets them

A request's fields `x-say: NAME: VALUE` come back as fields of the answer.
"""

import argparse
import asyncio
import collections
import itertools
import json
import re

counts = collections.Counter()
flaky = collections.Counter()
connections = itertools.count(1)


async def head(reader):
    """`(method, path, headers)` of the next request, or None at the end."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = text[:-4].split("\r\n")
    method, path, _ = first.split(" ", 2)
    return method, path, [tuple(part.strip() for part in line.split(":", 1)) for line in lines]


async def body(reader, headers):
    """The length of the request's body, which is read."""
    fields = {name.lower(): value for name, value in headers}
    if "chunked" in fields.get("transfer-encoding", "").lower():
        total = 0
        while size := int((await reader.readline()).split(b";")[0], 16):
            total += size
            await reader.readexactly(size + 2)
        while (await reader.readline()).strip():
            pass
        return total
    length = int(fields.get("content-length", 0))
    await reader.readexactly(length)
    return length


async def answer(name, number, reader, writer, request):
    method, path, headers = request
    fields = {key.lower(): value for key, value in headers}
    length = await body(reader, headers)
    plain = path.split("?")[0]
    if plain == "/counts":
        if method == "POST":
            counts.clear()
        return await send(writer, 200, dict(counts))
    counts[plain] += 1
    counts["total"] += 1
    if fields.get("host", "").split(":")[0].endswith("-shadow"):
        counts["shadow"] += 1
    status = 200
    if found := re.fullmatch(r"/status/(\d+)", plain):
        status = int(found[1])
    elif found := re.fullmatch(r"/delay/(\d+)", plain):
        await asyncio.sleep(int(found[1]) / 1000)
    elif found := re.fullmatch(r"/flaky/(\d+)/(\d+)", plain):
        key = (plain, fields.get("x-key"))
        flaky[key] += 1
        status = int(found[2]) if flaky[key] <= int(found[1]) else 200
    elif found := re.fullmatch(r"/failing/(.+)", plain):
        status = 500 if found[1] == name else 200
    elif plain == "/reset":
        writer.transport.abort()
        return
    elif found := re.fullmatch(r"/bytes/(\d+)", plain):
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        rest = int(found[1])
        while rest:
            piece = min(rest, 65536)
            writer.write(b"%x\r\n" % piece + b"x" * piece + b"\r\n")
            await writer.drain()
            rest -= piece
        writer.write(b"0\r\n\r\n")
        return await writer.drain()
    await send(writer, status, {
        "name": name, "method": method, "path": path, "headers": headers, "body": length, "connection": number}, method,
        [value for key, value in headers if key.lower() == "x-say"])


async def send(writer, status, value, method="GET", fields=()):
    content = json.dumps(value).encode()
    lines = [
        f"HTTP/1.1 {status} Said", "content-type: application/json", f"content-length: {len(content)}", "x-backend: yes", *fields]
    writer.write(
        "".join(f"{line}\r\n" for line in [*lines, ""]).encode()
        + (b"" if method == "HEAD" else content))
    await writer.drain()


async def serve(name, port):
    async def connected(reader, writer):
        number = next(connections)
        try:
            while request := await head(reader):
                await answer(name, number, reader, writer, request)
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()

    servers = [await asyncio.start_server(connected, host, port, backlog=512) for host in ("0.0.0.0", "::")]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    try:
        asyncio.run(serve(arguments.name, arguments.port))
    except KeyboardInterrupt:
        pass
