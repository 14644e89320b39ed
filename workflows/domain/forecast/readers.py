"""Who reads a key of a ConfigMap or Secret, and how a new value of it arrives there.

A container reads variables, and files that are mounted by a sub-path, only when it starts; other mounted files follow
within about a minute, but an init container has ended by then. Pods whose template carries the digest of what they
read are replaced, so all of their containers get it at once. `tests/node` holds this against real containers.

Sources: Kubernetes docs, "ConfigMaps", sections "Mounted ConfigMaps are updated automatically" and "Immutable
ConfigMaps"; "Secrets"; "Projected Volumes"; "Configure a Pod to Use a ConfigMap". That a container which starts again
has the new file of a sub-path: kubernetes/kubernetes pull request 89629, since 1.19.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
from workflows.domain.rendering.plan import RenderedObject
from workflows.domain.rendering.restarts import Read

READERS_MOST = 5_000


class Arrival(StrEnum):
    """When a running container has the new value."""

    NEVER = "never"
    """It is immutable: a new value needs an object of another name."""
    RESTART = "restart"
    """When the container starts again."""
    MINUTE = "minute"
    """In about a minute, by itself."""
    REPLACED = "replaced"
    """At once: the run that changes the value replaces the pods."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in which one container reads one key, or all of them."""

    node_id: str
    ref: Ref
    """The workload."""
    container: str
    way: str
    """`env`, `env_from`, `file`, `sub_path` or `image_pull`."""
    where: str
    """The variable, or the path of the file or folder in the container."""
    key: str
    """The key that is read, "" for all."""
    optional: bool
    """The container starts without it, too."""
    arrival: Arrival
    reason: str


@dataclass(frozen=True, slots=True)
class _Source:
    """The object whose readers are asked for."""

    kind: str
    namespace: str
    name: str
    key: str | None

    def is_named(self, row: Mapping[str, Any], field: str = "name") -> bool:
        return row.get(field) == self.name

    def wants(self, key: str) -> bool:
        return self.key is None or self.key == key


_WAYS: Mapping[str, tuple[str, str, str, str, str]] = {
    "ConfigMap": ("configMapKeyRef", "configMapRef", "configMap", "name", "configMap"),
    "Secret": ("secretKeyRef", "secretRef", "secret", "secretName", "secret"),
}
"""How a pod names it: a key for a variable, all keys, a volume, the field of that, a projected source."""
_ARRIVALS: Mapping[str, tuple[Arrival, str]] = {
    "env": (Arrival.RESTART, "a container reads variables when it starts"),
    "env_from": (Arrival.RESTART, "a container reads variables when it starts"),
    "file": (Arrival.MINUTE, "the kubelet updates mounted files within about a minute"),
    "sub_path": (
        Arrival.RESTART,
        "a file that is mounted by subPath is not updated in a running container; one that starts again has it",
    ),
    "image_pull": (Arrival.RESTART, "it is read when an image is pulled for a new pod"),
}
_ONCE = (Arrival.RESTART, "an init container runs only when its pod starts")


def readers_of(
    source: Ref,
    key: str | None,
    rendered: Iterable[RenderedObject],
    *,
    reads: Mapping[str, Iterable[Read]] | None = None,
) -> list[Reader]:
    """All that read a key of a ConfigMap or Secret (None: any key), in the order of the objects.

    `rendered` are all objects that may read it, its own manifest among them if it is drawn; they may be of several
    workflows. `reads` says by node of a workload which reads stand in the digest of its pod template; without it no
    pod is said to be replaced. Of a kind other than these two nothing is read. Linear in the size of the objects.
    """
    objects = list(rendered)
    if source.kind not in _WAYS or source.group:
        return []
    own = next((one for one in objects if one.ref.identity == source.identity), None)
    wanted = _Source(source.kind, source.namespace, source.name, key)
    found: list[Reader] = []
    for one in objects:
        pod = pod_of(one.manifest)
        if pod is None or one.ref.namespace != source.namespace:
            continue
        digest = tuple((reads or {}).get(one.node_id, ())) if own is not None else ()
        for reader in _in_pod(one, pod, wanted):
            found.append(_arrival(reader, own.manifest if own else None, own.node_id if own else "", digest))
            if len(found) == READERS_MOST:
                return found
    return found


def pod_of(manifest: Manifest) -> Mapping[str, Any] | None:
    """The spec of the pods that an object makes; None when it makes none."""
    spec = mapping(manifest.get("spec"))
    if manifest.get("kind") == "Pod":
        return spec
    if manifest.get("kind") == "CronJob":
        spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    pod = mapping(spec.get("template")).get("spec")
    return pod if isinstance(pod, dict) and isinstance(pod.get("containers"), list) else None


