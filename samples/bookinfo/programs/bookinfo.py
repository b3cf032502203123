"""What the four programs of Bookinfo share: a small HTTP/1.1 server, and a client that passes on what a trace needs."""

import argparse
import http.client
import http.server
import json
import re
import signal
import socket
import sys
import threading
import urllib.parse

# A proxy cannot know which request belongs to which: the programs pass these headers on, so that traces and the routes
# that match a user's requests work at every hop.
PASSED_ON = (
    "end-user", "user-agent", "authorization", "cookie", "x-request-id", "traceparent", "tracestate", "b3", "x-b3-traceid",
    "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
)
MAXIMUM_BODY = 64 * 1024


class Refused(Exception):
    """A request that gets `status` and a JSON error instead of an answer."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def passed_on(headers):
    return {name: headers[name] for name in PASSED_ON if name in headers}


def call(base, path, headers, timeout, attempts=1):
    """GETs JSON from another service: `(status, value)`, or `(0, why)` where no answer came within `timeout` seconds, after
    `attempts` tries."""
    host = urllib.parse.urlsplit(base).netloc
    failure = None
    for _ in range(attempts):
        connection = http.client.HTTPConnection(host, timeout=timeout)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            try:
                return answer.status, json.loads(body)
            except ValueError:
                return answer.status, body.decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            failure = error
        finally:
            connection.close()
    return 0, str(failure) or type(failure).__name__


class Handler(http.server.BaseHTTPRequestHandler):
    """Finds the function of `routes` whose pattern is the whole path, and sends what it returns."""

    protocol_version = "HTTP/1.1"
    timeout = 75
    routes = ()

    def respond(self):
        parts = urllib.parse.urlsplit(self.path)
        try:
            length = int(self.headers.get("content-length", 0))
            if not 0 <= length <= MAXIMUM_BODY:
                self.close_connection = True
                raise Refused(413, f"a body has at most {MAXIMUM_BODY} bytes")
            self.body = self.rfile.read(length)
            for method, pattern, function in self.routes:
                if method == self.command and (found := re.fullmatch(pattern, parts.path)):
                    return self.send(*function(self, *found.groups()))
            raise Refused(404, f"there is no {self.command} {parts.path} here")
        except Refused as refusal:
            self.send(refusal.status, {"error": str(refusal)})
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = respond

    def send(self, status, value, headers=()):
        text = isinstance(value, str)
        body = (value if text else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("content-type", "text/html; charset=utf-8" if text else "application/json")
        self.send_header("content-length", str(len(body)))
        for name, content in headers:
            self.send_header(name, content)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, form, *values):
        print(f"{self.address_string()} {form % values}", file=sys.stderr, flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def arguments(description, versions=("v1",), calls=()):
    """The options of a program: where it listens, which version it plays, and where the services are that it calls."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=9080, help="TCP port, on all addresses (default %(default)s)")
    parser.add_argument("--version", choices=versions, default=versions[0], help="(default %(default)s)")
    for name in calls:
        parser.add_argument(f"--{name}", default=f"http://{name}:9080", metavar="URL", help="(default %(default)s)")
    return parser


def serve(port, routes):
    """Serves `routes`, a list of (method, pattern, function), until SIGTERM; answers 200 at /health."""
    health = ("GET", "/health", lambda request: (200, {"status": "healthy"}))
    handler = type("Routes", (Handler,), {"routes": [health, *routes]})
    server = Server(("::", port), handler)
    # shutdown waits for the loop below, so it must not be called by a handler that interrupts it.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever(poll_interval=0.1)
