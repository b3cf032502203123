#!/usr/bin/env python3
"""Many requests from one place, with the standard library's client: JSON of what came back, for statistics.

    http_caller.py URL --count N [--connections C] [--header 'name: value' ...] [--method M] [--body BYTES] [--timeout S]

Prints a list of {"status", "name" (the backend's, null where it did not answer), "ms", "headers"} in the order of their ends;
status 0 with "error" where no answer came. {n} in the URL or a header is the request's number, which is "number" in the answer;
{n%K} is the number modulo K.
"""

import argparse
import concurrent.futures
import http.client
import json
import re
import socket
import sys
import time
import urllib.parse


def numbered(text, number):
    """The text with its places for the request's number filled."""
    return re.sub(r"\{n(?:%(\d+))?\}", lambda found: str(number % int(found[1]) if found[1] else number), text)


def calls(arguments, numbers):
    """Sends requests `numbers` one after the other on one connection, a new one where it was closed."""
    connection = None
    for number in numbers:
        url = urllib.parse.urlsplit(numbered(arguments.url, number))
        headers = dict(numbered(each, number).split(": ", 1) for each in arguments.header)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        started = time.monotonic()
        result = {}
        try:
            if connection is None:
                connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=arguments.timeout)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.request(arguments.method, path, body=b"x" * arguments.body or None, headers=headers)
            response = connection.getresponse()
            text = response.read()
            result = {"status": response.status, "name": None, "headers": {k.lower(): v for k, v in response.getheaders()}}
            try:
                value = json.loads(text)
                result["name"] = value.get("name")
                result["body"] = value
            except (ValueError, AttributeError):
                result["body"] = text[:500].decode(errors="replace")
            if response.will_close:
                connection = None
        except (OSError, http.client.HTTPException) as error:
            result = {"status": 0, "name": None, "error": f"{type(error).__name__}: {error}"}
            if connection:
                connection.close()
            connection = None
        result["number"] = number
        result["ms"] = (time.monotonic() - started) * 1000
        yield result
    if connection:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--method", default="GET")
    parser.add_argument("--body", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=15)
    parser.add_argument("--brief", action="store_true", help="status, name and ms only")
    arguments = parser.parse_args()
    results = []
    shares = [range(start, arguments.count, arguments.connections) for start in range(arguments.connections)]
    with concurrent.futures.ThreadPoolExecutor(arguments.connections) as pool:
        for future in [pool.submit(lambda share=share: list(calls(arguments, share))) for share in shares]:
            results += future.result()
    if arguments.brief:
        results = [{key: result.get(key) for key in ("status", "name", "ms")} for result in results]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
