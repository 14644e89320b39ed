"""Credentials that may do only what roles say: a ServiceAccount of a namespace, registered as a cluster."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.support.control_plane import ControlPlane

RBAC = "rbac.authorization.k8s.io"
Roles = list[dict[str, Any]]


def an_account(plane: ControlPlane, namespace: str, name: str = "narrow") -> str:
    """The kubeconfig of a new ServiceAccount, which may do nothing yet."""
    plane.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}})
    status, body = plane.call(
        "POST",
        f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
        json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}).encode(),
    )
    assert status == 201, body
    found = yaml.safe_load(plane.kubeconfig)
    found["users"][0]["user"] = {"token": json.loads(body)["status"]["token"]}
    return str(yaml.safe_dump(found))


def a_narrow_cluster(kubeconfig: str, name: str, *, is_sandbox: bool = True) -> str:
    """A cluster with these credentials, for everybody; its id."""
    from clusters import store
    from clusters.credentials import sealed
    from clusters.domain.kubeconfig import parse_kubeconfig

    row = store.new_cluster(name, team_id=None, created_by=None)
    credentials = parse_kubeconfig(kubeconfig, allow_http=True)
    # A sandbox may be on this very machine, and there is one at most.
    store.insert({**row, **sealed(row["_id"], credentials), "is_sandbox": is_sandbox, "state": "ready", "shared": True})
    return str(row["_id"])


def grant(plane: ControlPlane, roles: Roles, namespace: str, account: str = "narrow") -> None:
    """Make the roles, and bind the account to them."""
    for role in roles:
        plane.apply(role)
        metadata = {**role["metadata"]}
        if "namespace" not in metadata:
            metadata["name"] = f"{metadata['name']}-{namespace}"
        plane.apply(
            {
                "apiVersion": f"{RBAC}/v1",
                "kind": f"{role['kind']}Binding",
                "metadata": metadata,
                "roleRef": {"apiGroup": RBAC, "kind": role["kind"], "name": role["metadata"]["name"]},
                "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
            }
        )


def single_rights(roles: Roles) -> list[tuple[str, str, str, str, str]]:
    """(namespace, group, resource, name, verb) of everything the roles allow."""
    return [
        (role["metadata"].get("namespace", ""), group, resource, name, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
        for verb in rule["verbs"]
    ]


def without(roles: Roles, right: tuple[str, str, str, str, str]) -> Roles:
    """The roles with every right but this one, one rule for each."""
    left = [one for one in single_rights(roles) if one != right]
    return [
        {
            **role,
            "rules": [
                {
                    "apiGroups": [group],
                    "resources": [resource],
                    "verbs": [verb],
                    **({"resourceNames": [name]} if name else {}),
                }
                for namespace, group, resource, name, verb in left
                if namespace == role["metadata"].get("namespace", "")
            ],
        }
        for role in roles
    ]
