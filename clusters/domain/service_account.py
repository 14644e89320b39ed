"""A service account for KubeOrch as YAML: the least that its pages and runs need, in some namespaces or everywhere.

Source: Kubernetes docs, "Using RBAC Authorization"; "Managing Service Accounts", manual tokens: a Secret of the type
service-account-token holds one that lasts until the Secret is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clusters.domain.objects import Manifest
from kubeorch.base.yaml_writing import dump

NAME = "kubeorch"
HOME = "kubeorch"
"""The namespace in which the account lives."""
READ = ["get", "list", "watch"]
WRITE = [*READ, "create", "update", "patch", "delete"]
Rule = dict[str, Any]


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str], **more: Any) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs), **more}


IN_A_NAMESPACE: tuple[Rule, ...] = (
    _rule("", ["configmaps", "persistentvolumeclaims", "pods", "secrets", "serviceaccounts", "services"], WRITE),
    _rule("apps", ["daemonsets", "deployments", "replicasets", "statefulsets"], WRITE),
    _rule("apps", ["deployments/scale", "statefulsets/scale"], ["get", "patch", "update"]),
    _rule("batch", ["cronjobs", "jobs"], WRITE),
    _rule("autoscaling", ["horizontalpodautoscalers"], WRITE),
    _rule("networking.k8s.io", ["ingresses", "networkpolicies"], WRITE),
    _rule("policy", ["poddisruptionbudgets"], WRITE),
    _rule("", ["pods/log"], ["get"]),
    _rule("", ["pods/exec", "pods/portforward"], ["get", "create"]),
    _rule("", ["pods/ephemeralcontainers"], ["get", "patch", "update"]),
    _rule("", ["endpoints", "events", "limitranges", "namespaces", "resourcequotas"], READ),
    _rule("events.k8s.io", ["events"], READ),
    _rule("discovery.k8s.io", ["endpointslices"], READ),
    _rule("metrics.k8s.io", ["pods"], ["get", "list"]),
)
IN_THE_CLUSTER: tuple[Rule, ...] = (
    _rule("", ["namespaces"], ["create"]),
    _rule("", ["nodes"], [*READ, "patch"]),
    _rule("", ["pods/eviction"], ["create"]),
    _rule("", ["persistentvolumes"], READ),
    _rule("storage.k8s.io", ["storageclasses"], READ),
    _rule("networking.k8s.io", ["ingressclasses"], READ),
    _rule("scheduling.k8s.io", ["priorityclasses"], READ),
    _rule("apiextensions.k8s.io", ["customresourcedefinitions"], READ),
    _rule("metrics.k8s.io", ["nodes"], ["get", "list"]),
)
FOR_SHARING: tuple[Rule, ...] = (
    _rule("", ["users", "groups"], ["impersonate"]),
    _rule("rbac.authorization.k8s.io", ["rolebindings"], WRITE),
    _rule("rbac.authorization.k8s.io", ["clusterroles"], ["bind"], resourceNames=["admin", "edit", "view"]),
)
"""What lets the API server itself hold other teams to what was shared with them."""


def service_account_manifest(namespaces: Sequence[str] = (), *, sharing: bool = False) -> str:
    """YAML of the account with its rights: in these namespaces, which have to exist, or in the whole cluster.

    `sharing` adds the rights that shares need, and is for the whole cluster alone.
    """
    labels = {"app.kubernetes.io/name": NAME}
    objects: list[Manifest] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME, "labels": labels}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _named(NAME, HOME)},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/service-account-token",
            "metadata": {**_named(f"{NAME}-token", HOME), "annotations": {"kubernetes.io/service-account.name": NAME}},
        },
    ]
    if namespaces:
        for namespace in dict.fromkeys(namespaces):
            objects += _granted("Role", IN_A_NAMESPACE, namespace)
    else:
        rules = (*IN_A_NAMESPACE, *IN_THE_CLUSTER, *(FOR_SHARING if sharing else ()))
        objects += _granted("ClusterRole", rules, "")
    return "---\n".join(dump(one) for one in objects)


def commands() -> dict[str, str]:
    """What to run, in order: `apply`, then what prints `token` and `ca` (PEM) for the form, and the `server`."""
    secret = f"kubectl get secret {NAME}-token --namespace {HOME} --output"
    return {
        "apply": "kubectl apply --filename kubeorch-account.yaml",
        "token": f"{secret} jsonpath='{{.data.token}}' | base64 --decode",
        "ca": f"{secret} jsonpath='{{.data.ca\\.crt}}' | base64 --decode",
        "server": "kubectl config view --minify --output jsonpath='{.clusters[0].cluster.server}'",
    }


def _granted(kind: str, rules: Sequence[Rule], namespace: str) -> list[Manifest]:
    """A role and its binding to the account."""
    version = "rbac.authorization.k8s.io/v1"
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": HOME}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": NAME}
    metadata = _named(NAME, namespace)
    return [
        {"apiVersion": version, "kind": kind, "metadata": metadata, "rules": list(rules)},
        {
            "apiVersion": version,
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": reference,
            "subjects": [subject],
        },
    ]


def _named(name: str, namespace: str) -> dict[str, Any]:
    return {"name": name, **({"namespace": namespace} if namespace else {}), "labels": {"app.kubernetes.io/name": NAME}}
