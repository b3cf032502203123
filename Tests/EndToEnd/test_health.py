"""Health: probes of a WorkloadGroup, drain, and how fast a workload is gone from every node's endpoints."""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import tempfile
import time

import lab as lab_module
from lab import Lab, eventually, run
from mesh import Mesh

NAMESPACE = """
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
"""
# A server whose answer to a probe is what a file says: a status, "hang" or "garbage".
SERVER = """
import pathlib, socket, ssl, sys, threading, time
state, secure = pathlib.Path(sys.argv[2]), sys.argv[3:]
context = None
if secure:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(*secure)
def serve(c):
    try:
        if context: c = context.wrap_socket(c, server_side=True)
        head = b''
        while b'\\r\\n\\r\\n' not in head:
            more = c.recv(4096)
            if not more: return
            head += more
        say = state.read_text().strip()
        with open(str(state) + '.asked', 'ab') as log: log.write(head.replace(b'\\r\\n', b'|') + b'\\n')
        if head.startswith(b'GET /live'): say = '200'
        if say == 'hang': time.sleep(60)
        c.sendall(b'\\x00' * 4096 if say == 'garbage' else f'HTTP/1.1 {say} x\\r\\ncontent-length: 2\\r\\nconnection: close\\r\\n\\r\\nok'.encode())
    except OSError: pass
    finally: c.close()
s = socket.create_server(('::', int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
"""
GRPC = """
import grpc, sys, concurrent.futures, pathlib, time
state = pathlib.Path(sys.argv[2])
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method != '/grpc.health.v1.Health/Check': return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: bytes([8, int(state.read_text())]) + (b'' if request == b'\\x0a\\x03web' else b'\\xff'))
s = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=[Handler()])
s.add_insecure_port('[::]:' + sys.argv[1]); s.start(); s.wait_for_termination()
"""
# A command of a probe: it does what a file says, and notes who it is.
CHECK = """#!/bin/sh
state=$1
{ id -u; grep CapEff /proc/self/status; env; readlink /proc/self/ns/net; ls -l /proc/$$/fd; } > $state.seen 2>&1
case $(cat $state) in
good) echo fine; exit 0 ;;
bad) printf 'queue is %s\\n\\033[31mfull\\n' "$2"; exit 3 ;;
large) head -c 1000000 /dev/zero | tr '\\0' x; exit 4 ;;
hang) sleep 60 ;;
term) kill -TERM $$ ;;
esac
"""


def group(probe, **fields):
    lines = "".join(f"    {name}: {value}\n" for name, value in {"periodSeconds": 1, **fields}.items())
    return f"""
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {{name: web, namespace: shop}}
spec:
  metadata: {{labels: {{app: web}}}}
  template: {{serviceAccount: web, ports: {{http: 8080}}}}
  probe:
{lines}    {probe}
"""


