"""Certificates for tests: a root of our own and SPIFFE leaf certificates, made with the openssl program."""

import pathlib

from lab import run


class Authority:
    """A throw-away certificate authority in a folder."""

    def __init__(self, folder, name="Ambit test root"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root = self.folder / "root.crt"
        self.key = self.folder / "root.key"
        self.new_key(self.key)
        run("openssl", "req", "-x509", "-new", "-key", self.key, "-sha256", "-days", "30", "-subj", f"/O={name}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-out", self.root)

    @classmethod
    def existing(cls, source, folder):
        """An authority that signs with the root in `source` (root.crt, root.key) and writes its leaves to `folder`."""
        made = cls.__new__(cls)
        made.folder = pathlib.Path(folder)
        made.folder.mkdir(parents=True, exist_ok=True)
        made.root, made.key = pathlib.Path(source) / "root.crt", pathlib.Path(source) / "root.key"
        return made

    @staticmethod
    def new_key(path):
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)

    def leaf(self, name, uri, days=2):
        """`name`.crt and `name`.key in the folder, with the one URI name `uri`; returns both paths."""
        key, certificate, request = (self.folder / f"{name}.{end}" for end in ("key", "crt", "csr"))
        extensions = self.folder / f"{name}.ext"
        self.new_key(key)
        run("openssl", "req", "-new", "-key", key, "-subj", "/", "-out", request)
        extensions.write_text(
            f"subjectAltName=critical,URI:{uri}\nkeyUsage=critical,digitalSignature\n"
            "extendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.root, "-CAkey", self.key, "-CAserial", self.folder / "serial", "-CAcreateserial", "-sha256",
            "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key

    def identity(self, namespace, account, trust_domain="cluster.local"):
        """The leaf of a workload identity, named as ztunnel's AMBIT_CERT_DIR wants it."""
        return self.leaf(f"{namespace}__{account}", f"spiffe://{trust_domain}/ns/{namespace}/sa/{account}")
