"""What credentials may do on a cluster, asked of its API server in the words of what people do here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clusters.domain.reading import mapping
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Allowed(StrEnum):
    EVERYWHERE = "everywhere"
    NAMESPACE = "namespace"
    """In the namespace that was asked about, alone."""
    NO = "no"
    UNKNOWN = "unknown"
    """The API server did not say."""


@dataclass(frozen=True, slots=True)
class Right:
    id: str
    label: str
    """What people do by it."""
    verb: str
    resource: str
    group: str = ""
    subresource: str = ""
    name: str = ""
    is_namespaced: bool = True


RIGHTS = (
    Right("deploy", "Deploy workflows", "patch", "deployments", "apps"),
    Right("see", "See pods", "list", "pods"),
    Right("logs", "Read logs", "get", "pods", subresource="log"),
    Right("terminal", "Open terminals", "create", "pods", subresource="exec"),
    Right("secrets", "Write Secrets", "patch", "secrets"),
    Right("namespaces", "See all namespaces", "list", "namespaces", is_namespaced=False),
    Right("new_namespaces", "Make namespaces", "create", "namespaces", is_namespaced=False),
    Right("nodes", "See nodes", "list", "nodes", is_namespaced=False),
    Right("drain", "Drain nodes", "create", "pods", subresource="eviction", is_namespaced=False),
)
CORDON = Right("cordon", "", "patch", "nodes", is_namespaced=False)
"""Before a node is drained it is cordoned. Source: Kubernetes docs, "Safely Drain a Node"."""
SHARING = (
    Right("act_as_user", "", "impersonate", "users", is_namespaced=False),
    Right("act_as_group", "", "impersonate", "groups", is_namespaced=False),
    Right("bind", "", "create", "rolebindings", "rbac.authorization.k8s.io"),
    Right("bind_edit", "", "bind", "clusterroles", "rbac.authorization.k8s.io", name="edit", is_namespaced=False),
)
"""What it takes to let the API server hold other teams to what was shared with them."""


def rights_of(client: KubeClient, namespace: str) -> list[tuple[Right, Allowed]]:
    """Each of RIGHTS, asked for the whole cluster and, failing that, for this namespace. Raises as `request`."""
    found = [(right, _allowed(client, right, namespace)) for right in RIGHTS]
    return [
        (right, _allowed(client, CORDON, "") if right.id == "drain" and allowed is Allowed.EVERYWHERE else allowed)
        for right, allowed in found
    ]


def is_allowed(client: KubeClient, right: Right, namespace: str) -> bool | None:
    """In that namespace; None where the API server does not say. Raises as `request`."""
    return _ask(client, right, namespace)


def may_impersonate(client: KubeClient) -> bool:
    """Whether the API server itself can hold teams to their shares, by these credentials."""
    return all(_allowed(client, right, "") is Allowed.EVERYWHERE for right in SHARING)


def who_am_i(client: KubeClient) -> tuple[str, list[str]]:
    """User and groups that the API server takes these credentials for; "" from one before 1.28, which does not say.

    Raises Unauthorized, and what the network does.
    """
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    try:
        answer = client.request(
            "POST",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            body=body,
            timeout_s=client.limits.question_s,
        )[1]
    except KubeOrchError as error:
        if error.code == "object.not_found":
            return "", []
        raise
    user = mapping(mapping(answer.get("status")).get("userInfo"))
    groups = user.get("groups")
    named = [str(one)[:253] for one in groups[:20]] if isinstance(groups, list) else []
    return str(user.get("username") or "")[:253], named


def _allowed(client: KubeClient, right: Right, namespace: str) -> Allowed:
    answer = _ask(client, right, "")
    if answer is False and right.is_namespaced and namespace and _ask(client, right, namespace):
        return Allowed.NAMESPACE
    return {True: Allowed.EVERYWHERE, False: Allowed.NO, None: Allowed.UNKNOWN}[answer]


def _ask(client: KubeClient, right: Right, namespace: str) -> bool | None:
    attributes = {
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource,
        "subresource": right.subresource,
        "name": right.name,
        "namespace": namespace,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    try:
        answer = client.request("POST", REVIEW, body=body, timeout_s=client.limits.question_s)[1]
    except KubeOrchError as error:
        if error.code in ("object.not_found", "cluster.forbidden"):
            return None
        raise
    return mapping(answer.get("status")).get("allowed") is True
