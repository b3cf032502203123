"""Upgrade, restart and crash of ztunnel under load: what clients notice (nothing, or an end of what was established).

ztunnel runs under `service_parent`, which does what systemd does; the same on real systemd hosts is in Tests/Lab.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import time

from lab import Lab, eventually, run
from mesh import Mesh

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
NGINX = """
daemon off; master_process off; pid %(folder)s/nginx.pid; error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b; fastcgi_temp_path %(folder)s/c; uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e;
  server { listen [::]:8080 ipv6only=off backlog=4096; location / { return 200 "web\\n"; } }
}
"""
# One line a connection: what it sees is how the connection ends.
STREAM = """
import socket, sys, time
address, port, interval, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
connection = socket.create_connection((address, port), timeout=20)
end, count = time.monotonic() + seconds, 0
def turn():
    global count
    word = b'%08d' % count
    connection.sendall(word)
    answer = b''
    while len(answer) < 8:
        part = connection.recv(8 - len(answer))
        if not part: raise EOFError('the connection ended after %d turns' % count)
        answer += part
    assert answer == word, (answer, word)
    count += 1
turn()
print('open', flush=True)
while time.monotonic() < end:
    time.sleep(interval)
    turn()
print('whole', count, flush=True)
"""
# New connections without pause from several threads; says what became of each.
CALLER = """
import collections, json, socket, sys, threading, time
address, port, threads, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
seen, lock = collections.Counter(), threading.Lock()
def call():
    try:
        with socket.create_connection((address, port), timeout=15) as connection:
            try:
                connection.sendall(b'GET / HTTP/1.1\\r\\nhost: web\\r\\nconnection: close\\r\\n\\r\\n')
                answer = b''
                while part := connection.recv(4096): answer += part
                return 'answered' if answer.endswith(b'web\\n') else 'cut'
            except OSError: return 'cut'
    except ConnectionRefusedError: return 'refused'
    # Open already for the kernel, and gone before connect could say so.
    except ConnectionResetError: return 'cut'
    except OSError as error: return 'failed: %s' % error
def work():
    while not stopped.is_set():
        outcome = call()
        with lock: seen[outcome] += 1
stopped = threading.Event()
workers = [threading.Thread(target=work) for _ in range(threads)]
for worker in workers: worker.start()
while True:
    time.sleep(0.05)
    with lock: text = json.dumps(seen)
    with open(folder + '/calls.new', 'w') as file: file.write(text)
    import os
    os.rename(folder + '/calls.new', folder + '/calls.json')
    if os.path.exists(folder + '/stop'): break
stopped.set()
for worker in workers: worker.join()
with open(folder + '/calls.json', 'w') as file: file.write(json.dumps(seen))
print('done', flush=True)
"""
# Each question once, without repeating it: an answer that does not come is a question that was lost.
ASKER = """
import os, socket, struct, sys, time
folder, asked = sys.argv[1], 0
name = b''.join(bytes([len(part)]) + part for part in b'web.shop.svc.cluster.local'.split(b'.')) + b'\\0'
while not os.path.exists(folder + '/stop'):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as question:
        question.settimeout(8)
        question.sendto(struct.pack('>HHHHHH', asked & 0xffff, 0x100, 1, 0, 0, 0) + name + struct.pack('>HH', 1, 1), ('10.77.0.53', 53))
        answer = question.recv(4096)
        assert struct.unpack('>HHHH', answer[:8])[3] == 1, answer
    asked += 1
    time.sleep(0.002)
