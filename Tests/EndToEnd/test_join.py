"""A node's life with its control plane: join, renewal, revocation, and who tries to get in without right."""

import contextlib
import json
import re
import time

from lab import Lab, eventually, run
from mesh import Mesh
from test_mesh import CONFIGURATION, SERVER, WEB


class Fixture:
    """A control host and three hosts; the first two joined with tokens: client on the first, web and near on the second."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second, self.third, self.evil = (lab.host(name) for name in ("host-1", "host-2", "host-3", "evil"))
        self.client = self.first.workload("client")
        self.web, self.near = self.second.workload("web"), self.second.workload("near")
        self.late = self.third.workload("late")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        self.tokens = {}
        for host, allowed in ((self.first, ["shop/client"]), (self.second, ["shop/web", "shop/near"])):
            self.tokens[host.short] = mesh.token(host.short, *allowed)
            mesh.join(host, self.tokens[host.short])
            mesh.start_joined(host)
        self.web.start("python3", "-c", SERVER, 8080, "web", name="server", ready=lambda: self.web.listens(8080))
        mesh.enrol(self.web, "shop", "web", {"app": "web"}, {"http": 8080})
        mesh.enrol(self.near, "shop", "near")
        mesh.enrol(self.client, "shop", "client")
        eventually(lambda: self.client.http(WEB)[0] == 200, "the mesh carries a request")

    def node(self, name):
        return json.loads(self.mesh.ctl("node", "describe", name, "-o", "json").stdout)

    def metric(self, pattern, host=None, port=15014):
        """The sum of a metric's series that match a pattern, on the control host or a node."""
        page = (host or self.mesh.control).run("curl", "-sS", "-m", "5", f"http://127.0.0.1:{port}/metrics").stdout
        return sum(float(line.split(" ")[1]) for line in page.splitlines() if re.match(pattern, line))

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitjoin") as lab:
        yield Fixture(lab, programs)


def test_a_joined_node_has_its_files_and_is_listed(fixture):
    folder = fixture.mesh.folder / "host-1/state/node"
    assert oct((folder / "node.key").stat().st_mode & 0o777) == "0o600"
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    subject = run("openssl", "x509", "-in", folder / "node.crt", "-noout", "-ext", "subjectAltName").stdout
    assert "URI:spiffe://cluster.local/ambit/node/host-1" in subject, subject
    table = fixture.mesh.ctl("node", "list").stdout
    assert re.search(r"host-1 +SYNCED +10\.77\.0\.\d+:\d+ +now +\S+ +1 +\d+d", table), table
    node = fixture.node("host-2")
    assert node["grants"] == ["shop/near", "shop/web"] and {w["name"] for w in node["workloads"]} == {"web", "near"}, node
    assert {c["identity"] for c in node["workloadCertificates"]} >= {"spiffe://cluster.local/ns/shop/sa/web"}, node
    secret = fixture.tokens["host-1"].split("_")[2]
    assert secret not in fixture.mesh.ctl("token", "list", "-o", "json").stdout + fixture.mesh.ambitd.log()


def test_a_used_token_does_not_work_again(fixture):
    again = fixture.mesh.join(fixture.third, fixture.tokens["host-1"], check=False)
    assert again.returncode == 1 and "was used at" in again.stderr and "node revoke host-1" in again.stderr, again.stderr
    twice = fixture.mesh.join(fixture.first, fixture.mesh.token("host-9", "shop/x"), check=False)
    assert "is a node already" in twice.stderr, twice.stderr


