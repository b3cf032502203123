"""What `make bench` loads the tunnels with: nginx and iperf3 behind them; wrk, iperf3 and idle connections in front."""

import json
import re
import time

import lab

HTTP_PORT = 80
IPERF_PORT = 5201
SINK_PORT = 7000
# What every answer has at least.
ANSWER_BYTES = 1024
# The share of requests by HTTP/2 that may fail: nginx loses one now and then where its connection to a server ends.
TOLERATED = 0.001


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


def wrk(client, target, count, seconds, *options, port=HTTP_PORT, path="/"):
    done = client.run(
        "wrk", "-t1", f"-c{count}", f"-d{round(seconds)}s", "--latency", *options, f"http://{target}:{port}{path}",
        timeout=seconds + 30)
    if (errors := re.search(r"Non-2xx.*: (\d+)", done.stdout)):
        raise lab.Failure(f"wrk: {errors.group(0)}")
    return done.stdout


def requests(client, target, count, seconds, port=HTTP_PORT, path="/", field=None):
    """(requests a second, p50, p99 in microseconds) over `count` keep-alive connections."""
    out = wrk(client, target, count, seconds, *(["-H", field] if field else []), port=port, path=path)
    if "Socket errors" in out:
        raise lab.Failure(f"wrk: {out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    percentile = lambda which: microseconds(re.search(rf"^\s+{which}%\s+(\S+)", out, re.M).group(1))
    return rate, percentile(50), percentile(99)


def streams(client, url, count, at_once, seconds, fields=(), options=()):
    """(requests a second, p50, p99 in microseconds) by HTTP/2 over `count` connections with `at_once` streams each."""
    log = client.lab.folder / "h2load.log"
    log.unlink(missing_ok=True)
    done = client.run(
        "h2load", "-t1", f"-c{count}", f"-m{at_once}", f"-D{round(seconds)}", f"--log-file={log}",
        *[word for field in fields for word in ("-H", field)], *options, url, timeout=seconds + 30)
    rate = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", done.stdout)
    failed = re.search(r"(\d+) failed, (\d+) errored", done.stdout)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", done.stdout)
    wrong = max(int(failed[1]) + int(failed[2]), *map(int, codes.groups()[1:])) if failed and codes else 0
    if not (rate and codes and int(codes[1])) or wrong > TOLERATED * int(codes[1]):
        raise lab.Failure(f"h2load: no clean answers: {' '.join(done.stdout[done.stdout.find('finished'):].split())[:400]}")
    if wrong:
        print(f"{url}: {wrong} of {codes[1]} requests failed")
    # A gRPC call that failed is answered 200 as well, but with less.
    data = int(re.search(r"\((\d+)\) data", done.stdout)[1])
    if data < (1 - TOLERATED) * ANSWER_BYTES * int(codes[1]):
        raise lab.Failure(f"h2load: {codes[1]} answers with {data} bytes")
    times = sorted(int(line.split("\t")[2]) for line in log.open())
    return float(rate[1]), times[len(times) // 2], times[len(times) * 99 // 100]


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

