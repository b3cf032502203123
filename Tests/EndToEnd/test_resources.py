"""ztunnel without descriptors or disk: new work is refused with a reason, what is there goes on, nothing stored is lost."""

import contextlib
import pathlib
import re

from lab import Lab, eventually, run
from mesh import Mesh

DESCRIPTORS = 200
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
# Opens as many connections as it is told, says what became of each, and then proves that those that stand still work.
HOLDER = """
import signal, socket, sys
address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
standing, refused = [], 0
for _ in range(count):
    try:
        connection = socket.create_connection((address, port), timeout=10)
        connection.sendall(b'x')
        if connection.recv(1) != b'x': raise ConnectionResetError()
        standing.append(connection)
    except OSError: refused += 1
alive = 0
for connection in standing:
    connection.sendall(b'y')
    alive += connection.recv(1) == b'y'
print('standing', len(standing), 'alive', alive, 'refused', refused, flush=True)
if len(sys.argv) > 4: signal.pause()
"""


class Fixture:
    """A node whose ztunnel may have 200 descriptors, and whose state is on a disk of 256 KiB."""

    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = mesh = Mesh(lab, programs)
        self.host = lab.host("host-1")
        self.client, self.server = self.host.workload("client"), self.host.workload("server")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=NAMESPACE)
        self.disk = lab.folder / "host-1/state"
        self.disk.mkdir(parents=True)
        run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", self.disk)
        self.node = mesh.start_node(
            self.host, mesh.issue("host-1", "shop/client", "shop/server"), workers=2,
            wrapper=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))
        self.server.start(
            "socat", "TCP6-LISTEN:7000,fork,reuseaddr,backlog=1024", "EXEC:cat", name="echo", ready=lambda: self.server.listens(7000))
        mesh.enrol(self.client, "shop", "client")
        mesh.enrol(self.server, "shop", "server", {}, {"echo": 7000})
        eventually(lambda: len(self.hold(1)) and self.last["standing"] == 1, "the mesh carries a connection")

    def hold(self, count):
        """What became of `count` connections; they are closed again."""
        done = self.client.run("python3", "-c", HOLDER, self.server.address, 7000, count, timeout=60)
        words = done.stdout.split()
        self.last = dict(zip(words[::2], map(int, words[1::2])))
        return self.last

    def metric(self, name, label=""):
        page = self.host.run("curl", "-sS", "-m", "5", "http://127.0.0.1:15020/metrics").stdout
        found = re.search(rf"^{name}(?:{{[^}}]*{label}[^}}]*}})? (\S+)$", page, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.node.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitres") as lab:
        try:
            yield Fixture(lab, programs)
        finally:
            run("umount", "-l", lab.folder / "host-1/state", check=False)


def test_without_descriptors_new_connections_are_refused_and_the_rest_goes_on(fixture):
    held = fixture.client.start("python3", "-c", HOLDER, fixture.server.address, 7000, 150, "hold", name="holder")
    outcome = eventually(lambda: re.search(r"standing (\d+) alive (\d+) refused (\d+)", held.log()), "150 connections were tried", 60)
    standing, alive, refused = map(int, outcome.groups())
    assert refused > 0 and standing > 10 and alive == standing, outcome[0]
    # Control work has descriptors left: the pages answer, and say why.
    assert fixture.metric("ambit_limit_rejections_total", 'limit="descriptors"') >= refused
    eventually(lambda: "file descriptors are in use; raise LimitNOFILE" in fixture.node.log(), "the log says what to do")
    before = fixture.processor_seconds()
    assert fixture.hold(3)["refused"] == 3
    assert fixture.processor_seconds() - before < 1, "accepting spins"
    held.kill()
    eventually(lambda: fixture.hold(1)["standing"] == 1, "new connections are taken again")


def test_a_full_disk_refuses_orders_and_keeps_what_is_stored(fixture):
    stored = {path: path.read_bytes() for path in fixture.disk.rglob("*") if path.is_file()}
    assert len(stored) > 4, stored.keys()
    third = fixture.host.workload("third")
    ballast = fixture.disk / "ballast"
    with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    words = ("enroll", "netns", third.name, "--name", "third", "--namespace", "shop", "--service-account", "client")
    done = fixture.mesh.node_ctl(fixture.host, *words, check=False)
    assert done.returncode != 0 and "make room on the disk" in done.stderr, done.stderr
    # Changes of the mesh cannot be stored either; they are in force all the same, and come to the disk later.
    fixture.mesh.ctl("apply", "-f", "-", input=NAMESPACE)
    fixture.mesh.enrol(fixture.server, "shop", "server", {}, {"echo": 7000})
    now = {path: path.read_bytes() for path in fixture.disk.rglob("*") if path.is_file() and path != ballast}
    assert all(now.get(path) == content or path.suffix == ".pb" for path, content in stored.items()), "a stored file was lost"
    assert not [path for path in now if path.name.endswith(".new")], "a draft was left"
    assert fixture.hold(1)["standing"] == 1
    ballast.unlink()
    assert fixture.mesh.node_ctl(fixture.host, *words).returncode == 0
    assert (fixture.disk / "enrolments/shop__third.json").exists()
