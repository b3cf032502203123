"""VirtualServices and DestinationRules at a waypoint: the files of the courses and of Istio's samples, and their effect on requests."""

import contextlib
import itertools
import json
import math
import pathlib
import re
import sys
import threading

import yaml

from extended_connect import SENT
from lab import Lab, eventually
from mesh import Mesh
from shared import SAMPLES, SEEDS, needs_shared

LAB = pathlib.Path(__file__).parents[1] / "Lab"
BOOKINFO = SAMPLES / "bookinfo/networking"
PORT = 15009
VERSIONS = ("v1", "v2", "v3", "v2-mysql", "v2-mysql-vm")
SERVICES = ("reviews", "ratings", "details", "productpage", "nginx", "marker", "other")
CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/use-waypoint: waypoint}}
---
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: all, istio.io/use-waypoint: none}}
spec:
  selector: {app: waypoint}
  ports: [{name: hbone, port: 15008, targetPort: %(port)s}]
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: waypoint, namespace: shop, labels: {app: waypoint, ambit.io/node: %(node)s}}
spec: {address: %(address)s, serviceAccount: waypoint, labels: {app: waypoint}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bookinfo, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec:
  hosts: [bookinfo.com]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  workloadSelector: {labels: {tier: backend}}
---
apiVersion: v1
kind: Service
metadata: {name: user-service, namespace: shop}
spec:
  selector: {pair: first}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: shop}
spec:
  selector: {pair: first}
  ports: [{name: http, port: 80, targetPort: 9191}]
---
apiVersion: v1
kind: Service
metadata: {name: tcp-echo, namespace: shop}
spec:
  selector: {pair: first}
  ports: [{name: tcp, port: 9000, targetPort: 9090}]
"""
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec:
  selector: {tier: backend}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
ECHO = (
    "import socketserver as s, sys\nclass H(s.BaseRequestHandler):\n def handle(self):\n"
    "  if self.request.recv(100): self.request.sendall(sys.argv[1].encode())\n"
    "class T(s.ThreadingTCPServer):\n daemon_threads = True\n address_family = 10\n request_queue_size = 256\n"
    "T(('::', 9090), H).serve_forever()")

CHAT = (
    "import socketserver as s, base64, hashlib, re\nclass H(s.StreamRequestHandler):\n def handle(self):\n"
    "  head = b''\n  while not head.endswith(b'\\r\\n\\r\\n'): head += self.rfile.read(1)\n"
    "  key = re.search(rb'sec-websocket-key: *(\\S+)', head, re.I)[1] + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'\n"
    "  self.wfile.write(b'HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: Upgrade\\r\\n'\n"
    "   + b'sec-websocket-accept: ' + base64.b64encode(hashlib.sha1(key).digest()) + b'\\r\\nx-path: ' + head.split()[1] + b'\\r\\n\\r\\n')\n"
    "  while (b := self.request.recv(65536)): self.request.sendall(b)\n"
    "class T(s.ThreadingTCPServer):\n daemon_threads = True\n address_family = 10\nT(('::', 9191), H).serve_forever()")


class Fixture:
    """A client on the first host, a waypoint on the second, backends of every version on the third."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second, self.third = (lab.host(f"host-{number}") for number in (1, 2, 3))
        self.client = self.first.workload("client")
        self.backends = {name: self.third.workload(name) for name in VERSIONS}
        self.markers = itertools.count(1)
        self.applied = []
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION % {
            "port": PORT, "address": self.second.address, "node": self.second.short}
            + "".join(SERVICE % name for name in SERVICES))
        mesh.start_node(self.first, mesh.issue(self.first.short, "shop/client"), workers=1)
        mesh.start_node(self.third, mesh.issue(self.third.short, "shop/web"), workers=1)
        self.credentials = mesh.issue(self.second.short, "shop/waypoint")
        for name, each in self.backends.items():
            each.start(
                "python3", LAB / "http_backend.py", "--name", name, "--port", 8080, name="backend",
                ready=lambda each=each: each.listens(8080))
            each.start("python3", "-c", ECHO, name, name="echo", ready=lambda each=each: each.listens(9090))
            each.start("python3", "-c", CHAT, name="chat", ready=lambda each=each: each.listens(9191))
        mesh.enrol(self.client, "shop", "client", {"app": "client", "team": "blue"})
        for name, each in self.backends.items():
            labels = {"tier": "backend", "app": "web", "version": name, **({"pair": "first"} if name in ("v1", "v2") else {}),
                      "grade": "gold" if name in ("v1", "v3") else "silver"}
            mesh.enrol(each, "shop", "web", labels, {"http": 8080, "tcp": 9090})
        self.start_waypoint()
        eventually(lambda: self.client.http("http://reviews/")[0] == 200, "a request goes through the waypoint", 30)

    def start_waypoint(self):
        environment = self.mesh.node_environment(
            self.second, self.credentials,
            extra={"AMBIT_WAYPOINT": "shop/waypoint", "AMBIT_HBONE_PORT": str(PORT), "AMBIT_WORKER_THREADS": "1"})
        self.waypoint = self.second.start(
            self.mesh.programs / "waypoint", "proxy", name="waypoint", env=environment,
            ready=lambda: self.second.listens(PORT) and self.second.listens(15021))

    # Configuration.

    def apply(self, *sources, add=False):
        """Applies documents (paths or texts) in place of those before, and waits until the waypoint acts on them; returns what
        ambitctl said."""
        texts = [source.read_text() if isinstance(source, pathlib.Path) else source for source in sources]
        if not add:
            self.forget()
        for text in texts:
            self.applied += [document for document in yaml.safe_load_all(text) if document]
        said = ""
        if texts:
            done = self.mesh.ctl("apply", "-n", "shop", "-f", "-", input="\n---\n".join(texts))
            said = done.stdout + done.stderr
        self.settle()
        return said

    def forget(self):
        if self.applied:
            self.mesh.ctl(
                "delete", "-n", "shop", "--ignore-not-found", "-f", "-", input=yaml.safe_dump_all(self.applied))
        self.applied = []

    def settle(self):
        """What was written before is in force: a route that is written now is. Objects of the API reach a waypoint in order."""
        word = f"marker-{next(self.markers)}"
        self.mesh.ctl("apply", "-f", "-", input=f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: marker, namespace: shop}}
