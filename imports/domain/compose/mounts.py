"""Mounts in the short syntax. Source: Compose Specification, 05-services.md, "volumes", "Short syntax"."""

from __future__ import annotations

import posixpath
from typing import Any

_PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")


def read_mount(text: str) -> dict[str, Any]:
    """`[source:]target[:options]` in the long syntax. Raises ValueError with what is wrong."""
    if not text:
        raise ValueError("the mount is empty; write source:/path")
    if len(text) <= 2:
        return {"type": "volume", "target": text}
    parts = _parts(text)
    if not all(parts):
        raise ValueError(f"{text[:80]!r} has an empty part between colons")
    if len(parts) > 3:
        raise ValueError(f"{text[:80]!r} has too many colons")
    source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    mount: dict[str, Any] = {"type": "bind" if is_file_path(source) else "volume", "source": source, "target": target}
    bind: dict[str, Any] = {}
    volume: dict[str, Any] = {}
    for option in parts[2].split(",") if len(parts) > 2 else ():
        if option in ("ro", "rw"):
            mount["read_only"] = option == "ro"
        elif option == "nocopy":
            volume["nocopy"] = True
        elif option in _PROPAGATIONS:
            bind["propagation"] = option
        elif option in ("z", "Z"):
            bind["selinux"] = option
    if mount["type"] == "bind":
        bind["create_host_path"] = True
    if bind:
        mount["bind"] = bind
    if volume or mount["type"] == "volume":
        mount["volume"] = volume
    if not source:
        del mount["source"]
    return mount | {"target": posixpath.normpath(target) if target else ""}


def is_file_path(source: str) -> bool:
    """Whether a source is a path, and not the name of a volume."""
    return (source[:1] in (".", "/", "~") and source != "") or source.startswith("\\\\") or _is_drive(source[:2])


def _is_drive(text: str) -> bool:
    return len(text) == 2 and text[0].isalpha() and text[1] == ":"


def _parts(text: str) -> list[str]:
    """The parts between colons; the colon of a Windows drive, and those inside `${…}`, divide nothing."""
    parts = [""]
    depth = 0
    start = 0
    for at, character in enumerate(text):
        if text.startswith("${", at):
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif character == ":" and not depth and not (at - start == 1 and text[start].isalpha()):
            parts[-1] = text[start:at]
            parts.append("")
            start = at + 1
    parts[-1] = text[start:]
    return parts
