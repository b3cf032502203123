"""Istio's node agent drives ztunnel over ZDS: a snapshot, changes, restarts of both ends, and an agent that does wrong."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

import zds_agent
from lab import Lab, eventually
from mesh import Mesh
from test_mesh import SERVER

# Its own name for the client: an IPv4 one, as it came.
SERVER = SERVER.replace("self.client_address[0])", "self.client_address[0].removeprefix('::ffff:'))")

CONFIGURATION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""


class Fixture:
    """One node with an agent; pods a and b came over ZDS, with Istio's rules; `own` is enrolled with ambitctl."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.host = lab.host("host-1")
        self.a, self.b, self.c, self.own = (self.host.workload(name) for name in ("a", "b", "c", "own"))
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        self.credentials = mesh.issue("host-1", *(f"shop/{name}" for name in ("a", "b", "c", "own")))
        self.path = lab.folder / "zds.sock"
        self.start()
        eventually(lambda: "workload proxy manager" in self.readiness(), "the node is not ready without its agent")
        self.agent = zds_agent.Agent(self.path).accept()
        for pod in (self.a, self.b):
            zds_agent.redirect(pod)
            self.serve(pod)
        self.before = self.tables(self.a)
        self.snapshot()
        mesh.enrol(self.own, "shop", "own")
        eventually(lambda: self.get()[0] == 200, "a reaches b")

    def start(self):
        self.mesh.start_node(self.host, self.credentials, workers=2, extra={"INPOD_UDS": str(self.path)})

    @property
    def ztunnel(self):
        return self.mesh.nodes["host-1"]

    def snapshot(self):
        """What the agent says after each connection: both pods, then that these were all."""
        for pod in (self.a, self.b):
            self.agent.must(self.agent.add(f"uid-{pod.short}", pod))
        self.agent.must(self.agent.send(zds_agent.SNAPSHOT_SENT))
        eventually(lambda: self.readiness() == "ready\n", "the node is ready")

    def again(self):
        """After the connection was lost: ztunnel comes back, and the agent names its pods."""
        self.agent.accept()
        self.snapshot()

    def serve(self, pod):
        return pod.start("python3", "-c", SERVER, 8080, pod.short, name="server", ready=lambda: pod.listens(8080))

    def get(self):
        return self.a.http(f"http://{self.b.address}:8080/", timeout=4)

    def readiness(self):
        return self.host.run("curl", "-sS", "-m", "5", f"http://{self.host.address}:15021/healthz/ready").stdout

    def metric(self, name):
        text = self.host.run("curl", "-sS", f"http://{self.host.address}:15020/metrics").stdout
        found = re.search(rf"^{name}(?:\{{[^}}]*\}})? ([0-9]+)", text, re.MULTILINE)
        return int(found.group(1)) if found else None

    def tables(self, pod):
        return pod.run("nft", "list", "tables").stdout

    def served(self, pod):
        return all(pod.listens(port) for port in (15001, 15006, 15008))

    def unserved(self, pod):
        return not any(pod.listens(port) for port in (15001, 15006, 15008))

    def descriptors(self):
        """Those of network namespaces that ztunnel has: what agents send. Sockets come and go with its tunnels, and the namespace that
        is enrolled by ambitctl is opened again for each of the looks at it, every few seconds."""
        found = []
        for number in os.listdir(f"/proc/{self.ztunnel.pid}/fd"):
            with contextlib.suppress(OSError):
                found.append(os.readlink(f"/proc/{self.ztunnel.pid}/fd/{number}"))
        return sum(name.startswith(("/run/netns/", "net:[")) and name != f"/run/netns/{self.own.name}" for name in found)

    def show(self):
        self.lab.show_logs(40)


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitzds") as lab:
        yield Fixture(lab, programs)


def test_traffic_between_two_pods_is_carried_with_their_identities(fixture):
    assert fixture.get() == (200, f"b from {fixture.a.address}"), fixture.get()
    line = r'src.identity="spiffe://cluster.local/ns/shop/sa/a".*dst.identity="spiffe://cluster.local/ns/shop/sa/b"'
    eventually(lambda: fixture.mesh.access_log(fixture.host, line), "a connection with both identities")
    assert fixture.get()[0] == 200
    fixture.mesh.ctl("get", "workloadentry", "b", "-n", "shop")
    assert fixture.metric("ambit_zds_synchronised") == 1 and fixture.metric("ambit_zds_workloads") == 2


def test_names_are_answered_in_the_pod(fixture):
    done = fixture.a.run("python3", zds_agent.__file__.replace("Lab/zds_agent.py", "Tools/ask-dns"),
                         "10.77.0.53", "nothing.shop.svc.cluster.local", "A", "udp", check=False)
    assert done.stdout.startswith(("NXDOMAIN", "SERVFAIL", "NOERROR")), done.stdout + done.stderr


def test_ztunnel_loads_no_rules_of_its_own(fixture):
    assert fixture.tables(fixture.a) == fixture.before and "ambit" not in fixture.before, fixture.tables(fixture.a)


