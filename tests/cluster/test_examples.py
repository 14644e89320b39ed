"""Well-known public applications run to healthy on the sandbox, drawn on the canvas or pasted as manifests.

What the sandbox cannot run says exactly why, and is never green. Nothing of them stays but what is kept by rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.examples import Played, Stage, Statuses
from tests.support.people import a_user
from tests.support.watching import watching
from tests.support.workers import working

APPLICATIONS = (
    *("guestbook", "guestbook-go", "voting-app", "online-boutique", "sock-shop"),
    *("cassandra", "cockroachdb", "wordpress", "bookinfo", "metrics-server"),
)
NO_ANSWER = r"failing or missing response from https://[0-9.]+:443/apis/metrics\.k8s\.io/v1beta1: .+"
NO_VOLUME = (
    r"The pod cannot be scheduled: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims\. .+"
)
TROUBLES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("drawn", "metrics-server"): {"metrics-api": NO_ANSWER},
    ("pasted", "metrics-server"): {"apiservice-v1beta1-metrics-k8s-io": NO_ANSWER},
    ("pasted", "cassandra"): {
        "statefulset-cassandra": NO_VOLUME,
        "service-cassandra": "no ready pod matches its selector",
    },
}
"""The nodes that cannot be healthy here, and the reason that each of them gives.

