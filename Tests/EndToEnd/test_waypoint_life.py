"""The life of a waypoint on its hosts: `ambitctl waypoint`, who registers it, several replicas, the end of one."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

from lab import Lab, eventually, run
from mesh import Mesh

WEB = "http://web.shop.svc.cluster.local"
LAB = pathlib.Path(__file__).parents[1] / "Lab"
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
"""
# Requests one after the other, on one connection or each on its own, until a file is there; then how many, and what failed.
CALLS = """
import http.client, json, os, sys, time, urllib.parse
host, keeps, stop = urllib.parse.urlsplit(sys.argv[1]).hostname, sys.argv[2] == 'kept', sys.argv[3]
connection, answered, failed = None, 0, []
while not os.path.exists(stop):
    try:
        connection = connection or http.client.HTTPConnection(host, timeout=20)
        connection.request('GET', '/load')
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200: failed.append(answer.status)
        answered += 1
        if answered == 10: print('begun', flush=True)
    except OSError as error:
        failed.append(repr(error))
        connection = None
    if connection and not keeps:
        connection.close()
        connection = None
    # A closed one keeps its port for a minute, and a client has 28,000 of them.
    if not keeps: time.sleep(0.008)
print(json.dumps([answered, failed]))
"""
# One connection that is used again after a pause each time: a request that finds it closed is sent once more on a new one (RFC 9110
# section 9.2.2), which nobody counts as a failure, and any other failure is one. "never": it is made and says nothing.
KEPT = """
import json, os, socket, sys, time, urllib.parse
host, pause, stop = urllib.parse.urlsplit(sys.argv[1]).hostname, sys.argv[2], sys.argv[3]
told = {"answered": 0, "again": 0, "closing": 0, "failed": []}

def connect(): return socket.create_connection((host, 80), 20)

def call(s):
    s.sendall(b"GET /kept HTTP/1.1\\r\\nHost: web\\r\\n\\r\\n")
    head = b""
    while b"\\r\\n\\r\\n" not in head:
        more = s.recv(65536)
        if not more:
            if head: raise ValueError("cut off")
            return None
        head += more
    head, _, body = head.partition(b"\\r\\n\\r\\n")
    fields = {n.strip().lower(): v.strip() for n, _, v in (line.partition(b":") for line in head.split(b"\\r\\n")[1:])}
    length = int(fields[b"content-length"])
    while len(body) < length:
        more = s.recv(65536)
        if not more: raise ValueError("cut off")
        body += more
    if head.split()[1] != b"200": raise ValueError(head.decode())
    told["answered"] += 1
    return fields.get(b"connection", b"") == b"close"

s = connect()
if pause == "never":
    print("begun", flush=True)
    s.settimeout(60)
    if s.recv(1) != b"": told["failed"].append("bytes that nobody asked for")
    s = connect()
    call(s)
else:
    used = False
    while not os.path.exists(stop):
        try:
            closes = call(s)
        except ConnectionError:
            closes = None
        except (OSError, ValueError) as error:
            told["failed"].append(repr(error))
            closes = True
        if closes is None and not used: told["failed"].append("a new connection was closed")
        if closes is None: told["again"] += 1
        if closes: told["closing"] += 1
        used = closes is False
        if not used: s = connect()
        elif told["answered"] == 1: print("begun", flush=True)
        if used: time.sleep(float(pause))
print(json.dumps(told))
"""
PAUSES = ("0", "0.2", "3", "never")
RELOADS = 5
ROUNDS = 3
# The entry of the second host's waypoint.
ENTRY = "waypoint.host-2"


