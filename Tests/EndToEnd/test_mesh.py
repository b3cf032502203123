"""Traffic through two hosts' ztunnels: what a client, a server and an attacker see."""

import contextlib
import json
import re
import signal
import time

from lab import Lab, eventually, run, settled
from mesh import Mesh
from shared import SEEDS, needs_shared

WEB = "http://web.shop.svc.cluster.local/"
CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: pair, namespace: shop}
spec:
  selector: {tier: pair}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
SERVER = """
import http.server, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        body = ('%s from %s' % (sys.argv[2], self.client_address[0])).encode()
        self.send_response(200); self.send_header('content-length', str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    address_family = 10
    daemon_threads = True
Server(('::', int(sys.argv[1])), Handler).serve_forever()
"""


class Fixture:
    """Two nodes; client and second on the first, web and web-2 on the second, an outsider in no mesh."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second = lab.host("host-1"), lab.host("host-2")
        self.client, self.other, self.outsider = (self.first.workload(name) for name in ("client", "other", "outsider"))
        self.web, self.web2 = self.second.workload("web"), self.second.workload("web-2")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        for host, allowed in ((self.first, ("shop/client", "shop/other")), (self.second, ("shop/web", "shop/web-2"))):
            mesh.start_node(host, mesh.issue(host.short, *allowed), workers=2)
        self.servers = {each.short: self.serve(each) for each in (self.web, self.web2)}
        mesh.enrol(self.client, "shop", "client")
        mesh.enrol(self.other, "shop", "other")
        mesh.enrol(self.web, "shop", "web", {"app": "web", "tier": "pair"}, {"http": 8080})
        mesh.enrol(self.web2, "shop", "web-2", {"tier": "pair"}, {"http": 8080})
        eventually(lambda: self.client.http(WEB)[0] == 200, "the mesh carries a request")

    def serve(self, workload, port=8080):
        return workload.start(
            "python3", "-c", SERVER, port, workload.short, name=f"server-{port}", ready=lambda: workload.listens(port))

    def apply(self, text):
        return self.mesh.ctl("apply", "-f", "-", input=text)

    @contextlib.contextmanager
    def applied(self, kind, name, text):
        self.apply(text)
        try:
            yield
        finally:
            self.mesh.ctl("delete", kind, name, "-n", "shop")

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambite2e") as lab:
        yield Fixture(lab, programs)


def test_source_address_is_preserved(fixture):
    _, body = fixture.client.http(WEB)
    assert body == f"web from ::ffff:{fixture.client.address}", body
    _, body = fixture.client.http(f"http://[{fixture.web.address6}]:8080/")
    assert body == f"web from {fixture.client.address6}", body


def test_uncaptured_client_reaches_captured_server_in_permissive_mode(fixture):
    status, body = fixture.outsider.http(f"http://{fixture.web.address}:8080/")
    assert status == 200 and fixture.outsider.address in body, body


def test_captured_client_reaches_a_server_outside_the_mesh(fixture):
    fixture.serve(fixture.outsider, 9000)
    status, body = fixture.client.http(f"http://{fixture.outsider.address}:9000/")
    assert status == 200 and fixture.client.address in body, body


def test_two_workloads_of_one_host_talk_through_the_mesh(fixture):
    fixture.serve(fixture.other, 8080)
    status, _ = fixture.client.http(f"http://{fixture.other.address}:8080/")
    assert status == 200
    lines = fixture.mesh.access_log(fixture.first, r'direction="inbound".*')
    assert any("sa/client" in line and "sa/other" in line for line in lines), lines


def test_refused_port_reaches_the_client_as_an_error(fixture):
    status, _ = fixture.client.http(f"http://{fixture.web.address}:1/", timeout=5)
    assert status == 0
    eventually(lambda: fixture.mesh.access_log(fixture.second, r"connection complete.*error="), "the log has the error")


def test_another_endpoint_is_tried_when_one_is_down(fixture):
    fixture.servers["web-2"].kill()
    try:
        answers = [fixture.client.http("http://pair.shop.svc.cluster.local/") for _ in range(20)]
        assert all(status == 200 for status, _ in answers), answers
    finally:
        fixture.servers["web-2"] = fixture.serve(fixture.web2)


def test_both_endpoints_get_traffic(fixture):
    """Also the one that was down in the test before: it is taken back after a while."""
    seen = set()
    def both():
        seen.add(fixture.client.http("http://pair.shop.svc.cluster.local/")[1].split(" ")[0])
        return seen == {"web", "web-2"}
    eventually(both, "both endpoints answer", 45)


def test_half_close_both_ways(fixture):
    fixture.web.start("socat", "TCP6-LISTEN:7001,fork,reuseaddr", "SYSTEM:wc -c", name="wc", ready=lambda: fixture.web.listens(7001))
    done = fixture.client.run("sh", "-c", f"head -c 3000000 /dev/zero | socat -t10 - TCP:{fixture.web.address}:7001")
    assert done.stdout.strip() == "3000000", done.stdout
    fixture.web.start(
        "socat", "-U", "TCP6-LISTEN:7002,fork,reuseaddr", "SYSTEM:head -c 3000000 /dev/zero", name="zeros",
        ready=lambda: fixture.web.listens(7002))
    done = fixture.client.run("sh", "-c", f"socat -u TCP:{fixture.web.address}:7002 - | wc -c")
    assert done.stdout.strip() == "3000000", done.stdout


def test_reset_is_carried_through(fixture):
    script = (
        "import socket,struct\n"
        "s=socket.create_server(('0.0.0.0',7003))\n"
        "while True:\n"
        "  c,_=s.accept(); c.recv(10)\n"
        "  c.setsockopt(socket.SOL_SOCKET,socket.SO_LINGER,struct.pack('ii',1,0)); c.close()\n")
    fixture.web.start("python3", "-c", script, name="resetter", ready=lambda: fixture.web.listens(7003))
    client = (
        "import socket\n"
        f"s=socket.create_connection(('{fixture.web.address}',7003),timeout=10); s.sendall(b'x')\n"
        "try: print('eof' if s.recv(1)==b'' else 'data')\n"
        "except ConnectionResetError: print('reset')\n")
    done = fixture.client.run("python3", "-c", client)
    assert done.stdout.strip() == "reset", done.stdout


def test_strict_refuses_plaintext_and_keeps_the_mesh(fixture):
    strict = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""
    with fixture.applied("peerauthentication", "default", strict):
        eventually(lambda: fixture.outsider.http(f"http://{fixture.web.address}:8080/")[0] == 0, "plaintext is refused")
        assert fixture.client.http(WEB)[0] == 200
    eventually(lambda: fixture.outsider.http(f"http://{fixture.web.address}:8080/")[0] == 200, "plaintext is served again")


@needs_shared
def test_a_seed_that_makes_the_whole_mesh_strict(fixture):
    """In the root namespace: it holds for every workload of the mesh."""
    def plain():
        return [fixture.outsider.http(f"http://{each.address}:8080/")[0] for each in (fixture.web, fixture.web2)]

    seed = SEEDS / "004-peerauthentication-strict.yaml"
    fixture.mesh.ctl("apply", "-f", seed)
    try:
        eventually(lambda: plain() == [0, 0], "plaintext is refused everywhere")
        assert fixture.client.http(WEB)[0] == 200
        assert fixture.client.http(f"http://{fixture.web2.address}:8080/")[0] == 200
    finally:
        fixture.mesh.ctl("delete", "-f", seed)
    eventually(lambda: plain() == [200, 200], "plaintext is served again")


def test_policy_by_port_and_by_address(fixture):
    policy = f"""
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: deny-port, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  action: DENY
  rules:
  - to: [{{operation: {{ports: ["8080"]}}}}]
    from: [{{source: {{ipBlocks: ["{fixture.client.address}/32"]}}}}]
