"""Pull secrets: what the nodes of a cluster sign in with to pull the images of an environment's pods.

Each namespace with pods of such images gets one Secret, named after the environment, and its pods name it. Which images
need one is handed in, and so is what stands in it, when it is applied: no drawing, version or release has it.
Source: Kubernetes docs, "Pull an Image from a Private Registry"; "Images", section "Interpretation of config.json".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL, NODE_LABEL, PREFIX
from clusters.domain.objects import Manifest, Ref, group_of
from clusters.domain.reading import mapping, mappings
from kubeorch.base import records
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.secrets import is_secret
from workflows.domain.rendering.waves import wave_of

PULL_LABEL = f"{PREFIX}pull-secret"
CONFIG_KEY = ".dockerconfigjson"
_TEMPLATE = ("spec", "template", "spec")
_PODS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
}
"""Where the spec of a pod stands, by group and kind."""
CONTAINERS = ("initContainers", "containers")


def name_of(environment_id: str) -> str:
    return f"kubeorch-pull-{environment_id}"


def is_pull_secret(manifest: Manifest) -> bool:
    """One of ours: nobody else may set that label."""
    return is_secret(manifest) and PULL_LABEL in mapping(mapping(manifest.get("metadata")).get("labels"))


def images_in(manifest: Manifest) -> frozenset[str]:
    """The images of the containers of its pods, as they are written."""
    path = pod_path(manifest)
    pod = _at(manifest, path) if path else {}
    found = {one.get("image") for place in CONTAINERS for one in mappings(pod.get(place))}
    volumes = {mapping(one.get("image")).get("reference") for one in mappings(pod.get("volumes"))}
    return frozenset(one for one in found | volumes if isinstance(one, str) and one)


def pulled(items: Iterable[Rendered]) -> dict[str, frozenset[str]]:
    """The images that nodes pull, by namespace."""
    found: dict[str, frozenset[str]] = {}
    for item in items:
        if images := images_in(item.manifest):
            found[item.ref.namespace] = found.get(item.ref.namespace, frozenset()) | images
    return found


def pulled_by_secret(items: Collection[Rendered]) -> dict[str, frozenset[str]]:
    """As `pulled`, of the namespaces that have a pull secret, of the pods that name it."""
    secrets = {item.ref.namespace: item.ref.name for item in items if is_pull_secret(item.manifest)}
    if not secrets:
        return {}
    naming = [item for item in items if secrets.get(item.ref.namespace) in _named(item.manifest)]
    return {**{namespace: frozenset() for namespace in secrets}, **pulled(naming)}


def with_pull_secrets(
    items: Sequence[Rendered], environment_id: str, needing: Callable[[frozenset[str]], frozenset[str]]
) -> Sequence[Rendered]:
    """The objects with what their images need; `needing` says which images do. In the order of a run."""
    images = frozenset[str]().union(*pulled(items).values())
    needed = needing(images) if images else frozenset[str]()
    if not needed:
        return items
    name, users, out = name_of(environment_id), dict[str, list[str]](), list[Rendered]()
    for item in items:
        if images_in(item.manifest) & needed:
            users.setdefault(item.ref.namespace, []).append(item.node_id)
            item = records.replace(item, manifest=_naming(item.manifest, name))
        out.append(item)
    for namespace, node_ids in users.items():
        manifest = pull_secret(environment_id, namespace, min(node_ids))
        out.append(Rendered(min(node_ids), Ref("v1", "Secret", namespace, name), manifest, wave_of("Secret")))
    out.sort(key=lambda one: (one.wave, one.ref.kind, one.ref.namespace, one.ref.name, one.ref.api_version))
    return out


def pull_secret(environment_id: str, namespace: str, node_id: str) -> Manifest:
    """Without what stands in it. It belongs to one of the nodes whose pods name it."""
    labels = {
        MANAGED_BY_LABEL: MANAGED_BY,
        ENVIRONMENT_LABEL: environment_id,
        NODE_LABEL: node_id,
        PULL_LABEL: "true",
    }
    metadata = {"name": name_of(environment_id), "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/dockerconfigjson"}


def pod_path(manifest: Manifest) -> tuple[str, ...]:
    """Where the spec of its pods stands; () where it has none."""
    return _PODS.get((group_of(str(manifest.get("apiVersion", ""))), str(manifest.get("kind", ""))), ())


def _at(manifest: Manifest, path: Iterable[str]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = manifest
    for key in path:
        found = mapping(found.get(key))
    return found


def _named(manifest: Manifest) -> set[str]:
    """The pull secrets that its pods name."""
    pod = _at(manifest, pod_path(manifest))
    return {name for one in mappings(pod.get("imagePullSecrets")) if isinstance(name := one.get("name"), str)}


def _naming(manifest: Manifest, name: str) -> Manifest:
    """A copy whose pods name that secret after those that people have named."""
    return _with(manifest, pod_path(manifest), name)


def _with(value: Mapping[str, Any], path: Sequence[str], name: str) -> dict[str, Any]:
    if path:
        return {**value, path[0]: _with(value[path[0]], path[1:], name)}
    named = [one for one in mappings(value.get("imagePullSecrets")) if one.get("name") != name]
    return {**value, "imagePullSecrets": [*named, {"name": name}]}
