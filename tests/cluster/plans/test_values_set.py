"""Plans and the values that are stored for Secrets: what is set since a plan was made is news, what comes with its run
is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.runs.test_secrets import set_ahead
from tests.support.plans import looked_at, made, planned
from tests.support.runs import Bench, decoded
from tests.support.workflows import a_secret


def test_a_plan_uses_what_was_set_ahead_and_is_untrue_once_another_value_is_set(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"))
    set_ahead(bench, token="first")
    plan = made(bench)
    assert (planned(plan, "keys")["effect"], planned(plan, "keys")["proof"]) == ("create", "proven")
    set_ahead(bench, token="first")
    assert looked_at(bench, plan)["still_true"] is True, "the same value says the same"
    set_ahead(bench, token="second")

    seen = looked_at(bench, plan)

    assert [(one["ref"]["name"], one["what"]) for one in seen["moved"]] == [("keys", "a value was set for it since")]
    refused = bench.ask(plan=plan["id"])
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    fresh = made(bench)
    run = bench.until(bench.start(plan=fresh["id"]), "verifying")
    assert run["as_planned"] == {"equal": 1, "different": 0, "not_foreseen": 0}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "second"}

    set_ahead(bench, token="third")
    later = made(bench)
    assert planned(later, "keys")["effect"] == "update"
    set_ahead(bench, token="fourth")
    assert looked_at(bench, later)["still_true"] is False
    assert "third" not in str(later)


def test_values_that_come_with_the_run_of_a_plan_and_are_kept_do_not_move_it(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"))
    plan = made(bench)
    bench.until(bench.start(plan=plan["id"], secrets={"keys": {"token": "1"}}, keep_secrets=True), "verifying")
    bench.see_all_healthy()
    bench.draw(a_secret("keys", "token", "more"))
    plan = made(bench)
    assert (planned(plan, "keys")["effect"], planned(plan, "keys")["proof"]) == ("update", "at_apply")

    run = bench.start(plan=plan["id"], secrets={"keys": {"more": "2"}}, keep_secrets=True)

    bench.until(run, "verifying")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "1", "more": "2"}


def test_a_value_that_is_set_after_a_plan_was_proved_does_not_come_with_its_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import jobs

    bench.draw(a_secret("keys", "token"))
    set_ahead(bench, token="approved")
    plan = made(bench)
    proved = jobs.moved_in

    def then_another_is_set(*given: Any, **more: Any) -> Any:
        found = proved(*given, **more)
        set_ahead(bench, token="slipped in")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "moved_in", then_another_is_set)
        run = bench.until(bench.start(plan=plan["id"]), "failed")
    assert run["error"]["code"] == "run.values_set_since"
    assert bench.get("v1", "Secret", "keys") is None
