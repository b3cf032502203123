"""The Debian packages: what is in them, and that the same programs make the same bytes."""

import contextlib
import hashlib
import pathlib
import shutil
import tempfile

from lab import ROOT, run

NAMES = ("ambit-control", "ambit-node", "ambit-waypoint", "ambitctl")


class Fixture:
    """All packages of the programs, built once."""

    def __init__(self, programs, folder):
        self.programs = pathlib.Path(programs).resolve()
        self.folder = folder
        self.packages = self.build("first", *NAMES)

    def build(self, name, *packages):
        out = self.folder / name
        run(ROOT / "packaging/build-packages", "--bin", self.programs, "--out", out, "--fast", *packages, timeout=180)
        return {file.name.split("_")[0]: file for file in out.glob("*.deb")}

    def field(self, package, name):
        return run("dpkg-deb", "--field", self.packages[package], name).stdout.strip()

    def show(self):
        for file in self.packages.values():
            print(run("dpkg-deb", "--info", file).stdout)


@contextlib.contextmanager
def suite(programs):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ambit-packages-"))
    try:
        yield Fixture(programs, folder)
    finally:
        shutil.rmtree(folder)


def test_same_bytes(fixture):
    again = fixture.build("second", "ambit-node")
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (fixture.packages["ambit-node"], again["ambit-node"])]
    assert digests[0] == digests[1], digests


def test_versions_and_dependencies(fixture):
    version = run(fixture.programs / "ztunnel", "version").stdout.split()[1]
    for name in NAMES:
        assert fixture.field(name, "Version") == version, name
    for name in ("ambit-control", "ambit-node"):
        assert f"ambitctl (= {version})" in fixture.field(name, "Depends"), name
    assert f"ambit-node (= {version})" in fixture.field("ambit-waypoint", "Depends")
    # A program that only routes requests has no business with the host's packet filter.
    for library, is_there in (("libssl3", True), ("libnftables1", False), ("libmnl0", False)):
        assert (library in fixture.field("ambit-waypoint", "Depends")) == is_there, library
    for library in ("libssl3", "libnftables1", "libmnl0"):
        assert library in fixture.field("ambit-node", "Depends"), library
    assert "libsqlite3-0" in fixture.field("ambit-control", "Depends")


def test_contents(fixture):
    wanted = {
        "ambit-node": ["usr/sbin/ztunnel", "usr/share/man/man8/ztunnel.8.gz", "lib/systemd/system/ambit-capture.service",
                       "lib/systemd/system/ambit-ztunnel.service", "lib/systemd/system/ambit-endpoint@.service", "usr/share/doc/ambit-node/nft/ambit-workload.nft"],
        "ambit-waypoint": ["usr/sbin/waypoint", "usr/share/man/man8/waypoint.8.gz",
                           "lib/systemd/system/ambit-waypoint@.service", "lib/systemd/system/ambit-gateway@.service", "usr/share/ambit-waypoint/waypoint.env"],
        "ambit-control": ["usr/sbin/ambitd", "usr/share/man/man8/ambitd.8.gz", "lib/systemd/system/ambitd.service",
                          "etc/default/ambitd", "usr/lib/sysusers.d/ambit-control.conf"],
        "ambitctl": ["usr/bin/ambitctl", "usr/share/man/man1/ambitctl.1.gz", "usr/share/bash-completion/completions/ambitctl",
                     "usr/share/zsh/vendor-completions/_ambitctl"],
    }
    for name, files in wanted.items():
        listed = run("dpkg-deb", "--contents", fixture.packages[name]).stdout
        for file in [*files, f"usr/share/doc/{name}/copyright", f"usr/share/doc/{name}/third-party-notices.gz"]:
            assert f" ./{file}\n" in listed, f"{name} has no {file}"
        assert "root/root" in listed and "rw-rw" not in listed and " -rwsr" not in listed, listed


def test_manual_knows_every_command(fixture):
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "--extract", fixture.packages["ambitctl"], folder)
        page = run("zcat", f"{folder}/usr/share/man/man1/ambitctl.1.gz").stdout.replace("\\", "")
    for command in ("apply", "enroll", "status", "ztunnel-config connections", "waypoint apply", "gateway apply", "completion"):
        assert f'.SS "{command}' in page, f"the manual does not name {command}"
    assert "fB-c, --kubeconfig KUBECONFIGfR" in page, "the manual does not name options"
