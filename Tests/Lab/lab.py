"""Hosts in network namespaces: the test lab of Ambit.

A `Lab` is one wire (a bridge in a namespace of its own, so nothing touches this machine's network), hosts on it with an
address each, and workloads behind the hosts, each in its own namespace with its own IPv4 and IPv6 address. All names
start with the lab's prefix; leaving the `with` block stops every process and deletes every namespace, also after an
error or Ctrl-C.

    wire (bridge) --- host 1: 10.77.0.11, fd77::11 --- workload a: 10.77.11.2, fd77:11::2
                  --- host 2: 10.77.0.12, fd77::12 --- workload b: 10.77.12.2, fd77:12::2
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """A step that did not go as it must; its text is what a person reads."""


def run(*command, check=True, timeout=30, input=None, **options):
    """Runs a command to its end and returns the completed process (text)."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=timeout, input=input, **options)
    if check and done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done


def eventually(condition, what, deadline=15.0, interval=0.05):
    """Waits until `condition()` is true (its value is returned); after `deadline` seconds says `what` did not happen."""
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except (Failure, OSError, subprocess.SubprocessError) as error:
            last = error
        if time.monotonic() > end:
            raise Failure(f"not within {deadline:g} s: {what}" + (f" ({last})" if last else ""))
        time.sleep(interval)


def settled(measure, wanted, deadline=30):
    """The value of `measure` once it is at most `wanted`, or what it is at the deadline."""
    end = time.monotonic() + deadline
    while (value := measure()) > wanted and time.monotonic() < end:
        time.sleep(0.25)
    return value


class Namespace:
    """One network namespace: runs commands and keeps processes in it."""

    def __init__(self, lab, name):
        self.lab = lab
        self.short = name
        self.name = f"{lab.prefix}-{name}"
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return run("ip", "-n", self.name, *words)

    def run(self, *command, **options):
        return run("ip", "netns", "exec", self.name, *command, **options)

    def start(self, *command, name=None, env=None, ready=None, deadline=20.0):
        """Starts a process in this namespace; its output goes to a log file in the lab's folder."""
        name = name or os.path.basename(str(command[0]))
        process = Process(self, name, [str(word) for word in command], env)
        self.lab.processes.append(process)
        if ready:
            eventually(lambda: process.alive() and ready(), f"{name} in {self.name} is ready", deadline)
        return process

    def listens(self, port):
        """Whether something listens on TCP `port` in this namespace."""
        return self.run("ss", "-Hltn", f"sport = :{port}").stdout.strip() != ""

    def sysctl(self, key, value):
        self.run("sysctl", "-qw", f"{key}={value}")

    def resolver(self, address, search):
        """Gives the namespace a resolver file of its own, as `ip netns exec` binds it."""
        folder = pathlib.Path("/etc/netns") / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {address}\nsearch {' '.join(search)}\noptions ndots:5\n")


class Process:
    """A process of the lab, with its log."""

    def __init__(self, namespace, name, command, env):
        self.name = name
        self.namespace = namespace
        self.log_path = namespace.lab.folder / f"{namespace.short}-{name}-{len(namespace.lab.processes)}.log"
        self.log_file = open(self.log_path, "wb")
        self.command = command
        self.env = env
        self.popen = subprocess.Popen(
            ["ip", "netns", "exec", namespace.name, *command], stdin=subprocess.DEVNULL, stdout=self.log_file,
            stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, start_new_session=True)

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        if self.popen.poll() is not None:
            raise Failure(f"{self.name} ended with {self.popen.returncode}:\n{self.log()[-2000:]}")
        return True

    def log(self):
        return self.log_path.read_text(errors="replace")

    def kill(self, how=signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, how)
        self.popen.wait(timeout=15)

    def stop(self, deadline=10):
        """SIGTERM, then SIGKILL after the deadline."""
        if self.popen.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGTERM)
        try:
            self.popen.wait(timeout=deadline)
        except subprocess.TimeoutExpired:
            self.kill()

    def resident_kilobytes(self):
        """Resident memory of the process (ip netns exec replaces itself by the command)."""
        for line in pathlib.Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise Failure(f"{self.name} has no resident memory: it is gone")


