"""Objects as a cluster prints them: what the cluster wrote is not a person's wish, and is not sent back.

Sent back, most of it is refused (a Service's address), or binds the object to the one that was printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_METADATA = (
    *("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
    *("generation", "selfLink", "managedFields", "ownerReferences"),
)
"""Source: Kubernetes API reference, ObjectMeta: set by the server. An owner that is gone takes the object with it."""
_ANNOTATIONS = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
)
"""What kubectl and the controllers write; a prefix ends with `/`. Source: Kubernetes docs, "Well-Known Annotations"."""
_JOB_LABELS = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")


def printed(manifest: Any) -> list[str]:
    """The paths of what a cluster wrote into an object, such as `metadata.uid`; [] for one that a person wrote."""
    return _parts(manifest)[1] if isinstance(manifest, Mapping) else []


def as_wished(manifest: Any) -> Any:
    """The object without what `printed` names."""
    return _parts(manifest)[0] if isinstance(manifest, Mapping) else manifest


def _parts(manifest: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    metadata = manifest.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(manifest), []
    dropped = [f"metadata.{key}" for key in _METADATA if key in metadata]
    kept = {key: value for key, value in metadata.items() if key not in _METADATA}
    if isinstance(annotations := kept.get("annotations"), Mapping):
        kept["annotations"] = {key: value for key, value in annotations.items() if not key.startswith(_ANNOTATIONS)}
        dropped += [f"metadata.annotations.{key}" for key in annotations if key not in kept["annotations"]]
        if annotations and not kept["annotations"]:
            del kept["annotations"]
    out = {**manifest, "metadata": kept}
    clear = _OF_KIND.get((str(manifest.get("apiVersion")), str(manifest.get("kind"))))
    if clear is not None and metadata.get("uid") and isinstance(spec := manifest.get("spec"), Mapping):
        out["spec"] = clear(spec)
        dropped += [f"spec.{key}" for key in spec if out["spec"].get(key) != spec[key]]
    return out, dropped


def _without(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda spec: {key: value for key, value in spec.items() if key not in names}


def _service(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A headless Service says so by its address."""
    given = (
        ("healthCheckNodePort",)
        if spec.get("clusterIP") == "None"
        else ("clusterIP", "clusterIPs", "healthCheckNodePort")
    )
    return _without(*given)(spec)


def _job(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The selector of a Job is made with it, and is in the labels of its pods."""
    if spec.get("manualSelector"):
        return dict(spec)
    out = _without("selector")(spec)
    template = out.get("template")
    metadata = template.get("metadata") if isinstance(template, Mapping) else None
    if isinstance(template, Mapping) and isinstance(metadata, Mapping) and isinstance(metadata.get("labels"), Mapping):
        labels = {key: value for key, value in metadata["labels"].items() if key not in _JOB_LABELS}
        out["template"] = {**template, "metadata": {**metadata, "labels": labels}}
    return out


_OF_KIND: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    ("v1", "Service"): _service,
    ("v1", "PersistentVolumeClaim"): _without("volumeName"),
    ("v1", "Pod"): _without("nodeName"),
    ("batch/v1", "Job"): _job,
}
"""What the cluster assigns in the spec of an object; told from a person's own choice by the uid beside it."""
