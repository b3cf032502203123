"""Upgrade, reload, restart and crash under load"""

import time

import services
from lab import eventually, run
from traffic import Load, Session, Stream

RELOADS = 20
WEB = "http://web.shop.svc.cluster.local/"
DATABASE = """
apiVersion: v1
kind: Service
metadata: {name: orders-db, namespace: shop}
spec: {selector: {app: orders-db}, ports: [{name: tcp-postgres, port: 5432}]}
"""


def scenario(story, mesh):
    services.database(mesh.two, "orders-db")
    mesh.enroll(story, mesh.two, "orders-db", "--port", "postgres:5432")
    mesh.apply(DATABASE)
    eventually(lambda: mesh.two.listens(5432), "the database is up", 30)
    eventually(lambda: fresh_request(mesh), "the frontend reaches web")
    upgrade(story, mesh)
    restart(story, mesh)
    crash(story, mesh)


def upgrade(story, mesh):
    """Both nodes get a newer package, then reload on and on."""
    stream = eventually(lambda: Stream(mesh.one, "batch.service", "echo.shop.svc.cluster.local", 7000), "a stream through the mesh")
    session = Session(mesh.one, "batch.service", "orders-db.shop.svc.cluster.local")
    kept, fresh = Load(mesh.one, "frontend.service", WEB), Load(mesh.one, "frontend.service", WEB, connections=2, fresh=True)
    pids = {node: node.show("ambit-ztunnel.service", "MainPID") for node in mesh.nodes}
    started = time.monotonic()
    for node in mesh.nodes:
        files = mesh.bring(node, "ambit-node", "ambitctl", folder="next")
        mesh.typed(story, node, "apt-get", "install", "-qq", "--yes", *files)
        version = node.run("curl", "-fsS", "http://127.0.0.1:15020/metrics").stdout
        pid = node.show("ambit-ztunnel.service", "MainPID")
        story.shows(f"installing a newer package replaces {node.name}'s running ztunnel", pid != pids[node] and node.active("ambit-ztunnel.service"),
                    f"process {pids[node]}, then {pid}")
    for number in range(RELOADS - 1):
        mesh.nodes[number % 2].run("systemctl", "reload", "ambit-ztunnel.service", timeout=90)
    seconds = time.monotonic() - started
    pids_after = {node.show("ambit-ztunnel.service", "MainPID") for node in mesh.nodes}
    for name, load in (("kept", kept), ("new", fresh)):
        answered, errors = load.finish()
        story.shows(f"wrk on {name} connections: no request failed during {RELOADS + 1} reloads", answered and not errors,
                    f"{answered} requests in {seconds:.0f} s, errors: {errors or 'none'}")
        if errors:
            mesh.show_problems()
    text = stream.finish()
    story.shows("the long stream met nothing of it", "answers" in text, text)
    story.shows("the idle database session is still the same", session.finish())


def restart(story, mesh):
    """`systemctl restart`: what is open ends, what is new waits."""
    refused, asked = [], 0
    stream = Stream(mesh.one, "batch.service", "echo.shop.svc.cluster.local", 7000)
    for node in mesh.nodes:
        restarting = node.start("systemctl", "restart", "ambit-ztunnel.service")
        while restarting.poll() is None or asked % 10:
            asked += 1
            done = mesh.one.run(*CURL, group=mesh.one.unit_group("frontend.service"), check=False)
            if done.returncode == 7:
                refused.append(done.stderr.strip())
        mesh.serves(node)
    text = stream.finish()
    story.shows("a restart ends what is established", "answers" not in text, text)
    story.shows("and refuses no new connection", not refused, f"{asked} asked, {len(refused)} refused {refused[:1]}")
    eventually(lambda: fresh_request(mesh), "the frontend reaches web after the restart")


def crash(story, mesh):
    """`kill -9`: new connections wait for the next ztunnel."""
    for node in mesh.nodes:
        pid = node.show("ambit-ztunnel.service", "MainPID")
        node.run("kill", "-9", pid)
        started = time.monotonic()
        answer = mesh.one.run(*CURL, group=mesh.one.unit_group("frontend.service"), check=False)
        story.shows(f"after kill -9 of {node.name}'s ztunnel the next connection waits and succeeds", answer.returncode == 0,
                    f"{time.monotonic() - started:.2f} s {answer.stderr.strip()}")
        eventually(lambda: node.show("ambit-ztunnel.service", "MainPID") not in ("0", pid), "systemd has started the next one")
        mesh.serves(node)


CURL = ["curl", "-fsS", "-m", "20", "-o", "/dev/null", WEB]


def fresh_request(mesh):
    return mesh.one.run(*CURL, group=mesh.one.unit_group("frontend.service"), check=False).returncode == 0