class Fixture:
    """A client on the first host; on the second and third a ztunnel, a backend and a waypoint each."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.hosts = [lab.host(f"host-{number}") for number in (1, 2, 3)]
        self.client = self.hosts[0].workload("client")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        self.credentials = {}
        for host in self.hosts:
            self.credentials[host.short] = mesh.issue(host.short, "shop/client" if host is self.hosts[0] else "shop/web")
            mesh.start_node(host, self.credentials[host.short], workers=2)
        mesh.enrol(self.client, "shop", "client")
        for host in self.hosts[1:]:
            backend = host.workload(f"web-{host.short}")
            backend.start(
                "python3", LAB / "http_backend.py", "--name", host.short, "--port", 8080, name="backend",
                ready=lambda: backend.listens(8080))
            mesh.enrol(backend, "shop", "web", {"app": "web"}, {"http": 8080})
        self.waypoints = {}
        eventually(lambda: self.get()[0] == 200, "a request reaches a backend without a waypoint", 20)

    def start_waypoint(self, host, **extra):
        self.waypoints[host.short] = host.start(
            self.mesh.programs / "waypoint", "proxy", name="waypoint", env=self.environment(host, **extra),
            ready=lambda: host.listens(15108))
        return self.waypoints[host.short]

    def environment(self, host, **extra):
        folder = self.lab.folder / f"waypoint-{host.short}"
        folder.mkdir(exist_ok=True)
        return self.mesh.node_environment(
            host, self.credentials[host.short],
            extra={
                "AMBIT_WAYPOINT": "waypoint.shop", "AMBIT_HBONE_PORT": "auto", "AMBIT_READINESS_PORT": "0",
                "AMBIT_WORKER_THREADS": "2", "AMBIT_STATE_DIR": str(folder), **extra})

    def reload(self, host, check=True, **extra):
        """What systemctl reload does; the next generation writes to a log of its own."""
        with open(self.lab.folder / f"reloads-{host.short}.log", "ab") as log:
            return subprocess.run(
                ["ip", "netns", "exec", host.name, self.mesh.programs / "waypoint", "reload"], stdout=log,
                stderr=subprocess.PIPE if not check else log, text=True, check=check, timeout=60,
                env={**os.environ, **self.environment(host, **extra)})

    def log(self, host):
        """What the generations after the first have said."""
        return (self.lab.folder / f"reloads-{host.short}.log").read_text()

    def processes(self, host):
        """Every waypoint that runs on a host, of all generations."""
        found = []
        for pid in run("ip", "netns", "pids", host.name).stdout.split():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/exe") == str(self.mesh.programs / "waypoint"):
                    found.append(int(pid))
        return found

    def end(self, host, number):
        """Ends them."""
        for pid in self.processes(host):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        eventually(lambda: not self.processes(host), "every generation has ended", 20)

    def waypoint(self, *words, **options):
        return self.mesh.ctl("waypoint", *words, "-n", "shop", **options)

    def programmed(self, text):
        """Whether `waypoint status` says so."""
        return text in self.waypoint("status").stdout

    def entries(self):
        """The names of the WorkloadEntries with the node of each."""
        items = json.loads(self.mesh.ctl("get", "workloadentries", "-n", "shop", "-o", "json").stdout)["items"]
        return {item["metadata"]["name"]: item["metadata"]["labels"]["ambit.io/node"] for item in items}

    def get(self, path="/"):
        """A request over a connection of its own: (status, whether it went through a waypoint)."""
        status, body = self.client.http(WEB + path, timeout=5)
        return status, "sa/waypoint" in body

    def requests(self, host):
        """Requests in the access log of a host's waypoint."""
        return len(re.findall(r'"GET ', self.waypoints[host.short].log()))

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitwl") as lab:
        yield Fixture(lab, programs)


def test_a_waypoint_is_made_and_says_what_is_missing(fixture):
    assert "No waypoints found." in fixture.waypoint("list").stdout
    made = fixture.waypoint("apply", "--enroll-namespace").stdout
    assert "waypoint shop/waypoint created" in made and "istio.io/use-waypoint: waypoint" in made, made
    assert "next: let a node run it: ambitctl node allow NODE shop/waypoint" in made, made
    assert "systemctl enable --now ambit-waypoint@waypoint.shop.service" in made, made
    assert fixture.programmed("NoReplica")
    # Nobody serves it: what uses it fails closed.
    eventually(lambda: fixture.get()[0] != 200, "traffic waits for its waypoint")


def test_a_host_that_was_not_granted_its_identity_is_told_what_to_do(fixture):
    second = fixture.hosts[1]
    waypoint = fixture.start_waypoint(second)
    eventually(lambda: "ambitctl node allow host-2 shop/waypoint" in waypoint.log(), "the log says what to do", 20)
    assert not re.search("waypoint +True", fixture.waypoint("status").stdout)
    fixture.waypoint("apply", "--node", "host-2", "--wait", "--waypoint-timeout", "60s", timeout=90)
    assert "1 of 1 ready: host-2" in fixture.waypoint("status").stdout
    assert re.search(r"waypoint +default +service +True", fixture.waypoint("list").stdout)
    eventually(lambda: fixture.get() == (200, True), "a request goes through the waypoint", 20)


