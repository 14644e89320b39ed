"""Values of Secrets that come with the run of a plan: only those of which the plan has said that it knows none.

Where a plan knows a value, it has said what becomes of it and of the pods that read it. Another one in a request for a
run would be seen neither by whoever approved the plan nor by those who judge whether it is still true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clusters.domain.objects import Manifest, ref_from_json
from clusters.kube.apply import is_secret
from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.graphs.limits import bounded
from workflows.domain.rendering.pulls import is_pull_secret
from workflows.domain.rendering.render import Rendered
from workflows.plans.context import PlanContext
from workflows.plans.judged import Judged
from workflows.plans.store import PlannedKeys, PlanObject
from workflows.runs.secret_step import SecretValueMissing, keyed_digests


class ValuesGiven(InvalidInput):
    """Values were given with the run of a plan which the plan did not leave to it."""

    code = "plan.secrets_given"

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(problems[0].detail + more, problems=bounded([*problems]))


def check_given(objects: Iterable[PlanObject], given: Mapping[str, Iterable[str]], *, protected: bool) -> None:
    """Raise ValuesGiven unless the plan left every one of these values to its run; in a protected environment it may
    leave none, since nobody would have approved what was given. `given` are keys by node."""
    rows = [*objects]
    left, says = keys_left(rows), any("keys" in one for one in rows)
    problems = [
        Problem(
            ValuesGiven.code, _why(key, left.get(node_id, {}), protected, says), f"secrets.{node_id[:60]}.{key[:253]}"
        )
        for node_id, keys in given.items()
        for key in keys
        if protected or key not in left.get(node_id, {})
    ]
    if problems:
        raise ValuesGiven(problems)


def keys_left(objects: Iterable[PlanObject]) -> dict[str, dict[str, str]]:
    """The keys whose values a plan leaves to its run, by node, with the name of their Secret."""
    found: dict[str, dict[str, str]] = {}
    for one in objects:
        keys, planned = one.get("keys"), one["planned"]
        if keys and keys["left"]:
            found.setdefault(str(planned["node_id"]), {}).update(dict.fromkeys(keys["left"], planned["ref"]["name"]))
    return found


def keys_of(context: PlanContext, item: Rendered, live: Manifest | None) -> PlannedKeys | None:
    """What is known of the values of a Secret; None of what takes none. `live` is the whole object."""
    if not is_secret(item.ref) or is_pull_secret(item.manifest):
        return None
    wanted = context.secret_keys.get(item.node_id, ())
    if not wanted:
        return None
    stored = {key: value for key, value in context.values.get(item.node_id, {}).items() if key in wanted}
    goes = live is None or live["metadata"].get("deletionTimestamp") or item.ref.namespace in context.new_namespaces
    there = {} if live is None or goes else live.get("data") or {}
    left = [key for key in wanted if key not in stored and key not in there]
    return {"left": left, "known": keyed_digests(context.environment_id, item.node_id, stored)}


def add_keys(context: PlanContext, judged: Judged, keys: PlannedKeys) -> None:
    """Note what is known of the values. In a protected environment all have to be: who approves the plan approves
    them."""
    judged.keys = keys
    if not keys["left"] or judged.planned.error is not None or not context.environment.get("protected"):
        return
    ref, name = judged.planned.ref, context.environment["name"]
    detail = (
        f"the Secret {ref.name} has no value for {', '.join(keys['left'])}, and “{name}” is protected, where no value "
        "comes with a run: set one for the environment, and make a new plan"
    )
    error = {"code": SecretValueMissing.code, "detail": detail}
    judged.planned = replace(judged.planned, error=error, reason=detail)
    judged.outcome = replace(judged.outcome, code=SecretValueMissing.code)


def is_other_value(planned: PlanObject, judged: Judged) -> bool:
    """Whether a Secret would get other values than the plan says, where the outcome is the same."""
    if not is_secret(ref_from_json(planned["planned"]["ref"])):
        return False
    if judged.predicted != planned["predicted"]:
        return True
    known = planned.get("keys")
    is_foreseen = planned["predicted"] is not None or planned["planned"]["proof"] == "proven"
    return not is_foreseen and known is not None and judged.keys is not None and known["known"] != judged.keys["known"]


def _why(key: str, left: Mapping[str, str], protected: bool, says: bool) -> str:
    """`says`: whether the plan knows at all which values it leaves; one of an earlier release does not."""
    shown = key[:253]
    if protected:
        return (
            f"no value comes with a run in a protected environment: set one for the key {shown} of the environment, "
            "make a new plan, and have that approved"
        )
    if not says:
        return (
            "this plan is of an earlier release, which did not note whether it leaves the key "
            f"{shown} to its run; make a new plan"
        )
    of = next(iter(left.values()), "")
    named = f" of the Secret {of}" if of else ""
    return (
        f"the plan knows a value for the key {shown}{named} and says what becomes of it, so its run takes no other: "
        "set the value for the environment, and make a new plan"
    )
