"""docs/requests.md, followed to the letter: its commands in their order, against the samples as they are."""

import collections
import contextlib
import json
import pathlib
import re
import shlex

from certificates import Authority
from lab import ROOT, Failure, Lab, eventually, run
from mesh import Mesh

LAB = pathlib.Path(__file__).parents[1] / "Lab"
GUIDE = ROOT / "docs/requests.md"
REQUESTS = 200
# What the quick start has made.
CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""


def commands(section):
    """The commands of a section of the guide, line by line."""
    text = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)
    found = [part for part in text if part.startswith(section + "\n")]
    if len(found) != 1:
        raise Failure(f"{GUIDE} has {len(found)} sections \"{section}\"")
    lines = [line.strip() for line in found[0].splitlines() if line.startswith("    ")]
    return [shlex.split(line) for line in lines if line.split()[0] in ("ambitctl", "apt", "systemctl", "curl")]


class Fixture:
    """The hosts of the quick start, and one that is not in the mesh."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.one, self.two, self.outside = (lab.host(name) for name in ("host-1", "host-2", "outside"))
        self.frontend = self.one.workload("frontend")
        # The units that the guide enrolls, each where it says.
        self.units = {"web.service": (self.two.workload("web"), "web"), "web-v2.service": (self.one.workload("web-v2"), "web-v2")}
        self.authority = Authority(lab.folder / "public-ca", "a public authority")
        self.api = self.certificate("api.example.com")
        self.shop = self.certificate("shop.example.com")
        self.two.resolver(self.outside.address, ["example.invalid"])
        self.start_outside()
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        self.credentials = {}
        for host, grant in ((self.one, "shop/frontend"), (self.two, "shop/web")):
            self.credentials[host.short] = mesh.issue(host.short, grant)
            mesh.start_node(host, self.credentials[host.short], workers=1)
        mesh.enrol(self.frontend, "shop", "frontend", {"app": "frontend"})
        for workload, name in self.units.values():
            workload.start(
                "python3", LAB / "http_backend.py", "--name", name, "--port", 8080, name="backend",
                ready=lambda workload=workload: workload.listens(8080))
        mesh.enrol(self.units["web.service"][0], "shop", "web", {"app": "web"}, {"http": 8080})
        eventually(lambda: self.get("http://web.shop.svc.cluster.local/")[0] == 200, "the quick start's mesh works", 20)

    def certificate(self, name):
        """A leaf for a DNS name, of the public authority, and its key."""
        key, leaf, request, extensions = (self.lab.folder / f"{name}.{end}" for end in ("key", "crt", "csr", "ext"))
        self.authority.new_key(key)
        run("openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.authority.root, "-CAkey", self.authority.key, "-CAcreateserial",
            "-days", 2, "-extfile", extensions, "-out", leaf)
        return leaf, key

    def start_outside(self):
        names = self.lab.folder / "names.json"
        names.write_text(json.dumps({"api.example.com": {"ttl": 60, "addresses": [self.outside.address]}}))
        self.outside.start(
            "python3", LAB / "name_server.py", self.outside.address, names, name="names",
            ready=lambda: "ready" in self.lab.processes[-1].log())
        self.outside.start(
            "python3", LAB / "external_server.py", "--name", "api", "--port", 443, "--certificate", self.api[0], "--key", self.api[1],
            name="api", ready=lambda: self.outside.listens(443))

    def get(self, url, *options):
        status, body = self.frontend.http(url, *options)
        return status, json.loads(body) if status == 200 else body

    def answer(self, url):
        """What the endpoint said; a failure that `eventually` tries again where nobody did."""
        status, answer = self.get(url)
        if status != 200:
            raise Failure(f"{url}: {status} {answer}")
        return answer

    # The guide's commands

    def follow(self, section):
        """Does what a section says; its curl commands are given back, to be asked for when what is before them holds."""
        asked = []
        for program, *words in commands(section):
            if program == "curl":
                asked.append(words)
            elif program == "systemctl":
                self.enable(words[-1])
            elif program == "ambitctl" and words[:2] == ["enroll", "unit"]:
                self.enroll(words[2], words[3:])
            elif program == "ambitctl":
                done = self.mesh.ctl(*[word.replace("samples/", f"{ROOT}/samples/") for word in words], timeout=120)
                print("  ambitctl", *words, "->", done.stdout.strip().splitlines()[-1:])
        return asked

    def enroll(self, unit, words):
        """The unit is a network namespace here; identity, labels and ports are as written."""
        workload, name = self.units[unit]
        self.mesh.node_ctl(workload.host, "enroll", "netns", workload.name, "--name", name, *words)

    def enable(self, unit):
        """The program of a unit with the settings that the unit gives it, on host-2."""
        kind, name = re.fullmatch(r"ambit-(\w+)@(.+)", unit).groups()
        folder = self.lab.folder / f"{kind}-{name}"
        folder.mkdir()
        self.two.start(
            self.mesh.programs / "waypoint", "proxy", name=kind,
            env=self.mesh.node_environment(self.two, self.credentials["host-2"], extra={
                f"AMBIT_{kind.upper()}": name, "AMBIT_HBONE_PORT": "auto", "AMBIT_READINESS_PORT": "0", "AMBIT_WORKER_THREADS": "1",
                "AMBIT_STATE_DIR": str(folder), "SSL_CERT_FILE": str(self.authority.root)}))

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitgui") as lab:
        yield Fixture(lab, programs)


def test_the_waypoint_serves(fixture):
    fixture.follow("A waypoint")
    eventually(
        lambda: any("sa/waypoint" in value for _, value in fixture.answer("http://web.shop.svc.cluster.local/")["headers"]),
        "requests go through the waypoint", 20)


def test_the_canary_gets_its_share(fixture):
    fixture.follow("A canary")

    def shares(count):
        names = collections.Counter()
        for _ in range(count):
            status, answer = fixture.get("http://web.shop.svc.cluster.local/")
            assert status == 200, (status, answer)
            names[answer["name"]] += 1
        return names

    # Without the routes it were half of them.
    eventually(lambda: 1 <= shares(40)["web-v2"] <= 12, "one in ten goes to v2", 40)
    found = shares(REQUESTS)
    # Four standard deviations round 20 of 200.
    assert 3 <= found["web-v2"] <= 37 and found["web"] + found["web-v2"] == REQUESTS, found


def test_the_outside_service_is_called_in_tls(fixture):
    fixture.follow("A service outside the mesh, in TLS")
    # Before its configuration is there, the name leads nowhere.
    eventually(lambda: fixture.get("http://api.example.com/")[0] == 200, "the service answers", 20)
    status, answer = fixture.get("http://api.example.com/hello")
    assert (answer["sni"], answer["host"], answer["path"]) == ("api.example.com", "api.example.com", "/hello"), answer
    assert answer["peer"] == fixture.two.address, answer


def test_the_gateway_is_reached_in_http_and_https(fixture):
    folder = pathlib.Path("/etc/netns") / fixture.outside.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hosts").write_text(f"{fixture.two.address} host-2 shop.example.com\n")
    leaf, key = fixture.shop
    fixture.mesh.ctl("apply", "-f", "-", input=json.dumps({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "shop-example", "namespace": "istio-system"},
        "stringData": {"tls.crt": leaf.read_text(), "tls.key": key.read_text()}}))
    asked = fixture.follow("A gateway")
    assert len(asked) == 2, asked
    for words in asked:
        def answer(words=words):
            done = fixture.outside.run("curl", "-fsS", "-m", 5, "--cacert", fixture.authority.root, *words)
            return json.loads(done.stdout)["name"] in ("web", "web-v2")
        eventually(answer, f"curl {' '.join(words)} is answered", 30)
