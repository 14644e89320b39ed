"""Whether the credentials of a cluster have rights, as its API server says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

from clusters.domain.reading import mapping, mappings
from clusters.kube.client import KubeClient
from kubeorch.base.errors import InvalidInput
from workflows.domain.rights.needs import Right
from workflows.domain.rights.rules import ANY, is_allowed

API = "/apis/authorization.k8s.io/v1"
RIGHTS_MOST = 3000
"""Rights that one preflight asks about; a review takes about a millisecond."""

RULES_MOST = 1000
"""With more than so many rules in a namespace the API server is asked about each right instead."""


class TooManyRights(InvalidInput):
    code = "preflight.too_many"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"this workflow needs {count} rights in all its namespaces, and one preflight asks about {RIGHTS_MOST} at "
            "most; use fewer namespaces, or run with credentials for the whole cluster"
        )


def missing(client: KubeClient, pool: Executor, rights: Collection[Right]) -> set[Right]:
    """Those that the credentials lack. Raises TooManyRights and API errors.

    Administrators are known by one question. In a namespace the API server lists what one may do; where it says that
    the list may lack something, and for what belongs to the whole cluster, it is asked about each right.
    """
    if len(rights) > RIGHTS_MOST:
        raise TooManyRights(len(rights))
    if not rights or _may(client, Right("", ANY, ANY, ANY)):
        return set()
    namespaces = sorted({right.namespace for right in rights})
    rules = dict(zip(namespaces, pool.map(partial(_rules, client), namespaces), strict=True))
    lacking: set[Right] = set()
    unsure: list[Right] = []
    for right in sorted(rights):
        known = rules[right.namespace]
        if known is None:
            unsure.append(right)
        elif not is_allowed(right, known):
            lacking.add(right)
    lacking |= {right for right, has in zip(unsure, pool.map(partial(_may, client), unsure), strict=True) if not has}
    return lacking


def _rules(client: KubeClient, namespace: str) -> list[Mapping[str, Any]] | None:
    """What one may do in a namespace; None where the answer may not be all of it."""
    if not namespace:
        return None
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace}}
    status = mapping(client.request("POST", f"{API}/selfsubjectrulesreviews", body=body)[1].get("status"))
    rules = mappings(status.get("resourceRules"))
    return None if status.get("incomplete") is not False or len(rules) > RULES_MOST else list(rules)


def _may(client: KubeClient, right: Right) -> bool:
    attributes = {
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource.partition("/")[0],
        "subresource": right.resource.partition("/")[2],
        "namespace": right.namespace,
        "name": right.name,
    }
    spec = {"resourceAttributes": {name: value for name, value in attributes.items() if value}}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    answer = client.request("POST", f"{API}/selfsubjectaccessreviews", body=body)[1]
    return mapping(answer.get("status")).get("allowed") is True


def lacks_any(client: KubeClient, pool: Executor, rights: Iterable[Right] | None) -> bool:
    """Whether one of the rights is lacking; those that are not known count as lacking."""
    return rights is None or bool(missing(client, pool, list(rights)))
