"""The applications of the lab: ordinary units that know nothing of a mesh."""

import pathlib

HERE = pathlib.Path(__file__).resolve().parent
MARKER = "not-for-the-eyes-of-the-wire"

NGINX = """
worker_processes 1; daemon off; pid /run/lab-{name}.pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path /tmp; proxy_temp_path /tmp; fastcgi_temp_path /tmp;
  uwsgi_temp_path /tmp; scgi_temp_path /tmp;
  server {{ listen {port}; listen [::]:{port}; location / {{ return 200 "hello from {name}, {marker}\\n"; }} }} }}
"""

UNIT = """[Unit]
Description={name}, an application of the lab
StartLimitIntervalSec=0

[Service]
{settings}

[Install]
WantedBy=multi-user.target
"""


def program(host):
    """Brings the lab's own client and server to a host."""
    host.copy(HERE / "stream.py", "/usr/local/bin/lab-stream", mode=0o755)


def unit(host, name, settings):
    host.unit(f"{name}.service", UNIT.format(name=name, settings=settings))


def web(host, name, port):
    """nginx on a port of both families, which says who it is."""
    host.write(f"/etc/lab/{name}.conf", NGINX.format(name=name, port=port, marker=MARKER))
    unit(host, name, f"ExecStart=/usr/sbin/nginx -e stderr -c /etc/lab/{name}.conf\nPrivateTmp=yes")


def database(host, name):
    """PostgreSQL on 5432, with a database of its own and trust in everybody who reaches it."""
    binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    host.own_files.add("var/lib/lab-db")
    host.write("/etc/lab/database", f"""#!/bin/sh
set -e
[ -d /var/lib/lab-db/data ] || {{
    {binaries}/initdb -D /var/lib/lab-db/data -A trust --no-sync
    printf 'host all all 0.0.0.0/0 trust\\nhost all all ::/0 trust\\n' >> /var/lib/lab-db/data/pg_hba.conf
}}
exec {binaries}/postgres -D /var/lib/lab-db/data -c listen_addresses='*' -c unix_socket_directories=/run/lab-db -c fsync=off
""", mode=0o755)
    unit(host, name, "User=postgres\nStateDirectory=lab-db\nStateDirectoryMode=0700\nRuntimeDirectory=lab-db\nKillSignal=SIGINT\n"
                     "ExecStart=/etc/lab/database")


def echo(host, name, port):
    """Answers each line with the same line."""
    program(host)
    unit(host, name, f"ExecStart=/usr/local/bin/lab-stream serve {port}")


def client(host, name):
    """A unit whose processes are the commands that a scenario runs in its control group."""
    program(host)
    unit(host, name, "ExecStart=/bin/sleep infinity")


def talker(host, name, url):
    """A unit that calls `url` from its first moment on, over and over, a new connection each time."""
    loop = f"while :; do curl -s -m 1 -o /dev/null -H 'marker: {MARKER}' {url}; done"
    host.write(f"/etc/lab/{name}", f"#!/bin/sh\n{loop}\n", mode=0o755)
    unit(host, name, f"ExecStart=/etc/lab/{name}")
