"""What a Compose project promises its containers, and whether what was seen of them keeps it.

The promises follow from the project as Compose resolves it alone, and from no conversion: what a conversion gets wrong
is a promise that is not kept. Values are compared by their digests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from imports.domain.compose.load import Project
from imports.domain.convert.files import content_at
from imports.domain.convert.hosts_in_texts import is_host
from imports.domain.convert.images import facts_of
from imports.domain.convert.units import text_of, whole_number
from imports.domain.sources import FileTree, Place

Topic = Literal["variable", "file", "folder", "name", "order"]
"""`folder` is one that is written to, `name` one that answers at a port, `order` who starts after whom."""
Verdict = Literal["kept", "broken", "unknown"]
TEXT_MOST = 65_536
"""Characters of a variable that are searched for names."""
_HOST = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)(?::([0-9]{1,5}))?")
_FOLDERS = {"configs": "/", "secrets": "/run/secrets/"}
STARTED, HEALTHY, COMPLETED = "service_started", "service_healthy", "service_completed_successfully"


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that Compose gives a container of a service."""

    service: str
    topic: Topic
    subject: str
    """The variable, the path, name:port, or the service that is waited for."""
    place: Place | None
    digest: str = ""
    """sha256 of the value or the file."""
    condition: str = ""
    """Of an order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What containers said of one topic: by subject, "" or a digest. `why` says what could not be asked."""

    found: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """Of the pods of a service, in seconds; None for what has not happened."""

    started: float | None = None
    """When the first container started."""
    ready: float | None = None
    ended: float | None = None
    again: bool = False
    """Containers were started again, so that the times are not those of the beginning."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a service. `why` says why nothing was."""

    why: str = ""
    answers: Mapping[Topic, Answer] = field(default_factory=dict)
    times: Times = Times()


@dataclass(frozen=True, slots=True)
class Judged:
    promise: Promise
    verdict: Verdict
    reason: str = ""


def promises_of(project: Project, files: FileTree) -> list[Promise]:
    """In the order of the services. Bounded by what a conversion takes."""
    services: Mapping[str, Mapping[str, Any]] = project.model.get("services") or {}
    found: list[Promise] = []
    mounted: dict[str, Mapping[str, str]] = {}
    for name, spec in services.items():
        if "provider" not in spec:
            found += _variables(project, name, spec)
            found += _files(project, files, mounted, name, spec)
            found += _folders(project, name, spec)
            found += _names(project, services, name, spec)
            found += _orders(project, services, name, spec)
    return found


def _place(project: Project, *path: str | int) -> Place | None:
    for length in range(len(path), 0, -1):
        if (found := project.places.get(path[:length])) is not None:
            return found
    return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _variables(project: Project, service: str, spec: Mapping[str, Any]) -> Iterator[Promise]:
    for name, value in (spec.get("environment") or {}).items():
        if value is not None:
            place = _place(project, "services", service, "environment", name)
            yield Promise(service, "variable", name, place, _digest(text_of(value).encode()))


def _files(
    project: Project, files: FileTree, mounted: dict[str, Mapping[str, str]], service: str, spec: Mapping[str, Any]
) -> Iterator[Promise]:
    """`mounted` has what was read of paths that other services mount, too."""
    for at, mount in enumerate(spec.get("volumes") or ()):
        inside = project.relative(text_of(mount.get("source"))) if mount.get("type") == "bind" else None
        if inside is None:
            continue
        if inside not in mounted:
            mounted[inside] = _digests(files, "" if inside == "." else inside)
        place, target = _place(project, "services", service, "volumes", at), text_of(mount.get("target"))
        for path, digest in mounted[inside].items():
            yield Promise(service, "file", f"{target.rstrip('/')}/{path}" if path else target, place, digest)
    for section, folder in _FOLDERS.items():
        settings: Mapping[str, Any] = project.model.get(section) or {}
        for at, row in enumerate(spec.get(section) or ()):
            name = text_of(row.get("source"))
            target = text_of(row.get("target")) or name
            known = _content(project, files, settings.get(name) or {})
            if known is not None:
                path = target if target.startswith("/") else f"{folder}{target}"
                yield Promise(service, "file", path, _place(project, "services", service, section, at), _digest(known))


def _digests(files: FileTree, path: str) -> dict[str, str]:
    """By paths below it; that of a file by ""."""
    content = content_at(files, path)
    if content is None:
        return {}
    return {"" if content.is_file else name: _digest(one) for name, one in content.files.items()}


def _content(project: Project, files: FileTree, settings: Mapping[str, Any]) -> bytes | None:
    """Of a config or secret; None where only the cluster has it."""
    if settings.get("content") is not None:
        return text_of(settings["content"]).encode()
    if name := text_of(settings.get("environment")):
        value = next((one.value for one in project.variables if one.name == name), None)
        return value.encode() if value else None
    inside = project.relative(text_of(settings.get("file")))
    return files.read(inside) if inside else None


