"""The sides of the L7 bench: one worker each, as a plain HTTP reverse proxy in front of the same nginx.

Each opens the same ports, a set of routes and a version of HTTP a port; each is configured as its manual does it: HAProxy and nginx
find one of a thousand routes by a map, Envoy and the gateway by what their lists of routes are compiled to.
"""

import json

import envoy
import lab
from mesh import Mesh
from peers import Running

ROUTES = 1000
# Of the sets of routes: the one for HTTP/1.1, for HTTP/2 without TLS, and (one route) for gRPC.
PORTS = {"one": (18001, 18002), "paths": (18011, 18012), "headers": (18021, 18022)}
GRPC_PORT = 18003
HTTP_BACKEND, GRPC_BACKEND = 8080, 8090
SHARES = (90, 10)
# What a request says to be sent by a field; in the set "one" a special user goes to the second version.
USER = "x-user"


class Side:
    """A proxy on the `place`, before the two versions of the service, which are two addresses of one server."""

    name = ""

    def __init__(self, bench, place, versions, programs):
        self.bench, self.place, self.versions, self.programs = bench, place, versions, programs

    def start(self):
        raise NotImplementedError

    def ready(self):
        return all(self.place.listens(port) for pair in PORTS.values() for port in pair) and self.place.listens(GRPC_PORT)

    def running(self, process, stop=lambda: None):
        return Running([process], stop)


class Envoy(Side):
    name = "envoy"

    def start(self):
        clusters = [self.cluster(f"v{n}", address, HTTP_BACKEND) for n, address in enumerate(self.versions, 1)]
        clusters.append(self.cluster("grpc", self.versions[0], GRPC_BACKEND, http2=True))
        weighted = {"weighted_clusters": {"clusters": [
            {"name": f"v{n}", "weight": share} for n, share in enumerate(SHARES, 1)]}}

        def user(value, route):
            return {"match": {"prefix": "/", "headers": [
                {"name": USER, "string_match": {"exact": value}}]}, "route": route}

        everything = {"match": {"prefix": "/"}, "route": weighted}
        sets = {
            "one": [user("special", {"cluster": "v2"}), everything],
            "paths": [{"match": {"prefix": f"/route-{n}/"}, "route": weighted} for n in range(ROUTES)],
            "headers": [user(f"user-{n}", weighted) for n in range(ROUTES)],
        }
        listeners = [self.listener(port, routes) for name, routes in sets.items() for port in PORTS[name]]
        listeners.append(self.listener(GRPC_PORT, [{"match": {"prefix": "/"}, "route": {"cluster": "grpc"}}]))
        config = {"static_resources": {"listeners": listeners, "clusters": clusters}}
        return self.running(envoy.start(self.place, config, self.bench.folder, ports=[(self.place, GRPC_PORT)]))

    @staticmethod
    def listener(port, routes):
        return {"name": f"l{port}", "address": envoy.address("0.0.0.0", port), "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "bench", "codec_type": "AUTO",
                "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
                "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}]}]}

    @staticmethod
    def cluster(name, address, port, http2=False):
        made = {
            "name": name, "type": "STATIC", "connect_timeout": "5s",
            "circuit_breakers": {"thresholds": [{"max_connections": 100000, "max_pending_requests": 100000, "max_requests": 100000}]},
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{
                "endpoint": {"address": envoy.address(address, port)}}]}]}}
        if http2:
            made["typed_extension_protocol_options"] = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}}}}
        return made


class HAProxy(Side):
    name = "haproxy"

    def start(self):
        folder = self.bench.folder / "haproxy"
        folder.mkdir(exist_ok=True)
        (folder / "paths.map").write_text("".join(f"/route-{n}/ weighted\n" for n in range(ROUTES)))
        (folder / "users.map").write_text("".join(f"user-{n} weighted\n" for n in range(ROUTES)))
        rules = {
            "one": f"use_backend v2 if {{ hdr({USER}) -m str special }}\n  default_backend weighted",
            "paths": f"use_backend %[path,map_beg({folder}/paths.map)]",
            "headers": f"use_backend %[hdr({USER}),map_str({folder}/users.map)]",
        }
        frontends = "".join(
            f"frontend {name}{'h2' if port % 10 == 2 else ''}\n  bind :{port}{' proto h2' if port % 10 == 2 else ''}\n  {rules[name]}\n"
            for name, pair in PORTS.items() for port in pair)
        servers = "".join(
            f"  server v{n} {address}:{HTTP_BACKEND} weight {share}\n"
            for n, (address, share) in enumerate(zip(self.versions, SHARES), 1))
        (folder / "haproxy.cfg").write_text(f"""
global
  nbthread 1
  maxconn 5000
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{frontends}frontend grpc
  bind :{GRPC_PORT} proto h2
  default_backend grpc
backend weighted
{servers}backend v2
  server v2 {self.versions[1]}:{HTTP_BACKEND}
backend grpc
  server v1 {self.versions[0]}:{GRPC_BACKEND} proto h2
""")
        return self.running(self.place.start("haproxy", "-db", "-f", folder / "haproxy.cfg", ready=self.ready))