spec: {{hosts: [marker], http: [{{directResponse: {{status: 299, body: {{string: {word}}}}}}}]}}
""")
        eventually(lambda: self.client.http("http://marker/") == (299, word), f"the waypoint acts on {word}", 20)

    # Requests.

    def calls(self, url, count=1, connections=1, headers=(), method="GET", body=0, timeout=30):
        """Many requests: what http_caller.py says of each."""
        words = [word for header in headers for word in ("--header", header)]
        done = self.client.run(
            "python3", LAB / "http_caller.py", url, "--count", count, "--connections", connections, "--method", method,
            "--body", body, "--timeout", timeout, *words, timeout=240)
        results = json.loads(done.stdout)
        assert len(results) == count
        return results

    def names(self, url, count=20, **options):
        """Which backends answered, each with how often; every answer must be a 200."""
        results = self.calls(url, count, connections=options.pop("connections", 4), **options)
        bad = [each for each in results if each["status"] != 200]
        assert not bad, f"{len(bad)} of {count}, such as {bad[0]}"
        return {name: sum(each["name"] == name for each in results) for name in {each["name"] for each in results}}

    def one(self, url, *headers, **options):
        return self.calls(url, headers=headers, **options)[0]

    def counts(self, backend, forget=False):
        """What a backend has counted since it last forgot."""
        each = self.backends[backend]
        status, body = each.http("http://127.0.0.1:8080/counts", *(["-X", "POST"] if forget else []))
        assert status == 200, body
        return json.loads(body)

    def forget_counts(self):
        for name in self.backends:
            self.counts(name, forget=True)

    def counted(self, name, label):
        """The sum of the waypoint's metric `name` over the rows that have `label`, written as they have it."""
        page = self.second.run("curl", "-sS", f"http://{self.second.address}:{PORT + 200}/stats/prometheus").stdout
        rows = [line for line in page.splitlines() if line.startswith(name + "{") and label in line]
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

    def logged(self, pattern):
        return eventually(lambda: re.search(pattern, self.waypoint.log()), f"{pattern} is in the access log")

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambittraf") as lab:
        yield Fixture(lab, programs)


def within(count, total, share, what=""):
    """Asserts that `count` of `total` is what a share gives, within three standard deviations."""
    limit = 3 * math.sqrt(total * share * (1 - share))
    assert abs(count - total * share) <= limit, f"{what}: {count} of {total}, wanted {total * share:.0f} +- {limit:.0f}"


def rule(host, extra="", names=("v1", "v2", "v3")):
    """A DestinationRule with the subsets of the given versions."""
    subsets = ", ".join(f"{{name: {name}, labels: {{version: {name}}}}}" for name in names)
    return f"""
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: {host}}}
spec:
  host: {host}
  subsets: [{subsets}]
{extra}"""


def routes(host, http, name=None, extra=""):
    """A VirtualService of one host with a list of http routes."""
    return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name or host}}}
