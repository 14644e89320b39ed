"""Plans over the API, and short ways to read them, for tests."""

from __future__ import annotations

from typing import Any

from tests.support.runs import Bench

Plan = dict[str, Any]


def made(bench: Bench, **options: Any) -> Plan:
    """A new plan of the bench's workflow."""
    answer = ask(bench, **options)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def ask(bench: Bench, **options: Any) -> Any:
    return bench.person.post(
        f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"], **options}
    )


def looked_at(bench: Bench, plan: Plan) -> Plan:
    """The plan as it is shown now."""
    answer = bench.person.get(f"plans/{plan['id']}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def effects(plan: Plan) -> dict[str, str]:
    """The effect of each object by its name."""
    return {one["ref"]["name"]: one["effect"] for one in plan["objects"]}


def planned(plan: Plan, name: str) -> dict[str, Any]:
    [found] = [one for one in plan["objects"] if one["ref"]["name"] == name]
    return dict(found)


def fields_of(one: dict[str, Any], band: str = "acts") -> dict[str, tuple[Any, Any]]:
    """What changes in a band, by path: (before, after)."""
    return {row["path"]: (row["before"], row["after"]) for row in one["fields"] if row["band"] == band}
