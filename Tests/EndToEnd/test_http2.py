"""HTTP/2 and gRPC at a waypoint: clients and servers that we did not write, and the two versions of HTTP between each other."""

import contextlib
import json
import re
import signal
import sys

import test_traffic
from lab import Lab, eventually
from test_traffic import LAB, PORT, routes, rule, within

PYTHON = sys.executable
SERVICES = """
---
apiVersion: v1
kind: Service
metadata: {name: %(name)s, namespace: shop}
spec:
  selector: {pair: first}
  ports: [{name: %(port)s, port: %(number)s, targetPort: %(target)s}]
"""


class Fixture(test_traffic.Fixture):
    """Besides, gRPC and HTTP/2 servers on two of the backends."""

    def __init__(self, lab, programs):
        super().__init__(lab, programs)
        self.servers = []
        for name in ("v1", "v2"):
            each = self.backends[name]
            for program, port in (("grpc_backend.py", 7070), ("http2_backend.py", 7071)):
                self.servers += [each.start(
                    PYTHON, LAB / program, "--name", name, "--port", port, name=program[:-3],
                    ready=lambda each=each, port=port: each.listens(port))]
        self.mesh.ctl("apply", "-f", "-", input="".join(SERVICES % each for each in (
            {"name": "greeter", "port": "grpc", "number": 9000, "target": 7070},
            {"name": "fast", "port": "http2", "number": 80, "target": 7071},
            {"name": "any", "port": "web", "number": 80, "target": 7071},
            {"name": "gone", "port": "http", "number": 80, "target": 7099},
            {"name": "plain", "port": "http", "number": 80, "target": 8080})))
        self.settle()

    def grpc(self, method, *options, target="greeter:9000", timeout=120):
        done = self.client.run(PYTHON, LAB / "grpc_caller.py", target, method, *options, timeout=timeout)
        return json.loads(done.stdout)

    def metrics(self, pattern):
        """What the waypoint's page of metrics has of a pattern."""
        url = f"http://{self.second.address}:{PORT + 200}/stats/prometheus"
        return re.findall(pattern, self.second.run("curl", "-sS", url).stdout)

    def memory(self):
        """Resident bytes of the waypoint."""
        return self.waypoint.resident_kilobytes() * 1024

    def held(self):
        """The requests that HTTP/2 servers hold, as they print them."""
        return [line for each in self.servers for line in each.log().splitlines()]

    def curl2(self, url, *options, check=True):
        """One request by HTTP/2 with prior knowledge: version and status, and the body."""
        done = self.client.run(
            "curl", "-sS", "--http2-prior-knowledge", "--max-time", 30, "-w", "\n%{http_version} %{http_code}", *options, url,
            check=check)
        body, _, last = done.stdout.rpartition("\n")
        return last, body


@contextlib.contextmanager
def suite(programs):
    with Lab("ambithtwo") as lab:
        yield Fixture(lab, programs)


# Requests.


def test_http2_from_the_client_to_the_endpoint(fixture):
    status, body = fixture.curl2("http://fast/a?b=c", "-H", "x-one: 1", "-d", "content")
    assert status == "2 200", (status, body)
    said = json.loads(body)
    headers = dict(said["headers"])
    assert (said["method"], said["path"], said["length"]) == ("POST", "/a?b=c", 7), said
    assert headers["x-one"] == "1" and headers[":authority"] == "fast" and headers["x-request-id"], headers
    assert headers["x-forwarded-client-cert"].endswith("URI=spiffe://cluster.local/ns/shop/sa/client"), headers
    fixture.logged(r'"POST /a\?b=c HTTP/2" 200 - via_upstream')
    assert fixture.curl2("http://fast/", "-I")[0] == "2 200"
    status, body = fixture.curl2("http://fast/trailers", "-v")
    assert status == "2 200"


def test_each_version_to_each_version(fixture):
    for service, backend_speaks in (("fast", "2"), ("plain", "1.1"), ("any", "2")):
        status, body = fixture.curl2(f"http://{service}/x", "-d", "12345")
        assert status == "2 200", (service, status, body)
        assert (json.loads(body).get("length") or json.loads(body).get("body")) == 5, (service, body)
    # A port that says http2 gets HTTP/2, whatever the client speaks.
    done = fixture.client.run("curl", "-sS", "-w", "\n%{http_version}", "-d", "123", "http://fast/y")
    body, _, version = done.stdout.rpartition("\n")
    assert version == "1.1" and json.loads(body)["length"] == 3, done.stdout
    # And one that says nothing, what the client speaks: the server here has only HTTP/2.
    done = fixture.client.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://any/z", check=False)
    assert done.stdout == "502" or done.stdout == "503", done.stdout


