"""A unit that stops leaves the endpoints before its sockets close"""

import json
import subprocess

import services
from lab import eventually

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: pair, namespace: shop}
spec: {selector: {app: pair}, ports: [{name: http, port: 80, targetPort: 8085}]}
"""
PAIR = "http://pair.shop.svc.cluster.local/"
# A new connection for each request, one after the other, until it is told to end; then how many, and how many were not answered.
CALLS = """
import select, subprocess, sys
done = failed = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    failed += subprocess.run(["curl", "-fsS", "-m", "5", "-o", "/dev/null", sys.argv[1]]).returncode != 0
    done += 1
print(done, failed)
"""
ROUNDS = 3


def scenario(story, mesh):
    for node in mesh.nodes:
        services.web(node, "pair", 8085)
        mesh.enroll(story, node, "pair", "--name", f"pair-{node.name}", "--port", "http:8085")
    mesh.apply(SERVICE)
    frontend = mesh.one.unit_group("frontend.service")

    def status(node):
        """The health of a node's half of the pair, as host-1 knows it."""
        dump = json.loads(mesh.one.run("curl", "-fsS", "http://127.0.0.1:15000/config_dump").stdout)
        return next((each["status"] for each in dump["workloads"] if each["name"] == f"pair-{node.name}"), "unknown")

    eventually(lambda: mesh.one.run("curl", "-fsS", "-m", 5, PAIR, group=frontend).stdout, "the frontend reaches the pair", 30)
    calls = mesh.one.start("python3", "-c", CALLS, PAIR, group=frontend, stdin=subprocess.PIPE)
    for _ in range(ROUNDS):
        mesh.two.run("systemctl", "stop", "pair.service")
        health = status(mesh.two)
        answered = [mesh.one.run("curl", "-fsS", "-m", 5, PAIR, group=frontend, check=False).returncode == 0 for _ in range(10)]
        story.shows(
            "when it has stopped, host-1 knows and sends all to the other half", health == "Unhealthy" and all(answered),
            f"{health}, {sum(answered)} of {len(answered)} answered")
        mesh.two.run("systemctl", "start", "pair.service")
        eventually(lambda: status(mesh.two) == "Healthy", "started, it is back within a moment", 10)
        mesh.two.run("systemctl", "restart", "pair.service")
    out, errors = calls.communicate("end\n", timeout=30)
    done, failed = map(int, out.split())
    story.shows(
        f"{ROUNDS} stops, starts and restarts of half a service cost no request", done > 20 and not failed,
        f"{done} requests, each on a connection of its own, {failed} failed {errors[-300:]}")