class Fixture:
    """Two nodes; the client on the first, web on the second, enrolled in a group that probes it."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second = lab.host("host-1"), lab.host("host-2")
        self.client, self.web, self.web2 = self.first.workload("client"), self.second.workload("web"), self.second.workload("web-2")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=NAMESPACE)
        # Commands are allowed in files, and are files, that nobody but root can replace: nothing below /tmp is that.
        self.safe = pathlib.Path(tempfile.mkdtemp(prefix="ambit-health-", dir="/run"))
        self.safe.chmod(0o755)
        (self.safe / "probes.d").mkdir()
        self.script = self.safe / "check"
        self.script.write_text(CHECK)
        self.script.chmod(0o755)
        self.tools = lab.folder / "tools"
        self.tools.mkdir()
        shutil.copy(pathlib.Path(lab_module.__file__).with_name("systemd_run.py"), self.tools / "systemd-run")
        (self.tools / "systemd-run").chmod(0o755)
        self.credentials = {}
        for host, allowed in ((self.first, ["shop/client"]), (self.second, ["shop/web"])):
            self.credentials[host.short] = mesh.issue(host.short, *allowed)
            self.start_node(host)
        mesh.enrol(self.client, "shop", "client")
        self.state = lab.folder / "answer"
        self.say("200")
        self.web.start("python3", "-c", SERVER, 8080, self.state, name="server", ready=lambda: self.web.listens(8080))
        self.group("httpGet: {path: /ready, port: 8080, httpHeaders: [{name: X-Probe, value: \"yes\"}]}", failureThreshold=2)
        self.enrol()

    def start_node(self, host):
        path = f"{self.tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self.mesh.start_node(
            host, self.credentials[host.short], workers=2, extra={"PATH": path, "AMBIT_PROBE_DIR": str(self.safe / "probes.d")})

    def enrol(self):
        self.mesh.node_ctl(
            self.second, "enroll", "netns", self.web.name, "--name", "web", "--namespace", "shop", "--service-account", "web",
            "--group", "web")
        eventually(lambda: self.health() == "Healthy", "web is healthy")

    def say(self, answer):
        self.state.write_text(answer)

    def group(self, probe, **fields):
        """Changes the group; the node gets it with its next report, which an order makes."""
        self.mesh.ctl("apply", "-f", "-", input=group(probe, **fields))
        if "host-2" in self.mesh.nodes:
            self.touch()

    def touch(self):
        """Something that makes the node report: a workload that comes and goes."""
        self.mesh.node_ctl(
            self.second, "enroll", "netns", self.web2.name, "--name", "web-2", "--namespace", "shop", "--service-account", "web")
        self.mesh.node_ctl(self.second, "unenroll", "netns", self.web2.name)

    def workload(self, host, name="web"):
        """The workload as a node's ztunnel knows it, nil if it does not."""
        dump = json.loads(host.run("curl", "-sS", "http://127.0.0.1:15000/config_dump").stdout)
        return next((each for each in dump["workloads"] if each["name"] == name), None)

    def health(self, host=None):
        found = self.workload(host or self.first)
        return found and found["status"]

    def reason(self):
        """Why the probe fails, as `ambitctl enroll list` shows it now."""
        listed = json.loads(self.mesh.node_ctl(self.second, "enroll", "list", "-o", "json").stdout)
        return next(each for each in listed["enrolments"] if each["name"] == "web").get("probeAnswer", "")

    def get(self):
        return self.client.http("http://web.shop.svc.cluster.local/live", timeout=4)[0]

    def log(self):
        return self.mesh.nodes["host-2"].log()

    def metric(self, name):
        text = self.second.run("curl", "-sS", f"http://{self.second.address}:15020/metrics").stdout
        found = re.search(rf"^{re.escape(name)} ([0-9]+)", text, re.MULTILINE)
        return int(found.group(1)) if found else None

    def fails(self, answer):
        eventually(lambda: self.health() == "Unhealthy" and self.health(self.second) == "Unhealthy", "web leaves the endpoints", 20)
        eventually(lambda: answer in self.log(), f"the log says: {answer}")
        eventually(lambda: self.get() == 0, "no new connection reaches it")

    def succeeds(self):
        eventually(lambda: self.health() == "Healthy", "web is back", 20)
        eventually(lambda: self.get() == 200, "connections reach it")

    def show(self):
        self.lab.show_logs(40)


@contextlib.contextmanager
def suite(programs):
    with Lab("ambithealth") as lab:
        fixture = None
        try:
            fixture = Fixture(lab, programs)
            yield fixture
        finally:
            if fixture:
                shutil.rmtree(fixture.safe)


def test_a_group_gives_labels_and_ports(fixture):
    entry = json.loads(fixture.mesh.ctl("get", "workloadentry", "web", "-n", "shop", "-o", "json").stdout)
    assert entry["spec"]["labels"] == {"app": "web"} and entry["spec"]["ports"] == {"http": 8080}, entry
    assert entry["metadata"]["annotations"]["istio.io/autoRegistrationGroup"] == "web", entry
    eventually(lambda: fixture.get() == 200, "the service leads to it")


