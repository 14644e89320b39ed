"""BuildKit as an image, made like its rootless one: of this machine's programs and what they need, no system around.

Its programs that map users have file capabilities where Debian's have the setuid bit, which a pod may not use.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.builds.plain_engine import program
from tests.support.node.image import APPLETS
from tests.support.node.programs import system
from tests.support.registry import Registry

HOST = "node.kubeorch.test"
NAME = f"{HOST}/buildkit:rootless"
PROGRAMS = {"rootlesskit": "rootlesskit", "newuidmap": "uidmap", "newgidmap": "uidmap", "runc": "runc"}
"""With the packages that they are in."""
_CAPABILITIES = {"newuidmap": 7, "newgidmap": 6}
"""CAP_SETUID and CAP_SETGID. Source: capabilities(7)."""
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")
_ID = 1000
_FOLDERS = {
    **dict.fromkeys(("bin", "usr", "usr/bin", "etc", "home", "run", "run/user", "proc", "lib", "lib64"), (0o755, 0)),
    "tmp": (0o1777, 0),
    "run/user/1000": (0o700, _ID),
    "home/user": (0o755, _ID),
    "home/user/.local": (0o755, _ID),
    "home/user/.local/share": (0o755, _ID),
}
_FILES = {
    "etc/passwd": f"root:x:0:0:root:/root:/bin/sh\nuser:x:{_ID}:{_ID}:user:/home/user:/bin/sh\n",
    "etc/group": f"root:x:0:\nuser:x:{_ID}:\n",
    "etc/subuid": "user:100000:65536\n",
    "etc/subgid": "user:100000:65536\n",
}
_ENV = ("PATH=/usr/bin:/bin", "HOME=/home/user", "USER=user", "XDG_RUNTIME_DIR=/run/user/1000", "TMPDIR=/tmp")


def lacking() -> list[str]:
    """What it is made of and is not on this machine, each a phrase; empty: all is there."""
    found = [f"{name} (apt-get install {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]
    own = [name for name in ("buildkitd", "buildctl") if program(name) is None]
    return [*found, *(f"{name} (python -m builds.engines.local prepare)" for name in own)]


def push(registry: Registry, folder: Path) -> None:
    """Have the registry give it, to nodes that take it for HOST."""
    layer = folder / "layer.tar"
    _write_layer(layer)
    runs = {"User": str(_ID), "Env": list(_ENV), "Entrypoint": ["rootlesskit", "buildkitd"]}
    registry.push("buildkit", "rootless", content=layer.read_bytes(), runs=runs)
    layer.unlink()


def _write_layer(path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, (mode, owner) in _FOLDERS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
            tar.addfile(entry)
        for name, text in _FILES.items():
            _add(tar, name, text.encode())
        for name, place in _files().items():
            _add(tar, name, place.read_bytes(), 0o755)
        for name in APPLETS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)


def _files() -> Mapping[str, Path]:
    found = {f"usr/bin/{name}": system(name) for name in PROGRAMS}
    libraries = {library for place in found.values() for library in _libraries(place)}
    found |= {f"usr/bin/{name}": path for name in ("buildkitd", "buildctl") if (path := program(name)) is not None}
    return {**found, "bin/busybox": system("busybox"), **{str(one).lstrip("/"): one for one in libraries}}


def _libraries(place: Path) -> list[Path]:
    said = subprocess.run(["ldd", str(place)], capture_output=True, text=True, check=True).stdout
    return [Path(one) for one in _LIBRARY.findall(said)]


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    if (number := _CAPABILITIES.get(Path(name).name)) is not None:
        entry.pax_headers = {"SCHILY.xattr.security.capability": _capability(number)}
    tar.addfile(entry, io.BytesIO(content))


def _capability(number: int) -> str:
    """Permitted and effective, as the kernel stores it. Source: linux/capability.h, `struct vfs_cap_data`."""
    raw = bytes([1, 0, 0, 2]) + (1 << number).to_bytes(4, "little") + bytes(12)
    return raw.decode("utf-8", "surrogateescape")
