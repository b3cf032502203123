"""Gateways: the outside reaches the mesh by them, and the mesh the outside. The files of courses and of Istio's samples, and what
curl, openssl and Python's ssl see."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import threading

from lab import Lab, eventually, run
from mesh import Mesh
from shared import SAMPLES, SEEDS, needs_shared

LAB = pathlib.Path(__file__).parents[1] / "Lab"
INGRESS, EGRESS = (f"istio-{name}gateway.istio-system.svc.cluster.local" for name in ("ingress", "egress"))
VERSIONS = ("v1", "v2")
# Each with the ports that samples and seeds name.
SERVICES = {"productpage": 9080, "httpbin": 8000, "helloworld": 5000, "nginx": 80, "web": 80}
SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: %d, targetPort: 8080}]}
"""
CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: v1
kind: Service
metadata: {name: tcp-echo, namespace: shop}
spec: {selector: {app: web}, ports: [{name: tcp, port: 9000, targetPort: 9090}]}
---
apiVersion: v1
kind: Service
metadata: {name: vault, namespace: shop}
spec: {selector: {app: vault}, ports: [{name: tls, port: 443, targetPort: 8443}]}
"""
ECHO = "import socketserver as s, sys\nclass H(s.BaseRequestHandler):\n def handle(self):\n  while (b := self.request.recv(65536)): self.request.sendall(sys.argv[1].encode() + b' ' + b)\nclass T(s.ThreadingTCPServer):\n daemon_threads = True\n address_family = 10\nT(('::', 9090), H).serve_forever()"
# HTTPS with a certificate of its own: what a gateway must not end.
VAULT = """
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('content-length', '5'); self.end_headers(); self.wfile.write(b'vault')
server = http.server.ThreadingHTTPServer(('0.0.0.0', 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
# Requests until enough were answered with 200: each other status with the number of those before it.
BEGIN = """
import http.client, json, sys, time
address, host, wanted, end, good, odd = sys.argv[1], sys.argv[2], int(sys.argv[3]), time.monotonic() + 20, 0, []
while good < wanted and time.monotonic() < end and len(odd) < 20:
    try:
        connection = http.client.HTTPConnection(address, 80, timeout=5)
        for _ in range(20):
            connection.request('GET', '/', headers={'Host': host})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200: good += 1
            else: odd.append([answer.status, good])
    except OSError as error:
        if good: odd.append([repr(error), good])
    finally:
        connection.close()
print(json.dumps([good, odd]))
"""
# Requests until a file is there, on one connection or on one each; then how many, and what failed.
CALLS = """
import http.client, json, os, sys
address, port, host, keeps, stop = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4] == 'kept', sys.argv[5]
connection, answered, failed = None, 0, []
while not os.path.exists(stop):
    try:
        connection = connection or http.client.HTTPConnection(address, port, timeout=20)
        connection.request('GET', '/load', headers={'Host': host})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200: failed.append(answer.status)
        answered += 1
        if answered == 10: print('begun', flush=True)
        if answer.getheader('connection', '').lower() == 'close': connection.close(); connection = None
    except (OSError, http.client.HTTPException) as error:
        failed.append(repr(error))
        connection = None
    if connection and not keeps:
        connection.close()
        connection = None
print(json.dumps([answered, failed]))
"""
TALK = "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10); s.sendall(b'hello'); s.shutdown(1); print(b''.join(iter(lambda: s.recv(100), b'')).decode())"


class Certificates:
    """Roots of the test, and certificates of them."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def path(self, name):
        return self.folder / name

    def openssl(self, *words):
        run("openssl", *words)

    def root(self, name):
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.crt"))

    def issue(self, name, root, subject, alternative, kind="ec"):
        curve = ("-pkeyopt", "ec_paramgen_curve:P-256") if kind == "ec" else ()
        self.openssl(
            "req", "-newkey", kind, *curve, "-nodes", "-subj", subject, "-keyout", self.path(f"{name}.key"), "-out",
            self.path(f"{name}.csr"))
        self.path(f"{name}.ext").write_text(f"subjectAltName={alternative}\n")
        self.openssl(
            "x509", "-req", "-in", self.path(f"{name}.csr"), "-CA", self.path(f"{root}.crt"), "-CAkey",
            self.path(f"{root}.key"), "-CAcreateserial", "-days", "2", "-extfile", self.path(f"{name}.ext"), "-out",
            self.path(f"{name}.crt"))

    def revocations(self, root, *revoked):
        """The list of revocations of a root, new at each call, with the certificates of these names on it."""
        folder = self.path(f"{root}-revocations")
        folder.mkdir(exist_ok=True)
        (folder / "index").write_text("")
        (folder / "cnf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\ndefault_md=sha256\ndefault_crl_days=2\n")
        words = ("ca", "-config", folder / "cnf", "-cert", self.path(f"{root}.crt"), "-keyfile", self.path(f"{root}.key"))
        for name in revoked:
            self.openssl(*words, "-revoke", self.path(f"{name}.crt"))
        self.openssl(*words, "-gencrl", "-out", self.path(f"{root}.crl"))
        return self.path(f"{root}.crl").read_text()

    def digests(self, name):
        """SHA-256 of a certificate as openssl prints it, with colons, and of its key in base64."""
        certificate = run("openssl", "x509", "-in", self.path(f"{name}.crt"), "-noout", "-fingerprint", "-sha256").stdout
        key = run("sh", "-c", f"openssl x509 -in {self.path(name)}.crt -pubkey -noout | openssl pkey -pubin -outform der"
                  " | openssl dgst -sha256 -binary | base64").stdout
        return certificate.strip().partition("=")[2], key.strip()

    def secret(self, name, files, kind="Opaque", namespace="istio-system"):
        """A Secret as a document: member to file."""
        data = {member: self.path(file).read_text() for member, file in files.items()}
        return json.dumps({
            "apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": namespace},
            "stringData": data})


class Fixture:
    """The ingress gateway on the first host, egress gateway and waypoint on the second, workloads on the third; the last is outside."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.edge, self.exit, self.inner, self.outside = (lab.host(name) for name in ("edge", "exit", "inner", "outside"))
        self.client = self.inner.workload("client")
        self.backends = {name: self.inner.workload(name) for name in VERSIONS}
        self.vault = self.inner.workload("vault")
        self.certificates = made = Certificates(lab.folder / "certificates")
        for name in ("web-root", "client-root", "other-root"):
            made.root(name)
        for name in ("web-1", "web-2"):
            made.issue(name, "web-root", f"/CN={name}", "DNS:secure.example,DNS:mutual.example,DNS:optional.example")
        made.issue("vault", "web-root", "/CN=vault", "DNS:vault.example")
        made.issue("good", "client-root", "/CN=good/O=Example", "DNS:good.example,URI:spiffe://elsewhere/good")
        made.issue("bad", "other-root", "/CN=bad", "DNS:bad.example")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION + "".join(SERVICE % each for each in SERVICES.items()))
        mesh.start_node(self.inner, mesh.issue("inner", "shop/client", "shop/web"), workers=1)
        self.credentials = {
            "edge": mesh.issue("edge", "istio-system/istio-ingressgateway"),
            "exit": mesh.issue("exit", "istio-system/istio-egressgateway", "shop/waypoint")}
        for name, each in self.backends.items():
            each.start(
                "python3", LAB / "http_backend.py", "--name", name, "--port", 8080, name="backend",
                ready=lambda each=each: each.listens(8080))
            each.start("python3", "-c", ECHO, name, name="echo", ready=lambda each=each: each.listens(9090))
        self.vault.start(
            "python3", "-c", VAULT, made.path("vault.crt"), made.path("vault.key"), name="vault",
            ready=lambda: self.vault.listens(8443))
        mesh.enrol(self.client, "shop", "client", {"app": "client"})
        for name, each in self.backends.items():
            mesh.enrol(each, "shop", "web", {"app": "web", "version": name}, {"http": 8080, "tcp": 9090})
        mesh.enrol(self.vault, "shop", "web", {"app": "vault"}, {"tls": 8443})
        self.start_outside()
        mesh.ctl("gateway", "apply", "istio-ingressgateway", "-n", "istio-system")
        mesh.ctl("gateway", "apply", "istio-egressgateway", "-n", "istio-system")
        self.programs = {}
        self.statuses = []
        self.listen_for_status(lab.folder / "notify.sock")
        self.ingress = self.start(self.edge, "istio-ingressgateway.istio-system")
        self.egress = self.start(
            self.exit, "istio-egressgateway.istio-system", more={"NOTIFY_SOCKET": str(lab.folder / "notify.sock")})
        for name in ("istio-ingressgateway", "istio-egressgateway"):
            eventually(lambda name=name: re.search(rf"{name} +True", self.gateways()), f"{name} serves", 30)

    def start_outside(self):
        self.outside.start(
            "python3", LAB / "http_backend.py", "--name", "external", "--port", 8090, name="external",
            ready=lambda: self.outside.listens(8090))

    def environment(self, host, name, variable="AMBIT_GATEWAY"):
        folder = self.lab.folder / f"{host.short}-{name}"
        folder.mkdir(exist_ok=True)
        return self.mesh.node_environment(host, self.credentials[host.short], extra={
            variable: name, "AMBIT_HBONE_PORT": "auto", "AMBIT_READINESS_PORT": "0", "AMBIT_WORKER_THREADS": "2",
            "AMBIT_STATE_DIR": str(folder)})

    def listen_for_status(self, path):
        """Keeps what the egress gateway tells the service manager that it does."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(str(path))

        def hear():
            while True:
                for line in manager.recv(65536).decode().splitlines():
                    if line.startswith("STATUS="):
                        self.statuses.append(line.removeprefix("STATUS="))
        threading.Thread(target=hear, daemon=True).start()

    def start(self, host, name, variable="AMBIT_GATEWAY", more=None):
        # What the unit leaves it of root's capabilities.
        return host.start(
            "setpriv", "--bounding-set", "-all,+net_bind_service", "--inh-caps", "-all", self.mesh.programs / "waypoint",
            "proxy", name=name, env={**self.environment(host, name, variable), **(more or {})},
            ready=lambda: host.listens(15108))

    def gateways(self):
        return self.mesh.ctl("gateway", "list", "-n", "istio-system").stdout

    @contextlib.contextmanager
    def applied(self, *sources, namespace="shop"):
        """Documents (paths or texts) that are there for the length of a block."""
        texts = [source.read_text() if isinstance(source, pathlib.Path) else source for source in sources]
        everything = "\n---\n".join(texts)
        self.mesh.ctl("apply", "-n", namespace, "-f", "-", input=everything)
        try:
            yield
        finally:
            self.mesh.ctl("delete", "-n", namespace, "--ignore-not-found", "-f", "-", input=everything)

    def curl(self, url, *options, host=None):
        """curl outside of the mesh: (status, body); 0 with curl's words where no answer came."""
        named = ("-H", f"Host: {host}") if host else ()
        done = self.outside.run(
            "curl", "-sS", "-m", 10, "-w", "\n%{http_code}", *named, *options, url, check=False, timeout=15)
        body, _, status = done.stdout.rpartition("\n")
        return (int(status or 0), body if int(status or 0) else done.stderr.strip())

    def get(self, path="/", *options, port=80, host=None):
        return self.curl(f"http://{self.edge.address}:{port}{path}", *options, host=host)

    def tls(self, name, path="/", *options, root="web-root", port=443):
        """curl with TLS, under a name that leads to the ingress gateway."""
        return self.curl(
            f"https://{name}:{port}{path}", "--resolve", f"{name}:{port}:{self.edge.address}", "--cacert",
            self.certificates.path(f"{root}.crt"), *options)

    def client_certificate(self, name):
        return ("--cert", self.certificates.path(f"{name}.crt"), "--key", self.certificates.path(f"{name}.key"))

    def served(self, what, wanted, deadline=20):
        """Waits until a call returns a status."""
        eventually(lambda: what()[0] == wanted, f"the answer is {wanted}, not {what()}", deadline)
        return what()

    def logged(self, pattern, program=None):
        program = program or self.ingress
        return eventually(lambda: re.search(pattern, program.log()), f"{pattern} is in the log")

    def talk(self, port):
        done = self.outside.run("python3", "-c", TALK, self.edge.address, port, check=False, timeout=20)
        return done.stdout.strip()

    def show(self):
        self.lab.show_logs(40)


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitgw") as lab:
        yield Fixture(lab, programs)


# A port's name is one in its Gateway.
NAMES = itertools.count(1)


def gateway(name, servers, selector="ingressgateway"):
    return f"""
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}}}
spec:
  selector: {{istio: {selector}}}
  servers: {servers}
"""


def server(port, protocol, hosts, tls=""):
    return f"{{port: {{number: {port}, name: p{next(NAMES)}, protocol: {protocol}}}, hosts: {json.dumps(hosts)}{', tls: ' + tls if tls else ''}}}"


def routes(name, hosts, gateways, http="[{route: [{destination: {host: web, port: {number: 80}}}]}]", kind="http"):
    return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}}}
