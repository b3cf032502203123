"""What `make bench` loads the tunnels with: nginx and iperf3 behind them; wrk, iperf3 and idle connections in front."""

import json
import re
import time

import lab

HTTP_PORT = 80
IPERF_PORT = 5201
SINK_PORT = 7000


def start_servers(server):
    """nginx (one worker, 1 KB answers), iperf3 and a listener that only accepts, in the server's namespace."""
    folder = server.lab.folder / "nginx"
    folder.mkdir()
    (folder / "index.html").write_text("x" * 1024)
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; worker_rlimit_nofile 65536; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 30000; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; client_body_temp_path {folder};
  proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {HTTP_PORT} backlog=4096; root {folder}; }} }}
""")
    folder.chmod(0o755)
    server.start("nginx", "-c", folder / "nginx.conf", ready=lambda: server.listens(HTTP_PORT))
    server.start("iperf3", "-s", "-p", IPERF_PORT, ready=lambda: server.listens(IPERF_PORT))
    sink = (
        "import resource,select,socket\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE,(resource.getrlimit(resource.RLIMIT_NOFILE)[1],)*2)\n"
        f"s=socket.create_server(('0.0.0.0',{SINK_PORT}),backlog=4096);e=select.epoll();e.register(s,1);held={{}}\n"
        "while True:\n"
        "  for fd,_ in e.poll():\n"
        "    if fd==s.fileno():\n"
        "      c,_a=s.accept();held[c.fileno()]=c;e.register(c,1)\n"
        "    else:\n"
        "      c=held[fd]\n"
        "      try: d=c.recv(64)\n"
        "      except OSError: d=b''\n"
        "      if d: c.send(d)\n"
        "      else: del held[fd];c.close()\n")
    server.start("python3", "-c", sink, name="sink", ready=lambda: server.listens(SINK_PORT))


def iperf(client, target, seconds, reverse):
    """(bytes a second, bytes moved) of one bulk stream; `reverse` is the download."""
    done = client.run(
        "iperf3", "-c", target, "-p", IPERF_PORT, "-t", round(seconds), "-J", *(["-R"] if reverse else []), timeout=seconds + 30)
    received = json.loads(done.stdout)["end"]["sum_received"]
    return received["bits_per_second"] / 8, received["bytes"]


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def wrk(client, target, count, seconds, *options):
    done = client.run(
        "wrk", "-t1", f"-c{count}", f"-d{round(seconds)}s", "--latency", *options, f"http://{target}:{HTTP_PORT}/",
        timeout=seconds + 30)
    if (errors := re.search(r"Non-2xx.*: (\d+)", done.stdout)):
        raise lab.Failure(f"wrk: {errors.group(0)}")
    return done.stdout


def requests(client, target, count, seconds):
    """(requests a second, p50, p99 in microseconds) over `count` keep-alive connections."""
    out = wrk(client, target, count, seconds)
    if "Socket errors" in out:
        raise lab.Failure(f"wrk: {out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    percentile = lambda which: microseconds(re.search(rf"^\s+{which}%\s+(\S+)", out, re.M).group(1))
    return rate, percentile(50), percentile(99)


def connections(client, target, seconds):
    """New connections a second: each request opens one and has the server close it."""
    out = wrk(client, target, 32, seconds, "-H", "Connection: close")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


class IdleConnections:
    """`count` connections held open through the tunnel, each of which has carried one byte both ways."""

    SCRIPT = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
target, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
held = []
for start in range(0, count, 100):
    batch = [socket.create_connection((target, port), timeout=20) for _ in range(min(100, count - start))]
    for each in batch: each.sendall(b'x')
    for each in batch: assert each.recv(1) == b'x', 'the tunnel closed a connection'
    held += batch
print('held', len(held), flush=True)
import signal; signal.pause()
"""

    def __init__(self, client, server, target, count):
        self.arguments = (client, target, count)

    def __enter__(self):
        client, target, count = self.arguments
        self.process = client.start(
            "python3", "-c", self.SCRIPT, target, SINK_PORT, count, name="idle",
            ready=lambda: "held" in self.log(), deadline=120)
        time.sleep(1)  # the last buffers of the opening are given back

    def log(self):
        logs = sorted(self.arguments[0].lab.folder.glob(f"{self.arguments[0].short}-idle-*.log"))
        return logs[-1].read_text() if logs else ""

    def __exit__(self, *_):
        self.process.kill()

