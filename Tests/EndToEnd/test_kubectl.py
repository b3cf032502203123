"""kubectl and the Python Kubernetes client against a real ambitd on loopback: programs that we did not write."""

import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from lab import Failure, eventually, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEBIAN = ROOT / ".venv/kubernetes-client/usr/bin/kubectl"
ISTIO = "networking.istio.io"

WEB = """apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: 8080}
  - {name: metrics, port: 9090}
"""
ENTRY = """apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: web-1
  namespace: shop
  labels: {app: web}
spec:
  address: 10.0.0.1
  labels: {app: web}
  serviceAccount: web
"""
# One of every kind that is served; each is applied, read, changed and deleted.
EVERYTHING = {
    "namespace": "apiVersion: v1\nkind: Namespace\nmetadata: {name: all}\n",
    "serviceaccount": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: one, namespace: shop}\n",
    "service": "apiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: shop}\nspec:\n  selector: {app: one}\n  ports: [{port: 80}]\n",
    "serviceentry": "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: one, namespace: shop}\nspec:\n"
                    "  hosts: [db.example.com]\n  resolution: DNS\n  ports: [{number: 5432, name: tcp, protocol: TCP}]\n",
    "workloadentry": "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: one, namespace: shop}\nspec: {address: 10.0.0.9}\n",
    "workloadgroup": "apiVersion: networking.istio.io/v1\nkind: WorkloadGroup\nmetadata: {name: one, namespace: shop}\nspec: {template: {serviceAccount: web}}\n",
    "peerauthentication": "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: one, namespace: shop}\nspec: {mtls: {mode: STRICT}}\n",
    "authorizationpolicy": "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: one, namespace: shop}\nspec:\n"
                           "  action: ALLOW\n  rules: [{from: [{source: {namespaces: [shop]}}]}]\n",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Fixture:
    def __init__(self, programs, folder):
        self.programs = pathlib.Path(programs).resolve()
        self.folder = folder
        self.state = folder / "state"
        self.port, self.grpc, self.metrics = free_port(), free_port(), free_port()
        self.admin = self.state / "admin.kubeconfig"
        self.log = folder / "ambitd.log"
        if not DEBIAN.exists():
            raise Failure(f"{DEBIAN} is not there: run Tests/Tools/install-deps")
        self.start()
        self.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")

    def start(self):
        self.process = subprocess.Popen(
            [self.programs / "ambitd", "serve", "--state-dir", self.state, "--api-address", f"127.0.0.1:{self.port}",
             "--grpc-address", f"127.0.0.1:{self.grpc}", "--metrics-address", f"127.0.0.1:{self.metrics}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log.open("ab"))
        try:
            eventually(lambda: self.admin.exists() and self.kubectl("get", "--raw", "/readyz").stdout == "ok", "ambitd serves", 30)
        except Failure:
            self.stop()
            raise

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)

    def kubectl(self, *words, check=True, input=None, config=None, program=DEBIAN, env=None, timeout=30):
        environment = {**os.environ, "HOME": str(self.folder), **(env or {})}
        return run(program, "--kubeconfig", config or self.admin, *words, check=check, input=input, timeout=timeout, env=environment)

    def apply(self, text, *words, **options):
        return self.kubectl("apply", "-f", "-", *words, input=text, **options)

    def json(self, *words, **options):
        return json.loads(self.kubectl("get", "-o", "json", *words, **options).stdout)

    def user(self, name, *words):
        """A kubeconfig that `ambitctl kubeconfig` writes for a user."""
        path = self.folder / f"{name}.kubeconfig"
        path.unlink(missing_ok=True)
        run(self.programs / "ambitctl", "kubeconfig", "--kubeconfig", self.admin, "--user", name, "--out", path, *words)
        return path

    def client(self, config=None):
        from kubernetes import client, config as loader
        configuration = client.Configuration()
        loader.load_kube_config(str(config or self.admin), client_configuration=configuration)
        return client.ApiClient(configuration)

    def metric(self, name):
        page = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=5).read().decode()
        return {m[1]: int(m[2]) for m in re.finditer(rf"^{re.escape(name)}(\S*) (\d+)$", page, re.M)}

    def show(self):
        print(self.log.read_text()[-6000:])


