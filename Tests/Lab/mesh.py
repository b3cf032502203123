"""A mesh in the lab: `ambitd` on a control host, a `ztunnel` on each node, workloads enrolled with `ambitctl`."""

import json
import os
import pathlib
import re
import shutil

import service_parent
from lab import Failure, eventually, run

DNS_SEARCH = ["{}.svc.cluster.local", "svc.cluster.local", "cluster.local"]


class Service:
    """A ztunnel under `service_parent`: what `systemctl` would do with it."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program

    def ask(self, word, timeout=60):
        return service_parent.ask(self.folder, word, timeout)

    @property
    def state(self):
        return self.ask("state")


class Mesh:
    """Starts and drives the programs in `programs` on the hosts of a lab."""

    def __init__(self, lab, programs, log_level="info"):
        self.lab = lab
        self.programs = pathlib.Path(programs).resolve()
        self.log_level = log_level
        self.folder = lab.folder
        self.control = lab.host("control")
        self.state = self.folder / "ambitd"
        self.nodes = {}
        for program in ("ztunnel", "ambitd", "ambitctl"):
            if not (self.programs / program).exists():
                raise Failure(f"{self.programs / program} is not there: run `make build`")

    def start_control(self, *options):
        """Starts (or restarts) ambitd and waits until its API answers."""
        self.ambitd = self.control.start(
            self.programs / "ambitd", "serve", "--state-dir", self.state, "--advertise", self.control.address, *options,
            name="ambitd", ready=lambda: all(map(self.control.listens, (6443, 15012, 15013))), deadline=30)
        eventually(lambda: self.ctl("get", "namespaces"), "ambitd answers", 20)
        return self.ambitd

    def ctl(self, *words, check=True, input=None, timeout=60):
        """`ambitctl` on the control host, as its administrator."""
        return self.control.run(
            self.programs / "ambitctl", *words, check=check, input=input, timeout=timeout,
            env={**os.environ, "AMBIT_KUBECONFIG": str(self.state / "admin.kubeconfig")})

    def issue(self, node, *allowed):
        """A node certificate, in a folder, for the identities that the node may host."""
        folder = self.folder / f"{node}-credentials"
        grants = [word for each in allowed for word in ("--allow", each)]
        run(self.programs / "ambitd", "issue-node", "--state-dir", self.state, "--node", node, *grants, "--out", folder)
        return folder

    def token(self, node, *allowed, more=()):
        """A join token, as `ambitctl token create` prints it."""
        grants = [word for each in allowed for word in ("--allow", each)]
        return json.loads(self.ctl("token", "create", "--node", node, *grants, *more, "-o", "json").stdout)["token"]

    def join(self, host, token, *options, address=None, check=True):
        """`ambitctl join` on a host; its files are in folders of the host's own."""
        folder = self.folder / host.short
        folder.mkdir(exist_ok=True)
        return host.run(
            self.programs / "ambitctl", "join", address or self.control.address, "--token", token, "--state-dir",
            folder / "state", "--config-dir", folder / "etc", "--no-start", *options, check=check)

    def start_joined(self, host, extra=None):
        """Starts ztunnel with the settings that `ambitctl join` wrote."""
        folder = self.folder / host.short
        lines = (folder / "etc/ztunnel.env").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        (folder / "run").mkdir(exist_ok=True)
        socket = folder / "run/ztunnel.sock"
        socket.unlink(missing_ok=True)
        self.nodes[host.short] = host.start(
            self.programs / "ztunnel", "proxy", name="ztunnel", ready=socket.exists,
            env={**settings, "AMBIT_RUN_DIR": str(folder / "run"), "RUST_LOG": self.log_level, **(extra or {})})
        return self.nodes[host.short]

    def node_environment(self, host, credentials, workers=None, extra=None):
        """The settings of a host's ztunnel, whose folders are made."""
        node = host.short
        folder = self.folder / node
        for each in ("state", "run"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        server = f"https://{self.control.address}:15012"
        return {
            "NODE_NAME": node, "XDS_ADDRESS": server, "CA_ADDRESS": server, "XDS_ROOT_CA": str(credentials / "root.crt"),
            "CA_ROOT_CA": str(credentials / "root.crt"), "AMBIT_NODE_CERT": str(credentials / "node.crt"),
            "AMBIT_NODE_KEY": str(credentials / "node.key"), "AMBIT_STATE_DIR": str(folder / "state"),
            "AMBIT_RUN_DIR": str(folder / "run"), "RUST_LOG": self.log_level,
            **({"ZTUNNEL_WORKER_THREADS": str(workers)} if workers else {}), **(extra or {}),
        }

    def start_node(self, host, credentials, workers=None, extra=None, wrapper=()):
        """Starts ztunnel on a host with the node certificate that `issue` wrote; `wrapper` are words before the program."""
        environment = self.node_environment(host, credentials, workers, extra)
        socket = self.folder / host.short / "run/ztunnel.sock"
        socket.unlink(missing_ok=True)
        self.nodes[host.short] = host.start(
            *wrapper, self.programs / "ztunnel", "proxy", name="ztunnel", env=environment, ready=socket.exists)
        return self.nodes[host.short]

    def start_service(self, host, credentials, workers=None, extra=None):
        """Starts ztunnel as a service: under `service_parent`, which does what systemd does."""
        folder = self.folder / f"{host.short}-service"
        folder.mkdir(exist_ok=True)
        program = folder / "ztunnel"
        shutil.copy2(self.programs / "ztunnel", program)
        self.nodes[host.short] = host.start(
            "python3", pathlib.Path(__file__).with_name("service_parent.py"), folder, program, name="ztunnel",
            env=self.node_environment(host, credentials, workers, extra),
            ready=lambda: service_parent.ask(folder, "state")["ready"])
        return Service(folder, program)

    def node_ctl(self, host, *words, check=True, timeout=60):
        """`ambitctl` on a node, for what is the node's own: enrolment, its ztunnel's state."""
        return host.run(
            self.programs / "ambitctl", *words, "--run-dir", self.folder / host.short / "run", check=check, timeout=timeout)

    def enrol(self, workload, namespace, account, labels=None, ports=None):
        """Enrols a workload's network namespace and gives it the mesh's names."""
        search = [each.format(namespace) for each in DNS_SEARCH]
        workload.resolver("10.77.0.53", search)
        words = ["enroll", "netns", workload.name, "--name", workload.short, "--namespace", namespace, "--service-account", account]
        words += ["--labels", ",".join(f"{k}={v}" for k, v in labels.items())] if labels else []
        for name, port in (ports or {}).items():
            words += ["--port", f"{name}:{port}"]
        return self.node_ctl(workload.host, *words)

    def access_log(self, host, pattern):
        """The access-log lines of a host's ztunnel that match a regular expression."""
        return [line for line in self.nodes[host.short].log().splitlines() if re.search(pattern, line)]