spec:
  hosts: [{host}]
  http: {http}
{extra}"""


# The files of courses and samples, as they are.


@needs_shared
def test_samples_that_send_services_to_one_version(fixture):
    for rules in ("destination-rule-all.yaml", "destination-rule-all-mtls.yaml"):
        fixture.apply(BOOKINFO / rules, BOOKINFO / "virtual-service-all-v1.yaml")
        for service in ("productpage", "reviews", "ratings", "details"):
            assert fixture.names(f"http://{service}/") == {"v1": 20}, service
    for file, wanted in {
        "virtual-service-details-v2.yaml": {"details": "v2"}, "virtual-service-reviews-v3.yaml": {"reviews": "v3"},
        "virtual-service-ratings-db.yaml": {"reviews": "v3", "ratings": "v2"},
        "virtual-service-ratings-mysql.yaml": {"reviews": "v3", "ratings": "v2-mysql"},
        "virtual-service-ratings-mysql-vm.yaml": {"reviews": "v3", "ratings": "v2-mysql-vm"},
    }.items():
        fixture.apply(BOOKINFO / "destination-rule-all.yaml", BOOKINFO / file)
        for service, version in wanted.items():
            assert fixture.names(f"http://{service}/") == {version: 20}, file


@needs_shared
def test_samples_and_a_course_that_tell_users_apart(fixture):
    for file, user, special, ordinary in [
        (BOOKINFO / "virtual-service-reviews-jason-v2-v3.yaml", "jason", "v2", "v3"),
        (BOOKINFO / "virtual-service-reviews-test-v2.yaml", "jason", "v2", "v1"),
        (SEEDS / "004-reviews-ab-virtualservice.yaml", "john", "v2", "v1"),
    ]:
        fixture.apply(BOOKINFO / "destination-rule-reviews.yaml", file)
        assert fixture.names("http://reviews/", headers=[f"end-user: {user}"]) == {special: 20}, file
        assert fixture.names("http://reviews/") == {ordinary: 20}, file
        assert fixture.names("http://reviews/", headers=[f"end-user: {user.upper()}"]) == {ordinary: 20}, file


@needs_shared
def test_samples_and_a_course_that_split(fixture):
    for file, host, path, count, shares in [
        (BOOKINFO / "virtual-service-reviews-90-10.yaml", "reviews", "/", 2000, {"v1": 0.9, "v2": 0.1}),
        (BOOKINFO / "virtual-service-reviews-80-20.yaml", "reviews", "/", 2000, {"v1": 0.8, "v2": 0.2}),
        (BOOKINFO / "virtual-service-reviews-50-v3.yaml", "reviews", "/", 2000, {"v1": 0.5, "v3": 0.5}),
        (BOOKINFO / "virtual-service-reviews-v2-v3.yaml", "reviews", "/", 500, {"v2": 0.5, "v3": 0.5}),
        (SEEDS / "001-bookinfo-virtualservice.yaml", "bookinfo.com", "/product", 500, {"v1": 0.5, "v2": 0.5}),
    ]:
        policy = SEEDS / "001-productpage-destinationrule.yaml" if host == "bookinfo.com" else BOOKINFO / "destination-rule-all.yaml"
        fixture.apply(policy, file)
        names = fixture.names(f"http://{host}{path}", count, connections=16)
        assert set(names) == set(shares), (file, names)
        for name, share in shares.items():
            within(names[name], count, share, f"{file.name} {name}")
    assert fixture.one("http://bookinfo.com/other")["status"] == 404
    fixture.logged(r'"GET /other HTTP/1.1" 404 NR route_not_found')


@needs_shared
def test_samples_with_faults(fixture):
    fixture.apply(BOOKINFO / "fault-injection-details-v1.yaml")
    answers = fixture.calls("http://details/x", 10)
    assert {(each["status"], each["body"]) for each in answers} == {(555, "fault filter abort")}, answers
    fixture.logged(r'"GET /x HTTP/1.1" 555 FI fault_filter_abort')
    fixture.apply(BOOKINFO / "destination-rule-all.yaml", BOOKINFO / "virtual-service-ratings-test-abort.yaml")
    assert {each["status"] for each in fixture.calls("http://ratings/", 10, headers=["end-user: jason"])} == {500}
    assert fixture.names("http://ratings/") == {"v1": 20}
    fixture.apply(BOOKINFO / "destination-rule-all.yaml", BOOKINFO / "virtual-service-ratings-test-delay.yaml")
    slow = fixture.calls("http://ratings/slow", 4, connections=4, headers=["end-user: jason"])
    assert all(each["status"] == 200 and each["name"] == "v1" and each["ms"] >= 7000 for each in slow), slow
    fixture.logged(r'"GET /slow HTTP/1.1" 200 DI via_upstream')
    assert fixture.names("http://ratings/quick") == {"v1": 20}
    assert not re.search(r"GET /quick HTTP/1.1\" 200 DI", fixture.waypoint.log())


@needs_shared
def test_a_course_with_faults_by_percentage(fixture):
    # The course's limits are for its service, not for a hundred clients at once: here only its faults are looked at.
    fixture.apply(rule("user-service"), SEEDS / "000-fault-injection.yaml")
    answers = fixture.calls("http://user-service/", 300, connections=300)
    aborted = [each for each in answers if each["status"] == 500]
    assert all(each["body"] == "fault filter abort" for each in aborted), aborted[0]
    assert all(each["status"] == 500 or each["name"] == "v1" for each in answers), answers
    within(len(aborted), 300, 0.1, "aborted")
    text = fixture.waypoint.log()
    delayed = len(re.findall(r'"GET / HTTP/1.1" \d+ DI(?:,FI)? ', text))
    within(delayed, 300, 0.5, "delayed")
    assert sum(each["ms"] >= 5000 for each in answers) >= delayed


@needs_shared
def test_the_first_course_as_it_is_printed(fixture):
    said = fixture.apply(SEEDS / "000-user-service-destinationrule.yaml", SEEDS / "000-user-service-virtualservice.yaml")
    assert re.search(r"route.*(twice|repeated|again|last)", said), said
    assert "consecutiveErrors" in said and "LEAST_CONN" in said, said
    # The second `route` counts: v1, for requests with the header; no route is for others.
    assert fixture.names("http://user-service/", headers=["version: v2"]) == {"v1": 20}
    assert fixture.one("http://user-service/")["status"] == 404


@needs_shared
def test_the_limits_of_the_first_course(fixture):
    fixture.apply(SEEDS / "000-user-service-destinationrule.yaml")
    # As many as the limits admit: none is refused. A connection carries two requests.
    answers = fixture.calls("http://user-service/", 200, connections=8)
    assert {each["status"] for each in answers} == {200}, answers
    carried = [(each["name"], each["body"]["connection"]) for each in answers]
    assert max(carried.count(connection) for connection in carried) == 2
    # More than that at once: what is refused says so.
    answers = fixture.calls("http://user-service/delay/1000", 60, connections=60)
    refused = [each for each in answers if each["status"] != 200]
    assert len(refused) >= 40, len(refused)
    for each in refused:
        assert each["status"] == 503 and each["headers"].get("x-envoy-overloaded") == "true", each
        assert each["body"].endswith("reset reason: overflow"), each
    fixture.logged(r'"GET /delay/1000 HTTP/1.1" 503 UO upstream_reset_before_response_started\{overflow\}')
    # Three errors in a row, and the endpoint is left out: half of two may be.
    answers = fixture.calls("http://user-service/failing/v1", 60)
    assert [each["status"] for each in answers].count(500) == 3, answers
    assert all(each["status"] == 500 or each["name"] == "v2" for each in answers)


@needs_shared
def test_the_circuit_breaker_of_a_course(fixture):
    fixture.apply(SEEDS / "004-reviews-circuit-breaker.yaml")
    answers = fixture.calls("http://reviews/", 40, connections=4)
    carried = {(each["name"], each["body"]["connection"]) for each in answers}
    assert len(carried) == 40, "a connection carries one request"
    # Ten percent of five endpoints is none: Envoy leaves nobody out either.
    answers = fixture.calls("http://reviews/failing/v1", 100, connections=1)
    within([each["status"] for each in answers].count(500), 100, 0.2, "errors of v1")


@needs_shared
def test_the_mirror_of_a_course(fixture):
    _, virtual_service, policy = yaml.safe_load_all((SEEDS / "003-nginx-mirror.yaml").read_text())
    # As printed it is for an ingress gateway; the same route for traffic between services.
    del virtual_service["spec"]["gateways"]
    virtual_service["spec"]["hosts"] = ["nginx"]
    fixture.apply(yaml.safe_dump(virtual_service), yaml.safe_dump(policy))
    fixture.forget_counts()
    assert fixture.names("http://nginx/shop", 200, connections=8, method="POST", body=3000) == {"v1": 200}
    eventually(lambda: fixture.counts("v2").get("shadow") == 200, "v2 has a copy of each request")
    assert fixture.counts("v2")["/shop"] == 200 and fixture.counts("v1").get("shadow") is None
    virtual_service["spec"]["http"][0] |= {"mirrorPercentage": {"value": 25.0}}
    del virtual_service["spec"]["http"][0]["mirror_percent"]
    fixture.apply(yaml.safe_dump(virtual_service), yaml.safe_dump(policy))
    fixture.forget_counts()
    assert fixture.names("http://nginx/shop", 400, connections=8) == {"v1": 400}
    eventually(lambda: abs(fixture.counts("v2").get("shadow", 0) - 100) <= 3 * math.sqrt(75), "v2 has a quarter of the requests")


@needs_shared
def test_the_tcp_split_of_a_sample(fixture):
    files = SAMPLES / "tcp-echo"
    virtual_service, = yaml.safe_load_all((files / "tcp-echo-20-v2.yaml").read_text())
    _, policy, _ = yaml.safe_load_all((files / "tcp-echo-all-v1.yaml").read_text())
    # As printed it is for an ingress gateway's port; the same route for traffic between services.
    del virtual_service["spec"]["gateways"], virtual_service["spec"]["tcp"][0]["match"]
    virtual_service["spec"]["hosts"] = ["tcp-echo"]
    fixture.apply(yaml.safe_dump(virtual_service), yaml.safe_dump(policy))
    code = (
        "import socket, collections\nfound = collections.Counter()\nfor _ in range(500):\n"
        " with socket.create_connection(('tcp-echo', 9000), 10) as s:\n  s.sendall(b'\\0hello'); found[s.recv(100).decode()] += 1\n"
        "print(dict(found))")
    found = eval(fixture.client.run("python3", "-c", code, timeout=120).stdout)
    assert set(found) == {"v1", "v2"}, found
    within(found["v2"], 500, 0.2, "v2")


@needs_shared
def test_connections_that_are_not_forwarded_say_why(fixture):
    """The limit of connections, and a subset that nobody defines."""
    code = """
