"""Triggers: who may make them, what they hold, and that none fires twice."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.jobs.worker import Handler
from tests.support.people import Person, a_user, call
from tests.support.wait import until
from tests.support.workers import working
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture
def anna() -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def environment(anna: Person) -> dict[str, Any]:
    return an_environment(anna, a_workflow(anna, a_node("web")), a_cluster(anna.team_id))


def make(person: Person, environment: dict[str, Any], **given: Any) -> dict[str, Any]:
    answer = person.post(f"environments/{environment['id']}/triggers", given)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def listed(person: Person, environment: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(f"environments/{environment['id']}/triggers").body["results"]
    return found


def fires(mongo: Any) -> int:
    return int(mongo.jobs.count_documents({"type": "workflows.trigger"}))


def is_due(mongo: Any, trigger: dict[str, Any], minutes: int = 5) -> None:
    """Let the schedule's time have come some minutes ago."""
    from kubeorch.base.clock import now
    from workflows.triggers.jobs import keep_schedules

    past = now() - timedelta(minutes=minutes)
    mongo.triggers.update_one({"_id": ObjectId(trigger["id"])}, {"$set": {"next_at": past}})
    keep_schedules()


def test_a_schedule_is_made_listed_changed_and_removed(anna: Person, environment: dict[str, Any], mongo: Any) -> None:
    made = make(anna, environment, type="schedule", cron="30 2 * * 1-5", time_zone="Europe/Berlin")
    assert (made["path"], made["signing_key"], made["made_by"]["name"]) == ("", "", "Anna")
    assert made["next_at"] is not None
    [shown] = listed(anna, environment)
    assert {**shown, "path": "", "signing_key": ""} == made
    off = anna.patch(f"triggers/{made['id']}", {"enabled": False})
    assert (off.status, off.body["next_at"], off.body["enabled"]) == (200, None, False)
    assert anna.patch(f"triggers/{made['id']}", {"cron": "* * *"}).status == 400
    assert anna.delete(f"triggers/{made['id']}").status == 204
    assert listed(anna, environment) == []
    assert [row["action"] for row in mongo.audit.find({"action": {"$regex": "^trigger"}}).sort("at", 1)] == [
        "trigger.make",
        "trigger.change",
        "trigger.delete",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "schedule"}, "cron"),
        ({"type": "schedule", "cron": "* * * * *", "time_zone": "Mars"}, "time_zone"),
        ({"type": "schedule", "cron": "* * * * *", "signed": True}, "signed"),
        ({"type": "webhook", "cron": "* * * * *"}, "cron"),
        ({"type": "mail"}, "type"),
    ],
)
def test_what_cannot_be_a_trigger_is_refused_by_field(
    anna: Person, environment: dict[str, Any], given: dict[str, Any], field: str
) -> None:
    answer = anna.post(f"environments/{environment['id']}/triggers", given)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, field), answer.body


