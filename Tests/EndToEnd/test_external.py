"""Services outside the mesh behind a waypoint: names and their changes, TLS of the waypoint's own, the PROXY protocol, routes by server name."""

import collections
import contextlib
import ctypes
import json
import os
import pathlib
import re
import socket
import time

import envoy
from certificates import Authority
from lab import Failure, Lab, eventually, run
from mesh import Mesh
from shared import SAMPLES, SEEDS, needs_shared

LAB = pathlib.Path(__file__).parents[1] / "Lab"
PORT = 15009
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
"""
ENTRY = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: %(name)s, namespace: shop}
spec:
  hosts: [%(host)s]
  ports: [{number: %(port)s, name: %(protocol)s, protocol: %(PROTOCOL)s, targetPort: %(target)s}]
  location: MESH_EXTERNAL
  resolution: DNS
---
"""
RULE = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: %(name)s, namespace: shop}
spec:
  host: %(host)s
  trafficPolicy: %(policy)s
"""

# Addresses of one name that are used (`DataPlaneLimits.addressesPerName`), and a name with more.
ADDRESSES_PER_NAME = 64
CROWD = 70
BIG = 2_000_000
NGINX = """
worker_processes 1; daemon off; pid %(folder)s/nginx.pid; error_log stderr; events { worker_connections 256; }
http {
  access_log off; client_body_temp_path %(folder)s/nginx-body; proxy_temp_path %(folder)s/nginx-proxy; fastcgi_temp_path %(folder)s/nginx-fastcgi;
  uwsgi_temp_path %(folder)s/nginx-uwsgi; scgi_temp_path %(folder)s/nginx-scgi;
  ssl_certificate %(certificate)s; ssl_certificate_key %(key)s;
  server {
    listen 8446 ssl http2;
    location / { return 200 '{"name": "nginx", "peer": "$remote_addr", "protocol": "$server_protocol", "alpn": "$ssl_alpn_protocol", "sni": "$ssl_server_name", "connection": $connection}'; }
    location /big { alias %(folder)s/big; }
  }
  server { listen 8447 ssl; location / { return 200 '{"name": "nginx-1.1", "peer": "$remote_addr", "protocol": "$server_protocol"}'; } }
}
"""


class Fixture:
    """A client on the first host, a waypoint on the second, servers that are not in the mesh on the third."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second, self.outside = (lab.host(name) for name in ("client-host", "way-host", "outside"))
        self.client = self.first.workload("client")
        self.later = self.outside.workload("later")
        self.many = [self.outside.workload(f"many-{number}") for number in (1, 2, 3)]
        self.authority = Authority(lab.folder / "outside-ca", "the outside world")
        # Among the roots of the waypoint's machine.
        self.public = Authority(lab.folder / "public-ca", "a public authority")
        self.stranger = Authority(lab.folder / "stranger-ca", "somebody else")
        self.start_names()
        mesh.start_control()
        self.apply(CONFIGURATION % {"port": PORT, "address": self.second.address, "node": self.second.short})
        self.start_servers()
        mesh.start_node(
            self.first, mesh.issue(self.first.short, "shop/client"), workers=2,
            extra={"AMBIT_DNS_UPSTREAM": self.outside.address})
        self.credentials = mesh.issue(self.second.short, "shop/waypoint")
        mesh.enrol(self.client, "shop", "client")
        environment = mesh.node_environment(
            self.second, self.credentials,
            extra={"AMBIT_WAYPOINT": "shop/waypoint", "AMBIT_HBONE_PORT": str(PORT), "AMBIT_WORKER_THREADS": "2",
                   "SSL_CERT_FILE": str(self.public.root)})
        self.waypoint = self.second.start(
            mesh.programs / "waypoint", "proxy", name="waypoint", env=environment,
            ready=lambda: self.second.listens(PORT) and self.second.listens(15021))

    def start_names(self):
        here = self.outside.address
        self.names = {
            name: {"ttl": 1, "addresses": [here]} for name in (
                "api.example.com", "secure.example.com", "strict.example.com", "proxy-one.example.com", "proxy-two.example.com",
                "moving.example.com", "one.example.com", "two.example.com", "plain.example.com")}
        self.names["www.googleapis.com"] = {"ttl": 1, "addresses": [self.later.address]}
        self.names["many.example.com"] = {"ttl": 1, "addresses": [each.address for each in self.many]}
        self.names["half.example.com"] = self.names["pool.example.com"] = self.names["many.example.com"]
        self.names["crowd.example.com"] = {"ttl": 60, "addresses": [f"127.0.1.{number}" for number in range(1, CROWD + 1)]}
        for name in ("fast", "declared", "slow", "deaf", "alive", "quiet"):
            self.names[f"{name}.example.com"] = {"ttl": 60, "addresses": [here]}
        self.names["both.example.com"] = {"ttl": 1, "addresses": [self.outside.address6, here]}
        self.write_names()
        for host in (self.second, self.first):
            host.resolver(here, ["example.invalid"])
        self.name_server = self.outside.start(
            "python3", LAB / "name_server.py", here, self.lab.folder / "names.json", name="names",
            ready=lambda: "ready" in self.lab.processes[-1].log())

    def write_names(self):
        path = self.lab.folder / "names.json"
        path.with_suffix(".new").write_text(json.dumps(self.names))
        path.with_suffix(".new").rename(path)

    def start_servers(self):
        hosts = ["api", "secure", "strict", "one", "two", "both", "fast", "declared", "slow", "deaf"]
        leaf = self.certificate("outside", [f"DNS:{name}.example.com" for name in hosts])
        self.server_leaf = leaf
        tls = ("--certificate", leaf[0], "--key", leaf[1])
        self.serve(self.outside, "api", 443, *tls)
        self.serve(self.outside, "secure", 8443, *tls)
        self.serve(self.outside, "strict", 8444, *tls, "--client-ca", self.authority.root)
        self.serve(self.outside, "two", 8445, *tls)
        self.serve(self.outside, "proxy", 8081, "--proxy")
        self.serve(self.outside, "plain", 8082)
        self.serve(self.later, "later", 8082)
        for each in self.many:
            self.serve(each, each.short, 8090)
        self.serve(self.second, "crowd", 8092)
        self.start_nginx(*leaf)
        self.serve(self.outside, "deaf", 8448, *tls)
        google = self.certificate("googleapis", ["DNS:www.googleapis.com"], self.public)
        self.serve(self.later, "googleapis", 443, "--certificate", google[0], "--key", google[1])
        self.client_leaf = self.certificate("waypoint-client", ["DNS:waypoint.client"])

    def start_nginx(self, certificate, key):
        """On 8446 HTTP/2 or HTTP/1.1, as ALPN says; on 8447 HTTP/1.1 only, which refuses a client that wants HTTP/2 by ALPN."""
        big = self.lab.folder / "big"
        big.write_bytes(b"x" * BIG)
        path = self.lab.folder / "nginx.conf"
        path.write_text(NGINX % {"folder": self.lab.folder, "certificate": certificate, "key": key})
        self.outside.start(
            "nginx", "-e", "stderr", "-c", path, name="nginx", ready=lambda: self.outside.listens(8446) and self.outside.listens(8447))

    def certificate(self, name, names, authority=None):
        """A leaf with these names, of the outside authority unless another is given, and its key."""
        authority = authority or self.authority
        key, certificate, request = (authority.folder / f"{name}.{end}" for end in ("key", "crt", "csr"))
        extensions = authority.folder / f"{name}.ext"
        authority.new_key(key)
        run("openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        extensions.write_text(
            f"subjectAltName={','.join(names)}\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n"
            "basicConstraints=critical,CA:FALSE\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", authority.root, "-CAkey", authority.key, "-CAcreateserial",
            "-days", 2, "-sha256", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def serve(self, where, name, port, *options):
        return where.start(
            "python3", LAB / "external_server.py", "--name", name, "--port", port, *options, name=f"server-{name}",
            ready=lambda: where.listens(port))

    def apply(self, text, *words):
        self.mesh.ctl("apply", "-f", "-", *words, input=text)

    def entry(self, name, port=80, protocol="http", target=80):
        return ENTRY % {"name": name, "host": f"{name}.example.com", "port": port, "protocol": protocol,
                        "PROTOCOL": protocol.upper(), "target": target}

    def rule(self, name, policy):
        return RULE % {"name": name, "host": f"{name}.example.com", "policy": json.dumps(policy)}

    def get(self, url, *options):
        status, body = self.client.http(url, *options)
        return status, json.loads(body) if status == 200 else body

    def answers(self, url, *options, condition=lambda answer: True, direct=False):
        """The answer, once the configuration has arrived: before, a name leads past the waypoint, as `direct` wants it."""
        last = [None]

        def ask():
            last[0] = self.get(url, *options)
            status, answer = last[0]
            way = status == 200 and answer["peer"] in (self.second.address, self.second.address6)
            return status == 200 and way != direct and condition(answer)

        try:
            eventually(ask, f"{url} answers", 20)
        except Failure as failure:
            raise Failure(f"{failure}: it said {last[0]}") from None
        return last[0][1]

    def proxy(self, name, port, *options):
        """A forward proxy under a name, with a service of TCP."""
        self.names[f"{name}.example.com"] = {"ttl": 1, "addresses": [self.outside.address]}
        self.write_names()
        self.apply(self.entry(name, 3128, "tcp", port))
        return self.outside.start(
            "python3", LAB / "connect_proxy.py", "--port", port, *options, name=f"proxy-{name}",
            ready=lambda: self.outside.listens(port))

    def talk(self, name, *words):
        """What comes back on a connection of TCP that says a line and ends; with `hold` it waits for the echo only."""
        done = self.client.run("python3", "-c", TALK, f"{name}.example.com", 3128, *words, check=False, timeout=30)
        return done.stdout.strip()

    def logs(self, *texts):
        """Waits for one line of the waypoint's log with all of these."""
        eventually(
            lambda: any(all(text in line for text in texts) for line in self.waypoint.log().splitlines()),
            f"the waypoint says: {texts}", 10)

    def says(self, text):
        """Waits for a line of the waypoint's log."""
        eventually(lambda: text in self.waypoint.log(), f"the waypoint says: {text}", 10)

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitext") as lab:
        yield Fixture(lab, programs)


@needs_shared
def test_the_seeds_external_api_is_reached_by_its_name(fixture):
    """000-external-api-serviceentry.yaml, unmodified: the client speaks TLS itself, the waypoint resolves the name."""
    fixture.apply((SEEDS / "000-external-api-serviceentry.yaml").read_text(), "-n", "shop")
    answer = fixture.answers("https://api.example.com/v1", "--cacert", str(fixture.authority.root))
    assert answer["name"] == "api" and answer["sni"] == "api.example.com", answer


@needs_shared
def test_istios_external_samples_lead_where_the_names_say(fixture):
    """aptget, github and pypi, unmodified: without a resolution the client's own address counts, and nothing stands between."""
    for sample in sorted((SAMPLES / "external").glob("*.yaml")):
        fixture.apply(sample.read_text(), "-n", "shop")
    for name in ("deb.debian.org", "pypi.org"):
        fixture.names[name] = {"ttl": 1, "addresses": [fixture.outside.address]}
    fixture.write_names()
    fixture.serve(fixture.outside, "debian", 80)
    assert fixture.answers("http://deb.debian.org/", direct=True)["name"] == "debian"
    answer = fixture.answers("https://pypi.org/", "--insecure", direct=True)
    assert answer["name"] == "api" and answer["sni"] == "pypi.org", answer


def test_without_a_resolution_the_client_says_where(fixture):
    """Addresses and a range, no resolution: the waypoint connects to the address that the client asked for, and applies routes on the way."""
    fixture.apply("""
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: anywhere, namespace: shop}
spec:
  hosts: [anywhere.example.com]
  addresses: [%s/32, %s/32, 169.254.0.0/16]
  ports: [{number: 8090, name: http, protocol: HTTP}, {number: 8443, name: tls, protocol: TLS}]
  location: MESH_EXTERNAL
  resolution: NONE
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: anywhere, namespace: shop}
spec:
  hosts: [anywhere.example.com]
  http:
  - match: [{uri: {prefix: /teapot}}]
    directResponse: {status: 418}
  - route: [{destination: {host: anywhere.example.com}}]
""" % (fixture.many[0].address, fixture.outside.address))
    where = f"http://{fixture.many[0].address}:8090"
    assert fixture.answers(f"{where}/x")["name"] == fixture.many[0].short
    assert fixture.get(f"{where}/teapot")[0] == 418
    for _ in range(20):
        assert fixture.get(f"{where}/x")[0] == 200
    # Bytes that are carried go the same way.
    secure = fixture.answers(
        "https://secure.example.com:8443/", "--cacert", str(fixture.authority.root), "--resolve",
        f"secure.example.com:8443:{fixture.outside.address}")
    assert secure["name"] == "secure", secure
    # One that means something else on every host leads nowhere.
    status, body = fixture.get("http://169.254.7.7:8090/")
    assert status == 503 and "no healthy upstream" in body, (status, body)
    fixture.mesh.ctl("delete", "serviceentry", "anywhere", "-n", "shop")
    fixture.mesh.ctl("delete", "virtualservice", "anywhere", "-n", "shop")


@needs_shared
def test_istios_sample_speaks_tls_with_a_public_api(fixture):
    """egress-rule-google-apis.yaml, unmodified: plain HTTP to port 80 goes to port 443 with TLS, checked by the machine's roots."""
    fixture.apply((SAMPLES / "bookinfo/networking/egress-rule-google-apis.yaml").read_text(), "-n", "shop")
    answer = fixture.answers("http://www.googleapis.com/books/v1/volumes")
    assert answer["name"] == "googleapis" and answer["sni"] == "www.googleapis.com", answer
    assert answer["path"] == "/books/v1/volumes" and answer["host"] == "www.googleapis.com", answer


def test_the_waypoint_speaks_tls_for_a_plain_client(fixture):
    fixture.apply(
        fixture.entry("secure", target=8443) + fixture.rule("secure", {"tls": {"mode": "SIMPLE", "caCertificates": str(fixture.authority.root)}}))
    answer = fixture.answers("http://secure.example.com/hello")
    assert answer["name"] == "secure" and answer["sni"] == "secure.example.com" and answer["host"] == "secure.example.com", answer
    assert answer["client"] == [] and answer["path"] == "/hello", answer


def refused(fixture, path, reason):
    """A request is answered with 503, and the line about it has the flag UF and the reason."""
    def is_refused():
        status, _ = fixture.get(f"http://secure.example.com{path}")
        lines = [line for line in fixture.waypoint.log().splitlines() if path in line and reason in line]
        return status == 503 and any("503" in line and "UF" in line for line in lines)

    eventually(is_refused, f"{path} is refused with 503 UF: {reason}", 20, interval=0.3)


def test_another_authority_is_refused_with_503_and_a_reason(fixture):
    fixture.apply(fixture.rule("secure", {"tls": {"mode": "SIMPLE", "caCertificates": str(fixture.stranger.root)}}))
    refused(fixture, "/ca", "unable to get local issuer certificate")


def test_another_name_is_refused_with_503_and_a_reason(fixture):
    fixture.apply(fixture.rule("secure", {"tls": {
        "mode": "SIMPLE", "caCertificates": str(fixture.authority.root), "subjectAltNames": ["other.example.com"]}}))
    refused(fixture, "/san", "expected other.example.com")


def test_the_machines_roots_do_not_know_a_private_authority_and_skipping_takes_anybody(fixture):
    fixture.apply(fixture.rule("secure", {"tls": {"mode": "SIMPLE"}}))
    eventually(lambda: fixture.get("http://secure.example.com/system")[0] == 503, "the system's roots are used", 20)
    fixture.apply(fixture.rule("secure", {"tls": {"mode": "SIMPLE", "insecureSkipVerify": True, "sni": "asked.example.com"}}))
    answer = fixture.answers("http://secure.example.com/skip")
    assert answer["sni"] == "asked.example.com", answer


def test_mutual_shows_a_certificate_from_files_and_takes_new_ones(fixture):
    certificate, key = fixture.client_leaf
    policy = {"tls": {"mode": "MUTUAL", "caCertificates": str(fixture.authority.root), "clientCertificate": str(certificate), "privateKey": str(key)}}
    fixture.apply(fixture.entry("strict", target=8444) + fixture.rule("strict", policy))
    answer = fixture.answers("http://strict.example.com/")
    assert answer["client"] == ["waypoint.client"], answer
    # The files change under the running waypoint.
    fresh, fresh_key = fixture.certificate("renewed", ["DNS:renewed.client"])
    key.write_bytes(fresh_key.read_bytes())
    certificate.write_bytes(fresh.read_bytes())
    eventually(lambda: "renewed.client" in json.dumps(reconnected(fixture, "strict")), "the new certificate is shown", 30)


def reconnected(fixture, name):
    """An answer on a connection that was made just now: the rule changes a bound, which ends idle connections."""
    reconnected.count = getattr(reconnected, "count", 100) + 1
    certificate, key = fixture.client_leaf
    fixture.apply(fixture.rule(name, {
        "tls": {"mode": "MUTUAL", "caCertificates": str(fixture.authority.root), "clientCertificate": str(certificate), "privateKey": str(key)},
        "connectionPool": {"tcp": {"maxConnections": reconnected.count}}}))
    return fixture.get(f"http://{name}.example.com/")


def test_mutual_takes_its_certificate_from_a_secret(fixture):
    certificate, key = fixture.certificate("secret-client", ["DNS:secret.client"])
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "partner", "namespace": "shop"},
                "stringData": {"tls.crt": certificate.read_text(), "tls.key": key.read_text(), "ca.crt": fixture.authority.root.read_text()}}
    fixture.apply(json.dumps(document))
    fixture.apply(fixture.rule("strict", {"tls": {"mode": "MUTUAL", "credentialName": "partner"}, "connectionPool": {"tcp": {"maxConnections": 77}}}))
    fixture.answers("http://strict.example.com/", condition=lambda answer: answer["client"] == ["secret.client"])