print('asked', asked, flush=True)
"""


class Fixture:
    """A client on the first host, a web server on the second; both hosts' ztunnels are services."""

    def __init__(self, lab, programs):
        self.lab, self.programs = lab, pathlib.Path(programs).resolve()
        self.mesh = mesh = Mesh(lab, programs)
        self.first, self.second = lab.host("host-1"), lab.host("host-2")
        self.client, self.web = self.first.workload("client"), self.second.workload("web")
        mesh.start_control()
        mesh.ctl("apply", "-f", "-", input=CONFIGURATION)
        settings = {"AMBIT_UPGRADE_TIMEOUT": "5s"}
        self.services = [
            mesh.start_service(host, mesh.issue(host.short, account), workers=2, extra=settings)
            for host, account in ((self.first, "shop/client"), (self.second, "shop/web"))]
        (self.lab.folder / "nginx").mkdir()
        (self.lab.folder / "nginx.conf").write_text(NGINX % {"folder": self.lab.folder / "nginx"})
        self.web.start("nginx", "-c", self.lab.folder / "nginx.conf", ready=lambda: self.web.listens(8080))
        self.web.start("socat", "TCP6-LISTEN:7000,fork,reuseaddr", "EXEC:cat", name="echo", ready=lambda: self.web.listens(7000))
        mesh.enrol(self.client, "shop", "client")
        mesh.enrol(self.web, "shop", "web", {"app": "web"}, {"http": 8080, "echo": 7000})
        self.url = f"http://{self.web.address}:8080/"
        eventually(lambda: self.client.http(self.url)[0] == 200, "the mesh carries a request")

    def stream(self, interval, seconds, name):
        held = self.client.start("python3", "-c", STREAM, self.web.address, 7000, interval, seconds, name=name)
        eventually(lambda: "open" in held.log(), "the stream is open")
        return held

    @contextlib.contextmanager
    def running(self, script, *arguments, name):
        """A script that works until it is told to stop; yields its folder."""
        folder = self.lab.folder / f"{name}-{time.monotonic_ns()}"
        folder.mkdir()
        process = self.client.start("python3", "-c", script, *arguments, folder, name=name)
        try:
            yield folder
        finally:
            (folder / "stop").touch()
            process.popen.wait(timeout=60)
        assert process.popen.returncode == 0, process.log()

    @contextlib.contextmanager
    def calls(self, threads=4):
        """New connections all the while; yields a function that gives what became of them."""
        with self.running(CALLER, self.web.address, 8080, threads, name="caller") as folder:
            file = folder / "calls.json"
            def seen():
                return json.loads(file.read_text()) if file.exists() else {}
            eventually(lambda: seen().get("answered", 0) > 20, "calls are answered")
            yield seen

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitupg") as lab:
        yield Fixture(lab, programs)


def reload_all(fixture):
    for service in fixture.services:
        outcome = service.ask("reload")
        assert outcome["code"] == 0, outcome


def test_twenty_reloads_under_load_fail_no_request_and_reset_nothing(fixture):
    starts = [service.state["starts"] for service in fixture.services]
    mains = [service.state["main"] for service in fixture.services]
    stream = fixture.stream(0.02, 1, "stream-warm")
    eventually(lambda: "whole" in stream.log(), "the stream works")
    stream, idle = fixture.stream(0.02, 45, "stream"), fixture.stream(40, 1, "idle")
    loads = [
        fixture.client.start("wrk", "-t1", "-c8", "-d40s", "--timeout", "10s", *header, fixture.url, name=name)
        for name, header in (("wrk-kept", []), ("wrk-new", ["-H", "Connection: close"]))]
    with fixture.calls(2) as seen, fixture.running(ASKER, name="asker"):
        for _ in range(20):
            reload_all(fixture)
        calls = seen
    outcome = calls()
    assert set(outcome) == {"answered"}, outcome
    for load in loads:
        load.popen.wait(timeout=60)
        report = load.log()
        requests = int(re.search(r"(\d+) requests in", report)[1])
        assert requests > 100 and "Socket errors" not in report and "Non-2xx" not in report, report
    for held in (stream, idle):
        eventually(lambda: "whole" in held.log(), f"{held.name} goes on to its end: {held.log()[-500:]}", 60)
    for service, started, main in zip(fixture.services, starts, mains):
        state = service.state
        assert state["starts"] == started and state["main"] != main, state
        # Those that had something to finish have finished it.
        eventually(lambda: service.state["processes"] == [service.state["main"]], "older generations have ended", 20)


