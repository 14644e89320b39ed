"""What may be asked of logs and shells, and in whose name it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from clusters import scope, store
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from tests.support.people import a_user


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("workloads/Service.serving.knative.dev/shop/web/logs", 404, "log.no_pods"),
        ("workloads/ConfigMap/shop/web/logs", 404, "log.no_pods"),
        ("pods/shop/we%20b/logs", 404, "pod.not_found"),
        ("pods/shop/web/logs?since=2026-99-99T25:00:00Z", 400, "query.invalid"),
        ("workloads/Deployment.apps/shop/web/logs", 503, "cluster.not_connected"),
    ],
)
def test_only_what_can_have_a_log_is_asked_for(mongo: Any, path: str, status: int, code: str) -> None:
    person = a_user("viewer")
    cluster = store.insert(store.new_cluster("own", team_id=person.team_id, created_by=None))
    answer = person.get(f"clusters/{cluster['_id']}/{path}")
    assert (answer.status, answer.body["code"]) == (status, code), answer.body


def test_what_goes_on_by_one_share_does_not_go_on_by_another(mongo: Any) -> None:
    owner, guest = a_user("admin"), a_user("operator")
    cluster = store.insert(store.new_cluster("shared", team_id=owner.team_id, created_by=None))

    def shared(role: str, *namespaces: str) -> store.Cluster:
        share = {
            "id": ObjectId(),
            "team_id": guest.team_id,
            "user_id": None,
            "name": "guests",
            "role": role,
            "namespaces": list(namespaces),
            "unenforced": "",
            "created_at": now(),
            "created_by": owner.user_id,
        }
        return {**cluster, "shares": [share]}  # type: ignore[typeddict-item]

    def code_of(changed: store.Cluster) -> str:
        try:
            scope.still_has(guest.principal, "terminal.open", changed, "shop", known)
        except KubeOrchError as error:
            return error.code
        return ""

    first = shared("operator", "shop", "blog")
    known = scope.require_on(guest.principal, "terminal.open", first, "shop")
    assert code_of(first) == ""
    assert code_of(shared("operator", "shop")) == "cluster.access_changed", "shared anew, by another group"
    assert code_of({**first, "shares": [{**first["shares"][0], "namespaces": ["blog"]}]}) == "cluster.namespace_hidden"
    assert code_of({**first, "shares": [{**first["shares"][0], "role": "editor"}]}) == "forbidden.share"
