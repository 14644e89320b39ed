"""A field that an environment leaves to others is applied no more, and can be taken back."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import read_path
from tests.support.runs import Bench
from tests.support.workflows import a_node


def leave(bench: Bench, ref: Ref, path: str) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    row: Any = {
        "_id": ObjectId(),
        "environment_id": ObjectId(bench.environment["id"]),
        "team_id": bench.person.team_id,
        "node_id": "web",
        "ref": ref.as_json(),
        "path": path,
        "at": now(),
        "by": ObjectId(),
        "by_name": "Anna",
    }
    run_in_transaction(lambda session: yield_store.add(row, session))


def is_ours(bench: Bench, path: str) -> bool:
    live = bench.get("apps/v1", "Deployment", "web")
    return any(owner.is_ours for owner in owners(live).who(read_path(path)))


def test_a_field_left_to_others_is_theirs_after_the_next_run_and_ours_again_once_it_is_taken(bench: Bench) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    bench.draw(a_node("web", replicas=2))
    bench.applied()
    status, _ = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl-edit",
        b'{"spec":{"replicas":4,"minReadySeconds":3}}',
        content_type="application/merge-patch+json",
    )
    assert status == 200
    web = Ref("apps/v1", "Deployment", bench.namespace, "web")
    assert bench.until(bench.start(), "failed")["error"]["code"] == "cluster.field_conflict"
    leave(bench, web, "spec.replicas")
    bench.applied()
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4
    assert not is_ours(bench, "spec.replicas")
    assert is_ours(bench, "spec.template.spec.containers[name=web].image")
    environment = ObjectId(bench.environment["id"])
    assert run_in_transaction(lambda session: yield_store.remove(environment, web, "spec.replicas", session))
    bench.applied(take_over=True)
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
    assert is_ours(bench, "spec.replicas")