class Nginx(Side):
    name = "nginx"

    def start(self):
        folder = self.bench.folder / "nginx-proxy"
        folder.mkdir(exist_ok=True)
        weighted = "".join(f"server {address}:{HTTP_BACKEND} weight={share}; " for address, share in zip(self.versions, SHARES))
        rules = {
            "one": "location / { proxy_pass http://$special; }",
            "paths": "".join(f"location /route-{n}/ {{ proxy_pass http://weighted; }}\n" for n in range(ROUTES)),
            "headers": "location / { proxy_pass http://$chosen; }",
        }
        servers = "".join(
            f"server {{ listen {port}{' http2' if port % 10 == 2 else ''} backlog=4096;\n{rules[name]} }}\n"
            for name, pair in PORTS.items() for port in pair)
        users = "".join(f"user-{n} weighted;\n" for n in range(ROUTES))
        (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 20000; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  proxy_http_version 1.1; proxy_set_header Connection ""; map_hash_max_size 8192; http2_max_concurrent_streams 256;
  upstream weighted {{ {weighted} keepalive 256; keepalive_requests 1000000000; }}
  upstream v2 {{ server {self.versions[1]}:{HTTP_BACKEND}; keepalive 256; keepalive_requests 1000000000; }}
  upstream grpc {{ server {self.versions[0]}:{GRPC_BACKEND}; keepalive 256; keepalive_requests 1000000000; }}
  map $http_{USER.replace('-', '_')} $special {{ default weighted; special v2; }}
  map $http_{USER.replace('-', '_')} $chosen {{ {users} }}
  {servers}
  server {{ listen {GRPC_PORT} http2; location / {{ grpc_pass grpc://grpc; }} }} }}
""")
        return self.running(self.place.start("nginx", "-c", folder / "nginx.conf", name="nginx-proxy", ready=self.ready))


class Ambit(Side):
    """`waypoint` as a gateway: the same ports by Gateways, the same routes by VirtualServices."""

    name = "ambit"

    def __init__(self, bench, place, versions, programs):
        super().__init__(bench, place, versions, programs)
        self.mesh = mesh = Mesh(bench, programs, log_level="warn")
        mesh.start_control()
        self.credentials = mesh.issue(place.short, "bench/bench")
        mesh.ctl("apply", "-f", "-", input=self.services())
        mesh.ctl("gateway", "apply", "bench", "-n", "bench", "--node", place.short)
        mesh.ctl("apply", "-f", "-", input="\n---\n".join(map(json.dumps, self.routes())))

    def services(self):
        entries = "".join(f"""---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {{name: web-v{n}, namespace: bench}}
spec: {{address: {address}, labels: {{app: web, version: v{n}}}}}
""" for n, address in enumerate(self.versions, 1))
        return f"""
apiVersion: v1
kind: Namespace
metadata: {{name: bench}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: bench}}
spec:
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: {HTTP_BACKEND}}}, {{name: grpc, port: 81, targetPort: {GRPC_BACKEND}}}]
{entries}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: web, namespace: bench}}
spec:
  host: web
  subsets: [{{name: v1, labels: {{version: v1}}}}, {{name: v2, labels: {{version: v2}}}}]
  trafficPolicy: {{connectionPool: {{http: {{http1MaxPendingRequests: 100000, http2MaxRequests: 100000}}, tcp: {{maxConnections: 100000}}}}}}
"""

    def routes(self):
        def destination(subset, port=80, **more):
            return {"destination": {"host": "web", "subset": subset, "port": {"number": port}}, **more}

        weighted = {"route": [destination(f"v{n}", weight=share) for n, share in enumerate(SHARES, 1)]}

        def user(value):
            return [{"headers": {USER: {"exact": value}}}]

        sets = {
            "one": [{"match": user("special"), "route": [destination("v2")]}, weighted],
            "paths": [{"match": [{"uri": {"prefix": f"/route-{n}/"}}], **weighted} for n in range(ROUTES)],
            "headers": [{"match": user(f"user-{n}"), **weighted} for n in range(ROUTES)],
        }
        ports = {name: [("HTTP", pair[0]), ("HTTP2", pair[1])] for name, pair in PORTS.items()}
        sets["grpc"], ports["grpc"] = [{"route": [destination("v1", 81)]}], [("GRPC", GRPC_PORT)]
        for name, http in sets.items():
            about = {"name": f"bench-{name}", "namespace": "bench"}
            yield {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": about, "spec": {
                "selector": {"app": "bench"}, "servers": [
                    {"hosts": ["*"], "port": {"number": port, "name": protocol.lower(), "protocol": protocol}}
                    for protocol, port in ports[name]]}}
            yield {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": about, "spec": {
                "hosts": ["*"], "gateways": [f"bench-{name}"], "http": http}}

    def start(self):
        environment = self.mesh.node_environment(self.place, self.credentials, extra={
            "AMBIT_GATEWAY": "bench/bench", "AMBIT_WORKER_THREADS": "1", "AMBIT_HBONE_PORT": "auto"})
        return self.running(self.place.start(
            self.mesh.programs / "waypoint", "proxy", name="gateway", env=environment, ready=self.ready, deadline=30))


SIDES = {side.name: side for side in (Ambit, Envoy, HAProxy, Nginx)}