class Host(Namespace):
    """A host on the wire, which forwards for the workloads behind it."""

    def __init__(self, lab, name, number):
        super().__init__(lab, name)
        self.number = number
        self.address = f"10.77.0.{number}"
        self.address6 = f"fd77::{number}"
        self.workloads = 0
        self.port = f"{lab.prefix}p{number}"[:15]
        run("ip", "link", "add", self.port, "netns", lab.wire.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        lab.wire.ip("link", "set", self.port, "master", "br0", "up")
        self.ip("addr", "add", f"{self.address}/24", "dev", "eth0")
        self.ip("addr", "add", f"{self.address6}/64", "dev", "eth0", "nodad")
        self.ip("link", "set", "eth0", "up")
        self.sysctl("net.ipv4.ip_forward", 1)
        self.sysctl("net.ipv6.conf.all.forwarding", 1)
        for other in lab.hosts:
            self.reach(other)
            other.reach(self)
        lab.hosts.append(self)

    def reach(self, other):
        """Routes to the workloads behind another host."""
        self.ip("route", "replace", f"10.77.{other.number}.0/24", "via", other.address)
        self.ip("-6", "route", "replace", f"fd77:{other.number}::/64", "via", other.address6)

    def workload(self, name):
        return Workload(self, name)


class Workload(Namespace):
    """A workload behind a host: a namespace with one address of each family."""

    def __init__(self, host, name):
        super().__init__(host.lab, name)
        self.host = host
        host.workloads += 1
        number = host.workloads + 1
        self.address = f"10.77.{host.number}.{number}"
        self.address6 = f"fd77:{host.number}::{number}"
        link = f"w{number}"
        run("ip", "link", "add", link, "netns", host.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        host.ip("link", "set", link, "up")
        host.ip("addr", "add", f"10.77.{host.number}.1/32", "dev", link)
        host.ip("addr", "add", f"fd77:{host.number}::1/128", "dev", link, "nodad")
        host.ip("route", "add", f"{self.address}/32", "dev", link)
        host.ip("-6", "route", "add", f"{self.address6}/128", "dev", link)
        self.ip("addr", "add", f"{self.address}/32", "dev", "eth0")
        self.ip("addr", "add", f"{self.address6}/128", "dev", "eth0", "nodad")
        self.ip("link", "set", "eth0", "up")
        self.ip("route", "add", f"10.77.{host.number}.1/32", "dev", "eth0")
        self.ip("route", "add", "default", "via", f"10.77.{host.number}.1")
        self.ip("-6", "route", "add", f"fd77:{host.number}::1/128", "dev", "eth0")
        self.ip("-6", "route", "add", "default", "via", f"fd77:{host.number}::1")

    def http(self, url, *options, timeout=10):
        """`curl` in this workload: (status, body), status 0 with curl's message where no answer came."""
        done = self.run(
            "curl", "-sS", "-m", timeout, "-w", "\n%{http_code}", *options, url, check=False, timeout=timeout + 5)
        body, _, status = done.stdout.rpartition("\n")
        return (int(status or 0), body if int(status or 0) else done.stderr.strip())


class Lab:
    """The wire, the hosts on it, the processes: see the module's text."""

    def __init__(self, prefix):
        if os.geteuid() != 0:
            raise Failure("the lab makes network namespaces: run it as root")
        self.prefix = prefix
        self.hosts = []
        self.processes = []

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"ambit-{self.prefix}-"))
        self.folder.chmod(0o755)
        # A killed run cannot leave its names to the next.
        self.sweep()
        self.wire = Namespace(self, "wire")
        self.wire.ip("link", "add", "br0", "type", "bridge")
        self.wire.ip("link", "set", "br0", "up")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, kind, error, trace):
        keep = os.environ.get("AMBIT_LAB_KEEP")
        if kind is not None and not issubclass(kind, KeyboardInterrupt):
            self.show_logs()
        for process in reversed(self.processes):
            process.stop(deadline=5)
            process.log_file.close()
        self.sweep()
        if keep:
            print(f"lab: logs kept in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        return False

    def show_logs(self, lines=15):
        """The end of each process's log, for the person who has to find out."""
        for process in self.processes:
            tail = process.log().splitlines()[-lines:]
            if tail:
                print(f"--- {process.namespace.name} {process.name}", *tail, sep="\n", file=sys.stderr)

    def sweep(self):
        for name in run("ip", "netns", "list").stdout.split("\n"):
            name = name.split(" ")[0]
            if name.startswith(f"{self.prefix}-"):
                for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
                    with contextlib.suppress(ProcessLookupError, ValueError):
                        os.kill(int(pid), signal.SIGKILL)
                run("ip", "netns", "del", name, check=False)
                shutil.rmtree(pathlib.Path("/etc/netns") / name, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.rmdir("/etc/netns")

    def host(self, name):
        return Host(self, name, 11 + len(self.hosts))

    def capture(self, host, name="capture"):
        """tcpdump on the link between `host` and the wire; returns the capture, to be stopped and read."""
        return Capture(self, host, name)


class Capture:
    """A packet capture on one host's link."""

    def __init__(self, lab, host, name):
        self.path = lab.folder / f"{name}.pcap"
        # `-U` writes each packet at once; the ready line on stderr says that it captures.
        self.process = lab.wire.start(
            "tcpdump", "-i", host.port, "-U", "--immediate-mode", "-Z", "root", "-s", "0", "-w", self.path, name=name,
            ready=lambda: "listening on" in self.log())

    def log(self):
        logs = list(self.path.parent.glob("wire-*capture*.log"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def stop(self):
        self.process.stop()
        return self

    def contains(self, marker):
        return marker in self.path.read_bytes()

    def ports(self):
        """The TCP ports that connections were opened to, from the SYN packets seen; a set of numbers."""
        opened = [line for line in run("tcpdump", "-nn", "-r", self.path).stdout.splitlines() if " Flags [S]," in line]
        destinations = [line.split(" > ")[1].split(": Flags")[0] for line in opened]
        return {int(destination.rsplit(".", 1)[1]) for destination in destinations}
