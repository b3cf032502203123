"""A command of a WorkloadGroup runs on a host only as its administrator allows"""

import json

import services
from lab import eventually

CHECK = "/usr/local/lib/lab/check-checked"
GROUP = f"""
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: {{name: checked, namespace: shop}}
spec:
  metadata: {{labels: {{app: checked}}}}
  template: {{serviceAccount: checked, ports: {{http: 8086}}}}
  probe: {{periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5, exec: {{command: [{CHECK}, "$HOME"]}}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {{name: checked, namespace: shop}}
spec: {{selector: {{matchLabels: {{app: checked}}}}, mtls: {{mode: STRICT}}}}
"""
# Says who it is where the unit's own web server can be reached over loopback, as in STRICT only the workload itself can.
SCRIPT = """#!/bin/sh
curl -fsS -m 2 -o /dev/null http://127.0.0.1:8086/ || exit 9
echo "argument=$1 user=$(id -u) group=$(grep ^0:: /proc/self/cgroup) $(grep CapEff /proc/self/status | tr '\\t' ' ')"
ls /var/lib/ambit 2>&1
exit 3
"""


def scenario(story, mesh):
    node = mesh.two
    services.web(node, "checked", 8086)
    mesh.apply(GROUP)
    mesh.enroll(story, node, "checked", "--name", "checked", "--group", "checked")

    def health():
        """The health of the workload and the last answer, as `ambitctl` on the host shows it."""
        listed = json.loads(node.run("ambitctl", "enroll", "list", "-o", "json").stdout)
        entry = next(each for each in listed["enrolments"] if each["name"] == "checked")
        return entry.get("health", ""), entry.get("probeAnswer", "")

    def answer(wanted, deadline=30):
        eventually(lambda: wanted in health()[1], f"the answer has: {wanted}", deadline)
        return health()

    node.write(CHECK, SCRIPT, mode=0o755)
    state, text = answer("this host does not allow")
    story.shows("nothing runs that the host's administrator has not written", state == "unhealthy" and "/etc/ambit/probes.d/shop.checked.yaml" in text, text)
    node.write("/etc/ambit/probes.d/shop.checked.yaml", f'group: shop/checked\ncommand: [{CHECK}, "$HOME"]\n')
    state, text = answer("ended with 3")
    facts = dict(word.split("=", 1) for word in text.split(": ", 1)[1].split() if "=" in word)
    story.shows(
        "allowed, it runs as nobody, without capabilities, in the workload's slice",
        facts["argument"] == "$HOME" and int(facts["user"]) > 60000 and "CapEff: 0000000000000000" in text
        and "/ambit.slice/ambit-shop:checked.slice/" in facts["group"] and "Permission denied" in text, text)
    node.write(CHECK, SCRIPT.replace("exit 3", "exit 0"), mode=0o755)
    state, text = answer("ended with 0")
    story.shows("it reaches the workload in STRICT, and 0 is healthy", state == "healthy", text)
    node.write(CHECK, "#!/bin/sh\nsleep 600 &\nsleep 600\n", mode=0o755)
    state, text = answer("did not end within")
    eventually(lambda: node.run("pgrep", "-fx", "sleep 600", check=False).stdout == "", "systemd has killed all of it", 15)
    story.shows("what takes too long is killed, with all that it has started", state == "unhealthy", text)
    node.run("ambitctl", "unenroll", "unit", "checked.service")
    node.run("systemctl", "disable", "--now", "checked.service")
