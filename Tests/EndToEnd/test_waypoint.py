"""Requests through a waypoint: what the client, the backend and an attacker see."""

import contextlib
import json
import pathlib
import re

from lab import Lab, eventually
from mesh import Mesh

WEB = "http://web.shop.svc.cluster.local"
LAB = pathlib.Path(__file__).parents[1] / "Lab"
PORT = 15009
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
metadata: {name: waypoint, namespace: shop, labels: {app: waypoint}}
spec: {address: %(address)s, serviceAccount: waypoint, labels: {app: waypoint}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-echo, port: 90, targetPort: 9090}]
---
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
ECHO = "import socketserver as s\nclass H(s.BaseRequestHandler):\n def handle(self):\n  while (b := self.request.recv(65536)): self.request.sendall(b)\nclass T(s.ThreadingTCPServer):\n daemon_threads = True\n address_family = 10\nT(('::', 9090), H).serve_forever()"


class Fixture:
    """A client on the first host, a waypoint on the second, two backends on the third."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second, self.third = (lab.host(f"host-{number}") for number in (1, 2, 3))
        self.client = self.first.workload("client")
        self.backends = [self.third.workload(name) for name in ("web-1", "web-2")]
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION % {"port": PORT, "address": self.second.address})
        mesh.start_node(self.first, mesh.issue(self.first.short, "shop/client"), workers=2)
        mesh.start_node(self.third, mesh.issue(self.third.short, "shop/web"), workers=2)
        self.credentials = mesh.issue(self.second.short, "shop/waypoint")
        for each in self.backends:
            each.start(
                "python3", LAB / "http_backend.py", "--name", each.short, "--port", 8080, name="backend",
                ready=lambda each=each: each.listens(8080))
            each.start("python3", "-c", ECHO, name="echo", ready=lambda each=each: each.listens(9090))
        mesh.enrol(self.client, "shop", "client")
        for each in self.backends:
            mesh.enrol(each, "shop", "web", {"app": "web"}, {"http": 8080, "tcp-echo": 9090})
        self.start_waypoint()
        eventually(lambda: self.client.http(f"{WEB}/")[0] == 200, "a request goes through the waypoint", 20)

    def start_waypoint(self, **more):
        environment = self.mesh.node_environment(
            self.second, self.credentials,
            extra={"AMBIT_WAYPOINT": "shop/waypoint", "AMBIT_HBONE_PORT": str(PORT), "AMBIT_WORKER_THREADS": "2", **more})
        self.waypoint = self.second.start(
            self.mesh.programs / "waypoint", "proxy", name="waypoint", env=environment,
            ready=lambda: self.second.listens(PORT) and self.second.listens(15021))

    def get(self, path, *options):
        status, body = self.client.http(WEB + path, *options)
        return status, json.loads(body) if status == 200 else body

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitway") as lab:
        yield Fixture(lab, programs)


def test_a_request_reaches_both_backends_with_the_clients_identity(fixture):
    names = set()
    for _ in range(40):
        status, answer = fixture.get("/hello", "-H", "x-forwarded-client-cert: URI=spiffe://cluster.local/ns/shop/sa/admin")
        assert status == 200, answer
        names.add(answer["name"])
        headers = [value for name, value in answer["headers"] if name.lower() == "x-forwarded-client-cert"]
        assert headers == ["By=spiffe://cluster.local/ns/shop/sa/waypoint;URI=spiffe://cluster.local/ns/shop/sa/client"], headers
        assert any(name.lower() == "x-request-id" for name, _ in answer["headers"]), answer
    assert names == {"web-1", "web-2"}, names


def test_content_passes_in_both_directions(fixture):
    source = fixture.lab.folder / "upload"
    source.write_bytes(b"x" * 3_000_000)
    status, answer = fixture.get("/upload", "--data-binary", f"@{source}")
    assert status == 200 and answer["body"] == 3_000_000, answer
    status, body = fixture.client.http(f"{WEB}/bytes/3000000")
    assert status == 200 and len(body) == 3_000_000, (status, len(body))


def test_requests_of_one_connection_share_connections_to_the_backends(fixture):
    result = fixture.client.run("curl", "-sS", *[f"{WEB}/{number}" for number in range(20)], timeout=20)
    answers = [json.loads(text) for text in re.findall(r"\{.*?\}(?=\{|$)", result.stdout.replace("\n", ""))]
    assert len(answers) == 20, result.stdout
    assert len({(each["name"], each["connection"]) for each in answers}) <= 4, answers


def test_status_codes_are_carried(fixture):
    for status in (204, 404, 500):
        assert fixture.client.http(f"{WEB}/status/{status}")[0] == status


def test_a_broken_answer_is_a_503(fixture):
    status, body = fixture.client.http(f"{WEB}/reset")
    assert status == 503 and "reset before headers" in body, (status, body)


def test_requests_are_counted_as_istio_does(fixture):
    assert fixture.get("/counted")[0] == 200
    url = f"http://{fixture.second.address}:{PORT + 200}/stats/prometheus"
    labels = ['reporter="waypoint"', 'source_workload="client"', 'source_principal="spiffe://cluster.local/ns/shop/sa/client"',
              'destination_service="web.shop.svc.cluster.local"', 'destination_principal="spiffe://cluster.local/ns/shop/sa/web"',
              'request_protocol="http"', 'response_code="200"', 'response_flags="-"', 'connection_security_policy="mutual_tls"']

    def count(name):
        page = fixture.second.run("curl", "-sS", url).stdout
        lines = [line for line in page.splitlines() if line.startswith(name + "{") and all(label in line for label in labels)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
    before = count("istio_requests_total")
    assert before > 0
    for _ in range(5):
        assert fixture.get("/counted")[0] == 200
    assert count("istio_requests_total") == before + 5
    assert count("istio_request_duration_milliseconds_count") == before + 5
    assert count("istio_response_bytes_sum") > 0
    page = fixture.second.run("curl", "-sS", "-H", "accept: application/openmetrics-text", url).stdout
    assert page.endswith("# EOF\n"), page[-200:]


def test_the_access_log_is_istios(fixture):
    fixture.get("/logged")
    pattern = r'"GET /logged HTTP/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "-" "curl/.*" "[0-9a-f-]{36}" "web\.shop.*" ".*:8080" inbound-vip\|80\|http\|web\.shop\.svc\.cluster\.local'
    eventually(lambda: re.search(pattern, fixture.waypoint.log()), "the request is in the access log")


def test_bytes_that_are_not_http_are_carried(fixture):
    code = (
        "import socket; s = socket.create_connection(('web.shop.svc.cluster.local', 90), 10); s.sendall(b'\\x00ping'); "
        "s.shutdown(1); print(b''.join(iter(lambda: s.recv(100), b'')))")
    assert fixture.client.run("python3", "-c", code).stdout.strip() == r"b'\x00ping'"
    eventually(
        lambda: re.search(
            r'\] "- - -" 0 - - - "-" 5 5 \d+ - "-" "-" "-" "-" "[0-9.]+:9090" inbound-vip\|90\|tcp\|web\.shop\.svc\.cluster\.local',
            fixture.waypoint.log()), "a line of the connection")


def test_bytes_of_a_connection_that_goes_on_are_counted(fixture):
    def counted(name):
        page = fixture.second.run("curl", "-sS", f"http://{fixture.second.address}:{PORT + 200}/stats/prometheus").stdout
        return sum(int(value) for value in re.findall(rf'^istio_tcp_{name}_bytes_total\{{.*\}} (\d+)', page, re.M))

    stop = fixture.lab.folder / "counted.stop"
    before = counted("received"), counted("sent")
    code = (
        "import os, socket, sys, time; s = socket.create_connection(('web.shop.svc.cluster.local', 90), 10); s.sendall(b'\\0' * 1000)\n"
        "got = 0\n"
        "while got < 1000: got += len(s.recv(1000))\n"
        "print('echoed', flush=True)\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.05)\n"
        "s.sendall(b'\\0' * 5); s.shutdown(1)\n"
        "while s.recv(100): pass\n")
    client = fixture.client.start("python3", "-c", code, stop, name="counted", ready=lambda: True)
    eventually(lambda: "echoed" in client.log(), "the connection is in use", 20)
    eventually(lambda: (counted("received"), counted("sent")) == (before[0] + 1000, before[1] + 1000), "its bytes are counted")
    stop.touch()
    assert client.popen.wait(timeout=20) == 0, client.log()
    eventually(lambda: (counted("received"), counted("sent")) == (before[0] + 1005, before[1] + 1005), "each is counted once")


def test_what_clients_send_and_nobody_takes_is_bounded(fixture):
    """Clients whose echoes they do not read: what one sends is held back, and costs others nothing. Where the leasts of many are all
    that may be held, nothing new is taken, and the log says why."""
    fixture.waypoint.stop()
    fixture.start_waypoint(AMBIT_MAX_HELD_BYTES=str(1 << 20), AMBIT_WORKER_THREADS="1")
    try:
        eventually(lambda: fixture.get("/")[0] == 200, "the waypoint serves again", 20)
        code = (
            "import socket, sys, time\n"
            "kept = []\n"
            "for _ in range(int(sys.argv[1])):\n"
            "  try:\n"
            "    s = socket.create_connection(('web.shop.svc.cluster.local', 90), 10); kept.append(s); s.settimeout(2 if len(sys.argv) > 2 else 0.2)\n"
            "    while True: s.send(b'\\0' * 65536)\n"
            "  except OSError: pass\n"
            "print('full', flush=True)\n"
            "time.sleep(120)\n")

        def page():
            return fixture.second.run("curl", "-sS", f"http://{fixture.second.address}:{PORT + 200}/stats/prometheus").stdout
        one = fixture.client.start("python3", "-c", code, 1, "patiently", name="full", ready=lambda: True)
        eventually(lambda: "full" in one.log(), "nothing of it is taken any more", 60)
        assert 1 << 14 <= int(re.search(r"^ambit_held_bytes(?:{})? (\d+)", page(), re.M)[1]) < 1 << 20, page()[-3000:]
        assert fixture.client.http(f"{WEB}/", timeout=15)[0] == 200, "others are served"
        client = fixture.client.start("python3", "-c", code, 100, name="all-full", ready=lambda: True)
        eventually(lambda: "full" in client.log(), "nothing of them is taken any more", 120)
        assert fixture.client.http(f"{WEB}/", timeout=15)[0] == 0, "nothing new is taken"
        page = page()
        assert re.search(r'ambit_limit_rejections_total\{[^}]*limit="held_bytes"[^}]*\} [1-9]', page), page[-3000:]
        assert "raise AMBIT_MAX_HELD_BYTES" in fixture.waypoint.log()
        client.stop()
        one.stop()
        eventually(lambda: fixture.get("/")[0] == 200, "what is new is taken again", 20)
    finally:
        fixture.waypoint.stop()
        fixture.start_waypoint()


def test_a_service_without_a_waypoint_is_reached_without_it(fixture):
    status, body = fixture.client.http("http://direct.shop.svc.cluster.local/")
    assert status == 200 and "x-forwarded-client-cert" not in body.lower(), body


def test_the_access_log_has_istios_keys_in_json(fixture):
    fixture.waypoint.stop()
    fixture.start_waypoint(LOG_FORMAT="json")
    try:
        eventually(lambda: fixture.get("/as-json?a=%22")[0] == 200, "the waypoint serves again", 20)

        def line():
            return next((json.loads(text) for text in fixture.waypoint.log().splitlines() if '"/as-json' in text), None)
        logged = eventually(line, "the request is in the access log")
        assert (logged["method"], logged["path"], logged["response_code"], logged["response_flags"]) == (
            "GET", "/as-json?a=%22", 200, "-"), logged
        assert logged["upstream_cluster"] == "inbound-vip|80|http|web.shop.svc.cluster.local" and logged["bytes_sent"] > 0, logged
        assert logged["upstream_service_time"].isdigit() and logged["x_forwarded_for"] is None, logged
        assert logged["requested_server_name"] is None and logged["protocol"] == "HTTP/1.1", logged
    finally:
        fixture.waypoint.stop()
        fixture.start_waypoint()


def test_traffic_fails_closed_while_the_waypoint_is_gone(fixture):
    fixture.waypoint.stop()
    try:
        status, _ = fixture.client.http(f"{WEB}/", timeout=5)
        assert status == 0, status
    finally:
        fixture.start_waypoint()
    eventually(lambda: fixture.get("/")[0] == 200, "the waypoint serves again")
