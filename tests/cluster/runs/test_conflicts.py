"""Fields and objects of others: reported, never touched unless a person asks."""

from __future__ import annotations

from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.runs import Bench, decoded, states
from tests.support.workflows import a_config_map, a_node, a_secret


def test_a_field_owned_by_another_manager_is_reported_as_a_conflict_and_never_forced(bench: Bench) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=somebody",
        b'{"data":{"a":"theirs"}}',
        content_type="application/merge-patch+json",
    )
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "cluster.field_conflict"
    assert ".data.a" in run["error"]["detail"]
    assert "somebody" in run["error"]["detail"]
    assert run["error"]["node_id"] == "conf"
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "theirs"}


def scaled_from_outside(bench: Bench, name: str, replicas: int) -> None:
    """As `kubectl scale` does it."""
    status, body = bench.plane.call(
        "PATCH",
        f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/{name}/scale?fieldManager=kubectl",
        b'{"spec":{"replicas":%d}}' % replicas,
        content_type="application/merge-patch+json",
    )
    assert status == 200, body


def test_replicas_scaled_with_kubectl_are_taken_over_when_a_person_asks(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=2))
    bench.applied()
    scaled_from_outside(bench, "web", 5)
    refused = bench.until(bench.start(), "failed")
    (step,) = refused["steps"]
    assert step["error"]["code"] == refused["error"]["code"] == "cluster.field_conflict"
    assert "kubectl manages .spec.replicas" in step["error"]["detail"]
    assert step["error"]["owners"] == [{"manager": "kubectl", "paths": [".spec.replicas"]}]
    assert refused["options"]["take_over"] is False
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 5

    forced = bench.applied(take_over=True)
    assert forced["options"]["take_over"] is True
    assert states(forced) == {"web": "done"}
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
    bench.draw(a_node("web", replicas=3))
    assert states(bench.applied()) == {"web": "done"}, "the field is ours again"
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 3


def test_a_secret_value_changed_by_another_manager_is_taken_over_as_well(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"))
    bench.applied(secrets={"keys": {"token": "ours"}})
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/secrets/keys?fieldManager=kubectl",
        b'{"stringData":{"token":"theirs"}}',
        content_type="application/merge-patch+json",
    )
    values = {"keys": {"token": "newer"}}
    refused = bench.until(bench.start(secrets=values), "failed")
    assert "kubectl manages .data.token" in refused["error"]["detail"]
    bench.applied(secrets=values, take_over=True)
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "newer"}


def test_taking_over_never_touches_an_object_we_did_not_create(bench: Bench) -> None:
    theirs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "conf", "namespace": bench.namespace},
        "data": {"a": "theirs"},
    }
    bench.plane.apply(theirs)
    before = bench.get("v1", "ConfigMap", "conf")
    bench.draw(a_config_map("conf", a="1"))
    run = bench.until(bench.start(take_over=True), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert bench.get("v1", "ConfigMap", "conf") == before


def test_an_object_we_did_not_create_is_neither_changed_nor_pruned(bench: Bench) -> None:
    bench.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "conf", "namespace": bench.namespace},
            "data": {"x": "y"},
        }
    )
    before = bench.get("v1", "ConfigMap", "conf")
    bench.draw(a_config_map("conf", a="1"))
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert "rename the node" in run["error"]["detail"].lower()
    assert bench.get("v1", "ConfigMap", "conf") == before
    bench.draw()
    bench.applied()
    assert bench.get("v1", "ConfigMap", "conf") == before, "nor is it pruned"


def test_an_object_of_our_own_other_environment_is_named_with_its_workflow(
    person: Person, cluster: str, bench: Bench, control_plane: ControlPlane
) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n"
    bench.draw(a_config_map("shared"))
    bench.applied()
    other = Bench(person, cluster, control_plane, control_plane.namespace("other"))
    other.draw(a_node("shared", kind="manifest", manifest=text, namespace=bench.namespace))
    run = other.until(other.start(), "failed")
    assert run["error"]["code"] == "object.foreign"
    assert (
        f"belongs to the environment prod of the workflow {bench.workflow['name']}; it was not touched."
        in run["error"]["detail"]
    )
    assert "label" not in run["error"]["detail"]


def test_an_object_of_another_teams_environment_is_not_named_and_nobody_is_told_to_relabel_it(
    cluster: str, bench: Bench
) -> None:
    theirs = Bench(a_user("admin"), cluster, bench.plane, bench.plane.namespace("theirs")).environment["id"]
    metadata = {"name": "conf", "namespace": bench.namespace, "labels": {"kubeorch.dev/environment": theirs}}
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(), "failed")
    assert "belongs to another environment; it was not touched. Rename the node" in run["error"]["detail"]
    assert "label" not in run["error"]["detail"]


def test_what_was_drawn_and_refused_is_neither_ours_nor_deleted_later(bench: Bench) -> None:
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": bench.namespace}}
    bench.plane.apply({**theirs, "data": {"a": "1"}})
    bench.draw(a_config_map("theirs", a="2"))
    assert bench.until(bench.start(), "failed")["error"]["code"] == "object.foreign"
    assert bench.owned() == []
    bench.draw(a_config_map("ours", a="1"))
    run = bench.applied()
    assert (run["counts"]["deleted"], run["counts"]["kept"]) == (0, 0)
    assert run["options"]["confirm_deletions"] == 0, "nobody was asked"
    assert bench.get("v1", "ConfigMap", "theirs")["data"] == {"a": "1"}


def test_what_was_skipped_and_never_made_is_not_called_deleted(bench: Bench) -> None:
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": bench.namespace}}
    bench.plane.apply(theirs)
    bench.draw(a_config_map("theirs", a="2"), a_node("late"))  # a Deployment comes in a later wave
    assert bench.until(bench.start(), "failed")["error"]["code"] == "object.foreign"
    bench.draw(a_config_map("ours", a="1"))
    run = bench.applied()
    assert run["counts"]["deleted"] == 0
    lines = [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert not any(line.startswith("deleted") for line in lines), lines
    assert bench.owned() == ["ConfigMap/ours"]
