"""What of the objects a person wished for: not what the cluster wrote into them, nor objects that others make.

Each thing that is left out is named with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.labels import PREFIX
from clusters.domain.objects import GroupKind, Manifest, Ref
from clusters.domain.reading import mapping
from clusters.domain.secret_copies import copies_in, is_copy, texts_of
from imports.domain.manifests.objects import Written
from workflows.domain.kinds.printed import as_wished, printed
from workflows.domain.rendering.claims import ClaimsMade, claims_made

NOISE: Mapping[GroupKind, str] = {
    GroupKind("", "Event"): "the cluster reports by it, and nobody applies it",
    GroupKind("events.k8s.io", "Event"): "the cluster reports by it, and nobody applies it",
    GroupKind("apps", "ControllerRevision"): "its controller makes it",
    GroupKind("coordination.k8s.io", "Lease"): "a running program holds it",
    GroupKind("", "Node"): "it is a machine of the cluster",
    GroupKind("storage.k8s.io", "CSIStorageCapacity"): "the driver of a storage reports by it",
    GroupKind("metrics.k8s.io", "PodMetrics"): "it measures, and holds nothing",
}
"""Kinds that nobody applies, each with the reason."""
_MADE_FOR_A_SERVICE = "the cluster makes it for its Service"
_SLICE_CONTROLLERS = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")
"""Source: Kubernetes docs, "EndpointSlices", section "Management"."""
_NAMED = {
    ("", "ServiceAccount", "default"): "each namespace has it by itself",
    ("", "ConfigMap", "kube-root-ca.crt"): "each namespace has it by itself",
    ("", "ConfigMap", "openshift-service-ca.crt"): "each namespace has it by itself",
}
_RELEASE = "helm.sh/release.v1"
SECRETS_OF_OTHERS: Mapping[str, str] = {
    "kubernetes.io/service-account-token": "the cluster fills it for a ServiceAccount",
    _RELEASE: "Helm keeps in it what it installed",
    "bootstrap.kubernetes.io/token": "nodes join the cluster by it",
}
"""By their types. But for those of Helm, people write such Secrets, too."""
_WHY = {
    "status": "the cluster reports by it",
    "metadata.managedFields": "the cluster keeps who owns a field",
    "metadata.ownerReferences": "it binds the object to one that another cluster lacks",
    "metadata.finalizers": "the cluster sets it while the object is in use",
    "spec.clusterIP": "the cluster assigned the address",
    "spec.clusterIPs": "the cluster assigned the addresses",
    "spec.volumeName": "the cluster bound the claim to it",
    "spec.nodeName": "the scheduler chose it",
    "spec.selector": "the cluster makes it with the Job",
    "spec.template": "the cluster labels the pods of a Job",
    "spec.healthCheckNodePort": "the cluster assigned the port",
}


_METADATA: tuple[tuple[str, ...], ...] = (
    ("metadata",),
    ("spec", "template", "metadata"),
    ("spec", "jobTemplate", "metadata"),
    ("spec", "jobTemplate", "spec", "template", "metadata"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An object as a person wants it, and the paths of it that are not in that, each with the reason."""

    written: Written
    manifest: Manifest
    left_out: tuple[tuple[str, str], ...]
    """What others write by themselves."""
    dropped: tuple[tuple[str, str], ...] = ()
    """What a person may have written."""

    @property
    def ref(self) -> Ref:
        return self.written.ref


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An object that becomes no node."""

    written: Written
    why: str
    is_lost: bool = False
    """Whether it says something that a person wanted."""


def wishes_of(objects: Iterable[Written], *, at_home: bool = False) -> tuple[list[Wish], list[LeftOut]]:
    """The objects to draw, and those that others make. Those `at_home` stay where they are, with their node ports."""
    found = list(objects)
    sets = {(one.ref.namespace, one.ref.name): made for one in found if (made := claims_made(one.manifest)) is not None}
    services = {
        (one.ref.namespace, one.ref.name): bool(mapping(one.manifest.get("spec")).get("selector"))
        for one in found
        if (one.ref.group, one.ref.kind) == ("", "Service")
    }
    wishes: list[Wish] = []
    left_out: list[LeftOut] = []
    for one in found:
        why = _why_left_out(one, sets, services)
        if why:
            more = "" if at_home else _lost_with(one)
            left_out.append(LeftOut(one, f"{why}{more}", bool(more)))
        else:
            wishes.append(_wish(one, at_home=at_home))
    return wishes, left_out


def _lost_with(one: Written) -> str:
    """What of an object that each namespace has is lost with it: that its pods pull images, or get no token."""
    own = [key for key in ("imagePullSecrets", "automountServiceAccountToken") if key in one.manifest]
    if not own or (one.ref.group, one.ref.kind) != ("", "ServiceAccount"):
        return ""
    return f"; let pods say {' and '.join(own)}, or run as a ServiceAccount of their own"


def _is_made_for_a_service(one: Written, services: Mapping[tuple[str, str], bool]) -> bool:
    """Whether a controller keeps it. Of a Service without a selector people name the addresses themselves.

    `services` says of each whether it has a selector; what is written for one that is not among the files, somebody
    wants. Source: Kubernetes docs, "Service", "Services without selectors".
    """
    if one.ref.kind == "Endpoints":
        return services.get((one.ref.namespace, one.ref.name), _was_there(one))
    labels = mapping(one.manifest["metadata"].get("labels"))
    manager = labels.get("endpointslice.kubernetes.io/managed-by")
    if manager is not None:
        return manager in _SLICE_CONTROLLERS
    return services.get((one.ref.namespace, str(labels.get("kubernetes.io/service-name"))), _was_there(one))


def _was_there(one: Written) -> bool:
    """Whether a cluster printed it; else somebody wrote it."""
    return "uid" in one.manifest["metadata"]


def _why_of_secret(one: Written) -> str:
    type_ = str(one.manifest.get("type"))
    return SECRETS_OF_OTHERS.get(type_, "") if type_ == _RELEASE or _was_there(one) else ""


def _why_left_out(
    one: Written, sets: Mapping[tuple[str, str], ClaimsMade], services: Mapping[tuple[str, str], bool]
) -> str:
    ref, metadata = one.ref, one.manifest["metadata"]
    if why := NOISE.get(GroupKind(ref.group, ref.kind)) or _NAMED.get((ref.group, ref.kind, ref.name)):
        return why
    if ref.kind in ("Endpoints", "EndpointSlice") and _is_made_for_a_service(one, services):
        return _MADE_FOR_A_SERVICE
    if (ref.group, ref.kind, ref.name, ref.namespace) == ("", "Service", "kubernetes", "default"):
        return "it is the cluster's own API"
    if (ref.group, ref.kind) == ("", "Secret") and (why := _why_of_secret(one)):
        return why
    owners = metadata.get("ownerReferences")
    for owner in owners if isinstance(owners, list) else ():
        if isinstance(owner, dict) and owner.get("controller"):
            return f"{owner.get('kind')} {owner.get('name')} makes it"
    if (ref.group, ref.kind) == ("", "PersistentVolumeClaim"):
        for (namespace, name), made in sets.items():
            if namespace == ref.namespace and made.has_made(name, one.manifest):
                return f"StatefulSet {name} makes it"
    return ""


def _wish(one: Written, *, at_home: bool) -> Wish:
    names = printed(one.manifest)
    manifest: Manifest = as_wished(one.manifest) if names else dict(one.manifest)
    left_out = [(name, _WHY.get(name, _why_of(name))) for name in names]
    dropped: list[tuple[str, str]] = []
    if "status" in manifest:
        del manifest["status"]
        left_out.append(("status", _WHY["status"]))
    if addresses := _addresses(manifest):
        manifest["spec"] = {key: value for key, value in manifest["spec"].items() if key not in addresses}
        left_out += [(f"spec.{key}", _WHY[f"spec.{key}"]) for key in addresses]
    if "uid" in one.manifest["metadata"] and not at_home:
        manifest, assigned = _without_node_ports(manifest)
        left_out += [(path, "the cluster assigned it, and another cluster may have given it away") for path in assigned]
    manifest, own = _without_ours(manifest, _METADATA)
    left_out += [(path, "KubeOrch writes it") for path in own]
    if (one.ref.group, one.ref.kind) == ("", "Secret"):
        manifest, copies = _without_copies(manifest, one.manifest)
        dropped += [(path, "it holds a value of the Secret, or a copy of it") for path in copies]
    metadata = dict(manifest["metadata"])
    finalizers = metadata.get("finalizers")
    if isinstance(finalizers, list) and "uid" in one.manifest["metadata"]:
        own = [name for name in finalizers if not str(name).partition("/")[0].endswith("kubernetes.io")]
        if own != finalizers:
            left_out.append(("metadata.finalizers", _WHY["metadata.finalizers"]))
            metadata["finalizers"] = own
        if not own:
            del metadata["finalizers"]
    if not at_home and metadata.pop("generateName", None) is not None:
        left_out.append(("metadata.generateName", "runs apply one object of this name, where Helm makes new ones"))
    manifest["metadata"] = metadata
    return Wish(one, manifest, tuple(left_out), tuple(dropped))


def _addresses(manifest: Manifest) -> list[str]:
    """Where a Service has the addresses of its cluster, also one that somebody has cleared of its uid: another cluster
    refuses them. A headless one says so by its address."""
    spec = manifest.get("spec")
    if (manifest["apiVersion"], manifest["kind"]) != ("v1", "Service") or not isinstance(spec, Mapping):
        return []
    return [key for key in ("clusterIP", "clusterIPs") if spec.get(key) not in (None, "", "None", [], ["None"])]


def _without_node_ports(manifest: Manifest) -> tuple[Manifest, list[str]]:
    """A Service without the ports of nodes, whether its cluster or a person chose them, and their paths."""
    spec = manifest.get("spec")
    if (manifest["apiVersion"], manifest["kind"]) != ("v1", "Service") or not isinstance(spec, Mapping):
        return manifest, []
    given = spec.get("ports")
    ports: list[Any] = given if isinstance(given, list) else []
    found = [index for index, port in enumerate(ports) if isinstance(port, dict) and "nodePort" in port]
    if not found:
        return manifest, []
    own = [
        {key: value for key, value in port.items() if key != "nodePort"} if index in found else port
        for index, port in enumerate(ports)
    ]
    return {**manifest, "spec": {**spec, "ports": own}}, [f"spec.ports[{index}].nodePort" for index in found]


def _without_copies(secret: Manifest, original: Manifest) -> tuple[Manifest, list[str]]:
    """A Secret without the labels and annotations in which its values stand, and their paths."""
    metadata, found = dict(secret["metadata"]), []
    texts = texts_of(original)
    for part in ("labels", "annotations"):
        rows = metadata.get(part)
        if not isinstance(rows, dict):
            continue
        copies = copies_in(rows, texts)
        found += [f"metadata.{part}.{key if not is_copy(key, texts) else '…'}" for key in rows if key in copies]
        if copies:
            metadata[part] = {key: text for key, text in rows.items() if key not in copies}
    return {**secret, "metadata": metadata}, found


def _without_ours(value: Mapping[str, Any], places: tuple[tuple[str, ...], ...]) -> tuple[dict[str, Any], list[str]]:
    """An object without the labels and annotations of KubeOrch, and their paths; what its selector needs stays."""
    out = dict(value)
    found: list[str] = []
    selector = value.get("spec", {}).get("selector") if isinstance(value.get("spec"), Mapping) else None
    if PREFIX in str(selector):
        places = places[:1]
    for place in places:
        holders: list[dict[str, Any]] = [out]
        for step in place:
            inner = holders[-1].get(step)
            if not isinstance(inner, Mapping):
                break
            holders.append(dict(inner))
        else:
            own = _cleared(holders[-1])
            found += [f"{'.'.join(place)}.{path}" for path in own]
            for holder, step, inner in zip(holders, place, holders[1:], strict=False) if own else ():
                holder[step] = inner
    return out, found


def _cleared(metadata: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for part in ("labels", "annotations"):
        values = metadata.get(part)
        if isinstance(values, dict) and any(key.startswith(PREFIX) for key in values):
            found += [f"{part}.{key}" for key in values if key.startswith(PREFIX)]
            metadata[part] = {key: value for key, value in values.items() if not key.startswith(PREFIX)}
    return found


def _why_of(path: str) -> str:
    return "kubectl or a controller wrote it" if path.startswith("metadata.annotations") else "the cluster wrote it"