def test_without_a_certificate_a_strict_server_is_not_reached(fixture):
    fixture.apply(fixture.rule("strict", {"tls": {"mode": "SIMPLE", "caCertificates": str(fixture.authority.root)}}))
    # In TLS 1.3 the server looks at the certificate when the client has begun to speak: the request is lost, not the connect.
    eventually(lambda: fixture.get("http://strict.example.com/none")[0] == 503, "a client without a certificate is refused", 20)
    eventually(
        lambda: any("/none" in line and "503" in line and "UC" in line for line in fixture.waypoint.log().splitlines()),
        "the log says that the endpoint ended the connection", 10)


def test_the_proxy_protocol_names_the_client_in_both_versions(fixture):
    for name, version in (("proxy-one", "V1"), ("proxy-two", "V2")):
        fixture.apply(fixture.entry(name, target=8081) + fixture.rule(name, {"proxyProtocol": {"version": version}}))
        answer = fixture.answers(f"http://{name}.example.com/")
        assert answer["proxy"]["version"] == int(version[1]), answer
        assert answer["proxy"]["source"] == fixture.client.address, answer
        assert answer["proxy"]["ports"][1] == 80, answer


def test_an_address_that_does_not_answer_is_passed_over(fixture):
    """The name has an IPv6 and an IPv4 address, and the server takes IPv4 only: no request fails."""
    fixture.serve(fixture.outside, "four", 8083, "--address", fixture.outside.address)
    fixture.apply(fixture.entry("both", target=8083))
    fixture.answers("http://both.example.com/")
    for _ in range(20):
        status, answer = fixture.get("http://both.example.com/", "-H", "connection: close")
        assert (status, answer["name"]) == (200, "four"), answer