def test_an_http_probe_asks_as_the_group_says(fixture):
    asked = next(line for line in (fixture.lab.folder / "answer.asked").read_text().splitlines() if line.startswith("GET /ready "))
    assert asked.startswith("GET /ready HTTP/1.1|host: ") and "|x-probe: yes|" in asked and "user-agent: ambit-probe/" in asked, asked
    # Our own mark: ztunnel does not see the probe as a connection of the workload.
    assert not fixture.mesh.access_log(fixture.second, rf"dst.addr={fixture.web.address}:8080.*src.addr={fixture.web.address}")


def test_a_failing_probe_takes_the_workload_out_and_a_good_one_back(fixture):
    before = fixture.metric("ambit_health_transitions_total")
    for answer, words in (("503", "was answered with 503"), ("hang", "did not answer within 1.0 seconds"), ("garbage", "what is no HTTP/1.1")):
        fixture.say(answer)
        fixture.fails(words)
        assert fixture.metric("ambit_workloads_unhealthy") == 1
        fixture.say("200")
        fixture.succeeds()
    assert fixture.metric("ambit_health_transitions_total") == before + 6
    lines = [line for line in fixture.log().splitlines() if "was answered with 503" in line]
    assert len(lines) == 1, lines


def test_a_redirect_is_good_and_is_not_followed(fixture):
    fixture.say("302")
    count = lambda: len((fixture.lab.folder / "answer.asked").read_text().splitlines())
    before = count()
    eventually(lambda: count() >= before + 3, "it is asked again", 20)
    assert fixture.health() == "Healthy"
    fixture.say("200")


def test_tcp_probe(fixture):
    fixture.group("tcpSocket: {port: 9999}", failureThreshold=1)
    fixture.fails("9999: Connection refused")
    server = fixture.web.start("socat", "TCP6-LISTEN:9999,fork,reuseaddr", "EXEC:cat", name="tcp", ready=lambda: fixture.web.listens(9999))
    fixture.succeeds()
    server.kill()
    fixture.fails("9999: Connection refused")


def test_a_probe_of_another_host_is_not_sent(fixture):
    fixture.group(f"tcpSocket: {{port: 22, host: {fixture.first.address}}}", failureThreshold=1)
    eventually(lambda: f"{fixture.first.address} is no address of the workload" in fixture.log(), "the node refuses")
    eventually(lambda: fixture.health() == "Unhealthy", "it is not healthy")


def test_https_probe_does_not_look_at_the_certificate(fixture):
    folder = fixture.lab.folder
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "k", "-out", folder / "c", "-days", "1", "-subj", "/CN=nobody")
    fixture.web.start("python3", "-c", SERVER, 8443, fixture.state, folder / "c", folder / "k", name="https", ready=lambda: fixture.web.listens(8443))
    fixture.say("200")
    fixture.group("httpGet: {path: /ready, port: 8443, scheme: HTTPS}", failureThreshold=1)
    fixture.succeeds()
    fixture.say("500")
    fixture.fails(f"GET https://{fixture.web.address}:8443/ready was answered with 500")
    fixture.say("200")
    fixture.succeeds()
    # TLS is what is asked for: a plaintext server fails.
    fixture.group("httpGet: {path: /ready, port: 8080, scheme: HTTPS}", failureThreshold=1)
    fixture.fails("did not complete a TLS handshake within 1.0 seconds")


def test_grpc_probe(fixture):
    import sys
    state = fixture.lab.folder / "grpc"
    state.write_text("1")
    fixture.web.start(sys.executable, "-c", GRPC, 9000, state, name="grpc", ready=lambda: fixture.web.listens(9000))
    fixture.group("grpc: {port: 9000, service: web}", failureThreshold=1)
    fixture.succeeds()
    state.write_text("2")
    fixture.fails("was answered with NOT_SERVING")
    fixture.group("grpc: {port: 8080}", failureThreshold=1)
    state.write_text("1")
    fixture.group("grpc: {port: 9000, service: web}", failureThreshold=1, successThreshold=2)
    fixture.succeeds()


def command(fixture, *words):
    return f"exec: {{command: {json.dumps([str(fixture.script), *map(str, words)])}}}"


