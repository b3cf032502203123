"""A mesh as its administrator has it: the packages installed on systemd hosts, driven by the commands of the README."""

import pathlib
import re
import shlex

from host_state import host_state
from lab import Failure, eventually

NODE_UNITS = ("ambit-capture.service", "ambit-ztunnel.service")
CONTROL, ONE, TWO = "control", "host-1", "host-2"


class InstalledMesh:
    """The hosts of the scenarios and what is done on them. Made empty: the quick start boots and installs."""

    def __init__(self, hosts, packages):
        self.hosts = hosts
        self.packages = pathlib.Path(packages)
        self.control = self.one = self.two = None
        self.is_up = False

    def boot(self):
        self.control, self.one, self.two = self.hosts.boot(CONTROL, ONE, TWO)

    def remember_clean(self):
        """Notes what the hosts are like before anything of Ambit is installed."""
        self.clean = {host: host_state(host) for host in (self.control, *self.nodes)}

    @property
    def nodes(self):
        return [self.one, self.two]

    # Commands, as they are typed

    def typed(self, story, host, *words, **options):
        """A command of the administrator, shown and run on a host."""
        story.command(host.name, *words)
        return host.run(*words, **{"timeout": 120, **options})

    def package(self, name, folder):
        """The package of a name in `folder` of the packages."""
        found = list((self.packages / folder).glob(f"{name}_*.deb"))
        if len(found) != 1:
            raise Failure(f"{len(found)} packages {name} in {self.packages / folder}, wanted one: run `make deb`")
        return found[0]

    def bring(self, host, *names, folder=""):
        """Copies packages to a host, as a download would; returns their names there. The folder `next` has newer ones."""
        files = [self.package(name, folder) for name in names]
        for file in files:
            host.copy(file, f"/root/{file.name}")
        return [f"/root/{file.name}" for file in files]

    def join(self, story, node, *grants):
        """Installs the node's package and makes it a member of the mesh."""
        self.typed(story, node, "apt-get", "install", "-qq", "--yes", *self.bring(node, "ambit-node", "ambitctl"))
        running = [unit for unit in NODE_UNITS if node.active(unit)]
        story.shows(f"installed, {node.name} runs nothing of Ambit before it has joined", not running, " ".join(running))
        self.use_token(story, node, grants)

    def join_again(self, story, node, *grants):
        """Makes a node that has been revoked a member again, with a new key."""
        self.use_token(story, node, [*grants, "--replace"], "--force")

    def use_token(self, story, node, wishes, *more):
        created = self.typed(story, self.control, "ambitctl", "token", "create", "--node", node.name, *wishes)
        # It prints the command for the node.
        self.typed(story, node, *shlex.split(created.stdout.strip().splitlines()[-1]), *more)

    def enroll(self, story, node, name, *more):
        """Enrolls the unit of a name as shop/name, labelled app=name."""
        self.typed(
            story, node, "ambitctl", "enroll", "unit", f"{name}.service", "--namespace", "shop", "--service-account", name,
            "--labels", f"app={name}", *more)

    def ctl(self, *words, **options):
        """`ambitctl` as the administrator, on the control host."""
        return self.control.run("ambitctl", *words, **{"timeout": 60, **options})

    def apply(self, text):
        return self.ctl("apply", "-f", "-", input=text)

    # What the mesh says

    def workloads(self, node):
        """Names of the workloads that a node knows, as `ambitctl ztunnel-config workloads` shows them."""
        lines = node.run("ambitctl", "ztunnel-config", "workloads").stdout.splitlines()[1:]
        return {line.split()[1] for line in lines if len(line.split()) > 1}

    def access_log(self, node, *patterns):
        """The access-log lines of a node's ztunnel that match all of the regular expressions."""
        lines = node.journal("ambit-ztunnel.service", lines=20_000).splitlines()
        return [line for line in lines if all(re.search(pattern, line) for pattern in patterns)]

    def serves(self, node, deadline=30):
        """Waits until a node's ztunnel serves all of its workloads."""
        eventually(lambda: node.run("curl", "-fsS", "http://127.0.0.1:15021/healthz/ready"), f"{node.name} is ready", deadline)

    def show_problems(self, lines=20):
        """What the nodes' ztunnels warned of and failed at, the newest last; what an access line begins with is left out."""
        for node in self.nodes:
            journal = node.run("journalctl", "-u", "ambit-ztunnel.service", "-o", "cat", "--no-pager", check=False).stdout
            found = [line for line in journal.splitlines() if "\twarn\t" in line or "\terror\t" in line]
            print(f"--- {node.name}: {len(found)} warnings and errors", *(line[:60] + " ... " + line[-240:] for line in found[-lines:]),
                  sep="\n", flush=True)

    def show_logs(self, lines=25):
        """The end of each program's journal, for the person who has to find out."""
        for host, unit in [(self.control, "ambitd.service"), *((node, "ambit-ztunnel.service") for node in self.nodes)]:
            if host is not None:
                try:
                    print(f"--- {host.name} {unit}", *(line[:300] for line in host.journal(unit, lines).splitlines()), sep="\n", flush=True)
                except Failure as failure:
                    print(f"--- {host.name}: {failure}")