@contextlib.contextmanager
def suite(programs):
    with tempfile.TemporaryDirectory(prefix="ambit-kubectl-") as folder:
        fixture = Fixture(programs, pathlib.Path(folder))
        try:
            yield fixture
        finally:
            if fixture.process.poll() is None:
                fixture.stop()


def refused(done, *words):
    said = done.stdout + done.stderr
    assert done.returncode != 0, f"not refused: {said}"
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"


# --- kubectl


def test_discovery(fixture):
    listed = fixture.kubectl("api-resources").stdout
    for kind in ("namespaces", "services", "serviceaccounts", "serviceentries", "workloadentries", "workloadgroups",
                 "peerauthentications", "authorizationpolicies", "selfsubjectaccessreviews"):
        assert kind in listed, listed
    assert "networking.istio.io/v1beta1" in fixture.kubectl("api-versions").stdout
    assert "ambit" in fixture.kubectl("version").stdout


def test_every_kind_is_applied_read_changed_and_deleted(fixture):
    def life(item):
        kind, text = item
        name = "all" if kind == "namespace" else "one"
        place = [] if kind == "namespace" else ["-n", "shop"]
        assert "created" in fixture.apply(text).stdout
        assert "unchanged" in fixture.apply(text).stdout, kind
        table = fixture.kubectl("get", kind, name, *place).stdout.splitlines()
        assert table[0].startswith("NAME") and table[1].startswith(name), table
        assert f"{kind}" in fixture.kubectl("get", kind, name, *place, "-o", "name").stdout
        assert name in fixture.kubectl("get", kind, name, *place, "-o", "yaml").stdout
        described = fixture.kubectl("describe", kind, name, *place).stdout
        assert re.search(rf"^Name: +{name}$", described, re.M), described
        fixture.kubectl("label", kind, name, *place, "tier=front")
        fixture.kubectl("annotate", kind, name, *place, "example.com/note=hello there")
        found = fixture.json(kind, name, *place)
        assert found["metadata"]["labels"]["tier"] == "front", found
        assert found["metadata"]["annotations"]["example.com/note"] == "hello there", found
        assert name in fixture.kubectl("get", kind, "-A", "-l", "tier=front", "-o", "name").stdout
        fixture.kubectl("label", kind, name, *place, "tier-")
        assert "FIELDS" in fixture.kubectl("explain", kind).stdout
        assert "deleted" in fixture.kubectl("delete", kind, name, *place).stdout
        refused(fixture.kubectl("get", kind, name, *place, check=False), "NotFound", name)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in pool.map(life, EVERYTHING.items()):
            pass


def test_apply_of_folders_replace_and_create(fixture):
    folder = fixture.folder / "config"
    folder.mkdir()
    (folder / "web.yaml").write_text(WEB)
    (folder / "entry.yaml").write_text(ENTRY)
    said = fixture.kubectl("apply", "-f", folder).stdout
    assert "service/web created" in said and "workloadentry.networking.istio.io/web-1 created" in said, said
    # A field that is left out in the next apply is removed; a port of a list too.
    (folder / "web.yaml").write_text(WEB.replace("  - {name: metrics, port: 9090}\n", "").replace("{app: web}\nspec", "{tier: front}\nspec"))
    fixture.kubectl("apply", "-f", folder)
    web = fixture.json("service", "web", "-n", "shop")
    assert [port["port"] for port in web["spec"]["ports"]] == [80], web
    assert web["metadata"]["labels"] == {"tier": "front"}, web
    (folder / "web.yaml").write_text(WEB)
    assert "replaced" in fixture.kubectl("replace", "-f", folder / "web.yaml").stdout
    assert len(fixture.json("service", "web", "-n", "shop")["spec"]["ports"]) == 2
    refused(fixture.kubectl("create", "-f", folder / "web.yaml", check=False), "AlreadyExists")
    made = fixture.kubectl("create", "-f", "-", "-o", "name", input="apiVersion: v1\nkind: ServiceAccount\nmetadata: {generateName: job-, namespace: shop}\n")
    assert re.search(r"serviceaccount/job-[a-z0-9]{5}$", made.stdout.strip()), made.stdout
    fixture.kubectl("create", "namespace", "made")
    fixture.kubectl("create", "serviceaccount", "made", "-n", "made")
    fixture.kubectl("create", "service", "clusterip", "made", "--tcp=80:8080", "-n", "made")
    fixture.kubectl("delete", "namespace", "made")
    refused(fixture.kubectl("get", "service", "made", "-n", "made", check=False), "NotFound")