def test_an_environment_has_a_bounded_number_of_triggers_and_takes_them_along(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    from workflows.triggers.actions import TRIGGERS_MAX

    for _ in range(TRIGGERS_MAX):
        make(anna, environment, type="webhook")
    answer = anna.post(f"environments/{environment['id']}/triggers", {"type": "webhook"})
    assert (answer.status, answer.body["code"]) == (409, "trigger.too_many")
    assert anna.delete(f"environments/{environment['id']}").status == 204
    assert mongo.triggers.count_documents({}) == 0


def test_a_webhook_is_called_by_its_address_alone_and_only_its_digest_is_stored(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="webhook")
    token = made["path"].rpartition("/")[2]
    assert token not in str(list(mongo.triggers.find()))
    assert call("POST", made["path"], b"anything \xff at all", content_type="text/plain").status == 202
    assert fires(mongo) == 1
    for wrong in (token[:-1] + "x", "koh_", "x", "k" * 3000):
        assert call("POST", f"hooks/{wrong}", b"").status == 404
    assert call("POST", made["path"], b"x" * (64 * 1024 + 1), content_type="text/plain").status == 400
    anna.patch(f"triggers/{made['id']}", {"enabled": False})
    assert call("POST", made["path"], b"{}").status == 404
    assert fires(mongo) == 1


def test_calls_with_one_key_fire_once_and_too_many_calls_wait(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="webhook")
    answers = [call("POST", made["path"], b"{}", **{"X-GitHub-Delivery": "one"}) for _ in range(3)]
    assert [answer.body["accepted"] for answer in answers] == [True, False, False]
    statuses = [call("POST", made["path"], b"{}").status for _ in range(12)]
    assert statuses == [202] * 9 + [429] * 3
    again = call("POST", made["path"], b"{}", **{"Idempotency-Key": "one"})
    assert (again.status, again.body) == (202, {"accepted": False})
    assert fires(mongo) == 10


def test_a_signed_webhook_takes_calls_with_the_right_signature_alone(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="webhook", signed=True)
    assert made["signing_key"]
    assert made["signing_key"].encode() not in bytes(mongo.triggers.find_one({})["signing_key"])
    body = b'{"ref": "main"}'
    right = "sha256=" + hmac.new(made["signing_key"].encode(), body, hashlib.sha256).hexdigest()
    for wrong in ("", "sha256=00", right[:-1], right.upper(), "é"):
        answer = call("POST", made["path"], body, **({"X-Hub-Signature-256": wrong} if wrong else {}))
        assert (answer.status, answer.body["code"]) == (400, "trigger.signature"), wrong
    assert call("POST", made["path"], body, **{"X-Hub-Signature-256": right}).status == 202
    assert call("POST", made["path"], body + b" ", **{"X-KubeOrch-Signature": right}).status == 400
    assert fires(mongo) == 1


def test_who_tries_tokens_is_slowed_down(anna: Person, environment: dict[str, Any]) -> None:
    statuses = {call("POST", f"hooks/koh_{number}", b"", source="192.0.2.7").status for number in range(110)}
    assert statuses == {404, 429}
    made = make(anna, environment, type="webhook")
    assert call("POST", made["path"], b"", source="192.0.2.7").status == 202, "who knows one is let in"


def test_of_missed_times_one_fires_and_two_workers_start_one(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="schedule", cron="* * * * *")
    is_due(mongo, made, minutes=90)
    with working(3):
        until(lambda: listed(anna, environment)[0]["last"], what="it has fired")
        until(lambda: listed(anna, environment)[0]["next_at"] > made["created_at"], what="it waits for the next time")
    slots = [row["_id"] for row in mongo.trigger_calls.find()]
    assert len(slots) <= 2, "the last time that was missed, and one that may have come since"
    assert fires(mongo) == len(slots)


def test_a_slot_is_claimed_by_one_of_many_at_once(anna: Person, environment: dict[str, Any], mongo: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from pymongo.errors import DuplicateKeyError

    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.triggers import store

    trigger = ObjectId(make(anna, environment, type="schedule", cron="0 0 1 1 *")["id"])

    def claim(_: int) -> bool:
        try:
            return run_in_transaction(lambda session: store.claim_call(trigger, "slot:x", now(), session))
        except DuplicateKeyError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]


def test_a_trigger_whose_maker_lost_the_right_is_held_until_somebody_takes_it_over(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="schedule", cron="* * * * *")
    mongo.memberships.update_one({"user_id": ObjectId(anna.user_id)}, {"$set": {"role": "viewer"}})
    is_due(mongo, made)
    with working():
        last = until(lambda: listed(anna, environment)[0]["last"], what="it has fired")
    assert (last["outcome"], last["run"]) == ("held", None)
    assert "Anna, whose rights it uses, may no longer start runs" in last["reason"]
    bert = a_user("editor", anna.team_id, name="Bert")
    assert bert.patch(f"triggers/{made['id']}", {"enabled": True}).body["made_by"]["name"] == "Bert"
    assert mongo.runs.count_documents({}) == 0


def test_a_protected_environment_holds_its_triggers(anna: Person, environment: dict[str, Any], mongo: Any) -> None:
    made = make(anna, environment, type="webhook")
    operator = a_user("operator", anna.team_id)
    assert operator.patch(f"environments/{environment['id']}", {"protected": True}).status == 200
    with working():
        assert call("POST", made["path"], b"{}").status == 202
        last = until(lambda: listed(anna, environment)[0]["last"], what="it has fired")
    assert last["outcome"] == "held"
    assert "is protected" in last["reason"]


@pytest.mark.parametrize("of", ["schedule", "webhook"])
def test_a_call_and_a_slot_wait_alike_for_the_run_in_progress_and_that_is_told_at_once(
    of: str, anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    from workflows.triggers.waiting import BUSY

    more = {"cron": "0 0 1 1 *"} if of == "schedule" else {}
    made = make(anna, environment, type=of, name="nightly", **more)
    assert anna.post(f"workflows/{environment['workflow_id']}/runs", {}).status == 202
    if of == "webhook":
        assert call("POST", made["path"], b"{}").status == 202
        [shown] = listed(anna, environment)
        assert (shown["name"], shown["last"], shown["waiting"]["reason"]) == ("nightly", None, "")
    mongo.jobs.delete_many({"type": "workflows.run"})  # the run stays open
    with working():
        if of == "schedule":
            is_due(mongo, made)
        until(lambda: (listed(anna, environment)[0]["waiting"] or {}).get("reason") == BUSY, what="it waits")
    topic = {"topic": f"environment:{environment['id']}", "key": f"trigger:{made['id']}"}
    told = list(mongo.events.find(topic).sort("_id", 1))
    assert told[-1]["data"]["waiting"]["reason"] == BUSY
    revs = [one["rev"] for one in told]
    assert revs == sorted(set(revs)), "a later event counts more"
    status = anna.get(f"environments/{environment['id']}/status").body["data"]
    assert status[f"trigger:{made['id']}"]["waiting"]["reason"] == BUSY
    assert mongo.runs.count_documents({}) == 1

    # Who disables it ends what waits.
    assert anna.patch(f"triggers/{made['id']}", {"enabled": False}).status == 200
    with working():
        until(lambda: listed(anna, environment)[0]["last"], what="it is held")
    [shown] = listed(anna, environment)
    assert (shown["waiting"], shown["last"]["outcome"]) == (None, "held")


def test_a_schedule_is_held_beside_a_run_and_an_environment_that_is_being_removed(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    from workflows.triggers import store
    from workflows.triggers.firing import fire

    made = make(anna, environment, type="schedule", cron="0 0 1 1 *")
    trigger = store.find(ObjectId(made["id"]), {})
    run = anna.post(f"workflows/{environment['workflow_id']}/runs", {}).body
    assert fire(trigger, "slot:x")["reason"] == "another run is in progress; nothing was started beside it"
    anna.post(f"runs/{run['id']}/cancel")
    mongo.environments.update_one({}, {"$set": {"removing": True}})
    assert "the removal of “prod” was asked for" in fire(trigger, "slot:x")["reason"]
    assert mongo.environments.find_one({})["removing"] is True


def test_a_call_that_waited_while_somebody_returned_to_an_earlier_run_is_held(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.triggers import store
    from workflows.triggers.firing import fire

    trigger = store.find(ObjectId(make(anna, environment, type="webhook")["id"]), {})
    run_in_transaction(lambda session: store.claim_call(trigger["_id"], "call:x", now(), session))
    run = anna.post(f"workflows/{environment['workflow_id']}/runs", {}).body
    anna.post(f"runs/{run['id']}/cancel")
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"kind": "rollback"}})
    held = fire(trigger, "call:x")
    assert (held["outcome"], held["run"]) == ("held", None)
    assert held["reason"] == "run 1 returned to an earlier one after this call; nothing was started over it"
    run_in_transaction(lambda session: store.claim_call(trigger["_id"], "call:y", now(), session))
    assert "returned" not in fire_reason(trigger, "call:y"), "a call after it is one of its own"


def fire_reason(trigger: Any, call: str) -> str:
    """Why it was held or failed; a cluster that does not answer counts as failed."""
    from kubeorch.base.errors import Unavailable
    from workflows.triggers.firing import fire

    try:
        return str(fire(trigger, call)["reason"])
    except Unavailable as error:
        return error.detail


def test_calls_of_a_webhook_wait_for_the_run_in_progress_and_the_last_one_stands_for_all(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    made = make(anna, environment, type="webhook")
    anna.post(f"workflows/{environment['workflow_id']}/runs", {})
    for _ in range(3):
        assert call("POST", made["path"], b"{}").status == 202
    from workflows.triggers import jobs as trigger_jobs

    handlers = {trigger_jobs.FIRE_JOB: Handler(trigger_jobs.run_trigger)}
    with working(handlers=handlers):
        until(lambda: mongo.jobs.count_documents({"type": trigger_jobs.FIRE_JOB, "state": "succeeded"}) == 2)
    assert mongo.jobs.count_documents({"type": trigger_jobs.FIRE_JOB, "state": "queued"}) == 1
    assert listed(anna, environment)[0]["last"] is None


@pytest.mark.parametrize("of", ["webhook", "schedule"])
@pytest.mark.parametrize(("called_min", "held_min"), [(0, None), (40, None), (40, 4), (40, 6)])
def test_a_call_beside_which_a_run_came_up_while_it_was_planned_is_made_again_for_a_while(
    anna: Person,
    environment: dict[str, Any],
    mongo: Any,
    monkeypatch: Any,
    of: str,
    called_min: int,
    held_min: int | None,
) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.triggers import jobs as trigger_jobs
    from workflows.triggers import store

    more = {"cron": "0 0 1 1 *"} if of == "schedule" else {}
    trigger = store.find(ObjectId(make(anna, environment, type=of, **more)["id"]), {})
    monkeypatch.setattr(trigger_jobs, "waits_for", lambda *_: None)  # it looked just before that run
    anna.post(f"workflows/{environment['workflow_id']}/runs", {})
    at, is_over = now() - timedelta(minutes=called_min), held_min is not None and held_min > 5

    def claim(session: Any) -> None:
        store.claim_call(trigger["_id"], "call:x", at, session)
        if held_min is not None:
            held_at = now() - timedelta(minutes=held_min)
            mongo.trigger_calls.update_one({}, {"$set": {"held_at": held_at}}, session=session)
        trigger_jobs.enqueue_fire(trigger, "call:x", session)

    run_in_transaction(claim)
    handlers = {trigger_jobs.FIRE_JOB: Handler(trigger_jobs.run_trigger)}
    with working(handlers=handlers):
        until(lambda: listed(anna, environment)[0]["last" if is_over else "waiting"], what="it is looked at")
        until(lambda: mongo.jobs.find_one({"type": trigger_jobs.FIRE_JOB})["state"] != "running", what="it is done")
    [shown], job = listed(anna, environment), mongo.jobs.find_one({"type": trigger_jobs.FIRE_JOB})
    if is_over:
        assert (shown["last"]["outcome"], shown["waiting"], job["state"]) == ("held", None, "succeeded")
    else:
        assert (shown["last"], job["state"]) == (None, "queued")
        assert shown["waiting"]["reason"] == "another run is in progress; nothing was started beside it"


def test_a_call_that_waits_for_a_run_after_it_was_held_has_its_whole_time_again(
    anna: Person, environment: dict[str, Any], mongo: Any
) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.triggers import jobs as trigger_jobs
    from workflows.triggers import store
    from workflows.triggers.waiting import may_pass

    trigger = store.find(ObjectId(make(anna, environment, type="webhook")["id"]), {})

    def claim(session: Any) -> None:
        store.claim_call(trigger["_id"], "call:x", now(), session)
        trigger_jobs.enqueue_fire(trigger, "call:x", session)

    run_in_transaction(claim)
    held_at = now() - timedelta(minutes=6)
    mongo.trigger_calls.update_one({}, {"$set": {"held_at": held_at}})
    assert not may_pass(trigger, "call:x")
    anna.post(f"workflows/{environment['workflow_id']}/runs", {})
    with working(handlers={trigger_jobs.FIRE_JOB: Handler(trigger_jobs.run_trigger)}):
        until(lambda: (listed(anna, environment)[0]["waiting"] or {}).get("reason"), what="it waits for the run")
    assert may_pass(trigger, "call:x")


@pytest.mark.parametrize(
    ("quarantined", "planned", "reason"),
    [
        (
            [{"version": 3, "reason": "web did not become healthy"}],
            {},
            "version 3 is in quarantine: web did not become",
        ),
        (
            [{"version": 1, "content": "same", "reason": "web crashed"}],
            {},
            "version 1 is in quarantine: web crashed",
        ),
        (
            [{"version": 2, "reason": ""}],
            {"error": {"code": "x", "detail": "y"}},
            "the run would fail at Deployment web",
        ),
        ([], {"effect": "conflict"}, "meets fields or objects of others at Deployment web"),
        ([], {"impact": {"level": "data"}}, "can lose data of Deployment web"),
        ([], {"impact": {"level": "downtime"}}, ""),
    ],
)
def test_what_a_person_should_look_at_is_held(quarantined: Any, planned: dict[str, Any], reason: str) -> None:
    from workflows.triggers.firing import Held, check_unattended

    ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    one = {"ref": ref, "effect": "update", "error": None, "conflicts": [], "impact": None, **planned}
    plan: Any = {"version": 3, "deletions": {"count": 0, "budget": 10, "above": False}}
    environment: Any = {"quarantined": quarantined}
    with pytest.raises(Held) if reason else nullcontext() as held:
        objects: Any = [{"planned": one}]
        check_unattended(environment, plan, objects, "same")
    assert not reason or reason in held.value.detail


def test_a_run_that_deletes_more_than_may_go_unasked_is_held() -> None:
    from workflows.triggers.firing import Held, check_unattended

    plan: Any = {"version": 3, "deletions": {"count": 1, "budget": 0, "above": True}}
    with pytest.raises(Held, match="would delete 1 object, more than the 0 that may go unasked here"):
        check_unattended({}, plan, [])  # type: ignore[typeddict-item]