def test_the_same_pod_twice_is_one_and_breaks_nothing(fixture):
    with held(fixture) as process:
        before = fixture.descriptors()
        for _ in range(20):
            fixture.agent.must(fixture.agent.add("uid-b", fixture.b))
        # A look at the namespaces' addresses may be under way and hold some for a moment.
        eventually(lambda: fixture.descriptors() <= before, f"no more than {before} descriptors are open")
        assert process.popen.poll() is None and "ended" not in process.log()
        assert fixture.get()[0] == 200


@contextlib.contextmanager
def held(fixture):
    """An open connection from a to b, whose end its log tells."""
    script = (
        "import http.client\n"
        f"c=http.client.HTTPConnection('{fixture.b.address}',8080,timeout=60)\n"
        "c.request('GET','/'); c.getresponse().read(); print('open',flush=True)\n"
        "try: print('ended' if c.sock.recv(1)==b'' else 'data',flush=True)\n"
        "except OSError: print('ended',flush=True)\n")
    process = fixture.a.start("python3", "-c", script, name="held")
    try:
        eventually(lambda: "open" in process.log(), "a connection is open")
        yield process
    finally:
        process.kill()


def test_what_is_no_workload_is_refused_and_the_connection_goes_on(fixture):
    agent = fixture.agent
    netns = f"/run/netns/{fixture.c.name}"
    for packet, words in (
        (zds_agent.add("uid-c"), "no workload_info"),
        (zds_agent.add("uid-c", "c", namespace="shop/sa/admin"), "the namespace of uid-c is no name"),
        (zds_agent.add("", "c"), "the uid of a workload"),
    ):
        assert words in agent.send(packet, netns), words
    error = agent.send(zds_agent.add("uid-own", "own"), f"/run/netns/{fixture.own.name}")
    assert "shop/own is enrolled on this node already" in error, error
    error = agent.send(zds_agent.add("uid-other", "other"), f"/run/netns/{fixture.own.name}")
    assert "enrolled already, as shop/own" in error, error
    error = agent.send(zds_agent.add("uid-host", "c"), f"/proc/{fixture.ztunnel.pid}/ns/net")
    assert "cannot be entered" in error, error
    error = agent.send(zds_agent.add("uid-file", "c"), "/etc/hostname")
    assert "cannot be entered" in error, error
    assert "workload proxy manager" in fixture.readiness(), "what is pending keeps the node from being ready"
    for uid in ("uid-own", "uid-other", "uid-host", "uid-file"):
        agent.must(agent.send(zds_agent.delete(uid)))
    eventually(lambda: fixture.readiness() == "ready\n", "the node is ready again")
    assert fixture.get()[0] == 200


def test_a_namespace_of_zds_cannot_be_enrolled_too(fixture):
    done = fixture.mesh.node_ctl(
        fixture.host, "enroll", "netns", fixture.b.name, "--name", "second", "--namespace", "shop", "--service-account", "own",
        "--timeout", "3", check=False)
    assert done.returncode != 0 and "shop/b (ZDS)" in done.stdout + done.stderr, done.stdout + done.stderr
    assert fixture.tables(fixture.b) == fixture.before
    assert fixture.get()[0] == 200


def test_wrong_messages_end_the_connection_and_nothing_else(fixture):
    netns = f"/run/netns/{fixture.c.name}"
    wrong = [
        (b"\xff\xff\xff", (), "no WorkloadRequest"),
        (b"\x4a\x01x", (), "without add, keep, del or snapshot_sent"),
        (zds_agent.add("uid-c", "c"), (), "add came with 0 descriptors"),
        (zds_agent.add("uid-c", "c"), (netns, netns), "add came with 2 descriptors"),
        (zds_agent.add("uid-c", "c"), (netns,) * 9, "too many descriptors"),
        (zds_agent.delete("uid-a"), (netns,), "del came with 1 descriptors"),
        (zds_agent.keep("uid-a"), (), "after the snapshot"),
        (zds_agent.SNAPSHOT_SENT, (), "a second snapshot_sent"),
        (zds_agent.add("u" * 2000, "c"), (netns,), "more than 1024 bytes"),
    ]
    before = fixture.descriptors()
    violations = fixture.metric("ambit_zds_violations_total")
    with held(fixture) as process:
        for packet, namespaces, words in wrong:
            error = fixture.agent.send(packet, *namespaces)
            assert words in error, (words, error)
            fixture.agent.closed()
            fixture.agent.hang_up()
            assert fixture.served(fixture.a) and fixture.served(fixture.b), "what is served stays served"
            fixture.again()
        assert "ended" not in process.log(), "an open connection outlives the agent's errors"
    assert fixture.metric("ambit_zds_violations_total") == violations + len(wrong)
    eventually(lambda: fixture.descriptors() <= before, "no descriptor of a refused packet stays open")
    assert fixture.ztunnel.alive() and fixture.get()[0] == 200


