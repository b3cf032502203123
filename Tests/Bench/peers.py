"""The two sides of `make bench`. `together` runs both ends of the tunnel in one process with one worker; `apart` runs
one process an end, as two hosts do (ten thousand connections would not fit one process's descriptors otherwise)."""

import base64
import ipaddress
import json
import os
import pathlib

import envoy
import lab

ENVOY = envoy.PROGRAM
TICKS = os.sysconf("SC_CLK_TCK")
TARGET_PORTS = (80, 5201, 7000)


class Running:
    """The processes of one side, as a context: stopped at its end, with the redirects that they used."""

    def __init__(self, processes, stop):
        self.processes, self.stop = processes, stop

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for process in self.processes:
            process.stop()

    def resident_kilobytes(self):
        return sum(process.resident_kilobytes() for process in self.processes)

    def cpu_seconds(self):
        total = 0
        pids = [process.pid for process in self.processes]
        for pid in pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
            # nginx works in a child.
            pids += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total / TICKS


class Side:
    """A proxy between the `client` and the `server` workload."""

    def __init__(self, bench, host, client, server, authority):
        self.bench, self.host, self.client, self.server = bench, host, client, server
        self.target = server.address
        self.leaves = {name: authority.identity("bench", name) for name in ("client", "server")}
        self.authority = authority

    def together(self):
        return self.start([("both", (self.client, self.server))])

    def apart(self):
        return self.start([("outbound", (self.client,)), ("inbound", (self.server,))])


class Envoy(Side):
    """Envoy: a TCP proxy that tunnels by CONNECT over mutual TLS, and an HBONE listener that opens the CONNECTs."""

    def start(self, ends):
        processes = []
        for name, workloads in ends:
            # One listener a target, because Envoy is told the target where ztunnel reads it from the connection.
            parts = [
                part for index, port in enumerate(TARGET_PORTS)
                for part in self.parts(workloads, port, 15101 + index, 15108 + index)]
            processes.append(envoy.start(
                self.host, envoy.configuration(*parts), self.bench.folder, name=f"envoy-{name}",
                ports=[(each, 15101 if each is self.client else 15108) for each in workloads]))
        redirects = "".join(
            f"ip daddr {self.target} tcp dport {port} redirect to :{15101 + index}\n" for index, port in enumerate(TARGET_PORTS))
        self.client.run("nft", "-f", "-", input=(
            "table ip bench { chain output { type nat hook output priority -100;\n" + redirects + "}\n}\n"))
        return Running(processes, lambda: self.client.run("nft", "delete", "table", "ip", "bench"))

    def parts(self, workloads, port, outbound_port, inbound_port):
        made = []
        if self.client in workloads:
            made.append(envoy.outbound(
                outbound_port, f"{self.target}:{port}", (self.target, inbound_port), self.leaves["client"],
                self.authority.root, "spiffe://cluster.local/ns/bench/sa/server", self.client.name, tag=port))
        if self.server in workloads:
            made.append(envoy.inbound(
                inbound_port, (self.target, port), self.leaves["server"], self.authority.root, "cluster.local",
                self.server.name, tag=port))
        return made


class Ambit(Side):
    """ztunnel with the workloads enrolled; configuration and certificates come from files."""

    def __init__(self, bench, host, client, server, authority, programs):
        super().__init__(bench, host, client, server, authority)
        self.programs = programs
        self.local = bench.folder / "local.json"
        self.local.write_text(json.dumps({"authorizations": [], "addresses": [{
            "workload": {
                "uid": f"bench/{workload.short}", "name": workload.short, "namespace": "bench", "node": "bench",
                "addresses": [base64_address(workload.address), base64_address(workload.address6)],
                "tunnelProtocol": "HBONE", "trustDomain": "cluster.local", "serviceAccount": workload.short,
                "clusterId": "Kubernetes", "canonicalName": workload.short,
            },
        } for workload in (client, server)]}))

    def start(self, ends):
        processes, enrolled = [], []
        for name, workloads in ends:
            folder = self.bench.folder / f"ztunnel-{name}"
            folder.mkdir(exist_ok=True)
            socket = folder / "ztunnel.sock"
            environment = {
                "NODE_NAME": "bench", "XDS_ADDRESS": "", "CA_ADDRESS": "", "LOCAL_XDS_PATH": str(self.local),
                "AMBIT_CERT_DIR": str(self.authority.folder), "AMBIT_STATE_DIR": str(folder),
                "AMBIT_RUN_DIR": str(folder), "ZTUNNEL_WORKER_THREADS": "1", "RUST_LOG": "warn",
            }
            # Each ztunnel has its admin ports in the namespace that it runs in: two of them need two.
            place = self.bench.wire if name == "inbound" else self.host
            processes.append(place.start(
                self.programs / "ztunnel", "proxy", name=f"ztunnel-{name}", env=environment, ready=socket.exists))
            for workload in workloads:
                enrol(socket, workload, "bench", workload.short)
                enrolled.append((socket, workload))
        lab.eventually(lambda: self.client.listens(15001) and self.server.listens(15008), "both workloads are enrolled")
        return Running(processes, lambda: [unenrol(socket, workload, "bench") for socket, workload in enrolled])


def base64_address(text):
    """An address as protobuf JSON carries bytes."""
    return base64.b64encode(ipaddress.ip_address(text).packed).decode()


def enrol(socket, workload, namespace, account):
    """Asks ztunnel to take a workload in; raises with its answer where it refuses."""
    body = {
        "kind": "netns", "target": workload.name, "name": workload.short, "namespace": namespace,
        "serviceAccount": account}
    done = lab.run("curl", "-sS", "--fail-with-body", "--unix-socket", socket, "-H", "content-type: application/json",
                   "-d", json.dumps(body), "http://ztunnel/v1/enrolments")
    return json.loads(done.stdout)


def unenrol(socket, workload, namespace):
    lab.run("curl", "-sS", "--fail-with-body", "--unix-socket", socket, "-X", "DELETE",
            f"http://ztunnel/v1/enrolments/{namespace}/{workload.short}")
