"""Real systemd hosts on one machine: what `make lab` runs its scenarios on.

Each host is a systemd-nspawn container on a throw-away overlay of this machine's own root file system: it has its own
PID 1 (systemd), network namespace, nftables, cgroup tree, journal and package database. The hosts share one bridge.

    lab (bridge): 10.99.0.1, fd99::1 --- host 1: 10.99.0.11, fd99::11
                                     --- host 2: 10.99.0.12, fd99::12

Nothing of it is seen outside: `isolate` starts the program again in mount, network and process namespaces of its own, so
the end of that program, however it comes, ends every host and frees every mount, link and rule.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lab import Failure, eventually, run
from link_capture import LinkCapture

BRIDGE = "labbr"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
PREFIX = "ambit-lab-"

# What a machine for development happens to run or would start on a timer; a clean host has none of it.
UNWANTED = [
    "apt-daily-upgrade.timer", "apt-daily.timer", "console-getty.service", "docker.service", "dpkg-db-backup.timer",
    "e2scrub_all.timer", "etcd.service", "fstrim.timer", "haproxy.service", "iperf3.service", "man-db.timer", "nginx.service",
    "postgresql.service", "prometheus-node-exporter.service", "prometheus.service",
]


def isolate():
    """Runs this program again, isolated, and returns only in that second life: what it leaves behind is cleaned up here."""
    stage = os.environ.get("AMBIT_LAB_STAGE")
    if stage == "inside":
        os.environ.pop("AMBIT_LAB_STAGE")
        return
    if os.geteuid() != 0:
        sys.exit("lab: boots systemd hosts: run it as root")
    if stage is None:
        environment = {**os.environ, "AMBIT_LAB_STAGE": "mounts"}
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", "--", sys.executable, *sys.argv], environment)
    # nspawn wants a pure cgroup v2 hierarchy; this mount is seen by us alone.
    run("umount", "-l", CGROUPS, check=False)
    run("mount", "-t", "cgroup2", "none", CGROUPS)
    # What nspawn notes about its containers.
    pathlib.Path("/run/systemd").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", "/run/systemd")
    sweep()
    group = CGROUPS / f"{PREFIX}{os.getpid()}"
    group.mkdir()
    folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
    inside = subprocess.Popen(
        ["unshare", "--net", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--", sys.executable, *sys.argv],
        env={**os.environ, "AMBIT_LAB_STAGE": "inside", "AMBIT_LAB_FOLDER": str(folder), "AMBIT_LAB_GROUP": str(group)},
        preexec_fn=end_with_parent)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: inside.kill())
    try:
        status = inside.wait()
    except KeyboardInterrupt:
        inside.kill()
        status = inside.wait()
    eventually(lambda: remove_group(group), f"every process of {group} has ended")
    if os.environ.get("AMBIT_LAB_KEEP"):
        print(f"lab: logs and captures kept in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status if status >= 0 else 128 - status)


def end_with_parent():
    """In a child: the kernel kills it when its parent ends, so that `kill -9` of the lab leaves no host running."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def sweep():
    """Removes the cgroups of earlier labs that were killed: those whose owner is gone."""
    for group in CGROUPS.glob(f"{PREFIX}*"):
        if not pathlib.Path("/proc", group.name.removeprefix(PREFIX)).exists():
            remove_group(group)


def remove_group(group):
    """Removes a tree of cgroups, deepest first; whether all of it is gone."""
    for folder, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True


class SystemdHosts:
    """The bridge and the hosts on it. Leaving the `with` block ends the hosts; the rest goes with the isolated process."""

    def __init__(self):
        self.folder = pathlib.Path(os.environ["AMBIT_LAB_FOLDER"])
        self.group = pathlib.Path(os.environ["AMBIT_LAB_GROUP"])
        self.hosts = []

    def __enter__(self):
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "addr", "add", "10.99.0.1/24", "dev", BRIDGE)
        run("ip", "addr", "add", "fd99::1/64", "dev", BRIDGE, "nodad")
        run("ip", "link", "set", BRIDGE, "up")
        return self

    def __exit__(self, kind, error, trace):
        for host in self.hosts:
            host.kill()
        return False

    def boot(self, *names):
        """Boots one host a name, together; returns them when all of them run."""
        hosts = [SystemdHost(self, name, 11 + len(self.hosts) + number) for number, name in enumerate(names)]
        self.hosts += hosts
        for host in hosts:
            host.power_on()
        for host in hosts:
            host.wait_running()
        return hosts

    def capture(self, name):
        """Captures what goes over the bridge, from now on; it goes on while hosts reboot."""
        return LinkCapture(self.folder / f"{name}.pcap", BRIDGE)