def allow(fixture, *words):
    """What the administrator of the host writes, from outside of the mesh."""
    file = fixture.safe / "probes.d/shop.web.yaml"
    file.write_text(f"group: shop/web\ncommand: {json.dumps([str(fixture.script), *map(str, words)])}\n")
    return file


def test_a_command_runs_only_as_the_host_allows(fixture):
    state = fixture.safe / "state"
    state.write_text("good")
    seen = fixture.safe / "state.seen"
    seen.write_text("")
    seen.chmod(0o666)
    fixture.group(command(fixture, state, "$HOME"), failureThreshold=1)
    fixture.fails(f"this host does not allow the group shop/web to run [{fixture.script}, {state}, \"$HOME\"]")
    assert f"in {fixture.safe}/probes.d/shop.web.yaml" in fixture.log()
    assert not (fixture.tools / "calls").exists() and seen.read_text() == "", "nothing ran"
    # Other arguments, another group, a file that others may write: not this command.
    file = allow(fixture, state, "$HOME", "more")
    file.with_name("other.yaml").write_text(f'group: shop/other\ncommand: ["{fixture.script}", "{state}", "$HOME"]\n')
    calls = lambda: len((fixture.tools / "calls").read_text().splitlines()) if (fixture.tools / "calls").exists() else 0
    answers = lambda: fixture.metric('ambit_probe_answers_total{result="failure"}')
    before = answers()
    eventually(lambda: answers() >= before + 3, "it is asked again", 20)
    allow(fixture, state, "$HOME").chmod(0o666)
    before = answers()
    eventually(lambda: answers() >= before + 3, "it is asked again", 20)
    assert calls() == 0 and seen.read_text() == "", "nothing ran"
    eventually(lambda: "others than root may write to it; run `chown root" in fixture.reason(), "the present reason is shown")
    # What the host allows runs as nobody that matters.
    file.chmod(0o644)
    fixture.succeeds()
    lines = seen.read_text().splitlines()
    assert lines[0] == "65534" and "CapEff:\t0000000000000000" in lines, lines
    assert not [line for line in lines if line.startswith(("AMBIT_", "XDS_", "NODE_NAME"))], lines
    assert run("ip", "netns", "exec", fixture.web.name, "readlink", "/proc/self/ns/net").stdout.strip() in lines, lines
    open_files = [line for line in lines if " -> " in line]
    assert open_files and not [line for line in open_files if "socket:" in line or "anon_inode:" in line], open_files
    call = json.loads((fixture.tools / "calls").read_text().splitlines()[-1])
    assert call["Slice"] == ["ambit-probe.slice"] and call["DynamicUser"] == ["yes"], call
    assert call["InaccessiblePaths"] == [f"-{fixture.mesh.folder}/host-2/state", f"-{fixture.mesh.folder}/host-2/run"], call


def test_a_command_decides_by_its_exit_status(fixture):
    state = fixture.safe / "state"
    for answer, words in (
            ("bad", "ended with 3: queue is $HOME [31mfull"), ("large", "ended with 4: " + "x" * 256 + "..."),
            ("term", "ended with 143"), ("hang", "did not end within 1.0 seconds")):
        state.write_text(answer)
        fixture.fails(words)
        state.write_text("good")
        fixture.succeeds()
    assert "\033" not in fixture.log()
    eventually(lambda: run("pgrep", "-f", f"{fixture.script} {state}", check=False).stdout == "", "no command is left", 10)
    # What is taken back does not run again.
    (fixture.safe / "probes.d/shop.web.yaml").unlink()
    fixture.fails("this host does not allow the group shop/web")
    fixture.script.with_name("mine").write_text(CHECK)
    fixture.script.with_name("mine").chmod(0o777)
    fixture.script.unlink()
    fixture.script.symlink_to("mine")
    allow(fixture, state, "$HOME")
    fixture.group(command(fixture, state, "$HOME"), failureThreshold=1, periodSeconds=2)
    fixture.fails(f"others than root may write to {fixture.safe}/mine")
    fixture.script.with_name("mine").chmod(0o755)
    fixture.succeeds()