def test_tables(fixture):
    fixture.apply(WEB + "---\n" + ENTRY)
    wide = fixture.kubectl("get", "services", "-A", "-o", "wide").stdout.splitlines()
    assert wide[0].split() == ["NAMESPACE", "NAME", "TYPE", "CLUSTER-IP", "PORT(S)", "AGE", "SELECTOR"], wide[0]
    assert any(re.match(r"shop +web +ClusterIP .*80/TCP,9090/TCP +\d+s +app=web", line) for line in wide), wide
    entries = fixture.kubectl("get", "we", "-n", "shop").stdout
    assert "10.0.0.1" in entries, entries
    named = fixture.kubectl("get", "svc", "-A", "--field-selector", "metadata.name=web", "-o", "name").stdout
    assert named.strip() == "service/web", named
    columns = fixture.kubectl("get", "svc", "web", "-n", "shop", "-o", "custom-columns=N:.metadata.name,P:.spec.ports[0].port").stdout
    assert "web   80" in columns, columns
    path = fixture.kubectl("get", "svc", "web", "-n", "shop", "-o", "jsonpath={.spec.ports[*].port}").stdout
    assert path == "80 9090", path


def test_server_side_apply(fixture):
    text = ENTRY.replace("web-1", "ssa")
    said = fixture.apply(text, "--server-side", "--field-manager=one").stdout
    assert "serverside-applied" in said, said
    other = text.replace("10.0.0.1", "10.0.0.2")
    refused(fixture.apply(other, "--server-side", "--field-manager=two", check=False), "one", "spec.address")
    fixture.apply(other, "--server-side", "--field-manager=two", "--force-conflicts")
    assert fixture.json("we", "ssa", "-n", "shop")["spec"]["address"] == "10.0.0.2"


def test_patches(fixture):
    fixture.apply(WEB + "---\n" + ENTRY)
    patch = lambda kind, name, text, *words, **options: fixture.kubectl("patch", kind, name, "-n", "shop", "-p", text, *words, **options)
    patch("we", "web-1", '{"spec":{"weight":5}}', "--type=merge")
    patch("we", "web-1", '[{"op":"test","path":"/spec/weight","value":5},{"op":"replace","path":"/spec/weight","value":7}]', "--type=json")
    assert fixture.json("we", "web-1", "-n", "shop")["spec"]["weight"] == 7
    refused(patch("we", "web-1", '[{"op":"test","path":"/spec/weight","value":5}]', "--type=json", check=False), "another")
    # The strategic form is for core kinds, as in Kubernetes: there it merges a list by its key.
    patch("service", "web", '{"spec":{"ports":[{"port":80,"name":"renamed"}]}}')
    ports = fixture.json("service", "web", "-n", "shop")["spec"]["ports"]
    assert [(p["port"], p["name"]) for p in ports] == [(80, "renamed"), (9090, "metrics")], ports
    refused(patch("we", "web-1", '{"spec":{"weight":9}}', check=False), "strategic-merge-patch", "--type=merge")
    refused(patch("we", "web-1", '{"spec":{"wait":9}}', "--type=merge", check=False), "spec.wait", "weight")


def test_edit(fixture):
    edited = lambda text: text.replace("name: web-1", "name: edited").replace("name: web", "name: edited")
    fixture.apply(edited(WEB) + "---\n" + edited(ENTRY))
    editor = fixture.folder / "editor"
    editor.write_text('#!/bin/sh\nsed -i -e "s/10.0.0.1/10.0.0.77/" -e "s/port: 9090/port: 9191/" "$1"\n')
    editor.chmod(0o755)
    for kind in ("we", "service"):
        said = fixture.kubectl("edit", kind, "edited", "-n", "shop", env={"KUBE_EDITOR": str(editor)})
        assert "edited" in said.stdout, said.stdout + said.stderr
    assert fixture.json("we", "edited", "-n", "shop")["spec"]["address"] == "10.0.0.77"
    assert [p["port"] for p in fixture.json("service", "edited", "-n", "shop")["spec"]["ports"]] == [80, 9191]