"""
    with fixture.applied("authorizationpolicy", "deny-port", policy):
        eventually(lambda: fixture.client.http(WEB)[0] == 0, "the client is denied")
        assert fixture.other.http(WEB)[0] == 200
        assert fixture.mesh.access_log(fixture.second, "explicitly denied by: shop/deny-port")
    eventually(lambda: fixture.client.http(WEB)[0] == 200, "the client is served again")


def test_policy_attached_by_a_label_change_cuts_live_connections(fixture):
    """The selector of a policy starts to hold because the workload changes, not the policy (Z 4.4)."""
    script = (
        "import http.client\n"
        f"c=http.client.HTTPConnection('{fixture.web2.address}',8080,timeout=20)\n"
        "c.request('GET','/'); c.getresponse().read(); print('open',flush=True)\n"
        "try: print('ended' if c.sock.recv(1)==b'' else 'data',flush=True)\n"
        "except ConnectionResetError: print('ended',flush=True)\n")
    policy = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: locked, namespace: shop}
spec: {selector: {matchLabels: {locked: "yes"}}}
"""
    with fixture.applied("authorizationpolicy", "locked", policy):
        held = fixture.client.start("python3", "-c", script, name="held")
        eventually(lambda: "open" in held.log(), "a connection is open")
        fixture.mesh.node_ctl(fixture.second, "unenroll", "netns", fixture.web2.name)
        fixture.mesh.enrol(fixture.web2, "shop", "web-2", {"tier": "pair", "locked": "yes"}, {"http": 8080})
        eventually(lambda: "ended" in held.log(), "the connection ends")
        eventually(lambda: fixture.client.http(f"http://{fixture.web2.address}:8080/")[0] == 0, "new ones are refused")
        fixture.mesh.node_ctl(fixture.second, "unenroll", "netns", fixture.web2.name)
        fixture.mesh.enrol(fixture.web2, "shop", "web-2", {"tier": "pair"}, {"http": 8080})
    eventually(lambda: fixture.client.http(f"http://{fixture.web2.address}:8080/")[0] == 200, "web-2 is served again")


