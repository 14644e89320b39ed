"""Debian's docker-registry, with a password, with TLS, or with neither, on loopback; and what is pushed to it."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import ipaddress
import json
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_port
from tests.support.wait import until

USER, PASSWORD = "builder", "canary-registry-password-91c3"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass
class Registry:
    """A registry that runs."""

    port: int
    folder: Path
    ca: str = ""
    """PEM of its own certificate; "" when it speaks plain HTTP."""
    has_password: bool = False
    log: Path = field(default=Path())
    address: str = "127.0.0.1"

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"

    def given(self, **changed: Any) -> dict[str, Any]:
        """A body that adds it."""
        account = {"username": USER, "secret": PASSWORD} if self.has_password else {}
        return {
            "provider": "generic",
            "host": self.host,
            "plain_http": not self.ca,
            "ca": self.ca,
            **account,
            **changed,
        }

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """As docker would, beside our own client."""
        from base64 import b64encode

        request = urllib.request.Request(
            path if "://" in path else f"{'https' if self.ca else 'http'}://{self.host}{path}", body, method=method
        )
        for name, value in {"Content-Type": "application/octet-stream", **(headers or {})}.items():
            request.add_header(name, value)
        if self.has_password:
            request.add_header("Authorization", f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}")
        context = ssl.create_default_context(cadata=self.ca) if self.ca else None
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def push_blob(self, path: str, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        status, headers, _ = self.call("POST", f"/v2/{path}/blobs/uploads/", b"")
        assert status == 202
        status, _, said = self.call("PUT", f"{headers['Location']}&digest={digest}", content)
        assert status == 201, said
        return digest

    def push_manifest(self, path: str, reference: str, document: Mapping[str, Any], media_type: str) -> str:
        content = json.dumps(document).encode()
        status, headers, said = self.call(
            "PUT", f"/v2/{path}/manifests/{reference}", content, {"Content-Type": media_type}
        )
        assert status == 201, said
        return str(headers["Docker-Content-Digest"])

    def push(
        self,
        path: str,
        tag: str,
        *,
        architecture: str = "amd64",
        content: bytes = b"layer",
        runs: Mapping[str, Any] | None = None,
    ) -> str:
        """An image of one layer; its digest. One that is to run has an archive, and what it `runs` (`Cmd`, `Env`)."""
        config = {
            "os": "linux",
            "architecture": architecture,
            "created": "2026-11-01T10:00:00.123456789Z",
            "config": dict(runs or {}),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]},
        }
        raw = json.dumps(config).encode()
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": self.push_blob(path, raw), "size": len(raw)},
            "layers": [{"mediaType": LAYER, "digest": self.push_blob(path, content), "size": len(content)}],
        }
        return self.push_manifest(path, tag, document, MANIFEST)

    def push_index(self, path: str, tag: str, *architectures: str) -> str:
        rows = []
        for one in architectures:
            digest = self.push(path, f"{tag}-{one}", architecture=one)
            size = len(self.call("GET", f"/v2/{path}/manifests/{digest}", None, {"Accept": MANIFEST})[2])
            rows.append(
                {
                    "mediaType": MANIFEST,
                    "digest": digest,
                    "size": size,
                    "platform": {"os": "linux", "architecture": one},
                }
            )
        return self.push_manifest(path, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": rows}, INDEX)

    def is_tag(self, path: str, tag: str) -> bool:
        return self.digest_of(path, tag) != ""

    def digest_of(self, path: str, tag: str) -> str:
        """What it answers itself; "" where it has no such image."""
        status, headers, _ = self.call("HEAD", f"/v2/{path}/manifests/{tag}", None, {"Accept": f"{MANIFEST}, {INDEX}"})
        return str(headers["Docker-Content-Digest"]) if status == 200 else ""

    def images(self, path: str) -> list[str]:
        """Digests of all that it has of a repository, with or without a tag."""
        revisions = self.folder / "data/docker/registry/v2/repositories" / path / "_manifests/revisions/sha256"
        return sorted(f"sha256:{one.name}" for one in revisions.iterdir()) if revisions.is_dir() else []

    def everything_in(self, path: str, digest: str) -> bytes:
        """Manifest, configuration and unpacked layers of an image, or of all that an index lists."""
        status, _, manifest = self.call(
            "GET", f"/v2/{path}/manifests/{digest}", None, {"Accept": f"{MANIFEST}, {INDEX}"}
        )
        assert status == 200
        rows = json.loads(manifest)
        if "manifests" in rows:
            return manifest + b"".join(self.everything_in(path, one["digest"]) for one in rows["manifests"])
        found = [manifest]
        for row in (rows["config"], *rows["layers"]):
            _, _, blob = self.call("GET", f"/v2/{path}/blobs/{row['digest']}")
            found.append(gzip.decompress(blob) if blob[:2] == b"\x1f\x8b" else blob)
        return b"".join(found)

    def files(self) -> list[str]:
        """Of what it stores."""
        data = self.folder / "data"
        return sorted(str(found.relative_to(data)) for found in data.rglob("*") if found.is_file())


def programs() -> dict[str, str]:
    """The programs that these tests need. Leaves the test out, aloud, without them."""
    found = {name: shutil.which(name) for name in ("docker-registry", "htpasswd")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: docker-registry apache2-utils)")
    return {name: str(path) for name, path in found.items()}


@contextmanager
def a_registry(
    folder: Path,
    *,
    password: bool = False,
    tls: bool = False,
    deletes: bool = True,
    address: str = "127.0.0.1",
    names: Sequence[str] = (),
    auth: Mapping[str, Any] | None = None,
) -> Iterator[Registry]:
    """It answers when the block begins. `names` are others that its certificate is for; `auth` as its configuration
    has it, in place of a password."""
    program = programs()
    folder.mkdir(parents=True, exist_ok=True)
    running = Registry(free_port(), folder, has_password=password, log=folder / "log", address=address)
    http: dict[str, Any] = {"addr": running.host}
    document: dict[str, Any] = {
        "version": 0.1,
        "log": {"accesslog": {"disabled": True}, "level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": deletes}},
        "http": http,
        **({"auth": dict(auth)} if auth else {}),
    }
    if password:
        made = subprocess.run(
            [program["htpasswd"], "-Bbn", USER, PASSWORD], capture_output=True, check=True, timeout=60
        )
        (folder / "htpasswd").write_bytes(made.stdout)
        document["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
    if tls:
        running.ca = a_certificate(folder, address, *names)
        http["tls"] = {"certificate": str(folder / "tls.crt"), "key": str(folder / "tls.key")}
    (folder / "config.yml").write_text(yaml.safe_dump(document))
    with running.log.open("wb") as log:
        process = subprocess.Popen(
            [program["docker-registry"], "serve", str(folder / "config.yml")], stdout=log, stderr=log
        )
    try:
        until(lambda: process.poll() is not None or answers(running), what="docker-registry")
        assert process.poll() is None, running.log.read_text()
        yield running
    finally:
        process.terminate()
        process.wait(30)


def answers(running: Registry) -> bool:
    try:
        return running.call("GET", "/v2/")[0] in (200, 401)
    except OSError:
        return False


def a_certificate(folder: Path, address: str = "127.0.0.1", *names: str) -> str:
    """tls.crt and tls.key for an address and names, signed by itself; the PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a registry of the tests")])
    moment = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - dt.timedelta(days=1))
        .not_valid_after(moment + dt.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(address)), *(x509.DNSName(name) for name in names)]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "tls.crt").write_bytes(pem)
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem.decode()
