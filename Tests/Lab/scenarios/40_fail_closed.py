"""Fail closed: no byte of an enrolled unit outside port 15008, whatever happens to it and to ztunnel"""

import re
import time

import services
from lab import eventually

RESTARTS = 50
RELOADS = 10


def scenario(story, mesh):
    url = f"http://{mesh.two.address}:8080/"
    services.client(mesh.one, "talker")
    mesh.enroll(story, mesh.one, "talker")
    services.talker(mesh.one, "talker", url)
    mesh.one.run("systemctl", "restart", "talker.service")

    def through_the_mesh():
        return mesh.access_log(mesh.two, "connection complete", "sa/talker")
    eventually(through_the_mesh, "the talker talks through the mesh")
    capture = mesh.hosts.capture("fail-closed")

    def shows(what):
        # The capture is one; each part says of which part a stray packet is.
        nonlocal capture
        capture.stop()
        stray = capture.between(mesh.one, mesh.two, [15008])
        story.shows(what, not stray and not capture.contains(services.MARKER.encode()), "; ".join(stray[:3]))
        capture = mesh.hosts.capture(f"fail-closed-{len(what)}-{time.monotonic_ns()}")

    for _ in range(RESTARTS):
        mesh.one.run("systemctl", "restart", "talker.service")
    shows(f"while the unit restarts {RESTARTS} times")

    mesh.one.run("systemctl", "stop", "ambit-ztunnel.service")
    for _ in range(3):
        mesh.one.run("systemctl", "restart", "talker.service")
    refused = mesh.one.run("curl", "-sS", "-m", 2, url, group=mesh.one.unit_group("talker.service"), check=False)
    story.shows("while ztunnel is stopped its traffic is refused", refused.returncode != 0, refused.stderr.strip())
    shows("and nothing of it goes out")
    mesh.one.run("systemctl", "start", "ambit-ztunnel.service")

    for _ in range(RELOADS):
        mesh.one.run("ztunnel", "capture", "load")
    shows(f"while the rules are loaded anew {RELOADS} times")

    def chains():
        return re.findall(r"chain \S+ \{ # handle \d+", mesh.one.run("nft", "-a", "list", "table", "inet", "ambit-host").stdout)

    # Debian's unit, whose rules begin with `flush ruleset`. Chains that are made anew would be empty to a packet on its way.
    before = chains()
    mesh.one.run("systemctl", "start", "nftables.service")
    # systemd lets a unit start five times in ten seconds.
    for verb in [*["reload"] * RELOADS, "restart", "restart"]:
        mesh.one.run("systemctl", verb, "nftables.service")
    mesh.one.run("systemctl", "stop", "nftables.service")
    tables = mesh.one.run("nft", "list", "tables").stdout
    story.shows("the capture rules stay in the same chains meanwhile", bool(before) and chains() == before, f"{len(before)} chains")
    shows(f"while nftables.service is reloaded {RELOADS} times, restarted and stopped")
    count = len(through_the_mesh())
    eventually(lambda: len(through_the_mesh()) > count, "the talker talks on", 30)
    story.shows("the capture rules outlast it, and the talker talks on", "ambit-host" in tables, tables.replace("\n", ", "))

    mesh.one.reboot()
    story.shows("after a reboot the talker was started by itself", mesh.one.active("talker.service"))
    mesh.serves(mesh.one)
    count = len(through_the_mesh())
    eventually(lambda: len(through_the_mesh()) > count, "the talker talks again after the reboot", 30)
    shows("during the boot")
    capture.stop()
    mesh.typed(story, mesh.one, "ambitctl", "unenroll", "unit", "talker.service")
    mesh.one.run("systemctl", "disable", "--now", "talker.service")
