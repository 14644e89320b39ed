"""Base images under their official names, made of Debian's packages and of what this machine has.

Made once and kept in the cache of the machine (`images/`, about 1 GB): a minute for Debian itself, by mmdebstrap, and
one to four minutes for the others, on two cores. Each has what Dockerfiles expect of it (programs, users), not what
the official image is made of; its tag is the version that is really in it, nginx's apart.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.builds import slim
from tests.support.builds.plain_engine import IMAGES, PlainEngine

DEBIAN = IMAGES / "debian-bookworm.tar"
_LEFT_OUT = ("man", "doc", "locale", "info")
_APT = "apt-get update && apt-get install --yes --no-install-recommends {} && rm -rf /var/lib/apt/lists/*"
_CA = "/etc/ssl/test-ca.pem"
"""A place of its own: the package ca-certificates writes over the usual one."""
_TRUST = (
    f"COPY ca.pem {_CA}\nENV SSL_CERT_FILE={_CA} PIP_CERT={_CA} REQUESTS_CA_BUNDLE={_CA} NODE_EXTRA_CA_CERTS={_CA}\n"
)
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def node_version() -> str:
    """The major version of this machine's Node; "" without one."""
    return _version_of(["node", "--version"], r"v(\d+)\.")


def go_version() -> str:
    """As 1.26; "" without Go."""
    return _version_of(["go", "env", "GOVERSION"], r"go(\d+\.\d+)")


def _version_of(command: list[str], pattern: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    found = re.match(pattern, subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found[1] if found else ""


def python_base(engine: PlainEngine) -> str:
    """python:3.11-slim, with the Python of Debian 12."""
    text = (
        f"FROM debian:bookworm-slim\nRUN {_APT.format('python3 python3-venv ca-certificates')}\n"
        f"RUN ln -s /usr/bin/python3 /usr/local/bin/python\n{_TRUST}"
    )
    return _made(engine, "library/python", "3.11-slim", text, {"ca.pem": _CERTIFICATES})


def node_base(engine: PlainEngine) -> str:
    """node:…-slim, with the node and npm of this machine."""
    npm = Path(shutil.which("npm") or "").resolve().parents[3]
    text = (
        "FROM debian:bookworm-slim\nRUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node\n"
        "COPY --chmod=755 node /usr/local/bin/node\nADD npm.tar /usr/local/lib/node_modules/\n"
        "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\\n"
        f"    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx\n{_TRUST}"
    )
    files = {
        "ca.pem": _CERTIFICATES,
        "node": Path(shutil.which("node") or "").resolve(),
        "npm.tar": npm / "node_modules/npm",
    }
    return _made(engine, "library/node", f"{node_version()}-slim", text, files)


def go_base(engine: PlainEngine) -> str:
    """golang:…, with the Go of this machine."""
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    text = (
        f"FROM debian:bookworm-slim\nRUN {_APT.format('ca-certificates')}\nADD go.tar /usr/local/\n"
        "ENV GOPATH=/go GOTOOLCHAIN=local PATH=/go/bin:/usr/local/go/bin:$PATH\n"
        f"{_TRUST}"
    )
    return _made(engine, "library/golang", go_version(), text, {"ca.pem": _CERTIFICATES, "go.tar": Path(root)})


def nginx_base(engine: PlainEngine) -> str:
    """nginx:1.28."""
    slim.make()
    layer = slim.nginx_layer()
    text = f'FROM scratch\nADD {layer.name} /\nCMD ["nginx", "-g", "daemon off;"]\n'
    return _made(engine, "library/nginx", "1.28", text, {layer.name: layer})


def debian_base(engine: PlainEngine) -> str:
    """debian:bookworm-slim."""
    if not _has(engine, "library/debian", "bookworm-slim"):
        if not DEBIAN.exists():
            _debootstrap()
        folder = engine.folder / "debian"
        folder.mkdir(exist_ok=True)
        shutil.copy(DEBIAN, folder / "debian.tar")
        _push(engine, folder, 'FROM scratch\nADD debian.tar /\nCMD ["bash"]\n', "library/debian:bookworm-slim")
    return "debian:bookworm-slim"


BASES: Mapping[str, Callable[[PlainEngine], str]] = {
    "debian": debian_base,
    "python": python_base,
    "node": node_base,
    "golang": go_base,
    "nginx": nginx_base,
}


def make(engine: PlainEngine, *names: str) -> None:
    """See that these are there. Two who ask at once wait for one another."""
    with (IMAGES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in dict.fromkeys(("debian", *names)):
            BASES[name](engine)


def _debootstrap() -> None:
    if shutil.which("mmdebstrap") is None:
        raise RuntimeError("install mmdebstrap: Debian's base image is made with it")
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT]
    part = DEBIAN.with_suffix(".part.tar")
    subprocess.run(
        ["mmdebstrap", "--variant=minbase", *left_out, "bookworm", str(part)], check=True, capture_output=True
    )
    part.rename(DEBIAN)


def _made(engine: PlainEngine, name: str, tag: str, text: str, files: Mapping[str, Path]) -> str:
    """Made anew where the text that makes it has changed."""
    kept = f"{tag}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if not _has(engine, name, kept) or not _has(engine, name, tag):
        folder = engine.folder / name.replace("/", "-")
        for path, source in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():  # as one archive: BuildKit takes minutes to fetch thousands of files
                renamed = f"--transform=s,^[^/]*,{target.stem},"
                subprocess.run(["tar", "-cf", str(target), renamed, "-C", str(source.parent), source.name], check=True)
            else:
                shutil.copy(source, target)
        folder.mkdir(exist_ok=True)
        for one in (kept, tag):
            _push(engine, folder, text, f"{name}:{one}")
    return f"{name.removeprefix('library/')}:{tag}"


def _push(engine: PlainEngine, folder: Path, text: str, name: str) -> None:
    output = f"type=image,name={engine.registry}/docker.io/{name},push=true,compression=uncompressed"
    engine.build(folder, text, output)


def _has(engine: PlainEngine, name: str, tag: str) -> bool:
    url = f"http://{engine.registry}/v2/docker.io/{name}/manifests/{tag}"
    accepted = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
    request = urllib.request.Request(url, method="HEAD", headers={"Accept": accepted})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return False
        raise