def test_bad_tokens_and_addresses_are_told_apart(fixture):
    mesh, token = fixture.mesh, fixture.mesh.token("host-3", "shop/late")
    parts = token.split("_")
    for text, word in [
        ("hello", "not a join token"), (token[:-20], "not a join token"),
        ("_".join(parts[:2] + ["0" * 64] + parts[3:]), "not one of this ambitd"),
        ("_".join(parts[:4] + ["host-4"] + parts[5:]), "is for node host-3"),
    ]:
        done = mesh.join(fixture.third, text, check=False)
        assert done.returncode != 0 and word in done.stderr, done.stderr
    nobody = mesh.join(fixture.third, token, address=f"{mesh.control.address}:9", check=False)
    assert "no ambitd answers" in nobody.stderr, nobody.stderr
    wrong = mesh.join(fixture.third, token, address=f"{mesh.control.address}:15014", check=False)
    assert wrong.returncode == 1 and "15014" in wrong.stderr, wrong.stderr
    mesh.ctl("token", "delete", parts[1])
    gone = mesh.join(fixture.third, token, check=False)
    assert "not one of this ambitd" in gone.stderr, gone.stderr
    assert fixture.metric(r'ambit_control_joins_total\{outcome="wrong_token"') >= 2
    assert not (mesh.folder / "host-3/state/node/node.crt").exists()


def test_an_impostor_is_recognised_and_told_nothing(fixture):
    mesh = fixture.mesh
    token = mesh.token("host-3", "shop/late")
    fixture.evil.start(
        mesh.programs / "ambitd", "serve", "--state-dir", mesh.folder / "evil-state", "--advertise", fixture.evil.address,
        name="ambitd", ready=lambda: fixture.evil.listens(15013))
    done = mesh.join(fixture.third, token, address=fixture.evil.address, check=False)
    assert done.returncode == 1 and "impersonating" in done.stderr and "Nothing was sent" in done.stderr, done.stderr
    assert fixture.metric("ambit_control_joins_total", fixture.evil) == 0
    mesh.ctl("token", "delete", token.split("_")[1])


def test_node_certificates_renew_without_a_dropped_request(fixture):
    mesh = fixture.mesh
    mesh.ambitd.stop()
    mesh.start_control("--node-certificate-lifetime", "20s")
    mesh.join(fixture.third, mesh.token("host-3", "shop/late"))
    certificate = mesh.folder / "host-3/state/node/node.crt"
    serials = [run("openssl", "x509", "-in", certificate, "-noout", "-serial").stdout]
    mesh.start_joined(fixture.third)
    mesh.enrol(fixture.late, "shop", "late")
    eventually(lambda: fixture.late.http(WEB)[0] == 200, "the third host's workload is served")

    def renewed():
        serial = run("openssl", "x509", "-in", certificate, "-noout", "-serial").stdout
        if serial != serials[-1]:
            serials.append(serial)
        return len(serials) > 3

    statuses = []
    deadline = time.monotonic() + 30
    while not renewed() and time.monotonic() < deadline:
        statuses.append(fixture.late.http(WEB)[0])
    assert len(serials) > 3, mesh.nodes["host-3"].log()[-2000:]
    assert set(statuses) == {200}, statuses
    assert fixture.metric("ambit_node_certificate_renewals", fixture.third, 15020) >= 3
    assert fixture.node("host-3")["grants"] == ["shop/late"]
    # A restart goes on from the files.
    mesh.nodes["host-3"].stop()
    mesh.start_joined(fixture.third)
    eventually(lambda: fixture.late.http(WEB)[0] == 200, "the restarted node is served")
    renewals = lambda: fixture.metric("ambit_node_certificate_renewals", fixture.third, 15020)
    eventually(lambda: renewals() >= 1, "it renews after the restart")
    # Without ambitd the node says what is wrong, and shows it.
    mesh.ambitd.stop()
    eventually(
        lambda: "is past half of its life and is not renewed" in mesh.nodes["host-3"].log(), "the failure is logged")
    eventually(lambda: fixture.metric("ambit_node_certificate_overdue 1", fixture.third, 15020) == 1, "and shown")
    eventually(
        lambda: re.search(r"the certificate of this node expired at .*join again", mesh.nodes["host-3"].log()),
        "an expired certificate is told with what to do", 40)
    mesh.start_control()
    assert fixture.late.http(WEB)[0] == 200, "the data plane goes on with its own certificates"