def test_a_changed_group_and_a_restart_do_not_take_a_good_workload_down(fixture):
    fixture.group("httpGet: {path: /ready, port: 8080}", failureThreshold=2, initialDelaySeconds=3)
    fixture.say("200")
    fixture.succeeds()
    seen = []
    fixture.group("httpGet: {path: /ready, port: 8080}", failureThreshold=3, initialDelaySeconds=2)
    fixture.mesh.nodes["host-2"].stop()
    fixture.start_node(fixture.second)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        seen.append(fixture.health())
        time.sleep(0.1)
    assert set(seen) == {"Healthy"}, set(seen)
    eventually(lambda: fixture.get() == 200, "connections reach it")


def test_drain_returns_when_every_node_knows(fixture):
    held = fixture.client.start(
        "python3", "-c",
        f"import socket\ns=socket.create_connection(('{fixture.web.address}',8080),timeout=60)\nprint('open',flush=True)\n"
        "print('ended' if s.recv(1)==b'' else 'data',flush=True)\n", name="held")
    eventually(lambda: "open" in held.log(), "a connection is open")
    started = time.monotonic()
    done = fixture.mesh.node_ctl(fixture.second, "drain", "web", "--timeout", "5")
    took = time.monotonic() - started
    # The other node gets the same push; it is at most a network turn behind.
    started = time.monotonic()
    eventually(lambda: fixture.health() == "Unhealthy", "the first node knows", 1, 0.005)
    behind = time.monotonic() - started
    print(f"        drain took {took * 1000:.0f} ms with ambitctl; the other node knew {behind * 1000:.0f} ms later")
    assert "no node sends new connections to it" in done.stdout and took < 2, (done.stdout, took)
    assert fixture.get() == 0
    assert "ended" not in held.log(), "open connections go on"
    assert fixture.metric("ambit_workloads_drained") == 1
    # Again, over a restart, and back.
    fixture.mesh.node_ctl(fixture.second, "drain", "web")
    fixture.mesh.nodes["host-2"].stop()
    fixture.start_node(fixture.second)
    eventually(lambda: fixture.metric("ambit_workloads_drained") == 1, "still drained after the restart")
    assert fixture.health() == "Unhealthy"
    fixture.mesh.node_ctl(fixture.second, "undrain", "web")
    fixture.succeeds()
    held.kill()


def test_drain_without_ambitd_is_bounded_and_says_so(fixture):
    fixture.mesh.ambitd.kill(signal.SIGKILL)
    started = time.monotonic()
    done = fixture.mesh.node_ctl(fixture.second, "drain", "web", "--timeout", "1", check=False)
    took = time.monotonic() - started
    assert done.returncode != 0 and "has not confirmed it" in done.stdout + done.stderr, done.stdout + done.stderr
    assert took < 3, took
    fixture.mesh.start_control()
    eventually(lambda: fixture.health() == "Unhealthy", "it is told when ambitd is back", 30)
    fixture.mesh.node_ctl(fixture.second, "undrain", "web")
    fixture.succeeds()
    unknown = fixture.mesh.node_ctl(fixture.second, "drain", "nobody", check=False)
    assert unknown.returncode != 0 and "nobody is not enrolled on this host" in unknown.stdout + unknown.stderr


def test_unenrolled_workloads_are_gone_within_a_second(fixture):
    times = []
    for _ in range(5):
        started = time.monotonic()
        fixture.mesh.node_ctl(fixture.second, "unenroll", "netns", fixture.web.name)
        ordered = time.monotonic()
        eventually(
            lambda: fixture.workload(fixture.first) is None and fixture.workload(fixture.second) is None,
            "web is gone from both nodes", 5, 0.005)
        times.append((time.monotonic() - ordered, time.monotonic() - started))
        fixture.enrol()
    after, whole = max(each[0] for each in times), max(each[1] for each in times)
    print(f"        gone from both nodes at most {after * 1000:.0f} ms after unenroll returned ({whole * 1000:.0f} ms after it was called)")
    assert after < 1.0 and whole < 2.0, times