def test_diff_and_dry_run_change_nothing(fixture):
    fixture.apply(ENTRY)
    changed = ENTRY.replace("10.0.0.1", "10.0.0.50")
    shown = fixture.kubectl("diff", "-f", "-", input=changed, check=False)
    assert shown.returncode == 1 and "+  address: 10.0.0.50" in shown.stdout, shown.stdout + shown.stderr
    assert "server dry run" in fixture.apply(changed, "--dry-run=server").stdout
    assert "server dry run" in fixture.kubectl("delete", "we", "web-1", "-n", "shop", "--dry-run=server").stdout
    assert fixture.json("we", "web-1", "-n", "shop")["spec"]["address"] == "10.0.0.1"


def test_delete_by_label_and_all(fixture):
    entry = lambda name, tier: ENTRY.replace("web-1", name).replace("labels: {app: web}\nspec", f"labels: {{tier: {tier}}}\nspec")
    fixture.kubectl("create", "namespace", "bulk")
    text = "---\n".join(entry(f"b{n}", "odd" if n % 2 else "even") for n in range(4)).replace("namespace: shop", "namespace: bulk")
    fixture.apply(text)
    fixture.kubectl("delete", "we", "-n", "bulk", "-l", "tier=odd")
    assert [i["metadata"]["name"] for i in fixture.json("we", "-n", "bulk")["items"]] == ["b0", "b2"]
    fixture.kubectl("delete", "we", "-n", "bulk", "--all")
    assert fixture.json("we", "-n", "bulk")["items"] == []
    fixture.kubectl("delete", "namespace", "bulk")