def test_a_name_may_move_without_a_failed_request(fixture):
    fixture.apply(fixture.entry("moving", target=8082))
    assert fixture.answers("http://moving.example.com/")["name"] == "plain"
    fixture.names["moving.example.com"]["addresses"] = [fixture.later.address]
    fixture.write_names()
    seen, deadline = [], time.monotonic() + 20
    # Each worker asks for itself: the move is over when the old server is not seen for a while.
    while seen[-20:] != ["later"] * 20:
        assert time.monotonic() < deadline, seen
        status, answer = fixture.get("http://moving.example.com/")
        assert status == 200, (status, answer, seen)
        seen.append(answer["name"])


def test_the_last_addresses_are_kept_while_nobody_answers(fixture):
    assert fixture.answers("http://moving.example.com/")["name"] == "later"
    fixture.name_server.kill()
    try:
        deadline = time.monotonic() + 4
        count = 0
        while time.monotonic() < deadline or count < 5:
            status, answer = fixture.get("http://moving.example.com/", "-H", "connection: close")
            assert (status, answer["name"]) == (200, "later"), answer
            count += 1
        page = fixture.second.run("curl", "-sS", f"http://127.0.0.1:{PORT + 200}/metrics").stdout
        assert 'ambit_name_lookups_total{result="resolved"}' in page, page
    finally:
        fixture.name_server = fixture.outside.start(
            "python3", LAB / "name_server.py", fixture.outside.address, fixture.lab.folder / "names.json", name="names",
            ready=lambda: "ready" in fixture.lab.processes[-1].log())


