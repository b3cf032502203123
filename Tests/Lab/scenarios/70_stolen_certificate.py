"""A stolen node certificate asks for an identity that its node was not granted"""

import re

from lab import ROOT, run

REQUESTS = "ambitd_certificate_requests_total"


def scenario(story, mesh):
    loot = mesh.hosts.folder / "loot"
    loot.mkdir()
    for name in ("node.crt", "node.key", "root.crt"):
        (loot / name).write_text(mesh.one.run("cat", f"/var/lib/ambit/node/{name}").stdout)

    def ask(identity):
        csr = loot / "request.pem"
        run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", loot / "key.pem",
            "-subj", "/", "-addext", f"subjectAltName=URI:{identity}", "-out", csr)
        return run(
            ROOT / ".venv/bin/python", ROOT / "Tests/Tools/discovery-client", f"{mesh.control.address}:15012", loot / "root.crt",
            loot / "node.crt", loot / "node.key", "unused", "--identity", identity, "--csr", csr, check=False)

    own = ask("spiffe://cluster.local/ns/shop/sa/frontend")
    story.shows("the thief gets what the node was granted (revoke the node: ambitctl node revoke)", '"chain"' in own.stdout)
    before = refused(mesh)
    other = ask("spiffe://cluster.local/ns/shop/sa/orders-db")
    story.shows("and is refused what it was not", other.returncode == 1 and '"chain"' not in other.stdout, other.stdout.strip()[:200])
    lines = [line for line in mesh.control.journal("ambitd.service").splitlines() if "orders-db" in line and "host-1" in line]
    story.shows("ambitd's log names node and identity", lines, (lines or [""])[-1][:300])
    story.shows("and its metrics count it", refused(mesh) == before + 1, f"{before:.0f}, then {refused(mesh):.0f}")


def refused(mesh):
    """Certificate requests that ambitd has refused so far."""
    text = mesh.control.run("curl", "-fsS", "http://127.0.0.1:15014/metrics").stdout
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(r"\w*certificate\w*\{?.*(refus|denied)", line))