def _folders(project: Project, service: str, spec: Mapping[str, Any]) -> Iterator[Promise]:
    for at, mount in enumerate(spec.get("volumes") or ()):
        if mount.get("type") in ("volume", "tmpfs") and not mount.get("read_only"):
            place = _place(project, "services", service, "volumes", at)
            yield Promise(service, "folder", text_of(mount.get("target")), place)
    rows = spec.get("tmpfs") or ()
    for at, row in enumerate([rows] if isinstance(rows, str) else rows):
        path, _, options = text_of(row).partition(":")
        if "ro" not in options.split(","):
            yield Promise(service, "folder", path, _place(project, "services", service, "tmpfs", at))


def _names(
    project: Project, services: Mapping[str, Mapping[str, Any]], service: str, spec: Mapping[str, Any]
) -> Iterator[Promise]:
    """Other services that a variable names as a host, and those that it depends on, at a port that is known."""
    told: dict[str, Place | None] = {}
    named: set[str] = set()
    for variable, value in (spec.get("environment") or {}).items():
        text = text_of(value)[:TEXT_MOST]
        for word in _HOST.finditer(text):
            name = word[1]
            if name == service or name not in services or not is_host(text, word.start(1), word.end(1), variable):
                continue
            if port := word[2] or _port(services[name]):
                place = _place(project, "services", service, "environment", variable)
                told.setdefault(f"{name}:{port}", place)
                named.add(name)
    for name in spec.get("depends_on") or {}:
        other = services.get(name)
        if other is not None and name not in named and (port := _port(other)):
            told[f"{name}:{port}"] = _place(project, "services", service, "depends_on", name)
    for subject, place in told.items():
        yield Promise(service, "name", subject, place)


def _port(spec: Mapping[str, Any]) -> str:
    """The first TCP port that the service says it has, else the one that its image is known for."""
    for row in spec.get("ports") or ():
        if text_of(row.get("protocol") or "tcp") == "tcp" and whole_number(text_of(row.get("target"))) is not None:
            return text_of(row["target"])
    for text in map(text_of, spec.get("expose") or ()):
        number, _, protocol = text.partition("/")
        if protocol in ("", "tcp") and number.isdigit():
            return number
    return next((str(port) for port in facts_of(text_of(spec.get("image"))).ports), "")


def _orders(
    project: Project, services: Mapping[str, Mapping[str, Any]], service: str, spec: Mapping[str, Any]
) -> Iterator[Promise]:
    for name, settings in (spec.get("depends_on") or {}).items():
        if name in services:
            condition = text_of((settings or {}).get("condition")) or STARTED
            place = _place(project, "services", service, "depends_on", name)
            yield Promise(service, "order", name, place, condition=condition)


_MISSING: Mapping[str, str] = {
    "variable": "the container does not have it",
    "file": "it is not there, or the container's user may not read it",
    "folder": "it is not there, or the container's user may not write to it",
    "name": "nothing answers there",
}
_OTHER = {"variable": "its value is another one", "file": "its content is another one"}
NOT_SEEN = Seen("it was not looked at")


def judge(promise: Promise, seen: Mapping[str, Seen]) -> Judged:
    """Whether what was seen of the services, by their names, keeps a promise."""
    own = seen.get(promise.service, NOT_SEEN)
    if promise.topic == "order":
        return _judge_order(promise, own, seen.get(promise.subject, NOT_SEEN))
    answer = own.answers.get(promise.topic)
    if answer is None or answer.why:
        return Judged(promise, "unknown", own.why or (answer.why if answer else NOT_SEEN.why))
    if promise.subject not in answer.found:
        return Judged(promise, "broken", _MISSING[promise.topic])
    if promise.digest and answer.found[promise.subject] != promise.digest:
        return Judged(promise, "broken", _OTHER[promise.topic])
    return Judged(promise, "kept")


def _judge_order(promise: Promise, own: Seen, other: Seen) -> Judged:
    later, times = own.times.started, other.times
    if own.why or other.why:
        return Judged(promise, "unknown", own.why or f"{promise.subject}: {other.why}")
    earlier = {STARTED: times.started, HEALTHY: times.ready, COMPLETED: times.ended}.get(promise.condition)
    if own.times.again or times.again:
        return Judged(promise, "unknown", "containers were started again since, so their first start is not known")
    if later is None or earlier is None:
        return Judged(promise, "unknown", "the cluster does not say when")
    if earlier > later:
        return Judged(promise, "broken", f"it started {earlier - later:.0f} s before that")
    return Judged(promise, "kept")