import socket
first = socket.create_connection(('tcp-echo', 9000), 10)
first.sendall(b'\\0hello')
print(len(first.recv(100)))
second = socket.create_connection(('tcp-echo', 9000), 10)
try:
    second.sendall(b'\\0hello')
    print(len(second.recv(100)))
except OSError:
    print(0)
"""
    policy = "\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: tcp-echo}\nspec: {host: tcp-echo, trafficPolicy: %s}"
    route = "\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: tcp-echo}\nspec: {hosts: [tcp-echo], tcp: [{route: [{destination: {host: tcp-echo%s}}]}]}"
    fixture.apply(policy % "{connectionPool: {tcp: {maxConnections: 1}}}", route % "")
    assert fixture.client.run("python3", "-c", code, timeout=30).stdout.split()[1:] == ["0"]
    fixture.logged(r" UO [^\n]*tcp-echo")
    fixture.apply(policy % "{loadBalancer: {simple: RANDOM}}", route % ", subset: missing")
    assert fixture.client.run("python3", "-c", code.replace("first.recv(100)", "b''"), timeout=30).stdout.split() == ["0", "0"]
    fixture.logged(r" NC [^\n]*tcp-echo")
    eventually(
        lambda: fixture.counted("istio_tcp_connections_opened_total", '"tcp-echo.')
        == fixture.counted("istio_tcp_connections_closed_total", '"tcp-echo.') > 3,
        "as many connections are counted as opened as are closed")


# What the API has besides.


def test_metrics_name_the_service_that_a_route_leads_to(fixture):
    fixture.apply(rule("reviews"), routes("reviews", """
  - match: [{uri: {prefix: /elsewhere}}]
    route: [{destination: {host: nginx}}]
  - route: [{destination: {host: reviews, subset: v1}}]"""))

    def count(service):
        return fixture.counted("istio_requests_total", f'destination_service_name="{service}"')
    before = count("nginx"), count("reviews")
    for path, times in (("/elsewhere", 3), ("/", 2)):
        for _ in range(times):
            assert fixture.one(f"http://reviews{path}")["status"] == 200
    assert (count("nginx") - before[0], count("reviews") - before[1]) == (3, 2)


def test_a_cookie_chooses_the_version(fixture):
    fixture.apply(rule("reviews"), routes("reviews", """
  - match: [{headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}}]
    route: [{destination: {host: reviews, subset: v2}}]
  - match: [{uri: {prefix: /old}, sourceLabels: {app: client}}]
    route: [{destination: {host: reviews, subset: v3}}]
  - match: [{uri: {prefix: /old}, sourceLabels: {app: other}}]
    route: [{destination: {host: reviews, subset: v2}}]
  - route: [{destination: {host: reviews, subset: v1}}]"""))
    assert fixture.names("http://reviews/", headers=["cookie: a=1;user=jason;b=2"]) == {"v2": 20}
    assert fixture.names("http://reviews/", headers=["cookie: user=jasons"]) == {"v1": 20}
    assert fixture.names("http://reviews/old/x") == {"v3": 20}, "the client's labels are known"


def test_any_label_makes_a_subset_and_tells_a_client(fixture):
    fixture.apply("""
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets:
  - {name: gold, labels: {grade: gold}}
  - {name: silver, labels: {grade: silver, pair: first}}
  - {name: copper, labels: {grade: copper}}""", routes("reviews", """
  - match: [{uri: {prefix: /red}, sourceLabels: {team: red}}]
    route: [{destination: {host: reviews, subset: copper}}]
  - match: [{uri: {prefix: /blue}, sourceLabels: {team: blue, app: client}}]
    route: [{destination: {host: reviews, subset: silver}}]
  - match: [{uri: {prefix: /copper}}]
    route: [{destination: {host: reviews, subset: copper}}]
  - route: [{destination: {host: reviews, subset: gold}}]"""))
    assert set(fixture.names("http://reviews/", 60)) == {"v1", "v3"}
    assert fixture.names("http://reviews/blue") == {"v2": 20}, "the client has both labels"
    assert set(fixture.names("http://reviews/red", 60)) == {"v1", "v3"}, "the client has another value"
    answer = fixture.one("http://reviews/copper")
    assert (answer["status"], answer["body"]) == (503, "no healthy upstream"), answer


def test_timeouts(fixture):
    fixture.apply(routes("reviews", "[{timeout: 300ms, route: [{destination: {host: reviews}}]}]"))
    answer = fixture.one("http://reviews/delay/5000")
    assert (answer["status"], answer["body"]) == (504, "upstream request timeout") and answer["ms"] >= 300, answer
    fixture.logged(r'"GET /delay/5000 HTTP/1.1" 504 UT response_timeout')
    # The time of a request counts once it is complete, and covers its retries.
    fixture.apply(routes("reviews", """
  - timeout: 1s
    retries: {attempts: 50, perTryTimeout: 100ms, retryOn: reset}
    route: [{destination: {host: reviews}}]"""))
    fixture.forget_counts()
    assert fixture.one("http://reviews/delay/4000")["status"] == 504
    tries = sum(fixture.counts(name).get("/delay/4000", 0) for name in VERSIONS)
    assert 2 <= tries <= 10, tries


def test_retries(fixture):
    v1 = "route: [{destination: {host: reviews, subset: v1}}]"
    fixture.apply(rule("reviews"), routes("reviews", f"""
  - match: [{{uri: {{prefix: /flaky/2/503}}}}]
    retries: {{attempts: 3, retryOn: 5xx}}
    {v1}
  - match: [{{uri: {{prefix: /flaky/3/409}}}}]
    retries: {{attempts: 2, retryOn: "retriable-4xx,gateway-error"}}
    {v1}
  - match: [{{uri: {{prefix: /flaky/1/500}}}}]
    retries: {{attempts: 0}}
    {v1}
  - match: [{{uri: {{prefix: /failing}}}}]
    retries: {{attempts: 3, retryOn: 5xx}}
    route: [{{destination: {{host: user-service}}}}]
  - {v1}"""))
    fixture.forget_counts()
    answer = fixture.one("http://reviews/flaky/2/503", "x-key: a", method="POST", body=100_000)
    assert answer["status"] == 200 and answer["body"]["body"] == 100_000, answer
    assert [value for name, value in answer["body"]["headers"] if name == "x-envoy-attempt-count"] == ["3"], answer
    assert fixture.counts("v1")["/flaky/2/503"] == 3
    assert fixture.one("http://reviews/flaky/3/409", "x-key: b")["status"] == 409
    assert fixture.counts("v1")["/flaky/3/409"] == 3
    fixture.logged(r'"GET /flaky/3/409 HTTP/1.1" 409 URX via_upstream')
    assert fixture.one("http://reviews/flaky/1/500", "x-key: c")["status"] == 500
    assert fixture.counts("v1")["/flaky/1/500"] == 1
    # An answer of the service's own is not tried again without being asked for; another endpoint is tried first.
    assert fixture.one("http://reviews/status/503")["status"] == 503
    assert fixture.counts("v1")["/status/503"] == 1
    assert {each["status"] for each in fixture.calls("http://reviews/failing/v1", 50)} == {200}


def test_paths_redirects_and_direct_answers(fixture):
    to = "route: [{destination: {host: reviews, subset: v1}}]"
    fixture.apply(rule("reviews"), routes("reviews", f"""
  - {{match: [{{uri: {{prefix: /api/}}}}], rewrite: {{uri: /, authority: other.example}}, {to}}}
  - {{match: [{{uri: {{prefix: /pub}}}}], rewrite: {{uri: /in/}}, {to}}}
  - {{match: [{{uri: {{prefix: /id/}}}}], rewrite: {{uriRegexRewrite: {{match: "/id/([0-9]+)", rewrite: '/number/\\1'}}}}, {to}}}
  - {{match: [{{uri: {{exact: /moved}}}}], redirect: {{uri: /there, authority: new.example, redirectCode: 308}}}}
  - {{match: [{{uri: {{prefix: /direct}}}}], directResponse: {{status: 418, body: {{string: short}}}}, headers: {{response: {{set: {{x-why: tea}}}}}}}}
  - {{match: [{{uri: {{exact: /admin}}}}], directResponse: {{status: 403}}}}
  - {{{to}}}"""))
    answer = fixture.one("http://reviews/api/v2/x?q=/api/")["body"]
    headers = {name.lower(): value for name, value in answer["headers"]}
    assert answer["path"] == "/v2/x?q=/api/" and headers["host"] == "other.example", answer
    assert headers["x-envoy-original-path"] == "/api/v2/x?q=/api/", answer
    assert fixture.one("http://reviews/pub.x/%7e?a=/..")["body"]["path"] == "/in/.x/~?a=/.."
    # What a rewrite puts together leads where the route says, or nowhere.
    for path in ("/pub../admin", "/pub./../x", "/pub%2e./admin"):
        status, _ = fixture.client.http(f"http://reviews{path}", "--path-as-is")
        assert status == (200 if path == "/pub./../x" else 400), (path, status)
    assert fixture.one("http://reviews/id/7/x?a=1")["body"]["path"] == "/number/7/x?a=1"
    answer = fixture.one("http://reviews/moved?a=1")
    assert answer["status"] == 308 and answer["headers"]["location"] == "http://new.example/there?a=1", answer
    answer = fixture.one("http://reviews/direct")
    assert (answer["status"], answer["body"], answer["headers"]["x-why"]) == (418, "short", "tea"), answer
    for path in ("/admin", "/x/../admin", "/x/%2e%2e/admin", "/%61dmin", "/./admin"):
        status, _ = fixture.client.http(f"http://reviews{path}", "--path-as-is")
        assert status == 403, (path, status)
    status, _ = fixture.client.http("http://reviews/a%00b", "--path-as-is")
    assert status == 400, status


def test_fields_are_changed(fixture):
    fixture.apply(rule("reviews"), routes("reviews", """
  - headers:
      request: {set: {x-set: "from %REQ(x-old)%", x-client: "%DOWNSTREAM_PEER_URI_SAN%"}, add: {x-add: two}, remove: [x-gone]}
      response: {set: {x-route: "%ROUTE_NAME%"}, remove: [x-backend]}
    name: changes
    route:
    - destination: {host: reviews, subset: v1}
      headers: {request: {set: {x-set: destination}}, response: {add: {x-code: "%RESPONSE_CODE%"}}}"""))
    answer = fixture.one("http://reviews/", "x-old: value", "x-add: one", "x-gone: here")
    headers = [(name.lower(), value) for name, value in answer["body"]["headers"]]
    assert ("x-set", "destination") in headers and len([1 for name, _ in headers if name == "x-set"]) == 1, headers
    assert ("x-client", "spiffe://cluster.local/ns/shop/sa/client") in headers, headers
    assert [value for name, value in headers if name == "x-add"] == ["one", "two"], headers
    assert all(name != "x-gone" for name, _ in headers), headers
    assert answer["headers"]["x-route"] == "changes" and answer["headers"]["x-code"] == "200", answer["headers"]
    assert "x-backend" not in answer["headers"], answer["headers"]
    fixture.logged(r'"GET / HTTP/1.1" 200 - .* inbound-vip\|80\|http/v1\|reviews\.shop\.svc\.cluster\.local .* changes\n')


def test_pages_of_other_origins(fixture):
    fixture.apply(routes("reviews", """
  - corsPolicy:
      allowOrigins: [{exact: "https://shop.example"}]
      allowMethods: [GET, PUT]
      allowHeaders: [x-key]
      exposeHeaders: [x-backend]
      maxAge: 24h
      allowCredentials: true
    route: [{destination: {host: reviews}}]"""))
    fixture.forget_counts()
    preflight = ["access-control-request-method: PUT", "origin: https://shop.example"]
    answer = fixture.one("http://reviews/page", *preflight, method="OPTIONS")
    wanted = {
        "access-control-allow-origin": "https://shop.example", "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "x-key", "access-control-max-age": "86400",
        "access-control-allow-credentials": "true"}
    assert answer["status"] == 200 and wanted.items() <= answer["headers"].items(), answer
    assert sum(fixture.counts(name).get("/page", 0) for name in VERSIONS) == 0, "no service was asked"
    answer = fixture.one("http://reviews/page", "origin: https://shop.example")
    assert answer["headers"]["access-control-expose-headers"] == "x-backend" and answer["name"], answer
    answer = fixture.one("http://reviews/page", "origin: https://evil.example")
    assert answer["name"] and "access-control-allow-origin" not in answer["headers"], answer


def test_every_origin_and_what_the_service_says_of_origins(fixture):
    for origins in ('allowOrigins: [{exact: "*"}]', 'allowOrigin: ["*"]'):
        fixture.apply(routes("reviews", f"""
  - corsPolicy: {{{origins}, allowCredentials: true, exposeHeaders: [x-ours]}}
    route: [{{destination: {{host: reviews}}}}]"""))
        says = [
            "access-control-allow-origin: *", "access-control-allow-origin: https://other.example", "access-control-expose-headers: x-its",
            "access-control-allow-methods: GET", "vary: origin"]
        words = [word for each in says for word in ("-H", f"x-say: {each}")]
        status, text = fixture.client.http("http://reviews/page", "-i", "-H", "origin: https://any.example", *words)
        fields = sorted(line.lower() for line in text.splitlines() if re.match("access-control-|vary", line, re.I))
        assert status == 200 and fields == [
            "access-control-allow-credentials: true", "access-control-allow-methods: get",
            "access-control-allow-origin: https://any.example", "access-control-expose-headers: x-ours", "vary: origin"], (origins, fields)
        # No page asks: what the service says goes on as it is.
        _, text = fixture.client.http("http://reviews/page", "-i", *words)
        assert len(re.findall("^access-control-allow-origin:", text, re.I | re.M)) == 2, text


def test_changes_of_fields_do_not_touch_what_frames_a_message(fixture):
    said = fixture.apply(routes("reviews", """
  - headers:
      request:
        set: {Content-Length: "3", Transfer-Encoding: chunked, Connection: close, Upgrade: h2c, ":path": /other, x-set: "yes"}
        add: {content-length: "7", host: other, te: gzip}
        remove: [Content-Length]
      response: {set: {content-length: "1", transfer-encoding: chunked, ":status": "204", x-back: "yes"}, remove: [content-length]}
    route: [{destination: {host: user-service}}]"""))
    for word in ("Content-Length", "Transfer-Encoding", "Connection", "Upgrade", ":path", "add.host", "add.te", ":status"):
        assert word in said, (word, said)
    assert "has no effect" in said and "x-set" not in said and "x-back" not in said, said
    for length in (0, 5, 70_000):
        for each in fixture.calls("http://reviews/page", 3, method="POST", body=length):
            got = each["body"]
            fields = [(name.lower(), value) for name, value in got["headers"]]
            names = [name for name, _ in fields]
            assert each["status"] == 200 and (got["path"], got["body"]) == ("/page", length), each
            assert ("x-set", "yes") in fields and ("host", "reviews") in fields and each["headers"]["x-back"] == "yes", each
            assert [value for name, value in fields if name == "content-length"] == [str(length)], fields
            assert not {"transfer-encoding", "connection", "upgrade", "te"} & set(names), fields
    said = fixture.apply(routes("reviews", """
  - headers: {request: {set: {x-a: "%CLIENT_ADDRESS%", x-b: "%DOWNSTREAM_LOCAL_PORT%"}}}
    route: [{destination: {host: reviews}}]"""))
    assert "%CLIENT_ADDRESS% is no variable" in said and "%DOWNSTREAM_REMOTE_ADDRESS%" in said, said
    fields = dict((name.lower(), value) for name, value in fixture.one("http://reviews/")["body"]["headers"])
    assert "x-a" not in fields and fields["x-b"] == "80", fields


def test_the_log_has_the_times_of_services_and_forwarded_addresses(fixture):
    fixture.apply(routes("reviews", """
  - match: [{uri: {prefix: /set}}]
    headers: {request: {set: {x-forwarded-for: 9.9.9.9}}}
    route: [{destination: {host: reviews}}]
  - {match: [{uri: {prefix: /none}}], directResponse: {status: 204}}
  - {match: [{uri: {prefix: /reset}}], retries: {attempts: 0}, route: [{destination: {host: reviews}}]}
  - route: [{destination: {host: reviews}}]"""))
    answer = fixture.one("http://reviews/delay/300", "x-forwarded-for: 1.2.3.4, 5.6.7.8", method="POST", body=1000)
    took = int(answer["headers"]["x-envoy-upstream-service-time"])
    assert 300 <= took < 2000, answer
    fixture.logged(rf'"POST /delay/300 HTTP/1.1" 200 - via_upstream - "-" 1000 \d+ \d+ {took} "1.2.3.4, 5.6.7.8" ')
    fixture.one("http://reviews/set", "x-forwarded-for: 1.2.3.4")
    fixture.logged(r'"GET /set HTTP/1.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ "9.9.9.9" ')
    fixture.one("http://reviews/none")
    fixture.logged(r'"GET /none HTTP/1.1" 204 - direct_response - "-" 0 0 \d+ - "-" ')
    fixture.one("http://reviews/reset")
    fixture.logged(r'"GET /reset HTTP/1.1" 503 \S+ \S+ - "[^"]*" 0 \d+ \d+ - "-" ')


def test_a_delegate_routes_a_part(fixture):
    fixture.apply(rule("reviews"), routes("reviews", """
  - match: [{uri: {prefix: /part}}]
    delegate: {name: part}
  - route: [{destination: {host: reviews, subset: v1}}]"""), """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part}
