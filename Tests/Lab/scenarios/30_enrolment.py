"""Enrolling and leaving during traffic"""

import time

import services
from lab import eventually
from traffic import Stream

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: echo, namespace: shop}
spec: {selector: {app: echo}, ports: [{name: tcp, port: 7000}]}
"""


def scenario(story, mesh):
    services.echo(mesh.two, "echo", 7000)
    # At a shared address a workload is found by the ports of its services.
    mesh.apply(SERVICE)
    # A client in no mesh: one in the mesh cannot reach a port of host-2's address that no workload has.
    services.client(mesh.one, "outsider")
    before = eventually(lambda: Stream(mesh.one, "outsider.service", mesh.two.address, 7000), "the outsider reaches echo")
    mesh.enroll(story, mesh.two, "echo", "--port", "tcp:7000")
    inside = eventually(lambda: Stream(mesh.one, "batch.service", mesh.two.address, 7000), "batch reaches echo in the mesh")
    story.shows("a stream from before the enrolment goes on", before.goes_on())
    for node in mesh.nodes:
        eventually(lambda: "echo" in mesh.workloads(node), f"{node.name} knows echo")
    mesh.typed(story, mesh.two, "ambitctl", "unenroll", "unit", "echo.service")
    started = time.monotonic()
    for node in mesh.nodes:
        eventually(lambda: "echo" not in mesh.workloads(node), f"echo is gone from {node.name}'s endpoints", 10)
    seconds = time.monotonic() - started
    story.shows("within a second of leaving it is gone from every node's endpoints", seconds < 1, f"{seconds * 1000:.0f} ms")
    mesh.enroll(story, mesh.two, "echo", "--port", "tcp:7000")
    for name, stream in (("before the enrolment", before), ("inside the mesh", inside)):
        text = stream.finish()
        story.shows(f"the stream from {name} met nothing of it", "answers" in text, text)