def test_watch(fixture):
    fixture.kubectl("create", "namespace", "seen")
    place = ["-n", "seen"]
    watch = subprocess.Popen(
        [DEBIAN, "--kubeconfig", fixture.admin, "get", "we", *place, "-l", "app=web", "-w", "--output-watch-events"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "HOME": str(fixture.folder)})
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(watch.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        # An object that was never selected must not be shown; the watch is known to run when the first one is.
        seen = lambda event, name: any(re.match(rf"{event} +{name} ", line) for line in lines)
        eventually(lambda: fixture.apply(ENTRY.replace("namespace: shop", "namespace: seen")) and seen("ADDED", "web-1"), "the watch shows web-1", 20)
        fixture.apply(ENTRY.replace("namespace: shop", "namespace: seen").replace("web-1", "other").replace("labels: {app: web}\nspec", "labels: {app: x}\nspec"))
        fixture.kubectl("label", "we", "other", *place, "tier=x")
        fixture.kubectl("label", "we", "web-1", *place, "app-")
        eventually(lambda: seen("DELETED", "web-1"), "leaving the selection is its end", 10)
        fixture.kubectl("label", "we", "web-1", *place, "app=web")
        eventually(lambda: sum(line.startswith("ADDED") for line in lines) == 2, "coming back is its beginning", 10)
        assert not any(" other " in line for line in lines), lines
    finally:
        watch.kill()
        watch.wait()
        fixture.kubectl("delete", "namespace", "seen")


def test_explain_is_what_validation_reads(fixture):
    said = fixture.kubectl("explain", "workloadentry.spec").stdout
    for field in ("address", "ports", "labels", "network", "locality", "weight", "serviceAccount"):
        assert field in said, said
    assert "STRICT takes only mutual TLS" in fixture.kubectl("explain", "peerauthentication.spec.mtls.mode").stdout
    assert "notIpBlocks" in fixture.kubectl("explain", "authorizationpolicy", "--recursive").stdout
    # kubectl 1.20 itself refuses by these schemas, and with its checks off the server does.
    wrong = WEB.replace("selector:", "selektor:")
    refused(fixture.apply(wrong, check=False), "selektor")
    refused(fixture.apply(wrong, "--validate=false", check=False), "spec.selektor", "did you mean selector?")
    refused(fixture.apply(WEB.replace("port: 80,", "port: 80000,"), check=False), "80000", "65535")


def test_newer_kubectl_of_this_machine_works_too(fixture):
    """kubectl of today reads OpenAPI version 3; where the machine has none beside Debian's, there is nothing to compare."""
    newer = shutil.which("kubectl") or DEBIAN
    said = fixture.apply(WEB, program=newer)
    assert "service/web" in said.stdout
    assert "serviceAccount" in fixture.kubectl("explain", "workloadentry.spec", program=newer).stdout
    fixture.apply(ENTRY, "--server-side", "--force-conflicts", program=newer)
    assert "web-1" in fixture.kubectl("get", "we", "-n", "shop", program=newer).stdout
    refused(fixture.apply(WEB.replace("selector:", "selektor:"), check=False, program=newer), "selektor")
    assert fixture.kubectl("diff", "-f", "-", input=ENTRY.replace("10.0.0.1", "10.0.0.60"), check=False, program=newer).returncode == 1
    fixture.kubectl("delete", "svc", "web", "-n", "shop", program=newer)


# --- roles


def test_roles(fixture):
    fixture.apply(WEB + "---\n" + ENTRY)
    fixture.kubectl("create", "namespace", "other")
    editor = fixture.user("jane", "--role", "editor", "--namespace", "shop")
    reader = fixture.user("bob", "--role", "reader")
    assert editor.stat().st_mode & 0o777 == 0o600
    # The editor writes in its namespace, and nowhere else.
    fixture.kubectl("label", "svc", "web", "-n", "shop", "by=jane", config=editor)
    fixture.kubectl("get", "svc", config=editor)
    for words in (("get", "svc", "-n", "other"), ("get", "svc", "-A"), ("get", "svc", "-n", "other", "-w"), ("get", "namespaces"),
                  ("create", "serviceaccount", "x", "-n", "other"), ("delete", "namespace", "shop"), ("get", "--raw", "/ambit/v1/status")):
        refused(fixture.kubectl(*words, config=editor, check=False), "orbidden", '"jane"')
    said = fixture.kubectl("get", "serviceentries", "-n", "other", config=editor, check=False)
    refused(said, 'serviceentries.networking.istio.io is forbidden: User "jane" cannot list resource "serviceentries" in API group '
                  '"networking.istio.io" in the namespace "other"')
    # The reader reads everything but writes nothing.
    fixture.kubectl("get", "we", "-A", config=reader)
    fixture.kubectl("get", "--raw", "/ambit/v1/status", config=reader)
    for words in (("label", "svc", "web", "-n", "shop", "by=bob", "--overwrite"), ("delete", "svc", "web", "-n", "shop"), ("delete", "svc", "--all", "-n", "shop"),
                  ("patch", "svc", "web", "-n", "shop", "-p", "{}"), ("patch", "svc", "web", "-n", "shop", "--type=json", "-p", "[]")):
        refused(fixture.kubectl(*words, config=reader, check=False), "Forbidden", '"bob"')
    refused(fixture.apply(WEB.replace("port: 80,", "port: 81,"), config=reader, check=False), "Forbidden", '"bob"')
    # can-i says what is done.
    can = lambda config, *words: fixture.kubectl("auth", "can-i", *words, config=config, check=False).stdout.strip()
    assert can(editor, "update", "services", "-n", "shop") == "yes"
    assert can(editor, "update", "services", "-n", "other").startswith("no")
    assert can(reader, "list", "authorizationpolicies", "-A") == "yes"
    assert can(reader, "delete", "services", "-n", "shop").startswith("no")
    assert "serviceentries.networking.istio.io" in fixture.kubectl("auth", "can-i", "--list", "-n", "shop", config=editor).stdout
    # A certificate of one's own making, and another user's name.
    refused(run(fixture.programs / "ambitctl", "kubeconfig", "--kubeconfig", editor, "--user", "eve", "--role", "admin", check=False), "jane")
    refused(fixture.kubectl("get", "ns", "--as", "eve", check=False), "impersonation")
    log = fixture.log.read_text()
    assert re.search(r"audit user=jane groups=ambit:editor:shop verb=patch resource=services namespace=shop name=web status=200", log), log[-3000:]
    assert re.search(r"audit user=bob \S+ verb=delete resource=services namespace=shop name=web status=403 reason=Forbidden", log), log[-3000:]
    assert re.search(r"audit user=jane .*path=/ambit/v1/clientcertificates status=403", log), log[-3000:]


def test_no_line_of_the_log_can_be_forged(fixture):
    forged = "x\n2026-01-01T00:00:00 notice ambitd: audit user=root verb=delete"
    client = fixture.client()
    with contextlib.suppress(Exception):
        client.call_api("/api/v1/namespaces/shop/services/" + urllib.parse.quote(forged, safe=""), "DELETE", auth_settings=["BearerToken"], response_type="object")
    log = fixture.log.read_text()
    assert "verb=delete resource=services namespace=shop name=" in log, log[-2000:]
    assert not any(line.startswith("2026-01-01T00:00:00 notice") for line in log.splitlines())


# --- the Python client


def test_python_client_core(fixture):
    from kubernetes import client
    core = client.CoreV1Api(fixture.client())
    core.create_namespace({"metadata": {"name": "py"}})
    body = client.V1Service(
        metadata=client.V1ObjectMeta(name="api"),
        spec=client.V1ServiceSpec(selector={"app": "api"}, ports=[client.V1ServicePort(name="http", port=80, target_port=8080)]))
    made = core.create_namespaced_service("py", body)
    conflict = raised(409, lambda: core.create_namespaced_service("py", body))
    assert conflict["reason"] == "AlreadyExists", conflict
    stale = core.read_namespaced_service("api", "py")
    core.patch_namespaced_service("api", "py", {"metadata": {"labels": {"a": "b"}}})
    lost = raised(409, lambda: core.replace_namespaced_service("api", "py", stale))
    assert lost["reason"] == "Conflict", lost
    invalid = raised(422, lambda: core.patch_namespaced_service("api", "py", [{"op": "replace", "path": "/spec/ports/0/port", "value": 70000}]))
    assert invalid["details"]["causes"][0]["field"] == "spec.ports[0].port", invalid
    assert raised(404, lambda: core.read_namespaced_service("none", "py"))["details"]["kind"] == "services"
    options = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another"))
    assert raised(409, lambda: core.delete_namespaced_service("api", "py", body=options))["reason"] == "Conflict"
    options = client.V1DeleteOptions(preconditions=client.V1Preconditions(resource_version=made.metadata.resource_version))
    raised(409, lambda: core.delete_namespaced_service("api", "py", body=options))
    core.delete_namespaced_service("api", "py", body=client.V1DeleteOptions(dry_run=["All"]))
    gone = core.delete_namespaced_service(
        "api", "py", body=client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=made.metadata.uid)))
    assert gone.metadata.name == "api", gone
    core.delete_namespace("py")


