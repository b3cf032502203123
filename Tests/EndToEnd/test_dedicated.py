"""PROXY_MODE=dedicated: one workload with a ztunnel of its own in its own network namespace, no enrolment."""

import contextlib
import json
import signal

from lab import Lab, eventually
from mesh import DNS_SEARCH, Mesh
from test_mesh import SERVER

CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: peer, namespace: shop}
spec:
  hosts: [peer.example]
  ports: [{name: http, number: 80, targetPort: 8080, protocol: TCP}]
  resolution: STATIC
  location: MESH_INTERNAL
  workloadSelector: {labels: {app: peer}}
"""
STRICT = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""


class Fixture:
    """`solo` has a ztunnel of its own; `peer` is enrolled on a node; `outsider` is in no mesh. All serve 8080."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second = lab.host("host-1"), lab.host("host-2")
        self.peer, self.outsider = self.first.workload("peer"), self.first.workload("outsider")
        self.solo = self.second.workload("solo")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        mesh.start_node(self.first, mesh.issue("host-1", "shop/peer"))
        for each in (self.peer, self.outsider, self.solo):
            each.start(
                "python3", "-c", SERVER, 8080, each.short, name="server", ready=lambda each=each: each.listens(8080))
        mesh.enrol(self.peer, "shop", "peer", {"app": "peer"}, {"http": 8080})
        self.credentials = mesh.issue("solo", "shop/solo")
        self.solo.resolver("10.77.0.53", [each.format("shop") for each in DNS_SEARCH])
        self.rules_before = self.rules()
        self.start()

    def start(self, capture="true"):
        """ztunnel as the workload's own program, ready when it says so."""
        control = f"https://{self.mesh.control.address}:15012"
        state = self.lab.folder / "solo-state"
        state.mkdir(exist_ok=True)
        self.ztunnel = self.solo.start(
            self.mesh.programs / "ztunnel", "proxy", name="ztunnel", env={
                "PROXY_MODE": "dedicated", "PROXY_WORKLOAD_INFO": "shop/solo/solo", "AMBIT_CAPTURE": capture,
                "NODE_NAME": "solo", "XDS_ADDRESS": control, "CA_ADDRESS": control,
                "XDS_ROOT_CA": str(self.credentials / "root.crt"), "CA_ROOT_CA": str(self.credentials / "root.crt"),
                "AMBIT_NODE_CERT": str(self.credentials / "node.crt"), "AMBIT_NODE_KEY": str(self.credentials / "node.key"),
                "AMBIT_STATE_DIR": str(state), "RUST_LOG": self.mesh.log_level,
            }, ready=lambda: self.solo.run("curl", "-sS", "http://127.0.0.1:15021/healthz/ready").stdout == "ready\n")

    def rules(self):
        return self.solo.run("nft", "list", "ruleset").stdout

    def access_log(self, *parts):
        return [line for line in self.ztunnel.log().splitlines() if all(part in line for part in parts)]

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitded") as lab:
        yield Fixture(lab, programs)


def test_others_reach_it_over_mutual_tls_and_it_reaches_them(fixture):
    def tunnelled():
        # Until the peer's node knows of solo, requests go in plain text.
        answer = fixture.peer.http(f"http://{fixture.solo.address}:8080/")
        assert answer in ((0, answer[1]), (200, f"solo from ::ffff:{fixture.peer.address}")), answer
        return fixture.access_log("connection complete", 'direction="inbound"', "sa/peer", "sa/solo")
    eventually(tunnelled, "solo's ztunnel proved both identities")
    eventually(
        lambda: fixture.solo.http("http://peer.example/")[0] == 200
        and fixture.mesh.access_log(fixture.first, 'sa/solo.*sa/peer.*direction="inbound"'),
        "solo reaches the peer by its mesh name, and the peer's ztunnel proved both identities")


def test_plaintext_both_ways_without_a_policy(fixture):
    status, body = fixture.outsider.http(f"http://{fixture.solo.address}:8080/")
    assert status == 200 and fixture.outsider.address in body, body
    status, body = fixture.solo.http(f"http://{fixture.outsider.address}:8080/")
    assert status == 200 and fixture.solo.address in body, body


def test_strict_refuses_plaintext(fixture):
    fixture.mesh.ctl("apply", "-f", "-", input=STRICT)
    try:
        eventually(
            lambda: fixture.outsider.http(f"http://{fixture.solo.address}:8080/")[0] == 0, "plaintext is refused")
        assert fixture.peer.http(f"http://{fixture.solo.address}:8080/")[0] == 200
    finally:
        fixture.mesh.ctl("delete", "peerauthentication", "default", "-n", "shop")
    eventually(lambda: fixture.outsider.http(f"http://{fixture.solo.address}:8080/")[0] == 200, "plaintext is served again")


def test_the_node_shows_its_workload(fixture):
    dump = json.loads(fixture.solo.run("curl", "-sS", "http://127.0.0.1:15000/config_dump").stdout)
    assert "shop/solo" in json.dumps(dump["workloadState"]), dump["workloadState"]
    assert fixture.mesh.ctl("get", "workloadentry", "solo", "-n", "shop").returncode == 0


def test_stopped_it_fails_closed_and_started_again_it_serves(fixture):
    for how in (signal.SIGKILL, signal.SIGTERM):
        fixture.ztunnel.kill(how)
        assert "table inet ambit-workload" in fixture.rules()
        assert fixture.solo.http(f"http://{fixture.outsider.address}:8080/", timeout=4)[0] == 0, "never in the clear"
        assert fixture.outsider.http(f"http://{fixture.solo.address}:8080/", timeout=4)[0] == 0
        fixture.start()
        eventually(lambda: fixture.solo.http("http://peer.example/")[0] == 200, "solo talks again")


def test_without_capture_it_loads_no_rules(fixture):
    """The default: whoever runs it redirects by himself. Runs last, since it takes the rules away."""
    fixture.ztunnel.kill(signal.SIGTERM)
    fixture.solo.run("nft", "delete", "table", "inet", "ambit-workload")
    fixture.start(capture="false")
    assert fixture.rules() == fixture.rules_before
    eventually(
        lambda: fixture.peer.http(f"http://{fixture.solo.address}:8080/")[0] == 200
        and fixture.access_log("connection complete", 'direction="inbound"', "sa/peer"), "tunnels arrive without rules")
