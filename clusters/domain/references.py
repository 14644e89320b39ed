"""What an object names in its own fields: the objects it uses, by kind and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clusters.domain.objects import Manifest, group_of
from clusters.domain.reading import mapping, mappings, text

REFERENCES_MOST = 200


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    relation: str
    """What the object does with it, in a word or two: `mounts`, `runs on`."""
    group: str
    kind: str
    namespace: str
    """"" for what has none."""
    name: str


def references_of(manifest: Manifest) -> list[Reference]:
    """In the order of the fields, each once."""
    namespace = text(mapping(manifest.get("metadata")).get("namespace"))
    kind = text(manifest.get("kind"))
    found = dict.fromkeys(_found(kind, manifest, namespace))
    return [one for one in found if one.name][:REFERENCES_MOST]


def _found(kind: str, manifest: Manifest, namespace: str) -> Iterator[Reference]:
    spec = mapping(manifest.get("spec"))
    template = mapping(spec.get("jobTemplate")) or manifest
    pod = spec if kind == "Pod" else mapping(mapping(mapping(template.get("spec")).get("template")).get("spec"))
    yield from _of_pod(pod, namespace)
    if kind == "PersistentVolumeClaim":
        yield Reference("is bound to", "", "PersistentVolume", "", text(spec.get("volumeName")))
        yield Reference("is of", "storage.k8s.io", "StorageClass", "", text(spec.get("storageClassName")))
    if kind == "PersistentVolume":
        claim = mapping(spec.get("claimRef"))
        inside, name = text(claim.get("namespace")), text(claim.get("name"))
        yield Reference("is claimed by", "", "PersistentVolumeClaim", inside, name)
        yield Reference("is of", "storage.k8s.io", "StorageClass", "", text(spec.get("storageClassName")))
    if kind == "HorizontalPodAutoscaler":
        target = mapping(spec.get("scaleTargetRef"))
        group = group_of(text(target.get("apiVersion")))
        yield Reference("scales", group, text(target.get("kind")), namespace, text(target.get("name")))
    if kind == "Ingress":
        yield from _of_ingress(spec, namespace)
    if kind in ("RoleBinding", "ClusterRoleBinding"):
        yield from _of_binding(manifest, namespace)


def _of_pod(pod: object, namespace: str) -> Iterator[Reference]:
    spec = mapping(pod)
    yield Reference("runs on", "", "Node", "", text(spec.get("nodeName")))
    yield Reference("acts as", "", "ServiceAccount", namespace, text(spec.get("serviceAccountName")))
    for row in mappings(spec.get("imagePullSecrets")):
        yield Reference("pulls images with", "", "Secret", namespace, text(row.get("name")))
    for volume in mappings(spec.get("volumes")):
        yield from _of_volume(volume, namespace)
    for container in (*mappings(spec.get("initContainers")), *mappings(spec.get("containers"))):
        for row in mappings(container.get("envFrom")):
            yield Reference("reads", "", "ConfigMap", namespace, text(mapping(row.get("configMapRef")).get("name")))
            yield Reference("reads", "", "Secret", namespace, text(mapping(row.get("secretRef")).get("name")))
        for row in mappings(container.get("env")):
            source = mapping(row.get("valueFrom"))
            yield Reference(
                "reads", "", "ConfigMap", namespace, text(mapping(source.get("configMapKeyRef")).get("name"))
            )
            yield Reference("reads", "", "Secret", namespace, text(mapping(source.get("secretKeyRef")).get("name")))


def _of_volume(volume: object, namespace: str) -> Iterator[Reference]:
    row = mapping(volume)
    claim = text(mapping(row.get("persistentVolumeClaim")).get("claimName"))
    yield Reference("mounts", "", "PersistentVolumeClaim", namespace, claim)
    for source in (row, *mappings(mapping(row.get("projected")).get("sources"))):
        secret = mapping(source.get("secret"))
        yield Reference("mounts", "", "ConfigMap", namespace, text(mapping(source.get("configMap")).get("name")))
        yield Reference("mounts", "", "Secret", namespace, text(secret.get("secretName")) or text(secret.get("name")))


def _of_ingress(spec: object, namespace: str) -> Iterator[Reference]:
    row = mapping(spec)
    yield Reference("is of", "networking.k8s.io", "IngressClass", "", text(row.get("ingressClassName")))
    backends = [mapping(row.get("defaultBackend"))]
    for rule in mappings(row.get("rules")):
        backends += [mapping(path.get("backend")) for path in mappings(mapping(rule.get("http")).get("paths"))]
    for backend in backends:
        yield Reference("sends to", "", "Service", namespace, text(mapping(backend.get("service")).get("name")))
    for tls in mappings(row.get("tls")):
        yield Reference("takes its certificate from", "", "Secret", namespace, text(tls.get("secretName")))


def _of_binding(manifest: Manifest, namespace: str) -> Iterator[Reference]:
    role = mapping(manifest.get("roleRef"))
    kind = text(role.get("kind"))
    inside = namespace if kind == "Role" else ""
    yield Reference("gives", "rbac.authorization.k8s.io", kind, inside, text(role.get("name")))
    for subject in mappings(manifest.get("subjects")):
        if subject.get("kind") == "ServiceAccount":
            inside = text(subject.get("namespace")) or namespace  # a RoleBinding means its own
            yield Reference("to", "", "ServiceAccount", inside, text(subject.get("name")))
