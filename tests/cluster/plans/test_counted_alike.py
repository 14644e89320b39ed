"""What a plan calls unchanged is unchanged in its run as well: an act is counted by one rule."""

from __future__ import annotations

from tests.cluster.runs.test_standing import by_kubectl
from tests.support.plans import effects, made
from tests.support.runs import Bench, states
from tests.support.workflows import a_config_map, a_node


def choices(bench: Bench, choice: str) -> list[dict[str, object]]:
    web = {"api_version": "apps/v1", "kind": "Deployment", "namespace": bench.namespace, "name": "web"}
    conf = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "conf"}
    return [
        {"ref": web, "path": "spec.replicas", "choice": choice},
        {"ref": conf, "path": "data.a", "choice": choice},
    ]


def test_an_apply_that_changes_nothing_but_who_manages_a_field_is_unchanged_in_plan_and_run(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1), a_config_map("conf", a="1"), a_config_map("other"))
    bench.applied()
    namespace = bench.namespace
    for choice in ("yield", "share"):
        value = {"yield": 2, "share": 3}[choice]
        by_kubectl(bench, f"/apis/apps/v1/namespaces/{namespace}/deployments/web", b'{"spec":{"replicas":%d}}' % value)
        by_kubectl(bench, f"/api/v1/namespaces/{namespace}/configmaps/conf", b'{"data":{"a":"%d"}}' % value)
        plan = made(bench, choices=choices(bench, choice))
        assert set(effects(plan).values()) == {"unchanged"}
        run = bench.applied(plan=plan["id"])
        assert states(run) == {"web": "unchanged", "conf": "unchanged", "other": "unchanged"}, choice
        assert (run["counts"]["changed"], run["counts"]["unchanged"]) == (0, 3)
        assert run["as_planned"] == {"equal": 3, "different": 0, "not_foreseen": 0}

    bench.draw(a_node("web", replicas=3, image="nginx:1.28"), a_config_map("conf", a="3"), a_config_map("other", a="2"))
    assert effects(made(bench)) == {"web": "update", "conf": "unchanged", "other": "update"}
    assert states(bench.applied()) == {"web": "done", "conf": "unchanged", "other": "done"}


def test_what_others_deleted_is_said_to_be_made_again(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    bench.applied()
    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    bench.draw(a_config_map("conf"), a_config_map("more"))
    plan = made(bench)
    reasons = {one["ref"]["name"]: one["impact"]["reason"] for one in plan["objects"]}
    assert reasons == {"conf": "others deleted it, and it is made again", "more": "it is new"}