def test_a_pod_that_cannot_be_served_is_tried_again(fixture):
    blocker = fixture.c.start(
        "python3", "-c", "import socket,signal\ns=socket.create_server(('0.0.0.0',15008)); signal.pause()", name="blocker",
        ready=lambda: fixture.c.listens(15008))
    error = fixture.agent.add("uid-c", fixture.c)
    assert "15008" in error and "Address already in use" in error, error
    assert "workload proxy manager" in fixture.readiness()
    assert fixture.metric("ambit_zds_workloads_pending") == 1
    blocker.kill()
    eventually(lambda: fixture.served(fixture.c), "the pod is served after all", 15)
    eventually(lambda: fixture.readiness() == "ready\n", "the node is ready")
    fixture.agent.must(fixture.agent.send(zds_agent.delete("uid-c")))
    eventually(lambda: fixture.unserved(fixture.c), "its listeners are closed")


def test_del_cuts_at_once(fixture):
    with held(fixture) as process:
        started = time.monotonic()
        fixture.agent.must(fixture.agent.send(zds_agent.delete("uid-b")))
        assert fixture.unserved(fixture.b), "no listener is left when del is acknowledged"
        eventually(lambda: "ended" in process.log(), "its connections are cut", 3)
        assert time.monotonic() - started < 3
    assert fixture.get()[0] == 0, "traffic of a redirected pod that nobody serves is refused"
    eventually(lambda: fixture.mesh.ctl("get", "workloadentry", "b", "-n", "shop", check=False).returncode != 0, "its entry is gone")
    fixture.agent.must(fixture.agent.send(zds_agent.delete("uid-b")))
    fixture.agent.must(fixture.agent.add("uid-b", fixture.b))
    eventually(lambda: fixture.get()[0] == 200, "b is served again")


def test_another_namespace_for_the_same_pod(fixture):
    zds_agent.redirect(fixture.c)
    server = fixture.serve(fixture.c)
    fixture.agent.must(fixture.agent.add("uid-b", fixture.c, name="b"))
    assert fixture.unserved(fixture.b) and fixture.served(fixture.c)
    eventually(lambda: fixture.a.http(f"http://{fixture.c.address}:8080/", timeout=4) == (200, f"c from {fixture.a.address}"), "the pod is served in its new namespace")
    fixture.agent.must(fixture.agent.add("uid-b", fixture.b))
    assert fixture.served(fixture.b) and fixture.unserved(fixture.c)
    server.kill()
    eventually(lambda: fixture.get()[0] == 200, "and in the old one again")


def test_the_agent_restarts(fixture):
    with held(fixture) as process:
        fixture.agent.stop()
        eventually(lambda: "workload proxy manager" in fixture.readiness(), "not ready without the agent")
        assert fixture.get()[0] == 200, "pods are served meanwhile"
        fixture.agent.listen()
        fixture.agent.accept()
        assert "is not served here" in fixture.agent.send(zds_agent.keep("uid-nobody"))
        fixture.agent.must(fixture.agent.send(zds_agent.keep("uid-b")))
        fixture.agent.must(fixture.agent.add("uid-a", fixture.a))
        fixture.agent.must(fixture.agent.send(zds_agent.SNAPSHOT_SENT))
        eventually(lambda: fixture.readiness() == "ready\n", "the node is ready")
        assert "ended" not in process.log()
        assert fixture.get()[0] == 200


def test_what_the_snapshot_does_not_name_is_stopped_but_not_ours(fixture):
    fixture.agent.hang_up()
    fixture.agent.accept()
    fixture.agent.must(fixture.agent.add("uid-a", fixture.a))
    fixture.agent.must(fixture.agent.send(zds_agent.SNAPSHOT_SENT))
    assert fixture.unserved(fixture.b) and fixture.served(fixture.a)
    assert fixture.served(fixture.own), "what was enrolled with ambitctl stays"
    fixture.agent.must(fixture.agent.add("uid-b", fixture.b))
    eventually(lambda: fixture.get()[0] == 200, "b is served again")


def test_ztunnel_restarts(fixture):
    fixture.ztunnel.kill(signal.SIGKILL)
    fixture.agent.hang_up()
    assert fixture.get()[0] == 0, "redirected traffic is refused, never sent in the clear"
    fixture.start()
    fixture.again()
    eventually(lambda: fixture.get()[0] == 200, "the pods are served again")
    assert fixture.served(fixture.own)


def test_an_agent_that_is_not_root_is_not_believed(fixture):
    fixture.agent.stop()
    script = (
        "import os,socket,sys\nos.setresuid(65534,65534,65534)\n"
        "s=socket.socket(fileno=int(sys.argv[1]))\ns.listen(4)\n"
        "c,_=s.accept()\nprint('hello' if c.recv(9) else 'nothing',flush=True)\n")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(fixture.agent.path)
    os.set_inheritable(listener.fileno(), True)
    # The kernel remembers who called listen: the process that is nobody by then.
    process = subprocess.Popen([sys.executable, "-c", script, str(listener.fileno())], pass_fds=[listener.fileno()], stdout=subprocess.PIPE, text=True)
    listener.close()
    try:
        assert process.communicate(timeout=30)[0] == "nothing\n"
        assert "as user 65534, not as root" in fixture.ztunnel.log()
    finally:
        process.kill()
        os.unlink(fixture.agent.path)
        fixture.agent.listen()
    fixture.again()
    assert fixture.get()[0] == 200
