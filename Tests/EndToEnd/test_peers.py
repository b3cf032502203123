"""Peers that we did not write: Envoy as HBONE client and as HBONE server, python h2 as an honest and a hostile client."""

import contextlib
import json
import pathlib
import sys

import certificates
import envoy
import test_mesh
from lab import Lab, eventually

HBONE = pathlib.Path(__file__).resolve().parents[1] / "Lab/hbone.py"
GET = "GET / HTTP/1.1\\r\\nHost: web\\r\\nConnection: close\\r\\n\\r\\n"


class Fixture(test_mesh.Fixture):
    """The mesh, and certificates of its own root for peers that are no ztunnel."""

    def __init__(self, lab, programs):
        super().__init__(lab, programs)
        self.authority = certificates.Authority.existing(self.mesh.state / "ca", lab.folder / "peer-certificates")
        self.foreign = certificates.Authority(lab.folder / "foreign-root", "Another root")
        self.leaf = self.authority.identity("shop", "peer")

    def connect(self, authority, *options, leaf=None, host=None, place=None):
        """One CONNECT from the outsider's namespace to web's 15008; what came back, as a dictionary."""
        certificate, key = leaf or self.leaf
        done = (place or self.outsider).run(
            sys.executable, HBONE, certificate, key, self.authority.root, host or self.web.address, 15008, authority, *options, timeout=20)
        return json.loads(done.stdout)


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitpeer") as lab:
        yield Fixture(lab, programs)


def test_envoy_as_hbone_client(fixture):
    web, outsider = fixture.web, fixture.outsider
    config = envoy.configuration(envoy.outbound(
        18080, f"{web.address}:8080", (web.address, 15008), fixture.leaf, fixture.authority.root,
        "spiffe://cluster.local/ns/shop/sa/web"))
    envoy.start(outsider, config, fixture.lab.folder, name="envoy-client", ports=[(outsider, 18080)])
    for _ in range(20):
        status, body = outsider.http("http://127.0.0.1:18080/")
        assert status == 200 and body.startswith("web from"), body
    lines = fixture.mesh.access_log(fixture.second, 'src.identity="spiffe://cluster.local/ns/shop/sa/peer"')
    assert lines, "the access log names Envoy's identity"


def test_envoy_as_hbone_server(fixture):
    place = fixture.second.workload("envoy-server")
    fixture.serve(place, 8080)
    leaf = fixture.authority.identity("shop", "envoy")
    config = envoy.configuration(envoy.inbound(
        15008, ("127.0.0.1", 8080), leaf, fixture.authority.root, "cluster.local"))
    envoy.start(place, config, fixture.lab.folder, name="envoy-server", ports=[(place, 15008)])
    fixture.apply(f"""
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: envoy
  namespace: shop
  labels: {{app: envoy, networking.istio.io/tunnel: http}}
spec:
  address: {place.address}
  serviceAccount: envoy
---
apiVersion: v1
kind: Service
metadata: {{name: envoy, namespace: shop}}
spec:
  selector: {{app: envoy}}
  ports: [{{name: http, port: 80, targetPort: 8080}}]
""")
    eventually(lambda: fixture.client.http("http://envoy.shop.svc.cluster.local/")[0] == 200, "Envoy serves through HBONE")
    for _ in range(20):
        status, body = fixture.client.http("http://envoy.shop.svc.cluster.local/")
        assert status == 200 and body.startswith("envoy-server from"), body
    done = fixture.client.run("sh", "-c", "curl -sS http://envoy.shop.svc.cluster.local/ -o /dev/null -w '%{http_code}'")
    assert done.stdout == "200"


def test_python_h2_as_hbone_client(fixture):
    answer = fixture.connect(f"{fixture.web.address}:8080", "--send", GET, "--until", "web from")
    assert answer["status"] == 200 and "web from" in answer["body"], answer
    assert answer["peer"] == ["spiffe://cluster.local/ns/shop/sa/web"], answer
    assert "k8s.namespace.name=shop" in answer["headers"]["baggage"], answer