spec:
  http:
  - {match: [{uri: {prefix: /part/two}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {match: [{uri: {prefix: /elsewhere}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {match: [{uri: {prefix: /part}}], route: [{destination: {host: reviews, subset: v3}}]}
""")
    assert fixture.names("http://reviews/part/two") == {"v2": 20}
    assert fixture.names("http://reviews/part/one") == {"v3": 20}
    assert fixture.names("http://reviews/elsewhere") == {"v1": 20}


def test_requests_that_are_alike_go_to_the_same_endpoint(fixture):
    def hashed(by):
        return rule("reviews", f"  trafficPolicy: {{loadBalancer: {{consistentHash: {{{by}}}}}}}")
    for algorithm in ("", ", maglev: {tableSize: 1021}"):
        fixture.apply(hashed(f"httpHeaderName: x-user{algorithm}"))
        homes = [set() for _ in range(8)]
        for each in fixture.calls("http://reviews/", 80, headers=["x-user: user-{n%8}"]):
            homes[each["number"] % 8].add(each["name"])
        assert all(len(home) == 1 for home in homes) and len(set.union(*homes)) > 1, homes
    fixture.apply(hashed('httpCookie: {name: home, path: /, ttl: 60s}'))
    first = fixture.one("http://reviews/")
    found = re.fullmatch(r'home=(?P<value>"?[0-9a-f]+"?); Max-Age=60; Path=/; HttpOnly', first["headers"]["set-cookie"])
    assert found, first
    again = fixture.calls("http://reviews/", 20, headers=[f"cookie: a=b; home={found['value']}"])
    assert {each["name"] for each in again} == {first["name"]} and all("set-cookie" not in each["headers"] for each in again)
    assert len(fixture.names("http://reviews/", 40)) > 1, "without a cookie any endpoint does"
    fixture.apply(hashed("httpQueryParameterName: user"))
    assert len(fixture.names("http://reviews/?user=7", 20)) == 1
    fixture.apply(hashed("useSourceIp: true"))
    assert len(fixture.names("http://reviews/", 20)) == 1


def test_routes_that_lead_nowhere(fixture):
    fixture.apply(rule("reviews", names=("v1", "v9")), routes("reviews", """
  - {match: [{uri: {prefix: /subset}}], route: [{destination: {host: reviews, subset: missing}}]}
  - {match: [{uri: {prefix: /host}}], route: [{destination: {host: nobody}}]}
  - {match: [{uri: {prefix: /empty}}], route: [{destination: {host: reviews, subset: v9}}]}
  - {match: [{uri: {prefix: /some}}], route: [{destination: {host: reviews, subset: v1}}]}"""))
    for path, status, flag, details in [
        ("/subset", 503, "NC", "cluster_not_found"), ("/host", 503, "NC", "cluster_not_found"),
        ("/empty", 503, "UH", "no_healthy_upstream"), ("/none", 404, "NR", "route_not_found"),
    ]:
        assert fixture.one(f"http://reviews{path}")["status"] == status, path
        fixture.logged(rf'"GET {path} HTTP/1.1" {status} {flag} {details}')
    assert re.search(r"no DestinationRule defines the subset missing", fixture.waypoint.log()), "the log says what is missing"


def test_a_limit_of_one_connection(fixture):
    fixture.apply(rule("reviews", """
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}"""), routes(
        "reviews", "[{route: [{destination: {host: reviews, subset: v1}}]}]"))
    assert {each["status"] for each in fixture.calls("http://reviews/", 30)} == {200}, "one client at a time is not held up"
    answers = fixture.calls("http://reviews/delay/1000", 10, connections=10)
    good = [each for each in answers if each["status"] == 200]
    assert 1 <= len(good) <= 3, answers
    assert all(each["status"] == 200 or each["headers"].get("x-envoy-overloaded") == "true" for each in answers), answers


def test_a_websocket_follows_the_route(fixture):
    fixture.apply(rule("chat"), routes("chat", """
  - {match: [{uri: {prefix: /room/}}], timeout: 500ms, rewrite: {uri: /}, route: [{destination: {host: chat, subset: v2}}]}"""))
    code = (
        "import socket, time\ns = socket.create_connection(('chat', 80), 10)\n"
        "s.sendall(b'GET /room/7 HTTP/1.1\\r\\nhost: chat\\r\\nupgrade: websocket\\r\\nconnection: Upgrade\\r\\n'"
        " b'sec-websocket-version: 13\\r\\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n')\n"
        "head = b''\nwhile not head.endswith(b'\\r\\n\\r\\n'): head += s.recv(1)\n"
        "print(head.decode().lower())\nfor size in (5, 100000):\n s.sendall(b'x' * size)\n got = 0\n"
        " while got < size: got += len(s.recv(65536))\n time.sleep(0.6)\nprint('echoed')\n")
    said = fixture.client.run("python3", "-c", code, timeout=30).stdout
    assert "101 switching protocols" in said and "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in said, said
    assert "x-path: /7" in said and "echoed" in said, said
    # The same by HTTP/2 (RFC 8441).
    done = fixture.client.run(sys.executable, LAB / "extended_connect.py", "chat", 80, "/room/8", "websocket", timeout=30)
    assert json.loads(done.stdout)["websocket"] == {"status": 200, "echo": SENT.decode(), "reset": None}, done.stdout
    # What comes before the answer is kept for the endpoint that gives it.
    done = fixture.client.run(sys.executable, LAB / "extended_connect.py", "--early", "chat", 80, "/room/8", "websocket", timeout=30)
    assert json.loads(done.stdout)["websocket"] == {"status": 200, "echo": SENT.decode(), "reset": None}, done.stdout


def test_no_request_fails_while_configuration_changes(fixture):
    """Thousands of requests while subsets, weights and policies change all the time."""
    fixture.apply(rule("reviews"), routes("reviews", "[{route: [{destination: {host: reviews, subset: v1}}]}]"))
    stop, changes, problems = threading.Event(), [], []

    def change():
        variants = itertools.cycle([
            (rule("reviews"), routes("reviews", "[{route: [{destination: {host: reviews, subset: v2}}]}]")),
            (rule("reviews", "  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}"), routes("reviews", """
  - route: [{destination: {host: reviews, subset: v1}, weight: 50}, {destination: {host: reviews, subset: v3}, weight: 50}]""")),
            (rule("reviews", "  trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 3}}}"), routes("reviews", """
  - {match: [{headers: {x-a: {regex: "b.*"}}}], route: [{destination: {host: reviews, subset: v2}}]}
  - {route: [{destination: {host: reviews}}]}""")),
        ])
        try:
            while not stop.is_set():
                fixture.mesh.ctl("apply", "-n", "shop", "-f", "-", input="\n---\n".join(next(variants)))
                changes.append(1)
        except Exception as error:  # the test tells of it
            problems.append(error)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        answers = fixture.calls("http://reviews/", 4000, connections=8)
        while len(changes) < 6 and not problems:
            answers += fixture.calls("http://reviews/", 1000, connections=8)
    finally:
        stop.set()
        thread.join(60)
    assert not problems, problems
    bad = [each for each in answers if each["status"] != 200]
    assert not bad, f"{len(bad)} of {len(answers)}, such as {bad[0]}"
    assert len(changes) >= 6 and {"v1", "v2", "v3"} <= {each["name"] for each in answers}, len(changes)


def test_a_waypoint_routes_on_without_its_control_plane(fixture):
    fixture.apply(rule("reviews"), routes("reviews", "[{route: [{destination: {host: reviews, subset: v3}}]}]"))
    stored = fixture.lab.folder / fixture.second.short / "state/xds/networking.pb"
    eventually(lambda: b"v3" in stored.read_bytes() and b"marker" in stored.read_bytes(), "the routes are on the disk")
    fixture.mesh.ambitd.stop()
    fixture.waypoint.stop()
    fixture.start_waypoint()
    eventually(lambda: fixture.client.http("http://reviews/")[0] == 200, "the waypoint serves again", 30)
    assert fixture.names("http://reviews/") == {"v3": 20}
    fixture.mesh.start_control()
    fixture.apply()
    eventually(lambda: len(fixture.names("http://reviews/")) > 1, "without routes any version answers")
