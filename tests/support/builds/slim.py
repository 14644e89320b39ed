"""Base images that are small and quickly made: a program of Debian's with what it needs, and no system around it.

`python -m tests.support.builds.slim` makes them, once, into the cache of the machine: Debian's archive is asked, which
takes some seconds. Elsewhere nothing but the cache is read.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.support.builds.plain_engine import IMAGES

NGINX = IMAGES / "nginx-slim-1.tar"
"""The number goes up when what is in it changes."""
KEPT = re.compile(
    r"(?:usr/)?(?:lib(?:32|64|x32)?|bin|sbin)\Z"  # links, where the system has merged them
    r"|usr/sbin/nginx\Z|etc/nginx/mime\.types\Z"
    r"|(?:usr/)?lib(?:64)?/(?:[a-z0-9_]+-linux-gnu/)?[^/]+\.so(?:\.[0-9.]+)?\Z"
)
APPLETS = ("sh", "rm", "ls", "cat", "mkdir", "cp", "mv", "chown", "chmod", "test", "id", "env", "sleep")
USERS = "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n"
GROUPS = "root:x:0:\nnginx:x:101:\n"
FOLDERS = {"tmp": 0o1777, "usr/share/nginx/html": 0o755, "var/log/nginx": 0o755, "var/lib/nginx": 0o755, "proc": 0o555}


def lacking() -> list[str]:
    """Why the base images are not there, and cannot be made, each a phrase; empty: all is well."""
    if NGINX.exists():
        return []
    wanted = {"mmdebstrap": "mmdebstrap", "busybox": "busybox-static"}
    return [f"{name} (apt-get install {package})" for name, package in wanted.items() if shutil.which(name) is None]


def to_make() -> list[str]:
    return [] if NGINX.exists() else ["nginx:1.28 of Debian's packages (python -m tests.support.builds.slim)"]


def nginx_layer() -> Path:
    """nginx:1.28: Debian's own nginx, which is older, with the user and the folders of the official image, and a shell.
    It has to be made before."""
    assert NGINX.exists(), to_make()
    return NGINX


def make() -> None:
    """All that are not there yet."""
    if NGINX.exists():
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=IMAGES) as folder:
        whole, part = Path(folder) / "whole.tar", Path(folder) / "part.tar"
        command = ["mmdebstrap", "--quiet", "--variant=extract", "--include=nginx-light", "bookworm", str(whole)]
        subprocess.run(command, check=True)
        _reduce(whole, part)
        part.rename(NGINX)


def _reduce(whole: Path, part: Path) -> None:
    with tarfile.open(whole) as source, tarfile.open(part, "w") as target:
        for entry in source:
            entry.name = entry.name.removeprefix("./")
            if KEPT.fullmatch(entry.name) and not entry.isdir():
                target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
        busybox = Path(shutil.which("busybox") or "").read_bytes()
        _add(target, "usr/bin/busybox", busybox, 0o755)
        links = {f"usr/bin/{name}": "busybox" for name in APPLETS}
        for name, to in (links if "bin" in target.getnames() else {"bin": "usr/bin", **links}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, to
            target.addfile(link)
        for name, mode in FOLDERS.items():
            made = tarfile.TarInfo(name)
            made.type, made.mode = tarfile.DIRTYPE, mode
            target.addfile(made)
        _add(target, "etc/passwd", USERS.encode())
        _add(target, "etc/group", GROUPS.encode())


def _add(target: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    target.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    if missing := lacking():
        sys.exit(f"no base image can be made: {'; '.join(missing)}")
    make()
    print(NGINX)