# Sends requests at once on one connection, and prints the statuses of the answers that come within the time.
PIPELINE = """
import re, socket, sys
host, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
connection = socket.create_connection((host, 80), seconds)
connection.sendall(b"".join(b"GET /%d HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % (n, host.encode()) for n in range(count)))
connection.settimeout(seconds)
received = b""
try:
    while len(re.findall(rb"HTTP/1.1 \\d", received)) < count:
        received += connection.recv(65536) or sys.exit("the connection was closed")
except TimeoutError:
    pass
print(" ".join(each.decode() for each in re.findall(rb"HTTP/1.1 (\\d+)", received)))
"""


def test_requests_at_once_whatever_ends_the_one_before(fixture):
    """The next of a client's requests is read when the one before is over: by an HTTP/2 endpoint, or by one that is not there."""
    for service, status in (("fast", "200"), ("gone", "503")):
        done = fixture.client.run(PYTHON, "-c", PIPELINE, service, 4, 8, timeout=20)
        assert done.stdout.split() == [status] * 4, (service, done.stdout)


def test_policy_decides_the_version(fixture):
    fixture.apply(rule("any", "  trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}", names=("v1", "v2")))
    done = fixture.client.run("curl", "-sS", "-w", "\n%{http_version}", "http://any/up")
    assert done.stdout.endswith("\n1.1") and '"path": "/up"' in done.stdout, done.stdout
    fixture.apply(rule("plain", "  trafficPolicy: {connectionPool: {http: {useClientProtocol: true}}}", names=("v1", "v2")))
    status, _ = fixture.curl2("http://plain/no")
    assert status in ("2 502", "2 503"), status
    fixture.apply()


def test_many_streams_share_connections(fixture):
    fixture.apply(rule("fast", names=("v1", "v2")), routes("fast", """
  - route:
    - {destination: {host: fast, subset: v1}, weight: 90}
    - {destination: {host: fast, subset: v2}, weight: 10}"""))
    done = fixture.client.run("h2load", "-n", 2000, "-c", 4, "-m", 20, "http://fast/load", timeout=120)
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout
    lines = re.findall(r'"GET /load HTTP/2" 200 .*?(inbound-vip\|80\|http/\S+\|fast)', fixture.waypoint.log())
    assert len(lines) == 2000, len(lines)
    within(sum("http/v1" in line for line in lines), 2000, 0.9, "v1")
    seen = json.loads(fixture.curl2("http://fast/one")[1])
    assert seen["stream"] > 100 and seen["connection"] < 10, seen


def test_bursts_find_their_connections_again(fixture):
    """Requests at once to HTTP/1.1 endpoints: a connection carries many, and what rests is closed, but for 64 an endpoint."""
    def opened():
        page = fixture.third.run("curl", "-sS", "http://127.0.0.1:15020/stats/prometheus").stdout
        counts = re.findall(r'istio_tcp_connections_opened_total\{[^}]*reporter="destination"[^}]*\} (\d+)', page)
        return sum(map(int, counts))

    def resting():
        lines = [fixture.backends[name].run("ss", "-Htn", "state", "established", "sport", "=", ":8080").stdout for name in ("v1", "v2")]
        return [len(each.splitlines()) for each in lines]

    # Other services have the same backends, and connections of their own.
    before, others = opened(), max(resting())
    done = fixture.client.run("h2load", "-n", 6000, "-c", 3, "-m", 100, "http://plain/burst", timeout=120)
    assert "6000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout
    made = opened() - before
    assert 100 <= made <= 600, made
    assert max(resting()) > 64 + others, (others, resting())
    eventually(lambda: max(resting()) <= 64 + others, "connections that nobody uses are closed", 60)
    assert min(resting()) > 0, resting()


def test_content_in_both_directions_with_backpressure(fixture):
    size = 64 << 20
    done = fixture.client.run(
        "curl", "-sS", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{size_download} %{http_code}",
        f"http://fast/bytes/{size}", timeout=120)
    assert done.stdout == f"{size} 200", done.stdout
    file = fixture.lab.folder / "content"
    with file.open("wb") as out:
        out.truncate(size)
    status, body = fixture.curl2("http://fast/up", "--data-binary", f"@{file}")
    assert status == "2 200" and json.loads(body)["length"] == size, (status, body[:200])
    before = fixture.memory()
    # A client that reads slowly holds the endpoint back, not the waypoint's memory.
    done = fixture.client.run(
        "curl", "-sS", "--http2-prior-knowledge", "-o", "/dev/null", "--limit-rate", "1M", "--max-time", "3",
        f"http://fast/bytes/{size}", check=False)
    assert fixture.memory() < before + (24 << 20), (before, fixture.memory())


