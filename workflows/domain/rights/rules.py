"""What the API server says one may do (SelfSubjectRulesReview), and the smallest roles for what one needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubeorch.base.yaml_writing import dump_all
from workflows.domain.rights.needs import OWNED, RBAC, Right

ANY = "*"


def is_allowed(right: Right, rules: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the `resourceRules` gives the right."""
    return any(
        _has(rule.get("verbs"), right.verb)
        and _has(rule.get("apiGroups"), right.group)
        and _has_resource(rule.get("resources"), right.resource)
        and (not rule.get("resourceNames") or (bool(right.name) and _has(rule["resourceNames"], right.name)))
        for rule in rules
        if isinstance(rule, Mapping)
    )


def smallest_roles(rights: Iterable[Right], name: str) -> list[dict[str, Any]]:
    """A ClusterRole for what belongs to the whole cluster, and a Role for each namespace: these rights and no other."""
    by_namespace: dict[str, list[Right]] = {}
    for right in sorted(set(rights)):
        by_namespace.setdefault(right.namespace, []).append(right)
    roles: list[dict[str, Any]] = []
    for namespace, needed in sorted(by_namespace.items()):
        metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
        kind = "Role" if namespace else "ClusterRole"
        roles.append({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": _rules(needed)})
    return roles


def as_yaml(roles: Sequence[Mapping[str, Any]]) -> str:
    """The roles as one YAML file, as `kubectl apply -f` takes it."""
    return dump_all(list(roles))


def _rules(rights: Sequence[Right]) -> list[dict[str, Any]]:
    """One rule for the resources of a group that need the same verbs."""
    verbs_of: dict[tuple[str, str, str], list[str]] = {}
    for right in rights:
        verbs_of.setdefault((right.group, right.name, right.resource), []).append(right.verb)
    resources_of: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (group, name, resource), verbs in verbs_of.items():
        resources_of.setdefault((group, name, tuple(sorted(verbs, key=_in_order))), []).append(resource)
    return [
        {
            "apiGroups": [group],
            "resources": sorted(resources),
            **({"resourceNames": [name]} if name else {}),
            "verbs": list(verbs),
        }
        for (group, name, verbs), resources in sorted(resources_of.items())
    ]


def _in_order(verb: str) -> tuple[int, str]:
    return (OWNED.index(verb) if verb in OWNED else len(OWNED), verb)


def _has(values: Any, wanted: str) -> bool:
    return isinstance(values, list) and (ANY in values or wanted in values)


def _has_resource(values: Any, resource: str) -> bool:
    return _has(values, resource) or ("/" in resource and _has(values, f"*/{resource.partition('/')[2]}"))