def test_enrolling_twice_and_leaving_leaves_no_residue(fixture):
    host, guest = fixture.first, fixture.first.workload("guest")
    state = lambda: [
        guest.run(*words).stdout
        for words in (("nft", "list", "ruleset"), ("ip", "rule"), ("ip", "-6", "rule"), ("ip", "route", "show", "table", "all"), ("ss", "-Hltun"))]
    # The kernel gives the link its own address some time after it is up.
    eventually(lambda: "local fe80::" in state()[3], "the guest's link has its own address")
    before = state()
    credentials = fixture.mesh.issue("host-1", "shop/client", "shop/other", "shop/guest")
    assert credentials
    fixture.mesh.enrol(guest, "shop", "guest")
    rules = guest.run("nft", "list", "ruleset").stdout
    fixture.mesh.enrol(guest, "shop", "guest")
    assert guest.run("nft", "list", "ruleset").stdout == rules
    assert fixture.mesh.ctl("get", "workloadentry", "guest", "-n", "shop").returncode == 0
    fixture.mesh.node_ctl(host, "unenroll", "netns", guest.name)
    assert state() == before, (state(), before)
    eventually(lambda: fixture.mesh.ctl("get", "workloadentry", "guest", "-n", "shop", check=False).returncode != 0, "its entry is gone")


def test_identity_that_the_node_was_not_granted_is_refused(fixture):
    stranger = fixture.first.workload("stranger")
    done = fixture.mesh.node_ctl(
        fixture.first, "enroll", "netns", stranger.name, "--name", "stranger", "--namespace", "shop",
        "--service-account", "web", "--timeout", "5", check=False)
    assert done.returncode != 0, done.stdout
    assert "grant" in (done.stdout + done.stderr), done.stdout + done.stderr
    fixture.mesh.node_ctl(fixture.first, "unenroll", "netns", stranger.name, check=False)


def test_dns_over_udp_and_tcp(fixture):
    script = (
        "import socket,struct,sys\n"
        "q=struct.pack('>HHHHHH',7,0x100,1,0,0,0)+b''.join(bytes([len(l)])+l.encode() for l in 'web.shop.svc.cluster.local'.split('.'))+b'\\0'+struct.pack('>HH',1,1)\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(5); s.sendto(q,('10.77.0.53',53)); a=s.recv(512)\n"
        "t=socket.create_connection(('10.77.0.53',53),timeout=5); t.sendall(struct.pack('>H',len(q))+q); n=struct.unpack('>H',t.recv(2))[0]; b=t.recv(n)\n"
        "print(a[3]&15, struct.unpack('>H',a[6:8])[0], a[-4]); print(b[3]&15, struct.unpack('>H',b[6:8])[0], b[-4])\n")
    done = fixture.client.run("python3", "-c", script)
    assert done.stdout == "0 1 240\n0 1 240\n", done.stdout


def test_a_flood_of_the_mesh_dns_hurts_only_its_client(fixture):
    flood = """
import socket, struct
question = b'\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3web\\4shop\\3svc\\7cluster\\5local\\0\\0\\1\\0\\1'
for message in (struct.pack('>H', len(question)) + question, b'\\0\\0'):
    client = socket.create_connection(('127.0.0.1', 15053), 2)
    try:
        for _ in range(16):
            client.sendall(message * ((1 << 20) // len(message)))
    except OSError:
        pass
    client.close()
"""
    fixture.client.run("python3", "-c", flood)
    assert fixture.mesh.nodes["host-1"].alive()
    assert fixture.client.http(WEB)[0] == 200


def test_metrics_and_config_dump(fixture):
    fixture.client.http(WEB)
    text = fixture.second.run("curl", "-sS", f"http://{fixture.second.address}:15020/stats/prometheus").stdout
    assert re.search(
        r'istio_tcp_connections_opened_total\{[^}]*reporter="destination"[^}]*source_principal="spiffe://cluster.local/ns/shop/sa/client"[^}]*'
        r'connection_security_policy="mutual_tls"', text), text[:2000]
    dump = json.loads(fixture.second.run("curl", "-sS", "http://127.0.0.1:15000/config_dump").stdout)
    assert {"workloads", "services", "policies", "certificates", "workloadState"} <= set(dump), list(dump)
    assert fixture.second.run("curl", "-sS", f"http://{fixture.second.address}:15021/healthz/ready").stdout == "ready\n"
    table = fixture.second.run(fixture.mesh.programs / "ambitctl", "ztunnel-config", "workloads").stdout
    assert "HBONE" in table and "client" in table, table