def test_an_answer_before_the_end_of_the_request(fixture):
    file = fixture.lab.folder / "early"
    with file.open("wb") as out:
        out.truncate(8 << 20)
    # Not curl: version 7.88 takes the reset with NO_ERROR that stops its upload for a failure.
    done = fixture.client.run("nghttp", "-d", file, "http://fast/early")
    assert json.loads(done.stdout)["path"] == "/early", done.stdout
    fixture.logged(r'"POST /early HTTP/2" 200 - via_upstream')
    assert fixture.curl2("http://fast/after")[0] == "2 200"


def test_streams_that_fail(fixture):
    status, body = fixture.curl2("http://fast/reset", "-H", "x-envoy-max-retries: 0")
    assert status == "2 503", (status, body)
    fixture.logged(r'"GET /reset HTTP/2" 503 \S*UR\S* upstream_reset_before_response_started')
    # What an endpoint has refused to look at is sent again, whatever the method (RFC 9113 section 8.7).
    status, body = fixture.curl2("http://fast/refuse/1", "-H", "x-key: once", "-d", "123")
    assert status == "2 200" and json.loads(body)["length"] == 3, (status, body)
    for number in range(20):
        assert fixture.curl2(f"http://fast/goaway?{number}")[0] == "2 200"
    done = fixture.client.run("h2load", "-n", 200, "-c", 2, "-m", 2, "http://fast/goaway", timeout=60)
    assert "200 succeeded, 0 failed" in done.stdout, done.stdout
    fixture.apply(routes("fast", "[{timeout: 0.5s, route: [{destination: {host: fast}}]}]"))
    assert fixture.curl2("http://fast/hold")[0] == "2 504"
    fixture.logged(r'"GET /hold HTTP/2" 504 UT response_timeout')


def test_limits_count_streams(fixture):
    fixture.apply(rule("fast", "  trafficPolicy: {connectionPool: {http: {http2MaxRequests: 5}}}", names=("v1", "v2")))
    done = fixture.client.run("h2load", "-n", 60, "-c", 1, "-m", 30, "-T", "3", "http://fast/hold", timeout=60, check=False)
    refused = len(re.findall(r'"GET /hold HTTP/2" 503 UO', fixture.waypoint.log()))
    assert refused >= 25, (refused, done.stdout)
    fixture.apply(rule(
        "fast", "  trafficPolicy: {connectionPool: {http: {maxConcurrentStreams: 1, maxRequestsPerConnection: 10}}}",
        names=("v1", "v2")))
    done = fixture.client.run("h2load", "-n", 200, "-c", 1, "-m", 10, "http://fast/bound", timeout=60)
    assert "200 succeeded, 0 failed" in done.stdout, done.stdout
    assert json.loads(fixture.curl2("http://fast/x")[1])["stream"] < 20


def test_a_silent_endpoint_is_found_by_pings(fixture):
    fixture.apply(rule(
        "fast", "  trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 1s, timeout: 1s}}}}", names=("v1", "v2")))
    waits = fixture.client.start(
        "curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_code}", "--max-time", 20, "http://fast/hold", name="waits")
    eventually(lambda: any("hold" in line for line in fixture.held()), "the request is held", 10)
    for each in fixture.servers:
        each.popen.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: waits.popen.poll() is not None, "the request has ended", 15)
        assert waits.log().endswith("503"), waits.log()
        fixture.logged(r'"GET /hold HTTP/2" 503 ')
    finally:
        for each in fixture.servers:
            each.popen.send_signal(signal.SIGCONT)


# gRPC.


def test_grpc_unary_and_streams(fixture):
    for each in fixture.grpc("Unary", "--count", 20, "--metadata", "x-word=kept"):
        assert each["code"] == 0 and re.fullmatch("v[12] hello", each["answer"]), each
        assert each["trailers"]["got-x-word"] == "kept" and "got-x-forwarded-client-cert" in each["trailers"], each
    assert fixture.grpc("Server", "--data", "1000") == [{"code": 0, "answers": [str(n) for n in range(1000)]}]
    assert fixture.grpc("Client", "--count", 300, "--size", 100_000) == [{"code": 0, "answer": "300 30000000"}]
    assert fixture.grpc("Both", "--count", 200, "--size", 50_000) == [{"code": 0, "count": 200, "length": 10_000_000}]
    fixture.logged(r'"POST /test.Echo/Unary HTTP/2" 200 - via_upstream')