def _arrival(reader: Reader, own: Manifest | None, node_id: str, digest: Iterable[Read]) -> Reader:
    if own is not None and own.get("immutable") is True:
        return replace(
            reader, arrival=Arrival.NEVER, reason="it is immutable: a new value needs an object of another name"
        )
    in_digest = any(
        read.node_id == node_id and (read.keys is None or not reader.key or reader.key in read.keys) for read in digest
    )
    if in_digest:
        why = "its pods are replaced when what they read at their start changes"
        return replace(reader, arrival=Arrival.REPLACED, reason=why)
    return reader


def _in_pod(one: RenderedObject, pod: Mapping[str, Any], source: _Source) -> Iterator[Reader]:
    files = {
        text(volume.get("name")): keys for volume in mappings(pod.get("volumes")) if (keys := _files(volume, source))
    }
    for group in ("initContainers", "containers"):
        for container in mappings(pod.get(group)):
            runs_once = group == "initContainers" and container.get("restartPolicy") != "Always"
            for way, where, key, optional in _in_container(container, files, source):
                arrival, reason = _ONCE if runs_once else _ARRIVALS[way]
                name = text(container.get("name"))
                yield Reader(one.node_id, one.ref, name, way, where, key, optional, arrival, reason)
    if source.kind == "Secret" and source.wants(".dockerconfigjson"):
        for row in mappings(pod.get("imagePullSecrets")):
            if source.is_named(row):
                arrival, reason = _ARRIVALS["image_pull"]
                yield Reader(one.node_id, one.ref, "", "image_pull", "", ".dockerconfigjson", True, arrival, reason)


_OPEN = "$("
_VARIABLE = re.compile(r"\$\(([^()]{1,256})\)")
PATH_MOST = 4096
"""PATH_MAX of Linux: no container starts with a longer sub-path."""
Found = tuple[str, str, str, bool]
"""(way, where, key, optional)."""
Files = list[tuple[str, str, bool]]
"""(key, path in the volume, optional); the key "" stands for all, each a file of its name."""


def _in_container(container: Mapping[str, Any], files: Mapping[str, Files], source: _Source) -> Iterator[Found]:
    by_key, all_keys = _WAYS[source.kind][:2]
    for variable in mappings(container.get("env")):
        row = mapping(mapping(variable.get("valueFrom")).get(by_key))
        if source.is_named(row) and source.wants(text(row.get("key"))):
            yield "env", text(variable.get("name")), text(row.get("key")), row.get("optional") is True
    for variables in mappings(container.get("envFrom")):
        row = mapping(variables.get(all_keys))
        if source.is_named(row):
            prefix = text(variables.get("prefix"))
            yield "env_from", f"{prefix}{source.key or '*'}", source.key or "", row.get("optional") is True
    values = {text(row.get("name")): text(row.get("value")) for row in mappings(container.get("env")) if "value" in row}
    for mount in mappings(container.get("volumeMounts")):
        folder = text(mount.get("mountPath"))
        part = text(mount.get("subPath")) or _expanded(text(mount.get("subPathExpr")), values)
        for key, path, optional in files.get(text(mount.get("name")), ()):
            path = path or source.key or ""
            if not part:
                yield "file", _joined(folder, path), key or source.key or "", optional
            elif _OPEN in part:
                yield "sub_path", folder, key or source.key or "", optional
            elif not path or f"{path}/".startswith(f"{part.strip('/')}/"):
                below = path[len(part.strip("/")) :].strip("/")
                yield "sub_path", _joined(folder, below), key or source.key or "", optional


def _expanded(part: str, values: Mapping[str, str]) -> str:
    """The sub-path with the variables that have plain values; what others hold is known only once it runs. One that
    would be longer than any path stays as it is."""
    length = len(part)
    for found in _VARIABLE.finditer(part):
        length += len(values.get(found[1], found[0])) - len(found[0])
    if length > PATH_MOST:
        return part
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), part)


def _files(volume: Mapping[str, Any], source: _Source) -> Files:
    """The files of a volume that hold what is asked for."""
    _, _, kind, field, projected = _WAYS[source.kind]
    row = mapping(volume.get(kind))
    found = list(_items(row, source)) if source.is_named(row, field) else []
    for part in mappings(mapping(volume.get("projected")).get("sources")):
        row = mapping(part.get(projected))
        if source.is_named(row):
            found += _items(row, source)
    return found


def _items(row: Mapping[str, Any], source: _Source) -> Iterator[tuple[str, str, bool]]:
    optional = row.get("optional") is True
    if row.get("items") is None:
        yield "", "", optional
    for item in mappings(row.get("items")):
        if source.wants(text(item.get("key"))):
            yield text(item.get("key")), text(item.get("path")), optional


def _joined(folder: str, path: str) -> str:
    return f"{folder.rstrip('/')}/{path}" if path else folder
