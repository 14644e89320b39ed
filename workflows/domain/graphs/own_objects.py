"""Objects given as YAML: the name their own kind may have, and the labels and annotations that are KubeOrch's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from clusters.domain.labels import PREFIX
from clusters.domain.objects import Ref
from kubeorch.base.errors import InvalidInput
from workflows.domain.graphs.graph import Node
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.formats import FORMATS
from workflows.domain.kinds.kind import Kind, NameRule

_RULES: Mapping[tuple[str, str], NameRule] = {
    ("", "Namespace"): NameRule(FORMATS["dns_label"], 63),
    ("", "Service"): NameRule(FORMATS["dns_1035_label"], 63),
}
_RBAC = NameRule(FORMATS["path_segment"], 253)
_METADATA = (
    "metadata",
    "spec.template.metadata",
    "spec.jobTemplate.metadata",
    "spec.jobTemplate.spec.template.metadata",
)
_SHOWN = 20


def name_rule(node: Node, kind: Kind) -> NameRule:
    """How the object of a node may be named: by the kind in its YAML when it is given as YAML.

    Source: Kubernetes docs, "Object Names and IDs"; RBAC names are path segments and may have colons.
    """
    if kind.kind:
        return kind.name
    for name in kind.yaml_parameters:
        try:
            content = node.yaml(name)
        except InvalidInput:
            continue
        group = Ref(str(content.get("apiVersion", "")), "", "", "").group
        if group == "rbac.authorization.k8s.io":
            return _RBAC
        return _RULES.get((group, str(content.get("kind"))), kind.name)
    return kind.name


def check_reserved(node: Node, kind: Kind, path: str, found: list[FieldProblem]) -> None:
    """Append the labels and annotations of a person that only KubeOrch may write."""
    for name in ("labels", "annotations", "pod_labels", "pod_annotations"):
        found += _reserved(node.parameters.get(name), f"{path}.{name}")
    if kind.kind:
        return
    for name in kind.yaml_parameters:
        try:
            content = node.yaml(name)
        except InvalidInput:
            continue
        for keys in _METADATA:
            metadata = _at(content, keys)
            if isinstance(metadata, dict):
                for part in ("labels", "annotations"):
                    found += _reserved(metadata.get(part), f"{path}.{name}")


def _reserved(values: Any, path: str) -> Iterator[FieldProblem]:
    if not isinstance(values, dict):
        return
    for key in islice((key for key in values if key.startswith(PREFIX)), _SHOWN):
        detail = f"KubeOrch recognizes its objects by {key[:60]}; remove it"
        yield FieldProblem("label.reserved", f"{path}.{key[:60]}", detail)


def _at(value: Any, keys: str) -> Any:
    for key in keys.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
