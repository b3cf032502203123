"""Attacks on a waypoint: what a client in the mesh can send, and what then reaches the backend, the other clients, and the memory.

The backend (`http_recorder.py`) reads as strictly as can be and remembers what it was sent. A row names what its client's own
reading of its bytes contains; nothing else may ever arrive.
"""

import base64
import collections
import contextlib
import json
import pathlib
import re
import sys
import time

import yaml

import certificates
from http2_attacks import DOWNGRADES
from lab import Lab, eventually, settled
from mesh import Mesh

LAB = pathlib.Path(__file__).parents[1] / "Lab"
HOST = "web.shop.svc.cluster.local"
PORT, EDGE_PORT = 15009, 18080
CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: shop}
spec:
  selector: {app: waypoint}
  ports: [{name: hbone, port: 15008, targetPort: %(port)s}]
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: waypoint, namespace: shop, labels: {app: waypoint, ambit.io/node: %(node)s}}
spec: {address: %(address)s, serviceAccount: waypoint, labels: {app: waypoint}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
"""
ROUTES = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - match: [{uri: {exact: /admin}}, {uri: {prefix: /admin/}}]
    directResponse: {status: 403, body: {string: "guarded"}}
  - match: [{uri: {prefix: /moved}}]
    redirect: {authority: elsewhere}
  - match: [{uri: {exact: /local}}]
    directResponse: {status: 200, body: {string: "%s"}}
  - route: [{destination: {host: web}}]
""" % ("l" * 2000)
# The same routes for what comes in from outside the mesh.
GATEWAY = """
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {app: edge}
  servers: [{hosts: ["*"], port: {number: %d, name: http, protocol: HTTP}}]
"""
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n"
# By how much the waypoint's memory may be larger during an attack than before, and how much of it may stay.
GROWTH_KILOBYTES = 48 * 1024
# What the waypoint of this suite may hold.
HELD_BYTES = 8 << 20
# How long content may stand still at the waypoint of this suite.
IDLE_SECONDS = 4
# Codes of RFC 9113 section 7.
PROTOCOL, FLOW, TIMEOUT, FRAME_SIZE, REFUSED, COMPRESSION, CALM = 1, 3, 4, 6, 7, 9, 11
# Where HTTP/1.1 is attacked: a client in the mesh at its waypoint, and one outside of it at a gateway.
DOORS = ("waypoint", "gateway")
# Where HTTP/2 is attacked: the waypoint's listener, and what is spoken in a tunnel.
ENDS = ("listener", "inner")


class Fixture:
    """A client on the first host, with the mesh's certificate besides; a waypoint on the second; the recorder on the third."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second, self.third = (lab.host(f"host-{number}") for number in (1, 2, 3))
        self.client, self.other = self.first.workload("client"), self.first.workload("other")
        self.outsider = self.first.workload("outsider")
        self.backend = self.third.workload("web")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION % {
            "port": PORT, "address": self.second.address, "node": self.second.short} + ROUTES)
        mesh.start_node(self.first, mesh.issue(self.first.short, "shop/client"), workers=1)
        mesh.start_node(self.third, mesh.issue(self.third.short, "shop/web"), workers=1)
        credentials = mesh.issue(self.second.short, "shop/waypoint")
        self.backend.start(
            "python3", LAB / "http_recorder.py", "--port", 8080, "--control", 8081, name="recorder",
            ready=lambda: self.backend.listens(8080) and self.backend.listens(8081))
        for each in (self.client, self.other):
            mesh.enrol(each, "shop", "client")
        mesh.enrol(self.backend, "shop", "web", {"app": "web"}, {"http": 8080})
        self.waypoint = self.second.start(
            mesh.programs / "waypoint", "proxy", name="waypoint", env=mesh.node_environment(
                self.second, credentials,
                extra={"AMBIT_WAYPOINT": "shop/waypoint", "AMBIT_HBONE_PORT": str(PORT), "AMBIT_WORKER_THREADS": "1",
                       "AMBIT_REQUEST_IDLE_TIMEOUT": f"{IDLE_SECONDS}s", "AMBIT_MAX_HELD_BYTES": str(HELD_BYTES)}),
            ready=lambda: self.second.listens(PORT) and self.second.listens(15021))
        mesh.ctl("gateway", "apply", "edge", "-n", "shop", "--node", self.second.short)
        edge = yaml.safe_load(ROUTES)
        edge["metadata"]["name"] = "edge"
        edge["spec"] |= {"hosts": ["*"], "gateways": ["edge"]}
        mesh.ctl("apply", "-f", "-", input=GATEWAY % EDGE_PORT + "---\n" + yaml.safe_dump(edge))
        folder = lab.folder / "gateway"
        folder.mkdir()
        self.gateway = self.second.start(
            mesh.programs / "waypoint", "proxy", name="gateway", env=mesh.node_environment(
                self.second, credentials,
                extra={"AMBIT_GATEWAY": "shop/edge", "AMBIT_HBONE_PORT": "auto", "AMBIT_WORKER_THREADS": "1", "AMBIT_READINESS_PORT": "0",
                       "AMBIT_STATE_DIR": str(folder), "AMBIT_REQUEST_IDLE_TIMEOUT": f"{IDLE_SECONDS}s"}),
            ready=lambda: self.second.listens(EDGE_PORT), deadline=30)
        self.edge = f"http://{self.second.address}:{EDGE_PORT}"
        authority = certificates.Authority.existing(mesh.state / "ca", lab.folder / "attacker")
        self.leaf, self.root = authority.identity("shop", "attacker"), authority.root
        eventually(lambda: self.client.http(f"http://{HOST}/admin") == (403, "guarded"), "the guarded path is guarded", 30)
        eventually(lambda: self.other.http(f"http://{HOST}/good")[0] == 200, "others are served", 20)
        eventually(lambda: self.outsider.http(f"{self.edge}/admin") == (403, "guarded"), "the gateway guards it, too", 30)
        eventually(lambda: self.outsider.http(f"{self.edge}/good")[0] == 200, "and serves others", 20)
        self.resident = self.waypoint.resident_kilobytes()
        self.address = self.client.run("getent", "ahostsv4", HOST).stdout.split()[0]

    # What the backend saw.

    def recorded(self):
        """What arrived since the last call."""
        status, body = self.backend.http("http://127.0.0.1:8081/seen", "-X", "POST")
        assert status == 200, body
        return json.loads(body)

    def seen(self):
        """The requests that arrived since the last call; none of them was such that two servers could differ on it."""
        seen = self.recorded()
        assert not seen["violations"], seen["violations"]
        return seen["requests"]

    # What is sent.

    def send(self, rows, door="waypoint"):
        """Plays rows, each a dictionary of raw_client's; returns (status codes, the raw bytes, the end, seconds) of each."""
        text = json.dumps([{**row, "parts": [part if part is None else base64.b64encode(part).decode() for part in row["parts"]]}
                           for row in rows])
        place, where = (self.client, (HOST, 80)) if door == "waypoint" else (self.outsider, (self.second.address, EDGE_PORT))
        done = place.run("python3", LAB / "raw_client.py", *where, input=text, timeout=90)
        results = []
        for each in json.loads(done.stdout):
            received = base64.b64decode(each["received"])
            results.append(([status for status, _ in responses(received)], received, each["end"], each["seconds"]))
        return results

    def play(self, rows):
        """Plays (name, bytes, wanted) rows: `wanted` are the statuses of the responses, or None for a refusal. Exactly the requests
        that the clients of the rows that are not refused mean must arrive; their targets begin with /own."""
        for door in DOORS:
            self.play_at(door, rows)

    def play_at(self, door, rows):
        self.recorded()
        results = self.send([{"name": name, "parts": [data] if isinstance(data, bytes) else data} for name, data, _ in rows], door)
        wrong = [f"at the {door}:"]
        for (name, data, wanted), (statuses, received, end, _) in zip(rows, results):
            final = [status for status in statuses if status >= 200]
            if wanted is None:
                # Refused with one answer and an end, or (in the middle of a message) an end without one.
                right = end != "open" and len(final) <= 1 and all(400 <= status <= 505 for status in final)
            else:
                right = final == wanted and end == "closed"
            if not right:
                wrong.append(f"{name}: {statuses} {end} {received[:160]!r}, wanted {wanted or 'a refusal'}")
        arrived = self.recorded()
        if arrived["violations"]:
            wrong.append(f"two servers could differ on what arrived: {arrived['violations']}")
        targets = collections.Counter(request["target"] for request in arrived["requests"])
        meant = collections.Counter(target for _, data, wanted in rows if wanted for target in own_targets(data))
        if targets != meant:
            wrong.append(f"arrived and was not to: {targets - meant}; was to arrive and did not: {meant - targets}")
        assert not wrong[1:], "\n".join(wrong)
        self.healthy()

    def healthy(self):
        """Others are served as before."""
        self.waypoint.alive()
        status, body = self.other.http(f"http://{HOST}/good", timeout=20)
        assert status == 200, (status, body)
        self.recorded()

    # HTTP/2.

    def http2(self, end, names, seconds=8, authority=None):
        """What became of each attack on one of ENDS."""
        if end == "listener":
            where = ["--tls", *self.leaf, self.root, "--authority", f"{self.address}:80" if authority is None else authority, "--seconds", seconds,
                     self.second.address, PORT]
            place = self.outsider
        else:
            where, place = ["--authority", "web", "--seconds", seconds, HOST, 80], self.client
        done = place.run(sys.executable, LAB / "http2_attacks.py", *where, *names, timeout=seconds + 60)
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def memory(self, growth=GROWTH_KILOBYTES):
        """The waypoint's memory stays within `growth` of what it was; measured at the end of the attack, and after it."""
        # What an attack before this one has left is that test's matter.
        before = settled(self.waypoint.resident_kilobytes, self.resident + growth // 4, deadline=20)
        peaks = []
        yield lambda: peaks.append(self.waypoint.resident_kilobytes())
        peaks.append(self.waypoint.resident_kilobytes())
        assert max(peaks) - before <= growth, f"{before} KB before, {max(peaks)} KB during the attack"
        after = settled(self.waypoint.resident_kilobytes, before + growth // 2, deadline=20)
        assert after <= before + growth // 2, f"{before} KB before, {after} KB after the attack"

    @contextlib.contextmanager
    def flood(self, name, code, *words, said):
        """A client's program, from when it has said so until the block ends: yields the match. The waypoint's memory stays bounded."""
        with self.memory() as measure:
            program = self.client.start(sys.executable, "-c", code, *words, name=name)
            try:
                yield eventually(lambda: re.search(said, program.log()), f"the flood {name} says {said}", 45)
                measure()
            finally:
                program.kill()

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitabu") as lab:
        yield Fixture(lab, programs)


def responses(data):
    """The (status, body) of each response in what a client got."""
    found = []
    while match := re.match(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n(.*?)\r\n\r\n", data.replace(b"\r\n\r\n", b"\r\n\r\n\r\n", 1), re.S):
        status, fields = int(match[1]), match[2].lower()
        rest = data[data.index(b"\r\n\r\n") + 4:]
        body = b""
        if length := re.search(rb"content-length: *(\d+)", fields):
            body, rest = rest[:int(length[1])], rest[int(length[1]):]
        elif b"transfer-encoding: chunked" in fields:
            body, _, rest = rest.partition(b"0\r\n\r\n")
        found.append((status, body))
        data = rest
    return found


def own_targets(data):
    """The targets of a row that begin with /own: those of requests that its client itself means."""
    whole = data if isinstance(data, bytes) else b"".join(part for part in data if part)
    return [target.decode() for target in re.findall(rb" (?:[A-Za-z]+://[^/ ]*)?(/own[!-~]*) HTTP/1", whole)]


def request(number, *fields, method="GET", target=None, version="HTTP/1.1", host="Host: web", body=b""):
    """The bytes of a request; its target is /own-`number` unless said otherwise."""
    lines = [f"{method} {target or f'/own-{number}'} {version}", *([host] if host else []), *fields]
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode("latin-1") for line in lines) + b"\r\n\r\n" + body


# HTTP/1.1: where a message ends.


def lengths(number, *fields, body):
    """A POST whose length is in `fields`."""
    return request(number, *fields, method="POST", body=body)


def test_transfer_codings_that_two_readers_differ_on(fixture):
    after = b"0\r\n\r\n" + SMUGGLED
    length = f"Content-Length: {len(after)}"
    obscured = [
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked", 'Transfer-Encoding: "chunked"',
        "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: 'chunked'", "Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: \x0bchunked", "Transfer-Encoding: chunked\x0c", "Transfer-Encoding: chunked\x00", "Transfer-Encoding: chunked\xa0",
        "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "\tTransfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding\r\n : chunked", "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked", "X: y\x00\r\nTransfer-Encoding: chunked", "Transfer-Encoding:", "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: chunk\r\n ed"]
    rows = []
    for index, field in enumerate(obscured):
        rows.append((f"{field!r}", lengths(f"te-{index}", field, body=after), None))
        rows.append((f"{field!r} after a length", lengths(f"cl-te-{index}", length, field, body=after), None))
        rows.append((f"{field!r} before a length", lengths(f"te-cl-{index}", field, length, body=after), None))
    for index, (first, second) in enumerate([(length, "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", length),
                                             ("Content-Length: 4", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 4"),
                                             ("Content-Length: 0", "Transfer-Encoding: Chunked")]):
        rows.append((f"{first} and {second}", lengths(f"both-{index}", first, second, body=after), None))
        rows.append((f"{first} and {second}, large chunk", lengths(
            f"large-{index}", first, second, body=b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"), None))
    rows += [
        ("a coding in HTTP/1.0", request("te10", "Transfer-Encoding: chunked", method="POST", version="HTTP/1.0", body=after), None),
        ("white space around", lengths("white", "Transfer-Encoding:\t chunked \t", body=b"1\r\na\r\n0\r\n\r\n"), [200]),
        ("upper case", lengths("upper", "TRANSFER-ENCODING: CHUNKED", body=b"1\r\na\r\n0\r\n\r\n"), [200]),
        # Fields of other names say nothing about the length; some servers take them for it, so they must not.
        ("underscore", lengths("underscore", "Transfer_Encoding: chunked", length, body=after), [200]),
        ("in a list of TE", lengths("te", "TE: chunked", length, body=after), [200]),
    ]
    fixture.play(rows)


def test_lengths_that_two_readers_differ_on(fixture):
    rows = []
    for index, field in enumerate([
            "Content-Length: 0\r\nContent-Length: {n}", "Content-Length: {n}\r\nContent-Length: 0", "Content-Length: {n}\r\nContent-Length: {n}",
            "Content-Length: {n}, {n}", "Content-Length: 0, {n}", "Content-Length: +{n}", "Content-Length: -1", "Content-Length: 0x2b",
            "Content-Length: {n}.0", "Content-Length: {n}e0", "Content-Length: 4 3", "Content-Length: {n};", "Content-Length: \"{n}\"",
            "Content-Length:", "Content-Length: 18446744073709551659", "Content-Length: 9223372036854775851", "Content-Length: 99999999999999999999",
            "Content-Length: {n}\x00", "Content-Length: \x0b{n}", "Content-Length:\r\n {n}", "Content-Length : {n}", " Content-Length: {n}",
            "X: y\nContent-Length: {n}", "X: y\rContent-Length: {n}", "Content-Length: 4_3", "Content-Length: \xb2", "Content-Length: {n}\n"]):
        rows.append((f"{field!r}", lengths(f"cl-{index}", field.format(n=len(SMUGGLED)), body=SMUGGLED), None))
    rows += [
        ("white space around", lengths("cl-white", f"Content-Length:  \t{len(SMUGGLED)} ", body=SMUGGLED), [200]),
        ("zeros in front", lengths("cl-zeros", f"Content-Length: 000{len(SMUGGLED)}", body=SMUGGLED), [200]),
        ("underscore", lengths("cl-underscore", f"Content_Length: {len(SMUGGLED)}", "Content-Length: 0", body=b""), [200]),
        ("content of a GET", request("cl-get", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED), [200]),
        ("content of a DELETE", request("cl-delete", f"Content-Length: {len(SMUGGLED)}", method="DELETE", body=SMUGGLED), [200]),
        ("content that breaks off", lengths("cl-short", "Content-Length: 100", body=b"short"), None),
    ]
    fixture.play(rows)


def test_chunks_that_two_readers_differ_on(fixture):
    def chunked(number, body, *fields):
        return lengths(f"chunk-{number}", "Transfer-Encoding: chunked", *fields, body=body)

    size = b"%x" % len(SMUGGLED)
    whole = SMUGGLED + b"\r\n0\r\n\r\n"
    rows = []
    for index, line in enumerate([
            b"0x" + size, b"+" + size, b"-" + size, b" " + size, b"_" + size, size + b"_0", size[:1] + b"_" + size[1:], b"", size + b"h",
            b"fffffffffffffffff", b"10000000000000000" + size, b"8000000000000000", b"ffffffffffffffff", b"0" * 40 + size, size + b" x",
            size + b"\x00", size + b"\x0b", size + b"\x85", size + b";a=\x00", size + b";a\x7f", size + b",", size + b".0", b"%" + size,
            size + b";" + b"e" * 2000]):
        rows.append((f"size {line[:40]!r}", chunked(f"s{index}", line + b"\r\n" + whole), None))
    for index, body in enumerate([
            size + b"\n" + whole, size + b"\r" + whole, size + b";a\n" + whole, size + b";a\r" + whole, size + b"\r\r\n" + whole,
            size + b'; a="\n"\r\n' + whole, b"1\r\nab\r\n0\r\n\r\n", b"1\r\na\n0\r\n\r\n", b"1\r\na\r0\r\n\r\n", b"1\r\na0\r\n\r\n", b"1\r\na\r\n0\n\n",
            b"1\r\na\r\n0\r\n\n" + SMUGGLED, b"0\r\n" + SMUGGLED, b"0\r\n\n" + SMUGGLED, b"0\r\n\r" + SMUGGLED, b"0\r\nX: y\n\r\n" + SMUGGLED,
            b"0\r\n X: y\r\n\r\n" + SMUGGLED, b"0\r\nX : y\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n", b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"0\r\nHost: x\r\n\r\n", b"0\r\nConnection: close\r\n\r\n", b"1\r\na\r\n", b"5\r\nab"]):
        rows.append((f"chunks {body[:40]!r}", chunked(f"c{index}", body), None))
    rows += [
        # The extension is not for the backend, and what it hides neither.
        ("extension", chunked("ext", size + b';a="0;b"; c\r\n' + whole), [200]),
        ("extension that looks like a chunk", chunked("hide", b"1;a=" + size + b"\r\na\r\n0\r\n\r\n"), [200]),
        ("size in upper case", chunked("upper", b"%X\r\n" % len(SMUGGLED) + whole), [200]),
        ("trailers", chunked("trailers", b"1\r\na\r\n0\r\nX-Sum: y\r\n\r\n"), [200]),
        ("two requests", chunked("two", b"1\r\na\r\n0\r\n\r\n" + request("chunk-next")), [200, 200]),
        ("two requests, the last chunk short", chunked("lax", b"1\r\na\r\n0\r\n" + request("after")[:-2]), None),
    ]
    fixture.play(rows)


def test_lines_that_two_readers_differ_on(fixture):
    rows = []
    for index, text in enumerate([
            "GET  /own-{n} HTTP/1.1", "GET /own-{n}  HTTP/1.1", "GET\t/own-{n} HTTP/1.1", "GET /own-{n}\tHTTP/1.1", "GET /own-{n} HTTP/1.1 ",
            " GET /own-{n} HTTP/1.1", "GET /own-{n} http/1.1", "GET /own-{n} HTTP/1.10", "GET /own-{n} HTTP/01.1", "GET /own-{n} HTTP/2.0",
            "GET /own-{n} HTTP/3", "GET /own-{n} HTTP/1.2", "GET /own-{n} HTTP/1,1", "GET /own-{n} XTTP/1.1", "GET /own-{n}", "GET HTTP/1.1",
            "GET", "GET /own-{n} /smuggled HTTP/1.1", "G\x00ET /own-{n} HTTP/1.1", "GET /own-{n}\x00 HTTP/1.1", "GET /own-{n}\xc3\xa9 HTTP/1.1",
            "GET /own-{n}\x7f HTTP/1.1", "GET /own-{n}\r HTTP/1.1", "G(T /own-{n} HTTP/1.1", "GET:/own-{n} HTTP/1.1"]):
        rows.append((f"line {text!r}", text.format(n=f"l{index}").encode("latin-1") + b"\r\nHost: web\r\n\r\n", None))
    for index, field in enumerate([
            "X y", ": y", "X\x00: y", "X y: z", "X\xe9: y", "X(: y", "X: a\x00b", "X: a\x01b", "X: a\x7fb", "X: a\rb", "X: a\nGET /smuggled HTTP/1.1",
            "X: a\r\n b", "X: a\r\n\tb", "X: a\r\n \r\n", " X: y", "\x00", "X:\x00"]):
        rows.append((f"field {field!r}", request(f"f{index}", field), None))
    rows += [
        ("line feeds", request("lf").replace(b"\r\n", b"\n"), None),
        ("one line feed at the end", request("lf1")[:-2] + b"\n" + SMUGGLED, None),
        ("HTTP/0.9", b"GET /own-09\r\n", None),
        ("HTTP/0.9 with a field", b"GET /own-091\r\nHost: web\r\n\r\n", None),
        ("two empty lines between", request("empty-1") + b"\r\n\r\n" + SMUGGLED, [200, 400]),
        ("one empty line between", request("empty-2") + b"\r\n" + request("empty-3"), [200, 200]),
        ("text of other languages", request("utf8", b"X-Name: \xc3\xa9\xe4\xba\xba"), [200]),
        ("bytes that are no text", request("bytes", b"X-Name: \xff\xfe\x80"), [200]),
        ("an empty value", request("empty-value", "X-Empty:"), [200]),
        ("HTTP/1.0", request("10", version="HTTP/1.0"), [200]),
        ("HTTP/1.0 that is kept", request("10k1", "Connection: keep-alive", version="HTTP/1.0") + request("10k2", version="HTTP/1.0"), [200, 200]),
        ("HTTP/1.0 that is not kept", request("10n", version="HTTP/1.0") + SMUGGLED, [200]),
        ("a head that breaks off", b"GET /own-head HTTP/1.1\r\nHost: web\r\nX: ", None),
    ]
    fixture.play(rows)


# HTTP/1.1: where a request goes.


def test_hosts(fixture):
    rows = []
    for index, fields in enumerate([
            [], ["Host: web", "Host: web"], ["Host: web", "Host: other"], ["Host: web\r\n other"], ["Host: a@web"], ["Host: web:x"], ["Host: web:99999"],
            ["Host: web:80:80"], ["Host: web/x"], ["Host: web x"], ["Host: we\x00b"], ["Host: [::1"], ["Host: web#x"], ["Host : web"],
            ["Host: http://web"], ["Host: web\\x"]]):
        rows.append((f"host {fields}", request(f"h{index}", *fields, host=None), None))
    for index, target in enumerate([
            "http://other/own-{n}", "http://web@other/own-{n}", "http://web:81/own-{n}", "https://web/own-{n}", "ftp://web/own-{n}", "//web/own-{n}?#",
            "http:///own-{n}", "http://web/own-{n}#x", "own-{n}", "*", "web:80", "http://web\\@other/own-{n}", "\\own-{n}", "/own-{n}#/../x"]):
        rows.append((f"target {target}", request("", target=target.format(n=f"t{index}")), None))
    rows += [
        ("absolute target", request("", target="http://web/own-absolute"), [200]),
        ("absolute target in upper case", request("", target="HTTP://WEB/own-upper"), [200]),
    ]
    fixture.play(rows)
    # Without a host, HTTP/1.0 goes on with one: the recorder refuses a request that has none.
    (statuses, *_), = fixture.send([{"name": "", "parts": [request("host10", host=None, version="HTTP/1.0")]}])
    assert statuses in ([200], [400]), statuses
    fixture.seen()


def is_guarded(target):
    """Whether a server that reads the path as RFC 3986 says, or a lenient one, takes it for the guarded one."""
    path = re.split(r"[?#]", target)[0]
    path = re.sub("%([0-9A-Fa-f]{2})", lambda m: c if re.fullmatch(r"[A-Za-z0-9._~-]", c := chr(int(m[1], 16))) else m[0], path)
    parts = []
    for part in path.replace("\\", "/").split("/")[1:]:
        if part == "..":
            parts and parts.pop()
        elif part != ".":
            parts.append(part)
    path = "/" + "/".join(parts)
    return path == "/admin" or path.startswith("/admin/")


def test_a_guarded_path_is_not_reached_in_another_spelling(fixture):
    spellings = [
        "/admin", "/admin/", "/admin?x", "/admin/x", "/%61dmin", "/a%64min", "/%61%64%6d%69%6e", "/%61%64%6D%69%6E/", "/x/../admin", "/x/%2e%2e/admin",
        "/x/.%2e/admin", "/x/%2E./admin", "/./admin", "/%2e/admin", "/.//../admin", "/x/y/../../admin", "/../admin", "/../../admin/x", "/x/..\\admin",
        "\\admin", "/x\\..\\admin", "/admin\\x", "/admin/.", "/admin/..", "/admin/./x", "/x/../admin/../admin", "/admin/../x/../admin",
        "http://web/admin", "http://web/%61dmin", "http://web/x/../admin", "http://web\\admin", "/admin#", "/admin#/x", "/x#/../admin",
        # Coding that becomes another coding when it is undone.
        "/%6%31dmin", "/%%361dmin", "/%2561dmin", "/%25%36%31dmin", "/%%36%31dmin", "/a%6%34min", "/x/%2%65./admin", "/x/%2%65%2e/admin", "/x/%%32e%2e/admin",
        "/%0%30/admin", "/admin%00", "/admin%00.html", "/%00/../admin", "/admin%0%30", "/adm%69n%2f", "/x/..%00/admin"]
    rows = [{"name": path, "parts": [f"GET {path} HTTP/1.1\r\nHost: web\r\n\r\n".encode()]} for path in spellings]
    for door in DOORS:
        fixture.recorded()
        results = fixture.send(rows, door)
        reached = [request["target"] for request in fixture.seen()]
        guarded = [target for target in reached if is_guarded(target)]
        assert not guarded, f"reached the backend by the {door}: {guarded}"
        assert not [target for target in reached if re.search("%00", target)], (door, reached)
        for path, (statuses, received, _, _) in zip(spellings, results):
            assert len(statuses) == 1, (door, path, received)
            if path in ("/admin", "/admin/", "/%61dmin", "/x/../admin", "/x/%2e%2e/admin", "/x\\..\\admin", "http://web/%61dmin"):
                assert statuses == [403], (door, path, received)
    fixture.healthy()


def test_other_paths_are_left_as_they_are(fixture):
    for path in ["/x%2fadmin", "//admin", "/admin;x", "/x/..;/admin", "/ADMIN", "/administrator", "/x?/../admin", "/x?a=%61", "/caf%C3%A9", "/a%20b", "/100%"]:
        fixture.recorded()
        (statuses, *_), = fixture.send([{"name": path, "parts": [f"GET {path} HTTP/1.1\r\nHost: web\r\n\r\n".encode()]}])
        assert statuses == [200], path
        assert [request["target"] for request in fixture.seen()] == [path]


def test_first_bytes_do_not_choose_a_way_round_the_routes(fixture):
    """The port's name says HTTP: whatever comes is read as that, or refused. Nothing is carried as it is."""
    guarded = b"GET /admin HTTP/1.1\r\nHost: web\r\n\r\n"
    rows = {
        "an empty line first": [b"\r\n" + guarded],
        "an extension method": [guarded.replace(b"GET", b"PURGE")],
        "a method of WebDAV": [guarded.replace(b"GET", b"PROPFIND")],
        "a method in lower case": [guarded.replace(b"GET", b"get")],
        "a method of one letter": [guarded.replace(b"GET", b"X")],
        "another protocol first": [b"\x00\r\n" + guarded],
        "a line feed first": [b"\n" + guarded],
        "http/2": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + guarded],
        "tls": [b"\x16\x03\x01\x00\x05hello" + guarded],
        "the end of the connection after two letters": [b"GE"],
    }
    fixture.recorded()
    results = dict(zip(rows, fixture.send([{"name": name, "parts": parts} for name, parts in rows.items()])))
    # A client that is silent for a while, in a word of its own, and then goes on.
    slow = (
        "import socket, sys, time\n"
        f"s = socket.create_connection(({HOST!r}, 80), 20)\n"
        "for first, rest in ((b'GE', b'T'), (b'', b'GET')):\n"
        f"  s = socket.create_connection(({HOST!r}, 80), 20)\n"
        "  s.sendall(first)\n"
        "  r, d = b'', time.monotonic() + 2.5\n"
        "  while time.monotonic() < d: time.sleep(0.05)\n"
        f"  s.sendall(rest + {guarded[3:]!r}); s.shutdown(1)\n"
        "  while part := s.recv(65536): r += part\n"
        "  print(r.split(b'\\r\\n')[0].decode())\n")
    said = fixture.client.run("python3", "-c", slow, check=False, timeout=40).stdout.splitlines()
    seen = fixture.recorded()
    assert not seen["violations"], f"carried as it is: {seen['violations']}"
    assert not seen["requests"], f"went round the routes: {[(each['method'], each['target']) for each in seen['requests']]}"
    for name, (statuses, received, end, _) in results.items():
        assert statuses in ([], [403], [400], [501], [505]) and end != "open", (name, received, end)
    assert said == ["HTTP/1.1 403 Forbidden"] * 2, said
    fixture.healthy()


def test_methods_that_are_no_requests_for_content(fixture):
    guarded = request("", target="/admin")
    fixture.play([
        # A server that does not know CONNECT may answer 200 and read on: what follows would get round the routes.
        ("CONNECT", b"CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n" + guarded, [403]),
        ("CONNECT to another", b"CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n" + guarded, [403]),
        ("CONNECT in parts", [b"CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n", None, guarded], [403]),
        ("CONNECT with a path", b"CONNECT /own-c HTTP/1.1\r\nHost: web\r\n\r\n" + SMUGGLED, None),
        ("TRACE", request("trace", method="TRACE"), [200]),
        ("HEAD", request("head", method="HEAD"), [200]),
    ])


# HTTP/1.1: one exchange after the other.


def test_pipelining(fixture):
    many = b"".join(request(f"many-{number}") for number in range(60))
    fixture.play([
        ("sixty at once", many, [200] * 60),
        ("the backend closes", request("", target="/close-x").replace(b"/close-x", b"/own-close") + request("next"), [200, 200]),
        ("the client closes", request("last", "Connection: close") + SMUGGLED, [200]),
        ("close among options", request("last2", "Connection: x, CLOSE") + SMUGGLED, [200]),
        ("content, then a request", lengths("content", "Content-Length: 3", body=b"abc") + request("behind"), [200, 200]),
        ("a bad one behind a good one", request("good") + b"BAD\r\n\r\n" + SMUGGLED, [200, 400]),
    ])
    # The backend closes its connection with the response to the first: the second still gets its own.
    (statuses, received, _, _), = fixture.send([{"name": "", "parts": [
        request("", target="/close-1") + request("", target="/own-2") + request("", target="/close-3") + request("", target="/own-4")]}])
    assert statuses == [200] * 4, received
    assert re.findall(rb'"target": "(\S+)"', received) == [b"/close-1", b"/own-2", b"/close-3", b"/own-4"], received
    assert [request["target"] for request in fixture.seen()] == ["/close-1", "/own-2", "/close-3", "/own-4"]


def test_content_of_a_request_that_is_answered_at_once_is_no_request(fixture):
    """The route answers before the content has come: it is content all the same."""
    rows = [
        ("length", request("", f"Content-Length: {len(SMUGGLED)}", method="POST", target="/admin", body=SMUGGLED)),
        ("chunked", request("", "Transfer-Encoding: chunked", method="POST", target="/admin", body=b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n")),
        ("expect", request("", f"Content-Length: {len(SMUGGLED)}", "Expect: 100-continue", method="POST", target="/admin", body=SMUGGLED)),
        ("in parts", [request("", f"Content-Length: {len(SMUGGLED)}", method="POST", target="/admin"), None, SMUGGLED]),
        ("expect in parts", [request("", f"Content-Length: {len(SMUGGLED)}", "Expect: 100-continue", method="POST", target="/admin"), None, SMUGGLED]),
        ("a large one", request("", "Content-Length: 3000000", method="POST", target="/admin", body=SMUGGLED * 70000)[:3_000_000]),
    ]
    fixture.recorded()
    results = fixture.send([{"name": name, "parts": [data] if isinstance(data, bytes) else data} for name, data in rows])
    for (name, _), (statuses, received, end, _) in zip(rows, results):
        assert statuses == [403] and end != "open", (name, statuses, received[:300], end)
    assert not fixture.seen()
    fixture.healthy()


def test_expect_and_upgrade(fixture):
    expect = lengths("e1", "Content-Length: 3", "Expect: 100-continue", body=b"")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = ["Connection: Upgrade", "Sec-WebSocket-Version: 13", key]
    fixture.play([
        ("content after 100", [expect, None, b"abc"], [200]),
        ("content at once", lengths("e2", "Content-Length: 3", "Expect: 100-continue", body=b"abc"), [200]),
        ("nothing to wait for", request("e3", "Expect: 100-continue"), [200]),
        # The backend does not switch: what follows is a request, which goes by the routes like any other.
        ("an upgrade that is not made", [
            request("u2", "Upgrade: websocket", *upgrade), None, request("", target="/admin"), None, request("u21")], [502, 403, 200]),
        ("an upgrade with content", request("u3", "Upgrade: websocket", "Content-Length: 3", *upgrade, body=b"abc"), None),
        ("two upgrades", request("u4", "Upgrade: websocket", "Upgrade: h2c", *upgrade), None),
        ("an upgrade without a key", request("u5", "Upgrade: websocket", "Connection: Upgrade"), None),
        ("h2c", request("u6", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade, HTTP2-Settings") + request("u7"), [200, 200]),
        ("an upgrade to TLS", request("u8", "Upgrade: TLS/1.0", "Connection: Upgrade"), [200]),
        ("an upgrade of a POST", lengths("u9", "Upgrade: websocket", "Content-Length: 3", *upgrade, body=b"abc"), [200]),
    ])


def test_fields_of_one_connection_and_claims_about_the_client(fixture):
    fixture.seen()
    claim = "By=spiffe://cluster.local/ns/shop/sa/waypoint;URI=spiffe://cluster.local/ns/shop/sa/admin"
    fields = [
        "Connection: x-secret, keep-alive", "X-Secret: 1", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: gzip", "Upgrade: h2c",
        f"X-Forwarded-Client-Cert: {claim}", f"X-FORWARDED-CLIENT-CERT: {claim}", "X-Envoy-Attempt-Count: 9", "X-Kept: 1"]
    (statuses, received, *_), = fixture.send([{"name": "", "parts": [request("claims", *fields)]}])
    assert statuses == [200], received
    got, = fixture.seen()
    names = [name for name, _ in got["fields"]]
    for gone in ("x-secret", "keep-alive", "proxy-connection", "te", "upgrade", "connection", "http2-settings"):
        assert gone not in names, got
    assert [value for name, value in got["fields"] if name == "x-forwarded-client-cert"] == [
        "By=spiffe://cluster.local/ns/shop/sa/waypoint;URI=spiffe://cluster.local/ns/shop/sa/client"], got
    assert [value for name, value in got["fields"] if name == "x-envoy-attempt-count"] == ["1"] and "x-kept" in names, got
    # Nobody has what the waypoint says of the client taken out, or put where a server may merge it.
    fixture.play([
        (f"Connection names {name}", request(f"n{index}", f"Connection: {name}"), None)
        for index, name in enumerate(["x-forwarded-client-cert", "X-Forwarded-Client-Cert", "close, x-forwarded-client-cert", "x-forwarded-for",
                                      "x-forwarded-proto", "host", "content-length", "transfer-encoding", ":path"])])
    (statuses, received, *_), = fixture.send([{"name": "", "parts": [lengths(
        "trailers", "Transfer-Encoding: chunked", body=f"0\r\nX-Forwarded-Client-Cert: {claim}\r\nX-Sum: 1\r\n\r\n".encode())]}])
    got, = fixture.seen()
    assert "x-forwarded-client-cert" not in [name for name, _ in got["trailers"]], got


# Bounds.


def test_heads_that_are_too_large(fixture):
    rows = [
        ("a long target", request("", target="/" + "a" * 9000), 414),
        ("one large field", request("big", "X: " + "a" * 70_000), 431),
        ("many fields", request("many", *[f"X-{number}: y" for number in range(200)]), 431),
        ("many small ones of one name", request("same", *["Cookie: a=b"] * 200), 431),
        ("an endless field", request("endless", "X: " + "a" * 3_000_000), 431),
        ("an endless line", b"GET /" + b"a" * 3_000_000, 414),
        ("many trailers", lengths("trailers", "Transfer-Encoding: chunked", body=b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n"), 431),
    ]
    fixture.recorded()
    with fixture.memory():
        results = fixture.send([{"name": name, "parts": [data]} for name, data, _ in rows])
    for (name, _, status), (statuses, received, end, _) in zip(rows, results):
        assert statuses == [status] and end != "open", (name, statuses, received[:200], end)
    assert not fixture.seen()
    fixture.healthy()


def test_slow_heads_end(fixture):
    """Two hundred heads that never end cost a file descriptor for the time that a head may take, and nobody else anything."""
    fixture.seen()
    before = fixture.waypoint.resident_kilobytes()
    rows = [{"name": "", "ends": False, "seconds": 40, "parts": [b"GET /own-slow HTTP/1.1\r\nHost: web\r\nX-%d: " % number]} for number in range(200)]
    results = fixture.send(rows)
    for statuses, received, end, seconds in results:
        assert statuses == [408] and end != "open" and seconds < 35, (statuses, received, end, seconds)
    assert fixture.waypoint.resident_kilobytes() - before <= GROWTH_KILOBYTES
    assert not fixture.seen()
    fixture.healthy()


def test_contents_that_stand_still_end(fixture):
    """Contents that stop in the middle hold their endpoint's connections for the time that they may, and then are answered 408."""
    fixture.recorded()
    rows = [{"name": "", "ends": False, "seconds": 30, "parts": [lengths(f"slow-{number}", "Content-Length: 100", body=b"x")]} for number in range(100)]
    rows.append({"name": "", "ends": False, "seconds": 30, "parts": [lengths("slow", "Transfer-Encoding: chunked", body=b"5\r\nab")]})
    for statuses, received, end, seconds in fixture.send(rows):
        assert statuses == [408] and end != "open" and IDLE_SECONDS <= seconds < 25, (statuses, received, end, seconds)
    assert not fixture.seen(), "a message that breaks off looks complete to nobody"
    assert '408 SI stream_idle_timeout' in fixture.waypoint.log()
    # A client that goes on in time is served, however long it takes in all.
    slow = (
        "import socket, time\n"
        f"s = socket.create_connection(({HOST!r}, 80), 20); s.settimeout(20)\n"
        "s.sendall(b'POST /own-steady HTTP/1.1\\r\\nHost: web\\r\\nContent-Length: 6\\r\\n\\r\\n')\n"
        f"for _ in range(6): time.sleep({IDLE_SECONDS / 4}); s.sendall(b'x')\n"
        "print(s.recv(100).split(b'\\r\\n')[0].decode())\n")
    assert fixture.client.run("python3", "-c", slow, timeout=40).stdout == "HTTP/1.1 200 OK\n"
    fixture.healthy()


COPIES = 96
COPY = """
import socket, sys, time
open_ones = []
for _ in range(int(sys.argv[2])):
    s = socket.create_connection((sys.argv[1], 80), 20)
    s.sendall(b'POST /own-steady HTTP/1.1\\r\\nHost: web\\r\\nContent-Length: 2000000\\r\\n\\r\\n' + b'x' * 1000000)
    open_ones.append(s)
print('sent', flush=True)
time.sleep(60)
"""


def test_copies_for_another_try_are_bounded_together(fixture):
    """Each request may keep 1 MiB for a second endpoint; all together no more than the waypoint may hold."""
    with fixture.flood("copies", COPY, HOST, COPIES, said="sent"):
        pass
    fixture.healthy()


def test_endless_content_streams(fixture):
    """256 MB pass through: to a backend that takes them, and (as far as windows go) to one that does not."""
    pieces = 256
    send = (
        "import socket, sys\n"
        f"s = socket.create_connection(({HOST!r}, 80), 20); s.settimeout(float(sys.argv[2]))\n"
        "s.sendall(b'POST ' + sys.argv[1].encode() + b' HTTP/1.1\\r\\nHost: web\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n')\n"
        "piece, sent = b'100000\\r\\n' + b'x' * 0x100000 + b'\\r\\n', 0\n"
        "try:\n"
        f"  for _ in range({pieces}): s.sendall(piece); sent += 1\n"
        "  s.sendall(b'0\\r\\n\\r\\n'); print(s.recv(1000).split(b'\\r\\n')[0].decode())\n"
        "except OSError as error: print('stopped', sent)\n")
    fixture.recorded()
    with fixture.memory():
        assert fixture.client.run("python3", "-c", send, "/own-endless", 60, timeout=90).stdout == "HTTP/1.1 200 OK\n"
        got, = fixture.seen()
        assert got["content"] == pieces << 20
    with fixture.memory() as measure:
        said = fixture.client.run("python3", "-c", send, "/hang", 5, timeout=60).stdout.split()
        measure()
        # What waits is in windows and the buffers of the kernel.
        assert said[0] == "stopped" and int(said[1]) < 100, said
    fixture.healthy()


FLOOD = """
import socket, sys
s = socket.create_connection((sys.argv[1], 80), 20)
s.settimeout(3)
piece = sys.argv[2].encode().decode('unicode_escape').encode('latin-1')
piece *= max(1, 65536 // len(piece))
sent = 0
print('begun', flush=True)
try:
    while sent < 64 << 20: sent += s.send(piece)
    print('all', sent, flush=True)
except TimeoutError:
    print('held', sent, flush=True)
except OSError as error:
    print('ended', sent, flush=True)
import signal; signal.pause()
"""


def test_a_client_that_asks_and_never_reads_is_held(fixture):
    """What is not taken is not made: 64 MB of requests that the route answers itself (each with 2 KB), and none is read."""
    fixture.recorded()
    for target in ("/local", "/admin", "/own-flood"):
        request = rf"GET {target} HTTP/1.1\r\nHost: web\r\n\r\n"
        with fixture.flood("requests", FLOOD, HOST, request, said=r"(held|all|ended) \d+") as said:
            assert said[1] == "held", said[0]
            status, body = fixture.other.http(f"http://{HOST}/good", timeout=20)
            assert status == 200, (status, body)
    fixture.healthy()


# The same by HTTP/2, where heads need no window: each request is a dozen bytes, and the redirect that answers it 4 KB.
HEADS = """
import socket, sys, time
sys.path.insert(0, sys.argv[2])
from http2_attacks import PREFACE, HEADERS, SETTINGS, frame, literal
s = socket.create_connection((sys.argv[1], 80), 20)
s.settimeout(3)
s.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(SETTINGS, 1, 0))
path = '/moved' + 'p' * 3000
fields = literal(':authority', 'web', 0x40) + literal(':path', path, 0x40)
sent = 0
print('begun', flush=True)
try:
    end = time.monotonic() + 6
    while time.monotonic() < end:
        batch = b''
        for _ in range(50):
            # 0xbe and 0xbf: the last two fields that were remembered.
            block = bytes([0x82, 0x86]) + (fields if not sent else bytes([0xbf, 0xbe]))
            batch += frame(HEADERS, 5, 2 * sent + 1, block)
            sent += 1
        s.sendall(batch)
        time.sleep(0.005)
    print('all', sent, flush=True)
except TimeoutError:
    print('held', sent, flush=True)
except OSError as error:
    print('ended', sent, flush=True)
import signal; signal.pause()
"""


def test_a_client_of_http_2_that_asks_and_never_reads_is_held(fixture):
    fixture.recorded()
    with fixture.flood("heads", HEADS, HOST, LAB, said=r"(held|all|ended) (\d+)") as said:
        assert int(said[2]) >= 1_000, said[0]
    fixture.healthy()


# An endpoint that takes nothing before a file is there, and then says how much came.
PATIENT = """
import os, socketserver, sys, time
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while not os.path.exists(sys.argv[1]): time.sleep(0.05)
        count = 0
        while data := self.request.recv(262144): count += len(data)
        self.request.sendall(str(count).encode())
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
Server(('0.0.0.0', 9191), Handler).serve_forever()
"""
UPLOADS, UPLOAD_BYTES = 8, 16 << 20
UPLOAD = """
import socket, sys, threading
def upload():
    s = socket.create_connection((sys.argv[1], 90), 20)
    s.settimeout(120)
    for _ in range(int(sys.argv[3]) >> 16): s.sendall(bytes(65536))
    s.shutdown(socket.SHUT_WR)
    print('taken', s.recv(100).decode(), flush=True)
threads = [threading.Thread(target=upload) for _ in range(int(sys.argv[2]))]
for each in threads: each.start()
for each in threads: each.join()
"""
PATIENT_SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: patient, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec:
  selector: {app: web}
  ports: [{name: tcp, port: 90, targetPort: 9191}]
"""


def test_what_an_endpoint_does_not_take_is_bounded_and_all_arrives(fixture):
    """128 MiB for an endpoint that does not read: the waypoint and the endpoint's ztunnel hold what they may, others are served, and
    when the endpoint reads everything comes."""
    fixture.mesh.ctl("apply", "-f", "-", input=PATIENT_SERVICE)
    stop = fixture.lab.folder / "patient.stop"
    fixture.backend.start("python3", "-c", PATIENT, stop, name="patient", ready=lambda: fixture.backend.listens(9191))
    eventually(lambda: fixture.client.run("getent", "hosts", "patient.shop.svc.cluster.local", check=False).stdout, "the name is known", 20)

    def held(host, port, path):
        page = host.run("curl", "-sS", f"http://{host.address if port != 15020 else '127.0.0.1'}:{port}{path}").stdout
        return [int(re.search(rf"^{name}(?:{{}})? (\d+)", page, re.M)[1]) for name in ("ambit_held_bytes", "ambit_held_bytes_limit")]
    places = {"waypoint": (fixture.second, PORT + 200, "/stats/prometheus"), "ztunnel": (fixture.third, 15020, "/metrics")}
    with fixture.memory(growth=24 * 1024) as measure:
        upload = fixture.client.start(
            "python3", "-c", UPLOAD, "patient.shop.svc.cluster.local", UPLOADS, UPLOAD_BYTES, name="upload", ready=lambda: True)
        most = collections.Counter()
        for _ in range(20):
            measure()
            for name, place in places.items():
                most[name] = max(most[name], held(*place)[0])
            time.sleep(0.2)
        print(f"  held at most: {dict(most)}")
        assert held(*places["waypoint"])[1] == HELD_BYTES
        assert 128 << 10 < most["waypoint"] <= HELD_BYTES and most["ztunnel"] > 128 << 10, most
        assert "taken" not in upload.log(), upload.log()
        status, body = fixture.other.http(f"http://{HOST}/good", timeout=20)
        assert status == 200, (status, body)
        stop.touch()
        eventually(lambda: upload.log().split().count(str(UPLOAD_BYTES)) == UPLOADS, "everything has come", 90)
        assert upload.popen.wait(timeout=20) == 0
    for place in places.values():
        eventually(lambda place=place: held(*place)[0] == 0, "nothing is held any more", 10)
    fixture.healthy()


# HTTP/2.

# What each attack must meet: a GOAWAY of one of the codes, or a reset of its first stream.
VERDICTS = {
    "continuation-flood": {CALM}, "continuation-bytes": {CALM}, "settings-flood": {CALM}, "ping-flood": {CALM}, "empty-data-flood": {CALM},
    "priority-flood": {CALM}, "window-flood": {CALM}, "unknown-flood": {CALM}, "made-you-reset": {CALM}, "window-overflow": {FLOW},
    "window-of-zero": {PROTOCOL}, "bad-hpack": {COMPRESSION}, "hpack-table-too-large": {COMPRESSION}, "hpack-integer": {COMPRESSION},
    "frame-too-large": {FRAME_SIZE}, "even-stream": {PROTOCOL}, "stream-goes-back": {PROTOCOL, 5}, "data-on-idle": {PROTOCOL},
    "reset-on-idle": {PROTOCOL}, "interleaved": {PROTOCOL}, "push-promise": {PROTOCOL}, "settings-of-wrong-size": {FRAME_SIZE},
    "settings-acknowledged-with-content": {FRAME_SIZE}, "window-setting-too-large": {FLOW}, "padding-larger-than-frame": {PROTOCOL},
}


def test_frames_that_break_the_protocol(fixture):
    for end in ENDS:
        with fixture.memory():
            results = fixture.http2(end, list(VERDICTS))
        wrong = {name: results[name] for name, codes in VERDICTS.items() if results[name]["goaway"] not in codes}
        assert not wrong, (end, json.dumps(wrong))
        fixture.healthy()


def test_frames_that_are_legal_and_too_many(fixture):
    for end in ENDS:
        with fixture.memory():
            results = fixture.http2(end, ["rapid-reset", "too-many-streams", "hpack-bomb", "takes-nothing", "good"], seconds=6)
        assert results["good"]["heads"], results["good"]
        # A tunnel's streams are reset in everyday work, and it answers before they can be: there the bound is far; requests have a near one.
        assert results["rapid-reset"]["goaway"] in ((CALM,) if end == "inner" else (None, CALM)), results["rapid-reset"]
        many = results["too-many-streams"]
        assert many["goaway"] == CALM or sum(code == REFUSED for code in many["resets"].values()) >= 400, many["goaway"]
        bomb = results["hpack-bomb"]
        assert bomb["goaway"] == CALM or bomb["resets"].get("1") == CALM or bomb["heads"], bomb
        fixture.healthy()


def test_a_peer_that_does_not_take_our_settings_is_ended(fixture):
    for end in ENDS:
        result = fixture.http2(end, ["silent"], seconds=25)["silent"]
        assert result["goaway"] == TIMEOUT and 5 < result["seconds"] < 25, result


def test_connections_that_do_not_shake_hands_are_bounded_and_end(fixture):
    """Half of the 1,024 places are held by one source for the time that a handshake may take (`handshakes_per_source`); those who are there
    notice nothing, and others get in."""
    code = (
        "import socket\n"
        "held = []\n"
        f"for _ in range(1100): held.append(socket.create_connection(({fixture.second.address!r}, {PORT}), 20))\n"
        "for s in held:\n"
        "  s.settimeout(30)\n"
        "  try: s.sendall(b'\\x16\\x03\\x01')\n"
        "  except OSError: pass\n"
        "print('held', flush=True)\n"
        "def ended(s):\n"
        "  try: return s.recv(10) == b''\n"
        "  except ConnectionError: return True\n"
        "  except TimeoutError: return False\n"
        "print('ended', sum(map(ended, held)), flush=True)\n")
    # OpenSSL has 45 KB for each.
    with fixture.memory(2 * GROWTH_KILOBYTES):
        holder = fixture.outsider.start("python3", "-c", code, name="holder", ready=lambda: True)
        eventually(lambda: "held" in holder.log(), "1,100 connections are open", 30)
        assert fixture.other.http(f"http://{HOST}/good", timeout=20)[0] == 200, "who has a tunnel is served"
        certificate, key = fixture.leaf
        # What follows the handshake is HTTP/2, and no text.
        done = fixture.third.run(
            "sh", "-c", 'openssl s_client -connect "$0" -cert "$1" -key "$2" -alpn h2 < /dev/null 2>&1 | grep -a "^New, TLS"',
            f"{fixture.second.address}:{PORT}", certificate, key, timeout=20, check=False)
        assert "New, TLSv1.3" in done.stdout, done.stdout[-2000:]
        eventually(lambda: "ended 1100" in holder.log(), "all of them have ended", 40)
    page = fixture.second.run("curl", "-sS", f"http://{fixture.second.address}:{PORT + 200}/stats/prometheus").stdout
    refused = re.search(r'ambit_limit_rejections_total\{[^}]*limit="handshakes_per_source"[^}]*\} (\d+)', page)
    assert refused and int(refused[1]) >= 1, page[-3000:]
    fixture.healthy()


def test_a_tunnel_leads_only_to_what_has_this_waypoint(fixture):
    for authority in (f"{fixture.backend.address}:8080", "127.0.0.1:15000", f"{fixture.second.address}:{PORT}", "direct.shop.svc.cluster.local:80",
                      "web.shop.svc.cluster.local", "web:80:80", "a@web:80", ""):
        result = fixture.http2("listener", ["good"], authority=authority)["good"]
        heads = bytes.fromhex(result["heads"].get("1", ""))
        assert b"400" in heads or 0x8c in heads or result["resets"] or result["goaway"], (authority, result)
    fixture.healthy()


def test_requests_of_http_2_that_would_be_others_in_http_1(fixture):
    fixture.recorded()
    results = fixture.http2("inner", [*DOWNGRADES, "good"])
    # 400 is entry 12 of the static table.
    served = [
        name for name in DOWNGRADES if not (
            results[name]["goaway"] or results[name]["resets"] or results[name]["heads"].get("1", "").startswith("8c"))]
    arrived = fixture.recorded()
    assert not served and [request["target"] for request in arrived["requests"]] == ["/h2"] and not arrived["violations"], (served, arrived)
    fixture.healthy()


def test_only_websockets_are_tunnelled_by_extended_connect(fixture):
    """A server that does not know the protocol, or does not look at it, would take the tunnel's bytes for requests."""
    others = ["connect-udp", "connect-ip", "webtransport", "h2c", "websocket2", "web socket", "TLS/1.0"]
    for place, where in ((fixture.client, (HOST, 80)), (fixture.outsider, (fixture.second.address, EDGE_PORT))):
        fixture.recorded()
        # A call of gRPC gets errors in a response of its own, with 200: a tunnel must not be told so.
        for claim in ([], ["--as-grpc"]):
            done = place.run(sys.executable, LAB / "extended_connect.py", *claim, *where, "/h2", *others, timeout=60)
            said = json.loads(done.stdout)
            assert all(each["status"] == 403 and not each["echo"] for each in said.values()), said
        arrived = fixture.recorded()
        assert not arrived["requests"] and not arrived["violations"], arrived
        # The recorder does not switch, so nothing of a tunnel reaches it, but it has been asked.
        done = place.run(sys.executable, LAB / "extended_connect.py", *where, "/h2", "websocket", "WebSocket", timeout=60)
        assert [each["status"] for each in json.loads(done.stdout).values()] == [502, 502], done.stdout
        assert [request["target"] for request in fixture.seen()] == ["/h2"] * 2
    assert len(re.findall(r'"CONNECT /h2 HTTP/2" 403 - upgrade_failed', fixture.waypoint.log())) == 2 * len(others)
    fixture.healthy()