spec:
  hosts: {json.dumps(hosts)}
  gateways: {json.dumps(gateways)}
  {kind}: {http}
"""


SHOP = gateway("front", "[" + server(80, "HTTP", ["shop.example"]) + "]")


# The files of courses and samples, as they are.


@needs_shared
def test_the_bookinfo_gateway(fixture):
    with fixture.applied(SAMPLES / "bookinfo/networking/bookinfo-gateway.yaml"):
        assert re.search("istio-ingressgateway +True +8080 ", fixture.gateways()), fixture.gateways()
        status, body = fixture.served(lambda: fixture.get("/productpage", port=8080), 200)
        assert json.loads(body)["name"] in VERSIONS, body
        assert fixture.get("/static/x", port=8080)[0] == 200
        assert fixture.get("/nothing", port=8080)[0] == 404
        fixture.logged(r'"GET /nothing HTTP/1\.1" 404 NR route_not_found')
        fixture.logged(r'"GET /productpage HTTP/1\.1" 200 - via_upstream .* outbound\|9080\|\|productpage\.shop\.svc\.cluster\.local')
    eventually(lambda: not fixture.edge.listens(8080), "the port is closed again")


@needs_shared
def test_the_helloworld_gateway(fixture):
    with fixture.applied(SAMPLES / "helloworld/helloworld-gateway.yaml"):
        fixture.served(lambda: fixture.get("/hello"), 200)
        assert fixture.get("/hello/more")[0] == 404 and fixture.get("/")[0] == 404
        fixture.logged(r"outbound\|5000\|\|helloworld\.shop\.svc\.cluster\.local")


@needs_shared
def test_the_gateway_of_a_certificate_program(fixture):
    """certmanager-gateway.yaml sends the challenges of ACME to a service of the gateway's own namespace; here one outside."""
    resolver = f"""
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: cert-manager-resolver}}
spec:
  hosts: [cert-manager-resolver.istio-system.svc.cluster.local]
  ports: [{{number: 8089, name: http, protocol: HTTP, targetPort: 8090}}]
  resolution: STATIC
  endpoints: [{{address: {fixture.outside.address}}}]
"""
    with fixture.applied(SAMPLES / "bookinfo/networking/certmanager-gateway.yaml", resolver, namespace="istio-system"):
        status, body = fixture.served(lambda: fixture.get("/.well-known/acme-challenge/token"), 200)
        assert json.loads(body)["name"] == "external", body
        assert fixture.get("/.well-known/other")[0] == 404