def test_a_name_that_nobody_knows_is_503(fixture):
    fixture.apply(fixture.entry("nowhere", target=8082))
    # The client's own name for it comes from the mesh; the waypoint cannot find an address.
    eventually(lambda: fixture.get("http://nowhere.example.com/")[0] == 503, "a name without an address is refused", 20)
    fixture.says("nowhere.example.com")


ROUTE = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: by-name, namespace: shop}
spec:
  hosts: [one.example.com]
  tls:
  - match: [{port: 443, sniHosts: [one.example.com]}]
    route: [{destination: {host: two.example.com, port: {number: 443}}}]
"""


def test_tls_routes_go_by_server_name(fixture):
    trust = ("--cacert", str(fixture.authority.root))
    fixture.apply(
        fixture.entry("one", 443, "tls", 443) + fixture.entry("two", 443, "tls", 8445))
    assert fixture.answers("https://one.example.com/", *trust)["name"] == "api"
    fixture.apply(ROUTE)
    answer = fixture.answers("https://one.example.com/", *trust, condition=lambda answer: answer["name"] == "two")
    assert answer["sni"] == "one.example.com", answer
    # Another name on the same address has no route.
    status, text = fixture.get("https://secure.example.com/", *trust, "--connect-to", "secure.example.com:443:one.example.com:443")
    assert status == 0, (status, text)
    fixture.says("which asks for secure.example.com")


# The server speaks first, echoes, and ends when its client has.
GREETER = """
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b'welcome ')
        while data := self.request.recv(65536): self.request.sendall(data)
        self.request.sendall(b' goodbye')
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
Server(('0.0.0.0', 8456), Handler).serve_forever()
"""
TALK = """
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
connection.settimeout(5)
received = b''
try:
    connection.sendall(b'GET / HTTP/1.1\\r\\n')
    while not received.endswith(b'\\n') and (data := connection.recv(65536)): received += data
    if received.endswith(b'\\n') and 'hold' not in sys.argv:
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(65536): received += data
except OSError as error:
    received += repr(error).encode()