class SystemdHost:
    """One host: commands and files in it, its units, its reboots."""

    def __init__(self, hosts, name, number):
        self.hosts = hosts
        self.name = name
        self.address = f"10.99.0.{number}"
        self.address6 = f"fd99::{number}"
        self.folder = hosts.folder / name
        self.root = self.folder / "root"
        self.upper = self.folder / "upper"
        self.group = hosts.group / name
        self.console = hosts.folder / f"{name}-console.log"
        self.nspawn = None
        # Processes that the lab has started in the host and not seen end.
        self.started = []
        # Paths, relative to the root, that the lab itself has put there.
        self.own_files = set()

    # Life

    def power_on(self):
        """Makes the host's disk and starts it."""
        self.folder.mkdir()
        run("mount", "-t", "tmpfs", "tmpfs", self.folder)
        for each in (self.root, self.upper, self.folder / "work"):
            each.mkdir()
        layers = f"lowerdir=/,upperdir={self.upper},workdir={self.folder}/work"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        self.prepare()
        self.group.mkdir()
        self.start_machine()

    def start_machine(self):
        # A cgroup of its own for every host: in one cgroup their systemds would share a tree.
        self.nspawn = subprocess.Popen(
            ["sh", "-c", f'echo $$ > {self.group}/cgroup.procs && exec "$@"', "nspawn", "systemd-nspawn", "--quiet",
             "--register=no", "--keep-unit", f"--directory={self.root}", f"--network-bridge={BRIDGE}",
             f"--hostname={self.name}", f"--machine=lab-{self.name}", "--resolv-conf=off", "--link-journal=no", "--boot",
             "systemd.unit=multi-user.target"],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}, stdin=subprocess.DEVNULL,
            stdout=open(self.console, "ab"), stderr=subprocess.STDOUT, start_new_session=True)

    def prepare(self):
        """Makes a clean host of the copy of this machine."""
        self.write("/etc/machine-id", "")
        self.write("/etc/hostname", f"{self.name}\n")
        (self.root / "etc/resolv.conf").unlink(missing_ok=True)
        self.write("/etc/resolv.conf", "nameserver 10.99.0.1\noptions timeout:1 attempts:1\n")
        self.write("/etc/systemd/network/10-lab.network", f"""[Match]
Name=host0
[Network]
Address={self.address}/24
Address={self.address6}/64
Gateway=10.99.0.1
Gateway=fd99::1
LinkLocalAddressing=no
IPv6AcceptRA=no
IPv6DuplicateAddressDetection=0
""")
        units = self.root / "etc/systemd/system"
        wants = units / "multi-user.target.wants"
        wants.mkdir(parents=True, exist_ok=True)
        (wants / "systemd-networkd.service").symlink_to("/lib/systemd/system/systemd-networkd.service")
        for unit in UNWANTED:
            (units / unit).unlink(missing_ok=True)
            (units / unit).symlink_to("/dev/null")
        (self.root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
        # There is no network to fetch from.
        self.write("/etc/apt/apt.conf.d/99lab", 'APT::Install-Recommends "false";\n')

    @property
    def leader(self):
        """The process that is PID 1 of the host."""
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        if not children:
            raise Failure(f"{self.name} is not up: {self.console_tail()}")
        return int(children[0])

    def wait_running(self, deadline=60):
        """Waits until the host's systemd says that it has started all that there is."""
        self.state = None

        def running():
            if self.nspawn.poll() is not None:
                raise Failure(f"{self.name} ended with {self.nspawn.returncode}: {self.console_tail()}")
            self.state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            return self.state in ("running", "degraded")
        eventually(running, f"{self.name} runs", deadline)
        if self.state != "running":
            raise Failure(f"{self.name} is {self.state}:\n{self.run('systemctl', '--failed', '--no-legend').stdout}")

    def reboot(self):
        """Reboots the host as a person does; its disk stays, its network, rules and processes do not."""
        self.end_started()
        self.run("systemctl", "reboot", check=False)
        # nspawn ends with 133 where the machine wants to be started again.
        if (status := self.nspawn.wait(timeout=60)) != 133:
            raise Failure(f"{self.name} did not reboot but ended with {status}: {self.console_tail()}")
        self.start_machine()
        self.wait_running()

    def signal(self, process, number):
        """Sends a signal to a process that `start` has started in the host. What `start` returns is nsenter, outside of it: were
        that one killed, the lab would have to collect its child."""
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in children.read_text().split():
                os.kill(int(child), number)

    def end_started(self):
        """Ends what the lab has started in the host. The host's own shutdown cannot: it stops and then ends every process, and
        nsenter, outside of the host, stops with its child and never learns of that child's end (systemd waits 90 s for it)."""
        for process in self.started:
            if process.poll() is None:
                self.signal(process, signal.SIGKILL)
                process.wait(timeout=15)
        self.started = []

    def kill(self):
        if self.nspawn and self.nspawn.poll() is None:
            self.nspawn.kill()
            self.nspawn.wait(timeout=15)

    def console_tail(self):
        return self.console.read_text(errors="replace")[-1500:]

    # Commands and files

    def enter(self, *command, group="lab.scope"):
        """The command line that runs `command` in the host, in the cgroup `group` of the host."""
        folder = self.group / "payload" / group.lstrip("/")
        script = f'mkdir -p {folder} && echo $$ > {folder}/cgroup.procs && exec nsenter --target "$0" --all -- "$@"'
        clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]
        return ["sh", "-c", script, str(self.leader), *clean, *map(str, command)]

    def run(self, *command, group="lab.scope", check=True, **options):
        """Runs a command as root in the host to its end; see `lab.run`."""
        done = run(*self.enter(*command, group=group), check=False, **options)
        if check and done.returncode != 0:
            words = " ".join(map(str, command))
            raise Failure(f"{self.name}$ {words}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
        return done

    def shell(self, script, **options):
        """Runs a shell script in the host; returns what it printed."""
        return self.run("sh", "-c", script, **options).stdout

    def start(self, *command, group="lab.scope", **options):
        """Starts a process in the host."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        process = subprocess.Popen(self.enter(*command, group=group), start_new_session=True, **options)
        self.started = [*(each for each in self.started if each.poll() is None), process]
        return process

    def place(self, path):
        """Where a file of the host is on this machine; its folder is made, and remembered as the lab's own."""
        relative = pathlib.Path(str(path).lstrip("/"))
        file = self.root / relative
        missing = [each for each in relative.parents if not (self.root / each).exists()]
        self.own_files.update(map(str, [relative, *missing]))
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def write(self, path, text, mode=0o644):
        """Writes a file on the host's disk."""
        file = self.place(path)
        file.write_text(text)
        file.chmod(mode)

    def copy(self, source, path, mode=0o644):
        """Copies a file of this machine to the host's disk."""
        file = self.place(path)
        shutil.copyfile(source, file)
        file.chmod(mode)

    # Units

    def unit(self, name, text):
        """Installs a unit file and starts the unit, now and at each boot."""
        self.write(f"/etc/systemd/system/{name}", text)
        self.own_files.add(f"etc/systemd/system/multi-user.target.wants/{name}")
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "enable", "--now", name)

    def unit_group(self, unit):
        """The cgroup of a running unit: what is started there belongs to the unit."""
        group = self.show(unit, "ControlGroup")
        if not group:
            raise Failure(f"{unit} does not run on {self.name}")
        return group

    def show(self, unit, *properties):
        """The values of a unit's properties, one line each."""
        return self.run("systemctl", "show", "--value", "--property", ",".join(properties), unit).stdout.strip()

    def active(self, unit):
        return self.run("systemctl", "is-active", unit, check=False).stdout.strip() == "active"

    def journal(self, unit, lines=1000):
        return self.run("journalctl", "--unit", unit, "--output", "cat", "--no-pager", "--lines", lines).stdout

    def listens(self, port):
        return self.run("ss", "-Hltn", f"sport = :{port}").stdout.strip() != ""


def since(started):
    """Seconds since a `time.monotonic()`."""
    return time.monotonic() - started
