"""The control process is down and a host reboots: it serves from its disk, and converges later"""

import services
from lab import eventually

WEB = "http://web.shop.svc.cluster.local/"
BATCH_ONLY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web-clients, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  action: ALLOW
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/batch]}}]}]
"""


def scenario(story, mesh):
    def get(unit):
        group = mesh.one.unit_group(f"{unit}.service")
        return "hello from web" in mesh.one.run("curl", "-fsS", "-m", 5, WEB, group=group, check=False).stdout

    mesh.typed(story, mesh.control, "systemctl", "stop", "ambitd")
    for node in mesh.nodes:
        story.command(node.name, "systemctl", "reboot")
        node.reboot()
    eventually(lambda: get("frontend"), "the frontend reaches web after both hosts' reboot", 30)
    story.shows("without ambitd, both hosts rebooted: the frontend reaches web by its mesh name", True)
    lines = mesh.access_log(mesh.two, "connection complete", 'direction="?inbound', "sa/frontend", "sa/web")
    story.shows("with both identities", lines, (lines or [""])[-1][:200])
    story.shows("policy is in force: the frontend does not reach api", mesh.one.run(
        "curl", "-fsS", "-m", 5, "http://api.shop.svc.cluster.local/", group=mesh.one.unit_group("frontend.service"),
        check=False).returncode != 0)
    mesh.typed(story, mesh.control, "systemctl", "start", "ambitd")
    eventually(lambda: mesh.ctl("get", "namespaces"), "ambitd answers", 30)
    mesh.apply(BATCH_ONLY)
    eventually(lambda: not get("frontend") and get("batch"), "what is applied now reaches the nodes", 45)
    story.shows("ambitd is back: what is applied now holds on the nodes", True)
    mesh.ctl("delete", "authorizationpolicy", "web-clients", "-n", "shop")
    eventually(lambda: get("frontend"), "the policy is gone again")