print(received.decode().replace('\\r\\n', '|'))
"""
WHOLE = "welcome GET / HTTP/1.1| goodbye"


def test_connections_go_through_a_proxy_that_is_asked_by_connect(fixture):
    fixture.outside.start("python3", "-c", GREETER, name="greeter", ready=lambda: fixture.outside.listens(8456))
    proxy = fixture.proxy("forward", 3128)
    target = fixture.outside.address
    fixture.apply(fixture.rule("forward", {"tunnel": {"protocol": "CONNECT", "targetHost": target, "targetPort": 8456}}))
    # The target speaks first, and what looks like HTTP goes through as anything else does.
    eventually(lambda: fixture.talk("forward") == WHOLE, "the target answers through the proxy", 40, interval=0.3)
    asked = json.loads(proxy.log().splitlines()[-1])
    assert asked == {"line": f"CONNECT {target}:8456 HTTP/1.1", "fields": [f"host: {target}:8456"]}, asked
    fixture.logs('"- - -" 0 - ', "inbound-vip|3128|tcp|forward.example.com")
    # TLS of the client's own, to another target, in brackets.
    fixture.apply(fixture.rule("forward", {"tunnel": {"targetHost": fixture.outside.address6, "targetPort": 8443}}))

    def secured():
        return fixture.get(
            "https://secure.example.com/through", "--cacert", str(fixture.authority.root), "--connect-to",
            "secure.example.com:443:forward.example.com:3128")
    eventually(lambda: secured()[0] == 200, "a server of TLS answers through the proxy", 20, interval=0.3)
    answer = secured()[1]
    assert answer["sni"] == "secure.example.com" and answer["peer"] == fixture.outside.address6, answer
    assert json.loads(proxy.log().splitlines()[-1])["line"] == f"CONNECT [{fixture.outside.address6}]:8443 HTTP/1.1"


def test_a_route_by_server_name_leads_through_the_proxy(fixture):
    fixture.names["routed.example.com"] = {"ttl": 1, "addresses": [fixture.outside.address]}
    fixture.write_names()
    fixture.apply(fixture.entry("routed", 443, "tls", 443) + ROUTE.replace("one.example.com", "routed.example.com").replace(
        "by-name", "by-proxy").replace("host: two.example.com, port: {number: 443}", "host: forward.example.com, port: {number: 3128}"))

    def is_led():
        status, answer = fixture.get("https://routed.example.com/", "--insecure")
        return status == 200 and answer["peer"] == fixture.outside.address6 and answer["sni"] == "routed.example.com"
    eventually(is_led, "the proxy leads to its target", 20, interval=0.3)


def test_a_tcp_route_leads_what_looks_like_http_through_the_proxy(fixture):
    """The service has no rule of its own: only the host that the route leads to has one."""
    def entrance(http=""):
        return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: entrance, namespace: shop}}
spec:
  hosts: [entrance.example.com]
  tcp: [{{route: [{{destination: {{host: inward.example.com, port: {{number: 3128}}}}}}]}}]
  {http}
"""
    fixture.names["entrance.example.com"] = {"ttl": 1, "addresses": [fixture.outside.address]}
    proxy = fixture.proxy("inward", 3127)
    fixture.outside.start("python3", "-c", GREETER.replace("8456", "8457"), name="greeter-inward", ready=lambda: fixture.outside.listens(8457))
    rule = fixture.rule("inward", {"tunnel": {"targetHost": fixture.outside.address, "targetPort": 8457}})
    fixture.apply("---\n".join([fixture.entry("entrance", 3128, "tcp", 8082), rule, entrance()]))
    eventually(lambda: fixture.talk("entrance") == WHOLE, "a line of HTTP goes by the route", 40, interval=0.3)
    assert json.loads(proxy.log().splitlines()[-1])["line"] == f"CONNECT {fixture.outside.address}:8457 HTTP/1.1"
    # A route for requests is for those.
    fixture.apply(entrance("http: [{directResponse: {status: 418}}]"))
    eventually(lambda: fixture.get("http://entrance.example.com:3128/")[0] == 418, "a route for requests counts first", 20)


