"""An object that another environment has by now is not deleted, given back or applied by the one that had it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import ForeignObject, check_ours
from clusters.kube.client import KubeClient
from clusters.kube.removing import delete_object
from tests.support.control_plane import ControlPlane
from tests.support.narrow import a_narrow_cluster
from tests.support.people import Person, a_user
from tests.support.plans import made, planned
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node


@pytest.fixture
def other(person: Person, cluster: str, bench: Bench, control_plane: ControlPlane) -> Bench:
    """An environment of another workflow, which draws the same ConfigMap and has taken it by its label."""
    bench.draw(a_config_map("conf", a="1"), a_config_map("own", a="1"))
    bench.applied()
    other = Bench(person, cluster, control_plane, control_plane.namespace("other"))
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: '2'}\n"
    other.draw(a_node("conf", kind="manifest", manifest=text, namespace=bench.namespace))
    labelled(bench, other.environment["id"])
    other.applied()
    assert label_of(bench) == other.environment["id"]
    return other


def labelled(bench: Bench, value: str | None) -> None:
    text = "null" if value is None else f'"{value}"'
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=kubectl-label",
        f'{{"metadata":{{"labels":{{"{ENVIRONMENT_LABEL}":{text}}}}}}}'.encode(),
        content_type="application/merge-patch+json",
    )


def label_of(bench: Bench) -> Any:
    live = bench.get("v1", "ConfigMap", "conf")
    return (live or {"metadata": {"labels": {}}})["metadata"]["labels"].get(ENVIRONMENT_LABEL)


def dropped(bench: Bench) -> dict[str, Any]:
    bench.draw(a_config_map("own", a="1"))
    return bench.applied()


def test_what_an_environment_of_another_connection_has_by_now_stays(bench: Bench, control_plane: ControlPlane) -> None:
    bench.draw(a_config_map("conf", a="1"), a_config_map("own", a="1"))
    bench.applied()
    second = a_narrow_cluster(control_plane.kubeconfig, "second", is_sandbox=False)
    other = Bench(a_user("admin"), second, control_plane, control_plane.namespace("other"))
    labelled(bench, other.environment["id"])
    dropped(bench)
    assert label_of(bench) == other.environment["id"]


def renamed(bench: Bench) -> dict[str, Any]:
    bench.draw(a_config_map("renamed", a="1"), a_config_map("own", a="1"))
    return bench.applied()


def undeployed(bench: Bench) -> dict[str, Any]:
    return bench.until(bench.start(kind="destroy"), "succeeded")


@pytest.mark.parametrize("go", [dropped, renamed, undeployed])
@pytest.mark.parametrize("has_label", [True, False])
def test_what_another_environment_runs_stays(
    bench: Bench, other: Bench, go: Callable[[Bench], dict[str, Any]], has_label: bool
) -> None:
    if not has_label:
        labelled(bench, None)
    run = go(bench)
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "2"}
    assert "ConfigMap/conf" not in bench.owned()
    [step] = [one for one in run["steps"] if one["ref"]["name"] == "conf"]
    assert (step["action"], step["state"]) == ("delete", "unchanged")
    said = f"stays: the environment prod of the workflow {other.workflow['name']} has it now"
    assert any(said in line["message"] for line in bench.person.get(f"runs/{run['id']}/logs").body["results"])
    other.draw()
    other.applied()
    assert bench.get("v1", "ConfigMap", "conf") is None, "who has it deletes it"


def test_a_plan_says_that_it_stays_and_is_still_true_for_its_run(bench: Bench, other: Bench) -> None:
    bench.draw(a_config_map("own", a="1"))
    plan = made(bench)
    one = planned(plan, "conf")
    assert (one["effect"], one["reason"]) == ("keep", "another environment has it now, and it stays")
    bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")
    assert label_of(bench) == other.environment["id"]


def test_what_was_to_be_deleted_and_is_anothers_since_moves_the_plan(
    person: Person, cluster: str, bench: Bench, control_plane: ControlPlane
) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    bench.draw()
    plan = made(bench)
    assert planned(plan, "conf")["effect"] == "delete"
    labelled(bench, Bench(person, cluster, control_plane, control_plane.namespace("other")).environment["id"])
    [moved] = bench.person.get(f"plans/{plan['id']}").body["moved"]
    assert moved["what"] == "it is ours no more"


def test_who_had_it_before_does_not_apply_it_any_more(bench: Bench, other: Bench) -> None:
    bench.draw(a_config_map("conf", a="3"), a_config_map("own", a="1"))
    assert planned(made(bench), "conf")["error"]["code"] == "object.foreign"
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert f"the workflow {other.workflow['name']}; it was not touched" in run["error"]["detail"]
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "2"}
    labelled(bench, bench.environment["id"])
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "3"}


def test_who_labels_an_object_between_the_look_and_the_deletion_has_it(bench: Bench) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    client = KubeClient(parse_kubeconfig(bench.plane.kubeconfig))
    ref = Ref("v1", "ConfigMap", bench.namespace, "conf")
    seen = client.get(ref, metadata_only=True)
    assert seen is not None
    uid = seen["metadata"]["uid"]
    labelled(bench, "5" * 24)

    def check(live: Manifest) -> None:
        check_ours(live, ref, bench.environment["id"], uid)

    with pytest.raises(ForeignObject):
        delete_object(client, ref, uid, check=check, seen=seen, guard=lambda: None)
    assert label_of(bench) == "5" * 24
    labelled(bench, None)
    delete_object(client, ref, uid, check=check, seen=seen, guard=lambda: None)
    assert bench.get("v1", "ConfigMap", "conf") is None


def test_a_label_that_names_no_environment_is_nobodys_and_is_put_back(bench: Bench) -> None:
    bench.draw(a_config_map("conf", a="1"), a_config_map("own", a="1"))
    bench.applied()
    ref = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "conf"}
    labelled(bench, "nonsense")
    reverted = bench.person.post(f"environments/{bench.environment['id']}/drift/revert", {"refs": [ref]})
    assert reverted.status == 202, reverted.body
    bench.until(reverted.body, "verifying", "succeeded")
    assert label_of(bench) == bench.environment["id"]
    bench.see_all_healthy()
    labelled(bench, "5" * 24)
    bench.applied(take_over=True)
    assert label_of(bench) == bench.environment["id"]
    labelled(bench, "5" * 24)
    bench.draw(a_config_map("own", a="1"))
    assert planned(made(bench), "conf")["effect"] == "delete"
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf") is None


def test_what_a_removed_environment_left_in_the_cluster_may_be_taken_over(
    person: Person, cluster: str, bench: Bench, control_plane: ControlPlane
) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    assert person.delete(f"environments/{bench.environment['id']}?objects=keep").status == 204
    heir = Bench(person, cluster, control_plane, bench.namespace)
    heir.draw(a_config_map("conf", a="1"))
    error = planned(made(heir), "conf")["error"]
    assert error["code"] == "object.foreign"
    said = f"with the label of an environment that is not there (any more), {bench.environment['id']}"
    assert said in error["detail"]
    assert "plan to take the object over (adopt)" in error["detail"]

    plan = made(heir, adopt=True)

    assert (planned(plan, "conf")["error"], planned(plan, "conf")["effect"]) == (None, "update")
    heir.until(heir.start(plan=plan["id"]), "verifying")
    assert label_of(heir) == heir.environment["id"]
    assert heir.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}