def test_ztunnel_and_waypoint_of_a_host_leave_each_others_entries_alone(fixture):
    second = fixture.hosts[1]
    before = fixture.entries()
    assert before[ENTRY] == "host-2", before
    more = second.workload("more")
    fixture.mesh.enrol(more, "shop", "web", {"app": "more"})
    name = eventually(lambda: set(fixture.entries()) - set(before), "the workload is registered").pop()
    fixture.mesh.node_ctl(second, "unenroll", "netns", more.name)
    eventually(lambda: name not in fixture.entries(), "the workload is gone")
    assert fixture.entries() == before


def test_replicas_share_the_load(fixture):
    third = fixture.hosts[2]
    fixture.start_waypoint(third)
    fixture.waypoint("apply", "--node", "host-3")
    eventually(lambda: fixture.programmed("2 of 2 ready: host-2, host-3"), "both are ready", 30)

    def both():
        before = [fixture.requests(host) for host in fixture.hosts[1:]]
        for _ in range(20):
            assert fixture.get() == (200, True)
        return all(fixture.requests(host) > count for host, count in zip(fixture.hosts[1:], before))

    eventually(both, "each of both takes requests", 20)


def begin(fixture, *names):
    """Loads, one request after the other, on one connection where the name begins with "kept"; `end` says what they met."""
    loads = {}
    for name in names:
        (fixture.lab.folder / f"{name}.stop").unlink(missing_ok=True)
        loads[name] = fixture.client.start(
            "python3", "-c", CALLS, WEB, name.split("-")[0], fixture.lab.folder / f"{name}.stop", name=name)
    for name, load in loads.items():
        eventually(lambda load=load: "begun" in load.log(), f"{name} has begun")
    return loads


def end(fixture, loads):
    """How many requests each load had answered, and its failures."""
    for name in loads:
        (fixture.lab.folder / f"{name}.stop").touch()
    met = {}
    for name, load in loads.items():
        load.popen.wait(timeout=25)
        met[name] = json.loads(load.log().splitlines()[-1])
    return met


def test_a_replica_that_is_killed_costs_what_it_had_under_way(fixture):
    """The entry of a killed one stays, so each new connection may choose it still: it is refused there and goes to the other."""
    second, third = fixture.hosts[1:]
    loads = begin(fixture, "kept-1", "kept-2", "fresh-1", "fresh-2")
    victim = fixture.waypoints[third.short]
    eventually(lambda: fixture.requests(third) > 0, "the one to be killed has requests")
    for _ in range(ROUNDS):
        before = fixture.requests(second)
        victim.kill(signal.SIGKILL)
        eventually(lambda: fixture.requests(second) > before + 100, "requests go on through the other", 20)
        victim = fixture.start_waypoint(third)
        eventually(lambda: fixture.requests(third) > 10, "it takes requests again", 30)
    met = end(fixture, loads)
    print(f"  killed {ROUNDS} times under load, answered and failed: {met}")
    assert all(answered > 100 for answered, _ in met.values()), met
    # Each client has one request under way at a time: no more of them can be lost than there are kills.
    assert all(len(failed) <= ROUNDS for _, failed in met.values()), met
    eventually(lambda: fixture.programmed("2 of 2 ready"), "both are ready", 30)


def test_a_reload_fails_no_request(fixture):
    second = fixture.hosts[1]
    loads = begin(fixture, "kept", "fresh")
    old = fixture.waypoints[second.short]
    for number in range(RELOADS):
        fixture.reload(second)
        eventually(lambda: fixture.log(second).count("took over") == number + 1, "the next one has taken over")
    for answered, failed in end(fixture, loads).values():
        assert answered > 20 and not failed, (answered, failed)
    # Generations without a connection end by themselves; the first one, too.
    eventually(lambda: old.popen.poll() == 0, "the first process ends", 20)
    assert fixture.entries()[ENTRY] == "host-2"
    eventually(lambda: fixture.programmed("2 of 2 ready"), "both are ready")


