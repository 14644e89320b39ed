"""Which objects name which others: by selectors, backends, mounts, variables, accounts, targets, roles.

Source: Kubernetes API reference, the fields named below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from clusters.domain.objects import Manifest, group_of
from imports.domain.manifests.nodes import Drawn

RBAC = "rbac.authorization.k8s.io"
GATEWAY = "gateway.networking.k8s.io"
_PODS = {
    ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("apps", "ReplicaSet"),
    ("batch", "Job"), ("", "Pod"), ("", "ReplicationController"),
}  # fmt: skip


class Key(NamedTuple):
    """What a reference names."""

    group: str
    kind: str
    namespace: str
    name: str


def pod_spec(manifest: Manifest) -> Mapping[str, Any]:
    """The spec of the pods that a workload makes; empty for what makes none."""
    return _of(_template(manifest), "spec") if manifest.get("kind") != "Pod" else _of(manifest, "spec")


def pod_labels(manifest: Manifest) -> Mapping[str, Any]:
    return _of(_of(manifest if manifest.get("kind") == "Pod" else _template(manifest), "metadata"), "labels")


def _template(manifest: Manifest) -> Mapping[str, Any]:
    spec = _of(manifest, "spec")
    return _of(_of(_of(spec, "jobTemplate"), "spec") if "jobTemplate" in spec else spec, "template")


@dataclass(slots=True)
class Objects:
    """Drawn objects by what they are, and workloads by the labels of their pods."""

    by_key: dict[Key, Drawn]
    by_label: dict[tuple[str, str, str], list[Drawn]]
    home: str
    """The namespace of what names none."""

    @classmethod
    def of(cls, drawn: Iterable[Drawn], home: str) -> Objects:
        found = cls({}, {}, home)
        for one in drawn:
            ref = one.wish.ref
            namespace = found._where(ref.namespace)
            found.by_key[Key(ref.group, ref.kind, namespace, ref.name)] = one
            if (ref.group, ref.kind) in _PODS or ref.kind == "CronJob":
                for label, value in pod_labels(one.wished).items():
                    found.by_label.setdefault((namespace, label, str(value)), []).append(one)
        return found

    def find(self, key: Key) -> Drawn | None:
        return self.by_key.get(key._replace(namespace=self._where(key.namespace)))

    def _where(self, namespace: str) -> str:
        return "" if namespace == self.home else namespace

    def selected(self, namespace: str, labels: Any) -> list[Drawn]:
        """The workloads whose pods have all these labels; none for no labels."""
        if not isinstance(labels, Mapping) or not labels:
            return []
        here = self._where(namespace)
        candidates = [self.by_label.get((here, key, str(value)), []) for key, value in labels.items()]
        fewest = min(candidates, key=len)
        return [one for one in fewest if labels.items() <= pod_labels(one.wished).items()]

    def references(self, one: Drawn) -> list[Drawn]:
        """The drawn objects that `one` names, each once, without itself."""
        found = {other.id: other for key in named(one) if (other := self.find(key)) is not None}
        for labels in _selectors(one):
            found |= {other.id: other for other in self.selected(one.wish.ref.namespace, labels)}
        found.pop(one.id, None)
        return list(found.values())


def named(one: Drawn, *, needed: bool = False) -> Iterator[Key]:
    """What an object names, perhaps several times; with `needed` without that which it does not wait for."""
    ref, manifest = one.wish.ref, one.wished
    spec = _of(manifest, "spec")
    here = ref.namespace
    yield from _of_pods(pod_spec(manifest), here, needed=needed)
    kind = (ref.group, ref.kind)
    if kind == ("networking.k8s.io", "Ingress"):
        for backend in (_of(spec, "defaultBackend"), *_backends(spec)):
            yield Key("", "Service", here, _name(_of(backend, "service")))
        if "ingressClassName" in spec:
            yield Key("networking.k8s.io", "IngressClass", "", str(spec["ingressClassName"]))
        for tls in _each(spec, "tls"):
            yield Key("", "Secret", here, str(tls.get("secretName", "")))
    elif ref.group == GATEWAY:
        for parent in _each(spec, "parentRefs"):
            yield Key(GATEWAY, str(parent.get("kind", "Gateway")), str(parent.get("namespace", here)), _name(parent))
        for rule in _each(spec, "rules"):
            for backend in _each(rule, "backendRefs"):
                kind_of = str(backend.get("kind", "Service"))
                yield Key(str(backend.get("group", "")), kind_of, str(backend.get("namespace", here)), _name(backend))
        for listener in _each(spec, "listeners"):
            for certificate in _each(_of(listener, "tls"), "certificateRefs"):
                yield Key("", "Secret", str(certificate.get("namespace", here)), _name(certificate))
        if "gatewayClassName" in spec:
            yield Key(GATEWAY, "GatewayClass", "", str(spec["gatewayClassName"]))
    elif ref.group == "autoscaling":
        target = _of(spec, "scaleTargetRef")
        yield Key(group_of(str(target.get("apiVersion"))), str(target.get("kind")), here, _name(target))
    elif ref.group == RBAC and ref.kind.endswith("Binding"):
        role = _of(manifest, "roleRef")
        yield Key(RBAC, str(role.get("kind")), here if role.get("kind") == "Role" else "", _name(role))
        for subject in _each(manifest, "subjects"):
            if subject.get("kind") == "ServiceAccount":
                yield Key("", "ServiceAccount", str(subject.get("namespace") or here), _name(subject))
    elif kind == ("apiregistration.k8s.io", "APIService"):
        service = _of(spec, "service")
        yield Key("", "Service", str(service.get("namespace", "")), _name(service))
    elif kind == ("apps", "StatefulSet") and "serviceName" in spec:
        yield Key("", "Service", here, str(spec["serviceName"]))
    elif kind == ("", "PersistentVolumeClaim"):
        yield Key("storage.k8s.io", "StorageClass", "", str(spec.get("storageClassName", "")))
        yield Key("", "PersistentVolume", "", str(spec.get("volumeName", "")))
    elif kind == ("", "ServiceAccount"):
        for secret in _each(manifest, "imagePullSecrets"):
            yield Key("", "Secret", here, _name(secret))


def _selectors(one: Drawn) -> Iterator[Any]:
    ref, spec = one.wish.ref, _of(one.wished, "spec")
    if (ref.group, ref.kind) == ("", "Service"):
        yield spec.get("selector")
    elif (ref.group, ref.kind) == ("policy", "PodDisruptionBudget"):
        yield _labels(spec.get("selector"))
    elif (ref.group, ref.kind) == ("networking.k8s.io", "NetworkPolicy"):
        yield _labels(spec.get("podSelector"))
        for direction, side in (("ingress", "from"), ("egress", "to")):
            for rule in _each(spec, direction):
                for peer in _each(rule, side):
                    if "namespaceSelector" not in peer:
                        yield _labels(peer.get("podSelector"))


def _labels(selector: Any) -> Any:
    return selector.get("matchLabels") if isinstance(selector, Mapping) and set(selector) == {"matchLabels"} else None


def _of_pods(spec: Mapping[str, Any], here: str, *, needed: bool) -> Iterator[Key]:
    if not spec:
        return

    def source(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = _of(of, key)
        return {} if needed and found.get("optional") is True else found

    if "serviceAccountName" in spec:
        yield Key("", "ServiceAccount", here, str(spec["serviceAccountName"]))
    for secret in _each(spec, "imagePullSecrets"):
        yield Key("", "Secret", here, _name(secret))
    for container in (*_each(spec, "initContainers"), *_each(spec, "containers")):
        for one in _each(container, "envFrom"):
            yield Key("", "ConfigMap", here, _name(source(one, "configMapRef")))
            yield Key("", "Secret", here, _name(source(one, "secretRef")))
        for variable in _each(container, "env"):
            value = _of(variable, "valueFrom")
            yield Key("", "ConfigMap", here, _name(source(value, "configMapKeyRef")))
            yield Key("", "Secret", here, _name(source(value, "secretKeyRef")))
    for volume in _each(spec, "volumes"):
        yield Key("", "ConfigMap", here, _name(source(volume, "configMap")))
        yield Key("", "Secret", here, str(source(volume, "secret").get("secretName", "")))
        yield Key("", "PersistentVolumeClaim", here, str(_of(volume, "persistentVolumeClaim").get("claimName", "")))
        for one in _each(_of(volume, "projected"), "sources"):
            yield Key("", "ConfigMap", here, _name(source(one, "configMap")))
            yield Key("", "Secret", here, _name(source(one, "secret")))
    if "priorityClassName" in spec:
        yield Key("scheduling.k8s.io", "PriorityClass", "", str(spec["priorityClassName"]))


def _backends(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for rule in _each(spec, "rules"):
        for path in _each(_of(rule, "http"), "paths"):
            yield _of(path, "backend")


def _name(of: Mapping[str, Any]) -> str:
    return str(of.get("name", ""))


def _of(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _each(value: Any, key: str) -> list[Mapping[str, Any]]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