def test_grpc_status_is_carried_exactly(fixture):
    for code in (1, 3, 5, 7, 13, 16):
        assert fixture.grpc("Fail", "--data", str(code)) == [{"code": code, "message": "as you wished: 100 % ä"}]
    found = fixture.metrics(r'istio_requests_total\{[^}]*grpc_response_status="(\d+)"')
    assert {"0", "5", "13"} <= set(found), found


def test_grpc_messages_are_counted_as_they_come(fixture):
    def messages():
        pattern = (
            r'istio_(request|response)_messages_total\{[^}]*reporter="waypoint"[^}]*source_workload="client"[^}]*'
            r'destination_service_name="greeter"[^}]*request_protocol="grpc"[^}]*connection_security_policy="mutual_tls"[^}]*\} (\d+)')
        counts = {"request": 0, "response": 0}
        for kind, count in fixture.metrics(pattern):
            counts[kind] += int(count)
        return counts["request"], counts["response"]

    def counted(*options, more):
        before = messages()
        fixture.grpc(*options)
        wanted = (before[0] + more[0], before[1] + more[1])
        eventually(lambda: messages() == wanted, f"{options} adds {more} to {before}")

    counted("Unary", "--count", 20, more=(20, 20))
    counted("Server", "--data", "1000", more=(1, 1000))
    counted("Client", "--count", 300, "--size", 100_000, more=(300, 1))
    counted("Both", "--count", 200, "--size", 50_000, more=(200, 200))
    counted("Fail", "--data", "5", more=(1, 0))
    # While a stream is open, too.
    before = messages()
    call = fixture.client.start(
        PYTHON, LAB / "grpc_caller.py", "greeter:9000", "Both", "--count", 4, "--pause", 12, name="slow-stream")
    eventually(lambda: messages() == (before[0] + 3, before[1] + 3), "the messages of an open stream are counted", 11)
    call.alive()
    eventually(lambda: messages() == (before[0] + 4, before[1] + 4), "and the last one", 20)
    plain = fixture.metrics(r'istio_(?:request|response)_messages_total\{[^}]*request_protocol="http"')
    assert not plain, plain


def test_grpc_routes_faults_and_deadlines(fixture):
    fixture.apply(rule("greeter", names=("v1", "v2")), routes("greeter", """
  - match: [{uri: {exact: /test.Echo/Unary}, headers: {x-user: {exact: jason}}}]
    route: [{destination: {host: greeter, subset: v2}}]
  - match: [{headers: {x-fault: {exact: "yes"}}}]
    fault: {abort: {percentage: {value: 100}, grpcStatus: UNAVAILABLE}}
    route: [{destination: {host: greeter, subset: v1}}]
  - match: [{headers: {x-http: {exact: "yes"}}}]
    fault: {abort: {percentage: {value: 100}, httpStatus: 403}}
    route: [{destination: {host: greeter, subset: v1}}]
  - timeout: 1s
    route: [{destination: {host: greeter, subset: v1}}]"""))
    assert {each["answer"] for each in fixture.grpc("Unary", "--count", 10)} == {"v1 hello"}
    assert {each["answer"] for each in fixture.grpc("Unary", "--count", 10, "--metadata", "x-user=jason")} == {"v2 hello"}
    assert [each["code"] for each in fixture.grpc("Unary", "--metadata", "x-fault=yes")] == [14]
    assert [each["code"] for each in fixture.grpc("Unary", "--metadata", "x-http=yes")] == [7]
    late = fixture.grpc("Sleep", "--data", "5", "--timeout", 10)
    assert [each["code"] for each in late] in ([4], [14]), late
    fixture.apply()
    late = fixture.grpc("Sleep", "--data", "5", "--timeout", 0.5)
    assert [each["code"] for each in late] == [4], late


def test_grpc_without_an_endpoint(fixture):
    fixture.apply(rule("greeter", names=("gone",)), routes("greeter", "[{route: [{destination: {host: greeter, subset: gone}}]}]"))
    answer = fixture.grpc("Unary")
    assert answer == [{"code": 14, "message": "no healthy upstream"}], answer


# Life.


def test_no_stream_fails_while_the_waypoint_changes_its_configuration(fixture):
    load = fixture.client.start("h2load", "-D", 6, "-c", 4, "-m", 10, "http://fast/life", name="h2load")
    for number in range(6):
        fixture.apply(rule("fast", names=("v1", "v2")), routes("fast", f"""
  - route:
    - {{destination: {{host: fast, subset: v1}}, weight: {50 + number}}}
    - {{destination: {{host: fast, subset: v2}}, weight: {50 - number}}}"""))
    eventually(lambda: "finished in" in load.log(), "the load has ended", 60)
    assert re.search(r"requests: \d+ total, .* 0 failed, 0 errored, 0 timeout", load.log()), load.log()
