"""Names of images, as container engines read them.

Source: Distribution, "reference" (the grammar); Docker docs, "docker image tag" (what a short name stands for).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from kubeorch.base.errors import InvalidInput

DOCKER_HUB = "docker.io"
TEXT_MAX = 1000
PATH_MAX = 255
HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
"""Hosts that all mean Docker Hub."""
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.]{{2,45}}\])(?::[1-9][0-9]{{0,4}})?")


class ImageInvalid(InvalidInput):
    """What was given as an image is not a name of one."""

    code = "image.name"


@dataclass(frozen=True, slots=True)
class Image:
    """Where an image is: all parts written out."""

    host: str
    """As people write it, with a port where it has one; `docker.io` for Docker Hub."""
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        return f"{self.host}/{self.path}"

    @property
    def reference(self) -> str:
        """What its registry is asked for: the digest where there is one, else the tag."""
        return self.digest or self.tag or "latest"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{'@' if self.digest else ''}{self.digest}"


def image_of(text: str, *, field: str = "image") -> Image:
    """`nginx`, `ghcr.io/team/web:1.2@sha256:…`. Raises ImageInvalid, which says how to write it."""
    if not 0 < len(text) <= TEXT_MAX:
        raise ImageInvalid(f"the name of an image has 1 to {TEXT_MAX} characters", field=field)
    named, _, digest = text.partition("@")
    if "@" in text and not _DIGEST.fullmatch(digest):
        raise ImageInvalid("what follows @ is not a digest; write sha256: and 64 hex digits", field=field)
    first, slash, rest = named.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if has_host else (DOCKER_HUB, named)
    path, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise ImageInvalid(f"{tag[:100]!r} is not a tag; use letters, digits and . _ -, 128 at most", field=field)
    host = host_of(host, field=field)
    if host == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return Image(host, path_of(path, field=field), tag, digest)


def host_of(text: str, *, field: str = "host") -> str:
    """The host of a registry in the one form in which hosts are compared. Raises ImageInvalid."""
    name, _, port = text.rpartition(":") if re.search(r":\d+\Z", text) else (text, "", "")
    is_wrong = not _HOST.fullmatch(text) or len(text) > 253 or (port and int(port) > 65535)
    if is_wrong or (name.startswith("[") and not _is_address(name[1:-1])):
        raise ImageInvalid(f"{text[:100]!r} is not the host of a registry; write host.example:5000", field=field)
    host = name.lower() + (f":{port}" if port and port != "443" else "")
    return DOCKER_HUB if host in HUB_NAMES else host


def _is_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def path_of(text: str, *, field: str = "repository") -> str:
    """The path of a repository in its registry. Raises ImageInvalid."""
    if len(text) > PATH_MAX or not _PATH.fullmatch(text):
        raise ImageInvalid(
            f"{text[:100]!r} is not the name of a repository; use lower-case letters and digits, with . _ - between "
            "them and / between its parts",
            field=field,
        )
    return text


def is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None
