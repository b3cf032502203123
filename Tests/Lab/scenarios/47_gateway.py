"""A gateway: HTTP and HTTPS from outside the mesh to an enrolled unit, reloaded under load, deleted, purged"""

import json

import services
from host_state import difference, host_state
from lab import eventually, run
from traffic import Load

GATEWAY = "istio-ingressgateway"
UNIT = f"ambit-gateway@{GATEWAY}.istio-system.service"
NAME = "shop.example"
RELOADS = 4
ROUTES = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example]}
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example], tls: {mode: SIMPLE, credentialName: shop-example}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: front, namespace: shop}
spec:
  hosts: [shop.example]
  gateways: [front]
  http:
  - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
"""


def scenario(story, mesh):
    """On host-1, whose ztunnel serves the frontend; the unit web is on host-2, the client on the control host, which is no node."""
    clean = state(mesh.one)
    hosts = (mesh.control.root / "etc/hosts").read_text()
    mesh.control.write("/etc/hosts", f"{hosts}{mesh.one.address} {NAME}\n")
    try:
        life(story, mesh)
    finally:
        mesh.typed(story, mesh.one, "apt-get", "purge", "-qq", "--yes", "ambit-waypoint")
        mesh.control.write("/etc/hosts", hosts)
    for what, now in state(mesh.one).items():
        story.shows(f"after the purge {mesh.one.name}: {what} is what it was", now == clean[what], difference(clean[what], now))
    story.shows(f"{mesh.one.name}: no gateway is left", not mesh.one.run("pgrep", "-a", "waypoint", check=False).stdout)


def state(node):
    """What the host is like, without what the node itself keeps and writes meanwhile."""
    found = host_state(node)
    found["the file system"] = [line for line in found["the file system"] if not line.startswith("/var/lib/ambit/")]
    return found


def certificate(mesh):
    """A certificate for the name, brought to the client as the root that it trusts; as a Secret for the gateway."""
    key, leaf = (mesh.hosts.folder / f"{NAME}.{end}" for end in ("key", "crt"))
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", leaf)
    mesh.control.copy(leaf, "/root/shop.crt")
    return json.dumps({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "shop-example", "namespace": "istio-system"},
        "stringData": {"tls.crt": leaf.read_text(), "tls.key": key.read_text()}})


def life(story, mesh):
    node, client = mesh.one, mesh.control

    def asks(scheme):
        return client.run(
            "curl", "-fsS", "-m", 5, "--cacert", "/root/shop.crt", f"{scheme}://{NAME}/", check=False).stdout

    mesh.typed(story, node, "apt-get", "install", "-qq", "--yes", *mesh.bring(node, "ambit-waypoint"))
    story.shows("installed, no host runs a gateway", not node.active(UNIT))
    made = mesh.typed(story, client, "ambitctl", "gateway", "apply", GATEWAY, "-n", "istio-system", "--node", node.name)
    story.shows("ambitctl says what comes next", f"systemctl enable --now {UNIT}" in made.stdout, made.stdout.splitlines()[-1])
    mesh.typed(story, node, "systemctl", "enable", "--now", UNIT)
    mesh.typed(story, client, "ambitctl", "gateway", "apply", GATEWAY, "-n", "istio-system", "--wait")
    story.shows("without a Gateway it opens no port", not node.listens(80) and not node.listens(443))

    mesh.apply(certificate(mesh) + "\n---\n" + ROUTES)
    for scheme in ("http", "https"):
        answer = eventually(lambda scheme=scheme: asks(scheme), f"{scheme} reaches the unit web", 30)
        story.shows(f"{scheme}://{NAME}/ from outside the mesh reaches the unit web on host-2", services.MARKER in answer)

    loads = {(scheme, kind): Load(client, None, f"{scheme}://{NAME}/", connections=2, fresh=kind == "new")
             for scheme in ("http", "https") for kind in ("kept", "new")}
    process = node.show(UNIT, "MainPID")
    for _ in range(RELOADS):
        node.run("systemctl", "reload", UNIT, timeout=90)
    for (scheme, kind), load in loads.items():
        answered, errors = load.finish()
        story.shows(f"wrk on {kind} {scheme} connections: no request failed during {RELOADS} reloads", answered and not errors,
                    f"{answered} requests, errors: {errors or 'none'}")
    story.shows("the gateway is a new process", node.show(UNIT, "MainPID") != process)
    # What a replaced generation has opened ends with it.
    line = eventually(
        lambda: mesh.access_log(mesh.two, "connection complete", 'direction="?inbound', f"sa/{GATEWAY}", "sa/web"),
        "host-2's ztunnel knows the gateway by its identity")[-1]
    story.shows("between the hosts it is mutual TLS with the gateway's identity", True, line[-240:])

    mesh.typed(story, client, "ambitctl", "delete", "-f", "-", input=ROUTES)
    eventually(lambda: not node.listens(80) and not node.listens(443), "the ports are closed with the Gateway", 20)
    story.shows("without its Gateway the ports are closed", True)
    deleted = mesh.typed(story, client, "ambitctl", "gateway", "delete", GATEWAY, "-n", "istio-system")
    story.shows("ambitctl says what is left to do", f"systemctl disable --now {UNIT}" in deleted.stdout, deleted.stdout.strip())
    mesh.typed(story, node, "systemctl", "disable", "--now", UNIT)
    mesh.ctl("node", "disallow", node.name, f"istio-system/{GATEWAY}")
    mesh.ctl("delete", "secret", "shop-example", "-n", "istio-system")
    story.shows("disabled, its unit does not run", not node.active(UNIT))
