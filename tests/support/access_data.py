"""A team with one of everything it can own, people of every role in it, and people outside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId

from tests.support.client_certificates import Authority
from tests.support.database import empty, filled, put_back
from tests.support.detected import a_detection
from tests.support.people import PASSWORD, Person, a_team, a_user
from tests.support.workflows import a_node, a_plan, a_workflow

CANARY = "canary-of-the-owning-team"
"""Part of the name of every object of the team: it must not appear in an answer to anyone outside."""

A_REGISTRY = {"provider": "generic", "host": "127.0.0.1:9", "path_prefix": "shop", "plain_http": True}
"""Nothing answers there."""
A_GIT_SERVER = {"provider": "gitea", "address": "http://127.0.0.1:9", "token": "canary-git-token"}
"""Nor there."""
_AUTHORITY = Authority()
_CLIENT = _AUTHORITY.sign("canary-client")
A_SERVICE = {
    "address": "127.0.0.1:9",
    "ca": _AUTHORITY.pem,
    "certificate": _CLIENT.certificate,
    "key": _CLIENT.key,
}
"""Nor there."""


@dataclass(frozen=True)
class AccessData:
    people: dict[str, Person | None]
    """By role; `anonymous` is None, `other` belongs to another team, `owner` administers the instance."""
    names: dict[str, str]
    """Values for the parameters of routes and bodies, by parameter."""

    def person(self, who: str) -> Person:
        """One of those who are signed in."""
        found = self.people[who]
        assert found is not None
        return found


def a_service(mongo: Any, team: ObjectId) -> str:
    """The id of a BuildKit service of the team, which was tried when it still answered."""
    from builds.engines.services import store
    from builds.engines.services.material import Material
    from kubeorch.base.clock import now

    service, at = ObjectId(), now()
    nature = {"version": "0.34.2", "platforms": ["linux/amd64"], "executor": "oci", "snapshotter": "overlayfs"}
    mongo.build_engines.insert_one(
        {
            "_id": service,
            "team_id": team,
            "name": CANARY,
            "host": "127.0.0.1",
            "port": 9,
            "server_name": "",
            "sealed": store.sealed(service, Material(_AUTHORITY.pem, _CLIENT.certificate, _CLIENT.key)),
            "subject": "CN=canary-client",
            "not_after": at + timedelta(days=365),
            "slots": 2,
            "is_default": False,
            "nature": {**nature, "network": "cni", "process_mode": "sandbox"},
            "state": "ok",
            "trouble": None,
            "checked_at": at,
            "created_at": at,
            "created_by": ObjectId(),
            "updated_at": at,
            "rev": 1,
        }
    )
    return str(service)


def a_yield(mongo: Any, environment: str, team: ObjectId) -> str:
    """The id of a field that the environment leaves to others."""
    from kubeorch.base.clock import now

    ref = {"api_version": "v1", "kind": "ConfigMap", "namespace": CANARY, "name": "conf"}
    row = {"_id": ObjectId(), "environment_id": ObjectId(environment), "team_id": team, "node_id": "conf", "ref": ref}
    mongo.yields.insert_one({**row, "path": "data.a", "at": now(), "by": ObjectId(), "by_name": CANARY})
    return str(row["_id"])


_kept: dict[str, tuple[AccessData, dict[str, list[dict[str, Any]]]]] = {}
"""What was made for a kubeconfig, and the documents that it consists of, by collection."""


def new_access_data(mongo: Any, kubeconfig: str = "") -> AccessData:
    """Empty the database, and put everything into it. The cluster has no credentials, so nothing waits for it.

    It is made by the product once and put back as it was from then on, with the same ids: making it takes a second, and
    hundreds of tests need it. `kubeconfig` is one that a route may be given; nothing reads it here.
    """
    from clusters import connections

    empty(mongo)
    if kubeconfig not in _kept:
        made = _new(mongo, kubeconfig)
        _kept[kubeconfig] = made, {name: list(mongo[name].find()) for name in filled(mongo)}
    else:
        put_back(mongo, _kept[kubeconfig][1])
        connections.forget_client(ObjectId(_kept[kubeconfig][0].names["cluster_id"]))
    found = _kept[kubeconfig][0]
    return AccessData(dict(found.people), dict(found.names))


def _new(mongo: Any, kubeconfig: str) -> AccessData:
    from clusters import rows, store
    from kubeorch.accounts import invites, resets, tokens
    from kubeorch.accounts.roles import Role
    from workflows.catalog import catalog_json

    team = a_team(f"{CANARY} team")
    inside = {
        role: a_user(role, team=team, name=f"{CANARY} {role}") for role in ("viewer", "editor", "operator", "admin")
    }
    admin, editor, viewer = inside["admin"], inside["editor"], inside["viewer"]
    bystander = a_user("viewer", team=team, name=f"{CANARY} bystander")
    other = a_user("admin", team=a_team("Other team"), name="Other")
    owner = a_user("admin", team=a_team("Owner's team"), name="Owner", is_admin=True)

    cluster = store.new_cluster("canary-of-the-owning-team", team_id=team, created_by=ObjectId(admin.user_id))
    share: rows.Share = {
        "id": ObjectId(),
        "team_id": None,
        "user_id": ObjectId(bystander.user_id),
        "name": bystander.email,
        "role": "viewer",
        "namespaces": [CANARY],
        "unenforced": "",
        "created_at": cluster["created_at"],
        "created_by": CANARY,
    }
    store.insert({**cluster, "shares": [share]})
    workflow = a_workflow(
        editor,
        a_node("web"),
        name=f"{CANARY} workflow",
        environment={"name": "prod", "cluster": str(cluster["_id"]), "namespace": CANARY},
    )
    path = f"workflows/{workflow['id']}"
    made = {"version": editor.post(f"{path}/versions", {"name": f"{CANARY} version"})}
    environment = workflow["environments"][0]["id"]
    made["run"] = editor.post(f"{path}/runs", {"environment": environment})
    for what, answer in made.items():
        assert answer.status in (201, 202), (what, answer.body)
    plan = a_plan(workflow, environment, team)
    hook = editor.post(f"environments/{environment}/triggers", {"type": "webhook"}).body
    left = a_yield(mongo, environment, team)
    source = {"type": "compose", "files": [{"path": f"{CANARY}.yaml", "text": "services: {web: {image: nginx}}\n"}]}
    imported = editor.post("imports", {"name": f"{CANARY} import", "source": source})
    assert imported.status == 201, imported.body
    registry = admin.post("registries", {"name": CANARY, "test": False, **A_REGISTRY})
    assert registry.status == 201, registry.body
    git = admin.post("git-connections", {"name": CANARY, "test": False, "deploy_key": True, **A_GIT_SERVER})
    assert git.status == 201, git.body
    service = a_service(mongo, team)
    place = {"repository": "https://git.example.test/a/b.git", "image": f"registry.example.test/{CANARY}"}
    built_of = editor.post("sources", {"name": CANARY, **place})
    assert built_of.status == 201, built_of.body
    build = editor.post(f"sources/{built_of.body['id']}/builds")
    assert build.status == 202, build.body
    pushes = editor.post(f"sources/{built_of.body['id']}/pushes", {"signed": False})
    assert pushes.status == 201, pushes.body
    detection = a_detection(team, editor.user_id)
    own_set = admin.put(f"clusters/{cluster['_id']}/namespace-sets", {"name": CANARY, "namespaces": [CANARY]})
    assert own_set.status == 200, own_set.body
    token, _ = tokens.new_api_token(admin.user_id, f"{CANARY} token")
    invite, code = invites.create_invite(admin.principal, team, Role.VIEWER, "")
    return AccessData(
        {"anonymous": None, "other": other, "owner": owner, **inside},
        {
            "team_id": str(team),
            "user_id": bystander.user_id,
            "email": viewer.email,
            "password": PASSWORD,
            "cluster_id": str(cluster["_id"]),
            "share_id": str(share["id"]),
            "set_id": own_set.body["id"],
            "workflow_id": workflow["id"],
            "environment_id": environment,
            "earlier_until": "2026-01-01T00:00:00Z",
            "plan_id": plan,
            "trigger_id": hook["id"],
            "token": hook["path"].rpartition("/")[2],
            "yield_id": left,
            "registry_id": registry.body["registry"]["id"],
            "engine_id": service,
            "connection_id": git.body["connection"]["id"],
            "key_id": git.body["connection"]["keys"][0]["id"],
            "source_id": built_of.body["id"],
            "build_id": build.body["id"],
            "push_token": pushes.body["path"].rpartition("/")[2],
            "detection_id": str(detection["_id"]),
            "import_id": imported.body["id"],
            "run_id": made["run"].body["id"],
            "number": "1",
            "workload_kind": "Deployment",
            "workload": "web",
            "pod_namespace": "shop",
            "pod": "web",
            "node": "worker",
            "digest": catalog_json()[1],
            "token_id": str(token["_id"]),
            "invite_id": str(invite["_id"]),
            "invite_code": code,
            "reset_code": resets.new_code(ObjectId(bystander.user_id), None)["code"],
            "kind": "Namespace",
            "namespace": "-",
            "name": "kube-system",
            "action": "delete",
            "kubeconfig": kubeconfig or "not a kubeconfig",
        },
    )