def test_generations_that_drain_are_shown_and_bounded(fixture):
    service = fixture.services[0]
    held = fixture.stream(0.1, 8, "held")
    assert service.ask("reload")["code"] == 0
    def metric(name):
        page = fixture.first.run("curl", "-sS", "http://127.0.0.1:15020/metrics").stdout
        return float(re.search(rf"^{name} (\S+)$", page, re.MULTILINE)[1])
    eventually(lambda: metric("ambit_draining_generations") == 1, "one generation drains")
    eventually(lambda: metric("ambit_draining_connections") == 1, "with one connection")
    assert metric("ambit_listening_sockets_adopted_total") >= 7
    eventually(lambda: "whole" in held.log(), "the stream comes to its end")
    eventually(lambda: metric("ambit_draining_generations") == 0, "the generation has ended")


def test_a_program_that_does_not_start_changes_nothing(fixture):
    service = fixture.services[0]
    before = service.state["main"]
    good = service.program.with_suffix(".good")
    shutil.copy2(service.program, good)
    with fixture.calls() as seen:
        for broken in ("#!/bin/sh\nexit 3\n", "not a program"):
            service.program.unlink()
            service.program.write_text(broken)
            service.program.chmod(0o755)
            assert service.ask("reload")["code"] != 0
        os.replace(good, service.program)
        # Peers that break off at each step.
        for steps in (b"", hello(fixture), hello(fixture) + b"\0ready", hello(fixture) + b"\0nonsense"):
            break_off(fixture, steps)
            eventually(lambda: enrolments_answer(fixture), "orders are taken again")
        outcome = seen
    assert set(outcome()) == {"answered"}, outcome()
    assert service.state["main"] == before
    assert service.ask("reload")["code"] == 0
    assert service.state["main"] != before


def hello(fixture):
    return f"hello\n1\ntest\n{fixture.lab.folder / 'host-1/state'}\nno".encode()


