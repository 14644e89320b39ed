"""Who may call what: one row per method and route, filled by whoever adds a route.

Columns are people: nobody signed in · an administrator of another team · viewer, editor and administrator of the
team that owns the objects · an administrator of the instance without a role in that team. An operator of the team is
asked, too, and gets what an editor gets, unless the row says otherwise (`operate`).
A cell is the exact status that person gets; the body of a row is one that is really accepted.
404 is for what one may not know of, 403 for what one may not do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.access_data import A_GIT_SERVER, A_REGISTRY, A_SERVICE, AccessData
from tests.support.workflows import a_node

PEOPLE = ("anonymous", "other", "viewer", "editor", "operator", "admin", "owner")

Names = Mapping[str, str]
"""Ids and codes of real objects of the owning team, by name (tests/support/access_data.py)."""
Cells = tuple[int, int, int, int, int, int]


def _nothing(names: Names) -> Any:
    return None


def _as_it_is(data: AccessData) -> None:
    """The data as `new_access_data` makes it is what the request needs."""


@dataclass(frozen=True)
class Row:
    cells: tuple[int, ...]
    """By person, in the order of PEOPLE."""
    body: Callable[[Names], Any] = _nothing
    query: Callable[[Names], str] = lambda names: ""
    before: Callable[[AccessData], None] = _as_it_is
    """Brings the data into the state in which the request is accepted."""
    scope: str = ""
    """The least scope of a token that serves; without one, `read` for GET and `full` for what changes something."""

    def least_scope(self, method: str) -> str:
        return self.scope or ("read" if method == "GET" else "full")


def row(cells: tuple[int, ...], body: Any = None, **more: Any) -> Row:
    """A row; `body` may be a value or a function of the names."""
    if len(cells) < len(PEOPLE):
        cells = (*cells[:4], cells[3], *cells[4:])
    return Row(cells, body if callable(body) else lambda names: body, **more)


def public(status: int = 200) -> Cells:
    return (status,) * 6


def signed_in(status: int = 200) -> Cells:
    return (401, status, status, status, status, status)


def read(status: int = 200) -> Cells:
    return (401, 404, status, status, status, 404)


def edit(status: int = 200) -> Cells:
    return (401, 404, 403, status, status, 404)


def operate(status: int = 200) -> tuple[int, ...]:
    return (401, 404, 403, 403, status, status, 404)


def administer(status: int = 200) -> Cells:
    return (401, 404, 403, 403, status, 404)


def instance(status: int = 200) -> Cells:
    return (401, 403, 403, 403, 403, status)


def the_run_is_over(data: AccessData) -> None:
    canceled = data.person("editor").post(f"runs/{data.names['run_id']}/cancel")
    assert (canceled.status, canceled.body["state"]) == (202, "canceled"), canceled.body


def the_build_is_over(data: AccessData) -> None:
    canceled = data.person("editor").post(f"builds/{data.names['build_id']}/cancel")
    assert (canceled.status, canceled.body["state"]) == (202, "canceled"), canceled.body


def the_workflow_is_archived(data: AccessData) -> None:
    the_run_is_over(data)
    archived = data.person("editor").post(f"workflows/{data.names['workflow_id']}/archive", {"objects": "keep"})
    assert archived.status == 200, archived.body


def the_cluster_is_free(data: AccessData) -> None:
    the_run_is_over(data)
    removed = data.person("editor").delete(f"environments/{data.names['environment_id']}")
    assert removed.status == 204, removed.body


def the_cluster_answers(data: AccessData) -> None:
    kubeconfig = {"kubeconfig": data.names["kubeconfig"]}
    connected = data.person("admin").patch(f"clusters/{data.names['cluster_id']}", kubeconfig)
    assert (connected.status, connected.body["state"]) == (200, "ready"), connected.body


def the_cluster_is_simulated(data: AccessData) -> None:
    """No registry is asked about what runs nowhere."""
    from bson import ObjectId

    from kubeorch.mongo.client import db

    db().clusters.update_one({"_id": ObjectId(data.names["cluster_id"])}, {"$set": {"is_sandbox": True}})


def a_secret_is_drawn(data: AccessData) -> None:
    person, path = data.person("editor"), f"workflows/{data.names['workflow_id']}/graph"
    graph = person.get(path).body
    nodes = [*graph["nodes"], a_node("login", kind="secret", keys=["password"])]
    saved = person.put(path, {"rev": graph["rev"], "nodes": nodes, "edges": graph["edges"]})
    assert saved.status == 200, saved.body


def a_secret_has_an_earlier_value(data: AccessData) -> None:
    a_secret_is_drawn(data)
    path = f"workflows/{data.names['workflow_id']}/secrets?environment={data.names['environment_id']}"
    for value in ("1", "2"):
        given = data.person("editor").put(path, {"values": {"login": {"password": value}}})
        assert given.status == 200, given.body
    [node] = data.person("editor").get(path).body["nodes"]
    data.names["earlier_until"] = node["keys"][0]["earlier_until"]


def web_is_deployed(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db
    from tests.support.workflows import owns

    environment = {"id": data.names["environment_id"]}
    owns(environment)
    deployed = {"version": 1, "content": "", "run_id": ObjectId(data.names["run_id"]), "at": now()}
    db().environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"deployed": deployed}})


def a_node_is_drained(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    place = {"cluster_id": ObjectId(data.names["cluster_id"]), "node": data.names["node"], "state": "running"}
    drain = {**place, "drain_id": ObjectId(), "by": "a@example.test", "message": "", "pods": []}
    rest = {"cancel_requested": False, "total": 0, "gone": 0}
    team_id = ObjectId(data.names["team_id"])
    db().drains.insert_one({**drain, **rest, "team_id": team_id, "created_at": now(), "ended_at": None})


def the_web(w: Names) -> dict[str, str]:
    return {"api_version": "apps/v1", "kind": "Deployment", "namespace": "canary-of-the-owning-team", "name": "web"}


def the_version_is_quarantined(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import quarantine_store, store

    environment = store.find(ObjectId(data.names["environment_id"]), {})
    run = {"id": ObjectId(), "number": 1}
    one: quarantine_store.Quarantined = {
        "version": int(data.names["number"]),
        "run": run,
        "reason": "it failed",
        "at": now(),
    }
    run_in_transaction(lambda session: quarantine_store.quarantine(environment, one, session))


def the_import_may_choose(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.mongo.client import db

    found = {"type": "compose", "path": "", "files": ["compose.yaml"], "taken": [], "why_not": ""}
    found |= {"file_count": 1, "bytes": 1}
    db().imports.update_one({"_id": ObjectId(data.names["import_id"])}, {"$set": {"found": [found]}})


def the_import_has_a_chart(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.mongo.client import db

    change = {"reads": "chart", "state": "ready", "workflow_id": None}
    db().imports.update_one({"_id": ObjectId(data.names["import_id"])}, {"$set": change})


def the_import_is_applied(data: AccessData) -> None:
    from bson import ObjectId

    from kubeorch.mongo.client import db

    made = {"workflow_id": ObjectId(data.names["workflow_id"])}
    db().imports.update_one({"_id": ObjectId(data.names["import_id"])}, {"$set": made})


GRAPH = {"nodes": [], "edges": []}

W = "workflows/<str:workflow_id>"
E = "environments/<str:environment_id>"
R = "runs/<str:run_id>"
C = "clusters/<str:cluster_id>"
MARK = f"{C}/marks/<str:kind>/<str:namespace>/<str:name>"
NAMED_UNSEEN = {MARK: ("kind", "namespace", "name")}
"""What is noted of an object is a person's own: no cluster is asked whether there is one of that name."""
O = f"{C}/resources/<str:kind>/<str:namespace>/<str:name>"  # noqa: E741
AN_OBJECT = "metadata: {name: kube-system}"
I = "imports/<str:import_id>"  # noqa: E741
G = "registries/<str:registry_id>"
N = "build-engines/<str:engine_id>"
H = "git-connections/<str:connection_id>"
S = "sources/<str:source_id>"
B = "builds/<str:build_id>"
D = "detections/<str:detection_id>"
A_SOURCE = {"name": "new", "repository": "https://git.example.test/a/b.git"}
COMPOSE = {
    "type": "compose",
    "files": [{"path": "compose.yaml", "text": "services: {web: {image: 'nginx:1.27', ports: ['8080:80']}}\n"}],
}