Pods are simulated, so nothing answers as an API of its own; and nobody makes volumes for minikube's storage class.
"""
ERRORS: Mapping[str, str] = {
    "metrics-server": f"APIService v1beta1.metrics.k8s.io: {NO_ANSWER}",
    "cassandra": f"StatefulSet cassandra: {NO_VOLUME}; Service cassandra: no ready pod matches its selector",
}
SECRETS: Mapping[tuple[str, str], list[str]] = {
    ("drawn", "voting-app"): ["db-login/POSTGRES_USER", "db-login/POSTGRES_PASSWORD"],
    ("drawn", "sock-shop"): ["catalogue-db-login/MYSQL_ROOT_PASSWORD"],
    ("drawn", "wordpress"): ["mysql-pass/password"],
    ("pasted", "wordpress"): ["secret-mysql-pass/password"],
}
KEPT: Mapping[str, set[str]] = {
    "sock-shop pasted": {"Namespace/sock-shop"},
    "cassandra pasted": {"StorageClass/fast"},
    "metrics-server": {
        *("APIService/v1beta1.metrics.k8s.io", "Deployment/metrics-server", "Service/metrics-server"),
        *("ServiceAccount/metrics-server", "RoleBinding/metrics-server-auth-reader"),
        *("ClusterRole/system:metrics-server", "ClusterRoleBinding/system:metrics-server"),
        *("ClusterRole/system:aggregated-metrics-reader", "ClusterRoleBinding/metrics-server:system:auth-delegator"),
    },
}
"""What a destroy run leaves unless it is asked for, beside claims: what serves the whole cluster, what that needs."""
CLAIMS: Mapping[tuple[str, str], set[str]] = {
    **{(form, "wordpress"): {"mysql-pv-claim", "wp-pv-claim"} for form in ("drawn", "pasted")},
    **{(form, "cockroachdb"): {f"datadir-cockroachdb-{number}" for number in range(3)} for form in ("drawn", "pasted")},
    ("drawn", "cassandra"): {f"cassandra-data-cassandra-{number}" for number in range(3)},
    ("pasted", "cassandra"): {"cassandra-data-cassandra-0"},
}
"""Claims stay: those that are drawn, and those that a StatefulSet made."""


@pytest.fixture(scope="module")
def stage(django_ready: str, control_plane: ControlPlane) -> Iterator[Stage]:
    from clusters import actions
    from kubeorch.mongo.client import db
    from tests.support.database import empty

    empty(db())
    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    with working(concurrency=len(APPLICATIONS)), watching(ObjectId(cluster)):
        yield Stage(a_user("admin"), cluster, control_plane)


@pytest.fixture(scope="module", params=["drawn", "pasted"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def played(stage: Stage, form: str) -> dict[str, Played]:
    """All applications in one form: run side by side, run once more, and destroyed."""
    cast = {name: imported(stage, form, name) for name in APPLICATIONS}
    for one in cast.values():
        one.run = stage.start(one)
    for name, one in cast.items():
        one.run = ended(stage, one, one.run, TROUBLES.get((form, name)))
        one.statuses = stage.statuses(one)
    for one in cast.values():
        one.again = stage.start(one)
    for name, one in cast.items():
        one.again = ended(stage, one, one.again, TROUBLES.get((form, name)))
    stage.destroy(cast.values())
    return cast


def ended(stage: Stage, one: Played, run: dict[str, Any], troubles: Mapping[str, str] | None) -> dict[str, Any]:
    """The run at its end: by itself, or at its deadline, which passes once the troubles are all that is left."""
    if troubles is None:
        return stage.ended(run)
    stage.until_shown(one, lambda statuses: shows(statuses, troubles))
    return stage.overdue(run)


def imported(stage: Stage, form: str, name: str) -> Played:
    """The application; its manifests may name a namespace, which is then that of the environment or of the nodes."""
    if form == "drawn":
        return stage.draw(name)
    if name == "sock-shop":
        return stage.paste(name, "sock-shop")
    return stage.paste(name, is_named=name == "metrics-server")


def shows(statuses: Statuses, troubles: Mapping[str, str]) -> bool:
    """Whether exactly these nodes are not healthy, for these reasons."""
    wrong = {node_id: one for node_id, one in statuses.items() if one["health"] != "healthy"}
    return wrong.keys() == troubles.keys() and all(
        re.fullmatch(troubles[node_id], one["reason"]) for node_id, one in wrong.items()
    )


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_known_application_runs_to_healthy_or_says_exactly_why_not(
    played: dict[str, Played], form: str, name: str
) -> None:
    one, troubles = played[name], TROUBLES.get((form, name), {})
    assert one.asked_for == SECRETS.get((form, name), [])
    assert len(one.statuses) == one.workflow["node_count"]
    assert shows(one.statuses, troubles), one.statuses
    assert not [node_id for node_id, status in one.statuses.items() if status["drifted"]]
    assert {step["state"] for step in one.run["steps"]} == {"done"}, "every object is applied, also of one in trouble"
    if not troubles:
        assert (one.run["state"], one.run["error"]) == ("succeeded", None)
        return
    assert (one.run["state"], one.run["error"]["code"]) == ("failed", "run.deadline")
    assert re.fullmatch(rf"not all objects became healthy within 600 s: {ERRORS[name]}", one.run["error"]["detail"])
    assert one.run["error"]["node_id"] in troubles


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_second_run_of_a_known_application_changes_nothing(played: dict[str, Played], name: str) -> None:
    run, again = played[name].run, played[name].again
    assert again["state"] == run["state"], again["error"]
    assert {step["node_id"]: step["state"] for step in again["steps"] if step["state"] != "unchanged"} == {}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_nothing_of_a_known_application_stays_but_what_is_kept_by_rule(
    played: dict[str, Played], form: str, name: str
) -> None:
    one, claims = played[name], CLAIMS.get((form, name), set())
    kept = KEPT.get(name, KEPT.get(f"{name} {form}", set())) | {f"PersistentVolumeClaim/{claim}" for claim in claims}
    assert one.destroyed["state"] == "succeeded", one.destroyed
    # The namespace of its environment, where a run made it: others may use it.
    made = {f"Namespace/{one.namespace}" for step in one.run["steps"] if step["node_id"] is None}
    assert names(one.destroyed["kept"]) == kept | made
    assert all(row["reason"] for row in one.destroyed["kept"])
    assert (one.kept, one.claims) == (kept, claims)
    assert (one.emptied["state"], names(one.emptied["kept"])) == ("succeeded", made), one.emptied
    assert one.owned == set()
    assert one.labelled == made


def names(kept: list[dict[str, Any]]) -> set[str]:
    return {f"{row['ref']['kind']}/{row['ref']['name']}" for row in kept}


def test_kinds_of_a_mesh_that_is_not_installed_are_named_and_nothing_is_left_of_them(stage: Stage) -> None:
    one = stage.paste("bookinfo-gateway")
    ended = stage.ended(stage.start(one))
    assert (ended["state"], ended["error"]["code"]) == ("failed", "cluster.unknown_kind")
    sentence = (
        r"this cluster has no kind (Gateway|VirtualService) in networking\.istio\.io/v1; "
        r"install its CRD, or correct apiVersion and kind"
    )
    failed = [step["error"] for step in ended["steps"] if step["state"] == "failed"]
    assert failed
    assert all(re.fullmatch(sentence, error["detail"]) for error in failed)
    stage.destroy([one])
    assert (one.destroyed["state"], one.owned) == ("succeeded", set())


def test_manifests_of_another_namespace_are_refused_with_the_cure(stage: Stage) -> None:
    refused = stage.ask(stage.paste("metrics-server", "elsewhere"))
    assert (refused.status, refused.body["code"]) == (400, "run.graph_invalid")
    assert {row["detail"] for row in refused.body["errors"]} == {
        "the YAML has the namespace 'kube-system' and the object is applied to 'elsewhere'; "
        "remove it from the YAML, or set it under Namespace"
    }
    assert all(len(row["node_ids"]) == 1 for row in refused.body["errors"])