def break_off(fixture, steps):
    """Sends the messages of `steps`, reads what comes until nothing does, and goes away."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.connect(str(fixture.lab.folder / "host-1/run/upgrade.sock"))
        for message in filter(None, steps.split(b"\0")):
            peer.send(message)
            peer.settimeout(3)
            for _ in range(1000):
                data, fds, _, _ = socket.recv_fds(peer, 65536, 4)
                for fd in fds:
                    os.close(fd)
                if not data or data.split(b"\n")[0] in (b"complete", b"yours", b"refused"):
                    break


def enrolments_answer(fixture):
    """Whether the control socket takes an order: the same one again."""
    return fixture.mesh.enrol(fixture.client, "shop", "client").returncode == 0


def test_a_silent_successor_is_given_up_after_the_timeout(fixture):
    service = fixture.services[0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.connect(str(fixture.lab.folder / "host-1/run/upgrade.sock"))
        peer.send(hello(fixture))
        outcome = service.ask("reload")
        assert outcome["code"] == 1 and "another upgrade is under way" in outcome["error"], outcome
        log = fixture.mesh.nodes["host-1"]
        eventually(lambda: "not ready within 5s (AMBIT_UPGRADE_TIMEOUT)" in log.log(), "the old one goes on", 15)
    assert service.ask("reload")["code"] == 0


def test_another_state_directory_is_refused(fixture):
    environment = fixture.mesh.node_environment(
        fixture.first, fixture.lab.folder / "host-1-credentials", extra={"AMBIT_STATE_DIR": "/tmp/elsewhere"})
    done = fixture.first.run(
        fixture.services[0].program, "reload", check=False,
        env={**os.environ, **environment, "NOTIFY_SOCKET": str(fixture.services[0].folder / "notify.sock")})
    assert done.returncode == 1 and "restart the service to change it" in done.stderr, done.stderr


def test_a_second_ztunnel_on_the_same_state_is_refused(fixture):
    environment = fixture.mesh.node_environment(fixture.first, fixture.lab.folder / "host-1-credentials")
    done = fixture.first.run(fixture.services[0].program, "proxy", check=False, env={**os.environ, **environment})
    assert done.returncode == 1 and "another ztunnel uses the state directory" in done.stderr, done.stderr


def test_restart_refuses_no_new_connection(fixture):
    for service in fixture.services:
        with fixture.calls() as seen:
            before = service.state
            after = service.ask("restart")
            answered = seen().get("answered", 0)
            eventually(lambda: seen().get("answered", 0) > answered + 20, "calls are answered again")
        outcome = seen()
        assert after["main"] != before["main"] and after["stored"] == before["stored"], (before, after)
        # What was open may be cut at the deadline; nothing is refused.
        assert set(outcome) <= {"answered", "cut"} and outcome.get("cut", 0) <= 4, outcome


def test_kill_lets_new_connections_wait_and_succeed(fixture):
    for service in fixture.services:
        with fixture.calls() as seen:
            for _ in range(3):
                before = service.state["main"]
                service.ask("kill")
                eventually(lambda: service.state["ready"] and service.state["main"] != before, "it runs again")
                answered = seen().get("answered", 0)
                eventually(lambda: seen().get("answered", 0) > answered + 20, "calls are answered again")
        outcome = seen()
        # At most what each of the four threads had open at each of the three kills.
        assert set(outcome) <= {"answered", "cut"} and outcome.get("cut", 0) <= 12, outcome


def test_sockets_of_a_workload_that_is_gone_are_dropped(fixture):
    service = fixture.services[0]
    extra = fixture.first.workload("passing")
    before = service.state["stored"]
    inode = f"{extra_inode(extra):x}."
    fixture.mesh.node_ctl(
        fixture.first, "enroll", "netns", extra.name, "--name", "passing", "--namespace", "shop", "--service-account", "client")
    mine = [name for name in service.state["stored"] if name.startswith(inode)]
    assert len(mine) == 7, mine
    # Unenrolled: taken out of the store at once.
    fixture.mesh.node_ctl(fixture.first, "unenroll", "netns", extra.name)
    eventually(lambda: service.state["stored"] == before, "its sockets are not stored any more")
    # Gone while no ztunnel looks: the next one finds out.
    fixture.mesh.node_ctl(
        fixture.first, "enroll", "netns", extra.name, "--name", "passing", "--namespace", "shop", "--service-account", "client")
    os.kill(service.state["main"], signal.SIGSTOP)
    run("ip", "netns", "del", extra.name)
    service.ask("kill")
    eventually(lambda: service.state["ready"], "it runs again")
    eventually(lambda: service.state["stored"] == before, "stale sockets are dropped")
    fixture.mesh.node_ctl(fixture.first, "unenroll", "netns", extra.name)


def extra_inode(workload):
    return int(re.search(r"\[(\d+)\]", workload.run("readlink", "/proc/self/ns/net").stdout)[1])


def test_the_watchdog_hears_of_a_living_program(fixture):
    service = fixture.services[1]
    service.ask("restart")
    heard = service.state["watchdogs"]
    eventually(lambda: service.state["watchdogs"] > heard + 1, "WATCHDOG=1 comes")
    # And from the next generation, which systemd does not tell the interval.
    assert service.ask("reload")["code"] == 0
    heard = service.state["watchdogs"]
    eventually(lambda: service.state["watchdogs"] > heard + 1, "WATCHDOG=1 comes from the next generation")


def test_the_status_says_what_it_waits_for(fixture):
    service = fixture.services[0]
    eventually(lambda: service.state["status"].startswith("serving, 1 workloads"), service.state["status"])