ACCESS: dict[tuple[str, str], Row] = {
    ("GET", "schema"): row(public()),
    ("GET", "licences"): row(signed_in()),
    # accounts
    ("GET", "auth/session"): row(public()),
    ("POST", "auth/register"): row(
        public(201),
        lambda w: {"email": "new@example.test", "password": "a long sentence here", "invite_code": w["invite_code"]},
    ),
    ("POST", "auth/login"): row(public(), lambda w: {"email": w["email"], "password": w["password"]}),
    ("POST", "auth/reset"): row(
        public(204), lambda w: {"code": w["reset_code"], "new_password": "a long sentence here"}
    ),
    ("POST", "auth/logout"): row(signed_in(204), scope="read"),
    ("GET", "auth/profile"): row(signed_in()),
    ("PATCH", "auth/profile"): row(signed_in(), {"name": "New name"}),
    ("POST", "auth/password"): row(
        signed_in(204), lambda w: {"current_password": w["password"], "new_password": "a long sentence here"}
    ),
    ("GET", "auth/tokens"): row(signed_in()),
    ("POST", "auth/tokens"): row(signed_in(201), {"name": "ci"}),
    ("DELETE", "auth/tokens/<str:token_id>"): row((401, 404, 404, 404, 204, 404)),
    ("GET", "people"): row(instance()),
    ("PATCH", "people/<str:user_id>"): row((401, 404, 403, 403, 403, 200), {"disabled": True}),
    ("POST", "people/<str:user_id>/password-reset"): row((401, 404, 403, 403, 403, 201)),
    ("GET", "settings"): row(instance()),
    ("PATCH", "settings"): row(instance(), {"signup": "invite"}),
    # teams
    ("GET", "teams"): row(signed_in()),
    ("POST", "teams"): row(instance(201), {"name": "New team"}),
    ("GET", "teams/<str:team_id>/members"): row((401, 404, 200, 200, 200, 200)),
    ("PATCH", "teams/<str:team_id>/members/<str:user_id>"): row((401, 404, 403, 403, 200, 200), {"role": "editor"}),
    ("DELETE", "teams/<str:team_id>/members/<str:user_id>"): row((401, 404, 403, 403, 204, 204)),
    ("GET", "invites"): row((401, 200, 403, 403, 200, 200)),
    ("POST", "invites"): row((401, 404, 403, 403, 201, 201), lambda w: {"team": w["team_id"], "role": "viewer"}),
    ("DELETE", "invites/<str:invite_id>"): row((401, 404, 403, 403, 204, 204)),
    ("POST", "invites/accept"): row(  # 409: who is a member already
        (401, 200, 409, 409, 409, 200), lambda w: {"code": w["invite_code"]}
    ),
    # clusters
    ("GET", "clusters"): row(signed_in()),
    ("POST", "clusters"): row((401, 201, 403, 403, 201, 201), lambda w: {"name": "new", "kubeconfig": w["kubeconfig"]}),
    ("GET", C): row(read()),
    ("PATCH", C): row(administer(), {"name": "renamed"}),
    ("POST", "clusters/tests"): row((401, 200, 403, 403, 200, 200), lambda w: {"kubeconfig": w["kubeconfig"]}),
    ("GET", "clusters/ways"): row(signed_in()),
    ("GET", "clusters/service-account"): row(signed_in()),
    ("DELETE", C): row(administer(204), before=the_cluster_is_free),
    ("POST", f"{C}/test"): row(edit(), before=the_cluster_answers),
    ("POST", f"{C}/refresh"): row(edit(), before=the_cluster_answers),
    ("GET", f"{C}/history"): row(read()),
    ("GET", f"{C}/log"): row(read()),
    ("GET", f"{C}/shares"): row(administer()),
    ("POST", f"{C}/shares"): row(
        administer(201), lambda w: {"person": w["email"], "role": "viewer", "namespaces": ["shop"]}
    ),
    ("PATCH", f"{C}/shares/<str:share_id>"): row(administer(), lambda w: {"role": "editor"}),
    ("DELETE", f"{C}/shares/<str:share_id>"): row(administer()),
    ("GET", f"{C}/namespaces"): row(read(), before=the_cluster_answers),
    ("GET", f"{C}/nodes"): row(read(503)),  # this cluster has no credentials yet, as in the next rows
    ("GET", f"{C}/nodes/<str:node>"): row(read(503)),
    ("POST", f"{C}/nodes/<str:node>/cordon"): row(administer(503)),
    ("POST", f"{C}/nodes/<str:node>/uncordon"): row(administer(503)),
    ("POST", f"{C}/nodes/<str:node>/drain"): row(administer(503)),
    ("POST", f"{C}/nodes/<str:node>/drain/cancel"): row(administer(), before=a_node_is_drained),
    ("GET", f"{C}/metrics"): row(read(503), query=lambda names: "?kind=Pod&namespace=shop&name=web"),
    ("GET", f"{C}/metrics/nodes"): row(read(503)),
    ("GET", f"{C}/diagnosis"): row(read(503)),  # this cluster has no credentials yet
    ("GET", f"{C}/kubeconfig"): row((401, 404, 403, 403, 403, 404), scope="full"),
    ("GET", f"{C}/deprecations"): row(read(503)),  # this cluster has no credentials yet
    ("PUT", f"{C}/prometheus"): row(administer(), {"prometheus": ""}),
    ("GET", f"{C}/namespace-sets"): row(read()),
    ("PUT", f"{C}/namespace-sets"): row(read(), {"name": "shop", "namespaces": ["shop", "shop-test"]}),
    # Of the administrator: nobody else has it.
    ("DELETE", f"{C}/namespace-sets/<str:set_id>"): row((401, 404, 404, 404, 204, 404)),
    ("GET", f"{C}/marks"): row(read()),
    ("GET", MARK): row(read()),
    ("PUT", MARK): row(read(), {"favourite": True, "note": "ours"}),
    ("GET", f"{C}/kinds"): row(read(), before=the_cluster_answers),
    ("GET", f"{C}/resources"): row(read(), query=lambda w: "?kind=Namespace", before=the_cluster_answers),
    ("GET", f"{C}/resources/changes"): row(read(), query=lambda w: "?kind=Namespace", before=the_cluster_answers),
    ("GET", f"{C}/pods/<str:pod_namespace>/<str:pod>/logs"): row(read(), before=the_cluster_answers),
    ("GET", f"{C}/workloads/<str:workload_kind>/<str:pod_namespace>/<str:workload>/logs"): row(
        read(), before=the_cluster_answers
    ),
    ("GET", f"{C}/namespaces/quotas"): row(read(), before=the_cluster_answers),
    ("GET", O): row(read(), before=the_cluster_answers),
    ("GET", f"{O}/events"): row(read(), before=the_cluster_answers),
    ("GET", f"{O}/history"): row(read(), before=the_cluster_answers),
    ("GET", f"{O}/relations"): row(read(), before=the_cluster_answers),
    ("GET", f"{O}/deletion"): row(read(), before=the_cluster_answers),
    ("GET", f"{O}/yaml"): row(read(), before=the_cluster_answers),
    ("PUT", f"{O}/yaml"): row(operate(), {"yaml": AN_OBJECT, "base": AN_OBJECT}, before=the_cluster_answers),
    ("GET", f"{O}/actions"): row(read(), before=the_cluster_answers),
    ("POST", f"{O}/actions/<str:action>"): row(operate(), {"uid": "3f6e"}, before=the_cluster_answers),
    # catalog and workflows
    ("GET", "catalog"): row(signed_in()),
    ("GET", "catalog/<str:digest>"): row(signed_in()),
    ("GET", "workflows"): row(signed_in()),
    ("POST", "workflows"): row(edit(201), lambda w: {"name": "New", "team": w["team_id"]}),
    ("POST", "workflows/import"): row(
        edit(201),
        lambda w: {"file": "name: Imported\nnodes: []\nedges: []\n", "team": w["team_id"]},
    ),
    ("POST", "workflows/parse"): row(
        (401, 200, 403, 200, 200, 200), {"content": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}
    ),
    ("GET", W): row(read()),
    ("PATCH", W): row(edit(), {"name": "Renamed"}),
    ("DELETE", W): row(edit(204), before=the_run_is_over),
    ("GET", f"{W}/graph"): row(read()),
    ("PUT", f"{W}/graph"): row(edit(), {"rev": 1, **GRAPH}),
    ("POST", f"{W}/validate"): row(read(), GRAPH),
    ("POST", f"{W}/manifests"): row(read(), {}),
    ("GET", f"{W}/images"): row(read()),
    ("GET", f"{W}/plans"): row(read()),
    ("POST", f"{W}/fits"): row(read(), {}, scope="read"),
    ("POST", f"{W}/plans"): row(read(503), {}, scope="read"),  # this cluster has no credentials yet
    ("GET", f"{E}/triggers"): row(read()),
    ("POST", f"{E}/triggers"): row(edit(201), {"type": "webhook"}),
    ("GET", f"{E}/watchable-images"): row(read()),
    ("PATCH", "triggers/<str:trigger_id>"): row(edit(), {"enabled": False}),
    ("DELETE", "triggers/<str:trigger_id>"): row(edit(204)),
    ("POST", "hooks/<str:token>"): row(public(202), {}),
    ("GET", "plans/<str:plan_id>"): row(read()),
    ("GET", "plans/<str:plan_id>/pulls"): row(read(), before=the_cluster_is_simulated),
    ("GET", "plans/<str:plan_id>/object"): row(  # the plan of nothing has no object
        read(404), query=lambda names: "?api_version=v1&kind=ConfigMap&name=settings"
    ),
    ("GET", "plans/<str:plan_id>/compare"): row(read(), query=lambda names: f"?with={names['plan_id']}"),
    ("POST", f"{E}/preflight"): row(read(503), {}, scope="read"),  # this cluster has no credentials yet
    ("POST", f"{E}/roles"): row(operate(503)),  # as above
    ("DELETE", f"{E}/roles"): row(operate(204)),
    ("GET", "approvals"): row(signed_in()),
    ("GET", "approvals/decisions"): row(signed_in()),
    ("POST", "plans/<str:plan_id>/approve"): row(operate(409)),  # the plan of nothing is not what the graph asks for
    ("POST", "plans/<str:plan_id>/refuse"): row(operate(), {"reason": "too many pods restart"}),
    ("POST", "plans/<str:plan_id>/withdraw"): row(read(403), {}),  # somebody else has made it
    ("POST", "plans/<str:plan_id>/ask"): row(read(403)),  # as above
    ("GET", f"{W}/diagnosis"): row(read(503)),  # this cluster has no credentials yet
    ("GET", f"{W}/reach"): row(read(400), query=lambda names: "?node=web"),  # which has no keys
    ("POST", f"{E}/restart"): row(  # of what the environment does not own
        edit(400), {"refs": [{"api_version": "apps/v1", "kind": "Deployment", "name": "web"}]}, scope="run"
    ),
    ("POST", f"{W}/clone"): row(edit(201), {"name": "Copy"}),
    ("GET", f"{W}/export"): row(read()),
    ("GET", f"{W}/files"): row(read(), query=lambda names: "?form=compose"),
    ("POST", f"{W}/archive"): row(edit(), {"objects": "keep"}, before=the_run_is_over),
    ("POST", f"{W}/unarchive"): row(edit(), before=the_workflow_is_archived),
    ("GET", f"{W}/versions"): row(read()),
    ("POST", f"{W}/versions"): row(edit(201), {"name": "v2"}),
    ("GET", f"{W}/versions/compare"): row(read(), query=lambda w: "?from=1&to=current"),
    ("GET", f"{W}/versions/<int:number>"): row(read()),
    ("PATCH", f"{W}/versions/<int:number>"): row(edit(), {"name": "named"}),
    ("POST", f"{W}/versions/<int:number>/restore"): row(edit()),
    # environments and secrets
    ("GET", f"{W}/environments"): row(read()),
    ("POST", f"{W}/environments"): row(
        edit(201), lambda w: {"name": "second", "cluster": w["cluster_id"], "namespace": "second"}
    ),
    ("GET", E): row(read()),
    ("PATCH", E): row(edit(), {"name": "renamed"}),
    ("DELETE", E): row(edit(204), before=the_run_is_over),
    ("DELETE", f"{E}/quarantine/<int:number>"): row(edit(204), before=the_version_is_quarantined),
    ("GET", f"{E}/inventory"): row(read()),
    ("GET", f"{E}/undeployed"): row(read()),
    ("GET", f"{E}/status"): row(read()),
    ("GET", f"{E}/drift"): row(read()),
    ("GET", f"{E}/drift/history"): row(read()),
    ("POST", f"{E}/drift/revert"): row(
        edit(202), lambda w: {"refs": [the_web(w)]}, before=web_is_deployed, scope="run"
    ),
    ("POST", f"{E}/drift/adopt"): row(
        edit(503), lambda w: {"ref": the_web(w)}, before=web_is_deployed
    ),  # this cluster has no credentials yet
    ("POST", f"{E}/drift/settle"): row(
        edit(503), lambda w: {"ref": the_web(w), "path": "spec.replicas", "choice": "yield"}, before=web_is_deployed
    ),
    ("GET", f"{E}/yields"): row(read()),
    ("GET", f"{E}/owners"): row(read()),
    ("DELETE", f"{E}/yields/<str:yield_id>"): row(edit(204)),
    ("GET", "drift"): row(signed_in()),
    ("GET", f"{W}/secrets"): row(read(), query=lambda w: f"?environment={w['environment_id']}"),
    ("PUT", f"{W}/secrets"): row(
        edit(),
        {"values": {"login": {"password": "x"}}},
        query=lambda w: f"?environment={w['environment_id']}",
        before=a_secret_is_drawn,
    ),
    ("POST", f"{W}/secrets/put-back"): row(
        edit(),
        lambda w: {"node_id": "login", "key": "password", "earlier_until": w["earlier_until"]},
        query=lambda w: f"?environment={w['environment_id']}",
        before=a_secret_has_an_earlier_value,
    ),
    ("DELETE", f"{W}/secrets"): row(edit(204), query=lambda w: f"?environment={w['environment_id']}"),
    # runs
    ("GET", f"{W}/runs"): row(read()),
    ("POST", f"{W}/runs"): row(edit(202), lambda w: {"environment": w["environment_id"]}, scope="run"),
    ("GET", "runs"): row(signed_in()),
    ("GET", R): row(read()),
    ("POST", f"{R}/cancel"): row(edit(202), scope="run"),
    ("POST", f"{R}/retry"): row(edit(202), before=the_run_is_over, scope="run"),
    ("GET", f"{R}/logs"): row(read()),
    # imports
    ("GET", "imports"): row(signed_in()),
    ("POST", "imports"): row(edit(201), lambda w: {"team": w["team_id"], "source": COMPOSE}),
    ("GET", I): row(read()),
    ("DELETE", I): row(edit(204)),
    ("POST", f"{I}/cancel"): row(edit()),
    ("POST", f"{I}/choice"): row(edit(), {"type": "compose", "paths": ["compose.yaml"]}, before=the_import_may_choose),
    ("PUT", f"{I}/answers"): row(edit(), {"answers": {}}),
    ("GET", f"{I}/values"): row(edit(409), before=the_import_has_a_chart),
    ("PUT", f"{I}/values"): row(edit(), {"values": "a: 1"}, before=the_import_has_a_chart),
    ("POST", f"{I}/values"): row(edit(409), {"values": "a: 1"}, before=the_import_has_a_chart),
    ("GET", f"{I}/merge"): row(read(), query=lambda w: f"?workflow={w['workflow_id']}"),
    ("POST", f"{I}/trials"): row(edit(503), lambda w: {"cluster": w["cluster_id"], "namespace": "tried"}),
    ("POST", f"{I}/comparisons"): row(
        operate(503), lambda w: {"environment": w["environment_id"]}, before=the_import_is_applied
    ),
    ("POST", f"{I}/apply"): row(edit(201), {"name": "Imported"}),
    # registries
    ("GET", "registries"): row(signed_in()),
    ("POST", "registries"): row((401, 201, 403, 403, 201, 201), {"name": "new", "test": False, **A_REGISTRY}),
    ("GET", "registries/embedded"): row(signed_in()),
    ("GET", "registries/embedded/images"): row(edit(409), query=lambda w: f"?team={w['team_id']}"),  # there is none
    ("GET", "registries/embedded/repositories"): row(edit(409), query=lambda w: f"?team={w['team_id']}"),
    ("POST", "registries/embedded/removals"): row(operate(409), lambda w: {"team": w["team_id"], "preview": True}),
    ("POST", "registries/embedded/passwords"): row(administer(409), lambda w: {"team": w["team_id"]}),
    ("POST", "registries/embedded/logins"): row(edit(409), lambda w: {"team": w["team_id"]}),
    ("POST", "registries/tests"): row((401, 200, 403, 403, 200, 200), A_REGISTRY),
    ("GET", G): row(read()),
    ("PATCH", G): row(administer(), {"name": "renamed"}),
    ("DELETE", G): row(administer(204)),
    ("POST", f"{G}/test"): row(edit(), {}),
    ("GET", f"{G}/repositories"): row(edit(503)),  # nothing answers there, as in the next rows
    ("GET", f"{G}/tags"): row(edit(503), query=lambda w: "?repository=shop/web"),
    ("GET", "images"): row(edit(503), query=lambda w: f"?image=127.0.0.1:9/shop/web&team={w['team_id']}"),
    ("GET", "images/choices"): row(edit(503), query=lambda w: f"?image=127.0.0.1:9/shop/web&team={w['team_id']}"),
    ("GET", "images/tags"): row(edit(503), query=lambda w: f"?image=127.0.0.1:9/shop/web&team={w['team_id']}"),
    # engines
    ("POST", "build-engines"): row((401, 400, 403, 403, 400, 400), {"name": "new", **A_SERVICE}),  # it is tried first
    ("POST", "build-engines/tests"): row((401, 200, 403, 403, 200, 200), A_SERVICE),
    ("POST", "build-engines/in-clusters"): row(
        (401, 404, 403, 403, 400, 404), lambda w: {"name": "new", "cluster": w["cluster_id"]}
    ),
    ("POST", "build-engines/in-clusters/tests"): row(
        (401, 404, 403, 403, 200, 404), lambda w: {"cluster": w["cluster_id"]}
    ),
    ("GET", N): row(read()),
    ("PATCH", N): row(administer(), {"name": "renamed"}),
    ("DELETE", N): row(administer(204)),
    ("POST", f"{N}/test"): row(administer(), {}),
    # git connections
    ("GET", "git-connections"): row(signed_in()),
    ("POST", "git-connections"): row((401, 201, 403, 403, 201, 201), {"name": "new", "test": False, **A_GIT_SERVER}),
    ("POST", "git-connections/test"): row((401, 200, 403, 403, 200, 200), A_GIT_SERVER),
    ("POST", "git-connections/sign-in"): row(
        (401, 404, 403, 403, 409, 404), lambda w: {"state": f"{w['connection_id']}.x", "code": "x"}
    ),
    ("GET", H): row(read()),
    ("PATCH", H): row(administer(), {"name": "renamed"}),
    ("DELETE", H): row(administer(204)),
    ("POST", f"{H}/test"): row(edit(), {}),
    ("POST", f"{H}/sign-in"): row(administer(400), {"origin": "http://127.0.0.1"}),  # it has a token
    ("POST", f"{H}/keys"): row(administer(201)),
    ("DELETE", f"{H}/keys/<str:key_id>"): row(administer()),
    ("DELETE", f"{H}/host-keys"): row(administer()),
    ("GET", f"{H}/repositories"): row(edit(503)),  # nothing answers there, as in the next rows
    ("GET", f"{H}/branches"): row(edit(503), query=lambda w: "?repository=shop/web"),
    ("GET", f"{H}/tags"): row(edit(503), query=lambda w: "?repository=shop/web"),
    ("GET", f"{H}/commits"): row(edit(503), query=lambda w: "?repository=shop/web"),
    ("GET", f"{H}/tree"): row(edit(503), query=lambda w: "?repository=shop/web"),
    ("GET", f"{H}/file"): row(edit(503), query=lambda w: "?repository=shop/web&path=Dockerfile"),
    # builds
    ("GET", "sources"): row(signed_in()),
    ("POST", "sources"): row(edit(201), lambda w: {"team": w["team_id"], **A_SOURCE}),
    ("GET", S): row(read()),
    ("PATCH", S): row(edit(), {"ref": "main"}),
    ("DELETE", S): row(edit(204), before=the_build_is_over),
    ("GET", f"{S}/builds"): row(read()),
    ("POST", f"{S}/builds"): row(edit(202), {}, scope="run"),
    ("GET", f"{S}/pushes"): row(read()),
    ("POST", f"{S}/pushes"): row(edit(201), {"signed": False}),
    ("PATCH", f"{S}/pushes"): row(edit(), {"enabled": False}),
    ("DELETE", f"{S}/pushes"): row(edit(204)),
    ("POST", "pushes/<str:push_token>"): row(public(202), {}),
    ("POST", f"{S}/image-removals"): row(operate(), {"keep": 1, "preview": True}),
    ("GET", "builds"): row(signed_in()),
    ("GET", B): row(read()),
    ("GET", f"{B}/workflows"): row(read()),
    ("POST", f"{B}/cancel"): row(edit(202), scope="run"),
    ("GET", f"{B}/logs"): row(read()),
    ("GET", "build-engines"): row(signed_in()),
    ("PUT", "build-pause"): row(instance(), {"reason": "an upgrade"}),
    ("DELETE", "build-pause"): row(instance(204)),
    ("POST", "detections"): row(
        edit(201), lambda w: {"team": w["team_id"], "repository": "https://git.example.test/a/b.git"}
    ),
    ("GET", D): row(read()),
    ("DELETE", D): row(edit(204)),
    ("POST", f"{D}/cancel"): row(edit()),
    ("POST", f"{D}/dockerfile"): row(edit(), {"plan": {"language": "static"}}),
    ("POST", f"{D}/workflow"): row(
        edit(201), {"name": "Made", "apps": [{"name": "web", "port": 80}], "idempotency_key": "once"}
    ),
    # live
    ("GET", "live"): row(read(), query=lambda w: f"?topic=workflow:{w['workflow_id']}"),
}
