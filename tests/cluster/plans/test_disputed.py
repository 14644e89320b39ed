"""A run of which it is known that it meets fields of others is not started, but asked about."""

from __future__ import annotations

from bson import ObjectId

from tests.cluster.runs.test_standing import by_kubectl
from tests.support.plans import effects, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_node


def test_an_edit_of_an_adopted_field_asks_before_anything_is_changed(bench: Bench) -> None:
    conf = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "conf"}
    bench.draw(a_config_map("conf", a="1"), a_node("web"))
    bench.applied()
    by_kubectl(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", b'{"data":{"a":"2"}}')
    adopted = f"environments/{bench.environment['id']}/drift/adopt"
    assert bench.person.post(adopted, {"ref": conf}).status == 200

    for _ in ("before and", "after a run has applied it"):
        bench.draw(a_config_map("conf", a="3"), a_node("web", image="nginx:1.28"))
        refused = bench.ask(idempotency_key="edit")
        assert (refused.status, refused.body["code"]) == (409, "run.fields_of_others"), refused.body
        [field] = refused.body["fields"]
        assert (field["node_id"], field["path"]) == ("conf", "data.a")
        assert effects(made(bench))["conf"] == "conflict", "the plan offers the choice"
        bench.draw(a_config_map("conf", a="2"), a_node("web"))
        bench.applied()

    bench.draw(a_config_map("conf", a="3"), a_node("web"))
    plan = made(bench, choices=[{"ref": conf, "path": "data.a", "choice": "take"}])
    bench.applied(plan=plan["id"])
    bench.draw(a_config_map("conf", a="4"), a_node("web"))
    assert bench.applied()["counts"]["changed"] == 1, "it is ours alone"


def test_whoever_takes_over_or_draws_the_field_no_more_is_not_asked(bench: Bench) -> None:
    conf = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "conf"}
    bench.draw(a_config_map("conf", a="1", b="1"))
    bench.applied()
    by_kubectl(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", b'{"data":{"a":"2"}}')
    assert bench.person.post(f"environments/{bench.environment['id']}/drift/adopt", {"ref": conf}).status == 200
    bench.applied()
    bench.draw(a_config_map("conf", b="1"))
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "2", "b": "1"}
    bench.draw(a_config_map("conf", a="3", b="1"))
    bench.applied(take_over=True)
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "3", "b": "1"}


def test_what_was_taken_over_is_not_asked_about_again_before_the_watch_has_seen_it(bench: Bench, cluster: str) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    by_kubectl(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", b'{"data":{"a":"2"}}')
    drifted = f"drift?environment={bench.environment['id']}"
    with watching(ObjectId(cluster)):
        until(lambda: bench.person.get(drifted).body["results"], what="the drift is seen")
    bench.draw(a_config_map("conf", a="3"))
    assert bench.ask().body["code"] == "run.fields_of_others"
    bench.draw(a_config_map("conf", a="1"))
    bench.applied(take_over=True)
    bench.draw(a_config_map("conf", a="3"))
    assert bench.applied()["counts"]["changed"] == 1, "what was seen before the last apply says nothing"