def test_foreign_address_is_refused(fixture):
    answer = fixture.connect("10.77.0.11:8080")
    assert answer["status"] == 400, answer
    assert fixture.mesh.access_log(fixture.second, "ip mismatch: ")


def test_wrong_method_is_refused(fixture):
    answer = fixture.connect(f"{fixture.web.address}:8080", "--method", "GET")
    assert answer["status"] == 400, answer
    eventually(lambda: fixture.mesh.access_log(fixture.second, "expected method CONNECT, got GET"), "the log says so")


def test_missing_port_in_authority_is_refused(fixture):
    answer = fixture.connect(fixture.web.address)
    assert answer["status"] == 400, answer


def test_proxy_ports_as_target_are_refused(fixture):
    for port in (15001, 15006, 15008):
        answer = fixture.connect(f"{fixture.web.address}:{port}")
        assert answer["status"] == 503, (port, answer)


def test_upstream_that_does_not_listen_is_503(fixture):
    assert fixture.connect(f"{fixture.web.address}:1")["status"] == 503


def test_policy_denial_is_401(fixture):
    policy = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-peers, namespace: shop}
spec:
  action: DENY
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/peer]}}]}]
"""
    with fixture.applied("authorizationpolicy", "no-peers", policy):
        eventually(lambda: fixture.connect(f"{fixture.web.address}:8080")["status"] == 401, "the peer is denied")
        assert fixture.mesh.access_log(fixture.second, "explicitly denied by: shop/no-peers")


def test_another_trust_domain_is_refused(fixture):
    leaf = fixture.authority.leaf("elsewhere", "spiffe://elsewhere/ns/shop/sa/peer")
    answer = fixture.connect(f"{fixture.web.address}:8080", leaf=leaf)
    assert answer["status"] is None, answer


def test_another_root_is_refused(fixture):
    answer = fixture.connect(f"{fixture.web.address}:8080", leaf=fixture.foreign.identity("shop", "client"))
    assert answer["status"] is None, answer


def test_no_client_certificate_is_refused(fixture):
    answer = fixture.connect(f"{fixture.web.address}:8080", leaf=("-", "-"))
    assert answer["status"] is None, answer


def test_truncated_client_hello_is_closed(fixture):
    answer = fixture.connect("x", "--raw", "16030100c8010000c40303")
    assert answer["error"].startswith(("closed", "Connection")), answer
    assert fixture.client.http(test_mesh.WEB)[0] == 200


def test_ports_of_the_proxy_from_outside(fixture):
    """Z 1.1: what an outsider sees when calling the ports."""
    web, outsider = fixture.web, fixture.outsider
    for port in (15001, 15006, 15008):
        status, _ = outsider.http(f"http://{web.address}:{port}/", timeout=4)
        assert status == 0, f"{port} answered {status}"
        status, _ = fixture.client.http(f"http://127.0.0.1:{port}/", timeout=4)
        assert status == 0, f"own {port} answered {status}"
    for port in (15000, 15020, 15021):
        status, _ = fixture.client.http(f"http://127.0.0.1:{port}/", timeout=4)
        assert status == 0, f"own {port} answered {status}"
    status, _ = outsider.http(f"http://{fixture.second.address}:15000/", timeout=4)
    assert status == 0, "the admin port is not reached from another host"
    assert outsider.http(f"http://{fixture.second.address}:15020/metrics")[0] == 200
    assert fixture.client.http(test_mesh.WEB)[0] == 200


def test_tls_1_2_is_refused(fixture):
    certificate, key = fixture.leaf
    done = fixture.outsider.run(
        "openssl", "s_client", "-connect", f"{fixture.web.address}:15008", "-tls1_2", "-cert", certificate, "-key", key,
        check=False, input="")
    assert "protocol version" in done.stdout + done.stderr or "alert" in done.stdout + done.stderr, done.stderr[-500:]
