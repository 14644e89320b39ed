"""`volumes_from`: a service mounts what another one mounts, at the same paths.

Docker does so when it makes the container, so the resolved model still has the names alone. Source: Compose
Specification, 05-services.md, section "volumes_from".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.problems import ImportInvalid

OWNER, ORIGIN, AT = "\0owner", "\0origin", "\0at"
"""Keys of mounts, which no file can write: what a volume without a name is called that services share, and of a mount
that was taken over the service that wrote it, and the position in `volumes_from` of the service that has it now."""
_MOST = 20_000
"""Mounts that all services together take over."""


def share_volumes(work: Work) -> None:
    """Give every service the mounts that it takes over. Raises ImportInvalid for more than pods are given."""
    taken: set[str] = set()
    for workload in work.workloads.values():
        for index, text in enumerate(workload.spec.get("volumes_from") or ()):
            name, _, _ = text_of(text).partition(":")
            if name == "container":
                why = "the container is none of this project; mount its volumes by their names"
                workload.dropped("volumes_from", index, why=why)
            elif name in work.workloads:
                taken.add(name)
                workload.converted("volumes_from", index, why=f"what {name} mounts is mounted here, too")
            else:
                workload.converted("volumes_from", index, why=f"{name} belongs to a profile that was not chosen")
        if workload.spec.get("volumes_from"):
            workload.converted("volumes_from", whole=False)
    if taken:
        done: dict[str, list[Mapping[str, Any]]] = {}
        count = 0
        for name in _origins_first(work):
            done[name] = _mounts(work, name, taken, done)
            count += len(done[name])
            if count > _MOST:
                at = work.place(work.workloads[name].path("volumes_from"))
                detail = f"volumes_from takes over more than {_MOST:,} mounts; name the volumes that services share"
                raise ImportInvalid(detail, at, code="import.too_large")


def _origins_first(work: Work) -> list[str]:
    """The services, each after those whose mounts it takes over."""
    found: dict[str, None] = {}
    for start in work.workloads:
        waiting, above = [start], {start}
        while waiting:
            before = (name for name in _origins(work, waiting[-1]) if name not in found and name not in above)
            if (name := next(before, None)) is None:
                found[waiting.pop()] = None
            else:
                above.add(name)
                waiting.append(name)
    return list(found)


def _origins(work: Work, service: str) -> list[str]:
    names = (text_of(text).partition(":")[0] for text in work.workloads[service].spec.get("volumes_from") or ())
    return [name for name in names if name in work.workloads]


def _mounts(
    work: Work, service: str, taken: set[str], done: Mapping[str, list[Mapping[str, Any]]]
) -> list[Mapping[str, Any]]:
    """The mounts of a service, its own first, which win; each path once."""
    workload = work.workloads[service]
    own = [_owned(workload, mount) if service in taken else mount for mount in workload.spec.get("volumes") or ()]
    found: dict[str, Mapping[str, Any]] = {text_of(mount.get("target")): mount for mount in own}
    for index, text in enumerate(workload.spec.get("volumes_from") or ()):
        name, _, mode = text_of(text).partition(":")
        for mount in done.get(name, ()):
            copy = {ORIGIN: name, **mount, AT: index, **({"read_only": True} if mode == "ro" else {})}
            found.setdefault(text_of(mount.get("target")), copy)
    mounts = [*own, *(mount for mount in found.values() if AT in mount and mount not in own)]
    if mounts:
        workload.spec = {**workload.spec, "volumes": mounts}
    return mounts


def _owned(workload: Workload, mount: Mapping[str, Any]) -> Mapping[str, Any]:
    """A volume without a name gets one, by which the others share it."""
    if mount.get("type") != "volume" or mount.get("source"):
        return mount
    return {**mount, OWNER: f"{workload.service}{text_of(mount.get('target'))}"}


def volume_key(workload: Workload, mount: Mapping[str, Any]) -> str:
    """What tells the volume of a mount without a name from others."""
    return text_of(mount.get(OWNER)) or f"{workload.service}{text_of(mount.get('target'))}"
