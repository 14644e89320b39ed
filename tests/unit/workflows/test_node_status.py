"""The status of a node, composed of what was observed and of what should be there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from clusters.domain.diagnosis import Evidence, ObservedNode
from clusters.domain.health import Health, State
from clusters.domain.objects import Ref, Refs
from clusters.domain.observed import ObservedObject
from clusters.domain.projection import project
from workflows.statuses.node_status import (
    OBJECTS_SHOWN,
    AbsentObject,
    Composed,
    Staleness,
    compose,
    digest_of,
    digest_of_objects,
    shows_apply,
    version_number,
    versions_of,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
WELL = Health(State.HEALTHY, "present")


def ref(name: str) -> Ref:
    return Ref("v1", "ConfigMap", "shop", name)


def seen(name: str, version: str = "5", **metadata: Any) -> ObservedObject:
    named = {"name": name, "namespace": "shop", "uid": f"u-{name}", "resourceVersion": version, **metadata}
    return project("v1", "ConfigMap", {"metadata": named})


def composed(*objects: ObservedObject, absent: tuple[AbsentObject, ...] = (), owned: tuple[str, ...] = ()) -> Any:
    observed = ObservedNode(WELL, objects=tuple((one, WELL) for one in objects))
    return compose("web", observed, absent, Refs(ref(name) for name in owned), at=AT, stale=None, rev=7)


def names(found: Composed) -> list[str]:
    return [row["ref"]["name"] for row in found.objects]


def test_a_node_of_which_nothing_is_there_and_nothing_should_be_has_no_status() -> None:
    assert composed() is None
    assert composed(owned=("conf",)) is None


def test_the_most_severe_health_is_that_of_the_node_absent_objects_included() -> None:
    gone = AbsentObject(ref("gone"), Health(State.MISSING, "it is gone"))
    found = composed(seen("conf"), absent=(gone,), owned=("conf", "gone"))
    assert (found.status["health"], found.status["reason"]) == ("missing", "it is gone")
    assert found.status["objects"][1] == {
        "ref": ref("gone").as_json(),
        "health": "missing",
        "reason": "it is gone",
        "uid": None,
        "resource_version": None,
    }
    assert found.status["resource_version"] == "5"
    assert found.status["rev"] == 7


@pytest.mark.parametrize(("owned", "strangers"), [(3, 100), (OBJECTS_SHOWN, 100), (OBJECTS_SHOWN + 30, 100), (0, 100)])
def test_owned_objects_are_all_there_and_others_only_as_far_as_there_is_room(owned: int, strangers: int) -> None:
    ours = [f"z-{number:03}" for number in range(owned)]
    others = [seen(f"a-{number:03}") for number in range(strangers)]
    found = composed(*others, *(seen(name) for name in ours), owned=tuple(ours))
    assert names(found)[:owned] == ours
    assert len(found.objects) == max(owned, OBJECTS_SHOWN)
    assert len(found.status["objects"]) == min(len(found.objects), OBJECTS_SHOWN)


def test_an_edit_by_somebody_else_is_shown_with_the_object_that_was_edited() -> None:
    ours = {"manager": "kubeorch", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:data": {}}}
    theirs = {"manager": "kubectl-edit", "time": "2026-01-01T00:00:05Z", "fieldsV1": {"f:data": {}}}
    plain, edited = seen("a"), seen("b", managedFields=[ours, theirs])
    assert edited.outside_edit is not None
    observed = ObservedNode(
        WELL,
        evidence=(Evidence(ref("a"), "BackOff", "again", 2, ""),),
        outside_edit=edited.outside_edit,
        objects=((plain, WELL), (edited, WELL)),
    )
    found = compose("web", observed, [], Refs([]), at=AT, stale=Staleness(AT, "silent"), rev=1)
    assert found is not None
    assert found.status["drifted"]
    assert found.status["stale_since"] is not None
    assert found.status["stale_reason"] == "silent"
    assert [row["reason"] for row in found.status["evidence"]] == ["BackOff", "ChangedOutside"]
    assert found.status["evidence"][1]["ref"]["name"] == "b"
    assert "kubectl-edit" in found.status["evidence"][1]["message"]


def test_the_digest_is_of_what_a_person_can_see() -> None:
    status = composed(seen("conf"), owned=("conf",)).status
    newer = composed(seen("conf", "6"), owned=("conf",)).status
    assert digest_of(newer) == digest_of(status)
    assert digest_of({**status, "rev": 8, "observed_at": "later"}) == digest_of(status)
    for change in ({"reason": "other"}, {"stale_since": "now"}, {"drifted": True}, {"facts": {"ready": 1}}):
        assert digest_of({**status, **change}) != digest_of(status)
    other = [{**status["objects"][0], "uid": "another"}]
    assert digest_of({**status, "objects": other}) != digest_of(status)


def test_the_digest_of_no_objects_is_empty_and_versions_do_not_count() -> None:
    rows = composed(seen("conf"), owned=("conf",)).status["objects"]
    assert digest_of_objects([]) == b""
    assert digest_of_objects([{**rows[0], "resource_version": "9"}]) == digest_of_objects(rows)
    assert digest_of_objects([{**rows[0], "health": "failed"}]) != digest_of_objects(rows)


def test_versions_come_in_the_order_of_the_objects_those_not_shown_last() -> None:
    objects = [seen(f"c-{number:02}", str(number + 1)) for number in range(OBJECTS_SHOWN + 2)]
    found = composed(*objects, owned=tuple(one.name for one in objects))
    assert versions_of(found.status, found.not_shown) == tuple(range(1, OBJECTS_SHOWN + 3))


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", 0), (None, 0), ("v1", 0), ("٣", 0), ("²", 0), ("-4", 0)])
def test_a_version_that_is_not_a_number_counts_as_the_oldest(text: Any, number: int) -> None:
    assert version_number(text) == number


@pytest.mark.parametrize(
    ("uid", "version", "expected"),
    [("u", 5, True), ("u", 6, True), ("u", 4, False), ("other", 9, False), (None, 9, False)],
)
def test_an_object_shows_our_apply_by_its_uid_and_a_version_that_is_not_older(
    uid: str | None, version: int, expected: bool
) -> None:
    assert shows_apply(uid, version, "u", 5) == expected
