"""What is told of a change of an object: by whom, which fields, from what to what, and no secrets."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId

from clusters.changes import pending as waiting
from clusters.changes import room
from clusters.changes.pending import Pending
from clusters.changes.recording import ChangesSeen
from clusters.domain.changes import Change, Look, changes_between, look_at, without_digests
from clusters.domain.projection import project
from clusters.kube.noticing import Noticed

SECRET = "hunter2-hunter2"


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def entry(manager: str, at: str, fields: dict[str, Any], *, operation: str = "Update", sub: str = "") -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "time": at, "fieldsV1": fields, "subresource": sub}


def a_deployment() -> dict[str, Any]:
    container = {
        "name": "web",
        "image": "web:1",
        "args": ["--password=" + SECRET, "--verbose"],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "DB_PASSWORD", "value": SECRET},
            {"name": "DATABASE_URL", "value": f"postgres://shop:{SECRET}@db/shop"},
            {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
        ],
    }
    labels = {"kubeorch.dev/environment": "e" * 24, "kubeorch.dev/node": "web"}
    metadata = {
        "name": "web",
        "uid": "u1",
        "resourceVersion": "7",
        "generation": 1,
        "labels": labels,
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": SECRET}),
            "tool/applied": json.dumps({"data": {"a": SECRET}}),
        },
        "managedFields": [entry("kubeorch", "2026-01-01T00:00:00Z", {"f:spec": {"f:replicas": {}}}, operation="Apply")],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": 2, "template": {"spec": {"containers": [container]}}},
        "status": {"replicas": 2},
    }


def changed(manifest: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    found = copy.deepcopy(manifest)
    change(found)
    return found


def web(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest["spec"]["template"]["spec"]["containers"][0]  # type: ignore[no-any-return]


def scaled(by: str = "kubectl-edit", to: int = 5) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        manifest["spec"]["replicas"] = to
        managed = manifest["metadata"]["managedFields"]
        managed[0]["fieldsV1"] = {}
        managed.append(entry(by, "2026-01-01T00:05:00Z", {"f:spec": {"f:replicas": {}}}))

    return change


def told(before: dict[str, Any], after: dict[str, Any], *, one_write: bool = True) -> list[Change]:
    return changes_between(look_at(before, digest), look_at(after, digest), after, is_one_write=one_write)


def test_a_change_says_who_made_it_and_from_what_to_what() -> None:
    base = a_deployment()
    (change,) = told(base, changed(base, scaled()))
    assert change.writer is not None
    assert (change.writer.manager, change.writer.at) == ("kubectl-edit", "2026-01-01T00:05:00Z")
    assert [(one.path, one.old, one.new) for one in change.fields] == [("spec.replicas", "2", "5")]


def test_two_writers_between_two_looks_are_told_apart_by_what_they_own() -> None:
    base = a_deployment()
    after = changed(base, scaled())
    web(after)["image"] = "web:2"
    path = {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}
    image = {"f:spec": {"f:template": {"f:spec": path}}}
    after["metadata"]["managedFields"].append(entry("kubectl-set", "2026-01-01T00:05:00Z", image))
    found = {one.writer.manager: one.fields[0].path for one in told(base, after, one_write=False) if one.writer}
    path_of_image = "spec.template.spec.containers[name=web].image"
    assert found == {"kubectl-edit": "spec.replicas", "kubectl-set": path_of_image}


def test_who_took_a_field_away_is_known_only_where_that_one_write_was_seen() -> None:
    base = a_deployment()

    def change(manifest: dict[str, Any]) -> None:
        web(manifest)["env"].pop(0)
        manifest["metadata"]["managedFields"].append(entry("kubectl-edit", "2026-01-01T00:05:00Z", {"f:spec": {}}))

    (seen,) = told(base, changed(base, change))
    (between,) = told(base, changed(base, change), one_write=False)
    assert (seen.writer.manager if seen.writer else None, between.writer) == ("kubectl-edit", None)
    assert seen.fields[0].new is None
    assert json.loads(seen.fields[0].old or "")["value"] == "info"


def test_secrets_are_in_nothing_that_is_kept_and_their_changes_are_seen() -> None:
    base = a_deployment()
    look = look_at(base, digest)
    assert SECRET not in json.dumps(look.content)
    assert "LOG_LEVEL" in json.dumps(look.content)
    env = look.content["spec"]["template"]["spec"]["containers"][0]["env"]
    assert env[3]["valueFrom"]["secretKeyRef"] == {"name": "keys", "key": "token"}
    after = changed(base, lambda m: web(m)["env"][1].update(value="another-one-11"))
    (change,) = told(base, after)
    assert [(one.old, one.new) for one in change.fields] == [('"(hidden)"', '"(hidden)"')]


def test_another_key_of_the_digests_is_no_change() -> None:
    base = a_deployment()
    before, after = look_at(base, digest), look_at(base, lambda value: digest("other" + value))
    assert changes_between(before, after, base, is_one_write=True)
    pair = without_digests(before), without_digests(after)
    assert changes_between(*pair, base, is_one_write=True) == []


def test_of_a_secret_no_label_or_annotation_is_kept() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys", "uid": "u", "annotations": {"copy": SECRET}, "labels": {"of": "hunter"}},
        "data": {"a": SECRET},
    }
    assert "hunter" not in json.dumps(look_at(secret, digest).content)


def test_status_and_the_books_of_controllers_are_no_change() -> None:
    base = a_deployment()

    def change(manifest: dict[str, Any]) -> None:
        manifest["status"] = {"replicas": 1}
        manifest["metadata"]["generation"] = 9
        manifest["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "4"
        managed = manifest["metadata"]["managedFields"]
        managed.append(entry("kube-controller-manager", "2026-01-01T00:05:00Z", {"f:status": {}}, sub="status"))

    assert told(base, changed(base, change)) == []


def test_of_what_is_watched_without_its_content_the_fields_of_the_writer_are_told() -> None:
    base = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "uid": "u", "managedFields": [entry("kubeorch", "2026-01-01T00:00:00Z", {})]},
    }
    fields = {"f:data": {"f:LOG_LEVEL": {}, "f:MODE": {}}}
    after = changed(base, lambda m: m["metadata"]["managedFields"].append(entry("kubectl-edit", "2026-01-02T", fields)))
    (change,) = told(base, after)
    assert (change.fields, change.among) == ((), ("data.LOG_LEVEL", "data.MODE"))


def test_long_values_and_many_fields_are_cut() -> None:
    base = a_deployment()
    after = changed(base, lambda m: m["spec"].update({f"x{number}": "y" * 20_000 for number in range(100)}))
    (change,) = told(base, after)
    assert (len(change.fields), change.left_out) == (40, 60)
    assert all(len(one.new or "") < 400 for one in change.fields)
    assert len(json.dumps(look_at(after, digest).content)) < 1_200_000


@pytest.mark.parametrize("value", [None, 7, "x", [1], {"a": None}, [[[]]], {"name": 3, "value": []}])
def test_objects_of_any_shape_are_looked_at(value: Any) -> None:
    base = a_deployment()
    for part in ("metadata", "spec"):
        for name in ("labels", "annotations", "managedFields", "replicas", "template"):
            other = changed(base, lambda m, part=part, name=name: m[part].update({name: value}))  # type: ignore[misc]
            assert isinstance(look_at(other, digest), Look)
            told(base, other)
            told(other, base)


# What waits to be compared


def noticed(manifest: dict[str, Any], *, is_new: bool = False) -> Noticed:
    return Noticed(project("apps/v1", "Deployment", manifest), is_new, True, manifest)


def test_of_an_object_that_changes_again_while_it_waits_the_newest_look_is_taken_and_counts_as_several_writes() -> None:
    pending = Pending()
    base = a_deployment()
    pending.add(noticed(base, is_new=True))
    pending.add(noticed(changed(base, scaled(to=9))))
    (one,), gone = pending.take()
    assert (one.manifest()["spec"]["replicas"], one.is_new, one.is_one_write, gone) == (9, True, False, set())
    assert "status" not in one.manifest()


def test_what_waits_is_bounded_and_an_object_rests_after_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAITING_BYTES", 3_000)
    at = [0.0]
    pending = Pending(moment=lambda: at[0])
    base = a_deployment()
    for number in range(20):
        pending.add(noticed(changed(base, lambda m, number=number: m["metadata"].update(uid=str(number)))))  # type: ignore[misc]
    some, _ = pending.take()
    assert 0 < len(some) < 5
    pending.add(noticed(changed(base, lambda m: m["metadata"].update(uid="0"))))
    assert pending.take() == ([], set())
    at[0] = waiting.SAME_EVERY_S + 1
    assert [one.uid for one in pending.take()[0]] == ["0"]


def test_what_could_not_be_written_down_comes_again_with_what_was_seen_since() -> None:
    pending = Pending()
    base = a_deployment()
    pending.add(noticed(base, is_new=True))
    some, gone = pending.take()
    pending.give_back(some, {"gone", *gone})
    pending.gone("u1")
    again, gone = Pending.take(pending)
    assert (again, gone) == ([], {"gone", "u1"})


def test_an_object_that_is_too_large_is_left_out() -> None:
    pending = Pending()
    pending.add(noticed(changed(a_deployment(), lambda m: m["spec"].update(x="y" * waiting.OBJECT_BYTES))))
    assert not pending.has_some


def a_usual_deployment(number: int) -> dict[str, Any]:
    found = changed(a_deployment(), lambda m: m["metadata"].update(uid=str(number), name=f"web-{number}"))
    web(found)["env"] = [{"name": f"SETTING_{one}", "value": f"{number * one * 7919:020}"} for one in range(15)]
    found["metadata"]["managedFields"][0]["fieldsV1"] = {f"f:field{one}": {} for one in range(60)}
    return found


def test_a_first_list_of_thousands_of_objects_waits_as_a_whole() -> None:
    pending = Pending()
    for number in range(3_000):
        pending.add(noticed(a_usual_deployment(number), is_new=True), is_first=True)
    taken = 0
    while some := pending.take()[0]:
        taken += len(some)
    assert taken == 3_000


def test_of_what_is_seen_for_the_first_time_the_writers_are_kept_and_not_their_fields() -> None:
    pending = Pending()
    pending.add(noticed(a_deployment(), is_new=True), is_first=True)
    ((one,), _) = pending.take()
    assert look_at(one.manifest(), digest) == look_at(a_deployment(), digest)
    assert "f:replicas" not in json.dumps(one.manifest())


def test_an_object_that_changes_all_the_time_is_looked_at_ever_less_often() -> None:
    at = [0.0]
    pending = Pending(moment=lambda: at[0])
    turns = []
    while at[0] < 200:
        pending.add(noticed(a_deployment()))
        if pending.take()[0]:
            turns.append(at[0])
        at[0] += 1
    assert turns == [0, 2, 6, 14, 30, 62, 94, 126, 158, 190]
    at[0] = turns[-1] + 3 * waiting.SAME_REST_MOST_S
    assert pending.take()[0]
    at[0] += waiting.SAME_EVERY_S
    pending.add(noticed(a_deployment()))
    assert pending.take()[0]


def test_of_more_objects_than_are_kept_only_those_that_change_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOOKS_OF_CLUSTER", 0)
    seen = ChangesSeen(ObjectId(), lambda environment_id: True, lambda: True)
    seen.noticed(noticed(a_deployment(), is_new=True))
    assert not seen._pending.has_some
    seen.noticed(noticed(a_deployment()))
    assert seen._pending.has_some