def test_a_proxy_is_reached_by_tls(fixture):
    certificate, key = fixture.certificate("proxy", ["DNS:sealed.example.com"])
    proxy = fixture.proxy("sealed", 3129, "--certificate", certificate, "--key", key)
    tunnel = {"targetHost": fixture.outside.address, "targetPort": 8456}
    fixture.apply(fixture.rule("sealed", {"tunnel": tunnel, "tls": {"mode": "SIMPLE", "caCertificates": str(fixture.authority.root)}}))
    # Python's TLS has no end of one direction.
    eventually(lambda: fixture.talk("sealed", "hold") == WHOLE.removesuffix(" goodbye"), "the target answers through the proxy", 40, interval=0.3)
    assert json.loads(proxy.log().splitlines()[-1])["line"] == f"CONNECT {fixture.outside.address}:8456 HTTP/1.1"


def test_what_a_proxy_answers_otherwise_ends_the_connection_with_its_reason(fixture):
    reasons = {
        "refuse": "the proxy answered 403 to CONNECT db.example.com:5432", "garbage": "the proxy's answer is no HTTP/1.1",
        "huge": "the fields are too large", "close": "the proxy closed the connection without an answer",
        "silent": "the proxy gave no answer, not within 2s"}
    proxies = {}
    for port, (answer, reason) in enumerate(reasons.items(), 3130):
        name = f"proxy-{answer}"
        proxies[answer] = fixture.proxy(name, port, "--answer", answer)
        fixture.apply(fixture.rule(name, {
            "tunnel": {"targetHost": "db.example.com", "targetPort": 5432}, "connectionPool": {"tcp": {"connectTimeout": "2s"}}}))
    for answer, reason in reasons.items():
        def ends(answer=answer, reason=reason):
            fixture.talk(f"proxy-{answer}")
            return any(
                '"- - -" 0 UF ' in line and reason in line and f"proxy-{answer}.example.com" in line
                for line in fixture.waypoint.log().splitlines())
        eventually(ends, f"{answer}: the log has UF and {reason}", 30, interval=0.3)
        assert "welcome" not in fixture.talk(f"proxy-{answer}")
    cut = [line for line in proxies["huge"].log().splitlines() if "cut off" in line]
    # What both kernels hold comes on top of what was read.
    assert cut and json.loads(cut[-1])["after"] < 16 << 20, cut


