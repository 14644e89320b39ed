"""An open plan shows by itself that it is not true any more."""

from __future__ import annotations

import json
from typing import Any

from bson import ObjectId

from tests.support.plans import made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_node


def test_the_watch_tells_who_follows_a_plan_what_has_moved(bench: Bench, cluster: str) -> None:
    from kubeorch.realtime import topics

    bench.draw(a_node("web", replicas=1), a_config_map("conf", a="1"), a_config_map("rest", a="1"))
    bench.applied()
    bench.draw(a_node("web", replicas=2), a_config_map("conf", a="1"), a_config_map("rest", a="2"))

    def patch(path: str, change: Any) -> None:
        status, answer = bench.plane.call(
            "PATCH",
            f"{path}?fieldManager=kubectl-edit",
            json.dumps(change).encode(),
            content_type="application/merge-patch+json",
        )
        assert status == 200, answer

    with watching(ObjectId(cluster)):
        plan = made(bench)
        topic, rest = topics.find(f"plan:{plan['id']}")
        topic.authorize(bench.person.principal, rest)

        def shown() -> Any:
            return topic.snapshot(rest, bench.person.principal)["plan"].data

        assert (shown()["still_true"], shown()["moved"]) == (None, []), "nothing was found yet"
        web = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web"
        conf = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf"
        condition = {"type": "Odd", "status": "True"}
        patch(f"{web}/status", {"status": {"conditions": [condition]}})
        patch(conf, {"data": {"a": "other"}})
        [moved] = until(lambda: shown()["moved"], what="the plan is not true any more")
        assert (moved["ref"]["name"], moved["manager"]) == ("conf", "kubectl-edit")
        assert not shown()["still_true"]