@needs_shared
def test_a_seed_gateway_serves_its_host_and_no_other(fixture):
    with fixture.applied(SEEDS / "000-ecommerce-gateway.yaml", routes("shop", ["ecommerce.com"], ["ecommerce-gateway"])):
        fixture.served(lambda: fixture.get(host="ecommerce.com"), 200)
        assert fixture.get(host="ecommerce.com:80")[0] == 200
        assert fixture.get(host="other.com")[0] == 404
        assert fixture.get()[0] == 404


@needs_shared
def test_the_virtual_service_of_a_course_at_the_gateway_of_a_sample(fixture):
    with fixture.applied(SAMPLES / "httpbin/httpbin-gateway.yaml"), fixture.applied(SEEDS / "003-httpbin-virtualservice.yaml"):
        status, body = fixture.served(lambda: fixture.get("/anything"), 200)
        assert json.loads(body)["path"] == "/anything"
        fixture.logged(r"outbound\|8000\|\|httpbin\.shop\.svc\.cluster\.local")


@needs_shared
def test_a_seed_gateway_that_mirrors(fixture):
    def names():
        answers = (fixture.get("/mirror") for _ in range(10))
        return [json.loads(body)["name"] if status == 200 else status for status, body in answers]
    with fixture.applied(SEEDS / "003-nginx-mirror.yaml"):
        # What answered before these routes may be what was there before them.
        eventually(lambda: names() == ["v1"] * 10, f"v1 answers, not {names()}")

        def shadows():
            return json.loads(fixture.backends["v2"].http("http://127.0.0.1:8080/counts")[1]).get("shadow", 0)
        eventually(lambda: shadows() >= 10, "copies come to v2")


@needs_shared
def test_the_samples_of_tcp_echo(fixture):
    with fixture.applied(SAMPLES / "tcp-echo/tcp-echo-all-v1.yaml"):
        eventually(lambda: fixture.talk(31400) == "v1 hello", "v1 echoes", 20)
        assert all(fixture.talk(31400) == "v1 hello" for _ in range(10))
        fixture.logged(r'"- - -" 0 - - - "-" 5 8 \d+ .* outbound\|9000\|v1\|tcp-echo\.shop\.svc\.cluster\.local')
        fixture.mesh.ctl("apply", "-n", "shop", "-f", SAMPLES / "tcp-echo/tcp-echo-20-v2.yaml")

        def both():
            return {fixture.talk(31400) for _ in range(20)} == {"v1 hello", "v2 hello"}
        eventually(both, "a share goes to v2", 30)


# What requests get.


