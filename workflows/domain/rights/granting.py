"""Objects that give rights: the API server lets nobody give what they have not, unless they may `escalate` or `bind`.

Source: Kubernetes documentation, "Using RBAC Authorization", Privilege escalation prevention and bootstrapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.domain.rights.needs import RBAC, Drawn, Right

RIGHTS_OF_A_ROLE = 200
"""A role with more is not taken apart: it counts as giving something that one has not."""
_ROLES = {"Role": "roles", "ClusterRole": "clusterroles"}
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, slots=True)
class Gives:
    """What an object gives, and the right that lets one make it without having all that."""

    node_id: str
    instead: Right
    rights: tuple[Right, ...] | None
    """None where it cannot be told: paths that are no resources, a role that is not drawn, too many."""


def giving(drawn: Iterable[Drawn]) -> list[Gives]:
    """The roles and bindings among drawn objects."""
    objects = [one for one in drawn if one.ref.group == RBAC]
    roles = {
        (one.ref.kind, one.ref.namespace, one.ref.name): one.manifest.get("rules")
        for one in objects
        if one.ref.kind in _ROLES
    }
    found: list[Gives] = []
    for one in objects:
        ref = one.ref
        if ref.kind in _ROLES:
            instead = Right(ref.namespace, RBAC, _ROLES[ref.kind], "escalate", ref.name)
            found.append(Gives(one.node_id, instead, rights_of(one.manifest.get("rules"), ref.namespace)))
        elif ref.kind in _BINDINGS:
            role = one.manifest.get("roleRef")
            kind, name = (str(role.get("kind")), str(role.get("name"))) if isinstance(role, dict) else ("", "")
            if kind not in _ROLES:
                continue
            rules = roles.get((kind, ref.namespace if kind == "Role" else "", name))
            rights = None if rules is None else rights_of(rules, ref.namespace)
            found.append(Gives(one.node_id, Right(ref.namespace, RBAC, _ROLES[kind], "bind", name), rights))
    return found


def rights_of(rules: Any, namespace: str) -> tuple[Right, ...] | None:
    """The rights that rules give in a namespace; None where they are not plain or too many."""
    found: list[Right] = []
    for rule in rules if isinstance(rules, list) else ():
        if not isinstance(rule, Mapping) or rule.get("nonResourceURLs"):
            return None
        for right in _of_rule(rule, namespace):
            if len(found) == RIGHTS_OF_A_ROLE:
                return None
            found.append(right)
    return tuple(found)


def _of_rule(rule: Mapping[str, Any], namespace: str) -> Iterator[Right]:
    for group in _texts(rule.get("apiGroups")):
        for resource in _texts(rule.get("resources")):
            for verb in _texts(rule.get("verbs")):
                for name in _texts(rule.get("resourceNames")) or [""]:
                    yield Right(namespace, group, resource, verb, name)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