def test_envoy_is_a_proxy_for_connect_and_for_post(fixture):
    through = {"upgrade_configs": [{"upgrade_type": "CONNECT", "connect_config": {"allow_post": True}}], "cluster": "target", "timeout": "0s"}
    envoy.start(fixture.outside, {"static_resources": {
        "listeners": [{
            "name": "proxy", "address": envoy.address("0.0.0.0", 3140),
            "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "proxy", "codec_type": "HTTP1", "upgrade_configs": [{"upgrade_type": "CONNECT"}],
                "route_config": {"virtual_hosts": [{"name": "target", "domains": ["target.example.com:8456"], "routes": [
                    {"match": {"connect_matcher": {}}, "route": through},
                    {"match": {"prefix": "/", "headers": [{"name": ":method", "string_match": {"exact": "POST"}}]}, "route": through}]}]},
                "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}]}]}],
        "clusters": [{"name": "target", "type": "STATIC", "connect_timeout": "5s", "load_assignment": {
            "cluster_name": "target", "endpoints": [{"lb_endpoints": [{"endpoint": {
                "address": envoy.address(fixture.outside.address, 8456)}}]}]}}]}},
        fixture.lab.folder, name="envoy-proxy", ports=[(fixture.outside, 3140)])
    fixture.names["envoy.example.com"] = {"ttl": 1, "addresses": [fixture.outside.address]}
    fixture.write_names()
    fixture.apply(fixture.entry("envoy", 3128, "tcp", 3140))
    for method in ("CONNECT", "POST"):
        fixture.apply(fixture.rule("envoy", {"tunnel": {"protocol": method, "targetHost": "target.example.com", "targetPort": 8456}}))

        # Envoy takes the end of one direction of HTTP/1.1 for that of both.
        eventually(lambda: fixture.talk("envoy", "hold") == WHOLE.removesuffix(" goodbye"), f"{method} leads to the target", 40, interval=0.3)
    fixture.apply(fixture.rule("envoy", {"tunnel": {"protocol": "POST", "targetHost": "elsewhere.example.com", "targetPort": 8456}}))
    eventually(lambda: "welcome" not in fixture.talk("envoy", "hold"), "Envoy has no way to another target", 20, interval=0.3)
    fixture.logs('"- - -" 0 UF ', "the proxy answered 404 to POST elsewhere.example.com:8456")


def test_a_carried_connection_ends_when_its_time_is_over(fixture):
    fixture.apply(fixture.entry("plain", 90, "tcp", 8082) + fixture.rule(
        "plain", {"connectionPool": {"tcp": {"maxConnectionDuration": "2s", "tcpKeepalive": {"time": "60s", "interval": "5s", "probes": 3}}}}))
    hold = "import socket,sys,time;s=socket.create_connection(('plain.example.com',90),10);s.settimeout(20);t=time.monotonic();s.recv(1);print(time.monotonic()-t)"

    def lasted():
        done = fixture.client.run("python3", "-c", hold, check=False)
        return float(done.stdout) if done.returncode == 0 and done.stdout.strip() else None

    found = [None]

    def ends():
        found[0] = lasted()
        return found[0] is not None and found[0] >= 1.5

    eventually(ends, "the connection lasts as long as it may, and no longer", 40)
    assert found[0] < 15, found


def trusting(fixture, **more):
    """A policy of TLS with the outside world, and more blocks."""
    return {"tls": {"mode": "SIMPLE", "caCertificates": str(fixture.authority.root)}, **more}


UPGRADE = {"http": {"h2UpgradePolicy": "UPGRADE"}}


def test_http2_in_tls_is_spoken_where_the_rule_upgrades(fixture):
    fixture.apply(fixture.entry("fast", target=8446) + fixture.rule("fast", trusting(fixture, connectionPool=UPGRADE)))
    answer = fixture.answers("http://fast.example.com/")
    assert (answer["protocol"], answer["alpn"], answer["sni"]) == ("HTTP/2.0", "h2", "fast.example.com"), answer
    # A connection for each of two workers carries them all, and one more while the name was not resolved yet.
    connections = {fixture.answers("http://fast.example.com/")["connection"] for _ in range(20)}
    assert len(connections) <= 4, connections
    status, body = fixture.client.http("http://fast.example.com/big")
    assert (status, len(body)) == (200, BIG), status


def test_http2_in_tls_is_spoken_where_the_port_is_declared_for_it(fixture):
    fixture.apply(fixture.entry("declared", protocol="http2", target=8446) + fixture.rule("declared", trusting(fixture)))
    for version in ("--http1.1", "--http2-prior-knowledge"):
        answer = fixture.answers("http://declared.example.com/", version)
        assert (answer["protocol"], answer["alpn"]) == ("HTTP/2.0", "h2"), (version, answer)


def test_without_a_wish_http1_is_offered_to_a_server_that_could_more(fixture):
    fixture.apply(fixture.rule("fast", trusting(fixture)))
    answer = fixture.answers("http://fast.example.com/", condition=lambda answer: answer["protocol"] == "HTTP/1.1")
    assert answer["alpn"] == "http/1.1", answer


def test_a_server_without_http2_fails_soon_with_a_reason(fixture):
    """One refuses the handshake, one does not know ALPN: neither may hold a request up, nor get one that it cannot read."""
    for name, port in (("slow", 8447), ("deaf", 8448)):
        fixture.apply(fixture.entry(name, target=port) + fixture.rule(name, trusting(fixture)))
        fixture.answers(f"http://{name}.example.com/")
        fixture.apply(fixture.rule(name, trusting(fixture, connectionPool=UPGRADE)))
        eventually(lambda name=name: fixture.get(f"http://{name}.example.com/upgraded")[0] == 503, f"{name} is refused", 20)
        began = time.monotonic()
        status, _ = fixture.get(f"http://{name}.example.com/refused")
        assert status == 503 and time.monotonic() - began < 8, (status, time.monotonic() - began)
        lines = [line for line in fixture.waypoint.log().splitlines() if "/refused" in line and f"{name}.example.com" in line]
        assert lines and all("503 UF" in line for line in lines), lines
        assert "no HTTP/2 with the endpoint" in lines[-1] or "application protocol" in lines[-1], lines[-1]


def descriptors(process, address):
    """Copies of the sockets of a process that are connected to an address."""
    pidfd = os.pidfd_open(process.pid)
    found = []
    for entry in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if not os.readlink(entry).startswith("socket:"):
                continue
            # pidfd_getfd
            copy = ctypes.CDLL(None, use_errno=True).syscall(438, pidfd, int(entry.name), 0)
            if copy < 0:
                continue
            each = socket.socket(fileno=copy)
            try:
                if each.getpeername()[:2] == address:
                    found.append(each)
                    continue
            except OSError:
                pass
            each.close()
    os.close(pidfd)
    return found


def keepalives(fixture, port):
    """What the waypoint has set on its connections to a port outside: whether, idle time, interval, probes."""
    found = set()
    for each in descriptors(fixture.waypoint, (fixture.outside.address, port)):
        with each:
            found.add((each.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), *(
                each.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT))))
    return found


def test_the_keepalive_of_a_rule_is_on_its_connections(fixture):
    fixture.serve(fixture.outside, "alive", 8093)
    fixture.serve(fixture.outside, "quiet", 8094)
    wanted = {"time": "61s", "interval": "7s", "probes": 4}
    fixture.apply(fixture.entry("alive", target=8093) + fixture.rule("alive", {"connectionPool": {"tcp": {"tcpKeepalive": wanted}}}))
    fixture.apply(fixture.entry("quiet", target=8094))
    # The first request of each name waits for its addresses, on a connection that is of no more use when they are known.
    for name in ("alive", "quiet") * 4:
        fixture.answers(f"http://{name}.example.com/")
    assert keepalives(fixture, 8093) == {(1, 61, 7, 4)}, keepalives(fixture, 8093)
    # As Envoy, which probes nobody unasked.
    assert {each[0] for each in keepalives(fixture, 8094)} == {0}, keepalives(fixture, 8094)
    # What the rule does not say is as in tunnels; what it changes is on the next connection.
    fixture.apply(fixture.rule("alive", {"connectionPool": {"tcp": {"tcpKeepalive": {"time": "62s"}}}}))

    def renewed():
        fixture.get("http://alive.example.com/")
        return keepalives(fixture, 8093) == {(1, 62, 180, 9)}
    eventually(renewed, "new connections have the new values, and old ones are gone", 20)