def test_bulk_both_ways_with_equal_checksums(fixture):
    fixture.web.start(
        "socat", "TCP6-LISTEN:7004,fork,reuseaddr", "EXEC:cat", name="echo", ready=lambda: fixture.web.listens(7004))
    done = fixture.client.run(
        "bash", "-c", "f=$(mktemp); head -c 200000000 /dev/urandom > $f; sha256sum < $f; "
        f"socat -t20 - TCP:{fixture.web.address}:7004 < $f | sha256sum; rm $f", timeout=120)
    sent, received = done.stdout.splitlines()
    assert sent == received, done.stdout


def test_ztunnel_killed_fails_closed_and_comes_back(fixture):
    credentials = fixture.mesh.folder / "host-1-credentials"
    fixture.mesh.nodes["host-1"].kill()
    status, _ = fixture.client.http(f"http://{fixture.web.address}:8080/", timeout=4)
    assert status == 0, "an enrolled workload's traffic never goes in the clear"
    fixture.mesh.start_node(fixture.first, credentials, workers=2)
    eventually(lambda: fixture.client.http(WEB)[0] == 200, "the enrolled workload talks again", 20)


def test_ambitd_killed_keeps_state_and_traffic(fixture):
    before = fixture.mesh.ctl("get", "all", "-A", "-o", "yaml").stdout
    fixture.mesh.ambitd.kill(signal.SIGKILL)
    assert fixture.client.http(WEB)[0] == 200
    fixture.mesh.start_control()
    assert fixture.mesh.ctl("get", "all", "-A", "-o", "yaml").stdout == before
    with fixture.applied("authorizationpolicy", "none", """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: none, namespace: shop}
spec: {}
"""):
        eventually(lambda: fixture.client.http(WEB)[0] == 0, "a change still reaches the nodes", 20)
    eventually(lambda: fixture.client.http(WEB)[0] == 200, "and its removal")


def test_ten_thousand_idle_connections_and_memory_comes_back(fixture):
    node = fixture.mesh.nodes["host-2"]
    sink = (
        "import select,socket\ns=socket.create_server(('0.0.0.0',7005),backlog=4096);e=select.epoll();e.register(s,1);h={}\n"
        "while True:\n  for fd,_ in e.poll():\n"
        "    if fd==s.fileno():\n      c,_a=s.accept();h[c.fileno()]=c;e.register(c,1)\n"
        "    else:\n      c=h[fd];d=c.recv(9)\n      c.send(d) if d else (h.pop(fd),c.close())\n")
    holder = (
        "import signal,socket\nheld=[]\nfor i in range(100):\n"
        f"  batch=[socket.create_connection(('{fixture.web.address}',7005),timeout=20) for _ in range(100)]\n"
        "  for c in batch: c.sendall(b'x')\n  for c in batch: assert c.recv(1)==b'x'\n  held+=batch\n"
        "print('held',flush=True)\nsignal.pause()\n")
    fixture.web.start("python3", "-c", sink, name="sink", ready=lambda: fixture.web.listens(7005))
    before = node.resident_kilobytes()
    process = fixture.client.start("python3", "-c", holder, name="holder")
    eventually(lambda: process.alive() and "held" in process.log(), "10,000 connections are open", 120)
    assert fixture.client.http(WEB)[0] == 200, "others are served meanwhile"
    during = node.resident_kilobytes()
    process.kill()
    after = settled(node.resident_kilobytes, before * 1.10)
    assert after <= before * 1.10, f"{before} KB before, {during} KB with the connections, {after} KB after them"
    assert (during - before) * 1024 / 10_000 < 3 * 1024, f"{(during - before) * 1024 / 10_000:.0f} bytes a connection on one side"


def test_files_that_programs_link(fixture):
    """DESIGN D2: the node program carries our stack only, in at most 24 MB."""
    program = fixture.mesh.programs / "ztunnel"
    libraries = run("ldd", program).stdout
    assert "libssl" in libraries and "libFoundation" not in libraries, libraries
    assert "libre2" not in libraries, libraries
    symbols = run("nm", "-a", program, timeout=60).stdout
    for foreign in ("NIOCore", "NIOPosix", "CNIOBoringSSL", "GRPCCore", "Hummingbird"):
        assert foreign not in symbols, f"ztunnel links {foreign}"
    stripped = fixture.lab.folder / "ztunnel.stripped"
    run("strip", "-o", stripped, program)
    assert stripped.stat().st_size <= 24 * 1024 * 1024, stripped.stat().st_size
