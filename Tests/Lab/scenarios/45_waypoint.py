"""A waypoint: made, run on both nodes, reloaded and restarted under load, deleted, purged"""

import services
from host_state import difference, host_state
from lab import eventually
from traffic import Load

UNIT = "ambit-waypoint@waypoint.shop.service"
WEB = "http://web.shop.svc.cluster.local/"
RELOADS = 6


def scenario(story, mesh):
    clean = {node: state(node) for node in mesh.nodes}
    frontend = mesh.one.unit_group("frontend.service")
    try:
        life(story, mesh, frontend)
    finally:
        for node in mesh.nodes:
            mesh.typed(story, node, "apt-get", "purge", "-qq", "--yes", "ambit-waypoint")
    for node in mesh.nodes:
        for what, now in state(node).items():
            story.shows(f"after the purge {node.name}: {what} is what it was", now == clean[node][what], difference(clean[node][what], now))
        story.shows(f"{node.name}: no waypoint is left", not node.run("pgrep", "-a", "waypoint", check=False).stdout)


def state(node):
    """What the host is like, without what the node itself keeps and writes meanwhile."""
    found = host_state(node)
    found["the file system"] = [line for line in found["the file system"] if not line.startswith("/var/lib/ambit/")]
    return found


def life(story, mesh, frontend):
    def asks():
        return mesh.one.run("curl", "-fsS", "-m", 5, WEB, group=frontend, check=False).stdout

    def requests(node):
        return node.journal(UNIT, lines=100_000).count('"GET / HTTP/1.1" 200')

    def status():
        return mesh.ctl("waypoint", "status", "waypoint", "-n", "shop").stdout

    for node in mesh.nodes:
        mesh.typed(story, node, "apt-get", "install", "-qq", "--yes", *mesh.bring(node, "ambit-waypoint"))
    story.shows("installed, no host runs a waypoint", not any(node.active(UNIT) for node in mesh.nodes))
    made = mesh.typed(
        story, mesh.control, "ambitctl", "waypoint", "apply", "-n", "shop", "--node", mesh.one.name, "--node", mesh.two.name)
    story.shows("ambitctl says what comes next", f"systemctl enable --now {UNIT}" in made.stdout, made.stdout.splitlines()[-1])
    mesh.typed(story, mesh.two, "systemctl", "enable", "--now", UNIT)
    mesh.typed(story, mesh.control, "ambitctl", "waypoint", "status", "waypoint", "-n", "shop", "--wait")
    mesh.ctl("apply", "-f", "-", input=SERVICE % "istio.io/use-waypoint: waypoint")
    eventually(lambda: asks() and requests(mesh.two), "a request goes through the waypoint", 30)
    line = next(line for line in mesh.two.journal(UNIT, lines=1000).splitlines() if '"GET / HTTP/1.1" 200' in line)
    story.shows("a request goes through the waypoint on host-2, where a ztunnel and the service itself run", True, line[-200:])

    mesh.typed(story, mesh.one, "systemctl", "enable", "--now", UNIT)
    eventually(lambda: "2 of 2 ready: host-1, host-2" in status(), "both waypoints are ready", 30)
    before = {node: requests(node) for node in mesh.nodes}

    def both():
        for _ in range(10):
            asks()
        return all(requests(node) > before[node] for node in mesh.nodes)
    eventually(both, "both waypoints take requests", 30)
    story.shows("a second host shares the load", True, ", ".join(f"{node.name} {requests(node) - before[node]}" for node in mesh.nodes))

    kept, fresh = Load(mesh.one, "frontend.service", WEB), Load(mesh.one, "frontend.service", WEB, connections=2, fresh=True)
    pids = {node: node.show(UNIT, "MainPID") for node in mesh.nodes}
    for number in range(RELOADS):
        mesh.nodes[number % 2].run("systemctl", "reload", UNIT, timeout=90)
    for name, load in (("kept", kept), ("new", fresh)):
        answered, errors = load.finish()
        story.shows(f"wrk on {name} connections: no request failed during {RELOADS} reloads", answered and not errors,
                    f"{answered} requests, errors: {errors or 'none'}")
    story.shows("each waypoint is a new process", all(node.show(UNIT, "MainPID") != pids[node] for node in mesh.nodes))

    restarting = [node.start("systemctl", "restart", UNIT) for node in mesh.nodes]
    failed = asked = gone = 0
    while any(each.poll() is None for each in restarting) or asked < 10:
        asked += 1
        failed += not asks()
        gone += "2 of 2" not in status() and "NoReplica" in status()
    story.shows("a restart of all keeps them endpoints, and new requests wait", not failed and not gone, f"{asked} asked, {failed} failed, {gone} without")
    eventually(lambda: "2 of 2 ready" in status(), "both are ready after the restart", 30)

    # A request that is under way when its waypoint stops may take until the deadline; new ones go to the other.
    stopping = mesh.one.start("systemctl", "stop", UNIT)
    failed = asked = 0
    while stopping.poll() is None or asked < 10:
        asked += 1
        failed += not asks()
    eventually(lambda: "1 of 1 ready: host-2" in status(), "the stopped one has left", 10)
    story.shows("a stop leaves the endpoints without a failed request", not failed, f"{asked} asked, {failed} failed")

    mesh.ctl("apply", "-f", "-", input=SERVICE % "")
    mesh.typed(story, mesh.control, "ambitctl", "waypoint", "delete", "waypoint", "-n", "shop")
    for node in mesh.nodes:
        mesh.ctl("node", "disallow", node.name, "shop/waypoint")
    story.shows("without it the frontend reaches web directly", services.MARKER in eventually(asks, "the frontend reaches web", 20))


SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {%s}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