def test_a_revoked_node_is_cut_off_at_once(fixture):
    mesh = fixture.mesh
    eventually(lambda: fixture.client.http(WEB)[0] == 200, "before")
    states = lambda: mesh.ctl("node", "list").stdout
    eventually(lambda: len(re.findall(r"host-[12] +SYNCED", states())) == 2, "both nodes are connected again", 25)
    source = "import http.client,sys; c=http.client.HTTPConnection(sys.argv[1],8080); c.request('GET','/'); " \
        "c.getresponse().read(); print('open', flush=True); c.sock.recv(1)"
    held = fixture.client.start("python3", "-u", "-c", source, fixture.web.address, name="held")
    eventually(lambda: "open" in held.log(), "a connection is held")
    assert held.popen.poll() is None
    began = time.monotonic()
    said = mesh.ctl("node", "revoke", "host-1").stdout
    assert "1 workload left the endpoints" in said, said
    eventually(lambda: held.popen.poll() is not None, "the held connection ends", 5, 0.01)
    took = time.monotonic() - began
    assert took < 2, f"{took:.2f} s"
    print(f"        revoked to cut: {took:.2f} s, the command included")
    # The two ends learn of it each for itself.
    eventually(lambda: fixture.client.http(WEB, timeout=5)[0] == 0, "new connections are refused", 2)
    eventually(lambda: mesh.access_log(fixture.second, r"was revoked: it was issued to node host-1"), "the peer says why")
    assert fixture.near.http(WEB)[0] == 200, "others go on"
    assert fixture.metric("ambit_revoked_peers_total", fixture.second, 15020) >= 1
    entries = mesh.ctl("get", "workloadentries", "-n", "shop").stdout
    assert "client" not in entries, entries
    eventually(lambda: "node host-1 was revoked" in mesh.nodes["host-1"].log(), "the node is told")
    assert "REVOKED" in mesh.ctl("node", "list").stdout
    # What was revoked stays revoked over a restart of ambitd.
    mesh.ambitd.stop()
    mesh.start_control()
    assert fixture.client.http(WEB, timeout=5)[0] == 0
    # The name comes back with a new token, the certificates of before do not.
    mesh.nodes["host-1"].stop()
    mesh.join(fixture.first, mesh.token("host-1", "shop/client", more=["--replace"]), "--force")
    mesh.start_joined(fixture.first)
    eventually(lambda: fixture.client.http(WEB)[0] == 200, "the node that joined again is served")


def test_a_stolen_certificate_gets_nothing_that_was_not_granted(fixture):
    mesh = fixture.mesh
    loot = mesh.folder / "evil"
    run("cp", "-a", mesh.folder / "host-1", loot)
    run("rm", "-rf", loot / "run", loot / "state/enrolments", loot / "state/certificates")
    settings = loot / "etc/ztunnel.env"
    settings.write_text(settings.read_text().replace("/host-1/", "/evil/"))
    thief = fixture.evil.workload("thief")
    before = fixture.metric(r'ambit_control_refusals_total\{reason="grant"')
    mesh.start_joined(fixture.evil)
    thief.resolver("10.77.0.53", [])
    done = mesh.node_ctl(
        fixture.evil, "enroll", "netns", thief.name, "--name", "thief", "--namespace", "shop", "--service-account", "web",
        "--timeout", "4", check=False)
    assert done.returncode != 0 and "shop/web" in done.stderr, done.stderr
    assert "node host-1 may not have certificates for spiffe://cluster.local/ns/shop/sa/web" in mesh.ambitd.log()
    assert fixture.metric(r'ambit_control_refusals_total\{reason="grant"') > before
    assert "thief" not in mesh.ctl("get", "workloadentries", "-n", "shop").stdout
