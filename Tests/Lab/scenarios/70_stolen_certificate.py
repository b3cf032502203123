"""A stolen node certificate: no more than the node was granted, and nothing once the node is revoked"""

import re

from lab import ROOT, eventually, run


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

    own, other = (f"spiffe://cluster.local/ns/shop/sa/{account}" for account in ("frontend", "orders-db"))
    story.shows("the thief gets what the node was granted", '"chain"' in ask(own).stdout)
    before = refusals(mesh)
    answer = ask(other)
    story.shows("and is refused what it was not", answer.returncode == 1 and '"chain"' not in answer.stdout, answer.stdout.strip()[:200])
    lines = [line for line in mesh.control.journal("ambitd.service").splitlines() if "orders-db" in line and "refused" in line]
    story.shows("ambitd's log names node and identity", lines and "host-1" in lines[-1], (lines or [""])[-1][:300])
    story.shows("and its metrics count it", refusals(mesh) == before + 1, f"{before:.0f}, then {refusals(mesh):.0f}")

    mesh.typed(story, mesh.control, "ambitctl", "node", "revoke", mesh.one.name)
    eventually(lambda: '"chain"' not in ask(own).stdout, "the revocation holds", 5)
    story.shows("revoked, the certificate buys nothing any more", True)
    mesh.join_again(story, mesh.one, "--allow", "shop/frontend", "--allow", "shop/batch", "--allow", "shop/talker")
    mesh.serves(mesh.one)
    story.shows("the host joins again with a new token and key, the thief stays out", '"chain"' not in ask(own).stdout)


def refusals(mesh):
    """Requests for identities that were not granted, as ambitd counts them."""
    text = mesh.control.run("curl", "-fsS", "http://127.0.0.1:15014/metrics").stdout
    return sum(map(float, re.findall(r'^ambit_control_refusals_total\{reason="grant"\} (\S+)$', text, re.MULTILINE)))
