"""Two units with one address and two identities"""

import services
from lab import eventually

POLICY = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8081}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api-clients, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  action: ALLOW
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/batch]}}]}]
"""
API = "http://api.shop.svc.cluster.local/"
WEB = "http://web.shop.svc.cluster.local/"


def scenario(story, mesh):
    services.web(mesh.two, "api", 8081)
    services.client(mesh.one, "batch")
    mesh.enroll(story, mesh.two, "api", "--port", "http:8081")
    mesh.enroll(story, mesh.one, "batch")
    mesh.apply(POLICY)

    def get(unit, url, *options):
        done = mesh.one.run(
            "curl", "-sS", "-m", 5, *options, url, group=mesh.one.unit_group(f"{unit}.service"), check=False)
        return done.stdout if done.returncode == 0 else ""

    eventually(lambda: "hello from api" in get("batch", API), "the batch job reaches api", 30)
    eventually(lambda: not get("frontend", API), "the policy reaches host-2")
    story.shows("the frontend reaches web", "hello from web" in get("frontend", WEB))
    story.shows("the frontend does not reach api, at the same address", not get("frontend", API))
    story.shows("nor by api's address and port", not get("frontend", f"http://{mesh.two.address}:8081/"))
    story.shows("nor over IPv6", not get("frontend", f"http://[{mesh.two.address6}]:8081/"))
    story.shows("the batch job, on the frontend's host, does", "hello from api" in get("batch", API))
    story.shows("it reaches web as well, over IPv6 too", "hello from web" in get("batch", WEB, "-6"))
    outsider = mesh.one.run("curl", "-sS", "-m", 5, f"http://{mesh.two.address}:8080/", check=False)
    story.shows("STRICT refuses a process of host-1 that is in no mesh", outsider.returncode != 0)
    for node, direction in ((mesh.one, "outbound"), (mesh.two, "inbound")):
        for client, server in (("frontend", "web"), ("batch", "api")):
            patterns = ("connection complete", f'direction="?{direction}', f"sa/{client}\\b", f"sa/{server}\\b")
            lines = eventually(lambda: mesh.access_log(node, *patterns), f"{node.name} logs {client} to {server}")
            story.shows(f"{node.name}'s access log: {client} to {server}, {direction}", lines)
    crossed = mesh.access_log(mesh.two, "connection complete", 'direction="?inbound', "sa/frontend\\b", "sa/api\\b")
    refused = [line for line in crossed if "error=" in line]
    story.shows("host-2's access log says why the frontend was refused", refused, (refused or [""])[-1][:300])
    story.shows("and knows no connection of it to api that was not", len(refused) == len(crossed))