def test_endpoints_see_the_client_as_behind_istios_gateway(fixture):
    with fixture.applied(SHOP, routes("shop", ["shop.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="shop.example"), 200)
        claims = {
            "x-forwarded-for": "1.2.3.4", "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/shop/sa/admin",
            "x-forwarded-proto": "https", "x-envoy-external-address": "1.2.3.4", "x-envoy-retry-on": "5xx"}
        words = [word for name, value in claims.items() for word in ("-H", f"{name}: {value}")]
        status, body = fixture.get("/seen", *words, host="shop.example")
        fields = {name.lower(): value for name, value in json.loads(body)["headers"]}
        outside = fixture.outside.address
        assert fields["x-forwarded-for"] == f"1.2.3.4, {outside}", fields
        assert fields["x-forwarded-proto"] == "http" and fields["x-envoy-external-address"] == outside, fields
        assert "x-forwarded-client-cert" not in fields and "x-envoy-retry-on" not in fields, fields
        # HTTP/2 with prior knowledge gets the same.
        status, body = fixture.get("/two", "--http2-prior-knowledge", *words, host="shop.example")
        assert status == 200 and {name.lower(): value for name, value in json.loads(body)["headers"]}[
            "x-forwarded-for"] == f"1.2.3.4, {outside}", body
        assert fields["x-request-id"] and fields["host"] == "shop.example", fields
        fixture.logged(rf'"GET /seen HTTP/1\.1" 200 .* \d+ "1\.2\.3\.4, {outside}" "curl/.* {fixture.edge.address}:80 {outside}:\d+ - default')


def test_a_server_admits_the_namespaces_that_its_hosts_name(fixture):
    front = gateway("front", "[" + server(80, "HTTP", ["istio-system/theirs.example", "./ours.example", "*/any.example"]) + "]")
    with fixture.applied(front, routes("shop", ["*.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="ours.example"), 200)
        assert fixture.get(host="any.example")[0] == 200
        assert fixture.get(host="theirs.example")[0] == 404


def test_requests_are_counted_as_istios_gateways_do(fixture):
    with fixture.applied(SHOP, routes("shop", ["shop.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="shop.example"), 200)
        labels = [
            'reporter="source"', 'source_workload="istio-ingressgateway.edge"', 'source_canonical_service="istio-ingressgateway"',
            'destination_service="web.shop.svc.cluster.local"', 'destination_principal="spiffe://cluster.local/ns/shop/sa/web"',
            'response_code="200"', 'connection_security_policy="unknown"']
        page = fixture.edge.run("curl", "-sS", f"http://127.0.0.1:{15308}/stats/prometheus").stdout
        lines = [line for line in page.splitlines() if line.startswith("istio_requests_total{")]
        assert any(all(label in line for label in labels) for line in lines), lines
        fixture.get(host="nobody.example")
        page = fixture.edge.run("curl", "-sS", f"http://127.0.0.1:{15308}/stats/prometheus").stdout
        assert re.search(r'istio_requests_total\{[^}]*response_code="404"[^}]*response_flags="NR"', page), page


def test_https_and_the_redirect_to_it(fixture):
    secret = fixture.certificates.secret(
        "web", {"tls.crt": "web-1.crt", "tls.key": "web-1.key"}, kind="kubernetes.io/tls")
    front = gateway("front", "[" + ", ".join([
        server(80, "HTTP", ["secure.example"], "{httpsRedirect: true}"),
        server(443, "HTTPS", ["secure.example"], "{mode: SIMPLE, credentialName: web, minProtocolVersion: TLSV1_3}")]) + "]")
    with fixture.applied(secret, namespace="istio-system"), fixture.applied(front, routes("shop", ["secure.example"], ["front"])):
        status, body = fixture.served(lambda: fixture.tls("secure.example", "/secret"), 200)
        fields = {name.lower(): value for name, value in json.loads(body)["headers"]}
        assert fields["x-forwarded-proto"] == "https" and "x-forwarded-client-cert" not in fields, fields
        fixture.logged(r'"GET /secret HTTP/2" 200 .* secure\.example default')
        done = fixture.outside.run(
            "curl", "-sS", "-D", "-", "-o", "/dev/null", "-H", "Host: secure.example", f"http://{fixture.edge.address}/a?b=c")
        assert "301" in done.stdout.splitlines()[0] and "location: https://secure.example/a?b=c" in done.stdout, done.stdout
        # A workload of the mesh comes by its tunnel to the same server.
        assert fixture.client.http(
            "https://secure.example/tunnel", "--connect-to", f"secure.example:443:{INGRESS}:443", "--cacert",
            fixture.certificates.path("web-root.crt"))[0] == 200
        # Another name has no server here, an older TLS is not spoken, and the root must fit.
        assert fixture.tls("other.example")[0] == 0
        assert fixture.tls("secure.example", "/", "--tls-max", "1.2")[0] == 0
        assert fixture.tls("secure.example", root="other-root")[0] == 0
        # Both versions of HTTP, as ALPN says.
        for version, words in (("2", ("--http2",)), ("1.1", ("--http1.1",)), ("1.1", ("--no-alpn",))):
            done = fixture.tls("secure.example", "/", "-o", "/dev/null", "-w", "version %{http_version}\n%{http_code}", *words)
            assert done == (200, f"version {version}"), done
        fixture.logged(r'"GET / HTTP/2" 200 - via_upstream')
        # Plain HTTP on the port of TLS gets no answer.
        assert fixture.get(port=443)[0] == 0


def test_mutual_tls_lets_in_who_has_a_certificate_of_the_right_roots(fixture):
    made = fixture.certificates
    opaque = made.secret("pair", {"cert": "web-1.crt", "key": "web-1.key"})
    roots = made.secret("pair-cacert", {"cacert": "client-root.crt"})
    simple = made.secret("web", {"tls.crt": "web-1.crt", "tls.key": "web-1.key"}, kind="kubernetes.io/tls")
    front = gateway("front", "[" + ", ".join([
        server(443, "HTTPS", ["mutual.example"], "{mode: MUTUAL, credentialName: pair}"),
        server(443, "HTTPS", ["optional.example"], "{mode: OPTIONAL_MUTUAL, credentialName: pair}"),
        server(443, "HTTPS", ["secure.example"], "{mode: SIMPLE, credentialName: web}")]) + "]")
    way = routes("shop", ["mutual.example", "secure.example", "optional.example"], ["front"])
    with fixture.applied(opaque, roots, simple, namespace="istio-system"), fixture.applied(front, way):
        good = fixture.client_certificate("good")
        status, body = fixture.served(lambda: fixture.tls("mutual.example", "/", *good), 200)
        fields = {name.lower(): value for name, value in json.loads(body)["headers"]}
        told = fields["x-forwarded-client-cert"]
        assert re.fullmatch(r'Hash=[0-9a-f]{64};Subject="[^"]*CN=good[^"]*";URI=spiffe://elsewhere/good;DNS=good\.example', told), told
        assert fixture.tls("mutual.example")[0] == 0, "nobody comes in without a certificate"
        assert fixture.tls("mutual.example", "/", *fixture.client_certificate("bad"))[0] == 0, "nor with one of other roots"
        for name, status in (("good", 200), ("bad", 0)):
            assert fixture.tls("optional.example", "/", *fixture.client_certificate(name))[0] == status, name
        assert fixture.tls("optional.example")[0] == 200, "a certificate is not demanded"
        assert fixture.tls("secure.example")[0] == 200
        # Nor by the door of another server of the port.
        assert fixture.tls("secure.example", "/", "-H", "Host: mutual.example")[0] == 404


def test_a_new_certificate_is_presented_without_a_restart(fixture):
    made = fixture.certificates
    front = gateway("front", "[" + server(443, "HTTPS", ["secure.example"], "{mode: SIMPLE, credentialName: web}") + "]")

    def shown():
        done = fixture.outside.run(
            "openssl", "s_client", "-connect", f"{fixture.edge.address}:443", "-servername", "secure.example", check=False,
            input="", timeout=15)
        return "CN = web-1" in done.stdout, "CN = web-2" in done.stdout

    def status():
        return fixture.mesh.ctl("gateway", "status", "istio-ingressgateway", "-n", "istio-system").stdout
    with fixture.applied(front, routes("shop", ["secure.example"], ["front"])):
        # Without the Secret: closed, and the log says why.
        fixture.logged(r"Gateway shop/front servers\[0\]: there is no Secret web in namespace istio-system: its TLS handshakes fail")
        eventually(lambda: fixture.edge.listens(443), "the port is open")
        assert fixture.tls("secure.example")[0] == 0
        shown_problem = r"edge: TLS fails at Gateway shop/front servers\[0\]: there is no Secret web in namespace istio-system"
        eventually(lambda: re.search(rf"False +ServersReady +ServersFail +{shown_problem}", status()), "the status names it", 10)
        assert re.search(rf"istio-ingressgateway +True .*{shown_problem}", fixture.gateways()), fixture.gateways()
        # One of another namespace does not count.
        with fixture.applied(made.secret("web", {"tls.crt": "web-1.crt", "tls.key": "web-1.key"}, namespace="shop")):
            assert fixture.tls("secure.example")[0] == 0
        with fixture.applied(made.secret("web", {"tls.crt": "web-1.crt", "tls.key": "web-1.key"}), namespace="istio-system"):
            eventually(lambda: shown()[0], "the first certificate is presented", 20)
            eventually(lambda: re.search("True +ServersReady", status()), "the status is well again", 10)
            assert "TLS fails" not in fixture.gateways(), fixture.gateways()
            fixture.mesh.ctl("apply", "-f", "-", input=made.secret("web", {"tls.crt": "web-2.crt", "tls.key": "web-2.key"}))
            eventually(lambda: shown()[1], "the second certificate is presented", 20)
            assert fixture.tls("secure.example")[0] == 200
            # Keys are on the disk as certificates are: for root alone; other nodes do not have them.
            key = made.path("web-2.key").read_text().splitlines()[1]
            stored = [path for path in fixture.lab.folder.rglob("networking.pb")]
            having = [path for path in stored if key in path.read_bytes().decode("latin-1").replace("\\n", "\n")]
            eventually(lambda: stored, "the state is on the disk")
            assert all("edge" in str(path) for path in having), having
            assert all(path.stat().st_mode & 0o077 == 0 for path in stored), stored
        eventually(lambda: fixture.tls("secure.example")[0] == 0, "without its Secret the server is closed", 20)


class HostFiles:
    """Certificates in files of the gateway's host, each replaced in one step as certificate programs do."""

    def __init__(self, fixture, name):
        self.made = fixture.certificates
        self.folder = fixture.lab.folder / name
        self.folder.mkdir()

    def path(self, name):
        return self.folder / name

    def put(self, name, text):
        draft = self.path(name + ".new")
        draft.write_text(text)
        draft.rename(self.path(name))

    def pair(self, name, source):
        """Key and certificate under a name, as a block of `tls`."""
        for end in ("key", "crt"):
            self.put(f"{name}.{end}", self.made.path(f"{source}.{end}").read_text())
        return self.named(name)

    def named(self, name):
        return f"serverCertificate: {self.path(name)}.crt, privateKey: {self.path(name)}.key"


FILES = [f"{name}.files.example" for name in ("late", "plain", "mutual", "two", "hash", "spki", "either", "any", "secret")]


def presented(fixture, name, *words):
    """The subject of the certificate that a server presents."""
    done = fixture.outside.run(
        "openssl", "s_client", "-connect", f"{fixture.edge.address}:443", "-servername", name, *words, check=False, input="",
        timeout=15)
    found = re.search(r"^subject=.*CN ?= ?(\S+)", done.stdout, re.MULTILINE)
    return found and found.group(1)


def test_certificates_in_files_of_the_host(fixture):
    made = fixture.certificates
    files = HostFiles(fixture, "host-files")
    for name in ("files-1", "files-2"):
        made.issue(name, "web-root", f"/CN={name}", ",".join(f"DNS:{host}" for host in FILES))
    made.issue("files-rsa", "web-root", "/CN=files-rsa", "DNS:two.files.example", kind="rsa:2048")
    made.issue("other", "client-root", "/CN=other", "DNS:other.example")
    made.revocations("client-root")
    files.put("crl", made.path("client-root.crl").read_text())
    clients = f"caCertificates: {made.path('client-root.crt')}"
    web = files.pair("web", "files-1")
    rsa = files.pair("rsa", "files-rsa")
    good, other = made.digests("good"), made.digests("other")
    tls = {
        "late": f"mode: SIMPLE, {files.named('late')}",
        "plain": f"mode: SIMPLE, {web}",
        "mutual": f"mode: MUTUAL, {web}, {clients}, caCrl: {files.path('crl')}",
        "two": f"mode: SIMPLE, tlsCertificates: [{{{web}}}, {{{rsa}}}]",
        "hash": f"mode: MUTUAL, {web}, {clients}, verifyCertificateHash: ['{good[0]}']",
        "spki": f"mode: MUTUAL, {web}, {clients}, verifyCertificateSpki: ['{other[1]}']",
        "either": f"mode: OPTIONAL_MUTUAL, {web}, {clients}, verifyCertificateHash: ['{good[0].replace(':', '').lower()}'], "
                  f"verifyCertificateSpki: ['{other[1]}']",
        "any": f"mode: OPTIONAL_MUTUAL, {web}, {clients}, insecureSkipVerify: true",
        "secret": "mode: MUTUAL, credentialName: revoking"}
    front = gateway("front", "[" + ", ".join(
        server(443, "HTTPS", [f"{name}.files.example"], f"{{{block}}}") for name, block in tls.items()) + "]")
    roots = {"tls.crt": "files-1.crt", "tls.key": "files-1.key", "ca.crt": "client-root.crt", "ca.crl": "client-root.crl"}

    def status(name, client=None):
        return fixture.tls(f"{name}.files.example", "/", *(fixture.client_certificate(client) if client else ()))[0]

    with fixture.applied(made.secret("revoking", roots), namespace="istio-system"), fixture.applied(front, routes("shop", FILES, ["front"])):
        # A file that is not there closes its server, is named with a remedy, and costs the others nothing.
        fixture.served(lambda: fixture.tls("plain.files.example"), 200)
        fixture.logged(
            r"Gateway shop/front servers\[0\]: the file \S+/late\.crt cannot be read: No such file or directory; put it on the "
            r"gateway's host, readable by root: its TLS handshakes fail")
        assert status("late") == 0
        assert presented(fixture, "plain.files.example") == "files-1"
        # Of two certificates the client gets the one that it can use.
        suites = {"files-1": "ECDHE-ECDSA-AES128-GCM-SHA256", "files-rsa": "ECDHE-RSA-AES128-GCM-SHA256"}
        for name, suite in suites.items():
            assert presented(fixture, "two.files.example", "-tls1_2", "-cipher", suite) == name
        # Who may come in: nobody, the client that is good, another one of the same roots, one of other roots.
        wanted = {
            "mutual": (0, 200, 200, 0), "hash": (0, 200, 0, 0), "spki": (0, 0, 200, 0), "either": (200, 200, 200, 0),
            "any": (200, 200, 200, 200), "secret": (0, 200, 200, 0)}
        for name, statuses in wanted.items():
            found = tuple(status(name, client) for client in (None, "good", "other", "bad"))
            assert found == statuses, (name, found)
        # What was taken without looking is told to who can look.
        told = {key.lower(): value for key, value in json.loads(
            fixture.tls("any.files.example", "/", *fixture.client_certificate("bad"))[1])["headers"]}
        assert "CN=bad" in told["x-forwarded-client-cert"], told
        # Files that come, and that change.
        files.pair("late", "files-1")
        fixture.served(lambda: fixture.tls("late.files.example"), 200)
        files.pair("web", "files-2")
        eventually(lambda: presented(fixture, "plain.files.example") == "files-2", "the new certificate is presented", 20)
        assert presented(fixture, "late.files.example") == "files-1"
        # A client that is on the list from now on: that of the file, and that of the Secret.
        files.put("crl", made.revocations("client-root", "other"))
        fixture.mesh.ctl("apply", "-f", "-", input=made.secret("revoking", roots))
        for name in ("mutual", "secret"):
            eventually(lambda name=name: status(name, "other") == 0, f"{name} refuses the client that was revoked", 20)
            assert status(name, "good") == 200
        fixture.logged(r"servers\[2\]: the certificate of other\.example is refused: certificate revoked")
        fixture.logged(r"servers\[4\]: peer certificate is for other\.example, and neither its SHA-256")
        # A file that goes closes its server again.
        files.path("late.key").unlink()
        eventually(lambda: status("late") == 0, "without its key the server is closed", 20)
        assert status("plain") == 200


def test_the_status_of_a_gateway_says_which_server_fails(fixture):
    files = "{mode: SIMPLE, serverCertificate: /nowhere/tls.crt, privateKey: /nowhere/tls.key}"
    broken = gateway("broken", "[" + server(8443, "HTTPS", ["broken.example"], files) + "]", "egressgateway")
    wanted = ("but TLS fails at Gateway shop/broken servers[0]: the file /nowhere/tls.crt cannot be read: No such file or directory; "
              "put it on the gateway's host, readable by root")
    with fixture.applied(broken):
        eventually(lambda: fixture.statuses[-1].endswith(wanted), f"the status says {wanted}", 20)
        assert re.search(r" serves on port \d+, of Gateways: 8443,", fixture.statuses[-1]), fixture.statuses[-1]
    eventually(lambda: "fails" not in fixture.statuses[-1], "the status is well again", 20)


def test_tls_passes_through_by_its_name(fixture):
    front = gateway("front", "[" + server(443, "TLS", ["vault.example", "*.none.example"], "{mode: PASSTHROUGH}") + "]")
    way = routes("vault", ["vault.example", "*.none.example"], ["front"],
                 "[{match: [{port: 443, sniHosts: [vault.example]}], route: [{destination: {host: vault, port: {number: 443}}}]}]", "tls")
    with fixture.applied(front, way):
        assert fixture.served(lambda: fixture.tls("vault.example"), 200) == (200, "vault")
        assert fixture.tls("other.example")[0] == 0
        assert fixture.tls("a.none.example")[0] == 0
        fixture.logged(r'"- - -" 0 NR - - "no route of')
        fixture.logged(r'outbound\|443\|\|vault\.shop\.svc\.cluster\.local .* vault\.example -')
        # A hello that comes in pieces, byte by byte.
        code = (
            "import socket, ssl, sys\n"
            "context = ssl.create_default_context(cafile=sys.argv[2])\n"
            "incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()\n"
            "tls = context.wrap_bio(incoming, outgoing, server_hostname='vault.example')\n"
            "s = socket.create_connection((sys.argv[1], 443), 10); s.setsockopt(6, 1, 1)\n"
            "while True:\n"
            "    try:\n        tls.do_handshake(); break\n"
            "    except ssl.SSLWantReadError:\n"
            "        for byte in outgoing.read(): s.sendall(bytes([byte]))\n"
            "        incoming.write(s.recv(65536))\n"
            "print(tls.getpeercert()['subject'])")
        done = fixture.outside.run(
            "python3", "-c", code, fixture.edge.address, fixture.certificates.path("web-root.crt"), timeout=30)
        assert "vault" in done.stdout, done.stdout


def test_tls_of_sidecars_is_refused_by_name(fixture):
    """AUTO_PASSTHROUGH: the name of a service in Istio's form leads nowhere, and API and log say why; other servers go on."""
    front = gateway("front", "[" + ", ".join([
        server(443, "TLS", ["*.local"], "{mode: AUTO_PASSTHROUGH}"), server(443, "TLS", ["vault.example"], "{mode: PASSTHROUGH}")]) + "]")
    way = routes("vault", ["vault.example"], ["front"],
                 "[{match: [{port: 443, sniHosts: [vault.example]}], route: [{destination: {host: vault, port: {number: 443}}}]}]", "tls")
    warned = fixture.mesh.ctl("apply", "-n", "shop", "-f", "-", input=front)
    assert "an ambient mesh has none; use PASSTHROUGH" in warned.stdout + warned.stderr, warned
    with fixture.applied(front, way):
        assert fixture.served(lambda: fixture.tls("vault.example"), 200) == (200, "vault")
        # Before that the vault may answer by the Gateway of the test before.
        fixture.logged(r"servers\[0\]: mode AUTO_PASSTHROUGH is for sidecars, which an ambient mesh has none of: use PASSTHROUGH: its connections are refused")
        assert fixture.tls("outbound_.443_._.vault.shop.svc.cluster.local")[0] == 0
        fixture.logged(r"a connection of \S+ to port 443 is closed: Gateway shop/front servers\[0\]: mode AUTO_PASSTHROUGH")


def test_a_gateway_that_begins_again_serves_what_it_did_and_nothing_else(fixture):
    with fixture.applied(SHOP, routes("shop", ["shop.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="shop.example"), 200)
        for number in range(5):
            fixture.ingress.stop()
            load = fixture.outside.start(
                "python3", "-c", BEGIN, fixture.edge.address, "shop.example", 2000, name=f"begin-{number}")
            fixture.ingress = fixture.start(fixture.edge, "istio-ingressgateway.istio-system")
            load.popen.wait(timeout=40)
            good, odd = json.loads(load.log().splitlines()[-1])
            assert good >= 2000 and not odd, (number, good, odd)


def test_a_gateway_whose_entry_is_deleted_reports_itself_and_serves_on(fixture):
    """What the control plane sends meanwhile has no routes and no Gateways for this host."""
    folder = fixture.lab.folder

    def entries():
        return fixture.mesh.ctl("get", "workloadentries", "-n", "istio-system", "-o", "name").stdout.split()

    with fixture.applied(SHOP, routes("shop", ["shop.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="shop.example"), 200)
        load = fixture.outside.start(
            "python3", "-c", CALLS, fixture.edge.address, 80, "shop.example", "fresh", folder / "deleted.stop", name="deleted")
        eventually(lambda: "begun" in load.log(), "the load has begun")
        for _ in range(5):
            entry = next(name for name in entries() if "ingress" in name)
            fixture.mesh.ctl("delete", "-n", "istio-system", entry)
            eventually(lambda entry=entry: entry in entries(), "the gateway has reported itself", 4)
        (folder / "deleted.stop").touch()
        load.popen.wait(timeout=20)
        answered, failed = json.loads(load.log().splitlines()[-1])
        assert answered > 20 and not failed, (answered, failed)


def test_a_gateway_that_comes_and_goes_costs_others_nothing(fixture):
    folder = fixture.lab.folder
    with fixture.applied(SHOP, routes("shop", ["shop.example"], ["front"])):
        fixture.served(lambda: fixture.get(host="shop.example"), 200)
        loads = {
            kind: fixture.outside.start(
                "python3", "-c", CALLS, fixture.edge.address, 80, "shop.example", kind, folder / f"{kind}.stop", name=kind)
            for kind in ("kept", "fresh")}
        for load in loads.values():
            eventually(lambda load=load: "begun" in load.log(), "the load has begun")
        more = gateway("more", "[" + server(8081, "HTTP", ["*"]) + "]")
        for _ in range(3):
            with fixture.applied(more, routes("more", ["*"], ["more"])):
                fixture.served(lambda: fixture.get(port=8081), 200)
            eventually(lambda: not fixture.edge.listens(8081), "the port is closed")
        # A new generation of the program, too: it has the same sockets.
        with open(folder / "reload.log", "ab") as log:
            done = subprocess.run(
                ["ip", "netns", "exec", fixture.edge.name, fixture.mesh.programs / "waypoint", "reload"], timeout=60,
                stdout=log, stderr=log, env={**os.environ, **fixture.environment(fixture.edge, "istio-ingressgateway.istio-system")})
        assert done.returncode == 0, (folder / "reload.log").read_text()
        eventually(lambda: "took over" in (folder / "reload.log").read_text(), "the next one has taken over")
        for kind, load in loads.items():
            (folder / f"{kind}.stop").touch()
            load.popen.wait(timeout=20)
            answered, failed = json.loads(load.log().splitlines()[-1])
            assert answered > 20 and not failed, (kind, answered, failed)
        fixture.ingress = Reloaded(folder / "reload.log")
        assert fixture.get(host="shop.example")[0] == 200


class Reloaded:
    """The log of a generation that `reload` started."""

    def __init__(self, path):
        self.path = path

    def log(self):
        return self.path.read_text(errors="replace")


def test_a_port_that_is_taken_is_said_and_costs_no_other(fixture):
    taken = fixture.edge.start(
        "python3", "-m", "http.server", "8082", name="taken", ready=lambda: fixture.edge.listens(8082))
    both = gateway("both", "[" + server(8082, "HTTP", ["*"]) + ", " + server(8083, "HTTP", ["*"]) + "]")
    with fixture.applied(both, routes("both", ["*"], ["both"])):
        fixture.served(lambda: fixture.get(port=8083), 200)
        fixture.logged(r"port 8082 cannot be opened: ")
        eventually(lambda: "; edge: port 8082 cannot be opened: " in fixture.gateways(), "the list names it", 10)
        taken.stop()
        fixture.served(lambda: fixture.get(port=8082), 200)
        eventually(lambda: "cannot be opened" not in fixture.gateways(), "the list is well again", 10)


# The mesh and its gateways.


def test_workloads_of_the_mesh_reach_the_outside_by_the_egress_gateway(fixture):
    external = f"""
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: external, labels: {{istio.io/use-waypoint: waypoint}}}}
spec:
  hosts: [external.example]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP, targetPort: 8090}}]
  endpoints: [{{address: {fixture.outside.address}}}]
"""
    front = gateway("leave", "[" + server(80, "HTTP", ["external.example"]) + "]", "egressgateway")
    way = routes(
        "external", ["external.example"], ["mesh", "leave"],
        f"[{{match: [{{gateways: [mesh], port: 80}}], route: [{{destination: {{host: {EGRESS}, port: {{number: 80}}}}}}]}}, "
        "{match: [{gateways: [leave], port: 80}], route: [{destination: {host: external.example, port: {number: 80}}}]}]")
    fixture.mesh.ctl("waypoint", "apply", "-n", "shop")
    waypoint = fixture.exit.start(
        fixture.mesh.programs / "waypoint", "proxy", name="waypoint",
        env=fixture.environment(fixture.exit, "waypoint.shop", "AMBIT_WAYPOINT"), ready=lambda: fixture.exit.listens(15109))
    with fixture.applied(external, front, way):
        def name():
            status, body = fixture.client.http("http://external.example/out")
            return (status, json.loads(body)) if status == 200 else (status, body)
        eventually(lambda: name()[0] == 200, "an answer comes from outside", 40)
        fixture.logged(r'"GET /out HTTP/1\.1" 200 .* outbound\|80\|\|external\.example', fixture.egress)
        fixture.logged(r'"GET /out HTTP/1\.1" 200 .*istio-egressgateway', waypoint)
        status, answer = name()
        fields = {key.lower(): value for key, value in answer["headers"]}
        assert answer["name"] == "external" and fields["x-forwarded-client-cert"].endswith("sa/waypoint"), answer
        # Only the gateway talks to the outside, and nothing goes to it in the clear.
        status, body = fixture.client.http(f"http://{EGRESS}/direct", "-H", "Host: external.example")
        assert status == 200 and "sa/client" in body, (status, body)
        assert fixture.client.http(f"http://{EGRESS}/direct", "-H", "Host: other.example")[0] == 404
        # By its address, too.
        status, body = fixture.client.http(f"http://{fixture.exit.address}/direct", "-H", "Host: external.example")
        assert status == 200 and "sa/client" in body, (status, body)
    waypoint.stop()


def test_a_gateway_reaches_its_target_through_a_proxy(fixture):
    """Istio's external forward proxy: a port of TCP, whose connections a DestinationRule sends through CONNECT."""
    proxy = fixture.outside.start(
        "python3", LAB / "connect_proxy.py", "--port", 3128, name="forward-proxy", ready=lambda: fixture.outside.listens(3128))
    external = f"""
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: external-proxy}}
spec:
  hosts: [my-company-proxy.example]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{{number: 3128, name: tcp, protocol: TCP}}]
  endpoints: [{{address: {fixture.outside.address}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: tunnel}}
spec:
  host: my-company-proxy.example
  subsets:
  - name: external
    trafficPolicy: {{tunnel: {{protocol: CONNECT, targetHost: {fixture.outside.address}, targetPort: 8090}}}}
"""
    front = gateway("front", "[" + server(31401, "TCP", ["*"]) + "]")
    way = routes("far", ["*"], ["front"], "[{match: [{port: 31401}], route: [{destination: "
                 "{host: my-company-proxy.example, subset: external, port: {number: 3128}}}]}]", "tcp")
    with fixture.applied(external, front, way):
        status, body = fixture.served(lambda: fixture.get("/far", port=31401), 200)
        assert json.loads(body)["name"] == "external" and json.loads(body)["path"] == "/far", body
        assert json.loads(proxy.log().splitlines()[-1])["line"] == f"CONNECT {fixture.outside.address}:8090 HTTP/1.1"
        fixture.logged(r'"- - -" 0 - .* outbound\|3128\|external\|my-company-proxy\.example')
    proxy.stop()


def test_a_server_for_the_mesh_alone_is_closed_to_others(fixture):
    mesh = gateway("mesh-only", "[" + server(443, "HTTPS", ["*"], "{mode: ISTIO_MUTUAL}") + "]", "egressgateway")
    answer = "[{directResponse: {status: 218, body: {string: inside}}}]"
    with fixture.applied(mesh, routes("inside", ["*"], ["mesh-only"], answer)):
        eventually(lambda: fixture.client.http(f"http://{EGRESS}:443/")[0] == 218, "a workload of the mesh is served", 20)
        status, _ = fixture.curl(f"https://{fixture.exit.address}/", "-k")
        assert status == 0
        fixture.logged(r"servers\[0\] is for clients of the mesh only|no server is for the name", fixture.egress)