def seen(fixture, url, count):
    """How many of so many requests each server answered; all succeed."""
    counts = collections.Counter()
    for _ in range(count):
        status, answer = fixture.get(url)
        assert status == 200, (status, answer)
        counts[answer["name"]] += 1
    return counts


def test_each_address_of_a_name_is_an_endpoint(fixture):
    fixture.apply(fixture.entry("many", target=8090))
    fixture.answers("http://many.example.com/")
    counts = seen(fixture, "http://many.example.com/", 60)
    assert set(counts) == {each.short for each in fixture.many} and min(counts.values()) >= 5, counts
    line = [line for line in fixture.waypoint.log().splitlines() if "many.example.com" in line and '"GET / ' in line][-1]
    assert re.search(r"10\.77\.\d+\.\d+:8090", line), line


def test_a_workload_known_by_name_is_as_many_endpoints(fixture):
    entry = json.dumps({
        "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "pool", "namespace": "shop"},
        "spec": {"hosts": ["pool.example.com"], "location": "MESH_EXTERNAL", "resolution": "DNS",
                 "ports": [{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 8090}],
                 "workloadSelector": {"labels": {"app": "pool"}}}})
    workload = json.dumps({
        "apiVersion": "networking.istio.io/v1", "kind": "WorkloadEntry", "metadata": {"name": "pool", "namespace": "shop", "labels": {"app": "pool"}},
        "spec": {"address": "many.example.com", "labels": {"app": "pool"}}})
    fixture.apply(entry + "\n---\n" + workload)
    fixture.answers("http://pool.example.com/")
    assert set(seen(fixture, "http://pool.example.com/", 40)) == {each.short for each in fixture.many}


def test_one_failing_address_is_left_out_alone(fixture):
    fixture.apply(fixture.rule("many", {"outlierDetection": {
        "consecutive5xxErrors": 2, "interval": "1s", "baseEjectionTime": "300s", "maxEjectionPercent": 100}}))
    streak, deadline, names = 0, time.monotonic() + 40, collections.Counter()
    while streak < 40:
        assert time.monotonic() < deadline, f"the failing address is asked still: {streak} good ones in a row, {names}"
        status, answer = fixture.get("http://many.example.com/failing/many-1")
        streak = streak + 1 if status == 200 else 0
        if status == 200:
            names[answer["name"]] += 1
    assert set(names) == {"many-2", "many-3"}, names
    fixture.says(f"{fixture.many[0].address}:8090 of ")


def test_an_address_that_leaves_the_answer_is_drained(fixture):
    second, third = fixture.many[1:]

    def open_at(workload):
        return workload.run("ss", "-Htn", "state", "established", "sport = :8090").stdout.splitlines()

    assert open_at(second), "nothing is connected to the address that is to leave"
    # No other rule or entry leads there.
    for name in ("half", "pool"):
        fixture.names[f"{name}.example.com"] = {"ttl": 1, "addresses": [third.address]}
    fixture.names["many.example.com"] = {"ttl": 1, "addresses": [third.address]}
    fixture.write_names()
    eventually(lambda: not open_at(second), "its connections end without a request", 15)
    assert set(seen(fixture, "http://many.example.com/", 20)) == {"many-3"}
    fixture.names["many.example.com"] = {"ttl": 1, "addresses": [second.address, third.address]}
    fixture.write_names()
    eventually(lambda: set(seen(fixture, "http://many.example.com/", 10)) == {"many-2", "many-3"}, "it is back with its record", 15)


def test_an_address_where_nobody_listens_costs_no_request(fixture):
    """HTTP is tried again elsewhere, as the default retries say, and so is a connection that nothing was sent on."""
    first, second, _ = fixture.many
    fixture.names["half.example.com"] = {"ttl": 60, "addresses": [first.address, second.address]}
    fixture.write_names()
    fixture.serve(first, "half", 8095)
    fixture.apply(fixture.entry("half", target=8095))
    fixture.answers("http://half.example.com/")
    assert set(seen(fixture, "http://half.example.com/", 30)) == {"half"}
    # On a port that is declared for bytes.
    fixture.apply(fixture.entry("half", port=90, protocol="tcp", target=8095))
    fixture.answers("http://half.example.com:90/")
    assert set(seen(fixture, "http://half.example.com:90/", 20)) == {"half"}


def test_the_addresses_of_a_name_are_bounded(fixture):
    fixture.apply(fixture.entry("crowd", target=8092))
    eventually(lambda: fixture.get("http://crowd.example.com/")[0] == 200, "the name is reached", 20)
    fixture.says(f"crowd.example.com has {CROWD} addresses: {ADDRESSES_PER_NAME} are used")
    page = fixture.second.run("curl", "-sS", f"http://127.0.0.1:{PORT + 200}/metrics").stdout
    assert re.search(r'ambit_limit_rejections_total\{limit="addresses_per_name"\} [1-9]', page), page
