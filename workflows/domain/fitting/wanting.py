"""What objects name and expect a cluster to have: classes, accounts, and configuration that nobody drew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings

WANTED_MOST = 200
"""Of one graph."""
FieldPath = tuple[str | int, ...]
_DEPTH_MOST = 30

_CLASSES = {
    "storageClassName": ("storage.k8s.io/v1", "StorageClass"),
    "ingressClassName": ("networking.k8s.io/v1", "IngressClass"),
    "priorityClassName": ("scheduling.k8s.io/v1", "PriorityClass"),
    "runtimeClassName": ("node.k8s.io/v1", "RuntimeClass"),
    "gatewayClassName": ("gateway.networking.k8s.io/v1", "GatewayClass"),
}
"""Of the whole cluster. Source: Kubernetes API reference, as of the table below."""
_BESIDE = {
    ("", "serviceAccountName"): ("v1", "ServiceAccount"),
    ("configMap", "name"): ("v1", "ConfigMap"),
    ("configMapRef", "name"): ("v1", "ConfigMap"),
    ("configMapKeyRef", "name"): ("v1", "ConfigMap"),
    ("secret", "secretName"): ("v1", "Secret"),
    ("secret", "name"): ("v1", "Secret"),
    ("secretRef", "name"): ("v1", "Secret"),
    ("secretKeyRef", "name"): ("v1", "Secret"),
    ("imagePullSecrets", "name"): ("v1", "Secret"),
    ("tls", "secretName"): ("v1", "Secret"),
    ("persistentVolumeClaim", "claimName"): ("v1", "PersistentVolumeClaim"),
    ("parentRefs", "name"): ("gateway.networking.k8s.io/v1", "Gateway"),
}
"""Beside the object in its namespace, by the key above (any for ""), and the key that has the name."""
_EVERYWHERE = frozenset({("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")})


@dataclass(frozen=True, slots=True)
class Wanted:
    ref: Ref
    path: FieldPath
    """The field that has its name."""


def wanted_by(manifest: Manifest, ref: Ref) -> Iterator[Wanted]:
    """What an object of Kubernetes' own kinds names; what may be absent is left out."""
    if "." in ref.group and not ref.group.endswith(".k8s.io"):
        return
    yield from _defaults(manifest, ref)
    yield from _walk(manifest.get("spec"), ("spec",), ref.namespace, 0)


def _defaults(manifest: Manifest, ref: Ref) -> Iterator[Wanted]:
    """The class that counts where none is named; the ref has no name."""
    spec = mapping(manifest.get("spec"))
    claims: list[tuple[FieldPath, Mapping[str, Any]]] = []
    if ref.kind == "PersistentVolumeClaim":
        claims.append((("spec",), spec))
    for index, one in enumerate(mappings(spec.get("volumeClaimTemplates"))):
        claims.append((("spec", "volumeClaimTemplates", index, "spec"), mapping(one.get("spec"))))
    for path, claim in claims:
        if "storageClassName" not in claim and not claim.get("volumeName"):
            yield Wanted(Ref(*_CLASSES["storageClassName"], "", ""), path)
    if ref.kind == "Ingress" and not spec.get("ingressClassName"):
        yield Wanted(Ref(*_CLASSES["ingressClassName"], "", ""), ("spec",))


def _walk(value: Any, path: FieldPath, namespace: str, depth: int) -> Iterator[Wanted]:
    if depth > _DEPTH_MOST:
        return
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _walk(one, (*path, index), namespace, depth + 1)
    elif isinstance(value, Mapping):
        above = next((step for step in reversed(path) if isinstance(step, str)), "")
        if above == "parentRefs":
            if value.get("kind", "Gateway") != "Gateway":
                return
            namespace = str(value.get("namespace") or namespace)
        for key, one in value.items():
            if isinstance(one, str) and one and value.get("optional") is not True:
                if found := _named(str(key), above, one, namespace):
                    yield Wanted(found, (*path, str(key)))
            else:
                yield from _walk(one, (*path, str(key)), namespace, depth + 1)


def _named(key: str, above: str, name: str, namespace: str) -> Ref | None:
    if key in _CLASSES:
        return Ref(*_CLASSES[key], "", name)
    kind = _BESIDE.get((above, key)) or _BESIDE.get(("", key))
    if kind is None or (kind[1], name) in _EVERYWHERE:
        return None
    return Ref(*kind, namespace, name)


def text_of(path: FieldPath) -> str:
    """As in spec.template.spec.containers[0].image."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
