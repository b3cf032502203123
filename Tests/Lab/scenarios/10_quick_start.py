"""Quick start: from clean hosts to the first encrypted request

Three commands a host: install, join, enroll; on the control host install, start, and a token for each node.
"""

import time

import services
from lab import eventually

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
WEB = "http://web.shop.svc.cluster.local/"


def scenario(story, mesh):
    mesh.boot()
    services.client(mesh.one, "frontend")
    services.web(mesh.two, "web", 8080)
    capture = mesh.hosts.capture("quick-start")
    before = mesh.one.run("curl", "-sS", "-m", 5, f"http://{mesh.two.address}:8080/").stdout
    story.shows("before there is a mesh, host-1 reaches web in the clear", services.MARKER in before)
    eventually(lambda: capture.contains(services.MARKER.encode()), "the capture sees what goes over the link")
    capture.stop()
    story.shows("and the capture sees it", capture.between(mesh.one, mesh.two, [15008]))
    capture = mesh.hosts.capture("quick-start-in-the-mesh")
    mesh.remember_clean()

    started = time.monotonic()
    mesh.typed(story, mesh.control, "apt-get", "install", "-qq", "--yes", *mesh.bring(mesh.control, "ambit-control", "ambitctl"))
    mesh.typed(story, mesh.control, "systemctl", "enable", "--now", "ambitd")
    mesh.apply(CONFIGURATION)
    mesh.join(story, mesh.one, "--allow", "shop/frontend", "--allow", "shop/batch", "--allow", "shop/talker", "--allow", "shop/pair")
    mesh.join(story, mesh.two, "--allow", "shop/web", "--allow", "shop/api", "--allow", "shop/orders-db", "--allow", "shop/echo", "--allow", "shop/pair", "--allow", "shop/checked")
    mesh.enroll(story, mesh.one, "frontend")
    mesh.enroll(story, mesh.two, "web", "--port", "http:8080")
    frontend = mesh.one.unit_group("frontend.service")
    answer = eventually(
        lambda: mesh.one.run("curl", "-fsS", "-m", 5, WEB, group=frontend).stdout, "the frontend reaches web by name", 30)
    seconds = time.monotonic() - started
    mesh.is_up = True
    story.shows("the frontend reaches web by its mesh name", services.MARKER in answer, f"{seconds:.1f} s after the first command")
    capture.stop()
    story.shows("no byte of it is readable on the link", not capture.contains(services.MARKER.encode()))
    stray = capture.between(mesh.one, mesh.two, [15008])
    story.shows("all of it went to port 15008", not stray and capture.packets("tcp port 15008"), "; ".join(stray[:3]))
    lines = eventually(
        lambda: mesh.access_log(mesh.two, "connection complete", 'direction="?inbound', "sa/frontend", "sa/web"),
        "host-2's access log has both identities")
    story.shows("host-2's access log names both identities", lines, lines[-1][:300])
