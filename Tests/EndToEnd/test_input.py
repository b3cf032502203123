"""Bad input: each kind refused with file, line or field path, value and remedy; nothing half applied."""

import contextlib

from lab import Lab
from mesh import Mesh

GOOD = """apiVersion: v1
kind: Namespace
metadata:
  name: kept
"""


class Fixture:
    def __init__(self, lab, programs):
        self.lab = lab
        self.mesh = Mesh(lab, programs)
        self.mesh.start_control()

    def refuse(self, text, *words):
        """Applies a file that must be refused; every word must be in what is said, and nothing applied."""
        path = self.lab.folder / "input.yaml"
        path.write_text(GOOD + "---\n" + text)
        done = self.mesh.ctl("apply", "-f", path, check=False)
        said = done.stdout + done.stderr
        assert done.returncode != 0, said
        assert "input.yaml:" in said, said
        for word in words:
            assert word in said, f"{word!r} is not in: {said}"
        listed = self.mesh.ctl("get", "namespaces", "-o", "name").stdout
        assert "kept" not in listed, f"half applied: {listed}"
        return said

    def show(self):
        self.lab.show_logs()


@contextlib.contextmanager
def suite(programs):
    with Lab("ambitinput") as lab:
        yield Fixture(lab, programs)


def test_broken_yaml(fixture):
    fixture.refuse("apiVersion: v1\nkind: Service\nmetadata: {name: a\nspec: [\n", "input.yaml:")


def test_unknown_kind(fixture):
    fixture.refuse("apiVersion: v1\nkind: Sprocket\nmetadata: {name: a}\n", "Sprocket")


def test_kind_that_comes_later_is_refused_by_name(fixture):
    fixture.refuse(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a, namespace: default}\nspec: {hostnames: [a]}\n", "HTTPRoute")


def test_unknown_field(fixture):
    fixture.refuse(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\nspec:\n  prots: [{port: 80}]\n", "spec.prots", "ports")


def test_wrong_type(fixture):
    fixture.refuse(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\nspec:\n  ports: [{port: eighty}]\n", "spec.ports[0].port", "eighty")


def test_bad_cidr(fixture):
    fixture.refuse("""apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: a, namespace: default}
spec:
  rules:
  - from:
    - source:
        ipBlocks: ["10.0.0.0/33"]
""", "spec.rules[0].from[0].source.ipBlocks[0]", "10.0.0.0/33")


def test_duplicate_name(fixture):
    fixture.refuse(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: default}\n---\n"
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: default}\n", "a")


def test_duplicate_key(fixture):
    fixture.refuse("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, name: b, namespace: default}\n", "name")


def test_every_problem_is_listed_at_once(fixture):
    said = fixture.refuse("""apiVersion: v1
kind: Service
metadata: {name: Bad_Name, namespace: default}
spec:
  ports: [{port: 70000}]
""", "metadata.name", "Bad_Name", "spec.ports[0].port", "70000")
    assert said.count("input.yaml:") >= 2, said


def test_good_input_after_bad_is_applied(fixture):
    done = fixture.mesh.ctl("apply", "-f", "-", input=GOOD)
    assert "created" in done.stdout, done.stdout
    assert "unchanged" in fixture.mesh.ctl("apply", "-f", "-", input=GOOD).stdout
    fixture.mesh.ctl("delete", "namespace", "kept")


def test_a_resource_is_durable_once_acknowledged(fixture):
    fixture.mesh.ctl("apply", "-f", "-", input="".join(
        f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: sa-{n}, namespace: default}}\n---\n" for n in range(50)))
    fixture.mesh.ambitd.kill()
    fixture.mesh.start_control()
    listed = fixture.mesh.ctl("get", "serviceaccounts", "-n", "default", "-o", "name").stdout
    assert all(f"/sa-{n}\n" in listed for n in range(50)), listed