def test_a_reload_that_cannot_succeed_leaves_the_running_one(fixture):
    second = fixture.hosts[1]
    done = fixture.reload(second, check=False, AMBIT_STATE_DIR=str(fixture.lab.folder))
    assert done.returncode == 1 and "AMBIT_STATE_DIR" in done.stderr, done
    done = fixture.reload(second, check=False, AMBIT_READINESS_PORT="nonsense")
    assert done.returncode == 64, done
    for _ in range(10):
        assert fixture.get() == (200, True)


def test_a_replica_that_ends_leaves_without_a_failed_request(fixture):
    third = fixture.hosts[2]
    before = fixture.entries()
    # So many that one at least is on a connection of the one that ends.
    loads = begin(fixture, "kept-1", "kept-2", "kept-3", "kept-4", "fresh")
    fixture.waypoints[third.short].popen.terminate()
    failed = []
    while fixture.waypoints[third.short].popen.poll() is None:
        if (got := fixture.get()) != (200, True):
            failed.append(got)
    assert not failed, failed
    for name, (answered, missed) in end(fixture, loads).items():
        assert answered >= 10 and not missed, (name, answered, missed)
    assert fixture.waypoints[third.short].popen.returncode == 0
    del before["waypoint.host-3"]
    assert fixture.entries() == before
    for _ in range(20):
        assert fixture.get() == (200, True)


def test_a_reload_moves_kept_connections_long_before_its_deadline(fixture):
    """The one waypoint that there is now."""
    second, folder = fixture.hosts[1], fixture.lab.folder
    clients = [
        fixture.client.start("python3", "-c", KEPT, WEB, pause, folder / "pauses.stop", name=f"kept-{pause}") for pause in PAUSES]
    for each in clients:
        eventually(lambda each=each: "begun" in each.log(), "it has its connection")
    # Answered when the drain is well under way.
    slow = fixture.client.start("curl", "-sS", "-v", "-m", "30", f"{WEB}/delay/4000", name="slow")
    eventually(lambda: "GET /delay" in slow.log(), "its request is on its way", 20)
    before = set(fixture.processes(second))
    fixture.reload(second)
    # The deadline is an hour away: what ends the old processes is that their last connections have moved.
    eventually(lambda: not before & set(fixture.processes(second)), "the generations before have ended", 40)
    (folder / "pauses.stop").touch()
    assert slow.popen.wait(timeout=20) == 0, slow.log()
    for pause, each in zip(PAUSES, clients):
        each.popen.wait(timeout=30)
        told = json.loads(each.log().splitlines()[-1])
        assert told["answered"] and not told["failed"], (pause, told)
    assert fixture.get() == (200, True)


def test_the_entry_of_a_killed_one_stays_until_it_is_back(fixture):
    second = fixture.hosts[1]
    fixture.end(second, signal.SIGKILL)
    assert ENTRY in fixture.entries()
    fixture.start_waypoint(second)
    eventually(lambda: fixture.get() == (200, True), "requests go through it again", 20)


def test_a_deleted_waypoint_is_gone_and_what_named_it_is_told(fixture):
    deleted = fixture.waypoint("delete", "waypoint")
    assert "waypoint shop/waypoint deleted" in deleted.stdout, deleted.stdout
    assert "on host-2: systemctl disable --now ambit-waypoint@waypoint.shop.service" in deleted.stdout, deleted.stdout
    assert "namespace shop still named it" in deleted.stderr, deleted.stderr
    eventually(lambda: fixture.get() == (200, False), "requests go without it", 20)
    # What runs waits for it to be made again.
    assert "unchanged" not in fixture.waypoint("apply", "--wait", timeout=120).stdout
    eventually(lambda: fixture.get() == (200, True), "requests go through it again", 20)


def test_a_grant_that_is_withdrawn_ends_it(fixture):
    fixture.mesh.ctl("node", "disallow", "host-2", "shop/waypoint")
    eventually(lambda: ENTRY not in fixture.entries(), "its entry is gone")
    assert fixture.programmed("NoReplica")
    eventually(lambda: fixture.get()[0] != 200, "what uses it fails closed")


def test_a_stopped_waypoint_leaves_nothing(fixture):
    fixture.mesh.ctl("node", "allow", "host-2", "shop/waypoint")
    eventually(lambda: ENTRY in fixture.entries(), "it has reported itself again", 60)
    fixture.end(fixture.hosts[1], signal.SIGTERM)
    assert ENTRY not in fixture.entries()