def test_python_client_lists_pages_and_watches(fixture):
    from kubernetes import client, watch
    api = fixture.client()
    core, custom = client.CoreV1Api(api), client.CustomObjectsApi(api)
    core.create_namespace({"metadata": {"name": "many"}})
    place = (ISTIO, "v1", "many", "workloadentries")
    entry = lambda n: {"apiVersion": f"{ISTIO}/v1", "kind": "WorkloadEntry", "metadata": {"name": f"e{n:02}"}, "spec": {"address": f"10.1.0.{n + 1}"}}
    for n in range(7):
        custom.create_namespaced_custom_object(*place, entry(n))
    # Pages of one list show one state, whatever happens between them.
    first = custom.list_namespaced_custom_object(*place, limit=3)
    assert first["metadata"]["remainingItemCount"] == 4, first["metadata"]
    custom.delete_namespaced_custom_object(*place, "e06")
    second = custom.list_namespaced_custom_object(*place, limit=3, _continue=first["metadata"]["continue"])
    third = custom.list_namespaced_custom_object(*place, limit=3, _continue=second["metadata"]["continue"])
    names = [item["metadata"]["name"] for page in (first, second, third) for item in page["items"]]
    assert names == [f"e{n:02}" for n in range(7)] and "continue" not in third["metadata"], names
    assert third["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    gone = raised(410, lambda: custom.list_namespaced_custom_object(*place, _continue="5C0B6B1E-0000-4000-8000-000000000000.3"))
    assert gone["reason"] == "Expired", gone
    # A watch goes on from the list's version and ends at its time; a bookmark says how far it is.
    events = []
    for event in watch.Watch().stream(
            custom.list_namespaced_custom_object, *place, resource_version=first["metadata"]["resourceVersion"],
            timeout_seconds=1, allow_watch_bookmarks=True):
        events.append((event["type"], event["object"]["metadata"].get("name")))
    assert events == [("DELETED", "e06")], events
    started = time.monotonic()
    patched = custom.patch_namespaced_custom_object(*place, "e00", {"spec": {"weight": 3}})
    assert patched["spec"]["weight"] == 3 and time.monotonic() - started < 5
    replaced = {**patched, "spec": {"address": "10.2.0.1"}}
    assert "weight" not in custom.replace_namespaced_custom_object(*place, "e00", replaced)["spec"]
    raised(409, lambda: custom.replace_namespaced_custom_object(*place, "e00", replaced))
    custom.delete_collection_namespaced_custom_object(*place)
    assert custom.list_namespaced_custom_object(*place)["items"] == []
    core.delete_namespace("many")


def test_python_client_starts_a_watch_with_the_present_state(fixture):
    from kubernetes import client, watch
    core = client.CoreV1Api(fixture.client())
    seen = []
    for event in watch.Watch().stream(
            core.list_namespace, timeout_seconds=1, send_initial_events=True, resource_version_match="NotOlderThan",
            allow_watch_bookmarks=True):
        seen.append((event["type"], event["raw_object"]["metadata"].get("annotations", {}).get("k8s.io/initial-events-end")))
    assert ("BOOKMARK", "true") in seen and seen[0][0] == "ADDED", seen


def raised(status, body):
    from kubernetes.client.exceptions import ApiException
    try:
        body()
    except ApiException as error:
        assert error.status == status, f"{error.status} is not {status}: {error.body}"
        return json.loads(error.body)
    raise Failure(f"not refused with {status}")


# --- abuse


def test_silent_connections_are_closed(fixture):
    """300 connections to each port that say nothing, and a request's head that never ends, byte by byte: each port closes
    them by its own deadline, and lets others in meanwhile."""
    before = fixture.metric("ambit_control_connections_closed_total")
    silent = {}
    for name, port in (("api", fixture.port), ("nodes", fixture.grpc), ("metrics", fixture.metrics)):
        silent[name] = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        for each in silent[name]:
            each.setblocking(False)
    # While they are there, others get in: a connection that has shown nothing gives way to a newer one.
    fixture.kubectl("get", "ns")
    opened = time.monotonic()
    slow = socket.create_connection(("127.0.0.1", fixture.metrics))
    slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    slow.setblocking(False)

    def goes_on():
        try:
            slow.send(b"a")
            return slow.recv(100) != b""
        except BlockingIOError:
            return True
        except ConnectionError:
            return False

    def open_ones(name):
        count = 0
        for each in silent[name]:
            try:
                count += each.recv(1) != b""
            except BlockingIOError:
                count += 1
            except ConnectionError:
                pass
        return count
    eventually(lambda: not goes_on() and sum(map(open_ones, silent)) == 0, "all of them are closed", 25, 0.2)
    took = time.monotonic() - opened
    assert took < 20, took
    closed = fixture.metric("ambit_control_connections_closed_total")
    for label in ("api_proof_deadline", "api_evicted", "nodes_proof_deadline", "nodes_evicted", "metrics_evicted"):
        key = f'{{reason="{label}"}}'
        assert closed.get(key, 0) > before.get(key, 0), (label, closed)
    for each in [slow, *silent["api"], *silent["nodes"], *silent["metrics"]]:
        each.close()


def test_an_expired_certificate_is_named(fixture):
    """ambitctl says that it has expired, where TLS only says that the connection is closed."""
    folder = fixture.folder / "expired"
    folder.mkdir()
    ca = fixture.state / "ca"
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key", "-out", folder / "csr",
        "-subj", "/O=ambit:admins/CN=late")
    (folder / "extensions").write_text("extendedKeyUsage=clientAuth\n")
    run("openssl", "x509", "-req", "-in", folder / "csr", "-CA", ca / "root.crt", "-CAkey", ca / "root.key", "-set_serial", "7", "-days", "-1",
        "-extfile", folder / "extensions", "-out", folder / "crt")
    text = fixture.admin.read_text()
    for name in ("crt", "key"):
        field = "client-certificate-data" if name == "crt" else "client-key-data"
        data = base64.b64encode((folder / name).read_bytes()).decode()
        text = re.sub(rf"{field}: \S+", f"{field}: {data}", text)
    config = folder / "kubeconfig"
    config.write_text(text)
    refused(run(fixture.programs / "ambitctl", "get", "namespaces", "--kubeconfig", config, check=False), "expired at", "ambitctl kubeconfig")
    refused(fixture.kubectl("get", "ns", config=config, check=False), "ertificate")
